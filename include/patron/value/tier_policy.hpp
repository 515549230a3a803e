// The policy of a tier programme as data: levels, floors, window, calendar, how a level is lost.
#ifndef PATRON_VALUE_TIER_POLICY_HPP_
#define PATRON_VALUE_TIER_POLICY_HPP_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "patron/base/money.hpp"
#include "patron/base/quantile.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"

namespace patron::value {

// A day that has not been given.
inline constexpr int32_t kNoDay = std::numeric_limits<int32_t>::min();

inline constexpr size_t kMaxTierLevels = 32;
inline constexpr size_t kMaxEntitlements = 1000;  // Of one level.

// What a customer must reach.
enum class TierMetric {
  kSum,        // Sum of the amounts.
  kPurchases,  // Number of purchases: rows with an amount of zero or more.
};

// Over which days, up to the day before an evaluation.
enum class TierWindow {
  kTrailingDays,    // The last `length` days.
  kTrailingMonths,  // The last `length` calendar months, from the same day of the month.
  kCalendar,        // From the first day of the running `window_period`.
  kAnniversary,     // From the last anniversary of the customer's first day.
  kLifetime,        // All.
};

// On which days all customers are looked at, each at its first instant.
enum class TierCalendar {
  kPeriods,        // The first day of every `calendar_period`.
  kEveryDays,      // Every `every_days` days, counted from `begin`, or else from 1970-01-01.
  kDays,           // The days of `days`.
  kAnniversaries,  // Every anniversary of the customer's first day.
};

// What happens to a customer that stays below.
enum class TierDemotion {
  kNone,      // Nothing.
  kOneLevel,  // It goes down one level.
  kToEarned,  // It goes to the level that its metric earns.
};

enum class TierPromotion {
  kAtEvaluation,  // To the level earned, at the next evaluation.
  kAtPurchase,    // To the level earned, at the end of the day of the purchase as well.
};

struct TierLevel {
  std::string name;
  int64_t floor = 0;  // Least metric that earns the level: money units, or purchases.
  std::vector<std::string> entitlements;
};

// The defaults of `margin` and `grace` are ours: 0.8 and 2.
struct TierPolicy {
  // From the lowest up. The first is everyone's: its floor is not tested.
  std::vector<TierLevel> levels;
  int decimals = kDefaultDecimals;  // Floors and amounts are in units of 10^-decimals.
  TierMetric metric = TierMetric::kSum;
  TierWindow window = TierWindow::kTrailingMonths;
  int32_t length = 12;
  Period window_period = Period::kYear;
  TierCalendar calendar = TierCalendar::kPeriods;
  Period calendar_period = Period::kMonth;
  int32_t every_days = 30;
  std::vector<int32_t> days;  // Ascending.
  // No evaluation is before this day. At the first one, customers who have bought before it are
  // placed at the level that they earn; all others begin at the lowest.
  int32_t begin = kNoDay;
  TierPromotion promotion = TierPromotion::kAtEvaluation;
  TierDemotion demotion = TierDemotion::kOneLevel;
  // A level is lost after `grace` evaluations in a row below margin x floor. The count begins anew
  // after a change and after an evaluation that is not below.
  double margin = 0.8;
  int32_t grace = 2;
  int32_t stay_days = 0;  // For so many days after a promotion no evaluation counts as below.
  // When a purchase that a promotion rests on is returned, so that the metric of that promotion is
  // below the floor, the level goes at once: to what is left of it, or to the one before.
  bool revoke_on_return = false;
};

// Errors: InvalidArgument naming what is out of order.
absl::Status CheckTierPolicy(const TierPolicy &policy);

// Metrics below this are below the margin of `floor`: the least whole number that is not.
int64_t TierThreshold(int64_t floor, double margin);

// The number of the level called `name`, or -1.
int FindTier(const TierPolicy &policy, std::string_view name);

namespace detail {

inline absl::Status CheckTierLevels(const TierPolicy &policy) {
  const size_t count = policy.levels.size();
  if (count < 2 || count > kMaxTierLevels) {
    return InvalidOption("levels", std::to_string(count),
                         absl::StrCat("2 to ", kMaxTierLevels, " levels"));
  }
  for (size_t i = 0; i < count; ++i) {
    const TierLevel &level = policy.levels[i];
    if (level.name.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("levels: name ", i, " is empty; expected a name"));
    }
    for (size_t k = 0; k < i; ++k) {
      if (policy.levels[k].name != level.name) continue;
      return absl::InvalidArgumentError(
          absl::StrCat("levels: ", Text(Quoted(level.name)), " twice; expected distinct names"));
    }
    if (i > 0 && level.floor <= policy.levels[i - 1].floor) {
      return absl::InvalidArgumentError(absl::StrCat(
          "levels: floor of ", Text(Quoted(level.name)), " is ",
          FormatMoney(level.floor, policy.metric == TierMetric::kSum ? policy.decimals : 0),
          ", not above that of ", Text(Quoted(policy.levels[i - 1].name)),
          "; expected floors that rise"));
    }
    if (i > 0 && level.floor <= 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("levels: floor of ", Text(Quoted(level.name)),
                       " is not above zero; expected a positive number"));
    }
    if (level.entitlements.size() > kMaxEntitlements) {
      return absl::InvalidArgumentError(absl::StrCat("levels: ", level.entitlements.size(),
                                                     " entitlements of ", Text(Quoted(level.name)),
                                                     "; expected at most ", kMaxEntitlements));
    }
    for (size_t e = 0; e < level.entitlements.size(); ++e) {
      bool again = level.entitlements[e].empty();
      for (size_t k = 0; k < e; ++k) again |= level.entitlements[k] == level.entitlements[e];
      if (!again) continue;
      return absl::InvalidArgumentError(absl::StrCat(
          "levels: entitlement ", e, " of ", Text(Quoted(level.name)), " is ",
          Text(Quoted(level.entitlements[e])), "; expected distinct names that are not empty"));
    }
  }
  return absl::OkStatus();
}

}  // namespace detail

inline absl::Status CheckTierPolicy(const TierPolicy &policy) {
  PATRON_RETURN_IF_ERROR(CheckDecimals("decimals", policy.decimals));
  PATRON_RETURN_IF_ERROR(detail::CheckTierLevels(policy));
  const auto positive = [](std::string_view name, int64_t value, int64_t most) {
    if (value >= 1 && value <= most) return absl::OkStatus();
    return InvalidOption(name, std::to_string(value), absl::StrCat("1 to ", most));
  };
  constexpr int64_t kManyDays = 36525, kManyMonths = 1200;
  if (policy.window == TierWindow::kTrailingDays) {
    PATRON_RETURN_IF_ERROR(positive("length", policy.length, kManyDays));
  }
  if (policy.window == TierWindow::kTrailingMonths) {
    PATRON_RETURN_IF_ERROR(positive("length", policy.length, kManyMonths));
  }
  if (policy.calendar == TierCalendar::kEveryDays) {
    PATRON_RETURN_IF_ERROR(positive("every_days", policy.every_days, kManyDays));
  }
  PATRON_RETURN_IF_ERROR(positive("grace", policy.grace, 1000));
  if (policy.stay_days < 0 || policy.stay_days > kManyDays) {
    return InvalidOption("stay_days", std::to_string(policy.stay_days),
                         absl::StrCat("0 to ", kManyDays));
  }
  if (!(policy.margin > 0 && policy.margin <= 1)) {
    return InvalidOption("margin", FormatNumber(policy.margin), "above 0, up to 1");
  }
  if (policy.calendar == TierCalendar::kDays && policy.days.empty()) {
    return absl::InvalidArgumentError("days: none; expected the days of the evaluations");
  }
  if (policy.calendar != TierCalendar::kDays && !policy.days.empty()) {
    return absl::InvalidArgumentError("days: given; expected none unless the calendar is of days");
  }
  for (size_t i = 1; i < policy.days.size(); ++i) {
    if (policy.days[i] > policy.days[i - 1]) continue;
    return InvalidRow("days", i, FormatDay(policy.days[i]), "days that rise");
  }
  return absl::OkStatus();
}

inline int64_t TierThreshold(int64_t floor, double margin) {
  const Fraction share = FractionOf(margin);
  const auto denominator = static_cast<Int128>(share.denominator);
  const Int128 product = static_cast<Int128>(share.numerator) * floor;
  return static_cast<int64_t>((product + denominator - 1) / denominator);
}

inline int FindTier(const TierPolicy &policy, std::string_view name) {
  for (size_t i = 0; i < policy.levels.size(); ++i) {
    if (policy.levels[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace patron::value

#endif  // PATRON_VALUE_TIER_POLICY_HPP_
