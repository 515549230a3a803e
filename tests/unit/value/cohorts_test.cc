#include "patron/value/cohorts.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "patron/base/time.hpp"

namespace patron::value {
namespace {

using testing::Each;
using ::testing::ElementsAre;

struct Rows {
  std::vector<int64_t> customer, day, amount;
};

absl::StatusOr<CohortTable> TryFollow(const Rows &rows, const CohortOptions &options = {},
                                      const OccasionRule &rule = {}) {
  std::vector<int64_t> time;
  for (const int64_t day : rows.day) time.push_back(day * kMicrosPerDay);
  return FollowCohorts(TransactionsInMemory(std::span(rows.customer), time, rows.amount), rule,
                       options);
}

CohortTable TableOf(const Rows &rows, const CohortOptions &options = {},
                    const OccasionRule &rule = {}) {
  auto table = TryFollow(rows, options, rule);
  EXPECT_TRUE(table.ok()) << table.status();
  return table.ok() ? *std::move(table) : CohortTable{};
}

int64_t Day(int month, int day) { return DayOfDate(2024, month, day); }

// Customers 1 and 2 begin in January, 3 in March; nobody begins in February.
const Rows kYear = {{1, 1, 2, 2, 3, 1, 2},
                    {Day(1, 5), Day(1, 9), Day(1, 31), Day(3, 1), Day(3, 2), Day(4, 30), Day(3, 8)},
                    {10, 20, 30, 40, 50, 60, -5}};

TEST(CohortsTest, FollowsEachCohortToTheLastPeriod) {
  const CohortTable table = TableOf(kYear);
  const auto january = static_cast<int32_t>(Day(1, 1)), march = static_cast<int32_t>(Day(3, 1));
  EXPECT_THAT(table.cohort, ElementsAre(january, january, january, january, march, march));
  EXPECT_THAT(table.age, ElementsAre(0, 1, 2, 3, 0, 1));
  EXPECT_THAT(table.size, ElementsAre(2, 2, 2, 2, 1, 1));
  EXPECT_THAT(table.active, ElementsAre(2, 0, 1, 1, 1, 0));
  EXPECT_THAT(table.active_share, ElementsAre(1, 0, 0.5, 0.5, 1, 0));
  EXPECT_THAT(table.survivors, ElementsAre(2, 2, 2, 1, 1, 0));
  EXPECT_THAT(table.survivor_share, ElementsAre(1, 1, 1, 0.5, 1, 0));
  EXPECT_THAT(table.repeaters, ElementsAre(1, 1, 2, 2, 0, 0));
  EXPECT_THAT(table.repeat_share, ElementsAre(0.5, 0.5, 1, 1, 0, 0));
  EXPECT_THAT(table.value, ElementsAre(60, 0, 35, 60, 50, 0));
  EXPECT_THAT(table.cumulative_value, ElementsAre(60, 60, 95, 155, 50, 50));
  EXPECT_EQ(table.report.customers, 3u);
  EXPECT_EQ(table.report.used, 7u);
}

TEST(CohortsTest, RefundsCountOnlyWhenTheyAreNetted) {
  for (const Refunds refunds : {Refunds::kIgnore, Refunds::kSeparate}) {
    const CohortTable table = TableOf(kYear, {}, {.refunds = refunds});
    EXPECT_EQ(table.value[2], 40);
    EXPECT_EQ(table.report.refunds, 1u);
    EXPECT_EQ(table.report.used, 6u);
  }
}

TEST(CohortsTest, ARefundInAPeriodWithoutPurchaseIsNoActivity) {
  const CohortTable table = TableOf({{1, 1, 2}, {Day(1, 5), Day(2, 5), Day(3, 1)}, {10, -4, 1}});
  EXPECT_THAT(table.active, ElementsAre(1, 0, 0, 1));
  EXPECT_THAT(table.survivors, ElementsAre(1, 0, 0, 1));
  EXPECT_THAT(table.value, ElementsAre(10, -4, 0, 1));
}

TEST(CohortsTest, RefundsBeforeTheFirstPurchaseAreOrphans) {
  const CohortTable table =
      TableOf({{1, 1, 1, 2}, {Day(1, 5), Day(2, 3), Day(2, 20), Day(2, 1)}, {-7, -1, 10, -2}});
  EXPECT_THAT(table.value,
              ElementsAre(9));  // That of February is in the period, that of January not.
  EXPECT_EQ(table.report.orphan_refunds, 3u);
  EXPECT_EQ(table.report.without_purchase, 1u);
}

TEST(CohortsTest, TwoRowsOfOneDayAreNoRepeat) {
  EXPECT_THAT(TableOf({{1, 1}, {9, 9}, {1, 1}}).repeaters, ElementsAre(0));
  EXPECT_THAT(TableOf({{1, 1}, {9, 10}, {1, 1}}).repeaters, ElementsAre(1));
}

TEST(CohortsTest, RowsAfterTheEndDoNotCount) {
  const CohortOptions options{.observation_end = Day(3, 1) * kMicrosPerDay};
  const CohortTable table = TableOf(kYear, options);
  EXPECT_THAT(table.age, ElementsAre(0, 1, 2));
  EXPECT_THAT(table.value, ElementsAre(60, 0, 40));
  EXPECT_EQ(table.report.skipped_late, 3u);
  EXPECT_EQ(table.report.without_purchase, 1u);
}

TEST(CohortsTest, AnEndAfterTheLastRowAddsEmptyAges) {
  const CohortOptions options{.observation_end = Day(6, 1) * kMicrosPerDay};
  EXPECT_THAT(TableOf({{1}, {Day(5, 1)}, {1}}, options).active, ElementsAre(1, 0));
}

TEST(CohortsTest, WeeksBeginOnMonday) {
  // 1969-12-28 is a Sunday, 2024-01-07 as well.
  const CohortTable table =
      TableOf({{1, 2}, {Day(1, 7), Day(1, 8)}, {1, 1}}, {.period = Period::kWeek});
  EXPECT_THAT(table.cohort, ElementsAre(Day(1, 1), Day(1, 1), Day(1, 8)));
  const CohortTable early = TableOf({{1, 2}, {-4, -3}, {1, 1}}, {.period = Period::kWeek});
  EXPECT_THAT(early.cohort, ElementsAre(-10, -10, -3));
}

TEST(CohortsTest, QuartersAndYearsBeforeAndAfterThisCentury) {
  const Rows rows = {{1, 1}, {DayOfDate(1899, 12, 31), DayOfDate(2101, 1, 1)}, {1, 1}};
  const CohortTable years = TableOf(rows, {.period = Period::kYear});
  EXPECT_EQ(years.rows(), 203u);
  EXPECT_THAT(years.cohort, Each(DayOfDate(1899, 1, 1)));
  EXPECT_EQ(years.active[202], 1);
  EXPECT_EQ(TableOf(rows, {.period = Period::kQuarter}).rows(), 806u);
}

TEST(CohortsTest, ATableTooLargeIsRefused) {
  constexpr int64_t kFar = 100'000'000;
  EXPECT_EQ(TryFollow({{1, 2}, {-kFar, kFar}, {1, 1}}, {.period = Period::kDay}).status().message(),
            "period: 200000002 cohort rows; expected at most 16777216: choose a longer period");
  EXPECT_TRUE(TryFollow({{1, 2}, {-kFar, kFar}, {1, 1}}, {.period = Period::kYear}).ok());
}

TEST(CohortsTest, WithoutAPurchaseThereIsNoCohort) {
  EXPECT_EQ(TableOf({}).rows(), 0u);
  const CohortTable refund = TableOf({{1}, {9}, {-1}});
  EXPECT_EQ(refund.rows(), 0u);
  EXPECT_EQ(refund.report.orphan_refunds, 1u);
  EXPECT_EQ(refund.report.without_purchase, 1u);
  const CohortTable late = TableOf({{1}, {1}, {1}}, {.observation_end = 0});
  EXPECT_EQ(late.rows(), 0u);
  EXPECT_EQ(late.report.skipped_late, 1u);
}

TEST(CohortsTest, OtherMergesAreRefused) {
  const Occasions state = *Occasions::Create({.merge = MergeBy::kNone});
  EXPECT_EQ(FollowCohorts(state, {}).status().message(),
            "merge: cohorts are told from purchase days; expected a merge by day");
}

TEST(CohortsTest, ValuesPastTheMoneyRangeAreNamed) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(TryFollow({{1, 1, 1}, {Day(1, 1), Day(1, 2), Day(2, 1)}, {kMost, -1, 1}}).status(),
            absl::OkStatus());
  const absl::Status status = TryFollow({{1, 1}, {Day(1, 1), Day(2, 1)}, {kMost, 1}}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(status.message(),
            "cumulative_value: cohort 2024-01-01 at age 1 has 9223372036854775808 money units; "
            "expected an amount between -9223372036854775807 and 9223372036854775807");
}

}  // namespace
}  // namespace patron::value
