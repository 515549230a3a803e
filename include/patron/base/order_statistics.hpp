// Order statistics: the k-th smallest of values in any order.
#ifndef PATRON_BASE_ORDER_STATISTICS_HPP_
#define PATRON_BASE_ORDER_STATISTICS_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "patron/base/parallel.hpp"
#include "patron/base/select.hpp"
#include "patron/base/sort.hpp"

namespace patron {

// Some or all order statistics of values in any order: `statistics(k)` is the k-th smallest.
//
// Integers in a narrow range are counted; other values are selected or sorted.
template <typename T>
class OrderStatistics {
 public:
  // Prepares `positions` (any order, each below values.size(), repeats allowed), the only k that
  // may be asked for. No NaN. Cost: O(n) time, no copy of the whole; scratch as SelectRanks, or
  // 8 bytes for each number in the range of counted integers, at most 512 KiB a worker.
  static OrderStatistics At(std::span<const T> values, std::vector<size_t> positions,
                            const Execution &execution = {});

  // Prepares all positions. No NaN. Cost: as SortKeys, and a copy of the values unless counted.
  static OrderStatistics All(std::span<const T> values, const Execution &execution = {});

  // The k-th smallest value, k from 0. Cost: O(log m), or O(log range) for counted integers.
  T operator()(size_t k) const;

 private:
  static constexpr uint64_t kNarrow = uint64_t{1} << 16;

  bool CountNarrow(std::span<const T> values, const Execution &execution);

  T lowest_ = 0;                   // Counted: the value of ends_[0].
  std::vector<uint64_t> ends_;     // Counted: how many values are at most lowest_ + i.
  std::vector<size_t> positions_;  // Selected: ascending; empty if all are there.
  std::vector<T> statistics_;      // Selected: one for each of positions_, or all.
};

template <typename T>
OrderStatistics<T> OrderStatistics<T>::At(std::span<const T> values, std::vector<size_t> positions,
                                          const Execution &execution) {
  OrderStatistics result;
  if (values.empty() || result.CountNarrow(values, execution)) return result;
  std::ranges::sort(positions);
  positions.erase(std::unique(positions.begin(), positions.end()), positions.end());
  const auto select = [&](auto keys) {
    for (const auto &found : SelectRanks(keys, std::span<const size_t>(positions), execution)) {
      result.statistics_.push_back(static_cast<T>(found.key));
    }
  };
  if constexpr (SortKey<T>) {
    select(values);
  } else {
    const std::vector<int64_t> wide(values.begin(), values.end());
    select(std::span<const int64_t>(wide));
  }
  result.positions_ = std::move(positions);
  return result;
}

template <typename T>
OrderStatistics<T> OrderStatistics<T>::All(std::span<const T> values, const Execution &execution) {
  OrderStatistics result;
  if (values.empty() || result.CountNarrow(values, execution)) return result;
  if constexpr (SortKey<T>) {
    result.statistics_.resize(values.size());
    SortKeys(values, std::span<T>(result.statistics_), execution);
  } else {
    result.statistics_.assign(values.begin(), values.end());
    std::ranges::sort(result.statistics_);
  }
  return result;
}

template <typename T>
T OrderStatistics<T>::operator()(size_t k) const {
  if (!ends_.empty()) {
    const auto end = std::upper_bound(ends_.begin(), ends_.end(), k);
    return static_cast<T>(lowest_ + static_cast<T>(end - ends_.begin()));
  }
  if (positions_.empty()) return statistics_[k];
  const auto place = std::lower_bound(positions_.begin(), positions_.end(), k);
  return statistics_[static_cast<size_t>(place - positions_.begin())];
}

template <typename T>
bool OrderStatistics<T>::CountNarrow(std::span<const T> values, const Execution &execution) {
  if constexpr (!std::is_integral_v<T>) {
    return false;
  } else {
    // Counters must be worth their memory. A look at the first values spares most wide columns
    // the rest.
    const uint64_t limit = std::min<uint64_t>(kNarrow, 64 + 4 * values.size());
    T low = values[0], high = values[0];
    uint64_t width = 0;
    for (const auto part : {values.first(std::min<size_t>(values.size(), 4096)), values}) {
      for (const T value : part) {
        low = std::min(low, value);
        high = std::max(high, value);
      }
      width = static_cast<uint64_t>(high) - static_cast<uint64_t>(low);
      if (width >= limit) return false;
    }
    const size_t size = static_cast<size_t>(width) + 1;
    // Whole counts add up to the same whatever the number of parts.
    const size_t parts = std::clamp<size_t>(values.size() / kNarrow, 1, execution.workers());
    std::vector<uint64_t> counts(size * parts);
    ParallelFor(execution, parts, [&](size_t part) {
      const Range range = PartOf(values.size(), parts, part);
      uint64_t *mine = counts.data() + part * size;
      const auto origin = static_cast<uint64_t>(low);
      for (size_t i = range.begin; i < range.end; ++i) {
        ++mine[static_cast<uint64_t>(values[i]) - origin];
      }
    });
    uint64_t total = 0;
    for (size_t i = 0; i < size; ++i) {
      for (size_t part = 0; part < parts; ++part) total += counts[part * size + i];
      counts[i] = total;
    }
    counts.resize(size);
    lowest_ = low;
    ends_ = std::move(counts);
    return true;
  }
}

}  // namespace patron

#endif  // PATRON_BASE_ORDER_STATISTICS_HPP_
