// Flatten: any table as one batch of columns that a patron_column can show.
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "arrow/decode.hpp"
#include "arrow/keep.hpp"
#include "arrow/load.hpp"
#include "arrow/table.hpp"
#include "patron/base/status.hpp"

namespace patron::arrow {
namespace {

// A row of a dictionary-encoded or plain column, as a row of the column that holds its value.
struct Cell {
  const Column *column;
  int64_t row;  // -1 = null.
};

// Builds one column of the result from one column of the table.
class Flattener {
 public:
  Flattener(const Table &table, size_t index)
      : table_(table), index_(index), from_(table.fields()[index]), values_(from_.values()) {}

  absl::Status Run() {
    if (values_.kind == Kind::kOther) {
      return absl::InvalidArgumentError(absl::StrCat("column ", Quoted(from_.name), " is ",
                                                     TypeName(from_), "; it cannot be flattened"));
    }
    field.name = from_.name;
    field.flags = from_.flags;
    column.length = table_.rows();
    column.buffers = {nullptr};
    // Bits are packed once all rows are known, since batches need not end at a byte.
    present_.assign(static_cast<size_t>(table_.rows()), 1);
    if (values_.kind == Kind::kBool) {
      PATRON_RETURN_IF_ERROR(CopyBits());
    } else if (IsText(values_.kind)) {
      PATRON_RETURN_IF_ERROR(CopyText());
    } else if (values_.kind == Kind::kDecimal128) {
      PATRON_RETURN_IF_ERROR(CopyDecimals());
    } else {
      PATRON_RETURN_IF_ERROR(CopyFixed());
    }
    for (const uint8_t present : present_) column.null_count += present == 0 ? 1 : 0;
    if (column.null_count > 0) column.buffers[0] = Keep(PackBits(present_), owners);
    return absl::OkStatus();
  }

  Field field;
  Column column;
  Owners owners;

 private:
  // Calls `take(row of the result, cell)` for each row that is not null.
  template <typename Take>
  absl::Status ForEach(Take take) {
    size_t out = 0;
    for (const Batch &batch : table_.batches()) {
      const Column &part = batch.columns[index_];
      for (int64_t row = 0; row < part.length; ++row, ++out) {
        Cell cell = {.column = &part, .row = IsValid(part, row) ? row : -1};
        if (part.dictionary != nullptr && cell.row >= 0) {
          cell = {.column = part.dictionary.get(), .row = LoadCode(part, from_.kind, row)};
          if (cell.row < 0) {
            return InvalidRow(from_.name, out, detail::Describe(part, from_, row),
                              "an index into the dictionary");
          }
          if (!IsValid(*cell.column, cell.row)) cell.row = -1;
        }
        if (cell.row < 0) {
          present_[out] = 0;
        } else {
          take(out, cell);
        }
      }
    }
    return absl::OkStatus();
  }

  void SetKind(Kind kind) {
    field.kind = kind;
    field.format = FormatOf(kind);
  }

  absl::Status CopyBits() {
    SetKind(Kind::kBool);
    std::vector<uint8_t> bytes(present_.size());
    PATRON_RETURN_IF_ERROR(ForEach([&](size_t out, const Cell &cell) {
      bytes[out] =
          TestBit(static_cast<const uint8_t *>(cell.column->data()), cell.column->offset + cell.row)
              ? 1
              : 0;
    }));
    column.buffers.push_back(Keep(PackBits(bytes), owners));
    return absl::OkStatus();
  }

  absl::Status CopyDecimals() {
    SetKind(Kind::kFloat64);
    const detail::NumberDecoder decoder(false);
    std::vector<double> numbers(present_.size());
    PATRON_RETURN_IF_ERROR(ForEach([&](size_t out, const Cell &cell) {
      decoder.One(*cell.column, values_, cell.row, numbers[out]);
    }));
    column.buffers.push_back(Keep(std::move(numbers), owners));
    return absl::OkStatus();
  }

  absl::Status CopyFixed() {
    if (values_.kind == Kind::kDate64) {
      SetKind(Kind::kMillis);
    } else {
      field.kind = values_.kind;
      field.format = values_.format;
    }
    const size_t width = WidthOf(values_.kind);
    std::vector<unsigned char> bytes(present_.size() * width);
    PATRON_RETURN_IF_ERROR(ForEach([&](size_t out, const Cell &cell) {
      const auto at = static_cast<size_t>(cell.column->offset + cell.row);
      std::memcpy(bytes.data() + out * width,
                  static_cast<const char *>(cell.column->data()) + at * width, width);
    }));
    column.buffers.push_back(Keep(std::move(bytes), owners));
    return absl::OkStatus();
  }

  absl::Status CopyText() {
    std::vector<char> characters;
    std::vector<int64_t> ends(present_.size(), -1);  // -1 = null.
    PATRON_RETURN_IF_ERROR(ForEach([&](size_t out, const Cell &cell) {
      const std::string_view text = LoadText(*cell.column, values_.kind, cell.row);
      characters.insert(characters.end(), text.begin(), text.end());
      ends[out] = static_cast<int64_t>(characters.size());
    }));
    const bool small =
        values_.kind == Kind::kText &&
        characters.size() <= static_cast<size_t>(std::numeric_limits<int32_t>::max());
    SetKind(small ? Kind::kText : Kind::kLargeText);
    column.buffers.push_back(small ? Offsets<int32_t>(ends) : Offsets<int64_t>(ends));
    column.buffers.push_back(Keep(std::move(characters), owners));
    return absl::OkStatus();
  }

  template <typename Offset>
  const void *Offsets(const std::vector<int64_t> &ends) {
    std::vector<Offset> offsets(ends.size() + 1);
    for (size_t i = 0; i < ends.size(); ++i) {
      offsets[i + 1] = ends[i] < 0 ? offsets[i] : static_cast<Offset>(ends[i]);
    }
    return Keep(std::move(offsets), owners);
  }

  const Table &table_;
  size_t index_;
  const Field &from_;
  const Field &values_;
  std::vector<uint8_t> present_;
};

}  // namespace

absl::StatusOr<Table> Table::FlattenColumns(size_t begin, size_t end) const {
  std::vector<Field> fields;
  std::vector<Batch> batches(1);
  auto owners = std::make_shared<Owners>();
  for (size_t i = begin; i < end; ++i) {
    Flattener flattener(*this, i);
    PATRON_RETURN_IF_ERROR(flattener.Run());
    fields.push_back(std::move(flattener.field));
    batches[0].columns.push_back(std::move(flattener.column));
    owners->insert(owners->end(), flattener.owners.begin(), flattener.owners.end());
  }
  batches[0].rows = rows();
  batches[0].owner = std::move(owners);
  return FromParts(std::move(fields), std::move(batches));
}

absl::StatusOr<Table> Table::Flatten() const { return FlattenColumns(0, fields().size()); }

absl::StatusOr<Table> Table::FlattenColumn(size_t index) const {
  return FlattenColumns(index, index + 1);
}

}  // namespace patron::arrow
