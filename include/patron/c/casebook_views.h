/* What a casebook tells: cases, clocks, what may happen next, what happened. */
#ifndef PATRON_C_CASEBOOK_VIEWS_H_
#define PATRON_C_CASEBOOK_VIEWS_H_

#include "patron/c/casebook.h"
#include "patron/c/transactions.h"

#ifdef __cplusplus
extern "C" {
#endif

/* All cases that have been received, in the order in which they were first heard of.
 *
 * casebook  borrowed; not NULL.
 * money     PATRON_MONEY_*.
 * out       receives a table: case, customer (null if there is none, or it was erased), state, kind
 *           ("open", "decided", "closed", "merged", "external", "void"), policy, version, received,
 *           ended (null if it is not), severity (0 = not assessed), media, level, cycle, rejections,
 *           regulated, hold, decision, reason, cause, outcome (0 = none each), proposed, granted,
 *           compensated, remedy_due, merged_into, split_from (null if not), events. Release it with
 *           patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(events). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since
 * 0.1.
 */
PATRON_API patron_status patron_casebook_cases(const patron_casebook *casebook, int32_t money,
                                               patron_table **out, patron_error *error);

/* The cases as the events show them that had been recorded, and had occurred, by then: what did we
 * know, when.
 *
 * casebook            borrowed; not NULL.
 * recorded, occurred  microseconds; PATRON_NO_TIME = no bound.
 * money               PATRON_MONEY_*.
 * out                 receives a table as patron_casebook_cases does; release it with
 *                     patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(events log events). Statuses: OK, INVALID_ARGUMENT,
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_casebook_as_of(const patron_casebook *casebook, int64_t recorded,
                                               int64_t occurred, int32_t money, patron_table **out,
                                               patron_error *error);

/* One case. Each output may be NULL.
 *
 * casebook   borrowed; not NULL.
 * case_text  borrowed; NULL means the integer `case_id`.
 * now        microseconds; counts as the last event of the case where that is later.
 * money      PATRON_MONEY_*.
 * state      receives one row as of patron_casebook_cases.
 * next       receives what the case may do next, one row an event and role: event, to (the state;
 *            null if it stays), role. If no role can do it now, one row with role null, and in lacks
 *            what keeps all from it, such as "no_cause".
 * clocks     receives its clocks as of patron_casebook_clocks.
 * promises   receives its promises in order: event, made, due, kept, broken (null if not).
 * Release each with patron_table_free.
 * Thread class SHARED. Cost O(events of the case and of those folded together with it). Statuses:
 * OK, INVALID_ARGUMENT, NOT_FOUND (also a case that is only named, and not received),
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_casebook_case(const patron_casebook *casebook, int64_t case_id,
                                              const char *case_text, int64_t now, int32_t money,
                                              patron_table **state, patron_table **next,
                                              patron_table **clocks, patron_table **promises,
                                              patron_error *error);

enum {
  PATRON_CLOCKS_ALL = 0,
  PATRON_CLOCKS_DUE = 1,    /* running, due by `until` and not late at `now`; earliest first */
  PATRON_CLOCKS_OVERDUE = 2 /* not stopped and late at `now`; the one due earliest first */
};

/* Clocks of all cases at `now`.
 *
 * casebook  borrowed; not NULL.
 * which     PATRON_CLOCKS_*.
 * until     of PATRON_CLOCKS_DUE; not read for others.
 * out       receives a table, one row a run of a clock: case, clock, state ("running", "paused",
 *           "stopped"), kind (of the limit: "working_time", "elapsed_time", "business_days",
 *           "calendar_days", "calendar_weeks"), limit and used (seconds, or days or weeks), started,
 *           due (null while it is paused), stopped (null if it is not), breached, recorded (as a
 *           breach), overdue_working and overdue_elapsed (seconds). Release it with
 *           patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(events). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since
 * 0.1.
 */
PATRON_API patron_status patron_casebook_clocks(const patron_casebook *casebook, int32_t which,
                                                int64_t now, int64_t until, patron_table **out,
                                                patron_error *error);

/* The events of a case in canonical order.
 *
 * casebook   borrowed; not NULL.
 * case_text  borrowed; NULL means the integer `case_id`.
 * money      PATRON_MONEY_*.
 * out        receives a table: the columns of patron_casebook_events, and state (after the event;
 *            null if it is refused) and why (a sentence: which limit, of whom, and who could; null
 *            if it is not refused). Release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(n log n) for n events of the case, times those refused. Statuses: OK,
 * INVALID_ARGUMENT, NOT_FOUND, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_casebook_timeline(const patron_casebook *casebook, int64_t case_id,
                                                  const char *case_text, int32_t money,
                                                  patron_table **out, patron_error *error);

/* The whole log in the order in which it was recorded, as a table that can be mined.
 *
 * casebook  borrowed; not NULL.
 * money     PATRON_MONEY_*.
 * out       receives a table: event, case, type, time, recorded, actor, role, customer, policy,
 *           version, amount, due, code, reason, related_case, related_event, regulated, notice,
 *           remedy, text (null where there is none, or it was erased), automatic (the casebook did
 *           it), clock and percent (of breaches and escalations by a clock), refusal (null if it is
 *           not refused). Release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(events). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since
 * 0.1.
 */
PATRON_API patron_status patron_casebook_events(const patron_casebook *casebook, int32_t money,
                                                patron_table **out, patron_error *error);

/* The policies, in order of arrival.
 *
 * casebook  borrowed; not NULL.
 * out       receives a table: policy, version, standard (that of cases that name none). Release it
 *           with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(policies). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since
 * 0.1.
 */
PATRON_API patron_status patron_casebook_policies(const patron_casebook *casebook,
                                                  patron_table **out, patron_error *error);

/* One of its policies.
 *
 * casebook  borrowed; not NULL.
 * name      borrowed; NULL means that of cases that name none.
 * version   borrowed; NULL means the latest.
 * out       receives a copy; release it with patron_policy_free. Not NULL.
 * Thread class SHARED. Cost O(rules^2). Statuses: OK, INVALID_ARGUMENT, NOT_FOUND,
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_casebook_get_policy(const patron_casebook *casebook,
                                                    const char *name, const char *version,
                                                    patron_policy **out, patron_error *error);

/* The calendars, in order of arrival.
 *
 * casebook  borrowed; not NULL.
 * out       receives a table: calendar, from (null for a first version), zone. Release it with
 *           patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(versions). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since
 * 0.1.
 */
PATRON_API patron_status patron_casebook_calendars(const patron_casebook *casebook,
                                                   patron_table **out, patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_CASEBOOK_VIEWS_H_ */
