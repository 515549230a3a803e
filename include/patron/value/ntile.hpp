// NTILE: bins of equal size by rank, ties split by row, as SQL does.
#ifndef PATRON_VALUE_NTILE_HPP_
#define PATRON_VALUE_NTILE_HPP_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "patron/base/order_statistics.hpp"
#include "patron/base/parallel.hpp"
#include "patron/base/sum.hpp"
#include "patron/value/score_cuts.hpp"

namespace patron::value {

// What NTILE did besides giving scores.
struct NtileReport {
  std::vector<double> cuts;  // Ascending, in natural units: the largest value below each boundary.
  std::vector<int64_t> counts;  // counts[s - 1] rows have score s.
  int64_t split_rows = 0;       // Rows whose value occurs on both sides of a boundary.
};

// Writes scores 1 to `bins` of `values` into `scores` (of the same length): rows are ranked from
// worst to best value, equal values by row; the first N mod `bins` bins have one row more than the
// others, and with fewer rows than bins the last bins stay empty. `unit` divides the reported
// cuts. No NaN.
//
// Cost: O(n log bins) time without a sort; scratch as OrderStatistics::At.
template <ScoreValue T>
NtileReport Ntile(std::span<const T> values, int bins, ScoreDirection direction, int64_t unit,
                  std::span<uint8_t> scores, const Execution &execution = {});

// Zero-based bin of zero-based `rank` among `count` rows: the part of PartOf that holds it.
inline size_t NtileBinOfRank(size_t count, size_t bins, size_t rank) {
  const size_t small = count / bins;
  const size_t larger_bins = count % bins;
  const size_t in_larger = larger_bins * (small + 1);
  return rank < in_larger ? rank / (small + 1) : larger_bins + (rank - in_larger) / small;
}

template <ScoreValue T>
NtileReport Ntile(std::span<const T> values, int bins, ScoreDirection direction, int64_t unit,
                  std::span<uint8_t> scores, const Execution &execution) {
  const size_t n = values.size();
  const auto k = static_cast<size_t>(bins);
  const bool high_is_best = direction == ScoreDirection::kHighIsBest;
  NtileReport report;
  for (size_t bin = 0; bin < k; ++bin) {
    report.counts.push_back(static_cast<int64_t>(PartOf(n, k, bin).size()));
  }
  if (n == 0) return report;

  // Boundary j lies between the ascending ranks boundary[j - 1] - 1 and boundary[j - 1].
  std::vector<size_t> boundaries;
  std::vector<size_t> positions;
  for (size_t j = 1; j < k; ++j) {
    const size_t at = high_is_best ? PartOf(n, k, j).begin : n - PartOf(n, k, k - j).begin;
    boundaries.push_back(at);
    if (at > 0) positions.push_back(at - 1);
    if (at < n) positions.push_back(at);
  }
  const auto statistics = OrderStatistics<T>::At(values, std::move(positions), execution);
  std::vector<typename ScoreCuts<T>::Cut> list;
  for (const size_t at : boundaries) {
    list.push_back(at == 0 ? detail::CutBelowAll<T>()
                           : detail::MakeCut<T>(detail::StatisticAsCut(statistics(at - 1)),
                                                ClosedSide::kRight, unit));
  }
  const ScoreCuts<T> cuts(list, direction, ClosedSide::kRight);
  report.cuts = cuts.cuts();

  // A value on both sides of a boundary is split by row. Its rows are found in the bin below the
  // first cut that equals it.
  std::array<uint8_t, kMaxScoreBins> is_split{};
  bool any_split = false;
  for (const size_t at : boundaries) {
    if (at == 0 || at == n) continue;
    const T value = statistics(at - 1);
    if (statistics(at) != value) continue;
    is_split[static_cast<size_t>(cuts.BinOf(value))] = 1;
    any_split = true;
  }

  const size_t tasks = TasksFor(n);
  std::vector<size_t> in_bin(tasks * k, 0);
  std::vector<size_t> at_cut(tasks * k, 0);
  ParallelFor(execution, tasks, [&](size_t task) {
    const Range rows = TaskRows(n, task);
    cuts.BinsOf(values.subspan(rows.begin, rows.size()), scores.subspan(rows.begin, rows.size()));
    if (!any_split) return;
    const typename ScoreCuts<T>::BinTable table = cuts.bin_table();
    std::array<uint32_t, kMaxScoreBins> rows_in{};
    std::array<uint32_t, kMaxScoreBins> rows_at{};
    for (size_t i = rows.begin; i < rows.end; ++i) {
      const size_t bin = scores[i];
      ++rows_in[bin];
      rows_at[bin] += table.EqualsCut(values[i], bin);
    }
    std::copy_n(rows_in.begin(), k, in_bin.begin() + static_cast<ptrdiff_t>(task * k));
    std::copy_n(rows_at.begin(), k, at_cut.begin() + static_cast<ptrdiff_t>(task * k));
  });

  // From counts by task to the rank, worst to best, of each task's first row with a split value.
  size_t below_bin = 0;
  for (size_t bin = 0; any_split && bin < k; ++bin) {
    size_t rows = 0, equal = 0;
    for (size_t task = 0; task < tasks; ++task) {
      rows += in_bin[task * k + bin];
      equal += at_cut[task * k + bin];
    }
    const size_t below = below_bin + rows - equal;
    size_t rank = high_is_best ? below : n - below - equal;
    for (size_t task = 0; task < tasks; ++task) {
      rank += std::exchange(at_cut[task * k + bin], rank);
    }
    if (is_split[bin]) report.split_rows += static_cast<int64_t>(equal);
    below_bin += rows;
  }
  ParallelFor(execution, tasks, [&](size_t task) {
    const Range rows = TaskRows(n, task);
    size_t *next_rank = at_cut.data() + task * k;
    const typename ScoreCuts<T>::BinTable table = cuts.bin_table();
    const std::array<uint8_t, kMaxScoreBins> split_here = is_split;
    for (size_t i = rows.begin; i < rows.end; ++i) {
      const size_t bin = scores[i];
      if (split_here[bin] & table.EqualsCut(values[i], bin)) {
        scores[i] = static_cast<uint8_t>(NtileBinOfRank(n, k, next_rank[bin]++) + 1);
      } else {
        scores[i] = table.score[bin];
      }
    }
  });
  return report;
}

}  // namespace patron::value

#endif  // PATRON_VALUE_NTILE_HPP_
