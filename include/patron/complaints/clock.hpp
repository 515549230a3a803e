// The clock of a promise: a limit and what happened to it: pauses, stops, reopening, new limits.
#ifndef PATRON_COMPLAINTS_CLOCK_HPP_
#define PATRON_COMPLAINTS_CLOCK_HPP_

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/complaints/business_calendar.hpp"
#include "patron/complaints/pauses.hpp"
#include "patron/complaints/working_time.hpp"

namespace patron::complaints {

// What a limit counts. Only the first two can be paused: laws count days through.
enum class LimitKind { kWorkingTime, kElapsedTime, kBusinessDays, kCalendarDays, kCalendarWeeks };

struct Limit {
  LimitKind kind;
  int64_t amount;  // Microseconds of working or elapsed time, else a number of days or weeks.

  friend bool operator==(const Limit &, const Limit &) = default;
};

// The due instant of `limit` from `start` on, or kNever. Errors: InvalidArgument for pauses of a
// limit that counts days, and as WorkingTime::Due and BusinessCalendar.
absl::StatusOr<int64_t> DueOf(const BusinessCalendar &calendar, const Limit &limit, int64_t start,
                              std::span<const Pause> pauses = {});

// What becomes of a stopped clock when its case is opened again.
enum class ReopenRule {
  kContinue,   // It runs on; the time between was a pause.
  kRestart,    // It begins anew, with the whole limit.
  kFirstOnly,  // It stays stopped: only the first answer counts.
};

// What becomes of a running clock when its limit or its calendar changes.
enum class RecomputeRule {
  kPinned,        // The limit and the calendar it began with stay.
  kOrigin,        // The new ones hold from its own start; the pauses are kept.
  kProportional,  // The new ones hold from now on, less the share of the limit that is used up.
};

enum class ClockState { kRunning, kPaused, kStopped };

// What a clock shows at some instant.
struct ClockReading {
  ClockState state;
  int64_t due;    // kNever while a pause lasts that began before it.
  int64_t used;   // In the unit of the limit, up to the stop or the instant of reading.
  bool breached;  // The due instant is before that. At the due instant itself it is not.
  int64_t
      overdue_working;  // From the due instant up to that, in microseconds: working time outside
  int64_t overdue_elapsed;  // of pauses, and all time. 0 if it is not breached.
};

// One clock of one case, as a fold over what happens to it, in order of time. Two pauses may
// overlap; the clock runs again when all have ended. Whether it was breached is a question about an
// instant: a breach that was recorded then stands, whatever is recomputed later.
//
// Errors of every change: InvalidArgument for an instant before the last one or too far away;
// FailedPrecondition for a change that its state does not allow. The clock is then as before.
class Clock {
 public:
  // Errors: InvalidArgument also for a negative amount, or below 1 of business days.
  static absl::StatusOr<Clock> Start(const Limit &limit, int64_t at);

  absl::Status Suspend(int64_t at);  // Begins a pause.
  absl::Status Resume(int64_t at);   // Ends one.
  absl::Status Stop(int64_t at);     // Ends all pauses, too.
  absl::Status Reopen(int64_t at, ReopenRule rule);

  // Turns to `limit` from `at` on; `before` is the calendar that it followed so far. True if it
  // follows the new limit and its calendar now; false if it keeps the old ones: by kPinned, when it
  // is stopped, and by kProportional when nothing is left to carry over. The used share is rounded
  // down to a microsecond. Errors: InvalidArgument also for kProportional with a limit that counts
  // days, and for a paused clock whose new limit does.
  absl::StatusOr<bool> Recompute(int64_t at, const BusinessCalendar &before, const Limit &limit,
                                 RecomputeRule rule);

  // What it shows at `now`, not before the last change. `calendar` is the one that it follows.
  absl::StatusOr<ClockReading> Read(const BusinessCalendar &calendar, int64_t now) const;

  // When `percent` of the limit is used up: 100 is the due instant, more is beyond. Of a limit that
  // counts days it is that share of the time between start and due. Errors: InvalidArgument for a
  // share outside 1 to 1,000.
  absl::StatusOr<int64_t> InstantOfShare(const BusinessCalendar &calendar, int percent) const;

  const Limit &limit() const { return limit_; }
  int64_t started_at() const { return started_at_; }
  int64_t stopped_at() const { return stopped_at_; }  // kNever if it is not.
  std::span<const Pause> pauses() const { return pauses_; }
  ClockState state() const {
    if (stopped_at_ != kNever) return ClockState::kStopped;
    return suspended_ > 0 ? ClockState::kPaused : ClockState::kRunning;
  }

 private:
  Clock(const Limit &limit, int64_t at)
      : limit_(limit), started_at_(at), counted_from_(at), changed_at_(at) {}

  absl::Status CheckChange(int64_t at, std::string_view what, bool allowed) const;
  absl::StatusOr<int64_t> UsedUntil(const BusinessCalendar &calendar, int64_t end) const;

  Limit limit_;
  int64_t started_at_;
  int64_t
      counted_from_;  // Later than the start after a change in proportion, with `carried_` used up.
  int64_t carried_ = 0;
  int64_t changed_at_;
  int64_t stopped_at_ = kNever;
  uint32_t suspended_ = 0;     // Pauses that last.
  std::vector<Pause> pauses_;  // In order of time, without overlap; the last may last.
};

namespace detail {

inline bool CountsDays(LimitKind kind) {
  return kind != LimitKind::kWorkingTime && kind != LimitKind::kElapsedTime;
}

inline absl::Status CheckLimit(const Limit &limit) {
  const int64_t least = limit.kind == LimitKind::kBusinessDays ? 1 : 0;
  if (limit.amount >= least) return absl::OkStatus();
  return InvalidOption("limit", absl::StrCat(limit.amount), absl::StrCat(least, " or more"));
}

// a * b / c rounded down, for 0 <= a, 0 <= b and 0 < c.
inline absl::int128 Scaled(int64_t a, int64_t b, int64_t c) { return absl::int128(a) * b / c; }

}  // namespace detail

inline absl::StatusOr<int64_t> DueOf(const BusinessCalendar &calendar, const Limit &limit,
                                     int64_t start, std::span<const Pause> pauses) {
  if (detail::CountsDays(limit.kind) && !pauses.empty()) {
    return InvalidOption("pauses", absl::StrCat(pauses.size()),
                         "none for a limit that counts days");
  }
  switch (limit.kind) {
    case LimitKind::kWorkingTime: return calendar.working_time().Due(start, limit.amount, pauses);
    case LimitKind::kBusinessDays: return calendar.BusinessDaysAfter(start, limit.amount);
    case LimitKind::kCalendarDays: return calendar.CalendarDaysAfter(start, limit.amount);
    case LimitKind::kCalendarWeeks: return calendar.CalendarWeeksAfter(start, limit.amount);
    case LimitKind::kElapsedTime: break;
  }
  PATRON_RETURN_IF_ERROR(CheckInstant("start", start));
  PATRON_RETURN_IF_ERROR(detail::CheckBudget(limit.amount));
  PATRON_RETURN_IF_ERROR(CheckPauses(pauses));
  std::vector<Pause> scratch;
  return detail::DueOn(detail::PlainTime(), start, limit.amount, UnionOf(pauses, scratch));
}

inline absl::StatusOr<Clock> Clock::Start(const Limit &limit, int64_t at) {
  PATRON_RETURN_IF_ERROR(CheckInstant("at", at));
  PATRON_RETURN_IF_ERROR(detail::CheckLimit(limit));
  return Clock(limit, at);
}

inline absl::Status Clock::CheckChange(int64_t at, std::string_view what, bool allowed) const {
  PATRON_RETURN_IF_ERROR(CheckInstant("at", at));
  if (at < changed_at_) {
    return InvalidOption("at", FormatTime(at),
                         absl::StrCat("no time before the last change, ", FormatTime(changed_at_)));
  }
  if (allowed) return absl::OkStatus();
  constexpr std::string_view kNames[] = {"running", "paused", "stopped"};
  return absl::FailedPreconditionError(absl::StrCat(
      "a clock that is ", Text(kNames[static_cast<int>(state())]), " cannot ", Text(what)));
}

inline absl::Status Clock::Suspend(int64_t at) {
  PATRON_RETURN_IF_ERROR(CheckChange(at, "be paused", state() != ClockState::kStopped));
  if (detail::CountsDays(limit_.kind)) {
    return absl::FailedPreconditionError("a clock that counts days cannot be paused");
  }
  if (suspended_ == 0) pauses_.push_back({at, kNever});
  ++suspended_;
  changed_at_ = at;
  return absl::OkStatus();
}

inline absl::Status Clock::Resume(int64_t at) {
  PATRON_RETURN_IF_ERROR(CheckChange(at, "resume", state() == ClockState::kPaused));
  if (--suspended_ == 0) pauses_.back().end = at;
  changed_at_ = at;
  return absl::OkStatus();
}

inline absl::Status Clock::Stop(int64_t at) {
  PATRON_RETURN_IF_ERROR(CheckChange(at, "be stopped", state() != ClockState::kStopped));
  if (suspended_ > 0) pauses_.back().end = at;
  suspended_ = 0;
  stopped_at_ = changed_at_ = at;
  return absl::OkStatus();
}

inline absl::Status Clock::Reopen(int64_t at, ReopenRule rule) {
  PATRON_RETURN_IF_ERROR(CheckChange(at, "be reopened", state() == ClockState::kStopped));
  if (rule == ReopenRule::kContinue) {
    // Days are counted through: a limit of days has no pauses.
    if (!detail::CountsDays(limit_.kind)) pauses_.push_back({stopped_at_, at});
    stopped_at_ = kNever;
  } else if (rule == ReopenRule::kRestart) {
    *this = Clock(limit_, at);
  }
  changed_at_ = at;
  return absl::OkStatus();
}

inline absl::StatusOr<int64_t> Clock::UsedUntil(const BusinessCalendar &calendar,
                                                int64_t end) const {
  if (limit_.kind == LimitKind::kBusinessDays) {
    return calendar.BusinessDaysBetween(started_at_, end);
  }
  if (detail::CountsDays(limit_.kind)) {
    const WorkingTime &time = calendar.working_time();
    const int64_t days = time.DayOf(end) - time.DayOf(started_at_);
    return limit_.kind == LimitKind::kCalendarWeeks ? days / 7 : days;
  }
  std::vector<Pause> scratch;
  const std::span<const Pause> pauses = UnionOf(pauses_, scratch);
  return carried_ + (limit_.kind == LimitKind::kWorkingTime
                         ? detail::ElapsedOn(calendar.working_time(), counted_from_, end, pauses)
                         : detail::ElapsedOn(detail::PlainTime(), counted_from_, end, pauses));
}

inline absl::StatusOr<bool> Clock::Recompute(int64_t at, const BusinessCalendar &before,
                                             const Limit &limit, RecomputeRule rule) {
  PATRON_RETURN_IF_ERROR(CheckChange(at, "be recomputed", true));
  PATRON_RETURN_IF_ERROR(detail::CheckLimit(limit));
  if (detail::CountsDays(limit.kind) && !pauses_.empty() && rule == RecomputeRule::kOrigin) {
    return InvalidOption("limit", "counts days", "a limit of time, for the clock has been paused");
  }
  if (rule == RecomputeRule::kProportional &&
      (detail::CountsDays(limit.kind) || detail::CountsDays(limit_.kind))) {
    return InvalidOption("rule", "proportional", "pinned or origin for a limit that counts days");
  }
  bool moved = rule != RecomputeRule::kPinned && state() != ClockState::kStopped;
  if (moved && rule == RecomputeRule::kProportional) {
    PATRON_ASSIGN_OR_RETURN(const int64_t used, UsedUntil(before, at));
    moved = used < limit_.amount;
    if (moved) {
      carried_ = static_cast<int64_t>(detail::Scaled(limit.amount, used, limit_.amount));
      counted_from_ = at;
    }
  } else if (moved) {
    carried_ = 0;
    counted_from_ = started_at_;
  }
  if (moved) limit_ = limit;
  changed_at_ = at;
  return moved;
}

inline absl::StatusOr<ClockReading> Clock::Read(const BusinessCalendar &calendar,
                                                int64_t now) const {
  PATRON_RETURN_IF_ERROR(CheckChange(now, "be read", true));
  const Limit rest = {limit_.kind, limit_.amount - carried_};
  PATRON_ASSIGN_OR_RETURN(const int64_t due, DueOf(calendar, rest, counted_from_, pauses_));
  const int64_t end = stopped_at_ == kNever ? now : stopped_at_;
  ClockReading reading = {.state = state(),
                          .due = due,
                          .used = 0,
                          .breached = due != kNever && due < end,
                          .overdue_working = 0,
                          .overdue_elapsed = 0};
  PATRON_ASSIGN_OR_RETURN(reading.used, UsedUntil(calendar, end));
  if (reading.breached) {
    PATRON_ASSIGN_OR_RETURN(reading.overdue_working,
                            calendar.working_time().Elapsed(due, end, pauses_));
    reading.overdue_elapsed = end - due;
  }
  return reading;
}

inline absl::StatusOr<int64_t> Clock::InstantOfShare(const BusinessCalendar &calendar,
                                                     int percent) const {
  if (percent < 1 || percent > 1000) {
    return InvalidOption("percent", absl::StrCat(percent), "1 to 1000");
  }
  if (detail::CountsDays(limit_.kind)) {
    PATRON_ASSIGN_OR_RETURN(const int64_t due, DueOf(calendar, limit_, started_at_));
    if (due == kNever) return kNever;
    const absl::int128 instant =
        absl::int128(due - started_at_) * percent / 100 + absl::int128(started_at_);
    return instant > kFarthest ? kNever : static_cast<int64_t>(instant);
  }
  const absl::int128 share = (absl::int128(limit_.amount) * percent + 99) / 100 - carried_;
  if (share <= 0) return counted_from_;
  if (share > std::numeric_limits<int64_t>::max()) return kNever;
  return DueOf(calendar, {limit_.kind, static_cast<int64_t>(share)}, counted_from_, pauses_);
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_CLOCK_HPP_
