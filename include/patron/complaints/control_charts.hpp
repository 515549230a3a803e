// Control charts: which points of a series are more than the noise of the series itself.
#ifndef PATRON_COMPLAINTS_CONTROL_CHARTS_HPP_
#define PATRON_COMPLAINTS_CONTROL_CHARTS_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"

namespace patron::complaints {

enum class ChartKind {
  kP,       // Shares: counts of `sizes` each; limits p +- 3 sqrt(p (1 - p) / size).
  kU,       // Rates: counts on an exposure each; limits u +- 3 sqrt(u / exposure).
  kLaneyP,  // The same with limits widened by how much the shares vary more than binomially,
  kLaneyU,  // or the rates than by Poisson (Laney 2002): for sizes in the hundreds and above.
  kXmr,     // Single values: limits mean +- 2.66 mean moving range.
};

// A chart, with one entry a point. A signal is a point outside of its limits.
struct ControlChart {
  double center;
  double sigma_z = 1;         // By which the limits of Laney charts are widened.
  double moving_range = 0;    // Mean of those of XmR, whose limit is 3.267 times that.
  std::vector<double> value;  // Share, rate or value.
  std::vector<double> lower;  // Not below 0 but for XmR; of p not above 1 either.
  std::vector<double> upper;
  std::vector<uint8_t> signal;
};

// Charts `counts` on `sizes`; of XmR `counts` are the values and there are no sizes. The center and
// the limits come from the first `baseline` points, 0 meaning all.
//
// Errors: InvalidArgument for fewer than two points in the baseline, columns of unequal length,
// values that are not finite, counts below 0, sizes not above 0, and of p counts above their size.
// Cost: O(n).
absl::StatusOr<ControlChart> MakeChart(ChartKind kind, std::span<const double> counts,
                                       std::span<const double> sizes, size_t baseline = 0);

// A cumulative sum chart: `high` and `low` add up how far values lie above and below the target, in
// sigmas and beyond the slack k; a signal is a sum past h.
struct CusumChart {
  double target;
  double sigma;
  std::vector<double> high;
  std::vector<double> low;
  std::vector<uint8_t> signal;
};

struct CusumOptions {
  double slack = 0.5;   // k, in sigmas.
  double decision = 5;  // h, in sigmas.
  size_t baseline = 0;  // Points that give target and sigma, 0 meaning all.
  double target = std::numeric_limits<double>::quiet_NaN();  // NaN: the mean of the baseline.
  double sigma = std::numeric_limits<double>::quiet_NaN();   // NaN: its mean moving range / 1.128.
};

// Errors: InvalidArgument as MakeChart, for a sigma not above 0, and for negative slack or decision.
// Cost: O(n).
absl::StatusOr<CusumChart> MakeCusum(std::span<const double> values,
                                     const CusumOptions &options = {});

namespace detail {

inline constexpr double kRangeToSigma = 1.128;       // d2 of two values.
inline constexpr double kRangeToLimit = 2.66;        // 3 / d2, as the tables round it.
inline constexpr double kRangeToRangeLimit = 3.267;  // D4 of two values.

inline double MeanMovingRange(std::span<const double> values) {
  double sum = 0;
  for (size_t i = 1; i < values.size(); ++i) sum += std::abs(values[i] - values[i - 1]);
  return sum / static_cast<double>(values.size() - 1);
}

inline double MeanOf(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

inline absl::StatusOr<size_t> CheckBaseline(size_t baseline, size_t points) {
  if (baseline == 0) baseline = points;
  if (baseline >= 2 && baseline <= points) return baseline;
  return InvalidOption("baseline", absl::StrCat(baseline),
                       absl::StrCat("2 to the number of points, ", points));
}

inline absl::Status CheckCounts(ChartKind kind, std::span<const double> counts,
                                std::span<const double> sizes) {
  PATRON_RETURN_IF_ERROR(CheckFinite("count", counts));
  if (kind == ChartKind::kXmr) return absl::OkStatus();
  if (sizes.size() != counts.size()) {
    return InvalidOption("size", absl::StrCat(sizes.size(), " rows"),
                         absl::StrCat(counts.size(), " as in count"));
  }
  PATRON_RETURN_IF_ERROR(CheckFinite("size", sizes));
  const bool shares = kind == ChartKind::kP || kind == ChartKind::kLaneyP;
  for (size_t i = 0; i < counts.size(); ++i) {
    if (!(sizes[i] > 0)) return InvalidRow("size", i, FormatNumber(sizes[i]), "more than 0");
    if (counts[i] < 0) return InvalidRow("count", i, FormatNumber(counts[i]), "0 or more");
    if (shares && counts[i] > sizes[i]) {
      return InvalidRow("count", i, FormatNumber(counts[i]),
                        absl::StrCat("at most its size, ", FormatNumber(sizes[i])));
    }
  }
  return absl::OkStatus();
}

}  // namespace detail

inline absl::StatusOr<ControlChart> MakeChart(ChartKind kind, std::span<const double> counts,
                                              std::span<const double> sizes, size_t baseline) {
  PATRON_RETURN_IF_ERROR(detail::CheckCounts(kind, counts, sizes));
  PATRON_ASSIGN_OR_RETURN(baseline, detail::CheckBaseline(baseline, counts.size()));
  const size_t n = counts.size();
  ControlChart chart{};
  chart.sigma_z = 1;
  chart.value.assign(counts.begin(), counts.end());
  std::vector<double> width(n);
  double low = 0, high = std::numeric_limits<double>::infinity();
  if (kind == ChartKind::kXmr) {
    const auto base = counts.first(baseline);
    chart.center = detail::MeanOf(base);
    chart.moving_range = detail::MeanMovingRange(base);
    std::ranges::fill(width, detail::kRangeToLimit * chart.moving_range);
    low = -high;
  } else {
    const bool shares = kind == ChartKind::kP || kind == ChartKind::kLaneyP;
    double events = 0, exposure = 0;
    for (size_t i = 0; i < baseline; ++i) {
      events += counts[i];
      exposure += sizes[i];
    }
    chart.center = events / exposure;
    const double variance = shares ? chart.center * (1 - chart.center) : chart.center;
    for (size_t i = 0; i < n; ++i) {
      chart.value[i] = counts[i] / sizes[i];
      width[i] = std::sqrt(variance / sizes[i]);
    }
    if (kind == ChartKind::kLaneyP || kind == ChartKind::kLaneyU) {
      std::vector<double> z(baseline);
      for (size_t i = 0; i < baseline; ++i) {
        z[i] = width[i] > 0 ? (chart.value[i] - chart.center) / width[i] : 0;
      }
      chart.sigma_z = detail::MeanMovingRange(z) / detail::kRangeToSigma;
    }
    for (double &w : width) w *= 3 * chart.sigma_z;
    if (shares) high = 1;
  }
  for (size_t i = 0; i < n; ++i) {
    chart.lower.push_back(std::max(low, chart.center - width[i]));
    chart.upper.push_back(std::min(high, chart.center + width[i]));
    // Against the limits as they are before they are cut off: a share of 0 may be a signal.
    const double distance = std::abs(chart.value[i] - chart.center);
    chart.signal.push_back(distance > width[i] ? 1 : 0);
  }
  return chart;
}

inline absl::StatusOr<CusumChart> MakeCusum(std::span<const double> values,
                                            const CusumOptions &options) {
  PATRON_RETURN_IF_ERROR(CheckFinite("value", values));
  PATRON_ASSIGN_OR_RETURN(const size_t baseline,
                          detail::CheckBaseline(options.baseline, values.size()));
  if (!(options.slack >= 0) || !(options.decision >= 0)) {
    const bool slack = !(options.slack >= 0);
    return InvalidOption(slack ? "slack" : "decision",
                         FormatNumber(slack ? options.slack : options.decision), "0 or more");
  }
  const auto base = values.first(baseline);
  CusumChart chart{};
  chart.target = std::isnan(options.target) ? detail::MeanOf(base) : options.target;
  chart.sigma = std::isnan(options.sigma) ? detail::MeanMovingRange(base) / detail::kRangeToSigma
                                          : options.sigma;
  if (!(chart.sigma > 0) || !std::isfinite(chart.sigma) || !std::isfinite(chart.target)) {
    const bool sigma = std::isfinite(chart.target);
    return InvalidOption(sigma ? "sigma" : "target",
                         FormatNumber(sigma ? chart.sigma : chart.target),
                         sigma ? "a finite number above 0" : "a finite number");
  }
  double high = 0, low = 0;
  for (const double value : values) {
    const double z = (value - chart.target) / chart.sigma;
    high = std::max(0.0, high + z - options.slack);
    low = std::max(0.0, low - z - options.slack);
    chart.high.push_back(high);
    chart.low.push_back(low);
    chart.signal.push_back(high > options.decision || low > options.decision ? 1 : 0);
  }
  return chart;
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_CONTROL_CHARTS_HPP_
