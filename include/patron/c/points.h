/* Points: rules of earning, and a double-entry ledger with expiry, holds, reversals and transfers. */
#ifndef PATRON_C_POINTS_H_
#define PATRON_C_POINTS_H_

#include "patron/c/entry_store.h"
#include "patron/c/table.h"
#include "patron/c/tiers.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Computes the points of purchases.
 *
 * rules      borrowed; one row a rule: name (text, distinct); category and tier (text, optional; null
 *            or empty = any); per_unit (points for a unit of currency, rounded down for the whole
 *            purchase) and fixed (points for a purchase), of which one at least is there; minimum
 *            (least amount, in currency), most (points of a purchase), start and end (dates; the end
 *            is the first day without), all optional. Of the rules that fit a purchase that with
 *            category and tier counts, else that with the category, that with the tier, that for
 *            all. Two rules of the same category and tier may not share a day. Not NULL.
 * purchases  borrowed; columns amount (money) and date; category and tier (text) where rules have
 *            them. Negative amounts earn nothing. Not NULL.
 * zone       IANA zone whose midnights part the days; borrowed; NULL means "UTC".
 * decimals   money is in units of 10^-decimals, rounded half even; 0..9.
 * amount_decimals  integer amounts are in units of 10^-amount_decimals; 0..9.
 * out        receives points (int64) and rule (name; null where none fits), a row a purchase;
 *            release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(purchases x rules). Statuses: OK, INVALID_ARGUMENT, OUT_OF_RANGE,
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_points_earned(const patron_table *rules,
                                              const patron_table *purchases, const char *zone,
                                              int32_t decimals, int32_t amount_decimals,
                                              patron_table **out, patron_error *error);

typedef struct patron_points_ledger patron_points_ledger;

typedef struct patron_points_options {
  uint32_t struct_size;
  int32_t expiry_days;  /* from the day of earning to the first day without; 0 = never; 0 */
  int32_t pending_days; /* from the day of earning to the first day of use; 0 */
  int32_t allow_debt;   /* 1: earnings taken back after they were spent leave a debt; 1 */
  int64_t burn_minimum; /* least points of a burn or a hold; 1 */
  int64_t burn_step;    /* of what they are a multiple; 1 */
} patron_points_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_points_options_init(patron_points_options *options);

/* Makes an empty ledger.
 *
 * options  borrowed; NULL means the defaults.
 * zone     IANA zone whose midnights part the days; borrowed; NULL means "UTC".
 * out      receives the handle; release it with patron_points_ledger_free. Not NULL.
 * Thread class PURE. Cost O(1). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_points_ledger_create(const patron_points_options *options,
                                                     const char *zone, patron_points_ledger **out,
                                                     patron_error *error);

/* Opens a ledger that is kept in a file, a database of SQLite, or makes one. What a call changes is on
 * the disk when it returns PATRON_OK, and nothing of it is there otherwise. No one else can use the
 * file until the handle is released.
 *
 * path     borrowed; UTF-8; ":memory:" keeps it nowhere. Not NULL.
 * options  of a new ledger; borrowed; NULL means the defaults. One that is there keeps its own: others
 *          are refused.
 * zone     the same; NULL means "UTC", or the one that it has.
 * out      receives the handle; release it with patron_points_ledger_free. Not NULL.
 * Thread class EXCLUSIVE. Cost O(what is there). Statuses: OK, INVALID_ARGUMENT (also options or a zone
 * that differ from those that it was made with), NOT_FOUND (no such folder), FAILED_PRECONDITION (open
 * elsewhere, or cannot be written), DATA_LOSS (something else, or not as it was written, naming the
 * entry), RESOURCE_EXHAUSTED (also a full disk). Since 0.1.
 */
PATRON_API patron_status patron_points_ledger_open(const char *path,
                                                   const patron_points_options *options,
                                                   const char *zone, patron_points_ledger **out,
                                                   patron_error *error);

/* The same with a store of the host.
 * store  borrowed; its functions and data must outlive the handle. Not NULL. options, zone, out: as there.
 * Thread class EXCLUSIVE. Cost O(what is there). Statuses: OK, INVALID_ARGUMENT, FAILED_PRECONDITION,
 * DATA_LOSS, RESOURCE_EXHAUSTED, and those of the store. Since 0.1.
 */
PATRON_API patron_status patron_points_ledger_open_store(const patron_entry_store *store,
                                                         const patron_points_options *options,
                                                         const char *zone,
                                                         patron_points_ledger **out,
                                                         patron_error *error);

/* Releases `ledger`; NULL does nothing.
 * Thread class EXCLUSIVE. Cost O(customers). Statuses: none. Since 0.1.
 */
PATRON_API void patron_points_ledger_free(patron_points_ledger *ledger);

/* What became of the rows of a call. */
typedef struct patron_points_report {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  uint64_t posted;
  uint64_t duplicates; /* transactions that were there already, with equal content */
} patron_points_report;

/* Posts rows in their order. Rows before one that is refused have been posted; posting them again
 * does nothing, because a transaction is posted once.
 *
 * ledger  borrowed; not NULL.
 * table   borrowed; columns transaction_id, customer_id, date, kind ("earn", "burn", "hold",
 *         "release", "capture", "reverse", "transfer"), points (whole numbers above 0; null for a
 *         release, a capture or a reverse = all that is left), and where needed reverses (the hold
 *         that ends or is spent, the earn or burn that is taken back; else null), to (the customer
 *         of a transfer; else null), available and expires (dates of an earn, where not as the
 *         options say; else null). Not NULL.
 * report  filled on success; may be NULL.
 * If a store fails, no row of the call has been posted; a ledger that then cannot be read from it either
 * is refused (FAILED_PRECONDITION) until it is opened again.
 * Thread class EXCLUSIVE. Cost O(rows), and O(lots) where points are spent. Statuses: OK,
 * INVALID_ARGUMENT, FAILED_PRECONDITION, RESOURCE_EXHAUSTED (also a full disk), and those of a store of
 * the host. Since 0.1.
 */
PATRON_API patron_status patron_points_ledger_post(patron_points_ledger *ledger,
                                                   const patron_table *table,
                                                   patron_points_report *report,
                                                   patron_error *error);

/* Expires what is due on the day `until`, so that the entries show it; balances know it anyway. Nothing
 * of a customer whose points expired, and no balance, can be dated before that day afterwards.
 * ledger  borrowed; not NULL.
 * Thread class EXCLUSIVE. Cost O(lots). Statuses: OK, INVALID_ARGUMENT (a day before the last posting
 * or expiry), FAILED_PRECONDITION and RESOURCE_EXHAUSTED as patron_points_ledger_post. Since 0.1.
 */
PATRON_API patron_status patron_points_ledger_expire(patron_points_ledger *ledger, int32_t until,
                                                     patron_error *error);

/* Lists what customers have.
 *
 * ledger  borrowed; not NULL.
 * as_of   day, not before the last posting; PATRON_NO_DAY means the day of that.
 * out     receives one row a customer, by id: customer_id, available (for use; below 0 by a debt),
 *         pending, held, next_expiry (day; null without) and next_expiring. Not NULL; release it
 *         with patron_table_free.
 * Thread class SHARED. Cost O(lots). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_points_ledger_balances(const patron_points_ledger *ledger,
                                                       int32_t as_of, patron_table **out,
                                                       patron_error *error);

/* Lists the entries of all postings in their order; over all accounts their sum is zero.
 *
 * ledger  borrowed; not NULL.
 * out     receives transaction_id (of an expiry, the earning), customer_id (null for accounts of the
 *         programme), day, account ("points", "held", "issued", "redeemed", "expired"), points. Not
 *         NULL; release it with patron_table_free.
 * Thread class SHARED. Cost O(entries). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since
 * 0.1.
 */
PATRON_API patron_status patron_points_ledger_entries(const patron_points_ledger *ledger,
                                                      patron_table **out, patron_error *error);

/* What the programme owes. */
typedef struct patron_points_liability {
  uint32_t struct_size; /* set by the caller before the call */
  int32_t as_of;        /* day */
  uint64_t customers;   /* with points whose day of expiry has passed */
  int64_t available;    /* debts apart */
  int64_t pending;
  int64_t held;
  int64_t debt;
  int64_t matured;  /* points whose day of expiry has passed, less those taken back */
  int64_t expired;  /* of them */
  double liability; /* (available + pending + held) x point_cost */
  double breakage, breakage_low, breakage_high; /* expired / matured; NaN without any */
  double expected; /* liability x (1 - breakage); NaN without a breakage */
} patron_points_liability;

/* Computes what is owed on a day, and how much of it is never asked for. The interval of the
 * breakage is from its spread over customers.
 *
 * ledger      borrowed; not NULL.
 * as_of       as above.
 * point_cost  of a point, in currency; finite, 0 or more.
 * level       of the interval; between 0 and 1.
 * out         filled on success. Not NULL.
 * Thread class SHARED. Cost O(lots). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_points_ledger_liability(const patron_points_ledger *ledger,
                                                        int32_t as_of, double point_cost,
                                                        double level, patron_points_liability *out,
                                                        patron_error *error);

/* Writes `ledger` as canonical patron.v1 bytes: its postings and expiries in their order. What is read from them
 * gives the same bytes again.
 *
 * ledger  borrowed; not NULL.
 * out     receives the bytes; release them with patron_bytes_free. Not NULL.
 * Thread class SHARED. Cost O(postings). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since
 * 0.1.
 */
PATRON_API patron_status patron_points_ledger_serialize(const patron_points_ledger *ledger,
                                                        patron_bytes **out, patron_error *error);

/* Reads what patron_points_ledger_serialize wrote, `size` borrowed bytes from anywhere, and posts it
 * anew.
 * out    receives the handle; release it with patron_points_ledger_free. Not NULL.
 * Thread class PURE. Cost O(size). Statuses: OK, INVALID_ARGUMENT, DATA_LOSS (not such bytes),
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_points_ledger_deserialize(const void *bytes, size_t size,
                                                          patron_points_ledger **out,
                                                          patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_POINTS_H_ */
