// The purchase occasions of one customer, from its entries.
#ifndef PATRON_VALUE_CUSTOMER_OCCASIONS_HPP_
#define PATRON_VALUE_CUSTOMER_OCCASIONS_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "patron/base/ids.hpp"
#include "patron/base/money.hpp"
#include "patron/value/occasion_entries.hpp"
#include "patron/value/occasions.hpp"
#include "patron/value/transactions.hpp"

namespace patron::value {

// One purchase. Sums are in money units.
struct Occasion {
  int64_t position;  // PositionOf its first row.
  int64_t time;      // Of its first row.
  int64_t key;       // Of its entries.
  Int128 gross;      // Its purchase rows.
  Int128 refunds;    // The refunds that belong to it, not above 0.
};

// What one customer bought, up to some end.
struct CustomerOccasions {
  std::vector<Occasion> occasions;  // In order of time; equal times by day, order or amount.
  Int128 gross = 0;
  Int128 refunds = 0;  // Orphans included.
  RowReport report;    // skipped_late, skipped_zero, refunds, orphan_refunds, used.

  // The value of an occasion: its purchases, less its refunds with Refunds::kNet.
  static Int128 Value(const Occasion &occasion, Refunds refunds) {
    return refunds == Refunds::kNet ? occasion.gross + occasion.refunds : occasion.gross;
  }

  std::vector<Entry> loose;  // Scratch: refunds whose day or order has no purchase.
};

// How entries are read. Borrows all.
struct EntryReading {
  const OccasionRule &rule;
  MergeBy merge;          // As Occasions::merge.
  const IdIndex &orders;  // Of which keys are codes if it holds text.

  static EntryReading Of(const Occasions &state) {
    return {state.rule(), state.merge(), state.orders()};
  }
};

// Tells the purchases of one customer from its sorted entries up to `end`, which is included: the
// last day with MergeBy::kDay, else the last instant. `out` is overwritten. Cost: O(n log n) with
// kOrder, else O(n).
void TellOccasions(std::span<const Entry> entries, const EntryReading &reading, int64_t end,
                   CustomerOccasions &out);
void TellOccasions(std::span<const Entry> entries, const Occasions &state, int64_t end,
                   CustomerOccasions &out);

// The last day or instant of the rows that count by the rule of `state`. Cost: O(entries).
std::optional<int64_t> LastPosition(const Occasions &state);

namespace detail {

inline bool Counts(const Entry &entry, const OccasionRule &rule) {
  switch (KindOf(entry.amount)) {
    case EntryKind::kZero: return rule.zeros == Zeros::kCount;
    case EntryKind::kPurchase: return true;
    case EntryKind::kRefund: return rule.refunds != Refunds::kIgnore;
  }
  return false;
}

// Orders that begin at one instant stand in order of their ids.
inline void SortOccasions(std::vector<Occasion> &occasions, const IdIndex &orders) {
  std::ranges::sort(occasions, [&](const Occasion &a, const Occasion &b) {
    if (a.position != b.position) return a.position < b.position;
    if (!orders.is_text()) return a.key < b.key;
    return orders.Less(static_cast<uint32_t>(a.key), static_cast<uint32_t>(b.key));
  });
}

// Gives each loose refund to the latest purchase at or before it.
inline void PlaceRefunds(MergeBy merge, CustomerOccasions &out) {
  if (merge == MergeBy::kOrder) {
    std::ranges::sort(out.loose, {}, [](const Entry &entry) { return entry.time; });
  }
  size_t begun = 0;
  for (const Entry &refund : out.loose) {
    const int64_t position = PositionOf(refund, merge);
    while (begun < out.occasions.size() && out.occasions[begun].position <= position) ++begun;
    if (begun == 0)
      out.report.orphan_refunds += refund.rows;
    else
      out.occasions[begun - 1].refunds += refund.amount;
  }
}

}  // namespace detail

inline void TellOccasions(std::span<const Entry> entries, const Occasions &state, int64_t end,
                          CustomerOccasions &out) {
  TellOccasions(entries, EntryReading::Of(state), end, out);
}

inline void TellOccasions(std::span<const Entry> entries, const EntryReading &reading, int64_t end,
                          CustomerOccasions &out) {
  const MergeBy merge = reading.merge;
  out.occasions.clear();
  out.loose.clear();
  out.gross = out.refunds = 0;
  out.report = {};
  bool open = false;  // The last occasion has the key of the entries at hand.
  for (size_t i = 0; i < entries.size(); ++i) {
    const Entry &entry = entries[i];
    if (i > 0 && (merge == MergeBy::kNone || entry.key != entries[i - 1].key)) open = false;
    const int64_t position = PositionOf(entry, merge);
    const EntryKind kind = KindOf(entry.amount);
    if (position > end) {
      out.report.skipped_late += entry.rows;
      continue;
    }
    if (kind == EntryKind::kRefund) out.report.refunds += entry.rows;
    if (!detail::Counts(entry, reading.rule)) {
      if (kind == EntryKind::kZero) out.report.skipped_zero += entry.rows;
      continue;
    }
    out.report.used += entry.rows;
    if (kind == EntryKind::kRefund) {
      out.refunds += entry.amount;
      if (open)
        out.occasions.back().refunds += entry.amount;
      else
        out.loose.push_back(entry);
      continue;
    }
    out.gross += entry.amount;
    if (!open) {
      out.occasions.push_back({position, entry.time, entry.key, entry.amount, 0});
      open = true;
    } else {
      Occasion &occasion = out.occasions.back();
      occasion.position = std::min(occasion.position, position);
      occasion.time = std::min(occasion.time, entry.time);
      occasion.gross += entry.amount;
    }
  }
  if (merge == MergeBy::kOrder) detail::SortOccasions(out.occasions, reading.orders);
  detail::PlaceRefunds(merge, out);
}

inline std::optional<int64_t> LastPosition(const Occasions &state) {
  std::optional<int64_t> last;
  for (const Entry &entry : state.entries()) {
    const int64_t position = PositionOf(entry, state.merge());
    if ((!last || position > *last) && detail::Counts(entry, state.rule())) last = position;
  }
  return last;
}

}  // namespace patron::value

#endif  // PATRON_VALUE_CUSTOMER_OCCASIONS_HPP_
