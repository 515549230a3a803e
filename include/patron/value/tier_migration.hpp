// Migration between tiers: how many customers went from where to where.
#ifndef PATRON_VALUE_TIER_MIGRATION_HPP_
#define PATRON_VALUE_TIER_MIGRATION_HPP_

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"

namespace patron::value {

inline constexpr int32_t kTierAbsent = -1;  // In no tier at that time.
inline constexpr int32_t kTierNew = -2;     // Not a customer yet; before only.

// The states are the tiers and, last, absent.
struct TierMigration {
  size_t states = 0;
  // One row a state before, and a last one for the new: customers by state after.
  std::vector<int64_t> counts;
  // The same rows as shares of their customers, smoothed; NaN where there is nobody to tell from.
  std::vector<double> shares;
};

// Counts moves between two moments. `before` and `after` have one element a customer: the place of its
// tier, kTierAbsent, or (before alone) kTierNew.
//
// Shares are (count + smoothing) / (customers of the row + smoothing x states), where the row of the
// new has no smoothing.
// Errors: InvalidArgument for lengths that differ, a tier that is none, or a negative smoothing.
// Cost: O(n).
absl::StatusOr<TierMigration> CountTierMigration(std::span<const int32_t> before,
                                                 std::span<const int32_t> after, size_t tiers,
                                                 double smoothing = 0);

inline absl::StatusOr<TierMigration> CountTierMigration(std::span<const int32_t> before,
                                                        std::span<const int32_t> after,
                                                        size_t tiers, double smoothing) {
  if (before.size() != after.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("after: ", after.size(), " rows; expected ", before.size(), " as in before"));
  }
  if (tiers == 0 || tiers > 10000) {
    return InvalidOption("tiers", std::to_string(tiers), "1 to 10000");
  }
  if (!(smoothing >= 0 && std::isfinite(smoothing))) {
    return InvalidOption("smoothing", FormatNumber(smoothing), "a finite number, 0 or more");
  }
  const auto check = [&](std::string_view column, std::span<const int32_t> codes, int32_t least) {
    size_t first = 0;
    uint64_t bad = 0;
    for (size_t i = 0; i < codes.size(); ++i) {
      if (codes[i] >= least && codes[i] < static_cast<int32_t>(tiers)) continue;
      if (bad++ == 0) first = i;
    }
    if (bad == 0) return absl::OkStatus();
    return InvalidRow(column, first, std::to_string(codes[first]), "the place of a tier", bad);
  };
  PATRON_RETURN_IF_ERROR(check("before", before, kTierNew));
  PATRON_RETURN_IF_ERROR(check("after", after, kTierAbsent));

  TierMigration migration;
  const size_t states = tiers + 1;
  migration.states = states;
  migration.counts.resize((states + 1) * states);
  const auto row_of = [&](int32_t code) {
    return code >= 0 ? static_cast<size_t>(code) : code == kTierAbsent ? tiers : tiers + 1;
  };
  for (size_t i = 0; i < before.size(); ++i) {
    ++migration.counts[row_of(before[i]) * states + row_of(after[i])];
  }
  migration.shares.resize(migration.counts.size());
  for (size_t row = 0; row <= states; ++row) {
    const double added = row < states ? smoothing : 0;
    double customers = added * static_cast<double>(states);
    for (size_t k = 0; k < states; ++k) {
      customers += static_cast<double>(migration.counts[row * states + k]);
    }
    for (size_t k = 0; k < states; ++k) {
      const size_t at = row * states + k;
      migration.shares[at] = customers > 0
                                 ? (static_cast<double>(migration.counts[at]) + added) / customers
                                 : std::numeric_limits<double>::quiet_NaN();
    }
  }
  return migration;
}

}  // namespace patron::value

#endif  // PATRON_VALUE_TIER_MIGRATION_HPP_
