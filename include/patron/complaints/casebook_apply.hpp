// How events come into a casebook: known ones told apart, cases stepped on or folded anew.
#ifndef PATRON_COMPLAINTS_CASEBOOK_APPLY_HPP_
#define PATRON_COMPLAINTS_CASEBOOK_APPLY_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/complaints/casebook_fold.hpp"
#include "patron/complaints/casebook_journal.hpp"
#include "patron/complaints/casebook_rows.hpp"
#include "patron/complaints/casebook_store.hpp"

namespace patron::complaints {

// Asked when the events from position `first` of the log on are there and nobody has been told: a
// host that keeps the log elsewhere writes them now. If it fails, the call fails, and they are gone.
using KeepEvents = absl::FunctionRef<absl::Status(uint64_t first, const ApplyReport &report)>;

}  // namespace patron::complaints

namespace patron::complaints::detail::casebook {

// One call that adds events.
class Application {
 public:
  Application(CasebookStore *store, int64_t recorded)
      : store_(*store), journal_(store), recorded_(recorded) {}

  // Takes rows that RowsCheck has passed. `keep` is asked whether what is new stays, unless there is
  // nothing. Errors: of ids, Cancelled, and those of `keep`.
  absl::StatusOr<ApplyReport> Run(const EventRows &rows, ApplyMode mode, const Execution &execution,
                                  KeepEvents keep) {
    PATRON_RETURN_IF_ERROR(Encode(rows));
    const size_t n = rows.size();
    journal_.Expect(n);
    ApplyReport report;
    report.verdict.resize(n);
    report.refusal.resize(n);
    constexpr size_t kAhead = 12;
    constexpr size_t kPiece = 1 << 16;
    for (size_t i = 0; i < n; ++i) {
      if (i + kAhead < n) PrefetchCase(case_[i + kAhead]);
      if (i % kPiece == 0 && i > 0) PATRON_RETURN_IF_ERROR(ReportProgress(execution, i, n));
      if (event_[i] < store_.log.size()) {
        EventRecord event;
        Fill(rows, i, event);
        const bool equal = Equals(rows, i, event);
        report.verdict[i] = equal ? RowVerdict::kDuplicate : RowVerdict::kConflict;
        ++(equal ? report.duplicates : report.conflicts);
        continue;
      }
      EventRecord &event = store_.log.push_back({});
      Fill(rows, i, event);
      const bool has_text = !rows.text.empty() && (rows.has_text.empty() || rows.has_text[i] != 0);
      TakeLast(event, has_text ? &rows.text[i] : nullptr);
      report.refusal[i] = event.refusal;
    }
    if (!stale_.empty()) {
      FoldStale();
      for (size_t i = 0; i < n; ++i) {
        if (report.verdict[i] == RowVerdict::kApplied) {
          report.refusal[i] = store_.log[event_[i]].refusal;
        }
      }
    }
    for (size_t i = 0; i < n; ++i) {
      if (report.refusal[i] == Refusal::kNone) continue;
      report.verdict[i] = RowVerdict::kRefused;
      ++report.refused;
    }
    report.applied = n - report.refused - report.duplicates - report.conflicts;
    if (mode == ApplyMode::kAll) PATRON_RETURN_IF_ERROR(CheckAll(rows, report));
    if (report.applied + report.refused > 0) {
      PATRON_RETURN_IF_ERROR(keep(journal_.log_size(), report));
      store_.last_recorded = recorded_;
    }
    journal_.Keep();
    return report;
  }

  // Adds an event of the casebook's own, under the id that its place in the log gives. Returns its
  // position. To be followed by Finish. Errors: ResourceExhausted.
  absl::StatusOr<uint32_t> AddOwn(EventRecord event) {
    const auto position = static_cast<uint32_t>(store_.log.size());
    uint32_t code = 0;
    absl::Status status;
    if (store_.events.is_text()) {
      const std::string id = OwnTextId(position);
      const std::string_view ids[] = {id};
      status = store_.events.Encode(std::span<const std::string_view>(ids), {&code, 1});
    } else {
      const int64_t ids[] = {-static_cast<int64_t>(position) - 1};
      status = store_.events.Encode(std::span<const int64_t>(ids), {&code, 1});
    }
    PATRON_RETURN_IF_ERROR(status);
    event.flags |= kAutomatic;
    event.recorded = recorded_;
    TakeLast(store_.log.push_back(event), nullptr);
    return position;
  }
  void Finish() {
    FoldStale();
    store_.last_recorded = recorded_;
    journal_.Keep();
  }

  Journal &journal() { return journal_; }

  // The code of the id of an event that another refers to.
  absl::StatusOr<uint32_t> Refer(uint32_t position) {
    uint32_t code = 0;
    if (store_.references.size() == 0) store_.references = IdIndex(store_.events.is_text());
    if (store_.events.is_text()) {
      const std::string_view ids[] = {store_.events.text(position)};
      PATRON_RETURN_IF_ERROR(
          store_.references.Encode(std::span<const std::string_view>(ids), {&code, 1}));
    } else {
      const int64_t ids[] = {store_.events.integer(position)};
      PATRON_RETURN_IF_ERROR(store_.references.Encode(std::span<const int64_t>(ids), {&code, 1}));
    }
    return code;
  }

  // Folds a circle of cases anew and takes over what comes of it.
  void Refold(uint32_t code) {
    Fold fold(store_, store_.CircleOf(code));
    fold.Run();
    for (const Fold::Step &step : fold.steps()) journal_.SetVerdict(step.position, step.event);
    for (const uint32_t one : fold.cases()) {
      CaseState &state = journal_.Change(one);
      state.fields = fold.fields(one);
      state.stale = 0;
      state.last = kNone;
      state.last_occurred = kNever;
      Unsettle(one, state);
    }
    for (const Fold::Step &step : fold.steps()) {
      CaseState &state = store_.states[step.event.case_code];
      state.last = step.position;
      state.last_occurred = step.event.occurred;
    }
  }

  // Takes an event of a log that is read again, whose codes are those of this casebook.
  void Replay(const EventRecord &event) {
    recorded_ = event.recorded;
    TakeLast(store_.log.push_back(event), nullptr);
  }

 private:
  absl::Status Encode(const EventRows &rows) {
    const size_t n = rows.size();
    const bool text = rows.event.is_text();
    // Ids are of the kind that the first ones have.
    const auto begin = [](IdIndex &index, bool is_text, size_t expected) {
      if (index.size() == 0 && index.is_text() != is_text) index = IdIndex(is_text, expected);
    };
    begin(store_.events, text, 0);
    begin(store_.references, text, 0);
    begin(store_.cases, rows.case_id.is_text(), 0);
    if (!rows.customer.empty()) begin(store_.customers, rows.customer.is_text(), 0);
    if (!rows.actor.empty()) begin(store_.actors, rows.actor.is_text(), 0);
    const auto named = [](std::string_view column, const absl::Status &status) {
      if (status.ok() || status.code() != absl::StatusCode::kInvalidArgument) return status;
      const absl::string_view message = status.message();  // "ids: ..."
      return absl::InvalidArgumentError(absl::StrCat(Text(column), message.substr(3)));
    };
    event_.resize(n);
    PATRON_RETURN_IF_ERROR(named("event", store_.events.Encode(rows.event, event_)));
    // Rows that are known say nothing new: what they name is looked up and not added.
    std::vector<uint8_t> fresh(n);
    auto next = static_cast<uint32_t>(store_.log.size());
    size_t count = 0;
    for (size_t i = 0; i < n; ++i) {
      fresh[i] = static_cast<uint8_t>(event_[i] == next);
      next += fresh[i];
      count += fresh[i];
    }
    if (count == n) fresh.clear();
    PATRON_RETURN_IF_ERROR(named("case", EncodeSome(store_.cases, rows.case_id, {}, fresh, case_)));
    PATRON_RETURN_IF_ERROR(
        named("actor", EncodeSome(store_.actors, rows.actor, rows.has_actor, fresh, actor_)));
    PATRON_RETURN_IF_ERROR(named("customer", EncodeSome(store_.customers, rows.customer,
                                                        rows.has_customer, fresh, customer_)));
    PATRON_RETURN_IF_ERROR(named(
        "related_case",
        EncodeSome(store_.cases, rows.related_case, rows.has_related_case, fresh, related_case_)));
    PATRON_RETURN_IF_ERROR(
        named("related_event", EncodeSome(store_.references, rows.related_event,
                                          rows.has_related_event, fresh, related_event_)));
    for (size_t code = store_.states.size(); code < store_.cases.size(); ++code) {
      CaseState state;
      state.next = static_cast<uint32_t>(code);
      store_.states.push_back(state);
    }
    if (store_.customer_case.size() < store_.customers.size()) {
      store_.customer_case.resize(store_.customers.size(), kNone);
    }
    return absl::OkStatus();
  }

  // Codes of the rows that have an id; none at all for an empty column. Ids of rows that are not
  // fresh are looked up only.
  static absl::Status EncodeSome(IdIndex &index, const IdSpan &ids, std::span<const uint8_t> has,
                                 std::span<const uint8_t> fresh, std::vector<uint32_t> &codes) {
    if (ids.empty()) return absl::OkStatus();
    codes.assign(ids.size(), kNone);
    if (has.empty() && fresh.empty()) return index.Encode(ids, codes);
    std::vector<size_t> rows;
    for (size_t i = 0; i < ids.size(); ++i) {
      if (!has.empty() && has[i] == 0) continue;
      if (fresh.empty() || fresh[i] != 0) rows.push_back(i);
    }
    std::vector<uint32_t> some(rows.size());
    std::vector<std::string_view> text;
    std::vector<int64_t> integers;
    ids.is_text() ? text.reserve(rows.size()) : integers.reserve(rows.size());
    for (const size_t i : rows) {
      if (ids.is_text()) {
        text.push_back(ids.text()[i]);
      } else {
        integers.push_back(ids.integers()[i]);
      }
    }
    PATRON_RETURN_IF_ERROR(ids.is_text()
                               ? index.Encode(std::span<const std::string_view>(text), some)
                               : index.Encode(std::span<const int64_t>(integers), some));
    for (size_t i = 0; i < rows.size(); ++i) codes[rows[i]] = some[i];
    for (size_t i = 0; i < fresh.size(); ++i) {
      if (fresh[i] != 0 || (!has.empty() && has[i] == 0)) continue;
      codes[i] = ids.is_text() ? index.Find(ids.text()[i]) : index.Find(ids.integers()[i]);
    }
    return absl::OkStatus();
  }

  // A case whose state is changed soon.
  void PrefetchCase(uint32_t code) const {
    if (code >= store_.states.size()) return;
    const auto *state = reinterpret_cast<const char *>(&store_.states[code]);
    __builtin_prefetch(state, 1);
    __builtin_prefetch(state + 64, 1);
    __builtin_prefetch(state + sizeof(CaseState) - 1, 1);
  }

  void Fill(const EventRows &rows, size_t i, EventRecord &event) const {
    event.occurred = rows.occurred[i];
    event.recorded = recorded_;
    event.type = rows.type[i];
    event.case_code = case_[i];
    const auto or_none = [i](const std::vector<uint32_t> &codes) {
      return codes.empty() ? kNone : codes[i];
    };
    event.actor = or_none(actor_);
    if (!rows.role.empty()) event.role = rows.role[i];
    if (!rows.value.empty()) event.value = rows.value[i];
    if (!rows.code.empty()) event.code = static_cast<uint16_t>(rows.code[i]);
    if (!rows.reason.empty()) event.detail = static_cast<uint16_t>(rows.reason[i]);
    if (!rows.flags.empty()) event.flags = rows.flags[i];
    const EventKind kind = store_.shelf.kind(event.type);
    if (kind == EventKind::kReceive) {
      event.reference = or_none(customer_);
    } else if (CasebookStore::NamesCase(kind)) {
      event.reference = or_none(related_case_);
    } else if (CasebookStore::NamesEvent(kind)) {
      event.reference = or_none(related_event_);
    }
    if (kind == EventKind::kReceive || kind == EventKind::kMigrate) {
      const int policy = rows.policy.empty() ? -1 : rows.policy[i];
      event.detail = static_cast<uint16_t>(policy < 0 ? store_.standard : policy);
    }
  }

  // Whether row `i`, which is `event`, says what the known event with its id says.
  bool Equals(const EventRows &rows, size_t i, const EventRecord &event) const {
    const EventRecord &known = store_.log[event_[i]];
    const EventKind kind = store_.shelf.kind(event.type);
    const bool any_policy = (kind == EventKind::kReceive || kind == EventKind::kMigrate) &&
                            (rows.policy.empty() || rows.policy[i] < 0);
    if (known.occurred != event.occurred || known.value != event.value ||
        known.case_code != event.case_code || known.actor != event.actor ||
        !SameReference(rows, i, known, event) || known.code != event.code ||
        (known.detail != event.detail && !any_policy) || known.type != event.type ||
        known.role != event.role || known.flags != event.flags) {
      return false;
    }
    const bool text = !rows.text.empty() && (rows.has_text.empty() || rows.has_text[i] != 0);
    if (text != (known.payload != kNone)) return false;
    return !text || ShortDigestOf(rows.text[i]) == store_.payloads.payloads[known.payload].digest;
  }

  bool SameReference(const EventRows &rows, size_t i, const EventRecord &known,
                     const EventRecord &event) const {
    if (known.reference == event.reference) return true;
    if (store_.shelf.kind(known.type) != EventKind::kReceive || known.reference == kNone)
      return false;
    const bool has =
        !rows.customer.empty() && (rows.has_customer.empty() || rows.has_customer[i] != 0);
    for (const ErasedCustomer &customer : store_.erased) {
      if (customer.code != known.reference) continue;
      return has && customer.digest == (rows.customer.is_text()
                                            ? CustomerDigest(rows.customer.text()[i])
                                            : CustomerDigest(rows.customer.integers()[i]));
    }
    return false;
  }

  // What has been put last into the log comes into effect.
  void TakeLast(EventRecord &event, const std::string_view *text) {
    const auto position = static_cast<uint32_t>(store_.log.size() - 1);
    if (text != nullptr) {
      event.payload = static_cast<uint32_t>(store_.payloads.payloads.size());
      store_.payloads.payloads.push_back({store_.payloads.bytes.size(),
                                          static_cast<uint32_t>(text->size()), false,
                                          ShortDigestOf(*text)});
      store_.payloads.bytes.insert(store_.payloads.bytes.end(), text->begin(), text->end());
    }
    CaseState &state = journal_.Change(event.case_code);
    event.before = state.newest;
    event.refusal = Refusal::kNotLegal;  // Until it is looked at.
    state.newest = position;

    const EventKind kind = store_.shelf.kind(event.type);
    if (CasebookStore::NamesCase(kind) && event.reference != kNone) {
      journal_.Change(event.reference).referenced = 1;
      Unite(event.case_code, event.reference);
    } else if (kind == EventKind::kReceive && event.reference != kNone) {
      uint32_t &other = store_.customer_case[event.reference];
      if (other == kNone) {
        other = event.case_code;
      } else {
        Unite(event.case_code, other);
      }
    }
    const uint32_t root = state.parent == kNone ? event.case_code : store_.RootOf(event.case_code);
    if (store_.states[root].stale != 0) return;
    if (IsLate(state, event, position, kind)) {
      journal_.Change(root).stale = 1;
      stale_.push_back(event.case_code);
      return;
    }
    LiveWorld world(store_, journal_);
    event.refusal = StepCase(world, event).refusal;
    if (!event.accepted()) event.after = 0;
    state.last = position;
    state.last_occurred = event.occurred;
    Unsettle(event.case_code, state);
    // A case that others are merged into, or that was split, gives them its receipt.
    if (state.next != event.case_code && event.accepted() && IsCross(state, event, kind)) {
      for (const uint32_t code : store_.CircleOf(event.case_code)) {
        Unsettle(code, journal_.Change(code));
      }
    }
  }

  // Whether the event is to be folded together with all others of its circle.
  bool IsLate(const CaseState &state, const EventRecord &event, uint32_t position,
              EventKind kind) const {
    if (kind == EventKind::kReverse) return true;
    if (!After(state, event, position)) return true;
    if (state.next == event.case_code || !IsCross(state, event, kind)) return false;
    for (const uint32_t code : store_.CircleOf(event.case_code)) {
      if (!After(store_.states[code], event, position)) return true;
    }
    return false;
  }

  bool After(const CaseState &state, const EventRecord &event, uint32_t position) const {
    if (state.last == kNone || state.last_occurred < event.occurred) return true;
    return state.last_occurred == event.occurred &&
           store_.Before(store_.log[state.last], state.last, event, position);
  }

  // Whether the event asks about other cases, or changes what others ask about.
  bool IsCross(const CaseState &state, const EventRecord &event, EventKind kind) const {
    switch (kind) {
      case EventKind::kReceive: return state.referenced != 0;
      case EventKind::kCompensate:
      case EventKind::kMergeInto:
      case EventKind::kUnmerge:
      case EventKind::kSplit: return true;
      default: break;
    }
    if (!state.fields.exists()) return false;
    const ShelvedPolicy &policy = store_.shelf.policy(state.fields.policy);
    const uint8_t number = policy.event_of_type[event.type];
    if (number == Lifecycle::kNone) return false;
    for (const Lifecycle::Move &move : policy.lifecycle.MovesOf(number, state.fields.state)) {
      if ((move.guards & (kNeedsAuthority | kNeedsLimitPassed | kNeedsWindowOver | kNeedsCase)) !=
          0) {
        return true;
      }
    }
    return false;
  }

  void Unite(uint32_t a, uint32_t b) {
    uint32_t one = store_.RootOf(a);
    uint32_t two = store_.RootOf(b);
    if (one == two) return;
    if (store_.states[one].circle < store_.states[two].circle) std::swap(one, two);
    CaseState &root = journal_.Change(one);
    CaseState &child = journal_.Change(two);
    child.parent = one;
    root.circle += child.circle;
    root.stale |= child.stale;
    std::swap(root.next, child.next);
  }

  void Unsettle(uint32_t code, CaseState &state) {
    if (state.unsettled != 0) return;
    store_.unsettled.push_back(code);
    state.unsettled = 1;
  }

  void FoldStale() {
    for (const uint32_t code : stale_) {
      if (store_.states[store_.RootOf(code)].stale != 0) Refold(code);
    }
    stale_.clear();
  }

  absl::Status CheckAll(const EventRows &rows, const ApplyReport &report) const {
    if (report.refused + report.conflicts == 0) return absl::OkStatus();
    size_t i = 0;
    while (report.verdict[i] == RowVerdict::kApplied ||
           report.verdict[i] == RowVerdict::kDuplicate) {
      ++i;
    }
    const std::string rest =
        report.refused + report.conflicts > 1
            ? absl::StrCat(" (", report.refused + report.conflicts, " rows in all)")
            : "";
    const std::string row = absl::StrCat("event: row ", i, " is ", FormatId(rows.event, i));
    if (report.verdict[i] == RowVerdict::kConflict) {
      return absl::AlreadyExistsError(absl::StrCat(
          row, ", known with other content; expected equal content or a new id", rest));
    }
    return absl::FailedPreconditionError(
        absl::StrCat(row, ", refused: ", Text(RefusalName(report.refusal[i])),
                     "; expected one that is allowed", rest));
  }

  CasebookStore &store_;
  Journal journal_;
  int64_t recorded_;
  std::vector<uint32_t> event_, case_, actor_, customer_, related_case_, related_event_;
  std::vector<uint32_t> stale_;
};

}  // namespace patron::complaints::detail::casebook

#endif  // PATRON_COMPLAINTS_CASEBOOK_APPLY_HPP_
