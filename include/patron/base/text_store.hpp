// Text by code: short text stands in its cell, long text apart.
#ifndef PATRON_BASE_TEXT_STORE_HPP_
#define PATRON_BASE_TEXT_STORE_HPP_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "patron/base/large_vector.hpp"

namespace patron::detail {

// A hash of 8 bytes: one widening multiplication, folded. Only its spread matters: ids with equal
// hashes are told apart by comparison, so no answer depends on it.
inline uint64_t HashInteger(uint64_t key) {
  const auto product =
      static_cast<unsigned __int128>(key ^ 0x9E3779B97F4A7C15u) * 0xD6E8FEB86659FD93u;
  return static_cast<uint64_t>(product >> 64) ^ static_cast<uint64_t>(product);
}

// Eight bytes; fewer, with zeros behind them, where `count` is less.
inline uint64_t LoadBytes(const char *bytes, size_t count = 8) {
  uint64_t value = 0;
  std::memcpy(&value, bytes, count);
  return value;
}

// Up to 8 bytes with zeros behind them. Loads that overlap are faster than a copy of any length.
inline uint64_t LoadShort(const char *bytes, size_t count) {
  if constexpr (std::endian::native != std::endian::little) return LoadBytes(bytes, count);
  if (count >= 4) {
    uint32_t first, last;
    std::memcpy(&first, bytes, 4);
    std::memcpy(&last, bytes + count - 4, 4);
    return first | static_cast<uint64_t>(last) << (8 * (count - 4));
  }
  uint64_t value = 0;
  for (size_t i = 0; i < count; ++i) {
    value |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  }
  return value;
}

// What text is looked up by: for text of at most 16 bytes, all of it.
struct TextKey {
  static constexpr size_t kShort = 16;

  uint64_t low = 0;   // Short: bytes 0 to 7, zeros behind the end. Long: a hash of the text.
  uint64_t high = 0;  // Short: bytes 8 to 15. Long: nothing.
  uint64_t size = 0;

  static TextKey Of(std::string_view text);
  uint64_t Hash() const { return HashInteger(HashInteger(low ^ (size << 56 | size)) ^ high); }
  bool is_short() const { return size <= kShort; }
};

// Texts by code 0, 1, 2, ... Memory: 24 bytes each, and the bytes of those longer than 16.
class TextStore {
 public:
  size_t size() const { return cells_.size(); }

  // Valid until the next Add.
  std::string_view operator[](uint32_t code) const {
    const Cell &cell = cells_[code];
    if (cell.size <= TextKey::kShort) return {cell.bytes, static_cast<size_t>(cell.size)};
    return {long_.data() + Load(cell, 8), static_cast<size_t>(cell.size)};
  }
  TextKey key(uint32_t code) const {
    const Cell &cell = cells_[code];
    const bool is_short = cell.size <= TextKey::kShort;
    return {Load(cell, 0), is_short ? Load(cell, 8) : 0, cell.size};
  }
  const void *address(uint32_t code) const { return &cells_[code]; }

  // Whether the text of `code` is `text`, whose key is `key`.
  bool Equals(uint32_t code, const TextKey &key, std::string_view text) const {
    const Cell &cell = cells_[code];
    if (cell.size != key.size || Load(cell, 0) != key.low) return false;
    return key.is_short() ? Load(cell, 8) == key.high : (*this)[code] == text;
  }

  // Throws std::bad_alloc without effect.
  void Add(const TextKey &key, std::string_view text) {
    Cell cell{.bytes = {}, .size = key.size};
    std::memcpy(cell.bytes, &key.low, 8);
    std::memcpy(cell.bytes + 8, &key.high, 8);
    if (key.is_short()) return cells_.push_back(cell);
    const uint64_t offset = long_.size();
    std::memcpy(cell.bytes + 8, &offset, 8);
    if (cells_.size() == cells_.capacity()) cells_.reserve(std::max<size_t>(64, 2 * cells_.size()));
    long_.insert(long_.end(), text.begin(), text.end());
    cells_.push_back(cell);
  }

  // Forgets all codes from `size` on. Does not allocate.
  void Truncate(size_t size) {
    for (size_t code = size; code < cells_.size(); ++code) {
      if (cells_[code].size <= TextKey::kShort) continue;
      long_.resize(Load(cells_[code], 8));  // The first of the long ones that go.
      break;
    }
    cells_.resize(size);
  }

  size_t memory_bytes() const { return cells_.capacity() * sizeof(Cell) + long_.capacity(); }

 private:
  struct Cell {
    char bytes[16];  // The text with zeros behind it, or the hash of a long one and its place.
    uint64_t size;
  };

  static uint64_t Load(const Cell &cell, size_t at) { return LoadBytes(cell.bytes + at); }

  LargeVector<Cell> cells_;
  LargeVector<char> long_;
};

inline TextKey TextKey::Of(std::string_view text) {
  const char *bytes = text.data();
  const size_t size = text.size();
  if (size <= 8) return {size == 8 ? LoadBytes(bytes) : LoadShort(bytes, size), 0, size};
  if (size <= kShort) {
    if constexpr (std::endian::native != std::endian::little) {
      return {LoadBytes(bytes), LoadBytes(bytes + 8, size - 8), size};
    }
    return {LoadBytes(bytes), LoadBytes(bytes + size - 8) >> (8 * (kShort - size)), size};
  }
  uint64_t hash = HashInteger(size);
  size_t at = 0;
  for (; size - at > 8; at += 8) hash = HashInteger(hash ^ LoadBytes(bytes + at));
  return {HashInteger(hash ^ LoadBytes(bytes + size - 8)), 0, size};
}

}  // namespace patron::detail

#endif  // PATRON_BASE_TEXT_STORE_HPP_
