/* Profitability: what each customer earns after the costs of serving them. */
#ifndef PATRON_C_PROFITABILITY_H_
#define PATRON_C_PROFITABILITY_H_

#include "patron/c/table.h"

#ifdef __cplusplus
extern "C" {
#endif

/* In an array, struct_size is the distance from one to the next. */
typedef struct patron_cost_driver {
  uint32_t struct_size;
  uint32_t reserved;  /* zero */
  const char *column; /* counts per customer */
  double unit_cost;   /* currency a count */
} patron_cost_driver;

enum {
  PATRON_ALLOCATE_EQUAL = 0,   /* the same for each customer */
  PATRON_ALLOCATE_REVENUE = 1, /* in proportion to positive revenue, or margin if given */
  PATRON_ALLOCATE_COLUMN = 2   /* in proportion to a column of counts */
};

typedef struct patron_profitability_options {
  uint32_t struct_size;
  int32_t allocation;            /* PATRON_ALLOCATE_EQUAL */
  int32_t decimals;              /* integer money columns are in units of 10^-decimals; 0..9, 0 */
  int32_t reserved;              /* zero */
  const char *customer;          /* "customer_id" */
  const char *revenue;           /* "revenue"; margin = revenue x margin_rate */
  const char *margin;            /* the margin itself; NULL = from revenue */
  const char *allocation_column; /* for PATRON_ALLOCATE_COLUMN */
  double margin_rate;            /* 1; not with a column of margins */
  double allocated_cost;         /* fixed cost to share out, in currency; 0 */
  const patron_cost_driver *drivers; /* borrowed */
  size_t driver_count;
  const patron_context *context;
} patron_profitability_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_profitability_options_init(patron_profitability_options *options);

/* Profit per customer: margin minus activity-driven costs minus allocated cost.
 *
 * table    borrowed; one row a customer.
 * options  borrowed; NULL means the defaults.
 * out      receives customer_id, margin, one column cost_<driver> each, activity_cost,
 *          allocated_cost, profit (float64, currency), in the order of `table`; release it with
 *          patron_table_free. Not NULL.
 * Thread class PURE. Time O(n x drivers). Statuses: OK, INVALID_ARGUMENT, OUT_OF_RANGE,
 * RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_value_profitability(const patron_table *table,
                                                    const patron_profitability_options *options,
                                                    patron_table **out, patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_PROFITABILITY_H_ */
