// Transactions as kernels read them: who, when, how much, in which order.
#ifndef PATRON_VALUE_TRANSACTIONS_HPP_
#define PATRON_VALUE_TRANSACTIONS_HPP_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "patron/base/column.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"

namespace patron::value {

// Rows of one or more customers, in any order. All spans have the same length, but `order` may be
// empty: then each row is an order of its own.
struct TransactionBatch {
  IdSpan customer;
  std::span<const int64_t> time;    // Microseconds since 1970-01-01 UTC.
  std::span<const int64_t> amount;  // Money units; negative is a refund.
  IdSpan order;

  size_t size() const { return time.size(); }
};

// Memory that a reader may decode into; one for each thread.
struct TransactionScratch {
  std::vector<int64_t> customer, time, amount, order;
  std::vector<std::string_view> customer_text, order_text;
  std::vector<uint8_t> keep;  // Which rows have no null.
};

// Where transactions come from: rows [0, rows()) that can be read in pieces, from several threads.
class TransactionSource {
 public:
  virtual ~TransactionSource() = default;

  virtual uint64_t rows() const = 0;
  virtual bool text_customers() const = 0;
  virtual bool has_orders() const = 0;
  virtual bool text_orders() const = 0;

  // Reads rows [begin, end) into `batch`, whose spans stay valid until the next Read with the same
  // scratch; text stays valid as long as the source. Rows with a null may be left out, if the
  // source was told so: then the batch is shorter than end - begin.
  // Errors: InvalidArgument naming the column, row and value.
  virtual absl::Status Read(uint64_t begin, uint64_t end, TransactionScratch &scratch,
                            TransactionBatch &batch) const = 0;
};

// Transactions that stand in memory in the form kernels want; nothing is copied.
class TransactionsInMemory final : public TransactionSource {
 public:
  // The spans are borrowed and have equal length; `order` may be empty.
  TransactionsInMemory(IdSpan customer, std::span<const int64_t> time,
                       std::span<const int64_t> amount, IdSpan order = {})
      : all_{customer, time, amount, order} {}

  uint64_t rows() const override { return all_.size(); }
  bool text_customers() const override { return all_.customer.is_text(); }
  bool has_orders() const override { return !all_.order.empty(); }
  bool text_orders() const override { return all_.order.is_text(); }

  absl::Status Read(uint64_t begin, uint64_t end, TransactionScratch &,
                    TransactionBatch &batch) const override {
    const size_t count = end - begin;
    if (all_.customer.size() != all_.size() || all_.amount.size() != all_.size() ||
        (has_orders() && all_.order.size() != all_.size())) {
      return absl::InvalidArgumentError("transactions: columns differ in length");
    }
    batch.customer = all_.customer.subspan(begin, count);
    batch.time = all_.time.subspan(begin, count);
    batch.amount = all_.amount.subspan(begin, count);
    batch.order = has_orders() ? all_.order.subspan(begin, count) : IdSpan();
    return absl::OkStatus();
  }

 private:
  TransactionBatch all_;
};

// What a kernel does with refunds: rows with a negative amount.
enum class Refunds {
  kNet,       // They reduce the value of the purchase they belong to.
  kIgnore,    // They are left out, and counted.
  kSeparate,  // They are summed apart and touch nothing else.
  kError,     // One is an error.
};

// What a kernel does with rows whose amount is zero.
enum class Zeros {
  kCount,   // They are purchases.
  kIgnore,  // They are left out, and counted.
};

// What became of the rows of an input.
struct RowReport {
  uint64_t rows = 0;              // Rows read.
  uint64_t used = 0;              // Rows that took part.
  uint64_t skipped_null = 0;      // Left out by the source: a null.
  uint64_t skipped_late = 0;      // Left out: after the end, or outside the window.
  uint64_t skipped_zero = 0;      // Left out: amount zero, by option.
  uint64_t refunds = 0;           // Rows with a negative amount.
  uint64_t orphan_refunds = 0;    // Of these: no purchase of that customer at or before them.
  uint64_t customers = 0;         // Customers in the result.
  uint64_t without_purchase = 0;  // Customers seen, but left out for want of a purchase.

  // Adds what became of other rows. Customers add up only if no customer is in both.
  void Add(const RowReport &other) {
    rows += other.rows;
    used += other.used;
    skipped_null += other.skipped_null;
    skipped_late += other.skipped_late;
    skipped_zero += other.skipped_zero;
    refunds += other.refunds;
    orphan_refunds += other.orphan_refunds;
    customers += other.customers;
    without_purchase += other.without_purchase;
  }
  friend bool operator==(const RowReport &, const RowReport &) = default;
};

}  // namespace patron::value

#endif  // PATRON_VALUE_TRANSACTIONS_HPP_
