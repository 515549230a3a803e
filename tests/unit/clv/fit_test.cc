// Fits: recovery of what was simulated, limits and refusals by name, intervals, tests, shards.
#include "patron/clv/fit.hpp"
#include "patron/base/normal.hpp"

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "patron/base/random.hpp"
#include "patron/clv/distributions.hpp"
#include "patron/clv/gamma_gamma.hpp"
#include "patron/clv/intervals.hpp"
#include "patron/clv/likelihood_ratio.hpp"
#include "patron/clv/nbd.hpp"
#include "patron/clv/retention.hpp"

namespace patron::clv {
namespace {

Layout PlainLayout(std::span<const std::string_view> names) { return *Layout::Make(names); }

// Customers of an NBD with r 0.8 and alpha 6 exp(-0.5 z), z = 0 or 1 by turns. T is 30 for the
// former and 31 for the latter, which keeps their cells apart.
struct Sample {
  explicit Sample(uint64_t seed, size_t customers = 20'000) {
    for (uint64_t i = 0; i < customers; ++i) {
      const bool treated = i % 2 != 0;
      const double alpha = treated ? 6 * std::exp(-0.5) : 6.0;
      const double end = treated ? 31 : 30;
      counts.push_back(Simulate(NbdParameters{0.8, alpha}, RandomStream(seed, i), end).count);
      ends.push_back(end);
      kind.push_back(treated ? 1 : 0);
    }
  }
  std::vector<double> counts, ends;
  std::vector<uint32_t> kind;
};

// The pattern of each cell of the likelihood: its T tells it.
std::vector<uint32_t> PatternsOf(const Sample &sample) {
  const Cells<2> cells = GroupRows<2>({sample.counts, sample.ends});
  std::vector<uint32_t> patterns;
  for (const double end : cells.column[1]) patterns.push_back(end == 31 ? 1 : 0);
  return patterns;
}

TEST(FitTest, RecoversParametersAndCovariate) {
  const Sample sample(11);
  const auto likelihood = NbdLikelihood::Make(sample.counts, sample.ends);
  ASSERT_TRUE(likelihood.ok());
  const std::vector<std::string> names = {"treated"};
  const auto layout = Layout::Make(NbdLikelihood::kNames, names);
  const std::vector<double> values = {0, 1};
  const std::vector<uint32_t> patterns = PatternsOf(sample);
  const auto fit = FitModel(*likelihood, *layout, {{values}, {}, patterns});
  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_TRUE(fit->interior());
  EXPECT_EQ(fit->names.back(), "transaction.treated");
  const double truth[] = {0.8, 6, 0.5};
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_LT(std::abs(fit->estimates[i] - truth[i]), 4 * fit->standard_errors[i]) << i;
    EXPECT_LT(fit->standard_errors[i], 0.05 * truth[i] + 0.05) << i;
  }
  const auto plain = FitModel(*likelihood, PlainLayout(NbdLikelihood::kNames));
  ASSERT_TRUE(plain.ok());
  const auto test = TestLikelihoodRatio(*plain, *fit);
  ASSERT_TRUE(test.ok()) << test.status();
  EXPECT_EQ(test->degrees, 1);
  EXPECT_LT(test->p_value, 1e-10);
  EXPECT_EQ(TestLikelihoodRatio(*fit, *plain).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(FitTest, StartAndShardsDoNotMatter) {
  const Sample sample(12, 6000);
  const auto whole = NbdLikelihood::Make(sample.counts, sample.ends);
  const Layout layout = PlainLayout(NbdLikelihood::kNames);
  const auto single = FitModel(*whole, layout);
  ASSERT_TRUE(single.ok());
  std::vector<NbdLikelihood> shards;
  for (size_t begin = 0; begin < 6000; begin += 2000) {
    shards.push_back(*NbdLikelihood::Make(std::span(sample.counts).subspan(begin, 2000),
                                          std::span(sample.ends).subspan(begin, 2000)));
  }
  const auto sum = [&](const Eigen::VectorXd &point) -> absl::StatusOr<Evaluation> {
    Evaluation total;
    for (const NbdLikelihood &shard : shards) total.Add(*Evaluate(shard, layout, {}, point));
    return total;
  };
  for (const auto &start : {Eigen::Vector2d(0, 0), Eigen::Vector2d(6, -3), Eigen::Vector2d(-6, 8),
                            Eigen::Vector2d(10, 12)}) {
    const Eigen::VectorXd from = start;
    const auto fit = FitObjective(sum, layout, ShapeOf(shards[0]), {&from, 1});
    ASSERT_TRUE(fit.ok()) << fit.status();
    EXPECT_NEAR(fit->estimates[0], single->estimates[0], 1e-9);
    EXPECT_NEAR(fit->estimates[1], single->estimates[1], 1e-8);
    EXPECT_NEAR(fit->log_likelihood, single->log_likelihood, 1e-8);
  }
}

// The mean of x over customers is fitted exactly by the NBD at equal T: r T / alpha. Its standard
// error by the delta method is that of the mean of x under the model, sqrt(variance / customers).
TEST(FitTest, DeltaMethodGivesTheErrorOfTheMean) {
  Sample sample(13, 4000);
  const std::vector<double> ends(4000, 30.0);
  const auto likelihood = NbdLikelihood::Make(sample.counts, ends);
  const auto fit = FitModel(*likelihood, PlainLayout(NbdLikelihood::kNames));
  ASSERT_TRUE(fit.ok());
  double sum = 0;
  for (const double x : sample.counts) sum += x;
  const double mean = fit->estimates[0] * 30 / fit->estimates[1];
  EXPECT_NEAR(mean, sum / 4000, 1e-6);
  const double variance = mean * (1 + 30 / fit->estimates[1]);
  const double error = DeltaStandardError(
      *fit, [](const Eigen::VectorXd &point) { return 30 * std::exp(point[0] - point[1]); });
  EXPECT_NEAR(error, std::sqrt(variance / 4000), 1e-6);
}

TEST(FitTest, NamesHomogeneousPurchasing) {
  // Counts less spread than Poisson.
  const std::vector<double> counts = {3, 3, 3, 4, 4, 2}, ends(6, 10.0);
  const auto likelihood = NbdLikelihood::Make(counts, ends);
  const auto fit = FitModel(*likelihood, PlainLayout(NbdLikelihood::kNames));
  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_EQ(fit->limits, std::vector<Limit>{Limit::kHomogeneousPurchasing});
  EXPECT_EQ(LimitName(fit->limits[0]), "homogeneous purchasing");
}

TEST(NbdLikelihoodTest, NeedsTimeInWhichToPurchase) {
  const std::vector<double> counts(3, 0.0), ends(3, 0.0);
  EXPECT_EQ(NbdLikelihood::Make(counts, ends).status().message(),
            "T: 0 in all rows; expected time in which to purchase");
}

TEST(FitTest, NamesNoDropoutAndHomogeneousDropout) {
  CohortRows kept, steady;
  ASSERT_TRUE(kept.Add(std::vector<double>{100, 100, 100}).ok());
  // A tenth of those left at each renewal, and more at the last: no sign of differences.
  ASSERT_TRUE(steady.Add(std::vector<double>{100000, 90000, 81000, 72900, 65000}).ok());
  const auto layout = PlainLayout(SbgLikelihood::kNames);
  const auto loyal = FitModel(*SbgLikelihood::Make(kept.history()), layout);
  ASSERT_TRUE(loyal.ok()) << loyal.status();
  EXPECT_EQ(loyal->limits, std::vector<Limit>{Limit::kNoDropout});
  const auto alike = FitModel(*SbgLikelihood::Make(steady.history()), layout);
  ASSERT_TRUE(alike.ok()) << alike.status();
  EXPECT_EQ(alike->limits, std::vector<Limit>{Limit::kHomogeneousDropout});
}

// Spends with a tail so long that their mean does not exist: q is 0.8.
TEST(FitTest, NamesInfiniteMeanSpend) {
  std::vector<double> counts, spends;
  for (uint64_t i = 0; i < 5000; ++i) {
    counts.push_back(static_cast<double>(1 + i % 4));
    spends.push_back(Simulate(GammaGammaParameters{3, 0.8, 10}, RandomStream(3, i), counts[i]));
  }
  const auto fit = FitModel(*GammaGammaLikelihood::Make(counts, spends),
                            PlainLayout(GammaGammaLikelihood::kNames));
  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_EQ(fit->limits, std::vector<Limit>{Limit::kInfiniteMeanSpend});
  EXPECT_LT(std::abs(fit->estimates[1] - 0.8), 4 * fit->standard_errors[1]);
  EXPECT_TRUE(std::isinf(MeanSpend({fit->estimates[0], fit->estimates[1], fit->estimates[2]})));
}

TEST(FitTest, RecoversGammaGamma) {
  std::vector<double> counts, spends;
  for (uint64_t i = 0; i < 20'000; ++i) {
    counts.push_back(static_cast<double>(1 + i % 7));
    spends.push_back(Simulate(GammaGammaParameters{6, 4, 15}, RandomStream(5, i), counts[i]));
  }
  const auto fit = FitModel(*GammaGammaLikelihood::Make(counts, spends),
                            PlainLayout(GammaGammaLikelihood::kNames));
  ASSERT_TRUE(fit.ok()) << fit.status();
  const double truth[] = {6, 4, 15};
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_LT(std::abs(fit->estimates[i] - truth[i]), 4 * fit->standard_errors[i]) << i;
    EXPECT_LT(fit->standard_errors[i], 0.1 * truth[i]) << i;
  }
}

TEST(FitTest, RefusesWhatTheDataDoNotDetermine) {
  const Sample sample(14, 2000);
  const auto likelihood = NbdLikelihood::Make(sample.counts, sample.ends);
  const std::vector<std::string> names = {"same"};
  const auto layout = Layout::Make(NbdLikelihood::kNames, names);
  const std::vector<double> values = {1, 1};
  const std::vector<uint32_t> patterns = PatternsOf(sample);
  const CovariateRows covariates{{values}, {}, patterns};
  const auto fit = FitModel(*likelihood, *layout, covariates);
  EXPECT_EQ(fit.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(fit.status().message(),
            "transaction.same: the same in all rows; expected a covariate that varies");

  // A sum of shards shows no covariates, but its curvature tells.
  const auto objective = [&](const Eigen::VectorXd &point) {
    return Evaluate(*likelihood, *layout, covariates, point);
  };
  const std::vector<Eigen::VectorXd> starts = {Eigen::VectorXd::Zero(3)};
  const auto summed = FitObjective(objective, *layout, ShapeOf(*likelihood), starts);
  EXPECT_EQ(summed.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(summed.status().message().find("the data do not determine alpha, transaction.same"),
            absl::string_view::npos)
      << summed.status();
}

TEST(FitTest, RefusesAFitBelowTheNull) {
  const Sample sample(15, 2000);
  const auto likelihood = NbdLikelihood::Make(sample.counts, sample.ends);
  FitOptions options;
  options.null_log_likelihood = 0;
  const auto fit = FitModel(*likelihood, PlainLayout(NbdLikelihood::kNames), {}, options);
  EXPECT_EQ(fit.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(fit.status().message().find("is below that of the NBD, 0"), absl::string_view::npos);
}

TEST(FitTest, NoRowsIsAnError) {
  const auto likelihood = NbdLikelihood::Make({}, {});
  EXPECT_EQ(FitModel(*likelihood, PlainLayout(NbdLikelihood::kNames)).status().message(),
            "data: no rows; expected at least one customer");
}

// The High End cohort of Fader and Hardie (2007). At each end of a 95 % profile interval the best
// log-likelihood over the other parameter is 3.841459 / 2 below the maximum.
TEST(IntervalTest, ProfileEndsLieWhereTheTestRejects) {
  CohortRows cohort;
  ASSERT_TRUE(cohort.Add(std::vector<double>{1000, 869, 743, 653, 593, 551, 517, 491}).ok());
  const auto likelihood = SbgLikelihood::Make(cohort.history());
  const Layout layout = PlainLayout(SbgLikelihood::kNames);
  const auto fit = FitModel(*likelihood, layout);
  ASSERT_TRUE(fit.ok());
  const auto objective = [&](const Eigen::VectorXd &point) {
    return Evaluate(*likelihood, layout, {}, point);
  };
  for (size_t index = 0; index < 2; ++index) {
    const auto interval = ProfileInterval(objective, *fit, index);
    ASSERT_TRUE(interval.ok()) << interval.status();
    EXPECT_LT(interval->lower, fit->estimates[index]);
    EXPECT_GT(interval->upper, fit->estimates[index]);
    for (const double end : {interval->lower, interval->upper}) {
      const auto value = [&](double other) {
        Eigen::Vector2d point;
        point[static_cast<Eigen::Index>(index)] = std::log(end);
        point[static_cast<Eigen::Index>(1 - index)] = other;
        return Evaluate(*likelihood, layout, {}, point, false)->value;
      };
      double low = -5, high = 5;  // Thirds, without derivatives.
      while (high - low > 1e-5) {
        const double third = (high - low) / 3;
        if (value(low + third) < value(high - third)) {
          low += third;
        } else {
          high -= third;
        }
      }
      EXPECT_NEAR(fit->log_likelihood - value(low), 3.841458820694124 / 2, 1e-6) << index;
    }
    const auto wald = WaldInterval(*fit, index);
    EXPECT_NEAR(std::log(wald->lower) + std::log(wald->upper), 2 * std::log(fit->estimates[index]),
                1e-12);
    EXPECT_NEAR(wald->lower, interval->lower, 0.1 * interval->lower);
    const auto natural = WaldInterval(*fit, index, 0.95, WaldScale::kNatural);
    EXPECT_NEAR(natural->upper - natural->lower,
                2 * 1.959963984540054 * fit->standard_errors[index], 1e-12);
  }
  EXPECT_EQ(WaldInterval(*fit, 2).status().message(), "parameter: 2; expected a place below 2");
  EXPECT_EQ(WaldInterval(*fit, 0, 1).status().message(),
            "level: 1; expected a number between 0 and 1");
}

// Printed tables of the normal and the chi-square distribution.
TEST(DistributionsTest, EqualPrintedTables) {
  EXPECT_NEAR(NormalQuantile(0.975), 1.959963984540054, 1e-14);
  EXPECT_NEAR(NormalQuantile(0.001), -3.090232306167814, 1e-14);
  EXPECT_EQ(NormalQuantile(0.5), 0);
  EXPECT_NEAR(NormalQuantile(1e-20), -9.262340089798408, 1e-13);
  EXPECT_NEAR(ChiSquareTail(3.841458820694124, 1), 0.05, 1e-15);
  EXPECT_NEAR(ChiSquareTail(5.991464547107979, 2), 0.05, 1e-15);
  EXPECT_NEAR(ChiSquareTail(7.814727903251179, 3), 0.05, 1e-15);
  EXPECT_NEAR(ChiSquareTail(18.307038053275146, 10), 0.05, 1e-15);
  EXPECT_EQ(ChiSquareTail(0, 4), 1);
}

}  // namespace
}  // namespace patron::clv
