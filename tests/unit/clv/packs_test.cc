// What customers are told one by one on packs: right, and the same for any width of a pack.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "patron/clv/bgnbd_alive.hpp"
#include "patron/clv/bgnbd_outlook.hpp"
#include "patron/clv/ggompertz_nbd.hpp"

namespace patron::clv {
namespace {

// 1 / (1 + a / (b + flips - 1) ((alpha + T) / (alpha + t_x))^(r + x)) in 60-digit arithmetic.
TEST(BetaGeometricAliveTest, AgreesWithSixtyDigits) {
  struct Case {
    BetaGeometricParameters model;
    CustomerHistory history;
    bool dropout_at_zero;
    double expected;
  };
  const Case cases[] = {
      {{0.25, 4.5, 0.75, 2.5}, {2, 30.4375, 38.875}, false, 7.41488494716762481e-01},
      {{0.25, 4.5, 0.75, 2.5}, {0, 0.0, 38.875}, true, 6.54192942303065684e-01},
      {{0.25, 4.5, 0.75, 2.5}, {29, 37.5, 38.0}, false, 9.66406464697984746e-01},
      {{2.5, 0.125, 0.0625, 0.25}, {300, 38.0, 38.875}, false, 8.33371977751025117e-01},
      {{0.5, 6.25, 1.0, 1.5}, {1, 38.5, 38.5}, true, 7.14285714285714302e-01},
      {{1e-6, 1e6, 3.0, 0.5}, {1, 1e-9, 1000.0}, false, 1.42734798621633463e-01},
      {{1000.0, 20.0, 3.0, 50.0}, {2000, 30.0, 38.875}, true, 8.95128126284737781e-211},
      {{0.25, 4.5, 0.75, 2.5}, {60, 20.0, 980.0}, false, 1.86132956984132621e-95}};
  for (const Case &c : cases) {
    const double alive = BetaGeometricAlive<double>(c.model, c.dropout_at_zero, c.history.frequency,
                                                    c.history.recency, c.history.T);
    // The logarithm of the odds is right to two units of its last place.
    const double tolerance = 1e-15 * (2 + std::abs(std::log(c.expected)));
    EXPECT_NEAR(alive / c.expected, 1, tolerance) << c.expected;
    EXPECT_EQ(OutlookOf(c.model, {c.dropout_at_zero, 1}, c.history).ProbabilityAlive(), alive);
  }
}

TEST(BetaGeometricAliveTest, EndsAreExact) {
  const BetaGeometricParameters model{0.25, 4.5, 0.75, 0.5};
  // Nobody drops out before a repeat purchase, whatever b is.
  EXPECT_EQ(BetaGeometricAlive<double>(model, false, 0, 0, 400), 1);
  EXPECT_LT(BetaGeometricAlive<double>(model, true, 0, 0, 400), 1);
  // Silence after a thousand purchases in ten weeks.
  EXPECT_EQ(BetaGeometricAlive<double>(model, false, 1000, 10, 100), 0);
  EXPECT_EQ(BetaGeometricAlive<double>(model, false, 1e300, 10, 100), 0);
  const double long_ago = BetaGeometricAlive<double>({0.25, 1e-30, 0.75, 2.5}, false, 1, 0, 1e300);
  EXPECT_GE(long_ago, 0);
  EXPECT_LT(long_ago, 1e-100);
}

TEST(BetaGeometricAliveTest, ColumnsOfAnyLengthAndPacksOfAnyWidth) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> unit(0, 1);
  std::vector<double> x, recency, T;
  for (int i = 0; i < 67; ++i) {
    x.push_back(std::floor(40 * unit(random) * unit(random)));
    T.push_back(100 * unit(random));
    recency.push_back(x.back() == 0 ? 0 : T.back() * unit(random));
  }
  const BetaGeometricParameters model{0.25, 4.5, 0.75, 2.5};
  for (const bool at_zero : {false, true}) {
    for (const size_t size : {size_t{0}, size_t{1}, size_t{8}, size_t{67}}) {
      std::vector<double> one(size), two(size);
      FillBetaGeometricAlive<double>(model, at_zero, x.data(), recency.data(), T.data(), one);
      FillBetaGeometricAlive<Pack<2>>(model, at_zero, x.data(), recency.data(), T.data(), two);
      EXPECT_EQ(one, two);
      for (size_t i = 0; i < size; ++i) {
        EXPECT_EQ(one[i], BetaGeometricAlive<double>(model, at_zero, x[i], recency[i], T[i]));
      }
    }
  }
}

// One customer's integral over nodes side by side is that of a fit, which has customers side by side.
TEST(GompertzIntegrandTest, IsTheIntegralOfTheLikelihood) {
  std::mt19937_64 random(11);
  std::uniform_real_distribution<double> unit(0, 1);
  for (int i = 0; i < 300; ++i) {
    const double b = std::exp(-8 + 10 * unit(random)), beta = std::exp(-10 + 20 * unit(random));
    const double s = std::exp(-3 + 5 * unit(random)), alpha = std::exp(-4 + 10 * unit(random));
    const double x = std::floor(200 * unit(random) * unit(random) * unit(random));
    const double T = 1 + 100 * unit(random), recency = x == 0 ? 0 : T * unit(random);
    GompertzIntegrals in;
    for (size_t lane = 0; lane < kLaneGroup; ++lane) {
      in.n[lane] = 0.5 + x;
      in.m[lane] = s + 1;
      in.b[lane] = b;
      in.beta[lane] = beta;
      in.age[lane] = b * recency;
      detail::PrepareGompertz(alpha, recency, T, in, lane);
    }
    GompertzIntegrand one{in.n[0],      in.m[0],     b,          in.steepness[0],
                          in.before[0], in.scale[0], in.range[0]};
    GompertzIntegrand other = one;
    in.Compute<NativePack>(kLaneGroup, false);
    const double integral = one.Integrate<double>();
    EXPECT_NEAR(integral / in.integral[0], 1, 1e-12) << b << " " << beta << " " << s << " " << x;
    EXPECT_EQ(integral, other.Integrate<Pack<2>>());
    EXPECT_EQ(one.range, in.range[0]);
    const GompertzLifetime lifetime(s, b, one.steepness);
    EXPECT_EQ(lifetime.DiscountedLife<double>(0.01, 39),
              lifetime.DiscountedLife<Pack<2>>(0.01, 39));
  }
}

}  // namespace
}  // namespace patron::clv
