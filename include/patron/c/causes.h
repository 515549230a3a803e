/* Priority of complaints, their causes, and customers who complain out of habit. */
#ifndef PATRON_C_CAUSES_H_
#define PATRON_C_CAUSES_H_

#include "patron/c/transactions.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Priority ---- */

/* The parts of a score, in the order of `points` and of the columns of the result. */
enum {
  PATRON_PRIORITY_SEVERITY = 0,
  PATRON_PRIORITY_VALUE = 1,
  PATRON_PRIORITY_MEDIA = 2,
  PATRON_PRIORITY_REPEAT = 3,
  PATRON_PRIORITY_AGE = 4,
  PATRON_PRIORITY_PARTS = 5
};

/* Names of columns; NULL = there is none, which counts as 0. */
typedef struct patron_priority_options {
  uint32_t struct_size;
  int32_t reserved; /* zero */
  const char
      *severity;       /* integers 1 to 4: 4 safety, law, discrimination, 3 major loss or vulnerable
                           customer, 2 failed service, 1 inconvenience; "severity" */
  const char *value;   /* share of customers who are worth less, 0 to 1; NULL */
  const char *media;   /* risk of exposure, 0 to 1; NULL */
  const char *repeats; /* earlier complaints about the same, 0 or more; NULL */
  const char *age;     /* time used of the limit, 0 or more, 1 = due; NULL */
  const char *crisis;  /* booleans: a media crisis; NULL */
  double points[PATRON_PRIORITY_PARTS]; /* weights, 0 or more; 40, 20, 20, 10, 10. 0 leaves a part
                                           out and scales the others up to 100, so that the value of
                                           the customer can be switched off */
} patron_priority_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_priority_options_init(patron_priority_options *options);

/* Scores cases from 0 to 100: the weighted sum of (severity - 1) / 3, value, media,
 * 1 - exp(-repeats / 2) and min(age, 1); 100 for severity 4 and in a crisis.
 *
 * table    one row a case; borrowed, not NULL.
 * options  borrowed; NULL means the defaults.
 * out      receives a table in the order of the rows: score, then what each part adds to it: severity,
 *          value, media, repeat, age float64; overridden bool (100 for severity 4 or a crisis).
 *          Release it with patron_table_free. Not NULL.
 * Thread class PURE. Cost O(rows). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_complaint_priority(const patron_table *table,
                                                   const patron_priority_options *options,
                                                   patron_table **out, patron_error *error);

/* ---- Causes ---- */

/* The first level of the taxonomy of causes.
 *
 * out  receives one row a cause: code, name text. Codes of the second level are the caller's: the
 *      code of the first, a dot, and a name ("delivery.late"). Release it with patron_table_free. Not
 *      NULL.
 * Thread class PURE. Cost O(1). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_complaint_causes(patron_table **out, patron_error *error);

enum { PATRON_CAUSES_BY_CASES = 0, PATRON_CAUSES_BY_SEVERITY = 1, PATRON_CAUSES_BY_COST = 2 };

typedef struct patron_pareto_options {
  uint32_t struct_size;
  int32_t by;           /* PATRON_CAUSES_BY_*; PATRON_CAUSES_BY_CASES */
  int32_t levels;       /* of codes: 1 puts the second under the first; 2 */
  int32_t reserved;     /* zero */
  const char *cause;    /* text; "cause" */
  const char *severity; /* integers, 0 or more; NULL = there is none */
  const char *cost;     /* numbers, 0 or more; NULL = there is none */
  double vital;         /* share of the vital few, above 0, at most 1; 0.8 */
} patron_pareto_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_pareto_options_init(patron_pareto_options *options);

/* Ranks causes by number, severity or cost.
 *
 * table    one row a case; borrowed, not NULL.
 * options  borrowed; NULL means the defaults.
 * out      receives one row a cause, by falling weight, ties by code: cause text, cases, severity
 *          int64 (sum), cost (sum), share, cumulative (of the weight) float64, vital bool (in the
 *          smallest head that has the share asked for). Release it with patron_table_free. Not NULL.
 * Thread class PURE. Cost O(rows log rows). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since
 * 0.1.
 */
PATRON_API patron_status patron_complaint_rank_causes(const patron_table *table,
                                                      const patron_pareto_options *options,
                                                      patron_table **out, patron_error *error);

/* Stretches of time in which a cause came so often that the system is at fault.
 *
 * table     one row a case, in any order: cause text, received timestamps; borrowed, not NULL.
 * cases     how many within a window are too many; 2 or more.
 * window    microseconds, more than 0; half open: cases just so far apart do not share one.
 * levels    of codes, 1 or 2, as above.
 * out       receives one row a stretch, by cause and time: cause text; first, alarm (when the limit
 *           was reached), last timestamps; cases, highest (most within a window) int64. Release it
 *           with patron_table_free. Not NULL.
 * Thread class PURE. Cost O(rows log rows). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since
 * 0.1.
 */
PATRON_API patron_status patron_complaint_systemic_causes(const patron_table *table, int64_t cases,
                                                          int64_t window, int32_t levels,
                                                          patron_table **out, patron_error *error);

/* ---- Habitual complainers ---- */

/* The segment that customers are compared with. */
typedef struct patron_habitual_segment {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  uint64_t flagged;
  double rate;         /* complaints per unit of exposure */
  double dispersion;   /* k of the negative binomial distribution; infinite = Poisson */
  double upheld_lower; /* Wilson's lower bound of the share of complaints that was upheld */
} patron_habitual_segment;

/* Flags customers to be looked at: with so many complaints for their exposure as chance hardly gives
 * (negative binomial, dispersion by moments, Benjamini and Hochberg over all), and upheld less often
 * than the lower bound of the segment; each held against all others. A reason to look, never to
 * reject.
 *
 * table    one row a customer of one segment: complaints, upheld integers; exposure numbers above 0
 *          (orders, months); borrowed, not NULL.
 * alpha    share of false alarms among the flagged, between 0 and 1; 0.001 is usual.
 * level    of Wilson's interval; 0.95 is usual.
 * out      receives a table in the order of the rows: expected, p_value, adjusted float64, flagged
 *          bool. Release it with patron_table_free. Not NULL.
 * segment  filled on success; may be NULL.
 * Thread class PURE. Cost O(rows log rows). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since
 * 0.1.
 */
PATRON_API patron_status patron_complaint_habitual(const patron_table *table, double alpha,
                                                   double level, patron_table **out,
                                                   patron_habitual_segment *segment,
                                                   patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_CAUSES_H_ */
