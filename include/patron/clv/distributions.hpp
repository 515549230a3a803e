// Tails and quantiles of the distributions that tests and intervals are read from.
#ifndef PATRON_CLV_DISTRIBUTIONS_HPP_
#define PATRON_CLV_DISTRIBUTIONS_HPP_

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace patron::clv {

// The value that a standard normal number stays below with `probability` in (0, 1); infinite at
// its ends. Relative error below 1e-14.
double NormalQuantile(double probability);

// Probability that a chi-square number of `degrees` >= 1 degrees of freedom is above `value`.
double ChiSquareTail(double value, int degrees);

inline double NormalQuantile(double probability) {
  if (!(probability > 0)) return -std::numeric_limits<double>::infinity();
  if (!(probability < 1)) return std::numeric_limits<double>::infinity();
  if (probability > 0.5) return -NormalQuantile(1 - probability);
  // A start from the tail's asymptote, then Newton's method on ln Phi, which is concave.
  const double target = std::log(probability);
  double z = probability > 0.1 ? 2.5 * (probability - 0.5) : -std::sqrt(-2 * target - 2);
  for (int i = 0; i < 50; ++i) {
    const double below = 0.5 * std::erfc(-z / std::numbers::sqrt2);
    const double density = std::exp(-0.5 * z * z) / std::sqrt(2 * std::numbers::pi);
    const double step = (target - std::log(below)) * below / density;
    z += step;
    if (std::abs(step) < 1e-15 * std::max(1e-3, std::abs(z))) break;
  }
  return z;
}

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
