/* Segments: ordered rules on the three scores, first match wins. */
#ifndef PATRON_C_SEGMENTS_H_
#define PATRON_C_SEGMENTS_H_

#include "patron/c/table.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct patron_segments patron_segments;

/* Makes a preset rule table.
 *
 * name  "grid" (25 recency x frequency cells, the default), "a" (R package rfm 0.3.0), "b" (0.2.x)
 *       or "putler"; case does not matter; borrowed; NULL means "grid".
 * out   receives the handle; release it with patron_segments_free. Not NULL.
 * Thread class PURE. Cost O(rules + cells). Statuses: OK, INVALID_ARGUMENT, NOT_FOUND,
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_segments_preset(const char *name, patron_segments **out,
                                                patron_error *error);

/* Makes a rule table from rows in order of precedence.
 *
 * table   borrowed; columns segment (text), recency_low, recency_high, frequency_low,
 *         frequency_high, monetary_low, monetary_high, and optionally fm_low, fm_high on the mean
 *         of the scores of frequency and monetary value. Bounds are inclusive whole numbers; null =
 *         no bound. A missing column bounds nothing.
 * bins    number of scores a dimension that the rules are written for; 2..100.
 * others  name of the segment for cells that no rule covers; borrowed; NULL means "Others".
 * out     receives the handle; release it with patron_segments_free. Not NULL.
 * Thread class PURE. Cost O(pairs of a recency and a frequency score x rules + cells), at most
 * 10^7 steps. Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_segments_from_table(const patron_table *table, int32_t bins,
                                                    const char *others, patron_segments **out,
                                                    patron_error *error);

/* Releases `segments`; NULL does nothing.
 * Thread class EXCLUSIVE. Cost O(rules). Statuses: none. Since 0.1.
 */
PATRON_API void patron_segments_free(patron_segments *segments);

/* The rules as a table of the form that patron_segments_from_table takes.
 *
 * segments  borrowed; not NULL.
 * out       receives the table; release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(rules). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since
 * 0.1.
 */
PATRON_API patron_status patron_segments_to_table(const patron_segments *segments,
                                                  patron_table **out, patron_error *error);

/* What a rule table does with the cells of its scores. */
typedef struct patron_segments_check_result {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  uint64_t cells;
  uint64_t uncovered;   /* cells that no rule matches */
  uint64_t ambiguous;   /* cells that more than one rule matches */
  uint64_t unreachable; /* rules that can never be the first match */
} patron_segments_check_result;

/* Checks a rule table before any data is seen.
 *
 * segments  borrowed; not NULL.
 * result    filled on success; may be NULL.
 * findings  receives a table, one row a finding; may be NULL; release it with patron_table_free.
 *           Columns: finding ("uncovered", "ambiguous", "unreachable"), segment (the rule; for
 *           cells the first match or the name for others), recency, frequency, monetary (the cell;
 *           null for a rule).
 * Thread class SHARED. Cost O(rules), with findings as patron_segments_from_table. Statuses: OK,
 * INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_segments_check(const patron_segments *segments,
                                               patron_segments_check_result *result,
                                               patron_table **findings, patron_error *error);

/* Assigns customers to segments.
 *
 * segments    borrowed; not NULL.
 * scores      borrowed; a table as patron_value_rfm gives it (the score columns are needed;
 *             frequency and monetary, where present, are summed in `totals`). Scores outside
 *             1..bins are an error.
 * context     borrowed; may be NULL.
 * membership  receives customer_id (where present) and segment, a dictionary of text with int32
 *             indices, in the order of `scores`; release it with patron_table_free. Not NULL.
 * totals      receives segment, customers, share, orders, value, value_share, in order of the
 *             rules; null where the column to sum is not present or there is nothing to take a
 *             share of; may be NULL; release it with patron_table_free.
 * Thread class SHARED. Cost O(n). Statuses: OK, INVALID_ARGUMENT, OUT_OF_RANGE (a sum),
 * RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_segments_assign(const patron_segments *segments,
                                                const patron_table *scores,
                                                const patron_context *context,
                                                patron_table **membership, patron_table **totals,
                                                patron_error *error);

/* Writes `segments` as canonical patron.v1 bytes: equal rules give equal bytes.
 *
 * segments  borrowed; not NULL.
 * out       receives the bytes; release them with patron_bytes_free. Not NULL.
 * Thread class SHARED. Cost O(rules). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since
 * 0.1.
 */
PATRON_API patron_status patron_segments_serialize(const patron_segments *segments,
                                                   patron_bytes **out, patron_error *error);

/* Reads what patron_segments_serialize wrote.
 *
 * bytes  `size` bytes, borrowed; may come from anywhere.
 * out    receives the handle; release it with patron_segments_free. Not NULL.
 * Thread class PURE. Cost O(size), and as patron_segments_from_table. Statuses: OK,
 * INVALID_ARGUMENT, DATA_LOSS (not such bytes), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_segments_deserialize(const void *bytes, size_t size,
                                                     patron_segments **out, patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_SEGMENTS_H_ */
