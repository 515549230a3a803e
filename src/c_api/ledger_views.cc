// What a ledger shows: the state of customers, facts, scores.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/builder.hpp"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/ledger.hpp"
#include "c_api/rfm.hpp"
#include "c_api/summary.hpp"
#include "patron/base/money.hpp"
#include "patron/base/status.hpp"
#include "patron/value/transactions.hpp"

namespace patron::c_api {
namespace {

absl::StatusOr<arrow::Table> CustomersTable(const value::LedgerCustomers &customers, int decimals,
                                            int32_t money) {
  std::vector<uint8_t> bought(customers.size());
  for (size_t i = 0; i < bought.size(); ++i) bought[i] = customers.first[i] != kNoTime;
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
  if (facts.has_orders) builder.AddIds("order_id", facts.order.span());
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

extern "C" patron_status patron_ledger_summarize(const patron_ledger *ledger, int64_t customer,
                                                 const char *customer_text,
                                                 const patron_summary_options *options,
                                                 patron_customer_summary *out,
                                                 patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("ledger", ledger));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("options", options));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    c_api::TransactionColumns columns;
    columns.names.decimals = ledger->decimals;
    PATRON_ASSIGN_OR_RETURN(const auto request, c_api::ReadSummary(options, columns));
    const patron::value::Ledger &facts = ledger->ledger;
    PATRON_ASSIGN_OR_RETURN(
        const patron::value::CustomerSummary summary,
        customer_text != nullptr
            ? facts.Summary(std::string_view(customer_text), request.rule, request.options)
            : facts.Summary(customer, request.rule, request.options));
    patron_customer_summary result{};
    result.frequency = summary.frequency;
    result.recency = summary.recency;
    result.age = summary.T;
    result.monetary_value = summary.monetary_value;
    result.log_intervals = summary.log_intervals;
    result.orders = summary.orders;
    result.first = summary.first;
    result.last = summary.last;
    c_api::WriteOut(result, out);
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
