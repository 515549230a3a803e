#include "arrow/builder.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "arrow/reader.hpp"
#include "arrow/table.hpp"

namespace patron::arrow {
namespace {

using Mask = std::vector<uint8_t>;

Table Finished(TableBuilder &builder) {
  auto table = builder.Finish();
  EXPECT_TRUE(table.ok()) << table.status();
  return table.ok() ? *std::move(table) : Table();
}

patron_column Shown(const Table &table, size_t index) {
  patron_column column = {};
  EXPECT_TRUE(table.Show(index, 0, &column).ok());
  return column;
}

TEST(TableBuilderTest, ColumnsOfEveryType) {
  TableBuilder builder;
  const Mask valid = {1, 0, 1};
  builder.AddInt64("i64", {1, 2, 3});
  builder.AddInt32("i32", {4, 5, 6}, valid);
  builder.AddFloat64("f64", {0.5, 1.5, 2.5});
  builder.AddBool("flag", Mask{1, 0, 1});
  builder.AddDate32("day", {-1, 0, 1});
  builder.AddTimestamp("time", {-1, 0, 1});
  builder.AddText("text", std::vector<std::string>{"a", "", "c"});
  builder.AddIds(
      "id",
      IdSpan(std::span<const std::string_view>(std::vector<std::string_view>{"x", "y", "z"})));
  builder.AddDictionary("tier", {1, 1, 0}, std::vector<std::string_view>{"gold", "iron"});
  const Table table = Finished(builder);
  EXPECT_EQ(table.rows(), 3);
  EXPECT_EQ(table.batches().size(), 1u);
  ASSERT_EQ(table.fields().size(), 9u);
  const int32_t types[] = {PATRON_TYPE_INT64, PATRON_TYPE_INT32,  PATRON_TYPE_FLOAT64,
                           PATRON_TYPE_BOOL,  PATRON_TYPE_DATE32, PATRON_TYPE_TIMESTAMP_US,
                           PATRON_TYPE_TEXT,  PATRON_TYPE_TEXT};
  for (size_t i = 0; i < 8; ++i) {
    const patron_column column = Shown(table, i);
    EXPECT_EQ(column.type, types[i]) << i;
    EXPECT_EQ(column.length, 3);
    EXPECT_EQ(column.offset, 0);
    EXPECT_EQ(column.validity != nullptr, i == 1);
    EXPECT_EQ(column.offsets != nullptr, i >= 6);
  }
  EXPECT_EQ(static_cast<const int64_t *>(Shown(table, 0).data)[2], 3);
  EXPECT_EQ(Shown(table, 1).validity[0], 0b101);
  EXPECT_EQ(*static_cast<const uint8_t *>(Shown(table, 3).data), 0b101);
  EXPECT_EQ(static_cast<const int32_t *>(Shown(table, 4).data)[0], -1);
  EXPECT_EQ(TypeName(table.fields()[8]), "dictionary of utf8");
  const auto tiers = OpenText(table, "tier");
  ASSERT_TRUE(tiers.ok());
  EXPECT_EQ(Load(*tiers)->values[1], "iron");
  EXPECT_EQ(Load(*tiers)->values[2], "gold");
}

TEST(TableBuilderTest, AColumnOfADictionaryMayHaveNulls) {
  TableBuilder builder;
  builder.AddDictionary("tier", {1, 0}, std::vector<std::string_view>{"gold", "iron"}, Mask{1, 0});
  const auto flat = Finished(builder).FlattenColumn(0);
  ASSERT_TRUE(flat.ok());
  const patron_column column = Shown(*flat, 0);
  EXPECT_EQ(column.validity[0], 0b01);
  EXPECT_EQ(std::string_view(static_cast<const char *>(column.data), 4), "iron");
}

TEST(TableBuilderTest, BuffersAreSharedIfTheyMayBe) {
  TableBuilder builder;
  builder.AddInt64("a", {1, 2, 3});
  builder.AddText("b", std::vector<std::string>{"x", "y", "z"});
  Table result;
  {
    const Table table = Finished(builder);
    TableBuilder sharing;
    EXPECT_FALSE(sharing.AddShared("id", table, 0, Kind::kFloat64));
    EXPECT_TRUE(sharing.AddShared("id", table, 0, Kind::kInt64));
    EXPECT_TRUE(sharing.AddShared("name", table, 1, Kind::kText));
    result = Finished(sharing);
    EXPECT_EQ(Shown(result, 0).data, Shown(table, 0).data);
  }
  EXPECT_EQ(result.fields()[0].name, "id");
  EXPECT_EQ(static_cast<const int64_t *>(Shown(result, 0).data)[2], 3);
  EXPECT_EQ(Load(*OpenText(result, "name"))->values[2], "z");

  // Borrowed buffers may be gone before the result.
  const std::vector<int64_t> values = {1, 2};
  patron_column column{};
  column.struct_size = sizeof column;
  column.type = PATRON_TYPE_INT64;
  column.name = "a";
  column.length = 2;
  column.data = values.data();
  const auto borrowed = Table::Borrow(&column, 1);
  ASSERT_TRUE(borrowed.ok());
  TableBuilder copying;
  EXPECT_FALSE(copying.AddShared("id", *borrowed, 0, Kind::kInt64));
}

TEST(TableBuilderTest, ValidityWithoutANullIsLeftOut) {
  TableBuilder builder;
  builder.AddInt64("a", {1, 2}, Mask{1, 1});
  const Table table = Finished(builder);
  EXPECT_EQ(Shown(table, 0).validity, nullptr);
}

TEST(TableBuilderTest, EmptyColumnsHaveBuffers) {
  TableBuilder builder;
  builder.AddInt64("a", {});
  builder.AddText("b", std::vector<std::string>{});
  builder.AddBool("c", {});
  const Table table = Finished(builder);
  EXPECT_EQ(table.rows(), 0);
  for (size_t i = 0; i < 3; ++i) EXPECT_NE(Shown(table, i).data, nullptr);
  EXPECT_EQ(static_cast<const int32_t *>(Shown(table, 1).offsets)[0], 0);
}

TEST(TableBuilderTest, ColumnsOfUnequalLengthAreRefused) {
  TableBuilder builder;
  builder.AddInt64("a", {1, 2});
  builder.AddInt64("b", {1});
  EXPECT_EQ(builder.Finish().status().message(), "column 'b' has 1 rows; expected 2");
  TableBuilder other;
  other.AddInt64("a", {1, 2}, Mask{1});
  EXPECT_EQ(other.Finish().status().code(), absl::StatusCode::kInternal);
}

TEST(TableBuilderTest, ABuilderIsEmptyAfterwards) {
  TableBuilder builder;
  builder.AddInt64("a", {1});
  Finished(builder);
  builder.AddInt64("b", {1, 2});
  const Table second = Finished(builder);
  EXPECT_EQ(second.rows(), 2);
  EXPECT_EQ(second.fields().size(), 1u);
}

TEST(TableBuilderTest, WhatWasBuiltCanBeRead) {
  TableBuilder builder;
  builder.AddText("id", std::vector<std::string>{"a", "b", "c"});
  builder.AddFloat64("x", {1, 2, 3}, Mask{0, 1, 0});
  const Table table = Finished(builder);
  const auto ids = OpenIds(table, "id");
  ASSERT_TRUE(ids.ok());
  EXPECT_EQ(Load(*ids)->ids.text()[2], "c");
  const auto numbers = OpenNumbers(table, "x", Nulls::kMask);
  ASSERT_TRUE(numbers.ok());
  const auto loaded = Load(*numbers);
  EXPECT_EQ(loaded->valid, (Mask{0, 1, 0}));
  EXPECT_EQ(loaded->values[1], 2);
}

}  // namespace
}  // namespace patron::arrow
