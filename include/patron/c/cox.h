/* Proportional hazards: which covariates make customers leave sooner or later. */
#ifndef PATRON_C_COX_H_
#define PATRON_C_COX_H_

#include "patron/c/survival.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  PATRON_TIES_EFRON = 0,  /* events at the same time leave the risk set one after the other */
  PATRON_TIES_BRESLOW = 1 /* all of them see the whole risk set */
};

/* What a model consists of. The strata of the columns have baselines of their own. */
typedef struct patron_cox_options {
  uint32_t struct_size;
  int32_t ties;                  /* PATRON_TIES_EFRON */
  const char *const *covariates; /* columns of numbers; must be set */
  size_t covariate_count;
  const char *offset;     /* a column that is added to the linear predictor; NULL = none */
  const char *cluster;    /* integers or text: rows that belong together, for robust errors;
                                    NULL = each row by itself */
  int32_t robust;         /* 1: the errors of Lin and Wei (1989), which clusters bring too; 0 */
  int32_t max_iterations; /* 50 */
  const double *penalty;  /* ridge: half of it, times the square of the coefficient times the
                                    standard deviation of its covariate, is taken from the
                                    log-likelihood; one a covariate; NULL = 0 */
  size_t penalty_count;
  const patron_context *context;
  int32_t
      survival_errors; /* 1: keeps a number a covariate and time of an event, by which the errors
                                     of predicted survival are computed; 0 */
  int32_t reserved;    /* zero */
} patron_cox_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_cox_options_init(patron_cox_options *options);

typedef struct patron_cox patron_cox;

/* Fits the model by maximum partial likelihood (Cox 1972; Efron 1977; Breslow 1974).
 *
 * No fit, but FAILED_PRECONDITION naming the covariates: one that is constant, or the same for all at
 * risk whenever an event comes; one that is a linear combination of others; one whose coefficient
 * grows without bound, for nobody, or everybody, leaves at one of its ends (separation, a monotone
 * likelihood). The same without an event or without convergence. INVALID_ARGUMENT for columns as in
 * patron_kaplan_meier_fit, and covariates with nulls or not finite.
 *
 * table    borrowed; not NULL.
 * columns  borrowed; NULL means the defaults.
 * options  borrowed; not NULL, for the covariates must be set.
 * out      receives the handle; release it with patron_cox_free. Not NULL.
 * Thread class PURE. Cost: a sort; 4 to 9 times O(rows x covariates^2). Statuses: OK,
 * INVALID_ARGUMENT, FAILED_PRECONDITION, RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_cox_fit(const patron_table *table,
                                        const patron_duration_columns *columns,
                                        const patron_cox_options *options, patron_cox **out,
                                        patron_error *error);

/* Releases `model`; NULL does nothing.
 * Thread class EXCLUSIVE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_cox_free(patron_cox *model);

/* Figures of a fit. */
typedef struct patron_cox_info {
  uint32_t struct_size; /* set by the caller before the call */
  int32_t ties;         /* PATRON_TIES_* */
  int32_t robust;       /* 1: the errors are robust */
  int32_t iterations;
  uint64_t covariates;
  uint64_t strata;
  uint64_t rows;
  uint64_t events;
  double log_likelihood;      /* without the penalty */
  double null_log_likelihood; /* at coefficients of 0 */
  double likelihood_ratio;    /* chi-square tests of all coefficients, degrees of freedom as many */
  double wald;                /* as covariates */
  double score;
  int32_t survival_errors; /* 1: it has what the errors of predicted survival need */
  int32_t reserved;
} patron_cox_info;

/* What is known of a fit as a whole.
 *
 * model  borrowed; not NULL.
 * out    filled on success; its struct_size says how much the caller has room for. Not NULL.
 * Thread class SHARED. Cost O(1). Statuses: OK, INVALID_ARGUMENT. Since 0.1.
 */
PATRON_API patron_status patron_cox_get_info(const patron_cox *model, patron_cox_info *out,
                                             patron_error *error);

/* The coefficients.
 *
 * model  borrowed; not NULL.
 * level  of the intervals, in (0, 1).
 * out    receives a row a covariate: name text; coefficient, hazard_ratio (its exponential),
 *        standard_error (robust if the fit is), model_error (by the information), z, p_value, lower,
 *        upper (of the coefficient), mean (of the covariate) float64. Not NULL. Release it with
 *        patron_table_free.
 * Thread class SHARED. Cost O(covariates). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_cox_coefficients(const patron_cox *model, double level,
                                                 patron_table **out, patron_error *error);

/* The covariance of the coefficients, robust if the fit is.
 *
 * model  borrowed; not NULL.
 * out    receives a row a covariate: name text, and a column of float64 for each covariate, called
 *        like it. Not NULL. Release it with patron_table_free.
 * Thread class SHARED. Cost O(covariates^2). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_cox_covariance(const patron_cox *model, patron_table **out,
                                               patron_error *error);

/* The baseline: the hazard of a customer whose covariates are all 0, or at their means.
 *
 * model    borrowed; not NULL.
 * centred  0, covariates of 0; 1, at their means.
 * out      receives a row a stratum and time with an event: the columns of the strata; time, hazard
 *          (what the time adds), cumulative_hazard, survival float64. Not NULL. Release it with
 *          patron_table_free.
 * Thread class SHARED. Cost O(times). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_cox_baseline(const patron_cox *model, int32_t centred,
                                             patron_table **out, patron_error *error);

typedef struct patron_cox_predict_options {
  uint32_t struct_size;
  int32_t remaining;   /* 1: the columns of the time that remains; 0 */
  const double *times; /* when survival is wanted, counted from what has elapsed; NULL = none */
  size_t time_count;
  const char *elapsed; /* column of durations, 0 or more, that customers have stayed already; NULL =
                          0 */
  double horizon;      /* end of the mean that remains, on the scale of durations; 0 = the last time
                          observed in the stratum */
  const patron_context *context;
  int32_t errors;   /* 1: with each survival its standard error and interval; 0 */
  int32_t interval; /* PATRON_INTERVAL_*: of the survival; PATRON_INTERVAL_LOG */
  double level;     /* of the intervals, in (0, 1); 0.95 */
} patron_cox_predict_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_cox_predict_options_init(patron_cox_predict_options *options);

/* Predicts for customers, by the columns that the fit has read: covariates, strata, offset.
 *
 * model    borrowed; not NULL.
 * table    borrowed; not NULL.
 * options  borrowed; NULL means the defaults.
 * out      receives one row a row: linear_predictor (covariates less their means, times coefficients,
 *          and the offset), hazard_ratio (its exponential) float64; for each of the times a column of
 *          survival float64, called survival_1 and so on: the chance to stay so much longer, null past
 *          the last time observed. With `errors` after each of these std_err_1, lower_1, upper_1 and so
 *          on, float64: by the variance of Link (1984) and Tsiatis (1981), of which the part of the
 *          coefficients is robust if the fit is; the model must have been fitted with
 *          `survival_errors`. With `remaining`: median_remaining (null if survival does not fall
 *          to half of what it is) and mean_remaining (up to the horizon) float64, null where all have
 *          left by the time elapsed. Not NULL. Release it with patron_table_free.
 * Thread class SHARED. Cost O(rows x (covariates + times log baseline)); the mean that remains O(rows
 * x baseline), errors O(rows x times x covariates^2). Statuses: OK, INVALID_ARGUMENT,
 * FAILED_PRECONDITION (errors, of a fit without what they need), RESOURCE_EXHAUSTED, CANCELLED. Since
 * 0.1.
 */
PATRON_API patron_status patron_cox_predict(const patron_cox *model, const patron_table *table,
                                            const patron_cox_predict_options *options,
                                            patron_table **out, patron_error *error);

enum {
  PATRON_SCALE_KAPLAN_MEIER = 0, /* 1 - S just before the time */
  PATRON_SCALE_RANK = 1,         /* of the times of events */
  PATRON_SCALE_IDENTITY = 2,
  PATRON_SCALE_LOG_TIME = 3
};

/* A term of a test: a name, and the covariates in it. */
typedef struct patron_cox_term {
  uint32_t struct_size; /* of each element of an array, the distance between them */
  int32_t reserved;     /* zero */
  const char *name;
  const char *const *covariates;
  size_t covariate_count;
} patron_cox_term;

/* Tests whether hazards are proportional: whether coefficients change with time (the score test that
 * R's cox.zph does since survival 3.0).
 *
 * model    borrowed; not NULL.
 * table    borrowed; the rows of the fit. Not NULL.
 * columns  borrowed; as in the fit; NULL means the defaults.
 * scale    PATRON_SCALE_KAPLAN_MEIER and so on.
 * terms    `term_count` of them, borrowed; NULL = each covariate by itself.
 * context  borrowed; may be NULL.
 * out      receives a row a term, and GLOBAL last: term text, statistic float64 (chi-square), degrees
 *          int64, p_value float64. Not NULL. Release it with patron_table_free.
 * Thread class SHARED. Cost: a sort; 3 times O(rows x covariates^2). Statuses: OK, INVALID_ARGUMENT,
 * NOT_FOUND (a term names a covariate that the fit does not have), FAILED_PRECONDITION (not the rows
 * of the fit), RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_cox_proportionality(
    const patron_cox *model, const patron_table *table, const patron_duration_columns *columns,
    int32_t scale, const patron_cox_term *terms, size_t term_count, const patron_context *context,
    patron_table **out, patron_error *error);

/* Writes a fit as canonical patron.v1 bytes: coefficients and baselines, and no row of the table.
 * What is read from them gives the same bytes again.
 *
 * model  borrowed; not NULL.
 * out    receives the bytes; release them with patron_bytes_free. Not NULL.
 * Thread class SHARED. Cost O(size of the fit). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_cox_serialize(const patron_cox *model, patron_bytes **out,
                                              patron_error *error);

/* Reads what patron_cox_serialize wrote, `size` borrowed bytes from anywhere.
 * out    receives the handle; release it with patron_cox_free. Not NULL.
 * Thread class PURE. Cost O(size). Statuses: OK, INVALID_ARGUMENT, DATA_LOSS (not such bytes),
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_cox_deserialize(const void *bytes, size_t size, patron_cox **out,
                                                patron_error *error);

/* The columns that the fit has read.
 *
 * model  borrowed; not NULL.
 * out    receives a row a column: role ("duration", "event", "entry", "weight", "stratum",
 *        "covariate", "offset", "cluster") and name text; penalty float64 (0 for all but
 *        covariates). Not NULL. Release it with patron_table_free.
 * Thread class SHARED. Cost O(columns). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_cox_columns(const patron_cox *model, patron_table **out,
                                            patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_COX_H_ */
