/* Early warning: which customers are about to leave, and what says so. */
#ifndef PATRON_C_SIGNALS_H_
#define PATRON_C_SIGNALS_H_

#include "patron/c/table.h"
#include "patron/c/tiers.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  PATRON_SIGNAL_OWN_QUANTILE = 0, /* days since the last purchase above the quantile of own gaps */
  PATRON_SIGNAL_OWN_MEAN = 1,     /* above so many times their mean */
  PATRON_SIGNAL_POPULATION = 2,   /* few own gaps: above the quantile of everybody's */
  PATRON_SIGNAL_P_ALIVE = 3,      /* the probability of being a customer has fallen */
  PATRON_SIGNAL_HAZARD = 4,       /* the hazard of leaving has risen */
  PATRON_SIGNAL_BASKET = 5,       /* last three purchase days worth less than the three before */
  PATRON_SIGNAL_VISITS = 6,       /* last three gaps longer than the three before */
  PATRON_SIGNAL_COMPLAINT = 7,    /* a complaint is open */
  PATRON_SIGNAL_REOPENED_COMPLAINT = 8, /* or has been opened again */
  PATRON_SIGNAL_SCORE = 9,              /* the score given in surveys has fallen */
  PATRON_SIGNAL_DEMOTION = 10,          /* a tier has been lost */
  PATRON_SIGNAL_CONTRACT_END = 11       /* the contract ends soon */
};

enum {
  PATRON_SIGNALS_MAX = 0, /* the greatest weight of the signals seen */
  PATRON_SIGNALS_SUM = 1  /* the sum of the weights */
};

typedef struct patron_signal_options {
  uint32_t struct_size;
  int32_t min_gaps;           /* fewer own gaps tell nothing; 3 */
  int32_t combination;        /* PATRON_SIGNALS_*; MAX */
  int32_t contract_days;      /* 30 */
  int32_t grace;              /* a level falls by one after so many evaluations below it; 2 */
  int32_t reserved;           /* 0 */
  double quantile;            /* of own gaps, type 7; 0.9 */
  double multiple;            /* of the mean of own gaps; 2 */
  double population_quantile; /* 0.9 */
  double alive_drop;          /* least fall of the probability; 0.2 */
  double hazard_rise;         /* least ratio of the hazards; 1.5 */
  double decline;             /* greatest ratio of the last three to the three before; 0.5 */
  double score_drop;          /* least fall; 2 */
  double weights[12];         /* by PATRON_SIGNAL_*; 0 = not looked at; 1 2 1 2 2 1 1 2 3 1 1 1 */
  double cuts[3]; /* combined weight from which the level is yellow, orange, red; 1 2 3 */
} patron_signal_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_signal_options_init(patron_signal_options *options);

/* Purchases of customers, and the rhythm of each, kept up to date. */
typedef struct patron_signal_book patron_signal_book;

/* Makes an empty book.
 *
 * zone  IANA zone whose midnights part the days; borrowed; NULL means "UTC".
 * out   receives the handle; release it with patron_signal_book_free. Not NULL.
 * Thread class PURE. Cost O(1). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_signal_book_create(const char *zone, patron_signal_book **out,
                                                   patron_error *error);

/* Releases `book`; NULL does nothing.
 * Thread class EXCLUSIVE. Cost O(customers). Statuses: none. Since 0.1.
 */
PATRON_API void patron_signal_book_free(patron_signal_book *book);

/* Adds transactions in any order; those with a negative amount are returns, which are no purchases.
 * If it fails, nothing has been added.
 *
 * book     borrowed; not NULL.
 * table    borrowed; not NULL.
 * columns  names of customer, time and amount; nulls are errors, and the zone is that of the book;
 *          borrowed; NULL means the defaults.
 * context  borrowed; may be NULL.
 * Thread class EXCLUSIVE. Cost O(rows), more for rows that come late. Statuses: OK,
 * INVALID_ARGUMENT, OUT_OF_RANGE, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_signal_book_append(patron_signal_book *book,
                                                   const patron_table *table,
                                                   const patron_transaction_columns *columns,
                                                   const patron_context *context,
                                                   patron_error *error);

/* Warns on one day, from what happened before it; nothing later is looked at.
 *
 * book      borrowed; not NULL.
 * as_of     day; PATRON_NO_DAY means the day after the last purchase.
 * options   borrowed; NULL means the defaults.
 * known     what else is known, one row a customer; borrowed; NULL = nothing. A column customer_id,
 *           and any of p_alive, p_alive_before, hazard, hazard_before, score, score_before,
 *           open_complaints, reopened_complaints, demotions (numbers), contract_end (dates or times),
 *           level and evaluations_below (integers, as the last call gave them). Null and NaN are unknown.
 *           Customers without a purchase appear if they are here.
 * context   borrowed; may be NULL.
 * warnings  receives one row a customer, by id: customer_id, level (0..3), warning ("green",
 *           "yellow", "orange", "red"), evaluations_below, risk (ranks customers), combined,
 *           recency_days (null without a purchase), rhythm (recency by the usual bound; null where
 *           none is known), purchase_days, signals (bit i for signal i). May be NULL; release it
 *           with patron_table_free.
 * evidence  receives one row a signal seen, by customer: customer_id, signal, value, threshold. May
 *           be NULL; release it with patron_table_free.
 * bound     filled with the quantile of all gaps, NaN without any; may be NULL.
 * Thread class SHARED. Cost O(purchases). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED,
 * CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_signal_book_warn(const patron_signal_book *book, int32_t as_of,
                                                 const patron_signal_options *options,
                                                 const patron_table *known,
                                                 const patron_context *context,
                                                 patron_table **warnings, patron_table **evidence,
                                                 double *bound, patron_error *error);

/* One customer as its purchases alone show it. */
typedef struct patron_warning {
  uint32_t struct_size; /* set by the caller before the call */
  int32_t level;        /* 0 green to 3 red */
  int32_t purchase_days;
  int32_t recency_days; /* -1 without a purchase */
  double risk;
  double combined;
  double rhythm;         /* NaN where no bound is known */
  double values[12];     /* by PATRON_SIGNAL_*: what was seen; NaN where the signal was not, */
  double thresholds[12]; /* and the bound that it has passed */
} patron_warning;

/* Looks at one customer alone.
 *
 * book      borrowed; not NULL.
 * customer  its id, if ids are integers.
 * name      its id, if ids are text; borrowed; NULL for integers.
 * as_of     as above.
 * options   borrowed; NULL means the defaults.
 * out       filled on success. Not NULL.
 * Thread class SHARED. Cost O(its purchases) after the last purchase of all, else O(purchases).
 * Statuses: OK, INVALID_ARGUMENT, NOT_FOUND, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_signal_book_warn_one(const patron_signal_book *book,
                                                     int64_t customer, const char *name,
                                                     int32_t as_of,
                                                     const patron_signal_options *options,
                                                     patron_warning *out, patron_error *error);

/* Lists the last purchase of each customer.
 *
 * book  borrowed; not NULL.
 * out   receives customer_id, last (day), in the order of ids; release it with patron_table_free.
 *       Not NULL.
 * Thread class SHARED. Cost O(customers). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since
 * 0.1.
 */
PATRON_API patron_status patron_signal_book_last(const patron_signal_book *book, patron_table **out,
                                                 patron_error *error);

/* How well warnings foretold who left. NaN where there is nothing to tell from. */
typedef struct patron_warning_evaluation {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  uint64_t customers;
  uint64_t lost;
  uint64_t flagged;
  uint64_t flagged_lost;
  double precision, precision_low, precision_high; /* Wilson */
  double recall, recall_low, recall_high;          /* Wilson */
  double lift, lift_low, lift_high;                /* precision by the share of the lost */
  double auc, auc_low, auc_high;    /* variance of DeLong, DeLong and Clarke-Pearson */
  double lead, lead_low, lead_high; /* mean among the flagged lost, in days */
} patron_warning_evaluation;

/* Compares warnings with what became of customers.
 *
 * table  borrowed; columns risk (numbers), lost (flags) and, if it is there, lead (days from the
 *        warning to the last activity; null or NaN = not known). Not NULL.
 * k      so many of the highest risk are flagged, equal ones in the order of rows; 1 to the rows.
 * level  of the intervals; between 0 and 1.
 * out    filled on success. Not NULL.
 * Thread class SHARED. Cost O(n log n). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since
 * 0.1.
 */
PATRON_API patron_status patron_warnings_evaluate(const patron_table *table, uint64_t k,
                                                  double level, patron_warning_evaluation *out,
                                                  patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_SIGNALS_H_ */
