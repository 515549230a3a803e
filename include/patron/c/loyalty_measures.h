/* Figures of loyalty: net promoter score, repurchase rate, share of wallet. */
#ifndef PATRON_C_LOYALTY_MEASURES_H_
#define PATRON_C_LOYALTY_MEASURES_H_

#include "patron/c/table.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  PATRON_SCORE_WALD = 0,
  PATRON_SCORE_ADJUSTED_WALD = 1, /* with three answers more: 3/4 promoters, 3/4 detractors (Rocks
                                     2016) */
  PATRON_SCORE_BOOTSTRAP = 2      /* percentiles of samples drawn with replacement, as many of each
                                     answer as a Poisson number says */
};

typedef struct patron_net_promoter_options {
  uint32_t struct_size;
  int32_t interval;    /* PATRON_SCORE_WALD */
  const char *answer;  /* whole numbers from 0 to 10; "answer" */
  const char *weight;  /* numbers above 0; NULL = 1 */
  double level;        /* of the interval, in (0, 1); 0.95 */
  uint64_t seed;       /* of the bootstrap; 0 */
  uint32_t replicates; /* of the bootstrap, 100 to 1,000,000; 2,000 */
  uint32_t reserved;   /* zero */
  const patron_context *context;
} patron_net_promoter_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_net_promoter_options_init(patron_net_promoter_options *options);

/* A net promoter score, in points from -100 to 100. */
typedef struct patron_net_promoter_result {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  double score; /* of PATRON_SCORE_ADJUSTED_WALD the adjusted one */
  double std_err;
  double lower; /* cut off at -100 and 100 */
  double upper;
  double promoters; /* shares of the weight: 9 or 10 */
  double passives;
  double detractors; /* 6 or less */
  uint64_t answers;
  double effective; /* (sum of weights)^2 / sum of their squares: what the error is by */
} patron_net_promoter_result;

/* Measures the answers to "how likely are you to recommend us".
 *
 * table    borrowed; not NULL.
 * options  borrowed; NULL means the defaults.
 * out      filled on success; not NULL.
 * Thread class PURE. Cost O(rows), and of the bootstrap O(replicates x distinct weights). Statuses: OK,
 * INVALID_ARGUMENT (no answer, or one outside the scale; weights not above 0), RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_net_promoter(const patron_table *table,
                                             const patron_net_promoter_options *options,
                                             patron_net_promoter_result *out, patron_error *error);

/* The change of a score from one wave of answers to the next, of other people. */
typedef struct patron_score_change {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  double change;
  double std_err; /* root of the sum of the squared errors */
  double lower;
  double upper;
  double p_value; /* of no change, two-sided */
} patron_score_change;

/* Compares two waves.
 *
 * first, second  results of patron_net_promoter, borrowed; not NULL.
 * level          of the interval, in (0, 1).
 * out            filled on success; not NULL.
 * Thread class PURE. Cost O(1). Statuses: OK, INVALID_ARGUMENT. Since 0.1.
 */
PATRON_API patron_status patron_net_promoter_change(const patron_net_promoter_result *first,
                                                    const patron_net_promoter_result *second,
                                                    double level, patron_score_change *out,
                                                    patron_error *error);

/* A share with Wilson's interval. */
typedef struct patron_proportion {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  uint64_t successes;
  uint64_t trials;
  double share;
  double lower;
  double upper;
} patron_proportion;

/* Measures the share of customers who have bought often enough.
 *
 * purchases  one column of numbers, 0 or more: the purchases of each customer; borrowed; not NULL.
 * at_least   how many count, at least 1; 2 is the repurchase rate.
 * level      of the interval, in (0, 1).
 * out        filled on success; not NULL.
 * Thread class PURE. Cost O(rows). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_repurchase_rate(const patron_column *purchases, double at_least,
                                                double level, patron_proportion *out,
                                                patron_error *error);

/* The share of a customer's spending that a brand gets by its rank among the brands used (the wallet
 * allocation rule): (1 - rank / (brands + 1)) x 2 / brands.
 *
 * table  numbers, borrowed; not NULL: rank, from 1 to brands, of brands that tie the mean of their
 *        ranks; brands, how many are used.
 * out    receives one row a row: share float64. Not NULL. Release it with patron_table_free.
 * Thread class PURE. Cost O(rows). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_wallet_allocation(const patron_table *table, patron_table **out,
                                                  patron_error *error);

typedef struct patron_satisfaction_curve_options {
  uint32_t struct_size;
  int32_t reserved;         /* zero */
  const char *satisfaction; /* numbers; "satisfaction" */
  const char *loyalty;      /* numbers, such as whether a customer bought again; "loyalty" */
  const char *weight;       /* numbers above 0; NULL = 1 */
  double level;             /* of the intervals, in (0, 1); 0.95 */
  const patron_context *context;
} patron_satisfaction_curve_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_satisfaction_curve_options_init(patron_satisfaction_curve_options *options);

/* How much of loyalty the curves explain. */
typedef struct patron_satisfaction_curve_result {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  double knot;         /* where the hinge bends: the level of least squares */
  double linear_share; /* shares of the variance of loyalty */
  double quadratic_share;
  double hinge_share;
  double isotonic_share;
} patron_satisfaction_curve_result;

/* Fits the curves from satisfaction to loyalty by least squares: a line, a parabola, a hinge, and the
 * best rising curve; and counts the boxes.
 *
 * table    one row a customer, borrowed; not NULL.
 * options  borrowed; NULL means the defaults.
 * terms    receives a row a term: model ("linear", "quadratic", "hinge"), term ("intercept", "slope",
 *          "square"; of the hinge "slope below", "slope above", "bend") text; estimate, std_err, lower,
 *          upper float64. Not NULL. Release it with patron_table_free.
 * levels   receives a row a distinct satisfaction, ascending: satisfaction; rows int64; loyalty (mean),
 *          lower, upper (Wilson's where loyalty is 0 or 1 throughout; null for one row of others),
 *          linear, quadratic, hinge, isotonic (what the curves say), quadratic_slope,
 *          quadratic_slope_std_err, quadratic_slope_lower, quadratic_slope_upper float64. May be NULL.
 *          Release it with patron_table_free.
 * out      filled on success; may be NULL.
 * Thread class PURE. Cost O(rows + levels^2). Statuses: OK, INVALID_ARGUMENT, FAILED_PRECONDITION (fewer
 * than 3 levels or 5 rows, loyalty the same for all), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_satisfaction_curve(const patron_table *table,
                                                   const patron_satisfaction_curve_options *options,
                                                   patron_table **terms, patron_table **levels,
                                                   patron_satisfaction_curve_result *out,
                                                   patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_LOYALTY_MEASURES_H_ */
