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

namespace patron::customers {

// The pattern of each pair that the blocks of a plan find: what comparing them came to, for whoever asks
// for the pairs of the same records and blocks again. Memory: 4 bytes a pair.
struct PairPatterns {
  struct Rule {
    std::vector<uint32_t> patterns;  // By pair, as they are walked; those of rules before left out.
    std::vector<size_t> starts;      // In `patterns`, by part of the keys.
  };
  size_t fields = 0;
  std::vector<int8_t> levels;  // By pattern and field.
  std::vector<Rule> rules;

  std::span<const int8_t> Of(uint32_t pattern) const {
    return std::span(levels).subspan(pattern * fields, fields);
  }
};

namespace detail {

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

// Calls `body(part, begin, end)` for parts of the keys, in rounds, and then `merge` with what it gave, in
// order. The parts of equal blocks are equal.
template <typename Body, typename Merge>
absl::Status OverKeys(const Blocks &blocks, const Execution &execution, Body body, Merge merge) {
  constexpr uint64_t kPairs = 16384;
  const std::vector<size_t> cuts = CutKeys(blocks, kPairs);
  const size_t parts = cuts.size() - 1;
  using Result = decltype(body(size_t{0}, size_t{0}, size_t{0}));
  const size_t round = 16 * execution.workers();
  for (size_t first = 0; first < parts; first += round) {
    const size_t here = std::min(round, parts - first);
    std::vector<std::optional<Result>> results(here);
    ParallelFor(execution, here, [&](size_t k) {
      const size_t part = first + k;
      results[k] = body(part, cuts[part], cuts[part + 1]);
    });
    for (std::optional<Result> &result : results) merge(*std::move(result));
    PATRON_RETURN_IF_ERROR(ReportProgress(execution, cuts[first + here], blocks.keys()));
  }
  return absl::OkStatus();
}

// Pairs by pattern: those that each rule finds, and those that any finds.
class PatternCounts {
 public:
  explicit PatternCounts(size_t rules) : stride_(rules + 1), slots_(64, kFree) {}

  // The number of a pattern, in the order in which they come.
  uint32_t Number(uint64_t code) {
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
    return slots_[at];
  }

  // The counts of a pattern: by rule, and of all of them last. Valid until the next pattern.
  uint64_t *Counts(uint32_t number) { return &counts_[number * stride_]; }

  // The number here of each pattern there.
  std::vector<uint32_t> Add(const PatternCounts &other) {
    std::vector<uint32_t> numbers(other.codes_.size());
    for (size_t place = 0; place < numbers.size(); ++place) {
      numbers[place] = Number(other.codes_[place]);
      uint64_t *counts = Counts(numbers[place]);
      for (size_t r = 0; r < stride_; ++r) counts[r] += other.counts_[place * stride_ + r];
    }
    return numbers;
  }

  // The levels of all patterns, by number and field.
  std::vector<int8_t> Levels(const PatternCode &coder) const {
    std::vector<int8_t> levels;
    for (const uint64_t code : codes_) {
      const std::vector<int8_t> own = coder.Levels(code);
      levels.insert(levels.end(), own.begin(), own.end());
    }
    return levels;
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

// The patterns of pairs that are looked at together, field by field.
class PairBatch {
 public:
  static constexpr size_t kPairs = 256;

  bool full() const { return pairs_.size() == kPairs; }
  void Add(uint32_t i, uint32_t j) { pairs_.push_back({i, j}); }

  // take(pair, code) for each of them; then it is empty.
  template <typename Take>
  void Empty(std::span<const FieldLevels> levels, const PatternCode &coder, Take take) {
    codes_.assign(pairs_.size(), 0);
    levels_.resize(pairs_.size());
    for (size_t k = 0; k < levels.size(); ++k) {
      levels[k].OfPairs(pairs_, levels_);
      for (size_t p = 0; p < pairs_.size(); ++p) codes_[p] = coder.Push(codes_[p], k, levels_[p]);
    }
    for (size_t p = 0; p < pairs_.size(); ++p) take(pairs_[p], codes_[p]);
    pairs_.clear();
  }

 private:
  std::vector<RecordPair> pairs_;
  std::vector<uint64_t> codes_;
  std::vector<int8_t> levels_;
};

// Compares each pair of the union of `rules` once. Where `kept` is given, the pattern of each pair is
// kept, unless the rules find more than `most_kept` pairs; then it stays empty.
inline absl::StatusOr<PatternCounts> CountPatterns(
    const LinkRecords &records, std::span<const FieldLevels> levels, const PatternCode &coder,
    std::span<const BlockRule> rules, uint32_t cap, const Execution &execution,
    PairPatterns *kept = nullptr, uint64_t most_kept = uint64_t{1} << 24) {
  std::vector<Blocks> blocks;
  uint64_t pairs = 0;
  for (const BlockRule &rule : rules) {
    blocks.push_back(MakeBlocks(records, rule, cap));
    pairs += blocks.back().pairs;
  }
  const bool keep = kept != nullptr && pairs <= most_kept;
  PatternCounts all(rules.size());
  struct Part {
    PatternCounts counts;
    std::vector<uint32_t> patterns;
  };
  for (size_t r = 0; r < rules.size(); ++r) {
    const std::span<const Blocks> before(blocks.data(), r);
    const auto body = [&](size_t, size_t begin, size_t end) {
      Part part = {PatternCounts(rules.size()), {}};
      PairBatch batch;
      const auto take = [&](const RecordPair &pair, uint64_t code) {
        const uint32_t number = part.counts.Number(code);
        uint64_t *found = part.counts.Counts(number);
        ++found[r];
        for (size_t later = r + 1; later < blocks.size(); ++later) {
          found[later] += IsKnown(std::span(&blocks[later], 1), pair.left, pair.right) ? 1 : 0;
        }
        ++found[blocks.size()];
        if (keep) part.patterns.push_back(number);
      };
      ForEachPair(records, blocks[r], before, begin, end, [&](uint32_t i, uint32_t j) {
        batch.Add(i, j);
        if (batch.full()) batch.Empty(levels, coder, take);
      });
      batch.Empty(levels, coder, take);
      return part;
    };
    PairPatterns::Rule rule;
    PATRON_RETURN_IF_ERROR(OverKeys(blocks[r], execution, body, [&](Part &&part) {
      const std::vector<uint32_t> numbers = all.Add(part.counts);
      if (!keep) return;
      rule.starts.push_back(rule.patterns.size());
      for (const uint32_t number : part.patterns) rule.patterns.push_back(numbers[number]);
    }));
    if (keep) kept->rules.push_back(std::move(rule));
    // Later rules ask for the keys alone.
    blocks[r].order = {};
    blocks[r].starts = {};
  }
  if (keep) {
    kept->fields = levels.size();
    kept->levels = all.Levels(coder);
  }
  return all;
}

}  // namespace detail
}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_LINK_PATTERNS_HPP_
