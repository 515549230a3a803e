// What the columns of a data set must hold before a model of this module looks at them.
#ifndef PATRON_CLV_COLUMN_CHECKS_HPP_
#define PATRON_CLV_COLUMN_CHECKS_HPP_

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"

namespace patron::clv {

// Errors of all: InvalidArgument naming the first row that is not as expected, and how many.

// Whole numbers from `lowest` (0 or 1) to 2^53.
absl::Status CheckCounts(std::string_view column, std::span<const double> values,
                         double lowest = 0);

// Finite numbers, 0 or above.
absl::Status CheckNotNegative(std::string_view column, std::span<const double> values);

// Finite numbers above zero.
absl::Status CheckPositive(std::string_view column, std::span<const double> values);

// A column of `length`, of a table of `rows`.
absl::Status CheckLength(std::string_view column, size_t length, size_t rows);

// Weights: none, or a finite number above zero for each of `rows`.
absl::Status CheckWeights(std::span<const double> weights, size_t rows);

// Patterns of covariates: none, or one for each of `rows`.
absl::Status CheckPatterns(std::span<const uint32_t> patterns, size_t rows);

namespace detail {

template <typename Predicate>
absl::Status CheckEach(std::string_view column, std::span<const double> values,
                       std::string_view expected, Predicate good) {
  size_t bad = 0, first = 0;
  for (const double value : values) bad += good(value) ? 0 : 1;
  if (bad == 0) return absl::OkStatus();
  while (good(values[first])) ++first;
  return InvalidRow(column, first, FormatNumber(values[first]), expected, bad);
}

}  // namespace detail

inline absl::Status CheckCounts(std::string_view column, std::span<const double> values,
                                double lowest) {
  return detail::CheckEach(
      column, values, lowest > 0 ? "a whole number, 1 or above" : "a whole number, 0 or above",
      [lowest](double v) {
        return v >= lowest && v <= 0x1p53 && v == static_cast<double>(static_cast<int64_t>(v));
      });
}

inline absl::Status CheckNotNegative(std::string_view column, std::span<const double> values) {
  return detail::CheckEach(column, values, "a finite number, 0 or above",
                           [](double v) { return v >= 0 && std::isfinite(v); });
}

inline absl::Status CheckPositive(std::string_view column, std::span<const double> values) {
  return detail::CheckEach(column, values, "a finite number above 0",
                           [](double v) { return v > 0 && std::isfinite(v); });
}

inline absl::Status CheckLength(std::string_view column, size_t length, size_t rows) {
  if (length == rows) return absl::OkStatus();
  return InvalidOption(column, absl::StrCat(length, " rows"), absl::StrCat(rows));
}

inline absl::Status CheckWeights(std::span<const double> weights, size_t rows) {
  if (weights.empty()) return absl::OkStatus();
  PATRON_RETURN_IF_ERROR(CheckLength("weights", weights.size(), rows));
  return CheckPositive("weights", weights);
}

inline absl::Status CheckPatterns(std::span<const uint32_t> patterns, size_t rows) {
  return patterns.empty() ? absl::OkStatus() : CheckLength("covariates", patterns.size(), rows);
}

}  // namespace patron::clv

#endif  // PATRON_CLV_COLUMN_CHECKS_HPP_
