// The integral over the time of dropout in the Pareto/NBD likelihood, for many customers at once.
#ifndef PATRON_CLV_PARETO_INTEGRAL_HPP_
#define PATRON_CLV_PARETO_INTEGRAL_HPP_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include "patron/clv/elementary.hpp"
#include "patron/clv/evaluation.hpp"
#include "patron/clv/gauss_legendre.hpp"
#include "patron/clv/lanes.hpp"

namespace patron::clv {

// The integral over y in [t_x, T] of ((alpha + t_x) / (alpha + y))^n ((beta + t_x) / (beta + y))^
// (s + 1) dy / (c + t_x), where c is the smaller of alpha and beta.
//
// With v = ln((c + y) / (c + t_x)) it is that of exp(-p ln(1 + ratio (e^v - 1)) - q v) over
// [0, V], smooth enough for a few nodes of Gauss and Legendre. Where the exponent has fallen by 42
// the rest is left out. The number of nodes follows from V and that fall: the relative error is
// below 1e-14 for all p > 1, q > -1, ratio in [1e-9, 1] and V up to 24.
struct ParetoIntegrals {
  // In: a lane a customer.
  alignas(64) double p[kBlockRows];
  alignas(64) double q[kBlockRows];
  alignas(64) double ratio[kBlockRows];  // (c + t_x) / (the larger one + t_x).
  alignas(64) double range[kBlockRows];  // V; may be 0.

  // Out: the integral, and under its integrand as a density means and covariances of
  //   0: ln((c + y) / (c + t_x))   1: the same of the larger one
  //   2: (y - t_x) / (c + y)       3: the same of the larger one.
  alignas(64) double integral[kBlockRows];
  alignas(64) double mean[4][kBlockRows];
  alignas(64) double covariance[Packed(4, 0)][kBlockRows];

  // Fills the outputs of the first `count` lanes, whole groups of them; the moments only if asked
  // for. With a range of zero the integral is zero and the moments are those of a point.
  template <typename V>
  void Compute(size_t count, bool moments);

 private:
  // The rule for a group of lanes, with their ranges cut where the exponent falls so far.
  template <typename V>
  size_t Prepare(size_t group);
  // Sums over the nodes for the lanes of one pack.
  template <typename V>
  void Sum(std::span<const QuadratureNode> nodes, size_t lane, bool moments);
};

// The integral for one customer alone; the width of a pack does not change it.
template <typename V = NativePack>
double ParetoIntegral(double p, double q, double ratio, double range);

namespace detail {

inline constexpr double kExponentCut = 42;

template <typename V>
inline V ParetoExponent(const V &p, const V &q, const V &ratio, const V &v) {
  return p * Log1Plus<V>(ratio * ExpMinus1(v)) + q * v;
}

// Where the exponent reaches kExponentCut, given that it is above it at v. It is convex, so that
// Newton's method comes down from the right without passing it.
inline double ParetoCut(double p, double q, double ratio, double v) {
  if (q > 0) v = std::min(v, kExponentCut / q);
  if (q >= 0) v = std::min(v, Log1Plus(ExpMinus1(std::min(kExponentCut / p, 700.0)) / ratio));
  for (int step = 0; step < 60; ++step) {
    const double growth = ratio * Exp(v);
    const double excess = ParetoExponent(p, q, ratio, v) - kExponentCut;
    const double slope = p * growth / (1 + ratio * ExpMinus1(v)) + q;
    if (!(excess > 1e-3) || !(slope > 0)) break;
    v -= excess / slope;
  }
  return v;
}

// The smallest rule that is exact to rounding for a fall of the exponent over a range. It is exact
// for any smaller fall and range too.
inline size_t ParetoRule(double fall, double range) {
  struct Reach {
    double range, fall;
    size_t rule;
  };
  constexpr std::array<Reach, 16> kReaches = {{{0.35, 1, RuleOf(6)},
                                               {0.75, 3, RuleOf(8)},
                                               {1, 2, RuleOf(8)},
                                               {1, 6, RuleOf(10)},
                                               {1.5, 3, RuleOf(10)},
                                               {1.5, 8, RuleOf(12)},
                                               {2, 6, RuleOf(12)},
                                               {2, 16, RuleOf(14)},
                                               {3, 4, RuleOf(14)},
                                               {3, 12, RuleOf(16)},
                                               {4, 3, RuleOf(16)},
                                               {3, 24, RuleOf(20)},
                                               {4, 16, RuleOf(20)},
                                               {4, kExponentCut, RuleOf(24)},
                                               {6, kExponentCut, RuleOf(32)},
                                               {8, 24, RuleOf(32)}}};
  for (const Reach &reach : kReaches) {
    if (range <= reach.range && fall <= reach.fall) return reach.rule;
  }
  return range <= 12 ? RuleOf(48) : RuleOf(96);
}

}  // namespace detail

template <typename V>
inline size_t ParetoIntegrals::Prepare(size_t group) {
  alignas(64) double fall[kLaneGroup];
  for (size_t i = 0; i < kLaneGroup; i += kLanesOf<V>) {
    const size_t l = group + i;
    Store<V>(fall + i, detail::ParetoExponent<V>(Load<V>(p + l), Load<V>(q + l), Load<V>(ratio + l),
                                                 Load<V>(range + l)));
  }
  double most = 0, longest = 0;
  for (size_t i = 0; i < kLaneGroup; ++i) {
    const size_t l = group + i;
    if (fall[i] > detail::kExponentCut) {
      range[l] = detail::ParetoCut(p[l], q[l], ratio[l], range[l]);
      fall[i] = detail::kExponentCut;
    }
    most = std::max(most, fall[i]);
    longest = std::max(longest, range[l]);
  }
  return detail::ParetoRule(most, longest);
}

// Each step runs over all nodes before the next begins: nodes do not wait for one another.
template <typename V>
inline void ParetoIntegrals::Sum(std::span<const QuadratureNode> nodes, size_t lane, bool moments) {
  V growth[kMostNodes], l[kMostNodes], density[kMostNodes];
  const size_t size = nodes.size();
  const V slope_l = Load<V>(p + lane), slope_v = Load<V>(q + lane), r = Load<V>(ratio + lane);
  const V width = Load<V>(range + lane);
  for (size_t j = 0; j < size; ++j) growth[j] = ExpMinus1<V>(width * nodes[j].place);
  for (size_t j = 0; j < size; ++j) l[j] = Log1Plus<V>(r * growth[j]);
  for (size_t j = 0; j < size; ++j) {
    density[j] = nodes[j].weight * Exp<V>(-slope_l * l[j] - slope_v * (width * nodes[j].place));
  }
  V total{};
  for (size_t j = 0; j < size; ++j) total += density[j];
  Store<V>(integral + lane, total * width);
  if (!moments) return;
  V first[4] = {}, second[Packed(4, 0)] = {};
  for (size_t j = 0; j < size; ++j) {
    const V other = r * growth[j];
    const V to_y = 1.0 + growth[j], to_y_other = 1.0 + other;
    const V inverse = 1.0 / (to_y * to_y_other);
    const V value[4] = {width * nodes[j].place, l[j], growth[j] * to_y_other * inverse,
                        other * to_y * inverse};
    for (size_t a = 0; a < 4; ++a) {
      const V weighted = density[j] * value[a];
      first[a] += weighted;
      for (size_t b = 0; b <= a; ++b) second[Packed(a, b)] += weighted * value[b];
    }
  }
  const V inverse = 1.0 / total;
  for (size_t a = 0; a < 4; ++a) {
    first[a] *= inverse;
    Store<V>(mean[a] + lane, first[a]);
    for (size_t b = 0; b <= a; ++b) {
      const size_t k = Packed(a, b);
      Store<V>(covariance[k] + lane, second[k] * inverse - first[a] * first[b]);
    }
  }
}

template <typename V>
inline void ParetoIntegrals::Compute(size_t count, bool moments) {
  for (size_t group = 0; group < count; group += kLaneGroup) {
    const std::span<const QuadratureNode> nodes = QuadratureRule(Prepare<V>(group));
    for (size_t i = 0; i < kLaneGroup; i += kLanesOf<V>) Sum<V>(nodes, group + i, moments);
  }
}

// The nodes take the lanes here.
template <typename V>
inline double ParetoIntegral(double p, double q, double ratio, double range) {
  double fall = detail::ParetoExponent(p, q, ratio, range);
  if (fall > detail::kExponentCut) {
    range = detail::ParetoCut(p, q, ratio, range);
    fall = detail::kExponentCut;
  }
  const std::span<const QuadratureNode> nodes = QuadratureRule(detail::ParetoRule(fall, range));
  alignas(64) double place[kMostNodes], term[kMostNodes];
  const size_t lanes = RoundToGroup(nodes.size());
  for (size_t j = 0; j < lanes; ++j) place[j] = j < nodes.size() ? range * nodes[j].place : 0;
  for (size_t j = 0; j < lanes; j += kLanesOf<V>) {
    const V v = Load<V>(place + j);
    Store<V>(term + j,
             Exp<V>(-detail::ParetoExponent<V>(Splat<V>(p), Splat<V>(q), Splat<V>(ratio), v)));
  }
  double sum = 0;
  for (size_t j = 0; j < nodes.size(); ++j) sum += nodes[j].weight * term[j];
  return sum * range;
}

}  // namespace patron::clv

#endif  // PATRON_CLV_PARETO_INTEGRAL_HPP_
