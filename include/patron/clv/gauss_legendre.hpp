// Gauss-Legendre quadrature on the unit interval, with its tables made at compile time.
#ifndef PATRON_CLV_GAUSS_LEGENDRE_HPP_
#define PATRON_CLV_GAUSS_LEGENDRE_HPP_

#include <array>
#include <cstddef>
#include <numbers>
#include <span>

namespace patron::clv {

// One point of a rule: the integral of f over [0, 1] is near the sum of weight * f(place).
struct QuadratureNode {
  double place;
  double weight;
};

// The rule of kCount nodes, exact for polynomials of degree 2 kCount - 1; kCount is even.
template <size_t kCount>
constexpr std::array<QuadratureNode, kCount> GaussLegendre();

// The rules that are used, by size: their places in the table.
inline constexpr size_t kRuleCount = 11;
inline constexpr std::array<size_t, kRuleCount> kRuleSizes = {6,  8,  10, 12, 14, 16,
                                                              20, 24, 32, 48, 96};
inline constexpr size_t kMostNodes = kRuleSizes.back();
std::span<const QuadratureNode> QuadratureRule(size_t rule);

// The place of the rule of so many nodes, which is one of those sizes.
constexpr size_t RuleOf(size_t nodes) {
  size_t rule = 0;
  while (kRuleSizes[rule] != nodes) ++rule;
  return rule;
}

namespace detail {

// cos(x) for x in [0, pi / 2], good enough to start Newton's method.
constexpr long double CosineGuess(long double x) {
  const long double z = x * x;
  return 1 - z / 2 * (1 - z / 12 * (1 - z / 30 * (1 - z / 56 * (1 - z / 90 * (1 - z / 132)))));
}

struct LegendreValue {
  long double value;
  long double slope;
};

constexpr LegendreValue Legendre(size_t n, long double t) {
  long double before = 1;
  long double value = t;
  for (size_t j = 2; j <= n; ++j) {
    const auto k = static_cast<long double>(j);
    const long double next = ((2 * k - 1) * t * value - (k - 1) * before) / k;
    before = value;
    value = next;
  }
  return {value, static_cast<long double>(n) * (t * value - before) / (t * t - 1)};
}

}  // namespace detail

template <size_t kCount>
constexpr std::array<QuadratureNode, kCount> GaussLegendre() {
  static_assert(kCount % 2 == 0);
  std::array<QuadratureNode, kCount> nodes{};
  for (size_t i = 0; i < kCount / 2; ++i) {
    long double t = detail::CosineGuess(std::numbers::pi_v<long double> *
                                        (static_cast<long double>(i) + 0.75L) / (kCount + 0.5L));
    for (int step = 0; step < 6; ++step) {
      const detail::LegendreValue p = detail::Legendre(kCount, t);
      t -= p.value / p.slope;
    }
    const long double slope = detail::Legendre(kCount, t).slope;
    const auto weight = static_cast<double>(1 / ((1 - t * t) * slope * slope));
    nodes[i] = {static_cast<double>((1 - t) / 2), weight};
    nodes[kCount - 1 - i] = {static_cast<double>((1 + t) / 2), weight};
  }
  return nodes;
}

namespace detail {

inline constexpr auto kRule6 = GaussLegendre<6>();
inline constexpr auto kRule8 = GaussLegendre<8>();
inline constexpr auto kRule10 = GaussLegendre<10>();
inline constexpr auto kRule12 = GaussLegendre<12>();
inline constexpr auto kRule14 = GaussLegendre<14>();
inline constexpr auto kRule16 = GaussLegendre<16>();
inline constexpr auto kRule20 = GaussLegendre<20>();
inline constexpr auto kRule24 = GaussLegendre<24>();
inline constexpr auto kRule32 = GaussLegendre<32>();
inline constexpr auto kRule48 = GaussLegendre<48>();
inline constexpr auto kRule96 = GaussLegendre<96>();

}  // namespace detail

inline std::span<const QuadratureNode> QuadratureRule(size_t rule) {
  switch (rule) {
    case 0: return detail::kRule6;
    case 1: return detail::kRule8;
    case 2: return detail::kRule10;
    case 3: return detail::kRule12;
    case 4: return detail::kRule14;
    case 5: return detail::kRule16;
    case 6: return detail::kRule20;
    case 7: return detail::kRule24;
    case 8: return detail::kRule32;
    case 9: return detail::kRule48;
    default: return detail::kRule96;
  }
}

}  // namespace patron::clv

#endif  // PATRON_CLV_GAUSS_LEGENDRE_HPP_
