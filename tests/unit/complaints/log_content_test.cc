// Counts of logs in canonical form: the same from any shards, back as they were, and no other form.
#include "patron/complaints/log_content.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "patron/complaints/log_statistics.hpp"
#include "unit/complaints/calendars.hpp"

namespace patron::complaints {
namespace {

struct Row {
  uint32_t c;
  std::string activity;
  int64_t time;
  uint32_t resource;
};

using Random = std::mt19937_64;

// Cases of one to nine events, some at one instant; in the order of their cases.
std::vector<Row> RandomRows(Random &random, uint32_t cases, uint32_t activities) {
  std::vector<Row> rows;
  for (uint32_t c = 0; c < cases; ++c) {
    auto time = static_cast<int64_t>(random() % 1'000) * kHour;
    for (uint64_t left = 1 + random() % 9; left > 0; --left) {
      time += static_cast<int64_t>(random() % 3) * kHour;
      rows.push_back({c, "activity " + std::to_string(random() % activities), time,
                      static_cast<uint32_t>(random() % 3)});
    }
  }
  return rows;
}

LogCounts Counted(const std::vector<Row> &rows, const WorkingTime *working = nullptr,
                  bool text = true) {
  LogCounts counts(text, working != nullptr);
  std::vector<uint32_t> cases, activities(rows.size()), resources;
  std::vector<int64_t> times, integers;
  std::vector<std::string_view> names;
  uint32_t most = 0;
  for (const Row &row : rows) {
    cases.push_back(row.c);
    times.push_back(row.time);
    resources.push_back(row.resource);
    names.push_back(row.activity);
    integers.push_back(row.activity.back() - '5');
    most = std::max(most, row.c + 1);
  }
  EXPECT_TRUE((text ? counts.names().Encode(std::span<const std::string_view>(names), activities)
                    : counts.names().Encode(std::span<const int64_t>(integers), activities))
                  .ok());
  const auto log = OrderedLog::Order(
      {cases, activities, times, resources, most, counts.names().size()}, EventOrder::kTime);
  EXPECT_TRUE(log.ok()) << log.status();
  EXPECT_TRUE(counts.Add(*log, working).ok());
  return counts;
}

LogContent ContentOf(const LogCounts &counts) {
  auto content = counts.Content();
  EXPECT_TRUE(content.ok()) << content.status();
  return *std::move(content);
}

void ExpectEqual(const LogContent &one, const LogContent &other) {
  ASSERT_EQ(one.activities.size(), other.activities.size());
  ASSERT_EQ(one.activities.is_text(), other.activities.is_text());
  for (uint32_t a = 0; a < one.activities.size(); ++a) {
    EXPECT_EQ(one.activities.Format(a), other.activities.Format(a));
  }
  EXPECT_EQ(one.has_working, other.has_working);
  EXPECT_EQ(one.redo_self_loops, other.redo_self_loops);
  EXPECT_EQ(one.redo_repetitions, other.redo_repetitions);
  EXPECT_EQ(one.handovers, other.handovers);
  EXPECT_EQ(one.lengths, other.lengths);
  EXPECT_EQ(one.steps, other.steps);
  EXPECT_EQ(one.cases, other.cases);
  EXPECT_EQ(one.times, other.times);
  EXPECT_EQ(one.durations, other.durations);
  EXPECT_EQ(one.working, other.working);
}

// All that is counted, by name.
void ExpectSameFigures(const LogCounts &one, const LogCounts &other) {
  EXPECT_EQ(one.case_count(), other.case_count());
  EXPECT_EQ(one.event_count(), other.event_count());
  EXPECT_EQ(one.handovers(), other.handovers());
  EXPECT_EQ(one.returns(), other.returns());
  EXPECT_EQ(one.cases_with_rework(), other.cases_with_rework());
  const auto mine = ActivitiesInOrder(one), theirs = ActivitiesInOrder(other);
  ASSERT_EQ(mine.size(), theirs.size());
  for (size_t i = 0; i < mine.size(); ++i) {
    const ActivityCounts &a = one.activities()[mine[i]], &b = other.activities()[theirs[i]];
    EXPECT_EQ(one.names().Format(mine[i]), other.names().Format(theirs[i]));
    EXPECT_EQ(a.events, b.events);
    EXPECT_EQ(a.cases, b.cases);
    EXPECT_EQ(a.starts, b.starts);
    EXPECT_EQ(a.ends, b.ends);
    EXPECT_EQ(a.repeat_self_loops, b.repeat_self_loops);
    EXPECT_EQ(a.redo_self_loops, b.redo_self_loops);
    EXPECT_EQ(a.repeat_repetitions, b.repeat_repetitions);
    EXPECT_EQ(a.redo_repetitions, b.redo_repetitions);
  }
  const auto edges = EdgesInOrder(one), their_edges = EdgesInOrder(other);
  ASSERT_EQ(edges.size(), their_edges.size());
  for (size_t i = 0; i < edges.size(); ++i) {
    const LogEdge &a = one.edges()[edges[i]], &b = other.edges()[their_edges[i]];
    EXPECT_EQ(one.names().Format(a.source), other.names().Format(b.source));
    EXPECT_EQ(one.names().Format(a.target), other.names().Format(b.target));
    EXPECT_EQ(SpreadOf(a.times).median, SpreadOf(b.times).median);
    EXPECT_EQ(SpreadOf(a.times).mean, SpreadOf(b.times).mean);
  }
  ASSERT_EQ(one.variants().size(), other.variants().size());
  EXPECT_EQ(SpreadOf(one.durations()).p95, SpreadOf(other.durations()).p95);
}

TEST(LogContentTest, ShardsGiveTheSameInAnyOrderAndComeBackAsTheyWere) {
  Random random(11);
  const BusinessCalendar office = Compiled(OfficeHours("Europe/Berlin"));
  for (int trial = 0; trial < 60; ++trial) {
    const auto cases = static_cast<uint32_t>(random() % 40);
    const std::vector<Row> rows =
        RandomRows(random, cases, 1 + static_cast<uint32_t>(random() % 9));
    const WorkingTime *const calendar = trial % 3 == 0 ? &office.working_time() : nullptr;
    const bool text = trial % 2 == 0;
    const LogCounts whole = Counted(rows, calendar, text);
    const LogContent content = ContentOf(whole);
    EXPECT_TRUE(std::ranges::is_sorted(content.durations));
    // Each case to a shard by chance, and the shards in an order of chance.
    std::vector<std::vector<Row>> parts(1 + random() % 4);
    std::vector<size_t> part_of(cases);
    for (size_t &part : part_of) part = random() % parts.size();
    for (const Row &row : rows) parts[part_of[row.c]].push_back(row);
    std::ranges::shuffle(parts, random);
    LogCounts merged(text, calendar != nullptr);
    for (const std::vector<Row> &part : parts) {
      const auto read = LogCounts::FromContent(ContentOf(Counted(part, calendar, text)));
      ASSERT_TRUE(read.ok()) << read.status();
      ASSERT_TRUE(merged.Merge(*read).ok());
    }
    ExpectEqual(ContentOf(merged), content);
    const auto back = LogCounts::FromContent(content);
    ASSERT_TRUE(back.ok()) << back.status();
    ExpectEqual(ContentOf(*back), content);
    ExpectSameFigures(*back, whole);
    ExpectSameFigures(merged, whole);
  }
}

TEST(LogContentTest, CasesCanBeCountedOnAfterwards) {
  Random random(3);
  const std::vector<Row> first = RandomRows(random, 20, 4), more = RandomRows(random, 20, 7);
  LogCounts straight = Counted(first);
  ASSERT_TRUE(straight.Merge(Counted(more)).ok());
  auto read = LogCounts::FromContent(ContentOf(Counted(first)));
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_TRUE(read->Merge(Counted(more)).ok());
  ExpectEqual(ContentOf(*read), ContentOf(straight));
}

TEST(LogContentTest, ContentIsWhatIsCountedByHand) {
  // b-a-b in 2 + 3 hours by 0, 1, 1; a alone. "b" comes again, by another than before.
  const LogContent content = ContentOf(
      Counted({{0, "b", 0, 0}, {0, "a", 2 * kHour, 1}, {0, "b", 5 * kHour, 1}, {1, "a", 7, 0}}));
  EXPECT_EQ(content.activities.text(0), "a");
  EXPECT_EQ(content.activities.text(1), "b");
  EXPECT_EQ(content.lengths, (std::vector<uint32_t>{1, 3}));
  EXPECT_EQ(content.steps, (std::vector<uint32_t>{0, 1, 0, 1}));
  EXPECT_EQ(content.cases, (std::vector<int64_t>{1, 1}));
  EXPECT_EQ(content.times, (std::vector<int64_t>{3 * kHour, 2 * kHour}));  // a>b, b>a
  EXPECT_EQ(content.durations, (std::vector<int64_t>{0, 5 * kHour}));
  EXPECT_EQ(content.redo_repetitions, (std::vector<int64_t>{0, 1}));
  EXPECT_EQ(content.redo_self_loops, (std::vector<int64_t>{0, 0}));
  EXPECT_EQ(content.handovers, 1);
}

TEST(LogContentTest, NamesWithoutAnEventAreLeftOut) {
  LogCounts counts = Counted({{0, "b", 0, 0}});
  std::vector<uint32_t> code(1);
  const std::string_view unused[] = {"a"};
  ASSERT_TRUE(counts.names().Encode(std::span<const std::string_view>(unused), code).ok());
  ExpectEqual(ContentOf(counts), ContentOf(Counted({{0, "b", 0, 0}})));
}

TEST(LogContentTest, WhatNoLogHasIsRefused) {
  const std::vector<Row> rows = {{0, "b", 0, 0}, {0, "a", 2, 1},  {0, "b", 5, 1}, {0, "b", 9, 2},
                                 {1, "a", 7, 0}, {2, "a", 20, 0}, {2, "b", 27, 0}};
  const LogContent good = ContentOf(Counted(rows));
  ASSERT_TRUE(LogCounts::FromContent(good).ok());
  const std::vector<std::pair<std::string, std::function<void(LogContent &)>>> changes = {
      {"log: lists differ in length", [](LogContent &c) { c.redo_self_loops.pop_back(); }},
      {"log: lists differ in length", [](LogContent &c) { c.redo_repetitions.push_back(0); }},
      {"log: lists differ in length", [](LogContent &c) { c.cases.push_back(1); }},
      {"log: lengths of variants that do not fit", [](LogContent &c) { c.lengths[0] = 0; }},
      {"log: lengths of variants that do not fit", [](LogContent &c) { c.lengths.back() += 1; }},
      {"log: lengths of variants that do not fit", [](LogContent &c) { c.steps.push_back(0); }},
      {"log: an activity without a name", [](LogContent &c) { c.steps[0] = 2; }},
      {"log: variants out of order",
       [](LogContent &c) {
         c.lengths = {1, 1, 5};
       }},
      {"log: cases without a duration", [](LogContent &c) { c.cases[0] = 0; }},
      {"log: cases without a duration", [](LogContent &c) { c.cases[0] = -1; }},
      {"log: cases without a duration",
       [](LogContent &c) { c.cases[0] = std::numeric_limits<int64_t>::max(); }},
      {"log: durations without a case", [](LogContent &c) { c.durations.push_back(9); }},
      {"log: times that are not those of the edges", [](LogContent &c) { c.times.pop_back(); }},
      {"log: working time of other cases", [](LogContent &c) { c.has_working = true; }},
      {"log: working time of other cases", [](LogContent &c) { c.working = c.durations; }},
      {"log: durations out of order or range",
       [](LogContent &c) { std::swap(c.durations[1], c.durations[2]); }},
      {"log: durations out of order or range",
       [](LogContent &c) { c.durations.back() = std::numeric_limits<int64_t>::max(); }},
      {"log: durations that are not the sums of the times", [](LogContent &c) { ++c.times[0]; }},
      {"log: durations that are not the sums of the times",
       [](LogContent &c) {
         ++c.durations[0];
         --c.durations[1];
       }},
      {"log: times out of order or range",
       [](LogContent &c) { std::swap(c.times[0], c.times[1]); }},
      {"log: more done by others than there is", [](LogContent &c) { c.redo_self_loops[0] = 1; }},
      {"log: more done by others than there is", [](LogContent &c) { c.redo_self_loops[1] = -1; }},
      {"log: more done by others than there is", [](LogContent &c) { c.redo_repetitions[1] = 2; }},
      {"log: handovers that cannot be", [](LogContent &c) { c.handovers = 5; }},
      {"log: handovers that cannot be", [](LogContent &c) { c.handovers = 0; }},
      {"log: handovers that cannot be", [](LogContent &c) { c.handovers = -1; }},
      {"log: an activity without an event",
       [](LogContent &c) {
         c = ContentOf(Counted({{0, "a", 0, 0}}));
         std::vector<uint32_t> code(1);
         const std::string_view more[] = {"b"};
         EXPECT_TRUE(c.activities.Encode(std::span<const std::string_view>(more), code).ok());
         c.redo_self_loops.push_back(0);
         c.redo_repetitions.push_back(0);
       }},
      {"log: activities out of order",
       [](LogContent &c) {
         c.activities = IdIndex(true);
         std::vector<uint32_t> codes(2);
         const std::string_view names[] = {"b", "a"};
         EXPECT_TRUE(c.activities.Encode(std::span<const std::string_view>(names), codes).ok());
       }},
  };
  for (size_t i = 0; i < changes.size(); ++i) {
    LogContent content = good;
    changes[i].second(content);
    const auto read = LogCounts::FromContent(content);
    EXPECT_EQ(read.status().message(), changes[i].first) << i;
  }
}

}  // namespace
}  // namespace patron::complaints
