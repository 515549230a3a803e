// The days of a tier programme: when customers are looked at, and which days then count.
#ifndef PATRON_VALUE_TIER_CALENDAR_HPP_
#define PATRON_VALUE_TIER_CALENDAR_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/value/tier_policy.hpp"

namespace patron::value {

// Most evaluations of one customer.
inline constexpr int64_t kMaxTierEvaluations = int64_t{1} << 16;

// The same day of the month, `months` later (or earlier, if negative); the last day of that month if
// it is shorter.
int32_t AddMonths(int32_t day, int64_t months);

// Anniversary number `index` (0 = the day itself) of `day`; 29 February has the 28th in other years.
inline int32_t Anniversary(int32_t day, int64_t index) { return AddMonths(day, 12 * index); }

// The first day that counts on an evaluation at the first instant of `end`, for a customer whose
// first day is `anchor`. Never falls as `end` rises.
int32_t TierWindowStart(const TierPolicy &policy, int32_t end, int32_t anchor);

// The days of evaluation that all customers share, from the later of `first` and the policy's begin
// up to `until`, ascending; none if the calendar is of anniversaries.
// Errors: InvalidArgument for more than kMaxTierEvaluations.
absl::StatusOr<std::vector<int32_t>> TierEvaluations(const TierPolicy &policy, int32_t first,
                                                     int32_t until);

// Appends those of one customer to `days`, for a calendar of anniversaries: after its first day.
void AnniversaryEvaluations(const TierPolicy &policy, int32_t anchor, int32_t until,
                            std::vector<int32_t> &days);

inline int32_t AddMonths(int32_t day, int64_t months) {
  const CivilDate date = DateOfDay(day);
  const int64_t month = date.year * 12 + (date.month - 1) + months;
  const int64_t year = FloorDivide(month, 12);
  const auto in_year = static_cast<int>(month - year * 12) + 1;
  const int64_t first = DayOfDate(year, in_year, 1);
  const int64_t next = in_year == 12 ? DayOfDate(year + 1, 1, 1) : DayOfDate(year, in_year + 1, 1);
  return static_cast<int32_t>(std::min(first + date.day - 1, next - 1));
}

inline int32_t TierWindowStart(const TierPolicy &policy, int32_t end, int32_t anchor) {
  constexpr int32_t kAlways = std::numeric_limits<int32_t>::min();
  switch (policy.window) {
    case TierWindow::kTrailingDays: return end - policy.length;
    case TierWindow::kTrailingMonths: return AddMonths(end, -policy.length);
    case TierWindow::kCalendar:
      return static_cast<int32_t>(
          FirstDayOf(policy.window_period, PeriodOfDay(policy.window_period, end - 1)));
    case TierWindow::kAnniversary: {
      if (end - 1 <= anchor) return anchor;
      int64_t years = DateOfDay(end - 1).year - DateOfDay(anchor).year;
      while (Anniversary(anchor, years) > end - 1) --years;
      return Anniversary(anchor, years);
    }
    case TierWindow::kLifetime: break;
  }
  return kAlways;
}

inline absl::StatusOr<std::vector<int32_t>> TierEvaluations(const TierPolicy &policy, int32_t first,
                                                            int32_t until) {
  std::vector<int32_t> days;
  const int32_t begin = policy.begin == kNoDay ? first : std::max(first, policy.begin);
  const auto too_many = [&](int64_t count) {
    return absl::InvalidArgumentError(
        absl::StrCat("evaluations: ", count, " up to ", FormatDay(until), "; expected at most ",
                     kMaxTierEvaluations, ": choose a longer period or a later begin"));
  };
  switch (policy.calendar) {
    case TierCalendar::kPeriods: {
      const Period period = policy.calendar_period;
      int64_t index = PeriodOfDay(period, begin);
      if (FirstDayOf(period, index) < begin) ++index;
      const int64_t last = PeriodOfDay(period, until);
      if (last - index >= kMaxTierEvaluations) return too_many(last - index + 1);
      for (; index <= last; ++index) {
        days.push_back(static_cast<int32_t>(FirstDayOf(period, index)));
      }
      break;
    }
    case TierCalendar::kEveryDays: {
      const int64_t origin = policy.begin == kNoDay ? 0 : policy.begin;
      const int64_t step = policy.every_days;
      int64_t day = origin - FloorDivide(origin - begin, step) * step;
      if (day > until) break;
      if ((until - day) / step >= kMaxTierEvaluations) return too_many((until - day) / step + 1);
      for (; day <= until; day += step) days.push_back(static_cast<int32_t>(day));
      break;
    }
    case TierCalendar::kDays:
      for (const int32_t day : policy.days) {
        if (day >= begin && day <= until) days.push_back(day);
      }
      if (days.size() > static_cast<size_t>(kMaxTierEvaluations)) {
        return too_many(static_cast<int64_t>(days.size()));
      }
      break;
    case TierCalendar::kAnniversaries: break;
  }
  return days;
}

inline void AnniversaryEvaluations(const TierPolicy &policy, int32_t anchor, int32_t until,
                                   std::vector<int32_t> &days) {
  for (int64_t index = 1; index <= kMaxTierEvaluations; ++index) {
    const int32_t day = Anniversary(anchor, index);
    if (day > until) break;
    if (policy.begin == kNoDay || day >= policy.begin) days.push_back(day);
  }
}

}  // namespace patron::value

#endif  // PATRON_VALUE_TIER_CALENDAR_HPP_
