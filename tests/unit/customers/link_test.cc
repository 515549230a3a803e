// Linking: levels, blocks, estimates, assignment, clusters, quality.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include <gtest/gtest.h>

#include "patron/customers/link_assignment.hpp"
#include "patron/customers/link_clusters.hpp"
#include "patron/customers/link_quality.hpp"
#include "patron/customers/linker.hpp"

namespace patron::customers {
namespace {

LinkColumn ColumnOf(const std::vector<std::string> &cells) {
  LinkColumn column;
  std::unordered_map<std::string, uint32_t> codes;
  for (const std::string &cell : cells) {
    if (cell.empty()) {
      column.codes.push_back(kNoValue);
      continue;
    }
    const auto [at, fresh] = codes.emplace(cell, static_cast<uint32_t>(codes.size()));
    if (fresh) column.values.Add(cell);
    column.codes.push_back(at->second);
  }
  return column;
}

LinkField FieldOf(const std::vector<std::string> &levels) {
  LinkField field;
  field.column = "f";
  for (const std::string &level : levels) field.levels.push_back(*ParseLevel("level", level));
  return field;
}

// The level of two cells.
int LevelOf(const std::vector<std::string> &levels, const std::string &a, const std::string &b) {
  const LinkColumn column = ColumnOf({a, b});
  const LinkField field = FieldOf(levels);
  return FieldLevels(field, column).Of(0, 1);
}

TEST(LinkLevelTest, TheStrictestThatIsReached) {
  const std::vector<std::string> names = {"exact", "jaro_winkler >= 0.9", "jaro_winkler >= 0.7"};
  EXPECT_EQ(LevelOf(names, "martha", "martha"), 0);
  EXPECT_EQ(LevelOf(names, "martha", "marhta"), 1);  // 0.9611.
  EXPECT_EQ(LevelOf(names, "dwayne", "duane"), 2);   // 0.84.
  EXPECT_EQ(LevelOf(names, "martha", "bob"), 3);
  EXPECT_EQ(LevelOf(names, "martha", ""), kNullLevel);
}

TEST(LinkLevelTest, NumbersDatesAndPlaces) {
  EXPECT_EQ(LevelOf({"exact", "difference <= 2"}, "10", "12"), 1);
  EXPECT_EQ(LevelOf({"exact", "difference <= 2"}, "10", "12.5"), 2);
  EXPECT_EQ(LevelOf({"percent <= 10"}, "100", "91"), 0);
  EXPECT_EQ(LevelOf({"percent <= 10"}, "100", "89"), 1);
  EXPECT_EQ(LevelOf({"exact", "days <= 1"}, "2024-02-28", "20240301"), 2);  // A leap year: 2 days.
  EXPECT_EQ(LevelOf({"exact", "days <= 2"}, "2024-02-28", "2024/3/1"), 1);
  EXPECT_EQ(LevelOf({"exact", "swapped", "days <= 40"}, "2001-05-04", "2001-04-05"), 1);
  EXPECT_EQ(LevelOf({"exact", "swapped"}, "not a date", "2001-04-05"), 2);
  // London to Paris, 343.6 km.
  EXPECT_EQ(LevelOf({"kilometres <= 344"}, "51.5074,-0.1278", "48.8566, 2.3522"), 0);
  EXPECT_EQ(LevelOf({"kilometres <= 343"}, "51.5074,-0.1278", "48.8566, 2.3522"), 1);
  EXPECT_EQ(LevelOf({"exact", "reversed"}, "张伟", "伟张"), 1);
  EXPECT_EQ(LevelOf({"exact", "reversed"}, "欧阳娜娜", "娜娜欧阳"), 1);
  EXPECT_EQ(LevelOf({"exact", "reversed"}, "Wei Zhang", "Zhang, Wei"), 1);
  EXPECT_EQ(LevelOf({"exact", "reversed"}, "张伟", "李伟"), 2);
}

TEST(LinkLevelTest, WrongLevelsAreNamed) {
  EXPECT_NE(
      ParseLevel("levels[0]", "jaro >= 0.x").status().message().find("levels[0]: 'jaro >= 0.x'"),
      absl::string_view::npos);
  for (const char *text : {"", "jaro", "jaro <= 0.5", "levenshtein_distance >= 1", "jaro >= 1.5",
                           "jaro >= 0", "days >= 3", "nothing >= 1", "jaro > 0.5"}) {
    EXPECT_FALSE(ParseLevel("level", text).ok()) << text;
  }
  EXPECT_EQ(
      CheckFields({FieldOf({"exact", "jaro_winkler >= 0.8", "jaro_winkler >= 0.9"})}).message(),
      "fields[0].levels[2]: 'jaro_winkler >= 0.9'; expected a looser level than "
      "'jaro_winkler >= 0.8', which takes all its pairs");
  EXPECT_FALSE(CheckFields({FieldOf({"jaro >= 0.8", "exact"})}).ok());
  EXPECT_FALSE(CheckFields({}).ok());
  EXPECT_FALSE(CheckFields({FieldOf({})}).ok());
  EXPECT_TRUE(CheckFields({FieldOf({"exact", "osa_distance <= 1", "jaro >= 0.5"})}).ok());
}

// Records of random columns.
LinkRecords RandomRecords(std::mt19937_64 &random, size_t n, size_t columns, size_t values,
                          size_t sources) {
  LinkRecords records;
  records.size = n;
  for (size_t c = 0; c < columns; ++c) {
    std::vector<std::string> cells;
    for (size_t i = 0; i < n; ++i) {
      const size_t v = random() % (values + 1);
      cells.push_back(v == values ? "" : "value" + std::to_string(v * v));
    }
    records.columns.push_back(ColumnOf(cells));
  }
  for (size_t i = 0; sources > 1 && i < n; ++i) {
    records.sources.push_back(static_cast<uint32_t>(i * sources / n));
  }
  return records;
}

TEST(LinkBlockTest, TheUnionHasEachPairOnce) {
  std::mt19937_64 random(3);
  for (const size_t sources : {1, 2, 3}) {
    for (const uint32_t cap : {6U, 1000U}) {
      const LinkRecords records = RandomRecords(random, 80, 3, 9, sources);
      const std::vector<BlockRule> rules = {{"a", {{.column = 0}}},
                                            {"b+c", {{.column = 1}, {.column = 2}}},
                                            {"c[:6]", {{.column = 2, .begin = 0, .end = 6}}}};
      std::vector<Blocks> blocks;
      std::set<std::pair<uint32_t, uint32_t>> found, expected;
      for (const BlockRule &rule : rules) {
        blocks.push_back(MakeBlocks(records, rule, cap));
        uint64_t own = 0;
        ForEachPair(records, blocks.back(), {}, 0, blocks.back().keys(),
                    [&](uint32_t, uint32_t) { ++own; });
        EXPECT_EQ(own, blocks.back().pairs);
        ForEachPair(records, blocks.back(), std::span(blocks.data(), blocks.size() - 1), 0,
                    blocks.back().keys(), [&](uint32_t i, uint32_t j) {
                      EXPECT_LT(i, j);
                      EXPECT_TRUE(found.emplace(i, j).second) << "twice";
                    });
      }
      // By brute force, with the keys as text.
      for (const BlockRule &rule : rules) {
        std::vector<std::string> keys;
        std::map<std::string, uint32_t> sizes;
        for (size_t i = 0; i < records.size; ++i) {
          std::string key;
          for (const KeyPart &part : rule.parts) {
            const LinkColumn &column = records.columns[part.column];
            if (column.codes[i] == kNoValue) {
              key.clear();
              break;
            }
            const Characters &text = column.values[column.codes[i]];
            for (uint32_t k = part.begin; k < std::min(part.end, text.size); ++k) {
              key += static_cast<char>(text[k]);
            }
            key += '|';
          }
          keys.push_back(key);
          ++sizes[key];
        }
        for (uint32_t i = 0; i < records.size; ++i) {
          for (uint32_t j = i + 1; j < records.size; ++j) {
            if (keys[i].empty() || keys[i] != keys[j] || sizes[keys[i]] > cap) continue;
            if (!records.sources.empty() && records.sources[i] == records.sources[j]) continue;
            expected.emplace(i, j);
          }
        }
      }
      EXPECT_EQ(found, expected) << sources << " " << cap;
    }
  }
}

TEST(LinkChanceTest, EqualsTheCountOverAllPairs) {
  std::mt19937_64 random(5);
  for (const size_t sources : {1, 2, 3}) {
    const LinkRecords records = RandomRecords(random, 120, 1, 30, sources);
    const LinkField field =
        FieldOf({"exact", "levenshtein_distance <= 1", "jaro_winkler >= 0.85", "difference <= 1"});
    const FieldLevels levels(field, records.columns[0]);
    Chance chance;
    ASSERT_TRUE(CountChance(records, levels, {}, {}, &chance).ok());
    std::vector<double> counts(field.levels.size() + 1);
    double all = 0;
    for (uint32_t i = 0; i < records.size; ++i) {
      for (uint32_t j = i + 1; j < records.size; ++j) {
        if (sources > 1 && records.sources[i] == records.sources[j]) continue;
        const int level = levels.Of(i, j);
        if (level == kNullLevel) continue;
        ++counts[static_cast<size_t>(level)];
        ++all;
      }
    }
    for (size_t l = 0; l < counts.size(); ++l) EXPECT_NEAR(chance.u[l], counts[l] / all, 1e-12);
  }
}

TEST(LinkModelTest, ARoundFindsWhatThePatternsWereMadeOf) {
  // Expected counts of two classes of independent fields.
  const std::vector<double> m = {0.9, 0.8, 0.7}, u = {0.1, 0.05, 0.2};
  constexpr double kRate = 0.2, kPairs = 1e9;
  std::vector<Pattern> patterns;
  std::vector<FieldModel> start;
  for (const double chance : u) {
    start.push_back({.m = StartingM(1), .u = {chance, 1 - chance}});
  }
  for (int code = 0; code < 8; ++code) {
    double of_match = kRate, of_other = 1 - kRate;
    Pattern pattern;
    for (int k = 0; k < 3; ++k) {
      const bool agrees = (code >> k & 1) == 0;
      pattern.levels.push_back(agrees ? 0 : 1);
      of_match *= agrees ? m[static_cast<size_t>(k)] : 1 - m[static_cast<size_t>(k)];
      of_other *= agrees ? u[static_cast<size_t>(k)] : 1 - u[static_cast<size_t>(k)];
    }
    pattern.pairs = static_cast<uint64_t>(std::llround((of_match + of_other) * kPairs));
    patterns.push_back(pattern);
  }
  const Round round =
      RunRound(patterns, start, {0, 0, 0}, {.most_iterations = 1000, .tolerance = 1e-12});
  EXPECT_TRUE(round.converged);
  EXPECT_NEAR(round.match_rate, kRate, 1e-6);
  for (size_t k = 0; k < 3; ++k) EXPECT_NEAR(round.m[k][0], m[k], 1e-5);
}

TEST(LinkModelTest, WeightsDoNotSaturate) {
  EXPECT_EQ(ProbabilityOf(0), 0.5);
  EXPECT_DOUBLE_EQ(ProbabilityOf(3), 8.0 / 9);
  EXPECT_DOUBLE_EQ(WeightOf(8.0 / 9), 3);
  EXPECT_GT(ProbabilityOf(-2000), -1);
  EXPECT_EQ(ProbabilityOf(2000), 1);
}

TEST(LinkAssignmentTest, EqualsTheBestOfAllChoices) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 400; ++round) {
    const uint32_t lefts = 1 + random() % 5, rights = 1 + random() % 5;
    std::vector<RecordPair> pairs;
    std::vector<double> gains;
    for (uint32_t i = 0; i < lefts; ++i) {
      for (uint32_t j = 0; j < rights; ++j) {
        if (random() % 3 == 0) continue;
        pairs.push_back({i, 100 + j});
        gains.push_back(static_cast<double>(random() % 20));
      }
    }
    double best = 0;
    for (uint64_t choice = 0; choice < uint64_t{1} << pairs.size() && pairs.size() <= 16;
         ++choice) {
      std::set<uint32_t> used;
      double sum = 0;
      bool sound = true;
      for (size_t p = 0; p < pairs.size() && sound; ++p) {
        if ((choice >> p & 1) == 0) continue;
        sound = used.insert(pairs[p].left).second && used.insert(pairs[p].right).second;
        sum += gains[p];
      }
      if (sound) best = std::max(best, sum);
    }
    if (pairs.size() > 16) continue;
    std::set<uint32_t> used;
    double sum = 0;
    for (const uint32_t p : AssignPairs(pairs, gains)) {
      EXPECT_TRUE(used.insert(pairs[p].left).second);
      EXPECT_TRUE(used.insert(pairs[p].right).second);
      sum += gains[p];
    }
    ASSERT_EQ(sum, best) << round;
  }
}

TEST(LinkClusterTest, CannotLinkHoldsAlongAnyPath) {
  const std::vector<RecordPair> pairs = {{0, 1}, {1, 2}, {2, 3}};
  const std::vector<double> weights = {5, 1, 4};
  const Clusters free = FindClusters(5, pairs, weights, {}, nullptr);
  EXPECT_EQ(free.cluster_of, (std::vector<uint32_t>{0, 0, 0, 0, 4}));
  const Clusters held = FindClusters(5, pairs, weights,
                                     {.most = 2,
                                      .split_bridges = false,
                                      .prior = 0,
                                      .must_link = {{3, 4}},
                                      .cannot_link = {{0, 3}}},
                                     nullptr);
  EXPECT_EQ(held.cluster_of, (std::vector<uint32_t>{0, 0, 2, 2, 2}));  // The lightest gave way.
  EXPECT_EQ(held.refused, 1U);
  EXPECT_EQ(held.review, (std::vector<uint8_t>{0, 0, 1, 1, 1}));
}

TEST(LinkClusterTest, ABridgeThatTheRestSpeaksAgainstIsCut) {
  // Two triangles and one doubtful pair between them.
  const std::vector<RecordPair> pairs = {{0, 1}, {0, 2}, {1, 2}, {2, 3}, {3, 4}, {3, 5}, {4, 5}};
  const std::vector<double> weights(pairs.size(), 3.0);
  const auto against = [](uint32_t i, uint32_t j) { return (i < 3) == (j < 3) ? 3.0 : -1.0; };
  const auto in_favour = [](uint32_t i, uint32_t j) { return (i < 3) == (j < 3) ? 3.0 : 0.5; };
  const absl::FunctionRef<double(uint32_t, uint32_t)> no(against), yes(in_favour);
  const Clusters cut = FindClusters(6, pairs, weights, {}, &no);
  EXPECT_EQ(cut.cluster_of, (std::vector<uint32_t>{0, 0, 0, 3, 3, 3}));
  EXPECT_EQ(cut.bridges, 1U);
  EXPECT_EQ(FindClusters(6, pairs, weights, {}, &yes).bridges, 0U);
  // What is asserted is not cut.
  EXPECT_EQ(
      FindClusters(
          6, pairs, weights,
          {.most = 50, .split_bridges = true, .prior = 0, .must_link = {{2, 3}}, .cannot_link = {}},
          &no)
          .bridges,
      0U);
}

TEST(LinkQualityTest, ByHand) {
  // Clusters {a a b} {b} {c}: pairs found 3, true 2, right 1.
  const std::vector<uint32_t> found = {0, 0, 0, 1, 2}, truth = {7, 7, 8, 8, 9};
  const auto quality = MeasureLinks(found, truth);
  ASSERT_TRUE(quality.ok());
  EXPECT_EQ(quality->found_pairs, 3U);
  EXPECT_EQ(quality->truth_pairs, 2U);
  EXPECT_EQ(quality->right_pairs, 1U);
  EXPECT_DOUBLE_EQ(quality->precision.value, 1.0 / 3);
  EXPECT_DOUBLE_EQ(quality->recall.value, 0.5);
  EXPECT_DOUBLE_EQ(quality->f1, 0.4);
  EXPECT_NEAR(quality->bcubed_precision, (2.0 / 3 + 2.0 / 3 + 1.0 / 3 + 1 + 1) / 5, 1e-15);
  EXPECT_NEAR(quality->bcubed_recall, (1 + 1 + 0.5 + 0.5 + 1) / 5, 1e-15);
  EXPECT_EQ(quality->exact, 1U);
  EXPECT_EQ(quality->over_merged, 1U);
  EXPECT_EQ(quality->under_merged, 1U);
  // Wilson: 1 of 2 at 95 %.
  EXPECT_NEAR(quality->recall.low, 0.0945, 5e-5);
  EXPECT_NEAR(quality->recall.high, 0.9055, 5e-5);
  EXPECT_FALSE(MeasureLinks(found, std::span(truth).first(3)).ok());
  EXPECT_FALSE(MeasureLinks({}, {}).ok());
}

TEST(LinkerTest, AllEqualAndAllDifferentRecordsAreDecided) {
  for (const bool equal : {true, false}) {
    LinkRecords records;
    records.size = 40;
    std::vector<std::string> cells, keys;
    for (int i = 0; i < 40; ++i) {
      cells.push_back(equal ? "same" : "own" + std::to_string(i * 977));
      keys.push_back(i % 2 == 0 ? "x" : "y");
    }
    records.columns.push_back(ColumnOf(cells));
    records.columns.push_back(ColumnOf(keys));
    LinkPlan plan;
    plan.fields = {FieldOf({"exact", "jaro_winkler >= 0.95"})};
    plan.field_columns = {0};
    plan.blocks = {{"key", {{.column = 1}}}};
    const auto fit = FitLinks(records, plan, {}, {});
    ASSERT_TRUE(fit.ok()) << fit.status();
    const auto found = FindPairs(records, plan, fit->model, -1000, {});
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(found->pairs.size(), 380U);
    for (const double weight : found->weights) EXPECT_TRUE(std::isfinite(weight));
    EXPECT_FALSE(fit->warnings.empty());
  }
}

TEST(LinkerTest, OneRecordIsRefused) {
  LinkRecords records;
  records.size = 1;
  records.columns.push_back(ColumnOf({"a"}));
  LinkPlan plan;
  plan.fields = {FieldOf({"exact"})};
  plan.field_columns = {0};
  plan.blocks = {{"key", {{.column = 0}}}};
  EXPECT_EQ(FitLinks(records, plan, {}, {}).status().message(),
            "table: 1 rows; expected two or more to compare");
}

}  // namespace
}  // namespace patron::customers
