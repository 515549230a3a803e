#include "patron/base/ids.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <random>
#include <set>
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

// Every length around the borders of what is kept in a cell, with bytes that look like padding.
TEST(IdIndexTest, TellsTextsOfAllLengthsApart) {
  std::vector<std::string> names;
  for (size_t length = 0; length < 40; ++length) {
    for (const char last : {'\0', 'a', '\xFF'}) {
      std::string name(length, 'a');
      if (length > 0) name.back() = last;
      names.push_back(name);
      names.push_back(std::string(length, '\0'));
      if (length > 3) names.push_back(name.substr(0, 2) + "b" + name.substr(3));
    }
  }
  const std::set<std::string> distinct(names.begin(), names.end());
  IdIndex index(true);
  const auto codes = Encoded(index, names);
  ASSERT_EQ(index.size(), distinct.size());
  for (size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(index.text(codes[i]), names[i]);
    EXPECT_EQ(index.Find(names[i]), codes[i]);
  }
  std::vector<std::string> sorted;
  for (const uint32_t code : index.Ascending()) sorted.emplace_back(index.text(code));
  EXPECT_EQ(sorted, std::vector<std::string>(distinct.begin(), distinct.end()));
}

// Enough texts to be sorted by their bytes, with prefixes that are shared for shorter and longer.
TEST(IdIndexTest, ManyTextsAreSortedByBytes) {
  std::mt19937_64 random(3);
  std::set<std::string> distinct;
  for (const size_t shared : {0, 5, 8, 12, 16, 31, 40}) {
    for (int i = 0; i < 500; ++i) {
      std::string name(shared, 'p');
      for (size_t k = random() % 12; k > 0; --k) name += static_cast<char>(random() % 3 * 120);
      distinct.insert(name);
    }
  }
  std::vector<std::string> names(distinct.begin(), distinct.end());
  std::shuffle(names.begin(), names.end(), random);
  IdIndex index(true);
  Encoded(index, names);
  std::vector<std::string> sorted;
  for (const uint32_t code : index.Ascending()) sorted.emplace_back(index.text(code));
  EXPECT_EQ(sorted, std::vector<std::string>(distinct.begin(), distinct.end()));
}

TEST(IdIndexTest, EqualTextTakesRoomOnce) {
  IdIndex index(true);
  const std::string huge(1 << 20, 'x');
  const std::vector<std::string_view> ids(4096, huge);
  std::vector<uint32_t> codes(ids.size());
  ASSERT_TRUE(index.Encode(std::span<const std::string_view>(ids), codes).ok());
  EXPECT_EQ(codes, std::vector<uint32_t>(4096, 0));
  EXPECT_LT(index.memory_bytes(), size_t{4} << 20);
}

TEST(IdIndexTest, EncodesAllIdsOfAnother) {
  for (const bool text : {false, true}) {
    IdIndex from(text), into(text);
    std::vector<int64_t> first, second;
    std::vector<std::string> first_names, second_names;
    for (int64_t i = 0; i < 5000; ++i) {
      first.push_back(i * 7);
      second.push_back(i * 1'000'003 % 40'000);
      first_names.push_back("name " + std::to_string(first.back()));
      second_names.push_back("name " + std::to_string(second.back()));
    }
    text ? Encoded(into, first_names) : Encoded(into, first);
    text ? Encoded(from, second_names) : Encoded(from, second);
    const auto codes = into.EncodeAll(from);
    ASSERT_TRUE(codes.ok());
    ASSERT_EQ(codes->size(), from.size());
    for (uint32_t code = 0; code < from.size(); ++code) {
      if (text)
        ASSERT_EQ(into.text((*codes)[code]), from.text(code));
      else
        ASSERT_EQ(into.integer((*codes)[code]), from.integer(code));
    }
  }
  IdIndex integers, text(true);
  Encoded(text, std::vector<std::string>{"a"});
  EXPECT_EQ(integers.EncodeAll(text).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(IdIndexTest, ListsAndFormatsIds) {
  IdIndex text(true), integers;
  Encoded(text, std::vector<std::string>{"b", "it's"});
  Encoded(integers, std::vector<int64_t>{5, -6});
  EXPECT_EQ(text.List(std::vector<uint32_t>{1, 0}),
            (IdList{.is_text = true, .integers = {}, .text = {"it's", "b"}}));
  EXPECT_EQ(integers.List(std::vector<uint32_t>{1}),
            (IdList{.is_text = false, .integers = {-6}, .text = {}}));
  EXPECT_EQ(text.Format(0), "'b'");
  EXPECT_EQ(integers.Format(1), "-6");
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
