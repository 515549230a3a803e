// Discrete time: the chance to leave in each period, by covariates.
#ifndef PATRON_LOYALTY_DISCRETE_HAZARD_HPP_
#define PATRON_LOYALTY_DISCRETE_HAZARD_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/loyalty/cox.hpp"

namespace patron::loyalty {

// How the chance h to leave in a period comes from a + covariates x coefficients.
enum class HazardLink {
  kLogit,                // ln(h / (1 - h)): coefficients are logarithms of odds ratios.
  kComplementaryLogLog,  // ln(-ln(1 - h)): of hazard ratios, as of continuous time in periods.
};

// Data as for FitCox, of which durations and entries are whole numbers of periods: a customer is at risk
// in the periods entry + 1 to duration, and the event comes in the last one. No strata, no offset.
struct DiscreteFit {
  HazardLink link{};
  Eigen::VectorXd coefficients;
  Eigen::MatrixXd covariance;
  std::vector<double>
      baseline;                 // a of period 1, 2, ...: -inf where nobody left, inf where all did.
  std::vector<double> at_risk;  // Weight in each period.
  std::vector<double> events;
  double log_likelihood = 0;
  double null_log_likelihood = 0;  // Without covariates: the life table.
  int iterations = 0;
  int64_t rows = 0;
  int64_t event_rows = 0;
};

// More periods than this are no periods, but continuous time.
inline constexpr double kMostPeriods = 10'000;

// Fits by maximum likelihood, with a baseline of its own in each period: the life table without
// covariates.
//
// Errors: those of FitCox; InvalidArgument for durations and entries that are not whole numbers from 0 to
// 10,000, and for an event in a period before the first. Cost: 4 to 8 times O(periods at risk x
// covariates + rows x covariates^2).
absl::StatusOr<DiscreteFit> FitDiscreteHazard(const CoxData &data, HazardLink link,
                                              const Execution &execution = {});

// The chance to leave in a period whose linear predictor is `eta`; it may be infinite.
inline double HazardOf(HazardLink link, double eta) {
  if (link == HazardLink::kComplementaryLogLog) return -std::expm1(-std::exp(eta));
  return eta > 0 ? 1 / (1 + std::exp(-eta)) : std::exp(eta) / (1 + std::exp(eta));
}

namespace detail::discrete {

// A row in a period: value, slope and minus the curvature by eta.
struct Term {
  double value, slope, weight;
};

inline Term TermOf(HazardLink link, double eta, bool event) {
  if (link == HazardLink::kLogit) {
    const double h = HazardOf(link, eta);
    const double log_stay =
        eta > 0 ? -eta - std::log1p(std::exp(-eta)) : -std::log1p(std::exp(eta));
    return {log_stay + (event ? eta : 0), (event ? 1 : 0) - h, h * (1 - h)};
  }
  const double hazard = std::exp(eta);
  if (!event) return {-hazard, -hazard, hazard};
  const double leave = -std::expm1(-hazard);
  // hazard / (e^hazard - 1), which is 1 for small ones.
  const double slope = hazard < 1e-300 ? 1 : hazard / std::expm1(hazard);
  return {std::log(leave), slope, slope * (hazard + slope - 1)};
}

struct Evaluation {
  double value = 0;
  Eigen::VectorXd period_slope, slope;
  Eigen::VectorXd period_weight;
  Eigen::MatrixXd cross, square;  // Periods x covariates, covariates x covariates.
};

class Likelihood {
 public:
  Likelihood(const CoxData &data, HazardLink link, std::span<const double> means,
             std::span<const double> deviations, const std::vector<bool> &free)
      : data_(data), link_(link), free_(free) {
    const size_t n = data.observed.size();
    x_.resize(static_cast<Eigen::Index>(data.covariates.size()), static_cast<Eigen::Index>(n));
    for (size_t k = 0; k < data.covariates.size(); ++k) {
      for (size_t i = 0; i < n; ++i) {
        x_(static_cast<Eigen::Index>(k), static_cast<Eigen::Index>(i)) =
            (data.covariates[k][i] - means[k]) / deviations[k];
      }
    }
  }

  Evaluation operator()(const Eigen::VectorXd &baseline, const Eigen::VectorXd &beta) const {
    const Eigen::Index p = beta.size(), periods = baseline.size();
    Evaluation result;
    result.period_slope = result.period_weight = Eigen::VectorXd::Zero(periods);
    result.slope = Eigen::VectorXd::Zero(p);
    result.cross = Eigen::MatrixXd::Zero(p, periods);
    result.square = Eigen::MatrixXd::Zero(p, p);
    for (size_t i = 0; i < data_.observed.size(); ++i) {
      const auto x = x_.col(static_cast<Eigen::Index>(i));
      const double shift = x.dot(beta), row_weight = data_.observed.weight_of(i);
      const auto last = static_cast<Eigen::Index>(data_.observed.duration[i]);
      const auto first = static_cast<Eigen::Index>(
          data_.observed.entry.empty() ? 0.0 : std::max(0.0, data_.observed.entry[i]));
      double slope = 0, weight = 0;
      for (Eigen::Index t = first; t < last; ++t) {
        if (!free_[static_cast<size_t>(t)]) continue;
        const bool event = data_.observed.event[i] != 0 && t == last - 1;
        const Term term = TermOf(link_, baseline[t] + shift, event);
        result.value += row_weight * term.value;
        const double s = row_weight * term.slope, w = row_weight * term.weight;
        result.period_slope[t] += s;
        result.period_weight[t] += w;
        result.cross.col(t) += w * x;
        slope += s;
        weight += w;
      }
      result.slope += slope * x;
      result.square += weight * x * x.transpose();
    }
    return result;
  }

 private:
  const CoxData &data_;
  HazardLink link_;
  const std::vector<bool> &free_;
  Eigen::MatrixXd x_;
};

inline absl::Status CheckPeriods(std::string_view name, std::span<const double> values) {
  uint64_t bad = 0;
  size_t first = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const bool whole =
        values[i] >= 0 && values[i] <= kMostPeriods && values[i] == std::floor(values[i]);
    if (!whole && bad++ == 0) first = i;
  }
  if (bad == 0) return absl::OkStatus();
  return InvalidRow(name, first, FormatNumber(values[first]),
                    "a whole number of periods from 0 to 10000", bad);
}

}  // namespace detail::discrete

inline absl::StatusOr<DiscreteFit> FitDiscreteHazard(const CoxData &data, HazardLink link,
                                                     const Execution &execution) {
  namespace cox = detail::cox;
  PATRON_RETURN_IF_ERROR(CheckObserved(data.observed));
  const Observed &observed = data.observed;
  const size_t n = observed.size();
  PATRON_RETURN_IF_ERROR(detail::discrete::CheckPeriods("duration", observed.duration));
  PATRON_RETURN_IF_ERROR(detail::discrete::CheckPeriods("entry", observed.entry));
  DiscreteFit fit;
  fit.link = link;
  fit.rows = static_cast<int64_t>(n);
  fit.event_rows = std::ranges::count(observed.event, 1);
  if (!data.covariates.empty()) {
    PATRON_RETURN_IF_ERROR(cox::CheckCox(data, {}));
  } else if (fit.event_rows == 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("event: none in ", n, " rows; expected at least 1"));
  }
  for (size_t i = 0; i < n; ++i) {
    if (observed.event[i] == 0 || observed.duration[i] >= 1) continue;
    return InvalidRow("duration", i, "0", "1 or more where the event came");
  }

  const auto periods = static_cast<size_t>(*std::ranges::max_element(observed.duration));
  fit.at_risk.assign(periods, 0);
  fit.events.assign(periods, 0);
  for (size_t i = 0; i < n; ++i) {
    const auto last = static_cast<size_t>(observed.duration[i]);
    const auto first = observed.entry.empty() ? 0 : static_cast<size_t>(observed.entry[i]);
    const double weight = observed.weight_of(i);
    for (size_t t = first; t < last; ++t) fit.at_risk[t] += weight;
    if (observed.event[i] != 0) fit.events[last - 1] += weight;
  }
  // Periods in which nobody or everybody left say nothing of covariates.
  std::vector<bool> free(periods);
  Eigen::VectorXd baseline(static_cast<Eigen::Index>(periods));
  double event_weight = 0;
  for (size_t t = 0; t < periods; ++t) {
    const double stay = fit.at_risk[t] - fit.events[t];
    free[t] = fit.events[t] > 0 && stay > 1e-12 * fit.at_risk[t];
    event_weight += free[t] ? fit.events[t] : 0;
    const double h = fit.events[t] / fit.at_risk[t];
    baseline[static_cast<Eigen::Index>(t)] =
        free[t] ? (link == HazardLink::kLogit ? std::log(h / (1 - h)) : std::log(-std::log1p(-h)))
        : fit.events[t] > 0 ? std::numeric_limits<double>::infinity()
                            : -std::numeric_limits<double>::infinity();
  }
  std::vector<double> means, deviations;
  if (!data.covariates.empty()) {
    PATRON_RETURN_IF_ERROR(cox::Standardize(data, means, deviations));
  }
  const detail::discrete::Likelihood likelihood(data, link, means, deviations, free);
  const Eigen::Index p = std::ssize(data.covariates);
  Eigen::VectorXd beta = Eigen::VectorXd::Zero(p);
  detail::discrete::Evaluation here = likelihood(baseline, beta);
  fit.null_log_likelihood = here.value;
  Eigen::MatrixXd information;
  const double start = here.value;
  for (fit.iterations = 0; p > 0; ++fit.iterations) {
    // The periods are eliminated: each is alone in its row.
    information = here.square;
    Eigen::VectorXd gradient = here.slope;
    for (size_t at = 0; at < periods; ++at) {
      const auto t = static_cast<Eigen::Index>(at);
      if (!free[at] || !(here.period_weight[t] > 0)) continue;
      information -= here.cross.col(t) * here.cross.col(t).transpose() / here.period_weight[t];
      gradient -= here.cross.col(t) * (here.period_slope[t] / here.period_weight[t]);
    }
    if (fit.iterations == 0) {
      PATRON_RETURN_IF_ERROR(cox::CheckInformation(data.names, information, event_weight));
    }
    const Eigen::LLT<Eigen::MatrixXd> solver(information);
    const Eigen::VectorXd step = solver.solve(gradient);
    if (solver.info() != Eigen::Success || !step.allFinite()) {
      return cox::Monotone(data.names, beta, beta.isZero(0) ? gradient : beta);
    }
    Eigen::VectorXd period_step = Eigen::VectorXd::Zero(baseline.size());
    double decrement = here.slope.dot(step);
    for (size_t at = 0; at < periods; ++at) {
      const auto t = static_cast<Eigen::Index>(at);
      if (!free[at] || !(here.period_weight[t] > 0)) continue;
      period_step[t] = (here.period_slope[t] - here.cross.col(t).dot(step)) / here.period_weight[t];
      decrement += here.period_slope[t] * period_step[t];
    }
    if (decrement <= 1e-16) break;
    if (fit.iterations >= 3 && 0.5 * decrement < 1e-9 * (1 + std::abs(start)) &&
        step.cwiseAbs().maxCoeff() > 0.1) {
      return cox::Monotone(data.names, beta, step);
    }
    if (fit.iterations == 100) {
      return absl::FailedPreconditionError("duration: 100 steps without convergence");
    }
    double length = 1;
    for (int half = 0;; ++half) {
      const Eigen::VectorXd next_baseline = baseline + length * period_step;
      const Eigen::VectorXd next = beta + length * step;
      detail::discrete::Evaluation there = likelihood(next_baseline, next);
      if (std::isfinite(there.value) && there.value >= here.value - 1e-11 * std::abs(here.value)) {
        baseline = next_baseline;
        beta = next;
        here = std::move(there);
        break;
      }
      if (half == 40) return cox::Monotone(data.names, beta, step);
      length *= 0.5;
    }
    PATRON_RETURN_IF_ERROR(
        ReportProgress(execution, static_cast<uint64_t>(fit.iterations) + 1, 100));
  }
  fit.log_likelihood = here.value;
  fit.coefficients.resize(p);
  fit.covariance = Eigen::MatrixXd::Zero(p, p);
  double shift = 0;
  if (p > 0) {
    const Eigen::VectorXd scale =
        Eigen::Map<const Eigen::VectorXd>(deviations.data(), p).cwiseInverse();
    fit.coefficients = beta.cwiseProduct(scale);
    fit.covariance = scale.asDiagonal() * information.llt().solve(Eigen::MatrixXd::Identity(p, p)) *
                     scale.asDiagonal();
    shift = fit.coefficients.dot(Eigen::Map<const Eigen::VectorXd>(means.data(), p));
  }
  fit.baseline.resize(periods);
  for (size_t t = 0; t < periods; ++t) {
    fit.baseline[t] = baseline[static_cast<Eigen::Index>(t)] - shift;
  }
  return fit;
}

}  // namespace patron::loyalty

#endif  // PATRON_LOYALTY_DISCRETE_HAZARD_HPP_
