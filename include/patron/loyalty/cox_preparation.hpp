// Checks of what proportional hazards are fitted to, and its rows in order.
#ifndef PATRON_LOYALTY_COX_PREPARATION_HPP_
#define PATRON_LOYALTY_COX_PREPARATION_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/loyalty/cox_model.hpp"
#include "patron/loyalty/partial_likelihood.hpp"
#include "patron/loyalty/risk_rows.hpp"
#include "patron/loyalty/risk_table.hpp"

namespace patron::loyalty::detail::cox {

// All but whether covariates are finite.
inline absl::Status CheckCox(const CoxData &data, const CoxOptions &options) {
  PATRON_RETURN_IF_ERROR(CheckObserved(data.observed));
  const size_t n = data.observed.size();
  if (data.covariates.empty()) return InvalidOption("covariates", "none", "at least 1");
  if (data.covariates.size() > 1000) {
    return InvalidOption("covariates", absl::StrCat(data.covariates.size()), "at most 1000");
  }
  if (n >= std::numeric_limits<uint32_t>::max()) {
    return InvalidOption("duration", absl::StrCat(n, " rows"), "at most 4294967294");
  }
  const auto check_rows = [&](const std::string &name, size_t rows) -> absl::Status {
    if (rows == n) return absl::OkStatus();
    return InvalidOption(name, absl::StrCat(rows, " rows"), absl::StrCat(n, " as in duration"));
  };
  for (size_t k = 0; k < data.covariates.size(); ++k) {
    PATRON_RETURN_IF_ERROR(check_rows(data.names[k], data.covariates[k].size()));
  }
  if (!data.offset.empty()) {
    PATRON_RETURN_IF_ERROR(check_rows("offset", data.offset.size()));
    PATRON_RETURN_IF_ERROR(CheckFinite("offset", data.offset));
  }
  if (!options.penalty.empty() && options.penalty.size() != data.covariates.size()) {
    return InvalidOption("penalty", absl::StrCat(options.penalty.size(), " numbers"),
                         absl::StrCat(data.covariates.size(), ", one a covariate"));
  }
  for (const double penalty : options.penalty) {
    if (penalty >= 0 && std::isfinite(penalty)) continue;
    return InvalidOption("penalty", FormatNumber(penalty), "a number, 0 or more");
  }
  if (options.max_iterations < 1 || options.max_iterations > 1'000'000) {
    return InvalidOption("max_iterations", absl::StrCat(options.max_iterations), "1 to 1000000");
  }
  if (std::ranges::count(data.observed.event, 1) == 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("event: none in ", n, " rows; expected at least 1"));
  }
  return absl::OkStatus();
}

// Means and standard deviations by weight. Errors: FailedPrecondition for a constant.
inline absl::Status Standardize(const CoxData &data, std::vector<double> &means,
                                std::vector<double> &deviations) {
  const size_t n = data.observed.size();
  double total = 0;
  for (size_t i = 0; i < n; ++i) total += data.observed.weight_of(i);
  for (size_t k = 0; k < data.covariates.size(); ++k) {
    const std::span<const double> x = data.covariates[k];
    double sum = 0, square = 0;
    bool varies = false;
    for (size_t i = 0; i < n; ++i) {
      sum += data.observed.weight_of(i) * (x[i] - x[0]);
      varies |= x[i] != x[0];
    }
    if (!varies) {
      return absl::FailedPreconditionError(
          absl::StrCat(data.names[k], ": ", FormatNumber(x[0]),
                       " in all rows; expected a covariate that varies"));
    }
    const double shift = sum / total;
    for (size_t i = 0; i < n; ++i) {
      const double d = x[i] - x[0] - shift;
      square += data.observed.weight_of(i) * d * d;
    }
    means.push_back(x[0] + shift);
    deviations.push_back(std::sqrt(square / total));
    if (!(deviations.back() > 0) || !std::isfinite(deviations.back())) {
      return absl::FailedPreconditionError(
          absl::StrCat(data.names[k],
                       ": its variance cannot be computed; expected numbers of "
                       "ordinary size"));
    }
  }
  return absl::OkStatus();
}

// The likelihood of covariates less `center` and divided by `scale`. With exact numbers these are the
// means and the deviations.
struct Prepared {
  std::vector<double> means, deviations;
  std::vector<double> center, scale;
  PartialLikelihood likelihood;
};

// Takes the columns less about their means, as some rows tell these, and divided by about their
// deviations: so they are read once. False where some rows do not tell; it leaves the rest to Standardize.
inline bool TakeRoughly(const CoxData &data, RiskRows &rows, Prepared &prepared) {
  constexpr size_t kRows = 2048;
  const size_t n = data.observed.size(), step = std::max<size_t>(1, n / kRows);
  const std::span<const double> weight = data.observed.weight;
  double total = weight.empty() ? static_cast<double>(n) : 0;
  for (const double one : weight) total += one;
  for (const std::span<const double> x : data.covariates) {
    double count = 0, sum = 0, square = 0;
    for (size_t i = 0; i < n; i += step) {
      count += 1;
      sum += x[i] - x[0];
    }
    const double center = x[0] + sum / count;
    for (size_t i = 0; i < n; i += step) square += (x[i] - center) * (x[i] - center);
    const double scale = std::sqrt(square / count);
    if (!(scale > 0) || !std::isfinite(scale)) return false;
    prepared.center.push_back(center);
    prepared.scale.push_back(scale);
  }
  const auto spreads = rows.Take(data.covariates, weight, prepared.center, prepared.scale);
  for (size_t k = 0; k < spreads.size(); ++k) {
    const double mean = spreads[k].sum / total;
    const double variance = spreads[k].square / total - mean * mean;
    // Not finite, or so far from the guess that digits are lost: no comparison holds of a NaN.
    const bool near = std::abs(mean) < 4 && variance > 0.01 && variance < 100;
    if (!near) return false;
    prepared.means.push_back(prepared.center[k] + prepared.scale[k] * mean);
    prepared.deviations.push_back(prepared.scale[k] * std::sqrt(variance));
  }
  return true;
}

// With `exact`, covariates are held against their means and deviations themselves.
inline absl::StatusOr<Prepared> Prepare(const CoxData &data, const CoxOptions &options, bool exact,
                                        const Execution &execution) {
  constexpr size_t kLarge = 50'000;
  PATRON_RETURN_IF_ERROR(CheckCox(data, options));
  Prepared prepared;
  const size_t p = data.covariates.size();
  RiskRows rows(data.observed, data.strata, p, data.offset, execution);
  if (exact || data.observed.size() < kLarge || !TakeRoughly(data, rows, prepared)) {
    for (size_t k = 0; k < p; ++k) {
      PATRON_RETURN_IF_ERROR(CheckFinite(data.names[k], data.covariates[k]));
    }
    prepared.means.clear();
    prepared.deviations.clear();
    PATRON_RETURN_IF_ERROR(Standardize(data, prepared.means, prepared.deviations));
    prepared.center = prepared.means;
    prepared.scale = prepared.deviations;
    rows.Take(data.covariates, {}, prepared.center, prepared.scale);
  }
  prepared.likelihood = PartialLikelihood(std::move(rows), options.ties, options.kernels);
  return prepared;
}

}  // namespace patron::loyalty::detail::cox

#endif  // PATRON_LOYALTY_COX_PREPARATION_HPP_
