// Proportional hazards (Cox 1972): which covariates make customers leave sooner or later.
#ifndef PATRON_LOYALTY_COX_HPP_
#define PATRON_LOYALTY_COX_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <utility>

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include "absl/status/statusor.h"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/loyalty/cox_errors.hpp"
#include "patron/loyalty/cox_model.hpp"
#include "patron/loyalty/cox_preparation.hpp"
#include "patron/loyalty/cox_search.hpp"
#include "patron/loyalty/partial_likelihood.hpp"

namespace patron::loyalty {

// Fits by Newton's method with halved steps. The hazard of the baseline is the one that belongs to the
// ties: Efron's or Breslow's.
//
// Errors: those of CheckObserved; InvalidArgument for columns of unequal length, covariates that are
// not finite, options out of range. FailedPrecondition, naming the covariates, if one is constant, is a
// linear combination of others, has a coefficient that grows without bound (separation, a monotone
// likelihood), or does not vary among those at risk; and without an event or convergence.
// Cost: two sorts; then O(rows x covariates^2) a step, 3 to 8 of them.
absl::StatusOr<CoxFit> FitCox(const CoxData &data, const CoxOptions &options = {},
                              const Execution &execution = {});

inline absl::StatusOr<CoxFit> FitCox(const CoxData &data, const CoxOptions &options,
                                     const Execution &execution) {
  namespace cox = detail::cox;
  const bool robust = options.robust || !data.clusters.codes.empty();
  // The penalty and the errors are told in deviations.
  const bool exact = robust || options.survival_errors || !options.penalty.empty();
  PATRON_ASSIGN_OR_RETURN(const cox::Prepared prepared,
                          cox::Prepare(data, options, exact, execution));
  const cox::PartialLikelihood &likelihood = prepared.likelihood;
  const auto p = static_cast<Eigen::Index>(data.covariates.size());
  CoxFit fit;
  fit.rows = static_cast<int64_t>(data.observed.size());
  fit.events = std::ranges::count(data.observed.event, 1);
  fit.means = Eigen::Map<const Eigen::VectorXd>(prepared.means.data(), p);
  fit.deviations = Eigen::Map<const Eigen::VectorXd>(prepared.deviations.data(), p);
  Eigen::VectorXd penalty = Eigen::VectorXd::Zero(p);
  for (Eigen::Index k = 0; k < std::ssize(options.penalty); ++k) {
    penalty[k] = options.penalty[static_cast<size_t>(k)];
  }

  constexpr size_t kLarge = 50'000;
  const bool large = likelihood.rows().size() >= kLarge;
  const Eigen::VectorXd zero = Eigen::VectorXd::Zero(p);
  Eigen::VectorXd start = zero;
  if (large && data.observed.entry.empty()) {
    const cox::PartialLikelihood sample = likelihood.Sample();
    cox::Search rough(data.names, penalty / static_cast<double>(cox::RiskRows::kSampled),
                      options.max_iterations);
    cox::PartialLikelihood::Hazards hazards;
    auto at = sample.Evaluate(zero, {}, &hazards);
    if (rough.Run(sample, zero, std::move(at), std::move(hazards), 1e-3).ok()) {
      start = rough.point();
    }
  }
  cox::PartialLikelihood::Hazards at_zero, at_start;
  cox::PartialLikelihood::Evaluation null, first;
  if (start.isZero(0)) {
    first = null = likelihood.Evaluate(zero, {}, &at_start);
  } else {
    std::tie(null, first) = likelihood.EvaluateBoth(zero, at_zero, start, at_start);
  }
  fit.null_log_likelihood = null.value;
  Eigen::MatrixXd information = null.information;
  information.diagonal() += penalty;
  double event_weight = 0;
  for (size_t m = 0; m < likelihood.rows().moments().size(); ++m) {
    event_weight += likelihood.rows().weight_of(m);
  }
  PATRON_RETURN_IF_ERROR(cox::CheckInformation(data.names, information, event_weight));
  fit.score_statistic = null.gradient.dot(information.llt().solve(null.gradient));
  PATRON_RETURN_IF_ERROR(ReportProgress(execution, 1, 4));

  // A step of so little would move errors and hazards in their ninth digit; of many rows less.
  const double tolerance = 1e-16 * (large ? static_cast<double>(likelihood.rows().size()) : 1);
  cox::Search search(data.names, penalty, options.max_iterations);
  PATRON_RETURN_IF_ERROR(
      search.Run(likelihood, start, std::move(first), std::move(at_start), tolerance));
  PATRON_RETURN_IF_ERROR(ReportProgress(execution, 3, 4));

  const Eigen::VectorXd &point = search.point();
  const Eigen::Map<const Eigen::VectorXd> center(prepared.center.data(), p);
  const Eigen::VectorXd scale =
      Eigen::Map<const Eigen::VectorXd>(prepared.scale.data(), p).cwiseInverse();
  const Eigen::MatrixXd inverse = search.information().llt().solve(Eigen::MatrixXd::Identity(p, p));
  fit.iterations = search.iterations();
  fit.log_likelihood = search.evaluation().value;
  fit.coefficients = point.cwiseProduct(scale);
  fit.covariance = scale.asDiagonal() * inverse * scale.asDiagonal();
  fit.wald_statistic = point.dot(search.information() * point);
  if (robust) {
    const Eigen::MatrixXd sandwich = cox::RobustCovariance(likelihood, data, point, inverse);
    fit.robust_covariance = scale.asDiagonal() * sandwich * scale.asDiagonal();
    fit.wald_statistic = point.dot(sandwich.ldlt().solve(point));
  }
  const double factor = std::exp(-center.dot(fit.coefficients));
  fit.baselines = cox::BaselinesOf(likelihood, search.hazards(), factor);
  if (options.survival_errors) {
    cox::AddErrors(likelihood, point, fit.deviations, factor, fit.baselines);
  }
  PATRON_RETURN_IF_ERROR(ReportProgress(execution, 4, 4));
  return fit;
}

}  // namespace patron::loyalty

#endif  // PATRON_LOYALTY_COX_HPP_
