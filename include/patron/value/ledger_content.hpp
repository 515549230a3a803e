// The canonical content of a ledger: its facts as sorted columns, to be written and read back.
#ifndef PATRON_VALUE_LEDGER_CONTENT_HPP_
#define PATRON_VALUE_LEDGER_CONTENT_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "patron/base/column.hpp"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/value/ledger_append.hpp"
#include "patron/value/ledger_facts.hpp"
#include "patron/value/ledger_reverse.hpp"
#include "patron/value/ledger_rows.hpp"
#include "patron/value/ledger_views.hpp"

namespace patron::value {

// Equal facts give equal content, however they came. All ids are ascending and distinct in their
// list, no transaction id stands in two lists, and every customer and order is used.
struct LedgerContent {
  static constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();

  IdList customers;
  IdList orders;

  struct Transactions {
    IdList id;
    std::vector<uint32_t> customer;  // Places in `customers`.
    std::vector<uint32_t> order;     // Places in `orders`; empty if there are no orders.
    std::vector<int64_t> time;
    std::vector<int64_t> amount;
    friend bool operator==(const Transactions &, const Transactions &) = default;
  } transactions;

  // Reversals of known transactions.
  struct Reversals {
    IdList id;
    std::vector<uint32_t> target;  // Places in `transactions`.
    std::vector<int64_t> time;
    std::vector<int64_t> amount;  // Above 0.
    friend bool operator==(const Reversals &, const Reversals &) = default;
  } reversals;

  // Reversals that wait for their transaction.
  struct Held {
    IdList id;
    IdList target;                   // In the order of `id`; none is an id of the ledger.
    std::vector<uint32_t> customer;  // Places in `customers`, or kNone.
    std::vector<int64_t> time;
    std::vector<int64_t> amount;  // 0: all that is left then.
    friend bool operator==(const Held &, const Held &) = default;
  } held;

  friend bool operator==(const LedgerContent &, const LedgerContent &) = default;
};

namespace detail::ledger {

static_assert(LedgerContent::kNone == kNone);

// Places of the codes that are marked, in ascending order of id, and those ids.
inline std::vector<uint32_t> PlacesOf(const IdIndex &index, const std::vector<bool> &used,
                                      IdList *ids) {
  std::vector<uint32_t> places(index.size(), kNone);
  *ids = ListFor(index, static_cast<size_t>(std::ranges::count(used, true)));
  for (const uint32_t code : index.Ascending()) {
    if (!used[code]) continue;
    places[code] = static_cast<uint32_t>(ids->size());
    AppendId(index, code, ids);
  }
  return places;
}

inline LedgerContent ListContent(const LedgerStore &store) {
  LedgerContent content;
  std::vector<bool> customers(store.customers.size()), orders(store.orders.size());
  for (uint32_t code = 0; code < store.facts.size(); ++code) {
    const Fact &fact = store.facts[code];
    if (fact.kind == FactKind::kAwaited) continue;
    if (fact.customer != kNone) customers[fact.customer] = true;
    if (fact.order != kNone) orders[fact.order] = true;
  }
  const auto customer_places = PlacesOf(store.customers, customers, &content.customers);
  const auto order_places = PlacesOf(store.orders, orders, &content.orders);
  const auto place = [](const std::vector<uint32_t> &places, uint32_t code) {
    return code == kNone ? kNone : places[code];
  };

  const std::vector<uint32_t> ascending = store.transactions.Ascending();
  std::vector<uint32_t> transaction_places(store.facts.size(), kNone);
  LedgerContent::Transactions &transactions = content.transactions;
  for (const uint32_t code : ascending) {
    const Fact &fact = store.facts[code];
    if (!fact.IsTransaction()) continue;
    transaction_places[code] = static_cast<uint32_t>(transactions.time.size());
    AppendId(store.transactions, code, &transactions.id);
    transactions.customer.push_back(customer_places[fact.customer]);
    if (store.ordered > 0) transactions.order.push_back(order_places[fact.order]);
    transactions.time.push_back(fact.time);
    transactions.amount.push_back(fact.amount);
  }
  for (const uint32_t code : ascending) {
    const Fact &fact = store.facts[code];
    if (fact.kind != FactKind::kReversal) continue;
    const Reversal &reversal = store.reversals[fact.record];
    if (reversal.held) {
      AppendId(store.transactions, code, &content.held.id);
      AppendId(store.transactions, reversal.target, &content.held.target);
      content.held.customer.push_back(place(customer_places, fact.customer));
      content.held.time.push_back(fact.time);
      content.held.amount.push_back(-fact.amount);
    } else {
      AppendId(store.transactions, code, &content.reversals.id);
      content.reversals.target.push_back(transaction_places[reversal.target]);
      content.reversals.time.push_back(fact.time);
      content.reversals.amount.push_back(-fact.amount);
    }
  }
  return content;
}

// Puts content that may come from anywhere into an empty store, as rows like any others.
class ContentReader {
 public:
  ContentReader(const LedgerContent &content, LedgerStore *store, const Execution &execution)
      : content_(content), store_(*store), execution_(execution) {}

  absl::Status Run();

 private:
  static constexpr size_t kPiece = size_t{1} << 16;  // Rows at a time.

  absl::Status CheckShape() const;
  absl::Status AppendTransactions();
  absl::Status AppendReversals();
  absl::Status HoldReversals();
  absl::Status ReportDone(size_t rows) {
    done_ += rows;
    return ReportProgress(execution_, done_,
                          content_.transactions.time.size() + content_.reversals.time.size());
  }

  const LedgerContent &content_;
  LedgerStore &store_;
  const Execution &execution_;
  uint64_t done_ = 0;
};

inline absl::Status NotALedger(std::string_view what) {
  return absl::DataLossError(absl::StrCat("ledger: ", Text(what)));
}

inline absl::Status CheckIds(std::string_view what, const IdList &ids) {
  const auto rises = [](const auto &list) {
    return std::ranges::adjacent_find(list, std::ranges::greater_equal()) == list.end();
  };
  const bool one_kind = ids.is_text ? ids.integers.empty() : ids.text.empty();
  if (one_kind && rises(ids.integers) && rises(ids.text)) return absl::OkStatus();
  return NotALedger(absl::StrCat(Text(what), " are not ascending and distinct"));
}

// Marks the places that are used; kNone is none. False if one lies outside.
inline bool MarkPlaces(std::span<const uint32_t> places, bool may_be_none,
                       std::vector<bool> *used) {
  for (const uint32_t place : places) {
    if (place == kNone && may_be_none) continue;
    if (place >= used->size()) return false;
    (*used)[place] = true;
  }
  return true;
}

inline absl::Status ContentReader::CheckShape() const {
  const auto &[customers, orders, transactions, reversals, held] = content_;
  PATRON_RETURN_IF_ERROR(CheckIds("customers", customers));
  PATRON_RETURN_IF_ERROR(CheckIds("orders", orders));
  PATRON_RETURN_IF_ERROR(CheckIds("transactions", transactions.id));
  PATRON_RETURN_IF_ERROR(CheckIds("reversals", reversals.id));
  PATRON_RETURN_IF_ERROR(CheckIds("held reversals", held.id));
  const auto lengths = [](const auto &rows, size_t others) {
    return rows.id.size() == rows.time.size() && rows.id.size() == rows.amount.size() &&
           rows.id.size() == others;
  };
  if (!lengths(transactions, transactions.customer.size()) ||
      !lengths(reversals, reversals.target.size()) || !lengths(held, held.target.size()) ||
      held.customer.size() != held.id.size() ||
      transactions.order.size() != (orders.size() == 0 ? 0 : transactions.id.size())) {
    return NotALedger("columns differ in length");
  }
  std::vector<bool> used_customers(customers.size()), used_orders(orders.size());
  std::vector<bool> used_transactions(transactions.id.size());
  if (!MarkPlaces(transactions.customer, false, &used_customers) ||
      !MarkPlaces(held.customer, true, &used_customers) ||
      !MarkPlaces(transactions.order, false, &used_orders) ||
      !MarkPlaces(reversals.target, false, &used_transactions)) {
    return NotALedger("a place outside its list");
  }
  if (std::ranges::count(used_customers, false) + std::ranges::count(used_orders, false) > 0) {
    return NotALedger("a customer or an order that no transaction has");
  }
  if (std::ranges::any_of(held.amount, [](int64_t amount) { return amount < 0; })) {
    return NotALedger("a held reversal below 0");
  }
  return absl::OkStatus();
}

// The ids of a list in the order of rows.
class IdRows {
 public:
  explicit IdRows(const IdList &from) : from_(from) { rows_.is_text = from.is_text; }
  void Clear() {
    rows_.integers.clear();
    rows_.text.clear();
  }
  void Add(uint32_t place) {
    if (from_.is_text)
      rows_.text.push_back(place == kNone ? std::string_view() : from_.text[place]);
    else
      rows_.integers.push_back(place == kNone ? 0 : from_.integers[place]);
  }
  IdSpan span() const { return rows_.span(); }

 private:
  const IdList &from_;
  IdList rows_;
};

inline absl::Status ContentReader::AppendTransactions() {
  const LedgerContent::Transactions &all = content_.transactions;
  IdRows ids(all.id), customers(content_.customers), orders(content_.orders);
  std::vector<int64_t> time, amount;
  for (size_t row = 0; row < all.time.size();) {
    for (IdRows *column : {&ids, &customers, &orders}) column->Clear();
    time.clear();
    amount.clear();
    for (; row < all.time.size() && time.size() < kPiece; ++row) {
      ids.Add(static_cast<uint32_t>(row));
      customers.Add(all.customer[row]);
      if (!all.order.empty()) orders.Add(all.order[row]);
      time.push_back(all.time[row]);
      amount.push_back(all.amount[row]);
    }
    const LedgerRows rows{.transaction = ids.span(),
                          .customer = customers.span(),
                          .time = time,
                          .amount = amount,
                          .order = all.order.empty() ? IdSpan() : orders.span(),
                          .numbers = {}};
    PATRON_RETURN_IF_ERROR(AppendRows(&store_, rows, {}, {}).status());
    PATRON_RETURN_IF_ERROR(ReportDone(time.size()));
  }
  return absl::OkStatus();
}

inline absl::Status ContentReader::AppendReversals() {
  const LedgerContent::Reversals &all = content_.reversals;
  IdRows targets(content_.transactions.id);
  for (size_t begin = 0; begin < all.time.size(); begin += kPiece) {
    const size_t count = std::min(kPiece, all.time.size() - begin);
    targets.Clear();
    for (size_t row = begin; row < begin + count; ++row) targets.Add(all.target[row]);
    const ReversalRows rows{.transaction = all.id.span().subspan(begin, count),
                            .time = std::span(all.time).subspan(begin, count),
                            .target = targets.span(),
                            .has_target = {},
                            .amount = std::span(all.amount).subspan(begin, count),
                            .has_amount = {},
                            .customer = {},
                            .has_customer = {},
                            .order = {},
                            .has_order = {},
                            .numbers = {}};
    PATRON_RETURN_IF_ERROR(ReverseRows(&store_, rows, {}, {}).status());
    PATRON_RETURN_IF_ERROR(ReportDone(count));
  }
  return absl::OkStatus();
}

inline absl::Status ContentReader::HoldReversals() {
  const LedgerContent::Held &all = content_.held;
  const size_t count = all.time.size();
  IdRows customers(content_.customers);
  std::vector<uint8_t> has_customer(count), has_amount(count);
  for (size_t row = 0; row < count; ++row) {
    has_customer[row] = all.customer[row] != kNone;
    has_amount[row] = all.amount[row] != 0;
    if (content_.customers.size() > 0) customers.Add(all.customer[row]);
  }
  if (content_.customers.size() == 0) has_customer.clear();
  const ReversalRows rows{.transaction = all.id.span(),
                          .time = all.time,
                          .target = all.target.span(),
                          .has_target = {},
                          .amount = all.amount,
                          .has_amount = has_amount,
                          .customer = customers.span(),
                          .has_customer = has_customer,
                          .order = {},
                          .has_order = {},
                          .numbers = {}};
  PATRON_ASSIGN_OR_RETURN(const LedgerReport report,
                          ReverseRows(&store_, rows, {.unknown = UnknownTargets::kHold}, {}));
  if (report.held == count) return absl::OkStatus();
  return NotALedger("a held reversal of a known transaction");
}

inline absl::Status ContentReader::Run() {
  PATRON_RETURN_IF_ERROR(CheckShape());
  const auto feed = [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(AppendTransactions());
    PATRON_RETURN_IF_ERROR(AppendReversals());
    return HoldReversals();
  };
  absl::Status status = feed();
  if (status.ok() || absl::IsCancelled(status) || absl::IsResourceExhausted(status) ||
      absl::IsDataLoss(status)) {
    return status;
  }
  return NotALedger({status.message().data(), status.message().size()});
}

}  // namespace detail::ledger

}  // namespace patron::value

#endif  // PATRON_VALUE_LEDGER_CONTENT_HPP_
