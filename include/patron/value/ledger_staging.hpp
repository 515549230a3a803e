// Staging: rows are put beside the facts of a ledger, checked, then all kept or all taken back.
#ifndef PATRON_VALUE_LEDGER_STAGING_HPP_
#define PATRON_VALUE_LEDGER_STAGING_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "patron/base/column.hpp"
#include "patron/base/ids.hpp"
#include "patron/base/make_room.hpp"
#include "patron/base/status.hpp"
#include "patron/value/ledger_facts.hpp"
#include "patron/value/ledger_rows.hpp"

namespace patron::value::detail::ledger {

// Undoes what it has put into the store, unless Commit is called. What is staged is not in effect:
// no state and no chain of a customer knows of it.
class LedgerStaging {
 public:
  explicit LedgerStaging(LedgerStore *store)
      : store_(*store),
        transactions_(store->transactions.size()),
        customers_(store->customers.size()),
        orders_(store->orders.size()),
        reversals_(store->reversals.size()),
        targets_(store->targets.size()) {}
  ~LedgerStaging() {
    if (!committed_) RollBack();
  }
  LedgerStaging(const LedgerStaging &) = delete;
  LedgerStaging &operator=(const LedgerStaging &) = delete;

  // Codes of ids, new ones added; kNone where the mask says that there is no id.
  // Errors: InvalidArgument if the ids are of another kind than before; ResourceExhausted.
  absl::Status EncodeTransactions(const IdSpan &ids, std::vector<uint32_t> *codes);
  absl::Status EncodeTargets(const IdSpan &ids, std::span<const uint8_t> mask,
                             std::vector<uint32_t> *codes);
  absl::Status EncodeCustomers(const IdSpan &ids, std::span<const uint8_t> mask,
                               std::vector<uint32_t> *codes);
  absl::Status EncodeOrders(const IdSpan &ids, std::span<const uint8_t> mask,
                            std::vector<uint32_t> *codes);

  // Gives a fact that is awaited its content. Its target record, if it has one, stays.
  void Fill(uint32_t code, const Fact &content);
  // Makes the awaited fact `code` a reversal of the fact `target`.
  // Errors: ResourceExhausted past 2^30 - 1 reversals.
  absl::Status AddReversal(uint32_t code, const Fact &content, uint32_t target, bool held);

  // The facts that have been filled, in order.
  template <typename Function>
  void ForEachFilled(const Function &function) const {
    constexpr uint32_t kAhead = 16;
    for (const uint32_t code : filled_) function(code);
    const auto end = static_cast<uint32_t>(store_.facts.size());
    for (auto code = static_cast<uint32_t>(transactions_); code < end; ++code) {
      if (end - code > kAhead) store_.Prefetch(code + kAhead);
      if (store_.facts[code].kind != FactKind::kAwaited) function(code);
    }
  }

  void Commit();

 private:
  absl::Status Encode(std::string_view column, const IdSpan &ids, std::span<const uint8_t> mask,
                      IdIndex *index, std::vector<uint32_t> *codes);
  void RollBack();

  LedgerStore &store_;
  const size_t transactions_, customers_, orders_, reversals_, targets_;  // Sizes before.
  std::vector<uint32_t> filled_;  // Facts that were there before, as awaited ones.
  bool committed_ = false;
};

// An error about a row that is no InvalidArgument.
inline absl::Status RowError(absl::StatusCode code, std::string_view column, uint64_t row,
                             std::string_view value, std::string_view expected, uint64_t rows = 1) {
  return absl::Status(code, InvalidRow(column, row, value, expected, rows).message());
}

// Errors: InvalidArgument if a time is kNoTime, OutOfRange if an amount cannot be negated.
inline absl::Status CheckTimesAndAmounts(std::span<const int64_t> times,
                                         std::span<const int64_t> amounts,
                                         std::span<const uint64_t> numbers) {
  const auto check = [&](std::span<const int64_t> values) -> std::pair<size_t, uint64_t> {
    const auto first = std::ranges::find(values, std::numeric_limits<int64_t>::min());
    if (first == values.end()) return {0, 0};
    return {static_cast<size_t>(first - values.begin()),
            static_cast<uint64_t>(std::ranges::count(values, *first))};
  };
  if (const auto [row, count] = check(times); count > 0) {
    return InvalidRow("time", RowNumber(numbers, row), absl::StrCat(times[row]),
                      "an instant above the least int64", count);
  }
  if (const auto [row, count] = check(amounts); count > 0) {
    return RowError(absl::StatusCode::kOutOfRange, "amount", RowNumber(numbers, row),
                    absl::StrCat(amounts[row]), "an amount that can be negated", count);
  }
  return absl::OkStatus();
}

inline absl::Status LedgerStaging::Encode(std::string_view column, const IdSpan &ids,
                                          std::span<const uint8_t> mask, IdIndex *index,
                                          std::vector<uint32_t> *codes) {
  if (!mask.empty()) {
    // Only ids that are there may be looked at.
    std::vector<int64_t> integers;
    std::vector<std::string_view> text;
    for (size_t row = 0; row < ids.size(); ++row) {
      if (mask[row] == 0) continue;
      if (ids.is_text())
        text.push_back(ids.text()[row]);
      else
        integers.push_back(ids.integers()[row]);
    }
    std::vector<uint32_t> dense;
    const IdSpan present = ids.is_text() ? IdSpan(std::span<const std::string_view>(text))
                                         : IdSpan(std::span<const int64_t>(integers));
    PATRON_RETURN_IF_ERROR(Encode(column, present, {}, index, &dense));
    codes->assign(ids.size(), kNone);
    for (size_t row = 0, at = 0; row < ids.size(); ++row) {
      if (mask[row] != 0) (*codes)[row] = dense[at++];
    }
    return absl::OkStatus();
  }
  codes->resize(ids.size());
  if (ids.empty()) return absl::OkStatus();
  if (index->size() == 0 && index->is_text() != ids.is_text()) *index = IdIndex(ids.is_text());
  if (index->is_text() != ids.is_text()) {
    return InvalidOption(column, ids.is_text() ? "text" : "integers",
                         index->is_text() ? "text, as before" : "integers, as before");
  }
  return index->Encode(ids, *codes);
}

inline absl::Status LedgerStaging::EncodeTransactions(const IdSpan &ids,
                                                      std::vector<uint32_t> *codes) {
  PATRON_RETURN_IF_ERROR(Encode("transaction", ids, {}, &store_.transactions, codes));
  store_.facts.Resize(store_.transactions.size(), Fact{});
  return absl::OkStatus();
}

inline absl::Status LedgerStaging::EncodeTargets(const IdSpan &ids, std::span<const uint8_t> mask,
                                                 std::vector<uint32_t> *codes) {
  PATRON_RETURN_IF_ERROR(Encode("target", ids, mask, &store_.transactions, codes));
  store_.facts.Resize(store_.transactions.size(), Fact{});
  return absl::OkStatus();
}

inline absl::Status LedgerStaging::EncodeCustomers(const IdSpan &ids, std::span<const uint8_t> mask,
                                                   std::vector<uint32_t> *codes) {
  PATRON_RETURN_IF_ERROR(Encode("customer", ids, mask, &store_.customers, codes));
  store_.states.Resize(store_.customers.size(), CustomerState{});
  return absl::OkStatus();
}

inline absl::Status LedgerStaging::EncodeOrders(const IdSpan &ids, std::span<const uint8_t> mask,
                                                std::vector<uint32_t> *codes) {
  PATRON_RETURN_IF_ERROR(Encode("order", ids, mask, &store_.orders, codes));
  store_.order_owner.Resize(store_.orders.size(), kNone);
  return absl::OkStatus();
}

inline void LedgerStaging::Fill(uint32_t code, const Fact &content) {
  if (code < transactions_) filled_.push_back(code);
  Fact &fact = store_.facts[code];
  const uint32_t record = fact.record;
  fact = content;
  fact.next = kNone;
  fact.kind = record == Fact::kNoRecord ? FactKind::kTransaction : FactKind::kReversed;
  fact.record = record;
}

inline absl::Status LedgerStaging::AddReversal(uint32_t code, const Fact &content, uint32_t target,
                                               bool held) {
  if (store_.reversals.size() >= Fact::kNoRecord) {
    return absl::ResourceExhaustedError(
        absl::StrCat("transaction: more than ", Fact::kNoRecord, " reversals"));
  }
  MakeRoom(store_.reversals, 1);
  MakeRoom(store_.targets, 1);
  if (code < transactions_) filled_.push_back(code);
  Fact &taken_back = store_.facts[target];
  if (taken_back.record == Fact::kNoRecord) {
    if (taken_back.kind == FactKind::kTransaction) taken_back.kind = FactKind::kReversed;
    taken_back.record = static_cast<uint32_t>(store_.targets.size());
    store_.targets.push_back({.fact = target});
  }
  Target &record = store_.targets[taken_back.record];
  Fact &fact = store_.facts[code];
  fact = content;
  fact.next = kNone;
  fact.kind = FactKind::kReversal;
  fact.record = static_cast<uint32_t>(store_.reversals.size());
  store_.reversals.push_back(
      {.fact = code, .target = target, .sibling = record.first, .held = held});
  record.first = fact.record;
  if (!held) record.taken -= fact.amount;
  return absl::OkStatus();
}

inline void LedgerStaging::Commit() {
  for (const uint32_t code : filled_) {
    store_.awaited -= store_.facts[code].kind != FactKind::kAwaited;
  }
  for (size_t code = transactions_; code < store_.facts.size(); ++code) {
    store_.awaited += store_.facts[code].kind == FactKind::kAwaited;
  }
  for (size_t i = reversals_; i < store_.reversals.size(); ++i) {
    store_.held += store_.reversals[i].held;
  }
  committed_ = true;
}

inline void LedgerStaging::RollBack() {
  // Last in, first out: each step finds what the steps after it have left.
  while (store_.reversals.size() > reversals_) {
    const Reversal &last = store_.reversals.back();
    Target &target = store_.targets[store_.facts[last.target].record];
    target.first = last.sibling;
    if (!last.held) target.taken += store_.facts[last.fact].amount;
    store_.facts[last.fact] = Fact{};
    store_.reversals.pop_back();
  }
  while (store_.targets.size() > targets_) {
    Fact &fact = store_.facts[store_.targets.back().fact];
    if (fact.kind == FactKind::kReversed) fact.kind = FactKind::kTransaction;
    fact.record = Fact::kNoRecord;
    store_.targets.pop_back();
  }
  for (const uint32_t code : filled_) {
    const uint32_t record = store_.facts[code].record;
    store_.facts[code] = Fact{};
    store_.facts[code].record = record;
  }
  store_.facts.Resize(transactions_, Fact{});
  store_.states.Resize(customers_, CustomerState{});
  store_.order_owner.Resize(orders_, kNone);
  store_.transactions.Truncate(transactions_);
  store_.customers.Truncate(customers_);
  store_.orders.Truncate(orders_);
}

}  // namespace patron::value::detail::ledger

#endif  // PATRON_VALUE_LEDGER_STAGING_HPP_
