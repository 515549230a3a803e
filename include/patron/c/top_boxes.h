/* Top boxes: how many customers are very satisfied, and how loyal they are. */
#ifndef PATRON_C_TOP_BOXES_H_
#define PATRON_C_TOP_BOXES_H_

#include "patron/c/table.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct patron_top_boxes_options {
  uint32_t struct_size;
  int32_t reserved;         /* zero */
  const char *satisfaction; /* numbers; "satisfaction" */
  const char *loyalty;      /* numbers, such as whether a customer bought again; "loyalty" */
  const char *weight;       /* numbers above 0; NULL = 1 */
  double level;             /* of the intervals, in (0, 1); 0.95 */
  double top; /* the least satisfaction of the top box; NaN = by the levels: the highest
                             * of up to 3, 2 of up to 7, 3 of up to 11, else a quarter of the rows */
  const patron_context *context;
} patron_top_boxes_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_top_boxes_options_init(patron_top_boxes_options *options);

/* Counts the very satisfied, and how much more loyal they are than the rest.
 *
 * table    one row a customer, borrowed; not NULL.
 * options  borrowed; NULL means the defaults.
 * out      receives the rows "top", "rest" and "difference" of box text: least (the least satisfaction),
 *          rows int64, share, share_lower, share_upper (Wilson's; these and least null for the
 *          difference), loyalty (mean), lower, upper (Wilson's where loyalty is 0 or 1 throughout, else
 *          those of a mean, null for one row; of the difference from those of both, Newcombe 1998)
 *          float64. Not NULL. Release it with patron_table_free.
 * Thread class PURE. Cost O(rows log rows). Statuses: OK, INVALID_ARGUMENT (also for a top that leaves a
 * box empty), FAILED_PRECONDITION (fewer than 5 rows, satisfaction the same for all),
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_top_boxes(const patron_table *table,
                                          const patron_top_boxes_options *options,
                                          patron_table **out, patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_TOP_BOXES_H_ */
