// Text comparison against rapidfuzz-cpp and stringdist.
#include <cmath>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "golden/customers/people.hpp"
#include "patron/customers/compare.hpp"

namespace patron::customers {
namespace {

// The text and number fields of each pair in the file, which is an array of flat objects.
std::vector<std::map<std::string, std::string>> ReadPairs(const std::string &path) {
  std::ifstream file(path);
  std::stringstream all;
  all << file.rdbuf();
  const std::string text = all.str();
  std::vector<std::map<std::string, std::string>> pairs;
  size_t at = text.find("\"pairs\"");
  if (at == std::string::npos) return pairs;
  for (at = text.find('{', at); at != std::string::npos; at = text.find('{', at)) {
    const size_t end = text.find("\n  }", at);
    std::istringstream lines(text.substr(at + 1, end - at - 1));
    std::map<std::string, std::string> fields;
    for (std::string line; std::getline(lines, line);) {
      const size_t name = line.find('"');
      if (name == std::string::npos) continue;
      const size_t name_end = line.find('"', name + 1);
      std::string value = line.substr(line.find(':', name_end) + 2);
      if (value.ends_with(',')) value.pop_back();
      if (value.starts_with('"')) value = value.substr(1, value.size() - 2);
      fields[line.substr(name + 1, name_end - name - 1)] = value;
    }
    pairs.push_back(fields);
    at = end;
  }
  return pairs;
}

TEST(SimilarityTest, EveryPairOfTheFile) {
  const auto pairs = ReadPairs(testing::ReferencePath("febrl/string_similarity.json"));
  if (pairs.empty()) GTEST_SKIP() << "no reference data";
  EXPECT_EQ(pairs.size(), 37U);
  const MeasureOptions always = {.jaro_winkler = {.boost = 0}};
  const struct {
    const char *field;
    Measure measure;
    const MeasureOptions options;
  } kinds[] = {{"jaro", Measure::kJaro, {}},
               {"jaro_winkler_boost_above_0_7", Measure::kJaroWinkler, {}},
               {"jaro_winkler_no_boost_threshold", Measure::kJaroWinkler, always},
               {"levenshtein", Measure::kLevenshteinDistance, {}},
               {"osa", Measure::kOsaDistance, {}},
               {"damerau_levenshtein", Measure::kDamerauDistance, {}},
               {"lcs_length", Measure::kLcsLength, {}},
               {"indel_similarity", Measure::kIndel, {}},
               {"jaccard_bigram_stringdist", Measure::kJaccard, {}}};
  size_t compared = 0;
  for (const auto &pair : pairs) {
    CharacterPool pool;
    pool.Add(pair.at("a"));
    pool.Add(pair.at("b"));
    for (const auto &kind : kinds) {
      const auto field = pair.find(kind.field);
      if (field == pair.end() || field->second == "null") continue;
      // A text of one code point has no bigram for stringdist.
      if (kind.measure == Measure::kJaccard && std::min(pool[0].size, pool[1].size) < 2) continue;
      EXPECT_NEAR(Compare(kind.measure, pool[0], pool[1], kind.options), std::stod(field->second),
                  6e-10)
          << kind.field << ": " << pair.at("a") << " | " << pair.at("b");
      ++compared;
    }
  }
  EXPECT_GT(compared, 300U);
}

TEST(SimilarityTest, FourMillionSurnames) {
  const People left = ReadFebrl({"dataset4a.csv"}), right = ReadFebrl({"dataset4b.csv"});
  if (left.truth.empty()) GTEST_SKIP() << "no reference data";
  constexpr size_t kRows = 2000;
  CharacterPool texts[2];
  for (size_t side = 0; side < 2; ++side) {
    const People &people = side == 0 ? left : right;
    const LinkColumn &column = people.records.columns[people.Column("surname")];
    for (size_t i = 0; i < kRows; ++i) {
      const uint32_t code = column.codes[i];
      std::u32string text;
      for (size_t k = 0; code != kNoValue && k < column.values[code].size; ++k) {
        text.push_back(column.values[code][k]);
      }
      texts[side].Add(std::u32string_view(text.empty() ? U"x" : text));
    }
  }
  const auto sum = [&](Measure measure) {
    std::vector<double> results(kRows * kRows);
    EXPECT_TRUE(
        CompareEach(texts[0].all(), texts[1].all(), measure, {}, std::nullopt, {}, results).ok());
    double total = 0;
    for (const double value : results) total += value;
    return total;
  };
  EXPECT_NEAR(sum(Measure::kJaroWinkler), 1560577.385283, 1e-5);
  EXPECT_EQ(sum(Measure::kLevenshteinDistance), 26180079);
  EXPECT_EQ(sum(Measure::kOsaDistance), 26163607);
}

}  // namespace
}  // namespace patron::customers
