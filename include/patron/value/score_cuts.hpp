// Score cuts: where one RFM score ends and the next begins, and the score of a single value.
#ifndef PATRON_VALUE_SCORE_CUTS_HPP_
#define PATRON_VALUE_SCORE_CUTS_HPP_

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "patron/base/quantile.hpp"
#include "patron/base/status.hpp"
#include "patron/value/score_scale.hpp"

namespace patron::value {

template <typename T>
concept ScoreValue =
    std::same_as<T, int32_t> || std::same_as<T, int64_t> || std::same_as<T, double>;

// Cuts that stand, ready to score values one at a time or by the column.
//
// All methods that keep ties together reduce to this form: the number of cuts below a value.
template <ScoreValue T>
class ScoreCuts {
  static constexpr size_t kSlots = 128;  // A power of two above kMaxScoreBins.

 public:
  // One cut: bins are closed on the right, at the largest value that is not above it.
  // `reported` is the cut in natural units; `tied` tells whether a value can equal the cut.
  struct Cut {
    double reported;
    T last_below;  // Largest stored value of the lower bin, if `any_below`.
    bool any_below = true;
    T equal{};  // The stored value equal to the cut, if `tied`.
    bool tied = false;
  };

  // `cuts` ascending; `labels` is their number plus one.
  ScoreCuts(std::span<const Cut> cuts, ScoreDirection direction, ClosedSide closed);

  int labels() const { return static_cast<int>(reported_.size()) + 1; }

  // In natural units, ascending; -infinity for a cut below every value.
  const std::vector<double> &cuts() const { return reported_; }
  ClosedSide closed() const { return closed_; }

  // The score of `value`, from 1 to labels(). Cost: O(log labels()).
  int Score(T value) const { return ScoreOfBin(BinOf(value)); }

  // Number of cuts below `value`, from 0 to labels() - 1.
  int BinOf(T value) const;

  // BinOf for a column. Cost: O(n) compares in blocks, no branches.
  void BinsOf(std::span<const T> values, std::span<uint8_t> bins) const;

  int ScoreOfBin(int bin) const {
    return direction_ == ScoreDirection::kHighIsBest ? bin + 1 : labels() - bin;
  }

  // What a loop over a column needs to know of each bin. To be copied: a loop that writes bytes
  // would read a table in shared memory anew for every row.
  struct BinTable {
    std::array<uint8_t, kSlots> score{};
    std::array<uint8_t, kSlots> tied{};
    std::array<T, kSlots> equal{};

    // 1 if `value`, which lies in `bin`, equals a cut and would change bins with the other side
    // closed; else 0.
    unsigned EqualsCut(T value, size_t bin) const {
      return unsigned{tied[bin]} & unsigned{value == equal[bin]};
    }
  };
  const BinTable &bin_table() const { return bin_table_; }

 private:
  template <size_t kCount>
  void CountBelow(std::span<const T> values, std::span<uint8_t> bins) const;

  ScoreDirection direction_;
  ClosedSide closed_;
  std::vector<double> reported_;
  int always_ = 0;   // Cuts below every value of type T.
  size_t used_ = 0;  // Thresholds in use; the rest can never be exceeded.
  std::array<T, kSlots> thresholds_;
  BinTable bin_table_;
};

// The cuts given in `scale`. A cut within rounding of a whole stored unit is that unit.
//
// Errors: as CheckScoreScale for kFixed.
template <ScoreValue T>
absl::StatusOr<ScoreCuts<T>> FixedScoreCuts(std::string_view column, const ScoreScale &scale);

// The positions that ScoreCutsFrom asks for, of `count` values; empty if it asks for any.
std::vector<size_t> ScoreCutPositions(ScoreMethod method, const ScoreScale &scale, size_t count);

// The cuts of `count` values, at least 1, of which `order_statistic(k)` is the k-th smallest, k
// from 0. This is what a structure that keeps values in order calls after each change.
//
// Errors: as CheckScoreScale; InvalidArgument for kNtile and kNested, whose scores depend on more
// than the value. Cost: at most 2k order statistics; kMidrank O(k log^2 N) of them.
template <ScoreValue T, typename OrderStatistic>
absl::StatusOr<ScoreCuts<T>> ScoreCutsFrom(std::string_view column, ScoreMethod method,
                                           const ScoreScale &scale, size_t count,
                                           const OrderStatistic &order_statistic);

namespace detail {

// The largest T that is below `cut` (or at it, if the bins are closed on the right).
template <ScoreValue T>
typename ScoreCuts<T>::Cut MakeCut(const ExactNumber &cut, ClosedSide closed, int64_t unit) {
  typename ScoreCuts<T>::Cut made{.reported = cut.value(unit), .last_below = 0};
  constexpr int64_t kLowest = std::numeric_limits<T>::lowest();
  constexpr int64_t kHighest = std::numeric_limits<T>::max();
  const bool one_less = closed == ClosedSide::kLeft && cut.IsWhole();
  made.any_below = one_less ? cut.whole > kLowest : cut.whole >= kLowest;
  if (made.any_below) {
    made.last_below = static_cast<T>(std::min(cut.whole - (one_less ? 1 : 0), kHighest));
  }
  made.tied = cut.IsWhole() && cut.whole >= kLowest && cut.whole <= kHighest;
  if (made.tied) made.equal = static_cast<T>(cut.whole);
  return made;
}

template <ScoreValue T>
typename ScoreCuts<T>::Cut MakeCut(double cut, ClosedSide closed, int64_t unit) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  typename ScoreCuts<T>::Cut made{.reported = cut / static_cast<double>(unit), .last_below = 0};
  if constexpr (std::is_floating_point_v<T>) {
    made.last_below = closed == ClosedSide::kLeft ? std::nextafter(cut, -kInfinity) : cut;
    made.any_below = made.last_below != -kInfinity;
    made.equal = cut;
    made.tied = true;
    return made;
  } else {
    const double nearest = std::round(cut);
    const bool whole =
        std::abs(cut - nearest) <= 4 * std::numeric_limits<double>::epsilon() * std::abs(cut);
    if (cut < -0x1p63) {
      made.any_below = false;
      return made;
    }
    if (cut >= 0x1p63) {
      made.last_below = std::numeric_limits<T>::max();
      return made;
    }
    const ExactNumber exact{static_cast<int64_t>(whole ? nearest : std::floor(cut)),
                            {whole ? 0u : 1u, 2}};
    const double reported = made.reported;
    made = MakeCut<T>(exact, closed, unit);
    made.reported = reported;
    return made;
  }
}

// A cut that every value is above.
template <ScoreValue T>
typename ScoreCuts<T>::Cut CutBelowAll() {
  return {
      .reported = -std::numeric_limits<double>::infinity(), .last_below = 0, .any_below = false};
}

inline ExactNumber Raised(ExactNumber cut, int64_t by) {
  if (__builtin_add_overflow(cut.whole, by, &cut.whole)) {
    cut.whole = std::numeric_limits<int64_t>::max();
  }
  return cut;
}
inline double Raised(double cut, int64_t by) { return cut + static_cast<double>(by); }

inline QuantileValue<int64_t> StatisticAsCut(int32_t value) { return {value, {0, 1}}; }
inline QuantileValue<int64_t> StatisticAsCut(int64_t value) { return {value, {0, 1}}; }
inline double StatisticAsCut(double value) { return value; }

// How many of `count` ascending values are below `value`, and how many equal it.
struct Ties {
  size_t below;
  size_t equal;
};
template <typename T, typename OrderStatistic>
Ties CountTies(T value, size_t count, const OrderStatistic &order_statistic) {
  const auto first_where = [&](size_t low, auto predicate) {
    size_t high = count;
    while (low < high) {
      const size_t middle = low + (high - low) / 2;
      if (predicate(order_statistic(middle))) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  };
  const size_t below = first_where(0, [&](T v) { return v >= value; });
  return {below, first_where(below, [&](T v) { return v > value; }) - below};
}

// Position of the first of `count` ascending values whose midrank score, worst to best, has at
// least `j` bins on its lower side; `count` if there is none.
template <typename T, typename OrderStatistic>
size_t FirstAboveMidrankCut(size_t j, size_t bins, ScoreDirection direction, size_t count,
                            const OrderStatistic &order_statistic) {
  size_t low = 0, high = count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    const Ties ties = CountTies<T>(order_statistic(middle), count, order_statistic);
    // Twice the average rank is 2 below + equal + 1. From best to worst it is 2 N + 2 less that.
    const size_t doubled = 2 * ties.below + ties.equal;
    const bool above = direction == ScoreDirection::kHighIsBest
                           ? bins * (doubled + 1) > 2 * count * j
                           : bins * (doubled - 1) >= 2 * count * j;
    if (above) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

}  // namespace detail

template <ScoreValue T>
ScoreCuts<T>::ScoreCuts(std::span<const Cut> cuts, ScoreDirection direction, ClosedSide closed)
    : direction_(direction), closed_(closed) {
  thresholds_.fill(std::numeric_limits<T>::max());
  for (size_t i = 0; i < cuts.size(); ++i) {
    const Cut &cut = cuts[i];
    reported_.push_back(cut.reported);
    if (cut.any_below) {
      thresholds_[used_++] = cut.last_below;
    } else {
      ++always_;
    }
    // A value equal to the cut lies below it or, closed on the left, above: above the last of
    // several equal cuts.
    const size_t bin = closed == ClosedSide::kRight ? i : i + 1;
    if (!cut.tied) continue;
    bin_table_.equal[bin] = cut.equal;
    bin_table_.tied[bin] = 1;
  }
  for (int bin = 0; bin < labels(); ++bin) {
    bin_table_.score[static_cast<size_t>(bin)] = static_cast<uint8_t>(ScoreOfBin(bin));
  }
}

template <ScoreValue T>
int ScoreCuts<T>::BinOf(T value) const {
  const auto end = thresholds_.begin() + static_cast<ptrdiff_t>(used_);
  const auto above = std::lower_bound(thresholds_.begin(), end, value);
  return always_ + static_cast<int>(above - thresholds_.begin());
}

template <ScoreValue T>
template <size_t kCount>
void ScoreCuts<T>::CountBelow(std::span<const T> values, std::span<uint8_t> bins) const {
  std::array<T, kCount> thresholds;
  std::copy_n(thresholds_.begin(), kCount, thresholds.begin());
  for (size_t i = 0; i < values.size(); ++i) {
    const T value = values[i];
    int below = always_;
    if constexpr (kCount <= 16) {
      for (size_t j = 0; j < kCount; ++j) below += thresholds[j] < value;
    } else {
      // Halving without branches: `first` counts the thresholds known to be below.
      size_t first = 0;
      for (size_t half = kCount / 2; half > 0; half /= 2) {
        first += thresholds[first + half - 1] < value ? half : 0;
      }
      below += static_cast<int>(first);
    }
    bins[i] = static_cast<uint8_t>(below);
  }
}

template <ScoreValue T>
void ScoreCuts<T>::BinsOf(std::span<const T> values, std::span<uint8_t> bins) const {
  if (used_ <= 4) {
    CountBelow<4>(values, bins);
  } else if (used_ <= 9) {
    CountBelow<9>(values, bins);
  } else {
    CountBelow<kSlots>(values, bins);
  }
}

template <ScoreValue T>
absl::StatusOr<ScoreCuts<T>> FixedScoreCuts(std::string_view column, const ScoreScale &scale) {
  PATRON_RETURN_IF_ERROR(CheckScoreScale(column, ScoreMethod::kFixed, scale));
  std::vector<typename ScoreCuts<T>::Cut> cuts;
  for (const double cut : scale.cuts) {
    const double stored = cut * static_cast<double>(scale.unit);
    cuts.push_back(detail::MakeCut<T>(stored, scale.closed, scale.unit));
    cuts.back().reported = cut;
  }
  return ScoreCuts<T>(cuts, scale.direction, scale.closed);
}

inline std::vector<size_t> ScoreCutPositions(ScoreMethod method, const ScoreScale &scale,
                                             size_t count) {
  std::vector<size_t> positions;
  if (method == ScoreMethod::kMidrank || count == 0) return positions;
  const auto bins = static_cast<size_t>(scale.bins);
  positions.reserve(2 * (bins + 1));
  for (size_t j = 0; j <= bins; ++j) {
    const auto at = LocateQuantile(count, {j, bins}, QuantileType::kLinear);
    positions.push_back(at.lower);
    positions.push_back(at.upper);
  }
  return positions;
}

template <ScoreValue T, typename OrderStatistic>
absl::StatusOr<ScoreCuts<T>> ScoreCutsFrom(std::string_view column, ScoreMethod method,
                                           const ScoreScale &scale, size_t count,
                                           const OrderStatistic &order_statistic) {
  PATRON_RETURN_IF_ERROR(CheckScoreScale(column, method, scale));
  if (method == ScoreMethod::kFixed) return FixedScoreCuts<T>(column, scale);
  const auto bins = static_cast<size_t>(scale.bins);
  const auto quantile = [&](size_t j) {
    return QuantileFrom<T>(count, {j, bins}, QuantileType::kLinear, order_statistic);
  };
  const bool low_is_best = scale.direction == ScoreDirection::kLowIsBest;
  ClosedSide closed = ClosedSide::kRight;
  std::vector<typename ScoreCuts<T>::Cut> cuts;
  cuts.reserve(bins);
  const auto add = [&](const auto &cut) {
    cuts.push_back(detail::MakeCut<T>(cut, closed, scale.unit));
  };
  switch (method) {
    case ScoreMethod::kThresholdRight:
      for (size_t j = 1; j < bins; ++j) add(quantile(j));
      break;
    case ScoreMethod::kQcutDrop: {
      auto last = quantile(0);
      const auto highest = quantile(bins);
      for (size_t j = 1; j < bins; ++j) {
        const auto cut = quantile(j);
        if (cut == last || cut == highest) continue;
        add(cut);
        last = cut;
      }
      break;
    }
    case ScoreMethod::kRpkg:
      closed = ClosedSide::kLeft;
      for (size_t j = 1; j < bins; ++j) add(detail::Raised(quantile(j), scale.unit));
      break;
    case ScoreMethod::kPercentRank:
      // The first value whose (rank - 1) / (N - 1) passes j/k is above the order statistic at
      // floor((N - 1) j / k); ranked from the top, it is below its mirror image.
      if (low_is_best) closed = ClosedSide::kLeft;
      for (size_t j = 1; j < bins; ++j) {
        const size_t from_worst = (count - 1) * (low_is_best ? bins - j : j) / bins;
        const size_t k = low_is_best ? count - 1 - from_worst : from_worst;
        add(detail::StatisticAsCut(order_statistic(k)));
      }
      break;
    case ScoreMethod::kMidrank:
      for (size_t j = 1; j < bins; ++j) {
        const size_t above =
            detail::FirstAboveMidrankCut<T>(j, bins, scale.direction, count, order_statistic);
        if (above == 0) {
          cuts.push_back(detail::CutBelowAll<T>());
        } else {
          add(detail::StatisticAsCut(order_statistic(above - 1)));
        }
      }
      break;
    default:
      return InvalidOption("method", ScoreMethodName(method), "one that scores by the value alone");
  }
  return ScoreCuts<T>(cuts, scale.direction, closed);
}

}  // namespace patron::value

#endif  // PATRON_VALUE_SCORE_CUTS_HPP_
