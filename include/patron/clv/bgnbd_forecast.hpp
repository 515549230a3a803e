// Purchases to come of customers of the BG/NBD family, by tables that customers share.
#ifndef PATRON_CLV_BGNBD_FORECAST_HPP_
#define PATRON_CLV_BGNBD_FORECAST_HPP_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
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
// below 1e-11. The grid and which part of it counts do not depend on who else shares the table, so
// that a customer is told the same whoever made it.
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
  // Nodes first to end - 1 of the grid, whole groups of lanes.
  struct Window {
    int64_t first, end;
  };

  BetaGeometricForecast() = default;

  // Where the density times what is expected is not negligible.
  Window WindowOf(double rate) const;

  double shape_ = 1, low_ = 1, high_ = 1;
  double step_ = 1;
  double longest_ = 1;  // Most that is expected, for each unit of a small rate.
  double above_ = 1;    // How far ln l reaches above where the density is greatest.
  double top_ = 0;      // ln of shape^shape e^-shape / Gamma(shape).
  int64_t first_ = 0;
  std::vector<double> rate_, log_, value_;  // l, ln(l / shape), the mean over p times the step.
};

namespace detail {

// Where what is expected within a horizon bends, for BetaNodes: at the highest rate of purchases
// that matters. It is the same for customers of any age.
inline double ForecastBend(double shape, double alpha, double discount, double horizon) {
  const double longest = discount > 0 ? std::min(horizon, 1 / discount) : horizon;
  return -std::log(4 * (shape / alpha) * longest);
}

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

// With u = ln l - ln(shape / rate) the density falls by shape (e^u - 1 - u) and what is expected is
// at most `longest_` l. For -1 < u < 0 the former is above shape u^2 / 3.
inline BetaGeometricForecast::Window BetaGeometricForecast::WindowOf(double rate) const {
  constexpr auto kGroup = static_cast<double>(kLaneGroup);
  const double log_rate = std::log(rate);
  const double fall = 38 + std::max(0.0, std::log(shape_ * longest_) - log_rate);
  const double near = std::sqrt(3 * fall / shape_);
  const double below = near < 1 ? near : (fall + shape_) / (1 + shape_);
  const double first = std::floor((-log_rate - below) / (step_ * kGroup));
  const double end = std::ceil((-log_rate + above_) / (step_ * kGroup));
  return {static_cast<int64_t>(first) * static_cast<int64_t>(kLaneGroup),
          static_cast<int64_t>(end) * static_cast<int64_t>(kLaneGroup)};
}

template <typename V>
inline BetaGeometricForecast BetaGeometricForecast::Make(double shape, double low, double high,
                                                         const BetaNodes &dropout, double discount,
                                                         double horizon) {
  BetaGeometricForecast made;
  made.shape_ = shape;
  made.low_ = low;
  made.high_ = high;
  made.top_ = detail::LogGammaTop(shape);
  made.step_ = 0.8 / std::sqrt(shape + 6);
  made.longest_ = discount > 0 ? std::min(horizon, 1 / discount) : horizon;
  while (shape * (std::expm1(made.above_) - made.above_) - made.above_ < 38) made.above_ *= 1.1;
  while (shape * (std::expm1(made.above_) - made.above_) - made.above_ > 38) made.above_ *= 0.95;
  made.above_ *= 1.06;
  made.first_ = made.WindowOf(high).first - static_cast<int64_t>(kLaneGroup);
  const int64_t end = made.WindowOf(low).end + static_cast<int64_t>(kLaneGroup);
  for (int64_t k = made.first_; k < end; ++k) {
    const double place = static_cast<double>(k) * made.step_;
    const double l = shape * std::exp(place);
    made.rate_.push_back(l);
    made.log_.push_back(place);
    made.value_.push_back(made.step_ * detail::MeanOverDropout<V>(dropout, l, discount, horizon));
  }
  return made;
}

template <typename V>
inline double BetaGeometricForecast::IfAlive(double rate) const {
  const double log_rate = std::log(rate);
  const Window window = WindowOf(rate);
  V sums[kLaneGroup / kLanesOf<V>] = {};
  const auto end = static_cast<size_t>(window.end - first_);
  for (auto i = static_cast<size_t>(window.first - first_); i < end; i += kLaneGroup) {
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
