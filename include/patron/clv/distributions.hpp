// Tails of the distributions that tests are read from.
#ifndef PATRON_CLV_DISTRIBUTIONS_HPP_
#define PATRON_CLV_DISTRIBUTIONS_HPP_

#include <cmath>
#include <numbers>

namespace patron::clv {

// Probability that a chi-square number of `degrees` >= 1 degrees of freedom is above `value`.
double ChiSquareTail(double value, int degrees);

inline double ChiSquareTail(double value, int degrees) {
  if (!(value > 0)) return 1;
  const double half = 0.5 * value;
  // Even degrees: exp(-half) sum half^k / k!; odd ones: the same from a half, and the normal tail.
  const bool odd = degrees % 2 != 0;
  double tail = odd ? std::erfc(std::sqrt(half)) : 0;
  double term = odd ? 2 * std::sqrt(half / std::numbers::pi) * std::exp(-half) : std::exp(-half);
  for (int k = odd ? 3 : 2; k <= degrees; k += 2) {
    tail += term;
    term *= half / (0.5 * k);
  }
  return tail;
}

}  // namespace patron::clv

#endif  // PATRON_CLV_DISTRIBUTIONS_HPP_
