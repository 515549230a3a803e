/* Lifetime value and customer equity in closed form. */
#ifndef PATRON_C_LIFETIME_VALUE_H_
#define PATRON_C_LIFETIME_VALUE_H_

#include "patron/c/table.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  PATRON_TIMING_END = 0,      /* the first margin comes after one period, if the customer stays */
  PATRON_TIMING_IMMEDIATE = 1 /* the first margin comes now */
};

typedef struct patron_lifetime_value_options {
  uint32_t struct_size;
  int32_t timing;  /* PATRON_TIMING_END */
  int64_t periods; /* horizon in periods; 0 = without end */
  double growth;   /* of the margin a period; 0 */
} patron_lifetime_value_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_lifetime_value_options_init(patron_lifetime_value_options *options);

typedef struct patron_lifetime_value {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  double value;                /* in the unit of the margin */
  double margin_multiple;      /* value / margin */
  double retention_elasticity; /* relative change of value per relative change of retention; NaN
                                  with a horizon */
  double expected_periods; /* expected number of margins received in the horizon; may be infinite */
} patron_lifetime_value;

/* Lifetime value of a customer with constant margin, retention and discount.
 *
 * margin     per period, in any unit.
 * retention  probability to stay one period, in [0, 1].
 * discount   rate a period, at least 0.
 * options    borrowed; NULL means the defaults.
 * out        filled on success; not NULL.
 * Without horizon retention x (1 + growth) must be below 1 + discount.
 * Thread class PURE. Cost O(1). Statuses: OK, INVALID_ARGUMENT, OUT_OF_RANGE. Since 0.1.
 */
PATRON_API patron_status patron_value_lifetime_value(double margin, double retention,
                                                     double discount,
                                                     const patron_lifetime_value_options *options,
                                                     patron_lifetime_value *out,
                                                     patron_error *error);

/* Lifetime values of many customers.
 *
 * margins, retentions  borrowed; numbers as in patron_value_lifetime_value, one a customer, or one
 *                      for all.
 * discount   rate a period, at least 0.
 * options    borrowed; NULL means the defaults.
 * context    borrowed; may be NULL.
 * out        receives the column value; release it with patron_table_free. Not NULL.
 * Thread class PURE. Cost O(customers). Statuses: OK, INVALID_ARGUMENT, OUT_OF_RANGE,
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_value_lifetime_values(const patron_column *margins,
                                                      const patron_column *retentions,
                                                      double discount,
                                                      const patron_lifetime_value_options *options,
                                                      const patron_context *context,
                                                      patron_table **out, patron_error *error);

/* What is lost if a customer leaves, times the chance that they will unless something is done: the
 * most that keeping them is worth.
 *
 * residual_value    lifetime value from here on; finite.
 * loss_probability  in [0, 1].
 * out               filled on success; not NULL.
 * Thread class PURE. Cost O(1). Statuses: OK, INVALID_ARGUMENT. Since 0.1.
 */
PATRON_API patron_status patron_value_retention_value(double residual_value,
                                                      double loss_probability, double *out,
                                                      patron_error *error);

/* What a loyal customer is worth against visiting a new one: the default acquisition_cost_multiple
 * times loyal_customer_repeat_equivalent.
 *
 * context  borrowed; its defaults are multiplied; NULL takes the built-in ones.
 * out      filled on success; not NULL.
 * Thread class PURE. Cost O(1). Statuses: OK, INVALID_ARGUMENT. Since 0.1.
 */
PATRON_API patron_status patron_value_retention_multiple(const patron_context *context, double *out,
                                                         patron_error *error);

/* Discounted sum of the past contributions of each customer.
 *
 * table         borrowed; any order of rows.
 * customer, contribution, periods  column names, borrowed; NULL means "customer_id",
 *               "contribution" and "periods". A contribution came so many periods, at least 0 and
 *               possibly fractions, after the instant that it is discounted to, such as the first
 *               purchase.
 * discount      rate a period, at least 0.
 * context       borrowed; may be NULL.
 * out           receives customer_id and value (float64), ordered by customer; release it with
 *               patron_table_free. Not NULL.
 * Thread class PURE. Cost O(rows), and a sort of the customers. Statuses: OK, INVALID_ARGUMENT,
 * OUT_OF_RANGE (a sum), RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_value_historical_value(
    const patron_table *table, const char *customer, const char *contribution, const char *periods,
    double discount, const patron_context *context, patron_table **out, patron_error *error);

/* Value of all cohorts of customers, acquired and to be acquired: the sum over cohorts k and
 * periods t >= k of n_k m_(t-k) r^(t-k) / (1+d)^t, less the cost of acquiring each at its period k.
 *
 * acquired          n_k, `cohorts` numbers of customers acquired in periods 0, 1, ...; borrowed.
 * acquisition_cost  per customer of each cohort, `cohorts` numbers; borrowed; NULL = none.
 * margins           m_0, m_1, ...: `ages` margins a customer by age; the last holds for ever;
 *                   borrowed.
 * retention, discount  as in patron_value_lifetime_value.
 * out               filled on success; not NULL.
 * Thread class PURE. Cost O(cohorts + ages). Statuses: OK, INVALID_ARGUMENT, OUT_OF_RANGE,
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_value_customer_equity(
    const double *acquired, const double *acquisition_cost, size_t cohorts, const double *margins,
    size_t ages, double retention, double discount, double *out, patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_LIFETIME_VALUE_H_ */
