// Tiers over time: who moved, when and why, and where everyone stands.
#ifndef PATRON_VALUE_TIER_BOOK_HPP_
#define PATRON_VALUE_TIER_BOOK_HPP_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/column.hpp"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/value/tier_calendar.hpp"
#include "patron/value/tier_facts.hpp"
#include "patron/value/tier_fold.hpp"
#include "patron/value/tier_policy.hpp"

namespace patron::value {

struct TierHistory {
  IdList customers;                     // Ascending; text is borrowed from the book.
  std::vector<TierStanding> standings;  // One a customer.
  std::vector<TierChange> changes;  // By customer, then in order of time; `customer` is a row of
                                    // `customers`.
  int32_t until = 0;                // The day asked for, or the day after the last fact.
  uint64_t evaluations = 0;         // Of single customers.
  uint64_t promotions = 0, demotions = 0;  // Changes up and down.
  uint64_t reversals = 0;                  // Changes that the evaluation right after undid.
};

// A tier programme: a policy, and the facts of its customers.
//
// Tiers are a function of policy, facts and day alone, so it does not matter in which pieces and in
// which order facts arrive: what is appended late changes the history as if it had been there.
// One thread may change it at a time; any number may read.
class TierBook {
 public:
  // Errors: those of CheckTierPolicy.
  static absl::StatusOr<TierBook> Create(TierPolicy policy, CivilDays days = {});

  // Adds purchases and returns. Errors, after which nothing is added: InvalidArgument naming column
  // and row; ResourceExhausted for too many customers. Cost: O(1) a row in order of time.
  absl::Status Append(const TierRows &rows) { return facts_.Append(policy_, rows); }

  // Adds floors and overrides by hand. Errors: InvalidArgument naming column and row.
  absl::Status SetByHand(const ManualTierRows &rows) { return facts_.SetByHand(policy_, rows); }

  // What has become of all customers up to the first instant of day `until`, its evaluation included;
  // kNoDay means the day after the last fact.
  // Errors: InvalidArgument for too many evaluations; Cancelled. Cost: O(facts + evaluations).
  absl::StatusOr<TierHistory> History(int32_t until = kNoDay,
                                      const Execution &execution = {}) const;

  // Where one customer stands, by id. Errors: NotFound; InvalidArgument as above.
  // Cost: O(its facts + evaluations).
  absl::StatusOr<TierStanding> Standing(int64_t customer, int32_t until = kNoDay) const;
  absl::StatusOr<TierStanding> Standing(std::string_view customer, int32_t until = kNoDay) const;

  const TierPolicy &policy() const { return policy_; }
  size_t customers() const { return facts_.customers().size(); }
  uint64_t rows() const { return facts_.rows(); }
  bool text_customers() const { return facts_.customers().is_text(); }

 private:
  TierBook(TierPolicy policy, CivilDays days)
      : policy_(std::move(policy)), facts_(std::move(days)) {}

  absl::StatusOr<detail::TierPlan> Plan(int32_t until) const;
  absl::StatusOr<TierStanding> StandingOf(uint32_t code, std::string_view id, int32_t until) const;
  bool FoldOne(detail::TierFolder &folder, uint32_t code, uint32_t row, int32_t until,
               TierStanding &standing, std::vector<TierChange> &changes) const;

  TierPolicy policy_;
  detail::TierFacts facts_;
};

inline absl::StatusOr<TierBook> TierBook::Create(TierPolicy policy, CivilDays days) {
  PATRON_RETURN_IF_ERROR(CheckTierPolicy(policy));
  return TierBook(std::move(policy), std::move(days));
}

inline absl::StatusOr<detail::TierPlan> TierBook::Plan(int32_t until) const {
  detail::TierPlan plan;
  plan.policy = &policy_;
  for (const TierLevel &level : policy_.levels) {
    plan.floors.push_back(level.floor);
    plan.thresholds.push_back(TierThreshold(level.floor, policy_.margin));
  }
  plan.floors[0] = plan.thresholds[0] = std::numeric_limits<int64_t>::min();
  plan.until = until;
  if (facts_.first_day() != kNoDay) {
    // Evaluations on the first day come before anyone has bought.
    const int32_t first = policy_.begin == kNoDay ? facts_.first_day() + 1 : policy_.begin;
    PATRON_ASSIGN_OR_RETURN(plan.evaluations, TierEvaluations(policy_, first, until));
  }
  plan.shared_starts = policy_.window != TierWindow::kAnniversary &&
                       policy_.calendar != TierCalendar::kAnniversaries;
  if (plan.shared_starts) {
    plan.starts.reserve(plan.evaluations.size());
    for (const int32_t day : plan.evaluations) {
      plan.starts.push_back(TierWindowStart(policy_, day, day));
    }
  }
  return plan;
}

// Whether the customer is known by `until`.
inline bool TierBook::FoldOne(detail::TierFolder &folder, uint32_t code, uint32_t row,
                              int32_t until, TierStanding &standing,
                              std::vector<TierChange> &changes) const {
  std::span<const detail::TierFact> facts = facts_.facts(code);
  const std::span<const ManualTier> manual = facts_.manual(code);
  int32_t first = facts.empty() ? std::numeric_limits<int32_t>::max() : facts.front().known;
  const bool by_hand = !manual.empty() && manual.front().from < first;
  if (by_hand) first = manual.front().from;
  if (first > until || (first == until && !by_hand)) return false;
  // Facts that are not known yet are as if they were not there.
  if (!facts.empty() && facts.back().known >= until) {
    facts = facts.first(static_cast<size_t>(
        std::ranges::lower_bound(facts, until, {}, &detail::TierFact::known) - facts.begin()));
  }
  const std::array<detail::TierFact, 1> nothing = {{{first, first, 0}}};
  standing = folder.Fold(row, facts.empty() ? std::span<const detail::TierFact>(nothing) : facts,
                         manual, changes);
  return true;
}

inline absl::StatusOr<TierHistory> TierBook::History(int32_t until,
                                                     const Execution &execution) const {
  constexpr size_t kCustomersAPart = 4096;
  TierHistory history;
  if (until == kNoDay) until = facts_.last_day() == kNoDay ? 0 : facts_.last_day() + 1;
  history.until = until;
  PATRON_ASSIGN_OR_RETURN(const detail::TierPlan plan, Plan(until));
  const std::vector<uint32_t> order = facts_.customers().Ascending();
  const size_t parts = (order.size() + kCustomersAPart - 1) / kCustomersAPart;
  struct Part {
    std::vector<uint32_t> codes;
    std::vector<TierStanding> standings;
    std::vector<TierChange> changes;
    uint64_t evaluations = 0, reversals = 0;
    bool exhausted = false;
  };
  std::vector<Part> results(parts);
  ParallelFor(execution, parts, [&](size_t index) {
    Part &part = results[index];
    try {
      detail::TierFolder folder(plan);
      const size_t begin = index * kCustomersAPart;
      const size_t end = std::min(begin + kCustomersAPart, order.size());
      part.codes.reserve(end - begin);
      part.standings.reserve(end - begin);
      for (size_t i = begin; i < end; ++i) {
        TierStanding standing;
        const auto row = static_cast<uint32_t>(part.codes.size());
        if (!FoldOne(folder, order[i], row, until, standing, part.changes)) continue;
        part.codes.push_back(order[i]);
        part.standings.push_back(standing);
      }
      part.evaluations = folder.evaluations();
      part.reversals = folder.reversals();
    } catch (const std::bad_alloc &) {
      part.exhausted = true;
    }
  });
  PATRON_RETURN_IF_ERROR(ReportProgress(execution, parts, parts));

  std::vector<uint32_t> codes;
  codes.reserve(order.size());
  history.standings.reserve(order.size());
  for (Part &part : results) {
    if (part.exhausted) return absl::ResourceExhaustedError("out of memory");
    const auto first = static_cast<uint32_t>(codes.size());
    codes.insert(codes.end(), part.codes.begin(), part.codes.end());
    history.standings.insert(history.standings.end(), part.standings.begin(), part.standings.end());
    for (TierChange &change : part.changes) {
      change.customer += first;
      ++(change.to > change.from ? history.promotions : history.demotions);
    }
    history.changes.insert(history.changes.end(), part.changes.begin(), part.changes.end());
    history.evaluations += part.evaluations;
    history.reversals += part.reversals;
  }
  history.customers = facts_.customers().List(codes);
  return history;
}

inline absl::StatusOr<TierStanding> TierBook::StandingOf(uint32_t code, std::string_view id,
                                                         int32_t until) const {
  const auto unknown = [&] {
    return absl::NotFoundError(
        absl::StrCat("customer: ", Text(id), "; expected one that is known by the day asked for"));
  };
  if (code == IdIndex::kUnknown) return unknown();
  if (until == kNoDay) until = facts_.last_day() == kNoDay ? 0 : facts_.last_day() + 1;
  PATRON_ASSIGN_OR_RETURN(const detail::TierPlan plan, Plan(until));
  detail::TierFolder folder(plan);
  TierStanding standing;
  std::vector<TierChange> changes;
  if (!FoldOne(folder, code, 0, until, standing, changes)) return unknown();
  return standing;
}

inline absl::StatusOr<TierStanding> TierBook::Standing(int64_t customer, int32_t until) const {
  return StandingOf(facts_.customers().Find(customer), absl::StrCat(customer), until);
}

inline absl::StatusOr<TierStanding> TierBook::Standing(std::string_view customer,
                                                       int32_t until) const {
  return StandingOf(facts_.customers().Find(customer), Quoted(customer), until);
}

}  // namespace patron::value

#endif  // PATRON_VALUE_TIER_BOOK_HPP_
