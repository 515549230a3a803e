// What the models of the BG/NBD family say of a customer.
#ifndef PATRON_CLV_BGNBD_OUTLOOK_HPP_
#define PATRON_CLV_BGNBD_OUTLOOK_HPP_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>

#include "patron/clv/beta_nodes.hpp"
#include "patron/clv/bgnbd.hpp"
#include "patron/clv/bgnbd_alive.hpp"
#include "patron/clv/bgnbd_forecast.hpp"
#include "patron/clv/elementary.hpp"
#include "patron/clv/event_groups.hpp"
#include "patron/clv/log_gamma.hpp"
#include "patron/clv/outlook.hpp"

namespace patron::clv {

// See the concept Outlook.
//
// Given that a customer is alive at T, Poisson events come at a rate that is Gamma(r + k x + j,
// alpha + T), where j < k events have passed since the last purchase with a probability that the
// history gives, and dropout has a probability that is Beta(a, b + n). What is expected is then a
// sum over the number of events to come, of positive terms only, so that a = 1 is nothing special.
//
// BG/NBD holds every customer without a repeat purchase to be alive, because only a repeat
// purchase can be the last; the models with dropout at zero do not.
//
// Cost: for k = 1 a sum of 20 to 400 terms, or a rule of about 200 nodes for long times; for k > 1
// k sums, as long as the number of events that may come. Discounted purchases take some ten
// thousand terms; where many customers are asked for, BetaGeometricForecast shares them. For k > 1
// and sums of more than detail::kMostTerms, 200 to 500 calls of detail::EventGroups.
class BetaGeometricOutlook {
 public:
  // The parameters are positive and finite, the history as CheckCustomer wants it.
  BetaGeometricOutlook(const BetaGeometricParameters &parameters, const BetaGeometricModel &model,
                       const CustomerHistory &history);

  double ProbabilityAlive(double ahead = 0) const;
  double ExpectedPurchases(double from, double to) const;
  double DiscountedPurchases(double rate, double horizon = kEver) const;
  double ProbabilityOfPurchases(double count, double within) const;
  double ProbabilityOfNoPurchase(double from, double to) const;

 private:
  // Purchases expected in (0, t] of one who is alive.
  double PurchasesIfAlive(double t) const;
  double PurchasesOverBeta(double t) const;
  // What detail::EventGroups answers, for long times.
  double PurchasesOfGroups(double t) const;
  double SurvivalOfGroups(double t) const;
  double NoPurchaseOfGroups(double from, double to) const;
  detail::EventGroups GroupsWithin(double t) const {
    return {shape_, t / rate_, std::span(passed_).first(static_cast<size_t>(regularity_))};
  }
  double SurvivalIfAlive(double t) const;
  double DiscountedPlain(double rate, double horizon) const;
  // Where what is asked of a time of so much bends.
  BetaNodes DropoutWithin(double t) const { return {a_, b_, -std::log(shape_ * (t / rate_))}; }
  double DiscountedRegular(double rate, double horizon) const;

  double alive_;
  double a_, b_;  // Of the Beta distribution, after the flips survived.
  double alpha_;
  double rate_;   // alpha + T.
  double shape_;  // r + k x.
  int regularity_;
  std::array<double, kMaxRegularity> passed_;  // Chances of j < k events since the last purchase.
};

inline BetaGeometricOutlook OutlookOf(const BetaGeometricParameters &parameters,
                                      const BetaGeometricModel &model,
                                      const CustomerHistory &history) {
  return BetaGeometricOutlook(parameters, model, history);
}

namespace detail {

inline constexpr double kMostTerms = 1e5;

// How many terms a sum over the events takes: their mean, and as many again as the tail falls over.
inline double EventTerms(double shape, double z) { return (shape * z + 40) / (1 - z); }

// The numbers of events of a Poisson process whose rate is Gamma distributed: negative binomial
// with `shape`, and with growth z = t / (rate + t). Calls visit(i, scaled probability of i) for
// i = 0, 1, ... until it answers false or the rest does not matter, and returns the logarithm of
// the scale. The scale may change on the way: rescale(factor) then tells to multiply all sums.
template <typename Visit, typename Rescale>
double VisitEvents(double shape, double z, const Visit &visit, const Rescale &rescale) {
  double log_scale = shape * std::log1p(-z);
  double p = 1;
  if (log_scale > -600) {
    p = std::exp(log_scale);
    log_scale = 0;
  }
  for (double i = 0;; ++i) {
    if (!visit(i, p)) return log_scale;
    p *= (shape + i) / (i + 1) * z;
    if (p > 0x1p600) {
      p *= 0x1p-600;
      rescale(0x1p-600);
      log_scale += 600 * 0.69314718055994530942;
    }
  }
}

}  // namespace detail

inline BetaGeometricOutlook::BetaGeometricOutlook(const BetaGeometricParameters &parameters,
                                                  const BetaGeometricModel &model,
                                                  const CustomerHistory &history)
    : a_(parameters.a),
      alpha_(parameters.alpha),
      rate_(parameters.alpha + history.T),
      shape_(parameters.r + model.regularity * history.frequency),
      regularity_(model.regularity) {
  const double flips = history.frequency + (model.dropout_at_zero ? 1 : 0);
  b_ = parameters.b + flips;
  const double y = (history.T - history.recency) / rate_;
  double p = 1, idle = 1, log_scale = 0;
  passed_[0] = 1;
  for (int j = 1; j < regularity_; ++j) {
    p *= (shape_ + (j - 1)) * y / j;
    idle += p;
    passed_[static_cast<size_t>(j)] = p;
    if (idle < 0x1p600) continue;
    // As the sums of VisitEvents.
    p *= 0x1p-600;
    idle *= 0x1p-600;
    for (int i = 0; i <= j; ++i) passed_[static_cast<size_t>(i)] *= 0x1p-600;
    log_scale += 600 * 0.69314718055994530942;
  }
  for (int j = 0; j < regularity_; ++j) passed_[static_cast<size_t>(j)] /= idle;
  if (regularity_ == 1) {
    alive_ = BetaGeometricAlive<double>(parameters, model.dropout_at_zero, history.frequency,
                                        history.recency, history.T);
  } else if (flips == 0) {
    alive_ = 1;
  } else {
    const double wait =
        std::log1p((history.T - history.recency) / (parameters.alpha + history.recency));
    const double odds = std::log(a_ / (b_ - 1)) + shape_ * wait - (std::log(idle) + log_scale);
    alive_ = 1 / (1 + std::exp(odds));
  }
}

inline double BetaGeometricOutlook::SurvivalIfAlive(double t) const {
  if (t == 0) return 1;
  if (regularity_ == 1) {
    const BetaNodes nodes = DropoutWithin(t);
    double sum = 0;
    for (size_t i = 0; i < nodes.size(); ++i) {
      sum += nodes.weight[i] * std::exp(-shape_ * std::log1p(nodes.place[i] * (t / rate_)));
    }
    return sum;
  }
  const double z = t / (rate_ + t);
  if (!(detail::EventTerms(shape_, z) <= detail::kMostTerms)) return SurvivalOfGroups(t);
  double total = 0;
  for (int j = 0; j < regularity_; ++j) {
    const double shape = shape_ + j;
    double sum = 0, keep = 1, flips = 0;
    int phase = j;
    const double log_scale = detail::VisitEvents(
        shape, z,
        [&](double i, double p) {
          if (i > 0 && ++phase == regularity_) {
            phase = 0;
            keep *= (b_ + flips) / (a_ + b_ + flips);
            ++flips;
          }
          sum += p * keep;
          return i * (1 - z) < shape * z || p * keep > 1e-17 * sum * (1 - z);
        },
        [&](double factor) { sum *= factor; });
    total += passed_[static_cast<size_t>(j)] *
             (log_scale == 0 ? sum : std::exp(log_scale + std::log(sum)));
  }
  return total;
}

// The mean over p ~ Beta(a, b) of (1 - (1 + p t / rate)^-shape) / p.
inline double BetaGeometricOutlook::PurchasesOverBeta(double t) const {
  const BetaNodes nodes = DropoutWithin(t);
  double sum = 0;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const double p = nodes.place[i];
    sum += nodes.weight[i] * -std::expm1(-shape_ * std::log1p(p * (t / rate_))) / p;
  }
  return sum;
}

// The mean over p ~ Beta(a, b) of (1 - (1 - p)^N) / p, as that of 1 + (1 - p) + ... over N terms.
inline double BetaGeometricOutlook::PurchasesOfGroups(double t) const {
  const BetaNodes nodes = DropoutWithin(t);
  const detail::EventGroups groups = GroupsWithin(t);
  double sum = 0;
  for (size_t i = 0; i < nodes.size(); ++i) {
    sum += nodes.weight[i] * (groups.At(nodes.place[i]).lost / nodes.place[i]);
  }
  return sum;
}

inline double BetaGeometricOutlook::SurvivalOfGroups(double t) const {
  const BetaNodes nodes = DropoutWithin(t);
  const detail::EventGroups groups = GroupsWithin(t);
  double sum = 0;
  for (size_t i = 0; i < nodes.size(); ++i) {
    sum += nodes.weight[i] * groups.At(nodes.place[i]).kept;
  }
  return sum;
}

inline double BetaGeometricOutlook::NoPurchaseOfGroups(double from, double to) const {
  const BetaNodes nodes = DropoutWithin(from);
  const detail::EventGroups groups = GroupsWithin(from);
  double some = 0;
  for (size_t i = 0; i < nodes.size(); ++i) {
    some += nodes.weight[i] * (groups.At(nodes.place[i]).kept -
                               groups.KeptWithout(nodes.place[i], (to - from) / rate_));
  }
  return 1 - alive_ * some;
}

inline double BetaGeometricOutlook::PurchasesIfAlive(double t) const {
  if (t == 0) return 0;
  if (std::isinf(t / rate_)) return a_ > 1 ? (a_ + b_ - 1) / (a_ - 1) : kEver;
  const double z = t / (rate_ + t);
  const double terms = detail::EventTerms(shape_, z);
  if (regularity_ == 1 && terms > 2000) return PurchasesOverBeta(t);
  if (!(terms <= detail::kMostTerms)) return PurchasesOfGroups(t);
  double total = 0;
  for (int j = 0; j < regularity_; ++j) {
    const double shape = shape_ + j;
    double sum = 0, keep = 1, kept = 0, flips = 0;
    int phase = j;
    const double log_scale = detail::VisitEvents(
        shape, z,
        [&](double i, double p) {
          if (i > 0 && ++phase == regularity_) {
            phase = 0;
            kept += keep;  // Purchases expected after so many events.
            keep *= (b_ + flips) / (a_ + b_ + flips);
            ++flips;
          }
          sum += p * kept;
          return i * (1 - z) < shape * z + 1 || kept == 0 || p * kept > 1e-17 * sum * (1 - z);
        },
        [&](double factor) { sum *= factor; });
    total += passed_[static_cast<size_t>(j)] *
             (log_scale == 0 ? sum : std::exp(log_scale + std::log(sum)));
  }
  return total;
}

inline double BetaGeometricOutlook::ProbabilityAlive(double ahead) const {
  return alive_ * SurvivalIfAlive(ahead);
}

inline double BetaGeometricOutlook::ExpectedPurchases(double from, double to) const {
  const double later = PurchasesIfAlive(to);
  return alive_ * (from == 0 || std::isinf(later) ? later : later - PurchasesIfAlive(from));
}

inline double BetaGeometricOutlook::DiscountedPurchases(double rate, double horizon) const {
  if (rate == 0) return ExpectedPurchases(0, horizon);
  return alive_ *
         (regularity_ == 1 ? DiscountedPlain(rate, horizon) : DiscountedRegular(rate, horizon));
}

inline double BetaGeometricOutlook::DiscountedPlain(double rate, double horizon) const {
  const BetaNodes dropout(a_, b_, detail::ForecastBend(shape_, alpha_, rate, horizon));
  return BetaGeometricForecast::Make(shape_, rate_, rate_, dropout, rate, horizon).IfAlive(rate_);
}

// By parts: discounted purchases are exp(-rate h) E(h) + rate times the integral of
// exp(-rate t) E(t), where E(t) are the purchases expected within t.
inline double BetaGeometricOutlook::DiscountedRegular(double rate, double horizon) const {
  const double end = std::min(horizon, 42 / rate);
  const double last = PurchasesIfAlive(end);
  const double scale = rate_ / shape_;
  const double range = std::log1p(end / scale);
  const double inner = detail::IntegratePanels(range, detail::PanelsOf(range, 2.5), [&](double v) {
    const double t = scale * std::expm1(v);
    return scale * std::exp(v - rate * t) * PurchasesIfAlive(t);
  });
  return std::exp(-rate * end) * last + rate * inner;
}

inline double BetaGeometricOutlook::ProbabilityOfPurchases(double count, double within) const {
  if (within == 0) return count == 0 ? 1 : 0;
  const double k = regularity_;
  // Means over the Beta distribution of surviving `count` flips, and of the last being deadly.
  double keep = 1, stop = 0;
  if (count > 0) {
    const double before = std::exp(LogKeepingProbability(a_, b_, count - 1).value);
    const double last = a_ + b_ + (count - 1);
    keep = before * ((b_ + (count - 1)) / last);
    stop = before * (a_ / last);
  }
  const double z = within / (rate_ + within);
  double total = 0;
  for (int j = 0; j < regularity_; ++j) {
    const double shape = shape_ + j;
    const double first = std::max(0.0, count * k - j);  // Events at which the count is reached.
    const double end = (count + 1) * k - j;             // ... and passed.
    double exactly = 0, beyond = 0;
    // Events beyond are summed upwards where they are few, else as what is left of 1.
    const double mean = shape * z / (1 - z);
    const bool upwards = first > mean;
    double below = 0;
    const double log_scale = detail::VisitEvents(
        shape, z,
        [&](double i, double p) {
          if (i < first) {
            below += p;
          } else if (i < end) {
            exactly += p;
          }
          if (i >= first) beyond += p;
          return i + 1 < end || (upwards && count > 0 && p > 1e-17 * beyond * (1 - z));
        },
        [&](double factor) { exactly *= factor, beyond *= factor, below *= factor; });
    const double scale = std::exp(log_scale);
    const double reached = upwards ? beyond * scale : 1 - below * scale;
    total += passed_[static_cast<size_t>(j)] * (keep * exactly * scale + stop * reached);
  }
  return (count == 0 ? 1 - alive_ : 0) + alive_ * total;
}

// One minus the probability of at least one purchase in (from, to]: of those alive at `from`,
// whoever passes at least k - phase events after it.
inline double BetaGeometricOutlook::ProbabilityOfNoPurchase(double from, double to) const {
  if (from == 0) return ProbabilityOfPurchases(0, to);
  const double later = (to - from) / (rate_ + to);
  if (regularity_ == 1) {
    const BetaNodes nodes = DropoutWithin(to);
    double some = 0;
    for (size_t i = 0; i < nodes.size(); ++i) {
      const double base = nodes.place[i] * (from / rate_);
      const double more = (to - from) / rate_ / (1 + base);
      some += nodes.weight[i] * std::exp(-shape_ * std::log1p(base)) *
              -std::expm1(-shape_ * std::log1p(more));
    }
    return 1 - alive_ * some;
  }
  const double z = from / (rate_ + from);
  if (!(detail::EventTerms(shape_, z) <= detail::kMostTerms)) return NoPurchaseOfGroups(from, to);
  double alive_without = 0, alive = 0;
  for (int j = 0; j < regularity_; ++j) {
    const double shape = shape_ + j;
    double none = 0, all = 0, keep = 1, flips = 0;
    int phase = j;
    const double log_scale = detail::VisitEvents(
        shape, z,
        [&](double i, double p) {
          if (i > 0 && ++phase == regularity_) {
            phase = 0;
            keep *= (b_ + flips) / (a_ + b_ + flips);
            ++flips;
          }
          // Fewer than k - phase events later, at a rate that is Gamma(shape + i, rate_ + from).
          double term = std::exp((shape + i) * std::log1p(-later));
          double few = 0;
          for (int m = 0; m < regularity_ - phase; ++m) {
            few += term;
            term *= (shape + i + m) / (m + 1) * later;
          }
          none += p * keep * few;
          all += p * keep;
          return i * (1 - z) < shape * z || p * keep > 1e-17 * all * (1 - z);
        },
        [&](double factor) { none *= factor, all *= factor; });
    const double scale = passed_[static_cast<size_t>(j)] * std::exp(log_scale);
    alive_without += scale * none;
    alive += scale * all;
  }
  return 1 - alive_ * (alive - alive_without);
}

}  // namespace patron::clv

#endif  // PATRON_CLV_BGNBD_OUTLOOK_HPP_
