// The driver of likelihoods: chain rule of covariates, ties, penalties, weights, shards, threads.
#include "patron/clv/evaluation.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "patron/base/random.hpp"
#include "patron/clv/layout.hpp"
#include "support/thread_executor.hpp"

namespace patron::clv {
namespace {

// A smooth function of three log parameters and a number a row, of no other meaning:
// y e0 + sin(e1 - y) e2 + exp(-e0^2 - e1 e2 / 4).
struct Wave {
  static constexpr size_t kParameters = 3;
  static constexpr std::array<std::string_view, 3> kNames = {"u", "v", "w"};
  static constexpr std::array<CovariateLink, 3> kLinks = {CovariateLink{Process::kTransaction, -1},
                                                          CovariateLink{Process::kDropout, 1},
                                                          CovariateLink{Process::kDropout, -1}};

  std::vector<double> y, weight;

  size_t rows() const { return y.size(); }
  std::span<const double> weights() const { return weight; }
  std::array<double, 3> LogScale() const { return {}; }

  struct Point {
    const Wave &data;
    void Evaluate(Range rows, const BlockParameters<3> &parameters, bool,
                  BlockResult<3> &result) const {
      for (size_t i = 0; i < rows.size(); ++i) {
        const double n = data.y[rows.begin + i];
        const double a = parameters.eta[0][i], b = parameters.eta[1][i], c = parameters.eta[2][i];
        const double s = std::sin(b - n), k = std::cos(b - n);
        const double e = std::exp(-a * a - b * c / 4);
        result.value[i] = n * a + s * c + e;
        result.gradient[0][i] = n - 2 * a * e;
        result.gradient[1][i] = k * c - c / 4 * e;
        result.gradient[2][i] = s - b / 4 * e;
        result.hessian[Packed(0, 0)][i] = (4 * a * a - 2) * e;
        result.hessian[Packed(1, 0)][i] = a * c / 2 * e;
        result.hessian[Packed(1, 1)][i] = -s * c + c * c / 16 * e;
        result.hessian[Packed(2, 0)][i] = a * b / 2 * e;
        result.hessian[Packed(2, 1)][i] = k - e / 4 + b * c / 16 * e;
        result.hessian[Packed(2, 2)][i] = b * b / 16 * e;
      }
    }
  };
  Point Prepare(std::span<const double, 3>) const { return {*this}; }
};

class EvaluationTest : public ::testing::Test {
 protected:
  static constexpr size_t kRows = 5000;
  static constexpr size_t kPatterns = 700;

  void SetUp() override {
    for (uint32_t i = 0; i < kRows; ++i) {
      wave_.y.push_back(stream_.Uniform(i));
      wave_.weight.push_back(1 + static_cast<double>(i % 3));
      pattern_.push_back(i * kPatterns / kRows);
    }
    for (uint32_t i = 0; i < kPatterns; ++i) {
      for (uint32_t j = 0; j < 2; ++j) {
        transaction_[j].push_back(stream_.Normal(kRows + 2 * i + j));
        dropout_[j].push_back(stream_.Normal(kRows + 2 * (kPatterns + i) + j));
      }
    }
    Penalty penalty{0.3, 0.7, {0.1, 0, 0.2}};
    const std::vector<std::string> names = {"age", "ad"};
    const std::vector<std::pair<size_t, size_t>> tied = {{1, 0}};
    layout_.push_back(*Layout::Make(Wave::kNames, names, names, tied, penalty));
    covariates_ = {{transaction_[0], transaction_[1]}, {dropout_[0], dropout_[1]}, pattern_};
    point_.resize(6);
    point_ << 0.2, -0.4, 0.5, 0.1, -0.3, 0.25;
  }

  Evaluation At(const Eigen::VectorXd &point, bool derivatives = true,
                const Execution &execution = {}) const {
    return *Evaluate(wave_, layout_[0], covariates_, point, derivatives, execution);
  }

  const RandomStream stream_{7};
  Wave wave_;
  std::vector<uint32_t> pattern_;
  std::vector<double> transaction_[2], dropout_[2];
  std::vector<Layout> layout_;
  CovariateRows covariates_;
  Eigen::VectorXd point_;
};

TEST_F(EvaluationTest, NamesTheFreeParameters) {
  EXPECT_EQ(layout_[0].names(),
            (std::vector<std::string>{"u", "v", "w", "transaction.age", "both.ad", "dropout.ad"}));
}

// Written out row by row: weights, signs of the links, the tied coefficient, the penalties.
TEST_F(EvaluationTest, ValueIsTheWeightedSumLessThePenalty) {
  double value = 0, weight = 0;
  for (size_t i = 0; i < kRows; ++i) {
    const size_t p = pattern_[i];
    const double shift_t = point_[3] * transaction_[0][p] + point_[4] * transaction_[1][p];
    const double shift_d = point_[4] * dropout_[0][p] + point_[5] * dropout_[1][p];
    const double a = point_[0] - shift_t, b = point_[1] + shift_d, c = point_[2] - shift_d;
    const double y = wave_.y[i];
    value += wave_.weight[i] * (y * a + std::sin(b - y) * c + std::exp(-a * a - b * c / 4));
    weight += wave_.weight[i];
  }
  const double penalty =
      0.1 * std::exp(0.4) + 0.2 * std::exp(1.0) + 0.3 * (0.01 + 0.09) + 0.7 * (0.09 + 0.0625);
  const Evaluation at = At(point_);
  EXPECT_NEAR(at.value, value - weight * penalty, 1e-9);
  EXPECT_EQ(at.weight, weight);
  EXPECT_NEAR(layout_[0].PenaltyAt(point_, weight), weight * penalty, 1e-9);
  EXPECT_EQ(At(point_, false).value, at.value);
  EXPECT_EQ(At(point_, false).gradient.size(), 0);
}

TEST_F(EvaluationTest, DerivativesEqualDifferences) {
  const Evaluation at = At(point_);
  const double h = 1e-5;
  for (Eigen::Index i = 0; i < 6; ++i) {
    Eigen::VectorXd up = point_, down = point_;
    up[i] += h;
    down[i] -= h;
    const Evaluation high = At(up), low = At(down);
    EXPECT_NEAR(at.gradient[i], (high.value - low.value) / (2 * h), 1e-4) << i;
    for (Eigen::Index j = 0; j < 6; ++j) {
      EXPECT_NEAR(at.hessian(i, j), (high.gradient[j] - low.gradient[j]) / (2 * h), 1e-4)
          << i << " " << j;
      EXPECT_NEAR(at.hessian(i, j), at.hessian(j, i), 1e-9);
    }
  }
}

TEST_F(EvaluationTest, SameBitsOnManyThreads) {
  constexpr size_t threads = 3;
  patron::testing::ThreadExecutor executor(threads);
  const Evaluation serial = At(point_), threaded = At(point_, true, {&executor});
  EXPECT_EQ(serial.value, threaded.value);
  EXPECT_EQ(serial.gradient, threaded.gradient);
  EXPECT_EQ(serial.hessian, threaded.hessian);
}

TEST_F(EvaluationTest, ShardsAddUpToTheWhole) {
  Evaluation sum;
  const std::pair<size_t, size_t> kShards[] = {{0, 1700}, {1700, 1701}, {1701, kRows}};
  for (const auto &[begin, end] : kShards) {
    Wave shard;
    shard.y.assign(wave_.y.begin() + static_cast<ptrdiff_t>(begin),
                   wave_.y.begin() + static_cast<ptrdiff_t>(end));
    shard.weight.assign(wave_.weight.begin() + static_cast<ptrdiff_t>(begin),
                        wave_.weight.begin() + static_cast<ptrdiff_t>(end));
    CovariateRows rows = covariates_;
    rows.pattern = rows.pattern.subspan(begin, end - begin);
    sum.Add(*Evaluate(shard, layout_[0], rows, point_));
  }
  const Evaluation whole = At(point_);
  EXPECT_NEAR(sum.value, whole.value, 1e-10 * std::abs(whole.value));
  EXPECT_EQ(sum.weight, whole.weight);
  EXPECT_LT((sum.gradient - whole.gradient).norm(), 1e-9);
  EXPECT_LT((sum.hessian - whole.hessian).norm(), 1e-9);
}

// Long runs of rows of one pattern against the same rows with a pattern each: the sums are formed in
// different ways.
TEST_F(EvaluationTest, ThePatternsOfEqualRowsDoNotMatter) {
  std::vector<uint32_t> few;
  std::vector<double> transaction[2], dropout[2];
  for (uint32_t i = 0; i < kRows; ++i) {
    few.push_back(i / 250);
    for (size_t j = 0; j < 2; ++j) {
      transaction[j].push_back(transaction_[j][few[i]]);
      dropout[j].push_back(dropout_[j][few[i]]);
    }
  }
  std::vector<uint32_t> each(kRows);
  std::iota(each.begin(), each.end(), 0);
  CovariateRows runs = covariates_;
  runs.pattern = few;
  const CovariateRows apart{{transaction[0], transaction[1]}, {dropout[0], dropout[1]}, each};
  for (const bool weighted : {true, false}) {
    if (!weighted) wave_.weight.clear();
    const auto expected = Evaluate(wave_, layout_[0], runs, point_);
    const auto got = Evaluate(wave_, layout_[0], apart, point_);
    ASSERT_TRUE(expected.ok() && got.ok());
    EXPECT_EQ(got->value, expected->value);
    EXPECT_LT((got->gradient - expected->gradient).norm(), 1e-12 * expected->gradient.norm());
    EXPECT_LT((got->hessian - expected->hessian).norm(), 1e-12 * expected->hessian.norm());
  }
}

TEST_F(EvaluationTest, AWeightOfTwoIsTwoRows) {
  const auto layout = Layout::Make(Wave::kNames);
  const Eigen::VectorXd point = point_.head(3);
  const auto heavy = Evaluate(Wave{{0.3, 0.8}, {2, 1}}, *layout, {}, point);
  const auto twice = Evaluate(Wave{{0.3, 0.3, 0.8}, {}}, *layout, {}, point);
  EXPECT_DOUBLE_EQ(heavy->value, twice->value);
  EXPECT_EQ(heavy->weight, 3);
  EXPECT_LT((heavy->hessian - twice->hessian).norm(), 1e-14);
}

TEST_F(EvaluationTest, CanBeCancelled) {
  Execution execution;
  execution.progress = [](void *, uint64_t, uint64_t) { return false; };
  const auto at = Evaluate(wave_, layout_[0], covariates_, point_, true, execution);
  EXPECT_EQ(at.status().code(), absl::StatusCode::kCancelled);
}

TEST(LayoutTest, RefusesTiesAndPenaltiesThatMakeNoSense) {
  const std::vector<std::string> one = {"age"};
  const std::vector<std::pair<size_t, size_t>> beyond = {{0, 1}}, twice = {{0, 0}, {0, 0}};
  EXPECT_EQ(Layout::Make(Wave::kNames, one, one, beyond).status().message(),
            "tied covariates: 0 and 1; expected places below 1 and 1");
  EXPECT_EQ(Layout::Make(Wave::kNames, one, one, twice).status().message(),
            "tied covariates: 0 and 0; expected each covariate in one pair at most");
  EXPECT_EQ(Layout::Make(Wave::kNames, one, one, {}, {-1, 0, {}}).status().message(),
            "penalty of transaction: -1; expected a finite number, 0 or above");
  EXPECT_EQ(Layout::Make(Wave::kNames, {}, {}, {}, {0, 0, {1}}).status().message(),
            "penalties of parameters: 1; expected 3, one a parameter");
}

}  // namespace
}  // namespace patron::clv
