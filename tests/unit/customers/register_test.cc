// The register: ids, refusals, and what is taken back.
#include "patron/customers/register.hpp"

#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace patron::customers {
namespace {

TEST(RegisterTest, TheEntityWithMoreRecordsSurvives) {
  Register reg;
  for (int i = 0; i < 5; ++i) reg.AddRecord(0);
  EXPECT_EQ(*reg.Merge(4, 3, 1, "", ""),
            4U);  // Of equal ones the older: records 3 and 4 are 4 and 5.
  EXPECT_EQ(*reg.Merge(0, 3, 2, "", ""), 4U);  // Two against one.
  EXPECT_EQ(reg.Resolve(1), 4U);
  EXPECT_EQ(reg.Resolve(5), 4U);
  EXPECT_EQ(reg.Resolve(99), 0U);
  EXPECT_EQ(reg.entities(), 3U);
  EXPECT_EQ(reg.RecordsOf(4), (std::vector<uint32_t>{0, 3, 4}));
  EXPECT_EQ(*reg.Merge(0, 4, 3, "", ""), 4U);  // One already: no line.
  EXPECT_EQ(reg.log().size(), 2U);
}

TEST(RegisterTest, WhatIsTakenBackComesBackUnderItsId) {
  Register reg;
  for (int i = 0; i < 4; ++i) reg.AddRecord(0);
  ASSERT_TRUE(reg.Merge(0, 1, 1, "", "").ok());
  ASSERT_TRUE(reg.Merge(2, 3, 2, "", "").ok());
  ASSERT_TRUE(reg.Merge(0, 2, 3, "", "").ok());
  EXPECT_EQ(*reg.Unmerge(0, 4, "", ""), 2U);  // An inner merge: the others stay.
  EXPECT_EQ(reg.RecordsOf(1), (std::vector<uint32_t>{0, 2, 3}));
  EXPECT_EQ(reg.RecordsOf(2), (std::vector<uint32_t>{1}));
  EXPECT_EQ(reg.Unmerge(0, 5, "", "").status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(reg.Unmerge(3, 5, "", "").status().message(), "line: 3 is unmerge; expected a merge");
  EXPECT_EQ(reg.Unmerge(9, 5, "", "").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(reg.Merge(1, 3, 5, "", "").status().message(),
            "merge: entities 2 and 1 must stay apart, by line 3 of the log (unmerge)");
  EXPECT_EQ(reg.EntityAt(1, 3), 1U);
  EXPECT_EQ(reg.EntityAt(1, 4), 2U);
  EXPECT_EQ(reg.EntityAt(1, -1), 0U);
}

TEST(RegisterTest, ClocksThatGoBackAreRefused) {
  Register reg;
  reg.AddRecord(0);
  reg.AddRecord(0);
  ASSERT_TRUE(reg.AssertDifferent(0, 1, 10, "", "").ok());
  EXPECT_EQ(reg.Merge(0, 1, 9, "", "").status().message(),
            "time: 9; expected no earlier than 10, the last of the log");
  EXPECT_EQ(reg.Merge(0, 7, 10, "", "").status().code(), absl::StatusCode::kNotFound);
}

TEST(RegisterTest, RandomChangesKeepTheBooks) {
  std::mt19937_64 random(77);
  Register reg;
  constexpr uint32_t kRecords = 40;
  for (uint32_t i = 0; i < kRecords; ++i) reg.AddRecord(0);
  std::vector<std::pair<std::vector<uint32_t>, std::vector<uint32_t>>> apart;
  for (int64_t time = 1; time < 3000; ++time) {
    const auto a = static_cast<uint32_t>(random() % kRecords);
    const auto b = static_cast<uint32_t>(random() % kRecords);
    const size_t lines = reg.log().size();
    bool ok = false;
    switch (random() % 8) {
      case 0: ok = reg.Split({a}, time, "", "").ok(); break;
      case 1: ok = lines > 0 && reg.Unmerge(random() % lines, time, "", "").ok(); break;
      case 2: ok = random() % 20 == 0 && reg.AssertDifferent(a, b, time, "", "").ok(); break;
      default: ok = reg.Merge(a, b, time, "", "").ok();
    }
    if (!ok) {
      ASSERT_EQ(reg.log().size(), lines) << "a failure is not logged";
    }
    if (reg.log().size() > lines && reg.log().back().op != RegisterOp::kMerge) {
      apart.emplace_back(reg.log().back().left, reg.log().back().right);
    }
    // Each record is in one living entity, and those that must stay apart are.
    std::set<uint64_t> living;
    for (uint32_t i = 0; i < kRecords; ++i) {
      const uint64_t entity = reg.EntityOf(i);
      living.insert(entity);
      ASSERT_EQ(reg.Resolve(entity), entity);
      ASSERT_TRUE(std::ranges::binary_search(reg.RecordsOf(entity), i));
    }
    ASSERT_EQ(living.size(), reg.entities());
    for (const auto &[left, right] : apart) {
      for (const uint32_t i : left) {
        for (const uint32_t j : right) ASSERT_NE(reg.EntityOf(i), reg.EntityOf(j)) << time;
      }
    }
  }
  EXPECT_GT(apart.size(), 10U);
}

}  // namespace
}  // namespace patron::customers
