// Concordance: how often of two customers the one with the higher risk leaves first.
#ifndef PATRON_LOYALTY_CONCORDANCE_HPP_
#define PATRON_LOYALTY_CONCORDANCE_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/parallel.hpp"
#include "patron/base/sort.hpp"
#include "patron/base/status.hpp"
#include "patron/loyalty/risk_table.hpp"

namespace patron::loyalty {

// Pairs are products of weights.
struct Concordance {
  double index;       // Harrell's: (concordant + tied / 2) / all three; 0.5 says nothing.
  double std_err;     // By the infinitesimal jackknife, as in R's survival.
  double concordant;  // The higher risk left first.
  double discordant;
  double tied;  // Of equal risk.
};

// Compares every event with all rows of its stratum that were at risk when it came and outlasted it;
// rows that are only known to be longer outlast events at the same time.
//
// `risk` is any number that is higher for those expected to leave sooner. Errors: those of
// CheckObserved; InvalidArgument for risks of another length or not finite; FailedPrecondition without
// a pair to compare. Cost: O(n log n).
absl::StatusOr<Concordance> MeasureConcordance(const Observed &observed,
                                               std::span<const double> risk,
                                               const Groups &strata = {},
                                               const Execution &execution = {});

namespace detail {

// Weights by rank, and their sums over the lower ranks (Fenwick 1994).
class RankedWeights {
 public:
  explicit RankedWeights(size_t ranks) : sums_(ranks + 1) {}

  void Add(size_t rank, double weight) {
    for (size_t i = rank + 1; i < sums_.size(); i += i & (~i + 1)) sums_[i] += weight;
  }
  double Below(size_t rank) const {
    double sum = 0;
    for (size_t i = rank; i > 0; i -= i & (~i + 1)) sum += sums_[i];
    return sum;
  }
  void Clear() { std::ranges::fill(sums_, 0.0); }

 private:
  std::vector<double> sums_;
};

// Counts of one row's pairs, by weight of the other row.
struct PairCounts {
  double lower = 0, equal = 0, higher = 0;  // Risk of the other row.
};

class ConcordanceOfStratum {
 public:
  ConcordanceOfStratum(const Observed &observed, std::span<const uint32_t> rank, size_t ranks)
      : observed_(observed), rank_(rank), weights_(ranks), all_(0) {}

  // Fills, for the rows of the stratum: of events their pairs with rows that outlast them.
  void FromEvents(std::span<const uint32_t> rows, std::span<const uint32_t> by_entry,
                  std::vector<PairCounts> &counts) {
    Clear();
    size_t waiting = by_entry.size();
    for (size_t end = rows.size(); end > 0;) {
      const size_t begin = BeginOfTime(rows, end);
      const double time = observed_.duration[rows[begin]];
      for (size_t i = begin; i < end; ++i) {
        if (observed_.event[rows[i]] == 0) Add(rows[i], 1);
      }
      for (; waiting > 0 && observed_.entry[by_entry[waiting - 1]] >= time; --waiting) {
        Add(by_entry[waiting - 1], -1);
      }
      for (size_t i = begin; i < end; ++i) {
        if (observed_.event[rows[i]] != 0) counts[rows[i]] = Count(rows[i]);
      }
      for (size_t i = begin; i < end; ++i) {
        if (observed_.event[rows[i]] != 0) Add(rows[i], 1);
      }
      end = begin;
    }
  }

  // Fills, for all rows of the stratum, their pairs with events that they outlast.
  void FromSurvivors(std::span<const uint32_t> rows, std::span<const uint32_t> by_entry,
                     std::vector<PairCounts> &counts) {
    Clear();
    size_t entered = 0;
    for (size_t begin = 0; begin < rows.size();) {
      const double time = observed_.duration[rows[begin]];
      size_t end = begin + 1;
      while (end < rows.size() && observed_.duration[rows[end]] == time) ++end;
      // What came before a row entered is none of its pairs.
      for (; entered < by_entry.size() && observed_.entry[by_entry[entered]] < time; ++entered) {
        const uint32_t row = by_entry[entered];
        const PairCounts before = Count(row);
        counts[row].lower -= before.lower;
        counts[row].equal -= before.equal;
        counts[row].higher -= before.higher;
      }
      const auto take = [&](uint8_t event) {
        for (size_t i = begin; i < end; ++i) {
          if (observed_.event[rows[i]] != event) continue;
          const PairCounts found = Count(rows[i]);
          counts[rows[i]].lower += found.lower;
          counts[rows[i]].equal += found.equal;
          counts[rows[i]].higher += found.higher;
        }
      };
      take(1);
      for (size_t i = begin; i < end; ++i) {
        if (observed_.event[rows[i]] != 0) Add(rows[i], 1);
      }
      take(0);
      begin = end;
    }
  }

 private:
  size_t BeginOfTime(std::span<const uint32_t> rows, size_t end) const {
    const double time = observed_.duration[rows[end - 1]];
    while (end > 0 && observed_.duration[rows[end - 1]] == time) --end;
    return end;
  }
  void Clear() {
    weights_.Clear();
    all_ = 0;
  }
  void Add(uint32_t row, double sign) {
    const double weight = sign * observed_.weight_of(row);
    weights_.Add(rank_[row], weight);
    all_ += weight;
  }
  PairCounts Count(uint32_t row) const {
    const double lower = weights_.Below(rank_[row]), upto = weights_.Below(rank_[row] + 1);
    return {lower, upto - lower, all_ - upto};
  }

  const Observed &observed_;
  std::span<const uint32_t> rank_;
  RankedWeights weights_;
  double all_;
};

}  // namespace detail

inline absl::StatusOr<Concordance> MeasureConcordance(const Observed &observed,
                                                      std::span<const double> risk,
                                                      const Groups &strata,
                                                      const Execution &execution) {
  PATRON_RETURN_IF_ERROR(CheckObserved(observed));
  if (risk.size() != observed.size()) {
    return InvalidOption("risk", absl::StrCat(risk.size(), " rows"),
                         absl::StrCat(observed.size(), " as in duration"));
  }
  PATRON_RETURN_IF_ERROR(CheckFinite("risk", risk));
  const std::vector<uint32_t> ascending = SortedRows(risk, execution);
  std::vector<uint32_t> rank(risk.size());
  uint32_t ranks = 0;
  for (size_t i = 0; i < ascending.size(); ++i) {
    if (i > 0 && risk[ascending[i]] != risk[ascending[i - 1]]) ++ranks;
    rank[ascending[i]] = ranks;
  }
  const TimeOrder order = OrderByTime(observed, strata, execution);
  std::vector<detail::PairCounts> events(risk.size()), survivors(risk.size());
  detail::ConcordanceOfStratum walk(observed, rank, ranks + 1);
  for (size_t s = 0; s < strata.count; ++s) {
    walk.FromEvents(order.rows_of(s), order.by_entry_of(s), events);
    PATRON_RETURN_IF_ERROR(ReportProgress(execution, 2 * s + 1, 2 * strata.count));
    walk.FromSurvivors(order.rows_of(s), order.by_entry_of(s), survivors);
  }
  Concordance result{};
  for (size_t i = 0; i < risk.size(); ++i) {
    const double weight = observed.weight_of(i);
    result.concordant += weight * events[i].lower;
    result.tied += weight * events[i].equal;
    result.discordant += weight * events[i].higher;
  }
  const double pairs = result.concordant + result.discordant + result.tied;
  if (!(pairs > 0)) {
    return absl::FailedPreconditionError(
        "event: no event that anybody at risk outlasts; expected at least 1");
  }
  result.index = (result.concordant + result.tied / 2) / pairs;
  double variance = 0;
  for (size_t i = 0; i < risk.size(); ++i) {
    const detail::PairCounts &first = events[i], &then = survivors[i];
    const double good = first.lower + then.higher + (first.equal + then.equal) / 2;
    const double all =
        first.lower + first.equal + first.higher + then.lower + then.equal + then.higher;
    const double influence = observed.weight_of(i) * (good - result.index * all) / pairs;
    variance += influence * influence;
  }
  result.std_err = std::sqrt(variance);
  return result;
}

}  // namespace patron::loyalty

#endif  // PATRON_LOYALTY_CONCORDANCE_HPP_
