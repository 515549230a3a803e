// Counts of event logs: figures counted by hand, and merging of shards.
#include "patron/complaints/log_counts.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "patron/complaints/log_statistics.hpp"
#include "unit/complaints/calendars.hpp"

namespace patron::complaints {
namespace {

using ::testing::ElementsAre;

// Events as (case, activity, hour, resource); a resource below 0 is none.
struct Row {
  uint32_t c;
  std::string_view activity;
  int64_t hour;
  int resource = -1;
};

struct Columns {
  std::vector<uint32_t> cases, activities, resources;
  std::vector<int64_t> times;
  size_t case_count = 0;

  Columns(const std::vector<Row> &rows, LogCounts &counts, bool with_resources) {
    std::vector<std::string_view> names;
    for (const Row &row : rows) {
      cases.push_back(row.c);
      times.push_back(row.hour * kHour);
      names.push_back(row.activity);
      if (with_resources) {
        resources.push_back(row.resource < 0 ? kNoResource : static_cast<uint32_t>(row.resource));
      }
      case_count = std::max<size_t>(case_count, row.c + 1);
    }
    activities.resize(rows.size());
    EXPECT_TRUE(counts.names().Encode(std::span<const std::string_view>(names), activities).ok());
  }
  EventLog log(const LogCounts &counts) const {
    return {cases, activities, times, resources, case_count, counts.names().size()};
  }
};

CaseColumns AddTo(LogCounts &counts, const std::vector<Row> &rows, bool with_resources = false,
                  const WorkingTime *working = nullptr, EventOrder order = EventOrder::kTime) {
  const Columns columns(rows, counts, with_resources);
  const auto log = OrderedLog::Order(columns.log(counts), order);
  EXPECT_TRUE(log.ok()) << log.status();
  CaseColumns cases;
  EXPECT_TRUE(counts.Add(*log, working, &cases).ok());
  return cases;
}

// Everything that is counted, as text that does not depend on codes.
std::vector<std::string> Figures(const LogCounts &counts) {
  std::vector<std::string> lines = {absl::StrCat(
      counts.case_count(), " cases ", counts.event_count(), " events ", counts.handovers(),
      " handovers ", counts.returns(), " returns ", counts.cases_with_rework(), " rework")};
  const auto name = [&](uint32_t a) { return std::string(counts.names().text(a)); };
  for (const uint32_t a : ActivitiesInOrder(counts)) {
    const ActivityCounts &k = counts.activities()[a];
    lines.push_back(absl::StrCat(name(a), " ", k.events, " ", k.cases, " ", k.starts, " ", k.ends,
                                 " ", k.repeat_self_loops, " ", k.redo_self_loops, " ",
                                 k.repeat_repetitions, " ", k.redo_repetitions));
  }
  for (const uint32_t e : EdgesInOrder(counts)) {
    const LogEdge &edge = counts.edges()[e];
    const TimeSpread spread = SpreadOf(edge.times);
    lines.push_back(absl::StrCat(name(edge.source), ">", name(edge.target), " ", edge.times.size(),
                                 " ", spread.mean, " ", spread.median));
  }
  for (const uint32_t v : VariantsInOrder(counts)) {
    std::string steps;
    for (const uint32_t a : counts.variants().activities(v)) steps += name(a);
    lines.push_back(absl::StrCat(steps, " ", counts.variants().cases(v)));
  }
  const TimeSpread durations = SpreadOf(counts.durations());
  lines.push_back(absl::StrCat(durations.mean, " ", durations.p95));
  return lines;
}

TEST(LogTest, CountsEdgesVariantsAndRework) {
  LogCounts counts;
  // a>b>a (a return), a>a (a self-loop by another), c alone.
  AddTo(
      counts,
      {{0, "a", 0, 1}, {0, "b", 1, 1}, {0, "a", 3, 1}, {1, "a", 0, 1}, {1, "a", 4, 2}, {2, "c", 9}},
      true);
  EXPECT_THAT(
      Figures(counts),
      ElementsAre("3 cases 6 events 1 handovers 1 returns 2 rework", "a 4 2 2 2 0 1 1 0",
                  "b 1 1 0 0 0 0 0 0", "c 1 1 1 1 0 0 0 0", "a>a 1 14400 14400", "a>b 1 3600 3600",
                  "b>a 1 7200 7200", "aa 1", "aba 1", "c 1", "8400 14040"));
}

TEST(LogTest, EventsOutOfOrderAreBroughtIntoTheOrderOfTime) {
  LogCounts sorted, shuffled;
  const CaseColumns in_order =
      AddTo(sorted, {{0, "a", 0}, {0, "b", 1}, {0, "c", 2}, {1, "a", 0}, {1, "c", 5}});
  const CaseColumns as_given =
      AddTo(shuffled, {{1, "c", 5}, {0, "c", 2}, {0, "a", 0}, {1, "a", 0}, {0, "b", 1}});
  EXPECT_EQ(Figures(sorted), Figures(shuffled));
  EXPECT_EQ(in_order.first, as_given.first);
  EXPECT_EQ(in_order.events, as_given.events);
  // Of equal times the row that comes first is first.
  LogCounts ties;
  AddTo(ties, {{0, "z", 1}, {1, "x", 0}, {0, "y", 1}, {0, "x", 0}});
  EXPECT_THAT(Figures(ties), ::testing::Contains("xzy 1"));
  // By rows the times do not matter.
  LogCounts rows;
  AddTo(rows, {{0, "b", 5}, {0, "a", 1}}, false, nullptr, EventOrder::kRows);
  EXPECT_THAT(Figures(rows), ::testing::Contains("ba 1"));
}

TEST(LogTest, ActivitiesMayHaveAnyCode) {
  constexpr uint32_t kMost = std::numeric_limits<uint32_t>::max();
  const std::vector<uint32_t> cases = {2, 0, 1, 0, 2}, activities = {kMost, 7, 0, kMost - 1, 3};
  const std::vector<int64_t> times = {1, 2, 3, 4, 0};
  const auto log =
      OrderedLog::Order({cases, activities, times, {}, 3, size_t{kMost} + 1}, EventOrder::kTime);
  ASSERT_TRUE(log.ok()) << log.status();
  EXPECT_THAT(log->activities(), ElementsAre(7, kMost - 1, 0, 3, kMost));
  EXPECT_THAT(log->times(), ElementsAre(2, 4, 3, 0, 1));
}

// Enough events for several buckets of cases, in both orders, with resources and without.
TEST(LogTest, ManyMixedCasesComeInTheOrderOfAStableSort) {
  constexpr size_t kRows = 70'000;
  constexpr uint32_t kCases = 3'000;
  uint64_t random = 7;
  std::vector<uint32_t> cases, activities, resources;
  std::vector<int64_t> times;
  for (size_t i = 0; i < kRows; ++i) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    // Few instants, so that many are equal; some codes have no event.
    const auto c = static_cast<uint32_t>((random >> 33) % kCases);
    cases.push_back(c % 17 == 3 ? kCases - 1 : c);
    times.push_back(static_cast<int64_t>((random >> 20) % 50) * kHour);
    activities.push_back(static_cast<uint32_t>(i % 1'000));
    resources.push_back(i % 5 == 0 ? kNoResource : static_cast<uint32_t>(i));
  }
  for (const EventOrder order : {EventOrder::kTime, EventOrder::kRows}) {
    std::vector<size_t> rows(kRows);
    std::iota(rows.begin(), rows.end(), size_t{0});
    std::ranges::stable_sort(rows, [&](size_t a, size_t b) {
      if (cases[a] != cases[b]) return cases[a] < cases[b];
      return order == EventOrder::kTime && times[a] < times[b];
    });
    for (const bool with : {false, true}) {
      EventLog columns{cases, activities, times, {}, kCases, 1'000};
      if (with) columns.resources = resources;
      const auto log = OrderedLog::Order(columns, order);
      ASSERT_TRUE(log.ok()) << log.status();
      ASSERT_EQ(log->size(), kRows);
      for (uint32_t c = 0; c < kCases; ++c) {
        for (size_t i = log->begin(c); i < log->end(c); ++i) ASSERT_EQ(cases[rows[i]], c);
      }
      ASSERT_EQ(log->end(kCases - 1), kRows);
      ASSERT_EQ(log->resources().size(), with ? kRows : 0);
      for (size_t i = 0; i < kRows; ++i) {
        ASSERT_EQ(log->times()[i], times[rows[i]]) << i;
        ASSERT_EQ(log->activities()[i], activities[rows[i]]) << i;
        ASSERT_TRUE(!with || log->resources()[i] == resources[rows[i]]) << i;
      }
    }
  }
}

TEST(LogTest, ShardsMergeInAnyOrder) {
  std::vector<Row> all;
  const std::string_view names[] = {"a", "b", "c", "d"};
  for (uint32_t c = 0; c < 50; ++c) {
    for (int64_t i = 0; i < 1 + c % 7; ++i) {
      all.push_back({c, names[(c * 5 + static_cast<uint32_t>(i * i)) % 4], i * 3 + c % 2,
                     static_cast<int>(c + static_cast<uint32_t>(i)) % 3});
    }
  }
  LogCounts whole;
  AddTo(whole, all, true);
  std::vector<Row> parts[3];
  for (const Row &row : all) parts[row.c % 3].push_back(row);
  const auto shard = [&](int i) {
    LogCounts counts;
    AddTo(counts, parts[i], true);
    return counts;
  };
  LogCounts forth = shard(0), back = shard(2), middle = shard(1);
  ASSERT_TRUE(forth.Merge(middle).ok());
  ASSERT_TRUE(forth.Merge(shard(2)).ok());
  ASSERT_TRUE(middle.Merge(shard(0)).ok());
  ASSERT_TRUE(back.Merge(middle).ok());
  EXPECT_EQ(Figures(forth), Figures(whole));
  EXPECT_EQ(Figures(back), Figures(whole));
  LogCounts one_by_one;
  for (const std::vector<Row> &part : parts) AddTo(one_by_one, part, true);
  EXPECT_EQ(Figures(one_by_one), Figures(whole));
}

TEST(LogTest, ManyActivitiesLeaveTheTableOfEdges) {
  LogCounts counts;
  std::vector<std::string> names;
  for (int i = 0; i < 3000; ++i) names.push_back(absl::StrCat("n", 10'000 + i));
  std::vector<Row> rows;
  for (uint32_t i = 0; i < 10; ++i) rows.push_back({0, names[i], i});
  AddTo(counts, rows);
  rows.clear();
  for (uint32_t i = 0; i < 3000; ++i) rows.push_back({0, names[i], i});
  AddTo(counts, rows);
  EXPECT_EQ(counts.edges().size(), 2999u);
  EXPECT_EQ(counts.edges()[EdgesInOrder(counts)[0]].times.size(), 2u);
  EXPECT_EQ(counts.edges()[EdgesInOrder(counts)[9]].times.size(), 1u);
}

TEST(LogTest, WorkingTimeIsThatOfTheCalendar) {
  const BusinessCalendar office = Compiled(OfficeHours("UTC"));
  LogCounts counts(true, true);
  const int64_t monday = At("2024-06-03T00:00:00Z") / kHour;
  const CaseColumns cases =
      AddTo(counts, {{0, "a", monday + 16}, {0, "b", monday + 34}}, false, &office.working_time());
  EXPECT_THAT(cases.working, ElementsAre(2 * kHour));
  EXPECT_THAT(counts.durations(), ElementsAre(18 * kHour));
  LogCounts plain;
  EXPECT_EQ(counts.Merge(plain).code(), absl::StatusCode::kFailedPrecondition);
}

TEST(LogTest, QuantilesInterpolateAsNumPyDoes) {
  // 1 to 5,000 seconds and 1 to 4, neither in order: counted and sorted.
  std::vector<int64_t> many;
  for (int64_t i = 0; i < 5'000; ++i) many.push_back((i * 37 % 5'000 + 1) * 1'000'000);
  EXPECT_EQ(SpreadOf(many).median, 2500.5);
  EXPECT_EQ(SpreadOf(many).p95, 4750.05);
  EXPECT_EQ(SpreadOf(many).mean, 2500.5);
  const std::vector<int64_t> few = {4'000'000, 1'000'000, 2'000'000, 3'000'000};
  EXPECT_EQ(SpreadOf(few).median, 2.5);
  EXPECT_EQ(SpreadOf(few).p95, 3.85);
  EXPECT_EQ(SpreadOf(few).most, 4.0);
  EXPECT_TRUE(std::isnan(SpreadOf({}).median));
}

TEST(LogTest, BadColumnsAreRefused) {
  const std::vector<uint32_t> cases = {0, 1}, activities = {0, 0}, one = {0};
  const std::vector<int64_t> times = {0, 1}, far = {0, std::numeric_limits<int64_t>::min()};
  const auto refusal = [](const EventLog &log) {
    return std::string(OrderedLog::Order(log, EventOrder::kTime).status().message());
  };
  EXPECT_EQ(refusal({cases, one, times, {}, 2, 1}), "activity: 1 rows; expected 2 as in case");
  EXPECT_EQ(refusal({cases, activities, times, {}, 1, 1}),
            "case: row 1 is 1; expected a code below 1");
  EXPECT_EQ(refusal({cases, activities, far, {}, 2, 1}),
            "time: row 1 is -9223372036854775808; expected microseconds within 142,000 years of "
            "1970");
  EXPECT_TRUE(OrderedLog::Order({}, EventOrder::kTime).ok());
}

}  // namespace
}  // namespace patron::complaints
