#include "patron/value/concentration.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace patron::value {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();

Concentration Measure(const std::vector<double> &values) {
  return *MeasureConcentration<double>(values);
}
Concentration MeasureWhole(const std::vector<int64_t> &values) {
  return *MeasureConcentration<int64_t>(values);
}

TEST(ConcentrationTest, OneCustomerHoldsEverything) {
  const Concentration c = Measure({10, 0, 0, 0});
  EXPECT_DOUBLE_EQ(c.gini_biased, 0.75);
  EXPECT_DOUBLE_EQ(c.gini_unbiased, 1.0);
  EXPECT_DOUBLE_EQ(c.gini_normalised, 1.0);
  EXPECT_DOUBLE_EQ(c.herfindahl, 1.0);
  EXPECT_DOUBLE_EQ(c.herfindahl_normalised, 1.0);
  EXPECT_DOUBLE_EQ(c.effective_number, 1.0);
}

TEST(ConcentrationTest, EqualCustomersAreNotConcentrated) {
  const Concentration c = Measure({0.1, 0.1, 0.1, 0.1, 0.1});
  EXPECT_NEAR(c.gini_normalised, 0, 1e-15);
  EXPECT_DOUBLE_EQ(c.herfindahl, 0.2);
  EXPECT_NEAR(c.herfindahl_normalised, 0, 1e-15);
  EXPECT_DOUBLE_EQ(c.effective_number, 5);
}

TEST(ConcentrationTest, OneToFiveByHand) {
  // sum i x_i = 55, sum x = 15: 2 * 55 / (5 * 15) - 6 / 5 = 4 / 15; times 5 / 4; 55 / 15^2.
  for (const Concentration &c : {Measure({3, 1, 5, 2, 4}), MeasureWhole({3, 1, 5, 2, 4})}) {
    EXPECT_EQ(c.customers, 5u);
    EXPECT_EQ(c.total, 15);
    EXPECT_DOUBLE_EQ(c.gini_biased, 4.0 / 15);
    EXPECT_DOUBLE_EQ(c.gini_unbiased, 1.0 / 3);
    EXPECT_DOUBLE_EQ(c.gini_normalised, 1.0 / 3);
    EXPECT_DOUBLE_EQ(c.herfindahl, 55.0 / 225);
  }
}

// The next two are formula checks of the specification, 3.5.
TEST(ConcentrationTest, LossesKeepTheNormalisedGiniBelowOne) {
  const Concentration c = Measure({-10, 20, 30, 60});
  EXPECT_DOUBLE_EQ(c.gini_biased, 0.55);
  EXPECT_DOUBLE_EQ(c.gini_unbiased, 0.55 * 4 / 3);
  EXPECT_NEAR(c.gini_normalised, 0.6111111111111112, 1e-15);
  EXPECT_TRUE(std::isnan(c.herfindahl));
  EXPECT_TRUE(std::isnan(c.effective_number));
  EXPECT_EQ(c.gain_customers, 3u);
  EXPECT_EQ(c.loss_customers, 1u);
  EXPECT_EQ(c.gains, 110);
  EXPECT_EQ(c.losses, -10);
  EXPECT_EQ(c.total, 100);
}

TEST(ConcentrationTest, SumOfZeroIsStillMeasured) {
  const Concentration c = MeasureWhole({-50, 10, 20, 20});
  EXPECT_TRUE(std::isnan(c.gini_biased));
  EXPECT_TRUE(std::isnan(c.gini_unbiased));
  EXPECT_NEAR(c.gini_normalised, 0.7333333333333333, 1e-15);
}

TEST(ConcentrationTest, LossesAloneAreMeasuredByTheNormalisedGini) {
  // One pair, 2 apart, over magnitudes of 4.
  EXPECT_DOUBLE_EQ(Measure({-1, -3}).gini_normalised, 0.5);
  EXPECT_TRUE(std::isnan(Measure({-1, -3}).gini_biased));
}

TEST(ConcentrationTest, OneCustomerHasNoInequality) {
  const Concentration c = Measure({7});
  EXPECT_EQ(c.gini_biased, 0);
  EXPECT_TRUE(std::isnan(c.gini_unbiased));
  EXPECT_TRUE(std::isnan(c.gini_normalised));
  EXPECT_EQ(c.herfindahl, 1);
  EXPECT_TRUE(std::isnan(c.herfindahl_normalised));
}

TEST(ConcentrationTest, NothingToSpreadIsUndefined) {
  const Concentration c = MeasureWhole({0, 0, 0});
  EXPECT_EQ(c.total, 0);
  EXPECT_TRUE(std::isnan(c.gini_biased));
  EXPECT_TRUE(std::isnan(c.gini_normalised));
  EXPECT_TRUE(std::isnan(c.herfindahl));
}

TEST(ConcentrationTest, UnitsDoNotMatterHoweverLargeOrSmall) {
  const Concentration plain = Measure({1, 3, 4, 9});
  for (const double unit : {1e300, 1e-300, 1e-320}) {
    SCOPED_TRACE(unit);
    const Concentration c = Measure({1 * unit, 3 * unit, 4 * unit, 9 * unit});
    const double tolerance = unit == 1e-320 ? 1e-3 : 1e-14;  // Few digits are left down there.
    EXPECT_NEAR(c.gini_normalised, plain.gini_normalised, tolerance);
    EXPECT_NEAR(c.herfindahl, plain.herfindahl, tolerance);
  }
}

TEST(ConcentrationTest, ExtremeWholeNumbersDoNotOverflow) {
  EXPECT_DOUBLE_EQ(MeasureWhole({kMax, kMax, 0}).gini_normalised, 0.5);
  EXPECT_DOUBLE_EQ(MeasureWhole({kMax, kMax, 0}).herfindahl, 0.5);
  const Concentration c = MeasureWhole({kMin, kMax});
  EXPECT_EQ(c.total, -1);
  EXPECT_DOUBLE_EQ(c.gini_normalised, 1.0);
}

TEST(ConcentrationTest, NoCustomerIsAnError) {
  const auto c = MeasureConcentration(std::span<const int64_t>());
  EXPECT_EQ(c.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(std::string(c.status().message()), "values: 0 rows; expected at least 1");
}

TEST(ConcentrationTest, NamesTheFirstBadRow) {
  const auto c = MeasureConcentration<double>(std::vector<double>{1.0, kNaN});
  EXPECT_EQ(std::string(c.status().message()), "values: row 1 is nan; expected a finite number");
}

TEST(ConcentrationTest, StopsWhenTheHostSaysSo) {
  Execution execution;
  execution.progress = [](void *, uint64_t done, uint64_t) { return done < 2; };
  EXPECT_EQ(MeasureConcentration<double>(std::vector<double>{1.0, 2.0}, execution).status().code(),
            absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace patron::value
