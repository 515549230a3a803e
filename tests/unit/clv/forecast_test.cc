// Shared tables of purchases to come, and data made coarse for the search of a start.
#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include "gtest/gtest.h"
#include "patron/clv/beta_nodes.hpp"
#include "patron/clv/bgnbd_forecast.hpp"
#include "patron/clv/bgnbd_outlook.hpp"
#include "patron/clv/coarse.hpp"
#include "patron/clv/history.hpp"

namespace patron::clv {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The mean over the rate of the mean over dropout, a hypergeometric function, by quadrature in
// 30-digit arithmetic (mpmath).
TEST(BetaGeometricForecastTest, AgreesWithThirtyDigits) {
  struct Case {
    double shape, rate, a, b, discount, expected;
  };
  for (const Case &c : {Case{0.01, 5.4, 0.79, 2.4, 0.00183, 0.2008746663298702},
                        Case{2.25, 43.26, 0.79, 4.4, 0.00183, 8.783907542739801},
                        Case{0.25, 43.26, 0.79, 2.4, 0.00183, 1.333815347924515}}) {
    const auto forecast = BetaGeometricForecast::Make(c.shape, c.rate, c.rate, BetaNodes(c.a, c.b),
                                                      c.discount, kInfinity);
    EXPECT_NEAR(forecast.IfAlive(c.rate) / c.expected, 1, 1e-11);
  }
}

TEST(BetaGeometricForecastTest, IsTheSumOfPurchasesWithoutDiscount) {
  for (const double x : {0.0, 1.0, 7.0, 300.0}) {
    const BetaGeometricParameters model{0.25, 4.4, 0.79, 2.4};
    const CustomerHistory history{x, x == 0 ? 0.0 : 38.0, 38.86};
    const auto outlook = OutlookOf(model, {}, history);
    const auto forecast =
        BetaGeometricForecast::Make(model.r + x, model.alpha + history.T, model.alpha + history.T,
                                    BetaNodes(model.a, model.b + x), 0, 39);
    EXPECT_NEAR(outlook.ProbabilityAlive() * forecast.IfAlive(model.alpha + history.T) /
                    outlook.ExpectedPurchases(0, 39),
                1, 1e-10);
  }
}

// A customer is told the same whoever else the table is for.
TEST(BetaGeometricForecastTest, DoesNotDependOnTheRangeOfTheTable) {
  for (const double shape : {0.01, 0.25, 5.0, 60.0, 3000.0}) {
    const BetaNodes dropout(0.79, 2.4);
    const auto wide = BetaGeometricForecast::Make(shape, 2, 900, dropout, 0.002, 500);
    for (const double rate : {2.0, 3.7, 40.0, 43.5, 899.0, 900.0}) {
      const auto narrow = BetaGeometricForecast::Make(shape, rate, rate, dropout, 0.002, 500);
      EXPECT_EQ(wide.IfAlive(rate), narrow.IfAlive(rate)) << shape << " " << rate;
      EXPECT_TRUE(wide.Covers(rate));
    }
    EXPECT_FALSE(wide.Covers(901));
  }
}

TEST(CoarsenTest, KeepsCustomersAndMeansInFewerRows) {
  std::vector<double> x, recency, T;
  for (int i = 0; i < 20'000; ++i) {
    x.push_back(i % 3 == 0 ? 0 : i % 40);
    T.push_back(20 + 1e-3 * (i * 37 % 10'000));
    recency.push_back(x.back() == 0 ? 0 : T.back() * (i * 53 % 1000) / 1000);
  }
  PurchaseHistory history;
  history.frequency = std::span<const double>(x);
  history.recency = recency;
  history.T = T;
  const auto grouped = Group(history);
  ASSERT_TRUE(grouped.ok()) << grouped.status();
  const GroupedHistory coarse = Coarsen(*grouped);
  EXPECT_LT(coarse.size(), grouped->size() / 5);
  const auto sum = [](const std::vector<double> &w, const std::vector<double> &values) {
    return std::inner_product(w.begin(), w.end(), values.begin(), 0.0);
  };
  const std::vector<double> one(coarse.size(), 1), ones(grouped->size(), 1);
  EXPECT_DOUBLE_EQ(sum(coarse.weight, one), 20'000);
  EXPECT_NEAR(sum(coarse.weight, coarse.T), sum(grouped->weight, grouped->T), 1e-6);
  EXPECT_NEAR(sum(coarse.weight, coarse.recency), sum(grouped->weight, grouped->recency), 1e-6);
  EXPECT_NEAR(sum(coarse.weight, coarse.frequency), sum(grouped->weight, grouped->frequency), 1e-6);
  for (size_t i = 0; i < coarse.size(); ++i) {
    EXPECT_LE(coarse.recency[i], coarse.T[i]);
    EXPECT_EQ(coarse.frequency[i], coarse.counts[coarse.count_of[i]]);
  }
}

}  // namespace
}  // namespace patron::clv
