// Purchases to come of customers of the BG/NBD family, by tables that customers share.
#ifndef PATRON_CLV_BGNBD_FORECAST_HPP_
#define PATRON_CLV_BGNBD_FORECAST_HPP_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <type_traits>
#include <vector>

#include "patron/clv/beta_nodes.hpp"
#include "patron/clv/elementary.hpp"
#include "patron/clv/lanes.hpp"
#include "patron/clv/log_gamma.hpp"

namespace patron::clv {

// Discounted purchases expected within a horizon, for models of regularity 1.
//
// Of a customer who is alive, buys at the rate l and drops out with probability p at a purchase,
//   l (1 - exp(-(discount + l p) horizon)) / (discount + l p)
// are expected. Its mean over p ~ Beta(a, b), with b after the flips survived, is a function of l
// that all customers of equal frequency share: it is tabulated over an even grid of ln l. Its mean
// over l ~ Gamma(shape, rate), with shape = r + x and rate = alpha + T, is then a sum over the
// grid, since the trapezoidal rule is exact to rounding for a density so smooth. Relative error
// below 1e-11.
class BetaGeometricForecast {
 public:
  // For rates from `low` to `high`. Either a discount above 0 or a finite horizon.
  // Cost: 40 to 100 nodes, and as many the wider the rates are apart, of some 200 terms each.
  template <typename V = NativePack>
  static BetaGeometricForecast Make(double shape, double low, double high, const BetaNodes &dropout,
                                    double discount, double horizon);

  // Of a customer who is alive. Cost: an exponential a node.
  template <typename V = NativePack>
  double IfAlive(double rate) const;

  bool Covers(double rate) const { return rate >= low_ && rate <= high_; }

 private:
  BetaGeometricForecast() = default;

  double shape_ = 1, low_ = 1, high_ = 1;
  double top_ = 0;                          // ln of shape^shape e^-shape / Gamma(shape).
  std::vector<double> rate_, log_, value_;  // l, ln(l / shape), the mean over p times the step.
};

namespace detail {

// The mean over p of what is expected at the rate `l`.
template <typename V>
double MeanOverDropout(const BetaNodes &dropout, double l, double discount, double horizon) {
  const size_t size = dropout.size();
  const auto term = [&](const auto &p, const auto &weight) {
    using W = std::remove_cvref_t<decltype(p)>;
    const W end = Choose<W>(discount + l * p > 1e-290, discount + l * p, Splat<W>(1e-290));
    if (std::isinf(horizon)) return W(weight / end);
    const W far = end * horizon;
    return W(weight * -ExpMinus1<W>(-Choose<W>(far < 700.0, far, Splat<W>(700))) / end);
  };
  // Always in sixteen sums, so that the width of a pack does not matter.
  constexpr size_t kSums = 16;
  constexpr size_t kPacks = kSums / kLanesOf<V>;
  V sums[kPacks] = {};
  size_t i = 0;
  for (; i + kSums <= size; i += kSums) {
    for (size_t k = 0; k < kPacks; ++k) {
      const size_t at = i + k * kLanesOf<V>;
      sums[k] += term(Load<V>(&dropout.place[at]), Load<V>(&dropout.weight[at]));
    }
  }
  std::array<double, kSums> lanes;
  for (size_t k = 0; k < kPacks; ++k) Store<V>(&lanes[k * kLanesOf<V>], sums[k]);
  double sum = 0;
  for (const double lane : lanes) sum += lane;
  for (; i < size; ++i) sum += term(dropout.place[i], dropout.weight[i]);
  return l * sum;
}

// ln of shape^shape e^-shape / Gamma(shape).
inline double LogGammaTop(double shape) {
  if (shape < kAsymptoticFrom) return shape * std::log(shape) - shape - LogGamma(shape);
  constexpr double kHalfLogTwoPi = 0.91893853320467274178;
  return 0.5 * std::log(shape) - kHalfLogTwoPi - StirlingRest(shape);
}

}  // namespace detail

template <typename V>
inline BetaGeometricForecast BetaGeometricForecast::Make(double shape, double low, double high,
                                                         const BetaNodes &dropout, double discount,
                                                         double horizon) {
  constexpr double kNegligible = 1e-15;
  BetaGeometricForecast made;
  made.shape_ = shape;
  made.low_ = low;
  made.high_ = high;
  made.top_ = detail::LogGammaTop(shape);
  const double step = 0.8 / std::sqrt(shape + 6);
  const double log_low = std::log(low), log_high = std::log(high);
  // From the place where the density of the highest rate is greatest, downwards, then upwards to
  // where that of the lowest rate has fallen.
  for (const int side : {-1, 1}) {
    double greatest = 0;
    for (int i = side < 0 ? 0 : 1; i < 100'000; ++i) {
      const double place = side * i * step - log_high;
      const double l = shape * std::exp(place);
      const double value = step * detail::MeanOverDropout<V>(dropout, l, discount, horizon);
      made.rate_.push_back(l);
      made.log_.push_back(place);
      made.value_.push_back(value);
      const double off = place + (side < 0 ? log_high : log_low);
      const double term = value * std::exp(shape * (off - std::expm1(off)));
      greatest = std::max(greatest, term);
      if (term < kNegligible * greatest && (side < 0 || off > 0)) break;
    }
  }
  // Nodes that only fill up the lanes.
  while (made.rate_.size() % kLaneGroup != 0) {
    made.rate_.push_back(made.rate_[0]);
    made.log_.push_back(made.log_[0]);
    made.value_.push_back(0);
  }
  return made;
}

template <typename V>
inline double BetaGeometricForecast::IfAlive(double rate) const {
  const double log_rate = std::log(rate);
  V sums[kLaneGroup / kLanesOf<V>] = {};
  for (size_t i = 0; i < rate_.size(); i += kLaneGroup) {
    for (size_t k = 0; k < kLaneGroup / kLanesOf<V>; ++k) {
      const size_t at = i + k * kLanesOf<V>;
      const V exponent =
          shape_ * (Load<V>(&log_[at]) + log_rate + 1.0) - Load<V>(&rate_[at]) * rate;
      sums[k] += Load<V>(&value_[at]) * Exp<V>(exponent + top_);
    }
  }
  std::array<double, kLaneGroup> lanes;
  for (size_t k = 0; k < kLaneGroup / kLanesOf<V>; ++k) Store<V>(&lanes[k * kLanesOf<V>], sums[k]);
  double sum = 0;
  for (const double lane : lanes) sum += lane;
  return sum;
}

}  // namespace patron::clv

#endif  // PATRON_CLV_BGNBD_FORECAST_HPP_
