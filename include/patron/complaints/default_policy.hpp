// The default policy of complaints and those of four regulators, as data.
#ifndef PATRON_COMPLAINTS_DEFAULT_POLICY_HPP_
#define PATRON_COMPLAINTS_DEFAULT_POLICY_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/money.hpp"
#include "patron/base/status.hpp"
#include "patron/complaints/policy.hpp"

namespace patron::complaints {

// The stages of ISO 10002 with the states and transitions below. Its clocks run on a calendar named
// "service"; limits of time and money are examples, to be replaced by the house's own.
//
//   RECEIVED, ACKNOWLEDGED, TRIAGED, INVESTIGATING, AWAITING_CUSTOMER, AWAITING_THIRD_PARTY,
//   PROPOSED, COMMUNICATED, ACCEPTED, REJECTED_BY_CUSTOMER, RECOVERY, CLOSED, WITHDRAWN, MERGED,
//   EXTERNAL_DISPUTE, VOID
Policy DefaultPolicy(int decimals = kDefaultDecimals);

// The default policy ("default"), or that with the clocks of a regulator on a calendar named
// "regulator":
//
//   "disp"           UK, FCA Handbook, DISP 1.5 and 1.6: final response by the end of 8 weeks;
//                    summary resolution by the close of the 3rd business day after receipt.
//   "disp-payments"  UK, DISP 1.6.2A: 15 business days, 35 after a holding reply.
//   "cfpb"           US, CFPB: 15 calendar days, 60 after a reply that it is in progress.
//   "rg271"          Australia, ASIC RG 271: acknowledged in 24 hours, answered in 30 calendar days;
//                    closed in 5 days no letter is needed.
//   "rg271-super"    The same with 45 calendar days, for superannuation.
//   "12315"          China, market regulator: accepted or refused in 7 working days, mediation ends
//                    45 working days after acceptance. Working days follow the make-up days.
//
// Errors: InvalidArgument for another name.
absl::StatusOr<Policy> PresetPolicy(std::string_view name, int decimals = kDefaultDecimals);

// The names of the presets.
std::vector<std::string_view> PresetNames();

namespace detail {

inline constexpr int64_t kPolicyHour = 3'600 * kMicrosPerSecond;

inline Limit WorkingHours(int64_t hours) { return {LimitKind::kWorkingTime, hours * kPolicyHour}; }

class DefaultPolicyBuilder {
 public:
  explicit DefaultPolicyBuilder(int decimals) : unit_(PowerOfTen(decimals)) {
    policy_.name = "default";
    policy_.version = "1";
    policy_.source = "Stages of ISO 10002:2018; limits are examples";
    policy_.source_date = "2018-07";
    policy_.decimals = decimals;
  }

  Policy Build() {
    AddStates();
    AddEvents();
    AddMoves();
    AddSideEvents();
    AddClocks();
    AddAuthority();
    AddEscalations();
    policy_.reopen_window = {LimitKind::kCalendarDays, 30};
    policy_.reopen_calendar = "service";
    return std::move(policy_);
  }

 private:
  using Names = std::vector<std::string>;

  void AddStates() {
    for (const char *name :
         {"RECEIVED", "ACKNOWLEDGED", "TRIAGED", "INVESTIGATING", "AWAITING_CUSTOMER",
          "AWAITING_THIRD_PARTY", "PROPOSED", "COMMUNICATED", "ACCEPTED", "REJECTED_BY_CUSTOMER",
          "RECOVERY", "CLOSED", "WITHDRAWN", "MERGED", "EXTERNAL_DISPUTE", "VOID"}) {
      policy_.states.push_back({name, StateKind::kOpen});
    }
    policy_.states[7].kind = StateKind::kDecided;
    policy_.states[11].kind = policy_.states[12].kind = StateKind::kClosed;
    policy_.states[13].kind = StateKind::kMerged;
    policy_.states[14].kind = StateKind::kExternal;
    policy_.states[15].kind = StateKind::kVoid;
  }

  void AddEvents() {
    for (size_t i = 0; i < static_cast<size_t>(EventKind::kOther); ++i) {
      const auto kind = static_cast<EventKind>(i);
      const bool outward = kind == EventKind::kAcknowledge || kind == EventKind::kAskCustomer ||
                           kind == EventKind::kMessageOut || kind == EventKind::kCommunicate ||
                           kind == EventKind::kHoldingReply || kind == EventKind::kPromise;
      policy_.events.push_back({std::string(KindName(kind)), kind, outward});
    }
    policy_.events.push_back({"regulator_letter", EventKind::kOther, false});
  }

  Names States(std::initializer_list<size_t> places) const {
    Names names;
    for (const size_t place : places) names.push_back(policy_.states[place].name);
    return names;
  }
  Names StatesTo(size_t first, size_t last) const {
    Names names;
    for (size_t i = first; i <= last; ++i) names.push_back(policy_.states[i].name);
    return names;
  }

  void Move(const char *event, Names from, size_t to, uint32_t guards = 0, bool remember = false) {
    policy_.transitions.push_back(
        {event, std::move(from), MoveKind::kTo, policy_.states[to].name, guards, remember});
  }
  void Return(const char *event, Names from) {
    policy_.transitions.push_back({event, std::move(from), MoveKind::kReturn, "", 0, false});
  }
  void Stay(const char *event, Names from, uint32_t guards = 0) {
    policy_.transitions.push_back({event, std::move(from), MoveKind::kStay, "", guards, false});
  }

  void AddMoves() {
    Move("receive", {}, 0);
    Move("acknowledge", States({0}), 1);
    Move("triage", States({0, 1}), 2);
    Move("investigate", States({1, 2, 9}), 3);
    Move("ask_customer", States({2, 3, 6}), 4, 0, true);
    Move("ask_third_party", States({2, 3}), 5, 0, true);
    Return("answer_received", States({4, 5}));
    Move("propose", States({2, 3}), 6);
    Move("communicate", States({6}), 7, kNeedsDecision | kNeedsApproval);
    Move("communicate", States({1, 2, 3}), 7, kNeedsDecision | kNeedsAuthority);
    Move("accept", States({7}), 8);
    Move("reject", States({7}), 9);
    Move("window_expired", States({7}), 11, kNeedsWindowOver | kNeedsRecord | kNeedsNoHold);
    Move("start_recovery", States({8}), 10, kNeedsRemedyDue);
    Move("recovery_done", States({10}), 11, kNeedsRecord | kNeedsNoHold);
    Move("close", States({8}), 11, kNeedsRemedyDone | kNeedsRecord | kNeedsNoHold);
    Move("withdraw", StatesTo(0, 9), 12, kNeedsNoHold);
    Move("merge_into", StatesTo(0, 9), 13, kNeedsCase, true);
    Return("unmerge", States({13}));
    Move("refer_external", States({7, 9, 11}), 14);
    Move("refer_external", States({0, 1, 2, 3, 4, 5, 6, 8, 10}), 14, kNeedsLimitPassed);
    Move("external_decision", States({14}), 10, kNeedsRemedyDue);
    Move("external_decision", States({14}), 11, kNeedsRecord | kNeedsNoHold);
    Move("reopen", States({11, 12}), 2, kNeedsWindow);
    Move("void", StatesTo(0, 2), 15, kNeedsNoHold);
  }

  // What does not move the case.
  void AddSideEvents() {
    const Names open = StatesTo(0, 10);
    Names all = StatesTo(0, 14);
    for (const char *event :
         {"set_severity", "set_media", "set_hold", "record_cause", "message_in", "message_out",
          "note", "promise", "promise_kept", "escalate", "de_escalate", "regulator_letter",
          "promise_broken", "breach", "breach_voided", "migrate"}) {
      Stay(event, all);
    }
    Stay("link", all, kNeedsCase);
    Stay("split", open, kNeedsCase);
    Stay("approve", States({6}), kNeedsAuthority | kNeedsOtherPerson);
    Stay("holding_reply", open);
    Stay("compensate", StatesTo(1, 14), kNeedsAuthority);
    Stay("reverse", StatesTo(0, 15));
  }

  ClockRule Service(const char *name, const Limit &limit) const {
    ClockRule rule;
    rule.name = name;
    rule.limit = limit;
    rule.calendar = "service";
    rule.stop_states = StatesTo(11, 15);
    return rule;
  }

  void AddClocks() {
    const Names waiting = States({4, 5});
    ClockRule rule = Service("acknowledge", WorkingHours(8));
    rule.starts = {"receive"};
    rule.stops = {"acknowledge"};
    rule.reopen = ReopenRule::kFirstOnly;
    policy_.clocks.push_back(rule);

    rule = Service("first_reply", WorkingHours(16));
    rule.starts = {"receive"};
    rule.stops = {"acknowledge", "ask_customer", "message_out", "holding_reply", "communicate"};
    rule.pause_states = waiting;
    rule.by_person = true;
    rule.reopen = ReopenRule::kFirstOnly;
    policy_.clocks.push_back(rule);

    rule = Service("next_reply", WorkingHours(16));
    rule.starts = {"message_in"};
    rule.stops = {"ask_customer", "message_out", "holding_reply", "communicate"};
    rule.reopen = ReopenRule::kFirstOnly;
    policy_.clocks.push_back(rule);

    rule = Service("periodic_update", WorkingHours(80));
    rule.starts = {"acknowledge", "ask_customer", "message_out", "holding_reply"};
    rule.stops = {"communicate"};
    rule.repeats = true;
    rule.reopen = ReopenRule::kFirstOnly;
    policy_.clocks.push_back(rule);

    rule.name = "pausable_update";
    rule.pause_states = waiting;
    policy_.clocks.push_back(rule);

    rule = Service("resolution", WorkingHours(80));
    rule.by_severity = {WorkingHours(120), WorkingHours(80), WorkingHours(40), WorkingHours(16)};
    rule.starts = {"receive"};
    rule.stop_states = States({7, 8, 10, 11, 12, 13, 14, 15});
    rule.pause_states = waiting;
    policy_.clocks.push_back(rule);

    rule = Service("requester_wait", WorkingHours(160));
    rule.starts = {"receive"};
    rule.pause_states = States({4});
    policy_.clocks.push_back(rule);

    rule = Service("agent_work", WorkingHours(120));
    rule.starts = {"receive"};
    rule.pause_states = States({4, 5, 6});
    policy_.clocks.push_back(rule);

    rule = Service("recovery", WorkingHours(40));
    rule.starts = {"accept", "start_recovery", "external_decision"};
    rule.stops = {"recovery_done"};
    rule.reopen = ReopenRule::kFirstOnly;
    policy_.clocks.push_back(rule);

    rule = {};
    rule.name = "regulatory";
    rule.limit = {LimitKind::kCalendarDays, 56};
    rule.calendar = "service";
    rule.starts = {"receive"};
    rule.stops = {"communicate", "withdraw", "void"};
    rule.regulatory = true;
    rule.reopen = ReopenRule::kFirstOnly;
    policy_.clocks.push_back(rule);

    rule = {};
    rule.name = "answer_window";
    rule.limit = {LimitKind::kCalendarDays, 14};
    rule.calendar = "service";
    rule.starts = {"communicate"};
    rule.stops = {"accept", "reject"};
    rule.stop_states = StatesTo(8, 15);
    rule.reopen = ReopenRule::kFirstOnly;
    rule.on_due = OnDue::kFire;
    rule.fires = "window_expired";
    policy_.clocks.push_back(rule);
  }

  void Allow(const char *role, Names events, int severity, int64_t units, bool in_crisis,
             bool other_person) {
    AuthorityRule rule;
    rule.role = role;
    rule.events = std::move(events);
    rule.max_severity = severity;
    if (units != kNoLimit) {
      rule.single = rule.of_case = units * unit_;
      rule.of_customer = 3 * units * unit_;
    }
    rule.in_crisis = in_crisis;
    rule.other_person = other_person;
    policy_.authority.push_back(rule);
  }

  void AddAuthority() {
    policy_.roles = {{"customer", true},     {"system", false},  {"frontline", true},
                     {"supervisor", true},   {"manager", true},  {"board", true},
                     {"spokesperson", true}, {"regulator", true}};
    const Names intake = {"receive",        "acknowledge",     "set_severity",
                          "set_media",      "triage",          "investigate",
                          "ask_customer",   "ask_third_party", "answer_received",
                          "record_cause",   "promise",         "message_in",
                          "message_out",    "holding_reply",   "accept",
                          "reject",         "promise_kept",    "withdraw",
                          "link",           "escalate",        "note",
                          "reopen",         "refer_external",  "external_decision",
                          "promise_broken", "regulator_letter"};
    const Names handling = {"propose",        "communicate",   "compensate",
                            "start_recovery", "recovery_done", "close"};
    const Names deciding = {"approve",     "merge_into", "unmerge", "split",   "void",
                            "de_escalate", "set_hold",   "migrate", "reverse", "breach_voided"};
    Allow("customer",
          {"receive", "message_in", "answer_received", "accept", "reject", "withdraw", "reopen",
           "refer_external"},
          4, kNoLimit, false, false);
    Allow("system",
          {"receive", "message_in", "acknowledge", "message_out", "note", "escalate",
           "promise_broken", "breach", "breach_voided", "window_expired", "link", "answer_received",
           "migrate", "regulator_letter"},
          4, kNoLimit, false, false);
    Allow("frontline", intake, 4, 50, false, false);
    Allow("frontline", handling, 2, 50, false, false);
    const auto add = [&](const char *role, int severity, int64_t units) {
      Allow(role, intake, 4, units, false, false);
      Allow(role, handling, severity, units, false, false);
      Allow(role, deciding, severity, units, false, true);
    };
    add("supervisor", 3, 500);
    add("manager", 4, 5'000);
    add("board", 4, kNoLimit);
    Allow("spokesperson",
          {"acknowledge", "ask_customer", "message_in", "message_out", "holding_reply",
           "communicate", "promise", "note", "set_media"},
          4, 0, true, false);
    Allow("regulator", {"message_in", "refer_external", "external_decision", "regulator_letter"}, 4,
          kNoLimit, false, false);
  }

  void AddEscalations() {
    policy_.ladder = {"frontline", "supervisor", "manager", "board"};
    const auto share = [&](const char *clock, int64_t percent, int32_t level) {
      policy_.escalations.push_back({EscalationTrigger::kClockShare, clock, percent, level});
    };
    share("resolution", 50, 1);
    share("resolution", 75, 2);
    share("resolution", 100, 3);
    share("resolution", 150, 4);
    share("regulatory", 75, 3);
    share("regulatory", 100, 4);
    policy_.escalations.push_back({EscalationTrigger::kRejections, "", 2, 2});
    policy_.escalations.push_back({EscalationTrigger::kCycle, "", 2, 3});
    policy_.escalations.push_back({EscalationTrigger::kMedia, "", 1, 3});
    policy_.escalations.push_back({EscalationTrigger::kAmount, "", 500 * unit_, 3});
    policy_.escalations.push_back({EscalationTrigger::kEvent, "regulator_letter", 0, 3});
  }

  Policy policy_;
  int64_t unit_;
};

// A clock of the law: never paused, stopped by the answer or by the customer's withdrawal.
inline ClockRule LegalClock(const char *name, Limit limit, const char *stop) {
  ClockRule rule;
  rule.name = name;
  rule.limit = limit;
  rule.calendar = "regulator";
  rule.starts = {"receive"};
  rule.stops = {stop, "withdraw", "void"};
  rule.regulatory = true;
  rule.reopen = ReopenRule::kFirstOnly;
  rule.recompute = RecomputeRule::kOrigin;
  return rule;
}

// A shorter way that ends: nothing is broken when it does.
inline ClockRule ShorterWay(const char *name, Limit limit) {
  ClockRule rule = LegalClock(name, limit, "accept");
  rule.on_due = OnDue::kNothing;
  return rule;
}

}  // namespace detail

inline Policy DefaultPolicy(int decimals) { return detail::DefaultPolicyBuilder(decimals).Build(); }

inline std::vector<std::string_view> PresetNames() {
  return {"default", "disp", "disp-payments", "cfpb", "rg271", "rg271-super", "12315"};
}

inline absl::StatusOr<Policy> PresetPolicy(std::string_view name, int decimals) {
  using detail::LegalClock;
  using detail::ShorterWay;
  Policy policy = DefaultPolicy(decimals);
  if (name == "default") return policy;
  policy.name = std::string(name);
  const auto legal = std::ranges::find(policy.clocks, "regulatory", &ClockRule::name);
  const auto place = static_cast<size_t>(legal - policy.clocks.begin());
  std::vector<ClockRule> clocks;
  if (name == "disp") {
    policy.source = "FCA Handbook, DISP 1.5 and 1.6";
    policy.source_date = "2026";
    clocks = {LegalClock("final_response", {LimitKind::kCalendarWeeks, 8}, "communicate"),
              ShorterWay("summary_resolution", {LimitKind::kBusinessDays, 3})};
  } else if (name == "disp-payments") {
    policy.source = "FCA Handbook, DISP 1.6.2A";
    policy.source_date = "2026";
    clocks = {LegalClock("final_response", {LimitKind::kBusinessDays, 15}, "communicate")};
    clocks[0].extends = true;
    clocks[0].extended = {LimitKind::kBusinessDays, 35};
  } else if (name == "cfpb") {
    policy.source = "CFPB, Company Portal Manual";
    policy.source_date = "2026";
    clocks = {LegalClock("response", {LimitKind::kCalendarDays, 15}, "communicate")};
    clocks[0].extends = true;
    clocks[0].extended = {LimitKind::kCalendarDays, 60};
  } else if (name == "rg271" || name == "rg271-super") {
    policy.source = "ASIC Regulatory Guide 271";
    policy.source_date = "2026";
    clocks = {LegalClock("acknowledgement", {LimitKind::kElapsedTime, 24 * detail::kPolicyHour},
                         "acknowledge"),
              LegalClock("response", {LimitKind::kCalendarDays, name == "rg271" ? 30 : 45},
                         "communicate"),
              ShorterWay("no_letter", {LimitKind::kCalendarDays, 5})};
  } else if (name == "12315") {
    policy.source =
        "Interim Measures for Handling Complaints and Reports to Market Regulation, "
        "articles 14 and 21";
    policy.source_date = "2026";
    clocks = {LegalClock("acceptance", {LimitKind::kBusinessDays, 7}, "triage"),
              LegalClock("mediation", {LimitKind::kBusinessDays, 45}, "communicate")};
    clocks[1].starts = {"triage"};
  } else {
    std::string known;
    for (const std::string_view preset : PresetNames()) {
      absl::StrAppend(&known, known.empty() ? "" : ", ", Text(preset));
    }
    return InvalidOption("preset", Quoted(name), known);
  }
  // The first stands where the clock of the default policy did, and escalates as that.
  for (EscalationRule &rule : policy.escalations) {
    if (rule.subject == "regulatory") rule.subject = clocks[0].name;
  }
  policy.clocks[place] = clocks[0];
  policy.clocks.insert(policy.clocks.begin() + static_cast<std::ptrdiff_t>(place) + 1,
                       clocks.begin() + 1, clocks.end());
  return policy;
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_DEFAULT_POLICY_HPP_
