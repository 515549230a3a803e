// Shares of customers and of value: how a share becomes a number of customers, and back.
#ifndef PATRON_VALUE_SHARE_HPP_
#define PATRON_VALUE_SHARE_HPP_

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>

#include "patron/base/sum.hpp"

namespace patron::value {

// The number of customers in the share `share` of `customers`: ceil(share * customers), where a
// product within 10^-12 of a whole number (relative) counts as that number. So 20 % of 100 are
// 20, although 0.2 is not one fifth, and 1 % of 4,338 are 44. `share` in [0, 1].
size_t CustomersIn(double share, size_t customers);

// Whether `part` is at least, or more than, the share `share` of `whole` (which is positive).
// Compared as quotients rounded to double; sums of doubles get 10^-12 (relative) in favour of
// equality, because amounts such as 0.1 + 0.7 are not what they say.
template <Number T>
bool Reaches(const Total<T> &part, const Total<T> &whole, double share);
template <Number T>
bool Exceeds(const Total<T> &part, const Total<T> &whole, double share);

inline constexpr double kShareSlack = 1e-12;

inline size_t CustomersIn(double share, size_t customers) {
  const double product = share * static_cast<double>(customers);
  const double nearest = std::round(product);
  const double count =
      std::abs(product - nearest) <= kShareSlack * product ? nearest : std::ceil(product);
  return std::min(customers, static_cast<size_t>(count));
}

template <Number T>
inline bool Reaches(const Total<T> &part, const Total<T> &whole, double share) {
  constexpr double kSlack = std::same_as<T, double> ? kShareSlack : 0.0;
  return ShareOf(part, whole) >= share * (1.0 - kSlack);
}

template <Number T>
inline bool Exceeds(const Total<T> &part, const Total<T> &whole, double share) {
  constexpr double kSlack = std::same_as<T, double> ? kShareSlack : 0.0;
  return ShareOf(part, whole) > share * (1.0 + kSlack);
}

}  // namespace patron::value

#endif  // PATRON_VALUE_SHARE_HPP_
