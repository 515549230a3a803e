// Cases as the fold of their events in canonical order.
#ifndef PATRON_COMPLAINTS_CASEBOOK_FOLD_HPP_
#define PATRON_COMPLAINTS_CASEBOOK_FOLD_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/money.hpp"
#include "patron/complaints/case_step.hpp"
#include "patron/complaints/casebook_store.hpp"

namespace patron::complaints::detail::casebook {

// Events up to both instants.
struct Known {
  int64_t recorded = std::numeric_limits<int64_t>::max();
  int64_t occurred = std::numeric_limits<int64_t>::max();

  bool Has(const EventRecord &event) const {
    return event.recorded <= recorded && event.occurred <= occurred;
  }
};

// The id of the casebook's own event at a position of the log, where ids are text.
inline std::string OwnTextId(uint32_t position) { return absl::StrCat("~", position + 1); }

// Folds cases that belong together, in a world of their own. Cost: O(n log n) for n events of them,
// and O(cases) a question about mergers.
class Fold {
 public:
  struct Step {
    uint32_t position;  // In the log.
    EventRecord event;  // With refusal and state after.
    bool reversed = false;
  };

  // `further` is an event of the casebook's own that could come next, about the event at `about`.
  Fold(const CasebookStore &store, std::vector<uint32_t> cases, const Known &known = {},
       const EventRecord *further = nullptr, uint32_t about = kNone)
      : store_(store), cases_(std::move(cases)), fields_(cases_.size()), about_(about) {
    std::ranges::sort(cases_);
    for (const uint32_t code : cases_) {
      for (uint32_t at = store_.states[code].newest; at != kNone; at = store_.log[at].before) {
        if (known.Has(store_.log[at])) steps_.push_back({at, store_.log[at]});
      }
    }
    if (further != nullptr) steps_.push_back({NextPosition(), *further});
    std::ranges::sort(steps_, [&](const Step &a, const Step &b) { return Before(a, b); });
  }

  uint32_t NextPosition() const { return static_cast<uint32_t>(store_.log.size()); }

  // `watched` is a position of the log, the verdict on which is kept, and the first role of the
  // policy that could do the same if authority is what it lacks.
  void Run(uint32_t watched = kNone) {
    MarkReversed();
    for (done_ = 0; done_ < steps_.size(); ++done_) {
      Step &step = steps_[done_];
      EventRecord &event = step.event;
      const bool reverses = shelf().kind(event.type) == EventKind::kReverse;
      if (step.position == watched) fields_then_ = Fields(event.case_code);
      Verdict verdict;
      if (reverses) {
        verdict.refusal = step.reversed ? Refusal::kReversed : event.refusal;
        event.after = Fields(event.case_code).state;
      } else if (step.reversed) {
        verdict.refusal = Refusal::kReversed;
      } else {
        verdict = StepCase(*this, event);
        if (step.position == watched) could_ = WhoCould(event, verdict.refusal);
      }
      event.refusal = verdict.refusal;
      if (!event.accepted()) event.after = 0;
      if (step.position == watched) verdict_ = verdict;
    }
  }

  std::span<const uint32_t> cases() const { return cases_; }
  std::span<const Step> steps() const { return steps_; }
  const Verdict &verdict() const { return verdict_; }
  const CaseFields &fields_then() const { return fields_then_; }  // Of its case, before it.
  uint8_t could() const { return could_; }  // A role of the policy, or Lifecycle::kNone.

  // Whether `event` would be allowed after all steps. It has no effect.
  Refusal Try(EventRecord event) {
    const CaseFields before = Fields(event.case_code);
    const Refusal refusal = StepCase(*this, event).refusal;
    Fields(event.case_code) = before;
    return refusal;
  }

  // The world of a step.
  const PolicyShelf &shelf() const { return store_.shelf; }
  CaseFields &Fields(uint32_t code) {
    const auto found = std::ranges::lower_bound(cases_, code);
    return fields_[static_cast<size_t>(found - cases_.begin())];
  }
  const CaseFields &fields(uint32_t code) const {
    return const_cast<Fold *>(this)->Fields(code);  // NOLINT: it does not change anything.
  }
  Int128 Paid(uint32_t customer, int64_t after, int64_t upto) {
    Int128 sum = 0;
    for (size_t i = 0; i < done_; ++i) {
      const EventRecord &event = steps_[i].event;
      if (shelf().kind(event.type) != EventKind::kCompensate || !event.accepted()) continue;
      if (event.occurred <= after || event.occurred > upto) continue;
      if (Fields(event.case_code).customer == customer) sum += event.value;
    }
    return sum;
  }
  absl::StatusOr<CaseClocks> ClocksOf(uint32_t code) {
    CaseClocks clocks(shelf(), ReceiptOf(code));
    for (size_t i = 0; i < done_; ++i) {
      const EventRecord &event = steps_[i].event;
      if (event.case_code != code || !event.accepted()) continue;
      PATRON_RETURN_IF_ERROR(clocks.Add(event));
    }
    return clocks;
  }
  const EventRecord *Target(const EventRecord &event) {
    const bool further = done_ < steps_.size() && steps_[done_].position == NextPosition();
    const uint32_t position = further ? about_ : store_.TargetOf(event);
    for (size_t i = 0; i < done_; ++i) {
      const Step &step = steps_[i];
      if (step.position != position) continue;
      const bool here = step.event.case_code == event.case_code && step.event.accepted();
      return here ? &step.event : nullptr;
    }
    return nullptr;
  }

  // The first receipt of the case, of those merged into it and of the one it was split from.
  int64_t ReceiptOf(uint32_t code) {
    int64_t receipt = Fields(code).received;
    const auto include = [&](uint32_t other) {
      const int64_t received = Fields(other).received;
      if (received != kNever && (receipt == kNever || received < receipt)) receipt = received;
    };
    for (const uint32_t other : cases_) {
      uint32_t at = other;
      while (at != kNone && at != code) at = Fields(at).merged_into;
      if (at == code) include(other);
    }
    uint32_t origin = Fields(code).split_from;
    for (size_t i = 0; origin != kNone && origin != code && i < cases_.size(); ++i) {
      include(origin);
      origin = Fields(origin).split_from;
    }
    return receipt;
  }

 private:
  bool Before(const Step &a, const Step &b) const {
    const uint32_t next = NextPosition();
    if (a.position != next && b.position != next) return store_.Before(a.position, b.position);
    if (a.event.occurred != b.event.occurred) return a.event.occurred < b.event.occurred;
    const EventKind kind = shelf().kind(a.event.type);
    if (kind != shelf().kind(b.event.type)) return kind < shelf().kind(b.event.type);
    if (a.position == b.position) return false;
    // Own ids are below all integers, and sort as text by their bytes.
    if (!store_.events.is_text()) return a.position == next;
    const std::string own = OwnTextId(next);
    return a.position == next ? own < store_.events.text(b.position)
                              : store_.events.text(a.position) < own;
  }

  // What takes an event back counts by its role alone, whatever the state of the case, and unless it
  // is taken back itself by a later one. So the latest are looked at first.
  void MarkReversed() {
    for (size_t i = steps_.size(); i-- > 0;) {
      EventRecord &event = steps_[i].event;
      if (shelf().kind(event.type) != EventKind::kReverse || steps_[i].reversed) continue;
      event.refusal = ReverseRefusal(i);
    }
  }

  Refusal ReverseRefusal(size_t place) {
    const EventRecord &event = steps_[place].event;
    const uint32_t position = store_.TargetOf(event);
    Step *target = nullptr;
    int policy = -1;
    for (size_t i = 0; i < place; ++i) {
      const EventRecord &earlier = steps_[i].event;
      if (earlier.case_code != event.case_code) continue;
      if (policy < 0 && shelf().kind(earlier.type) == EventKind::kReceive) policy = earlier.detail;
      if (steps_[i].position == position) target = &steps_[i];
    }
    if (policy < 0) return Refusal::kNoCase;
    const ShelvedPolicy &shelved = shelf().policy(static_cast<uint16_t>(policy));
    const uint8_t number = shelved.event_of_type[event.type];
    if (number == Lifecycle::kNone) return Refusal::kUnknownEvent;
    if (target == nullptr) return Refusal::kNoTarget;
    if (!event.automatic()) {
      const uint8_t role =
          event.role == EventRecord::kNoRole ? Lifecycle::kNone : shelved.role_of_name[event.role];
      if (role == Lifecycle::kNone) return Refusal::kUnknownRole;
      const AuthorityRule *rule = shelved.lifecycle.AuthorityOf(role, number);
      if (rule == nullptr) return Refusal::kNotPermitted;
      const bool own = event.actor == kNone || event.actor == target->event.actor;
      if (rule->other_person && own) return Refusal::kOtherPerson;
    }
    target->reversed = true;
    return Refusal::kNone;
  }

  uint8_t WhoCould(const EventRecord &event, Refusal refusal) {
    if (refusal < Refusal::kNotPermitted || refusal > Refusal::kOtherPerson)
      return Lifecycle::kNone;
    const CaseFields &fields = Fields(event.case_code);
    const ShelvedPolicy &policy = shelf().policy(fields.exists() ? fields.policy : event.detail);
    for (uint8_t role = 0; role < policy.lifecycle.policy().roles.size(); ++role) {
      EventRecord other = event;
      for (size_t name = 0; name < shelf().roles().size(); ++name) {
        if (policy.role_of_name[name] == role) other.role = static_cast<uint8_t>(name);
      }
      // For once it is another person as well.
      other.actor = kNone - 1;
      if (Try(other) == Refusal::kNone) return role;
    }
    return Lifecycle::kNone;
  }

  const CasebookStore &store_;
  std::vector<uint32_t> cases_;     // Ascending.
  std::vector<CaseFields> fields_;  // In the order of the cases.
  std::vector<Step> steps_;         // In canonical order.
  size_t done_ = 0;                 // Steps taken.
  uint32_t about_;
  Verdict verdict_;
  CaseFields fields_then_;
  uint8_t could_ = Lifecycle::kNone;
};

}  // namespace patron::complaints::detail::casebook

#endif  // PATRON_COMPLAINTS_CASEBOOK_FOLD_HPP_
