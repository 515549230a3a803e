// Customers drawn from the attrition models: their parameters come back, and predictions hold.
#include "patron/clv/attrition_simulation.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "gtest/gtest.h"
#include "patron/clv/bgnbd_outlook.hpp"
#include "patron/clv/fit.hpp"
#include "patron/clv/pareto_nbd_outlook.hpp"
#include "patron/clv/regularity.hpp"

namespace patron::clv {
namespace {

constexpr size_t kCustomers = 8000;

struct Sample {
  std::vector<double> frequency, recency, T, log_intervals;

  PurchaseHistory history() const {
    PurchaseHistory history;
    history.frequency = std::span<const double>(frequency);
    history.recency = recency;
    history.T = T;
    history.log_intervals = log_intervals;
    return history;
  }
};

template <typename Draw>
Sample DrawSample(const Draw &draw) {
  Sample sample;
  for (size_t i = 0; i < kCustomers; ++i) {
    const double T = 40 + static_cast<double>(i % 25);
    const SimulatedCustomer c = draw(RandomStream(20240601, i), T);
    sample.frequency.push_back(c.history.frequency);
    sample.recency.push_back(c.history.recency);
    sample.T.push_back(T);
    sample.log_intervals.push_back(c.log_intervals);
  }
  return sample;
}

// Within four standard errors in the logarithm of each parameter.
template <typename Likelihood>
void ExpectRecovered(const Likelihood &likelihood, std::span<const double> truth) {
  const auto layout = Layout::Make(Likelihood::kNames);
  ASSERT_TRUE(layout.ok());
  const auto fit = FitModel(likelihood, *layout);
  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_TRUE(fit->interior());
  for (size_t k = 0; k < truth.size(); ++k) {
    const auto i = static_cast<Eigen::Index>(k);
    const double error = std::sqrt(fit->log_covariance(i, i));
    EXPECT_NEAR(std::log(fit->estimates[k]), std::log(truth[k]), 4 * error) << fit->names[k];
    EXPECT_LT(error, 0.5) << fit->names[k];
  }
}

TEST(SimulationTest, ParetoParametersComeBack) {
  const ParetoNbdParameters truth{0.8, 6, 0.9, 15};
  const Sample sample =
      DrawSample([&](const RandomStream &s, double T) { return Simulate(truth, s, T); });
  const auto grouped = Group(sample.history());
  ASSERT_TRUE(grouped.ok());
  ExpectRecovered(*ParetoNbdLikelihood::Make(*grouped), std::array{0.8, 6.0, 0.9, 15.0});
}

TEST(SimulationTest, BetaGeometricParametersComeBack) {
  const BetaGeometricParameters truth{0.7, 3, 0.9, 2.5};
  for (const bool at_zero : {false, true}) {
    for (const int k : {1, 3}) {
      SCOPED_TRACE(k);
      const BetaGeometricModel model{at_zero, k};
      const Sample sample =
          DrawSample([&](const RandomStream &s, double T) { return Simulate(truth, model, s, T); });
      const auto grouped = Group(sample.history());
      ASSERT_TRUE(grouped.ok());
      ExpectRecovered(*BetaGeometricLikelihood::Make(*grouped, model),
                      std::array{0.7, 3.0, 0.9, 2.5});
    }
  }
}

TEST(SimulationTest, RegularityComesBack) {
  const BetaGeometricParameters truth{0.7, 3, 0.9, 2.5};
  const Sample sample = DrawSample([&](const RandomStream &s, double T) {
    return Simulate(truth, {true, 3}, s, T);
  });
  const auto grouped = Group(sample.history());
  ASSERT_TRUE(grouped.ok());
  const auto layout = Layout::Make(BetaGeometricLikelihood::kNames);
  const auto best = FitRegularity(*grouped, true, 6, *layout);
  ASSERT_TRUE(best.ok()) << best.status();
  EXPECT_EQ(best->regularity, 3);
  EXPECT_EQ(best->log_likelihood.size(), 6);
}

TEST(SimulationTest, GompertzParametersComeBack) {
  const GGompertzNbdParameters truth{1.2, 4, 0.08, 0.8, 3};
  const Sample sample =
      DrawSample([&](const RandomStream &s, double T) { return Simulate(truth, s, T); });
  const auto grouped = Group(sample.history());
  ASSERT_TRUE(grouped.ok());
  const auto layout = Layout::Make(GGompertzNbdLikelihood::kNames);
  const auto fit = FitModel(*GGompertzNbdLikelihood::Make(*grouped), *layout);
  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_NEAR(std::log(fit->estimates[0] / 1.2), 0, 0.1);
  EXPECT_NEAR(std::log(fit->estimates[1] / 4), 0, 0.1);
  // b, s and beta lie on a ridge: the likelihood must not be below that of the truth.
  const auto likelihood = GGompertzNbdLikelihood::Make(*grouped);
  const Eigen::VectorXd point{
      {std::log(1.2), std::log(4.0), std::log(0.08), std::log(0.8), std::log(3.0)}};
  const auto at_truth = Evaluate(*likelihood, *layout, {}, point, false);
  ASSERT_TRUE(at_truth.ok());
  EXPECT_GT(fit->log_likelihood, at_truth->value);
  EXPECT_LT(fit->log_likelihood, at_truth->value + 11);  // Chi-square of 5, one in 1000.
}

// Simulated futures of customers with the same history against the outlook: the histories are
// those with two purchases, the last in [20, 21), of T 40; the future is (40, 60].
template <typename Draw, typename OutlookAt>
void ExpectFuture(const Draw &draw, const OutlookAt &outlook_at) {
  double alive = 0, bought = 0, none = 0, expect_alive = 0, expect_bought = 0, expect_none = 0;
  double count = 0;
  std::vector<double> times;
  for (uint64_t i = 0; i < 400000; ++i) {
    times.clear();
    const SimulatedCustomer c = draw(RandomStream(7, i), 60.0, &times);
    size_t before = 0;
    while (before < times.size() && times[before] <= 40) ++before;
    if (before != 2 || times[1] < 15 || times[1] > 25) continue;
    ++count;
    alive += c.end > 40 ? 1 : 0;
    bought += static_cast<double>(times.size() - before);
    none += times.size() == before ? 1 : 0;
    const auto outlook = outlook_at(CustomerHistory{2, times[1], 40});
    expect_alive += outlook.ProbabilityAlive();
    expect_bought += outlook.ExpectedPurchases(0, 20);
    expect_none += outlook.ProbabilityOfNoPurchase(0, 20);
  }
  ASSERT_GT(count, 1000);
  const double error = 4 * std::sqrt(0.25 / count);
  EXPECT_NEAR(alive / count, expect_alive / count, error);
  EXPECT_NEAR(none / count, expect_none / count, error);
  EXPECT_NEAR(bought / count, expect_bought / count, 4 * error);
}

TEST(SimulationTest, ParetoFuturesAreAsPredicted) {
  const ParetoNbdParameters model{0.8, 10, 0.9, 30};
  ExpectFuture([&](const RandomStream &s, double T,
                   std::vector<double> *times) { return Simulate(model, s, T, times); },
               [&](const CustomerHistory &h) { return OutlookOf(model, h); });
}

TEST(SimulationTest, GompertzFuturesAreAsPredicted) {
  const GGompertzNbdParameters model{0.8, 10, 0.05, 0.9, 4};
  ExpectFuture([&](const RandomStream &s, double T,
                   std::vector<double> *times) { return Simulate(model, s, T, times); },
               [&](const CustomerHistory &h) { return OutlookOf(model, h); });
}

TEST(SimulationTest, RegularBuyersFuturesAreAsPredicted) {
  const BetaGeometricParameters parameters{0.8, 3, 0.9, 2.5};
  const BetaGeometricModel model{true, 3};
  // Not alive means to have died at a purchase; an end that has not come is infinite.
  ExpectFuture([&](const RandomStream &s, double T,
                   std::vector<double> *times) { return Simulate(parameters, model, s, T, times); },
               [&](const CustomerHistory &h) { return OutlookOf(parameters, model, h); });
}

}  // namespace
}  // namespace patron::clv
