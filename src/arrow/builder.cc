#include "arrow/builder.hpp"

#include <limits>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"

namespace patron::arrow {
namespace {

// Length of a column whose `valid` has another length; Finish refuses it.
constexpr int64_t kMismatch = -1;

}  // namespace

void TableBuilder::AddColumn(std::string_view name, Kind kind, size_t rows, Buffers buffers,
                             Valid valid) {
  Field field;
  field.name = std::string(name);
  field.kind = kind;
  field.format = FormatOf(kind);
  Column column;
  column.length = static_cast<int64_t>(rows);
  if (!valid.empty() && valid.size() != rows) column.length = kMismatch;
  if (!valid.empty()) {
    field.flags = ARROW_FLAG_NULLABLE;
    for (const uint8_t present : valid) column.null_count += present == 0 ? 1 : 0;
    if (column.null_count > 0) buffers[0] = Keep(PackBits(valid), owners_);
  }
  column.buffers = std::move(buffers);
  constexpr size_t kUsual = 12;  // Columns of most results, so that small ones are made fast.
  if (fields_.empty()) {
    fields_.reserve(kUsual);
    columns_.reserve(kUsual);
    owners_.reserve(kUsual);
  }
  fields_.push_back(std::move(field));
  columns_.push_back(std::move(column));
}

template <typename T>
void TableBuilder::AddFixed(std::string_view name, Kind kind, std::vector<T> values, Valid valid) {
  const size_t rows = values.size();
  const void *data = Keep(std::move(values), owners_);
  AddColumn(name, kind, rows, {nullptr, data}, valid);
}

template <typename Offset, typename Get>
void TableBuilder::AddOffsets(std::string_view name, Kind kind, size_t rows, size_t bytes, Get get,
                              Valid valid) {
  std::vector<Offset> offsets;
  offsets.reserve(rows + 1);
  std::vector<char> characters;
  characters.reserve(bytes);
  offsets.push_back(0);
  for (size_t i = 0; i < rows; ++i) {
    const std::string_view text = get(i);
    characters.insert(characters.end(), text.begin(), text.end());
    offsets.push_back(static_cast<Offset>(characters.size()));
  }
  const void *starts = Keep(std::move(offsets), owners_);
  const void *data = Keep(std::move(characters), owners_);
  AddColumn(name, kind, rows, {nullptr, starts, data}, valid);
}

template <typename Get>
void TableBuilder::AddCharacters(std::string_view name, size_t rows, Get get, Valid valid) {
  size_t bytes = 0;
  for (size_t i = 0; i < rows; ++i) bytes += std::string_view(get(i)).size();
  if (bytes <= static_cast<size_t>(std::numeric_limits<int32_t>::max())) {
    AddOffsets<int32_t>(name, Kind::kText, rows, bytes, get, valid);
  } else {
    AddOffsets<int64_t>(name, Kind::kLargeText, rows, bytes, get, valid);
  }
}

void TableBuilder::AddInt64(std::string_view name, std::vector<int64_t> values, Valid valid) {
  AddFixed(name, Kind::kInt64, std::move(values), valid);
}

void TableBuilder::AddInt32(std::string_view name, std::vector<int32_t> values, Valid valid) {
  AddFixed(name, Kind::kInt32, std::move(values), valid);
}

void TableBuilder::AddFloat64(std::string_view name, std::vector<double> values, Valid valid) {
  AddFixed(name, Kind::kFloat64, std::move(values), valid);
}

void TableBuilder::AddBool(std::string_view name, std::span<const uint8_t> values, Valid valid) {
  const void *bits = Keep(PackBits(values), owners_);
  AddColumn(name, Kind::kBool, values.size(), {nullptr, bits}, valid);
}

void TableBuilder::AddDate32(std::string_view name, std::vector<int32_t> days, Valid valid) {
  AddFixed(name, Kind::kDate32, std::move(days), valid);
}

void TableBuilder::AddTimestamp(std::string_view name, std::vector<int64_t> micros, Valid valid) {
  AddFixed(name, Kind::kMicros, std::move(micros), valid);
}

void TableBuilder::AddText(std::string_view name, std::span<const std::string_view> values,
                           Valid valid) {
  AddCharacters(
      name, values.size(), [values](size_t i) { return values[i]; }, valid);
}

void TableBuilder::AddText(std::string_view name, std::span<const std::string> values,
                           Valid valid) {
  AddCharacters(
      name, values.size(), [values](size_t i) -> std::string_view { return values[i]; }, valid);
}

void TableBuilder::AddIds(std::string_view name, const IdSpan &ids, Valid valid) {
  if (ids.is_text()) {
    AddText(name, ids.text(), valid);
  } else {
    AddInt64(name, std::vector<int64_t>(ids.integers().begin(), ids.integers().end()), valid);
  }
}

void TableBuilder::AddDictionary(std::string_view name, std::vector<int32_t> codes,
                                 std::span<const std::string_view> values, Valid valid) {
  TableBuilder words;
  words.AddText("", values);
  AddInt32(name, std::move(codes), valid);
  fields_.back().dictionary = std::make_unique<Field>(std::move(words.fields_[0]));
  columns_.back().dictionary = std::make_unique<Column>(std::move(words.columns_[0]));
  owners_.insert(owners_.end(), words.owners_.begin(), words.owners_.end());
}

bool TableBuilder::AddShared(std::string_view name, const Table &table, size_t index, Kind kind) {
  if (table.batches().size() != 1) return false;
  const Batch &batch = table.batches()[0];
  const Field &field = table.fields()[index];
  if (batch.owner == nullptr || field.kind != kind || field.dictionary != nullptr) return false;
  const Column &from = batch.columns[index];
  Buffers buffers = from.buffers;
  // Results are aligned and point at something, whatever came in.
  if (buffers[1] == nullptr || reinterpret_cast<uintptr_t>(buffers[1]) % sizeof(int64_t) != 0) {
    return false;
  }
  buffers[0] = nullptr;
  AddColumn(name, kind, static_cast<size_t>(from.length), std::move(buffers), {});
  columns_.back().offset = from.offset;
  owners_.push_back(batch.owner);
  return true;
}

absl::StatusOr<Table> TableBuilder::Finish() {
  std::vector<Batch> batches(1);
  Batch &batch = batches[0];
  batch.rows = columns_.empty() ? 0 : columns_[0].length;
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].length != batch.rows || batch.rows == kMismatch) {
      return absl::InternalError(absl::StrCat("column ", Quoted(fields_[i].name), " has ",
                                              columns_[i].length, " rows; expected ", batch.rows));
    }
  }
  batch.columns = std::move(columns_);
  batch.owner = std::make_shared<const Owners>(std::move(owners_));
  Table table = Table::FromParts(std::move(fields_), std::move(batches));
  columns_.clear();
  fields_.clear();
  owners_.clear();
  return table;
}

}  // namespace patron::arrow
