// Curves of concentration: Lorenz, top shares and their inverse, and the whale curve of profit.
#ifndef PATRON_VALUE_CURVES_HPP_
#define PATRON_VALUE_CURVES_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "patron/base/sum.hpp"
#include "patron/value/ranked_values.hpp"
#include "patron/value/share.hpp"

namespace patron::value {

// A point of a curve: so many customers together have so much of the value.
struct CurvePoint {
  uint64_t customers = 0;
  double customer_share = 0;  // In [0, 1].
  double value = 0;           // Their sum, in the unit of the values.
  double value_share = 0;     // Of the total; NaN if the total is not positive.
};

// The Lorenz curve: the poorest customers first. The first point is (0, 0); then come `points`
// points with ceil(i n / points) customers each, or all n if `points` is 0 or above n.
template <Number T>
std::vector<CurvePoint> LorenzCurve(const RankedValues<T> &ranked, size_t points = 0);

// The height of the Lorenz curve at `customer_share` (in [0, 1]) of the customers, the curve
// being straight between one customer and the next. NaN if the total is not positive.
template <Number T>
double LorenzAt(const RankedValues<T> &ranked, double customer_share);

// The whale curve, also called share curve: the richest customers first. Points as LorenzCurve.
// With losses it rises above 1 and comes back; read `value` where the shares are NaN.
template <Number T>
std::vector<CurvePoint> WhaleCurve(const RankedValues<T> &ranked, size_t points = 0);

// The value of the top CustomersIn(customer_share, n) customers, `customer_share` in [0, 1].
template <Number T>
CurvePoint TopShare(const RankedValues<T> &ranked, double customer_share);

// The fewest top customers that together have at least `value_share` of the total.
// Errors: InvalidArgument if the total is not positive or the share not above 0; OutOfRange if
// the curve nowhere reaches it: it can be above 1 only as far as losses let the curve rise.
template <Number T>
absl::StatusOr<CurvePoint> CustomersForShare(const RankedValues<T> &ranked, double value_share);

// What a whale curve tells.
struct WhaleSummary {
  uint64_t customers = 0;
  double total = 0;
  uint64_t peak_customers = 0;  // Fewest customers with the largest cumulative value.
  double peak_value = 0;        // That value: the sum of all gains.
  double peak_share = 0;        // Of the total; NaN if the total is not positive.
  uint64_t full_customers = 0;  // Fewest whose value reaches the total; 0 if it is not positive.
  uint64_t loss_customers = 0;
  double losses = 0;      // Sum of the values below zero: at most 0. What the peak loses.
  double loss_share = 0;  // Its size as a share of the total; NaN if that is not positive.
};

template <Number T>
WhaleSummary SummarizeWhale(const RankedValues<T> &ranked);

namespace detail {

template <Number T>
CurvePoint PointOf(const RankedValues<T> &ranked, size_t customers, const Total<T> &sum) {
  return {
      .customers = customers,
      .customer_share = static_cast<double>(customers) / static_cast<double>(ranked.size()),
      .value = sum.ToDouble(),
      .value_share = ShareOf(sum, ranked.total()),
  };
}

// The smallest count of top customers, at least 1, that passes `enough`, a test that fails up
// to some point of the rising part of the curve and passes from there on. If it never does:
// one more than there are customers with a gain.
template <Number T, typename Enough>
size_t FewestTop(const RankedValues<T> &ranked, Enough enough) {
  size_t failing = 0;
  size_t passing = ranked.gain_customers() + 1;
  while (passing - failing > 1) {
    const size_t middle = failing + (passing - failing) / 2;
    (enough(middle) ? passing : failing) = middle;
  }
  return passing;
}

// The fewest top customers whose value reaches a positive total: those after them add nothing.
template <Number T>
size_t FullCustomers(const RankedValues<T> &ranked) {
  return FewestTop(ranked, [&](size_t customers) {
    return ranked.BottomSum(ranked.size() - customers).Sign() <= 0;
  });
}

template <Number T, typename SumAt>
std::vector<CurvePoint> SampleCurve(const RankedValues<T> &ranked, size_t points, SumAt sum_at) {
  const size_t n = ranked.size();
  if (points == 0 || points > n) points = n;
  std::vector<CurvePoint> curve;
  curve.reserve(points + 1);
  for (size_t i = 0; i <= points; ++i) {
    const auto scaled = Int128{static_cast<int64_t>(i)} * static_cast<int64_t>(n);
    const auto steps = static_cast<int64_t>(points);
    const auto customers = static_cast<size_t>((scaled + steps - 1) / steps);
    curve.push_back(PointOf(ranked, customers, sum_at(customers)));
  }
  return curve;
}

}  // namespace detail

template <Number T>
inline std::vector<CurvePoint> LorenzCurve(const RankedValues<T> &ranked, size_t points) {
  return detail::SampleCurve(ranked, points, [&](size_t k) { return ranked.BottomSum(k); });
}

template <Number T>
inline double LorenzAt(const RankedValues<T> &ranked, double customer_share) {
  const double place = customer_share * static_cast<double>(ranked.size());
  const size_t whole = std::min(ranked.size(), static_cast<size_t>(place));
  const double below = ShareOf(ranked.BottomSum(whole), ranked.total());
  if (whole == ranked.size()) return below;
  const double above = ShareOf(ranked.BottomSum(whole + 1), ranked.total());
  return below + (place - static_cast<double>(whole)) * (above - below);
}

template <Number T>
inline std::vector<CurvePoint> WhaleCurve(const RankedValues<T> &ranked, size_t points) {
  return detail::SampleCurve(ranked, points, [&](size_t k) { return ranked.TopSum(k); });
}

template <Number T>
inline CurvePoint TopShare(const RankedValues<T> &ranked, double customer_share) {
  const size_t customers = CustomersIn(customer_share, ranked.size());
  return detail::PointOf(ranked, customers, ranked.TopSum(customers));
}

template <Number T>
inline absl::StatusOr<CurvePoint> CustomersForShare(const RankedValues<T> &ranked,
                                                    double value_share) {
  if (ranked.total().Sign() <= 0) {
    return absl::InvalidArgumentError(absl::StrCat("values: the total is ",
                                                   FormatNumber(ranked.total().ToDouble()),
                                                   "; expected a positive one to take a share of"));
  }
  if (!(value_share > 0)) {
    return InvalidOption("share", FormatNumber(value_share), "a number above 0");
  }
  const size_t customers =
      value_share == 1 ? detail::FullCustomers(ranked) : detail::FewestTop(ranked, [&](size_t k) {
        return Reaches(ranked.TopSum(k), ranked.total(), value_share);
      });
  if (customers > ranked.gain_customers()) {
    return absl::OutOfRangeError(absl::StrCat(
        "share: ", FormatNumber(value_share), "; expected at most ",
        FormatNumber(ShareOf(ranked.gains(), ranked.total())), ", the peak of the curve"));
  }
  return detail::PointOf(ranked, customers, ranked.TopSum(customers));
}

template <Number T>
inline WhaleSummary SummarizeWhale(const RankedValues<T> &ranked) {
  const bool positive = ranked.total().Sign() > 0;
  WhaleSummary whale;
  whale.customers = ranked.size();
  whale.total = ranked.total().ToDouble();
  whale.peak_customers = ranked.gain_customers();
  whale.peak_value = ranked.gains().ToDouble();
  whale.peak_share = ShareOf(ranked.gains(), ranked.total());
  whale.loss_customers = ranked.loss_customers();
  whale.losses = ranked.losses().ToDouble();
  whale.loss_share =
      positive ? -whale.losses / whale.total : std::numeric_limits<double>::quiet_NaN();
  if (positive) whale.full_customers = detail::FullCustomers(ranked);
  return whale;
}

}  // namespace patron::value

#endif  // PATRON_VALUE_CURVES_HPP_
