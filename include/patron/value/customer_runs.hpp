// Sorted items of each customer, side by side in memory, that grow one by one or in bulk.
#ifndef PATRON_VALUE_CUSTOMER_RUNS_HPP_
#define PATRON_VALUE_CUSTOMER_RUNS_HPP_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include "patron/base/buffer.hpp"
#include "patron/base/large_vector.hpp"

namespace patron::value::detail {

// T is trivially copyable and ordered by <; items that are equal in that order are equal. So runs do
// not depend on the order in which items come.
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
  void AddEach(size_t customers, std::span<const uint32_t> codes, ItemOf item_of);

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
  template <typename ItemOf>
  void AddFirst(std::span<const uint32_t> codes, ItemOf item_of);
  void Grow(Run &run, uint32_t capacity);
  void Sort(Run &run);

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
// by itself, in memory that the caches hold.
template <typename T>
template <typename ItemOf>
void CustomerRuns<T>::AddFirst(std::span<const uint32_t> codes, ItemOf item_of) {
  constexpr size_t kParts = 256;
  const uint32_t width = static_cast<uint32_t>(runs_.size() / kParts + 1);
  LargeVector<uint32_t> counts(runs_.size());
  for (const uint32_t code : codes) ++counts[code];
  const size_t first = items_.size();
  std::array<size_t, kParts + 1> begins{};
  std::array<size_t, kParts> next{};
  for (size_t c = 0; c < counts.size(); ++c) begins[c / width + 1] += counts[c];
  size_t most = 0;
  for (size_t p = 0; p < kParts; ++p) {
    most = std::max(most, begins[p + 1]);
    begins[p + 1] += begins[p];
    next[p] = begins[p];
  }
  const Buffer<uint32_t> parted = MakeBuffer<uint32_t>(codes.size());
  LargeVector<T> part(most);
  // One item more must not move them all.
  items_.reserve(first + codes.size() + codes.size() / 8);
  items_.resize(first + codes.size());

  size_t at = first;
  for (size_t c = 0; c < counts.size(); ++c) {
    if (counts[c] == 0) continue;
    runs_[c] = {.begin = at, .size = 0, .sorted = 0, .capacity = counts[c]};
    at += counts[c];
  }
  for (size_t i = 0; i < codes.size(); ++i) {
    const size_t place = next[codes[i] / width]++;
    parted[place] = codes[i];
    items_[first + place] = item_of(i);
  }
  for (size_t p = 0; p < kParts; ++p) {
    const auto begin = items_.begin() + static_cast<ptrdiff_t>(first + begins[p]);
    const auto end = items_.begin() + static_cast<ptrdiff_t>(first + begins[p + 1]);
    std::copy(begin, end, part.begin());
    for (size_t i = begins[p]; i < begins[p + 1]; ++i) {
      Run &run = runs_[parted[i]];
      items_[run.begin + run.size++] = part[i - begins[p]];
    }
    for (size_t c = p * width; c < std::min((p + 1) * width, runs_.size()); ++c) Sort(runs_[c]);
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
  constexpr size_t kParts = 512;
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
void CustomerRuns<T>::Sort(Run &run) {
  if (run.sorted == run.size) return;
  const auto begin = items_.begin() + static_cast<ptrdiff_t>(run.begin);
  const auto middle = begin + run.sorted, end = begin + run.size;
  if (end - middle < 16) {
    for (auto at = middle; at != end; ++at) {
      const T item = *at;
      auto to = at;
      for (; to != middle && item < *(to - 1); --to) *to = *(to - 1);
      *to = item;
    }
  } else if (!std::is_sorted(middle, end)) {
    std::sort(middle, end);
  }
  if (middle != begin && *middle < *(middle - 1)) std::inplace_merge(begin, middle, end);
  run.sorted = run.size;
}

template <typename T>
template <typename ItemOf>
void CustomerRuns<T>::AddEach(size_t customers, std::span<const uint32_t> codes, ItemOf item_of) {
  if (customers > runs_.size()) runs_.resize(customers);
  if (codes.size() > 64 && codes.size() > runs_.size() / 8) {
    if (size_ == 0) {
      AddFirst(codes, item_of);
    } else {
      AddBulk(codes, item_of);
    }
    return;
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
}

}  // namespace patron::value::detail

#endif  // PATRON_VALUE_CUSTOMER_RUNS_HPP_
