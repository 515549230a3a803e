// Calendars as values: what is refused, and how days and times of day are spelled.
#include "patron/complaints/calendar.hpp"

#include <string>

#include "gtest/gtest.h"
#include "unit/complaints/calendars.hpp"

namespace patron::complaints {
namespace {

std::string Refusal(const Calendar &calendar) {
  const absl::Status status = CheckCalendar(calendar);
  if (status.ok()) return "accepted";
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

TEST(CalendarTest, OfficeHoursAreAccepted) {
  EXPECT_EQ(Refusal(OfficeHours("Europe/Berlin")), "accepted");
  EXPECT_EQ(Refusal(OfficeHours("+05:30")), "accepted");
}

TEST(CalendarTest, AZoneThatDoesNotExistIsNamed) {
  EXPECT_EQ(Refusal(OfficeHours("Europe/Atlantis")).substr(0, 23), "zone: 'Europe/Atlantis'");
  EXPECT_EQ(Refusal(OfficeHours("/etc/passwd")).substr(0, 19), "zone: '/etc/passwd'");
}

TEST(CalendarTest, OneThatNeverOpensIsRefused) {
  Calendar calendar;
  EXPECT_EQ(Refusal(calendar), "calendar: 0 weeks; expected 1 to 1000");
  calendar.weeks.emplace_back();
  calendar.exceptions[0] = {};
  EXPECT_EQ(Refusal(calendar), "calendar: never open; expected a segment on some day");
  calendar.exceptions[1] = {{0, 1}};
  EXPECT_EQ(Refusal(calendar), "accepted");
}

TEST(CalendarTest, SegmentsMayTouchButNotOverlap) {
  Calendar calendar = OfficeHours("UTC");
  calendar.weeks[0].week[2] = {{13 * 3600, 18 * 3600}, {9 * 3600, 13 * 3600}};
  EXPECT_EQ(Refusal(calendar), "accepted");
  calendar.weeks[0].week[2][1].close += 1;
  EXPECT_EQ(Refusal(calendar),
            "calendar: wed: 09:00-13:00:01 and 13:00-18:00; expected segments that do not overlap");
}

TEST(CalendarTest, SegmentsOutOfTheDayAreRefused) {
  for (const Segment &segment :
       {Segment{-1, 10}, {86'400, 86'401}, {10, 10}, {10, 9}, {0, 86'401}}) {
    Calendar calendar = OfficeHours("UTC");
    calendar.exceptions[*ParseDay("2024-12-24")] = {segment};
    EXPECT_EQ(Refusal(calendar).substr(0, 42), "calendar: 2024-12-24: a segment from secon");
  }
}

TEST(CalendarTest, WeeksHoldFromAscendingDates) {
  Calendar calendar = OfficeHours("UTC");
  calendar.weeks.push_back({*ParseDay("2024-01-01"), calendar.weeks[0].week});
  EXPECT_EQ(Refusal(calendar), "accepted");
  calendar.weeks.push_back({*ParseDay("2024-01-01"), calendar.weeks[0].week});
  EXPECT_EQ(Refusal(calendar),
            "calendar: week 2 holds from 2024-01-01; expected dates of the years 1 to 9999 in "
            "ascending order");
  calendar.weeks.resize(1);
  calendar.weeks[0].first_day = 0;
  EXPECT_EQ(Refusal(calendar),
            "calendar: the first week has a first date; expected that it holds from the beginning");
}

TEST(CalendarTest, ExceptionsAreOfTheYears1To9999) {
  Calendar calendar = OfficeHours("UTC");
  calendar.exceptions[*ParseDay("0001-01-01")] = {};
  calendar.exceptions[*ParseDay("9999-12-31")] = {};
  EXPECT_EQ(Refusal(calendar), "accepted");
  calendar.exceptions[*ParseDay("9999-12-31") + 1] = {};
  EXPECT_EQ(Refusal(calendar),
            "calendar: an exception on day 2932897; expected dates of the years 1 to 9999");
  calendar.exceptions.erase(*ParseDay("9999-12-31") + 1);
  calendar.exceptions[*ParseDay("0001-01-01") - 1] = {};
  EXPECT_EQ(Refusal(calendar),
            "calendar: an exception on day -719163; expected dates of the years 1 to 9999");
}

TEST(CalendarTest, TooMuchOfAnythingIsRefused) {
  Calendar calendar = OfficeHours("UTC");
  calendar.weeks[0].week[6].assign(kMostSegments + 1, {0, 1});
  EXPECT_EQ(Refusal(calendar), "calendar: sun: 49 segments; expected at most 48");
  calendar = OfficeHours("UTC");
  for (int64_t day = 0; day <= static_cast<int64_t>(kMostExceptions); ++day) {
    calendar.exceptions[day] = {};
  }
  EXPECT_EQ(Refusal(calendar), "calendar: 100001 exceptions; expected at most 100000");
}

TEST(CalendarTest, SegmentsAreReadAsTimesOfDay) {
  EXPECT_EQ(*ParseSegment("09:00", "17:30"), (Segment{32'400, 63'000}));
  EXPECT_EQ(*ParseSegment("00:00", "24:00"), (Segment{0, 86'400}));
  EXPECT_EQ(*ParseSegment("22:00", "06:00:05"), (Segment{79'200, 108'005}));
  EXPECT_EQ(FormatSegment({79'200, 108'005}), "22:00-06:00:05");
  EXPECT_EQ(FormatSegment({0, 86'400}), "00:00-24:00");
}

TEST(CalendarTest, OtherTextIsNoSegment) {
  for (const char *text : {"", "9:00", "09:60", "24:01", "09-00", "09:00:61", "٠٩:٠٠", "09:00 "}) {
    EXPECT_FALSE(ParseSegment(text, "17:00").ok()) << text;
    EXPECT_FALSE(ParseSegment("08:00", text).ok()) << text;
  }
  EXPECT_FALSE(ParseSegment("09:00", "09:00").ok());
  EXPECT_FALSE(ParseSegment("24:00", "06:00").ok());
}

TEST(CalendarTest, DatesAreThoseOfTheGregorianCalendar) {
  EXPECT_EQ(*ParseDay("1970-01-01"), 0);
  EXPECT_EQ(*ParseDay("2024-02-29"), 19'782);
  for (const char *text : {"2023-02-29", "1900-02-29", "2024-13-01", "2024-00-01", "2024-01-00",
                           "0000-01-01", "2024-1-01", "20240101", "2024-01-01T"}) {
    EXPECT_FALSE(ParseDay(text).ok()) << text;
  }
}

TEST(CalendarTest, WeeksBeginOnMonday) {
  EXPECT_EQ(WeekdayOf(0), 3);  // 1970-01-01 was a Thursday.
  EXPECT_EQ(WeekdayName(WeekdayOf(*ParseDay("2024-06-03"))), "mon");
  EXPECT_EQ(WeekdayName(WeekdayOf(*ParseDay("1899-12-31"))), "sun");
  EXPECT_EQ(*ParseWeekday("sun"), 6);
  EXPECT_EQ(ParseWeekday("Sunday").status().message(),
            "weekday: 'Sunday'; expected mon, tue, wed, thu, fri, sat or sun");
}

}  // namespace
}  // namespace patron::complaints
