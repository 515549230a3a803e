// Calendars and instants for the tests of this folder.
#ifndef PATRON_TESTS_UNIT_COMPLAINTS_CALENDARS_HPP_
#define PATRON_TESTS_UNIT_COMPLAINTS_CALENDARS_HPP_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "patron/complaints/business_calendar.hpp"

namespace patron::complaints {

inline constexpr int64_t kHour = 3'600 * kMicrosPerSecond;

// Monday to Friday from nine to five.
inline Calendar OfficeHours(std::string zone) {
  Calendar calendar;
  calendar.zone = std::move(zone);
  calendar.weeks.emplace_back();
  for (size_t i = 0; i < 5; ++i) calendar.weeks[0].week[i] = {{9 * 3600, 17 * 3600}};
  return calendar;
}

// Open at all times.
inline Calendar AlwaysOpen(std::string zone) {
  Calendar calendar;
  calendar.zone = std::move(zone);
  calendar.weeks.emplace_back();
  for (OpenHours &hours : calendar.weeks[0].week) hours = {{0, 24 * 3600}};
  return calendar;
}

inline BusinessCalendar Compiled(Calendar calendar) {
  auto compiled = BusinessCalendar::Compile(std::move(calendar));
  EXPECT_TRUE(compiled.ok()) << compiled.status();
  return *std::move(compiled);
}

// The instant of "2024-06-07T16:00:00+02:00".
inline int64_t At(const std::string &text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return absl::ToUnixMicros(time);
}

}  // namespace patron::complaints

#endif  // PATRON_TESTS_UNIT_COMPLAINTS_CALENDARS_HPP_
