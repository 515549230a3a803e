// The outlook of models in which customers die at a time of their own, whether they buy or not.
#ifndef PATRON_CLV_LIFETIME_OUTLOOK_HPP_
#define PATRON_CLV_LIFETIME_OUTLOOK_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

#include "patron/clv/elementary.hpp"
#include "patron/clv/gauss_legendre.hpp"
#include "patron/clv/gompertz_integral.hpp"
#include "patron/clv/lanes.hpp"
#include "patron/clv/log_gamma.hpp"
#include "patron/clv/outlook.hpp"

namespace patron::clv {

// Lifetimes from now on of customers who are alive now, for a death rate that is Gamma(s, beta).
struct ParetoLifetime {
  double s = 1;
  double beta = 1;

  double Survival(double t) const { return std::exp(-s * std::log1p(t / beta)); }
  double DeathDensity(double t) const { return s / (beta + t) * Survival(t); }
  ParetoLifetime After(double t) const { return {s, beta + t}; }
  double Scale() const { return beta; }  // Time in which little changes at first.

  // The integral of exp(-rate t) Survival(t) over [0, horizon]; infinite where it diverges.
  // The width of a pack does not change it.
  template <typename V = NativePack>
  double DiscountedLife(double rate, double horizon) const;
};

// Lifetimes from now on with a hazard that grows as e^(b t), scaled by a rate that is Gamma
// distributed: Survival(t) = (1 + steepness (e^(b t) - 1))^-s.
struct GompertzLifetime {
  double s, b, steepness;

  GompertzLifetime(double s, double b, double steepness) : s(s), b(b), steepness(steepness) {}

  double Survival(double t) const { return std::exp(-s * Decline(t)); }
  double DeathDensity(double t) const;
  GompertzLifetime After(double t) const;
  double Scale() const { return 1 / (b * std::max(1.0, steepness)); }
  // As that of ParetoLifetime.
  template <typename V = NativePack>
  double DiscountedLife(double rate, double horizon) const;

 private:
  // ln(1 + steepness (e^(b t) - 1)).
  double Decline(double t) const;
};

// The outlook of a customer who is alive now with `alive` and then buys at a rate that is
// Gamma(shape, rate), independent of the lifetime. See the concept Outlook.
template <typename Lifetime>
class LifetimeOutlook {
 public:
  LifetimeOutlook(double alive, double shape, double rate, const Lifetime &lifetime)
      : alive_(alive), shape_(shape), rate_(rate), lifetime_(lifetime) {}

  double ProbabilityAlive(double ahead = 0) const { return alive_ * lifetime_.Survival(ahead); }
  // Purchases expected a unit of life to come.
  double PurchaseRate() const { return alive_ * shape_ / rate_; }
  const Lifetime &lifetime() const { return lifetime_; }
  double ExpectedPurchases(double from, double to) const;
  double DiscountedPurchases(double rate, double horizon = kEver) const {
    return PurchaseRate() * lifetime_.DiscountedLife(rate, horizon);
  }
  double ProbabilityOfPurchases(double count, double within) const;
  double ProbabilityOfNoPurchase(double from, double to) const;

 private:
  // Of exactly `count` purchases in (from, from + within] by a customer who is alive at `from`.
  double PurchasesIfAlive(const Lifetime &lifetime, double count, double within) const;

  double alive_, shape_, rate_;
  Lifetime lifetime_;
};

namespace detail {

// ln of the probability of `count` events before t at a rate that is Gamma(shape, rate).
inline double LogEvents(double shape, double rate, double count, double log_choices, double t) {
  const double growth = std::log1p(t / rate);
  if (count == 0) return -shape * growth;
  return log_choices - shape * growth - count * std::log1p(rate / t);
}

// Panels of one rule.
struct LifePlan {
  size_t panels;
  std::span<const QuadratureNode> nodes;
};

// The fewest nodes that are exact to 1e-13 for GompertzLifetime, whose exponent falls so far over a
// range of this length.
inline LifePlan PlanLife(double fall, double length) {
  if (length <= 0.6 && fall <= 2) return {1, kRule8};
  if (length <= 1 && fall <= 8) return {1, kRule12};
  if (length <= 1.5 && fall <= 16) return {1, kRule20};
  return {PanelsOf(length, 2.5), kRule24};
}

// ln of Gamma(shape + count) / (Gamma(shape) count!).
inline double LogChoices(double shape, double count) {
  return SumRising(shape, 0, count).log - SumRising(1, 0, count).log;
}

}  // namespace detail

template <typename V>
inline double ParetoLifetime::DiscountedLife(double rate, double horizon) const {
  if (horizon == 0) return 0;
  const double growth = std::log1p(horizon / beta);  // May be infinite.
  if (rate == 0) {
    if (s > 1 && std::isinf(growth)) return beta / (s - 1);
    if (std::isinf(growth)) return kEver;
    const double e = (1 - s) * growth;
    return beta * (std::abs(e) < 1e-300 ? growth : std::expm1(e) / (1 - s));
  }
  // With v = ln(1 + t / beta) the integrand is exp(-kappa (e^v - 1) - (s - 1) v).
  const double kappa = rate * beta;
  // Where the discount alone ends it soon, it falls by e^-42 within a short range.
  const bool short_range = kappa > 3;
  double range = std::min(growth, std::log1p(42 / kappa) + (short_range ? 0 : 1));
  if (s > 1) range = std::min(range, 42 / (s - 1));
  return beta * detail::IntegrateOnPacks<V>(
                    range, detail::PanelsOf(range, short_range ? 0.5 * range : 2.5),
                    detail::kRule20,
                    [&](const V &v) { return Exp<V>(-kappa * ExpMinus1<V>(v) - (s - 1) * v); });
}

inline double GompertzLifetime::Decline(double t) const {
  return detail::GompertzDecline(steepness, b * t);
}

inline GompertzLifetime GompertzLifetime::After(double t) const {
  const double fade = std::exp(-b * t);
  return GompertzLifetime(s, b, steepness / (steepness + (1 - steepness) * fade));
}

inline double GompertzLifetime::DeathDensity(double t) const {
  return s * b * After(t).steepness * Survival(t);
}

template <typename V>
inline double GompertzLifetime::DiscountedLife(double rate, double horizon) const {
  if (horizon == 0) return 0;
  // Past this the integrand is below e^-42: it falls at least as fast as exp(-rate t), and once
  // the hazard has grown as exp(-s b t).
  const double grown = std::max(0.0, -std::log(steepness)) / b;
  double end = std::min(horizon, grown + 43 / (s * b));
  if (rate > 0) end = std::min(end, 43 / rate);
  const double scale = Scale();
  // With v = ln(1 + t / scale) the integrand is exp(v - fall).
  const auto fall_at = [&](double v) {
    const double t = scale * ExpMinus1(v);
    return rate * t + Decline(t) * s;
  };
  double range = std::log1p(end / scale), fall = fall_at(range);
  // Where it has fallen far below its top the rest is left out.
  for (double low = 0; fall - range > 50 && range - low > 1e-3 * range;) {
    const double middle = 0.5 * (low + range), there = fall_at(middle);
    if (there - middle > 46) {
      range = middle;
      fall = there;
    } else {
      low = middle;
    }
  }
  // A hazard that rises late does so within a small part of the range of v.
  const double rises = b * scale * ExpMinus1(range);
  const double length = range * std::max(1.0, 0.8 * std::min(grown * b, rises));
  const detail::LifePlan plan = detail::PlanLife(fall, length);
  return scale * detail::IntegrateOnPacks<V>(range, plan.panels, plan.nodes, [&](const V &v) {
           const V t = scale * ExpMinus1<V>(v);
           const V decline = detail::GompertzDecline<V>(Splat<V>(steepness), b * t);
           return Exp<V>(v - rate * t - s * decline);
         });
}

template <typename Lifetime>
inline double LifetimeOutlook<Lifetime>::ExpectedPurchases(double from, double to) const {
  if (from == 0) return PurchaseRate() * lifetime_.DiscountedLife(0, to);
  return ProbabilityAlive(from) * shape_ / rate_ *
         lifetime_.After(from).DiscountedLife(0, to - from);
}

template <typename Lifetime>
inline double LifetimeOutlook<Lifetime>::PurchasesIfAlive(const Lifetime &lifetime, double count,
                                                          double within) const {
  if (within == 0) return count == 0 ? 1 : 0;
  const double choices = detail::LogChoices(shape_, count);
  const double to_the_end = std::exp(detail::LogEvents(shape_, rate_, count, choices, within)) *
                            lifetime.Survival(within);
  // Those who die at u < within and bought as often before.
  const double scale = std::min(rate_ / std::max(1.0, shape_), lifetime.Scale());
  const double range = std::log1p(within / scale);
  const double width = std::min(1.0, range);
  const double died =
      scale * detail::IntegratePanels(range, detail::PanelsOf(range, width), [&](double v) {
        const double u = scale * std::expm1(v);
        return std::exp(v + detail::LogEvents(shape_, rate_, count, choices, u)) *
               lifetime.DeathDensity(u);
      });
  return to_the_end + died;
}

template <typename Lifetime>
inline double LifetimeOutlook<Lifetime>::ProbabilityOfPurchases(double count, double within) const {
  const double dead = count == 0 ? 1 - alive_ : 0;
  return dead + alive_ * PurchasesIfAlive(lifetime_, count, within);
}

template <typename Lifetime>
inline double LifetimeOutlook<Lifetime>::ProbabilityOfNoPurchase(double from, double to) const {
  const double alive = ProbabilityAlive(from);
  return (1 - alive) + alive * PurchasesIfAlive(lifetime_.After(from), 0, to - from);
}

}  // namespace patron::clv

#endif  // PATRON_CLV_LIFETIME_OUTLOOK_HPP_
