// Occasions: the partial state that tells when customers bought, whatever came in which order.
#ifndef PATRON_VALUE_OCCASIONS_HPP_
#define PATRON_VALUE_OCCASIONS_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <numeric>
#include <span>
#include <string>
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
#include "patron/value/occasion_entries.hpp"
#include "patron/value/occasion_groups.hpp"
#include "patron/value/occasion_rows.hpp"
#include "patron/value/refused_refunds.hpp"
#include "patron/value/transactions.hpp"

namespace patron::value {

struct OccasionContent;

// How rows become purchases.
//
// A refund belongs to the purchase of its own day or order; without one, to the customer's latest
// purchase at or before it; without that, it is an orphan and counts in totals only.
struct OccasionRule {
  MergeBy merge = MergeBy::kDay;
  Refunds refunds = Refunds::kNet;
  Zeros zeros = Zeros::kCount;
  std::string zone = "UTC";  // Whose midnights part the days.

  friend bool operator==(const OccasionRule &, const OccasionRule &) = default;
};

// What the rows of all customers seen so far say about their purchases: a partial state.
//
// Merging is associative and commutative: equal rows in any order and split give equal content and
// equal answers. Rows of all kinds are kept; the ends of periods are chosen when an answer is made.
// Ids are integers or text, as the first rows have them. At most 2^32 - 1 entries.
// A call that fails, by its status or by std::bad_alloc, leaves the state as it was.
// Memory: 32 bytes a row; rows that the rule makes one are summed up as the state grows.
class Occasions {
 public:
  // Errors: InvalidArgument for a zone that is not known.
  static absl::StatusOr<Occasions> Create(OccasionRule rule = {});

  // Restores a state. Errors: DataLoss if `content` is not canonical; as Create. Cost: O(size).
  static absl::StatusOr<Occasions> FromContent(OccasionRule rule, const OccasionContent &content);

  // The state in canonical form: equal rows have equal content. Text is borrowed from the state.
  // Errors: ResourceExhausted if a task runs out of memory. Cost: as Compact; copies the entries.
  // Both are defined in occasion_content.hpp.
  absl::StatusOr<OccasionContent> Content(const Execution &execution = {}) const;

  // Adds rows; `first_row` is the number of the first one in messages. Without `order` each row is
  // an order of its own. Errors: InvalidArgument for a refund with Refunds::kError, columns of
  // different lengths, ids of another kind than before, orders in some rows only; ResourceExhausted
  // past 2^32 - 1 entries. Cost: O(rows).
  absl::Status Update(const TransactionBatch &batch, uint64_t first_row = 0);

  // Adds all rows of a source, read in pieces by all workers.
  // Errors: as above and those of the source, of the first bad row; Cancelled.
  absl::Status Update(const TransactionSource &source, const Execution &execution = {});

  // Adds all of `other`. Errors: FailedPrecondition if its rule or the kind of its ids is another;
  // ResourceExhausted as above. Cost: O(size of other).
  absl::Status Merge(const Occasions &other);

  // Sums up what the rule makes one; changes no answer. Cost: O(n), O(n log n) in a customer's
  // rows.
  absl::Status Compact(const Execution &execution = {});

  const OccasionRule &rule() const { return rule_; }
  bool has_orders() const { return has_orders_; }  // With MergeBy::kOrder only.

  // The rule's merge, but kNone if it says kOrder and the rows have no orders.
  MergeBy merge() const {
    return rule_.merge == MergeBy::kOrder && !has_orders_ ? MergeBy::kNone : rule_.merge;
  }

  const IdIndex &customers() const { return customers_; }  // All customers seen.
  const IdIndex &orders() const { return orders_; }  // Orders that are text; keys are its codes.
  std::span<const Entry> entries() const { return entries_; }
  uint64_t rows() const { return rows_ + skipped_null_; }  // Rows seen.
  uint64_t skipped_null() const { return skipped_null_; }  // Rows that sources left out.
  CivilDays days() const { return days_; }                 // A copy, for one thread.

  // The customers, when nothing else of the state is needed any more.
  IdIndex TakeCustomers() && { return std::move(customers_); }

 private:
  class Checkpoint;

  Occasions(OccasionRule rule, CivilDays days) : rule_(std::move(rule)), days_(std::move(days)) {}

  absl::Status Admit(bool text_customers, bool has_orders, bool text_orders);
  absl::Status MakeRoom(uint64_t rows, const Execution &execution);

  OccasionRule rule_;
  CivilDays days_;
  bool has_orders_ = false;
  IdIndex customers_;
  IdIndex orders_;
  LargeVector<Entry> entries_;
  size_t compacted_ = 0;  // Entries that the last Compact left.
  uint64_t rows_ = 0;     // Rows that the entries stand for.
  uint64_t skipped_null_ = 0;
};

namespace detail {

inline constexpr uint64_t kMostEntries = std::numeric_limits<uint32_t>::max();

}  // namespace detail

// Takes back what has been added since, unless told to keep it.
class Occasions::Checkpoint {
 public:
  explicit Checkpoint(Occasions &state)
      : state_(state),
        entries_(state.entries_.size()),
        customers_(state.customers_.size()),
        orders_(state.orders_.size()) {}
  Checkpoint(const Checkpoint &) = delete;
  Checkpoint &operator=(const Checkpoint &) = delete;
  ~Checkpoint() {
    if (kept_) return;
    state_.entries_.resize(entries_);
    state_.customers_.Truncate(customers_);
    state_.orders_.Truncate(orders_);
  }

  void Keep() { kept_ = true; }

 private:
  Occasions &state_;
  size_t entries_, customers_, orders_;
  bool kept_ = false;
};

inline absl::StatusOr<Occasions> Occasions::Create(OccasionRule rule) {
  PATRON_ASSIGN_OR_RETURN(CivilDays days, CivilDays::In(rule.zone));
  return Occasions(std::move(rule), std::move(days));
}

inline absl::Status Occasions::Admit(bool text_customers, bool has_orders, bool text_orders) {
  const bool by_order = rule_.merge == MergeBy::kOrder;
  if (customers_.size() == 0) {
    customers_ = IdIndex(text_customers);
    orders_ = IdIndex(by_order && has_orders && text_orders);
    has_orders_ = by_order && has_orders;
    return absl::OkStatus();
  }
  const auto mixed = [](std::string_view column, bool text) {
    return absl::InvalidArgumentError(absl::StrCat(Text(column), ": ", text ? "text" : "integers",
                                                   "; expected ", text ? "integers" : "text",
                                                   " as in earlier rows"));
  };
  if (customers_.is_text() != text_customers) return mixed("customer", text_customers);
  if (!by_order) return absl::OkStatus();
  if (has_orders_ != has_orders) {
    return absl::InvalidArgumentError(has_orders ? "order: given; expected none, as in earlier rows"
                                                 : "order: none; expected one, as in earlier rows");
  }
  if (has_orders && orders_.is_text() != text_orders) return mixed("order", text_orders);
  return absl::OkStatus();
}

inline absl::Status Occasions::MakeRoom(uint64_t rows, const Execution &execution) {
  constexpr size_t kWorthwhile = size_t{1} << 20;
  const bool grown = entries_.size() - compacted_ > std::max(kWorthwhile, compacted_);
  if (grown || rows > detail::kMostEntries - entries_.size()) {
    // Where memory is short for this, there may still be room for the rows.
    try {
      Compact({.executor = execution.executor}).IgnoreError();
    } catch (const std::bad_alloc &) {
    }
  }
  if (rows > detail::kMostEntries - entries_.size()) {
    return absl::ResourceExhaustedError(
        absl::StrCat("transactions: more than ", detail::kMostEntries, " rows in one state"));
  }
  return absl::OkStatus();
}

inline absl::Status Occasions::Update(const TransactionBatch &batch, uint64_t first_row) {
  if (batch.size() == 0) return absl::OkStatus();
  if (rule_.refunds == Refunds::kError) {
    if (const auto first = detail::FirstRefund(batch, {})) {
      return detail::RefundError(first_row + *first, detail::CountRefunds(batch, {}));
    }
  }
  PATRON_RETURN_IF_ERROR(
      Admit(batch.customer.is_text(), !batch.order.empty(), batch.order.is_text()));
  PATRON_RETURN_IF_ERROR(MakeRoom(batch.size(), {}));
  Checkpoint checkpoint(*this);
  const size_t base = entries_.size();
  entries_.resize(base + batch.size());
  detail::EntryWriter writer{merge(), &customers_, &orders_, &days_};
  PATRON_RETURN_IF_ERROR(writer.Write(batch, &entries_[base]));
  rows_ += batch.size();
  checkpoint.Keep();
  return absl::OkStatus();
}

inline absl::Status Occasions::Update(const TransactionSource &source, const Execution &execution) {
  const uint64_t rows = source.rows();
  if (rows == 0) {  // Still tells which kind of ids an answer has.
    if (customers_.size() == 0) customers_ = IdIndex(source.text_customers());
    return absl::OkStatus();
  }
  PATRON_RETURN_IF_ERROR(Admit(source.text_customers(), source.has_orders(), source.text_orders()));
  PATRON_RETURN_IF_ERROR(MakeRoom(rows, execution));
  Checkpoint checkpoint(*this);
  const size_t base = entries_.size();
  entries_.resize(base + rows);
  detail::EntryWriter writer{merge(), &customers_, &orders_, &days_};
  PATRON_ASSIGN_OR_RETURN(const size_t filled,
                          detail::ReadEntries(source, rule_.refunds == Refunds::kError, writer,
                                              std::span(entries_).subspan(base), execution));
  entries_.resize(base + filled);
  rows_ += filled;
  skipped_null_ += rows - filled;
  checkpoint.Keep();
  return absl::OkStatus();
}

inline absl::Status Occasions::Merge(const Occasions &other) {
  if (&other == this) return Merge(Occasions(other));
  if (!(rule_ == other.rule_)) {
    return absl::FailedPreconditionError("state: merged with one of other options");
  }
  if (other.customers_.size() > 0) {
    const absl::Status status =
        Admit(other.customers_.is_text(), other.has_orders_, other.orders_.is_text());
    if (!status.ok()) return absl::FailedPreconditionError(status.message());
  }
  PATRON_RETURN_IF_ERROR(MakeRoom(other.entries_.size(), {}));
  Checkpoint checkpoint(*this);
  PATRON_ASSIGN_OR_RETURN(const std::vector<uint32_t> customers,
                          customers_.EncodeAll(other.customers_));
  PATRON_ASSIGN_OR_RETURN(const std::vector<uint32_t> orders, orders_.EncodeAll(other.orders_));
  const size_t base = entries_.size();
  entries_.insert(entries_.end(), other.entries_.begin(), other.entries_.end());
  for (Entry &entry : std::span(entries_).subspan(base)) {
    entry.customer = customers[entry.customer];
    if (!orders.empty()) entry.key = orders[static_cast<size_t>(entry.key)];
  }
  rows_ += other.rows_;
  skipped_null_ += other.skipped_null_;
  checkpoint.Keep();
  return absl::OkStatus();
}

inline absl::Status Occasions::Compact(const Execution &execution) {
  const MergeBy merge = this->merge();
  if (merge == MergeBy::kNone || compacted_ == entries_.size()) return absl::OkStatus();
  std::vector<uint32_t> codes(customers_.size());
  std::iota(codes.begin(), codes.end(), 0u);
  const detail::EntryGroups groups(entries_, codes, execution);
  std::vector<std::vector<Entry>> parts(groups.Slots(execution));
  LargeVector<Entry> compact;
  PATRON_RETURN_IF_ERROR(groups.ForEach(
      execution,
      [&](size_t slot, size_t, std::span<Entry> entries) {
        const auto kept = entries.first(CompactEntries(entries, merge));
        parts[slot].insert(parts[slot].end(), kept.begin(), kept.end());
        return absl::OkStatus();
      },
      [&] {
        for (std::vector<Entry> &part : parts) {
          compact.insert(compact.end(), part.begin(), part.end());
          part.clear();
        }
      }));
  entries_.swap(compact);
  compacted_ = entries_.size();
  return absl::OkStatus();
}

}  // namespace patron::value

#endif  // PATRON_VALUE_OCCASIONS_HPP_
