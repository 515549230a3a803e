#include "arrow/transactions_reader.hpp"

#include <algorithm>
#include <span>

#include "patron/base/status.hpp"

namespace patron::arrow {
namespace {

// Moves the values of kept rows to the front of `scratch`, where they may stand already.
template <typename T>
void Compact(const std::vector<uint8_t> &keep, std::vector<T> &scratch,
             std::span<const T> &values) {
  if (scratch.size() < values.size()) scratch.resize(values.size());
  size_t kept = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    scratch[kept] = values[i];
    kept += keep[i];
  }
  values = std::span<const T>(scratch).first(kept);
}

void CompactIds(const std::vector<uint8_t> &keep, std::vector<int64_t> &integers,
                std::vector<std::string_view> &text, IdSpan &ids) {
  if (ids.is_text()) {
    std::span<const std::string_view> values = ids.text();
    Compact(keep, text, values);
    ids = values;
  } else {
    std::span<const int64_t> values = ids.integers();
    Compact(keep, integers, values);
    ids = values;
  }
}

}  // namespace

absl::StatusOr<TableTransactions> TableTransactions::Open(Table table,
                                                          const TransactionColumns &columns) {
  PATRON_ASSIGN_OR_RETURN(auto customer, OpenIds(table, columns.customer, columns.nulls));
  std::optional<Reader<int64_t>> time;
  if (columns.time) {
    PATRON_ASSIGN_OR_RETURN(time, OpenTimes(table, *columns.time, columns.nulls, columns.days));
  }
  PATRON_ASSIGN_OR_RETURN(auto amount, OpenMoney(table, columns.amount, columns.decimals,
                                                 columns.amount_decimals, columns.nulls));
  std::optional<IdReader> order;
  if (columns.order) {
    PATRON_ASSIGN_OR_RETURN(order, OpenIds(table, *columns.order, columns.nulls));
  }
  return TableTransactions(std::move(table), std::move(customer), std::move(time),
                           std::move(amount), std::move(order));
}

absl::Status TableTransactions::Read(uint64_t begin, uint64_t end,
                                     value::TransactionScratch &scratch,
                                     value::TransactionBatch &batch) const {
  const auto first = static_cast<int64_t>(begin);
  const auto last = static_cast<int64_t>(end);
  scratch.keep.clear();
  PATRON_RETURN_IF_ERROR(customer_.Read(first, last, scratch.customer, scratch.customer_text,
                                        &scratch.keep, batch.customer));
  if (time_) {
    PATRON_RETURN_IF_ERROR(time_->Read(first, last, scratch.time, &scratch.keep, batch.time));
  } else {
    scratch.time.assign(static_cast<size_t>(last - first), 0);
    batch.time = scratch.time;
  }
  PATRON_RETURN_IF_ERROR(amount_.Read(first, last, scratch.amount, &scratch.keep, batch.amount));
  batch.order = IdSpan();
  if (order_) {
    PATRON_RETURN_IF_ERROR(
        order_->Read(first, last, scratch.order, scratch.order_text, &scratch.keep, batch.order));
  }
  if (scratch.keep.empty()) return absl::OkStatus();
  Compact(scratch.keep, scratch.time, batch.time);
  Compact(scratch.keep, scratch.amount, batch.amount);
  CompactIds(scratch.keep, scratch.customer, scratch.customer_text, batch.customer);
  if (order_) CompactIds(scratch.keep, scratch.order, scratch.order_text, batch.order);
  return absl::OkStatus();
}

}  // namespace patron::arrow
