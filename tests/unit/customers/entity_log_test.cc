// The log of entities: ids, refusals, and what is taken back.
#include "patron/customers/entity_log.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace patron::customers {
namespace {

void AddRecords(EntityLog *log, int count) {
  for (int i = 0; i < count; ++i) log->AddRecord(0);
}

// Sets of records, whatever the ids.
std::set<std::vector<uint32_t>> PartitionOf(const EntityLog &log) {
  std::map<uint32_t, std::vector<uint32_t>> sets;
  for (uint32_t i = 0; i < log.records(); ++i) sets[log.EntityOf(i)].push_back(i);
  std::set<std::vector<uint32_t>> all;
  for (auto &[entity, records] : sets) all.insert(records);
  return all;
}

TEST(EntityLogTest, TheEntityWithMoreRecordsSurvives) {
  EntityLog log;
  AddRecords(&log, 5);
  EXPECT_EQ(*log.Merge(4, 3, 1, 0), 4U);  // Of equal ones the older: records 3 and 4 are 4 and 5.
  EXPECT_EQ(*log.Merge(0, 3, 2, 0), 4U);  // Two against one.
  EXPECT_EQ(log.Resolve(1), 4U);
  EXPECT_EQ(log.Resolve(5), 4U);
  EXPECT_EQ(log.Resolve(99), 0U);
  EXPECT_EQ(log.entities(), 3U);
  EXPECT_EQ(log.RecordsOf(4), (std::vector<uint32_t>{0, 3, 4}));
  EXPECT_EQ(*log.Merge(0, 4, 3, 0), 4U);  // One already: no line.
  EXPECT_EQ(log.lines().size(), 2U);
}

TEST(EntityLogTest, WhatIsTakenBackComesBackUnderItsId) {
  EntityLog log;
  AddRecords(&log, 4);
  ASSERT_TRUE(log.Merge(0, 1, 1, 0).ok());
  ASSERT_TRUE(log.Merge(2, 3, 2, 0).ok());
  ASSERT_TRUE(log.Merge(0, 2, 3, 0).ok());
  EXPECT_EQ(*log.Unmerge(0, 4, 0), 2U);  // An inner merge: the others stay.
  EXPECT_EQ(log.RecordsOf(1), (std::vector<uint32_t>{0, 2, 3}));
  EXPECT_EQ(log.RecordsOf(2), (std::vector<uint32_t>{1}));
  EXPECT_EQ(log.Unmerge(0, 5, 0).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(log.Unmerge(3, 5, 0).status().message(), "line: 3 is unmerge; expected a merge");
  EXPECT_EQ(log.Unmerge(9, 5, 0).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(log.Merge(1, 3, 5, 0).status().message(),
            "merge: entities 2 and 1 must stay apart, by line 3 of the log (unmerge)");
  EXPECT_EQ(log.EntityAt(1, 3), 1U);
  EXPECT_EQ(log.EntityAt(1, 4), 2U);
  EXPECT_EQ(log.EntityAt(1, -1), 0U);
}

TEST(EntityLogTest, MergesAreTakenBackInAnyOrder) {
  constexpr uint32_t kRecords = 12;
  std::mt19937_64 random(9);
  for (int round = 0; round < 200; ++round) {
    EntityLog log;
    AddRecords(&log, kRecords);
    for (int i = 0; i < 15; ++i) {
      const auto a = static_cast<uint32_t>(random() % kRecords);
      ASSERT_TRUE(log.Merge(a, static_cast<uint32_t>(random() % kRecords), 1, 0).ok());
    }
    std::vector<uint64_t> merges(log.lines().size());
    std::iota(merges.begin(), merges.end(), uint64_t{0});
    std::ranges::shuffle(merges, random);
    for (const uint64_t line : merges) {
      const absl::Status status = log.Unmerge(line, 2, 0).status();
      ASSERT_TRUE(status.ok()) << status;
    }
    ASSERT_EQ(log.entities(), kRecords);
    for (const uint64_t line : merges) {
      EXPECT_EQ(log.Unmerge(line, 3, 0).status().code(), absl::StatusCode::kFailedPrecondition);
    }
  }
}

TEST(EntityLogTest, SidesThatHavePartedAreNotTakenBack) {
  EntityLog log;
  AddRecords(&log, 4);
  ASSERT_TRUE(log.Merge(0, 1, 1, 0).ok());
  ASSERT_TRUE(log.Merge(2, 3, 1, 0).ok());
  ASSERT_TRUE(log.Merge(0, 2, 1, 0).ok());
  ASSERT_EQ(*log.Split({1, 3}, 2, 0), 5U);
  EXPECT_EQ(log.Unmerge(2, 3, 0).status().message(),
            "line: 2: entities 1 and 5 have records of both its sides; expected one, or splits");
  EXPECT_EQ(log.Unmerge(0, 3, 0).status().message(),
            "line: 0: no entity has records of both its sides; expected one");
  ASSERT_EQ(*log.Split({3}, 3, 0), 6U);
  EXPECT_EQ(*log.Unmerge(2, 4, 0), 3U);
  EXPECT_EQ(log.RecordsOf(3), (std::vector<uint32_t>{2}));
}

TEST(EntityLogTest, ClocksThatGoBackAreRefused) {
  EntityLog log;
  AddRecords(&log, 2);
  ASSERT_TRUE(log.AssertDifferent(0, 1, 10, 0).ok());
  EXPECT_EQ(log.Merge(0, 1, 9, 0).status().message(),
            "time: 1970-01-01T00:00:00.000009Z; expected no earlier than "
            "1970-01-01T00:00:00.000010Z, the last of the log");
  EXPECT_EQ(log.Merge(0, 7, 10, 0).status().code(), absl::StatusCode::kNotFound);
}

TEST(EntityLogTest, ErasedRecordsLeaveAndTheirEntityGoesWithTheLast) {
  EntityLog log;
  AddRecords(&log, 4);
  ASSERT_TRUE(log.Merge(0, 1, 1, 0).ok());
  ASSERT_TRUE(log.Merge(0, 2, 2, 0).ok());
  log.Erase(1);
  EXPECT_EQ(log.RecordsOf(1), (std::vector<uint32_t>{0, 2}));
  EXPECT_EQ(log.EntityOf(1), 0U);
  EXPECT_EQ(log.Merge(1, 3, 3, 0).status().message(), "record: 1 was erased");
  EXPECT_EQ(log.Unmerge(0, 3, 0).status().message(),
            "line: 0: all records of its retired side were erased; expected some");
  EXPECT_EQ(*log.Unmerge(1, 3, 0), 3U);
  log.Erase(2);
  EXPECT_EQ(log.Resolve(3), 0U);
  EXPECT_EQ(log.Resolve(2), 1U) << "a retired id resolves to what is left";
  EXPECT_EQ(log.entities(), 2U);
  log.Erase(0);
  EXPECT_EQ(log.Resolve(2), 0U);
  EXPECT_EQ(log.entities(), 1U);
}

TEST(EntityLogTest, OneRecordOfSideErasedTheOthersComeBack) {
  EntityLog log;
  AddRecords(&log, 6);
  ASSERT_TRUE(log.Merge(0, 1, 1, 0).ok());
  ASSERT_TRUE(log.Merge(0, 2, 1, 0).ok());
  ASSERT_TRUE(log.Merge(3, 4, 1, 0).ok());
  ASSERT_TRUE(log.Merge(0, 3, 2, 0).ok());
  log.Erase(1);
  log.Erase(4);
  EXPECT_EQ(*log.Unmerge(3, 3, 0), 4U);
  EXPECT_EQ(log.RecordsOf(1), (std::vector<uint32_t>{0, 2}));
  EXPECT_EQ(log.RecordsOf(4), (std::vector<uint32_t>{3}));
}

TEST(EntityLogTest, AnyOrderGivesTheSamePartition) {
  constexpr uint32_t kRecords = 50;
  std::mt19937_64 random(5);
  std::vector<std::pair<uint32_t, uint32_t>> pairs;
  for (int i = 0; i < 45; ++i) pairs.emplace_back(random() % kRecords, random() % kRecords);
  std::set<std::set<std::vector<uint32_t>>> seen;
  std::vector<uint32_t> leaving;
  for (int round = 0; round < 30; ++round) {
    EntityLog log;
    AddRecords(&log, kRecords);
    std::ranges::shuffle(pairs, random);
    for (const auto &[a, b] : pairs) ASSERT_TRUE(log.Merge(a, b, 1, 0).ok());
    if (round == 0) {  // Every third record of a set, but never all of it.
      for (const auto &records : PartitionOf(log)) {
        for (size_t i = 0; i + 1 < records.size(); i += 3) leaving.push_back(records[i]);
      }
      ASSERT_GT(leaving.size(), 5U);
    }
    std::ranges::shuffle(leaving, random);
    for (const uint32_t record : leaving) ASSERT_TRUE(log.Split({record}, 2, 0).ok());
    seen.insert(PartitionOf(log));
  }
  EXPECT_EQ(seen.size(), 1U);
}

TEST(EntityLogTest, RandomChangesKeepTheBooks) {
  std::mt19937_64 random(77);
  EntityLog log;
  constexpr uint32_t kRecords = 40;
  AddRecords(&log, kRecords);
  std::vector<std::pair<std::vector<uint32_t>, std::vector<uint32_t>>> apart;
  std::vector<std::vector<uint32_t>> then;  // Entities of the records by time.
  std::set<uint32_t> erased;
  size_t unmerged = 0;
  for (int64_t time = 1; time < 3000; ++time) {
    const auto a = static_cast<uint32_t>(random() % kRecords);
    const auto b = static_cast<uint32_t>(random() % kRecords);
    const size_t lines = log.lines().size();
    bool ok = false;
    switch (random() % 8) {
      case 0: ok = log.Split({a}, time, 0).ok(); break;
      case 1: ok = lines > 0 && log.Unmerge(random() % lines, time, 0).ok(); break;
      case 2: ok = random() % 20 == 0 && log.AssertDifferent(a, b, time, 0).ok(); break;
      default: ok = log.Merge(a, b, time, 0).ok();
    }
    if (!ok) {
      ASSERT_EQ(log.lines().size(), lines) << "a failure is not logged";
    }
    if (time % 500 == 0 && erased.insert(a).second) log.Erase(a);
    if (log.lines().size() > lines && log.lines().back().op != EntityOp::kMerge) {
      const auto [left, right] = log.ApartBy(lines);
      apart.push_back({{left.begin(), left.end()}, {right.begin(), right.end()}});
      unmerged += log.lines().back().op == EntityOp::kUnmerge ? 1 : 0;
    }
    // Each record is in one living entity, and those that must stay apart are.
    std::set<uint32_t> living;
    std::vector<uint32_t> &now = then.emplace_back();
    for (uint32_t i = 0; i < kRecords; ++i) {
      const uint32_t entity = log.EntityOf(i);
      now.push_back(entity);
      ASSERT_EQ(entity == 0, erased.contains(i));
      if (entity == 0) continue;
      living.insert(entity);
      ASSERT_EQ(log.Resolve(entity), entity);
      ASSERT_TRUE(std::ranges::binary_search(log.RecordsOf(entity), i));
    }
    ASSERT_EQ(living.size(), log.entities());
    for (const auto &[left, right] : apart) {
      for (const uint32_t i : left) {
        for (const uint32_t j : right) {
          ASSERT_TRUE(log.IsErased(i) || log.EntityOf(i) != log.EntityOf(j)) << time;
        }
      }
    }
  }
  EXPECT_GT(apart.size(), 10U);
  EXPECT_GT(unmerged, 0U);
  EXPECT_GT(erased.size(), 3U);
  for (int64_t time = 1; time < 3000; time += 37) {
    for (uint32_t i = 0; i < kRecords; ++i) {
      if (erased.contains(i)) continue;
      ASSERT_EQ(log.EntityAt(i, time), then[static_cast<size_t>(time) - 1][i]) << time;
    }
  }
}

TEST(EntityLogTest, EveryLineOfARecordIsFound) {
  EntityLog log;
  AddRecords(&log, 6);
  ASSERT_TRUE(log.Merge(0, 1, 1, 10).ok());
  ASSERT_TRUE(log.Merge(2, 3, 1, 11).ok());
  ASSERT_TRUE(log.Merge(1, 2, 1, 12).ok());
  ASSERT_TRUE(log.Merge(4, 5, 1, 13).ok());
  ASSERT_TRUE(log.Split({3}, 1, 14).ok());
  ASSERT_TRUE(log.AssertDifferent(0, 4, 1, 15).ok());
  const auto calls = [&](uint32_t record) {
    std::set<uint32_t> found;
    log.ForLinesOf(record, [&](const EntityLine &line) { found.insert(line.call); });
    return found;
  };
  EXPECT_EQ(calls(3), (std::set<uint32_t>{11, 12, 14}));
  EXPECT_EQ(calls(0), (std::set<uint32_t>{10, 12, 14, 15}));
  EXPECT_EQ(calls(5), (std::set<uint32_t>{13, 15}));
}

TEST(EntityLogTest, ManyRecordsOfOneEntityAreMergedInNoTime) {
  EntityLog log;
  constexpr uint32_t kMany = 300'000;  // Quadratic work would take minutes.
  AddRecords(&log, kMany);
  for (uint32_t i = 1; i < kMany; ++i) ASSERT_TRUE(log.Merge(i, i - 1, 1, 0).ok());
  EXPECT_EQ(log.entities(), 1U);
  EXPECT_EQ(log.RecordsOf(1).size(), kMany);
}

}  // namespace
}  // namespace patron::customers
