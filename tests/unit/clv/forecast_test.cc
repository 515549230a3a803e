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

// Purchases expected and survival of a customer who is alive: hypergeometric functions, by 80-digit
// arithmetic (mpmath).
TEST(BetaGeometricForecastTest, KeepsItsDigitsAtLongHorizons) {
  struct Case {
    double r, a, b, x, horizon, purchases, survival;
  };
  constexpr double kAlpha = 4.414, kAge = 38.86;
  for (const Case &c :
       {Case{0.243, 0.793, 2.426, 2, 1e+06, 120.190773087092812, 0.000868179959128367459},
        Case{0.243, 0.793, 2.426, 2, 1e+09, 566.96017950545973, 3.62844201856850831e-6},
        Case{0.243, 0.793, 2.426, 2, 1e+12, 2433.71079400400846, 1.51607365420935876e-8},
        Case{0.243, 0.793, 2.426, 2, 1e+15, 10233.5617826132907, 6.33461610966904964e-11},
        Case{0.243, 0.793, 2.426, 2, 1e+30, 13058408.1628249085, 8.06715313272342148e-23},
        Case{0.243, 0.3, 2.426, 40, 1e+06, 65845.9136372486891, 0.049978885207742088},
        Case{0.243, 0.3, 2.426, 40, 1e+09, 8296693.66774478559, 0.00629205566755254138},
        Case{0.243, 0.3, 2.426, 40, 1e+12, 1044499261.1038601, 0.000792122888158773258},
        Case{0.243, 0.3, 2.426, 40, 1e+15, 131494673680.92704, 0.0000997223633180626511},
        Case{0.243, 0.3, 2.426, 40, 1e+30, 4.15822669200812326e+21, 3.15349801739908534e-9},
        Case{0.243, 1.5, 2.4, 2, 1e+06, 9.69313986557540211, 3.09262234629013858e-6},
        Case{0.243, 1.5, 2.4, 2, 1e+09, 9.79662045253165591, 9.84121860142457633e-11},
        Case{0.243, 1.5, 2.4, 2, 1e+12, 9.79989312931482308, 3.11219440339421474e-15},
        Case{0.243, 1.5, 2.4, 2, 1e+15, 9.79999662045219705, 9.84162526313842895e-20},
        Case{0.243, 1.5, 2.4, 2, 1e+30, 9.79999999999989313, 3.11219517550726063e-42},
        Case{2.5, 0.05, 4, 7, 1e+06, 140195.790541349932, 0.609911155229569907},
        Case{2.5, 0.05, 4, 7, 1e+09, 99254184.1158543162, 0.431785135683109063},
        Case{2.5, 0.05, 4, 7, 1e+12, 70266585652.3005056, 0.305680467348530189},
        Case{2.5, 0.05, 4, 7, 1e+15, 49744933100929.9466, 0.216405198228518633},
        Case{2.5, 0.05, 4, 7, 1e+30, 8.84603902871623537e+27, 0.0384828908235167242}}) {
    SCOPED_TRACE(c.a);
    SCOPED_TRACE(c.horizon);
    const auto outlook = OutlookOf({c.r, kAlpha, c.a, c.b}, {}, {c.x, 30, kAge});
    const double alive = outlook.ProbabilityAlive();
    EXPECT_NEAR(outlook.ExpectedPurchases(0, c.horizon) / alive / c.purchases, 1, 1e-11);
    EXPECT_NEAR(outlook.ProbabilityAlive(c.horizon) / alive / c.survival, 1, 1e-11);
    const double shape = c.r + c.x, rate = kAlpha + kAge;
    const BetaNodes dropout(c.a, c.b + c.x, detail::ForecastBend(shape, kAlpha, 0, c.horizon));
    const auto forecast = BetaGeometricForecast::Make(shape, rate, rate, dropout, 0, c.horizon);
    EXPECT_NEAR(forecast.IfAlive(rate) / c.purchases, 1, 1e-11);
  }
}

std::vector<double> CountsOf(const GroupedHistory &history) {
  std::vector<double> counts;
  for (size_t i = 0; i < history.size(); ++i) counts.push_back(history.frequency(i));
  return counts;
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
  EXPECT_NEAR(sum(coarse.weight, CountsOf(coarse)), sum(grouped->weight, CountsOf(*grouped)), 1e-6);
  for (size_t i = 0; i < coarse.size(); ++i) {
    EXPECT_LE(coarse.recency[i], coarse.T[i]);
  }
}

}  // namespace
}  // namespace patron::clv
