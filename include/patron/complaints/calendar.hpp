// Business calendars as values: the open hours of a week, the dates that differ, and a zone.
#ifndef PATRON_COMPLAINTS_CALENDAR_HPP_
#define PATRON_COMPLAINTS_CALENDAR_HPP_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"

namespace patron::complaints {

// Open from `open` up to, not including, `close`, in seconds of the civil day. A segment that
// closes after 24:00 runs into the next date, whatever that date is, and belongs to the date it
// opens on.
struct Segment {
  int32_t open;   // 0 to 86,399
  int32_t close;  // After `open`, by a day at most.

  friend bool operator==(const Segment &, const Segment &) = default;
};

// The segments of one date, in any order, without overlap. None: closed.
using OpenHours = std::vector<Segment>;

// Monday to Sunday.
using Week = std::array<OpenHours, 7>;

// A week and the date from which it holds, up to the date of the next one.
struct WeekVersion {
  static constexpr int64_t kFromTheBeginning = std::numeric_limits<int64_t>::min();

  int64_t first_day = kFromTheBeginning;  // Counted from 1970-01-01.
  Week week;

  friend bool operator==(const WeekVersion &, const WeekVersion &) = default;
};

// When a business is open. An instant is working time if its civil time in `zone` lies in a segment
// of its date: that of the exceptions if the date is one, else that of the week that holds then. So
// an hour that clocks skip has no working time and an hour that comes twice counts twice.
struct Calendar {
  std::string zone = "UTC";                 // As CivilDays::In takes it.
  std::vector<WeekVersion> weeks;           // In order of time, the first from the beginning.
  std::map<int64_t, OpenHours> exceptions;  // Holidays, half days, make-up workdays, by day.

  friend bool operator==(const Calendar &, const Calendar &) = default;
};

inline constexpr size_t kMostSegments = 48;  // Of one date.
inline constexpr size_t kMostExceptions = 100'000;
inline constexpr size_t kMostWeekVersions = 1'000;

// Errors: InvalidArgument for a zone that is unknown, segments out of range or overlapping, weeks
// out of order, dates outside the years 1 to 9999, more of anything than the limits above, and a
// calendar that is never open at all.
absl::Status CheckCalendar(const Calendar &calendar);

// The segments that hold on `day`. For calendars that were checked.
const OpenHours &HoursOn(const Calendar &calendar, int64_t day);

// 0 for Monday to 6 for Sunday.
constexpr int WeekdayOf(int64_t day);

// "mon" to "sun", as policies and messages spell them.
std::string_view WeekdayName(int weekday);

// "09:00-17:00", with seconds where there are any.
std::string FormatSegment(const Segment &segment);

// The other direction. Times are "HH:MM" or "HH:MM:SS" from 00:00 to 24:00; a segment whose second
// time is not after its first closes on the next date. Errors: InvalidArgument.
absl::StatusOr<int> ParseWeekday(std::string_view text);
absl::StatusOr<Segment> ParseSegment(std::string_view open, std::string_view close);

// The day of a date such as "2024-12-25", years 0001 to 9999. Errors: InvalidArgument.
absl::StatusOr<int64_t> ParseDay(std::string_view text);

namespace detail {

inline constexpr int64_t kFirstDay = -719'162;  // 0001-01-01
inline constexpr int64_t kLastDay = 2'932'896;  // 9999-12-31
inline constexpr std::array<std::string_view, 7> kWeekdays = {"mon", "tue", "wed", "thu",
                                                              "fri", "sat", "sun"};

inline std::string FormatTimeOfDay(int32_t seconds) {
  char text[40];
  const int hour = seconds / 3600;
  const int minute = seconds / 60 % 60;
  const int length = seconds % 60 == 0 ? std::snprintf(text, sizeof text, "%02d:%02d", hour, minute)
                                       : std::snprintf(text, sizeof text, "%02d:%02d:%02d", hour,
                                                       minute, seconds % 60);
  return std::string(text, static_cast<size_t>(length));
}

inline absl::Status CheckHours(std::string_view date, const OpenHours &hours) {
  const auto error = [&](std::string_view value, std::string_view expected) {
    return InvalidOption(absl::StrCat("calendar: ", Text(date)), value, expected);
  };
  if (hours.size() > kMostSegments) {
    return error(absl::StrCat(hours.size(), " segments"), absl::StrCat("at most ", kMostSegments));
  }
  for (const Segment &segment : hours) {
    const bool opens = segment.open >= 0 && segment.open < kSecondsPerDay;
    if (!opens || segment.close <= segment.open || segment.close - segment.open > kSecondsPerDay) {
      return error(absl::StrCat("a segment from second ", segment.open, " to ", segment.close),
                   "an opening from 0 to 86399 and a close after it, by 86400 at most");
    }
  }
  OpenHours sorted = hours;
  std::ranges::sort(sorted, {}, &Segment::open);
  for (size_t i = 1; i < sorted.size(); ++i) {
    if (sorted[i].open >= sorted[i - 1].close) continue;
    return error(absl::StrCat(FormatSegment(sorted[i - 1]), " and ", FormatSegment(sorted[i])),
                 "segments that do not overlap");
  }
  return absl::OkStatus();
}

// "HH:MM" or "HH:MM:SS" up to 24:00, or -1.
inline int32_t SecondsOfDay(std::string_view text) {
  if (text.size() != 5 && text.size() != 8) return -1;
  int32_t parts[3] = {0, 0, 0};
  for (size_t i = 0; i < text.size(); ++i) {
    if (i % 3 == 2) {
      if (text[i] != ':') return -1;
    } else {
      if (text[i] < '0' || text[i] > '9') return -1;
      parts[i / 3] = parts[i / 3] * 10 + (text[i] - '0');
    }
  }
  const int32_t seconds = parts[0] * 3600 + parts[1] * 60 + parts[2];
  return parts[1] < 60 && parts[2] < 60 && seconds <= kSecondsPerDay ? seconds : -1;
}

}  // namespace detail

constexpr int WeekdayOf(int64_t day) {
  const int64_t since = (day % 7 + 7 + 3) % 7;  // 1970-01-01 was a Thursday.
  return static_cast<int>(since);
}

inline std::string_view WeekdayName(int weekday) {
  return detail::kWeekdays[static_cast<size_t>(weekday)];
}

inline std::string FormatSegment(const Segment &segment) {
  const int32_t close = segment.close > kSecondsPerDay
                            ? segment.close - static_cast<int32_t>(kSecondsPerDay)
                            : segment.close;
  return absl::StrCat(detail::FormatTimeOfDay(segment.open), "-", detail::FormatTimeOfDay(close));
}

inline absl::StatusOr<int> ParseWeekday(std::string_view text) {
  const auto found = std::ranges::find(detail::kWeekdays, text);
  if (found != detail::kWeekdays.end()) return static_cast<int>(found - detail::kWeekdays.begin());
  return InvalidOption("weekday", Quoted(text), "mon, tue, wed, thu, fri, sat or sun");
}

inline absl::StatusOr<Segment> ParseSegment(std::string_view open, std::string_view close) {
  Segment segment = {detail::SecondsOfDay(open), detail::SecondsOfDay(close)};
  for (const auto &[seconds, text] : {std::pair(segment.open, open), {segment.close, close}}) {
    if (seconds >= 0) continue;
    return InvalidOption("segment", Quoted(text), "a time of day such as 09:00, up to 24:00");
  }
  if (segment.open == segment.close || segment.open == kSecondsPerDay) {
    return InvalidOption("segment", absl::StrCat(Quoted(open), " to ", Quoted(close)),
                         "an opening before 24:00 and another time to close");
  }
  if (segment.close < segment.open) segment.close += static_cast<int32_t>(kSecondsPerDay);
  return segment;
}

inline absl::StatusOr<int64_t> ParseDay(std::string_view text) {
  int parts[3] = {0, 0, 0};
  bool valid = text.size() == 10 && text[4] == '-' && text[7] == '-';
  for (size_t i = 0; valid && i < 10; ++i) {
    if (i == 4 || i == 7) continue;
    valid = text[i] >= '0' && text[i] <= '9';
    int &part = parts[i < 4 ? 0 : i < 7 ? 1 : 2];
    part = part * 10 + (text[i] - '0');
  }
  valid = valid && parts[0] >= 1 && parts[1] >= 1 && parts[1] <= 12 && parts[2] >= 1;
  if (valid) {
    const int64_t day = DayOfDate(parts[0], parts[1], parts[2]);
    if (DateOfDay(day).day == parts[2]) return day;
  }
  return InvalidOption("date", Quoted(text), "a date such as 2024-12-25");
}

inline absl::Status CheckCalendar(const Calendar &calendar) {
  if (auto zone = CivilDays::In(calendar.zone); !zone.ok()) return zone.status();
  const auto &weeks = calendar.weeks;
  if (weeks.empty() || weeks.size() > kMostWeekVersions) {
    return InvalidOption("calendar", absl::StrCat(weeks.size(), " weeks"),
                         absl::StrCat("1 to ", kMostWeekVersions));
  }
  if (weeks[0].first_day != WeekVersion::kFromTheBeginning) {
    return InvalidOption("calendar", "the first week has a first date",
                         "that it holds from the beginning");
  }
  const auto in_range = [](int64_t day) {
    return day >= detail::kFirstDay && day <= detail::kLastDay;
  };
  bool ever_open = false;
  for (size_t v = 0; v < weeks.size(); ++v) {
    if (v > 0 && (!in_range(weeks[v].first_day) || weeks[v].first_day <= weeks[v - 1].first_day)) {
      return InvalidOption("calendar",
                           absl::StrCat("week ", v, " holds from ", FormatDay(weeks[v].first_day)),
                           "dates of the years 1 to 9999 in ascending order");
    }
    for (int i = 0; i < 7; ++i) {
      const OpenHours &hours = weeks[v].week[static_cast<size_t>(i)];
      PATRON_RETURN_IF_ERROR(detail::CheckHours(WeekdayName(i), hours));
      ever_open = ever_open || !hours.empty();
    }
  }
  if (calendar.exceptions.size() > kMostExceptions) {
    return InvalidOption("calendar", absl::StrCat(calendar.exceptions.size(), " exceptions"),
                         absl::StrCat("at most ", kMostExceptions));
  }
  for (const auto &[day, hours] : calendar.exceptions) {
    if (!in_range(day)) {
      return InvalidOption("calendar", absl::StrCat("an exception on day ", day),
                           "dates of the years 1 to 9999");
    }
    PATRON_RETURN_IF_ERROR(detail::CheckHours(FormatDay(day), hours));
    ever_open = ever_open || !hours.empty();
  }
  if (!ever_open) return InvalidOption("calendar", "never open", "a segment on some day");
  return absl::OkStatus();
}

inline const OpenHours &HoursOn(const Calendar &calendar, int64_t day) {
  if (const auto found = calendar.exceptions.find(day); found != calendar.exceptions.end()) {
    return found->second;
  }
  const auto after = std::ranges::upper_bound(calendar.weeks, day, {}, &WeekVersion::first_day);
  return std::prev(after)->week[static_cast<size_t>(WeekdayOf(day))];
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_CALENDAR_HPP_
