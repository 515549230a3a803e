#include "patron/value/segments.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "patron/value/segmentation.hpp"

namespace patron::value {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

SegmentTable Preset(SegmentPreset preset) {
  const auto rules = PresetSegmentRules(preset);
  EXPECT_TRUE(rules.ok()) << rules.status();
  auto table = SegmentTable::Compile(*rules);
  EXPECT_TRUE(table.ok()) << table.status();
  return *std::move(table);
}

std::vector<std::string> Unreachable(SegmentPreset preset) {
  std::vector<std::string> names;
  const SegmentTable table = Preset(preset);
  const SegmentRules rules = *PresetSegmentRules(preset);
  for (const UnreachableRule &dead : table.check().unreachable) {
    names.push_back(rules.rules[static_cast<size_t>(dead.rule)].name);
  }
  return names;
}

std::string NameOf(const SegmentTable &table, int r, int f, int m) {
  return table.names()[static_cast<size_t>(table.SegmentOf(r, f, m))];
}

SegmentRule Rule(std::string name, ScoreRange r, ScoreRange f = {}, ScoreRange m = {}) {
  return {std::move(name), r, f, m, std::nullopt};
}

TEST(SegmentCheckTest, TableBHasThreeDeadRows) {
  const SegmentCheck check = Preset(SegmentPreset::kTableB).check();
  EXPECT_EQ(check.cells, 125);
  EXPECT_EQ(check.uncovered, 36);
  EXPECT_EQ(check.ambiguous, 39);
  EXPECT_EQ(check.uncovered_cells.size(), 36u);
  EXPECT_EQ(check.ambiguous_cells.size(), 39u);
  EXPECT_THAT(Unreachable(SegmentPreset::kTableB),
              ElementsAre("New Customers", "Promising", "Can't Lose Them"));
  for (const UnreachableRule &dead : check.unreachable) {
    EXPECT_EQ(dead.reason, UnreachableReason::kHidden);
  }
  EXPECT_THAT(check.unreachable[0].hidden_by, ElementsAre(2));  // Potential Loyalist.
  EXPECT_THAT(check.unreachable[2].hidden_by, ElementsAre(7));  // At Risk.
}

TEST(SegmentCheckTest, TableALeavesTenCellsAndDisputesFiftyEight) {
  const SegmentCheck check = Preset(SegmentPreset::kTableA).check();
  EXPECT_EQ(check.uncovered, 10);
  EXPECT_EQ(check.ambiguous, 58);
  EXPECT_THAT(check.unreachable, IsEmpty());
}

TEST(SegmentCheckTest, GridIsAPartition) {
  const SegmentTable table = Preset(SegmentPreset::kGrid);
  EXPECT_EQ(table.check().uncovered, 0);
  EXPECT_EQ(table.check().ambiguous, 0);
  EXPECT_THAT(table.check().unreachable, IsEmpty());
  EXPECT_EQ(table.names().size(), 10u);  // No "Others": nothing is left.
  EXPECT_EQ(NameOf(table, 5, 4, 1), "Champions");
  EXPECT_EQ(NameOf(table, 4, 1, 5), "Promising");
  EXPECT_EQ(NameOf(table, 2, 5, 3), "Can't Lose Them");
}

TEST(SegmentCheckTest, PutlerRangesAreOnTheMeanOfFrequencyAndMonetary) {
  const SegmentTable table = Preset(SegmentPreset::kPutler);
  EXPECT_EQ(NameOf(table, 5, 3, 4), "Loyal Customers");  // Mean 3.5: above 3, below 4.
  EXPECT_EQ(NameOf(table, 5, 3, 5), "Champions");
  EXPECT_EQ(NameOf(table, 4, 1, 2), "Potential Loyalist");
  EXPECT_EQ(NameOf(table, 1, 1, 4), "At Risk");
  EXPECT_EQ(NameOf(table, 1, 1, 2), "Hibernating");
  EXPECT_EQ(NameOf(table, 2, 1, 1), "About To Sleep");
}

TEST(SegmentCheckTest, NamesTheCellsInDispute) {
  SegmentRules rules;
  rules.recency_bins = rules.frequency_bins = rules.monetary_bins = 2;
  rules.rules = {Rule("first", {2, 2}, {2, 2}), Rule("second", {1, 2}, {2, 2}, {2, 2}),
                 Rule("third", {1, 2}, {2, 2}, {2, 2})};
  const auto table = SegmentTable::Compile(rules);
  ASSERT_TRUE(table.ok()) << table.status();
  const SegmentCheck &check = table->check();
  // Held: 221, 222 by the first; 122, 222 by the other two.
  EXPECT_EQ(check.ambiguous, 2);
  ASSERT_EQ(check.ambiguous_cells.size(), 2u);
  EXPECT_EQ(check.ambiguous_cells[0].cell, (ScoreCell{1, 2, 2}));
  EXPECT_EQ(check.ambiguous_cells[0].first, 1);
  EXPECT_EQ(check.ambiguous_cells[0].second, 2);
  EXPECT_EQ(check.ambiguous_cells[1].cell, (ScoreCell{2, 2, 2}));
  EXPECT_EQ(check.ambiguous_cells[1].first, 0);
  EXPECT_EQ(check.ambiguous_cells[1].second, 1);
  EXPECT_THAT(check.uncovered_cells,
              ElementsAre(ScoreCell{1, 1, 1}, ScoreCell{1, 1, 2}, ScoreCell{1, 2, 1},
                          ScoreCell{2, 1, 1}, ScoreCell{2, 1, 2}));
  EXPECT_THAT(check.cells_of_rule, ElementsAre(2, 1, 0));
  ASSERT_EQ(check.unreachable.size(), 1u);
  EXPECT_THAT(check.unreachable[0].hidden_by, ElementsAre(0, 1));
}

TEST(SegmentCheckTest, TellsEmptyFromOutsideFromHidden) {
  SegmentRules rules;
  rules.rules = {Rule("all", {}), Rule("backwards", {4, 2}), Rule("off the scale", {6, 9}),
                 Rule("hidden", {1, 1})};
  rules.rules.push_back({"no such mean", {}, {1, 1}, {1, 1}, ScoreRange{2, 5}});
  rules.rules.push_back({"backward mean", {}, {}, {}, ScoreRange{5, 2}});
  const auto table = SegmentTable::Compile(rules);
  ASSERT_TRUE(table.ok()) << table.status();
  std::vector<UnreachableReason> reasons;
  for (const auto &dead : table->check().unreachable) reasons.push_back(dead.reason);
  EXPECT_THAT(reasons, ElementsAre(UnreachableReason::kEmptyRange, UnreachableReason::kNoCell,
                                   UnreachableReason::kHidden, UnreachableReason::kNoCell,
                                   UnreachableReason::kEmptyRange));
}

TEST(SegmentCheckTest, RangeEndsOfAnySizeAreCutToTheScale) {
  constexpr int kLowest = std::numeric_limits<int>::min();
  constexpr int kHighest = std::numeric_limits<int>::max();
  SegmentRules rules;
  const ScoreRange any{kLowest, kHighest};
  rules.rules = {{"all", any, any, any, any}};
  const auto table = SegmentTable::Compile(rules);
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->check().uncovered, 0);
}

TEST(SegmentCheckTest, MillionCellsAndThousandRulesAreChecked) {
  SegmentRules rules;
  rules.recency_bins = rules.frequency_bins = rules.monetary_bins = 100;
  for (int i = 0; i < 999; ++i) {
    rules.rules.push_back(Rule("r" + std::to_string(i), {1 + i / 10, 1 + i / 10}));
  }
  rules.rules.push_back(Rule("again", {1, 50}));
  const auto table = SegmentTable::Compile(rules, 10);
  ASSERT_TRUE(table.ok()) << table.status();
  // Ten rules a recency score, so nine of ten are hidden; the last score has nine.
  EXPECT_EQ(table->check().cells, 1000000);
  EXPECT_EQ(table->check().uncovered, 0);
  EXPECT_EQ(table->check().ambiguous, 1000000);
  EXPECT_EQ(table->check().ambiguous_cells.size(), 10u);
  EXPECT_EQ(table->check().unreachable.size(), 900u);
  EXPECT_EQ(table->check().unreachable.back().hidden_by.size(), 50u);
  const auto unnamed = SegmentTable::Compile(rules, 0, /*with_hidden_by=*/false);
  ASSERT_TRUE(unnamed.ok());
  EXPECT_EQ(unnamed->check().unreachable.size(), table->check().unreachable.size());
  EXPECT_TRUE(unnamed->check().unreachable.back().hidden_by.empty());
  EXPECT_TRUE(unnamed->check().uncovered_cells.empty());
  EXPECT_EQ(NameOf(*table, 100, 100, 100), "r990");
}

TEST(SegmentTableTest, RulesOfOneNameMakeOneSegment) {
  SegmentRules rules;
  rules.rules = {Rule("good", {5, 5}), Rule("bad", {1, 1}), Rule("good", {4, 4})};
  rules.others = "rest";
  const auto table = SegmentTable::Compile(rules);
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_THAT(table->names(), ElementsAre("good", "bad", "rest"));
  EXPECT_EQ(NameOf(*table, 4, 1, 1), "good");
  EXPECT_EQ(NameOf(*table, 3, 1, 1), "rest");
  rules.others = "bad";
  EXPECT_THAT(SegmentTable::Compile(rules)->names(), ElementsAre("good", "bad"));
}

TEST(SegmentTableTest, TablesThatAreNoneAreRefused) {
  const auto error = [](const SegmentRules &rules) {
    const auto table = SegmentTable::Compile(rules);
    EXPECT_EQ(table.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(table.status().message());
  };
  SegmentRules rules;
  EXPECT_EQ(error(rules), "segment rules: 0 rows; expected 1 to 1000");
  rules.rules.assign(1001, Rule("x", {}));
  EXPECT_EQ(error(rules), "segment rules: 1001 rows; expected 1 to 1000");
  rules.rules = {Rule("x", {}), Rule("", {})};
  EXPECT_EQ(error(rules), "segment name: row 1 is empty; expected a name");
  rules.rules.pop_back();
  rules.frequency_bins = 101;
  EXPECT_EQ(error(rules), "frequency bins: 101; expected 2 to 100");
  rules.frequency_bins = 5;
  rules.others = "";
  EXPECT_EQ(error(rules), "others: empty; expected a name for customers in no segment");
  EXPECT_EQ(PresetSegmentRules(static_cast<SegmentPreset>(4)).status().message(),
            "preset: 4; expected 0 (grid), 1 (A), 2 (B) or 3 (Putler)");
}

const std::vector<uint8_t> kRecency = {5, 1, 3, 5};
const std::vector<uint8_t> kFrequency = {5, 1, 4, 4};
const std::vector<uint8_t> kMonetary = {5, 2, 3, 1};
const std::vector<int64_t> kOrders = {9, 1, 4, 5};

TEST(SegmentationTest, AddsUpCustomersOrdersAndRevenue) {
  const SegmentTable table = Preset(SegmentPreset::kGrid);
  const auto found = AssignSegments<int64_t>(table, kRecency, kFrequency, kMonetary, kOrders,
                                             std::vector<int64_t>{900, 10, -40, 50});
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(found->segments, ElementsAre(0, 9, 1, 0));
  EXPECT_EQ(found->totals.size(), 10u);
  EXPECT_EQ(found->totals[0].customers, 2);
  EXPECT_EQ(found->totals[0].orders, 14);
  EXPECT_EQ(found->totals[0].revenue, 950);
  EXPECT_EQ(found->totals[1].revenue, -40);
  EXPECT_EQ(found->totals[2].customers, 0);
}

TEST(SegmentationTest, NoCustomersAreNoError) {
  const SegmentTable table = Preset(SegmentPreset::kTableA);
  const auto found = AssignSegments<double>(table, {}, {}, {}, {}, {});
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->names.back(), "Others");
  EXPECT_EQ(found->totals.size(), 11u);
  EXPECT_EQ(found->totals.back().customers, 0);
}

TEST(SegmentationTest, BadColumnsAreNamed) {
  const SegmentTable table = Preset(SegmentPreset::kGrid);
  const std::vector<int64_t> revenue = {1, 2, 3, 4};
  const auto error = [&](const std::vector<uint8_t> &scores) {
    return std::string(AssignSegments<int64_t>(table, kRecency, scores, kMonetary, kOrders, revenue)
                           .status()
                           .message());
  };
  EXPECT_EQ(error({1, 0, 6, 5}), "frequency_score: row 1 is 0; expected 1 to 5 (2 rows in all)");
  EXPECT_EQ(error({1, 2, 255, 5}), "frequency_score: row 2 is 255; expected 1 to 5");
  EXPECT_EQ(error({1}), "frequency_score: 1 rows; expected 4, as many as recency_score has");
  EXPECT_EQ(AssignSegments<double>(table, kRecency, kFrequency, kMonetary, kOrders,
                                   std::vector<double>{1, 2, std::nan(""), 4})
                .status()
                .message(),
            "revenue: row 2 is nan; expected a finite number");
}

TEST(SegmentationTest, TotalThatPassesSixtyFourBitsIsRefused) {
  const SegmentTable table = Preset(SegmentPreset::kGrid);
  constexpr int64_t kHighest = std::numeric_limits<int64_t>::max();
  const auto found = AssignSegments<int64_t>(table, kRecency, kFrequency, kMonetary, kOrders,
                                             std::vector<int64_t>{kHighest, 0, 0, 1});
  EXPECT_EQ(found.status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_THAT(std::string(found.status().message()),
              ::testing::StartsWith("revenue of segment 'Champions': "));
  // Between the two the sum may pass the range, as long as it ends inside.
  const auto back = AssignSegments<int64_t>(
      table, std::array<uint8_t, 3>{5, 5, 5}, std::array<uint8_t, 3>{5, 5, 5},
      std::array<uint8_t, 3>{5, 5, 5}, std::array<int64_t, 3>{1, 1, 1},
      std::array<int64_t, 3>{kHighest, 1, -1});
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->totals[0].revenue, kHighest);
}

}  // namespace
}  // namespace patron::value
