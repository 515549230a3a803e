// The ledger: how it is made, changed, written and read.
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "c_api/bytes.hpp"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/ledger.hpp"
#include "c_api/ledger_table.hpp"
#include "patron/base/money.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "proto/ledger.hpp"

namespace patron::c_api {
namespace {

using value::LedgerReport;

// patron_ledger_append_options, checked and copied.
struct AppendRequest {
  value::LedgerOptions options;
  std::string reverses;
  const patron_context *context = nullptr;
};

absl::StatusOr<AppendRequest> ReadAppend(const patron_ledger_append_options *options) {
  patron_ledger_append_options full;
  patron_ledger_append_options_init(&full);
  PATRON_RETURN_IF_ERROR(ReadOptions("options", options, &full));
  PATRON_RETURN_IF_ERROR(CheckEnum("conflicts", full.conflicts, 2));
  PATRON_RETURN_IF_ERROR(CheckEnum("unknown", full.unknown, 2));
  PATRON_RETURN_IF_ERROR(CheckReserved(full.reserved));
  AppendRequest request;
  request.options.conflicts = static_cast<value::LedgerConflicts>(full.conflicts);
  request.options.unknown = static_cast<value::UnknownTargets>(full.unknown);
  PATRON_ASSIGN_OR_RETURN(request.reverses, ReadName("reverses", full.reverses));
  request.context = full.context;
  return request;
}

// The columns of a ledger's table: they always have a transaction, and the ledger's decimals and
// zone.
absl::StatusOr<TransactionColumns> ReadLedgerColumns(const patron_transaction_columns *columns,
                                                     UnnamedColumns unnamed,
                                                     const patron_ledger &ledger) {
  PATRON_ASSIGN_OR_RETURN(TransactionColumns read, ReadColumns(columns, unnamed));
  if (!read.transaction) read.transaction = "transaction_id";
  read.names.decimals = ledger.decimals;
  read.names.days = ledger.ledger.days();
  return read;
}

patron_ledger_report ReportOf(const LedgerReport &report, uint64_t left_out) {
  patron_ledger_report result{};
  result.struct_size = sizeof result;
  result.rows = report.rows + left_out;
  result.applied = report.applied;
  result.duplicates = report.duplicates;
  result.conflicts = report.conflicts;
  result.held = report.held;
  result.skipped_null = left_out;
  result.new_customers = report.new_customers;
  result.touched_customers = report.touched_customers;
  return result;
}

// Reads the columns and options that the three ways to change a ledger share, and lets `change`
// read the table and change the ledger.
template <typename Change>
patron_status ChangeLedger(patron_ledger *ledger, const patron_table *table,
                           const patron_transaction_columns *columns,
                           const patron_ledger_append_options *options,
                           patron_ledger_report *report, patron_error *error,
                           UnnamedColumns unnamed, Change change) {
  return Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(RequirePointer("ledger", ledger));
    PATRON_RETURN_IF_ERROR(RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(CheckOut("report", report));
    PATRON_ASSIGN_OR_RETURN(const AppendRequest request, ReadAppend(options));
    PATRON_ASSIGN_OR_RETURN(const TransactionColumns read,
                            ReadLedgerColumns(columns, unnamed, *ledger));
    absl::StatusOr<patron_ledger_report> result =
        change(table->table, read, request, ToExecution(request.context));
    if (!result.ok()) return result.status();
    WriteOut(*result, report);
    return absl::OkStatus();
  });
}

}  // namespace
}  // namespace patron::c_api

namespace arrow = patron::arrow;
namespace c_api = patron::c_api;
namespace proto = patron::proto;
namespace value = patron::value;

extern "C" void patron_ledger_options_init(patron_ledger_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->decimals = patron::kDefaultDecimals;
  options->zone = "UTC";
}

extern "C" patron_status patron_ledger_create(const patron_ledger_options *options,
                                              patron_ledger **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron_ledger_options full;
    patron_ledger_options_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", options, &full));
    PATRON_RETURN_IF_ERROR(patron::CheckDecimals("decimals", full.decimals));
    PATRON_ASSIGN_OR_RETURN(std::string zone, c_api::ReadName("zone", full.zone));
    PATRON_ASSIGN_OR_RETURN(patron::CivilDays days, patron::CivilDays::In(zone));
    *out = new patron_ledger{std::move(zone), full.decimals,
                             value::Ledger(std::move(days), full.decimals)};
    return absl::OkStatus();
  });
}

extern "C" void patron_ledger_free(patron_ledger *ledger) { delete ledger; }

extern "C" void patron_ledger_append_options_init(patron_ledger_append_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->reverses = "reverses";
}

extern "C" patron_status patron_ledger_append(patron_ledger *ledger, const patron_table *table,
                                              const patron_transaction_columns *columns,
                                              const patron_ledger_append_options *options,
                                              patron_ledger_report *report, patron_error *error) {
  return c_api::ChangeLedger(
      ledger, table, columns, options, report, error, c_api::UnnamedColumns::kNone,
      [&](const arrow::Table &from, const c_api::TransactionColumns &read,
          const c_api::AppendRequest &request,
          const patron::Execution &execution) -> absl::StatusOr<patron_ledger_report> {
        PATRON_ASSIGN_OR_RETURN(const auto rows, c_api::LedgerTable::ReadTransactions(
                                                     from, read, ledger->decimals, execution));
        const absl::StatusOr<value::LedgerReport> done =
            ledger->ledger.Append(rows.transactions(), request.options, execution);
        if (!done.ok()) return rows.InItsWords(done.status());
        return c_api::ReportOf(*done, rows.left_out());
      });
}

extern "C" patron_status patron_ledger_correct(patron_ledger *ledger, const patron_table *table,
                                               const patron_transaction_columns *columns,
                                               const patron_ledger_append_options *options,
                                               patron_ledger_report *report, patron_error *error) {
  return c_api::ChangeLedger(
      ledger, table, columns, options, report, error, c_api::UnnamedColumns::kNone,
      [&](const arrow::Table &from, const c_api::TransactionColumns &read,
          const c_api::AppendRequest &,
          const patron::Execution &execution) -> absl::StatusOr<patron_ledger_report> {
        PATRON_ASSIGN_OR_RETURN(const auto rows, c_api::LedgerTable::ReadTransactions(
                                                     from, read, ledger->decimals, execution));
        const absl::StatusOr<value::LedgerReport> done =
            ledger->ledger.Correct(rows.transactions(), execution);
        if (!done.ok()) return rows.InItsWords(done.status());
        return c_api::ReportOf(*done, rows.left_out());
      });
}

extern "C" patron_status patron_ledger_reverse(patron_ledger *ledger, const patron_table *table,
                                               const patron_transaction_columns *columns,
                                               const patron_ledger_append_options *options,
                                               patron_ledger_report *report, patron_error *error) {
  return c_api::ChangeLedger(
      ledger, table, columns, options, report, error, c_api::UnnamedColumns::kCustomerAndAmount,
      [&](const arrow::Table &from, const c_api::TransactionColumns &read,
          const c_api::AppendRequest &request,
          const patron::Execution &execution) -> absl::StatusOr<patron_ledger_report> {
        PATRON_ASSIGN_OR_RETURN(const auto rows,
                                c_api::LedgerTable::ReadReversals(from, read, request.reverses,
                                                                  ledger->decimals, execution));
        const absl::StatusOr<value::LedgerReport> done =
            ledger->ledger.Reverse(rows.reversals(), request.options, execution);
        if (!done.ok()) return rows.InItsWords(done.status());
        return c_api::ReportOf(*done, rows.left_out());
      });
}

extern "C" patron_status patron_ledger_get_size(const patron_ledger *ledger,
                                                patron_ledger_size *out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("ledger", ledger));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    const value::LedgerSize size = ledger->ledger.size();
    patron_ledger_size full{};
    full.customers = size.customers;
    full.transactions = size.transactions;
    full.reversals = size.reversals;
    full.held = size.held;
    full.memory_bytes = size.memory_bytes;
    c_api::WriteOut(full, out);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_ledger_serialize(const patron_ledger *ledger, patron_bytes **out,
                                                 patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("ledger", ledger));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(
        const patron::v1::Ledger message,
        proto::ToMessage(ledger->ledger.Content(), ledger->decimals, ledger->zone));
    return c_api::WriteBytes(patron::v1::KIND_LEDGER, message, out);
  });
}

extern "C" patron_status patron_ledger_deserialize(const void *bytes, size_t size,
                                                   patron_ledger **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("bytes", bytes));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron::v1::Ledger message;
    PATRON_RETURN_IF_ERROR(
        proto::Unwrap({static_cast<const char *>(bytes), size}, patron::v1::KIND_LEDGER, message));
    PATRON_ASSIGN_OR_RETURN(const value::LedgerContent content, proto::FromMessage(message));
    absl::StatusOr<patron::CivilDays> days = patron::CivilDays::In(message.zone());
    if (!days.ok()) return proto::AsDataLoss(days.status());
    const int decimals = static_cast<int>(message.decimals());
    absl::StatusOr<value::Ledger> ledger =
        value::Ledger::FromContent(content, *std::move(days), decimals);
    if (!ledger.ok()) return proto::AsDataLoss(ledger.status());
    *out = new patron_ledger{message.zone(), decimals, *std::move(ledger)};
    return absl::OkStatus();
  });
}
