// From rows of transactions to entries, by one thread or several.
#ifndef PATRON_VALUE_OCCASION_ROWS_HPP_
#define PATRON_VALUE_OCCASION_ROWS_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "patron/base/ids.hpp"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/value/occasion_entries.hpp"
#include "patron/value/refused_refunds.hpp"
#include "patron/value/transactions.hpp"

namespace patron::value::detail {

// Writes rows as entries, with codes of its dictionaries. All pointers are borrowed.
struct EntryWriter {
  MergeBy merge;
  IdIndex *customers;
  IdIndex *orders;  // Of orders that are text.
  CivilDays *days;
  std::vector<uint32_t> customer_codes{}, order_codes{};  // Scratch.

  // Writes batch.size() entries. Errors: InvalidArgument for columns of different lengths or ids
  // that are not of the dictionary's kind; ResourceExhausted for too many ids.
  absl::Status Write(const TransactionBatch &batch, Entry *out);
};

// Writes all rows of `source` to `out`, which has room for them, with the codes of `writer`, and
// returns how many there are: the source may leave rows out. Progress is told in rows.
// Errors: of the first bad row: those of the source and the writer, and InvalidArgument for a
// refund if those are refused; ResourceExhausted if a task ran out of memory; Cancelled.
absl::StatusOr<size_t> ReadEntries(const TransactionSource &source, bool refuse_refunds,
                                   EntryWriter &writer, std::span<Entry> out,
                                   const Execution &execution);

inline constexpr uint64_t kRowsOfTask = uint64_t{1} << 17;  // A multiple of kRowsOfRead.

inline absl::Status EntryWriter::Write(const TransactionBatch &batch, Entry *out) {
  const size_t count = batch.size();
  if (batch.customer.size() != count || batch.amount.size() != count ||
      (merge == MergeBy::kOrder && batch.order.size() != count)) {
    return absl::InvalidArgumentError("transactions: columns differ in length");
  }
  customer_codes.resize(count);
  PATRON_RETURN_IF_ERROR(customers->Encode(batch.customer, customer_codes));
  for (size_t i = 0; i < count; ++i) {
    out[i] = {batch.time[i], batch.time[i], batch.amount[i], customer_codes[i], 1};
  }
  if (merge == MergeBy::kDay) {
    for (size_t i = 0; i < count; ++i) out[i].key = days->DayOf(batch.time[i]);
  } else if (merge == MergeBy::kOrder && batch.order.is_text()) {
    order_codes.resize(count);
    PATRON_RETURN_IF_ERROR(orders->Encode(batch.order, order_codes));
    for (size_t i = 0; i < count; ++i) out[i].key = order_codes[i];
  } else if (merge == MergeBy::kOrder) {
    for (size_t i = 0; i < count; ++i) out[i].key = batch.order.integers()[i];
  }
  return absl::OkStatus();
}

// What one worker reads with; the first has the dictionaries of the caller.
struct EntryReader {
  EntryReader(const EntryWriter &like, bool refuse, bool first)
      : refuse_refunds(refuse),
        own_customers(like.customers->is_text()),
        own_orders(like.orders->is_text()),
        own_days(*like.days),
        writer{like.merge, first ? like.customers : &own_customers,
               first ? like.orders : &own_orders, &own_days} {}
  EntryReader(const EntryReader &) = delete;
  EntryReader &operator=(const EntryReader &) = delete;

  absl::Status Read(const TransactionSource &source, Range range, std::span<Entry> out,
                    uint32_t &filled);

  bool refuse_refunds;
  IdIndex own_customers, own_orders;
  CivilDays own_days;
  EntryWriter writer;
  TransactionScratch scratch;
  absl::Status status;
  std::optional<uint64_t> refund;  // Row of the first one, if that is what stopped it.
};

inline absl::Status EntryReader::Read(const TransactionSource &source, Range range,
                                      std::span<Entry> out, uint32_t &filled) {
  TransactionBatch batch;
  for (uint64_t begin = range.begin; begin < range.end; begin += kRowsOfRead) {
    const uint64_t end = std::min<uint64_t>(range.end, begin + kRowsOfRead);
    PATRON_RETURN_IF_ERROR(source.Read(begin, end, scratch, batch));
    if (batch.size() > end - begin)
      return absl::InternalError("transactions: more rows than asked for");
    if (const auto first = refuse_refunds ? FirstRefund(batch, {}) : std::nullopt) {
      refund = begin + RowInRead(scratch, end - begin, batch.size(), *first);
      return RefundError(*refund, 0);
    }
    PATRON_RETURN_IF_ERROR(writer.Write(batch, &out[filled]));
    filled += static_cast<uint32_t>(batch.size());
  }
  return absl::OkStatus();
}

inline absl::StatusOr<size_t> ReadEntries(const TransactionSource &source, bool refuse_refunds,
                                          EntryWriter &writer, std::span<Entry> out,
                                          const Execution &execution) {
  const uint64_t rows = source.rows();
  const size_t tasks = (rows + kRowsOfTask - 1) / kRowsOfTask;
  const size_t workers = std::min({tasks, execution.workers(), size_t{8}});
  std::vector<uint32_t> filled(tasks);
  std::vector<std::unique_ptr<EntryReader>> readers;
  for (size_t w = 0; w < workers; ++w) {
    readers.push_back(std::make_unique<EntryReader>(writer, refuse_refunds, w == 0));
  }
  // Rounds of neighbouring tasks, one for each worker: so the first bad row is found first.
  for (size_t first = 0; first < tasks; first += workers) {
    const size_t round = std::min(workers, tasks - first);
    ParallelFor(execution, round, [&](size_t w) {
      const uint64_t begin = (first + w) * kRowsOfTask;
      const Range range{begin, std::min(rows, begin + kRowsOfTask)};
      EntryReader &reader = *readers[w];
      try {
        reader.status =
            reader.Read(source, range, out.subspan(begin, range.size()), filled[first + w]);
      } catch (const std::bad_alloc &) {
        reader.status = absl::ResourceExhaustedError("out of memory");
      }
    });
    for (size_t w = 0; w < round; ++w) {
      if (readers[w]->refund) return RefundError(*readers[w]->refund, CountRefunds(source, {}));
      PATRON_RETURN_IF_ERROR(readers[w]->status);
    }
    const uint64_t done = std::min(rows, (first + round) * kRowsOfTask);
    PATRON_RETURN_IF_ERROR(ReportProgress(execution, done, rows));
  }

  // The codes of the other workers become those of the caller.
  std::vector<std::vector<uint32_t>> customer_codes(workers), order_codes(workers);
  for (size_t w = 1; w < workers; ++w) {
    PATRON_ASSIGN_OR_RETURN(customer_codes[w],
                            writer.customers->EncodeAll(readers[w]->own_customers));
    PATRON_ASSIGN_OR_RETURN(order_codes[w], writer.orders->EncodeAll(readers[w]->own_orders));
  }
  const auto recode = [&](size_t task) {
    const size_t w = task % workers;
    if (w == 0) return;
    for (Entry &entry : out.subspan(task * kRowsOfTask, filled[task])) {
      entry.customer = customer_codes[w][entry.customer];
      if (!order_codes[w].empty()) entry.key = order_codes[w][static_cast<size_t>(entry.key)];
    }
  };
  if (workers > 1) ParallelFor(execution, tasks, recode);

  // Rows that the source left out make gaps.
  size_t end = 0;
  for (size_t task = 0; task < tasks; ++task) {
    const auto piece = out.subspan(task * kRowsOfTask, filled[task]);
    if (task * kRowsOfTask != end)
      std::ranges::copy(piece, out.begin() + static_cast<ptrdiff_t>(end));
    end += piece.size();
  }
  return end;
}

}  // namespace patron::value::detail

#endif  // PATRON_VALUE_OCCASION_ROWS_HPP_
