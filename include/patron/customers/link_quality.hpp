// How well clusters of records agree with the truth.
#ifndef PATRON_CUSTOMERS_LINK_QUALITY_HPP_
#define PATRON_CUSTOMERS_LINK_QUALITY_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "patron/base/status.hpp"

namespace patron::customers {

struct Share {
  double value = std::numeric_limits<double>::quiet_NaN();  // NaN of nothing.
  double low = 0, high = 1;                                 // Wilson's interval.
};

// `right` of `all`, with Wilson's interval (1927) for a standard normal quantile `z`.
Share ShareOf(double right, double all, double z);

struct LinkQuality {
  uint64_t records = 0, clusters = 0, people = 0;
  uint64_t truth_pairs = 0, found_pairs = 0, right_pairs = 0;
  Share precision, recall;  // Of pairs. Pairs of one cluster depend on each other: the
                            // intervals are too narrow where clusters are large.
  double f1 = 0;
  double bcubed_precision = 0;  // Mean over records of |cluster and person| / |cluster|,
  double bcubed_recall = 0;     // and / |person| (Bagga and Baldwin 1998).
  double bcubed_f1 = 0;
  uint64_t exact = 0;         // Clusters that are one whole person.
  uint64_t over_merged = 0;   // Clusters of more than one person.
  uint64_t under_merged = 0;  // People in more than one cluster.
};

// Compares two groupings of the same records: equal codes, equal group. Time O(n log n).
// Errors: InvalidArgument if they differ in length or are empty.
absl::StatusOr<LinkQuality> MeasureLinks(std::span<const uint32_t> found,
                                         std::span<const uint32_t> truth,
                                         double z = 1.959963984540054);

inline Share ShareOf(double right, double all, double z) {
  if (!(all > 0)) return {};
  const double p = right / all, square = z * z;
  const double middle = (p + square / (2 * all)) / (1 + square / all);
  const double half =
      z / (1 + square / all) * std::sqrt(p * (1 - p) / all + square / (4 * all * all));
  return {p, std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

namespace detail {

inline double F1(double precision, double recall) {
  return precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0;
}

inline std::vector<uint64_t> SizesOf(std::vector<uint32_t> codes) {
  std::ranges::sort(codes);
  std::vector<uint64_t> sizes;
  for (size_t i = 0; i < codes.size(); ++i) {
    if (i == 0 || codes[i] != codes[i - 1]) sizes.push_back(0);
    ++sizes.back();
  }
  return sizes;
}

inline uint64_t PairsIn(const std::vector<uint64_t> &sizes) {
  uint64_t pairs = 0;
  for (const uint64_t n : sizes) pairs += n * (n - 1) / 2;
  return pairs;
}

}  // namespace detail

inline absl::StatusOr<LinkQuality> MeasureLinks(std::span<const uint32_t> found,
                                                std::span<const uint32_t> truth, double z) {
  if (found.size() != truth.size()) {
    return InvalidOption("truth", std::to_string(truth.size()) + " rows",
                         std::to_string(found.size()) + ", as many as found");
  }
  if (found.empty()) return InvalidOption("found", "no rows", "at least one");
  LinkQuality quality;
  quality.records = found.size();
  const std::vector<uint64_t> found_sizes = detail::SizesOf({found.begin(), found.end()});
  const std::vector<uint64_t> truth_sizes = detail::SizesOf({truth.begin(), truth.end()});
  quality.clusters = found_sizes.size();
  quality.people = truth_sizes.size();
  quality.found_pairs = detail::PairsIn(found_sizes);
  quality.truth_pairs = detail::PairsIn(truth_sizes);

  // Records by cluster and then person: the cells of the table of both.
  std::vector<uint64_t> keys(found.size());
  uint32_t most = 0;
  for (size_t i = 0; i < keys.size(); ++i) {
    keys[i] = static_cast<uint64_t>(found[i]) << 32 | truth[i];
    most = std::max(most, truth[i]);
  }
  std::ranges::sort(keys);
  std::vector<uint64_t> size_of_person(static_cast<size_t>(most) + 1);
  std::vector<uint64_t> clusters_of_person(static_cast<size_t>(most) + 1);
  for (const uint32_t person : truth) ++size_of_person[person];
  size_t cluster_begin = 0;
  for (size_t i = 0; i < keys.size();) {
    if (i == 0 || keys[i] >> 32 != keys[i - 1] >> 32) cluster_begin = i;
    size_t cluster_end = i;
    while (cluster_end < keys.size() && keys[cluster_end] >> 32 == keys[i] >> 32) ++cluster_end;
    const auto cluster = static_cast<double>(cluster_end - cluster_begin);
    size_t people = 0;
    uint64_t last_cell = 0;
    size_t last_person = 0;
    for (size_t k = cluster_begin; k < cluster_end;) {
      size_t end = k;
      while (end < cluster_end && keys[end] == keys[k]) ++end;
      const uint64_t cell = end - k;
      const auto person = static_cast<size_t>(keys[k] & 0xFFFFFFFF);
      const auto own = static_cast<double>(cell);
      quality.right_pairs += cell * (cell - 1) / 2;
      quality.bcubed_precision += own * own / cluster;
      quality.bcubed_recall += own * own / static_cast<double>(size_of_person[person]);
      ++clusters_of_person[person];
      ++people;
      last_cell = cell;
      last_person = person;
      k = end;
    }
    if (people > 1) {
      ++quality.over_merged;
    } else if (last_cell == size_of_person[last_person]) {
      ++quality.exact;
    }
    i = cluster_end;
  }
  quality.under_merged = static_cast<uint64_t>(
      std::ranges::count_if(clusters_of_person, [](uint64_t clusters) { return clusters > 1; }));
  quality.bcubed_precision /= static_cast<double>(quality.records);
  quality.bcubed_recall /= static_cast<double>(quality.records);
  const auto right = static_cast<double>(quality.right_pairs);
  quality.precision = ShareOf(right, static_cast<double>(quality.found_pairs), z);
  quality.recall = ShareOf(right, static_cast<double>(quality.truth_pairs), z);
  const uint64_t both = quality.found_pairs + quality.truth_pairs;
  quality.f1 = both > 0 ? 2 * right / static_cast<double>(both) : 1;
  quality.bcubed_f1 = detail::F1(quality.bcubed_precision, quality.bcubed_recall);
  return quality;
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_LINK_QUALITY_HPP_
