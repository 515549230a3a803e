// Pairs that a linker finds, and why.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "arrow/builder.hpp"
#include "c_api/customers_linker.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "patron/base/status.hpp"
#include "patron/customers/link_assignment.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace customers = patron::customers;

namespace patron::c_api {
namespace {

using customers::FoundPairs;
using customers::LinkField;
using customers::RecordPair;

absl::StatusOr<arrow::Table> PairTable(const LinkInput &input, const patron_linker &linker,
                                       FoundPairs found) {
  const size_t n = found.pairs.size(), fields = linker.plan.fields.size();
  std::vector<double> probability(n);
  for (size_t p = 0; p < n; ++p) probability[p] = customers::ProbabilityOf(found.weights[p]);
  arrow::TableBuilder builder;
  AddSides([&](const std::vector<uint32_t> &records) { return input.Ids(records); }, found.pairs,
           "left", "right", builder);
  builder.AddFloat64("weight", std::move(found.weights));
  builder.AddFloat64("probability", std::move(probability));
  for (size_t k = 0; k < fields; ++k) {
    std::vector<double> own(n);
    for (size_t p = 0; p < n; ++p) own[p] = found.field_weights[p * fields + k];
    builder.AddFloat64("weight_" + linker.plan.fields[k].column, std::move(own));
  }
  return builder.Finish();
}

// Keeps the pairs in which each record has one partner.
absl::Status KeepOneToOne(const customers::LinkRecords &records, size_t fields, double threshold,
                          FoundPairs &found) {
  uint32_t most = 0;
  for (const uint32_t source : records.sources) most = std::max(most, source);
  if (most != 1) {
    return InvalidOption("matching",
                         records.sources.empty() ? "one source" : "more than two sources",
                         "two sources for one-to-one");
  }
  std::vector<double> gains;
  for (const double weight : found.weights) gains.push_back(weight - threshold);
  FoundPairs kept;
  kept.compared = found.compared;
  for (const uint32_t p : customers::AssignPairs(found.pairs, gains)) {
    kept.pairs.push_back(found.pairs[p]);
    kept.weights.push_back(found.weights[p]);
    for (size_t k = 0; k < fields; ++k) {
      kept.field_weights.push_back(found.field_weights[p * fields + k]);
    }
  }
  found = std::move(kept);
  return absl::OkStatus();
}

absl::StatusOr<arrow::Table> PlanTable(const patron_linker &linker, const LinkInput &input) {
  std::vector<std::string_view> rules;
  std::vector<int64_t> keys, largest, pairs, capped_keys, capped_records, capped_pairs;
  for (const customers::BlockRule &rule : linker.plan.blocks) {
    const customers::Blocks blocks = MakeBlocks(input.records(), rule, linker.plan.cap);
    rules.push_back(rule.text);
    keys.push_back(static_cast<int64_t>(blocks.keys()));
    largest.push_back(blocks.largest);
    pairs.push_back(static_cast<int64_t>(blocks.pairs));
    capped_keys.push_back(static_cast<int64_t>(blocks.capped_keys));
    capped_records.push_back(static_cast<int64_t>(blocks.capped_records));
    capped_pairs.push_back(static_cast<int64_t>(blocks.capped_pairs));
  }
  arrow::TableBuilder builder;
  builder.AddText("rule", rules);
  builder.AddInt64("keys", std::move(keys));
  builder.AddInt64("largest", std::move(largest));
  builder.AddInt64("pairs", std::move(pairs));
  builder.AddInt64("capped_keys", std::move(capped_keys));
  builder.AddInt64("capped_records", std::move(capped_records));
  builder.AddInt64("capped_pairs", std::move(capped_pairs));
  return builder.Finish();
}

std::string ValueOf(const customers::LinkColumn &column, uint32_t record, uint8_t *valid) {
  const uint32_t code = column.codes[record];
  *valid = code == customers::kNoValue ? 0 : 1;
  if (code == customers::kNoValue) return {};
  std::u32string text;
  const customers::Characters &value = column.values[code];
  for (size_t i = 0; i < value.size; ++i) text.push_back(value[i]);
  return customers::ToUtf8(text);
}

// Rows of the explanation, one after another.
struct Explanation {
  std::vector<RecordPair> pairs;
  std::vector<std::string> field, level, left, right;
  std::vector<double> m, u, weight;
  std::vector<uint8_t> has_field, has_left, has_right, has_model;

  void Add(const RecordPair &pair, double own) {
    pairs.push_back(pair);
    weight.push_back(own);
    for (auto *texts : {&field, &level, &left, &right}) texts->emplace_back();
    for (auto *numbers : {&m, &u}) numbers->push_back(0);
    for (auto *valid : {&has_field, &has_left, &has_right, &has_model}) valid->push_back(0);
  }
};

}  // namespace

void AddSides(const IdsOf &ids, std::span<const RecordPair> pairs, const char *left,
              const char *right, arrow::TableBuilder &builder, std::span<const uint8_t> valid) {
  std::vector<uint32_t> lefts, rights;
  for (const RecordPair &pair : pairs) {
    lefts.push_back(pair.left);
    rights.push_back(pair.right);
  }
  builder.AddIds(left, ids(lefts).span(), valid);
  builder.AddIds(right, ids(rights).span(), valid);
}

absl::StatusOr<arrow::Table> ExplainPairs(const patron_linker &linker,
                                          const customers::LinkRecords &records,
                                          const customers::PairScorer &scorer, const IdsOf &ids,
                                          const std::vector<RecordPair> &pairs) {
  const customers::LinkModel &model = linker.fitted->model;
  Explanation rows;
  for (const RecordPair &pair : pairs) {
    rows.Add(pair, scorer.prior());
    for (size_t k = 0; k < linker.plan.fields.size(); ++k) {
      const LinkField &field = linker.plan.fields[k];
      const int level = scorer.Level(k, pair.left, pair.right);
      rows.Add(pair, scorer.FieldWeight(k, pair.left, pair.right, level));
      const auto &column = records.columns[linker.plan.field_columns[k]];
      rows.field.back() = field.column;
      rows.has_field.back() = 1;
      rows.left.back() = ValueOf(column, pair.left, &rows.has_left.back());
      rows.right.back() = ValueOf(column, pair.right, &rows.has_right.back());
      if (level < 0) {
        rows.level.back() = "null";
        continue;
      }
      const auto at = static_cast<size_t>(level);
      rows.level.back() = at < field.levels.size() ? field.levels[at].text : "else";
      rows.m.back() = model.fields[k].m[at];
      rows.u.back() = model.fields[k].u[at];
      rows.has_model.back() = 1;
    }
  }
  arrow::TableBuilder builder;
  AddSides(ids, rows.pairs, "left", "right", builder);
  const auto add = [&](const char *name, const std::vector<std::string> &texts,
                       const std::vector<uint8_t> &valid) {
    builder.AddText(name, std::span<const std::string>(texts), valid);
  };
  add("field", rows.field, rows.has_field);
  add("level", rows.level, rows.has_field);
  add("left_value", rows.left, rows.has_left);
  add("right_value", rows.right, rows.has_right);
  builder.AddFloat64("m", std::move(rows.m), rows.has_model);
  builder.AddFloat64("u", std::move(rows.u), rows.has_model);
  builder.AddFloat64("weight", std::move(rows.weight));
  return builder.Finish();
}

}  // namespace patron::c_api

extern "C" patron_status patron_linker_plan(const patron_linker *linker, const patron_table *left,
                                            const patron_table *right,
                                            const patron_context *context, patron_table **out,
                                            patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("linker", linker));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("left", left));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const auto read,
                            linker->last.Read(*linker, left, right, c_api::ToExecution(context)));
    const c_api::LinkInput &input = *read;
    PATRON_ASSIGN_OR_RETURN(arrow::Table table, c_api::PlanTable(*linker, input));
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}

extern "C" void patron_predict_options_init(patron_predict_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
}

extern "C" patron_status patron_linker_predict(const patron_linker *linker,
                                               const patron_table *left, const patron_table *right,
                                               const patron_predict_options *options,
                                               patron_table **out, uint64_t *compared,
                                               patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("linker", linker));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("left", left));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron_predict_options full;
    patron_predict_options_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", options, &full));
    PATRON_RETURN_IF_ERROR(c_api::CheckEnum("matching", full.matching, 2));
    if (std::isnan(full.threshold)) {
      return patron::InvalidOption("threshold", "nan", "a weight, log2 of the odds");
    }
    PATRON_RETURN_IF_ERROR(c_api::CheckFitted(*linker));
    const patron::Execution execution = c_api::ToExecution(full.context);
    PATRON_ASSIGN_OR_RETURN(const auto read, linker->last.Read(*linker, left, right, execution));
    const c_api::LinkInput &input = *read;
    const auto patterns = linker->last.PatternsOf(read);
    PATRON_ASSIGN_OR_RETURN(
        auto found, customers::FindPairs(input.records(), linker->plan, linker->fitted->model,
                                         {.threshold = full.threshold,
                                          .terms = linker->fitted->terms.get(),
                                          .patterns = patterns.get()},
                                         execution));
    if (full.matching == PATRON_LINK_ONE_TO_ONE) {
      PATRON_RETURN_IF_ERROR(
          c_api::KeepOneToOne(input.records(), linker->plan.fields.size(), full.threshold, found));
    }
    const uint64_t all = found.compared;
    PATRON_ASSIGN_OR_RETURN(arrow::Table table, c_api::PairTable(input, *linker, std::move(found)));
    *out = c_api::NewTable(std::move(table)).release();
    if (compared != nullptr) *compared = all;
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_linker_explain(const patron_linker *linker,
                                               const patron_table *left, const patron_table *right,
                                               const patron_table *pairs,
                                               const patron_context *context, patron_table **out,
                                               patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("linker", linker));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("left", left));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("pairs", pairs));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckFitted(*linker));
    const patron::Execution execution = c_api::ToExecution(context);
    PATRON_ASSIGN_OR_RETURN(const auto read, linker->last.Read(*linker, left, right, execution));
    const c_api::LinkInput &input = *read;
    PATRON_ASSIGN_OR_RETURN(const auto wanted, input.Pairs("pairs", pairs->table, execution));
    const customers::PairScorer scorer(input.records(), linker->plan, linker->fitted->model,
                                       linker->fitted->terms.get());
    const auto ids = [&](const std::vector<uint32_t> &records) { return input.Ids(records); };
    PATRON_ASSIGN_OR_RETURN(arrow::Table table,
                            c_api::ExplainPairs(*linker, input.records(), scorer, ids, wanted));
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}
