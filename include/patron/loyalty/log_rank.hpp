// Whether groups leave at different times: the log-rank test and its weighted relatives.
#ifndef PATRON_LOYALTY_LOG_RANK_HPP_
#define PATRON_LOYALTY_LOG_RANK_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/clv/distributions.hpp"
#include "patron/loyalty/risk_table.hpp"

namespace patron::loyalty {

// What an event counts for, by the pooled Kaplan-Meier curve S of its stratum just before it:
// S^rho (1 - S)^gamma (Fleming and Harrington). 0 and 0 is the log-rank test, rho 1 Peto and Peto's.
struct LogRankWeights {
  double rho = 0;
  double gamma = 0;
};

struct LogRankTest {
  double statistic;  // Chi-square.
  int degrees;       // Groups that are ever at risk, less 1.
  double p_value;
  std::vector<int64_t> rows;     // Of each group.
  std::vector<double> observed;  // Events of each group, as they count.
  std::vector<double> expected;  // The same if all groups left alike.
  Eigen::MatrixXd covariance;    // Hypergeometric, of observed less expected.
};

// Tests whether the groups have the same survival, within strata if there are any. A weight stands for
// so many equal rows.
//
// Errors: those of CheckObserved; InvalidArgument for fewer than two groups, weights of events outside
// 0 to 100; FailedPrecondition without an event, or if no two groups are ever at risk together.
// Cost: O(n + times x groups^2), and a sort.
absl::StatusOr<LogRankTest> TestLogRank(const Observed &observed, const Groups &groups,
                                        const Groups &strata = {},
                                        const LogRankWeights &weights = {},
                                        const Execution &execution = {});

namespace detail {

// Adds up one stratum. Its rows are walked from the last time down: the risk sets of all groups grow.
// The pooled curve goes the other way and is there before.
class StratumOfGroups {
 public:
  StratumOfGroups(const Observed &observed, const Groups &groups, LogRankTest &test)
      : observed_(observed), groups_(groups), test_(test) {}

  void Add(const TimeOrder &order, size_t stratum, const LogRankWeights &weights) {
    const RiskTable pooled = TabulateRisk(observed_, order, stratum);
    std::vector<double> counts(pooled.size());
    double survival = 1;
    for (size_t i = 0; i < pooled.size(); ++i) {
      counts[i] = std::pow(survival, weights.rho) * std::pow(1 - survival, weights.gamma);
      if (pooled.events[i] > 0) {
        survival *= (pooled.at_risk[i] - pooled.events[i]) / pooled.at_risk[i];
      }
    }
    const std::span<const uint32_t> rows = order.rows_of(stratum);
    const std::span<const uint32_t> entries = order.by_entry_of(stratum);
    std::vector<double> at_risk(groups_.count), deaths(groups_.count);
    size_t end = rows.size(), waiting = entries.size();
    for (size_t i = pooled.size(); i-- > 0;) {
      const double time = pooled.times[i];
      std::ranges::fill(deaths, 0.0);
      for (; end > 0 && observed_.duration[rows[end - 1]] == time; --end) {
        const uint32_t row = rows[end - 1];
        at_risk[groups_.codes[row]] += observed_.weight_of(row);
        if (observed_.event[row] != 0) deaths[groups_.codes[row]] += observed_.weight_of(row);
      }
      for (; waiting > 0 && observed_.entry[entries[waiting - 1]] >= time; --waiting) {
        const uint32_t row = entries[waiting - 1];
        at_risk[groups_.codes[row]] -= observed_.weight_of(row);
      }
      if (pooled.events[i] > 0) AddTime(at_risk, deaths, pooled, i, counts[i]);
    }
  }

 private:
  void AddTime(const std::vector<double> &at_risk, const std::vector<double> &deaths,
               const RiskTable &pooled, size_t i, double count) {
    const double all = pooled.at_risk[i], died = pooled.events[i];
    const double spread = all > 1 ? count * count * died * (all - died) / (all - 1) : 0;
    for (size_t g = 0; g < groups_.count; ++g) {
      const double share = at_risk[g] / all;
      test_.observed[g] += count * deaths[g];
      test_.expected[g] += count * died * share;
      for (size_t h = 0; h <= g; ++h) {
        test_.covariance(static_cast<Eigen::Index>(g), static_cast<Eigen::Index>(h)) +=
            spread * share * ((g == h ? 1 : 0) - at_risk[h] / all);
      }
    }
  }

  const Observed &observed_;
  const Groups &groups_;
  LogRankTest &test_;
};

}  // namespace detail

inline absl::StatusOr<LogRankTest> TestLogRank(const Observed &observed, const Groups &groups,
                                               const Groups &strata, const LogRankWeights &weights,
                                               const Execution &execution) {
  PATRON_RETURN_IF_ERROR(CheckObserved(observed));
  for (const auto &[name, value] : {std::pair{"rho", weights.rho}, {"gamma", weights.gamma}}) {
    if (value >= 0 && value <= 100) continue;
    return InvalidOption(name, FormatNumber(value), "a number from 0 to 100");
  }
  if (groups.count < 2) {
    return InvalidOption("group", absl::StrCat(groups.count, " group"), "at least 2 to compare");
  }
  if (std::ranges::count(observed.event, 1) == 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("event: none in ", observed.size(), " rows; expected at least 1"));
  }
  const auto k = static_cast<Eigen::Index>(groups.count);
  LogRankTest test{.statistic = 0,
                   .degrees = 0,
                   .p_value = 1,
                   .rows = std::vector<int64_t>(groups.count),
                   .observed = std::vector<double>(groups.count),
                   .expected = std::vector<double>(groups.count),
                   .covariance = Eigen::MatrixXd::Zero(k, k)};
  for (const uint32_t code : groups.codes) ++test.rows[code];
  const TimeOrder order = OrderByTime(observed, strata, execution);
  detail::StratumOfGroups stratum(observed, groups, test);
  for (size_t s = 0; s < strata.count; ++s) stratum.Add(order, s, weights);
  test.covariance.triangularView<Eigen::StrictlyUpper>() = test.covariance.transpose();

  // Groups that are never at risk when somebody leaves say nothing; of the others one follows from the
  // rest.
  std::vector<Eigen::Index> telling;
  for (Eigen::Index g = 0; g < k; ++g) {
    if (test.expected[static_cast<size_t>(g)] > 0) telling.push_back(g);
  }
  const Eigen::Index degrees = std::ssize(telling) - 1;
  Eigen::VectorXd excess(std::max<Eigen::Index>(degrees, 0));
  Eigen::MatrixXd covariance(excess.size(), excess.size());
  for (Eigen::Index i = 0; i < excess.size(); ++i) {
    const auto g = static_cast<size_t>(telling[static_cast<size_t>(i)]);
    excess[i] = test.observed[g] - test.expected[g];
    for (Eigen::Index j = 0; j < excess.size(); ++j) {
      covariance(i, j) =
          test.covariance(telling[static_cast<size_t>(i)], telling[static_cast<size_t>(j)]);
    }
  }
  const Eigen::LDLT<Eigen::MatrixXd> solver(covariance);
  if (degrees < 1 || !(solver.vectorD().minCoeff() > 1e-12 * covariance.diagonal().maxCoeff())) {
    return absl::FailedPreconditionError(
        "group: groups are never at risk together when an event comes; expected overlapping times");
  }
  test.statistic = excess.dot(solver.solve(excess));
  test.degrees = static_cast<int>(degrees);
  test.p_value = clv::ChiSquareTail(test.statistic, test.degrees);
  return test;
}

}  // namespace patron::loyalty

#endif  // PATRON_LOYALTY_LOG_RANK_HPP_
