// Discrete time: the life table, and fits against the likelihood written out.
#include "patron/loyalty/discrete_hazard.hpp"

#include <cmath>
#include <vector>

#include "gtest/gtest.h"
#include "patron/base/random.hpp"

namespace patron::loyalty {
namespace {

TEST(DiscreteHazardTest, WithoutCovariatesItIsTheLifeTable) {
  const std::vector<double> periods = {1, 1, 2, 2, 3, 3};
  const std::vector<uint8_t> event = {1, 0, 1, 0, 0, 0};
  const CoxData data{.observed = {periods, event}, .covariates = {}, .names = {}};
  for (const HazardLink link : {HazardLink::kLogit, HazardLink::kComplementaryLogLog}) {
    const auto fit = FitDiscreteHazard(data, link);
    ASSERT_TRUE(fit.ok()) << fit.status();
    EXPECT_NEAR(HazardOf(link, fit->baseline[0]), 1.0 / 6, 1e-15);
    EXPECT_NEAR(HazardOf(link, fit->baseline[1]), 1.0 / 4, 1e-15);
    EXPECT_EQ(HazardOf(link, fit->baseline[2]), 0);
    EXPECT_NEAR(fit->log_likelihood,
                std::log(1.0 / 6) + 5 * std::log(5.0 / 6) + std::log(0.25) + 3 * std::log(0.75),
                1e-12);
  }
}

// The log-likelihood row by row and period by period.
double LogLikelihood(HazardLink link, const std::vector<double> &periods,
                     const std::vector<uint8_t> &event, const std::vector<double> &x,
                     const std::vector<double> &baseline, double beta) {
  double value = 0;
  for (size_t i = 0; i < periods.size(); ++i) {
    for (size_t t = 0; t < static_cast<size_t>(periods[i]); ++t) {
      const double h = HazardOf(link, baseline[t] + beta * x[i]);
      const bool left = event[i] != 0 && static_cast<double>(t + 1) == periods[i];
      value += left ? std::log(h) : h > 0 ? std::log1p(-h) : 0;
    }
  }
  return value;
}

TEST(DiscreteHazardTest, FitIsAMaximumOfTheLikelihoodWrittenOut) {
  std::vector<double> periods, x;
  std::vector<uint8_t> event;
  const RandomStream random(5);
  for (uint32_t i = 0; i < 300; ++i) {
    x.push_back(3 + random.Normal(3 * i));
    const double time = std::ceil(random.Exponential(3 * i + 1, 6 * std::exp(-0.5 * (x[i] - 3))));
    periods.push_back(std::min(time, 9.0));
    event.push_back(time <= 9 ? 1 : 0);
  }
  const CoxData data{.observed = {periods, event}, .covariates = {x}, .names = {"x"}};
  for (const HazardLink link : {HazardLink::kLogit, HazardLink::kComplementaryLogLog}) {
    const auto fit = FitDiscreteHazard(data, link);
    ASSERT_TRUE(fit.ok()) << fit.status();
    const double beta = fit->coefficients[0];
    const double best = LogLikelihood(link, periods, event, x, fit->baseline, beta);
    EXPECT_NEAR(fit->log_likelihood, best, 1e-9);
    EXPECT_GT(fit->log_likelihood, fit->null_log_likelihood + 10);
    for (const double change : {-1e-3, 1e-3}) {
      EXPECT_LT(LogLikelihood(link, periods, event, x, fit->baseline, beta + change), best);
      for (size_t t = 0; t < fit->baseline.size(); ++t) {
        std::vector<double> moved = fit->baseline;
        moved[t] += change;
        EXPECT_LT(LogLikelihood(link, periods, event, x, moved, beta), best);
      }
    }
    // Time in periods of a continuous one with hazard ratio e^0.5.
    if (link == HazardLink::kComplementaryLogLog) {
      EXPECT_NEAR(beta, 0.5, 3 * std::sqrt(fit->covariance(0, 0)));
    }
  }
}

TEST(DiscreteHazardTest, NamesWhatIsWrong) {
  const std::vector<double> halves = {1, 1.5}, none = {0, 1}, separating = {0, 1};
  const std::vector<uint8_t> both = {1, 1}, one = {1, 0};
  EXPECT_EQ(FitDiscreteHazard({.observed = {halves, both}, .covariates = {}, .names = {}},
                              HazardLink::kLogit)
                .status()
                .message(),
            "duration: row 1 is 1.5; expected a whole number of periods from 0 to 10000");
  EXPECT_EQ(FitDiscreteHazard({.observed = {none, both}, .covariates = {}, .names = {}},
                              HazardLink::kLogit)
                .status()
                .message(),
            "duration: row 0 is 0; expected 1 or more where the event came");
  const std::vector<double> ones = {1, 1};
  const auto fit = FitDiscreteHazard(
      {.observed = {ones, one}, .covariates = {separating}, .names = {"x"}}, HazardLink::kLogit);
  EXPECT_EQ(fit.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(fit.status().message().substr(0, 40), "x: its coefficient grows without bound (");
}

}  // namespace
}  // namespace patron::loyalty
