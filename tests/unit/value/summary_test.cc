#include "patron/value/summary.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "patron/base/time.hpp"

namespace patron::value {
namespace {

using ::testing::ElementsAre;
using testing::IsEmpty;

constexpr int64_t kDay = kMicrosPerDay;
constexpr int64_t kHour = kDay / 24;
constexpr int64_t kLowest = std::numeric_limits<int64_t>::min();
constexpr int64_t kHighest = std::numeric_limits<int64_t>::max();

struct Rows {
  std::vector<int64_t> customer, time, amount, order;
};

absl::StatusOr<SourceSummary> TrySummarize(const Rows &rows, const OccasionRule &rule = {},
                                           const SummaryOptions &options = {}) {
  const TransactionsInMemory source(std::span(rows.customer), rows.time, rows.amount,
                                    rows.order.empty() ? IdSpan() : IdSpan(std::span(rows.order)));
  return Summarize(source, rule, options);
}

CustomerSummaries SummaryOf(const Rows &rows, const OccasionRule &rule = {},
                            const SummaryOptions &options = {}) {
  auto result = TrySummarize(rows, rule, options);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? std::move(result->summary) : CustomerSummaries{};
}

// One customer: 100 on day 0, 30 and 10 on day 3, 50 on day 10; another with 7 on day 4.
const Rows kShop = {{2, 2, 2, 2, 1},
                    {0, 3 * kDay + 5 * kHour, 3 * kDay + 2 * kHour, 10 * kDay, 4 * kDay},
                    {100, 30, 10, 50, 7},
                    {}};

TEST(SummaryTest, CountsRepeatPurchaseDaysAndTheirMeanValue) {
  const auto result = *TrySummarize(kShop);
  const CustomerSummaries &summary = result.summary;
  EXPECT_EQ(result.customers.integer(summary.customer[0]), 1);
  EXPECT_EQ(result.customers.integer(summary.customer[1]), 2);
  EXPECT_THAT(summary.frequency, ElementsAre(0, 2));
  EXPECT_THAT(summary.recency, ElementsAre(0, 10));
  EXPECT_THAT(summary.T, ElementsAre(6, 10));
  EXPECT_THAT(summary.monetary_value, ElementsAre(0, 45));  // (40 + 50) / 2
  EXPECT_THAT(summary.orders, ElementsAre(1, 3));
  EXPECT_THAT(summary.gross, ElementsAre(7, 190));
  EXPECT_THAT(summary.refunds, ElementsAre(0, 0));
  EXPECT_THAT(summary.net, ElementsAre(7, 190));
  EXPECT_THAT(summary.first, ElementsAre(4 * kDay, 0));
  EXPECT_THAT(summary.last, ElementsAre(4 * kDay, 10 * kDay));
  EXPECT_THAT(summary.frequency_holdout, IsEmpty());
  EXPECT_EQ(summary.report.rows, 5u);
  EXPECT_EQ(summary.report.used, 5u);
  EXPECT_EQ(summary.report.customers, 2u);
}

TEST(SummaryTest, LastIsTheFirstRowOfTheLastPurchase) {
  const CustomerSummaries summary =
      SummaryOf({{1, 1, 1}, {0, 3 * kDay + 9 * kHour, 3 * kDay + 2 * kHour}, {1, 1, 1}, {}});
  EXPECT_THAT(summary.last, ElementsAre(3 * kDay + 2 * kHour));
}

TEST(SummaryTest, DaysOfTheEndsAreIncludedWhole) {
  const SummaryOptions options{.observation_end = 3 * kDay};
  const CustomerSummaries summary = SummaryOf(kShop, {}, options);
  EXPECT_THAT(summary.frequency,
              ElementsAre(1));  // Day 3 counts, though its rows come after midnight.
  EXPECT_THAT(summary.T, ElementsAre(3));
  EXPECT_EQ(summary.report.skipped_late, 2u);
  EXPECT_EQ(summary.report.without_purchase, 1u);
}

TEST(SummaryTest, WithoutMergingInstantsCount) {
  const SummaryOptions options{.unit = Unit::kHour, .observation_end = 3 * kDay + 2 * kHour};
  const CustomerSummaries summary = SummaryOf(kShop, {.merge = MergeBy::kNone}, options);
  EXPECT_THAT(summary.frequency,
              ElementsAre(1));  // The row at 02:00 counts, that at 05:00 does not.
  EXPECT_THAT(summary.recency, ElementsAre(74));
  EXPECT_THAT(summary.T, ElementsAre(74));
}

TEST(SummaryTest, DurationsAreExactFractionsOfTheUnit) {
  const Rows rows = {{1, 1}, {0, 487 * kDay}, {1, 1}, {}};
  const auto recency = [&](Unit unit, MergeBy merge) {
    return SummaryOf(rows, {.merge = merge}, {.unit = unit}).recency[0];
  };
  for (const MergeBy merge : {MergeBy::kDay, MergeBy::kNone}) {
    EXPECT_EQ(recency(Unit::kSecond, merge), 487 * 86400.0);
    EXPECT_EQ(recency(Unit::kHour, merge), 487 * 24.0);
    EXPECT_EQ(recency(Unit::kDay, merge), 487.0);
    EXPECT_EQ(recency(Unit::kWeek, merge), 487.0 / 7);
    EXPECT_EQ(recency(Unit::kMonth, merge), 16.0);  // 487 = 16 x 365.25 / 12
    EXPECT_EQ(recency(Unit::kYear, merge), 487 / 365.25);
  }
}

// A refund of day 5 falls to the purchase of day 3, one of day 0 to day 0, that of day -1 to none.
const Rows kRefunds = {{1, 1, 1, 1, 1, 1},
                       {0, kHour, 3 * kDay, 5 * kDay, 8 * kDay, -kDay},
                       {100, -20, 50, -15, 40, -3},
                       {}};

TEST(SummaryTest, RefundsReduceThePurchaseTheyBelongTo) {
  const CustomerSummaries summary = SummaryOf(kRefunds);
  EXPECT_THAT(summary.frequency, ElementsAre(2));
  EXPECT_THAT(summary.monetary_value, ElementsAre(37.5));  // (50 - 15 + 40) / 2
  EXPECT_THAT(summary.gross, ElementsAre(190));
  EXPECT_THAT(summary.refunds, ElementsAre(-38));
  EXPECT_THAT(summary.net, ElementsAre(152));
  EXPECT_EQ(summary.report.refunds, 3u);
  EXPECT_EQ(summary.report.orphan_refunds, 1u);
  EXPECT_EQ(summary.report.used, 6u);
}

TEST(SummaryTest, SeparateRefundsTouchNoPurchase) {
  const CustomerSummaries summary = SummaryOf(kRefunds, {.refunds = Refunds::kSeparate});
  EXPECT_THAT(summary.monetary_value, ElementsAre(45));
  EXPECT_THAT(summary.refunds, ElementsAre(-38));
  EXPECT_THAT(summary.net, ElementsAre(152));
}

TEST(SummaryTest, IgnoredRefundsAreOnlyCounted) {
  const CustomerSummaries summary = SummaryOf(kRefunds, {.refunds = Refunds::kIgnore});
  EXPECT_THAT(summary.monetary_value, ElementsAre(45));
  EXPECT_THAT(summary.refunds, ElementsAre(0));
  EXPECT_THAT(summary.net, ElementsAre(190));
  EXPECT_EQ(summary.report.refunds, 3u);
  EXPECT_EQ(summary.report.orphan_refunds, 0u);
  EXPECT_EQ(summary.report.used, 3u);
}

TEST(SummaryTest, RefundedRowsThatCameLateDoNotChangeTheFirstPurchase) {
  // The whole order is returned on its day: still a purchase, worth nothing.
  const CustomerSummaries summary = SummaryOf({{1, 1, 1}, {0, 1, 2 * kDay}, {80, -80, 5}, {}});
  EXPECT_THAT(summary.orders, ElementsAre(2));
  EXPECT_THAT(summary.net, ElementsAre(5));
}

TEST(SummaryTest, RefundsOfAnOrderFindItWhateverCameBetween) {
  // Order 1 on day 0, order 2 on day 1; on day 2 order 1 is reduced, and order 9, never seen, as
  // well.
  const Rows rows = {{1, 1, 1, 1}, {0, kDay, 2 * kDay, 2 * kDay}, {100, 40, -30, -4}, {1, 2, 1, 9}};
  const CustomerSummaries summary = SummaryOf(rows, {.merge = MergeBy::kOrder});
  EXPECT_THAT(summary.monetary_value,
              ElementsAre(36));  // Order 2 less the refund of the unknown one.
  EXPECT_THAT(summary.net, ElementsAre(106));
  EXPECT_THAT(SummaryOf(rows).monetary_value, ElementsAre(6));  // By day both fall to day 1.
}

TEST(SummaryTest, AnOrderStandsAtItsFirstRow) {
  const Rows rows = {{1, 1, 1}, {0, 2 * kDay, 9 * kDay}, {10, 20, 30}, {1, 2, 1}};
  const CustomerSummaries summary = SummaryOf(rows, {.merge = MergeBy::kOrder});
  EXPECT_THAT(summary.frequency, ElementsAre(1));
  EXPECT_THAT(summary.recency, ElementsAre(2));
  EXPECT_THAT(summary.T, ElementsAre(9));
  EXPECT_THAT(summary.monetary_value, ElementsAre(20));
  EXPECT_THAT(summary.last, ElementsAre(2 * kDay));
}

TEST(SummaryTest, OneOrderNumberOfTwoCustomersIsTwoOrders) {
  const Rows rows = {{1, 2}, {0, 0}, {10, 20}, {5, 5}};
  EXPECT_THAT(SummaryOf(rows, {.merge = MergeBy::kOrder}).orders, ElementsAre(1, 1));
}

TEST(SummaryTest, ZeroAmountsArePurchasesUnlessIgnored) {
  const Rows rows = {{1, 1, 2}, {0, kDay, kDay}, {10, 0, 0}, {}};
  const CustomerSummaries counted = SummaryOf(rows);
  EXPECT_THAT(counted.frequency, ElementsAre(1, 0));
  EXPECT_THAT(counted.monetary_value, ElementsAre(0, 0));
  const CustomerSummaries ignored = SummaryOf(rows, {.zeros = Zeros::kIgnore});
  EXPECT_THAT(ignored.frequency, ElementsAre(0));
  EXPECT_THAT(ignored.T, ElementsAre(0));  // The last row that counts is that of day 0.
  EXPECT_EQ(ignored.report.skipped_zero, 2u);
  EXPECT_EQ(ignored.report.skipped_late, 0u);
  EXPECT_EQ(ignored.report.without_purchase, 1u);
}

TEST(SummaryTest, HoldoutSpeaksOfPurchasesAfterCalibration) {
  const SummaryOptions options{.observation_end = 20 * kDay, .calibration_end = 3 * kDay};
  const CustomerSummaries summary = SummaryOf(kShop, {}, options);
  EXPECT_THAT(summary.frequency, ElementsAre(1));  // Customer 1 first bought on day 4.
  EXPECT_THAT(summary.T, ElementsAre(3));
  EXPECT_THAT(summary.gross, ElementsAre(140));
  EXPECT_THAT(summary.frequency_holdout, ElementsAre(1));
  EXPECT_THAT(summary.monetary_value_holdout, ElementsAre(50));
  EXPECT_THAT(summary.duration_holdout, ElementsAre(17));
  EXPECT_EQ(summary.report.without_purchase, 1u);
}

TEST(SummaryTest, MeansAreInCurrencyAndRoundedOnce) {
  const Rows rows = {{1, 1, 1, 1}, {0, kDay, 2 * kDay, 3 * kDay}, {1, 10, 10, 15}, {}};
  EXPECT_THAT(SummaryOf(rows, {}, {.decimals = 2}).monetary_value, ElementsAre(35.0 / 300));
}

TEST(SummaryTest, LogIntervalsAreTheLogarithmsOfTimesBetweenPurchases) {
  SummaryOptions options{.unit = Unit::kWeek, .log_intervals = true};
  // Days 0, 3 and 10 of one customer; the other bought once.
  const CustomerSummaries days = SummaryOf(kShop, {}, options);
  ASSERT_EQ(days.log_intervals.size(), 2u);
  EXPECT_EQ(days.log_intervals[0], 0);
  EXPECT_DOUBLE_EQ(days.log_intervals[1], std::log(3.0 / 7) + std::log(7.0 / 7));
  // By the row, two hours and thrice nothing: purchases at one instant add nothing.
  options.unit = Unit::kHour;
  const Rows rows = {{1, 1, 1, 1}, {0, 2 * kHour, 2 * kHour, 2 * kHour}, {1, 1, 1, 1}, {}};
  const CustomerSummaries instants = SummaryOf(rows, {.merge = MergeBy::kNone}, options);
  EXPECT_EQ(instants.frequency[0], 3);
  EXPECT_DOUBLE_EQ(instants.log_intervals[0], std::log(2.0));
  // Only the calibration period counts.
  options.unit = Unit::kDay;
  options.calibration_end = 4 * kDay;
  EXPECT_DOUBLE_EQ(SummaryOf(kShop, {}, options).log_intervals[1], std::log(3.0));
  EXPECT_THAT(SummaryOf(kShop).log_intervals, IsEmpty());
}

TEST(SummaryTest, CalibrationMustEndBeforeObservation) {
  EXPECT_EQ(TrySummarize(kShop, {}, {.calibration_end = 10 * kDay + kHour}).status().message(),
            "calibration_end: 1970-01-11T01:00:00Z; expected a day before the end of observation, "
            "1970-01-11");
  EXPECT_EQ(TrySummarize(kShop, {.merge = MergeBy::kNone},
                         {.observation_end = 5 * kDay, .calibration_end = 5 * kDay})
                .status()
                .message(),
            "calibration_end: 1970-01-06T00:00:00Z; expected an instant before the end of "
            "observation, 1970-01-06T00:00:00Z");
}

// Every column is there and has no row; the report tells why.
void ExpectNobody(const CustomerSummaries &summary, uint64_t rows) {
  EXPECT_EQ(summary.size(), 0u);
  EXPECT_THAT(summary.frequency, IsEmpty());
  EXPECT_THAT(summary.net, IsEmpty());
  EXPECT_THAT(summary.duration_holdout, IsEmpty());
  EXPECT_EQ(summary.report.rows, rows);
  EXPECT_EQ(summary.report.customers, 0u);
}

TEST(SummaryTest, AnEndBeforeTheFirstPurchaseLeavesNobody) {
  const CustomerSummaries early = SummaryOf(kShop, {}, {.observation_end = -kDay});
  ExpectNobody(early, 5);
  EXPECT_EQ(early.report.skipped_late, 5u);
  EXPECT_EQ(early.report.without_purchase, 2u);
  ExpectNobody(SummaryOf(kShop, {}, {.calibration_end = -kDay}), 5);
}

TEST(SummaryTest, NoPurchaseAtAllLeavesNobody) {
  ExpectNobody(SummaryOf({}), 0);
  ExpectNobody(SummaryOf({}, {}, {.observation_end = kDay, .calibration_end = 0}), 0);
  ExpectNobody(SummaryOf({}, {}, {.calibration_end = 0}), 0);
  const CustomerSummaries refunds = SummaryOf({{1, 1}, {0, 1}, {-1, -2}, {}});
  ExpectNobody(refunds, 2);
  EXPECT_EQ(refunds.report.orphan_refunds, 2u);
  EXPECT_EQ(refunds.report.without_purchase, 1u);
  const CustomerSummaries zeros = SummaryOf({{1}, {0}, {0}, {}}, {.zeros = Zeros::kIgnore});
  ExpectNobody(zeros, 1);
  EXPECT_EQ(zeros.report.skipped_zero, 1u);
}

TEST(SummaryTest, NoRowsOfTextIdsAreNoTextIds) {
  const std::vector<std::string_view> nobody;
  const TransactionsInMemory source(std::span<const std::string_view>(nobody), {}, {});
  const auto result = Summarize(source, {}, {});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->customers.is_text());
}

TEST(SummaryTest, OneRowIsACustomerWithoutRepeats) {
  const CustomerSummaries summary = SummaryOf({{9}, {5}, {3}, {}});
  EXPECT_THAT(summary.frequency, ElementsAre(0));
  EXPECT_THAT(summary.T, ElementsAre(0));
  EXPECT_THAT(summary.monetary_value, ElementsAre(0));
}

// 1893-05-10 to 2241-02-01: 127,093 days, by the day numbers -27,995 and 99,014 plus the leap days
// of both spans; counted here from the civil dates.
TEST(SummaryTest, DatesFarFromNowWork) {
  const int64_t early = DayOfDate(1893, 5, 10), late = DayOfDate(2241, 2, 1);
  const CustomerSummaries summary = SummaryOf({{1, 1}, {early * kDay, late * kDay}, {1, 1}, {}});
  EXPECT_THAT(summary.recency, ElementsAre(348 * 365 + 84 - 98));
}

TEST(SummaryTest, TimesAtTheEndsOfInt64Work) {
  const Rows rows = {{1, 1}, {kLowest + 1, kHighest}, {1, 1}, {}};
  // 2^64 - 2 microseconds are 213,503,982.33 days, and 213,503,983 midnights lie between.
  EXPECT_THAT(SummaryOf(rows).recency, ElementsAre(213503983));
  const double span =
      SummaryOf(rows, {.merge = MergeBy::kNone}, {.unit = Unit::kSecond}).recency[0];
  EXPECT_EQ(span, 18446744073709.551614);
}

TEST(SummaryTest, SumsPastTheMoneyRangeNameTheCustomer) {
  const Rows rows = {{4, 7, 7}, {0, 0, kDay}, {1, kHighest, 1}, {}};
  const absl::Status status = TrySummarize(rows, {}, {.decimals = 2}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(status.message(),
            "gross: customer 7 has 92233720368547758.08; expected an amount between "
            "-92233720368547758.07 and 92233720368547758.07");
  // An end that leaves the second row out makes the sum fit.
  EXPECT_THAT(SummaryOf(rows, {}, {.observation_end = 0}).gross, ElementsAre(1, kHighest));
  const Rows refunds = {{7, 7, 7}, {0, 1, 2}, {5, kLowest, -1}, {}};
  EXPECT_EQ(TrySummarize(refunds).status().message(),
            "refunds: customer 7 has -9223372036854775809; expected an amount between "
            "-9223372036854775807 and 9223372036854775807");
}

TEST(SummaryTest, TextIdsAreInOrderOfTheirBytes) {
  const std::vector<std::string_view> names = {"b", "B", "", "\xFF", "ba"};
  const std::vector<int64_t> time(5), amount = {1, 2, 3, 4, 5};
  const TransactionsInMemory source(std::span<const std::string_view>(names), time, amount);
  const auto result = *Summarize(source, {}, {});
  EXPECT_THAT(result.summary.gross, ElementsAre(3, 2, 1, 5, 4));
  EXPECT_EQ(result.customers.text(result.summary.customer[3]), "ba");
}

TEST(SummaryTest, DecimalsOutOfRangeAreRefused) {
  EXPECT_EQ(TrySummarize(kShop, {}, {.decimals = 10}).status().message(),
            "decimals: 10; expected 0 to 9");
}

TEST(SummaryTest, ProgressRunsOnceFromStartToEnd) {
  struct Seen {
    uint64_t last = 0, total = 0;
    bool rising = true;
    double share = 0;
  } seen;
  const ProgressFunction progress = [](void *user, uint64_t done, uint64_t total) {
    auto *s = static_cast<Seen *>(user);
    const double share = static_cast<double>(done) / static_cast<double>(total);
    s->rising = s->rising && share >= s->share;
    s->share = share;
    return true;
  };
  const TransactionsInMemory source(std::span(kShop.customer), kShop.time, kShop.amount);
  ASSERT_TRUE(Summarize(source, {}, {}, {.progress = progress, .progress_user = &seen}).ok());
  EXPECT_TRUE(seen.rising);
  EXPECT_EQ(seen.share, 1.0);

  const ProgressFunction stop = [](void *, uint64_t done, uint64_t total) {
    return 2 * done <= total;
  };
  EXPECT_EQ(Summarize(source, {}, {}, {.progress = stop}).status().code(),
            absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace patron::value
