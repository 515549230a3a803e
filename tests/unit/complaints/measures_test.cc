// Control charts, attainment, backlog and ages: figures calculated by hand.
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "patron/complaints/attainment.hpp"
#include "patron/complaints/control_charts.hpp"
#include "patron/complaints/resolution.hpp"
#include "unit/complaints/calendars.hpp"

namespace patron::complaints {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;

ControlChart Chart(ChartKind kind, const std::vector<double> &counts,
                   const std::vector<double> &sizes, size_t baseline = 0) {
  auto chart = MakeChart(kind, counts, sizes, baseline);
  EXPECT_TRUE(chart.ok()) << chart.status();
  return *std::move(chart);
}

TEST(ControlChartTest, SharesHaveBinomialLimits) {
  // 30 of 300 in all; 3 sqrt(0.1 * 0.9 / 100) = 0.09.
  const ControlChart chart = Chart(ChartKind::kP, {10, 20, 0}, {100, 100, 100});
  EXPECT_DOUBLE_EQ(chart.center, 0.1);
  EXPECT_THAT(chart.lower, ElementsAre(DoubleNear(0.01, 1e-15), DoubleNear(0.01, 1e-15),
                                       DoubleNear(0.01, 1e-15)));
  EXPECT_THAT(chart.upper[0], DoubleNear(0.19, 1e-15));
  EXPECT_THAT(chart.signal, ElementsAre(0, 1, 1));
}

TEST(ControlChartTest, RatesHavePoissonLimits) {
  const ControlChart chart = Chart(ChartKind::kU, {8, 10, 18}, {2, 1, 6});
  EXPECT_DOUBLE_EQ(chart.center, 4);
  EXPECT_DOUBLE_EQ(chart.upper[1], 10);
  EXPECT_DOUBLE_EQ(chart.lower[0], 0);  // 4 - 3 sqrt(2) is below.
  EXPECT_THAT(chart.signal, ElementsAre(0, 0, 0));
}

TEST(ControlChartTest, LaneyWidensLimitsByTheSpreadOfTheShares) {
  // Shares 0.1, 0.2, 0.1, 0.2 of 10,000: z = -14.0028, 14.0028, ... and ranges of 28.0056.
  const std::vector<double> counts = {1000, 2000, 1000, 2000}, sizes(4, 10'000.0);
  const ControlChart plain = Chart(ChartKind::kP, counts, sizes);
  const ControlChart laney = Chart(ChartKind::kLaneyP, counts, sizes);
  EXPECT_THAT(plain.signal, ElementsAre(1, 1, 1, 1));
  EXPECT_THAT(laney.signal, ElementsAre(0, 0, 0, 0));
  const double sigma = std::sqrt(0.15 * 0.85 / 10'000);
  EXPECT_NEAR(laney.sigma_z, 0.1 / sigma / 1.128, 1e-9);
  EXPECT_NEAR(laney.upper[0], 0.15 + 3 * 0.1 / 1.128, 1e-12);
  EXPECT_GT(Chart(ChartKind::kLaneyU, counts, sizes).sigma_z, 1);
}

TEST(ControlChartTest, SingleValuesHaveLimitsByTheirMovingRange) {
  const ControlChart chart = Chart(ChartKind::kXmr, {10, 12, 10, 12, 30}, {}, 4);
  EXPECT_DOUBLE_EQ(chart.center, 11);
  EXPECT_DOUBLE_EQ(chart.moving_range, 2);
  EXPECT_DOUBLE_EQ(chart.lower[0], 11 - 5.32);
  EXPECT_THAT(chart.signal, ElementsAre(0, 0, 0, 0, 1));
}

TEST(ControlChartTest, CumulativeSumsFindSmallShifts) {
  const auto chart = MakeCusum(std::vector<double>{0, 1, 2, 2, 2, -3},
                               {.slack = 0.5, .decision = 3, .target = 0, .sigma = 1});
  ASSERT_TRUE(chart.ok());
  EXPECT_THAT(chart->high, ElementsAre(0, 0.5, 2, 3.5, 5, 1.5));
  EXPECT_THAT(chart->low, ElementsAre(0, 0, 0, 0, 0, 2.5));
  EXPECT_THAT(chart->signal, ElementsAre(0, 0, 0, 1, 1, 0));
  const auto own = MakeCusum(std::vector<double>{1, 2, 1, 2, 9}, {.baseline = 4});
  EXPECT_DOUBLE_EQ(own->target, 1.5);
  EXPECT_DOUBLE_EQ(own->sigma, 1 / 1.128);
}

TEST(ControlChartTest, BadSeriesAreRefused) {
  const auto refusal = [](ChartKind kind, const std::vector<double> &counts,
                          const std::vector<double> &sizes, size_t baseline = 0) {
    return std::string(MakeChart(kind, counts, sizes, baseline).status().message());
  };
  EXPECT_EQ(refusal(ChartKind::kP, {1, 5}, {2, 4}),
            "count: row 1 is 5; expected at most its size, 4");
  EXPECT_EQ(refusal(ChartKind::kU, {1, 5}, {2, 0}), "size: row 1 is 0; expected more than 0");
  EXPECT_EQ(refusal(ChartKind::kU, {1, -5}, {2, 1}), "count: row 1 is -5; expected 0 or more");
  EXPECT_EQ(refusal(ChartKind::kP, {1, 5}, {2}), "size: 1 rows; expected 2 as in count");
  EXPECT_EQ(refusal(ChartKind::kXmr, {1}, {}),
            "baseline: 1; expected 2 to the number of points, 1");
  EXPECT_EQ(refusal(ChartKind::kXmr, {1, 2}, {}, 3),
            "baseline: 3; expected 2 to the number of points, 2");
  EXPECT_EQ(MakeCusum(std::vector<double>{1, 1, 1}).status().message(),
            "sigma: 0; expected a finite number above 0");
}

TEST(AttainmentTest, WhatIsNotYetKnownIsNotCounted) {
  constexpr int64_t kCutoff = 100;
  //                              met late  open   open  early  after  at due  never
  const std::vector<int64_t> due = {50, 50, 90, 150, 150, 90, 100, kNever};
  const std::vector<int64_t> finished = {50, 51, kNever, kNever, 80, 120, kNever, 70};
  const auto result = MeasureAttainment(due, finished, kCutoff);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->met, 3);       // The first, the early one, the one without a limit.
  EXPECT_EQ(result->breached, 3);  // Late, open past its limit, finished after the cut-off.
  EXPECT_EQ(result->pending, 2);
  EXPECT_EQ(result->due_met, 1);
  EXPECT_DOUBLE_EQ(result->rate(), 0.5);
  EXPECT_DOUBLE_EQ(result->due_rate(), 0.25);
  EXPECT_TRUE(std::isnan(MeasureAttainment({}, {}, kCutoff)->rate()));
  EXPECT_FALSE(MeasureAttainment(due, {}, kCutoff).ok());
}

TEST(BacklogTest, FlowsAddUp) {
  const int64_t day = kMicrosPerDay;
  const std::vector<int64_t> times = {3 * day, 0, 5, day, 3 * day + 1, 3 * day + 2};
  using enum Movement;
  const std::vector<Movement> movements = {kReopened, kReceived, kReceived,
                                           kClosed,   kMerged,   kVoided};
  const auto backlog = CountBacklog(times, movements, Period::kDay, {}, 4);
  ASSERT_TRUE(backlog.ok()) << backlog.status();
  EXPECT_THAT(backlog->first_day, ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(backlog->open, ElementsAre(6, 5, 5, 4));
  EXPECT_THAT(backlog->received, ElementsAre(2, 0, 0, 0));
  EXPECT_THAT(backlog->merged, ElementsAre(0, 0, 0, 1));
  const std::vector<Movement> gone = {kClosed};
  EXPECT_EQ(CountBacklog(std::vector<int64_t>{0}, gone, Period::kWeek, {}).status().message(),
            "movement: -1 cases open after the period of 1969-12-29; expected 0 or more");
}

TEST(ResolutionTest, OnlyCasesThatHadTimeToComeBackCount) {
  const int64_t day = kMicrosPerDay;
  //  accepted at once | same customer and cause again after 5 days | that one | other cause after
  //  it | two contacts | reopened | closed too lately | open
  const std::vector<uint32_t> customers = {1, 2, 2, 3, 3, 4, 5, 6, 7};
  const std::vector<uint32_t> causes = {0, 0, 0, 0, 1, 0, 0, 0, 0};
  const std::vector<int64_t> received = {0, 0, 7 * day, 0, 3 * day, 0, 0, 0, 0};
  const std::vector<int64_t> closed = {day,     2 * day, 8 * day,  2 * day, 4 * day,
                                       2 * day, 2 * day, 80 * day, kNever};
  const std::vector<uint8_t> accepted = {1, 1, 1, 1, 0, 1, 1, 1, 0};
  const std::vector<int64_t> contacts = {1, 1, 1, 1, 1, 2, 1, 1, 1};
  const std::vector<int64_t> reopens = {0, 0, 0, 0, 0, 0, 2, 0, 0};
  const CaseOutcomes cases = {customers, causes, received, closed, accepted, contacts, reopens};
  const auto rates = MeasureResolution(cases, 100 * day, 30 * day);
  ASSERT_TRUE(rates.ok()) << rates.status();
  EXPECT_EQ(rates->known, 7);
  EXPECT_EQ(rates->unknown, 2);
  EXPECT_EQ(rates->first_contact, 3);  // The first, the second case of 2, and the first of 3.
  EXPECT_EQ(rates->reopened, 1);
  EXPECT_DOUBLE_EQ(rates->first_contact_rate(), 3.0 / 7);
  // With a window of 4 days the customer who came back after 5 no longer counts as one.
  EXPECT_EQ(MeasureResolution(cases, 100 * day, 4 * day)->first_contact, 5);
  EXPECT_TRUE(std::isnan(MeasureResolution({}, 0, 0)->reopen_rate()));
}

TEST(ResolutionTest, BadCasesAreNamed) {
  const std::vector<uint32_t> code = {0};
  const std::vector<int64_t> received = {5}, closed = {4}, one = {1};
  const std::vector<uint8_t> accepted = {1};
  const auto refusal = [](const CaseOutcomes &cases, int64_t window) {
    return std::string(MeasureResolution(cases, 0, window).status().message());
  };
  EXPECT_EQ(refusal({code, code, received, closed, accepted, one, one}, 0),
            "closed: row 0 is 1970-01-01T00:00:00.000004Z; expected no time before the receipt, "
            "1970-01-01T00:00:00.000005Z");
  EXPECT_EQ(refusal({code, code, received, closed, accepted, one, {}}, 0),
            "reopens: 0 rows; expected 1 as in received");
  EXPECT_EQ(refusal({}, -1), "window: -1 microseconds; expected 0 or more");
}

TEST(AgesTest, BucketsBeginAtTheirBound) {
  const std::vector<double> ages = {0, 9.5, 10, 19, 20, 1000}, bounds = {10, 20};
  EXPECT_THAT(*CountAges(ages, bounds), ElementsAre(2, 2, 2));
  const std::vector<double> falling = {10, 10}, before = {-1};
  EXPECT_EQ(CountAges(ages, falling).status().message(),
            "bounds: row 1 is 10; expected numbers above 0 in ascending order");
  EXPECT_EQ(CountAges(before, bounds).status().message(), "age: row 0 is -1; expected 0 or more");
}

}  // namespace
}  // namespace patron::complaints
