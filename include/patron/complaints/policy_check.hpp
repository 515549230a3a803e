// What is unwise in a policy: states out of reach, dead ends, missing guards, rules without effect.
#ifndef PATRON_COMPLAINTS_POLICY_CHECK_HPP_
#define PATRON_COMPLAINTS_POLICY_CHECK_HPP_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "patron/complaints/lifecycle.hpp"

namespace patron::complaints {

enum class PolicyProblem : uint8_t {
  kUnreachable,  // A state that no case can come to.
  kDeadEnd,      // A state of an open or external case without a way out.
  kNoGuard,      // A transition without a guard that its event requires.
  kNeverFires,   // A rule that cannot have an effect.
  kNoAuthority,  // An event that no role may do.
};

// "unreachable", "dead_end", "no_guard", "never_fires", "no_authority".
std::string_view ProblemName(PolicyProblem problem);

struct PolicyFinding {
  PolicyProblem problem;
  std::string subject;  // "state PROPOSED", "clock resolution", ...
  std::string message;  // What is wrong, as a sentence without subject.
};

// Findings in the order of the policy's lists. Reachability takes guards to be met. Required are: a
// decision where it is communicated; an approval or the actor's authority there and where money is
// paid; authority and another person where it is approved; the record and no legal hold where a
// case closes; the window where it is reopened; the passed limit where an open case goes outside
// without a decision; another case where one is named. Cost: O(states x events).
std::vector<PolicyFinding> CheckPolicy(const Lifecycle &lifecycle);

inline std::string_view ProblemName(PolicyProblem problem) {
  static constexpr std::array<std::string_view, 5> kNames = {"unreachable", "dead_end", "no_guard",
                                                             "never_fires", "no_authority"};
  return kNames[static_cast<size_t>(problem)];
}

namespace detail {

class PolicyChecker {
 public:
  explicit PolicyChecker(const Lifecycle &lifecycle)
      : lifecycle_(lifecycle), policy_(lifecycle.policy()) {}

  std::vector<PolicyFinding> Run() {
    Reach();
    CheckStates();
    CheckGuards();
    CheckShadows();
    CheckClocks();
    CheckAuthority();
    CheckRules();
    return std::move(findings_);
  }

 private:
  void Add(PolicyProblem problem, std::string subject, std::string message) {
    findings_.push_back({problem, std::move(subject), std::move(message)});
  }

  bool Reached(uint8_t state) const { return (reached_ >> state & 1U) != 0; }

  // Events that are legal in some state that is reached, and those states. A return leads to the
  // states that transitions to its own state leave, which are reached before it: it adds none.
  void Reach() {
    legal_.assign(policy_.events.size(), false);
    for (bool changed = true; changed;) {
      changed = false;
      for (uint8_t event = 0; event < policy_.events.size(); ++event) {
        for (uint8_t state = 0; state <= kMostStates; ++state) {
          if (state != Lifecycle::kNoCase && (state >= policy_.states.size() || !Reached(state))) {
            continue;
          }
          for (const Lifecycle::Move &move : lifecycle_.MovesOf(event, state)) {
            legal_[event] = true;
            if (move.remember) remembered_ |= 1U << move.to;
            if (move.kind != MoveKind::kTo || Reached(move.to)) continue;
            reached_ |= 1U << move.to;
            changed = true;
          }
        }
      }
    }
  }

  void CheckStates() {
    for (uint8_t state = 0; state < policy_.states.size(); ++state) {
      const std::string subject = absl::StrCat("state ", policy_.states[state].name);
      if (!Reached(state)) {
        Add(PolicyProblem::kUnreachable, subject, "no case can come to it");
        continue;
      }
      const StateKind kind = policy_.states[state].kind;
      if (kind == StateKind::kClosed || kind == StateKind::kVoid || LeavesFrom(state)) continue;
      Add(PolicyProblem::kDeadEnd, subject, "no event leads out of it");
    }
  }

  bool LeavesFrom(uint8_t state) const {
    for (uint8_t event = 0; event < policy_.events.size(); ++event) {
      for (const Lifecycle::Move &move : lifecycle_.MovesOf(event, state)) {
        if (move.kind == MoveKind::kReturn ? (remembered_ >> state & 1U) != 0
                                           : move.kind == MoveKind::kTo && move.to != state) {
          return true;
        }
      }
    }
    return false;
  }

  void CheckGuards() {
    for (size_t i = 0; i < policy_.transitions.size(); ++i) {
      const Transition &transition = policy_.transitions[i];
      const EventKind kind = lifecycle_.event_kind(lifecycle_.EventNamed(transition.event));
      const auto require = [&](uint32_t any_of) {
        if (any_of == 0 || (transition.guards & any_of) != 0) return;
        std::string names;
        for (int bit = 0; bit < kGuardBits; ++bit) {
          if ((any_of >> bit & 1U) == 0) continue;
          absl::StrAppend(&names, names.empty() ? "" : " or ", Text(GuardName(1U << bit)));
        }
        Add(PolicyProblem::kNoGuard, TransitionName(i), absl::StrCat("lacks the guard ", names));
      };
      const bool moves = transition.move == MoveKind::kTo;
      const StateKind to =
          moves ? lifecycle_.state_kind(lifecycle_.StateNamed(transition.to)) : StateKind::kOpen;
      switch (kind) {
        case EventKind::kCommunicate:
          require(kNeedsDecision);
          require(kNeedsApproval | kNeedsAuthority);
          break;
        case EventKind::kCompensate: require(kNeedsAuthority | kNeedsApproval); break;
        case EventKind::kApprove:
          require(kNeedsAuthority);
          require(kNeedsOtherPerson);
          break;
        case EventKind::kReopen: require(kNeedsWindow); break;
        case EventKind::kWindowExpired: require(kNeedsWindowOver); break;
        case EventKind::kMergeInto:
        case EventKind::kLink:
        case EventKind::kSplit: require(kNeedsCase); break;
        case EventKind::kReferExternal:
          for (const std::string &from : transition.from) {
            const uint8_t state = lifecycle_.StateNamed(from);
            // From where a decision has been sent, or was rejected, or the case is over, it may go.
            if (lifecycle_.state_kind(state) == StateKind::kOpen && !FollowsReject(state)) {
              require(kNeedsLimitPassed);
              break;
            }
          }
          break;
        default: break;
      }
      if (moves && to == StateKind::kClosed && kind != EventKind::kWithdraw) require(kNeedsRecord);
      if (moves && (to == StateKind::kClosed || to == StateKind::kVoid)) require(kNeedsNoHold);
    }
  }

  bool FollowsReject(uint8_t state) const {
    for (const Transition &transition : policy_.transitions) {
      if (transition.move == MoveKind::kTo && lifecycle_.StateNamed(transition.to) == state &&
          lifecycle_.event_kind(lifecycle_.EventNamed(transition.event)) == EventKind::kReject) {
        return true;
      }
    }
    return false;
  }

  std::string TransitionName(size_t place) const {
    const Transition &transition = policy_.transitions[place];
    std::string name = absl::StrCat("transition ", transition.event, " from ");
    for (size_t i = 0; i < transition.from.size(); ++i) {
      absl::StrAppend(&name, i > 0 ? ", " : "", transition.from[i]);
    }
    if (transition.from.empty()) name += "nothing";
    return name;
  }

  // A transition that earlier ones without further guards leave nothing to, or out of reach.
  void CheckShadows() {
    for (size_t i = 0; i < policy_.transitions.size(); ++i) {
      const Transition &transition = policy_.transitions[i];
      bool fires = transition.from.empty();
      for (size_t k = 0; k < i && fires; ++k)
        fires = !Shadows(policy_.transitions[k], transition, "");
      for (const std::string &from : transition.from) {
        if (!Reached(lifecycle_.StateNamed(from))) continue;
        if (transition.move == MoveKind::kReturn &&
            (remembered_ >> lifecycle_.StateNamed(from) & 1U) == 0) {
          continue;
        }
        bool free = true;
        for (size_t k = 0; k < i && free; ++k) {
          free = !Shadows(policy_.transitions[k], transition, from);
        }
        fires = fires || free;
      }
      if (fires) continue;
      Add(PolicyProblem::kNeverFires, TransitionName(i),
          "its states are out of reach, or an earlier transition always comes first");
    }
  }

  static bool Shadows(const Transition &earlier, const Transition &later, std::string_view from) {
    if (earlier.event != later.event || (earlier.guards & ~later.guards) != 0) return false;
    if (from.empty()) return earlier.from.empty();
    for (const std::string &state : earlier.from) {
      if (state == from) return true;
    }
    return false;
  }

  bool AnyLegal(uint64_t events) const {
    for (size_t event = 0; event < legal_.size(); ++event) {
      if ((events >> event & 1U) != 0 && legal_[event]) return true;
    }
    return false;
  }

  void CheckClocks() {
    for (size_t i = 0; i < policy_.clocks.size(); ++i) {
      const ClockRule &rule = policy_.clocks[i];
      const Lifecycle::ClockSets &sets = lifecycle_.clock_sets(static_cast<uint8_t>(i));
      const std::string subject = absl::StrCat("clock ", rule.name);
      if (!AnyLegal(sets.starts)) {
        Add(PolicyProblem::kNeverFires, subject, "no event that starts it is ever legal");
      }
      if (!AnyLegal(sets.stops) && (sets.stop_states & reached_) == 0) {
        Add(PolicyProblem::kDeadEnd, subject, "nothing ever stops it");
      }
      if (sets.pause_states != 0 && (sets.pause_states & reached_) == 0) {
        Add(PolicyProblem::kNeverFires, subject, "no state that pauses it can be reached");
      }
      if (sets.fires != Lifecycle::kNone && !legal_[sets.fires]) {
        Add(PolicyProblem::kNeverFires, subject, "the event that it fires is never legal");
      }
    }
  }

  void CheckAuthority() {
    for (uint8_t event = 0; event < policy_.events.size(); ++event) {
      const std::string subject = absl::StrCat("event ", policy_.events[event].name);
      if (!legal_[event]) {
        Add(PolicyProblem::kNeverFires, subject, "no transition of it can be taken");
        continue;
      }
      bool someone = false;
      for (uint8_t role = 0; role < policy_.roles.size(); ++role) {
        someone = someone || lifecycle_.AuthorityOf(role, event) != nullptr;
      }
      if (!someone) Add(PolicyProblem::kNoAuthority, subject, "no role may do it");
    }
    for (const AuthorityRule &rule : policy_.authority) {
      bool useful = false;
      for (const std::string &event : rule.events) {
        useful = useful || legal_[lifecycle_.EventNamed(event)];
      }
      if (useful) continue;
      Add(PolicyProblem::kNeverFires, absl::StrCat("authority of ", rule.role),
          "none of its events is ever legal");
    }
  }

  bool HasEvent(EventKind kind) const {
    for (uint8_t event = 0; event < policy_.events.size(); ++event) {
      if (policy_.events[event].kind == kind && legal_[event]) return true;
    }
    return false;
  }

  void CheckRules() {
    for (const Lifecycle::Escalation &rule : lifecycle_.escalations()) {
      const std::string subject = absl::StrCat("escalation to level ", rule.level);
      if (rule.level > static_cast<int32_t>(policy_.ladder.size())) {
        Add(PolicyProblem::kNeverFires, subject, "no role of the ladder holds that level");
      }
      bool fires = true;
      switch (rule.trigger) {
        case EscalationTrigger::kClockShare:
          fires = AnyLegal(lifecycle_.clock_sets(rule.subject).starts) &&
                  HasEvent(EventKind::kEscalate);
          break;
        case EscalationTrigger::kRejections: fires = HasEvent(EventKind::kReject); break;
        case EscalationTrigger::kCycle: fires = HasEvent(EventKind::kReopen); break;
        case EscalationTrigger::kMedia:
          fires = HasEvent(EventKind::kSetMedia) && rule.threshold <= 2;
          break;
        case EscalationTrigger::kAmount:
          fires = HasEvent(EventKind::kPropose) || HasEvent(EventKind::kCompensate);
          break;
        case EscalationTrigger::kEvent: fires = legal_[rule.subject]; break;
      }
      if (!fires) Add(PolicyProblem::kNeverFires, subject, "what triggers it never happens");
    }
    for (const GuaranteeRule &rule : policy_.guarantees) {
      const bool trigger =
          rule.trigger == GuaranteeTrigger::kPromiseBroken
              ? HasEvent(EventKind::kPromiseBroken)
              : HasEvent(EventKind::kBreach) &&
                    policy_.clocks[lifecycle_.ClockNamed(rule.clock)].on_due == OnDue::kBreach;
      if (trigger && HasEvent(EventKind::kCompensate) && rule.cap >= rule.payout) continue;
      Add(PolicyProblem::kNeverFires, absl::StrCat("guarantee ", rule.name),
          "what triggers it never happens, or its cap is below its payout");
    }
  }

  const Lifecycle &lifecycle_;
  const Policy &policy_;
  uint32_t reached_ = 0;     // States.
  uint32_t remembered_ = 0;  // States in which there is one to return to.
  std::vector<bool> legal_;  // By event.
  std::vector<PolicyFinding> findings_;
};

}  // namespace detail

inline std::vector<PolicyFinding> CheckPolicy(const Lifecycle &lifecycle) {
  return detail::PolicyChecker(lifecycle).Run();
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_POLICY_CHECK_HPP_
