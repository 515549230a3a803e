// The Beta distribution, by the incomplete beta function of Eigen.
#ifndef PATRON_BASE_BETA_HPP_
#define PATRON_BASE_BETA_HPP_

#include <unsupported/Eigen/SpecialFunctions>

namespace patron {

// Probability that a Beta(a, b) number is at most x. a, b >= 0, not both 0; a = 0 is certain to be 0,
// b = 0 certain to be 1. Relative error about 1e-13.
inline double BetaProbability(double x, double a, double b) {
  if (!(x > 0)) return a == 0 && x == 0 ? 1 : 0;
  if (x >= 1 || a == 0) return 1;
  if (b == 0) return 0;
  return Eigen::numext::betainc(a, b, x);
}

// The number that a Beta(a, b) number stays at or below with `probability` in (0, 1). By halving, to
// the last bits of what BetaProbability tells apart.
inline double BetaQuantile(double probability, double a, double b) {
  double low = 0, high = 1;
  for (int i = 0; i < 200 && low < high; ++i) {
    const double middle = 0.5 * (low + high);
    if (middle == low || middle == high) break;
    (BetaProbability(middle, a, b) < probability ? low : high) = middle;
  }
  return high;
}

}  // namespace patron

#endif  // PATRON_BASE_BETA_HPP_
