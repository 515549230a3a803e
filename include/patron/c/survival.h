/* Time to leave: Kaplan-Meier and Nelson-Aalen curves, log-rank tests, concordance. */
#ifndef PATRON_C_SURVIVAL_H_
#define PATRON_C_SURVIVAL_H_

#include "patron/c/measure.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Names of the columns of durations, one row a customer. Nulls are errors. */
typedef struct patron_duration_columns {
  uint32_t struct_size;
  int32_t reserved;          /* zero */
  const char *duration;      /* numbers, 0 or more, in any unit; "duration" */
  const char *event;         /* booleans, or integers 0 and 1: whether the event ended the duration,
                                 or by then had not come; "event" */
  const char *entry;         /* numbers below the duration: when watching began (left truncation);
                                 NULL = from the start on */
  const char *weight;        /* numbers above 0; NULL = 1 */
  const char *const *strata; /* integers, booleans or text, together: what rows are parted by; NULL
                                 = nothing */
  size_t strata_count;
} patron_duration_columns;

/* Fills the defaults named in the struct. `columns` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_duration_columns_init(patron_duration_columns *columns);

typedef struct patron_kaplan_meier patron_kaplan_meier;

/* Fits the curves of Kaplan and Meier, and of Nelson and Aalen, one of each stratum.
 *
 * Errors name the column, the row, the value and what was expected: durations negative or not finite,
 * events other than 0 and 1, entries at or past their duration, weights of 0 or less.
 *
 * table    borrowed; not NULL.
 * columns  borrowed; NULL means the defaults.
 * context  borrowed; may be NULL.
 * out      receives the handle; release it with patron_kaplan_meier_free. Not NULL.
 * Thread class PURE. Cost O(rows). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED, CANCELLED.
 * Since 0.1.
 */
PATRON_API patron_status patron_kaplan_meier_fit(const patron_table *table,
                                                 const patron_duration_columns *columns,
                                                 const patron_context *context,
                                                 patron_kaplan_meier **out, patron_error *error);

/* Releases `model`; NULL does nothing.
 * Thread class EXCLUSIVE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_kaplan_meier_free(patron_kaplan_meier *model);

/* The curves.
 *
 * model     borrowed; not NULL.
 * interval  PATRON_INTERVAL_*: of the survival; the hazard's is plain with PLAIN, else that of its
 *           logarithm.
 * level     of the intervals, in (0, 1).
 * out       receives a row a stratum and distinct time, in ascending order: the columns of the strata;
 *           time float64; at_risk int64 (rows, just before it), events, censored int64; survival,
 *           std_err (Greenwood), lower, upper float64 (null once survival is 0); hazard,
 *           hazard_std_err, hazard_lower, hazard_upper float64 (Nelson-Aalen's cumulative one). Not
 *           NULL. Release it with patron_table_free.
 * Thread class SHARED. Cost O(times). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_kaplan_meier_curve(const patron_kaplan_meier *model,
                                                   int32_t interval, double level,
                                                   patron_table **out, patron_error *error);

/* The curves at times.
 *
 * model     borrowed; not NULL.
 * times     `count` numbers, borrowed.
 * interval, level  as in patron_kaplan_meier_curve.
 * out       receives a row a stratum and time: the columns of the strata; time; at_risk int64 (just
 *           before it); survival, std_err, lower, upper, hazard, hazard_std_err, hazard_lower,
 *           hazard_upper float64. All but at_risk are null past the last time of a stratum, unless its
 *           survival has come down to 0. Not NULL. Release it with patron_table_free.
 * Thread class SHARED. Cost O(count log times). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_kaplan_meier_at(const patron_kaplan_meier *model,
                                                const double *times, size_t count, int32_t interval,
                                                double level, patron_table **out,
                                                patron_error *error);

/* The times by which shares of the events have come; 0.5 is the median.
 *
 * model     borrowed; not NULL.
 * p         `count` shares from 0 to 1, borrowed.
 * interval, level  as in patron_kaplan_meier_curve.
 * out       receives a row a stratum and share: the columns of the strata; p; time (the smallest at
 *           which survival is 1 - p or less), midpoint (the middle of the stretch where it equals
 *           1 - p, as in R), lower, upper (the same of the limits of the curve) float64; null where
 *           the curve does not fall so far. Not NULL. Release it with patron_table_free.
 * Thread class SHARED. Cost O(count x times). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_kaplan_meier_quantiles(const patron_kaplan_meier *model,
                                                       const double *p, size_t count,
                                                       int32_t interval, double level,
                                                       patron_table **out, patron_error *error);

/* The mean times up to a horizon: the areas below the curves.
 *
 * model    borrowed; not NULL.
 * horizon  above 0, and not beyond the last time of a stratum whose survival is above 0.
 * level    of the intervals, in (0, 1).
 * out      receives a row a stratum: the columns of the strata; rows, events int64; mean, std_err,
 *          lower, upper float64 (plain). Not NULL. Release it with patron_table_free.
 * Thread class SHARED. Cost O(times). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_kaplan_meier_restricted_mean(const patron_kaplan_meier *model,
                                                             double horizon, double level,
                                                             patron_table **out,
                                                             patron_error *error);

/* Writes a fit as canonical patron.v1 bytes: who was at risk when, and no row of the table. What
 * is read from them gives the same bytes again.
 *
 * model  borrowed; not NULL.
 * out    receives the bytes; release them with patron_bytes_free. Not NULL.
 * Thread class SHARED. Cost O(size of the fit). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_kaplan_meier_serialize(const patron_kaplan_meier *model,
                                                       patron_bytes **out, patron_error *error);

/* Reads what patron_kaplan_meier_serialize wrote, `size` borrowed bytes from anywhere.
 * out    receives the handle; release it with patron_kaplan_meier_free. Not NULL.
 * Thread class PURE. Cost O(size). Statuses: OK, INVALID_ARGUMENT, DATA_LOSS (not such bytes),
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_kaplan_meier_deserialize(const void *bytes, size_t size,
                                                         patron_kaplan_meier **out,
                                                         patron_error *error);

/* The columns that the fit has read.
 *
 * model  borrowed; not NULL.
 * out    receives a row a column: role ("duration", "event", "entry", "weight", "stratum")
 *        and name text. Not NULL. Release it with patron_table_free.
 * Thread class SHARED. Cost O(columns). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_kaplan_meier_columns(const patron_kaplan_meier *model,
                                                     patron_table **out, patron_error *error);

typedef struct patron_log_rank_options {
  uint32_t struct_size;
  int32_t reserved;          /* zero */
  const char *const *groups; /* columns, together: what is compared; must be set */
  size_t group_count;
  double
      rho; /* an event counts for S^rho (1 - S)^gamma, S the pooled survival of its stratum just */
  double gamma; /* before it: 0 and 0 log-rank, 1 and 0 Peto and Peto's test; 0, 0 */
  const patron_context *context;
} patron_log_rank_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_log_rank_options_init(patron_log_rank_options *options);

/* A test that is chi-square if there is nothing to find. */
typedef struct patron_chi_square {
  uint32_t struct_size; /* set by the caller before the call */
  int32_t degrees;
  double statistic;
  double p_value;
} patron_chi_square;

/* Tests whether groups leave alike, within the strata. A weight stands for so many equal rows.
 *
 * table    borrowed; not NULL.
 * columns  borrowed; NULL means the defaults.
 * options  borrowed; not NULL, for the groups must be set.
 * out      filled on success; not NULL.
 * groups   receives a row a group, in ascending order: its columns; rows int64; observed, expected,
 *          variance float64 (of observed less expected), all as events count. May be NULL. Release it
 *          with patron_table_free.
 * Thread class PURE. Cost O(rows + times x groups^2). Statuses: OK, INVALID_ARGUMENT,
 * FAILED_PRECONDITION (no event, or groups that are never at risk together), RESOURCE_EXHAUSTED,
 * CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_log_rank(const patron_table *table,
                                         const patron_duration_columns *columns,
                                         const patron_log_rank_options *options,
                                         patron_chi_square *out, patron_table **groups,
                                         patron_error *error);

/* How often of two customers the one with the higher risk leaves first. Pairs are counted by
 * products of weights. */
typedef struct patron_concordance_result {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  double index;      /* Harrell's: (concordant + tied / 2) / all; 0.5 says nothing */
  double std_err;    /* by the infinitesimal jackknife */
  double concordant; /* the higher risk left first */
  double discordant;
  double tied; /* of equal risk */
} patron_concordance_result;

/* Measures the concordance of a risk with what happened, within the strata.
 *
 * table    borrowed; not NULL.
 * columns  borrowed; NULL means the defaults.
 * risk     name of a column of numbers, higher for those expected to leave sooner; borrowed; NULL =
 *          "risk".
 * context  borrowed; may be NULL.
 * out      filled on success; not NULL.
 * Thread class PURE. Cost O(rows log rows). Statuses: OK, INVALID_ARGUMENT, FAILED_PRECONDITION (no
 * pair to compare), RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_concordance(const patron_table *table,
                                            const patron_duration_columns *columns,
                                            const char *risk, const patron_context *context,
                                            patron_concordance_result *out, patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_SURVIVAL_H_ */
