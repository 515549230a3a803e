// What happens in a case by itself: breaches, escalations, windows that end, broken promises,
// guarantees.
#ifndef PATRON_COMPLAINTS_CASE_OUTLOOK_HPP_
#define PATRON_COMPLAINTS_CASE_OUTLOOK_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "patron/base/status.hpp"
#include "patron/complaints/casebook_apply.hpp"
#include "patron/complaints/casebook_fold.hpp"
#include "patron/complaints/casebook_store.hpp"

namespace patron::complaints::detail::casebook {

// An event that is due to happen.
struct OwnEvent {
  int64_t instant;  // From which on.
  EventRecord event;
  uint32_t about = kNone;  // Position of the event that it refers to.
};

// A promise and what became of it.
struct PromiseView {
  uint32_t position;  // In the log.
  int64_t made;
  int64_t due;
  int64_t kept = kNever;
  int64_t broken = kNever;  // As recorded.
};

// The number that an event of a clock's share carries, and back: a clock's name as numbered by the
// shelf, and up to 1,000 percent; 0 for a breach.
inline uint16_t ShareCode(unsigned clock, int64_t percent) {
  return static_cast<uint16_t>(clock << 10U | static_cast<unsigned>(percent));
}
inline unsigned ClockOfShare(uint16_t detail) { return static_cast<unsigned>(detail) >> 10U; }
inline int64_t PercentOfShare(uint16_t detail) { return detail & 1023; }

// Reads the accepted events of one case.
class CaseOutlook {
 public:
  CaseOutlook(const CasebookStore &store, uint32_t code)
      : store_(store),
        code_(code),
        fields_(store.states[code].fields),
        events_(LiveWorld::AcceptedOf(store, code)),
        clocks_(store.shelf, LiveWorld::ReceiptOf(store, code)) {}

  // Has to come first. `now` is not before the last event, else it is that.
  absl::Status Read(int64_t now) {
    for (const uint32_t at : events_) PATRON_RETURN_IF_ERROR(clocks_.Add(store_.log[at]));
    if (!events_.empty()) last_ = store_.log[events_.back()].occurred;
    now_ = std::max(now, last_);
    PATRON_RETURN_IF_ERROR(clocks_.AdvanceTo(now_));
    for (const uint32_t at : events_) ReadEvent(at);
    return absl::OkStatus();
  }

  int64_t now() const { return now_; }
  const CaseClocks &clocks() const { return clocks_; }
  const std::vector<PromiseView> &promises() const { return promises_; }

  // The earliest event that is due to happen; of those up to `checked`, that is allowed as well.
  absl::StatusOr<std::optional<OwnEvent>> Next(int64_t checked) {
    if (!fields_.exists()) return std::nullopt;
    PATRON_RETURN_IF_ERROR(AddClockEvents());
    AddPromises();
    AddGuarantees();
    std::ranges::stable_sort(found_, {}, &OwnEvent::instant);
    for (const OwnEvent &own : found_) {
      if (own.instant > checked || IsAllowed(own)) return own;
    }
    return std::nullopt;
  }

 private:
  struct Breach {
    uint32_t position;
    bool voided = false;
  };

  const ShelvedPolicy &policy() const { return store_.shelf.policy(fields_.policy); }

  void ReadEvent(uint32_t position) {
    const EventRecord &event = store_.log[position];
    switch (store_.shelf.kind(event.type)) {
      case EventKind::kPromise: promises_.push_back({position, event.occurred, event.value}); break;
      case EventKind::kPromiseKept:
      case EventKind::kPromiseBroken: {
        const uint32_t target = store_.TargetOf(event);
        for (PromiseView &promise : promises_) {
          if (promise.position != target) continue;
          const bool kept = store_.shelf.kind(event.type) == EventKind::kPromiseKept;
          int64_t &at = kept ? promise.kept : promise.broken;
          if (at == kNever) at = event.occurred;
        }
        break;
      }
      case EventKind::kBreach: breaches_.push_back({position}); break;
      case EventKind::kBreachVoided: {
        const uint32_t target = store_.TargetOf(event);
        for (Breach &breach : breaches_) breach.voided = breach.voided || breach.position == target;
        break;
      }
      case EventKind::kEscalate:
        if (event.automatic()) shares_.push_back(position);
        break;
      case EventKind::kCompensate:
        if (event.automatic()) payouts_.push_back(position);
        break;
      default: break;
    }
  }

  // An event of the policy's first kind, or nothing if it has none.
  std::optional<OwnEvent> Make(EventKind kind, int64_t instant, int64_t occurred) const {
    const std::vector<EventRule> &events = policy().lifecycle.policy().events;
    for (size_t i = 0; i < events.size(); ++i) {
      if (events[i].kind == kind) return MakeNumbered(static_cast<uint8_t>(i), instant, occurred);
    }
    return std::nullopt;
  }
  OwnEvent MakeNumbered(uint8_t number, int64_t instant, int64_t occurred) const {
    OwnEvent own{instant, {}};
    own.event.case_code = code_;
    own.event.type = policy().type_of_event[number];
    own.event.occurred = occurred;
    own.event.flags = kAutomatic;
    return own;
  }

  unsigned NameOf(const ClockRun &run) const {
    return store_.shelf.policy(run.policy).clock_names[run.rule];
  }
  bool IsOf(const EventRecord &event, const ClockRun &run) const {
    return event.value == run.clock.started_at() && ClockOfShare(event.detail) == NameOf(run);
  }

  absl::Status AddClockEvents() {
    for (const ClockRun &run : clocks_.runs()) {
      const ClockRule &rule = clocks_.rule(run);
      const BusinessCalendar &calendar = clocks_.calendar(run);
      PATRON_ASSIGN_OR_RETURN(const ClockReading reading, run.clock.Read(calendar, now_));
      const bool stopped = reading.state == ClockState::kStopped;
      if (rule.on_due == OnDue::kBreach) AddBreach(run, reading);
      if (stopped) continue;
      if (rule.on_due == OnDue::kFire && reading.due != kNever) {
        const uint8_t number = policy().lifecycle.EventNamed(rule.fires);
        if (number != Lifecycle::kNone) {
          found_.push_back(MakeNumbered(number, reading.due, std::max(reading.due, last_)));
        }
      }
      for (const Lifecycle::Escalation &escalation : policy().lifecycle.escalations()) {
        if (escalation.trigger != EscalationTrigger::kClockShare ||
            escalation.subject != run.rule) {
          continue;
        }
        const bool fired = std::ranges::any_of(shares_, [&](uint32_t at) {
          const EventRecord &event = store_.log[at];
          return IsOf(event, run) && PercentOfShare(event.detail) == escalation.threshold;
        });
        if (fired) continue;
        PATRON_ASSIGN_OR_RETURN(
            const int64_t instant,
            run.clock.InstantOfShare(calendar, static_cast<int>(escalation.threshold)));
        if (instant == kNever) continue;
        std::optional<OwnEvent> own = Make(EventKind::kEscalate, instant, instant);
        if (!own) continue;
        own->event.code = static_cast<uint16_t>(escalation.level);
        own->event.detail = ShareCode(NameOf(run), escalation.threshold);
        own->event.value = run.clock.started_at();
        found_.push_back(*own);
      }
    }
    return absl::OkStatus();
  }

  // Whether another run of the clock that began at the same instant is late: a breach may be its.
  bool IsLate(const ClockRun &run) const {
    return std::ranges::any_of(clocks_.runs(), [&](const ClockRun &other) {
      if (NameOf(other) != NameOf(run) || other.clock.started_at() != run.clock.started_at()) {
        return false;
      }
      const auto reading = other.clock.Read(clocks_.calendar(other), now_);
      return reading.ok() && reading->breached;
    });
  }

  void AddBreach(const ClockRun &run, const ClockReading &reading) {
    const Breach *known = nullptr;
    for (const Breach &breach : breaches_) {
      const EventRecord &event = store_.log[breach.position];
      if (!breach.voided && IsOf(event, run)) known = &breach;
    }
    const bool stopped = reading.state == ClockState::kStopped;
    if (known == nullptr) {
      if (reading.due == kNever || (stopped && !reading.breached)) return;
      std::optional<OwnEvent> own = Make(EventKind::kBreach, reading.due + 1, reading.due);
      if (!own) return;
      own->event.detail = ShareCode(NameOf(run), 0);
      own->event.value = run.clock.started_at();
      found_.push_back(*own);
    } else if (!reading.breached && !IsLate(run)) {
      // What was late by all that was known then was not: it is said, and the breach stays said.
      std::optional<OwnEvent> own = Make(EventKind::kBreachVoided, now_, last_);
      if (!own) return;
      own->about = known->position;
      found_.push_back(*own);
    }
  }

  void AddPromises() {
    for (const PromiseView &promise : promises_) {
      if (promise.broken != kNever) continue;
      if (promise.kept != kNever && promise.kept <= promise.due) continue;
      std::optional<OwnEvent> own =
          Make(EventKind::kPromiseBroken, std::max(promise.due, promise.made) + 1,
               std::max(promise.due, promise.made));
      if (!own) continue;
      own->about = promise.position;
      found_.push_back(*own);
    }
  }

  void AddGuarantees() {
    const std::vector<GuaranteeRule> &rules = policy().lifecycle.policy().guarantees;
    for (size_t i = 0; i < rules.size(); ++i) {
      const GuaranteeRule &rule = rules[i];
      // Triggers so far, and the instant of each.
      std::vector<int64_t> triggers;
      if (rule.trigger == GuaranteeTrigger::kPromiseBroken) {
        for (const PromiseView &promise : promises_) {
          if (promise.broken != kNever) triggers.push_back(promise.broken);
        }
      } else {
        const unsigned clock = policy().clock_names[policy().lifecycle.ClockNamed(rule.clock)];
        for (const Breach &breach : breaches_) {
          const EventRecord &event = store_.log[breach.position];
          if (!breach.voided && ClockOfShare(event.detail) == clock) {
            triggers.push_back(event.occurred);
          }
        }
      }
      size_t paid = 0;
      for (const uint32_t at : payouts_) paid += store_.log[at].detail == i + 1 ? 1 : 0;
      if (paid >= triggers.size()) continue;
      if (Int128{rule.payout} * static_cast<int64_t>(paid + 1) > rule.cap) continue;
      const int64_t at = std::max(triggers[paid], last_);
      std::optional<OwnEvent> own = Make(EventKind::kCompensate, triggers[paid], at);
      if (!own) continue;
      own->event.value = rule.payout;
      own->event.detail = static_cast<uint16_t>(i + 1);
      found_.push_back(*own);
    }
  }

  bool IsAllowed(const OwnEvent &own) const {
    Fold fold(store_, store_.CircleOf(code_), {}, &own.event, own.about);
    fold.Run(fold.NextPosition());
    return fold.verdict().refusal == Refusal::kNone;
  }

  const CasebookStore &store_;
  uint32_t code_;
  const CaseFields &fields_;
  std::vector<uint32_t> events_;
  CaseClocks clocks_;
  int64_t last_ = kNever;
  int64_t now_ = kNever;
  std::vector<PromiseView> promises_;
  std::vector<Breach> breaches_;
  std::vector<uint32_t> shares_, payouts_;
  std::vector<OwnEvent> found_;
};

}  // namespace patron::complaints::detail::casebook

#endif  // PATRON_COMPLAINTS_CASE_OUTLOOK_HPP_
