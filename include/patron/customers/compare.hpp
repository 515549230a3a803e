// Columns of texts compared: row by row, or each with each.
#ifndef PATRON_CUSTOMERS_COMPARE_HPP_
#define PATRON_CUSTOMERS_COMPARE_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/customers/measure.hpp"
#include "patron/customers/text_column.hpp"

namespace patron::customers {

// results[i] = Compare(measure, left[i], right[i]) where both texts have data; others stay as they
// are. Both have equal length. Errors: Cancelled.
absl::Status CompareRows(std::span<const Characters> left, std::span<const Characters> right,
                         Measure measure, const MeasureOptions &options,
                         std::optional<double> cutoff, const Execution &execution,
                         std::span<double> results);

// results[i * right.size() + j] = Compare(measure, left[i], right[j]), likewise.
absl::Status CompareEach(std::span<const Characters> left, std::span<const Characters> right,
                         Measure measure, const MeasureOptions &options,
                         std::optional<double> cutoff, const Execution &execution,
                         std::span<double> results);

namespace detail {

// Calls `body(part)` for parts of [0, count) in rounds, and reports after each.
template <typename Body>
absl::Status InRounds(const Execution &execution, size_t count, size_t part, Body body) {
  const size_t parts = (count + part - 1) / part;
  const size_t round = 4 * execution.workers();
  for (size_t first = 0; first < parts; first += round) {
    const size_t here = std::min(round, parts - first);
    ParallelFor(execution, here, [&](size_t k) {
      const size_t begin = (first + k) * part;
      body(Range{begin, std::min(count, begin + part)});
    });
    PATRON_RETURN_IF_ERROR(
        ReportProgress(execution, std::min(count, (first + here) * part), count));
  }
  return absl::OkStatus();
}

}  // namespace detail

inline absl::Status CompareRows(std::span<const Characters> left, std::span<const Characters> right,
                                Measure measure, const MeasureOptions &options,
                                std::optional<double> cutoff, const Execution &execution,
                                std::span<double> results) {
  constexpr size_t kPart = 4096;
  return detail::InRounds(execution, left.size(), kPart, [&](Range rows) {
    for (size_t i = rows.begin; i < rows.end; ++i) {
      if (left[i].data == nullptr || right[i].data == nullptr) continue;
      results[i] = Compare(measure, left[i], right[i], options, cutoff);
    }
  });
}

inline absl::Status CompareEach(std::span<const Characters> left, std::span<const Characters> right,
                                Measure measure, const MeasureOptions &options,
                                std::optional<double> cutoff, const Execution &execution,
                                std::span<double> results) {
  const size_t columns = right.size();
  if (left.empty() || columns == 0) return absl::OkStatus();
  // A layout pays when it is used more than a few times.
  constexpr size_t kFewQueries = 4;
  if (left.size() < kFewQueries) {
    constexpr size_t kPart = 4096;
    for (size_t i = 0; i < left.size(); ++i) {
      if (left[i].data == nullptr) continue;
      PATRON_RETURN_IF_ERROR(detail::InRounds(execution, columns, kPart, [&](Range rows) {
        for (size_t j = rows.begin; j < rows.end; ++j) {
          if (right[j].data == nullptr) continue;
          results[i * columns + j] = Compare(measure, left[i], right[j], options, cutoff);
        }
      }));
    }
    return absl::OkStatus();
  }
  const TextColumn column(right, measure);
  const size_t part = std::max<size_t>(1, 65536 / columns);
  return detail::InRounds(execution, left.size(), part, [&](Range rows) {
    for (size_t i = rows.begin; i < rows.end; ++i) {
      if (left[i].data == nullptr) continue;
      column.CompareAll(left[i], options, cutoff, results.subspan(i * columns, columns));
    }
  });
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_COMPARE_HPP_
