// Pyramids of the Online Retail shop by gross revenue, in thousandths of a pound. Expected numbers
// are those of online_retail/reference.json (numpy 1.24).
#include "patron/value/pyramid.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "support/reference_data.hpp"

namespace patron::value {
namespace {

class OnlineRetailPyramidTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const auto &[id, totals] : testing::OnlineRetailCustomers()) {
      if (totals.gross <= 0) continue;
      ids_.push_back(id);
      gross_.push_back(totals.gross);
      net_.push_back(totals.net);
    }
    if (ids_.empty()) GTEST_SKIP() << "online_retail is not among the reference data";
  }

  static std::vector<uint64_t> Sizes(const Pyramid<int64_t> &pyramid) {
    std::vector<uint64_t> sizes;
    for (const auto &tier : pyramid.tiers) sizes.push_back(tier.customers);
    return sizes;
  }

  std::vector<int64_t> ids_, gross_, net_;
};

TEST_F(OnlineRetailPyramidTest, CurryTiersHaveThePublishedSizesAndShares) {
  const auto pyramid = BuildPyramid<int64_t>(gross_, *MakePyramidPreset(PyramidPreset::kCurry));
  ASSERT_TRUE(pyramid.ok());
  EXPECT_EQ(Sizes(*pyramid), (std::vector<uint64_t>{44, 173, 651, 3470}));
  const std::vector<double> shares = {0.3199885586, 0.1837926911, 0.2423901221, 0.2538286281};
  const std::vector<int64_t> thresholds = {19914440, 5870080, 2059450, 3750};
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(pyramid->tiers[i].value_share, shares[i], 1e-9 * shares[i]);
    EXPECT_EQ(pyramid->tiers[i].entry_threshold, thresholds[i]);
  }
  EXPECT_EQ(pyramid->active_value, 8911407904);
}

TEST_F(OnlineRetailPyramidTest, AbcClassesUnderBothConventions) {
  auto abc = *MakePyramidPreset(PyramidPreset::kAbc);
  EXPECT_EQ(Sizes(*BuildPyramid<int64_t>(gross_, abc)), (std::vector<uint64_t>{1133, 1469, 1736}));
  abc.boundary = ShareBoundary::kShareIncluding;
  EXPECT_EQ(Sizes(*BuildPyramid<int64_t>(gross_, abc)), (std::vector<uint64_t>{1132, 1469, 1737}));
}

TEST_F(OnlineRetailPyramidTest, ACustomerWhoReturnedEverythingIsTopByGrossAlone) {
  const auto row = static_cast<size_t>(std::ranges::find(ids_, 12346) - ids_.begin());
  ASSERT_LT(row, ids_.size());
  EXPECT_EQ(gross_[row], 77183600);
  EXPECT_EQ(std::ranges::count_if(gross_, [&](int64_t v) { return v > gross_[row]; }), 9);
  const auto curry = *MakePyramidPreset(PyramidPreset::kCurry);
  const auto by_gross = BuildPyramid<int64_t>(gross_, curry);
  const auto by_net = BuildPyramid<int64_t>(net_, curry);
  EXPECT_EQ(by_gross->tier_of[row], 0);
  EXPECT_EQ(by_net->tier_of[row], 3);
  // 4 of the 44 at the top by gross revenue are not there by net revenue.
  size_t gone = 0;
  for (size_t i = 0; i < ids_.size(); ++i) {
    gone += by_gross->tier_of[i] == 0 && by_net->tier_of[i] != 0 ? 1 : 0;
  }
  EXPECT_EQ(gone, 4u);
}

}  // namespace
}  // namespace patron::value
