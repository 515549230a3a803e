#include "patron/value/tier_migration.hpp"

#include <cmath>
#include <vector>

#include "gtest/gtest.h"

namespace patron::value {
namespace {

TEST(TierMigrationTest, CountsWithAbsentAndNew) {
  const std::vector<int32_t> before = {0, 0, 1, kTierAbsent, kTierNew, kTierNew, 0};
  const std::vector<int32_t> after = {0, 1, kTierAbsent, 0, 1, kTierAbsent, 0};
  const auto moved = CountTierMigration(before, after, 2);
  ASSERT_TRUE(moved.ok());
  EXPECT_EQ(moved->states, 3u);
  EXPECT_EQ(moved->counts, (std::vector<int64_t>{2, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 1}));
  EXPECT_DOUBLE_EQ(moved->shares[0], 2.0 / 3);
  EXPECT_DOUBLE_EQ(moved->shares[10], 0.5);
}

TEST(TierMigrationTest, SmoothingFillsRowsWithoutCustomers) {
  const std::vector<int32_t> before = {0}, after = {0};
  const auto plain = CountTierMigration(before, after, 2);
  EXPECT_TRUE(std::isnan(plain->shares[3]));
  const auto smooth = CountTierMigration(before, after, 2, 0.5);
  EXPECT_DOUBLE_EQ(smooth->shares[0], 1.5 / 2.5);
  EXPECT_DOUBLE_EQ(smooth->shares[1], 0.5 / 2.5);
  EXPECT_DOUBLE_EQ(smooth->shares[3], 1.0 / 3);
  EXPECT_TRUE(std::isnan(smooth->shares[9]));  // The new are not smoothed.
}

TEST(TierMigrationTest, NamesWhatIsWrong) {
  const std::vector<int32_t> codes = {0, 7, 2};
  EXPECT_EQ(CountTierMigration(codes, codes, 2).status().message(),
            "before: row 1 is 7; expected the place of a tier (2 rows in all)");
  EXPECT_EQ(CountTierMigration(std::vector<int32_t>{0}, codes, 8).status().message(),
            "after: 3 rows; expected 1 as in before");
  EXPECT_EQ(CountTierMigration(codes, codes, 8, -1).status().message(),
            "smoothing: -1; expected a finite number, 0 or more");
  EXPECT_EQ(CountTierMigration(codes, std::vector<int32_t>{0, kTierNew, 0}, 8).status().message(),
            "after: row 1 is -2; expected the place of a tier");
}

}  // namespace
}  // namespace patron::value
