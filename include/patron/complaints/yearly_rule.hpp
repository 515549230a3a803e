// Yearly recurrence of all-day events (RFC 5545, 3.3.10).
#ifndef PATRON_COMPLAINTS_YEARLY_RULE_HPP_
#define PATRON_COMPLAINTS_YEARLY_RULE_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
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

namespace patron::complaints::detail {

// Most dates that the rules of one file may try.
inline constexpr int64_t kMostSteps = 10'000'000;

struct YearlyRule {
  int64_t interval = 1;
  int64_t count = std::numeric_limits<int64_t>::max();
  int64_t until = kLastDay;
  std::vector<int> months;      // Empty: the month of the start, or all with days of the month.
  std::vector<int> month_days;  // Negative: from the end of the month.
  struct Weekday {
    int ordinal;  // Of the month, negative from its end; 0: each one.
    int weekday;
  };
  std::vector<Weekday> weekdays;

  // The days of the rule from `start` to `last_day`. Adds the dates tried to `steps`. Errors:
  // InvalidArgument if the start is none of them, or for more than kMostSteps.
  absl::StatusOr<std::vector<int64_t>> DaysFrom(int64_t start, int64_t last_day,
                                                int64_t &steps) const;

 private:
  void AddMonth(int64_t year, int month, int start_day, std::vector<int64_t> &days) const;
  bool HasWeekday(int64_t day) const {
    return std::ranges::any_of(weekdays,
                               [&](const Weekday &w) { return w.weekday == WeekdayOf(day); });
  }
};

// Errors: InvalidArgument naming the line and the part that is not understood.
absl::StatusOr<YearlyRule> ParseYearlyRule(const ContentLine &line);

inline void YearlyRule::AddMonth(int64_t year, int month, int start_day,
                                 std::vector<int64_t> &days) const {
  const int64_t first = DayOfDate(year, month, 1);
  const int64_t length =
      (month == 12 ? DayOfDate(year + 1, 1, 1) : DayOfDate(year, month + 1, 1)) - first;
  if (month_days.empty() && weekdays.empty()) {
    if (start_day <= length) days.push_back(first + start_day - 1);
    return;
  }
  for (const int month_day : month_days) {
    const int64_t place = month_day > 0 ? month_day - 1 : length + month_day;
    if (place < 0 || place >= length) continue;
    if (weekdays.empty() || HasWeekday(first + place)) days.push_back(first + place);
  }
  if (!month_days.empty()) return;
  for (const Weekday &w : weekdays) {
    const int64_t place = (w.weekday - WeekdayOf(first) + 7) % 7;
    const int64_t all = (length - place + 6) / 7;  // How many of them the month has.
    for (int64_t k = 0; k < all; ++k) {
      if (w.ordinal == 0 || k + 1 == w.ordinal || k - all == w.ordinal) {
        days.push_back(first + place + 7 * k);
      }
    }
  }
}

inline absl::StatusOr<std::vector<int64_t>> YearlyRule::DaysFrom(int64_t start, int64_t last_day,
                                                                 int64_t &steps) const {
  const CivilDate date = DateOfDay(start);
  std::vector<int> in_months = months;
  if (months.empty()) {
    if (month_days.empty()) {
      in_months = {date.month};
    } else {
      for (int month = 1; month <= 12; ++month) in_months.push_back(month);
    }
  }
  const int64_t last = std::min(last_day, until);
  const int64_t last_year = DateOfDay(std::max(start, last)).year;
  std::vector<int64_t> result;
  std::vector<int64_t> days;
  for (int64_t year = date.year; year <= last_year; year += interval) {
    days.clear();
    for (const int month : in_months) AddMonth(year, month, date.day, days);
    std::ranges::sort(days);
    days.erase(std::unique(days.begin(), days.end()), days.end());
    steps += static_cast<int64_t>(days.size()) + 1;
    if (steps > kMostSteps) {
      return absl::InvalidArgumentError(absl::StrCat("more than ", kMostSteps, " dates to try"));
    }
    if (year == date.year && !std::ranges::binary_search(days, start)) {
      return absl::InvalidArgumentError("does not give the date of DTSTART");
    }
    for (const int64_t day : days) {
      if (day < start) continue;
      if (day > last || static_cast<int64_t>(result.size()) >= count) return result;
      result.push_back(day);
    }
  }
  return result;
}

inline absl::StatusOr<YearlyRule> ParseYearlyRule(const ContentLine &line) {
  YearlyRule rule;
  const std::string upper = UpperCase(line.value);
  bool yearly = false;
  std::vector<std::string_view> seen;
  // Numbers of a list from `low` to `high`, 0 excluded, with a sign where `low` is negative.
  const auto numbers = [](std::string_view list, int low, int high, std::vector<int> &out) {
    for (std::string_view part : SplitList(list)) {
      const bool negative = part.size() > 1 && part[0] == '-';
      if (part.size() > 1 && (part[0] == '-' || part[0] == '+')) part.remove_prefix(1);
      const int64_t number = ParseNumber(part) * (negative ? -1 : 1);
      if (ParseNumber(part) < 1 || number < low || number > high || out.size() >= 400) return false;
      out.push_back(static_cast<int>(number));
    }
    return true;
  };
  const auto days_of_week = [&](std::string_view list) {
    constexpr std::string_view kNames = "MOTUWETHFRSASU";
    for (const std::string_view part : SplitList(list)) {
      if (part.size() < 2 || rule.weekdays.size() >= 400) return false;
      const size_t place = kNames.find(part.substr(part.size() - 2));
      std::vector<int> ordinal = {0};
      if (part.size() > 2) {
        ordinal.clear();
        if (!numbers(part.substr(0, part.size() - 2), -5, 5, ordinal)) return false;
      }
      if (place == std::string_view::npos || place % 2 != 0 || ordinal.size() != 1) return false;
      rule.weekdays.push_back({ordinal[0], static_cast<int>(place / 2)});
    }
    return true;
  };
  for (const std::string_view part : SplitList(upper, ';')) {
    const size_t equals = part.find('=');
    const std::string_view key = part.substr(0, equals);
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1);
    bool known = std::ranges::find(seen, key) == seen.end();
    seen.push_back(key);
    if (key == "FREQ") {
      yearly = value == "YEARLY";
      known = known && yearly;
    } else if (key == "INTERVAL") {
      rule.interval = ParseNumber(value);
      known = known && rule.interval >= 1;
    } else if (key == "COUNT") {
      rule.count = ParseNumber(value);
      known = known && rule.count >= 1;
    } else if (key == "UNTIL") {
      // With a time it is one of the last day, for all-day events.
      PATRON_ASSIGN_OR_RETURN(
          rule.until, ParseBasicDate(line, value.substr(0, IsTimed(value) ? 8 : value.size())));
    } else if (key == "BYMONTH") {
      known = known && numbers(value, 1, 12, rule.months);
    } else if (key == "BYMONTHDAY") {
      known = known && numbers(value, -31, 31, rule.month_days);
    } else if (key == "BYDAY") {
      known = known && days_of_week(value);
    } else if (key != "WKST") {  // Weeks do not matter to these rules.
      known = false;
    }
    if (!known) {
      return line.Error(Quoted(part),
                        "FREQ=YEARLY with INTERVAL, COUNT, UNTIL, BYMONTH, BYMONTHDAY "
                        "and BYDAY, each once");
    }
  }
  if (!yearly) return line.Error(Quoted(line.value), "FREQ=YEARLY");
  const auto counted = [](const YearlyRule::Weekday &w) { return w.ordinal != 0; };
  if (!rule.weekdays.empty() &&
      (rule.month_days.empty() ? rule.months.empty()
                               : std::ranges::any_of(rule.weekdays, counted))) {
    return line.Error(Quoted(line.value), "BYDAY with BYMONTH, or without numbers with BYMONTHDAY");
  }
  if (rule.count != std::numeric_limits<int64_t>::max() && rule.until != kLastDay) {
    return line.Error(Quoted(line.value), "COUNT or UNTIL, not both");
  }
  return rule;
}

}  // namespace patron::complaints::detail

#endif  // PATRON_COMPLAINTS_YEARLY_RULE_HPP_
