// The rows of a table for a ledger.
#ifndef PATRON_SRC_C_API_LEDGER_TABLE_HPP_
#define PATRON_SRC_C_API_LEDGER_TABLE_HPP_

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/reader.hpp"
#include "arrow/table.hpp"
#include "c_api/columns.hpp"
#include "patron/base/parallel.hpp"
#include "patron/value/ledger_rows.hpp"

namespace patron::c_api {

// A column of ids. Text lives as long as the reader.
struct LedgerIds {
  std::optional<arrow::IdReader> reader;
  arrow::LoadedIds loaded;

  bool is_there() const { return reader.has_value(); }
  absl::Status Read(const arrow::Table &table, std::string_view name, arrow::Nulls nulls,
                    const Execution &execution);
};

// What a row must have is transaction and time, and for transactions the rest as well; rows that
// lack it are an error, or left out and counted.
class LedgerTable {
 public:
  // Both borrow `table` and `columns`. Errors: InvalidArgument for a column that is named and
  // missing, or that cannot be read.
  static absl::StatusOr<LedgerTable> ReadTransactions(const arrow::Table &table,
                                                      const TransactionColumns &columns,
                                                      int decimals, const Execution &execution);

  // A customer or an amount without a name is in no row.
  static absl::StatusOr<LedgerTable> ReadReversals(const arrow::Table &table,
                                                   const TransactionColumns &columns,
                                                   std::string_view target, int decimals,
                                                   const Execution &execution);

  value::LedgerRows transactions() const;
  value::ReversalRows reversals() const;

  uint64_t left_out() const { return left_out_; }

  // `status` with the caller's names for columns.
  absl::Status InItsWords(const absl::Status &status) const {
    return InWordsOf(columns_.names, status,
                     {{"transaction", *columns_.transaction}, {"target", target_name_}});
  }

 private:
  LedgerTable(const arrow::Table &table, const TransactionColumns &columns)
      : table_(table), columns_(columns) {}

  absl::Status ReadCommon(arrow::Nulls nulls, const Execution &execution);
  absl::Status ReadAmount(int decimals, arrow::Nulls nulls, const Execution &execution);

  // Leaves out the rows that are null in one of the masks; columns without a null have none.
  void LeaveOut(std::initializer_list<const std::vector<uint8_t> *> masks);

  const arrow::Table &table_;
  const TransactionColumns &columns_;
  std::string target_name_;
  LedgerIds transaction_, customer_, order_, target_;
  arrow::Loaded<int64_t> time_, amount_;
  std::vector<uint64_t> numbers_;
  uint64_t left_out_ = 0;
};

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_LEDGER_TABLE_HPP_
