// Customers drawn from the continuous-time attrition models.
#ifndef PATRON_CLV_ATTRITION_SIMULATION_HPP_
#define PATRON_CLV_ATTRITION_SIMULATION_HPP_

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "patron/base/random.hpp"
#include "patron/clv/bgnbd.hpp"
#include "patron/clv/ggompertz_nbd.hpp"
#include "patron/clv/outlook.hpp"
#include "patron/clv/pareto_nbd.hpp"

namespace patron::clv {

// A customer who is observed for some time after a first purchase, with what is hidden from sight.
struct SimulatedCustomer {
  CustomerHistory history;
  double log_intervals = 0;  // As in PurchaseHistory.
  double rate = 0;           // Of events: purchases, or k to each of them.
  double end = 0;            // When the customer died, perhaps after T; infinite if never seen to.
};

// Draws one customer observed for T; the stream is that customer's own. `times`, if not null, is
// filled with the times of the repeat purchases. Expected cost: O(purchases).
SimulatedCustomer Simulate(const ParetoNbdParameters &model, const RandomStream &stream, double T,
                           std::vector<double> *times = nullptr);
SimulatedCustomer Simulate(const GGompertzNbdParameters &model, const RandomStream &stream,
                           double T, std::vector<double> *times = nullptr);
SimulatedCustomer Simulate(const BetaGeometricParameters &parameters,
                           const BetaGeometricModel &model, const RandomStream &stream, double T,
                           std::vector<double> *times = nullptr);

namespace detail {

inline constexpr uint32_t kFirstPurchaseDraw = 4;

// Adds a purchase at `time`.
inline void Buy(double time, SimulatedCustomer &customer, std::vector<double> *times) {
  customer.log_intervals += std::log(time - customer.history.recency);
  customer.history.recency = time;
  ++customer.history.frequency;
  if (times != nullptr) times->push_back(time);
}

// Purchases at random until the end of life or of observation.
inline void BuyUntilDeath(const RandomStream &stream, SimulatedCustomer &customer,
                          std::vector<double> *times) {
  const double until = std::min(customer.end, customer.history.T);
  double time = 0;
  for (uint32_t draw = kFirstPurchaseDraw; customer.rate > 0; ++draw) {
    time += stream.Exponential(draw, 1 / customer.rate);
    if (!(time < until)) return;
    Buy(time, customer, times);
  }
}

}  // namespace detail

inline SimulatedCustomer Simulate(const ParetoNbdParameters &model, const RandomStream &stream,
                                  double T, std::vector<double> *times) {
  SimulatedCustomer customer{.history = {0, 0, T}};
  customer.rate = stream.Gamma(0, model.r, 1 / model.alpha);
  const double death_rate = stream.Gamma(1, model.s, 1 / model.beta);
  customer.end = death_rate > 0 ? stream.Exponential(2, 1 / death_rate) : kEver;
  detail::BuyUntilDeath(stream, customer, times);
  return customer;
}

inline SimulatedCustomer Simulate(const GGompertzNbdParameters &model, const RandomStream &stream,
                                  double T, std::vector<double> *times) {
  SimulatedCustomer customer{.history = {0, 0, T}};
  customer.rate = stream.Gamma(0, model.r, 1 / model.alpha);
  const double risk = stream.Gamma(1, model.s, 1 / model.beta);
  customer.end = risk > 0 ? std::log1p(stream.Exponential(2) / risk) / model.b : kEver;
  detail::BuyUntilDeath(stream, customer, times);
  return customer;
}

inline SimulatedCustomer Simulate(const BetaGeometricParameters &parameters,
                                  const BetaGeometricModel &model, const RandomStream &stream,
                                  double T, std::vector<double> *times) {
  SimulatedCustomer customer{.history = {0, 0, T}, .end = kEver};
  customer.rate = stream.Gamma(0, parameters.r, 1 / parameters.alpha);
  const double stop = stream.Gamma(1, parameters.a);
  const double keep = stream.Gamma(2, parameters.b);
  // Both may underflow for tiny shapes: the larger shape then decides.
  const double p = stop + keep > 0 ? stop / (stop + keep) : (parameters.a > parameters.b ? 1 : 0);
  const double k = model.regularity;
  double time = 0;
  if (model.dropout_at_zero && stream.Uniform(3) < p) {
    customer.end = 0;
    return customer;
  }
  for (uint32_t draw = detail::kFirstPurchaseDraw; customer.rate > 0; draw += 2) {
    time += k == 1 ? stream.Exponential(draw, 1 / customer.rate)
                   : stream.Gamma(draw, k, 1 / customer.rate);
    if (!(time < T)) break;
    detail::Buy(time, customer, times);
    if (stream.Uniform(draw + 1) < p) {
      customer.end = time;
      break;
    }
  }
  return customer;
}

}  // namespace patron::clv

#endif  // PATRON_CLV_ATTRITION_SIMULATION_HPP_
