/* Concentration: how unevenly a value is spread over customers. */
#ifndef PATRON_C_CONCENTRATION_H_
#define PATRON_C_CONCENTRATION_H_

#include "patron/c/table.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How unevenly a value is spread over customers. NaN where a figure is undefined. */
typedef struct patron_concentration {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  int64_t customers;
  int64_t negatives; /* customers with a negative value */
  double total;
  double positive_sum;
  double negative_sum;  /* <= 0 */
  double gini;          /* normalised for negatives; the unbiased Gini without them */
  double gini_biased;   /* raw; above 1 or NaN where negatives make it meaningless */
  double gini_unbiased; /* raw x n / (n - 1) */
  double herfindahl;    /* NaN with negatives */
  double herfindahl_normalised;
  double effective_number; /* 1 / herfindahl */
  double top_20_share;     /* share of the best ceil(0.20 n) customers */
} patron_concentration;

/* Measures how unevenly a value is spread over customers.
 *
 * values   borrowed; one number a customer, no nulls, any order. Integers are summed exactly.
 * context  borrowed; may be NULL.
 * out      filled on success; not NULL.
 * Thread class PURE. Time O(n) radix passes; copies the column once.
 * Statuses: OK, INVALID_ARGUMENT, OUT_OF_RANGE (a sum), RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_value_concentration(const patron_column *values,
                                                    const patron_context *context,
                                                    patron_concentration *out, patron_error *error);

/* The Lorenz curve: share of value of the poorest customers.
 *
 * values   borrowed, as in patron_value_concentration; the total must be positive.
 * points   number of steps, the curve has points + 1 rows; 0 = one a customer.
 * context  borrowed; may be NULL.
 * out      receives the columns customer_share, value_share; release it with patron_table_free. Not
 *          NULL.
 * Thread class PURE. Time O(n) radix passes. Statuses: OK, INVALID_ARGUMENT, OUT_OF_RANGE (a
 * sum), RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_value_lorenz(const patron_column *values, int64_t points,
                                             const patron_context *context, patron_table **out,
                                             patron_error *error);

/* The height of the Lorenz curve at given shares of the customers, the curve being straight between
 * one customer and the next.
 *
 * values   borrowed, as in patron_value_concentration; the total must be positive.
 * shares   `count` shares of customers in [0, 1]; borrowed.
 * context  borrowed; may be NULL.
 * out      receives the columns customer_share (as asked), value_share; release it with
 *          patron_table_free. Not NULL.
 * Thread class PURE. Time O(n) radix passes. Statuses: OK, INVALID_ARGUMENT, OUT_OF_RANGE (a
 * sum), RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_value_lorenz_at(const patron_column *values, const double *shares,
                                                size_t count, const patron_context *context,
                                                patron_table **out, patron_error *error);

/* Shares of the best customers: for each p the share of the best ceil(p n).
 *
 * values   borrowed, as in patron_value_concentration; the total must be positive.
 * shares   `count` shares of customers in [0, 1]; borrowed. For 0 customers the share is 0.
 * context  borrowed; may be NULL.
 * out      receives the columns customer_share, customers, value_share, in the order given; release
 *          it with patron_table_free. Not NULL.
 * Thread class PURE. Time O(n) radix passes. Statuses: OK, INVALID_ARGUMENT, OUT_OF_RANGE (a
 * sum), RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_value_share_curve(const patron_column *values, const double *shares,
                                                  size_t count, const patron_context *context,
                                                  patron_table **out, patron_error *error);

/* The inverse: for each share of value the fewest customers that hold it.
 *
 * values   borrowed, as in patron_value_concentration; the total must be positive.
 * shares   `count` shares of value in [0, 1]; borrowed.
 * context  borrowed; may be NULL.
 * out      receives the columns value_share (as asked), customers, customer_share; release it with
 *          patron_table_free. Not NULL.
 * Thread class PURE. Time O(n) radix passes. Statuses: OK, INVALID_ARGUMENT, OUT_OF_RANGE (a
 * sum), RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_value_customers_for_share(const patron_column *values,
                                                          const double *shares, size_t count,
                                                          const patron_context *context,
                                                          patron_table **out, patron_error *error);

/* The whale curve in figures: cumulative profit from the best customer down. */
typedef struct patron_whale {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  int64_t customers;
  int64_t peak_customers; /* customers at the peak: those with a positive profit */
  int64_t full_customers; /* fewest customers whose profit reaches the total */
  int64_t negatives;
  double total;
  double peak;       /* cumulative profit at the peak */
  double peak_share; /* peak / total; NaN if the total is not positive */
  double negative_sum;
  double loss_beyond_peak; /* peak - total */
} patron_whale;

/* The whale curve.
 *
 * values   borrowed, as in patron_value_concentration: profits, losses included.
 * points   number of steps, the curve has points + 1 rows; 0 = one a customer.
 * context  borrowed; may be NULL.
 * whale    filled on success; not NULL.
 * curve    receives the columns customers, customer_share, cumulative, cumulative_share (null if
 *          the total is not positive); may be NULL; release it with patron_table_free.
 * Thread class PURE. Time O(n) radix passes. Statuses: OK, INVALID_ARGUMENT, OUT_OF_RANGE (a
 * sum), RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_value_whale_curve(const patron_column *values, int64_t points,
                                                  const patron_context *context,
                                                  patron_whale *whale, patron_table **curve,
                                                  patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_CONCENTRATION_H_ */
