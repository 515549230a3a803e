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
std::string FormatCell(int64_t micros) {
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

std::string_view Trim(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

absl::Status CheckLength(std::string_view name, size_t row, std::string_view text) {
  if (text.size() <= kMostCodePoints) return absl::OkStatus();
  size_t points = 0;
  customers::ForEachCodePoint(text, [&](char32_t) { ++points; });
  if (points <= kMostCodePoints) return absl::OkStatus();
  return InvalidRow(name, row, absl::StrCat(points, " code points"),
                    absl::StrCat("at most ", kMostCodePoints));
}

// Trims cells [row, row + texts.size()) of a column. Errors: InvalidArgument for a text that is too long.
absl::Status TrimCells(std::string_view name, size_t row, std::span<std::string_view> texts) {
  for (size_t i = 0; i < texts.size(); ++i) {
    texts[i] = Trim(texts[i]);
    PATRON_RETURN_IF_ERROR(CheckLength(name, row + i, texts[i]));
  }
  return absl::OkStatus();
}

// Codes of texts, shared by the tables.
class Encoder {
 public:
  // Without `values` only codes are wanted.
  Encoder(customers::CharacterPool *values, IdIndex &texts, std::vector<uint32_t> &codes)
      : values_(values), texts_(&texts), codes_(&codes) {}

  // Adds the next cells of a column; an empty text is no value.
  absl::Status Add(std::span<std::string_view> texts) {
    size_t kept = 0;
    rows_.clear();
    for (size_t i = 0; i < texts.size(); ++i) {
      if (texts[i].empty()) continue;
      texts[kept++] = texts[i];
      rows_.push_back(static_cast<uint32_t>(i));
    }
    const size_t count = texts.size();
    texts = texts.first(kept);
    found_.resize(kept);
    size_t known = texts_->size();
    PATRON_RETURN_IF_ERROR(texts_->Encode(IdSpan(texts), found_));
    try {
      // New texts have the next codes in the order in which they come.
      for (size_t k = 0; k < kept && values_ != nullptr; ++k) {
        if (found_[k] != known) continue;
        values_->Add(texts[k]);
        ++known;
      }
    } catch (...) {
      texts_->Truncate(known);
      throw;
    }
    const size_t before = codes_->size();
    codes_->resize(before + count, kNoValue);
    for (size_t k = 0; k < kept; ++k) (*codes_)[before + rows_[k]] = found_[k];
    return absl::OkStatus();
  }

 private:
  customers::CharacterPool *values_;
  IdIndex *texts_;
  std::vector<uint32_t> *codes_;
  std::vector<uint32_t> rows_, found_;
};

// Takes the cells of a column, some at a time.
using TakeCells = absl::FunctionRef<absl::Status(std::span<std::string_view>)>;

template <typename T, typename Format>
absl::Status AddColumn(const arrow::Reader<T> &reader, std::string_view name, Format format,
                       TakeCells take) {
  constexpr int64_t kPiece = 1 << 12;
  std::vector<T> scratch;
  std::vector<uint8_t> valid;
  std::vector<decltype(format(T()))> cells;
  std::vector<std::string_view> texts;
  for (int64_t begin = 0; begin < reader.rows(); begin += kPiece) {
    valid.clear();
    std::span<const T> values;
    PATRON_RETURN_IF_ERROR(
        reader.Read(begin, std::min(reader.rows(), begin + kPiece), scratch, &valid, values));
    cells.clear();
    for (size_t i = 0; i < values.size(); ++i) {
      const bool has = valid.empty() || valid[i] != 0;
      cells.push_back(has ? format(values[i]) : decltype(format(T()))());
    }
    texts.assign(cells.begin(), cells.end());
    PATRON_RETURN_IF_ERROR(TrimCells(name, static_cast<size_t>(begin), texts));
    PATRON_RETURN_IF_ERROR(take(texts));
  }
  return absl::OkStatus();
}

absl::Status ReadCells(const arrow::Table &table, const std::string &name, TakeCells take) {
  PATRON_ASSIGN_OR_RETURN(const size_t index, table.Require(name));
  const arrow::Kind kind = table.fields()[index].values().kind;
  constexpr arrow::Nulls kMask = arrow::Nulls::kMask;
  if (arrow::IsInteger(kind)) {
    PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenIntegers(table, name, kMask));
    return AddColumn(
        reader, name, [](int64_t v) { return std::to_string(v); }, take);
  }
  if (arrow::IsTime(kind)) {
    PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenTimes(table, name, kMask));
    return AddColumn(reader, name, FormatCell, take);
  }
  if (kind == arrow::Kind::kBool) {
    PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenFlags(table, name, kMask));
    return AddColumn(
        reader, name, [](uint8_t v) { return std::string_view(v != 0 ? "1" : "0"); }, take);
  }
  if (kind == arrow::Kind::kFloat32 || kind == arrow::Kind::kFloat64 ||
      kind == arrow::Kind::kDecimal128) {
    PATRON_ASSIGN_OR_RETURN(const auto reader,
                            arrow::OpenNumbers(table, name, kMask, arrow::Finite::kAny));
    return AddColumn(
        reader, name, [](double v) { return std::isfinite(v) ? FormatNumber(v) : std::string(); },
        take);
  }
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenText(table, name, kMask));
  return AddColumn(
      reader, name, [](std::string_view v) { return v; }, take);
}

absl::Status Encode(const arrow::Table &table, const std::string &name, Encoder &encoder) {
  return ReadCells(table, name,
                   [&](std::span<std::string_view> texts) { return encoder.Add(texts); });
}

}  // namespace

absl::Status EncodeCells(const arrow::Table &table, const std::string &name,
                         customers::CharacterPool *values, IdIndex &texts,
                         std::vector<uint32_t> &codes) {
  Encoder encoder(values, texts, codes);
  return Encode(table, name, encoder);
}

absl::Status ForEachCell(const arrow::Table &table, const std::string &name,
                         absl::FunctionRef<void(std::span<const std::string_view>)> take) {
  return ReadCells(table, name, [&](std::span<std::string_view> texts) {
    take(texts);
    return absl::OkStatus();
  });
}

absl::Status CheckFitted(const patron_linker &linker) {
  if (linker.fitted.has_value()) return absl::OkStatus();
  return absl::FailedPreconditionError("linker: not fitted; expected fit or set_parameters before");
}

absl::StatusOr<IdIndex> LinkInput::ReadIds(const arrow::Table &table, const std::string &column,
                                           const Execution &execution) {
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenIds(table, column));
  PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader, execution));
  IdIndex index(reader.is_text(), loaded.ids.size());
  std::vector<uint32_t> codes(loaded.ids.size());
  PATRON_RETURN_IF_ERROR(index.Encode(loaded.ids, codes));
  for (size_t i = 0; i < codes.size(); ++i) {
    if (codes[i] != i) {
      return InvalidRow(column, i, FormatId(loaded.ids, i) + " again", "each id once");
    }
  }
  return index;
}

absl::Status LinkInput::ReadColumn(size_t index, const std::string &name) {
  LinkColumn &column = records_.columns[index];
  column.codes.reserve(records_.size);
  Encoder encoder(&column.values, texts_[index], column.codes);
  for (const arrow::Table &table : tables_) {
    PATRON_RETURN_IF_ERROR(Encode(table, name, encoder));
  }
  return absl::OkStatus();
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
    PATRON_ASSIGN_OR_RETURN(IdIndex side, ReadIds(table, linker.id, execution));
    input.sides_.push_back(std::move(side));
    rows += static_cast<size_t>(table.rows());
  }
  if (input.two_ && rows > input.sides_[1].size() && input.sides_[1].size() > 0 &&
      input.sides_[0].is_text() != input.sides_[1].is_text()) {
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
  input.texts_.assign(linker.columns.size(), IdIndex(true));
  std::vector<absl::Status> read(linker.columns.size());
  ParallelFor(execution, linker.columns.size(),
              [&](size_t c) { read[c] = input.ReadColumn(c, linker.columns[c]); });
  for (const absl::Status &status : read) PATRON_RETURN_IF_ERROR(status);
  std::vector<uint32_t> &sources = input.records_.sources;
  if (input.two_) {
    sources.assign(rows, 1);
    std::fill_n(sources.begin(), input.left_rows_, 0U);
  } else if (linker.source.has_value()) {
    LinkColumn column;
    Encoder encoder(nullptr, input.source_texts_, column.codes);
    PATRON_RETURN_IF_ERROR(Encode(left->table, *linker.source, encoder));
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
  const auto start = static_cast<uint32_t>(base);
  return sides_[right(a) ? 1 : 0].Less(a - start, b - start);
}

bool LinkInput::IsOf(const patron_table *left, const patron_table *right) const {
  const auto same = [&](size_t t, const patron_table *other) {
    if (t >= tables_.size() || other == nullptr) return t >= tables_.size() && other == nullptr;
    // Tables are immutable, and copies share their batches.
    return tables_[t].rows() > 0 && tables_[t].batches().data() == other->table.batches().data() &&
           tables_[t].fields().data() == other->table.fields().data();
  };
  return same(0, left) && same(1, right);
}

absl::StatusOr<std::shared_ptr<const LinkInput>> RecordCache::Read(
    const patron_linker &linker, const patron_table *left, const patron_table *right,
    const Execution &execution) const {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (last_ != nullptr && last_->IsOf(left, right)) return last_;
    last_ = nullptr;
    patterns_ = nullptr;
  }
  PATRON_ASSIGN_OR_RETURN(LinkInput input, LinkInput::Read(linker, left, right, execution));
  auto read = std::make_shared<LinkInput>(std::move(input));
  const std::lock_guard<std::mutex> lock(mutex_);
  last_ = read;
  patterns_ = nullptr;
  return read;
}

void RecordCache::Keep(const std::shared_ptr<const LinkInput> &input,
                       customers::PairPatterns patterns) const {
  auto kept = std::make_shared<const customers::PairPatterns>(std::move(patterns));
  const std::lock_guard<std::mutex> lock(mutex_);
  if (last_ == input && !kept->rules.empty()) patterns_ = std::move(kept);
}

std::shared_ptr<const customers::PairPatterns> RecordCache::PatternsOf(
    const std::shared_ptr<const LinkInput> &input) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return last_ == input ? patterns_ : nullptr;
}

absl::StatusOr<LinkInput> RecordCache::Take(const patron_linker &linker, const patron_table *left,
                                            const Execution &execution) const {
  std::shared_ptr<LinkInput> last;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    last = std::move(last_);
    last_ = nullptr;
    patterns_ = nullptr;
  }
  if (last != nullptr && last.use_count() == 1 && last->IsOf(left, nullptr)) {
    return std::move(*last);
  }
  last = nullptr;
  return LinkInput::Read(linker, left, nullptr, execution);
}

IdList LinkInput::Ids(const std::vector<uint32_t> &records) const {
  IdList list;
  for (const uint32_t one : records) {
    uint32_t at = row(one);
    const bool from_right = two_ && at >= left_rows_;
    if (from_right) at -= static_cast<uint32_t>(left_rows_);
    const IdIndex &ids = sides_[from_right ? 1 : 0];
    list.is_text = ids.is_text();
    if (ids.is_text()) {
      list.text.push_back(ids.text(at));
    } else {
      list.integers.push_back(ids.integer(at));
    }
  }
  if (records.empty()) list.is_text = sides_[0].is_text();
  return list;
}

absl::StatusOr<std::vector<uint32_t>> LinkInput::Rows(std::string_view name,
                                                      const arrow::Table &table,
                                                      std::string_view column, bool right,
                                                      const Execution &execution) const {
  const IdIndex &side = sides_[right ? 1 : 0];
  std::vector<uint32_t> found;
  if (table.rows() == 0) return found;
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenIds(table, column));
  PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader, execution));
  const IdSpan &ids = loaded.ids;
  if (ids.is_text() != side.is_text()) {
    return InvalidOption(absl::StrCat(Text(name), ".", Text(column)),
                         ids.is_text() ? "text" : "integers",
                         side.is_text() ? "text, as the ids" : "integers, as the ids");
  }
  const auto base = static_cast<uint32_t>(right ? left_rows_ : 0);
  found.resize(ids.size());
  side.Find(ids, found);
  for (size_t i = 0; i < ids.size(); ++i) {
    if (found[i] == IdIndex::kUnknown) {
      return absl::NotFoundError(absl::StrCat(Text(name), ".", Text(column), ": row ", i, " is ",
                                              FormatId(ids, i), "; no record has this id"));
    }
    found[i] = record(found[i] + base);
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
