/* Business calendars: working time, business days, calendar days and weeks. */
#ifndef PATRON_C_CALENDAR_H_
#define PATRON_C_CALENDAR_H_

#include "patron/c/transactions.h"

#ifdef __cplusplus
extern "C" {
#endif

/* When a business is open: segments of a week, dates that differ, and a zone. An instant is working
 * time if its civil time lies in a segment of its date. So an hour that clocks skip has no working
 * time and an hour that comes twice counts twice. A calendar cannot be changed once made, and any
 * number of threads may use it. Instants are within 142,000 years of 1970. */
typedef struct patron_calendar patron_calendar;

/* Makes a calendar of a table with one row a segment.
 *
 * zone   "UTC", an IANA name or an offset such as "+05:30"; NULL = "UTC". Borrowed.
 * hours  borrowed; not NULL. Columns: day, "mon" to "sun" or a date such as "2024-12-25", whose
 *        segments take the place of those of its weekday; open and close, both text such as "09:00"
 *        or "17:30:15" up to "24:00", or both integers, seconds of the civil day. A text close that
 *        is not after its open is one of the next date, as is an integer past 86,400. A row with
 *        neither has no segment: the date is closed. Optional column from, dates: the weekday's
 *        segments hold from then on, up to the next such date; null, the beginning. A week with a
 *        date of its own says all its weekdays anew.
 * out    receives the handle; release it with patron_calendar_free. Not NULL.
 * Thread class PURE. Cost about a millisecond. Statuses: OK, INVALID_ARGUMENT (also a zone that is
 * unknown, segments that overlap, a calendar that never opens, more than 48 segments a date,
 * 100,000 dates or 1,000 weeks), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_calendar_create(const char *zone, const patron_table *hours,
                                                patron_calendar **out, patron_error *error);

/* Releases `calendar`; NULL does nothing.
 * Thread class EXCLUSIVE. Cost O(size). Statuses: none. Since 0.1.
 */
PATRON_API void patron_calendar_free(patron_calendar *calendar);

/* Its zone; the text belongs to the calendar. NULL for NULL. Borrowed.
 * Thread class SHARED. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API const char *patron_calendar_zone(const patron_calendar *calendar);

/* Its hours as patron_calendar_create takes them, open and close in seconds: weekdays without a
 * segment are left out, but for a week without any, whose Monday is closed.
 *
 * calendar  borrowed; not NULL.
 * out       receives the table; release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(size). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_calendar_to_table(const patron_calendar *calendar,
                                                  patron_table **out, patron_error *error);

/* Writes `calendar` as canonical patron.v1 bytes: equal calendars give equal bytes.
 *
 * calendar  borrowed; not NULL.
 * out       receives the bytes; release them with patron_bytes_free. Not NULL.
 * Thread class SHARED. Cost O(size). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_calendar_serialize(const patron_calendar *calendar,
                                                   patron_bytes **out, patron_error *error);

/* Reads what patron_calendar_serialize wrote.
 *
 * bytes  `size` bytes, borrowed; may come from anywhere.
 * out    receives the handle; release it with patron_calendar_free. Not NULL.
 * Thread class PURE. Cost as patron_calendar_create. Statuses: OK, INVALID_ARGUMENT, DATA_LOSS (not
 * such bytes, or a zone that this machine does not know), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_calendar_deserialize(const void *bytes, size_t size,
                                                     patron_calendar **out, patron_error *error);

/* What became of the events of an iCalendar file. */
typedef struct patron_holiday_report {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  uint64_t holidays;         /* days that events cover, as often as they do */
  uint64_t closed;           /* dates that were closed */
  uint64_t timed_events;     /* left out: they begin at a time of day */
  uint64_t cancelled_events; /* left out: cancelled */
} patron_holiday_report;

/* The calendar `calendar` closed on the holidays of an iCalendar file (RFC 5545): its all-day
 * events, yearly repetitions included. A date that has hours of its own, such as a make-up workday
 * or a half day, keeps them.
 *
 * calendar             borrowed, unchanged; not NULL.
 * text                 `size` bytes of UTF-8, borrowed; may come from anywhere.
 * first_day, last_day  days since 1970-01-01, both included, of the years 1 to 9999: holidays
 *                      outside are left out.
 * out                  receives the new calendar; release it with patron_calendar_free. Not NULL.
 * holidays             receives a table of the days, in order: day date32, name text; release it
 *                      with patron_table_free. May be NULL.
 * report               filled on success; may be NULL.
 * Thread class SHARED. Cost O(text), O(years) a repetition, and as patron_calendar_create.
 * Statuses: OK, INVALID_ARGUMENT (naming the line, also for repetitions of other kinds, which are
 * not guessed at), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_calendar_with_holidays(
    const patron_calendar *calendar, const void *text, size_t size, int32_t first_day,
    int32_t last_day, patron_calendar **out, patron_table **holidays, patron_holiday_report *report,
    patron_error *error);

/* ---- One question ---- */

/* A clock stands still from `begin` up to, not including, `end`; PATRON_NO_TIME: still paused. */
typedef struct patron_pause {
  int64_t begin;
  int64_t end;
} patron_pause;

/* What a limit counts. Of the last three the day of the start is not one, and the last ends with
 * its end: the close of its last segment for business days, midnight for the others. */
enum {
  PATRON_LIMIT_WORKING_TIME = 0, /* microseconds of working time */
  PATRON_LIMIT_ELAPSED_TIME = 1, /* microseconds */
  PATRON_LIMIT_BUSINESS_DAYS = 2,
  PATRON_LIMIT_CALENDAR_DAYS = 3,
  PATRON_LIMIT_CALENDAR_WEEKS = 4
};

/* The instant at which a limit is used up: of working time, the smallest not before `start` at
 * which that outside of the pauses adds up to `amount`. `start` itself for 0; the close of a
 * segment, not the next opening, for what just fits.
 *
 * calendar  borrowed; not NULL.
 * kind      PATRON_LIMIT_*.
 * amount    microseconds, or a number of days or weeks; 0 or more, 1 or more business days.
 * pauses    `count` of them, borrowed, in any order, overlapping or not; none for limits of days.
 * out       filled on success: PATRON_NO_TIME if that instant never comes. Not NULL.
 * Thread class SHARED. Cost O(log size), O(p log p) more for p pauses that are not in order.
 * Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_calendar_due_at(const patron_calendar *calendar, int32_t kind,
                                                int64_t start, int64_t amount,
                                                const patron_pause *pauses, size_t count,
                                                int64_t *out, patron_error *error);

/* Microseconds of working time from `start` up to `end`, outside of the pauses. Adds up over
 * adjacent spans; up to the due instant of a limit it is that limit.
 *
 * calendar  borrowed; not NULL.
 * pauses    as in patron_calendar_due_at.
 * out       filled on success; not NULL.
 * Thread class SHARED. Cost as patron_calendar_due_at. Statuses: OK, INVALID_ARGUMENT (also an end
 * before the start), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_calendar_elapsed_between(const patron_calendar *calendar,
                                                         int64_t start, int64_t end,
                                                         const patron_pause *pauses, size_t count,
                                                         int64_t *out, patron_error *error);

/* The spans of working time from `start` up to `end`.
 *
 * calendar  borrowed; not NULL.
 * out       receives a table in order of time: begin, end timestamps, no span empty, none touching.
 *           Release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(spans). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_calendar_spans(const patron_calendar *calendar, int64_t start,
                                               int64_t end, patron_table **out,
                                               patron_error *error);

/* ---- Columns ---- */

enum {
  PATRON_RECOMPUTE_PINNED = 0,      /* the limit and the calendar that a clock began with stay */
  PATRON_RECOMPUTE_ORIGIN = 1,      /* the new ones hold from its start; pauses are kept */
  PATRON_RECOMPUTE_PROPORTIONAL = 2 /* they hold from now on, less the share that is used up */
};

typedef struct patron_clock_options {
  uint32_t struct_size;
  int32_t kind;         /* of the limit: PATRON_LIMIT_WORKING_TIME */
  const char *start;    /* instants; "start" */
  const char *end;      /* instants of patron_calendar_elapsed; NULL = `end_at` for all; "end" */
  const char *limit;    /* numbers: seconds, or days or weeks; NULL = `limit_of_all`; "seconds" */
  int64_t end_at;       /* PATRON_NO_TIME */
  int64_t limit_of_all; /* microseconds, or days or weeks; 0 */
  const patron_table *pauses; /* columns row (integers, of the table, from 0), begin and end; an end
                                 that is null is still to come. NULL = no pauses */
  const patron_context *context;

  /* Of patron_calendar_recompute alone. */
  int32_t rule;             /* PATRON_RECOMPUTE_ORIGIN */
  int32_t reserved;         /* zero */
  int64_t at;               /* when the change happened; PATRON_NO_TIME, which must be set */
  const char *limit_before; /* seconds; NULL = the limit did not change */
} patron_clock_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_clock_options_init(patron_clock_options *options);

/* patron_calendar_due_at for each row.
 *
 * calendar, table  borrowed; not NULL.
 * options          borrowed; NULL means the defaults.
 * out              receives a table in the order of the rows: due timestamp, null if it never comes.
 *                  Release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(rows log size). Statuses: OK, INVALID_ARGUMENT, OUT_OF_RANGE (a limit
 * past 2^63 - 1 microseconds), RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_calendar_due(const patron_calendar *calendar,
                                             const patron_table *table,
                                             const patron_clock_options *options,
                                             patron_table **out, patron_error *error);

/* patron_calendar_elapsed_between for each row; as patron_calendar_due otherwise: `calendar`,
 * `table` and `options` are borrowed.
 *
 * out  receives a table in the order of the rows: seconds float64. Release it with
 *      patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(rows log size). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED,
 * CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_calendar_elapsed(const patron_calendar *calendar,
                                                 const patron_table *table,
                                                 const patron_clock_options *options,
                                                 patron_table **out, patron_error *error);

/* The due instants of running clocks of working time after a change of calendar or limit, by the
 * rule of the options. Under PROPORTIONAL the used share is rounded down to a microsecond, and a
 * clock with nothing left keeps its limit and calendar.
 *
 * before, after  the calendar up to the change and from it on, which may be the same; borrowed, not
 *                NULL.
 * table          borrowed; not NULL. No start is after the change.
 * options        borrowed; not NULL, for `at` must be set.
 * out            receives a table in the order of the rows: due timestamp, null if it never comes,
 *                and moved bool, whether the clock follows the new limit and calendar. Release it
 *                with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(rows log size). Statuses: OK, INVALID_ARGUMENT, OUT_OF_RANGE,
 * RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_calendar_recompute(const patron_calendar *before,
                                                   const patron_calendar *after,
                                                   const patron_table *table,
                                                   const patron_clock_options *options,
                                                   patron_table **out, patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_CALENDAR_H_ */
