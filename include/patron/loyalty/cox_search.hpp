// The search for the coefficients of proportional hazards, and what tells that there are none.
#ifndef PATRON_LOYALTY_COX_SEARCH_HPP_
#define PATRON_LOYALTY_COX_SEARCH_HPP_

#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "patron/loyalty/partial_likelihood.hpp"

namespace patron::loyalty::detail::cox {

// Errors: FailedPrecondition naming the first covariate whose information, given those before, is 0.
inline absl::Status CheckInformation(const std::vector<std::string> &names,
                                     const Eigen::MatrixXd &information, double events) {
  constexpr double kNothing = 1e-9;  // Of the covariate's own information.
  const Eigen::Index p = information.rows();
  for (Eigen::Index k = 0; k < p; ++k) {
    // Covariates have a variance of 1: each event tells up to about so much.
    if (information(k, k) > 1e-10 * events) continue;
    return absl::FailedPreconditionError(
        absl::StrCat(names[static_cast<size_t>(k)],
                     ": the same for all who are at risk whenever an event comes; expected a "
                     "covariate that varies among them"));
  }
  const Eigen::VectorXd scale = information.diagonal().cwiseSqrt().cwiseInverse();
  const Eigen::MatrixXd correlation = scale.asDiagonal() * information * scale.asDiagonal();
  for (Eigen::Index k = 1; k < p; ++k) {
    const Eigen::LDLT<Eigen::MatrixXd> before(correlation.topLeftCorner(k, k));
    const Eigen::VectorXd combination = before.solve(correlation.block(0, k, k, 1));
    const double rest = 1 - combination.dot(correlation.block(0, k, k, 1).col(0));
    if (rest > kNothing) continue;
    std::string others;
    for (Eigen::Index l = 0; l < k; ++l) {
      if (std::abs(combination[l]) < 1e-6) continue;
      absl::StrAppend(&others, others.empty() ? "" : ", ", names[static_cast<size_t>(l)]);
    }
    return absl::FailedPreconditionError(
        absl::StrCat(names[static_cast<size_t>(k)], ": a linear combination of ", others,
                     " (collinear); expected covariates that tell something each"));
  }
  return absl::OkStatus();
}

inline absl::Status Monotone(const std::vector<std::string> &names, const Eigen::VectorXd &point,
                             const Eigen::VectorXd &step) {
  std::string list;
  int count = 0;
  const double most = step.cwiseAbs().maxCoeff();
  for (Eigen::Index k = 0; k < step.size(); ++k) {
    if (std::abs(step[k]) < 0.3 * most) continue;
    absl::StrAppend(&list, list.empty() ? "" : ", ", names[static_cast<size_t>(k)]);
    count += 1;
  }
  return absl::FailedPreconditionError(absl::StrCat(
      list, count == 1 ? ": its coefficient grows" : ": their coefficients grow",
      " without bound (separation: a monotone likelihood); expected events at both ends of a "
      "covariate, or a penalty. Reached ",
      FormatNumber(point.cwiseAbs().maxCoeff()), " standard deviations"));
}

// Newton's method on the likelihood less the penalty.
class Search {
 public:
  Search(const std::vector<std::string> &names, Eigen::VectorXd penalty, int max_iterations)
      : names_(names), penalty_(std::move(penalty)), max_iterations_(max_iterations) {}

  // From `point`, which `here` and `hazards` evaluate, until a step is below `tolerance`: its gain in
  // log-likelihood, doubled.
  absl::Status Run(const PartialLikelihood &likelihood, Eigen::VectorXd point,
                   PartialLikelihood::Evaluation here, PartialLikelihood::Hazards hazards,
                   double tolerance) {
    using Evaluation = PartialLikelihood::Evaluation;
    PartialLikelihood::Hazards tried;
    hazards_ = std::move(hazards);
    const double start = Penalized(here, point);
    double value = start;
    for (iterations_ = 0;; ++iterations_) {
      const Eigen::VectorXd gradient = here.gradient - penalty_.cwiseProduct(point);
      Eigen::MatrixXd information = here.information;
      information.diagonal() += penalty_;
      const Eigen::LLT<Eigen::MatrixXd> solver(information);
      const Eigen::VectorXd step = solver.solve(gradient);
      if (solver.info() != Eigen::Success || !step.allFinite()) {
        return Monotone(names_, point,
                        point.isZero(0) ? Eigen::VectorXd::Ones(point.size()).eval() : point);
      }
      const double decrement = gradient.dot(step);
      if (decrement <= tolerance) {
        point_ = point + step;
        evaluation_ = std::move(here);
        evaluation_.value += 0.5 * decrement;
        information_ = std::move(information);
        return absl::OkStatus();
      }
      // The likelihood has come to its end, but the coefficients go on.
      if (iterations_ >= 3 && 0.5 * decrement < 1e-9 * (1 + std::abs(start)) &&
          step.cwiseAbs().maxCoeff() > 0.1) {
        return Monotone(names_, point, step);
      }
      if (iterations_ == max_iterations_) {
        // Where an order is all but perfect each step gains less than the last, for long.
        constexpr int kMany = 20;
        constexpr double kFar = 10;  // Standard deviations.
        if (iterations_ >= kMany && step.dot(point) > 0 && point.cwiseAbs().maxCoeff() > kFar) {
          return Monotone(names_, point, point);
        }
        return absl::FailedPreconditionError(
            absl::StrCat("max_iterations: ", max_iterations_,
                         " steps without convergence; the last would have gained ",
                         FormatNumber(0.5 * decrement), " in log-likelihood"));
      }
      double length = 1;
      for (int half = 0;; ++half) {
        const Eigen::VectorXd next = point + length * step;
        Evaluation there = likelihood.Evaluate(next, {}, &tried);
        const double gained = Penalized(there, next);
        // What rounding takes from a sum of many logarithms is no loss.
        if (std::isfinite(gained) && there.information.allFinite() &&
            (gained >= value - 1e-11 * std::abs(value) || half == 40)) {
          point = next;
          here = std::move(there);
          std::swap(hazards_, tried);
          value = gained;
          break;
        }
        if (half == 40) return Monotone(names_, point, step);
        length *= 0.5;
      }
    }
  }

  const Eigen::VectorXd &point() const { return point_; }
  const PartialLikelihood::Evaluation &evaluation() const { return evaluation_; }
  const Eigen::MatrixXd &information() const { return information_; }  // Penalised.
  int iterations() const { return iterations_; }
  // At the last point but one, from which the last step was none to speak of.
  const PartialLikelihood::Hazards &hazards() const { return hazards_; }

 private:
  double Penalized(const PartialLikelihood::Evaluation &at, const Eigen::VectorXd &point) const {
    return at.value - 0.5 * penalty_.dot(point.cwiseAbs2());
  }

  const std::vector<std::string> &names_;
  Eigen::VectorXd penalty_;
  int max_iterations_;
  Eigen::VectorXd point_;
  PartialLikelihood::Evaluation evaluation_;
  Eigen::MatrixXd information_;
  PartialLikelihood::Hazards hazards_;
  int iterations_ = 0;
};

}  // namespace patron::loyalty::detail::cox

#endif  // PATRON_LOYALTY_COX_SEARCH_HPP_
