// What a call does to a casebook: changes that can be undone, and the world that its events see.
#ifndef PATRON_COMPLAINTS_CASEBOOK_JOURNAL_HPP_
#define PATRON_COMPLAINTS_CASEBOOK_JOURNAL_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "patron/base/money.hpp"
#include "patron/base/status.hpp"
#include "patron/complaints/case_clocks.hpp"
#include "patron/complaints/casebook_store.hpp"

namespace patron::complaints::detail::casebook {

// What a call changed, so that it can be undone. Undoing does not allocate.
class Journal {
 public:
  explicit Journal(CasebookStore *store)
      : store_(store),
        events_(store->events.size()),
        cases_(store->cases.size()),
        customers_(store->customers.size()),
        actors_(store->actors.size()),
        references_(store->references.size()),
        log_(store->log.size()),
        states_(store->states.size()),
        payloads_(store->payloads.payloads.size()),
        bytes_(store->payloads.bytes.size()),
        unsettled_(store->unsettled.size()),
        customer_cases_(store->customer_case.size()),
        recorded_(store->last_recorded),
        chain_(store->chain.place()) {
    constexpr uint32_t kLastCall = (uint32_t{1} << 29) - 1;
    if (store_->call == kLastCall) {
      store_->states.ForEach([](CaseState &state) { state.call = 0; });
      store_->call = 0;
    }
    ++store_->call;
  }
  Journal(const Journal &) = delete;
  Journal &operator=(const Journal &) = delete;
  ~Journal() {
    if (!kept_) Undo();
  }

  void Keep() { kept_ = true; }

  // Makes room for as many changes.
  void Expect(size_t rows) { changed_.reserve(std::min(rows, states_)); }

  // The state of a case, to be changed.
  CaseState &Change(uint32_t code) {
    CaseState &state = store_->states[code];
    if (state.call != store_->call) {
      if (code < states_) changed_.emplace_back(code, state);
      state.call = store_->call & ((uint32_t{1} << 29) - 1);
    }
    return state;
  }

  void SetVerdict(uint32_t position, const EventRecord &as) {
    EventRecord &event = store_->log[position];
    if (event.refusal == as.refusal && event.after == as.after) return;
    if (position < log_) verdicts_.push_back({position, event.refusal, event.after});
    event.refusal = as.refusal;
    event.after = as.after;
  }

  size_t log_size() const { return log_; }

 private:
  struct OldVerdict {
    uint32_t position;
    Refusal refusal;
    uint8_t after;
  };

  void Undo() {
    CasebookStore &s = *store_;
    s.log.Truncate(log_);
    for (size_t i = verdicts_.size(); i-- > 0;) {
      s.log[verdicts_[i].position].refusal = verdicts_[i].refusal;
      s.log[verdicts_[i].position].after = verdicts_[i].after;
    }
    s.states.Truncate(states_);
    for (const auto &[code, state] : changed_) s.states[code] = state;
    s.events.Truncate(events_);
    s.cases.Truncate(cases_);
    s.customers.Truncate(customers_);
    s.actors.Truncate(actors_);
    s.references.Truncate(references_);
    s.customer_case.resize(customer_cases_);
    s.payloads.payloads.resize(payloads_);
    s.payloads.bytes.resize(bytes_);
    s.unsettled.resize(unsettled_);
    s.last_recorded = recorded_;
    s.chain.Return(chain_);
  }

  CasebookStore *store_;
  const size_t events_, cases_, customers_, actors_, references_, log_, states_, payloads_, bytes_,
      unsettled_, customer_cases_;
  const int64_t recorded_;
  const Chain::Place chain_;
  std::vector<std::pair<uint32_t, CaseState>> changed_;
  std::vector<OldVerdict> verdicts_;
  bool kept_ = false;
};

// The world of a step as the casebook stands, for an event after all others of its circle, or one
// that asks nothing about other cases.
class LiveWorld {
 public:
  LiveWorld(const CasebookStore &store, Journal &journal) : store_(store), journal_(journal) {}

  const PolicyShelf &shelf() const { return store_.shelf; }
  CaseFields &Fields(uint32_t code) { return journal_.Change(code).fields; }

  Int128 Paid(uint32_t customer, int64_t after, int64_t upto) {
    Int128 sum = 0;
    const uint32_t first = store_.customer_case[customer];
    uint32_t code = first;
    do {
      const CaseState &state = store_.states[code];
      code = state.next;
      if (state.fields.customer != customer || state.fields.compensated == 0) continue;
      for (uint32_t at = state.newest; at != kNone; at = store_.log[at].before) {
        const EventRecord &event = store_.log[at];
        if (event.accepted() && shelf().kind(event.type) == EventKind::kCompensate &&
            event.occurred > after && event.occurred <= upto) {
          sum += event.value;
        }
      }
    } while (code != first);
    return sum;
  }

  absl::StatusOr<CaseClocks> ClocksOf(uint32_t code) const { return ClocksOf(store_, code); }
  static absl::StatusOr<CaseClocks> ClocksOf(const CasebookStore &store, uint32_t code) {
    CaseClocks clocks(store.shelf, ReceiptOf(store, code));
    for (const uint32_t at : AcceptedOf(store, code)) {
      PATRON_RETURN_IF_ERROR(clocks.Add(store.log[at]));
    }
    return clocks;
  }

  const EventRecord *Target(const EventRecord &event) const {
    const uint32_t position = store_.TargetOf(event);
    if (position == kNone) return nullptr;
    const EventRecord &target = store_.log[position];
    return target.case_code == event.case_code && target.accepted() ? &target : nullptr;
  }

  // Positions of the events of a case that are not refused, in canonical order.
  static std::vector<uint32_t> AcceptedOf(const CasebookStore &store, uint32_t code) {
    std::vector<uint32_t> positions;
    for (uint32_t at = store.states[code].newest; at != kNone; at = store.log[at].before) {
      if (store.log[at].accepted()) positions.push_back(at);
    }
    std::ranges::reverse(positions);
    const auto before = [&](uint32_t a, uint32_t b) { return store.Before(a, b); };
    if (!std::ranges::is_sorted(positions, before)) std::ranges::sort(positions, before);
    return positions;
  }

  // As Fold::ReceiptOf.
  static int64_t ReceiptOf(const CasebookStore &store, uint32_t code) {
    const CaseFields &fields = store.states[code].fields;
    int64_t receipt = fields.received;
    if (store.states[code].next == code) return receipt;
    const auto include = [&](uint32_t other) {
      const int64_t received = store.states[other].fields.received;
      if (received != kNever && (receipt == kNever || received < receipt)) receipt = received;
    };
    const std::vector<uint32_t> circle = store.CircleOf(code);
    for (const uint32_t other : circle) {
      uint32_t at = other;
      while (at != kNone && at != code) at = store.states[at].fields.merged_into;
      if (at == code) include(other);
    }
    uint32_t origin = fields.split_from;
    for (size_t i = 0; origin != kNone && origin != code && i < circle.size(); ++i) {
      include(origin);
      origin = store.states[origin].fields.split_from;
    }
    return receipt;
  }

 private:
  const CasebookStore &store_;
  Journal &journal_;
};

}  // namespace patron::complaints::detail::casebook

#endif  // PATRON_COMPLAINTS_CASEBOOK_JOURNAL_HPP_
