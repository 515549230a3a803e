/* The ledger: transactions as facts that can be appended, corrected and reversed. */
#ifndef PATRON_C_LEDGER_H_
#define PATRON_C_LEDGER_H_

#include "patron/c/rfm.h"
#include "patron/c/summary.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct patron_ledger patron_ledger;

typedef struct patron_ledger_options {
  uint32_t struct_size;
  int32_t decimals; /* money is kept in units of 10^-decimals; 0..9, 4 */
  const char *zone; /* IANA zone whose midnights part the days; "UTC" */
} patron_ledger_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_ledger_options_init(patron_ledger_options *options);

/* Makes an empty ledger. The first rows decide whether ids of customers, transactions and orders
 * are integers or text, and whether there are orders.
 *
 * options  borrowed; NULL means the defaults.
 * out      receives the handle; release it with patron_ledger_free. Not NULL.
 * Thread class PURE. Cost O(1). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_ledger_create(const patron_ledger_options *options,
                                              patron_ledger **out, patron_error *error);

/* Releases `ledger`; NULL does nothing.
 * Thread class EXCLUSIVE. Cost O(memory). Statuses: none. Since 0.1.
 */
PATRON_API void patron_ledger_free(patron_ledger *ledger);

enum {
  PATRON_CONFLICT_ERROR = 0, /* a known id with other content refuses the whole table */
  PATRON_CONFLICT_REPORT = 1 /* such rows are left out, and counted */
};

enum {
  PATRON_UNKNOWN_ERROR = 0, /* a reversal of an unknown transaction refuses the whole table */
  PATRON_UNKNOWN_HOLD = 1   /* it waits, and takes effect when the transaction arrives */
};

typedef struct patron_ledger_append_options {
  uint32_t struct_size;
  int32_t conflicts;    /* PATRON_CONFLICT_ERROR */
  int32_t unknown;      /* of reversals: PATRON_UNKNOWN_ERROR */
  int32_t reserved;     /* zero */
  const char *reverses; /* of reversals: column with the transaction taken back; "reverses" */
  const patron_context *context;
} patron_ledger_append_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_ledger_append_options_init(patron_ledger_append_options *options);

/* What became of the rows of one call. */
typedef struct patron_ledger_report {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  uint64_t rows;
  uint64_t applied;
  uint64_t duplicates;   /* known ids with equal content: nothing to do */
  uint64_t conflicts;    /* known ids with other content, left out by option */
  uint64_t held;         /* reversals that wait for their transaction */
  uint64_t skipped_null; /* left out: a null in a named column */
  uint64_t new_customers;
  uint64_t touched_customers;
} patron_ledger_report;

/* Appends transactions. All rows of the table are applied, or none.
 *
 * ledger   not NULL.
 * table    borrowed; any order of rows, late ones welcome.
 * columns  borrowed; NULL means the defaults. The transaction is "transaction_id" if it is NULL;
 *          decimals and zone are the ledger's: those given here are checked and not used.
 * options  borrowed; NULL means the defaults.
 * report   filled on success; may be NULL.
 * Thread class EXCLUSIVE. Cost O(rows). A failed allocation leaves the ledger as it was. Statuses:
 * OK, INVALID_ARGUMENT, ALREADY_EXISTS (a conflict), OUT_OF_RANGE (money), RESOURCE_EXHAUSTED,
 * CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_ledger_append(patron_ledger *ledger, const patron_table *table,
                                              const patron_transaction_columns *columns,
                                              const patron_ledger_append_options *options,
                                              patron_ledger_report *report, patron_error *error);

/* Replaces known transactions by the rows of the table (same transaction id, new content), all or
 * none. Arguments and report as in patron_ledger_append: `table`, `columns` and `options` are
 * borrowed, `report` may be NULL.
 * Thread class EXCLUSIVE. Cost O(rows + facts of the customers touched). A failed allocation leaves
 * the ledger as it was. Statuses: OK, INVALID_ARGUMENT, NOT_FOUND (an unknown transaction),
 * FAILED_PRECONDITION (the new amount is below what has been reversed), OUT_OF_RANGE,
 * RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_ledger_correct(patron_ledger *ledger, const patron_table *table,
                                               const patron_transaction_columns *columns,
                                               const patron_ledger_append_options *options,
                                               patron_ledger_report *report, patron_error *error);

/* Takes transactions back, in whole or in part, all rows or none. Each row is a fact with a
 * transaction id of its own, a time, the id of the transaction it takes back (column `reverses`;
 * null = standing alone), and a positive amount (a null = all that is left of it). The customer is
 * needed where a row stands alone, and must agree elsewhere; a null says nothing. The order is read
 * where a row stands alone, which has one if the transactions of the ledger have.
 *
 * columns  as in patron_ledger_append, but `customer` and `amount` may be NULL, which says the same
 *          as a column of nulls. A column that is named must be there.
 * The other arguments and the report are as in patron_ledger_append: `table` and `options` are
 * borrowed, `report` may be NULL.
 * Thread class EXCLUSIVE. Cost O(rows + facts of the customers touched). A failed allocation leaves
 * the ledger as it was. Statuses: OK, INVALID_ARGUMENT (also: more than is left), NOT_FOUND (an
 * unknown transaction), ALREADY_EXISTS (a conflict), OUT_OF_RANGE, RESOURCE_EXHAUSTED, CANCELLED.
 * Since 0.1.
 */
PATRON_API patron_status patron_ledger_reverse(patron_ledger *ledger, const patron_table *table,
                                               const patron_transaction_columns *columns,
                                               const patron_ledger_append_options *options,
                                               patron_ledger_report *report, patron_error *error);

/* What a ledger holds. */
typedef struct patron_ledger_size {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  uint64_t customers;
  uint64_t transactions;
  uint64_t reversals; /* the held ones included */
  uint64_t held;
  uint64_t memory_bytes;
} patron_ledger_size;

/* Reads the size of `ledger` (borrowed, not NULL) into `out` (filled on success, not NULL).
 * Thread class SHARED. Cost O(1). Statuses: OK, INVALID_ARGUMENT. Since 0.1.
 */
PATRON_API patron_status patron_ledger_get_size(const patron_ledger *ledger,
                                                patron_ledger_size *out, patron_error *error);

/* The state of every customer, as exact integers, from the facts up to an instant.
 *
 * ledger  borrowed; not NULL.
 * as_of   last instant that counts; PATRON_NO_TIME = all facts.
 * money   PATRON_MONEY_*.
 * out     receives a table ordered by customer: customer_id, orders, gross, refunds (<= 0), net,
 *         first, last (null without a purchase); release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(facts) with an instant, O(customers) without. Statuses: OK,
 * INVALID_ARGUMENT, OUT_OF_RANGE, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_ledger_customers(const patron_ledger *ledger, int64_t as_of,
                                                 int32_t money, patron_table **out,
                                                 patron_error *error);

/* One customer, as patron_value_summarize has its columns. */
typedef struct patron_customer_summary {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  int64_t frequency;
  double recency;
  double age; /* T */
  double monetary_value;
  double log_intervals; /* 0 unless asked for */
  int64_t orders;
  int64_t first;
  int64_t last;
} patron_customer_summary;

/* Summarises one customer from its own facts: what patron_value_summarize gives for it over
 * patron_ledger_transactions, at once. With patron_clv_score it says what a model makes of a
 * customer who has just bought.
 *
 * ledger         borrowed; not NULL.
 * customer       the id, if ids are integers.
 * customer_text  the id, if they are text, borrowed; NULL otherwise.
 * options        borrowed; not NULL, because the observation_end must be given. There is no
 *                calibration_end, and refunds are no errors; money is not read. The days are those
 *                of the ledger's zone.
 * out            filled on success; not NULL.
 * Thread class SHARED. Cost O(f log f) in the facts of the customer. Statuses: OK,
 * INVALID_ARGUMENT, NOT_FOUND (no such customer, or none with a purchase by then),
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_ledger_summarize(const patron_ledger *ledger, int64_t customer,
                                                 const char *customer_text,
                                                 const patron_summary_options *options,
                                                 patron_customer_summary *out, patron_error *error);

/* The facts up to an instant as a table of transactions that every function of value.h takes,
 * ordered by transaction id: customer_id, transaction_id, order_id (if any), date, amount (int64
 * units or float64; refunds negative), reverses (null = none). Either all rows have an order or the
 * column is absent; a reversal has that of what it takes back.
 *
 * ledger  borrowed; not NULL.
 * as_of   last instant that counts; PATRON_NO_TIME = all facts.
 * money   PATRON_MONEY_*.
 * out     receives the table; release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(facts log facts).
 * Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_ledger_transactions(const patron_ledger *ledger, int64_t as_of,
                                                    int32_t money, patron_table **out,
                                                    patron_error *error);

/* Scores customers from the standing state of the ledger, without reading the facts again. The
 * answer is that of patron_value_rfm over the same facts.
 *
 * ledger        not NULL; the first call builds an index of values, later ones keep it.
 * options       borrowed; NULL means the defaults. The facts are read again after all for
 *               PATRON_RFM_NTILE and PATRON_RFM_NESTED, refunds other than NET, zeros ignored, a
 *               window, or as_of before the last fact.
 * only_touched  not 0: only customers touched since the last call with not 0, or since the ledger
 *               was made or read; the cuts are those of all customers.
 * scores, bins  as in patron_value_rfm; bins may be NULL.
 * Thread class EXCLUSIVE. Cost O(touched log customers) with only_touched, O(customers) without.
 * Statuses: OK, INVALID_ARGUMENT, OUT_OF_RANGE, RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_ledger_rfm(patron_ledger *ledger, const patron_rfm_options *options,
                                           int32_t only_touched, patron_table **scores,
                                           patron_table **bins, patron_error *error);

/* Writes `ledger` as canonical patron.v1 bytes: equal facts give equal bytes, however they came. At
 * most 2^31 - 1 bytes can be written.
 *
 * ledger  borrowed; not NULL.
 * out     receives the bytes; release them with patron_bytes_free. Not NULL.
 * Thread class SHARED. Cost O(facts log facts). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_ledger_serialize(const patron_ledger *ledger, patron_bytes **out,
                                                 patron_error *error);

/* Reads what patron_ledger_serialize wrote.
 *
 * bytes  `size` bytes, borrowed; may come from anywhere.
 * out    receives the handle; release it with patron_ledger_free. Not NULL.
 * Thread class PURE. Cost O(facts log facts). Statuses: OK, INVALID_ARGUMENT, DATA_LOSS (not such
 * bytes), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_ledger_deserialize(const void *bytes, size_t size,
                                                   patron_ledger **out, patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_LEDGER_H_ */
