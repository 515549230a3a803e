// The standard normal distribution.
#ifndef PATRON_BASE_NORMAL_HPP_
#define PATRON_BASE_NORMAL_HPP_

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace patron {

// The value that a standard normal number stays below with `probability` in (0, 1); infinite at
// its ends. Relative error below 1e-14.
double NormalQuantile(double probability);

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

}  // namespace patron

#endif  // PATRON_BASE_NORMAL_HPP_
