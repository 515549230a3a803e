#include "patron/base/normal_probability.hpp"

#include <cmath>
#include <limits>
#include <numbers>

#include "gtest/gtest.h"

namespace patron {
namespace {

// In 64 bits of precision.
double Below(double z) {
  return static_cast<double>(
      0.5L * std::erfc(-static_cast<long double>(z) / std::numbers::sqrt2_v<long double>));
}

TEST(NormalProbabilityTest, ProbabilitiesAreThoseOfHigherPrecision) {
  const NormalProbability &probability = NormalProbability::Table();
  for (int i = -400'000; i <= 400'000; ++i) {
    const double z = i * 2.6e-5;
    ASSERT_NEAR(probability(z), Below(z), 4e-16) << z;
  }
  // Edges of cells, and of the table.
  for (int cell = -288; cell <= 288; ++cell) {
    for (const double z :
         {std::nextafter(cell / 32.0, -10), cell / 32.0, std::nextafter(cell / 32.0, 10)}) {
      ASSERT_NEAR(probability(z), Below(z), 4e-16) << z;
    }
  }
}

TEST(NormalProbabilityTest, TailsAreNotLost) {
  const NormalProbability &probability = NormalProbability::Table();
  for (double z = -30; z < -3; z += 0.01) {
    ASSERT_NEAR(probability(z) / Below(z), 1, 1e-10) << z;
  }
  EXPECT_EQ(probability(-std::numeric_limits<double>::infinity()), 0);
  EXPECT_EQ(probability(std::numeric_limits<double>::infinity()), 1);
  EXPECT_TRUE(std::isnan(probability(std::nan(""))));
}

}  // namespace
}  // namespace patron
