// Holidays from iCalendar text: what is read, and what is refused with its line.
#include "patron/complaints/holidays.hpp"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "unit/complaints/calendars.hpp"

namespace patron::complaints {
namespace {

std::string File(const std::string &event) {
  return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n" + event +
         "END:VEVENT\r\nEND:VCALENDAR\r\n";
}

// The dates of 2023 to 2026.
std::vector<std::string> Dates(const std::string &event) {
  const auto file = ReadHolidays(File(event), *ParseDay("2023-01-01"), *ParseDay("2026-12-31"));
  EXPECT_TRUE(file.ok()) << file.status();
  std::vector<std::string> dates;
  if (!file.ok()) return dates;
  for (const Holiday &holiday : file->holidays) dates.push_back(FormatDay(holiday.day));
  return dates;
}

std::string Refusal(const std::string &text) {
  const auto file = ReadHolidays(text, *ParseDay("2023-01-01"), *ParseDay("2026-12-31"));
  return file.ok() ? "accepted" : std::string(file.status().message());
}

using List = std::vector<std::string>;

TEST(HolidaysTest, AnEventWithoutAnEndLastsADay) {
  EXPECT_EQ(Dates("DTSTART;VALUE=DATE:20241225\r\n"), List{"2024-12-25"});
  EXPECT_EQ(Dates("DTSTART:20241225\n"), List{"2024-12-25"});
}

TEST(HolidaysTest, TheEndIsNotIncluded) {
  EXPECT_EQ(Dates("DTSTART;VALUE=DATE:20241231\r\nDTEND;VALUE=DATE:20250102\r\n"),
            (List{"2024-12-31", "2025-01-01"}));
  EXPECT_EQ(Dates("DTSTART:20241231\r\nDURATION:P2D\r\n"), (List{"2024-12-31", "2025-01-01"}));
  EXPECT_EQ(Dates("DTSTART:20240101\r\nDURATION:P1W\r\n").size(), 7u);
}

TEST(HolidaysTest, DaysOutsideOfThoseAskedForAreLeftOut) {
  EXPECT_EQ(Dates("DTSTART:20221230\r\nDURATION:P4D\r\n"), (List{"2023-01-01", "2023-01-02"}));
  EXPECT_EQ(Dates("DTSTART:20270101\r\n"), List{});
}

TEST(HolidaysTest, YearlyRulesRepeat) {
  EXPECT_EQ(Dates("DTSTART:19901003\r\nRRULE:FREQ=YEARLY\r\n"),
            (List{"2023-10-03", "2024-10-03", "2025-10-03", "2026-10-03"}));
  EXPECT_EQ(Dates("DTSTART:20230101\r\nRRULE:FREQ=YEARLY;COUNT=2\r\n"),
            (List{"2023-01-01", "2024-01-01"}));
  EXPECT_EQ(Dates("DTSTART:20230101\r\nRRULE:FREQ=YEARLY;UNTIL=20250101T000000Z\r\n").size(), 3u);
  EXPECT_EQ(Dates("DTSTART:20230101\r\nRRULE:FREQ=YEARLY;INTERVAL=2\r\n"),
            (List{"2023-01-01", "2025-01-01"}));
  EXPECT_EQ(Dates("DTSTART:20000229\r\nRRULE:FREQ=YEARLY\r\n"), List{"2024-02-29"});
}

TEST(HolidaysTest, WeekdaysOfAMonthAreCountedFromEitherEnd) {
  // Thanksgiving, Memorial Day, and the Monday on or before 24 May.
  EXPECT_EQ(Dates("DTSTART:19701126\r\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH\r\n"),
            (List{"2023-11-23", "2024-11-28", "2025-11-27", "2026-11-26"}));
  EXPECT_EQ(Dates("DTSTART:19710531\r\nRRULE:FREQ=YEARLY;BYDAY=-1MO;BYMONTH=5\r\n"),
            (List{"2023-05-29", "2024-05-27", "2025-05-26", "2026-05-25"}));
  EXPECT_EQ(Dates("DTSTART:20230522\r\nRRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=MO;"
                  "BYMONTHDAY=18,19,20,21,22,23,24\r\n"),
            (List{"2023-05-22", "2024-05-20", "2025-05-19", "2026-05-18"}));
}

TEST(HolidaysTest, DaysOfMonthsAreCountedFromEitherEnd) {
  EXPECT_EQ(Dates("DTSTART:20230228\r\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1\r\n"),
            (List{"2023-02-28", "2024-02-29", "2025-02-28", "2026-02-28"}));
  EXPECT_EQ(Dates("DTSTART:20261031\r\nRRULE:FREQ=YEARLY;BYMONTHDAY=31\r\n"),
            (List{"2026-10-31", "2026-12-31"}));
}

TEST(HolidaysTest, SingleDatesAreAddedAndTakenOut) {
  EXPECT_EQ(Dates("DTSTART:20230501\r\nRRULE:FREQ=YEARLY\r\nEXDATE;VALUE=DATE:20240501,20250501\r\n"
                  "RDATE;VALUE=DATE:20240502\r\n"),
            (List{"2023-05-01", "2024-05-02", "2026-05-01"}));
}

TEST(HolidaysTest, NamesAreUnfoldedAndUnescaped) {
  const auto file = ReadHolidays(File("DTSTART:20241225\r\nSUMMARY;LANGUAGE=\"de:at\":Heiliger\\, "
                                      "gan\r\n zer Tag \xE4\xBC\x91\r\n"),
                                 0, 50'000);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->holidays[0].name, "Heiliger, ganzer Tag \xE4\xBC\x91");
}

TEST(HolidaysTest, EventsOfHoursAndCancelledOnesAreCountedNotTaken) {
  const auto file = ReadHolidays(File("DTSTART:20241225T090000Z\r\nDURATION:PT1H\r\n"), 0, 50'000);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE(file->holidays.empty());
  EXPECT_EQ(file->timed_events, 1u);
  const auto cancelled = ReadHolidays(File("DTSTART:20241225\r\nSTATUS:CANCELLED\r\n"), 0, 50'000);
  ASSERT_TRUE(cancelled.ok());
  EXPECT_TRUE(cancelled->holidays.empty());
  EXPECT_EQ(cancelled->cancelled_events, 1u);
}

TEST(HolidaysTest, OtherComponentsAreSkipped) {
  EXPECT_EQ(Dates("DTSTART:20241225\r\nBEGIN:VALARM\r\nDURATION:PT5M\r\nEND:VALARM\r\n"),
            List{"2024-12-25"});
  EXPECT_EQ(Refusal("BEGIN:VCALENDAR\nBEGIN:VTODO\nDTSTART:nonsense\nEND:VTODO\nEND:VCALENDAR"),
            "accepted");
}

TEST(HolidaysTest, BrokenTextIsRefusedWithItsLine) {
  EXPECT_EQ(Refusal(""), "line 1: iCalendar: empty; expected BEGIN:VCALENDAR");
  EXPECT_EQ(Refusal("<html>"), "line 1: text: '<html>'; expected a name, a colon and a value");
  EXPECT_EQ(Refusal("VERSION:2.0"),
            "line 1: VERSION: before a calendar; expected BEGIN:VCALENDAR first");
  EXPECT_EQ(Refusal("BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n"),
            "line 3: END: 'VCALENDAR'; expected the end of VEVENT from line 2");
  EXPECT_EQ(Refusal("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20240101\n"),
            "line 2: VEVENT: without an end; expected END before the text ends");
  EXPECT_EQ(Refusal(File("DTSTART:20240230\r\n")),
            "line 4: DTSTART: '20240230'; expected a date such as 20241225");
  EXPECT_EQ(Refusal(File("SUMMARY:no date\r\n")),
            "line 3: VEVENT: without DTSTART; expected the date that it begins on");
  EXPECT_EQ(Refusal(File("DTSTART:20240101\r\nSUMMARY:\xFF\r\n")),
            "line 5: text: 'SUMMARY:\\xff'; expected UTF-8 without control characters");
  EXPECT_EQ(Refusal(File("DTSTART:20240101\r\nDTSTART:20240102\r\n")),
            "line 5: DTSTART: a second time; expected it once an event");
  EXPECT_EQ(Refusal(File("DTSTART:20240101\r\nDTEND:20240101\r\n")),
            "line 3: VEVENT: 0 days long; expected 1 to 366");
  EXPECT_EQ(Refusal(File("DTSTART:20240101\r\nDURATION:P999999999D\r\n")),
            "line 5: DURATION: 'P999999999D'; expected whole days or weeks such as P1D, up to 366 "
            "days");
}

TEST(HolidaysTest, RulesThatAreNotUnderstoodAreNotGuessedAt) {
  const auto rule = [](const std::string &text) {
    return Refusal(File("DTSTART:20240101\r\nRRULE:" + text + "\r\n"));
  };
  for (const char *text :
       {"FREQ=MONTHLY", "FREQ=YEARLY;BYYEARDAY=1", "FREQ=YEARLY;BYSETPOS=1", "INTERVAL=1", "",
        "FREQ=YEARLY;INTERVAL=0", "FREQ=YEARLY;COUNT=-1", "FREQ=YEARLY;BYMONTH=13",
        "FREQ=YEARLY;BYMONTHDAY=0", "FREQ=YEARLY;BYDAY=1MO", "FREQ=YEARLY;BYMONTH=1;BYDAY=6MO",
        "FREQ=YEARLY;BYMONTH=1;BYDAY=OT", "FREQ=YEARLY;FREQ=YEARLY", "FREQ=YEARLY;UNTIL=soon",
        "FREQ=YEARLY;COUNT=1;UNTIL=20250101", "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1;BYDAY=1MO"}) {
    EXPECT_EQ(rule(text).substr(0, 14), "line 5: RRULE:") << text;
  }
  EXPECT_EQ(rule("FREQ=YEARLY;BYMONTH=2"),
            "line 5: RRULE: does not give the date of DTSTART; expected another rule");
  EXPECT_EQ(Refusal(File("DTSTART:20240101\r\nRECURRENCE-ID:20240101\r\n")).substr(0, 22),
            "line 5: RECURRENCE-ID:");
}

TEST(HolidaysTest, FilesThatWouldGrowWithoutBoundAreRefused) {
  // Every day of 9,999 years, from each of many events.
  std::string text = "BEGIN:VCALENDAR\n";
  std::string days;
  for (int day = 1; day <= 31; ++day) days += (day > 1 ? "," : "") + std::to_string(day);
  for (int i = 0; i < 100; ++i) {
    text +=
        "BEGIN:VEVENT\nDTSTART:00010101\nRRULE:FREQ=YEARLY;BYMONTHDAY=" + days + "\nEND:VEVENT\n";
  }
  text += "END:VCALENDAR\n";
  const auto all = ReadHolidays(text, detail::kFirstDay, detail::kLastDay);
  EXPECT_FALSE(all.ok());
  const auto few = ReadHolidays(text, detail::kLastDay - 5, detail::kLastDay);
  EXPECT_EQ(few.status().message(),
            "line 12: RRULE: more than 10000000 dates to try; expected another rule");
  std::string nested;
  for (int i = 0; i < 10'000; ++i) nested += "BEGIN:VCALENDAR\n";
  EXPECT_FALSE(ReadHolidays(nested, 0, 1).ok());
  nested = "BEGIN:VCALENDAR\n";
  for (int i = 0; i < 10'000; ++i) nested += "BEGIN:X\n";
  EXPECT_EQ(ReadHolidays(nested, 0, 1).status().message(),
            "line 17: BEGIN: nested too deep; expected at most 16 levels");
  EXPECT_FALSE(ReadHolidays(text, 1, 0).ok());
  EXPECT_FALSE(ReadHolidays(text, detail::kFirstDay - 1, 0).ok());
}

TEST(HolidaysTest, ClosingKeepsDatesThatHaveHoursOfTheirOwn) {
  Calendar calendar = OfficeHours("Europe/Berlin");
  const int64_t half_day = *ParseDay("2024-12-24"), holiday = *ParseDay("2024-12-25");
  calendar.exceptions[half_day] = {*ParseSegment("09:00", "12:00")};
  EXPECT_EQ(CloseOn({{half_day, ""}, {holiday, "Christmas"}, {holiday, "again"}}, calendar), 1u);
  EXPECT_EQ(calendar.exceptions.at(half_day).size(), 1u);
  EXPECT_TRUE(calendar.exceptions.at(holiday).empty());
}

}  // namespace
}  // namespace patron::complaints
