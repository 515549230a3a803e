// Correcting facts of a ledger: new content for known ids, checked whole before any is changed.
#ifndef PATRON_VALUE_LEDGER_CORRECT_HPP_
#define PATRON_VALUE_LEDGER_CORRECT_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/make_room.hpp"
#include "patron/base/money.hpp"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/value/ledger_append.hpp"
#include "patron/value/ledger_facts.hpp"
#include "patron/value/ledger_rows.hpp"
#include "patron/value/ledger_staging.hpp"

namespace patron::value::detail::ledger {

// One call of corrections.
class LedgerCorrection {
 public:
  LedgerCorrection(LedgerStore *store, const LedgerRows &rows) : store_(*store), rows_(rows) {}

  absl::StatusOr<LedgerReport> Run(const Execution &execution);

 private:
  struct Change {
    uint32_t code;
    uint32_t row;
    int64_t time;
    int64_t amount;
    uint32_t customer;
    uint32_t order;
  };

  static bool Same(const Change &a, const Change &b) {
    return a.time == b.time && a.amount == b.amount && a.customer == b.customer &&
           a.order == b.order;
  }

  absl::Status ReadChanges(LedgerStaging *staging);
  absl::Status Check() const;
  absl::Status CheckReversal(const Change &change, const Fact &reversal) const;
  absl::Status CheckTaken(const Change &change, uint32_t transaction) const;
  void DropKnown();
  void FindCustomers();
  void Apply(const Change &change);
  void Relink(uint32_t customer);

  // What a fact will be.
  Change Final(uint32_t code) const {
    const auto change = std::ranges::lower_bound(changes_, code, {}, &Change::code);
    if (change != changes_.end() && change->code == code) return *change;
    const Fact &fact = store_.facts[code];
    return {code, 0, fact.time, fact.amount, fact.customer, fact.order};
  }
  uint64_t Number(const Change &change) const { return RowNumber(rows_.numbers, change.row); }

  LedgerStore &store_;
  const LedgerRows &rows_;
  std::vector<Change> changes_;      // Ascending by code.
  std::vector<uint32_t> customers_;  // Whose facts change, now or then; ascending.
  std::vector<uint32_t> scratch_;
};

// Reads the rows, one change for each fact.
inline absl::Status LedgerCorrection::ReadChanges(LedgerStaging *staging) {
  const size_t n = rows_.size();
  if (store_.transactions.size() > 0 &&
      rows_.transaction.is_text() != store_.transactions.is_text()) {
    return InvalidOption("transaction", rows_.transaction.is_text() ? "text" : "integers",
                         store_.transactions.is_text() ? "text, as before" : "integers, as before");
  }
  std::vector<uint32_t> codes(n), customers, orders;
  store_.transactions.Find(rows_.transaction, codes);
  const auto unknown = [this](uint32_t code) {
    return code == IdIndex::kUnknown || store_.facts[code].kind == FactKind::kAwaited;
  };
  if (const auto first = std::ranges::find_if(codes, unknown); first != codes.end()) {
    const auto row = static_cast<size_t>(first - codes.begin());
    const std::string id = rows_.transaction.is_text()
                               ? Quoted(rows_.transaction.text()[row])
                               : absl::StrCat(rows_.transaction.integers()[row]);
    return RowError(absl::StatusCode::kNotFound, "transaction", RowNumber(rows_.numbers, row), id,
                    "a known transaction",
                    static_cast<uint64_t>(std::ranges::count_if(codes, unknown)));
  }
  PATRON_RETURN_IF_ERROR(staging->EncodeCustomers(rows_.customer, {}, &customers));
  PATRON_RETURN_IF_ERROR(staging->EncodeOrders(rows_.order, {}, &orders));

  changes_.reserve(n);
  for (uint32_t row = 0; row < n; ++row) {
    changes_.push_back({codes[row], row, rows_.time[row], rows_.amount[row], customers[row],
                        orders.empty() ? kNone : orders[row]});
  }
  std::ranges::sort(changes_, [](const Change &a, const Change &b) {
    return std::pair(a.code, a.row) < std::pair(b.code, b.row);
  });
  for (size_t i = 1; i < n; ++i) {
    if (changes_[i - 1].code != changes_[i].code || Same(changes_[i - 1], changes_[i])) continue;
    return InvalidRow("transaction", Number(changes_[i]), store_.TransactionText(changes_[i].code),
                      absl::StrCat("equal content in row ", Number(changes_[i - 1]),
                                   ", which corrects it as well"));
  }
  const auto repeats = [](const Change &a, const Change &b) { return a.code == b.code; };
  changes_.erase(std::unique(changes_.begin(), changes_.end(), repeats), changes_.end());
  return absl::OkStatus();
}

// Drops the changes that change nothing.
inline void LedgerCorrection::DropKnown() {
  std::erase_if(changes_, [this](Change change) {
    const Fact &fact = store_.facts[change.code];
    // A held reversal has no order before its transaction arrives.
    if (!store_.InEffect(fact)) change.order = kNone;
    return Same(change,
                {change.code, 0, fact.time, fact.amount, fact.customer, store_.OrderOf(fact)});
  });
}

inline absl::Status LedgerCorrection::CheckReversal(const Change &change, const Fact &fact) const {
  if (change.amount >= 0) {
    return InvalidRow(
        "amount", Number(change), store_.MoneyText(change.amount),
        absl::StrCat("less than 0, as ", store_.TransactionText(change.code), " is a reversal"));
  }
  const Reversal &reversal = store_.reversals[fact.record];
  if (reversal.held) return absl::OkStatus();
  const Change target = Final(reversal.target);
  if (change.customer != target.customer) {
    return InvalidRow("customer", Number(change), store_.CustomerText(change.customer),
                      absl::StrCat(store_.CustomerText(target.customer), ", whose transaction ",
                                   store_.TransactionText(reversal.target), " is"));
  }
  if (change.order != target.order) {
    return InvalidRow(
        "order", Number(change), LedgerStore::IdText(store_.orders, change.order),
        absl::StrCat("the order of transaction ", store_.TransactionText(reversal.target)));
  }
  return CheckTaken(change, reversal.target);
}

// Whether `transaction` will be at least what its reversals will take back.
inline absl::Status LedgerCorrection::CheckTaken(const Change &change, uint32_t transaction) const {
  const int64_t amount = Final(transaction).amount;
  Int128 taken = 0;
  uint32_t r = store_.targets[store_.facts[transaction].record].first;
  for (; r != Fact::kNoRecord; r = store_.reversals[r].sibling) {
    taken -= Final(store_.reversals[r].fact).amount;
  }
  if (taken <= amount) return absl::OkStatus();
  return RowError(
      absl::StatusCode::kFailedPrecondition, "amount", Number(change),
      store_.MoneyText(change.amount),
      absl::StrCat("reversals of at most the ", store_.MoneyText(amount), " of transaction ",
                   store_.TransactionText(transaction), ", not ", store_.MoneyText(taken)));
}

inline absl::Status LedgerCorrection::Check() const {
  for (const Change &change : changes_) {
    const Fact &fact = store_.facts[change.code];
    if (fact.kind == FactKind::kReversal) PATRON_RETURN_IF_ERROR(CheckReversal(change, fact));
    if (fact.kind == FactKind::kReversed) PATRON_RETURN_IF_ERROR(CheckTaken(change, change.code));
  }
  return absl::OkStatus();
}

inline void LedgerCorrection::FindCustomers() {
  for (const Change &change : changes_) {
    const Fact &fact = store_.facts[change.code];
    if (!store_.InEffect(fact)) continue;
    customers_.push_back(fact.customer);
    customers_.push_back(change.customer);
  }
  std::ranges::sort(customers_);
  customers_.erase(std::unique(customers_.begin(), customers_.end()), customers_.end());
  uint64_t facts = 0;
  for (const uint32_t customer : customers_) facts += store_.states[customer].facts;
  scratch_.reserve(facts);
}

inline void LedgerCorrection::Apply(const Change &change) {
  Fact &fact = store_.facts[change.code];
  if (store_.InEffect(fact)) {
    if (change.time < fact.time && fact.time == store_.last_time) store_.last_time_stale = true;
    store_.last_time = std::max(store_.last_time, change.time);
  }
  const auto count = [this](const Fact &counted, uint64_t by) {
    (counted.order != kNone ? store_.ordered : store_.unordered) += by;
    // Whose purchases an order has is asked anew.
    if (counted.order != kNone) store_.order_owner[counted.order] = LedgerStore::kManyCustomers;
  };
  if (fact.kind == FactKind::kReversal) {
    Reversal &reversal = store_.reversals[fact.record];
    if (!reversal.held) {
      // Wraps around and back: only the sum after the last change is known to fit.
      int64_t &taken = store_.targets[store_.facts[reversal.target].record].taken;
      taken =
          static_cast<int64_t>(static_cast<uint64_t>(taken) + static_cast<uint64_t>(fact.amount) -
                               static_cast<uint64_t>(change.amount));
    }
    fact.customer = change.customer;
  } else {
    count(fact, ~uint64_t{0});
    fact.customer = change.customer;
    fact.order = change.order;
  }
  fact.time = change.time;
  fact.amount = change.amount;
  if (fact.IsTransaction()) count(fact, 1);
  if (fact.kind != FactKind::kReversed) return;
  uint32_t r = store_.targets[fact.record].first;
  for (; r != Fact::kNoRecord; r = store_.reversals[r].sibling) {
    store_.facts[store_.reversals[r].fact].customer = fact.customer;
  }
}

// Moves the facts in the chain of `customer` that are no longer that customer's.
inline void LedgerCorrection::Relink(uint32_t customer) {
  uint32_t *link = &store_.states[customer].head;
  while (*link != kNone) {
    const uint32_t code = *link;
    Fact &fact = store_.facts[code];
    if (fact.customer == customer) {
      link = &fact.next;
      continue;
    }
    *link = fact.next;
    uint32_t &head = store_.states[fact.customer].head;
    fact.next = head;
    head = code;
  }
}

inline absl::StatusOr<LedgerReport> LedgerCorrection::Run(const Execution &execution) {
  PATRON_RETURN_IF_ERROR(CheckLengths(rows_));
  LedgerReport report{.rows = rows_.size()};
  if (rows_.size() == 0) return report;
  if (rows_.size() >= kNone)
    return InvalidOption("rows", absl::StrCat(rows_.size()), "below 2^32 - 1");
  PATRON_RETURN_IF_ERROR(CheckOrderColumn(store_, rows_));
  PATRON_RETURN_IF_ERROR(CheckTimesAndAmounts(rows_.time, rows_.amount, rows_.numbers));
  LedgerStaging staging(&store_);
  PATRON_RETURN_IF_ERROR(ReadChanges(&staging));
  PATRON_RETURN_IF_ERROR(Check());
  DropKnown();
  FindCustomers();
  report.applied = changes_.size();
  report.duplicates = rows_.size() - changes_.size();
  MakeRoom(store_.changed, customers_.size());
  PATRON_RETURN_IF_ERROR(ReportProgress(execution, rows_.size(), rows_.size()));

  // Nothing below allocates or fails.
  staging.Commit();
  store_.BeginCall();
  for (const uint32_t customer : customers_) store_.Touch(customer);
  for (const Change &change : changes_) Apply(change);
  for (const uint32_t customer : customers_) Relink(customer);
  for (const uint32_t customer : customers_) store_.Recount(customer, &scratch_);
  report.new_customers = store_.call_new_customers;
  report.touched_customers = store_.call_customers;
  return report;
}

}  // namespace patron::value::detail::ledger

#endif  // PATRON_VALUE_LEDGER_CORRECT_HPP_
