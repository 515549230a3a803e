#include "patron/base/quantile.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "gtest/gtest.h"

namespace patron {
namespace {

constexpr int64_t kLowest = std::numeric_limits<int64_t>::min();
constexpr int64_t kHighest = std::numeric_limits<int64_t>::max();

const std::vector<int64_t> kSample = {2, 3, 5, 8, 15, 16, 23, 42, 57, 90};
const std::vector<double> kProbabilities = {0, 0.05, 0.1, 0.25, 1.0 / 3.0, 0.5, 0.6, 0.95, 1};

// NumPy 2.4 quantile(kSample, p, method=...), methods in the order of Hyndman and Fan.
const double kNumPy[9][9] = {
    {2, 2, 2, 5, 8, 15, 16, 90, 90},
    {2, 2, 2.5, 5, 8, 15.5, 19.5, 90, 90},
    {2, 2, 2, 3, 5, 15, 16, 90, 90},
    {2, 2, 2, 4, 6, 15, 16, 73.5, 90},
    {2, 2, 2.5, 5, 7.5, 15.5, 19.5, 90, 90},
    {2, 2, 2.1, 4.5, 7, 15.5, 20.2, 90, 90},
    {2, 2.45, 2.9, 5.75, 8, 15.5, 18.8, 75.15, 90},
    {2, 2, 2.3666666666666667, 4.833333333333333, 7.333333333333333, 15.5, 19.733333333333334, 90,
     90},
    {2, 2, 2.4, 4.875, 7.375, 15.5, 19.675, 90, 90},
};

TEST(QuantileTest, NineTypesAgreeWithNumPy) {
  const std::vector<double> as_doubles(kSample.begin(), kSample.end());
  for (int type = 1; type <= 9; ++type) {
    const auto exact = Quantiles<int64_t>(kSample, kProbabilities, static_cast<QuantileType>(type));
    const auto doubles =
        Quantiles<double>(as_doubles, kProbabilities, static_cast<QuantileType>(type));
    ASSERT_TRUE(exact.ok() && doubles.ok());
    for (size_t i = 0; i < kProbabilities.size(); ++i) {
      const double expected = kNumPy[type - 1][i];
      EXPECT_NEAR((*exact)[i], expected, 1e-14 * expected) << "type " << type << ", column " << i;
      EXPECT_NEAR((*doubles)[i], expected, 1e-14 * expected) << "type " << type << ", column " << i;
    }
  }
}

TEST(QuantileTest, OrderOfTheValuesDoesNotMatter) {
  const std::vector<int64_t> shuffled = {57, 2, 23, 90, 3, 15, 42, 8, 5, 16};
  const auto quantiles = Quantiles<int64_t>(shuffled, std::array{0.6, 0.1}, QuantileType::kLinear);
  ASSERT_TRUE(quantiles.ok());
  EXPECT_DOUBLE_EQ((*quantiles)[0], 18.8);
  EXPECT_DOUBLE_EQ((*quantiles)[1], 2.9);
}

TEST(QuantileTest, PositionThatRoundsBelowAWholeNumberIsThatNumber) {
  // In doubles 100 * 0.29 is 28.999999999999996; the quantile is the 29th of 0..100 all the same.
  std::vector<double> values;
  for (int i = 0; i <= 100; ++i) values.push_back(i == 29 ? 29.0 : i * 1e6);
  const auto quantile = QuantileOfSorted<double>(values, 0.29, QuantileType::kLinear);
  ASSERT_TRUE(quantile.ok());
  EXPECT_EQ(*quantile, 29.0);
}

TEST(QuantileTest, LargeMoneyKeepsItsLastUnit) {
  // 2^53 + 1 has no double; the exact form keeps it.
  const std::vector<int64_t> values = {9007199254740991, 9007199254740993, 9007199254740995};
  const auto median = QuantileOfSorted<int64_t>(values, Fraction{1, 2}, QuantileType::kLinear);
  ASSERT_TRUE(median.ok());
  EXPECT_EQ(median->whole, 9007199254740993);
  EXPECT_TRUE(median->IsWhole());
}

TEST(QuantileTest, GapOverTheWholeRangeDoesNotOverflow) {
  const std::vector<int64_t> values = {kLowest, kHighest};
  const auto median = QuantileOfSorted<int64_t>(values, Fraction{1, 2}, QuantileType::kLinear);
  ASSERT_TRUE(median.ok());
  EXPECT_EQ(*median, (ExactNumber{-1, {1, 2}}));  // (-2^63 + 2^63 - 1) / 2.
  EXPECT_EQ(median->value(), -0.5);

  const double huge = std::numeric_limits<double>::max();
  const auto between =
      QuantileOfSorted<double>(std::vector<double>{-huge, huge}, 0.5, QuantileType::kLinear);
  ASSERT_TRUE(between.ok());
  EXPECT_EQ(*between, 0.0);
}

TEST(QuantileTest, AnyPositionOfAnHugeCountIsExact) {
  const uint64_t count = (uint64_t{1} << 48) - 1;
  const auto position = LocateQuantile(count, {1, 3}, QuantileType::kNormalUnbiased);
  // h = (n + 1/4) / 3 + 3/8 = (8n + 11) / 24 with n = 3 * 93824992236885: 93824992236885 + 11/24.
  EXPECT_EQ(position.lower, 93824992236884u);
  EXPECT_EQ(position.upper, 93824992236885u);
  EXPECT_DOUBLE_EQ(position.weight.value(), 11.0 / 24.0);
}

TEST(QuantileTest, OneValueIsEveryQuantile) {
  for (int type = 1; type <= 9; ++type) {
    for (const double p : kProbabilities) {
      const auto quantile =
          QuantileOfSorted<int64_t>(std::array<int64_t, 1>{7}, p, static_cast<QuantileType>(type));
      ASSERT_TRUE(quantile.ok());
      EXPECT_EQ(*quantile, 7.0) << "type " << type << ", p " << p;
    }
  }
}

TEST(QuantileTest, AsksForTwoOrderStatisticsAtMost) {
  int asked = 0;
  const auto quantile =
      QuantileFrom<int64_t>(1000, {1, 7}, QuantileType::kLinear, [&](size_t k) -> int64_t {
        ++asked;
        return static_cast<int64_t>(k * 7);
      });
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(quantile, (ExactNumber{999, {0, 7}}));  // 999 / 7 * 7.
}

TEST(QuantileTest, NoValueIsRefused) {
  const auto quantile = Quantiles<double>({}, std::array{0.5}, QuantileType::kLinear);
  EXPECT_EQ(quantile.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(quantile.status().message(), "values: 0 rows; expected at least 1");
}

TEST(QuantileTest, ProbabilityOutsideItsRangeIsRefused) {
  for (const double p : {-0.1, 1.1, std::nan("")}) {
    const auto quantile = Quantiles<int64_t>(kSample, std::array{0.5, p}, QuantileType::kLinear);
    EXPECT_EQ(quantile.status().code(), absl::StatusCode::kInvalidArgument) << p;
  }
  const auto low = Quantiles<int64_t>(kSample, std::array{-0.1}, QuantileType::kLinear);
  EXPECT_EQ(low.status().message(), "p: -0.1; expected 0 to 1");
  for (const Fraction p : {Fraction{3, 2}, Fraction{0, 0}, Fraction{1, uint64_t{1} << 60}}) {
    const auto quantile = QuantileOfSorted<int64_t>(kSample, p, QuantileType::kLinear);
    EXPECT_EQ(quantile.status().code(), absl::StatusCode::kInvalidArgument) << p.numerator;
  }
}

TEST(QuantileTest, NamesTheFirstValueThatIsNotFinite) {
  const std::vector<double> values = {1, std::numeric_limits<double>::infinity(), std::nan("")};
  const auto quantile = Quantiles<double>(values, std::array{0.5}, QuantileType::kLinear);
  EXPECT_EQ(quantile.status().message(),
            "values: row 1 is inf; expected a finite number (2 rows in all)");
}

TEST(FractionTest, DecimalsBecomeTheRatiosTheyStandFor) {
  const auto is = [](double p, uint64_t numerator, uint64_t denominator) {
    const Fraction fraction = FractionOf(p);
    EXPECT_EQ(fraction.numerator, numerator) << p;
    EXPECT_EQ(fraction.denominator, denominator) << p;
  };
  is(0.2, 1, 5);
  is(0.95, 19, 20);
  is(0.29, 29, 100);
  is(1.0 / 3.0, 1, 3);
  is(0.999, 999, 1000);
  is(0.123456, 1929, 15625);
  is(0, 0, 1);
  is(1, 1, 1);
  is(1e-300, 0, 1);
}

TEST(FractionTest, RoundsBackToTheProbability) {
  for (const double p : {0.1 + 0.2, 1e-9, 1 - 1e-16, 0.7071067811865476, 1e-12, 0x1p-40}) {
    EXPECT_EQ(FractionOf(p).value(), p);
  }
}

TEST(ExactNumberTest, DividesByItsUnitWithOneRounding) {
  EXPECT_EQ((ExactNumber{2501940, {0, 5}}.value(10000)), 250.194);
  EXPECT_EQ((ExactNumber{4900960, {4, 5}}.value(10000)), 490.09608);
  EXPECT_EQ((ExactNumber{-3, {1, 4}}.value()), -2.75);
}

TEST(OrderStatisticsTest, SelectedAndSortedAgree) {
  const std::vector<int64_t> narrow = {5, -2, 5, 9, 0, 5, -2};
  const std::vector<int64_t> narrow_sorted = {-2, -2, 0, 5, 5, 5, 9};
  const auto close = OrderStatistics<int64_t>::At(narrow, {0, 1, 2, 3, 4, 5, 6});
  for (size_t k = 0; k < narrow.size(); ++k) EXPECT_EQ(close(k), narrow_sorted[k]) << k;

  const std::vector<int64_t> wide = {kHighest, 4, kLowest, 4, -1000000, 70000, 4};
  const std::vector<int64_t> wide_sorted = {kLowest, -1000000, 4, 4, 4, 70000, kHighest};
  const auto selected = OrderStatistics<int64_t>::At(wide, {6, 0, 4, 4, 1, 2, 5, 3});
  const auto all = OrderStatistics<int64_t>::All(wide);
  for (size_t k = 0; k < wide.size(); ++k) {
    EXPECT_EQ(selected(k), wide_sorted[k]) << k;
    EXPECT_EQ(all(k), wide_sorted[k]) << k;
  }
}

}  // namespace
}  // namespace patron
