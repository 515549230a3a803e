// Working time in single cases calculated by hand, and what is refused.
#include "patron/complaints/working_time.hpp"

#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "patron/complaints/working_time_columns.hpp"
#include "support/thread_executor.hpp"
#include "unit/complaints/calendars.hpp"

namespace patron::complaints {
namespace {

WorkingTime TimeOf(const Calendar &calendar) {
  auto time = WorkingTime::Compile(calendar);
  EXPECT_TRUE(time.ok()) << time.status();
  return *std::move(time);
}

TEST(WorkingTimeTest, ANightShiftBelongsToTheDateItOpensOn) {
  Calendar calendar;
  calendar.zone = "Europe/Berlin";
  calendar.weeks.emplace_back();
  calendar.weeks[0].week[0] = {*ParseSegment("22:00", "06:00")};  // Monday to Tuesday.
  const WorkingTime open = TimeOf(calendar);
  const int64_t monday = At("2024-06-03T00:00:00+02:00");
  EXPECT_EQ(*open.Due(monday, 8 * kHour), At("2024-06-04T06:00:00+02:00"));
  // A holiday on Tuesday does not end Monday's shift; one on Monday takes all of it away.
  calendar.exceptions[*ParseDay("2024-06-04")] = {};
  EXPECT_EQ(*TimeOf(calendar).Due(monday, 8 * kHour), At("2024-06-04T06:00:00+02:00"));
  calendar.exceptions = {{*ParseDay("2024-06-03"), {}}};
  EXPECT_EQ(*TimeOf(calendar).Due(monday, 8 * kHour), At("2024-06-11T06:00:00+02:00"));
}

TEST(WorkingTimeTest, ShiftsThatOverlapAcrossMidnightCountOnce) {
  Calendar calendar;
  calendar.weeks.emplace_back();
  calendar.weeks[0].week[6] = {*ParseSegment("20:00", "06:00")};
  calendar.weeks[0].week[0] = {*ParseSegment("05:00", "09:00")};
  const int64_t sunday = At("2024-06-02T00:00:00Z");
  EXPECT_EQ(*TimeOf(calendar).Elapsed(sunday, sunday + 48 * kHour), 13 * kHour);
}

TEST(WorkingTimeTest, ANewWeekHoldsFromItsDate) {
  Calendar calendar = OfficeHours("Europe/Berlin");
  calendar.weeks.push_back({*ParseDay("2024-06-05"), {}});
  calendar.weeks[1].week[2] = {*ParseSegment("10:00", "12:00")};  // Wednesdays only.
  const WorkingTime time = TimeOf(calendar);
  const int64_t monday = At("2024-06-03T00:00:00+02:00");
  EXPECT_EQ(*time.Elapsed(monday, At("2024-06-10T00:00:00+02:00")), (8 + 8 + 2) * kHour);
  EXPECT_EQ(*time.Due(monday, 20 * kHour), At("2024-06-12T12:00:00+02:00"));
}

TEST(WorkingTimeTest, ADateThatTheZoneSkippedHasNone) {
  // Samoa had no 30 December 2011: from the 29th at 24:00, UTC-10, to the 31st, UTC+14.
  const WorkingTime time = TimeOf(AlwaysOpen("Pacific/Apia"));
  const int64_t start = At("2011-12-29T23:00:00-10:00");
  EXPECT_EQ(*time.Due(start, 2 * kHour), At("2011-12-31T01:00:00+14:00"));
  EXPECT_EQ(time.SkippedDays(), std::vector<int64_t>{*ParseDay("2011-12-30")});
}

TEST(WorkingTimeTest, YearsFarAwayFollowTheRules) {
  const WorkingTime time = TimeOf(OfficeHours("Europe/Berlin"));
  // 9999-07-01 is a Thursday; clocks are two hours ahead, by the rule of today.
  EXPECT_EQ(*time.Due(At("9999-07-01T00:00:00Z"), kHour), At("9999-07-01T08:00:00Z"));
  // In year 1 Berlin has its local mean time, 53 minutes and 28 seconds ahead; 1 January is a
  // Monday.
  EXPECT_EQ(*time.Due(At("0001-01-01T00:00:00Z"), kHour), At("0001-01-01T09:06:32Z"));
}

TEST(WorkingTimeTest, BudgetsOfThousandsOfYearsAreExact) {
  const WorkingTime time = TimeOf(OfficeHours("UTC"));
  // 10^12 seconds are 6,944,444 weeks of 40 hours and 64,000 seconds: two days of eight hours and
  // 6,400 seconds of Wednesday.
  const int64_t monday = At("2024-06-03T00:00:00Z");
  const int64_t due = *time.Due(monday, 1'000'000'000'000 * kMicrosPerSecond);
  EXPECT_EQ(due - monday, 6'944'444 * detail::kMicrosPerWeek + 2 * kMicrosPerDay + 9 * kHour +
                              6'400 * kMicrosPerSecond);
  EXPECT_EQ(*time.Due(monday, 2'000'000'000'000 * kMicrosPerSecond), kNever);
  EXPECT_EQ(*time.Due(monday, std::numeric_limits<int64_t>::max()), kNever);
}

TEST(WorkingTimeTest, WhatNeverOpensAgainIsNeverDue) {
  Calendar calendar = OfficeHours("America/New_York");
  calendar.weeks.push_back({*ParseDay("2020-01-01"), {}});
  const WorkingTime time = TimeOf(calendar);
  const int64_t start = At("2024-06-03T00:00:00Z");
  EXPECT_EQ(*time.Due(start, 1), kNever);
  EXPECT_EQ(*time.Due(start, 0), start);
  EXPECT_EQ(*time.Elapsed(start, kFarthest), 0);
  EXPECT_EQ(*time.Due(At("2019-12-31T15:00:00-05:00"), 2 * kHour), At("2019-12-31T17:00:00-05:00"));
  EXPECT_EQ(*time.Due(At("2019-12-31T15:00:00-05:00"), 2 * kHour + 1), kNever);
}

TEST(WorkingTimeTest, AHoldOverAWeekendEndsInOfficeHours) {
  // Friday 15:00, four hours, on hold from Friday 16:00 to Monday 11:00: one hour is used by then.
  const WorkingTime time = TimeOf(OfficeHours("Europe/Berlin"));
  const std::vector<Pause> hold = {
      {At("2024-06-07T16:00:00+02:00"), At("2024-06-10T11:00:00+02:00")}};
  EXPECT_EQ(*time.Due(At("2024-06-07T15:00:00+02:00"), 4 * kHour, hold),
            At("2024-06-10T14:00:00+02:00"));
}

TEST(WorkingTimeTest, PausesMayOverlapNestAndNeverEnd) {
  const WorkingTime time = TimeOf(AlwaysOpen("UTC"));
  const std::vector<Pause> pauses = {{50, 60}, {10, 30}, {15, 20}, {30, 35}, {40, 40}, {100}};
  EXPECT_EQ(*time.Elapsed(0, 1000, pauses), 100 - 25 - 10);
  EXPECT_EQ(*time.Due(0, 65, pauses), 100);  // The last pause begins at the due instant.
  EXPECT_EQ(*time.Due(0, 66, pauses), kNever);
  EXPECT_EQ(*time.Due(0, 10, pauses), 10);
  EXPECT_EQ(*time.Due(0, 11, pauses), 36);
  EXPECT_EQ(*time.Due(12, 1, pauses), 36);
}

TEST(WorkingTimeTest, WhatMakesNoSenseIsRefused) {
  const WorkingTime time = TimeOf(OfficeHours("UTC"));
  const auto message = [](const auto &result) { return result.status().message(); };
  EXPECT_EQ(message(time.Due(0, -1)), "budget: -1 microseconds; expected 0 or more");
  EXPECT_EQ(message(time.Due(kNever, 1)),
            "start: no instant; expected microseconds within 142,000 years of 1970");
  EXPECT_EQ(message(time.Elapsed(1'000'000, 0)),
            "end: 1970-01-01T00:00:00Z; expected no time before the start, 1970-01-01T00:00:01Z");
  EXPECT_FALSE(time.Elapsed(0, kFarthest + 1).ok());
  EXPECT_FALSE(time.Spans(1, 0).ok());
  const std::vector<Pause> backwards = {{0, 1}, {2'000'000, 1'000'000}};
  EXPECT_EQ(
      message(time.Due(0, 1, backwards)),
      "pauses: row 1 is 1970-01-01T00:00:02Z to 1970-01-01T00:00:01Z; expected an end that is "
      "not before the begin");
  const std::vector<Pause> far = {{kNever, 1}};
  EXPECT_FALSE(time.Due(0, 1, far).ok());
}

TEST(WorkingTimeTest, ManyExceptionsStayExact) {
  // Each day of 250 years has hours of its own: as many seconds as its number modulo 1000, plus
  // one.
  Calendar calendar;
  calendar.weeks.emplace_back();
  int64_t seconds = 0;
  for (int64_t day = 0; day < 91'000; ++day) {
    calendar.exceptions[day] = {{0, static_cast<int32_t>(day % 1000 + 1)}};
    seconds += day % 1000 + 1;
  }
  const WorkingTime time = TimeOf(calendar);
  EXPECT_EQ(*time.Elapsed(-kFarthest, kFarthest), seconds * kMicrosPerSecond);
  EXPECT_EQ(*time.Due(0, seconds * kMicrosPerSecond),
            90'999 * kMicrosPerDay + 1000 * kMicrosPerSecond);
  EXPECT_EQ(*time.Due(0, (500'500 + 2) * kMicrosPerSecond),
            1001 * kMicrosPerDay + 1 * kMicrosPerSecond);
}

TEST(WorkingTimeColumnsTest, NameTheFirstBadRow) {
  const WorkingTime time = TimeOf(OfficeHours("UTC"));
  const std::vector<int64_t> starts = {0, kMicrosPerDay, 5};
  std::vector<int64_t> result(3);
  const auto message = [](const absl::Status &status) { return status.message(); };
  const std::vector<int64_t> budgets = {1, -2, -3}, wrong_length = {1, 2};
  EXPECT_EQ(message(DueColumn(time, starts, budgets, {}, result)),
            "budget: row 1 is -2 microseconds; expected 0 or more (2 rows in all)");
  EXPECT_EQ(message(DueColumn(time, starts, wrong_length, {}, result)),
            "budget: 2 rows; expected 3 as in start, or 1");
  const std::vector<int64_t> holes = {0, kNever, 0};
  EXPECT_EQ(message(DueColumn(time, holes, starts, {}, result)),
            "start: row 1 is no instant; expected microseconds within 142,000 years of 1970");
  const std::vector<int64_t> now = {5};
  EXPECT_EQ(message(ElapsedColumn(time, starts, now, {}, result)),
            "end: row 1 is 1970-01-01T00:00:00.000005Z; expected no time before the start, "
            "1970-01-02T00:00:00Z");
  EXPECT_EQ(message(DueColumn(time, starts, starts, {}, std::span(result).first(2))),
            "result: 2 rows; expected 3 as in start");
}

TEST(WorkingTimeColumnsTest, OffsetsOfPausesAreChecked) {
  const WorkingTime time = TimeOf(OfficeHours("UTC"));
  const std::vector<int64_t> starts = {0, 0};
  const std::vector<Pause> pauses = {{0, 1}, {3, 2}};
  std::vector<int64_t> result(2);
  const auto message = [&](const std::vector<int64_t> &offsets) {
    return std::string(DueColumn(time, starts, starts, {offsets, pauses}, result).message());
  };
  EXPECT_EQ(message({}), "pauses: 0 offsets; expected 3 for 2 rows");
  EXPECT_EQ(message({0, 1, 3}), "pauses: offsets from 0 to 3; expected 0 to 2");
  EXPECT_EQ(message({-1, 1, 2}), "pauses: offsets from -1 to 2; expected 0 to 2");
  EXPECT_EQ(message({0, 2, 1}),
            "pauses: row 1 is offsets 2 to 1; expected offsets that do not fall");
  EXPECT_EQ(message({0, 1, 2}),
            "row 1: pauses: row 0 is 1970-01-01T00:00:00.000003Z to 1970-01-01T00:00:00.000002Z; "
            "expected an end that is not before the begin");
  EXPECT_EQ(message({0, 1, 1}), "");
}

TEST(WorkingTimeColumnsTest, OneEndServesAllRowsAndTheCallerMayStop) {
  const WorkingTime time = TimeOf(AlwaysOpen("UTC"));
  const std::vector<int64_t> starts = {10, 20}, now = {50};
  std::vector<int64_t> result(2);
  ASSERT_TRUE(ElapsedColumn(time, starts, now, {}, result).ok());
  EXPECT_EQ(result, (std::vector<int64_t>{40, 30}));
  const Execution stopping = {.progress = [](void *, uint64_t, uint64_t) { return false; }};
  EXPECT_EQ(ElapsedColumn(time, starts, now, {}, result, stopping).code(),
            absl::StatusCode::kCancelled);
}

TEST(WorkingTimeColumnsTest, ManyRowsAreSharedOutAmongThreads) {
  const WorkingTime time = TimeOf(OfficeHours("Europe/Berlin"));
  std::vector<int64_t> starts, offsets = {0};
  std::vector<Pause> pauses;
  for (int64_t i = 0; i < 600'000; ++i) {
    starts.push_back(i * 777'777'777);
    if (i % 5 == 0) {
      // Two that overlap, the later first.
      pauses.push_back({starts.back() + 8 * kHour, starts.back() + 90 * kHour});
      pauses.push_back({starts.back() + kHour, starts.back() + 9 * kHour});
    }
    offsets.push_back(static_cast<int64_t>(pauses.size()));
  }
  const std::vector<int64_t> budget = {10 * kHour};
  std::vector<int64_t> due(starts.size());
  testing::ThreadExecutor executor(2);
  ASSERT_TRUE(
      DueColumn(time, starts, budget, {offsets, pauses}, due, {.executor = &executor}).ok());
  for (size_t i = 0; i < starts.size(); i += 97) {
    const std::span<const Pause> own(pauses.data() + offsets[i], pauses.data() + offsets[i + 1]);
    ASSERT_EQ(due[i], *time.Due(starts[i], budget[0], own)) << i;
  }
  EXPECT_EQ(due.back(), *time.Due(starts.back(), budget[0]));
}

}  // namespace
}  // namespace patron::complaints
