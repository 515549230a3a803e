// The ledger.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "arrow/builder.hpp"
#include "arrow/reader.hpp"
#include "c_api/bytes.hpp"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/rfm.hpp"
#include "patron/base/money.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/c/ledger.h"
#include "patron/value/ledger.hpp"
#include "proto/ledger.hpp"

struct patron_ledger {
  std::string zone;
  int decimals;
  patron::value::Ledger ledger;
};

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

// One column of ids or numbers of a table. With nulls in columns that every row needs, rows are
// left out by Keep.
template <typename T>
void KeepRows(std::span<const uint8_t> keep, std::vector<T> &storage, std::span<const T> &values) {
  if (storage.size() < values.size()) storage.resize(values.size());
  size_t kept = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (keep[i] != 0) storage[kept++] = values[i];
  }
  values = std::span<const T>(storage).first(kept);
}

// A column of ids. Text lives as long as the reader.
struct IdColumn {
  std::optional<arrow::IdReader> reader;
  arrow::LoadedIds loaded;

  bool is_there() const { return reader.has_value(); }

  absl::Status Read(const arrow::Table &table, std::string_view name, arrow::Nulls nulls,
                    const Execution &execution) {
    PATRON_ASSIGN_OR_RETURN(reader, arrow::OpenIds(table, name, nulls));
    PATRON_ASSIGN_OR_RETURN(loaded, arrow::Load(*reader, execution));
    return absl::OkStatus();
  }

  void Keep(std::span<const uint8_t> keep) {
    if (loaded.ids.is_text()) {
      std::span<const std::string_view> values = loaded.ids.text();
      KeepRows(keep, loaded.text, values);
      loaded.ids = values;
    } else {
      std::span<const int64_t> values = loaded.ids.integers();
      KeepRows(keep, loaded.integers, values);
      loaded.ids = values;
    }
    KeepMask(keep, loaded.valid);
  }

  static void KeepMask(std::span<const uint8_t> keep, std::vector<uint8_t> &mask) {
    if (mask.empty()) return;
    std::span<const uint8_t> values = mask;
    KeepRows(keep, mask, values);
    mask.resize(values.size());
  }
};

// A column of times or money.
struct IntegerColumn {
  arrow::Loaded<int64_t> loaded;

  absl::Status Read(absl::StatusOr<arrow::Reader<int64_t>> reader, const Execution &execution) {
    if (!reader.ok()) return reader.status();
    PATRON_ASSIGN_OR_RETURN(loaded, arrow::Load(*reader, execution));
    return absl::OkStatus();
  }

  void Keep(std::span<const uint8_t> keep) {
    KeepRows(keep, loaded.storage, loaded.values);
    IdColumn::KeepMask(keep, loaded.valid);
  }
};

// The rows of a table for a ledger. What a row must have is transaction and time, and for
// transactions the rest as well; rows that lack it are an error, or left out and counted.
class LedgerTable {
 public:
  static absl::StatusOr<LedgerTable> ReadTransactions(const arrow::Table &table,
                                                      const TransactionColumns &columns,
                                                      int decimals, const Execution &execution) {
    LedgerTable rows(table, columns);
    const arrow::Nulls nulls = columns.names.nulls;
    PATRON_RETURN_IF_ERROR(rows.ReadCommon(nulls, execution));
    PATRON_RETURN_IF_ERROR(rows.customer_.Read(table, columns.names.customer, nulls, execution));
    PATRON_RETURN_IF_ERROR(rows.ReadAmount(decimals, nulls, execution));
    if (columns.names.order) {
      PATRON_RETURN_IF_ERROR(rows.order_.Read(table, *columns.names.order, nulls, execution));
    }
    rows.LeaveOut({&rows.transaction_.loaded.valid, &rows.time_.loaded.valid,
                   &rows.customer_.loaded.valid, &rows.amount_.loaded.valid,
                   &rows.order_.loaded.valid});
    return rows;
  }

  static absl::StatusOr<LedgerTable> ReadReversals(const arrow::Table &table,
                                                   const TransactionColumns &columns,
                                                   std::string_view target, int decimals,
                                                   const Execution &execution) {
    LedgerTable rows(table, columns);
    constexpr arrow::Nulls kMayLack = arrow::Nulls::kMask;
    PATRON_RETURN_IF_ERROR(rows.ReadCommon(columns.names.nulls, execution));
    PATRON_RETURN_IF_ERROR(rows.target_.Read(table, target, kMayLack, execution));
    rows.target_name_ = target;
    if (table.Find(columns.names.amount)) {
      PATRON_RETURN_IF_ERROR(rows.ReadAmount(decimals, kMayLack, execution));
    }
    if (table.Find(columns.names.customer)) {
      PATRON_RETURN_IF_ERROR(
          rows.customer_.Read(table, columns.names.customer, kMayLack, execution));
    }
    if (columns.names.order) {
      PATRON_RETURN_IF_ERROR(rows.order_.Read(table, *columns.names.order, kMayLack, execution));
    }
    rows.LeaveOut({&rows.transaction_.loaded.valid, &rows.time_.loaded.valid});
    return rows;
  }

  value::LedgerRows transactions() const {
    return {.transaction = transaction_.loaded.ids,
            .customer = customer_.loaded.ids,
            .time = time_.loaded.values,
            .amount = amount_.loaded.values,
            .order = order_.loaded.ids,
            .numbers = numbers_};
  }

  value::ReversalRows reversals() const {
    return {.transaction = transaction_.loaded.ids,
            .time = time_.loaded.values,
            .target = target_.loaded.ids,
            .has_target = target_.loaded.valid,
            .amount = amount_.loaded.values,
            .has_amount = amount_.loaded.valid,
            .customer = customer_.loaded.ids,
            .has_customer = customer_.loaded.valid,
            .order = order_.loaded.ids,
            .has_order = order_.loaded.valid,
            .numbers = numbers_};
  }

  uint64_t left_out() const { return left_out_; }

  // `status` with the caller's names for columns.
  absl::Status InItsWords(absl::Status status) const {
    status = Renamed(std::move(status), "transaction", *columns_.transaction);
    if (!target_name_.empty()) status = Renamed(std::move(status), "target", target_name_);
    return InWordsOf(columns_.names, std::move(status));
  }

 private:
  LedgerTable(const arrow::Table &table, const TransactionColumns &columns)
      : table_(table), columns_(columns) {}

  absl::Status ReadCommon(arrow::Nulls nulls, const Execution &execution) {
    PATRON_RETURN_IF_ERROR(transaction_.Read(table_, *columns_.transaction, nulls, execution));
    return time_.Read(arrow::OpenTimes(table_, *columns_.names.time, nulls), execution);
  }

  absl::Status ReadAmount(int decimals, arrow::Nulls nulls, const Execution &execution) {
    return amount_.Read(arrow::OpenMoney(table_, columns_.names.amount, decimals,
                                         columns_.names.amount_decimals, nulls),
                        execution);
  }

  // Leaves out the rows that are null in one of the masks; columns without a null have none.
  void LeaveOut(std::initializer_list<const std::vector<uint8_t> *> masks) {
    std::vector<uint8_t> keep;
    for (const std::vector<uint8_t> *mask : masks) {
      if (mask->empty()) continue;
      if (keep.empty()) keep.assign(mask->size(), 1);
      for (size_t i = 0; i < keep.size(); ++i) keep[i] &= (*mask)[i];
    }
    if (keep.empty()) return;
    for (size_t i = 0; i < keep.size(); ++i) {
      if (keep[i] != 0) numbers_.push_back(i);
    }
    left_out_ = keep.size() - numbers_.size();
    for (IdColumn *column : {&transaction_, &customer_, &order_, &target_}) {
      if (column->is_there()) column->Keep(keep);
    }
    for (IntegerColumn *column : {&time_, &amount_}) column->Keep(keep);
  }

  const arrow::Table &table_;
  const TransactionColumns &columns_;
  std::string target_name_;
  IdColumn transaction_, customer_, order_, target_;
  IntegerColumn time_, amount_;
  std::vector<uint64_t> numbers_;
  uint64_t left_out_ = 0;
};

// The columns of a ledger's table: they always have a transaction, and the ledger's decimals.
absl::StatusOr<TransactionColumns> ReadLedgerColumns(const patron_transaction_columns *columns,
                                                     int decimals) {
  PATRON_ASSIGN_OR_RETURN(TransactionColumns read, ReadColumns(columns));
  if (!read.transaction) read.transaction = "transaction_id";
  read.names.decimals = decimals;
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
                           patron_ledger_report *report, patron_error *error, Change change) {
  return Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(RequirePointer("ledger", ledger));
    PATRON_RETURN_IF_ERROR(RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(CheckOut("report", report));
    PATRON_ASSIGN_OR_RETURN(const AppendRequest request, ReadAppend(options));
    PATRON_ASSIGN_OR_RETURN(const TransactionColumns read,
                            ReadLedgerColumns(columns, ledger->decimals));
    absl::StatusOr<patron_ledger_report> result =
        change(table->table, read, request, ToExecution(request.context));
    if (!result.ok()) return result.status();
    WriteOut(*result, report);
    return absl::OkStatus();
  });
}

absl::StatusOr<arrow::Table> CustomersTable(const value::LedgerCustomers &customers, int decimals,
                                            int32_t money) {
  std::vector<uint8_t> bought(customers.size());
  for (size_t i = 0; i < bought.size(); ++i) bought[i] = customers.first[i] != value::kNoTime;
  arrow::TableBuilder builder;
  builder.AddIds("customer_id", customers.customer.span());
  builder.AddInt64("orders", customers.orders);
  PATRON_RETURN_IF_ERROR(AddMoney(builder, "gross", customers.gross, decimals, money));
  PATRON_RETURN_IF_ERROR(AddMoney(builder, "refunds", customers.refunds, decimals, money));
  PATRON_RETURN_IF_ERROR(AddMoney(builder, "net", customers.net, decimals, money));
  builder.AddTimestamp("first", customers.first, bought);
  builder.AddTimestamp("last", customers.last, bought);
  return builder.Finish();
}

absl::StatusOr<arrow::Table> TransactionsTable(value::LedgerTransactions facts, int decimals,
                                               int32_t money) {
  arrow::TableBuilder builder;
  builder.AddIds("customer_id", facts.customer.span());
  builder.AddIds("transaction_id", facts.transaction.span());
  if (facts.has_orders) builder.AddIds("order_id", facts.order.span(), facts.has_order);
  builder.AddTimestamp("date", std::move(facts.time));
  AddMoney(builder, "amount", std::move(facts.amount), decimals, money);
  builder.AddIds("reverses", facts.reverses.span(), facts.is_reversal);
  return builder.Finish();
}

absl::StatusOr<RfmTables> ScoreLedger(patron_ledger &ledger, const RfmRequest &request,
                                      bool only_touched) {
  value::LedgerRfmOptions options{.rule = request.rule,
                                  .scores = request.scores,
                                  .mean = request.mean,
                                  .only_touched = only_touched,
                                  .keep_touched = true};
  options.scores.monetary.unit = PowerOfTen(ledger.decimals);
  PATRON_ASSIGN_OR_RETURN(value::LedgerRfm rfm,
                          ledger.ledger.Rfm(options, ToExecution(request.context)));
  RfmTables tables;
  PATRON_ASSIGN_OR_RETURN(tables.bins,
                          BinsTable(rfm.scores.recency.report, rfm.scores.frequency.report,
                                    rfm.scores.monetary.report, options.scores));
  arrow::TableBuilder builder;
  builder.AddIds("customer_id", rfm.customer.span());
  std::vector<double> means;
  if (request.mean) means = MeansInCurrency(rfm.monetary, rfm.frequency, ledger.decimals);
  builder.AddInt64("recency", std::move(rfm.recency));
  builder.AddInt64("frequency", std::move(rfm.frequency));
  if (request.mean) {
    builder.AddFloat64("monetary", std::move(means));
  } else {
    AddMoney(builder, "monetary", std::move(rfm.monetary), ledger.decimals, request.money);
  }
  AddScores(builder, std::move(rfm.scores));
  PATRON_ASSIGN_OR_RETURN(arrow::Table table, builder.Finish());
  tables.scores = NewTable(std::move(table));
  return tables;
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
      ledger, table, columns, options, report, error,
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
      ledger, table, columns, options, report, error,
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
      ledger, table, columns, options, report, error,
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

extern "C" patron_status patron_ledger_customers(const patron_ledger *ledger, int64_t as_of,
                                                 int32_t money, patron_table **out,
                                                 patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("ledger", ledger));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckEnum("money", money, 2));
    PATRON_ASSIGN_OR_RETURN(
        arrow::Table table,
        c_api::CustomersTable(ledger->ledger.Customers(as_of), ledger->decimals, money));
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_ledger_transactions(const patron_ledger *ledger, int64_t as_of,
                                                    int32_t money, patron_table **out,
                                                    patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("ledger", ledger));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckEnum("money", money, 2));
    PATRON_ASSIGN_OR_RETURN(
        arrow::Table table,
        c_api::TransactionsTable(ledger->ledger.Transactions(as_of), ledger->decimals, money));
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_ledger_rfm(patron_ledger *ledger, const patron_rfm_options *options,
                                           int32_t only_touched, patron_table **scores,
                                           patron_table **bins, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("ledger", ledger));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("scores", scores));
    PATRON_ASSIGN_OR_RETURN(const c_api::RfmRequest request,
                            c_api::ReadRfm(options, ledger->decimals));
    PATRON_ASSIGN_OR_RETURN(c_api::RfmTables tables,
                            c_api::ScoreLedger(*ledger, request, only_touched != 0));
    if (only_touched != 0) ledger->ledger.ForgetTouched();
    *scores = tables.scores.release();
    if (bins != nullptr) *bins = tables.bins.release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_ledger_serialize(const patron_ledger *ledger, void *buffer,
                                                 size_t capacity, size_t *needed,
                                                 patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("ledger", ledger));
    PATRON_RETURN_IF_ERROR(c_api::CheckBuffer(buffer, capacity, needed));
    PATRON_ASSIGN_OR_RETURN(
        const patron::v1::Ledger message,
        proto::ToMessage(ledger->ledger.Content(), ledger->decimals, ledger->zone));
    return c_api::WriteBytes(patron::v1::KIND_LEDGER, message, buffer, capacity, needed);
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
