#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "patron/loyalty/points_ledger.hpp"
#include "patron/loyalty/points_rules.hpp"

namespace patron::loyalty {
namespace {

struct Row {
  int64_t id;
  int64_t customer;
  PointsKind kind;
  int32_t day;
  int64_t points;
  int64_t reverses = 0;
  int64_t to = 0;
  int32_t expires = kNoPointsDay;
};

absl::StatusOr<PointsReport> Post(PointsLedger &ledger, const std::vector<Row> &rows) {
  std::vector<int64_t> id, customer, reverses, to;
  std::vector<uint8_t> has_reverses, has_to;
  std::vector<Posting> postings;
  for (const Row &row : rows) {
    id.push_back(row.id);
    customer.push_back(row.customer);
    postings.push_back({row.kind, row.day, row.points, kNoPointsDay, row.expires});
    reverses.push_back(row.reverses);
    has_reverses.push_back(row.reverses != 0);
    to.push_back(row.to);
    has_to.push_back(row.to != 0);
  }
  return ledger.Post({.transaction = std::span<const int64_t>(id),
                      .customer = std::span<const int64_t>(customer),
                      .posting = postings,
                      .reverses = std::span<const int64_t>(reverses),
                      .has_reverses = has_reverses,
                      .to = std::span<const int64_t>(to),
                      .has_to = has_to});
}

PointsBalance Balance(const PointsLedger &ledger, int64_t customer, int32_t day) {
  return ledger.BalanceOf(ledger.customers().Find(customer), day);
}

std::map<PointsAccount, int64_t> Totals(const PointsLedger &ledger) {
  std::map<PointsAccount, int64_t> totals;
  for (const PointsEntry &e : ledger.entries()) totals[e.account] += e.points;
  return totals;
}

using enum PointsKind;

TEST(PointsTest, EarnBurnExpire) {
  auto ledger = *PointsLedger::Create({});
  // 50 of the 100 expire on day 30. The 30 burnt are of these.
  ASSERT_TRUE(Post(ledger, {{1, 7, kEarn, 0, 50, 0, 0, 30}, {2, 7, kEarn, 0, 50}}).ok());
  ASSERT_TRUE(Post(ledger, {{3, 7, kBurn, 10, 30}}).ok());
  EXPECT_EQ(Balance(ledger, 7, 29).available, 70);
  EXPECT_EQ(Balance(ledger, 7, 29).next_expiry, 30);
  EXPECT_EQ(Balance(ledger, 7, 29).next_expiring, 20);
  EXPECT_EQ(Balance(ledger, 7, 30).available, 50);
  ASSERT_TRUE(ledger.ExpireUntil(30).ok());
  EXPECT_EQ(Totals(ledger), (std::map<PointsAccount, int64_t>{{PointsAccount::kPoints, 50},
                                                              {PointsAccount::kIssued, -100},
                                                              {PointsAccount::kRedeemed, 30},
                                                              {PointsAccount::kExpired, 20}}));
}

TEST(PointsTest, AnIdIsPostedOnce) {
  auto ledger = *PointsLedger::Create({});
  const std::vector<Row> rows = {{1, 7, kEarn, 0, 50}, {2, 7, kBurn, 1, 20}};
  EXPECT_EQ(Post(ledger, rows)->posted, 2u);
  EXPECT_EQ(Post(ledger, rows)->duplicates, 2u);
  EXPECT_EQ(Balance(ledger, 7, 1).available, 30);
  EXPECT_EQ(Post(ledger, {{2, 7, kBurn, 1, 21}}).status().message(),
            "transaction: row 0 is 2; expected equal content under an id that has been posted");
}

TEST(PointsTest, PendingAndHeldPointsAreNotForUse) {
  auto ledger = *PointsLedger::Create({.expiry_days = 100, .pending_days = 14});
  ASSERT_TRUE(Post(ledger, {{1, 7, kEarn, 0, 50}}).ok());
  EXPECT_EQ(Balance(ledger, 7, 13).pending, 50);
  EXPECT_EQ(Post(ledger, {{2, 7, kBurn, 13, 1}}).status().message(),
            "points: row 0 is 1; expected at most the 0 that customer 7 can use");
  ASSERT_TRUE(Post(ledger, {{3, 7, kHold, 14, 40}}).ok());
  EXPECT_EQ(Balance(ledger, 7, 14).available, 10);
  EXPECT_EQ(Balance(ledger, 7, 14).held, 40);
  ASSERT_TRUE(Post(ledger, {{4, 7, kCapture, 20, 15, 3}, {5, 7, kRelease, 21, 0, 3}}).ok());
  EXPECT_EQ(Balance(ledger, 7, 21).available, 35);
  EXPECT_EQ(Balance(ledger, 7, 21).held, 0);
  EXPECT_EQ(Balance(ledger, 7, 100).available, 0);
}

TEST(PointsTest, HeldPointsPastTheirDayExpireWhenReleased) {
  auto ledger = *PointsLedger::Create({.expiry_days = 100});
  ASSERT_TRUE(Post(ledger, {{1, 7, kEarn, 0, 50}, {2, 7, kHold, 90, 50}}).ok());
  EXPECT_EQ(Balance(ledger, 7, 150).held, 50);
  ASSERT_TRUE(Post(ledger, {{3, 7, kRelease, 150, 0, 2}}).ok());
  EXPECT_EQ(Balance(ledger, 7, 150).available, 0);
  EXPECT_EQ(Totals(ledger)[PointsAccount::kExpired], 50);
}

TEST(PointsTest, AReturnTakesBackItsEarningAndLeavesADebt) {
  auto ledger = *PointsLedger::Create({});
  ASSERT_TRUE(Post(ledger, {{1, 7, kEarn, 0, 100}, {2, 7, kBurn, 1, 80}}).ok());
  ASSERT_TRUE(Post(ledger, {{3, 7, kReverse, 2, 0, 1}}).ok());
  EXPECT_EQ(Balance(ledger, 7, 2).available, -80);
  ASSERT_TRUE(Post(ledger, {{4, 7, kEarn, 3, 100}}).ok());
  EXPECT_EQ(Balance(ledger, 7, 3).available, 20);
  auto strict = *PointsLedger::Create({.allow_debt = false});
  ASSERT_TRUE(Post(strict, {{1, 7, kEarn, 0, 100}, {2, 7, kBurn, 1, 80}}).ok());
  EXPECT_EQ(Post(strict, {{3, 7, kReverse, 2, 0, 1}}).status().message(),
            "points: row 0 is 100; expected at most 20: the others have been spent, and a debt is "
            "not allowed");
  ASSERT_TRUE(Post(strict, {{3, 7, kReverse, 2, 20, 1}}).ok());
  EXPECT_EQ(Balance(strict, 7, 2).available, 0);
}

TEST(PointsTest, AReturnOfExpiredPointsCostsNothing) {
  auto ledger = *PointsLedger::Create({.expiry_days = 10});
  ASSERT_TRUE(Post(ledger, {{1, 7, kEarn, 0, 100}, {2, 7, kBurn, 1, 30}}).ok());
  ASSERT_TRUE(Post(ledger, {{3, 7, kEarn, 20, 5}, {4, 7, kReverse, 21, 70, 1}}).ok());
  EXPECT_EQ(Balance(ledger, 7, 21).available, 5);
  EXPECT_EQ(Totals(ledger)[PointsAccount::kExpired], 0);
  EXPECT_EQ(Totals(ledger)[PointsAccount::kIssued], -35);
}

TEST(PointsTest, ABurningGivenBackKeepsItsDays) {
  auto ledger = *PointsLedger::Create({});
  ASSERT_TRUE(Post(ledger, {{1, 7, kEarn, 0, 10, 0, 0, 50},
                            {2, 7, kEarn, 0, 10, 0, 0, 90},
                            {3, 7, kBurn, 1, 15},
                            {4, 7, kReverse, 2, 7, 3}})
                  .ok());
  // Five of the second lot go back first, then two of the first.
  EXPECT_EQ(Balance(ledger, 7, 2).available, 12);
  EXPECT_EQ(Balance(ledger, 7, 2).next_expiring, 2);
  EXPECT_EQ(Balance(ledger, 7, 50).available, 10);
  EXPECT_EQ(Post(ledger, {{5, 7, kReverse, 2, 9, 3}}).status().message(),
            "points: row 0 is 9; expected at most what is left of 3, 8");
}

TEST(PointsTest, TransfersKeepTheDayOfExpiry) {
  auto ledger = *PointsLedger::Create({.expiry_days = 10});
  ASSERT_TRUE(Post(ledger, {{1, 7, kEarn, 0, 10}, {2, 7, kTransfer, 5, 4, 0, 8}}).ok());
  EXPECT_EQ(Balance(ledger, 7, 5).available, 6);
  EXPECT_EQ(Balance(ledger, 8, 9).available, 4);
  EXPECT_EQ(Balance(ledger, 8, 10).available, 0);
}

TEST(PointsTest, RefusalsNameTheRow) {
  auto ledger = *PointsLedger::Create({.burn_minimum = 10, .burn_step = 5});
  ASSERT_TRUE(Post(ledger, {{1, 7, kEarn, 5, 100}}).ok());
  const auto refused = [&](const Row &row) {
    return std::string(Post(ledger, {row}).status().message());
  };
  EXPECT_EQ(refused({2, 7, kBurn, 5, 12}),
            "points: row 0 is 12; expected at least 10, in steps of 5");
  EXPECT_EQ(refused({2, 7, kBurn, 5, 130}),
            "points: row 0 is 130; expected at most the 100 that customer 7 can use");
  EXPECT_EQ(refused({2, 7, kEarn, 4, 1}),
            "time: row 0 is 1970-01-05; expected no day before 1970-01-06, the last posting of the "
            "customer");
  EXPECT_EQ(refused({2, 7, kEarn, 9, 1, 0, 0, 8}),
            "expires: row 0 is 1970-01-09; expected a day after the 1970-01-10");
  EXPECT_EQ(refused({2, 7, kReverse, 9, 1, 33}),
            "reverses: row 0 is 33; expected a transaction that has been posted");
  EXPECT_EQ(refused({2, 7, kReverse, 9, 1}),
            "reverses: row 0 is null; expected the transaction that a reverse is about");
  EXPECT_EQ(refused({2, 8, kReverse, 9, 1, 1}),
            "reverses: row 0 is 1; expected an earn or a burn of the same customer");
  EXPECT_EQ(refused({2, 7, kEarn, 9, 0}), "points: row 0 is 0; expected 1 to 4503599627370496");
  EXPECT_EQ(refused({2, 7, kTransfer, 9, 1, 0, 7}), "to: row 0 is 7; expected another customer");
  EXPECT_EQ(PointsLedger::Create({.expiry_days = 5, .pending_days = 5}).status().message(),
            "pending_days: 5; expected fewer than the 5 days to the expiry");
}

TEST(PointsTest, BreakageByHand) {
  auto ledger = *PointsLedger::Create({.expiry_days = 10});
  ASSERT_TRUE(Post(ledger, {{1, 1, kEarn, 0, 100},
                            {2, 2, kEarn, 0, 100},
                            {3, 1, kBurn, 5, 80},
                            {4, 1, kEarn, 8, 1000}})
                  .ok());
  const Breakage breakage = ledger.EstimateBreakage(12, 1);
  EXPECT_EQ(breakage.customers, 2u);
  EXPECT_EQ(breakage.matured, 200);
  EXPECT_EQ(breakage.expired, 120);
  EXPECT_DOUBLE_EQ(breakage.rate, .6);
  // Off by -40 and 40: sqrt(3200 x 2) / 200.
  EXPECT_DOUBLE_EQ(breakage.rate - breakage.low, .4);
  EXPECT_TRUE(std::isnan(ledger.EstimateBreakage(9).rate));
}

// A ledger that keeps every single point.
class Plain {
 public:
  struct Point {
    int64_t customer, id;
    int32_t expires;
    size_t order;
    bool held = false;
  };
  bool Do(const Row &row, int32_t expiry) {
    for (const int64_t c : {row.customer, row.to}) Expire(c, row.day);
    if (row.kind == kEarn) {
      for (int64_t i = 0; i < row.points; ++i) {
        points_.push_back({row.customer, row.id, row.day + expiry, order_++});
      }
      return true;
    }
    if (Count(row.customer) < row.points) return false;
    for (int64_t i = 0; i < row.points; ++i) {
      size_t best = points_.size();
      for (size_t k = 0; k < points_.size(); ++k) {
        if (points_[k].customer != row.customer) continue;
        if (best == points_.size() || std::pair(points_[k].expires, points_[k].order) <
                                          std::pair(points_[best].expires, points_[best].order)) {
          best = k;
        }
      }
      if (row.kind == kTransfer) {
        points_[best].customer = row.to;
        points_[best].order = order_++;
      } else {
        points_.erase(points_.begin() + static_cast<ptrdiff_t>(best));
      }
    }
    return true;
  }
  void Expire(int64_t customer, int32_t day) {
    std::erase_if(points_,
                  [&](const Point &p) { return p.customer == customer && p.expires <= day; });
  }
  int64_t Count(int64_t customer) const {
    return std::ranges::count_if(points_, [&](const Point &p) { return p.customer == customer; });
  }

 private:
  std::vector<Point> points_;
  size_t order_ = 0;
};

TEST(PointsTest, EqualsALedgerOfSinglePointsAndBalances) {
  for (uint32_t seed = 1; seed <= 100; ++seed) {
    std::mt19937 random(seed);
    auto ledger = *PointsLedger::Create({.expiry_days = 40});
    Plain plain;
    int32_t day = 0;
    for (int64_t id = 1; id <= 200; ++id) {
      day += static_cast<int32_t>(random() % 4);
      Row row{id, static_cast<int64_t>(1 + random() % 3), kEarn, day,
              static_cast<int64_t>(1 + random() % 20)};
      row.kind = std::array{kEarn, kEarn, kBurn, kTransfer}[random() % 4];
      if (row.kind == kTransfer) row.to = row.customer % 3 + 1;
      const bool posted = Post(ledger, {row}).ok();
      ASSERT_EQ(posted, plain.Do(row, 40)) << "seed " << seed << " id " << id;
      for (int64_t c = 1; c <= 3; ++c) {
        plain.Expire(c, day);
        ASSERT_EQ(Balance(ledger, c, day).available, plain.Count(c)) << seed << " " << id;
      }
    }
    int64_t sum = 0;
    for (const PointsEntry &e : ledger.entries()) sum += e.points;
    EXPECT_EQ(sum, 0);
  }
}

TEST(PointsTest, EveryPostingBalancesUnderAllKinds) {
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    std::mt19937 random(seed);
    auto ledger = *PointsLedger::Create({.expiry_days = 60, .pending_days = 3});
    int32_t day = 0;
    size_t posted = 0;
    for (int64_t id = 1; id <= 300; ++id) {
      day += static_cast<int32_t>(random() % 3);
      Row row{id, static_cast<int64_t>(1 + random() % 3), static_cast<PointsKind>(random() % 7),
              day, static_cast<int64_t>(random() % 15)};
      if (row.kind == kTransfer) row.to = row.customer % 3 + 1;
      if (row.kind == kRelease || row.kind == kCapture || row.kind == kReverse) {
        row.reverses = static_cast<int64_t>(1 + random() % static_cast<uint32_t>(id));
      }
      posted += Post(ledger, {row}).ok() ? 1 : 0;
      int64_t sum = 0;
      std::map<uint32_t, int64_t> of;
      for (const PointsEntry &e : ledger.entries()) {
        sum += e.points;
        if (e.account == PointsAccount::kPoints) of[e.customer] += e.points;
      }
      ASSERT_EQ(sum, 0) << seed << " " << id;
      auto copy = ledger;
      ASSERT_TRUE(copy.ExpireUntil(day).ok());
      of.clear();
      for (const PointsEntry &e : copy.entries()) {
        if (e.account == PointsAccount::kPoints) of[e.customer] += e.points;
      }
      for (const auto &[customer, points] : of) {
        const PointsBalance balance = copy.BalanceOf(customer, day);
        ASSERT_EQ(points, balance.available + balance.pending) << seed << " " << id;
      }
    }
    EXPECT_GT(posted, 80u);
  }
}

TEST(EarnRulesTest, TheMostSpecificRuleCountsAndRoundsDownExactly) {
  const std::vector<EarnRule> rules = {
      {.name = "all", .category = "", .tier = "", .per_unit = 1.1},
      {.name = "gold", .category = "", .tier = "gold", .per_unit = 2},
      {.name = "books", .category = "books", .tier = "", .per_unit = 0.1, .fixed = 5, .most = 20},
      {.name = "spring",
       .category = "books",
       .tier = "gold",
       .per_unit = 3,
       .from = 60,
       .until = 90}};
  ASSERT_TRUE(CheckEarnRules(rules).ok());
  const auto points = [&](int64_t cents, int32_t day, std::string_view category,
                          std::string_view tier) {
    return EarnedBy(rules, cents, 2, day, category, tier)->points;
  };
  EXPECT_EQ(points(1000, 0, "", ""), 11);  // Exactly 11, though 1.1 is no double.
  EXPECT_EQ(points(999, 0, "", ""), 10);
  EXPECT_EQ(points(1050, 0, "toys", "gold"), 21);
  EXPECT_EQ(points(1000, 0, "books", "gold"), 6);
  EXPECT_EQ(points(100000, 0, "books", ""), 20);
  EXPECT_EQ(points(1000, 60, "books", "gold"), 30);
  EXPECT_EQ(points(-1000, 60, "books", "gold"), 0);
}

TEST(EarnRulesTest, RulesThatOverlapAreNamed) {
  const std::vector<EarnRule> rules = {
      {.name = "one", .category = "a", .tier = "", .per_unit = 1, .until = 100},
      {.name = "two", .category = "a", .tier = "", .per_unit = 1, .from = 99}};
  EXPECT_EQ(
      CheckEarnRules(rules).message(),
      "rules: 'two' has purchases and days of 'one'; expected one rule for a purchase on a day");
}

}  // namespace
}  // namespace patron::loyalty
