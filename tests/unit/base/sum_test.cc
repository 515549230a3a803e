#include "patron/base/sum.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "support/thread_executor.hpp"

namespace patron {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();

TEST(SumTest, WholeNumbersMayPass64BitsOnTheWay) {
  const std::vector<int64_t> values = {kMax, kMax, kMin, kMin, 7};
  const auto total = SumOf<int64_t>(values).Narrow("amount");
  ASSERT_TRUE(total.ok());
  EXPECT_EQ(*total, 5);  // Each pair of extremes sums to -1.
}

TEST(SumTest, TotalPast64BitsIsRefused) {
  const std::vector<int64_t> values = {kMax, 1};
  const auto total = SumOf<int64_t>(values).Narrow("amount");
  EXPECT_EQ(total.status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(total.status().message(),
            "amount: the sum is about 9223372036854775808; expected one that fits in 64 bits");
}

TEST(SumTest, SmallAmountsSurviveBesideLargeOnes) {
  // A plain sum of doubles gives 0.
  EXPECT_EQ(SumOf<double>(std::vector<double>{1.0, 1e100, 1.0, -1e100}).ToDouble(), 2.0);
}

TEST(SumTest, AMillionTenthsAreAHundredThousand) {
  const std::vector<double> tenths(1'000'000, 0.1);
  EXPECT_EQ(SumOf<double>(tenths).ToDouble(), 100000.0);
}

TEST(SumTest, SubtractingTheTotalLeavesNothing) {
  Total<double> total;
  for (const double v : {0.1, 0.2, 1e17, -0.3}) total.Add(v);
  Total<double> rest = total;
  rest.Subtract(total);
  EXPECT_EQ(rest.ToDouble(), 0.0);
  EXPECT_EQ(rest.Sign(), 0);
}

TEST(SumTest, ThreadsDoNotMoveABit) {
  std::vector<double> values(300'000);
  for (size_t i = 0; i < values.size(); ++i) values[i] = std::sin(static_cast<double>(i)) * 1e6;
  testing::ThreadExecutor three(3);
  EXPECT_EQ(SumOf<double>(values).ToDouble(), SumOf<double>(values, {&three}).ToDouble());
}

TEST(SumTest, ShareOfNothingPositiveIsUndefined) {
  EXPECT_EQ(ShareOf(Total<int64_t>(3), Total<int64_t>(4)), 0.75);
  EXPECT_TRUE(std::isnan(ShareOf(Total<int64_t>(3), Total<int64_t>(0))));
  EXPECT_TRUE(std::isnan(ShareOf(Total<double>(3), Total<double>(-4))));
}

TEST(ExtentTest, FindsSmallestAndLargest) {
  const auto extent =
      CheckedExtent<double>("value", std::vector<double>{3, -7, 2, 9, 0, 1, 4, 5, 8});
  ASSERT_TRUE(extent.ok());
  EXPECT_EQ(extent->smallest, -7);
  EXPECT_EQ(extent->largest, 9);
}

TEST(ExtentTest, NamesTheFirstNumberThatIsNotFinite) {
  std::vector<double> values(100'000, 1.0);
  values[70'001] = kInfinity;
  values[70'002] = kNaN;
  testing::ThreadExecutor two(2);
  EXPECT_EQ(CheckedExtent<double>("value", values, {&two}).status().message(),
            "value: row 70001 is inf; expected a finite number (2 rows in all)");
}

TEST(ExtentTest, RefusesDoublesWhoseSumCouldOverflow) {
  const std::vector<double> values = {1e308, 1e308};
  const absl::Status status = CheckedExtent<double>("value", values).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kOutOfRange);
  // An eighth of the largest double, 1.797...e+308, for two rows.
  EXPECT_EQ(std::string(status.message()),
            "value: the largest magnitude is 1e+308; expected at most 2.2471164185778946e+307 so "
            "that the sum of 2 rows stays finite");
}

TEST(ExtentTest, ExtremesOfWholeNumbersAreFine) {
  const auto extent = CheckedExtent<int64_t>("value", std::vector<int64_t>{kMin, kMax});
  ASSERT_TRUE(extent.ok());
  EXPECT_EQ(extent->smallest, kMin);
  EXPECT_EQ(extent->largest, kMax);
}

}  // namespace
}  // namespace patron
