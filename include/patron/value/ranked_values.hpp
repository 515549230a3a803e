// Customers' values in order, with running totals: what concentration and curves are read from.
#ifndef PATRON_VALUE_RANKED_VALUES_HPP_
#define PATRON_VALUE_RANKED_VALUES_HPP_

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/buffer.hpp"
#include "patron/base/parallel.hpp"
#include "patron/base/sort.hpp"
#include "patron/base/status.hpp"
#include "patron/base/sum.hpp"

namespace patron::value {

// Values in ascending order and the sum of any number of the smallest or the largest of them.
//
// Sums of int64_t are exact; sums of double carry their rounding error. Everything read from
// here depends on the values alone: not on the order of the rows, nor on threads. Can be moved,
// not copied; const functions are safe on many threads at once.
template <Number T>
class RankedValues {
 public:
  // Ranks `values`, one for each customer, in any order; `column` names them in messages.
  // Errors: InvalidArgument if there is no value, or if one is NaN or infinite; OutOfRange if
  // doubles are too large to be summed. Cost: a radix sort; keeps a copy of the values.
  static absl::StatusOr<RankedValues> Make(std::string_view column, std::span<const T> values,
                                           const Execution &execution = {});

  size_t size() const { return size_; }
  std::span<const T> ascending() const { return {sorted_.get(), size_}; }

  // The `rank`-th largest value; rank 1 is the largest.
  T FromTop(size_t rank) const { return sorted_[size_ - rank]; }

  // Sum of the `count` largest or smallest values. Cost: at most 1,024 additions.
  Total<T> TopSum(size_t count) const;
  Total<T> BottomSum(size_t count) const;

  const Total<T> &total() const { return before_.back(); }

  // Customers with a value above or below zero, and what they bring or cost.
  size_t gain_customers() const { return size_ - gains_begin_; }
  size_t loss_customers() const { return losses_end_; }
  Total<T> gains() const { return TopSum(gain_customers()); }
  Total<T> losses() const { return BottomSum(loss_customers()); }

 private:
  static constexpr size_t kRun = 1024;

  RankedValues() = default;

  size_t size_ = 0;
  size_t losses_end_ = 0;
  size_t gains_begin_ = 0;
  Buffer<T> sorted_;
  std::vector<Total<T>> before_;  // Sum of the runs before each run; the last is the total.
};

template <Number T>
inline absl::StatusOr<RankedValues<T>> RankedValues<T>::Make(std::string_view column,
                                                             std::span<const T> values,
                                                             const Execution &execution) {
  if (values.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(Text(column), ": 0 rows; expected at least 1"));
  }
  PATRON_RETURN_IF_ERROR(CheckedExtent(column, values, execution).status());
  PATRON_RETURN_IF_ERROR(ReportProgress(execution, 1, 4));
  RankedValues ranked;
  ranked.size_ = values.size();
  ranked.sorted_ = MakeBuffer<T>(values.size());
  SortKeys<T>(values, {ranked.sorted_.get(), values.size()}, execution);
  PATRON_RETURN_IF_ERROR(ReportProgress(execution, 3, 4));

  const size_t runs = (values.size() + kRun - 1) / kRun;
  ranked.before_.resize(runs + 1);
  const std::span<const T> sorted = ranked.ascending();
  ParallelFor(execution, TasksFor(values.size()), [&](size_t task) {
    const Range rows = TaskRows(values.size(), task);
    for (size_t begin = rows.begin; begin < rows.end; begin += kRun) {
      ranked.before_[begin / kRun + 1] =
          SumOfRun(sorted.subspan(begin, std::min(kRun, rows.end - begin)));
    }
  });
  for (size_t run = 1; run <= runs; ++run) ranked.before_[run].Add(ranked.before_[run - 1]);
  const auto [zeros_begin, zeros_end] = std::equal_range(sorted.begin(), sorted.end(), T{0});
  ranked.losses_end_ = static_cast<size_t>(zeros_begin - sorted.begin());
  ranked.gains_begin_ = static_cast<size_t>(zeros_end - sorted.begin());
  PATRON_RETURN_IF_ERROR(ReportProgress(execution, 4, 4));
  return ranked;
}

template <Number T>
inline Total<T> RankedValues<T>::BottomSum(size_t count) const {
  Total<T> sum = before_[count / kRun];
  for (size_t i = count / kRun * kRun; i < count; ++i) sum.Add(sorted_[i]);
  return sum;
}

template <Number T>
inline Total<T> RankedValues<T>::TopSum(size_t count) const {
  Total<T> sum = total();
  sum.Subtract(BottomSum(size_ - count));
  return sum;
}

}  // namespace patron::value

#endif  // PATRON_VALUE_RANKED_VALUES_HPP_
