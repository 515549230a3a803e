// Exponential and logarithm of a number or of a pack of them, without branches.
#ifndef PATRON_CLV_ELEMENTARY_HPP_
#define PATRON_CLV_ELEMENTARY_HPP_

#include <bit>
#include <cstdint>

#include "patron/clv/lanes.hpp"

namespace patron::clv {

// All are straight lines of arithmetic: the same bits on any machine, lane width and compiler that
// does not contract products into fused ones. Errors are given in units of the last place (ulp).
// Polynomials are summed as trees, not chains, so that few steps wait for one another.

// e^x for any x that is not NaN; 1.2 ulp. Below -708 it stays at e^-708, above 709 at e^709.
template <typename V>
V Exp(const V &x);

// e^x - 1, as accurate as Exp for small x too; 2 ulp.
template <typename V>
V ExpMinus1(const V &x);

// ln(x) for normal positive x; 1.5 ulp.
template <typename V>
V Log(const V &x);

// ln(1 + x) for x >= 0, or above -0.5; 2 ulp.
template <typename V>
V Log1Plus(const V &x);

namespace detail {

inline constexpr double kLn2High = 0x1.62e42fee00000p-1;  // 31 bits: products with whole numbers
inline constexpr double kLn2Low = 0x1.a39ef35793c76p-33;  // below 2^21 are exact.
inline constexpr double kLog2E = 0x1.71547652b82fep+0;

// x = k ln 2 + r with |r| <= ln(2) / 2: 2^k, and e^r - 1.
template <typename V>
struct SplitExponential {
  V scale;
  V fraction;
};

template <typename V>
inline SplitExponential<V> Split(V x) {
  constexpr double kRounder = 0x1.8p52;  // Brings the nearest whole number into the low bits.
  x = Choose<V>(x < -708.0, Splat<V>(-708.0), x);
  x = Choose<V>(x > 709.0, Splat<V>(709.0), x);
  const V shifted = x * kLog2E + kRounder;
  const V k = shifted - kRounder;
  const V r = (x - k * kLn2High) - k * kLn2Low;
  const V r2 = r * r;
  const V r4 = r2 * r2;
  // (e^r - 1 - r) / r^2, within 1.1e-16 of its Chebyshev fit.
  const V p01 = 0.5 + 0x1.5555555555556p-3 * r;
  const V p23 = 0x1.5555555553d63p-5 + 0x1.11111111109b3p-7 * r;
  const V p45 = 0x1.6c16c1788bd90p-10 + 0x1.a01a01a7c41d5p-13 * r;
  const V p67 = 0x1.a019b90d2ae7ap-16 + 0x1.71de0dae63bb3p-19 * r;
  const V p89 = 0x1.289185613a3d6p-22 + 0x1.af38a9b0ec855p-26 * r;
  const V p = (p01 + p23 * r2) + ((p45 + p67 * r2) + p89 * r4) * r4;
  constexpr uint64_t kBias = uint64_t{1023} << 52;
  const LaneBits<V> exponent = (std::bit_cast<LaneBits<V>>(shifted) << 52) + kBias;
  return {std::bit_cast<V>(exponent), r + r2 * p};
}

// x = 2^k (1 + f) with 1 + f between sqrt(1/2) and sqrt(2).
template <typename V>
struct SplitLogarithm {
  V k;
  V f;
  LaneBits<V> biased;  // k + 1023.
};

template <typename V>
inline SplitLogarithm<V> SplitLog(const V &x) {
  constexpr uint64_t kRootHalf = 0x3FE6A09E667F3BCD;
  constexpr uint64_t kBias = uint64_t{1023} << 52;
  constexpr uint64_t kTwo52 = 0x4330000000000000;  // Bits of 2^52.
  const auto bits = std::bit_cast<LaneBits<V>>(x);
  const LaneBits<V> biased = (bits + (kBias - kRootHalf)) >> 52;
  const LaneBits<V> whole = biased | kTwo52;
  const LaneBits<V> fraction = bits - (biased << 52) + kBias;
  return {std::bit_cast<V>(whole) - (0x1p52 + 1023.0), std::bit_cast<V>(fraction) - 1.0, biased};
}

// k ln 2 + ln(1 + f).
template <typename V>
inline V JoinLog(const V &k, const V &f) {
  const V s = f / (2.0 + f);
  const V z = s * s;
  const V z2 = z * z;
  // (2 atanh(s) / s - 2) / s^2, within 3.2e-16 of its Chebyshev fit.
  const V q01 = 0x1.5555555555558p-1 + 0x1.9999999995273p-2 * z;
  const V q23 = 0x1.2492492dfd86cp-2 + 0x1.c71c62d5e53e0p-3 * z;
  const V q45 = 0x1.7462b91b8df65p-3 + 0x1.39fdcceb4bb45p-3 * z;
  const V q = (q01 + q23 * z2) + (q45 + 0x1.2b5f68a50d903p-3 * z2) * (z2 * z2);
  return k * kLn2High + ((f - s * (f - z * q)) + k * kLn2Low);
}

}  // namespace detail

template <typename V>
inline V Exp(const V &x) {
  const detail::SplitExponential<V> e = detail::Split(x);
  return e.scale + e.scale * e.fraction;
}

template <typename V>
inline V ExpMinus1(const V &x) {
  const detail::SplitExponential<V> e = detail::Split(x);
  return (e.scale - 1.0) + e.scale * e.fraction;
}

template <typename V>
inline V Log(const V &x) {
  const detail::SplitLogarithm<V> split = detail::SplitLog(x);
  return detail::JoinLog(split.k, split.f);
}

template <typename V>
inline V Log1Plus(const V &x) {
  const V u = 1.0 + x;
  const detail::SplitLogarithm<V> split = detail::SplitLog(u);
  // What the sum lost, times 2^-k, goes into the fraction.
  const LaneBits<V> inverse = (uint64_t{2046} - split.biased) << 52;
  return detail::JoinLog<V>(split.k, split.f + (x - (u - 1.0)) * std::bit_cast<V>(inverse));
}

}  // namespace patron::clv

#endif  // PATRON_CLV_ELEMENTARY_HPP_
