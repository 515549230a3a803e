// Monthly cohorts of Online Retail against the reference counts.
#include "patron/value/cohorts.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "golden/value/rfm_tables.hpp"
#include "gtest/gtest.h"
#include "patron/base/time.hpp"

namespace patron::value {
namespace {

// monthly_cohorts.active_customers_by_age_months of the reference: cohorts 2010-12 to 2011-12.
const std::vector<std::vector<int64_t>> kActive = {
    {885, 324, 286, 340, 321, 352, 321, 309, 313, 350, 331, 445, 235},
    {417, 92, 111, 96, 134, 120, 103, 101, 125, 136, 152, 49},
    {380, 71, 71, 108, 103, 94, 96, 106, 94, 116, 26},
    {452, 68, 114, 90, 101, 76, 121, 104, 126, 39},
    {300, 64, 61, 63, 59, 68, 65, 78, 22},
    {284, 54, 49, 49, 59, 66, 75, 27},
    {242, 42, 38, 64, 56, 81, 23},
    {188, 34, 39, 42, 51, 21},
    {169, 35, 42, 41, 21},
    {299, 70, 90, 34},
    {358, 86, 41},
    {323, 36},
    {41},
};

class OnlineRetailCohortsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto file = rfm_tables::DataFolder() / "online_retail" / "invoices.csv.gz";
    if (!std::filesystem::exists(file)) GTEST_SKIP() << "no reference data at " << file;
    for (const auto &row : rfm_tables::ReadCsv(file)) {
      customer_.push_back(std::stoll(row[0]));
      time_.push_back(rfm_tables::Day(row[2]) * kMicrosPerDay);
      amount_.push_back(std::stoll(row[5]));
    }
    ASSERT_EQ(customer_.size(), 22190u);
  }

  CohortTable Follow(const OccasionRule &rule, const CohortOptions &options = {}) const {
    const TransactionsInMemory source(std::span<const int64_t>(customer_), time_, amount_);
    auto table = FollowCohorts(source, rule, options);
    EXPECT_TRUE(table.ok()) << table.status();
    return table.ok() ? *std::move(table) : CohortTable{};
  }

  std::vector<int64_t> customer_, time_, amount_;
};

// The base of the reference: purchase invoices with an amount above zero.
TEST_F(OnlineRetailCohortsTest, ActiveCustomersEqualTheReference) {
  const CohortTable table = Follow({.refunds = Refunds::kIgnore, .zeros = Zeros::kIgnore});
  size_t row = 0;
  for (size_t cohort = 0; cohort < kActive.size(); ++cohort) {
    for (size_t age = 0; age < kActive[cohort].size(); ++age, ++row) {
      ASSERT_LT(row, table.rows());
      const int month = static_cast<int>(cohort);
      EXPECT_EQ(table.cohort[row], DayOfDate(month == 0 ? 2010 : 2011, month == 0 ? 12 : month, 1));
      EXPECT_EQ(table.age[row], static_cast<int64_t>(age));
      EXPECT_EQ(table.size[row], kActive[cohort][0]);
      EXPECT_EQ(table.active[row], kActive[cohort][age]) << "cohort " << cohort << " age " << age;
      EXPECT_EQ(table.active_share[row], static_cast<double>(kActive[cohort][age]) /
                                             static_cast<double>(kActive[cohort][0]));
    }
  }
  EXPECT_EQ(row, table.rows());
  EXPECT_EQ(table.report.customers, 4338u);
  EXPECT_EQ(table.report.refunds, 3654u);
  EXPECT_EQ(table.report.skipped_zero, 4u);
  EXPECT_EQ(table.report.used, 18532u);
}

// Gross of all purchase invoices: 8,911,407.904.
TEST_F(OnlineRetailCohortsTest, ValuesAddUpToGross) {
  const CohortTable table = Follow({.refunds = Refunds::kIgnore});
  int64_t value = 0, final_values = 0;
  for (size_t row = 0; row < table.rows(); ++row) {
    value += table.value[row];
    const bool oldest = row + 1 == table.rows() || table.cohort[row + 1] != table.cohort[row];
    final_values += oldest ? table.cumulative_value[row] : 0;
  }
  EXPECT_EQ(value, 8911407904);
  EXPECT_EQ(final_values, 8911407904);
}

// Net of all invoices: 8,300,065.814. What is missing was returned by customers without a purchase,
// or before the month of their first one: the amounts of those rows, added up one by one.
TEST_F(OnlineRetailCohortsTest, NetValuesAddUpToNetWithoutEarlierRefunds) {
  std::map<int64_t, int64_t> first_month;
  const auto month = [&](size_t row) {
    return PeriodOfDay(Period::kMonth, time_[row] / kMicrosPerDay);
  };
  for (size_t row = 0; row < customer_.size(); ++row) {
    if (amount_[row] < 0) continue;
    const auto [at, added] = first_month.emplace(customer_[row], month(row));
    if (!added) at->second = std::min(at->second, month(row));
  }
  int64_t net = 0, earlier = 0;
  for (size_t row = 0; row < customer_.size(); ++row) {
    net += amount_[row];
    const auto at = first_month.find(customer_[row]);
    if (at == first_month.end() || month(row) < at->second) earlier += amount_[row];
  }
  EXPECT_EQ(net, 8300065814);
  const CohortTable table = Follow({});
  int64_t value = 0;
  for (const int64_t of_row : table.value) value += of_row;
  EXPECT_EQ(value, net - earlier);
}

}  // namespace
}  // namespace patron::value
