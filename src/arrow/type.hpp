// Types of columns: what an Arrow format string says, as far as Patron reads it.
#ifndef PATRON_SRC_ARROW_TYPE_HPP_
#define PATRON_SRC_ARROW_TYPE_HPP_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace patron::arrow {

enum class Kind : uint8_t {
  kOther,  // Carried along and exported, but not read.
  kBool,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUint8,
  kUint16,
  kUint32,
  kUint64,
  kFloat32,
  kFloat64,
  kDecimal128,
  kText,       // UTF-8, int32 offsets.
  kLargeText,  // UTF-8, int64 offsets.
  kTextView,   // UTF-8, views of 16 bytes.
  kDate32,     // Days.
  kDate64,     // Milliseconds.
  kSeconds,    // Timestamps; all count from 1970-01-01, in UTC or without a zone.
  kMillis,
  kMicros,
  kNanos,
};

// A column of a table: its name and type. In a dictionary-encoded column `kind` is the type of the
// indices and `dictionary` that of the values.
struct Field {
  std::string name;
  std::string format;
  int64_t flags = 0;
  Kind kind = Kind::kOther;
  int32_t scale = 0;  // Decimal places, for decimals.
  std::vector<Field> children;
  std::unique_ptr<Field> dictionary;

  // The type of the values that a reader of the column sees.
  const Field &values() const { return dictionary == nullptr ? *this : *dictionary; }
};

// Reads an Arrow format string; kOther if it is not one that Patron reads.
Kind ParseFormat(std::string_view format, int32_t *scale);

// The Arrow format string of a kind; timestamps without a zone. Not for kOther and decimals.
const char *FormatOf(Kind kind);

// PATRON_TYPE_* of a kind, 0 if there is none; and back, kOther if there is none.
int32_t PatronType(Kind kind);
Kind KindOfPatronType(int32_t type);

// A type in words: "int64", "utf8", "dictionary of utf8", "decimal128(scale 2)", "list".
std::string TypeName(const Field &field);

bool IsInteger(Kind kind);
bool IsText(Kind kind);
bool IsTime(Kind kind);  // Dates and timestamps.

// Bytes of one value; 0 for bool, text with offsets and kOther.
size_t WidthOf(Kind kind);

}  // namespace patron::arrow

#endif  // PATRON_SRC_ARROW_TYPE_HPP_
