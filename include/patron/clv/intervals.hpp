// Confidence intervals of fitted parameters: from the curvature at the optimum, or by profile.
#ifndef PATRON_CLV_INTERVALS_HPP_
#define PATRON_CLV_INTERVALS_HPP_

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/interval.hpp"
#include "patron/base/normal.hpp"
#include "patron/base/status.hpp"
#include "patron/clv/fit.hpp"
#include "patron/clv/newton.hpp"

namespace patron::clv {

using patron::Interval;

// On which scale a Wald interval is symmetric. A model's parameters are positive, and their
// logarithms nearer to normal; other programs mostly report the natural one.
enum class WaldScale : uint8_t { kLog, kNatural };

// Estimate plus and minus so many standard errors of parameter `index` of fit.names. Covariate
// coefficients have one scale only. NaN if the fit has no standard error for it. Errors:
// InvalidArgument if `level` is not inside (0, 1) or there is no such parameter.
absl::StatusOr<Interval> WaldInterval(const Fit &fit, size_t index, double level = 0.95,
                                      WaldScale scale = WaldScale::kLog);

// The values of parameter `index` that a likelihood-ratio test at `level` does not reject, the
// other parameters being fitted anew at each. Does not depend on the scale and holds where the
// likelihood is skewed, as for beta and b. An end that the likelihood never falls at is 0 or
// infinite (for coefficients: infinite).
//
// `objective` is what was fitted; searches are made as that of the fit was. Errors: as WaldInterval; FailedPrecondition if a fit on the way
// does not converge; those of the objective. Cost: about 15 to 40 evaluations.
absl::StatusOr<Interval> ProfileInterval(Objective objective, const Fit &fit, size_t index,
                                         double level = 0.95);

namespace detail {

inline absl::Status CheckInterval(const Fit &fit, size_t index, double level) {
  if (index >= fit.names.size()) {
    return InvalidOption("parameter", absl::StrCat(index),
                         absl::StrCat("a place below ", fit.names.size()));
  }
  if (level > 0 && level < 1) return absl::OkStatus();
  return InvalidOption("level", FormatNumber(level), "a number between 0 and 1");
}

// One end of a profile interval: where twice the loss of log-likelihood is the square of `wanted`.
class ProfileEnd {
 public:
  ProfileEnd(Objective objective, const Fit &fit, Eigen::Index index)
      : objective_(objective),
        fit_(fit),
        index_(index),
        options_(fit.newton),
        point_(fit.optimum.point) {
    options_.fixed.assign(static_cast<size_t>(point_.size()), false);
    for (size_t i = 0; i < options_.fixed.size(); ++i) {
      options_.fixed[i] = fit.optimum.bound[i] != 0;
    }
    options_.fixed[static_cast<size_t>(index)] = true;
  }

  // The end in direction `sign`, in the variable of Optimum::point; infinite if beyond the box.
  absl::StatusOr<double> Find(double sign, double wanted) {
    const double edge = sign < 0 ? fit_.box.lower[index_] : fit_.box.upper[index_];
    const double start = fit_.optimum.point[index_];
    const double error = std::sqrt(fit_.log_covariance(index_, index_));
    // The root of the loss is nearly a straight line: secants, kept within what brackets it.
    double inside = start, root_inside = 0;
    double outside = edge, root_outside = std::numeric_limits<double>::infinity();
    double next = start + sign * wanted * error;
    for (int i = 0; i < 60; ++i) {
      if (sign * (next - edge) >= 0) next = edge;
      PATRON_ASSIGN_OR_RETURN(const double root, RootOfLoss(next));
      if (std::abs(root - wanted) < 1e-8 * wanted) return next;
      if (root < wanted) {
        if (next == edge) return sign * std::numeric_limits<double>::infinity();
        inside = next;
        root_inside = root;
      } else {
        outside = next;
        root_outside = root;
      }
      if (std::abs(outside - inside) < 1e-13 * std::max(1.0, std::abs(inside))) return inside;
      if (!std::isfinite(root_outside)) {
        const double slope = root_inside / (inside - start);
        const double ahead = (wanted - root_inside) / slope;
        next = inside + sign * std::min(1.1 * std::abs(ahead), 2 * std::abs(inside - start));
      } else {
        const double share = (wanted - root_inside) / (root_outside - root_inside);
        const double guarded = i % 4 == 3 ? 0.5 : std::clamp(share, 0.01, 0.99);
        next = inside + guarded * (outside - inside);
      }
    }
    return inside;
  }

 private:
  // The signed root of twice the loss at a value of the parameter, from where the last fit ended.
  absl::StatusOr<double> RootOfLoss(double value) {
    point_[index_] = value;
    PATRON_ASSIGN_OR_RETURN(Optimum optimum, Maximize(objective_, point_, fit_.box, options_));
    if (!optimum.converged) {
      return absl::FailedPreconditionError(
          absl::StrCat("profile of ", fit_.names[static_cast<size_t>(index_)],
                       ": no convergence with it at ", FormatNumber(value)));
    }
    point_ = optimum.point;
    return std::sqrt(std::max(0.0, 2 * (fit_.optimum.at.value - optimum.at.value)));
  }

  Objective objective_;
  const Fit &fit_;
  Eigen::Index index_;
  NewtonOptions options_;
  Eigen::VectorXd point_;
};

}  // namespace detail

inline absl::StatusOr<Interval> WaldInterval(const Fit &fit, size_t index, double level,
                                             WaldScale scale) {
  PATRON_RETURN_IF_ERROR(detail::CheckInterval(fit, index, level));
  const auto i = static_cast<Eigen::Index>(index);
  const double z = NormalQuantile(0.5 + 0.5 * level);
  const double estimate = fit.estimates[index];
  const double error = fit.standard_errors[index];
  if (scale == WaldScale::kNatural || index >= fit.parameters || std::isnan(error)) {
    return Interval{estimate - z * error, estimate + z * error};
  }
  const double factor = std::exp(z * std::sqrt(fit.log_covariance(i, i)));
  return Interval{estimate / factor, estimate * factor};
}

inline absl::StatusOr<Interval> ProfileInterval(Objective objective, const Fit &fit, size_t index,
                                                double level) {
  PATRON_RETURN_IF_ERROR(detail::CheckInterval(fit, index, level));
  if (std::isnan(fit.standard_errors[index])) {
    return absl::FailedPreconditionError(
        absl::StrCat(fit.names[index], ": at the edge of its box; expected an interior estimate"));
  }
  const double wanted = NormalQuantile(0.5 + 0.5 * level);
  const auto i = static_cast<Eigen::Index>(index);
  PATRON_ASSIGN_OR_RETURN(const double lower,
                          detail::ProfileEnd(objective, fit, i).Find(-1, wanted));
  PATRON_ASSIGN_OR_RETURN(const double upper,
                          detail::ProfileEnd(objective, fit, i).Find(1, wanted));
  if (index >= fit.parameters) return Interval{lower, upper};
  return Interval{std::exp(lower), std::exp(upper)};
}

}  // namespace patron::clv

#endif  // PATRON_CLV_INTERVALS_HPP_
