#include "proto/totals.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "patron/base/money.hpp"
#include "patron/base/status.hpp"
#include "proto/envelope.hpp"
#include "proto/ids.hpp"
#include "proto/lists.hpp"
#include "state/state.hpp"

namespace patron::proto {
namespace {

using value::CustomerTotal;
using value::CustomerTotals;
using value::PurchaseUnit;

void WriteCounts(const value::RowReport &report, v1::RowCounts &counts) {
  counts.set_rows(report.rows);
  counts.set_used(report.used);
  counts.set_skipped_null(report.skipped_null);
  counts.set_skipped_late(report.skipped_late);
  counts.set_skipped_zero(report.skipped_zero);
  counts.set_refunds(report.refunds);
}

// Rows are counted once each, and no more than a state may see.
absl::StatusOr<value::RowReport> ReadRowCounts(const v1::RowCounts &counts) {
  if (!counts.unknown_fields().empty()) return NotOurs("counts: unknown field");
  const uint64_t left_out[] = {counts.skipped_null(), counts.skipped_late(), counts.skipped_zero()};
  uint64_t rest = counts.rows();
  bool fits = rest <= state::kMostStateRows && counts.used() <= rest;
  if (fits) rest -= counts.used();
  for (const uint64_t rows : left_out) {
    fits = fits && rows <= rest;
    if (fits) rest -= rows;
  }
  if (!fits || counts.refunds() > counts.rows()) return NotOurs("counts: do not add up");
  value::RowReport report;
  report.rows = counts.rows();
  report.used = counts.used();
  report.skipped_null = counts.skipped_null();
  report.skipped_late = counts.skipped_late();
  report.skipped_zero = counts.skipped_zero();
  report.refunds = counts.refunds();
  return report;
}

template <typename Message>
void WriteSums(const CustomerTotals &totals, std::span<const uint32_t> codes, Message &message) {
  WriteIds(totals.customers().List(codes).span(), *message.mutable_customers());
  message.mutable_sum_low()->Reserve(static_cast<int>(codes.size()));
  message.mutable_sum_high()->Reserve(static_cast<int>(codes.size()));
  for (const uint32_t code : codes) {
    const Int128 sum = totals.total(code).sum;
    message.add_sum_low(static_cast<uint64_t>(sum));
    message.add_sum_high(static_cast<int64_t>(sum >> 64));
  }
}

// Sums that `used` rows can have.
template <typename Message>
absl::StatusOr<std::vector<Int128>> ReadSums(const Message &message, size_t customers,
                                             uint64_t used) {
  if (static_cast<size_t>(message.sum_low_size()) != customers ||
      static_cast<size_t>(message.sum_high_size()) != customers) {
    return NotOurs("sums: lists differ in length");
  }
  const Int128 most = static_cast<Int128>(used) * std::numeric_limits<int64_t>::max();
  std::vector<Int128> sums(customers);
  for (size_t i = 0; i < customers; ++i) {
    const auto high =
        static_cast<Uint128>(static_cast<uint64_t>(message.sum_high(static_cast<int>(i))));
    sums[i] = static_cast<Int128>(high << 64 | message.sum_low(static_cast<int>(i)));
    if (sums[i] > most || sums[i] < -most) return NotOurs("sums: more than the rows can have");
  }
  return sums;
}

// Puts customers into empty totals, in the order of their ids.
absl::Status RestoreCustomers(const IdList &customers, std::span<const CustomerTotal> all,
                              CustomerTotals &totals) {
  const IdSpan ids = customers.span();
  for (size_t i = 0; i < all.size(); ++i) {
    PATRON_RETURN_IF_ERROR(totals.Restore(ids.subspan(i, 1), all[i]));
  }
  return absl::OkStatus();
}

// The purchases of each customer that are told apart, with text orders by their places.
void WriteKeys(const CustomerTotals &totals, std::span<const uint32_t> codes,
               v1::RfmState &message) {
  const IdIndex &orders = totals.orders();
  const auto customers = static_cast<uint32_t>(totals.customers().size());
  value::DistinctKeys keys = totals.keys();
  keys.Compact(customers);
  const std::span<const value::DistinctKeys::Pair> pairs = keys.pairs();
  std::vector<size_t> begin(size_t{customers} + 1);
  for (const auto &pair : pairs) ++begin[pair.customer + 1];
  for (size_t c = 1; c < begin.size(); ++c) begin[c] += begin[c - 1];

  // With days, orders may be text that is not kept.
  const bool text = totals.rule().unit == PurchaseUnit::kOrder && orders.is_text();
  message.set_text_orders(customers > 0 && text);
  std::vector<uint32_t> place(orders.size());
  std::vector<uint32_t> used_orders;
  if (text) {
    std::vector<bool> used(orders.size());
    for (const auto &pair : pairs) used[static_cast<size_t>(pair.key)] = true;
    for (const uint32_t code : orders.Ascending()) {
      if (!used[code]) continue;
      place[code] = static_cast<uint32_t>(used_orders.size());
      used_orders.push_back(code);
    }
  }
  WriteIds(orders.List(used_orders).span(), *message.mutable_order_text());
  std::vector<int64_t> own;
  message.mutable_key()->Reserve(static_cast<int>(pairs.size()));
  for (const uint32_t code : codes) {
    own.clear();
    for (size_t i = begin[code]; i < begin[code + 1]; ++i) {
      own.push_back(text ? place[static_cast<size_t>(pairs[i].key)] : pairs[i].key);
    }
    std::ranges::sort(own);
    message.add_keys(static_cast<uint32_t>(own.size()));
    message.mutable_key()->Add(own.begin(), own.end());
  }
}

absl::Status ReadKeys(const v1::RfmState &message, std::span<const CustomerTotal> all,
                      PurchaseUnit unit, const IdList &order_text, CustomerTotals &totals) {
  if (message.keys().empty() && message.key().empty() && order_text.size() == 0 &&
      (unit == PurchaseUnit::kRow || all.empty())) {
    return absl::OkStatus();
  }
  if (unit == PurchaseUnit::kRow || static_cast<size_t>(message.keys_size()) != all.size()) {
    return NotOurs("keys: lists differ in length");
  }
  std::vector<uint32_t> codes(order_text.size());
  if (message.text_orders()) {
    PATRON_RETURN_IF_ERROR(totals.orders().Encode(order_text.span(), codes));
  } else if (order_text.size() > 0) {
    return NotOurs("keys: text of orders that are integers");
  }
  std::vector<bool> used(order_text.size());
  size_t at = 0;
  for (uint32_t customer = 0; customer < all.size(); ++customer) {
    const size_t count = message.keys(static_cast<int>(customer));
    const uint64_t purchases = all[customer].purchases;
    if (count > static_cast<size_t>(message.key_size()) - at || count > purchases ||
        (count == 0) != (purchases == 0)) {
      return NotOurs("keys: more or fewer than purchases");
    }
    for (size_t i = 0; i < count; ++i, ++at) {
      const int64_t key = message.key(static_cast<int>(at));
      if (i > 0 && key <= message.key(static_cast<int>(at) - 1))
        return NotOurs("keys: not ascending");
      if (unit == PurchaseUnit::kDay && key != static_cast<int32_t>(key))
        return NotOurs("keys: no day");
      if (message.text_orders()) {
        if (key < 0 || static_cast<uint64_t>(key) >= used.size())
          return NotOurs("keys: unknown order");
        used[static_cast<size_t>(key)] = true;
      }
      totals.RestoreKey(customer, key);
    }
  }
  if (at != static_cast<size_t>(message.key_size())) return NotOurs("keys: too many");
  if (std::ranges::count(used, false) > 0) return NotOurs("keys: an order without a purchase");
  return absl::OkStatus();
}

absl::Status CheckSize(const CustomerTotals &totals) {
  return CheckRows(totals.customers().size() + totals.keys().pairs().size());
}

}  // namespace

absl::Status WriteTotals(const CustomerTotals &totals, v1::RfmState &message) {
  PATRON_RETURN_IF_ERROR(CheckSize(totals));
  const std::vector<uint32_t> codes = totals.customers().Ascending();
  WriteCounts(totals.report(), *message.mutable_counts());
  message.set_last_row(totals.last_row());
  WriteSums(totals, codes, message);
  for (const uint32_t code : codes) {
    message.add_last(totals.total(code).last);
    message.add_purchases(totals.total(code).purchases);
  }
  if (totals.rule().unit == PurchaseUnit::kRow) {
    message.set_text_orders(false);
    message.mutable_order_text()->mutable_text();
  } else {
    WriteKeys(totals, codes, message);
  }
  return absl::OkStatus();
}

absl::Status WriteTotals(const CustomerTotals &totals, v1::ConcentrationState &message) {
  PATRON_RETURN_IF_ERROR(CheckSize(totals));
  WriteCounts(totals.report(), *message.mutable_counts());
  WriteSums(totals, totals.customers().Ascending(), message);
  return absl::OkStatus();
}

absl::StatusOr<CustomerTotals> ReadTotals(const v1::RfmState &message,
                                          const value::TotalsRule &rule, const CivilDays &days) {
  PATRON_ASSIGN_OR_RETURN(const value::RowReport report, ReadRowCounts(message.counts()));
  PATRON_ASSIGN_OR_RETURN(const IdList customers, ReadIds(message.customers(), "customers"));
  PATRON_ASSIGN_OR_RETURN(const IdList order_text, ReadIds(message.order_text(), "orders"));
  PATRON_ASSIGN_OR_RETURN(const std::vector<Int128> sums,
                          ReadSums(message, customers.size(), report.used));
  if (static_cast<size_t>(message.last_size()) != sums.size() ||
      static_cast<size_t>(message.purchases_size()) != sums.size()) {
    return NotOurs("customers: lists differ in length");
  }
  if (message.text_orders() && (rule.unit != PurchaseUnit::kOrder || sums.empty())) {
    return NotOurs("orders: text, but none are read");
  }
  if ((report.used == 0) != (message.last_row() == kNoTime)) {
    return NotOurs("last row: a time without a row, or rows without a time");
  }
  std::vector<CustomerTotal> all(sums.size());
  uint64_t left = report.used;
  for (size_t i = 0; i < all.size(); ++i) {
    const auto at = static_cast<int>(i);
    all[i] = {sums[i], message.last(at), message.purchases(at)};
    if (all[i].purchases > left) return NotOurs("purchases: more than rows");
    left -= all[i].purchases;
    if (all[i].last > message.last_row() || (all[i].purchases == 0) != (all[i].last == kNoTime)) {
      return NotOurs("last: no purchase at that time");
    }
  }
  CustomerTotals totals(rule, customers.is_text, message.text_orders(), days, all.size());
  PATRON_RETURN_IF_ERROR(RestoreCustomers(customers, all, totals));
  PATRON_RETURN_IF_ERROR(ReadKeys(message, all, rule.unit, order_text, totals));
  totals.report() = report;
  totals.set_last_row(message.last_row());
  return totals;
}

absl::StatusOr<CustomerTotals> ReadTotals(const v1::ConcentrationState &message) {
  PATRON_ASSIGN_OR_RETURN(const value::RowReport report, ReadRowCounts(message.counts()));
  PATRON_ASSIGN_OR_RETURN(const IdList customers, ReadIds(message.customers(), "customers"));
  PATRON_ASSIGN_OR_RETURN(const std::vector<Int128> sums,
                          ReadSums(message, customers.size(), report.used));
  std::vector<CustomerTotal> all(sums.size());
  for (size_t i = 0; i < all.size(); ++i) all[i].sum = sums[i];
  CustomerTotals totals({}, customers.is_text, false, {}, all.size());
  PATRON_RETURN_IF_ERROR(RestoreCustomers(customers, all, totals));
  totals.report() = report;
  return totals;
}

}  // namespace patron::proto
