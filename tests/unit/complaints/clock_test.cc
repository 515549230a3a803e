// Clocks: pauses, stops, reopening, recomputation and breaches, calculated by hand.
#include "patron/complaints/clock.hpp"

#include "gtest/gtest.h"
#include "unit/complaints/calendars.hpp"

namespace patron::complaints {
namespace {

constexpr Limit kFourHours = {LimitKind::kWorkingTime, 4 * kHour};

int64_t Monday(int hour) { return At("2024-06-03T00:00:00Z") + hour * kHour; }

class ClockTest : public ::testing::Test {
 protected:
  ClockReading Read(const Clock &clock, int64_t now) {
    const auto reading = clock.Read(office_, now);
    EXPECT_TRUE(reading.ok()) << reading.status();
    return *reading;
  }

  BusinessCalendar office_ = Compiled(OfficeHours("UTC"));
  BusinessCalendar always_ = Compiled(AlwaysOpen("UTC"));
};

TEST_F(ClockTest, OverlappingPausesHoldItUntilAllHaveEnded) {
  Clock clock = *Clock::Start(kFourHours, Monday(10));
  ASSERT_TRUE(clock.Suspend(Monday(11)).ok());
  ASSERT_TRUE(clock.Suspend(Monday(12)).ok());
  ASSERT_TRUE(clock.Resume(Monday(13)).ok());
  EXPECT_EQ(clock.state(), ClockState::kPaused);
  EXPECT_EQ(Read(clock, Monday(40)).due, kNever);
  EXPECT_FALSE(Read(clock, Monday(40)).breached);
  ASSERT_TRUE(clock.Resume(Monday(14)).ok());
  const ClockReading reading = Read(clock, Monday(15));
  EXPECT_EQ(reading.state, ClockState::kRunning);
  EXPECT_EQ(reading.used, 2 * kHour);
  EXPECT_EQ(reading.due, Monday(17));
}

TEST_F(ClockTest, TheDueInstantItselfIsInTime) {
  Clock clock = *Clock::Start(kFourHours, Monday(10));
  EXPECT_FALSE(Read(clock, Monday(14)).breached);
  EXPECT_TRUE(Read(clock, Monday(14) + 1).breached);
  ASSERT_TRUE(clock.Stop(Monday(14)).ok());
  EXPECT_FALSE(Read(clock, Monday(100)).breached);
}

TEST_F(ClockTest, OverdueTimeIsWorkingAndAllTime) {
  const Clock clock = *Clock::Start(kFourHours, Monday(10));
  const ClockReading reading = Read(clock, Monday(24 + 10));
  EXPECT_EQ(reading.due, Monday(14));
  EXPECT_EQ(reading.overdue_working, 4 * kHour);  // Three on Monday, one on Tuesday.
  EXPECT_EQ(reading.overdue_elapsed, 20 * kHour);
}

TEST_F(ClockTest, APauseAfterTheDueInstantDoesNotHealTheBreach) {
  Clock clock = *Clock::Start(kFourHours, Monday(10));
  ASSERT_TRUE(clock.Suspend(Monday(15)).ok());
  const ClockReading reading = Read(clock, Monday(16));
  EXPECT_EQ(reading.due, Monday(14));
  EXPECT_TRUE(reading.breached);
  EXPECT_EQ(reading.overdue_working, kHour);
  EXPECT_EQ(reading.overdue_elapsed, 2 * kHour);
}

TEST_F(ClockTest, AReopenedClockFollowsTheRule) {
  Clock stopped = *Clock::Start(kFourHours, Monday(10));
  ASSERT_TRUE(stopped.Stop(Monday(11)).ok());

  Clock goes_on = stopped;
  ASSERT_TRUE(goes_on.Reopen(Monday(24 + 9), ReopenRule::kContinue).ok());
  EXPECT_EQ(Read(goes_on, Monday(24 + 9)).due, Monday(24 + 12));

  Clock anew = stopped;
  ASSERT_TRUE(anew.Reopen(Monday(24 + 9), ReopenRule::kRestart).ok());
  EXPECT_EQ(Read(anew, Monday(24 + 9)).due, Monday(24 + 13));
  EXPECT_EQ(anew.started_at(), Monday(24 + 9));

  Clock first_only = stopped;
  ASSERT_TRUE(first_only.Reopen(Monday(24 + 9), ReopenRule::kFirstOnly).ok());
  EXPECT_EQ(Read(first_only, Monday(1000)).state, ClockState::kStopped);
  EXPECT_FALSE(Read(first_only, Monday(1000)).breached);
}

TEST_F(ClockTest, AStopEndsThePauses) {
  Clock clock = *Clock::Start(kFourHours, Monday(10));
  ASSERT_TRUE(clock.Suspend(Monday(11)).ok());
  ASSERT_TRUE(clock.Stop(Monday(12)).ok());
  ASSERT_TRUE(clock.Reopen(Monday(13), ReopenRule::kContinue).ok());
  EXPECT_EQ(clock.state(), ClockState::kRunning);
  EXPECT_EQ(Read(clock, Monday(13)).due, Monday(16));  // Two hours of pause in one piece.
}

TEST_F(ClockTest, OriginCountsTheNewLimitFromTheStart) {
  Clock clock = *Clock::Start(kFourHours, Monday(10));
  ASSERT_TRUE(clock.Suspend(Monday(11)).ok());
  ASSERT_TRUE(clock.Resume(Monday(12)).ok());
  const Limit two_hours = {LimitKind::kWorkingTime, 2 * kHour};
  EXPECT_TRUE(*clock.Recompute(Monday(15), office_, two_hours, RecomputeRule::kOrigin));
  EXPECT_EQ(Read(clock, Monday(15)).due, Monday(13));
  EXPECT_TRUE(Read(clock, Monday(15)).breached);
}

TEST_F(ClockTest, PinnedKeepsTheLimitItBeganWith) {
  Clock clock = *Clock::Start(kFourHours, Monday(10));
  const Limit two_hours = {LimitKind::kWorkingTime, 2 * kHour};
  EXPECT_FALSE(*clock.Recompute(Monday(11), office_, two_hours, RecomputeRule::kPinned));
  EXPECT_EQ(clock.limit(), kFourHours);
  EXPECT_EQ(Read(clock, Monday(11)).due, Monday(14));
}

TEST_F(ClockTest, ProportionalCarriesTheUsedShare) {
  // One hour of four is used: three quarters of twelve hours remain, at all hours from 11:00 on.
  Clock clock = *Clock::Start(kFourHours, Monday(10));
  const Limit twelve_hours = {LimitKind::kWorkingTime, 12 * kHour};
  EXPECT_TRUE(*clock.Recompute(Monday(11), office_, twelve_hours, RecomputeRule::kProportional));
  const auto reading = clock.Read(always_, Monday(12));
  EXPECT_EQ(reading->due, Monday(20));
  EXPECT_EQ(reading->used, 4 * kHour);  // A quarter of twelve, and one since.
  // Once more, back to a limit of eight hours in office hours: a third of it is used at noon.
  const Limit eight_hours = {LimitKind::kWorkingTime, 8 * kHour};
  EXPECT_TRUE(*clock.Recompute(Monday(12), always_, eight_hours, RecomputeRule::kProportional));
  // 16/3 hours remain; five are left on Monday.
  EXPECT_EQ(Read(clock, Monday(12)).due, Monday(24 + 9) + 1'200'000'000);
}

TEST_F(ClockTest, TheUsedShareIsRoundedDown) {
  // One microsecond of three, of ten: three of them, so that seven remain.
  Clock clock = *Clock::Start({LimitKind::kElapsedTime, 3}, 0);
  EXPECT_TRUE(
      *clock.Recompute(1, office_, {LimitKind::kElapsedTime, 10}, RecomputeRule::kProportional));
  EXPECT_EQ(Read(clock, 1).due, 8);
}

TEST_F(ClockTest, ProportionalLeavesAClockThatHasRunOut) {
  Clock clock = *Clock::Start(kFourHours, Monday(10));
  const Limit twelve_hours = {LimitKind::kWorkingTime, 12 * kHour};
  EXPECT_FALSE(*clock.Recompute(Monday(14), office_, twelve_hours, RecomputeRule::kProportional));
  EXPECT_EQ(Read(clock, Monday(15)).due, Monday(14));
  Clock at_once = *Clock::Start({LimitKind::kWorkingTime, 0}, Monday(10));
  EXPECT_FALSE(*at_once.Recompute(Monday(10), office_, twelve_hours, RecomputeRule::kProportional));
}

TEST_F(ClockTest, AStoppedClockIsNotRecomputed) {
  Clock clock = *Clock::Start(kFourHours, Monday(10));
  ASSERT_TRUE(clock.Stop(Monday(13)).ok());
  const Limit one_hour = {LimitKind::kWorkingTime, kHour};
  EXPECT_FALSE(*clock.Recompute(Monday(14), office_, one_hour, RecomputeRule::kOrigin));
  EXPECT_FALSE(Read(clock, Monday(14)).breached);
}

TEST_F(ClockTest, LegalClocksCountDaysAndNeverPause) {
  Clock clock = *Clock::Start({LimitKind::kBusinessDays, 3}, Monday(10));
  EXPECT_EQ(Read(clock, Monday(24)).due, Monday(3 * 24 + 17));
  EXPECT_EQ(Read(clock, Monday(24)).used, 1);
  EXPECT_EQ(clock.Suspend(Monday(24)).message(), "a clock that counts days cannot be paused");
  ASSERT_TRUE(clock.Stop(Monday(24)).ok());
  ASSERT_TRUE(clock.Reopen(Monday(48), ReopenRule::kContinue).ok());
  EXPECT_EQ(Read(clock, Monday(48)).due, Monday(3 * 24 + 17));

  const Clock weeks = *Clock::Start({LimitKind::kCalendarWeeks, 8}, Monday(10));
  EXPECT_EQ(Read(weeks, Monday(24 * 20)).due, Monday(24 * 57));
  EXPECT_EQ(Read(weeks, Monday(24 * 20)).used, 2);
  const Clock days = *Clock::Start({LimitKind::kCalendarDays, 15}, Monday(10));
  EXPECT_EQ(Read(days, Monday(24 * 16)).due, Monday(24 * 16));
  EXPECT_EQ(Read(days, Monday(24 * 16)).used, 16);
}

TEST_F(ClockTest, CalendarHoursRunAtNightButNotInPauses) {
  Clock clock = *Clock::Start({LimitKind::kElapsedTime, 24 * kHour}, Monday(10));
  EXPECT_EQ(Read(clock, Monday(10)).due, Monday(34));
  ASSERT_TRUE(clock.Suspend(Monday(20)).ok());
  ASSERT_TRUE(clock.Resume(Monday(22)).ok());
  EXPECT_EQ(Read(clock, Monday(23)).due, Monday(36));
  EXPECT_EQ(Read(clock, Monday(23)).used, 11 * kHour);
}

TEST_F(ClockTest, SharesAreInstantsBeforeAndAfterTheDueOne) {
  const Clock clock = *Clock::Start(kFourHours, Monday(10));
  EXPECT_EQ(*clock.InstantOfShare(office_, 50), Monday(12));
  EXPECT_EQ(*clock.InstantOfShare(office_, 100), Monday(14));
  EXPECT_EQ(*clock.InstantOfShare(office_, 150), Monday(16));
  EXPECT_EQ(*clock.InstantOfShare(office_, 200), Monday(24 + 10));
  const Clock days = *Clock::Start({LimitKind::kCalendarDays, 1}, Monday(0));
  EXPECT_EQ(*days.InstantOfShare(office_, 75), Monday(36));
  EXPECT_FALSE(clock.InstantOfShare(office_, 0).ok());
}

TEST_F(ClockTest, ChangesThatItsStateDoesNotAllowAreRefused) {
  Clock clock = *Clock::Start(kFourHours, Monday(10));
  EXPECT_EQ(clock.Resume(Monday(11)).message(), "a clock that is running cannot resume");
  EXPECT_EQ(clock.Reopen(Monday(11), ReopenRule::kRestart).code(),
            absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(clock.Stop(Monday(11)).ok());
  EXPECT_EQ(clock.Suspend(Monday(12)).message(), "a clock that is stopped cannot be paused");
  EXPECT_EQ(clock.Stop(Monday(12)).message(), "a clock that is stopped cannot be stopped");
}

TEST_F(ClockTest, TimeDoesNotGoBackwards) {
  Clock clock = *Clock::Start(kFourHours, Monday(10));
  ASSERT_TRUE(clock.Suspend(Monday(11)).ok());
  EXPECT_EQ(clock.Resume(Monday(10)).message(),
            "at: 2024-06-03T10:00:00Z; expected no time before the last change, "
            "2024-06-03T11:00:00Z");
  EXPECT_FALSE(clock.Read(office_, Monday(10)).ok());
  EXPECT_FALSE(Clock::Start({LimitKind::kWorkingTime, -1}, 0).ok());
  EXPECT_FALSE(Clock::Start({LimitKind::kBusinessDays, 0}, 0).ok());
  EXPECT_FALSE(Clock::Start(kFourHours, kNever).ok());
}

TEST_F(ClockTest, RulesThatDoNotFitALimitOfDaysAreRefused) {
  Clock clock = *Clock::Start(kFourHours, Monday(10));
  const Limit days = {LimitKind::kBusinessDays, 3};
  EXPECT_EQ(
      clock.Recompute(Monday(11), office_, days, RecomputeRule::kProportional).status().message(),
      "rule: proportional; expected pinned or origin for a limit that counts days");
  ASSERT_TRUE(clock.Suspend(Monday(11)).ok());
  EXPECT_FALSE(clock.Recompute(Monday(11), office_, days, RecomputeRule::kOrigin).ok());
  EXPECT_EQ(clock.limit(), kFourHours);
  const std::vector<Pause> pauses = {{0, 1}};
  EXPECT_FALSE(DueOf(office_, days, 0, pauses).ok());
}

}  // namespace
}  // namespace patron::complaints
