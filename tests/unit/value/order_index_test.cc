#include "patron/value/order_index.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace patron::value {
namespace {

constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
constexpr int64_t kGreatest = std::numeric_limits<int64_t>::max();

// All order statistics, by the index.
std::vector<int64_t> Listed(const OrderIndex &index) {
  std::vector<int64_t> values;
  for (size_t k = 0; k < index.size(); ++k) values.push_back(index(k));
  return values;
}

std::vector<int64_t> Sorted(std::vector<int64_t> values) {
  std::ranges::sort(values);
  return values;
}

TEST(OrderIndexTest, EmptyHoldsNothing) {
  OrderIndex index;
  EXPECT_EQ(index.size(), 0u);
  EXPECT_EQ(index.CountAtMost(0), 0u);
  index.Assign({});
  index.Update({}, {});
  EXPECT_EQ(index.size(), 0u);
}

TEST(OrderIndexTest, RepeatsAreKeptApart) {
  OrderIndex index;
  index.Assign(std::array<int64_t, 5>{7, 3, 7, 7, -2});
  EXPECT_EQ(Listed(index), (std::vector<int64_t>{-2, 3, 7, 7, 7}));
  index.Update(std::array<int64_t, 2>{7, 7}, std::array<int64_t, 1>{3});
  EXPECT_EQ(Listed(index), (std::vector<int64_t>{-2, 3, 3, 7}));
  EXPECT_EQ(index.CountAtMost(-3), 0u);
  EXPECT_EQ(index.CountAtMost(3), 3u);
  EXPECT_EQ(index.CountAtMost(6), 3u);
  EXPECT_EQ(index.CountAtMost(7), 4u);
}

TEST(OrderIndexTest, GrowsFromEmpty) {
  OrderIndex index;
  index.Update({}, std::array<int64_t, 1>{5});
  index.Update({}, std::array<int64_t, 2>{-90'000, 90'000});  // Too wide for counters.
  EXPECT_EQ(Listed(index), (std::vector<int64_t>{-90'000, 5, 90'000}));
  index.Update(std::array<int64_t, 3>{5, 90'000, -90'000}, {});
  EXPECT_EQ(index.size(), 0u);
}

TEST(OrderIndexTest, CountersMoveWithTheValues) {
  OrderIndex index;
  std::vector<int64_t> expected;
  for (int64_t day = 15'000; day < 19'000; ++day) {
    const std::array<int64_t, 2> added{day, 30'000 - day};
    index.Update({}, added);
    expected.insert(expected.end(), added.begin(), added.end());
  }
  EXPECT_EQ(Listed(index), Sorted(expected));
}

TEST(OrderIndexTest, HoldsTheEndsOfTheRange) {
  OrderIndex index;
  index.Assign(std::array<int64_t, 3>{kGreatest, kGreatest - 1, kGreatest});
  EXPECT_EQ(index.CountAtMost(kLeast), 0u);
  EXPECT_EQ(index.CountAtMost(kGreatest - 1), 1u);
  index.Update({}, std::array<int64_t, 2>{kLeast, 0});
  EXPECT_EQ(Listed(index), (std::vector<int64_t>{kLeast, 0, kGreatest - 1, kGreatest, kGreatest}));
  index.Update(std::array<int64_t, 1>{kGreatest}, std::array<int64_t, 1>{kLeast});
  EXPECT_EQ(Listed(index), (std::vector<int64_t>{kLeast, kLeast, 0, kGreatest - 1, kGreatest}));
}

struct Shape {
  const char *name;
  int64_t least, greatest;
};

class OrderIndexShapes : public ::testing::TestWithParam<Shape> {};

TEST_P(OrderIndexShapes, AgreesWithASortedListAfterEveryBatch) {
  std::mt19937_64 random(17);
  std::uniform_int_distribution<int64_t> value(GetParam().least, GetParam().greatest);
  OrderIndex index;
  std::vector<int64_t> held;
  for (int i = 0; i < 3000; ++i) held.push_back(value(random));
  index.Assign(held);
  for (int batch = 0; batch < 300; ++batch) {
    std::vector<int64_t> removed, added;
    const size_t changes = batch % 10 == 0 ? 700 : random() % 8;
    for (size_t i = 0; i < changes && !held.empty(); ++i) {
      std::swap(held[random() % held.size()], held.back());
      removed.push_back(held.back());
      held.pop_back();
    }
    for (size_t i = 0; i < changes + random() % 3; ++i) added.push_back(value(random));
    if (!added.empty() && !removed.empty()) added[0] = removed[0];
    held.insert(held.end(), added.begin(), added.end());
    index.Update(removed, added);

    const std::vector<int64_t> sorted = Sorted(held);
    ASSERT_EQ(index.size(), sorted.size());
    for (size_t probe = 0; probe < 40; ++probe) {
      const size_t k = probe < 2 ? probe * (sorted.size() - 1) : random() % sorted.size();
      ASSERT_EQ(index(k), sorted[k]) << "k " << k << " after batch " << batch;
      const int64_t v = probe % 2 == 0 ? sorted[k] : value(random);
      const auto at_most = std::ranges::upper_bound(sorted, v) - sorted.begin();
      ASSERT_EQ(index.CountAtMost(v), static_cast<size_t>(at_most));
    }
  }
  EXPECT_EQ(Listed(index), Sorted(held));
}

INSTANTIATE_TEST_SUITE_P(, OrderIndexShapes,
                         ::testing::Values(Shape{"OneValue", 4, 4}, Shape{"FewValues", -3, 3},
                                           Shape{"Days", 14'000, 19'000},
                                           Shape{"JustCounted", 0, 65'535},
                                           Shape{"Sums", -100'000'000, 900'000'000},
                                           Shape{"Everything", kLeast, kGreatest}),
                         [](const auto &info) { return info.param.name; });

TEST(OrderIndexTest, HeavyTiesInAWideRange) {
  std::vector<int64_t> held(20'000, 0);
  held.push_back(1'000'000'000);
  OrderIndex index;
  index.Assign(held);
  for (int batch = 0; batch < 50; ++batch) {
    index.Update(std::vector<int64_t>(300, 0), std::vector<int64_t>(299, batch % 2 == 0 ? 1 : 0));
    index.Update(std::vector<int64_t>(299, batch % 2 == 0 ? 1 : 0), std::vector<int64_t>(300, 0));
  }
  EXPECT_EQ(index.size(), held.size());
  EXPECT_EQ(index.CountAtMost(0), 20'000u);
  EXPECT_EQ(index(19'999), 0);
  EXPECT_EQ(index(20'000), 1'000'000'000);
}

}  // namespace
}  // namespace patron::value
