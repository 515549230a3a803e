/* Recency, frequency and monetary value, measured and scored. */
#ifndef PATRON_C_RFM_H_
#define PATRON_C_RFM_H_

#include "patron/c/transactions.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  PATRON_RFM_THRESHOLD_RIGHT = 0, /* cuts are type-7 quantiles j/k; bins closed on the right */
  PATRON_RFM_QCUT_DROP = 1,       /* the same with equal edges dropped and labels renumbered */
  PATRON_RFM_RPKG = 2,            /* cut_j + 1, bins closed on the left */
  PATRON_RFM_NTILE = 3,           /* equal bins by rank, larger bins first, ties split by id */
  PATRON_RFM_MIDRANK = 4,         /* ceil(k * mean rank / n) */
  PATRON_RFM_PERCENT_RANK = 5,    /* (rank - 1) / (n - 1) against j/k */
  PATRON_RFM_NESTED = 6,          /* ntile of R, of F inside R, of M inside both */
  PATRON_RFM_FIXED = 7            /* cuts given */
};

enum { PATRON_FREQUENCY_ORDERS = 0, PATRON_FREQUENCY_DAYS = 1 };
enum { PATRON_MONETARY_SUM = 0, PATRON_MONETARY_MEAN = 1 };
enum { PATRON_CLOSED_RIGHT = 0, PATRON_CLOSED_LEFT = 1 };

/* Per dimension: [0] recency, [1] frequency, [2] monetary. */
typedef struct patron_rfm_options {
  uint32_t struct_size;
  int32_t method;          /* PATRON_RFM_THRESHOLD_RIGHT */
  int32_t bins[3];         /* 2..100; 0 = the default rfm.bins */
  int32_t high_is_best[3]; /* 0 1 1 */
  int32_t frequency;       /* PATRON_FREQUENCY_ORDERS */
  int32_t monetary;        /* PATRON_MONETARY_SUM */
  int32_t refunds;         /* PATRON_REFUNDS_NET */
  int32_t zeros;           /* PATRON_ZEROS_COUNT */
  int32_t money;           /* PATRON_MONEY_FLOAT64 */
  int32_t closed;          /* of fixed cuts: PATRON_CLOSED_RIGHT */
  int64_t as_of;           /* exclusive end; recency counts days up to it. PATRON_NO_TIME = the
                              midnight after the last row */
  int64_t window_days;     /* only rows in this many days before as_of; 0 = all */
  double weights[3];       /* of the weighted score; all 0 = the defaults rfm.weight.* */
  const double *cuts[3];   /* for PATRON_RFM_FIXED: bins - 1 rising cuts each; borrowed */
  const patron_context *context;
} patron_rfm_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_rfm_options_init(patron_rfm_options *options);

/* Measures and scores recency, frequency and monetary value per customer.
 *
 * table    borrowed; any order of rows.
 * columns  borrowed; NULL means the defaults.
 * options  borrowed; NULL means the defaults.
 * scores   receives a table ordered by customer; release it with patron_table_free. Columns:
 *            customer_id               as in the input
 *            recency             int64 days from the last purchase to as_of
 *            frequency           int64 orders or purchase days
 *            monetary                  sum of the amounts; or their mean, then float64 in currency
 *            recency_score, frequency_score, monetary_score  int32, 1 (worst) to bins (best)
 *            rfm                 int32 the scores as digits: of base 10 up to 9 bins, 100 up to 99,
 *                                      else 1000
 *            weighted_score    float64 sum of weight x score
 *          Customers without a purchase are left out, and counted.
 * bins     receives the cuts and counts, one row a dimension and bin; may be NULL; release it with
 *          patron_table_free. Columns: dimension text, bin int32 (the score), lower and upper
 *          float64 (bounds in days, orders, currency; infinite at the ends, null where there are no
 *          cuts), customers int64, straddling int64 (of the whole dimension: customers whose value
 *          lies on both sides of a cut, or equals one).
 * report   filled on success; may be NULL.
 * Thread class PURE. Time O(n); without orders to tell apart, scratch about 48 bytes a customer.
 * Statuses: OK, INVALID_ARGUMENT, OUT_OF_RANGE (money), RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_value_rfm(const patron_table *table,
                                          const patron_transaction_columns *columns,
                                          const patron_rfm_options *options, patron_table **scores,
                                          patron_table **bins, patron_row_report *report,
                                          patron_error *error);

/* Scores measures that are known already.
 *
 * table    borrowed; one row a customer with the columns customer_id, recency (days), frequency and
 *          monetary, or those named. Customers must differ.
 * customer, recency, frequency, monetary  column names, borrowed; NULL means the names above.
 * options  borrowed; NULL means the defaults. Only method, bins, high_is_best, closed, weights,
 *          cuts and context are used; bounds and cuts are in the unit of the columns.
 * scores, bins  as in patron_value_rfm; measures come back in the types they have.
 * Thread class PURE. Time O(n), O(n log n) for methods by rank. Statuses: OK, INVALID_ARGUMENT,
 * OUT_OF_RANGE (money), RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_value_score_rfm(const patron_table *table, const char *customer,
                                                const char *recency, const char *frequency,
                                                const char *monetary,
                                                const patron_rfm_options *options,
                                                patron_table **scores, patron_table **bins,
                                                patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_RFM_H_ */
