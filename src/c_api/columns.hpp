// What functions over transactions share: named columns, money, the report of rows.
#ifndef PATRON_SRC_C_API_COLUMNS_HPP_
#define PATRON_SRC_C_API_COLUMNS_HPP_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/builder.hpp"
#include "arrow/transactions_reader.hpp"
#include "patron/base/money.hpp"
#include "patron/base/time.hpp"
#include "patron/c/value.h"
#include "patron/value/transactions.hpp"

namespace patron::c_api {

// patron_transaction_columns, checked and copied.
struct TransactionColumns {
  arrow::TransactionColumns names;  // `order` is empty if each row is an order of its own.
  std::optional<std::string> transaction;
  std::string zone;
  CivilDays days;  // Of the zone.
};

// Null means the defaults. Errors: InvalidArgument naming the field.
absl::StatusOr<TransactionColumns> ReadColumns(const patron_transaction_columns *columns);

// `status` with the column that its message begins with called what the caller calls it, where a
// kernel says "amount", "customer", "time" or "order".
absl::Status InWordsOf(const arrow::TransactionColumns &names, absl::Status status);

// The same for one name.
absl::Status Renamed(absl::Status status, std::string_view kernel_name, std::string_view name);

// The text of an argument. Errors: InvalidArgument naming it if it is null, empty or not UTF-8.
absl::StatusOr<std::string> ReadName(std::string_view argument, const char *text);

// Errors: InvalidArgument unless a reserved field is zero.
absl::Status CheckReserved(int64_t reserved);

// Adds a column of money in the form asked for, PATRON_MONEY_*. `valid` as for the builder.
// Errors: OutOfRange if exact units are wanted and a sum is more than int64 holds.
absl::Status AddMoney(arrow::TableBuilder &builder, std::string_view name,
                      std::span<const Int128> sums, int decimals, int32_t money,
                      std::span<const uint8_t> valid = {});
void AddMoney(arrow::TableBuilder &builder, std::string_view name, std::vector<int64_t> units,
              int decimals, int32_t money, std::span<const uint8_t> valid = {});

patron_row_report ToC(const value::RowReport &report);

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_COLUMNS_HPP_
