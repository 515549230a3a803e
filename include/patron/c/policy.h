/* Policies of complaints: states, events, transitions, guards, clocks and authority as data. */
#ifndef PATRON_C_POLICY_H_
#define PATRON_C_POLICY_H_

#include "patron/c/table.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A policy that does not contradict itself. It cannot be changed once made, and any number of
 * threads may use it. */
typedef struct patron_policy patron_policy;

/* Makes a policy that comes with the library.
 *
 * name      "default", the stages of ISO 10002, or that with the clocks of a regulator: "disp" and
 *           "disp-payments" (UK, FCA DISP 1.5, 1.6, 1.6.2A), "cfpb" (US), "rg271" and "rg271-super"
 *           (Australia, ASIC), "12315" (China). Borrowed; NULL means "default".
 * decimals  amounts are in units of 10^-decimals; 0..9.
 * out       receives the handle; release it with patron_policy_free. Not NULL.
 * Thread class PURE. Cost O(rules). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_policy_preset(const char *name, int32_t decimals,
                                              patron_policy **out, patron_error *error);

/* Makes a policy of JSON text: one object with the lists states, events, transitions, clocks, roles,
 * authority, escalations, ladder, guarantees and migrations, as patron_policy_to_json writes it.
 * Fields that are left out have their defaults.
 *
 * text  `size` bytes of UTF-8, borrowed; may come from anywhere. Not NULL.
 * out   receives the handle; release it with patron_policy_free. Not NULL.
 * Thread class PURE. Cost O(size + rules^2). Statuses: OK, INVALID_ARGUMENT (naming line and column,
 * the field, or the rule that contradicts another), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_policy_from_json(const void *text, size_t size, patron_policy **out,
                                                 patron_error *error);

/* Writes `policy` as JSON text: equal policies give equal text.
 *
 * policy  borrowed; not NULL.
 * out     receives UTF-8 text without a zero at its end; release it with patron_bytes_free. Not
 *         NULL.
 * Thread class SHARED. Cost O(rules). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since
 * 0.1.
 */
PATRON_API patron_status patron_policy_to_json(const patron_policy *policy, patron_bytes **out,
                                               patron_error *error);

/* Releases `policy`; NULL does nothing.
 * Thread class EXCLUSIVE. Cost O(rules). Statuses: none. Since 0.1.
 */
PATRON_API void patron_policy_free(patron_policy *policy);

/* Finds what is unwise in a policy: states out of reach, dead ends, transitions without a guard that
 * their event requires, rules that can never have an effect, events that no role may do. Guards are
 * taken to be met.
 *
 * policy  borrowed; not NULL.
 * out     receives a table, one row a finding: problem ("unreachable", "dead_end", "no_guard",
 *         "never_fires", "no_authority"), subject (such as "state PROPOSED"), message; without rows
 *         if all is well. Release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(states x events). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_policy_check(const patron_policy *policy, patron_table **out,
                                             patron_error *error);

/* Draws `policy`: states and the transitions between them as the text of a Graphviz graph.
 *
 * policy  borrowed; not NULL.
 * out     receives UTF-8 text without a zero at its end; release it with patron_bytes_free. Not
 *         NULL.
 * Thread class SHARED. Cost O(states x events). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_policy_graph(const patron_policy *policy, patron_bytes **out,
                                             patron_error *error);

/* Writes `policy` as canonical patron.v1 bytes: equal policies give equal bytes.
 *
 * policy  borrowed; not NULL.
 * out     receives the bytes; release them with patron_bytes_free. Not NULL.
 * Thread class SHARED. Cost O(rules). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since
 * 0.1.
 */
PATRON_API patron_status patron_policy_serialize(const patron_policy *policy, patron_bytes **out,
                                                 patron_error *error);

/* Reads what patron_policy_serialize wrote.
 *
 * bytes  `size` bytes, borrowed; may come from anywhere.
 * out    receives the handle; release it with patron_policy_free. Not NULL.
 * Thread class PURE. Cost as patron_policy_from_json. Statuses: OK, INVALID_ARGUMENT, DATA_LOSS (not
 * such bytes), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_policy_deserialize(const void *bytes, size_t size,
                                                   patron_policy **out, patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_POLICY_H_ */
