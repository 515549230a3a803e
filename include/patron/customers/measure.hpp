// Measures of how alike two texts are, by name.
#ifndef PATRON_CUSTOMERS_MEASURE_HPP_
#define PATRON_CUSTOMERS_MEASURE_HPP_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "patron/base/status.hpp"
#include "patron/customers/characters.hpp"
#include "patron/customers/edit_distance.hpp"
#include "patron/customers/jaro.hpp"

namespace patron::customers {

// Similarities lie in [0, 1], 1 for equal texts and two empty ones. Distances count.
enum class Measure {
  kExact = 0,  // 1 if equal, else 0.
  kJaro = 1,
  kJaroWinkler = 2,
  kLevenshtein = 3,  // 1 - distance / length of the longer text; the next two as well.
  kOsa = 4,
  kDamerau = 5,
  kIndel = 6,    // 1 - distance / sum of the lengths, where nothing is changed.
  kLcs = 7,      // Longest common subsequence / length of the longer text.
  kJaccard = 8,  // Of the sets of n-grams. A text shorter than n is its own n-gram.
  kCosine = 9,   // Of the counts of n-grams.
  kTokens = 10,  // Jaccard of the sets of words, in any order.
  kLevenshteinDistance = 11,
  kOsaDistance = 12,
  kDamerauDistance = 13,
  kIndelDistance = 14,
  kLcsLength = 15,
};
inline constexpr int kMeasures = 16;

// Names by measure: "exact", "jaro", ..., "levenshtein_distance", ..., "lcs_length".
inline constexpr std::array<std::string_view, kMeasures> kMeasureNames = {"exact",
                                                                          "jaro",
                                                                          "jaro_winkler",
                                                                          "levenshtein",
                                                                          "osa",
                                                                          "damerau",
                                                                          "indel",
                                                                          "lcs",
                                                                          "jaccard",
                                                                          "cosine",
                                                                          "tokens",
                                                                          "levenshtein_distance",
                                                                          "osa_distance",
                                                                          "damerau_distance",
                                                                          "indel_distance",
                                                                          "lcs_length"};

std::optional<Measure> MeasureNamed(std::string_view name);

// Whether less means more alike.
inline bool IsDistance(Measure measure) {
  return measure >= Measure::kLevenshteinDistance && measure <= Measure::kIndelDistance;
}

struct MeasureOptions {
  JaroWinklerOptions jaro_winkler;
  int n = 2;  // Of n-grams, 1 to 6.
};

// Errors: InvalidArgument naming the option out of its range.
absl::Status CheckOptions(const MeasureOptions &options);

// How alike `a` and `b` are. Where `cutoff` is given, a similarity below it is 0, and a distance above
// it is the next whole number after it; both are found sooner.
double Compare(Measure measure, const Characters &a, const Characters &b,
               const MeasureOptions &options = {}, std::optional<double> cutoff = std::nullopt);

namespace detail {

using Gram = unsigned __int128;  // Up to six code points of 21 bits.

inline void ListGrams(const Characters &text, size_t n, std::vector<Gram> &grams) {
  grams.clear();
  if (text.size == 0) return;
  const size_t length = std::min<size_t>(n, text.size);
  for (size_t i = 0; i + length <= text.size; ++i) {
    Gram gram = 0;
    for (size_t k = 0; k < length; ++k) gram = gram << 21 | (text[i + k] + 1);
    grams.push_back(gram);
  }
  std::ranges::sort(grams);
}

// Of two sorted lists, how often each item stands in both: `take(of_a, of_b)`.
template <typename T, typename Take>
void MergeCounts(const std::vector<T> &a, const std::vector<T> &b, Take take) {
  size_t i = 0, j = 0;
  while (i < a.size() || j < b.size()) {
    const bool from_a = j == b.size() || (i < a.size() && !(b[j] < a[i]));
    const T item = from_a ? a[i] : b[j];
    double of_a = 0, of_b = 0;
    for (; i < a.size() && a[i] == item; ++i) ++of_a;
    for (; j < b.size() && b[j] == item; ++j) ++of_b;
    take(of_a, of_b);
  }
}

template <typename T>
double JaccardOf(const std::vector<T> &a, const std::vector<T> &b) {
  if (a.empty() && b.empty()) return 1;
  double both = 0, any = 0;
  MergeCounts(a, b, [&](double of_a, double of_b) {
    both += of_a > 0 && of_b > 0 ? 1 : 0;
    any += 1;
  });
  return both / any;
}

inline double CosineOf(const std::vector<Gram> &a, const std::vector<Gram> &b) {
  if (a.empty() && b.empty()) return 1;
  if (a.empty() || b.empty()) return 0;
  double product = 0, square_a = 0, square_b = 0;
  MergeCounts(a, b, [&](double of_a, double of_b) {
    product += of_a * of_b;
    square_a += of_a * of_a;
    square_b += of_b * of_b;
  });
  return std::min(1.0, product / std::sqrt(square_a * square_b));
}

inline bool IsSpace(char32_t c) {
  return c == ' ' || (c >= 9 && c <= 13) || c == 0xA0 || c == 0x3000 ||
         (c >= 0x2000 && c <= 0x200A);
}

inline std::vector<std::u32string> ListTokens(const Characters &text) {
  std::vector<std::u32string> tokens;
  bool inside = false;
  for (size_t i = 0; i < text.size; ++i) {
    const char32_t c = text[i];
    if (IsSpace(c)) {
      inside = false;
      continue;
    }
    if (!inside) tokens.emplace_back();
    inside = true;
    tokens.back().push_back(c);
  }
  std::ranges::sort(tokens);
  return tokens;
}

inline bool EqualTexts(const Characters &a, const Characters &b) {
  if (a.size != b.size || a.wide != b.wide) return false;
  for (size_t i = 0; i < a.size; ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

inline double Share(size_t part, size_t whole) {
  return whole == 0 ? 1 : static_cast<double>(part) / static_cast<double>(whole);
}

// The most edits that leave a similarity of at least `cutoff`; a little generous, as the similarity
// is compared itself afterwards.
inline size_t EditLimit(size_t whole, std::optional<double> cutoff) {
  if (!cutoff.has_value() || !(*cutoff > 0)) return kNoLimit;
  if (*cutoff > 1) return 0;
  return static_cast<size_t>((1 - *cutoff) * static_cast<double>(whole) + 1e-6);
}

}  // namespace detail

inline std::optional<Measure> MeasureNamed(std::string_view name) {
  const auto found = std::ranges::find(kMeasureNames, name);
  if (found == kMeasureNames.end()) return std::nullopt;
  return static_cast<Measure>(found - kMeasureNames.begin());
}

inline absl::Status CheckOptions(const MeasureOptions &options) {
  const JaroWinklerOptions &jaro = options.jaro_winkler;
  if (!(jaro.boost >= 0 && jaro.boost <= 1)) {
    return InvalidOption("boost", FormatNumber(jaro.boost), "0 to 1");
  }
  if (!(jaro.weight >= 0 && jaro.weight <= 0.25)) {
    return InvalidOption("prefix_weight", FormatNumber(jaro.weight), "0 to 0.25");
  }
  if (options.n < 1 || options.n > 6) {
    return InvalidOption("n", std::to_string(options.n), "1 to 6");
  }
  return absl::OkStatus();
}

inline double Compare(Measure measure, const Characters &a, const Characters &b,
                      const MeasureOptions &options, std::optional<double> cutoff) {
  const size_t longer = std::max(a.size, b.size);
  const size_t both = size_t{a.size} + b.size;
  const auto similarity = [&](double value) {
    return cutoff.has_value() && value < *cutoff ? 0.0 : value;
  };
  const auto edits = [&](auto function) {
    const size_t limit = detail::EditLimit(longer, cutoff);
    const size_t distance = function(a, b, limit);
    if (distance > limit) return 0.0;
    return longer == 0 ? similarity(1) : similarity(1 - detail::Share(distance, longer));
  };
  const auto distance = [&](auto function) {
    if (!cutoff.has_value()) return static_cast<double>(function(kNoLimit));
    if (*cutoff < 0) return 0.0;
    const size_t limit = *cutoff < 1e9 ? static_cast<size_t>(*cutoff) : kNoLimit;
    const size_t found = function(limit);
    return static_cast<double>(found > limit ? limit + 1 : found);
  };
  const auto indel = [&] { return both - 2 * LcsLength(a, b); };
  switch (measure) {
    case Measure::kExact: return similarity(detail::EqualTexts(a, b) ? 1 : 0);
    case Measure::kJaro: {
      const JaroWinklerOptions plain = {.boost = 1, .weight = 0};
      return JaroWinkler(a, b, plain, cutoff.value_or(0));
    }
    case Measure::kJaroWinkler: return JaroWinkler(a, b, options.jaro_winkler, cutoff.value_or(0));
    case Measure::kLevenshtein: return edits(LevenshteinDistance);
    case Measure::kOsa: return edits(OsaDistance);
    case Measure::kDamerau: return edits(DamerauDistance);
    case Measure::kIndel:
      return both == 0 ? similarity(1) : similarity(1 - detail::Share(indel(), both));
    case Measure::kLcs: return similarity(detail::Share(LcsLength(a, b), longer));
    case Measure::kJaccard:
    case Measure::kCosine: {
      std::vector<detail::Gram> grams_a, grams_b;
      detail::ListGrams(a, static_cast<size_t>(options.n), grams_a);
      detail::ListGrams(b, static_cast<size_t>(options.n), grams_b);
      return similarity(measure == Measure::kJaccard ? detail::JaccardOf(grams_a, grams_b)
                                                     : detail::CosineOf(grams_a, grams_b));
    }
    case Measure::kTokens:
      return similarity(detail::JaccardOf(detail::ListTokens(a), detail::ListTokens(b)));
    case Measure::kLevenshteinDistance:
      return distance([&](size_t limit) { return LevenshteinDistance(a, b, limit); });
    case Measure::kOsaDistance:
      return distance([&](size_t limit) { return OsaDistance(a, b, limit); });
    case Measure::kDamerauDistance:
      return distance([&](size_t limit) { return DamerauDistance(a, b, limit); });
    case Measure::kIndelDistance: return distance([&](size_t) { return indel(); });
    case Measure::kLcsLength: return static_cast<double>(LcsLength(a, b));
  }
  return 0;
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_MEASURE_HPP_
