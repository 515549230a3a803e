// Whether hazards are proportional: the score test of coefficients that change with time.
#ifndef PATRON_LOYALTY_COX_PROPORTIONALITY_HPP_
#define PATRON_LOYALTY_COX_PROPORTIONALITY_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "patron/clv/distributions.hpp"
#include "patron/loyalty/cox.hpp"
#include "patron/loyalty/kaplan_meier.hpp"

namespace patron::loyalty {

// The scale of time on which a coefficient may change.
enum class TimeScale {
  kKaplanMeier,  // 1 - S just before the time, of all rows together: the default of R.
  kRank,         // Of the times of events; ties share the mean.
  kIdentity,
  kLog,  // Needs events after 0.
};

struct ProportionalityTest {
  std::string term;
  double statistic;  // Chi-square.
  int degrees;
  double p_value;
};

// Tests each term, a name and the covariates in it, and all together, which comes last as GLOBAL: the
// score test that R's cox.zph does since survival 3.0. No terms: each covariate is one.
//
// `data` and `options` are those that `fit` came from. Errors: those of FitCox; InvalidArgument for
// terms that are empty or name a covariate that is not there. Cost: as three steps of the fit.
absl::StatusOr<std::vector<ProportionalityTest>> TestProportionality(
    const CoxData &data, const CoxOptions &options, const CoxFit &fit,
    TimeScale scale = TimeScale::kKaplanMeier,
    std::vector<std::pair<std::string, std::vector<size_t>>> terms = {},
    const Execution &execution = {});

namespace detail::cox {

// The value of the scale at each moment with an event, less their mean by events; 0 elsewhere.
inline absl::StatusOr<std::vector<double>> ScaleOfTime(const CoxData &data,
                                                       const PartialLikelihood &likelihood,
                                                       TimeScale scale,
                                                       const Execution &execution) {
  const std::span<const Moment> moments = likelihood.rows().moments();
  std::vector<double> value(moments.size());
  std::vector<double> times, before;  // Distinct times, and the value that holds for each.
  if (scale == TimeScale::kKaplanMeier || scale == TimeScale::kRank) {
    Observed unweighted = data.observed;
    unweighted.weight = {};
    const TimeOrder order = OrderByTime(unweighted, {}, execution);
    RiskTable table = TabulateRisk(unweighted, order, 0);
    double survival = 1, rank = 0;
    for (size_t i = 0; i < table.size(); ++i) {
      const double events = table.events[i];
      before.push_back(scale == TimeScale::kRank ? rank + (events + 1) / 2 : 1 - survival);
      rank += events;
      if (events > 0) survival *= (table.at_risk[i] - events) / table.at_risk[i];
    }
    times = std::move(table.times);
  }
  double sum = 0, events = 0;
  for (size_t m = 0; m < moments.size(); ++m) {
    const Moment &moment = moments[m];
    if (moment.begin == moment.events) continue;
    if (scale == TimeScale::kLog && !(likelihood.rows().time_of(m) > 0)) {
      return InvalidRow("duration", likelihood.rows().RowOf()[moment.begin],
                        FormatNumber(likelihood.rows().time_of(m)),
                        "events after 0, for the logarithm of time");
    }
    if (times.empty()) {
      value[m] = scale == TimeScale::kLog ? std::log(likelihood.rows().time_of(m))
                                          : likelihood.rows().time_of(m);
    } else {
      value[m] = before[static_cast<size_t>(
          std::ranges::lower_bound(times, likelihood.rows().time_of(m)) - times.begin())];
    }
    const auto count = static_cast<double>(moment.events - moment.begin);
    sum += count * value[m];
    events += count;
  }
  for (size_t m = 0; m < moments.size(); ++m) {
    value[m] = moments[m].begin == moments[m].events ? 0 : value[m] - sum / events;
  }
  return value;
}

}  // namespace detail::cox

inline absl::StatusOr<std::vector<ProportionalityTest>> TestProportionality(
    const CoxData &data, const CoxOptions &options, const CoxFit &fit, TimeScale scale,
    std::vector<std::pair<std::string, std::vector<size_t>>> terms, const Execution &execution) {
  namespace cox = detail::cox;
  PATRON_ASSIGN_OR_RETURN(const cox::Prepared prepared,
                          cox::Prepare(data, options, true, execution));
  const auto p = static_cast<Eigen::Index>(data.covariates.size());
  if (terms.empty()) {
    for (size_t k = 0; k < data.names.size(); ++k) terms.push_back({data.names[k], {k}});
  }
  for (const auto &[name, members] : terms) {
    if (members.empty()) return InvalidOption(name, "a term without covariates", "at least 1");
    for (const size_t member : members) {
      if (member < data.names.size()) continue;
      return InvalidOption(name, absl::StrCat("covariate ", member),
                           absl::StrCat("0 to ", data.names.size() - 1));
    }
  }
  PATRON_ASSIGN_OR_RETURN(const std::vector<double> value,
                          cox::ScaleOfTime(data, prepared.likelihood, scale, execution));
  std::vector<double> square(value.size());
  for (size_t m = 0; m < value.size(); ++m) square[m] = value[m] * value[m];
  const Eigen::VectorXd point = fit.coefficients.cwiseProduct(fit.deviations);
  const auto plain = prepared.likelihood.Evaluate(point);
  const auto once = prepared.likelihood.Evaluate(point, value);
  const auto twice = prepared.likelihood.Evaluate(point, square);

  const auto test = [&](const std::string &name, std::span<const size_t> members) {
    const auto q = static_cast<Eigen::Index>(members.size());
    Eigen::MatrixXd information(p + q, p + q);
    Eigen::VectorXd score = Eigen::VectorXd::Zero(p + q);
    information.topLeftCorner(p, p) = plain.information;
    for (Eigen::Index i = 0; i < q; ++i) {
      const auto a = static_cast<Eigen::Index>(members[static_cast<size_t>(i)]);
      score[p + i] = once.gradient[a];
      information.block(p + i, 0, 1, p) = once.information.row(a);
      information.block(0, p + i, p, 1) = once.information.col(a);
      for (Eigen::Index j = 0; j < q; ++j) {
        const auto b = static_cast<Eigen::Index>(members[static_cast<size_t>(j)]);
        information(p + i, p + j) = twice.information(a, b);
      }
    }
    const double statistic = score.dot(information.ldlt().solve(score));
    const auto degrees = static_cast<int>(q);
    return ProportionalityTest{name, statistic, degrees, clv::ChiSquareTail(statistic, degrees)};
  };
  std::vector<ProportionalityTest> tests;
  for (const auto &[name, members] : terms) tests.push_back(test(name, members));
  std::vector<size_t> all(data.names.size());
  for (size_t k = 0; k < all.size(); ++k) all[k] = k;
  tests.push_back(test("GLOBAL", all));
  return tests;
}

}  // namespace patron::loyalty

#endif  // PATRON_LOYALTY_COX_PROPORTIONALITY_HPP_
