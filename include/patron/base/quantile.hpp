// Quantiles: the nine sample quantiles of Hyndman and Fan, exact for integers.
#ifndef PATRON_BASE_QUANTILE_HPP_
#define PATRON_BASE_QUANTILE_HPP_

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

#include "patron/base/order_statistics.hpp"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/base/sum.hpp"

namespace patron {

// Definitions 1 to 9 of Hyndman and Fan (1996), "Sample quantiles in statistical packages", The
// American Statistician 50(4). 7 is the default of R, NumPy and pandas; 6 of SPSS and Minitab;
// 8 is the one the authors recommend.
enum class QuantileType : int32_t {
  kInverseCdf = 1,
  kAveragedInverseCdf = 2,
  kNearestEven = 3,
  kInterpolatedInverseCdf = 4,
  kHazen = 5,
  kWeibull = 6,
  kLinear = 7,
  kMedianUnbiased = 8,
  kNormalUnbiased = 9,
};

// A ratio of whole numbers: a probability or a weight in [0, 1].
struct Fraction {
  uint64_t numerator = 0;
  uint64_t denominator = 1;

  double value() const { return static_cast<double>(numerator) / static_cast<double>(denominator); }
};

// The simplest fraction that rounds to the probability `p`: 0.2 is one fifth, although the
// double nearest to one fifth is not. Positions computed from it are exact. `p` in [0, 1].
Fraction FractionOf(double p);

// Where a quantile lies: x[lower] + weight * (x[upper] - x[lower]) with x ascending, zero-based.
// `upper` equals `lower` if the weight is zero.
struct QuantilePosition {
  size_t lower;
  size_t upper;
  Fraction weight;
};

// The position of quantile `p` among `count` values, in whole-number arithmetic. `count` at least
// 1 and below 2^48; `p` in [0, 1] with a denominator below 2^60.
QuantilePosition LocateQuantile(size_t count, Fraction p, QuantileType type);

// A rational number whole + rest with rest in [0, 1): a quantile of integers, without rounding.
struct ExactNumber {
  int64_t whole = 0;
  Fraction rest;

  // This number divided by `unit`, as a double.
  double value(int64_t unit = 1) const;
  bool IsWhole() const { return rest.numerator == 0; }
  friend bool operator==(const ExactNumber &a, const ExactNumber &b);
};

// What a quantile of values of type T is: exact for integers.
template <typename T>
using QuantileValue = std::conditional_t<std::is_integral_v<T>, ExactNumber, double>;

// The quantile `p` of `count` values of which `order_statistic(k)` is the k-th smallest, k from 0.
// Asks for at most two of them. Limits as for LocateQuantile.
template <typename T, typename OrderStatistic>
QuantileValue<T> QuantileFrom(size_t count, Fraction p, QuantileType type,
                              const OrderStatistic &order_statistic);

// The quantile `p` of `sorted`, which is ascending. Integer quantiles are rounded to double once.
//
// Errors: InvalidArgument if there is no value or `p` is not in [0, 1]. Cost: O(1).
template <typename T>
absl::StatusOr<double> QuantileOfSorted(std::span<const T> sorted, double p, QuantileType type);
template <typename T>
absl::StatusOr<QuantileValue<T>> QuantileOfSorted(std::span<const T> sorted, Fraction p,
                                                  QuantileType type);

// The quantiles `p`, in that order, of `values` in any order.
//
// Errors: InvalidArgument if there is no value, one is not finite, or some p is not in [0, 1].
// Cost: as OrderStatistics::At, O(n).
template <typename T>
absl::StatusOr<std::vector<double>> Quantiles(std::span<const T> values, std::span<const double> p,
                                              QuantileType type, const Execution &execution = {});

namespace detail {

__extension__ using Wide = unsigned __int128;

// Errors: InvalidArgument if `p` is not a probability that positions can be computed from.
inline absl::Status CheckProbability(double p) {
  if (p >= 0 && p <= 1) return absl::OkStatus();
  return InvalidOption("p", FormatNumber(p), "0 to 1");
}

inline absl::Status CheckProbability(Fraction p) {
  if (p.denominator != 0 && p.denominator < (uint64_t{1} << 60) && p.numerator <= p.denominator) {
    return absl::OkStatus();
  }
  const std::string text = absl::StrCat(p.numerator, "/", p.denominator);
  return InvalidOption("p", text, "0 to 1, with a denominator below 2^60");
}

inline absl::Status CheckCount(size_t count) {
  if (count > 0) return absl::OkStatus();
  return InvalidOption("values", "0 rows", "at least 1");
}

inline ExactNumber Between(int64_t lower, int64_t upper, Fraction weight) {
  const Wide gap = static_cast<uint64_t>(upper) - static_cast<uint64_t>(lower);
  const Wide scaled = gap * weight.numerator;
  const auto steps = static_cast<uint64_t>(scaled / weight.denominator);
  return {static_cast<int64_t>(static_cast<uint64_t>(lower) + steps),
          {static_cast<uint64_t>(scaled % weight.denominator), weight.denominator}};
}

inline double Between(double lower, double upper, Fraction weight) {
  return lower == upper ? lower : std::lerp(lower, upper, weight.value());
}

inline double AsDouble(double value) { return value; }
inline double AsDouble(const ExactNumber &value) { return value.value(); }

}  // namespace detail

inline Fraction FractionOf(double p) {
  if (!(p > 0)) return {0, 1};
  if (p >= 1) return {1, 1};
  // p is odd / 2^shift exactly; its continued fraction ends at the first convergent that rounds
  // to p. Below 2^-62 the position of a quantile no longer depends on p.
  int exponent = 0;
  const double mantissa = std::frexp(p, &exponent);
  if (exponent < -62) return {0, 1};
  auto remainder = static_cast<detail::Wide>(std::ldexp(mantissa, 53));
  detail::Wide divisor = detail::Wide{1} << (53 - exponent);
  uint64_t numerator = 0, denominator = 1, last_numerator = 1, last_denominator = 0;
  // The whole part of p is 0, which the start values already hold.
  while (remainder != 0) {
    const detail::Wide term = divisor / remainder;
    divisor = std::exchange(remainder, divisor % remainder);
    const detail::Wide next_denominator = term * denominator + last_denominator;
    if (next_denominator >= (detail::Wide{1} << 60)) break;
    const auto next_numerator = static_cast<uint64_t>(term * numerator + last_numerator);
    last_numerator = std::exchange(numerator, next_numerator);
    last_denominator = std::exchange(denominator, static_cast<uint64_t>(next_denominator));
    if (Fraction{numerator, denominator}.value() == p) break;
  }
  return {numerator, denominator};
}

inline QuantilePosition LocateQuantile(size_t count, Fraction p, QuantileType type) {
  const Int128 n = static_cast<Int128>(count);
  const Int128 a = p.numerator;
  const Int128 b = p.denominator;
  // One-based position `top / bottom` of the quantile.
  Int128 top = n * a;
  Int128 bottom = b;
  switch (type) {
    case QuantileType::kInverseCdf:
    case QuantileType::kAveragedInverseCdf:
    case QuantileType::kInterpolatedInverseCdf: break;
    case QuantileType::kNearestEven:
      top = 2 * n * a - b;
      bottom = 2 * b;
      break;
    case QuantileType::kHazen:
      top = 2 * n * a + b;
      bottom = 2 * b;
      break;
    case QuantileType::kWeibull: top = (n + 1) * a; break;
    case QuantileType::kLinear: top = (n - 1) * a + b; break;
    case QuantileType::kMedianUnbiased:
      top = (3 * n + 1) * a + b;
      bottom = 3 * b;
      break;
    case QuantileType::kNormalUnbiased:
      top = (8 * n + 2) * a + 3 * b;
      bottom = 8 * b;
      break;
  }
  Int128 whole = top >= 0 ? top / bottom : -1;  // A negative position lies in (-1, 0).
  Int128 rest = top >= 0 ? top % bottom : bottom + top;
  switch (type) {
    case QuantileType::kInverseCdf:
      whole += rest > 0;
      rest = 0;
      break;
    case QuantileType::kAveragedInverseCdf:
      whole += rest > 0;
      rest = rest > 0 ? 0 : 1;
      bottom = 2;
      break;
    case QuantileType::kNearestEven:
      whole += rest > 0 || whole % 2 != 0;
      rest = 0;
      break;
    default: break;
  }
  if (whole < 1) return {0, 0, {0, 1}};
  if (whole >= n) return {count - 1, count - 1, {0, 1}};
  const size_t lower = static_cast<size_t>(whole) - 1;
  const Fraction weight{static_cast<uint64_t>(rest), static_cast<uint64_t>(bottom)};
  return {lower, lower + (rest > 0 ? 1 : 0), weight};
}

inline double ExactNumber::value(int64_t unit) const {
  // Two roundings at most: of the numerator when it passes 2^53, and of the quotient.
  const auto denominator = static_cast<Int128>(rest.denominator);
  const Int128 numerator = whole * denominator + rest.numerator;
  return static_cast<double>(numerator) / static_cast<double>(denominator * unit);
}

inline bool operator==(const ExactNumber &a, const ExactNumber &b) {
  return a.whole == b.whole && detail::Wide{a.rest.numerator} * b.rest.denominator ==
                                   detail::Wide{b.rest.numerator} * a.rest.denominator;
}

template <typename T, typename OrderStatistic>
QuantileValue<T> QuantileFrom(size_t count, Fraction p, QuantileType type,
                              const OrderStatistic &order_statistic) {
  const QuantilePosition position = LocateQuantile(count, p, type);
  using Number = std::conditional_t<std::is_integral_v<T>, int64_t, double>;
  const Number lower = order_statistic(position.lower);
  const Number upper = position.upper == position.lower ? lower : order_statistic(position.upper);
  return detail::Between(lower, upper, position.weight);
}

template <typename T>
absl::StatusOr<QuantileValue<T>> QuantileOfSorted(std::span<const T> sorted, Fraction p,
                                                  QuantileType type) {
  PATRON_RETURN_IF_ERROR(detail::CheckCount(sorted.size()));
  PATRON_RETURN_IF_ERROR(detail::CheckProbability(p));
  return QuantileFrom<T>(sorted.size(), p, type, [&](size_t k) { return sorted[k]; });
}

template <typename T>
absl::StatusOr<double> QuantileOfSorted(std::span<const T> sorted, double p, QuantileType type) {
  PATRON_RETURN_IF_ERROR(detail::CheckProbability(p));
  PATRON_ASSIGN_OR_RETURN(const auto quantile, QuantileOfSorted<T>(sorted, FractionOf(p), type));
  return detail::AsDouble(quantile);
}

template <typename T>
absl::StatusOr<std::vector<double>> Quantiles(std::span<const T> values, std::span<const double> p,
                                              QuantileType type, const Execution &execution) {
  PATRON_RETURN_IF_ERROR(detail::CheckCount(values.size()));
  if constexpr (std::is_floating_point_v<T>) PATRON_RETURN_IF_ERROR(CheckFinite("values", values));
  std::vector<size_t> needed;
  for (const double each : p) {
    PATRON_RETURN_IF_ERROR(detail::CheckProbability(each));
    const QuantilePosition position = LocateQuantile(values.size(), FractionOf(each), type);
    needed.push_back(position.lower);
    needed.push_back(position.upper);
  }
  const auto statistics = OrderStatistics<T>::At(values, std::move(needed), execution);
  std::vector<double> quantiles;
  quantiles.reserve(p.size());
  for (const double each : p) {
    quantiles.push_back(
        detail::AsDouble(QuantileFrom<T>(values.size(), FractionOf(each), type, statistics)));
  }
  return quantiles;
}

}  // namespace patron

#endif  // PATRON_BASE_QUANTILE_HPP_
