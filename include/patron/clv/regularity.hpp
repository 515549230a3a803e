// How regularly customers buy: the k of the CNBD-k models, by likelihood.
#ifndef PATRON_CLV_REGULARITY_HPP_
#define PATRON_CLV_REGULARITY_HPP_

#include <limits>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/clv/bgnbd.hpp"
#include "patron/clv/fit.hpp"
#include "patron/clv/history.hpp"

namespace patron::clv {

// The fit of the best k, and the log-likelihoods it was chosen from.
struct RegularityFit {
  BetaGeometricModel model;
  Fit fit;
  std::vector<double> log_likelihood;  // For k = 1, 2, ...; NaN where there is no fit.
};

// Fits the model with every k from 1 to `highest` and keeps that of the highest likelihood, as
// Platzer and Reutterer (2016) do. All have the same number of parameters.
//
// Errors: InvalidArgument if the history has no log intervals or `highest` is out of range; the
// error of k = 1 if none can be fitted. Cost: a fit for each k.
absl::StatusOr<RegularityFit> FitRegularity(const GroupedHistory &history, bool dropout_at_zero,
                                            int highest, const Layout &layout,
                                            const FitOptions &options = {},
                                            const Execution &execution = {});

inline absl::StatusOr<RegularityFit> FitRegularity(const GroupedHistory &history,
                                                   bool dropout_at_zero, int highest,
                                                   const Layout &layout, const FitOptions &options,
                                                   const Execution &execution) {
  PATRON_RETURN_IF_ERROR(CheckModel({dropout_at_zero, highest}));
  RegularityFit best;
  absl::Status first_error;
  bool found = false;
  for (int k = 1; k <= highest; ++k) {
    const BetaGeometricModel model{dropout_at_zero, k};
    PATRON_ASSIGN_OR_RETURN(const auto likelihood, BetaGeometricLikelihood::Make(history, model));
    auto fit = FitModel(likelihood, layout, history.covariates(), options, execution);
    if (!fit.ok()) {
      if (absl::IsCancelled(fit.status())) return fit.status();
      first_error.Update(fit.status());
      best.log_likelihood.push_back(std::numeric_limits<double>::quiet_NaN());
      continue;
    }
    best.log_likelihood.push_back(fit->log_likelihood);
    if (!found || fit->log_likelihood > best.fit.log_likelihood) {
      best.model = model;
      best.fit = *std::move(fit);
    }
    found = true;
  }
  if (!found) return first_error;
  return best;
}

}  // namespace patron::clv

#endif  // PATRON_CLV_REGULARITY_HPP_
