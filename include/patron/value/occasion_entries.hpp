// Entries: what is kept of transactions so that the purchase occasions of each customer can be
// told.
#ifndef PATRON_VALUE_OCCASION_ENTRIES_HPP_
#define PATRON_VALUE_OCCASION_ENTRIES_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "patron/base/money.hpp"

namespace patron::value {

// Which rows of one customer are one purchase.
enum class MergeBy {
  kDay,    // Those of one civil day.
  kOrder,  // Those of one order; it stands at its first row.
  kNone,   // Each is a purchase of its own.
};

// Rows of one customer that are equal in all that matters, summed: those of a day, of an order at
// one instant, or a single row; and of one kind.
struct Entry {
  int64_t key;        // kDay: the civil day. kOrder: the order, or its code. kNone: the time.
  int64_t time;       // Of the first row, in microseconds.
  int64_t amount;     // Sum; its sign is the kind of the rows.
  uint32_t customer;  // Code.
  uint32_t rows;      // At least 1.

  friend bool operator==(const Entry &, const Entry &) = default;
};

enum class EntryKind : uint8_t { kZero, kPurchase, kRefund };

// Kinds by the sign of an amount.
EntryKind KindOf(int64_t amount);

// What the end of observation is compared with: the day, or the time.
int64_t PositionOf(const Entry &entry, MergeBy merge);

// The order of the entries of one customer: by key, kind, time, amount, rows.
bool EntryBefore(const Entry &a, const Entry &b);

void SortEntries(std::span<Entry> entries);

// Sums what may be summed among the sorted entries of one customer, in place, and returns how many
// are left: they are the same, in the same order, for equal rows in any order and grouping. A sum
// past int64 becomes several entries. Cost: O(n).
size_t CompactEntries(std::span<Entry> entries, MergeBy merge);

inline EntryKind KindOf(int64_t amount) {
  return amount == 0 ? EntryKind::kZero : amount > 0 ? EntryKind::kPurchase : EntryKind::kRefund;
}

inline int64_t PositionOf(const Entry &entry, MergeBy merge) {
  return merge == MergeBy::kDay ? entry.key : entry.time;
}

inline bool EntryBefore(const Entry &a, const Entry &b) {
  if (a.key != b.key) return a.key < b.key;
  if (const EntryKind left = KindOf(a.amount), right = KindOf(b.amount); left != right) {
    return left < right;
  }
  if (a.time != b.time) return a.time < b.time;
  if (a.amount != b.amount) return a.amount < b.amount;
  return a.rows < b.rows;
}

inline void SortEntries(std::span<Entry> entries) {
  const auto before = [](const Entry &a, const Entry &b) { return EntryBefore(a, b); };
  if (!std::ranges::is_sorted(entries, before)) std::ranges::sort(entries, before);
}

namespace detail {

// Whether two sorted neighbours are summed.
inline bool OneEntry(const Entry &a, const Entry &b, MergeBy merge) {
  if (merge == MergeBy::kNone || a.key != b.key || KindOf(a.amount) != KindOf(b.amount))
    return false;
  return merge == MergeBy::kDay || a.time == b.time;
}

// Writes the sum of entries of one kind, all like `first`, as the fewest entries that can hold it,
// sorted; each takes as much as fits while one unit and one row are left for each other. Returns
// how many those are: never more than the entries summed.
inline size_t WriteSum(const Entry &first, Int128 amount, uint64_t rows, Entry *out) {
  constexpr uint64_t kMostRows = std::numeric_limits<uint32_t>::max();
  const bool refund = amount < 0;
  auto units = static_cast<Uint128>(refund ? -amount : amount);
  const auto most = static_cast<Uint128>(std::numeric_limits<int64_t>::max()) + (refund ? 1 : 0);
  const auto by_units = static_cast<uint64_t>((units + most - 1) / most);
  const uint64_t count = std::max({uint64_t{1}, by_units, (rows + kMostRows - 1) / kMostRows});
  for (uint64_t left = count; left-- > 0;) {
    // Ascending amounts: the largest purchase comes last, the largest refund first.
    Entry &entry = out[refund ? count - 1 - left : left];
    const auto part = std::min(most, units == 0 ? Uint128{0} : units - left);
    units -= part;
    entry = first;
    entry.amount =
        static_cast<int64_t>(refund ? -static_cast<Int128>(part) : static_cast<Int128>(part));
  }
  for (uint64_t left = count; left-- > 0;) {
    out[left].rows = static_cast<uint32_t>(std::min(kMostRows, rows - left));
    rows -= out[left].rows;
  }
  return count;
}

}  // namespace detail

inline size_t CompactEntries(std::span<Entry> entries, MergeBy merge) {
  size_t kept = 0;
  for (size_t begin = 0, end; begin < entries.size(); begin = end) {
    for (end = begin + 1;
         end < entries.size() && detail::OneEntry(entries[begin], entries[end], merge);) {
      ++end;
    }
    if (end == begin + 1) {
      entries[kept++] = entries[begin];
      continue;
    }
    const Entry first = entries[begin];
    Int128 amount = 0;
    uint64_t rows = 0;
    for (const Entry &entry : entries.subspan(begin, end - begin)) {
      amount += entry.amount;
      rows += entry.rows;
    }
    kept += detail::WriteSum(first, amount, rows, &entries[kept]);
  }
  return kept;
}

}  // namespace patron::value

#endif  // PATRON_VALUE_OCCASION_ENTRIES_HPP_
