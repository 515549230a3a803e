// A column of texts, laid out so that one text is compared with all of them at once.
#ifndef PATRON_CUSTOMERS_TEXT_COLUMN_HPP_
#define PATRON_CUSTOMERS_TEXT_COLUMN_HPP_

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "patron/customers/character_bag.hpp"
#include "patron/customers/characters.hpp"
#include "patron/customers/jaro_pack.hpp"
#include "patron/customers/measure.hpp"
#include "patron/customers/winkler_bound.hpp"

namespace patron::customers {

// Borrows the texts, which must outlive it; nulls have no data and a similarity that is left alone.
// Memory: the narrow texts once more, 4 bytes a row, and 16 or 24 for bounds.
class TextColumn {
 public:
  // `wanted` says for which measures the column is laid out; `near` whether ForEachWithin is called.
  TextColumn(std::span<const Characters> texts, Measure wanted, bool near = false);

  size_t size() const { return texts_.size(); }

  // results[i] = Compare(measure, query, texts[i], options, cutoff) for each i.
  void CompareAll(const Characters &query, const MeasureOptions &options,
                  std::optional<double> cutoff, std::span<double> results) const;

  // take(i, value) for each i from `from` on, in no order, whose similarity is at least `cutoff`, which
  // is above 0, or whose distance is at most it, and perhaps for others, with the values of CompareAll.
  // `bound` is of the measure and the cutoff, and for one thread.
  template <typename Take>
  void ForEachWithin(const Characters &query, const MeasureOptions &options, double cutoff,
                     size_t from, WinklerBound &bound, Take take) const;

  // The options of the measure, if it is one of Jaro's.
  JaroWinklerOptions JaroOptions(const MeasureOptions &options) const {
    const JaroWinklerOptions plain = {.boost = 1, .weight = 0};
    return measure_ == Measure::kJaro ? plain : options.jaro_winkler;
  }

 private:
  static constexpr uint32_t kMostBlocked = 64;

  void MakeBlocks();
  void MakeBags();
  void MakeKeys();
  template <typename Take>
  void VisitBlocks(const Characters &query, const JaroWinklerOptions &options, double cutoff,
                   Take take) const;
  // Passes over the texts that cannot reach the cutoff.
  template <typename Take>
  void VisitNear(const Characters &query, const JaroWinklerOptions &options, double cutoff,
                 size_t from, WinklerBound &bound, Take take) const;
  template <bool kWithin, typename Take>
  void VisitTexts(const Characters &query, const MeasureOptions &options,
                  std::optional<double> cutoff, size_t from, Take take) const;

  std::span<const Characters> texts_;
  Measure measure_;
  std::vector<TextBlock> blocks_;
  std::vector<uint32_t> blocked_rows_;  // In the order of the blocks, and then those in none.
  size_t blocked_ = 0;
  std::vector<std::byte> data_;
  std::vector<CharacterBag> bags_;  // By row, or with blocks in their order.
  std::vector<uint64_t> heads_;     // In the order of the blocks.
};

inline TextColumn::TextColumn(std::span<const Characters> texts, Measure wanted, bool near)
    : texts_(texts), measure_(wanted) {
  if (wanted == Measure::kJaro || wanted == Measure::kJaroWinkler) {
    MakeBlocks();
    if (near) MakeKeys();
  }
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

inline void TextColumn::MakeKeys() {
  bags_.reserve(blocked_);
  heads_.reserve(blocked_);
  for (size_t i = 0; i < blocked_; ++i) {
    const WinklerKey key = WinklerKey::Of(texts_[blocked_rows_[i]]);
    bags_.push_back(key.bag);
    heads_.push_back(key.head);
  }
}

template <typename Take>
void TextColumn::VisitBlocks([[maybe_unused]] const Characters &query,
                             [[maybe_unused]] const JaroWinklerOptions &options,
                             [[maybe_unused]] double cutoff, [[maybe_unused]] Take take) const {
#if defined(__GNUC__)
  const detail::JaroQuery packed(query);
  detail::ScoreTable scores;
  uint32_t length = 0;
  for (const TextBlock &block : blocks_) {
    if (block.length != length) {
      length = block.length;
      scores.Use(query.size, length, options, cutoff);
    }
    packed.Count(block, 0, [&](const auto &pack, size_t first, size_t count) {
      const auto places = scores.Places(pack);
      for (size_t k = 0; k < count; ++k) take(block.rows[first + k], scores.At(places[k]));
    });
  }
#endif
}

template <typename Take>
void TextColumn::VisitNear([[maybe_unused]] const Characters &query,
                           [[maybe_unused]] const JaroWinklerOptions &options,
                           [[maybe_unused]] double cutoff, [[maybe_unused]] size_t from,
                           [[maybe_unused]] WinklerBound &bound, [[maybe_unused]] Take take) const {
#if defined(__GNUC__)
  const WinklerKey key = WinklerKey::Of(query);
  const bool in_pack = query.size > 0 && query.size <= detail::JaroQuery::kMostSize;
  const detail::JaroQuery packed(in_pack ? query : Characters());
  detail::ScoreTable scores;
  WinklerBound::Needs needs{};
  uint32_t length = 0;
  for (const TextBlock &block : blocks_) {
    if (block.rows[block.count - 1] < from) continue;
    if (block.length != length) {
      length = block.length;
      scores.Use(query.size, length, options, cutoff);
      needs = {};
      if (std::max(query.size, length) <= WinklerBound::kMostSize) {
        needs = bound.Make(query.size, length);
      }
    }
    if (needs.back() > length) continue;
    const auto at = static_cast<size_t>(block.rows - blocked_rows_.data());
    uint32_t near = 0;
    for (size_t k = 0; k < block.count; ++k) {
      const uint8_t needed = needs[MostPrefix(key.head, heads_[at + k])];
      const bool may = key.bag.MostMatches(bags_[at + k]) >= needed && block.rows[k] >= from;
      near |= uint32_t{may} << k;
    }
    // A pack costs as much as a few texts one by one.
    const int few = packed.has_bytes() && !block.wide ? 3 : 6;
    if (in_pack && std::popcount(near) > few) {
      packed.Count(block, needs.back(), [&](const auto &pack, size_t first, size_t) {
        const auto places = scores.Places(pack);
        constexpr size_t kLanes = sizeof places / sizeof places[0];
        const uint32_t lanes = near >> first & ((uint32_t{1} << kLanes) - 1);
        for (uint32_t left = lanes; left != 0; left &= left - 1) {
          const auto k = static_cast<size_t>(std::countr_zero(left));
          const double value = scores.At(places[k]);
          if (value >= cutoff) take(block.rows[first + k], value);
        }
      });
      continue;
    }
    for (; near != 0; near &= near - 1) {
      const auto k = static_cast<size_t>(std::countr_zero(near));
      const uint8_t needed = needs[MostPrefix(key.head, heads_[at + k])];
      const double value = JaroWinkler(query, texts_[block.rows[k]], options, cutoff, needed);
      if (value >= cutoff) take(block.rows[k], value);
    }
  }
#endif
}

template <bool kWithin, typename Take>
void TextColumn::VisitTexts(const Characters &query, const MeasureOptions &options,
                            std::optional<double> cutoff, size_t from, Take take) const {
  const auto one = [&](size_t row) {
    take(row, Compare(measure_, query, texts_[row], options, cutoff));
  };
  const bool filtered = !bags_.empty() && cutoff.has_value() && *cutoff >= 0;
  if (!filtered) {
    for (size_t row = from; row < texts_.size(); ++row) {
      if (texts_[row].data != nullptr) one(row);
    }
    return;
  }
  const CharacterBag bag = CharacterBag::Of(query);
  const bool counts = IsDistance(measure_);
  const size_t most = *cutoff < 1e9 ? static_cast<size_t>(*cutoff) : kNoLimit;
  // Of a query and a text as long as it; a longer text allows more.
  const double share = counts || *cutoff > 1 ? 0 : 1 - *cutoff;
  for (size_t row = from; row < texts_.size(); ++row) {
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
  const auto take = [&](size_t row, double value) { results[row] = value; };
  if (blocked_rows_.empty()) return VisitTexts<false>(query, options, cutoff, 0, take);
  const bool in_blocks = query.size > 0 && query.size <= 16;
  if (in_blocks) VisitBlocks(query, JaroOptions(options), cutoff.value_or(0), take);
  for (size_t i = in_blocks ? blocked_ : 0; i < blocked_rows_.size(); ++i) {
    const uint32_t row = blocked_rows_[i];
    take(row, Compare(measure_, query, texts_[row], options, cutoff));
  }
}

template <typename Take>
void TextColumn::ForEachWithin(const Characters &query, const MeasureOptions &options,
                               double cutoff, size_t from, WinklerBound &bound, Take take) const {
  if (blocked_rows_.empty()) return VisitTexts<true>(query, options, cutoff, from, take);
  VisitNear(query, JaroOptions(options), cutoff, from, bound, take);
  for (size_t i = blocked_; i < blocked_rows_.size(); ++i) {
    const uint32_t row = blocked_rows_[i];
    if (row >= from) take(row, Compare(measure_, query, texts_[row], options, cutoff));
  }
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_TEXT_COLUMN_HPP_
