// How regularly customers buy: the k of the CNBD-k models, by likelihood.
#ifndef PATRON_CLV_REGULARITY_HPP_
#define PATRON_CLV_REGULARITY_HPP_

#include <limits>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/clv/bgnbd.hpp"
#include "patron/clv/fit.hpp"
#include "patron/clv/history.hpp"

namespace patron::clv {

// The fit of the best k, and the log-likelihoods it was chosen from.
struct RegularityFit {
  int regularity = 0;
  Fit fit;
  std::vector<double> log_likelihood;  // For k = 1, 2, ...; NaN where there is no fit.
};

// Fits with every k from 1 to `highest` and keeps that of the highest likelihood, less the penalty
// if there is one, as Platzer and Reutterer (2016) do. All have the same number of parameters.
//
// Errors: that of k = 1 if none can be fitted, which for a single k is FailedPrecondition; any
// other error of `fit_with`. Cost: a fit for each k.
absl::StatusOr<RegularityFit> ChooseRegularity(
    int highest, absl::FunctionRef<absl::StatusOr<Fit>(int regularity)> fit_with);

// The same for a history. Errors: also InvalidArgument if it has no log intervals or `highest` is
// out of range.
absl::StatusOr<RegularityFit> FitRegularity(const GroupedHistory &history, bool dropout_at_zero,
                                            int highest, const Layout &layout,
                                            const FitOptions &options = {},
                                            const Execution &execution = {});

inline absl::StatusOr<RegularityFit> ChooseRegularity(
    int highest, absl::FunctionRef<absl::StatusOr<Fit>(int regularity)> fit_with) {
  RegularityFit best;
  absl::Status first_error;
  for (int k = 1; k <= highest; ++k) {
    absl::StatusOr<Fit> fit = fit_with(k);
    if (!fit.ok()) {
      if (!absl::IsFailedPrecondition(fit.status())) return fit.status();
      first_error.Update(fit.status());
      best.log_likelihood.push_back(std::numeric_limits<double>::quiet_NaN());
      continue;
    }
    best.log_likelihood.push_back(fit->log_likelihood);
    if (best.regularity != 0 && !(fit->optimum.at.value > best.fit.optimum.at.value)) continue;
    best.regularity = k;
    best.fit = *std::move(fit);
  }
  if (best.regularity == 0) return first_error;
  return best;
}

inline absl::StatusOr<RegularityFit> FitRegularity(const GroupedHistory &history,
                                                   bool dropout_at_zero, int highest,
                                                   const Layout &layout, const FitOptions &options,
                                                   const Execution &execution) {
  PATRON_RETURN_IF_ERROR(CheckModel({dropout_at_zero, highest}));
  return ChooseRegularity(highest, [&](int k) -> absl::StatusOr<Fit> {
    PATRON_ASSIGN_OR_RETURN(const auto likelihood,
                            BetaGeometricLikelihood::Make(history, {dropout_at_zero, k}));
    return FitModel(likelihood, layout, history.covariates(), options, execution);
  });
}

}  // namespace patron::clv

#endif  // PATRON_CLV_REGULARITY_HPP_
