// Every fast kernel of text comparison against its plain definition, and known values.
#include <algorithm>
#include <cmath>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "patron/customers/compare.hpp"
#include "patron/customers/edit_distance.hpp"
#include "patron/customers/jaro.hpp"
#include "patron/customers/measure.hpp"
#include "patron/customers/plain_distance.hpp"
#include "patron/customers/text_column.hpp"

namespace patron::customers {
namespace {

// Texts of up to `most` code points of an alphabet so small that they have much in common.
std::u32string RandomText(std::mt19937_64 &random, size_t most, std::u32string_view alphabet) {
  std::u32string text(random() % (most + 1), U' ');
  for (char32_t &c : text) c = alphabet[random() % alphabet.size()];
  return text;
}

// Often a text near `text` rather than any.
std::u32string Near(std::mt19937_64 &random, std::u32string text, std::u32string_view alphabet) {
  for (uint64_t edits = random() % 4; edits > 0; --edits) {
    const size_t at = random() % (text.size() + 1);
    switch (random() % 4) {
      case 0: text.insert(at, 1, alphabet[random() % alphabet.size()]); break;
      case 1:
        if (at < text.size()) text.erase(at, 1);
        break;
      case 2:
        if (at < text.size()) text[at] = alphabet[random() % alphabet.size()];
        break;
      default:
        if (at + 1 < text.size()) std::swap(text[at], text[at + 1]);
    }
  }
  return text;
}

constexpr std::u32string_view kAlphabets[] = {U"ab", U"abcdefg ", U"aé伟张", U"王李张刘陈杨",
                                              U"a\U00020000\U0001F600b"};

double PlainJaroWinkler(std::u32string_view a, std::u32string_view b,
                        const JaroWinklerOptions &options) {
  const plain::JaroCounts c = plain::CountJaro(a, b);
  if (c.matches == 0) return a.empty() && b.empty() ? 1 : 0;
  const auto m = static_cast<double>(c.matches);
  const double jaro = (m / static_cast<double>(a.size()) + m / static_cast<double>(b.size()) +
                       (m - static_cast<double>(c.transpositions)) / m) /
                      3.0;
  if (!(jaro > options.boost)) return jaro;
  return jaro + static_cast<double>(c.prefix) * options.weight * (1.0 - jaro);
}

TEST(DistanceTest, FastKernelsEqualTheirDefinitions) {
  std::mt19937_64 random(20261122);
  for (const size_t most : {3, 9, 17, 40, 70, 200}) {
    for (const std::u32string_view alphabet : kAlphabets) {
      for (int round = 0; round < 60; ++round) {
        const std::u32string a = RandomText(random, most, alphabet);
        const std::u32string b =
            random() % 2 == 0 ? Near(random, a, alphabet) : RandomText(random, most, alphabet);
        CharacterPool pool;
        pool.Add(std::u32string_view(a));
        pool.Add(std::u32string_view(b));
        const size_t levenshtein = plain::CountEdits(a, b, false);
        const size_t osa = plain::CountEdits(a, b, true);
        const size_t damerau = plain::CountDamerau(a, b);
        SCOPED_TRACE(ToUtf8(a) + " | " + ToUtf8(b));
        ASSERT_EQ(LevenshteinDistance(pool[0], pool[1]), levenshtein);
        ASSERT_EQ(OsaDistance(pool[0], pool[1]), osa);
        ASSERT_EQ(DamerauDistance(pool[0], pool[1]), damerau);
        ASSERT_EQ(LcsLength(pool[0], pool[1]), plain::CountLcs(a, b));
        for (const size_t limit : {0, 1, 2, 5}) {
          ASSERT_EQ(LevenshteinDistance(pool[0], pool[1], limit), std::min(levenshtein, limit + 1));
          ASSERT_EQ(OsaDistance(pool[0], pool[1], limit), std::min(osa, limit + 1));
          ASSERT_EQ(DamerauDistance(pool[0], pool[1], limit), std::min(damerau, limit + 1));
        }
        for (const JaroWinklerOptions &options :
             {JaroWinklerOptions{}, JaroWinklerOptions{.boost = 0, .weight = 0.25}}) {
          const double expected = PlainJaroWinkler(a, b, options);
          ASSERT_EQ(JaroWinkler(pool[0], pool[1], options), expected);
          for (const double cutoff : {0.6, 0.85, expected}) {
            ASSERT_EQ(JaroWinkler(pool[0], pool[1], options, cutoff),
                      expected < cutoff ? 0 : expected);
          }
        }
      }
    }
  }
}

TEST(DistanceTest, AColumnGivesWhatItsTextsGive) {
  std::mt19937_64 random(7);
  for (const std::u32string_view alphabet : kAlphabets) {
    CharacterPool pool;
    const std::u32string base = RandomText(random, 12, alphabet);
    for (int i = 0; i < 150; ++i) {
      pool.Add(std::u32string_view(random() % 2 == 0
                                       ? Near(random, base, alphabet)
                                       : RandomText(random, i % 10 == 0 ? 80 : 14, alphabet)));
    }
    std::vector<Characters> texts(pool.all().begin(), pool.all().end());
    texts[17] = {};  // No text.
    for (int m = 0; m < kMeasures; ++m) {
      const auto measure = static_cast<Measure>(m);
      const TextColumn column(texts, measure, true);
      const std::vector<std::optional<double>> cutoffs = {
          std::nullopt, IsDistance(measure) ? 2.0 : 0.75, IsDistance(measure) ? 0.0 : 0.9};
      for (size_t q = 0; q < 40; ++q) {
        if (texts[q].data == nullptr) continue;
        for (const auto &cutoff : cutoffs) {
          std::vector<double> results(texts.size(), -7);
          column.CompareAll(texts[q], {}, cutoff, results);
          for (size_t i = 0; i < texts.size(); ++i) {
            const double expected = i == 17 ? -7 : Compare(measure, texts[q], texts[i], {}, cutoff);
            ASSERT_EQ(results[i], expected)
                << kMeasureNames[static_cast<size_t>(m)] << " " << q << " " << i;
          }
          if (!cutoff.has_value()) continue;
          std::vector<double> within(texts.size(), -1);
          const size_t from = q % 3 == 0 ? 0 : q + 1;
          WinklerBound bound(column.JaroOptions({}), *cutoff);
          column.ForEachWithin(texts[q], {}, *cutoff, from, bound,
                               [&](size_t i, double value) { within[i] = value; });
          for (size_t i = 0; i < texts.size(); ++i) {
            if (i == 17) continue;
            if (i < from) {
              ASSERT_EQ(within[i], -1);
            } else if (within[i] >= 0) {
              ASSERT_EQ(within[i], results[i]);
            } else {
              ASSERT_TRUE(IsDistance(measure) ? results[i] > *cutoff : results[i] < *cutoff);
            }
          }
        }
      }
    }
  }
}

double Of(Measure measure, std::string_view a, std::string_view b,
          const MeasureOptions &options = {}) {
  CharacterPool pool;
  pool.Add(a);
  pool.Add(b);
  return Compare(measure, pool[0], pool[1], options);
}

TEST(DistanceTest, EmptyTextsAreDefined) {
  for (int m = 0; m < static_cast<int>(Measure::kLevenshteinDistance); ++m) {
    const auto measure = static_cast<Measure>(m);
    EXPECT_EQ(Of(measure, "", ""), 1) << m;
    EXPECT_EQ(Of(measure, "", "a"), 0) << m;
    EXPECT_EQ(Of(measure, "a", "a"), 1) << m;
  }
  EXPECT_EQ(Of(Measure::kLevenshteinDistance, "", "abc"), 3);
  EXPECT_EQ(Of(Measure::kLcsLength, "", "abc"), 0);
}

TEST(DistanceTest, GramsAndWordsByHand) {
  // {ni, ig, gh, ht} and {na, ac, ch, ht}: one of seven.
  EXPECT_DOUBLE_EQ(Of(Measure::kJaccard, "night", "nacht"), 1.0 / 7);
  EXPECT_DOUBLE_EQ(Of(Measure::kCosine, "night", "nacht"), 0.25);
  EXPECT_DOUBLE_EQ(Of(Measure::kCosine, "aaa", "aa"), 1.0);  // One bigram twice, once.
  EXPECT_DOUBLE_EQ(Of(Measure::kJaccard, "a", "ab"), 0);     // "a" is its own gram.
  EXPECT_DOUBLE_EQ(Of(Measure::kTokens, "Li  Wei Ming", "Ming Li"), 2.0 / 3);
  EXPECT_DOUBLE_EQ(Of(Measure::kTokens, "张　伟", "伟 张"), 1);
}

TEST(DistanceTest, IllFormedBytesAreReplacementCharacters) {
  EXPECT_EQ(ToCodePoints("a\xFFz"), U"a\uFFFDz");
  EXPECT_EQ(ToCodePoints("\xE5\xBC"), U"\uFFFD\uFFFD");            // Cut off.
  EXPECT_EQ(ToCodePoints("\xED\xA0\x80"), U"\uFFFD\uFFFD\uFFFD");  // A surrogate.
  EXPECT_EQ(ToCodePoints("\xC0\xAF"), U"\uFFFD\uFFFD");            // Overlong.
  EXPECT_EQ(ToUtf8(ToCodePoints("é伟😀")), "é伟😀");
}

TEST(DistanceTest, OptionsOutOfRangeAreNamed) {
  EXPECT_EQ(CheckOptions({.jaro_winkler = {.boost = 1.5}}).message(),
            "boost: 1.5; expected 0 to 1");
  EXPECT_EQ(CheckOptions({.jaro_winkler = {.weight = 0.3}}).message(),
            "prefix_weight: 0.3; expected 0 to 0.25");
  EXPECT_EQ(CheckOptions({.jaro_winkler = {}, .n = 7}).message(), "n: 7; expected 1 to 6");
}

}  // namespace
}  // namespace patron::customers
