// Fitting: from a likelihood to estimates with their errors, or to the reason why there are none.
#ifndef PATRON_CLV_FIT_HPP_
#define PATRON_CLV_FIT_HPP_

#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/clv/covariates.hpp"
#include "patron/clv/evaluation.hpp"
#include "patron/clv/layout.hpp"
#include "patron/clv/newton.hpp"

namespace patron::clv {

// A simpler model that the likelihood runs to instead of having a maximum inside.
enum class Limit : uint8_t {
  kHomogeneousPurchasing,  // All customers buy at one rate: r and alpha without end.
  kHomogeneousDropout,     // All drop out alike: a and b, or s and beta, without end.
  kNoDropout,              // Nobody drops out: a, or s, to zero.
  kCollapsedGompertz,      // The Gompertz hazard does not change: b to zero, Pareto/NBD.
  kInfiniteMeanSpend,      // The mean of the spend does not exist: q at most 1.
  kHomogeneousSpend,       // All spend alike: q and gamma without end.
  kCertainSpend,           // A customer's spend does not vary: p without end.
  kCertainPurchase,        // Customers always, or never, buy while they live.
  kNoInteriorMaximum,      // Another parameter runs to the edge of its box.
  kNoPurchases,            // Nobody buys again: r to zero, or alpha without end.
};
inline constexpr Limit kLastLimit = Limit::kNoPurchases;
std::string_view LimitName(Limit limit);

// A share below which a process counts as absent when limits are named; exp(-12).
inline constexpr double kNegligible = 6e-6;

// Where a log parameter stands: within 12 of its natural size (a factor of 160,000), or beyond.
enum class Reach : int8_t { kLow = -1, kInside = 0, kHigh = 1 };

// What a fit needs to know of a model besides its likelihood.
struct ModelShape {
  std::vector<std::string_view> names;
  std::vector<double> log_scale;
  // Adds the limits that parameters in these reaches, theta over its natural size, stand for.
  void (*name_limits)(std::span<const Reach> reach, std::span<const double> theta,
                      std::vector<Limit> &limits) = nullptr;
};

// A likelihood that can be fitted tells where to start, in log parameters and best guess first
// (later ones are tried if the first ends in no interior maximum), and names its limits:
//
//   std::vector<std::array<double, kParameters>> Starts() const;
//   static void NameLimits(std::span<const Reach> reach, std::span<const double> theta,
//                          std::vector<Limit> &limits);
template <typename T>
concept FittableLikelihood = Likelihood<T> &&
    requires(const T &likelihood, std::vector<Limit> &limits) {
  { likelihood.Starts() } -> std::convertible_to<std::vector<std::array<double, T::kParameters>>>;
  T::NameLimits(std::span<const Reach>{}, std::span<const double>{}, limits);
};

struct FitOptions {
  // Log-likelihood of the NBD on the same data; a fit more than 10^-6 below it for each unit of
  // weight is refused. NaN: not known, or the NBD is not a limit of this model.
  double null_log_likelihood = std::numeric_limits<double>::quiet_NaN();
  Eigen::VectorXd lower = {};         // Bounds of log parameters from below; empty means none.
  bool first_start_suffices = false;  // No other is tried if the first converges, wherever.
  NewtonOptions newton = {};
};

// Estimates of a model and what is known of them.
struct Fit {
  std::vector<std::string> names;       // Of the free parameters: Layout::names.
  std::vector<double> estimates;        // theta itself for the model's parameters, not its log.
  std::vector<double> standard_errors;  // NaN for a parameter at the edge of its box.
  Eigen::MatrixXd covariance;           // Of the estimates; zero for parameters at an edge.
  Eigen::MatrixXd log_covariance;       // Of Optimum::point, from which the former follows.
  double log_likelihood = 0;            // Without penalty.
  double weight = 0;                    // Customers, as their weights count them.
  size_t parameters = 0;                // Of the model; the rest are covariate coefficients.
  std::vector<Limit> limits;            // Empty for an interior maximum.
  Box box;
  NewtonOptions newton;  // How the search was made.
  Optimum optimum;       // In log parameters and coefficients.

  bool interior() const { return limits.empty(); }
  double aic() const { return 2 * static_cast<double>(names.size()) - 2 * log_likelihood; }
  double bic() const {
    return static_cast<double>(names.size()) * std::log(weight) - 2 * log_likelihood;
  }
};

// Fits `likelihood` with the covariates of `covariates` as `layout` has them.
//
// A likelihood that rises to the edge of the box is no error: Fit::limits names what it runs to.
// Without a unit of steps in the options, coefficients take that of TypicalSteps. Errors: those of
// CheckDetermined; FailedPrecondition if no start converges, if the Hessian leaves parameters undetermined
// (named), or if the fit is below the null; those of Maximize and Evaluate.
template <FittableLikelihood T>
absl::StatusOr<Fit> FitModel(const T &likelihood, const Layout &layout,
                             const CovariateRows &covariates = {}, const FitOptions &options = {},
                             const Execution &execution = {});

// The same for an objective of any make, such as a sum over shards (see Evaluation::Add). Starts
// are points of the layout's free parameters.
absl::StatusOr<Fit> FitObjective(Objective objective, const Layout &layout, const ModelShape &shape,
                                 std::span<const Eigen::VectorXd> starts,
                                 const FitOptions &options = {});

// What FitObjective needs to know of model T, from any shard of the data.
template <FittableLikelihood T>
ModelShape ShapeOf(const T &likelihood);

// Standard error of a function of the free parameters (log parameters first, as Optimum::point)
// by the delta method: central differences of relative error about 1e-8 meet the covariance.
double DeltaStandardError(const Fit &fit,
                          absl::FunctionRef<double(const Eigen::VectorXd &point)> function);

namespace detail {

inline Box BoxOf(const Layout &layout, std::span<const double> log_scale,
                 const Eigen::VectorXd &unit) {
  constexpr double kHalfWidth = 15;
  constexpr double kCoefficients = 1000;
  Box box{Eigen::VectorXd(layout.free_size()), Eigen::VectorXd(layout.free_size())};
  for (Eigen::Index i = 0; i < layout.free_size(); ++i) {
    const auto k = static_cast<size_t>(i);
    const bool own = k < layout.parameter_count();
    const double middle = own ? log_scale[k] : 0;
    const double half = own ? kHalfWidth : kCoefficients * (unit.size() > i ? unit[i] : 1);
    box.lower[i] = middle - half;
    box.upper[i] = middle + half;
  }
  return box;
}

// Why a search did not end in a maximum that can be reported.
inline absl::Status NoMaximum(const Layout &layout, const Optimum &optimum) {
  if (!optimum.concave) {
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(-optimum.at.hessian);
    const Eigen::VectorXd axis = eigen.eigenvectors().col(0).cwiseAbs();
    std::string along;
    for (Eigen::Index i = 0; i < axis.size(); ++i) {
      if (axis[i] < 0.1 * axis.maxCoeff()) continue;
      absl::StrAppend(&along, along.empty() ? "" : ", ", layout.names()[static_cast<size_t>(i)]);
    }
    return absl::FailedPreconditionError(
        absl::StrCat("the data do not determine ", along, ": the Hessian is ",
                     eigen.eigenvalues()[0] < 0 ? "indefinite" : "singular", " after ",
                     optimum.iterations, " iterations; expected a maximum"));
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "no convergence in ", optimum.iterations, " iterations: Newton decrement ",
      FormatNumber(optimum.newton_decrement), ", gradient ", FormatNumber(optimum.gradient)));
}

inline std::vector<Limit> LimitsAt(const Layout &layout, const ModelShape &shape,
                                   const Optimum &optimum) {
  constexpr double kFar = 12;
  std::vector<Reach> reach;
  std::vector<double> theta;
  bool at_edge = false;
  for (size_t k = 0; k < layout.parameter_count(); ++k) {
    const auto i = static_cast<Eigen::Index>(k);
    const double off = optimum.point[i] - shape.log_scale[k];
    reach.push_back(off < -kFar ? Reach::kLow : off > kFar ? Reach::kHigh : Reach::kInside);
    theta.push_back(std::exp(off));
  }
  for (const int8_t side : optimum.bound) at_edge = at_edge || side == -1 || side == 1;
  std::vector<Limit> limits;
  if (shape.name_limits != nullptr) shape.name_limits(reach, theta, limits);
  if (at_edge && limits.empty()) limits.push_back(Limit::kNoInteriorMaximum);
  return limits;
}

// Whether a search that did not converge has run into a limit: on the flat where the likelihood no
// longer rises and some parameters mean nothing. These are then held where they are.
inline bool EndsInLimit(Optimum &optimum, std::span<const Limit> limits) {
  constexpr double kFlat = 1e-7;
  constexpr double kNoCurvature = 1e-10;
  if (optimum.gradient > kFlat || limits.empty()) return false;
  while (true) {
    std::vector<Eigen::Index> moving;
    for (Eigen::Index i = 0; i < optimum.point.size(); ++i) {
      if (optimum.bound[static_cast<size_t>(i)] == 0) moving.push_back(i);
    }
    if (moving.empty()) return true;
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(-optimum.at.hessian(moving, moving));
    const Eigen::VectorXd &curvature = eigen.eigenvalues();
    if (curvature[0] >
        kNoCurvature * std::max(optimum.at.weight, curvature.cwiseAbs().maxCoeff())) {
      return true;
    }
    Eigen::Index worst = 0;
    eigen.eigenvectors().col(0).cwiseAbs().maxCoeff(&worst);
    optimum.bound[static_cast<size_t>(moving[static_cast<size_t>(worst)])] = 2;
  }
}

// Inverse of minus the Hessian over the variables that may move; zero for the others.
inline Eigen::MatrixXd InverseOfInformation(const Optimum &optimum) {
  const Eigen::Index n = optimum.point.size();
  std::vector<Eigen::Index> moving;
  for (Eigen::Index i = 0; i < n; ++i) {
    if (optimum.bound[static_cast<size_t>(i)] == 0) moving.push_back(i);
  }
  Eigen::MatrixXd covariance = Eigen::MatrixXd::Zero(n, n);
  if (moving.empty()) return covariance;
  const Eigen::MatrixXd information = -optimum.at.hessian(moving, moving);
  const Eigen::MatrixXd inverse = information.inverse();
  covariance(moving, moving) = inverse;
  return covariance;
}

}  // namespace detail

inline std::string_view LimitName(Limit limit) {
  switch (limit) {
    case Limit::kHomogeneousPurchasing: return "homogeneous purchasing";
    case Limit::kHomogeneousDropout: return "homogeneous dropout";
    case Limit::kNoDropout: return "no dropout";
    case Limit::kCollapsedGompertz: return "collapsed Gompertz";
    case Limit::kInfiniteMeanSpend: return "infinite mean spend";
    case Limit::kHomogeneousSpend: return "homogeneous spend";
    case Limit::kCertainSpend: return "certain spend";
    case Limit::kCertainPurchase: return "certain purchase";
    case Limit::kNoPurchases: return "no purchases";
    case Limit::kNoInteriorMaximum: break;
  }
  return "no interior maximum";
}

template <FittableLikelihood T>
inline ModelShape ShapeOf(const T &likelihood) {
  const auto scale = likelihood.LogScale();
  return {{T::kNames.begin(), T::kNames.end()}, {scale.begin(), scale.end()}, &T::NameLimits};
}

inline absl::StatusOr<Fit> FitObjective(Objective objective, const Layout &layout,
                                        const ModelShape &shape,
                                        std::span<const Eigen::VectorXd> starts,
                                        const FitOptions &options) {
  Fit fit;
  fit.newton = options.newton;
  fit.box = detail::BoxOf(layout, shape.log_scale, options.newton.unit);
  for (Eigen::Index i = 0; i < options.lower.size(); ++i) {
    fit.box.lower[i] = std::min(std::max(fit.box.lower[i], options.lower[i]), fit.box.upper[i]);
  }
  bool found = false;
  absl::Status reason = absl::InvalidArgumentError("starts: none; expected at least one");
  for (const Eigen::VectorXd &start : starts) {
    absl::StatusOr<Optimum> optimum = Maximize(objective, start, fit.box, options.newton);
    if (!optimum.ok() && !absl::IsInvalidArgument(optimum.status())) return optimum.status();
    if (!optimum.ok()) {
      if (!found) reason = optimum.status();
      continue;
    }
    std::vector<Limit> limits = detail::LimitsAt(layout, shape, *optimum);
    if (!optimum->converged && !detail::EndsInLimit(*optimum, limits)) {
      if (!found) reason = detail::NoMaximum(layout, *optimum);
      continue;
    }
    const bool interior = limits.empty();
    // Of two limits the higher counts; an interior maximum ends the search.
    if (!found || optimum->at.value > fit.optimum.at.value) {
      fit.optimum = *std::move(optimum);
      fit.limits = std::move(limits);
      found = true;
    }
    if (interior || options.first_start_suffices) break;
  }
  if (!found) return reason;

  fit.names = layout.names();
  fit.parameters = layout.parameter_count();
  fit.weight = fit.optimum.at.weight;
  fit.log_likelihood = fit.optimum.at.value + layout.PenaltyAt(fit.optimum.point, fit.weight);
  if (fit.log_likelihood < options.null_log_likelihood - 1e-6 * fit.weight) {
    return absl::FailedPreconditionError(absl::StrCat(
        "log-likelihood ", FormatNumber(fit.log_likelihood), " is below that of the NBD, ",
        FormatNumber(options.null_log_likelihood), "; expected the richer model to fit better"));
  }
  fit.log_covariance = detail::InverseOfInformation(fit.optimum);
  const Eigen::Index n = layout.free_size();
  Eigen::VectorXd slope = Eigen::VectorXd::Ones(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const bool own = static_cast<size_t>(i) < fit.parameters;
    const double estimate = own ? std::exp(fit.optimum.point[i]) : fit.optimum.point[i];
    fit.estimates.push_back(estimate);
    if (own) slope[i] = estimate;
  }
  // Both halves the same bits.
  fit.covariance = fit.log_covariance.cwiseProduct(slope * slope.transpose());
  for (Eigen::Index i = 0; i < n; ++i) {
    const bool held = fit.optimum.bound[static_cast<size_t>(i)] != 0;
    fit.standard_errors.push_back(held ? std::numeric_limits<double>::quiet_NaN()
                                       : std::sqrt(fit.covariance(i, i)));
  }
  return fit;
}

template <FittableLikelihood T>
inline absl::StatusOr<Fit> FitModel(const T &likelihood, const Layout &layout,
                                    const CovariateRows &covariates, const FitOptions &options,
                                    const Execution &execution) {
  if (likelihood.rows() == 0) {
    return absl::InvalidArgumentError("data: no rows; expected at least one customer");
  }
  PATRON_RETURN_IF_ERROR(CheckDetermined(layout, covariates));
  FitOptions full = options;
  if (full.newton.unit.size() == 0) full.newton.unit = TypicalSteps(layout, covariates);
  std::vector<Eigen::VectorXd> starts;
  for (const auto &start : likelihood.Starts()) {
    Eigen::VectorXd point = Eigen::VectorXd::Zero(layout.free_size());
    for (size_t k = 0; k < start.size(); ++k) point[static_cast<Eigen::Index>(k)] = start[k];
    starts.push_back(std::move(point));
  }
  const auto objective = [&](const Eigen::VectorXd &point) {
    return Evaluate(likelihood, layout, covariates, point, true, execution);
  };
  return FitObjective(objective, layout, ShapeOf(likelihood), starts, full);
}

inline double DeltaStandardError(const Fit &fit,
                                 absl::FunctionRef<double(const Eigen::VectorXd &point)> function) {
  const Eigen::Index n = fit.optimum.point.size();
  Eigen::VectorXd slope = Eigen::VectorXd::Zero(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    if (fit.optimum.bound[static_cast<size_t>(i)] != 0) continue;
    const double width = 1e-4 * std::max(std::sqrt(fit.log_covariance(i, i)), 1e-3);
    Eigen::VectorXd up = fit.optimum.point, down = up;
    up[i] += width;
    down[i] -= width;
    slope[i] = (function(up) - function(down)) / (up[i] - down[i]);
  }
  return std::sqrt(slope.dot(fit.log_covariance * slope));
}

}  // namespace patron::clv

#endif  // PATRON_CLV_FIT_HPP_
