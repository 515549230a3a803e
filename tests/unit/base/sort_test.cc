#include "patron/base/sort.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "patron/base/random.hpp"
#include "support/thread_executor.hpp"

namespace patron {
namespace {

using testing::ThreadExecutor;

// Columns of `count` keys that are hard on a radix sort each in its own way.
template <SortKey T>
std::vector<std::pair<std::string, std::vector<T>>> Columns(size_t count) {
  const RandomStream random(7);
  const auto column = [&](auto key_of) {
    std::vector<T> keys(count);
    for (size_t i = 0; i < count; ++i) keys[i] = static_cast<T>(key_of(static_cast<uint32_t>(i)));
    return keys;
  };
  std::vector<std::pair<std::string, std::vector<T>>> columns;
  const auto add = [&](const char *name, auto key_of) {
    columns.push_back({name, column(key_of)});
  };
  add("money", [&](uint32_t i) { return std::floor(random.Exponential(i, 50000)); });
  add("all bits", [&](uint32_t i) {
    if constexpr (std::same_as<T, double>)
      return random.Normal(i) * std::exp(20 * random.Normal(i + count));
    else
      return random.Bits(i);
  });
  add("few", [&](uint32_t i) { return random.Below(i, 3); });
  add("mostly one", [&](uint32_t i) { return random.Below(i, 100) == 0 ? i : 12345; });
  add("one", [](uint32_t) { return 42; });
  add("ascending", [](uint32_t i) { return i; });
  add("descending", [&](uint32_t i) { return count - i; });
  add("powers", [&](uint32_t i) { return std::ldexp(1.0, static_cast<int>(random.Below(i, 60))); });
  add("outliers",
      [&](uint32_t i) { return i % 1000 == 7 ? std::ldexp(1.0, 61) : random.Below(i, 1000); });
  // The rows that a sample takes are all far from the others.
  add("misleading sample", [&](uint32_t i) {
    return i % std::max<size_t>(1, count / 1024) < 2 ? std::ldexp(1.0, 60) + i * 4096.0
                                                     : static_cast<double>(random.Below(i, 1000));
  });
  return columns;
}

template <SortKey T>
void ExpectSorted(size_t count, const Execution &execution) {
  for (const auto &column : Columns<T>(count)) {
    SCOPED_TRACE(column.first + " of " + std::to_string(count));
    const std::vector<T> &keys = column.second;
    std::vector<T> expected = keys;
    std::ranges::sort(expected);
    std::vector<T> sorted(count);
    SortKeys<T>(keys, sorted, execution);
    ASSERT_EQ(sorted, expected);

    std::vector<uint32_t> order(count);
    for (size_t i = 0; i < count; ++i) order[i] = static_cast<uint32_t>(i);
    std::ranges::stable_sort(order, [&](uint32_t a, uint32_t b) { return keys[a] < keys[b]; });
    ASSERT_EQ(SortedRows<T>(keys, execution), order);
  }
}

TEST(SortTest, AgreesWithTheStandardLibrary) {
  for (const size_t count : {0, 1, 2, 24, 25, 1000, 65536, 65537, 150'000}) {
    ExpectSorted<int64_t>(count, {});
    ExpectSorted<uint64_t>(count, {});
    ExpectSorted<double>(count, {});
  }
}

TEST(SortTest, AgreesWithTheStandardLibraryOnThreads) {
  ThreadExecutor three(3);
  for (const size_t count : {1000, 65537, 150'000}) {
    ExpectSorted<int64_t>(count, {&three});
    ExpectSorted<double>(count, {&three});
  }
}

TEST(SortTest, ExtremesKeepTheirPlaces) {
  const std::vector<int64_t> keys = {0, std::numeric_limits<int64_t>::max(), -1,
                                     std::numeric_limits<int64_t>::min(), 1};
  std::vector<int64_t> sorted(keys.size());
  SortKeys<int64_t>(keys, sorted);
  EXPECT_EQ(sorted, (std::vector<int64_t>{std::numeric_limits<int64_t>::min(), -1, 0, 1,
                                          std::numeric_limits<int64_t>::max()}));
}

TEST(SortTest, InfinitiesAndTinyNumbersAreInOrder) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  constexpr double kTiny = std::numeric_limits<double>::denorm_min();
  std::vector<double> keys = {1, kInfinity, -kTiny, -kInfinity, kTiny, 0, -1};
  keys.resize(100, 0.5);  // Long enough to be distributed by their bits.
  std::vector<double> expected = keys;
  std::ranges::sort(expected);
  std::vector<double> sorted(keys.size());
  SortKeys<double>(keys, sorted);
  EXPECT_EQ(sorted, expected);
}

TEST(SortTest, ZerosOfEitherSignAreEqualAndKeepTheirOrder) {
  std::vector<double> keys;
  for (int i = 0; i < 200; ++i) keys.push_back(i % 3 == 0 ? -0.0 : i % 3 == 1 ? 0.0 : i - 100.0);
  const std::vector<uint32_t> rows = SortedRows<double>(keys);
  std::vector<uint32_t> zeros;
  std::ranges::copy_if(rows, std::back_inserter(zeros), [&](uint32_t r) { return keys[r] == 0; });
  EXPECT_EQ(zeros.size(), 134u);
  EXPECT_TRUE(std::ranges::is_sorted(zeros));
}

TEST(SortTest, PayloadTravelsWithItsKey) {
  const std::vector<int64_t> keys = {30, 10, 20, 10};
  const std::vector<uint32_t> payload = {300, 100, 200, 101};
  std::vector<int64_t> sorted_keys(4);
  std::vector<uint32_t> sorted_payload(4);
  SortPairs<int64_t>(keys, payload, sorted_keys, sorted_payload);
  EXPECT_EQ(sorted_keys, (std::vector<int64_t>{10, 10, 20, 30}));
  EXPECT_EQ(sorted_payload, (std::vector<uint32_t>{100, 101, 200, 300}));
}

}  // namespace
}  // namespace patron
