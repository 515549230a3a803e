// Finding rows that are equal: each different row gets a number, whatever its columns.
#ifndef PATRON_CLV_EQUAL_ROWS_HPP_
#define PATRON_CLV_EQUAL_ROWS_HPP_

#include <algorithm>
#include <array>
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

// -0.0 and 0.0 hash alike.
inline uint64_t MixDouble(uint64_t seed, double value) {
  return (seed ^ std::bit_cast<uint64_t>(value + 0.0)) * 0x9E3779B97F4A7C15 + (seed >> 29);
}

inline void Prefetch([[maybe_unused]] const void *address) {
#if defined(__GNUC__)
  __builtin_prefetch(address);
#endif
}

// Gives equal things the same number, in the order of their first appearance. Memory: 11 to 22
// bytes a number.
class EqualNumbering {
 public:
  EqualNumbering() : slots_(size_t{1} << 10) {}

  // Numbers the rows [0, rows) in turn and calls `found(row, number)` for each.
  //
  // `hash_of(row)` hashes a row, `hash_of_number(number)` does the same for the first row with that
  // number, `equal(row, number)` compares with it, and `expect(number)` is told a little before
  // that it may do so. `found` has seen a number before any of the others is asked for it.
  template <typename HashOf, typename HashOfNumber, typename Equal, typename Expect, typename Found>
  void NumberAll(size_t rows, const HashOf &hash_of, const HashOfNumber &hash_of_number,
                 const Equal &equal, const Expect &expect, const Found &found) {
    // Memory that a row needs is asked for some rows ahead, so that it is there in time.
    constexpr size_t kAhead = 32;
    std::array<uint64_t, kAhead> hash;
    for (size_t begin = 0; begin < rows; begin += kAhead) {
      const size_t count = std::min(kAhead, rows - begin);
      for (size_t i = 0; i < count; ++i) {
        hash[i] = MixBits(hash_of(begin + i));
        Prefetch(&slots_[hash[i] & (slots_.size() - 1)]);
      }
      for (size_t i = 0; i < count; ++i) {
        const uint32_t likely = LikelyNumber(hash[i]);
        if (likely != kEmpty) expect(likely);
      }
      for (size_t i = 0; i < count; ++i) {
        const uint32_t number =
            NumberOf(hash[i], [&](uint32_t other) { return equal(begin + i, other); });
        found(begin + i, number);
        if (size_t{count_} * 4 > slots_.size() * 3) {
          Grow([&](uint32_t other) { return MixBits(hash_of_number(other)); });
        }
      }
    }
  }

  // The same, unless more than `fourths` of four of the first rows have numbers of their own, looked at
  // now and then: it is false then, and what was numbered is not all.
  template <typename HashOf, typename HashOfNumber, typename Equal, typename Expect, typename Found>
  bool NumberUnlessApart(size_t rows, size_t fourths, const HashOf &hash_of,
                         const HashOfNumber &hash_of_number, const Equal &equal,
                         const Expect &expect, const Found &found) {
    constexpr size_t kLook = size_t{1} << 16;
    for (size_t begin = 0; begin < rows; begin += kLook) {
      if (size_t{count_} * 4 > begin * fourths) return false;
      NumberAll(
          std::min(kLook, rows - begin), [&](size_t i) { return hash_of(begin + i); },
          hash_of_number, [&](size_t i, uint32_t number) { return equal(begin + i, number); },
          expect, [&](size_t i, uint32_t number) { found(begin + i, number); });
    }
    return true;
  }

  uint32_t count() const { return count_; }

 private:
  static constexpr uint32_t kEmpty = std::numeric_limits<uint32_t>::max();
  struct Slot {
    uint32_t number = kEmpty;
    uint32_t tag = 0;  // Never 0 if taken.
  };

  static uint32_t TagOf(uint64_t hash) { return static_cast<uint32_t>(hash >> 32) | 1; }

  // The number of the first slot with the tag of the hash; kEmpty if there is none.
  uint32_t LikelyNumber(uint64_t hash) const {
    const uint32_t tag = TagOf(hash);
    size_t at = hash & (slots_.size() - 1);
    while (slots_[at].tag != tag && slots_[at].tag != 0) at = (at + 1) & (slots_.size() - 1);
    return slots_[at].number;
  }

  template <typename Equal>
  uint32_t NumberOf(uint64_t hash, const Equal &equal) {
    const uint32_t tag = TagOf(hash);
    size_t at = hash & (slots_.size() - 1);
    for (; slots_[at].number != kEmpty; at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at].tag == tag && equal(slots_[at].number)) return slots_[at].number;
    }
    slots_[at] = {count_, tag};
    return count_++;
  }

  template <typename HashOf>
  void Grow(const HashOf &hash_of) {
    const size_t size = slots_.size() * 2;
    slots_ = {};
    slots_.resize(size);
    for (uint32_t number = 0; number < count_; ++number) {
      const uint64_t hash = hash_of(number);
      size_t at = hash & (size - 1);
      while (slots_[at].number != kEmpty) at = (at + 1) & (size - 1);
      slots_[at] = {number, TagOf(hash)};
    }
  }

  std::vector<Slot> slots_;
  uint32_t count_ = 0;
};

}  // namespace patron::clv::detail

#endif  // PATRON_CLV_EQUAL_ROWS_HPP_
