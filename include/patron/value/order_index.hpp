// Order index: a multiset of integers that knows its k-th smallest after every change.
#ifndef PATRON_VALUE_ORDER_INDEX_HPP_
#define PATRON_VALUE_ORDER_INDEX_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "patron/base/large_vector.hpp"
#include "patron/base/parallel.hpp"
#include "patron/base/sort.hpp"

namespace patron::value {

// Integers, repeats allowed, in an order that is kept up to date by batches of changes.
//
// Values within a range of 65,536 are counted: a change is O(1). Others stand in one sorted column,
// beside a few sorted lists of what has been added and removed since; the lists are joined as they
// grow, and merged into the column when they hold an eighth of it. A change then costs O(log n) on
// average, and a batch that merges O(n). Ties cost nothing extra.
class OrderIndex {
 public:
  // Replaces all values. Cost: O(n).
  void Assign(std::span<const int64_t> values, const Execution &execution = {});

  // Takes out `removed`, each of which is there, and puts in `added`. If an allocation fails
  // (std::bad_alloc) the index is as it was.
  void Update(std::span<const int64_t> removed, std::span<const int64_t> added);

  size_t size() const { return size_; }

  // The k-th smallest value, k from 0 and below size(). Cost: O(log^2 n), a few microseconds.
  int64_t operator()(size_t k) const;

  // How many values are at most `value`. Cost: O(log n).
  size_t CountAtMost(int64_t value) const;

  size_t memory_bytes() const;

 private:
  // What a sorted column lacks and what it has too much, both ascending.
  struct Changes {
    std::vector<int64_t> removed, added;
    size_t size() const { return removed.size() + added.size(); }
  };

  static constexpr uint64_t kNarrow = uint64_t{1} << 16;
  static constexpr size_t kBlock = 256;  // Values that share a block total.
  static constexpr size_t kFirstRun =
      512;  // Changes in the first list; each next has 8 times more.
  static constexpr size_t kMergeShare = 8;  // Lists of n / 8 changes are merged into the column.

  static Changes Sorted(std::span<const int64_t> removed, std::span<const int64_t> added);
  static Changes Joined(Changes a, const Changes &b);
  static void Cancel(Changes *changes);
  static size_t RunCapacity(size_t run) { return kFirstRun << (3 * run); }

  bool Covers(std::span<const int64_t> values) const;
  bool CountRange(int64_t least, int64_t greatest);
  void Count(int64_t value, int by);
  void Widen();
  void MergeIntoColumn(const Changes &changes);

  size_t size_ = 0;
  bool counted_ = true;

  int64_t lowest_ = 0;            // Counted: the value of counts_[0].
  int64_t highest_ = -1;          // Counted: the greatest value that has a counter.
  std::vector<uint32_t> counts_;  // Counted: how often each value occurs.
  std::vector<uint64_t> totals_;  // Counted: sums of blocks of counts_.

  LargeVector<int64_t> column_;  // Otherwise: ascending.
  std::vector<Changes> runs_;    // What has changed since, in lists of growing size.
};

inline void OrderIndex::Assign(std::span<const int64_t> values, const Execution &execution) {
  OrderIndex fresh;
  fresh.size_ = values.size();
  if (!values.empty()) {
    const auto [least, greatest] = std::ranges::minmax(values);
    if (fresh.CountRange(least, greatest)) {
      for (const int64_t value : values) fresh.Count(value, 1);
    } else {
      fresh.counted_ = false;
      fresh.column_.resize(values.size());
      SortKeys<int64_t>(values, fresh.column_, execution);
    }
  }
  *this = std::move(fresh);
}

inline void OrderIndex::Update(std::span<const int64_t> removed, std::span<const int64_t> added) {
  const size_t size = size_ - removed.size() + added.size();
  if (counted_ && !Covers(added)) {
    const auto [least, greatest] = std::ranges::minmax(added);
    if (!CountRange(least, greatest)) Widen();
  }
  if (counted_) {
    for (const int64_t value : removed) Count(value, -1);
    for (const int64_t value : added) Count(value, 1);
    size_ = size;
    return;
  }
  // A list that no longer fits where it stands is joined with the next larger one.
  Changes carry = Sorted(removed, added);
  size_t run = 0;
  for (;; ++run) {
    if (run < runs_.size()) carry = Joined(std::move(carry), runs_[run]);
    if (carry.size() <= RunCapacity(run)) break;
  }
  if (carry.size() > column_.size() / kMergeShare) {
    while (++run < runs_.size()) carry = Joined(std::move(carry), runs_[run]);
    MergeIntoColumn(carry);
    runs_.clear();
  } else {
    if (run >= runs_.size()) runs_.resize(run + 1);
    for (size_t smaller = 0; smaller < run; ++smaller) runs_[smaller] = {};
    runs_[run] = std::move(carry);
  }
  size_ = size;
}

inline int64_t OrderIndex::operator()(size_t k) const {
  if (counted_) {
    size_t block = 0;
    while (k >= totals_[block]) k -= totals_[block++];
    size_t at = block * kBlock;
    while (k >= counts_[at]) k -= counts_[at++];
    return lowest_ + static_cast<int64_t>(at);
  }
  // The answer is the least value, of the column or of those added, that more than k are at most.
  size_t removed = 0, added = 0;
  for (const Changes &run : runs_) {
    removed += run.removed.size();
    added += run.added.size();
  }
  const auto enough = [&](int64_t value) { return CountAtMost(value) > k; };
  const auto begin = column_.begin() + static_cast<ptrdiff_t>(k - std::min(k, added));
  const auto end =
      column_.begin() + static_cast<ptrdiff_t>(std::min(column_.size(), k + removed + 1));
  const auto found = std::partition_point(begin, end, [&](int64_t v) { return !enough(v); });
  int64_t least = found == column_.end() ? std::numeric_limits<int64_t>::max() : *found;
  for (const Changes &run : runs_) {
    // Only values between the neighbours in the column can come before.
    auto first = run.added.begin();
    if (found != column_.begin())
      first = std::upper_bound(first, run.added.end(), *std::prev(found));
    const auto last = std::lower_bound(first, run.added.end(), least);
    const auto better = std::partition_point(first, last, [&](int64_t v) { return !enough(v); });
    if (better != last) least = *better;
  }
  return least;
}

inline size_t OrderIndex::CountAtMost(int64_t value) const {
  if (counted_) {
    if (value < lowest_) return 0;
    const uint64_t at = static_cast<uint64_t>(value) - static_cast<uint64_t>(lowest_);
    if (at >= counts_.size()) return size_;
    size_t count = 0;
    for (size_t block = 0; block < at / kBlock; ++block) count += totals_[block];
    for (size_t i = at / kBlock * kBlock; i <= at; ++i) count += counts_[i];
    return count;
  }
  const auto at_most = [value](const auto &sorted) {
    return static_cast<size_t>(std::upper_bound(sorted.begin(), sorted.end(), value) -
                               sorted.begin());
  };
  size_t count = at_most(column_);
  for (const Changes &run : runs_) count += at_most(run.added) - at_most(run.removed);
  return count;
}

inline size_t OrderIndex::memory_bytes() const {
  size_t bytes = counts_.capacity() * 4 + totals_.capacity() * 8 + column_.capacity() * 8;
  for (const Changes &run : runs_) bytes += (run.added.capacity() + run.removed.capacity()) * 8;
  return bytes;
}

inline bool OrderIndex::Covers(std::span<const int64_t> values) const {
  return std::ranges::all_of(values, [this](int64_t v) { return v >= lowest_ && v <= highest_; });
}

// Makes the counters reach from `least` to `greatest`; false if that is too wide for counters.
inline bool OrderIndex::CountRange(int64_t least, int64_t greatest) {
  if (!counts_.empty()) {
    least = std::min(least, lowest_);
    greatest = std::max(greatest, highest_);
  }
  const uint64_t width = static_cast<uint64_t>(greatest) - static_cast<uint64_t>(least);
  if (width >= kNarrow) return false;
  std::vector<uint32_t> counts((width / kBlock + 1) * kBlock);
  std::vector<uint64_t> totals(counts.size() / kBlock);
  const auto shift = static_cast<uint64_t>(lowest_) - static_cast<uint64_t>(least);
  for (size_t i = 0; i < counts_.size() && i + shift < counts.size(); ++i) {
    counts[i + shift] = counts_[i];
    totals[(i + shift) / kBlock] += counts_[i];
  }
  lowest_ = least;
  if (__builtin_add_overflow(least, static_cast<int64_t>(counts.size() - 1), &highest_)) {
    highest_ = std::numeric_limits<int64_t>::max();
  }
  counts_.swap(counts);
  totals_.swap(totals);
  return true;
}

inline void OrderIndex::Count(int64_t value, int by) {
  const uint64_t at = static_cast<uint64_t>(value) - static_cast<uint64_t>(lowest_);
  counts_[at] += static_cast<uint32_t>(by);
  totals_[at / kBlock] += static_cast<uint64_t>(int64_t{by});
}

// Goes over from counters to the sorted column.
inline void OrderIndex::Widen() {
  LargeVector<int64_t> column;
  column.reserve(size_);
  for (size_t i = 0; i < counts_.size(); ++i) {
    column.insert(column.end(), counts_[i],
                  static_cast<int64_t>(static_cast<uint64_t>(lowest_) + i));
  }
  column_ = std::move(column);
  counted_ = false;
  counts_ = {};
  totals_ = {};
}

inline OrderIndex::Changes OrderIndex::Sorted(std::span<const int64_t> removed,
                                              std::span<const int64_t> added) {
  Changes changes{std::vector<int64_t>(removed.size()), std::vector<int64_t>(added.size())};
  SortKeys<int64_t>(removed, changes.removed);
  SortKeys<int64_t>(added, changes.added);
  Cancel(&changes);
  return changes;
}

inline OrderIndex::Changes OrderIndex::Joined(Changes a, const Changes &b) {
  if (b.size() == 0) return a;
  Changes joined{std::vector<int64_t>(a.removed.size() + b.removed.size()),
                 std::vector<int64_t>(a.added.size() + b.added.size())};
  std::ranges::merge(a.removed, b.removed, joined.removed.begin());
  std::ranges::merge(a.added, b.added, joined.added.begin());
  Cancel(&joined);
  return joined;
}

// Drops what has been both added and removed.
inline void OrderIndex::Cancel(Changes *changes) {
  auto &[removed, added] = *changes;
  size_t r = 0, a = 0, kept_removed = 0, kept_added = 0;
  while (r < removed.size() && a < added.size()) {
    if (removed[r] == added[a]) {
      ++r;
      ++a;
    } else if (removed[r] < added[a]) {
      removed[kept_removed++] = removed[r++];
    } else {
      added[kept_added++] = added[a++];
    }
  }
  while (r < removed.size()) removed[kept_removed++] = removed[r++];
  while (a < added.size()) added[kept_added++] = added[a++];
  removed.resize(kept_removed);
  added.resize(kept_added);
}

inline void OrderIndex::MergeIntoColumn(const Changes &changes) {
  const auto &[removed, added] = changes;
  const size_t size = column_.size() - removed.size() + added.size();
  if (size > column_.capacity()) column_.reserve(std::max(size, column_.capacity() * 5 / 4));
  // Nothing below allocates. First the gaps are closed, then room is made from the end.
  size_t kept = 0, next = 0;
  for (const int64_t value : removed) {
    while (column_[next] < value) column_[kept++] = column_[next++];
    ++next;
  }
  std::copy(column_.begin() + static_cast<ptrdiff_t>(next), column_.end(),
            column_.begin() + static_cast<ptrdiff_t>(kept));
  kept += column_.size() - next;
  column_.resize(size);
  size_t to = size, left = added.size();
  while (left > 0) {
    const bool from_column = kept > 0 && column_[kept - 1] > added[left - 1];
    column_[--to] = from_column ? column_[--kept] : added[--left];
  }
}

}  // namespace patron::value

#endif  // PATRON_VALUE_ORDER_INDEX_HPP_
