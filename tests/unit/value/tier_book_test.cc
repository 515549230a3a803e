#include "patron/value/tier_book.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

namespace patron::value {
namespace {

int32_t D(int year, int month, int day) {
  return static_cast<int32_t>(DayOfDate(year, month, day));
}

struct Row {
  int64_t customer;
  int32_t day;
  int64_t amount;
  int64_t id = 0;
  int64_t reverses = 0;  // 0 = none.
};

class Table {
 public:
  Table(std::vector<Row> rows) {  // NOLINT
    for (const Row &row : rows) {
      customer_.push_back(row.customer);
      time_.push_back(row.day * kMicrosPerDay + 3'600'000'000);
      amount_.push_back(row.amount);
      id_.push_back(row.id);
      reverses_.push_back(row.reverses);
      valid_.push_back(row.reverses != 0);
      with_ids_ |= row.id != 0;
    }
  }
  TierRows rows() const {
    TierRows rows{.customer = std::span<const int64_t>(customer_),
                  .time = time_,
                  .amount = amount_,
                  .transaction = {},
                  .reverses = {},
                  .reverses_valid = {}};
    if (with_ids_) {
      rows.transaction = std::span<const int64_t>(id_);
      rows.reverses = std::span<const int64_t>(reverses_);
      rows.reverses_valid = valid_;
    }
    return rows;
  }

 private:
  std::vector<int64_t> customer_, time_, amount_, id_, reverses_;
  std::vector<uint8_t> valid_;
  bool with_ids_ = false;
};

// Silver from 100, gold from 300, each month over the last month.
TierPolicy MonthlyPolicy() {
  TierPolicy policy;
  policy.levels = {{"basic", 0, {}}, {"silver", 100, {"lounge"}}, {"gold", 300, {}}};
  policy.decimals = 0;
  policy.length = 1;
  return policy;
}

TierHistory After(const TierPolicy &policy, const Table &table, int32_t until) {
  auto book = TierBook::Create(policy);
  EXPECT_TRUE(book.ok()) << book.status();
  const absl::Status status = book->Append(table.rows());
  EXPECT_TRUE(status.ok()) << status;
  auto history = book->History(until);
  EXPECT_TRUE(history.ok()) << history.status();
  return *std::move(history);
}

// "2024-02-01 0>2 m300 b0" of each change.
std::vector<std::string> Shown(const TierHistory &history) {
  std::vector<std::string> lines;
  for (const TierChange &c : history.changes) {
    lines.push_back(FormatDay(c.day) + " " + std::to_string(c.from) + ">" + std::to_string(c.to) +
                    " m" + FormatMoney(c.metric, 0) + " b" + std::to_string(c.evaluations_below) +
                    " c" + std::to_string(static_cast<int>(c.cause)));
  }
  return lines;
}

TEST(TierBookTest, PromotesAtOnceAndDemotesOneLevelAfterTwoEvaluationsBelow) {
  // January 300: gold. February 250: 250 >= .8 x 300. March 239, April nothing: down to silver, whose
  // count begins anew: May, June below, down.
  const Table table({{1, D(2024, 1, 10), 300}, {1, D(2024, 2, 10), 250}, {1, D(2024, 3, 10), 239}});
  EXPECT_EQ(Shown(After(MonthlyPolicy(), table, D(2024, 12, 31))),
            (std::vector<std::string>{"2024-02-01 0>2 m300 b0 c0", "2024-05-01 2>1 m0 b2 c1",
                                      "2024-07-01 1>0 m0 b2 c1"}));
}

TEST(TierBookTest, AnEvaluationThatIsNotBelowBreaksTheRow) {
  // February below, March at the margin exactly (240), April and May below.
  const Table table({{1, D(2024, 1, 10), 300}, {1, D(2024, 3, 31), 240}});
  EXPECT_EQ(Shown(After(MonthlyPolicy(), table, D(2024, 6, 1))),
            (std::vector<std::string>{"2024-02-01 0>2 m300 b0 c0", "2024-06-01 2>1 m0 b2 c1"}));
}

TEST(TierBookTest, ToEarnedGoesStraightDown) {
  auto policy = MonthlyPolicy();
  policy.demotion = TierDemotion::kToEarned;
  policy.grace = 1;
  const Table table({{1, D(2024, 1, 10), 300}, {1, D(2024, 2, 10), 10}});
  EXPECT_EQ(Shown(After(policy, table, D(2024, 3, 1))),
            (std::vector<std::string>{"2024-02-01 0>2 m300 b0 c0", "2024-03-01 2>0 m10 b1 c1"}));
  policy.demotion = TierDemotion::kNone;
  EXPECT_EQ(After(policy, table, D(2025, 3, 1)).changes.size(), 1u);
}

TEST(TierBookTest, NoEvaluationCountsAsBelowDuringTheStay) {
  auto policy = MonthlyPolicy();
  policy.stay_days = 100;  // From 1 February to 11 May.
  const Table table({{1, D(2024, 1, 10), 300}});
  EXPECT_EQ(Shown(After(policy, table, D(2024, 7, 1))),
            (std::vector<std::string>{"2024-02-01 0>2 m300 b0 c0", "2024-07-01 2>1 m0 b2 c1"}));
}

TEST(TierBookTest, PurchaseCountAndPromotionAtThePurchase) {
  auto policy = MonthlyPolicy();
  policy.metric = TierMetric::kPurchases;
  policy.levels = {{"basic", 0, {}}, {"silver", 2, {}}, {"gold", 3, {}}};
  policy.promotion = TierPromotion::kAtPurchase;
  const Table table({{1, D(2024, 1, 10), 5}, {1, D(2024, 1, 12), 5}, {1, D(2024, 1, 20), 0}});
  EXPECT_EQ(Shown(After(policy, table, D(2024, 2, 1))),
            (std::vector<std::string>{"2024-01-12 0>1 m2 b0 c0", "2024-01-20 1>2 m3 b0 c0"}));
}

TEST(TierBookTest, AReturnTakesBackWhatItsPurchaseGave) {
  auto policy = MonthlyPolicy();
  policy.length = 2;
  policy.grace = 1;
  policy.demotion = TierDemotion::kToEarned;
  // The purchase of January is returned in March: it leaves the window of January and February, and
  // does not burden that of February and March.
  const Table table({{1, D(2024, 1, 10), 300, 1},
                     {1, D(2024, 2, 10), 100, 2},
                     {1, D(2024, 3, 5), -300, 3, 1},
                     {1, D(2024, 3, 6), 200, 4}});
  EXPECT_EQ(Shown(After(policy, table, D(2024, 4, 1))),
            (std::vector<std::string>{"2024-02-01 0>2 m300 b0 c0"}));
  // Without the link it counts on its own day.
  const Table loose({{1, D(2024, 1, 10), 300},
                     {1, D(2024, 2, 10), 100},
                     {1, D(2024, 3, 5), -300},
                     {1, D(2024, 3, 6), 200}});
  EXPECT_EQ(Shown(After(policy, loose, D(2024, 4, 1))),
            (std::vector<std::string>{"2024-02-01 0>2 m300 b0 c0", "2024-04-01 2>0 m0 b1 c1"}));
}

TEST(TierBookTest, ThePromotionGoesWithTheOrderBehindIt) {
  auto policy = MonthlyPolicy();
  policy.revoke_on_return = true;
  policy.promotion = TierPromotion::kAtPurchase;
  policy.length = 12;
  const std::vector<Row> rows = {{1, D(2024, 1, 10), 120, 1}, {1, D(2024, 1, 20), 200, 2}};
  std::vector<Row> second = rows;
  second.push_back({1, D(2024, 3, 5), -200, 3, 2});
  EXPECT_EQ(Shown(After(policy, Table(second), D(2024, 4, 1))),
            (std::vector<std::string>{"2024-01-10 0>1 m120 b0 c0", "2024-01-20 1>2 m320 b0 c0",
                                      "2024-03-05 2>1 m120 b0 c2"}));
  // The first order is behind both promotions; what is left of the second earns silver.
  std::vector<Row> first = rows;
  first.push_back({1, D(2024, 3, 5), -120, 3, 1});
  EXPECT_EQ(Shown(After(policy, Table(first), D(2024, 4, 1))),
            (std::vector<std::string>{"2024-01-10 0>1 m120 b0 c0", "2024-01-20 1>2 m320 b0 c0",
                                      "2024-03-05 2>1 m200 b0 c2"}));
  first.push_back({1, D(2024, 3, 7), -150, 4, 2});
  EXPECT_EQ(Shown(After(policy, Table(first), D(2024, 4, 1))).back(), "2024-03-07 1>0 m50 b0 c2");
}

TEST(TierBookTest, CalendarWindowStartsAnewEachYear) {
  auto policy = MonthlyPolicy();
  policy.window = TierWindow::kCalendar;
  policy.demotion = TierDemotion::kToEarned;
  policy.grace = 1;
  const Table table({{1, D(2023, 11, 10), 150}, {1, D(2023, 12, 10), 150}});
  EXPECT_EQ(Shown(After(policy, table, D(2024, 3, 1))),
            (std::vector<std::string>{"2023-12-01 0>1 m150 b0 c0", "2024-01-01 1>2 m300 b0 c0",
                                      "2024-02-01 2>0 m0 b1 c1"}));
}

TEST(TierBookTest, AnniversariesOfALeapDay) {
  auto policy = MonthlyPolicy();
  policy.window = TierWindow::kAnniversary;
  policy.calendar = TierCalendar::kAnniversaries;
  policy.demotion = TierDemotion::kToEarned;
  policy.grace = 1;
  const Table table({{1, D(2024, 2, 29), 100}, {1, D(2025, 2, 27), 200}, {1, D(2025, 2, 28), 50}});
  EXPECT_EQ(Shown(After(policy, table, D(2026, 3, 1))),
            (std::vector<std::string>{"2025-02-28 0>2 m300 b0 c0", "2026-02-28 2>0 m50 b1 c1"}));
}

TEST(TierBookTest, PlacementAtTheBeginIsNoChange) {
  auto policy = MonthlyPolicy();
  policy.begin = D(2024, 2, 1);
  const Table table({{1, D(2024, 1, 10), 300}, {2, D(2024, 2, 10), 300}});
  const auto history = After(policy, table, D(2024, 3, 1));
  EXPECT_EQ(Shown(history), (std::vector<std::string>{"2024-03-01 0>2 m300 b0 c0"}));
  EXPECT_EQ(history.changes[0].customer, 1u);
  EXPECT_EQ(history.standings[0].level, 2);
  EXPECT_EQ(history.standings[0].since, D(2024, 2, 1));
  EXPECT_EQ(history.standings[0].evaluations_below, 1);
  EXPECT_EQ(history.evaluations, 3u);
}

TEST(TierBookTest, FloorsAndOverridesLieOverTheEngineAndExpire) {
  auto policy = MonthlyPolicy();
  policy.grace = 1;
  policy.demotion = TierDemotion::kToEarned;
  auto book = *TierBook::Create(policy);
  ASSERT_TRUE(book.Append(Table({{1, D(2024, 1, 10), 300}, {2, D(2024, 1, 10), 10}}).rows()).ok());
  const std::vector<int64_t> customers = {1, 2};
  const std::vector<int32_t> levels = {1, 2};
  const std::vector<uint8_t> overrides = {0, 1};
  const std::vector<int32_t> from = {D(2024, 2, 10), D(2024, 1, 15)};
  const std::vector<int32_t> until = {D(2024, 6, 15), D(2024, 1, 20)};
  ASSERT_TRUE(book.SetByHand({.customer = std::span<const int64_t>(customers),
                              .level = levels,
                              .is_override = overrides,
                              .from = from,
                              .until = until})
                  .ok());
  const auto history = book.History(D(2024, 7, 1));
  ASSERT_TRUE(history.ok());
  std::vector<std::string> shown = Shown(*history);
  for (std::string &line : shown) line = line.substr(0, 14) + line.substr(line.rfind(' '));
  EXPECT_EQ(shown,
            (std::vector<std::string>{"2024-02-01 0>2 c0", "2024-03-01 2>1 c1", "2024-06-15 1>0 c4",
                                      "2024-01-15 0>2 c5", "2024-01-20 2>0 c6"}));
  const auto standing = book.Standing(1, D(2024, 5, 1));
  EXPECT_EQ(standing->level, 1);
  EXPECT_EQ(standing->automatic, 0);
  EXPECT_TRUE(standing->by_hand);
  EXPECT_EQ(book.Standing(3, D(2024, 5, 1)).status().code(), absl::StatusCode::kNotFound);
}

TEST(TierBookTest, RefusalsNameTheRowAndChangeNothing) {
  auto book = *TierBook::Create(MonthlyPolicy());
  ASSERT_TRUE(book.Append(Table({{1, D(2024, 1, 10), 300, 1}}).rows()).ok());
  const auto refused = [&](std::vector<Row> rows) {
    return std::string(book.Append(Table(std::move(rows)).rows()).message());
  };
  EXPECT_EQ(refused({{2, D(2024, 1, 11), 5, 2}, {2, D(2024, 1, 11), 5, 1}}),
            "transaction: row 1 is 1 again; expected every transaction once");
  EXPECT_EQ(refused({{1, D(2024, 1, 11), -5, 2, 9}}),
            "reverses: row 0 is 9; expected a purchase of these rows or of earlier ones");
  EXPECT_EQ(refused({{2, D(2024, 1, 11), -5, 2, 1}}),
            "reverses: row 0 is 1; expected a purchase of the same customer");
  EXPECT_EQ(refused({{1, D(2024, 1, 11), -200, 2, 1}, {1, D(2024, 1, 12), -101, 3, 1}}),
            "amount: row 1 is -101; expected at most what is left of 1, 100");
  EXPECT_EQ(refused({{1, D(2024, 1, 9), -5, 2, 1}}),
            "time: row 0 is 2024-01-09; expected no day before the purchase of 2024-01-10");
  EXPECT_EQ(book.rows(), 1u);
  EXPECT_EQ(book.customers(), 1u);
  EXPECT_EQ(refused({{1, D(2024, 1, 11), -300, 2, 1}}), "");
}

TEST(TierPolicyTest, NamesWhatIsOutOfOrder) {
  const auto refused = [](auto change) {
    TierPolicy policy = MonthlyPolicy();
    change(policy);
    return std::string(CheckTierPolicy(policy).message());
  };
  EXPECT_EQ(
      refused([](TierPolicy &p) { p.levels[2].floor = 100; }),
      "levels: floor of 'gold' is 100, not above that of 'silver'; expected floors that rise");
  EXPECT_EQ(refused([](TierPolicy &p) { p.levels[2].name = "basic"; }),
            "levels: 'basic' twice; expected distinct names");
  EXPECT_EQ(refused([](TierPolicy &p) { p.length = 0; }), "length: 0; expected 1 to 1200");
  EXPECT_EQ(refused([](TierPolicy &p) { p.margin = 0; }), "margin: 0; expected above 0, up to 1");
  EXPECT_EQ(refused([](TierPolicy &p) { p.grace = 0; }), "grace: 0; expected 1 to 1000");
  EXPECT_EQ(refused([](TierPolicy &p) { p.levels.resize(1); }),
            "levels: 1; expected 2 to 32 levels");
  EXPECT_EQ(refused([](TierPolicy &p) {
              p.levels[1].entitlements = {"a", "a"};
            }),
            "levels: entitlement 1 of 'silver' is 'a'; expected distinct names that are not empty");
  EXPECT_EQ(refused([](TierPolicy &p) { p.calendar = TierCalendar::kDays; }),
            "days: none; expected the days of the evaluations");
}

TEST(TierPolicyTest, ThresholdIsExact) {
  EXPECT_EQ(TierThreshold(300, .8), 240);
  EXPECT_EQ(TierThreshold(301, .8), 241);  // 240.8: 240 is below, 241 is not.
  EXPECT_EQ(TierThreshold(5'000'000'000'000'000'000, 1), 5'000'000'000'000'000'000);
}

}  // namespace
}  // namespace patron::value
