// The loyalty index: components brought to one scale, weighed, and added up.
#ifndef PATRON_LOYALTY_INDEX_HPP_
#define PATRON_LOYALTY_INDEX_HPP_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/normal_probability.hpp"
#include "patron/base/parallel.hpp"
#include "patron/base/random.hpp"
#include "patron/base/sort.hpp"
#include "patron/base/status.hpp"
#include "patron/base/sum.hpp"

namespace patron::loyalty {

// How a component comes to a scale of 0 to 1.
enum class Normalize {
  kBounds,      // (value - low) / (high - low), cut off.
  kWinsorized,  // The same between the 5 % and 95 % quantiles (type 7) of the data.
  kNormal,      // The normal distribution function of the z-score.
  kRank,        // The share of the data below, and half of those equal.
};

struct IndexComponent {
  std::string name;
  Normalize normalize = Normalize::kBounds;
  double weight = 1;
  double low =
      0;  // What comes to 0, and to 1; of kNormal mean and standard deviation, of kRank the
  double high = 1;    // least and the greatest. Given with kBounds, else by the fit.
  int64_t known = 0;  // Customers of the fit.
  // kRank: values that rise, and the share of the data below each and half of those equal.
  std::vector<double> steps = {}, shares = {};
};

struct IndexDefinition {
  std::vector<IndexComponent> components;
  double least_coverage = 0.6;  // Share of the weight that must be known.
};

// More steps of kRank are thinned out to so many.
inline constexpr size_t kMostRankSteps = 1001;

// Errors: InvalidArgument naming the component, for weights not above 0, bounds that are equal or not
// finite, names given twice, a coverage outside 0 to 1, steps that do not rise.
absl::Status CheckIndex(const IndexDefinition &definition);

// Freezes what the data decide. `columns` has one column a component, NaN where it is not known.
// Errors: those of CheckIndex; InvalidArgument for an infinite value; FailedPrecondition for a component
// that is known of nobody or, but with kBounds, of one value only. Cost: O(n), and a sort of
// kWinsorized and kRank.
absl::StatusOr<IndexDefinition> FitIndex(IndexDefinition definition,
                                         std::span<const std::span<const double>> columns,
                                         const Execution &execution = {});

// The scores of customers, in the order of the rows.
struct IndexScores {
  std::vector<double> index;     // 0 to 100; NaN below the least coverage.
  std::vector<double> coverage;  // Share of the weight that is known.
  std::vector<std::vector<double>>
      given;  // What each component gives to the index; NaN if unknown.
};

// Errors: InvalidArgument for an infinite value. Cost: O(n x components).
absl::StatusOr<IndexScores> ScoreIndex(const IndexDefinition &definition,
                                       std::span<const std::span<const double>> columns,
                                       const Execution &execution = {});

struct IndexMean {
  int64_t customers = 0;  // With an index.
  int64_t refused = 0;
  double mean = std::numeric_limits<double>::quiet_NaN();
  double std_err = std::numeric_limits<double>::quiet_NaN();
  double lower = std::numeric_limits<double>::quiet_NaN();
  double upper = std::numeric_limits<double>::quiet_NaN();
};

// The mean of scores that are not NaN, with percentiles of samples drawn with replacement. `level` in
// (0, 1), `replicates` at least 2. Errors: Cancelled. Cost: O(n x replicates).
absl::StatusOr<IndexMean> MeanOfIndex(std::span<const double> scores, double level,
                                      uint32_t replicates, uint64_t seed,
                                      const Execution &execution = {});

namespace detail {

inline constexpr size_t kIndexBlock = 1024;  // Rows at a time.

inline double QuantileOfKnown(std::span<const double> sorted, double p) {
  const double place = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(place);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - std::floor(place)) * (sorted[above] - sorted[below]);
}

inline void FreezeRanks(std::span<const double> sorted, IndexComponent &component) {
  std::vector<double> steps, shares;
  const auto n = static_cast<double>(sorted.size());
  for (size_t i = 0; i < sorted.size();) {
    size_t end = i + 1;
    while (end < sorted.size() && sorted[end] == sorted[i]) ++end;
    steps.push_back(sorted[i]);
    shares.push_back(static_cast<double>(i + end) / (2 * n));
    i = end;
  }
  component.low = sorted.front();
  component.high = sorted.back();
  component.steps.clear();
  component.shares.clear();
  const size_t kept = std::min(steps.size(), kMostRankSteps);
  for (size_t i = 0; i < kept; ++i) {
    // First and last always.
    const size_t at = kept == steps.size() ? i : i * (steps.size() - 1) / (kept - 1);
    component.steps.push_back(steps[at]);
    component.shares.push_back(shares[at]);
  }
}

// The shares of ranks of `count` values, at most kIndexBlock; NaN stays.
inline void RankShares(const IndexComponent &component, const double *values, size_t count,
                       double *to) {
  const std::vector<double> &steps = component.steps, &shares = component.shares;
  // The last step up to each value: all go on by a step of the search at once, none waits for another,
  // and no branch is guessed wrong.
  std::array<uint32_t, kIndexBlock> below = {};
  for (size_t left = steps.size(); left > 1;) {
    const size_t half = left / 2;
    for (size_t i = 0; i < count; ++i) {
      const bool further = steps[below[i] + half] <= values[i];
      below[i] += further ? static_cast<uint32_t>(half) : 0;
    }
    left -= half;
  }
  for (size_t i = 0; i < count; ++i) {
    const double value = values[i];
    const size_t at = below[i], above = std::min(at + 1, steps.size() - 1);
    const double width = above == at ? 1 : steps[above] - steps[at];
    double share = shares[at] + (value - steps[at]) / width * (shares[above] - shares[at]);
    share = value < steps.front() ? 0 : share;
    to[i] = value > steps.back() ? 1 : share;
  }
}

// Writes the components of rows [begin, end) as 0 to 1; NaN stays.
inline void NormalizeRows(const IndexComponent &component, const double *values, size_t count,
                          double *to) {
  switch (component.normalize) {
    case Normalize::kNormal: {
      const NormalProbability &below = NormalProbability::Table();
      for (size_t i = 0; i < count; ++i) {
        to[i] = below((values[i] - component.low) / component.high);
      }
      return;
    }
    case Normalize::kRank: RankShares(component, values, count, to); return;
    default: {
      const double width = component.high - component.low;
      for (size_t i = 0; i < count; ++i) {
        double v = (values[i] - component.low) / width;
        v = v < 0 ? 0 : v;
        to[i] = v > 1 ? 1 : v;
      }
    }
  }
}

inline absl::Status CheckValues(const IndexDefinition &definition,
                                std::span<const std::span<const double>> columns) {
  for (size_t k = 0; k < columns.size(); ++k) {
    const auto bad = std::ranges::find_if(columns[k], [](double v) { return std::isinf(v); });
    if (bad == columns[k].end()) continue;
    return InvalidRow(definition.components[k].name,
                      static_cast<uint64_t>(bad - columns[k].begin()), FormatNumber(*bad),
                      "a finite number, or none");
  }
  return absl::OkStatus();
}

}  // namespace detail

inline absl::Status CheckIndex(const IndexDefinition &definition) {
  if (definition.components.empty()) return InvalidOption("components", "none", "at least 1");
  if (!(definition.least_coverage >= 0 && definition.least_coverage <= 1)) {
    return InvalidOption("least_coverage", FormatNumber(definition.least_coverage), "0 to 1");
  }
  for (size_t k = 0; k < definition.components.size(); ++k) {
    const IndexComponent &c = definition.components[k];
    for (size_t l = 0; l < k; ++l) {
      if (definition.components[l].name != c.name) continue;
      return InvalidOption("components", absl::StrCat(Quoted(c.name), " twice"),
                           "every component once");
    }
    if (!(c.weight > 0) || !std::isfinite(c.weight)) {
      return InvalidOption(c.name, absl::StrCat("weight ", FormatNumber(c.weight)),
                           "a finite number above 0");
    }
    const bool bounds = c.normalize == Normalize::kBounds;
    if (bounds && (!std::isfinite(c.low) || !std::isfinite(c.high) || c.low == c.high ||
                   !std::isfinite(c.high - c.low))) {
      return InvalidOption(
          c.name, absl::StrCat("bounds ", FormatNumber(c.low), " and ", FormatNumber(c.high)),
          "two finite numbers that differ");
    }
    for (size_t i = 1; i < c.steps.size(); ++i) {
      if (c.steps[i] > c.steps[i - 1] && c.shares[i] > c.shares[i - 1]) continue;
      return InvalidOption(c.name, "steps that do not rise", "steps that rise");
    }
  }
  return absl::OkStatus();
}

inline absl::StatusOr<IndexDefinition> FitIndex(IndexDefinition definition,
                                                std::span<const std::span<const double>> columns,
                                                const Execution &execution) {
  for (IndexComponent &component : definition.components) {
    component.steps.clear();
    component.shares.clear();
  }
  PATRON_RETURN_IF_ERROR(CheckIndex(definition));
  PATRON_RETURN_IF_ERROR(detail::CheckValues(definition, columns));
  for (size_t k = 0; k < columns.size(); ++k) {
    IndexComponent &component = definition.components[k];
    std::vector<double> known;
    known.reserve(columns[k].size());
    for (const double v : columns[k]) {
      if (!std::isnan(v)) known.push_back(v);
    }
    component.known = static_cast<int64_t>(known.size());
    if (component.normalize == Normalize::kBounds) continue;
    if (known.empty()) {
      return absl::FailedPreconditionError(absl::StrCat(component.name, ": known of none of ",
                                                        columns[k].size(),
                                                        " rows; expected at least 1, or bounds"));
    }
    if (std::ranges::all_of(known, [&](double v) { return v == known.front(); })) {
      return absl::FailedPreconditionError(
          absl::StrCat(component.name, ": ", FormatNumber(known.front()),
                       " wherever it is known; expected values that differ, or bounds"));
    }
    if (component.normalize == Normalize::kNormal) {
      double sum = 0, square = 0;
      for (const double v : known) sum += v;
      component.low = sum / static_cast<double>(known.size());
      for (const double v : known) square += (v - component.low) * (v - component.low);
      component.high = std::sqrt(square / static_cast<double>(known.size() - 1));
      continue;
    }
    std::vector<double> sorted(known.size());
    SortKeys<double>(known, sorted, execution);
    if (component.normalize == Normalize::kRank) {
      detail::FreezeRanks(sorted, component);
      continue;
    }
    component.low = detail::QuantileOfKnown(sorted, 0.05);
    component.high = detail::QuantileOfKnown(sorted, 0.95);
    if (component.low == component.high) {
      return absl::FailedPreconditionError(
          absl::StrCat(component.name, ": ", FormatNumber(component.low),
                       " at both the 5 % and the 95 % quantile; expected bounds"));
    }
    PATRON_RETURN_IF_ERROR(ReportProgress(execution, k + 1, columns.size()));
  }
  return definition;
}

inline absl::StatusOr<IndexScores> ScoreIndex(const IndexDefinition &definition,
                                              std::span<const std::span<const double>> columns,
                                              const Execution &execution) {
  PATRON_RETURN_IF_ERROR(detail::CheckValues(definition, columns));
  const size_t rows = columns.empty() ? 0 : columns.front().size();
  IndexScores scores;
  scores.index.resize(rows);
  scores.coverage.resize(rows);
  for (size_t k = 0; k < columns.size(); ++k) scores.given.emplace_back(rows);
  double total = 0;
  for (const IndexComponent &component : definition.components) total += component.weight;
  ParallelFor(execution, TasksFor(rows), [&](size_t task) {
    const Range range = TaskRows(rows, task);
    for (size_t begin = range.begin; begin < range.end; begin += detail::kIndexBlock) {
      const size_t count = std::min(detail::kIndexBlock, range.end - begin);
      double *index = scores.index.data() + begin, *known = scores.coverage.data() + begin;
      std::fill_n(index, count, 0.0);
      std::fill_n(known, count, 0.0);
      for (size_t k = 0; k < columns.size(); ++k) {
        double *given = scores.given[k].data() + begin;
        const double weight = definition.components[k].weight;
        detail::NormalizeRows(definition.components[k], columns[k].data() + begin, count, given);
        for (size_t i = 0; i < count; ++i) {
          const bool is_known = given[i] == given[i];
          index[i] += is_known ? weight * given[i] : 0;
          known[i] += is_known ? weight : 0;
        }
      }
      for (size_t k = 0; k < columns.size(); ++k) {
        double *given = scores.given[k].data() + begin;
        const double weight = 100 * definition.components[k].weight;
        for (size_t i = 0; i < count; ++i) given[i] = weight * given[i] / known[i];
      }
      for (size_t i = 0; i < count; ++i) {
        const double coverage = known[i] / total;
        // What is known adds up in another order than the whole: equal shares may differ in a bit.
        const bool enough = known[i] > 0 && coverage >= definition.least_coverage * (1 - 1e-12);
        index[i] = enough ? 100 * index[i] / known[i] : std::numeric_limits<double>::quiet_NaN();
        known[i] = coverage;
      }
    }
  });
  return scores;
}

inline absl::StatusOr<IndexMean> MeanOfIndex(std::span<const double> scores, double level,
                                             uint32_t replicates, uint64_t seed,
                                             const Execution &execution) {
  IndexMean result;
  std::vector<double> known;
  double sum = 0;
  for (const double score : scores) {
    if (std::isnan(score)) continue;
    known.push_back(score);
    sum += score;
  }
  result.customers = static_cast<int64_t>(known.size());
  result.refused = static_cast<int64_t>(scores.size() - known.size());
  if (known.empty()) return result;
  const auto n = static_cast<double>(known.size());
  result.mean = sum / n;
  std::vector<double> means(replicates);
  constexpr size_t kAtOnce = 64;
  for (size_t first = 0; first < replicates; first += kAtOnce) {
    const size_t count = std::min<size_t>(kAtOnce, replicates - first);
    ParallelFor(execution, count, [&](size_t i) {
      const RandomStream random(seed, first + i);
      double drawn = 0;
      for (uint32_t draw = 0; draw < known.size(); ++draw) {
        drawn += known[random.Below(draw, known.size())];
      }
      means[first + i] = drawn / n;
    });
    PATRON_RETURN_IF_ERROR(ReportProgress(execution, first + count, replicates));
  }
  double square = 0, mean = 0;
  for (const double m : means) mean += m / static_cast<double>(replicates);
  for (const double m : means) square += (m - mean) * (m - mean);
  std::ranges::sort(means);
  result.std_err = std::sqrt(square / static_cast<double>(replicates - 1));
  result.lower = detail::QuantileOfKnown(means, 0.5 - 0.5 * level);
  result.upper = detail::QuantileOfKnown(means, 0.5 + 0.5 * level);
  return result;
}

}  // namespace patron::loyalty

#endif  // PATRON_LOYALTY_INDEX_HPP_
