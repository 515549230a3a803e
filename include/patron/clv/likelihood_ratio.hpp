// Likelihood-ratio test: whether a richer model fits better than chance would make it.
#ifndef PATRON_CLV_LIKELIHOOD_RATIO_HPP_
#define PATRON_CLV_LIKELIHOOD_RATIO_HPP_

#include <algorithm>
#include <cmath>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "patron/clv/distributions.hpp"
#include "patron/clv/fit.hpp"

namespace patron::clv {

struct LikelihoodRatio {
  double statistic;  // Twice the gain in log-likelihood, 0 or above.
  int degrees;       // Parameters that the restricted model does not have.
  double p_value;    // Of the chi-square distribution with so many degrees of freedom.
};

// Compares a fit with one of a model that is a special case of it, on the same data.
//
// The p value is that of Wilks (1938). Where the special case lies at the edge of the richer
// model's parameters (the NBD in Pareto/NBD, Pareto/NBD in GGompertz/NBD) it is too large: half of
// it is then the usual bound for one parameter (Self and Liang 1987). Nothing is known here of
// whether models are nested.
//
// Errors: InvalidArgument if the weights of the data differ, if `full` has not more parameters, or
// if it is more than 10^-6 of a unit of log-likelihood for each customer the worse of the two.
absl::StatusOr<LikelihoodRatio> TestLikelihoodRatio(const Fit &restricted, const Fit &full);

inline absl::StatusOr<LikelihoodRatio> TestLikelihoodRatio(const Fit &restricted, const Fit &full) {
  if (std::abs(restricted.weight - full.weight) > 1e-9 * full.weight) {
    return absl::InvalidArgumentError(absl::StrCat("fits: of ", FormatNumber(restricted.weight),
                                                   " and ", FormatNumber(full.weight),
                                                   " customers; expected the same data"));
  }
  const int degrees =
      static_cast<int>(full.names.size()) - static_cast<int>(restricted.names.size());
  if (degrees < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("full model: ", full.names.size(), " parameters; expected more than the ",
                     restricted.names.size(), " of the restricted one"));
  }
  const double gain = full.log_likelihood - restricted.log_likelihood;
  if (!(gain > -1e-6 * full.weight)) {
    return absl::InvalidArgumentError(
        absl::StrCat("full model: log-likelihood ", FormatNumber(full.log_likelihood),
                     "; expected at least the ", FormatNumber(restricted.log_likelihood),
                     " of the restricted one, which is not its special case or was not fitted "
                     "without penalty"));
  }
  const double statistic = std::max(0.0, 2 * gain);
  return LikelihoodRatio{statistic, degrees, ChiSquareTail(statistic, degrees)};
}

}  // namespace patron::clv

#endif  // PATRON_CLV_LIKELIHOOD_RATIO_HPP_
