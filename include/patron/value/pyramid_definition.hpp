// Definitions of value pyramids as data: tiers, their cuts, presets, and the check of both.
#ifndef PATRON_VALUE_PYRAMID_DEFINITION_HPP_
#define PATRON_VALUE_PYRAMID_DEFINITION_HPP_

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
#include "patron/base/defaults.hpp"
#include "patron/base/status.hpp"
#include "patron/value/value_share_cuts.hpp"

namespace patron::value {

// What the cut of a tier is measured in.
enum class PyramidMethod : uint8_t {
  kCustomerShare,  // Share of the active customers from the top to the end of the tier.
  kValueShare,     // Share of their value from the top to the end of the tier (ABC analysis).
  kValueFloor,     // Lowest value in the tier, in the unit of the values.
};

struct PyramidTier {
  std::string name;
  double cut = 0;

  friend bool operator==(const PyramidTier &, const PyramidTier &) = default;
};

// What a customer is to the business. Only active ones compete for the tiers; the others stand
// below them, each kind in a tier of its own.
enum class CustomerStatus : uint8_t { kActive, kInactive, kProspect, kSuspect };

struct PyramidDefinition {
  PyramidMethod method = PyramidMethod::kCustomerShare;

  // From the top down. Shares lie in (0, 1], grow from tier to tier and end at 1; floors fall
  // from tier to tier, and the last may be minus infinity to take all that is left.
  std::vector<PyramidTier> tiers;

  // Only for kValueShare.
  ShareBoundary boundary = ShareBoundary::kShareBefore;

  // If not empty, active customers with a value below zero are in a tier of this name under the
  // others, whatever their rank.
  std::string loss_tier;

  // Names of the tiers of inactive customers, prospects and suspects.
  std::array<std::string, 3> status_tiers = {"inactive", "prospects", "suspects"};

  friend bool operator==(const PyramidDefinition &, const PyramidDefinition &) = default;
};

inline constexpr size_t kMaxPyramidTiers = 200;

// Errors: InvalidArgument telling which tier breaks which rule of PyramidDefinition, two tiers of
// one name and a tier without a name included.
absl::Status CheckPyramid(const PyramidDefinition &definition);

// Tiers by sizes (each its own share of the active customers, together 1) from the top down.
// Errors: InvalidArgument if a size is not above 0 or they do not add up to 1.
absl::StatusOr<std::vector<PyramidTier>> TiersOfSizes(std::span<const PyramidTier> sizes);

enum class PyramidPreset : uint8_t {
  kCurry,       // Curry and Curry (2000): top 1 %, large 4 %, medium 15 %, small 80 %.
  kZeithaml,    // Zeithaml, Rust and Lemon (2001): platinum, gold, iron, and lead for losses.
  kAbc,         // A to 80 % of the value, B to 95 %, C the rest.
  kThreeClass,  // High, medium and low value: 20 %, 30 % and 50 % of the customers.
};

// A pyramid of the literature, its numbers taken from `defaults` ("pyramid.curry.top" ...).
// Errors: as CheckPyramid, where changed numbers do not fit together.
absl::StatusOr<PyramidDefinition> MakePyramidPreset(PyramidPreset preset,
                                                    const Defaults &defaults = {});

namespace detail {

inline absl::Status TierError(size_t tier, std::string_view name, std::string_view problem) {
  return absl::InvalidArgumentError(
      absl::StrCat("tiers: tier ", tier + 1, " (", Quoted(name), ") ", Text(problem)));
}

inline absl::Status CheckCuts(const PyramidDefinition &definition) {
  const bool floors = definition.method == PyramidMethod::kValueFloor;
  for (size_t i = 0; i < definition.tiers.size(); ++i) {
    const auto &[name, cut] = definition.tiers[i];
    const std::string shown = FormatNumber(cut);
    const bool last = i + 1 == definition.tiers.size();
    const bool lowest = last && cut == -std::numeric_limits<double>::infinity();
    if (floors && !(std::isfinite(cut) || lowest)) {
      return TierError(i, name, absl::StrCat("has floor ", shown, "; expected a finite number"));
    }
    if (!floors && !(cut > 0 && cut <= 1)) {
      return TierError(i, name,
                       absl::StrCat("ends at ", shown, "; expected a share above 0 and up to 1"));
    }
    if (i > 0) {
      const auto &[above_name, above_cut] = definition.tiers[i - 1];
      const std::string above =
          absl::StrCat(FormatNumber(above_cut), ", the cut of ", Quoted(above_name));
      if (floors && !(cut < above_cut)) {
        return TierError(i, name,
                         absl::StrCat("has floor ", shown, "; expected one below ", above));
      }
      if (!floors && !(cut > above_cut)) {
        return TierError(i, name,
                         absl::StrCat("ends at ", shown, "; expected a share above ", above));
      }
    }
    if (!floors && last && cut != 1) {
      return TierError(i, name, absl::StrCat("ends at ", shown, "; expected 1 for the last tier"));
    }
  }
  return absl::OkStatus();
}

}  // namespace detail

inline absl::Status CheckPyramid(const PyramidDefinition &definition) {
  if (definition.tiers.empty() || definition.tiers.size() > kMaxPyramidTiers) {
    return InvalidOption("tiers", absl::StrCat(definition.tiers.size(), " tiers"),
                         absl::StrCat("1 to ", kMaxPyramidTiers));
  }
  std::vector<std::string_view> names;
  for (const PyramidTier &tier : definition.tiers) names.push_back(tier.name);
  if (!definition.loss_tier.empty()) names.push_back(definition.loss_tier);
  names.insert(names.end(), definition.status_tiers.begin(), definition.status_tiers.end());
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) return detail::TierError(i, names[i], "has no name");
    if (std::ranges::find(names.begin(), names.begin() + static_cast<ptrdiff_t>(i), names[i]) !=
        names.begin() + static_cast<ptrdiff_t>(i)) {
      return detail::TierError(i, names[i], "has the name of another tier");
    }
  }
  return detail::CheckCuts(definition);
}

inline absl::StatusOr<std::vector<PyramidTier>> TiersOfSizes(std::span<const PyramidTier> sizes) {
  std::vector<PyramidTier> tiers;
  double end = 0;
  for (const auto &[name, size] : sizes) {
    if (!(size > 0)) {
      return detail::TierError(
          tiers.size(), name,
          absl::StrCat("has size ", FormatNumber(size), "; expected a share above 0"));
    }
    end += size;
    // To 15 decimals: 0.1 and 0.2 end at 0.3.
    tiers.push_back({name, std::round(end * 1e15) / 1e15});
  }
  if (tiers.empty() || tiers.back().cut != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("tiers: the sizes add up to ", FormatNumber(end), "; expected 1"));
  }
  return tiers;
}

inline absl::StatusOr<PyramidDefinition> MakePyramidPreset(PyramidPreset preset,
                                                           const Defaults &defaults) {
  absl::Status missing;
  const auto get = [&](std::string_view name) {
    const absl::StatusOr<double> value = defaults.Get(name);
    if (!value.ok()) missing = value.status();
    return value.value_or(0);
  };
  PyramidDefinition definition;
  std::vector<PyramidTier> sizes;
  switch (preset) {
    case PyramidPreset::kCurry:
      sizes = {{"top", get("pyramid.curry.top")},
               {"large", get("pyramid.curry.large")},
               {"medium", get("pyramid.curry.medium")},
               {"small", get("pyramid.curry.small")}};
      break;
    case PyramidPreset::kZeithaml: {
      const double platinum = get("pyramid.zeithaml.platinum");
      const double gold = get("pyramid.zeithaml.gold");
      sizes = {{"platinum", platinum}, {"gold", gold}, {"iron", 1 - platinum - gold}};
      definition.loss_tier = "lead";
      break;
    }
    case PyramidPreset::kAbc:
      definition.method = PyramidMethod::kValueShare;
      definition.tiers = {{"A", get("pyramid.abc.a")}, {"B", get("pyramid.abc.b")}, {"C", 1.0}};
      break;
    case PyramidPreset::kThreeClass:
      sizes = {{"high", get("pyramid.classes.high")},
               {"medium", get("pyramid.classes.medium")},
               {"low", get("pyramid.classes.low")}};
      break;
  }
  PATRON_RETURN_IF_ERROR(missing);
  if (!sizes.empty()) {
    PATRON_ASSIGN_OR_RETURN(definition.tiers, TiersOfSizes(sizes));
  }
  PATRON_RETURN_IF_ERROR(CheckPyramid(definition));
  return definition;
}

}  // namespace patron::value

#endif  // PATRON_VALUE_PYRAMID_DEFINITION_HPP_
