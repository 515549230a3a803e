// Records for registers, from tables.
#include "c_api/register_records.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "c_api/register_identifiers.hpp"
#include "patron/base/time.hpp"

namespace patron::c_api {
namespace {

using customers::kNoInstant;
using customers::RecordBatch;
using customers::TextCells;

// A batch is what is written again when one of its records is erased.
constexpr size_t kMostRows = 1024;
constexpr size_t kMostBytes = size_t{32} << 20;
constexpr size_t kMostCell = size_t{16} << 20;

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// The cells of a column as text.
struct CellColumn {
  Sparse<std::string_view> text;
  std::vector<std::string> formatted;

  // Nothing for null and for text of spaces alone.
  std::optional<std::string_view> Cell(size_t row) const {
    if (!text.has(row)) return std::nullopt;
    const std::string_view value =
        formatted.empty() ? text.loaded.values[row] : std::string_view(formatted[row]);
    if (std::ranges::all_of(value, IsSpace)) return std::nullopt;
    return value;
  }
};

template <typename T, typename Format>
absl::Status FormatColumn(absl::StatusOr<Sparse<T>> sparse, Format format, CellColumn *column) {
  PATRON_RETURN_IF_ERROR(sparse.status());
  column->text.there = true;
  column->text.loaded.valid = std::move(sparse->loaded.valid);
  column->formatted.reserve(sparse->loaded.values.size());
  for (const T value : sparse->loaded.values) column->formatted.push_back(format(value));
  return absl::OkStatus();
}

std::string FormatInstant(int64_t micros) {
  constexpr int64_t kDay = int64_t{86'400} * 1'000'000;
  return micros % kDay == 0 ? FormatDay(micros / kDay) : FormatTime(micros);
}

absl::StatusOr<CellColumn> ReadCellColumn(const arrow::Table &table, const std::string &name) {
  PATRON_ASSIGN_OR_RETURN(const size_t index, table.Require(name));
  const arrow::Kind kind = table.fields()[index].values().kind;
  CellColumn column;
  if (arrow::IsInteger(kind)) {
    PATRON_RETURN_IF_ERROR(FormatColumn<int64_t>(
        SparseIntegers(table, name), [](int64_t v) { return std::to_string(v); }, &column));
  } else if (arrow::IsTime(kind)) {
    PATRON_RETURN_IF_ERROR(FormatColumn<int64_t>(SparseTimes(table, name), FormatInstant, &column));
  } else if (kind == arrow::Kind::kBool) {
    PATRON_RETURN_IF_ERROR(FormatColumn<uint8_t>(
        SparseFlags(table, name), [](uint8_t v) { return std::string(v != 0 ? "1" : "0"); },
        &column));
  } else if (kind == arrow::Kind::kFloat32 || kind == arrow::Kind::kFloat64 ||
             kind == arrow::Kind::kDecimal128) {
    const auto open = [](const arrow::Table &t, std::string_view c) {
      return arrow::OpenNumbers(t, c, arrow::Nulls::kMask, arrow::Finite::kAny);
    };
    PATRON_RETURN_IF_ERROR(FormatColumn<double>(
        LoadSparse<double>(table, name, open),
        [](double v) { return std::isfinite(v) ? FormatNumber(v) : std::string(); }, &column));
  } else {
    PATRON_ASSIGN_OR_RETURN(column.text, SparseText(table, name));
  }
  return column;
}

// What a caller says of the records, by column.
struct Named {
  std::optional<CellColumn> source_key;
  Sparse<int64_t> captured_at, valid_from, valid_to;
};

absl::StatusOr<Sparse<int64_t>> NamedTimes(const arrow::Table &table, std::string_view argument,
                                           const char *name, std::vector<std::string> *taken) {
  Sparse<int64_t> none;
  if (name == nullptr) return none;
  PATRON_ASSIGN_OR_RETURN(const std::string column, ReadName(argument, name));
  PATRON_RETURN_IF_ERROR(table.Require(column).status());
  taken->push_back(column);
  return SparseTimes(table, column);
}

absl::Status CheckShare(std::string_view name, double value) {
  if (value >= 0 && value <= 1) return absl::OkStatus();
  return InvalidOption(name, FormatNumber(value), "0 to 1");
}

}  // namespace

absl::StatusOr<RecordTable> ReadRecords(const arrow::Table &table,
                                        const patron_record_source &source,
                                        const std::vector<uint8_t> &skip) {
  PATRON_RETURN_IF_ERROR(CheckShare("trust", source.trust));
  PATRON_RETURN_IF_ERROR(CheckShare("confidence", source.confidence));
  PATRON_RETURN_IF_ERROR(CheckEnum("verified", source.verified, 2));
  PATRON_RETURN_IF_ERROR(CheckEnum("kind", source.kind, 4));
  RecordTable records;
  PATRON_ASSIGN_OR_RETURN(records.id_name, ReadName("id", source.id));
  customers::Provenance from;
  PATRON_ASSIGN_OR_RETURN(from.source, ReadName("source", source.source));
  PATRON_ASSIGN_OR_RETURN(from.captured_by, TextOr("captured_by", source.captured_by));
  PATRON_ASSIGN_OR_RETURN(from.method, TextOr("method", source.method));
  PATRON_ASSIGN_OR_RETURN(from.purpose, TextOr("purpose", source.purpose));
  from.trust = source.trust;
  from.confidence = source.confidence;
  from.verified = source.verified != 0;
  from.time = source.time;
  from.kind = static_cast<customers::EntityKind>(source.kind);
  PATRON_ASSIGN_OR_RETURN(const auto id_reader, arrow::OpenIds(table, records.id_name));
  PATRON_ASSIGN_OR_RETURN(const auto ids, arrow::Load(id_reader));
  std::vector<std::string> taken = {records.id_name};
  Named named;
  if (source.source_key != nullptr) {
    PATRON_ASSIGN_OR_RETURN(const std::string name, ReadName("source_key", source.source_key));
    PATRON_ASSIGN_OR_RETURN(named.source_key, ReadCellColumn(table, name));
    taken.push_back(name);
  }
  PATRON_ASSIGN_OR_RETURN(named.captured_at,
                          NamedTimes(table, "captured_at", source.captured_at, &taken));
  PATRON_ASSIGN_OR_RETURN(named.valid_from,
                          NamedTimes(table, "valid_from", source.valid_from, &taken));
  PATRON_ASSIGN_OR_RETURN(named.valid_to, NamedTimes(table, "valid_to", source.valid_to, &taken));
  std::vector<CellColumn> columns;
  for (const arrow::Field &field : table.fields()) {
    if (std::ranges::find(taken, field.name) != taken.end()) continue;
    if (field.name.empty()) return InvalidOption("table", "a column without a name", "names");
    records.names.emplace_back(field.name);
    PATRON_ASSIGN_OR_RETURN(CellColumn column, ReadCellColumn(table, records.names.back()));
    columns.push_back(std::move(column));
  }
  const auto rows = static_cast<size_t>(table.rows());
  // Sizes first: batches end where one of them is full.
  for (size_t begin = 0; begin < rows;) {
    size_t bytes = 0, end = begin;
    for (; end < rows && end - begin < kMostRows && bytes < kMostBytes; ++end) {
      for (size_t c = 0; c < columns.size(); ++c) {
        const size_t size = columns[c].Cell(end).value_or("").size();
        if (size > kMostCell) {
          return InvalidRow(records.names[c], end, absl::StrCat(size, " bytes"),
                            absl::StrCat("at most ", kMostCell));
        }
        bytes += size;
      }
      const int64_t valid_from = named.valid_from.value(end, kNoInstant);
      const int64_t valid_to = named.valid_to.value(end, kNoInstant);
      if (valid_from != kNoInstant && valid_to != kNoInstant && valid_to <= valid_from) {
        return InvalidRow(
            source.valid_to, end, FormatTime(valid_to),
            absl::StrCat("an instant after ", source.valid_from, ", ", FormatTime(valid_from)));
      }
    }
    std::vector<size_t> chosen;
    for (size_t row = begin; row < end; ++row) {
      if (skip.empty() || skip[row] == 0) chosen.push_back(row);
    }
    begin = end;
    if (chosen.empty()) continue;
    RecordBatch &batch = records.batches.emplace_back();
    batch.provenance = from;
    batch.rows = static_cast<uint32_t>(chosen.size());
    for (const size_t row : chosen) {
      if (ids.ids.is_text()) {
        batch.text_ids.Add(ids.ids.text()[row]);
      } else {
        batch.integer_ids.push_back(ids.ids.integers()[row]);
      }
      records.rows.push_back(row);
      if (!named.source_key.has_value()) continue;
      const auto key = named.source_key->Cell(row);
      key.has_value() ? batch.source_keys.Add(*key) : batch.source_keys.AddNull();
    }
    const auto instants = [&](const Sparse<int64_t> &column) {
      std::vector<int64_t> values;
      if (!column.there) return values;
      for (const size_t row : chosen) values.push_back(column.value(row, kNoInstant));
      return values;
    };
    batch.captured_at = instants(named.captured_at);
    batch.valid_from = instants(named.valid_from);
    batch.valid_to = instants(named.valid_to);
    batch.fields.reserve(columns.size());
    for (uint32_t c = 0; c < columns.size(); ++c) {
      TextCells cells;
      cells.Reserve(chosen.size(), 0);
      for (const size_t row : chosen) {
        const auto cell = columns[c].Cell(row);
        cell.has_value() ? cells.Add(*cell) : cells.AddNull();
      }
      batch.fields.push_back({c, std::move(cells)});
    }
  }
  return records;
}

absl::StatusOr<std::vector<uint8_t>> ForgottenRows(const patron_register &reg,
                                                   const arrow::Table &table,
                                                   const patron_record_source &source) {
  std::vector<uint8_t> rows;
  if (!reg.reg().has_tombstones()) return rows;
  PATRON_RETURN_IF_ERROR(CheckKeyIsThere(reg));
  PATRON_ASSIGN_OR_RETURN(const std::string id_name, ReadName("id", source.id));
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenIds(table, id_name));
  PATRON_ASSIGN_OR_RETURN(const auto ids, arrow::Load(reader));
  rows.resize(static_cast<size_t>(table.rows()));
  const Tombstones tombstones(reg);
  std::string column;
  size_t first = 0, count = 0;
  const auto add = [&](std::string_view name, size_t row) {
    if (rows[row] != 0) return;
    if (count++ == 0 || row < first) {
      first = row;
      column = name;
    }
    rows[row] = 1;
  };
  for (size_t row = 0; row < rows.size(); ++row) {
    const bool known = ids.ids.is_text()
                           ? tombstones.HasId(ids.ids.text()[row])
                           : tombstones.HasId(std::to_string(ids.ids.integers()[row]));
    if (known) add(id_name, row);
  }
  for (const auto &[field, kind] : KnownIdentifiers(reg.reg())) {
    if (field == id_name || !table.Find(field).has_value()) continue;
    PATRON_ASSIGN_OR_RETURN(const CellColumn cells, ReadCellColumn(table, field));
    for (size_t row = 0; row < rows.size(); ++row) {
      const auto cell = cells.Cell(row);
      if (cell.has_value() && tombstones.Has(kind, *cell)) add(field, row);
    }
  }
  if (count > 0 && source.erased == PATRON_ERASED_REFUSE) return Forgotten(column, first, count);
  return rows;
}

}  // namespace patron::c_api
