// The partial likelihood: each way to walk through the risk sets says the same, and what the formula says.
#if defined(__GNUC__)
// No pack crosses a call into another object.
#pragma GCC diagnostic ignored "-Wpsabi"
#endif

#include "patron/loyalty/partial_likelihood.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "patron/loyalty/cox.hpp"

namespace patron::loyalty {
namespace {

using detail::cox::PartialLikelihood;
using detail::cox::RiskRows;

constexpr size_t kCovariates = 5;

struct Sample {
  std::vector<double> duration, entry, weight, offset;
  std::vector<uint8_t> event;
  std::vector<uint32_t> stratum;
  std::vector<std::vector<double>> x{kCovariates};

  // `distinct` 0: durations that all differ.
  Sample(size_t rows, size_t distinct) {
    std::mt19937_64 engine(rows + distinct);
    const auto draw = [&] { return static_cast<double>(engine() >> 11) * 0x1p-53; };
    for (size_t i = 0; i < rows; ++i) {
      const double length = 1 - std::log(draw()) * 20;
      duration.push_back(distinct == 0 ? length
                                       : 1 + std::floor(draw() * static_cast<double>(distinct)));
      event.push_back(draw() < 0.6 ? 1 : 0);
      entry.push_back(0);
      weight.push_back(0.5 + draw());
      offset.push_back(draw() - 0.5);
      stratum.push_back(draw() < 0.3 ? 1 : 0);
      for (size_t k = 0; k < kCovariates; ++k) {
        x[k].push_back(k == 0 ? (draw() < 0.3 ? 1.0 : 0.0) : 3 * draw() - 1.5);
      }
    }
  }

  std::vector<std::span<const double>> columns() const { return {x.begin(), x.end()}; }
  Observed observed(bool weighted, bool entries) const {
    return {.duration = duration,
            .event = event,
            .entry = entries ? std::span<const double>(entry) : std::span<const double>(),
            .weight = weighted ? std::span<const double>(weight) : std::span<const double>()};
  }

  PartialLikelihood Likelihood(Ties ties, bool full, bool entries) const {
    const std::span<const double> none;
    RiskRows rows(observed(full, entries), full ? Groups{stratum, 2} : Groups{}, kCovariates,
                  full ? std::span<const double>(offset) : none, {});
    const std::vector<double> center(kCovariates, 0.25), scale(kCovariates, 0.5);
    rows.Take(columns(), none, center, scale);
    return {std::move(rows), ties, RiskKernelsOf<clv::NativePack>()};
  }
};

Eigen::VectorXd Point() {
  Eigen::VectorXd point(kCovariates);
  point << 0.3, -0.2, 0.1, 0.4, -0.5;
  return point;
}

void ExpectSame(const PartialLikelihood::Evaluation &a, const PartialLikelihood::Evaluation &b) {
  const double size = b.information.norm();
  EXPECT_NEAR(a.value, b.value, 1e-11 * std::abs(b.value));
  EXPECT_LT((a.gradient - b.gradient).norm(), 1e-11 * size);
  EXPECT_LT((a.information - b.information).norm(), 1e-11 * size);
}

// Few times of many rows, several of a few, and times that all differ: with entries at 0, which exclude
// nobody, the risk sets are walked one by one instead.
TEST(PartialLikelihoodTest, EveryWalkSaysTheSame) {
  for (const size_t distinct : {8, 400, 0}) {
    const Sample sample(3001, distinct);
    for (const Ties ties : {Ties::kEfron, Ties::kBreslow}) {
      for (const bool full : {false, true}) {
        SCOPED_TRACE(::testing::Message() << distinct << " times, full " << full);
        const PartialLikelihood fast = sample.Likelihood(ties, full, false);
        const PartialLikelihood slow = sample.Likelihood(ties, full, true);
        std::vector<double> factor;
        for (size_t m = 0; m < fast.rows().moments().size(); ++m) {
          factor.push_back(0.1 * static_cast<double>(m % 7) - 0.2);
        }
        ASSERT_EQ(slow.rows().moments().size(), factor.size());
        PartialLikelihood::Hazards a, b;
        ExpectSame(fast.Evaluate(Point(), {}, &a), slow.Evaluate(Point(), {}, &b));
        for (size_t m = 0; m < factor.size(); ++m) EXPECT_NEAR(a.stay[m], b.stay[m], 1e-12);
        const auto null = slow.Evaluate(0 * Point());
        ExpectSame(fast.Evaluate(0 * Point()), null);
        PartialLikelihood::Hazards c;
        const auto both = fast.EvaluateBoth(0 * Point(), c, Point(), b);
        ExpectSame(both.first, null);
        EXPECT_EQ(both.second.information, fast.Evaluate(Point()).information);
        EXPECT_EQ(b.stay, a.stay);
        const auto once = fast.Evaluate(Point(), factor), again = slow.Evaluate(Point(), factor);
        EXPECT_LT((once.gradient - again.gradient).norm(), 1e-10);
        EXPECT_LT((once.information - again.information).norm(), 1e-10);
      }
    }
  }
}

// Breslow's likelihood is a sum over events that one can write down; its derivatives are differences.
TEST(PartialLikelihoodTest, IsThatOfTheFormula) {
  for (const size_t distinct : {4, 50, 0}) {
    const Sample sample(700, distinct);
    const auto at = [&](const Eigen::VectorXd &beta) {
      std::vector<long double> eta(sample.duration.size());
      long double value = 0;
      for (size_t i = 0; i < eta.size(); ++i) {
        eta[i] = sample.offset[i];
        for (size_t k = 0; k < kCovariates; ++k) {
          eta[i] += beta[static_cast<Eigen::Index>(k)] * (sample.x[k][i] - 0.25) / 0.5;
        }
      }
      for (size_t i = 0; i < eta.size(); ++i) {
        if (sample.event[i] == 0) continue;
        long double set = 0;
        for (size_t j = 0; j < eta.size(); ++j) {
          if (sample.stratum[j] != sample.stratum[i] || sample.duration[j] < sample.duration[i]) {
            continue;
          }
          set += sample.weight[j] * std::exp(eta[j]);
        }
        value += sample.weight[i] * (eta[i] - std::log(set));
      }
      return static_cast<double>(value);
    };
    const auto found = sample.Likelihood(Ties::kBreslow, true, false).Evaluate(Point());
    EXPECT_NEAR(found.value, at(Point()), 1e-10 * std::abs(found.value));
    for (Eigen::Index k = 0; k < found.gradient.size(); ++k) {
      const Eigen::VectorXd step = 1e-4 * Eigen::VectorXd::Unit(found.gradient.size(), k);
      const double up = at(Point() + step), down = at(Point() - step);
      EXPECT_NEAR(found.gradient[k], (up - down) / 2e-4, 1e-4);
      EXPECT_NEAR(found.information(k, k), (2 * found.value - up - down) / 1e-8, 0.05);
    }
  }
}

// Of many rows the covariates are read once, less a guess of their means.
TEST(PartialLikelihoodTest, ManyRowsFitAsTheyDoWithExactMeans) {
  for (const size_t distinct : {12, 0}) {
    const Sample sample(60'000, distinct);
    CoxData data{.observed = sample.observed(true, false),
                 .covariates = sample.columns(),
                 .names = {"a", "b", "c", "d", "e"}};
    const auto rough = FitCox(data);
    ASSERT_TRUE(rough.ok()) << rough.status();
    CoxOptions exact;
    exact.penalty.assign(kCovariates, 0);
    const auto known = FitCox(data, exact);
    ASSERT_TRUE(known.ok()) << known.status();
    EXPECT_NEAR(rough->log_likelihood, known->log_likelihood, 1e-12 * -known->log_likelihood);
    EXPECT_NEAR(rough->score_statistic, known->score_statistic, 1e-8);
    EXPECT_NEAR(rough->baselines[0].cumulative.back(), known->baselines[0].cumulative.back(), 1e-7);
    for (Eigen::Index k = 0; k < rough->means.size(); ++k) {
      EXPECT_NEAR(rough->means[k], known->means[k], 1e-13);
      EXPECT_NEAR(rough->deviations[k], known->deviations[k], 1e-13);
      EXPECT_NEAR(rough->coefficients[k], known->coefficients[k], 1e-9);
      EXPECT_NEAR(rough->covariance(k, k), known->covariance(k, k), 1e-8 * known->covariance(k, k));
    }
  }
}

TEST(PartialLikelihoodTest, ManyRowsAreRefusedAsFewAre) {
  Sample sample(60'000, 12);
  const auto fit = [&] {
    return FitCox({.observed = sample.observed(false, false),
                   .covariates = sample.columns(),
                   .names = {"a", "b", "c", "d", "e"}});
  };
  const double kept = sample.x[2][41'234];
  sample.x[2][41'234] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(fit().status().message(), "c: row 41234 is nan; expected a finite number");
  sample.x[2][41'234] = kept;
  sample.x[3].assign(60'000, 7);
  EXPECT_EQ(fit().status().message(), "d: 7 in all rows; expected a covariate that varies");
  // A few rows that most do not tell of are no error.
  for (size_t i = 0; i < 60'000; ++i) sample.x[3][i] = i % 29 == 3 ? 1e6 : sample.x[4][i] * 1e-6;
  EXPECT_TRUE(fit().ok()) << fit().status();
}

}  // namespace
}  // namespace patron::loyalty
