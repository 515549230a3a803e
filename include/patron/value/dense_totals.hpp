// Totals of customers whose ids are integers close together, found by the id itself.
#ifndef PATRON_VALUE_DENSE_TOTALS_HPP_
#define PATRON_VALUE_DENSE_TOTALS_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "patron/base/large_vector.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/value/customer_totals.hpp"
#include "patron/value/transactions.hpp"

namespace patron::value::detail {

// As CustomerTotals with PurchaseUnit::kRow, but without codes while rows are added: one access to
// memory a row, and two are merged by streaming over them.
class DenseTotals {
 public:
  // The ids may lie `most` apart.
  DenseTotals(const TotalsRule &rule, uint64_t most) : rule_(rule), most_(most) {}

  // Makes room for ids from `least` to `greatest`. False, without effect, if they are too far
  // apart, or from those before.
  bool MakeRoom(int64_t least, int64_t greatest);

  // Adds rows, none of them a refund that is refused. False, without effect, if their ids are too
  // far apart, or from those before.
  bool Add(const TransactionBatch &batch);

  // Adds all of `other`. False, without effect, if the ids are more than `most` apart.
  bool Merge(const DenseTotals &other, uint64_t most);

  // The same as totals by code, in ascending order of id. Errors: those of IdIndex::Encode.
  absl::StatusOr<CustomerTotals> Finish(const CivilDays &days) &&;

  RowReport &report() { return report_; }

 private:
  bool FindPlaces(std::span<const int64_t> ids);

  TotalsRule rule_;
  uint64_t most_;
  int64_t base_ = 0;                   // The id of totals_[0].
  LargeVector<CustomerTotal> totals_;  // By id - base_.
  std::vector<uint8_t> seen_;          // Of each: whether there is a row that is no purchase.
  RowReport report_;
  int64_t last_row_ = kNoTime;
  std::vector<uint32_t> places_;  // Scratch.
};

inline bool DenseTotals::MakeRoom(int64_t least, int64_t greatest) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  const bool first = totals_.empty();
  const bool below = !first && least < base_;
  if (!first) {
    least = std::min(least, base_);
    greatest = std::max(greatest, base_ + static_cast<int64_t>(totals_.size() - 1));
  }
  const uint64_t range = static_cast<uint64_t>(greatest) - static_cast<uint64_t>(least);
  if (range >= most_ || range >= std::numeric_limits<uint32_t>::max() / 2) return false;
  if (!first && range < totals_.size()) return true;
  // Half as much again on the side that grows, so that widening stays cheap; a little on both at
  // first, as the ids may come from a sample.
  const uint64_t room = std::min<uint64_t>(most_, std::numeric_limits<uint32_t>::max() / 2);
  const uint64_t spare = std::min(first ? range / 16 : range / 2, room - 1 - range);
  const uint64_t lower = std::min(first   ? spare / 2
                                  : below ? spare
                                          : 0,
                                  static_cast<uint64_t>(least) - (uint64_t{1} << 63));
  const uint64_t upper =
      std::min(spare - lower, static_cast<uint64_t>(kMost) - static_cast<uint64_t>(greatest));
  least -= static_cast<int64_t>(lower);
  const auto size = static_cast<size_t>(range + lower + upper + 1);
  LargeVector<CustomerTotal> totals(size);
  std::vector<uint8_t> seen(size);
  const auto shift = static_cast<ptrdiff_t>(
      first ? 0 : static_cast<uint64_t>(base_) - static_cast<uint64_t>(least));
  std::ranges::copy(totals_, totals.begin() + shift);
  std::ranges::copy(seen_, seen.begin() + shift);
  totals_.swap(totals);
  seen_.swap(seen);
  base_ = least;
  return true;
}

// Writes where the totals of `ids` stand; false if one has no room.
inline bool DenseTotals::FindPlaces(std::span<const int64_t> ids) {
  places_.resize(ids.size());
  bool outside = false;
  for (size_t i = 0; i < ids.size(); ++i) {
    const uint64_t place = static_cast<uint64_t>(ids[i]) - static_cast<uint64_t>(base_);
    outside |= place >= totals_.size();
    places_[i] = static_cast<uint32_t>(place);
  }
  return !outside;
}

inline bool DenseTotals::Add(const TransactionBatch &batch) {
  const std::span<const int64_t> ids = batch.customer.integers();
  if (ids.empty()) return true;
  if (!FindPlaces(ids)) {
    const auto [least, greatest] = std::ranges::minmax(ids);
    if (!MakeRoom(least, greatest)) return false;
    FindPlaces(ids);
  }
  AddRows(rule_, batch, places_.data(), totals_.data(), report_, last_row_,
          [&](uint32_t place) { seen_[place] = 1; });
  return true;
}

inline bool DenseTotals::Merge(const DenseTotals &other, uint64_t most) {
  if (!other.totals_.empty()) {
    const int64_t last = other.base_ + static_cast<int64_t>(other.totals_.size() - 1);
    const uint64_t before = std::exchange(most_, most);
    const bool wide = !MakeRoom(other.base_, last);
    most_ = before;
    if (wide) return false;
    const auto shift = static_cast<uint64_t>(other.base_) - static_cast<uint64_t>(base_);
    for (size_t i = 0; i < other.totals_.size(); ++i) {
      totals_[shift + i].Add(other.totals_[i]);
      seen_[shift + i] |= other.seen_[i];
    }
  }
  report_.Add(other.report_);
  last_row_ = std::max(last_row_, other.last_row_);
  return true;
}

inline absl::StatusOr<CustomerTotals> DenseTotals::Finish(const CivilDays &days) && {
  constexpr size_t kPiece = 4096;
  CustomerTotals result(rule_, false, false, days, totals_.size());
  std::vector<int64_t> ids;
  std::vector<uint32_t> codes(std::min(kPiece, totals_.size()));
  size_t kept = 0;
  for (size_t begin = 0; begin < totals_.size(); begin += kPiece) {
    ids.clear();
    for (size_t i = begin; i < std::min(begin + kPiece, totals_.size()); ++i) {
      if (totals_[i].purchases == 0 && seen_[i] == 0) continue;
      ids.push_back(base_ + static_cast<int64_t>(i));
      totals_[kept++] = totals_[i];
    }
    PATRON_RETURN_IF_ERROR(result.customers_.Encode(std::span<const int64_t>(ids),
                                                    std::span<uint32_t>(codes).first(ids.size())));
  }
  totals_.resize(kept);
  result.totals_ = std::move(totals_);
  result.report_ = report_;
  result.last_row_ = last_row_;
  return result;
}

}  // namespace patron::value::detail

#endif  // PATRON_VALUE_DENSE_TOTALS_HPP_
