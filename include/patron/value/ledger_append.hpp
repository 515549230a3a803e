// Appending transactions to a ledger: new facts, known ones, those that held reversals wait for.
#ifndef PATRON_VALUE_LEDGER_APPEND_HPP_
#define PATRON_VALUE_LEDGER_APPEND_HPP_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/make_room.hpp"
#include "patron/base/money.hpp"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/value/ledger_facts.hpp"
#include "patron/value/ledger_rows.hpp"
#include "patron/value/ledger_staging.hpp"

namespace patron::value::detail::ledger {

// Posts the transaction `code`, which has just been staged, and the reversals that waited for it.
// Those of all that is left come last. Does not allocate: `changed` has room.
inline void PostArrival(LedgerStore *store, uint32_t code) {
  Fact &fact = store->facts[code];
  store->Post(code);
  if (fact.kind != FactKind::kReversed) return;
  Target &target = store->targets[fact.record];
  for (const bool open : {false, true}) {
    for (uint32_t r = target.first; r != Fact::kNoRecord; r = store->reversals[r].sibling) {
      Reversal &reversal = store->reversals[r];
      Fact &taking = store->facts[reversal.fact];
      if (!reversal.held || (taking.amount == 0) != open) continue;
      if (open) taking.amount = -store->Left(fact);
      target.taken -= taking.amount;
      taking.customer = fact.customer;
      reversal.held = false;
      --store->held;
      store->Post(reversal.fact);
    }
  }
}

// Whether the reversals that wait for `code` can take effect on `arriving`.
inline absl::Status CheckArrival(const LedgerStore &store, uint32_t code, const Fact &arriving,
                                 uint64_t row) {
  const std::string id = store.TransactionText(code);
  Int128 taken = 0;
  uint32_t open = kNone;
  const Target &target = store.targets[store.facts[code].record];
  for (uint32_t r = target.first; r != Fact::kNoRecord; r = store.reversals[r].sibling) {
    const uint32_t reversal = store.reversals[r].fact;
    const Fact &taking = store.facts[reversal];
    if (taking.customer != kNone && taking.customer != arriving.customer) {
      return InvalidRow(
          "customer", row, store.CustomerText(arriving.customer),
          absl::StrCat(store.CustomerText(taking.customer), ", of whom held reversal ",
                       store.TransactionText(reversal), " takes back transaction ", id));
    }
    if (taking.amount == 0 && open != kNone) {
      return InvalidRow(
          "transaction", row, id,
          absl::StrCat("one that a single held reversal takes all that is left of, not both ",
                       store.TransactionText(open), " and ", store.TransactionText(reversal)));
    }
    if (taking.amount == 0) open = reversal;
    taken -= taking.amount;
  }
  if (open != kNone ? arriving.amount > taken : arriving.amount >= taken) return absl::OkStatus();
  return InvalidRow("amount", row, store.MoneyText(arriving.amount),
                    absl::StrCat(open != kNone ? "more than " : "at least ", store.MoneyText(taken),
                                 ", which held reversals take back of transaction ", id));
}

// Rows have orders if the transactions before them have, and have none if those have none.
inline absl::Status CheckOrderColumn(const LedgerStore &store, const LedgerRows &rows) {
  if (rows.order.empty() && store.ordered > 0) {
    return InvalidOption("order", "no column given", "one, as transactions before have orders");
  }
  if (!rows.order.empty() && store.unordered > 0) {
    return InvalidOption("order", "a column given", "none, as transactions before have no orders");
  }
  return absl::OkStatus();
}

// What a known fact differs in; empty if in nothing.
inline std::string_view Difference(const Fact &known, const Fact &given) {
  if (!known.IsTransaction()) return "as a reversal";
  if (known.customer != given.customer) return "with another customer";
  if (known.time != given.time) return "with another time";
  if (known.amount != given.amount) return "with another amount";
  if (known.order != given.order) return "with another order";
  return {};
}

// Counts known ids with other content, and remembers the first.
class ConflictCount {
 public:
  void Add(const LedgerStore &store, uint32_t code, uint64_t row, std::string_view difference) {
    if (count_++ > 0) return;
    message_ =
        absl::StrCat("transaction: row ", row, " is ", store.TransactionText(code), ", known ",
                     Text(difference), "; expected equal content or an id of its own");
  }
  uint64_t count() const { return count_; }
  absl::Status ToStatus() const {
    if (count_ == 0) return absl::OkStatus();
    if (count_ == 1) return absl::AlreadyExistsError(message_);
    return absl::AlreadyExistsError(absl::StrCat(message_, " (", count_, " rows in all)"));
  }

 private:
  std::string message_;
  uint64_t count_ = 0;
};

// Puts the staged facts into effect. Nothing after the reservation can fail.
inline void PostStaged(LedgerStore *store, LedgerStaging *staging, uint64_t most_customers,
                       LedgerReport *report) {
  MakeRoom(store->changed, most_customers);
  store->BeginCall();
  staging->Commit();
  staging->ForEachFilled([store](uint32_t code) {
    if (store->facts[code].IsTransaction())
      PostArrival(store, code);
    else if (store->InEffect(store->facts[code]))
      store->Post(code);
  });
  report->new_customers = store->call_new_customers;
  report->touched_customers = store->call_customers;
}

inline absl::StatusOr<LedgerReport> AppendRows(LedgerStore *store, const LedgerRows &rows,
                                               const LedgerOptions &options,
                                               const Execution &execution) {
  PATRON_RETURN_IF_ERROR(CheckLengths(rows));
  LedgerReport report{.rows = rows.size()};
  if (rows.size() == 0) return report;
  PATRON_RETURN_IF_ERROR(CheckOrderColumn(*store, rows));
  PATRON_RETURN_IF_ERROR(CheckTimesAndAmounts(rows.time, rows.amount, rows.numbers));

  LedgerStaging staging(store);
  std::vector<uint32_t> transactions, customers, orders;
  PATRON_RETURN_IF_ERROR(staging.EncodeTransactions(rows.transaction, &transactions));
  PATRON_RETURN_IF_ERROR(staging.EncodeCustomers(rows.customer, {}, &customers));
  PATRON_RETURN_IF_ERROR(staging.EncodeOrders(rows.order, {}, &orders));
  PATRON_RETURN_IF_ERROR(ReportProgress(execution, rows.size() / 3, rows.size()));

  ConflictCount conflicts;
  for (size_t row = 0; row < rows.size(); ++row) {
    const uint32_t code = transactions[row];
    const Fact given{.time = rows.time[row],
                     .amount = rows.amount[row],
                     .customer = customers[row],
                     .order = orders.empty() ? kNone : orders[row]};
    const Fact &known = store->facts[code];
    if (known.kind == FactKind::kAwaited) {
      if (known.record != Fact::kNoRecord) {
        PATRON_RETURN_IF_ERROR(CheckArrival(*store, code, given, RowNumber(rows.numbers, row)));
      }
      staging.Fill(code, given);
      ++report.applied;
    } else if (const std::string_view difference = Difference(known, given); difference.empty()) {
      ++report.duplicates;
    } else {
      conflicts.Add(*store, code, RowNumber(rows.numbers, row), difference);
    }
  }
  report.conflicts = conflicts.count();
  if (options.conflicts == LedgerConflicts::kError) PATRON_RETURN_IF_ERROR(conflicts.ToStatus());
  PATRON_RETURN_IF_ERROR(ReportProgress(execution, rows.size(), rows.size()));
  PostStaged(store, &staging, report.applied, &report);
  return report;
}

}  // namespace patron::value::detail::ledger

#endif  // PATRON_VALUE_LEDGER_APPEND_HPP_
