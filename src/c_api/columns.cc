#include "c_api/columns.hpp"

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

absl::StatusOr<TransactionColumns> ReadColumns(const patron_transaction_columns *columns) {
  patron_transaction_columns full;
  patron_transaction_columns_init(&full);
  PATRON_RETURN_IF_ERROR(ReadOptions("columns", columns, &full));
  PATRON_RETURN_IF_ERROR(CheckEnum("nulls", full.nulls, 2));
  PATRON_RETURN_IF_ERROR(CheckDecimals("decimals", full.decimals));
  PATRON_RETURN_IF_ERROR(CheckDecimals("amount_decimals", full.amount_decimals));
  TransactionColumns result;
  PATRON_ASSIGN_OR_RETURN(result.names.customer, ReadName("customer", full.customer));
  PATRON_ASSIGN_OR_RETURN(result.names.time, ReadName("time", full.time));
  PATRON_ASSIGN_OR_RETURN(result.names.amount, ReadName("amount", full.amount));
  if (full.order != nullptr) {
    PATRON_ASSIGN_OR_RETURN(result.names.order, ReadName("order", full.order));
  }
  if (full.transaction != nullptr) {
    PATRON_ASSIGN_OR_RETURN(result.transaction, ReadName("transaction", full.transaction));
  }
  PATRON_ASSIGN_OR_RETURN(result.zone, ReadName("zone", full.zone));
  PATRON_ASSIGN_OR_RETURN(result.days, CivilDays::In(result.zone));
  result.names.nulls = full.nulls == PATRON_NULLS_SKIP ? arrow::Nulls::kMask : arrow::Nulls::kError;
  result.names.decimals = full.decimals;
  result.names.amount_decimals = full.amount_decimals;
  return result;
}

absl::Status Renamed(absl::Status status, std::string_view kernel_name, std::string_view name) {
  const std::string_view message(status.message().data(), status.message().size());
  if (status.ok() || kernel_name == name || !message.starts_with(kernel_name) ||
      !message.substr(kernel_name.size()).starts_with(": ")) {
    return status;
  }
  return absl::Status(status.code(),
                      absl::StrCat(Text(name), Text(message.substr(kernel_name.size()))));
}

absl::Status InWordsOf(const arrow::TransactionColumns &names, absl::Status status) {
  const std::pair<std::string_view, std::string_view> pairs[] = {
      {"amount", names.amount},
      {"customer", names.customer},
      {"time", names.time.has_value() ? std::string_view(*names.time) : "time"},
      {"order", names.order.has_value() ? std::string_view(*names.order) : "order"}};
  for (const auto &[kernel_name, name] : pairs) {
    absl::Status renamed = Renamed(status, kernel_name, name);
    if (renamed != status) return renamed;
  }
  return status;
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
