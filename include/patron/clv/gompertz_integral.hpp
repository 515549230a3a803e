// The integral over the time of dropout in the GGompertz/NBD likelihood, for many customers.
#ifndef PATRON_CLV_GOMPERTZ_INTEGRAL_HPP_
#define PATRON_CLV_GOMPERTZ_INTEGRAL_HPP_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "patron/clv/elementary.hpp"
#include "patron/clv/evaluation.hpp"
#include "patron/clv/gauss_legendre.hpp"
#include "patron/clv/pareto_integral.hpp"

namespace patron::clv {

namespace detail {

// ln(1 + steepness (e^z - 1)) for z >= 0, however large.
inline double GompertzDecline(double steepness, double z) {
  const double small = Log1Plus(steepness * ExpMinus1(Choose(z < 30, z, 30)));
  const double large = z + Log(steepness + (1 - steepness) * Exp(Choose(z < 30, -30, -z)));
  return Choose(z < 30, small, large);
}

}  // namespace detail

// With z = b (y - t_x), k = e^(b t_x) / (beta + e^(b t_x) - 1) and D(z) = ln(1 + k (e^z - 1)): the
// integral over v = ln(1 + (y - t_x) / c) of
//   exp(z + v - n ln((alpha + y) / (alpha + t_x)) - (s + 1) D).
// c is the shorter of the times in which the purchases' and the dropout's factors change.
//
// A rise is bounded by -ln k; where the exponent has fallen 42 below its top the rest is left out.
struct GompertzIntegrals {
  static constexpr size_t kMoments = 5;

  // In: a lane a customer.
  alignas(64) double n[kBlockRows];
  alignas(64) double m[kBlockRows];  // s + 1.
  alignas(64) double b[kBlockRows];
  alignas(64) double beta[kBlockRows];
  alignas(64) double age[kBlockRows];        // b t_x.
  alignas(64) double steepness[kBlockRows];  // k.
  alignas(64) double before[kBlockRows];     // alpha + t_x.
  alignas(64) double scale[kBlockRows];      // c.
  alignas(64) double range[kBlockRows];      // Of v; may be 0.

  // Out: the integral; under its integrand as a density means and covariances of
  //   0: ln((alpha + y) / (alpha + t_x))   1: (y - t_x) / (alpha + y)   2: D
  //   3: e - e(t_x), where e = beta / (beta + e^(b y) - 1)
  //   4: f - f(t_x), where f = b y - (s + 1) g and g = b y e^(b y) / (beta + e^(b y) - 1)
  // and the means of g, e g and g (1 + b y - g), which is dg / d ln b.
  alignas(64) double integral[kBlockRows];
  alignas(64) double mean[kMoments][kBlockRows];
  alignas(64) double covariance[Packed(kMoments, 0)][kBlockRows];
  alignas(64) double mean_g[kBlockRows];
  alignas(64) double mean_eg[kBlockRows];
  alignas(64) double mean_curve[kBlockRows];

  // Fills the outputs of the first `count` lanes; the moments only if asked for.
  void Compute(size_t count, bool moments);

 private:
  struct Plan {
    uint8_t rule;
    uint16_t panels;
    bool operator==(const Plan &) const = default;
  };
  struct Sums;

  // How far the integrand has fallen at v, relative to t_x.
  double Fall(size_t lane, double v) const;
  Plan Prepare(size_t lane, double fall);
  // Sums over the nodes for the chosen lanes, which share a plan.
  void Sum(const Plan &plan, const size_t *lane, size_t used, bool moments);
};

inline double GompertzIntegrals::Fall(size_t lane, double v) const {
  const double wait = scale[lane] * ExpMinus1(v);
  const double z = b[lane] * wait;
  return n[lane] * Log1Plus(wait / before[lane]) +
         m[lane] * detail::GompertzDecline(steepness[lane], z) - z - v;
}

// `fall` bounds the variation of the exponent; only where it is large is it looked at closely.
inline GompertzIntegrals::Plan GompertzIntegrals::Prepare(size_t lane, double fall) {
  if (fall > detail::kExponentCut) {
    constexpr int kSamples = 24;
    for (int round = 0; round < 3; ++round) {
      std::array<double, kSamples + 1> at;
      for (int i = 0; i <= kSamples; ++i) at[i] = Fall(lane, range[lane] * i / kSamples);
      const double lowest = *std::ranges::min_element(at);
      int last = kSamples;
      while (last > 1 && at[last - 1] > lowest + detail::kExponentCut) --last;
      fall = *std::max_element(at.begin(), at.begin() + last + 1) - lowest;
      if (last > kSamples / 2) {
        range[lane] *= static_cast<double>(last) / kSamples;
        break;
      }
      range[lane] *= static_cast<double>(last) / kSamples;
    }
  }
  // A hazard that rises late does so within a small part of the range of v.
  const double delay = -std::log(steepness[lane]);
  const double rises = b[lane] * scale[lane] * ExpMinus1(range[lane]);
  const double sharpness = std::max(1.0, 0.4 * std::min(delay, rises));
  const double length = range[lane] * sharpness;
  if (length <= 4 && fall <= detail::kExponentCut) return {detail::ParetoRule(fall, length), 1};
  const double panels = std::max(std::ceil(length / 2.5), std::ceil(fall / 30));
  return {3, static_cast<uint16_t>(std::min(panels, 2000.0))};
}

struct GompertzIntegrals::Sums {
  template <typename T>
  using Lanes = T[kBlockRows];

  alignas(64) Lanes<double> n, m, b, beta, age, steepness, before, scale, range, e0, f0;
  alignas(64) Lanes<double> weight, g, eg, curve, density, at_g, at_eg, at_curve;
  alignas(64) double value[kMoments][kBlockRows];
  alignas(64) double first[kMoments][kBlockRows];
  alignas(64) double second[Packed(kMoments, 0)][kBlockRows];
};

inline void GompertzIntegrals::Sum(const Plan &plan, const size_t *lane, size_t used,
                                   bool moments) {
  Sums t;
  for (size_t i = 0; i < used; ++i) {
    const size_t l = lane[i];
    t.n[i] = n[l];
    t.m[i] = m[l];
    t.b[i] = b[l];
    t.beta[i] = beta[l];
    t.age[i] = age[l];
    t.steepness[i] = steepness[l];
    t.before[i] = before[l];
    t.scale[i] = scale[l];
    t.range[i] = range[l];
    t.e0[i] = beta[l] * Exp(-age[l]) * steepness[l];
    t.f0[i] = age[l] - m[l] * (age[l] * steepness[l]);
  }
  for (double *zero : {t.weight, t.g, t.eg, t.curve}) std::fill_n(zero, used, 0.0);
  for (auto &zero : t.first) std::fill_n(zero, used, 0.0);
  for (auto &zero : t.second) std::fill_n(zero, used, 0.0);
  const double part = 1.0 / plan.panels;
  for (size_t panel = 0; panel < plan.panels; ++panel) {
    for (const QuadratureNode &node : QuadratureRule(plan.rule)) {
      const double place = (static_cast<double>(panel) + node.place) * part;
      const double node_weight = node.weight * part;
      for (size_t i = 0; i < used; ++i) {
        const double v = t.range[i] * place;
        const double wait = t.scale[i] * ExpMinus1(v);
        const double z = t.b[i] * wait;
        const double fade = Exp(-z);
        // 1 + k (e^z - 1) = e^z (k + (1 - k) e^-z); the first form is exact for small z.
        const double rest = t.steepness[i] + (1 - t.steepness[i]) * fade;
        const double k = t.steepness[i] / rest;
        const double shift = t.steepness[i] * ExpMinus1(Choose(z < 30, z, 30));
        const double small = Log1Plus(shift);
        const double decline = Choose(z < 30, small, z + Log(rest));
        const double growth = Log1Plus(wait / t.before[i]);
        t.density[i] = node_weight * Exp(z + v - t.n[i] * growth - t.m[i] * decline);
        const double by = t.age[i] + z;
        const double e = t.beta[i] * Exp(-by) * k;
        const double g = by * k;
        t.value[0][i] = growth;
        t.value[1][i] = wait / (t.before[i] + wait);
        t.value[2][i] = decline;
        t.value[3][i] = e - t.e0[i];
        t.value[4][i] = (by - t.m[i] * g) - t.f0[i];
        t.at_g[i] = g;
        t.at_eg[i] = e * g;
        t.at_curve[i] = g * (1 + by * ((t.beta[i] - 1) * Exp(-by) * k));
      }
      for (size_t i = 0; i < used; ++i) t.weight[i] += t.density[i];
      if (!moments) continue;
      for (size_t i = 0; i < used; ++i) {
        const double w = t.density[i];
        t.g[i] += w * t.at_g[i];
        t.eg[i] += w * t.at_eg[i];
        t.curve[i] += w * t.at_curve[i];
      }
      for (size_t j = 0; j < kMoments; ++j) {
        for (size_t i = 0; i < used; ++i) t.first[j][i] += t.density[i] * t.value[j][i];
        for (size_t k = 0; k <= j; ++k) {
          double *sum = t.second[Packed(j, k)];
          for (size_t i = 0; i < used; ++i) {
            sum[i] += t.density[i] * t.value[j][i] * t.value[k][i];
          }
        }
      }
    }
  }
  for (size_t i = 0; i < used; ++i) {
    const size_t l = lane[i];
    const double total = t.weight[i];
    integral[l] = total * t.range[i];
    if (!moments) continue;
    mean_g[l] = t.g[i] / total;
    mean_eg[l] = t.eg[i] / total;
    mean_curve[l] = t.curve[i] / total;
    for (size_t j = 0; j < kMoments; ++j) mean[j][l] = t.first[j][i] / total;
    for (size_t j = 0; j < kMoments; ++j) {
      for (size_t k = 0; k <= j; ++k) {
        covariance[Packed(j, k)][l] = t.second[Packed(j, k)][i] / total - mean[j][l] * mean[k][l];
      }
    }
  }
}

inline void GompertzIntegrals::Compute(size_t count, bool moments) {
  std::array<Plan, kBlockRows> plan;
  std::array<bool, kBlockRows> done{};
  alignas(64) double fall[kBlockRows];
  for (size_t i = 0; i < count; ++i) {
    const double wait = scale[i] * ExpMinus1(range[i]);
    const double z = b[i] * wait;
    // The terms of the exponent all together.
    fall[i] = n[i] * Log1Plus(wait / before[i]) + m[i] * detail::GompertzDecline(steepness[i], z) +
              z + range[i];
  }
  for (size_t i = 0; i < count; ++i) plan[i] = Prepare(i, fall[i]);
  std::array<size_t, kBlockRows> lane;
  for (size_t first = 0; first < count; ++first) {
    if (done[first]) continue;
    size_t used = 0;
    for (size_t i = first; i < count; ++i) {
      if (done[i] || !(plan[i] == plan[first])) continue;
      lane[used++] = i;
      done[i] = true;
    }
    Sum(plan[first], lane.data(), used, moments);
  }
}

}  // namespace patron::clv

#endif  // PATRON_CLV_GOMPERTZ_INTEGRAL_HPP_
