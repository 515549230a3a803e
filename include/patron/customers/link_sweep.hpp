// What each threshold of weight would give, by the truth and by the model alone.
#ifndef PATRON_CUSTOMERS_LINK_SWEEP_HPP_
#define PATRON_CUSTOMERS_LINK_SWEEP_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "patron/base/status.hpp"
#include "patron/customers/link_clusters.hpp"
#include "patron/customers/link_model.hpp"
#include "patron/customers/link_quality.hpp"
#include "patron/customers/link_records.hpp"

namespace patron::customers {

struct SweepOptions {
  // Ascending; none = every whole number from the lightest pair to the heaviest, in steps that make
  // at most 200.
  std::vector<double> thresholds;
  double matches = 0;  // That the model expects in all; at least what the pairs themselves make.
  double z = 1.959963984540054;
};

struct SweepRow {
  double threshold = 0;
  uint64_t pairs = 0, right = 0, clusters = 0;
  double expected_precision = std::numeric_limits<double>::quiet_NaN();
  double expected_recall = std::numeric_limits<double>::quiet_NaN();
  double expected_f1 = 0;
  Share precision, recall;  // Of the pairs, with Wilson's intervals.
  double f1 = 0;
  double bcubed_precision = 0, bcubed_recall = 0, bcubed_f1 = 0;  // Of what the pairs join.
};

// By threshold, ascending. `truth` has a code for each record, or is empty. Pairs of records of one
// source are no pairs where there are several sources: they are not looked for.
// Expected figures take each pair for a match with its probability under the model: they are as good
// as the model is. Cost: O(pairs log pairs), and O(records log records) a threshold.
// Errors: InvalidArgument for thresholds that do not ascend, or a truth of another length.
absl::StatusOr<std::vector<SweepRow>> SweepThresholds(const LinkRecords &records,
                                                      std::span<const RecordPair> pairs,
                                                      std::span<const double> weights,
                                                      std::span<const uint32_t> truth,
                                                      const SweepOptions &options);

namespace detail {

// Pairs of one person, of different sources if there are several.
inline uint64_t TruthPairs(const LinkRecords &records, std::span<const uint32_t> truth) {
  std::vector<uint64_t> cells(truth.size());
  for (size_t i = 0; i < cells.size(); ++i) {
    cells[i] =
        static_cast<uint64_t>(truth[i]) << 32 | (records.sources.empty() ? 0 : records.sources[i]);
  }
  const uint64_t all = PairsIn(SizesOf({truth.begin(), truth.end()}));
  if (records.sources.empty()) return all;
  std::ranges::sort(cells);
  uint64_t same = 0, run = 0;
  for (size_t i = 0; i < cells.size(); ++i) {
    run = i > 0 && cells[i] == cells[i - 1] ? run + 1 : 0;
    same += run;
  }
  return all - same;
}

}  // namespace detail

inline absl::StatusOr<std::vector<SweepRow>> SweepThresholds(const LinkRecords &records,
                                                             std::span<const RecordPair> pairs,
                                                             std::span<const double> weights,
                                                             std::span<const uint32_t> truth,
                                                             const SweepOptions &options) {
  if (!truth.empty() && truth.size() != records.size) {
    return InvalidOption("truth", std::to_string(truth.size()) + " rows",
                         std::to_string(records.size) + ", one a record");
  }
  std::vector<double> thresholds = options.thresholds;
  for (size_t t = 0; t < thresholds.size(); ++t) {
    if (std::isnan(thresholds[t]) || (t > 0 && !(thresholds[t] > thresholds[t - 1]))) {
      return InvalidRow("thresholds", t, FormatNumber(thresholds[t]), "numbers that ascend");
    }
  }
  std::vector<uint32_t> order(pairs.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, [&](uint32_t a, uint32_t b) {
    return weights[a] != weights[b] ? weights[a] > weights[b] : a < b;
  });
  if (thresholds.empty() && !pairs.empty()) {
    constexpr double kMost = 199;
    const double low = std::floor(weights[order.back()]), high = std::ceil(weights[order.front()]);
    const double step = std::max(1.0, std::ceil((high - low) / kMost));
    for (double at = low; at < high + step; at += step) thresholds.push_back(at);
  }
  double matches = 0;
  for (const double weight : weights) matches += ProbabilityOf(weight);
  matches = std::max(matches, options.matches);
  const uint64_t truth_pairs = detail::TruthPairs(records, truth);

  std::vector<SweepRow> rows(thresholds.size());
  detail::DisjointSets sets(records.size);
  std::vector<uint32_t> cluster(records.size);
  uint64_t clusters = records.size, right = 0;
  double expected = 0;
  size_t next = 0;
  for (size_t t = thresholds.size(); t-- > 0;) {
    SweepRow &row = rows[t];
    row.threshold = thresholds[t];
    for (; next < order.size() && weights[order[next]] >= row.threshold; ++next) {
      const auto [i, j] = pairs[order[next]];
      expected += ProbabilityOf(weights[order[next]]);
      if (!truth.empty() && truth[i] == truth[j]) ++right;
      const uint32_t a = sets.Find(i), b = sets.Find(j);
      if (a == b) continue;
      sets.Join(a, b);
      --clusters;
    }
    row.pairs = next;
    row.right = right;
    row.clusters = clusters;
    const auto found = static_cast<double>(next);
    if (next > 0) row.expected_precision = expected / found;
    if (matches > 0) row.expected_recall = expected / matches;
    if (found + matches > 0) row.expected_f1 = 2 * expected / (found + matches);
    if (truth.empty()) continue;
    const auto correct = static_cast<double>(right), all = static_cast<double>(truth_pairs);
    row.precision = ShareOf(correct, found, options.z);
    row.recall = ShareOf(correct, all, options.z);
    row.f1 = found + all > 0 ? 2 * correct / (found + all) : 1;
    if (records.size == 0) continue;
    for (uint32_t i = 0; i < records.size; ++i) cluster[i] = sets.Find(i);
    PATRON_ASSIGN_OR_RETURN(const LinkQuality quality, MeasureLinks(cluster, truth, options.z));
    row.bcubed_precision = quality.bcubed_precision;
    row.bcubed_recall = quality.bcubed_recall;
    row.bcubed_f1 = quality.bcubed_f1;
  }
  return rows;
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_LINK_SWEEP_HPP_
