/* Partial states: what a distributed engine computes in pieces and merges. */
#ifndef PATRON_C_STATE_H_
#define PATRON_C_STATE_H_

#include "patron/c/rfm.h"
#include "patron/c/summary.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct patron_state patron_state;

/* Makes an empty state that finishes as patron_value_summarize does.
 *
 * columns, options  borrowed; NULL means the defaults. What they say is part of the state: only
 *                   equal states merge. observation_end may be left open.
 * out               receives the handle; release it with patron_state_free. Not NULL.
 * Thread class PURE. Cost O(1). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_state_create_summary(const patron_transaction_columns *columns,
                                                     const patron_summary_options *options,
                                                     patron_state **out, patron_error *error);

/* Makes an empty state that finishes as patron_value_rfm does.
 *
 * columns, options  borrowed; NULL means the defaults. What they say is part of the state. as_of
 *                   may be left open, but not together with a window.
 * out               receives the handle; release it with patron_state_free. Not NULL.
 * Thread class PURE. Cost O(1). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_state_create_rfm(const patron_transaction_columns *columns,
                                                 const patron_rfm_options *options,
                                                 patron_state **out, patron_error *error);

/* Makes an empty state of the net value of each customer, which finishes as
 * patron_value_concentration over them does.
 *
 * columns  borrowed; NULL means the defaults. What they say is part of the state; time and order
 *          are not read.
 * out      receives the handle; release it with patron_state_free. Not NULL.
 * Thread class PURE. Cost O(1). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_state_create_concentration(
    const patron_transaction_columns *columns, patron_state **out, patron_error *error);

/* Releases `state`; NULL does nothing.
 * Thread class EXCLUSIVE. Cost O(memory). Statuses: none. Since 0.1.
 */
PATRON_API void patron_state_free(patron_state *state);

enum { PATRON_STATE_SUMMARY = 0, PATRON_STATE_RFM = 1, PATRON_STATE_CONCENTRATION = 2 };

/* What a state finishes as: PATRON_STATE_*, -1 for NULL. `state` is borrowed.
 * Thread class SHARED. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API int32_t patron_state_kind(const patron_state *state);

/* The columns that a state reads and how, as it was made with, or as its bytes say.
 *
 * state  borrowed; not NULL.
 * out    its struct_size is set by the caller; the rest is filled on success. A column that the
 *        state does not read is NULL; so is the zone where there is no time. The texts belong to
 *        the state and are valid until it is freed. Not NULL.
 * Thread class SHARED. Cost O(1). Statuses: OK, INVALID_ARGUMENT. Since 0.1.
 */
PATRON_API patron_status patron_state_columns(const patron_state *state,
                                              patron_transaction_columns *out, patron_error *error);

/* Adds the rows of a table, all or none.
 *
 * state    not NULL.
 * table    borrowed; not NULL.
 * context  borrowed; may be NULL.
 * Thread class EXCLUSIVE. Cost O(rows). A call that fails, for want of memory as well, leaves the
 * state as it was. Statuses: OK, INVALID_ARGUMENT, OUT_OF_RANGE (money), RESOURCE_EXHAUSTED,
 * CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_state_update(patron_state *state, const patron_table *table,
                                             const patron_context *context, patron_error *error);

/* Adds all of `source` (borrowed, not NULL, another than `state`, unchanged) to `state`. Merging is
 * associative and commutative.
 * Thread class EXCLUSIVE for `state`, SHARED for `source`. Cost O(size of both). Failure as in
 * patron_state_update. Statuses: OK, INVALID_ARGUMENT, FAILED_PRECONDITION (states of other kinds,
 * options or kinds of ids), OUT_OF_RANGE (past 2^62 rows), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_state_merge(patron_state *state, const patron_state *source,
                                            patron_error *error);

/* Writes `state` as canonical patron.v1 bytes: equal rows give equal bytes, however they were
 * split. At most 2^31 - 1 bytes can be written.
 *
 * state  borrowed; not NULL.
 * out    receives the bytes; release them with patron_bytes_free. Not NULL.
 * Thread class SHARED. Cost O(size log size). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_state_serialize(const patron_state *state, patron_bytes **out,
                                                patron_error *error);

/* Reads what patron_state_serialize wrote.
 *
 * bytes  `size` bytes, borrowed; may come from anywhere.
 * out    receives the handle; release it with patron_state_free. Not NULL.
 * Thread class PURE. Cost O(size). Statuses: OK, INVALID_ARGUMENT, DATA_LOSS (not such bytes),
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_state_deserialize(const void *bytes, size_t size,
                                                  patron_state **out, patron_error *error);

/* Finishes a state as the function of its kind would over all rows seen.
 *
 * state    borrowed, and can be updated further; not NULL.
 * context  borrowed; may be NULL.
 * out      receives the table of that function; for concentration one row of the fields of
 *          patron_concentration. Release it with patron_table_free. Not NULL.
 * extra    receives the table `bins` of an RFM state, NULL for other kinds; may be NULL; release it
 *          with patron_table_free.
 * report   filled on success; may be NULL.
 * Thread class SHARED. Cost as that function without reading rows. Statuses: OK, INVALID_ARGUMENT,
 * OUT_OF_RANGE, RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_state_finalize(const patron_state *state,
                                               const patron_context *context, patron_table **out,
                                               patron_table **extra, patron_row_report *report,
                                               patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_STATE_H_ */
