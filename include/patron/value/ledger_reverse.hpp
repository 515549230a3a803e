// Reversals in a ledger: taking known transactions back, holding back what is not known yet.
#ifndef PATRON_VALUE_LEDGER_REVERSE_HPP_
#define PATRON_VALUE_LEDGER_REVERSE_HPP_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/value/ledger_append.hpp"
#include "patron/value/ledger_facts.hpp"
#include "patron/value/ledger_rows.hpp"
#include "patron/value/ledger_staging.hpp"

namespace patron::value::detail::ledger {

// One row of reversals, ids as codes; kNone and 0 where the row says nothing.
struct GivenReversal {
  uint64_t row;  // Its number in messages.
  uint32_t code, target, customer, order;
  int64_t time;
  int64_t amount;
};

// The rows of a call as GivenReversals, checked one by one.
class ReversalReader {
 public:
  explicit ReversalReader(const ReversalRows &rows) : rows_(rows) {}

  // Errors: those of the columns as a whole.
  absl::Status Encode(LedgerStaging *staging) {
    PATRON_RETURN_IF_ERROR(staging->EncodeTransactions(rows_.transaction, &codes_));
    PATRON_RETURN_IF_ERROR(staging->EncodeTargets(rows_.target, rows_.has_target, &targets_));
    PATRON_RETURN_IF_ERROR(
        staging->EncodeCustomers(rows_.customer, rows_.has_customer, &customers_));
    return staging->EncodeOrders(rows_.order, rows_.has_order, &orders_);
  }

  // Errors: InvalidArgument if the row cannot be a reversal, whatever is known.
  absl::StatusOr<GivenReversal> Read(const LedgerStore &store, size_t row) const {
    const auto code_at = [row](const std::vector<uint32_t> &codes) {
      return codes.empty() ? kNone : codes[row];
    };
    GivenReversal given{.row = RowNumber(rows_.numbers, row),
                        .code = codes_[row],
                        .target = code_at(targets_),
                        .customer = code_at(customers_),
                        .order = code_at(orders_),
                        .time = rows_.time[row],
                        .amount = 0};
    if (Has(rows_.amount.size(), rows_.has_amount, row)) {
      given.amount = rows_.amount[row];
      if (given.amount <= 0) {
        return InvalidRow("amount", given.row, store.MoneyText(given.amount),
                          "more than 0: what is taken back");
      }
    }
    if (given.target == given.code) {
      return InvalidRow("target", given.row, store.TransactionText(given.code),
                        "another transaction than the reversal itself");
    }
    if (given.target != kNone) return given;
    if (given.customer == kNone) {
      return InvalidRow("customer", given.row, "null", "a customer, as the row stands alone");
    }
    if (given.amount == 0) {
      return InvalidRow("amount", given.row, "null", "an amount, as the row stands alone");
    }
    return given;
  }

 private:
  const ReversalRows &rows_;
  std::vector<uint32_t> codes_, targets_, customers_, orders_;
};

// Whether a row that stands alone has an order as the transactions before it do. `with_orders` is
// what the first such row of the call said.
inline absl::Status CheckOrderOf(const GivenReversal &given, const LedgerStore &store,
                                 std::optional<bool> with_orders) {
  const bool has_order = given.order != kNone;
  if (store.ordered > 0) with_orders = true;
  if (store.unordered > 0) with_orders = false;
  if (has_order == with_orders.value_or(has_order)) return absl::OkStatus();
  if (has_order) {
    return InvalidRow("order", given.row, LedgerStore::IdText(store.orders, given.order),
                      "none, as transactions before have no orders");
  }
  return InvalidRow("order", given.row, "null",
                    "an order, as the row stands alone and transactions before have orders");
}

// What a known fact differs in from a reversal that was given again; empty if in nothing. What the
// row does not say it does not differ in.
inline std::string_view ReversalDifference(const LedgerStore &store, const Fact &known,
                                           const GivenReversal &given) {
  const bool is_reversal = known.kind == FactKind::kReversal;
  if (is_reversal != (given.target != kNone)) return "as something else";
  if (is_reversal && store.reversals[known.record].target != given.target) {
    return "with another target";
  }
  if (known.time != given.time) return "with another time";
  if (given.amount != 0 && known.amount != -given.amount) return "with another amount";
  if (given.customer != kNone && known.customer != given.customer) return "with another customer";
  if (!is_reversal && given.order != kNone && known.order != given.order)
    return "with another order";
  return {};
}

// Stages a row whose own id is new and whose target is known.
inline absl::Status StageReversal(const LedgerStore &store, const GivenReversal &given,
                                  LedgerStaging *staging) {
  const Fact &target = store.facts[given.target];
  const std::string id = store.TransactionText(given.target);
  if (!target.IsTransaction() || target.amount < 0) {
    return InvalidRow(
        "target", given.row, id,
        target.IsTransaction() ? "a purchase, not a refund" : "a purchase, not a reversal");
  }
  if (given.customer != kNone && given.customer != target.customer) {
    return InvalidRow(
        "customer", given.row, store.CustomerText(given.customer),
        absl::StrCat(store.CustomerText(target.customer), ", whose transaction ", id, " is"));
  }
  const int64_t left = store.Left(target);
  if (left == 0 && given.amount == 0) {
    return InvalidRow("target", given.row, id, "a transaction of which something is left");
  }
  if (given.amount > left) {
    return InvalidRow(
        "amount", given.row, store.MoneyText(given.amount),
        absl::StrCat("at most ", store.MoneyText(left), ", which is left of transaction ", id));
  }
  const int64_t taken = given.amount == 0 ? left : given.amount;
  const Fact content{.time = given.time, .amount = -taken, .customer = target.customer};
  return staging->AddReversal(given.code, content, given.target, /*held=*/false);
}

inline absl::StatusOr<LedgerReport> ReverseRows(LedgerStore *store, const ReversalRows &rows,
                                                const LedgerOptions &options,
                                                const Execution &execution) {
  PATRON_RETURN_IF_ERROR(CheckLengths(rows));
  LedgerReport report{.rows = rows.size()};
  if (rows.size() == 0) return report;
  PATRON_RETURN_IF_ERROR(CheckTimesAndAmounts(rows.time, {}, rows.numbers));

  LedgerStaging staging(store);
  ReversalReader reader(rows);
  PATRON_RETURN_IF_ERROR(reader.Encode(&staging));
  PATRON_RETURN_IF_ERROR(ReportProgress(execution, rows.size() / 3, rows.size()));

  ConflictCount conflicts;
  std::optional<bool> with_orders;
  for (size_t row = 0; row < rows.size(); ++row) {
    PATRON_ASSIGN_OR_RETURN(const GivenReversal given, reader.Read(*store, row));
    if (given.target == kNone) {
      PATRON_RETURN_IF_ERROR(CheckOrderOf(given, *store, with_orders));
    }
    const Fact &own = store->facts[given.code];
    if (own.kind != FactKind::kAwaited) {
      const std::string_view difference = ReversalDifference(*store, own, given);
      if (difference.empty())
        ++report.duplicates;
      else
        conflicts.Add(*store, given.code, given.row, difference);
      continue;
    }
    if (own.record != Fact::kNoRecord) {
      const uint32_t waiting = store->reversals[store->targets[own.record].first].fact;
      return InvalidRow("transaction", given.row, store->TransactionText(given.code),
                        absl::StrCat("a purchase, as reversal ", store->TransactionText(waiting),
                                     " waits to take it back"));
    }
    const Fact content{.time = given.time,
                       .amount = -given.amount,
                       .customer = given.customer,
                       .order = given.target == kNone ? given.order : kNone};
    if (given.target == kNone) {
      with_orders = given.order != kNone;
      staging.Fill(given.code, content);
      ++report.applied;
    } else if (store->facts[given.target].kind != FactKind::kAwaited) {
      PATRON_RETURN_IF_ERROR(StageReversal(*store, given, &staging));
      ++report.applied;
    } else if (options.unknown == UnknownTargets::kHold) {
      PATRON_RETURN_IF_ERROR(staging.AddReversal(given.code, content, given.target, /*held=*/true));
      ++report.held;
    } else {
      return RowError(absl::StatusCode::kNotFound, "target", given.row,
                      store->TransactionText(given.target), "a known transaction");
    }
  }
  report.conflicts = conflicts.count();
  if (options.conflicts == LedgerConflicts::kError) PATRON_RETURN_IF_ERROR(conflicts.ToStatus());
  PATRON_RETURN_IF_ERROR(ReportProgress(execution, rows.size(), rows.size()));
  PostStaged(store, &staging, report.applied, &report);
  return report;
}

}  // namespace patron::value::detail::ledger

#endif  // PATRON_VALUE_LEDGER_REVERSE_HPP_
