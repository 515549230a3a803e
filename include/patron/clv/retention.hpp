// sBG and beta-discrete-Weibull: how many renewals the customers of a contract live through.
#ifndef PATRON_CLV_RETENTION_HPP_
#define PATRON_CLV_RETENTION_HPP_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
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

namespace patron::clv {

// A customer survives t renewals with probability (1 - theta)^(t^c), theta beta-distributed over
// customers with alpha and beta. With c = 1, the shifted-beta-geometric model, each customer
// leaves with one probability at every renewal (Fader and Hardie 2007); with another c, the
// beta-discrete-Weibull model, it rises (c > 1) or falls with the time under contract (Fader,
// Hardie, Liu, Davin and Steenburgh 2018).
struct RetentionParameters {
  double alpha;
  double beta;
  double c = 1;
};

// What was seen of customers under contract. Cohorts of different ages stand side by side; a
// customer still there at the end is censored.
struct ContractHistory {
  // Renewals due: the last one at which the customer left if `lost`, else all survived ones.
  std::span<const double> renewals;
  std::span<const uint8_t> lost;            // 1 or 0.
  std::span<const double> weights;          // Customers that a row stands for; empty means 1.
  std::span<const double> survived_before;  // Renewals that the customer had behind when first
                                            // seen (left truncation); empty means 0.
  std::span<const uint32_t> patterns = {};  // CovariatePatterns::of_row, or empty.

  size_t size() const { return renewals.size(); }
};

// The rows of a cohort whose survivors were counted at each renewal: survivors[0] customers at the
// start, survivors[t] after t renewals. Every renewal at which someone left gives a row.
struct CohortRows {
  std::vector<double> renewals;
  std::vector<uint8_t> lost;
  std::vector<double> weights;

  // Adds a cohort. Errors: InvalidArgument if survivors grow, are negative or not finite.
  absl::Status Add(std::span<const double> survivors);
  ContractHistory history() const { return {renewals, lost, weights, {}, {}}; }
};

// Log-likelihood of a history: kSize 2 is sBG in (alpha, beta), kSize 3 beta-discrete-Weibull in
// (alpha, beta, c).
//
// Covariates move alpha exp(d'z / 2) and beta exp(-d'z / 2): the odds of the mean chance to leave,
// alpha / beta, by exp(d'z), as in logistic regression.
template <size_t kSize>
class RetentionLikelihood {
 public:
  static_assert(kSize == 2 || kSize == 3);
  static constexpr size_t kParameters = kSize;
  static constexpr std::array<std::string_view, kSize> kNames = [] {
    std::array<std::string_view, kSize> names = {"alpha", "beta"};
    if (kSize == 3) names[kSize - 1] = "c";
    return names;
  }();
  static constexpr std::array<CovariateLink, kSize> kLinks = [] {
    std::array<CovariateLink, kSize> links = {};
    links[0] = {Process::kDropout, 0.5};
    links[1] = {Process::kDropout, -0.5};
    return links;
  }();

  // Errors: InvalidArgument naming the first bad row: renewals that are not whole, a loss at none,
  // renewals not above those survived before, weights of 0 or below.
  static absl::StatusOr<RetentionLikelihood> Make(const ContractHistory &history);

  size_t rows() const { return cells_.size(); }
  std::span<const double> weights() const { return cells_.weight; }
  std::span<const uint32_t> patterns() const { return cells_.pattern; }  // Of covariates, by row.
  std::array<double, kSize> LogScale() const { return {}; }
  std::vector<std::array<double, kSize>> Starts() const;
  static void NameLimits(std::span<const Reach> reach, std::span<const double> theta,
                         std::vector<Limit> &limits);

  class Point;
  Point Prepare(std::span<const double, kSize> eta) const;

 private:
  Cells<3> cells_;          // By pattern, renewals, loss, renewals survived before.
  double loss_rate_ = 0.5;  // Losses by renewal.
};

using SbgLikelihood = RetentionLikelihood<2>;
using BetaDiscreteWeibullLikelihood = RetentionLikelihood<3>;

template <size_t kSize>
class RetentionLikelihood<kSize>::Point {
 public:
  explicit Point(const RetentionLikelihood &data) : data_(data) {}
  void Evaluate(Range rows, const BlockParameters<kSize> &parameters, bool derivatives,
                BlockResult<kSize> &result) const;

 private:
  const RetentionLikelihood &data_;
};

namespace detail {

// ln S(t) with derivatives by ln alpha, ln beta and ln c.
struct SurvivalJet {
  double value = 0;
  std::array<double, 3> gradient = {};
  std::array<double, Packed(3, 0)> hessian = {};

  void Add(double factor, const SurvivalJet &other) {
    value += factor * other.value;
    for (size_t i = 0; i < gradient.size(); ++i) gradient[i] += factor * other.gradient[i];
    for (size_t i = 0; i < hessian.size(); ++i) hessian[i] += factor * other.hessian[i];
  }
};

// t^c
inline double Stretched(double t, double c) { return c == 1 || t <= 1 ? t : std::pow(t, c); }

// (t)^c - (t - 1)^c for t >= 1.
inline double StretchedStep(double t, double c) {
  if (c == 1 || t <= 1) return 1;
  return std::pow(t - 1, c) * std::expm1(c * std::log1p(1 / (t - 1)));
}

// t^c with its first and second derivative by ln c.
struct StretchedJet {
  StretchedJet(double t, double c) : value(Stretched(t, c)) {
    if (t <= 1) return;
    first = c * value * std::log(t);
    second = first * (1 + c * std::log(t));
  }
  double value;
  double first = 0;
  double second = 0;
};

// ln [G(z + a + d) G(z) / (G(z + a) G(z + d))] with z = beta + from, d = step and a = alpha: what
// log-survival loses while t^c grows from `from` by `step`.
inline SurvivalJet LossOfLogSurvival(const RetentionParameters &model, const StretchedJet &from,
                                     const StretchedJet &step) {
  const auto [a, b, c] = model;
  const double z = b + from.value, d = step.value;
  const MixedRiseJet mixed = LogGammaMixedRise(z, a, d);
  const GammaRiseJet over_d = LogGammaRise(z + a, d), over_a = LogGammaRise(z + d, a);
  const double by_a = over_d.by_z, by_d = over_a.by_z, by_aa = over_d.by_zz;
  const double by_ad = over_d.by_dd, by_zd = over_a.by_zz;
  SurvivalJet jet;
  jet.value = mixed.value;
  jet.gradient = {a * by_a, b * mixed.by_z, from.first * mixed.by_z + step.first * by_d};
  jet.hessian[Packed(0, 0)] = a * by_a + a * a * by_aa;
  jet.hessian[Packed(1, 0)] = a * b * by_aa;
  jet.hessian[Packed(1, 1)] = b * mixed.by_z + b * b * mixed.by_zz;
  jet.hessian[Packed(2, 0)] = a * (from.first * by_aa + step.first * by_ad);
  jet.hessian[Packed(2, 1)] = b * (from.first * mixed.by_zz + step.first * by_zd);
  jet.hessian[Packed(2, 2)] = from.second * mixed.by_z + step.second * by_d +
                              from.first * from.first * mixed.by_zz +
                              step.first * (2 * from.first + step.first) * by_zd;
  return jet;
}

inline SurvivalJet LogSurvivalJet(const RetentionParameters &model, double t) {
  SurvivalJet jet;
  if (t > 0) jet.Add(-1, LossOfLogSurvival(model, {0, model.c}, {t, model.c}));
  return jet;
}

// ln [S(t - 1) - S(t)] = ln S(t - 1) + ln(1 - exp(-h)), h the loss of log-survival at t.
inline SurvivalJet LogLossJet(const RetentionParameters &model, double t) {
  const StretchedJet from(t - 1, model.c), to(t, model.c);
  StretchedJet step(1, model.c);
  step.value = StretchedStep(t, model.c);
  step.first = to.first - from.first;
  step.second = to.second - from.second;
  const SurvivalJet loss = LossOfLogSurvival(model, from, step);
  const double by_h = 1 / std::expm1(loss.value);
  const double by_hh = -by_h * (1 + by_h);
  SurvivalJet jet = LogSurvivalJet(model, t - 1);
  jet.Add(by_h, loss);
  jet.value += std::log(-std::expm1(-loss.value)) - by_h * loss.value;
  for (size_t i = 0; i < 3; ++i) {
    for (size_t j = 0; j <= i; ++j) {
      jet.hessian[Packed(i, j)] += by_hh * loss.gradient[i] * loss.gradient[j];
    }
  }
  return jet;
}

}  // namespace detail

inline absl::Status CohortRows::Add(std::span<const double> survivors) {
  for (size_t t = 0; t < survivors.size(); ++t) {
    if (!std::isfinite(survivors[t]) || survivors[t] < 0 ||
        (t > 0 && survivors[t] > survivors[t - 1])) {
      return InvalidRow("survivors", t, FormatNumber(survivors[t]),
                        t == 0 ? "a finite number, 0 or above"
                               : "a finite number, 0 or above and no more than the row before");
    }
  }
  for (size_t t = 1; t < survivors.size(); ++t) {
    if (survivors[t] == survivors[t - 1]) continue;
    renewals.push_back(static_cast<double>(t));
    lost.push_back(1);
    weights.push_back(survivors[t - 1] - survivors[t]);
  }
  if (!survivors.empty() && survivors.back() > 0) {
    renewals.push_back(static_cast<double>(survivors.size() - 1));
    lost.push_back(0);
    weights.push_back(survivors.back());
  }
  return absl::OkStatus();
}

template <size_t kSize>
inline absl::StatusOr<RetentionLikelihood<kSize>> RetentionLikelihood<kSize>::Make(
    const ContractHistory &history) {
  const size_t rows = history.size();
  PATRON_RETURN_IF_ERROR(CheckLength("lost", history.lost.size(), rows));
  PATRON_RETURN_IF_ERROR(CheckCounts("renewals", history.renewals));
  PATRON_RETURN_IF_ERROR(CheckWeights(history.weights, rows));
  PATRON_RETURN_IF_ERROR(CheckPatterns(history.patterns, rows));
  const std::vector<double> none(history.survived_before.empty() ? rows : 0);
  const std::span<const double> before =
      history.survived_before.empty() ? std::span<const double>(none) : history.survived_before;
  PATRON_RETURN_IF_ERROR(CheckLength("survived_before", before.size(), rows));
  PATRON_RETURN_IF_ERROR(CheckCounts("survived_before", before));
  for (size_t i = 0; i < rows; ++i) {
    if (history.lost[i] > 1) {
      return InvalidRow("lost", i, absl::StrCat(history.lost[i]), "0 or 1");
    }
    const double least = before[i] + history.lost[i];
    if (history.renewals[i] < least) {
      return InvalidRow(
          "renewals", i, FormatNumber(history.renewals[i]),
          absl::StrCat("at least ", FormatNumber(least),
                       history.lost[i] != 0 ? " for a lost customer" : ", survived before"));
    }
  }
  const std::vector<double> lost(history.lost.begin(), history.lost.end());
  RetentionLikelihood likelihood;
  likelihood.cells_ =
      GroupRows<3>({history.renewals, lost, before}, history.weights, history.patterns);
  const Cells<3> &cells = likelihood.cells_;
  double losses = 0, seen = 0;
  for (size_t i = 0; i < cells.size(); ++i) {
    losses += cells.weight[i] * cells.column[1][i];
    seen += cells.weight[i] * (cells.column[0][i] - cells.column[2][i]);
  }
  if (seen > 0) likelihood.loss_rate_ = std::clamp(losses / seen, 0.01, 0.95);
  return likelihood;
}

template <size_t kSize>
inline std::vector<std::array<double, kSize>> RetentionLikelihood<kSize>::Starts() const {
  std::vector<std::array<double, kSize>> starts;
  for (const double size : {3.0, 1.0, 30.0}) {
    std::array<double, kSize> start = {};
    start[0] = std::log(size * loss_rate_);
    start[1] = std::log(size * (1 - loss_rate_));
    starts.push_back(start);
  }
  return starts;
}

template <size_t kSize>
inline void RetentionLikelihood<kSize>::NameLimits(std::span<const Reach> reach,
                                                   std::span<const double> theta,
                                                   std::vector<Limit> &limits) {
  if (reach[0] == Reach::kLow || theta[0] < kNegligible * theta[1]) {
    limits.push_back(Limit::kNoDropout);
  } else if (reach[0] == Reach::kHigh || reach[1] == Reach::kHigh) {
    limits.push_back(Limit::kHomogeneousDropout);
  } else if (std::ranges::any_of(reach, [](Reach r) { return r != Reach::kInside; })) {
    limits.push_back(Limit::kNoInteriorMaximum);
  }
}

template <size_t kSize>
inline typename RetentionLikelihood<kSize>::Point RetentionLikelihood<kSize>::Prepare(
    std::span<const double, kSize>) const {
  return Point(*this);
}

template <size_t kSize>
inline void RetentionLikelihood<kSize>::Point::Evaluate(Range rows,
                                                        const BlockParameters<kSize> &parameters,
                                                        bool, BlockResult<kSize> &result) const {
  for (size_t i = 0; i < rows.size(); ++i) {
    const size_t row = rows.begin + i;
    const double t = data_.cells_.column[0][row], before = data_.cells_.column[2][row];
    RetentionParameters model{std::exp(parameters.eta[0][i]), std::exp(parameters.eta[1][i])};
    if constexpr (kSize == 3) model.c = std::exp(parameters.eta[2][i]);
    detail::SurvivalJet jet = data_.cells_.column[1][row] != 0 ? detail::LogLossJet(model, t)
                                                               : detail::LogSurvivalJet(model, t);
    if (before > 0) jet.Add(-1, detail::LogSurvivalJet(model, before));
    result.value[i] = jet.value;
    for (size_t j = 0; j < kSize; ++j) {
      result.gradient[j][i] = jet.gradient[j];
      for (size_t k = 0; k <= j; ++k) result.hessian[Packed(j, k)][i] = jet.hessian[Packed(j, k)];
    }
  }
}

}  // namespace patron::clv

#endif  // PATRON_CLV_RETENTION_HPP_
