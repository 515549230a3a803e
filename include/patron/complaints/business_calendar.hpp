// A calendar ready for use: working time, business days, calendar days and weeks.
#ifndef PATRON_COMPLAINTS_BUSINESS_CALENDAR_HPP_
#define PATRON_COMPLAINTS_BUSINESS_CALENDAR_HPP_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/complaints/calendar.hpp"
#include "patron/complaints/pauses.hpp"
#include "patron/complaints/working_time.hpp"

namespace patron::complaints {

// A business day is a date of the zone on which at least one segment opens; so a half day and a
// make-up workday count, and a date that the zone skipped does not. Days are counted as laws do:
// the day of receipt is not one of them, and the last ends with its end. Threads may share one.
class BusinessCalendar {
 public:
  // Errors: those of CheckCalendar. Cost: as WorkingTime::Compile; copies the calendar.
  static absl::StatusOr<BusinessCalendar> Compile(Calendar calendar);

  const Calendar &calendar() const { return calendar_; }
  const WorkingTime &working_time() const { return working_time_; }

  // The close of the last segment of the `count`-th business day after the date of `received`, or
  // kNever. Errors: InvalidArgument for a count below 1 and those of CheckInstant. Cost: O(log e).
  absl::StatusOr<int64_t> BusinessDaysAfter(int64_t received, int64_t count) const;

  // The end of the date `count` days, or weeks of 7 days, after that of `received`, or kNever.
  // Errors: InvalidArgument for a count below 0 and those of CheckInstant.
  absl::StatusOr<int64_t> CalendarDaysAfter(int64_t received, int64_t count) const;
  absl::StatusOr<int64_t> CalendarWeeksAfter(int64_t received, int64_t count) const;

  // Business days from the date of `begin` to that of `end`, of which the first does not count.
  // Negative if `end` is on an earlier date. Errors: those of CheckInstant.
  absl::StatusOr<int64_t> BusinessDaysBetween(int64_t begin, int64_t end) const;

 private:
  // From `first_day` on, the weekdays of `mask` are business days, bit 0 being Monday.
  struct DayRun {
    int64_t first_day;
    uint8_t mask;
    int64_t before;  // Business days before `first_day`, counted from one that does not matter.
    int64_t base;    // `before` less those of the mask since week 0.
  };

  BusinessCalendar(Calendar calendar, WorkingTime working_time)
      : calendar_(std::move(calendar)), working_time_(std::move(working_time)) {}

  void AddDays();
  static int64_t DaysOfMask(uint8_t mask, int64_t day);  // Those before `day`, since week 0.
  int64_t DaysBefore(int64_t day) const;

  Calendar calendar_;
  WorkingTime working_time_;
  std::vector<DayRun> runs_;  // In order of time; the first begins with time itself.
};

inline absl::StatusOr<BusinessCalendar> BusinessCalendar::Compile(Calendar calendar) {
  PATRON_ASSIGN_OR_RETURN(WorkingTime working_time, WorkingTime::Compile(calendar));
  BusinessCalendar result(std::move(calendar), std::move(working_time));
  result.AddDays();
  return result;
}

inline void BusinessCalendar::AddDays() {
  std::map<int64_t, bool> own;  // Dates whose weekday does not decide.
  for (const auto &[day, hours] : calendar_.exceptions) own[day] = !hours.empty();
  for (const int64_t day : working_time_.SkippedDays()) own[day] = false;

  std::vector<uint8_t> masks;
  for (const WeekVersion &version : calendar_.weeks) {
    unsigned mask = 0;
    for (size_t i = 0; i < 7; ++i) mask |= version.week[i].empty() ? 0U : 1U << i;
    masks.push_back(static_cast<uint8_t>(mask));
  }
  std::vector<int64_t> days;  // On which a run begins.
  for (const WeekVersion &version : calendar_.weeks) days.push_back(version.first_day);
  for (const auto &[day, open] : own) days.insert(days.end(), {day, day + 1});
  std::ranges::sort(days);
  days.erase(std::unique(days.begin(), days.end()), days.end());

  size_t version = 0;
  for (const int64_t day : days) {
    while (version + 1 < calendar_.weeks.size() && calendar_.weeks[version + 1].first_day <= day) {
      ++version;
    }
    const auto found = own.find(day);
    const uint8_t mask = found == own.end() ? masks[version] : found->second ? 0x7F : 0;
    DayRun run = {day, mask, WeekVersion::kFromTheBeginning, 0};
    if (!runs_.empty()) {
      run.before = runs_.back().base + DaysOfMask(runs_.back().mask, day);
      run.base = run.before - DaysOfMask(mask, day);
    }
    runs_.push_back(run);
  }
}

inline int64_t BusinessCalendar::DaysOfMask(uint8_t mask, int64_t day) {
  const int64_t week = FloorDivide(day + 3, 7);
  const auto weekday = static_cast<unsigned>(day + 3 - week * 7);
  return week * std::popcount(mask) + std::popcount(mask & ((1U << weekday) - 1U));
}

inline int64_t BusinessCalendar::DaysBefore(int64_t day) const {
  const auto after = std::ranges::upper_bound(runs_, day, {}, &DayRun::first_day);
  const DayRun &run = *std::prev(after);
  return run.base + DaysOfMask(run.mask, day);
}

inline absl::StatusOr<int64_t> BusinessCalendar::BusinessDaysAfter(int64_t received,
                                                                   int64_t count) const {
  PATRON_RETURN_IF_ERROR(CheckInstant("received", received));
  if (count < 1) return InvalidOption("count", absl::StrCat(count), "1 business day or more");
  int64_t wanted = 0;  // Business days up to and with the one looked for.
  const int64_t until = DaysBefore(working_time_.DayOf(received) + 1);
  if (__builtin_add_overflow(until, count, &wanted)) return kNever;
  const auto after = std::ranges::lower_bound(runs_, wanted, {}, &DayRun::before);
  const DayRun &run = *std::prev(after);
  const int64_t each_week = std::popcount(run.mask);
  if (each_week == 0) return kNever;
  const int64_t week = FloorDivide(wanted - run.base - 1, each_week);
  if (week > kFarthest / detail::kMicrosPerWeek - 1) return kNever;
  int64_t rest = wanted - run.base - week * each_week;
  int64_t weekday = -1;
  while (rest > 0) rest -= run.mask >> ++weekday & 1;
  const int64_t day = week * 7 + weekday - 3;
  int32_t close = 0;
  for (const Segment &segment : HoursOn(calendar_, day)) close = std::max(close, segment.close);
  return working_time_.EndBefore(day, close);
}

inline absl::StatusOr<int64_t> BusinessCalendar::CalendarDaysAfter(int64_t received,
                                                                   int64_t count) const {
  PATRON_RETURN_IF_ERROR(CheckInstant("received", received));
  if (count < 0) return InvalidOption("count", absl::StrCat(count), "0 days or more");
  const int64_t day = working_time_.DayOf(received);
  if (count > kFarthest / kMicrosPerDay - 2 - day) return kNever;
  return working_time_.EndBefore(day + count + 1, 0);
}

inline absl::StatusOr<int64_t> BusinessCalendar::CalendarWeeksAfter(int64_t received,
                                                                    int64_t count) const {
  constexpr int64_t kMostWeeks = std::numeric_limits<int64_t>::max() / 7;
  if (count < 0) return InvalidOption("count", absl::StrCat(count), "0 weeks or more");
  return CalendarDaysAfter(received, std::min(count, kMostWeeks) * 7);
}

inline absl::StatusOr<int64_t> BusinessCalendar::BusinessDaysBetween(int64_t begin,
                                                                     int64_t end) const {
  PATRON_RETURN_IF_ERROR(CheckInstant("begin", begin));
  PATRON_RETURN_IF_ERROR(CheckInstant("end", end));
  return DaysBefore(working_time_.DayOf(end) + 1) - DaysBefore(working_time_.DayOf(begin) + 1);
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_BUSINESS_CALENDAR_HPP_
