// Totals of all customers of a source, by one thread or several.
#ifndef PATRON_VALUE_TOTAL_CUSTOMERS_HPP_
#define PATRON_VALUE_TOTAL_CUSTOMERS_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/value/customer_totals.hpp"
#include "patron/value/dense_totals.hpp"
#include "patron/value/refused_refunds.hpp"
#include "patron/value/transactions.hpp"

namespace patron::value {

// Totals of all rows of `source`, which is read in pieces by all workers, up to 8.
// Errors: of the first bad row: those of the source, and InvalidArgument for a refund with
// Refunds::kError; ResourceExhausted if a task ran out of memory; Cancelled.
absl::StatusOr<CustomerTotals> TotalCustomers(const TransactionSource &source,
                                              const TotalsRule &rule, const CivilDays &days = {},
                                              const Execution &execution = {});

namespace detail {

// The smallest and the largest of some ids from all over a source of integers.
struct IdRange {
  int64_t least, greatest;
};
inline std::optional<IdRange> SampleIds(const TransactionSource &source) {
  constexpr size_t kSamples = 64;
  constexpr uint64_t kRows = 16;
  TransactionScratch scratch;
  TransactionBatch batch;
  std::optional<IdRange> range;
  if (source.rows() < kSamples * kRows) return range;
  for (size_t sample = 0; sample < kSamples; ++sample) {
    const uint64_t begin = (source.rows() - kRows) / (kSamples - 1) * sample;
    // A bad row is told when its turn comes.
    if (!source.Read(begin, begin + kRows, scratch, batch).ok()) return std::nullopt;
    for (const int64_t id : batch.customer.integers()) {
      if (!range) range = {id, id};
      range = {std::min(range->least, id), std::max(range->greatest, id)};
    }
  }
  return range;
}

// What one worker adds up.
class TotalsPart {
 public:
  TotalsPart(const TransactionSource &source, const TotalsRule &rule, const CivilDays &days,
             uint64_t rows)
      : source_(source),
        days_(days),
        window_{rule.begin, rule.end},
        refuse_refunds_(rule.refunds == Refunds::kError),
        totals_(rule, source.text_customers(), source.text_orders(), days, rows) {
    constexpr uint64_t kLeast = uint64_t{1} << 16;
    if (rule.unit == PurchaseUnit::kRow && !source.text_customers()) {
      dense_.emplace(rule, std::max(kLeast, rows));
    }
  }

  // Makes room for ids that are likely to come.
  void Expect(const IdRange &range) {
    if (dense_) dense_->MakeRoom(range.least, range.greatest);
  }

  // Adds rows [begin, end). Errors: as TotalCustomers; `refund` is set if one was refused.
  absl::Status Read(uint64_t begin, uint64_t end);
  const std::optional<uint64_t> &refund() const { return refund_; }

  // Adds all of `other` if that can be done by id.
  bool MergeDense(const TotalsPart &other, uint64_t most) {
    return dense_ && other.dense_ && dense_->Merge(*other.dense_, most);
  }
  absl::StatusOr<CustomerTotals> Finish() && {
    if (dense_) PATRON_RETURN_IF_ERROR(UseCodes());
    return std::move(totals_);
  }

 private:
  absl::Status UseCodes() {
    PATRON_ASSIGN_OR_RETURN(totals_, std::move(*dense_).Finish(days_));
    dense_.reset();
    return absl::OkStatus();
  }

  const TransactionSource &source_;
  CivilDays days_;
  RefundWindow window_;
  bool refuse_refunds_;
  std::optional<DenseTotals> dense_;  // Until ids turn out to lie too far apart.
  CustomerTotals totals_;             // From then on.
  TransactionScratch scratch_;
  std::optional<uint64_t> refund_;
};

inline absl::Status TotalsPart::Read(uint64_t begin, uint64_t end) {
  TransactionBatch batch;
  for (uint64_t at = begin; at < end; at += kRowsOfRead) {
    const uint64_t next = std::min(end, at + kRowsOfRead);
    PATRON_RETURN_IF_ERROR(source_.Read(at, next, scratch_, batch));
    if (const auto first = refuse_refunds_ ? FirstRefund(batch, window_) : std::nullopt) {
      refund_ = at + RowInRead(scratch_, next - at, batch.size(), *first);
      return RefundError(*refund_, 0);
    }
    if (dense_ && !dense_->Add(batch)) PATRON_RETURN_IF_ERROR(UseCodes());
    if (!dense_) PATRON_RETURN_IF_ERROR(totals_.Update(batch, at));
    RowReport &report = dense_ ? dense_->report() : totals_.report();
    report.skipped_null += next - at - batch.size();
  }
  return absl::OkStatus();
}

}  // namespace detail

inline absl::StatusOr<CustomerTotals> TotalCustomers(const TransactionSource &source,
                                                     const TotalsRule &rule, const CivilDays &days,
                                                     const Execution &execution) {
  constexpr uint64_t kLargestTask = uint64_t{1} << 18;
  const uint64_t rows = source.rows();
  const size_t workers =
      std::clamp<size_t>(rows / (1 << 16), 1, std::min<size_t>(8, execution.workers()));
  const uint64_t of_task = std::clamp<uint64_t>(rows / workers + 1, 1, kLargestTask);
  std::vector<detail::TotalsPart> parts;
  parts.reserve(workers);
  for (size_t w = 0; w < workers; ++w) parts.emplace_back(source, rule, days, rows / workers);
  if (!source.text_customers() && rule.unit == PurchaseUnit::kRow) {
    if (const auto range = detail::SampleIds(source)) {
      for (detail::TotalsPart &part : parts) part.Expect(*range);
    }
  }
  // Rounds of neighbouring tasks, one for each worker: so the first bad row is found first.
  std::vector<absl::Status> statuses(workers);
  for (uint64_t first = 0; first < rows; first += workers * of_task) {
    const size_t round = std::min<size_t>(workers, (rows - first + of_task - 1) / of_task);
    ParallelFor(execution, round, [&](size_t w) {
      const uint64_t begin = first + w * of_task;
      try {
        statuses[w] = parts[w].Read(begin, std::min(rows, begin + of_task));
      } catch (const std::bad_alloc &) {
        statuses[w] = absl::ResourceExhaustedError("out of memory");
      }
    });
    for (size_t w = 0; w < round; ++w) {
      if (parts[w].refund()) {
        return detail::RefundError(
            *parts[w].refund(),
            detail::CountRefunds(source, detail::RefundWindow{rule.begin, rule.end}));
      }
      PATRON_RETURN_IF_ERROR(statuses[w]);
    }
    const uint64_t done = std::min<uint64_t>(rows, first + workers * of_task);
    PATRON_RETURN_IF_ERROR(ReportProgress(execution, done, rows));
  }
  size_t merged = 1;
  while (merged < parts.size() && parts[0].MergeDense(parts[merged], 2 * rows)) ++merged;
  PATRON_ASSIGN_OR_RETURN(CustomerTotals result, std::move(parts[0]).Finish());
  for (; merged < parts.size(); ++merged) {
    PATRON_ASSIGN_OR_RETURN(const CustomerTotals more, std::move(parts[merged]).Finish());
    PATRON_RETURN_IF_ERROR(result.Merge(more));
  }
  result.report().rows = rows;
  return result;
}

}  // namespace patron::value

#endif  // PATRON_VALUE_TOTAL_CUSTOMERS_HPP_
