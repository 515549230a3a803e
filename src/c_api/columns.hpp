// What functions over transactions share: named columns, money, the report of rows.
#ifndef PATRON_SRC_C_API_COLUMNS_HPP_
#define PATRON_SRC_C_API_COLUMNS_HPP_

#include <cstdint>
#include <initializer_list>
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
#include "state/requests.hpp"

namespace patron::c_api {

using state::TransactionColumns;

enum class UnnamedColumns {
  kNone,               // Customer, time and amount have names.
  kCustomerAndAmount,  // These two may be NULL, which leaves the name empty.
};

// Null means the defaults. Errors: InvalidArgument naming the field.
absl::StatusOr<TransactionColumns> ReadColumns(const patron_transaction_columns *columns,
                                               UnnamedColumns unnamed = UnnamedColumns::kNone);

// What a kernel calls a column or an argument, and what the caller calls it.
struct Word {
  std::string_view kernel;
  std::string_view caller;  // Empty if the caller does not call it anything.
};

// `status` with the name that its message begins with as the caller says it. Only that one name is
// looked up, so what a caller calls one column may be what the kernel calls another.
absl::Status InWords(std::span<const Word> words, const absl::Status &status);
absl::Status InWords(std::initializer_list<Word> words, const absl::Status &status);

// The same for the columns of transactions, which kernels call "customer", "time", "amount" and
// "order"; and for those and further ones.
absl::Status InWordsOf(const arrow::TransactionColumns &names, const absl::Status &status,
                       std::initializer_list<Word> further = {});

// The text of an argument. Errors: InvalidArgument naming it if it is null, empty or not UTF-8.
absl::StatusOr<std::string> ReadName(std::string_view argument, const char *text);

// The same, empty for NULL.
absl::StatusOr<std::string> OptionalName(std::string_view argument, const char *name);

// The same, where NULL means `standard`.
absl::StatusOr<std::string> NameOr(std::string_view argument, const char *text,
                                   const char *standard);

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
