// A column of texts, laid out so that one text is compared with all of them at once.
#ifndef PATRON_CUSTOMERS_TEXT_COLUMN_HPP_
#define PATRON_CUSTOMERS_TEXT_COLUMN_HPP_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "patron/customers/character_bag.hpp"
#include "patron/customers/characters.hpp"
#include "patron/customers/measure.hpp"

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

// Borrows the texts, which must outlive it; nulls have no data and a similarity that is left alone.
// Memory: the narrow texts once more, 4 bytes a row, and 16 for the sums of edit distances.
class TextColumn {
 public:
  // `wanted` says for which measures the column is laid out.
  TextColumn(std::span<const Characters> texts, Measure wanted);

  size_t size() const { return texts_.size(); }

  // results[i] = Compare(measure, query, texts[i], options, cutoff) for each i.
  void CompareAll(const Characters &query, const MeasureOptions &options,
                  std::optional<double> cutoff, std::span<double> results) const;

  // take(i, value) for each i, in no order, whose similarity is at least `cutoff` or whose distance
  // is at most it, and perhaps for others, with the values of CompareAll.
  template <typename Take>
  void ForEachWithin(const Characters &query, const MeasureOptions &options, double cutoff,
                     Take take) const;

 private:
  static constexpr uint32_t kMostBlocked = 64;

  void MakeBlocks();
  void MakeBags();
  // With kWithin the texts of a pack in which none can reach `cutoff` are passed over.
  template <bool kWithin, typename Take>
  void VisitBlocks(const Characters &query, const JaroWinklerOptions &options, double cutoff,
                   Take take) const;
  template <bool kWithin, typename Take>
  void Visit(const Characters &query, const MeasureOptions &options, std::optional<double> cutoff,
             Take take) const;

  std::span<const Characters> texts_;
  Measure measure_;
  std::vector<TextBlock> blocks_;
  std::vector<uint32_t> blocked_rows_;  // In the order of the blocks, and then those in none.
  size_t blocked_ = 0;
  std::vector<std::byte> data_;
  std::vector<CharacterBag> bags_;
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
  // Matches without which no text reaches the cutoff, whatever its prefix.
  size_t Needed() const {
    const double prefix = 4 * options_.weight;
    if (prefix >= 1) return 0;
    const double jaro = (cutoff_ - prefix) / (1 - prefix);
    const double share = 1 / static_cast<double>(a_) + 1 / static_cast<double>(b_);
    const double needed = std::ceil((3 * jaro - 1) / share - 1e-9);
    return needed > 0 ? static_cast<size_t>(needed) : 0;
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

}  // namespace detail

inline TextColumn::TextColumn(std::span<const Characters> texts, Measure wanted)
    : texts_(texts), measure_(wanted) {
  if (wanted == Measure::kJaro || wanted == Measure::kJaroWinkler) MakeBlocks();
  if (wanted == Measure::kLevenshtein || wanted == Measure::kOsa || wanted == Measure::kDamerau ||
      (IsDistance(wanted) && wanted != Measure::kIndelDistance)) {
    MakeBags();
  }
}

inline void TextColumn::MakeBlocks() {
#if defined(__GNUC__)
  // By kind and length, then by row.
  constexpr uint32_t kOther = 2 * (kMostBlocked + 1), kNone = kOther + 1;
  std::vector<uint8_t> kinds(texts_.size());
  std::array<size_t, kOther + 1> starts{};
  for (size_t row = 0; row < texts_.size(); ++row) {
    const Characters &text = texts_[row];
    uint32_t kind = text.data == nullptr ? kNone : kOther;
    if (text.data != nullptr && text.size > 0 && text.size <= kMostBlocked) {
      const bool fits =
          !text.wide || std::ranges::all_of(text.all(), [](char32_t c) { return c <= 0xFFFF; });
      if (fits) kind = text.size << 1 | (text.wide ? 1U : 0U);
    }
    kinds[row] = static_cast<uint8_t>(kind);
    if (kind < kOther) ++starts[kind + 1];
  }
  for (size_t k = 0; k < kOther; ++k) starts[k + 1] += starts[k];
  std::vector<std::pair<uint32_t, uint32_t>> order(starts[kOther]);
  std::vector<uint32_t> others;
  for (uint32_t row = 0; row < texts_.size(); ++row) {
    if (kinds[row] < kOther) order[starts[kinds[row]]++] = {kinds[row], row};
    if (kinds[row] == kOther) others.push_back(row);
  }
  size_t bytes = 0;
  for (size_t i = 0; i < order.size();) {
    size_t end = i;
    while (end < order.size() && order[end].first == order[i].first) ++end;
    const size_t packs = (end - i + TextBlock::kTexts - 1) / TextBlock::kTexts;
    bytes += packs * TextBlock::kTexts * (order[i].first >> 1) * ((order[i].first & 1) + 1);
    i = end;
  }
  data_.resize(bytes + 16);
  blocked_rows_.resize(order.size() + others.size());
  auto *at = reinterpret_cast<std::byte *>(data_.data());
  at += (16 - reinterpret_cast<uintptr_t>(at) % 16) % 16;
  for (size_t i = 0; i < order.size();) {
    const uint32_t kind = order[i].first;
    TextBlock block = {.data = at,
                       .length = kind >> 1,
                       .count = 0,
                       .rows = blocked_rows_.data() + i,
                       .wide = (kind & 1) != 0};
    for (; i < order.size() && order[i].first == kind && block.count < TextBlock::kTexts; ++i) {
      const Characters &text = texts_[order[i].second];
      for (size_t j = 0; j < block.length; ++j) {
        const size_t place = j * TextBlock::kTexts + block.count;
        if (block.wide) {
          reinterpret_cast<char16_t *>(at)[place] = static_cast<char16_t>(text.all()[j]);
        } else {
          reinterpret_cast<uint8_t *>(at)[place] = text.narrow()[j];
        }
      }
      blocked_rows_[i] = order[i].second;
      ++block.count;
    }
    at += TextBlock::kTexts * block.length * (block.wide ? 2 : 1);
    blocks_.push_back(block);
  }
  blocked_ = order.size();
  std::ranges::copy(others, blocked_rows_.begin() + static_cast<ptrdiff_t>(blocked_));
#endif
}

inline void TextColumn::MakeBags() {
  bags_.reserve(texts_.size());
  for (const Characters &text : texts_) bags_.push_back(CharacterBag::Of(text));
}

template <bool kWithin, typename Take>
void TextColumn::VisitBlocks([[maybe_unused]] const Characters &query,
                             [[maybe_unused]] const JaroWinklerOptions &options,
                             [[maybe_unused]] double cutoff, [[maybe_unused]] Take take) const {
#if defined(__GNUC__)
  using detail::Lanes16;
  using detail::Lanes8;
  Lanes16 query16[16], bits16[16];
  Lanes8 query8[8], bits8[8];
  const size_t n = query.size;
  const bool bytes = n <= 8 && !query.wide;
  bits8[0] = -reinterpret_cast<Lanes8>(Lanes8{} == Lanes8{});
  bits16[0] = -reinterpret_cast<Lanes16>(Lanes16{} == Lanes16{});
  for (size_t i = 1; i < 8; ++i) bits8[i] = bits8[i - 1] + bits8[i - 1];
  for (size_t i = 1; i < 16; ++i) bits16[i] = bits16[i - 1] + bits16[i - 1];
  for (size_t i = 0; i < n; ++i) {
    const char32_t c = query[i];
    // What no text of a block has: a lane cannot hold it, and the code point that stands for it
    // is no character.
    query16[i] = Lanes16{} + static_cast<uint16_t>(c > 0xFFFF ? 0xFFFF : c);
    if (bytes) query8[i] = Lanes8{} + static_cast<uint8_t>(c);
  }
  detail::ScoreTable scores;
  uint32_t length = 0;
  size_t window = 0, needed = 0;
  const auto give = [&](const auto &pack, const uint32_t *rows, size_t count) {
    const auto places = scores.Places(pack);
    for (size_t k = 0; k < count; ++k) take(rows[k], scores.At(places[k]));
  };
  for (const TextBlock &block : blocks_) {
    if (block.length != length) {
      length = block.length;
      window = detail::JaroWindow(n, length);
      scores.Use(n, length, options, cutoff);
      needed = kWithin ? scores.Needed() : 0;
    }
    if (kWithin && needed > std::min<size_t>(n, length)) continue;
    if (!block.wide && bytes) {
      const auto *data = static_cast<const uint8_t *>(block.data);
      detail::JaroPack<Lanes8> pack;
      const auto load = [data](size_t j) {
        Lanes8 v;
        std::memcpy(&v, data + j * 16, 16);
        return v;
      };
      if (detail::CountPack<Lanes8>(std::span<const Lanes8>(query8, n), bits8, length, window,
                                    needed, load, &pack)) {
        give(pack, block.rows, block.count);
      }
      continue;
    }
    for (size_t first = 0; first < block.count; first += 8) {
      const std::span<const Lanes16> wanted(query16, n);
      const size_t here = std::min<size_t>(8, block.count - first);
      detail::JaroPack<Lanes16> pack;
      bool counted;
      if (block.wide) {
        const auto *data = static_cast<const char16_t *>(block.data) + first;
        const auto load = [data](size_t j) {
          Lanes16 v;
          std::memcpy(&v, data + j * 16, 16);
          return v;
        };
        counted = detail::CountPack<Lanes16>(wanted, bits16, length, window, needed, load, &pack);
      } else {
        const auto *data = static_cast<const uint8_t *>(block.data) + first;
        const auto load = [data](size_t j) {
          typedef uint8_t Half __attribute__((vector_size(8)));
          Half v;
          std::memcpy(&v, data + j * 16, 8);
          return __builtin_convertvector(v, Lanes16);
        };
        counted = detail::CountPack<Lanes16>(wanted, bits16, length, window, needed, load, &pack);
      }
      if (counted) give(pack, block.rows + first, here);
    }
  }
#endif
}

template <bool kWithin, typename Take>
void TextColumn::Visit(const Characters &query, const MeasureOptions &options,
                       std::optional<double> cutoff, Take take) const {
  const auto one = [&](size_t row) {
    take(row, Compare(measure_, query, texts_[row], options, cutoff));
  };
  if (!blocked_rows_.empty()) {
    const bool in_blocks = query.size > 0 && query.size <= 16;
    if (in_blocks) {
      JaroWinklerOptions jaro = options.jaro_winkler;
      if (measure_ == Measure::kJaro) jaro.weight = 0;
      VisitBlocks<kWithin>(query, jaro, cutoff.value_or(0), take);
    }
    for (size_t i = in_blocks ? blocked_ : 0; i < blocked_rows_.size(); ++i) one(blocked_rows_[i]);
    return;
  }
  const bool filtered = !bags_.empty() && cutoff.has_value() && *cutoff >= 0;
  if (!filtered) {
    for (size_t row = 0; row < texts_.size(); ++row) {
      if (texts_[row].data != nullptr) one(row);
    }
    return;
  }
  const CharacterBag bag = CharacterBag::Of(query);
  const bool counts = IsDistance(measure_);
  const size_t most = *cutoff < 1e9 ? static_cast<size_t>(*cutoff) : kNoLimit;
  // Of a query and a text as long as it; a longer text allows more.
  const double share = counts || *cutoff > 1 ? 0 : 1 - *cutoff;
  for (size_t row = 0; row < texts_.size(); ++row) {
    const Characters &text = texts_[row];
    if (text.data == nullptr) continue;
    const size_t least = bag.LeastEdits(bags_[row]);
    const size_t limit =
        counts ? most
               : static_cast<size_t>(share * static_cast<double>(std::max(query.size, text.size)) +
                                     1e-6);
    if (least <= limit) {
      one(row);
    } else if (!kWithin) {
      take(row, counts ? static_cast<double>(most + 1) : 0.0);
    }
  }
}

inline void TextColumn::CompareAll(const Characters &query, const MeasureOptions &options,
                                   std::optional<double> cutoff, std::span<double> results) const {
  Visit<false>(query, options, cutoff, [&](size_t row, double value) { results[row] = value; });
}

template <typename Take>
void TextColumn::ForEachWithin(const Characters &query, const MeasureOptions &options,
                               double cutoff, Take take) const {
  Visit<true>(query, options, cutoff, take);
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_TEXT_COLUMN_HPP_
