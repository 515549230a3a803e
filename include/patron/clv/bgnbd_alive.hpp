// The chance to be alive in BG/NBD and MBG/NBD, of one customer or of many.
#ifndef PATRON_CLV_BGNBD_ALIVE_HPP_
#define PATRON_CLV_BGNBD_ALIVE_HPP_

#include <cstddef>
#include <span>

#include "patron/clv/bgnbd.hpp"
#include "patron/clv/elementary.hpp"
#include "patron/clv/lanes.hpp"

namespace patron::clv {

// The probability to be alive at T, of the customers in the lanes, for models of regularity 1. With
// `dropout_at_zero` the model is MBG/NBD; without it, whoever made no repeat purchase is alive.
// Below e^-708 it is 0. The width of a pack does not change it. Cost: two logarithms and an
// exponential.
template <typename V>
V BetaGeometricAlive(const BetaGeometricParameters &parameters, bool dropout_at_zero,
                     const V &frequency, const V &recency, const V &T) {
  const V flips = dropout_at_zero ? V(frequency + 1.0) : frequency;
  const V survived = parameters.b + flips - 1.0;  // At or below 0 only where no flip was made.
  const V ratio = parameters.a / Choose<V>(flips > 0.0, survived, Splat<V>(1));
  const V wait = (T - recency) / (parameters.alpha + recency);
  const V odds = Log<V>(ratio) + (parameters.r + frequency) *
                                     Log1Plus<V>(Choose<V>(wait < 1e300, wait, Splat<V>(1e300)));
  const V alive = 1.0 / (1.0 + Exp<V>(odds));
  const V seen = Choose<V>(odds < 708.0, alive, Splat<V>(0));
  return Choose<V>(flips > 0.0, seen, Splat<V>(1));
}

// The same for columns of as many customers as `alive` has room for.
template <typename V = NativePack>
void FillBetaGeometricAlive(const BetaGeometricParameters &parameters, bool dropout_at_zero,
                            const double *frequency, const double *recency, const double *T,
                            std::span<double> alive) {
  size_t i = 0;
  for (; i + kLanesOf<V> <= alive.size(); i += kLanesOf<V>) {
    Store<V>(&alive[i], BetaGeometricAlive<V>(parameters, dropout_at_zero, Load<V>(frequency + i),
                                              Load<V>(recency + i), Load<V>(T + i)));
  }
  for (; i < alive.size(); ++i) {
    alive[i] =
        BetaGeometricAlive<double>(parameters, dropout_at_zero, frequency[i], recency[i], T[i]);
  }
}

}  // namespace patron::clv

#endif  // PATRON_CLV_BGNBD_ALIVE_HPP_
