// Score scale: which values get which RFM scores, as a choice of method, bins, direction and cuts.
#ifndef PATRON_VALUE_SCORE_SCALE_HPP_
#define PATRON_VALUE_SCORE_SCALE_HPP_

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "patron/base/status.hpp"

namespace patron::value {

inline constexpr int kMinScoreBins = 2;
inline constexpr int kMaxScoreBins = 100;

// How values become scores 1 to k. N values; j from 1 to k - 1. Equal values get equal scores,
// except by kNtile and kNested.
enum class ScoreMethod : int32_t {
  kThresholdRight = 0,  // Cut j is the type-7 quantile j/k; bins (lower, upper]. Bins may be empty.
  kQcutDrop = 1,     // The same with equal cuts, and cuts at the lowest or highest value, dropped
                     // and labels renumbered: pandas qcut(duplicates="drop").
  kRpkg = 2,         // Type-7 quantile plus one natural unit; bins [lower, upper): R rfm 0.3.0.
  kNtile = 3,        // SQL NTILE: ranked by value, then by row; N mod k larger bins first.
  kMidrank = 4,      // ceil(k * average rank / N).
  kPercentRank = 5,  // 1 + number of j/k below (rank - 1) / (N - 1), rank the lowest of its ties.
  kNested = 6,       // NTILE of recency, of frequency inside it, of monetary inside both (Hughes).
  kFixed = 7,        // Cuts given.
};

// "threshold_right" and so on; "unknown" for a number that is no method.
std::string_view ScoreMethodName(ScoreMethod method);

// Which values are best, that is, get the highest score. Ranks of kNtile, kMidrank, kPercentRank
// and kNested run from worst to best; the other methods bin upwards and turn the labels around.
enum class ScoreDirection : int32_t { kHighIsBest = 0, kLowIsBest = 1 };

// The bin that a value equal to a cut belongs to: the one below (bins closed on the right, as in
// (1, 2]) or the one above (closed on the left, as in [1, 2)).
enum class ClosedSide : int32_t { kRight = 0, kLeft = 1 };

// How one dimension is scored.
struct ScoreScale {
  int bins = 5;  // 2 to 100; not read by kFixed, which has one bin more than cuts.
  ScoreDirection direction = ScoreDirection::kHighIsBest;
  int64_t unit = 1;          // Stored units in one natural unit: 10000 for money of 4 decimals.
  std::vector<double> cuts;  // kFixed only: 1 to 99, ascending, repeats allowed, in natural units.
  ClosedSide closed = ClosedSide::kRight;  // kFixed only.
  double weight = 1.0 / 3.0;               // In the weighted score; at least 0.
};

// Errors: InvalidArgument naming `column` and the first field of `scale` that `method` refuses.
absl::Status CheckScoreScale(std::string_view column, ScoreMethod method, const ScoreScale &scale);

inline std::string_view ScoreMethodName(ScoreMethod method) {
  constexpr std::array<std::string_view, 8> kNames = {
      "threshold_right", "qcut_drop",    "rpkg",   "ntile",
      "midrank",         "percent_rank", "nested", "fixed"};
  const auto index = static_cast<size_t>(method);
  return index < kNames.size() ? kNames[index] : "unknown";
}

inline absl::Status CheckScoreScale(std::string_view column, ScoreMethod method,
                                    const ScoreScale &scale) {
  const auto name = [&](std::string_view field) {
    return absl::StrCat(Text(column), " ", Text(field));
  };
  if (ScoreMethodName(method) == "unknown") {
    const std::string number = absl::StrCat(static_cast<int32_t>(method));
    return InvalidOption("method", number, "a scoring method, 0 to 7");
  }
  if (scale.unit < 1) return InvalidOption(name("unit"), absl::StrCat(scale.unit), "at least 1");
  if (!(scale.weight >= 0) || std::isinf(scale.weight)) {
    return InvalidOption(name("weight"), FormatNumber(scale.weight), "a finite number, at least 0");
  }
  if (scale.direction != ScoreDirection::kHighIsBest &&
      scale.direction != ScoreDirection::kLowIsBest) {
    const std::string number = absl::StrCat(static_cast<int32_t>(scale.direction));
    return InvalidOption(name("direction"), number, "0 (high is best) or 1 (low is best)");
  }
  if (method != ScoreMethod::kFixed) {
    if (scale.bins < kMinScoreBins || scale.bins > kMaxScoreBins) {
      return InvalidOption(name("bins"), absl::StrCat(scale.bins), "2 to 100");
    }
    if (scale.cuts.empty()) return absl::OkStatus();
    return InvalidOption(name("cuts"), absl::StrCat(scale.cuts.size(), " given"),
                         "none unless the method is fixed");
  }
  if (scale.closed != ClosedSide::kRight && scale.closed != ClosedSide::kLeft) {
    const std::string number = absl::StrCat(static_cast<int32_t>(scale.closed));
    return InvalidOption(name("closed"), number, "0 (right) or 1 (left)");
  }
  if (scale.cuts.empty() || scale.cuts.size() >= static_cast<size_t>(kMaxScoreBins)) {
    return InvalidOption(name("cuts"), absl::StrCat(scale.cuts.size(), " given"), "1 to 99");
  }
  for (size_t i = 0; i < scale.cuts.size(); ++i) {
    const double cut = scale.cuts[i];
    if (!std::isnan(cut) && (i == 0 || cut >= scale.cuts[i - 1])) continue;
    const std::string expected =
        i == 0 ? "a number" : absl::StrCat("at least ", FormatNumber(scale.cuts[i - 1]));
    return InvalidOption(absl::StrCat(Text(column), " cuts[", i, "]"), FormatNumber(cut), expected);
  }
  return absl::OkStatus();
}

}  // namespace patron::value

#endif  // PATRON_VALUE_SCORE_SCALE_HPP_
