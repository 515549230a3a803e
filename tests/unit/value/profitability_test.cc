#include "patron/value/profitability.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace patron::value {
namespace {

NumberColumn Doubles(const std::vector<double> &values) { return std::span<const double>(values); }
NumberColumn Counts(const std::vector<int64_t> &values) { return std::span<const int64_t>(values); }

// Three customers: revenue 1000, 200, 0; orders 2, 4, 0; minutes 10, 30, 20.
class ProfitabilityTest : public ::testing::Test {
 protected:
  ProfitabilityTest() {
    input_.revenue = Counts(revenue_);
    input_.margin_rate = 0.5;
    input_.drivers = {{"orders", Counts(orders_), 15}, {"minutes", Doubles(minutes_), 0.5}};
  }

  std::string Problem() const {
    return std::string(MeasureProfitability(input_).status().message());
  }

  std::vector<int64_t> revenue_ = {1000, 200, 0};
  std::vector<int64_t> orders_ = {2, 4, 0};
  std::vector<double> minutes_ = {10, 30, 20};
  ProfitabilityInput input_;
};

TEST_F(ProfitabilityTest, CostsGoToTheCustomersThatCauseThem) {
  const auto result = MeasureProfitability(input_);
  ASSERT_TRUE(result.ok());
  // 500 - 30 - 5, 100 - 60 - 15, 0 - 0 - 10.
  EXPECT_EQ(result->profit, (std::vector<double>{465, 25, -10}));
  EXPECT_EQ(result->revenue, 1200);
  EXPECT_EQ(result->margin, 600);
  EXPECT_EQ(result->driver_costs, (std::vector<double>{90, 30}));
  EXPECT_EQ(result->allocated, 0);
  EXPECT_EQ(result->total_profit, 480);
  EXPECT_EQ(result->loss_customers, 1u);
  EXPECT_EQ(result->losses, -10);
}

TEST_F(ProfitabilityTest, PartsSayWhatAProfitIsMadeOf) {
  EXPECT_TRUE(MeasureProfitability(input_)->margins.empty());
  input_.with_parts = true;
  const auto result = MeasureProfitability(input_);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->margins, (std::vector<double>{500, 100, 0}));
  ASSERT_EQ(result->costs.size(), 2u);
  EXPECT_EQ(result->costs[0], (std::vector<double>{30, 60, 0}));
  EXPECT_EQ(result->costs[1], (std::vector<double>{5, 15, 10}));
  EXPECT_EQ(result->activity_costs, (std::vector<double>{35, 75, 10}));
}

TEST_F(ProfitabilityTest, FixedCostIsSharedEqually) {
  input_.fixed_cost.amount = 90;
  const auto result = MeasureProfitability(input_);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->fixed_cost, (std::vector<double>{30, 30, 30}));
  EXPECT_EQ(result->profit, (std::vector<double>{435, -5, -40}));
  EXPECT_EQ(result->total_profit, 390);
}

TEST_F(ProfitabilityTest, FixedCostIsSharedByADriver) {
  input_.fixed_cost = {.amount = 60, .key = FixedCost::Key::kDriver, .driver = 1};
  EXPECT_EQ(MeasureProfitability(input_)->fixed_cost, (std::vector<double>{10, 30, 20}));
}

TEST_F(ProfitabilityTest, FixedCostIsSharedByRevenue) {
  input_.fixed_cost = {.amount = 120, .key = FixedCost::Key::kRevenue};
  EXPECT_EQ(MeasureProfitability(input_)->fixed_cost, (std::vector<double>{100, 20, 0}));
}

TEST_F(ProfitabilityTest, NegativeRevenueBearsNothingOnlyIfSaidSo) {
  revenue_ = {1000, 200, -50};
  input_.fixed_cost = {.amount = 120, .key = FixedCost::Key::kRevenue};
  EXPECT_EQ(Problem(), "revenue: row 2 is -50; expected a number of at least 0");
  input_.fixed_cost.negative_revenue_bears_nothing = true;
  const auto result = MeasureProfitability(input_);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->fixed_cost, (std::vector<double>{100, 20, 0}));
  EXPECT_EQ(result->customers_bearing_nothing, 1u);
  EXPECT_EQ(result->profit[2], -35);
}

TEST_F(ProfitabilityTest, NoCustomersHaveNoProfit) {
  const auto result = MeasureProfitability(ProfitabilityInput());
  ASSERT_TRUE(result.ok());
  EXPECT_TRUE(result->profit.empty());
  EXPECT_EQ(result->total_profit, 0);
}

TEST_F(ProfitabilityTest, BadInputIsNamed) {
  minutes_[1] = std::nan("");
  EXPECT_EQ(Problem(), "minutes: row 1 is nan; expected a finite number");
  minutes_[1] = -3;
  EXPECT_EQ(Problem(), "minutes: row 1 is -3; expected a number of at least 0");
  minutes_[1] = 30;
  input_.drivers[0].unit_cost = -1;
  EXPECT_EQ(Problem(), "unit cost of orders: -1; expected a finite number of at least 0");
  input_.drivers[0].unit_cost = 15;
  input_.margin_rate = std::numeric_limits<double>::infinity();
  EXPECT_EQ(Problem(), "margin_rate: inf; expected a finite number");
  input_.margin_rate = 0.5;
  input_.fixed_cost = {.amount = 1, .key = FixedCost::Key::kDriver, .driver = 2};
  EXPECT_EQ(Problem(), "fixed_cost driver: 2; expected an index below 2");
  input_.fixed_cost = {.amount = -1};
  EXPECT_EQ(Problem(), "fixed_cost: -1; expected a finite number of at least 0");
}

TEST_F(ProfitabilityTest, SumsPastTheRangeOfADoubleAreRefused) {
  const std::vector<double> huge = {1e307, 1e307, 1e307};
  input_.revenue = Doubles(huge);
  input_.margin_rate = 100;
  EXPECT_EQ(MeasureProfitability(input_).status().code(), absl::StatusCode::kOutOfRange);
}

}  // namespace
}  // namespace patron::value
