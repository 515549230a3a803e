// Holidays from iCalendar files (RFC 5545): all-day events, their yearly repetitions included.
#ifndef PATRON_COMPLAINTS_HOLIDAYS_HPP_
#define PATRON_COMPLAINTS_HOLIDAYS_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/complaints/calendar.hpp"
#include "patron/complaints/content_lines.hpp"
#include "patron/complaints/yearly_rule.hpp"

namespace patron::complaints {

// A day that an event of the file covers.
struct Holiday {
  int64_t day;
  std::string name;  // The SUMMARY, which may be empty.

  friend bool operator==(const Holiday &, const Holiday &) = default;
};

struct HolidayFile {
  std::vector<Holiday> holidays;  // By day, then as in the file.
  uint64_t timed_events = 0;      // Events left out: they begin at a time of day,
  uint64_t cancelled_events = 0;  // or are cancelled.
};

inline constexpr size_t kMostHolidays = 1'000'000;
inline constexpr int64_t kMostDaysOfEvent = 366;

// Reads the days from `first_day` to `last_day`, both included and of the years 1 to 9999. Events
// last from DTSTART up to DTEND or for DURATION, else a day; RRULE may be FREQ=YEARLY with
// INTERVAL, COUNT, UNTIL, BYMONTH, BYMONTHDAY and BYDAY; EXDATE and RDATE are lists of dates.
//
// Errors: InvalidArgument naming the line for text that is no iCalendar, and for recurrences of
// other kinds, which are not guessed at; limits as above, and kMostSteps of all rules together.
// Cost: O(text) and O(years) a rule.
absl::StatusOr<HolidayFile> ReadHolidays(std::string_view text, int64_t first_day,
                                         int64_t last_day);

// Closes `calendar` on the days of `holidays`. A date that has hours of its own, such as a make-up
// workday or a half day, keeps them. Returns how many dates were closed.
size_t CloseOn(const std::vector<Holiday> &holidays, Calendar &calendar);

namespace detail {

// One VEVENT as its lines say it.
struct HolidayEvent {
  size_t line = 0;  // Of its BEGIN.
  std::optional<int64_t> start;
  std::optional<int64_t> end;
  std::optional<int64_t> duration;
  std::optional<YearlyRule> rule;
  size_t rule_line = 0;
  std::vector<int64_t> added;
  std::vector<int64_t> removed;
  std::string name;
  bool timed = false;
  bool cancelled = false;
};

class HolidayReader {
 public:
  HolidayReader(int64_t first_day, int64_t last_day) : first_day_(first_day), last_day_(last_day) {}

  absl::StatusOr<HolidayFile> Read(std::string_view text);

 private:
  static constexpr size_t kMostDepth = 16;

  absl::Status Take(const ContentLine &line);
  absl::Status TakeDate(const ContentLine &line, std::optional<int64_t> &day);
  absl::Status TakeDates(const ContentLine &line, std::vector<int64_t> &days);
  absl::Status TakeDuration(const ContentLine &line);
  absl::Status FinishEvent();
  absl::Status AddDays(int64_t start, int64_t length);

  int64_t first_day_, last_day_;
  int64_t steps_ = 0;
  std::vector<std::pair<std::string, size_t>> open_;  // Components and the lines they begin on.
  bool seen_calendar_ = false;
  HolidayEvent event_;
  HolidayFile file_;
};

inline absl::Status HolidayReader::TakeDate(const ContentLine &line, std::optional<int64_t> &day) {
  if (day.has_value()) return line.Error("a second time", "it once an event");
  if (IsTimed(line.value)) {
    event_.timed = true;
    return absl::OkStatus();
  }
  PATRON_ASSIGN_OR_RETURN(day, ParseBasicDate(line, line.value));
  return absl::OkStatus();
}

inline absl::Status HolidayReader::TakeDates(const ContentLine &line, std::vector<int64_t> &days) {
  for (const std::string_view part : SplitList(line.value)) {
    if (IsTimed(part)) {
      event_.timed = true;
      continue;
    }
    PATRON_ASSIGN_OR_RETURN(const int64_t day, ParseBasicDate(line, part));
    if (days.size() >= kMostHolidays) return line.Error("one date too many", "fewer dates");
    days.push_back(day);
  }
  return absl::OkStatus();
}

inline absl::Status HolidayReader::TakeDuration(const ContentLine &line) {
  if (event_.duration.has_value()) return line.Error("a second time", "it once an event");
  std::string_view value = line.value;
  if (!value.empty() && value[0] == '+') value.remove_prefix(1);
  const bool whole =
      value.size() >= 3 && value[0] == 'P' && (value.back() == 'D' || value.back() == 'W');
  const int64_t number = whole ? ParseNumber(value.substr(1, value.size() - 2)) : -1;
  const int64_t days = number * (whole && value.back() == 'W' ? 7 : 1);
  if (days < 1 || days > kMostDaysOfEvent) {
    return line.Error(Quoted(line.value), absl::StrCat("whole days or weeks such as P1D, up to ",
                                                       kMostDaysOfEvent, " days"));
  }
  event_.duration = days;
  return absl::OkStatus();
}

inline absl::Status HolidayReader::AddDays(int64_t start, int64_t length) {
  const int64_t end = std::min(last_day_ + 1, start + length);
  for (int64_t day = std::max(first_day_, start); day < end; ++day) {
    if (file_.holidays.size() >= kMostHolidays) {
      return LineError(event_.line, "VEVENT", "one day too many",
                       absl::StrCat("at most ", kMostHolidays, " days"));
    }
    file_.holidays.push_back({day, event_.name});
  }
  return absl::OkStatus();
}

inline absl::Status HolidayReader::FinishEvent() {
  if (event_.cancelled || event_.timed) {
    ++(event_.cancelled ? file_.cancelled_events : file_.timed_events);
    return absl::OkStatus();
  }
  const auto error = [&](std::string_view value, std::string_view expected) {
    return LineError(event_.line, "VEVENT", value, expected);
  };
  if (!event_.start) return error("without DTSTART", "the date that it begins on");
  if (event_.end && event_.duration) return error("with DTEND and DURATION", "one of them");
  const int64_t length = event_.end ? *event_.end - *event_.start : event_.duration.value_or(1);
  if (length < 1 || length > kMostDaysOfEvent) {
    return error(absl::StrCat(length, " days long"), absl::StrCat("1 to ", kMostDaysOfEvent));
  }
  std::vector<int64_t> starts = {*event_.start};
  if (event_.rule) {
    absl::StatusOr<std::vector<int64_t>> days =
        event_.rule->DaysFrom(*event_.start, last_day_, steps_);
    if (!days.ok()) {
      const absl::string_view message = days.status().message();
      return LineError(event_.rule_line, "RRULE", {message.data(), message.size()}, "another rule");
    }
    starts = *std::move(days);
  }
  starts.insert(starts.end(), event_.added.begin(), event_.added.end());
  std::ranges::sort(starts);
  starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
  std::ranges::sort(event_.removed);
  for (const int64_t start : starts) {
    if (std::ranges::binary_search(event_.removed, start)) continue;
    PATRON_RETURN_IF_ERROR(AddDays(start, length));
  }
  return absl::OkStatus();
}

inline absl::Status HolidayReader::Take(const ContentLine &line) {
  if (line.name == "BEGIN") {
    const std::string component = UpperCase(line.value);
    if (open_.empty() != (component == "VCALENDAR")) {
      return line.Error(Quoted(line.value), "components inside of one VCALENDAR");
    }
    if (open_.size() >= kMostDepth) return line.Error("nested too deep", "at most 16 levels");
    if (component == "VEVENT") {
      if (open_.size() > 1) return line.Error("VEVENT", "it in VCALENDAR alone");
      event_ = {};
      event_.line = line.number;
    }
    open_.emplace_back(component, line.number);
    seen_calendar_ = true;
    return absl::OkStatus();
  }
  if (open_.empty()) return line.Error("before a calendar", "BEGIN:VCALENDAR first");
  if (line.name == "END") {
    if (UpperCase(line.value) != open_.back().first) {
      return line.Error(Quoted(line.value), absl::StrCat("the end of ", open_.back().first,
                                                         " from line ", open_.back().second));
    }
    open_.pop_back();
    return UpperCase(line.value) == "VEVENT" ? FinishEvent() : absl::OkStatus();
  }
  if (open_.back().first != "VEVENT") return absl::OkStatus();
  if (line.name == "DTSTART") return TakeDate(line, event_.start);
  if (line.name == "DTEND") return TakeDate(line, event_.end);
  if (line.name == "DURATION") return event_.timed ? absl::OkStatus() : TakeDuration(line);
  if (line.name == "EXDATE") return TakeDates(line, event_.removed);
  if (line.name == "RDATE") return TakeDates(line, event_.added);
  if (line.name == "SUMMARY") event_.name = Unescaped(line.value);
  if (line.name == "STATUS") event_.cancelled = UpperCase(line.value) == "CANCELLED";
  if (line.name == "RECURRENCE-ID" || line.name == "EXRULE") {
    return line.Error("present", "events without changes of single repetitions");
  }
  if (line.name != "RRULE") return absl::OkStatus();
  if (event_.rule) return line.Error("a second time", "it once an event");
  PATRON_ASSIGN_OR_RETURN(event_.rule, ParseYearlyRule(line));
  event_.rule_line = line.number;
  return absl::OkStatus();
}

inline absl::StatusOr<HolidayFile> HolidayReader::Read(std::string_view text) {
  ContentLines lines(text);
  for (;;) {
    PATRON_ASSIGN_OR_RETURN(const std::optional<ContentLine> line, lines.Next());
    if (!line) break;
    PATRON_RETURN_IF_ERROR(Take(*line));
  }
  if (!open_.empty()) {
    return LineError(open_.back().second, open_.back().first, "without an end",
                     "END before the text ends");
  }
  if (!seen_calendar_) return LineError(1, "iCalendar", "empty", "BEGIN:VCALENDAR");
  std::ranges::stable_sort(file_.holidays, {}, &Holiday::day);
  return std::move(file_);
}

}  // namespace detail

inline absl::StatusOr<HolidayFile> ReadHolidays(std::string_view text, int64_t first_day,
                                                int64_t last_day) {
  if (first_day < detail::kFirstDay || last_day > detail::kLastDay || last_day < first_day) {
    return InvalidOption("days", absl::StrCat(FormatDay(first_day), " to ", FormatDay(last_day)),
                         "ascending days of the years 1 to 9999");
  }
  return detail::HolidayReader(first_day, last_day).Read(text);
}

inline size_t CloseOn(const std::vector<Holiday> &holidays, Calendar &calendar) {
  size_t closed = 0;
  for (const Holiday &holiday : holidays) {
    if (calendar.exceptions.try_emplace(holiday.day).second) ++closed;
  }
  return closed;
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_HOLIDAYS_HPP_
