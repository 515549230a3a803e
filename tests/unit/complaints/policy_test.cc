// The policy: the default table, presets, the checker and the picture.
#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "patron/complaints/default_policy.hpp"
#include "patron/complaints/lifecycle.hpp"
#include "patron/complaints/policy_check.hpp"
#include "patron/complaints/policy_graph.hpp"

namespace patron::complaints {
namespace {

Lifecycle Compiled(Policy policy) {
  auto lifecycle = Lifecycle::Compile(std::move(policy));
  EXPECT_TRUE(lifecycle.ok()) << lifecycle.status();
  return *std::move(lifecycle);
}

// Where `event` leads from `state`, "stay", "return" or "" for nowhere; the first way of several.
std::string To(const Lifecycle &lifecycle, const char *event, size_t state) {
  const auto moves = lifecycle.MovesOf(lifecycle.EventNamed(event), static_cast<uint8_t>(state));
  if (moves.empty()) return "";
  if (moves[0].kind == MoveKind::kStay) return "stay";
  if (moves[0].kind == MoveKind::kReturn) return "return";
  return lifecycle.policy().states[moves[0].to].name;
}

std::vector<std::string> Problems(Policy policy) {
  std::vector<std::string> problems;
  for (const PolicyFinding &finding : CheckPolicy(Compiled(std::move(policy)))) {
    problems.push_back(std::string(ProblemName(finding.problem)) + ": " + finding.subject);
  }
  return problems;
}

Transition &Find(Policy &policy, const char *event) {
  return *std::ranges::find(policy.transitions, event, &Transition::event);
}

// The table of the default policy: event, states it comes from, where it leads.
TEST(PolicyTest, TheDefaultTableIsThatOfTheStages) {
  const Lifecycle lifecycle = Compiled(DefaultPolicy());
  struct Row {
    const char *event;
    std::set<size_t> from;
    const char *to;
  };
  const std::vector<Row> table = {
      {"acknowledge", {0}, "ACKNOWLEDGED"},
      {"triage", {0, 1}, "TRIAGED"},
      {"investigate", {1, 2, 9}, "INVESTIGATING"},
      {"ask_customer", {2, 3, 6}, "AWAITING_CUSTOMER"},
      {"ask_third_party", {2, 3}, "AWAITING_THIRD_PARTY"},
      {"answer_received", {4, 5}, "return"},
      {"propose", {2, 3}, "PROPOSED"},
      {"communicate", {1, 2, 3, 6}, "COMMUNICATED"},
      {"accept", {7}, "ACCEPTED"},
      {"reject", {7}, "REJECTED_BY_CUSTOMER"},
      {"window_expired", {7}, "CLOSED"},
      {"start_recovery", {8}, "RECOVERY"},
      {"recovery_done", {10}, "CLOSED"},
      {"close", {8}, "CLOSED"},
      {"withdraw", {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, "WITHDRAWN"},
      {"merge_into", {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, "MERGED"},
      {"unmerge", {13}, "return"},
      {"refer_external", {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, "EXTERNAL_DISPUTE"},
      {"external_decision", {14}, "RECOVERY"},
      {"reopen", {11, 12}, "TRIAGED"},
      {"void", {0, 1, 2}, "VOID"},
  };
  for (const Row &row : table) {
    for (size_t state = 0; state < 16; ++state) {
      EXPECT_EQ(To(lifecycle, row.event, state), row.from.contains(state) ? row.to : "")
          << row.event << " from " << state;
    }
  }
  EXPECT_EQ(To(lifecycle, "receive", Lifecycle::kNoCase), "RECEIVED");
  EXPECT_EQ(To(lifecycle, "receive", 0), "");
  EXPECT_EQ(To(lifecycle, "note", 13), "stay");
}

TEST(PolicyTest, TheDefaultPolicyAndThePresetsHaveNoFindings) {
  EXPECT_EQ(Problems(DefaultPolicy()), std::vector<std::string>());
  for (const std::string_view name : PresetNames()) {
    auto policy = PresetPolicy(name);
    ASSERT_TRUE(policy.ok()) << policy.status();
    EXPECT_FALSE(policy->source.empty() || policy->source_date.empty());
    EXPECT_EQ(Problems(*policy), std::vector<std::string>()) << name;
  }
}

TEST(PolicyTest, PresetsHaveTheLimitsOfTheRules) {
  const auto clock = [](const char *preset, const char *name) {
    const Policy policy = *PresetPolicy(preset);
    return *std::ranges::find(policy.clocks, name, &ClockRule::name);
  };
  EXPECT_EQ(clock("disp", "final_response").limit, (Limit{LimitKind::kCalendarWeeks, 8}));
  EXPECT_EQ(clock("disp", "summary_resolution").limit, (Limit{LimitKind::kBusinessDays, 3}));
  EXPECT_EQ(clock("disp-payments", "final_response").limit, (Limit{LimitKind::kBusinessDays, 15}));
  EXPECT_EQ(clock("disp-payments", "final_response").extended,
            (Limit{LimitKind::kBusinessDays, 35}));
  EXPECT_EQ(clock("cfpb", "response").limit, (Limit{LimitKind::kCalendarDays, 15}));
  EXPECT_EQ(clock("cfpb", "response").extended, (Limit{LimitKind::kCalendarDays, 60}));
  EXPECT_EQ(clock("rg271", "acknowledgement").limit,
            (Limit{LimitKind::kElapsedTime, 86'400'000'000}));
  EXPECT_EQ(clock("rg271", "response").limit, (Limit{LimitKind::kCalendarDays, 30}));
  EXPECT_EQ(clock("rg271-super", "response").limit, (Limit{LimitKind::kCalendarDays, 45}));
  EXPECT_EQ(clock("12315", "acceptance").limit, (Limit{LimitKind::kBusinessDays, 7}));
  EXPECT_EQ(clock("12315", "mediation").limit, (Limit{LimitKind::kBusinessDays, 45}));
  EXPECT_EQ(clock("12315", "mediation").starts, std::vector<std::string>{"triage"});
}

TEST(PolicyTest, AnUnknownPresetIsRefusedByName) {
  EXPECT_EQ(
      PresetPolicy("dips").status().message(),
      "preset: 'dips'; expected default, disp, disp-payments, cfpb, rg271, rg271-super, 12315");
}

TEST(PolicyTest, TheCheckerNamesWhatIsOutOfReachAndWhatNeverFires) {
  Policy policy = DefaultPolicy();
  std::erase_if(policy.transitions,
                [](const Transition &t) { return t.event == "start_recovery"; });
  Find(policy, "external_decision").to = "CLOSED";
  Find(policy, "external_decision").guards |= kNeedsRecord | kNeedsNoHold;
  EXPECT_EQ(
      Problems(policy),
      (std::vector<std::string>{
          "unreachable: state RECOVERY", "never_fires: transition recovery_done from RECOVERY",
          "never_fires: event start_recovery", "never_fires: event recovery_done"}));
}

TEST(PolicyTest, TheCheckerNamesDeadEnds) {
  Policy policy = DefaultPolicy();
  std::erase_if(policy.transitions,
                [](const Transition &t) { return t.event == "external_decision"; });
  EXPECT_EQ(Problems(policy), (std::vector<std::string>{"dead_end: state EXTERNAL_DISPUTE",
                                                        "never_fires: event external_decision"}));
  // A clock that nothing stops is one, too.
  Policy clocks = DefaultPolicy();
  clocks.clocks[0].stops.clear();
  clocks.clocks[0].stop_states.clear();
  EXPECT_EQ(Problems(clocks), std::vector<std::string>{"dead_end: clock acknowledge"});
}

TEST(PolicyTest, TheCheckerNamesTransitionsWithoutTheirGuard) {
  struct Case {
    const char *event;
    const char *finding;
  };
  for (const Case &wrong :
       {Case{"communicate", "no_guard: transition communicate from PROPOSED"},
        Case{"compensate", ""}, Case{"approve", "no_guard: transition approve from PROPOSED"},
        Case{"reopen", "no_guard: transition reopen from CLOSED, WITHDRAWN"},
        Case{"close", "no_guard: transition close from ACCEPTED"}, Case{"link", ""},
        Case{"void", "no_guard: transition void from RECEIVED, ACKNOWLEDGED, TRIAGED"}}) {
    Policy policy = DefaultPolicy();
    Find(policy, wrong.event).guards = 0;
    const std::vector<std::string> problems = Problems(policy);
    ASSERT_FALSE(problems.empty()) << wrong.event;
    const std::string finding =
        *wrong.finding != '\0' ? wrong.finding : "no_guard: transition " + std::string(wrong.event);
    EXPECT_EQ(problems[0].substr(0, finding.size()), finding);
  }
}

TEST(PolicyTest, TheCheckerNamesATransitionThatAnEarlierOneAlwaysPrecedes) {
  Policy policy = DefaultPolicy();
  std::swap(*std::ranges::find(policy.transitions, "external_decision", &Transition::event),
            *(std::ranges::find(policy.transitions, "external_decision", &Transition::event) + 1));
  Find(policy, "external_decision").guards = 0;
  const auto problems = Problems(policy);
  EXPECT_EQ(problems, (std::vector<std::string>{
                          "no_guard: transition external_decision from EXTERNAL_DISPUTE",
                          "no_guard: transition external_decision from EXTERNAL_DISPUTE",
                          "never_fires: transition external_decision from EXTERNAL_DISPUTE"}));
}

TEST(PolicyTest, TheCheckerNamesEventsWithoutARoleAndLevelsWithoutOne) {
  Policy policy = DefaultPolicy();
  for (AuthorityRule &rule : policy.authority) std::erase(rule.events, "de_escalate");
  policy.escalations.push_back({EscalationTrigger::kCycle, "", 5, 9});
  policy.guarantees.push_back({"fast", GuaranteeTrigger::kBreach, "answer_window", 10, 100});
  EXPECT_EQ(Problems(policy), (std::vector<std::string>{"no_authority: event de_escalate",
                                                        "never_fires: escalation to level 9",
                                                        "never_fires: guarantee fast"}));
}

TEST(PolicyTest, RefusesWhatContradictsItself) {
  const auto message = [](auto change) {
    Policy policy = DefaultPolicy();
    change(policy);
    return std::string(Lifecycle::Compile(std::move(policy)).status().message());
  };
  EXPECT_EQ(message([](Policy &p) { p.states[1].name = "RECEIVED"; }),
            "policy: states: 'RECEIVED'; expected each name once");
  EXPECT_EQ(message([](Policy &p) { p.transitions[1].to = "NOWHERE"; }),
            "policy: transition acknowledge: 'NOWHERE'; expected a state");
  EXPECT_EQ(message([](Policy &p) { p.transitions[0].from = {"VOID"}; }),
            "policy: transition receive: its states; expected states to come from, or none and a "
            "state to go to for what receives");
  EXPECT_EQ(message([](Policy &p) { p.clocks[9].pause_states = {"VOID"}; }),
            "policy: clock regulatory: pauses; expected none, for its limit counts days");
  EXPECT_EQ(message([](Policy &p) { p.clocks[0].calendar = ""; }),
            "policy: clock acknowledge: no calendar; expected one, for a limit that is not elapsed "
            "time");
  EXPECT_EQ(message([](Policy &p) { p.clocks[0].limit.amount = -1; }),
            "policy: clock acknowledge: a limit of -1; expected 0 or more, 1 of days");
  EXPECT_EQ(message([](Policy &p) { p.authority[0].events.push_back("bow"); }),
            "policy: authority: 'bow'; expected events, each once");
  EXPECT_EQ(message([](Policy &p) { p.name = "\xff"; }),
            "policy: name: '\\xff'; expected a name in UTF-8 of at most 100 bytes");
  EXPECT_EQ(message([](Policy &p) { p.decimals = 10; }).substr(0, 16), "policy: decimals");
  EXPECT_EQ(message([](Policy &p) { p.transitions.erase(p.transitions.begin()); }),
            "policy: transitions: none that receives a case; expected one");
  EXPECT_EQ(message([](Policy &p) {
              p.states.resize(33, {"X", StateKind::kOpen});
            }),
            "policy: states: 33; expected at most 32");
  // Asked by the customer who was asked by a third party who ...: a cycle of states to return to.
  EXPECT_EQ(message([](Policy &p) {
              Find(p, "ask_third_party").from.push_back("AWAITING_CUSTOMER");
              Find(p, "ask_customer").from.push_back("AWAITING_THIRD_PARTY");
            }),
            "policy: transitions: states to return to that pile up; expected at most 4 in a row");
}

TEST(PolicyTest, DrawsItself) {
  const std::string graph = PolicyGraph(Compiled(DefaultPolicy()));
  EXPECT_EQ(graph.substr(0, 19), "digraph \"default\" {");
  for (const char *line :
       {"  start -> \"RECEIVED\" [label=\"receive\"];\n", "  \"CLOSED\" [peripheries=2];\n",
        "  \"PROPOSED\" -> \"COMMUNICATED\" [label=\"communicate [decision, approval]\"];\n",
        "  \"AWAITING_CUSTOMER\" -> \"INVESTIGATING\" [label=\"answer_received\", style=dashed];\n",
        "  \"EXTERNAL_DISPUTE\" -> \"RECOVERY\" [label=\"external_decision [remedy_due]\"];\n"}) {
    EXPECT_NE(graph.find(line), std::string::npos) << line;
  }
  // A third party is asked only while triaged or investigating.
  EXPECT_EQ(graph.find("\"AWAITING_THIRD_PARTY\" -> \"PROPOSED\""), std::string::npos);
}

TEST(PolicyTest, NamesInThePictureAreQuoted) {
  Policy policy = DefaultPolicy();
  policy.name = "a\"b\\c";
  EXPECT_EQ(PolicyGraph(Compiled(std::move(policy))).substr(0, 20), "digraph \"a\\\"b\\\\c\" {\n");
}

}  // namespace
}  // namespace patron::complaints
