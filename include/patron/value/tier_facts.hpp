// The facts of a tier programme: purchases, returns and levels set by hand, of every customer.
#ifndef PATRON_VALUE_TIER_FACTS_HPP_
#define PATRON_VALUE_TIER_FACTS_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/ids.hpp"
#include "patron/base/money.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/value/customer_runs.hpp"
#include "patron/value/tier_fold.hpp"
#include "patron/value/tier_policy.hpp"

namespace patron::value {

// Purchases and returns, in any order. The spans have equal lengths, but `transaction` and `reverses`
// may be empty.
//
// A negative amount is a return. Where `reverses` names a transaction (`reverses_valid` is 1 or
// empty), it takes back that purchase in the windows that hold the purchase; else it counts on its
// own day. The purchase may be in the same rows or in earlier ones.
struct TierRows {
  IdSpan customer;
  std::span<const int64_t> time;    // Microseconds since 1970-01-01 UTC.
  std::span<const int64_t> amount;  // Money units of the policy's decimals.
  IdSpan transaction;
  IdSpan reverses;
  std::span<const uint8_t> reverses_valid;

  size_t size() const { return time.size(); }
};

// Levels set by hand: `level` is a place in the policy's levels.
struct ManualTierRows {
  IdSpan customer;
  std::span<const int32_t> level;
  std::span<const uint8_t> is_override;  // Else a floor.
  std::span<const int32_t> from;         // Day; in force from its first instant,
  std::span<const int32_t> until;        // up to that of this day.
};

namespace detail {

// Everything that is known of the customers of a programme.
class TierFacts {
 public:
  explicit TierFacts(CivilDays days) : days_(std::move(days)) {}

  // Errors: InvalidArgument naming column and row: lengths or kinds of ids that differ, a transaction
  // that is there already, a return that reverses an unknown one, one of another customer, or more
  // than is left of it, an amount that does not fit `reverses`. Then nothing is added.
  absl::Status Append(const TierPolicy &policy, const TierRows &rows);

  // Errors: InvalidArgument for a level that is none or a span of no days.
  absl::Status SetByHand(const TierPolicy &policy, const ManualTierRows &rows);

  const IdIndex &customers() const { return customers_; }
  std::span<const TierFact> facts(uint32_t customer) const { return facts_[customer]; }
  std::span<const ManualTier> manual(uint32_t customer) const { return manual_[customer]; }
  uint64_t rows() const { return facts_.size(); }
  int32_t first_day() const { return first_day_; }  // kNoDay without facts.
  int32_t last_day() const { return last_day_; }    // Of a fact, or of a start by hand.

 private:
  struct Purchase {
    uint32_t customer;
    int32_t day;
    int64_t left;
    int64_t amount;
  };
  struct Staged {
    std::vector<uint32_t> customers, transactions;
    std::vector<TierFact> facts;
    std::vector<std::pair<uint32_t, int64_t>> taken;  // What was left of purchases before.
  };

  absl::Status Stage(const TierPolicy &policy, const TierRows &rows, Staged &staged);
  absl::Status StageReturns(const TierPolicy &policy, const TierRows &rows, Staged &staged);
  absl::Status EnsureKind(const IdSpan &ids, std::string_view column);

  CivilDays days_;
  IdIndex customers_, transactions_;
  bool kinds_known_ = false, transaction_kind_known_ = false;
  std::vector<Purchase> purchases_;  // By code of the transaction.
  CustomerRuns<TierFact> facts_;
  CustomerRuns<ManualTier> manual_;
  int32_t first_day_ = kNoDay, last_day_ = kNoDay;
  int32_t manual_count_ = 0;
};

inline absl::Status TierFacts::EnsureKind(const IdSpan &ids, std::string_view column) {
  if (!kinds_known_ && customers_.size() == 0) {
    customers_ = IdIndex(ids.is_text());
    kinds_known_ = true;
  }
  if (ids.is_text() == customers_.is_text()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(Text(column), ": ", ids.is_text() ? "text" : "integers", "; expected ",
                   customers_.is_text() ? "text" : "integers", " as before"));
}

inline absl::Status TierFacts::Stage(const TierPolicy &policy, const TierRows &rows,
                                     Staged &staged) {
  const size_t n = rows.size();
  staged.customers.resize(n);
  staged.facts.resize(n);
  PATRON_RETURN_IF_ERROR(customers_.Encode(rows.customer, staged.customers));
  const auto is_return = [&](size_t i) {
    return !rows.reverses.empty() && (rows.reverses_valid.empty() || rows.reverses_valid[i] != 0);
  };
  for (size_t i = 0; i < n; ++i) {
    const int32_t day = days_.DayOf(rows.time[i]);
    const int64_t amount = rows.amount[i];
    if (is_return(i) && amount > 0) {
      return InvalidRow("amount", i, FormatMoney(amount, policy.decimals),
                        "no positive amount where a transaction is reversed");
    }
    const int64_t gives =
        policy.metric == TierMetric::kSum ? amount : static_cast<int64_t>(amount >= 0);
    staged.facts[i] = {day, day, gives};
  }
  if (rows.transaction.empty()) return absl::OkStatus();

  const size_t before = transactions_.size();
  staged.transactions.resize(n);
  PATRON_RETURN_IF_ERROR(transactions_.Encode(rows.transaction, staged.transactions));
  purchases_.reserve(transactions_.size());
  size_t expected = before;
  for (size_t i = 0; i < n; ++i, ++expected) {
    if (staged.transactions[i] != expected) {
      return InvalidRow("transaction", i, absl::StrCat(FormatId(rows.transaction, i), " again"),
                        "every transaction once");
    }
    // A return is no purchase: nothing is left of it to take back.
    const int64_t amount = is_return(i) ? -1 : rows.amount[i];
    purchases_.push_back({staged.customers[i], staged.facts[i].known, amount, amount});
  }
  return absl::OkStatus();
}

inline absl::Status TierFacts::StageReturns(const TierPolicy &policy, const TierRows &rows,
                                            Staged &staged) {
  for (size_t i = 0; i < rows.size(); ++i) {
    if (!rows.reverses_valid.empty() && rows.reverses_valid[i] == 0) continue;
    const uint32_t code = rows.reverses.is_text() ? transactions_.Find(rows.reverses.text()[i])
                                                  : transactions_.Find(rows.reverses.integers()[i]);
    const std::string id = FormatId(rows.reverses, i);
    if (code == IdIndex::kUnknown || purchases_[code].amount < 0) {
      return InvalidRow("reverses", i, id, "a purchase of these rows or of earlier ones");
    }
    Purchase &purchase = purchases_[code];
    if (purchase.customer != staged.customers[i]) {
      return InvalidRow("reverses", i, id, "a purchase of the same customer");
    }
    TierFact &fact = staged.facts[i];
    if (fact.known < purchase.day) {
      return InvalidRow("time", i, FormatDay(fact.known),
                        absl::StrCat("no day before the purchase of ", FormatDay(purchase.day)));
    }
    if (-rows.amount[i] > purchase.left) {
      return InvalidRow("amount", i, FormatMoney(rows.amount[i], policy.decimals),
                        absl::StrCat("at most what is left of ", id, ", ",
                                     FormatMoney(purchase.left, policy.decimals)));
    }
    staged.taken.emplace_back(code, purchase.left);
    const bool was_there = purchase.left > 0;
    purchase.left += rows.amount[i];
    fact.counts = purchase.day;
    if (policy.metric == TierMetric::kPurchases) {
      fact.gives = was_there && purchase.left == 0 ? -1 : 0;
    }
  }
  return absl::OkStatus();
}

inline absl::Status TierFacts::Append(const TierPolicy &policy, const TierRows &rows) {
  const size_t n = rows.size();
  if (rows.customer.size() != n || rows.amount.size() != n ||
      (!rows.transaction.empty() && rows.transaction.size() != n) ||
      (!rows.reverses.empty() && rows.reverses.size() != n)) {
    return absl::InvalidArgumentError("transactions: columns differ in length");
  }
  if (n == 0) return absl::OkStatus();
  PATRON_RETURN_IF_ERROR(EnsureKind(rows.customer, "customer"));
  if (!rows.transaction.empty() && !transaction_kind_known_) {
    transactions_ = IdIndex(rows.transaction.is_text());
    transaction_kind_known_ = true;
  }
  if (!rows.reverses.empty() &&
      (!transaction_kind_known_ || rows.reverses.is_text() != transactions_.is_text())) {
    return absl::InvalidArgumentError(
        "reverses: ids of another kind than those of transactions; expected the same kind");
  }
  const size_t customers = customers_.size(), transactions = transactions_.size();
  Staged staged;
  const auto undo = [&] {
    for (size_t i = staged.taken.size(); i-- > 0;) {
      purchases_[staged.taken[i].first].left = staged.taken[i].second;
    }
    purchases_.resize(std::min(purchases_.size(), transactions));
    transactions_.Truncate(transactions);
    customers_.Truncate(customers);
  };
  try {
    absl::Status status = Stage(policy, rows, staged);
    if (status.ok() && !rows.reverses.empty()) status = StageReturns(policy, rows, staged);
    if (!status.ok()) {
      undo();
      return status;
    }
    facts_.Add(customers_.size(), staged.customers, staged.facts);
  } catch (...) {
    undo();
    throw;
  }
  for (const TierFact &fact : staged.facts) {
    first_day_ = first_day_ == kNoDay ? fact.known : std::min(first_day_, fact.known);
    last_day_ = std::max(last_day_, fact.known);
  }
  return absl::OkStatus();
}

inline absl::Status TierFacts::SetByHand(const TierPolicy &policy, const ManualTierRows &rows) {
  const size_t n = rows.customer.size();
  if (rows.level.size() != n || rows.is_override.size() != n || rows.from.size() != n ||
      rows.until.size() != n) {
    return absl::InvalidArgumentError("manual: columns differ in length");
  }
  if (n == 0) return absl::OkStatus();
  PATRON_RETURN_IF_ERROR(EnsureKind(rows.customer, "customer"));
  std::vector<uint32_t> codes(n);
  std::vector<ManualTier> entries(n);
  for (size_t i = 0; i < n; ++i) {
    if (rows.level[i] < 0 || static_cast<size_t>(rows.level[i]) >= policy.levels.size()) {
      return InvalidRow("tier", i, std::to_string(rows.level[i]), "a level of the policy");
    }
    if (rows.from[i] >= rows.until[i]) {
      return InvalidRow("end", i, FormatDay(rows.until[i]),
                        absl::StrCat("a day after the start, ", FormatDay(rows.from[i])));
    }
    entries[i] = {.from = rows.from[i],
                  .until = rows.until[i],
                  .sequence = manual_count_ + static_cast<int32_t>(i),
                  .level = static_cast<int8_t>(rows.level[i]),
                  .is_override = rows.is_override[i] != 0};
  }
  const size_t customers = customers_.size();
  try {
    PATRON_RETURN_IF_ERROR(customers_.Encode(rows.customer, codes));
    manual_.Add(customers_.size(), codes, entries);
  } catch (...) {
    customers_.Truncate(customers);
    throw;
  }
  manual_count_ += static_cast<int32_t>(n);
  last_day_ = std::max(last_day_, *std::ranges::max_element(rows.from));
  return absl::OkStatus();
}

}  // namespace detail
}  // namespace patron::value

#endif  // PATRON_VALUE_TIER_FACTS_HPP_
