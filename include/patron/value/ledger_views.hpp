// What a ledger shows: the state of each customer, and the facts as transactions.
#ifndef PATRON_VALUE_LEDGER_VIEWS_HPP_
#define PATRON_VALUE_LEDGER_VIEWS_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "patron/base/column.hpp"
#include "patron/base/ids.hpp"
#include "patron/base/money.hpp"
#include "patron/value/ledger_facts.hpp"
#include "patron/value/transactions.hpp"

namespace patron::value {

// The state of every customer with facts, ascending by id. Sums are exact, in money units.
struct LedgerCustomers {
  IdList customer;
  std::vector<int64_t> orders;  // Distinct orders with a purchase; without orders, purchases.
  std::vector<Int128> gross;    // Sum of purchases: transactions with amount 0 or more.
  std::vector<Int128> refunds;  // Sum of refunds and reversals; 0 or less.
  std::vector<Int128> net;      // Both.
  std::vector<int64_t> first;   // First purchase, kNoTime without one. A purchase that has been
  std::vector<int64_t> last;    // taken back in full still is one: it is its value that is gone.

  size_t size() const { return customer.size(); }
  friend bool operator==(const LedgerCustomers &, const LedgerCustomers &) = default;
};

// The facts in effect, ascending by transaction id; reversals are rows with a negative amount.
struct LedgerTransactions {
  IdList customer;
  IdList transaction;
  bool has_orders = false;  // Whether rows have orders; if not, `order` is empty.
  IdList order;             // A reversal has that of its target.
  std::vector<int64_t> time;
  std::vector<int64_t> amount;
  IdList reverses;  // The transaction taken back; 0 or empty text if none is.
  std::vector<uint8_t> is_reversal;

  size_t size() const { return time.size(); }
  friend bool operator==(const LedgerTransactions &, const LedgerTransactions &) = default;
};

namespace detail::ledger {

// An empty list is one of integers; the first id decides.
inline void AppendId(const IdIndex &index, uint32_t code, IdList *list) {
  list->is_text = index.is_text();
  if (index.is_text())
    list->text.push_back(code == kNone ? std::string_view() : index.text(code));
  else
    list->integers.push_back(code == kNone ? 0 : index.integer(code));
}

inline IdList ListFor(const IdIndex &index, size_t size) {
  IdList list;
  if (index.is_text())
    list.text.reserve(size);
  else
    list.integers.reserve(size);
  return list;
}

// States from the facts in effect up to `as_of`, by code of the customer; their chains are not set.
inline BlockArray<CustomerState> StatesAsOf(const LedgerStore &store, int64_t as_of) {
  BlockArray<CustomerState> states;
  states.Resize(store.states.size(), CustomerState{});
  // An order counts when its first customer is first seen; further customers of it are sorted out
  // at the end.
  BlockArray<uint32_t> owner;
  owner.Resize(store.orders.size(), kNone);
  std::vector<std::pair<uint32_t, uint32_t>> others;
  for (uint32_t code = 0; code < store.facts.size(); ++code) {
    const Fact &fact = store.facts[code];
    if (fact.time > as_of || !store.InEffect(fact)) continue;
    CustomerState &state = states[fact.customer];
    ++state.facts;
    if (fact.amount < 0) {
      state.refunds += fact.amount;
      continue;
    }
    state.gross += fact.amount;
    state.first = std::min(state.first, fact.time);
    state.last = std::max(state.last, fact.time);
    if (fact.order != kNone && owner[fact.order] != kNone) {
      if (owner[fact.order] != fact.customer) others.emplace_back(fact.customer, fact.order);
      continue;
    }
    if (fact.order != kNone) owner[fact.order] = fact.customer;
    ++state.orders;
  }
  std::ranges::sort(others);
  others.erase(std::unique(others.begin(), others.end()), others.end());
  for (const auto &[customer, order] : others) ++states[customer].orders;
  return states;
}

inline LedgerCustomers ListCustomers(const LedgerStore &store,
                                     const BlockArray<CustomerState> &states) {
  LedgerCustomers all;
  const size_t size = store.active_customers;
  all.customer = ListFor(store.customers, size);
  for (auto *column : {&all.orders, &all.first, &all.last}) column->reserve(size);
  for (auto *column : {&all.gross, &all.refunds, &all.net}) column->reserve(size);
  for (const uint32_t code : store.customers.Ascending()) {
    const CustomerState &state = states[code];
    if (state.facts == 0) continue;
    AppendId(store.customers, code, &all.customer);
    all.orders.push_back(state.orders);
    all.gross.push_back(state.gross);
    all.refunds.push_back(state.refunds);
    all.net.push_back(state.net());
    all.first.push_back(state.HasPurchase() ? state.first : kNoTime);
    all.last.push_back(state.last);
  }
  return all;
}

inline LedgerTransactions ListTransactions(const LedgerStore &store, int64_t as_of) {
  LedgerTransactions all;
  const size_t size = store.facts.size() - store.awaited - store.held;
  all.has_orders = store.ordered > 0;
  all.customer = ListFor(store.customers, size);
  all.transaction = ListFor(store.transactions, size);
  all.order = ListFor(store.orders, all.has_orders ? size : 0);
  all.reverses = ListFor(store.transactions, size);
  for (auto *column : {&all.time, &all.amount}) column->reserve(size);
  for (const uint32_t code : store.transactions.Ascending()) {
    const Fact &fact = store.facts[code];
    if (!store.InEffect(fact) || (as_of != kNoTime && fact.time > as_of)) continue;
    const bool reversal = fact.kind == FactKind::kReversal;
    AppendId(store.customers, fact.customer, &all.customer);
    AppendId(store.transactions, code, &all.transaction);
    if (all.has_orders) AppendId(store.orders, store.OrderOf(fact), &all.order);
    all.time.push_back(fact.time);
    all.amount.push_back(fact.amount);
    AppendId(store.transactions, reversal ? store.reversals[fact.record].target : kNone,
             &all.reverses);
    all.is_reversal.push_back(reversal);
  }
  return all;
}

// The facts in effect as kernels read transactions. The ledger must not change meanwhile.
class LedgerSource final : public TransactionSource {
 public:
  explicit LedgerSource(const LedgerStore &store) : store_(store) {}

  uint64_t rows() const override { return store_.facts.size(); }
  bool text_customers() const override { return store_.customers.is_text(); }
  bool has_orders() const override { return store_.ordered > 0; }
  bool text_orders() const override { return false; }

  // Facts that are not in effect are left out. Orders are told apart by their codes.
  absl::Status Read(uint64_t begin, uint64_t end, TransactionScratch &scratch,
                    TransactionBatch &batch) const override {
    IdList customer;
    customer.is_text = text_customers();
    customer.integers = std::move(scratch.customer);
    customer.text = std::move(scratch.customer_text);
    customer.integers.clear();
    customer.text.clear();
    scratch.time.clear();
    scratch.amount.clear();
    scratch.order.clear();
    for (uint64_t code = begin; code < end; ++code) {
      const Fact &fact = store_.facts[code];
      if (!store_.InEffect(fact)) continue;
      AppendId(store_.customers, fact.customer, &customer);
      scratch.time.push_back(fact.time);
      scratch.amount.push_back(fact.amount);
      if (has_orders()) scratch.order.push_back(store_.OrderOf(fact));
    }
    scratch.customer = std::move(customer.integers);
    scratch.customer_text = std::move(customer.text);
    batch.customer = customer.is_text
                         ? IdSpan(std::span<const std::string_view>(scratch.customer_text))
                         : IdSpan(std::span<const int64_t>(scratch.customer));
    batch.time = scratch.time;
    batch.amount = scratch.amount;
    batch.order = has_orders() ? IdSpan(std::span<const int64_t>(scratch.order)) : IdSpan();
    return absl::OkStatus();
  }

 private:
  const LedgerStore &store_;
};

}  // namespace detail::ledger

}  // namespace patron::value

#endif  // PATRON_VALUE_LEDGER_VIEWS_HPP_
