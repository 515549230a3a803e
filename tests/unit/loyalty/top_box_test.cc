// Top boxes by hand.
#include "patron/loyalty/top_box.hpp"

#include <cmath>
#include <vector>

#include "gtest/gtest.h"

namespace patron::loyalty {
namespace {

// `each` customers of every level from 1 to `levels`.
std::vector<double> Scale(int levels, int each) {
  std::vector<double> satisfaction;
  for (int i = 0; i < each; ++i) {
    for (int level = 1; level <= levels; ++level) satisfaction.push_back(level);
  }
  return satisfaction;
}

TEST(TopBoxTest, BoxesOfSurveys) {
  const struct {
    int levels;
    double least;
  } cases[] = {{2, 2}, {3, 3},  {4, 3},  {5, 4},   {7, 6},
               {8, 6}, {10, 8}, {11, 9}, {12, 10}, {40, 31}};
  for (const auto &[levels, least] : cases) {
    const std::vector<double> x = Scale(levels, 5);
    const auto boxes = CountTopBoxes(x, x);
    ASSERT_TRUE(boxes.ok()) << boxes.status();
    EXPECT_EQ(boxes->top.least, least) << levels;
    EXPECT_EQ(boxes->rest.least, 1);
    EXPECT_EQ(boxes->top.rows, static_cast<int64_t>(5 * (levels - least + 1)));
    EXPECT_NEAR(boxes->top.share, (levels - least + 1) / levels, 1e-15);
  }
}

// Half of 20 in the top box, and 8 of 20 in the rest: the limits are roots of the score test.
TEST(TopBoxTest, SharesAndTheirDifference) {
  std::vector<double> x, y;
  for (int i = 0; i < 40; ++i) {
    x.push_back(i < 20 ? 5 : 2);
    y.push_back((i < 20 ? i < 10 : i < 28) ? 1 : 0);
  }
  const auto boxes = CountTopBoxes(x, y, {}, 5, 0.9);
  ASSERT_TRUE(boxes.ok()) << boxes.status();
  const double z = 1.6448536269514722;
  const auto holds = [&](double limit, double share) {
    EXPECT_NEAR((share - limit) * (share - limit), z * z * limit * (1 - limit) / 20, 1e-12);
  };
  holds(boxes->top.loyalty_in.lower, 0.5);
  holds(boxes->top.loyalty_in.upper, 0.5);
  holds(boxes->rest.loyalty_in.lower, 0.4);
  holds(boxes->rest.loyalty_in.upper, 0.4);
  EXPECT_NEAR(boxes->difference, 0.1, 1e-15);
  const double down = std::sqrt(std::pow(0.5 - boxes->top.loyalty_in.lower, 2) +
                                std::pow(boxes->rest.loyalty_in.upper - 0.4, 2));
  EXPECT_NEAR(boxes->difference_in.lower, 0.1 - down, 1e-12);
}

TEST(TopBoxTest, MeansAndWeightsByHand) {
  const std::vector<double> x = {1, 1, 2, 3, 3}, y = {1, 3, 4, 6, 10}, w = {1, 1, 2, 1, 3};
  const auto plain = CountTopBoxes(x, y);
  ASSERT_TRUE(plain.ok()) << plain.status();
  // Top: 6 and 10, variance 8, error 2. Rest: 1, 3, 4, mean 8/3, variance 7/3.
  const double z = 1.959963984540054;
  EXPECT_NEAR(plain->top.loyalty_in.upper, 8 + z * 2, 1e-12);
  EXPECT_NEAR(plain->rest.loyalty_in.lower, 8.0 / 3 - z * std::sqrt(7.0 / 9), 1e-12);
  EXPECT_NEAR(plain->difference_in.upper - plain->difference, z * std::sqrt(4 + 7.0 / 9), 1e-12);
  const auto weighed = CountTopBoxes(x, y, w);
  ASSERT_TRUE(weighed.ok()) << weighed.status();
  EXPECT_NEAR(weighed->top.loyalty, 9, 1e-15);
  EXPECT_NEAR(weighed->top.share, 0.5, 1e-15);
  // 64 / 16 customers that weigh the same.
  EXPECT_NEAR(weighed->top.share_in.upper + weighed->top.share_in.lower, 1, 1e-15);
  EXPECT_NEAR(weighed->top.share_in.upper, 0.5 + z / 2 / std::sqrt(4 + z * z), 1e-12);
}

TEST(TopBoxTest, BadInputIsNamed) {
  const std::vector<double> x = {1, 2, 3, 4, 5}, same(5, 4);
  const auto message = [](const auto &result) { return result.status().message(); };
  EXPECT_EQ(message(CountTopBoxes(x, x, {}, 1)),
            "top: 1; expected a number above 1, up to 5: a box on either side");
  EXPECT_EQ(message(CountTopBoxes(x, x, {}, std::nan(""))),
            "top: nan; expected a number above 1, up to 5: a box on either side");
  EXPECT_EQ(message(CountTopBoxes(same, x)),
            "satisfaction: 4 in all rows; expected at least 2 values");
  EXPECT_EQ(message(CountTopBoxes(x, x, same, {}, 1)),
            "level: 1; expected a number between 0 and 1");
}

}  // namespace
}  // namespace patron::loyalty
