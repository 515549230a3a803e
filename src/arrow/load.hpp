// Reads single values of a column: buffers may be unaligned, rows are counted from the column's offset.
#ifndef PATRON_SRC_ARROW_LOAD_HPP_
#define PATRON_SRC_ARROW_LOAD_HPP_

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "arrow/table.hpp"

namespace patron::arrow {

// Element `index` of a buffer of T.
template <typename T>
T Load(const void *buffer, int64_t index) {
  T value;
  std::memcpy(&value, static_cast<const char *>(buffer) + index * static_cast<int64_t>(sizeof(T)),
              sizeof(T));
  return value;
}

inline bool TestBit(const uint8_t *bits, int64_t index) {
  return (bits[index >> 3] >> (index & 7) & 1) != 0;
}

// Whether `row` is not null, as far as the validity bits of the column say.
inline bool IsValid(const Column &column, int64_t row) {
  const uint8_t *validity = column.validity();
  return validity == nullptr || TestBit(validity, column.offset + row);
}

// The 64 bits from `index`, of which only the first `count` (1 to 64) are read.
inline uint64_t LoadBits(const uint8_t *bits, int64_t index, int64_t count) {
  const uint8_t *from = bits + (index >> 3);
  const int skip = static_cast<int>(index & 7);
  const int64_t bytes = (skip + count + 7) / 8;
  uint64_t low = 0;
  std::memcpy(&low, from, static_cast<size_t>(std::min<int64_t>(bytes, 8)));
  uint64_t word = low >> skip;
  if (bytes > 8) word |= static_cast<uint64_t>(from[8]) << (64 - skip);
  return count < 64 ? word & ((uint64_t{1} << count) - 1) : word;
}

// The bits from `index` as bytes of 0 and 1.
inline void SpreadBits(const uint8_t *bits, int64_t index, int64_t count, uint8_t *bytes) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  for (int64_t begin = 0; begin < count; begin += 64) {
    const int64_t size = std::min<int64_t>(64, count - begin);
    uint64_t word = LoadBits(bits, index + begin, size);
    for (int64_t i = 0; i < size; i += 8, word >>= 8) {
      // Bit k alone in byte k, then moved to its end.
      const uint64_t picked = (word & 0xFF) * kOnes & 0x8040201008040201;
      uint64_t eight = (picked + 0x7F * kOnes) >> 7 & kOnes;
      if constexpr (std::endian::native == std::endian::big) eight = __builtin_bswap64(eight);
      std::memcpy(bytes + begin + i, &eight, static_cast<size_t>(std::min<int64_t>(8, size - i)));
    }
  }
}

// Nulls among rows [begin, begin + count).
inline int64_t CountNulls(const Column &column, int64_t begin, int64_t count) {
  const uint8_t *validity = column.validity();
  if (validity == nullptr) return 0;
  int64_t present = 0;
  for (int64_t i = 0; i < count; i += 64) {
    present += std::popcount(
        LoadBits(validity, column.offset + begin + i, std::min<int64_t>(64, count - i)));
  }
  return count - present;
}

// A string view of Arrow: the text itself if it is short, or where it lies.
struct TextView {
  static constexpr int32_t kInline = 12;
  int32_t size;
  int32_t buffer;
  int32_t offset;
};

inline TextView LoadTextView(const Column &column, int64_t row) {
  const int64_t word = (column.offset + row) * 4;
  return {.size = Load<int32_t>(column.data(), word),
          .buffer = Load<int32_t>(column.data(), word + 2),
          .offset = Load<int32_t>(column.data(), word + 3)};
}

// The text of a row that is not null, in a column of kind `kind`.
inline std::string_view LoadText(const Column &column, Kind kind, int64_t row) {
  const int64_t at = column.offset + row;
  if (kind == Kind::kTextView) {
    const TextView view = LoadTextView(column, row);
    const char *text =
        view.size <= TextView::kInline
            ? static_cast<const char *>(column.data()) + at * 16 + 4
            : static_cast<const char *>(column.buffers[2 + static_cast<size_t>(view.buffer)]) +
                  view.offset;
    return {text, static_cast<size_t>(view.size)};
  }
  const bool large = kind == Kind::kLargeText;
  const int64_t begin =
      large ? Load<int64_t>(column.offsets(), at) : Load<int32_t>(column.offsets(), at);
  const int64_t end =
      large ? Load<int64_t>(column.offsets(), at + 1) : Load<int32_t>(column.offsets(), at + 1);
  if (begin == end) return {};
  return {column.characters() + begin, static_cast<size_t>(end - begin)};
}

// Element `row` of a column of integers; uint64 as its bits.
inline int64_t LoadInteger(const Column &column, Kind kind, int64_t row) {
  const int64_t at = column.offset + row;
  switch (kind) {
    case Kind::kInt8: return Load<int8_t>(column.data(), at);
    case Kind::kInt16: return Load<int16_t>(column.data(), at);
    case Kind::kInt32: return Load<int32_t>(column.data(), at);
    case Kind::kUint8: return Load<uint8_t>(column.data(), at);
    case Kind::kUint16: return Load<uint16_t>(column.data(), at);
    case Kind::kUint32: return Load<uint32_t>(column.data(), at);
    default: return Load<int64_t>(column.data(), at);
  }
}

// The place of row `row` of a dictionary-encoded column in its dictionary, or -1 if it points outside.
inline int64_t LoadCode(const Column &column, Kind indices, int64_t row) {
  const int64_t code = LoadInteger(column, indices, row);
  return code >= 0 && code < column.dictionary->length ? code : -1;
}

}  // namespace patron::arrow

#endif  // PATRON_SRC_ARROW_LOAD_HPP_
