// From satisfaction to loyalty: straight, bent, curved or merely rising.
#ifndef PATRON_LOYALTY_SATISFACTION_CURVE_HPP_
#define PATRON_LOYALTY_SATISFACTION_CURVE_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/normal.hpp"
#include "patron/base/sort.hpp"
#include "patron/base/status.hpp"
#include "patron/clv/distributions.hpp"

namespace patron::loyalty {

// One term of a fitted curve.
struct CurveTerm {
  std::string_view model;  // "linear", "quadratic" or "hinge".
  std::string_view term;   // "intercept", "slope", "square", "slope below", "slope above", "bend".
  double estimate;
  double std_err;
  double lower, upper;
};

// Customers of one satisfaction: the table of boxes, and what the curves say there.
struct CurveLevel {
  double satisfaction;
  int64_t rows;
  double loyalty;  // Mean by weight.
  double lower,
      upper;  // Wilson's interval (1927) where loyalty is 0 or 1 throughout, else that of a
              // mean; NaN for a single row of other loyalties.
  double linear, quadratic, hinge, isotonic;
  double quadratic_slope;  // There, with its error and interval.
  double quadratic_slope_error;
  double quadratic_slope_lower, quadratic_slope_upper;
};

struct SatisfactionCurve {
  std::vector<CurveTerm> terms;
  std::vector<CurveLevel> levels;  // Ascending.
  double knot = 0;                 // Where the hinge bends: the level of least squares.
  // Shares of the variance of loyalty that the curves explain.
  double linear_share = 0, quadratic_share = 0, hinge_share = 0, isotonic_share = 0;
};

// Fits the curves by least squares. Intervals are normal ones at `level`; those of the hinge take its
// knot as given. Isotonic is the rising curve by pooled adjacent violators (Ayer and others 1955).
// `weights` are above 0; empty means 1.
//
// Errors: InvalidArgument for columns of unequal length, numbers that are not finite, weights not above
// 0, a level outside (0, 1); FailedPrecondition for fewer than 3 levels of satisfaction, fewer than 5
// rows, or loyalty that is the same for all. Cost: O(n), and a sort.
absl::StatusOr<SatisfactionCurve> FitSatisfactionCurve(std::span<const double> satisfaction,
                                                       std::span<const double> loyalty,
                                                       std::span<const double> weights = {},
                                                       double level = 0.95);

namespace detail::curve {

// What least squares need of one level.
struct Sums {
  double x, weight, mean, within;  // Sum of weighted squares about the mean of the level.
  int64_t rows;
};

struct LeastSquares {
  Eigen::VectorXd estimate;
  Eigen::MatrixXd covariance;
  double rest = 0;  // Sum of squares not explained.
};

// Regresses the means of levels on columns that `basis(x)` fills.
template <typename Basis>
LeastSquares Regress(std::span<const Sums> levels, int columns, double rows, Basis basis) {
  Eigen::MatrixXd products = Eigen::MatrixXd::Zero(columns, columns);
  Eigen::VectorXd with = Eigen::VectorXd::Zero(columns), row(columns);
  for (const Sums &level : levels) {
    basis(level.x, row);
    products += level.weight * row * row.transpose();
    with += level.weight * level.mean * row;
  }
  LeastSquares result;
  const Eigen::LDLT<Eigen::MatrixXd> solver(products);
  result.estimate = solver.solve(with);
  for (const Sums &level : levels) {
    basis(level.x, row);
    const double miss = level.mean - row.dot(result.estimate);
    result.rest += level.within + level.weight * miss * miss;
  }
  const double variance = result.rest / (rows - columns);
  result.covariance = variance * solver.solve(Eigen::MatrixXd::Identity(columns, columns));
  return result;
}

// Pools adjacent violators: the fitted value of each level.
inline std::vector<double> Isotonic(std::span<const Sums> levels) {
  struct Pool {
    double weight, mean;
    size_t count;
  };
  std::vector<Pool> pools;
  for (const Sums &level : levels) {
    pools.push_back({level.weight, level.mean, 1});
    while (pools.size() > 1 && pools[pools.size() - 2].mean >= pools.back().mean) {
      const Pool last = pools.back();
      pools.pop_back();
      Pool &into = pools.back();
      into.mean = (into.weight * into.mean + last.weight * last.mean) / (into.weight + last.weight);
      into.weight += last.weight;
      into.count += last.count;
    }
  }
  std::vector<double> fitted;
  for (const Pool &pool : pools) fitted.insert(fitted.end(), pool.count, pool.mean);
  return fitted;
}

inline absl::Status Check(std::span<const double> satisfaction, std::span<const double> loyalty,
                          std::span<const double> weights, double level) {
  if (!(level > 0 && level < 1)) {
    return InvalidOption("level", FormatNumber(level), "a number between 0 and 1");
  }
  const size_t n = satisfaction.size();
  if (loyalty.size() != n || (!weights.empty() && weights.size() != n)) {
    return InvalidOption("loyalty", absl::StrCat(loyalty.size(), " rows"),
                         absl::StrCat(n, " as in satisfaction"));
  }
  PATRON_RETURN_IF_ERROR(CheckFinite("satisfaction", satisfaction));
  PATRON_RETURN_IF_ERROR(CheckFinite("loyalty", loyalty));
  for (size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] > 0 && std::isfinite(weights[i])) continue;
    return InvalidRow("weight", i, FormatNumber(weights[i]), "a finite number above 0");
  }
  if (n < 5) {
    return absl::FailedPreconditionError(
        absl::StrCat("satisfaction: ", n, " rows; expected at least 5"));
  }
  return absl::OkStatus();
}

}  // namespace detail::curve

inline absl::StatusOr<SatisfactionCurve> FitSatisfactionCurve(std::span<const double> satisfaction,
                                                              std::span<const double> loyalty,
                                                              std::span<const double> weights,
                                                              double level) {
  namespace curve = detail::curve;
  PATRON_RETURN_IF_ERROR(curve::Check(satisfaction, loyalty, weights, level));
  const auto n = static_cast<double>(satisfaction.size());
  const double z = patron::NormalQuantile(0.5 + 0.5 * level);
  double total = 0;
  for (size_t i = 0; i < satisfaction.size(); ++i) total += weights.empty() ? 1 : weights[i];
  // Weights with a mean of 1, and the levels in order.
  const auto weight_of = [&](size_t i) { return (weights.empty() ? 1 : weights[i]) * n / total; };
  const std::vector<uint32_t> rows = SortedRows(satisfaction);
  std::vector<curve::Sums> levels;
  bool binary = true;
  for (size_t i = 0; i < rows.size();) {
    size_t end = i;
    curve::Sums sums{satisfaction[rows[i]], 0, 0, 0, 0};
    double weighted = 0;
    for (; end < rows.size() && satisfaction[rows[end]] == sums.x; ++end) {
      sums.weight += weight_of(rows[end]);
      weighted += weight_of(rows[end]) * loyalty[rows[end]];
      binary = binary && (loyalty[rows[end]] == 0 || loyalty[rows[end]] == 1);
    }
    sums.mean = weighted / sums.weight;
    sums.rows = static_cast<int64_t>(end - i);
    for (; i < end; ++i) {
      const double miss = loyalty[rows[i]] - sums.mean;
      sums.within += weight_of(rows[i]) * miss * miss;
    }
    levels.push_back(sums);
  }
  if (levels.size() < 3) {
    return absl::FailedPreconditionError(
        absl::StrCat("satisfaction: ", levels.size(), " different values; expected at least 3"));
  }
  double mean = 0, all = 0;
  for (const curve::Sums &sums : levels) mean += sums.weight * sums.mean / n;
  for (const curve::Sums &sums : levels) {
    all += sums.within + sums.weight * (sums.mean - mean) * (sums.mean - mean);
  }
  if (!(all > 0)) {
    return absl::FailedPreconditionError(
        absl::StrCat("loyalty: ", FormatNumber(mean), " in all rows; expected values that differ"));
  }

  // In units about the middle, where squares and products stay apart.
  const double middle = (levels.front().x + levels.back().x) / 2;
  const double unit = (levels.back().x - levels.front().x) / 2;
  const auto line = [&](double x, Eigen::VectorXd &row) { row << 1, (x - middle) / unit; };
  const auto square = [&](double x, Eigen::VectorXd &row) {
    const double v = (x - middle) / unit;
    row << 1, v, v * v;
  };
  const curve::LeastSquares linear = curve::Regress(levels, 2, n, line);
  const curve::LeastSquares quadratic = curve::Regress(levels, 3, n, square);
  SatisfactionCurve result;
  curve::LeastSquares hinge;
  for (size_t k = 1; k + 1 < levels.size(); ++k) {
    const double knot = levels[k].x;
    // Slopes below and above the knot, and the value there.
    const auto bent = [&](double x, Eigen::VectorXd &row) {
      row << 1, std::min(0.0, (x - knot) / unit), std::max(0.0, (x - knot) / unit);
    };
    curve::LeastSquares found = curve::Regress(levels, 3, n, bent);
    if (k > 1 && found.rest >= hinge.rest) continue;
    hinge = std::move(found);
    result.knot = knot;
  }
  const std::vector<double> isotonic = curve::Isotonic(levels);
  double isotonic_rest = 0;
  for (size_t k = 0; k < levels.size(); ++k) {
    const curve::Sums &sums = levels[k];
    const double miss = sums.mean - isotonic[k];
    isotonic_rest += sums.within + sums.weight * miss * miss;
  }
  result.linear_share = 1 - linear.rest / all;
  result.quadratic_share = 1 - quadratic.rest / all;
  result.hinge_share = 1 - hinge.rest / all;
  result.isotonic_share = 1 - isotonic_rest / all;

  // Terms in the units of the caller: each is a combination of the fitted ones.
  const auto add = [&](std::string_view model, std::string_view term,
                       const curve::LeastSquares &fit, const Eigen::VectorXd &combination) {
    const double estimate = combination.dot(fit.estimate);
    const double error = std::sqrt(combination.dot(fit.covariance * combination));
    result.terms.push_back(
        {model, term, estimate, error, estimate - z * error, estimate + z * error});
  };
  const auto vector = [](std::initializer_list<double> values) {
    Eigen::VectorXd v(static_cast<Eigen::Index>(values.size()));
    std::ranges::copy(values, v.begin());
    return v;
  };
  const double m = middle / unit;
  add("linear", "intercept", linear, vector({1, -m}));
  add("linear", "slope", linear, vector({0, 1 / unit}));
  add("quadratic", "intercept", quadratic, vector({1, -m, m * m}));
  add("quadratic", "slope", quadratic, vector({0, 1 / unit, -2 * m / unit}));
  add("quadratic", "square", quadratic, vector({0, 0, 1 / (unit * unit)}));
  add("hinge", "slope below", hinge, vector({0, 1 / unit, 0}));
  add("hinge", "slope above", hinge, vector({0, 0, 1 / unit}));
  add("hinge", "bend", hinge, vector({0, -1 / unit, 1 / unit}));

  for (size_t k = 0; k < levels.size(); ++k) {
    const curve::Sums &sums = levels[k];
    CurveLevel box{};
    box.satisfaction = sums.x;
    box.rows = sums.rows;
    box.loyalty = sums.mean;
    const auto count = static_cast<double>(sums.rows);
    if (binary) {
      const double share = sums.mean, z2 = z * z;
      const double centre = (share + z2 / (2 * count)) / (1 + z2 / count);
      const double half =
          z / (1 + z2 / count) * std::sqrt(share * (1 - share) / count + z2 / (4 * count * count));
      box.lower = std::max(0.0, centre - half);
      box.upper = std::min(1.0, centre + half);
    } else {
      const double error = sums.rows > 1 ? std::sqrt(sums.within / sums.weight / (count - 1))
                                         : std::numeric_limits<double>::quiet_NaN();
      box.lower = sums.mean - z * error;
      box.upper = sums.mean + z * error;
    }
    const double v = (sums.x - middle) / unit, b = (sums.x - result.knot) / unit;
    box.linear = linear.estimate[0] + linear.estimate[1] * v;
    box.quadratic = quadratic.estimate[0] + (quadratic.estimate[1] + quadratic.estimate[2] * v) * v;
    box.hinge = hinge.estimate[0] + (b < 0 ? hinge.estimate[1] : hinge.estimate[2]) * b;
    box.isotonic = isotonic[k];
    const Eigen::VectorXd slope = vector({0, 1 / unit, 2 * v / unit});
    box.quadratic_slope = slope.dot(quadratic.estimate);
    box.quadratic_slope_error = std::sqrt(slope.dot(quadratic.covariance * slope));
    box.quadratic_slope_lower = box.quadratic_slope - z * box.quadratic_slope_error;
    box.quadratic_slope_upper = box.quadratic_slope + z * box.quadratic_slope_error;
    result.levels.push_back(box);
  }
  return result;
}

}  // namespace patron::loyalty

#endif  // PATRON_LOYALTY_SATISFACTION_CURVE_HPP_
