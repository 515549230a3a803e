// Survival: the Kaplan-Meier curve of times of which some are only known to be longer.
#ifndef PATRON_BASE_SURVIVAL_HPP_
#define PATRON_BASE_SURVIVAL_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/interval.hpp"
#include "patron/base/parallel.hpp"
#include "patron/base/sort.hpp"
#include "patron/base/status.hpp"

namespace patron {

// The curve at each distinct time, ascending. Between two times it is that of the earlier one;
// before the first it is 1. Events come before censoring at the same time.
template <SortKey T>
struct SurvivalCurve {
  std::vector<T> times;
  std::vector<int64_t> at_risk;  // Just before the time.
  std::vector<int64_t> events;
  std::vector<int64_t> censored;
  std::vector<double> survival;
  std::vector<double> std_err;  // Of the survival, by Greenwood's formula; NaN once it is 0.

  // The place of the last time not after `t`, or -1.
  ptrdiff_t Find(T t) const { return std::ranges::upper_bound(times, t) - times.begin() - 1; }
  double SurvivalAt(T t) const {
    return Find(t) < 0 ? 1.0 : survival[static_cast<size_t>(Find(t))];
  }
  int64_t AtRiskAt(T t) const {
    const auto place = std::ranges::lower_bound(times, t) - times.begin();
    return place == std::ssize(times) ? 0 : at_risk[static_cast<size_t>(place)];
  }
};

// Estimates the curve of `times`, in any unit and order: `observed` has one byte a row, 1 if the
// event came at that time, 0 if by then it had not (the row is right-censored).
//
// Errors: InvalidArgument for columns of unequal length, no row, times that are negative or not
// finite, and bytes that are neither. Cost: as SortPairs, O(n).
template <SortKey T>
absl::StatusOr<SurvivalCurve<T>> KaplanMeier(std::span<const T> times,
                                             std::span<const uint8_t> observed,
                                             const Execution &execution = {});

// How an interval of the survival is formed; all are cut off to [0, 1].
enum class SurvivalInterval {
  kPlain,   // S plus and minus z standard errors.
  kLog,     // The same for ln S: the default of R's survival package.
  kLogLog,  // The same for ln(-ln S).
};

// The interval at place `i` of a curve; `z` is the normal quantile of the confidence, 1.96 for 95 %.
// NaN where the standard error is.
template <SortKey T>
Interval IntervalAt(const SurvivalCurve<T> &curve, size_t i, SurvivalInterval kind, double z);

// What a quantile is where the curve is level at 1 - p.
enum class SurvivalQuantile {
  kFirst,     // The smallest time at which the survival is 1 - p or less.
  kMidpoint,  // The middle of the level stretch, as in R.
};

// The time by which a share `p` of the events has come; NaN if the curve does not fall so far. For p
// in [0, 1]. Survivals that differ from 1 - p by rounding alone are equal to it.
template <SortKey T>
double QuantileOf(const SurvivalCurve<T> &curve, double p, SurvivalQuantile kind);

template <SortKey T>
absl::StatusOr<SurvivalCurve<T>> KaplanMeier(std::span<const T> times,
                                             std::span<const uint8_t> observed,
                                             const Execution &execution) {
  const size_t n = times.size();
  if (n == 0) return InvalidOption("time", "0 rows", "at least 1");
  if (observed.size() != n) {
    return InvalidOption("observed", absl::StrCat(observed.size(), " rows"),
                         absl::StrCat(n, " as in time"));
  }
  if constexpr (std::is_same_v<T, double>) PATRON_RETURN_IF_ERROR(CheckFinite("time", times));
  uint8_t any = 0;
  for (const uint8_t byte : observed) any |= byte;
  if (any > 1) {
    const auto bad = std::ranges::find_if(observed, [](uint8_t byte) { return byte > 1; });
    return InvalidRow("observed", static_cast<uint64_t>(bad - observed.begin()),
                      absl::StrCat(int{*bad}), "0 or 1");
  }
  const auto negative = [](T time) { return time < 0; };
  if (const auto first = std::ranges::find_if(times, negative); first != times.end()) {
    std::string shown;
    if constexpr (std::is_same_v<T, double>) {
      shown = FormatNumber(*first);
    } else {
      shown = absl::StrCat(*first);
    }
    return InvalidRow("time", static_cast<uint64_t>(first - times.begin()), shown, "0 or more",
                      static_cast<uint64_t>(std::ranges::count_if(times, negative)));
  }

  std::vector<uint32_t> flags(observed.begin(), observed.end()), sorted_flags(n);
  std::vector<T> sorted(n);
  SortPairs<T>(times, flags, sorted, sorted_flags, execution);
  SurvivalCurve<T> curve;
  double survival = 1, greenwood = 0;
  for (size_t i = 0; i < n;) {
    const T time = sorted[i];
    const auto at_risk = static_cast<int64_t>(n - i);
    int64_t events = 0;
    size_t end = i;
    for (; end < n && sorted[end] == time; ++end) events += sorted_flags[end];
    const auto left = static_cast<double>(at_risk - events);
    survival *= left / static_cast<double>(at_risk);
    greenwood += static_cast<double>(events) / (static_cast<double>(at_risk) * left);
    curve.times.push_back(time);
    curve.at_risk.push_back(at_risk);
    curve.events.push_back(events);
    curve.censored.push_back(static_cast<int64_t>(end - i) - events);
    curve.survival.push_back(survival);
    curve.std_err.push_back(left == 0 && events > 0 ? std::numeric_limits<double>::quiet_NaN()
                                                    : survival * std::sqrt(greenwood));
    i = end;
  }
  return curve;
}

template <SortKey T>
Interval IntervalAt(const SurvivalCurve<T> &curve, size_t i, SurvivalInterval kind, double z) {
  const double s = curve.survival[i], error = curve.std_err[i];
  if (std::isnan(error)) return {error, error};
  if (s == 1) return {1, 1};
  Interval interval = {s - z * error, s + z * error};
  if (kind == SurvivalInterval::kLog) {
    interval = {s * std::exp(-z * error / s), s * std::exp(z * error / s)};
  } else if (kind == SurvivalInterval::kLogLog) {
    const double width = z * error / (s * std::log(s));  // Below 0.
    interval = {std::pow(s, std::exp(-width)), std::pow(s, std::exp(width))};
  }
  return {std::max(0.0, interval.lower), std::min(1.0, interval.upper)};
}

template <SortKey T>
double QuantileOf(const SurvivalCurve<T> &curve, double p, SurvivalQuantile kind) {
  constexpr double kRounding = 1e-12;
  const auto reached =
      std::ranges::find_if(curve.survival, [&](double s) { return s <= 1 - p + kRounding; });
  if (reached == curve.survival.end()) return std::numeric_limits<double>::quiet_NaN();
  const auto first = static_cast<size_t>(reached - curve.survival.begin());
  const auto at = [&](size_t i) { return static_cast<double>(curve.times[i]); };
  if (kind == SurvivalQuantile::kFirst || curve.survival[first] < 1 - p - kRounding) {
    return at(first);
  }
  size_t next = first + 1;  // Where it falls again.
  while (next < curve.times.size() && curve.events[next] == 0) ++next;
  return next == curve.times.size() ? at(first) : (at(first) + at(next)) / 2;
}

}  // namespace patron

#endif  // PATRON_BASE_SURVIVAL_HPP_
