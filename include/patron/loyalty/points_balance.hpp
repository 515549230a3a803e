// What a ledger of points says on a day: expiry, balances, breakage; part of points_ledger.hpp.
#ifndef PATRON_LOYALTY_POINTS_BALANCE_HPP_
#define PATRON_LOYALTY_POINTS_BALANCE_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/loyalty/points_ledger.hpp"

namespace patron::loyalty {

inline absl::Status PointsLedger::ExpireUntil(int32_t day) {
  if (last_day_ != kNoPointsDay && day < last_day_) {
    return InvalidOption("until", FormatDay(day),
                         absl::StrCat("no day before the last posting, ", FormatDay(last_day_)));
  }
  size_t due = 0;
  for (const Lot &lot : lots_) due += lot.left > 0 && lot.expires <= day ? 1 : 0;
  if (due == 0) return absl::OkStatus();
  // Room for all comes first, so that the rest cannot fail.
  entries_.reserve(entries_.size() + 2 * due);
  expiries_.push_back({static_cast<uint32_t>(journal_.size()), day});
  for (uint32_t customer = 0; customer < accounts_.size(); ++customer) {
    const size_t before = entries_.size();
    Settle(customer, day);
    if (entries_.size() > before) accounts_[customer].last_day = day;
  }
  last_day_ = day;
  return absl::OkStatus();
}

inline PointsBalance PointsLedger::BalanceOf(uint32_t customer, int32_t day) const {
  PointsBalance balance;
  if (customer >= accounts_.size()) return balance;
  const Account &account = accounts_[customer];
  balance.available = -account.debt;
  balance.held = account.held;
  for (size_t i = account.first; i < account.lots.size(); ++i) {
    const Lot &lot = lots_[account.lots[i]];
    if (lot.left == 0 || lot.expires <= day) continue;
    (lot.available <= day ? balance.available : balance.pending) += lot.left;
    if (lot.expires == std::numeric_limits<int32_t>::max()) continue;
    if (balance.next_expiry == kNoPointsDay) balance.next_expiry = lot.expires;
    if (lot.expires == balance.next_expiry) balance.next_expiring += lot.left;
  }
  return balance;
}

inline Breakage PointsLedger::EstimateBreakage(int32_t day, double z) const {
  // Points that were moved or given back belong to the earning that they came from.
  std::vector<int64_t> matured(accounts_.size()), expired(accounts_.size());
  for (const Lot &lot : lots_) {
    if (lot.expires > day) continue;
    const uint32_t owner = journal_[lot.transaction].customer;
    if (lot.original) matured[owner] += lot.earned;
    expired[owner] += lot.expired + lot.left;
  }
  Breakage result;
  for (size_t c = 0; c < matured.size(); ++c) {
    if (matured[c] == 0) continue;
    ++result.customers;
    result.matured += matured[c];
    result.expired += expired[c];
  }
  if (result.matured == 0) return result;
  const auto total = static_cast<double>(result.matured);
  result.rate = static_cast<double>(result.expired) / total;
  if (result.customers < 2) return result;
  double squares = 0;
  for (size_t c = 0; c < matured.size(); ++c) {
    if (matured[c] == 0) continue;
    const double off =
        static_cast<double>(expired[c]) - result.rate * static_cast<double>(matured[c]);
    squares += off * off;
  }
  const auto n = static_cast<double>(result.customers);
  const double half = z * std::sqrt(squares * n / (n - 1)) / total;
  result.low = std::max(0.0, result.rate - half);
  result.high = std::min(1.0, result.rate + half);
  return result;
}

}  // namespace patron::loyalty

#endif  // PATRON_LOYALTY_POINTS_BALANCE_HPP_
