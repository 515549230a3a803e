// Random calendars and pauses, and an oracle that walks through time second by second.
#ifndef PATRON_TESTS_PROPERTY_COMPLAINTS_CALENDAR_ORACLE_HPP_
#define PATRON_TESTS_PROPERTY_COMPLAINTS_CALENDAR_ORACLE_HPP_

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "patron/complaints/calendar.hpp"
#include "patron/complaints/pauses.hpp"
#include "rapidcheck.h"

namespace patron::complaints {

// Zones with summer time of an hour, half an hour and two, changes at midnight, days skipped, odd
// offsets, seasons by decree, rules that ended, and none at all.
inline const std::vector<std::string> kZones = {"UTC",
                                                "Europe/Berlin",
                                                "America/New_York",
                                                "Asia/Shanghai",
                                                "Australia/Lord_Howe",
                                                "Pacific/Apia",
                                                "America/Havana",
                                                "Africa/Casablanca",
                                                "Antarctica/Troll",
                                                "Europe/Dublin",
                                                "America/Nuuk",
                                                "America/Asuncion",
                                                "Pacific/Kwajalein",
                                                "Africa/Monrovia",
                                                "Asia/Kathmandu",
                                                "America/Sao_Paulo",
                                                "+05:45",
                                                "-03:30"};

inline absl::TimeZone ZoneOf(const std::string &name) {
  if (name == "+05:45") return absl::FixedTimeZone(5 * 3600 + 45 * 60);
  if (name == "-03:30") return absl::FixedTimeZone(-3 * 3600 - 30 * 60);
  absl::TimeZone zone;
  RC_ASSERT(absl::LoadTimeZone(name, &zone));
  return zone;
}

class Oracle {
 public:
  explicit Oracle(const Calendar &calendar) : calendar_(calendar), zone_(ZoneOf(calendar.zone)) {}

  bool IsOpen(int64_t second) const {
    const absl::CivilSecond civil = zone_.At(absl::FromUnixSeconds(second)).cs;
    const absl::CivilDay date(civil);
    const auto of_day = static_cast<int32_t>(civil - absl::CivilSecond(date));
    const int64_t day = date - absl::CivilDay(1970, 1, 1);
    return Holds(day, of_day) || Holds(day - 1, of_day + 86'400);
  }

  // Working seconds of [begin, end) outside of `pauses`, all in whole seconds.
  int64_t Elapsed(int64_t begin, int64_t end, const std::vector<Pause> &pauses) const {
    int64_t count = 0;
    for (int64_t s = begin; s < end; ++s) count += !IsPaused(s, pauses) && IsOpen(s) ? 1 : 0;
    return count;
  }

  // Second at which `budget` is used up; `horizon` if it is not by then.
  int64_t Due(int64_t start, int64_t budget, const std::vector<Pause> &pauses,
              int64_t horizon) const {
    int64_t s = start;
    for (; budget > 0 && s < horizon; ++s) budget -= !IsPaused(s, pauses) && IsOpen(s) ? 1 : 0;
    return budget == 0 ? s : horizon;
  }

  const OpenHours &Hours(int64_t day) const {
    if (calendar_.exceptions.contains(day)) return calendar_.exceptions.at(day);
    size_t version = 0;
    for (size_t v = 1; v < calendar_.weeks.size(); ++v) {
      if (calendar_.weeks[v].first_day <= day) version = v;
    }
    const absl::Weekday weekday = absl::GetWeekday(absl::CivilDay(1970, 1, 1) + day);
    return calendar_.weeks[version].week[static_cast<size_t>(weekday)];
  }

  absl::CivilDay DateAt(int64_t second) const {
    return absl::CivilDay(zone_.At(absl::FromUnixSeconds(second)).cs);
  }

  const absl::TimeZone &zone() const { return zone_; }

 private:
  bool Holds(int64_t day, int32_t second) const {
    return std::ranges::any_of(Hours(day), [&](const Segment &segment) {
      return segment.open <= second && second < segment.close;
    });
  }
  static bool IsPaused(int64_t second, const std::vector<Pause> &pauses) {
    return std::ranges::any_of(pauses, [&](const Pause &pause) {
      return pause.begin <= second * 1'000'000 &&
             (pause.end == kNever || second * 1'000'000 < pause.end);
    });
  }

  const Calendar &calendar_;
  absl::TimeZone zone_;
};

inline OpenHours AnyHours() {
  OpenHours hours;
  const int grain = *rc::gen::element(1, 60, 900, 1800, 3600);
  int32_t time = 0;
  const int count = *rc::gen::element(0, 1, 1, 2, 3);
  for (int i = 0; i < count; ++i) {
    const int32_t open = time + *rc::gen::inRange(0, 30'000 / grain + 1) * grain;
    const int32_t close = open + *rc::gen::inRange(1, 30'000 / grain + 1) * grain;
    if (open >= 86'400) break;
    hours.push_back({open, close});
    time = close;
  }
  if (*rc::gen::inRange(0, 8) == 0) hours = {{0, 86'400}};
  return hours;
}

// A calendar whose exceptions and second week lie near `second`, or before it if that is past the
// years that they may be of.
inline Calendar AnyCalendar(const std::string &zone, int64_t second) {
  Calendar calendar;
  calendar.zone = zone;
  const int64_t day = std::min<int64_t>(FloorDivide(second, kSecondsPerDay), 2'932'000);
  calendar.weeks.emplace_back();
  if (*rc::gen::inRange(0, 3) == 0) {
    calendar.weeks.emplace_back();
    calendar.weeks[1].first_day = day + *rc::gen::inRange(-3, 6);
  }
  for (WeekVersion &version : calendar.weeks) {
    for (OpenHours &hours : version.week) hours = AnyHours();
  }
  const int exceptions = *rc::gen::inRange(0, 4);
  for (int i = 0; i < exceptions; ++i) {
    calendar.exceptions[day + *rc::gen::inRange(-3, 6)] = AnyHours();
  }
  calendar.weeks[0].week[2] = {{9 * 3600, 17 * 3600}};
  return calendar;
}

// A second near a clock change of the zone: of any time, of the last decades, or of far years,
// where the rules come again.
inline int64_t AnySecond(const std::string &zone) {
  const int64_t century =
      *rc::gen::element<int64_t>(-62'000'000'000, -3'000'000'000, 0, 1'000'000'000, 1'000'000'000,
                                 1'700'000'000, 4'000'000'000, 10'000'000'000, 14'700'000'000,
                                 15'000'000'000, 253'000'000'000, 1'000'000'000'000);
  const int64_t second = century + *rc::gen::inRange<int64_t>(0, 700'000'000);
  absl::TimeZone::CivilTransition change;
  const absl::TimeZone loaded = ZoneOf(zone);
  if (!loaded.NextTransition(absl::FromUnixSeconds(second), &change)) {
    return second;  // Near none, or past the listed ones.
  }
  const int64_t at = absl::ToUnixSeconds(loaded.At(change.to).trans);
  return at + *rc::gen::inRange(-100'000, 50'000);
}

inline std::vector<Pause> AnyPauses(int64_t second, int64_t unit) {
  std::vector<Pause> pauses;
  const int count = *rc::gen::element(0, 0, 1, 2, 4);
  for (int i = 0; i < count; ++i) {
    const int64_t begin =
        second * kMicrosPerSecond + *rc::gen::inRange<int64_t>(-50'000, 200'000) * unit;
    const int64_t length = *rc::gen::inRange<int64_t>(0, 80'000) * unit;
    pauses.push_back({begin, *rc::gen::inRange(0, 20) == 0 ? kNever : begin + length});
  }
  return pauses;
}

}  // namespace patron::complaints

#endif  // PATRON_TESTS_PROPERTY_COMPLAINTS_CALENDAR_ORACLE_HPP_
