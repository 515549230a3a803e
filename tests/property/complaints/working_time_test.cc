// Working time against an oracle that walks second by second, and the laws between its answers.
#include "patron/complaints/working_time.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "patron/complaints/business_calendar.hpp"
#include "patron/complaints/working_time_columns.hpp"
#include "property/complaints/calendar_oracle.hpp"
#include "rapidcheck/gtest.h"
#include "support/thread_executor.hpp"

namespace patron::complaints {
namespace {

RC_GTEST_PROP(WorkingTimeTest, AgreesWithAWalkSecondBySecond, ()) {
  const std::string zone = *rc::gen::elementOf(kZones);
  const int64_t start = AnySecond(zone);
  const Calendar calendar = AnyCalendar(zone, start);
  const std::vector<Pause> pauses = AnyPauses(start, kMicrosPerSecond);
  const auto time = WorkingTime::Compile(calendar);
  RC_ASSERT(time.ok());
  const Oracle oracle(calendar);

  const int64_t end = start + *rc::gen::inRange<int64_t>(0, 260'000);
  const auto elapsed = time->Elapsed(start * kMicrosPerSecond, end * kMicrosPerSecond, pauses);
  RC_ASSERT(elapsed.ok());
  RC_ASSERT(*elapsed == oracle.Elapsed(start, end, pauses) * kMicrosPerSecond);

  const int64_t budget = *rc::gen::inRange<int64_t>(0, 90'000);
  const int64_t horizon = start + 400'000;
  const auto due = time->Due(start * kMicrosPerSecond, budget * kMicrosPerSecond, pauses);
  RC_ASSERT(due.ok());
  const int64_t expected = oracle.Due(start, budget, pauses, horizon);
  if (expected < horizon) {
    RC_ASSERT(*due == expected * kMicrosPerSecond);
  } else {
    RC_ASSERT(*due == kNever || *due >= horizon * kMicrosPerSecond);
  }
}

RC_GTEST_PROP(WorkingTimeTest, SpansAreThoseOfAWalk, ()) {
  const std::string zone = *rc::gen::elementOf(kZones);
  const int64_t start = AnySecond(zone);
  const Calendar calendar = AnyCalendar(zone, start);
  const auto time = WorkingTime::Compile(calendar);
  RC_ASSERT(time.ok());
  const Oracle oracle(calendar);
  const int64_t end = start + *rc::gen::inRange<int64_t>(0, 260'000);
  std::vector<Pause> expected;
  for (int64_t s = start; s < end; ++s) {
    if (!oracle.IsOpen(s)) continue;
    if (expected.empty() || expected.back().end != s * kMicrosPerSecond) {
      expected.push_back({s * kMicrosPerSecond, 0});
    }
    expected.back().end = (s + 1) * kMicrosPerSecond;
  }
  const auto spans = time->Spans(start * kMicrosPerSecond, end * kMicrosPerSecond);
  RC_ASSERT(spans.ok());
  RC_ASSERT(*spans == expected);
}

RC_GTEST_PROP(WorkingTimeTest, UpToTheDueInstantTheBudgetIsUsedAndNoEarlier, ()) {
  const std::string zone = *rc::gen::elementOf(kZones);
  const int64_t second = AnySecond(zone);
  const auto time = WorkingTime::Compile(AnyCalendar(zone, second));
  RC_ASSERT(time.ok());
  const int64_t start = second * kMicrosPerSecond + *rc::gen::inRange<int64_t>(0, 1'000'000);
  const std::vector<Pause> pauses = AnyPauses(second, *rc::gen::element<int64_t>(1, 999'983));
  // From a microsecond to some thousand years.
  const int64_t budget = *rc::gen::inRange<int64_t>(1, 10) *
                         *rc::gen::element<int64_t>(1, 3'600'000'000, 86'399'000'001,
                                                    9'000'000'000'000, 7'000'000'000'000'001);
  const auto due = time->Due(start, budget, pauses);
  RC_ASSERT(due.ok());
  if (*due == kNever) return;
  RC_ASSERT(*due > start);
  RC_ASSERT(*time->Elapsed(start, *due, pauses) == budget);
  RC_ASSERT(*time->Elapsed(start, *due - 1, pauses) == budget - 1);
  // A pause that begins at the due instant changes nothing; one just before it does.
  std::vector<Pause> more = pauses;
  more.push_back({*due});
  RC_ASSERT(*time->Due(start, budget, more) == *due);
  more.back().begin -= 1;
  RC_ASSERT(*time->Due(start, budget, more) == kNever);
}

RC_GTEST_PROP(WorkingTimeTest, ElapsedTimesAddUp, ()) {
  const std::string zone = *rc::gen::elementOf(kZones);
  const int64_t second = AnySecond(zone);
  const auto time = WorkingTime::Compile(AnyCalendar(zone, second));
  RC_ASSERT(time.ok());
  const std::vector<Pause> pauses = AnyPauses(second, *rc::gen::element<int64_t>(1, 999'983));
  const auto length = [] {
    return *rc::gen::inRange<int64_t>(0, 1'000'000) *
           *rc::gen::element<int64_t>(1, 1'000'003, 20'000'000'003);
  };
  const int64_t a = second * kMicrosPerSecond + length(), b = a + length(), c = b + length();
  RC_ASSERT(*time->Elapsed(a, b, pauses) + *time->Elapsed(b, c, pauses) ==
            *time->Elapsed(a, c, pauses));
  // What the pauses take is what is worked in their union.
  std::vector<Pause> scratch;
  int64_t paused = 0;
  for (const Pause &pause : UnionOf(pauses, scratch)) {
    const int64_t begin = std::clamp(pause.begin, a, c);
    const int64_t end = pause.end == kNever ? c : std::clamp(pause.end, a, c);
    paused += *time->Elapsed(begin, end);
  }
  RC_ASSERT(*time->Elapsed(a, c, pauses) == *time->Elapsed(a, c) - paused);
}

RC_GTEST_PROP(WorkingTimeTest, ColumnsAreRowsOnAnyNumberOfThreads, ()) {
  const std::string zone = *rc::gen::elementOf(kZones);
  const int64_t second = AnySecond(zone);
  const auto time = WorkingTime::Compile(AnyCalendar(zone, second));
  RC_ASSERT(time.ok());
  std::vector<int64_t> starts, ends, budgets, offsets = {0};
  std::vector<Pause> pauses;
  const int rows = *rc::gen::inRange(0, 20);
  for (int i = 0; i < rows; ++i) {
    starts.push_back(second * kMicrosPerSecond + *rc::gen::inRange<int64_t>(0, 90'000'000'000));
    ends.push_back(starts.back() + *rc::gen::inRange<int64_t>(0, 900'000'000'000));
    budgets.push_back(*rc::gen::inRange<int64_t>(0, 90'000'000'000));
    for (const Pause &pause : AnyPauses(second, kMicrosPerSecond)) pauses.push_back(pause);
    offsets.push_back(static_cast<int64_t>(pauses.size()));
  }
  std::vector<int64_t> due(starts.size()), elapsed(starts.size());
  testing::ThreadExecutor executor(3);
  const Execution execution = {.executor = *rc::gen::arbitrary<bool>() ? &executor : nullptr};
  RC_ASSERT(DueColumn(*time, starts, budgets, {offsets, pauses}, due, execution).ok());
  RC_ASSERT(ElapsedColumn(*time, starts, ends, {offsets, pauses}, elapsed, execution).ok());
  for (size_t i = 0; i < starts.size(); ++i) {
    const std::span<const Pause> own(pauses.data() + offsets[i], pauses.data() + offsets[i + 1]);
    RC_ASSERT(due[i] == *time->Due(starts[i], budgets[i], own));
    RC_ASSERT(elapsed[i] == *time->Elapsed(starts[i], ends[i], own));
  }
}

RC_GTEST_PROP(BusinessCalendarTest, DaysAgreeWithAWalkDayByDay, ()) {
  const std::string zone = *rc::gen::elementOf(kZones);
  const int64_t second = AnySecond(zone);
  const Calendar calendar = AnyCalendar(zone, second);
  const auto business = BusinessCalendar::Compile(calendar);
  RC_ASSERT(business.ok());
  const Oracle oracle(calendar);

  // Each quarter of an hour of the next weeks: the dates that there were.
  const absl::CivilDay received = oracle.DateAt(second);
  const int64_t count = *rc::gen::inRange<int64_t>(1, 9);
  int64_t open_dates = 0;
  int64_t seen_at = second;
  absl::CivilDay date = received, last = received;
  for (int64_t s = second; open_dates < count && s < second + 40 * kSecondsPerDay; s += 900) {
    date = oracle.DateAt(s);
    if (date <= last) continue;
    last = date;
    seen_at = s;
    if (!oracle.Hours(date - absl::CivilDay(1970, 1, 1)).empty()) ++open_dates;
  }
  // Some instant before the end of the date is before it in civil time; none after the end is.
  const auto ends_before = [&](int64_t instant, absl::CivilSecond end) {
    const int64_t at = instant / kMicrosPerSecond;
    RC_ASSERT(instant % kMicrosPerSecond == 0);
    RC_ASSERT(oracle.zone().At(absl::FromUnixSeconds(at - 1)).cs < end);
    for (int64_t s = at; s < at + 90'000; s += 60) {
      RC_ASSERT(oracle.zone().At(absl::FromUnixSeconds(s)).cs >= end);
    }
  };
  const auto due = business->BusinessDaysAfter(second * kMicrosPerSecond, count);
  RC_ASSERT(due.ok());
  if (open_dates == count) {
    int32_t close = 0;
    for (const Segment &segment : oracle.Hours(date - absl::CivilDay(1970, 1, 1))) {
      close = std::max(close, segment.close);
    }
    ends_before(*due, absl::CivilSecond(date) + close);
    RC_ASSERT(*business->BusinessDaysBetween(second * kMicrosPerSecond,
                                             seen_at * kMicrosPerSecond) == count);
  }
  const auto days = business->CalendarDaysAfter(second * kMicrosPerSecond, count);
  RC_ASSERT(days.ok());
  ends_before(*days, absl::CivilSecond(received + count + 1));
}

}  // namespace
}  // namespace patron::complaints
