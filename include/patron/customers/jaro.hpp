// Jaro's and Winkler's similarity of two texts.
#ifndef PATRON_CUSTOMERS_JARO_HPP_
#define PATRON_CUSTOMERS_JARO_HPP_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "patron/customers/characters.hpp"
#include "patron/customers/equal_places.hpp"

namespace patron::customers {

// Winkler's prefix counts `weight` a code point, up to four, where Jaro's similarity is above `boost`.
// Two conventions are in use: 0.7, Winkler's own, of rapidfuzz, jellyfish and duckdb, and none
// (boost = 0) of stringdist. With 0.7, texts of two code points get a prefix only if they are equal.
struct JaroWinklerOptions {
  double boost = 0.7;   // In [0, 1].
  double weight = 0.1;  // In [0, 0.25]; 0 makes it Jaro's similarity.
};

// Jaro (1989): (c / |a| + c / |b| + (c - t) / c) / 3 of c matches and t transpositions, which
// plain::CountJaro defines; with Winkler's prefix (1990). 1 of two empty texts, 0 of one. A similarity
// below `cutoff` is given as 0; where `least` is given, fewer matches reach no cutoff. Time O(|b|) for
// |a| <= 64, else O(|a| |b|).
double JaroWinkler(const Characters &a, const Characters &b, const JaroWinklerOptions &options = {},
                   double cutoff = 0, size_t least = 0);

namespace detail {

// Of c matches and t transpositions.
inline double JaroScore(size_t matches, size_t transpositions, size_t a, size_t b) {
  if (matches == 0) return a == 0 && b == 0 ? 1 : 0;
  const auto c = static_cast<double>(matches);
  return (c / static_cast<double>(a) + c / static_cast<double>(b) +
          (c - static_cast<double>(transpositions)) / c) /
         3.0;
}

inline double WithPrefix(double jaro, size_t prefix, const JaroWinklerOptions &options) {
  if (!(jaro > options.boost)) return jaro;
  return jaro + static_cast<double>(prefix) * options.weight * (1.0 - jaro);
}

inline size_t JaroWindow(size_t a, size_t b) {
  const size_t half = std::max(a, b) / 2;
  return half == 0 ? 0 : half - 1;
}

struct JaroCount {
  size_t matches, transpositions;
};

// Of texts of at most 64 code points each; nothing if they have fewer than `least` matches.
template <typename A, typename B>
JaroCount CountInWord(std::span<const A> a, std::span<const B> b, size_t window, size_t least) {
  uint64_t taken_a = 0, taken_b = 0;
  uint64_t reach = LowBits(window + 1);
  size_t matches = 0;
  for (size_t j = 0; j < b.size(); ++j) {
    const uint64_t free = EqualPlaces(a, static_cast<char32_t>(b[j])) & reach & ~taken_a;
    taken_a |= free & (~free + 1);
    taken_b |= uint64_t{free != 0} << j;
    matches += free != 0 ? 1 : 0;
    if (matches + b.size() - j <= least) return {0, 0};
    reach = j < window ? reach << 1 | 1 : reach << 1;
  }
  size_t differ = 0;
  for (; taken_a != 0; taken_a &= taken_a - 1, taken_b &= taken_b - 1) {
    const auto i = static_cast<size_t>(std::countr_zero(taken_a));
    const auto j = static_cast<size_t>(std::countr_zero(taken_b));
    differ += static_cast<char32_t>(a[i]) != static_cast<char32_t>(b[j]) ? 1 : 0;
  }
  return {matches, differ / 2};
}

template <typename A, typename B>
JaroCount CountByWalking(std::span<const A> a, std::span<const B> b, size_t window) {
  std::vector<uint8_t> taken(a.size());
  std::vector<char32_t> of_b;
  for (size_t j = 0; j < b.size(); ++j) {
    const size_t end = std::min(a.size(), j + window + 1);
    for (size_t i = j > window ? j - window : 0; i < end; ++i) {
      if (taken[i] != 0 || static_cast<char32_t>(a[i]) != static_cast<char32_t>(b[j])) continue;
      taken[i] = 1;
      of_b.push_back(static_cast<char32_t>(b[j]));
      break;
    }
  }
  size_t differ = 0;
  for (size_t i = 0, k = 0; i < a.size(); ++i) {
    if (taken[i] != 0) differ += static_cast<char32_t>(a[i]) != of_b[k++] ? 1 : 0;
  }
  return {of_b.size(), differ / 2};
}

}  // namespace detail

inline double JaroWinkler(const Characters &a, const Characters &b,
                          const JaroWinklerOptions &options, double cutoff, size_t least) {
  return VisitCharacters(a, [&](auto left) {
    return VisitCharacters(b, [&](auto right) -> double {
      size_t prefix = 0;
      const size_t shorter = std::min(left.size(), right.size());
      while (prefix < std::min<size_t>(4, shorter) &&
             static_cast<char32_t>(left[prefix]) == static_cast<char32_t>(right[prefix])) {
        ++prefix;
      }
      // No more than the shorter text can match.
      if (cutoff > 0 && least == 0 &&
          detail::WithPrefix(detail::JaroScore(shorter, 0, left.size(), right.size()), prefix,
                             options) < cutoff) {
        return 0;
      }
      const size_t window = detail::JaroWindow(left.size(), right.size());
      const bool fits = left.size() <= detail::kWordBits && right.size() <= detail::kWordBits;
      const detail::JaroCount count = fits ? detail::CountInWord(left, right, window, least)
                                           : detail::CountByWalking(left, right, window);
      if (count.matches < least) return 0;
      const double score = detail::WithPrefix(
          detail::JaroScore(count.matches, count.transpositions, left.size(), right.size()), prefix,
          options);
      return score < cutoff ? 0 : score;
    });
  });
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_JARO_HPP_
