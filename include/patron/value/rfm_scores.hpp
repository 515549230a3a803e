// RFM scores: recency, frequency and monetary value of customers as scores from 1 (worst) up.
#ifndef PATRON_VALUE_RFM_SCORES_HPP_
#define PATRON_VALUE_RFM_SCORES_HPP_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

#include "patron/base/order_statistics.hpp"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/base/sum.hpp"
#include "patron/value/ntile.hpp"
#include "patron/value/score_cuts.hpp"
#include "patron/value/score_scale.hpp"

namespace patron::value {

// How RFM scores are given. Every dimension has bins, direction, unit and weight of its own.
struct RfmScoreOptions {
  ScoreMethod method = ScoreMethod::kThresholdRight;
  ScoreScale recency = {.direction = ScoreDirection::kLowIsBest, .cuts = {}};
  ScoreScale frequency;
  ScoreScale monetary;
  bool weighted = false;  // Also give the sum of weight * score.
};

// Where the scores of one dimension begin and end, and what that did to the customers.
struct ScoreReport {
  // Ascending, in natural units, one fewer than labels; -infinity where a bin lies below every
  // value. Empty without customers (kFixed keeps its own) and for frequency and monetary of
  // kNested, whose cuts differ from cell to cell.
  std::vector<double> cuts;
  ClosedSide closed = ClosedSide::kRight;  // The side of its cuts on which a bin is closed.
  int labels = 0;                          // Scores run from 1 to this: fewer than the bins asked
                                           // for where kQcutDrop dropped cuts.
  std::vector<int64_t> counts;             // counts[s - 1] customers have score s.
  int empty_bins = 0;                      // How many of `counts` are zero.

  // kNtile, kNested: customers whose value occurs on both sides of a boundary, so that rows alone
  // decided between them (kNested: within their cell). Other methods: customers whose value
  // equals a cut, so that the closed side decided.
  int64_t tied_customers = 0;
};

struct DimensionScores {
  std::vector<uint8_t> scores;  // One a customer.
  ScoreReport report;
};

struct RfmScores {
  DimensionScores recency;
  DimensionScores frequency;
  DimensionScores monetary;

  // The three scores as one number, base^2 R + base F + M. The base is the power of ten with one
  // digit more than the largest number of bins has: 10 up to 9 bins, 100 up to 99, 1000 for 100.
  std::vector<int32_t> rfm;
  int code_base = 10;

  std::vector<double> weighted;  // Empty unless asked for.
};

// Scores one dimension: one finite value per customer, customers ascending by id (kNtile breaks
// ties by row). kNested is kNtile here: one dimension has nothing to nest in.
//
// No customers: no scores and counts of zero. All values equal, or one customer: kThresholdRight,
// kQcutDrop and kRpkg put all into the lowest bin, kPercentRank gives score 1, kMidrank the score
// of the middle rank (one customer: the highest), kNtile goes by row (one customer: score 1). More
// bins than distinct values: bins stay empty and are counted.
//
// Errors: InvalidArgument naming `column` and the first value that is not finite, or the option
// out of its range. Cost: O(n log bins) time without a sort, scratch as OrderStatistics::At
// (kMidrank: as OrderStatistics::All).
template <ScoreValue T>
absl::StatusOr<DimensionScores> ScoreDimension(std::string_view column, std::span<const T> values,
                                               ScoreMethod method, const ScoreScale &scale,
                                               const Execution &execution = {});

// Scores `recency` (by default low is best), `frequency` and `monetary`: one value per customer
// each, customers ascending by id. Degenerate input and cost as for ScoreDimension.
//
// Errors: InvalidArgument as for ScoreDimension, and if the columns differ in length. Cancelled if
// the host stops it between two dimensions.
template <ScoreValue Recency, ScoreValue Monetary>
absl::StatusOr<RfmScores> ScoreRfm(std::span<const Recency> recency,
                                   std::span<const int64_t> frequency,
                                   std::span<const Monetary> monetary,
                                   const RfmScoreOptions &options, const Execution &execution = {});

// Scores given by cuts that stand, with counts and ties; the cuts are not changed.
template <ScoreValue T>
DimensionScores ApplyScoreCuts(const ScoreCuts<T> &cuts, std::span<const T> values,
                               const Execution &execution = {});

// The base of combined scores with at most `bins` bins a dimension.
constexpr int ScoreCodeBase(int bins) {
  int base = 10;
  while (base <= bins) base *= 10;
  return base;
}

namespace detail {

inline void CountEmpty(ScoreReport *report) {
  report->labels = static_cast<int>(report->counts.size());
  report->empty_bins = static_cast<int>(std::ranges::count(report->counts, 0));
}

template <ScoreValue T>
absl::Status CheckScoreValues(std::string_view column, std::span<const T> values,
                              ScoreMethod method, const ScoreScale &scale) {
  PATRON_RETURN_IF_ERROR(CheckScoreScale(column, method, scale));
  if constexpr (std::is_floating_point_v<T>) return CheckFinite(column, values);
  return absl::OkStatus();
}

template <ScoreValue T>
DimensionScores NtileDimension(std::span<const T> values, const ScoreScale &scale,
                               const Execution &execution) {
  DimensionScores result{.scores = std::vector<uint8_t>(values.size()), .report = {}};
  NtileReport ntile =
      Ntile(values, scale.bins, scale.direction, scale.unit, std::span(result.scores), execution);
  result.report.cuts = std::move(ntile.cuts);
  result.report.counts = std::move(ntile.counts);
  result.report.tied_customers = ntile.split_rows;
  CountEmpty(&result.report);
  return result;
}

// Customers in cells of equal scores, each cell in row order.
class ScoreCells {
 public:
  explicit ScoreCells(size_t rows) : rows_(rows), ends_{rows} {
    std::iota(rows_.begin(), rows_.end(), size_t{0});
  }

  // Splits every cell by the scores of its rows, from 1 to `bins`.
  void Split(std::span<const uint8_t> scores, int bins) {
    std::vector<size_t> split(rows_.size());
    std::vector<size_t> ends;
    size_t begin = 0;
    for (const size_t end : ends_) {
      std::array<size_t, kMaxScoreBins + 2> next{};
      for (size_t i = begin; i < end; ++i) ++next[scores[rows_[i]] + size_t{1}];
      next[1] = begin;
      for (size_t s = 2; s < next.size(); ++s) next[s] += next[s - 1];
      for (size_t i = begin; i < end; ++i) split[next[scores[rows_[i]]]++] = rows_[i];
      for (int s = 1; s <= bins; ++s) ends.push_back(next[static_cast<size_t>(s)]);
      begin = end;
    }
    rows_ = std::move(split);
    ends_ = std::move(ends);
  }

  template <ScoreValue T>
  DimensionScores NtileInside(std::span<const T> values, const ScoreScale &scale) const {
    DimensionScores result{.scores = std::vector<uint8_t>(values.size()), .report = {}};
    result.report.counts.resize(static_cast<size_t>(scale.bins), 0);
    std::vector<T> cell;
    std::vector<uint8_t> scores;
    size_t begin = 0;
    for (const size_t end : ends_) {
      cell.clear();
      for (size_t i = begin; i < end; ++i) cell.push_back(values[rows_[i]]);
      scores.resize(cell.size());
      const NtileReport ntile = Ntile(std::span<const T>(cell), scale.bins, scale.direction,
                                      scale.unit, std::span(scores));
      for (size_t i = begin; i < end; ++i) result.scores[rows_[i]] = scores[i - begin];
      for (size_t s = 0; s < ntile.counts.size(); ++s) result.report.counts[s] += ntile.counts[s];
      result.report.tied_customers += ntile.split_rows;
      begin = end;
    }
    CountEmpty(&result.report);
    return result;
  }

 private:
  std::vector<size_t> rows_;
  std::vector<size_t> ends_;  // Where each cell of rows_ ends; the next begins there.
};

inline absl::Status CheckLength(std::string_view column, size_t rows, size_t expected) {
  if (rows == expected) return absl::OkStatus();
  return InvalidOption(column, absl::StrCat(rows, " rows"),
                       absl::StrCat(expected, ", as many as recency has"));
}

}  // namespace detail

template <ScoreValue T>
DimensionScores ApplyScoreCuts(const ScoreCuts<T> &cuts, std::span<const T> values,
                               const Execution &execution) {
  const size_t n = values.size();
  const size_t tasks = TasksFor(n);
  const auto labels = static_cast<size_t>(cuts.labels());
  DimensionScores result{.scores = std::vector<uint8_t>(n), .report = {}};
  std::vector<int64_t> counts(tasks * labels, 0);
  std::vector<int64_t> tied(tasks, 0);
  ParallelFor(execution, tasks, [&](size_t task) {
    const Range rows = TaskRows(n, task);
    uint8_t *scores = result.scores.data();
    cuts.BinsOf(values.subspan(rows.begin, rows.size()),
                std::span(scores + rows.begin, rows.size()));
    const typename ScoreCuts<T>::BinTable table = cuts.bin_table();
    std::array<std::array<uint32_t, kMaxScoreBins>, 4> in_bin{};
    uint32_t equal = 0;
    for (size_t i = rows.begin; i < rows.end; ++i) {
      const size_t bin = scores[i];
      ++in_bin[i % 4][bin];  // Four counters a bin: equal neighbours do not wait for each other.
      equal += table.EqualsCut(values[i], bin);
      scores[i] = table.score[bin];
    }
    tied[task] = equal;
    for (size_t bin = 0; bin < labels; ++bin) {
      for (const auto &part : in_bin) counts[task * labels + table.score[bin] - 1] += part[bin];
    }
  });
  ScoreReport &report = result.report;
  report.cuts = cuts.cuts();
  report.closed = cuts.closed();
  report.counts.resize(labels, 0);
  for (size_t i = 0; i < counts.size(); ++i) report.counts[i % labels] += counts[i];
  report.tied_customers = std::accumulate(tied.begin(), tied.end(), int64_t{0});
  detail::CountEmpty(&report);
  return result;
}

template <ScoreValue T>
absl::StatusOr<DimensionScores> ScoreDimension(std::string_view column, std::span<const T> values,
                                               ScoreMethod method, const ScoreScale &scale,
                                               const Execution &execution) {
  PATRON_RETURN_IF_ERROR(detail::CheckScoreValues(column, values, method, scale));
  if (method == ScoreMethod::kNtile || method == ScoreMethod::kNested) {
    return detail::NtileDimension(values, scale, execution);
  }
  if (values.empty() && method != ScoreMethod::kFixed) {
    DimensionScores none;
    none.report.counts.resize(static_cast<size_t>(scale.bins), 0);
    detail::CountEmpty(&none.report);
    return none;
  }
  OrderStatistics<T> statistics;
  if (method == ScoreMethod::kMidrank) {
    statistics = OrderStatistics<T>::All(values, execution);
  } else if (method != ScoreMethod::kFixed) {
    statistics =
        OrderStatistics<T>::At(values, ScoreCutPositions(method, scale, values.size()), execution);
  }
  PATRON_ASSIGN_OR_RETURN(const ScoreCuts<T> cuts,
                          ScoreCutsFrom<T>(column, method, scale, values.size(), statistics));
  return ApplyScoreCuts(cuts, values, execution);
}

template <ScoreValue Recency, ScoreValue Monetary>
absl::StatusOr<RfmScores> ScoreRfm(std::span<const Recency> recency,
                                   std::span<const int64_t> frequency,
                                   std::span<const Monetary> monetary,
                                   const RfmScoreOptions &options, const Execution &execution) {
  const size_t n = recency.size();
  const ScoreMethod method = options.method;
  PATRON_RETURN_IF_ERROR(detail::CheckLength("frequency", frequency.size(), n));
  PATRON_RETURN_IF_ERROR(detail::CheckLength("monetary", monetary.size(), n));
  PATRON_RETURN_IF_ERROR(detail::CheckScoreValues("recency", recency, method, options.recency));
  PATRON_RETURN_IF_ERROR(
      detail::CheckScoreValues("frequency", frequency, method, options.frequency));
  PATRON_RETURN_IF_ERROR(detail::CheckScoreValues("monetary", monetary, method, options.monetary));

  RfmScores result;
  PATRON_ASSIGN_OR_RETURN(result.recency,
                          ScoreDimension("recency", recency, method, options.recency, execution));
  PATRON_RETURN_IF_ERROR(ReportProgress(execution, n, uint64_t{3} * n));
  if (method == ScoreMethod::kNested) {
    detail::ScoreCells cells(n);
    cells.Split(result.recency.scores, options.recency.bins);
    result.frequency = cells.NtileInside(frequency, options.frequency);
    PATRON_RETURN_IF_ERROR(ReportProgress(execution, uint64_t{2} * n, uint64_t{3} * n));
    cells.Split(result.frequency.scores, options.frequency.bins);
    result.monetary = cells.NtileInside(monetary, options.monetary);
  } else {
    PATRON_ASSIGN_OR_RETURN(result.frequency, ScoreDimension("frequency", frequency, method,
                                                             options.frequency, execution));
    PATRON_RETURN_IF_ERROR(ReportProgress(execution, uint64_t{2} * n, uint64_t{3} * n));
    PATRON_ASSIGN_OR_RETURN(
        result.monetary, ScoreDimension("monetary", monetary, method, options.monetary, execution));
  }

  const auto bins_of = [&](const ScoreScale &scale) {
    return method == ScoreMethod::kFixed ? static_cast<int>(scale.cuts.size()) + 1 : scale.bins;
  };
  result.code_base = ScoreCodeBase(
      std::max({bins_of(options.recency), bins_of(options.frequency), bins_of(options.monetary)}));
  result.rfm.resize(n);
  if (options.weighted) result.weighted.resize(n);
  ParallelFor(execution, TasksFor(n), [&](size_t task) {
    const Range rows = TaskRows(n, task);
    const uint8_t *r = result.recency.scores.data();
    const uint8_t *f = result.frequency.scores.data();
    const uint8_t *m = result.monetary.scores.data();
    const int base = result.code_base;
    for (size_t i = rows.begin; i < rows.end; ++i) {
      result.rfm[i] = (r[i] * base + f[i]) * base + m[i];
    }
    if (!options.weighted) return;
    for (size_t i = rows.begin; i < rows.end; ++i) {
      result.weighted[i] = options.recency.weight * r[i] + options.frequency.weight * f[i] +
                           options.monetary.weight * m[i];
    }
  });
  PATRON_RETURN_IF_ERROR(ReportProgress(execution, uint64_t{3} * n, uint64_t{3} * n));
  return result;
}

}  // namespace patron::value

#endif  // PATRON_VALUE_RFM_SCORES_HPP_
