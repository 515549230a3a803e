#include "patron/value/cost_allocation.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "patron/base/random.hpp"

namespace patron::value {
namespace {

NumberColumn Doubles(const std::vector<double> &values) { return std::span<const double>(values); }

std::vector<double> Allocate(double amount, const NumberColumn *weights, size_t rows) {
  std::vector<double> shares(rows);
  EXPECT_TRUE(AllocateExactly(amount, "key", weights, shares).ok());
  return shares;
}

TEST(CostAllocationTest, EqualSharesAddUpToTheAmountInAnyOrder) {
  const std::vector<double> shares = Allocate(100, nullptr, 3);
  for (const double share : shares) EXPECT_NEAR(share, 100.0 / 3, 1e-13);
  EXPECT_EQ(shares[0] + shares[1] + shares[2], 100.0);
  EXPECT_EQ(shares[2] + shares[1] + shares[0], 100.0);
}

TEST(CostAllocationTest, SharesFollowTheirWeights) {
  const std::vector<int64_t> orders = {1, 0, 3, 4};
  const NumberColumn weights = std::span<const int64_t>(orders);
  EXPECT_EQ(Allocate(800, &weights, 4), (std::vector<double>{100, 0, 300, 400}));
}

TEST(CostAllocationTest, NothingIsLostForAnyWeightsAndAmounts) {
  const RandomStream random(31);
  for (const double amount : {1234.56, 1e-3, 0.1, 7e15, 1e300, 1e-310, 5e-324, 0.0}) {
    std::vector<double> values;
    for (uint32_t i = 0; i < 20'000; ++i) values.push_back(std::exp(8 * random.Normal(i)));
    const NumberColumn weights = Doubles(values);
    const std::vector<double> shares = Allocate(amount, &weights, values.size());
    EXPECT_EQ(std::accumulate(shares.begin(), shares.end(), 0.0), amount);
    EXPECT_EQ(std::accumulate(shares.rbegin(), shares.rend(), 0.0), amount);
    const double total = std::accumulate(values.begin(), values.end(), 0.0);
    for (size_t i = 0; i < shares.size(); ++i) {
      EXPECT_GE(shares[i], 0);
      EXPECT_NEAR(shares[i], amount * (values[i] / total), amount * 1e-12 + 5e-324);
    }
  }
}

TEST(CostAllocationTest, WithoutAPositiveWeightThereIsNoWayToShare) {
  std::vector<double> shares(2);
  const std::vector<double> none(2, 0.0);
  const NumberColumn weights = Doubles(none);
  EXPECT_EQ(std::string(AllocateExactly(5, "orders", &weights, shares).message()),
            "orders: all are zero; expected a positive number to share a cost out by");
  EXPECT_EQ(std::string(AllocateExactly(5, "fixed_cost", nullptr, {}).message()),
            "fixed_cost: 0 rows; expected at least 1 to share a cost out to");
  EXPECT_TRUE(AllocateExactly(0, "fixed_cost", nullptr, {}).ok());
}

TEST(CostAllocationTest, ColumnsAreCheckedByName) {
  const std::vector<int64_t> counts = {3, -1, -2};
  EXPECT_EQ(
      std::string(CheckNumbers("orders", std::span<const int64_t>(counts), 3, true).message()),
      "orders: row 1 is -1; expected a number of at least 0 (2 rows in all)");
  EXPECT_TRUE(CheckNumbers("orders", std::span<const int64_t>(counts), 3, false).ok());
  EXPECT_EQ(
      std::string(CheckNumbers("orders", std::span<const int64_t>(counts), 4, false).message()),
      "orders: 3 rows; expected as many as there are customers, 4");
  const std::vector<double> bad = {1, std::nan("")};
  EXPECT_EQ(std::string(CheckNumbers("minutes", Doubles(bad), 2, true).message()),
            "minutes: row 1 is nan; expected a finite number");
}

}  // namespace
}  // namespace patron::value
