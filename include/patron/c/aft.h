/* Accelerated failure: times to leave that covariates stretch, of four distributions. */
#ifndef PATRON_C_AFT_H_
#define PATRON_C_AFT_H_

#include "patron/c/survival.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ln T = intercept + covariates x coefficients + scale x W. */
enum {
  PATRON_AFT_EXPONENTIAL = 0, /* W the logarithm of an exponential number, scale 1 */
  PATRON_AFT_WEIBULL = 1,     /* the same with any scale: the shape is 1 / scale */
  PATRON_AFT_LOG_NORMAL = 2,  /* W standard normal */
  PATRON_AFT_LOG_LOGISTIC = 3 /* W standard logistic */
};

typedef struct patron_aft_options {
  uint32_t struct_size;
  int32_t distribution;          /* PATRON_AFT_WEIBULL */
  const char *const *covariates; /* columns of numbers; NULL = none */
  size_t covariate_count;
  const patron_context *context;
} patron_aft_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_aft_options_init(patron_aft_options *options);

typedef struct patron_aft patron_aft;

/* Fits by maximum likelihood, with right censoring, weights and left truncation.
 *
 * INVALID_ARGUMENT for columns as in patron_kaplan_meier_fit, durations of 0, covariates with nulls or
 * not finite, and strata, which this model does not have. FAILED_PRECONDITION, naming the covariate:
 * one that is constant, a linear combination of others, or whose coefficient grows without bound; and
 * without an event, or where the scale falls to 0 because all events come at one time.
 *
 * table    borrowed; not NULL.
 * columns  borrowed; NULL means the defaults.
 * options  borrowed; NULL means the defaults.
 * out      receives the handle; release it with patron_aft_free. Not NULL.
 * Thread class PURE. Cost: 10 to 20 times O(rows x covariates^2). Statuses: OK, INVALID_ARGUMENT,
 * FAILED_PRECONDITION, RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_aft_fit(const patron_table *table,
                                        const patron_duration_columns *columns,
                                        const patron_aft_options *options, patron_aft **out,
                                        patron_error *error);

/* Releases `model`; NULL does nothing.
 * Thread class EXCLUSIVE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_aft_free(patron_aft *model);

/* Figures of a fit. */
typedef struct patron_aft_info {
  uint32_t struct_size; /* set by the caller before the call */
  int32_t distribution; /* PATRON_AFT_* */
  int32_t iterations;
  int32_t reserved;
  uint64_t covariates;
  uint64_t rows;
  uint64_t events;
  double scale;
  double log_likelihood;      /* of the durations themselves, not their logarithms */
  double null_log_likelihood; /* without covariates */
} patron_aft_info;

/* What is known of a fit as a whole.
 *
 * model  borrowed; not NULL.
 * out    filled on success; its struct_size says how much the caller has room for. Not NULL.
 * Thread class SHARED. Cost O(1). Statuses: OK, INVALID_ARGUMENT. Since 0.1.
 */
PATRON_API patron_status patron_aft_get_info(const patron_aft *model, patron_aft_info *out,
                                             patron_error *error);

/* The coefficients.
 *
 * model  borrowed; not NULL.
 * level  of the intervals, in (0, 1).
 * out    receives rows intercept, one a covariate, and, but for PATRON_AFT_EXPONENTIAL, log_scale:
 *        name text; coefficient, time_ratio (its exponential: by how much times are stretched),
 *        standard_error, z, p_value, lower, upper (of the coefficient) float64. Not NULL. Release it
 *        with patron_table_free.
 * Thread class SHARED. Cost O(covariates). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_aft_coefficients(const patron_aft *model, double level,
                                                 patron_table **out, patron_error *error);

/* The covariance of the coefficients and ln scale.
 *
 * model  borrowed; not NULL.
 * out    receives the rows of patron_aft_coefficients: name text, and a column of float64 for each,
 *        called like it. Not NULL. Release it with patron_table_free.
 * Thread class SHARED. Cost O(covariates^2). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_aft_covariance(const patron_aft *model, patron_table **out,
                                               patron_error *error);

typedef struct patron_aft_predict_options {
  uint32_t struct_size;
  int32_t reserved;    /* zero */
  const double *times; /* when survival is wanted, counted from what has elapsed; NULL = none */
  size_t time_count;
  const char *elapsed; /* column of durations, 0 or more, that customers have stayed already; NULL =
                          0 */
  const patron_context *context;
} patron_aft_predict_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_aft_predict_options_init(patron_aft_predict_options *options);

/* Predicts for customers, by the covariates of the fit.
 *
 * model    borrowed; not NULL.
 * table    borrowed; not NULL.
 * options  borrowed; NULL means the defaults.
 * out      receives one row a row: location (intercept + covariates x coefficients), mean (of the whole
 *          time; infinite for a log-logistic scale of 1 or more), median_remaining (the further time
 *          after which half have left who have stayed so long) float64, and for each of the times a
 *          column of survival float64, called survival_1 and so on: the chance to stay so much longer.
 *          Not NULL. Release it with patron_table_free.
 * Thread class SHARED. Cost O(rows x (covariates + times)). Statuses: OK, INVALID_ARGUMENT,
 * RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_aft_predict(const patron_aft *model, const patron_table *table,
                                            const patron_aft_predict_options *options,
                                            patron_table **out, patron_error *error);

/* Writes a fit as canonical patron.v1 bytes: coefficients and their errors, and no row of the
 * table. What is read from them gives the same bytes again.
 *
 * model  borrowed; not NULL.
 * out    receives the bytes; release them with patron_bytes_free. Not NULL.
 * Thread class SHARED. Cost O(size of the fit). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_aft_serialize(const patron_aft *model, patron_bytes **out,
                                              patron_error *error);

/* Reads what patron_aft_serialize wrote, `size` borrowed bytes from anywhere.
 * out    receives the handle; release it with patron_aft_free. Not NULL.
 * Thread class PURE. Cost O(size). Statuses: OK, INVALID_ARGUMENT, DATA_LOSS (not such bytes),
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_aft_deserialize(const void *bytes, size_t size, patron_aft **out,
                                                patron_error *error);

/* The columns that the fit has read.
 *
 * model  borrowed; not NULL.
 * out    receives a row a column: role ("duration", "event", "entry", "weight", "covariate")
 *        and name text. Not NULL. Release it with patron_table_free.
 * Thread class SHARED. Cost O(columns). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_aft_columns(const patron_aft *model, patron_table **out,
                                            patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_AFT_H_ */
