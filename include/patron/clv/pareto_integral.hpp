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

  // Fills the outputs of the first `count` lanes; the moments only if asked for. With a range of
  // zero the integral is zero and the moments are those of a point.
  void Compute(size_t count, bool moments);

 private:
  uint8_t Prepare(size_t lane, double fall);
};

namespace detail {

inline constexpr double kExponentCut = 42;

inline double ParetoExponent(double p, double q, double ratio, double v) {
  return p * Log1Plus(ratio * ExpMinus1(v)) + q * v;
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

// The smallest rule that is exact to rounding for a fall of the exponent over a range.
inline uint8_t ParetoRule(double fall, double range) {
  if (range <= 1 && fall <= 2) return 0;
  if (range <= 1.5 && fall <= 8) return 1;
  if (range <= 2 && fall <= 6) return 1;
  if (range <= 4 && fall <= 16) return 2;
  if (range <= 4) return 3;
  if (range <= 6 || (range <= 8 && fall <= 24)) return 4;
  return range <= 12 ? 5 : 6;
}

// Sums over the nodes of one rule for lanes that share it. Row k of a sum belongs to lane k.
struct ParetoSums {
  alignas(64) double weight[kBlockRows];
  alignas(64) double first[4][kBlockRows];
  alignas(64) double second[Packed(4, 0)][kBlockRows];

  // Of the lanes [0, lanes) of the inputs.
  void Sum(std::span<const QuadratureNode> nodes, size_t lanes, const double *p, const double *q,
           const double *ratio, const double *range, bool moments);
};

inline void ParetoSums::Sum(std::span<const QuadratureNode> nodes, size_t lanes, const double *p,
                            const double *q, const double *ratio, const double *range,
                            bool moments) {
  std::fill_n(weight, lanes, 0.0);
  if (!moments) {
    for (const QuadratureNode &node : nodes) {
      for (size_t i = 0; i < lanes; ++i) {
        const double v = range[i] * node.place;
        const double l = Log1Plus(ratio[i] * ExpMinus1(v));
        weight[i] += node.weight * Exp(-p[i] * l - q[i] * v);
      }
    }
    return;
  }
  for (auto &lane : first) std::fill_n(lane, lanes, 0.0);
  for (auto &lane : second) std::fill_n(lane, lanes, 0.0);
  alignas(64) double density[kBlockRows];
  alignas(64) double value[4][kBlockRows];
  for (const QuadratureNode &node : nodes) {
    for (size_t i = 0; i < lanes; ++i) {
      const double v = range[i] * node.place;
      const double growth = ExpMinus1(v);
      const double other = ratio[i] * growth;
      const double l = Log1Plus(other);
      density[i] = node.weight * Exp(-p[i] * l - q[i] * v);
      value[0][i] = v;
      value[1][i] = l;
      value[2][i] = growth / (1 + growth);
      value[3][i] = other / (1 + other);
    }
    for (size_t i = 0; i < lanes; ++i) {
      const double g = density[i];
      const double v0 = value[0][i], v1 = value[1][i], v2 = value[2][i], v3 = value[3][i];
      const double g0 = g * v0, g1 = g * v1, g2 = g * v2, g3 = g * v3;
      weight[i] += g;
      first[0][i] += g0;
      first[1][i] += g1;
      first[2][i] += g2;
      first[3][i] += g3;
      second[0][i] += g0 * v0;
      second[1][i] += g1 * v0;
      second[2][i] += g1 * v1;
      second[3][i] += g2 * v0;
      second[4][i] += g2 * v1;
      second[5][i] += g2 * v2;
      second[6][i] += g3 * v0;
      second[7][i] += g3 * v1;
      second[8][i] += g3 * v2;
      second[9][i] += g3 * v3;
    }
  }
}

}  // namespace detail

// Cuts the range of a lane, over which the exponent falls so far, and chooses its rule.
inline uint8_t ParetoIntegrals::Prepare(size_t lane, double fall) {
  if (fall <= detail::kExponentCut) return detail::ParetoRule(fall, range[lane]);
  range[lane] = detail::ParetoCut(p[lane], q[lane], ratio[lane], range[lane]);
  return detail::ParetoRule(detail::kExponentCut, range[lane]);
}

inline void ParetoIntegrals::Compute(size_t count, bool moments) {
  std::array<uint8_t, kBlockRows> rule;
  std::array<size_t, kRuleCount> of_rule{};
  alignas(64) double fall[kBlockRows];
  for (size_t i = 0; i < count; ++i) {
    fall[i] = detail::ParetoExponent(p[i], q[i], ratio[i], range[i]);
  }
  for (size_t i = 0; i < count; ++i) {
    rule[i] = Prepare(i, fall[i]);
    ++of_rule[rule[i]];
  }
  alignas(64) double packed[4][kBlockRows];
  std::array<size_t, kBlockRows> lane;
  detail::ParetoSums sums;
  for (size_t k = 0; k < kRuleCount; ++k) {
    if (of_rule[k] == 0) continue;
    size_t used = 0;
    for (size_t i = 0; i < count; ++i) {
      if (rule[i] == k) lane[used++] = i;
    }
    const size_t lanes = used < 4 ? used : (used + 7) / 8 * 8;
    for (size_t i = 0; i < lanes; ++i) {
      const size_t source = lane[std::min(i, used - 1)];
      packed[0][i] = p[source];
      packed[1][i] = q[source];
      packed[2][i] = ratio[source];
      packed[3][i] = range[source];
    }
    sums.Sum(QuadratureRule(k), lanes, packed[0], packed[1], packed[2], packed[3], moments);
    for (size_t i = 0; i < used; ++i) {
      const double total = sums.weight[i];
      integral[lane[i]] = total * packed[3][i];
      if (!moments) continue;
      for (size_t j = 0; j < 4; ++j) mean[j][lane[i]] = sums.first[j][i] / total;
      for (size_t j = 0; j < 4; ++j) {
        for (size_t m = 0; m <= j; ++m) {
          covariance[Packed(j, m)][lane[i]] =
              sums.second[Packed(j, m)][i] / total - mean[j][lane[i]] * mean[m][lane[i]];
        }
      }
    }
  }
}

}  // namespace patron::clv

#endif  // PATRON_CLV_PARETO_INTEGRAL_HPP_
