// Covariates in the models that group their rows themselves: recovery of what was simulated,
// derivatives, ties, penalties, units, and refusals of covariates that the data cannot tell.
#include "patron/clv/covariates.hpp"

#include <cmath>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "patron/base/random.hpp"
#include "patron/clv/bgbb.hpp"
#include "patron/clv/bgbb_predictions.hpp"
#include "patron/clv/fit.hpp"
#include "patron/clv/history.hpp"
#include "patron/clv/nbd.hpp"
#include "patron/clv/retention.hpp"
#include "patron/clv/retention_predictions.hpp"

namespace patron::clv {
namespace {

using Patterns = std::span<const uint32_t>;

// Customers with two covariates, one of them of another size.
struct Drawn {
  std::vector<double> z, w, x, last, T;
  std::vector<uint8_t> lost;

  explicit Drawn(size_t customers) {
    for (uint64_t i = 0; i < customers; ++i) {
      z.push_back(static_cast<double>(i % 2));
      w.push_back(static_cast<double>(i % 5) - 2);
    }
  }
  size_t size() const { return z.size(); }
};

std::vector<std::string> NamesOf(std::span<const Covariate> covariates) {
  std::vector<std::string> names;
  for (const Covariate &c : covariates) names.push_back(c.name);
  return names;
}

// A model with the data it is fitted to.
template <typename T>
struct Problem {
  std::function<absl::StatusOr<T>(std::span<const double> weights, Patterns patterns)> make;
  std::vector<Covariate> transaction, dropout;
  size_t rows;

  Layout LayoutWith(std::span<const std::pair<size_t, size_t>> tied = {},
                    const Penalty &penalty = {}) const {
    return *Layout::Make(T::kNames, NamesOf(transaction), NamesOf(dropout), tied, penalty);
  }
  absl::StatusOr<Fit> FitWith(const Layout &layout, std::span<const double> weights = {}) const {
    const CovariatePatterns patterns(transaction, dropout, rows);
    const auto likelihood = make(weights, patterns.of_row);
    if (!likelihood.ok()) return likelihood.status();
    return FitModel(*likelihood, layout, patterns.At(likelihood->patterns()));
  }
};

Problem<NbdLikelihood> NbdProblem(Drawn &drawn, const std::vector<double> &truth) {
  for (uint64_t i = 0; i < drawn.size(); ++i) {
    const double alpha = truth[1] * std::exp(-truth[2] * drawn.z[i] - truth[3] * drawn.w[i]);
    const double end = 20 + static_cast<double>(i % 7);
    drawn.T.push_back(end);
    drawn.x.push_back(Simulate(NbdParameters{truth[0], alpha}, RandomStream(3, i), end).count);
  }
  return {[&drawn](std::span<const double> weights, Patterns patterns) {
            return NbdLikelihood::Make(drawn.x, drawn.T, weights, patterns);
          },
          {{"z", drawn.z}, {"w", drawn.w}},
          {},
          drawn.size()};
}

// z moves both processes, w dropout alone.
Problem<BgbbLikelihood> BgbbProblem(Drawn &drawn, const std::vector<double> &truth) {
  for (uint64_t i = 0; i < drawn.size(); ++i) {
    const double g = std::exp(truth[4] * drawn.z[i] / 2);
    const double d = std::exp((truth[5] * drawn.z[i] + truth[6] * drawn.w[i]) / 2);
    const uint32_t n = 5 + static_cast<uint32_t>(i % 4);
    const DiscreteHistory history =
        Simulate(BgbbParameters{truth[0] * g, truth[1] / g, truth[2] * d, truth[3] / d},
                 RandomStream(4, i), n);
    drawn.x.push_back(history.count);
    drawn.last.push_back(history.recency);
    drawn.T.push_back(n);
  }
  return {[&drawn](std::span<const double> weights, Patterns patterns) {
            return BgbbLikelihood::Make(drawn.x, drawn.last, drawn.T, weights, patterns);
          },
          {{"z", drawn.z}},
          {{"z", drawn.z}, {"w", drawn.w}},
          drawn.size()};
}

// The last of `truth` are the coefficients; c is 1 for sBG.
template <size_t kSize>
Problem<RetentionLikelihood<kSize>> ContractProblem(Drawn &drawn,
                                                    const std::vector<double> &truth) {
  for (uint64_t i = 0; i < drawn.size(); ++i) {
    const double d = std::exp((truth[kSize] * drawn.z[i] + truth[kSize + 1] * drawn.w[i]) / 2);
    const double c = kSize == 3 ? truth[2] : 1;
    const double seen = 4 + static_cast<double>(i % 6);
    const double loss =
        SimulateLoss(RetentionParameters{truth[0] * d, truth[1] / d, c}, RandomStream(5, i));
    drawn.lost.push_back(loss <= seen ? 1 : 0);
    drawn.T.push_back(std::min(loss, seen));
  }
  return {[&drawn](std::span<const double> weights, Patterns patterns) {
            return RetentionLikelihood<kSize>::Make({drawn.T, drawn.lost, weights, {}, patterns});
          },
          {},
          {{"z", drawn.z}, {"w", drawn.w}},
          drawn.size()};
}

// Gradient and Hessian at a point away from the optimum against central differences.
template <typename T>
void ExpectDerivatives(const Problem<T> &problem, const Layout &layout) {
  const CovariatePatterns patterns(problem.transaction, problem.dropout, problem.rows);
  const auto likelihood = problem.make({}, patterns.of_row);
  ASSERT_TRUE(likelihood.ok()) << likelihood.status();
  const CovariateRows covariates = patterns.At(likelihood->patterns());
  Eigen::VectorXd point(layout.free_size());
  for (Eigen::Index i = 0; i < point.size(); ++i) {
    point[i] = 0.3 - 0.2 * static_cast<double>(i % 3) + likelihood->LogScale()[0];
  }
  const auto at = Evaluate(*likelihood, layout, covariates, point);
  ASSERT_TRUE(at.ok());
  for (Eigen::Index i = 0; i < point.size(); ++i) {
    constexpr double kWidth = 1e-5;
    Eigen::VectorXd up = point, down = point;
    up[i] += kWidth;
    down[i] -= kWidth;
    const auto above = Evaluate(*likelihood, layout, covariates, up);
    const auto below = Evaluate(*likelihood, layout, covariates, down);
    EXPECT_NEAR(at->gradient[i], (above->value - below->value) / (2 * kWidth),
                1e-7 * std::abs(at->value))
        << i;
    for (Eigen::Index j = 0; j < point.size(); ++j) {
      EXPECT_NEAR(at->hessian(i, j), (above->gradient[j] - below->gradient[j]) / (2 * kWidth),
                  1e-7 * std::abs(at->value))
          << i << " " << j;
    }
  }
}

template <typename T>
void ExpectRecovered(const Problem<T> &problem, const std::vector<double> &truth) {
  const Layout layout = problem.LayoutWith();
  ExpectDerivatives(problem, layout);
  const auto fit = problem.FitWith(layout);
  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_TRUE(fit->interior());
  EXPECT_LT(fit->optimum.gradient, 1e-8);
  ASSERT_EQ(fit->estimates.size(), truth.size());
  for (size_t i = 0; i < truth.size(); ++i) {
    EXPECT_NEAR(fit->estimates[i], truth[i], 4 * fit->standard_errors[i]) << fit->names[i];
  }

  // Of another size, far from zero: nothing changes but the coefficient and its error.
  const bool dropout = !problem.dropout.empty();
  const Covariate &last = dropout ? problem.dropout.back() : problem.transaction.back();
  std::vector<double> scaled;
  for (const double v : last.values) scaled.push_back(1e6 * v);
  Problem<T> large = problem;
  (dropout ? large.dropout : large.transaction).back().values = scaled;
  const auto again = large.FitWith(layout);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_NEAR(again->log_likelihood, fit->log_likelihood, 1e-9 * std::abs(fit->log_likelihood));
  EXPECT_NEAR(again->estimates.back() * 1e6, fit->estimates.back(),
              1e-6 * std::abs(fit->estimates.back()));
  EXPECT_NEAR(again->standard_errors.back() * 1e6, fit->standard_errors.back(),
              1e-6 * fit->standard_errors.back());

  // A weight of two is the row twice.
  const std::vector<double> twice(problem.rows, 2.0);
  const auto weighted = problem.FitWith(layout, twice);
  ASSERT_TRUE(weighted.ok()) << weighted.status();
  EXPECT_NEAR(weighted->log_likelihood, 2 * fit->log_likelihood,
              1e-12 * std::abs(fit->log_likelihood));
  EXPECT_NEAR(weighted->estimates.back(), fit->estimates.back(), 1e-8);

  // A penalty's slope is that of the log-likelihood.
  constexpr double kPenalty = 0.2;
  const Layout penalised = problem.LayoutWith({}, {kPenalty, kPenalty, {}});
  const auto shrunk = problem.FitWith(penalised);
  ASSERT_TRUE(shrunk.ok()) << shrunk.status();
  const CovariatePatterns patterns(problem.transaction, problem.dropout, problem.rows);
  const auto likelihood = problem.make({}, patterns.of_row);
  const auto at =
      Evaluate(*likelihood, layout, patterns.At(likelihood->patterns()), shrunk->optimum.point);
  for (Eigen::Index i = 0; i < layout.free_size(); ++i) {
    const bool own = static_cast<size_t>(i) < layout.parameter_count();
    EXPECT_NEAR(at->gradient[i] / at->weight, own ? 0 : 2 * kPenalty * shrunk->optimum.point[i],
                1e-9);
  }
  EXPECT_LT(std::abs(shrunk->estimates.back()), std::abs(fit->estimates.back()));

  // Each row by itself, in order, adds up to the whole.
  const CovariatePatterns apart =
      CovariatePatterns::EachRow(problem.transaction, problem.dropout, problem.rows);
  const auto by_row = problem.make({}, apart.of_row);
  const auto values =
      EvaluateRows(*by_row, layout, apart.At(by_row->patterns()), fit->optimum.point);
  ASSERT_TRUE(values.ok());
  ASSERT_EQ(values->size(), problem.rows);
  double sum = 0;
  for (const double v : *values) sum += v;
  EXPECT_NEAR(sum, fit->log_likelihood, 1e-10 * std::abs(sum));
}

TEST(CovariatesTest, NbdRecoversThem) {
  const std::vector<double> truth = {0.9, 5, 0.6, -0.3};
  Drawn drawn(12'000);
  ExpectRecovered(NbdProblem(drawn, truth), truth);
}

TEST(CovariatesTest, BgbbRecoversThem) {
  const std::vector<double> truth = {1.2, 0.8, 0.7, 2.8, 0.5, -0.6, 0.25};
  Drawn drawn(20'000);
  ExpectRecovered(BgbbProblem(drawn, truth), truth);
}

TEST(CovariatesTest, SbgRecoversThem) {
  const std::vector<double> truth = {0.8, 2.5, 0.7, -0.2};
  Drawn drawn(12'000);
  ExpectRecovered(ContractProblem<2>(drawn, truth), truth);
}

TEST(CovariatesTest, BetaDiscreteWeibullRecoversThem) {
  const std::vector<double> truth = {0.9, 3, 1.4, -0.5, 0.3};
  Drawn drawn(12'000);
  ExpectRecovered(ContractProblem<3>(drawn, truth), truth);
}

// exp of a coefficient is the ratio of the odds of the mean chance: a group by itself, fitted with
// a covariate, is the group moved so.
TEST(CovariatesTest, EachGroupHasParametersOfItsOwn) {
  const std::vector<double> truth = {1.2, 0.8, 0.7, 2.8, 0.5, -0.6, 0.25};
  Drawn drawn(400);
  const auto problem = BgbbProblem(drawn, truth);
  const Layout layout = problem.LayoutWith();
  const CovariatePatterns patterns(problem.transaction, problem.dropout, problem.rows);
  const auto likelihood = problem.make({}, patterns.of_row);
  Eigen::VectorXd point(7);
  for (size_t i = 0; i < 7; ++i) {
    point[static_cast<Eigen::Index>(i)] = i < 4 ? std::log(truth[i]) : truth[i];
  }
  const auto all = Evaluate(*likelihood, layout, patterns.At(likelihood->patterns()), point);
  double sum = 0;
  for (size_t i = 0; i < drawn.size(); ++i) {
    const double g = truth[4] * drawn.z[i], d = truth[5] * drawn.z[i] + truth[6] * drawn.w[i];
    const auto one = BgbbLikelihood::Make({&drawn.x[i], 1}, {&drawn.last[i], 1}, {&drawn.T[i], 1});
    Eigen::VectorXd own = point.head(4);
    own += Eigen::Vector4d(g / 2, -g / 2, d / 2, -d / 2);
    sum += Evaluate(*one, *Layout::Make(BgbbLikelihood::kNames), {}, own, false)->value;
  }
  EXPECT_NEAR(all->value, sum, 1e-12 * std::abs(sum));
}

TEST(CovariatesTest, ATiedCoefficientIsTheBestThatBothCanShare) {
  Drawn drawn(8000);
  auto problem = BgbbProblem(drawn, {1.2, 0.8, 0.7, 2.8, 0.4, 0.4, 0});
  problem.dropout.pop_back();
  const std::vector<std::pair<size_t, size_t>> ties = {{0, 0}};
  const auto tied = problem.FitWith(problem.LayoutWith(ties));
  ASSERT_TRUE(tied.ok()) << tied.status();
  EXPECT_EQ(tied->names.back(), "both.z");
  EXPECT_NEAR(tied->estimates.back(), 0.4, 4 * tied->standard_errors.back());
  // Untied, the slopes by both cancel there and the others vanish.
  const Layout untied = problem.LayoutWith();
  const CovariatePatterns patterns(problem.transaction, problem.dropout, problem.rows);
  const auto likelihood = problem.make({}, patterns.of_row);
  Eigen::VectorXd point(6);
  point << tied->optimum.point, tied->optimum.point[4];
  const auto at = Evaluate(*likelihood, untied, patterns.At(likelihood->patterns()), point);
  EXPECT_NEAR(at->value, tied->log_likelihood, 1e-10 * std::abs(at->value));
  for (Eigen::Index i = 0; i < 4; ++i) EXPECT_NEAR(at->gradient[i] / at->weight, 0, 1e-9);
  EXPECT_NEAR((at->gradient[4] + at->gradient[5]) / at->weight, 0, 1e-9);
  EXPECT_GT(std::abs(at->gradient[4] / at->weight), 1e-6);
  const auto both = problem.FitWith(untied);
  ASSERT_TRUE(both.ok());
  EXPECT_GE(both->log_likelihood, tied->log_likelihood);
}

// More patterns than the first table of their numbering holds, each a row or two.
TEST(CovariatesTest, AContinuousCovariateHasManyPatterns) {
  std::vector<double> values, doubled;
  constexpr size_t kRows = 20'000;
  for (size_t i = 0; i < kRows; ++i) {
    values.push_back(RandomStream(1, i / 2).Uniform(0));
    doubled.push_back(values.back() == 0 ? -0.0 : values.back());
  }
  const std::vector<Covariate> transaction = {{"v", values}}, dropout = {{"d", doubled}};
  const CovariatePatterns patterns(transaction, dropout, kRows);
  EXPECT_FALSE(patterns.each_row);
  EXPECT_EQ(patterns.transaction[0].values().size(), kRows / 2);
  EXPECT_TRUE(std::ranges::is_sorted(patterns.transaction[0].values()));
  for (size_t i = 0; i < kRows; ++i) {
    ASSERT_EQ(patterns.transaction[0][patterns.of_row[i]], values[i]);
    ASSERT_EQ(patterns.dropout[0][patterns.of_row[i]], values[i]);
  }
}

class DeterminedTest : public ::testing::Test {
 protected:
  DeterminedTest() {
    for (size_t i = 0; i < 60; ++i) {
      a_.push_back(static_cast<double>(i % 3));
      b_.push_back(static_cast<double>(i % 5) - 7);
      sum_.push_back(2 * a_[i] - b_[i] + 11);
      same_.push_back(3);
      almost_.push_back(a_[i] + 1e-5 * static_cast<double>(i % 4));
    }
  }
  // What is said of covariates of these names.
  std::string Said(const std::vector<Covariate> &transaction,
                   const std::vector<Covariate> &dropout = {},
                   const std::vector<std::pair<size_t, size_t>> &tied = {},
                   const Penalty &penalty = {}) const {
    const auto layout =
        Layout::Make(BgbbLikelihood::kNames, NamesOf(transaction), NamesOf(dropout), tied, penalty);
    const CovariatePatterns patterns(transaction, dropout, a_.size());
    return std::string(CheckDetermined(*layout, patterns.At({})).message());
  }

  std::vector<double> a_, b_, sum_, same_, almost_;
};

TEST_F(DeterminedTest, NamesACovariateThatDoesNotVary) {
  EXPECT_EQ(Said({{"a", a_}, {"same", same_}}),
            "transaction.same: the same in all rows; expected a covariate that varies");
  EXPECT_EQ(Said({{"a", a_}}, {{"same", same_}}),
            "dropout.same: the same in all rows; expected a covariate that varies");
}

TEST_F(DeterminedTest, NamesACovariateThatFollowsFromOthers) {
  EXPECT_EQ(Said({{"a", a_}, {"b", b_}, {"sum", sum_}}),
            "transaction.sum: follows from a, b; expected covariates that do not follow from each "
            "other");
  EXPECT_EQ(Said({{"b", b_}}, {{"b", b_}, {"a", a_}, {"twin", a_}}),
            "dropout.twin: follows from a; expected covariates that do not follow from each other");
}

TEST_F(DeterminedTest, LetsThroughWhatTheDataCanTell) {
  EXPECT_EQ(Said({}), "");
  EXPECT_EQ(Said({{"a", a_}, {"b", b_}}, {{"a", a_}, {"sum", sum_}}), "");
  EXPECT_EQ(Said({{"a", a_}, {"almost", almost_}}), "");
  // A penalty decides between what the data cannot tell apart.
  EXPECT_EQ(Said({{"a", a_}, {"twin", a_}, {"same", same_}}, {}, {}, {.transaction = 0.1}), "");
}

// A tied covariate may be the same in all rows of one process, for the other tells it, but two tied
// ones must differ in one process at least.
TEST_F(DeterminedTest, MindsTies) {
  EXPECT_EQ(Said({{"a", a_}}, {{"same", same_}}, {{0, 0}}), "");
  EXPECT_EQ(Said({{"same", same_}}, {{"same", same_}}, {{0, 0}}),
            "transaction.same: the same in all rows; expected a covariate that varies");
  EXPECT_EQ(Said({{"a", a_}, {"twin", a_}}, {{"a", a_}, {"twin", b_}}, {{0, 0}, {1, 1}}), "");
  EXPECT_EQ(Said({{"a", a_}, {"twin", a_}}, {{"b", b_}, {"again", b_}}, {{0, 0}, {1, 1}}),
            "transaction.twin: follows from a; expected covariates that do not follow from each "
            "other");
}

TEST_F(DeterminedTest, StepsAreOneOverTheSpread) {
  const std::vector<Covariate> transaction = {{"a", a_}, {"same", same_}};
  const std::vector<std::string> names = {"a", "same"};
  const auto layout = Layout::Make(NbdLikelihood::kNames, names);
  const Eigen::VectorXd steps =
      TypicalSteps(*layout, CovariatePatterns(transaction, {}, a_.size()).At({}));
  ASSERT_EQ(steps.size(), 4);
  EXPECT_EQ(steps[0], 1);
  EXPECT_NEAR(steps[2], 1 / std::sqrt(2.0 / 3), 1e-12);  // Patterns 0, 1, 2, once each.
  EXPECT_NEAR(steps[3], 1.0 / 3, 1e-12);
}

TEST(CovariatesTest, NamesWhatIsNotACovariate) {
  const std::vector<double> values = {1, 2, std::nan("")};
  const std::vector<Covariate> bad = {{"age", values}};
  EXPECT_EQ(CheckCovariates("dropout", bad, 3).message(),
            "dropout.age: row 2 is nan; expected a finite number");
  EXPECT_EQ(CheckCovariates("dropout", bad, 4).message(), "dropout.age: 3 rows; expected 4");
  const std::vector<double> x = {1, 2}, T = {3, 4};
  const std::vector<uint32_t> patterns = {0};
  EXPECT_EQ(NbdLikelihood::Make(x, T, {}, patterns).status().message(),
            "covariates: 1 rows; expected 2");
}

}  // namespace
}  // namespace patron::clv
