// The optimiser on functions whose maxima are known.
#include "patron/clv/newton.hpp"

#include <cmath>
#include <limits>

#include "gtest/gtest.h"

namespace patron::clv {
namespace {

Box Wide(Eigen::Index n, double half = 15) {
  return {Eigen::VectorXd::Constant(n, -half), Eigen::VectorXd::Constant(n, half)};
}

// Minus Rosenbrock's valley: the maximum 0 at (1, 1).
absl::StatusOr<Evaluation> Valley(const Eigen::VectorXd &p) {
  const double x = p[0], y = p[1], gap = y - x * x;
  Evaluation at(2);
  at.weight = 1;
  at.value = -(1 - x) * (1 - x) - 100 * gap * gap;
  at.gradient << 2 * (1 - x) + 400 * x * gap, -200 * gap;
  at.hessian << -2 + 400 * gap - 800 * x * x, 400 * x, 400 * x, -200;
  return at;
}

TEST(NewtonTest, FollowsTheCurvedValley) {
  const auto optimum = Maximize(Valley, Eigen::Vector2d(-1.2, 1), Wide(2));
  ASSERT_TRUE(optimum.ok());
  EXPECT_TRUE(optimum->converged);
  EXPECT_TRUE(optimum->concave);
  EXPECT_NEAR(optimum->point[0], 1, 1e-9);
  EXPECT_NEAR(optimum->point[1], 1, 1e-9);
  EXPECT_LT(optimum->gradient, 1e-8);
  EXPECT_LT(optimum->iterations, 60);
}

// On the edge x = -0.5 the best y is x^2.
TEST(NewtonTest, StopsAtTheEdgeOfTheBox) {
  Box box = Wide(2);
  box.upper[0] = -0.5;
  const auto optimum = Maximize(Valley, Eigen::Vector2d(-1.2, 1), box);
  ASSERT_TRUE(optimum.ok());
  EXPECT_TRUE(optimum->converged);
  EXPECT_EQ(optimum->point[0], -0.5);
  EXPECT_NEAR(optimum->point[1], 0.25, 1e-9);
  EXPECT_EQ(optimum->bound, (std::vector<int8_t>{1, 0}));
}

TEST(NewtonTest, HoldsFixedVariables) {
  NewtonOptions options;
  options.fixed = {false, true};
  const auto optimum = Maximize(Valley, Eigen::Vector2d(-1.2, 4), Wide(2), options);
  ASSERT_TRUE(optimum.ok());
  EXPECT_TRUE(optimum->converged);
  EXPECT_EQ(optimum->point[1], 4);
  EXPECT_EQ(optimum->bound[1], 2);
  // d/dx: 2 (1 - x) + 400 x (4 - x^2) = 0 has its local maxima of the function near x = +-2.
  const double x = optimum->point[0];
  EXPECT_NEAR(2 * (1 - x) + 400 * x * (4 - x * x), 0, 1e-7);
  EXPECT_NEAR(std::abs(x), 2, 1e-2);
}

// -x^4/4 + x^2/2 - y^2: a saddle at the origin, where the gradient says nothing; maxima at x = +-1.
TEST(NewtonTest, LeavesASaddle) {
  const auto saddle = [](const Eigen::VectorXd &p) -> absl::StatusOr<Evaluation> {
    const double x = p[0], y = p[1];
    Evaluation at(2);
    at.weight = 1;
    at.value = -x * x * x * x / 4 + x * x / 2 - y * y;
    at.gradient << -x * x * x + x, -2 * y;
    at.hessian << -3 * x * x + 1, 0, 0, -2;
    return at;
  };
  const auto optimum = Maximize(saddle, Eigen::Vector2d(0, 0), Wide(2));
  ASSERT_TRUE(optimum.ok());
  EXPECT_TRUE(optimum->converged);
  EXPECT_NEAR(std::abs(optimum->point[0]), 1, 1e-9);
}

// x ln x - x is defined for x > 0 only: -(x ln x - x) has its maximum 1 at x = 1.
TEST(NewtonTest, StepsBackFromWhereTheObjectiveIsNotDefined) {
  const auto entropy = [](const Eigen::VectorXd &p) -> absl::StatusOr<Evaluation> {
    Evaluation at(1);
    at.weight = 1;
    at.value = p[0] - p[0] * std::log(p[0]);
    at.gradient << -std::log(p[0]);
    at.hessian << -1 / p[0];
    return at;
  };
  const auto optimum = Maximize(entropy, Eigen::VectorXd::Constant(1, 7), Wide(1));
  ASSERT_TRUE(optimum.ok());
  EXPECT_NEAR(optimum->point[0], 1, 1e-9);
  const auto nowhere = Maximize(entropy, Eigen::VectorXd::Constant(1, -2), Wide(1));
  EXPECT_EQ(nowhere.status().code(), absl::StatusCode::kInvalidArgument);
}

// -(x - y)^2 has no single maximum: nothing is claimed.
TEST(NewtonTest, ARidgeIsNotConcave) {
  const auto ridge = [](const Eigen::VectorXd &p) -> absl::StatusOr<Evaluation> {
    const double gap = p[0] - p[1];
    Evaluation at(2);
    at.weight = 1;
    at.value = -gap * gap;
    at.gradient << -2 * gap, 2 * gap;
    at.hessian << -2, 2, 2, -2;
    return at;
  };
  const auto optimum = Maximize(ridge, Eigen::Vector2d(3, 0.1), Wide(2));
  ASSERT_TRUE(optimum.ok());
  EXPECT_FALSE(optimum->concave);
  EXPECT_FALSE(optimum->converged);
  EXPECT_NEAR(optimum->point[0], optimum->point[1], 1e-9);
}

TEST(NewtonTest, PassesErrorsOfTheObjectiveOn) {
  const auto stopped = [](const Eigen::VectorXd &) -> absl::StatusOr<Evaluation> {
    return absl::CancelledError("stopped by the caller");
  };
  EXPECT_EQ(Maximize(stopped, Eigen::Vector2d(0, 0), Wide(2)).status().code(),
            absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace patron::clv
