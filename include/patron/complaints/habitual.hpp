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
  std::vector<double> expected;  // By the rate of all others.
  std::vector<double> p_value;   // Of so many complaints or more.
  std::vector<double> adjusted;  // For looking at all customers at once.
  // So unlikely, and upheld less often than the lower bound of the others.
  std::vector<uint8_t> flagged;
  double rate = 0;          // Of the whole segment: complaints per unit of exposure,
  double dispersion = 0;    // k; infinite where counts vary no more than Poisson's do,
  double upheld_lower = 0;  // lower bound of the share that was upheld.
};

// Complaints of a customer are taken to be negative binomial with mean rate * exposure and a
// dispersion fitted by moments, and upheld at some share. Each customer is judged by the rate, the
// dispersion and the share of all others, else one who stands out would raise the measure it is held
// against; with nobody to compare it with none is flagged. Others without any complaint count as if
// they had half a one. A flag is a reason to look, never to reject: the same cause upheld before is
// the opposite signal, that of a failure repeated.
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

// Sums over some customers, around the rate `center` so that little is lost to rounding.
struct CountMoments {
  double center = 0;
  int64_t seen = 0;
  Total<double> exposed;          // e
  Total<double> exposed_squared;  // e^2
  Total<double> off_squared;      // (x - center e)^2
  Total<double> off_exposed;      // (x - center e) e
  double rate = 0;

  void Add(int64_t x, double e, int sign) {
    const double off = static_cast<double>(x) - center * e;
    exposed_squared.Add(sign * e * e);
    off_squared.Add(sign * off * off);
    off_exposed.Add(sign * off * e);
  }

  // The same without one of them.
  CountMoments Without(int64_t x, double e) const {
    CountMoments others = *this;
    others.Add(x, e, -1);
    others.seen -= x;
    others.exposed.Add(-e);
    const double complaints = others.seen > 0 ? static_cast<double>(others.seen) : 0.5;
    others.rate = complaints / others.exposed.ToDouble();
    return others;
  }

  // By E[(x - m)^2 - m] = m^2 / k with m = rate * e.
  double Dispersion() const {
    const double shift = rate - center;
    const double excess = off_squared.ToDouble() - 2 * shift * off_exposed.ToDouble() +
                          shift * shift * exposed_squared.ToDouble() - rate * exposed.ToDouble();
    const double squares = rate * rate * exposed_squared.ToDouble();
    // What is left by rounding alone is no excess.
    const double noise = 1e-12 * (off_squared.ToDouble() + rate * exposed.ToDouble());
    if (excess > noise && squares > 0) return squares / excess;
    return std::numeric_limits<double>::infinity();
  }
};

inline CountMoments MomentsOf(std::span<const int64_t> complaints, std::span<const double> exposure,
                              int64_t seen, const Total<double> &exposed) {
  CountMoments all;
  all.rate = all.center = static_cast<double>(seen) / exposed.ToDouble();
  all.seen = seen;
  all.exposed = exposed;
  for (size_t i = 0; i < complaints.size(); ++i) all.Add(complaints[i], exposure[i], 1);
  return all;
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
  found.dispersion = std::numeric_limits<double>::infinity();
  if (n == 0) return found;
  const detail::CountMoments all = detail::MomentsOf(complaints, exposure, seen, exposed);
  found.rate = all.rate;
  found.dispersion = all.Dispersion();
  const double z = NormalQuantile(0.5 + 0.5 * options.level);
  const auto lower_bound = [&](int64_t successes, int64_t trials) {
    if (trials == 0) return 0.0;
    return WilsonInterval(static_cast<double>(successes), static_cast<double>(trials), z).lower;
  };
  found.upheld_lower = lower_bound(right, seen);
  found.expected.resize(n);
  found.p_value.assign(n, 1.0);
  for (size_t i = 0; i < n; ++i) {
    found.expected[i] = static_cast<double>(complaints[i]);
    if (n == 1) break;
    const detail::CountMoments others = all.Without(complaints[i], exposure[i]);
    found.expected[i] = others.rate * exposure[i];
    found.p_value[i] = detail::CountTail(complaints[i], found.expected[i], others.Dispersion());
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
    const double usual = lower_bound(right - upheld[i], seen - complaints[i]);
    const bool rarely_right =
        static_cast<double>(upheld[i]) < usual * static_cast<double>(complaints[i]);
    found.flagged[i] = found.adjusted[i] < options.alpha && rarely_right ? 1 : 0;
  }
  return found;
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_HABITUAL_HPP_
