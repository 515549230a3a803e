#include "arrow/type.hpp"

#include <array>
#include <charconv>

#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "patron/c/table.h"

namespace patron::arrow {
namespace {

struct KindRow {
  Kind kind;
  std::string_view format;
  const char *name;
  size_t width;
  int32_t patron_type;
};

// In the order of Kind.
constexpr std::array<KindRow, 22> kKinds = {{
    {Kind::kOther, "", "another type", 0, 0},
    {Kind::kBool, "b", "bool", 0, PATRON_TYPE_BOOL},
    {Kind::kInt8, "c", "int8", 1, PATRON_TYPE_INT8},
    {Kind::kInt16, "s", "int16", 2, PATRON_TYPE_INT16},
    {Kind::kInt32, "i", "int32", 4, PATRON_TYPE_INT32},
    {Kind::kInt64, "l", "int64", 8, PATRON_TYPE_INT64},
    {Kind::kUint8, "C", "uint8", 1, PATRON_TYPE_UINT8},
    {Kind::kUint16, "S", "uint16", 2, PATRON_TYPE_UINT16},
    {Kind::kUint32, "I", "uint32", 4, PATRON_TYPE_UINT32},
    {Kind::kUint64, "L", "uint64", 8, PATRON_TYPE_UINT64},
    {Kind::kFloat32, "f", "float32", 4, PATRON_TYPE_FLOAT32},
    {Kind::kFloat64, "g", "float64", 8, PATRON_TYPE_FLOAT64},
    {Kind::kDecimal128, "d:", "decimal128", 16, 0},
    {Kind::kText, "u", "utf8", 0, PATRON_TYPE_TEXT},
    {Kind::kLargeText, "U", "large_utf8", 0, PATRON_TYPE_LARGE_TEXT},
    {Kind::kTextView, "vu", "utf8_view", 16, 0},
    {Kind::kDate32, "tdD", "date32", 4, PATRON_TYPE_DATE32},
    {Kind::kDate64, "tdm", "date64", 8, 0},
    {Kind::kSeconds, "tss:", "timestamp[s]", 8, PATRON_TYPE_TIMESTAMP_S},
    {Kind::kMillis, "tsm:", "timestamp[ms]", 8, PATRON_TYPE_TIMESTAMP_MS},
    {Kind::kMicros, "tsu:", "timestamp[us]", 8, PATRON_TYPE_TIMESTAMP_US},
    {Kind::kNanos, "tsn:", "timestamp[ns]", 8, PATRON_TYPE_TIMESTAMP_NS},
}};

const KindRow &RowOf(Kind kind) { return kKinds[static_cast<size_t>(kind)]; }

// "d:precision,scale" with an optional ",128".
bool ParseDecimal(std::string_view text, int32_t *scale) {
  int32_t precision = 0;
  const char *end = text.data() + text.size();
  auto read = std::from_chars(text.data(), end, precision);
  if (read.ec != std::errc() || read.ptr == end || *read.ptr != ',') return false;
  read = std::from_chars(read.ptr + 1, end, *scale);
  if (read.ec != std::errc()) return false;
  const std::string_view rest(read.ptr, static_cast<size_t>(end - read.ptr));
  return (rest.empty() || rest == ",128") && precision >= 1 && precision <= 38 && *scale >= -1000 &&
         *scale <= 1000;
}

struct OtherName {
  std::string_view prefix;
  const char *name;
};

constexpr OtherName kOtherNames[] = {
    {"n", "null"},
    {"e", "float16"},
    {"z", "binary"},
    {"Z", "large_binary"},
    {"vz", "binary_view"},
    {"w:", "fixed-size binary"},
    {"+l", "list"},
    {"+L", "large_list"},
    {"+vl", "list_view"},
    {"+vL", "large_list_view"},
    {"+w:", "fixed-size list"},
    {"+s", "struct"},
    {"+m", "map"},
    {"+u", "union"},
    {"+r", "run-end encoded"},
    {"d:", "a decimal of another width"},
    {"tt", "time of day"},
    {"tD", "duration"},
    {"ti", "interval"},
};

}  // namespace

Kind ParseFormat(std::string_view format, int32_t *scale) {
  *scale = 0;
  for (const KindRow &row : kKinds) {
    if (row.kind == Kind::kOther) continue;
    // A zone may follow a timestamp; it changes how an instant is shown, not which one it is.
    if (row.kind >= Kind::kSeconds ? format.substr(0, 4) == row.format : format == row.format) {
      return row.kind;
    }
  }
  if (format.substr(0, 2) == "d:" && ParseDecimal(format.substr(2), scale))
    return Kind::kDecimal128;
  *scale = 0;
  return Kind::kOther;
}

const char *FormatOf(Kind kind) { return RowOf(kind).format.data(); }

int32_t PatronType(Kind kind) { return RowOf(kind).patron_type; }

Kind KindOfPatronType(int32_t type) {
  if (type == 0) return Kind::kOther;
  for (const KindRow &row : kKinds) {
    if (row.patron_type == type) return row.kind;
  }
  return Kind::kOther;
}

std::string TypeName(const Field &field) {
  if (field.dictionary != nullptr) return "dictionary of " + TypeName(*field.dictionary);
  if (field.kind == Kind::kDecimal128) return absl::StrCat("decimal128(scale ", field.scale, ")");
  if (field.kind != Kind::kOther) return RowOf(field.kind).name;
  std::string_view format = field.format;
  for (const OtherName &other : kOtherNames) {
    const bool whole = other.prefix.size() == 1;
    if (whole ? format == other.prefix : format.substr(0, other.prefix.size()) == other.prefix) {
      return other.name;
    }
  }
  return absl::StrCat("of Arrow format ", Quoted(format));
}

bool IsInteger(Kind kind) { return kind >= Kind::kInt8 && kind <= Kind::kUint64; }
bool IsText(Kind kind) { return kind >= Kind::kText && kind <= Kind::kTextView; }
bool IsTime(Kind kind) { return kind >= Kind::kDate32 && kind <= Kind::kNanos; }

size_t WidthOf(Kind kind) { return RowOf(kind).width; }

}  // namespace patron::arrow
