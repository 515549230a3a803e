// Refunds where none are allowed: which row has the first one, and how many there are.
#ifndef PATRON_VALUE_REFUSED_REFUNDS_HPP_
#define PATRON_VALUE_REFUSED_REFUNDS_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

#include "absl/status/status.h"
#include "patron/base/status.hpp"
#include "patron/value/transactions.hpp"

namespace patron::value::detail {

// The instants whose refunds are refused: [begin, end).
struct RefundWindow {
  int64_t begin = kNoTime;
  int64_t end = std::numeric_limits<int64_t>::max();
};

inline constexpr uint64_t kRowsOfRead = 2048;  // Their columns stay in the nearest caches.

inline absl::Status RefundError(uint64_t row, uint64_t refunds) {
  return InvalidRow("amount", row, "a refund", "no refunds (refunds: error)", refunds);
}

// The first refund of a batch that is refused.
inline std::optional<size_t> FirstRefund(const TransactionBatch &batch,
                                         const RefundWindow &window) {
  const size_t rows = std::min(batch.amount.size(), batch.time.size());
  for (size_t i = 0; i < rows; ++i) {
    if (batch.amount[i] < 0 && batch.time[i] >= window.begin && batch.time[i] < window.end) {
      return i;
    }
  }
  return std::nullopt;
}

inline uint64_t CountRefunds(const TransactionBatch &batch, const RefundWindow &window) {
  const size_t rows = std::min(batch.amount.size(), batch.time.size());
  uint64_t count = 0;
  for (size_t i = 0; i < rows; ++i) {
    count += batch.amount[i] < 0 && batch.time[i] >= window.begin && batch.time[i] < window.end;
  }
  return count;
}

// Refunds in all of a source; 0 if it cannot be read to the end.
inline uint64_t CountRefunds(const TransactionSource &source, const RefundWindow &window) {
  TransactionScratch scratch;
  TransactionBatch batch;
  uint64_t count = 0;
  for (uint64_t begin = 0; begin < source.rows(); begin += kRowsOfRead) {
    const uint64_t end = std::min(source.rows(), begin + kRowsOfRead);
    if (!source.Read(begin, end, scratch, batch).ok()) return 0;
    count += CountRefunds(batch, window);
  }
  return count;
}

// Which of `rows` rows read stands `i`-th in the batch, from which those with a null are left out.
inline uint64_t RowInRead(const TransactionScratch &scratch, uint64_t rows, uint64_t kept,
                          uint64_t i) {
  if (kept == rows || scratch.keep.size() != rows) return i;
  uint64_t row = 0;
  for (uint64_t seen = 0; row < rows; ++row) {
    if (scratch.keep[row] != 0 && seen++ == i) break;
  }
  return row;
}

}  // namespace patron::value::detail

#endif  // PATRON_VALUE_REFUSED_REFUNDS_HPP_
