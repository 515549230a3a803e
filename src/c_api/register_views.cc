// What a register says of its records: entities, sources, the log, values.
#include "patron/c/customers_register_views.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "c_api/nan.hpp"
#include "c_api/register.hpp"
#include "c_api/register_rules.hpp"
#include "patron/customers/survivorship.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;

namespace patron::c_api {
namespace {

using customers::EntityLine;
using customers::EntityOp;
using customers::kNoInstant;
using customers::Register;

std::string_view KindName(const Register &reg, uint32_t record) {
  return customers::kEntityKindNames[static_cast<size_t>(reg.KindOf(record))];
}

absl::StatusOr<arrow::Table> EntityTable(const Register &reg, int64_t at) {
  std::vector<uint32_t> records;
  std::vector<std::string_view> sources, kinds;
  std::vector<int64_t> entities;
  for (uint32_t record = 0; record < reg.records(); ++record) {
    if (reg.log().IsErased(record)) continue;
    const uint32_t entity =
        at == customers::kLatest ? reg.log().EntityOf(record) : reg.log().EntityAt(record, at);
    if (entity == 0) continue;
    records.push_back(record);
    sources.push_back(reg.BatchOf(record).provenance.source);
    kinds.push_back(KindName(reg, record));
    entities.push_back(entity);
  }
  arrow::TableBuilder builder;
  AddIds(reg, "id", records, builder);
  builder.AddText("source", sources);
  builder.AddInt64("entity", std::move(entities));
  builder.AddText("kind", kinds);
  return builder.Finish();
}

absl::StatusOr<arrow::Table> RecordsTable(const Register &reg, uint64_t entity) {
  std::vector<uint32_t> records;
  if (entity != 0) {
    PATRON_ASSIGN_OR_RETURN(const uint32_t living, Resolved(reg, entity));
    records = reg.log().RecordsOf(living);
  } else {
    for (uint32_t record = 0; record < reg.records(); ++record) {
      if (!reg.log().IsErased(record)) records.push_back(record);
    }
  }
  std::vector<int64_t> entities, captured, from, to;
  std::vector<std::string_view> source, key, by, method, purpose, hold, kind;
  std::vector<double> trust, confidence;
  std::vector<uint8_t> verified;
  for (const uint32_t record : records) {
    const customers::RecordBatch &batch = reg.BatchOf(record);
    const uint32_t row = reg.RowOf(record);
    const customers::Provenance &own = batch.provenance;
    const std::string *held = reg.HoldOf(record);
    entities.push_back(reg.log().EntityOf(record));
    captured.push_back(batch.CapturedAt(row));
    from.push_back(batch.valid_from.empty() ? kNoInstant : batch.valid_from[row]);
    to.push_back(batch.valid_to.empty() ? kNoInstant : batch.valid_to[row]);
    source.push_back(own.source);
    key.push_back(batch.source_keys.size() > 0 ? batch.source_keys[row] : std::string_view());
    by.push_back(own.captured_by);
    method.push_back(own.method);
    purpose.push_back(own.purpose);
    hold.push_back(held == nullptr ? std::string_view() : std::string_view(*held));
    trust.push_back(own.trust);
    confidence.push_back(own.confidence);
    verified.push_back(own.verified ? 1 : 0);
    kind.push_back(KindName(reg, record));
  }
  arrow::TableBuilder builder;
  AddIds(reg, "id", records, builder);
  builder.AddInt64("entity", std::move(entities));
  builder.AddText("source", source);
  AddTexts("source_key", key, builder);
  builder.AddTimestamp("captured_at", std::move(captured));
  AddTexts("captured_by", by, builder);
  AddTexts("method", method, builder);
  AddTexts("purpose", purpose, builder);
  builder.AddFloat64("trust", std::move(trust));
  builder.AddFloat64("confidence", std::move(confidence));
  builder.AddBool("verified", verified);
  AddInstants("valid_from", std::move(from), builder);
  AddInstants("valid_to", std::move(to), builder);
  AddTexts("hold", hold, builder);
  builder.AddText("kind", kind);
  return builder.Finish();
}

// What spoke for the merge of a line as a whole; NaN if it was not told.
double WeightOf(const Register &reg, size_t line) {
  const customers::RegisterChange &change = reg.changes()[reg.log().lines()[line].call];
  const customers::MergeEvidence *evidence = reg.EvidenceOf(change);
  if (evidence == nullptr) return kNaN;
  const auto whole = std::ranges::find(evidence->fields, std::string());
  if (whole == evidence->fields.end()) return kNaN;
  return evidence->Of(line - change.first)[static_cast<size_t>(whole - evidence->fields.begin())];
}

absl::StatusOr<arrow::Table> LogTable(const Register &reg) {
  std::vector<int64_t> number, time, survivor, other, left, right, undone_by, undoes;
  std::vector<std::string_view> op, actor, reason;
  std::vector<uint8_t> is_undone, is_undoing, has_weight;
  std::vector<double> weight;
  for (const EntityLine &line : reg.log().lines()) {
    const customers::ChangeNote &note = reg.changes()[line.call].note;
    number.push_back(static_cast<int64_t>(number.size()));
    op.push_back(customers::kEntityOpNames[static_cast<size_t>(line.op)]);
    time.push_back(line.time);
    actor.push_back(note.actor);
    reason.push_back(note.reason);
    survivor.push_back(line.survivor);
    other.push_back(line.other);
    left.push_back(line.left_records);
    right.push_back(line.right_records);
    undone_by.push_back(int64_t{line.undone_by} - 1);
    undoes.push_back(int64_t{line.undoes} - 1);
    is_undone.push_back(line.undone_by != 0 ? 1 : 0);
    is_undoing.push_back(line.undoes != 0 ? 1 : 0);
    weight.push_back(WeightOf(reg, number.size() - 1));
    has_weight.push_back(std::isnan(weight.back()) ? 0 : 1);
  }
  arrow::TableBuilder builder;
  builder.AddInt64("line", std::move(number));
  builder.AddText("op", op);
  builder.AddTimestamp("time", std::move(time));
  builder.AddText("actor", actor);
  builder.AddText("reason", reason);
  builder.AddInt64("survivor", std::move(survivor));
  builder.AddInt64("other", std::move(other));
  builder.AddInt64("left_records", std::move(left));
  builder.AddInt64("right_records", std::move(right));
  builder.AddInt64("undone_by", std::move(undone_by), is_undone);
  builder.AddInt64("undoes", std::move(undoes), is_undoing);
  builder.AddFloat64("weight", std::move(weight), has_weight);
  return builder.Finish();
}

absl::StatusOr<arrow::Table> EvidenceTable(const Register &reg) {
  std::vector<int64_t> number;
  std::vector<uint32_t> left, right;
  std::vector<std::string_view> field;
  std::vector<double> weight;
  for (const customers::RegisterChange &change : reg.changes()) {
    const customers::MergeEvidence *evidence = reg.EvidenceOf(change);
    if (evidence == nullptr) continue;
    for (uint32_t row = 0; row < change.count; ++row) {
      const EntityLine &line = reg.log().lines()[change.first + row];
      const std::span<const double> weights = evidence->Of(row);
      for (size_t k = 0; k < weights.size(); ++k) {
        if (std::isnan(weights[k])) continue;
        number.push_back(change.first + row);
        left.push_back(line.left);
        right.push_back(line.right);
        field.push_back(evidence->fields[k]);
        weight.push_back(weights[k]);
      }
    }
  }
  arrow::TableBuilder builder;
  builder.AddInt64("line", std::move(number));
  AddIds(reg, "left", left, builder);
  AddIds(reg, "right", right, builder);
  AddTexts("field", field, builder);
  builder.AddFloat64("weight", std::move(weight));
  return builder.Finish();
}

absl::StatusOr<arrow::Table> ValueTable(const Register &reg, const customers::Survivorship &rules,
                                        int64_t at, bool losers) {
  const customers::EntityGroups groups = customers::GroupByEntity(reg, at);
  customers::Survivors survivors(reg, rules, at);
  std::vector<int64_t> entities, lost;
  std::vector<std::string_view> fields, values, reasons, sources;
  std::vector<uint32_t> records;
  std::vector<uint8_t> won;
  for (size_t i = 0; i < groups.entities.size(); ++i) {
    for (const customers::FieldValue &value : survivors.Choose(groups.Of(i))) {
      if (!value.won && !losers) continue;
      entities.push_back(groups.entities[i]);
      fields.push_back(reg.field_names()[value.field]);
      values.push_back(value.value);
      reasons.push_back(customers::kSurvivorReasonNames[value.reason]);
      records.push_back(value.record);
      sources.push_back(reg.BatchOf(value.record).provenance.source);
      won.push_back(value.won ? 1 : 0);
      lost.push_back(value.losers);
    }
  }
  arrow::TableBuilder builder;
  builder.AddInt64("entity", std::move(entities));
  builder.AddText("field", fields);
  builder.AddText("value", values);
  builder.AddText("rule", reasons);
  AddIds(reg, "record", records, builder);
  builder.AddText("source", sources);
  builder.AddBool("won", won);
  builder.AddInt64("losers", std::move(lost));
  return builder.Finish();
}

}  // namespace
}  // namespace patron::c_api

extern "C" patron_status patron_register_entities(const patron_register *reg, int64_t at,
                                                  patron_table **out, patron_error *error) {
  return c_api::GiveTable(reg, out, error,
                          [&](const auto &own) { return c_api::EntityTable(own, at); });
}

extern "C" patron_status patron_register_records(const patron_register *reg, uint64_t entity,
                                                 patron_table **out, patron_error *error) {
  return c_api::GiveTable(reg, out, error,
                          [&](const auto &own) { return c_api::RecordsTable(own, entity); });
}

extern "C" patron_status patron_register_log(const patron_register *reg, patron_table **out,
                                             patron_error *error) {
  return c_api::GiveTable(reg, out, error, c_api::LogTable);
}

extern "C" patron_status patron_register_evidence(const patron_register *reg, patron_table **out,
                                                  patron_error *error) {
  return c_api::GiveTable(reg, out, error, c_api::EvidenceTable);
}

extern "C" patron_status patron_register_values(const patron_register *reg,
                                                const patron_table *rules, int64_t at,
                                                int32_t losers, patron_table **out,
                                                patron_error *error) {
  return c_api::GiveTable(reg, out, error, [&](const auto &own) -> absl::StatusOr<arrow::Table> {
    PATRON_RETURN_IF_ERROR(c_api::CheckEnum("losers", losers, 2));
    PATRON_ASSIGN_OR_RETURN(const auto read, c_api::ReadRules(rules));
    return c_api::ValueTable(own, read, at, losers != 0);
  });
}
