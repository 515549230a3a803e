/* The casebook: complaints as a log of events, with the state and the clocks of every case. */
#ifndef PATRON_C_CASEBOOK_H_
#define PATRON_C_CASEBOOK_H_

#include "patron/c/calendar.h"
#include "patron/c/entry_store.h"
#include "patron/c/policy.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A log of events and what they amount to. The state of a case is that of its events in canonical
 * order: by the instant at which they occurred, then by kind, then by id, whatever the order in
 * which they came and how often. What is not allowed stays in the log, refused with a reason, and
 * comes into effect when what it lacks arrives. Nothing is ever deleted.
 *
 * Ids of events, cases, customers and actors are each integers or text, as the first ones are. A
 * function that takes an id takes it as text, or as an integer where the text is NULL. */
typedef struct patron_casebook patron_casebook;

/* Makes an empty casebook in memory. Calendars, and then policies that name them, are added before
 * any event.
 *
 * out  receives the handle; release it with patron_casebook_free. Not NULL.
 * Thread class PURE. Cost O(1). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_casebook_create(patron_casebook **out, patron_error *error);

/* Opens a casebook that is kept in a file, a database of SQLite; an empty one if there is no such
 * file. A change is in the file, and outlives the process and the power, when the function that made
 * it returns OK; if it fails, it is not. No other process and no other handle can use the file until
 * the handle is freed.
 *
 * path  borrowed; not NULL.
 * out   receives the handle; release it with patron_casebook_free. Not NULL.
 * Thread class PURE. Cost O(events). Statuses: OK, INVALID_ARGUMENT, FAILED_PRECONDITION (in use, or
 * not to be written), NOT_FOUND (cannot be opened), DATA_LOSS (another file, or one that was
 * altered, naming the entry), RESOURCE_EXHAUSTED (memory or disk), UNKNOWN. Since 0.1.
 */
PATRON_API patron_status patron_casebook_open(const char *path, patron_casebook **out,
                                              patron_error *error);

/* The same with a store of the host's.
 *
 * store  copied; what its `data` points to must live as long as the handle. Its `close` is called
 *        once if the store was taken, which it is unless this returns INVALID_ARGUMENT. Not NULL.
 * out    receives the handle; release it with patron_casebook_free. Not NULL.
 * Thread class PURE. Cost O(events). Statuses: OK, INVALID_ARGUMENT, DATA_LOSS, RESOURCE_EXHAUSTED,
 * UNKNOWN, and those of the store. Since 0.1.
 */
PATRON_API patron_status patron_casebook_open_store(const patron_entry_store *store,
                                                    patron_casebook **out, patron_error *error);

/* Releases `casebook` and closes its store; NULL does nothing.
 * Thread class EXCLUSIVE. Cost O(memory). Statuses: none. Since 0.1.
 */
PATRON_API void patron_casebook_free(patron_casebook *casebook);

/* ---- Policies and calendars ---- */

/* Adds a calendar under a name that policies use; or, if the name is known, a version of it that
 * holds from `from` on: running clocks are recomputed by the rules of their policies.
 *
 * casebook        not NULL.
 * name, calendar  borrowed, copied; not NULL.
 * from            microseconds; not read for the first version, which holds from the beginning.
 * Thread class EXCLUSIVE. Cost O(cases) for a further version. Statuses: OK, INVALID_ARGUMENT (also
 * a version that does not begin after the last one), FAILED_PRECONDITION, RESOURCE_EXHAUSTED,
 * UNKNOWN. Since 0.1.
 */
PATRON_API patron_status patron_casebook_add_calendar(patron_casebook *casebook, const char *name,
                                                      const patron_calendar *calendar, int64_t from,
                                                      patron_error *error);

/* Adds a policy, whose calendars have been added. The first one is that of cases that name none. An
 * equal policy is nothing new.
 *
 * casebook  not NULL.
 * policy    borrowed, copied; not NULL.
 * Thread class EXCLUSIVE. Cost O(rules). Statuses: OK, INVALID_ARGUMENT (also a calendar that is
 * not known, or an event that has another kind in another policy), ALREADY_EXISTS (name and version
 * with other content), FAILED_PRECONDITION (other decimals than the first one), RESOURCE_EXHAUSTED,
 * UNKNOWN. Since 0.1.
 */
PATRON_API patron_status patron_casebook_add_policy(patron_casebook *casebook,
                                                    const patron_policy *policy,
                                                    patron_error *error);

/* Makes a policy that of cases received from now on that name none.
 *
 * casebook  not NULL.
 * name      borrowed; not NULL.
 * version   borrowed; NULL means the latest that was added.
 * Thread class EXCLUSIVE. Cost O(policies). Statuses: OK, INVALID_ARGUMENT, NOT_FOUND,
 * FAILED_PRECONDITION, RESOURCE_EXHAUSTED, UNKNOWN. Since 0.1.
 */
PATRON_API patron_status patron_casebook_use_policy(patron_casebook *casebook, const char *name,
                                                    const char *version, patron_error *error);

/* ---- Events ---- */

enum {
  PATRON_APPLY_ROWS = 0, /* each row by itself */
  PATRON_APPLY_ALL = 1   /* no row at all if one is refused or in conflict */
};

typedef struct patron_apply_options {
  uint32_t struct_size;
  int32_t mode;     /* PATRON_APPLY_ROWS */
  int64_t recorded; /* microseconds, not before that of the last call; PATRON_NO_TIME, which means
                       that of the last call: a host gives the time of its clock */
  const patron_context *context;
} patron_apply_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_apply_options_init(patron_apply_options *options);

/* What became of the rows of one call. */
typedef struct patron_apply_report {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  uint64_t rows;
  uint64_t applied;
  uint64_t duplicates; /* known, with equal content: nothing to do */
  uint64_t refused;    /* in the log without effect, for now */
  uint64_t conflicts;  /* known, with other content: left out */
} patron_apply_report;

/* Takes events, one a row, in any order; late ones, and ones that are known, are welcome.
 *
 * casebook  not NULL.
 * events    borrowed; not NULL. Columns: event, case ids (events from 0, or text without '~' at its
 *           begin: others are the casebook's own); type, text, an event of a policy; time, at which
 *           it occurred. Where needed, and null where not: actor, customer ids; role text; policy
 *           and version text, of what receives or migrates a case; amount, of money; due, time, of a
 *           promise; code, an integer: severity 1 to 4 (receive, set_severity), media 0 to 2, hold 0
 *           or 1, level (escalate, de_escalate), cause, decision (communicate), outcome (close);
 *           reason, an integer, of a decision; related_case, of merge_into, link and split;
 *           related_event, of promise_kept, promise_broken, breach_voided and reverse; regulated (of
 *           receive), notice (of the external remedy) and remedy (one is due), booleans; text.
 *           Other columns are an error.
 * options   borrowed; NULL means the defaults.
 * verdicts  receives a table, one row an event, as things are after the last one: verdict
 *           ("applied", "duplicate", "refused", "conflict"), refusal (such as "case_limit"; null if
 *           it is not). Release it with patron_table_free. May be NULL.
 * report    filled on success; may be NULL.
 * Thread class EXCLUSIVE. Cost O(rows), and O(n log n) for the n events of cases that a row is late
 * for. If it fails, the casebook is as it was. Statuses: OK, INVALID_ARGUMENT (naming column, row
 * and value), FAILED_PRECONDITION (all rows were asked for and one is refused), ALREADY_EXISTS
 * (the same with a conflict), OUT_OF_RANGE (money), RESOURCE_EXHAUSTED (memory, ids or disk),
 * CANCELLED, UNKNOWN. Since 0.1.
 */
PATRON_API patron_status patron_casebook_apply(patron_casebook *casebook,
                                               const patron_table *events,
                                               const patron_apply_options *options,
                                               patron_table **verdicts, patron_apply_report *report,
                                               patron_error *error);

/* Lets everything happen that is due by `now`, in order: breaches and what voids them, escalations
 * by the share of a clock, windows that end, broken promises, guarantees. Each happens once, as an
 * event of the casebook's own (id "~n" or -n), recorded at `now`.
 *
 * casebook  not NULL.
 * events    filled with how many happened; may be NULL.
 * Thread class EXCLUSIVE. Cost O(events of the cases where something changed or is due). Statuses:
 * OK, INVALID_ARGUMENT (before the last call), FAILED_PRECONDITION, RESOURCE_EXHAUSTED, UNKNOWN.
 * Since 0.1.
 */
PATRON_API patron_status patron_casebook_advance(patron_casebook *casebook, int64_t now,
                                                 uint64_t *events, patron_error *error);

/* The instant at which the next thing may happen by itself: until then a host can sleep.
 *
 * casebook  not NULL.
 * out       filled on success: PATRON_NO_TIME if nothing will. Not NULL.
 * Thread class EXCLUSIVE. Cost O(events of the cases that changed since), then O(1). Statuses: OK,
 * INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_casebook_next_instant(patron_casebook *casebook, int64_t *out,
                                                      patron_error *error);

/* ---- The log ---- */

/* How much there is, and where the log stands. */
typedef struct patron_casebook_size {
  uint32_t struct_size; /* set by the caller before the call */
  int32_t decimals;     /* of money; -1 without a policy */
  uint64_t events;
  uint64_t cases; /* with events, or named by those of other cases */
  uint64_t customers;
  uint64_t memory_bytes;
  int64_t recorded; /* of the last events; PATRON_NO_TIME without any */
  int64_t advanced; /* the last instant of patron_casebook_advance, or PATRON_NO_TIME */
  uint8_t head[32]; /* BLAKE2b digest of the whole log */
} patron_casebook_size;

/* Fills `out`.
 *
 * casebook  borrowed; not NULL.
 * out       its struct_size is set by the caller; the rest is filled on success. Not NULL.
 * Thread class SHARED. Cost O(events since the last time). Statuses: OK, INVALID_ARGUMENT. Since 0.1.
 */
PATRON_API patron_status patron_casebook_get_size(const patron_casebook *casebook,
                                                  patron_casebook_size *out, patron_error *error);

/* Whether the log, and what the store keeps of it, is as it was written: any event that was altered,
 * is missing or out of order is found. With the head of an earlier day, which a host has kept
 * elsewhere, also whether the log still begins with what it was then.
 *
 * casebook  borrowed; not NULL.
 * events    how many there were then; 0 with `head` NULL.
 * head      32 bytes, borrowed: the head then; NULL to compare with none.
 * Thread class SHARED in memory, EXCLUSIVE with a store. Cost O(events). Statuses: OK,
 * INVALID_ARGUMENT, DATA_LOSS naming the first events of which one is not as it was,
 * FAILED_PRECONDITION, RESOURCE_EXHAUSTED, UNKNOWN. Since 0.1.
 */
PATRON_API patron_status patron_casebook_verify(const patron_casebook *casebook, uint64_t events,
                                                const uint8_t *head, patron_error *error);

/* Erases the id of a customer and the texts of its cases, from the store as well. Events, states and
 * the chain of digests stay.
 *
 * casebook       not NULL.
 * customer_text  borrowed; NULL means the integer `customer`.
 * Thread class EXCLUSIVE. Cost O(customers + texts), O(events) with a store. Statuses: OK,
 * INVALID_ARGUMENT, NOT_FOUND, FAILED_PRECONDITION (a case on legal hold), RESOURCE_EXHAUSTED,
 * UNKNOWN. Since 0.1.
 */
PATRON_API patron_status patron_casebook_erase_customer(patron_casebook *casebook, int64_t customer,
                                                        const char *customer_text,
                                                        patron_error *error);

/* Writes the store anew as one entry, which opens faster than many; nothing without a store.
 *
 * casebook  not NULL.
 * Thread class EXCLUSIVE. Cost O(events). Statuses: OK, INVALID_ARGUMENT, FAILED_PRECONDITION,
 * RESOURCE_EXHAUSTED, UNKNOWN. Since 0.1.
 */
PATRON_API patron_status patron_casebook_compact(patron_casebook *casebook, patron_error *error);

/* Writes `casebook` as canonical patron.v1 bytes: equal logs, read again from zero, give equal
 * bytes.
 *
 * casebook  borrowed; not NULL.
 * out       receives the bytes; release them with patron_bytes_free. Not NULL.
 * Thread class SHARED. Cost O(events). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since
 * 0.1.
 */
PATRON_API patron_status patron_casebook_serialize(const patron_casebook *casebook,
                                                   patron_bytes **out, patron_error *error);

/* Reads what patron_casebook_serialize wrote, into memory: the log is folded again, and digests and
 * states compared.
 *
 * bytes  `size` bytes, borrowed; may come from anywhere.
 * out    receives the handle; release it with patron_casebook_free. Not NULL.
 * Thread class PURE. Cost O(events). Statuses: OK, INVALID_ARGUMENT, DATA_LOSS (not such bytes),
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_casebook_deserialize(const void *bytes, size_t size,
                                                     patron_casebook **out, patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_CASEBOOK_H_ */
