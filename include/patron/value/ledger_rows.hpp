// What goes into a ledger: rows of transactions and reversals, and what became of them.
#ifndef PATRON_VALUE_LEDGER_ROWS_HPP_
#define PATRON_VALUE_LEDGER_ROWS_HPP_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "patron/base/column.hpp"
#include "patron/base/status.hpp"
#include "patron/value/transactions.hpp"

namespace patron::value {

// Transactions, or new content of known ones. Columns have equal length; `order` may be empty: then
// each row is an order of its own.
struct LedgerRows {
  IdSpan transaction;  // Each fact has an id of its own.
  IdSpan customer;
  std::span<const int64_t> time;    // Microseconds since 1970-01-01 UTC; not kNoTime.
  std::span<const int64_t> amount;  // Money units, not INT64_MIN; negative is a refund on its own.
  IdSpan order;
  std::span<const uint64_t> numbers;  // Row numbers in messages; empty = 0, 1, 2, ...

  size_t size() const { return time.size(); }
};

// Reversals: facts that take known transactions back, in whole or in part.
//
// Columns have equal length; all but `transaction` and `time` may be empty. A mask has one byte a
// row, 0 where the column has no value; an empty mask says that a column that is not empty has one
// in every row.
struct ReversalRows {
  IdSpan transaction;  // Of the reversal itself.
  std::span<const int64_t> time;
  IdSpan target;  // The transaction taken back; none: the row stands alone.
  std::span<const uint8_t> has_target;
  std::span<const int64_t> amount;  // Above 0; none: all that is left of the target.
  std::span<const uint8_t> has_amount;
  IdSpan customer;  // Needed where a row stands alone; must agree elsewhere.
  std::span<const uint8_t> has_customer;
  IdSpan order;  // Read where a row stands alone, which has one if the transactions before have.
  std::span<const uint8_t> has_order;
  std::span<const uint64_t> numbers;  // Row numbers in messages; empty = 0, 1, 2, ...

  size_t size() const { return time.size(); }
};

// A known id with other content ...
enum class LedgerConflicts : int32_t {
  kError = 0,   // ... refuses all rows.
  kReport = 1,  // ... is left out, and counted.
};

// A reversal of an unknown transaction ...
enum class UnknownTargets : int32_t {
  kError = 0,  // ... refuses all rows.
  kHold = 1,   // ... waits, and takes effect when the transaction arrives.
};

struct LedgerOptions {
  LedgerConflicts conflicts = LedgerConflicts::kError;
  UnknownTargets unknown = UnknownTargets::kError;
};

// What became of the rows of one call: rows = applied + duplicates + conflicts + held.
struct LedgerReport {
  uint64_t rows = 0;
  uint64_t applied = 0;
  uint64_t duplicates = 0;  // Known ids with equal content: nothing to do.
  uint64_t conflicts = 0;   // Known ids with other content, left out by option.
  uint64_t held = 0;        // Reversals that wait for their transaction.
  uint64_t new_customers = 0;
  uint64_t touched_customers = 0;  // Whose facts changed.

  friend bool operator==(const LedgerReport &, const LedgerReport &) = default;
};

namespace detail::ledger {

inline uint64_t RowNumber(std::span<const uint64_t> numbers, size_t row) {
  return numbers.empty() ? row : numbers[row];
}

inline absl::Status CheckColumnLength(std::string_view column, size_t size, size_t rows) {
  if (size == rows) return absl::OkStatus();
  return InvalidOption(column, absl::StrCat(size, " rows"),
                       absl::StrCat(rows, ", as many as time has"));
}

// An optional column with its mask.
inline absl::Status CheckMaskedLength(std::string_view column, size_t size, size_t mask,
                                      size_t rows) {
  if (size == 0 && mask == 0) return absl::OkStatus();
  PATRON_RETURN_IF_ERROR(CheckColumnLength(column, size, rows));
  return mask == 0 ? absl::OkStatus() : CheckColumnLength(column, mask, rows);
}

inline absl::Status CheckLengths(const LedgerRows &rows) {
  const size_t n = rows.size();
  PATRON_RETURN_IF_ERROR(CheckColumnLength("transaction", rows.transaction.size(), n));
  PATRON_RETURN_IF_ERROR(CheckColumnLength("customer", rows.customer.size(), n));
  PATRON_RETURN_IF_ERROR(CheckColumnLength("amount", rows.amount.size(), n));
  if (!rows.numbers.empty()) {
    PATRON_RETURN_IF_ERROR(CheckColumnLength("numbers", rows.numbers.size(), n));
  }
  return rows.order.empty() ? absl::OkStatus() : CheckColumnLength("order", rows.order.size(), n);
}

inline absl::Status CheckLengths(const ReversalRows &rows) {
  const size_t n = rows.size();
  PATRON_RETURN_IF_ERROR(CheckColumnLength("transaction", rows.transaction.size(), n));
  PATRON_RETURN_IF_ERROR(
      CheckMaskedLength("target", rows.target.size(), rows.has_target.size(), n));
  PATRON_RETURN_IF_ERROR(
      CheckMaskedLength("amount", rows.amount.size(), rows.has_amount.size(), n));
  PATRON_RETURN_IF_ERROR(
      CheckMaskedLength("customer", rows.customer.size(), rows.has_customer.size(), n));
  PATRON_RETURN_IF_ERROR(CheckMaskedLength("order", rows.order.size(), rows.has_order.size(), n));
  return rows.numbers.empty() ? absl::OkStatus()
                              : CheckColumnLength("numbers", rows.numbers.size(), n);
}

// Whether an optional column has a value in `row`.
inline bool Has(size_t column_size, std::span<const uint8_t> mask, size_t row) {
  return column_size > 0 && (mask.empty() || mask[row] != 0);
}

}  // namespace detail::ledger

}  // namespace patron::value

#endif  // PATRON_VALUE_LEDGER_ROWS_HPP_
