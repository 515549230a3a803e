// What comes of the coefficients of proportional hazards: baselines, their errors, robust errors.
#ifndef PATRON_LOYALTY_COX_ERRORS_HPP_
#define PATRON_LOYALTY_COX_ERRORS_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <Eigen/Core>

#include "patron/base/buffer.hpp"
#include "patron/loyalty/cox_model.hpp"
#include "patron/loyalty/partial_likelihood.hpp"

namespace patron::loyalty::detail::cox {

inline std::vector<CoxBaseline> BaselinesOf(const PartialLikelihood &likelihood,
                                            const PartialLikelihood::Hazards &hazards,
                                            double factor) {
  std::vector<CoxBaseline> baselines;
  const auto strata = likelihood.rows().stratum_moments();
  for (size_t s = 0; s + 1 < strata.size(); ++s) {
    CoxBaseline &baseline = baselines.emplace_back();
    const auto moments = likelihood.rows().moments().subspan(strata[s], strata[s + 1] - strata[s]);
    const auto count = static_cast<size_t>(
        std::ranges::count_if(moments, [](const Moment &moment) { return moment.count() > 0; }));
    baseline.times.reserve(count);
    baseline.hazard.reserve(count);
    baseline.cumulative.reserve(count);
    double total = 0;
    for (size_t m = strata[s]; m < strata[s + 1]; ++m) {
      const Moment &moment = likelihood.rows().moments()[m];
      baseline.last_time = likelihood.rows().time_of(m);
      if (moment.begin == moment.events) continue;
      total += hazards.stay[m] * factor;
      baseline.times.push_back(likelihood.rows().time_of(m));
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
  const Buffer<double> risks = likelihood.Risks(point);
  for (size_t s = 0; s < baselines.size(); ++s) {
    CoxBaseline &baseline = baselines[s];
    size_t at = baseline.times.size();
    baseline.variance.resize(at);
    baseline.drift.resize(at * p);
    likelihood.ForEachRiskSet(
        s, risks.get(),
        [&](size_t m, double s0, const Eigen::VectorXd &s1, double d0, const Eigen::VectorXd &d1) {
          --at;
          const Moment &moment = likelihood.rows().moments()[m];
          const auto events = static_cast<double>(moment.events - moment.begin);
          const double steps = likelihood.ties() == Ties::kEfron ? events : 1;
          double square = 0, cross = 0;  // Of the inverses of the risk sets.
          for (double left = 0; left < steps; ++left) {
            const double gone = left / events, inverse = 1 / (s0 - gone * d0);
            square += inverse * inverse;
            cross += gone * inverse * inverse;
          }
          const double each = likelihood.rows().weight_of(m) / steps;
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
  const auto n = static_cast<Eigen::Index>(likelihood.rows().size());
  const auto moments = likelihood.rows().moments();
  const auto strata = likelihood.rows().stratum_moments();
  const auto entries = likelihood.rows().entry_moments();
  const auto count = static_cast<Eigen::Index>(moments.size());
  const Buffer<double> risks = likelihood.Risks(point);
  // Of each moment: the hazard, and the hazard x mean covariates, of those who stay and who leave; the
  // mean that an event is held against.
  Eigen::VectorXd stay = Eigen::VectorXd::Zero(count), leave = stay;
  Eigen::MatrixXd stay_means = Eigen::MatrixXd::Zero(p, count), leave_means = stay_means,
                  event_means = stay_means;
  for (size_t s = 0; s + 1 < strata.size(); ++s) {
    likelihood.ForEachRiskSet(
        s, risks.get(),
        [&](size_t at, double s0, const Eigen::VectorXd &s1, double d0, const Eigen::VectorXd &d1) {
          const auto m = static_cast<Eigen::Index>(at);
          const Moment &moment = moments[at];
          const auto events = static_cast<double>(moment.events - moment.begin);
          const double steps = likelihood.ties() == Ties::kEfron ? events : 1;
          for (double left = 0; left < steps; ++left) {
            const double gone = left / events;
            const double hazard = likelihood.rows().weight_of(at) / steps / (s0 - gone * d0);
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
        const auto first = static_cast<Eigen::Index>(entries.empty() ? strata[s] : entries[place]);
        const double hazard = through[m] - through[first] + (event ? leave[m] : stay[m]);
        for (Eigen::Index k = 0; k < p; ++k) {
          const double x = likelihood.rows().column(static_cast<size_t>(k))[place];
          const double mean = through_means(k, m) - through_means(k, first) +
                              (event ? leave_means(k, m) : stay_means(k, m));
          double residual = -risks[place] * (x * hazard - mean);
          if (event) residual += likelihood.rows().weight_at(place) * (x - event_means(k, m));
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
    const std::vector<uint32_t> row_of = likelihood.rows().RowOf();
    for (Eigen::Index i = 0; i < scores.rows(); ++i) {
      const uint32_t row = row_of[static_cast<size_t>(i)];
      sums.row(static_cast<Eigen::Index>(data.clusters.codes[row])) += scores.row(i);
    }
    meat = sums.transpose() * sums;
  }
  return inverse * meat * inverse;
}

}  // namespace patron::loyalty::detail::cox

#endif  // PATRON_LOYALTY_COX_ERRORS_HPP_
