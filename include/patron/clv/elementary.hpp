// Exponential and logarithm without branches, so that loops over blocks of rows run on all lanes.
#ifndef PATRON_CLV_ELEMENTARY_HPP_
#define PATRON_CLV_ELEMENTARY_HPP_

#include <bit>
#include <cstdint>

namespace patron::clv {

// All are straight lines of arithmetic: the same bits on any machine, lane width and compiler that
// does not contract products into fused ones. Errors are given in units of the last place (ulp).

// `a` if `yes`, else `b`: by masks, because a compiler that minds floating-point traps does not
// turn ?: into a choice of lanes.
double Choose(bool yes, double a, double b);

// e^x for any x that is not NaN; 1.2 ulp. Below -708 it stays at e^-708, above 709 at e^709.
double Exp(double x);

// e^x - 1, as accurate as Exp for small x too; 2 ulp.
double ExpMinus1(double x);

// ln(x) for normal positive x; 1.5 ulp.
double Log(double x);

// ln(1 + x) for x >= 0, or above -0.5; 2 ulp.
double Log1Plus(double x);

inline double Choose(bool yes, double a, double b) {
  const uint64_t mask = uint64_t{0} - static_cast<uint64_t>(yes);
  return std::bit_cast<double>((std::bit_cast<uint64_t>(a) & mask) |
                               (std::bit_cast<uint64_t>(b) & ~mask));
}

namespace detail {

inline constexpr double kLn2High = 0x1.62e42fee00000p-1;  // 31 bits: products with whole numbers
inline constexpr double kLn2Low = 0x1.a39ef35793c76p-33;  // below 2^21 are exact.
inline constexpr double kLog2E = 0x1.71547652b82fep+0;

// x = k ln 2 + r with |r| <= ln(2) / 2: 2^k, and e^r - 1.
struct SplitExponential {
  double scale;
  double fraction;
};

inline SplitExponential Split(double x) {
  constexpr double kRounder = 0x1.8p52;  // Brings the nearest whole number into the low bits.
  x = Choose(x < -708.0, -708.0, x);
  x = Choose(x > 709.0, 709.0, x);
  const double shifted = x * kLog2E + kRounder;
  const double k = shifted - kRounder;
  const double r = (x - k * kLn2High) - k * kLn2Low;
  // (e^r - 1 - r) / r^2, within 1.1e-16 of its Chebyshev fit.
  double p = 0x1.af38a9b0ec855p-26;
  p = p * r + 0x1.289185613a3d6p-22;
  p = p * r + 0x1.71de0dae63bb3p-19;
  p = p * r + 0x1.a019b90d2ae7ap-16;
  p = p * r + 0x1.a01a01a7c41d5p-13;
  p = p * r + 0x1.6c16c1788bd90p-10;
  p = p * r + 0x1.11111111109b3p-7;
  p = p * r + 0x1.5555555553d63p-5;
  p = p * r + 0x1.5555555555556p-3;
  p = p * r + 0.5;
  const uint64_t exponent = (std::bit_cast<uint64_t>(shifted) << 52) + (uint64_t{1023} << 52);
  return {std::bit_cast<double>(exponent), r + r * r * p};
}

}  // namespace detail

inline double Exp(double x) {
  const detail::SplitExponential e = detail::Split(x);
  return e.scale + e.scale * e.fraction;
}

inline double ExpMinus1(double x) {
  const detail::SplitExponential e = detail::Split(x);
  return (e.scale - 1.0) + e.scale * e.fraction;
}

inline double Log(double x) {
  // x = 2^k (1 + f) with 1 + f between sqrt(1/2) and sqrt(2).
  constexpr uint64_t kRootHalf = 0x3FE6A09E667F3BCD;
  constexpr uint64_t kBias = uint64_t{1023} << 52;
  constexpr uint64_t kTwo52 = 0x4330000000000000;  // Bits of 2^52.
  const auto bits = std::bit_cast<uint64_t>(x);
  const uint64_t biased = (bits - kRootHalf + kBias) >> 52;
  const double k = std::bit_cast<double>(biased | kTwo52) - (0x1p52 + 1023.0);
  const double f = std::bit_cast<double>(bits - (biased << 52) + kBias) - 1.0;
  const double s = f / (2.0 + f);
  const double z = s * s;
  // (2 atanh(s) / s - 2) / s^2, within 3.2e-16 of its Chebyshev fit.
  double q = 0x1.2b5f68a50d903p-3;
  q = q * z + 0x1.39fdcceb4bb45p-3;
  q = q * z + 0x1.7462b91b8df65p-3;
  q = q * z + 0x1.c71c62d5e53e0p-3;
  q = q * z + 0x1.2492492dfd86cp-2;
  q = q * z + 0x1.9999999995273p-2;
  q = q * z + 0x1.5555555555558p-1;
  return k * detail::kLn2High + ((f - s * (f - z * q)) + k * detail::kLn2Low);
}

inline double Log1Plus(double x) {
  const double u = 1.0 + x;
  return Log(u) + (x - (u - 1.0)) / u;
}

}  // namespace patron::clv

#endif  // PATRON_CLV_ELEMENTARY_HPP_
