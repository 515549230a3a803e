#include "c_api/columns.hpp"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "arrow/text.hpp"
#include "c_api/guard.hpp"
#include "patron/base/status.hpp"

namespace patron::c_api {

absl::StatusOr<std::string> ReadName(std::string_view argument, const char *text) {
  if (text == nullptr) return InvalidOption(argument, "NULL", "a name");
  if (*text == '\0') return InvalidOption(argument, "empty", "a name");
  if (!arrow::IsUtf8(text)) return InvalidOption(argument, Quoted(text), "UTF-8");
  return std::string(text);
}

absl::StatusOr<std::string> OptionalName(std::string_view argument, const char *name) {
  if (name == nullptr) return std::string();
  return ReadName(argument, name);
}

absl::StatusOr<std::string> NameOr(std::string_view argument, const char *text,
                                   const char *standard) {
  return ReadName(argument, text == nullptr ? standard : text);
}

absl::StatusOr<TransactionColumns> ReadColumns(const patron_transaction_columns *columns,
                                               UnnamedColumns unnamed) {
  patron_transaction_columns full;
  patron_transaction_columns_init(&full);
  PATRON_RETURN_IF_ERROR(ReadOptions("columns", columns, &full));
  PATRON_RETURN_IF_ERROR(CheckEnum("nulls", full.nulls, 2));
  PATRON_RETURN_IF_ERROR(CheckDecimals("decimals", full.decimals));
  PATRON_RETURN_IF_ERROR(CheckDecimals("amount_decimals", full.amount_decimals));
  TransactionColumns result;
  const bool may_be_null = unnamed == UnnamedColumns::kCustomerAndAmount;
  result.names.customer.clear();
  result.names.amount.clear();
  if (full.customer != nullptr || !may_be_null) {
    PATRON_ASSIGN_OR_RETURN(result.names.customer, ReadName("customer", full.customer));
  }
  PATRON_ASSIGN_OR_RETURN(result.names.time, ReadName("time", full.time));
  if (full.amount != nullptr || !may_be_null) {
    PATRON_ASSIGN_OR_RETURN(result.names.amount, ReadName("amount", full.amount));
  }
  if (full.order != nullptr) {
    PATRON_ASSIGN_OR_RETURN(result.names.order, ReadName("order", full.order));
  }
  if (full.transaction != nullptr) {
    PATRON_ASSIGN_OR_RETURN(result.transaction, ReadName("transaction", full.transaction));
  }
  PATRON_ASSIGN_OR_RETURN(result.zone, ReadName("zone", full.zone));
  PATRON_ASSIGN_OR_RETURN(result.names.days, CivilDays::In(result.zone));
  result.names.nulls = full.nulls == PATRON_NULLS_SKIP ? arrow::Nulls::kMask : arrow::Nulls::kError;
  result.names.decimals = full.decimals;
  result.names.amount_decimals = full.amount_decimals;
  return result;
}

absl::Status InWords(std::span<const Word> words, const absl::Status &status) {
  if (status.ok()) return status;
  const std::string_view message(status.message().data(), status.message().size());
  const auto said = std::ranges::find_if(words, [message](const Word &word) {
    return message.starts_with(word.kernel) && message.substr(word.kernel.size()).starts_with(": ");
  });
  if (said == words.end() || said->caller.empty()) return status;
  return absl::Status(status.code(),
                      absl::StrCat(Text(said->caller), Text(message.substr(said->kernel.size()))));
}

absl::Status InWords(std::initializer_list<Word> words, const absl::Status &status) {
  return InWords(std::span(words.begin(), words.size()), status);
}

absl::Status InWordsOf(const arrow::TransactionColumns &names, const absl::Status &status,
                       std::initializer_list<Word> further) {
  if (status.ok()) return status;
  const auto name_or_none = [](const std::optional<std::string> &name) {
    return name.has_value() ? std::string_view(*name) : std::string_view();
  };
  std::vector<Word> words = {{"amount", names.amount},
                             {"customer", names.customer},
                             {"time", name_or_none(names.time)},
                             {"order", name_or_none(names.order)}};
  words.insert(words.end(), further.begin(), further.end());
  return InWords(words, status);
}

absl::Status CheckReserved(int64_t reserved) {
  return reserved == 0 ? absl::OkStatus() : InvalidOption("reserved", absl::StrCat(reserved), "0");
}

absl::Status AddMoney(arrow::TableBuilder &builder, std::string_view name,
                      std::span<const Int128> sums, int decimals, int32_t money,
                      std::span<const uint8_t> valid) {
  if (money == PATRON_MONEY_FLOAT64) {
    std::vector<double> currency(sums.size());
    for (size_t i = 0; i < sums.size(); ++i) currency[i] = CurrencyFromUnits(sums[i], decimals);
    builder.AddFloat64(name, std::move(currency), valid);
    return absl::OkStatus();
  }
  std::vector<int64_t> units(sums.size());
  for (size_t i = 0; i < sums.size(); ++i) {
    if (!NarrowMoney(sums[i], units[i])) {
      return InvalidMoney(name, i, FormatMoney(sums[i], decimals), MoneyProblem::kOutOfRange,
                          decimals);
    }
  }
  builder.AddInt64(name, std::move(units), valid);
  return absl::OkStatus();
}

void AddMoney(arrow::TableBuilder &builder, std::string_view name, std::vector<int64_t> units,
              int decimals, int32_t money, std::span<const uint8_t> valid) {
  if (money == PATRON_MONEY_UNITS) {
    builder.AddInt64(name, std::move(units), valid);
    return;
  }
  std::vector<double> currency(units.size());
  CurrencyFromUnits(units, decimals, currency);
  builder.AddFloat64(name, std::move(currency), valid);
}

patron_row_report ToC(const value::RowReport &report) {
  patron_row_report result{};
  result.struct_size = sizeof result;
  result.rows = report.rows;
  result.used = report.used;
  result.skipped_null = report.skipped_null;
  result.skipped_late = report.skipped_late;
  result.skipped_zero = report.skipped_zero;
  result.refunds = report.refunds;
  result.orphan_refunds = report.orphan_refunds;
  result.customers = report.customers;
  result.without_purchase = report.without_purchase;
  return result;
}

}  // namespace patron::c_api

extern "C" void patron_transaction_columns_init(patron_transaction_columns *columns) {
  *columns = {};
  columns->struct_size = sizeof *columns;
  columns->nulls = PATRON_NULLS_ERROR;
  columns->customer = "customer_id";
  columns->time = "date";
  columns->amount = "amount";
  columns->zone = "UTC";
  columns->decimals = patron::kDefaultDecimals;
}
