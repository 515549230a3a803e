// Business calendars: making, bytes, holidays, and questions, one by one and in columns.
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/time/time.h"
#include "c_api/bytes.hpp"
#include "c_api/tables.hpp"
#include "golden/complaints/json.hpp"
#include "patron/c/patron.h"
#include "support/reference_data.hpp"

namespace patron::c_api_test {
namespace {

using patron::testing::Json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kHour = 3'600 * kSecond;

struct FreeCalendar {
  void operator()(patron_calendar *calendar) const { patron_calendar_free(calendar); }
};
using Calendar = std::unique_ptr<patron_calendar, FreeCalendar>;

int64_t At(const std::string &text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return absl::ToUnixMicros(time);
}

// One row a segment, as patron_calendar_create takes it.
struct Hours {
  std::vector<std::string> day;
  std::vector<std::optional<std::string>> open, close;

  Hours &Add(const std::string &on, const char *from, const char *to) {
    day.push_back(on);
    open.push_back(from == nullptr ? std::nullopt : std::optional<std::string>(from));
    close.push_back(to == nullptr ? std::nullopt : std::optional<std::string>(to));
    return *this;
  }
  Hours &Workdays(const char *from, const char *to) {
    for (const char *weekday : {"mon", "tue", "wed", "thu", "fri"}) Add(weekday, from, to);
    return *this;
  }
  std::unique_ptr<TableOf> Table() const {
    auto table = std::make_unique<TableOf>();
    table->Texts("day", day).OptionalTexts("open", open).OptionalTexts("close", close);
    return table;
  }
};

Calendar Make(const char *zone, TableOf &hours) {
  Error error;
  patron_calendar *out = nullptr;
  EXPECT_EQ(patron_calendar_create(zone, hours.get(), &out, error.get()), PATRON_OK)
      << error.message();
  return Calendar(out);
}
Calendar Make(const char *zone, const Hours &hours) { return Make(zone, *hours.Table()); }

std::string Refusal(const char *zone, TableOf &hours) {
  Error error;
  auto *out = Untouched<patron_calendar>();
  EXPECT_EQ(patron_calendar_create(zone, hours.get(), &out, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(out, Untouched<patron_calendar>());
  return error.message();
}
std::string Refusal(const char *zone, const Hours &hours) { return Refusal(zone, *hours.Table()); }

Calendar Office() { return Make("Europe/Berlin", Hours().Workdays("09:00", "17:00")); }

int64_t Due(const Calendar &calendar, int64_t start, int64_t amount,
            const std::vector<patron_pause> &pauses = {},
            int32_t kind = PATRON_LIMIT_WORKING_TIME) {
  Error error;
  int64_t out = 7;
  EXPECT_EQ(patron_calendar_due_at(calendar.get(), kind, start, amount, pauses.data(),
                                   pauses.size(), &out, error.get()),
            PATRON_OK)
      << error.message();
  return out;
}

int64_t Elapsed(const Calendar &calendar, int64_t start, int64_t end,
                const std::vector<patron_pause> &pauses = {}) {
  Error error;
  int64_t out = 7;
  EXPECT_EQ(patron_calendar_elapsed_between(calendar.get(), start, end, pauses.data(),
                                            pauses.size(), &out, error.get()),
            PATRON_OK)
      << error.message();
  return out;
}

using Column = patron_status (*)(const patron_calendar *, const patron_table *,
                                 const patron_clock_options *, patron_table **, patron_error *);

Table Answer(Column function, const Calendar &calendar, TableOf &table,
             const patron_clock_options *options = nullptr) {
  Error error;
  patron_table *out = nullptr;
  EXPECT_EQ(function(calendar.get(), table.get(), options, &out, error.get()), PATRON_OK)
      << error.message();
  return Table(out);
}

std::string Refusal(Column function, const Calendar &calendar, TableOf &table,
                    const patron_clock_options *options,
                    patron_status expected = PATRON_INVALID_ARGUMENT) {
  Error error;
  auto *out = Untouched<patron_table>();
  EXPECT_EQ(function(calendar.get(), table.get(), options, &out, error.get()), expected);
  EXPECT_EQ(out, Untouched<patron_table>());
  return error.message();
}

patron_clock_options Options() {
  patron_clock_options options;
  patron_clock_options_init(&options);
  return options;
}

std::vector<std::optional<int64_t>> DueColumn(const Table &table) {
  return Optional<int64_t>(table.get(), "due", PATRON_TYPE_TIMESTAMP_US);
}

// ---- Making ----

TEST(CalendarTest, ExceptionsTakeThePlaceOfTheWeekday) {
  Hours hours;
  hours.Workdays("09:00", "12:00").Workdays("13:00", "17:00");
  hours.Add("2024-12-25", nullptr, nullptr).Add("2024-12-28", "09:00", "10:00");
  const Calendar calendar = Make("Europe/Berlin", hours);
  EXPECT_STREQ(patron_calendar_zone(calendar.get()), "Europe/Berlin");
  EXPECT_EQ(Elapsed(calendar, At("2024-12-23T00:00:00+01:00"), At("2024-12-30T00:00:00+01:00")),
            (4 * 7 + 1) * kHour);
  EXPECT_EQ(Due(calendar, At("2024-12-24T16:00:00+01:00"), 2 * kHour),
            At("2024-12-26T10:00:00+01:00"));
}

TEST(CalendarTest, WeeksHoldFromTheirDateOn) {
  // Nine to five, from Tuesday 4 June on ten to noon.
  TableOf hours;
  hours.Texts("day", {"mon", "tue", "mon", "tue"});
  hours.Integers("open", std::vector<int64_t>{9 * 3600, 9 * 3600, 36'000, 36'000});
  hours.Integers("close", std::vector<int64_t>{17 * 3600, 17 * 3600, 43'200, 43'200});
  const int64_t june_4 = At("2024-06-04T00:00:00Z");
  hours.Times("from", std::vector<std::optional<int64_t>>{{}, {}, june_4, june_4});
  const Calendar calendar = Make(nullptr, hours);
  EXPECT_STREQ(patron_calendar_zone(calendar.get()), "UTC");
  EXPECT_EQ(Elapsed(calendar, At("2024-06-03T00:00:00Z"), june_4), 8 * kHour);
  EXPECT_EQ(Elapsed(calendar, june_4, At("2024-06-11T00:00:00Z")), 4 * kHour);
}

TEST(CalendarTest, ShowsItsHours) {
  Hours hours;
  hours.Add("fri", "22:00", "06:00").Add("mon", "13:00", "17:30:15").Add("mon", "09:00", "12:00");
  hours.Add("2024-12-25", nullptr, nullptr);
  const Calendar calendar = Make("UTC", hours);
  patron_table *out = nullptr;
  ASSERT_EQ(patron_calendar_to_table(calendar.get(), &out, nullptr), PATRON_OK);
  const Table table(out);
  EXPECT_THAT(Texts(table, "day"), ElementsAre("mon", "mon", "fri", "2024-12-25"));
  using Times = std::vector<std::optional<int32_t>>;
  EXPECT_EQ(Optional<int32_t>(out, "open", PATRON_TYPE_INT32),
            (Times{32'400, 46'800, 79'200, std::nullopt}));
  EXPECT_EQ(Optional<int32_t>(out, "close", PATRON_TYPE_INT32),
            (Times{43'200, 63'015, 108'000, std::nullopt}));
  // What it shows makes it again.
  patron_calendar *again = nullptr;
  ASSERT_EQ(patron_calendar_create("UTC", out, &again, nullptr), PATRON_OK);
  const Calendar same(again);
  EXPECT_EQ(BytesOf(patron_calendar_serialize, same.get()),
            BytesOf(patron_calendar_serialize, calendar.get()));
}

TEST(CalendarTest, BadHoursAreRefused) {
  EXPECT_THAT(Refusal("Europe/Bonn", Hours().Workdays("09:00", "17:00")), HasSubstr("Europe/Bonn"));
  EXPECT_THAT(Refusal("UTC", Hours()), HasSubstr("never open"));
  EXPECT_THAT(Refusal("UTC", Hours().Add("mon", nullptr, nullptr)), HasSubstr("never open"));
  EXPECT_EQ(Refusal("UTC", Hours().Add("mo", "09:00", "10:00")),
            "day: row 0 is 'mo'; expected mon, tue, wed, thu, fri, sat, sun or a date such as "
            "2024-12-25");
  EXPECT_EQ(Refusal("UTC", Hours().Add("2024-02-30", "09:00", "10:00")),
            "day: row 0 is '2024-02-30'; expected a date such as 2024-12-25");
  EXPECT_EQ(Refusal("UTC", Hours().Add("mon", "09:00", "17:00").Add("tue", "9", "17:00")),
            "row 1: segment: '9'; expected a time of day such as 09:00, up to 24:00");
  EXPECT_EQ(Refusal("UTC", Hours().Add("mon", "09:00", nullptr)),
            "close: row 0 is null; expected both times or neither");
  EXPECT_EQ(Refusal("UTC", Hours().Add("mon", "09:00", "17:00").Add("mon", nullptr, nullptr)),
            "open: row 1 is null; expected segments for 'mon', or that it is closed");
  EXPECT_EQ(Refusal("UTC", Hours().Add("mon", "09:00", "17:00").Add("mon", "16:00", "18:00")),
            "calendar: mon: 09:00-17:00 and 16:00-18:00; expected segments that do not overlap");
  TableOf seconds;
  seconds.Texts("day", {"mon"}).Integers("open", std::vector<int64_t>{100});
  seconds.Integers("close", std::vector<int64_t>{86'501});
  EXPECT_EQ(Refusal("UTC", seconds), "close: row 0 is 86501; expected 101 to 86500 seconds");
  TableOf missing;
  missing.Texts("day", {"mon"}).Texts("open", {"09:00"});
  EXPECT_THAT(Refusal("UTC", missing), HasSubstr("close"));
  TableOf versioned;
  versioned.Texts("day", {"2024-12-25"}).Texts("open", {"09:00"}).Texts("close", {"10:00"});
  versioned.Days("from", {0});
  EXPECT_EQ(Refusal("UTC", versioned), "from: row 0 is 1970-01-01; expected null for a date");
}

TEST(CalendarTest, OnlyItsBytesLoad) {
  Hours hours;
  hours.Workdays("09:00", "17:00").Add("2024-12-25", nullptr, nullptr);
  hours.Add("2024-12-24", "09:00", "12:00");
  const Calendar calendar = Make("Asia/Shanghai", hours);
  const std::string bytes = BytesOf(patron_calendar_serialize, calendar.get());
  ExpectOnlyTheseBytesLoad<patron_calendar>(patron_calendar_deserialize, bytes);
  patron_calendar *out = nullptr;
  ASSERT_EQ(patron_calendar_deserialize(bytes.data(), bytes.size(), &out, nullptr), PATRON_OK);
  const Calendar same(out);
  EXPECT_STREQ(patron_calendar_zone(out), "Asia/Shanghai");
  EXPECT_EQ(BytesOf(patron_calendar_serialize, out), bytes);
  const int64_t start = At("2024-12-24T11:30:00+08:00");
  EXPECT_EQ(Due(same, start, kHour), At("2024-12-26T09:30:00+08:00"));
}

// ---- Holidays ----

constexpr char kFeed[] =
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n"
    "BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20241003\r\nSUMMARY:Unity\r\nRRULE:FREQ=YEARLY\r\n"
    "END:VEVENT\r\n"
    "BEGIN:VEVENT\r\nDTSTART:20241004T090000Z\r\nSUMMARY:Meeting\r\nEND:VEVENT\r\n"
    "END:VCALENDAR\r\n";

TEST(CalendarTest, HolidaysCloseTheirDates) {
  const Calendar calendar = Office();
  const auto day = [](const char *date) {
    return static_cast<int32_t>(At(std::string(date) + "T00:00:00Z") / kDay);
  };
  patron_calendar *out = nullptr;
  patron_table *holidays = nullptr;
  patron_holiday_report report{};
  report.struct_size = sizeof report;
  Error error;
  ASSERT_EQ(
      patron_calendar_with_holidays(calendar.get(), kFeed, sizeof kFeed - 1, day("2024-01-01"),
                                    day("2026-12-31"), &out, &holidays, &report, error.get()),
      PATRON_OK)
      << error.message();
  const Calendar closed(out);
  const Table table(holidays);
  EXPECT_EQ(report.holidays, 3u);
  EXPECT_EQ(report.closed, 3u);
  EXPECT_EQ(report.timed_events, 1u);
  EXPECT_EQ(report.cancelled_events, 0u);
  EXPECT_THAT(Texts(table, "name"), ElementsAre("Unity", "Unity", "Unity"));
  EXPECT_THAT(Plain<int32_t>(holidays, "day", PATRON_TYPE_DATE32),
              ElementsAre(day("2024-10-03"), day("2025-10-03"), day("2026-10-03")));
  const int64_t start = At("2025-10-02T16:00:00+02:00");
  EXPECT_EQ(Due(closed, start, 2 * kHour), At("2025-10-06T10:00:00+02:00"));
  EXPECT_EQ(Due(calendar, start, 2 * kHour), At("2025-10-03T10:00:00+02:00"));

  patron_calendar *untouched = Untouched<patron_calendar>();
  const std::string cut = std::string(kFeed).substr(0, 150);
  EXPECT_EQ(patron_calendar_with_holidays(calendar.get(), cut.data(), cut.size(), 0, 100,
                                          &untouched, nullptr, nullptr, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(untouched, Untouched<patron_calendar>());
  EXPECT_THAT(error.message(), HasSubstr("line "));
}

// ---- Reference vectors ----

int64_t Instant(const Json &json) { return json.is_null() ? PATRON_NO_TIME : At(json.text); }

std::map<std::string, Calendar> Calendars(const Json &json) {
  std::map<std::string, Calendar> calendars;
  for (size_t c = 0; c < json.items.size(); ++c) {
    Hours hours;
    for (const char *part : {"weekly", "exceptions"}) {
      const Json &dates = json[c][part];
      for (size_t i = 0; i < dates.items.size(); ++i) {
        if (dates[i].items.empty()) hours.Add(dates.names[i], nullptr, nullptr);
        for (const Json &segment : dates[i].items) {
          hours.Add(dates.names[i], segment[0].text.c_str(), segment[1].text.c_str());
        }
      }
    }
    calendars.emplace(json.names[c], Make(json[c]["tz"].text.c_str(), hours));
  }
  return calendars;
}

class CalendarVectors : public ::testing::TestWithParam<std::pair<const char *, size_t>> {};

TEST_P(CalendarVectors, AgreeToTheMicrosecond) {
  const Json file = patron::testing::ReadJson(patron::testing::ReferencePath(GetParam().first));
  if (file.is_null()) GTEST_SKIP() << "no reference data";
  const auto calendars = Calendars(file["calendars"]);
  const Json &vectors = file["vectors"];
  ASSERT_EQ(vectors.items.size(), GetParam().second);
  for (const Json &vector : vectors.items) {
    SCOPED_TRACE(vector["id"].text);
    const Calendar &calendar = calendars.at(vector["calendar"].text);
    const auto due = [&] {
      return vector["due"].is_null() ? PATRON_NO_TIME : Instant(vector["due"]["utc"]);
    };
    if (vector["kind"].text == "business_days") {
      EXPECT_EQ(
          Due(calendar, Instant(vector["received"]),
              static_cast<int64_t>(vector["business_days"].number), {}, PATRON_LIMIT_BUSINESS_DAYS),
          due());
      continue;
    }
    const int64_t start = Instant(vector["start"]);
    const auto seconds = static_cast<int64_t>(vector["working_seconds"].number);
    std::vector<patron_pause> pauses;
    for (const Json &pause : vector["pauses"].items) {
      pauses.push_back({Instant(pause[0]), Instant(pause[1])});
    }
    const bool is_due = vector["kind"].text == "due";
    const int64_t end = is_due ? due() : Instant(vector["end"]);
    TableOf table, pause_table;
    table.Times("start", std::vector<int64_t>{start, start});
    table.Integers("seconds", std::vector<int64_t>{0, seconds});
    std::vector<int64_t> rows(pauses.size(), 1), begins;
    std::vector<std::optional<int64_t>> ends;
    for (const patron_pause &pause : pauses) {
      begins.push_back(pause.begin);
      ends.push_back(pause.end == PATRON_NO_TIME ? std::nullopt : std::optional(pause.end));
    }
    pause_table.Integers("row", rows).Times("begin", begins).Times("end", ends);
    patron_clock_options options = Options();
    options.pauses = pause_table.get();
    if (is_due) {
      EXPECT_EQ(Due(calendar, start, seconds * kSecond, pauses), end);
      const auto column = DueColumn(Answer(patron_calendar_due, calendar, table, &options));
      EXPECT_THAT(column, ElementsAre(start, end == PATRON_NO_TIME ? std::nullopt
                                                                   : std::optional<int64_t>(end)));
    }
    if (end == PATRON_NO_TIME) continue;
    EXPECT_EQ(Elapsed(calendar, start, end, pauses), seconds * kSecond);
    options.end = nullptr;
    options.end_at = end;
    const Table elapsed = Answer(patron_calendar_elapsed, calendar, table, &options);
    EXPECT_EQ(Numbers(elapsed, "seconds")[1], static_cast<double>(seconds));
  }
}

INSTANTIATE_TEST_SUITE_P(Complaints, CalendarVectors,
                         ::testing::Values(std::pair("complaints/sla_vectors.json", size_t{24}),
                                           std::pair("complaints/sla_vectors_random.json",
                                                     size_t{200})));

// ---- One question ----

TEST(CalendarTest, DaysAndWeeksAreCountedWithoutTheFirst) {
  const Calendar calendar = Office();
  const int64_t friday = At("2024-06-07T18:30:00+02:00");
  const auto due = [&](int32_t kind, int64_t amount) {
    return Due(calendar, friday, amount, {}, kind);
  };
  EXPECT_EQ(due(PATRON_LIMIT_ELAPSED_TIME, kHour), friday + kHour);
  EXPECT_EQ(due(PATRON_LIMIT_BUSINESS_DAYS, 3), At("2024-06-12T17:00:00+02:00"));
  EXPECT_EQ(due(PATRON_LIMIT_CALENDAR_DAYS, 0), At("2024-06-08T00:00:00+02:00"));
  EXPECT_EQ(due(PATRON_LIMIT_CALENDAR_DAYS, 30), At("2024-07-08T00:00:00+02:00"));
  EXPECT_EQ(due(PATRON_LIMIT_CALENDAR_WEEKS, 8), At("2024-08-03T00:00:00+02:00"));
}

TEST(CalendarTest, SpansAreTheSegmentsAsInstants) {
  const Calendar calendar = Office();
  patron_table *out = nullptr;
  ASSERT_EQ(patron_calendar_spans(calendar.get(), At("2024-06-07T16:00:00+02:00"),
                                  At("2024-06-10T12:00:00+02:00"), &out, nullptr),
            PATRON_OK);
  const Table table(out);
  EXPECT_THAT(Times(table, "begin"),
              ElementsAre(At("2024-06-07T16:00:00+02:00"), At("2024-06-10T09:00:00+02:00")));
  EXPECT_THAT(Times(table, "end"),
              ElementsAre(At("2024-06-07T17:00:00+02:00"), At("2024-06-10T12:00:00+02:00")));
}

TEST(CalendarTest, HugeBudgetsAndFarYearsHaveAnAnswer) {
  const Calendar calendar = Office();
  const int64_t year_1 = At("0001-01-01T00:00:00Z"), year_9999 = At("9999-12-31T23:59:59Z");
  for (const int64_t start : {year_1, year_9999}) {
    EXPECT_EQ(Due(calendar, start, 0), start);
    for (const int64_t seconds : {int64_t{1}, int64_t{1'000'000'000'000}}) {
      const int64_t due = Due(calendar, start, seconds * kSecond);
      ASSERT_NE(due, PATRON_NO_TIME);
      EXPECT_EQ(Elapsed(calendar, start, due), seconds * kSecond);
    }
  }
  EXPECT_EQ(Due(calendar, 0, std::numeric_limits<int64_t>::max()), PATRON_NO_TIME);
}

TEST(CalendarTest, BadQuestionsAreRefused) {
  const Calendar calendar = Office();
  Error error;
  int64_t out = 7;
  const auto refuse = [&](int32_t kind, int64_t start, int64_t amount,
                          const std::vector<patron_pause> &pauses) {
    EXPECT_EQ(patron_calendar_due_at(calendar.get(), kind, start, amount, pauses.data(),
                                     pauses.size(), &out, error.get()),
              PATRON_INVALID_ARGUMENT);
    EXPECT_EQ(out, 7);
    return error.message();
  };
  EXPECT_THAT(refuse(5, 0, 0, {}), HasSubstr("kind: 5; expected 0 to 4"));
  EXPECT_THAT(refuse(0, 0, -1, {}), HasSubstr("budget: -1"));
  EXPECT_THAT(refuse(0, PATRON_NO_TIME, 1, {}), HasSubstr("start: no instant"));
  EXPECT_THAT(refuse(0, 0, 1, {{kHour, 0}}), HasSubstr("pauses: row 0"));
  EXPECT_THAT(refuse(2, 0, 0, {}), HasSubstr("1 business day or more"));
  EXPECT_THAT(refuse(3, 0, 1, {{0, kHour}}), HasSubstr("pauses: 1; expected none"));
  EXPECT_EQ(patron_calendar_due_at(nullptr, 0, 0, 0, nullptr, 0, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_calendar_due_at(calendar.get(), 0, 0, 0, nullptr, 1, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_calendar_due_at(calendar.get(), 0, 0, 0, nullptr, 0, nullptr, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_calendar_elapsed_between(calendar.get(), 5, 4, nullptr, 0, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_calendar_zone(nullptr), nullptr);
}

// ---- Columns ----

TEST(CalendarColumnsTest, LimitsAreOneForAllOrOneARow) {
  const Calendar calendar = Office();
  const int64_t friday = At("2024-06-07T16:00:00+02:00");
  TableOf table;
  table.Times("received", std::vector<int64_t>{friday, friday});
  table.Numbers("hours", std::vector<double>{0.5, 5400.25});
  patron_clock_options options = Options();
  options.start = "received";
  options.limit = nullptr;
  options.limit_of_all = kHour;
  EXPECT_THAT(DueColumn(Answer(patron_calendar_due, calendar, table, &options)),
              ElementsAre(friday + kHour, friday + kHour));
  options.limit = "hours";
  EXPECT_THAT(DueColumn(Answer(patron_calendar_due, calendar, table, &options)),
              ElementsAre(friday + kSecond / 2, At("2024-06-10T09:30:00.25+02:00")));
  options.limit = nullptr;
  options.kind = PATRON_LIMIT_CALENDAR_WEEKS;
  options.limit_of_all = 8;
  EXPECT_EQ(DueColumn(Answer(patron_calendar_due, calendar, table, &options))[1],
            At("2024-08-03T00:00:00+02:00"));
}

TEST(CalendarColumnsTest, BadRowsAreNamed) {
  const Calendar calendar = Office();
  TableOf table;
  table.Times("start", std::vector<int64_t>{0, 0, 0});
  table.Integers("seconds", std::vector<int64_t>{1, -5, -7});
  table.Integers("many", std::vector<int64_t>{1, 2, std::numeric_limits<int64_t>::max()});
  table.Numbers("parts", std::vector<double>{1, 2.5, 3});
  table.Times("end", std::vector<std::optional<int64_t>>{5, std::nullopt, 5});
  table.Times("early", std::vector<int64_t>{5, -5, 5});
  patron_clock_options options = Options();
  const auto refusal = [&](patron_status status = PATRON_INVALID_ARGUMENT) {
    return Refusal(patron_calendar_due, calendar, table, &options, status);
  };
  EXPECT_EQ(refusal(), "seconds: row 1 is -5; expected 0 to 9223372036854 seconds (2 rows in all)");
  options.limit = "many";
  EXPECT_THAT(refusal(PATRON_OUT_OF_RANGE), HasSubstr("many: row 2 is 9223372036854775807"));
  options.kind = PATRON_LIMIT_CALENDAR_DAYS;
  options.limit = "parts";
  EXPECT_EQ(refusal(), "parts: row 1 is 2.5; expected a whole number, 0 or more");
  options = Options();
  options.limit = nullptr;
  options.limit_of_all = -1;
  EXPECT_EQ(refusal(), "limit_of_all: -1; expected 0 or more");
  options = Options();
  options.kind = 9;
  EXPECT_EQ(refusal(), "kind: 9; expected 0 to 4");
  options = Options();
  const auto elapsed = [&] { return Refusal(patron_calendar_elapsed, calendar, table, &options); };
  EXPECT_THAT(elapsed(), HasSubstr("end: row 1 is null"));
  options.end = "early";
  EXPECT_THAT(elapsed(), HasSubstr("early: row 1 is 1969-12-31T23:59:59.999995Z"));
  options.end = nullptr;
  EXPECT_THAT(elapsed(), HasSubstr("end_at: no instant"));
  options.end_at = -1;
  EXPECT_THAT(elapsed(), HasSubstr("end_at: row 0 is 1969"));

  TableOf pauses;
  pauses.Integers("row", std::vector<int64_t>{0, 3});
  pauses.Times("begin", std::vector<int64_t>{0, 0}).Times("end", std::vector<int64_t>{1, 1});
  options = Options();
  options.limit = nullptr;
  options.pauses = pauses.get();
  EXPECT_EQ(refusal(), "row: row 1 is 3; expected 0 to 2");
}

TEST(CalendarColumnsTest, ChangesOfTheCalendarMoveClocksByTheirRule) {
  const Calendar before = Make("UTC", Hours().Workdays("09:00", "17:00"));
  const Calendar after = Make("UTC", Hours().Workdays("13:00", "17:00"));
  // Tuesday 4 June 2024, 10:00, eight hours; the change comes at 14:00, with half of it used up.
  const int64_t start = At("2024-06-04T10:00:00Z");
  TableOf table;
  table.Times("start", std::vector<int64_t>{start, At("2024-06-03T09:00:00Z")});
  table.Integers("seconds", std::vector<int64_t>{8 * 3600, 3600});
  patron_clock_options options = Options();
  options.at = At("2024-06-04T14:00:00Z");
  const auto recompute = [&](int32_t rule) {
    options.rule = rule;
    Error error;
    patron_table *out = nullptr;
    EXPECT_EQ(patron_calendar_recompute(before.get(), after.get(), table.get(), &options, &out,
                                        error.get()),
              PATRON_OK)
        << error.message();
    return Table(out);
  };
  EXPECT_THAT(DueColumn(recompute(PATRON_RECOMPUTE_PINNED)),
              ElementsAre(At("2024-06-05T10:00:00Z"), At("2024-06-03T10:00:00Z")));
  EXPECT_THAT(DueColumn(recompute(PATRON_RECOMPUTE_ORIGIN)),
              ElementsAre(At("2024-06-05T17:00:00Z"), At("2024-06-03T14:00:00Z")));
  EXPECT_THAT(DueColumn(recompute(PATRON_RECOMPUTE_PROPORTIONAL)),
              ElementsAre(At("2024-06-05T14:00:00Z"), At("2024-06-03T10:00:00Z")));
  const auto column = ColumnOf(recompute(PATRON_RECOMPUTE_PROPORTIONAL).get(), "moved");
  EXPECT_EQ(column.type, PATRON_TYPE_BOOL);

  Error error;
  patron_table *out = Untouched<patron_table>();
  EXPECT_EQ(
      patron_calendar_recompute(before.get(), after.get(), table.get(), nullptr, &out, error.get()),
      PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message().substr(0, 15), "at: no instant;");
  options.kind = PATRON_LIMIT_CALENDAR_DAYS;
  EXPECT_EQ(patron_calendar_recompute(before.get(), after.get(), table.get(), &options, &out,
                                      error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(out, Untouched<patron_table>());
}

}  // namespace
}  // namespace patron::c_api_test
