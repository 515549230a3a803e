// How many of the most valuable customers make up given shares of the value, without sorting all.
#ifndef PATRON_VALUE_VALUE_SHARE_CUTS_HPP_
#define PATRON_VALUE_VALUE_SHARE_CUTS_HPP_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "patron/base/parallel.hpp"
#include "patron/base/sum.hpp"
#include "patron/base/top_sums.hpp"
#include "patron/value/share.hpp"

namespace patron::value {

// Which side of a cut the customer on it falls. The two differ by one customer at most.
enum class ShareBoundary : uint8_t {
  kShareBefore,     // Above the cut while the share of those before is below it.
  kShareIncluding,  // Above the cut while the share with the customer is not over it.
};

// For each of `shares`, how many of the largest `values` lie above that cut: `shares` ascend and
// lie in (0, 1); `total` is the sum of `values` and positive. The values are finite.
// Cost: O(n) time and two passes; scratch of 1 MB for long columns.
template <Number T>
std::vector<size_t> ValueShareCuts(std::span<const T> values, const Total<T> &total,
                                   std::span<const double> shares, ShareBoundary boundary,
                                   const Execution &execution = {});

template <Number T>
inline std::vector<size_t> ValueShareCuts(std::span<const T> values, const Total<T> &total,
                                          std::span<const double> shares, ShareBoundary boundary,
                                          const Execution &execution) {
  const bool before = boundary == ShareBoundary::kShareBefore;
  const auto met = [&](size_t cut, const Total<T> &sum) {
    return before ? Reaches(sum, total, shares[cut]) : Exceeds(sum, total, shares[cut]);
  };
  std::vector<size_t> cuts = FewestLargest(values, shares.size(), met, execution);
  // The customer with whom the share passes the cut is above it or not; without one, all are.
  for (size_t &cut : cuts) cut = before && cut <= values.size() ? cut : cut - 1;
  return cuts;
}

}  // namespace patron::value

#endif  // PATRON_VALUE_VALUE_SHARE_CUTS_HPP_
