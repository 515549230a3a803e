// Segmentation: the segment of each customer, and what each segment amounts to.
#ifndef PATRON_VALUE_SEGMENTATION_HPP_
#define PATRON_VALUE_SEGMENTATION_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/base/sum.hpp"
#include "patron/value/segments.hpp"

namespace patron::value {

// What a segment amounts to. T is int64_t (money units, exact) or double.
template <Number T>
struct SegmentTotal {
  int64_t customers = 0;
  int64_t orders = 0;
  T revenue = 0;
};

template <Number T>
struct Segmentation {
  std::vector<std::string> names;       // SegmentTable::names().
  std::vector<int32_t> segments;        // One a customer: an index into names.
  std::vector<SegmentTotal<T>> totals;  // One a segment; empty segments stay, with zeros.
};

// Assigns each customer to its segment by the scores, and adds up `orders` and `revenue`: columns
// of one length, in any row order.
//
// Errors: InvalidArgument if the columns differ in length, a score is not on the table's scale, or
// a revenue is not finite; OutOfRange if a total does not fit its type. Cost: O(n) time, no copy.
template <Number T>
absl::StatusOr<Segmentation<T>> AssignSegments(
    const SegmentTable &table, std::span<const uint8_t> recency_scores,
    std::span<const uint8_t> frequency_scores, std::span<const uint8_t> monetary_scores,
    std::span<const int64_t> orders, std::span<const T> revenue, const Execution &execution = {});

namespace detail {

// Sums of one segment in one task.
template <Number T>
struct SegmentSum {
  int64_t customers = 0;
  Total<int64_t> orders;
  Total<T> revenue;

  void Add(const SegmentSum &other) {
    customers += other.customers;
    orders.Add(other.orders);
    revenue.Add(other.revenue);
  }
};

inline absl::Status CheckScoresOnScale(std::string_view column, std::span<const uint8_t> scores,
                                       int bins) {
  // Zero wraps to the largest byte: one compare a row.
  const auto off_scale = [bins](uint8_t score) { return static_cast<uint8_t>(score - 1) >= bins; };
  uint64_t rows = 0;
  for (const uint8_t score : scores) rows += off_scale(score);
  if (rows == 0) return absl::OkStatus();
  const auto first = std::ranges::find_if(scores, off_scale);
  return InvalidRow(column, static_cast<uint64_t>(first - scores.begin()),
                    absl::StrCat(static_cast<int>(*first)), absl::StrCat("1 to ", bins), rows);
}

}  // namespace detail

template <Number T>
absl::StatusOr<Segmentation<T>> AssignSegments(
    const SegmentTable &table, std::span<const uint8_t> recency_scores,
    std::span<const uint8_t> frequency_scores, std::span<const uint8_t> monetary_scores,
    std::span<const int64_t> orders, std::span<const T> revenue, const Execution &execution) {
  const size_t n = recency_scores.size();
  const std::pair<std::string_view, size_t> lengths[] = {
      {"frequency_score", frequency_scores.size()},
      {"monetary_score", monetary_scores.size()},
      {"orders", orders.size()},
      {"revenue", revenue.size()}};
  for (const auto &[column, rows] : lengths) {
    if (rows == n) continue;
    return InvalidOption(column, absl::StrCat(rows, " rows"),
                         absl::StrCat(n, ", as many as recency_score has"));
  }
  PATRON_RETURN_IF_ERROR(
      detail::CheckScoresOnScale("recency_score", recency_scores, table.recency_bins()));
  PATRON_RETURN_IF_ERROR(
      detail::CheckScoresOnScale("frequency_score", frequency_scores, table.frequency_bins()));
  PATRON_RETURN_IF_ERROR(
      detail::CheckScoresOnScale("monetary_score", monetary_scores, table.monetary_bins()));
  PATRON_RETURN_IF_ERROR(CheckedExtent("revenue", revenue, execution).status());

  const size_t segments = table.names().size();
  const size_t tasks = TasksFor(n);
  Segmentation<T> result;
  result.names = table.names();
  result.segments.resize(n);
  std::vector<detail::SegmentSum<T>> sums(tasks * segments);
  ParallelFor(execution, tasks, [&](size_t task) {
    detail::SegmentSum<T> *mine = sums.data() + task * segments;
    const Range rows = TaskRows(n, task);
    for (size_t i = rows.begin; i < rows.end; ++i) {
      const int segment =
          table.SegmentOf(recency_scores[i], frequency_scores[i], monetary_scores[i]);
      result.segments[i] = segment;
      detail::SegmentSum<T> &sum = mine[segment];
      ++sum.customers;
      sum.orders.Add(orders[i]);
      sum.revenue.Add(revenue[i]);
    }
  });
  PATRON_RETURN_IF_ERROR(ReportProgress(execution, n, n));
  for (size_t s = 0; s < segments; ++s) {
    detail::SegmentSum<T> sum;
    for (size_t task = 0; task < tasks; ++task) sum.Add(sums[task * segments + s]);
    const std::string segment = absl::StrCat(" of segment ", Quoted(result.names[s]));
    SegmentTotal<T> total{.customers = sum.customers};
    PATRON_ASSIGN_OR_RETURN(total.orders, sum.orders.Narrow(absl::StrCat("orders", segment)));
    PATRON_ASSIGN_OR_RETURN(total.revenue, sum.revenue.Narrow(absl::StrCat("revenue", segment)));
    result.totals.push_back(total);
  }
  return result;
}

}  // namespace patron::value

#endif  // PATRON_VALUE_SEGMENTATION_HPP_
