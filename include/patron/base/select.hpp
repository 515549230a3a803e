// Selection: the values at given ranks of the ascending order, without sorting the rest.
#ifndef PATRON_BASE_SELECT_HPP_
#define PATRON_BASE_SELECT_HPP_

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "patron/base/buffer.hpp"
#include "patron/base/parallel.hpp"
#include "patron/base/sort.hpp"

namespace patron {

// A key of a column and how many others stand below it and beside it.
template <SortKey T>
struct RankedKey {
  T key = 0;
  size_t below = 0;  // Keys smaller than it.
  size_t equal = 0;  // Keys equal to it, itself included.
};

// The keys at `ranks` (zero-based, ascending, repeats allowed, each below keys.size()) of the
// ascending order of `keys`: rank 0 is the smallest. Doubles must not be NaN. Cost: O(n),
// whatever the order and the distribution; scratch: for each
// wanted key some thousandths of the keys, where many are not equal.
template <SortKey T>
std::vector<RankedKey<T>> SelectRanks(std::span<const T> keys, std::span<const size_t> ranks,
                                      const Execution &execution = {});

namespace detail {

// The key that OrderBits maps to `bits`.
template <SortKey T>
T FromOrderBits(uint64_t bits) {
  constexpr uint64_t kSign = uint64_t{1} << 63;
  if constexpr (std::same_as<T, double>) {
    return std::bit_cast<double>((bits & kSign) != 0 ? bits ^ kSign : ~bits);
  } else if constexpr (std::same_as<T, int64_t>) {
    return static_cast<int64_t>(bits ^ kSign);
  } else {
    return bits;
  }
}

// The keys that fall into some of the cells, cell after cell, in row order within a cell.
template <SortKey T>
struct Gathered {
  Buffer<T> keys;
  std::vector<size_t> begins;  // One for each wanted cell, and the end of the last.

  std::span<const T> cell(size_t i) const {
    return {keys.get() + begins[i], begins[i + 1] - begins[i]};
  }
};

// `wanted` holds cell numbers, ascending, without repeats.
template <SortKey T>
Gathered<T> GatherCells(std::span<const T> keys, const Spread &spread,
                        std::span<const size_t> wanted, const Execution &execution) {
  constexpr uint16_t kElsewhere = 0xFFFF;
  std::vector<uint16_t> slot(spread.cells.count(), kElsewhere);
  Gathered<T> gathered;
  std::vector<size_t> places(spread.parts * wanted.size());
  size_t begin = 0;
  for (size_t i = 0; i < wanted.size(); ++i) {
    slot[wanted[i]] = static_cast<uint16_t>(i);
    gathered.begins.push_back(begin);
    for (size_t part = 0; part < spread.parts; ++part) {
      places[part * wanted.size() + i] = begin;
      begin += spread.counts[part * spread.cells.count() + wanted[i]];
    }
  }
  gathered.begins.push_back(begin);
  gathered.keys = MakeBuffer<T>(begin);
  ParallelFor(execution, spread.parts, [&](size_t part) {
    const Range rows = PartOf(keys.size(), spread.parts, part);
    size_t *place = places.data() + part * wanted.size();
    const ColumnCells::Finder cell_of(spread.cells);
    for (size_t i = rows.begin; i < rows.end; ++i) {
      const uint16_t to = slot[cell_of(keys[i])];
      if (to != kElsewhere) gathered.keys[place[to]++] = keys[i];
    }
  });
  return gathered;
}

// Writes what stands at `ranks` to `found`; `offset` keys are known to be below all of `keys`.
template <SortKey T>
void SelectInto(std::span<const T> keys, std::span<const size_t> ranks, size_t offset, bool exact,
                RankedKey<T> *found, const Execution &execution) {
  if (ranks.empty()) return;
  if (keys.size() <= kBlock) {
    const auto buffer = MakeBuffer<T>(keys.size());
    const std::span<T> sorted(buffer.get(), keys.size());
    SortKeys<T>(keys, sorted, execution);
    for (size_t i = 0; i < ranks.size(); ++i) {
      const T key = sorted[ranks[i] - offset];
      const auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), key);
      found[i] = {key, offset + static_cast<size_t>(first - sorted.begin()),
                  static_cast<size_t>(last - first)};
    }
    return;
  }
  const Spread spread = SpreadOf(keys, 12, exact, execution);
  struct Wanted {
    size_t cell;
    size_t begin;  // Keys in the cells before.
    size_t first_rank;
    size_t ranks;
  };
  std::vector<Wanted> wanted;
  std::vector<size_t> gather;
  for (size_t cell = 0, begin = offset, rank = 0; rank < ranks.size(); ++cell) {
    const size_t end = begin + spread.sizes[cell];
    const size_t first = rank;
    while (rank < ranks.size() && ranks[rank] < end) ++rank;
    if (rank > first) {
      if (const auto bits = spread.cells.OnlyKey(cell)) {
        const T key = FromOrderBits<T>(*bits);
        std::fill(found + first, found + rank, RankedKey<T>{key, begin, end - begin});
      } else {
        wanted.push_back({cell, begin, first, rank - first});
        gather.push_back(cell);
      }
    }
    begin = end;
  }
  if (gather.empty()) return;
  const Gathered<T> gathered = GatherCells(keys, spread, gather, execution);
  for (size_t i = 0; i < wanted.size(); ++i) {
    const Wanted &w = wanted[i];
    SelectInto(gathered.cell(i), ranks.subspan(w.first_rank, w.ranks), w.begin,
               gathered.cell(i).size() > keys.size() / 2, found + w.first_rank, execution);
  }
}

}  // namespace detail

template <SortKey T>
inline std::vector<RankedKey<T>> SelectRanks(std::span<const T> keys, std::span<const size_t> ranks,
                                             const Execution &execution) {
  std::vector<RankedKey<T>> found(ranks.size());
  detail::SelectInto(keys, ranks, 0, false, found.data(), execution);
  return found;
}

}  // namespace patron

#endif  // PATRON_BASE_SELECT_HPP_
