// The pairs that blocks find, walked in parallel and counted by the levels of their fields.
#ifndef PATRON_CUSTOMERS_LINK_PATTERNS_HPP_
#define PATRON_CUSTOMERS_LINK_PATTERNS_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/base/text_store.hpp"
#include "patron/customers/link_fields.hpp"
#include "patron/customers/link_levels.hpp"
#include "patron/customers/link_model.hpp"
#include "patron/customers/link_records.hpp"

namespace patron::customers::detail {

// Levels of pairs packed into one number, field after field, in the base of each.
class PatternCode {
 public:
  explicit PatternCode(std::span<const LinkField> fields) {
    for (const LinkField &field : fields) bases_.push_back(field.levels.size() + 2);
    for (const uint64_t base : bases_) {
      fits_ = fits_ && size_ <= (uint64_t{1} << 58) / base;
      size_ = fits_ ? size_ * base : size_;
    }
  }
  bool fits() const { return fits_; }
  uint64_t size() const { return size_; }
  uint64_t Push(uint64_t code, size_t field, int level) const {
    return code * bases_[field] + static_cast<uint64_t>(level + 1);
  }
  std::vector<int8_t> Levels(uint64_t code) const {
    std::vector<int8_t> levels(bases_.size());
    for (size_t k = bases_.size(); k-- > 0;) {
      levels[k] = static_cast<int8_t>(code % bases_[k]) - 1;
      code /= bases_[k];
    }
    return levels;
  }

 private:
  std::vector<uint64_t> bases_;
  uint64_t size_ = 1;
  bool fits_ = true;
};

// Calls `body(part)` for parts of the keys, in rounds, and then `merge(part)` in order.
template <typename Body, typename Merge>
absl::Status OverKeys(const Blocks &blocks, const Execution &execution, Body body, Merge merge) {
  constexpr uint64_t kPairs = 16384;
  const std::vector<size_t> cuts = CutKeys(blocks, kPairs);
  const size_t parts = cuts.size() - 1;
  using Result = decltype(body(size_t{0}, size_t{0}));
  const size_t round = 16 * execution.workers();
  for (size_t first = 0; first < parts; first += round) {
    const size_t here = std::min(round, parts - first);
    std::vector<std::optional<Result>> results(here);
    ParallelFor(execution, here,
                [&](size_t k) { results[k] = body(cuts[first + k], cuts[first + k + 1]); });
    for (std::optional<Result> &result : results) merge(*std::move(result));
    PATRON_RETURN_IF_ERROR(ReportProgress(execution, cuts[first + here], blocks.keys()));
  }
  return absl::OkStatus();
}

// Pairs by pattern: those that each rule finds, and those that any finds.
class PatternCounts {
 public:
  explicit PatternCounts(size_t rules) : stride_(rules + 1), slots_(64, kFree) {}

  // The counts of a pattern: by rule, and of all of them last. Valid until the next call.
  uint64_t *Of(uint64_t code) {
    size_t at = Probe(code);
    if (slots_[at] == kFree) {
      if (codes_.size() * 2 >= slots_.size()) {
        slots_.assign(slots_.size() * 2, kFree);
        for (uint32_t place = 0; place < codes_.size(); ++place)
          slots_[Probe(codes_[place])] = place;
        at = Probe(code);
      }
      counts_.resize(counts_.size() + stride_);
      codes_.push_back(code);
      slots_[at] = static_cast<uint32_t>(codes_.size() - 1);
    }
    return &counts_[slots_[at] * stride_];
  }

  void Add(const PatternCounts &other) {
    for (size_t place = 0; place < other.codes_.size(); ++place) {
      uint64_t *counts = Of(other.codes_[place]);
      for (size_t r = 0; r < stride_; ++r) counts[r] += other.counts_[place * stride_ + r];
    }
  }

  // The patterns of a rule, or with their number those of all of them, in order of their codes.
  std::vector<Pattern> OfRule(const PatternCode &coder, size_t rule) const {
    std::vector<uint32_t> order(codes_.size());
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::sort(order, {}, [&](uint32_t place) { return codes_[place]; });
    std::vector<Pattern> patterns;
    for (const uint32_t place : order) {
      const uint64_t pairs = counts_[place * stride_ + rule];
      if (pairs > 0) patterns.push_back({coder.Levels(codes_[place]), pairs});
    }
    return patterns;
  }

 private:
  static constexpr uint32_t kFree = 0xFFFFFFFF;

  size_t Probe(uint64_t code) const {
    const size_t mask = slots_.size() - 1;
    size_t at = static_cast<size_t>(patron::detail::HashInteger(code)) & mask;
    while (slots_[at] != kFree && codes_[slots_[at]] != code) at = (at + 1) & mask;
    return at;
  }

  size_t stride_;
  std::vector<uint32_t> slots_;  // Places in `codes_`; open addressing.
  std::vector<uint64_t> codes_, counts_;
};

// Compares each pair of the union of `rules` once.
inline absl::StatusOr<PatternCounts> CountPatterns(const LinkRecords &records,
                                                   std::span<const FieldLevels> levels,
                                                   const PatternCode &coder,
                                                   std::span<const BlockRule> rules, uint32_t cap,
                                                   const Execution &execution) {
  std::vector<Blocks> blocks;
  for (const BlockRule &rule : rules) blocks.push_back(MakeBlocks(records, rule, cap));
  PatternCounts all(rules.size());
  for (size_t r = 0; r < rules.size(); ++r) {
    const std::span<const Blocks> before(blocks.data(), r);
    const auto body = [&](size_t begin, size_t end) {
      PatternCounts counts(rules.size());
      ForEachPair(records, blocks[r], before, begin, end, [&](uint32_t i, uint32_t j) {
        uint64_t code = 0;
        for (size_t k = 0; k < levels.size(); ++k) code = coder.Push(code, k, levels[k].Of(i, j));
        uint64_t *found = counts.Of(code);
        ++found[r];
        for (size_t later = r + 1; later < blocks.size(); ++later) {
          found[later] += IsKnown(std::span(&blocks[later], 1), i, j) ? 1 : 0;
        }
        ++found[blocks.size()];
      });
      return counts;
    };
    PATRON_RETURN_IF_ERROR(
        OverKeys(blocks[r], execution, body, [&](PatternCounts &&counts) { all.Add(counts); }));
    // Later rules ask for the keys alone.
    blocks[r].order = {};
    blocks[r].starts = {};
  }
  return all;
}

}  // namespace patron::customers::detail

#endif  // PATRON_CUSTOMERS_LINK_PATTERNS_HPP_
