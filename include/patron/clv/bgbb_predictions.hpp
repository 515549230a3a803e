// What BG/BB says of a customer: alive or not, purchases to come, their discounted sum.
#ifndef PATRON_CLV_BGBB_PREDICTIONS_HPP_
#define PATRON_CLV_BGBB_PREDICTIONS_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "patron/base/random.hpp"
#include "patron/clv/bgbb.hpp"
#include "patron/clv/gamma_functions.hpp"
#include "patron/clv/retention_sums.hpp"
#include "patron/clv/rising.hpp"

namespace patron::clv {

// The history of a customer: x purchases at n occasions, the last at t_x. A customer of whom
// nothing is known yet has all three zero.
struct DiscreteHistory {
  double count = 0;
  double recency = 0;
  double occasions = 0;
};

// Probability that the customer is alive at occasion n + `ahead`. Cost: O(n - t_x).
double ProbabilityAlive(const BgbbParameters &model, const DiscreteHistory &history,
                        double ahead = 0);

// Expected purchases at the occasions n + 1 ... n + `periods`. Cost: as above.
double ExpectedPurchases(const BgbbParameters &model, const DiscreteHistory &history,
                         double periods);

// Probability of exactly `count` purchases at the occasions n + 1 ... n + `periods`. Cost: as
// above, and O(periods).
double ProbabilityOfPurchases(const BgbbParameters &model, const DiscreteHistory &history,
                              double count, double periods);

// Probability that a customer who is alive at the next occasion buys at it.
double PurchaseRate(const BgbbParameters &model, const DiscreteHistory &history);

// Expected purchases at all later occasions, that at n + j divided by (1 + rate)^j: the
// discounted expected residual transactions (DERT). `rate` is per occasion; at rate 0 the sum is
// infinite unless gamma > 1. Cost: O(n - t_x), and that of DiscountedRenewals.
double DiscountedPurchases(const BgbbParameters &model, const DiscreteHistory &history,
                           double rate);

// The same at the occasions n + 1 ... n + `periods` only.
double DiscountedPurchases(const BgbbParameters &model, const DiscreteHistory &history, double rate,
                           double periods);

// A customer of `occasions` occasions drawn from the model. Uses draws 0 to 4 + occasions.
DiscreteHistory Simulate(const BgbbParameters &model, const RandomStream &stream,
                         uint32_t occasions);

namespace detail {

// Probability of having bought nothing since t_x though alive until occasion m, and of leaving
// then, against that of living on to n, summed over m.
inline double DeadToAlive(const BgbbParameters &model, const DiscreteHistory &history) {
  const double n = history.occasions;
  const double bought_not = model.beta - history.count;
  // Terms from the last, m = n - 1, down to t_x, each from the one before it.
  double term = model.gamma / (model.delta + n - 1);
  double sum = 0;
  for (double m = n - 1; m >= history.recency; m -= 1) {
    term *= (model.alpha + model.beta + m) / (bought_not + m);
    sum += term;
    term *= (model.gamma + model.delta + m) / (model.delta + m - 1);
  }
  return sum;
}

}  // namespace detail

inline double PurchaseRate(const BgbbParameters &model, const DiscreteHistory &history) {
  return (model.alpha + history.count) / (model.alpha + model.beta + history.occasions);
}

inline double ProbabilityAlive(const BgbbParameters &model, const DiscreteHistory &history,
                               double ahead) {
  const double now = 1 / (1 + detail::DeadToAlive(model, history));
  if (ahead <= 0) return now;
  const double loss = LogGammaMixedRise(model.delta + history.occasions, model.gamma, ahead).value;
  return now * std::exp(-loss);
}

inline double ExpectedPurchases(const BgbbParameters &model, const DiscreteHistory &history,
                                double periods) {
  if (periods <= 0) return 0;
  return ProbabilityAlive(model, history) * PurchaseRate(model, history) *
         ExpectedPeriods(model.gamma, model.delta + history.occasions, periods);
}

inline double ProbabilityOfPurchases(const BgbbParameters &model, const DiscreteHistory &history,
                                     double count, double periods) {
  const double alive = ProbabilityAlive(model, history);
  if (count > periods || count < 0) return 0;
  // What is known of a customer who is alive: the same model, with other parameters.
  const double a = model.alpha + history.count;
  const double b = model.beta + history.occasions - history.count;
  const double c = model.gamma, d = model.delta + history.occasions;
  // Probability of `count` purchases at the first m occasions, and of living until m.
  double log_bought = LogGammaRise(a, count).value - LogGammaRise(a + b, count).value;
  double bought = std::exp(log_bought);
  double lived = std::exp(-LogGammaMixedRise(d, c, count).value);
  double sum = 0;
  for (double m = count; m < periods; m += 1) {
    sum += bought * lived * (c / (c + d + m));
    bought *= (m + 1) / (m + 1 - count) * ((b + m - count) / (a + b + m));
    lived *= (d + m) / (c + d + m);
  }
  sum += bought * lived;
  return alive * sum + (count == 0 ? 1 - alive : 0);
}

inline double DiscountedPurchases(const BgbbParameters &model, const DiscreteHistory &history,
                                  double rate) {
  const double infinity = std::numeric_limits<double>::infinity();
  if (rate > 0) return DiscountedPurchases(model, history, rate, infinity);
  if (model.gamma <= 1) return infinity;
  return ProbabilityAlive(model, history) * PurchaseRate(model, history) *
         ((model.delta + history.occasions) / (model.gamma - 1));
}

inline double DiscountedPurchases(const BgbbParameters &model, const DiscreteHistory &history,
                                  double rate, double periods) {
  if (rate == 0) return ExpectedPurchases(model, history, periods);
  return ProbabilityAlive(model, history) * PurchaseRate(model, history) *
         DiscountedRenewals({model.gamma, model.delta}, history.occasions, rate, periods);
}

inline DiscreteHistory Simulate(const BgbbParameters &model, const RandomStream &stream,
                                uint32_t occasions) {
  const double buys = stream.Gamma(0, model.alpha), not_buys = stream.Gamma(1, model.beta);
  const double leaves = stream.Gamma(2, model.gamma), stays = stream.Gamma(3, model.delta);
  const double p = buys / (buys + not_buys), theta = leaves / (leaves + stays);
  DiscreteHistory history{0, 0, static_cast<double>(occasions)};
  // Whole occasions lived: geometric by inversion.
  const double lived = std::log1p(-stream.Uniform(4)) / std::log1p(-theta);
  for (uint32_t m = 1; m <= occasions && m <= lived; ++m) {
    if (stream.Uniform(4 + m) >= p) continue;
    history.count += 1;
    history.recency = m;
  }
  return history;
}

}  // namespace patron::clv

#endif  // PATRON_CLV_BGBB_PREDICTIONS_HPP_
