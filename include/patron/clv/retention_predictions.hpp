// What sBG and beta-discrete-Weibull say of a contract: survival, retention, discounted lifetime.
#ifndef PATRON_CLV_RETENTION_PREDICTIONS_HPP_
#define PATRON_CLV_RETENTION_PREDICTIONS_HPP_

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "patron/base/random.hpp"
#include "patron/base/status.hpp"
#include "patron/clv/gamma_functions.hpp"
#include "patron/clv/retention.hpp"
#include "patron/clv/retention_sums.hpp"
#include "patron/clv/rising.hpp"

namespace patron::clv {

// Probability of surviving `renewals` more renewals, of a customer who has survived `before`.
double Survival(const RetentionParameters &model, double renewals, double before = 0);

// Share of the customers there before renewal t >= 1 that survive it.
double RetentionRate(const RetentionParameters &model, double t);

// Probability of leaving at renewal t >= 1.
double LossProbability(const RetentionParameters &model, double t);

// Renewals expected of the next `periods`, of a customer who has survived `before`. Cost: O(1) for c = 1,
// else that of DiscountedRenewals.
double ExpectedRenewals(const RetentionParameters &model, double before, double periods);

// Expected payments, one at each renewal survived, that at the j-th renewal from now on divided by
// (1 + rate)^(j + first): DERL, the discounted expected residual lifetime, of a customer who has
// survived `before` renewals.
//
//   first = -1: stands just before a renewal not yet decided, which is paid without discount
//               (DERL of Fader and Hardie 2010, with before = n - 1).
//   first =  0: has just paid; the next payment is a whole period away.
//
// A new customer's DEL counts the payment at the start too: 1 + DiscountedLifetime(model, 0, rate).
//
// `rate` is per period. At rate 0 the sum is infinite unless c alpha > 1. Errors: InvalidArgument
// if `rate` is negative or not finite, or 0 with c other than 1 (the sum has no closed form then).
// Cost: that of DiscountedRenewals.
absl::StatusOr<double> DiscountedLifetime(const RetentionParameters &model, double before,
                                          double rate, int first = 0);

// Renewal at which the customer of `stream` leaves, 1 or above; infinite where it never comes to
// pass in numbers that a double holds. Uses draws 0 to 2.
double SimulateLoss(const RetentionParameters &model, const RandomStream &stream);

inline double Survival(const RetentionParameters &model, double renewals, double before) {
  if (renewals <= 0) return 1;
  const double from = detail::Stretched(before, model.c);
  // The difference of two powers, without losing what they have in common.
  const double step = model.c != 1 && renewals < before
                          ? from * std::expm1(model.c * std::log1p(renewals / before))
                          : detail::Stretched(before + renewals, model.c) - from;
  return std::exp(-LogGammaMixedRise(model.beta + from, model.alpha, step).value);
}

inline double RetentionRate(const RetentionParameters &model, double t) {
  return Survival(model, 1, t - 1);
}

inline double LossProbability(const RetentionParameters &model, double t) {
  return Survival(model, t - 1) *
         -std::expm1(-LogGammaMixedRise(model.beta + detail::Stretched(t - 1, model.c), model.alpha,
                                        detail::StretchedStep(t, model.c))
                          .value);
}

inline double ExpectedRenewals(const RetentionParameters &model, double before, double periods) {
  if (periods <= 0) return 0;
  if (model.c == 1) return ExpectedPeriods(model.alpha, model.beta + before, periods);
  return DiscountedRenewals(model, before, 0, periods);
}

inline absl::StatusOr<double> DiscountedLifetime(const RetentionParameters &model, double before,
                                                 double rate, int first) {
  if (!(rate >= 0) || !std::isfinite(rate)) {
    return InvalidOption("discount rate", FormatNumber(rate), "a finite number, 0 or above");
  }
  const double infinity = std::numeric_limits<double>::infinity();
  if (rate == 0) {
    if (model.c * model.alpha <= 1) return infinity;
    if (model.c == 1) return (model.beta + before) / (model.alpha - 1);
    return InvalidOption("discount rate", "0", "a number above 0 where c is not 1");
  }
  return (first < 0 ? 1 + rate : 1) * DiscountedRenewals(model, before, rate, infinity);
}

inline double SimulateLoss(const RetentionParameters &model, const RandomStream &stream) {
  const double leaves = stream.Gamma(0, model.alpha), stays = stream.Gamma(1, model.beta);
  const double theta = leaves / (leaves + stays);
  const double life = std::log1p(-stream.Uniform(2)) / std::log1p(-theta);
  if (!(life < std::numeric_limits<double>::infinity())) {
    return std::numeric_limits<double>::infinity();
  }
  // Survives t renewals while t^c is at most `life`.
  return std::floor(std::pow(life, 1 / model.c)) + 1;
}

}  // namespace patron::clv

#endif  // PATRON_CLV_RETENTION_PREDICTIONS_HPP_
