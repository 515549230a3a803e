// Transactions read from a table, in pieces.
#ifndef PATRON_SRC_ARROW_TRANSACTIONS_READER_HPP_
#define PATRON_SRC_ARROW_TRANSACTIONS_READER_HPP_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/reader.hpp"
#include "arrow/table.hpp"
#include "patron/base/time.hpp"
#include "patron/value/transactions.hpp"

namespace patron::arrow {

// Which columns of a table hold transactions, and how to read them.
struct TransactionColumns {
  std::string customer = "customer_id";
  std::optional<std::string> time = "date";  // None: all rows are at time 0.
  std::string amount = "amount";
  std::optional<std::string> order = std::nullopt;
  Nulls nulls = Nulls::kError;  // kMask leaves rows with a null in a named column out.
  int decimals = 4;             // Amounts are read as units of 10^-decimals.
  int amount_decimals = 0;      // Integer amounts are in units of 10^-amount_decimals.
  CivilDays days = {};          // Of the zone in which dates begin.
};

// Keeps the table alive.
class TableTransactions final : public value::TransactionSource {
 public:
  // Errors: InvalidArgument for a missing column, one of another type, or decimals outside 0 to 9.
  static absl::StatusOr<TableTransactions> Open(Table table, const TransactionColumns &columns);

  uint64_t rows() const override { return static_cast<uint64_t>(table_.rows()); }
  bool text_customers() const override { return customer_.is_text(); }
  bool has_orders() const override { return order_.has_value(); }
  bool text_orders() const override { return order_.has_value() && order_->is_text(); }

  absl::Status Read(uint64_t begin, uint64_t end, value::TransactionScratch &scratch,
                    value::TransactionBatch &batch) const override;

 private:
  TableTransactions(Table table, IdReader customer, std::optional<Reader<int64_t>> time,
                    Reader<int64_t> amount, std::optional<IdReader> order)
      : table_(std::move(table)),
        customer_(std::move(customer)),
        time_(std::move(time)),
        amount_(std::move(amount)),
        order_(std::move(order)) {}

  Table table_;
  IdReader customer_;
  std::optional<Reader<int64_t>> time_;
  Reader<int64_t> amount_;
  std::optional<IdReader> order_;
};

}  // namespace patron::arrow

#endif  // PATRON_SRC_ARROW_TRANSACTIONS_READER_HPP_
