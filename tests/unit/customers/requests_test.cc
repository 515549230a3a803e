// Days at which periods end.
#include "patron/customers/requests.hpp"

#include <cstdint>

#include <gtest/gtest.h>

#include "patron/base/time.hpp"

namespace patron::customers {
namespace {

TEST(RequestsTest, MonthsEndOnTheSameDayOrTheLast) {
  const auto after = [](int64_t year, int month, int day, int32_t months) {
    return FormatDay(MonthsAfter(DayOfDate(year, month, day), months));
  };
  EXPECT_EQ(after(2024, 1, 31, 1), "2024-02-29");
  EXPECT_EQ(after(2023, 1, 31, 1), "2023-02-28");
  EXPECT_EQ(after(2024, 1, 31, 3), "2024-04-30");
  EXPECT_EQ(after(2024, 12, 15, 1), "2025-01-15");
  EXPECT_EQ(after(2024, 11, 30, 13), "2025-12-30");
  EXPECT_EQ(after(1, 1, 1, 12), "0002-01-01");
}

TEST(RequestsTest, WeekdaysLeaveOutTheEndOfTheWeek) {
  const int64_t friday = DayOfDate(2024, 4, 26);
  EXPECT_EQ(FormatDay(WeekdaysAfter(friday, 1)), "2024-04-29");
  EXPECT_EQ(FormatDay(WeekdaysAfter(friday + 1, 1)), "2024-04-29");
  EXPECT_EQ(FormatDay(WeekdaysAfter(friday, 15)), "2024-05-17");
  EXPECT_EQ(FormatDay(WeekdaysAfter(DayOfDate(1969, 12, 26), 5)), "1970-01-02");
}

}  // namespace
}  // namespace patron::customers
