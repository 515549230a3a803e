// Gamma-Gamma: what customers spend on a purchase, and what they can be expected to spend.
#ifndef PATRON_CLV_GAMMA_GAMMA_HPP_
#define PATRON_CLV_GAMMA_GAMMA_HPP_

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
#include "patron/base/random.hpp"
#include "patron/base/status.hpp"
#include "patron/clv/cells.hpp"
#include "patron/clv/column_checks.hpp"
#include "patron/clv/evaluation.hpp"
#include "patron/clv/fit.hpp"
#include "patron/clv/gamma_functions.hpp"

namespace patron::clv {

// The spend of a purchase is gamma with shape p and rate nu, of one customer; nu is gamma over
// customers with shape q and rate gamma (Fader and Hardie 2013; Colombo and Jiang 1999). Spend and
// number of purchases are taken to be independent.
struct GammaGammaParameters {
  double p;
  double q;
  double gamma;  // In units of spend.
};

// Log-likelihood of mean spends m of x purchases:
// ln Gamma(px + q) - ln Gamma(px) - ln Gamma(q) + q ln gamma + (px - 1) ln m + px ln x
// - (px + q) ln(gamma + x m), written without differences of large numbers.
class GammaGammaLikelihood {
 public:
  static constexpr size_t kParameters = 3;
  static constexpr std::array<std::string_view, 3> kNames = {"p", "q", "gamma"};
  static constexpr std::array<CovariateLink, 3> kLinks = {};

  // `counts` are whole, 1 or above, mean `spends` above 0: customers without repeat purchase or
  // with spend of 0 or less are left out by the caller. `weights` above 0, or empty; rows of
  // different `patterns` are kept apart. Errors: InvalidArgument naming the first row that is not
  // so.
  static absl::StatusOr<GammaGammaLikelihood> Make(std::span<const double> counts,
                                                   std::span<const double> spends,
                                                   std::span<const double> weights = {},
                                                   std::span<const uint32_t> patterns = {});

  size_t rows() const { return cells_.size(); }
  std::span<const double> weights() const { return cells_.weight; }
  std::array<double, 3> LogScale() const { return {0, 0, log_mean_spend_}; }
  std::vector<std::array<double, 3>> Starts() const;
  static void NameLimits(std::span<const Reach> reach, std::span<const double> theta,
                         std::vector<Limit> &limits);

  class Point;
  Point Prepare(std::span<const double, 3> eta) const;

 private:
  Cells<2> cells_;  // By x, then m.
  DistinctValues counts_;
  double log_mean_spend_ = 0;
};

class GammaGammaLikelihood::Point {
 public:
  Point(const GammaGammaLikelihood &data, std::span<const double, 3> eta)
      : data_(data), of_q_(LogGammaDerivatives(std::exp(eta[1]))) {
    for (const double x : data.counts_.value) {
      rise_.push_back(LogGammaRise(std::exp(eta[0]) * x, std::exp(eta[1])));
    }
  }
  void Evaluate(Range rows, const BlockParameters<3> &parameters, bool derivatives,
                BlockResult<3> &result) const;

 private:
  const GammaGammaLikelihood &data_;
  LogGammaJet of_q_;
  std::vector<GammaRiseJet> rise_;  // By distinct count.
};

// Mean of the spend over customers, p gamma / (q - 1); infinite for q <= 1.
double MeanSpend(const GammaGammaParameters &model);

// Variance over customers of what each spends on average; infinite for q <= 2.
double VarianceOfSpend(const GammaGammaParameters &model);

// What is known of a customer with mean spend m on x purchases: q + p x and gamma + x m. MeanSpend
// of it is the expected spend of the customer: for one purchase it lies far from m and near the
// mean over customers, by design (shrinkage); x = 0 gives the mean over customers itself.
GammaGammaParameters Posterior(const GammaGammaParameters &model, double x, double mean_spend);

// Mean spend of `count` >= 1 purchases of the customer of `stream`. Uses draws `first` and
// `first` + 1.
double Simulate(const GammaGammaParameters &model, const RandomStream &stream, double count,
                uint32_t first = 0);

inline absl::StatusOr<GammaGammaLikelihood> GammaGammaLikelihood::Make(
    std::span<const double> counts, std::span<const double> spends, std::span<const double> weights,
    std::span<const uint32_t> patterns) {
  PATRON_RETURN_IF_ERROR(CheckLength("monetary_value", spends.size(), counts.size()));
  PATRON_RETURN_IF_ERROR(CheckCounts("frequency", counts, 1));
  PATRON_RETURN_IF_ERROR(CheckPositive("monetary_value", spends));
  PATRON_RETURN_IF_ERROR(CheckWeights(weights, counts.size()));
  PATRON_RETURN_IF_ERROR(CheckPatterns(patterns, counts.size()));
  GammaGammaLikelihood likelihood;
  likelihood.cells_ = GroupRows<2>({counts, spends}, weights, patterns);
  const Cells<2> &cells = likelihood.cells_;
  likelihood.counts_ = DistinctOf(cells.column[0]);
  double weight = 0, spend = 0;
  for (size_t i = 0; i < cells.size(); ++i) {
    weight += cells.weight[i];
    spend += cells.weight[i] * std::log(cells.column[1][i]);
  }
  if (weight > 0) likelihood.log_mean_spend_ = spend / weight;
  return likelihood;
}

// Points with the mean spend of the data; their spread over customers differs.
inline std::vector<std::array<double, 3>> GammaGammaLikelihood::Starts() const {
  std::vector<std::array<double, 3>> starts;
  for (const auto &[p, q] :
       {std::pair(3.0, 4.0), std::pair(20.0, 4.0), std::pair(0.7, 2.0), std::pair(2.0, 30.0)}) {
    starts.push_back({std::log(p), std::log(q), log_mean_spend_ + std::log((q - 1) / p)});
  }
  return starts;
}

inline void GammaGammaLikelihood::NameLimits(std::span<const Reach> reach,
                                             std::span<const double> theta,
                                             std::vector<Limit> &limits) {
  if (theta[1] <= 1) limits.push_back(Limit::kInfiniteMeanSpend);
  if (reach[0] == Reach::kHigh) limits.push_back(Limit::kCertainSpend);
  if (reach[1] == Reach::kHigh || reach[2] == Reach::kHigh) {
    limits.push_back(Limit::kHomogeneousSpend);
  }
}

inline GammaGammaLikelihood::Point GammaGammaLikelihood::Prepare(
    std::span<const double, 3> eta) const {
  return Point(*this, eta);
}

inline void GammaGammaLikelihood::Point::Evaluate(Range rows, const BlockParameters<3> &parameters,
                                                  bool derivatives, BlockResult<3> &result) const {
  const double *counts = data_.cells_.column[0].data() + rows.begin;
  const double *spends = data_.cells_.column[1].data() + rows.begin;
  const uint32_t *places = data_.counts_.place.data() + rows.begin;
  const double p = std::exp(parameters.eta[0][0]);
  const double q = std::exp(parameters.eta[1][0]);
  const double gamma = std::exp(parameters.eta[2][0]);
  for (size_t i = 0; i < rows.size(); ++i) {
    const double x = counts[i], m = spends[i], total = x * m, px = p * x;
    const GammaRiseJet &rise = rise_[places[i]];
    const double over = std::log1p(total / gamma);   // ln (gamma + x m) - ln gamma
    const double under = std::log1p(gamma / total);  // ln (gamma + x m) - ln (x m)
    result.value[i] = rise.value - of_q_.value - q * over - px * under - std::log(m);
    if (!derivatives) continue;
    const double spent = total / (gamma + total), prior = gamma / (gamma + total);
    const double by_p = px * (rise.by_z - under);
    const double by_q = q * (rise.by_d - of_q_.first - over);
    result.gradient[0][i] = by_p;
    result.gradient[1][i] = by_q;
    result.gradient[2][i] = q * spent - px * prior;
    result.hessian[Packed(0, 0)][i] = by_p + px * px * rise.by_zz;
    result.hessian[Packed(1, 0)][i] = px * q * rise.by_dd;
    result.hessian[Packed(1, 1)][i] = by_q + q * q * (rise.by_dd - of_q_.second);
    result.hessian[Packed(2, 0)][i] = -px * prior;
    result.hessian[Packed(2, 1)][i] = q * spent;
    result.hessian[Packed(2, 2)][i] = -(q + px) * spent * prior;
  }
}

inline double MeanSpend(const GammaGammaParameters &model) {
  if (!(model.q > 1)) return std::numeric_limits<double>::infinity();
  return model.p * model.gamma / (model.q - 1);
}

inline double VarianceOfSpend(const GammaGammaParameters &model) {
  if (!(model.q > 2)) return std::numeric_limits<double>::infinity();
  const double mean = MeanSpend(model);
  return mean * mean / (model.q - 2);
}

inline GammaGammaParameters Posterior(const GammaGammaParameters &model, double x,
                                      double mean_spend) {
  return {model.p, model.q + model.p * x, model.gamma + x * mean_spend};
}

inline double Simulate(const GammaGammaParameters &model, const RandomStream &stream, double count,
                       uint32_t first) {
  const double nu = stream.Gamma(first, model.q, 1 / model.gamma);
  return stream.Gamma(first + 1, model.p * count, 1 / (nu * count));
}

}  // namespace patron::clv

#endif  // PATRON_CLV_GAMMA_GAMMA_HPP_
