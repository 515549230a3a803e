// Grouping of equal rows: a likelihood needs each distinct row once, with the sum of its weights.
#ifndef PATRON_CLV_CELLS_HPP_
#define PATRON_CLV_CELLS_HPP_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "patron/base/sort.hpp"

namespace patron::clv {

// Distinct rows of kColumns columns in ascending order of the first, then the second, ...
template <size_t kColumns>
struct Cells {
  std::array<std::vector<double>, kColumns> column;
  std::vector<double> weight;  // Of the rows that are equal, added in row order.

  size_t size() const { return weight.size(); }
};

// Groups the rows of `columns`, of equal length, of finite numbers. `weights` is of that length,
// or empty where each row counts once. Equal means equal as numbers. Cost: a stable sort of the
// rows a column; 36 bytes a row of scratch.
template <size_t kColumns>
Cells<kColumns> GroupRows(const std::array<std::span<const double>, kColumns> &columns,
                          std::span<const double> weights = {}, const Execution &execution = {});

// The distinct values of an ascending column, and for each row the place of its value among them.
struct DistinctValues {
  std::vector<double> value;
  std::vector<uint32_t> place;
};
DistinctValues DistinctOf(std::span<const double> ascending);

template <size_t kColumns>
inline Cells<kColumns> GroupRows(const std::array<std::span<const double>, kColumns> &columns,
                                 std::span<const double> weights, const Execution &execution) {
  const size_t rows = columns[0].size();
  std::vector<uint32_t> order(rows), next(rows);
  std::iota(order.begin(), order.end(), uint32_t{0});
  std::vector<double> keys(rows), sorted(rows);
  // Last column first: a stable sort keeps what the ones before it did.
  for (size_t c = kColumns; c-- > 0;) {
    for (size_t i = 0; i < rows; ++i) keys[i] = columns[c][order[i]];
    SortPairs<double>(keys, order, sorted, next, execution);
    order.swap(next);
  }
  Cells<kColumns> cells;
  for (size_t i = 0; i < rows; ++i) {
    const uint32_t row = order[i];
    const bool same = i > 0 && std::ranges::all_of(columns, [&](std::span<const double> column) {
                        return column[row] == column[order[i - 1]];
                      });
    const double weight = weights.empty() ? 1 : weights[row];
    if (same) {
      cells.weight.back() += weight;
      continue;
    }
    cells.weight.push_back(weight);
    for (size_t c = 0; c < kColumns; ++c) cells.column[c].push_back(columns[c][row]);
  }
  return cells;
}

inline DistinctValues DistinctOf(std::span<const double> ascending) {
  DistinctValues distinct;
  distinct.place.reserve(ascending.size());
  for (const double v : ascending) {
    if (distinct.value.empty() || distinct.value.back() != v) distinct.value.push_back(v);
    distinct.place.push_back(static_cast<uint32_t>(distinct.value.size() - 1));
  }
  return distinct;
}

}  // namespace patron::clv

#endif  // PATRON_CLV_CELLS_HPP_
