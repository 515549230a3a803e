#include "patron/clv/retention_sums.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "patron/base/status.hpp"
#include "patron/clv/lanes.hpp"
#include "patron/clv/outlook.hpp"

namespace patron::clv {
namespace {

struct Case {
  double alpha, beta, c, before, rate, periods, sum;
};

constexpr Case kCases[] = {
#include "reference/retention_sums.inc"
};

// Exact to 1e-13, and to the digits that the logarithm of a small sum leaves it.
TEST(RetentionSumsTest, EqualsFortyDigits) {
  for (const Case &v : kCases) {
    const double sum = DiscountedRenewals({v.alpha, v.beta, v.c}, v.before, v.rate, v.periods);
    EXPECT_NEAR(sum / v.sum, 1, 1e-13 * std::max(1.0, -std::log(v.sum)))
        << v.alpha << ' ' << v.beta << ' ' << v.c << ' ' << v.before << ' ' << v.rate << ' '
        << v.periods;
  }
}

TEST(RetentionSumsTest, PacksOfAnyWidthGiveTheSameBits) {
  for (const Case &v : kCases) {
    const RetentionParameters model{v.alpha, v.beta, v.c};
    const double one = DiscountedRenewals<double>(model, v.before, v.rate, v.periods);
    EXPECT_EQ(DiscountedRenewals<Pack<2>>(model, v.before, v.rate, v.periods), one);
    EXPECT_EQ(DiscountedRenewals<NativePack>(model, v.before, v.rate, v.periods), one);
  }
}

TEST(RetentionSumsTest, NothingIsExpectedOfNoPeriods) {
  EXPECT_EQ(DiscountedRenewals({0.668, 3.806, 1.3}, 4, 0.1, 0), 0);
}

TEST(RetentionSumsTest, ARateNearNothingOrBeyondMeasureEnds) {
  // beta / (alpha - 1), less a share that the rate makes too small to see.
  EXPECT_NEAR(DiscountedRenewals({3, 4}, 0, 1e-300, kEver), 2, 1e-12);
  EXPECT_NEAR(DiscountedRenewals({3, 4}, 0, 1e-310, kEver), 2, 1e-12);
  // The first renewal alone, survived by 4 of 7.
  EXPECT_NEAR(DiscountedRenewals({3, 4}, 0, 1e200, kEver) * 1e200, 4.0 / 7, 1e-12);
}

}  // namespace
}  // namespace patron::clv
