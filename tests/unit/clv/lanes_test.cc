// Packs of lanes give the bits of single numbers, in functions and in whole likelihoods.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "gtest/gtest.h"
#include "patron/clv/bgnbd.hpp"
#include "patron/clv/elementary.hpp"
#include "patron/clv/evaluation.hpp"
#include "patron/clv/ggompertz_nbd.hpp"
#include "patron/clv/history.hpp"
#include "patron/clv/lanes.hpp"
#include "patron/clv/pareto_nbd.hpp"

namespace patron::clv {
namespace {

// Units in the last place of `exact` between it and `value`.
double UlpsOff(double value, long double exact) {
  const double size = std::abs(static_cast<double>(exact));
  const double ulp = std::nextafter(size, INFINITY) - size;
  return static_cast<double>(std::abs(value - exact)) / ulp;
}

TEST(ElementaryTest, FunctionsAreNearTheTruth) {
  for (int i = 0; i < 200'000; ++i) {
    const double share = (i + 0.5) / 200'000;
    for (const double x : {1400 * share - 700, 2 * share - 1, std::exp(-40 * share)}) {
      EXPECT_LT(UlpsOff(Exp(x), std::exp(static_cast<long double>(x))), 1.2) << x;
      EXPECT_LT(UlpsOff(ExpMinus1(x), std::expm1(static_cast<long double>(x))), 2.1) << x;
    }
    const double wide = std::exp(1400 * share - 700), near = 0.5 + share,
                 small = std::exp(-40 * share);
    EXPECT_LT(UlpsOff(Log(wide), std::log(static_cast<long double>(wide))), 1.5) << wide;
    EXPECT_LT(UlpsOff(Log(near), std::log(static_cast<long double>(near))), 1.5) << near;
    for (const double x : {small, near, -0.5 * share, 1e10 * share}) {
      EXPECT_LT(UlpsOff(Log1Plus(x), std::log1p(static_cast<long double>(x))), 2) << x;
    }
  }
  EXPECT_EQ(Exp(-1e9), Exp(-708.0));
  EXPECT_EQ(Exp(1e9), Exp(709.0));
  EXPECT_EQ(ExpMinus1(0.0), 0);
  EXPECT_EQ(Log1Plus(0.0), 0);
}

#if defined(__GNUC__)
TEST(LanesTest, APackGivesTheBitsOfItsNumbers) {
  using V = Pack<2>;
  for (int i = 0; i < 100'000; ++i) {
    const std::array<double, 2> x = {1e-4 * i - 5, 700 * std::sin(0.01 * i)};
    const std::array<double, 2> positive = {1e-4 * i + 1e-9, std::exp(0.01 * i - 500)};
    std::array<double, 2> out;
    Store<V>(out.data(), Exp(Load<V>(x.data())));
    EXPECT_EQ(out, (std::array{Exp(x[0]), Exp(x[1])}));
    Store<V>(out.data(), ExpMinus1(Load<V>(x.data())));
    EXPECT_EQ(out, (std::array{ExpMinus1(x[0]), ExpMinus1(x[1])}));
    Store<V>(out.data(), Log(Load<V>(positive.data())));
    EXPECT_EQ(out, (std::array{Log(positive[0]), Log(positive[1])}));
    Store<V>(out.data(), Log1Plus(Load<V>(positive.data())));
    EXPECT_EQ(out, (std::array{Log1Plus(positive[0]), Log1Plus(positive[1])}));
  }
}

template <typename T>
void ExpectSameBits(const T &likelihood, const std::vector<double> &theta) {
  constexpr size_t P = T::kParameters;
  std::array<double, P> eta;
  BlockParameters<P> parameters;
  for (size_t k = 0; k < P; ++k) {
    eta[k] = std::log(theta[k]);
    std::fill_n(parameters.eta[k], kBlockRows, eta[k]);
  }
  const auto prepared = likelihood.Prepare(eta);
  BlockResult<P> alone{}, packed{};
  const Range rows{0, std::min(kBlockRows, likelihood.rows())};
  prepared.template Evaluate<Pack<1>>(rows, parameters, true, alone);
  prepared.template Evaluate<Pack<2>>(rows, parameters, true, packed);
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_TRUE(std::isfinite(alone.value[i]));
    EXPECT_EQ(alone.value[i], packed.value[i]) << i;
    for (size_t k = 0; k < P; ++k) EXPECT_EQ(alone.gradient[k][i], packed.gradient[k][i]) << i;
    for (size_t k = 0; k < Packed(P, 0); ++k) {
      EXPECT_EQ(alone.hessian[k][i], packed.hessian[k][i]) << i;
    }
  }
}

TEST(LanesTest, LikelihoodsDoNotDependOnTheWidth) {
  std::vector<double> x, recency, T;
  for (int i = 0; i < 101; ++i) {
    x.push_back(i % 7 == 0 ? 0 : i * i % 97);
    T.push_back(20 + i % 13);
    recency.push_back(x.back() == 0 ? 0 : T.back() * (i % 11) / 10);
  }
  PurchaseHistory history;
  history.frequency = std::span<const double>(x);
  history.recency = recency;
  history.T = T;
  const auto grouped = Group(history);
  ASSERT_TRUE(grouped.ok()) << grouped.status();
  ExpectSameBits(*ParetoNbdLikelihood::Make(*grouped), {0.55, 10.6, 0.6, 11.7});
  ExpectSameBits(*ParetoNbdLikelihood::Make(*grouped), {3, 0.01, 2, 500});
  ExpectSameBits(*BetaGeometricLikelihood::Make(*grouped, {}), {0.25, 4.4, 0.8, 2.4});
  ExpectSameBits(*GGompertzNbdLikelihood::Make(*grouped), {0.5, 10, 0.1, 0.6, 0.4});
}
#endif

}  // namespace
}  // namespace patron::clv
