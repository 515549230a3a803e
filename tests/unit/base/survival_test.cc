// Kaplan-Meier: curves calculated by hand, and the example of Freireich and others (1963).
#include "patron/base/survival.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace patron {
namespace {

using ::testing::ElementsAre;

SurvivalCurve<int64_t> Curve(const std::vector<int64_t> &times,
                             const std::vector<uint8_t> &observed) {
  auto curve = KaplanMeier<int64_t>(times, observed);
  EXPECT_TRUE(curve.ok()) << curve.status();
  return *std::move(curve);
}

// Weeks of remission under 6-mercaptopurine; 0 = still in remission.
const std::vector<int64_t> kWeeks = {6,  6,  6,  6,  7,  9,  10, 10, 11, 13, 16,
                                     17, 19, 20, 22, 23, 25, 32, 32, 34, 35};
const std::vector<uint8_t> kRelapse = {1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1,
                                       0, 0, 0, 1, 1, 0, 0, 0, 0, 0};

TEST(SurvivalTest, RemissionTimesHaveTheirPublishedCurve) {
  const auto curve = Curve(kWeeks, kRelapse);
  // Survival and standard errors as in the literature on these data, to four places.
  const std::vector<int64_t> at = {6, 7, 10, 13, 16, 22, 23};
  const std::vector<double> survival = {0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482};
  const std::vector<double> error = {0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346};
  const std::vector<int64_t> at_risk = {21, 17, 15, 12, 11, 7, 6};
  for (size_t i = 0; i < at.size(); ++i) {
    EXPECT_NEAR(curve.SurvivalAt(at[i]), survival[i], 5e-5);
    EXPECT_NEAR(curve.std_err[static_cast<size_t>(curve.Find(at[i]))], error[i], 5e-5);
    EXPECT_EQ(curve.AtRiskAt(at[i]), at_risk[i]);
  }
  EXPECT_EQ(curve.SurvivalAt(5), 1.0);
  EXPECT_EQ(curve.SurvivalAt(8), curve.SurvivalAt(7));
  EXPECT_EQ(curve.AtRiskAt(36), 0);
  EXPECT_EQ(QuantileOf(curve, 0.5, SurvivalQuantile::kFirst), 23);
  EXPECT_TRUE(std::isnan(QuantileOf(curve, 0.9, SurvivalQuantile::kFirst)));
}

TEST(SurvivalTest, IntervalsAreThoseOfTheirScale) {
  // S = 0.75 after one of four: Greenwood's sum is 1 / 12.
  const auto curve = Curve({1, 2, 3, 4}, {1, 0, 0, 0});
  const double error = 0.75 * std::sqrt(1.0 / 12);
  const auto [plain_low, plain_high] = IntervalAt(curve, 0, SurvivalInterval::kPlain, 1.96);
  EXPECT_DOUBLE_EQ(plain_low, 0.75 - 1.96 * error);
  EXPECT_EQ(plain_high, 1.0);
  const auto [log_low, log_high] = IntervalAt(curve, 0, SurvivalInterval::kLog, 1.96);
  EXPECT_DOUBLE_EQ(log_low, 0.75 * std::exp(-1.96 * std::sqrt(1.0 / 12)));
  EXPECT_EQ(log_high, 1.0);
  const auto [low, high] = IntervalAt(curve, 0, SurvivalInterval::kLogLog, 1.96);
  const double width = 1.96 * std::sqrt(1.0 / 12) / std::log(0.75);
  EXPECT_DOUBLE_EQ(low, std::pow(0.75, std::exp(-width)));
  EXPECT_DOUBLE_EQ(high, std::pow(0.75, std::exp(width)));
  EXPECT_LT(low, 0.75);
  EXPECT_GT(high, 0.75);
}

TEST(SurvivalTest, ALevelStretchHasAMiddle) {
  const auto curve = Curve({1, 2, 3, 4}, {1, 1, 1, 1});
  EXPECT_THAT(curve.survival, ElementsAre(0.75, 0.5, 0.25, 0.0));
  EXPECT_EQ(QuantileOf(curve, 0.5, SurvivalQuantile::kFirst), 2);
  EXPECT_EQ(QuantileOf(curve, 0.5, SurvivalQuantile::kMidpoint), 2.5);
  EXPECT_EQ(QuantileOf(curve, 0.6, SurvivalQuantile::kMidpoint), 3);
  EXPECT_EQ(QuantileOf(curve, 1, SurvivalQuantile::kMidpoint), 4);
  EXPECT_TRUE(std::isnan(curve.std_err[3]));
}

TEST(SurvivalTest, EventsComeBeforeCensoringAtTheSameTime) {
  const auto curve = Curve({5, 5, 5}, {0, 1, 0});
  EXPECT_THAT(curve.at_risk, ElementsAre(3));
  EXPECT_THAT(curve.events, ElementsAre(1));
  EXPECT_THAT(curve.censored, ElementsAre(2));
  EXPECT_DOUBLE_EQ(curve.survival[0], 2.0 / 3);
}

TEST(SurvivalTest, BadRowsAreNamed) {
  const std::vector<double> times = {1, std::numeric_limits<double>::infinity()}, late = {1, -2};
  const std::vector<uint8_t> observed = {1, 0}, wrong = {1, 2};
  const auto refusal = [](const std::vector<double> &t, const std::vector<uint8_t> &o) {
    return std::string(KaplanMeier<double>(t, o).status().message());
  };
  EXPECT_EQ(refusal(times, observed), "time: row 1 is inf; expected a finite number");
  EXPECT_EQ(refusal(late, observed), "time: row 1 is -2; expected 0 or more");
  EXPECT_EQ(refusal({1, 2}, wrong), "observed: row 1 is 2; expected 0 or 1");
  EXPECT_EQ(refusal({1}, observed), "observed: 2 rows; expected 1 as in time");
  EXPECT_EQ(refusal({}, {}), "time: 0 rows; expected at least 1");
}

}  // namespace
}  // namespace patron
