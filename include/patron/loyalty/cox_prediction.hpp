// What a baseline and a hazard ratio say of one customer: survival, and the time that remains.
#ifndef PATRON_LOYALTY_COX_PREDICTION_HPP_
#define PATRON_LOYALTY_COX_PREDICTION_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <Eigen/Core>

#include "patron/base/interval.hpp"
#include "patron/base/survival.hpp"
#include "patron/loyalty/cox.hpp"

namespace patron::loyalty {

// The cumulative hazard at covariates of 0, at any time of 0 or more: it jumps at events.
inline double CumulativeHazardAt(const CoxBaseline &baseline, double time) {
  const auto after = std::ranges::upper_bound(baseline.times, time) - baseline.times.begin();
  return after == 0 ? 0 : baseline.cumulative[static_cast<size_t>(after - 1)];
}

// The chance to stay `further` when one has stayed `elapsed`, at `risk` = exp(linear predictor from
// covariates of 0); NaN past the last time observed.
inline double SurvivalFrom(const CoxBaseline &baseline, double risk, double elapsed,
                           double further) {
  if (elapsed + further > baseline.last_time) return std::numeric_limits<double>::quiet_NaN();
  const double hazard =
      CumulativeHazardAt(baseline, elapsed + further) - CumulativeHazardAt(baseline, elapsed);
  return std::exp(-risk * hazard);
}

// The standard error of the logarithm of SurvivalFrom, by Link (1984) and Tsiatis (1981): of the events
// and of the coefficients. `centred` are the covariates less their means, `covariance` that of the
// coefficients; the baseline has what survival_errors keeps. NaN as SurvivalFrom.
inline double LogSurvivalError(const CoxBaseline &baseline, const Eigen::MatrixXd &covariance,
                               const Eigen::VectorXd &centred, double risk, double elapsed,
                               double further) {
  if (elapsed + further > baseline.last_time) return std::numeric_limits<double>::quiet_NaN();
  const auto passed = [&](double time) {
    return static_cast<size_t>(std::ranges::upper_bound(baseline.times, time) -
                               baseline.times.begin());
  };
  const auto at = [](const std::vector<double> &sums, size_t place) {
    return place == 0 ? 0 : sums[place - 1];
  };
  const size_t from = passed(elapsed), to = passed(elapsed + further);
  const double hazard = at(baseline.cumulative, to) - at(baseline.cumulative, from);
  const double variance = at(baseline.variance, to) - at(baseline.variance, from);
  const auto p = static_cast<size_t>(centred.size());
  Eigen::VectorXd apart = hazard * centred;
  for (size_t k = 0; k < p; ++k) {
    const auto drift = [&](size_t place) {
      return place == 0 ? 0 : baseline.drift[(place - 1) * p + k];
    };
    apart[static_cast<Eigen::Index>(k)] -= drift(to) - drift(from);
  }
  return risk * std::sqrt(std::max(0.0, variance + apart.dot(covariance * apart)));
}

// The interval of a survival whose logarithm has the standard error `error`, cut off to [0, 1].
inline Interval SurvivalLimits(double survival, double error, SurvivalInterval kind, double z) {
  if (std::isnan(error)) return {error, error};
  if (survival == 1) return {1, 1};
  Interval limits = {survival * std::exp(-z * error), survival * std::exp(z * error)};
  if (kind == SurvivalInterval::kPlain) {
    limits = {survival - z * survival * error, survival + z * survival * error};
  } else if (kind == SurvivalInterval::kLogLog) {
    const double width = -z * error / std::log(survival);
    limits = {std::pow(survival, std::exp(width)), std::pow(survival, std::exp(-width))};
  }
  return {std::max(0.0, limits.lower), std::min(1.0, limits.upper)};
}

// The further time after which half of those have left who had stayed `elapsed`; NaN if the data end
// before.
inline double MedianRemaining(const CoxBaseline &baseline, double risk, double elapsed) {
  const double wanted = CumulativeHazardAt(baseline, elapsed) + std::log(2.0) / risk;
  const auto reached = std::ranges::lower_bound(baseline.cumulative, wanted);
  if (reached == baseline.cumulative.end() || elapsed > baseline.last_time) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  return baseline.times[static_cast<size_t>(reached - baseline.cumulative.begin())] - elapsed;
}

// The mean further time of those who have stayed `elapsed`, up to `horizon` on the scale of durations:
// the area below the curve from there. NaN for a time elapsed that is not below the horizon.
inline double MeanRemaining(const CoxBaseline &baseline, double risk, double elapsed,
                            double horizon) {
  if (!(elapsed < horizon)) return std::numeric_limits<double>::quiet_NaN();
  auto i = static_cast<size_t>(std::ranges::upper_bound(baseline.times, elapsed) -
                               baseline.times.begin());
  const double before = i == 0 ? 0 : baseline.cumulative[i - 1];
  double area = 0, survival = 1, from = elapsed;
  for (; i < baseline.times.size() && baseline.times[i] < horizon; ++i) {
    area += survival * (baseline.times[i] - from);
    from = baseline.times[i];
    survival = std::exp(-risk * (baseline.cumulative[i] - before));
    if (survival == 0) return area;
  }
  return area + survival * (horizon - from);
}

}  // namespace patron::loyalty

#endif  // PATRON_LOYALTY_COX_PREDICTION_HPP_
