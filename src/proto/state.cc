#include "proto/state.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/value/occasion_content.hpp"
#include "patron/value/score_scale.hpp"
#include "proto/envelope.hpp"
#include "proto/ids.hpp"
#include "proto/lists.hpp"
#include "proto/totals.hpp"

namespace patron::proto {
namespace {

using state::ConcentrationState;
using state::RfmRequest;
using state::RfmState;
using state::SummaryRequest;
using state::SummaryState;
using state::TransactionColumns;

void WriteColumns(const TransactionColumns &columns, v1::Columns &message) {
  message.set_customer(columns.names.customer);
  message.set_amount(columns.names.amount);
  message.set_skip_nulls(columns.names.nulls == arrow::Nulls::kMask);
  message.set_decimals(static_cast<uint32_t>(columns.names.decimals));
  message.set_amount_decimals(static_cast<uint32_t>(columns.names.amount_decimals));
  if (columns.names.time) {
    message.set_time(*columns.names.time);
    message.set_zone(columns.zone);
  }
  if (columns.names.order) message.set_order(*columns.names.order);
}

absl::StatusOr<TransactionColumns> ReadColumns(const v1::Columns &message, bool with_time) {
  if (!message.unknown_fields().empty()) return NotOurs("columns: unknown field");
  if (message.has_time() != with_time || message.has_zone() != with_time ||
      (message.has_order() && !with_time)) {
    return NotOurs("columns: other than the kind of state has");
  }
  if (message.decimals() > static_cast<uint32_t>(kMaxDecimals) ||
      message.amount_decimals() > static_cast<uint32_t>(kMaxDecimals)) {
    return NotOurs("columns: decimals above 9");
  }
  TransactionColumns columns;
  columns.names.customer = message.customer();
  columns.names.amount = message.amount();
  columns.names.time.reset();
  PATRON_RETURN_IF_ERROR(CheckName("columns: customer", message.customer()));
  PATRON_RETURN_IF_ERROR(CheckName("columns: amount", message.amount()));
  if (with_time) {
    PATRON_RETURN_IF_ERROR(CheckName("columns: time", message.time()));
    PATRON_RETURN_IF_ERROR(CheckName("columns: zone", message.zone()));
    columns.names.time = message.time();
    columns.zone = message.zone();
    absl::StatusOr<CivilDays> days = CivilDays::In(columns.zone);
    if (!days.ok()) return AsDataLoss(days.status());
    columns.names.days = *std::move(days);
  }
  if (message.has_order()) {
    PATRON_RETURN_IF_ERROR(CheckName("columns: order", message.order()));
    columns.names.order = message.order();
  }
  columns.names.nulls = message.skip_nulls() ? arrow::Nulls::kMask : arrow::Nulls::kError;
  columns.names.decimals = static_cast<int>(message.decimals());
  columns.names.amount_decimals = static_cast<int>(message.amount_decimals());
  return columns;
}

// A number that stands for one of `count` choices.
template <typename Enum>
absl::Status ReadChoice(uint32_t number, uint32_t count, Enum *choice) {
  if (number >= count) return NotOurs("options: unknown choice");
  *choice = static_cast<Enum>(number);
  return absl::OkStatus();
}

void WriteOptions(const SummaryState &state, v1::SummaryState &message) {
  const SummaryRequest &request = state.request;
  WriteColumns(state.columns, *message.mutable_columns());
  message.set_unit(static_cast<uint32_t>(request.options.unit));
  message.set_merge(static_cast<uint32_t>(request.rule.merge));
  message.set_refund_rule(static_cast<uint32_t>(request.rule.refunds));
  message.set_zeros(static_cast<uint32_t>(request.rule.zeros));
  message.set_money(static_cast<uint32_t>(request.money));
  message.set_observation_end(request.options.observation_end);
  message.set_calibration_end(request.options.calibration_end);
  if (request.options.log_intervals) message.set_log_intervals(true);
}

absl::StatusOr<SummaryRequest> ReadOptions(const v1::SummaryState &message,
                                           const TransactionColumns &columns) {
  SummaryRequest request;
  PATRON_RETURN_IF_ERROR(ReadChoice(message.unit(), 6, &request.options.unit));
  PATRON_RETURN_IF_ERROR(ReadChoice(message.merge(), 3, &request.rule.merge));
  PATRON_RETURN_IF_ERROR(ReadChoice(message.refund_rule(), 4, &request.rule.refunds));
  PATRON_RETURN_IF_ERROR(ReadChoice(message.zeros(), 2, &request.rule.zeros));
  PATRON_RETURN_IF_ERROR(ReadChoice(message.money(), 2, &request.money));
  request.rule.zone = columns.zone;
  request.options.observation_end = message.observation_end();
  request.options.calibration_end = message.calibration_end();
  request.options.log_intervals = message.log_intervals();
  request.options.decimals = columns.names.decimals;
  return request;
}

template <typename Options>
auto ScalesOf(Options &options) {
  return std::array{&options.recency, &options.frequency, &options.monetary};
}

void WriteOptions(const RfmState &state, v1::RfmState &message) {
  const RfmRequest &request = state.request;
  WriteColumns(state.columns, *message.mutable_columns());
  message.set_method(static_cast<uint32_t>(request.scores.method));
  for (const value::ScoreScale *scale : ScalesOf(request.scores)) {
    message.add_bins(static_cast<uint32_t>(scale->bins));
    message.add_high_is_best(scale->direction == value::ScoreDirection::kHighIsBest);
    message.add_weights(scale->weight);
    for (const double cut : scale->cuts) message.add_cuts(cut);
  }
  message.set_closed_left(request.scores.recency.closed == value::ClosedSide::kLeft);
  message.set_frequency(request.rule.frequency == value::PurchaseUnit::kDay ? 1 : 0);
  message.set_monetary(request.mean ? 1 : 0);
  message.set_refund_rule(static_cast<uint32_t>(request.rule.refunds));
  message.set_zeros(static_cast<uint32_t>(request.rule.zeros));
  message.set_money(static_cast<uint32_t>(request.money));
  message.set_as_of(request.rule.as_of);
  message.set_window_days(request.rule.window_days);
}

absl::StatusOr<RfmRequest> ReadOptions(const v1::RfmState &message, int decimals) {
  RfmRequest request;
  uint32_t frequency = 0, monetary = 0;
  PATRON_RETURN_IF_ERROR(ReadChoice(message.method(), 8, &request.scores.method));
  PATRON_RETURN_IF_ERROR(ReadChoice(message.frequency(), 2, &frequency));
  PATRON_RETURN_IF_ERROR(ReadChoice(message.monetary(), 2, &monetary));
  PATRON_RETURN_IF_ERROR(ReadChoice(message.refund_rule(), 4, &request.rule.refunds));
  PATRON_RETURN_IF_ERROR(ReadChoice(message.zeros(), 2, &request.rule.zeros));
  PATRON_RETURN_IF_ERROR(ReadChoice(message.money(), 2, &request.money));
  const auto scales = ScalesOf(request.scores);
  const auto count = static_cast<int>(scales.size());
  if (message.bins_size() != count || message.high_is_best_size() != count ||
      message.weights_size() != count) {
    return NotOurs("options: not three dimensions");
  }
  const bool fixed = request.scores.method == value::ScoreMethod::kFixed;
  int cut = 0;
  for (int d = 0; d < count; ++d) {
    value::ScoreScale &scale = *scales[static_cast<size_t>(d)];
    if (message.bins(d) < value::kMinScoreBins || message.bins(d) > value::kMaxScoreBins) {
      return NotOurs("options: bins out of range");
    }
    scale.bins = static_cast<int>(message.bins(d));
    scale.direction = message.high_is_best(d) ? value::ScoreDirection::kHighIsBest
                                              : value::ScoreDirection::kLowIsBest;
    scale.weight = message.weights(d);
    scale.closed = message.closed_left() ? value::ClosedSide::kLeft : value::ClosedSide::kRight;
    for (int i = 1; fixed && i < scale.bins; ++i) {
      if (cut == message.cuts_size()) return NotOurs("options: too few cuts");
      scale.cuts.push_back(message.cuts(cut++));
    }
    const absl::Status status = value::CheckScoreScale("options", request.scores.method, scale);
    if (!status.ok()) return AsDataLoss(status);
  }
  if (cut != message.cuts_size()) return NotOurs("options: too many cuts");
  request.rule.frequency = frequency == 1 ? value::PurchaseUnit::kDay : value::PurchaseUnit::kOrder;
  request.mean = monetary == 1;
  request.scores.weighted = true;
  request.rule.as_of = message.as_of();
  request.rule.window_days = message.window_days();
  request.decimals = decimals;
  return request;
}

std::string Options(const SummaryState &state) {
  v1::SummaryState message;
  WriteOptions(state, message);
  return message.SerializePartialAsString();
}

std::string Options(const RfmState &state) {
  v1::RfmState message;
  WriteOptions(state, message);
  return message.SerializePartialAsString();
}

std::string Options(const ConcentrationState &state) {
  v1::ConcentrationState message;
  WriteColumns(state.columns, *message.mutable_columns());
  return message.SerializePartialAsString();
}

}  // namespace

v1::Kind KindOf(const state::State &state) {
  constexpr v1::Kind kKinds[] = {v1::KIND_STATE_SUMMARY, v1::KIND_STATE_RFM,
                                 v1::KIND_STATE_CONCENTRATION};
  return kKinds[state.index()];
}

std::string OptionsOf(const state::State &state) {
  return std::visit([](const auto &one) { return Options(one); }, state);
}

absl::StatusOr<v1::SummaryState> ToMessage(const SummaryState &state) {
  v1::SummaryState message;
  WriteOptions(state, message);
  PATRON_ASSIGN_OR_RETURN(const value::OccasionContent content, state.rows.Content());
  PATRON_RETURN_IF_ERROR(CheckRows(content.customers.size() + content.time.size()));
  message.set_skipped_null(content.skipped_null);
  WriteIds(content.customers.span(), *message.mutable_customers());
  WriteList(content.entries, message.mutable_entries());
  WriteList(content.time, message.mutable_time());
  WriteList(content.amount, message.mutable_amount());
  WriteList(content.rows, message.mutable_rows());
  message.set_has_orders(content.has_orders);
  WriteList(content.order, message.mutable_order());
  WriteIds(content.order_text.span(), *message.mutable_order_text());
  return message;
}

absl::StatusOr<v1::RfmState> ToMessage(const RfmState &state) {
  v1::RfmState message;
  WriteOptions(state, message);
  PATRON_RETURN_IF_ERROR(WriteTotals(state.totals, message));
  return message;
}

absl::StatusOr<v1::ConcentrationState> ToMessage(const ConcentrationState &state) {
  v1::ConcentrationState message;
  WriteColumns(state.columns, *message.mutable_columns());
  PATRON_RETURN_IF_ERROR(WriteTotals(state.totals, message));
  return message;
}

absl::StatusOr<SummaryState> FromMessage(const v1::SummaryState &message) {
  if (!message.unknown_fields().empty()) return NotOurs("state: unknown field");
  PATRON_ASSIGN_OR_RETURN(TransactionColumns columns, ReadColumns(message.columns(), true));
  PATRON_ASSIGN_OR_RETURN(SummaryRequest request, ReadOptions(message, columns));
  value::OccasionContent content;
  PATRON_ASSIGN_OR_RETURN(content.customers, ReadIds(message.customers(), "customers"));
  PATRON_ASSIGN_OR_RETURN(content.order_text, ReadIds(message.order_text(), "orders"));
  content.entries = ReadList(message.entries());
  content.time = ReadList(message.time());
  content.amount = ReadList(message.amount());
  content.rows = ReadList(message.rows());
  content.has_orders = message.has_orders();
  content.order = ReadList(message.order());
  content.skipped_null = message.skipped_null();
  absl::StatusOr<value::Occasions> rows = value::Occasions::FromContent(request.rule, content);
  if (!rows.ok()) return AsDataLoss(rows.status());
  return SummaryState{std::move(columns), std::move(request), *std::move(rows)};
}

absl::StatusOr<RfmState> FromMessage(const v1::RfmState &message) {
  if (!message.unknown_fields().empty()) return NotOurs("state: unknown field");
  PATRON_ASSIGN_OR_RETURN(TransactionColumns columns, ReadColumns(message.columns(), true));
  PATRON_ASSIGN_OR_RETURN(RfmRequest request, ReadOptions(message, columns.names.decimals));
  absl::StatusOr<RfmState> state = state::NewRfmState(std::move(columns), std::move(request));
  if (!state.ok()) return AsDataLoss(state.status());
  const value::TotalsRule rule = state->totals.rule();
  PATRON_ASSIGN_OR_RETURN(state->totals, ReadTotals(message, rule, state->columns.names.days));
  return state;
}

absl::StatusOr<ConcentrationState> FromMessage(const v1::ConcentrationState &message) {
  if (!message.unknown_fields().empty()) return NotOurs("state: unknown field");
  PATRON_ASSIGN_OR_RETURN(TransactionColumns columns, ReadColumns(message.columns(), false));
  ConcentrationState state = state::NewConcentrationState(std::move(columns));
  PATRON_ASSIGN_OR_RETURN(state.totals, ReadTotals(message));
  return state;
}

}  // namespace patron::proto
