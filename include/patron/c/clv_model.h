/* Models of lifetime value: what they are and what is known of them. */
#ifndef PATRON_C_CLV_MODEL_H_
#define PATRON_C_CLV_MODEL_H_

#include "patron/c/table.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Kinds of models, with their parameters in the order of the literature. Times, such as alpha and
 * beta, are in the unit of the data's T, gamma in that of spend. */
enum {
  PATRON_CLV_NBD = 1,           /* r, alpha: purchases without end; the null model */
  PATRON_CLV_PARETO_NBD = 2,    /* r, alpha, s, beta */
  PATRON_CLV_BG_NBD = 3,        /* r, alpha, a, b */
  PATRON_CLV_MBG_NBD = 4,       /* r, alpha, a, b; dropout right after the first purchase too */
  PATRON_CLV_BG_CNBD = 5,       /* r, alpha, a, b; regularity k */
  PATRON_CLV_MBG_CNBD = 6,      /* r, alpha, a, b; regularity k */
  PATRON_CLV_GGOMPERTZ_NBD = 7, /* r, alpha, b, s, beta */
  PATRON_CLV_BG_BB = 8,         /* alpha, beta, gamma, delta; discrete time */
  PATRON_CLV_SBG = 9,           /* alpha, beta; contractual */
  PATRON_CLV_BETA_DISCRETE_WEIBULL = 10, /* alpha, beta, c; contractual */
  PATRON_CLV_GAMMA_GAMMA = 11            /* p, q, gamma: spend */
};

typedef struct patron_clv_model patron_clv_model;

/* Names of the columns of a customer summary, one row a customer or group of equal customers. Only
 * the columns that a model reads have to be there:
 *
 *   frequency, recency, T            all models of purchases; NBD reads no recency. For BG_BB these
 *                                    are whole numbers of periods with a purchase, of the last
 *                                    such period, and of periods
 *   T, churned                       the contractual ones: 1, customers left in period T; 0, they
 *                                    have renewed through period T
 *   frequency, monetary_value        GAMMA_GAMMA: mean spend of the repeat purchases. Not read in
 *                                    rows whose frequency is 0
 *   frequency, T, recency, log_intervals   BG_CNBD, MBG_CNBD with a regularity above 1, to fit
 *
 * and the columns called as the covariates of the model, if it has any. Integers and floats are
 * taken; nulls are errors. */
typedef struct patron_clv_columns {
  uint32_t struct_size;
  int32_t any_history;         /* 1: patron_clv_predict and patron_clv_counts take rows that no
                                 customer can have, such as a recency without a repeat purchase or
                                 half a purchase, and answer by the formulas; 0: these are errors;
                                 0 */
  const char *customer;        /* ids that results repeat; NULL = none */
  const char *frequency;       /* repeat purchases; "frequency" */
  const char *recency;         /* from the first to the last purchase; "recency" */
  const char *age;             /* from the first purchase to the end of observation; "T" */
  const char *monetary_value;  /* mean spend of a repeat purchase; "monetary_value" */
  const char *weight;          /* customers that a row stands for, above 0; NULL = 1 */
  const char *log_intervals;   /* sum of ln of the times between purchases; NULL = none */
  const char *churned;         /* "churned" */
  const char *survived_before; /* contractual kinds, to fit: renewals that lay behind customers when
                                  they were first seen; NULL = 0 */
} patron_clv_columns;

/* Fills the defaults named in the struct. `columns` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_clv_columns_init(patron_clv_columns *columns);

/* What a model consists of.
 *
 * Covariates move the parameters of each customer, those of the purchases by their coefficients c
 * and those of dropout by d:
 *
 *   alpha exp(-c'z)                       purchases: NBD, PARETO_NBD, GGOMPERTZ_NBD, the BG family
 *   beta exp(-d'z)                        dropout: PARETO_NBD, GGOMPERTZ_NBD
 *   a exp(d'z), b exp(d'z)                dropout: the BG family
 *   alpha exp(c'z / 2), beta exp(-c'z / 2)    purchases: BG_BB
 *   gamma exp(d'z / 2), delta exp(-d'z / 2)   dropout: BG_BB
 *   alpha exp(d'z / 2), beta exp(-d'z / 2)    dropout: SBG, BETA_DISCRETE_WEIBULL
 *
 * A positive coefficient means more purchases, or faster dropout; but in the BG family the mean
 * chance to drop out stays and its spread over customers falls. In the last three lines exp(c) and
 * exp(d) are ratios of odds, of the mean chance to buy and to leave. GAMMA_GAMMA takes no
 * covariates, NBD none of dropout, the contractual kinds none of purchases.
 *
 * The free parameters of a model are its own in the order of PATRON_CLV_*, then the coefficients of
 * the transaction covariates, then those of the dropout covariates that are not tied. */
typedef struct patron_clv_terms {
  uint32_t struct_size;
  int32_t kind;       /* PATRON_CLV_*; must be set */
  int32_t regularity; /* k of BG_CNBD and MBG_CNBD, 1 to 64; 0 = of 1 to 12 the one with the highest
                         log-likelihood. Of other kinds 0 or 1; 0 */
  int32_t reserved;   /* zero */
  const char *const *transaction_covariates; /* names of columns; NULL = none */
  size_t transaction_covariate_count;
  const char *const *dropout_covariates;
  size_t dropout_covariate_count;
  const char *const *equal_covariates; /* named in both: one coefficient for both processes */
  size_t equal_covariate_count;
  double penalty_transaction;        /* taken off the mean log-likelihood, times the square of each
                                 coefficient of a transaction covariate; 0 */
  double penalty_dropout;            /* the same for dropout; 0 */
  const double *parameter_penalties; /* the same for the parameters, one each; NULL = none */
  size_t parameter_penalty_count;
  const char *time_unit; /* the unit of T, "second", "hour", "day", "week", "month" or "year": kept
                            with the model, read by nothing; NULL = not known */
} patron_clv_terms;

/* Fills the defaults named in the struct. `terms` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_clv_terms_init(patron_clv_terms *terms);

/* Makes a model from known values, such as published ones.
 *
 * terms   borrowed; not NULL. A regularity of 0 means 1; penalties are not read.
 * values  the `count` free parameters, borrowed: the model's own positive, coefficients finite.
 * out     receives the handle; release it with patron_clv_model_free. Not NULL.
 * Thread class PURE. Cost O(parameters). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since
 * 0.1.
 */
PATRON_API patron_status patron_clv_model_create(const patron_clv_terms *terms,
                                                 const double *values, size_t count,
                                                 patron_clv_model **out, patron_error *error);

/* Releases `model`; NULL does nothing.
 * Thread class EXCLUSIVE. Cost O(parameters). Statuses: none. Since 0.1.
 */
PATRON_API void patron_clv_model_free(patron_clv_model *model);

/* What is known of a model. Of one that was not fitted, the figures of the fit are NaN or 0. */
typedef struct patron_clv_model_info {
  uint32_t struct_size; /* set by the caller before the call */
  int32_t kind;         /* PATRON_CLV_* */
  int32_t regularity;   /* 1 but for BG_CNBD and MBG_CNBD */
  int32_t fitted;       /* 0: made from known values */
  int32_t converged;    /* the Newton decrement fell below its tolerance */
  int32_t iterations;
  int32_t evaluations;
  int32_t limits;          /* simpler models that the fit runs to; 0 = a maximum inside */
  uint64_t parameters;     /* free ones, coefficients included */
  uint64_t own_parameters; /* of these the model's own */
  uint64_t rows;           /* distinct rows that were evaluated; 0 for a fit of parts */
  double customers;        /* sum of the weights */
  double log_likelihood;   /* without penalty */
  double aic;
  double bic;
  double gradient;         /* largest entry, of the mean log-likelihood in log parameters */
  double newton_decrement; /* of the mean log-likelihood */
} patron_clv_model_info;

/* Tells what is known of a model.
 *
 * model  borrowed; not NULL.
 * out    filled on success; not NULL.
 * Thread class SHARED. Cost O(1). Statuses: OK, INVALID_ARGUMENT. Since 0.1.
 */
PATRON_API patron_status patron_clv_model_get_info(const patron_clv_model *model,
                                                   patron_clv_model_info *out, patron_error *error);

/* The simpler model that a fit runs to instead of having a maximum inside: "homogeneous dropout",
 * "no dropout", "collapsed Gompertz", "infinite mean spend", "no interior maximum" and the like.
 * `model` is borrowed; the text is static; NULL for `index` at or past the number of limits.
 * Thread class SHARED. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API const char *patron_clv_model_limit(const patron_clv_model *model, size_t index);

/* The unit of T that the terms of a model named; NULL if they did not, or for NULL. `model` is
 * borrowed; the text is valid as long as it.
 * Thread class SHARED. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API const char *patron_clv_model_time_unit(const patron_clv_model *model);

enum {
  PATRON_SCALE_LOG = 0,    /* intervals symmetric in the logarithm of a positive parameter */
  PATRON_SCALE_NATURAL = 1 /* in the parameter itself, as other programs mostly have them */
};

/* The parameters with standard errors and Wald intervals.
 *
 * model  borrowed; not NULL.
 * level  of the intervals, between 0 and 1, such as 0.95.
 * scale  PATRON_SCALE_*; coefficients are the same on both.
 * out    receives one row a free parameter, in order; release it with patron_table_free. Not NULL.
 *        Columns: name, estimate, standard_error, lower, upper. The last three are null where there
 *        is no standard error: in a model that was not fitted, and at the edge of the search.
 *        Coefficients are called transaction.<column>, dropout.<column> or both.<column>.
 * Thread class SHARED. Cost O(parameters). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_clv_model_parameters(const patron_clv_model *model, double level,
                                                     int32_t scale, patron_table **out,
                                                     patron_error *error);

/* The covariance matrix of the parameters of a fit.
 *
 * model  borrowed; not NULL.
 * scale  PATRON_SCALE_LOG: of the logarithms of the model's own parameters; PATRON_SCALE_NATURAL: of
 *        the parameters themselves.
 * out    receives one row a free parameter: the column name, then one column for each parameter,
 *        called like it; zero for parameters at the edge of the search. Release it with
 *        patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(parameters^2). Statuses: OK, INVALID_ARGUMENT, FAILED_PRECONDITION
 * (not fitted), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_clv_model_covariance(const patron_clv_model *model, int32_t scale,
                                                     patron_table **out, patron_error *error);

/* Writes `model` as canonical patron.v1 bytes: all that the functions of clv.h ask of it.
 *
 * model  borrowed; not NULL.
 * out    receives the bytes; release them with patron_bytes_free. Not NULL.
 * Thread class SHARED. Cost O(parameters^2). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_clv_model_serialize(const patron_clv_model *model,
                                                    patron_bytes **out, patron_error *error);

/* Reads what patron_clv_model_serialize wrote.
 *
 * bytes  `size` bytes, borrowed; may come from anywhere.
 * out    receives the handle; release it with patron_clv_model_free. Not NULL.
 * Thread class PURE. Cost O(size). Statuses: OK, INVALID_ARGUMENT, DATA_LOSS (not such bytes),
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_clv_model_deserialize(const void *bytes, size_t size,
                                                      patron_clv_model **out, patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_CLV_MODEL_H_ */
