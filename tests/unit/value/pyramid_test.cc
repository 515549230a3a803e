#include "patron/value/pyramid.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace patron::value {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

PyramidDefinition ByFloors(std::vector<PyramidTier> tiers) {
  PyramidDefinition definition;
  definition.method = PyramidMethod::kValueFloor;
  definition.tiers = std::move(tiers);
  return definition;
}

PyramidDefinition ByShares(PyramidMethod method, std::vector<PyramidTier> tiers) {
  PyramidDefinition definition;
  definition.method = method;
  definition.tiers = std::move(tiers);
  return definition;
}

std::vector<uint64_t> Sizes(const auto &pyramid) {
  std::vector<uint64_t> sizes;
  for (const auto &tier : pyramid.tiers) sizes.push_back(tier.customers);
  return sizes;
}

// Acceptance test SYS-03 of the specification.
TEST(PyramidTest, HundredKnownValuesFallInto1And4And15And80) {
  std::vector<int64_t> values;
  for (int64_t i = 1; i <= 100; ++i) values.push_back(i);
  const auto pyramid = BuildPyramid<int64_t>(values, *MakePyramidPreset(PyramidPreset::kCurry));
  ASSERT_TRUE(pyramid.ok());
  EXPECT_EQ(Sizes(*pyramid), (std::vector<uint64_t>{1, 4, 15, 80}));
  double shares = 0;
  for (const auto &tier : pyramid->tiers) shares += tier.value_share;
  EXPECT_DOUBLE_EQ(shares, 1);
  EXPECT_EQ(pyramid->tiers[1].name, "large");
  EXPECT_EQ(pyramid->tiers[1].value, 96 + 97 + 98 + 99);
  EXPECT_EQ(pyramid->tiers[1].entry_threshold, 96);
  EXPECT_EQ(pyramid->tiers[1].mean, 97.5);
  EXPECT_DOUBLE_EQ(pyramid->tiers[1].customer_share, 0.04);
  EXPECT_DOUBLE_EQ(pyramid->tiers[1].value_share, 390.0 / 5050);
  EXPECT_EQ(pyramid->tier_of[99], 0);
  EXPECT_EQ(pyramid->tier_of[98], 1);
  EXPECT_EQ(pyramid->tier_of[0], 3);
}

TEST(PyramidTest, CustomersOfEqualValueAreTakenInRowOrder) {
  const std::vector<int64_t> values = {5, 7, 5, 5, 1};
  const auto definition =
      ByShares(PyramidMethod::kCustomerShare, {{"a", 0.4}, {"b", 0.6}, {"c", 1}});
  const auto pyramid = BuildPyramid<int64_t>(values, definition);
  ASSERT_TRUE(pyramid.ok());
  EXPECT_EQ(pyramid->tier_of, (std::vector<uint8_t>{0, 0, 1, 2, 2}));
}

TEST(PyramidTest, FewCustomersLeaveTiersEmpty) {
  const auto pyramid = BuildPyramid<int64_t>(std::vector<int64_t>{10, 20},
                                             *MakePyramidPreset(PyramidPreset::kCurry));
  ASSERT_TRUE(pyramid.ok());
  // The top 1, 5 and 20 per cent of two are the same one customer.
  EXPECT_EQ(Sizes(*pyramid), (std::vector<uint64_t>{1, 0, 0, 1}));
  EXPECT_FALSE(pyramid->tiers[1].entry_threshold.has_value());
  EXPECT_EQ(pyramid->tiers[1].value, 0);
  EXPECT_TRUE(std::isnan(pyramid->tiers[1].mean));
}

TEST(PyramidTest, NoCustomersGiveEmptyTiers) {
  for (const auto preset : {PyramidPreset::kCurry, PyramidPreset::kAbc, PyramidPreset::kZeithaml}) {
    const auto pyramid = BuildPyramid(std::span<const double>(), *MakePyramidPreset(preset));
    ASSERT_TRUE(pyramid.ok()) << pyramid.status();
    EXPECT_EQ(pyramid->active_customers, 0u);
    EXPECT_EQ(pyramid->tiers[0].customers, 0u);
    EXPECT_TRUE(std::isnan(pyramid->tiers[0].customer_share));
  }
}

TEST(PyramidTest, AbcTakesTheCustomerOnTheCutAboveOrBelowIt) {
  const std::vector<double> values = {50, 30, 15, 5};  // Shares 0.5, 0.8, 0.95 and 1.
  auto abc = *MakePyramidPreset(PyramidPreset::kAbc);
  EXPECT_EQ(Sizes(*BuildPyramid<double>(values, abc)), (std::vector<uint64_t>{2, 1, 1}));
  abc.tiers[0].cut = 0.79;
  EXPECT_EQ(Sizes(*BuildPyramid<double>(values, abc)), (std::vector<uint64_t>{2, 1, 1}));
  abc.boundary = ShareBoundary::kShareIncluding;
  EXPECT_EQ(Sizes(*BuildPyramid<double>(values, abc)), (std::vector<uint64_t>{1, 2, 1}));
  abc.tiers[0].cut = 0.49;  // Not even the first customer fits.
  EXPECT_EQ(Sizes(*BuildPyramid<double>(values, abc)), (std::vector<uint64_t>{0, 3, 1}));
}

TEST(PyramidTest, SharesOfAValueThatIsNotPositiveAreRefused) {
  const auto abc = *MakePyramidPreset(PyramidPreset::kAbc);
  EXPECT_EQ(std::string(BuildPyramid<double>(std::vector<double>{5, -6}, abc).status().message()),
            "values: the total is -1; expected a positive one for tiers by share of value");
  EXPECT_FALSE(BuildPyramid<int64_t>(std::vector<int64_t>{0, 0}, abc).ok());
}

TEST(PyramidTest, LossMakersAreLeadWhateverTheirRank) {
  // Of 20 customers platinum is 1 and gold 3; two of those three make losses.
  std::vector<int64_t> values(20, -10);
  values[4] = 100;
  values[7] = 50;
  const auto pyramid = BuildPyramid<int64_t>(values, *MakePyramidPreset(PyramidPreset::kZeithaml));
  ASSERT_TRUE(pyramid.ok());
  EXPECT_EQ(Sizes(*pyramid), (std::vector<uint64_t>{1, 1, 0, 18}));
  EXPECT_EQ(pyramid->tiers[3].name, "lead");
  EXPECT_EQ(pyramid->tiers[3].value, -180);
  EXPECT_EQ(pyramid->tiers[3].entry_threshold, -10);
  EXPECT_TRUE(std::isnan(pyramid->tiers[0].value_share));  // The total is -30.
}

TEST(PyramidTest, FloorsIncludeTheirValueAndTheRestIsUnplaced) {
  const std::vector<int64_t> values = {5000, 4999, 1500, 0, -1};
  const auto pyramid =
      BuildPyramid<int64_t>(values, ByFloors({{"gold", 5000}, {"silver", 1499.5}, {"base", 0}}));
  ASSERT_TRUE(pyramid.ok());
  EXPECT_EQ(pyramid->tier_of, (std::vector<uint8_t>{0, 1, 1, 2, kNoTier}));
  EXPECT_EQ(pyramid->unplaced_customers, 1u);
  EXPECT_EQ(pyramid->active_customers, 5u);
  EXPECT_EQ(pyramid->active_value, 5000 + 4999 + 1500 - 1);
}

TEST(PyramidTest, FloorsReachTheEndsOfTheNumbers) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  const std::vector<int64_t> values = {kMax, -kMax - 1};
  const auto whole = BuildPyramid<int64_t>(
      values, ByFloors({{"none", 1e300}, {"high", 0x1p62}, {"rest", -kInfinity}}));
  ASSERT_TRUE(whole.ok());
  EXPECT_EQ(whole->tier_of, (std::vector<uint8_t>{1, 2}));
  const auto real = BuildPyramid<double>(std::vector<double>{-1e307, 3},
                                         ByFloors({{"high", 3}, {"rest", -kInfinity}}));
  ASSERT_TRUE(real.ok());
  EXPECT_EQ(real->tier_of, (std::vector<uint8_t>{1, 0}));
}

TEST(PyramidTest, OnlyActiveCustomersCompete) {
  const std::vector<int64_t> values = {10, 999, 20, 0, 0, 30};
  const std::vector<uint8_t> statuses = {0, 1, 0, 2, 3, 0};
  auto definition = ByShares(PyramidMethod::kCustomerShare, {{"upper", 0.34}, {"lower", 1}});
  const auto pyramid = BuildPyramid<int64_t>(values, definition, statuses);
  ASSERT_TRUE(pyramid.ok());
  EXPECT_EQ(pyramid->tier_of, (std::vector<uint8_t>{1, 2, 0, 3, 4, 0}));
  ASSERT_EQ(pyramid->tiers.size(), 5u);
  EXPECT_EQ(pyramid->tiers[2].name, "inactive");
  EXPECT_EQ(pyramid->tiers[2].value, 999);
  EXPECT_TRUE(std::isnan(pyramid->tiers[2].value_share));
  EXPECT_EQ(pyramid->tiers[3].name, "prospects");
  EXPECT_EQ(pyramid->tiers[4].name, "suspects");
  EXPECT_EQ(pyramid->active_customers, 3u);
  EXPECT_DOUBLE_EQ(pyramid->tiers[0].value_share, 50.0 / 60);
}

TEST(PyramidTest, BadColumnsAreNamed) {
  const auto curry = *MakePyramidPreset(PyramidPreset::kCurry);
  const auto problem = [&](const std::vector<double> &values,
                           const std::vector<uint8_t> &statuses) {
    return std::string(BuildPyramid<double>(values, curry, statuses).status().message());
  };
  EXPECT_EQ(problem({1, kInfinity}, {}), "values: row 1 is inf; expected a finite number");
  EXPECT_EQ(problem({1, 2}, {0}), "statuses: 1 rows; expected as many as values, 2");
  EXPECT_EQ(problem({1, 2, 3}, {0, 4, 9}),
            "statuses: row 1 is 4; expected 0 (active), 1 (inactive), 2 (prospect) or 3 (suspect) "
            "(2 rows in all)");
  EXPECT_FALSE(BuildPyramid<double>(std::vector<double>{1}, PyramidDefinition()).ok());
}

TEST(PyramidTest, ASumPast64BitsIsRefused) {
  const std::vector<int64_t> values(3, std::numeric_limits<int64_t>::max());
  EXPECT_EQ(
      BuildPyramid<int64_t>(values, *MakePyramidPreset(PyramidPreset::kCurry)).status().code(),
      absl::StatusCode::kOutOfRange);
}

}  // namespace
}  // namespace patron::value
