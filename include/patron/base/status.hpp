// Error messages that name the column, the row, the value and what was expected.
#ifndef PATRON_BASE_STATUS_HPP_
#define PATRON_BASE_STATUS_HPP_

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

// Returns from the enclosing function if `expression` is a status that is not OK.
#define PATRON_RETURN_IF_ERROR(expression)                                                       \
  do {                                                                                           \
    if (absl::Status patron_status_ = (expression); !patron_status_.ok()) return patron_status_; \
  } while (false)

#define PATRON_CONCAT_INNER_(a, b) a##b
#define PATRON_CONCAT_(a, b) PATRON_CONCAT_INNER_(a, b)

// Assigns the value of a StatusOr to `target`, or returns its error from the enclosing function.
#define PATRON_ASSIGN_OR_RETURN(target, expression) \
  PATRON_ASSIGN_OR_RETURN_IMPL_(PATRON_CONCAT_(patron_or_, __LINE__), target, expression)
#define PATRON_ASSIGN_OR_RETURN_IMPL_(result, target, expression) \
  auto result = (expression);                                     \
  if (!result.ok()) return std::move(result).status();            \
  target = *std::move(result)

namespace patron {

// The two string-view types of this Abseil and of C++20 differ; messages are built through this.
inline absl::string_view Text(std::string_view text) { return {text.data(), text.size()}; }

// "column: row 3 is nan; expected a finite number (2 rows in all)".
// `rows` is the number of offending rows; 1 or 0 (unknown) leaves the bracket out.
absl::Status InvalidRow(std::string_view column, uint64_t row, std::string_view value,
                        std::string_view expected, uint64_t rows = 1);

// "name: 101; expected 2 to 100": an option or argument out of its range.
absl::Status InvalidOption(std::string_view name, std::string_view value,
                           std::string_view expected);

// A number as error messages and tables of text show it: shortest form that reads back equal.
std::string FormatNumber(double value);

// Errors: InvalidArgument naming the first row of `values` that is NaN or infinite, and how many.
absl::Status CheckFinite(std::string_view column, std::span<const double> values);

// User text in a message: control bytes and bytes that are not UTF-8 as \xNN, long text cut.
std::string Quoted(std::string_view text);

inline absl::Status InvalidRow(std::string_view column, uint64_t row, std::string_view value,
                               std::string_view expected, uint64_t rows) {
  std::string message =
      absl::StrCat(Text(column), ": row ", row, " is ", Text(value), "; expected ", Text(expected));
  if (rows > 1) absl::StrAppend(&message, " (", rows, " rows in all)");
  return absl::InvalidArgumentError(message);
}

inline absl::Status InvalidOption(std::string_view name, std::string_view value,
                                  std::string_view expected) {
  return absl::InvalidArgumentError(
      absl::StrCat(Text(name), ": ", Text(value), "; expected ", Text(expected)));
}

inline std::string FormatNumber(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  return std::string(buffer, end);
}

inline absl::Status CheckFinite(std::string_view column, std::span<const double> values) {
  // A finite number times zero is zero; NaN and infinity are not: one pass without branches.
  double probe = 0;
  for (const double v : values) probe += v * 0.0;
  if (probe == 0.0) return absl::OkStatus();
  size_t first = values.size();
  size_t count = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) continue;
    if (count++ == 0) first = i;
  }
  return InvalidRow(column, first, FormatNumber(values[first]), "a finite number", count);
}

inline std::string Quoted(std::string_view text) {
  constexpr size_t kShown = 60;
  std::string shown = "'";
  const auto continuation = [&](size_t i) {
    return i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80;
  };
  size_t i = 0;
  while (i < text.size() && shown.size() < kShown) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const size_t length = byte < 0x80    ? 1
                          : byte >= 0xF0 ? 4
                          : byte >= 0xE0 ? 3
                          : byte >= 0xC2 ? 2
                                         : 0;
    bool whole = length > 0 && byte != 0x7F && byte >= 0x20 && byte < 0xF5;
    for (size_t k = 1; whole && k < length; ++k) whole = continuation(i + k);
    if (whole) {
      shown.append(text.substr(i, length));
      i += length;
    } else {
      absl::StrAppend(&shown, "\\x", absl::Hex(byte, absl::kZeroPad2));
      ++i;
    }
  }
  shown += i < text.size() ? "…'" : "'";
  if (i < text.size()) absl::StrAppend(&shown, " (", text.size(), " bytes)");
  return shown;
}

}  // namespace patron

#endif  // PATRON_BASE_STATUS_HPP_
