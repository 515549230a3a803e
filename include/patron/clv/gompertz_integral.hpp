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
template <typename V>
inline V GompertzDecline(const V &steepness, const V &z) {
  const V near = Choose<V>(z < 600.0, z, Splat<V>(600));
  return Log1Plus<V>(steepness * ExpMinus1(near)) + (z - near);
}

// The smallest rule that is exact to rounding over one panel.
inline size_t GompertzRule(double fall, double length) {
  if (length <= 1 && fall <= 2) return RuleOf(8);
  if (length <= 1.5 && fall <= 8) return RuleOf(12);
  if (length <= 2 && fall <= 6) return RuleOf(12);
  return fall <= 16 ? RuleOf(20) : RuleOf(24);
}

}  // namespace detail

// One customer's integrand, as GompertzIntegrals has it.
struct GompertzIntegrand {
  double n;  // Events before death weigh as r + x.
  double m;  // s + 1.
  double b;
  double steepness;  // k.
  double before;     // alpha + t_x.
  double scale;      // c.
  double range;      // Of v.

  // Panels of one rule over the range.
  struct Plan {
    size_t rule;
    size_t panels;
  };

  // How far the integrand has fallen at v, relative to t_x.
  template <typename V>
  V Fall(const V &v) const {
    const V wait = scale * ExpMinus1<V>(v);
    const V z = b * wait;
    return n * Log1Plus<V>(wait / before) + m * detail::GompertzDecline<V>(Splat<V>(steepness), z) -
           z - v;
  }

  // Shortens the range to where it counts. `fall` bounds the variation of the exponent; only where it
  // is large is it looked at closely.
  Plan Prepare(double fall);

  // The integral. Cost: two exponentials and two logarithms a node, of which there are 8 to 96, or a
  // panel of 24 for each 2.5 of a long range.
  template <typename V = NativePack>
  double Integrate();
};

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

  // Fills the outputs of the first `count` lanes, whole groups of them; the moments only if asked
  // for.
  template <typename V>
  void Compute(size_t count, bool moments);

 private:
  using Plan = GompertzIntegrand::Plan;

  Plan Prepare(size_t lane, double fall);
  // Sums over the nodes for the lanes of one pack.
  template <typename V>
  void Sum(const Plan &plan, size_t lane, bool moments);
};

inline GompertzIntegrand::Plan GompertzIntegrand::Prepare(double fall) {
  if (fall > detail::kExponentCut) {
    constexpr int kSamples = 24;
    for (int round = 0; round < 3; ++round) {
      std::array<double, kSamples + 1> at;
      for (int i = 0; i <= kSamples; ++i) at[i] = Fall<double>(range * i / kSamples);
      const double lowest = *std::ranges::min_element(at);
      int last = kSamples;
      while (last > 1 && at[last - 1] > lowest + detail::kExponentCut) --last;
      fall = *std::max_element(at.begin(), at.begin() + last + 1) - lowest;
      range *= static_cast<double>(last) / kSamples;
      if (last > kSamples / 2) break;
    }
  }
  // A hazard that rises late does so within a small part of the range of v.
  const double delay = -std::log(steepness);
  const double rises = b * scale * ExpMinus1(range);
  const double sharpness = std::max(1.0, 0.4 * std::min(delay, rises));
  const double length = range * sharpness;
  if (length <= 4 && fall <= detail::kExponentCut) return {detail::GompertzRule(fall, length), 1};
  const double panels = std::max(std::ceil(length / 2.5), std::ceil(fall / 30));
  return {RuleOf(24), static_cast<size_t>(std::min(panels, 2000.0))};
}

template <typename V>
inline double GompertzIntegrand::Integrate() {
  const double wait = scale * ExpMinus1(range);
  const double z = b * wait;
  // The terms of the exponent all together.
  const Plan plan =
      Prepare(n * Log1Plus(wait / before) + m * detail::GompertzDecline(steepness, z) + z + range);
  const std::span<const QuadratureNode> nodes = QuadratureRule(plan.rule);
  const size_t lanes = RoundToGroup(nodes.size());
  const double part = 1.0 / static_cast<double>(plan.panels);
  alignas(64) double density[kMostNodes];
  double total = 0;
  for (size_t panel = 0; panel < plan.panels; ++panel) {
    // Lanes beyond the nodes repeat the first.
    for (size_t j = 0; j < lanes; ++j) {
      const double place = nodes[j < nodes.size() ? j : 0].place;
      density[j] = range * ((static_cast<double>(panel) + place) * part);
    }
    for (size_t j = 0; j < lanes; j += kLanesOf<V>) {
      Store<V>(density + j, Exp<V>(-Fall<V>(Load<V>(density + j))));
    }
    for (size_t j = 0; j < nodes.size(); ++j) total += nodes[j].weight * part * density[j];
  }
  return total * range;
}

inline GompertzIntegrals::Plan GompertzIntegrals::Prepare(size_t lane, double fall) {
  GompertzIntegrand one{n[lane],      m[lane],     b[lane],    steepness[lane],
                        before[lane], scale[lane], range[lane]};
  const Plan plan = one.Prepare(fall);
  range[lane] = one.range;
  return plan;
}

template <typename V>
inline void GompertzIntegrals::Sum(const Plan &plan, size_t lane, bool moments) {
  const V purchases = Load<V>(n + lane), deaths = Load<V>(m + lane), growing = Load<V>(b + lane);
  const V mixed = Load<V>(beta + lane), aged = Load<V>(age + lane);
  const V k0 = Load<V>(steepness + lane), from = Load<V>(before + lane);
  const V unit = Load<V>(scale + lane), width = Load<V>(range + lane);
  const V fade0 = mixed * Exp<V>(-aged);
  const V e0 = fade0 * k0, f0 = aged - deaths * (aged * k0);
  const V rest0 = fade0 - Exp<V>(-aged);
  const double part = 1.0 / static_cast<double>(plan.panels);
  const std::span<const QuadratureNode> nodes = QuadratureRule(plan.rule);
  const size_t size = nodes.size();
  V at[kMostNodes], wait[kMostNodes], fade[kMostNodes], decline[kMostNodes], growth[kMostNodes];
  V density[kMostNodes];
  V total{}, sum_g{}, sum_eg{}, sum_curve{}, first[kMoments] = {}, second[Packed(kMoments, 0)] = {};
  for (size_t panel = 0; panel < plan.panels; ++panel) {
    // Each step runs over all nodes before the next begins: nodes do not wait for one another.
    for (size_t j = 0; j < size; ++j) {
      at[j] = width * ((static_cast<double>(panel) + nodes[j].place) * part);
      wait[j] = unit * ExpMinus1<V>(at[j]);
    }
    for (size_t j = 0; j < size; ++j) {
      const V z = growing * wait[j];
      const V near = Choose<V>(z < 600.0, z, Splat<V>(600));
      const V rise = ExpMinus1<V>(near);
      fade[j] = 1.0 / (1.0 + rise);
      decline[j] = k0 * rise;
    }
    for (size_t j = 0; j < size; ++j) {
      const V z = growing * wait[j];
      const V near = Choose<V>(z < 600.0, z, Splat<V>(600));
      decline[j] = Log1Plus<V>(decline[j]) + (z - near);
    }
    for (size_t j = 0; j < size; ++j) growth[j] = Log1Plus<V>(wait[j] / from);
    for (size_t j = 0; j < size; ++j) {
      const V exponent = growing * wait[j] + at[j] - purchases * growth[j] - deaths * decline[j];
      density[j] = nodes[j].weight * part * Exp<V>(exponent);
      total += density[j];
    }
    if (!moments) continue;
    for (size_t j = 0; j < size; ++j) {
      const V z = growing * wait[j];
      const V k = k0 / (k0 + (1.0 - k0) * fade[j]);
      const V by = aged + z;
      const V e = fade0 * fade[j] * k;
      const V g = by * k;
      const V weighted_g = density[j] * g;
      sum_g += weighted_g;
      sum_eg += weighted_g * e;
      sum_curve += weighted_g * (1.0 + by * (rest0 * fade[j] * k));
      const V value[kMoments] = {growth[j], wait[j] / (from + wait[j]), decline[j], e - e0,
                                 (by - deaths * g) - f0};
      for (size_t a = 0; a < kMoments; ++a) {
        const V weighted = density[j] * value[a];
        first[a] += weighted;
        for (size_t c = 0; c <= a; ++c) second[Packed(a, c)] += weighted * value[c];
      }
    }
  }
  Store<V>(integral + lane, total * width);
  if (!moments) return;
  const V inverse = 1.0 / total;
  Store<V>(mean_g + lane, sum_g * inverse);
  Store<V>(mean_eg + lane, sum_eg * inverse);
  Store<V>(mean_curve + lane, sum_curve * inverse);
  for (size_t a = 0; a < kMoments; ++a) {
    first[a] *= inverse;
    Store<V>(mean[a] + lane, first[a]);
    for (size_t c = 0; c <= a; ++c) {
      Store<V>(covariance[Packed(a, c)] + lane,
               second[Packed(a, c)] * inverse - first[a] * first[c]);
    }
  }
}

// Lanes of a group share a plan: the rule and the panels that are enough for each of them.
template <typename V>
inline void GompertzIntegrals::Compute(size_t count, bool moments) {
  for (size_t group = 0; group < count; group += kLaneGroup) {
    alignas(64) double fall[kLaneGroup];
    for (size_t i = 0; i < kLaneGroup; i += kLanesOf<V>) {
      const size_t l = group + i;
      const V length = Load<V>(range + l);
      const V wait = Load<V>(scale + l) * ExpMinus1(length);
      const V z = Load<V>(b + l) * wait;
      // The terms of the exponent all together.
      Store<V>(fall + i, Load<V>(n + l) * Log1Plus<V>(wait / Load<V>(before + l)) +
                             Load<V>(m + l) * detail::GompertzDecline(Load<V>(steepness + l), z) +
                             z + length);
    }
    Plan plan{RuleOf(8), 1};
    for (size_t i = 0; i < kLaneGroup; ++i) {
      const Plan own = Prepare(group + i, fall[i]);
      plan = {std::max(plan.rule, own.rule), std::max(plan.panels, own.panels)};
    }
    for (size_t i = 0; i < kLaneGroup; i += kLanesOf<V>) Sum<V>(plan, group + i, moments);
  }
}

}  // namespace patron::clv

#endif  // PATRON_CLV_GOMPERTZ_INTEGRAL_HPP_
