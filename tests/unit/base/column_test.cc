#include "patron/base/column.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string_view>

namespace patron {
namespace {

TEST(IdSpanTest, IsIntegerAndEmptyByDefault) {
  const IdSpan none;
  EXPECT_FALSE(none.is_text());
  EXPECT_TRUE(none.empty());
  EXPECT_TRUE(none.integers().empty());
}

TEST(IdSpanTest, ShowsIdsOfItsKindOnly) {
  const std::array<int64_t, 3> integers = {7, 8, 9};
  const IdSpan numbers{std::span<const int64_t>(integers)};
  EXPECT_FALSE(numbers.is_text());
  EXPECT_EQ(numbers.size(), 3u);
  EXPECT_EQ(numbers.integers()[2], 9);
  EXPECT_TRUE(numbers.text().empty());

  const std::array<std::string_view, 2> words = {"a", "b"};
  const IdSpan text{std::span<const std::string_view>(words)};
  EXPECT_TRUE(text.is_text());
  EXPECT_EQ(text.size(), 2u);
  EXPECT_EQ(text.text()[1], "b");
  EXPECT_TRUE(text.integers().empty());
}

TEST(IdSpanTest, PartsKeepTheKind) {
  const std::array<std::string_view, 3> words = {"a", "b", "c"};
  const IdSpan text{std::span<const std::string_view>(words)};
  const IdSpan part = text.subspan(1, 2);
  EXPECT_TRUE(part.is_text());
  EXPECT_EQ(part.size(), 2u);
  EXPECT_EQ(part.text()[0], "b");
  EXPECT_TRUE(text.subspan(3, 0).empty());
  EXPECT_TRUE(text.subspan(3, 0).is_text());

  const std::array<int64_t, 3> integers = {7, 8, 9};
  EXPECT_EQ(IdSpan(std::span<const int64_t>(integers)).subspan(2, 1).integers()[0], 9);
}

}  // namespace
}  // namespace patron
