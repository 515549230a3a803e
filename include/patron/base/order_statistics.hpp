// Order statistics: the k-th smallest of values in any order.
#ifndef PATRON_BASE_ORDER_STATISTICS_HPP_
#define PATRON_BASE_ORDER_STATISTICS_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "patron/base/parallel.hpp"
#include "patron/base/select.hpp"
#include "patron/base/sort.hpp"

namespace patron {

// Some or all order statistics of values in any order: `statistics(k)` is the k-th smallest.
// Holds what SelectRanks or SortKeys has found.
template <typename T>
class OrderStatistics {
 public:
  // Prepares `positions` (any order, each below values.size(), repeats allowed), the only k that
  // may be asked for. No NaN. Cost: as SelectRanks.
  static OrderStatistics At(std::span<const T> values, std::vector<size_t> positions,
                            const Execution &execution = {});

  // Prepares all positions. No NaN. Cost: as SortKeys, and a copy of the values.
  static OrderStatistics All(std::span<const T> values, const Execution &execution = {});

  // The k-th smallest value, k from 0. Cost: O(log m) for m positions, O(1) for all.
  T operator()(size_t k) const;

 private:
  std::vector<size_t> positions_;  // Ascending; empty if all are there.
  std::vector<T> statistics_;      // One for each of positions_, or all.
};

template <typename T>
OrderStatistics<T> OrderStatistics<T>::At(std::span<const T> values, std::vector<size_t> positions,
                                          const Execution &execution) {
  constexpr size_t kSmall = 24;  // Sorted sooner than searched.
  if (values.size() <= kSmall) return All(values, execution);
  OrderStatistics result;
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
  if (values.empty()) return result;
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
  if (positions_.empty()) return statistics_[k];
  const auto place = std::lower_bound(positions_.begin(), positions_.end(), k);
  return statistics_[static_cast<size_t>(place - positions_.begin())];
}

}  // namespace patron

#endif  // PATRON_BASE_ORDER_STATISTICS_HPP_
