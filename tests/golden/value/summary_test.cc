// Summaries of CDNOW against the published table and measured references of other programs.
#include "patron/value/summary.hpp"

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "golden/value/rfm_tables.hpp"
#include "gtest/gtest.h"
#include "patron/base/time.hpp"

namespace patron::value {
namespace {

using rfm_tables::DataFolder;
using rfm_tables::ReadCsv;

constexpr int64_t kEnd1997 = 10134;  // 1997-09-30
constexpr int64_t kEnd1998 = 10407;  // 1998-06-30

struct Transactions {
  std::vector<int64_t> customer, time, amount;
  TransactionsInMemory source() const {
    return {IdSpan(std::span<const int64_t>(customer)), time, amount};
  }
};

int64_t Cents(const std::string &text) { return std::llround(std::stod(text) * 100); }

Transactions Read(const char *file, size_t date_column) {
  Transactions all;
  for (const auto &row : ReadCsv(DataFolder() / "cdnow" / file)) {
    all.customer.push_back(std::stoll(row[0]));
    all.time.push_back(rfm_tables::Day(row[date_column]) * kMicrosPerDay);
    all.amount.push_back(Cents(row[date_column + 2]));
  }
  return all;
}

class CdnowSummaryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(DataFolder() / "cdnow")) {
      GTEST_SKIP() << "no reference data in " << DataFolder();
    }
    ASSERT_EQ(FormatDay(kEnd1997), "1997-09-30");
    ASSERT_EQ(FormatDay(kEnd1998), "1998-06-30");
  }

  static CustomerSummaries InWeeks(const Transactions &all, SummaryOptions options) {
    options.unit = Unit::kWeek;
    options.decimals = 2;
    auto result = Summarize(all.source(), {}, options);
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? std::move(result->summary) : CustomerSummaries{};
  }
};

// The published table is rounded to two places.
bool RoundsTo(double value, const std::string &printed) {
  return std::fabs(value - std::stod(printed)) <= 0.005 + 1e-9;
}

TEST_F(CdnowSummaryTest, SampleEqualsThePublishedTable) {
  const Transactions all = Read("transactions_sample.csv", 2);
  ASSERT_EQ(all.customer.size(), 6919u);
  const CustomerSummaries summary = InWeeks(all, {.observation_end = kEnd1997 * kMicrosPerDay});
  const auto published = ReadCsv(DataFolder() / "cdnow" / "summary_sample_rounded.csv");
  ASSERT_EQ(published.size(), 2357u);
  ASSERT_EQ(summary.size(), 2357u);
  int with_value = 0;
  for (size_t i = 0; i < published.size(); ++i) {
    const auto &row = published[i];
    EXPECT_EQ(summary.frequency[i], std::stoll(row[1])) << "customer " << row[0];
    EXPECT_TRUE(RoundsTo(summary.recency[i], row[2])) << "customer " << row[0];
    EXPECT_TRUE(RoundsTo(summary.T[i], row[3])) << "customer " << row[0];
    EXPECT_TRUE(RoundsTo(summary.monetary_value[i], row[4])) << "customer " << row[0];
    with_value += summary.monetary_value[i] > 0 ? 1 : 0;
  }
  EXPECT_EQ(with_value, 946);
}

TEST_F(CdnowSummaryTest, SampleMergesTheRowsOfOneDay) {
  const CustomerSummaries summary = InWeeks(Read("transactions_sample.csv", 2), {});
  int64_t orders = 0;
  for (const int64_t count : summary.orders) orders += count;
  EXPECT_EQ(orders, 6696);
}

// Customers 1, 1516, 157, 18, 2, 3 of the sample, as CLVTools has them with exact days.
TEST_F(CdnowSummaryTest, DurationsAreExactFractionsOfAWeek) {
  const CustomerSummaries summary =
      InWeeks(Read("transactions_sample.csv", 2), {.observation_end = kEnd1997 * kMicrosPerDay});
  ASSERT_EQ(summary.size(), 2357u);
  EXPECT_EQ(summary.recency[0], 213.0 / 7);
  EXPECT_EQ(summary.T[0], 272.0 / 7);
  EXPECT_EQ(summary.frequency[1515], 26);
  EXPECT_EQ(summary.recency[1515], 216.0 / 7);
  EXPECT_EQ(summary.T[1515], 31.0);
  EXPECT_EQ(summary.frequency[156], 29);
  EXPECT_EQ(summary.recency[17], 34.0 / 7);
  EXPECT_EQ(summary.recency[2], 0.0);
}

// The totals and single counts that CLVTools prints as actual.x and actual.period.spending.
TEST_F(CdnowSummaryTest, HoldoutEqualsTheActualPurchasesOfClvtools) {
  const CustomerSummaries summary = InWeeks(
      Read("transactions_sample.csv", 2),
      {.observation_end = kEnd1998 * kMicrosPerDay, .calibration_end = kEnd1997 * kMicrosPerDay});
  ASSERT_EQ(summary.size(), 2357u);
  int64_t purchases = 0;
  double spending = 0;
  for (size_t i = 0; i < summary.size(); ++i) {
    purchases += summary.frequency_holdout[i];
    spending +=
        summary.monetary_value_holdout[i] * static_cast<double>(summary.frequency_holdout[i]);
  }
  EXPECT_EQ(purchases, 1882);
  EXPECT_NEAR(spending, 70976.39, 1e-6);
  EXPECT_EQ(summary.frequency_holdout[0], 1);
  EXPECT_EQ(summary.frequency_holdout[1515], 15);
  EXPECT_EQ(summary.frequency_holdout[156], 14);
  EXPECT_EQ(summary.duration_holdout[0], 39.0);
}

size_t DistinctRows(const CustomerSummaries &summary) {
  std::set<std::tuple<int64_t, double, double>> rows;
  for (size_t i = 0; i < summary.size(); ++i) {
    rows.emplace(summary.frequency[i], summary.recency[i], summary.T[i]);
  }
  return rows.size();
}

// unique_rows of the two fits on exact days.
TEST_F(CdnowSummaryTest, DistinctRowsEqualThoseOfTheReferenceFits) {
  const SummaryOptions options{.observation_end = kEnd1997 * kMicrosPerDay};
  EXPECT_EQ(DistinctRows(InWeeks(Read("transactions_sample.csv", 2), options)), 1016u);
  EXPECT_EQ(DistinctRows(InWeeks(Read("transactions_full.csv", 1), options)), 8685u);
}

TEST_F(CdnowSummaryTest, FullDataKeepItsTotals) {
  const Transactions all = Read("transactions_full.csv", 1);
  const CustomerSummaries summary = InWeeks(all, {});
  EXPECT_EQ(summary.report.rows, 69659u);
  EXPECT_EQ(summary.size(), 23570u);
  int64_t orders = 0, gross = 0;
  for (size_t i = 0; i < summary.size(); ++i) {
    orders += summary.orders[i];
    gross += summary.gross[i];
  }
  EXPECT_EQ(orders, 69659 - 2068);
  EXPECT_EQ(gross, 250031563);
}

// orders_per_customer_counts_1_to_7_8plus: there each row is an order.
TEST_F(CdnowSummaryTest, FullDataHaveTheReferenceCountsOfOrders) {
  const Transactions all = Read("transactions_full.csv", 1);
  const auto result = Summarize(all.source(), {.merge = MergeBy::kNone}, {});
  ASSERT_TRUE(result.ok()) << result.status();
  std::vector<int> counts(8);
  for (const int64_t orders : result->summary.orders) {
    ++counts[static_cast<size_t>(std::min<int64_t>(orders, 8) - 1)];
  }
  EXPECT_EQ(counts, (std::vector<int>{11908, 4079, 2217, 1441, 995, 635, 475, 1820}));
}

}  // namespace
}  // namespace patron::value
