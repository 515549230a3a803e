// What a casebook tells about its cases: states, clocks, what may happen next, what happened.
#ifndef PATRON_COMPLAINTS_CASEBOOK_VIEWS_HPP_
#define PATRON_COMPLAINTS_CASEBOOK_VIEWS_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "patron/complaints/case_outlook.hpp"
#include "patron/complaints/casebook_fold.hpp"
#include "patron/complaints/casebook_store.hpp"

namespace patron::complaints {

// A case in the numbers of the casebook. Names are those of its policy.
struct CaseRow {
  uint32_t code;
  CaseFields fields;
  uint32_t events = 0;  // Known, the refused ones included.
};

// One run of a clock of one case.
struct ClockRow {
  uint32_t case_code;
  std::string_view clock;
  ClockState state;
  LimitKind limit_kind;
  int64_t limit;
  int64_t started;
  int64_t stopped;  // kNever: it is not.
  int64_t due;      // kNever: not while it is paused.
  int64_t used;
  bool breached;
  bool recorded;  // As a breach.
  int64_t overdue_working;
  int64_t overdue_elapsed;
};

// One event of one case.
struct TimelineRow {
  uint32_t position;  // In the log.
  EventRecord event;
  std::string_view state;  // After it; empty if it is refused.
  std::string refusal;     // As a sentence; empty if it is not.
};

struct PromiseRow {
  uint32_t position;
  int64_t made;
  int64_t due;
  int64_t kept;    // kNever: not so far.
  int64_t broken;  // By then it was recorded as broken.
};

// What a case may do next, and who may do it.
struct NextEvent {
  std::string_view event;
  std::string_view to;  // The state; empty if it stays as it is.
  std::vector<std::string_view> roles;
  Refusal lacks = Refusal::kNone;  // What keeps all of them from it, amounts of 0 provided.
};

namespace detail::casebook {

inline void AddClockRows(const CasebookStore &store, uint32_t code, const CaseOutlook &outlook,
                         int64_t now, std::vector<ClockRow> *rows, absl::Status *status) {
  for (const ClockRun &run : outlook.clocks().runs()) {
    const auto reading =
        run.clock.Read(outlook.clocks().calendar(run), std::max(now, outlook.now()));
    if (!reading.ok()) {
      *status = reading.status();
      return;
    }
    bool recorded = false;
    for (uint32_t at = store.states[code].newest; at != kNone; at = store.log[at].before) {
      const EventRecord &event = store.log[at];
      recorded =
          recorded ||
          (event.accepted() && store.shelf.kind(event.type) == EventKind::kBreach &&
           ClockOfShare(event.detail) == store.shelf.policy(run.policy).clock_names[run.rule] &&
           event.value == run.clock.started_at());
    }
    rows->push_back({code, outlook.clocks().rule(run).name, reading->state, run.clock.limit().kind,
                     run.clock.limit().amount, run.clock.started_at(), run.clock.stopped_at(),
                     reading->due, reading->used, reading->breached, recorded,
                     reading->overdue_working, reading->overdue_elapsed});
  }
}

// "above the single limit 50.0000 of frontline; supervisor could".
inline std::string RefusalText(const PolicyShelf &shelf, const EventRecord &event,
                               const Fold &fold) {
  const Verdict &verdict = fold.verdict();
  const CaseFields &fields = fold.fields_then();
  if (verdict.refusal == Refusal::kNone) return "";
  const ShelvedPolicy &shelved =
      shelf.policy(fields.exists() || shelf.kind(event.type) != EventKind::kReceive ? fields.policy
                                                                                    : event.detail);
  const Policy &policy = shelved.lifecycle.policy();
  const std::string role =
      event.role == EventRecord::kNoRole ? "no role" : shelf.roles()[event.role];
  const std::string state = fields.exists() ? policy.states[fields.state].name : "no state";
  const auto money = [&](Int128 amount) { return FormatMoney(amount, policy.decimals); };
  std::string text;
  switch (verdict.refusal) {
    case Refusal::kNone: break;
    case Refusal::kReversed: return "taken back by a later event";
    case Refusal::kNoCase: return "the case had not been received by then";
    case Refusal::kUnknownEvent: return "the policy of the case has no such event";
    case Refusal::kUnknownRole: text = absl::StrCat(role, " is no role of the policy"); break;
    case Refusal::kNotLegal: return absl::StrCat("not possible from the state ", state);
    case Refusal::kNotPermitted: text = absl::StrCat(role, " may not do it"); break;
    case Refusal::kSeverity:
      text = absl::StrCat("severity ", static_cast<int64_t>(verdict.amount), " is above ",
                          verdict.rule->max_severity, ", the highest of ", role);
      break;
    case Refusal::kCrisis: text = absl::StrCat(role, " may not speak in a media crisis"); break;
    case Refusal::kSingleLimit:
      text = absl::StrCat(money(verdict.amount), " is above ", money(verdict.rule->single),
                          ", the limit of one event of ", role);
      break;
    case Refusal::kCaseLimit:
      if (verdict.rule == nullptr) {
        return absl::StrCat(money(verdict.amount), " is more than a case can hold");
      }
      text = absl::StrCat(money(verdict.amount), " in the case is above ",
                          money(verdict.rule->of_case), ", the limit of one case of ", role);
      break;
    case Refusal::kCustomerLimit:
      text = absl::StrCat(money(verdict.amount), " for the customer in twelve months is above ",
                          money(verdict.rule->of_customer), ", the limit of ", role);
      break;
    case Refusal::kOtherPerson: text = "another person must do it"; break;
    case Refusal::kNoDecision: return "no decision with a reason";
    case Refusal::kNoApproval: return "what is proposed has not been approved";
    case Refusal::kNoCause: return "no root cause is recorded";
    case Refusal::kNoNotice: return "no notice of the external remedy, in a regulated case";
    case Refusal::kRemedyDue: return "a remedy is still due";
    case Refusal::kNoRemedyDue: return "no remedy is due";
    case Refusal::kWindowPassed:
      return "the window to reopen it has passed; a new case can be received and linked";
    case Refusal::kLimitNotPassed: return "no regulatory limit has passed";
    case Refusal::kWindowNotOver: return "the clock that fires it is not due";
    case Refusal::kHold: return "a legal hold";
    case Refusal::kNoOtherCase: return "the other case had not been received by then";
    case Refusal::kMergeCycle: return "the other case is merged into this one";
    case Refusal::kNoTarget: return "the event that it is about had not happened in this case";
    case Refusal::kNothingToReturnTo: return "no state to return to";
    case Refusal::kTooDeep: return "too many states to return to";
    case Refusal::kNoStateMap: return absl::StrCat("the policy has no place for the state ", state);
  }
  if (fold.could() != Lifecycle::kNone) {
    absl::StrAppend(&text, "; ", policy.roles[fold.could()].name, " could");
  }
  return text;
}

// What the case may do next at `now`.
inline std::vector<NextEvent> NextEvents(const CasebookStore &store, uint32_t code, int64_t now) {
  std::vector<NextEvent> result;
  Fold fold(store, store.CircleOf(code));
  fold.Run();
  const CaseFields fields = fold.fields(code);
  if (!fields.exists()) return result;
  const ShelvedPolicy &shelved = store.shelf.policy(fields.policy);
  const Policy &policy = shelved.lifecycle.policy();
  for (uint8_t number = 0; number < policy.events.size(); ++number) {
    const auto moves = shelved.lifecycle.MovesOf(number, fields.state);
    if (moves.empty()) continue;
    NextEvent next{policy.events[number].name, {}, {}, Refusal::kNone};
    bool open = false;
    for (uint8_t role = 0; role < policy.roles.size(); ++role) {
      EventRecord event;
      event.case_code = code;
      event.type = shelved.type_of_event[number];
      event.occurred = std::max(now, store.states[code].last_occurred);
      event.actor = kNone - 1;
      event.code = event.detail = 1;
      if (policy.events[number].kind == EventKind::kMigrate) event.detail = fields.policy;
      for (size_t name = 0; name < store.shelf.roles().size(); ++name) {
        if (shelved.role_of_name[name] == role) event.role = static_cast<uint8_t>(name);
      }
      const Refusal refusal = fold.Try(event);
      // It would name the case or event that it is about.
      if (refusal == Refusal::kNone || refusal == Refusal::kNoOtherCase ||
          refusal == Refusal::kNoTarget) {
        next.roles.push_back(policy.roles[role].name);
        open = true;
      } else if (refusal != Refusal::kNotPermitted) {
        next.lacks = refusal;
      }
    }
    if (open) next.lacks = Refusal::kNone;
    if (next.roles.empty() && next.lacks == Refusal::kNone) continue;
    if (moves[0].kind == MoveKind::kTo) next.to = policy.states[moves[0].to].name;
    if (moves[0].kind == MoveKind::kReturn && fields.remembered > 0) {
      next.to = policy.states[fields.stack[fields.remembered - 1U]].name;
    }
    result.push_back(std::move(next));
  }
  return result;
}

}  // namespace detail::casebook

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_CASEBOOK_VIEWS_HPP_
