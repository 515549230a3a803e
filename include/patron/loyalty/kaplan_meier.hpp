// Time to leave: Kaplan-Meier and Nelson-Aalen curves, their intervals, medians and restricted means.
#ifndef PATRON_LOYALTY_KAPLAN_MEIER_HPP_
#define PATRON_LOYALTY_KAPLAN_MEIER_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/base/survival.hpp"
#include "patron/loyalty/risk_table.hpp"

namespace patron::loyalty {

// The curve of one group. `curve` counts rows; survival and standard errors are of the weights.
struct KaplanMeierCurve {
  SurvivalCurve<double> curve;
  std::vector<double> at_risk;       // Weight, just before each time.
  std::vector<double> events;        // Weight.
  std::vector<double> hazard;        // Nelson-Aalen: the sum of events / at risk so far.
  std::vector<double> hazard_error;  // Root of the sum of events / at risk^2 (Aalen 1978).
  double rows = 0;
};

// Kaplan and Meier (1958) with Greenwood's standard errors, a curve a group.
//
// Errors: those of CheckObserved. Cost: O(n).
absl::StatusOr<std::vector<KaplanMeierCurve>> FitKaplanMeier(const Observed &observed,
                                                             const Groups &groups = {},
                                                             const Execution &execution = {});

// The curve of a table of whoever was at risk.
KaplanMeierCurve KaplanMeierOf(RiskTable table);

// The interval of the cumulative hazard at place `i`: kPlain as it says, the others by its logarithm.
Interval HazardIntervalAt(const KaplanMeierCurve &curve, size_t i, SurvivalInterval kind, double z);

// The lower and upper limits of the survival curve as curves, whose quantiles are the limits of its
// quantiles. Where the limits end they go on as before, the lower one at 0.
struct CurveLimits {
  SurvivalCurve<double> lower, upper;
};
CurveLimits LimitsOf(const SurvivalCurve<double> &curve, SurvivalInterval kind, double z);

// The mean time up to a horizon, with its standard error (of the area, as R's survival has it).
struct RestrictedMean {
  double mean;
  double std_err;
};

// Errors: InvalidArgument for a horizon that is not above 0, or beyond the last time of a curve that has
// not come down to 0, for nothing is known of it there.
absl::StatusOr<RestrictedMean> RestrictedMeanOf(const KaplanMeierCurve &curve, double horizon);

inline KaplanMeierCurve KaplanMeierOf(RiskTable table) {
  KaplanMeierCurve result;
  const size_t n = table.size();
  result.curve.survival.resize(n);
  result.curve.std_err.resize(n);
  result.hazard.resize(n);
  result.hazard_error.resize(n);
  double survival = 1, greenwood = 0, hazard = 0, hazard_variance = 0;
  for (size_t i = 0; i < n; ++i) {
    const double events = table.events[i];
    if (events > 0) {
      const double at_risk = table.at_risk[i], left = at_risk - events;
      survival *= left / at_risk;
      greenwood += events / (at_risk * left);
      hazard += events / at_risk;
      hazard_variance += events / (at_risk * at_risk);
    }
    result.curve.survival[i] = survival;
    result.curve.std_err[i] =
        survival > 0 ? survival * std::sqrt(greenwood) : std::numeric_limits<double>::quiet_NaN();
    result.hazard[i] = hazard;
    result.hazard_error[i] = std::sqrt(hazard_variance);
  }
  result.at_risk = std::move(table.at_risk);
  result.events = std::move(table.events);
  result.curve.times = std::move(table.times);
  result.curve.at_risk = std::move(table.rows_at_risk);
  result.curve.events = std::move(table.event_rows);
  result.curve.censored = std::move(table.censored_rows);
  for (size_t i = 0; i < n; ++i) {
    result.rows += static_cast<double>(result.curve.events[i] + result.curve.censored[i]);
  }
  return result;
}

inline absl::StatusOr<std::vector<KaplanMeierCurve>> FitKaplanMeier(const Observed &observed,
                                                                    const Groups &groups,
                                                                    const Execution &execution) {
  PATRON_RETURN_IF_ERROR(CheckObserved(observed));
  std::vector<KaplanMeierCurve> curves;
  curves.reserve(groups.count);
  for (RiskTable &table : TabulateRisks(observed, groups, execution)) {
    curves.push_back(KaplanMeierOf(std::move(table)));
  }
  return curves;
}

inline Interval HazardIntervalAt(const KaplanMeierCurve &curve, size_t i, SurvivalInterval kind,
                                 double z) {
  const double hazard = curve.hazard[i], error = curve.hazard_error[i];
  if (hazard == 0) return {0, 0};
  if (kind == SurvivalInterval::kPlain) {
    return {std::max(0.0, hazard - z * error), hazard + z * error};
  }
  const double factor = std::exp(z * error / hazard);
  return {hazard / factor, hazard * factor};
}

inline CurveLimits LimitsOf(const SurvivalCurve<double> &curve, SurvivalInterval kind, double z) {
  CurveLimits limits = {curve, curve};
  for (size_t i = 0; i < curve.times.size(); ++i) {
    const Interval at = IntervalAt(curve, i, kind, z);
    limits.lower.survival[i] = std::isnan(at.lower) ? 0 : at.lower;
    limits.upper.survival[i] =
        std::isnan(at.upper) ? (i > 0 ? limits.upper.survival[i - 1] : 1) : at.upper;
  }
  return limits;
}

inline absl::StatusOr<RestrictedMean> RestrictedMeanOf(const KaplanMeierCurve &curve,
                                                       double horizon) {
  const std::vector<double> &times = curve.curve.times, &survival = curve.curve.survival;
  if (!(horizon > 0) || !std::isfinite(horizon)) {
    return InvalidOption("horizon", FormatNumber(horizon), "a number above 0");
  }
  if (horizon > times.back() && survival.back() > 0) {
    return InvalidOption(
        "horizon", FormatNumber(horizon),
        absl::StrCat("at most ", FormatNumber(times.back()), ", the last time observed"));
  }
  size_t end = 0;
  while (end < times.size() && times[end] <= horizon) ++end;
  double area = 0, variance = 0, next = horizon;
  for (size_t i = end; i-- > 0;) {
    area += survival[i] * (next - times[i]);
    next = times[i];
    const double events = curve.events[i], left = curve.at_risk[i] - events;
    if (events > 0 && left > 0) variance += area * area * events / (curve.at_risk[i] * left);
  }
  return RestrictedMean{area + next, std::sqrt(variance)};
}

}  // namespace patron::loyalty

#endif  // PATRON_LOYALTY_KAPLAN_MEIER_HPP_
