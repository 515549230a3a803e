// Sums that can be trusted: exact for integers, twofold for floats, in an order no thread changes.
#ifndef PATRON_BASE_SUM_HPP_
#define PATRON_BASE_SUM_HPP_

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
#include "absl/strings/str_cat.h"
#include "patron/base/money.hpp"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"

namespace patron {

// A value column: money and counts as int64_t, everything else as double.
template <typename T>
concept Number = std::same_as<T, int64_t> || std::same_as<T, double>;

// Running total of numbers of type T.
//
// For int64_t it is exact: 128 bits hold 2^64 values of any size. For double it carries the
// rounding error of the sum as a second number (Knuth's two-sum), about 106 bits in all, so
// that totals of money in floats do not depend on how lucky the order was.
template <Number T>
class Total {
 public:
  using Carrier = std::conditional_t<std::same_as<T, double>, double, Int128>;

  Total() = default;
  explicit Total(T value) : value_(value) {}

  void Add(Carrier value);
  void Add(const Total &other);
  void Subtract(const Total &other);
  void Negate();

  // The total rounded to the nearest double.
  double ToDouble() const;

  // -1, 0 or 1.
  int Sign() const;

  // The total as one T. Errors: OutOfRange, naming `column`, if an int64_t cannot hold it.
  absl::StatusOr<T> Narrow(std::string_view column) const;

  // Only for int64_t: the exact total.
  Int128 Exact() const requires std::same_as<T, int64_t> { return value_; }

 private:
  struct NoError {};

  Carrier value_ = 0;
  [[no_unique_address]] std::conditional_t<std::same_as<T, double>, double, NoError> error_{};
};

// The share of `part` in `whole`; NaN if `whole` is not positive.
template <Number T>
double ShareOf(const Total<T> &part, const Total<T> &whole);

// Rows per task of the kernels that stream over a column. Sums are formed task by task and
// joined in row order, so this number, and no thread count, decides their last bit.
inline constexpr size_t kRowsPerTask = size_t{1} << 16;

inline size_t TasksFor(size_t rows) { return (rows + kRowsPerTask - 1) / kRowsPerTask; }

inline Range TaskRows(size_t rows, size_t task) {
  return {task * kRowsPerTask, std::min(rows, (task + 1) * kRowsPerTask)};
}

// Sum of `values` in row order. Cost: one pass, no scratch to speak of.
template <Number T>
Total<T> SumOf(std::span<const T> values, const Execution &execution = {});

// Sum of a short run of rows, on this thread and without scratch.
template <Number T>
Total<T> SumOfRun(std::span<const T> values);

// Smallest and largest value, and whether all can be summed.
template <Number T>
struct Extent {
  T smallest = 0;
  T largest = 0;
};

// Errors: InvalidArgument naming the first row that is NaN or infinite; OutOfRange if doubles
// are so large that their sum could pass the range of a double. An empty column has extent 0, 0.
template <Number T>
absl::StatusOr<Extent<T>> CheckedExtent(std::string_view column, std::span<const T> values,
                                        const Execution &execution = {});

template <Number T>
inline void Total<T>::Add(Carrier value) {
  if constexpr (std::same_as<T, double>) {
    const double sum = value_ + value;
    const double shadow = sum - value_;
    error_ += (value_ - (sum - shadow)) + (value - shadow);
    value_ = sum;
  } else {
    value_ += value;
  }
}

template <Number T>
inline void Total<T>::Add(const Total &other) {
  if constexpr (std::same_as<T, double>) {
    Add(other.value_);
    error_ += other.error_;
  } else {
    value_ += other.value_;
  }
}

template <Number T>
inline void Total<T>::Subtract(const Total &other) {
  Total negative = other;
  negative.Negate();
  Add(negative);
}

template <Number T>
inline void Total<T>::Negate() {
  value_ = -value_;
  if constexpr (std::same_as<T, double>) error_ = -error_;
}

template <Number T>
inline double Total<T>::ToDouble() const {
  if constexpr (std::same_as<T, double>) {
    return value_ + error_;
  } else {
    return static_cast<double>(value_);
  }
}

template <Number T>
inline int Total<T>::Sign() const {
  if constexpr (std::same_as<T, double>) {
    const double rounded = ToDouble();
    return (rounded > 0) - (rounded < 0);
  } else {
    return (value_ > 0) - (value_ < 0);
  }
}

template <Number T>
inline absl::StatusOr<T> Total<T>::Narrow(std::string_view column) const {
  if constexpr (std::same_as<T, double>) {
    return ToDouble();
  } else {
    if (value_ > std::numeric_limits<int64_t>::max() ||
        value_ < std::numeric_limits<int64_t>::min()) {
      return absl::OutOfRangeError(absl::StrCat(Text(column), ": the sum is about ",
                                                FormatNumber(ToDouble()),
                                                "; expected one that fits in 64 bits"));
    }
    return static_cast<int64_t>(value_);
  }
}

template <Number T>
inline double ShareOf(const Total<T> &part, const Total<T> &whole) {
  if (whole.Sign() <= 0) return std::numeric_limits<double>::quiet_NaN();
  return part.ToDouble() / whole.ToDouble();
}

// Eight interleaved totals keep the adders busy.
template <Number T>
inline Total<T> SumOfRun(std::span<const T> values) {
  constexpr size_t kLanes = 8;
  std::array<Total<T>, kLanes> lanes;
  size_t i = 0;
  for (; i + kLanes <= values.size(); i += kLanes) {
    for (size_t k = 0; k < kLanes; ++k) lanes[k].Add(values[i + k]);
  }
  for (; i < values.size(); ++i) lanes[0].Add(values[i]);
  for (size_t k = 1; k < kLanes; ++k) lanes[0].Add(lanes[k]);
  return lanes[0];
}

namespace detail {

template <Number T>
struct ExtentOfRun {
  Extent<T> extent;
  bool finite = true;
};

template <Number T>
ExtentOfRun<T> MeasureExtent(std::span<const T> values) {
  constexpr size_t kLanes = 8;
  std::array<T, kLanes> low, high;
  std::array<double, kLanes> probe{};  // Stays zero unless a value is NaN or infinite.
  low.fill(values[0]);
  high.fill(values[0]);
  const auto meet = [&](size_t k, T v) {
    low[k] = v < low[k] ? v : low[k];
    high[k] = high[k] < v ? v : high[k];
    if constexpr (std::same_as<T, double>) probe[k] += v * 0.0;
  };
  size_t i = 0;
  for (; i + kLanes <= values.size(); i += kLanes) {
    for (size_t k = 0; k < kLanes; ++k) meet(k, values[i + k]);
  }
  for (; i < values.size(); ++i) meet(0, values[i]);
  ExtentOfRun<T> result{{low[0], high[0]}, probe[0] == 0.0};
  for (size_t k = 1; k < kLanes; ++k) {
    result.extent.smallest = std::min(result.extent.smallest, low[k]);
    result.extent.largest = std::max(result.extent.largest, high[k]);
    result.finite = result.finite && probe[k] == 0.0;
  }
  return result;
}

}  // namespace detail

template <Number T>
inline Total<T> SumOf(std::span<const T> values, const Execution &execution) {
  std::vector<Total<T>> parts(TasksFor(values.size()));
  ParallelFor(execution, parts.size(), [&](size_t task) {
    const Range rows = TaskRows(values.size(), task);
    parts[task] = SumOfRun(values.subspan(rows.begin, rows.size()));
  });
  Total<T> total;
  for (const Total<T> &part : parts) total.Add(part);
  return total;
}

template <Number T>
inline absl::StatusOr<Extent<T>> CheckedExtent(std::string_view column, std::span<const T> values,
                                               const Execution &execution) {
  if (values.empty()) return Extent<T>{};
  std::vector<detail::ExtentOfRun<T>> parts(TasksFor(values.size()));
  ParallelFor(execution, parts.size(), [&](size_t task) {
    const Range rows = TaskRows(values.size(), task);
    parts[task] = detail::MeasureExtent(values.subspan(rows.begin, rows.size()));
  });
  Extent<T> extent = parts[0].extent;
  bool finite = true;
  for (const auto &part : parts) {
    extent.smallest = std::min(extent.smallest, part.extent.smallest);
    extent.largest = std::max(extent.largest, part.extent.largest);
    finite = finite && part.finite;
  }
  if constexpr (std::same_as<T, double>) {
    if (!finite) return CheckFinite(column, values);
    const double largest = std::max(std::abs(extent.smallest), std::abs(extent.largest));
    const double limit =
        std::numeric_limits<double>::max() / (4.0 * static_cast<double>(values.size()));
    if (largest > limit) {
      return absl::OutOfRangeError(absl::StrCat(
          Text(column), ": the largest magnitude is ", FormatNumber(largest), "; expected at most ",
          FormatNumber(limit), " so that the sum of ", values.size(), " rows stays finite"));
    }
  }
  return extent;
}

}  // namespace patron

#endif  // PATRON_BASE_SUM_HPP_
