// Who was at risk when, against counting row by row.
#include "patron/loyalty/risk_table.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <set>
#include <vector>

#include "gtest/gtest.h"

namespace patron::loyalty {
namespace {

struct Rows {
  std::vector<double> duration;
  std::vector<uint8_t> event;
  std::vector<uint32_t> group;
  size_t groups;

  Observed observed() const { return {.duration = duration, .event = event}; }
};

Rows Draw(uint64_t seed, size_t n, size_t groups, double unit, int longest) {
  std::mt19937_64 engine(seed);
  Rows rows{.duration = {}, .event = {}, .group = {}, .groups = groups};
  for (size_t i = 0; i < n; ++i) {
    rows.duration.push_back(unit * static_cast<double>(engine() % static_cast<uint64_t>(longest)));
    rows.event.push_back(static_cast<uint8_t>(engine() & 1));
    rows.group.push_back(static_cast<uint32_t>(engine() % groups));
  }
  return rows;
}

// Counts each distinct duration of each group by going through all rows.
void ExpectCounted(const Rows &rows, bool grouped) {
  const Groups groups = grouped ? Groups{.codes = rows.group, .count = rows.groups} : Groups{};
  const std::vector<RiskTable> tables = TabulateRisks(rows.observed(), groups, {});
  ASSERT_EQ(tables.size(), groups.count);
  for (size_t g = 0; g < tables.size(); ++g) {
    const auto in_group = [&](size_t i) { return !grouped || rows.group[i] == g; };
    std::set<double> times;
    for (size_t i = 0; i < rows.duration.size(); ++i) {
      if (in_group(i)) times.insert(rows.duration[i]);
    }
    ASSERT_EQ(tables[g].times, std::vector<double>(times.begin(), times.end()));
    for (size_t k = 0; k < tables[g].size(); ++k) {
      int64_t at_risk = 0, events = 0, censored = 0;
      for (size_t i = 0; i < rows.duration.size(); ++i) {
        if (!in_group(i)) continue;
        if (rows.duration[i] >= tables[g].times[k]) ++at_risk;
        if (rows.duration[i] != tables[g].times[k]) continue;
        ++(rows.event[i] != 0 ? events : censored);
      }
      EXPECT_EQ(tables[g].rows_at_risk[k], at_risk);
      EXPECT_EQ(tables[g].event_rows[k], events);
      EXPECT_EQ(tables[g].censored_rows[k], censored);
      EXPECT_EQ(tables[g].at_risk[k], static_cast<double>(at_risk));
      EXPECT_EQ(tables[g].events[k], static_cast<double>(events));
    }
  }
}

TEST(RiskTableTest, WholeDurations) {
  ExpectCounted(Draw(1, 3000, 3, 1, 40), false);
  ExpectCounted(Draw(2, 3000, 3, 1, 40), true);
}

TEST(RiskTableTest, FractionsAndLongDurations) {
  ExpectCounted(Draw(3, 3000, 2, 0.25, 40), true);
  ExpectCounted(Draw(4, 3000, 2, 1, 5000), true);
  ExpectCounted(Draw(5, 3000, 2, 1e12, 40), false);
  ExpectCounted(Draw(6, 5, 2, 1, 3), true);  // Too few rows to count by length.
}

TEST(RiskTableTest, OneFractionAmongWholeDurations) {
  Rows rows = Draw(7, 3000, 1, 1, 30);
  rows.duration[2999] = 7.5;
  ExpectCounted(rows, false);
  rows.duration[2999] = 375;  // The least that is not counted by length.
  ExpectCounted(rows, false);
}

// Of 800 rows lengths from 0 to 99 are counted.
TEST(RiskTableTest, OnlyFewWholeDurationsAreCounted) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double odd :
       {0.5, 99.5, -1.0, -0x1p53, 100.0, 0x1p28, 0x1p32 + 3, 0x1p52 + 3, 0x1p53 + 4, 1e300,
        infinity, -infinity, std::numeric_limits<double>::quiet_NaN()}) {
    std::vector<double> durations(64, 3);
    const std::vector<uint8_t> events(64, 1);
    durations[17] = odd;
    EXPECT_FALSE(DurationCounts(800, 1).Add(durations, events)) << odd;
    durations[17] = 99;
    EXPECT_TRUE(DurationCounts(800, 1).Add(durations, events));
  }
  EXPECT_FALSE(DurationCounts(800, 1).Add(std::vector<double>(2, 1), std::vector<uint8_t>{1, 2}));
}

TEST(RiskTableTest, NegativeZeroIsZero) {
  Rows rows = Draw(8, 100, 1, 1, 3);
  rows.duration[0] = -0.0;
  ExpectCounted(rows, false);
}

TEST(RiskTableTest, WeightsOfOneChangeNothing) {
  const Rows rows = Draw(9, 2000, 4, 1, 20);
  Observed weighted = rows.observed();
  const std::vector<double> ones(rows.duration.size(), 1.0);
  weighted.weight = ones;
  const Groups groups = {.codes = rows.group, .count = rows.groups};
  const std::vector<RiskTable> counted = TabulateRisks(rows.observed(), groups, {});
  const std::vector<RiskTable> sorted = TabulateRisks(weighted, groups, {});
  for (size_t g = 0; g < groups.count; ++g) {
    EXPECT_EQ(counted[g].times, sorted[g].times);
    EXPECT_EQ(counted[g].at_risk, sorted[g].at_risk);
    EXPECT_EQ(counted[g].events, sorted[g].events);
    EXPECT_EQ(counted[g].rows_at_risk, sorted[g].rows_at_risk);
  }
}

}  // namespace
}  // namespace patron::loyalty
