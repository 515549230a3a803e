// Distances of texts by their definitions: slow, short, and what the fast kernels must equal.
#ifndef PATRON_CUSTOMERS_PLAIN_DISTANCE_HPP_
#define PATRON_CUSTOMERS_PLAIN_DISTANCE_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

namespace patron::customers::plain {

// What Jaro's similarity counts. A code point of `b` matches the first code point of `a` that is
// equal, not yet matched, and at most floor(max(|a|, |b|) / 2) - 1 places away; taken from left to
// right over `b`. Transpositions: half of the places at which the matched code points of `a` and of
// `b`, each in its order, differ, rounded down.
struct JaroCounts {
  size_t matches = 0;
  size_t transpositions = 0;
  size_t prefix = 0;  // Equal code points at the start, at most 4.
};

inline JaroCounts CountJaro(std::u32string_view a, std::u32string_view b) {
  JaroCounts counts;
  while (counts.prefix < 4 && counts.prefix < std::min(a.size(), b.size()) &&
         a[counts.prefix] == b[counts.prefix]) {
    ++counts.prefix;
  }
  const size_t half = std::max(a.size(), b.size()) / 2;
  const size_t window = half == 0 ? 0 : half - 1;
  std::vector<bool> taken(a.size());
  std::u32string of_b;
  for (size_t j = 0; j < b.size(); ++j) {
    const size_t first = j > window ? j - window : 0;
    for (size_t i = first; i < a.size() && i <= j + window; ++i) {
      if (taken[i] || a[i] != b[j]) continue;
      taken[i] = true;
      of_b.push_back(b[j]);
      break;
    }
  }
  size_t differ = 0;
  for (size_t i = 0, k = 0; i < a.size(); ++i) {
    if (taken[i]) differ += a[i] != of_b[k++] ? 1 : 0;
  }
  counts.matches = of_b.size();
  counts.transpositions = differ / 2;
  return counts;
}

// Edits: insert, remove, change; with `swap` also the exchange of two neighbours, no code point being
// edited twice (optimal string alignment).
inline size_t CountEdits(std::u32string_view a, std::u32string_view b, bool swap) {
  std::vector<size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1])});
      if (swap && i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

// Damerau's distance without that restriction (Lowrance and Wagner 1975).
inline size_t CountDamerau(std::u32string_view a, std::u32string_view b) {
  const size_t rows = a.size() + 2, columns = b.size() + 2, most = a.size() + b.size();
  std::vector<size_t> cells(rows * columns);
  const auto at = [&](size_t i, size_t j) -> size_t & { return cells[i * columns + j]; };
  at(0, 0) = most;
  for (size_t i = 0; i <= a.size(); ++i) {
    at(i + 1, 0) = most;
    at(i + 1, 1) = i;
  }
  for (size_t j = 0; j <= b.size(); ++j) {
    at(0, j + 1) = most;
    at(1, j + 1) = j;
  }
  std::map<char32_t, size_t> last_row;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t last_column = 0;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t k = last_row[b[j - 1]], l = last_column;
      const bool equal = a[i - 1] == b[j - 1];
      if (equal) last_column = j;
      at(i + 1, j + 1) = std::min({at(i, j) + (equal ? 0 : 1), at(i + 1, j) + 1, at(i, j + 1) + 1,
                                   at(k, l) + (i - k - 1) + 1 + (j - l - 1)});
    }
    last_row[a[i - 1]] = i;
  }
  return at(a.size() + 1, b.size() + 1);
}

// Length of the longest common subsequence.
inline size_t CountLcs(std::u32string_view a, std::u32string_view b) {
  std::vector<size_t> above(b.size() + 1), row(b.size() + 1);
  for (const char32_t c : a) {
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] = c == b[j - 1] ? above[j - 1] + 1 : std::max(above[j], row[j - 1]);
    }
    std::swap(above, row);
  }
  return above[b.size()];
}

}  // namespace patron::customers::plain

#endif  // PATRON_CUSTOMERS_PLAIN_DISTANCE_HPP_
