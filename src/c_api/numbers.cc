#include "c_api/numbers.hpp"

#include "arrow/type.hpp"
#include "c_api/guard.hpp"
#include "patron/base/status.hpp"

namespace patron::c_api {
namespace {

// Whether the column's values can be used where they stand.
bool IsPlain(const patron_column &column) {
  constexpr int64_t kMostRows = int64_t{1} << 40;  // What is longer is looked at more closely.
  const auto address = reinterpret_cast<uintptr_t>(column.data);
  return (column.type == PATRON_TYPE_FLOAT64 || column.type == PATRON_TYPE_INT64) &&
         column.validity == nullptr && column.length >= 0 && column.length <= kMostRows &&
         column.offset >= 0 && column.offset <= kMostRows && column.data != nullptr &&
         address % alignof(double) == 0;
}

}  // namespace

absl::StatusOr<Numbers> Numbers::Read(const arrow::Table &table, std::string_view name,
                                      const Execution &execution) {
  Numbers numbers;
  numbers.name_ = name;
  PATRON_ASSIGN_OR_RETURN(const size_t index, table.Require(name));
  numbers.are_integers_ = arrow::IsInteger(table.fields()[index].values().kind);
  if (numbers.are_integers_) {
    PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenIntegers(table, name));
    PATRON_ASSIGN_OR_RETURN(numbers.integers_, arrow::Load(reader, execution));
  } else {
    PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenNumbers(table, name, arrow::Nulls::kError,
                                                                  arrow::Finite::kAny));
    PATRON_ASSIGN_OR_RETURN(numbers.doubles_, arrow::Load(reader, execution));
  }
  return numbers;
}

absl::StatusOr<Numbers> Numbers::Read(const patron_column *column, const Execution &execution) {
  PATRON_RETURN_IF_ERROR(RequirePointer("values", column));
  patron_column named{};
  PATRON_RETURN_IF_ERROR(ReadOptions("values", column, &named));
  if (named.name == nullptr) named.name = "values";
  if (IsPlain(named)) {
    Numbers numbers;
    numbers.name_ = named.name;
    numbers.are_integers_ = named.type == PATRON_TYPE_INT64;
    const auto length = static_cast<size_t>(named.length);
    if (numbers.are_integers_) {
      numbers.integers_.values = {static_cast<const int64_t *>(named.data) + named.offset, length};
    } else {
      numbers.doubles_.values = {static_cast<const double *>(named.data) + named.offset, length};
    }
    return numbers;
  }
  PATRON_ASSIGN_OR_RETURN(arrow::Table table, arrow::Table::Borrow(&named, 1));
  PATRON_ASSIGN_OR_RETURN(Numbers numbers, Read(table, named.name, execution));
  numbers.table_ = std::move(table);
  return numbers;
}

}  // namespace patron::c_api
