#include "patron/value/curves.hpp"

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace patron::value {
namespace {

RankedValues<int64_t> Ranked(const std::vector<int64_t> &values) {
  return *RankedValues<int64_t>::Make("value", values);
}

TEST(RankedValuesTest, SumsAnyNumberOfTheLargestAndSmallest) {
  std::vector<int64_t> values;
  for (int64_t i = 0; i < 5000; ++i) values.push_back((i * 7919) % 5000);  // 0 to 4999, shuffled.
  const RankedValues<int64_t> ranked = Ranked(values);
  for (const int64_t k : {0, 1, 1023, 1024, 1025, 4999, 5000}) {
    EXPECT_EQ(ranked.BottomSum(k).Exact(), k * (k - 1) / 2);
    EXPECT_EQ(ranked.TopSum(k).Exact(), k * (9999 - k) / 2);
  }
  EXPECT_EQ(ranked.FromTop(1), 4999);
  EXPECT_EQ(ranked.gain_customers(), 4999u);
  EXPECT_EQ(ranked.loss_customers(), 0u);
}

TEST(LorenzTest, GoesFromThePoorestToAll) {
  const auto curve = LorenzCurve(Ranked({40, 10, 50}));
  ASSERT_EQ(curve.size(), 4u);
  EXPECT_EQ(curve[0].customers, 0u);
  EXPECT_EQ(curve[0].value_share, 0);
  EXPECT_DOUBLE_EQ(curve[1].value_share, 0.1);
  EXPECT_DOUBLE_EQ(curve[2].value_share, 0.5);
  EXPECT_DOUBLE_EQ(curve[2].customer_share, 2.0 / 3);
  EXPECT_EQ(curve[3].value_share, 1);
}

TEST(LorenzTest, FewerPointsStandAtRoundedUpCustomers) {
  std::vector<int64_t> ones(7, 1);
  const auto curve = LorenzCurve(Ranked(ones), 3);
  ASSERT_EQ(curve.size(), 4u);  // ceil of 0, 7/3, 14/3 and 7.
  EXPECT_EQ(curve[1].customers, 3u);
  EXPECT_EQ(curve[2].customers, 5u);
  EXPECT_EQ(curve[3].customers, 7u);
}

TEST(LorenzTest, IsStraightBetweenCustomers) {
  const auto ranked = Ranked({10, 40, 50});
  EXPECT_EQ(LorenzAt(ranked, 0), 0);
  EXPECT_DOUBLE_EQ(LorenzAt(ranked, 0.5), 0.1 + 0.5 * 0.4);
  EXPECT_EQ(LorenzAt(ranked, 1), 1);
}

TEST(ShareCurveTest, TopShareAndItsInverse) {
  std::vector<int64_t> values = {78, 22};
  values.resize(10, 0);
  const auto ranked = Ranked(values);
  EXPECT_EQ(TopShare(ranked, 0.05).customers, 1u);
  EXPECT_DOUBLE_EQ(TopShare(ranked, 0.05).value_share, 0.78);
  EXPECT_EQ(TopShare(ranked, 0.2).value, 100);
  EXPECT_EQ(CustomersForShare(ranked, 0.78)->customers, 1u);
  EXPECT_EQ(CustomersForShare(ranked, 0.780001)->customers, 2u);
  EXPECT_EQ(CustomersForShare(ranked, 1)->customers, 2u);
}

TEST(ShareCurveTest, SharesThatCannotBeReachedAreRefused) {
  EXPECT_EQ(std::string(CustomersForShare(Ranked({-10, 20, 30, 60}), 1.2).status().message()),
            "share: 1.2; expected at most 1.1, the peak of the curve");
  EXPECT_EQ(CustomersForShare(Ranked({-10, 20, 30, 60}), 1.1)->customers, 3u);
  EXPECT_EQ(std::string(CustomersForShare(Ranked({-5, 2}), 0.5).status().message()),
            "values: the total is -3; expected a positive one to take a share of");
  EXPECT_EQ(CustomersForShare(Ranked({5}), 0).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CustomersForShare(Ranked({5}), std::nan("")).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(WhaleTest, RisesAboveTheTotalAndComesBack) {
  const auto ranked = Ranked({-10, 20, 0, 30, 60});
  const auto curve = WhaleCurve(ranked);
  std::vector<double> values, shares;
  for (const CurvePoint &point : curve) {
    values.push_back(point.value);
    shares.push_back(point.value_share);
  }
  EXPECT_EQ(values, (std::vector<double>{0, 60, 90, 110, 110, 100}));
  EXPECT_DOUBLE_EQ(shares[3], 1.1);

  const WhaleSummary whale = SummarizeWhale(ranked);
  EXPECT_EQ(whale.peak_customers, 3u);  // The one without value adds nothing.
  EXPECT_EQ(whale.peak_value, 110);
  EXPECT_DOUBLE_EQ(whale.peak_share, 1.1);
  EXPECT_EQ(whale.full_customers, 3u);
  EXPECT_EQ(whale.loss_customers, 1u);
  EXPECT_EQ(whale.losses, -10);
  EXPECT_DOUBLE_EQ(whale.loss_share, 0.1);
}

TEST(WhaleTest, WithoutLossesItEndsAtItsPeak) {
  const WhaleSummary whale = SummarizeWhale(Ranked({5, 3, 0}));
  EXPECT_EQ(whale.peak_customers, 2u);
  EXPECT_EQ(whale.full_customers, 2u);
  EXPECT_EQ(whale.peak_share, 1);
  EXPECT_EQ(whale.loss_share, 0);
}

TEST(WhaleTest, LossOnTheWholeLeavesTheAbsoluteCurve) {
  const auto ranked = Ranked({-50, 10, 20});
  const auto curve = WhaleCurve(ranked);
  EXPECT_EQ(curve[2].value, 30);
  EXPECT_TRUE(std::isnan(curve[2].value_share));
  const WhaleSummary whale = SummarizeWhale(ranked);
  EXPECT_EQ(whale.peak_value, 30);
  EXPECT_EQ(whale.peak_customers, 2u);
  EXPECT_TRUE(std::isnan(whale.peak_share));
  EXPECT_EQ(whale.full_customers, 0u);
}

TEST(WhaleTest, TinyCustomersAtTheEndAreNotOverlooked) {
  const auto ranked = *RankedValues<double>::Make("value", std::vector<double>{1e20, 1e-20});
  EXPECT_EQ(SummarizeWhale(ranked).full_customers, 2u);
  EXPECT_EQ(CustomersForShare(ranked, 1)->customers, 2u);
}

}  // namespace
}  // namespace patron::value
