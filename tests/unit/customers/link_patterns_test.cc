// What makes linking quick against what it stands for: bags of code points, and patterns counted once.
#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "patron/customers/character_bag.hpp"
#include "patron/customers/edit_distance.hpp"
#include "patron/customers/linker.hpp"
#include "patron/customers/plain_distance.hpp"
#include "patron/customers/winkler_bound.hpp"

namespace patron::customers {
namespace {

std::u32string RandomText(std::mt19937_64 &random, size_t most, std::u32string_view alphabet) {
  std::u32string text(1 + random() % most, U' ');
  for (char32_t &c : text) c = alphabet[random() % alphabet.size()];
  return text;
}

// Texts that have much in common, some of them longer than a bag counts exactly.
LinkColumn RandomColumn(std::mt19937_64 &random, size_t values, size_t records) {
  constexpr std::u32string_view kAlphabets[] = {U"abcd", U"abcdefghijklmnopqrstuvwxyz",
                                                U"张王李a\U00020000"};
  LinkColumn column;
  for (size_t v = 0; v < values; ++v) {
    const size_t most = v % 11 == 0 ? 300 : 9;
    column.values.Add(RandomText(random, most, kAlphabets[random() % 3]));
  }
  for (size_t i = 0; i < records; ++i) {
    const auto code = static_cast<uint32_t>(random() % (values + 1));
    column.codes.push_back(code == values ? kNoValue : code);
  }
  return column;
}

LinkField FieldOf(std::initializer_list<const char *> levels) {
  LinkField field;
  for (const char *level : levels) field.levels.push_back(*ParseLevel("level", level));
  return field;
}

TEST(CharacterBagTest, BoundsWhatItSays) {
  std::mt19937_64 random(1);
  const LinkColumn column = RandomColumn(random, 150, 0);
  for (size_t a = 0; a < 150; ++a) {
    for (size_t b = 0; b < a; ++b) {
      const Characters &left = column.values[a], &right = column.values[b];
      const CharacterBag x = CharacterBag::Of(left), y = CharacterBag::Of(right);
      EXPECT_LE(x.LeastEdits(y), OsaDistance(left, right));
      if (std::max(left.size, right.size) > CharacterBag::kMostExact) continue;
      std::u32string u, v;
      for (size_t i = 0; i < left.size; ++i) u.push_back(left[i]);
      for (size_t i = 0; i < right.size; ++i) v.push_back(right[i]);
      EXPECT_GE(x.MostMatches(y), plain::CountJaro(u, v).matches);
    }
  }
}

TEST(WinklerBoundTest, IsReachedAndNotPassed) {
  std::mt19937_64 random(4);
  const LinkColumn column = RandomColumn(random, 220, 0);
  for (const JaroWinklerOptions &options :
       {JaroWinklerOptions{}, JaroWinklerOptions{.boost = 0, .weight = 0.25},
        JaroWinklerOptions{.boost = 1, .weight = 0}}) {
    for (const double cutoff : {0.3, 0.7, 0.8, 0.95, 1.0}) {
      WinklerBound bound(options, cutoff);
      int ruled_out = 0, reached = 0;
      for (size_t a = 0; a < 220; ++a) {
        for (size_t b = 0; b < 220; ++b) {
          const Characters &left = column.values[a], &right = column.values[b];
          const WinklerKey x = WinklerKey::Of(left), y = WinklerKey::Of(right);
          const bool says = std::max(x.size, y.size) <= WinklerBound::kMostSize;
          if (says) bound.Make(x.size, y.size);
          const size_t needed = bound.Needed(x, y);
          ASSERT_TRUE(says || needed == 0);
          const double value = JaroWinkler(left, right, options);
          if (value >= cutoff) {
            ++reached;
            ASSERT_LE(needed, x.bag.MostMatches(y.bag)) << a << " " << b;
          } else {
            ruled_out += x.bag.MostMatches(y.bag) < needed ? 1 : 0;
          }
          // What is told of matches changes no similarity.
          ASSERT_EQ(JaroWinkler(left, right, options, cutoff, needed), value >= cutoff ? value : 0);
        }
      }
      EXPECT_GT(reached, 100) << cutoff;
      EXPECT_GT(ruled_out, 1000) << cutoff;
    }
  }
}

TEST(LinkLevelTest, KeysChangeNothing) {
  std::mt19937_64 random(2);
  const LinkColumn column = RandomColumn(random, 250, 0);
  for (const LinkField &field : {FieldOf({"exact", "jaro_winkler >= 0.92", "jaro_winkler >= 0.7"}),
                                 FieldOf({"jaro >= 0.75", "osa_distance <= 2"})}) {
    const FieldLevels plain(field, column);
    FieldLevels quick(field, column);
    quick.MakeKeys();
    std::map<int, int> seen;
    for (uint32_t a = 0; a < 250; ++a) {
      for (uint32_t b = 0; b < a; ++b) {
        const int level = plain.OfValues(a, b);
        ASSERT_EQ(quick.OfValues(a, b), level) << a << " " << b;
        ++seen[level];
      }
    }
    EXPECT_GT(seen.size(), 2U);
  }
}

TEST(LinkPatternTest, CountsEqualThoseOfAllPairs) {
  std::mt19937_64 random(3);
  for (const uint32_t sources : {1U, 2U}) {
    LinkRecords records;
    records.size = 120;
    for (const size_t values : {20, 12, 5}) {
      records.columns.push_back(RandomColumn(random, values, records.size));
    }
    for (uint32_t i = 0; sources == 2 && i < records.size; ++i) {
      records.sources.push_back(i < 70 ? 0 : 1);
    }
    const std::vector<LinkField> fields = {FieldOf({"exact", "jaro_winkler >= 0.7"}),
                                           FieldOf({"exact"}),
                                           FieldOf({"exact", "osa_distance <= 3"})};
    std::vector<FieldLevels> levels;
    for (size_t k = 0; k < 3; ++k) levels.emplace_back(fields[k], records.columns[k]);
    const std::vector<BlockRule> rules = {
        {"a", {{.column = 0}}}, {"b", {{.column = 1}}}, {"b+c", {{.column = 1}, {.column = 2}}}};
    const detail::PatternCode coder(fields);
    const auto counts = detail::CountPatterns(records, levels, coder, rules, 1000, {});
    ASSERT_TRUE(counts.ok());
    std::vector<std::map<std::vector<int8_t>, uint64_t>> expected(rules.size() + 1);
    for (uint32_t i = 0; i < records.size; ++i) {
      for (uint32_t j = i + 1; j < records.size; ++j) {
        if (sources == 2 && records.sources[i] == records.sources[j]) continue;
        std::vector<int8_t> pattern;
        for (const FieldLevels &one : levels) {
          pattern.push_back(static_cast<int8_t>(one.Of(i, j)));
        }
        bool found = false;
        for (size_t r = 0; r < rules.size(); ++r) {
          const bool agree = std::ranges::all_of(rules[r].parts, [&](const KeyPart &part) {
            const std::vector<uint32_t> &codes = records.columns[part.column].codes;
            return codes[i] != kNoValue && codes[i] == codes[j];
          });
          if (agree) ++expected[r][pattern];
          found |= agree;
        }
        if (found) ++expected[rules.size()][pattern];
      }
    }
    for (size_t r = 0; r <= rules.size(); ++r) {
      std::map<std::vector<int8_t>, uint64_t> found;
      for (const Pattern &pattern : counts->OfRule(coder, r)) {
        found[pattern.levels] = pattern.pairs;
      }
      EXPECT_FALSE(found.empty());
      EXPECT_EQ(found, expected[r]) << r;
    }
  }
}

TEST(LinkPatternTest, KeptPatternsGiveTheSamePairs) {
  std::mt19937_64 random(5);
  for (const uint32_t sources : {1U, 2U}) {
    LinkRecords records;
    records.size = 400;
    for (const size_t values : {90, 40, 12}) {
      records.columns.push_back(RandomColumn(random, values, records.size));
    }
    for (uint32_t i = 0; sources == 2 && i < records.size; ++i) {
      records.sources.push_back(i < 230 ? 0 : 1);
    }
    LinkPlan plan;
    plan.fields = {FieldOf({"exact", "jaro_winkler >= 0.7"}), FieldOf({"exact", "jaro >= 0.6"}),
                   FieldOf({"exact"})};
    plan.fields[0].term_frequency = 1;
    plan.field_columns = {0, 1, 2};
    plan.blocks = {{"a", {{.column = 0}}}, {"b", {{.column = 1}}}, {"c", {{.column = 2}}}};
    PairPatterns patterns;
    const auto fit = FitLinks(records, plan, {}, {}, &patterns);
    ASSERT_TRUE(fit.ok());
    ASSERT_EQ(patterns.rules.size(), 3U);
    double threshold = -1000;
    for (int round = 0; round < 2; ++round) {
      FindOptions options = {.threshold = threshold, .terms = fit->terms.get()};
      const auto plain = FindPairs(records, plan, fit->model, options, {});
      options.patterns = &patterns;
      const auto quick = FindPairs(records, plan, fit->model, options, {});
      ASSERT_TRUE(plain.ok() && quick.ok());
      ASSERT_GT(plain->pairs.size(), 100U);
      EXPECT_EQ(quick->compared, plain->compared);
      EXPECT_EQ(quick->weights, plain->weights);
      EXPECT_EQ(quick->field_weights, plain->field_weights);
      const auto same = [](const RecordPair &a, const RecordPair &b) {
        return a.left == b.left && a.right == b.right;
      };
      EXPECT_TRUE(std::ranges::equal(quick->pairs, plain->pairs, same));
      std::vector<double> sorted = plain->weights;
      std::ranges::sort(sorted);
      threshold = sorted[sorted.size() / 2];
    }
    // Pairs beyond the limit are not kept.
    std::vector<FieldLevels> levels;
    for (size_t k = 0; k < 3; ++k) levels.emplace_back(plan.fields[k], records.columns[k]);
    PairPatterns none;
    const detail::PatternCode coder(plan.fields);
    ASSERT_TRUE(
        detail::CountPatterns(records, levels, coder, plan.blocks, 1000, {}, &none, 10).ok());
    EXPECT_TRUE(none.rules.empty());
  }
}

}  // namespace
}  // namespace patron::customers
