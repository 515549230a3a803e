// Money: int64 in units of 10^-decimals, sums in 128 bits, rounding half to even, overflow refused.
#ifndef PATRON_BASE_MONEY_HPP_
#define PATRON_BASE_MONEY_HPP_

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"

namespace patron {

// A sum of money, or of any int64, that cannot overflow in fewer than 2^64 terms.
__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 Uint128;

inline constexpr int kMaxDecimals = 9;
inline constexpr int kDefaultDecimals = 4;

// Amounts lie in [-kMaxMoney, kMaxMoney], so that every amount can be negated.
inline constexpr int64_t kMaxMoney = std::numeric_limits<int64_t>::max();

// What keeps a value from being an amount.
enum class MoneyProblem {
  kNone,
  kNotFinite,   // NaN or infinity.
  kOutOfRange,  // Beyond kMaxMoney units.
};

// 10^exponent for exponent in [0, 18].
constexpr int64_t PowerOfTen(int exponent);

// Errors: InvalidArgument if `decimals` is not in [0, 9].
absl::Status CheckDecimals(std::string_view name, int64_t decimals);

// The units nearest to `value` currency, the even ones in the middle between two. The exact product
// value x 10^decimals is rounded, once: 0.00005 is a little above half a unit of 10^-4 and becomes 1,
// 0.03125 is exactly 312.5 units and becomes 312.
MoneyProblem UnitsFromDouble(double value, int decimals, int64_t &units);

// The same for value x 10^-scale; a negative scale multiplies.
MoneyProblem UnitsFromDecimal(Int128 value, int scale, int decimals, int64_t &units);

// Converts each value as UnitsFromDouble does. Returns the index of the first that is no amount, or
// the size of `values`; from there on `units` (of the same length) is not filled.
// Cost: O(n), about the speed of memory for ordinary amounts.
size_t UnitsFromDoubles(std::span<const double> values, int decimals, std::span<int64_t> units);

// The number that 16 bytes of an Arrow decimal128 hold: two's complement, least significant first.
Int128 LoadDecimal128(const void *bytes);

// units / 10^decimals, correctly rounded.
double CurrencyFromUnits(Int128 units, int decimals);

// units / count / 10^decimals, correctly rounded while count x 10^decimals is below 2^63. `count` is not 0.
double MeanFromUnits(Int128 units, uint64_t count, int decimals);

// The same as CurrencyFromUnits for a column; the spans have equal lengths.
void CurrencyFromUnits(std::span<const int64_t> units, int decimals, std::span<double> currency);

// Whether `sum` is an amount; if so, `units` is that.
bool NarrowMoney(Int128 sum, int64_t &units);

// "-12.3400": exactly the units, with `decimals` places.
std::string FormatMoney(Int128 units, int decimals);

// Errors: InvalidArgument or OutOfRange, as the problem is, in the wording of InvalidRow.
absl::Status InvalidMoney(std::string_view column, uint64_t row, std::string_view value,
                          MoneyProblem problem, int decimals, uint64_t rows = 1);

namespace detail {

inline constexpr auto kPowersOfTen = [] {
  std::array<int64_t, 19> powers{};
  int64_t power = 1;
  for (auto &entry : powers) {
    entry = power;
    if (power <= std::numeric_limits<int64_t>::max() / 10) power *= 10;
  }
  return powers;
}();

// value / divisor to the nearest, ties to even; divisor > 0.
inline Int128 DivideHalfEven(Int128 value, Int128 divisor) {
  Int128 quotient = value / divisor;
  Int128 rest = value % divisor;
  if (rest < 0) rest = -rest;
  const Int128 above = rest - (divisor - rest);  // Sign of rest - divisor / 2.
  if (above > 0 || (above == 0 && quotient % 2 != 0)) quotient += value < 0 ? -1 : 1;
  return quotient;
}

inline int LeadingZeros(Uint128 value) {
  const auto high = static_cast<uint64_t>(value >> 64);
  return high != 0 ? std::countl_zero(high) : 64 + std::countl_zero(static_cast<uint64_t>(value));
}

// numerator / denominator, correctly rounded; 0 < denominator < 2^63.
inline double DivideToDouble(Int128 numerator, int64_t denominator) {
  constexpr int64_t kExact = int64_t{1} << 53;
  if (numerator >= -kExact && numerator <= kExact && denominator <= kExact) {
    return static_cast<double>(static_cast<int64_t>(numerator)) / static_cast<double>(denominator);
  }
  const bool negative = numerator < 0;
  const Uint128 magnitude =
      negative ? -static_cast<Uint128>(numerator) : static_cast<Uint128>(numerator);
  // With the top bit at 127 the quotient has at least 64 bits; all that is cut off counts as one sticky bit.
  const int shift = LeadingZeros(magnitude);
  const Uint128 shifted = magnitude << shift;
  const auto divisor = static_cast<Uint128>(denominator);
  const Uint128 quotient = shifted / divisor;
  const int cut = 64 - LeadingZeros(quotient);
  auto top = static_cast<uint64_t>(quotient >> cut);
  const bool sticky =
      (static_cast<Uint128>(top) << cut) != quotient || quotient * divisor != shifted;
  if (sticky) top |= 1;
  const double result = std::ldexp(static_cast<double>(top), cut - shift);
  return negative ? -result : result;
}

// Adding it to a number below 2^51 leaves the number, rounded half to even, in the low bits.
inline constexpr double kRounder = 6755399441055744.0;  // 1.5 x 2^52

}  // namespace detail

constexpr int64_t PowerOfTen(int exponent) {
  return detail::kPowersOfTen[static_cast<size_t>(exponent)];
}

inline absl::Status CheckDecimals(std::string_view name, int64_t decimals) {
  if (decimals >= 0 && decimals <= kMaxDecimals) return absl::OkStatus();
  return InvalidOption(name, std::to_string(decimals), "0 to 9");
}

inline MoneyProblem UnitsFromDouble(double value, int decimals, int64_t &units) {
  if (!std::isfinite(value)) return MoneyProblem::kNotFinite;
  const auto scale = static_cast<double>(PowerOfTen(decimals));
  const double product = value * scale;
  if (!(std::fabs(product) < 0x1p63)) return MoneyProblem::kOutOfRange;
  const auto whole = static_cast<int64_t>(product);          // Towards zero.
  const double residual = std::fma(value, scale, -product);  // product + residual is exact.
  const bool odd = (whole & 1) != 0;
  double step = 0;
  if (std::fabs(product) < 0x1p52) {
    // The residual is less than half the last place of `product`: it matters only in the middle.
    const double part = product - static_cast<double>(whole);
    const double beyond = part < 0 ? -residual : residual;
    const double size = std::fabs(part);
    if (size > 0.5 || (size == 0.5 && (beyond > 0 || (beyond == 0 && odd))))
      step = part < 0 ? -1 : 1;
  } else {
    // `product` is an integer, and even from 2^53 on.
    step = std::floor(residual);
    const double above = residual - step;
    const bool odd_below = odd != (std::fmod(step, 2) != 0);
    if (above > 0.5 || (above == 0.5 && odd_below)) step += 1;
  }
  const Int128 rounded = static_cast<Int128>(whole) + static_cast<int64_t>(step);
  return NarrowMoney(rounded, units) ? MoneyProblem::kNone : MoneyProblem::kOutOfRange;
}

inline MoneyProblem UnitsFromDecimal(Int128 value, int scale, int decimals, int64_t &units) {
  int64_t shift = static_cast<int64_t>(decimals) - scale;
  if (value == 0) shift = 0;
  while (shift > 0) {
    const int step = static_cast<int>(std::min<int64_t>(shift, 18));
    if (value > kMaxMoney || value < -kMaxMoney) return MoneyProblem::kOutOfRange;
    value *= PowerOfTen(step);
    shift -= step;
  }
  if (shift < -38) {
    value = 0;  // Less than half of 10^39, so less than half a unit.
  } else if (shift < 0) {
    const int first = static_cast<int>(std::min<int64_t>(-shift, 18));
    const int second = static_cast<int>(std::min<int64_t>(-shift - first, 18));
    const Int128 divisor = static_cast<Int128>(PowerOfTen(first)) * PowerOfTen(second) *
                           PowerOfTen(static_cast<int>(-shift) - first - second);
    value = detail::DivideHalfEven(value, divisor);
  }
  return NarrowMoney(value, units) ? MoneyProblem::kNone : MoneyProblem::kOutOfRange;
}

inline size_t UnitsFromDoubles(std::span<const double> values, int decimals,
                               std::span<int64_t> units) {
  constexpr size_t kBlock = 1024;
  const auto scale = static_cast<double>(PowerOfTen(decimals));
  for (size_t begin = 0; begin < values.size(); begin += kBlock) {
    const size_t end = std::min(begin + kBlock, values.size());
    // Only a product in the middle between two units, or a large one, needs the exact way.
    uint64_t exact = 0;
    for (size_t i = begin; i < end; ++i) {
      const double product = values[i] * scale;
      const double shifted = product + detail::kRounder;
      const double off = product - (shifted - detail::kRounder);
      exact |= static_cast<uint64_t>(!(std::fabs(product) < 0x1p51)) |
               static_cast<uint64_t>(std::fabs(off) == 0.5);
      units[i] = static_cast<int64_t>(std::bit_cast<uint64_t>(shifted) -
                                      std::bit_cast<uint64_t>(detail::kRounder));
    }
    if (exact == 0) continue;
    for (size_t i = begin; i < end; ++i) {
      if (UnitsFromDouble(values[i], decimals, units[i]) != MoneyProblem::kNone) return i;
    }
  }
  return values.size();
}

inline Int128 LoadDecimal128(const void *bytes) {
  uint64_t low = 0, high = 0;
  for (int i = 7; i >= 0; --i) {
    low = low << 8 | static_cast<const unsigned char *>(bytes)[i];
    high = high << 8 | static_cast<const unsigned char *>(bytes)[8 + i];
  }
  return static_cast<Int128>(static_cast<Uint128>(high) << 64 | low);
}

inline double CurrencyFromUnits(Int128 units, int decimals) {
  return detail::DivideToDouble(units, PowerOfTen(decimals));
}

inline double MeanFromUnits(Int128 units, uint64_t count, int decimals) {
  const Uint128 divisor = static_cast<Uint128>(count) * static_cast<Uint128>(PowerOfTen(decimals));
  if (divisor <= static_cast<Uint128>(kMaxMoney)) {
    return detail::DivideToDouble(units, static_cast<int64_t>(divisor));
  }
  return CurrencyFromUnits(units, decimals) / static_cast<double>(count);
}

inline void CurrencyFromUnits(std::span<const int64_t> units, int decimals,
                              std::span<double> currency) {
  for (size_t i = 0; i < units.size(); ++i)
    currency[i] = CurrencyFromUnits(Int128{units[i]}, decimals);
}

inline bool NarrowMoney(Int128 sum, int64_t &units) {
  if (sum > kMaxMoney || sum < -kMaxMoney) return false;
  units = static_cast<int64_t>(sum);
  return true;
}

inline std::string FormatMoney(Int128 units, int decimals) {
  Uint128 magnitude = units < 0 ? -static_cast<Uint128>(units) : static_cast<Uint128>(units);
  std::array<char, 48> text;  // 39 digits, a point, a sign.
  size_t at = text.size();
  int digits = 0;
  while (magnitude != 0 || digits <= decimals) {
    if (digits == decimals && decimals > 0) text[--at] = '.';
    text[--at] = static_cast<char>('0' + static_cast<int>(magnitude % 10));
    magnitude /= 10;
    ++digits;
  }
  if (units < 0) text[--at] = '-';
  return std::string(text.data() + at, text.size() - at);
}

inline absl::Status InvalidMoney(std::string_view column, uint64_t row, std::string_view value,
                                 MoneyProblem problem, int decimals, uint64_t rows) {
  if (problem == MoneyProblem::kNotFinite) {
    return InvalidRow(column, row, value, "a finite number", rows);
  }
  const std::string most = FormatMoney(kMaxMoney, decimals);
  const absl::Status invalid = InvalidRow(
      column, row, value, absl::StrCat("an amount between -", most, " and ", most), rows);
  return absl::OutOfRangeError(invalid.message());
}

}  // namespace patron

#endif  // PATRON_BASE_MONEY_HPP_
