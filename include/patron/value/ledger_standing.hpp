// Standing measures of a ledger: recency, frequency and value of each customer, kept in order.
#ifndef PATRON_VALUE_LEDGER_STANDING_HPP_
#define PATRON_VALUE_LEDGER_STANDING_HPP_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/make_room.hpp"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/value/ledger_blocks.hpp"
#include "patron/value/ledger_facts.hpp"
#include "patron/value/ledger_staging.hpp"
#include "patron/value/order_index.hpp"

namespace patron::value::detail::ledger {

// What the order indices hold of one customer.
struct Standing {
  int64_t net = 0;       // Money units.
  int32_t last_day = 0;  // Of a purchase.
  uint32_t orders = 0;   // 0: no purchase, and in no index.
  uint32_t days = 0;     // Distinct days with a purchase, if they are counted.

  double Mean(bool by_day) const {
    return static_cast<double>(net) / static_cast<double>(by_day ? days : orders);
  }
};

// A double as an integer in the same order, and back. No NaN; -0.0 becomes 0.0.
inline int64_t OrderedBits(double value) {
  const auto bits = std::bit_cast<int64_t>(value);
  return bits >= 0 ? bits : std::numeric_limits<int64_t>::min() - bits;
}
inline double FromOrderedBits(int64_t ordered) {
  return std::bit_cast<double>(ordered >= 0 ? ordered
                                            : std::numeric_limits<int64_t>::min() - ordered);
}

// Which measures are wanted besides recency, orders and net value.
struct StandingNeeds {
  bool days = false;   // Purchase days.
  bool means = false;  // Net value of an order, or of a purchase day if those are wanted.
};

// Follows a store. What it holds can be thrown away at any time, and is then made anew.
class LedgerStanding {
 public:
  // Takes up what has changed in `store` since the last call; its `changed` customers move to
  // `touched`. If an allocation fails, all is made anew next time.
  //
  // Errors: OutOfRange naming a customer whose net value needs more than 64 bits.
  // Cost: O(changed) on average, the first time O(customers). Purchase days: O(facts) the first
  // time; then the new facts of a customer, or all of them if one lies before the last day.
  absl::Status Update(LedgerStore *store, CivilDays *civil, const StandingNeeds &needs,
                      const Execution &execution);

  const Standing &of(uint32_t customer) const { return all_[customer]; }
  const OrderIndex &last_days() const { return last_days_; }
  const OrderIndex &orders() const { return orders_; }
  const OrderIndex &days() const { return days_; }
  const OrderIndex &nets() const { return nets_; }
  const OrderIndex &means() const { return means_; }  // Of OrderedBits.

  size_t memory_bytes() const {
    return all_.memory_bytes() + last_days_.memory_bytes() + orders_.memory_bytes() +
           days_.memory_bytes() + nets_.memory_bytes() + means_.memory_bytes();
  }

 private:
  // Values that leave an index and values that enter it.
  struct Change {
    std::vector<int64_t> removed, added;

    void Replace(bool had, int64_t before, bool has, int64_t now) {
      if (had && has && before == now) return;
      if (had) removed.push_back(before);
      if (has) added.push_back(now);
    }
    void MoveTo(OrderIndex *index) {
      index->Update(removed, added);
      removed.clear();
      added.clear();
    }
  };

  static absl::StatusOr<Standing> Measure(const LedgerStore &store, uint32_t customer,
                                          CivilDays *civil);
  static void PassOn(LedgerStore *store, uint32_t customer);
  uint32_t CountDays(const LedgerStore &store, uint32_t customer, CivilDays *civil);
  absl::Status Make(LedgerStore *store, CivilDays *civil, const Execution &execution);
  void MakeDays(const LedgerStore &store, CivilDays *civil, const Execution &execution);
  void MakeMeans(bool by_day, const Execution &execution);
  absl::Status Follow(LedgerStore *store, CivilDays *civil);
  template <typename Value>
  void Assign(OrderIndex *index, const Value &value, const Execution &execution);

  bool made_ = false;
  bool has_days_ = false;
  bool has_means_ = false;
  bool means_by_day_ = false;
  BlockArray<Standing> all_;
  OrderIndex last_days_, orders_, days_, nets_, means_;
  Change last_day_change_, order_change_, day_change_, net_change_, mean_change_;  // Scratch.
  std::vector<int32_t> walked_days_;                                               // Scratch.
};

inline absl::Status LedgerStanding::Update(LedgerStore *store, CivilDays *civil,
                                           const StandingNeeds &needs, const Execution &execution) {
  MakeRoom(store->touched, store->changed.size());
  const bool follow = made_ && store->changed.size() <= all_.size() / 2;
  made_ = false;
  PATRON_RETURN_IF_ERROR(follow ? Follow(store, civil) : Make(store, civil, execution));
  if (needs.days && !has_days_) MakeDays(*store, civil, execution);
  if (needs.means && !(has_means_ && means_by_day_ == needs.days)) MakeMeans(needs.days, execution);
  made_ = true;
  store->changed.clear();
  store->followed = store->facts.size();
  return absl::OkStatus();
}

// Marks a changed customer as touched instead; may be done again.
inline void LedgerStanding::PassOn(LedgerStore *store, uint32_t customer) {
  CustomerState &state = store->states[customer];
  state.changed = 0;
  state.recount = 0;
  if (state.touched) return;
  state.touched = 1;
  store->touched.push_back(customer);
}

// All but the purchase days.
inline absl::StatusOr<Standing> LedgerStanding::Measure(const LedgerStore &store, uint32_t customer,
                                                        CivilDays *civil) {
  const CustomerState &state = store.states[customer];
  if (!state.HasPurchase()) return Standing{};
  const auto net = static_cast<int64_t>(state.net());
  if (net != state.net()) {
    return absl::OutOfRangeError(
        absl::StrCat("monetary: customer ", store.CustomerText(customer),
                     " has more than 64 bits of money units; expected fewer "
                     "decimals"));
  }
  return Standing{.net = net, .last_day = civil->DayOf(state.last), .orders = state.orders};
}

// The purchase days of a changed customer, from those counted so far if that suffices.
inline uint32_t LedgerStanding::CountDays(const LedgerStore &store, uint32_t customer,
                                          CivilDays *civil) {
  const CustomerState &state = store.states[customer];
  const Standing &before = all_[customer];
  const bool had = before.orders > 0;
  walked_days_.clear();
  bool late = state.recount;
  uint32_t at = state.head;
  // New facts stand before old ones.
  for (; at != kNone && at >= store.followed && !late; at = store.facts[at].next) {
    const Fact &fact = store.facts[at];
    if (fact.amount < 0) continue;
    const int32_t day = civil->DayOf(fact.time);
    if (had && day == before.last_day) continue;
    late = had && day < before.last_day;
    walked_days_.push_back(day);
  }
  if (late) {
    walked_days_.clear();
    for (at = state.head; at != kNone; at = store.facts[at].next) {
      const Fact &fact = store.facts[at];
      if (fact.amount >= 0) walked_days_.push_back(civil->DayOf(fact.time));
    }
  }
  std::ranges::sort(walked_days_);
  const auto distinct =
      std::unique(walked_days_.begin(), walked_days_.end()) - walked_days_.begin();
  return static_cast<uint32_t>(distinct) + (late ? 0 : before.days);
}

inline absl::Status LedgerStanding::Follow(LedgerStore *store, CivilDays *civil) {
  constexpr size_t kAhead = 16;
  const std::vector<uint32_t> &changed = store->changed;
  all_.Resize(store->states.size(), Standing{});
  for (size_t i = 0; i < changed.size(); ++i) {
    if (i + kAhead < changed.size()) {
      __builtin_prefetch(&all_[changed[i + kAhead]], 1);
      __builtin_prefetch(&store->states[changed[i + kAhead]], 1);
    }
    const uint32_t customer = changed[i];
    Standing &standing = all_[customer];
    PATRON_ASSIGN_OR_RETURN(Standing now, Measure(*store, customer, civil));
    if (has_days_ && now.orders > 0) now.days = CountDays(*store, customer, civil);
    PassOn(store, customer);
    const bool had = standing.orders > 0;
    const bool has = now.orders > 0;
    last_day_change_.Replace(had, standing.last_day, has, now.last_day);
    order_change_.Replace(had, standing.orders, has, now.orders);
    net_change_.Replace(had, standing.net, has, now.net);
    if (has_days_) day_change_.Replace(had, standing.days, has, now.days);
    if (has_means_) {
      mean_change_.Replace(had, had ? OrderedBits(standing.Mean(means_by_day_)) : 0, has,
                           has ? OrderedBits(now.Mean(means_by_day_)) : 0);
    }
    standing = now;
  }
  last_day_change_.MoveTo(&last_days_);
  order_change_.MoveTo(&orders_);
  net_change_.MoveTo(&nets_);
  day_change_.MoveTo(&days_);
  mean_change_.MoveTo(&means_);
  return absl::OkStatus();
}

template <typename Value>
void LedgerStanding::Assign(OrderIndex *index, const Value &value, const Execution &execution) {
  std::vector<int64_t> values;
  values.reserve(all_.size());
  for (size_t customer = 0; customer < all_.size(); ++customer) {
    if (all_[customer].orders > 0) values.push_back(value(all_[customer]));
  }
  index->Assign(values, execution);
}

inline absl::Status LedgerStanding::Make(LedgerStore *store, CivilDays *civil,
                                         const Execution &execution) {
  *this = LedgerStanding();
  all_.Resize(store->states.size(), Standing{});
  for (uint32_t customer = 0; customer < all_.size(); ++customer) {
    PATRON_ASSIGN_OR_RETURN(all_[customer], Measure(*store, customer, civil));
  }
  for (const uint32_t customer : store->changed) PassOn(store, customer);
  Assign(
      &last_days_, [](const Standing &one) { return one.last_day; }, execution);
  Assign(
      &orders_, [](const Standing &one) { return one.orders; }, execution);
  Assign(
      &nets_, [](const Standing &one) { return one.net; }, execution);
  return absl::OkStatus();
}

inline void LedgerStanding::MakeDays(const LedgerStore &store, CivilDays *civil,
                                     const Execution &execution) {
  // The days of each customer side by side: those of `customer` end at ends[customer].
  std::vector<uint32_t> ends(all_.size());
  const auto is_purchase = [&](const Fact &fact) {
    return fact.IsTransaction() && fact.amount >= 0;
  };
  for (uint32_t code = 0; code < store.facts.size(); ++code) {
    const Fact &fact = store.facts[code];
    if (is_purchase(fact)) ++ends[fact.customer];
  }
  uint32_t total = 0;
  for (uint32_t &end : ends) {
    const uint32_t count = end;
    end = total;
    total += count;
  }
  std::vector<int32_t> days(total);
  for (uint32_t code = 0; code < store.facts.size(); ++code) {
    const Fact &fact = store.facts[code];
    if (is_purchase(fact)) days[ends[fact.customer]++] = civil->DayOf(fact.time);
  }
  uint32_t begin = 0;
  for (uint32_t customer = 0; customer < all_.size(); ++customer) {
    const auto first = days.begin() + begin;
    const auto last = days.begin() + ends[customer];
    std::sort(first, last);
    all_[customer].days = static_cast<uint32_t>(std::unique(first, last) - first);
    begin = ends[customer];
  }
  Assign(
      &days_, [](const Standing &one) { return one.days; }, execution);
  has_days_ = true;
}

inline void LedgerStanding::MakeMeans(bool by_day, const Execution &execution) {
  Assign(
      &means_, [by_day](const Standing &one) { return OrderedBits(one.Mean(by_day)); }, execution);
  means_by_day_ = by_day;
  has_means_ = true;
}

}  // namespace patron::value::detail::ledger

#endif  // PATRON_VALUE_LEDGER_STANDING_HPP_
