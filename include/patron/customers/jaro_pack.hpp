// Jaro's matches of one text and of many of equal length, one in each lane of a vector.
#ifndef PATRON_CUSTOMERS_JARO_PACK_HPP_
#define PATRON_CUSTOMERS_JARO_PACK_HPP_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

#include "patron/customers/characters.hpp"
#include "patron/customers/jaro.hpp"

namespace patron::customers {

// Texts of equal length in blocks of 16, code point by code point: text k of a block has its j-th
// code point at data[j * 16 + k].
struct TextBlock {
  static constexpr size_t kTexts = 16;
  const void *data = nullptr;  // uint8_t, or char16_t if wide.
  uint32_t length = 0;         // Of each text.
  uint32_t count = 0;          // Texts; the rest of the block is zero.
  const uint32_t *rows = nullptr;
  bool wide = false;
};

namespace detail {

#if defined(__GNUC__)
typedef uint8_t Lanes8 __attribute__((vector_size(16)));
typedef uint16_t Lanes16 __attribute__((vector_size(16)));

// What is counted of each text of a pack: matches, places that differ, and the prefix.
template <typename V>
struct JaroPack {
  V matches, differ, prefix;
};

template <typename V>
inline bool AnyLane(V v) {
  uint64_t halves[2];
  std::memcpy(halves, &v, sizeof halves);
  return (halves[0] | halves[1]) != 0;
}

// Counts Jaro's matches of `query`, of as many code points as a lane has bits, and each text of a pack
// of equal length. `load(j)` gives code point j of the texts; bits[i] has bit i, which
// stands for query[i], in each lane.
// Stops after the matches if no text has `needed`: false.
template <typename V, typename Load>
inline __attribute__((always_inline)) bool CountPack(std::span<const V> query,
                                                     std::span<const V> bits, size_t length,
                                                     size_t window, size_t needed, Load load,
                                                     JaroPack<V> *pack) {
  using Lane = std::remove_cvref_t<decltype(V{}[0])>;
  V equal[64], found[64];
  V taken = {}, matches = {};
  const size_t n = query.size();
  for (size_t j = 0; j < length; ++j) {
    const V c = load(j);
    const size_t begin = j > window ? j - window : 0;
    const size_t end = std::min(n, j + window + 1);
    V places = {};
    for (size_t i = begin; i < end; ++i) {
      const V same = reinterpret_cast<V>(c == query[i]);
      places |= same & bits[i];
    }
    const V free = places & ~taken;
    taken |= free & (~free + 1);
    const V hit = reinterpret_cast<V>(free != 0);
    matches -= hit;
    equal[j] = places;
    found[j] = hit;
  }
  if (needed > 0 && !AnyLane(reinterpret_cast<V>(matches >= static_cast<Lane>(needed))))
    return false;
  pack->matches = pack->differ = pack->prefix = V{};
  if (!AnyLane(matches)) return true;
  V differ = {};
  for (size_t j = 0; j < length; ++j) {
    const V first = taken & (~taken + 1);
    const V same = reinterpret_cast<V>((equal[j] & first) != 0);
    differ -= found[j] & ~same;
    taken &= ~(first & found[j]);
  }
  V prefix = {}, still = ~V{};
  const size_t most = std::min<size_t>(4, std::min(n, length));
  for (size_t j = 0; j < most; ++j) {
    still &= reinterpret_cast<V>(load(j) == query[j]);
    prefix -= still;
  }
  *pack = {matches, differ, prefix};
  return true;
}
#endif

// Scores by matches and transpositions for one pair of lengths, made when they are needed.
class ScoreTable {
 public:
  void Use(size_t a, size_t b, const JaroWinklerOptions &options, double cutoff) {
    const size_t most = std::min(a, b);
    stride_ = most / 2 + 1;
    scores_.clear();
    size_ = (most + 1) * stride_ * 5;
    a_ = a;
    b_ = b;
    options_ = options;
    cutoff_ = cutoff;
  }
  // Where each of a pack has its score; it fits a lane that has as many bits as the query has code
  // points.
  template <typename V>
  V Places(const JaroPack<V> &pack) const {
    using Lane = std::remove_cvref_t<decltype(V{}[0])>;
    const V row = pack.matches * static_cast<Lane>(stride_) + (pack.differ >> 1);
    return row + row + row + row + row + pack.prefix;
  }
  double At(size_t place) {
    if (scores_.empty()) scores_.assign(size_, -1.0);
    double &score = scores_[place];
    if (score < 0) {
      const size_t row = place / 5;
      score = WithPrefix(JaroScore(row / stride_, row % stride_, a_, b_), place % 5, options_);
      if (score < cutoff_) score = 0;
    }
    return score;
  }

 private:
  size_t stride_ = 0, size_ = 0, a_ = 0, b_ = 0;
  JaroWinklerOptions options_;
  double cutoff_ = 0;
  std::vector<double> scores_;
};

#if defined(__GNUC__)
// One text of at most kMostSize code points, laid out to be compared with blocks.
class JaroQuery {
 public:
  static constexpr uint32_t kMostSize = 16;

  explicit JaroQuery(const Characters &query);

  // Whether it is compared with 16 narrow texts at once, else with 8.
  bool has_bytes() const { return bytes_; }

  // take(pack, first, count): what is counted of texts [first, first + count) of the block; left out
  // where none of a pack has `needed` matches.
  template <typename Take>
  void Count(const TextBlock &block, size_t needed, Take take) const;

 private:
  std::array<Lanes16, kMostSize> wide_{}, wide_bits_{};
  std::array<Lanes8, 8> narrow_{}, narrow_bits_{};
  size_t size_;
  bool bytes_;
};

inline JaroQuery::JaroQuery(const Characters &query)
    : size_(query.size), bytes_(query.size <= 8 && !query.wide) {
  narrow_bits_[0] = -reinterpret_cast<Lanes8>(Lanes8{} == Lanes8{});
  wide_bits_[0] = -reinterpret_cast<Lanes16>(Lanes16{} == Lanes16{});
  for (size_t i = 1; i < 8; ++i) narrow_bits_[i] = narrow_bits_[i - 1] + narrow_bits_[i - 1];
  for (size_t i = 1; i < 16; ++i) wide_bits_[i] = wide_bits_[i - 1] + wide_bits_[i - 1];
  for (size_t i = 0; i < size_; ++i) {
    const char32_t c = query[i];
    // What no text of a block has: a lane cannot hold it, and the code point that stands for it
    // is no character.
    wide_[i] = Lanes16{} + static_cast<uint16_t>(c > 0xFFFF ? 0xFFFF : c);
    if (bytes_) narrow_[i] = Lanes8{} + static_cast<uint8_t>(c);
  }
}

template <typename Take>
void JaroQuery::Count(const TextBlock &block, size_t needed, Take take) const {
  const size_t window = JaroWindow(size_, block.length);
  if (!block.wide && bytes_) {
    const auto *data = static_cast<const uint8_t *>(block.data);
    const auto load = [data](size_t j) {
      Lanes8 v;
      std::memcpy(&v, data + j * TextBlock::kTexts, sizeof v);
      return v;
    };
    JaroPack<Lanes8> pack;
    const std::span<const Lanes8> query(narrow_.data(), size_);
    if (CountPack<Lanes8>(query, narrow_bits_, block.length, window, needed, load, &pack)) {
      take(pack, size_t{0}, size_t{block.count});
    }
    return;
  }
  const std::span<const Lanes16> query(wide_.data(), size_);
  constexpr size_t kLanes = 8;
  for (size_t first = 0; first < block.count; first += kLanes) {
    const auto wide = [&](size_t j) {
      Lanes16 v;
      const auto *data = static_cast<const char16_t *>(block.data) + first;
      std::memcpy(&v, data + j * TextBlock::kTexts, sizeof v);
      return v;
    };
    const auto narrow = [&](size_t j) {
      typedef uint8_t Half __attribute__((vector_size(8)));
      Half v;
      const auto *data = static_cast<const uint8_t *>(block.data) + first;
      std::memcpy(&v, data + j * TextBlock::kTexts, sizeof v);
      return __builtin_convertvector(v, Lanes16);
    };
    JaroPack<Lanes16> pack;
    const bool counted =
        block.wide
            ? CountPack<Lanes16>(query, wide_bits_, block.length, window, needed, wide, &pack)
            : CountPack<Lanes16>(query, wide_bits_, block.length, window, needed, narrow, &pack);
    if (counted) take(pack, first, std::min(kLanes, block.count - first));
  }
}
#endif

}  // namespace detail
}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_JARO_PACK_HPP_
