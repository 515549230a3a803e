// Segments: customers sorted by ordered rules on their RFM scores.
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
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "arrow/builder.hpp"
#include "arrow/reader.hpp"
#include "c_api/bytes.hpp"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/segment_rules.hpp"
#include "patron/base/status.hpp"
#include "patron/c/value.h"
#include "patron/value/segmentation.hpp"
#include "patron/value/segments.hpp"
#include "proto/segments.hpp"

struct patron_segments {
  patron::value::SegmentRules rules;
  patron::value::SegmentTable table;
};

namespace patron::c_api {
namespace {

using value::SegmentRules;
using value::SegmentTable;

absl::StatusOr<std::unique_ptr<patron_segments>> NewSegments(SegmentRules rules) {
  absl::StatusOr<SegmentTable> table = SegmentTable::Compile(rules, 0, false);
  if (!table.ok()) return InWords({{"segment name", "segment"}}, table.status());
  return std::unique_ptr<patron_segments>(new patron_segments{std::move(rules), *std::move(table)});
}

absl::StatusOr<value::SegmentPreset> PresetOf(const char *name) {
  const std::string_view given = name == nullptr ? "grid" : name;
  const std::string preset = absl::AsciiStrToLower(absl::string_view(given.data(), given.size()));
  if (preset == "grid") return value::SegmentPreset::kGrid;
  if (preset == "a") return value::SegmentPreset::kTableA;
  if (preset == "b") return value::SegmentPreset::kTableB;
  if (preset == "putler") return value::SegmentPreset::kPutler;
  return absl::NotFoundError(
      absl::StrCat("name: ", Quoted(given), "; expected 'grid', 'a', 'b' or 'putler'"));
}

// A column of scores on a scale of `bins`.
absl::StatusOr<std::vector<uint8_t>> ReadScores(const arrow::Table &table, std::string_view column,
                                                int bins, const Execution &execution) {
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenIntegers(table, column));
  PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader, execution));
  std::vector<uint8_t> scores(loaded.values.size());
  uint64_t bad = 0;
  size_t first = 0;
  for (size_t i = 0; i < scores.size(); ++i) {
    const int64_t score = loaded.values[i];
    scores[i] = static_cast<uint8_t>(score);
    if ((score < 1 || score > bins) && bad++ == 0) first = i;
  }
  if (bad == 0) return scores;
  return InvalidRow(column, first, absl::StrCat(loaded.values[first]), absl::StrCat("1 to ", bins),
                    bad);
}

struct Assigned {
  std::unique_ptr<patron_table> membership;
  std::unique_ptr<patron_table> totals;
};

template <Number T>
absl::StatusOr<Assigned> Assign(const patron_segments &segments, const arrow::Table &scores,
                                std::optional<arrow::IdReader> ids, std::span<const int64_t> orders,
                                bool has_orders, std::span<const T> values, bool has_values,
                                const Execution &execution) {
  const SegmentTable &table = segments.table;
  PATRON_ASSIGN_OR_RETURN(const auto recency,
                          ReadScores(scores, "recency_score", table.recency_bins(), execution));
  PATRON_ASSIGN_OR_RETURN(const auto frequency,
                          ReadScores(scores, "frequency_score", table.frequency_bins(), execution));
  PATRON_ASSIGN_OR_RETURN(const auto monetary,
                          ReadScores(scores, "monetary_score", table.monetary_bins(), execution));
  absl::StatusOr<value::Segmentation<T>> result =
      value::AssignSegments<T>(table, recency, frequency, monetary, orders, values, execution);
  if (!result.ok()) {
    return InWords({{"revenue", "monetary"}, {"orders", "frequency"}}, result.status());
  }

  Assigned assigned;
  const size_t n = recency.size();
  const std::vector<std::string_view> names(result->names.begin(), result->names.end());
  std::vector<int32_t> codes(result->segments.begin(), result->segments.end());
  arrow::TableBuilder membership;
  if (ids.has_value()) {
    PATRON_ASSIGN_OR_RETURN(const size_t column, scores.Require("customer_id"));
    if (!membership.AddShared("customer_id", scores, column,
                              ids->is_text() ? arrow::Kind::kText : arrow::Kind::kInt64)) {
      PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(*ids, execution));
      membership.AddIds("customer_id", loaded.ids);
    }
  }
  membership.AddDictionary("segment", std::move(codes), names);
  PATRON_ASSIGN_OR_RETURN(arrow::Table membership_table, membership.Finish());
  assigned.membership = NewTable(std::move(membership_table));

  const size_t count = names.size();
  std::vector<int64_t> customers(count), order_sums(count);
  std::vector<T> value_sums(count);
  std::vector<double> shares(count), value_shares(count);
  Total<T> whole;
  for (size_t s = 0; s < count; ++s) whole.Add(result->totals[s].revenue);
  for (size_t s = 0; s < count; ++s) {
    customers[s] = result->totals[s].customers;
    order_sums[s] = result->totals[s].orders;
    value_sums[s] = result->totals[s].revenue;
    shares[s] = static_cast<double>(customers[s]) / static_cast<double>(n);
    value_shares[s] = ShareOf(Total<T>(value_sums[s]), whole);
  }
  const std::vector<uint8_t> if_any(count, n > 0), if_orders(count, has_orders),
      if_values(count, has_values), if_positive(count, has_values && whole.Sign() > 0);
  arrow::TableBuilder totals;
  totals.AddText("segment", std::span<const std::string_view>(names));
  totals.AddInt64("customers", std::move(customers));
  totals.AddFloat64("share", std::move(shares), if_any);
  totals.AddInt64("orders", std::move(order_sums), if_orders);
  if constexpr (std::same_as<T, double>) {
    totals.AddFloat64("value", std::move(value_sums), if_values);
  } else {
    totals.AddInt64("value", std::move(value_sums), if_values);
  }
  totals.AddFloat64("value_share", std::move(value_shares), if_positive);
  PATRON_ASSIGN_OR_RETURN(arrow::Table totals_table, totals.Finish());
  assigned.totals = NewTable(std::move(totals_table));
  return assigned;
}

absl::StatusOr<Assigned> AssignTable(const patron_segments &segments, const arrow::Table &scores,
                                     const Execution &execution) {
  std::optional<arrow::IdReader> ids;
  if (scores.Find("customer_id")) {
    PATRON_ASSIGN_OR_RETURN(ids, arrow::OpenIds(scores, "customer_id"));
  }
  const auto rows = static_cast<size_t>(scores.rows());
  arrow::Loaded<int64_t> orders;
  const bool has_orders = scores.Find("frequency").has_value();
  if (has_orders) {
    PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenIntegers(scores, "frequency"));
    PATRON_ASSIGN_OR_RETURN(orders, arrow::Load(reader, execution));
  } else {
    orders.storage.resize(rows);
    orders.values = orders.storage;
  }
  const std::optional<size_t> monetary = scores.Find("monetary");
  if (monetary && !arrow::IsInteger(scores.fields()[*monetary].values().kind)) {
    PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenNumbers(scores, "monetary"));
    PATRON_ASSIGN_OR_RETURN(const auto values, arrow::Load(reader, execution));
    return Assign<double>(segments, scores, ids, orders.values, has_orders, values.values, true,
                          execution);
  }
  arrow::Loaded<int64_t> values;
  if (monetary) {
    PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenIntegers(scores, "monetary"));
    PATRON_ASSIGN_OR_RETURN(values, arrow::Load(reader, execution));
  } else {
    values.storage.resize(rows);
    values.values = values.storage;
  }
  return Assign<int64_t>(segments, scores, ids, orders.values, has_orders, values.values,
                         monetary.has_value(), execution);
}

}  // namespace
}  // namespace patron::c_api

namespace c_api = patron::c_api;
namespace proto = patron::proto;

extern "C" patron_status patron_segments_preset(const char *name, patron_segments **out,
                                                patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const auto preset, c_api::PresetOf(name));
    PATRON_ASSIGN_OR_RETURN(auto rules, patron::value::PresetSegmentRules(preset));
    PATRON_ASSIGN_OR_RETURN(auto segments, c_api::NewSegments(std::move(rules)));
    *out = segments.release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_segments_from_table(const patron_table *table, int32_t bins,
                                                    const char *others, patron_segments **out,
                                                    patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(auto rules, c_api::RulesFromTable(table->table, bins, others));
    PATRON_ASSIGN_OR_RETURN(auto segments, c_api::NewSegments(std::move(rules)));
    *out = segments.release();
    return absl::OkStatus();
  });
}

extern "C" void patron_segments_free(patron_segments *segments) { delete segments; }

extern "C" patron_status patron_segments_to_table(const patron_segments *segments,
                                                  patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("segments", segments));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(patron::arrow::Table table, c_api::RulesToTable(segments->rules));
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_segments_check(const patron_segments *segments,
                                               patron_segments_check_result *result,
                                               patron_table **findings, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("segments", segments));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("result", result));
    const patron::value::SegmentCheck &check = segments->table.check();
    patron_segments_check_result full{};
    full.cells = static_cast<uint64_t>(check.cells);
    full.uncovered = static_cast<uint64_t>(check.uncovered);
    full.ambiguous = static_cast<uint64_t>(check.ambiguous);
    full.unreachable = check.unreachable.size();
    if (findings != nullptr) {
      // The handle keeps counts only; here every cell is listed.
      PATRON_ASSIGN_OR_RETURN(const auto table,
                              patron::value::SegmentTable::Compile(
                                  segments->rules, static_cast<size_t>(check.cells), false));
      PATRON_ASSIGN_OR_RETURN(patron::arrow::Table listed,
                              c_api::FindingsTable(segments->rules, table.check()));
      *findings = c_api::NewTable(std::move(listed)).release();
    }
    c_api::WriteOut(full, result);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_segments_assign(const patron_segments *segments,
                                                const patron_table *scores,
                                                const patron_context *context,
                                                patron_table **membership, patron_table **totals,
                                                patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("segments", segments));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("scores", scores));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("membership", membership));
    PATRON_ASSIGN_OR_RETURN(
        c_api::Assigned assigned,
        c_api::AssignTable(*segments, scores->table, c_api::ToExecution(context)));
    *membership = assigned.membership.release();
    if (totals != nullptr) *totals = assigned.totals.release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_segments_serialize(const patron_segments *segments,
                                                   patron_bytes **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("segments", segments));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    return c_api::WriteBytes(patron::v1::KIND_SEGMENTS, proto::ToMessage(segments->rules), out);
  });
}

extern "C" patron_status patron_segments_deserialize(const void *bytes, size_t size,
                                                     patron_segments **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("bytes", bytes));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron::v1::Segments message;
    PATRON_RETURN_IF_ERROR(proto::Unwrap({static_cast<const char *>(bytes), size},
                                         patron::v1::KIND_SEGMENTS, message));
    PATRON_ASSIGN_OR_RETURN(auto rules, proto::FromMessage(message));
    absl::StatusOr<std::unique_ptr<patron_segments>> segments =
        c_api::NewSegments(std::move(rules));
    if (!segments.ok()) return proto::AsDataLoss(segments.status());
    *out = segments->release();
    return absl::OkStatus();
  });
}
