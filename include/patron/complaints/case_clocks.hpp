// The clocks of one case as a fold over its events.
#ifndef PATRON_COMPLAINTS_CASE_CLOCKS_HPP_
#define PATRON_COMPLAINTS_CASE_CLOCKS_HPP_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "patron/base/status.hpp"
#include "patron/complaints/case_event.hpp"
#include "patron/complaints/clock.hpp"
#include "patron/complaints/policy_shelf.hpp"

namespace patron::complaints {

// One run of a clock: of those that begin again and again there are several.
struct ClockRun {
  uint16_t policy;
  uint8_t rule;     // Clock of that policy.
  bool final_stop;  // Stopped by an event, not by the state of the case.
  bool extended;
  uint16_t version;  // Of the calendar that it follows.
  Clock clock;
};

// Events that are not refused, in canonical order, make the clocks. A clock starts, stops, pauses
// and resumes at the instants of events; it is stopped in the stop states of its rule and runs on
// when the case leaves them. One that an event of the rule has stopped stays so until the case is
// reopened or an event starts it anew. Where several things happen at once, the clock is stopped
// first and started last. A severity, an extension, another policy or a new version of its calendar
// recompute it by its rule; a clock whose name the other policy does not have is stopped.
class CaseClocks {
 public:
  // `receipt` is where clocks start that the receipt of the case starts, or kNever for the event's
  // own instant: a case that another was merged into counts from the first of both.
  CaseClocks(const PolicyShelf &shelf, int64_t receipt) : shelf_(&shelf), receipt_(receipt) {
    active_.fill(kIdle);
  }

  // Errors: only of instants, which the casebook checks before.
  absl::Status Add(const EventRecord &event);

  // Brings clocks up to date with calendars that changed up to `now`, not before the last event.
  absl::Status AdvanceTo(int64_t now);

  const std::vector<ClockRun> &runs() const { return runs_; }
  const ClockRule &rule(const ClockRun &run) const {
    return shelf_->policy(run.policy).lifecycle.policy().clocks[run.rule];
  }
  const BusinessCalendar &calendar(const ClockRun &run) const;

  // Whether a regulatory clock is past its due instant at `now`.
  absl::StatusOr<bool> RegulatoryPassed(int64_t now) const;

  // Whether a running clock that fires `event` is due at `now`.
  absl::StatusOr<bool> FiringDue(uint8_t event, int64_t now) const;

 private:
  static constexpr uint32_t kIdle = UINT32_MAX;

  absl::Status Follow(const EventRecord &event, EventKind kind, uint8_t state, uint8_t clock,
                      bool person);
  absl::Status Start(const EventRecord &event, EventKind kind, uint8_t state, uint8_t clock);
  absl::Status Recompute(ClockRun &run, int64_t at, const Limit &limit, RecomputeRule rule);
  absl::Status Migrate(uint16_t policy, int64_t at);

  const PolicyShelf *shelf_;
  int64_t receipt_;
  bool begun_ = false;
  uint16_t policy_ = 0;
  uint8_t severity_ = 0;
  std::vector<ClockRun> runs_;
  std::array<uint32_t, kMostClocks> active_;  // The last run of each clock.
};

inline const BusinessCalendar &CaseClocks::calendar(const ClockRun &run) const {
  const uint16_t place = shelf_->policy(run.policy).clock_calendars[run.rule];
  if (place == ShelvedPolicy::kNoCalendar) return shelf_->always();
  return shelf_->calendars()[place].versions[run.version].calendar;
}

inline absl::Status CaseClocks::Recompute(ClockRun &run, int64_t at, const Limit &limit,
                                          RecomputeRule rule) {
  if (run.clock.state() == ClockState::kStopped) return absl::OkStatus();
  return run.clock.Recompute(at, calendar(run), limit, rule).status();
}

inline absl::Status CaseClocks::AdvanceTo(int64_t now) {
  if (!begun_) return absl::OkStatus();
  for (ClockRun &run : runs_) {
    if (run.clock.state() == ClockState::kStopped) continue;
    const uint16_t place = shelf_->policy(run.policy).clock_calendars[run.rule];
    if (place == ShelvedPolicy::kNoCalendar) continue;
    const std::vector<CalendarVersion> &versions = shelf_->calendars()[place].versions;
    while (run.version + 1U < versions.size() && versions[run.version + 1U].from <= now) {
      const RecomputeRule by = rule(run).recompute;
      if (by == RecomputeRule::kPinned) break;
      PATRON_ASSIGN_OR_RETURN(const bool moved,
                              run.clock.Recompute(versions[run.version + 1U].from, calendar(run),
                                                  run.clock.limit(), by));
      if (!moved) break;
      ++run.version;
    }
  }
  return absl::OkStatus();
}

inline absl::Status CaseClocks::Migrate(uint16_t policy, int64_t at) {
  const Lifecycle &next = shelf_->policy(policy).lifecycle;
  std::array<uint32_t, kMostClocks> active;
  active.fill(kIdle);
  for (const uint32_t place : active_) {
    if (place == kIdle) continue;
    ClockRun &run = runs_[place];
    const uint8_t clock = next.ClockNamed(rule(run).name);
    if (clock == Lifecycle::kNone) {
      if (run.clock.state() != ClockState::kStopped) PATRON_RETURN_IF_ERROR(run.clock.Stop(at));
      run.final_stop = true;
      continue;
    }
    const ClockRule &changed = next.policy().clocks[clock];
    const Limit &limit = run.extended && changed.extends ? changed.extended
                                                         : Lifecycle::LimitFor(changed, severity_);
    const bool days = detail::CountsDays(limit.kind);
    if (run.clock.state() != ClockState::kStopped) {
      // From time to days, or back, nothing but the origin has a meaning; a pause ends with it.
      const bool other_kind = days != detail::CountsDays(run.clock.limit().kind);
      if (other_kind && !run.clock.pauses().empty()) {
        PATRON_ASSIGN_OR_RETURN(run.clock, Clock::Start(limit, run.clock.started_at()));
      } else {
        PATRON_RETURN_IF_ERROR(Recompute(
            run, at, limit,
            other_kind && changed.recompute == RecomputeRule::kProportional ? RecomputeRule::kOrigin
                                                                            : changed.recompute));
      }
    }
    const uint16_t calendar = shelf_->policy(policy).clock_calendars[clock];
    if (calendar != shelf_->policy(run.policy).clock_calendars[run.rule]) {
      run.version =
          calendar == ShelvedPolicy::kNoCalendar
              ? uint16_t{0}
              : static_cast<uint16_t>(PolicyShelf::VersionAt(shelf_->calendars()[calendar], at));
    }
    run.policy = policy;
    run.rule = clock;
    active[clock] = place;
  }
  active_ = active;
  policy_ = policy;
  return absl::OkStatus();
}

inline absl::Status CaseClocks::Start(const EventRecord &event, EventKind kind, uint8_t state,
                                      uint8_t clock) {
  const ShelvedPolicy &shelved = shelf_->policy(policy_);
  const ClockRule &rule = shelved.lifecycle.policy().clocks[clock];
  const Lifecycle::ClockSets &sets = shelved.lifecycle.clock_sets(clock);
  if ((sets.stop_states >> state & 1U) != 0) return absl::OkStatus();
  const int64_t at = kind == EventKind::kReceive && receipt_ != kNever
                         ? std::min(receipt_, event.occurred)
                         : event.occurred;
  PATRON_ASSIGN_OR_RETURN(Clock started, Clock::Start(Lifecycle::LimitFor(rule, severity_), at));
  if ((sets.pause_states >> state & 1U) != 0)
    PATRON_RETURN_IF_ERROR(started.Suspend(event.occurred));
  const uint16_t place = shelved.clock_calendars[clock];
  const size_t version = place == ShelvedPolicy::kNoCalendar
                             ? 0
                             : PolicyShelf::VersionAt(shelf_->calendars()[place], at);
  active_[clock] = static_cast<uint32_t>(runs_.size());
  runs_.push_back({policy_, clock, false, false, static_cast<uint16_t>(version), started});
  return absl::OkStatus();
}

inline absl::Status CaseClocks::Follow(const EventRecord &event, EventKind kind, uint8_t state,
                                       uint8_t clock, bool person) {
  const Lifecycle &lifecycle = shelf_->policy(policy_).lifecycle;
  const ClockRule &rule = lifecycle.policy().clocks[clock];
  const Lifecycle::ClockSets &sets = lifecycle.clock_sets(clock);
  const uint8_t number = shelf_->policy(policy_).event_of_type[event.type];
  const int64_t at = event.occurred;
  const bool starts = number < kMostEvents && (sets.starts >> number & 1U) != 0;
  const bool stops =
      number < kMostEvents && (sets.stops >> number & 1U) != 0 && (person || !rule.by_person);
  const bool halts = (sets.stop_states >> state & 1U) != 0;
  if (active_[clock] != kIdle) {
    ClockRun &run = runs_[active_[clock]];
    if (run.clock.state() == ClockState::kStopped) {
      const bool reopened = kind == EventKind::kReopen;
      if (!halts && (reopened || !run.final_stop)) {
        const ReopenRule by = reopened ? rule.reopen : ReopenRule::kContinue;
        if (by == ReopenRule::kFirstOnly) {
          run.final_stop = true;
        } else if (by == ReopenRule::kRestart) {
          return Start(event, kind, state, clock);
        } else {
          PATRON_RETURN_IF_ERROR(run.clock.Reopen(at, by));
          run.final_stop = false;
        }
      }
    }
    if (run.clock.state() != ClockState::kStopped) {
      const bool repeats = starts && rule.repeats && at > run.clock.started_at();
      if (stops || halts || repeats) {
        PATRON_RETURN_IF_ERROR(run.clock.Stop(at));
        run.final_stop = !halts || stops;
      } else {
        const bool pauses = (sets.pause_states >> state & 1U) != 0;
        if (pauses && run.clock.state() == ClockState::kRunning) {
          PATRON_RETURN_IF_ERROR(run.clock.Suspend(at));
        } else if (!pauses && run.clock.state() == ClockState::kPaused) {
          PATRON_RETURN_IF_ERROR(run.clock.Resume(at));
        }
        return absl::OkStatus();
      }
    }
    if (!run.final_stop) return absl::OkStatus();
  }
  return starts ? Start(event, kind, state, clock) : absl::OkStatus();
}

inline absl::Status CaseClocks::Add(const EventRecord &event) {
  PATRON_RETURN_IF_ERROR(AdvanceTo(event.occurred));
  const EventKind kind = shelf_->kind(event.type);
  if (kind == EventKind::kReceive) {
    policy_ = event.detail;
    severity_ = static_cast<uint8_t>(event.code);
    begun_ = true;
  } else if (!begun_) {
    return absl::OkStatus();  // What takes the receipt itself back has no case to be in.
  } else if (kind == EventKind::kMigrate) {
    PATRON_RETURN_IF_ERROR(Migrate(event.detail, event.occurred));
  } else if (kind == EventKind::kSetSeverity) {
    severity_ = static_cast<uint8_t>(event.code);
  }
  const ShelvedPolicy &shelved = shelf_->policy(policy_);
  const Policy &policy = shelved.lifecycle.policy();
  for (const uint32_t place : active_) {
    if (place == kIdle) continue;
    ClockRun &run = runs_[place];
    const ClockRule &own = policy.clocks[run.rule];
    if (kind == EventKind::kSetSeverity && !own.by_severity.empty() && !run.extended) {
      PATRON_RETURN_IF_ERROR(
          Recompute(run, event.occurred, Lifecycle::LimitFor(own, severity_), own.recompute));
    } else if (kind == EventKind::kHoldingReply && own.extends && !run.extended &&
               run.clock.state() != ClockState::kStopped) {
      PATRON_RETURN_IF_ERROR(Recompute(run, event.occurred, own.extended, RecomputeRule::kOrigin));
      run.extended = true;
    }
  }
  bool person = !event.automatic();
  if (person && event.role != EventRecord::kNoRole) {
    const uint8_t role = shelved.role_of_name[event.role];
    person = role == Lifecycle::kNone || policy.roles[role].person;
  }
  for (size_t clock = 0; clock < policy.clocks.size(); ++clock) {
    PATRON_RETURN_IF_ERROR(Follow(event, kind, event.after, static_cast<uint8_t>(clock), person));
  }
  return absl::OkStatus();
}

inline absl::StatusOr<bool> CaseClocks::RegulatoryPassed(int64_t now) const {
  for (const ClockRun &run : runs_) {
    if (!rule(run).regulatory || rule(run).on_due != OnDue::kBreach) continue;
    PATRON_ASSIGN_OR_RETURN(const ClockReading reading, run.clock.Read(calendar(run), now));
    if (reading.breached) return true;
  }
  return false;
}

inline absl::StatusOr<bool> CaseClocks::FiringDue(uint8_t event, int64_t now) const {
  for (const uint32_t place : active_) {
    if (place == kIdle) continue;
    const ClockRun &run = runs_[place];
    if (shelf_->policy(run.policy).lifecycle.clock_sets(run.rule).fires != event) continue;
    if (run.clock.state() != ClockState::kRunning) continue;
    PATRON_ASSIGN_OR_RETURN(const ClockReading reading, run.clock.Read(calendar(run), now));
    if (reading.due != kNever && reading.due <= now) return true;
  }
  return false;
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_CASE_CLOCKS_HPP_
