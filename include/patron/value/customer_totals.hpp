// Totals per customer: what recency, frequency and monetary value need, in one pass, mergeable.
#ifndef PATRON_VALUE_CUSTOMER_TOTALS_HPP_
#define PATRON_VALUE_CUSTOMER_TOTALS_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "patron/base/ids.hpp"
#include "patron/base/large_vector.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/value/distinct_keys.hpp"
#include "patron/value/refused_refunds.hpp"
#include "patron/value/transactions.hpp"

namespace patron::value {

// What one purchase is.
enum class PurchaseUnit {
  kRow,    // Each purchase row.
  kDay,    // The purchase rows of one civil day.
  kOrder,  // The purchase rows of one order; each row alone where rows have no order.
};

// Which rows count, and how.
struct TotalsRule {
  Refunds refunds = Refunds::kNet;
  Zeros zeros = Zeros::kCount;
  PurchaseUnit unit = PurchaseUnit::kRow;
  int64_t begin = kNoTime;                            // First instant that counts.
  int64_t end = std::numeric_limits<int64_t>::max();  // First instant that no longer counts.

  friend bool operator==(const TotalsRule &, const TotalsRule &) = default;
};

// What is known of one customer.
struct CustomerTotal {
  __int128 sum = 0;        // Purchases; with Refunds::kNet refunds as well.
  int64_t last = kNoTime;  // Last purchase.
  uint64_t purchases = 0;  // Purchase rows: amount positive, or zero with Zeros::kCount.

  void Add(const CustomerTotal &other) {
    sum += other.sum;
    last = std::max(last, other.last);
    purchases += other.purchases;
  }
  friend bool operator==(const CustomerTotal &, const CustomerTotal &) = default;
};

namespace detail {
class DenseTotals;
}  // namespace detail

// Totals of all customers seen: a partial state. Merging is associative and commutative; equal rows
// in any order and split give equal totals.
class CustomerTotals {
 public:
  // `expected_rows` is a guess that only speed depends on.
  // `days` parts the days of PurchaseUnit::kDay.
  explicit CustomerTotals(const TotalsRule &rule = {}, bool text_customers = false,
                          bool text_orders = false, CivilDays days = {}, uint64_t expected_rows = 0)
      : rule_(rule),
        days_(std::move(days)),
        customers_(text_customers, expected_rows),
        orders_(text_orders) {}

  // Adds rows, all or none; `first_row` is the number of the first one in messages, of which no
  // row may be missing.
  // Errors: InvalidArgument for a refund with Refunds::kError, ids of the other kind, or columns of
  // different lengths.
  // Cost: O(rows); allocates only for customers not seen before.
  absl::Status Update(const TransactionBatch &batch, uint64_t first_row = 0);

  // Adds all of `other`, or nothing. Errors: FailedPrecondition if its rule is another or its ids
  // are of the other kind.
  absl::Status Merge(const CustomerTotals &other);

  // Restores one customer, as a deserialiser does. Errors: AlreadyExists if it is there.
  absl::Status Restore(const IdSpan &customer, const CustomerTotal &total);

  // Restores one purchase of a customer: the day, the integer of the order, or the code of its
  // text.
  void RestoreKey(uint32_t customer, int64_t key) {
    keys_.Reserve(1, static_cast<uint32_t>(customers_.size()));
    keys_.Add(customer, key);
  }

  // Purchases of each customer by code, in units of the rule.
  std::vector<uint64_t> Purchases() const;

  // The customers with a purchase, ascending by id.
  std::vector<uint32_t> Purchasers() const;

  // Purchases told apart by key; empty with PurchaseUnit::kRow, and for rows without an order.
  const DistinctKeys &keys() const { return keys_; }
  DistinctKeys &keys() { return keys_; }
  const IdIndex &orders() const { return orders_; }  // Text of orders, by code.
  IdIndex &orders() { return orders_; }
  const CivilDays &days() const { return days_; }

  const TotalsRule &rule() const { return rule_; }
  const IdIndex &customers() const { return customers_; }
  const CustomerTotal &total(uint32_t code) const { return totals_[code]; }
  const RowReport &report() const { return report_; }
  RowReport &report() { return report_; }
  int64_t last_row() const { return last_row_; }  // Latest instant of all used rows, or kNoTime.
  void set_last_row(int64_t time) { last_row_ = time; }

 private:
  friend class detail::DenseTotals;

  absl::Status MakeRoom(const TransactionBatch &batch);
  absl::Status FindKeys(const TransactionBatch &batch);
  TotalsRule rule_;
  CivilDays days_;
  IdIndex customers_;
  LargeVector<CustomerTotal> totals_;  // By code.
  IdIndex orders_;
  DistinctKeys keys_;
  RowReport report_;
  int64_t last_row_ = kNoTime;

  // Of the rows at hand.
  std::vector<uint32_t> codes_, order_codes_;
  std::vector<int64_t> row_keys_;  // Empty if purchases are not told apart.
};

namespace detail {

// Adds rows to totals: that of row i is `totals[places[i]]`. Counts them in `report`, brings
// `last_row` forward, and calls `seen(places[i])` for rows that are no purchase.
template <bool kBounded, typename Place, typename Seen>
void AddRows(const TotalsRule &rule, const TransactionBatch &batch, const Place *places,
             CustomerTotal *totals, RowReport &report, int64_t &last_row, Seen seen) {
  constexpr size_t kAhead = 24;
  const size_t count = batch.size();
  const bool net = rule.refunds == Refunds::kNet;
  const bool zeros = rule.zeros == Zeros::kCount;
  uint64_t late = 0, zero = 0, refunds = 0, used = 0;
  int64_t last = last_row;
  for (size_t i = 0; i < count; ++i) {
    if (i + kAhead < count) __builtin_prefetch(&totals[places[i + kAhead]], 1);
    const int64_t time = batch.time[i];
    const int64_t amount = batch.amount[i];
    CustomerTotal &total = totals[places[i]];
    if (kBounded && (time < rule.begin || time >= rule.end)) {
      ++late;
      seen(places[i]);
    } else if (amount > 0 || (amount == 0 && zeros)) {
      total.sum += amount;
      total.last = std::max(total.last, time);
      ++total.purchases;
      ++used;
      last = std::max(last, time);
    } else {
      seen(places[i]);
      if (amount == 0) {
        ++zero;
      } else {
        ++refunds;
        if (net) {
          total.sum += amount;
          ++used;
          last = std::max(last, time);
        }
      }
    }
  }
  last_row = last;
  report.skipped_late += late;
  report.skipped_zero += zero;
  report.refunds += refunds;
  report.used += used;
  report.rows += count;
}

template <typename Place, typename Seen>
void AddRows(const TotalsRule &rule, const TransactionBatch &batch, const Place *places,
             CustomerTotal *totals, RowReport &report, int64_t &last_row, Seen seen) {
  if (rule.begin == kNoTime && rule.end == std::numeric_limits<int64_t>::max()) {
    AddRows<false>(rule, batch, places, totals, report, last_row, seen);
  } else {
    AddRows<true>(rule, batch, places, totals, report, last_row, seen);
  }
}

}  // namespace detail

inline absl::Status CustomerTotals::Update(const TransactionBatch &batch, uint64_t first_row) {
  if (batch.customer.size() != batch.size() || batch.amount.size() != batch.size() ||
      (!batch.order.empty() && batch.order.size() != batch.size())) {
    return absl::InvalidArgumentError("transactions: columns differ in length");
  }
  if (rule_.refunds == Refunds::kError) {
    const detail::RefundWindow window{rule_.begin, rule_.end};
    if (const auto first = detail::FirstRefund(batch, window)) {
      return detail::RefundError(first_row + *first, detail::CountRefunds(batch, window));
    }
  }
  // Room first: what can fail fails before anything has changed.
  const size_t customers = customers_.size();
  const size_t orders = orders_.size();
  const auto take_back = [&] {
    customers_.Truncate(customers);
    orders_.Truncate(orders);
  };
  absl::Status status;
  try {
    status = MakeRoom(batch);
  } catch (...) {
    take_back();
    throw;
  }
  if (!status.ok()) {
    take_back();
    return status;
  }
  totals_.resize(customers_.size());
  detail::AddRows(rule_, batch, codes_.data(), totals_.data(), report_, last_row_, [](uint32_t) {});
  for (size_t i = 0; i < row_keys_.size(); ++i) {
    const bool counts = batch.time[i] >= rule_.begin && batch.time[i] < rule_.end;
    const int64_t amount = batch.amount[i];
    if (counts && (amount > 0 || (amount == 0 && rule_.zeros == Zeros::kCount))) {
      keys_.Add(codes_[i], row_keys_[i]);
    }
  }
  return absl::OkStatus();
}

inline absl::Status CustomerTotals::MakeRoom(const TransactionBatch &batch) {
  codes_.resize(batch.size());
  PATRON_RETURN_IF_ERROR(customers_.Encode(batch.customer, codes_));
  if (customers_.size() > totals_.capacity()) {
    totals_.reserve(std::max(customers_.size(), totals_.capacity() * 2));
  }
  PATRON_RETURN_IF_ERROR(FindKeys(batch));
  keys_.Reserve(row_keys_.size(), static_cast<uint32_t>(customers_.size()));
  return absl::OkStatus();
}

// What tells the purchases of the rows apart.
inline absl::Status CustomerTotals::FindKeys(const TransactionBatch &batch) {
  row_keys_.clear();
  if (rule_.unit == PurchaseUnit::kDay) {
    row_keys_.resize(batch.size());
    for (size_t i = 0; i < batch.size(); ++i) row_keys_[i] = days_.DayOf(batch.time[i]);
  } else if (rule_.unit == PurchaseUnit::kOrder && batch.order.is_text()) {
    order_codes_.resize(batch.order.size());
    PATRON_RETURN_IF_ERROR(orders_.Encode(batch.order, order_codes_));
    row_keys_.assign(order_codes_.begin(), order_codes_.end());
  } else if (rule_.unit == PurchaseUnit::kOrder) {
    row_keys_.assign(batch.order.integers().begin(), batch.order.integers().end());
  }
  return absl::OkStatus();
}

inline std::vector<uint64_t> CustomerTotals::Purchases() const {
  const auto customers = static_cast<uint32_t>(customers_.size());
  if (!keys_.pairs().empty()) return keys_.Counts(customers);
  std::vector<uint64_t> purchases(customers);
  for (uint32_t code = 0; code < customers; ++code) purchases[code] = totals_[code].purchases;
  return purchases;
}

inline std::vector<uint32_t> CustomerTotals::Purchasers() const {
  std::vector<uint32_t> codes = customers_.Ascending();
  std::erase_if(codes, [&](uint32_t code) { return totals_[code].purchases == 0; });
  return codes;
}

inline absl::Status CustomerTotals::Merge(const CustomerTotals &other) {
  const auto differ = [](const IdIndex &a, const IdIndex &b) {
    return a.is_text() != b.is_text() && a.size() > 0 && b.size() > 0;
  };
  if (!(rule_ == other.rule_) || differ(customers_, other.customers_) ||
      differ(orders_, other.orders_)) {
    return absl::FailedPreconditionError(
        "state: merged with one of other options or of another kind of ids");
  }
  const auto adopt_kind = [](IdIndex &mine, const IdIndex &theirs) {
    if (mine.size() == 0 && theirs.size() > 0) mine = IdIndex(theirs.is_text());
  };
  adopt_kind(customers_, other.customers_);
  adopt_kind(orders_, other.orders_);
  const size_t customers = customers_.size();
  const size_t orders = orders_.size();
  const auto take_back = [&] {
    customers_.Truncate(customers);
    orders_.Truncate(orders);
  };
  // Room first: what can fail fails before anything has changed.
  absl::StatusOr<std::vector<uint32_t>> codes, order_codes;
  try {
    codes = customers_.EncodeAll(other.customers_);
    if (codes.ok()) order_codes = orders_.EncodeAll(other.orders_);
    totals_.reserve(customers_.size());
    keys_.Reserve(other.keys_.pairs().size(), static_cast<uint32_t>(customers_.size()));
  } catch (...) {
    take_back();
    throw;
  }
  if (!codes.ok() || !order_codes.ok()) {
    take_back();
    return codes.ok() ? order_codes.status() : codes.status();
  }
  totals_.resize(customers_.size());
  constexpr size_t kAhead = 16;
  for (size_t code = 0; code < codes->size(); ++code) {
    if (code + kAhead < codes->size()) __builtin_prefetch(&totals_[(*codes)[code + kAhead]], 1);
    totals_[(*codes)[code]].Add(other.totals_[code]);
  }
  const bool by_code = other.orders_.size() > 0;
  for (const DistinctKeys::Pair &pair : other.keys_.pairs()) {
    keys_.Add((*codes)[pair.customer],
              by_code ? int64_t{(*order_codes)[static_cast<size_t>(pair.key)]} : pair.key);
  }
  last_row_ = std::max(last_row_, other.last_row_);
  report_.Add(other.report_);
  return absl::OkStatus();
}

inline absl::Status CustomerTotals::Restore(const IdSpan &customer, const CustomerTotal &total) {
  const size_t before = customers_.size();
  totals_.reserve(before + 1 > totals_.capacity() ? std::max<size_t>(64, before * 2) : 0);
  uint32_t code = 0;
  PATRON_RETURN_IF_ERROR(customers_.Encode(customer, std::span(&code, 1)));
  if (code < before) return absl::AlreadyExistsError("state: a customer stands twice");
  totals_.push_back(total);
  return absl::OkStatus();
}

}  // namespace patron::value

#endif  // PATRON_VALUE_CUSTOMER_TOTALS_HPP_
