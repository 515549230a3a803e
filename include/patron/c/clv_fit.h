/* Fitting models of lifetime value, on one machine or from parts, and testing them. */
#ifndef PATRON_C_CLV_FIT_H_
#define PATRON_C_CLV_FIT_H_

#include "patron/c/clv_model.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct patron_clv_fit_options {
  uint32_t struct_size;
  int32_t max_iterations; /* of each search; 200 */
  const double *start;    /* free parameters to search from; NULL = starts of the model's own */
  size_t start_count;
  double null_log_likelihood; /* a fit below it is refused; NaN = that of the NBD fitted to the same
                                 rows where it is a special case of the model, else none; NaN */
  const double *lower; /* lower bounds of the model's own parameters, 0 for none; NULL = none */
  size_t lower_count;
  const patron_context *context;
} patron_clv_fit_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_clv_fit_options_init(patron_clv_fit_options *options);

/* Fits a model by maximum likelihood. Equal rows are evaluated once; the result does not depend on
 * the order of the rows, nor on threads.
 *
 * A likelihood that has its maximum at the edge of the parameters is no error: the model then names
 * the limits that it runs to. GAMMA_GAMMA leaves out the rows whose frequency is 0.
 *
 * table    borrowed; not NULL.
 * columns  borrowed; NULL means the defaults.
 * terms    borrowed; not NULL.
 * options  borrowed; NULL means the defaults.
 * out      receives the handle; release it with patron_clv_model_free. Not NULL.
 * Thread class PURE. Cost: 5 to 20 evaluations of the distinct rows, with derivatives; for a
 * regularity to be chosen 12 times that. Statuses: OK, INVALID_ARGUMENT, FAILED_PRECONDITION (no
 * convergence, parameters that the data do not determine, or a fit below the null),
 * RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_clv_fit(const patron_table *table,
                                        const patron_clv_columns *columns,
                                        const patron_clv_terms *terms,
                                        const patron_clv_fit_options *options,
                                        patron_clv_model **out, patron_error *error);

/* A log-likelihood of some of the rows at a point: the sum over rows times their weights, and less
 * the penalty on so much weight. What parts hold adds up to the whole. */
typedef struct patron_clv_part {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  double value;
  double weight; /* sum of the weights of the rows */
} patron_clv_part;

/* The log-likelihood of a table, with its derivatives: the part that one machine of many computes.
 *
 * table     borrowed; one shard of the customers. Not NULL.
 * columns   borrowed; NULL means the defaults.
 * terms     borrowed; not NULL. The same for all parts; a regularity of 0 is refused.
 * point     the `count` free parameters, borrowed: logarithms of the model's own, coefficients as
 *           they are.
 * context   borrowed; may be NULL.
 * out       filled on success; not NULL.
 * gradient  filled on success: `count` numbers; NULL = no derivatives.
 * hessian   filled on success: `count` x `count` numbers, symmetric; NULL = none, and only with
 *           `gradient`.
 * Thread class PURE. Cost: one evaluation of the distinct rows, which are grouped anew each time.
 * Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_clv_likelihood(const patron_table *table,
                                               const patron_clv_columns *columns,
                                               const patron_clv_terms *terms, const double *point,
                                               size_t count, const patron_context *context,
                                               patron_clv_part *out, double *gradient,
                                               double *hessian, patron_error *error);

/* Sums the parts at a point: fills value and weight of `out`, `count` numbers of gradient and
 * `count` x `count` of hessian, all zero before. Another status than OK ends the fit with it and
 * with what `error` says. Called on the thread that called patron_clv_fit_parts. */
typedef patron_status (*patron_clv_sum_parts)(void *user, const double *point, size_t count,
                                              patron_clv_part *out, double *gradient,
                                              double *hessian, patron_error *error);

/* Fits a model to data that no single machine holds. The result is that of patron_clv_fit on all
 * rows, up to the rounding of the sums.
 *
 * sample   borrowed; any of the shards: where to search and in what units of time is read from it.
 *          Not NULL.
 * columns  borrowed; NULL means the defaults.
 * terms    borrowed; not NULL. A regularity of 0 is refused.
 * options  borrowed; NULL means the defaults. No null model is fitted; its null_log_likelihood is
 *          compared where it is given.
 * sum      sums what patron_clv_likelihood gives for every shard. Not NULL.
 * user     handed to `sum`; stays the caller's; may be NULL.
 * out      receives the handle; release it with patron_clv_model_free. Not NULL.
 * Thread class PURE. Cost: 5 to 20 calls of `sum`. Statuses: OK, INVALID_ARGUMENT,
 * FAILED_PRECONDITION, RESOURCE_EXHAUSTED, CANCELLED, those of `sum`. Since 0.1.
 */
PATRON_API patron_status patron_clv_fit_parts(const patron_table *sample,
                                              const patron_clv_columns *columns,
                                              const patron_clv_terms *terms,
                                              const patron_clv_fit_options *options,
                                              patron_clv_sum_parts sum, void *user,
                                              patron_clv_model **out, patron_error *error);

/* The profile-likelihood interval of one parameter: the values that a likelihood-ratio test does not
 * reject, the other parameters being fitted anew at each. For skewed likelihoods, as of beta in
 * PARETO_NBD, where Wald intervals are poor.
 *
 * model      a fit; borrowed; not NULL.
 * table      borrowed; the rows that `model` was fitted to. Not NULL.
 * columns    borrowed; NULL means the defaults.
 * parameter  name as patron_clv_model_parameters gives it; borrowed; not NULL.
 * level      between 0 and 1, such as 0.95.
 * context    borrowed; may be NULL.
 * lower, upper  filled on success; not NULL. 0 or infinite where the likelihood never falls so far.
 * Thread class SHARED. Cost: about 15 to 40 evaluations of the distinct rows. Statuses: OK,
 * INVALID_ARGUMENT, NOT_FOUND (no such parameter), FAILED_PRECONDITION (not fitted, a parameter at
 * the edge of the search, other rows, or no convergence on the way), RESOURCE_EXHAUSTED, CANCELLED.
 * Since 0.1.
 */
PATRON_API patron_status patron_clv_profile(const patron_clv_model *model,
                                            const patron_table *table,
                                            const patron_clv_columns *columns,
                                            const char *parameter, double level,
                                            const patron_context *context, double *lower,
                                            double *upper, patron_error *error);

/* The log-likelihood of each row at the parameters of a model, without weight and penalty: which
 * customers it fits well, which not.
 *
 * model    borrowed; not NULL.
 * table    borrowed; rows as patron_clv_fit takes them. Not NULL.
 * columns  borrowed; NULL means the defaults. No weights are read.
 * context  borrowed; may be NULL.
 * out      receives one row a row, in order: the ids of customers, if a column of them is named, and
 *          log_likelihood; 0 where frequency is 0 for GAMMA_GAMMA. Release it with
 *          patron_table_free. Not NULL.
 * Thread class SHARED. Cost: an evaluation of all rows. Statuses: OK, INVALID_ARGUMENT,
 * RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_clv_log_likelihoods(const patron_clv_model *model,
                                                    const patron_table *table,
                                                    const patron_clv_columns *columns,
                                                    const patron_context *context,
                                                    patron_table **out, patron_error *error);

typedef struct patron_clv_likelihood_ratio_result {
  uint32_t struct_size; /* set by the caller before the call */
  int32_t degrees;      /* parameters that the restricted model does not have */
  double statistic;     /* twice the gain in log-likelihood */
  double p_value; /* chi-square; too large by up to half where the restricted model lies at the
                           edge of the full one, as the NBD in PARETO_NBD */
} patron_clv_likelihood_ratio_result;

/* Tests whether a model fits better than a special case of it. Whether it is one, is for the caller
 * to know.
 *
 * restricted, full  fits to the same rows, borrowed; not NULL.
 * out               filled on success; not NULL.
 * Thread class SHARED. Cost O(1). Statuses: OK, INVALID_ARGUMENT, FAILED_PRECONDITION (not fitted).
 * Since 0.1.
 */
PATRON_API patron_status patron_clv_likelihood_ratio(const patron_clv_model *restricted,
                                                     const patron_clv_model *full,
                                                     patron_clv_likelihood_ratio_result *out,
                                                     patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_CLV_FIT_H_ */
