// The code points of a text without their order: bounds of its similarity to others, quickly had.
#ifndef PATRON_CUSTOMERS_CHARACTER_BAG_HPP_
#define PATRON_CUSTOMERS_CHARACTER_BAG_HPP_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "patron/customers/characters.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace patron::customers {

// How often each code point occurs, modulo 16 and capped at 255.
struct CharacterBag {
  static constexpr size_t kBuckets = 16;
  static constexpr uint32_t kMostExact = 255;  // Code points of a text whose counts are exact.

  std::array<uint8_t, kBuckets> counts{};

  static CharacterBag Of(const Characters &text);

  // No fewer edits, exchanges of neighbours included, make one text of the other.
  size_t LeastEdits(const CharacterBag &other) const;

  // No more code points can be matched; of texts of at most kMostExact.
  size_t MostMatches(const CharacterBag &other) const;
};

namespace detail {

#if defined(__SSE2__)
inline __m128i Buckets(const CharacterBag &bag) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i *>(bag.counts.data()));
}
inline size_t SumOfBytes(__m128i v) {
  const __m128i sums = _mm_sad_epu8(v, _mm_setzero_si128());
  return static_cast<size_t>(_mm_cvtsi128_si32(sums)) +
         static_cast<size_t>(_mm_cvtsi128_si32(_mm_srli_si128(sums, 8)));
}
#endif

}  // namespace detail

inline CharacterBag CharacterBag::Of(const Characters &text) {
  CharacterBag bag;
  VisitCharacters(text, [&](auto characters) {
    for (const auto c : characters) {
      uint8_t &count = bag.counts[static_cast<size_t>(c) % kBuckets];
      if (count < 255) ++count;
    }
  });
  return bag;
}

inline size_t CharacterBag::LeastEdits(const CharacterBag &other) const {
  // Each edit but an exchange changes each of the two sums by one at most; an exchange changes neither.
#if defined(__SSE2__)
  const __m128i x = detail::Buckets(*this), y = detail::Buckets(other);
  return std::max(detail::SumOfBytes(_mm_subs_epu8(x, y)), detail::SumOfBytes(_mm_subs_epu8(y, x)));
#else
  size_t more = 0, less = 0;
  for (size_t i = 0; i < kBuckets; ++i) {
    const int change = counts[i] - other.counts[i];
    (change > 0 ? more : less) += static_cast<size_t>(change > 0 ? change : -change);
  }
  return std::max(more, less);
#endif
}

inline size_t CharacterBag::MostMatches(const CharacterBag &other) const {
#if defined(__SSE2__)
  return detail::SumOfBytes(_mm_min_epu8(detail::Buckets(*this), detail::Buckets(other)));
#else
  size_t most = 0;
  for (size_t i = 0; i < kBuckets; ++i) most += std::min(counts[i], other.counts[i]);
  return most;
#endif
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_CHARACTER_BAG_HPP_
