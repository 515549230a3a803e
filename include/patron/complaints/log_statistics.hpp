// Figures of a counted log: the spread of times, edges and variants in order of their weight.
#ifndef PATRON_COMPLAINTS_LOG_STATISTICS_HPP_
#define PATRON_COMPLAINTS_LOG_STATISTICS_HPP_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "patron/base/order_statistics.hpp"
#include "patron/base/quantile.hpp"
#include "patron/base/time.hpp"
#include "patron/complaints/log_counts.hpp"

namespace patron::complaints {

// Of times in seconds; quantiles of type 7 (R, NumPy). All NaN without a time.
struct TimeSpread {
  double least;
  double mean;
  double median;
  double p95;
  double most;
};

// Of times in microseconds, in any order. Cost: O(n).
TimeSpread SpreadOf(std::span<const int64_t> times);

// The quantiles `p` of times in microseconds, in seconds; NaN without a time. Cost: O(n).
std::vector<double> TimeQuantiles(std::span<const int64_t> times, std::span<const Fraction> p);

// Codes in the order in which results show them: what counts most first; ties by name, edges by that
// of the source, then of the target, variants by their names in order. Depends on no order of input.
std::vector<uint32_t> ActivitiesInOrder(const LogCounts &counts);
std::vector<uint32_t> EdgesInOrder(const LogCounts &counts);
std::vector<uint32_t> VariantsInOrder(const LogCounts &counts);

namespace detail {

// The rank of each activity by name.
inline std::vector<uint32_t> NameRanks(const IdIndex &names) {
  const std::vector<uint32_t> ascending = names.Ascending();
  std::vector<uint32_t> ranks(ascending.size());
  for (uint32_t rank = 0; rank < ascending.size(); ++rank) ranks[ascending[rank]] = rank;
  return ranks;
}

template <typename Less>
std::vector<uint32_t> CodesInOrder(size_t count, Less less) {
  std::vector<uint32_t> codes(count);
  std::iota(codes.begin(), codes.end(), uint32_t{0});
  std::ranges::sort(codes, less);
  return codes;
}

}  // namespace detail

inline std::vector<double> TimeQuantiles(std::span<const int64_t> times,
                                         std::span<const Fraction> p) {
  constexpr size_t kFew = 4096;  // Are sorted faster than counted.
  const size_t count = times.size();
  if (count == 0) return std::vector<double>(p.size(), std::numeric_limits<double>::quiet_NaN());
  std::vector<double> quantiles;
  const auto add_all = [&](const auto &order_statistic) {
    for (const Fraction q : p) {
      quantiles.push_back(QuantileFrom<int64_t>(count, q, QuantileType::kLinear, order_statistic)
                              .value(kMicrosPerSecond));
    }
  };
  if (count <= kFew) {
    std::vector<int64_t> sorted(times.begin(), times.end());
    std::ranges::sort(sorted);
    add_all([&](size_t k) { return sorted[k]; });
    return quantiles;
  }
  std::vector<size_t> places;
  for (const Fraction q : p) {
    const QuantilePosition at = LocateQuantile(count, q, QuantileType::kLinear);
    places.insert(places.end(), {at.lower, at.upper});
  }
  add_all(OrderStatistics<int64_t>::At(times, std::move(places)));
  return quantiles;
}

inline TimeSpread SpreadOf(std::span<const int64_t> times) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  if (times.empty()) return {kNan, kNan, kNan, kNan, kNan};
  __extension__ __int128 sum = 0;
  int64_t least = times[0], most = times[0];
  for (const int64_t time : times) {
    sum += time;
    least = std::min(least, time);
    most = std::max(most, time);
  }
  const auto seconds = [](int64_t micros) { return static_cast<double>(micros) / 1e6; };
  const std::vector<double> quantiles =
      TimeQuantiles(times, std::array{Fraction{1, 2}, Fraction{19, 20}});
  return {.least = seconds(least),
          .mean = static_cast<double>(sum) / (static_cast<double>(times.size()) * 1e6),
          .median = quantiles[0],
          .p95 = quantiles[1],
          .most = seconds(most)};
}

inline std::vector<uint32_t> ActivitiesInOrder(const LogCounts &counts) {
  const std::vector<uint32_t> ranks = detail::NameRanks(counts.names());
  const auto activities = counts.activities();
  return detail::CodesInOrder(activities.size(), [&](uint32_t a, uint32_t b) {
    if (activities[a].events != activities[b].events) {
      return activities[a].events > activities[b].events;
    }
    return ranks[a] < ranks[b];
  });
}

inline std::vector<uint32_t> EdgesInOrder(const LogCounts &counts) {
  const std::vector<uint32_t> ranks = detail::NameRanks(counts.names());
  const auto edges = counts.edges();
  return detail::CodesInOrder(edges.size(), [&](uint32_t a, uint32_t b) {
    const LogEdge &one = edges[a], &other = edges[b];
    if (one.times.size() != other.times.size()) return one.times.size() > other.times.size();
    if (one.source != other.source) return ranks[one.source] < ranks[other.source];
    return ranks[one.target] < ranks[other.target];
  });
}

inline std::vector<uint32_t> VariantsInOrder(const LogCounts &counts) {
  const std::vector<uint32_t> ranks = detail::NameRanks(counts.names());
  const VariantIndex &variants = counts.variants();
  return detail::CodesInOrder(variants.size(), [&](uint32_t a, uint32_t b) {
    if (variants.cases(a) != variants.cases(b)) return variants.cases(a) > variants.cases(b);
    return std::ranges::lexicographical_compare(
        variants.activities(a), variants.activities(b), {},
        [&](uint32_t step) { return ranks[step]; }, [&](uint32_t step) { return ranks[step]; });
  });
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_LOG_STATISTICS_HPP_
