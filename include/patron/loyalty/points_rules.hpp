// Rules of earning: how many points a purchase gives.
#ifndef PATRON_LOYALTY_POINTS_RULES_HPP_
#define PATRON_LOYALTY_POINTS_RULES_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/money.hpp"
#include "patron/base/quantile.hpp"
#include "patron/base/status.hpp"

namespace patron::loyalty {

// One rule. Of the rules that fit a purchase, that with category and tier counts, else that with the
// category, that with the tier, and last the one for all.
struct EarnRule {
  std::string name;
  std::string category;  // Empty = any.
  std::string tier;      // Empty = any.
  double per_unit = 0;   // Points for a unit of currency, rounded down for the whole purchase.
  int64_t fixed = 0;     // Points for a purchase.
  int64_t minimum = 0;   // Least amount, in money units; less earns nothing.
  int64_t most = 0;      // Most points of a purchase; 0 = no bound.
  int32_t from = std::numeric_limits<int32_t>::min();   // First day,
  int32_t until = std::numeric_limits<int32_t>::max();  // and the day after the last.
};

// Errors: InvalidArgument naming the rule: a rate or a number that is negative or nothing, days that do
// not rise, names that repeat, two rules for the same purchases on the same day.
absl::Status CheckEarnRules(std::span<const EarnRule> rules);

struct Earned {
  int64_t points = 0;
  int32_t rule = -1;  // -1 = none fits.
};

// The points of one purchase; returns (negative amounts) earn nothing. `rules` are sound; amounts are
// in units of 10^-decimals. Errors: OutOfRange for more points than int64 holds. Cost: O(rules).
absl::StatusOr<Earned> EarnedBy(std::span<const EarnRule> rules, int64_t amount, int decimals,
                                int32_t day, std::string_view category, std::string_view tier);

inline absl::Status CheckEarnRules(std::span<const EarnRule> rules) {
  constexpr double kMostRate = 1e6;
  const auto refuse = [](const EarnRule &rule, std::string_view what, std::string_view expected) {
    return absl::InvalidArgumentError(absl::StrCat("rules: ", Text(Quoted(rule.name)), " has ",
                                                   Text(what), "; expected ", Text(expected)));
  };
  for (size_t i = 0; i < rules.size(); ++i) {
    const EarnRule &rule = rules[i];
    if (rule.name.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("rules: name ", i, " is empty; expected a name"));
    }
    if (!(rule.per_unit >= 0 && rule.per_unit <= kMostRate)) {
      return refuse(rule, absl::StrCat("per_unit ", FormatNumber(rule.per_unit)), "0 to 1000000");
    }
    if (rule.fixed < 0 || rule.minimum < 0 || rule.most < 0) {
      return refuse(rule, "a negative number", "0 or more for fixed, minimum and most");
    }
    if (rule.per_unit == 0 && rule.fixed == 0) {
      return refuse(rule, "neither per_unit nor fixed", "one above 0");
    }
    if (rule.from >= rule.until) return refuse(rule, "no day", "an until after the from");
    for (size_t k = 0; k < i; ++k) {
      const EarnRule &other = rules[k];
      if (other.name == rule.name) return refuse(rule, "a name used before", "distinct names");
      if (other.category == rule.category && other.tier == rule.tier && other.from < rule.until &&
          rule.from < other.until) {
        return refuse(rule, absl::StrCat("purchases and days of ", Text(Quoted(other.name))),
                      "one rule for a purchase on a day");
      }
    }
  }
  return absl::OkStatus();
}

inline absl::StatusOr<Earned> EarnedBy(std::span<const EarnRule> rules, int64_t amount,
                                       int decimals, int32_t day, std::string_view category,
                                       std::string_view tier) {
  Earned earned;
  if (amount < 0) return earned;
  int best = -1;
  for (size_t i = 0; i < rules.size(); ++i) {
    const EarnRule &rule = rules[i];
    if (day < rule.from || day >= rule.until ||
        (!rule.category.empty() && rule.category != category) ||
        (!rule.tier.empty() && rule.tier != tier)) {
      continue;
    }
    const int fit = (rule.category.empty() ? 0 : 2) + (rule.tier.empty() ? 0 : 1);
    if (fit <= best) continue;
    best = fit;
    earned.rule = static_cast<int32_t>(i);
  }
  if (earned.rule < 0) return earned;
  const EarnRule &rule = rules[static_cast<size_t>(earned.rule)];
  if (amount < rule.minimum) return earned;
  const double whole = std::floor(rule.per_unit);
  const Fraction rest = FractionOf(rule.per_unit - whole);
  const auto denominator = static_cast<Int128>(rest.denominator);
  const Int128 by_whole = static_cast<Int128>(amount) * static_cast<int64_t>(whole);
  // The rest of the rate is below 1 and a fraction of at most 2^60.
  const Int128 unit = PowerOfTen(decimals);
  const Int128 high = amount / unit, low = amount % unit;
  const Int128 numerator = static_cast<Int128>(rest.numerator);
  const Int128 by_rest = (high * numerator) / denominator;
  const Int128 remainder = (high * numerator) % denominator;
  // floor((by_whole + amount x rest) / unit), with the parts that are less than a point put together.
  const Int128 whole_points = by_whole / unit;
  const long double part =
      (static_cast<long double>(by_whole % unit) +
       static_cast<long double>(low * numerator) / static_cast<long double>(rest.denominator)) /
          static_cast<long double>(unit) +
      static_cast<long double>(remainder) / static_cast<long double>(rest.denominator);
  Int128 points =
      whole_points + by_rest + static_cast<Int128>(std::floor(part + 1e-12L)) + rule.fixed;
  if (rule.most > 0) points = std::min<Int128>(points, rule.most);
  if (points > std::numeric_limits<int64_t>::max()) {
    return absl::OutOfRangeError(
        absl::StrCat("points: more than int64 holds by rule ", Text(Quoted(rule.name))));
  }
  earned.points = static_cast<int64_t>(points);
  return earned;
}

}  // namespace patron::loyalty

#endif  // PATRON_LOYALTY_POINTS_RULES_HPP_
