// The facts of a ledger and the standing state of its customers: storage and its invariants.
#ifndef PATRON_VALUE_LEDGER_FACTS_HPP_
#define PATRON_VALUE_LEDGER_FACTS_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "patron/base/ids.hpp"
#include "patron/base/money.hpp"
#include "patron/base/status.hpp"
#include "patron/value/ledger_blocks.hpp"
#include "patron/value/transactions.hpp"

namespace patron::value::detail::ledger {

// No customer, no order, no further fact.
inline constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();

enum class FactKind : uint32_t {
  kTransaction,  // That nothing takes back.
  kReversed,     // A transaction with reversals: `record` is its target record.
  kReversal,     // `record` is its reversal record.
  kAwaited,      // An id that only held reversals speak of: `record` is their target record.
};

// One transaction or reversal, found by the code of its id.
struct Fact {
  static constexpr uint32_t kNoRecord = (uint32_t{1} << 30) - 1;

  int64_t time = 0;
  int64_t amount = 0;  // Of a reversal negative; 0 while it is held and takes all that is left.
  uint32_t customer = kNone;  // Of a held reversal: as it says, or none.
  uint32_t order = kNone;     // Of a reversal none: it has that of its target.
  uint32_t next = kNone;      // The next fact of the same customer.
  FactKind kind : 2 = FactKind::kAwaited;
  uint32_t record : 30 = kNoRecord;

  bool IsTransaction() const {
    return kind == FactKind::kTransaction || kind == FactKind::kReversed;
  }
};
static_assert(sizeof(Fact) == 32);

struct Reversal {
  uint32_t fact;
  uint32_t target;   // The fact taken back.
  uint32_t sibling;  // The next reversal of that, as a record.
  bool held;         // The target has not arrived: the reversal counts for nothing yet.
};

// What reversals do to one transaction.
struct Target {
  uint32_t fact;
  uint32_t first = Fact::kNoRecord;  // Its latest reversal, as a record.
  int64_t taken = 0;                 // Sum of those in effect; at most the amount of the fact.
};

// What the facts in effect make of one customer. Sums are exact.
struct CustomerState {
  Int128 gross = 0;                                     // Purchases: rows with amount 0 or more.
  Int128 refunds = 0;                                   // Refunds and reversals; 0 or less.
  int64_t first = std::numeric_limits<int64_t>::max();  // Purchase.
  int64_t last = kNoTime;                               // Purchase.
  uint32_t orders = 0;  // Distinct orders, or purchases without any.
  uint32_t facts = 0;
  uint32_t head = kNone;     // The customer's facts, latest posted first.
  uint32_t changed : 1 = 0;  // Stands in `changed` of the store.
  uint32_t recount : 1 = 0;  // Facts below `followed` have changed.
  uint32_t touched : 1 = 0;  // Stands in `touched` of the store.
  uint32_t call : 29 = 0;    // Number of the last call that changed it.

  Int128 net() const { return gross + refunds; }
  bool HasPurchase() const { return orders > 0; }
};

// Everything a ledger remembers.
//
// Facts in effect are the transactions and the reversals that are not held; each stands in the
// chain of its customer and in that customer's state.
struct LedgerStore {
  static constexpr uint32_t kManyCustomers = kNone - 1;
  static constexpr uint32_t kLastCall = (uint32_t{1} << 29) - 1;

  int decimals = 0;  // Of amounts, in messages only.
  IdIndex transactions, customers, orders;
  BlockArray<Fact> facts;            // By code of the transaction id.
  BlockArray<CustomerState> states;  // By code of the customer.
  std::vector<Reversal> reversals;
  std::vector<Target> targets;

  // By code of the order: the one customer with purchases of it, kNone, or kManyCustomers if that
  // is not known. Spares most walks through a customer's facts.
  BlockArray<uint32_t> order_owner;

  uint64_t held = 0;              // Reversals.
  uint64_t awaited = 0;           // Facts of that kind.
  uint64_t active_customers = 0;  // Customers with facts in effect.
  uint64_t ordered = 0;           // Transactions with an order.
  uint64_t unordered = 0;         // Transactions without one; not both are above 0.
  int64_t last_time = kNoTime;    // Of the facts in effect, unless it is stale.
  bool last_time_stale = false;

  std::vector<uint32_t> changed;  // Customers, since the standing measures were brought up to date.
  std::vector<uint32_t> touched;  // Customers changed before that and not reported yet.
  size_t followed = 0;            // Facts there were then.
  uint32_t call = 0;
  uint64_t call_customers = 0;  // Customers changed in this call.
  uint64_t call_new_customers = 0;

  bool InEffect(const Fact &fact) const {
    return fact.IsTransaction() ||
           (fact.kind == FactKind::kReversal && !reversals[fact.record].held);
  }
  // What can still be taken back of a transaction.
  int64_t Left(const Fact &fact) const {
    return fact.amount - (fact.kind == FactKind::kReversed ? targets[fact.record].taken : 0);
  }
  uint32_t OrderOf(const Fact &fact) const {
    return fact.kind == FactKind::kReversal ? facts[reversals[fact.record].target].order
                                            : fact.order;
  }

  // Ids and amounts as messages show them.
  std::string TransactionText(uint32_t code) const { return IdText(transactions, code); }
  std::string CustomerText(uint32_t code) const { return IdText(customers, code); }
  std::string MoneyText(Int128 amount) const { return FormatMoney(amount, decimals); }
  static std::string IdText(const IdIndex &index, uint32_t code) { return index.Format(code); }

  // Begins to count the customers that a call changes.
  void BeginCall();
  // Fetches what Post needs of a fact that comes later.
  void Prefetch(uint32_t code) const {
    const uint32_t customer = facts[code].customer;
    if (customer != kNone) __builtin_prefetch(&states[customer], 1);
  }
  // Notes that the facts of `customer` change. `changed` has room.
  void Touch(uint32_t customer);
  // Puts a fact in effect into the chain and state of its customer. Does not allocate.
  void Post(uint32_t code);
  // Recomputes a state from the facts in the chain. `scratch` has room for all of them.
  void Recount(uint32_t customer, std::vector<uint32_t> *scratch);
  // The latest instant of the facts in effect. Cost: O(1), O(facts) if it has become stale.
  int64_t LastTime();

  size_t memory_bytes() const;

 private:
  bool IsNewOrder(uint32_t customer, const CustomerState &state, uint32_t order);
};

inline void LedgerStore::BeginCall() {
  if (call == kLastCall) {
    for (size_t code = 0; code < states.size(); ++code) states[code].call = 0;
    call = 0;
  }
  ++call;
  call_customers = 0;
  call_new_customers = 0;
}

inline void LedgerStore::Touch(uint32_t customer) {
  CustomerState &state = states[customer];
  if (state.call != call) {
    state.call = call;
    ++call_customers;
    if (state.facts == 0) ++call_new_customers;
  }
  if (!state.changed) {
    state.changed = 1;
    changed.push_back(customer);
  }
}

inline void LedgerStore::Post(uint32_t code) {
  Fact &fact = facts[code];
  Touch(fact.customer);
  CustomerState &state = states[fact.customer];
  if (fact.amount >= 0) {
    if (IsNewOrder(fact.customer, state, fact.order)) ++state.orders;
    state.gross += fact.amount;
    state.first = std::min(state.first, fact.time);
    state.last = std::max(state.last, fact.time);
  } else {
    state.refunds += fact.amount;
  }
  if (state.facts++ == 0) ++active_customers;
  if (code < followed) state.recount = 1;
  fact.next = state.head;
  state.head = code;
  if (fact.IsTransaction()) {
    ++(fact.order != kNone ? ordered : unordered);
  }
  last_time = std::max(last_time, fact.time);
}

inline bool LedgerStore::IsNewOrder(uint32_t customer, const CustomerState &state, uint32_t order) {
  if (order == kNone) return true;
  uint32_t &owner = order_owner[order];
  if (owner == customer) return false;
  if (owner == kNone) {
    owner = customer;
    return true;
  }
  owner = kManyCustomers;
  for (uint32_t at = state.head; at != kNone; at = facts[at].next) {
    if (facts[at].order == order && facts[at].amount >= 0) return false;
  }
  return true;
}

inline void LedgerStore::Recount(uint32_t customer, std::vector<uint32_t> *scratch) {
  CustomerState &state = states[customer];
  CustomerState fresh;
  scratch->clear();
  for (uint32_t at = state.head; at != kNone; at = facts[at].next) {
    const Fact &fact = facts[at];
    ++fresh.facts;
    if (fact.amount < 0) {
      fresh.refunds += fact.amount;
      continue;
    }
    fresh.gross += fact.amount;
    fresh.first = std::min(fresh.first, fact.time);
    fresh.last = std::max(fresh.last, fact.time);
    if (fact.order == kNone)
      ++fresh.orders;
    else
      scratch->push_back(fact.order);
  }
  std::ranges::sort(*scratch);
  fresh.orders +=
      static_cast<uint32_t>(std::unique(scratch->begin(), scratch->end()) - scratch->begin());
  active_customers += (fresh.facts > 0) - (state.facts > 0);
  fresh.head = state.head;
  fresh.changed = state.changed;
  fresh.recount = 1;
  fresh.touched = state.touched;
  fresh.call = state.call;
  state = fresh;
}

inline int64_t LedgerStore::LastTime() {
  if (last_time_stale) {
    last_time = kNoTime;
    for (size_t code = 0; code < facts.size(); ++code) {
      const Fact &fact = facts[code];
      if (InEffect(fact)) last_time = std::max(last_time, fact.time);
    }
    last_time_stale = false;
  }
  return last_time;
}

inline size_t LedgerStore::memory_bytes() const {
  return transactions.memory_bytes() + customers.memory_bytes() + orders.memory_bytes() +
         facts.memory_bytes() + states.memory_bytes() + order_owner.memory_bytes() +
         reversals.capacity() * sizeof(Reversal) + targets.capacity() * sizeof(Target) +
         (changed.capacity() + touched.capacity()) * sizeof(uint32_t);
}

}  // namespace patron::value::detail::ledger

#endif  // PATRON_VALUE_LEDGER_FACTS_HPP_
