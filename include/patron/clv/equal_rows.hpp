// Numbers for things of which some are equal, such as the rows of a table.
#ifndef PATRON_CLV_EQUAL_ROWS_HPP_
#define PATRON_CLV_EQUAL_ROWS_HPP_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace patron::clv::detail {

inline uint64_t MixBits(uint64_t h) {
  h ^= h >> 32;
  h *= 0xD6E8FEB86659FD93;
  h ^= h >> 32;
  return h;
}

inline uint64_t MixDouble(uint64_t seed, double value) {
  return (seed ^ std::bit_cast<uint64_t>(value)) * 0x9E3779B97F4A7C15 + (seed >> 29);
}

// Gives equal things the same number, in the order of their first appearance.
class EqualNumbering {
 public:
  EqualNumbering() : slots_(size_t{1} << 12, kEmpty) {}

  // The number of what hashes to `hash` and for which `equal(number)` holds; a new one if there is
  // none. `hash_of(number)` tells the hash again when the table grows.
  template <typename Equal, typename HashOf>
  uint32_t NumberOf(uint64_t hash, const Equal &equal, const HashOf &hash_of) {
    size_t slot = MixBits(hash) & (slots_.size() - 1);
    for (; slots_[slot] != kEmpty; slot = (slot + 1) & (slots_.size() - 1)) {
      if (equal(slots_[slot])) return slots_[slot];
    }
    const uint32_t number = count_++;
    slots_[slot] = number;
    if (size_t{count_} * 2 > slots_.size()) Grow(hash_of);
    return number;
  }
  uint32_t count() const { return count_; }

 private:
  static constexpr uint32_t kEmpty = std::numeric_limits<uint32_t>::max();

  template <typename HashOf>
  void Grow(const HashOf &hash_of) {
    const size_t size = slots_.size() * 2;
    slots_ = {};
    slots_.assign(size, kEmpty);
    for (uint32_t number = 0; number < count_; ++number) {
      size_t slot = MixBits(hash_of(number)) & (size - 1);
      while (slots_[slot] != kEmpty) slot = (slot + 1) & (size - 1);
      slots_[slot] = number;
    }
  }

  std::vector<uint32_t> slots_;
  uint32_t count_ = 0;
};

}  // namespace patron::clv::detail

#endif  // PATRON_CLV_EQUAL_ROWS_HPP_
