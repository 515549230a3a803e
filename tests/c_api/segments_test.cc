// Segments: presets, own rules, the check, assignment and bytes.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "c_api/bytes.hpp"
#include "c_api/tables.hpp"
#include "patron/c/patron.h"

namespace patron::c_api_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct FreeSegments {
  void operator()(patron_segments *segments) const { patron_segments_free(segments); }
};
using Segments = std::unique_ptr<patron_segments, FreeSegments>;

Segments Preset(const char *name) {
  Error error;
  patron_segments *out = nullptr;
  EXPECT_EQ(patron_segments_preset(name, &out, error.get()), PATRON_OK) << error.message();
  return Segments(out);
}

Segments FromTable(TableOf &rules, int32_t bins, const char *others = nullptr) {
  Error error;
  patron_segments *out = nullptr;
  EXPECT_EQ(patron_segments_from_table(rules.get(), bins, others, &out, error.get()), PATRON_OK)
      << error.message();
  return Segments(out);
}

patron_segments_check_result Check(const Segments &segments, Table *findings = nullptr) {
  patron_segments_check_result result{};
  result.struct_size = sizeof result;
  patron_table *out = nullptr;
  EXPECT_EQ(
      patron_segments_check(segments.get(), &result, findings == nullptr ? nullptr : &out, nullptr),
      PATRON_OK);
  if (findings != nullptr) findings->reset(out);
  return result;
}

std::string Bytes(const Segments &segments) {
  return BytesOf(patron_segments_serialize, segments.get());
}

TEST(SegmentsTest, TheGridIsAPartition) {
  const Segments grid = Preset(nullptr);
  const auto check = Check(grid);
  EXPECT_EQ(check.cells, 125u);
  EXPECT_EQ(check.uncovered, 0u);
  EXPECT_EQ(check.ambiguous, 0u);
  EXPECT_EQ(check.unreachable, 0u);
  EXPECT_EQ(Bytes(grid), Bytes(Preset("grid")));
}

TEST(SegmentsTest, TableBHasThreeDeadRows) {
  EXPECT_EQ(Check(Preset("b")).unreachable, 3u);
  EXPECT_GT(Check(Preset("a")).ambiguous, 0u);
  EXPECT_GT(Check(Preset("putler")).ambiguous, 0u);
}

TEST(SegmentsTest, UnknownPresetsAreNotFound) {
  Error error;
  patron_segments *out = Untouched<patron_segments>();
  EXPECT_EQ(patron_segments_preset("c", &out, error.get()), PATRON_NOT_FOUND);
  EXPECT_EQ(error.message(), "name: 'c'; expected 'grid', 'a', 'b' or 'putler'");
  EXPECT_EQ(out, Untouched<patron_segments>());
  EXPECT_EQ(patron_segments_preset("a", nullptr, error.get()), PATRON_INVALID_ARGUMENT);
}

TEST(SegmentsTest, RulesComeBackAsTheyWere) {
  for (const char *name : {"grid", "a", "b", "putler"}) {
    const Segments preset = Preset(name);
    patron_table *out = nullptr;
    ASSERT_EQ(patron_segments_to_table(preset.get(), &out, nullptr), PATRON_OK);
    const Table rules(out);
    patron_segments *again = nullptr;
    ASSERT_EQ(patron_segments_from_table(rules.get(), 5, "Others", &again, nullptr), PATRON_OK);
    EXPECT_EQ(Bytes(Segments(again)), Bytes(preset)) << name;
  }
}

TEST(SegmentsTest, NullBoundsNothing) {
  TableOf rules;
  rules.Texts("segment", {"best", "old", "rest"})
      .Integers("recency_low", std::vector<std::optional<int64_t>>{2, std::nullopt, std::nullopt})
      .Numbers("recency_high", std::vector<std::optional<double>>{std::nullopt, 1, std::nullopt})
      .Integers("fm_low", std::vector<std::optional<int64_t>>{2, std::nullopt, std::nullopt});
  const Segments segments = FromTable(rules, 2, "nobody");
  // best: R 2, F = M = 2; old: R 1; rest: the other three cells of R 2.
  TableOf scores;
  scores.Integers("customer_id", std::vector<int64_t>{5, 6, 7, 8})
      .Integers("recency_score", std::vector<int64_t>{2, 1, 2, 2})
      .Integers("frequency_score", std::vector<int64_t>{2, 2, 1, 2})
      .Integers("monetary_score", std::vector<int64_t>{2, 2, 2, 2})
      .Integers("frequency", std::vector<int64_t>{4, 3, 2, 1})
      .Numbers("monetary", std::vector<double>{30, 50, 15, 5});
  patron_table *members = nullptr, *totals = nullptr;
  Error error;
  ASSERT_EQ(
      patron_segments_assign(segments.get(), scores.get(), nullptr, &members, &totals, error.get()),
      PATRON_OK)
      << error.message();
  const Table membership(members), sums(totals);
  EXPECT_THAT(Integers(membership, "customer_id"), ElementsAre(5, 6, 7, 8));
  EXPECT_THAT(Texts(membership, "segment"), ElementsAre("best", "old", "rest", "best"));
  EXPECT_THAT(Texts(sums, "segment"), ElementsAre("best", "old", "rest"));
  EXPECT_THAT(Integers(sums, "customers"), ElementsAre(2, 1, 1));
  EXPECT_THAT(Numbers(sums, "share"), ElementsAre(0.5, 0.25, 0.25));
  EXPECT_THAT(Integers(sums, "orders"), ElementsAre(5, 3, 2));
  EXPECT_THAT(Numbers(sums, "value"), ElementsAre(35, 50, 15));
  EXPECT_THAT(Numbers(sums, "value_share"), ElementsAre(0.35, 0.5, 0.15));
}

TEST(SegmentsTest, TheCheckTellsEveryFinding) {
  TableOf rules;
  rules.Texts("segment", {"a", "b", "c"})
      .Integers("recency_low", std::vector<int64_t>{1, 1, 2})
      .Integers("recency_high", std::vector<int64_t>{1, 1, 1})
      .Integers("monetary_low", std::vector<int64_t>{1, 2, 1})
      .Integers("monetary_high", std::vector<int64_t>{2, 2, 2});
  const Segments segments = FromTable(rules, 2, "nobody");
  Table findings;
  const auto check = Check(segments, &findings);
  EXPECT_EQ(check.cells, 8u);
  EXPECT_EQ(check.uncovered, 4u);    // Recency 2.
  EXPECT_EQ(check.ambiguous, 2u);    // Recency 1, monetary 2: a before b.
  EXPECT_EQ(check.unreachable, 2u);  // b hides behind a; c is empty.
  EXPECT_THAT(Texts(findings, "finding"),
              ElementsAre("uncovered", "uncovered", "uncovered", "uncovered", "ambiguous",
                          "ambiguous", "unreachable", "unreachable"));
  EXPECT_THAT(Texts(findings, "segment"),
              ElementsAre("nobody", "nobody", "nobody", "nobody", "a", "a", "b", "c"));
  const auto monetary = Optional<int32_t>(findings.get(), "monetary", PATRON_TYPE_INT32);
  EXPECT_THAT(monetary, ElementsAre(1, 2, 1, 2, 2, 2, std::nullopt, std::nullopt));
}

TEST(SegmentsTest, RefusesRulesThatAreNone) {
  Error error;
  patron_segments *out = Untouched<patron_segments>();
  const auto refuse = [&](const patron_table *table, int32_t bins, const char *others) {
    EXPECT_EQ(patron_segments_from_table(table, bins, others, &out, error.get()),
              PATRON_INVALID_ARGUMENT);
    EXPECT_EQ(out, Untouched<patron_segments>());
    return error.message();
  };
  TableOf good, none, empty, half, nameless;
  good.Texts("segment", {"a"});
  none.Texts("segment", {});
  empty.Texts("segment", {"a", ""});
  half.Texts("segment", {"a"}).Numbers("recency_low", std::vector<double>{1.5});
  nameless.Integers("recency_low", std::vector<int64_t>{1});
  EXPECT_EQ(refuse(good.get(), 1, nullptr), "bins: 1; expected 2 to 100");
  EXPECT_EQ(refuse(good.get(), 101, nullptr), "bins: 101; expected 2 to 100");
  EXPECT_EQ(refuse(good.get(), 5, ""), "others: empty; expected a name");
  EXPECT_EQ(refuse(good.get(), 5, "\xFF"), "others: '\\xff'; expected UTF-8");
  EXPECT_THAT(refuse(none.get(), 5, nullptr), HasSubstr("expected 1 to 1000"));
  EXPECT_THAT(refuse(empty.get(), 5, nullptr), StartsWith("segment: row 1 is empty"));
  EXPECT_THAT(refuse(half.get(), 5, nullptr),
              StartsWith("recency_low: row 0 is 1.5; expected a whole"));
  EXPECT_THAT(refuse(nameless.get(), 5, nullptr), HasSubstr("'segment' is missing"));
  EXPECT_EQ(refuse(nullptr, 5, nullptr), "table: NULL; expected a pointer");
}

TEST(SegmentsTest, RefusesScoresOffTheScale) {
  const Segments grid = Preset("grid");
  Error error;
  patron_table *members = Untouched<patron_table>(), *totals = Untouched<patron_table>();
  const auto refuse = [&](const std::vector<int64_t> &frequency) {
    TableOf scores;
    scores.Integers("recency_score", std::vector<int64_t>(frequency.size(), 1))
        .Integers("frequency_score", frequency)
        .Integers("monetary_score", std::vector<int64_t>(frequency.size(), 1));
    EXPECT_EQ(
        patron_segments_assign(grid.get(), scores.get(), nullptr, &members, &totals, error.get()),
        PATRON_INVALID_ARGUMENT);
    return error.message();
  };
  EXPECT_EQ(refuse({5, 6}), "frequency_score: row 1 is 6; expected 1 to 5");
  EXPECT_EQ(refuse({257, 0}), "frequency_score: row 0 is 257; expected 1 to 5 (2 rows in all)");
  TableOf missing;
  missing.Integers("recency_score", std::vector<int64_t>{1});
  EXPECT_EQ(
      patron_segments_assign(grid.get(), missing.get(), nullptr, &members, &totals, error.get()),
      PATRON_INVALID_ARGUMENT);
  EXPECT_THAT(error.message(), HasSubstr("'frequency_score' is missing"));
  EXPECT_EQ(patron_segments_assign(grid.get(), nullptr, nullptr, &members, &totals, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_segments_assign(nullptr, missing.get(), nullptr, &members, &totals, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(
      patron_segments_assign(grid.get(), missing.get(), nullptr, nullptr, &totals, error.get()),
      PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(members, Untouched<patron_table>());
  EXPECT_EQ(totals, Untouched<patron_table>());
}

TEST(SegmentsTest, WithoutMeasuresThereIsNothingToSum) {
  const Segments grid = Preset("grid");
  TableOf scores;
  scores.Integers("recency_score", std::vector<int64_t>{5})
      .Integers("frequency_score", std::vector<int64_t>{5})
      .Integers("monetary_score", std::vector<int64_t>{1});
  patron_table *members = nullptr, *totals = nullptr;
  ASSERT_EQ(patron_segments_assign(grid.get(), scores.get(), nullptr, &members, &totals, nullptr),
            PATRON_OK);
  const Table membership(members), sums(totals);
  EXPECT_THAT(NamesOf(membership), ElementsAre("segment"));
  EXPECT_THAT(Texts(membership, "segment"), ElementsAre("Champions"));
  EXPECT_THAT(Optional<int64_t>(sums.get(), "orders", PATRON_TYPE_INT64),
              ::testing::Each(std::optional<int64_t>()));
  ASSERT_EQ(patron_segments_assign(grid.get(), scores.get(), nullptr, &members, nullptr, nullptr),
            PATRON_OK);
  patron_table_free(members);
}

TEST(SegmentsTest, BytesComeBackAndNothingElseLoads) {
  for (const char *name : {"grid", "putler"}) {
    const std::string bytes = Bytes(Preset(name));
    patron_segments *again = nullptr;
    ASSERT_EQ(patron_segments_deserialize(bytes.data(), bytes.size(), &again, nullptr), PATRON_OK);
    EXPECT_EQ(Bytes(Segments(again)), bytes);
  }
  ExpectOnlyTheseBytesLoad(patron_segments_deserialize, Bytes(Preset("putler")));
}

TEST(SegmentsTest, BytesOfAPyramidAreNoSegments) {
  patron_pyramid *pyramid = nullptr;
  ASSERT_EQ(patron_pyramid_preset("abc", nullptr, &pyramid, nullptr), PATRON_OK);
  const std::string bytes = BytesOf(patron_pyramid_serialize, pyramid);
  patron_pyramid_free(pyramid);
  patron_segments *out = Untouched<patron_segments>();
  Error error;
  EXPECT_EQ(patron_segments_deserialize(bytes.data(), bytes.size(), &out, error.get()),
            PATRON_DATA_LOSS);
  EXPECT_EQ(error.message(), "bytes: this is a pyramid; expected segments");
}

TEST(SegmentsTest, NullHandlesAreRefused) {
  Error error;
  patron_table *table = Untouched<patron_table>();
  patron_segments_check_result result{};
  result.struct_size = sizeof result;
  EXPECT_EQ(patron_segments_to_table(nullptr, &table, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_segments_check(nullptr, &result, &table, error.get()), PATRON_INVALID_ARGUMENT);
  const Segments grid = Preset("grid");
  EXPECT_EQ(patron_segments_to_table(grid.get(), nullptr, error.get()), PATRON_INVALID_ARGUMENT);
  result.struct_size = 0;
  EXPECT_EQ(patron_segments_check(grid.get(), &result, &table, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(table, Untouched<patron_table>());
  EXPECT_EQ(patron_segments_check(grid.get(), nullptr, nullptr, error.get()), PATRON_OK);
  patron_segments_free(nullptr);
}

}  // namespace
}  // namespace patron::c_api_test
