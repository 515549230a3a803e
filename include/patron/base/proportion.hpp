// Shares of which only a sample is known: intervals, and what they say of the whole.
#ifndef PATRON_BASE_PROPORTION_HPP_
#define PATRON_BASE_PROPORTION_HPP_

#include <algorithm>
#include <cmath>

#include "patron/base/interval.hpp"

namespace patron {

// The interval of Wilson (1927) for a share of which `successes` of `trials` were seen, the roots of
// the score test; z = NormalQuantile(0.5 + level / 2). 0 <= successes <= trials, trials > 0; neither
// needs to be whole.
inline Interval WilsonInterval(double successes, double trials, double z) {
  const double share = successes / trials;
  const double square = z * z;
  const double middle = share + square / (2 * trials);
  const double half = z * std::sqrt(share * (1 - share) / trials + square / (4 * trials * trials));
  const double scale = 1 + square / trials;
  // At the ends of the range one root is 0 or 1 but for rounding.
  const double lower = successes == 0 ? 0 : (middle - half) / scale;
  const double upper = successes == trials ? 1 : (middle + half) / scale;
  return {std::max(0.0, lower), std::min(1.0, upper)};
}

// The same turned round: how many there are in all if `seen` of them were, each with probability
// `share` in (0, 1]. The roots n of (seen - n share)^2 = z^2 n share (1 - share); at least `seen`.
inline Interval WholeInterval(double seen, double share, double z) {
  const double spread = z * z * (1 - share);
  const double half = std::sqrt(spread * (4 * seen + spread));
  return {std::max(seen, (2 * seen + spread - half) / (2 * share)),
          std::max(seen, (2 * seen + spread + half) / (2 * share))};
}

}  // namespace patron

#endif  // PATRON_BASE_PROPORTION_HPP_
