// Counts of logs as bytes at the C interface, and their distance from policies.
#include <cstdint>
#include <memory>
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

struct Free {
  void operator()(patron_log *log) const { patron_log_free(log); }
  void operator()(patron_policy *policy) const { patron_policy_free(policy); }
};
using Log = std::unique_ptr<patron_log, Free>;
using Policy = std::unique_ptr<patron_policy, Free>;

constexpr int64_t kHour = int64_t{3'600} * 1'000'000;

// Ways that cases took, an hour between events.
Log Mined(const std::vector<std::vector<std::string>> &ways, int64_t first_case = 0) {
  std::vector<int64_t> cases, times;
  std::vector<std::string> activities, people;
  for (const auto &way : ways) {
    for (size_t i = 0; i < way.size(); ++i) {
      cases.push_back(first_case);
      times.push_back(static_cast<int64_t>(i) * kHour * (1 + first_case));
      activities.push_back(way[i]);
      people.push_back((static_cast<size_t>(first_case) + i) % 3 == 0 ? "ann" : "bob");
    }
    ++first_case;
  }
  TableOf events;
  events.Integers("case", cases).Texts("activity", activities).Times("time", times);
  events.Texts("resource", people);
  patron_log_options options;
  patron_log_options_init(&options);
  options.resource = "resource";
  patron_log *log = nullptr;
  Error error;
  EXPECT_EQ(patron_log_mine(events.get(), &options, &log, nullptr, error.get()), PATRON_OK)
      << error.message();
  return Log(log);
}

std::string Bytes(const Log &log) { return BytesOf<patron_log>(patron_log_serialize, log.get()); }

Log Read(const std::string &bytes) {
  patron_log *log = nullptr;
  Error error;
  EXPECT_EQ(patron_log_deserialize(bytes.data(), bytes.size(), &log, error.get()), PATRON_OK)
      << error.message();
  return Log(log);
}

const std::vector<std::vector<std::string>> kWays = {
    {"receive", "triage", "close"}, {"receive", "receive", "close"},          {"receive"},
    {"receive", "triage", "close"}, {"triage", "receive", "triage", "close"}, {"close"}};

TEST(LogBytesTest, ShardsMergeToTheBytesOfTheWholeInAnyOrder) {
  const std::string whole = Bytes(Mined(kWays));
  const std::vector<std::vector<size_t>> orders = {{0, 1, 2}, {2, 1, 0}, {1, 2, 0}};
  for (const auto &order : orders) {
    const Log merged = Mined({});
    for (const size_t shard : order) {
      const Log part =
          Mined({kWays[2 * shard], kWays[2 * shard + 1]}, static_cast<int64_t>(2 * shard));
      EXPECT_EQ(patron_log_merge(merged.get(), Read(Bytes(part)).get(), nullptr), PATRON_OK);
    }
    EXPECT_EQ(Bytes(merged), whole);
  }
  EXPECT_NE(Bytes(Mined({kWays[0]})), Bytes(Mined({kWays[1]})));
}

TEST(LogBytesTest, WhatIsReadIsWhatWasWritten) {
  const Log log = Mined(kWays), read = Read(Bytes(log));
  EXPECT_EQ(Bytes(read), Bytes(log));
  patron_log_summary one{}, other{};
  one.struct_size = other.struct_size = sizeof one;
  ASSERT_EQ(patron_log_get_summary(log.get(), &one, nullptr), PATRON_OK);
  ASSERT_EQ(patron_log_get_summary(read.get(), &other, nullptr), PATRON_OK);
  EXPECT_EQ(other.cases, 6U);
  EXPECT_EQ(other.events, 15U);
  EXPECT_EQ(other.variants, 5U);
  EXPECT_EQ(other.self_loops, 1U);
  EXPECT_EQ(other.returns, 1U);
  EXPECT_EQ(other.cases_with_rework, 2U);
  EXPECT_EQ(other.handovers, one.handovers);
  const double p[] = {0.5};
  double half[2], half_read[2];
  ASSERT_EQ(patron_log_durations(log.get(), 0, p, 1, half, nullptr), PATRON_OK);
  ASSERT_EQ(patron_log_durations(read.get(), 0, p, 1, half_read, nullptr), PATRON_OK);
  EXPECT_EQ(half[0], half_read[0]);
  EXPECT_EQ(half[1], half_read[1]);
}

TEST(LogBytesTest, AnEmptyLogKeepsTheKindOfItsActivities) {
  const Log text = Read(Bytes(Mined({})));
  TableOf events;
  events.Integers("case", std::vector<int64_t>{1}).Integers("activity", std::vector<int64_t>{7});
  events.Times("time", std::vector<int64_t>{0});
  patron_log *out = nullptr;
  ASSERT_EQ(patron_log_mine(events.get(), nullptr, &out, nullptr, nullptr), PATRON_OK);
  const Log integers(out);
  EXPECT_EQ(patron_log_merge(text.get(), integers.get(), nullptr), PATRON_FAILED_PRECONDITION);
  EXPECT_EQ(patron_log_merge(text.get(), Mined(kWays).get(), nullptr), PATRON_OK);
  EXPECT_EQ(Bytes(text), Bytes(Mined(kWays)));
  EXPECT_EQ(Bytes(Read(Bytes(integers))), Bytes(integers));
}

TEST(LogBytesTest, OnlyTheseBytesLoad) {
  ExpectOnlyTheseBytesLoad<patron_log>(patron_log_deserialize, Bytes(Mined(kWays)));
  ExpectOnlyTheseBytesLoad<patron_log>(patron_log_deserialize, Bytes(Mined({})));
}

std::vector<int64_t> Distances(const Log &log, const Policy &policy,
                               const patron_conformance_options *options = nullptr) {
  patron_table *out = nullptr;
  Error error;
  EXPECT_EQ(patron_log_policy_conformance(log.get(), policy.get(), options, &out, error.get()),
            PATRON_OK)
      << error.message();
  const Table table(out);
  return Integers(table, "distance");
}

Policy Preset(const char *name) {
  patron_policy *policy = nullptr;
  EXPECT_EQ(patron_policy_preset(name, 2, &policy, nullptr), PATRON_OK);
  return Policy(policy);
}

TEST(PolicyConformanceTest, VariantsAreAsFarFromAPolicyAsTheyMustBeEdited) {
  // Most frequent first, ties by name: withdrawn after triage, twice; then the others.
  const Log log = Mined({{"receive", "triage", "withdraw"},
                         {"receive", "triage", "withdraw"},
                         {"lunch", "receive", "withdraw"},
                         {"receive"},
                         {"withdraw", "receive"}});
  const Policy policy = Preset("default");
  EXPECT_THAT(Distances(log, policy), ElementsAre(0, 1, 1, 2));
  const char *const open[] = {"RECEIVED", "WITHDRAWN"};
  patron_conformance_options options;
  patron_conformance_options_init(&options);
  options.ends = open;
  options.end_count = 2;
  EXPECT_THAT(Distances(log, policy, &options), ElementsAre(0, 1, 0, 1));
  const char *const received[] = {"RECEIVED"};
  options.starts = received;
  options.start_count = 1;
  EXPECT_THAT(Distances(log, policy, &options), ElementsAre(1, 2, 1, 1));
  options.remove_cost = 7;
  options.insert_cost = options.change_cost = 20;
  EXPECT_THAT(Distances(log, policy, &options), ElementsAre(7, 14, 7, 7));
}

TEST(PolicyConformanceTest, WhatIsWrongIsNamed) {
  const Log log = Mined(kWays);
  const Policy policy = Preset("default");
  const char *const nowhere[] = {"NOWHERE"};
  patron_conformance_options options;
  patron_conformance_options_init(&options);
  Error error;
  auto *out = Untouched<patron_table>();
  const auto refusal = [&] {
    EXPECT_EQ(patron_log_policy_conformance(log.get(), policy.get(), &options, &out, error.get()),
              PATRON_INVALID_ARGUMENT);
    EXPECT_EQ(out, Untouched<patron_table>());
    return error.message();
  };
  options.ends = nowhere;
  EXPECT_EQ(refusal(), "ends: none; expected a state at least");
  options.end_count = 1;
  EXPECT_EQ(refusal(), "ends: 'NOWHERE'; expected states that the policy can come to");
  options.ends = nullptr;
  EXPECT_THAT(refusal(), ::testing::HasSubstr("ends"));
  options.end_count = 0;
  options.change_cost = 0;
  EXPECT_EQ(refusal(), "change: 0; expected 1 to 1000000");
  patron_table **const none = nullptr;
  EXPECT_EQ(patron_log_policy_conformance(nullptr, policy.get(), nullptr, &out, nullptr),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_log_policy_conformance(log.get(), nullptr, nullptr, &out, nullptr),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_log_policy_conformance(log.get(), policy.get(), nullptr, none, nullptr),
            PATRON_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace patron::c_api_test
