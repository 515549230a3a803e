// The order of texts by their bytes.
#ifndef PATRON_BASE_TEXT_ORDER_HPP_
#define PATRON_BASE_TEXT_ORDER_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string_view>
#include <vector>

#include "patron/base/buffer.hpp"
#include "patron/base/sort.hpp"
#include "patron/base/text_store.hpp"

namespace patron::detail {

// Sorts codes by their texts, which are equal in the first `done` bytes or end before.
//
// Eight bytes at a time decide by a radix sort, and runs that are still equal are sorted by the
// eight that follow; where those do not tell many apart either, by comparison.
inline void SortByText(const TextStore &texts, std::span<uint32_t> codes, size_t done) {
  constexpr size_t kFew = 64;
  constexpr size_t kDeepest = 32;
  const auto before = [&](uint32_t a, uint32_t b) { return texts[a] < texts[b]; };
  if (codes.size() < kFew || done >= kDeepest) {
    std::ranges::sort(codes, before);
    return;
  }
  const auto keys = MakeBuffer<uint64_t>(2 * codes.size());
  const auto payload = MakeBuffer<uint32_t>(codes.size());
  const std::span<uint64_t> given(keys.get(), codes.size());
  const std::span<uint64_t> sorted(keys.get() + codes.size(), codes.size());
  for (size_t i = 0; i < codes.size(); ++i) {
    const std::string_view text = texts[codes[i]];
    uint64_t key = 0;
    if (text.size() >= done + 8) {
      for (size_t k = 0; k < 8; ++k) key = key << 8 | static_cast<unsigned char>(text[done + k]);
    } else {
      for (size_t k = done; k < done + 8; ++k) {
        key = key << 8 | (k < text.size() ? static_cast<unsigned char>(text[k]) : 0u);
      }
    }
    given[i] = key;
  }
  std::ranges::copy(codes, payload.get());
  SortPairs<uint64_t>(given, {payload.get(), codes.size()}, sorted, codes);
  for (size_t begin = 0, end; begin < codes.size(); begin = end) {
    for (end = begin + 1; end < codes.size() && sorted[end] == sorted[begin];) ++end;
    if (end - begin > 1) SortByText(texts, codes.subspan(begin, end - begin), done + 8);
  }
}

// The codes in ascending order of text. Cost: O(n) for short texts that differ early, else
// O(n log n); scratch of 20 bytes a text.
inline std::vector<uint32_t> AscendingCodes(const TextStore &texts) {
  std::vector<uint32_t> codes(texts.size());
  std::iota(codes.begin(), codes.end(), 0u);
  SortByText(texts, codes, 0);
  return codes;
}

}  // namespace patron::detail

#endif  // PATRON_BASE_TEXT_ORDER_HPP_
