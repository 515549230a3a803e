// Where a code point stands in a text, as bits: what the bit-parallel kernels are made of.
#ifndef PATRON_CUSTOMERS_EQUAL_PLACES_HPP_
#define PATRON_CUSTOMERS_EQUAL_PLACES_HPP_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace patron::customers::detail {

inline constexpr size_t kWordBits = 64;

inline constexpr uint64_t LowBits(size_t count) {
  return count >= kWordBits ? ~uint64_t{0} : (uint64_t{1} << count) - 1;
}

// Bit i is set where text[i] is `c`; for texts of at most 64 code points from a CharacterPool.
inline uint64_t EqualPlaces(std::span<const uint8_t> text, char32_t c) {
  if (c > 0xFF) return 0;
  uint64_t places = 0;
#if defined(__SSE2__)
  const __m128i wanted = _mm_set1_epi8(static_cast<char>(c));
  const auto *at = reinterpret_cast<const __m128i *>(text.data());
  for (size_t i = 0; i < text.size(); i += 16, ++at) {
    const int found = _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128(at), wanted));
    places |= static_cast<uint64_t>(static_cast<uint32_t>(found)) << i;
  }
#else
  for (size_t i = 0; i < text.size(); ++i) places |= static_cast<uint64_t>(text[i] == c) << i;
#endif
  return places & LowBits(text.size());
}

inline uint64_t EqualPlaces(std::span<const char32_t> text, char32_t c) {
  uint64_t places = 0;
#if defined(__SSE2__)
  const __m128i wanted = _mm_set1_epi32(static_cast<int>(c));
  const auto *at = reinterpret_cast<const __m128i *>(text.data());
  for (size_t i = 0; i < text.size(); i += 4, ++at) {
    const __m128i equal = _mm_cmpeq_epi32(_mm_loadu_si128(at), wanted);
    const int found = _mm_movemask_ps(_mm_castsi128_ps(equal));
    places |= static_cast<uint64_t>(static_cast<uint32_t>(found)) << i;
  }
#else
  for (size_t i = 0; i < text.size(); ++i) places |= static_cast<uint64_t>(text[i] == c) << i;
#endif
  return places & LowBits(text.size());
}

// The same for texts of any length: words of bits for each code point that occurs.
template <typename Character>
class PlaceTable {
 public:
  explicit PlaceTable(std::span<const Character> text)
      : words_((text.size() + kWordBits - 1) / kWordBits) {
    alphabet_.assign(text.begin(), text.end());
    std::ranges::sort(alphabet_);
    alphabet_.erase(std::unique(alphabet_.begin(), alphabet_.end()), alphabet_.end());
    bits_.resize((alphabet_.size() + 1) * words_);
    for (size_t i = 0; i < text.size(); ++i) {
      bits_[Row(text[i]) * words_ + i / kWordBits] |= uint64_t{1} << i % kWordBits;
    }
  }

  size_t words() const { return words_; }
  const uint64_t *operator[](char32_t c) const { return bits_.data() + Row(c) * words_; }

 private:
  // Of a code point that does not occur: the last row, which is zero.
  size_t Row(char32_t c) const {
    const auto found = std::ranges::lower_bound(
        alphabet_, c, {}, [](Character own) { return static_cast<char32_t>(own); });
    if (found == alphabet_.end() || static_cast<char32_t>(*found) != c) return alphabet_.size();
    return static_cast<size_t>(found - alphabet_.begin());
  }

  size_t words_;
  std::vector<Character> alphabet_;
  std::vector<uint64_t> bits_;
};

}  // namespace patron::customers::detail

#endif  // PATRON_CUSTOMERS_EQUAL_PLACES_HPP_
