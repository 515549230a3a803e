#include "patron/value/value_share_cuts.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "patron/base/random.hpp"
#include "support/thread_executor.hpp"

namespace patron::value {
namespace {

// By a sort and one running sum, as the definition says.
std::vector<size_t> CutsByHand(std::vector<int64_t> values, const std::vector<double> &shares,
                               ShareBoundary boundary) {
  std::ranges::sort(values, std::greater());
  const Total<int64_t> total = SumOf<int64_t>(values);
  std::vector<size_t> cuts;
  for (const double share : shares) {
    Total<int64_t> before;
    size_t above = 0;
    for (const int64_t v : values) {
      Total<int64_t> with = before;
      with.Add(v);
      const bool is_above = boundary == ShareBoundary::kShareBefore ? ShareOf(before, total) < share
                                                                    : ShareOf(with, total) <= share;
      if (!is_above) break;
      ++above;
      before = with;
    }
    cuts.push_back(above);
  }
  return cuts;
}

TEST(ValueShareCutsTest, TheTwoBoundariesDifferByTheCustomerOnIt) {
  const std::vector<int64_t> values = {10, 50, 40};
  const std::vector<double> shares = {0.6, 0.9};
  const Total<int64_t> total(100);
  // Shares 0.5, 0.9 and 1: the second starts below 0.6 and ends above; it ends right at 0.9.
  EXPECT_EQ(ValueShareCuts<int64_t>(values, total, shares, ShareBoundary::kShareBefore),
            (std::vector<size_t>{2, 2}));
  EXPECT_EQ(ValueShareCuts<int64_t>(values, total, shares, ShareBoundary::kShareIncluding),
            (std::vector<size_t>{1, 2}));
}

TEST(ValueShareCutsTest, AgreesWithASortAndARunningSum) {
  testing::ThreadExecutor three(3);
  const RandomStream random(23);
  const std::vector<double> shares = {0.001, 0.3, 0.8, 0.80001, 0.95, 0.9999999};
  for (const size_t count : {3, 100, 70'000, 300'000}) {
    std::vector<int64_t> heavy, tied, lossy;
    for (uint32_t i = 0; i < count; ++i) {
      heavy.push_back(static_cast<int64_t>(std::exp(8 + 2.5 * random.Normal(i))));
      tied.push_back(static_cast<int64_t>(random.Below(i, 4)) + 1);
      lossy.push_back(static_cast<int64_t>(100 * (random.Normal(i) + 0.5)) + (i == 0 ? 500 : 0));
    }
    for (const auto &values : {heavy, tied, lossy}) {
      for (const auto boundary : {ShareBoundary::kShareBefore, ShareBoundary::kShareIncluding}) {
        const std::vector<size_t> expected = CutsByHand(values, shares, boundary);
        const Total<int64_t> total = SumOf<int64_t>(values);
        EXPECT_EQ(ValueShareCuts<int64_t>(values, total, shares, boundary), expected) << count;
        EXPECT_EQ(ValueShareCuts<int64_t>(values, total, shares, boundary, {&three}), expected);

        std::vector<double> doubles(values.begin(), values.end());
        EXPECT_EQ(
            ValueShareCuts<double>(doubles, SumOf<double>(doubles), shares, boundary, {&three}),
            expected);
      }
    }
  }
}

}  // namespace
}  // namespace patron::value
