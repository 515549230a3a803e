// Kaplan-Meier curves and log-rank tests of the telecom customers, against R's survival 3.5-3.
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "golden/loyalty/telco.hpp"
#include "gtest/gtest.h"
#include "patron/base/normal.hpp"
#include "patron/loyalty/kaplan_meier.hpp"
#include "patron/loyalty/log_rank.hpp"

namespace patron::loyalty {
namespace {

using testing::GroupsOfText;
using testing::Telco;

#define SKIP_WITHOUT_DATA(telco) \
  if ((telco).empty()) GTEST_SKIP() << "telco_churn is not there"

constexpr double kRelative = 1e-9;
#define EXPECT_CLOSE(actual, expected) \
  EXPECT_NEAR(actual, expected, kRelative *std::abs(expected)) << #actual

TEST(TelcoSurvivalTest, CurveIsThatOfR) {
  const Telco telco;
  SKIP_WITHOUT_DATA(telco);
  const auto curves = FitKaplanMeier(telco.observed());
  ASSERT_TRUE(curves.ok()) << curves.status();
  const KaplanMeierCurve &km = curves->front();
  const double z = NormalQuantile(0.975);
  size_t i = 0;
  for (const std::string &line : patron::testing::LinesAfterHeader(
           patron::testing::ReferencePath("telco_churn/km_all.csv"))) {
    const std::vector<std::string> f = patron::testing::Fields(line, ',');
    ASSERT_LT(i, km.curve.times.size());
    EXPECT_EQ(km.curve.times[i], std::stod(f[0]));
    EXPECT_EQ(km.curve.at_risk[i], std::stoll(f[1]));
    EXPECT_EQ(km.curve.events[i], std::stoll(f[2]));
    EXPECT_CLOSE(km.curve.survival[i], std::stod(f[3]));
    EXPECT_CLOSE(km.curve.std_err[i], std::stod(f[4]));
    if (!f[5].empty() && std::stod(f[4]) > 0) {
      const Interval limits = IntervalAt(km.curve, i, SurvivalInterval::kLogLog, z);
      EXPECT_CLOSE(limits.lower, std::stod(f[5]));
      EXPECT_CLOSE(limits.upper, std::stod(f[6]));
    }
    EXPECT_CLOSE(km.hazard[i], std::stod(f[7]));
    ++i;
  }
  EXPECT_EQ(i, km.curve.times.size());
}

TEST(TelcoSurvivalTest, IntervalsOfAllKindsAtTwoYears) {
  const Telco telco;
  SKIP_WITHOUT_DATA(telco);
  const auto curves = FitKaplanMeier(telco.observed());
  ASSERT_TRUE(curves.ok());
  const SurvivalCurve<double> &curve = curves->front().curve;
  const auto at = static_cast<size_t>(curve.Find(24));
  const double z = NormalQuantile(0.975);
  EXPECT_CLOSE(curve.survival[at], 0.788736398371);
  EXPECT_CLOSE(curve.std_err[at], 0.0052089636905);
  EXPECT_CLOSE(IntervalAt(curve, at, SurvivalInterval::kLog, z).lower, 0.778592807938);
  EXPECT_CLOSE(IntervalAt(curve, at, SurvivalInterval::kLog, z).upper, 0.799012140585);
  EXPECT_CLOSE(IntervalAt(curve, at, SurvivalInterval::kPlain, z).lower, 0.77852701714);
  EXPECT_CLOSE(IntervalAt(curve, at, SurvivalInterval::kPlain, z).upper, 0.798945779601);
}

TEST(TelcoSurvivalTest, CurvesByContract) {
  const Telco telco;
  SKIP_WITHOUT_DATA(telco);
  const GroupsOfText contracts(telco.contract);
  const auto curves = FitKaplanMeier(telco.observed(), contracts.get());
  ASSERT_TRUE(curves.ok());
  size_t lines = 0;
  for (const std::string &line : patron::testing::LinesAfterHeader(
           patron::testing::ReferencePath("telco_churn/km_by_contract.csv"))) {
    const std::vector<std::string> f = patron::testing::Fields(line, ',');
    const auto group =
        static_cast<size_t>(std::ranges::find(contracts.names, f[0]) - contracts.names.begin());
    const SurvivalCurve<double> &curve = (*curves)[group].curve;
    const double time = std::stod(f[1]);
    EXPECT_EQ(curve.AtRiskAt(time), std::stoll(f[2]));
    EXPECT_CLOSE(curve.SurvivalAt(time), std::stod(f[4]));
    if (curve.Find(time) >= 0) {  // Nobody on a monthly contract has a tenure of 0.
      const auto at = static_cast<size_t>(curve.Find(time));
      EXPECT_EQ(curve.events[at], std::stoll(f[3]));
      EXPECT_CLOSE(curve.std_err[at], std::stod(f[5]));
    }
    ++lines;
  }
  EXPECT_GT(lines, 200U);
}

TEST(TelcoSurvivalTest, RestrictedMeansToSixYears) {
  const Telco telco;
  SKIP_WITHOUT_DATA(telco);
  const auto all = FitKaplanMeier(telco.observed());
  ASSERT_TRUE(all.ok());
  const auto mean = RestrictedMeanOf(all->front(), 72);
  ASSERT_TRUE(mean.ok());
  EXPECT_CLOSE(mean->mean, 54.492387106728);
  EXPECT_CLOSE(mean->std_err, 0.347750015643);
  const auto by = FitKaplanMeier(telco.observed(), GroupsOfText(telco.contract).get());
  const double means[] = {36.2978999019, 66.4174719811, 71.5403284503};
  const double errors[] = {0.5600052057853, 0.4000605884266, 0.0823749294554};
  for (size_t g = 0; g < 3; ++g) {
    const auto of_group = RestrictedMeanOf((*by)[g], 72);
    ASSERT_TRUE(of_group.ok());
    EXPECT_CLOSE(of_group->mean, means[g]);
    EXPECT_CLOSE(of_group->std_err, errors[g]);
  }
}

TEST(TelcoSurvivalTest, MedianOfMonthToMonthContracts) {
  const Telco telco;
  SKIP_WITHOUT_DATA(telco);
  const auto by = FitKaplanMeier(telco.observed(), GroupsOfText(telco.contract).get());
  ASSERT_TRUE(by.ok());
  const SurvivalCurve<double> &curve = (*by)[0].curve;
  const CurveLimits limits = LimitsOf(curve, SurvivalInterval::kLog, NormalQuantile(0.975));
  EXPECT_EQ(QuantileOf(curve, 0.5, SurvivalQuantile::kFirst), 35);
  EXPECT_EQ(QuantileOf(curve, 0.5, SurvivalQuantile::kMidpoint), 35);
  EXPECT_EQ(QuantileOf(limits.lower, 0.5, SurvivalQuantile::kFirst), 32);
  EXPECT_EQ(QuantileOf(limits.upper, 0.5, SurvivalQuantile::kFirst), 38);
}

TEST(TelcoSurvivalTest, LogRankTestsAreThoseOfR) {
  const Telco telco;
  SKIP_WITHOUT_DATA(telco);
  const auto contract = TestLogRank(telco.observed(), GroupsOfText(telco.contract).get());
  ASSERT_TRUE(contract.ok()) << contract.status();
  EXPECT_CLOSE(contract->statistic, 2352.8725382593);
  EXPECT_EQ(contract->degrees, 2);
  EXPECT_EQ(contract->observed, (std::vector<double>{1655, 166, 48}));
  EXPECT_CLOSE(contract->expected[0], 708.445595508);
  EXPECT_CLOSE(contract->expected[1], 470.727826096);
  EXPECT_CLOSE(contract->expected[2], 689.826578396);
  const auto statistic = [&](const std::vector<std::string> &column) {
    return TestLogRank(telco.observed(), GroupsOfText(column).get())->statistic;
  };
  EXPECT_CLOSE(statistic(telco.internet), 520.1206081845);
  EXPECT_CLOSE(statistic(telco.senior), 109.48969338814);
  EXPECT_CLOSE(statistic(telco.payment), 865.2394631324);
  const auto gender = TestLogRank(telco.observed(), GroupsOfText(telco.gender).get());
  EXPECT_CLOSE(gender->statistic, 0.52570697222564);
  EXPECT_CLOSE(gender->p_value, 0.4684173508);
  const auto peto =
      TestLogRank(telco.observed(), GroupsOfText(telco.contract).get(), {}, {.rho = 1});
  EXPECT_CLOSE(peto->statistic, 2203.02057728);
}

}  // namespace
}  // namespace patron::loyalty
