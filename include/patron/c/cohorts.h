/* Cohorts: retention by period of first purchase. */
#ifndef PATRON_C_COHORTS_H_
#define PATRON_C_COHORTS_H_

#include "patron/c/transactions.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  PATRON_PERIOD_DAY = 0,
  PATRON_PERIOD_WEEK = 1, /* from Monday */
  PATRON_PERIOD_MONTH = 2,
  PATRON_PERIOD_QUARTER = 3,
  PATRON_PERIOD_YEAR = 4
};

typedef struct patron_cohorts_options {
  uint32_t struct_size;
  int32_t period;          /* PATRON_PERIOD_MONTH */
  int32_t refunds;         /* PATRON_REFUNDS_NET */
  int32_t zeros;           /* PATRON_ZEROS_COUNT */
  int32_t money;           /* PATRON_MONEY_FLOAT64 */
  int32_t reserved;        /* zero */
  int64_t observation_end; /* last instant that counts; PATRON_NO_TIME = the last row */
  const patron_context *context;
} patron_cohorts_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_cohorts_options_init(patron_cohorts_options *options);

/* Retention by period of first purchase.
 *
 * table, columns, options  borrowed; NULL columns or options mean the defaults.
 * out      receives one row a cohort and age, in that order; release it with patron_table_free. Not
 * NULL. Columns: cohort date32 (first day of the period), age int64 (periods since), size int64,
 *          active int64 (customers with a purchase in that period), active_share float64, survivors
 * int64 (with a purchase in that period or later), survivor_share float64, repeaters int64 (with a
 * second purchase day up to that period), repeat_share float64, value (net of that period),
 *          cumulative_value.
 * report   filled on success; may be NULL.
 * Thread class PURE. Time O(n log n in a customer's rows). Statuses: OK, INVALID_ARGUMENT,
 * OUT_OF_RANGE, RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_value_cohorts(const patron_table *table,
                                              const patron_transaction_columns *columns,
                                              const patron_cohorts_options *options,
                                              patron_table **out, patron_row_report *report,
                                              patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_COHORTS_H_ */
