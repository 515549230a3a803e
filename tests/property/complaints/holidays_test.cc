// Holidays from text that was damaged at random: an answer or a refusal that names a line.
#include "patron/complaints/holidays.hpp"

#include <cstddef>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"

namespace patron::complaints {
namespace {

const std::string kText =
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\n"
    "DTSTART;VALUE=DATE:20201126\r\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;UNTIL=20401231\r\n"
    "EXDATE;VALUE=DATE:20241128\r\nSUMMARY:Thanks\\, folded\r\n  here\r\nEND:VEVENT\r\n"
    "BEGIN:VEVENT\r\nDTSTART:20240101\r\nDURATION:P2W\r\nRDATE:20250101,20260101\r\n"
    "END:VEVENT\r\nBEGIN:VEVENT\r\nDTSTART:20241231\r\nDTEND:20250102\r\n"
    "RRULE:FREQ=YEARLY;INTERVAL=3;COUNT=20;BYMONTHDAY=-1,31\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

RC_GTEST_PROP(HolidaysTest, DamagedTextIsReadOrRefusedWithItsLine, ()) {
  std::string text = kText;
  const int changes = *rc::gen::inRange(0, 6);
  for (int i = 0; i < changes && !text.empty(); ++i) {
    const auto place = *rc::gen::inRange<size_t>(0, text.size());
    const auto length = *rc::gen::inRange<size_t>(0, 20);
    switch (*rc::gen::inRange(0, 4)) {
      case 0: text[place] = *rc::gen::arbitrary<char>(); break;
      case 1: text.erase(place, length); break;
      case 2:
        text.insert(place, text.substr(*rc::gen::inRange<size_t>(0, text.size()), length));
        break;
      default: text[place] = *rc::gen::elementOf(std::string("0123456789-,;:=TPDW\r\n\"\\")); break;
    }
  }
  const auto file = ReadHolidays(text, detail::kFirstDay, detail::kLastDay);
  if (!file.ok()) {
    RC_ASSERT(file.status().code() == absl::StatusCode::kInvalidArgument);
    RC_ASSERT(file.status().message().substr(0, 5) == "line ");
    return;
  }
  for (size_t i = 0; i < file->holidays.size(); ++i) {
    RC_ASSERT(file->holidays[i].day >= detail::kFirstDay);
    RC_ASSERT(file->holidays[i].day <= detail::kLastDay);
    if (i > 0) RC_ASSERT(file->holidays[i - 1].day <= file->holidays[i].day);
  }
}

// The days of a rule are those whose dates fit its words, by a walk over all days.
RC_GTEST_PROP(HolidaysTest, RulesGiveTheDaysThatAWalkFinds, ()) {
  const int month = *rc::gen::inRange(1, 13);
  const int ordinal = *rc::gen::element(-5, -4, -3, -2, -1, 1, 2, 3, 4, 5);
  const int weekday = *rc::gen::inRange(0, 7);
  const int interval = *rc::gen::inRange(1, 4);
  const int64_t begin = DayOfDate(1995, 1, 1), end = DayOfDate(2031, 1, 1);
  std::vector<int64_t> expected;
  for (int64_t day = begin; day < end; ++day) {
    const CivilDate date = DateOfDay(day);
    if (date.month != month || WeekdayOf(day) != weekday) continue;
    const int before = (date.day - 1) / 7;
    int after = 0;
    while (DateOfDay(day + 7 * (after + 1)).month == month) ++after;
    if (ordinal > 0 ? before + 1 != ordinal : after + 1 != -ordinal) continue;
    if (!expected.empty() && (date.year - DateOfDay(expected[0]).year) % interval != 0) continue;
    expected.push_back(day);
  }
  RC_PRE(!expected.empty());
  std::string start = FormatDay(expected[0]);
  std::erase(start, '-');
  const char *names[] = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};
  const std::string text =
      "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:" + start +
      "\nRRULE:FREQ=YEARLY;BYMONTH=" + std::to_string(month) + ";BYDAY=" + std::to_string(ordinal) +
      names[weekday] + ";INTERVAL=" + std::to_string(interval) + "\nEND:VEVENT\nEND:VCALENDAR\n";
  const auto file = ReadHolidays(text, begin, end - 1);
  RC_ASSERT(file.ok());
  std::vector<int64_t> days;
  for (const Holiday &holiday : file->holidays) days.push_back(holiday.day);
  RC_ASSERT(days == expected);
}

}  // namespace
}  // namespace patron::complaints
