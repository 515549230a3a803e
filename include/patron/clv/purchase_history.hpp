// The purchase histories of customers as the models see them, and whether rows are such.
#ifndef PATRON_CLV_PURCHASE_HISTORY_HPP_
#define PATRON_CLV_PURCHASE_HISTORY_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "patron/clv/column_checks.hpp"
#include "patron/clv/covariates.hpp"
#include "patron/clv/equal_rows.hpp"

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

  // Asks memory for a count that is read soon.
  void Touch(size_t row) const {
    if (integers_.empty()) {
      detail::Prefetch(&doubles_[row]);
    } else {
      detail::Prefetch(&integers_[row]);
    }
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

namespace detail {

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

}  // namespace patron::clv

#endif  // PATRON_CLV_PURCHASE_HISTORY_HPP_
