// How likely open cases are to pass their limit, from how long closed ones took.
#ifndef PATRON_COMPLAINTS_BREACH_PREDICTION_HPP_
#define PATRON_COMPLAINTS_BREACH_PREDICTION_HPP_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "patron/base/survival.hpp"

namespace patron::complaints {

struct BreachRisk {
  std::optional<double> probability;  // None if too few cases say something about it.
  int64_t at_risk = 0;                // Cases of the history that were open at that age.
};

// The curves of Kaplan and Meier of times to an end, one a stratum. The probability that a case that
// is open at an age is still open at its limit is S(limit) / S(age); a case past its limit is late.
class BreachModel {
 public:
  // `strata` has a code below `count` for each row, or is empty: all are of stratum 0. Errors: as
  // KaplanMeier, and InvalidArgument for columns of unequal length. Cost: O(n).
  static absl::StatusOr<BreachModel> Fit(std::span<const double> times,
                                         std::span<const uint8_t> observed,
                                         std::span<const uint32_t> strata = {}, size_t count = 1);

  // `least` is the number of cases at risk below which nothing is said. A stratum without a curve
  // has none. Cost: O(log n).
  BreachRisk Predict(size_t stratum, double age, double limit, int64_t least) const {
    BreachRisk risk;
    if (stratum < curves_.size()) risk.at_risk = curves_[stratum].AtRiskAt(age);
    if (age > limit) {
      risk.probability = 1.0;
      return risk;
    }
    if (stratum >= curves_.size() || risk.at_risk < least) return risk;
    const double open = curves_[stratum].SurvivalAt(age);
    if (open > 0) risk.probability = curves_[stratum].SurvivalAt(limit) / open;
    return risk;
  }

 private:
  std::vector<SurvivalCurve<double>> curves_;
};

inline absl::StatusOr<BreachModel> BreachModel::Fit(std::span<const double> times,
                                                    std::span<const uint8_t> observed,
                                                    std::span<const uint32_t> strata,
                                                    size_t count) {
  const size_t n = times.size();
  if (observed.size() != n || (!strata.empty() && strata.size() != n)) {
    return InvalidOption("observed", absl::StrCat(observed.size(), " rows"),
                         absl::StrCat(n, " as in time"));
  }
  BreachModel model;
  if (strata.empty()) {
    PATRON_ASSIGN_OR_RETURN(auto curve, KaplanMeier<double>(times, observed));
    model.curves_.push_back(std::move(curve));
    return model;
  }
  // All rows at once first, so that errors name the row of the table.
  PATRON_RETURN_IF_ERROR(KaplanMeier<double>(times, observed).status());
  std::vector<std::vector<double>> own_times(count);
  std::vector<std::vector<uint8_t>> own_observed(count);
  for (size_t i = 0; i < n; ++i) {
    own_times[strata[i]].push_back(times[i]);
    own_observed[strata[i]].push_back(observed[i]);
  }
  for (size_t s = 0; s < count; ++s) {
    if (own_times[s].empty()) {
      model.curves_.emplace_back();
      continue;
    }
    PATRON_ASSIGN_OR_RETURN(auto curve, KaplanMeier<double>(own_times[s], own_observed[s]));
    model.curves_.push_back(std::move(curve));
  }
  return model;
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_BREACH_PREDICTION_HPP_
