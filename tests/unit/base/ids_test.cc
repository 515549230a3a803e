#include "patron/base/ids.hpp"

#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace patron {
namespace {

std::vector<uint32_t> Encoded(IdIndex &index, const std::vector<int64_t> &ids) {
  std::vector<uint32_t> codes(ids.size());
  EXPECT_TRUE(index.Encode(std::span<const int64_t>(ids), codes).ok());
  return codes;
}

std::vector<uint32_t> Encoded(IdIndex &index, const std::vector<std::string> &ids) {
  const std::vector<std::string_view> views(ids.begin(), ids.end());
  std::vector<uint32_t> codes(ids.size());
  EXPECT_TRUE(index.Encode(std::span<const std::string_view>(views), codes).ok());
  return codes;
}

TEST(IdIndexTest, CodesCountIdsAsTheyAreFirstSeen) {
  IdIndex index;
  EXPECT_EQ(Encoded(index, std::vector<int64_t>{7, -3, 7, 8, -3}),
            (std::vector<uint32_t>{0, 1, 0, 2, 1}));
  EXPECT_EQ(index.size(), 3u);
  EXPECT_EQ(index.integer(1), -3);
  EXPECT_EQ(index.Find(int64_t{8}), 2u);
  EXPECT_EQ(index.Find(int64_t{9}), IdIndex::kUnknown);
  EXPECT_EQ(index.Ascending(), (std::vector<uint32_t>{1, 0, 2}));
}

TEST(IdIndexTest, TextKeepsItsBytes) {
  IdIndex index(true);
  const std::string huge(1 << 20, 'x');
  const std::string zero("a\0b", 3);
  EXPECT_EQ(Encoded(index, std::vector<std::string>{"b", "", huge, zero, "b", "客户"}),
            (std::vector<uint32_t>{0, 1, 2, 3, 0, 4}));
  EXPECT_EQ(index.text(2), huge);
  EXPECT_EQ(index.text(3), zero);
  EXPECT_EQ(index.text(4), "客户");
  EXPECT_EQ(index.Ascending(), (std::vector<uint32_t>{1, 3, 0, 2, 4}));
}

TEST(IdIndexTest, TextSortsByBytesPastCommonPrefixes) {
  IdIndex index(true);
  Encoded(index, std::vector<std::string>{"customer-2", "customer-10", "customer", "customer-1",
                                          std::string("customer\0", 9)});
  std::vector<std::string> sorted;
  for (const uint32_t code : index.Ascending()) sorted.emplace_back(index.text(code));
  EXPECT_EQ(sorted, (std::vector<std::string>{"customer", std::string("customer\0", 9),
                                              "customer-1", "customer-10", "customer-2"}));
}

TEST(IdIndexTest, TakesTheWholeRangeOfIntegers) {
  IdIndex index;
  const int64_t least = std::numeric_limits<int64_t>::min();
  const int64_t greatest = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(Encoded(index, std::vector<int64_t>{greatest, least, 0, greatest, -1}),
            (std::vector<uint32_t>{0, 1, 2, 0, 3}));
  EXPECT_EQ(index.Ascending(), (std::vector<uint32_t>{1, 3, 2, 0}));
}

TEST(IdIndexTest, StaysRightAtTheEdgesOfTheRange) {
  for (const int64_t edge :
       {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max() - 9}) {
    IdIndex index;
    std::vector<int64_t> ids;
    for (int64_t i = 0; i < 10; ++i) ids.push_back(edge + i);
    const auto codes = Encoded(index, ids);
    for (uint32_t i = 0; i < 10; ++i) {
      EXPECT_EQ(codes[i], i);
      EXPECT_EQ(index.Find(ids[i]), i);
    }
    EXPECT_EQ(index.Find(edge == std::numeric_limits<int64_t>::min() ? edge + 10 : edge - 1),
              IdIndex::kUnknown);
  }
}

TEST(IdIndexTest, RefusesIdsOfTheOtherKind) {
  IdIndex index;
  const std::vector<std::string_view> text{"a"};
  uint32_t code = 0;
  EXPECT_EQ(index.Encode(std::span<const std::string_view>(text), std::span(&code, 1)).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(index.size(), 0u);
}

TEST(IdIndexTest, TruncateForgetsLaterIds) {
  for (const int64_t stride : {int64_t{1}, int64_t{1'000'000'007}}) {
    IdIndex index;
    std::vector<int64_t> ids;
    for (int64_t i = 0; i < 3000; ++i) ids.push_back(i * stride);
    Encoded(index, ids);
    index.Truncate(1000);
    EXPECT_EQ(index.size(), 1000u);
    EXPECT_EQ(index.Find(999 * stride), 999u);
    EXPECT_EQ(index.Find(1000 * stride), IdIndex::kUnknown);
    EXPECT_EQ(Encoded(index, std::vector<int64_t>{2999 * stride, 5 * stride}),
              (std::vector<uint32_t>{1000, 5}));
  }
}

// A map from the standard library is the reference, for ids near one another, apart, and moving
// from the one to the other.
TEST(IdIndexTest, AgreesWithAMap) {
  std::mt19937_64 random(7);
  for (const uint64_t spread : {100ull, 5000ull, 1ull << 20, 1ull << 56}) {
    for (const bool text : {false, true}) {
      IdIndex index(text, spread == 5000 ? 10'000 : 0);
      std::map<int64_t, uint32_t> reference;
      for (int round = 0; round < 40; ++round) {
        std::vector<int64_t> ids(random() % 700);
        for (int64_t &id : ids) id = static_cast<int64_t>(random() % (spread * (round + 1))) - 50;
        std::vector<std::string> names;
        for (const int64_t id : ids) names.push_back("customer-" + std::to_string(id));
        const auto codes = text ? Encoded(index, names) : Encoded(index, ids);
        for (size_t i = 0; i < ids.size(); ++i) {
          const auto [at, added] = reference.try_emplace(ids[i], reference.size());
          ASSERT_EQ(codes[i], at->second);
        }
      }
      ASSERT_EQ(index.size(), reference.size());
      if (!text) {
        std::vector<uint32_t> order;
        for (const auto &[id, code] : reference) order.push_back(code);
        EXPECT_EQ(index.Ascending(), order);
      }
    }
  }
}

}  // namespace
}  // namespace patron
