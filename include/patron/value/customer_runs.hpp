// Sorted items of each customer, side by side in memory, that grow one by one or in bulk.
#ifndef PATRON_VALUE_CUSTOMER_RUNS_HPP_
#define PATRON_VALUE_CUSTOMER_RUNS_HPP_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <type_traits>
#include <vector>

#include "patron/base/buffer.hpp"
#include "patron/base/large_vector.hpp"

namespace patron::value::detail {

// T is trivially copyable and ordered by <, by its day() first; items that are equal in that order are
// equal. So runs do not depend on the order in which items come.
template <typename T>
class CustomerRuns {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  size_t customers() const { return runs_.size(); }
  uint64_t size() const { return size_; }

  // The items of customer `code`, ascending; none if it has none.
  std::span<const T> operator[](uint32_t code) const {
    if (code >= runs_.size()) return {};
    const Run &run = runs_[code];
    return {items_.data() + run.begin, run.size};
  }

  // Adds items[i] to customer codes[i], all below `customers`. If memory runs out, nothing is added.
  // Cost: O(1) an item, and a sort of what is new; an item that comes late moves those after it.
  void Add(size_t customers, std::span<const uint32_t> codes, std::span<const T> items) {
    AddEach(customers, codes, [&](size_t i) { return items[i]; });
  }
  // The same of item_of(i), which does not throw and is asked once, in order of i.
  template <typename ItemOf>
  void AddEach(size_t customers, std::span<const uint32_t> codes, ItemOf item_of) {
    AddEach(customers, codes, item_of, [](std::span<const T>) {});
  }
  // The same. Where there was no item yet and many come, calls see(run), which does not throw, with the
  // items of each customer that has any while the caches hold them, and gives true.
  template <typename ItemOf, typename See>
  bool AddEach(size_t customers, std::span<const uint32_t> codes, ItemOf item_of, See see);

  size_t memory_bytes() const {
    return runs_.capacity() * sizeof(Run) + items_.capacity() * sizeof(T);
  }

 private:
  struct Run {
    uint64_t begin = 0;
    uint32_t size = 0;
    uint32_t sorted = 0;
    uint32_t capacity = 0;
  };

  struct Addressed {
    uint32_t code;
    T item;
  };

  template <typename ItemOf>
  void AddBulk(std::span<const uint32_t> codes, ItemOf item_of);
  template <typename ItemOf, typename See>
  void AddFirst(std::span<const uint32_t> codes, ItemOf item_of, See see);
  void Grow(Run &run, uint32_t capacity);
  void Sort(Run &run);
  // Enough that one is in the caches, and few enough to write to all of them in turn.
  static constexpr size_t kParts = 512;

  static void SortItems(T *begin, T *end);
  static void SortDays(T *begin, T *end);

  LargeVector<Run> runs_;
  LargeVector<T> items_;
  uint64_t size_ = 0;
};

template <typename T>
void CustomerRuns<T>::Grow(Run &run, uint32_t capacity) {
  const uint64_t begin = items_.size();
  if (items_.capacity() < begin + capacity) {
    items_.reserve(std::max<size_t>(begin + capacity, items_.capacity() + items_.capacity() / 2));
  }
  items_.resize(begin + capacity);
  std::copy_n(items_.begin() + static_cast<ptrdiff_t>(run.begin), run.size,
              items_.begin() + static_cast<ptrdiff_t>(begin));
  run.begin = begin;
  run.capacity = capacity;
}

// Where no customer has an item yet, the parts can stand where their runs will: then each is put in order
// by itself, in memory that the caches hold. A part is brought in order of days first and of customers
// then, so that runs come out sorted but for items of one day.
template <typename T>
template <typename ItemOf, typename See>
void CustomerRuns<T>::AddFirst(std::span<const uint32_t> codes, ItemOf item_of, See see) {
  constexpr size_t kAhead = 128;  // Bytes.
  int shift = 0;
  // Codes within a part are told in 16 bits.
  while (shift < 16 && ((runs_.size() - 1) >> shift) >= kParts) ++shift;
  const size_t width = size_t{1} << shift, parts = ((runs_.size() - 1) >> shift) + 1;
  std::vector<size_t> begins(parts + 1);
  for (const uint32_t code : codes) ++begins[(code >> shift) + 1];
  const size_t most = *std::ranges::max_element(begins);
  std::partial_sum(begins.begin(), begins.end(), begins.begin());
  const size_t first = items_.size();
  const Buffer<uint16_t> parted = MakeBuffer<uint16_t>(codes.size());
  LargeVector<Addressed> part(most);
  LargeVector<uint32_t> next(std::max(width, codes.size() / kParts + 1));
  // One item more must not move them all.
  items_.reserve(first + codes.size() + codes.size() / 8);
  items_.resize(first + codes.size());

  T *const places = items_.data() + first;
  std::vector<size_t> ends = begins;
  int32_t low = std::numeric_limits<int32_t>::max(), high = std::numeric_limits<int32_t>::min();
  for (size_t i = 0; i < codes.size(); ++i) {
    const size_t place = ends[codes[i] >> shift]++;
    const T item = item_of(i);
    parted[place] = static_cast<uint16_t>(codes[i] & (width - 1));
    places[place] = item;
    __builtin_prefetch(reinterpret_cast<char *>(&parted[place]) + kAhead, 1);
    __builtin_prefetch(reinterpret_cast<char *>(&places[place]) + kAhead, 1);
    low = std::min(low, item.day());
    high = std::max(high, item.day());
  }
  const auto days = static_cast<size_t>(int64_t{high} - low) + 1;
  const bool by_day = days <= codes.size() / kParts;
  for (size_t p = 0; p < parts && begins[p] < codes.size(); ++p) {
    const std::span<const uint16_t> who(&parted[begins[p]], begins[p + 1] - begins[p]);
    T *const items = places + begins[p];
    if (by_day) {
      const auto day_of = [&](size_t i) {
        return static_cast<size_t>(int64_t{items[i].day()} - low);
      };
      std::fill_n(next.begin(), days, 0);
      for (size_t i = 0; i < who.size(); ++i) ++next[day_of(i)];
      std::exclusive_scan(next.begin(), next.begin() + static_cast<ptrdiff_t>(days), next.begin(),
                          uint32_t{0});
      for (size_t i = 0; i < who.size(); ++i) part[next[day_of(i)]++] = {who[i], items[i]};
    } else {
      for (size_t i = 0; i < who.size(); ++i) part[i] = {who[i], items[i]};
    }

    const size_t least = p * width, count = std::min(width, runs_.size() - least);
    std::fill_n(next.begin(), count, 0);
    for (const uint16_t code : who) ++next[code];
    size_t at = 0;
    for (size_t c = 0; c < count; ++c) {
      const uint32_t size = next[c];
      if (size > 0) runs_[least + c] = {first + begins[p] + at, size, size, size};
      next[c] = static_cast<uint32_t>(at);
      at += size;
    }
    for (size_t i = 0; i < who.size(); ++i) items[next[part[i].code]++] = part[i].item;
    for (size_t c = least; c < least + count; ++c) {
      T *const begin = items_.data() + runs_[c].begin;
      by_day ? SortDays(begin, begin + runs_[c].size) : SortItems(begin, begin + runs_[c].size);
      if (runs_[c].size > 0) see(std::span<const T>(begin, runs_[c].size));
    }
  }
  size_ += codes.size();
}

// Room for all comes first, so that the writes cannot fail. The rows are parted by customer in two
// steps, because writes all over the memory cost far more than writes to a few places.
template <typename T>
template <typename ItemOf>
void CustomerRuns<T>::AddBulk(std::span<const uint32_t> codes, ItemOf item_of) {
  LargeVector<uint32_t> counts(runs_.size());
  for (const uint32_t code : codes) ++counts[code];
  size_t more = 0;
  for (size_t c = 0; c < counts.size(); ++c) {
    if (runs_[c].size + counts[c] > runs_[c].capacity) more += runs_[c].size + counts[c];
  }
  const uint32_t width = static_cast<uint32_t>(runs_.size() / kParts + 1);
  std::array<size_t, kParts + 1> ends{};
  for (size_t c = 0; c < counts.size(); ++c) ends[c / width + 1] += counts[c];
  for (size_t p = 1; p <= kParts; ++p) ends[p] += ends[p - 1];
  LargeVector<Addressed> parted(codes.size());
  size_t at = items_.size();
  items_.resize(at + more);

  for (size_t c = 0; c < counts.size(); ++c) {
    Run &run = runs_[c];
    if (run.size + counts[c] <= run.capacity) continue;
    std::copy_n(items_.begin() + static_cast<ptrdiff_t>(run.begin), run.size,
                items_.begin() + static_cast<ptrdiff_t>(at));
    run.begin = at;
    run.capacity = run.size + counts[c];
    at += run.capacity;
  }
  for (size_t i = 0; i < codes.size(); ++i) {
    parted[ends[codes[i] / width]++] = {codes[i], item_of(i)};
  }
  for (const Addressed &row : parted) {
    Run &run = runs_[row.code];
    items_[run.begin + run.size++] = row.item;
  }
  for (Run &run : runs_) Sort(run);
  size_ += codes.size();
}

template <typename T>
void CustomerRuns<T>::SortItems(T *begin, T *end) {
  if (end - begin >= 16) {
    if (!std::is_sorted(begin, end)) std::sort(begin, end);
    return;
  }
  for (T *at = begin; at != end; ++at) {
    const T item = *at;
    T *to = at;
    for (; to != begin && item < *(to - 1); --to) *to = *(to - 1);
    *to = item;
  }
}

// Sorts items whose days ascend.
template <typename T>
void CustomerRuns<T>::SortDays(T *begin, T *end) {
  for (T *at = begin; at != end; ++at) {
    if (at == begin || !(*at < *(at - 1))) continue;
    T *from = at - 1;
    while (from != begin && (from - 1)->day() == at->day()) --from;
    T *to = at + 1;
    while (to != end && to->day() == at->day()) ++to;
    SortItems(from, to);
    at = to - 1;
  }
}

template <typename T>
void CustomerRuns<T>::Sort(Run &run) {
  if (run.sorted == run.size) return;
  T *const begin = items_.data() + run.begin;
  T *const middle = begin + run.sorted, *const end = begin + run.size;
  SortItems(middle, end);
  if (middle != begin && *middle < *(middle - 1)) std::inplace_merge(begin, middle, end);
  run.sorted = run.size;
}

template <typename T>
template <typename ItemOf, typename See>
bool CustomerRuns<T>::AddEach(size_t customers, std::span<const uint32_t> codes, ItemOf item_of,
                              See see) {
  if (customers > runs_.size()) runs_.resize(customers);
  if (codes.size() > 64 && codes.size() > runs_.size() / 8) {
    if (size_ == 0) {
      AddFirst(codes, item_of, see);
      return true;
    }
    AddBulk(codes, item_of);
    return false;
  }
  size_t added = 0;
  try {
    for (; added < codes.size(); ++added) {
      Run &run = runs_[codes[added]];
      if (run.size == run.capacity) Grow(run, std::max<uint32_t>(2, run.capacity * 2));
      items_[run.begin + run.size++] = item_of(added);
    }
  } catch (...) {
    while (added-- > 0) --runs_[codes[added]].size;
    throw;
  }
  for (const uint32_t code : codes) Sort(runs_[code]);
  size_ += codes.size();
  return false;
}

}  // namespace patron::value::detail

#endif  // PATRON_VALUE_CUSTOMER_RUNS_HPP_
