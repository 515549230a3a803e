// Entries brought together by customer, block after block of customers.
#ifndef PATRON_VALUE_OCCASION_GROUPS_HPP_
#define PATRON_VALUE_OCCASION_GROUPS_HPP_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "patron/base/large_vector.hpp"
#include "patron/base/parallel.hpp"
#include "patron/value/occasion_entries.hpp"

namespace patron::value::detail {

// Which entries belong to which block of customers. Fewer than 2^32 entries, which are borrowed.
class EntryGroups {
 public:
  // `codes` holds each customer once, in the order in which they will be visited.
  // Cost: O(entries + customers); 4 bytes each.
  EntryGroups(std::span<const Entry> entries, std::span<const uint32_t> codes,
              const Execution &execution);

  // How many blocks are visited at once: several a worker, as they differ in size.
  size_t Slots(const Execution &execution) const {
    const size_t workers = execution.workers();
    return std::min(blocks_, workers == 1 ? 1 : 4 * workers);
  }

  // Calls `visit(slot, place, entries)` for each customer of a block in order, with its place among
  // the codes and a sorted copy of its entries that it may change. Several blocks are visited at
  // once, each with a slot of its own. After each round, on the calling thread, calls `done()`
  // and reports progress in customers.
  //
  // Errors: that of the first visit that failed; ResourceExhausted if a task ran out of memory;
  // Cancelled. Cost: O(n) and a sort of each customer's entries; a copy of the entries of the
  // blocks at hand.
  template <typename Visit, typename Done>
  absl::Status ForEach(const Execution &execution, Visit visit, Done done) const;

 private:
  size_t BlockOf(uint32_t place) const { return place >> block_bits_; }

  // Of one slot, kept from block to block.
  struct Scratch {
    std::vector<uint32_t> local;  // Place in the block of each row's customer.
    std::vector<uint32_t> ends;   // Of each customer's entries in `own`.
    std::vector<Entry> own;
  };

  template <typename Visit>
  absl::Status VisitBlock(size_t block, Scratch &scratch, Visit visit) const;

  std::span<const Entry> entries_;
  int block_bits_;  // A block has 2^block_bits_ customers, the last one perhaps fewer.
  size_t blocks_;
  LargeVector<uint32_t> place_of_;  // Of each code.
  LargeVector<uint32_t> rows_;      // Of each block, in order.
  std::vector<uint32_t> ends_;      // Of each block's part of `rows_`.
};

inline EntryGroups::EntryGroups(std::span<const Entry> entries, std::span<const uint32_t> codes,
                                const Execution &execution)
    : entries_(entries), place_of_(codes.size()), rows_(entries.size()) {
  // Few enough blocks to be written side by side, small enough ones to be sorted in cache.
  constexpr int kLeastBits = 11;
  constexpr size_t kMostBlocks = 1024;
  block_bits_ = std::max(kLeastBits, static_cast<int>(std::bit_width(codes.size() / kMostBlocks)));
  blocks_ = (codes.size() + (size_t{1} << block_bits_) - 1) >> block_bits_;
  ends_.resize(blocks_);
  for (uint32_t place = 0; place < codes.size(); ++place) place_of_[codes[place]] = place;

  constexpr size_t kSmall = size_t{1} << 18;
  const size_t parts = entries.size() < kSmall ? 1 : std::min<size_t>(8, execution.workers());
  std::vector<uint32_t> next(parts * blocks_);  // Where each part puts its next row of each block.
  ParallelFor(execution, parts, [&](size_t part) {
    const Range range = PartOf(entries.size(), parts, part);
    uint32_t *counts = next.data() + part * blocks_;
    for (const Entry &entry : entries.subspan(range.begin, range.size())) {
      ++counts[BlockOf(place_of_[entry.customer])];
    }
  });
  uint32_t begin = 0;
  for (size_t block = 0; block < blocks_; ++block) {
    for (size_t part = 0; part < parts; ++part) {
      uint32_t &count = next[part * blocks_ + block];
      const uint32_t size = count;
      count = begin;
      begin += size;
    }
    ends_[block] = begin;
  }
  ParallelFor(execution, parts, [&](size_t part) {
    const Range range = PartOf(entries.size(), parts, part);
    uint32_t *places = next.data() + part * blocks_;
    for (size_t row = range.begin; row < range.end; ++row) {
      rows_[places[BlockOf(place_of_[entries[row].customer])]++] = static_cast<uint32_t>(row);
    }
  });
}

template <typename Visit>
absl::Status EntryGroups::VisitBlock(size_t block, Scratch &scratch, Visit visit) const {
  constexpr size_t kAhead = 16;
  const size_t first = block << block_bits_;
  const size_t customers = std::min(size_t{1} << block_bits_, place_of_.size() - first);
  const uint32_t begin = block == 0 ? 0 : ends_[block - 1];
  const auto rows = std::span(rows_).subspan(begin, ends_[block] - begin);
  auto &[local, ends, own] = scratch;
  local.resize(rows.size());
  own.resize(rows.size());
  ends.assign(customers + 1, 0);
  for (size_t i = 0; i < rows.size(); ++i) {
    // Rows of a block lie far apart: fetched ahead, their cache misses overlap.
    if (i + kAhead < rows.size()) __builtin_prefetch(&entries_[rows[i + kAhead]]);
    local[i] = static_cast<uint32_t>(place_of_[entries_[rows[i]].customer] - first);
    ++ends[local[i] + 1];
  }
  for (size_t i = 0; i < customers; ++i) ends[i + 1] += ends[i];
  for (size_t i = 0; i < rows.size(); ++i) own[ends[local[i]]++] = entries_[rows[i]];
  for (size_t i = 0, at = 0; i < customers; at = ends[i++]) {
    const auto of_customer = std::span(own).subspan(at, ends[i] - at);
    SortEntries(of_customer);
    if (absl::Status status = visit(first + i, of_customer); !status.ok()) return status;
  }
  return absl::OkStatus();
}

template <typename Visit, typename Done>
absl::Status EntryGroups::ForEach(const Execution &execution, Visit visit, Done done) const {
  const size_t slots = Slots(execution);
  std::vector<absl::Status> statuses(slots);
  std::vector<Scratch> scratch(slots);
  for (size_t first = 0; first < blocks_; first += slots) {
    const size_t count = std::min(slots, blocks_ - first);
    ParallelFor(execution, count, [&](size_t slot) {
      try {
        statuses[slot] = VisitBlock(
            first + slot, scratch[slot],
            [&](size_t place, std::span<Entry> entries) { return visit(slot, place, entries); });
      } catch (const std::bad_alloc &) {
        statuses[slot] = absl::ResourceExhaustedError("out of memory");
      }
    });
    for (size_t slot = 0; slot < count; ++slot) {
      if (!statuses[slot].ok()) return statuses[slot];
    }
    done();
    const size_t customers = std::min(place_of_.size(), (first + count) << block_bits_);
    if (absl::Status status = ReportProgress(execution, customers, place_of_.size());
        !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

}  // namespace patron::value::detail

#endif  // PATRON_VALUE_OCCASION_GROUPS_HPP_
