#include "patron/value/rfm.hpp"

#include <limits>
#include <vector>

#include "gtest/gtest.h"

namespace patron::value {
namespace {

constexpr int64_t kHour = 3600 * kMicrosPerSecond;

int64_t At(int64_t year, int month, int day, int64_t hour = 0) {
  return DayOfDate(year, month, day) * kMicrosPerDay + hour * kHour;
}

struct Shop {
  std::vector<int64_t> customer{2, 1, 2, 3, 2, 1};
  std::vector<int64_t> time{At(2024, 1, 1, 9), At(2024, 1, 3, 23), At(2024, 1, 1, 18),
                            At(2024, 1, 2),    At(2024, 1, 9, 12), At(2024, 1, 10, 1)};
  std::vector<int64_t> amount{100, 50, 40, -30, 10, -5};
  std::vector<int64_t> order{11, 12, 11, 13, 14, 12};

  RfmMeasures Measured(const RfmRule &rule, const CivilDays &days = {}, bool orders = true) const {
    const TransactionsInMemory source(std::span<const int64_t>(customer), time, amount,
                                      orders ? IdSpan(std::span<const int64_t>(order)) : IdSpan());
    const auto totals = TotalForRfm(source, rule, days);
    EXPECT_TRUE(totals.ok()) << totals.status();
    const auto measures = MeasureRfm(*totals, rule);
    EXPECT_TRUE(measures.ok()) << measures.status();
    return *measures;
  }
};

TEST(RfmTest, MeasuresByHand) {
  const RfmMeasures m = Shop().Measured({});
  EXPECT_EQ(m.as_of, At(2024, 1, 11));  // The midnight after the last row, a refund.
  EXPECT_EQ(m.recency, (std::vector<int64_t>{8, 2}));
  EXPECT_EQ(m.frequency, (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(m.monetary, (std::vector<int64_t>{45, 150}));
  EXPECT_EQ(m.MeanMonetary(), (std::vector<double>{45, 75}));
  EXPECT_EQ(m.report.rows, 6u);
  EXPECT_EQ(m.report.refunds, 2u);
  EXPECT_EQ(m.report.customers, 2u);
  EXPECT_EQ(m.report.without_purchase, 1u);
}

TEST(RfmTest, RowsDaysAndOrdersAreCountedApart) {
  EXPECT_EQ(Shop().Measured({}, {}, false).frequency, (std::vector<int64_t>{1, 3}));
  EXPECT_EQ(Shop().Measured({.frequency = PurchaseUnit::kDay}).frequency,
            (std::vector<int64_t>{1, 2}));
}

TEST(RfmTest, RefundsIgnoredLeaveTheGrossValue) {
  const RfmMeasures m = Shop().Measured({.refunds = Refunds::kIgnore});
  EXPECT_EQ(m.monetary, (std::vector<int64_t>{50, 150}));
  EXPECT_EQ(m.as_of, At(2024, 1, 10));
}

TEST(RfmTest, AsOfEndsBeforeItsInstantAndTheWindowBegins) {
  const RfmMeasures m = Shop().Measured({.as_of = At(2024, 1, 9, 12), .window_days = 6});
  EXPECT_EQ(m.recency, (std::vector<int64_t>{6}));  // Customer 1 on the 3rd, seen from the 9th.
  EXPECT_EQ(m.monetary, (std::vector<int64_t>{50}));
  EXPECT_EQ(m.report.skipped_late, 5u);
}

TEST(RfmTest, AWindowWithoutAsOfEndsWithTheLastRow) {
  const RfmMeasures m = Shop().Measured({.window_days = 2});
  EXPECT_EQ(m.as_of, At(2024, 1, 11));
  EXPECT_EQ(m.monetary, (std::vector<int64_t>{10}));
}

TEST(RfmTest, DaysAreThoseOfTheZone) {
  const auto shanghai = CivilDays::In("Asia/Shanghai");
  ASSERT_TRUE(shanghai.ok());
  // 23:00 on the 3rd in UTC is 07:00 on the 4th in Shanghai.
  EXPECT_EQ(Shop().Measured({.as_of = At(2024, 1, 9, 16)}, *shanghai).recency[0], 6);
  EXPECT_EQ(Shop().Measured({.as_of = At(2024, 1, 9, 16)}).recency[0], 6);
  EXPECT_EQ(Shop().Measured({.as_of = At(2024, 1, 9, 15)}, *shanghai).recency[0], 5);
}

TEST(RfmTest, NoRowsMeasureNothing) {
  const Shop empty{{}, {}, {}, {}};
  for (const RfmRule &rule : {RfmRule{}, RfmRule{.as_of = 5}, RfmRule{.window_days = 7}}) {
    const RfmMeasures measures = empty.Measured(rule);
    EXPECT_TRUE(measures.customer.empty());
    EXPECT_TRUE(measures.recency.empty() && measures.monetary.empty());
    EXPECT_EQ(measures.as_of, rule.as_of);  // None of its own without a row to take it from.
  }
}

TEST(RfmTest, RefusesWhatDoesNotFit) {
  const std::vector<int64_t> customer{7, 7}, time{0, 1},
      amount(2, std::numeric_limits<int64_t>::max());
  const TransactionsInMemory source(std::span<const int64_t>(customer), time, amount);
  const auto totals = TotalForRfm(source, {}, {});
  ASSERT_TRUE(totals.ok());
  EXPECT_EQ(MeasureRfm(*totals, {}).status().message(),
            "monetary: customer 7 has more than 64 bits of money units; expected fewer decimals");
  EXPECT_EQ(TotalForRfm(source, {.window_days = -1}, {}).status().message(),
            "window: -1 days; expected 0 or more");
  const std::vector<int64_t> never(2, std::numeric_limits<int64_t>::max() - 1), one(2, 1);
  const auto late =
      TotalForRfm(TransactionsInMemory(std::span<const int64_t>(customer), never, one), {}, {});
  ASSERT_TRUE(late.ok());
  EXPECT_EQ(MeasureRfm(*late, {}).status().code(), absl::StatusCode::kOutOfRange);
}

}  // namespace
}  // namespace patron::value
