// What the Pareto/NBD model says of a customer.
#ifndef PATRON_CLV_PARETO_NBD_OUTLOOK_HPP_
#define PATRON_CLV_PARETO_NBD_OUTLOOK_HPP_

#include <cmath>
#include <cstddef>

#include "patron/clv/lifetime_outlook.hpp"
#include "patron/clv/outlook.hpp"
#include "patron/clv/pareto_integral.hpp"
#include "patron/clv/pareto_nbd.hpp"

namespace patron::clv {

using ParetoNbdOutlook = LifetimeOutlook<ParetoLifetime>;

// ln of the probability to be dead at T against that to be alive; -inf if T is the recency.
// Cost: 8 to 96 evaluations of the likelihood's integrand.
template <typename V = NativePack>
double LogOddsDead(const ParetoNbdParameters &model, const CustomerHistory &history);

// The parameters are positive and finite, the history as CheckCustomer wants it. Given that a
// customer is alive, the purchase rate is Gamma(r + x, alpha + T) and the death rate
// Gamma(s, beta + T).
ParetoNbdOutlook OutlookOf(const ParetoNbdParameters &model, const CustomerHistory &history);

// The same for known odds to be dead.
ParetoNbdOutlook OutlookGivenOdds(const ParetoNbdParameters &model, const CustomerHistory &history,
                                  double log_odds_dead);

template <typename V>
inline double LogOddsDead(const ParetoNbdParameters &model, const CustomerHistory &history) {
  const double n = model.r + history.frequency;
  const double wait = history.T - history.recency;
  if (wait == 0) return -std::numeric_limits<double>::infinity();
  const double a = model.alpha + history.recency;
  const double b = model.beta + history.recency;
  const double wait_alpha = std::log1p(wait / a);
  const double wait_beta = std::log1p(wait / b);
  const bool buying = model.alpha < model.beta;
  const double ratio = buying ? a / b : b / a;
  const double integral = buying ? ratio * ParetoIntegral<V>(model.s + 1, n - 1, ratio, wait_alpha)
                                 : ParetoIntegral<V>(n, model.s, ratio, wait_beta);
  return std::log(model.s * integral) + n * wait_alpha + model.s * wait_beta;
}

inline ParetoNbdOutlook OutlookOf(const ParetoNbdParameters &model,
                                  const CustomerHistory &history) {
  return OutlookGivenOdds(model, history, LogOddsDead(model, history));
}

inline ParetoNbdOutlook OutlookGivenOdds(const ParetoNbdParameters &model,
                                         const CustomerHistory &history, double log_odds_dead) {
  const double alive = 1 / (1 + std::exp(log_odds_dead));
  return ParetoNbdOutlook(alive, model.r + history.frequency, model.alpha + history.T,
                          ParetoLifetime{model.s, model.beta + history.T});
}

}  // namespace patron::clv

#endif  // PATRON_CLV_PARETO_NBD_OUTLOOK_HPP_
