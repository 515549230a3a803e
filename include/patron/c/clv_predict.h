/* What a model of lifetime value says of customers, known and new. */
#ifndef PATRON_C_CLV_PREDICT_H_
#define PATRON_C_CLV_PREDICT_H_

#include "patron/c/clv_model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What to predict; any of them added up. */
enum {
  PATRON_CLV_P_ALIVE = 1,
  PATRON_CLV_EXPECTED_PURCHASES = 2,
  PATRON_CLV_NO_PURCHASE = 4,
  PATRON_CLV_DISCOUNTED_PURCHASES = 8,
  PATRON_CLV_EXPECTED_SPEND = 16,
  PATRON_CLV_LIFETIME_VALUE = 32
};

/* Times are in the unit of the data's T. A customer who is at T now is asked about
 *
 *   p_alive              the chance to be alive at T + later
 *   expected_purchases   purchases in (T + start, T + start + horizon]; renewals for the contractual
 *                        kinds
 *   no_purchase          the chance of none in that interval
 *   discounted_purchases purchases in (T, T + discount_horizon], each discounted to T
 *   expected_spend       mean spend of a purchase, from `spend`
 *   lifetime_value       margin x expected_spend x discounted_purchases; without a discount rate
 *                        margin x expected_spend x expected_purchases
 *
 * A rate holds for a stated time: 0.1 with a discount_period of 52 is 10 % a year where T is in
 * weeks. There is no default for that time. */
typedef struct patron_clv_predict_options {
  uint32_t struct_size;
  uint32_t outputs;        /* PATRON_CLV_P_ALIVE and others; 0 = all but no_purchase for which what
                               they need is given */
  int32_t standard_errors; /* 1: each with its standard error, by the delta method; 0 */
  uint32_t reserved;       /* zero */
  double start;            /* from T to where the interval begins; 0 */
  double horizon;          /* length of the interval; NaN = not given; NaN */
  double later;            /* from T to when to be alive; 0 */
  double discount_rate;    /* effective rate for a discount_period; NaN = not given; NaN */
  double discount_period;  /* time for which the rate holds; must be given with a rate; NaN */
  double discount_horizon; /* 0 = without end; 0. Without end the rate is above 0 */
  double margin;           /* share of spend that is earned; 1 */
  const patron_clv_model *spend; /* of kind GAMMA_GAMMA, borrowed; NULL = none */
  const patron_context *context;
} patron_clv_predict_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_clv_predict_options_init(patron_clv_predict_options *options);

/* Predicts for each customer of a table.
 *
 * Of BG_NBD and BG_CNBD p_alive is 1 for every customer without a repeat purchase: in these models
 * customers leave right after a repeat purchase only. MBG_NBD is the one to take where this matters.
 * The spend of a customer with few purchases is pulled towards the mean over customers, and without
 * a repeat purchase it is that mean. A GAMMA_GAMMA model as `model` predicts expected_spend alone. The
 * contractual kinds take rows of T and churned as they are fitted: whoever has left is not alive.
 *
 * model    borrowed; not NULL.
 * table    borrowed; the columns that the model and `spend` read, and the covariates of both
 *          processes. Not NULL.
 * columns  borrowed; NULL means the defaults; weight and log_intervals are not read.
 * options  borrowed; NULL means the defaults.
 * out      receives one row a customer in the order of the table; release it with
 *          patron_table_free. Not NULL. Columns, where asked for: the customer if it has a name;
 *          p_alive, expected_purchases, no_purchase, discounted_purchases, expected_spend,
 *          lifetime_value, all float64; each with <name>_se after it if standard errors are wanted.
 *          These treat `model` and `spend` as fitted independently. Expected spend is infinite
 *          where the model's mean does not exist.
 * Thread class SHARED. Cost O(customers), times twice the free parameters with standard errors.
 * Statuses: OK, INVALID_ARGUMENT, FAILED_PRECONDITION (standard errors of a model that was not
 * fitted), RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_clv_predict(const patron_clv_model *model,
                                            const patron_table *table,
                                            const patron_clv_columns *columns,
                                            const patron_clv_predict_options *options,
                                            patron_table **out, patron_error *error);

/* The distribution of the number of purchases in (T, T + horizon] of each customer.
 *
 * model    of purchases, borrowed; not NULL.
 * table    borrowed; as in patron_clv_predict. Not NULL.
 * columns  borrowed; NULL means the defaults.
 * horizon  finite, 0 or above.
 * most     probabilities of 0 to so many purchases; 0 to 10,000.
 * context  borrowed; may be NULL.
 * out      receives one row a customer in the order of the table; release it with
 *          patron_table_free. Not NULL. Columns: the customer if it has a name; p_0, p_1, ...,
 *          float64.
 * Thread class SHARED. Cost O(customers x most), with repeated quadrature or sums for some kinds.
 * Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_clv_counts(const patron_clv_model *model, const patron_table *table,
                                           const patron_clv_columns *columns, double horizon,
                                           int32_t most, const patron_context *context,
                                           patron_table **out, patron_error *error);

typedef struct patron_clv_new_options {
  uint32_t struct_size;
  int32_t standard_errors; /* 1: with them, but for the probabilities of counts; 0 */
  int32_t most;            /* probabilities of 0 to so many purchases; -1 = none; -1 */
  uint32_t reserved;       /* zero */
  double discount_rate;    /* as in patron_clv_predict_options; NaN */
  double discount_period;  /* NaN */
  double discount_horizon; /* 0 = without end; 0 */
  const patron_context *context;
} patron_clv_new_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_clv_new_options_init(patron_clv_new_options *options);

/* What to expect of customers of whom nothing but the first purchase, at time 0, and the covariates
 * are known.
 *
 * model    borrowed; not NULL; not of kind GAMMA_GAMMA.
 * table    borrowed; one row a question: the column T holds a time, finite and 0 or above, beside
 *          the covariates of the model. Not NULL.
 * columns  borrowed; NULL means the defaults; customer and age are read.
 * options  borrowed; NULL means the defaults.
 * out      receives one row a question, in order; release it with patron_table_free. Not NULL.
 *          Columns: the customer if it has a name; p_alive (at T), expected_purchases (repeat
 *          purchases, or renewals, in (0, T]), discounted_purchases if a rate is given (in
 *          (0, discount_horizon]), each with <name>_se if wanted; for the contractual kinds
 *          retention (of those alive at T - 1 the share who are at T; null for T below 1); p_0, p_1,
 *          ... (of repeat purchases in (0, T]).
 * Thread class SHARED. Cost as patron_clv_predict and patron_clv_counts. Statuses: OK,
 * INVALID_ARGUMENT, FAILED_PRECONDITION (standard errors of a model that was not fitted),
 * RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_clv_new_customers(const patron_clv_model *model,
                                                  const patron_table *table,
                                                  const patron_clv_columns *columns,
                                                  const patron_clv_new_options *options,
                                                  patron_table **out, patron_error *error);

/* One customer. What the model does not read may be anything. */
typedef struct patron_clv_customer {
  uint32_t struct_size;
  int32_t churned; /* contractual kinds */
  double frequency;
  double recency;
  double age; /* T */
  double monetary_value;
  const double *transaction_covariates; /* in the order of the model's terms; NULL if it has none */
  const double *dropout_covariates;     /* all of them, the equal ones included */
} patron_clv_customer;

/* Predictions for one customer; NaN where not asked for. */
typedef struct patron_clv_score_result {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  double p_alive;
  double expected_purchases;
  double no_purchase;
  double discounted_purchases;
  double expected_spend;
  double lifetime_value;
} patron_clv_score_result;

/* Predicts for one customer, fast enough to do it after every transaction: for a till, a call centre
 * or a web shop. The numbers are those of patron_clv_predict.
 *
 * model     borrowed; not NULL.
 * customer  borrowed; not NULL.
 * options   borrowed; NULL means the defaults. Standard errors are refused, the context is not used.
 * out       filled on success; not NULL.
 * Thread class SHARED. Cost O(1), for p_alive of BG_BB O(occasions since the last purchase): about a
 * microsecond for p_alive now, expected purchases and spend; up to some hundred for later times, and
 * for discounting with covariates. Without, a BG_NBD or MBG_NBD keeps a table for each frequency below
 * 512, and the first eight horizons and rates of each, that it is asked for, which takes a tenth of a
 * millisecond; later customers of that frequency, asked the same, take about a microsecond. No other
 * call allocates memory for p_alive now, expected purchases and spend. Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_clv_score(const patron_clv_model *model,
                                          const patron_clv_customer *customer,
                                          const patron_clv_predict_options *options,
                                          patron_clv_score_result *out, patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_CLV_PREDICT_H_ */
