// Totals per customer: what recency, frequency and monetary value need, in one pass, mergeable.
#ifndef PATRON_VALUE_CUSTOMER_TOTALS_HPP_
#define PATRON_VALUE_CUSTOMER_TOTALS_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/ids.hpp"
#include "patron/base/large_vector.hpp"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/value/distinct_keys.hpp"
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

  // Adds rows, all or none; `first_row` is the number of the first one in messages.
  // Errors: InvalidArgument for a refund with Refunds::kError, or ids of the other kind.
  // Cost: O(rows); allocates only for customers not seen before.
  absl::Status Update(const TransactionBatch &batch, uint64_t first_row = 0);

  // Adds all of `other`. Errors: FailedPrecondition if its rule is another or its ids are of the
  // other kind.
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
  template <bool kPlain>
  void Add(const TransactionBatch &batch, std::span<const uint32_t> codes);
  absl::Status MakeRoom(const TransactionBatch &batch);
  void AddKeys(const TransactionBatch &batch);
  bool IsPurchase(int64_t time, int64_t amount) const {
    return time >= rule_.begin && time < rule_.end &&
           (amount > 0 || (amount == 0 && rule_.zeros == Zeros::kCount));
  }

  TotalsRule rule_;
  CivilDays days_;
  IdIndex customers_;
  LargeVector<CustomerTotal> totals_;  // By code.
  IdIndex orders_;
  DistinctKeys keys_;
  RowReport report_;
  int64_t last_row_ = kNoTime;
  std::vector<uint32_t> codes_;        // Scratch.
  std::vector<uint32_t> order_codes_;  // Scratch.
};

// Totals of all rows of `source`. The rows are read in parts at once, one for each worker, up to 8.
// Errors: those of the source and of Update, of the first bad row; Cancelled.
absl::StatusOr<CustomerTotals> TotalCustomers(const TransactionSource &source,
                                              const TotalsRule &rule, const CivilDays &days = {},
                                              const Execution &execution = {});

namespace detail {

// Rows read at a time: their decoded columns and codes stay in the first-level cache.
inline constexpr uint64_t kRowsAtOnce = 2048;

// Writes the codes in `into` of all ids of `from`, by their codes there; adds those it lacks.
inline absl::Status EncodeAll(const IdIndex &from, IdIndex &into, std::span<uint32_t> codes) {
  constexpr uint32_t kPiece = 2048;
  std::vector<int64_t> integers(kPiece);
  std::vector<std::string_view> text(kPiece);
  for (uint32_t begin = 0; begin < from.size(); begin += kPiece) {
    const uint32_t size = std::min(kPiece, static_cast<uint32_t>(from.size()) - begin);
    for (uint32_t i = 0; i < size; ++i) {
      if (from.is_text())
        text[i] = from.text(begin + i);
      else
        integers[i] = from.integer(begin + i);
    }
    const IdSpan ids = from.is_text() ? IdSpan(std::span<const std::string_view>(text).first(size))
                                      : IdSpan(std::span<const int64_t>(integers).first(size));
    PATRON_RETURN_IF_ERROR(into.Encode(ids, codes.subspan(begin, size)));
  }
  return absl::OkStatus();
}

}  // namespace detail

template <bool kPlain>
void CustomerTotals::Add(const TransactionBatch &batch, std::span<const uint32_t> codes) {
  constexpr size_t kAhead = 24;
  const size_t count = batch.size();
  const bool net = rule_.refunds == Refunds::kNet;
  const bool zeros = rule_.zeros == Zeros::kCount;
  uint64_t late = 0, zero = 0, refunds = 0, used = 0;
  int64_t last_row = last_row_;
  for (size_t i = 0; i < count; ++i) {
    if (i + kAhead < count) __builtin_prefetch(&totals_[codes[i + kAhead]], 1);
    const int64_t time = batch.time[i];
    const int64_t amount = batch.amount[i];
    CustomerTotal &total = totals_[codes[i]];
    if (!kPlain && (time < rule_.begin || time >= rule_.end)) {
      ++late;
    } else if (amount > 0 || (amount == 0 && zeros)) {
      total.sum += amount;
      total.last = std::max(total.last, time);
      ++total.purchases;
      ++used;
      last_row = std::max(last_row, time);
    } else if (amount == 0) {
      ++zero;
    } else {
      ++refunds;
      if (net) {
        total.sum += amount;
        ++used;
        last_row = std::max(last_row, time);
      }
    }
  }
  last_row_ = last_row;
  report_.skipped_late += late;
  report_.skipped_zero += zero;
  report_.refunds += refunds;
  report_.used += used;
  report_.rows += count;
}

inline absl::Status CustomerTotals::Update(const TransactionBatch &batch, uint64_t first_row) {
  if (rule_.refunds == Refunds::kError) {
    uint64_t bad = 0;
    size_t first = 0;
    for (size_t i = 0; i < batch.size(); ++i) {
      const bool counts = batch.time[i] >= rule_.begin && batch.time[i] < rule_.end;
      if (counts && batch.amount[i] < 0 && bad++ == 0) first = i;
    }
    if (bad > 0) {
      return InvalidRow("amount", first_row + first, "a refund", "no refunds (refunds: error)",
                        bad);
    }
  }
  // Room first: what can fail fails before anything has changed.
  const size_t customers = customers_.size();
  const size_t orders = orders_.size();
  absl::Status status;
  try {
    status = MakeRoom(batch);
  } catch (...) {
    customers_.Truncate(customers);
    orders_.Truncate(orders);
    throw;
  }
  if (!status.ok()) {
    customers_.Truncate(customers);
    orders_.Truncate(orders);
    return status;
  }
  totals_.resize(customers_.size());
  if (rule_.begin == kNoTime && rule_.end == std::numeric_limits<int64_t>::max()) {
    Add<true>(batch, codes_);
  } else {
    Add<false>(batch, codes_);
  }
  if (rule_.unit != PurchaseUnit::kRow) AddKeys(batch);
  return absl::OkStatus();
}

inline absl::Status CustomerTotals::MakeRoom(const TransactionBatch &batch) {
  codes_.resize(batch.size());
  PATRON_RETURN_IF_ERROR(customers_.Encode(batch.customer, codes_));
  if (customers_.size() > totals_.capacity()) {
    totals_.reserve(std::max(customers_.size(), totals_.capacity() * 2));
  }
  if (rule_.unit == PurchaseUnit::kRow) return absl::OkStatus();
  keys_.Reserve(batch.size(), static_cast<uint32_t>(customers_.size()));
  if (rule_.unit == PurchaseUnit::kOrder && batch.order.is_text()) {
    order_codes_.resize(batch.size());
    return orders_.Encode(batch.order, order_codes_);
  }
  return absl::OkStatus();
}

inline void CustomerTotals::AddKeys(const TransactionBatch &batch) {
  const bool days = rule_.unit == PurchaseUnit::kDay;
  if (!days && batch.order.empty()) return;
  const bool text = batch.order.is_text();
  for (size_t i = 0; i < batch.size(); ++i) {
    if (!IsPurchase(batch.time[i], batch.amount[i])) continue;
    keys_.Add(codes_[i], days   ? days_.DayOf(batch.time[i])
                         : text ? int64_t{order_codes_[i]}
                                : batch.order.integers()[i]);
  }
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
  const auto count = static_cast<uint32_t>(other.customers_.size());
  const size_t customers = customers_.size();
  const size_t orders = orders_.size();
  std::vector<uint32_t> codes(count), order_codes(other.orders_.size());
  // Room first: what can fail fails before anything has changed.
  absl::Status status;
  try {
    status = detail::EncodeAll(other.customers_, customers_, codes);
    if (status.ok()) status = detail::EncodeAll(other.orders_, orders_, order_codes);
    totals_.reserve(customers_.size());
    keys_.Reserve(other.keys_.pairs().size(), static_cast<uint32_t>(customers_.size()));
  } catch (...) {
    customers_.Truncate(customers);
    orders_.Truncate(orders);
    throw;
  }
  if (!status.ok()) {
    customers_.Truncate(customers);
    orders_.Truncate(orders);
    return status;
  }
  totals_.resize(customers_.size());
  for (uint32_t code = 0; code < count; ++code) totals_[codes[code]].Add(other.totals_[code]);
  const bool by_code = other.orders_.size() > 0;
  for (const DistinctKeys::Pair &pair : other.keys_.pairs()) {
    keys_.Add(codes[pair.customer], by_code ? int64_t{order_codes[pair.key]} : pair.key);
  }
  last_row_ = std::max(last_row_, other.last_row_);
  report_.rows += other.report_.rows;
  report_.used += other.report_.used;
  report_.skipped_null += other.report_.skipped_null;
  report_.skipped_late += other.report_.skipped_late;
  report_.skipped_zero += other.report_.skipped_zero;
  report_.refunds += other.report_.refunds;
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

inline absl::StatusOr<CustomerTotals> TotalCustomers(const TransactionSource &source,
                                                     const TotalsRule &rule, const CivilDays &days,
                                                     const Execution &execution) {
  const uint64_t rows = source.rows();
  const size_t parts =
      std::clamp<size_t>(rows / (1 << 16), 1, std::min<size_t>(8, execution.workers()));
  struct Part {
    CustomerTotals totals;
    TransactionScratch scratch;
    uint64_t at, end;
    absl::Status status;
  };
  std::vector<Part> all;
  all.reserve(parts);
  for (size_t p = 0; p < parts; ++p) {
    const Range range = PartOf(rows, parts, p);
    all.push_back(
        {CustomerTotals(rule, source.text_customers(), source.text_orders(), days, range.size()),
         {},
         range.begin,
         range.end,
         {}});
  }
  // Progress is told between rounds, on the calling thread.
  constexpr uint64_t kRound = 1 << 20;
  uint64_t done = 0;
  while (done < rows) {
    ParallelFor(execution, parts, [&](size_t p) {
      Part &part = all[p];
      const uint64_t stop =
          execution.progress == nullptr ? part.end : std::min(part.end, part.at + kRound);
      try {
        TransactionBatch batch;
        while (part.at < stop && part.status.ok()) {
          const uint64_t next = std::min(stop, part.at + detail::kRowsAtOnce);
          part.status = source.Read(part.at, next, part.scratch, batch);
          if (part.status.ok()) part.status = part.totals.Update(batch, part.at);
          part.totals.report().skipped_null += part.status.ok() ? next - part.at - batch.size() : 0;
          part.at = next;
        }
      } catch (const std::bad_alloc &) {
        part.status = absl::ResourceExhaustedError("out of memory");
      }
    });
    done = 0;
    for (size_t p = 0; p < parts; ++p) {
      PATRON_RETURN_IF_ERROR(all[p].status);
      done += all[p].at - PartOf(rows, parts, p).begin;
    }
    PATRON_RETURN_IF_ERROR(ReportProgress(execution, done, rows));
  }
  CustomerTotals result = std::move(all[0].totals);
  for (size_t p = 1; p < parts; ++p) {
    PATRON_RETURN_IF_ERROR(result.Merge(all[p].totals));
    all[p].totals = CustomerTotals();
  }
  result.report().rows = rows;
  return result;
}

}  // namespace patron::value

#endif  // PATRON_VALUE_CUSTOMER_TOTALS_HPP_
