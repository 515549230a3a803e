// A policy ready for use: names checked and resolved, moves and authority looked up by number.
#ifndef PATRON_COMPLAINTS_LIFECYCLE_HPP_
#define PATRON_COMPLAINTS_LIFECYCLE_HPP_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
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

// States, events, clocks and roles have their place in the policy as number. Threads may share one.
class Lifecycle {
 public:
  static constexpr uint8_t kNone = 255;
  static constexpr uint8_t kNoCase = kMostStates;  // The state before there is a case.

  struct Move {
    MoveKind kind;
    uint8_t to;
    bool remember;
    uint32_t guards;
  };

  // A clock's events and states as sets of bits.
  struct ClockSets {
    uint64_t starts = 0;
    uint64_t stops = 0;
    uint32_t stop_states = 0;
    uint32_t pause_states = 0;
    uint8_t fires = kNone;
  };

  struct Escalation {
    EscalationTrigger trigger;
    uint8_t subject;  // Clock or event.
    int32_t level;
    int64_t threshold;
  };

  // Errors: InvalidArgument for what contradicts itself: names that are empty, longer than
  // kMostNameBytes, not UTF-8, equal or unknown, numbers out of range, more of anything than the limits of policy.hpp,
  // a pause of a limit that counts days, no event that receives a case, and states to return to that
  // could pile up beyond kMostRemembered. What is merely unwise CheckPolicy finds. Cost: O(rules).
  static absl::StatusOr<Lifecycle> Compile(Policy policy);

  const Policy &policy() const { return policy_; }

  // The number of a name, or kNone.
  uint8_t StateNamed(std::string_view name) const { return PlaceOf(policy_.states, name); }
  uint8_t EventNamed(std::string_view name) const { return PlaceOf(policy_.events, name); }
  uint8_t ClockNamed(std::string_view name) const { return PlaceOf(policy_.clocks, name); }
  uint8_t RoleNamed(std::string_view name) const { return PlaceOf(policy_.roles, name); }

  // The moves of `event` from `state`, in the order in which they are tried.
  std::span<const Move> MovesOf(uint8_t event, uint8_t state) const {
    const Range range = ranges_[static_cast<size_t>(event) * (kMostStates + 1) + state];
    return std::span(moves_).subspan(range.begin, range.count);
  }

  // The rule that lets `role` do `event`, or null.
  const AuthorityRule *AuthorityOf(uint8_t role, uint8_t event) const {
    const uint16_t place = authority_[static_cast<size_t>(role) * kMostEvents + event];
    return place == 0 ? nullptr : &policy_.authority[place - 1U];
  }

  const ClockSets &clock_sets(uint8_t clock) const { return clocks_[clock]; }
  std::span<const Escalation> escalations() const { return escalations_; }
  // Whether an event may escalate a case as it happens.
  bool may_escalate(uint8_t event) const { return (escalating_ >> event & 1U) != 0; }
  StateKind state_kind(uint8_t state) const { return kinds_[state]; }
  EventKind event_kind(uint8_t event) const { return event_kinds_[event]; }
  bool outward(uint8_t event) const { return (outward_ >> event & 1U) != 0; }

  // The limit of a clock for a severity; 0, not assessed yet, is as 1.
  static const Limit &LimitFor(const ClockRule &clock, int severity) {
    if (clock.by_severity.empty()) return clock.limit;
    return clock.by_severity[static_cast<size_t>(std::max(severity, 1) - 1)];
  }

 private:
  struct Range {
    uint16_t begin = 0;
    uint16_t count = 0;
  };

  explicit Lifecycle(Policy policy) : policy_(std::move(policy)) {}

  template <typename Rule>
  static uint8_t PlaceOf(const std::vector<Rule> &rules, std::string_view name) {
    for (size_t i = 0; i < rules.size(); ++i) {
      if (rules[i].name == name) return static_cast<uint8_t>(i);
    }
    return kNone;
  }

  absl::Status CheckNames() const;
  absl::Status AddMoves();
  absl::Status AddClocks();
  absl::Status AddAuthority();
  absl::Status AddEscalations();
  absl::Status CheckRest() const;
  absl::Status CheckMemory() const;
  template <typename Set>
  absl::Status AddNames(std::string_view what, const std::vector<std::string> &names, bool events,
                        Set &set) const;

  Policy policy_;
  std::vector<Range> ranges_;
  std::vector<Move> moves_;
  std::vector<uint16_t> authority_;
  std::vector<ClockSets> clocks_;
  std::vector<Escalation> escalations_;
  std::array<StateKind, kMostStates + 1> kinds_{};
  std::array<EventKind, kMostEvents> event_kinds_{};
  uint64_t outward_ = 0;
  uint64_t escalating_ = 0;
};

namespace detail {

inline bool IsUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const size_t length = byte < 0x80    ? 1
                          : byte >= 0xF5 ? 0
                          : byte >= 0xF0 ? 4
                          : byte >= 0xE0 ? 3
                          : byte >= 0xC2 ? 2
                                         : 0;
    if (length == 0 || i + length > text.size()) return false;
    for (size_t k = 1; k < length; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return false;
    }
    const auto second = static_cast<unsigned char>(length > 1 ? text[i + 1] : 0);
    // Longer than need be, surrogates, and past U+10FFFF.
    if ((byte == 0xE0 && second < 0xA0) || (byte == 0xED && second >= 0xA0) ||
        (byte == 0xF0 && second < 0x90) || (byte == 0xF4 && second >= 0x90)) {
      return false;
    }
    i += length;
  }
  return true;
}

inline absl::Status CheckPolicyText(std::string_view what, std::string_view text, bool empty) {
  if (text.empty() ? empty : text.size() <= kMostNameBytes && IsUtf8(text)) {
    return absl::OkStatus();
  }
  return InvalidOption(
      absl::StrCat("policy: ", Text(what)), Quoted(text),
      absl::StrCat(empty ? "" : "a name in ", "UTF-8 of at most ", kMostNameBytes, " bytes"));
}

inline absl::Status PolicyError(std::string_view what, std::string_view value,
                                std::string_view expected) {
  return InvalidOption(absl::StrCat("policy: ", Text(what)), value, expected);
}

// Whether an event of a kind can change what an escalation depends on.
inline bool MayFire(EscalationTrigger trigger, EventKind kind) {
  switch (trigger) {
    case EscalationTrigger::kRejections: return kind == EventKind::kReject;
    case EscalationTrigger::kCycle: return kind == EventKind::kReopen;
    case EscalationTrigger::kMedia: return kind == EventKind::kSetMedia;
    case EscalationTrigger::kAmount:
      return kind == EventKind::kPropose || kind == EventKind::kApprove ||
             kind == EventKind::kCommunicate || kind == EventKind::kCompensate ||
             kind == EventKind::kExternalDecision;
    case EscalationTrigger::kClockShare:
    case EscalationTrigger::kEvent: break;
  }
  return false;
}

inline absl::Status CheckCount(std::string_view what, size_t count, size_t most) {
  if (count <= most) return absl::OkStatus();
  return PolicyError(what, absl::StrCat(count), absl::StrCat("at most ", most));
}

template <typename Rule>
absl::Status CheckDistinct(std::string_view what, const std::vector<Rule> &rules, size_t most) {
  PATRON_RETURN_IF_ERROR(CheckCount(what, rules.size(), most));
  for (size_t i = 0; i < rules.size(); ++i) {
    PATRON_RETURN_IF_ERROR(CheckPolicyText(what, rules[i].name, false));
    for (size_t k = 0; k < i; ++k) {
      if (rules[k].name == rules[i].name) {
        return PolicyError(what, Quoted(rules[i].name), "each name once");
      }
    }
  }
  return absl::OkStatus();
}

inline absl::Status CheckPolicyLimit(std::string_view what, const Limit &limit,
                                     std::string_view calendar) {
  if (absl::Status status = CheckLimit(limit); !status.ok()) {
    return PolicyError(what, absl::StrCat("a limit of ", limit.amount), "0 or more, 1 of days");
  }
  if (limit.kind != LimitKind::kElapsedTime && calendar.empty()) {
    return PolicyError(what, "no calendar", "one, for a limit that is not elapsed time");
  }
  return absl::OkStatus();
}

}  // namespace detail

inline absl::StatusOr<Lifecycle> Lifecycle::Compile(Policy policy) {
  Lifecycle result(std::move(policy));
  PATRON_RETURN_IF_ERROR(result.CheckNames());
  PATRON_RETURN_IF_ERROR(result.AddMoves());
  PATRON_RETURN_IF_ERROR(result.AddClocks());
  PATRON_RETURN_IF_ERROR(result.AddAuthority());
  PATRON_RETURN_IF_ERROR(result.AddEscalations());
  PATRON_RETURN_IF_ERROR(result.CheckRest());
  PATRON_RETURN_IF_ERROR(result.CheckMemory());
  return result;
}

inline absl::Status Lifecycle::CheckNames() const {
  PATRON_RETURN_IF_ERROR(detail::CheckPolicyText("name", policy_.name, false));
  PATRON_RETURN_IF_ERROR(detail::CheckPolicyText("version", policy_.version, false));
  PATRON_RETURN_IF_ERROR(detail::CheckPolicyText("source date", policy_.source_date, true));
  if (policy_.source.size() > 1'000 || !detail::IsUtf8(policy_.source)) {
    return detail::PolicyError("source", Quoted(policy_.source), "UTF-8 of at most 1000 bytes");
  }
  PATRON_RETURN_IF_ERROR(CheckDecimals("policy: decimals", policy_.decimals));
  PATRON_RETURN_IF_ERROR(detail::CheckDistinct("states", policy_.states, kMostStates));
  PATRON_RETURN_IF_ERROR(detail::CheckDistinct("events", policy_.events, kMostEvents));
  PATRON_RETURN_IF_ERROR(detail::CheckDistinct("clocks", policy_.clocks, kMostClocks));
  PATRON_RETURN_IF_ERROR(detail::CheckDistinct("roles", policy_.roles, kMostRoles));
  return detail::CheckDistinct("guarantees", policy_.guarantees, kMostRules);
}

inline absl::Status Lifecycle::AddMoves() {
  using detail::PolicyError;
  const auto in_range = [](auto value, auto last) { return value <= last; };
  for (size_t i = 0; i < policy_.states.size(); ++i) {
    kinds_[i] = policy_.states[i].kind;
    if (!in_range(kinds_[i], StateKind::kVoid))
      return PolicyError("states", "a kind", "a known one");
  }
  for (size_t i = 0; i < policy_.events.size(); ++i) {
    event_kinds_[i] = policy_.events[i].kind;
    if (!in_range(event_kinds_[i], EventKind::kOther)) {
      return PolicyError("events", "a kind", "a known one");
    }
    outward_ |= static_cast<uint64_t>(policy_.events[i].outward) << i;
  }
  PATRON_RETURN_IF_ERROR(detail::CheckCount("transitions", policy_.transitions.size(), kMostRules));
  std::vector<std::vector<Move>> moves(policy_.events.size() * (kMostStates + 1));
  bool receives = false;
  for (const Transition &transition : policy_.transitions) {
    const uint8_t event = EventNamed(transition.event);
    if (event == kNone) return PolicyError("transitions", Quoted(transition.event), "an event");
    Move move = {transition.move, kNone, transition.remember, transition.guards};
    if (!in_range(transition.move, MoveKind::kReturn) || (transition.guards & ~kAllGuards) != 0) {
      return PolicyError(absl::StrCat("transition ", transition.event), "a move or guard",
                         "a known one");
    }
    if (transition.move == MoveKind::kTo) {
      move.to = StateNamed(transition.to);
      if (move.to == kNone) {
        return PolicyError(absl::StrCat("transition ", transition.event), Quoted(transition.to),
                           "a state");
      }
    } else if (!transition.to.empty() || transition.remember) {
      return PolicyError(absl::StrCat("transition ", transition.event), Quoted(transition.to),
                         "no state to go to or remember, for it stays or returns");
    }
    const bool receive = event_kinds_[event] == EventKind::kReceive;
    if (transition.from.empty() != receive || (receive && transition.move != MoveKind::kTo)) {
      return PolicyError(absl::StrCat("transition ", transition.event), "its states",
                         "states to come from, or none and a state to go to for what receives");
    }
    receives = receives || receive;
    uint32_t from = 0;
    PATRON_RETURN_IF_ERROR(AddNames("transition", transition.from, false, from));
    for (uint8_t state = 0; state <= kMostStates; ++state) {
      const bool applies = state == kNoCase ? receive : (from >> state & 1U) != 0;
      if (applies) moves[event * (kMostStates + 1) + state].push_back(move);
    }
  }
  if (!receives) return PolicyError("transitions", "none that receives a case", "one");
  for (const std::vector<Move> &some : moves) {
    if (moves_.size() + some.size() > UINT16_MAX) {
      return PolicyError("transitions", "too many pairs of event and state", "65535 at most");
    }
    ranges_.push_back({static_cast<uint16_t>(moves_.size()), static_cast<uint16_t>(some.size())});
    moves_.insert(moves_.end(), some.begin(), some.end());
  }
  return absl::OkStatus();
}

template <typename Set>
absl::Status Lifecycle::AddNames(std::string_view what, const std::vector<std::string> &names,
                                 bool events, Set &set) const {
  for (const std::string &name : names) {
    const uint8_t place = events ? EventNamed(name) : StateNamed(name);
    if (place == kNone || (set >> place & 1U) != 0) {
      return detail::PolicyError(what, Quoted(name),
                                 events ? "events, each once" : "states, each once");
    }
    set |= Set{1} << place;
  }
  return absl::OkStatus();
}

inline absl::Status Lifecycle::AddClocks() {
  using detail::PolicyError;
  for (const ClockRule &rule : policy_.clocks) {
    const std::string what = absl::StrCat("clock ", rule.name);
    PATRON_RETURN_IF_ERROR(detail::CheckPolicyText(what, rule.calendar, true));
    if (!rule.by_severity.empty() && rule.by_severity.size() != 4) {
      return PolicyError(what, absl::StrCat(rule.by_severity.size(), " limits by severity"),
                         "none or 4");
    }
    std::vector<Limit> limits = rule.by_severity;
    limits.push_back(rule.limit);
    if (rule.extends) limits.push_back(rule.extended);
    for (const Limit &limit : limits) {
      if (limit.kind > LimitKind::kCalendarWeeks)
        return PolicyError(what, "a limit", "a known one");
      PATRON_RETURN_IF_ERROR(detail::CheckPolicyLimit(what, limit, rule.calendar));
      if (!rule.pause_states.empty() && detail::CountsDays(limit.kind)) {
        return PolicyError(what, "pauses", "none, for its limit counts days");
      }
      if (rule.recompute == RecomputeRule::kProportional && detail::CountsDays(limit.kind)) {
        return PolicyError(what, "proportional", "pinned or origin, for its limit counts days");
      }
      if (detail::CountsDays(limit.kind) != detail::CountsDays(rule.limit.kind)) {
        return PolicyError(what, "limits of time and of days", "one or the other");
      }
    }
    if (rule.reopen > ReopenRule::kFirstOnly || rule.recompute > RecomputeRule::kProportional ||
        rule.on_due > OnDue::kFire) {
      return PolicyError(what, "a rule", "a known one");
    }
    ClockSets sets;
    PATRON_RETURN_IF_ERROR(AddNames(what, rule.starts, true, sets.starts));
    PATRON_RETURN_IF_ERROR(AddNames(what, rule.stops, true, sets.stops));
    PATRON_RETURN_IF_ERROR(AddNames(what, rule.stop_states, false, sets.stop_states));
    PATRON_RETURN_IF_ERROR(AddNames(what, rule.pause_states, false, sets.pause_states));
    if (sets.starts == 0) return PolicyError(what, "no event starts it", "one or more");
    if ((sets.stop_states & sets.pause_states) != 0) {
      return PolicyError(what, "a state both stops and pauses it", "one of the two");
    }
    if ((rule.on_due == OnDue::kFire) == rule.fires.empty()) {
      return PolicyError(what, Quoted(rule.fires), "an event to fire just where it fires one");
    }
    if (rule.on_due == OnDue::kFire) {
      sets.fires = EventNamed(rule.fires);
      if (sets.fires == kNone) return PolicyError(what, Quoted(rule.fires), "an event");
    }
    clocks_.push_back(sets);
  }
  return absl::OkStatus();
}

inline absl::Status Lifecycle::AddAuthority() {
  using detail::PolicyError;
  PATRON_RETURN_IF_ERROR(detail::CheckCount("authority", policy_.authority.size(), kMostRules));
  authority_.assign(kMostRoles * kMostEvents, 0);
  for (size_t i = 0; i < policy_.authority.size(); ++i) {
    const AuthorityRule &rule = policy_.authority[i];
    const uint8_t role = RoleNamed(rule.role);
    if (role == kNone) return PolicyError("authority", Quoted(rule.role), "a role");
    if (rule.max_severity < 0 || rule.max_severity > 4 || rule.single < 0 || rule.of_case < 0 ||
        rule.of_customer < 0) {
      return PolicyError(absl::StrCat("authority of ", rule.role), "a severity or limit",
                         "a severity of 0 to 4, limits of 0 or more");
    }
    uint64_t events = 0;
    PATRON_RETURN_IF_ERROR(AddNames("authority", rule.events, true, events));
    for (size_t event = 0; event < policy_.events.size(); ++event) {
      if ((events >> event & 1U) == 0) continue;
      uint16_t &place = authority_[role * kMostEvents + event];
      if (place != 0) {
        return PolicyError(absl::StrCat("authority of ", rule.role),
                           Quoted(policy_.events[event].name), "one rule an event");
      }
      place = static_cast<uint16_t>(i + 1);
    }
  }
  return absl::OkStatus();
}

inline absl::Status Lifecycle::AddEscalations() {
  using detail::PolicyError;
  PATRON_RETURN_IF_ERROR(detail::CheckCount("escalations", policy_.escalations.size(), 200));
  PATRON_RETURN_IF_ERROR(detail::CheckCount("ladder", policy_.ladder.size(), 100));
  for (const std::string &role : policy_.ladder) {
    if (RoleNamed(role) == kNone) return PolicyError("ladder", Quoted(role), "a role");
  }
  for (const EscalationRule &rule : policy_.escalations) {
    Escalation escalation = {rule.trigger, kNone, rule.level, rule.threshold};
    if (rule.trigger > EscalationTrigger::kEvent) {
      return PolicyError("escalations", "a trigger", "a known one");
    }
    const bool share = rule.trigger == EscalationTrigger::kClockShare;
    if (share) escalation.subject = ClockNamed(rule.subject);
    if (rule.trigger == EscalationTrigger::kEvent) escalation.subject = EventNamed(rule.subject);
    if ((share || rule.trigger == EscalationTrigger::kEvent) ? escalation.subject == kNone
                                                             : !rule.subject.empty()) {
      return PolicyError("escalations", Quoted(rule.subject), "a clock, an event, or nothing");
    }
    if (rule.threshold < (share ? 1 : 0) || (share && rule.threshold > 1000)) {
      return PolicyError("escalations", absl::StrCat("a threshold of ", rule.threshold),
                         "0 or more, for shares 1 to 1000");
    }
    if (rule.level < 1 || rule.level > 100) {
      return PolicyError("escalations", absl::StrCat("level ", rule.level), "1 to 100");
    }
    escalations_.push_back(escalation);
    for (size_t event = 0; event < policy_.events.size(); ++event) {
      if (detail::MayFire(rule.trigger, event_kinds_[event]) ||
          (rule.trigger == EscalationTrigger::kEvent && event == escalation.subject)) {
        escalating_ |= uint64_t{1} << event;
      }
    }
  }
  return absl::OkStatus();
}

inline absl::Status Lifecycle::CheckRest() const {
  using detail::PolicyError;
  for (const GuaranteeRule &rule : policy_.guarantees) {
    const bool breach = rule.trigger == GuaranteeTrigger::kBreach;
    if (rule.trigger > GuaranteeTrigger::kPromiseBroken || rule.payout <= 0 || rule.cap < 0 ||
        (breach ? ClockNamed(rule.clock) == kNone : !rule.clock.empty())) {
      return PolicyError(absl::StrCat("guarantee ", rule.name), "a rule",
                         "a clock for a breach, a payout above 0, a cap of 0 or more");
    }
  }
  PATRON_RETURN_IF_ERROR(detail::CheckPolicyText("reopen calendar", policy_.reopen_calendar, true));
  if (policy_.reopen_window.kind > LimitKind::kCalendarWeeks) {
    return PolicyError("reopen window", "a limit", "a known one");
  }
  PATRON_RETURN_IF_ERROR(
      detail::CheckPolicyLimit("reopen window", policy_.reopen_window, policy_.reopen_calendar));
  PATRON_RETURN_IF_ERROR(detail::CheckCount("migrations", policy_.migrations.size(), kMostRules));
  for (const StateMap &map : policy_.migrations) {
    PATRON_RETURN_IF_ERROR(detail::CheckPolicyText("migrations", map.version, false));
    PATRON_RETURN_IF_ERROR(detail::CheckPolicyText("migrations", map.from, false));
    if (StateNamed(map.to) == kNone) return PolicyError("migrations", Quoted(map.to), "a state");
  }
  return absl::OkStatus();
}

// Follows transitions that remember from each state: `kMostRemembered` in a row at most.
inline absl::Status Lifecycle::CheckMemory() const {
  std::array<uint32_t, kMostStates> next{};  // Where such transitions lead, as sets.
  for (size_t event = 0; event < policy_.events.size(); ++event) {
    for (uint8_t state = 0; state < policy_.states.size(); ++state) {
      for (const Move &move : MovesOf(static_cast<uint8_t>(event), state)) {
        if (move.remember) next[state] |= 1U << move.to;
      }
    }
  }
  uint32_t reached = ~0U;
  for (size_t step = 0; step <= kMostRemembered && reached != 0; ++step) {
    uint32_t after = 0;
    for (size_t state = 0; state < kMostStates; ++state) {
      if ((reached >> state & 1U) != 0) after |= next[state];
    }
    reached = after;
  }
  if (reached == 0) return absl::OkStatus();
  return detail::PolicyError("transitions", "states to return to that pile up",
                             absl::StrCat("at most ", kMostRemembered, " in a row"));
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_LIFECYCLE_HPP_
