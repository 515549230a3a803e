// Edit distances of two texts, bit-parallel: Levenshtein, optimal string alignment, Damerau, and the
// longest common subsequence.
#ifndef PATRON_CUSTOMERS_EDIT_DISTANCE_HPP_
#define PATRON_CUSTOMERS_EDIT_DISTANCE_HPP_

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "patron/customers/characters.hpp"
#include "patron/customers/equal_places.hpp"

namespace patron::customers {

inline constexpr size_t kNoLimit = std::numeric_limits<size_t>::max();

// Least number of code points to insert, remove or change (Levenshtein 1966; the bits of Hyyrö 2003).
// More than `limit` is given as limit + 1, and found sooner. Time O(|b|) for |a| <= 64, else
// O(|a| |b| / 64).
size_t LevenshteinDistance(const Characters &a, const Characters &b, size_t limit = kNoLimit);

// The same where neighbours may also be exchanged, and nothing is edited twice: CA to ABC is 3.
// Time O(|b|) for the shorter text of at most 64, else O(|a| |b|).
size_t OsaDistance(const Characters &a, const Characters &b, size_t limit = kNoLimit);

// The same without that restriction (Damerau; linear memory after Zhao and Sahni 2019): CA to ABC
// is 2. Time O(|a| |b|).
size_t DamerauDistance(const Characters &a, const Characters &b, size_t limit = kNoLimit);

// Length of the longest common subsequence. Time as LevenshteinDistance.
size_t LcsLength(const Characters &a, const Characters &b);

namespace detail {

// Cuts what both texts have in common at the ends.
template <typename A, typename B>
void CutCommonEnds(std::span<const A> &a, std::span<const B> &b) {
  size_t n = 0;
  const size_t most = std::min(a.size(), b.size());
  while (n < most && static_cast<char32_t>(a[n]) == static_cast<char32_t>(b[n])) ++n;
  a = a.subspan(n);
  b = b.subspan(n);
  n = 0;
  const size_t rest = std::min(a.size(), b.size());
  while (n < rest &&
         static_cast<char32_t>(a[a.size() - 1 - n]) == static_cast<char32_t>(b[b.size() - 1 - n])) {
    ++n;
  }
  a = a.first(a.size() - n);
  b = b.first(b.size() - n);
}

// Differences between neighbouring cells of a column of the matrix, as bits: up and down.
struct EditColumn {
  uint64_t up = ~uint64_t{0}, down = 0;
};

template <bool kSwap, typename A, typename B>
size_t EditsInWord(std::span<const A> a, std::span<const B> b, size_t limit) {
  EditColumn column;
  uint64_t zeros_before = 0, equal_before = 0;
  const uint64_t last = uint64_t{1} << (a.size() - 1);
  size_t distance = a.size();
  size_t left = b.size();
  for (const B c : b) {
    const uint64_t equal = EqualPlaces(a, static_cast<char32_t>(c));
    uint64_t zeros = (((equal & column.up) + column.up) ^ column.up) | equal | column.down;
    if constexpr (kSwap) {
      zeros |= ((~zeros_before & equal) << 1) & equal_before;
      zeros_before = zeros;
      equal_before = equal;
    }
    uint64_t plus = column.down | ~(zeros | column.up);
    uint64_t minus = zeros & column.up;
    distance += (plus & last) != 0 ? 1 : 0;
    distance -= (minus & last) != 0 ? 1 : 0;
    --left;
    // Each code point that is left can take off one at most.
    if (distance > left && distance - left > limit) return limit + 1;
    plus = plus << 1 | 1;
    minus <<= 1;
    column.up = minus | ~(zeros | plus);
    column.down = plus & zeros;
  }
  return distance;
}

template <typename A, typename B>
size_t LevenshteinInWords(std::span<const A> a, std::span<const B> b, size_t limit) {
  const PlaceTable<A> places(a);
  const size_t words = places.words();
  std::vector<EditColumn> columns(words);
  const uint64_t last = uint64_t{1} << (a.size() - 1) % kWordBits;
  size_t distance = a.size();
  size_t left = b.size();
  for (const B c : b) {
    const uint64_t *equal = places[static_cast<char32_t>(c)];
    uint64_t plus_in = 1, minus_in = 0;
    for (size_t w = 0; w < words; ++w) {
      EditColumn &column = columns[w];
      const uint64_t x = equal[w] | minus_in;
      const uint64_t zeros = (((x & column.up) + column.up) ^ column.up) | x | column.down;
      uint64_t plus = column.down | ~(zeros | column.up);
      uint64_t minus = zeros & column.up;
      if (w + 1 == words) {
        distance += (plus & last) != 0 ? 1 : 0;
        distance -= (minus & last) != 0 ? 1 : 0;
      }
      const uint64_t plus_out = plus >> 63, minus_out = minus >> 63;
      plus = plus << 1 | plus_in;
      minus = minus << 1 | minus_in;
      plus_in = plus_out;
      minus_in = minus_out;
      column.up = minus | ~(zeros | plus);
      column.down = plus & zeros;
    }
    --left;
    if (distance > left && distance - left > limit) return limit + 1;
  }
  return distance;
}

template <typename A, typename B>
size_t OsaInRows(std::span<const A> a, std::span<const B> b) {
  std::vector<uint32_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  const auto equal = [&](size_t i, size_t j) {
    return static_cast<char32_t>(a[i]) == static_cast<char32_t>(b[j]);
  };
  for (size_t j = 0; j <= b.size(); ++j) above[j] = static_cast<uint32_t>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = static_cast<uint32_t>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      uint32_t least = std::min(above[j], row[j - 1]) + 1;
      least = std::min(least, above[j - 1] + (equal(i - 1, j - 1) ? 0 : 1));
      if (i > 1 && j > 1 && equal(i - 1, j - 2) && equal(i - 2, j - 1)) {
        least = std::min(least, before[j - 2] + 1);
      }
      row[j] = least;
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

// The row in which a code point of `a` stood last.
template <typename A>
class LastRows {
 public:
  int64_t operator[](char32_t c) const {
    if constexpr (sizeof(A) == 1) {
      return c > 0xFF ? -1 : rows_[c];
    } else {
      const auto found = rows_.find(c);
      return found == rows_.end() ? -1 : found->second;
    }
  }
  void Set(A c, int64_t row) {
    if constexpr (sizeof(A) == 1) {
      rows_[c] = row;
    } else {
      rows_[static_cast<char32_t>(c)] = row;
    }
  }
  LastRows() {
    if constexpr (sizeof(A) == 1) rows_.fill(-1);
  }

 private:
  std::conditional_t<sizeof(A) == 1, std::array<int64_t, 256>,
                     std::unordered_map<char32_t, int64_t>>
      rows_;
};

template <typename A, typename B>
size_t DamerauInRows(std::span<const A> a, std::span<const B> b) {
  const auto n = static_cast<int64_t>(a.size()), m = static_cast<int64_t>(b.size());
  const int64_t most = std::max(n, m) + 1;
  LastRows<A> last_rows;
  // Index 0 of each row stands for column -1.
  const auto size = static_cast<size_t>(m) + 2;
  std::vector<int64_t> row(size), above(size, most), kept(size, most);
  row[0] = most;
  for (int64_t j = 0; j <= m; ++j) row[static_cast<size_t>(j) + 1] = j;
  for (int64_t i = 1; i <= n; ++i) {
    std::swap(row, above);
    int64_t last_column = -1;
    int64_t above_left = row[1];  // Of two rows above, one column left.
    row[1] = i;
    int64_t kept_here = most;
    const auto own = static_cast<char32_t>(a[static_cast<size_t>(i) - 1]);
    for (int64_t j = 1; j <= m; ++j) {
      const auto at = static_cast<size_t>(j) + 1;
      const auto other = static_cast<char32_t>(b[static_cast<size_t>(j) - 1]);
      int64_t least =
          std::min({above[at - 1] + (own == other ? 0 : 1), row[at - 1] + 1, above[at] + 1});
      if (own == other) {
        last_column = j;
        kept[at] = above[at - 2];
        kept_here = above_left;
      } else {
        const int64_t k = last_rows[other];
        if (k > 0 && j - last_column == 1) {
          least = std::min(least, kept[at] + (i - k));
        } else if (last_column > 0 && i - k == 1) {
          least = std::min(least, kept_here + (j - last_column));
        }
      }
      above_left = row[at];
      row[at] = least;
    }
    last_rows.Set(a[static_cast<size_t>(i) - 1], i);
  }
  return static_cast<size_t>(row[static_cast<size_t>(m) + 1]);
}

template <typename A, typename B>
size_t LcsOf(std::span<const A> a, std::span<const B> b) {
  if (a.size() <= kWordBits) {
    uint64_t rest = ~uint64_t{0};
    for (const B c : b) {
      const uint64_t taken = rest & EqualPlaces(a, static_cast<char32_t>(c));
      rest = (rest + taken) | (rest - taken);
    }
    return static_cast<size_t>(std::popcount(~rest & LowBits(a.size())));
  }
  const PlaceTable<A> places(a);
  std::vector<uint64_t> rest(places.words(), ~uint64_t{0});
  for (const B c : b) {
    const uint64_t *equal = places[static_cast<char32_t>(c)];
    uint64_t carry = 0;
    for (size_t w = 0; w < rest.size(); ++w) {
      const uint64_t taken = rest[w] & equal[w];
      const uint64_t sum = rest[w] + taken;
      const uint64_t with_carry = sum + carry;
      carry = (sum < taken ? 1 : 0) | (with_carry < carry ? 1 : 0);
      rest[w] = with_carry | (rest[w] - taken);
    }
  }
  size_t length = 0;
  for (size_t w = 0; w < rest.size(); ++w) {
    const size_t bits = std::min(kWordBits, a.size() - w * kWordBits);
    length += static_cast<size_t>(std::popcount(~rest[w] & LowBits(bits)));
  }
  return length;
}

// `body(shorter, longer)` with the types of both and without common ends; 0 and lengths that differ by
// more than `limit` are answered at once.
template <typename Body>
size_t WithShorterFirst(const Characters &a, const Characters &b, size_t limit, Body body) {
  const Characters &one = a.size <= b.size ? a : b;
  const Characters &two = a.size <= b.size ? b : a;
  if (two.size - one.size > limit) return limit + 1;
  return VisitCharacters(one, [&](auto shorter) {
    return VisitCharacters(two, [&](auto longer) -> size_t {
      CutCommonEnds(shorter, longer);
      if (shorter.empty()) return longer.size();
      const size_t distance = body(shorter, longer);
      return distance > limit ? limit + 1 : distance;
    });
  });
}

}  // namespace detail

inline size_t LevenshteinDistance(const Characters &a, const Characters &b, size_t limit) {
  return detail::WithShorterFirst(a, b, limit, [&](auto shorter, auto longer) {
    return shorter.size() <= detail::kWordBits ? detail::EditsInWord<false>(shorter, longer, limit)
                                               : detail::LevenshteinInWords(shorter, longer, limit);
  });
}

inline size_t OsaDistance(const Characters &a, const Characters &b, size_t limit) {
  return detail::WithShorterFirst(a, b, limit, [&](auto shorter, auto longer) {
    return shorter.size() <= detail::kWordBits ? detail::EditsInWord<true>(shorter, longer, limit)
                                               : detail::OsaInRows(shorter, longer);
  });
}

inline size_t DamerauDistance(const Characters &a, const Characters &b, size_t limit) {
  return detail::WithShorterFirst(a, b, limit, [](auto shorter, auto longer) {
    return detail::DamerauInRows(shorter, longer);
  });
}

inline size_t LcsLength(const Characters &a, const Characters &b) {
  const Characters &one = a.size <= b.size ? a : b;
  const Characters &two = a.size <= b.size ? b : a;
  return VisitCharacters(one, [&](auto shorter) {
    return VisitCharacters(two, [&](auto longer) -> size_t {
      const size_t whole = shorter.size();
      detail::CutCommonEnds(shorter, longer);
      const size_t common = whole - shorter.size();
      return shorter.empty() ? common : common + detail::LcsOf(shorter, longer);
    });
  });
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_EDIT_DISTANCE_HPP_
