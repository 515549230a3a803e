/* Event logs: reading XES, and mining what happened. */
#ifndef PATRON_C_LOG_H_
#define PATRON_C_LOG_H_

#include "patron/c/calendar.h"
#include "patron/c/policy.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- XES ---- */

typedef struct patron_xes_options {
  uint32_t struct_size;
  int32_t reserved;            /* zero */
  const char *const *activity; /* keys of events that make the activity, joined by '+' where an
                                   event has all of them; NULL = "concept:name" */
  size_t activity_count;
  const char *resource;                /* key of events; "org:resource" */
  const char *const *event_attributes; /* keys of further columns; NULL = none */
  size_t event_attribute_count;
  const char *const *trace_attributes; /* the same of traces, whose columns are called
                                          "case:" and the key */
  size_t trace_attribute_count;
} patron_xes_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_xes_options_init(patron_xes_options *options);

/* What a log in XES held. */
typedef struct patron_xes_report {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  uint64_t traces;
  uint64_t events;
  uint64_t unnamed_traces;  /* without a concept:name: called "trace 1", ... by their place */
  uint64_t repeated_traces; /* with the name of an earlier one: the same case */
  uint64_t empty_traces;    /* without an event: they leave no row */
  uint64_t nameless_events; /* whose activity is null */
  uint64_t timeless_events; /* whose time is null */
  uint64_t zoneless_times;  /* without an offset, taken as UTC */
} patron_xes_report;

/* Reads a log in XES (IEEE 1849), plain or gzip.
 *
 * path     of the file, borrowed; not NULL.
 * options  borrowed; NULL means the defaults.
 * out      receives one row an event, in the order of the file: case, activity and resource text,
 *          time timestamp (the true instant, whatever the offset), then the columns asked for.
 *          Release it with patron_table_free. Not NULL.
 * report   filled on success; may be NULL.
 * Thread class PURE. Cost O(bytes) time, memory for the columns. Document types, and with them all
 * entities but the five of XML, are refused, as are elements nested more than 64 deep. Statuses:
 * OK, INVALID_ARGUMENT (naming the line), NOT_FOUND, UNKNOWN (the file cannot be read),
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_log_read_xes(const char *path, const patron_xes_options *options,
                                             patron_table **out, patron_xes_report *report,
                                             patron_error *error);

/* The same for a file in memory.
 *
 * bytes    `size` bytes, borrowed; may come from anywhere. Not NULL.
 * options  borrowed; NULL means the defaults.
 * out      receives the table of patron_log_read_xes. Not NULL.
 * report   filled on success; may be NULL.
 * Thread class PURE. Cost O(bytes). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_log_parse_xes(const void *bytes, size_t size,
                                              const patron_xes_options *options, patron_table **out,
                                              patron_xes_report *report, patron_error *error);

/* ---- Mining ---- */

/* What was counted of a log. Counts of logs without a case in common merge. */
typedef struct patron_log patron_log;

enum {
  PATRON_EVENTS_BY_TIME = 0, /* the events of a case in order of time, of equal ones by row */
  PATRON_EVENTS_BY_ROW = 1   /* as their rows stand */
};

typedef struct patron_log_options {
  uint32_t struct_size;
  int32_t order;                   /* PATRON_EVENTS_BY_TIME */
  const char *case_id;             /* integers or text; "case" */
  const char *activity;            /* integers or text; "activity" */
  const char *time;                /* dates or timestamps; "time" */
  const char *resource;            /* integers or text, may be null; NULL = none */
  const patron_calendar *calendar; /* for working time; NULL = none is measured */
  const patron_context *context;
} patron_log_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_log_options_init(patron_log_options *options);

/* Counts a log.
 *
 * table    one row an event, in any order; borrowed, not NULL.
 * options  borrowed; NULL means the defaults. Nulls are errors but for the resource: two rows
 *          without one have the same.
 * out      receives the counts; release them with patron_log_free. Not NULL.
 * cases    receives one row a case, in the order in which they first occur: case_id (as `case`, in
 *          its type), events int64, first and last timestamp, duration float64 (seconds), working
 *          float64 (with a calendar: seconds of working time), variant int64 (row of
 *          patron_log_variants). May be NULL. Release it with patron_table_free.
 * Thread class PURE. Cost O(events); 8 bytes an event, 16 more where cases are mixed. Statuses: OK,
 * INVALID_ARGUMENT, RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_log_mine(const patron_table *table,
                                         const patron_log_options *options, patron_log **out,
                                         patron_table **cases, patron_error *error);

/* Releases `log`; NULL does nothing.
 * Thread class EXCLUSIVE. Cost O(memory). Statuses: none. Since 0.1.
 */
PATRON_API void patron_log_free(patron_log *log);

/* Adds the counts of `source` (borrowed, not NULL, another than `log`, unchanged) to `log`. No case
 * may be in both. Merging is associative and commutative.
 * Thread class EXCLUSIVE for `log`, SHARED for `source`. Cost O(size of both). A call that fails
 * leaves `log` as it was. Statuses: OK, INVALID_ARGUMENT, FAILED_PRECONDITION (working time or
 * text activities in one of the two alone), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_log_merge(patron_log *log, const patron_log *source,
                                          patron_error *error);

/* Writes the counts as canonical patron.v1 bytes: equal cases give equal bytes, in whatever order and
 * shards they were counted. At most 2^31 - 1 bytes can be written.
 *
 * log  borrowed; not NULL.
 * out  receives the bytes; release them with patron_bytes_free. Not NULL.
 * Thread class SHARED. Cost O(events); some 20 bytes of memory and 4 of output an event. Statuses:
 * OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_log_serialize(const patron_log *log, patron_bytes **out,
                                              patron_error *error);

/* Reads what patron_log_serialize wrote.
 *
 * bytes  `size` bytes, borrowed; may come from anywhere.
 * out    receives the handle; release it with patron_log_free. Not NULL.
 * Thread class PURE. Cost O(events). Statuses: OK, INVALID_ARGUMENT, DATA_LOSS (not such bytes),
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_log_deserialize(const void *bytes, size_t size, patron_log **out,
                                                patron_error *error);

/* Counts of a whole log. */
typedef struct patron_log_summary {
  uint32_t struct_size; /* set by the caller before the call */
  int32_t has_working;  /* whether working time was measured */
  uint64_t cases;
  uint64_t events;
  uint64_t activities;
  uint64_t variants;
  uint64_t edges;             /* distinct pairs of activities that follow each other directly */
  uint64_t self_loops;        /* an activity right after itself */
  uint64_t returns;           /* ABA: an activity, one other, and it again */
  uint64_t handovers;         /* events whose resource is another than that of the one before */
  uint64_t cases_with_rework; /* with some activity twice */
} patron_log_summary;

/* Tells the counts of a log.
 *
 * log  borrowed; not NULL.
 * out  filled on success; not NULL.
 * Thread class SHARED. Cost O(edges). Statuses: OK, INVALID_ARGUMENT. Since 0.1.
 */
PATRON_API patron_status patron_log_get_summary(const patron_log *log, patron_log_summary *out,
                                                patron_error *error);

/* Activities, the most frequent first, ties by name.
 *
 * log  borrowed; not NULL.
 * out  receives a table: activity, events, cases, starts, ends, and rework as edeaR counts it:
 *      repeat_self_loops, redo_self_loops, repeat_repetitions, redo_repetitions (a self-loop is
 *      right after itself, a repetition later; a repeat by the same resource, a redo by another);
 *      all int64. Release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(activities). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_log_activities(const patron_log *log, patron_table **out,
                                               patron_error *error);

/* The directly-follows graph, the most frequent edge first, ties by name.
 *
 * log  borrowed; not NULL.
 * out  receives a table: source, target, count int64, and of the times between the two in seconds
 *      mean, median, p95, least, most float64 (quantiles of type 7). Release it with
 *      patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(events). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_log_edges(const patron_log *log, patron_table **out,
                                          patron_error *error);

/* Variants, those of the most cases first, ties by their activities.
 *
 * log    borrowed; not NULL.
 * out    receives a table: variant int64 (its row), cases int64, share float64, length int64.
 *        Release it with patron_table_free. Not NULL.
 * steps  receives the activities of each variant in order: variant, position int64, activity.
 *        May be NULL. Release it with patron_table_free.
 * Thread class SHARED. Cost O(steps). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_log_variants(const patron_log *log, patron_table **out,
                                             patron_table **steps, patron_error *error);

/* Quantiles of the durations of cases, from the first event to the last, by type 7.
 *
 * log      borrowed; not NULL.
 * working  1: of working time; 0: of all time.
 * p        `count` probabilities, borrowed.
 * out      `count` numbers and one more, filled on success: the quantiles in seconds, and the mean.
 *          NaN without a case. Not NULL.
 * Thread class SHARED. Cost O(cases). Statuses: OK, INVALID_ARGUMENT, FAILED_PRECONDITION (no
 * working time), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_log_durations(const patron_log *log, int32_t working,
                                              const double *p, size_t count, double *out,
                                              patron_error *error);

typedef struct patron_conformance_options {
  uint32_t struct_size;
  int32_t remove_cost;       /* of an event that should not be there; 1 */
  int32_t insert_cost;       /* of an event that is missing; 1 */
  int32_t change_cost;       /* of an event of another activity; 1 */
  const char *const *starts; /* names of the states that cases begin in; NULL for a policy means
                                before it was received, and must not be otherwise */
  size_t start_count;
  const char *const
      *ends; /* and of those that they may end in; NULL for a policy means any in which
                              a case is over, and must not be otherwise */
  size_t end_count;
} patron_conformance_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_conformance_options_init(patron_conformance_options *options);

/* How far the variants of a log are from an automaton: the least cost of removing, inserting and
 * changing events until it accepts them, exactly. With costs 1, 1 and 2 that is the cost of an
 * optimal alignment.
 *
 * log      borrowed; its activities are text. Not NULL.
 * steps    the automaton, borrowed, not NULL: text columns source, activity and target, one row a
 *          step. States are those that it or the options name, 1,024 at most.
 * options  borrowed; not NULL.
 * out      receives a table in the order of patron_log_variants: variant, cases, distance int64.
 *          Release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(length x (steps + states^2)) a variant. Statuses: OK,
 * INVALID_ARGUMENT, FAILED_PRECONDITION (activities are integers), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_log_conformance(const patron_log *log, const patron_table *steps,
                                                const patron_conformance_options *options,
                                                patron_table **out, patron_error *error);

/* How far the variants of a log are from what a policy allows, by the same distance: its events are
 * the activities, in any order that its transitions allow; guards and authority are not asked. A
 * state that a case leaves to be returned to leads back to where the case came from, and nowhere
 * else.
 *
 * log      borrowed; its activities are text. Not NULL.
 * policy   borrowed; not NULL.
 * options  borrowed; NULL means the defaults. States are those of the policy, or "not received".
 * out      receives the table of patron_log_conformance. Not NULL.
 * Thread class SHARED. Cost as patron_log_conformance. Statuses: OK, INVALID_ARGUMENT (such as a
 * state that no case comes to, or more than 1,024 states with what they remember),
 * FAILED_PRECONDITION (activities are integers), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_log_policy_conformance(const patron_log *log,
                                                       const patron_policy *policy,
                                                       const patron_conformance_options *options,
                                                       patron_table **out, patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_LOG_H_ */
