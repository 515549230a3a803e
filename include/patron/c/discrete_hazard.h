/* Discrete time: the chance to leave in each period, by covariates. */
#ifndef PATRON_C_DISCRETE_HAZARD_H_
#define PATRON_C_DISCRETE_HAZARD_H_

#include "patron/c/survival.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How the chance h to leave in a period comes from baseline + covariates x coefficients. */
enum {
  PATRON_LINK_LOGIT = 0,  /* ln(h / (1 - h)): coefficients are logarithms of odds ratios */
  PATRON_LINK_CLOGLOG = 1 /* ln(-ln(1 - h)): of hazard ratios, as of continuous time in periods */
};

typedef struct patron_discrete_hazard_options {
  uint32_t struct_size;
  int32_t link;                  /* PATRON_LINK_LOGIT */
  const char *const *covariates; /* columns of numbers; NULL = none: the life table */
  size_t covariate_count;
  const patron_context *context;
} patron_discrete_hazard_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_discrete_hazard_options_init(patron_discrete_hazard_options *options);

typedef struct patron_discrete_hazard patron_discrete_hazard;

/* Fits by maximum likelihood, with a baseline of its own in each period. A customer is at risk in the
 * periods entry + 1 to duration; the event comes in the last one.
 *
 * INVALID_ARGUMENT for columns as in patron_kaplan_meier_fit, durations and entries that are not whole
 * numbers from 0 to 10,000, an event at 0, covariates with nulls or not finite, and strata, which this
 * model does not have. FAILED_PRECONDITION, naming the covariates, as patron_cox_fit.
 *
 * table    borrowed; not NULL.
 * columns  borrowed; NULL means the defaults.
 * options  borrowed; NULL means the defaults.
 * out      receives the handle; release it with patron_discrete_hazard_free. Not NULL.
 * Thread class PURE. Cost: 4 to 8 times O(periods at risk x covariates + rows x covariates^2).
 * Statuses: OK, INVALID_ARGUMENT, FAILED_PRECONDITION, RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_discrete_hazard_fit(const patron_table *table,
                                                    const patron_duration_columns *columns,
                                                    const patron_discrete_hazard_options *options,
                                                    patron_discrete_hazard **out,
                                                    patron_error *error);

/* Releases `model`; NULL does nothing.
 * Thread class EXCLUSIVE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_discrete_hazard_free(patron_discrete_hazard *model);

/* Figures of a fit. */
typedef struct patron_discrete_hazard_info {
  uint32_t struct_size; /* set by the caller before the call */
  int32_t link;         /* PATRON_LINK_* */
  int32_t iterations;
  int32_t reserved;
  uint64_t covariates;
  uint64_t periods;
  uint64_t rows;
  uint64_t events;
  double log_likelihood;
  double null_log_likelihood; /* without covariates */
} patron_discrete_hazard_info;

/* What is known of a fit as a whole.
 *
 * model  borrowed; not NULL.
 * out    filled on success; its struct_size says how much the caller has room for. Not NULL.
 * Thread class SHARED. Cost O(1). Statuses: OK, INVALID_ARGUMENT. Since 0.1.
 */
PATRON_API patron_status patron_discrete_hazard_get_info(const patron_discrete_hazard *model,
                                                         patron_discrete_hazard_info *out,
                                                         patron_error *error);

/* The coefficients.
 *
 * model  borrowed; not NULL.
 * level  of the intervals, in (0, 1).
 * out    receives a row a covariate: name text; coefficient, ratio (its exponential, of odds or
 *        hazards), standard_error, z, p_value, lower, upper (of the coefficient) float64. Not NULL.
 *        Release it with patron_table_free.
 * Thread class SHARED. Cost O(covariates). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_discrete_hazard_coefficients(const patron_discrete_hazard *model,
                                                             double level, patron_table **out,
                                                             patron_error *error);

/* The baseline, period by period.
 *
 * model  borrowed; not NULL.
 * out    receives a row a period: period int64 (from 1); at_risk, events (weights), hazard (the chance
 *        to leave in it where covariates are 0), survival (to its end) float64. Not NULL. Release it
 *        with patron_table_free.
 * Thread class SHARED. Cost O(periods). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_discrete_hazard_baseline(const patron_discrete_hazard *model,
                                                         patron_table **out, patron_error *error);

/* Predicts for customers, by the covariates of the fit.
 *
 * model    borrowed; not NULL.
 * table    borrowed; not NULL.
 * elapsed  name of a column of whole periods, 0 or more, that customers have stayed already; borrowed;
 *          NULL = 0.
 * periods  how many periods to look ahead, 1 to 10,000.
 * context  borrowed; may be NULL.
 * out      receives one row a row: hazard float64 (the chance to leave in the next period), and for each
 *          period ahead a column of survival float64, called survival_1 and so on: the chance to stay
 *          to its end; null past the last period of the fit. Not NULL. Release it with
 *          patron_table_free.
 * Thread class SHARED. Cost O(rows x (covariates + periods)). Statuses: OK, INVALID_ARGUMENT,
 * RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_discrete_hazard_predict(const patron_discrete_hazard *model,
                                                        const patron_table *table,
                                                        const char *elapsed, uint32_t periods,
                                                        const patron_context *context,
                                                        patron_table **out, patron_error *error);

/* Writes a fit as canonical patron.v1 bytes: coefficients and baseline, and no row of the table.
 * What is read from them gives the same bytes again.
 *
 * model  borrowed; not NULL.
 * out    receives the bytes; release them with patron_bytes_free. Not NULL.
 * Thread class SHARED. Cost O(size of the fit). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_discrete_hazard_serialize(const patron_discrete_hazard *model,
                                                          patron_bytes **out, patron_error *error);

/* Reads what patron_discrete_hazard_serialize wrote, `size` borrowed bytes from anywhere.
 * out    receives the handle; release it with patron_discrete_hazard_free. Not NULL.
 * Thread class PURE. Cost O(size). Statuses: OK, INVALID_ARGUMENT, DATA_LOSS (not such bytes),
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_discrete_hazard_deserialize(const void *bytes, size_t size,
                                                            patron_discrete_hazard **out,
                                                            patron_error *error);

/* The columns that the fit has read.
 *
 * model  borrowed; not NULL.
 * out    receives a row a column: role ("duration", "event", "entry", "weight", "covariate")
 *        and name text. Not NULL. Release it with patron_table_free.
 * Thread class SHARED. Cost O(columns). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_discrete_hazard_columns(const patron_discrete_hazard *model,
                                                        patron_table **out, patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_DISCRETE_HAZARD_H_ */
