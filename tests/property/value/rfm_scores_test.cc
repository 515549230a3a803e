// RFM scores against the definition of each mode, written down as plainly as it can be.
#include "patron/value/rfm_scores.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "rapidcheck.h"
#include "rapidcheck/gtest.h"

namespace patron::value {
namespace {

constexpr ScoreMethod kTieKeeping[] = {ScoreMethod::kThresholdRight, ScoreMethod::kQcutDrop,
                                       ScoreMethod::kRpkg, ScoreMethod::kMidrank,
                                       ScoreMethod::kPercentRank};

// Runs the tasks of a call on four threads, last task first.
class FourThreads : public Executor {
 public:
  void Run(size_t count, absl::FunctionRef<void(size_t)> task) override {
    std::vector<std::thread> threads;
    for (size_t t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (size_t i = count; i-- > 0;) {
          if (i % 4 == t) task(i);
        }
      });
    }
    for (std::thread &thread : threads) thread.join();
  }
  size_t workers() const override { return 4; }
};

DimensionScores Score(const std::vector<int64_t> &values, ScoreMethod method,
                      const ScoreScale &scale, const Execution &execution = {}) {
  return *ScoreDimension("value", std::span<const int64_t>(values), method, scale, execution);
}

// Rows from the worst value to the best, equal values by row.
std::vector<size_t> WorstFirst(const std::vector<int64_t> &values, bool low_is_best) {
  std::vector<size_t> rows(values.size());
  std::iota(rows.begin(), rows.end(), size_t{0});
  std::ranges::stable_sort(rows, [&](size_t a, size_t b) {
    return low_is_best ? values[a] > values[b] : values[a] < values[b];
  });
  return rows;
}

// The definition of each mode, in whole numbers.
std::vector<int> ByDefinition(const std::vector<int64_t> &values, ScoreMethod method,
                              const ScoreScale &scale) {
  const auto n = static_cast<int64_t>(values.size());
  const int64_t k = scale.bins;
  const bool low_is_best = scale.direction == ScoreDirection::kLowIsBest;
  std::vector<int64_t> sorted = values;
  std::ranges::sort(sorted);
  // k times the type-7 quantile j/k.
  const auto scaled_quantile = [&](int64_t j) {
    const int64_t whole = (n - 1) * j / k, rest = (n - 1) * j % k;
    const int64_t low = sorted[static_cast<size_t>(whole)];
    const int64_t high = sorted[static_cast<size_t>(std::min(whole + 1, n - 1))];
    return k * low + rest * (high - low);
  };
  std::vector<int64_t> edges;
  for (int64_t j = 0; j <= k; ++j) edges.push_back(scaled_quantile(j));
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());

  std::vector<int> scores(values.size());
  for (size_t row = 0; row < values.size(); ++row) {
    const int64_t x = values[row];
    int64_t equal = 0, worse = 0;
    for (const int64_t other : values) {
      equal += other == x;
      worse += low_is_best ? other > x : other < x;
    }
    int64_t bin = 0;  // From below.
    int64_t score = 0;
    switch (method) {
      case ScoreMethod::kThresholdRight:
        for (int64_t j = 1; j < k; ++j) bin += scaled_quantile(j) < k * x;
        score = low_is_best ? k - bin : bin + 1;
        break;
      case ScoreMethod::kRpkg:
        for (int64_t j = 1; j < k; ++j) bin += scaled_quantile(j) + k * scale.unit <= k * x;
        score = low_is_best ? k - bin : bin + 1;
        break;
      case ScoreMethod::kQcutDrop: {
        // Bins (edge, next edge] between unequal edges; the lowest edge belongs to the first.
        const auto labels = std::max<int64_t>(static_cast<int64_t>(edges.size()) - 1, 1);
        for (size_t e = 1; e + 1 < edges.size(); ++e) bin += edges[e] < k * x;
        score = low_is_best ? labels - bin : bin + 1;
        break;
      }
      case ScoreMethod::kMidrank: {
        const int64_t doubled_rank = 2 * worse + equal + 1;
        score = (k * doubled_rank + 2 * n - 1) / (2 * n);
        break;
      }
      case ScoreMethod::kPercentRank:
        score = 1;
        for (int64_t j = 1; j < k; ++j) score += k * worse > j * (n - 1);
        break;
      default: break;
    }
    scores[row] = static_cast<int>(score);
  }
  if (method == ScoreMethod::kNtile) {
    // Deal the sorted rows out: n / k to each bin, one more to the first n % k.
    const std::vector<size_t> rows = WorstFirst(values, low_is_best);
    size_t next = 0;
    for (int64_t bin = 0; bin < k; ++bin) {
      for (int64_t i = 0; i < n / k + (bin < n % k ? 1 : 0); ++i) {
        scores[rows[next++]] = static_cast<int>(bin) + 1;
      }
    }
  }
  return scores;
}

// Mostly values with many ties, sometimes values far apart.
rc::Gen<std::vector<int64_t>> Values() {
  return rc::gen::nonEmpty(
      rc::gen::oneOf(rc::gen::container<std::vector<int64_t>>(rc::gen::inRange<int64_t>(-3, 6)),
                     rc::gen::container<std::vector<int64_t>>(rc::gen::inRange<int64_t>(0, 1000)),
                     rc::gen::container<std::vector<int64_t>>(
                         rc::gen::inRange<int64_t>(-1000000000000, 1000000000000))));
}

ScoreScale AnyScale() {
  ScoreScale scale;
  scale.bins = *rc::gen::oneOf(rc::gen::inRange(2, 8), rc::gen::inRange(2, 101));
  scale.direction = *rc::gen::element(ScoreDirection::kHighIsBest, ScoreDirection::kLowIsBest);
  scale.unit = *rc::gen::element<int64_t>(1, 100);
  return scale;
}

RC_GTEST_PROP(ScorePropertyTest, EveryModeFollowsItsDefinition, ()) {
  const std::vector<int64_t> values = *Values();
  const ScoreScale scale = AnyScale();
  for (int m = 0; m <= static_cast<int>(ScoreMethod::kPercentRank); ++m) {
    const auto method = static_cast<ScoreMethod>(m);
    const DimensionScores scored = Score(values, method, scale);
    const std::vector<int> found(scored.scores.begin(), scored.scores.end());
    RC_LOG() << ScoreMethodName(method) << ", " << scale.bins << " bins\n";
    RC_ASSERT(found == ByDefinition(values, method, scale));
    for (size_t s = 0; s < scored.report.counts.size(); ++s) {
      RC_ASSERT(scored.report.counts[s] == std::ranges::count(found, static_cast<int>(s) + 1));
    }
    RC_ASSERT(scored.report.cuts.size() + 1 == scored.report.counts.size());
    RC_ASSERT(std::ranges::is_sorted(scored.report.cuts));
  }
}

RC_GTEST_PROP(ScorePropertyTest, DoublesScoreAsTheirIntegers, ()) {
  const std::vector<int64_t> values = *Values();
  ScoreScale scale = AnyScale();
  // Powers of two: no quantile of these values is rounded, so no tie is broken by rounding.
  scale.bins = *rc::gen::element(2, 4, 8);
  const std::vector<double> doubles(values.begin(), values.end());
  for (int m = 0; m <= static_cast<int>(ScoreMethod::kPercentRank); ++m) {
    const auto method = static_cast<ScoreMethod>(m);
    const auto scored = ScoreDimension("value", std::span<const double>(doubles), method, scale);
    RC_ASSERT(scored->scores == Score(values, method, scale).scores);
  }
}

RC_GTEST_PROP(ScorePropertyTest, BetterValuesNeverScoreLower, ()) {
  const std::vector<int64_t> values = *Values();
  const ScoreScale scale = AnyScale();
  const std::vector<size_t> rows =
      WorstFirst(values, scale.direction == ScoreDirection::kLowIsBest);
  for (int m = 0; m <= static_cast<int>(ScoreMethod::kPercentRank); ++m) {
    const DimensionScores scored = Score(values, static_cast<ScoreMethod>(m), scale);
    for (size_t i = 1; i < rows.size(); ++i) {
      RC_ASSERT(scored.scores[rows[i - 1]] <= scored.scores[rows[i]]);
    }
  }
}

RC_GTEST_PROP(ScorePropertyTest, RowOrderDoesNotMatterWhereTiesAreKept, ()) {
  const std::vector<int64_t> values = *Values();
  const ScoreScale scale = AnyScale();
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  // A permutation drawn by the test's own seed.
  for (size_t i = order.size(); i > 1; --i) {
    std::swap(order[i - 1], order[*rc::gen::inRange<size_t>(0, i)]);
  }
  std::vector<int64_t> shuffled;
  for (const size_t row : order) shuffled.push_back(values[row]);
  for (const ScoreMethod method : kTieKeeping) {
    const DimensionScores original = Score(values, method, scale);
    const DimensionScores moved = Score(shuffled, method, scale);
    for (size_t i = 0; i < order.size(); ++i) {
      RC_ASSERT(moved.scores[i] == original.scores[order[i]]);
    }
    RC_ASSERT(moved.report.cuts == original.report.cuts);
    RC_ASSERT(moved.report.tied_customers == original.report.tied_customers);
  }
}

RC_GTEST_PROP(ScorePropertyTest, TieReportCountsWhatItSays, ()) {
  const std::vector<int64_t> values = *Values();
  ScoreScale scale = AnyScale();
  scale.unit = 1;
  const DimensionScores ntile = Score(values, ScoreMethod::kNtile, scale);
  int64_t split = 0;
  for (const int64_t x : values) {
    int low = kMaxScoreBins, high = 0;
    for (size_t i = 0; i < values.size(); ++i) {
      if (values[i] != x) continue;
      low = std::min<int>(low, ntile.scores[i]);
      high = std::max<int>(high, ntile.scores[i]);
    }
    split += low < high;
  }
  RC_ASSERT(ntile.report.tied_customers == split);

  for (const ScoreMethod method : kTieKeeping) {
    const DimensionScores scored = Score(values, method, scale);
    const auto at_cut = std::ranges::count_if(values, [&](int64_t x) {
      return std::ranges::find(scored.report.cuts, static_cast<double>(x)) !=
             scored.report.cuts.end();
    });
    RC_ASSERT(scored.report.tied_customers == at_cut);
  }
}

RC_GTEST_PROP(ScorePropertyTest, FixedCutsCountTheCutsBelow, ()) {
  const std::vector<int64_t> values =
      *rc::gen::container<std::vector<int64_t>>(rc::gen::inRange<int64_t>(-20, 20));
  auto halves = *rc::gen::suchThat(
      rc::gen::container<std::vector<int>>(rc::gen::inRange(-50, 50)),
      [](const std::vector<int> &cuts) { return !cuts.empty() && cuts.size() <= 99; });
  std::ranges::sort(halves);
  ScoreScale scale = AnyScale();
  scale.unit = 1;
  for (const int half : halves) scale.cuts.push_back(half / 2.0);
  for (const ClosedSide closed : {ClosedSide::kRight, ClosedSide::kLeft}) {
    scale.closed = closed;
    const DimensionScores scored = Score(values, ScoreMethod::kFixed, scale);
    const auto cuts = FixedScoreCuts<int64_t>("value", scale);
    for (size_t i = 0; i < values.size(); ++i) {
      const auto below = static_cast<int>(std::ranges::count_if(halves, [&](int half) {
        return closed == ClosedSide::kRight ? half < 2 * values[i] : half <= 2 * values[i];
      }));
      const int labels = static_cast<int>(halves.size()) + 1;
      const int expected =
          scale.direction == ScoreDirection::kLowIsBest ? labels - below : below + 1;
      RC_ASSERT(scored.scores[i] == expected);
      RC_ASSERT(cuts->Score(values[i]) == expected);
    }
  }
}

RC_GTEST_PROP(ScorePropertyTest, NestedIsNtileInsideEachCell, ()) {
  const auto n = *rc::gen::inRange<size_t>(0, 200);
  const auto column = [&](int64_t high) {
    return *rc::gen::container<std::vector<int64_t>>(n, rc::gen::inRange<int64_t>(0, high));
  };
  const std::vector<int64_t> recency = column(50), frequency = column(5), monetary = column(1000);
  RfmScoreOptions options;
  options.method = ScoreMethod::kNested;
  options.recency.bins = *rc::gen::inRange(2, 6);
  options.frequency.bins = *rc::gen::inRange(2, 6);
  options.monetary.bins = *rc::gen::inRange(2, 6);
  const auto scores =
      ScoreRfm(std::span<const int64_t>(recency), std::span<const int64_t>(frequency),
               std::span<const int64_t>(monetary), options);
  RC_ASSERT(scores.ok());
  const auto inside = [&](const std::vector<int64_t> &values, const ScoreScale &scale,
                          auto same_cell, const std::vector<uint8_t> &found) {
    for (size_t i = 0; i < n; ++i) {
      std::vector<int64_t> cell;
      size_t place = 0;
      for (size_t other = 0; other < n; ++other) {
        if (!same_cell(i, other)) continue;
        if (other == i) place = cell.size();
        cell.push_back(values[other]);
      }
      RC_ASSERT(found[i] == ByDefinition(cell, ScoreMethod::kNtile, scale)[place]);
    }
  };
  const auto &r = scores->recency.scores;
  const auto &f = scores->frequency.scores;
  inside(
      recency, options.recency, [](size_t, size_t) { return true; }, r);
  inside(
      frequency, options.frequency, [&](size_t a, size_t b) { return r[a] == r[b]; }, f);
  inside(
      monetary, options.monetary, [&](size_t a, size_t b) { return r[a] == r[b] && f[a] == f[b]; },
      scores->monetary.scores);
}

// Splitting a column between threads starts at 65,536 rows; this one has four such parts.
TEST(ScoreThreadsTest, ThreadsDoNotChangeAnyBit) {
  constexpr size_t kRows = 250000;
  std::vector<int64_t> recency, frequency, monetary;
  std::vector<double> dollars;
  uint64_t state = 1;
  for (size_t i = 0; i < kRows; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    recency.push_back(static_cast<int64_t>(state >> 33) % 730);
    frequency.push_back(1 + static_cast<int64_t>(state >> 40) % 7);
    monetary.push_back(static_cast<int64_t>(state >> 20) % 90000000);
    dollars.push_back(static_cast<double>(monetary.back()) / 10000.0);
  }
  FourThreads executor;
  const Execution threaded{.executor = &executor};
  for (int m = 0; m <= static_cast<int>(ScoreMethod::kNested); ++m) {
    RfmScoreOptions options;
    options.method = static_cast<ScoreMethod>(m);
    options.weighted = true;
    const auto one =
        ScoreRfm(std::span<const int64_t>(recency), std::span<const int64_t>(frequency),
                 std::span<const double>(dollars), options);
    const auto four =
        ScoreRfm(std::span<const int64_t>(recency), std::span<const int64_t>(frequency),
                 std::span<const double>(dollars), options, threaded);
    ASSERT_TRUE(one.ok() && four.ok());
    EXPECT_EQ(one->rfm, four->rfm) << m;
    EXPECT_EQ(one->weighted, four->weighted) << m;
    EXPECT_EQ(one->monetary.report.cuts, four->monetary.report.cuts) << m;
    EXPECT_EQ(one->frequency.report.counts, four->frequency.report.counts) << m;
    EXPECT_EQ(one->frequency.report.tied_customers, four->frequency.report.tied_customers) << m;
  }
  // Ties by row across the parts of the column, against the definition.
  ScoreScale scale;
  scale.direction = ScoreDirection::kLowIsBest;
  const DimensionScores split = Score(frequency, ScoreMethod::kNtile, scale, threaded);
  const std::vector<size_t> rows = WorstFirst(frequency, true);
  for (size_t i = 0; i < kRows; ++i) {
    ASSERT_EQ(split.scores[rows[i]], 1 + i / (kRows / 5)) << i;
  }
}

}  // namespace
}  // namespace patron::value
