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
#include "patron/clv/gamma_functions.hpp"
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
//
// Covariates move alpha exp(g'z / 2) and beta exp(-g'z / 2): the odds of the mean chance to buy by
// exp(g'z), as in logistic regression. Those of dropout do the same to gamma and delta.
class BgbbLikelihood {
 public:
  static constexpr size_t kParameters = 4;
  static constexpr std::array<std::string_view, 4> kNames = {"alpha", "beta", "gamma", "delta"};
  static constexpr std::array<CovariateLink, 4> kLinks = {
      CovariateLink{Process::kTransaction, 0.5}, CovariateLink{Process::kTransaction, -0.5},
      CovariateLink{Process::kDropout, 0.5}, CovariateLink{Process::kDropout, -0.5}};
  static constexpr double kMostOccasions = 100'000;

  // Whole `counts` (x), `recencies` (t_x, 0 without a purchase) and `occasions` (n, 1 to
  // kMostOccasions) with x <= t_x <= n; `weights` above 0, or empty; `patterns` those of
  // CovariatePatterns::of_row, or empty. Errors: InvalidArgument naming the first row that is not
  // so.
  static absl::StatusOr<BgbbLikelihood> Make(std::span<const double> counts,
                                             std::span<const double> recencies,
                                             std::span<const double> occasions,
                                             std::span<const double> weights = {},
                                             std::span<const uint32_t> patterns = {});

  // Distinct rows: at most n (n + 1) / 2 + 1 for each n and pattern of covariates.
  size_t rows() const { return cells_.size(); }
  std::span<const double> weights() const { return cells_.weight; }
  std::span<const uint32_t> patterns() const { return cells_.pattern; }  // Of covariates, by row.
  std::array<double, 4> LogScale() const { return {}; }
  std::vector<std::array<double, 4>> Starts() const;
  static void NameLimits(std::span<const Reach> reach, std::span<const double> theta,
                         std::vector<Limit> &limits);

  class Point;
  Point Prepare(std::span<const double, 4> eta) const;

 private:
  Cells<3> cells_;  // By pattern, n, x, then t_x.
  size_t most_occasions_ = 0;
  double share_bought_ = 0;  // Purchases by occasion up to the last purchase, all customers.
};

// Cost of a row: O(n - t_x). Rows without covariates share tables of the sums of logarithms.
class BgbbLikelihood::Point {
 public:
  Point(const BgbbLikelihood &data, std::span<const double, 4> eta);
  void Evaluate(Range rows, const BlockParameters<4> &parameters, bool derivatives,
                BlockResult<4> &result) const;

 private:
  class TableLives;
  class SteppedLives;

  const BgbbLikelihood &data_;
  std::array<double, 4> theta_;
  RisingTable alpha_, beta_, both_, delta_, gamma_delta_;
};

inline absl::StatusOr<BgbbLikelihood> BgbbLikelihood::Make(std::span<const double> counts,
                                                           std::span<const double> recencies,
                                                           std::span<const double> occasions,
                                                           std::span<const double> weights,
                                                           std::span<const uint32_t> patterns) {
  PATRON_RETURN_IF_ERROR(CheckLength("recency", recencies.size(), counts.size()));
  PATRON_RETURN_IF_ERROR(CheckLength("n_periods", occasions.size(), counts.size()));
  PATRON_RETURN_IF_ERROR(CheckCounts("frequency", counts));
  PATRON_RETURN_IF_ERROR(CheckCounts("recency", recencies));
  PATRON_RETURN_IF_ERROR(CheckCounts("n_periods", occasions, 1));
  PATRON_RETURN_IF_ERROR(CheckWeights(weights, counts.size()));
  PATRON_RETURN_IF_ERROR(CheckPatterns(patterns, counts.size()));
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
  likelihood.cells_ = GroupRows<3>({occasions, counts, recencies}, weights, patterns);
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
      alpha_(theta_[0], data.most_occasions_),
      beta_(theta_[1], data.most_occasions_),
      both_(theta_[0] + theta_[1], data.most_occasions_),
      delta_(theta_[3], data.most_occasions_),
      gamma_delta_(theta_[2] + theta_[3], data.most_occasions_ + 1) {}

namespace detail {

// ln [Gamma(z + k) / Gamma(z)] with its first and second derivative by z.
struct RisingJet {
  double value, first, second;
};

// The rises that the probability of a life is made of: of beta to m - x, of alpha + beta and delta
// to m, and of gamma + delta to m + 1 if the life is over after occasion m, else to m.
struct LifeRises {
  RisingJet beta, both, delta, gamma_delta;
};

// Probability of a life with its derivatives by the log parameters: ln B(alpha + x, beta + m - x) /
// B(alpha, beta) without its part in alpha, which all lives share, and
// ln B(gamma + 1, delta + m) / B(gamma, delta), or B(gamma, delta + m) if it is not over.
struct Life {
  double value;
  std::array<double, 4> gradient;
  std::array<double, Packed(4, 0)> hessian;
};

inline double LogProbability(const LifeRises &to, double log_gamma, bool over) {
  return to.beta.value - to.both.value + to.delta.value - to.gamma_delta.value +
         (over ? log_gamma : 0);
}

inline void Differentiate(const std::array<double, 4> &theta, const LifeRises &to, bool over,
                          Life &life) {
  const auto &[a, b, c, d] = theta;
  const double by_a = -to.both.first, by_b = to.beta.first - to.both.first;
  const double by_c = -to.gamma_delta.first, by_d = to.delta.first - to.gamma_delta.first;
  life.gradient = {a * by_a, b * by_b, c * by_c + (over ? 1 : 0), d * by_d};
  life.hessian = {};
  life.hessian[Packed(0, 0)] = a * by_a - a * a * to.both.second;
  life.hessian[Packed(1, 0)] = -a * b * to.both.second;
  life.hessian[Packed(1, 1)] = b * by_b + b * b * (to.beta.second - to.both.second);
  life.hessian[Packed(2, 2)] = c * by_c - c * c * to.gamma_delta.second;
  life.hessian[Packed(3, 2)] = -c * d * to.gamma_delta.second;
  life.hessian[Packed(3, 3)] = d * by_d + d * d * (to.delta.second - to.gamma_delta.second);
}

// ln of a sum of probabilities with its derivatives, each kept as its share of the largest so far.
class LogSum {
 public:
  void Add(const Life &life, bool derivatives) {
    if (life.value > highest_) Rescale(life.value);
    const double share = std::exp(life.value - highest_);
    total_ += share;
    if (!derivatives) return;
    for (size_t j = 0; j < 4; ++j) {
      mean_[j] += share * life.gradient[j];
      for (size_t k = 0; k <= j; ++k) {
        second_[Packed(j, k)] +=
            share * (life.hessian[Packed(j, k)] + life.gradient[j] * life.gradient[k]);
      }
    }
  }

  Life Result() const {
    Life sum{highest_ + std::log(total_), mean_, second_};
    for (double &m : sum.gradient) m /= total_;
    for (size_t j = 0; j < 4; ++j) {
      for (size_t k = 0; k <= j; ++k) {
        double &h = sum.hessian[Packed(j, k)];
        h = h / total_ - sum.gradient[j] * sum.gradient[k];
      }
    }
    return sum;
  }

 private:
  void Rescale(double highest) {
    const double factor = std::exp(highest_ - highest);
    total_ *= factor;
    for (double &m : mean_) m *= factor;
    for (double &s : second_) s *= factor;
    highest_ = highest;
  }

  double highest_ = -std::numeric_limits<double>::infinity();
  double total_ = 0;
  std::array<double, 4> mean_ = {};
  std::array<double, Packed(4, 0)> second_ = {};
};

}  // namespace detail

// The rises of a row from tables that all rows share.
class BgbbLikelihood::Point::TableLives {
 public:
  TableLives(const Point &point, size_t x) : point_(point), x_(x) {}
  detail::RisingJet alpha() const { return At(point_.alpha_, x_); }
  detail::LifeRises To(size_t m, bool over) const {
    return {At(point_.beta_, m - x_), At(point_.both_, m), At(point_.delta_, m),
            At(point_.gamma_delta_, over ? m + 1 : m)};
  }

 private:
  static detail::RisingJet At(const RisingTable &table, size_t k) {
    return {table.value[k], table.first[k], table.second[k]};
  }
  const Point &point_;
  size_t x_;
};

// The rises of a row with parameters of its own, from one occasion to the next.
class BgbbLikelihood::Point::SteppedLives {
 public:
  SteppedLives(const std::array<double, 4> &theta, size_t x, size_t last)
      : alpha_(theta[0], x),
        beta_(theta[1], last - x),
        both_(theta[0] + theta[1], last),
        delta_(theta[3], last),
        gamma_delta_(theta[2] + theta[3], last),
        m_(last) {}
  detail::RisingJet alpha() const { return alpha_.jet; }

  // For ascending m, from `last`.
  detail::LifeRises To(size_t m, bool over) {
    for (; m_ < m; ++m_) {
      for (Rise *rise : {&beta_, &both_, &delta_, &gamma_delta_}) rise->Step();
    }
    Rise next = gamma_delta_;
    if (over) next.Step();
    return {beta_.jet, both_.jet, delta_.jet, next.jet};
  }

 private:
  struct Rise {
    Rise(double z, size_t steps) : at(z + static_cast<double>(steps)) {
      const GammaRiseJet rise = LogGammaRise(z, static_cast<double>(steps));
      jet = {rise.value, rise.by_z, rise.by_zz};
    }
    void Step() {
      jet.value += std::log(at);
      jet.first += 1 / at;
      jet.second -= 1 / (at * at);
      at += 1;
    }
    detail::RisingJet jet;
    double at;
  };

  Rise alpha_, beta_, both_, delta_, gamma_delta_;
  size_t m_;
};

inline void BgbbLikelihood::Point::Evaluate(Range rows, const BlockParameters<4> &parameters,
                                            bool derivatives, BlockResult<4> &result) const {
  const auto evaluate = [&](size_t i, const std::array<double, 4> &theta, size_t last, size_t n,
                            auto lives) {
    detail::LogSum sum;
    for (size_t m = last; m <= n; ++m) {
      const detail::LifeRises to = lives.To(m, m < n);
      detail::Life life{detail::LogProbability(to, parameters.eta[2][i], m < n), {}, {}};
      if (derivatives) detail::Differentiate(theta, to, m < n, life);
      sum.Add(life, derivatives);
    }
    const detail::RisingJet alpha = lives.alpha();
    const detail::Life all = sum.Result();
    result.value[i] = alpha.value + all.value;
    if (!derivatives) return;
    for (size_t j = 0; j < 4; ++j) result.gradient[j][i] = all.gradient[j];
    for (size_t j = 0; j < all.hessian.size(); ++j) result.hessian[j][i] = all.hessian[j];
    const double a = theta[0];
    result.gradient[0][i] += a * alpha.first;
    result.hessian[Packed(0, 0)][i] += a * alpha.first + a * a * alpha.second;
  };
  const bool uniform = parameters.uniform();
  for (size_t i = 0; i < rows.size(); ++i) {
    const size_t row = rows.begin + i;
    const auto n = static_cast<size_t>(data_.cells_.column[0][row]);
    const auto x = static_cast<size_t>(data_.cells_.column[1][row]);
    const auto last = static_cast<size_t>(data_.cells_.column[2][row]);
    if (uniform) {
      evaluate(i, theta_, last, n, TableLives(*this, x));
      continue;
    }
    std::array<double, 4> theta;
    for (size_t k = 0; k < 4; ++k) theta[k] = std::exp(parameters.eta[k][i]);
    evaluate(i, theta, last, n, SteppedLives(theta, x, last));
  }
}

}  // namespace patron::clv

#endif  // PATRON_CLV_BGBB_HPP_
