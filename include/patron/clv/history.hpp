// The purchase histories of customers as the models see them, checked and with equal rows merged.
#ifndef PATRON_CLV_HISTORY_HPP_
#define PATRON_CLV_HISTORY_HPP_

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

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/parallel.hpp"
#include "patron/base/pieces.hpp"
#include "patron/base/status.hpp"
#include "patron/base/sum.hpp"
#include "patron/clv/column_checks.hpp"
#include "patron/clv/covariates.hpp"
#include "patron/clv/equal_rows.hpp"
#include "patron/clv/evaluation.hpp"

namespace patron::clv {

// A borrowed column of counts, of int64 or double.
class CountSpan {
 public:
  CountSpan() = default;
  CountSpan(std::span<const int64_t> values) : integers_(values) {}  // NOLINT
  CountSpan(std::span<const double> values) : doubles_(values) {}    // NOLINT

  size_t size() const { return integers_.size() + doubles_.size(); }
  bool empty() const { return size() == 0; }
  double operator[](size_t row) const {
    return integers_.empty() ? doubles_[row] : static_cast<double>(integers_[row]);
  }

 private:
  std::span<const int64_t> integers_;
  std::span<const double> doubles_;
};

// One row a customer, in the columns of the customer summary. Times are in any unit; what is
// estimated from them is in the same.
struct PurchaseHistory {
  CountSpan frequency;              // Repeat purchases: those after the first.
  std::span<const double> recency;  // From the first to the last purchase; 0 without a repeat.
  std::span<const double> T;        // From the first purchase to the end of observation.
  std::span<const double> weights;  // Customers that a row stands for; empty means 1.

  // Sum of the logarithms of the times between purchases; 0 without a repeat. Only models of
  // regular timing read it; empty if there is none.
  std::span<const double> log_intervals;

  std::span<const Covariate> transaction;  // Covariates of the purchase process.
  std::span<const Covariate> dropout;      // Covariates of the dropout process.

  size_t size() const { return frequency.size(); }
};

// Errors: InvalidArgument naming the column and its first bad row: counts that are not whole,
// negative or above 2^31; times that are negative or not finite; a recency after T, or positive
// without a repeat purchase; weights that are not positive; columns of different lengths, or
// empty; T zero in all rows. A single T of zero is allowed: such a row tells a model nothing.
absl::Status CheckHistory(const PurchaseHistory &history);

// Rows that tell a model the same are merged, exactly, with their weights added. Ordered by
// pattern of covariates, then frequency, T and recency, so that the order of the input rows does
// not matter beyond the last bit of a sum of fractional weights.
struct GroupedHistory {
  std::vector<double> frequency, recency, T;
  std::vector<double> weight;

  std::vector<double> counts;      // The different frequencies, ascending.
  std::vector<uint32_t> count_of;  // Place in `counts` of the frequency of each row.
  double log_intervals = 0;        // Weighted sum of that column.
  bool has_log_intervals = false;
  double customers = 0;       // Sum of all weights.
  double mean_frequency = 0;  // Weighted means.
  double mean_T = 0;

  // Patterns of covariates: see CovariateRows. Empty without covariates.
  std::vector<double> transaction, dropout;
  std::vector<uint32_t> pattern;

  size_t size() const { return frequency.size(); }
  CovariateRows covariates() const { return {transaction, dropout, pattern}; }
};

// Whether equal rows become one. Apart, row i of the result is row i of the history.
enum class Rows : uint8_t { kMerged, kApart };

// Checks and merges. Errors: as CheckHistory. Cost: O(n) expected and a sort of the merged rows;
// memory 36 bytes a merged row for the result and before that at most 54.
absl::StatusOr<GroupedHistory> Group(const PurchaseHistory &history, Rows rows = Rows::kMerged);

namespace detail {

struct HistoryRow {
  double recency, T, weight;
  uint32_t frequency, pattern;

  uint64_t Hash() const {
    return MixDouble(MixDouble((uint64_t{pattern} << 32) | frequency, recency), T);
  }
  bool SameAs(const HistoryRow &other) const {
    return recency == other.recency && T == other.T && frequency == other.frequency &&
           pattern == other.pattern;
  }
  bool IsBefore(const HistoryRow &other) const {
    if (pattern != other.pattern) return pattern < other.pattern;
    if (frequency != other.frequency) return frequency < other.frequency;
    return T != other.T ? T < other.T : recency < other.recency;
  }
};

using HistoryRows = Pieces<HistoryRow, 4096>;

inline absl::Status CheckLength(std::string_view column, size_t size, size_t rows) {
  if (size == rows) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(Text(column), ": ", size, " rows; expected ", rows, ", as many as frequency"));
}

// The first row for which `bad(row)` holds, as an error. Cost: one pass.
template <typename Bad, typename Value>
absl::Status CheckRows(std::string_view column, size_t rows, const Bad &bad, const Value &value,
                       std::string_view expected) {
  size_t count = 0;
  for (size_t row = 0; row < rows; ++row) count += bad(row) ? 1 : 0;
  if (count == 0) return absl::OkStatus();
  size_t first = 0;
  while (!bad(first)) ++first;
  return InvalidRow(column, first, FormatNumber(value(first)), expected, count);
}

inline absl::Status CheckTimes(std::string_view column, std::span<const double> times) {
  return CheckRows(
      column, times.size(), [&](size_t row) { return !(times[row] >= 0 && times[row] < 0x1p1000); },
      [&](size_t row) { return times[row]; }, "a finite number, 0 or above");
}

// Merges equal rows; their order is that of first appearance.
inline HistoryRows MergeRows(const PurchaseHistory &history, std::span<const uint32_t> patterns) {
  HistoryRows merged;
  const auto row_at = [&](size_t i) {
    // Adding zero makes -0.0 and 0.0 one value.
    return HistoryRow{history.recency[i] + 0.0, history.T[i] + 0.0,
                      history.weights.empty() ? 1 : history.weights[i],
                      static_cast<uint32_t>(history.frequency[i]),
                      patterns.empty() ? 0 : patterns[i]};
  };
  EqualNumbering().NumberAll(
      history.size(), [&](size_t i) { return row_at(i).Hash(); },
      [&](uint32_t number) { return merged[number].Hash(); },
      [&](size_t i, uint32_t number) { return merged[number].SameAs(row_at(i)); },
      [&](uint32_t number) { Prefetch(&merged[number]); },
      [&](size_t i, uint32_t number) {
        if (number == merged.size()) {
          merged.push_back(row_at(i));
        } else {
          merged[number].weight += row_at(i).weight;
        }
      });
  return merged;
}

// Whether the rows have nothing that CheckHistory names but the lengths of columns, in one pass.
inline bool SoundRows(const PurchaseHistory &history) {
  constexpr size_t kBlock = 512;
  double counts[kBlock];
  uint64_t bad = 0, some_time = 0;
  for (size_t begin = 0; begin < history.size(); begin += kBlock) {
    const size_t size = std::min(kBlock, history.size() - begin);
    for (size_t i = 0; i < size; ++i) counts[i] = history.frequency[begin + i];
    const double *recency = history.recency.data() + begin, *T = history.T.data() + begin;
    // Without branches, so that several rows are looked at together.
    for (size_t i = 0; i < size; ++i) {
      const double count = counts[i];
      const double rounded = (count + 0x1p52) - 0x1p52;  // Of a number from 0 to 2^31 a whole one.
      const auto sound =
          static_cast<uint64_t>(count >= 0) & static_cast<uint64_t>(count <= 0x1p31) &
          static_cast<uint64_t>(rounded == count) & static_cast<uint64_t>(recency[i] >= 0) &
          static_cast<uint64_t>(recency[i] <= T[i]) & static_cast<uint64_t>(T[i] < 0x1p1000) &
          (static_cast<uint64_t>(count > 0) | static_cast<uint64_t>(recency[i] == 0));
      bad |= sound ^ 1;
      some_time |= static_cast<uint64_t>(T[i] > 0);
    }
  }
  return bad == 0 && some_time != 0;
}

inline absl::Status CheckEachColumn(const PurchaseHistory &history) {
  const size_t rows = history.size();
  const CountSpan x = history.frequency;
  PATRON_RETURN_IF_ERROR(CheckRows(
      "frequency", rows,
      [&](size_t row) {
        return !(x[row] >= 0 && x[row] <= 0x1p31 && std::trunc(x[row]) == x[row]);
      },
      [&](size_t row) { return x[row]; }, "a whole number from 0 to 2^31"));
  PATRON_RETURN_IF_ERROR(CheckTimes("recency", history.recency));
  PATRON_RETURN_IF_ERROR(CheckTimes("T", history.T));
  PATRON_RETURN_IF_ERROR(CheckRows(
      "recency", rows, [&](size_t row) { return history.recency[row] > history.T[row]; },
      [&](size_t row) { return history.recency[row]; }, "at most T"));
  PATRON_RETURN_IF_ERROR(CheckRows(
      "recency", rows, [&](size_t row) { return x[row] == 0 && history.recency[row] > 0; },
      [&](size_t row) { return history.recency[row]; }, "0, because frequency is 0"));
  if (std::ranges::all_of(history.T, [](double T) { return T == 0; })) {
    return absl::InvalidArgumentError("T: 0 in all rows; expected time in which to purchase");
  }
  return absl::OkStatus();
}

}  // namespace detail

inline absl::Status CheckHistory(const PurchaseHistory &history) {
  const size_t rows = history.size();
  if (rows == 0) return absl::InvalidArgumentError("frequency: no rows; expected at least 1");
  if (rows >= std::numeric_limits<uint32_t>::max()) {
    return InvalidOption("frequency", absl::StrCat(rows, " rows"), "less than 2^32 - 1");
  }
  PATRON_RETURN_IF_ERROR(detail::CheckLength("recency", history.recency.size(), rows));
  PATRON_RETURN_IF_ERROR(detail::CheckLength("T", history.T.size(), rows));
  if (!detail::SoundRows(history)) PATRON_RETURN_IF_ERROR(detail::CheckEachColumn(history));
  if (!history.weights.empty()) {
    PATRON_RETURN_IF_ERROR(detail::CheckLength("weights", history.weights.size(), rows));
    PATRON_RETURN_IF_ERROR(detail::CheckRows(
        "weights", rows,
        [&](size_t row) { return !(history.weights[row] > 0 && history.weights[row] < 0x1p1000); },
        [&](size_t row) { return history.weights[row]; }, "a positive number"));
  }
  if (!history.log_intervals.empty()) {
    PATRON_RETURN_IF_ERROR(
        detail::CheckLength("log_intervals", history.log_intervals.size(), rows));
    PATRON_RETURN_IF_ERROR(CheckFinite("log_intervals", history.log_intervals));
    PATRON_RETURN_IF_ERROR(detail::CheckRows(
        "log_intervals", rows,
        [&](size_t row) { return history.frequency[row] == 0 && history.log_intervals[row] != 0; },
        [&](size_t row) { return history.log_intervals[row]; }, "0, because frequency is 0"));
  }
  PATRON_RETURN_IF_ERROR(CheckCovariates("transaction", history.transaction, rows));
  return CheckCovariates("dropout", history.dropout, rows);
}

inline absl::StatusOr<GroupedHistory> Group(const PurchaseHistory &history, Rows kept) {
  PATRON_RETURN_IF_ERROR(CheckHistory(history));
  GroupedHistory grouped;
  bool patterned = false;
  detail::HistoryRows merged;
  {
    CovariatePatterns patterns =
        kept == Rows::kApart
            ? CovariatePatterns::EachRow(history.transaction, history.dropout, history.size())
            : CovariatePatterns(history.transaction, history.dropout, history.size());
    patterned = !patterns.of_row.empty();
    merged = detail::MergeRows(history, patterns.of_row);
    grouped.transaction = std::move(patterns.transaction);
    grouped.dropout = std::move(patterns.dropout);
  }
  // In place: no two rows are equal.
  std::sort(merged.begin(), merged.end(),
            [](const auto &a, const auto &b) { return a.IsBefore(b); });

  grouped.has_log_intervals = !history.log_intervals.empty();
  if (grouped.has_log_intervals) {
    Total<double> sum;
    for (size_t row = 0; row < history.size(); ++row) {
      sum.Add(history.log_intervals[row] * (history.weights.empty() ? 1 : history.weights[row]));
    }
    grouped.log_intervals = sum.ToDouble();
  }
  for (size_t i = 0; i < merged.size(); ++i) {
    const double x = merged[i].frequency;
    if (grouped.counts.empty() || grouped.counts.back() != x) grouped.counts.push_back(x);
  }
  std::ranges::sort(grouped.counts);
  grouped.counts.erase(std::unique(grouped.counts.begin(), grouped.counts.end()),
                       grouped.counts.end());

  const size_t rows = merged.size();
  grouped.recency.reserve(rows);
  grouped.T.reserve(rows);
  grouped.weight.reserve(rows);
  grouped.count_of.reserve(rows);
  if (patterned) grouped.pattern.reserve(rows);
  size_t code = 0;
  double time = 0;
  double purchases = 0;
  for (size_t i = 0; i < rows; ++i) {
    merged.LetGoBefore(i);
    const detail::HistoryRow &row = merged[i];
    grouped.recency.push_back(row.recency);
    grouped.T.push_back(row.T);
    grouped.weight.push_back(row.weight);
    if (row.frequency < grouped.counts[code]) code = 0;
    while (grouped.counts[code] < row.frequency) ++code;
    grouped.count_of.push_back(static_cast<uint32_t>(code));
    if (patterned) grouped.pattern.push_back(row.pattern);
    grouped.customers += row.weight;
    time += row.weight * row.T;
    purchases += row.weight * row.frequency;
  }
  // Where the rows were is room for what follows from the others.
  merged = {};
  grouped.frequency.reserve(rows);
  for (const uint32_t place : grouped.count_of) grouped.frequency.push_back(grouped.counts[place]);
  grouped.mean_T = time / grouped.customers;
  grouped.mean_frequency = purchases / grouped.customers;
  return grouped;
}

}  // namespace patron::clv

#endif  // PATRON_CLV_HISTORY_HPP_
