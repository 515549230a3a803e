// Tracking, frequency tables and holdout measures on tables small enough to work by hand.
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "gtest/gtest.h"
#include "patron/clv/holdout.hpp"
#include "patron/clv/tracking.hpp"

namespace patron::clv {
namespace {

// Two customers born at 0, one at 1.5 that counts twice; each is expected to buy 0.5 t times.
TEST(TrackingTest, CountsAndExpectsByPeriod) {
  const std::vector<double> births = {0, 1.5, 0}, weights = {1, 2, 1};
  const std::vector<double> times = {0.5, 1, 1.2, 2, 3, 3.5}, ends = {1, 2, 3};
  const auto table = Track({births, weights}, times, {}, ends, [](double t) { return 0.5 * t; });
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->actual, (std::vector<double>{2, 2, 1}));  // The last one comes too late.
  EXPECT_EQ(table->actual_cumulative, (std::vector<double>{2, 4, 5}));
  EXPECT_EQ(table->expected_cumulative, (std::vector<double>{1, 2.5, 4.5}));
  EXPECT_EQ(table->expected, (std::vector<double>{1, 1.5, 2}));
  EXPECT_EQ(table->end, ends);
}

TEST(TrackingTest, NamesWhatIsWrong) {
  const std::vector<double> one = {1}, falling = {2, 2}, bad = {std::nan("")};
  const auto nothing = [](double) { return 0.0; };
  EXPECT_EQ(Track({one}, one, {}, falling, nothing).status().message(),
            "period end: row 1 is 2; expected a time after the row before");
  EXPECT_EQ(Track({bad}, one, {}, one, nothing).status().message(),
            "birth: row 0 is nan; expected a finite number");
}

// Geometric with probability T / 4 of stopping.
TEST(FrequencyTableTest, PutsTheTailInTheLastRow) {
  const std::vector<double> counts = {0, 0, 1, 5, 2}, ends = {2, 2, 2, 1, 1};
  const std::vector<double> weights = {1, 3, 1, 1, 1};
  const auto table = TabulateFrequency(
      counts, ends, weights, 2, [](double n, double T) { return T / 4 * std::pow(1 - T / 4, n); });
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->actual, (std::vector<double>{4, 1, 2}));
  // Five customers at 1/2, 1/4, 1/4 and two at 1/4, 3/16, 9/16.
  EXPECT_EQ(table->expected, (std::vector<double>{3, 1.625, 2.375}));
  EXPECT_DOUBLE_EQ(table->chi_square, 1.0 / 3 + 0.390625 / 1.625 + 0.140625 / 2.375);
  EXPECT_EQ(
      TabulateFrequency(counts, ends, {}, 0, [](double, double) { return 1.0; }).status().message(),
      "highest: 0; expected 1 or above");
}

TEST(HoldoutTest, MeasuresErrorsByHand) {
  const std::vector<double> actual = {0, 2, 1, 5}, predicted = {1, 2, 0.5, 2.5};
  const auto m = MeasureHoldout(actual, predicted);
  ASSERT_TRUE(m.ok());
  EXPECT_EQ(m->customers, 4u);
  EXPECT_EQ(m->actual, 8);
  EXPECT_EQ(m->predicted, 6);
  EXPECT_DOUBLE_EQ(m->mae, (1 + 0 + 0.5 + 2.5) / 4);
  EXPECT_DOUBLE_EQ(m->rmse, std::sqrt((1 + 0.25 + 6.25) / 4));
  EXPECT_DOUBLE_EQ(m->bias, -0.5);
  EXPECT_DOUBLE_EQ(m->relative_bias, -0.25);
  // Ranks 1 3 2 4 against 2 3 1 4: 1 - 6 * 2 / (4 * 15).
  EXPECT_DOUBLE_EQ(m->rank_correlation, 0.8);
}

// Ties get the mean of their ranks: 1.5 1.5 3 against 1 2 3, by the plain correlation of ranks.
TEST(HoldoutTest, RanksTiesInTheMiddle) {
  const auto m = MeasureHoldout(std::vector<double>{0, 0, 7}, std::vector<double>{0.1, 0.2, 0.3});
  EXPECT_DOUBLE_EQ(m->rank_correlation, 1.5 / std::sqrt(1.5 * 2));
  const auto flat = MeasureHoldout(std::vector<double>{0, 0}, std::vector<double>{1, 2});
  EXPECT_TRUE(std::isnan(flat->rank_correlation));
  EXPECT_TRUE(std::isnan(flat->relative_bias));
}

TEST(HoldoutTest, CalibratesByTenths) {
  // Twenty customers, predictions 19 ... 0, what came one more than predicted.
  std::vector<double> actual, predicted;
  for (int i = 19; i >= 0; --i) {
    predicted.push_back(i);
    actual.push_back(i + 1);
  }
  const auto m = MeasureHoldout(actual, predicted);
  for (size_t k = 0; k < 10; ++k) {
    EXPECT_EQ(m->deciles[k].customers, 2u);
    EXPECT_EQ(m->deciles[k].predicted, 2 * static_cast<double>(k) + 0.5);
    EXPECT_EQ(m->deciles[k].actual, 2 * static_cast<double>(k) + 1.5);
  }
  EXPECT_DOUBLE_EQ(m->rank_correlation, 1);
}

TEST(HoldoutTest, LogScoreIsTheMeanSurprise) {
  EXPECT_DOUBLE_EQ(*LogScore(std::vector<double>{0.5, 0.25}), 1.5 * std::log(2.0));
  EXPECT_TRUE(std::isinf(*LogScore(std::vector<double>{0.5, 0})));
  EXPECT_EQ(LogScore(std::vector<double>{0.5, 1.5}).status().message(),
            "probability: row 1 is 1.5; expected a number from 0 to 1");
}

TEST(HoldoutTest, RevenueOfTheTopByPrediction) {
  std::vector<double> revenue(20, 1), predicted(20, 0);
  revenue[3] = 30;
  revenue[4] = 50;
  predicted[4] = 9;
  predicted[7] = 8;
  // The top two of twenty: customers 4 and 7, of a revenue of 98.
  const auto captured = CaptureRevenue(revenue, predicted);
  ASSERT_TRUE(captured.ok());
  EXPECT_DOUBLE_EQ(captured->share, 51.0 / 98);
  EXPECT_DOUBLE_EQ(captured->best, 80.0 / 98);
  EXPECT_EQ(CaptureRevenue(revenue, predicted, 0).status().message(),
            "share: 0; expected a number above 0, at most 1");
  EXPECT_TRUE(std::isnan(CaptureRevenue(std::vector<double>{0}, std::vector<double>{1})->share));
}

TEST(HoldoutTest, ColumnsMustAgree) {
  EXPECT_EQ(MeasureHoldout(std::vector<double>{1}, {}).status().message(),
            "predicted: 0 rows; expected 1");
  EXPECT_EQ(MeasureHoldout({}, {}).status().message(),
            "actual: 0 rows; expected at least one customer");
}

}  // namespace
}  // namespace patron::clv
