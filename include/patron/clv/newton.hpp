// Newton's method with a trust region, in a box: the maximiser of every likelihood of this module.
#ifndef PATRON_CLV_NEWTON_HPP_
#define PATRON_CLV_NEWTON_HPP_

#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/clv/evaluation.hpp"

namespace patron::clv {

// Log-likelihood, gradient and Hessian at a point; the caller may sum shards behind it.
using Objective = absl::FunctionRef<absl::StatusOr<Evaluation>(const Eigen::VectorXd &point)>;

// Where a point may lie.
struct Box {
  Eigen::VectorXd lower;
  Eigen::VectorXd upper;
};

// On the mean log-likelihood: all is independent of the number of customers.
struct NewtonOptions {
  double decrement = 1e-10;      // Stops where g'(-H)^-1 g falls below it, after one step more.
  double first_radius = 1;       // In units of `unit`.
  int iterations = 200;          // At most.
  Eigen::VectorXd unit = {};     // Typical size of a step of each variable; empty means 1.
  std::vector<bool> fixed = {};  // Variables that keep their start; empty means none.
};

// Where the search ended.
struct Optimum {
  Eigen::VectorXd point;
  Evaluation at;                // There: log-likelihood (not the mean), gradient and Hessian.
  bool converged = false;       // Newton decrement below the tolerance.
  bool concave = false;         // Minus the Hessian of the free variables is positive definite.
  double gradient = 0;          // Largest absolute entry, mean log-likelihood, free variables.
  double newton_decrement = 0;  // Mean log-likelihood; infinite where it is not concave.
  int iterations = 0;
  int evaluations = 0;
  std::vector<int8_t> bound;  // -1 at the lower, 1 at the upper bound and pushed against it, 2
                              // fixed, else 0.
};

// Maximises `objective` over `box`, from `start`, which is moved into the box.
//
// Each step maximises the quadratic model within a ball (Moré and Sorensen 1983), on the
// eigendecomposition of the Hessian, so that saddles and ridges are left uphill; variables whose
// bound is reached are held there while the gradient pushes outwards. Points where the objective
// is not finite are stepped back from.
//
// Errors: InvalidArgument if the objective is not finite at the start; those of the objective.
// A search that did not converge is not an error here: see Optimum. Cost: one evaluation and
// O(n^3) a step; 5 to 15 steps from moment estimates.
absl::StatusOr<Optimum> Maximize(Objective objective, const Eigen::VectorXd &start, const Box &box,
                                 const NewtonOptions &options = {});

namespace detail {

// Maximiser of g's + s'Hs/2 over the ball of `radius`.
inline Eigen::VectorXd BallStep(const Eigen::VectorXd &gradient, const Eigen::MatrixXd &hessian,
                                double radius) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(-hessian);
  const Eigen::VectorXd &curvature = eigen.eigenvalues();  // Of the function to be minimised.
  const Eigen::MatrixXd &axes = eigen.eigenvectors();
  const Eigen::VectorXd g = axes.transpose() * gradient;
  const Eigen::Index n = g.size();
  const auto step = [&](double shift) {
    Eigen::VectorXd s(n);
    for (Eigen::Index i = 0; i < n; ++i) {
      const double c = curvature[i] + shift;
      s[i] = c > 0 ? g[i] / c : 0;
    }
    return s;
  };
  const double lowest = curvature[0];
  const double scale = std::max(curvature.cwiseAbs().maxCoeff(), 1e-300);
  if (lowest > 1e-14 * scale) {
    const Eigen::VectorXd newton = step(0);
    if (newton.norm() <= radius) return axes * newton;
  }
  // The shift lies where the step has the length of the radius: its length falls with the shift.
  double low = std::max(0.0, -lowest);
  double high = low + g.norm() / radius + 1e-14 * scale;
  Eigen::VectorXd s = step(low + 1e-14 * scale);
  if (s.norm() < radius) {
    // Hard case: the gradient has nothing along the axis of least curvature, which leads uphill.
    double sign = g[0] < 0 ? -1 : 1;
    const double rest = radius * radius - s.squaredNorm() + s[0] * s[0];
    s[0] = lowest < 0 ? sign * std::sqrt(std::max(0.0, rest)) : s[0];
    return axes * s;
  }
  for (int i = 0; i < 200 && high - low > 1e-12 * high; ++i) {
    const double middle = i % 2 == 0 && low > 0 ? std::sqrt(low * high) : 0.5 * (low + high);
    s = step(middle);
    const double length = s.norm();
    if (std::abs(length - radius) < 1e-3 * radius) break;
    (length > radius ? low : high) = middle;
  }
  return axes * s;
}

// The mean log-likelihood near a point, in the variables that may move, each in its unit.
struct LocalModel {
  std::vector<Eigen::Index> moving;
  Eigen::VectorXd gradient;
  Eigen::MatrixXd hessian;
  Eigen::VectorXd curvature;  // Eigenvalues of minus the Hessian, ascending.
  double decrement = 0;       // g'(-H)^-1 g; infinite unless all curvatures are positive.

  bool concave() const { return moving.empty() || curvature[0] > Negligible(); }
  // No way up: no gradient, and no axis of which the quadratic model says that it leads uphill.
  bool flat() const {
    return !moving.empty() && gradient.cwiseAbs().maxCoeff() < 1e-10 &&
           curvature[0] > -Negligible();
  }
  double Negligible() const {
    return 1e-12 * std::max(std::abs(curvature[curvature.size() - 1]), 1e-290);
  }
};

inline LocalModel ModelAt(const Evaluation &at, std::vector<Eigen::Index> moving,
                          const Eigen::VectorXd &unit) {
  LocalModel model;
  const auto size = static_cast<Eigen::Index>(moving.size());
  model.gradient.resize(size);
  model.hessian.resize(size, size);
  for (Eigen::Index i = 0; i < size; ++i) {
    const Eigen::Index p = moving[static_cast<size_t>(i)];
    model.gradient[i] = at.gradient[p] / at.weight * unit[p];
    for (Eigen::Index j = 0; j < size; ++j) {
      const Eigen::Index q = moving[static_cast<size_t>(j)];
      model.hessian(i, j) = at.hessian(p, q) / at.weight * unit[p] * unit[q];
    }
  }
  model.moving = std::move(moving);
  if (size == 0) return model;
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(-model.hessian);
  model.curvature = eigen.eigenvalues();
  const Eigen::VectorXd along = eigen.eigenvectors().transpose() * model.gradient;
  model.decrement = model.concave() ? along.cwiseAbs2().cwiseQuotient(model.curvature).sum()
                                    : std::numeric_limits<double>::infinity();
  return model;
}

// Step of the local model within the ball, its variables stopped where `room` below or above
// ends; the others then make the best of what is left.
inline Eigen::VectorXd BoxedStep(const LocalModel &model, const Eigen::VectorXd &lowest,
                                 const Eigen::VectorXd &highest, double radius) {
  Eigen::VectorXd step = Eigen::VectorXd::Zero(model.gradient.size());
  std::vector<Eigen::Index> open(static_cast<size_t>(step.size()));
  std::iota(open.begin(), open.end(), Eigen::Index{0});
  while (!open.empty()) {
    const Eigen::VectorXd pulled = model.gradient + model.hessian * step;
    const Eigen::VectorXd part = BallStep(pulled(open), model.hessian(open, open), radius);
    std::vector<Eigen::Index> inside;
    for (size_t i = 0; i < open.size(); ++i) {
      const Eigen::Index p = open[i];
      const double to = part[static_cast<Eigen::Index>(i)];
      if (to < lowest[p] || to > highest[p]) {
        step[p] = to < lowest[p] ? lowest[p] : highest[p];
      } else {
        inside.push_back(p);
      }
    }
    if (inside.size() == open.size()) {
      step(open) = part;
      break;
    }
    open = std::move(inside);
  }
  return step;
}

// Tells which variables may move at the point, and marks what holds the others.
inline std::vector<Eigen::Index> MovingVariables(const Box &box, const std::vector<bool> &fixed,
                                                 Optimum &at) {
  std::vector<Eigen::Index> moving;
  at.bound.assign(static_cast<size_t>(at.point.size()), 0);
  for (Eigen::Index i = 0; i < at.point.size(); ++i) {
    int8_t &side = at.bound[static_cast<size_t>(i)];
    if (!fixed.empty() && fixed[static_cast<size_t>(i)]) {
      side = 2;
    } else if (at.point[i] <= box.lower[i] && at.at.gradient[i] <= 0) {
      side = -1;
    } else if (at.point[i] >= box.upper[i] && at.at.gradient[i] >= 0) {
      side = 1;
    } else {
      moving.push_back(i);
    }
  }
  return moving;
}

}  // namespace detail

inline absl::StatusOr<Optimum> Maximize(Objective objective, const Eigen::VectorXd &start,
                                        const Box &box, const NewtonOptions &options) {
  const Eigen::Index n = start.size();
  const Eigen::VectorXd unit = options.unit.size() == n ? options.unit : Eigen::VectorXd::Ones(n);
  Optimum best;
  best.point = start.cwiseMax(box.lower).cwiseMin(box.upper);
  PATRON_ASSIGN_OR_RETURN(best.at, objective(best.point));
  best.evaluations = 1;
  if (!best.at.IsFinite() || !(best.at.weight > 0)) {
    return absl::InvalidArgumentError(
        absl::StrCat("start: log-likelihood ", FormatNumber(best.at.value), " over weight ",
                     FormatNumber(best.at.weight),
                     "; expected a finite one, with finite derivatives, over some weight"));
  }
  double radius = options.first_radius;
  for (bool last = false;; ++best.iterations) {
    const detail::LocalModel model =
        detail::ModelAt(best.at, detail::MovingVariables(box, options.fixed, best), unit);
    const std::vector<Eigen::Index> &moving = model.moving;
    best.concave = model.concave();
    best.newton_decrement = model.decrement;
    best.converged = best.newton_decrement < options.decrement;
    best.gradient = 0;
    for (const Eigen::Index p : moving) {
      best.gradient = std::max(best.gradient, std::abs(best.at.gradient[p]) / best.at.weight);
    }
    if (last || moving.empty() || model.flat() || best.iterations >= options.iterations) break;
    if (!best.converged && radius < 1e-12) break;
    last = best.converged;

    const Eigen::VectorXd here = best.point(moving);
    const Eigen::VectorXd units = unit(moving);
    const Eigen::VectorXd lowest = (box.lower(moving) - here).cwiseQuotient(units);
    const Eigen::VectorXd highest = (box.upper(moving) - here).cwiseQuotient(units);
    const Eigen::VectorXd step = detail::BoxedStep(model, lowest, highest, radius);
    Eigen::VectorXd point = best.point;
    point(moving) += step.cwiseProduct(units);
    point = point.cwiseMax(box.lower).cwiseMin(box.upper);
    if (point == best.point) break;
    PATRON_ASSIGN_OR_RETURN(Evaluation there, objective(point));
    ++best.evaluations;

    // A change below the rounding of the objective tells nothing: the model is trusted then.
    const double expected = model.gradient.dot(step) + 0.5 * step.dot(model.hessian * step);
    const double gained = (there.value - best.at.value) / best.at.weight;
    const double noise = 1e-14 * std::max(1.0, std::abs(best.at.value / best.at.weight));
    const double ratio = !there.IsFinite()            ? -1
                         : std::abs(expected) > noise ? gained / expected
                         : gained > -noise            ? 1
                                                      : -1;
    const double length = step.norm();
    if (ratio < 0.25) {
      radius = 0.25 * std::min(radius, length);
    } else if (ratio > 0.75 && length > 0.9 * radius) {
      radius = std::min(2 * radius, 100.0);
    }
    if (ratio > 1e-4) {
      best.point = std::move(point);
      best.at = std::move(there);
    }
  }
  return best;
}

}  // namespace patron::clv

#endif  // PATRON_CLV_NEWTON_HPP_
