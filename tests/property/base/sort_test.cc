// Sorting and selection against the standard library, on whatever RapidCheck thinks of.
#include "patron/base/sort.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "patron/base/select.hpp"
#include "rapidcheck/gtest.h"

namespace patron {
namespace {

template <SortKey T>
void ExpectOrders(const std::vector<T> &keys, size_t rank) {
  std::vector<T> expected = keys;
  std::ranges::sort(expected);
  std::vector<T> sorted(keys.size());
  SortKeys<T>(keys, sorted);
  RC_ASSERT(sorted == expected);

  std::vector<uint32_t> order(keys.size());
  for (size_t i = 0; i < keys.size(); ++i) order[i] = static_cast<uint32_t>(i);
  std::ranges::stable_sort(order, [&](uint32_t a, uint32_t b) { return keys[a] < keys[b]; });
  RC_ASSERT(SortedRows<T>(keys) == order);

  if (keys.empty()) return;
  const std::vector<size_t> ranks = {rank % keys.size()};
  RC_ASSERT(SelectRanks<T>(keys, ranks)[0].key == expected[ranks[0]]);
}

RC_GTEST_PROP(SortProperty, WholeNumbersAreOrdered,
              (const std::vector<int64_t> &keys, size_t rank)) {
  ExpectOrders(keys, rank);
  // Long enough to be distributed, with many equal keys.
  std::vector<int64_t> longer;
  for (int i = 0; i < 50; ++i) longer.insert(longer.end(), keys.begin(), keys.end());
  ExpectOrders(longer, rank);
}

RC_GTEST_PROP(SortProperty, DoublesAreOrdered, (const std::vector<double> &keys, size_t rank)) {
  std::vector<double> longer;
  for (int i = 0; i < 50; ++i) {
    for (const double key : keys) {
      if (!std::isnan(key)) longer.push_back(i % 2 == 0 ? key : -key);
    }
  }
  ExpectOrders(longer, rank);
}

}  // namespace
}  // namespace patron
