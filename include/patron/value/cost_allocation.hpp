// Cost allocation: an amount shared out by a key, to the last bit.
#ifndef PATRON_VALUE_COST_ALLOCATION_HPP_
#define PATRON_VALUE_COST_ALLOCATION_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/base/sum.hpp"

namespace patron::value {

// A column of amounts or counts, whole or not.
using NumberColumn = std::variant<std::span<const double>, std::span<const int64_t>>;

inline size_t RowsOf(const NumberColumn &column) {
  return std::visit([](const auto &values) { return values.size(); }, column);
}

inline double NumberAt(const NumberColumn &column, size_t row) {
  if (const auto *doubles = std::get_if<0>(&column)) return (*doubles)[row];
  return static_cast<double>((*std::get_if<1>(&column))[row]);
}

// Errors: InvalidArgument naming the first row if the column has not `rows` rows, a number is
// not finite, or, with `not_negative`, one is below zero; OutOfRange as CheckedExtent.
absl::Status CheckNumbers(std::string_view name, const NumberColumn &column, size_t rows,
                          bool not_negative, const Execution &execution = {});

// Shares `amount` (finite, not negative) out over `shares` in proportion to `weights` (finite,
// not negative, as many; null for equal shares).
//
// Each share is a multiple of the amount's last binary place, 2^-52 of it or less, so that the
// shares add up to the amount exactly, whatever the order of adding. They follow their weights
// to 12 digits of the amount or more.
//
// Errors: InvalidArgument if the weights, called `key`, are all zero. Cost: two passes.
absl::Status AllocateExactly(double amount, std::string_view key, const NumberColumn *weights,
                             std::span<double> shares);

namespace detail {

template <Number T>
absl::Status CheckSpan(std::string_view name, std::span<const T> values, bool not_negative,
                       const Execution &execution) {
  const absl::StatusOr<Extent<T>> extent = CheckedExtent(name, values, execution);
  if (!extent.ok()) return extent.status();
  if (!not_negative || extent->smallest >= 0) return absl::OkStatus();
  const auto negative = [](T v) { return v < 0; };
  const auto first = std::ranges::find_if(values, negative);
  return InvalidRow(name, static_cast<uint64_t>(first - values.begin()), absl::StrCat(*first),
                    "a number of at least 0",
                    static_cast<uint64_t>(std::ranges::count_if(values, negative)));
}

}  // namespace detail

inline absl::Status CheckNumbers(std::string_view name, const NumberColumn &column, size_t rows,
                                 bool not_negative, const Execution &execution) {
  if (RowsOf(column) != rows) {
    return InvalidOption(name, absl::StrCat(RowsOf(column), " rows"),
                         absl::StrCat("as many as there are customers, ", rows));
  }
  return std::visit(
      [&](const auto &values) { return detail::CheckSpan(name, values, not_negative, execution); },
      column);
}

inline absl::Status AllocateExactly(double amount, std::string_view key,
                                    const NumberColumn *weights, std::span<double> shares) {
  if (shares.empty()) {
    if (amount == 0) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat(Text(key), ": 0 rows; expected at least 1 to share a cost out to"));
  }
  // The amount is `parts` * 2^exponent with 53-bit parts.
  int exponent = 0;
  std::frexp(amount, &exponent);
  exponent = std::max(exponent - 53, -1074);  // The last place of the smallest doubles.
  const auto parts = static_cast<int64_t>(std::ldexp(amount, -exponent));

  // Whole weights that keep the proportions: 1 each for equal shares, else about 2^61 in all.
  Total<double> total;
  if (weights != nullptr) {
    for (size_t i = 0; i < shares.size(); ++i) total.Add(NumberAt(*weights, i));
    if (!(total.ToDouble() > 0)) {
      return absl::InvalidArgumentError(absl::StrCat(
          Text(key), ": all are zero; expected a positive number to share a cost out by"));
    }
  }
  const auto whole_weight = [&](size_t row) -> int64_t {
    if (weights == nullptr) return 1;
    return std::llround(NumberAt(*weights, row) / total.ToDouble() * 0x1p61);
  };
  Int128 whole_total = 0;
  for (size_t i = 0; i < shares.size(); ++i) whole_total += whole_weight(i);

  // Each row ends where its running weight says, so that nothing is lost or made on the way.
  Int128 running = 0;
  int64_t given = 0;
  for (size_t i = 0; i < shares.size(); ++i) {
    running += whole_weight(i);
    const auto end = static_cast<int64_t>((running * parts + whole_total / 2) / whole_total);
    shares[i] = std::ldexp(static_cast<double>(end - given), exponent);
    given = end;
  }
  return absl::OkStatus();
}

}  // namespace patron::value

#endif  // PATRON_VALUE_COST_ALLOCATION_HPP_
