/* What complaints cost and what handling them brings back. */
#ifndef PATRON_C_RECOVERY_H_
#define PATRON_C_RECOVERY_H_

#include "patron/c/table.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct patron_priority_options {
  uint32_t struct_size;
  uint32_t reserved;    /* zero */
  const char *severity; /* column of integers: 1 inconvenience to 4 safety or law, 0 not assessed;
                           "severity" */
  const char *media;    /* integers: 0 none, 1 watch, 2 crisis; NULL = none; "media" */
  const char *tier;     /* numbers 0 to 1: place of the customer's value among all. NULL, the
                           default, switches it off: all customers are treated alike */
  const char *repeats;  /* numbers: earlier complaints about the same; NULL = none; NULL */
  const char *age;      /* numbers: share of its time that is used up; NULL = none; NULL */
} patron_priority_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_priority_options_init(patron_priority_options *options);

/* Scores cases from 0 to 100: 40 s + 20 v + 20 m + 10 r + 10 a with s = (severity - 1) / 3, v the
 * tier, m = media / 2, r = 1 - exp(-repeats / 2), a = min(1, age); 100 at severity 4 or in a media
 * crisis. Never less for more of anything.
 *
 * table    borrowed; not NULL.
 * options  borrowed; NULL means the defaults.
 * out      receives a table in the order of the rows: priority. Release it with patron_table_free.
 *          Not NULL.
 * Thread class PURE. Cost O(rows). Statuses: OK, INVALID_ARGUMENT (naming column, row and value),
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_recovery_priority(const patron_table *table,
                                                  const patron_priority_options *options,
                                                  patron_table **out, patron_error *error);

enum {
  PATRON_PARETO_COUNT = 0,    /* cases */
  PATRON_PARETO_SEVERITY = 1, /* sums of severity */
  PATRON_PARETO_COST = 2      /* sums of cost */
};

typedef struct patron_pareto_options {
  uint32_t struct_size;
  int32_t by;           /* PATRON_PARETO_COUNT */
  const char *cause;    /* column of ids; "cause" */
  const char *severity; /* numbers, 0 or more; read if `by` asks for it; "severity" */
  const char *cost;     /* numbers, 0 or more; read if `by` asks for it; "cost" */
  double share;         /* that the vital few have together; above 0, at most 1; 0.8 */
} patron_pareto_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_pareto_options_init(patron_pareto_options *options);

/* Causes by what they weigh, the heaviest first; equal ones in the order of their ids.
 *
 * table    one row a case, borrowed; not NULL.
 * options  borrowed; NULL means the defaults.
 * out      receives a table, one row a cause: cause, cases, weight, share, cumulative (share of this
 *          and those before), vital (one of the smallest number of causes that have `share` of the
 *          whole together). Release it with patron_table_free. Not NULL.
 * Thread class PURE. Cost O(rows + causes log causes). Statuses: OK, INVALID_ARGUMENT,
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_recovery_pareto(const patron_table *table,
                                                const patron_pareto_options *options,
                                                patron_table **out, patron_error *error);

/* How many had a problem, for each that is in the register. */
typedef struct patron_iceberg {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  double share;      /* of problems that come to the register */
  double multiplier; /* 1 / share */
  double problems;
  double silent; /* problems less complaints */
  double share_low, share_high;
  double multiplier_low, multiplier_high;
  double problems_low, problems_high;
} patron_iceberg;

/* The problems behind the complaints of a register, where of `trials` customers with a problem `hits`
 * came to it (a survey, with the interval of Wilson), or, if `trials` is 0, where the share of those
 * who come is `share`.
 *
 * level  of the interval: above 0 and below 1; not read if `trials` is 0.
 * out    its struct_size is set by the caller; the rest is filled on success. Not NULL.
 * Thread class PURE. Cost O(1). Statuses: OK, INVALID_ARGUMENT. Since 0.1.
 */
PATRON_API patron_status patron_recovery_iceberg(double complaints, double share, double hits,
                                                 double trials, double level, patron_iceberg *out,
                                                 patron_error *error);

/* Customers, their problems and how loyal they are after them; shares from 0 to 1. */
typedef struct patron_damage_inputs {
  uint32_t struct_size; /* set by the caller */
  uint32_t reserved;    /* zero */
  double customers;
  double problem_rate; /* of customers */
  double voice_rate;   /* of those with a problem, who complain, */
  double satisfied;    /* of whom so many are satisfied, */
  double mollified;    /* or halfway content; the others are dissatisfied */
  double loyal;        /* share that stays: without a problem, */
  double loyal_satisfied, loyal_mollified, loyal_dissatisfied;
  double loyal_silent; /* with one and no complaint */
  double value;        /* of a customer */
} patron_damage_inputs;

typedef struct patron_damage {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  double lost;    /* customers */
  double at_risk; /* lost times value */
  double lost_silent, lost_satisfied, lost_mollified, lost_dissatisfied;
} patron_damage;

/* Customers that problems and their handling lose (Goodman).
 *
 * inputs  borrowed; not NULL.
 * out     its struct_size is set by the caller; the rest is filled on success. Not NULL.
 * Thread class PURE. Cost O(1). Statuses: OK, INVALID_ARGUMENT naming what is out of range. Since
 * 0.1.
 */
PATRON_API patron_status patron_recovery_damage(const patron_damage_inputs *inputs,
                                                patron_damage *out, patron_error *error);

/* Shares of customers that return, by what became of their complaint: the defaults named
 * return_rate_* as a prior that counts as much as `weight` cases, updated by the caller's own.
 *
 * own      own cases, or NULL: columns outcome ("silent", "unresolved", "resolved",
 *          "resolved_fast"), loss ("minor", "major") and returned (boolean, or 0 and 1). Borrowed.
 * weight   above 0; 20 is usual.
 * level    of the intervals: above 0 and below 1.
 * context  borrowed, for its defaults; NULL = the built-in ones.
 * out      receives a table of eight rows: outcome, loss, prior, cases, returned, mean, low, high.
 *          Release it with patron_table_free. Not NULL.
 * Thread class PURE. Cost O(rows). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_recovery_return_rates(const patron_table *own, double weight,
                                                      double level, const patron_context *context,
                                                      patron_table **out, patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_RECOVERY_H_ */
