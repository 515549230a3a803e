#include "patron/value/markov.hpp"

#include <array>
#include <cmath>
#include <vector>

#include "gtest/gtest.h"

namespace patron::value {
namespace {

// Pfeifer and Carraway (2000): states are the periods since the last purchase, 1 to 4, and gone.
std::vector<double> RecencyChain(std::array<double, 4> p) {
  std::vector<double> chain(25);
  for (size_t i = 0; i < 4; ++i) {
    chain[i * 5] = p[i];
    chain[i * 5 + i + 1] = 1 - p[i];
  }
  chain[24] = 1;
  return chain;
}

TEST(MarkovTest, LifetimeValueOfPfeiferAndCarraway) {
  const auto chain = RecencyChain({.3, .2, .15, .05});
  const std::vector<double> rewards = {36, -4, -4, -4, 0};
  const auto four = MarkovLifetimeValue(chain, rewards, .2, 4);
  ASSERT_TRUE(four.ok());
  const std::vector<double> expected_four = {50.114969, 4.219907, 0.592110, -1.980131, 0};
  const auto endless = MarkovLifetimeValue(chain, rewards, .2, kWithoutEnd);
  ASSERT_TRUE(endless.ok());
  const std::vector<double> expected_endless = {52.319609, 5.553784, 1.250773, -1.820016, 0};
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_NEAR((*four)[i], expected_four[i], 5e-7);
    EXPECT_NEAR((*endless)[i], expected_endless[i], 5e-7);
  }
}

TEST(MarkovTest, DroppingTheCustomersOfTheLastRecencyRaisesTheValue) {
  // Three recencies, then gone.
  const std::vector<double> chain = {.3, .7, 0, 0, .2, 0, .8, 0, .15, 0, 0, .85, 0, 0, 0, 1};
  const auto value =
      MarkovLifetimeValue(chain, std::vector<double>{36, -4, -4, 0}, .2, kWithoutEnd);
  ASSERT_TRUE(value.ok());
  EXPECT_NEAR((*value)[0], 53.149425, 5e-7);
  EXPECT_NEAR((*value)[1], 6.620690, 5e-7);
  EXPECT_NEAR((*value)[2], 2.643678, 5e-7);
}

TEST(MarkovTest, SteadyStateOfTwoStatesByHand) {
  // pi_0 * .1 = pi_1 * .3.
  const auto steady = SteadyState(std::vector<double>{.9, .1, .3, .7}, 2);
  ASSERT_TRUE(steady.ok());
  EXPECT_NEAR((*steady)[0], .75, 1e-15);
  EXPECT_NEAR((*steady)[1], .25, 1e-15);
}

TEST(MarkovTest, SteadyStateIsZeroWhereNobodyReturns) {
  const auto steady = SteadyState(std::vector<double>{.5, .25, .25, 0, .9, .1, 0, .3, .7}, 3);
  ASSERT_TRUE(steady.ok());
  EXPECT_EQ((*steady)[0], 0);
  EXPECT_NEAR((*steady)[1], .75, 1e-15);
}

TEST(MarkovTest, TwoGroupsThatAreNeverLeftHaveNoSingleSteadyState) {
  const auto steady = SteadyState(std::vector<double>{1, 0, 0, .5, 0, .5, 0, 0, 1}, 3);
  EXPECT_EQ(steady.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(steady.status().message(),
            "probabilities: nobody who is in state 0 ever comes to state 2, or back; expected a "
            "single group of states that is never left");
}

TEST(MarkovTest, TenureOfAGeometricStay) {
  // Gold keeps .8; silver keeps .5, rises with .25, leaves with .25.
  const auto tenure = ExpectedTenure(std::vector<double>{.8, .2, 0, .25, .5, .25, 0, 0, 1}, 3,
                                     std::vector<uint8_t>{0, 0, 1});
  ASSERT_TRUE(tenure.ok());
  // (I - Q) = [.2 -.2; -.25 .5], determinant .05: inverse [10 4; 5 4].
  const std::vector<double> expected = {10, 4, 0, 5, 4, 0, 0, 0, 0};
  for (size_t i = 0; i < 9; ++i) EXPECT_NEAR(tenure->periods[i], expected[i], 1e-12);
  EXPECT_NEAR(tenure->total[0], 14, 1e-12);
  EXPECT_NEAR(tenure->total[1], 9, 1e-12);
}

TEST(MarkovTest, AStayWithoutEndIsNamed) {
  const auto tenure =
      ExpectedTenure(std::vector<double>{1, 0, .5, .5}, 2, std::vector<uint8_t>{0, 1});
  EXPECT_EQ(tenure.status().message(),
            "probabilities: nobody in state 0 ever leaves; expected a way to a state that ends");
}

TEST(MarkovTest, PraisMobilityOfTheExtremes) {
  EXPECT_EQ(*PraisMobility(std::vector<double>{1, 0, 0, 1}, 2), 0);
  EXPECT_NEAR(*PraisMobility(std::vector<double>{.4, .6, .4, .6}, 2), 1, 1e-15);
  EXPECT_NEAR(*PraisMobility(std::vector<double>{.9, .1, .3, .7}, 2), .4, 1e-15);
}

TEST(MarkovTest, NamesTheRowThatIsNoDistribution) {
  EXPECT_EQ(CheckTransitions(std::vector<double>{.9, .1, .3, .6}, 2).message(),
            "probabilities: row 1 has the sum 0.8999999999999999; expected 1");
  EXPECT_EQ(CheckTransitions(std::vector<double>{1.5, -.5, 0, 1}, 2).message(),
            "probabilities: row 0, column 0 is 1.5; expected 0 to 1");
  EXPECT_EQ(CheckTransitions(std::vector<double>{1, 0, 0}, 2).message(),
            "probabilities: 3 numbers; expected 4: a row of 2 for each state");
  EXPECT_EQ(MarkovLifetimeValue(std::vector<double>{1}, std::vector<double>{1}, 0, kWithoutEnd)
                .status()
                .message(),
            "discount: 0; expected a finite number above 0 without end of periods");
}

}  // namespace
}  // namespace patron::value
