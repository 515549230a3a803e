// The quality of records.
#include "patron/c/customers_quality.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "arrow/builder.hpp"
#include "c_api/columns.hpp"
#include "c_api/customers_cells.hpp"
#include "c_api/customers_values.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "customers/keyed_hash.hpp"
#include "customers/validity.hpp"
#include "patron/base/normal.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/customers/phone.hpp"
#include "patron/customers/quality.hpp"

namespace patron::c_api {
namespace {

using customers::FieldChecks;
using customers::FieldKind;
using customers::QualityCounts;
using customers::QualityWeights;

struct Options {
  customers::TimelinessForm form;
  double exponent, z;
  QualityWeights weights;
  int64_t as_of;
  std::string source, entity, id;
  std::string_view region;
};

absl::StatusOr<Options> ReadQualityOptions(const patron_quality_options *options) {
  patron_quality_options full;
  patron_quality_options_init(&full);
  PATRON_RETURN_IF_ERROR(ReadOptions("options", options, &full));
  PATRON_RETURN_IF_ERROR(CheckEnum("timeliness", full.timeliness, 2));
  if (!(full.exponent > 0 && full.exponent <= 100)) {
    return InvalidOption("exponent", FormatNumber(full.exponent), "above 0, to 100");
  }
  if (!(full.level > 0 && full.level < 1)) {
    return InvalidOption("level", FormatNumber(full.level), "between 0 and 1");
  }
  Options read{.form = static_cast<customers::TimelinessForm>(full.timeliness),
               .exponent = full.exponent,
               .z = NormalQuantile(0.5 + 0.5 * full.level),
               .weights = {},
               .as_of = full.as_of,
               .source = full.source == nullptr ? "" : full.source,
               .entity = full.entity == nullptr ? "" : full.entity,
               .id = full.id == nullptr ? "" : full.id,
               .region = full.region == nullptr ? "" : full.region};
  double sum = 0;
  for (size_t i = 0; i < read.weights.each.size(); ++i) {
    const double weight = full.weights[i];
    if (!(weight >= 0 && std::isfinite(weight))) {
      return InvalidOption("weights", FormatNumber(weight), "finite numbers, 0 or more");
    }
    read.weights.each[i] = weight;
    sum += weight;
  }
  if (sum == 0) return InvalidOption("weights", "all 0", "one above 0");
  if (!customers::IsPhoneRegion(read.region)) {
    return InvalidOption("region", Quoted(read.region), "CN, HK, MO, TW, US, CA or GB");
  }
  return read;
}

struct Field {
  std::string name;
  FieldKind kind = FieldKind::kText;
  FieldChecks checks;
};

// Codes of the values of a column; null and empty are not allowed.
absl::StatusOr<std::vector<uint32_t>> CodesOf(const arrow::Table &table, const std::string &name,
                                              std::vector<std::string> *values) {
  PATRON_ASSIGN_OR_RETURN(const ValueColumn column, ValueColumn::Read(table, name));
  std::unordered_map<std::string_view, uint32_t> codes;
  std::vector<uint32_t> result(column.size());
  for (size_t i = 0; i < result.size(); ++i) {
    if (column.filled[i] == 0) return InvalidRow(name, i, "null", "a value");
    const auto [at, fresh] = codes.emplace(column.text[i], static_cast<uint32_t>(codes.size()));
    if (fresh && values != nullptr) values->emplace_back(column.text[i]);
    result[i] = at->second;
  }
  return result;
}

absl::Status FillChecks(const arrow::Table &table, const arrow::Table &fields, size_t row,
                        const Options &options, Field &field) {
  PATRON_ASSIGN_OR_RETURN(const auto weights, ReadReals(fields, "weight"));
  PATRON_ASSIGN_OR_RETURN(const auto patterns, ReadTexts(fields, "pattern"));
  PATRON_ASSIGN_OR_RETURN(const auto lows, ReadReals(fields, "low"));
  PATRON_ASSIGN_OR_RETURN(const auto highs, ReadReals(fields, "high"));
  PATRON_ASSIGN_OR_RETURN(const auto updated, ReadTexts(fields, "updated"));
  PATRON_ASSIGN_OR_RETURN(const auto volatility, ReadReals(fields, "volatility_days"));
  FieldChecks &checks = field.checks;
  checks.weight = weights.Or(row, 1);
  if (!(checks.weight > 0)) {
    return InvalidRow("weight", row, FormatNumber(checks.weight), "a number above 0");
  }
  if (lows.has(row) && highs.has(row) && lows.Or(row, 0) > highs.Or(row, 0)) {
    return InvalidRow("low", row, FormatNumber(lows.Or(row, 0)),
                      absl::StrCat("at most high, ", FormatNumber(highs.Or(row, 0))));
  }
  std::optional<customers::TextPattern> pattern;
  if (patterns.has(row)) {
    absl::StatusOr<customers::TextPattern> compiled =
        customers::TextPattern::Compile(patterns.Or(row, {}));
    if (!compiled.ok()) {
      return InvalidRow(
          "pattern", row, Quoted(patterns.Or(row, {})),
          std::string_view(compiled.status().message().data(), compiled.status().message().size()));
    }
    pattern.emplace(*std::move(compiled));
  }
  PATRON_ASSIGN_OR_RETURN(const ValueColumn column, ValueColumn::Read(table, field.name));
  const bool ranged = lows.has(row) || highs.has(row);
  const size_t n = column.size();
  checks.filled = column.filled;
  checks.valid.assign(n, 0);
  for (size_t i = 0; i < n; ++i) {
    if (column.filled[i] == 0) continue;
    const bool text = column.type == ValueColumn::Type::kText;
    // A number is a number, and a date a date, whatever their columns are made of.
    bool valid = true;
    if (text || (field.kind != FieldKind::kNumber && field.kind != FieldKind::kDate)) {
      valid = customers::IsValid(column.text[i], field.kind, options.region);
    } else if (field.kind == FieldKind::kNumber) {
      valid = column.type == ValueColumn::Type::kNumber;
    } else {
      valid = column.type == ValueColumn::Type::kTime;
    }
    if (valid && ranged) {
      double number = 0;
      if (text) {
        const std::string_view digits = column.text[i];
        const auto end = digits.data() + digits.size();
        const auto read = std::from_chars(digits.data(), end, number);
        valid = read.ec == std::errc() && read.ptr == end;
      } else {
        number = column.number[i];
      }
      valid = valid && number >= lows.Or(row, -HUGE_VAL) && number <= highs.Or(row, HUGE_VAL);
    }
    if (valid && pattern) {
      const absl::StatusOr<bool> matches = pattern->Matches(column.text[i]);
      if (!matches.ok()) {
        return InvalidRow(field.name, i, Quoted(column.text[i]),
                          "a value that the pattern can be tried on in time");
      }
      valid = *matches;
    }
    checks.valid[i] = valid ? 1 : 0;
  }

  constexpr double kDay = 86'400e6;
  double days = customers::kVolatilityDays[static_cast<size_t>(field.kind)];
  if (volatility.has(row)) {
    days = volatility.Or(row, 0);
    if (!(days > 0)) return InvalidRow("volatility_days", row, FormatNumber(days), "above 0");
  }
  if (!updated.has(row)) return absl::OkStatus();
  if (days == 0) {
    return InvalidRow("volatility_days", row, "null",
                      absl::StrCat("days, as fields of kind ",
                                   Text(customers::kFieldKinds[static_cast<size_t>(field.kind)]),
                                   " have no default"));
  }
  PATRON_ASSIGN_OR_RETURN(const auto times, ReadTimes(table, updated.Or(row, {})));
  if (!table.Find(updated.Or(row, {}))) {
    return InvalidRow("updated", row, Quoted(updated.Or(row, {})), "a column of the table");
  }
  checks.timeliness.assign(n, customers::kUnknownQuality);
  for (size_t i = 0; i < n; ++i) {
    if (!times.has(i)) continue;
    const double age =
        (static_cast<double>(options.as_of) - static_cast<double>(times.Or(i, 0))) / kDay;
    checks.timeliness[i] = customers::TimelinessOf(age, options.form, days, options.exponent);
  }
  return absl::OkStatus();
}

// ---- Rules ----

enum class Compare { kLess, kLessOrEqual, kEqual, kNotEqual, kGreater, kGreaterOrEqual };
constexpr std::array<std::string_view, 6> kOps = {"<", "<=", "=", "!=", ">", ">="};

template <typename T>
bool Meets(const T &a, Compare op, const T &b) {
  switch (op) {
    case Compare::kLess: return a < b;
    case Compare::kLessOrEqual: return !(b < a);
    case Compare::kEqual: return a == b;
    case Compare::kNotEqual: return !(a == b);
    case Compare::kGreater: return b < a;
    case Compare::kGreaterOrEqual: return !(a < b);
  }
  return false;
}

absl::Status ApplyRules(const arrow::Table &table, const arrow::Table &rules,
                        std::vector<uint16_t> &kept, std::vector<uint16_t> &applicable) {
  constexpr size_t kMost = 60'000;
  PATRON_ASSIGN_OR_RETURN(const auto lefts, ReadTexts(rules, "left", Presence::kRequired));
  PATRON_ASSIGN_OR_RETURN(const auto ops, ReadTexts(rules, "op", Presence::kRequired));
  PATRON_ASSIGN_OR_RETURN(const auto rights, ReadTexts(rules, "right"));
  PATRON_ASSIGN_OR_RETURN(const auto values, ReadTexts(rules, "value"));
  PATRON_ASSIGN_OR_RETURN(const auto whens, ReadTexts(rules, "when"));
  PATRON_ASSIGN_OR_RETURN(const auto equals, ReadTexts(rules, "equals"));
  const auto n = static_cast<size_t>(table.rows());
  kept.assign(n, 0);
  applicable.assign(n, 0);
  const auto count = static_cast<size_t>(rules.rows());
  if (count > kMost) return InvalidOption("rules", std::to_string(count), "at most 60000");
  for (size_t r = 0; r < count; ++r) {
    const auto *op = std::ranges::find(kOps, ops.Or(r, {}));
    if (op == kOps.end()) {
      return InvalidRow("op", r, Quoted(ops.Or(r, {})), "<, <=, =, !=, > or >=");
    }
    const auto compare = static_cast<Compare>(op - kOps.begin());
    if (rights.has(r) == values.has(r)) {
      return InvalidRow("right", r, rights.has(r) ? "given beside value" : "null",
                        "either a column or a value");
    }
    if (whens.has(r) != equals.has(r)) {
      return InvalidRow("when", r, whens.has(r) ? "without equals" : "null with equals",
                        "both or none");
    }
    PATRON_ASSIGN_OR_RETURN(const ValueColumn left, ValueColumn::Read(table, lefts.Or(r, {})));
    ValueColumn right, condition;
    bool numbers = left.type == ValueColumn::Type::kNumber;
    bool times = left.type == ValueColumn::Type::kTime;
    double literal = 0;
    const std::string_view text = values.Or(r, {});
    if (rights.has(r)) {
      PATRON_ASSIGN_OR_RETURN(right, ValueColumn::Read(table, rights.Or(r, {})));
      numbers = numbers && right.type == ValueColumn::Type::kNumber;
      times = times && right.type == ValueColumn::Type::kTime;
    } else {
      times = false;  // Instants compare as their text with a text that is one.
      if (numbers) {
        const auto read = std::from_chars(text.data(), text.data() + text.size(), literal);
        if (read.ec != std::errc() || read.ptr != text.data() + text.size()) {
          return InvalidRow("value", r, Quoted(text), "a number, as the column has");
        }
      }
    }
    if (whens.has(r)) {
      PATRON_ASSIGN_OR_RETURN(condition, ValueColumn::Read(table, whens.Or(r, {})));
    }
    for (size_t i = 0; i < n; ++i) {
      if (left.filled[i] == 0 || (rights.has(r) && right.filled[i] == 0)) continue;
      if (whens.has(r) && (condition.filled[i] == 0 || condition.text[i] != equals.Or(r, {}))) {
        continue;
      }
      ++applicable[i];
      const bool holds =
          numbers || times
              ? Meets(left.number[i], compare, rights.has(r) ? right.number[i] : literal)
              : Meets(left.text[i], compare, rights.has(r) ? right.text[i] : text);
      kept[i] = static_cast<uint16_t>(kept[i] + (holds ? 1 : 0));
    }
  }
  return absl::OkStatus();
}

// ---- The verified sample ----

absl::Status CompareSample(const arrow::Table &table, const arrow::Table &sample,
                           const Options &options, std::vector<Field> &fields) {
  PATRON_ASSIGN_OR_RETURN(const SubjectColumn ids, SubjectColumn::Read(table, options.id));
  PATRON_ASSIGN_OR_RETURN(const SubjectColumn wanted, SubjectColumn::Read(sample, options.id));
  std::map<std::pair<int64_t, std::string_view>, size_t> places;
  for (size_t i = 0; i < ids.size(); ++i) {
    if (!places.emplace(std::pair(ids[i].integer, ids[i].text), i).second) {
      return InvalidRow(options.id, i, customers::FormatSubject(ids[i]),
                        "each id once where a sample is given");
    }
  }
  std::vector<size_t> rows(wanted.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto at = places.find(std::pair(wanted[i].integer, wanted[i].text));
    if (at == places.end() || wanted.is_text() != ids.is_text()) {
      return InvalidRow(absl::StrCat("verified: ", options.id), i,
                        customers::FormatSubject(wanted[i]), "an id of the table");
    }
    rows[i] = at->second;
  }
  for (Field &field : fields) {
    if (!sample.Find(field.name)) continue;
    PATRON_ASSIGN_OR_RETURN(const ValueColumn right, ValueColumn::Read(sample, field.name));
    PATRON_ASSIGN_OR_RETURN(const ValueColumn ours, ValueColumn::Read(table, field.name));
    field.checks.checked.assign(ours.size(), 0);
    field.checks.correct.assign(ours.size(), 0);
    constexpr std::array<customers::ValueKind, 9> kCompared = {
        customers::ValueKind::kText,     customers::ValueKind::kName,
        customers::ValueKind::kPhone,    customers::ValueKind::kEmail,
        customers::ValueKind::kIdentity, customers::ValueKind::kAddress,
        customers::ValueKind::kText,     customers::ValueKind::kRaw,
        customers::ValueKind::kRaw};
    const auto kind = kCompared[static_cast<size_t>(field.kind)];
    for (size_t i = 0; i < rows.size(); ++i) {
      if (right.filled[i] == 0) continue;
      const size_t row = rows[i];
      field.checks.checked[row] = 1;
      const bool same =
          ours.filled[row] != 0 && customers::ComparedAs(ours.text[row], kind, options.region) ==
                                       customers::ComparedAs(right.text[i], kind, options.region);
      field.checks.correct[row] = same ? 1 : 0;
    }
  }
  return absl::OkStatus();
}

// ---- Results ----

// A column of numbers, null where NaN.
void AddShares(arrow::TableBuilder &builder, std::string_view name, std::vector<double> values) {
  std::vector<uint8_t> known(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    known[i] = std::isnan(values[i]) ? 0 : 1;
    if (known[i] == 0) values[i] = 0;
  }
  builder.AddFloat64(name, std::move(values), known);
}

template <typename Get>
std::vector<double> Each(std::span<const QualityCounts> counts, Get get) {
  std::vector<double> values;
  values.reserve(counts.size());
  for (const QualityCounts &one : counts) values.push_back(get(one));
  return values;
}

template <typename Get>
std::vector<int64_t> EachCount(std::span<const QualityCounts> counts, Get get) {
  std::vector<int64_t> values;
  values.reserve(counts.size());
  for (const QualityCounts &one : counts) values.push_back(static_cast<int64_t>(get(one)));
  return values;
}

void AddAccuracy(arrow::TableBuilder &builder, std::span<const QualityCounts> counts, double z) {
  const auto wilson = [z](const QualityCounts &c) {
    constexpr double kNone = customers::kUnknownQuality;
    return c.checked == 0
               ? Interval{kNone, kNone}
               : WilsonInterval(static_cast<double>(c.correct), static_cast<double>(c.checked), z);
  };
  builder.AddInt64("checked", EachCount(counts, [](const auto &c) { return c.checked; }));
  builder.AddInt64("correct", EachCount(counts, [](const auto &c) { return c.correct; }));
  AddShares(builder, "accuracy", Each(counts, [](const auto &c) {
              return c.checked == 0
                         ? customers::kUnknownQuality
                         : static_cast<double>(c.correct) / static_cast<double>(c.checked);
            }));
  AddShares(builder, "accuracy_low", Each(counts, [&](const auto &c) { return wilson(c).lower; }));
  AddShares(builder, "accuracy_high", Each(counts, [&](const auto &c) { return wilson(c).upper; }));
}

void AddQuality(arrow::TableBuilder &builder, std::string_view name,
                std::span<const QualityCounts> counts, double customers::QualityParts::*part) {
  AddShares(builder, name, Each(counts, [&](const auto &c) { return c.Parts().*part; }));
}

void AddOverall(arrow::TableBuilder &builder, std::span<const QualityCounts> counts,
                const QualityWeights &weights) {
  AddShares(builder, "overall", Each(counts, [&](const auto &c) {
              return customers::OverallQuality(c.Parts(), weights);
            }));
}

using P = customers::QualityParts;

absl::StatusOr<arrow::Table> TableByField(std::span<const QualityCounts> counts,
                                          const std::vector<Field> &fields,
                                          const Options &options) {
  std::vector<std::string_view> names;
  for (const Field &field : fields) names.push_back(field.name);
  arrow::TableBuilder builder;
  builder.AddText("field", std::span<const std::string_view>(names));
  builder.AddInt64("cells", EachCount(counts, [](const auto &c) { return c.cells; }));
  builder.AddInt64("filled", EachCount(counts, [](const auto &c) { return c.filled; }));
  builder.AddInt64("valid", EachCount(counts, [](const auto &c) { return c.valid; }));
  AddQuality(builder, "completeness", counts, &P::completeness);
  AddQuality(builder, "validity", counts, &P::validity);
  AddQuality(builder, "timeliness", counts, &P::timeliness);
  AddAccuracy(builder, counts, options.z);
  AddOverall(builder, counts, options.weights);
  return builder.Finish();
}

absl::StatusOr<arrow::Table> TableByRecord(std::span<const QualityCounts> counts,
                                           const Options &options) {
  std::vector<int64_t> rows(counts.size());
  for (size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<int64_t>(i);
  arrow::TableBuilder builder;
  builder.AddInt64("row", std::move(rows));
  AddQuality(builder, "completeness", counts, &P::completeness);
  AddQuality(builder, "validity", counts, &P::validity);
  AddQuality(builder, "timeliness", counts, &P::timeliness);
  AddQuality(builder, "consistency", counts, &P::consistency);
  AddOverall(builder, counts, options.weights);
  return builder.Finish();
}

absl::StatusOr<arrow::Table> SourceTable(std::span<const QualityCounts> counts,
                                         const std::vector<std::string> *sources,
                                         const Options &options) {
  arrow::TableBuilder builder;
  if (sources != nullptr) {
    builder.AddText("source", std::span<const std::string>(*sources));
  }
  builder.AddInt64("records", EachCount(counts, [](const auto &c) { return c.records; }));
  AddQuality(builder, "completeness", counts, &P::completeness);
  AddQuality(builder, "validity", counts, &P::validity);
  AddQuality(builder, "uniqueness", counts, &P::uniqueness);
  AddQuality(builder, "timeliness", counts, &P::timeliness);
  AddQuality(builder, "consistency", counts, &P::consistency);
  AddAccuracy(builder, counts, options.z);
  AddOverall(builder, counts, options.weights);
  AddShares(builder, "trust",
            Each(counts, [&](const auto &c) { return c.Trust(options.weights, options.z); }));
  return builder.Finish();
}

struct QualityResult {
  std::unique_ptr<patron_table> by_field, by_record, by_source, base;
};

absl::StatusOr<QualityResult> QualityOfTable(const arrow::Table &table,
                                             const arrow::Table &field_rows,
                                             const patron_table *rules,
                                             const patron_table *verified, const Options &options) {
  PATRON_ASSIGN_OR_RETURN(const auto names, ReadTexts(field_rows, "field", Presence::kRequired));
  PATRON_ASSIGN_OR_RETURN(const auto kinds, ReadTexts(field_rows, "kind"));
  std::vector<Field> fields(static_cast<size_t>(field_rows.rows()));
  if (fields.empty()) return InvalidOption("fields", "none", "at least one");
  for (size_t i = 0; i < fields.size(); ++i) {
    fields[i].name = names.Or(i, {});
    for (size_t k = 0; k < i; ++k) {
      if (fields[k].name == fields[i].name) {
        return InvalidRow("field", i, Quoted(fields[i].name), "each field once");
      }
    }
    const std::string_view kind = kinds.Or(i, "text");
    const auto *known = std::ranges::find(customers::kFieldKinds, kind);
    if (known == customers::kFieldKinds.end()) {
      return InvalidRow("kind", i, Quoted(kind),
                        "text, name, phone, email, identity, address, job, number or date");
    }
    fields[i].kind = static_cast<FieldKind>(known - customers::kFieldKinds.begin());
    PATRON_RETURN_IF_ERROR(FillChecks(table, field_rows, i, options, fields[i]));
  }
  if (verified != nullptr) {
    PATRON_RETURN_IF_ERROR(CompareSample(table, verified->table, options, fields));
  }
  std::vector<uint16_t> kept, applicable;
  if (rules != nullptr) {
    PATRON_RETURN_IF_ERROR(ApplyRules(table, rules->table, kept, applicable));
  }
  std::vector<uint32_t> source, entity;
  std::vector<std::string> sources = {"all"};
  if (!options.source.empty()) {
    sources.clear();
    PATRON_ASSIGN_OR_RETURN(source, CodesOf(table, options.source, &sources));
  }
  if (!options.entity.empty()) {
    PATRON_ASSIGN_OR_RETURN(entity, CodesOf(table, options.entity, nullptr));
  }
  std::vector<FieldChecks> checks;
  for (Field &field : fields) checks.push_back(std::move(field.checks));
  const customers::Quality quality =
      customers::MeasureQuality(checks, {.rows = static_cast<size_t>(table.rows()),
                                         .source = source,
                                         .sources = sources.size(),
                                         .entity = entity,
                                         .rules_kept = kept,
                                         .rules_applicable = applicable});
  QualityResult result;
  PATRON_ASSIGN_OR_RETURN(arrow::Table by_field, TableByField(quality.fields, fields, options));
  PATRON_ASSIGN_OR_RETURN(arrow::Table by_record, TableByRecord(quality.records, options));
  PATRON_ASSIGN_OR_RETURN(arrow::Table by_source, SourceTable(quality.sources, &sources, options));
  PATRON_ASSIGN_OR_RETURN(arrow::Table base,
                          SourceTable(std::span(&quality.base, 1), nullptr, options));
  result.by_field = NewTable(std::move(by_field));
  result.by_record = NewTable(std::move(by_record));
  result.by_source = NewTable(std::move(by_source));
  result.base = NewTable(std::move(base));
  return result;
}

}  // namespace
}  // namespace patron::c_api

namespace c_api = patron::c_api;

extern "C" void patron_quality_options_init(patron_quality_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->timeliness = PATRON_TIMELINESS_BALLOU;
  options->exponent = 1;
  options->level = 0.95;
  options->id = "id";
  options->region = "CN";
  std::ranges::copy(patron::customers::QualityWeights().each, options->weights);
}

extern "C" patron_status patron_quality(const patron_table *table, const patron_table *fields,
                                        const patron_table *rules, const patron_table *verified,
                                        const patron_quality_options *options,
                                        patron_table **by_field, patron_table **by_record,
                                        patron_table **by_source, patron_table **base,
                                        patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("fields", fields));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("options", options));
    PATRON_ASSIGN_OR_RETURN(const c_api::Options read, c_api::ReadQualityOptions(options));
    PATRON_ASSIGN_OR_RETURN(
        c_api::QualityResult result,
        c_api::QualityOfTable(table->table, fields->table, rules, verified, read));
    if (by_field != nullptr) *by_field = result.by_field.release();
    if (by_record != nullptr) *by_record = result.by_record.release();
    if (by_source != nullptr) *by_source = result.by_source.release();
    if (base != nullptr) *base = result.base.release();
    return absl::OkStatus();
  });
}
