/* Measures over time: survival curves, control charts, attainment of limits, backlog and its age. */
#ifndef PATRON_C_MEASURE_H_
#define PATRON_C_MEASURE_H_

#include "patron/c/cohorts.h"
#include "patron/c/transactions.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Survival: times of which some are only known to be longer ---- */

enum {
  PATRON_INTERVAL_PLAIN = 0,  /* S plus and minus z standard errors */
  PATRON_INTERVAL_LOG = 1,    /* the same for ln S: the default of R's survival package */
  PATRON_INTERVAL_LOG_LOG = 2 /* the same for ln(-ln S) */
};

typedef struct patron_survival_options {
  uint32_t struct_size;
  int32_t interval; /* PATRON_INTERVAL_LOG */
  const char *time; /* numbers, 0 or more, in any unit; "time" */
  const char
      *observed;   /* booleans, or integers 0 and 1: whether the event came at that time, or had
                            not by then; "observed" */
  double level;    /* of the intervals, in (0, 1); 0.95 */
  const double *p; /* shares whose times are wanted; NULL = none */
  size_t p_count;
  const patron_context *context;
} patron_survival_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_survival_options_init(patron_survival_options *options);

/* The Kaplan-Meier curve with Greenwood's standard errors.
 *
 * table      borrowed; not NULL.
 * options    borrowed; NULL means the defaults.
 * out        receives one row a distinct time, ascending: time (int64 or float64 as the input),
 *            at_risk int64 (just before it), events int64, censored int64, survival, std_err, lower,
 *            upper float64 (of survival; null once it is 0). Not NULL. Release it with
 *            patron_table_free.
 * quantiles  receives one row a share of `p`: p, time (the smallest at which survival is 1 - p or
 *            less), midpoint (the middle of the stretch where it equals 1 - p, as in R), lower and
 *            upper (the same of the limits of the curve) float64; null where the curve does not fall
 *            so far. May be NULL. Release it with patron_table_free.
 * Thread class PURE. Cost O(rows). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED, CANCELLED.
 * Since 0.1.
 */
PATRON_API patron_status patron_measure_survival(const patron_table *table,
                                                 const patron_survival_options *options,
                                                 patron_table **out, patron_table **quantiles,
                                                 patron_error *error);

/* ---- Control charts ---- */

enum {
  PATRON_CHART_P = 0,       /* shares: center +- 3 sqrt(p (1 - p) / size) */
  PATRON_CHART_U = 1,       /* rates: center +- 3 sqrt(u / size) */
  PATRON_CHART_LANEY_P = 2, /* the same, widened by how much shares or rates vary beyond that */
  PATRON_CHART_LANEY_U = 3, /* (Laney 2002): for sizes in the hundreds and above */
  PATRON_CHART_XMR = 4,     /* single values: mean +- 2.66 mean moving range */
  PATRON_CHART_CUSUM = 5    /* sums of what lies beyond the slack, above and below the target */
};

typedef struct patron_chart_options {
  uint32_t struct_size;
  int32_t kind;      /* PATRON_CHART_*; PATRON_CHART_XMR */
  uint64_t baseline; /* first points that center, limits and sigma come from; 0 = all */
  const char *count; /* numbers: counts, or values of XMR and CUSUM; "count" */
  const char *size;  /* what they are counts of: rows, or exposure; "size" */
  double slack;      /* CUSUM, in sigmas: k; 0.5 */
  double decision;   /* h; 5 */
  double target;     /* NaN = the mean of the baseline; NaN */
  double sigma;      /* NaN = its mean moving range / 1.128; NaN */
} patron_chart_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_chart_options_init(patron_chart_options *options);

/* Figures of a whole chart. */
typedef struct patron_chart {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  uint64_t points;
  uint64_t signals;
  double center;       /* of CUSUM the target */
  double sigma;        /* of Laney charts by what the limits are widened, of CUSUM sigma; else 1 */
  double moving_range; /* mean, of XMR; the limit of single ones is 3.267 times that. Else 0 */
} patron_chart;

/* A control chart of a series.
 *
 * table    one row a point, in order of time; borrowed, not NULL.
 * options  borrowed; NULL means the defaults.
 * out      receives a table in the order of the rows: value float64 (share, rate or value), lower
 *          and upper float64 (limits; of CUSUM the two sums, low and high), signal bool. Limits of
 *          shares and rates are cut off at 0 and 1. Release it with patron_table_free. Not NULL.
 * chart    filled on success; may be NULL.
 * Thread class PURE. Cost O(rows). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_measure_chart(const patron_table *table,
                                              const patron_chart_options *options,
                                              patron_table **out, patron_chart *chart,
                                              patron_error *error);

/* ---- Attainment, backlog, age ---- */

/* How many clocks kept their limit, as known at a cut-off. */
typedef struct patron_attainment {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  uint64_t met;      /* finished by the due instant, and by the cut-off */
  uint64_t breached; /* not finished when it passed */
  uint64_t pending;  /* neither due nor finished: not counted */
  uint64_t due_met;  /* of those met: due before the cut-off */
  double rate;       /* met / (met + breached); slightly high at the right edge, where only early
                        finishers are known; NaN without either */
  double due_rate;   /* the same of clocks due before the cut-off, which has no such edge */
} patron_attainment;

/* Measures the attainment of limits.
 *
 * table          columns of timestamps, one row a clock; borrowed, not NULL.
 * due, finished  names of the columns, borrowed: the due instant, null = never; the end, null = not
 *                yet. NULL = "due", "finished".
 * cutoff         the last instant that is known; who finished later was open then.
 * out            filled on success; not NULL.
 * Thread class PURE. Cost O(rows). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_measure_attainment(const patron_table *table, const char *due,
                                                   const char *finished, int64_t cutoff,
                                                   patron_attainment *out, patron_error *error);

typedef struct patron_resolution_options {
  uint32_t struct_size;
  int32_t reserved;     /* zero */
  const char *customer; /* integers or text; "customer" */
  const char *cause;    /* integers or text; "cause" */
  const char *received; /* timestamps; "received" */
  const char *closed;   /* timestamps of the first closing, null = open; "closed" */
  const char *accepted; /* booleans: whether the customer accepted the answer; "accepted" */
  const char *contacts; /* integers: inbound contacts before the answer; "contacts" */
  const char *reopens;  /* integers; "reopens" */
  int64_t cutoff;       /* the last instant that is known; PATRON_NO_TIME, which must be set */
  int64_t window;       /* microseconds; 30 days */
} patron_resolution_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_resolution_options_init(patron_resolution_options *options);

/* What became of cases that have been closed for the window at least. */
typedef struct patron_resolution {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  uint64_t known;
  uint64_t unknown;       /* open at the cut-off, or closed for less than the window: not counted */
  uint64_t first_contact; /* known, accepted, one contact, no reopening, and no other case of the
                             same customer and cause received within the window after closing */
  uint64_t reopened;      /* known, with a reopening */
  double first_contact_rate; /* of the known; NaN if there is none */
  double reopen_rate;
} patron_resolution;

/* Measures first-contact resolution and reopening.
 *
 * table    one row a case, borrowed; not NULL.
 * options  borrowed; not NULL, for the cut-off must be set.
 * out      filled on success; not NULL.
 * Thread class PURE. Cost O(rows log rows). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_measure_resolution(const patron_table *table,
                                                   const patron_resolution_options *options,
                                                   patron_resolution *out, patron_error *error);

/* Counts the backlog, period by period.
 *
 * table        one row a movement of a case, in any order, borrowed, not NULL: time, and movement,
 *              text: "received", "reopened", "closed", "merged" or "voided".
 * period       PATRON_PERIOD_*.
 * zone         whose midnights part the days; NULL = "UTC". Borrowed.
 * open_before  cases open before the first movement.
 * out          receives a row a period from the first movement to the last: period date32 (its first
 *              day), received, reopened, closed, merged, voided, open int64 (at its end: open before
 *              plus received and reopened, less the others). Release it with patron_table_free. Not
 *              NULL.
 * Thread class PURE. Cost O(rows + periods). Statuses: OK, INVALID_ARGUMENT (also if more leave than
 * there are), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_measure_backlog(const patron_table *table, int32_t period,
                                                const char *zone, int64_t open_before,
                                                patron_table **out, patron_error *error);

/* Counts ages by bucket: below the first bound, from each bound up to, not including, the next, and
 * from the last on.
 *
 * ages    one column of numbers, 0 or more, borrowed; not NULL.
 * bounds  `count` numbers above 0 that rise, in the same unit, borrowed.
 * out     `count` + 1 counts, filled on success; not NULL.
 * Thread class PURE. Cost O(rows log count). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_measure_ages(const patron_column *ages, const double *bounds,
                                             size_t count, int64_t *out, patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_MEASURE_H_ */
