/* Worth, looking back: summaries, RFM, segments, pyramids, concentration, profitability, cohorts.
 */
#ifndef PATRON_C_VALUE_H_
#define PATRON_C_VALUE_H_

#include "patron/c/table.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An instant that has not been given. */
#define PATRON_NO_TIME INT64_MIN

/* ---- How to read a table of transactions ---- */

enum { PATRON_NULLS_ERROR = 0, PATRON_NULLS_SKIP = 1 };

/* One row is one transaction: who, when, how much; a negative amount is a refund. */
typedef struct patron_transaction_columns {
  uint32_t struct_size;
  int32_t nulls;        /* PATRON_NULLS_*: a null in a named column is an error, or skips the row */
  const char *customer; /* integers or text; "customer_id" */
  const char *time;     /* dates or timestamps; "date" */
  const char *amount;   /* numbers; "amount" */
  const char *order;    /* integers or text; NULL = each row is an order of its own */
  const char *transaction; /* integers or text; NULL = none. Ledgers need one */
  const char *zone;        /* IANA zone whose midnights part the days; "UTC" */
  int32_t decimals;        /* money is kept in units of 10^-decimals, rounded half even; 0..9, 4 */
  int32_t amount_decimals; /* integer amounts are in units of 10^-amount_decimals; 0..9, 0 */
} patron_transaction_columns;

/* Fills the defaults named in the struct. `columns` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_transaction_columns_init(patron_transaction_columns *columns);

enum {
  PATRON_REFUNDS_NET = 0,      /* refunds reduce the value of the purchase they belong to */
  PATRON_REFUNDS_IGNORE = 1,   /* refund rows are left out, and counted */
  PATRON_REFUNDS_SEPARATE = 2, /* refunds are summed apart and touch nothing else */
  PATRON_REFUNDS_ERROR = 3     /* a refund row is an error */
};

enum {
  PATRON_ZEROS_COUNT = 0, /* a row with amount zero is a purchase */
  PATRON_ZEROS_IGNORE = 1 /* such rows are left out, and counted */
};

enum {
  PATRON_MONEY_FLOAT64 = 0, /* money columns are float64 in currency units */
  PATRON_MONEY_UNITS = 1    /* money columns are exact int64 in units of 10^-decimals */
};

/* What became of the rows of an input. */
typedef struct patron_row_report {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  uint64_t rows;             /* rows read */
  uint64_t used;             /* rows that took part */
  uint64_t skipped_null;     /* left out: a null in a named column */
  uint64_t skipped_late;     /* left out: after the end of observation, or outside the window */
  uint64_t skipped_zero;     /* left out: amount zero, by option */
  uint64_t refunds;          /* rows with a negative amount */
  uint64_t orphan_refunds;   /* of these: without a purchase before them; summaries only */
  uint64_t customers;        /* customers in the result */
  uint64_t without_purchase; /* customers seen, but left out for want of a purchase */
} patron_row_report;

/* ---- Customer summary ---- */

enum {
  PATRON_UNIT_SECOND = 0,
  PATRON_UNIT_HOUR = 1,
  PATRON_UNIT_DAY = 2,
  PATRON_UNIT_WEEK = 3,
  PATRON_UNIT_MONTH = 4, /* a twelfth of a year */
  PATRON_UNIT_YEAR = 5   /* 365.25 days */
};

enum {
  PATRON_MERGE_DAY = 0,   /* rows of one customer on one day are one purchase */
  PATRON_MERGE_ORDER = 1, /* rows of one order are one purchase, at its first row */
  PATRON_MERGE_NONE = 2   /* each row is a purchase */
};

typedef struct patron_summary_options {
  uint32_t struct_size;
  int32_t unit;            /* of recency, T and durations; PATRON_UNIT_DAY */
  int32_t merge;           /* PATRON_MERGE_DAY */
  int32_t refunds;         /* PATRON_REFUNDS_NET */
  int32_t zeros;           /* PATRON_ZEROS_COUNT */
  int32_t money;           /* PATRON_MONEY_FLOAT64 */
  int64_t observation_end; /* last instant that counts; PATRON_NO_TIME = the last row */
  int64_t calibration_end; /* last instant of the calibration period; PATRON_NO_TIME = no holdout */
  const patron_context *context;
} patron_summary_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_summary_options_init(patron_summary_options *options);

/* Summarises transactions per customer, in the sense of the buy-till-you-die literature.
 *
 * table    borrowed; any order of rows.
 * columns  borrowed; NULL means the defaults.
 * options  borrowed; NULL means the defaults.
 * out      receives a table ordered by customer; release it with patron_table_free. Columns:
 *            customer_id         as in the input
 *            frequency     int64 repeat purchases (purchases after the first)
 *            recency     float64 first to last purchase, in units; exact fractions
 *            T           float64 first purchase to the end of observation, in units
 *            monetary_value float64 mean value of the repeat purchases; 0 without any
 *            orders        int64 purchases, the first included
 *            gross, refunds, net  sums of purchases, of refunds (<= 0), and of both
 *            first, last         timestamps of the first and last purchase
 *          and with calibration_end, where the columns above speak of the calibration period:
 *            frequency_holdout int64, monetary_value_holdout float64, duration_holdout float64.
 * report   filled on success; may be NULL.
 * Thread class PURE. Time O(n log n in a customer's rows), scratch about 32 bytes a row.
 * Statuses: OK, INVALID_ARGUMENT, OUT_OF_RANGE (money), RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_value_summarize(const patron_table *table,
                                                const patron_transaction_columns *columns,
                                                const patron_summary_options *options,
                                                patron_table **out, patron_row_report *report,
                                                patron_error *error);

/* ---- Recency, frequency, monetary value ---- */

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

/* ---- Segments: ordered rules on the three scores, first match wins ---- */

typedef struct patron_segments patron_segments;

/* Makes a preset rule table.
 *
 * name  "grid" (25 recency x frequency cells, the default), "a" (R package rfm 0.3.0), "b" (0.2.x)
 *       or "putler"; borrowed; NULL means "grid".
 * out   receives the handle; release it with patron_segments_free. Not NULL.
 * Thread class PURE. Cost O(rules). Statuses: OK, INVALID_ARGUMENT, NOT_FOUND, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_segments_preset(const char *name, patron_segments **out,
                                                patron_error *error);

/* Makes a rule table from rows in order of precedence.
 *
 * table   borrowed; columns segment (text), recency_low, recency_high, frequency_low,
 *         frequency_high, monetary_low, monetary_high, and optionally fm_low, fm_high on the mean
 *         of the scores of frequency and monetary value. Bounds are inclusive whole numbers; null =
 *         no bound. A missing column bounds nothing.
 * bins    number of scores a dimension that the rules are written for; 2..100.
 * others  name of the segment for cells that no rule covers; borrowed; NULL means "Others".
 * out     receives the handle; release it with patron_segments_free. Not NULL.
 * Thread class PURE. Cost O(rules). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_segments_from_table(const patron_table *table, int32_t bins,
                                                    const char *others, patron_segments **out,
                                                    patron_error *error);

/* Releases `segments`; NULL does nothing.
 * Thread class EXCLUSIVE. Cost O(rules). Statuses: none. Since 0.1.
 */
PATRON_API void patron_segments_free(patron_segments *segments);

/* The rules as a table of the form that patron_segments_from_table takes.
 *
 * segments  borrowed; not NULL.
 * out       receives the table; release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(rules). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since
 * 0.1.
 */
PATRON_API patron_status patron_segments_to_table(const patron_segments *segments,
                                                  patron_table **out, patron_error *error);

/* What a rule table does with the cells of its scores. */
typedef struct patron_segments_check_result {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  uint64_t cells;
  uint64_t uncovered;   /* cells that no rule matches */
  uint64_t ambiguous;   /* cells that more than one rule matches */
  uint64_t unreachable; /* rules that can never be the first match */
} patron_segments_check_result;

/* Checks a rule table before any data is seen.
 *
 * segments  borrowed; not NULL.
 * result    filled on success; may be NULL.
 * findings  receives a table, one row a finding; may be NULL; release it with patron_table_free.
 *           Columns: finding ("uncovered", "ambiguous", "unreachable"), segment (the rule; for
 *           cells the first match or the name for others), recency, frequency, monetary (the cell;
 *           null for a rule).
 * Thread class SHARED. Cost O(cells x rules). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_segments_check(const patron_segments *segments,
                                               patron_segments_check_result *result,
                                               patron_table **findings, patron_error *error);

/* Assigns customers to segments.
 *
 * segments    borrowed; not NULL.
 * scores      borrowed; a table as patron_value_rfm gives it (the score columns are needed;
 *             frequency and monetary, where present, are summed in `totals`). Scores outside
 *             1..bins are an error.
 * context     borrowed; may be NULL.
 * membership  receives customer_id (where present) and segment, in the order of `scores`; release
 *             it with patron_table_free. Not NULL.
 * totals      receives segment, customers, share, orders, value, value_share, in order of the
 *             rules; null where the column to sum is not present or there is nothing to take a
 *             share of; may be NULL; release it with patron_table_free.
 * Thread class SHARED. Cost O(n + cells x rules). Statuses: OK, INVALID_ARGUMENT,
 * RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_segments_assign(const patron_segments *segments,
                                                const patron_table *scores,
                                                const patron_context *context,
                                                patron_table **membership, patron_table **totals,
                                                patron_error *error);

/* Writes `segments` as canonical patron.v1 bytes: equal rules give equal bytes.
 *
 * segments  borrowed; not NULL.
 * buffer    `capacity` bytes of the caller's; may be NULL if capacity is 0, which asks the size.
 * needed    receives the size; not NULL.
 * Thread class SHARED. Cost O(rules).
 * Statuses: OK, INVALID_ARGUMENT, OUT_OF_RANGE (capacity too small), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_segments_serialize(const patron_segments *segments, void *buffer,
                                                   size_t capacity, size_t *needed,
                                                   patron_error *error);

/* Reads what patron_segments_serialize wrote.
 *
 * bytes  `size` bytes, borrowed; may come from anywhere.
 * out    receives the handle; release it with patron_segments_free. Not NULL.
 * Thread class PURE. Cost O(size). Statuses: OK, INVALID_ARGUMENT, DATA_LOSS (not such bytes),
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_segments_deserialize(const void *bytes, size_t size,
                                                     patron_segments **out, patron_error *error);

/* ---- Value pyramid ---- */

typedef struct patron_pyramid patron_pyramid;

enum {
  PATRON_PYRAMID_CUSTOMER_SHARE = 0, /* cut = cumulative share of customers, from the top */
  PATRON_PYRAMID_VALUE_FLOOR = 1,    /* cut = least value of the tier */
  PATRON_PYRAMID_VALUE_SHARE = 2     /* cut = cumulative share of value, from the top */
};

enum {
  PATRON_BOUNDARY_BEFORE = 0,   /* a customer is in if the share before it is below the cut */
  PATRON_BOUNDARY_INCLUDING = 1 /* a customer is in if the share with it is at most the cut */
};

/* Makes a preset pyramid.
 *
 * name     "curry" (1, 4, 15, 80 % of customers; the default), "abc" (80 and 95 % of value),
 *          "zeithaml" (platinum 5 %, gold 15 %, iron, lead for losses) or "classes" (high 20 %,
 *          medium 30 %, low 50 %); borrowed; NULL means "curry".
 * context  borrowed; its defaults give the shares; may be NULL.
 * out      receives the handle; release it with patron_pyramid_free. Not NULL.
 * Thread class PURE. Cost O(tiers). Statuses: OK, INVALID_ARGUMENT, NOT_FOUND, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_pyramid_preset(const char *name, const patron_context *context,
                                               patron_pyramid **out, patron_error *error);

/* Makes a pyramid of one's own.
 *
 * method    PATRON_PYRAMID_*.
 * boundary  PATRON_BOUNDARY_*; other than BEFORE only for shares of value.
 * names     `count` names from the top tier down, 1 to 200, distinct and not empty; borrowed. Those
 *           of the tiers for other statuses, "inactive", "prospects" and "suspects", are taken.
 * cuts      `count` numbers: cumulative shares rising to 1, or floors falling (the last may be
 *           -infinity); borrowed.
 * losses    name of a further tier at the base for customers with a negative value, who then take
 *           no part in the cuts' lower tiers; borrowed; NULL = none.
 * out       receives the handle; release it with patron_pyramid_free. Not NULL.
 * Thread class PURE. Cost O(count). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_pyramid_create(int32_t method, int32_t boundary,
                                               const char *const *names, const double *cuts,
                                               size_t count, const char *losses,
                                               patron_pyramid **out, patron_error *error);

/* Releases `pyramid`; NULL does nothing.
 * Thread class EXCLUSIVE. Cost O(tiers). Statuses: none. Since 0.1.
 */
PATRON_API void patron_pyramid_free(patron_pyramid *pyramid);

/* Columns of the table of customers: customer_id, value, and optionally a status column of text or
 * integers: active (0), inactive (1), prospect (2), suspect (3). */
typedef struct patron_pyramid_options {
  uint32_t struct_size;
  int32_t decimals;     /* integer values are money in units of 10^-decimals; 0..9, 0 */
  const char *customer; /* "customer_id" */
  const char *value;    /* "value" */
  const char *status;   /* NULL = all are active */
  const patron_context *context;
} patron_pyramid_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_pyramid_options_init(patron_pyramid_options *options);

/* Sorts customers into the tiers of a pyramid. Ties in value go by customer id, ascending.
 *
 * pyramid     borrowed; not NULL.
 * table       borrowed; one row a customer, ids distinct.
 * options     borrowed; NULL means the defaults.
 * tiers       receives a table from the top down, with inactive, prospects and suspects below where
 *             a status is given; release it with patron_table_free. Not NULL. Columns: tier text,
 *             customers int64, customer_share, value, value_share, entry_threshold (least value in
 *             the tier; null if empty), mean (null if empty). Numbers are float64, values in
 *             currency; shares are of the active customers, and null for the others and where the
 *             total is not positive.
 * membership  receives customer_id, value (as in the input), tier text (null below the last floor),
 *             in the order of `table`; may be NULL; release it with patron_table_free.
 * Thread class SHARED. Time O(n) if the ids ascend, else a sort of the ids. Statuses: OK,
 * INVALID_ARGUMENT, OUT_OF_RANGE (a sum), RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_pyramid_build(const patron_pyramid *pyramid,
                                              const patron_table *table,
                                              const patron_pyramid_options *options,
                                              patron_table **tiers, patron_table **membership,
                                              patron_error *error);

/* Writes `pyramid` as canonical patron.v1 bytes; buffer, capacity and needed (not NULL) as in
 * patron_segments_serialize. `pyramid` is borrowed.
 * Thread class SHARED. Cost O(tiers).
 * Statuses: OK, INVALID_ARGUMENT, OUT_OF_RANGE (capacity too small), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_pyramid_serialize(const patron_pyramid *pyramid, void *buffer,
                                                  size_t capacity, size_t *needed,
                                                  patron_error *error);

/* Reads what patron_pyramid_serialize wrote: `size` borrowed bytes from anywhere.
 * out    receives the handle; release it with patron_pyramid_free. Not NULL.
 * Thread class PURE. Cost O(size). Statuses: OK, INVALID_ARGUMENT, DATA_LOSS (not such bytes),
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_pyramid_deserialize(const void *bytes, size_t size,
                                                    patron_pyramid **out, patron_error *error);

/* ---- Concentration ---- */

/* How unevenly a value is spread over customers. NaN where a figure is undefined. */
typedef struct patron_concentration {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  int64_t customers;
  int64_t negatives; /* customers with a negative value */
  double total;
  double positive_sum;
  double negative_sum;  /* <= 0 */
  double gini;          /* normalised for negatives; the unbiased Gini without them */
  double gini_biased;   /* raw; above 1 or NaN where negatives make it meaningless */
  double gini_unbiased; /* raw x n / (n - 1) */
  double herfindahl;    /* NaN with negatives */
  double herfindahl_normalised;
  double effective_number; /* 1 / herfindahl */
  double top_20_share;     /* share of the best ceil(0.20 n) customers */
} patron_concentration;

/* Measures how unevenly a value is spread over customers.
 *
 * values   borrowed; one number a customer, no nulls, any order. Integers are summed exactly.
 * context  borrowed; may be NULL.
 * out      filled on success; not NULL.
 * Thread class PURE. Time O(n) radix passes; copies the column once.
 * Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_value_concentration(const patron_column *values,
                                                    const patron_context *context,
                                                    patron_concentration *out, patron_error *error);

/* The Lorenz curve: share of value of the poorest customers.
 *
 * values   borrowed, as in patron_value_concentration; the total must be positive.
 * points   number of steps, the curve has points + 1 rows; 0 = one a customer.
 * context  borrowed; may be NULL.
 * out      receives the columns customer_share, value_share; release it with patron_table_free. Not
 *          NULL.
 * Thread class PURE. Time O(n) radix passes. Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED,
 * CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_value_lorenz(const patron_column *values, int64_t points,
                                             const patron_context *context, patron_table **out,
                                             patron_error *error);

/* Shares of the best customers: for each p the share of the best ceil(p n).
 *
 * values   borrowed, as in patron_value_concentration; the total must be positive.
 * shares   `count` shares of customers in [0, 1]; borrowed. For 0 customers the share is 0.
 * context  borrowed; may be NULL.
 * out      receives the columns customer_share, customers, value_share, in the order given; release
 *          it with patron_table_free. Not NULL.
 * Thread class PURE. Time O(n) radix passes. Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED,
 * CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_value_share_curve(const patron_column *values, const double *shares,
                                                  size_t count, const patron_context *context,
                                                  patron_table **out, patron_error *error);

/* The inverse: for each share of value the fewest customers that hold it.
 *
 * values   borrowed, as in patron_value_concentration; the total must be positive.
 * shares   `count` shares of value in [0, 1]; borrowed.
 * context  borrowed; may be NULL.
 * out      receives the columns value_share (as asked), customers, customer_share; release it with
 *          patron_table_free. Not NULL.
 * Thread class PURE. Time O(n) radix passes. Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED,
 * CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_value_customers_for_share(const patron_column *values,
                                                          const double *shares, size_t count,
                                                          const patron_context *context,
                                                          patron_table **out, patron_error *error);

/* The whale curve in figures: cumulative profit from the best customer down. */
typedef struct patron_whale {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  int64_t customers;
  int64_t peak_customers; /* customers at the peak: those with a positive profit */
  int64_t full_customers; /* fewest customers whose profit reaches the total */
  int64_t negatives;
  double total;
  double peak;       /* cumulative profit at the peak */
  double peak_share; /* peak / total; NaN if the total is not positive */
  double negative_sum;
  double loss_beyond_peak; /* peak - total */
} patron_whale;

/* The whale curve.
 *
 * values   borrowed, as in patron_value_concentration: profits, losses included.
 * points   number of steps, the curve has points + 1 rows; 0 = one a customer.
 * context  borrowed; may be NULL.
 * whale    filled on success; not NULL.
 * curve    receives the columns customers, customer_share, cumulative, cumulative_share (null if
 *          the total is not positive); may be NULL; release it with patron_table_free.
 * Thread class PURE. Time O(n) radix passes. Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED,
 * CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_value_whale_curve(const patron_column *values, int64_t points,
                                                  const patron_context *context,
                                                  patron_whale *whale, patron_table **curve,
                                                  patron_error *error);

/* ---- Profitability ---- */

typedef struct patron_cost_driver {
  const char *column; /* counts per customer */
  double unit_cost;   /* currency a count */
} patron_cost_driver;

enum {
  PATRON_ALLOCATE_EQUAL = 0,   /* the same for each customer */
  PATRON_ALLOCATE_REVENUE = 1, /* in proportion to positive revenue, or margin if given */
  PATRON_ALLOCATE_COLUMN = 2   /* in proportion to a column of counts */
};

typedef struct patron_profitability_options {
  uint32_t struct_size;
  int32_t allocation;            /* PATRON_ALLOCATE_EQUAL */
  int32_t decimals;              /* integer money columns are in units of 10^-decimals; 0..9, 0 */
  int32_t reserved;              /* zero */
  const char *customer;          /* "customer_id" */
  const char *revenue;           /* "revenue"; margin = revenue x margin_rate */
  const char *margin;            /* the margin itself; NULL = from revenue */
  const char *allocation_column; /* for PATRON_ALLOCATE_COLUMN */
  double margin_rate;            /* 1; not with a column of margins */
  double allocated_cost;         /* fixed cost to share out, in currency; 0 */
  const patron_cost_driver *drivers; /* borrowed */
  size_t driver_count;
  const patron_context *context;
} patron_profitability_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_profitability_options_init(patron_profitability_options *options);

/* Profit per customer: margin minus activity-driven costs minus allocated cost.
 *
 * table    borrowed; one row a customer.
 * options  borrowed; NULL means the defaults.
 * out      receives customer_id, margin, one column cost_<driver> each, activity_cost,
 *          allocated_cost, profit (float64, currency), in the order of `table`; release it with
 *          patron_table_free. Not NULL.
 * Thread class PURE. Time O(n x drivers). Statuses: OK, INVALID_ARGUMENT, OUT_OF_RANGE,
 * RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_value_profitability(const patron_table *table,
                                                    const patron_profitability_options *options,
                                                    patron_table **out, patron_error *error);

/* ---- Cohorts ---- */

enum {
  PATRON_PERIOD_DAY = 0,
  PATRON_PERIOD_WEEK = 1, /* from Monday */
  PATRON_PERIOD_MONTH = 2,
  PATRON_PERIOD_QUARTER = 3,
  PATRON_PERIOD_YEAR = 4
};

typedef struct patron_cohorts_options {
  uint32_t struct_size;
  int32_t period;          /* PATRON_PERIOD_MONTH */
  int32_t refunds;         /* PATRON_REFUNDS_NET */
  int32_t zeros;           /* PATRON_ZEROS_COUNT */
  int32_t money;           /* PATRON_MONEY_FLOAT64 */
  int32_t reserved;        /* zero */
  int64_t observation_end; /* last instant that counts; PATRON_NO_TIME = the last row */
  const patron_context *context;
} patron_cohorts_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_cohorts_options_init(patron_cohorts_options *options);

/* Retention by period of first purchase.
 *
 * table, columns, options  borrowed; NULL columns or options mean the defaults.
 * out      receives one row a cohort and age, in that order; release it with patron_table_free. Not
 * NULL. Columns: cohort date32 (first day of the period), age int64 (periods since), size int64,
 *          active int64 (customers with a purchase in that period), active_share float64, survivors
 * int64 (with a purchase in that period or later), survivor_share float64, repeaters int64 (with a
 * second purchase day up to that period), repeat_share float64, value (net of that period),
 *          cumulative_value.
 * report   filled on success; may be NULL.
 * Thread class PURE. Time O(n log n in a customer's rows). Statuses: OK, INVALID_ARGUMENT,
 * OUT_OF_RANGE, RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_value_cohorts(const patron_table *table,
                                              const patron_transaction_columns *columns,
                                              const patron_cohorts_options *options,
                                              patron_table **out, patron_row_report *report,
                                              patron_error *error);

/* ---- Lifetime value in closed form ---- */

enum {
  PATRON_TIMING_END = 0,      /* the first margin comes after one period, if the customer stays */
  PATRON_TIMING_IMMEDIATE = 1 /* the first margin comes now */
};

typedef struct patron_lifetime_value_options {
  uint32_t struct_size;
  int32_t timing;  /* PATRON_TIMING_END */
  int64_t periods; /* horizon in periods; 0 = without end */
  double growth;   /* of the margin a period; 0 */
} patron_lifetime_value_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_lifetime_value_options_init(patron_lifetime_value_options *options);

typedef struct patron_lifetime_value {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  double value;                /* in the unit of the margin */
  double margin_multiple;      /* value / margin */
  double retention_elasticity; /* relative change of value per relative change of retention; NaN
                                  with a horizon */
  double expected_periods; /* expected number of margins received in the horizon; may be infinite */
} patron_lifetime_value;

/* Lifetime value of a customer with constant margin, retention and discount.
 *
 * margin     per period, in any unit.
 * retention  probability to stay one period, in [0, 1].
 * discount   rate a period, at least 0.
 * options    borrowed; NULL means the defaults.
 * out        filled on success; not NULL.
 * Without horizon retention x (1 + growth) must be below 1 + discount.
 * Thread class PURE. Cost O(1). Statuses: OK, INVALID_ARGUMENT, OUT_OF_RANGE. Since 0.1.
 */
PATRON_API patron_status patron_value_lifetime_value(double margin, double retention,
                                                     double discount,
                                                     const patron_lifetime_value_options *options,
                                                     patron_lifetime_value *out,
                                                     patron_error *error);

/* Value of all cohorts of customers, acquired and to be acquired: the sum over cohorts k and
 * periods t >= k of n_k m_(t-k) r^(t-k) / (1+d)^t, less the cost of acquiring each at its period k.
 *
 * acquired          n_k, `cohorts` numbers of customers acquired in periods 0, 1, ...; borrowed.
 * acquisition_cost  per customer of each cohort, `cohorts` numbers; borrowed; NULL = none.
 * margins           m_0, m_1, ...: `ages` margins a customer by age; the last holds for ever;
 *                   borrowed.
 * retention, discount  as in patron_value_lifetime_value.
 * out               filled on success; not NULL.
 * Thread class PURE. Cost O(cohorts + ages). Statuses: OK, INVALID_ARGUMENT, OUT_OF_RANGE,
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_value_customer_equity(
    const double *acquired, const double *acquisition_cost, size_t cohorts, const double *margins,
    size_t ages, double retention, double discount, double *out, patron_error *error);

/* ---- A shop to try things on ---- */

typedef struct patron_shop_options {
  uint32_t struct_size;
  int32_t days;          /* length of the history; 730 */
  int64_t customers;     /* 5000 */
  uint64_t seed;         /* 42 */
  int64_t start;         /* first instant; 2024-01-01 UTC */
  double orders_a_year;  /* mean rate of an active customer; 6 */
  double mean_spend;     /* mean order value, in currency; 60 */
  double lifetime_years; /* mean time until a customer is lost; 1.5 */
  double refund_rate;    /* probability that an order is returned, in whole or in part; 0.06 */
  const patron_context *context;
} patron_shop_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_shop_options_init(patron_shop_options *options);

/* Generates the transactions of a shop whose truth is known: customers buy at gamma-distributed
 * rates, are lost after gamma-mixed exponential lifetimes, spend gamma-distributed amounts around a
 * lognormal mean of their own, and return some orders. Equal options give equal rows on any machine
 * of the same math library.
 *
 * options       borrowed; NULL means the defaults.
 * transactions  receives customer_id int64, transaction_id int64, order_id int64, date timestamp,
 *               amount float64 (refunds negative), in order of time; release it with
 *               patron_table_free. Not NULL.
 * truth         receives customer_id, rate (orders a year), joined and lost (timestamps),
 *               mean_spend, alive_at_end; may be NULL; release it with patron_table_free.
 * Thread class PURE. Cost O(rows log rows). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED,
 * CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_value_simulate_shop(const patron_shop_options *options,
                                                    patron_table **transactions,
                                                    patron_table **truth, patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_VALUE_H_ */
