// A model of lifetime value: its terms, its estimates, and what the fit left to know.
#ifndef PATRON_SRC_C_API_CLV_MODEL_HPP_
#define PATRON_SRC_C_API_CLV_MODEL_HPP_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "c_api/clv_forecasts.hpp"
#include "c_api/clv_terms.hpp"
#include "patron/c/clv_model.h"
#include "patron/clv/fit.hpp"
#include "patron/clv/layout.hpp"

namespace patron::c_api {

// The estimates are what counts: Optimum::point holds their logarithms, whatever the search ended
// with in the last bit, so that a model and what is read from its bytes are equal. The gradient and
// Hessian of the optimum are not kept.
struct ClvModel {
  ClvTerms terms;  // With the regularity chosen.
  clv::Layout layout;
  clv::Fit fit;
  bool fitted = false;
  uint64_t rows = 0;  // Distinct ones.

  std::string_view kind_name() const { return KindOf(terms.kind).name; }
};

// A model of known values: positive parameters, then coefficients. Errors: InvalidArgument naming
// the first that is not so.
absl::StatusOr<ClvModel> KnownModel(ClvTerms terms, std::vector<double> values);

// Sets the log parameters from the estimates, and the covariance and standard errors from the
// covariance of the log parameters.
void CompleteFit(ClvModel &model);

// The model of a fit.
ClvModel FittedModel(ClvTerms terms, clv::Layout layout, clv::Fit fit, uint64_t rows);

// Errors: InvalidArgument for null, or FailedPrecondition for a model that was not fitted.
absl::Status RequireFit(std::string_view argument, const patron_clv_model *model);

}  // namespace patron::c_api

struct patron_clv_model {
  patron::c_api::ClvModel model;
  patron::c_api::ClvForecastCache forecasts = {};  // For customers asked for one by one.
};

#endif  // PATRON_SRC_C_API_CLV_MODEL_HPP_
