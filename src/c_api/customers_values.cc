#include "c_api/customers_values.hpp"

#include <cmath>
#include <limits>
#include <utility>

#include "arrow/reader.hpp"
#include "c_api/nan.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"

namespace patron::c_api {
namespace {

constexpr double kNone = kNaN;

template <typename T, typename Format>
absl::StatusOr<ValueColumn> Formatted(const arrow::Reader<T> &reader, ValueColumn::Type type,
                                      Format format) {
  PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader));
  ValueColumn column;
  column.type = type;
  const size_t n = loaded.values.size();
  column.made.resize(n);
  column.filled.resize(n);
  column.number.assign(n, kNone);
  for (size_t i = 0; i < n; ++i) {
    if (arrow::IsNull(loaded.valid, i)) continue;
    column.number[i] = static_cast<double>(loaded.values[i]);
    if (std::isnan(column.number[i])) continue;
    column.filled[i] = 1;
    column.made[i] = format(loaded.values[i]);
  }
  column.text.resize(n);
  for (size_t i = 0; i < n; ++i) {
    if (column.filled[i] != 0) column.text[i] = column.made[i];
  }
  return column;
}

}  // namespace

absl::StatusOr<ValueColumn> ValueColumn::Read(const arrow::Table &table, std::string_view name) {
  constexpr arrow::Nulls kMask = arrow::Nulls::kMask;
  PATRON_ASSIGN_OR_RETURN(const size_t index, table.Require(name));
  const arrow::Kind kind = table.fields()[index].values().kind;
  if (arrow::IsInteger(kind)) {
    PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenIntegers(table, name, kMask));
    return Formatted(reader, Type::kNumber, [](int64_t v) { return std::to_string(v); });
  }
  if (kind == arrow::Kind::kDate32) {
    PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenTimes(table, name, kMask));
    return Formatted(reader, Type::kTime, [](int64_t v) {
      constexpr int64_t kDay = int64_t{86'400} * 1'000'000;
      return FormatDay(v >= 0 ? v / kDay : (v - kDay + 1) / kDay);
    });
  }
  if (arrow::IsTime(kind)) {
    PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenTimes(table, name, kMask));
    return Formatted(reader, Type::kTime, [](int64_t v) { return FormatTime(v); });
  }
  if (kind == arrow::Kind::kBool) {
    PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenFlags(table, name, kMask));
    return Formatted(reader, Type::kFlag,
                     [](uint8_t v) { return std::string(v != 0 ? "true" : "false"); });
  }
  if (kind == arrow::Kind::kFloat32 || kind == arrow::Kind::kFloat64 ||
      kind == arrow::Kind::kDecimal128) {
    PATRON_ASSIGN_OR_RETURN(const auto reader,
                            arrow::OpenNumbers(table, name, kMask, arrow::Finite::kAny));
    return Formatted(reader, Type::kNumber, [](double v) { return FormatNumber(v); });
  }
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenText(table, name, kMask));
  PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader));
  ValueColumn column;
  const size_t n = loaded.values.size();
  column.text.resize(n);
  column.filled.resize(n);
  for (size_t i = 0; i < n; ++i) {
    if (arrow::IsNull(loaded.valid, i)) continue;
    column.text[i] = loaded.values[i];
    column.filled[i] = loaded.values[i].empty() ? 0 : 1;
  }
  return column;
}

}  // namespace patron::c_api
