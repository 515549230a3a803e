// What a baseline and a hazard ratio say of one customer: survival, and the time that remains.
#ifndef PATRON_LOYALTY_COX_PREDICTION_HPP_
#define PATRON_LOYALTY_COX_PREDICTION_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

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
