// The customer summary.
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/builder.hpp"
#include "arrow/transactions_reader.hpp"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/summary.hpp"
#include "patron/base/status.hpp"
#include "patron/c/value.h"
#include "patron/value/summary.hpp"

namespace patron::c_api {

absl::StatusOr<SummaryRequest> ReadSummary(const patron_summary_options *options,
                                           const TransactionColumns &columns) {
  patron_summary_options full;
  patron_summary_options_init(&full);
  PATRON_RETURN_IF_ERROR(ReadOptions("options", options, &full));
  PATRON_RETURN_IF_ERROR(CheckEnum("unit", full.unit, 6));
  PATRON_RETURN_IF_ERROR(CheckEnum("merge", full.merge, 3));
  PATRON_RETURN_IF_ERROR(CheckEnum("refunds", full.refunds, 4));
  PATRON_RETURN_IF_ERROR(CheckEnum("zeros", full.zeros, 2));
  PATRON_RETURN_IF_ERROR(CheckEnum("money", full.money, 2));
  PATRON_RETURN_IF_ERROR(CheckEnum("log_intervals", full.log_intervals, 2));
  PATRON_RETURN_IF_ERROR(CheckReserved(full.reserved));
  SummaryRequest request;
  request.rule.merge = static_cast<value::MergeBy>(full.merge);
  request.rule.refunds = static_cast<value::Refunds>(full.refunds);
  request.rule.zeros = static_cast<value::Zeros>(full.zeros);
  request.rule.zone = columns.zone;
  request.options.unit = static_cast<value::Unit>(full.unit);
  request.options.observation_end = full.observation_end;
  request.options.calibration_end = full.calibration_end;
  request.options.decimals = columns.names.decimals;
  request.options.log_intervals = full.log_intervals != 0;
  request.money = full.money;
  request.context = full.context;
  return request;
}

absl::StatusOr<std::unique_ptr<patron_table>> SummaryTable(const IdIndex &customers,
                                                           value::CustomerSummaries summary,
                                                           const SummaryRequest &request) {
  const int decimals = request.options.decimals;
  arrow::TableBuilder builder;
  builder.AddIds("customer_id", customers.List(summary.customer).span());
  builder.AddInt64("frequency", std::move(summary.frequency));
  builder.AddFloat64("recency", std::move(summary.recency));
  builder.AddFloat64("T", std::move(summary.T));
  builder.AddFloat64("monetary_value", std::move(summary.monetary_value));
  builder.AddInt64("orders", std::move(summary.orders));
  AddMoney(builder, "gross", std::move(summary.gross), decimals, request.money);
  AddMoney(builder, "refunds", std::move(summary.refunds), decimals, request.money);
  AddMoney(builder, "net", std::move(summary.net), decimals, request.money);
  builder.AddTimestamp("first", std::move(summary.first));
  builder.AddTimestamp("last", std::move(summary.last));
  if (request.options.log_intervals) {
    builder.AddFloat64("log_intervals", std::move(summary.log_intervals));
  }
  if (request.options.calibration_end != kNoTime) {
    builder.AddInt64("frequency_holdout", std::move(summary.frequency_holdout));
    builder.AddFloat64("monetary_value_holdout", std::move(summary.monetary_value_holdout));
    builder.AddFloat64("duration_holdout", std::move(summary.duration_holdout));
  }
  PATRON_ASSIGN_OR_RETURN(arrow::Table table, builder.Finish());
  return NewTable(std::move(table));
}

}  // namespace patron::c_api

namespace c_api = patron::c_api;

extern "C" void patron_summary_options_init(patron_summary_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->unit = PATRON_UNIT_DAY;
  options->observation_end = PATRON_NO_TIME;
  options->calibration_end = PATRON_NO_TIME;
}

extern "C" patron_status patron_value_summarize(const patron_table *table,
                                                const patron_transaction_columns *columns,
                                                const patron_summary_options *options,
                                                patron_table **out, patron_row_report *report,
                                                patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("report", report));
    PATRON_ASSIGN_OR_RETURN(const c_api::TransactionColumns read, c_api::ReadColumns(columns));
    PATRON_ASSIGN_OR_RETURN(const auto request, c_api::ReadSummary(options, read));
    PATRON_ASSIGN_OR_RETURN(const auto source,
                            patron::arrow::TableTransactions::Open(table->table, read.names));
    absl::StatusOr<patron::value::SourceSummary> summary = patron::value::Summarize(
        source, request.rule, request.options, c_api::ToExecution(request.context));
    if (!summary.ok()) return c_api::InWordsOf(read.names, summary.status());
    const patron_row_report rows = c_api::ToC(summary->summary.report);
    PATRON_ASSIGN_OR_RETURN(
        auto result, c_api::SummaryTable(summary->customers, std::move(summary->summary), request));
    *out = result.release();
    c_api::WriteOut(rows, report);
    return absl::OkStatus();
  });
}
