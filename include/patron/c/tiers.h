/* Tiers over time: a programme's policy, and a book of who stands where, since when and why. */
#ifndef PATRON_C_TIERS_H_
#define PATRON_C_TIERS_H_

#include "patron/c/table.h"
#include "patron/c/transactions.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A day that has not been given. Days count from 1970-01-01. */
#define PATRON_NO_DAY INT32_MIN

/* ---- The policy ---- */

/* Levels, floors, window, calendar, and how a level is lost. It cannot be changed once made. */
typedef struct patron_tier_policy patron_tier_policy;

enum {
  PATRON_TIER_SUM = 0,      /* the metric is the sum of amounts; floors are in currency */
  PATRON_TIER_PURCHASES = 1 /* the number of purchases: rows with an amount of zero or more */
};

enum {
  PATRON_WINDOW_TRAILING_DAYS = 0,   /* the last `length` days before an evaluation */
  PATRON_WINDOW_TRAILING_MONTHS = 1, /* the last `length` calendar months */
  PATRON_WINDOW_CALENDAR = 2,        /* from the first day of the running `window_period` */
  PATRON_WINDOW_ANNIVERSARY = 3,     /* from the last anniversary of the customer's first day */
  PATRON_WINDOW_LIFETIME = 4         /* all */
};

enum {
  PATRON_EVALUATE_PERIODS = 0,      /* on the first day of every `calendar_period` */
  PATRON_EVALUATE_EVERY_DAYS = 1,   /* every `every_days` days from `begin`, or from 1970-01-01 */
  PATRON_EVALUATE_ON_DAYS = 2,      /* on the days of `days` */
  PATRON_EVALUATE_ANNIVERSARIES = 3 /* on anniversaries of the customer's first day */
};

enum {
  PATRON_PROMOTE_AT_EVALUATION = 0, /* to the level earned, at the next evaluation */
  PATRON_PROMOTE_AT_PURCHASE = 1    /* at the end of the day of a purchase as well */
};

enum {
  PATRON_DEMOTE_NEVER = 0,
  PATRON_DEMOTE_ONE_LEVEL = 1, /* down one level */
  PATRON_DEMOTE_TO_EARNED = 2  /* down to what the metric earns */
};

/* A level is lost after `grace` evaluations in a row below margin x floor. */
typedef struct patron_tier_policy_options {
  uint32_t struct_size;
  int32_t decimals;         /* money is in units of 10^-decimals; 0..9, 4 */
  int32_t metric;           /* PATRON_TIER_*; SUM */
  int32_t window;           /* PATRON_WINDOW_*; TRAILING_MONTHS */
  int32_t length;           /* of a trailing window; 12 */
  int32_t window_period;    /* PATRON_PERIOD_*, of a calendar window; YEAR */
  int32_t calendar;         /* PATRON_EVALUATE_*; PERIODS */
  int32_t calendar_period;  /* PATRON_PERIOD_*; MONTH */
  int32_t every_days;       /* 30 */
  int32_t begin;            /* day: no evaluation before; at the first, customers of before it are
                               placed at what they earn; PATRON_NO_DAY = all begin at the lowest */
  int32_t promotion;        /* PATRON_PROMOTE_*; AT_EVALUATION */
  int32_t demotion;         /* PATRON_DEMOTE_*; ONE_LEVEL */
  int32_t grace;            /* 2 */
  int32_t stay_days;        /* days after a promotion in which nothing counts as below; 0 */
  int32_t revoke_on_return; /* 1: a level goes at once when a purchase that its promotion rests on
                               is returned; 0 */
  int32_t reserved;         /* 0 */
  double margin;            /* above 0, up to 1; 0.8 */
  const int32_t *days;      /* rising; borrowed; NULL unless the calendar is ON_DAYS */
  size_t day_count;
} patron_tier_policy_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_tier_policy_options_init(patron_tier_policy_options *options);

/* Makes a policy.
 *
 * names         `count` names from the lowest level up, 2 to 32, distinct and not empty; borrowed.
 * floors        `count` numbers that rise: the least metric of each level; borrowed. The lowest
 *               level is everyone's: its floor is not tested.
 * entitlements  a table of text with the columns tier and entitlement; borrowed; NULL = none.
 * options       borrowed; NULL means the defaults.
 * out           receives the handle; release it with patron_tier_policy_free. Not NULL.
 * Thread class PURE. Cost O(count^2). Statuses: OK, INVALID_ARGUMENT, OUT_OF_RANGE (a floor),
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_tier_policy_create(const char *const *names, const double *floors,
                                                   size_t count, const patron_table *entitlements,
                                                   const patron_tier_policy_options *options,
                                                   patron_tier_policy **out, patron_error *error);

/* Releases `policy`; NULL does nothing.
 * Thread class EXCLUSIVE. Cost O(levels). Statuses: none. Since 0.1.
 */
PATRON_API void patron_tier_policy_free(patron_tier_policy *policy);

/* Shows what a policy says.
 *
 * policy        borrowed; not NULL.
 * options       filled with its options; `days` lives as long as the policy; struct_size is set
 *               before. May be NULL.
 * levels        receives tier, floor, threshold (margin x floor; below it an evaluation counts; null
 *               for the lowest level) from the lowest level up; may be NULL; release it with
 *               patron_table_free.
 * entitlements  receives tier, entitlement; may be NULL; release it with patron_table_free.
 * Thread class SHARED. Cost O(levels). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since
 * 0.1.
 */
PATRON_API patron_status patron_tier_policy_show(const patron_tier_policy *policy,
                                                 patron_tier_policy_options *options,
                                                 patron_table **levels, patron_table **entitlements,
                                                 patron_error *error);

/* Writes `policy` as canonical patron.v1 bytes: equal policies give equal bytes.
 *
 * policy  borrowed; not NULL.
 * out     receives the bytes; release them with patron_bytes_free. Not NULL.
 * Thread class SHARED. Cost O(levels). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since
 * 0.1.
 */
PATRON_API patron_status patron_tier_policy_serialize(const patron_tier_policy *policy,
                                                      patron_bytes **out, patron_error *error);

/* Reads what patron_tier_policy_serialize wrote: `size` borrowed bytes from anywhere.
 * out    receives the handle; release it with patron_tier_policy_free. Not NULL.
 * Thread class PURE. Cost O(size). Statuses: OK, INVALID_ARGUMENT, DATA_LOSS (not such bytes),
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_tier_policy_deserialize(const void *bytes, size_t size,
                                                        patron_tier_policy **out,
                                                        patron_error *error);

/* ---- The book ---- */

/* The facts of a programme. Tiers are a function of policy, facts and day alone: in which pieces and
 * in which order facts arrive does not matter. */
typedef struct patron_tier_book patron_tier_book;

/* Makes an empty book.
 *
 * policy  borrowed and copied; not NULL.
 * zone    IANA zone whose midnights part the days; borrowed; NULL means "UTC".
 * out     receives the handle; release it with patron_tier_book_free. Not NULL.
 * Thread class PURE. Cost O(levels). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_tier_book_create(const patron_tier_policy *policy, const char *zone,
                                                 patron_tier_book **out, patron_error *error);

/* Releases `book`; NULL does nothing.
 * Thread class EXCLUSIVE. Cost O(customers). Statuses: none. Since 0.1.
 */
PATRON_API void patron_tier_book_free(patron_tier_book *book);

/* Adds purchases, and returns: rows with a negative amount. If it fails, nothing has been added.
 *
 * book      borrowed; not NULL.
 * table     borrowed; not NULL.
 * columns   names of customer, time, amount and, if returns take back named purchases, transaction;
 *           decimals and zone are those of the book; borrowed; NULL means the defaults, where nulls
 *           are errors.
 * reverses  name of a column with the transaction that a return takes back, null for other rows. The
 *           return then counts in the windows that hold its purchase, which may be in the same
 *           table or an earlier one; else it counts on its own day. Borrowed; NULL = none.
 * context   borrowed; may be NULL.
 * Thread class EXCLUSIVE. Cost O(rows), more for rows that come late. Statuses: OK,
 * INVALID_ARGUMENT, OUT_OF_RANGE, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_tier_book_append(patron_tier_book *book, const patron_table *table,
                                                 const patron_transaction_columns *columns,
                                                 const char *reverses,
                                                 const patron_context *context,
                                                 patron_error *error);

/* Adds levels set by hand. They lie over what the policy gives, and leave it alone: a floor lifts a
 * customer to its tier, an override holds it there, from the first instant of the day of `start` to
 * that of `end`. Of several overrides the one that started last holds.
 *
 * book   borrowed; not NULL.
 * table  borrowed; columns customer (named by `customer`), tier, kind ("floor" or "override"), start
 *        and end (dates or times; null = without end). Not NULL.
 * customer  name of the column of ids; borrowed; NULL means "customer_id".
 * Thread class EXCLUSIVE. Cost O(rows). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since
 * 0.1.
 */
PATRON_API patron_status patron_tier_book_set(patron_tier_book *book, const patron_table *table,
                                              const char *customer, patron_error *error);

/* What a history counts. */
typedef struct patron_tier_counts {
  uint32_t struct_size; /* set by the caller before the call */
  int32_t until;        /* the day asked for, or the day after the last fact */
  uint64_t customers;
  uint64_t evaluations; /* of single customers */
  uint64_t changes;
  uint64_t promotions; /* changes up */
  uint64_t demotions;  /* changes down */
  uint64_t reversals;  /* changes that the very next evaluation undid */
} patron_tier_counts;

/* Tells what has become of all customers.
 *
 * book       borrowed; not NULL.
 * until      the first instant of this day, its evaluation included; PATRON_NO_DAY means the day
 *            after the last fact.
 * money      PATRON_MONEY_*: form of metrics and floors of a sum.
 * context    borrowed; may be NULL.
 * standings  receives one row a customer, by id: customer_id, tier, automatic (what the policy gives
 *            without levels by hand), by_hand, since (day of the last change), metric (over the
 *            window that ends with the day), next_floor (of the tier above; null at the top),
 *            threshold (null at the lowest), evaluations_below. May be NULL; release it with
 *            patron_table_free.
 * changes    receives one row a change, by customer and time: customer_id, day, from, to, cause
 *            ("promoted", "demoted", "returned", "floor", "floor_ended", "override",
 *            "override_ended"), metric, floor (of the level won or lost), threshold (of a demotion),
 *            evaluations_below. Null where a level by hand is the cause. May be NULL; release it
 *            with patron_table_free.
 * counts     filled on success; may be NULL.
 * Thread class SHARED. Cost O(facts + evaluations). Statuses: OK, INVALID_ARGUMENT, OUT_OF_RANGE,
 * RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_tier_book_history(const patron_tier_book *book, int32_t until,
                                                  int32_t money, const patron_context *context,
                                                  patron_table **standings, patron_table **changes,
                                                  patron_tier_counts *counts, patron_error *error);

/* Where one customer stands. */
typedef struct patron_tier_standing {
  uint32_t struct_size;      /* set by the caller before the call */
  int32_t level;             /* 0 is the lowest */
  int32_t automatic;         /* what the policy gives without levels by hand */
  int32_t by_hand;           /* 1 if a level by hand decides */
  int32_t since;             /* day */
  int32_t evaluations_below; /* in a row */
  double metric;             /* in currency, or purchases */
} patron_tier_standing;

/* Looks at one customer alone.
 *
 * book      borrowed; not NULL.
 * customer  its id, if ids are integers.
 * name      its id, if ids are text; borrowed; NULL for integers.
 * until     as above.
 * out       filled on success. Not NULL.
 * Thread class SHARED. Cost O(its facts + evaluations). Statuses: OK, INVALID_ARGUMENT, NOT_FOUND,
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_tier_book_standing(const patron_tier_book *book, int64_t customer,
                                                   const char *name, int32_t until,
                                                   patron_tier_standing *out, patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_TIERS_H_ */
