/* How well models of lifetime value predict, and customers drawn from them. */
#ifndef PATRON_C_CLV_EVALUATE_H_
#define PATRON_C_CLV_EVALUATE_H_

#include "patron/c/clv_model.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct patron_clv_tracking_options {
  uint32_t struct_size;
  uint32_t reserved;         /* zero */
  double period;             /* length of a period, in the unit of T; 1 */
  int64_t periods;           /* how many; 0 = to the last repeat purchase; 0 */
  const char *purchase_time; /* column of `purchases`; "time" */
  const patron_context *context;
} patron_clv_tracking_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_clv_tracking_options_init(patron_clv_tracking_options *options);

/* Repeat purchases of all customers by period, as they were and as the model expects them from the
 * day of each first purchase on. Time 0 is the first purchase of the earliest customer, who has the
 * greatest T; a customer with T came at the greatest T - T.
 *
 * model      of purchases, borrowed; not NULL.
 * customers  borrowed; the columns T, weight if it has a name, and the covariates. Not NULL.
 * columns    borrowed; NULL means the defaults.
 * purchases  borrowed; one row a repeat purchase, after the fit as well: its time from time 0, in
 *            the unit of T; NULL = not known, and the actual columns are left out.
 * options    borrowed; NULL means the defaults.
 * out        receives one row a period; release it with patron_table_free. Not NULL. Columns:
 *            period int64 from 1, end (of the period, from time 0), customers (who have come by
 *            then), expected, expected_cumulative, and with purchases actual, actual_cumulative
 *            (float64).
 * Thread class SHARED. Cost O(distinct T and covariates x periods). Statuses: OK, INVALID_ARGUMENT,
 * RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_clv_tracking(const patron_clv_model *model,
                                             const patron_table *customers,
                                             const patron_clv_columns *columns,
                                             const patron_table *purchases,
                                             const patron_clv_tracking_options *options,
                                             patron_table **out, patron_error *error);

/* How many customers made 0, 1, 2, ... repeat purchases in their T, as they were and as the model
 * expects them.
 *
 * model    of purchases, borrowed; not NULL.
 * table    borrowed; frequency, T, weight if it has a name, and the covariates. Not NULL.
 * columns  borrowed; NULL means the defaults.
 * most     the last row holds so many purchases and more; 1 to 10,000.
 * context  borrowed; may be NULL.
 * out      receives most + 1 rows: frequency int64, actual, expected (float64, sums of weights);
 *          release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(distinct T and covariates x most). Statuses: OK, INVALID_ARGUMENT,
 * RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_clv_frequency_table(const patron_clv_model *model,
                                                    const patron_table *table,
                                                    const patron_clv_columns *columns, int32_t most,
                                                    const patron_context *context,
                                                    patron_table **out, patron_error *error);

typedef struct patron_clv_holdout_options {
  uint32_t struct_size;
  int32_t log_score;             /* 0: leave the log score out, which takes longest; 1 */
  const char *actual;            /* purchases in the holdout period; "frequency_holdout" */
  const char *duration;          /* length of the holdout period of each row; "duration_holdout" */
  const char *actual_value;      /* mean spend of these purchases; NULL = each counts as 1 */
  const patron_clv_model *spend; /* of kind GAMMA_GAMMA, to rank by revenue; NULL = by purchases */
  const patron_context *context;
} patron_clv_holdout_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_clv_holdout_options_init(patron_clv_holdout_options *options);

/* How predictions compare with what came; NaN where a figure is not defined or not asked for. */
typedef struct patron_clv_holdout_result {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  uint64_t customers;
  double actual;           /* purchases in all */
  double predicted;        /* expected purchases in all */
  double mae;              /* mean absolute error a customer */
  double rmse;             /* root of the mean squared error */
  double bias;             /* mean of predicted less actual */
  double relative_bias;    /* predicted over actual in all, less 1 */
  double log_score;        /* mean of -ln of the probability given to what came: lower is better */
  double rank_correlation; /* Spearman's, of predicted and actual purchases */
  double top_decile_share; /* share of the actual revenue that the tenth of customers ranked
                              highest brought; without actual_value of the purchases */
  double top_decile_best;  /* the same for a ranking by the actual revenue: the most there is */
} patron_clv_holdout_result;

/* Measures predictions against a holdout period. Each row is one customer.
 *
 * model        of purchases, borrowed; not NULL.
 * table        borrowed; the columns that the model reads, and those of `options`, as
 *              patron_value_summarize gives them with a calibration_end. Not NULL.
 * columns      borrowed; NULL means the defaults; weight is not read.
 * options      borrowed; NULL means the defaults.
 * out          filled on success; not NULL.
 * calibration  receives ten rows, the customers by predicted purchases, the lowest first: decile
 *              int64 from 1, customers int64, predicted, actual (means a customer, float64; NaN
 *              for none); may be NULL; release it with patron_table_free.
 * Thread class SHARED. Cost that of patron_clv_predict and a sort; with the log score that of one
 * probability of a count a customer. Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED, CANCELLED.
 * Since 0.1.
 */
PATRON_API patron_status patron_clv_holdout(const patron_clv_model *model,
                                            const patron_table *table,
                                            const patron_clv_columns *columns,
                                            const patron_clv_holdout_options *options,
                                            patron_clv_holdout_result *out,
                                            patron_table **calibration, patron_error *error);

/* Ranks fits to the same rows, best first.
 *
 * models   `count` fits, borrowed, of models of purchases, not contractual ones; not NULL.
 * table    borrowed; a holdout as in patron_clv_holdout; NULL = compare the fits alone.
 * columns, options  borrowed; NULL means the defaults.
 * out      receives one row a model: model int64 (its place in `models`), kind int64, regularity
 *          int64, parameters int64, log_likelihood, aic, bic, and with a table the figures of
 *          patron_clv_holdout_result from predicted on; ordered by the log score of the holdout
 *          (by its mean absolute error without one), or by AIC without a table. Release it with
 *          patron_table_free. Not NULL.
 * Thread class SHARED. Cost that of patron_clv_holdout for each model. Statuses: OK,
 * INVALID_ARGUMENT, FAILED_PRECONDITION (not fitted), RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_clv_compare(const patron_clv_model *const *models, size_t count,
                                            const patron_table *table,
                                            const patron_clv_columns *columns,
                                            const patron_clv_holdout_options *options,
                                            patron_table **out, patron_error *error);

/* Draws customers from a model. Row i is drawn from stream i of the seed, so that rows do not depend
 * on each other, on threads, or on how many there are.
 *
 * model         borrowed; not NULL.
 * spend         of kind GAMMA_GAMMA, borrowed; NULL = without spend.
 * table         borrowed; one row a customer: T, the customer if it has a name, and the covariates.
 *               Whole numbers of periods for BG_BB and the contractual kinds; for GAMMA_GAMMA as
 *               `model` frequency instead of T. Not NULL.
 * columns       borrowed; NULL means the defaults.
 * seed          any number.
 * context       borrowed; may be NULL.
 * summary       receives one row a customer in the order of the table; release it with
 *               patron_table_free. Not NULL. Columns: the customer if it has a name; for purchases
 *               frequency int64, recency, T, log_intervals (without BG_BB), dropout_time (from the
 *               first purchase, perhaps after T, infinite if never; without NBD and BG_BB), and
 *               monetary_value with `spend` (0 without a repeat purchase); for the contractual kinds
 *               T (periods seen) and churned int64; for GAMMA_GAMMA frequency and monetary_value.
 * transactions  receives one row a purchase, the first included, in order of customer and time: row
 *               int64 (place of the customer in the table), time (from the first purchase), amount
 *               with `spend`; the monetary_value is the mean of the amounts of the repeat purchases.
 *               May be NULL, and must be for BG_BB, the contractual kinds and GAMMA_GAMMA. Release
 *               it with patron_table_free.
 * Thread class SHARED. Cost O(customers + purchases). Statuses: OK, INVALID_ARGUMENT,
 * RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_clv_simulate(const patron_clv_model *model,
                                             const patron_clv_model *spend,
                                             const patron_table *table,
                                             const patron_clv_columns *columns, uint64_t seed,
                                             const patron_context *context, patron_table **summary,
                                             patron_table **transactions, patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_CLV_EVALUATE_H_ */
