#include "patron/base/select.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "gtest/gtest.h"
#include "patron/base/random.hpp"
#include "support/thread_executor.hpp"

namespace patron {
namespace {

template <SortKey T>
void ExpectSelects(const std::vector<T> &keys, std::vector<size_t> ranks,
                   const Execution &execution) {
  std::vector<T> sorted = keys;
  std::ranges::sort(sorted);
  std::ranges::sort(ranks);
  const std::vector<RankedKey<T>> found = SelectRanks<T>(keys, ranks, execution);
  ASSERT_EQ(found.size(), ranks.size());
  for (size_t i = 0; i < ranks.size(); ++i) {
    SCOPED_TRACE(ranks[i]);
    const auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), sorted[ranks[i]]);
    EXPECT_EQ(found[i].key, sorted[ranks[i]]);
    EXPECT_EQ(found[i].below, static_cast<size_t>(first - sorted.begin()));
    EXPECT_EQ(found[i].equal, static_cast<size_t>(last - first));
  }
}

TEST(SelectTest, AgreesWithASort) {
  testing::ThreadExecutor three(3);
  const RandomStream random(11);
  for (const size_t count : {1, 2, 1000, 65'537, 400'000}) {
    const std::vector<size_t> ranks = {0, count / 5, count / 2, count / 2, count - 1};
    std::vector<int64_t> money, extreme, skewed;
    std::vector<double> spread, zeros;
    for (uint32_t i = 0; i < count; ++i) {
      money.push_back(static_cast<int64_t>(random.Exponential(i, 3000)));
      extreme.push_back(static_cast<int64_t>(random.Bits(i)));
      skewed.push_back(i % 64 == 0 ? std::numeric_limits<int64_t>::max() - i : 5);
      spread.push_back(std::exp(30 * random.Normal(i)) - 1);
      zeros.push_back(i % 3 == 0 ? random.Normal(i) : i % 3 == 1 ? 0.0 : -0.0);
    }
    for (const Execution &execution : {Execution{}, Execution{&three}}) {
      ExpectSelects(money, ranks, execution);
      ExpectSelects(extreme, ranks, execution);
      ExpectSelects(skewed, ranks, execution);
      ExpectSelects(spread, ranks, execution);
      ExpectSelects(zeros, ranks, execution);
    }
  }
}

TEST(SelectTest, NothingAskedNothingFound) {
  EXPECT_TRUE(SelectRanks<int64_t>(std::vector<int64_t>{1, 2}, {}).empty());
}

}  // namespace
}  // namespace patron
