/* Transactions: how to read a table of them, and what became of its rows. */
#ifndef PATRON_C_TRANSACTIONS_H_
#define PATRON_C_TRANSACTIONS_H_

#include "patron/c/table.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An instant that has not been given. */
#define PATRON_NO_TIME INT64_MIN

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

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_TRANSACTIONS_H_ */
