// Customers who complain far more than their like, and without reason: to be looked at, no more.
#ifndef PATRON_COMPLAINTS_HABITUAL_HPP_
#define PATRON_COMPLAINTS_HABITUAL_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <unsupported/Eigen/SpecialFunctions>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/normal.hpp"
#include "patron/base/proportion.hpp"
#include "patron/base/status.hpp"
#include "patron/base/sum.hpp"

namespace patron::complaints {

struct HabitualOptions {
  double alpha = 0.001;  // Share of false alarms among the flagged (Benjamini and Hochberg 1995).
  double level = 0.95;   // Of Wilson's interval of the segment's upheld share.
};

// One row a customer of one segment, in the order of the input.
struct HabitualComplainers {
  std::vector<double> expected;  // rate * exposure.
  std::vector<double> p_value;   // Of so many complaints or more.
  std::vector<double> adjusted;  // For looking at all customers at once.
  // So unlikely, and upheld less often than the segment's lower bound.
  std::vector<uint8_t> flagged;
  double rate = 0;          // Complaints per unit of exposure.
  double dispersion = 0;    // k; infinite where counts vary no more than Poisson's do.
  double upheld_lower = 0;  // Of the segment.
};

// Complaints of a customer are taken to be negative binomial with mean rate * exposure and a
// dispersion fitted by moments over the segment. A flag is a reason to look, never to reject: the
// same cause upheld before is the opposite signal, that of a failure repeated.
//
// complaints 0 or more; exposure (orders or months) above 0; upheld of the complaints. Errors:
// InvalidArgument for values out of range and columns of unequal length. Cost: O(n log n).
absl::StatusOr<HabitualComplainers> FindHabitualComplainers(std::span<const int64_t> complaints,
                                                            std::span<const double> exposure,
                                                            std::span<const int64_t> upheld,
                                                            const HabitualOptions &options = {});

namespace detail {

// Probability of x or more, for a mean and a dispersion.
inline double CountTail(int64_t x, double mean, double dispersion) {
  if (x <= 0) return 1;
  const auto count = static_cast<double>(x);
  if (std::isinf(dispersion)) return Eigen::numext::igamma(count, mean);
  return Eigen::numext::betainc(count, dispersion, mean / (mean + dispersion));
}

}  // namespace detail

inline absl::StatusOr<HabitualComplainers> FindHabitualComplainers(
    std::span<const int64_t> complaints, std::span<const double> exposure,
    std::span<const int64_t> upheld, const HabitualOptions &options) {
  const size_t n = complaints.size();
  if (exposure.size() != n || upheld.size() != n) {
    return InvalidOption("exposure", absl::StrCat(exposure.size(), " and ", upheld.size(), " rows"),
                         absl::StrCat(n, " as in complaints"));
  }
  if (!(options.alpha > 0 && options.alpha < 1)) {
    return InvalidOption("alpha", FormatNumber(options.alpha), "a number between 0 and 1");
  }
  if (!(options.level > 0 && options.level < 1)) {
    return InvalidOption("level", FormatNumber(options.level), "a number between 0 and 1");
  }
  PATRON_RETURN_IF_ERROR(CheckFinite("exposure", exposure));
  constexpr int64_t kMost = int64_t{1} << 40;
  Total<double> exposed;
  int64_t seen = 0, right = 0;
  for (size_t i = 0; i < n; ++i) {
    if (!(exposure[i] > 0)) {
      return InvalidRow("exposure", i, FormatNumber(exposure[i]), "more than 0");
    }
    if (complaints[i] < 0 || complaints[i] > kMost / static_cast<int64_t>(n)) {
      return InvalidRow("complaints", i, absl::StrCat(complaints[i]), "a count, 0 or more");
    }
    if (upheld[i] < 0 || upheld[i] > complaints[i]) {
      return InvalidRow("upheld", i, absl::StrCat(upheld[i]),
                        absl::StrCat("0 to ", complaints[i], ", the complaints"));
    }
    exposed.Add(exposure[i]);
    seen += complaints[i];
    right += upheld[i];
  }
  HabitualComplainers found;
  constexpr double kNone = std::numeric_limits<double>::infinity();
  found.dispersion = kNone;
  if (n == 0) return found;
  found.rate = static_cast<double>(seen) / exposed.ToDouble();
  // E[(x - m)^2 - m] = m^2 / k.
  Total<double> excess, squares;
  for (size_t i = 0; i < n; ++i) {
    const double mean = found.rate * exposure[i];
    const double off = static_cast<double>(complaints[i]) - mean;
    excess.Add(off * off - mean);
    squares.Add(mean * mean);
  }
  if (excess.ToDouble() > 0 && squares.ToDouble() > 0) {
    found.dispersion = squares.ToDouble() / excess.ToDouble();
  }
  if (seen > 0) {
    found.upheld_lower = WilsonInterval(static_cast<double>(right), static_cast<double>(seen),
                                        NormalQuantile(0.5 + 0.5 * options.level))
                             .lower;
  }
  found.expected.resize(n);
  found.p_value.resize(n);
  for (size_t i = 0; i < n; ++i) {
    found.expected[i] = found.rate * exposure[i];
    found.p_value[i] = detail::CountTail(complaints[i], found.expected[i], found.dispersion);
  }
  // The smallest p_j n / rank_j of those that are not smaller.
  std::vector<size_t> order(n);
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, {}, [&](size_t i) { return found.p_value[i]; });
  found.adjusted.resize(n);
  double least = 1;
  for (size_t k = n; k-- > 0;) {
    const size_t i = order[k];
    least = std::min(least, found.p_value[i] * static_cast<double>(n) / static_cast<double>(k + 1));
    found.adjusted[i] = least;
  }
  found.flagged.resize(n);
  for (size_t i = 0; i < n; ++i) {
    const bool rarely_right =
        static_cast<double>(upheld[i]) < found.upheld_lower * static_cast<double>(complaints[i]);
    found.flagged[i] = found.adjusted[i] < options.alpha && rarely_right ? 1 : 0;
  }
  return found;
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_HABITUAL_HPP_
