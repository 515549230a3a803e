// Priority, market damage and return, against numbers worked out elsewhere.
#include "patron/complaints/recovery.hpp"

#include <cmath>
#include <cstdint>
#include <random>

#include "gtest/gtest.h"

namespace patron::complaints {
namespace {

constexpr double kZ = 1.959963984540054;

TEST(RecoveryTest, PriorityAddsUpAndIsOverruled) {
  EXPECT_DOUBLE_EQ(PriorityScore({}).value(), 0);
  EXPECT_DOUBLE_EQ(PriorityScore({.severity = 3, .media = 1, .tier = 0.5, .age = 2}).value(),
                   40 * 2 / 3.0 + 10 + 10 + 10);
  EXPECT_NEAR(PriorityScore({.severity = 2, .repeats = 2}).value(),
              40 / 3.0 + 10 * (1 - std::exp(-1.0)), 1e-12);
  EXPECT_EQ(PriorityScore({.severity = 4}).value(), 100);
  EXPECT_EQ(PriorityScore({.media = 2}).value(), 100);
  EXPECT_EQ(PriorityScore({.tier = 1.5}).status().message(), "tier: 1.5; expected 0 to 1");
  EXPECT_EQ(PriorityScore({.severity = 5}).status().message(), "severity: 5; expected 0 to 4");
  EXPECT_FALSE(PriorityScore({.age = std::nan("")}).ok());
}

TEST(RecoveryTest, PriorityNeverFallsWithMoreOfAnything) {
  std::mt19937_64 random(1);
  const auto share = [&] { return static_cast<double>(random() % 1'000) / 999; };
  for (int i = 0; i < 20'000; ++i) {
    PriorityInputs less{static_cast<int>(random() % 5), static_cast<int>(random() % 3), share(),
                        5 * share(), 2 * share()};
    PriorityInputs more = less;
    switch (random() % 5) {
      case 0: more.severity = std::min(4, less.severity + 1); break;
      case 1: more.media = std::min(2, less.media + 1); break;
      case 2: more.tier = std::min(1.0, less.tier + share()); break;
      case 3: more.repeats += share(); break;
      default: more.age += share();
    }
    const double low = PriorityScore(less).value(), high = PriorityScore(more).value();
    EXPECT_LE(low, high);
    EXPECT_GE(low, 0);
    EXPECT_LE(high, 100);
  }
}

// 120 of 400: q 0.257 to 0.347, multipliers 2.885, 3.333 and 3.889.
TEST(RecoveryTest, IcebergOfASurvey) {
  const Iceberg found = IcebergOf(100, 120, 400, kZ).value();
  EXPECT_NEAR(found.share_range.low, 0.257, 5e-4);
  EXPECT_NEAR(found.share_range.high, 0.347, 5e-4);
  EXPECT_NEAR(found.multiplier_range.low, 2.885, 5e-4);
  EXPECT_NEAR(found.multiplier, 3.333, 5e-4);
  EXPECT_NEAR(found.multiplier_range.high, 3.889, 5e-4);
  EXPECT_NEAR(found.problems, 100 / 0.3, 1e-9);
  EXPECT_NEAR(found.silent, 100 / 0.3 - 100, 1e-9);
  // "4 %", and British Airways: 31 % tell someone, and 8 % the register.
  EXPECT_DOUBLE_EQ(IcebergOf(8, 0.04).value().multiplier, 25);
  EXPECT_DOUBLE_EQ(IcebergOf(8, 0.08).value().multiplier, 12.5);
  EXPECT_NEAR(IcebergOf(8, 0.31).value().multiplier, 3.23, 5e-3);
  EXPECT_FALSE(IcebergOf(8, 0, 10, kZ).ok());
  EXPECT_FALSE(IcebergOf(8, 11, 10, kZ).ok());
  EXPECT_FALSE(IcebergOf(8, 0.0).ok());
  EXPECT_FALSE(IcebergOf(-1, 0.5).ok());
}

TEST(RecoveryTest, MarketDamageOfTheThreeVectors) {
  DamageInputs a{.customers = 10'000,
                 .problem_rate = 0.30,
                 .voice_rate = 0.25,
                 .satisfied = 0.40,
                 .mollified = 0.30,
                 .loyal = 0.90,
                 .loyal_satisfied = 0.85,
                 .loyal_mollified = 0.70,
                 .loyal_dissatisfied = 0.45,
                 .loyal_silent = 0.60,
                 .value = 500};
  EXPECT_NEAR(MarketDamage(a)->lost, 836.25, 1e-9);
  EXPECT_NEAR(MarketDamage(a)->at_risk, 418'125, 1e-6);
  DamageInputs b = a;
  b.voice_rate = 0.35;
  EXPECT_NEAR(MarketDamage(b)->lost, 810.75, 1e-9);
  EXPECT_NEAR(MarketDamage(a)->at_risk - MarketDamage(b)->at_risk, 12'750, 1e-6);
  DamageInputs c = a;
  c.satisfied = 0.60;
  c.mollified = 0.20;
  EXPECT_NEAR(MarketDamage(c)->lost, 795, 1e-9);
  EXPECT_NEAR(MarketDamage(a)->at_risk - MarketDamage(c)->at_risk, 20'625, 1e-6);
  c.satisfied = 0.9;
  EXPECT_EQ(MarketDamage(c).status().message(),
            "mollified: 0.2; expected with satisfied together at most 1");
}

// The integral of the density, by the rule of Simpson.
double Integral(double a, double b, double x) {
  constexpr int kSteps = 20'000;
  const auto density = [&](double t) {
    return std::pow(t, a - 1) * std::pow(1 - t, b - 1) * std::tgamma(a + b) / std::tgamma(a) /
           std::tgamma(b);
  };
  double sum = density(0) + density(x);
  for (int i = 1; i < kSteps; ++i) sum += (i % 2 == 1 ? 4 : 2) * density(x * i / kSteps);
  return sum * x / kSteps / 3;
}

TEST(RecoveryTest, BetaIsTheIntegralOfItsDensity) {
  for (const double x : {0.1, 0.5, 0.62, 0.9}) {
    EXPECT_NEAR(BetaDistribution(10.8, 9.2, x), Integral(10.8, 9.2, x), 1e-11);
    EXPECT_NEAR(BetaDistribution(4.5, 60.25, x), Integral(4.5, 60.25, x), 1e-10);
  }
  EXPECT_NEAR(BetaDistribution(2, 3, 0.4), 0.5248, 1e-12);  // 1 - 0.6^4 - 4 0.4 0.6^3.
  EXPECT_NEAR(BetaDistribution(1, 1, 0.3), 0.3, 1e-14);
  EXPECT_NEAR(BetaDistribution(0.5, 0.5, 0.5), 0.5, 1e-13);
  for (const double a : {0.3, 1.0, 2.5, 40.0, 5'000.0}) {
    for (const double b : {0.4, 1.0, 7.0, 300.0}) {
      for (const double p : {0.001, 0.025, 0.5, 0.975}) {
        EXPECT_NEAR(BetaDistribution(a, b, BetaQuantile(a, b, p)), p, 1e-9) << a << " " << b;
        EXPECT_NEAR(BetaQuantile(a, b, p), 1 - BetaQuantile(b, a, 1 - p), 1e-9);
      }
    }
  }
}

TEST(RecoveryTest, OwnCasesMoveTheRateOfReturn) {
  const ReturnRate before = UpdatedReturnRate(0.54, 20, 0, 0, 0.95).value();
  EXPECT_DOUBLE_EQ(before.mean, 0.54);
  EXPECT_LT(before.range.low, 0.54);
  EXPECT_GT(before.range.high, 0.54);
  const ReturnRate after = UpdatedReturnRate(0.54, 20, 90, 100, 0.95).value();
  EXPECT_DOUBLE_EQ(after.mean, (0.54 * 20 + 90) / 120);
  EXPECT_LT(after.range.high - after.range.low, before.range.high - before.range.low);
  EXPECT_FALSE(UpdatedReturnRate(0, 20, 0, 0, 0.95).ok());
  EXPECT_FALSE(UpdatedReturnRate(0.5, 20, 3, 2, 0.95).ok());
  EXPECT_FALSE(UpdatedReturnRate(0.5, 20, 1, 2, 1).ok());
}

}  // namespace
}  // namespace patron::complaints
