#include "patron/value/customer_runs.hpp"

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace patron::value::detail {
namespace {

struct Item {
  int32_t on;
  int32_t what;

  int32_t day() const { return on; }
  friend auto operator<=>(const Item &, const Item &) = default;
};

// The runs of items that come in pieces, against a sort of each customer's.
void ExpectSorted(size_t customers, size_t rows, int32_t days, std::vector<size_t> pieces) {
  std::mt19937 random(static_cast<uint32_t>(rows + customers));
  std::vector<uint32_t> codes;
  std::vector<Item> items;
  std::vector<std::vector<Item>> expected(customers);
  for (size_t i = 0; i < rows; ++i) {
    // Some customers have far more than others, and some none.
    const auto a = random() % customers, b = random() % customers;
    const auto code = static_cast<uint32_t>(customers > 1 ? a * b / customers : 0);
    const Item item{static_cast<int32_t>(random() % static_cast<uint32_t>(days)) - 7,
                    static_cast<int32_t>(random() % 50)};
    codes.push_back(code);
    items.push_back(item);
    expected[code].push_back(item);
  }
  for (std::vector<Item> &each : expected) std::ranges::sort(each);

  CustomerRuns<Item> runs;
  pieces.push_back(rows);
  size_t begin = 0;
  for (const size_t end : pieces) {
    runs.Add(customers, std::span(codes).subspan(begin, end - begin),
             std::span<const Item>(items).subspan(begin, end - begin));
    begin = end;
  }
  ASSERT_EQ(runs.size(), rows);
  for (uint32_t code = 0; code < customers; ++code) {
    ASSERT_TRUE(std::ranges::equal(runs[code], expected[code])) << code << " of " << customers;
  }
}

TEST(CustomerRunsTest, AreSortedWhateverTheDays) {
  for (const size_t customers :
       {size_t{1}, size_t{2}, size_t{255}, size_t{256}, size_t{257}, size_t{5000}}) {
    // Few days, so many items of one day, and more days than could be counted.
    for (const int32_t days : {1, 20, 1 << 30}) ExpectSorted(customers, 30'000, days, {});
  }
  ExpectSorted(3, 65, 4, {});
}

TEST(CustomerRunsTest, MoreItemsComeInPlace) {
  for (const int32_t days : {20, 1 << 30}) {
    ExpectSorted(400, 30'000, days, {20'000});
    ExpectSorted(400, 20'000, days, {19'990, 19'991});
    ExpectSorted(400, 300, days, {10, 20, 200});
  }
}

}  // namespace
}  // namespace patron::value::detail
