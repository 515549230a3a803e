/* The customer summary. */
#ifndef PATRON_C_SUMMARY_H_
#define PATRON_C_SUMMARY_H_

#include "patron/c/transactions.h"

#ifdef __cplusplus
extern "C" {
#endif

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
  int32_t log_intervals; /* 1: add that column, for models of regular buyers; 0 */
  int32_t reserved;      /* zero */
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
 *            log_intervals float64 if asked for: sum of ln of the times between purchases, in units.
 *                                Purchases at one instant add nothing; none are with
 *                                PATRON_MERGE_DAY
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

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_SUMMARY_H_ */
