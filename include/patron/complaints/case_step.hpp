// One step of a case: whether an event is allowed and what it does.
#ifndef PATRON_COMPLAINTS_CASE_STEP_HPP_
#define PATRON_COMPLAINTS_CASE_STEP_HPP_

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "patron/base/money.hpp"
#include "patron/complaints/case_clocks.hpp"
#include "patron/complaints/case_event.hpp"
#include "patron/complaints/case_state.hpp"
#include "patron/complaints/policy_shelf.hpp"

namespace patron::complaints {

// What a step can ask about, and change in, other cases and earlier events. All of it is as the
// events before the step, in canonical order, have left it.
template <typename W>
concept CaseWorld = requires(W world, uint32_t code, int64_t instant, const EventRecord &event) {
  { world.shelf() } -> std::same_as<const PolicyShelf &>;
  { world.Fields(code) } -> std::same_as<CaseFields &>;
  // Compensation of a customer's cases in (after, upto].
  { world.Paid(code, instant, instant) } -> std::same_as<Int128>;
  // The clocks of a case.
  { world.ClocksOf(code) } -> std::same_as<absl::StatusOr<CaseClocks>>;
  // The event of the same case, not refused, that `event` refers to; or null.
  { world.Target(event) } -> std::same_as<const EventRecord *>;
};

// A refusal and, where an authority is lacking, what is needed.
struct Verdict {
  Refusal refusal = Refusal::kNone;
  const AuthorityRule *rule = nullptr;  // That of the role, for limits and severity.
  Int128 amount = 0;                    // What the limit is compared with.
};

// A year earlier on the same date, UTC; from 29 February that is 28 February.
int64_t YearBefore(int64_t instant);

// Whether `event`, which takes no other back, is allowed now; if so, it takes effect and
// `event.after` is set. An amount of a case beyond int64 is past the case limit of all.
template <CaseWorld World>
Verdict StepCase(World &world, EventRecord &event);

inline int64_t YearBefore(int64_t instant) {
  const int64_t day = FloorDivide(instant, kMicrosPerDay);
  CivilDate date = DateOfDay(day);
  if (date.month == 2 && date.day == 29) date.day = 28;
  const int64_t before = DayOfDate(date.year - 1, date.month, date.day);
  return before * kMicrosPerDay + (instant - day * kMicrosPerDay);
}

namespace detail {

// One step, taken apart into questions.
template <CaseWorld World>
class CaseStep {
 public:
  CaseStep(World &world, EventRecord &event)
      : world_(world), event_(event), fields_(world.Fields(event.case_code)) {}

  Verdict Run() {
    kind_ = world_.shelf().kind(event_.type);
    const bool receives = kind_ == EventKind::kReceive;
    if (!receives && !fields_.exists()) return {Refusal::kNoCase};
    shelved_ =
        &world_.shelf().policy(receives && !fields_.exists() ? event_.detail : fields_.policy);
    number_ = shelved_->event_of_type[event_.type];
    if (number_ == Lifecycle::kNone) return {Refusal::kUnknownEvent};
    const auto moves = lifecycle().MovesOf(number_, fields_.state);
    if (moves.empty()) return {Refusal::kNotLegal};
    Verdict verdict = CheckRole();
    if (verdict.refusal != Refusal::kNone) return verdict;
    verdict = CheckKind();
    if (verdict.refusal != Refusal::kNone) return verdict;
    Verdict first;
    for (const Lifecycle::Move &move : moves) {
      verdict = CheckMove(move);
      if (verdict.refusal == Refusal::kNone) {
        Apply(move);
        return {};
      }
      if (first.refusal == Refusal::kNone) first = verdict;
    }
    return first;
  }

 private:
  const Lifecycle &lifecycle() const { return shelved_->lifecycle; }

  // Whether the role may do this kind of event in such a case at all.
  Verdict CheckRole() {
    if (event_.automatic()) return {};
    if (event_.role == EventRecord::kNoRole) return {Refusal::kUnknownRole};
    const uint8_t role = shelved_->role_of_name[event_.role];
    if (role == Lifecycle::kNone) return {Refusal::kUnknownRole};
    rule_ = lifecycle().AuthorityOf(role, number_);
    if (rule_ == nullptr) return {Refusal::kNotPermitted};
    const int severity = kind_ == EventKind::kReceive ? event_.code : fields_.severity;
    if (severity > rule_->max_severity) return {Refusal::kSeverity, rule_, severity};
    if (fields_.media == 2 && lifecycle().outward(number_) && !rule_->in_crisis) {
      return {Refusal::kCrisis, rule_};
    }
    return {};
  }

  // What the kind of event needs besides the guards of its transition.
  Verdict CheckKind() {
    switch (kind_) {
      case EventKind::kLink:
      case EventKind::kSplit:
        return {event_.reference == EventRecord::kNone ? Refusal::kNoOtherCase : Refusal::kNone};
      case EventKind::kMergeInto: {
        if (event_.reference == EventRecord::kNone) return {Refusal::kNoOtherCase};
        uint32_t target = event_.reference;
        while (target != EventRecord::kNone && target != event_.case_code) {
          target = world_.Fields(target).merged_into;
        }
        return {target == EventRecord::kNone ? Refusal::kNone : Refusal::kMergeCycle};
      }
      case EventKind::kPromiseKept:
      case EventKind::kPromiseBroken: return CheckTarget(EventKind::kPromise);
      case EventKind::kBreachVoided: return CheckTarget(EventKind::kBreach);
      case EventKind::kPropose:
      case EventKind::kApprove:
      case EventKind::kCommunicate:
      case EventKind::kCompensate:
      case EventKind::kExternalDecision: {
        const int64_t amount = kind_ == EventKind::kApprove ? fields_.proposed : event_.value;
        const Int128 of_case = Int128{fields_.compensated} + amount;
        if (of_case <= kMaxMoney) return {};
        return {Refusal::kCaseLimit, nullptr, of_case};
      }
      case EventKind::kMigrate:
        return {MappedState() == Lifecycle::kNone ? Refusal::kNoStateMap : Refusal::kNone};
      default: return {};
    }
  }

  Verdict CheckTarget(EventKind kind) {
    const EventRecord *target = world_.Target(event_);
    const bool there = target != nullptr && world_.shelf().kind(target->type) == kind;
    return {there ? Refusal::kNone : Refusal::kNoTarget};
  }

  Verdict CheckMove(const Lifecycle::Move &move) {
    if (move.kind == MoveKind::kReturn && fields_.remembered == 0) {
      return {Refusal::kNothingToReturnTo};
    }
    if (move.remember && fields_.remembered == kMostRemembered) return {Refusal::kTooDeep};
    for (uint32_t rest = move.guards; rest != 0; rest &= rest - 1) {
      const Verdict verdict = CheckGuard(rest & -rest);
      if (verdict.refusal != Refusal::kNone) return verdict;
    }
    return {};
  }

  Verdict CheckGuard(uint32_t guard) {
    const auto unless = [](bool holds, Refusal refusal) {
      return Verdict{holds ? Refusal::kNone : refusal};
    };
    switch (guard) {
      case kNeedsDecision:
        return unless(event_.code != 0 && event_.detail != 0, Refusal::kNoDecision);
      case kNeedsApproval: return unless(fields_.approved, Refusal::kNoApproval);
      case kNeedsAuthority: return CheckAuthority();
      case kNeedsRecord:
        if (fields_.cause == 0) return {Refusal::kNoCause};
        if (fields_.decision == 0) return {Refusal::kNoDecision};
        return unless(!fields_.regulated || fields_.noticed || (event_.flags & kNotice) != 0,
                      Refusal::kNoNotice);
      case kNeedsRemedyDone: return unless(!fields_.RemedyDue(), Refusal::kRemedyDue);
      case kNeedsRemedyDue:
        return unless(fields_.RemedyDue() || (kind_ == EventKind::kExternalDecision &&
                                              (event_.value > 0 || (event_.flags & kRemedy) != 0)),
                      Refusal::kNoRemedyDue);
      case kNeedsWindow: return unless(InWindow(), Refusal::kWindowPassed);
      case kNeedsLimitPassed: {
        const absl::StatusOr<CaseClocks> clocks = world_.ClocksOf(event_.case_code);
        const bool passed =
            clocks.ok() && clocks->RegulatoryPassed(event_.occurred).value_or(false);
        return unless(passed, Refusal::kLimitNotPassed);
      }
      case kNeedsWindowOver: {
        const absl::StatusOr<CaseClocks> clocks = world_.ClocksOf(event_.case_code);
        const bool over =
            clocks.ok() && clocks->FiringDue(number_, event_.occurred).value_or(false);
        return unless(over, Refusal::kWindowNotOver);
      }
      case kNeedsOtherPerson:
        return unless(event_.actor != EventRecord::kNone && event_.actor != fields_.proposer,
                      Refusal::kOtherPerson);
      case kNeedsNoHold: return unless(!fields_.hold, Refusal::kHold);
      case kNeedsCase:
        return unless(event_.reference != EventRecord::kNone &&
                          event_.reference != event_.case_code &&
                          world_.Fields(event_.reference).received != kNever,
                      Refusal::kNoOtherCase);
      default: return {};
    }
  }

  // Whether the actor's limits cover what the event grants. What has been granted before needs no
  // authority when it is paid.
  Verdict CheckAuthority() {
    if (event_.automatic()) return {};
    const Int128 amount = kind_ == EventKind::kApprove ? fields_.proposed : event_.value;
    const Int128 of_case = amount + fields_.compensated;
    if (kind_ == EventKind::kCompensate && of_case <= fields_.granted) return {};
    if (amount > rule_->single) return {Refusal::kSingleLimit, rule_, amount};
    if (of_case > rule_->of_case) return {Refusal::kCaseLimit, rule_, of_case};
    if (rule_->of_customer == kNoLimit) return {};
    Int128 of_customer = of_case;
    if (fields_.customer != EventRecord::kNone) {
      of_customer =
          amount + world_.Paid(fields_.customer, YearBefore(event_.occurred), event_.occurred);
    }
    if (of_customer > rule_->of_customer) return {Refusal::kCustomerLimit, rule_, of_customer};
    return {};
  }

  bool InWindow() const {
    if (fields_.ended == kNever) return false;
    const Limit &window = lifecycle().policy().reopen_window;
    const BusinessCalendar &calendar =
        world_.shelf().CalendarAt(shelved_->reopen_calendar, fields_.ended);
    const absl::StatusOr<int64_t> end = complaints::DueOf(calendar, window, fields_.ended);
    return end.ok() && (*end == kNever || event_.occurred <= *end);
  }

  uint8_t MappedState() const {
    if (event_.detail >= world_.shelf().size()) return Lifecycle::kNone;
    const Lifecycle &next = world_.shelf().policy(event_.detail).lifecycle;
    if (fields_.remembered > 0) {
      for (size_t i = 0; i < fields_.remembered; ++i) {
        if (Mapped(next, fields_.stack[i]) == Lifecycle::kNone) return Lifecycle::kNone;
      }
    }
    return Mapped(next, fields_.state);
  }
  uint8_t Mapped(const Lifecycle &next, uint8_t state) const {
    const std::string &name = lifecycle().policy().states[state].name;
    for (const StateMap &map : next.policy().migrations) {
      if (map.version == lifecycle().policy().version && map.from == name) {
        return next.StateNamed(map.to);
      }
    }
    return next.StateNamed(name);
  }

  void Apply(const Lifecycle::Move &move) {
    const StateKind before =
        fields_.exists() ? lifecycle().state_kind(fields_.state) : StateKind::kOpen;
    const Measured was = Measure();
    if (move.kind == MoveKind::kReturn) {
      fields_.state = fields_.stack[--fields_.remembered];
      fields_.stack[fields_.remembered] = 0;
    } else if (move.kind == MoveKind::kTo) {
      if (move.remember) {
        fields_.stack[fields_.remembered++] = fields_.state;
      } else {
        fields_.stack.fill(0);
        fields_.remembered = 0;
      }
      fields_.state = move.to;
    }
    ApplyKind();
    const StateKind after =
        world_.shelf().policy(fields_.policy).lifecycle.state_kind(fields_.state);
    if (after == StateKind::kClosed && before != after) fields_.ended = event_.occurred;
    if (after == StateKind::kVoid && before != after) fields_.ended = event_.occurred;
    Escalate(was);
    event_.after = fields_.state;
  }

  void ApplyKind() {
    CaseFields &f = fields_;
    const bool remedy = (event_.flags & kRemedy) != 0;
    f.noticed = f.noticed || (event_.flags & kNotice) != 0;
    switch (kind_) {
      case EventKind::kReceive:
        f.received = event_.occurred;
        f.policy = event_.detail;
        f.customer = event_.reference;
        f.severity = static_cast<uint8_t>(event_.code);
        f.regulated = (event_.flags & kRegulated) != 0;
        break;
      case EventKind::kSetSeverity: f.severity = static_cast<uint8_t>(event_.code); break;
      case EventKind::kSetMedia: f.media = static_cast<uint8_t>(event_.code); break;
      case EventKind::kSetHold: f.hold = event_.code != 0; break;
      case EventKind::kRecordCause: f.cause = event_.code; break;
      case EventKind::kPropose:
        f.proposed = event_.value;
        f.proposer = event_.actor;
        f.proposed_remedy = remedy;
        f.approved = false;
        break;
      case EventKind::kApprove:
        f.approved = true;
        Grant(f.proposed);
        break;
      case EventKind::kCommunicate:
        f.decision = event_.code;
        f.reason = event_.detail;
        f.remedy = f.remedy || remedy || (f.approved && f.proposed_remedy);
        if (!f.approved) Grant(event_.value);
        ForgetProposal();
        break;
      case EventKind::kReject:
        if (f.rejections < UINT16_MAX) ++f.rejections;
        break;
      case EventKind::kCompensate:
        f.compensated += event_.value;
        f.granted = std::max(f.granted, f.compensated);
        break;
      case EventKind::kRecoveryDone: f.remedy = false; break;
      case EventKind::kClose: f.outcome = event_.code; break;
      case EventKind::kMergeInto: f.merged_into = event_.reference; break;
      case EventKind::kUnmerge: f.merged_into = EventRecord::kNone; break;
      case EventKind::kSplit: {
        CaseFields &part = world_.Fields(event_.reference);
        if (part.split_from == EventRecord::kNone) part.split_from = event_.case_code;
        break;
      }
      case EventKind::kExternalDecision:
        Grant(event_.value);
        f.remedy = f.remedy || remedy;
        break;
      case EventKind::kReopen:
        if (f.cycle < UINT16_MAX) ++f.cycle;
        f.decision = f.reason = f.outcome = 0;
        ForgetProposal();
        break;
      case EventKind::kEscalate:
        f.level = std::max(f.level, static_cast<uint8_t>(event_.code));
        break;
      case EventKind::kDeEscalate:
        f.level = std::min(f.level, static_cast<uint8_t>(event_.code));
        break;
      case EventKind::kMigrate: {
        const Lifecycle &next = world_.shelf().policy(event_.detail).lifecycle;
        const uint8_t state = Mapped(next, f.state);
        for (size_t i = 0; i < f.remembered; ++i) f.stack[i] = Mapped(next, f.stack[i]);
        f.state = state;
        f.policy = event_.detail;
        break;
      }
      default: break;
    }
  }

  void Grant(int64_t amount) {
    fields_.granted = std::max(fields_.granted, fields_.compensated + amount);
  }
  void ForgetProposal() {
    fields_.proposed = 0;
    fields_.approved = fields_.proposed_remedy = false;
    fields_.proposer = EventRecord::kNone;
  }

  // What escalations at events depend on.
  struct Measured {
    uint16_t rejections, cycle;
    uint8_t media;
    int64_t amount;
  };
  Measured Measure() const {
    return {fields_.rejections, fields_.cycle, fields_.media,
            std::max(fields_.proposed, fields_.granted)};
  }

  void Escalate(const Measured &was) {
    const ShelvedPolicy &policy = world_.shelf().policy(fields_.policy);
    const uint8_t number = policy.event_of_type[event_.type];
    if (number == Lifecycle::kNone || !policy.lifecycle.may_escalate(number)) return;
    const Measured now = Measure();
    for (const Lifecycle::Escalation &rule : policy.lifecycle.escalations()) {
      bool fires = false;
      switch (rule.trigger) {
        case EscalationTrigger::kClockShare: break;  // In time, not at an event.
        case EscalationTrigger::kRejections:
          fires = was.rejections < rule.threshold && now.rejections >= rule.threshold;
          break;
        case EscalationTrigger::kCycle:
          fires = was.cycle < rule.threshold && now.cycle >= rule.threshold;
          break;
        case EscalationTrigger::kMedia:
          fires = was.media < rule.threshold && now.media >= rule.threshold;
          break;
        case EscalationTrigger::kAmount:
          fires = was.amount <= rule.threshold && now.amount > rule.threshold;
          break;
        case EscalationTrigger::kEvent: fires = number == rule.subject; break;
      }
      if (fires) fields_.level = std::max(fields_.level, static_cast<uint8_t>(rule.level));
    }
  }

  World &world_;
  EventRecord &event_;
  CaseFields &fields_;
  const ShelvedPolicy *shelved_ = nullptr;
  const AuthorityRule *rule_ = nullptr;
  EventKind kind_ = EventKind::kOther;
  uint8_t number_ = 0;
};

}  // namespace detail

template <CaseWorld World>
Verdict StepCase(World &world, EventRecord &event) {
  return detail::CaseStep<World>(world, event).Run();
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_CASE_STEP_HPP_
