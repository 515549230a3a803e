/* What complaints cost, what to offer, whether customers come back, and what handling is worth. */
#ifndef PATRON_C_RECOVERY_H_
#define PATRON_C_RECOVERY_H_

#include "patron/c/transactions.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Cost of a case ---- */

/* What cases cost: minutes * rate + remedy + freight + write-off + fines + (1 - probability of return)
 * * value of the customer.
 *
 * table  one row a case; columns of numbers, 0 or more: minutes (of handling); and, each if it is
 *        there, remedy, freight, write_off, fines, value (residual, of the customer) and
 *        return_probability (0 to 1; without it return is certain). Borrowed, not NULL.
 * rate   cost of a minute, 0 or more.
 * out    receives a table in the order of the rows: handling, lost, cost float64. Release it with
 *        patron_table_free. Not NULL.
 * Thread class PURE. Cost O(rows). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_complaint_case_costs(const patron_table *table, double rate,
                                                     patron_table **out, patron_error *error);

/* ---- Compensation ---- */

typedef struct patron_compensation_terms {
  uint32_t struct_size;
  int32_t reserved;     /* zero */
  double loss_share[4]; /* of the loss made good, by severity 1 to 4; 1 each */
  const double
      *goodwill; /* 4 * tiers amounts: those of severity 1 by tier, then of 2, 3, 4; NULL */
  size_t tiers;  /* 0 = no goodwill; 0 */
} patron_compensation_terms;

/* Fills the defaults named in the struct. `terms` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_compensation_terms_init(patron_compensation_terms *terms);

/* What to offer: loss * loss_share of the severity + goodwill of severity and tier, at most the limit.
 *
 * table  one row a case: loss numbers, 0 or more; severity integers 1 to 4; tier integers from 0, if
 *        there is goodwill; limit numbers, 0 or more, if it is there: the authority left of whoever
 *        offers. Borrowed, not NULL.
 * terms  borrowed; NULL means the defaults.
 * out    receives a table in the order of the rows: wanted, proposed float64, capped bool. Release it
 *        with patron_table_free. Not NULL.
 * Thread class PURE. Cost O(rows). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_complaint_compensation(const patron_table *table,
                                                       const patron_compensation_terms *terms,
                                                       patron_table **out, patron_error *error);

/* ---- Return ---- */

enum {
  PATRON_HANDLING_SILENT = 0, /* never complained */
  PATRON_HANDLING_UNRESOLVED = 1,
  PATRON_HANDLING_RESOLVED = 2,
  PATRON_HANDLING_RESOLVED_QUICKLY = 3,
  PATRON_HANDLINGS = 4
};

typedef struct patron_return_options {
  uint32_t struct_size;
  int32_t reserved;               /* zero */
  double major[PATRON_HANDLINGS]; /* rates after a major loss; 0.09, 0.19, 0.54, 0.82 (TARP; that of
                                     silent customers is quoted with them, its source unverified) */
  double minor[PATRON_HANDLINGS]; /* after a minor one; 0.37, 0.46, 0.70, 0.95 */
  double weight;                  /* in cases of one's own, above 0; 20 */
  double level;                   /* of the intervals; 0.95 */
} patron_return_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_return_options_init(patron_return_options *options);

/* Probability of return by handling and loss: the published rates as a Beta prior, and one's own cases.
 *
 * cases    one row a case: handling text ("silent", "unresolved", "resolved", "resolved_quickly"),
 *          minor booleans (the loss), returned booleans; borrowed; NULL = none, which leaves the prior.
 * options  borrowed; NULL means the defaults.
 * out      receives 8 rows: handling text, minor bool, prior float64, returned, cases int64, rate (mean
 *          of the Beta distribution), lower, upper float64. Release it with patron_table_free. Not
 *          NULL.
 * Thread class PURE. Cost O(rows). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_complaint_returns(const patron_table *cases,
                                                  const patron_return_options *options,
                                                  patron_table **out, patron_error *error);

/* What handling a case is worth: (p_handled - p_unhandled) * value - cost. The probabilities are 0 to 1;
 * `out` is filled on success and not NULL.
 * Thread class PURE. Cost O(1). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_complaint_recovery_value(double p_handled, double p_unhandled,
                                                         double value, double cost, double *out,
                                                         patron_error *error);

/* ---- The complaint pyramid ---- */

/* Published shares of problems that reach the register.
 *
 * out  receives one row each: name text, rate float64, source text. Release it with
 *      patron_table_free. Not NULL.
 * Thread class PURE. Cost O(1). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_complaint_voice_rates(patron_table **out, patron_error *error);

typedef struct patron_complaint_pyramid_result {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  double rate, rate_lower, rate_upper;
  double multiplier, multiplier_lower, multiplier_upper; /* 1 / rate */
  double problems, problems_lower, problems_upper;       /* customers with one */
  double silent, silent_lower, silent_upper;             /* with one, and not in the register */
} patron_complaint_pyramid_result;

/* Estimates how many problems stand behind complaints.
 *
 * complaints       in the register, 0 or more.
 * rate             share of problems that get there, above 0, at most 1; NaN = from the sample.
 * reported, asked  the sample: of `asked` customers with a problem `reported` are in the register.
 * level            of the intervals: Wilson's of the rate; that of the problems also holds that as
 *                  many complaints may have come by chance.
 * out              filled on success; not NULL.
 * Thread class PURE. Cost O(1). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_complaint_estimate_pyramid(double complaints, double rate,
                                                           double reported, double asked,
                                                           double level,
                                                           patron_complaint_pyramid_result *out,
                                                           patron_error *error);

/* What share of each level of the pyramid is found on the next.
 *
 * counts  `count` whole numbers from the widest level to the top, none above the one before it;
 *         borrowed.
 * level   of Wilson's intervals.
 * out     receives `count` - 1 rows: share, lower, upper float64; NaN above an empty level. Release it
 *         with patron_table_free. Not NULL.
 * Thread class PURE. Cost O(count). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_complaint_conversion(const double *counts, size_t count,
                                                     double level, patron_table **out,
                                                     patron_error *error);

/* ---- Market damage ---- */

enum {
  PATRON_OUTCOME_SATISFIED = 0,
  PATRON_OUTCOME_MOLLIFIED = 1,
  PATRON_OUTCOME_DISSATISFIED = 2,
  PATRON_OUTCOME_SILENT = 3,
  PATRON_OUTCOMES = 4
};

/* After Goodman. Shares are 0 to 1; each sample is how many the share was measured on, 0 = known. */
typedef struct patron_market_damage_terms {
  uint32_t struct_size;
  uint32_t draws;                           /* for the intervals; 4000 */
  uint64_t seed;                            /* 1 */
  double level;                             /* 0.95 */
  double customers, value;                  /* how many, and what one is worth; 0 */
  double problem_rate, problem_sample;      /* with a problem, of all; 0 */
  double voice_rate, voice_sample;          /* who complain, of those; 0 */
  double satisfied, mollified;              /* of those who complain; 0 */
  double answer_sample;                     /* of both; 0 */
  double loyalty_none, loyalty_none_sample; /* who stay without a problem; 0 */
  double loyalty[PATRON_OUTCOMES], loyalty_sample[PATRON_OUTCOMES]; /* who stay; 0 */
  double tellers[PATRON_OUTCOMES];   /* people told by one customer; 0 */
  double influence[PATRON_OUTCOMES]; /* share of them that is lost by it; below 0 if won; 0 */
} patron_market_damage_terms;

/* Fills the defaults named in the struct. `terms` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_market_damage_terms_init(patron_market_damage_terms *terms);

typedef struct patron_market_damage {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  double lost;          /* customers */
  double at_risk;       /* lost * value */
  double word_of_mouth; /* value of those lost through others */
  double total;
} patron_market_damage;

/* What problems cost in customers.
 *
 * terms         borrowed; not NULL.
 * out           filled on success; not NULL.
 * lower, upper  the middle `level` of draws from what the samples leave open; may be NULL, which spares
 *               the draws.
 * Thread class PURE. Cost O(1), with bounds O(draws log draws). Statuses: OK, INVALID_ARGUMENT,
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_complaint_market_damage(const patron_market_damage_terms *terms,
                                                        patron_market_damage *out,
                                                        patron_market_damage *lower,
                                                        patron_market_damage *upper,
                                                        patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_RECOVERY_H_ */
