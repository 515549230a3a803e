// How one customer moves between tiers: a fold over its facts, day by day.
#ifndef PATRON_VALUE_TIER_FOLD_HPP_
#define PATRON_VALUE_TIER_FOLD_HPP_

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "patron/base/money.hpp"
#include "patron/value/tier_calendar.hpp"
#include "patron/value/tier_policy.hpp"

namespace patron::value {

// What a change rests on.
enum class TierCause : uint8_t {
  kPromoted,       // The metric earns the level.
  kDemoted,        // Too many evaluations below the threshold.
  kReturned,       // A purchase behind the last promotion was returned.
  kFloor,          // A floor by hand began.
  kFloorEnded,     // It has expired.
  kOverride,       // An override by hand began.
  kOverrideEnded,  // It has expired.
};

struct TierChange {
  uint32_t customer = 0;
  int32_t day = 0;  // From the first instant of this day; promotions at a purchase, and returns,
                    // from its end.
  int8_t from = 0;
  int8_t to = 0;
  TierCause cause = TierCause::kPromoted;
  int32_t evaluations_below = 0;  // In a row, this one included.
  Int128 metric = 0;
};

// Where a customer stands.
struct TierStanding {
  int8_t level = 0;        // In force: by hand or by the engine.
  int8_t automatic = 0;    // By the engine.
  int32_t since = kNoDay;  // The day of the last change, or of placement; else the first day.
  int32_t evaluations_below = 0;  // In a row.
  Int128 metric = 0;              // Over the window that ends with the day.
  bool by_hand = false;
};

// A floor or an override by hand, in force from the first instant of `from` until that of `until`.
struct ManualTier {
  int32_t from = 0;
  int32_t until = std::numeric_limits<int32_t>::max();
  int32_t sequence =
      0;  // Among overrides in force, that with the latest `from` holds; then the later.
  int8_t level = 0;
  bool is_override = false;

  int32_t day() const { return from; }
  friend auto operator<=>(const ManualTier &, const ManualTier &) = default;
};

namespace detail {

// What happened on day `known`, and gives to the windows that hold the day `counts`. The two differ
// for the return of an earlier purchase.
struct TierFact {
  int32_t known;
  int32_t counts;
  int64_t gives;

  int32_t day() const { return known; }
  friend auto operator<=>(const TierFact &, const TierFact &) = default;
};

// What the fold of many customers shares.
struct TierPlan {
  const TierPolicy *policy = nullptr;
  std::vector<int64_t> floors, thresholds;   // Of each level; of the first, the least number.
  std::vector<int32_t> evaluations, starts;  // Shared days, and where their windows start.
  bool shared_starts = true;
  int32_t until = 0;
};

// Follows one customer after another; not shared by threads.
class TierFolder {
 public:
  explicit TierFolder(const TierPlan &plan) : plan_(plan), policy_(*plan.policy) {}

  // Appends the changes of a customer to `changes` and returns where it stands. `facts` has one at
  // least, ascending; `manual` is ascending.
  TierStanding Fold(uint32_t customer, std::span<const TierFact> facts,
                    std::span<const ManualTier> manual, std::vector<TierChange> &changes);

  uint64_t evaluations() const { return evaluations_; }  // Done so far.
  uint64_t reversals() const { return reversals_; }      // Changes undone by the next evaluation.

 private:
  // A promotion still in force: its window and its metric as returns have left it.
  struct Promotion {
    int8_t level;
    int32_t start, end;
    Int128 metric;
  };

  void Begin(uint32_t customer, std::span<const TierFact> facts);
  void MoveWindow(int32_t start, int32_t end);
  int Earned(Int128 metric) const;
  void Evaluate(size_t index, int32_t day, int32_t start, bool placement);
  void EndOfDay(int32_t day, size_t first_fact);
  void Promote(int32_t day, int32_t start, int32_t end);
  void Change(int32_t day, int to, TierCause cause, Int128 metric, int32_t below);
  int Revoke();
  void DayEnds(int32_t before);
  TierStanding ByHand(std::span<const ManualTier> manual, TierStanding standing,
                      std::vector<TierChange> &changes);

  const TierPlan &plan_;
  const TierPolicy &policy_;
  uint64_t evaluations_ = 0, reversals_ = 0;

  uint32_t customer_ = 0;
  std::span<const TierFact> facts_;
  std::vector<uint32_t> by_counts_;  // Facts by the day that they count on; empty if in order.
  size_t entered_ = 0, left_ = 0, day_ends_ = 0;
  Int128 metric_ = 0;
  int level_ = 0;
  int32_t since_ = kNoDay, promoted_ = kNoDay, below_ = 0;
  std::array<Promotion, kMaxTierLevels> promotions_;
  size_t promotion_count_ = 0;
  size_t last_evaluation_ = 0;  // Of the last change by an evaluation, counted from 1.
  int last_from_ = 0;
  std::vector<int32_t> own_days_;
  std::vector<TierChange> *changes_ = nullptr;
  std::vector<TierChange> automatic_;
};

inline void TierFolder::Begin(uint32_t customer, std::span<const TierFact> facts) {
  customer_ = customer;
  facts_ = facts;
  by_counts_.clear();
  const auto counts_in_order = [](const TierFact &a, const TierFact &b) {
    return a.counts < b.counts;
  };
  if (!std::ranges::is_sorted(facts, counts_in_order)) {
    by_counts_.resize(facts.size());
    for (size_t i = 0; i < facts.size(); ++i) by_counts_[i] = static_cast<uint32_t>(i);
    std::ranges::stable_sort(by_counts_, {}, [&](uint32_t i) { return facts[i].counts; });
  }
  entered_ = left_ = day_ends_ = 0;
  metric_ = 0;
  level_ = 0;
  since_ = facts.front().known;
  promoted_ = kNoDay;
  below_ = 0;
  promotion_count_ = 0;
  last_evaluation_ = 0;
}

// Makes metric_ that of the facts known before `end` that count from `start` on.
inline void TierFolder::MoveWindow(int32_t start, int32_t end) {
  while (left_ < facts_.size()) {
    const size_t fact = by_counts_.empty() ? left_ : by_counts_[left_];
    if (facts_[fact].counts >= start) break;
    if (fact < entered_) metric_ -= facts_[fact].gives;
    ++left_;
  }
  for (; entered_ < facts_.size() && facts_[entered_].known < end; ++entered_) {
    if (facts_[entered_].counts >= start) metric_ += facts_[entered_].gives;
  }
}

inline int TierFolder::Earned(Int128 metric) const {
  int level = static_cast<int>(plan_.floors.size()) - 1;
  while (level > 0 && metric < plan_.floors[static_cast<size_t>(level)]) --level;
  return level;
}

inline void TierFolder::Change(int32_t day, int to, TierCause cause, Int128 metric, int32_t below) {
  changes_->push_back({.customer = customer_,
                       .day = day,
                       .from = static_cast<int8_t>(level_),
                       .to = static_cast<int8_t>(to),
                       .cause = cause,
                       .evaluations_below = below,
                       .metric = metric});
  level_ = to;
  since_ = day;
  below_ = 0;
}

inline void TierFolder::Promote(int32_t day, int32_t start, int32_t end) {
  const int earned = Earned(metric_);
  if (policy_.revoke_on_return) {
    promotions_[promotion_count_++] = {static_cast<int8_t>(earned), start, end, metric_};
  }
  promoted_ = day;
  Change(day, earned, TierCause::kPromoted, metric_, 0);
}

inline void TierFolder::Evaluate(size_t index, int32_t day, int32_t start, bool placement) {
  ++evaluations_;
  MoveWindow(start, day);
  const int earned = Earned(metric_);
  const int before = level_;
  if (placement) {
    level_ = earned;
    since_ = day;
    if (earned > 0) {
      promoted_ = day;
      if (policy_.revoke_on_return) {
        promotions_[promotion_count_++] = {static_cast<int8_t>(earned), start, day, metric_};
      }
    }
    return;
  }
  if (earned > level_) {
    Promote(day, start, day);
  } else if (level_ > 0 && policy_.demotion != TierDemotion::kNone) {
    const bool stays = promoted_ != kNoDay && day < promoted_ + policy_.stay_days;
    if (stays || metric_ >= plan_.thresholds[static_cast<size_t>(level_)]) {
      below_ = 0;
    } else if (++below_ >= policy_.grace) {
      const int to = policy_.demotion == TierDemotion::kOneLevel ? level_ - 1 : earned;
      Change(day, to, TierCause::kDemoted, metric_, below_);
      while (promotion_count_ > 0 && promotions_[promotion_count_ - 1].level > level_) {
        --promotion_count_;
      }
    }
  }
  if (level_ == before) return;
  if (last_evaluation_ != 0 && last_evaluation_ == index && last_from_ == level_) ++reversals_;
  last_evaluation_ = index + 1;
  last_from_ = before;
}

// The level that is left after returns have been taken from the promotions.
inline int TierFolder::Revoke() {
  const int highest = promotions_[promotion_count_ - 1].level;
  Promotion best = {0, 0, 0, 0};  // What still is earned by a promotion that falls.
  while (promotion_count_ > 0) {
    Promotion top = promotions_[promotion_count_ - 1];
    if (top.metric >= plan_.floors[static_cast<size_t>(top.level)]) break;
    --promotion_count_;
    top.level = static_cast<int8_t>(Earned(top.metric));
    if (top.level > best.level) best = top;
  }
  const int8_t below = promotion_count_ > 0 ? promotions_[promotion_count_ - 1].level : int8_t{0};
  if (best.level > below) promotions_[promotion_count_++] = best;
  const int left = std::max(best.level, below);
  return left < highest && highest >= level_ ? left : level_;
}

inline void TierFolder::EndOfDay(int32_t day, size_t first_fact) {
  if (policy_.revoke_on_return && promotion_count_ > 0) {
    bool returns = false;
    for (size_t i = first_fact; i < facts_.size() && facts_[i].known == day; ++i) {
      const TierFact &fact = facts_[i];
      if (fact.counts >= fact.known) continue;
      for (size_t p = 0; p < promotion_count_; ++p) {
        Promotion &promotion = promotions_[p];
        if (promotion.end > day || fact.counts < promotion.start || fact.counts >= promotion.end) {
          continue;
        }
        promotion.metric += fact.gives;
        returns = true;
      }
    }
    if (returns) {
      const Int128 metric = promotions_[promotion_count_ - 1].metric;
      const int level = Revoke();
      if (level < level_) Change(day, level, TierCause::kReturned, metric, 0);
    }
  }
  if (policy_.promotion != TierPromotion::kAtPurchase) return;
  const int32_t start = TierWindowStart(policy_, day + 1, facts_.front().known);
  MoveWindow(start, day + 1);
  if (Earned(metric_) > level_) Promote(day, start, day + 1);
}

// Looks at the ends of the days with facts before `before`.
inline void TierFolder::DayEnds(int32_t before) {
  while (day_ends_ < facts_.size() && facts_[day_ends_].known < before) {
    const size_t first = day_ends_;
    const int32_t day = facts_[first].known;
    while (day_ends_ < facts_.size() && facts_[day_ends_].known == day) ++day_ends_;
    // Before a programme begins there is nothing to win or lose.
    if (policy_.begin == kNoDay || day >= policy_.begin) EndOfDay(day, first);
  }
}

inline TierStanding TierFolder::Fold(uint32_t customer, std::span<const TierFact> facts,
                                     std::span<const ManualTier> manual,
                                     std::vector<TierChange> &changes) {
  Begin(customer, facts);
  automatic_.clear();
  changes_ = manual.empty() ? &changes : &automatic_;
  const int32_t anchor = facts.front().known;
  std::span<const int32_t> days = plan_.evaluations;
  if (policy_.calendar == TierCalendar::kAnniversaries) {
    own_days_.clear();
    AnniversaryEvaluations(policy_, anchor, plan_.until, own_days_);
    days = own_days_;
  }
  const bool day_ends = policy_.promotion == TierPromotion::kAtPurchase || policy_.revoke_on_return;
  size_t i = static_cast<size_t>(std::ranges::upper_bound(days, anchor) - days.begin());
  bool placement = i == 0 && policy_.begin != kNoDay && anchor < policy_.begin;
  for (; i < days.size(); ++i) {
    const int32_t day = days[i];
    if (day_ends) DayEnds(day);
    const int32_t start =
        plan_.shared_starts ? plan_.starts[i] : TierWindowStart(policy_, day, anchor);
    Evaluate(i, day, start, placement);
    placement = false;
  }
  if (day_ends) DayEnds(plan_.until);
  MoveWindow(TierWindowStart(policy_, plan_.until, anchor), plan_.until);
  const TierStanding standing = {.level = static_cast<int8_t>(level_),
                                 .automatic = static_cast<int8_t>(level_),
                                 .since = since_,
                                 .evaluations_below = below_,
                                 .metric = metric_,
                                 .by_hand = false};
  return manual.empty() ? standing : ByHand(manual, standing, changes);
}

// Lays floors and overrides over the automatic changes, which do not know of them.
inline TierStanding TierFolder::ByHand(std::span<const ManualTier> manual, TierStanding standing,
                                       std::vector<TierChange> &changes) {
  std::vector<int32_t> days;
  for (const ManualTier &entry : manual) {
    if (entry.from < entry.until) {
      days.push_back(entry.from);
      days.push_back(entry.until);
    }
  }
  std::ranges::sort(days);
  days.erase(std::unique(days.begin(), days.end()), days.end());
  while (!days.empty() && days.back() > plan_.until) days.pop_back();

  struct Hand {
    const ManualTier *held = nullptr;  // The override in force,
    int floor = 0;                     // or the highest floor.
  };
  const auto hand_on = [&](int32_t day) {
    Hand hand;
    for (const ManualTier &entry : manual) {
      if (day < entry.from || day >= entry.until) continue;
      if (entry.is_override) {
        hand.held = &entry;
      } else {
        hand.floor = std::max<int>(hand.floor, entry.level);
      }
    }
    return hand;
  };
  const auto level_of = [](const Hand &hand, int automatic) {
    return hand.held != nullptr ? int{hand.held->level} : std::max(hand.floor, automatic);
  };

  Hand hand;
  int automatic = automatic_.empty() ? standing.automatic : int{automatic_.front().from};
  int level = automatic;
  Int128 metric = automatic_.empty() ? standing.metric : automatic_.front().metric;
  int32_t since = automatic_.empty() ? standing.since : facts_.front().known;
  const auto move = [&](int to, TierChange change) {
    if (to == level) return;
    change.customer = customer_;
    change.from = static_cast<int8_t>(level);
    change.to = static_cast<int8_t>(to);
    changes.push_back(change);
    level = to;
    since = change.day;
  };
  size_t next = 0;
  const auto automatic_until = [&](int32_t day) {  // Changes before that day.
    for (; next < automatic_.size() && automatic_[next].day < day; ++next) {
      automatic = automatic_[next].to;
      metric = automatic_[next].metric;
      move(level_of(hand, automatic), automatic_[next]);
    }
  };
  for (const int32_t day : days) {
    automatic_until(day);
    const Hand now = hand_on(day);
    TierChange change;
    change.day = day;
    change.metric = metric;
    if (now.held != hand.held) {
      change.cause = now.held != nullptr ? TierCause::kOverride : TierCause::kOverrideEnded;
    } else {
      change.cause = now.floor > hand.floor ? TierCause::kFloor : TierCause::kFloorEnded;
    }
    hand = now;
    move(level_of(hand, automatic), change);
  }
  automatic_until(std::numeric_limits<int32_t>::max());
  standing.level = static_cast<int8_t>(level);
  standing.since = std::max(since, facts_.front().known);
  standing.by_hand = hand.held != nullptr || hand.floor > automatic;
  return standing;
}

}  // namespace detail
}  // namespace patron::value

#endif  // PATRON_VALUE_TIER_FOLD_HPP_
