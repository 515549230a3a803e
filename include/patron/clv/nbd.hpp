// NBD: customers buy at gamma-distributed rates and never leave; the null model of repeat buying.
#ifndef PATRON_CLV_NBD_HPP_
#define PATRON_CLV_NBD_HPP_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "patron/base/random.hpp"
#include "patron/base/status.hpp"
#include "patron/clv/cells.hpp"
#include "patron/clv/column_checks.hpp"
#include "patron/clv/evaluation.hpp"
#include "patron/clv/fit.hpp"
#include "patron/clv/gamma_functions.hpp"
#include "patron/clv/limits.hpp"

namespace patron::clv {

// Purchases of a customer are a Poisson process whose rate is gamma-distributed over customers
// with shape r and rate alpha, in units of time (Ehrenberg 1959).
struct NbdParameters {
  double r;
  double alpha;
};

// Log-likelihood of when x repeat purchases were made in (0, T]:
// ln Gamma(r + x) - ln Gamma(r) + r ln alpha - (r + x) ln(alpha + T). It is of the times, not of
// the counts alone, and so comparable with that of every model in which customers also leave.
class NbdLikelihood {
 public:
  static constexpr size_t kParameters = 2;
  static constexpr std::array<std::string_view, 2> kNames = {"r", "alpha"};
  static constexpr std::array<CovariateLink, 2> kLinks = {CovariateLink{},
                                                          CovariateLink{Process::kTransaction, -1}};

  // `counts` are whole, 0 or above, `ends` (T) 0 or above; `weights` above 0, or empty; `patterns`
  // those of CovariatePatterns::of_row, or empty. Errors: InvalidArgument naming the first row that
  // is not so, or T zero in all rows.
  static absl::StatusOr<NbdLikelihood> Make(std::span<const double> counts,
                                            std::span<const double> ends,
                                            std::span<const double> weights = {},
                                            std::span<const uint32_t> patterns = {});

  size_t rows() const { return cells_.size(); }
  std::span<const double> weights() const { return cells_.weight; }
  std::span<const uint32_t> patterns() const { return cells_.pattern; }  // Of covariates, by row.
  std::array<double, 2> LogScale() const { return {0, log_mean_end_}; }
  std::vector<std::array<double, 2>> Starts() const;
  static void NameLimits(std::span<const Reach> reach, std::span<const double> theta,
                         std::vector<Limit> &limits);

  class Point;
  Point Prepare(std::span<const double, 2> eta) const;

 private:
  Cells<2> cells_;  // By pattern, x, then T.
  DistinctValues counts_;
  double log_mean_end_ = 0;
  double mean_count_ = 0;
  double variance_of_count_ = 0;
};

class NbdLikelihood::Point {
 public:
  Point(const NbdLikelihood &data, std::span<const double, 2> eta) : data_(data) {
    const double r = std::exp(eta[0]);
    for (const double x : data.counts_.value) rise_.push_back(LogGammaRise(r, x));
  }
  void Evaluate(Range rows, const BlockParameters<2> &parameters, bool derivatives,
                BlockResult<2> &result) const;

 private:
  const NbdLikelihood &data_;
  std::vector<GammaRiseJet> rise_;  // By distinct count.
};

// Expected purchases in `time` of a customer of whom nothing is known, r time / alpha.
double ExpectedPurchases(const NbdParameters &model, double time);

// What is known of the rate of a customer with x purchases in (0, T]: r + x and alpha + T. Every
// prediction for the customer is that of the posterior for a new one.
NbdParameters Posterior(const NbdParameters &model, double x, double end);

// Probability of exactly `n` purchases in `time`.
double ProbabilityOfPurchases(const NbdParameters &model, double n, double time);

// Expected purchases in `horizon`, discounted continuously at `rate` for each unit of time;
// horizon may be infinite if the rate is above 0.
double DiscountedPurchases(const NbdParameters &model, double horizon, double rate);

// A customer drawn from the model.
struct SimulatedPurchases {
  double count;
  double recency;  // Time of the last purchase; 0 without one.
};

// Purchases of the customer of `stream` in (0, end]. Uses draws 0 to 2.
SimulatedPurchases Simulate(const NbdParameters &model, const RandomStream &stream, double end);

inline absl::StatusOr<NbdLikelihood> NbdLikelihood::Make(std::span<const double> counts,
                                                         std::span<const double> ends,
                                                         std::span<const double> weights,
                                                         std::span<const uint32_t> patterns) {
  PATRON_RETURN_IF_ERROR(CheckLength("T", ends.size(), counts.size()));
  PATRON_RETURN_IF_ERROR(CheckCounts("frequency", counts));
  PATRON_RETURN_IF_ERROR(CheckNotNegative("T", ends));
  PATRON_RETURN_IF_ERROR(CheckWeights(weights, counts.size()));
  PATRON_RETURN_IF_ERROR(CheckPatterns(patterns, counts.size()));
  if (!ends.empty() && std::ranges::all_of(ends, [](double T) { return T == 0; })) {
    return absl::InvalidArgumentError("T: 0 in all rows; expected time in which to purchase");
  }
  NbdLikelihood likelihood;
  likelihood.cells_ = GroupRows<2>({counts, ends}, weights, patterns);
  const Cells<2> &cells = likelihood.cells_;
  likelihood.counts_ = DistinctOf(cells.column[0]);
  double weight = 0, count = 0, square = 0, end = 0;
  for (size_t i = 0; i < cells.size(); ++i) {
    const double w = cells.weight[i], x = cells.column[0][i];
    weight += w;
    count += w * x;
    square += w * x * x;
    end += w * cells.column[1][i];
  }
  if (weight > 0) {
    if (end > 0) likelihood.log_mean_end_ = std::log(end / weight);
    const double mean = count / weight;
    likelihood.mean_count_ = mean;
    likelihood.variance_of_count_ = square / weight - mean * mean;
  }
  return likelihood;
}

// Moments: mean r T / alpha, variance mean (1 + T / alpha).
inline std::vector<std::array<double, 2>> NbdLikelihood::Starts() const {
  const double excess = variance_of_count_ - mean_count_;
  const double mean = std::max(mean_count_, 1e-3);
  const double r = std::clamp(excess > 0 ? mean * mean / excess : 10.0, 0.02, 50.0);
  return {{std::log(r), log_mean_end_ + std::log(r / mean)}, {0, log_mean_end_}};
}

inline void NbdLikelihood::NameLimits(std::span<const Reach> reach, std::span<const double> theta,
                                      std::vector<Limit> &limits) {
  NamePurchasingLimit(reach[0], reach[1], theta[0], theta[1], limits);
}

inline NbdLikelihood::Point NbdLikelihood::Prepare(std::span<const double, 2> eta) const {
  return Point(*this, eta);
}

inline void NbdLikelihood::Point::Evaluate(Range rows, const BlockParameters<2> &parameters,
                                           bool derivatives, BlockResult<2> &result) const {
  const double *counts = data_.cells_.column[0].data() + rows.begin;
  const double *ends = data_.cells_.column[1].data() + rows.begin;
  const uint32_t *places = data_.counts_.place.data() + rows.begin;
  const double r = std::exp(parameters.eta[0][0]);
  for (size_t i = 0; i < rows.size(); ++i) {
    const double x = counts[i], end = ends[i];
    const double alpha = std::exp(parameters.eta[1][i]);
    const double growth = std::log1p(end / alpha);
    const GammaRiseJet &rise = rise_[places[i]];
    result.value[i] = rise.value - r * growth - x * std::log(alpha + end);
    if (!derivatives) continue;
    const double gone = end / (alpha + end), left = alpha / (alpha + end);
    const double by_r = r * (rise.by_z - growth);
    result.gradient[0][i] = by_r;
    result.gradient[1][i] = r * gone - x * left;
    result.hessian[Packed(0, 0)][i] = by_r + r * r * rise.by_zz;
    result.hessian[Packed(1, 0)][i] = r * gone;
    result.hessian[Packed(1, 1)][i] = -(r + x) * gone * left;
  }
}

inline double ExpectedPurchases(const NbdParameters &model, double time) {
  return model.r / model.alpha * time;
}

inline NbdParameters Posterior(const NbdParameters &model, double x, double end) {
  return {model.r + x, model.alpha + end};
}

inline double ProbabilityOfPurchases(const NbdParameters &model, double n, double time) {
  if (time <= 0) return n == 0 ? 1 : 0;
  const double among = n == 0 ? 0
                              : LogGammaRise(model.r, n).value - LogGammaRise(1, n).value -
                                    n * std::log1p(model.alpha / time);
  return std::exp(among - model.r * std::log1p(time / model.alpha));
}

inline double DiscountedPurchases(const NbdParameters &model, double horizon, double rate) {
  if (rate == 0) return ExpectedPurchases(model, horizon);
  return model.r / model.alpha * -std::expm1(-rate * horizon) / rate;
}

inline SimulatedPurchases Simulate(const NbdParameters &model, const RandomStream &stream,
                                   double end) {
  const double rate = stream.Gamma(0, model.r, 1 / model.alpha);
  const auto count = static_cast<double>(stream.Poisson(1, rate * end));
  if (count == 0) return {0, 0};
  // The largest of `count` uniform times.
  return {count, end * std::exp(std::log1p(-stream.Uniform(2)) / count)};
}

}  // namespace patron::clv

#endif  // PATRON_CLV_NBD_HPP_
