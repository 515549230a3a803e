// BG/BB: customers buy or not at each of n occasions, until they leave between two of them.
#ifndef PATRON_CLV_BGBB_HPP_
#define PATRON_CLV_BGBB_HPP_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "patron/clv/cells.hpp"
#include "patron/clv/column_checks.hpp"
#include "patron/clv/evaluation.hpp"
#include "patron/clv/fit.hpp"
#include "patron/clv/rising.hpp"

namespace patron::clv {

// At each occasion a living customer buys with probability p, and before each occasion leaves for
// good with probability theta; p is beta-distributed over customers with alpha and beta, theta
// with gamma and delta (Fader, Hardie and Shang 2010).
struct BgbbParameters {
  double alpha;
  double beta;
  double gamma;
  double delta;
};

// Log-likelihood of x purchases at n occasions, the last of them at occasion t_x:
// the sum over how long the customer may have lived, each term in logarithms.
class BgbbLikelihood {
 public:
  static constexpr size_t kParameters = 4;
  static constexpr std::array<std::string_view, 4> kNames = {"alpha", "beta", "gamma", "delta"};
  static constexpr std::array<CovariateLink, 4> kLinks = {};
  static constexpr double kMostOccasions = 100'000;

  // Whole `counts` (x), `recencies` (t_x, 0 without a purchase) and `occasions` (n, 1 to
  // kMostOccasions) with x <= t_x <= n; `weights` above 0, or empty. Errors: InvalidArgument
  // naming the first row that is not so.
  static absl::StatusOr<BgbbLikelihood> Make(std::span<const double> counts,
                                             std::span<const double> recencies,
                                             std::span<const double> occasions,
                                             std::span<const double> weights = {});

  // Distinct rows: at most n (n + 1) / 2 + 1 for each n.
  size_t rows() const { return cells_.size(); }
  std::span<const double> weights() const { return cells_.weight; }
  std::array<double, 4> LogScale() const { return {}; }
  std::vector<std::array<double, 4>> Starts() const;
  static void NameLimits(std::span<const Reach> reach, std::span<const double> theta,
                         std::vector<Limit> &limits);

  class Point;
  Point Prepare(std::span<const double, 4> eta) const;

 private:
  Cells<3> cells_;  // By n, then x, then t_x.
  size_t most_occasions_ = 0;
  double share_bought_ = 0;  // Purchases by occasion up to the last purchase, all customers.
};

// Cost of a row: O(n - t_x), twice.
class BgbbLikelihood::Point {
 public:
  Point(const BgbbLikelihood &data, std::span<const double, 4> eta);
  void Evaluate(Range rows, const BlockParameters<4> &parameters, bool derivatives,
                BlockResult<4> &result) const;

 private:
  // The life that ends after occasion m < n, or the one that is not over at n.
  struct Life;
  Life LifeOf(size_t x, size_t m, bool over) const;
  double LogProbability(size_t x, size_t m, bool over) const;

  const BgbbLikelihood &data_;
  std::array<double, 4> theta_;
  double log_gamma_;
  RisingTable alpha_, beta_, both_, delta_, gamma_delta_;
};

struct BgbbLikelihood::Point::Life {
  double value;
  std::array<double, 4> gradient;
  std::array<double, Packed(4, 0)> hessian;
};

inline absl::StatusOr<BgbbLikelihood> BgbbLikelihood::Make(std::span<const double> counts,
                                                           std::span<const double> recencies,
                                                           std::span<const double> occasions,
                                                           std::span<const double> weights) {
  PATRON_RETURN_IF_ERROR(CheckLength("recency", recencies.size(), counts.size()));
  PATRON_RETURN_IF_ERROR(CheckLength("n_periods", occasions.size(), counts.size()));
  PATRON_RETURN_IF_ERROR(CheckCounts("frequency", counts));
  PATRON_RETURN_IF_ERROR(CheckCounts("recency", recencies));
  PATRON_RETURN_IF_ERROR(CheckCounts("n_periods", occasions, 1));
  PATRON_RETURN_IF_ERROR(CheckWeights(weights, counts.size()));
  for (size_t i = 0; i < counts.size(); ++i) {
    if (occasions[i] > kMostOccasions) {
      return InvalidRow("n_periods", i, FormatNumber(occasions[i]), "at most 100000");
    }
    if (recencies[i] > occasions[i]) {
      return InvalidRow("recency", i, FormatNumber(recencies[i]),
                        absl::StrCat("at most n_periods, ", FormatNumber(occasions[i])));
    }
    if (counts[i] > recencies[i]) {
      return InvalidRow("frequency", i, FormatNumber(counts[i]),
                        absl::StrCat("at most recency, ", FormatNumber(recencies[i])));
    }
    if (counts[i] == 0 && recencies[i] > 0) {
      return InvalidRow("recency", i, FormatNumber(recencies[i]), "0 where frequency is 0");
    }
  }
  BgbbLikelihood likelihood;
  likelihood.cells_ = GroupRows<3>({occasions, counts, recencies}, weights);
  const Cells<3> &cells = likelihood.cells_;
  double bought = 0, lived = 0;
  for (size_t i = 0; i < cells.size(); ++i) {
    likelihood.most_occasions_ =
        std::max(likelihood.most_occasions_, static_cast<size_t>(cells.column[0][i]));
    bought += cells.weight[i] * cells.column[1][i];
    lived += cells.weight[i] * cells.column[2][i];
  }
  likelihood.share_bought_ = lived > 0 ? bought / lived : 0.5;
  return likelihood;
}

inline std::vector<std::array<double, 4>> BgbbLikelihood::Starts() const {
  const double share = std::clamp(share_bought_, 0.05, 0.95);
  return {{std::log(2 * share), std::log(2 * (1 - share)), std::log(0.5), std::log(2.0)},
          {0, 0, 0, std::log(5.0)},
          {std::log(10 * share), std::log(10 * (1 - share)), 0, std::log(20.0)}};
}

inline void BgbbLikelihood::NameLimits(std::span<const Reach> reach, std::span<const double> theta,
                                       std::vector<Limit> &limits) {
  if (reach[0] == Reach::kLow || reach[1] == Reach::kLow ||
      std::min(theta[0], theta[1]) < kNegligible * std::max(theta[0], theta[1])) {
    limits.push_back(Limit::kCertainPurchase);
  } else if (reach[0] == Reach::kHigh || reach[1] == Reach::kHigh) {
    limits.push_back(Limit::kHomogeneousPurchasing);
  }
  if (reach[2] == Reach::kLow || theta[2] < kNegligible * theta[3]) {
    limits.push_back(Limit::kNoDropout);
  } else if (reach[2] == Reach::kHigh || reach[3] == Reach::kHigh) {
    limits.push_back(Limit::kHomogeneousDropout);
  }
}

inline BgbbLikelihood::Point BgbbLikelihood::Prepare(std::span<const double, 4> eta) const {
  return Point(*this, eta);
}

inline BgbbLikelihood::Point::Point(const BgbbLikelihood &data, std::span<const double, 4> eta)
    : data_(data),
      theta_{std::exp(eta[0]), std::exp(eta[1]), std::exp(eta[2]), std::exp(eta[3])},
      log_gamma_(eta[2]),
      alpha_(theta_[0], data.most_occasions_),
      beta_(theta_[1], data.most_occasions_),
      both_(theta_[0] + theta_[1], data.most_occasions_),
      delta_(theta_[3], data.most_occasions_),
      gamma_delta_(theta_[2] + theta_[3], data.most_occasions_ + 1) {}

// ln B(alpha + x, beta + m - x) / B(alpha, beta) without its part in alpha, which all lives share,
// and ln B(gamma + 1, delta + m) / B(gamma, delta), or B(gamma, delta + m) if it is not over.
inline double BgbbLikelihood::Point::LogProbability(size_t x, size_t m, bool over) const {
  return beta_.value[m - x] - both_.value[m] + delta_.value[m] -
         gamma_delta_.value[over ? m + 1 : m] + (over ? log_gamma_ : 0);
}

inline BgbbLikelihood::Point::Life BgbbLikelihood::Point::LifeOf(size_t x, size_t m,
                                                                 bool over) const {
  const auto &[a, b, c, d] = theta_;
  const size_t k = over ? m + 1 : m;
  const double by_a = -both_.first[m], by_b = beta_.first[m - x] - both_.first[m];
  const double by_c = -gamma_delta_.first[k], by_d = delta_.first[m] - gamma_delta_.first[k];
  Life life{
      LogProbability(x, m, over), {a * by_a, b * by_b, c * by_c + (over ? 1 : 0), d * by_d}, {}};
  life.hessian[Packed(0, 0)] = a * by_a - a * a * both_.second[m];
  life.hessian[Packed(1, 0)] = -a * b * both_.second[m];
  life.hessian[Packed(1, 1)] = b * by_b + b * b * (beta_.second[m - x] - both_.second[m]);
  life.hessian[Packed(2, 2)] = c * by_c - c * c * gamma_delta_.second[k];
  life.hessian[Packed(3, 2)] = -c * d * gamma_delta_.second[k];
  life.hessian[Packed(3, 3)] = d * by_d + d * d * (delta_.second[m] - gamma_delta_.second[k]);
  return life;
}

inline void BgbbLikelihood::Point::Evaluate(Range rows, const BlockParameters<4> &,
                                            bool derivatives, BlockResult<4> &result) const {
  for (size_t i = 0; i < rows.size(); ++i) {
    const size_t row = rows.begin + i;
    const auto n = static_cast<size_t>(data_.cells_.column[0][row]);
    const auto x = static_cast<size_t>(data_.cells_.column[1][row]);
    const auto last = static_cast<size_t>(data_.cells_.column[2][row]);
    double highest = LogProbability(x, n, false);
    for (size_t m = last; m < n; ++m) highest = std::max(highest, LogProbability(x, m, true));
    double total = 0;
    std::array<double, 4> mean = {};
    std::array<double, Packed(4, 0)> second = {};
    for (size_t m = last; m <= n; ++m) {
      const bool over = m < n;
      if (!derivatives) {
        total += std::exp(LogProbability(x, m, over) - highest);
        continue;
      }
      const Life life = LifeOf(x, m, over);
      const double share = std::exp(life.value - highest);
      total += share;
      for (size_t j = 0; j < 4; ++j) {
        mean[j] += share * life.gradient[j];
        for (size_t k = 0; k <= j; ++k) {
          second[Packed(j, k)] +=
              share * (life.hessian[Packed(j, k)] + life.gradient[j] * life.gradient[k]);
        }
      }
    }
    result.value[i] = alpha_.value[x] + highest + std::log(total);
    if (!derivatives) continue;
    for (double &m : mean) m /= total;
    for (size_t j = 0; j < 4; ++j) {
      result.gradient[j][i] = mean[j];
      for (size_t k = 0; k <= j; ++k) {
        result.hessian[Packed(j, k)][i] = second[Packed(j, k)] / total - mean[j] * mean[k];
      }
    }
    const double a = theta_[0];
    result.gradient[0][i] += a * alpha_.first[x];
    result.hessian[Packed(0, 0)][i] += a * alpha_.first[x] + a * a * alpha_.second[x];
  }
}

}  // namespace patron::clv

#endif  // PATRON_CLV_BGBB_HPP_
