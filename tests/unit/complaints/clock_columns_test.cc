// Columns of clocks: the same instants as one clock at a time.
#include "patron/complaints/clock_columns.hpp"

#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "unit/complaints/calendars.hpp"

namespace patron::complaints {
namespace {

using ::testing::ElementsAre;

int64_t Monday(int hour) { return At("2024-06-03T00:00:00Z") + hour * kHour; }

class ClockColumnsTest : public ::testing::Test {
 protected:
  BusinessCalendar office_ = Compiled(OfficeHours("UTC"));
  BusinessCalendar always_ = Compiled(AlwaysOpen("UTC"));
};

TEST_F(ClockColumnsTest, EachKindOfLimitHasItsDueInstant) {
  const std::vector<int64_t> starts = {Monday(10), Monday(16)};
  std::vector<int64_t> due(2);
  const auto due_of = [&](LimitKind kind, std::vector<int64_t> amounts) {
    EXPECT_TRUE(DueOfColumn(office_, kind, starts, amounts, {}, due).ok());
    return due;
  };
  EXPECT_THAT(due_of(LimitKind::kWorkingTime, {4 * kHour}), ElementsAre(Monday(14), Monday(36)));
  EXPECT_THAT(due_of(LimitKind::kElapsedTime, {4 * kHour, 9 * kHour}),
              ElementsAre(Monday(14), Monday(25)));
  EXPECT_THAT(due_of(LimitKind::kBusinessDays, {1, 5}),
              ElementsAre(Monday(24 + 17), Monday(7 * 24 + 17)));
  EXPECT_THAT(due_of(LimitKind::kCalendarDays, {2}), ElementsAre(Monday(72), Monday(72)));
  EXPECT_THAT(due_of(LimitKind::kCalendarWeeks, {1}), ElementsAre(Monday(8 * 24), Monday(8 * 24)));
}

TEST_F(ClockColumnsTest, PausesOfLimitsThatCountDaysAreRefused) {
  const std::vector<int64_t> starts = {Monday(10)}, amounts = {1}, offsets = {0, 1};
  const std::vector<Pause> pauses = {{Monday(11), Monday(12)}};
  std::vector<int64_t> due(1);
  EXPECT_EQ(DueOfColumn(office_, LimitKind::kBusinessDays, starts, amounts, {offsets, pauses}, due)
                .message(),
            "pauses: 1; expected none for a limit that counts days");
  const std::vector<int64_t> none = {0};
  EXPECT_EQ(DueOfColumn(office_, LimitKind::kBusinessDays, starts, none, {}, due).message(),
            "limit: row 0 is 0; expected 1 or more");
}

TEST_F(ClockColumnsTest, RecomputedColumnsAgreeWithClocks) {
  std::vector<int64_t> starts, before, after, offsets = {0};
  std::vector<Pause> pauses;
  std::vector<Clock> clocks;
  for (int i = 0; i < 60; ++i) {
    starts.push_back(Monday(i));
    before.push_back((i % 7) * 3 * kHour);
    after.push_back((i % 5) * 4 * kHour);
    clocks.push_back(*Clock::Start({LimitKind::kWorkingTime, before.back()}, starts.back()));
    if (i % 3 == 0) {
      pauses.push_back({Monday(i + 5), Monday(i + 20)});
      EXPECT_TRUE(clocks.back().Suspend(Monday(i + 5)).ok());
      EXPECT_TRUE(clocks.back().Resume(Monday(i + 20)).ok());
    }
    offsets.push_back(static_cast<int64_t>(pauses.size()));
  }
  const int64_t at = Monday(82);
  size_t kept = 0;
  for (const RecomputeRule rule :
       {RecomputeRule::kPinned, RecomputeRule::kOrigin, RecomputeRule::kProportional}) {
    const LimitChange change = {&office_, &always_, before, after, at, rule};
    std::vector<int64_t> due(starts.size());
    std::vector<uint8_t> moved(starts.size());
    ASSERT_TRUE(RecomputeColumn(change, starts, {offsets, pauses}, due, moved).ok());
    for (size_t i = 0; i < starts.size(); ++i) {
      Clock clock = clocks[i];
      const auto follows = clock.Recompute(at, office_, {LimitKind::kWorkingTime, after[i]}, rule);
      ASSERT_TRUE(follows.ok());
      EXPECT_EQ(*follows, moved[i] != 0) << i;
      EXPECT_EQ(due[i], clock.Read(*follows ? always_ : office_, at)->due) << i;
      kept += moved[i] == 0;
    }
  }
  EXPECT_GT(kept, starts.size());  // The pinned ones, and some that had nothing left.
  EXPECT_LT(kept, 2 * starts.size());
}

TEST_F(ClockColumnsTest, AClockThatStartsAfterTheChangeIsRefused) {
  const std::vector<int64_t> starts = {Monday(10), Monday(30)}, amounts = {kHour};
  std::vector<int64_t> due(2);
  std::vector<uint8_t> moved(2);
  const LimitChange change = {&office_, &always_, amounts, amounts, Monday(20)};
  EXPECT_EQ(RecomputeColumn(change, starts, {}, due, moved).message(),
            "start: row 1 is 2024-06-04T06:00:00Z; expected no time after the change, "
            "2024-06-03T20:00:00Z");
}

}  // namespace
}  // namespace patron::complaints
