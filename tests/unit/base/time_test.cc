#include "patron/base/time.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace patron {
namespace {

constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();

int64_t At(int64_t day, int64_t seconds = 0) {
  return day * kMicrosPerDay + seconds * kMicrosPerSecond;
}

uint64_t Next(uint64_t &state) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return state ^ (state >> 29);
}

TEST(TimeTest, UnitsBecomeMicroseconds) {
  int64_t micros = 0;
  EXPECT_TRUE(MicrosFrom(-2, TimeUnit::kDay, micros));
  EXPECT_EQ(micros, -172'800'000'000);
  EXPECT_TRUE(MicrosFrom(3, TimeUnit::kSecond, micros));
  EXPECT_EQ(micros, 3'000'000);
  EXPECT_TRUE(MicrosFrom(-3, TimeUnit::kMilli, micros));
  EXPECT_EQ(micros, -3000);
  EXPECT_TRUE(MicrosFrom(kLeast, TimeUnit::kMicro, micros));
  EXPECT_EQ(micros, kLeast);
}

TEST(TimeTest, NanosecondsAreFloored) {
  int64_t micros = 0;
  EXPECT_TRUE(MicrosFrom(1999, TimeUnit::kNano, micros));
  EXPECT_EQ(micros, 1);
  EXPECT_TRUE(MicrosFrom(-1, TimeUnit::kNano, micros));
  EXPECT_EQ(micros, -1);
  EXPECT_TRUE(MicrosFrom(-2000, TimeUnit::kNano, micros));
  EXPECT_EQ(micros, -2);
  EXPECT_TRUE(MicrosFrom(kLeast, TimeUnit::kNano, micros));
  EXPECT_EQ(micros, -9'223'372'036'854'776);
}

TEST(TimeTest, OverflowIsRefused) {
  int64_t micros = 0;
  EXPECT_TRUE(MicrosFrom(106'751'991, TimeUnit::kDay, micros));
  EXPECT_FALSE(MicrosFrom(106'751'992, TimeUnit::kDay, micros));
  EXPECT_FALSE(MicrosFrom(-106'751'992, TimeUnit::kDay, micros));
  EXPECT_FALSE(MicrosFrom(9'223'372'036'855, TimeUnit::kSecond, micros));
  EXPECT_FALSE(MicrosFrom(kMost, TimeUnit::kMilli, micros));
}

TEST(TimeTest, DatesAreThoseOfTheGregorianCalendar) {
  const auto check = [](int64_t day) {
    const absl::CivilDay expected = absl::CivilDay(1970, 1, 1) + day;
    const CivilDate date = DateOfDay(day);
    ASSERT_EQ(date.year, expected.year()) << day;
    ASSERT_EQ(date.month, expected.month()) << day;
    ASSERT_EQ(date.day, expected.day()) << day;
    ASSERT_EQ(DayOfDate(date.year, date.month, date.day), day);
  };
  for (int64_t day = -800'000; day <= 800'000; ++day) ASSERT_NO_FATAL_FAILURE(check(day));
  uint64_t state = 1;
  for (int i = 0; i < 100'000; ++i) {
    ASSERT_NO_FATAL_FAILURE(check(static_cast<int64_t>(Next(state) % 213'503'983) - 106'751'991));
  }
}

TEST(TimeTest, DaysAreWrittenAsIso8601) {
  EXPECT_EQ(FormatDay(0), "1970-01-01");
  EXPECT_EQ(FormatDay(-1), "1969-12-31");
  EXPECT_EQ(FormatDay(DayOfDate(2100, 3, 1)), "2100-03-01");
  EXPECT_EQ(FormatDay(DayOfDate(2100, 3, 1) - 1), "2100-02-28");  // 2100 is no leap year.
  EXPECT_EQ(FormatDay(DayOfDate(2000, 3, 1) - 1), "2000-02-29");
  EXPECT_EQ(FormatDay(DayOfDate(33, 4, 3)), "0033-04-03");
  EXPECT_EQ(FormatDay(DayOfDate(-44, 3, 15)), "-0044-03-15");
  EXPECT_EQ(FormatDay(DayOfDate(12345, 6, 7)), "+12345-06-07");
  EXPECT_EQ(FormatTime(At(15317, 12 * 3600 + 50 * 60)), "2011-12-09T12:50:00Z");
  EXPECT_EQ(FormatTime(-1), "1969-12-31T23:59:59.999999Z");
  // 71,945.224192 s into the day that is 731 cycles of 400 years before 2092-12-21.
  EXPECT_EQ(FormatTime(std::numeric_limits<int64_t>::min()), "-290308-12-21T19:59:05.224192Z");
}

TEST(TimeTest, PeriodsHoldTheirDays) {
  const int64_t day = DayOfDate(2010, 12, 31);
  EXPECT_EQ(PeriodOfDay(Period::kDay, day), day);
  EXPECT_EQ(PeriodOfDay(Period::kMonth, day), 40 * 12 + 11);
  EXPECT_EQ(PeriodOfDay(Period::kQuarter, day), 40 * 4 + 3);
  EXPECT_EQ(PeriodOfDay(Period::kYear, day), 40);
  EXPECT_EQ(FormatDay(FirstDayOf(Period::kMonth, PeriodOfDay(Period::kMonth, day))), "2010-12-01");
  EXPECT_EQ(FormatDay(FirstDayOf(Period::kQuarter, PeriodOfDay(Period::kQuarter, day))),
            "2010-10-01");
  EXPECT_EQ(FormatDay(FirstDayOf(Period::kYear, PeriodOfDay(Period::kYear, day))), "2010-01-01");
  EXPECT_EQ(PeriodOfDay(Period::kMonth, DayOfDate(1969, 12, 31)), -1);
  EXPECT_EQ(PeriodOfDay(Period::kQuarter, DayOfDate(1969, 12, 31)), -1);
  EXPECT_EQ(PeriodOfDay(Period::kYear, DayOfDate(1969, 1, 1)), -1);
}

TEST(TimeTest, WeeksBeginOnMonday) {
  // 2024-12-30 is the Monday of ISO week 2025-W01, 2024-12-29 the Sunday of 2024-W52.
  const int64_t monday = DayOfDate(2024, 12, 30);
  EXPECT_EQ(absl::GetWeekday(absl::CivilDay(2024, 12, 30)), absl::Weekday::monday);
  EXPECT_EQ(PeriodOfDay(Period::kWeek, monday), PeriodOfDay(Period::kWeek, monday + 6));
  EXPECT_EQ(PeriodOfDay(Period::kWeek, monday), PeriodOfDay(Period::kWeek, monday - 1) + 1);
  EXPECT_EQ(FirstDayOf(Period::kWeek, PeriodOfDay(Period::kWeek, monday + 3)), monday);
  EXPECT_EQ(PeriodOfDay(Period::kWeek, 0), 0);
  EXPECT_EQ(FormatDay(FirstDayOf(Period::kWeek, 0)), "1969-12-29");
  EXPECT_EQ(PeriodOfDay(Period::kWeek, -4), -1);
}

TEST(TimeTest, EveryPeriodBeginsInItself) {
  for (const Period period :
       {Period::kDay, Period::kWeek, Period::kMonth, Period::kQuarter, Period::kYear}) {
    for (int64_t index = -5000; index <= 5000; ++index) {
      const int64_t first = FirstDayOf(period, index);
      ASSERT_EQ(PeriodOfDay(period, first), index);
      ASSERT_EQ(PeriodOfDay(period, first - 1), index - 1);
    }
  }
}

TEST(CivilDaysTest, UtcDaysEndAtMidnight) {
  CivilDays days;
  EXPECT_TRUE(days.is_utc());
  EXPECT_EQ(days.DayOf(0), 0);
  EXPECT_EQ(days.DayOf(-1), -1);
  EXPECT_EQ(days.DayOf(kMicrosPerDay - 1), 0);
  EXPECT_EQ(days.DayOf(kLeast), -106'751'992);
  EXPECT_EQ(days.DayOf(kMost), 106'751'991);
  EXPECT_EQ(days.StartOf(-2), At(-2));
}

TEST(CivilDaysTest, FixedOffsetsNeedNoDatabase) {
  auto india = CivilDays::In("+05:30");
  ASSERT_TRUE(india.ok());
  EXPECT_EQ(india->DayOf(At(10, 18 * 3600 + 1800 - 1)), 10);
  EXPECT_EQ(india->DayOf(At(10, 18 * 3600 + 1800)), 11);
  EXPECT_EQ(india->StartOf(11), At(10, 18 * 3600 + 1800));
  auto west = CivilDays::In("-03:00");
  ASSERT_TRUE(west.ok());
  EXPECT_EQ(west->DayOf(At(10, 3 * 3600 - 1)), 9);
  EXPECT_EQ(west->DayOf(At(10, 3 * 3600)), 10);
}

TEST(CivilDaysTest, UnknownZonesAreRefused) {
  for (const char *zone : {"", "Atlantis/Capital", "/etc/passwd", "../UTC", "localtime",
                           "libc:localtime", "file:UTC", "+25:00", "+05:60", "+0530"}) {
    const auto days = CivilDays::In(zone);
    EXPECT_EQ(days.status().code(), absl::StatusCode::kInvalidArgument) << zone;
  }
  EXPECT_EQ(
      CivilDays::In("Atlantis\n").status().message(),
      "zone: 'Atlantis\\x0a'; expected a name in the time-zone database of this machine, such as "
      "Europe/Berlin, an offset such as +05:30, or UTC");
}

class ZoneTest : public ::testing::TestWithParam<const char *> {};

// Absl converts one instant at a time, without the intervals that CivilDays remembers.
TEST_P(ZoneTest, DaysAreThoseOfTheZone) {
  auto days = CivilDays::In(GetParam());
  if (!days.ok()) GTEST_SKIP() << "no time-zone database";
  absl::TimeZone zone;
  ASSERT_TRUE(absl::LoadTimeZone(GetParam(), &zone));
  const auto expected = [&](int64_t micros) {
    return absl::CivilDay(zone.At(absl::FromUnixMicros(micros)).cs) - absl::CivilDay(1970, 1, 1);
  };
  uint64_t state = 3;
  // 1800 to 2500, in random order.
  std::vector<int64_t> micros;
  for (int i = 0; i < 100'000; ++i) {
    micros.push_back(At(-62'091) +
                     static_cast<int64_t>(Next(state) % static_cast<uint64_t>(At(255'000))));
  }
  // Around each midnight of the change of clocks in 2011.
  for (int64_t hour = 0; hour < 366 * 24; ++hour)
    micros.push_back(At(14975) + hour * 3600 * kMicrosPerSecond - 1);
  micros.insert(micros.end(), {kLeast, kMost, 0, -1});
  std::vector<int32_t> got(micros.size());
  days->DaysOf(micros, got);
  for (size_t i = 0; i < micros.size(); ++i)
    ASSERT_EQ(got[i], expected(micros[i])) << FormatTime(micros[i]);
}

TEST_P(ZoneTest, EachDayBeginsAtItsStart) {
  auto days = CivilDays::In(GetParam());
  if (!days.ok()) GTEST_SKIP() << "no time-zone database";
  for (int64_t day = DayOfDate(1990, 1, 1); day < DayOfDate(2031, 1, 1); ++day) {
    const int64_t start = days->StartOf(day);
    // A day that a zone leaves out (Apia, 2011-12-30) begins where the next one does.
    const int32_t first = days->DayOf(start);
    ASSERT_TRUE(first == day || (std::string(GetParam()) == "Pacific/Apia" &&
                                 day == DayOfDate(2011, 12, 30) && first == day + 1))
        << FormatDay(day);
    ASSERT_LT(days->DayOf(start - 1), day) << FormatDay(day);
  }
}

// Ordinary, half-hour and southern daylight saving; midnight skipped (Beirut, Havana, Sao Paulo); a whole day
// skipped (Apia); no daylight saving; an offset of 45 minutes.
INSTANTIATE_TEST_SUITE_P(Zones, ZoneTest,
                         ::testing::Values("Europe/Berlin", "America/New_York",
                                           "Australia/Lord_Howe", "Asia/Beirut", "America/Havana",
                                           "America/Sao_Paulo", "Pacific/Apia", "Asia/Tokyo",
                                           "Asia/Kathmandu", "Africa/Casablanca"));

}  // namespace
}  // namespace patron
