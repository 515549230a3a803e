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
  std::vector<double> weight;     // Of the rows that are equal, added in row order.
  std::vector<uint32_t> pattern;  // Of covariates; empty without.

  size_t size() const { return weight.size(); }
};

// Groups the rows of `columns`, of equal length, of finite numbers. `weights` is of that length,
// or empty where each row counts once; `patterns` too, or empty: rows of one pattern stand together,
// the lowest first. Equal means equal as numbers. Cost: a stable sort of the rows a column; 36 bytes
// a row of scratch.
template <size_t kColumns>
Cells<kColumns> GroupRows(const std::array<std::span<const double>, kColumns> &columns,
                          std::span<const double> weights = {},
                          std::span<const uint32_t> patterns = {}, const Execution &execution = {});

// The distinct values of a column, ascending, and for each row the place of its value among them.
struct DistinctValues {
  std::vector<double> value;
  std::vector<uint32_t> place;
};
DistinctValues DistinctOf(std::span<const double> column);

template <size_t kColumns>
inline Cells<kColumns> GroupRows(const std::array<std::span<const double>, kColumns> &columns,
                                 std::span<const double> weights,
                                 std::span<const uint32_t> patterns, const Execution &execution) {
  const size_t rows = columns[0].size();
  std::vector<uint32_t> order(rows), next(rows);
  std::iota(order.begin(), order.end(), uint32_t{0});
  std::vector<double> keys(rows), sorted(rows);
  const auto sort_by = [&](const auto &column) {
    for (size_t i = 0; i < rows; ++i) keys[i] = static_cast<double>(column[order[i]]);
    SortPairs<double>(keys, order, sorted, next, execution);
    order.swap(next);
  };
  // Last column first: a stable sort keeps what the ones before it did.
  for (size_t c = kColumns; c-- > 0;) sort_by(columns[c]);
  if (!patterns.empty()) sort_by(patterns);
  Cells<kColumns> cells;
  for (size_t i = 0; i < rows; ++i) {
    const uint32_t row = order[i];
    const bool like = i > 0 && (patterns.empty() || patterns[row] == patterns[order[i - 1]]);
    const bool same = like && std::ranges::all_of(columns, [&](std::span<const double> column) {
                        return column[row] == column[order[i - 1]];
                      });
    const double weight = weights.empty() ? 1 : weights[row];
    if (same) {
      cells.weight.back() += weight;
      continue;
    }
    cells.weight.push_back(weight);
    if (!patterns.empty()) cells.pattern.push_back(patterns[row]);
    for (size_t c = 0; c < kColumns; ++c) cells.column[c].push_back(columns[c][row]);
  }
  return cells;
}

inline DistinctValues DistinctOf(std::span<const double> column) {
  DistinctValues distinct;
  distinct.value.assign(column.begin(), column.end());
  std::ranges::sort(distinct.value);
  distinct.value.erase(std::unique(distinct.value.begin(), distinct.value.end()),
                       distinct.value.end());
  distinct.place.reserve(column.size());
  for (const double v : column) {
    const auto place = std::ranges::lower_bound(distinct.value, v) - distinct.value.begin();
    distinct.place.push_back(static_cast<uint32_t>(place));
  }
  return distinct;
}

}  // namespace patron::clv

#endif  // PATRON_CLV_CELLS_HPP_
