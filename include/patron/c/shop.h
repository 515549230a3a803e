/* A shop to try things on: transactions whose truth is known. */
#ifndef PATRON_C_SHOP_H_
#define PATRON_C_SHOP_H_

#include "patron/c/table.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct patron_shop_options {
  uint32_t struct_size;
  int32_t days;          /* length of the history; 730 */
  int64_t customers;     /* 5000 */
  uint64_t seed;         /* 42 */
  int64_t start;         /* first instant; 2024-01-01 UTC */
  double orders_a_year;  /* mean rate of an active customer; 6 */
  double mean_spend;     /* mean order value, in currency; 60 */
  double lifetime_years; /* mean time until a customer is lost; 1.5 */
  double refund_rate;    /* probability that an order is returned, in whole or in part; 0.06 */
  const patron_context *context;
} patron_shop_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_shop_options_init(patron_shop_options *options);

/* Generates the transactions of a shop whose truth is known: customers buy at gamma-distributed
 * rates, are lost after gamma-mixed exponential lifetimes, spend gamma-distributed amounts around a
 * lognormal mean of their own, and return some orders. Equal options give equal rows on any machine
 * of the same math library.
 *
 * options       borrowed; NULL means the defaults.
 * transactions  receives customer_id int64, transaction_id int64, order_id int64, date timestamp,
 *               amount float64 (refunds negative), in order of time; release it with
 *               patron_table_free. Not NULL.
 * truth         receives customer_id, rate (orders a year), joined and lost (timestamps),
 *               mean_spend, alive_at_end; may be NULL; release it with patron_table_free.
 * Thread class PURE. Cost O(rows log rows). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED,
 * CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_value_simulate_shop(const patron_shop_options *options,
                                                    patron_table **transactions,
                                                    patron_table **truth, patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_SHOP_H_ */
