// All that is known of one case at some moment: what forms are filled from.
#ifndef PATRON_COMPLAINTS_CASE_FILE_HPP_
#define PATRON_COMPLAINTS_CASE_FILE_HPP_

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "patron/complaints/case_outlook.hpp"
#include "patron/complaints/casebook_fold.hpp"
#include "patron/complaints/casebook_store.hpp"
#include "patron/complaints/casebook_views.hpp"

namespace patron::complaints {

// What had been recorded and had occurred by then, with clocks as they stand at `now`.
struct CaseMoment {
  int64_t now = 0;
  int64_t recorded = std::numeric_limits<int64_t>::max();
  int64_t occurred = std::numeric_limits<int64_t>::max();
};

struct CaseFile {
  struct Event {
    uint32_t position;  // In the log.
    EventRecord event;  // With refusal and state after, as known at the moment.
    uint32_t target;    // Position of the promise that it is about, or kNone.
  };
  CaseRow row;
  int64_t now;                // Not before the last event.
  std::vector<Event> events;  // Those in effect, in canonical order.
  std::vector<ClockRow> clocks;
  std::vector<PromiseRow> promises;
};

namespace detail::casebook {

inline void AddPromise(const PolicyShelf &shelf, const CaseFile::Event &step, CaseFile *file) {
  const EventKind kind = shelf.kind(step.event.type);
  if (kind == EventKind::kPromise) {
    file->promises.push_back(
        {step.position, step.event.occurred, step.event.value, kNever, kNever});
  }
  if (kind != EventKind::kPromiseKept && kind != EventKind::kPromiseBroken) return;
  for (PromiseRow &promise : file->promises) {
    if (promise.position != step.target) continue;
    int64_t &at = kind == EventKind::kPromiseKept ? promise.kept : promise.broken;
    if (at == kNever) at = step.event.occurred;
  }
}

// Errors: NotFound for a case that had not been received by then. Cost: O(n log n) for the n events
// of the cases that belong together.
inline absl::StatusOr<CaseFile> ReadCaseFile(const CasebookStore &store, uint32_t code,
                                             const CaseMoment &moment) {
  Fold fold(store, store.CircleOf(code), {moment.recorded, moment.occurred});
  fold.Run();
  CaseFile file{{code, fold.fields(code)}, moment.now, {}, {}, {}};
  if (!file.row.fields.exists()) {
    return absl::NotFoundError(absl::StrCat("case: ", store.cases.Format(code),
                                            " has not been received by then; expected one that "
                                            "has"));
  }
  for (const Fold::Step &step : fold.steps()) {
    if (step.event.case_code != code) continue;
    ++file.row.events;
    if (!step.event.accepted()) continue;
    // What events of other kinds refer to is no event.
    const EventKind kind = store.shelf.kind(step.event.type);
    const bool about = kind == EventKind::kPromiseKept || kind == EventKind::kPromiseBroken;
    file.events.push_back({step.position, step.event, about ? store.TargetOf(step.event) : kNone});
    file.now = std::max(file.now, step.event.occurred);
    AddPromise(store.shelf, file.events.back(), &file);
  }
  PATRON_ASSIGN_OR_RETURN(CaseClocks clocks, fold.ClocksOf(code));
  PATRON_RETURN_IF_ERROR(clocks.AdvanceTo(file.now));
  for (const ClockRun &run : clocks.runs()) {
    PATRON_ASSIGN_OR_RETURN(const auto reading, run.clock.Read(clocks.calendar(run), file.now));
    const uint8_t name = store.shelf.policy(run.policy).clock_names[run.rule];
    const bool recorded = std::ranges::any_of(file.events, [&](const CaseFile::Event &step) {
      return store.shelf.kind(step.event.type) == EventKind::kBreach &&
             ClockOfShare(step.event.detail) == name && step.event.value == run.clock.started_at();
    });
    file.clocks.push_back({code, clocks.rule(run).name, reading.state, run.clock.limit().kind,
                           run.clock.limit().amount, run.clock.started_at(), run.clock.stopped_at(),
                           reading.due, reading.used, reading.breached, recorded,
                           reading.overdue_working, reading.overdue_elapsed});
  }
  return file;
}

}  // namespace detail::casebook

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_CASE_FILE_HPP_
