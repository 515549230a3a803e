// Partial states.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "arrow/builder.hpp"
#include "arrow/transactions_reader.hpp"
#include "c_api/bytes.hpp"
#include "c_api/columns.hpp"
#include "c_api/concentration.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/rfm.hpp"
#include "c_api/summary.hpp"
#include "patron/base/money.hpp"
#include "patron/base/status.hpp"
#include "patron/c/state.h"
#include "patron/value/rfm.hpp"
#include "patron/value/summary.hpp"
#include "patron/value/total_customers.hpp"
#include "proto/state.hpp"
#include "state/state.hpp"

struct patron_state {
  patron::state::State state;
};

namespace patron::c_api {
namespace {

using arrow::TableTransactions;
using state::ConcentrationState;
using state::kMostStateRows;
using state::RfmState;
using state::State;
using state::SummaryState;
using value::CustomerTotals;
using value::PurchaseUnit;

// Whether orders are told apart in both, but are integers in one and text in the other.
bool OrdersDiffer(const CustomerTotals &a, const CustomerTotals &b) {
  return a.rule().unit == PurchaseUnit::kOrder && a.orders().is_text() != b.orders().is_text();
}

absl::Status MergeTotals(const CustomerTotals &from, CustomerTotals &into) {
  if (into.customers().size() == 0) {
    CustomerTotals copy = from;
    copy.report().Add(into.report());
    into = std::move(copy);
    return absl::OkStatus();
  }
  if (from.customers().size() > 0 &&
      (from.customers().is_text() != into.customers().is_text() || OrdersDiffer(from, into))) {
    return absl::FailedPreconditionError(
        "source: ids of another kind than in the state; expected integers in both or text in both");
  }
  return into.Merge(from);
}

std::string_view KindOfIds(bool text) { return text ? "text" : "integers"; }

// Errors: InvalidArgument if the ids of a column are of another kind than those seen before.
absl::Status CheckKind(std::string_view column, bool text, bool text_before) {
  if (text == text_before) return absl::OkStatus();
  return InvalidOption(column, KindOfIds(text),
                       absl::StrCat(Text(KindOfIds(text_before)), ", as in the rows before"));
}

absl::Status UpdateTotals(const TableTransactions &source, const TransactionColumns &columns,
                          const Execution &execution, CustomerTotals &totals) {
  if (source.rows() > 0 && totals.customers().size() > 0) {
    PATRON_RETURN_IF_ERROR(
        CheckKind(columns.names.customer, source.text_customers(), totals.customers().is_text()));
    if (totals.rule().unit == PurchaseUnit::kOrder) {
      PATRON_RETURN_IF_ERROR(
          CheckKind(*columns.names.order, source.text_orders(), totals.orders().is_text()));
    }
  }
  PATRON_ASSIGN_OR_RETURN(
      const CustomerTotals more,
      value::TotalCustomers(source, totals.rule(), columns.names.days, execution));
  return MergeTotals(more, totals);
}

uint64_t RowsOf(const SummaryState &state) { return state.rows.rows(); }
uint64_t RowsOf(const RfmState &state) { return state.totals.report().rows; }
uint64_t RowsOf(const ConcentrationState &state) { return state.totals.report().rows; }

absl::Status CheckRows(uint64_t before, uint64_t more) {
  if (before <= kMostStateRows && more <= kMostStateRows - before) return absl::OkStatus();
  return absl::OutOfRangeError(
      absl::StrCat("state: more than ", kMostStateRows, " rows; expected fewer"));
}

struct Update {
  const arrow::Table &table;
  const Execution &execution;

  absl::Status operator()(SummaryState &state) const {
    PATRON_ASSIGN_OR_RETURN(const auto source, TableTransactions::Open(table, state.columns.names));
    return InWordsOf(state.columns.names, state.rows.Update(source, execution));
  }
  absl::Status operator()(RfmState &state) const { return Totals(state); }
  absl::Status operator()(ConcentrationState &state) const { return Totals(state); }

  template <typename S>
  absl::Status Totals(S &state) const {
    PATRON_ASSIGN_OR_RETURN(const auto source, TableTransactions::Open(table, state.columns.names));
    return InWordsOf(state.columns.names,
                     UpdateTotals(source, state.columns, execution, state.totals));
  }
};

absl::Status MergeStates(const SummaryState &from, SummaryState &into) {
  return into.rows.Merge(from.rows);
}
absl::Status MergeStates(const RfmState &from, RfmState &into) {
  return MergeTotals(from.totals, into.totals);
}
absl::Status MergeStates(const ConcentrationState &from, ConcentrationState &into) {
  return MergeTotals(from.totals, into.totals);
}

// What a state finishes as.
struct Finished {
  std::unique_ptr<patron_table> out;
  std::unique_ptr<patron_table> extra;
  value::RowReport report;
};

absl::StatusOr<arrow::Table> ConcentrationTable(const patron_concentration &c) {
  arrow::TableBuilder builder;
  builder.AddInt64("customers", {c.customers});
  builder.AddInt64("negatives", {c.negatives});
  builder.AddFloat64("total", {c.total});
  builder.AddFloat64("positive_sum", {c.positive_sum});
  builder.AddFloat64("negative_sum", {c.negative_sum});
  builder.AddFloat64("gini", {c.gini});
  builder.AddFloat64("gini_biased", {c.gini_biased});
  builder.AddFloat64("gini_unbiased", {c.gini_unbiased});
  builder.AddFloat64("herfindahl", {c.herfindahl});
  builder.AddFloat64("herfindahl_normalised", {c.herfindahl_normalised});
  builder.AddFloat64("effective_number", {c.effective_number});
  builder.AddFloat64("top_20_share", {c.top_20_share});
  return builder.Finish();
}

struct Finish {
  const Execution &execution;

  absl::StatusOr<Finished> operator()(const SummaryState &state) const {
    Finished finished;
    PATRON_ASSIGN_OR_RETURN(value::CustomerSummaries summary,
                            value::Summarize(state.rows, state.request.options, execution));
    finished.report = summary.report;
    PATRON_ASSIGN_OR_RETURN(
        finished.out, SummaryTable(state.rows.customers(), std::move(summary), state.request));
    return finished;
  }

  absl::StatusOr<Finished> operator()(const RfmState &state) const {
    Finished finished;
    PATRON_ASSIGN_OR_RETURN(RfmTables tables,
                            FinishRfm(state.totals, state.request, execution, &finished.report));
    finished.out = std::move(tables.scores);
    finished.extra = std::move(tables.bins);
    return finished;
  }

  absl::StatusOr<Finished> operator()(const ConcentrationState &state) const {
    Finished finished;
    std::vector<double> net(state.totals.customers().size());
    for (uint32_t code = 0; code < net.size(); ++code) {
      net[code] = CurrencyFromUnits(state.totals.total(code).sum, state.columns.names.decimals);
    }
    PATRON_ASSIGN_OR_RETURN(const patron_concentration measured,
                            Measure("net", std::span<const double>(net), execution));
    PATRON_ASSIGN_OR_RETURN(arrow::Table table, ConcentrationTable(measured));
    finished.out = NewTable(std::move(table));
    finished.report = state.totals.report();
    finished.report.customers = net.size();
    return finished;
  }
};

template <typename S>
absl::StatusOr<std::unique_ptr<patron_state>> NewHandle(absl::StatusOr<S> state) {
  if (!state.ok()) return state.status();
  return std::unique_ptr<patron_state>(new patron_state{State(*std::move(state))});
}

template <typename Message>
absl::StatusOr<std::unique_ptr<patron_state>> ReadState(const v1::Envelope &envelope) {
  Message message;
  PATRON_RETURN_IF_ERROR(proto::ReadPayload(envelope, message));
  return NewHandle(proto::FromMessage(message));
}

absl::StatusOr<std::unique_ptr<patron_state>> ReadAnyState(std::string_view bytes) {
  PATRON_ASSIGN_OR_RETURN(const v1::Envelope envelope, proto::OpenEnvelope(bytes));
  switch (envelope.kind()) {
    case v1::KIND_STATE_SUMMARY: return ReadState<v1::SummaryState>(envelope);
    case v1::KIND_STATE_RFM: return ReadState<v1::RfmState>(envelope);
    case v1::KIND_STATE_CONCENTRATION: return ReadState<v1::ConcentrationState>(envelope);
    default: return proto::NotOurs("this is no state; expected one");
  }
}

}  // namespace

}  // namespace patron::c_api

namespace c_api = patron::c_api;
namespace proto = patron::proto;
namespace state = patron::state;

extern "C" patron_status patron_state_create_summary(const patron_transaction_columns *columns,
                                                     const patron_summary_options *options,
                                                     patron_state **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(auto read, c_api::ReadColumns(columns));
    PATRON_ASSIGN_OR_RETURN(auto request, c_api::ReadSummary(options, read));
    PATRON_ASSIGN_OR_RETURN(
        auto state, c_api::NewHandle(state::NewSummaryState(std::move(read), std::move(request))));
    *out = state.release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_state_create_rfm(const patron_transaction_columns *columns,
                                                 const patron_rfm_options *options,
                                                 patron_state **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(auto read, c_api::ReadColumns(columns));
    PATRON_ASSIGN_OR_RETURN(auto request, c_api::ReadRfm(options, read.names.decimals));
    PATRON_ASSIGN_OR_RETURN(
        auto state, c_api::NewHandle(state::NewRfmState(std::move(read), std::move(request))));
    *out = state.release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_state_create_concentration(
    const patron_transaction_columns *columns, patron_state **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(auto read, c_api::ReadColumns(columns));
    auto state =
        std::make_unique<patron_state>(patron_state{state::NewConcentrationState(std::move(read))});
    *out = state.release();
    return absl::OkStatus();
  });
}

extern "C" void patron_state_free(patron_state *state) { delete state; }

extern "C" int32_t patron_state_kind(const patron_state *state) {
  static_assert(std::is_same_v<std::variant_alternative_t<PATRON_STATE_SUMMARY, state::State>,
                               state::SummaryState>);
  static_assert(
      std::is_same_v<std::variant_alternative_t<PATRON_STATE_RFM, state::State>, state::RfmState>);
  static_assert(std::is_same_v<std::variant_alternative_t<PATRON_STATE_CONCENTRATION, state::State>,
                               state::ConcentrationState>);
  return state == nullptr ? -1 : static_cast<int32_t>(state->state.index());
}

extern "C" patron_status patron_state_columns(const patron_state *state,
                                              patron_transaction_columns *out,
                                              patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("state", state));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    std::visit(
        [out](const auto &one) {
          const c_api::TransactionColumns &columns = one.columns;
          const patron::arrow::TransactionColumns &names = columns.names;
          const auto text = [](const std::optional<std::string> &name) {
            return name.has_value() ? name->c_str() : nullptr;
          };
          patron_transaction_columns full{};
          full.nulls =
              names.nulls == patron::arrow::Nulls::kMask ? PATRON_NULLS_SKIP : PATRON_NULLS_ERROR;
          full.customer = names.customer.c_str();
          full.time = text(names.time);
          full.amount = names.amount.c_str();
          full.order = text(names.order);
          full.zone = names.time.has_value() ? columns.zone.c_str() : nullptr;
          full.decimals = names.decimals;
          full.amount_decimals = names.amount_decimals;
          c_api::WriteOut(full, out);
        },
        state->state);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_state_update(patron_state *state, const patron_table *table,
                                             const patron_context *context, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("state", state));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(std::visit(
        [&](const auto &one) {
          return c_api::CheckRows(c_api::RowsOf(one), static_cast<uint64_t>(table->table.rows()));
        },
        state->state));
    const patron::Execution execution = c_api::ToExecution(context);
    return std::visit(c_api::Update{table->table, execution}, state->state);
  });
}

extern "C" patron_status patron_state_merge(patron_state *state, const patron_state *source,
                                            patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("state", state));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("source", source));
    if (state == source) {
      return patron::InvalidOption("source", "the state itself", "another state");
    }
    if (state->state.index() != source->state.index()) {
      return absl::FailedPreconditionError(
          "source: a state of another kind; expected the same kind");
    }
    if (proto::OptionsOf(state->state) != proto::OptionsOf(source->state)) {
      return absl::FailedPreconditionError(
          "source: a state of other columns or options; expected the same");
    }
    return std::visit(
        [&](auto &into) -> absl::Status {
          const auto &from = std::get<std::decay_t<decltype(into)>>(source->state);
          PATRON_RETURN_IF_ERROR(c_api::CheckRows(c_api::RowsOf(into), c_api::RowsOf(from)));
          return c_api::MergeStates(from, into);
        },
        state->state);
  });
}

extern "C" patron_status patron_state_serialize(const patron_state *state, patron_bytes **out,
                                                patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("state", state));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    return std::visit(
        [&](const auto &one) -> absl::Status {
          PATRON_ASSIGN_OR_RETURN(const auto message, proto::ToMessage(one));
          return c_api::WriteBytes(proto::KindOf(state->state), message, out);
        },
        state->state);
  });
}

extern "C" patron_status patron_state_deserialize(const void *bytes, size_t size,
                                                  patron_state **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("bytes", bytes));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(auto state,
                            c_api::ReadAnyState({static_cast<const char *>(bytes), size}));
    *out = state.release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_state_finalize(const patron_state *state,
                                               const patron_context *context, patron_table **out,
                                               patron_table **extra, patron_row_report *report,
                                               patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("state", state));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("report", report));
    const patron::Execution execution = c_api::ToExecution(context);
    PATRON_ASSIGN_OR_RETURN(c_api::Finished finished,
                            std::visit(c_api::Finish{execution}, state->state));
    *out = finished.out.release();
    if (extra != nullptr) *extra = finished.extra.release();
    c_api::WriteOut(c_api::ToC(finished.report), report);
    return absl::OkStatus();
  });
}
