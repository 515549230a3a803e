// Records from tables: cells as text, by code.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "arrow/reader.hpp"
#include "c_api/customers_linker.hpp"
#include "c_api/customers_text.hpp"
#include "c_api/handles.hpp"
#include "patron/base/ids.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"

namespace patron::c_api {
namespace {

using customers::kNoValue;
using customers::LinkColumn;

// "2024-02-29", and with the time of day where there is one.
std::string FormatTime(int64_t micros) {
  constexpr int64_t kSecond = 1'000'000, kDay = 86'400 * kSecond;
  int64_t day = micros / kDay, rest = micros % kDay;
  if (rest < 0) {
    rest += kDay;
    --day;
  }
  const CivilDate date = DateOfDay(day);
  char text[64];
  int size = std::snprintf(text, sizeof text, "%04lld-%02d-%02d", static_cast<long long>(date.year),
                           static_cast<int>(date.month), static_cast<int>(date.day));
  std::string formatted(text, static_cast<size_t>(size));
  if (rest != 0) {
    const int64_t seconds = rest / kSecond;
    size = std::snprintf(text, sizeof text, "T%02d:%02d:%02d.%06d",
                         static_cast<int>(seconds / 3600), static_cast<int>(seconds / 60 % 60),
                         static_cast<int>(seconds % 60), static_cast<int>(rest % kSecond));
    formatted.append(text, static_cast<size_t>(size));
  }
  return formatted;
}

// Codes of texts, shared by the tables.
class Encoder {
 public:
  Encoder(customers::CharacterPool &values, IdIndex &texts, std::vector<uint32_t> &codes)
      : values_(&values), texts_(&texts), codes_(&codes) {}

  void AddNull() { codes_->push_back(kNoValue); }

  // Errors: InvalidArgument for a text that is too long.
  absl::Status Add(std::string_view name, size_t row, std::string_view text) {
    while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
    while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
    if (text.empty()) {
      AddNull();
      return absl::OkStatus();
    }
    if (text.size() > kMostCodePoints) {
      size_t points = 0;
      customers::ForEachCodePoint(text, [&](char32_t) { ++points; });
      if (points > kMostCodePoints) {
        return InvalidRow(name, row, absl::StrCat(points, " code points"),
                          absl::StrCat("at most ", kMostCodePoints));
      }
    }
    const size_t known = texts_->size();
    uint32_t code = 0;
    PATRON_RETURN_IF_ERROR(texts_->Encode(IdSpan(std::span<const std::string_view>(&text, 1)),
                                          std::span<uint32_t>(&code, 1)));
    if (code == known) {
      try {
        values_->Add(text);
      } catch (...) {
        texts_->Truncate(known);
        throw;
      }
    }
    codes_->push_back(code);
    return absl::OkStatus();
  }

 private:
  static bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

  customers::CharacterPool *values_;
  IdIndex *texts_;
  std::vector<uint32_t> *codes_;
};

template <typename T, typename Format>
absl::Status AddColumn(const arrow::Reader<T> &reader, std::string_view name,
                       const Execution &execution, Format format, Encoder &encoder) {
  PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader, execution));
  for (size_t i = 0; i < loaded.values.size(); ++i) {
    if (!loaded.valid.empty() && loaded.valid[i] == 0) {
      encoder.AddNull();
    } else {
      PATRON_RETURN_IF_ERROR(encoder.Add(name, i, format(loaded.values[i])));
    }
  }
  return absl::OkStatus();
}

absl::Status Encode(const arrow::Table &table, const std::string &name, const Execution &execution,
                    Encoder &encoder) {
  PATRON_ASSIGN_OR_RETURN(const size_t index, table.Require(name));
  const arrow::Kind kind = table.fields()[index].values().kind;
  constexpr arrow::Nulls kMask = arrow::Nulls::kMask;
  if (arrow::IsInteger(kind)) {
    PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenIntegers(table, name, kMask));
    return AddColumn(
        reader, name, execution, [](int64_t v) { return std::to_string(v); }, encoder);
  }
  if (arrow::IsTime(kind)) {
    PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenTimes(table, name, kMask));
    return AddColumn(reader, name, execution, FormatTime, encoder);
  }
  if (kind == arrow::Kind::kBool) {
    PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenFlags(table, name, kMask));
    return AddColumn(
        reader, name, execution, [](uint8_t v) { return std::string_view(v != 0 ? "1" : "0"); },
        encoder);
  }
  if (kind == arrow::Kind::kFloat32 || kind == arrow::Kind::kFloat64 ||
      kind == arrow::Kind::kDecimal128) {
    PATRON_ASSIGN_OR_RETURN(const auto reader,
                            arrow::OpenNumbers(table, name, kMask, arrow::Finite::kAny));
    return AddColumn(
        reader, name, execution,
        [](double v) { return std::isfinite(v) ? FormatNumber(v) : std::string(); }, encoder);
  }
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenText(table, name, kMask));
  return AddColumn(
      reader, name, execution, [](std::string_view v) { return v; }, encoder);
}

}  // namespace

absl::Status EncodeCells(const arrow::Table &table, const std::string &name,
                         const Execution &execution, customers::CharacterPool &values,
                         IdIndex &texts, std::vector<uint32_t> &codes) {
  Encoder encoder(values, texts, codes);
  return Encode(table, name, execution, encoder);
}

absl::Status CheckFitted(const patron_linker &linker) {
  if (linker.fitted.has_value()) return absl::OkStatus();
  return absl::FailedPreconditionError("linker: not fitted; expected fit or set_parameters before");
}

absl::StatusOr<LinkInput::Side> LinkInput::ReadIds(const arrow::Table &table,
                                                   const std::string &column,
                                                   const Execution &execution) {
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenIds(table, column));
  Side side;
  PATRON_ASSIGN_OR_RETURN(side.ids, arrow::Load(reader, execution));
  const IdSpan &ids = side.ids.ids;
  for (size_t i = 0; i < ids.size(); ++i) {
    const auto row = static_cast<uint32_t>(i);
    const bool fresh = ids.is_text() ? side.texts.emplace(ids.text()[i], row).second
                                     : side.integers.emplace(ids.integers()[i], row).second;
    if (!fresh) return InvalidRow(column, i, FormatId(ids, i) + " again", "each id once");
  }
  return side;
}

absl::StatusOr<LinkInput> LinkInput::Read(const patron_linker &linker, const patron_table *left,
                                          const patron_table *right, const Execution &execution) {
  LinkInput input;
  input.two_ = right != nullptr;
  if (input.two_ && linker.source.has_value()) {
    return InvalidOption("right", "a second table",
                         "one table, as column " + Quoted(*linker.source) + " tells the sources");
  }
  input.tables_.push_back(left->table);
  if (input.two_) input.tables_.push_back(right->table);
  size_t rows = 0;
  for (const arrow::Table &table : input.tables_) {
    PATRON_ASSIGN_OR_RETURN(Side side, ReadIds(table, linker.id, execution));
    input.sides_.push_back(std::move(side));
    rows += static_cast<size_t>(table.rows());
  }
  if (input.two_ && rows > input.sides_[1].ids.ids.size() && input.sides_[1].ids.ids.size() > 0 &&
      input.sides_[0].ids.ids.is_text() != input.sides_[1].ids.ids.is_text()) {
    return InvalidOption(linker.id, "text in one table and integers in the other",
                         "the same in both");
  }
  constexpr size_t kMostRecords = size_t{1} << 31;
  if (rows >= kMostRecords) {
    return InvalidOption("table", absl::StrCat(rows, " rows"),
                         absl::StrCat("fewer than ", kMostRecords));
  }
  input.left_rows_ = static_cast<size_t>(left->table.rows());
  input.records_.size = rows;
  input.records_.columns.resize(linker.columns.size());
  for (size_t c = 0; c < linker.columns.size(); ++c) {
    LinkColumn &column = input.records_.columns[c];
    column.codes.reserve(rows);
    Encoder encoder(column.values, input.texts_.emplace_back(true), column.codes);
    for (const arrow::Table &table : input.tables_) {
      PATRON_RETURN_IF_ERROR(Encode(table, linker.columns[c], execution, encoder));
    }
  }
  std::vector<uint32_t> &sources = input.records_.sources;
  if (input.two_) {
    sources.assign(rows, 1);
    std::fill_n(sources.begin(), input.left_rows_, 0U);
  } else if (linker.source.has_value()) {
    LinkColumn column;
    Encoder encoder(column.values, input.source_texts_, column.codes);
    PATRON_RETURN_IF_ERROR(Encode(left->table, *linker.source, execution, encoder));
    const auto null = std::ranges::find(column.codes, kNoValue);
    if (null != column.codes.end()) {
      return InvalidRow(*linker.source, static_cast<uint64_t>(null - column.codes.begin()), "null",
                        "a source");
    }
    input.rows_.resize(rows);
    std::iota(input.rows_.begin(), input.rows_.end(), 0U);
    std::ranges::stable_sort(input.rows_, {}, [&](uint32_t row) { return column.codes[row]; });
    input.records_of_.resize(rows);
    for (uint32_t i = 0; i < rows; ++i) {
      sources.push_back(column.codes[input.rows_[i]]);
      input.records_of_[input.rows_[i]] = i;
    }
    for (LinkColumn &own : input.records_.columns) {
      std::vector<uint32_t> codes(rows);
      for (size_t i = 0; i < rows; ++i) codes[i] = own.codes[input.rows_[i]];
      own.codes = std::move(codes);
    }
  }
  return input;
}

bool LinkInput::Less(uint32_t i, uint32_t j) const {
  // Those of the right table behind those of the left.
  const uint32_t a = row(i), b = row(j);
  const auto right = [&](uint32_t at) { return two_ && at >= left_rows_; };
  if (right(a) != right(b)) return right(b);
  const size_t base = right(a) ? left_rows_ : 0;
  const IdSpan &ids = sides_[right(a) ? 1 : 0].ids.ids;
  return ids.is_text() ? ids.text()[a - base] < ids.text()[b - base]
                       : ids.integers()[a - base] < ids.integers()[b - base];
}

IdList LinkInput::Ids(const std::vector<uint32_t> &records) const {
  IdList list;
  for (const uint32_t one : records) {
    uint32_t at = row(one);
    const bool from_right = two_ && at >= left_rows_;
    if (from_right) at -= static_cast<uint32_t>(left_rows_);
    const IdSpan &ids = sides_[from_right ? 1 : 0].ids.ids;
    list.is_text = ids.is_text();
    if (ids.is_text()) {
      list.text.push_back(ids.text()[at]);
    } else {
      list.integers.push_back(ids.integers()[at]);
    }
  }
  if (records.empty()) list.is_text = sides_[0].ids.ids.is_text();
  return list;
}

absl::StatusOr<std::vector<uint32_t>> LinkInput::Rows(std::string_view name,
                                                      const arrow::Table &table,
                                                      std::string_view column, bool right,
                                                      const Execution &execution) const {
  const Side &side = sides_[right ? 1 : 0];
  std::vector<uint32_t> found;
  if (table.rows() == 0) return found;
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenIds(table, column));
  PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader, execution));
  const IdSpan &ids = loaded.ids;
  if (ids.is_text() != side.ids.ids.is_text()) {
    return InvalidOption(absl::StrCat(Text(name), ".", Text(column)),
                         ids.is_text() ? "text" : "integers",
                         side.ids.ids.is_text() ? "text, as the ids" : "integers, as the ids");
  }
  const auto base = static_cast<uint32_t>(right ? left_rows_ : 0);
  for (size_t i = 0; i < ids.size(); ++i) {
    uint32_t row = kNoValue;
    if (ids.is_text()) {
      const auto known = side.texts.find(ids.text()[i]);
      if (known != side.texts.end()) row = known->second;
    } else {
      const auto known = side.integers.find(ids.integers()[i]);
      if (known != side.integers.end()) row = known->second;
    }
    if (row == kNoValue) {
      return absl::NotFoundError(absl::StrCat(Text(name), ".", Text(column), ": row ", i, " is ",
                                              FormatId(ids, i), "; no record has this id"));
    }
    found.push_back(record(row + base));
  }
  return found;
}

absl::StatusOr<std::vector<customers::RecordPair>> LinkInput::Pairs(
    std::string_view name, const arrow::Table &table, const Execution &execution) const {
  PATRON_ASSIGN_OR_RETURN(const auto left, Rows(name, table, "left", false, execution));
  PATRON_ASSIGN_OR_RETURN(const auto right, Rows(name, table, "right", two_, execution));
  std::vector<customers::RecordPair> pairs(left.size());
  for (size_t i = 0; i < pairs.size(); ++i) {
    pairs[i] = {std::min(left[i], right[i]), std::max(left[i], right[i])};
  }
  return pairs;
}

}  // namespace patron::c_api
