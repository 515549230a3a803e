// Rising factorials of whole steps: z (z + 1) ... (z + k - 1), in logarithms, for all k at once.
#ifndef PATRON_CLV_RISING_HPP_
#define PATRON_CLV_RISING_HPP_

#include <cmath>
#include <cstddef>
#include <vector>

#include "patron/base/sum.hpp"
#include "patron/clv/gamma_functions.hpp"

namespace patron::clv {

// ln [Gamma(z + k) / Gamma(z)] for k = 0 ... steps, with first and second derivative by z. Each
// is a running sum carried in two doubles, so that the last of many is as exact as the first.
struct RisingTable {
  RisingTable(double z, size_t steps);

  std::vector<double> value;
  std::vector<double> first;
  std::vector<double> second;
};

// Sum over j = 1 ... periods of (b)_j / (b + a)_j, for a and b > 0: of `periods` chances to leave, how
// many a customer is expected to survive who leaves at each with a probability that is Beta(a, b).
double ExpectedPeriods(double a, double b, double periods);

inline RisingTable::RisingTable(double z, size_t steps) {
  Total<double> log_sum, inverse_sum, square_sum;
  for (size_t k = 0; k <= steps; ++k) {
    value.push_back(log_sum.ToDouble());
    first.push_back(inverse_sum.ToDouble());
    second.push_back(square_sum.ToDouble());
    const double at = z + static_cast<double>(k);
    log_sum.Add(std::log(at));
    inverse_sum.Add(1 / at);
    square_sum.Add(-1 / (at * at));
  }
}

inline double ExpectedPeriods(double a, double b, double periods) {
  // b (1 - exp(-loss)) / (a - 1), which is smooth through a = 1.
  const double excess = a - 1;
  if (excess == 0) return b * LogGammaRise(1 + b, periods).by_z;
  const double loss = excess > 0 ? LogGammaMixedRise(1 + b, excess, periods).value
                                 : -LogGammaMixedRise(a + b, -excess, periods).value;
  return b * -std::expm1(-loss) / excess;
}

}  // namespace patron::clv

#endif  // PATRON_CLV_RISING_HPP_
