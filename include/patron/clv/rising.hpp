// Rising factorials of whole steps: z (z + 1) ... (z + k - 1), in logarithms, for all k at once.
#ifndef PATRON_CLV_RISING_HPP_
#define PATRON_CLV_RISING_HPP_

#include <cmath>
#include <cstddef>
#include <cstdint>
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

// Sum over k = 0, 1, ... of (b)_k / (b + a)_k (1 + rate)^-k, for a >= 0, b > 0 and rate > 0: the
// hypergeometric 2F1(1, b; a + b; 1 / (1 + rate)) of discounted survival. Relative error about
// 2e-13 at rates from 1e-6. Cost: some 20 / sqrt(rate) divisions, far less than the sum.
double DiscountedSeries(double a, double b, double rate);

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

inline double DiscountedSeries(double a, double b, double rate) {
  // Pfaff's transformation leads to 2F1(1, a; a + b; -1 / rate), whose continued fraction of Gauss
  // 1 / (1 + e_1 w / (1 + e_2 w / ...)) has positive terms alone: nothing cancels in Lentz's
  // product of the ratios of its convergents.
  const double w = 1 / rate, c = a + b;
  double numerator = 1, denominator = 0, product = 1;
  for (int64_t n = 1; n < 1'000'000'000; ++n) {
    const int64_t half = n / 2;
    const auto m = static_cast<double>(half), size = static_cast<double>(n);
    const double e = n == 1       ? a / c
                     : n % 2 == 1 ? (a + m) * (c + m - 1) / ((c + size - 1) * (c + size - 2))
                                  : m * (b + m - 1) / ((c + size - 1) * (c + size - 2));
    numerator = 1 + e * w / numerator;
    denominator = 1 / (1 + e * w * denominator);
    const double factor = numerator * denominator;
    product *= factor;
    if (std::abs(factor - 1) < 1e-16) break;
  }
  return (1 + rate) / (rate * product);
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
