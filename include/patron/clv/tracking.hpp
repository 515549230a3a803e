// Tracking: repeat purchases period by period, and how often customers buy, against a model.
#ifndef PATRON_CLV_TRACKING_HPP_
#define PATRON_CLV_TRACKING_HPP_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "patron/base/sum.hpp"
#include "patron/clv/cells.hpp"
#include "patron/clv/column_checks.hpp"

namespace patron::clv {

// Customers by when they made their first purchase, in the model's unit of time, from any origin.
struct Births {
  std::span<const double> time;
  std::span<const double> weights = {};  // Customers that a row stands for; empty means 1.
};

// One row a period; all in repeat purchases of all customers together.
struct TrackingTable {
  std::vector<double> end;  // Of the period, on the clock of the births.
  std::vector<double> actual;
  std::vector<double> expected;
  std::vector<double> actual_cumulative;
  std::vector<double> expected_cumulative;
};

// Compares the repeat purchases at `times` with what the model expects of customers born as
// `births` tell.
//
// `ends` are the ends of the periods, ascending; the first begins at the earliest birth. A
// purchase at the end of a period belongs to it. `expected(t)` is the model's expected repeat
// purchases of a new customer within t of the first one. `purchase_weights` may be empty.
//
// Errors: InvalidArgument for numbers that are not finite, ends that do not ascend, weights of 0
// or below. Cost: a call of `expected` for each distinct birth and period.
absl::StatusOr<TrackingTable> Track(const Births &births, std::span<const double> times,
                                    std::span<const double> purchase_weights,
                                    std::span<const double> ends,
                                    absl::FunctionRef<double(double t)> expected);

// Customers by their number of repeat purchases: 0, 1, ..., and all with `highest` or more.
struct FrequencyTable {
  std::vector<double> actual;
  std::vector<double> expected;
  double chi_square = 0;  // Sum of (actual - expected)^2 / expected; NaN if some expected is 0.
};

// Compares how many customers made n repeat purchases in their time T with what the model gives,
// `probability(n, T)`, for n below `highest` >= 1. `weights` may be empty.
//
// Errors: InvalidArgument for counts that are not whole, T that is negative, columns of different
// lengths. Cost: `highest` calls for each distinct T.
absl::StatusOr<FrequencyTable> TabulateFrequency(
    std::span<const double> counts, std::span<const double> ends, std::span<const double> weights,
    size_t highest, absl::FunctionRef<double(double n, double T)> probability);

inline absl::StatusOr<TrackingTable> Track(const Births &births, std::span<const double> times,
                                           std::span<const double> purchase_weights,
                                           std::span<const double> ends,
                                           absl::FunctionRef<double(double t)> expected) {
  PATRON_RETURN_IF_ERROR(CheckFinite("birth", births.time));
  PATRON_RETURN_IF_ERROR(CheckWeights(births.weights, births.time.size()));
  PATRON_RETURN_IF_ERROR(CheckFinite("time", times));
  PATRON_RETURN_IF_ERROR(CheckWeights(purchase_weights, times.size()));
  PATRON_RETURN_IF_ERROR(CheckFinite("period end", ends));
  for (size_t i = 1; i < ends.size(); ++i) {
    if (ends[i] > ends[i - 1]) continue;
    return InvalidRow("period end", i, FormatNumber(ends[i]), "a time after the row before");
  }
  TrackingTable table;
  table.end.assign(ends.begin(), ends.end());
  table.actual.assign(ends.size(), 0);
  for (size_t i = 0; i < times.size(); ++i) {
    const auto period = std::ranges::lower_bound(ends, times[i]) - ends.begin();
    if (period == static_cast<ptrdiff_t>(ends.size())) continue;
    table.actual[static_cast<size_t>(period)] += purchase_weights.empty() ? 1 : purchase_weights[i];
  }
  const Cells<1> born = GroupRows<1>({births.time}, births.weights);
  double actual = 0, before = 0;
  for (size_t period = 0; period < ends.size(); ++period) {
    Total<double> total;
    for (size_t i = 0; i < born.size() && born.column[0][i] < ends[period]; ++i) {
      total.Add(born.weight[i] * expected(ends[period] - born.column[0][i]));
    }
    actual += table.actual[period];
    table.actual_cumulative.push_back(actual);
    table.expected_cumulative.push_back(total.ToDouble());
    table.expected.push_back(total.ToDouble() - before);
    before = total.ToDouble();
  }
  return table;
}

inline absl::StatusOr<FrequencyTable> TabulateFrequency(
    std::span<const double> counts, std::span<const double> ends, std::span<const double> weights,
    size_t highest, absl::FunctionRef<double(double n, double T)> probability) {
  PATRON_RETURN_IF_ERROR(CheckLength("T", ends.size(), counts.size()));
  PATRON_RETURN_IF_ERROR(CheckCounts("frequency", counts));
  PATRON_RETURN_IF_ERROR(CheckNotNegative("T", ends));
  PATRON_RETURN_IF_ERROR(CheckWeights(weights, counts.size()));
  if (highest < 1) return InvalidOption("highest", "0", "1 or above");
  FrequencyTable table;
  table.actual.assign(highest + 1, 0);
  table.expected.assign(highest + 1, 0);
  for (size_t i = 0; i < counts.size(); ++i) {
    const auto n = static_cast<size_t>(std::min(counts[i], static_cast<double>(highest)));
    table.actual[n] += weights.empty() ? 1 : weights[i];
  }
  const Cells<1> observed = GroupRows<1>({ends}, weights);
  for (size_t i = 0; i < observed.size(); ++i) {
    double rest = 1;
    for (size_t n = 0; n < highest; ++n) {
      const double p = probability(static_cast<double>(n), observed.column[0][i]);
      table.expected[n] += observed.weight[i] * p;
      rest -= p;
    }
    table.expected[highest] += observed.weight[i] * std::max(0.0, rest);
  }
  for (size_t n = 0; n <= highest; ++n) {
    const double gap = table.actual[n] - table.expected[n];
    table.chi_square += gap * gap / table.expected[n];
  }
  return table;
}

}  // namespace patron::clv

#endif  // PATRON_CLV_TRACKING_HPP_
