// Differences of log-gamma, digamma and trigamma over whole distances, without cancellation.
#ifndef PATRON_CLV_LOG_GAMMA_HPP_
#define PATRON_CLV_LOG_GAMMA_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace patron::clv {

// Sums over the whole numbers j with m <= j < n, for y > 0.
struct RisingSums {
  double log = 0;      // Of ln(y + j): lgamma(y + n) - lgamma(y + m).
  double inverse = 0;  // Of 1 / (y + j): the same difference of digamma.
  double square = 0;   // Of 1 / (y + j)^2: that of trigamma, with its sign turned.
};

// Error: a few ulp of the largest term. Cost: O(min(n - m, 32)).
RisingSums SumRising(double y, double m, double n);

// ln of the rising factorial y (y + 1) ... (y + n - 1) and its derivatives by ln y.
struct LogRising {
  double value = 0;
  double first = 0;
  double second = 0;
};
LogRising LogRisingFactorial(double y, double n);

// ln of B(a, b + n) / B(a, b): the chance to keep on n times if each time one stops with a
// probability that is Beta(a, b); and its derivatives by ln a and ln b.
struct LogKeeping {
  double value = 0;
  double a = 0, b = 0;
  double aa = 0, ab = 0, bb = 0;
};
LogKeeping LogKeepingProbability(double a, double b, double n);

// The same for each of `counts`, which are ascending. Cost: O(largest count), but no more than 32
// terms for each of them.
std::vector<LogRising> LogRisingFactorials(double y, std::span<const double> counts);
std::vector<LogKeeping> LogKeepingProbabilities(double a, double b, std::span<const double> counts);

// ln Gamma(y) for y > 0. Unlike std::lgamma it touches no global.
double LogGamma(double y);

namespace detail {

inline constexpr double kDirectTerms = 32;
inline constexpr double kAsymptoticFrom = 16;

// lgamma(y) - (y - 1/2) ln y + y - ln(2 pi) / 2 for y >= 16, by Stirling.
inline double StirlingRest(double y) {
  const double z = 1 / (y * y);
  return (1.0 / 12 - z * (1.0 / 360 - z * (1.0 / 1260 - z * (1.0 / 1680 - z / 1188)))) / y;
}

// digamma(y) - ln y for y >= 16.
inline double DigammaRest(double y) {
  const double z = 1 / (y * y);
  return -0.5 / y - z * (1.0 / 12 - z * (1.0 / 120 - z * (1.0 / 252 - z * (1.0 / 240 - z / 132))));
}

// trigamma(y) for y >= 16.
inline double TrigammaLarge(double y) {
  const double v = 1 / y;
  const double z = v * v;
  return v + z * (0.5 + v * (1.0 / 6 - z * (1.0 / 30 - z * (1.0 / 42 - z / 30))));
}

inline void AddTerms(double y, double m, double n, RisingSums &sums) {
  double product = 1;
  for (double j = m; j < n; ++j) {
    const double term = y + j;
    const double inverse = 1 / term;
    product *= term;
    sums.inverse += inverse;
    sums.square += inverse * inverse;
    if (product > 0x1p200 || product < 0x1p-200) {
      sums.log += std::log(product);
      product = 1;
    }
  }
  sums.log += std::log(product);
}

inline LogKeeping KeepingOver(double a, double b, double m, double n) {
  LogKeeping sums;
  if (n - m <= 8 * kDirectTerms) {
    for (double j = m; j < n; ++j) {
      const double keep = b + j;
      const double inverse = 1 / (a + keep);
      const double stop_share = a * inverse;
      const double slope = stop_share * (b / keep);
      sums.value -= std::log1p(a / keep);
      sums.a -= stop_share;
      sums.b += slope;
      sums.aa -= stop_share * (keep * inverse);
      sums.ab += stop_share * (b * inverse);
      sums.bb += slope * (1 - b * inverse - b / keep);
    }
    return sums;
  }
  const RisingSums keep = SumRising(b, m, n);
  const RisingSums all = SumRising(a + b, m, n);
  sums.value = keep.log - all.log;
  sums.a = -a * all.inverse;
  sums.b = b * (keep.inverse - all.inverse);
  sums.aa = -a * (all.inverse - a * all.square);
  sums.ab = a * b * all.square;
  sums.bb = sums.b - b * b * (keep.square - all.square);
  return sums;
}

inline void Add(const LogKeeping &part, LogKeeping &sum) {
  sum.value += part.value;
  sum.a += part.a;
  sum.b += part.b;
  sum.aa += part.aa;
  sum.ab += part.ab;
  sum.bb += part.bb;
}

inline LogRising FromSums(double y, const RisingSums &sums) {
  return {sums.log, y * sums.inverse, y * sums.inverse - y * y * sums.square};
}

}  // namespace detail

inline RisingSums SumRising(double y, double m, double n) {
  RisingSums sums;
  if (n - m <= detail::kDirectTerms) {
    detail::AddTerms(y, m, n, sums);
    return sums;
  }
  const double shift = std::max(m, std::ceil(detail::kAsymptoticFrom - y));
  detail::AddTerms(y, m, shift, sums);
  const double low = y + shift;
  const double high = y + n;
  const double distance = n - shift;
  const double ratio = std::log1p(distance / low);
  sums.log += (high - 0.5) * ratio + distance * (std::log(low) - 1) +
              (detail::StirlingRest(high) - detail::StirlingRest(low));
  sums.inverse += ratio + (detail::DigammaRest(high) - detail::DigammaRest(low));
  sums.square += detail::TrigammaLarge(low) - detail::TrigammaLarge(high);
  return sums;
}

inline LogRising LogRisingFactorial(double y, double n) {
  return detail::FromSums(y, SumRising(y, 0, n));
}

inline LogKeeping LogKeepingProbability(double a, double b, double n) {
  return detail::KeepingOver(a, b, 0, n);
}

inline std::vector<LogRising> LogRisingFactorials(double y, std::span<const double> counts) {
  std::vector<LogRising> table;
  table.reserve(counts.size());
  RisingSums sums;
  double reached = 0;
  for (const double n : counts) {
    const RisingSums part = SumRising(y, reached, n);
    sums.log += part.log;
    sums.inverse += part.inverse;
    sums.square += part.square;
    reached = n;
    table.push_back(detail::FromSums(y, sums));
  }
  return table;
}

inline std::vector<LogKeeping> LogKeepingProbabilities(double a, double b,
                                                       std::span<const double> counts) {
  std::vector<LogKeeping> table;
  table.reserve(counts.size());
  LogKeeping sums;
  double reached = 0;
  for (const double n : counts) {
    detail::Add(detail::KeepingOver(a, b, reached, n), sums);
    reached = n;
    table.push_back(sums);
  }
  return table;
}

inline double LogGamma(double y) {
  constexpr double kHalfLogTwoPi = 0.91893853320467274178;
  double product = 1;
  while (y < detail::kAsymptoticFrom) product *= y++;
  return (y - 0.5) * std::log(y) - y + kHalfLogTwoPi + detail::StirlingRest(y) - std::log(product);
}

}  // namespace patron::clv

#endif  // PATRON_CLV_LOG_GAMMA_HPP_
