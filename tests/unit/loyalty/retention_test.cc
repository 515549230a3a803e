#include "patron/loyalty/retention.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "gtest/gtest.h"
#include "patron/loyalty/referral.hpp"
#include "patron/loyalty/work_lists.hpp"

namespace patron::loyalty {
namespace {

TEST(RetentionTest, AnOfferAboveTheCapIsRefused) {
  const auto refused = DecideSaveOffer(.4, 1000, .25, 120);
  EXPECT_DOUBLE_EQ(refused->cap, 100);
  EXPECT_DOUBLE_EQ(refused->expected, -20);
  EXPECT_FALSE(refused->accepted);
  EXPECT_TRUE(DecideSaveOffer(.4, 1000, .25, 100)->accepted);
  EXPECT_FALSE(DecideSaveOffer(.4, -1000, .25, 0)->accepted);
  EXPECT_EQ(DecideSaveOffer(1.4, 1000, .25, 0).status().message(), "p_churn: 1.4; expected 0 to 1");
}

TEST(RetentionTest, ElasticityAndSecondLifetime) {
  EXPECT_NEAR(*RetentionElasticity(.8, .1), 3.6666666666666665, 1e-12);
  EXPECT_NEAR(*SecondLifetimeValue(100, .8, .1), 366.6666666666667, 1e-9);
  EXPECT_NEAR(*SecondLifetimeValue(100, .8, .1, 2), 100 + 80 / 1.1, 1e-12);
  EXPECT_EQ(RetentionElasticity(1, 0).status().message(),
            "retention: 1 at discount 0 has a value without bound; expected retention below 1 + "
            "discount");
}

TEST(RetentionTest, WinningBackFallsWithTimeAndByReason) {
  WinBackOptions options;
  const int pricing = FindChurnReason("pricing"), ethics = FindChurnReason("ethics");
  const auto fresh = ValueWinBack(options, .4, 0, pricing, 500, 50, 5);
  EXPECT_DOUBLE_EQ(fresh->value, 145);
  EXPECT_TRUE(fresh->worth);
  const auto late = ValueWinBack(options, .4, 360, pricing, 500, 50, 5);
  EXPECT_DOUBLE_EQ(late->p_win, .1);
  EXPECT_DOUBLE_EQ(late->value, -5);
  EXPECT_FALSE(late->worth);
  EXPECT_FALSE(ValueWinBack(options, .4, 0, ethics, 500, 50, 5)->worth);
  options.by_reason[static_cast<size_t>(pricing)] = .5;
  EXPECT_DOUBLE_EQ(ValueWinBack(options, .4, 0, pricing, 500, 50, 5)->p_win, .2);
  EXPECT_EQ(FindChurnReason("weather"), -1);
}

TEST(WorkListsTest, CustomersAreOnAllListsTheyReach) {
  const double nan = std::nan("");
  const std::vector<double> loyalty = {.9, .5, .7, nan, .6}, risk = {.8, .1, .2, .9, .5},
                            value = {10, 50, 40, 50, 5}, satisfaction = {.1, .4, .9, nan, .5};
  const auto lists = MakeWorkLists(loyalty, risk, value, satisfaction);
  ASSERT_TRUE(lists.ok());
  std::vector<std::vector<uint32_t>> customers(4);
  for (const WorkItem &item : lists->items) {
    customers[static_cast<size_t>(item.list)].push_back(item.customer);
    EXPECT_EQ(item.rank, customers[static_cast<size_t>(item.list)].size());
  }
  EXPECT_EQ(customers[0], (std::vector<uint32_t>{0, 2, 4}));
  EXPECT_EQ(customers[1], (std::vector<uint32_t>{3, 0, 4}));
  EXPECT_EQ(customers[2], (std::vector<uint32_t>{1, 3}));  // One in five, and its equal.
  EXPECT_EQ(customers[3], (std::vector<uint32_t>{0, 1}));
  EXPECT_EQ(lists->overlap[0][1], 2u);
  EXPECT_EQ(lists->overlap[0][3], 1u);
  EXPECT_EQ(lists->overlap[2][2], 2u);
  EXPECT_EQ(lists->items[0].lists, 0b1011u);
  EXPECT_EQ(MakeWorkLists({}, risk, std::vector<double>{1}, {}).status().message(),
            "value: 1 rows; expected 5 as in the others");
}

TEST(ReferralTest, TypeTwoCountsItsSavingAlone) {
  EXPECT_DOUBLE_EQ(*ReferralValue({100, 20, 10, 30, 1, false}, .25), 80);
  EXPECT_DOUBLE_EQ(*ReferralValue({100, 20, 10, 30, 1, true}, .25), 24);
}

TEST(ReferralTest, CreditDecaysByDepthAndCirclesAreNamed) {
  // 0 over 1 over 2 and 3; 4 alone.
  const std::vector<uint32_t> parents = {kNoParent, 0, 1, 1, kNoParent};
  const std::vector<double> values = {1, 10, 100, 1000, 7};
  EXPECT_EQ(*CreditReferrals(parents, values, std::vector<double>{1, .5}, "referred_by"),
            (std::vector<double>{560, 1100, 0, 0, 0}));
  EXPECT_EQ(*RollUp(parents, values, "parent"), (std::vector<double>{1111, 1110, 100, 1000, 7}));
  const std::vector<uint32_t> circle = {kNoParent, 2, 3, 1, 0}, self = {0};
  EXPECT_EQ(ParentsFirst(circle, "referred_by").status().message(),
            "referred_by: row 1 is in a circle; expected nobody under oneself");
  EXPECT_EQ(ParentsFirst(self, "referred_by").status().message(),
            "referred_by: row 0 is the customer itself; expected another customer");
}

}  // namespace
}  // namespace patron::loyalty
