// Holdout measures: how well predictions made before a period agree with what happened in it.
#ifndef PATRON_CLV_HOLDOUT_HPP_
#define PATRON_CLV_HOLDOUT_HPP_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "patron/base/parallel.hpp"
#include "patron/base/sort.hpp"
#include "patron/base/status.hpp"
#include "patron/base/sum.hpp"
#include "patron/clv/column_checks.hpp"

namespace patron::clv {

// A tenth of the customers, by their predicted number.
struct CalibrationDecile {
  size_t customers = 0;
  double predicted = 0;  // Means over them; NaN for an empty tenth.
  double actual = 0;
};

struct HoldoutMeasures {
  size_t customers = 0;
  double actual = 0;  // Sums over customers.
  double predicted = 0;
  double mae = 0;               // Mean absolute error.
  double rmse = 0;              // Root of the mean squared error.
  double bias = 0;              // Mean of predicted minus actual.
  double relative_bias = 0;     // Sum predicted over sum actual, minus 1; NaN if none is actual.
  double rank_correlation = 0;  // Spearman's, ties at mid-ranks; NaN if a column is constant.
  std::array<CalibrationDecile, 10> deciles;  // The lowest predictions first.
};

// Measures predictions of a number a customer (purchases, spend) against what came. At equal
// predictions, row order decides the tenth. Errors: InvalidArgument for columns of different
// lengths, no rows, or numbers that are not finite. Cost: two sorts.
absl::StatusOr<HoldoutMeasures> MeasureHoldout(std::span<const double> actual,
                                               std::span<const double> predicted,
                                               const Execution &execution = {});

// Mean of minus the logarithm of the probability that the model gave to each customer's actual
// count: the log score of the predicted distribution, lower is better (Good 1952). Infinite if
// the impossible happened. Errors: InvalidArgument for no rows or numbers outside [0, 1].
absl::StatusOr<double> LogScore(std::span<const double> probability_of_actual);

// Share of the actual revenue that the customers bring whom the model ranks in the top `share` of
// all (the nearest whole number of them, at least 1); equal predictions by row. 1 would need
// perfect foresight and a small top: `best` is the share with actual values as predictions. NaN
// if there is no revenue.
struct RevenueCaptured {
  double share;
  double best;
};
absl::StatusOr<RevenueCaptured> CaptureRevenue(std::span<const double> actual_revenue,
                                               std::span<const double> predicted,
                                               double share = 0.1, const Execution &execution = {});

namespace detail {

inline absl::Status CheckPair(std::span<const double> actual, std::span<const double> predicted) {
  PATRON_RETURN_IF_ERROR(CheckLength("predicted", predicted.size(), actual.size()));
  if (actual.empty()) return InvalidOption("actual", "0 rows", "at least one customer");
  PATRON_RETURN_IF_ERROR(CheckFinite("actual", actual));
  return CheckFinite("predicted", predicted);
}

// Ranks from 1, equal values at the mean of theirs, given the rows in ascending order.
inline std::vector<double> MidRanks(std::span<const double> values,
                                    std::span<const uint32_t> order) {
  std::vector<double> ranks(values.size());
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin + 1;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    const double middle = 0.5 * static_cast<double>(begin + 1 + end);
    for (size_t i = begin; i < end; ++i) ranks[order[i]] = middle;
    begin = end;
  }
  return ranks;
}

inline double Correlation(std::span<const double> a, std::span<const double> b) {
  const auto n = static_cast<double>(a.size());
  const double mean_a = SumOf(a).ToDouble() / n, mean_b = SumOf(b).ToDouble() / n;
  Total<double> ab, aa, bb;
  for (size_t i = 0; i < a.size(); ++i) {
    const double da = a[i] - mean_a, db = b[i] - mean_b;
    ab.Add(da * db);
    aa.Add(da * da);
    bb.Add(db * db);
  }
  return ab.ToDouble() / std::sqrt(aa.ToDouble() * bb.ToDouble());
}

}  // namespace detail

inline absl::StatusOr<HoldoutMeasures> MeasureHoldout(std::span<const double> actual,
                                                      std::span<const double> predicted,
                                                      const Execution &execution) {
  PATRON_RETURN_IF_ERROR(detail::CheckPair(actual, predicted));
  const auto n = static_cast<double>(actual.size());
  HoldoutMeasures measures;
  measures.customers = actual.size();
  measures.actual = SumOf(actual, execution).ToDouble();
  measures.predicted = SumOf(predicted, execution).ToDouble();
  Total<double> absolute, squared;
  for (size_t i = 0; i < actual.size(); ++i) {
    const double error = predicted[i] - actual[i];
    absolute.Add(std::abs(error));
    squared.Add(error * error);
  }
  measures.mae = absolute.ToDouble() / n;
  measures.rmse = std::sqrt(squared.ToDouble() / n);
  measures.bias = (measures.predicted - measures.actual) / n;
  measures.relative_bias = measures.actual == 0 ? std::numeric_limits<double>::quiet_NaN()
                                                : measures.predicted / measures.actual - 1;
  const std::vector<uint32_t> by_predicted = SortedRows(predicted, execution);
  measures.rank_correlation =
      detail::Correlation(detail::MidRanks(predicted, by_predicted),
                          detail::MidRanks(actual, SortedRows(actual, execution)));
  for (size_t k = 0; k < measures.deciles.size(); ++k) {
    const Range range = PartOf(actual.size(), measures.deciles.size(), k);
    Total<double> came, expected;
    for (size_t i = range.begin; i < range.end; ++i) {
      came.Add(actual[by_predicted[i]]);
      expected.Add(predicted[by_predicted[i]]);
    }
    const auto size = static_cast<double>(range.size());
    measures.deciles[k] = {range.size(), expected.ToDouble() / size, came.ToDouble() / size};
  }
  return measures;
}

inline absl::StatusOr<double> LogScore(std::span<const double> probability_of_actual) {
  if (probability_of_actual.empty()) {
    return InvalidOption("probability", "0 rows", "at least one customer");
  }
  PATRON_RETURN_IF_ERROR(detail::CheckEach("probability", probability_of_actual,
                                           "a number from 0 to 1",
                                           [](double p) { return p >= 0 && p <= 1; }));
  Total<double> score;
  for (const double p : probability_of_actual) {
    if (p == 0) return std::numeric_limits<double>::infinity();
    score.Add(-std::log(p));
  }
  return score.ToDouble() / static_cast<double>(probability_of_actual.size());
}

inline absl::StatusOr<RevenueCaptured> CaptureRevenue(std::span<const double> actual_revenue,
                                                      std::span<const double> predicted,
                                                      double share, const Execution &execution) {
  PATRON_RETURN_IF_ERROR(detail::CheckPair(actual_revenue, predicted));
  if (!(share > 0 && share <= 1)) {
    return InvalidOption("share", FormatNumber(share), "a number above 0, at most 1");
  }
  const size_t n = actual_revenue.size();
  const size_t top =
      std::clamp<size_t>(static_cast<size_t>(std::llround(share * static_cast<double>(n))), 1, n);
  const auto revenue_of_top = [&](std::span<const double> key) {
    // Descending, equal ones by row: ascending order of what is negative.
    std::vector<double> negative(n);
    for (size_t i = 0; i < n; ++i) negative[i] = -key[i];
    const std::vector<uint32_t> order = SortedRows<double>(negative, execution);
    Total<double> revenue;
    for (size_t i = 0; i < top; ++i) revenue.Add(actual_revenue[order[i]]);
    return revenue.ToDouble();
  };
  const double total = SumOf(actual_revenue, execution).ToDouble();
  if (!(total > 0)) {
    return RevenueCaptured{std::numeric_limits<double>::quiet_NaN(),
                           std::numeric_limits<double>::quiet_NaN()};
  }
  return RevenueCaptured{revenue_of_top(predicted) / total, revenue_of_top(actual_revenue) / total};
}

}  // namespace patron::clv

#endif  // PATRON_CLV_HOLDOUT_HPP_
