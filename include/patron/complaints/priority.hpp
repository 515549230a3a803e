// Priority of a complaint: one number from its severity, its customer and how long it has waited.
#ifndef PATRON_COMPLAINTS_PRIORITY_HPP_
#define PATRON_COMPLAINTS_PRIORITY_HPP_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"

namespace patron::complaints {

// 4: safety, law, discrimination; 3: major financial loss or a vulnerable customer; 2: a failure of
// the service; 1: an inconvenience.
inline constexpr int64_t kLeastSeverity = 1, kMostSeverity = 4;

enum class PriorityPart { kSeverity, kValue, kMedia, kRepeat, kAge };
inline constexpr size_t kPriorityParts = 5;
inline constexpr std::array<std::string_view, kPriorityParts> kPriorityPartNames = {
    "severity", "value", "media", "repeat", "age"};

// Points of each part, in the order of PriorityPart; no standard exists, so they are data. A part of
// weight 0 is left out. The score is scaled to reach 100, so limits stay what they are when the value
// of the customer must not count, as regulated schemes demand.
struct PriorityWeights {
  std::array<double, kPriorityParts> points = {40, 20, 20, 10, 10};
};

// One row a case. All but severity may be empty, which counts as 0.
struct PriorityColumns {
  std::span<const int64_t> severity;     // 1 to 4.
  std::span<const double> value = {};    // Of the customer, as a share of customers below: 0 to 1.
  std::span<const double> media = {};    // Risk of exposure, 0 to 1.
  std::span<const double> repeats = {};  // Earlier complaints about the same, 0 or more.
  std::span<const double> age = {};      // Time used of the limit: 0 or more, 1 = due.
  std::span<const uint8_t> crisis = {};  // Whether the case is a media crisis.
};

struct PriorityScores {
  std::vector<double> score;                               // 0 to 100.
  std::array<std::vector<double>, kPriorityParts> points;  // What each part adds.
  std::vector<uint8_t> overridden;  // Severity 4 or a crisis: 100, whatever the parts add up to.
};

// Scores cases: the weighted sum of (severity - 1) / 3, value, media, 1 - exp(-repeats / 2) and
// min(age, 1). Monotone in each of them.
// Errors: InvalidArgument for weights that are negative, not finite or all 0, for columns of unequal
// length, and for values out of range. Cost: O(n).
absl::StatusOr<PriorityScores> ScorePriority(const PriorityColumns &columns,
                                             const PriorityWeights &weights = {});

namespace detail {

inline absl::Status CheckRange(std::string_view name, std::span<const double> values, size_t rows,
                               double most) {
  if (values.empty()) return absl::OkStatus();
  if (values.size() != rows) {
    return InvalidOption(name, absl::StrCat(values.size(), " rows"),
                         absl::StrCat(rows, " as in severity"));
  }
  PATRON_RETURN_IF_ERROR(CheckFinite(name, values));
  size_t first = rows, count = 0;
  for (size_t i = 0; i < rows; ++i) {
    if (values[i] >= 0 && values[i] <= most) continue;
    if (count++ == 0) first = i;
  }
  if (count == 0) return absl::OkStatus();
  return InvalidRow(name, first, FormatNumber(values[first]),
                    std::isinf(most) ? "0 or more" : "0 to 1", count);
}

}  // namespace detail

inline absl::StatusOr<PriorityScores> ScorePriority(const PriorityColumns &columns,
                                                    const PriorityWeights &weights) {
  double whole = 0;
  for (size_t p = 0; p < kPriorityParts; ++p) {
    const double points = weights.points[p];
    if (!(points >= 0) || std::isinf(points)) {
      return InvalidOption(kPriorityPartNames[p], FormatNumber(points), "a weight of 0 or more");
    }
    whole += points;
  }
  if (!(whole > 0) || std::isinf(whole)) {
    return InvalidOption("weights", FormatNumber(whole), "a positive sum");
  }
  const size_t rows = columns.severity.size();
  for (size_t i = 0; i < rows; ++i) {
    if (columns.severity[i] >= kLeastSeverity && columns.severity[i] <= kMostSeverity) continue;
    return InvalidRow("severity", i, absl::StrCat(columns.severity[i]), "1 to 4");
  }
  constexpr double kAny = std::numeric_limits<double>::infinity();
  PATRON_RETURN_IF_ERROR(detail::CheckRange("value", columns.value, rows, 1));
  PATRON_RETURN_IF_ERROR(detail::CheckRange("media", columns.media, rows, 1));
  PATRON_RETURN_IF_ERROR(detail::CheckRange("repeats", columns.repeats, rows, kAny));
  PATRON_RETURN_IF_ERROR(detail::CheckRange("age", columns.age, rows, kAny));
  if (!columns.crisis.empty() && columns.crisis.size() != rows) {
    return InvalidOption("crisis", absl::StrCat(columns.crisis.size(), " rows"),
                         absl::StrCat(rows, " as in severity"));
  }
  PriorityScores scores;
  scores.score.resize(rows);
  scores.overridden.resize(rows);
  for (auto &points : scores.points) points.resize(rows);
  const auto at = [](std::span<const double> values, size_t i) {
    return values.empty() ? 0.0 : values[i];
  };
  for (size_t i = 0; i < rows; ++i) {
    const std::array<double, kPriorityParts> parts = {
        static_cast<double>(columns.severity[i] - kLeastSeverity) / 3, at(columns.value, i),
        at(columns.media, i), -std::expm1(-at(columns.repeats, i) / 2),
        std::min(1.0, at(columns.age, i))};
    double sum = 0;
    for (size_t p = 0; p < kPriorityParts; ++p) {
      const double points = weights.points[p] / whole * 100 * parts[p];
      scores.points[p][i] = points;
      sum += points;
    }
    const bool overridden =
        columns.severity[i] == kMostSeverity || (!columns.crisis.empty() && columns.crisis[i] != 0);
    scores.overridden[i] = overridden ? 1 : 0;
    scores.score[i] = overridden ? 100 : std::min(100.0, sum);
  }
  return scores;
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_PRIORITY_HPP_
