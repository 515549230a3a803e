// Sorting of numbers: a stable radix sort, alone or carrying the row each number came from.
#ifndef PATRON_BASE_SORT_HPP_
#define PATRON_BASE_SORT_HPP_

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "patron/base/buffer.hpp"
#include "patron/base/parallel.hpp"

namespace patron {

// What can be sorted. Doubles must not be NaN; -0.0 and 0.0 are equal and keep their order.
template <typename T>
concept SortKey = std::same_as<T, int64_t> || std::same_as<T, uint64_t> || std::same_as<T, double>;

// Writes `keys` to `sorted` in ascending order. The two have the same size and do not overlap.
//
// Cost: O(n) for keys of any usual distribution; at worst O(n) for each 14 bits in which keys
// differ. Scratch: at most 4 MB a thread, or n keys if many crowd into a small part of their
// range.
template <SortKey T>
void SortKeys(std::span<const T> keys, std::span<T> sorted, const Execution &execution = {});

// Writes `keys` to `sorted_keys` in ascending order, and `payload` beside them to
// `sorted_payload`. Stable: among equal keys the order of the input stays. Cost: as SortKeys.
template <SortKey T>
void SortPairs(std::span<const T> keys, std::span<const uint32_t> payload, std::span<T> sorted_keys,
               std::span<uint32_t> sorted_payload, const Execution &execution = {});

// The rows of `keys` (at most 2^32) in ascending order of key, equal keys by row: the k-th
// smallest is keys[rows[k]]. Cost: as SortKeys, and a copy of the keys.
template <SortKey T>
std::vector<uint32_t> SortedRows(std::span<const T> keys, const Execution &execution = {});

namespace detail {

// Unsigned numbers in the order of the keys.
template <SortKey T>
inline uint64_t OrderBits(T key) {
  constexpr uint64_t kSign = uint64_t{1} << 63;
  if constexpr (std::same_as<T, double>) {
    const auto bits = std::bit_cast<int64_t>(key + 0.0);  // Turns -0.0 into 0.0.
    return static_cast<uint64_t>(bits) ^ (static_cast<uint64_t>(bits >> 63) | kSign);
  } else if constexpr (std::same_as<T, int64_t>) {
    return static_cast<uint64_t>(key) ^ kSign;
  } else {
    return key;
  }
}

// Cuts a range of keys into cells of equal width, numbered in the order of the keys.
struct Cells {
  uint64_t lowest = 0;
  int shift = 0;
  size_t count = 1;

  template <SortKey T>
  size_t operator()(T key) const {
    return static_cast<size_t>((OrderBits(key) - lowest) >> shift);
  }

  static Cells Over(uint64_t lowest, uint64_t highest, int bits) {
    const int width = static_cast<int>(std::bit_width(highest - lowest));
    const int shift = std::max(0, width - bits);
    return {lowest, shift, static_cast<size_t>((highest - lowest) >> shift) + 1};
  }
};

struct BitRange {
  uint64_t lowest;
  uint64_t highest;
};

// `count` at least 1.
template <SortKey T>
BitRange RangeOf(const T *keys, size_t count) {
  constexpr size_t kLanes = 4;
  T low[kLanes], high[kLanes];
  std::fill_n(low, kLanes, keys[0]);
  std::fill_n(high, kLanes, keys[0]);
  const auto meet = [&](size_t lane, T key) {
    low[lane] = key < low[lane] ? key : low[lane];
    high[lane] = high[lane] < key ? key : high[lane];
  };
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (size_t lane = 0; lane < kLanes; ++lane) meet(lane, keys[i + lane]);
  }
  for (; i < count; ++i) meet(0, keys[i]);
  return {OrderBits(*std::min_element(low, low + kLanes)),
          OrderBits(*std::max_element(high, high + kLanes))};
}

// The range of all keys.
template <SortKey T>
BitRange ExactRange(std::span<const T> keys, size_t parts, const Execution &execution) {
  std::vector<BitRange> ranges(parts);
  ParallelFor(execution, parts, [&](size_t part) {
    const Range rows = PartOf(keys.size(), parts, part);
    ranges[part] = RangeOf(keys.data() + rows.begin, rows.size());
  });
  BitRange all = ranges[0];
  for (const BitRange &range : ranges) {
    all = {std::min(all.lowest, range.lowest), std::max(all.highest, range.highest)};
  }
  return all;
}

// Cuts the keys of a column into cells, numbered in the order of the keys: slices of equal width,
// each cut into cells of its own width, and one cell more at each end for what lies outside.
class ColumnCells {
  struct Slice {
    uint32_t first;  // Its first cell.
    int32_t shift;   // Its cells are 2^shift wide.
  };

 public:
  static constexpr int kSliceBits = 10;  // Most slices, as a power of two.

  // About 2^bits cells of as many keys each, at most twice as many and the slices, judged by a
  // sample of rows at equal distances: neither a few customers far richer than the rest nor values
  // of every size push many keys into one cell.
  template <SortKey T>
  static ColumnCells Sampled(std::span<const T> keys, int bits) {
    constexpr size_t kSample = 4096;
    constexpr size_t kTrimmed = 8;
    std::array<uint64_t, kSample> sample;
    for (size_t i = 0; i < kSample; ++i) {
      sample[i] = OrderBits(keys[PartOf(keys.size(), kSample, i).begin]);
    }
    std::ranges::sort(sample);
    const std::span<const uint64_t> bulk(&sample[kTrimmed], kSample - 2 * kTrimmed);
    ColumnCells cells(bulk.front(), bulk.back());
    std::vector<size_t> hits(cells.slices_.size());
    for (const uint64_t key : bulk) ++hits[(key - cells.lowest_) >> cells.shift_];
    cells.CutSlices([&](size_t slice) {
      const size_t wanted = (hits[slice] << bits) / kSample;
      return static_cast<int>(std::bit_width(wanted));
    });
    return cells;
  }

  // Cells that no more than 2^-14 of the range falls into.
  static ColumnCells Equal(BitRange range) {
    ColumnCells cells(range.lowest, range.highest);
    cells.CutSlices([](size_t) { return 14 - kSliceBits; });
    return cells;
  }

  size_t count() const { return count_; }

  // Finds the cell of a key. For loops, which keep it in registers; lasts as long as the cells.
  class Finder {
   public:
    explicit Finder(const ColumnCells &cells)
        : lowest_(cells.lowest_),
          extent_(cells.extent_),
          shift_(cells.shift_),
          slices_(cells.slices_.data()),
          last_(cells.count_ - 1) {}

    template <SortKey T>
    size_t operator()(T key) const {
      const uint64_t bits = OrderBits(key);
      const uint64_t offset = bits - lowest_;  // Keys below wrap round to a large number.
      if (offset <= extent_) [[likely]] {
        const Slice slice = slices_[offset >> shift_];
        const uint64_t within = offset & ((uint64_t{1} << shift_) - 1);
        return slice.first + static_cast<size_t>(within >> slice.shift);
      }
      return bits < lowest_ ? 0 : last_;
    }

   private:
    uint64_t lowest_, extent_;
    int shift_;
    const Slice *slices_;
    size_t last_;
  };

  // The only key that falls into `cell`, by its bits; none if several would.
  std::optional<uint64_t> OnlyKey(size_t cell) const {
    if (cell == 0 || cell + 1 == count_) return std::nullopt;
    const auto after = std::ranges::upper_bound(slices_, cell, {}, &Slice::first);
    const auto slice = static_cast<uint64_t>(after - slices_.begin()) - 1;
    if (slices_[slice].shift > 0) return std::nullopt;
    return lowest_ + (slice << shift_) + (cell - slices_[slice].first);
  }

 private:
  ColumnCells(uint64_t lowest, uint64_t highest)
      : lowest_(lowest),
        extent_(highest - lowest),
        shift_(std::max(0, static_cast<int>(std::bit_width(extent_)) - kSliceBits)),
        slices_(static_cast<size_t>(extent_ >> shift_) + 1) {}

  // `bits(slice)`: how many cells a slice is cut into, if it is as wide, as a power of two.
  template <typename Bits>
  void CutSlices(Bits bits) {
    uint32_t first = 1;
    for (size_t slice = 0; slice < slices_.size(); ++slice) {
      const int cut = std::min(bits(slice), shift_);
      slices_[slice] = {first, shift_ - cut};
      first += uint32_t{1} << cut;
    }
    count_ = first + 1;
  }

  uint64_t lowest_;
  uint64_t extent_;  // Of the slices' range: its highest key less its lowest.
  int shift_;        // Slices are 2^shift wide.
  std::vector<Slice> slices_;
  size_t count_ = 0;
};

// Keys and, with kRows, the payload beside them.
template <SortKey T, bool kRows>
struct Lane {
  T *key = nullptr;
  uint32_t *row = nullptr;

  Lane operator+(size_t offset) const {
    if constexpr (kRows) return {key + offset, row + offset};
    return {key + offset, nullptr};
  }
  void Set(size_t to, const Lane &from, size_t at) const {
    key[to] = from.key[at];
    if constexpr (kRows) row[to] = from.row[at];
  }
};

template <SortKey T, bool kRows>
struct LaneBuffer {
  explicit LaneBuffer(size_t count)
      : key(MakeBuffer<T>(count)), row(kRows ? MakeBuffer<uint32_t>(count) : nullptr) {}
  Lane<T, kRows> lane() const { return {key.get(), row.get()}; }

  Buffer<T> key;
  Buffer<uint32_t> row;
};

template <SortKey T, bool kRows>
void CopyLane(Lane<T, kRows> from, Lane<T, kRows> to, size_t count) {
  std::copy_n(from.key, count, to.key);
  if constexpr (kRows) std::copy_n(from.row, count, to.row);
}

// Sorts `from` into `to`, which may be the same place.
template <SortKey T, bool kRows>
void InsertionSort(Lane<T, kRows> from, Lane<T, kRows> to, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    const T key = from.key[i];
    uint32_t row = 0;
    if constexpr (kRows) row = from.row[i];
    size_t place = i;
    for (; place > 0 && key < to.key[place - 1]; --place) to.Set(place, to, place - 1);
    to.key[place] = key;
    if constexpr (kRows) to.row[place] = row;
  }
}

inline constexpr size_t kInsertion = 24;           // Below this, insertion beats distribution.
inline constexpr size_t kBlock = size_t{1} << 16;  // Largest block sorted by one task.
inline constexpr int kBlockBits = 13;              // Most cells of a block, as a power of two.

// Counters that BlockSort needs for blocks of at most `largest` keys. A level of recursion
// counts in as many bits as its keys' number has, and all levels together have 64 to use up.
inline size_t BlockCounters(size_t largest) {
  const int bits = std::min(kBlockBits, static_cast<int>(std::bit_width(largest)));
  return static_cast<size_t>(63 / bits + 1) << bits;
}

// Sorts the `count` <= kBlock keys of `data`; they end in `spare` if `into_spare`, else where
// they were. Both are overwritten.
template <SortKey T, bool kRows>
void BlockSort(Lane<T, kRows> data, Lane<T, kRows> spare, size_t count, bool into_spare,
               uint32_t *counters) {
  const Lane<T, kRows> target = into_spare ? spare : data;
  if (count <= kInsertion) return InsertionSort(data, target, count);
  const BitRange range = RangeOf(data.key, count);
  if (range.lowest == range.highest) {
    if (into_spare) CopyLane(data, spare, count);
    return;
  }
  const int bits = std::min(kBlockBits, static_cast<int>(std::bit_width(count)));
  const Cells cells = Cells::Over(range.lowest, range.highest, bits);
  std::fill_n(counters, cells.count, 0);
  for (size_t i = 0; i < count; ++i) ++counters[cells(data.key[i])];
  uint32_t largest = 0;
  for (uint32_t cell = 0, begin = 0; cell < cells.count; ++cell) {
    const uint32_t size = counters[cell];
    largest = std::max(largest, size);
    counters[cell] = begin;
    begin += size;
  }
  for (size_t i = 0; i < count; ++i) spare.Set(counters[cells(data.key[i])]++, data, i);
  if (cells.shift == 0) {  // Keys of a cell are equal.
    if (!into_spare) CopyLane(spare, data, count);
    return;
  }
  // Keys are now at most a cell away from their place.
  if (largest <= kInsertion) return InsertionSort(spare, target, count);
  for (size_t cell = 0, begin = 0; cell < cells.count; ++cell) {
    const size_t end = counters[cell];
    if (end > begin) {
      BlockSort(spare + begin, data + begin, end - begin, !into_spare, counters + cells.count);
    }
    begin = end;
  }
}

// How a column falls into cells: the number of keys in each cell, in each part of the rows.
struct Spread {
  ColumnCells cells;
  size_t parts;
  std::vector<size_t> counts;  // Cell by cell within part by part.
  std::vector<size_t> sizes;   // Of the cells, all parts together.
};

// Counts `keys`, at least kBlock of them, in about 2^bits cells; if `exact`, in cells of equal
// width, which needs a pass more and makes sure that none holds more than 2^-14 of the range.
template <SortKey T>
Spread SpreadOf(std::span<const T> keys, int bits, bool exact, const Execution &execution) {
  const size_t parts = execution.workers();
  Spread spread{exact ? ColumnCells::Equal(ExactRange(keys, parts, execution))
                      : ColumnCells::Sampled(keys, bits),
                parts,
                {},
                {}};
  const ColumnCells &cells = spread.cells;
  spread.counts.resize(parts * cells.count());
  ParallelFor(execution, parts, [&](size_t part) {
    const Range rows = PartOf(keys.size(), parts, part);
    const ColumnCells::Finder cell_of(cells);
    size_t *counter = spread.counts.data() + part * cells.count();
    for (size_t i = rows.begin; i < rows.end; ++i) ++counter[cell_of(keys[i])];
  });
  spread.sizes.resize(cells.count());
  for (size_t i = 0; i < spread.counts.size(); ++i) {
    spread.sizes[i % cells.count()] += spread.counts[i];
  }
  return spread;
}

// Sorts `from` into `to`. `spare` is room for as many keys, made when a cell is too large for
// one task; `from` may be that room.
template <SortKey T, bool kRows>
void SortLane(Lane<T, kRows> from, Lane<T, kRows> to, size_t count, bool exact,
              std::unique_ptr<LaneBuffer<T, kRows>> &spare, const Execution &execution) {
  if (count <= kInsertion) return InsertionSort(from, to, count);
  if (std::is_sorted(from.key, from.key + count)) return CopyLane(from, to, count);
  if (count <= kBlock) {
    CopyLane(from, to, count);
    const LaneBuffer<T, kRows> buffer(count);
    const auto counters = MakeBuffer<uint32_t>(BlockCounters(count));
    return BlockSort(to, buffer.lane(), count, false, counters.get());
  }
  // Cells that stay in the nearest caches while they are sorted, but few enough for keys to get
  // there fast: each cell is a place that is written to.
  const int bits = std::min(11, static_cast<int>(std::bit_width(count / (kBlock / 4))));
  Spread spread = SpreadOf(std::span<const T>(from.key, count), bits, exact, execution);
  const ColumnCells &cells = spread.cells;

  // Where each part puts its next key of each cell; parts stand in row order within a cell.
  struct Cell {
    size_t begin;
    size_t size;
  };
  std::vector<Cell> small, large;  // Blocks for the tasks; the rest is sorted one by one below.
  size_t largest = 0;
  for (size_t cell = 0, begin = 0; cell < cells.count(); ++cell) {
    const size_t size = spread.sizes[cell];
    if (size > 1 && !cells.OnlyKey(cell)) {
      (size > kBlock ? large : small).push_back({begin, size});
      if (size <= kBlock) largest = std::max(largest, size);
    }
    for (size_t part = 0; part < spread.parts; ++part) {
      size_t &place = spread.counts[part * cells.count() + cell];
      begin += std::exchange(place, begin);
    }
  }
  ParallelFor(execution, spread.parts, [&](size_t part) {
    const Range rows = PartOf(count, spread.parts, part);
    size_t *place = spread.counts.data() + part * cells.count();
    const ColumnCells::Finder cell_of(cells);
    for (size_t i = rows.begin; i < rows.end; ++i) to.Set(place[cell_of(from.key[i])]++, from, i);
  });

  const size_t tasks = std::min(small.size(), spread.parts == 1 ? 1 : 8 * spread.parts);
  std::vector<LaneBuffer<T, kRows>> buffers;  // Tasks do not allocate: they must not throw.
  std::vector<Buffer<uint32_t>> counters;
  for (size_t task = 0; task < tasks; ++task) {
    buffers.emplace_back(largest);
    counters.push_back(MakeBuffer<uint32_t>(BlockCounters(largest)));
  }
  ParallelFor(execution, tasks, [&](size_t task) {
    const Range run = PartOf(small.size(), tasks, task);
    for (size_t i = run.begin; i < run.end; ++i) {
      BlockSort(to + small[i].begin, buffers[task].lane(), small[i].size, false,
                counters[task].get());
    }
  });
  for (const Cell &cell : large) {
    if (spare == nullptr) spare = std::make_unique<LaneBuffer<T, kRows>>(count);
    CopyLane(to + cell.begin, spare->lane(), cell.size);
    // A cell that took most keys shows that the sample misled: look at all of them next.
    SortLane(spare->lane(), to + cell.begin, cell.size, cell.size > count / 2, spare, execution);
  }
}

}  // namespace detail

template <SortKey T>
inline void SortKeys(std::span<const T> keys, std::span<T> sorted, const Execution &execution) {
  std::unique_ptr<detail::LaneBuffer<T, false>> spare;
  detail::SortLane<T, false>({const_cast<T *>(keys.data()), nullptr}, {sorted.data(), nullptr},
                             keys.size(), false, spare, execution);
}

template <SortKey T>
inline void SortPairs(std::span<const T> keys, std::span<const uint32_t> payload,
                      std::span<T> sorted_keys, std::span<uint32_t> sorted_payload,
                      const Execution &execution) {
  std::unique_ptr<detail::LaneBuffer<T, true>> spare;
  detail::SortLane<T, true>({const_cast<T *>(keys.data()), const_cast<uint32_t *>(payload.data())},
                            {sorted_keys.data(), sorted_payload.data()}, keys.size(), false, spare,
                            execution);
}

template <SortKey T>
inline std::vector<uint32_t> SortedRows(std::span<const T> keys, const Execution &execution) {
  const auto sorted_keys = MakeBuffer<T>(keys.size());
  const auto order = MakeBuffer<uint32_t>(keys.size());
  std::iota(order.get(), order.get() + keys.size(), 0);
  std::vector<uint32_t> rows(keys.size());
  SortPairs<T>(keys, {order.get(), keys.size()}, {sorted_keys.get(), keys.size()}, rows, execution);
  return rows;
}

}  // namespace patron

#endif  // PATRON_BASE_SORT_HPP_
