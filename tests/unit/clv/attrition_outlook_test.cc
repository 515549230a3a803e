// What the attrition models say of a customer, at the places where formulas usually break.
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "patron/clv/bgnbd_outlook.hpp"
#include "patron/clv/ggompertz_nbd.hpp"
#include "patron/clv/history.hpp"
#include "patron/clv/pareto_nbd_outlook.hpp"

namespace patron::clv {
namespace {

// Textbook expression with a Gauss hypergeometric function, in 60-digit arithmetic (mpmath).
TEST(BetaGeometricOutlookTest, ExpectedPurchasesAgreeWithSixtyDigits) {
  struct Case {
    BetaGeometricParameters parameters;
    CustomerHistory history;
    double horizon;
    bool dropout_at_zero;
    double expected;
  };
  const Case cases[] = {
      {{0.25, 4.4, 0.79, 2.4}, {2, 30.43, 38.86}, 39, false, 1.2276548580747388},
      {{0.25, 4.4, 0.79, 2.4}, {2, 30.43, 38.86}, 5000, false, 19.496087512375644},
      {{0.25, 4.4, 0.79, 2.4}, {29, 37.0, 38.86}, 1e6, false, 969.02529822526203},
      {{0.25, 4.4, 1.25, 2.4}, {0, 0, 38.86}, 39, false, 0.1920476544101173},
      {{2.5, 0.1, 0.05, 0.2}, {300, 38, 38.86}, 520, false, 3218.4223229846188},
      {{0.5, 6.2, 0.9, 1.6}, {1, 1.71, 38.86}, 400, true, 0.97308976107610339},
      {{1000, 20, 3, 50}, {2000, 38, 38.86}, 100, true, 4.2838902280414722e-14}};
  for (const Case &c : cases) {
    const auto outlook = OutlookOf(c.parameters, {c.dropout_at_zero, 1}, c.history);
    EXPECT_NEAR(outlook.ExpectedPurchases(0, c.horizon) / c.expected, 1, 1e-10) << c.expected;
  }
}

TEST(BetaGeometricOutlookTest, NothingHappensAtAOfOne) {
  const CustomerHistory history{2, 30.43, 38.86};
  const double at = OutlookOf({0.25, 4.4, 1, 2.4}, {}, history).ExpectedPurchases(0, 39);
  const double below = OutlookOf({0.25, 4.4, 1 - 1e-9, 2.4}, {}, history).ExpectedPurchases(0, 39);
  const double above = OutlookOf({0.25, 4.4, 1 + 1e-9, 2.4}, {}, history).ExpectedPurchases(0, 39);
  EXPECT_NEAR(at, 1.101093557064, 1e-3);
  EXPECT_NEAR(at, 0.5 * (below + above), 1e-14);
  EXPECT_GT(below, at);
  EXPECT_LT(below - above, 1e-8);
}

// The means over the number of events, summed one by one.
TEST(EventGroupsTest, AreTheSumOverEvents) {
  for (const int k : {1, 2, 3, 7}) {
    for (const double tau : {0.3, 4.0, 30.0}) {
      std::vector<double> passed(static_cast<size_t>(k));
      for (int j = 0; j < k; ++j) passed[static_cast<size_t>(j)] = 2.0 * (j + 1) / (k * (k + 1));
      const double shape = 0.7, further = 1.5;
      const detail::EventGroups groups(shape, tau, passed);
      for (const double p : {1e-9, 0.01, 0.3, 0.5, 0.51, 0.9, 1 - 1e-9}) {
        double kept = 0, lost = 0, without = 0;
        for (int j = 0; j < k; ++j) {
          const double r = shape + j;
          double weight = passed[static_cast<size_t>(j)] * std::exp(-r * std::log1p(tau));
          for (int i = 0; i < 3000; ++i) {
            const int purchases = (i + j) / k, left = k - (i + j) % k;
            const double q = std::exp(purchases * std::log1p(-p));
            kept += weight * q;
            lost -= weight * std::expm1(purchases * std::log1p(-p));
            // Fewer than `left` events in the further time, at a rate that is Gamma(r + i, 1 + tau).
            const double later = further / (1 + tau + further);
            double term = std::exp((r + i) * std::log1p(-later)), few = 0;
            for (int m = 0; m < left; ++m) {
              few += term;
              term *= (r + i + m) / (m + 1) * later;
            }
            without += weight * q * few;
            weight *= (r + i) / (i + 1) * (tau / (1 + tau));
          }
        }
        const auto means = groups.At(p);
        EXPECT_NEAR(means.kept, kept, 1e-13) << k << " " << tau << " " << p;
        EXPECT_NEAR(means.lost, lost, 1e-12 * lost + 1e-15 * (p > 0.5 ? 1 : 0))
            << k << " " << tau << " " << p;
        EXPECT_NEAR(groups.KeptWithout(p, further), without, 1e-13) << k << " " << tau << " " << p;
      }
    }
  }
}

// Where more events may come than are worth summing there is a form for any time, as with k = 1.
TEST(BetaGeometricOutlookTest, RegularTimingHasNoEnd) {
  const CustomerHistory history{2, 30.43, 38.86};
  const BetaGeometricParameters usual{0.25, 4.4, 0.79, 2.4};
  for (const bool at_zero : {false, true}) {
    const auto outlook = OutlookOf(usual, {at_zero, 3}, history);
    // On both sides of where the form takes over the curves go on as they went.
    const double at = 97'000;
    for (const auto &value : {std::function<double(double)>([&](double t) {
                                return std::log(outlook.ExpectedPurchases(0, t));
                              }),
                              std::function<double(double)>(
                                  [&](double t) { return std::log(outlook.ProbabilityAlive(t)); }),
                              std::function<double(double)>([&](double t) {
                                return outlook.ProbabilityOfNoPurchase(t, 2 * t);
                              })}) {
      const double step = 0.01;
      double previous = 0;
      for (int i = -10; i <= 10; ++i) {
        const double bend = value(at * std::exp((i + 1) * step)) -
                            2 * value(at * std::exp(i * step)) +
                            value(at * std::exp((i - 1) * step));
        if (i > -10) {
          EXPECT_NEAR(bend, previous, 2e-8) << i;
        }
        previous = bend;
      }
    }
    double before = outlook.ExpectedPurchases(0, 1e5), alive = outlook.ProbabilityAlive(1e5);
    for (const double t : {1e6, 1e9, 1e12}) {
      EXPECT_GT(outlook.ExpectedPurchases(0, t), before) << t;
      EXPECT_LT(outlook.ProbabilityAlive(t), alive) << t;
      EXPECT_GT(outlook.ProbabilityAlive(t), 0) << t;
      const double none = outlook.ProbabilityOfNoPurchase(t, 2 * t);
      EXPECT_GE(none, 1 - alive) << t;
      EXPECT_LE(none, 1 + 1e-12) << t;
      before = outlook.ExpectedPurchases(0, t);
      alive = outlook.ProbabilityAlive(t);
    }
    EXPECT_GT(outlook.DiscountedPurchases(1e-9, kEver), outlook.ExpectedPurchases(0, 1e6));
    // All that are left buy until they drop out: the mean of 1 / p.
    const auto hostile = OutlookOf({1e30, 1e-30, 1e3, 1e3}, {at_zero, 64}, history);
    EXPECT_TRUE(std::isfinite(hostile.ExpectedPurchases(0, 39)));
    EXPECT_TRUE(std::isfinite(hostile.ProbabilityAlive(39)));
    const auto fresh = OutlookOf({0.8, 1e-7, 3, 2}, {at_zero, 3}, {});
    const double share = at_zero ? fresh.ProbabilityAlive() : 1;
    EXPECT_NEAR(fresh.ExpectedPurchases(0, 1e9), share * (at_zero ? 2.5 : 2), 1e-9);
    const auto plain = OutlookOf(usual, {at_zero, 1}, history);
    EXPECT_GT(plain.ExpectedPurchases(0, 1e12), 0);
    EXPECT_GT(plain.ProbabilityAlive(1e12), 0);
  }
}

TEST(BetaGeometricOutlookTest, NobodyIsDeadAtZeroUnlessTheModelSaysSo) {
  const BetaGeometricParameters parameters{0.5, 6.2, 0.9, 1.6};
  EXPECT_EQ(OutlookOf(parameters, {false, 1}, {0, 0, 38.86}).ProbabilityAlive(), 1);
  // Dead at the first purchase: a / (a + b) of all customers.
  EXPECT_DOUBLE_EQ(OutlookOf(parameters, {true, 1}, {0, 0, 0}).ProbabilityAlive(), 1.6 / 2.5);
}

// Without end, purchases are those of a geometric number of flips: E[1 / p] - for a > 1.
TEST(BetaGeometricOutlookTest, PurchasesEverAreFiniteOnlyAboveOne) {
  const CustomerHistory fresh{};
  EXPECT_NEAR(OutlookOf({0.25, 4.4, 3, 2}, {}, fresh).ExpectedPurchases(0, kEver), 2, 1e-14);
  EXPECT_EQ(OutlookOf({0.25, 4.4, 1, 2}, {}, fresh).ExpectedPurchases(0, kEver), kEver);
  EXPECT_NEAR(OutlookOf({0.25, 4.4, 3, 2}, {}, fresh).ExpectedPurchases(0, 1e30), 2, 1e-5);
}

template <typename Anyone>
void ExpectConsistent(const Anyone &outlook) {
  double sum = 0, mean = 0;
  for (int n = 0; n < 400; ++n) {
    const double p = outlook.ProbabilityOfPurchases(n, 39);
    EXPECT_GE(p, 0);
    sum += p;
    mean += n * p;
  }
  EXPECT_NEAR(sum, 1, 1e-11);
  EXPECT_NEAR(mean / outlook.ExpectedPurchases(0, 39), 1, 1e-9);
  EXPECT_NEAR(outlook.ExpectedPurchases(0, 20) + outlook.ExpectedPurchases(20, 39),
              outlook.ExpectedPurchases(0, 39), 1e-12);
  EXPECT_DOUBLE_EQ(outlook.ProbabilityOfNoPurchase(0, 39), outlook.ProbabilityOfPurchases(0, 39));
  EXPECT_NEAR(outlook.ProbabilityOfNoPurchase(1e-9, 39), outlook.ProbabilityOfPurchases(0, 39),
              1e-8);
  // Nobody buys in an instant; none in a long time leaves the dead and those about to die.
  EXPECT_NEAR(outlook.ProbabilityOfNoPurchase(30, 30 + 1e-12), 1, 1e-10);
  // Without discount the sum is the expectation; with it, less.
  EXPECT_NEAR(outlook.DiscountedPurchases(1e-12, 39) / outlook.ExpectedPurchases(0, 39), 1, 1e-9);
  EXPECT_EQ(outlook.DiscountedPurchases(0, 39), outlook.ExpectedPurchases(0, 39));
  // By parts, with Simpson's rule on the cumulative expectation.
  constexpr int kSteps = 1000;
  const double rate = 0.03;
  double integral = 0;
  for (int i = 0; i <= kSteps; ++i) {
    const double t = 39.0 * i / kSteps;
    const double weight = i == 0 || i == kSteps ? 1 : i % 2 == 1 ? 4 : 2;
    integral += weight * std::exp(-rate * t) * outlook.ExpectedPurchases(0, t);
  }
  integral *= 39.0 / kSteps / 3;
  EXPECT_NEAR(outlook.DiscountedPurchases(rate, 39),
              std::exp(-rate * 39) * outlook.ExpectedPurchases(0, 39) + rate * integral, 1e-8);
  EXPECT_NEAR(outlook.DiscountedPurchases(rate, 1e4), outlook.DiscountedPurchases(rate), 1e-10);
  EXPECT_LT(outlook.ProbabilityAlive(39), outlook.ProbabilityAlive());
}

TEST(OutlookTest, ProbabilitiesExpectationsAndDiscountsFitTogether) {
  for (const CustomerHistory history :
       {CustomerHistory{3, 20, 38.86}, CustomerHistory{}, CustomerHistory{20, 38.86, 38.86}}) {
    SCOPED_TRACE(history.frequency);
    ExpectConsistent(OutlookOf(ParetoNbdParameters{0.55, 10.6, 0.6, 11.7}, history));
    ExpectConsistent(OutlookOf(GGompertzNbdParameters{0.55, 10.6, 0.05, 0.6, 0.7}, history));
    for (const bool at_zero : {false, true}) {
      for (const int k : {1, 2, 5}) {
        SCOPED_TRACE(k);
        ExpectConsistent(OutlookOf({0.36, 9, 0.52, 2.8}, {at_zero, k}, history));
      }
    }
  }
}

TEST(ParetoNbdOutlookTest, NothingHappensAtSOfOne) {
  const CustomerHistory history{2, 30.43, 38.86};
  const auto expected = [&](double s) {
    return OutlookOf(ParetoNbdParameters{0.55, 10, s, 12}, history).ExpectedPurchases(0, 39);
  };
  EXPECT_TRUE(std::isfinite(expected(1)));
  EXPECT_NEAR(expected(1), 0.5 * (expected(1 - 1e-7) + expected(1 + 1e-7)), 1e-13);
}

// Frequent buyers with alpha far below beta: other libraries answer NaN. The likelihoods of such
// rows are in attrition_likelihood_test.
TEST(ParetoNbdOutlookTest, FrequentBuyersWithASmallAlpha) {
  for (const double x : {300.0, 500.0, 2000.0}) {
    const auto outlook = OutlookOf(ParetoNbdParameters{0.55, 0.1, 0.6, 500}, {x, 38, 38.86});
    EXPECT_GT(outlook.ProbabilityAlive(), 0);
    EXPECT_LT(outlook.ProbabilityAlive(), 1);
    EXPECT_TRUE(std::isfinite(outlook.ExpectedPurchases(0, 39)));
  }
}

TEST(GGompertzNbdOutlookTest, IsParetoWhereTheHazardDoesNotGrow) {
  for (const CustomerHistory history : {CustomerHistory{3, 20, 38.86}, CustomerHistory{}}) {
    const auto pareto = OutlookOf(ParetoNbdParameters{0.55, 10.6, 0.6, 11.7}, history);
    const auto gompertz =
        OutlookOf(GGompertzNbdParameters{0.55, 10.6, 1e-10, 0.6, 11.7e-10}, history);
    EXPECT_NEAR(gompertz.ProbabilityAlive(), pareto.ProbabilityAlive(), 1e-8);
    EXPECT_NEAR(gompertz.ExpectedPurchases(0, 39), pareto.ExpectedPurchases(0, 39), 1e-7);
    EXPECT_NEAR(gompertz.DiscountedPurchases(0.002), pareto.DiscountedPurchases(0.002), 1e-5);
    EXPECT_NEAR(gompertz.ProbabilityOfPurchases(2, 39), pareto.ProbabilityOfPurchases(2, 39), 1e-8);
  }
}

struct Columns {
  std::vector<double> frequency{0, 1, 2}, recency{0, 5, 7}, T{9, 9, 9}, weights{1, 1, 1};

  absl::StatusOr<GroupedHistory> Grouped() const {
    PurchaseHistory history;
    history.frequency = std::span<const double>(frequency);
    history.recency = recency;
    history.T = T;
    history.weights = weights;
    return Group(history);
  }
  std::string Message() const { return std::string(Grouped().status().message()); }
};

TEST(PurchaseHistoryTest, BadRowsAreNamed) {
  EXPECT_EQ(Columns{}.Message(), "");
  EXPECT_EQ((Columns{.recency = {0, 5, 10}}.Message()), "recency: row 2 is 10; expected at most T");
  EXPECT_EQ((Columns{.frequency = {0, 1.5, 2}}.Message()),
            "frequency: row 1 is 1.5; expected a whole number from 0 to 2^31");
  EXPECT_EQ((Columns{.frequency = {0, -1, -2}}.Message()),
            "frequency: row 1 is -1; expected a whole number from 0 to 2^31 (2 rows in all)");
  EXPECT_EQ((Columns{.recency = {3, 5, 7}}.Message()),
            "recency: row 0 is 3; expected 0, because frequency is 0");
  EXPECT_EQ((Columns{.T = {9, std::nan(""), 9}}.Message()),
            "T: row 1 is nan; expected a finite number, 0 or above");
  EXPECT_EQ((Columns{.weights = {1, 0, -2}}.Message()),
            "weights: row 1 is 0; expected a positive number (2 rows in all)");
  EXPECT_EQ((Columns{.recency = {0, 5}}.Message()),
            "recency: 2 rows; expected 3, as many as frequency");
  EXPECT_EQ((Columns{.frequency = {0, 0, 0}, .recency = {0, 0, 0}, .T = {0, 0, 0}}.Message()),
            "T: 0 in all rows; expected time in which to purchase");
  EXPECT_EQ((Columns{.frequency = {}}.Message()), "frequency: no rows; expected at least 1");
}

TEST(PurchaseHistoryTest, EqualRowsAreMergedInOneOrder) {
  const Columns columns{.frequency = {2, 0, 2, 1, 0},
                        .recency = {7, 0, 7, 5, 0},
                        .T = {9, 9, 9, 9, 8},
                        .weights = {1, 2, 3, 1, 1}};
  const auto grouped = columns.Grouped();
  ASSERT_TRUE(grouped.ok()) << grouped.status();
  EXPECT_EQ(grouped->count_of, (std::vector<uint32_t>{0, 0, 1, 2}));
  EXPECT_EQ(grouped->T, (std::vector<double>{8, 9, 9, 9}));
  EXPECT_EQ(grouped->weight, (std::vector<double>{1, 2, 1, 4}));
  EXPECT_EQ(grouped->counts, (std::vector<double>{0, 1, 2}));
  EXPECT_EQ(grouped->customers, 8);
}

// The integral of the discounted survival in 40-digit arithmetic (mpmath), at lifetimes of every shape.
TEST(GompertzLifetimeTest, DiscountedLifeAgreesWithFortyDigits) {
  struct Case {
    double s, b, steepness, rate, horizon, expected;
  };
  const Case cases[] = {{0.003, 1, 1e-06, 0, kEver, 347.14391992290198},
                        {0.003, 2, 1, 0, kEver, 166.66666666666666},
                        {0.003, 0.5, 1e+08, 0, kEver, 630.83411332596075},
                        {0.01, 1, 1e-06, 1e-05, kEver, 113.68452759987622},
                        {0.2, 0.25, 0.001, 0.01, kEver, 35.907897590884826},
                        {1, 1, 1, 0, kEver, 1.0},
                        {1, 0.1, 0.3, 0.002, 39, 16.151349835597314},
                        {10, 1, 1e-06, 0, kEver, 10.986661170095323},
                        {300, 1, 1e-06, 0, kEver, 7.5387402727269743},
                        {300, 0.02, 1e+08, 0, kEver, 1.6722408026194698e-9},
                        {300, 3, 0.5, 100000, kEver, 9.9552009268634873e-6},
                        {50, 1, 0.0001, 0.001, 12, 4.7477118994438137},
                        {2.5, 0.0001, 10000, 0.01, 1e+06, 0.65535589581813884},
                        {0.05, 7, 0.02, 30, kEver, 0.033323278930893025}};
  for (const Case &c : cases) {
    const double life = GompertzLifetime(c.s, c.b, c.steepness).DiscountedLife(c.rate, c.horizon);
    EXPECT_NEAR(life / c.expected, 1, 1e-12) << c.s << " " << c.steepness << " " << c.rate;
  }
}

// By the exponential integral, e^k E_s(k) for k = rate beta, in 30-digit arithmetic
// (mpmath).
TEST(ParetoLifetimeTest, DiscountedLifeAgreesWithThirtyDigits) {
  constexpr double kCases[][3] = {
      {0.1, 1e-4, 4253.601770158242},    {0.1, 2.9, 0.33574338078513345},
      {0.1, 3.1, 0.31452399112968482},   {0.1, 50, 0.019960845160729761},
      {0.1, 200, 0.0049975136078180727}, {0.1, 1e7, 9.999999900000011e-8},
      {0.6, 1e-4, 85.815174495037052},   {0.6, 2.9, 0.29583867178995608},
      {0.6, 3.1, 0.27892555454575741},   {0.6, 50, 0.019767307010815275},
      {0.6, 200, 0.0049851184674516685}, {0.6, 1e7, 9.999999400000096e-8},
      {1, 1e-4, 8.6340880702127253},     {1, 2.9, 0.26941388039566378},
      {1, 3.1, 0.25515254776851693},     {1, 50, 0.01961510993011487},
      {1, 200, 0.0049752463231793566},   {1, 1e7, 9.9999990000002e-8},
      {5, 1e-4, 0.2499916670832917},     {5, 2.9, 0.13650549475052278},
      {5, 3.1, 0.13261973361553556},     {5, 50, 0.018210967414157632},
      {5, 200, 0.004878623774949425},    {5, 1e7, 9.999995000003e-8},
      {40, 1e-4, 0.025640958164824743},  {40, 2.9, 0.023826170974468307},
      {40, 3.1, 0.023710647722359927},   {40, 50, 0.0111655749652307},
      {40, 200, 0.0041695422539953911},  {40, 1e7, 9.9999600001639993e-8}};
  for (const auto &[s, kappa, expected] : kCases) {
    for (const double beta : {1.0, 1e4}) {
      const double life = ParetoLifetime{s, beta}.DiscountedLife(kappa / beta, kEver);
      EXPECT_NEAR(life / beta / expected, 1, 5e-13) << s << " " << kappa;
    }
  }
}

TEST(PurchaseHistoryTest, PatternsOfCovariatesStandTogether) {
  PurchaseHistory history;
  const std::array x = {1.0, 1.0, 1.0, 1.0}, t = {2.0, 2.0, 2.0, 2.0}, T = {5.0, 5.0, 5.0, 5.0};
  const std::array young = {1.0, 0.0, 1.0, 0.0}, far = {0.5, 0.5, 0.5, 0.25};
  const std::array transaction = {Covariate{"young", young}};
  const std::array dropout = {Covariate{"far", far}};
  history.frequency = std::span<const double>(x);
  history.recency = t;
  history.T = T;
  history.transaction = transaction;
  history.dropout = dropout;
  const auto grouped = Group(history);
  ASSERT_TRUE(grouped.ok()) << grouped.status();
  EXPECT_EQ(grouped->weight, (std::vector<double>{1, 1, 2}));
  EXPECT_EQ(grouped->pattern, (std::vector<uint32_t>{0, 1, 2}));
  const CovariateRows covariates = grouped->covariates();
  const auto values = [](std::span<const double> column) {
    return std::vector<double>(column.begin(), column.end());
  };
  EXPECT_EQ(values(covariates.transaction[0]), (std::vector<double>{0, 0, 1}));
  EXPECT_EQ(values(covariates.dropout[0]), (std::vector<double>{0.25, 0.5, 0.5}));
}

}  // namespace
}  // namespace patron::clv
