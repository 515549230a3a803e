// Accelerated failure: times to leave that covariates stretch, of four distributions.
#ifndef PATRON_LOYALTY_ACCELERATED_FAILURE_HPP_
#define PATRON_LOYALTY_ACCELERATED_FAILURE_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/normal.hpp"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/clv/evaluation.hpp"
#include "patron/clv/newton.hpp"
#include "patron/loyalty/risk_table.hpp"

namespace patron::loyalty {

// ln T = intercept + covariates x coefficients + scale x W.
enum class LifetimeDistribution {
  kExponential,  // W is the logarithm of an exponential number, and scale 1.
  kWeibull,      // The same with any scale: the shape is 1 / scale.
  kLogNormal,    // W is standard normal.
  kLogLogistic,  // W is standard logistic.
};

struct LifetimeData {
  Observed observed;  // Durations above 0.
  std::vector<std::span<const double>> covariates;
  std::vector<std::string> names;  // Of the covariates.
};

struct LifetimeFit {
  LifetimeDistribution distribution{};
  Eigen::VectorXd coefficients;  // The intercept, then those of the covariates.
  double scale = 1;
  Eigen::MatrixXd covariance;      // Of the coefficients and, but for kExponential, ln scale.
  double log_likelihood = 0;       // Of the durations themselves.
  double null_log_likelihood = 0;  // Without covariates.
  int iterations = 0;
  int64_t rows = 0;
  int64_t events = 0;
};

// Fits by maximum likelihood, with right censoring, weights and left truncation.
//
// Errors: those of CheckObserved; InvalidArgument for durations of 0 and covariates that are not
// finite or of another length. FailedPrecondition, naming the covariates, if one is constant, a linear
// combination of others, or has a coefficient that grows without bound; without an event, or if all
// events come at one time and the scale falls to 0. Cost: 5 to 10 times O(rows x covariates^2).
absl::StatusOr<LifetimeFit> FitLifetime(const LifetimeData &data, LifetimeDistribution distribution,
                                        const Execution &execution = {});

// The chance to stay to `time`, which is 0 or more, where `location` = intercept + covariates x
// coefficients.
double LifetimeSurvival(LifetimeDistribution distribution, double location, double scale,
                        double time);

// The time at which survival is `share`, in (0, 1).
double LifetimeQuantile(LifetimeDistribution distribution, double location, double scale,
                        double share);

// The mean; infinite for a log-logistic scale of 1 or more.
double LifetimeMean(LifetimeDistribution distribution, double location, double scale);

namespace detail {

// ln density and ln survival of W at z, with two derivatives.
struct Curved {
  double value, first, second;
};

inline Curved LogSurvival(LifetimeDistribution distribution, double z) {
  switch (distribution) {
    case LifetimeDistribution::kLogNormal: {
      // The hazard of the normal, by its asymptote where the tail underflows.
      const double tail = 0.5 * std::erfc(z / std::numbers::sqrt2);
      const double log_density = -0.5 * z * z - 0.5 * std::log(2 * std::numbers::pi);
      if (z > 35) {
        const double hazard = z + 1 / z - 2 / (z * z * z);
        return {log_density - std::log(hazard), -hazard, -hazard * (hazard - z)};
      }
      const double hazard = std::exp(log_density - std::log(tail));
      return {std::log(tail), -hazard, -hazard * (hazard - z)};
    }
    case LifetimeDistribution::kLogLogistic: {
      const double below = z > 0 ? 1 / (1 + std::exp(-z)) : std::exp(z) / (1 + std::exp(z));
      const double value = z > 0 ? -z - std::log1p(std::exp(-z)) : -std::log1p(std::exp(z));
      return {value, -below, -below * (1 - below)};
    }
    default: {
      const double hazard = std::exp(z);
      return {-hazard, -hazard, -hazard};
    }
  }
}

inline Curved LogDensity(LifetimeDistribution distribution, double z) {
  switch (distribution) {
    case LifetimeDistribution::kLogNormal:
      return {-0.5 * z * z - 0.5 * std::log(2 * std::numbers::pi), -z, -1};
    case LifetimeDistribution::kLogLogistic: {
      const Curved survival = LogSurvival(distribution, z);
      return {z + 2 * survival.value, 1 + 2 * survival.first, 2 * survival.second};
    }
    default: {
      const double hazard = std::exp(z);
      return {z - hazard, 1 - hazard, -hazard};
    }
  }
}

// The log-likelihood of standardised covariates; the point is intercept, coefficients, ln scale.
class LifetimeLikelihood {
 public:
  LifetimeLikelihood(const LifetimeData &data, LifetimeDistribution distribution,
                     std::span<const double> means, std::span<const double> deviations)
      : data_(data),
        distribution_(distribution),
        means_(means),
        deviations_(deviations),
        logs_(data.observed.size()),
        entries_(data.observed.entry.size()) {
    for (size_t i = 0; i < logs_.size(); ++i) {
      logs_[i] = std::log(data.observed.duration[i]);
      jacobian_ -= data.observed.event[i] != 0 ? data.observed.weight_of(i) * logs_[i] : 0;
      weight_ += data.observed.weight_of(i);
    }
    for (size_t i = 0; i < entries_.size(); ++i) {
      entries_[i] = data.observed.entry[i] > 0 ? std::log(data.observed.entry[i])
                                               : -std::numeric_limits<double>::infinity();
    }
  }

  std::span<const double> logs() const { return logs_; }

  clv::Evaluation operator()(const Eigen::VectorXd &point) const {
    const Eigen::Index q = point.size() - 1;
    const double log_scale = point[q], scale = std::exp(log_scale);
    clv::Evaluation result;
    result.weight = weight_;
    result.value = jacobian_;
    result.gradient = Eigen::VectorXd::Zero(q + 1);
    result.hessian = Eigen::MatrixXd::Zero(q + 1, q + 1);
    Eigen::VectorXd x(q);
    x[0] = 1;
    for (size_t i = 0; i < logs_.size(); ++i) {
      for (Eigen::Index k = 1; k < q; ++k) {
        const auto at = static_cast<size_t>(k - 1);
        x[k] = (data_.covariates[at][i] - means_[at]) / deviations_[at];
      }
      const double location = x.dot(point.head(q));
      const double weight = data_.observed.weight_of(i);
      Row row;
      const bool event = data_.observed.event[i] != 0;
      const double z = (logs_[i] - location) / scale;
      row.Add(event ? LogDensity(distribution_, z) : LogSurvival(distribution_, z), z, 1, scale);
      if (event) {
        row.value -= log_scale;
        row.by_scale -= 1;
      }
      if (!entries_.empty() && std::isfinite(entries_[i])) {
        const double from = (entries_[i] - location) / scale;
        row.Add(LogSurvival(distribution_, from), from, -1, scale);
      }
      result.value += weight * row.value;
      result.gradient.head(q) += weight * row.by_location * x;
      result.gradient[q] += weight * row.by_scale;
      for (Eigen::Index k = 0; k < q; ++k) {
        for (Eigen::Index l = 0; l <= k; ++l) {
          result.hessian(k, l) += weight * row.location_twice * x[k] * x[l];
        }
        result.hessian(q, k) += weight * row.mixed * x[k];
      }
      result.hessian(q, q) += weight * row.scale_twice;
    }
    result.hessian.triangularView<Eigen::StrictlyUpper>() = result.hessian.transpose();
    return result;
  }

 private:
  // A row's value, and derivatives by its location and by ln scale.
  struct Row {
    double value = 0, by_location = 0, by_scale = 0;
    double location_twice = 0, mixed = 0, scale_twice = 0;

    void Add(const Curved &l, double z, double sign, double scale) {
      value += sign * l.value;
      by_location -= sign * l.first / scale;
      by_scale -= sign * z * l.first;
      location_twice += sign * l.second / (scale * scale);
      mixed += sign * (l.first + z * l.second) / scale;
      scale_twice += sign * z * (l.first + z * l.second);
    }
  };

  const LifetimeData &data_;
  LifetimeDistribution distribution_;
  std::span<const double> means_, deviations_;
  std::vector<double> logs_, entries_;
  double jacobian_ = 0, weight_ = 0;
};

// Errors: as FitLifetime, before the search.
inline absl::Status CheckLifetime(const LifetimeData &data, std::vector<double> &means,
                                  std::vector<double> &deviations) {
  PATRON_RETURN_IF_ERROR(CheckObserved(data.observed));
  const size_t n = data.observed.size();
  const auto zero = [](double v) { return v == 0; };
  if (const auto first = std::ranges::find_if(data.observed.duration, zero);
      first != data.observed.duration.end()) {
    return InvalidRow("duration", static_cast<uint64_t>(first - data.observed.duration.begin()),
                      "0", "a number above 0, for its logarithm",
                      static_cast<uint64_t>(std::ranges::count_if(data.observed.duration, zero)));
  }
  if (std::ranges::count(data.observed.event, 1) == 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("event: none in ", n, " rows; expected at least 1"));
  }
  Eigen::MatrixXd products =
      Eigen::MatrixXd::Zero(std::ssize(data.covariates), std::ssize(data.covariates));
  for (size_t k = 0; k < data.covariates.size(); ++k) {
    const std::span<const double> x = data.covariates[k];
    if (x.size() != n) {
      return InvalidOption(data.names[k], absl::StrCat(x.size(), " rows"),
                           absl::StrCat(n, " as in duration"));
    }
    PATRON_RETURN_IF_ERROR(CheckFinite(data.names[k], x));
    double sum = 0, square = 0;
    for (const double v : x) sum += v - x[0];
    const double shift = sum / static_cast<double>(n);
    for (const double v : x) square += (v - x[0] - shift) * (v - x[0] - shift);
    means.push_back(x[0] + shift);
    deviations.push_back(std::sqrt(square / static_cast<double>(n)));
    if (!(deviations.back() > 0)) {
      return absl::FailedPreconditionError(
          absl::StrCat(data.names[k], ": ", FormatNumber(x[0]),
                       " in all rows; expected a covariate that varies"));
    }
    const auto a = static_cast<Eigen::Index>(k);
    for (size_t l = 0; l <= k; ++l) {
      double product = 0;
      for (size_t i = 0; i < n; ++i) {
        product += (x[i] - means[k]) * (data.covariates[l][i] - means[l]);
      }
      products(a, static_cast<Eigen::Index>(l)) =
          product / (static_cast<double>(n) * deviations[k] * deviations[l]);
    }
    if (k == 0) continue;
    const Eigen::MatrixXd before = products.topLeftCorner(a, a).selfadjointView<Eigen::Lower>();
    const Eigen::VectorXd with = products.row(a).head(a).transpose();
    if (1 - with.dot(before.ldlt().solve(with)) > 1e-9) continue;
    return absl::FailedPreconditionError(
        absl::StrCat(data.names[k],
                     ": a linear combination of the covariates before it "
                     "(collinear); expected covariates that tell something each"));
  }
  return absl::OkStatus();
}

struct LifetimeSearch {
  Eigen::VectorXd point;
  clv::Evaluation at;
  int iterations;
};

inline absl::StatusOr<LifetimeSearch> SearchLifetime(const LifetimeData &data,
                                                     LifetimeDistribution distribution,
                                                     std::span<const double> means,
                                                     std::span<const double> deviations) {
  constexpr double kFarthest = 40;  // In standard deviations and logarithms of time.
  const LifetimeLikelihood likelihood(data, distribution, means, deviations);
  double weight = 0, sum = 0, square = 0, lowest = likelihood.logs()[0], highest = lowest;
  for (size_t i = 0; i < likelihood.logs().size(); ++i) {
    const double w = data.observed.weight_of(i), l = likelihood.logs()[i];
    weight += w;
    sum += w * l;
    square += w * l * l;
    lowest = std::min(lowest, l);
    highest = std::max(highest, l);
  }
  const Eigen::Index size = std::ssize(data.covariates) + 2;
  Eigen::VectorXd start = Eigen::VectorXd::Zero(size);
  start[0] = sum / weight;
  const double variance = square / weight - start[0] * start[0];
  const bool fixed = distribution == LifetimeDistribution::kExponential;
  start[size - 1] = fixed ? 0 : 0.5 * std::log(std::max(variance, 0.01));
  clv::Box box = {Eigen::VectorXd::Constant(size, -kFarthest),
                  Eigen::VectorXd::Constant(size, kFarthest)};
  box.lower[0] = lowest - kFarthest;
  box.upper[0] = highest + kFarthest;
  box.lower[size - 1] = fixed ? 0 : -12;
  box.upper[size - 1] = fixed ? 0 : 12;
  clv::NewtonOptions options;
  options.fixed.assign(static_cast<size_t>(size), false);
  options.fixed.back() = fixed;
  options.decrement = 1e-10;
  const auto objective = [&](const Eigen::VectorXd &point) -> absl::StatusOr<clv::Evaluation> {
    return likelihood(point);
  };
  PATRON_ASSIGN_OR_RETURN(clv::Optimum found, clv::Maximize(objective, start, box, options));
  for (Eigen::Index k = 0; k < size; ++k) {
    if (k == size - 1 && fixed) continue;
    const bool far = found.bound[static_cast<size_t>(k)] != 0 ||
                     std::abs(found.point[k] - (k == 0 ? start[0] : 0)) > (k == 0 ? 39 : 38);
    if (!far && !(k == size - 1 && found.point[k] < -11)) continue;
    const std::string name = k == 0          ? "duration"
                             : k == size - 1 ? "scale"
                                             : data.names[static_cast<size_t>(k - 1)];
    return absl::FailedPreconditionError(absl::StrCat(
        name, k == size - 1 ? ": it falls to 0 or grows without bound; expected events at several "
                              "times"
                            : ": its coefficient grows without bound (separation: a monotone "
                              "likelihood); expected events at both ends of a covariate"));
  }
  if (!found.converged || !found.concave) {
    return absl::FailedPreconditionError(absl::StrCat(
        "duration: no maximum of the likelihood found in ", found.iterations, " steps"));
  }
  // Near the top the value's rounding hides what a step gains; the gradient still tells.
  const Eigen::Index free = fixed ? size - 1 : size;
  for (int polish = 0; polish < 3; ++polish) {
    const Eigen::LLT<Eigen::MatrixXd> solver(-found.at.hessian.topLeftCorner(free, free));
    found.point.head(free) += solver.solve(found.at.gradient.head(free));
    found.at = likelihood(found.point);
  }
  if (!found.at.IsFinite()) {
    return absl::FailedPreconditionError("duration: the likelihood has no maximum");
  }
  return LifetimeSearch{std::move(found.point), std::move(found.at), found.iterations + 3};
}

}  // namespace detail

inline absl::StatusOr<LifetimeFit> FitLifetime(const LifetimeData &data,
                                               LifetimeDistribution distribution,
                                               const Execution &execution) {
  std::vector<double> means, deviations;
  PATRON_RETURN_IF_ERROR(detail::CheckLifetime(data, means, deviations));
  LifetimeFit fit;
  fit.distribution = distribution;
  fit.rows = static_cast<int64_t>(data.observed.size());
  fit.events = std::ranges::count(data.observed.event, 1);
  const LifetimeData null{data.observed, {}, {}};
  PATRON_ASSIGN_OR_RETURN(const detail::LifetimeSearch without,
                          detail::SearchLifetime(null, distribution, {}, {}));
  fit.null_log_likelihood = without.at.value;
  PATRON_RETURN_IF_ERROR(ReportProgress(execution, 1, 2));
  detail::LifetimeSearch found = without;
  if (!data.covariates.empty()) {
    PATRON_ASSIGN_OR_RETURN(found, detail::SearchLifetime(data, distribution, means, deviations));
  }
  fit.iterations = found.iterations;
  fit.log_likelihood = found.at.value;

  // Back from standardised covariates: the intercept takes their means.
  const Eigen::Index q = std::ssize(data.covariates) + 1;
  const bool fixed = distribution == LifetimeDistribution::kExponential;
  const Eigen::Index size = fixed ? q : q + 1;
  Eigen::MatrixXd back = Eigen::MatrixXd::Identity(size, size);
  for (Eigen::Index k = 1; k < q; ++k) {
    const auto at = static_cast<size_t>(k - 1);
    back(k, k) = 1 / deviations[at];
    back(0, k) = -means[at] / deviations[at];
  }
  const Eigen::MatrixXd inverse = (-found.at.hessian.topLeftCorner(size, size))
                                      .llt()
                                      .solve(Eigen::MatrixXd::Identity(size, size));
  fit.coefficients = back.topLeftCorner(q, q) * found.point.head(q);
  fit.scale = std::exp(found.point[q]);
  fit.covariance = back * inverse * back.transpose();
  PATRON_RETURN_IF_ERROR(ReportProgress(execution, 2, 2));
  return fit;
}

inline double LifetimeSurvival(LifetimeDistribution distribution, double location, double scale,
                               double time) {
  if (!(time > 0)) return 1;
  return std::exp(detail::LogSurvival(distribution, (std::log(time) - location) / scale).value);
}

inline double LifetimeQuantile(LifetimeDistribution distribution, double location, double scale,
                               double share) {
  double w = 0;
  switch (distribution) {
    case LifetimeDistribution::kLogNormal: w = -NormalQuantile(share); break;
    case LifetimeDistribution::kLogLogistic: w = std::log((1 - share) / share); break;
    default: w = std::log(-std::log(share)); break;
  }
  return std::exp(location + scale * w);
}

inline double LifetimeMean(LifetimeDistribution distribution, double location, double scale) {
  switch (distribution) {
    case LifetimeDistribution::kLogNormal: return std::exp(location + 0.5 * scale * scale);
    case LifetimeDistribution::kLogLogistic:
      if (scale >= 1) return std::numeric_limits<double>::infinity();
      return std::exp(location) * std::numbers::pi * scale / std::sin(std::numbers::pi * scale);
    default: return std::exp(location + std::lgamma(1 + scale));
  }
}

}  // namespace patron::loyalty

#endif  // PATRON_LOYALTY_ACCELERATED_FAILURE_HPP_
