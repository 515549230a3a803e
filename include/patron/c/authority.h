/* Who may do what, how much the front line decides by itself, and what faults weigh. */
#ifndef PATRON_C_AUTHORITY_H_
#define PATRON_C_AUTHORITY_H_

#include "patron/c/casebook.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The authority of a policy.
 *
 * policy  borrowed; not NULL.
 * out     receives a table, one row a role and event that it may do: role, event text; max_severity
 *         int32; single, of_case, of_customer float64 (limits of money; null = none); in_crisis
 *         (may act outwards then), other_person (not on what the same person proposed) bool. Release
 *         it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(rules). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_policy_authority(const patron_policy *policy, patron_table **out,
                                                 patron_error *error);

/* Empowerment: of the cases that are closed, how many needed nobody's approval.
 *
 * casebook     borrowed; not NULL.
 * from, until  microseconds: cases that ended then, `until` not included. PATRON_NO_TIME = no bound.
 * level        of Wilson's interval, between 0 and 1; 0.95 is usual.
 * out          receives a table, one row a role that decided, by name: role text (null for none),
 *              closed, alone int64, share, lower, upper, granted (compensation) float64. Release it
 *              with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(events). Statuses: OK, INVALID_ARGUMENT, OUT_OF_RANGE, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_casebook_empowerment(const patron_casebook *casebook, int64_t from,
                                                     int64_t until, double level,
                                                     patron_table **out, patron_error *error);

/* What the faults of each unit weigh: of an upheld case its severity, times 1 + the upheld ones of
 * the same unit and cause received less than `window` before it.
 *
 * cases   one row a case: unit, cause text; upheld bool; severity integer, 1 to 4; received
 *         timestamps. Borrowed; not NULL.
 * window  microseconds, more than 0.
 * scale   the house's own, in rising order: from number (points), sanction text, amount number.
 *         Borrowed; NULL for none.
 * out     receives a table, one row a unit, by falling points: unit text, cases, upheld, repeats
 *         int64, points, per_case float64, sanction text and amount float64 (of the last step of the
 *         scale that is reached; null if none is). Release it with patron_table_free. Not NULL.
 * Thread class PURE. Cost O(rows log rows). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since
 * 0.1.
 */
PATRON_API patron_status patron_complaint_faults(const patron_table *cases, int64_t window,
                                                 const patron_table *scale, patron_table **out,
                                                 patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_AUTHORITY_H_ */
