// Policies as automata: distances against all ways that a policy allows, tried one by one.
#include "patron/complaints/policy_automaton.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "patron/complaints/default_policy.hpp"

namespace patron::complaints {
namespace {

using Word = std::vector<uint32_t>;

Lifecycle Compiled(Policy policy) {
  auto lifecycle = Lifecycle::Compile(std::move(policy));
  EXPECT_TRUE(lifecycle.ok()) << lifecycle.status();
  return *std::move(lifecycle);
}

Transition Way(std::string event, std::vector<std::string> from, std::string to,
               bool remember = false) {
  Transition way;
  way.event = std::move(event);
  way.from = std::move(from);
  way.to = std::move(to);
  way.remember = remember;
  return way;
}

Transition Way(std::string event, std::vector<std::string> from, MoveKind move) {
  Transition way = Way(std::move(event), std::move(from), "");
  way.move = move;
  return way;
}

// A few states, one of which is left and returned to; events are the codes of their place.
Policy SmallPolicy() {
  Policy policy;
  policy.name = "small";
  policy.version = "1";
  policy.states = {{"NEW"}, {"WORK"}, {"WAIT"}, {"DONE", StateKind::kClosed}};
  policy.events = {{"receive", EventKind::kReceive},
                   {"work"},
                   {"ask", EventKind::kAskCustomer},
                   {"answer", EventKind::kAnswerReceived},
                   {"close", EventKind::kClose}};
  policy.transitions = {Way("receive", {}, "NEW"),
                        Way("work", {"NEW", "WORK"}, "WORK"),
                        Way("ask", {"NEW", "WORK"}, "WAIT", true),
                        Way("ask", {"WAIT"}, MoveKind::kStay),
                        Way("answer", {"WAIT"}, MoveKind::kReturn),
                        Way("close", {"WORK"}, "DONE")};
  return policy;
}

IdIndex EventsOf(const Policy &policy) {
  IdIndex names(true);
  std::vector<std::string_view> views;
  for (const EventRule &event : policy.events) views.push_back(event.name);
  Word codes(views.size());
  EXPECT_TRUE(names.Encode(std::span<const std::string_view>(views), codes).ok());
  return names;
}

// All words up to a length that SmallPolicy leads from its start to its end with, found by hand:
// one variable for the state, and one for where WAIT was come from.
void AddWays(char state, char from, Word &word, size_t most, std::vector<Word> &ways) {
  if (state == 'D') {
    ways.push_back(word);
    return;
  }
  if (word.size() == most) return;
  const auto go = [&](uint32_t event, char to, char remembered) {
    word.push_back(event);
    AddWays(to, remembered, word, most, ways);
    word.pop_back();
  };
  switch (state) {
    case '-': return go(0, 'N', ' ');
    case 'N': go(1, 'W', ' '); return go(2, 'A', 'N');
    case 'W':
      go(1, 'W', ' ');
      go(2, 'A', 'W');
      return go(4, 'D', ' ');
    case 'A': go(2, 'A', from); return go(3, from, ' ');
    default: FAIL();
  }
}

// The cost of editing one word into another, by the table of Wagner and Fischer.
int64_t EditCost(const Word &one, const Word &other, const EditCosts &costs) {
  std::vector<int64_t> row(other.size() + 1);
  for (size_t k = 0; k < row.size(); ++k) row[k] = static_cast<int64_t>(k) * costs.insert;
  for (size_t i = 0; i < one.size(); ++i) {
    std::vector<int64_t> next = {row[0] + costs.remove};
    for (size_t k = 0; k < other.size(); ++k) {
      next.push_back(std::min({row[k + 1] + costs.remove, next[k] + costs.insert,
                               row[k] + (one[i] == other[k] ? 0 : costs.change)}));
    }
    row = std::move(next);
  }
  return row.back();
}

TEST(PolicyAutomatonTest, DistancesAreTheLeastOverAllWaysOfThePolicy) {
  constexpr size_t kMost = 9;
  std::vector<Word> ways;
  Word word;
  AddWays('-', ' ', word, kMost, ways);
  ASSERT_GT(ways.size(), 100U);
  const Lifecycle lifecycle = Compiled(SmallPolicy());
  const IdIndex names = EventsOf(lifecycle.policy());
  std::mt19937_64 random(7);
  for (const EditCosts costs : {EditCosts{}, EditCosts{1, 1, 2}, EditCosts{2, 3, 4}}) {
    const auto automaton = PolicyAutomaton(lifecycle, names, {}, costs);
    ASSERT_TRUE(automaton.ok()) << automaton.status();
    int64_t fitting = 0;
    for (const Word &way : ways) fitting += automaton->Distance(way) == 0;
    EXPECT_EQ(fitting, static_cast<int64_t>(ways.size()));
    for (int trial = 0; trial < 200; ++trial) {
      Word events(random() % 5);
      for (uint32_t &event : events) event = static_cast<uint32_t>(random() % 6);  // One unknown.
      int64_t least = 1'000;
      for (const Word &way : ways) least = std::min(least, EditCost(events, way, costs));
      // A longer way takes that many insertions.
      ASSERT_LE(least, static_cast<int64_t>(kMost + 1 - events.size()) * costs.insert);
      EXPECT_EQ(automaton->Distance(events), least) << trial;
    }
  }
}

TEST(PolicyAutomatonTest, CasesBeginAndEndWhereTheSpanSays) {
  const Lifecycle lifecycle = Compiled(SmallPolicy());
  const IdIndex names = EventsOf(lifecycle.policy());
  const auto distance = [&](const CaseSpan &span, const Word &word) {
    const auto automaton = PolicyAutomaton(lifecycle, names, span);
    return automaton.ok() ? automaton->Distance(word) : -1;
  };
  EXPECT_EQ(distance({}, {0, 1, 4}), 0);
  EXPECT_EQ(distance({}, {1, 4}), 1);
  EXPECT_EQ(distance({{"NEW"}, {}}, {1, 4}), 0);
  EXPECT_EQ(distance({{"NEW", std::string(kNotReceived)}, {}}, {0, 1, 4}), 0);
  EXPECT_EQ(distance({{}, {"WORK"}}, {0, 1, 4}), 1);
  // A case that waits may have come from NEW and from WORK; both are WAIT.
  EXPECT_EQ(distance({{}, {"WAIT"}}, {0, 2}), 0);
  EXPECT_EQ(distance({{}, {"WAIT"}}, {0, 1, 2}), 0);
  EXPECT_EQ(distance({{"WAIT"}, {}}, {3, 4}), 0);
  EXPECT_EQ(distance({{}, {std::string(kNotReceived)}}, {}), 0);
}

TEST(PolicyAutomatonTest, EventsAreFoundByNameAndOthersFitNowhere) {
  const Lifecycle lifecycle = Compiled(SmallPolicy());
  IdIndex names(true);
  Word codes(3);
  const std::vector<std::string_view> views = {"close", "lunch", "receive"};
  ASSERT_TRUE(names.Encode(std::span<const std::string_view>(views), codes).ok());
  const auto automaton = PolicyAutomaton(lifecycle, names);
  ASSERT_TRUE(automaton.ok()) << automaton.status();
  EXPECT_EQ(automaton->Distance(Word{2, 0}), 1);     // "work" is missing,
  EXPECT_EQ(automaton->Distance(Word{2, 1, 0}), 1);  // or stands where "lunch" does.
  // "work" has a code that no activity of the log has.
  EXPECT_EQ(automaton->Distance(Word{2, 4, 0}), 0);
}

TEST(PolicyAutomatonTest, WhatIsWrongIsNamed) {
  const Lifecycle lifecycle = Compiled(SmallPolicy());
  const IdIndex names = EventsOf(lifecycle.policy());
  EXPECT_EQ(PolicyAutomaton(lifecycle, names, {{}, {"NOWHERE"}}).status().message(),
            "ends: 'NOWHERE'; expected states that the policy can come to");
  EXPECT_EQ(PolicyAutomaton(lifecycle, names, {{"NOWHERE"}, {}}).status().message(),
            "starts: 'NOWHERE'; expected states that the policy can come to");
  EXPECT_EQ(PolicyAutomaton(lifecycle, names, {{"WORK"}, {"NEW"}}).status().message(),
            "ends: none can be reached; expected one that a start leads to");
  EXPECT_EQ(PolicyAutomaton(lifecycle, names, {}, {1, 0, 1}).status().message(),
            "insert: 0; expected 1 to 1000000");
  EXPECT_EQ(PolicyAutomaton(lifecycle, IdIndex(false)).status().code(),
            absl::StatusCode::kFailedPrecondition);
  Policy endless = SmallPolicy();
  endless.transitions.pop_back();
  endless.states[3].kind = StateKind::kOpen;
  EXPECT_EQ(PolicyAutomaton(Compiled(endless), names).status().message(),
            "ends: none; expected a state at least");
}

TEST(PolicyAutomatonTest, APolicyThatRemembersTooMuchIsRefused) {
  Policy policy;
  policy.name = "wide";
  policy.version = "1";
  policy.events = {{"receive", EventKind::kReceive}, {"go"}, {"close", EventKind::kClose}};
  const auto name = [](size_t i) { return "S" + std::to_string(i); };
  for (size_t i = 0; i < 31; ++i) policy.states.push_back({name(i)});
  policy.states.push_back({"DONE", StateKind::kClosed});
  policy.transitions = {Way("receive", {}, name(0))};
  std::vector<std::string> all;
  for (size_t i = 0; i < 31; ++i) all.push_back(name(i));
  policy.transitions.push_back(Way("close", all, "DONE"));
  // Levels of six states, each of which leads to each of the next and remembers: 6^5 memories.
  for (size_t i = 0; i < 24; ++i) {
    for (size_t k = 0; k < 6; ++k) {
      policy.transitions.push_back(Way("go", {name(i)}, name((i / 6 + 1) * 6 + k), true));
    }
  }
  for (size_t i = 1; i < 6; ++i) {
    policy.transitions.push_back(Way("go", {name(0)}, name(i)));
  }
  const Lifecycle lifecycle = Compiled(policy);
  EXPECT_EQ(PolicyAutomaton(lifecycle, EventsOf(policy)).status().message(),
            "policy: more states with what they remember; expected at most 1024");
}

TEST(PolicyAutomatonTest, EveryPresetLetsACaseBeVoided) {
  for (const char *name : {"default", "disp", "disp-payments", "cfpb", "rg271", "12315"}) {
    auto policy = PresetPolicy(name, 2);
    ASSERT_TRUE(policy.ok()) << policy.status();
    const Lifecycle lifecycle = Compiled(*std::move(policy));
    const auto automaton = PolicyAutomaton(lifecycle, EventsOf(lifecycle.policy()));
    ASSERT_TRUE(automaton.ok()) << name << automaton.status();
    const Word word = {lifecycle.EventNamed("receive"), lifecycle.EventNamed("void")};
    EXPECT_EQ(automaton->Distance(word), 0) << name;
    EXPECT_EQ(automaton->Distance(std::span(word).subspan(1)), 1) << name;
  }
}

}  // namespace
}  // namespace patron::complaints
