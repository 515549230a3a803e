#include "patron/value/share.hpp"

#include "gtest/gtest.h"

namespace patron::value {
namespace {

TEST(ShareTest, CustomersAreRoundedUpFromTheExactProduct) {
  EXPECT_EQ(CustomersIn(0.01, 4338), 44u);
  EXPECT_EQ(CustomersIn(0.2, 100), 20u);  // 0.2 is a little more than a fifth.
  EXPECT_EQ(CustomersIn(0.07, 100), 7u);  // 0.07 * 100 is 7.000000000000001 in doubles.
  EXPECT_EQ(CustomersIn(0.1 + 0.2, 10), 3u);
  EXPECT_EQ(CustomersIn(0.2000001, 100), 21u);
}

TEST(ShareTest, EndsOfTheRangeAreNobodyAndEverybody) {
  EXPECT_EQ(CustomersIn(0, 7), 0u);
  EXPECT_EQ(CustomersIn(1, 7), 7u);
  EXPECT_EQ(CustomersIn(1e-15, 7), 1u);  // Any share at all of a customer is one.
  EXPECT_EQ(CustomersIn(0.5, 0), 0u);
}

TEST(ShareTest, WholeNumbersAreComparedAsTheyAre) {
  EXPECT_TRUE(Reaches(Total<int64_t>(80), Total<int64_t>(100), 0.8));
  EXPECT_FALSE(Reaches(Total<int64_t>(79'999'999'999), Total<int64_t>(100'000'000'000), 0.8));
  EXPECT_FALSE(Exceeds(Total<int64_t>(80), Total<int64_t>(100), 0.8));
  EXPECT_TRUE(Exceeds(Total<int64_t>(80'000'000'001), Total<int64_t>(100'000'000'000), 0.8));
}

TEST(ShareTest, DoublesThatMeanTheSameAreEqual) {
  Total<double> part(0.7);
  part.Add(0.1);  // 0.7999999999999999 in doubles.
  EXPECT_TRUE(Reaches(part, Total<double>(1.0), 0.8));
  EXPECT_FALSE(Exceeds(part, Total<double>(1.0), 0.8));
}

}  // namespace
}  // namespace patron::value
