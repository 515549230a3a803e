// Generalisation by hand; tests of the Python package try all combinations of levels.
#include "patron/customers/k_anonymity.hpp"

#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

namespace patron::customers {
namespace {

// Values 0 to 3; pairs at level 1, all at level 2.
GeneralizedColumn Column(std::vector<uint32_t> codes) {
  return {.codes = std::move(codes), .groups = {{0, 1, 2, 3}, {0, 0, 1, 1}, {0, 0, 0, 0}}};
}

TEST(AnonymityTest, TheLowestLevelsThatSuffice) {
  const std::vector<GeneralizedColumn> columns = {Column({0, 1, 2, 3}), Column({0, 0, 3, 3})};
  const auto found = Anonymize(columns, {}, {.k = 2});
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->levels, (std::vector<uint32_t>{1, 0}));
  EXPECT_EQ(found->class_of, (std::vector<uint32_t>{0, 0, 1, 1}));
  EXPECT_EQ(found->sizes, (std::vector<uint32_t>{2, 2}));
  EXPECT_DOUBLE_EQ(found->loss, (1.0 / 3) / 2);  // One column of two loses 1 of 3.
  EXPECT_LT(found->examined, found->nodes);
}

TEST(AnonymityTest, RowsAreLeftOutOnlyIfThatLosesLess) {
  // One of five stands alone: leaving it out costs 0.2, joining all pairs 1/3.
  const std::vector<GeneralizedColumn> columns = {Column({0, 0, 3, 3, 2})};
  const auto none = Anonymize(columns, {}, {.k = 2});
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(none->levels.front(), 1U);
  const auto some = Anonymize(columns, {}, {.k = 2, .max_suppressed = 0.2});
  ASSERT_TRUE(some.ok());
  EXPECT_EQ(some->levels.front(), 0U);
  EXPECT_EQ(some->suppressed, 1U);
  EXPECT_EQ(some->class_of.back(), Anonymity::kSuppressed);
  EXPECT_DOUBLE_EQ(some->loss, 0.2);
}

TEST(AnonymityTest, DiversityAndDistance) {
  const std::vector<GeneralizedColumn> columns = {Column({0, 0, 1, 1})};
  const std::vector<uint32_t> ill = {0, 0, 1, 1};
  EXPECT_EQ(Anonymize(columns, ill, {.k = 2})->levels.front(), 0U);
  EXPECT_EQ(Anonymize(columns, ill, {.k = 2})->distance.front(), 0.5);
  EXPECT_EQ(Anonymize(columns, ill, {.k = 2, .l = 2})->levels.front(), 1U);
  EXPECT_EQ(Anonymize(columns, ill, {.k = 2, .t = 0.4})->levels.front(), 1U);
  EXPECT_EQ(Anonymize(columns, ill, {.k = 2, .l = 3}).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Anonymize(columns, {}, {.k = 2, .l = 2}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Anonymize(columns, {}, {.most_nodes = 2}).status().code(),
            absl::StatusCode::kOutOfRange);
}

TEST(AnonymityTest, LevelsMayNotPartWhatWasJoined) {
  GeneralizedColumn column = Column({0, 1});
  column.groups[2] = {0, 1, 1, 1};
  EXPECT_EQ(FirstUnnested(column), 2U);
  EXPECT_FALSE(Anonymize(std::vector<GeneralizedColumn>{column}, {}, {.k = 1}).ok());
}

}  // namespace
}  // namespace patron::customers
