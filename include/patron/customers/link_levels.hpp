// The level of agreement of a pair of records in each field, and how often chance gives it.
#ifndef PATRON_CUSTOMERS_LINK_LEVELS_HPP_
#define PATRON_CUSTOMERS_LINK_LEVELS_HPP_

#include <algorithm>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/customers/link_fields.hpp"
#include "patron/customers/link_records.hpp"
#include "patron/customers/text_column.hpp"
#include "patron/customers/winkler_bound.hpp"

namespace patron::customers {

// Finds the levels of one field. Borrows the field and the column.
class FieldLevels {
 public:
  FieldLevels(const LinkField &field, const LinkColumn &column);

  // Of records i and j: kNullLevel, 0, ..., or levels of the field for "else".
  int Of(uint32_t i, uint32_t j) const;
  // The same of many pairs; `levels` is as long.
  void OfPairs(std::span<const RecordPair> pairs, std::span<int8_t> levels) const;
  // Of two different values.
  int OfValues(uint32_t a, uint32_t b) const;

  // Makes OfValues quicker for the values that there are. Memory: 32 bytes a value, if Jaro's
  // similarity is compared.
  void MakeKeys();

  int last() const { return static_cast<int>(field_->levels.size()); }  // "Else".
  const LinkField &field() const { return *field_; }
  const LinkColumn &column() const { return *column_; }

 private:
  friend class ChanceCounter;
  // Levels of one measure, and the threshold of the loosest.
  struct Group {
    Measure measure;
    double loosest;
    std::vector<int> levels;
    std::optional<WinklerBound> bound;  // If keys were made, and it is one of Jaro's.
  };

  static bool IsJaro(const Group &group) {
    return group.measure == Measure::kJaro || group.measure == Measure::kJaroWinkler;
  }
  // Of texts of different values.
  double Value(const Group &group, uint32_t a, uint32_t b) const;

  const LinkField *field_;
  const LinkColumn *column_;
  int missing_;
  std::vector<Group> groups_;
  std::vector<WinklerKey> keys_;
  bool only_measures_ = true;
};

struct ChanceOptions {
  uint64_t most_pairs = uint64_t{1} << 20;  // Pairs of values compared for levels below the first.
};

// What chance gives: the share of all pairs of records, both with a value, that are at each level,
// "else" last. Counted from how often each value occurs, so exact; but where a field has more pairs
// of values than `most_pairs`, levels below "equal" are counted on every k-th value.
// Cost: one comparison for each pair of distinct values. Errors: Cancelled.
struct Chance {
  std::vector<double> u;
  double equal = 0;  // Share of pairs with equal values.
  bool sampled = false;
};
absl::Status CountChance(const LinkRecords &records, const FieldLevels &levels,
                         const ChanceOptions &options, const Execution &execution, Chance *chance);

inline FieldLevels::FieldLevels(const LinkField &field, const LinkColumn &column)
    : field_(&field), column_(&column) {
  missing_ = field.missing == Missing::kNull ? kNullLevel : last();
  for (size_t l = 0; l < field.levels.size(); ++l) {
    const Level &level = field.levels[l];
    if (level.kind != LevelKind::kMeasure) {
      only_measures_ = false;
      continue;
    }
    if (level.measure == Measure::kExact) continue;
    auto group = std::ranges::find(groups_, level.measure, &Group::measure);
    if (group == groups_.end()) {
      groups_.push_back({level.measure, level.threshold, {}, {}});
      group = groups_.end() - 1;
    }
    group->loosest = level.threshold;
    group->levels.push_back(static_cast<int>(l));
  }
}

inline void FieldLevels::MakeKeys() {
  if (std::ranges::none_of(groups_, IsJaro)) return;
  std::bitset<WinklerBound::kMostSize + 1> sizes;
  keys_.reserve(column_->values.size());
  for (size_t v = keys_.size(); v < column_->values.size(); ++v) {
    keys_.push_back(WinklerKey::Of(column_->values[v]));
  }
  for (const WinklerKey &key : keys_) {
    if (key.size < sizes.size()) sizes.set(key.size);
  }
  for (Group &group : groups_) {
    if (!IsJaro(group)) continue;
    const bool plain = group.measure == Measure::kJaro;
    const JaroWinklerOptions options =
        plain ? JaroWinklerOptions{.boost = 1, .weight = 0} : JaroWinklerOptions{};
    if (!group.bound.has_value()) group.bound.emplace(options, group.loosest);
    for (uint32_t x = 0; x < sizes.size(); ++x) {
      for (uint32_t y = 0; sizes[x] && y < sizes.size(); ++y) {
        if (sizes[y]) group.bound->Make(x, y);
      }
    }
  }
}

inline int FieldLevels::Of(uint32_t i, uint32_t j) const {
  const uint32_t a = column_->codes[i], b = column_->codes[j];
  if (a == kNoValue || b == kNoValue) return missing_;
  if (a == b) return 0;
  return OfValues(a, b);
}

inline void FieldLevels::OfPairs(std::span<const RecordPair> pairs,
                                 std::span<int8_t> levels) const {
  const bool bounded = only_measures_ && groups_.size() == 1 && groups_[0].bound.has_value() &&
                       keys_.size() == column_->values.size() && !keys_.empty();
  if (!bounded) {
    for (size_t p = 0; p < pairs.size(); ++p) {
      levels[p] = static_cast<int8_t>(Of(pairs[p].left, pairs[p].right));
    }
    return;
  }
  // First what needs no comparison, without a branch that depends on the pair.
  const WinklerBound &bound = *groups_[0].bound;
  std::vector<uint32_t> open(pairs.size());
  size_t left_open = 0;
  for (size_t p = 0; p < pairs.size(); ++p) {
    const uint32_t a = column_->codes[pairs[p].left], b = column_->codes[pairs[p].right];
    const bool null = a == kNoValue || b == kNoValue, equal = a == b;
    const WinklerKey &x = keys_[a == kNoValue ? 0 : a], &y = keys_[b == kNoValue ? 0 : b];
    const bool may = x.bag.MostMatches(y.bag) >= bound.Needed(x, y);
    const int different = equal ? 0 : last();
    levels[p] = static_cast<int8_t>(null ? missing_ : different);
    open[left_open] = static_cast<uint32_t>(p);
    left_open += may && !null && !equal ? 1 : 0;
  }
  for (const uint32_t p : std::span(open).first(left_open)) {
    const RecordPair &pair = pairs[p];
    levels[p] =
        static_cast<int8_t>(OfValues(column_->codes[pair.left], column_->codes[pair.right]));
  }
}

inline double FieldLevels::Value(const Group &group, uint32_t a, uint32_t b) const {
  if (!group.bound.has_value() || std::max(a, b) >= keys_.size()) {
    return Compare(group.measure, column_->values[a], column_->values[b], {}, group.loosest);
  }
  const size_t needed = group.bound->Needed(keys_[a], keys_[b]);
  if (keys_[a].bag.MostMatches(keys_[b].bag) < needed) return 0;
  return JaroWinkler(column_->values[a], column_->values[b], group.bound->options(), group.loosest,
                     needed);
}

inline int FieldLevels::OfValues(uint32_t a, uint32_t b) const {
  int found = last();
  // In one order whichever record comes first, so that a pair has one level.
  const uint32_t low = std::min(a, b), high = std::max(a, b);
  for (const Group &group : groups_) {
    if (group.levels.front() >= found) continue;
    const double value = Value(group, low, high);
    for (const int l : group.levels) {
      if (l < found && detail::Reaches(field_->levels[static_cast<size_t>(l)], value)) {
        found = l;
        break;
      }
    }
  }
  if (only_measures_) return found;
  for (int l = 0; l < found; ++l) {
    const Level &level = field_->levels[static_cast<size_t>(l)];
    if (level.kind != LevelKind::kMeasure &&
        detail::ReachesKind(level, column_->values[low], column_->values[high])) {
      return l;
    }
  }
  return found;
}

// Counts pairs of values, weighed by how many pairs of records have them.
class ChanceCounter {
 public:
  ChanceCounter(const LinkRecords &records, const FieldLevels &levels)
      : levels_(levels), sources_(1) {
    for (const uint32_t s : records.sources) sources_ = std::max<size_t>(sources_, s + 1);
    const LinkColumn &column = levels.column();
    counts_.resize(column.values.size() * sources_);
    for (size_t i = 0; i < records.size; ++i) {
      const uint32_t code = column.codes[i];
      if (code == kNoValue) continue;
      ++counts_[code * sources_ + (records.sources.empty() ? 0 : records.sources[i])];
    }
  }

  // Pairs of records with value a on one side and b on the other.
  double Pairs(size_t a, size_t b) const {
    const double *x = &counts_[a * sources_], *y = &counts_[b * sources_];
    if (sources_ == 1) return a == b ? x[0] * (x[0] - 1) / 2 : x[0] * y[0];
    if (sources_ == 2) return a == b ? x[0] * x[1] : x[0] * y[1] + x[1] * y[0];
    double sum_x = 0, sum_y = 0, same = 0;
    for (size_t s = 0; s < sources_; ++s) {
      sum_x += x[s];
      sum_y += y[s];
      same += x[s] * y[s];
    }
    return a == b ? (sum_x * sum_x - same) / 2 : sum_x * sum_y - same;
  }

  // Pairs of records that both have a value.
  double AllPairs() const {
    std::vector<double> sums(sources_);
    for (size_t i = 0; i < counts_.size(); ++i) sums[i % sources_] += counts_[i];
    if (sources_ == 1) return sums[0] * (sums[0] - 1) / 2;
    double pairs = 0;
    for (size_t s = 0; s < sources_; ++s) {
      for (size_t t = s + 1; t < sources_; ++t) pairs += sums[s] * sums[t];
    }
    return pairs;
  }

  double EqualPairs() const {
    double pairs = 0;
    for (size_t v = 0; v < counts_.size() / sources_; ++v) pairs += Pairs(v, v);
    return pairs;
  }

  // Pairs of records with different values of every `step`-th value.
  double DifferentPairs(size_t step) const {
    std::vector<double> sums(sources_);
    double equal = 0;
    for (size_t v = 0; v < counts_.size() / sources_; v += step) {
      for (size_t s = 0; s < sources_; ++s) sums[s] += counts_[v * sources_ + s];
      equal += Pairs(v, v);
    }
    double pairs = sources_ == 1 ? sums[0] * (sums[0] - 1) / 2 : 0;
    for (size_t s = 0; s < sources_; ++s) {
      for (size_t t = s + 1; t < sources_; ++t) pairs += sums[s] * sums[t];
    }
    return pairs - equal;
  }

  // The values to compare, every `step`-th, texts of one length together where that is quicker.
  std::vector<uint32_t> Values(size_t step) const {
    const CharacterPool &values = levels_.column().values;
    std::vector<uint32_t> codes;
    for (size_t v = 0; v < values.size(); v += step) codes.push_back(static_cast<uint32_t>(v));
    if (levels_.only_measures_) {
      std::ranges::sort(codes, {}, [&](uint32_t code) {
        return std::tuple(values[code].size, values[code].wide, code);
      });
    }
    return codes;
  }

  // Adds the pairs of different values that reach a level, each of `rows` with each of `columns`, to
  // `sums` by level; of one list with itself (`same`), each pair once.
  void Add(std::span<const uint32_t> rows, std::span<const uint32_t> columns, bool same,
           std::vector<double> &sums) const {
    if (levels_.only_measures_) {
      AddNear(rows, columns, same, sums);
      return;
    }
    const int last = levels_.last();
    for (size_t r = 0; r < rows.size(); ++r) {
      for (size_t c = same ? r + 1 : 0; c < columns.size(); ++c) {
        const int level = levels_.OfValues(rows[r], columns[c]);
        if (level < last) sums[static_cast<size_t>(level)] += Pairs(rows[r], columns[c]);
      }
    }
  }

 private:
  void AddNear(std::span<const uint32_t> rows, std::span<const uint32_t> columns, bool same,
               std::vector<double> &sums) const {
    const int last = levels_.last();
    const CharacterPool &values = levels_.column().values;
    std::vector<Characters> texts;
    for (const uint32_t code : columns) texts.push_back(values[code]);
    std::vector<TextColumn> laid_out;
    std::vector<WinklerBound> bounds;
    for (const auto &group : levels_.groups_) {
      laid_out.emplace_back(texts, group.measure, true);
      bounds.emplace_back(laid_out.back().JaroOptions({}), group.loosest);
    }
    // The best level of each column and row, where there is one.
    std::vector<int> found(columns.size(), last);
    std::vector<size_t> touched;
    for (size_t r = 0; r < rows.size(); ++r) {
      touched.clear();
      for (size_t g = 0; g < laid_out.size(); ++g) {
        const auto &group = levels_.groups_[g];
        const auto take = [&](size_t c, double value) {
          for (const int l : group.levels) {
            if (!detail::Reaches(levels_.field_->levels[static_cast<size_t>(l)], value)) continue;
            if (l < found[c]) {
              if (found[c] == last) touched.push_back(c);
              found[c] = l;
            }
            break;
          }
        };
        laid_out[g].ForEachWithin(values[rows[r]], {}, group.loosest, same ? r + 1 : 0, bounds[g],
                                  take);
      }
      for (const size_t c : touched) {
        sums[static_cast<size_t>(found[c])] += Pairs(rows[r], columns[c]);
        found[c] = last;
      }
    }
  }

  const FieldLevels &levels_;
  size_t sources_;
  std::vector<double> counts_;  // By value and source. Whole numbers: their sums are exact.
};

inline absl::Status CountChance(const LinkRecords &records, const FieldLevels &levels,
                                const ChanceOptions &options, const Execution &execution,
                                Chance *chance) {
  const ChanceCounter counter(records, levels);
  const auto last = static_cast<size_t>(levels.last());
  const double all = counter.AllPairs(), equal = counter.EqualPairs();
  chance->u.assign(last + 1, 0);
  chance->equal = all > 0 ? equal / all : 0;
  chance->sampled = false;
  if (all == 0) return absl::OkStatus();
  std::vector<double> sums(last + 1);
  size_t step = 1;
  const LinkField &field = levels.field();
  const bool exact_alone = last == 1 && field.levels[0].kind == LevelKind::kMeasure &&
                           field.levels[0].measure == Measure::kExact;
  if (!exact_alone) {
    const size_t values = levels.column().values.size();
    while (values / step * (values / step) / 2 > options.most_pairs) ++step;
    chance->sampled = step > 1;
    const std::vector<uint32_t> codes = counter.Values(step);
    // Squares of the triangle of pairs.
    constexpr size_t kSide = 512;
    const size_t sides = (codes.size() + kSide - 1) / kSide;
    std::vector<std::pair<size_t, size_t>> squares;
    for (size_t x = 0; x < sides; ++x) {
      for (size_t y = x; y < sides; ++y) squares.emplace_back(x, y);
    }
    std::vector<std::vector<double>> parts(squares.size());
    const auto side = [&](size_t k) {
      return std::span<const uint32_t>(codes).subspan(k * kSide,
                                                      std::min(kSide, codes.size() - k * kSide));
    };
    const size_t round = 8 * execution.workers();
    for (size_t first = 0; first < squares.size(); first += round) {
      const size_t here = std::min(round, squares.size() - first);
      ParallelFor(execution, here, [&](size_t k) {
        std::vector<double> own(last + 1);
        const auto [x, y] = squares[first + k];
        counter.Add(side(x), side(y), x == y, own);
        parts[first + k] = std::move(own);
      });
      PATRON_RETURN_IF_ERROR(ReportProgress(execution, first + here, squares.size()));
    }
    for (const auto &part : parts) {
      for (size_t l = 0; l < sums.size(); ++l) sums[l] += part[l];
    }
  }
  const double different = all - equal;
  const double counted = counter.DifferentPairs(step);
  const double scale = counted > 0 ? different / counted : 0;
  sums[last] = different;
  for (size_t l = 0; l < last; ++l) {
    sums[l] *= scale;
    sums[last] -= sums[l];
  }
  sums[0] += equal;
  for (size_t l = 0; l <= last; ++l) chance->u[l] = std::max(0.0, sums[l] / all);
  return absl::OkStatus();
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_LINK_LEVELS_HPP_
