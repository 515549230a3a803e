// Parametric lifetimes of the telecom customers, against R's survival 3.5-3.
#include "patron/loyalty/accelerated_failure.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "golden/loyalty/telco.hpp"
#include "gtest/gtest.h"

namespace patron::loyalty {
namespace {

#define EXPECT_CLOSE(actual, expected) \
  EXPECT_NEAR(actual, expected, 1e-9 * std::abs(expected)) << #actual

TEST(TelcoLifetimeTest, ExponentialAndWeibullAreThoseOfR) {
  const testing::Telco telco;
  if (telco.empty()) GTEST_SKIP() << "telco_churn is not there";
  std::vector<double> durations = telco.tenure;
  for (double &duration : durations) duration = std::max(duration, 0.5);
  const LifetimeData data{.observed = {durations, telco.churned}, .covariates = {}, .names = {}};
  const auto exponential = FitLifetime(data, LifetimeDistribution::kExponential);
  ASSERT_TRUE(exponential.ok()) << exponential.status();
  EXPECT_CLOSE(std::exp(-exponential->coefficients[0]), 0.0081975302148);
  EXPECT_CLOSE(exponential->log_likelihood, -10847.5308973);
  const auto weibull = FitLifetime(data, LifetimeDistribution::kWeibull);
  ASSERT_TRUE(weibull.ok()) << weibull.status();
  EXPECT_CLOSE(std::exp(weibull->coefficients[0]), 220.229794978);
  EXPECT_CLOSE(1 / weibull->scale, 0.644867448469);
  EXPECT_CLOSE(weibull->log_likelihood, -10576.5036676);
}

}  // namespace
}  // namespace patron::loyalty
