// Business days, calendar days and weeks in single cases.
#include "patron/complaints/business_calendar.hpp"

#include "gtest/gtest.h"
#include "unit/complaints/calendars.hpp"

namespace patron::complaints {
namespace {

TEST(BusinessCalendarTest, TheDayOfReceiptDoesNotCount) {
  const BusinessCalendar calendar = Compiled(OfficeHours("Europe/London"));
  // Received on a Saturday or late on Friday: the first business day is Monday.
  for (const char *received : {"2024-06-08T10:00:00+01:00", "2024-06-07T23:00:00+01:00"}) {
    EXPECT_EQ(*calendar.BusinessDaysAfter(At(received), 1), At("2024-06-10T17:00:00+01:00"));
  }
  EXPECT_EQ(*calendar.BusinessDaysAfter(At("2024-06-10T00:00:00+01:00"), 15),
            At("2024-07-01T17:00:00+01:00"));
}

TEST(BusinessCalendarTest, ThousandsOfYearsOfBusinessDaysAreCounted) {
  const BusinessCalendar calendar = Compiled(OfficeHours("UTC"));
  const int64_t friday = At("2024-06-07T10:00:00Z");
  EXPECT_EQ(*calendar.BusinessDaysAfter(friday, 5'000'000),
            friday + 1'000'000 * detail::kMicrosPerWeek + 7 * kHour);
  EXPECT_EQ(*calendar.BusinessDaysAfter(friday, 1'000'000'000), kNever);
  EXPECT_EQ(*calendar.BusinessDaysAfter(friday, std::numeric_limits<int64_t>::max()), kNever);
}

TEST(BusinessCalendarTest, WithoutFurtherBusinessDaysThereIsNoDueInstant) {
  Calendar calendar;
  calendar.weeks.emplace_back();
  calendar.exceptions[*ParseDay("2024-06-10")] = {{0, 3600}};
  const BusinessCalendar once = Compiled(calendar);
  const int64_t received = At("2024-06-01T00:00:00Z");
  EXPECT_EQ(*once.BusinessDaysAfter(received, 1), At("2024-06-10T01:00:00Z"));
  EXPECT_EQ(*once.BusinessDaysAfter(received, 2), kNever);
}

TEST(BusinessCalendarTest, ASkippedDateIsNoBusinessDay) {
  // Samoa went from Thursday, 29 December 2011 to Saturday, the 31st.
  const BusinessCalendar calendar = Compiled(OfficeHours("Pacific/Apia"));
  EXPECT_EQ(*calendar.BusinessDaysAfter(At("2011-12-29T12:00:00-10:00"), 1),
            At("2012-01-02T17:00:00+14:00"));
}

TEST(BusinessCalendarTest, ACloseInAnHourThatComesTwiceIsTheSecond) {
  Calendar calendar;
  calendar.zone = "Europe/Berlin";
  calendar.weeks.emplace_back();
  calendar.weeks[0].week[6] = {*ParseSegment("01:00", "02:30")};
  const BusinessCalendar sundays = Compiled(calendar);
  EXPECT_EQ(*sundays.BusinessDaysAfter(At("2024-10-26T12:00:00+02:00"), 1),
            At("2024-10-27T02:30:00+01:00"));
  // Where 02:30 is skipped, working time ends at the jump.
  EXPECT_EQ(*sundays.BusinessDaysAfter(At("2024-03-30T12:00:00+01:00"), 1),
            At("2024-03-31T03:00:00+02:00"));
}

TEST(BusinessCalendarTest, CalendarDaysEndWithTheDate) {
  const BusinessCalendar calendar = Compiled(OfficeHours("Europe/London"));
  const int64_t received = At("2024-03-01T18:30:00+00:00");
  EXPECT_EQ(*calendar.CalendarDaysAfter(received, 0), At("2024-03-02T00:00:00+00:00"));
  EXPECT_EQ(*calendar.CalendarDaysAfter(received, 30), At("2024-04-01T00:00:00+01:00"));
  // Eight weeks after Friday, 1 March is Friday, 26 April.
  EXPECT_EQ(*calendar.CalendarWeeksAfter(received, 8), At("2024-04-27T00:00:00+01:00"));
  EXPECT_EQ(*calendar.CalendarDaysAfter(received, 1'000'000'000), kNever);
  EXPECT_EQ(*calendar.CalendarWeeksAfter(received, std::numeric_limits<int64_t>::max()), kNever);
}

TEST(BusinessCalendarTest, CountsBelowOneAreRefused) {
  const BusinessCalendar calendar = Compiled(OfficeHours("UTC"));
  EXPECT_EQ(calendar.BusinessDaysAfter(0, 0).status().message(),
            "count: 0; expected 1 business day or more");
  EXPECT_FALSE(calendar.CalendarDaysAfter(0, -1).ok());
  EXPECT_FALSE(calendar.CalendarWeeksAfter(0, -1).ok());
  EXPECT_FALSE(calendar.BusinessDaysAfter(kNever, 1).ok());
}

TEST(BusinessCalendarTest, BusinessDaysBetweenAreThoseAfterTheFirstDate) {
  Calendar calendar = OfficeHours("UTC");
  calendar.exceptions[*ParseDay("2024-06-05")] = {};
  calendar.exceptions[*ParseDay("2024-06-08")] = {{0, 60}};
  const BusinessCalendar days = Compiled(calendar);
  const int64_t monday = At("2024-06-03T12:00:00Z"), next = At("2024-06-10T08:00:00Z");
  EXPECT_EQ(*days.BusinessDaysBetween(monday, next), 5);  // Tue, Thu, Fri, Sat, Mon.
  EXPECT_EQ(*days.BusinessDaysBetween(next, monday), -5);
  EXPECT_EQ(*days.BusinessDaysBetween(monday, monday + kHour), 0);
}

}  // namespace
}  // namespace patron::complaints
