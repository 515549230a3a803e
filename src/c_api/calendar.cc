// Business calendars: making them, bytes, holidays, and one question at a time.
#include "c_api/calendar.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "arrow/builder.hpp"
#include "c_api/bytes.hpp"
#include "c_api/calendar_hours.hpp"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "patron/base/status.hpp"
#include "patron/complaints/clock.hpp"
#include "patron/complaints/holidays.hpp"
#include "patron/complaints/pauses.hpp"
#include "proto/calendar.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace complaints = patron::complaints;

namespace patron::c_api {
namespace {

using complaints::Pause;

static_assert(complaints::kNever == PATRON_NO_TIME);
static_assert(static_cast<int>(complaints::LimitKind::kCalendarWeeks) ==
              PATRON_LIMIT_CALENDAR_WEEKS);

absl::StatusOr<std::unique_ptr<patron_calendar>> NewCalendar(complaints::Calendar calendar) {
  PATRON_ASSIGN_OR_RETURN(auto compiled,
                          complaints::BusinessCalendar::Compile(std::move(calendar)));
  return std::unique_ptr<patron_calendar>(new patron_calendar{std::move(compiled)});
}

absl::StatusOr<std::vector<Pause>> ReadPauses(const patron_pause *pauses, size_t count) {
  std::vector<Pause> result;
  if (count == 0) return result;
  PATRON_RETURN_IF_ERROR(RequirePointer("pauses", pauses));
  result.reserve(count);
  for (const patron_pause &pause : std::span(pauses, count)) {
    result.push_back({pause.begin, pause.end});
  }
  return result;
}

absl::StatusOr<arrow::Table> HolidayTable(const std::vector<complaints::Holiday> &holidays) {
  std::vector<int32_t> days;
  std::vector<std::string_view> names;
  for (const complaints::Holiday &holiday : holidays) {
    days.push_back(static_cast<int32_t>(holiday.day));
    names.push_back(holiday.name);
  }
  arrow::TableBuilder builder;
  builder.AddDate32("day", std::move(days));
  builder.AddText("name", std::span<const std::string_view>(names));
  return builder.Finish();
}

}  // namespace
}  // namespace patron::c_api

extern "C" patron_status patron_calendar_create(const char *zone, const patron_table *hours,
                                                patron_calendar **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("hours", hours));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(std::string name, c_api::NameOr("zone", zone, "UTC"));
    PATRON_ASSIGN_OR_RETURN(complaints::Calendar calendar,
                            c_api::CalendarOfHours(std::move(name), hours->table));
    PATRON_ASSIGN_OR_RETURN(auto handle, c_api::NewCalendar(std::move(calendar)));
    *out = handle.release();
    return absl::OkStatus();
  });
}

extern "C" void patron_calendar_free(patron_calendar *calendar) { delete calendar; }

extern "C" const char *patron_calendar_zone(const patron_calendar *calendar) {
  return calendar == nullptr ? nullptr : calendar->calendar.calendar().zone.c_str();
}

extern "C" patron_status patron_calendar_to_table(const patron_calendar *calendar,
                                                  patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("calendar", calendar));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(arrow::Table table,
                            c_api::HoursOfCalendar(calendar->calendar.calendar()));
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_calendar_serialize(const patron_calendar *calendar,
                                                   patron_bytes **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("calendar", calendar));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    return c_api::WriteBytes(patron::v1::KIND_CALENDAR,
                             patron::proto::ToMessage(calendar->calendar.calendar()), out);
  });
}

extern "C" patron_status patron_calendar_deserialize(const void *bytes, size_t size,
                                                     patron_calendar **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("bytes", bytes));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron::v1::Calendar message;
    PATRON_RETURN_IF_ERROR(patron::proto::Unwrap({static_cast<const char *>(bytes), size},
                                                 patron::v1::KIND_CALENDAR, message));
    PATRON_ASSIGN_OR_RETURN(complaints::Calendar calendar, patron::proto::FromMessage(message));
    auto handle = c_api::NewCalendar(std::move(calendar));
    if (!handle.ok()) return patron::proto::AsDataLoss(handle.status());
    *out = handle->release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_calendar_with_holidays(
    const patron_calendar *calendar, const void *text, size_t size, int32_t first_day,
    int32_t last_day, patron_calendar **out, patron_table **holidays, patron_holiday_report *report,
    patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("calendar", calendar));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("text", text));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("report", report));
    PATRON_ASSIGN_OR_RETURN(
        const complaints::HolidayFile file,
        complaints::ReadHolidays({static_cast<const char *>(text), size}, first_day, last_day));
    complaints::Calendar closed = calendar->calendar.calendar();
    patron_holiday_report counts{};
    counts.holidays = file.holidays.size();
    counts.closed = complaints::CloseOn(file.holidays, closed);
    counts.timed_events = file.timed_events;
    counts.cancelled_events = file.cancelled_events;
    PATRON_ASSIGN_OR_RETURN(auto handle, c_api::NewCalendar(std::move(closed)));
    if (holidays != nullptr) {
      PATRON_ASSIGN_OR_RETURN(arrow::Table table, c_api::HolidayTable(file.holidays));
      *holidays = c_api::NewTable(std::move(table)).release();
    }
    *out = handle.release();
    c_api::WriteOut(counts, report);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_calendar_due_at(const patron_calendar *calendar, int32_t kind,
                                                int64_t start, int64_t amount,
                                                const patron_pause *pauses, size_t count,
                                                int64_t *out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("calendar", calendar));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckEnum("kind", kind, 5));
    PATRON_ASSIGN_OR_RETURN(const auto own, c_api::ReadPauses(pauses, count));
    const complaints::Limit limit = {static_cast<complaints::LimitKind>(kind), amount};
    PATRON_ASSIGN_OR_RETURN(*out, complaints::DueOf(calendar->calendar, limit, start, own));
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_calendar_elapsed_between(const patron_calendar *calendar,
                                                         int64_t start, int64_t end,
                                                         const patron_pause *pauses, size_t count,
                                                         int64_t *out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("calendar", calendar));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const auto own, c_api::ReadPauses(pauses, count));
    PATRON_ASSIGN_OR_RETURN(*out, calendar->calendar.working_time().Elapsed(start, end, own));
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_calendar_spans(const patron_calendar *calendar, int64_t start,
                                               int64_t end, patron_table **out,
                                               patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("calendar", calendar));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const auto spans, calendar->calendar.working_time().Spans(start, end));
    std::vector<int64_t> begins, ends;
    for (const complaints::Pause &span : spans) {
      begins.push_back(span.begin);
      ends.push_back(span.end);
    }
    arrow::TableBuilder builder;
    builder.AddTimestamp("begin", std::move(begins));
    builder.AddTimestamp("end", std::move(ends));
    PATRON_ASSIGN_OR_RETURN(arrow::Table table, builder.Finish());
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}
