// The casebook: complaints as a log of events, with the state and the clocks of every case.
#ifndef PATRON_COMPLAINTS_CASEBOOK_HPP_
#define PATRON_COMPLAINTS_CASEBOOK_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/blake2b.hpp"
#include "patron/base/ids.hpp"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/complaints/case_file.hpp"
#include "patron/complaints/case_outlook.hpp"
#include "patron/complaints/casebook_apply.hpp"
#include "patron/complaints/casebook_content.hpp"
#include "patron/complaints/casebook_fold.hpp"
#include "patron/complaints/casebook_rows.hpp"
#include "patron/complaints/casebook_store.hpp"
#include "patron/complaints/casebook_views.hpp"

namespace patron::complaints {

// What a casebook holds.
struct CasebookSize {
  uint64_t events = 0;
  uint64_t cases = 0;  // With events, or named by those of other cases.
  uint64_t customers = 0;
  uint64_t memory_bytes = 0;
};

// Where a log stands: a host that keeps it can prove later that nothing before was changed.
struct LogHead {
  uint64_t events = 0;
  Digest digest{};

  friend bool operator==(const LogHead &, const LogHead &) = default;
};

// What Advance did.
struct AdvanceReport {
  uint64_t first = 0;  // Position of the first event added, and how many they are.
  uint64_t events = 0;
};

// A fold over events. The state of a case is that of its events in canonical order: by the instant
// at which they occurred, then by kind, then by id, whatever the order in which they came and how
// often. What is not allowed stays in the log, refused with a reason, and comes into effect when
// what it lacks arrives. Every case has the version of the policy under which it was received, until
// it migrates. Cases of one customer, and cases that name each other, are folded together.
//
// Ids of events, cases, customers and actors are each integers or text, as the first ones are. At
// most 2^32 - 2 of each. If an allocation fails (std::bad_alloc) the casebook is as it was before
// the call; Advance may have done a part, and the next call does the rest. One thread at a time;
// const functions may run at once.
class Casebook {
 public:
  // Adds a calendar, or a version of a known one that holds from `from` on; running clocks are
  // recomputed by their rules. Errors: as PolicyShelf. Cost: O(cases) for a further version.
  absl::Status AddCalendar(std::string_view name, Calendar calendar, int64_t from = 0);

  // Adds a policy, whose calendars have been added. The first one is that of cases that name none.
  // Errors: as PolicyShelf. Returns its number.
  absl::StatusOr<int> AddPolicy(Policy policy);

  // Makes a policy that of cases received from now on that name none; the latest version if
  // `version` is empty. Errors: NotFound.
  absl::Status UsePolicy(std::string_view name, std::string_view version = {});

  const PolicyShelf &shelf() const { return store_.shelf; }
  int standard_policy() const { return store_.standard; }

  // Takes events, which are recorded at `recorded`, not before those of the last call.
  //
  // Errors: InvalidArgument for columns that differ in length, ids of another kind, an event that
  // cannot be one (see EventRows), or `recorded` going back; ResourceExhausted past the limit of
  // ids; Cancelled. With kAll also FailedPrecondition for the first row that is refused, and
  // AlreadyExists for one in conflict. Nothing is taken then.
  // Cost: O(rows); a row that comes late, or reverses another, folds its circle of cases anew, once
  // a call: O(n log n) for n events of them. One that asks about other cases reads the circle.
  absl::StatusOr<ApplyReport> Apply(const EventRows &rows, int64_t recorded,
                                    ApplyMode mode = ApplyMode::kRows,
                                    const Execution &execution = {}) {
    return Apply(rows, recorded, mode, execution,
                 [](uint64_t, const ApplyReport &) { return absl::OkStatus(); });
  }

  // The same, and `keep` decides whether what is new stays.
  absl::StatusOr<ApplyReport> Apply(const EventRows &rows, int64_t recorded, ApplyMode mode,
                                    const Execution &execution, KeepEvents keep);

  // Lets everything happen that is due by `now`, in order: breaches and what voids them, escalations
  // by a clock's share, windows that end, broken promises, guarantees. Each happens once, as an
  // event of the casebook's own (id "~n" or -n), recorded at `now`. An event that is not allowed
  // when it is due happens when the case allows it. Guards and limits of roles do not bind the
  // casebook; those of states do. At most 100 events a case and call.
  // Errors: InvalidArgument if `now` is before the last call, of this or of Apply.
  // Cost: O(events of the cases where something changed or is due).
  absl::StatusOr<AdvanceReport> Advance(int64_t now);
  // Whether Advance would take that instant. Errors: as Advance.
  absl::Status CheckAdvance(int64_t now) const;

  // The instant at which the next thing may happen by itself, or kNever: until then a host can
  // sleep. Cost: O(events of the cases that changed since it was asked), then O(1).
  absl::StatusOr<int64_t> NextInstant();

  CasebookSize size() const;

  // The code of a case, or -1. Codes are given in order of arrival and never change.
  int64_t FindCase(int64_t id) const { return CodeOf(store_.cases.Find(id)); }
  int64_t FindCase(std::string_view id) const { return CodeOf(store_.cases.Find(id)); }

  const IdIndex &case_ids() const { return store_.cases; }
  const IdIndex &event_ids() const { return store_.events; }
  const IdIndex &actor_ids() const { return store_.actors; }
  const IdIndex &customer_ids() const { return store_.customers; }
  const IdIndex &reference_ids() const { return store_.references; }
  bool IsErased(uint32_t customer) const;
  const EventRecord &event(uint32_t position) const { return store_.log[position]; }
  // The event of a case that came last, EventRecord::kNone without any; `before` leads on.
  uint32_t newest_event(uint32_t code) const { return store_.states[code].newest; }
  int64_t last_recorded() const { return store_.last_recorded; }  // kNever: nothing has been.
  int64_t advanced_to() const { return store_.advanced_to; }      // kNever: never.
  // The text of an event; nothing if it has none, or it was erased.
  std::optional<std::string_view> TextOf(const EventRecord &event) const;

  // One case, and all that have been received, in order of codes.
  const CaseFields &Case(uint32_t code) const { return store_.states[code].fields; }
  std::vector<CaseRow> Cases() const;

  // The cases as the events show them that were recorded and had occurred by then: what did we know,
  // when. Cost: O(events log events).
  std::vector<CaseRow> AsOf(int64_t recorded, int64_t occurred) const;

  // Clocks at `now`, which counts as the last event of a case where that is later. Cost of these
  // three for all cases: O(events).
  absl::StatusOr<std::vector<ClockRow>> ClocksOf(uint32_t code, int64_t now) const;
  absl::StatusOr<std::vector<ClockRow>> Clocks(int64_t now) const;
  // Those that run and are due by `until`, and not late at `now`; earliest first.
  absl::StatusOr<std::vector<ClockRow>> Due(int64_t now, int64_t until) const;
  // Those that run and are late at `now`; the one due earliest first.
  absl::StatusOr<std::vector<ClockRow>> Overdue(int64_t now) const;

  // The events of a case in canonical order, with the refusals in words.
  std::vector<TimelineRow> Timeline(uint32_t code) const;
  absl::StatusOr<std::vector<PromiseRow>> Promises(uint32_t code) const;
  // All that was known of a case at a moment. Errors: NotFound for a case not received by then,
  // InvalidArgument for a moment that is none. Cost: O(n log n) for the n events of its circle.
  absl::StatusOr<CaseFile> File(uint32_t code, const CaseMoment &moment) const {
    PATRON_RETURN_IF_ERROR(CheckInstant("now", moment.now));
    return detail::casebook::ReadCaseFile(store_, code, moment);
  }
  std::vector<NextEvent> Next(uint32_t code, int64_t now) const {
    return detail::casebook::NextEvents(store_, code, now);
  }

  // Cost: O(events since it was asked for), some 0.15 microseconds each. Threads may ask at once.
  LogHead head() const { return {store_.log.size(), store_.chain.Of(store_).head()}; }

  // The digest of what all cases amount to. Cost: O(cases).
  Digest fold_digest() const { return detail::casebook::FoldDigest(store_.states); }

  // Whether the log is as it was written, and begins with what `anchor` was the head of. Errors:
  // DataLoss naming the first 1,024 events among which one was altered, is missing or out of order.
  // Cost: O(events), some 0.1 microseconds each.
  absl::Status Verify(const std::optional<LogHead> &anchor = std::nullopt) const;

  // Erases the id of a customer and the texts of its cases. Events, states and the chain stay: the
  // customer is a number from then on. Errors: FailedPrecondition if a case is on legal hold.
  // Cost: O(customers + texts).
  absl::Status EraseCustomer(uint32_t customer);

  // The casebook in canonical form: equal logs give equal content. Text is borrowed.
  CasebookContent Content() const { return detail::casebook::ListContent(store_); }

  // A casebook of that content, which may come from anywhere: the log is replayed, and chain and
  // states compared. Errors: DataLoss if no casebook has that content. Cost: O(events).
  static absl::StatusOr<Casebook> FromContent(const CasebookContent &content);

 private:
  int64_t CodeOf(uint32_t code) const {
    return code == IdIndex::kUnknown ? -1 : static_cast<int64_t>(code);
  }
  absl::Status Settle();
  template <typename Keep>
  absl::StatusOr<std::vector<ClockRow>> ClocksIf(int64_t now, const Keep &keep) const;

  detail::casebook::CasebookStore store_;
};

inline absl::Status Casebook::AddCalendar(std::string_view name, Calendar calendar, int64_t from) {
  const size_t before = store_.shelf.calendars().size();
  store_.unsettled.reserve(store_.unsettled.size() + store_.states.size());
  PATRON_RETURN_IF_ERROR(store_.shelf.AddCalendar(name, std::move(calendar), from));
  if (store_.shelf.calendars().size() > before) return absl::OkStatus();
  for (uint32_t code = 0; code < store_.states.size(); ++code) {
    CaseState &state = store_.states[code];
    if (state.unsettled != 0) continue;
    store_.unsettled.push_back(code);
    state.unsettled = 1;
  }
  return absl::OkStatus();
}

inline absl::StatusOr<int> Casebook::AddPolicy(Policy policy) {
  PATRON_ASSIGN_OR_RETURN(const uint16_t number, store_.shelf.AddPolicy(std::move(policy)));
  if (store_.standard < 0) store_.standard = number;
  return int{number};
}

inline absl::Status Casebook::UsePolicy(std::string_view name, std::string_view version) {
  const int number = store_.shelf.Find(name, version);
  if (number < 0) {
    return absl::NotFoundError(absl::StrCat("policy: ", Quoted(name), " version ", Quoted(version),
                                            "; expected one that has been added"));
  }
  store_.standard = number;
  return absl::OkStatus();
}

inline absl::StatusOr<ApplyReport> Casebook::Apply(const EventRows &rows, int64_t recorded,
                                                   ApplyMode mode, const Execution &execution,
                                                   KeepEvents keep) {
  PATRON_RETURN_IF_ERROR(CheckInstant("recorded", recorded));
  if (recorded < store_.last_recorded) {
    return InvalidOption(
        "recorded", FormatTime(recorded),
        absl::StrCat("no time before that of the last events, ", FormatTime(store_.last_recorded)));
  }
  PATRON_RETURN_IF_ERROR(detail::casebook::RowsCheck(rows, store_.shelf, store_.standard).Run());
  return detail::casebook::Application(&store_, recorded).Run(rows, mode, execution, keep);
}

inline absl::Status Casebook::Settle() {
  while (!store_.unsettled.empty()) {
    const uint32_t code = store_.unsettled.back();
    CaseState &state = store_.states[code];
    detail::casebook::CaseOutlook outlook(store_, code);
    PATRON_RETURN_IF_ERROR(outlook.Read(store_.advanced_to));
    PATRON_ASSIGN_OR_RETURN(const auto next, outlook.Next(store_.advanced_to));
    if (next) {
      store_.queue.push_back({next->instant, code});
      std::push_heap(store_.queue.begin(), store_.queue.end());
    }
    state.instant = next ? next->instant : kNever;
    state.unsettled = 0;
    store_.unsettled.pop_back();
  }
  const auto current = [&] {
    const detail::casebook::DueCase &top = store_.queue.front();
    const CaseState &state = store_.states[top.code];
    return state.instant == top.instant;
  };
  while (!store_.queue.empty() && !current()) {
    std::pop_heap(store_.queue.begin(), store_.queue.end());
    store_.queue.pop_back();
  }
  return absl::OkStatus();
}

inline absl::StatusOr<int64_t> Casebook::NextInstant() {
  PATRON_RETURN_IF_ERROR(Settle());
  return store_.queue.empty() ? kNever : store_.queue.front().instant;
}

inline absl::Status Casebook::CheckAdvance(int64_t now) const {
  PATRON_RETURN_IF_ERROR(CheckInstant("now", now));
  if (now >= store_.last_recorded && now >= store_.advanced_to) return absl::OkStatus();
  return InvalidOption(
      "now", FormatTime(now),
      absl::StrCat("no time before that of the last call, ",
                   FormatTime(std::max(store_.last_recorded, store_.advanced_to))));
}

inline absl::StatusOr<AdvanceReport> Casebook::Advance(int64_t now) {
  constexpr int kMostOfCase = 100;
  PATRON_RETURN_IF_ERROR(CheckAdvance(now));
  AdvanceReport report{store_.log.size(), 0};
  PATRON_RETURN_IF_ERROR(Settle());
  std::vector<uint32_t> cases;
  for (const detail::casebook::DueCase &due : store_.queue) {
    if (due.instant <= now) cases.push_back(due.code);
  }
  // In the order of codes, so that equal books number equal events alike.
  std::ranges::sort(cases);
  cases.erase(std::unique(cases.begin(), cases.end()), cases.end());
  for (const uint32_t code : cases) {
    for (int count = 0; count < kMostOfCase; ++count) {
      detail::casebook::CaseOutlook outlook(store_, code);
      PATRON_RETURN_IF_ERROR(outlook.Read(now));
      PATRON_ASSIGN_OR_RETURN(auto next, outlook.Next(now));
      if (!next || next->instant > now) break;
      detail::casebook::Application application(&store_, now);
      if (next->about != EventRecord::kNone) {
        PATRON_ASSIGN_OR_RETURN(next->event.reference, application.Refer(next->about));
      }
      PATRON_ASSIGN_OR_RETURN(const uint32_t position, application.AddOwn(next->event));
      application.Finish();
      ++report.events;
      if (!store_.log[position].accepted()) break;
    }
    CaseState &state = store_.states[code];
    if (state.unsettled == 0) {
      store_.unsettled.push_back(code);
      state.unsettled = 1;
    }
  }
  store_.advanced_to = now;
  PATRON_RETURN_IF_ERROR(Settle());
  return report;
}

inline CasebookSize Casebook::size() const {
  return {.events = store_.log.size(),
          .cases = store_.cases.size(),
          .customers = store_.customers.size() - store_.erased.size(),
          .memory_bytes = store_.memory_bytes()};
}

inline bool Casebook::IsErased(uint32_t customer) const {
  return std::ranges::find(store_.erased, customer, &detail::casebook::ErasedCustomer::code) !=
         store_.erased.end();
}

inline std::optional<std::string_view> Casebook::TextOf(const EventRecord &event) const {
  if (event.payload == EventRecord::kNone || store_.payloads.payloads[event.payload].erased) {
    return std::nullopt;
  }
  return store_.payloads.text(event.payload);
}

inline std::vector<CaseRow> Casebook::Cases() const {
  std::vector<CaseRow> rows;
  for (uint32_t code = 0; code < store_.states.size(); ++code) {
    const CaseState &state = store_.states[code];
    if (!state.fields.exists()) continue;
    uint32_t events = 0;
    for (uint32_t at = state.newest; at != EventRecord::kNone; at = store_.log[at].before) ++events;
    rows.push_back({code, state.fields, events});
  }
  return rows;
}

inline std::vector<CaseRow> Casebook::AsOf(int64_t recorded, int64_t occurred) const {
  std::vector<CaseRow> rows;
  std::vector<bool> done(store_.states.size());
  for (uint32_t code = 0; code < store_.states.size(); ++code) {
    if (done[code]) continue;
    detail::casebook::Fold fold(store_, store_.CircleOf(code), {recorded, occurred});
    fold.Run();
    for (const uint32_t one : fold.cases()) {
      done[one] = true;
      if (!fold.fields(one).exists()) continue;
      uint32_t events = 0;
      for (const auto &step : fold.steps()) events += step.event.case_code == one ? 1U : 0U;
      rows.push_back({one, fold.fields(one), events});
    }
  }
  std::ranges::sort(rows, {}, &CaseRow::code);
  return rows;
}

template <typename Keep>
absl::StatusOr<std::vector<ClockRow>> Casebook::ClocksIf(int64_t now, const Keep &keep) const {
  PATRON_RETURN_IF_ERROR(CheckInstant("now", now));
  std::vector<ClockRow> rows;
  for (uint32_t code = 0; code < store_.states.size(); ++code) {
    if (!store_.states[code].fields.exists()) continue;
    PATRON_ASSIGN_OR_RETURN(const std::vector<ClockRow> own, ClocksOf(code, now));
    std::ranges::copy_if(own, std::back_inserter(rows), keep);
  }
  return rows;
}

inline absl::StatusOr<std::vector<ClockRow>> Casebook::ClocksOf(uint32_t code, int64_t now) const {
  PATRON_RETURN_IF_ERROR(CheckInstant("now", now));
  detail::casebook::CaseOutlook outlook(store_, code);
  PATRON_RETURN_IF_ERROR(outlook.Read(now));
  std::vector<ClockRow> rows;
  absl::Status status;
  detail::casebook::AddClockRows(store_, code, outlook, now, &rows, &status);
  PATRON_RETURN_IF_ERROR(status);
  return rows;
}

inline absl::StatusOr<std::vector<ClockRow>> Casebook::Clocks(int64_t now) const {
  return ClocksIf(now, [](const ClockRow &) { return true; });
}

inline absl::StatusOr<std::vector<ClockRow>> Casebook::Due(int64_t now, int64_t until) const {
  PATRON_RETURN_IF_ERROR(CheckInstant("until", until));
  PATRON_ASSIGN_OR_RETURN(auto rows, ClocksIf(now, [&](const ClockRow &row) {
                            return row.state == ClockState::kRunning && !row.breached &&
                                   row.due != kNever && row.due <= until;
                          }));
  std::ranges::stable_sort(rows, {}, &ClockRow::due);
  return rows;
}

inline absl::StatusOr<std::vector<ClockRow>> Casebook::Overdue(int64_t now) const {
  PATRON_ASSIGN_OR_RETURN(auto rows, ClocksIf(now, [](const ClockRow &row) {
                            return row.state != ClockState::kStopped && row.breached;
                          }));
  std::ranges::stable_sort(rows, {}, &ClockRow::due);
  return rows;
}

inline std::vector<TimelineRow> Casebook::Timeline(uint32_t code) const {
  std::vector<TimelineRow> rows;
  detail::casebook::Fold all(store_, store_.CircleOf(code));
  all.Run();
  int policy = -1;
  for (const auto &step : all.steps()) {
    if (step.event.case_code != code) continue;
    TimelineRow row{step.position, step.event, {}, {}};
    if (step.event.accepted()) {
      const EventKind kind = store_.shelf.kind(step.event.type);
      if (kind == EventKind::kReceive || kind == EventKind::kMigrate) policy = step.event.detail;
      if (policy >= 0 && step.event.after < kMostStates) {
        row.state = store_.shelf.policy(static_cast<uint16_t>(policy))
                        .lifecycle.policy()
                        .states[step.event.after]
                        .name;
      }
    } else {
      detail::casebook::Fold fold(store_, store_.CircleOf(code));
      fold.Run(step.position);
      row.refusal = detail::casebook::RefusalText(store_.shelf, step.event, fold);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

inline absl::StatusOr<std::vector<PromiseRow>> Casebook::Promises(uint32_t code) const {
  detail::casebook::CaseOutlook outlook(store_, code);
  PATRON_RETURN_IF_ERROR(outlook.Read(kNever));
  std::vector<PromiseRow> rows;
  for (const auto &p : outlook.promises()) {
    rows.push_back({p.position, p.made, p.due, p.kept, p.broken});
  }
  return rows;
}

inline absl::Status Casebook::Verify(const std::optional<LogHead> &anchor) const {
  using detail::casebook::Chain;
  return detail::casebook::VerifyChain(store_, anchor ? &anchor->digest : nullptr,
                                       anchor ? anchor->events : 0);
}

inline absl::Status Casebook::EraseCustomer(uint32_t customer) {
  return detail::casebook::EraseCustomer(&store_, customer);
}

inline absl::StatusOr<Casebook> Casebook::FromContent(const CasebookContent &content) {
  Casebook book;
  PATRON_RETURN_IF_ERROR(detail::casebook::ContentReader(content, &book.store_).Run());
  return book;
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_CASEBOOK_HPP_
