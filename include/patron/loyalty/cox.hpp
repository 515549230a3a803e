// Proportional hazards (Cox 1972): which covariates make customers leave sooner or later.
#ifndef PATRON_LOYALTY_COX_HPP_
#define PATRON_LOYALTY_COX_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/loyalty/partial_likelihood.hpp"
#include "patron/loyalty/risk_table.hpp"

namespace patron::loyalty {

// What the model is fitted to. Everything is borrowed.
struct CoxData {
  Observed observed;
  std::vector<std::span<const double>> covariates;
  std::vector<std::string> names;       // Of the covariates.
  Groups strata = {};                   // Each with a baseline of its own.
  std::span<const double> offset = {};  // Added to the linear predictor; empty: 0.
  Groups clusters = {};                 // Rows that belong together, for robust errors.
};

struct CoxOptions {
  Ties ties = Ties::kEfron;
  // Ridge: half of it, times the square of each coefficient x the standard deviation of its covariate,
  // is taken from the log-likelihood. One a covariate, or none.
  std::vector<double> penalty = {};
  bool robust = false;           // Lin and Wei's errors (1989), which clusters bring as well.
  bool survival_errors = false;  // Keeps what the errors of predicted survival need.
  int max_iterations = 50;
  RiskKernels kernels =
      RiskKernelsOf<clv::NativePack>();  // They change the speed, not the results.
};

// The hazard of one stratum at covariates of 0, at each time with an event.
struct CoxBaseline {
  std::vector<double> times;
  std::vector<double> hazard;      // What each time adds.
  std::vector<double> cumulative;  // So far.
  double last_time = 0;            // That anybody was watched.

  // With survival_errors: the sum so far of the variances of what each time adds, the coefficients taken
  // as known, and of what it adds x the mean covariates of those at risk, less the means of all; a number
  // a covariate and time.
  std::vector<double> variance = {}, drift = {};
};

struct CoxFit {
  Eigen::VectorXd coefficients;
  Eigen::MatrixXd covariance;         // The inverse of the (penalised) information.
  Eigen::MatrixXd robust_covariance;  // 0 x 0 if not asked for.
  Eigen::VectorXd means;              // Of the covariates, by weight.
  Eigen::VectorXd deviations;         // Their standard deviations.
  double log_likelihood = 0;          // Without the penalty.
  double null_log_likelihood = 0;     // At coefficients of 0.
  double score_statistic = 0;         // At 0: chi-square.
  double wald_statistic = 0;
  int iterations = 0;
  int64_t rows = 0;
  int64_t events = 0;
  std::vector<CoxBaseline> baselines;  // By stratum.

  double likelihood_ratio() const { return 2 * (log_likelihood - null_log_likelihood); }
  const Eigen::MatrixXd &reported() const {
    return robust_covariance.size() > 0 ? robust_covariance : covariance;
  }
};

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

namespace detail::cox {

inline absl::Status CheckCox(const CoxData &data, const CoxOptions &options) {
  PATRON_RETURN_IF_ERROR(CheckObserved(data.observed));
  const size_t n = data.observed.size();
  if (data.covariates.empty()) return InvalidOption("covariates", "none", "at least 1");
  if (data.covariates.size() > 1000) {
    return InvalidOption("covariates", absl::StrCat(data.covariates.size()), "at most 1000");
  }
  if (n >= std::numeric_limits<uint32_t>::max()) {
    return InvalidOption("duration", absl::StrCat(n, " rows"), "at most 4294967294");
  }
  const auto check_rows = [&](const std::string &name, size_t rows) -> absl::Status {
    if (rows == n) return absl::OkStatus();
    return InvalidOption(name, absl::StrCat(rows, " rows"), absl::StrCat(n, " as in duration"));
  };
  for (size_t k = 0; k < data.covariates.size(); ++k) {
    PATRON_RETURN_IF_ERROR(check_rows(data.names[k], data.covariates[k].size()));
    PATRON_RETURN_IF_ERROR(CheckFinite(data.names[k], data.covariates[k]));
  }
  if (!data.offset.empty()) {
    PATRON_RETURN_IF_ERROR(check_rows("offset", data.offset.size()));
    PATRON_RETURN_IF_ERROR(CheckFinite("offset", data.offset));
  }
  if (!options.penalty.empty() && options.penalty.size() != data.covariates.size()) {
    return InvalidOption("penalty", absl::StrCat(options.penalty.size(), " numbers"),
                         absl::StrCat(data.covariates.size(), ", one a covariate"));
  }
  for (const double penalty : options.penalty) {
    if (penalty >= 0 && std::isfinite(penalty)) continue;
    return InvalidOption("penalty", FormatNumber(penalty), "a number, 0 or more");
  }
  if (options.max_iterations < 1 || options.max_iterations > 1'000'000) {
    return InvalidOption("max_iterations", absl::StrCat(options.max_iterations), "1 to 1000000");
  }
  if (std::ranges::count(data.observed.event, 1) == 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("event: none in ", n, " rows; expected at least 1"));
  }
  return absl::OkStatus();
}

// Means and standard deviations by weight. Errors: FailedPrecondition for a constant.
inline absl::Status Standardize(const CoxData &data, std::vector<double> &means,
                                std::vector<double> &deviations) {
  const size_t n = data.observed.size();
  double total = 0;
  for (size_t i = 0; i < n; ++i) total += data.observed.weight_of(i);
  for (size_t k = 0; k < data.covariates.size(); ++k) {
    const std::span<const double> x = data.covariates[k];
    double sum = 0, square = 0;
    bool varies = false;
    for (size_t i = 0; i < n; ++i) {
      sum += data.observed.weight_of(i) * (x[i] - x[0]);
      varies |= x[i] != x[0];
    }
    if (!varies) {
      return absl::FailedPreconditionError(
          absl::StrCat(data.names[k], ": ", FormatNumber(x[0]),
                       " in all rows; expected a covariate that varies"));
    }
    const double shift = sum / total;
    for (size_t i = 0; i < n; ++i) {
      const double d = x[i] - x[0] - shift;
      square += data.observed.weight_of(i) * d * d;
    }
    means.push_back(x[0] + shift);
    deviations.push_back(std::sqrt(square / total));
    if (!(deviations.back() > 0) || !std::isfinite(deviations.back())) {
      return absl::FailedPreconditionError(
          absl::StrCat(data.names[k],
                       ": its variance cannot be computed; expected numbers of "
                       "ordinary size"));
    }
  }
  return absl::OkStatus();
}

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

  // From `point`, at which `at` is the evaluation if it is not null, until a step is below
  // `tolerance`: its gain in log-likelihood, doubled.
  absl::Status Run(const PartialLikelihood &likelihood, Eigen::VectorXd point, double tolerance,
                   const PartialLikelihood::Evaluation *at) {
    using Evaluation = PartialLikelihood::Evaluation;
    PartialLikelihood::Hazards tried;
    Evaluation here = at != nullptr ? *at : likelihood.Evaluate(point, {}, &hazards_);
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

inline std::vector<CoxBaseline> BaselinesOf(const PartialLikelihood &likelihood,
                                            const PartialLikelihood::Hazards &hazards,
                                            double factor) {
  std::vector<CoxBaseline> baselines;
  const auto strata = likelihood.stratum_moments();
  for (size_t s = 0; s + 1 < strata.size(); ++s) {
    CoxBaseline &baseline = baselines.emplace_back();
    double total = 0;
    for (size_t m = strata[s]; m < strata[s + 1]; ++m) {
      const Moment &moment = likelihood.moments()[m];
      baseline.last_time = moment.time;
      if (moment.begin == moment.events) continue;
      total += hazards.stay[m] * factor;
      baseline.times.push_back(moment.time);
      baseline.hazard.push_back(hazards.stay[m] * factor);
      baseline.cumulative.push_back(total);
    }
  }
  return baselines;
}

// The variance and the drift of each baseline. Efron's ties count step by step, as the hazard.
inline void AddErrors(const PartialLikelihood &likelihood, const Eigen::VectorXd &point,
                      const Eigen::VectorXd &deviations, double factor,
                      std::vector<CoxBaseline> &baselines) {
  const size_t p = likelihood.covariates();
  const std::vector<double> risks = likelihood.Risks(point);
  for (size_t s = 0; s < baselines.size(); ++s) {
    CoxBaseline &baseline = baselines[s];
    size_t at = baseline.times.size();
    baseline.variance.resize(at);
    baseline.drift.resize(at * p);
    likelihood.ForEachRiskSet(
        s, risks,
        [&](size_t m, double s0, const Eigen::VectorXd &s1, double d0, const Eigen::VectorXd &d1) {
          --at;
          const Moment &moment = likelihood.moments()[m];
          const auto events = static_cast<double>(moment.events - moment.begin);
          const double steps = likelihood.ties() == Ties::kEfron ? events : 1;
          double square = 0, cross = 0;  // Of the inverses of the risk sets.
          for (double left = 0; left < steps; ++left) {
            const double gone = left / events, inverse = 1 / (s0 - gone * d0);
            square += inverse * inverse;
            cross += gone * inverse * inverse;
          }
          const double each = moment.weight / steps;
          baseline.variance[at] = each * square * factor * factor;
          for (size_t k = 0; k < p; ++k) {
            const auto column = static_cast<Eigen::Index>(k);
            baseline.drift[at * p + k] =
                each * (square * s1[column] - cross * d1[column]) * factor * deviations[column];
          }
        });
    for (size_t i = 1; i < baseline.times.size(); ++i) {
      baseline.variance[i] += baseline.variance[i - 1];
      for (size_t k = 0; k < p; ++k) baseline.drift[i * p + k] += baseline.drift[(i - 1) * p + k];
    }
  }
}

// What each row adds to the score at the optimum, place by place, times its weight (Lin and Wei 1989):
// the columns of the result are covariates. Efron's ties count in every order alike.
inline Eigen::MatrixXd ScoreResiduals(const PartialLikelihood &likelihood,
                                      const Eigen::VectorXd &point) {
  const auto p = static_cast<Eigen::Index>(likelihood.covariates());
  const auto n = static_cast<Eigen::Index>(likelihood.rows());
  const auto moments = likelihood.moments();
  const auto strata = likelihood.stratum_moments();
  const auto count = static_cast<Eigen::Index>(moments.size());
  const std::vector<double> risks = likelihood.Risks(point);
  // Of each moment: the hazard, and the hazard x mean covariates, of those who stay and who leave; the
  // mean that an event is held against.
  Eigen::VectorXd stay = Eigen::VectorXd::Zero(count), leave = stay;
  Eigen::MatrixXd stay_means = Eigen::MatrixXd::Zero(p, count), leave_means = stay_means,
                  event_means = stay_means;
  for (size_t s = 0; s + 1 < strata.size(); ++s) {
    likelihood.ForEachRiskSet(
        s, risks,
        [&](size_t at, double s0, const Eigen::VectorXd &s1, double d0, const Eigen::VectorXd &d1) {
          const auto m = static_cast<Eigen::Index>(at);
          const Moment &moment = moments[at];
          const auto events = static_cast<double>(moment.events - moment.begin);
          const double steps = likelihood.ties() == Ties::kEfron ? events : 1;
          for (double left = 0; left < steps; ++left) {
            const double gone = left / events;
            const double hazard = moment.weight / steps / (s0 - gone * d0);
            const Eigen::VectorXd mean = (s1 - gone * d1) / (s0 - gone * d0);
            stay[m] += hazard;
            leave[m] += hazard * (1 - gone);
            stay_means.col(m) += hazard * mean;
            leave_means.col(m) += hazard * (1 - gone) * mean;
            event_means.col(m) += mean / steps;
          }
        });
  }
  Eigen::MatrixXd residuals(n, p);
  // Sums of all moments before each, of all strata: differences are taken within one.
  Eigen::VectorXd through = Eigen::VectorXd::Zero(count + 1);
  Eigen::MatrixXd through_means = Eigen::MatrixXd::Zero(p, count + 1);
  for (Eigen::Index m = 0; m < count; ++m) {
    through[m + 1] = through[m] + stay[m];
    through_means.col(m + 1) = through_means.col(m) + stay_means.col(m);
  }
  for (size_t s = 0; s + 1 < strata.size(); ++s) {
    for (size_t at = strata[s]; at < strata[s + 1]; ++at) {
      const Moment &moment = moments[at];
      const auto m = static_cast<Eigen::Index>(at);
      for (size_t place = moment.begin; place < moment.end; ++place) {
        const bool event = place < moment.events;
        const auto first = static_cast<Eigen::Index>(
            likelihood.has_entries() ? likelihood.first_moment(place) : strata[s]);
        const double hazard = through[m] - through[first] + (event ? leave[m] : stay[m]);
        for (Eigen::Index k = 0; k < p; ++k) {
          const double x = likelihood.column(static_cast<size_t>(k))[place];
          const double mean = through_means(k, m) - through_means(k, first) +
                              (event ? leave_means(k, m) : stay_means(k, m));
          double residual = -risks[place] * (x * hazard - mean);
          if (event) residual += likelihood.weights()[place] * (x - event_means(k, m));
          residuals(static_cast<Eigen::Index>(place), k) = residual;
        }
      }
    }
  }
  return residuals;
}

// V (sum of squared scores of clusters) V.
inline Eigen::MatrixXd RobustCovariance(const PartialLikelihood &likelihood, const CoxData &data,
                                        const Eigen::VectorXd &point,
                                        const Eigen::MatrixXd &inverse) {
  const Eigen::MatrixXd scores = ScoreResiduals(likelihood, point);
  Eigen::MatrixXd meat;
  if (data.clusters.codes.empty()) {
    meat = scores.transpose() * scores;
  } else {
    Eigen::MatrixXd sums =
        Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(data.clusters.count), scores.cols());
    for (Eigen::Index i = 0; i < scores.rows(); ++i) {
      const uint32_t row = likelihood.row_of()[static_cast<size_t>(i)];
      sums.row(static_cast<Eigen::Index>(data.clusters.codes[row])) += scores.row(i);
    }
    meat = sums.transpose() * sums;
  }
  return inverse * meat * inverse;
}

// The likelihood of the standardised covariates, and how to come back from it.
struct Prepared {
  std::vector<double> means, deviations;
  PartialLikelihood likelihood;
};

inline absl::StatusOr<Prepared> Prepare(const CoxData &data, const CoxOptions &options,
                                        const Execution &execution) {
  PATRON_RETURN_IF_ERROR(CheckCox(data, options));
  Prepared prepared;
  PATRON_RETURN_IF_ERROR(Standardize(data, prepared.means, prepared.deviations));
  const TimeOrder order = OrderByTime(data.observed, data.strata, execution);
  prepared.likelihood =
      PartialLikelihood::Of(data.observed, order, options.ties, data.covariates, prepared.means,
                            prepared.deviations, data.offset, options.kernels);
  return prepared;
}

}  // namespace detail::cox

inline absl::StatusOr<CoxFit> FitCox(const CoxData &data, const CoxOptions &options,
                                     const Execution &execution) {
  namespace cox = detail::cox;
  PATRON_ASSIGN_OR_RETURN(const cox::Prepared prepared, cox::Prepare(data, options, execution));
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

  const Eigen::VectorXd zero = Eigen::VectorXd::Zero(p);
  cox::PartialLikelihood::Hazards at_zero;
  const cox::PartialLikelihood::Evaluation null = likelihood.Evaluate(zero, {}, &at_zero);
  fit.null_log_likelihood = null.value;
  Eigen::MatrixXd information = null.information;
  information.diagonal() += penalty;
  double event_weight = 0;
  for (const cox::Moment &moment : likelihood.moments()) event_weight += moment.weight;
  PATRON_RETURN_IF_ERROR(cox::CheckInformation(data.names, information, event_weight));
  fit.score_statistic = null.gradient.dot(information.llt().solve(null.gradient));
  PATRON_RETURN_IF_ERROR(ReportProgress(execution, 1, 4));

  constexpr size_t kLarge = 50'000, kSampled = 16;
  // A step of so little would move errors and hazards in their ninth digit; of many rows less.
  const double tolerance = likelihood.rows() >= kLarge ? 1e-10 : 1e-16;
  cox::Search search(data.names, penalty, options.max_iterations);
  Eigen::VectorXd start = zero;
  if (likelihood.rows() >= kLarge && !likelihood.has_entries()) {
    cox::Search rough(data.names, penalty / static_cast<double>(kSampled), options.max_iterations);
    if (rough.Run(likelihood.Sample(kSampled), zero, 1e-3, nullptr).ok()) start = rough.point();
  }
  PATRON_RETURN_IF_ERROR(
      search.Run(likelihood, start, tolerance, start.isZero(0) ? &null : nullptr));
  PATRON_RETURN_IF_ERROR(ReportProgress(execution, 3, 4));

  const Eigen::VectorXd &point = search.point();
  const Eigen::VectorXd scale = fit.deviations.cwiseInverse();
  const Eigen::MatrixXd inverse = search.information().llt().solve(Eigen::MatrixXd::Identity(p, p));
  fit.iterations = search.iterations();
  fit.log_likelihood = search.evaluation().value;
  fit.coefficients = point.cwiseProduct(scale);
  fit.covariance = scale.asDiagonal() * inverse * scale.asDiagonal();
  fit.wald_statistic = point.dot(search.information() * point);
  if (options.robust || !data.clusters.codes.empty()) {
    const Eigen::MatrixXd robust = cox::RobustCovariance(likelihood, data, point, inverse);
    fit.robust_covariance = scale.asDiagonal() * robust * scale.asDiagonal();
    fit.wald_statistic = point.dot(robust.ldlt().solve(point));
  }
  // No step at all: the fit is that of coefficients of 0.
  const bool moved = search.iterations() > 0 || !start.isZero(0);
  const double factor = std::exp(-fit.means.dot(fit.coefficients));
  fit.baselines = cox::BaselinesOf(likelihood, moved ? search.hazards() : at_zero, factor);
  if (options.survival_errors) {
    cox::AddErrors(likelihood, point, fit.deviations, factor, fit.baselines);
  }
  PATRON_RETURN_IF_ERROR(ReportProgress(execution, 4, 4));
  return fit;
}

}  // namespace patron::loyalty

#endif  // PATRON_LOYALTY_COX_HPP_
