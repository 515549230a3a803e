// Purchase histories with equal rows merged.
#ifndef PATRON_CLV_HISTORY_HPP_
#define PATRON_CLV_HISTORY_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "patron/base/pieces.hpp"
#include "patron/base/sort.hpp"
#include "patron/base/status.hpp"
#include "patron/base/sum.hpp"
#include "patron/clv/covariates.hpp"
#include "patron/clv/equal_rows.hpp"
#include "patron/clv/purchase_history.hpp"

namespace patron::clv {

// Rows that tell a model the same are merged, exactly, with their weights added. Ordered by
// pattern of covariates, then frequency, T and recency, so that the order of the input rows does
// not matter beyond the last bit of a sum of fractional weights. Where hardly two rows have equal
// covariates, these come last in the order; more than two columns of them are borrowed from the
// history.
struct GroupedHistory {
  std::vector<double> recency, T;
  std::vector<double> weight;

  std::vector<double> counts;      // The different frequencies, ascending.
  std::vector<uint32_t> count_of;  // Place in `counts` of the frequency of each row.
  double log_intervals = 0;        // Weighted sum of that column.
  bool has_log_intervals = false;
  double customers = 0;       // Sum of all weights.
  double mean_frequency = 0;  // Weighted means.
  double mean_T = 0;

  CovariatePatterns patterns;     // Without CovariatePatterns::of_row.
  std::vector<uint32_t> pattern;  // Of each row. Empty without covariates.

  size_t size() const { return T.size(); }
  double frequency(size_t row) const { return counts[count_of[row]]; }
  CovariateRows covariates() const { return patterns.At(pattern); }
};

// Whether equal rows become one. Apart, row i of the result is row i of the history.
enum class Rows : uint8_t { kMerged, kApart };

// Checks and merges. Errors: as CheckHistory. Cost: O(n) expected and a sort of the merged rows;
// memory 28 bytes a merged row for the result, 32 to 48 with covariates, and before that at most 54.
absl::StatusOr<GroupedHistory> Group(const PurchaseHistory &history, Rows rows = Rows::kMerged);

namespace detail {

struct HistoryRow {
  double recency, T, weight;
  uint32_t frequency, pattern;

  uint64_t Hash() const {
    return MixDouble(MixDouble((uint64_t{pattern} << 32) | frequency, recency), T);
  }
  bool SameAs(const HistoryRow &other) const {
    return recency == other.recency && T == other.T && frequency == other.frequency &&
           pattern == other.pattern;
  }
  bool IsBefore(const HistoryRow &other) const {
    if (pattern != other.pattern) return pattern < other.pattern;
    if (frequency != other.frequency) return frequency < other.frequency;
    return T != other.T ? T < other.T : recency < other.recency;
  }
};

using HistoryRows = Pieces<HistoryRow, 4096>;

// Merges equal rows; their order is that of first appearance. Nothing if most of them differ.
inline std::optional<HistoryRows> MergeRows(const PurchaseHistory &history,
                                            std::span<const uint32_t> patterns) {
  HistoryRows merged;
  const auto row_at = [&](size_t i) {
    // Adding zero makes -0.0 and 0.0 one value.
    return HistoryRow{history.recency[i] + 0.0, history.T[i] + 0.0,
                      history.weights.empty() ? 1 : history.weights[i],
                      static_cast<uint32_t>(history.frequency[i]),
                      patterns.empty() ? 0 : patterns[i]};
  };
  const bool alike = EqualNumbering().NumberUnlessApart(
      history.size(), 3, [&](size_t i) { return row_at(i).Hash(); },
      [&](uint32_t number) { return merged[number].Hash(); },
      [&](size_t i, uint32_t number) { return merged[number].SameAs(row_at(i)); },
      [&](uint32_t number) { Prefetch(&merged[number]); },
      [&](size_t i, uint32_t number) {
        if (number == merged.size()) {
          merged.push_back(row_at(i));
        } else {
          merged[number].weight += row_at(i).weight;
        }
      });
  if (!alike) return std::nullopt;
  return merged;
}

// The different counts of a column, ascending, and where each stands.
class CountPlaces {
 public:
  explicit CountPlaces(CountSpan column) {
    std::vector<uint8_t> seen(kFew);
    std::vector<double> many;
    size_t look = kFew;
    const auto unite = [&] {
      std::ranges::sort(many);
      many.erase(std::unique(many.begin(), many.end()), many.end());
      look = 2 * many.size() + kFew;
    };
    for (size_t row = 0; row < column.size(); ++row) {
      const double x = column[row];
      if (x < kFew) {
        seen[static_cast<size_t>(x)] = 1;
        continue;
      }
      many.push_back(x);
      if (many.size() >= look) unite();
    }
    unite();
    place_.resize(kFew);
    for (size_t x = 0; x < kFew; ++x) {
      if (seen[x] == 0) continue;
      place_[x] = static_cast<uint32_t>(counts_.size());
      counts_.push_back(static_cast<double>(x));
    }
    counts_.insert(counts_.end(), many.begin(), many.end());
  }

  uint32_t PlaceOf(double x) const {
    if (x < kFew) return place_[static_cast<size_t>(x)];
    return static_cast<uint32_t>(std::ranges::lower_bound(counts_, x) - counts_.begin());
  }
  std::vector<double> TakeCounts() { return std::move(counts_); }

 private:
  static constexpr size_t kFew = 1024;

  std::vector<double> counts_;
  std::vector<uint32_t> place_;
};

// Rows of a history one after the other into the columns of a grouped one.
class HistoryFiller {
 public:
  // Makes room for so many.
  HistoryFiller(size_t rows, bool patterned, const CountPlaces &places, GroupedHistory &grouped)
      : places_(places), grouped_(grouped), patterned_(patterned) {
    grouped.recency.reserve(rows);
    grouped.T.reserve(rows);
    grouped.weight.reserve(rows);
    grouped.count_of.reserve(rows);
  }

  void Add(const HistoryRow &row) {
    grouped_.recency.push_back(row.recency);
    grouped_.T.push_back(row.T);
    grouped_.weight.push_back(row.weight);
    grouped_.count_of.push_back(places_.PlaceOf(row.frequency));
    if (patterned_) grouped_.pattern.push_back(row.pattern);
  }

 private:
  const CountPlaces &places_;
  GroupedHistory &grouped_;
  bool patterned_;
};

// Calls `take(i, row)` for the i-th row of an order, with what `touch(row)` asks memory for there in
// time.
template <typename Touch, typename Take>
void ForOrder(std::span<const uint32_t> order, const Touch &touch, const Take &take) {
  constexpr size_t kAhead = 24;
  for (size_t i = 0; i < order.size(); ++i) {
    if (i + kAhead < order.size()) touch(order[i + kAhead]);
    take(i, order[i]);
  }
}

// The rows of a history in the order of GroupedHistory, where most of them differ. Of covariates that
// are patterns of their own the first alone counts: `distinct` tells whether it tells all rows apart.
inline std::vector<uint32_t> OrderOf(const PurchaseHistory &history,
                                     const CovariatePatterns &patterns, bool &distinct) {
  const size_t rows = history.size();
  std::vector<uint32_t> order(rows), next(rows);
  std::iota(order.begin(), order.end(), uint32_t{0});
  std::vector<double> keys(rows), sorted(rows);
  const auto sort_by = [&](const auto &value, const auto &touch) {
    ForOrder(order, touch,
             [&](size_t i, uint32_t row) { keys[i] = static_cast<double>(value[row]); });
    SortPairs<double>(keys, order, sorted, next);
    order.swap(next);
  };
  const auto sort_by_times = [&](std::span<const double> times) {
    sort_by(times, [&](uint32_t row) { Prefetch(&times[row]); });
  };
  // Last column first: a stable sort keeps what the ones before it did.
  if (patterns.each_row) {
    const auto &process = patterns.transaction.empty() ? patterns.dropout : patterns.transaction;
    sort_by_times(process[0].values());
    distinct = std::ranges::adjacent_find(sorted) == sorted.end();
  }
  sort_by_times(history.recency);
  sort_by_times(history.T);
  sort_by(history.frequency, [&](uint32_t row) { history.frequency.Touch(row); });
  if (!patterns.each_row && !patterns.of_row.empty()) {
    sort_by(patterns.of_row, [&](uint32_t row) { Prefetch(&patterns.of_row[row]); });
  }
  return order;
}

// The rows in this order, as they are.
inline void FillInOrder(const PurchaseHistory &history, std::span<const uint32_t> patterns,
                        std::span<const uint32_t> order, const CountPlaces &places,
                        GroupedHistory &grouped) {
  HistoryFiller filler(order.size(), false, places, grouped);
  ForOrder(
      order,
      [&](uint32_t row) {
        Prefetch(&history.recency[row]);
        Prefetch(&history.T[row]);
        history.frequency.Touch(row);
        if (!history.weights.empty()) Prefetch(&history.weights[row]);
      },
      [&](size_t, uint32_t row) {
        filler.Add({history.recency[row] + 0.0, history.T[row] + 0.0,
                    history.weights.empty() ? 1 : history.weights[row],
                    static_cast<uint32_t>(history.frequency[row]), 0});
      });
  if (patterns.empty()) return;
  grouped.pattern.reserve(order.size());
  for (const uint32_t row : order) grouped.pattern.push_back(patterns[row]);
}

// Brings rows of the same history and covariates together where the latter are row by row, and sorted
// by the first of them alone. `pattern` holds rows.
inline void SortTies(const CovariatePatterns &patterns, GroupedHistory &grouped) {
  std::vector<std::span<const double>> columns;
  for (const auto *process : {&patterns.transaction, &patterns.dropout}) {
    for (const PatternValues &column : *process) columns.push_back(column.values());
  }
  const size_t rows = grouped.pattern.size();
  const auto alike = [&](size_t i, size_t j) {
    return grouped.T[i] == grouped.T[j] && grouped.recency[i] == grouped.recency[j] &&
           grouped.count_of[i] == grouped.count_of[j] &&
           columns[0][grouped.pattern[i]] == columns[0][grouped.pattern[j]];
  };
  for (size_t begin = 0, end = 1; begin < rows; begin = end++) {
    while (end < rows && alike(begin, end)) ++end;
    if (end - begin == 1) continue;
    // Weights go with their rows.
    std::vector<std::pair<uint32_t, double>> tied;
    for (size_t i = begin; i < end; ++i) tied.emplace_back(grouped.pattern[i], grouped.weight[i]);
    std::ranges::stable_sort(tied, [&](const auto &a, const auto &b) {
      for (const std::span<const double> column : columns) {
        if (column[a.first] != column[b.first]) return column[a.first] < column[b.first];
      }
      return false;
    });
    for (size_t i = begin; i < end; ++i) {
      std::tie(grouped.pattern[i], grouped.weight[i]) = tied[i - begin];
    }
  }
}

// Merges rows that tell a model the same and stand together.
inline void MergeNeighbours(const CovariatePatterns &patterns, GroupedHistory &grouped) {
  const auto alike = [&](size_t i, size_t j) {
    if (grouped.T[i] != grouped.T[j] || grouped.recency[i] != grouped.recency[j] ||
        grouped.count_of[i] != grouped.count_of[j]) {
      return false;
    }
    if (grouped.pattern.empty() || grouped.pattern[i] == grouped.pattern[j]) return true;
    const auto same = [a = grouped.pattern[i], b = grouped.pattern[j]](
                          const PatternValues &column) { return column[a] == column[b]; };
    return patterns.each_row && std::ranges::all_of(patterns.transaction, same) &&
           std::ranges::all_of(patterns.dropout, same);
  };
  size_t size = 0;
  for (size_t i = 0; i < grouped.T.size(); ++i) {
    if (size > 0 && alike(size - 1, i)) {
      grouped.weight[size - 1] += grouped.weight[i];
      continue;
    }
    grouped.T[size] = grouped.T[i];
    grouped.recency[size] = grouped.recency[i];
    grouped.count_of[size] = grouped.count_of[i];
    grouped.weight[size] = grouped.weight[i];
    if (!grouped.pattern.empty()) grouped.pattern[size] = grouped.pattern[i];
    ++size;
  }
  grouped.T.resize(size);
  grouped.recency.resize(size);
  grouped.count_of.resize(size);
  grouped.weight.resize(size);
  if (!grouped.pattern.empty()) grouped.pattern.resize(size);
}

// Puts a copy of covariates that rows refer to by `pattern` into the order of the rows, if they are few.
inline void PutInOrder(CovariatePatterns &patterns, std::span<uint32_t> pattern) {
  constexpr size_t kMostColumns = 2;
  std::vector<std::pair<const double *, PatternValues>> columns;
  for (const auto *process : {&patterns.transaction, &patterns.dropout}) {
    for (const PatternValues &column : *process) {
      const double *from = column.values().data();
      const auto known = std::ranges::find(columns, from, [](const auto &c) { return c.first; });
      if (known != columns.end()) continue;
      if (columns.size() == kMostColumns) return;
      columns.emplace_back(from, PatternValues());
    }
  }
  for (auto &[from, column] : columns) {
    std::vector<double> values;
    values.reserve(pattern.size());
    ForOrder(
        pattern, [from = from](uint32_t row) { Prefetch(from + row); },
        [&values, from = from](size_t, uint32_t row) { values.push_back(from[row]); });
    column = PatternValues(std::move(values));
  }
  for (auto *process : {&patterns.transaction, &patterns.dropout}) {
    for (PatternValues &column : *process) {
      const double *from = column.values().data();
      column = std::ranges::find(columns, from, [](const auto &c) { return c.first; })->second;
    }
  }
  std::iota(pattern.begin(), pattern.end(), uint32_t{0});
}

}  // namespace detail

inline absl::StatusOr<GroupedHistory> Group(const PurchaseHistory &history, Rows kept) {
  PATRON_RETURN_IF_ERROR(CheckHistory(history));
  GroupedHistory grouped;
  grouped.has_log_intervals = !history.log_intervals.empty();
  if (grouped.has_log_intervals) {
    Total<double> sum;
    for (size_t row = 0; row < history.size(); ++row) {
      sum.Add(history.log_intervals[row] * (history.weights.empty() ? 1 : history.weights[row]));
    }
    grouped.log_intervals = sum.ToDouble();
  }
  const bool apart = kept == Rows::kApart;
  const bool patterned = !history.transaction.empty() || !history.dropout.empty();
  CovariatePatterns &patterns = grouped.patterns;
  if (patterned) {
    patterns =
        apart ? CovariatePatterns::EachRow(history.transaction, history.dropout, history.size())
              : CovariatePatterns(history.transaction, history.dropout, history.size());
    if (patterns.each_row) patterns.of_row = {};  // No more than the numbers of the rows.
  }
  detail::CountPlaces places(history.frequency);
  std::optional<detail::HistoryRows> merged;
  if (!apart && !patterns.each_row) merged = detail::MergeRows(history, patterns.of_row);
  if (merged.has_value()) {
    patterns.of_row = {};
    // In place: no two rows are equal.
    std::sort(merged->begin(), merged->end(),
              [](const auto &a, const auto &b) { return a.IsBefore(b); });
    const size_t rows = merged->size();
    if (patterned) grouped.pattern.reserve(rows);
    detail::HistoryFiller filler(rows, patterned, places, grouped);
    for (size_t i = 0; i < rows; ++i) {
      merged->LetGoBefore(i);
      filler.Add((*merged)[i]);
    }
    merged.reset();
  } else {
    std::vector<uint32_t> order;
    bool distinct = false;  // No two rows are alike in their first covariate.
    if (apart) {
      order.resize(history.size());
      std::iota(order.begin(), order.end(), uint32_t{0});
    } else {
      order = detail::OrderOf(history, patterns, distinct);
    }
    detail::FillInOrder(history, patterns.of_row, order, places, grouped);
    patterns.of_row = {};
    if (patterns.each_row) grouped.pattern = std::move(order);
    if (!apart && patterns.each_row && !distinct) detail::SortTies(patterns, grouped);
    if (!apart && !distinct) detail::MergeNeighbours(patterns, grouped);
    if (!apart && patterns.each_row) detail::PutInOrder(patterns, grouped.pattern);
  }
  grouped.counts = places.TakeCounts();
  double time = 0;
  double purchases = 0;
  for (size_t i = 0; i < grouped.size(); ++i) {
    const double weight = grouped.weight[i];
    grouped.customers += weight;
    time += weight * grouped.T[i];
    purchases += weight * grouped.frequency(i);
  }
  grouped.mean_T = time / grouped.customers;
  grouped.mean_frequency = purchases / grouped.customers;
  return grouped;
}

}  // namespace patron::clv

#endif  // PATRON_CLV_HISTORY_HPP_
