// Tiers of the Online Retail shop by gross revenue, in thousandths of a pound. Expected numbers are
// those of online_retail/reference.json (pandas 1.5).
#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "patron/value/tier_book.hpp"
#include "patron/value/tier_migration.hpp"
#include "support/reference_data.hpp"

namespace patron::value {
namespace {

int32_t Day(const std::string &text) {
  return static_cast<int32_t>(DayOfDate(std::stoi(text.substr(0, 4)), std::stoi(text.substr(5, 2)),
                                        std::stoi(text.substr(8, 2))));
}

class OnlineRetailTiersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const std::string &line :
         testing::LinesAfterHeader(testing::ReferencePath("online_retail/invoices.csv.gz"))) {
      const std::vector<std::string> fields = testing::Fields(line, ',');
      if (fields.back() == "1" || std::stoll(fields[5]) <= 0) continue;
      customers_.push_back(std::stoll(fields[0]));
      times_.push_back(Day(fields[2]) * kMicrosPerDay);
      amounts_.push_back(std::stoll(fields[5]));
    }
    if (customers_.empty()) GTEST_SKIP() << "online_retail is not among the reference data";
  }

  static TierPolicy Policy(TierDemotion demotion, double margin, int32_t grace) {
    TierPolicy policy;
    policy.levels = {{"basic", 0, {}},
                     {"silver", 500'000, {}},
                     {"gold", 1'500'000, {}},
                     {"platinum", 5'000'000, {}}};
    policy.decimals = 3;
    policy.window = TierWindow::kTrailingMonths;
    policy.length = 3;
    policy.begin = Day("2011-03-01");
    policy.demotion = demotion;
    policy.margin = margin;
    policy.grace = grace;
    return policy;
  }

  TierHistory Run(const TierPolicy &policy) const {
    auto book = *TierBook::Create(policy);
    EXPECT_TRUE(book.Append({.customer = std::span<const int64_t>(customers_),
                             .time = times_,
                             .amount = amounts_,
                             .transaction = {},
                             .reverses = {},
                             .reverses_valid = {}})
                    .ok());
    auto history = *book.History(Day("2011-12-10"));
    history.customers.text.clear();
    return history;
  }

  static std::vector<int> Levels(const TierHistory &history) {
    std::vector<int> counts(4);
    for (const TierStanding &s : history.standings) ++counts[static_cast<size_t>(s.level)];
    return counts;
  }

  std::vector<int64_t> customers_, times_, amounts_;
};

TEST_F(OnlineRetailTiersTest, WithoutHysteresis) {
  const TierHistory history = Run(Policy(TierDemotion::kToEarned, 1, 1));
  EXPECT_EQ(history.changes.size(), 4393u);
  EXPECT_EQ(history.promotions, 2631u);
  EXPECT_EQ(history.reversals, 707u);
  EXPECT_EQ(Levels(history), (std::vector<int>{2922, 1022, 336, 58}));
}

TEST_F(OnlineRetailTiersTest, WithHysteresis) {
  const TierHistory history = Run(Policy(TierDemotion::kOneLevel, .8, 2));
  EXPECT_EQ(history.changes.size(), 3227u);
  EXPECT_EQ(history.promotions, 2156u);
  EXPECT_EQ(history.reversals, 96u);
  EXPECT_EQ(Levels(history), (std::vector<int>{2735, 1132, 405, 66}));
}

}  // namespace
}  // namespace patron::value
