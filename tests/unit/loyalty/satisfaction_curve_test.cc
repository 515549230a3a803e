// From satisfaction to loyalty: curves of points that lie on them, and fits by hand.
#include "patron/loyalty/satisfaction_curve.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "gtest/gtest.h"

namespace patron::loyalty {
namespace {

const CurveTerm &Term(const SatisfactionCurve &curve, std::string_view model,
                      std::string_view term) {
  return *std::ranges::find_if(
      curve.terms, [&](const CurveTerm &t) { return t.model == model && t.term == term; });
}

TEST(SatisfactionCurveTest, PointsOnACurveAreFound) {
  const std::vector<double> x = {1, 2, 3, 4, 5, 6};
  std::vector<double> parabola, bent;
  for (const double v : x) {
    parabola.push_back(2 - v + 0.5 * v * v);
    bent.push_back(v < 4 ? 0.1 * v : 0.4 + 2 * (v - 4));
  }
  const auto curved = FitSatisfactionCurve(x, parabola);
  ASSERT_TRUE(curved.ok()) << curved.status();
  EXPECT_NEAR(Term(*curved, "quadratic", "intercept").estimate, 2, 1e-11);
  EXPECT_NEAR(Term(*curved, "quadratic", "slope").estimate, -1, 1e-11);
  EXPECT_NEAR(Term(*curved, "quadratic", "square").estimate, 0.5, 1e-12);
  EXPECT_NEAR(curved->levels[3].quadratic_slope, -1 + 4, 1e-11);
  EXPECT_NEAR(curved->quadratic_share, 1, 1e-12);
  const auto hinge = FitSatisfactionCurve(x, bent);
  EXPECT_EQ(hinge->knot, 4);
  EXPECT_NEAR(Term(*hinge, "hinge", "slope below").estimate, 0.1, 1e-12);
  EXPECT_NEAR(Term(*hinge, "hinge", "slope above").estimate, 2, 1e-12);
  EXPECT_NEAR(Term(*hinge, "hinge", "bend").estimate, 1.9, 1e-12);
}

TEST(SatisfactionCurveTest, LineByHand) {
  const std::vector<double> x = {1, 2, 3, 4, 5}, y = {1, 3, 2, 5, 4};
  const auto curve = FitSatisfactionCurve(x, y);
  ASSERT_TRUE(curve.ok());
  // Sxy 8, Sxx 10, Syy 10: slope .8, rest 3.6 on 3 degrees.
  const CurveTerm &slope = Term(*curve, "linear", "slope");
  EXPECT_NEAR(slope.estimate, 0.8, 1e-12);
  EXPECT_NEAR(slope.std_err, std::sqrt(3.6 / 3 / 10), 1e-12);
  EXPECT_NEAR(Term(*curve, "linear", "intercept").estimate, 0.6, 1e-12);
  EXPECT_NEAR(curve->linear_share, 0.64, 1e-12);
  // Pools: 1; 3 and 2; 5 and 4.
  const double rising[] = {1, 2.5, 2.5, 4.5, 4.5};
  for (size_t i = 0; i < 5; ++i) EXPECT_DOUBLE_EQ(curve->levels[i].isotonic, rising[i]);
  EXPECT_TRUE(std::isnan(curve->levels[0].lower));
}

TEST(SatisfactionCurveTest, BoxesOfYesAndNoHaveWilsonsInterval) {
  std::vector<double> x, y;
  for (int box = 1; box <= 3; ++box) {
    for (int i = 0; i < 20; ++i) {
      x.push_back(box);
      y.push_back(i < 5 * box ? 1 : 0);
    }
  }
  const auto curve = FitSatisfactionCurve(x, y);
  ASSERT_TRUE(curve.ok());
  EXPECT_EQ(curve->levels[2].rows, 20);
  EXPECT_DOUBLE_EQ(curve->levels[2].loyalty, 0.75);
  EXPECT_NEAR(curve->levels[2].lower, 0.5313, 5e-5);
  EXPECT_NEAR(curve->levels[2].upper, 0.8881, 5e-5);
}

TEST(SatisfactionCurveTest, WeightsOfWholeNumbersMoveTheLineAsRowsDo) {
  const std::vector<double> x = {1, 2, 3, 4, 5}, y = {1, 3, 2, 5, 4}, w = {2, 1, 1, 1, 1};
  const std::vector<double> more_x = {1, 1, 2, 3, 4, 5}, more_y = {1, 1, 3, 2, 5, 4};
  EXPECT_NEAR(Term(*FitSatisfactionCurve(x, y, w), "linear", "slope").estimate,
              Term(*FitSatisfactionCurve(more_x, more_y), "linear", "slope").estimate, 1e-12);
}

TEST(SatisfactionCurveTest, RefusesWhatSaysNothing) {
  const std::vector<double> x = {1, 1, 2, 2, 2}, y = {1, 2, 3, 4, 5}, same(5, 3.0);
  EXPECT_EQ(FitSatisfactionCurve(x, y).status().message(),
            "satisfaction: 2 different values; expected at least 3");
  EXPECT_EQ(FitSatisfactionCurve(y, same).status().message(),
            "loyalty: 3 in all rows; expected values that differ");
}

}  // namespace
}  // namespace patron::loyalty
