// Exports in which nobody stands alone.
#include "patron/c/customers_anonymity.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
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
#include "c_api/nan.hpp"
#include "customers/validity.hpp"
#include "patron/base/status.hpp"
#include "patron/customers/consent.hpp"
#include "patron/customers/k_anonymity.hpp"

namespace patron::c_api {
namespace {

using customers::Anonymity;
using customers::GeneralizedColumn;

constexpr std::string_view kAnything = "*";

// A quasi-identifier with its hierarchy.
struct Quasi {
  std::string field;
  GeneralizedColumn column;
  std::vector<std::string> values;  // By code; null is the last, and has no text.
  std::vector<uint32_t> rows;       // The first row of each code.
  bool has_null = false;
  std::vector<std::string> levels;               // Names of the levels.
  std::vector<std::vector<std::string>> labels;  // By level, by group.

  bool IsNull(size_t code) const { return has_null && code + 1 == values.size(); }
};

// The first `count` code points of a text.
std::string_view Start(std::string_view text, size_t count) {
  size_t at = 0;
  while (at < text.size() && count > 0) {
    do ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
    --count;
  }
  return text.substr(0, at);
}

// Adds a level; `label(code)` gives the label of each value that is there.
template <typename Label>
absl::Status AddLevel(Quasi &quasi, std::string name, Label label) {
  std::unordered_map<std::string, uint32_t> groups;
  std::vector<uint32_t> of(quasi.values.size());
  std::vector<std::string> labels;
  for (size_t code = 0; code < of.size(); ++code) {
    if (quasi.IsNull(code)) {
      of[code] = static_cast<uint32_t>(labels.size());
      labels.emplace_back();
      continue;
    }
    PATRON_ASSIGN_OR_RETURN(std::string text, label(code));
    const auto [at, fresh] = groups.emplace(text, static_cast<uint32_t>(labels.size()));
    if (fresh) labels.push_back(std::move(text));
    of[code] = at->second;
  }
  quasi.column.groups.push_back(std::move(of));
  quasi.labels.push_back(std::move(labels));
  quasi.levels.push_back(std::move(name));
  return absl::OkStatus();
}

using LabelsOfValues = std::map<std::pair<std::string_view, int64_t>, std::string_view>;

absl::Status AddTableLevels(Quasi &quasi, const LabelsOfValues &labels, int64_t levels) {
  for (int64_t level = 1; level <= levels; ++level) {
    PATRON_RETURN_IF_ERROR(AddLevel(
        quasi, absl::StrCat("level ", level), [&](size_t code) -> absl::StatusOr<std::string> {
          const auto at = labels.find(std::pair(std::string_view(quasi.values[code]), level));
          if (at != labels.end()) return std::string(at->second);
          return InvalidRow(
              quasi.field, quasi.rows[code], Quoted(quasi.values[code]),
              absl::StrCat("a value with a label at level ", level, " of the hierarchies"));
        }));
  }
  return absl::OkStatus();
}

absl::Status AddBands(Quasi &quasi, std::string_view size, const ValueColumn &column, size_t row) {
  double width = 0;
  const auto read = std::from_chars(size.data(), size.data() + size.size(), width);
  if (read.ec != std::errc() || read.ptr != size.data() + size.size() || !(width > 0) ||
      !std::isfinite(width)) {
    return InvalidRow("form", row, Quoted(size), "widths above 0");
  }
  if (column.type != ValueColumn::Type::kNumber) {
    return InvalidRow("form", row, "'bands'", absl::StrCat("numbers in column ", quasi.field));
  }
  return AddLevel(quasi, absl::StrCat("bands ", Text(size)), [&](size_t code) {
    const double from = std::floor(column.number[quasi.rows[code]] / width) * width;
    return absl::StatusOr<std::string>(
        absl::StrCat("[", FormatNumber(from), ", ", FormatNumber(from + width), ")"));
  });
}

absl::Status AddDates(Quasi &quasi, std::string_view part, const ValueColumn &column, size_t row) {
  const size_t length = part == "month" ? 7 : part == "year" ? 4 : part == "decade" ? 3 : 0;
  if (length == 0) return InvalidRow("form", row, Quoted(part), "month, year or decade");
  return AddLevel(quasi, std::string(part), [&](size_t code) -> absl::StatusOr<std::string> {
    const std::string &text = quasi.values[code];
    if (column.type != ValueColumn::Type::kTime &&
        !customers::IsValid(text, customers::FieldKind::kDate, "")) {
      return InvalidRow(quasi.field, quasi.rows[code], Quoted(text), "a date such as 2024-02-29");
    }
    return absl::StrCat(text.substr(0, length), length == 3 ? "0s" : "");
  });
}

absl::StatusOr<Quasi> ReadQuasi(const arrow::Table &table, std::string field, std::string_view form,
                                size_t row, const LabelsOfValues &labels, int64_t table_levels) {
  Quasi quasi;
  quasi.field = std::move(field);
  PATRON_ASSIGN_OR_RETURN(const ValueColumn column, ValueColumn::Read(table, quasi.field));
  std::unordered_map<std::string_view, uint32_t> codes;
  constexpr uint32_t kNull = std::numeric_limits<uint32_t>::max();
  uint32_t first_null = 0;
  for (size_t i = 0; i < column.size(); ++i) {
    if (column.filled[i] == 0) {
      if (!quasi.has_null) first_null = static_cast<uint32_t>(i);
      quasi.has_null = true;
      quasi.column.codes.push_back(kNull);
      continue;
    }
    const auto [at, fresh] = codes.emplace(column.text[i], static_cast<uint32_t>(codes.size()));
    if (fresh) {
      quasi.values.emplace_back(column.text[i]);
      quasi.rows.push_back(static_cast<uint32_t>(i));
    }
    quasi.column.codes.push_back(at->second);
  }
  if (quasi.has_null) {
    const auto code = static_cast<uint32_t>(quasi.values.size());
    quasi.values.emplace_back();
    quasi.rows.push_back(first_null);
    for (uint32_t &one : quasi.column.codes) one = one == kNull ? code : one;
  }
  PATRON_RETURN_IF_ERROR(AddLevel(quasi, "value", [&](size_t code) {
    return absl::StatusOr<std::string>(quasi.values[code]);
  }));

  const size_t space = std::min(form.find(' '), form.size());
  const std::string_view word = form.substr(0, space);
  std::string_view rest = form.substr(space);
  const bool known = word == "keep" || word == "bands" || word == "date";
  if (word == "table") {
    PATRON_RETURN_IF_ERROR(AddTableLevels(quasi, labels, table_levels));
  } else if (word != "suppress" && !known) {
    return InvalidRow("form", row, Quoted(form), "keep, bands, date, table or suppress");
  }
  while (known) {
    const size_t comma = std::min(rest.find(','), rest.size());
    std::string_view part = rest.substr(0, comma);
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
    if (part.empty()) return InvalidRow("form", row, Quoted(form), "levels between commas");
    if (word == "bands") {
      PATRON_RETURN_IF_ERROR(AddBands(quasi, part, column, row));
    } else if (word == "date") {
      PATRON_RETURN_IF_ERROR(AddDates(quasi, part, column, row));
    } else {
      uint32_t count = 0;
      const auto read = std::from_chars(part.data(), part.data() + part.size(), count);
      if (read.ec != std::errc() || read.ptr != part.data() + part.size()) {
        return InvalidRow("form", row, Quoted(part), "numbers of characters");
      }
      PATRON_RETURN_IF_ERROR(AddLevel(quasi, absl::StrCat("keep ", count), [&](size_t code) {
        const std::string_view start = Start(quasi.values[code], count);
        return absl::StatusOr<std::string>(
            absl::StrCat(Text(start), start.size() < quasi.values[code].size() ? "*" : ""));
      }));
    }
    if (comma == rest.size()) break;
    rest.remove_prefix(comma + 1);
  }
  quasi.column.groups.emplace_back(quasi.values.size(), 0);
  quasi.labels.push_back({std::string(kAnything)});
  quasi.levels.emplace_back(kAnything);
  if (const size_t level = customers::FirstUnnested(quasi.column); level != 0) {
    return InvalidRow(
        "form", row, Quoted(form),
        absl::StrCat("levels of ", quasi.field, " that join groups of the one before; '",
                     quasi.levels[level], "' parts groups of '", quasi.levels[level - 1], "'"));
  }
  return quasi;
}

absl::StatusOr<std::vector<Quasi>> ReadAllQuasi(const arrow::Table &table,
                                                const arrow::Table &quasi_rows,
                                                const patron_table *hierarchies) {
  std::map<std::string_view, LabelsOfValues> labels;
  std::map<std::string_view, int64_t> levels;
  TextCells of_fields, of_values, of_labels;
  if (hierarchies != nullptr) {
    const arrow::Table &rows = hierarchies->table;
    PATRON_ASSIGN_OR_RETURN(of_fields, ReadTexts(rows, "field", Presence::kRequired));
    PATRON_ASSIGN_OR_RETURN(of_values, ReadTexts(rows, "value", Presence::kRequired));
    PATRON_ASSIGN_OR_RETURN(of_labels, ReadTexts(rows, "label", Presence::kRequired));
    PATRON_ASSIGN_OR_RETURN(const auto of_levels, ReadIntegers(rows, "level", Presence::kRequired));
    for (size_t i = 0; i < static_cast<size_t>(rows.rows()); ++i) {
      const int64_t level = of_levels.Or(i, 0);
      if (level < 1 || level > 64) return InvalidRow("level", i, std::to_string(level), "1 to 64");
      const std::string_view field = of_fields.Or(i, {});
      if (!labels[field]
               .emplace(std::pair(of_values.Or(i, {}), level), of_labels.Or(i, {}))
               .second) {
        return InvalidRow("value", i, Quoted(of_values.Or(i, {})), "one label a level");
      }
      levels[field] = std::max(levels[field], level);
    }
  }
  PATRON_ASSIGN_OR_RETURN(const auto fields, ReadTexts(quasi_rows, "field", Presence::kRequired));
  PATRON_ASSIGN_OR_RETURN(const auto forms, ReadTexts(quasi_rows, "form", Presence::kRequired));
  std::vector<Quasi> all;
  for (size_t i = 0; i < static_cast<size_t>(quasi_rows.rows()); ++i) {
    const std::string_view field = fields.Or(i, {});
    for (const Quasi &before : all) {
      if (before.field == field) return InvalidRow("field", i, Quoted(field), "each field once");
    }
    PATRON_ASSIGN_OR_RETURN(Quasi one, ReadQuasi(table, std::string(field), forms.Or(i, {}), i,
                                                 labels[field], levels[field]));
    all.push_back(std::move(one));
  }
  return all;
}

// The quasi-identifiers of some rows.
void AddQuasi(const std::vector<Quasi> &quasi, const Anonymity &found,
              const std::vector<size_t> &rows, arrow::TableBuilder &builder) {
  for (size_t c = 0; c < quasi.size(); ++c) {
    const uint32_t level = found.levels[c];
    const bool last = level + 1 == quasi[c].levels.size();
    std::vector<std::string_view> texts(rows.size());
    std::vector<uint8_t> there(rows.size(), 1);
    for (size_t i = 0; i < rows.size(); ++i) {
      const uint32_t code = quasi[c].column.codes[rows[i]];
      there[i] = !last && quasi[c].IsNull(code) ? 0 : 1;
      texts[i] = quasi[c].labels[level][quasi[c].column.groups[level][code]];
    }
    builder.AddText(quasi[c].field, std::span<const std::string_view>(texts), there);
  }
}

struct Anonymised {
  std::unique_ptr<patron_table> rows, classes, levels;
  patron_anonymity_report report{};
};

absl::StatusOr<Anonymised> Anonymise(const arrow::Table &table, const arrow::Table &quasi_rows,
                                     const patron_table *hierarchies,
                                     const patron_anonymity_options &options) {
  PATRON_ASSIGN_OR_RETURN(const std::vector<Quasi> quasi,
                          ReadAllQuasi(table, quasi_rows, hierarchies));
  std::vector<GeneralizedColumn> columns;
  for (const Quasi &one : quasi) columns.push_back(one.column);
  std::vector<uint32_t> sensitive;
  ValueColumn values;
  if (options.sensitive != nullptr) {
    PATRON_ASSIGN_OR_RETURN(values, ValueColumn::Read(table, options.sensitive));
    std::unordered_map<std::string_view, uint32_t> codes;
    for (size_t i = 0; i < values.size(); ++i) {
      sensitive.push_back(
          codes.emplace(values.text[i], static_cast<uint32_t>(codes.size())).first->second);
    }
  }
  PATRON_ASSIGN_OR_RETURN(const Anonymity found,
                          customers::Anonymize(columns, sensitive,
                                               {.k = options.k,
                                                .l = options.l,
                                                .t = options.t,
                                                .max_suppressed = options.max_suppressed,
                                                .most_nodes = options.most_nodes}));
  const size_t classes = found.sizes.size();
  std::vector<size_t> kept, firsts(classes);
  std::vector<uint8_t> seen(classes);
  for (size_t row = 0; row < found.class_of.size(); ++row) {
    const uint32_t c = found.class_of[row];
    if (c == Anonymity::kSuppressed) continue;
    kept.push_back(row);
    if (seen[c] == 0) firsts[c] = row;
    seen[c] = 1;
  }

  Anonymised result;
  std::vector<int64_t> numbers, class_of;
  for (const size_t row : kept) {
    numbers.push_back(static_cast<int64_t>(row));
    class_of.push_back(found.class_of[row]);
  }
  arrow::TableBuilder builder;
  builder.AddInt64("row", std::move(numbers));
  builder.AddInt64("class", std::move(class_of));
  AddQuasi(quasi, found, kept, builder);
  if (options.sensitive != nullptr) {
    std::vector<std::string_view> texts;
    std::vector<uint8_t> there;
    for (const size_t row : kept) {
      texts.push_back(values.text[row]);
      there.push_back(values.filled[row]);
    }
    builder.AddText(options.sensitive, std::span<const std::string_view>(texts), there);
  }
  PATRON_ASSIGN_OR_RETURN(arrow::Table rows, builder.Finish());
  result.rows = NewTable(std::move(rows));

  const std::vector<uint8_t> counted(classes, sensitive.empty() ? 0 : 1);
  std::vector<int64_t> names(classes);
  for (size_t c = 0; c < classes; ++c) names[c] = static_cast<int64_t>(c);
  builder.AddInt64("class", std::move(names));
  builder.AddInt64("size", std::vector<int64_t>(found.sizes.begin(), found.sizes.end()));
  builder.AddInt64("diversity",
                   std::vector<int64_t>(found.diversity.begin(), found.diversity.end()), counted);
  builder.AddFloat64("distance", found.distance, counted);
  AddQuasi(quasi, found, firsts, builder);
  PATRON_ASSIGN_OR_RETURN(arrow::Table class_table, builder.Finish());
  result.classes = NewTable(std::move(class_table));

  std::vector<std::string_view> fields, labels;
  std::vector<int64_t> level, count;
  std::vector<double> losses;
  for (size_t c = 0; c < quasi.size(); ++c) {
    fields.push_back(quasi[c].field);
    level.push_back(found.levels[c]);
    count.push_back(static_cast<int64_t>(quasi[c].levels.size()));
    labels.push_back(quasi[c].levels[found.levels[c]]);
    const std::vector<uint32_t> &groups = quasi[c].column.groups[found.levels[c]];
    std::vector<double> members(quasi[c].labels[found.levels[c]].size());
    for (const uint32_t group : groups) members[group] += 1;
    double loss = 0;
    for (const size_t row : kept) {
      loss += members[groups[quasi[c].column.codes[row]]] - 1;
    }
    const double most = static_cast<double>(kept.size()) * (static_cast<double>(groups.size()) - 1);
    losses.push_back(most > 0 ? loss / most : 0);
  }
  builder.AddText("field", std::span<const std::string_view>(fields));
  builder.AddInt64("level", std::move(level));
  builder.AddInt64("levels", std::move(count));
  builder.AddText("label", std::span<const std::string_view>(labels));
  builder.AddFloat64("loss", std::move(losses));
  PATRON_ASSIGN_OR_RETURN(arrow::Table level_table, builder.Finish());
  result.levels = NewTable(std::move(level_table));

  patron_anonymity_report &report = result.report;
  report.rows = found.class_of.size();
  report.suppressed = found.suppressed;
  report.classes = classes;
  report.t = kNaN;
  if (classes > 0) {
    report.k = *std::ranges::min_element(found.sizes);
    if (!sensitive.empty()) {
      report.l = *std::ranges::min_element(found.diversity);
      report.t = *std::ranges::max_element(found.distance);
    }
  }
  report.loss = found.loss;
  report.nodes = found.nodes;
  report.examined = found.examined;
  return result;
}

}  // namespace
}  // namespace patron::c_api

namespace c_api = patron::c_api;

extern "C" void patron_anonymity_options_init(patron_anonymity_options *options) {
  const patron::customers::AnonymityOptions plain;
  *options = {};
  options->struct_size = sizeof *options;
  options->k = plain.k;
  options->l = plain.l;
  options->t = plain.t;
  options->max_suppressed = plain.max_suppressed;
  options->most_nodes = plain.most_nodes;
}

extern "C" patron_status patron_k_anonymity(const patron_table *table, const patron_table *quasi,
                                            const patron_table *hierarchies,
                                            const patron_anonymity_options *options,
                                            patron_table **rows, patron_table **classes,
                                            patron_table **levels, patron_anonymity_report *report,
                                            patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("quasi", quasi));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("report", report));
    patron_anonymity_options full;
    patron_anonymity_options_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", options, &full));
    PATRON_RETURN_IF_ERROR(c_api::CheckReserved(full.reserved));
    PATRON_ASSIGN_OR_RETURN(c_api::Anonymised result,
                            c_api::Anonymise(table->table, quasi->table, hierarchies, full));
    if (rows != nullptr) *rows = result.rows.release();
    if (classes != nullptr) *classes = result.classes.release();
    if (levels != nullptr) *levels = result.levels.release();
    c_api::WriteOut(result.report, report);
    return absl::OkStatus();
  });
}
