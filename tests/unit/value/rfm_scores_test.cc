#include "patron/value/rfm_scores.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace patron::value {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

template <ScoreValue T = int64_t>
DimensionScores Score(const std::vector<T> &values, ScoreMethod method, const ScoreScale &scale) {
  auto scored = ScoreDimension("value", std::span<const T>(values), method, scale);
  EXPECT_TRUE(scored.ok()) << scored.status();
  return *std::move(scored);
}

std::string ErrorOf(ScoreMethod method, const ScoreScale &scale) {
  const std::vector<int64_t> values = {1, 2, 3};
  const auto scored = ScoreDimension("value", std::span<const int64_t>(values), method, scale);
  EXPECT_EQ(scored.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(scored.status().message());
}

ScoreScale Scale(int bins, ScoreDirection direction = ScoreDirection::kHighIsBest) {
  ScoreScale scale;
  scale.bins = bins;
  scale.direction = direction;
  return scale;
}

ScoreScale Cuts(std::vector<double> cuts, ClosedSide closed, int64_t unit = 1) {
  ScoreScale scale;
  scale.cuts = std::move(cuts);
  scale.closed = closed;
  scale.unit = unit;
  return scale;
}

constexpr auto kLowIsBest = ScoreDirection::kLowIsBest;

// Type-7 quintiles of 1, 2, 3, 4, 6, 8, 9 are 2.2, 3.4, 5.2, 7.6: h = 6j/5.
TEST(ScoreDimensionTest, ThresholdRightPutsAValueAtACutBelowIt) {
  const auto scored = Score({1, 2, 3, 4, 6, 8, 9}, ScoreMethod::kThresholdRight, Scale(5));
  EXPECT_THAT(scored.scores, ElementsAre(1, 1, 2, 3, 4, 5, 5));
  EXPECT_THAT(scored.report.counts, ElementsAre(2, 1, 1, 1, 2));
  EXPECT_DOUBLE_EQ(scored.report.cuts[0], 2.2);
  EXPECT_DOUBLE_EQ(scored.report.cuts[3], 7.6);
  EXPECT_EQ(scored.report.tied_customers, 0);
}

TEST(ScoreDimensionTest, RpkgAddsOneAndMisplacesWholeNumbers) {
  const auto scored = Score({1, 2, 3, 4, 6, 8, 9}, ScoreMethod::kRpkg, Scale(5));
  EXPECT_THAT(scored.scores, ElementsAre(1, 1, 1, 2, 3, 4, 5));
}

TEST(ScoreDimensionTest, RpkgAddsOneNaturalUnit) {
  ScoreScale cents = Scale(5);
  cents.unit = 100;
  const auto scored = Score({100, 200, 300, 400, 600, 800, 900}, ScoreMethod::kRpkg, cents);
  EXPECT_THAT(scored.scores, ElementsAre(1, 1, 1, 2, 3, 4, 5));
  EXPECT_DOUBLE_EQ(scored.report.cuts[0], 3.2);
}

TEST(ScoreDimensionTest, LowIsBestTurnsTheLabelsAround) {
  const auto scored =
      Score({1, 2, 3, 4, 6, 8, 9}, ScoreMethod::kThresholdRight, Scale(5, kLowIsBest));
  EXPECT_THAT(scored.scores, ElementsAre(5, 5, 4, 3, 2, 1, 1));
  EXPECT_THAT(scored.report.counts, ElementsAre(2, 1, 1, 1, 2));
}

// Quartiles of 1, 1, 1, 1, 2, 3, 9: 1, 1, 2.5. The first two fall on the minimum.
TEST(ScoreDimensionTest, ThresholdKeepsEmptyBinsWhereQcutDropsThem) {
  const std::vector<int64_t> values = {1, 1, 1, 1, 2, 3, 9};
  const auto threshold = Score(values, ScoreMethod::kThresholdRight, Scale(4));
  EXPECT_THAT(threshold.scores, ElementsAre(1, 1, 1, 1, 3, 4, 4));
  EXPECT_THAT(threshold.report.counts, ElementsAre(4, 0, 1, 2));
  EXPECT_EQ(threshold.report.empty_bins, 1);
  EXPECT_EQ(threshold.report.labels, 4);
  EXPECT_EQ(threshold.report.tied_customers, 4);

  const auto dropped = Score(values, ScoreMethod::kQcutDrop, Scale(4));
  EXPECT_THAT(dropped.scores, ElementsAre(1, 1, 1, 1, 1, 2, 2));
  EXPECT_THAT(dropped.report.cuts, ElementsAre(2.5));
  EXPECT_EQ(dropped.report.labels, 2);
  EXPECT_EQ(dropped.report.empty_bins, 0);
}

TEST(ScoreDimensionTest, QcutDropsACutAtTheMaximum) {
  // Quartiles of 1, 2, 9, 9, 9: 2, 9, 9.
  const auto scored = Score({1, 2, 9, 9, 9}, ScoreMethod::kQcutDrop, Scale(4));
  EXPECT_THAT(scored.report.cuts, ElementsAre(2));
  EXPECT_THAT(scored.scores, ElementsAre(1, 1, 2, 2, 2));
}

TEST(ScoreDimensionTest, NtileSplitsTiesByRow) {
  // 7 rows in 3 bins: 3, 2, 2. Ascending: 1 (row 4), 5 (rows 0, 1, 2, 5), 8 (row 3), 9 (row 6).
  const std::vector<int64_t> values = {5, 5, 5, 8, 1, 5, 9};
  const auto scored = Score(values, ScoreMethod::kNtile, Scale(3));
  EXPECT_THAT(scored.scores, ElementsAre(1, 1, 2, 3, 1, 2, 3));
  EXPECT_THAT(scored.report.counts, ElementsAre(3, 2, 2));
  EXPECT_THAT(scored.report.cuts, ElementsAre(5, 5));
  EXPECT_EQ(scored.report.tied_customers, 4);
}

TEST(ScoreDimensionTest, NtileOfLowIsBestRanksFromTheHighest) {
  // Descending: 9 (row 6), 8 (row 3), 5 (rows 0, 1, 2, 5), 1 (row 4); bins of 3, 2, 2.
  const std::vector<int64_t> values = {5, 5, 5, 8, 1, 5, 9};
  const auto scored = Score(values, ScoreMethod::kNtile, Scale(3, kLowIsBest));
  EXPECT_THAT(scored.scores, ElementsAre(1, 2, 2, 1, 3, 3, 1));
  EXPECT_EQ(scored.report.tied_customers, 4);
}

TEST(ScoreDimensionTest, NtileWithMoreBinsThanRowsLeavesTheLastEmpty) {
  const auto rising = Score({30, 10, 20}, ScoreMethod::kNtile, Scale(5));
  EXPECT_THAT(rising.scores, ElementsAre(3, 1, 2));
  EXPECT_THAT(rising.report.counts, ElementsAre(1, 1, 1, 0, 0));
  EXPECT_EQ(rising.report.empty_bins, 2);
  const auto falling = Score({30, 10, 20}, ScoreMethod::kNtile, Scale(5, kLowIsBest));
  EXPECT_THAT(falling.scores, ElementsAre(1, 3, 2));
  EXPECT_THAT(falling.report.cuts, ElementsAre(-kInfinity, -kInfinity, 10, 20));
}

TEST(ScoreDimensionTest, MidrankScoresTheAverageRank) {
  // Average ranks 2.5 (four times), 5, 6, 7 of 7: ceil(4 r / 7) = 2, 3, 4, 4.
  const std::vector<int64_t> values = {1, 1, 1, 1, 2, 3, 9};
  const auto scored = Score(values, ScoreMethod::kMidrank, Scale(4));
  EXPECT_THAT(scored.scores, ElementsAre(2, 2, 2, 2, 3, 4, 4));
  EXPECT_THAT(scored.report.cuts, ElementsAre(-kInfinity, 1, 2));
  EXPECT_EQ(scored.report.empty_bins, 1);
}

TEST(ScoreDimensionTest, PercentRankCountsTheRanksBelow) {
  // (rank - 1) / 6 = 0 (four times), 4/6, 5/6, 1 against 1/4, 1/2, 3/4.
  const std::vector<int64_t> values = {1, 1, 1, 1, 2, 3, 9};
  EXPECT_THAT(Score(values, ScoreMethod::kPercentRank, Scale(4)).scores,
              ElementsAre(1, 1, 1, 1, 3, 4, 4));
  // From the highest: 0 for 9, 1/6 for 3, 2/6 for 2, 3/6 for the four.
  EXPECT_THAT(Score(values, ScoreMethod::kPercentRank, Scale(4, kLowIsBest)).scores,
              ElementsAre(2, 2, 2, 2, 2, 1, 1));
}

TEST(ScoreDimensionTest, FixedCutsCloseOnTheStatedSide) {
  const std::vector<int64_t> values = {1, 2, 3, 4};
  EXPECT_THAT(Score(values, ScoreMethod::kFixed, Cuts({2, 3}, ClosedSide::kRight)).scores,
              ElementsAre(1, 1, 2, 3));
  EXPECT_THAT(Score(values, ScoreMethod::kFixed, Cuts({2, 3}, ClosedSide::kLeft)).scores,
              ElementsAre(1, 2, 3, 3));
  EXPECT_THAT(Score(values, ScoreMethod::kFixed, Cuts({2.5, 2.5}, ClosedSide::kLeft)).scores,
              ElementsAre(1, 1, 3, 3));
  const std::vector<double> doubles = {1, 2, 3, 4};
  EXPECT_THAT(Score(doubles, ScoreMethod::kFixed, Cuts({2, 3}, ClosedSide::kRight)).scores,
              ElementsAre(1, 1, 2, 3));
  EXPECT_THAT(Score(doubles, ScoreMethod::kFixed, Cuts({2, 3}, ClosedSide::kLeft)).scores,
              ElementsAre(1, 2, 3, 3));
}

TEST(ScoreDimensionTest, DecimalCutIsTheUnitItStandsFor) {
  // In doubles 1.15 * 100 is 114.99999999999999.
  const auto scored =
      Score({114, 115, 116}, ScoreMethod::kFixed, Cuts({1.15}, ClosedSide::kRight, 100));
  EXPECT_THAT(scored.scores, ElementsAre(1, 1, 2));
  EXPECT_EQ(scored.report.tied_customers, 1);
  EXPECT_THAT(scored.report.cuts, ElementsAre(1.15));
}

TEST(ScoreDimensionTest, CutsOutsideTheRangeOfTheTypeAreAllOrNothing) {
  constexpr int64_t kLowest = std::numeric_limits<int64_t>::min();
  constexpr int64_t kHighest = std::numeric_limits<int64_t>::max();
  const std::vector<int64_t> values = {kLowest, 0, kHighest};
  for (const ClosedSide closed : {ClosedSide::kRight, ClosedSide::kLeft}) {
    EXPECT_THAT(Score(values, ScoreMethod::kFixed, Cuts({-kInfinity, -1e30}, closed)).scores,
                Each(3));
    EXPECT_THAT(Score(values, ScoreMethod::kFixed, Cuts({1e30, kInfinity}, closed)).scores,
                Each(1));
  }
  const std::vector<int32_t> days = {std::numeric_limits<int32_t>::min(), 5,
                                     std::numeric_limits<int32_t>::max()};
  EXPECT_THAT(Score(days, ScoreMethod::kFixed, Cuts({-3e9, 3e9}, ClosedSide::kLeft)).scores,
              Each(2));
  EXPECT_THAT(
      Score(days, ScoreMethod::kFixed, Cuts({-0x1p31, 0x1p31 - 1}, ClosedSide::kLeft)).scores,
      ElementsAre(2, 2, 3));
  const std::vector<double> doubles = {-1e308, 0, 1e308};
  EXPECT_THAT(
      Score(doubles, ScoreMethod::kFixed, Cuts({-kInfinity, kInfinity}, ClosedSide::kLeft)).scores,
      Each(2));
}

TEST(ScoreDimensionTest, RpkgAtTheEndOfTheRangeDoesNotOverflow) {
  constexpr int64_t kHighest = std::numeric_limits<int64_t>::max();
  const auto scored = Score({0, kHighest, kHighest}, ScoreMethod::kRpkg, Scale(2));
  EXPECT_THAT(scored.report.counts, ElementsAre(1, 2));  // The cut stops at the largest value.
}

TEST(ScoreDimensionTest, NoCustomersHaveNoScores) {
  for (int method = 0; method <= 6; ++method) {
    const auto scored = Score({}, static_cast<ScoreMethod>(method), Scale(3));
    EXPECT_THAT(scored.scores, IsEmpty()) << method;
    EXPECT_THAT(scored.report.counts, ElementsAre(0, 0, 0)) << method;
    EXPECT_THAT(scored.report.cuts, IsEmpty()) << method;
    EXPECT_EQ(scored.report.empty_bins, 3) << method;
  }
  const auto fixed = Score({}, ScoreMethod::kFixed, Cuts({1, 2}, ClosedSide::kRight));
  EXPECT_THAT(fixed.report.cuts, ElementsAre(1, 2));
  EXPECT_EQ(fixed.report.empty_bins, 3);
}

TEST(ScoreDimensionTest, OneCustomerOrEqualValuesShareOneScore) {
  struct Case {
    ScoreMethod method;
    int high_is_best;
    int low_is_best;
    int single_high;  // Of one customer alone.
    int single_low;
  };
  for (const Case &c :
       {Case{ScoreMethod::kThresholdRight, 1, 5, 1, 5}, Case{ScoreMethod::kQcutDrop, 1, 1, 1, 1},
        Case{ScoreMethod::kRpkg, 1, 5, 1, 5}, Case{ScoreMethod::kPercentRank, 1, 1, 1, 1},
        Case{ScoreMethod::kMidrank, 3, 3, 5, 5}}) {
    const std::vector<int64_t> equal = {7, 7, 7, 7, 7};
    EXPECT_THAT(Score(equal, c.method, Scale(5)).scores, Each(c.high_is_best));
    EXPECT_THAT(Score(equal, c.method, Scale(5, kLowIsBest)).scores, Each(c.low_is_best));
    EXPECT_THAT(Score({7}, c.method, Scale(5)).scores, ElementsAre(c.single_high));
    EXPECT_THAT(Score({7}, c.method, Scale(5, kLowIsBest)).scores, ElementsAre(c.single_low));
  }
  EXPECT_THAT(Score({7, 7, 7, 7, 7}, ScoreMethod::kNtile, Scale(5)).scores,
              ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(Score({7}, ScoreMethod::kNtile, Scale(5, kLowIsBest)).scores, ElementsAre(1));
}

TEST(ScoreDimensionTest, HundredBinsOfHundredValuesAreTheValues) {
  std::vector<int64_t> values;
  for (int i = 100; i >= 1; --i) values.push_back(i);
  for (const ScoreMethod method : {ScoreMethod::kThresholdRight, ScoreMethod::kNtile,
                                   ScoreMethod::kMidrank, ScoreMethod::kPercentRank}) {
    const auto scored = Score(values, method, Scale(100));
    for (size_t i = 0; i < values.size(); ++i) {
      EXPECT_EQ(scored.scores[i], values[i]) << ScoreMethodName(method);
    }
  }
}

TEST(ScoreDimensionTest, OptionsOutOfRangeAreNamed) {
  const auto method = ScoreMethod::kThresholdRight;
  EXPECT_EQ(ErrorOf(method, Scale(1)), "value bins: 1; expected 2 to 100");
  EXPECT_EQ(ErrorOf(method, Scale(101)), "value bins: 101; expected 2 to 100");
  ScoreScale scale;
  scale.unit = 0;
  EXPECT_EQ(ErrorOf(method, scale), "value unit: 0; expected at least 1");
  scale = {};
  scale.weight = -1;
  EXPECT_EQ(ErrorOf(method, scale), "value weight: -1; expected a finite number, at least 0");
  scale.weight = std::nan("");
  EXPECT_EQ(ErrorOf(method, scale), "value weight: nan; expected a finite number, at least 0");
  scale = {};
  scale.cuts = {1};
  EXPECT_EQ(ErrorOf(method, scale),
            "value cuts: 1 given; expected none unless the method is fixed");
  scale = {};
  scale.direction = static_cast<ScoreDirection>(2);
  EXPECT_EQ(ErrorOf(method, scale),
            "value direction: 2; expected 0 (high is best) or 1 (low is best)");
  EXPECT_EQ(ErrorOf(static_cast<ScoreMethod>(8), Scale(5)),
            "method: 8; expected a scoring method, 0 to 7");
}

TEST(ScoreDimensionTest, FixedCutsThatAreNoCutsAreNamed) {
  const auto error = [](std::vector<double> cuts) {
    return ErrorOf(ScoreMethod::kFixed, Cuts(std::move(cuts), ClosedSide::kRight));
  };
  EXPECT_EQ(error({}), "value cuts: 0 given; expected 1 to 99");
  EXPECT_EQ(error(std::vector<double>(100, 1.0)), "value cuts: 100 given; expected 1 to 99");
  EXPECT_EQ(error({1, 5, 3}), "value cuts[2]: 3; expected at least 5");
  EXPECT_EQ(error({std::nan("")}), "value cuts[0]: nan; expected a number");
  ScoreScale scale = Cuts({1}, static_cast<ClosedSide>(7));
  EXPECT_EQ(ErrorOf(ScoreMethod::kFixed, scale), "value closed: 7; expected 0 (right) or 1 (left)");
}

TEST(ScoreDimensionTest, NamesTheFirstValueThatIsNotFinite) {
  const std::vector<double> values = {1, std::nan(""), -kInfinity};
  const auto scored =
      ScoreDimension("monetary", std::span<const double>(values), ScoreMethod::kNtile, Scale(5));
  EXPECT_EQ(scored.status().message(),
            "monetary: row 1 is nan; expected a finite number (2 rows in all)");
}

TEST(ScoreCutsTest, ScoresOneCustomerAsTheColumnDoes) {
  const std::vector<int64_t> values = {3, 3, 10, 41, 7, 12, 12, 12, 100, 2, 5};
  std::vector<int64_t> sorted = values;
  std::ranges::sort(sorted);
  for (const ScoreMethod method :
       {ScoreMethod::kThresholdRight, ScoreMethod::kQcutDrop, ScoreMethod::kRpkg,
        ScoreMethod::kMidrank, ScoreMethod::kPercentRank}) {
    for (const ScoreDirection direction : {ScoreDirection::kHighIsBest, kLowIsBest}) {
      const auto cuts = ScoreCutsFrom<int64_t>("value", method, Scale(4, direction), sorted.size(),
                                               [&](size_t k) { return sorted[k]; });
      ASSERT_TRUE(cuts.ok()) << cuts.status();
      const auto column = Score(values, method, Scale(4, direction));
      EXPECT_EQ(cuts->cuts(), column.report.cuts);
      for (size_t i = 0; i < values.size(); ++i) {
        EXPECT_EQ(cuts->Score(values[i]), column.scores[i]) << ScoreMethodName(method) << " " << i;
      }
    }
  }
}

TEST(ScoreCutsTest, MethodsThatSplitTiesHaveNoCutsToScoreBy) {
  const std::vector<int64_t> sorted = {1, 2};
  for (const ScoreMethod method : {ScoreMethod::kNtile, ScoreMethod::kNested}) {
    const auto cuts = ScoreCutsFrom<int64_t>("value", method, Scale(2), sorted.size(),
                                             [&](size_t k) { return sorted[k]; });
    EXPECT_EQ(cuts.status().code(), absl::StatusCode::kInvalidArgument);
  }
}

const std::vector<int32_t> kRecency = {10, 200, 30, 400};
const std::vector<int64_t> kFrequency = {4, 1, 3, 1};
const std::vector<int64_t> kMonetary = {400, 50, 10, 60};

absl::StatusOr<RfmScores> ScoreFour(const RfmScoreOptions &options,
                                    const Execution &execution = {}) {
  return ScoreRfm(std::span<const int32_t>(kRecency), std::span<const int64_t>(kFrequency),
                  std::span<const int64_t>(kMonetary), options, execution);
}

TEST(ScoreRfmTest, CombinesThreeScores) {
  RfmScoreOptions options;
  options.recency.bins = options.frequency.bins = options.monetary.bins = 2;
  // Medians 115, 2, 55.
  const auto scores = ScoreFour(options);
  ASSERT_TRUE(scores.ok()) << scores.status();
  EXPECT_THAT(scores->rfm, ElementsAre(222, 111, 221, 112));
  EXPECT_EQ(scores->code_base, 10);
  EXPECT_THAT(scores->weighted, IsEmpty());
}

TEST(ScoreRfmTest, WeightsTheScores) {
  RfmScoreOptions options;
  options.recency.bins = options.frequency.bins = options.monetary.bins = 2;
  options.recency.weight = 0.5;
  options.frequency.weight = 0.25;
  options.monetary.weight = 1;
  options.weighted = true;
  const auto scores = ScoreFour(options);
  ASSERT_TRUE(scores.ok()) << scores.status();
  EXPECT_THAT(scores->weighted, ElementsAre(3.5, 1.75, 2.5, 2.75));
}

TEST(ScoreRfmTest, MoreThanNineBinsWidenTheCode) {
  EXPECT_EQ(ScoreCodeBase(9), 10);
  EXPECT_EQ(ScoreCodeBase(10), 100);
  EXPECT_EQ(ScoreCodeBase(99), 100);
  EXPECT_EQ(ScoreCodeBase(100), 1000);
  RfmScoreOptions options;
  options.method = ScoreMethod::kMidrank;
  options.recency.bins = 100;
  options.frequency.bins = options.monetary.bins = 2;
  const auto scores = ScoreFour(options);
  ASSERT_TRUE(scores.ok()) << scores.status();
  // Ranks of recency from the worst: 4, 2, 3, 1 of 4.
  EXPECT_THAT(scores->rfm, ElementsAre(100002002, 50001001, 75002001, 25001002));
}

TEST(ScoreRfmTest, NestedRanksInsideTheCellsBefore) {
  // Recency 2, 1, 2, 1: cells {0, 2} and {1, 3}. Frequency inside: 4 over 3; 1 and 1 by row.
  // Each (R, F) cell then holds one customer, whose monetary score is 1.
  RfmScoreOptions options;
  options.method = ScoreMethod::kNested;
  options.recency.bins = options.frequency.bins = options.monetary.bins = 2;
  const auto scores = ScoreFour(options);
  ASSERT_TRUE(scores.ok()) << scores.status();
  EXPECT_THAT(scores->rfm, ElementsAre(221, 111, 211, 121));
  EXPECT_EQ(scores->frequency.report.tied_customers, 2);
  EXPECT_THAT(scores->monetary.report.counts, ElementsAre(4, 0));
  EXPECT_EQ(scores->monetary.report.empty_bins, 1);
  EXPECT_THAT(scores->frequency.report.cuts, IsEmpty());
}

TEST(ScoreRfmTest, ColumnsOfDifferentLengthAreRefused) {
  const std::vector<int64_t> short_column = {1, 2};
  const auto scores =
      ScoreRfm(std::span<const int32_t>(kRecency), std::span<const int64_t>(short_column),
               std::span<const int64_t>(kMonetary), RfmScoreOptions());
  EXPECT_EQ(scores.status().message(), "frequency: 2 rows; expected 4, as many as recency has");
}

TEST(ScoreRfmTest, NamesTheDimensionOfABadOption) {
  RfmScoreOptions options;
  options.monetary.bins = 1000;
  EXPECT_EQ(ScoreFour(options).status().message(), "monetary bins: 1000; expected 2 to 100");
}

TEST(ScoreRfmTest, NoCustomersAreNoError) {
  for (int method = 0; method <= 6; ++method) {
    RfmScoreOptions options;
    options.method = static_cast<ScoreMethod>(method);
    const auto scores = ScoreRfm(std::span<const int32_t>(), std::span<const int64_t>(),
                                 std::span<const double>(), options);
    ASSERT_TRUE(scores.ok()) << scores.status();
    EXPECT_THAT(scores->rfm, IsEmpty());
    EXPECT_EQ(scores->monetary.report.empty_bins, 5);
  }
}

TEST(ScoreRfmTest, StopsWhenTheHostSaysSo) {
  Execution execution;
  execution.progress = [](void *, uint64_t done, uint64_t total) { return done * 3 <= total; };
  for (const ScoreMethod method : {ScoreMethod::kThresholdRight, ScoreMethod::kNested}) {
    RfmScoreOptions options;
    options.method = method;
    EXPECT_EQ(ScoreFour(options, execution).status().code(), absl::StatusCode::kCancelled);
  }
}

}  // namespace
}  // namespace patron::value
