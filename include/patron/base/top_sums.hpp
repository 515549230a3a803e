// Sums of the largest values: how many it takes until they meet a test, without sorting the rest.
#ifndef PATRON_BASE_TOP_SUMS_HPP_
#define PATRON_BASE_TOP_SUMS_HPP_

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "patron/base/buffer.hpp"
#include "patron/base/parallel.hpp"
#include "patron/base/select.hpp"
#include "patron/base/sort.hpp"
#include "patron/base/sum.hpp"

namespace patron {

// For each of `tests` tests, the smallest k such that the sum of the k largest `values` meets it:
// `met(test, sum)` with a const Total<T> &. A sum that meets a test meets it with any gain more,
// and meets all tests before it. Tests that no sum of gains meets get values.size() + 1. The
// values are finite; those below zero end the search, as the sum falls from there on.
//
// Cost: O(n) time, two passes; scratch of 1 MB for long columns, and the
// values near the ends found. The result is the same for any
// number of threads, also where sums of doubles round.
template <Number T, typename Met>
std::vector<size_t> FewestLargest(std::span<const T> values, size_t tests, Met met,
                                  const Execution &execution = {});

namespace detail {

// Walks down the largest values and notes how many it took to meet each test.
template <Number T, typename Met>
struct TopWalk {
  Met &met;
  size_t passed = 0;
  Total<T> sum;  // Of the values passed.
  std::vector<size_t> counts;

  // Passes by the gains of `values` from the largest on, until `last` tests are met.
  void Walk(std::span<const T> values, size_t last, const Execution &execution) {
    const auto ascending = MakeBuffer<T>(values.size());
    SortKeys<T>(values, {ascending.get(), values.size()}, execution);
    for (size_t i = values.size(); i-- > 0 && counts.size() < last && ascending[i] > 0;) {
      sum.Add(ascending[i]);
      ++passed;
      while (counts.size() < last && met(counts.size(), sum)) counts.push_back(passed);
    }
  }
};

// The number of keys and the sum of the gains in each cell.
template <Number T>
struct GainSpread {
  Spread spread;
  std::vector<Total<T>> gains;
};

template <Number T>
GainSpread<T> GainSpreadOf(std::span<const T> values, const Execution &execution) {
  constexpr size_t kParts = 8;   // Fixed, so that no thread count moves a sum of doubles.
  constexpr int kCellBits = 10;  // Few enough for counts and sums to stay in the nearest cache.
  GainSpread<T> result{{ColumnCells::Sampled(values, kCellBits), kParts, {}, {}}, {}};
  Spread &spread = result.spread;
  const size_t cells = spread.cells.count();
  spread.counts.resize(kParts * cells);
  result.gains.resize(kParts * cells);
  ParallelFor(execution, kParts, [&](size_t part) {
    const Range rows = PartOf(values.size(), kParts, part);
    const ColumnCells::Finder cell_of(spread.cells);
    for (size_t i = rows.begin; i < rows.end; ++i) {
      const size_t slot = part * cells + cell_of(values[i]);
      ++spread.counts[slot];
      result.gains[slot].Add(std::max(values[i], T{0}));
    }
  });
  spread.sizes.assign(cells, 0);
  for (size_t i = 0; i < spread.counts.size(); ++i) spread.sizes[i % cells] += spread.counts[i];
  for (size_t i = cells; i < result.gains.size(); ++i) {
    result.gains[i % cells].Add(result.gains[i]);
  }
  result.gains.resize(cells);
  return result;
}

}  // namespace detail

template <Number T, typename Met>
inline std::vector<size_t> FewestLargest(std::span<const T> values, size_t tests, Met met,
                                         const Execution &execution) {
  detail::TopWalk<T, Met> walk{met, 0, {}, {}};
  if (values.size() <= detail::kBlock) {
    walk.Walk(values, tests, execution);
    walk.counts.resize(tests, values.size() + 1);
    return std::move(walk.counts);
  }
  const auto [spread, gains] = detail::GainSpreadOf(values, execution);
  const size_t cells = spread.cells.count();

  // In which cells tests are met, from the top down, and how many are by the end of each.
  std::vector<size_t> met_after(cells);
  std::vector<size_t> wanted;
  Total<T> sum;
  for (size_t cell = cells, done = 0; cell-- > 0;) {
    const size_t before = done;
    sum.Add(gains[cell]);
    while (done < tests && met(done, sum)) ++done;
    if (done > before) wanted.push_back(cell);
    met_after[cell] = done;
  }
  std::ranges::reverse(wanted);
  const detail::Gathered<T> gathered = detail::GatherCells(values, spread, wanted, execution);
  for (size_t cell = cells, left = wanted.size(); cell-- > 0;) {
    if (left > 0 && wanted[left - 1] == cell) {
      const std::span<const T> inside = gathered.cell(--left);
      detail::TopWalk<T, Met> within = walk;
      within.Walk(inside, met_after[cell], execution);
      // Added in another order, the gains may fail a test by their last bit.
      within.counts.resize(met_after[cell], within.passed);
      walk.counts = std::move(within.counts);
    }
    walk.passed += spread.sizes[cell];
    walk.sum.Add(gains[cell]);
  }
  walk.counts.resize(tests, values.size() + 1);
  return std::move(walk.counts);
}

}  // namespace patron

#endif  // PATRON_BASE_TOP_SUMS_HPP_
