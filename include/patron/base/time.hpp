// Time: microseconds UTC at the door, civil days of a zone inside, periods of days.
#ifndef PATRON_BASE_TIME_HPP_
#define PATRON_BASE_TIME_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "patron/base/status.hpp"

namespace patron {

inline constexpr int64_t kMicrosPerSecond = 1'000'000;
inline constexpr int64_t kSecondsPerDay = 86'400;
inline constexpr int64_t kMicrosPerDay = kSecondsPerDay * kMicrosPerSecond;

// In the place of an instant: there is none.
inline constexpr int64_t kNoTime = std::numeric_limits<int64_t>::min();

// The unit in which a clock counts from 1970-01-01.
enum class TimeUnit { kDay, kSecond, kMilli, kMicro, kNano };

// Converts to microseconds; nanoseconds are floored. False if that is more than int64 holds.
bool MicrosFrom(int64_t value, TimeUnit unit, int64_t &micros);

// a / b rounded down; b > 0.
constexpr int64_t FloorDivide(int64_t a, int64_t b);

// A date of the proleptic Gregorian calendar; there is a year 0.
struct CivilDate {
  int64_t year;
  int month;  // 1 to 12
  int day;    // 1 to 31
};

// A day is counted from 1970-01-01, which is day 0. Every day that an int64 time falls on works.
CivilDate DateOfDay(int64_t day);
int64_t DayOfDate(int64_t year, int month, int day);

// "2011-12-09"; years outside 0 to 9999 with a sign.
std::string FormatDay(int64_t day);

// "2011-12-09T12:50:00Z", with microseconds where there are any.
std::string FormatTime(int64_t micros);

// Spans of days. Weeks begin on Monday, as ISO 8601 has them.
enum class Period { kDay, kWeek, kMonth, kQuarter, kYear };

// Number of the period that holds `day`; 0 holds 1970-01-01, so the weeks count from 1969-12-29.
int64_t PeriodOfDay(Period period, int64_t day);

// The first day of a period.
int64_t FirstDayOf(Period period, int64_t index);

// The zone called "UTC", or by an IANA name such as "Europe/Berlin", or by an offset such as "+05:30".
// Daylight saving and historical offsets are those of the time-zone database of the machine.
// Errors: InvalidArgument for a name that it does not know.
absl::StatusOr<absl::TimeZone> LoadZone(std::string_view zone);

// The civil days of a zone. Daylight saving, historical offsets and skipped days are those of the
// time-zone database of the machine; UTC and fixed offsets need none.
//
// Instants that share an offset are looked up once; a CivilDays remembers them, so it may not be shared
// by threads, but copied. Cost: a division an instant in UTC, a few nanoseconds more in other zones.
class CivilDays {
 public:
  CivilDays() = default;  // UTC

  // Errors: those of LoadZone.
  static absl::StatusOr<CivilDays> In(std::string_view zone);

  bool is_utc() const { return !zone_.has_value(); }

  // The day that holds `micros`.
  int32_t DayOf(int64_t micros);
  void DaysOf(std::span<const int64_t> micros, std::span<int32_t> days);

  // The first instant of `day`. For days that int64 microseconds hold.
  int64_t StartOf(int64_t day) const;

 private:
  // Seconds [begin, end) are `offset` seconds ahead of UTC.
  struct Interval {
    int64_t begin, end, offset;
  };
  const Interval &Find(int64_t second);

  std::optional<absl::TimeZone> zone_;
  std::vector<Interval> intervals_;  // In order of time, without overlap.
  Interval last_ = {0, 0, 0};
};

constexpr int64_t FloorDivide(int64_t a, int64_t b) {
  const int64_t quotient = a / b;
  return quotient - static_cast<int64_t>(a % b < 0);
}

inline bool MicrosFrom(int64_t value, TimeUnit unit, int64_t &micros) {
  switch (unit) {
    case TimeUnit::kDay: return !__builtin_mul_overflow(value, kMicrosPerDay, &micros);
    case TimeUnit::kSecond: return !__builtin_mul_overflow(value, kMicrosPerSecond, &micros);
    case TimeUnit::kMilli: return !__builtin_mul_overflow(value, int64_t{1000}, &micros);
    case TimeUnit::kMicro: micros = value; return true;
    case TimeUnit::kNano: micros = FloorDivide(value, 1000); return true;
  }
  return false;
}

namespace detail {

// Years are counted from March, so that a leap day is the last day of its year, and in groups of 400,
// which all have the same number of days.
inline constexpr int64_t kDaysPer400Years = 146'097;
inline constexpr int64_t kDaysPer100Years = 36'524;
inline constexpr int64_t kDaysPer4Years = 1'461;
inline constexpr int64_t kEpochFromMarchOfYear0 = 719'468;

// Days of the months before `month`, counted from March (0) to February (11).
constexpr int64_t DaysBeforeMonth(int64_t month) { return (month * 153 + 2) / 5; }

}  // namespace detail

inline CivilDate DateOfDay(int64_t day) {
  const int64_t since = day + detail::kEpochFromMarchOfYear0;
  const int64_t group = FloorDivide(since, detail::kDaysPer400Years);
  int64_t rest = since - group * detail::kDaysPer400Years;
  // The last century of a group and the last year of four are a day longer than the others.
  const int64_t century = std::min<int64_t>(rest / detail::kDaysPer100Years, 3);
  rest -= century * detail::kDaysPer100Years;
  const int64_t four = rest / detail::kDaysPer4Years;
  rest -= four * detail::kDaysPer4Years;
  const int64_t single = std::min<int64_t>(rest / 365, 3);
  rest -= single * 365;
  const int64_t month = (rest * 5 + 2) / 153;
  const int64_t year = group * 400 + century * 100 + four * 4 + single;
  return {.year = year + (month >= 10 ? 1 : 0),
          .month = static_cast<int>(month < 10 ? month + 3 : month - 9),
          .day = static_cast<int>(rest - detail::DaysBeforeMonth(month)) + 1};
}

inline int64_t DayOfDate(int64_t year, int month, int day) {
  const int64_t from_march = month >= 3 ? year : year - 1;
  const int64_t group = FloorDivide(from_march, 400);
  const int64_t in_group = from_march - group * 400;
  const int64_t leap_days = in_group / 4 - in_group / 100;
  return group * detail::kDaysPer400Years + in_group * 365 + leap_days +
         detail::DaysBeforeMonth(month >= 3 ? month - 3 : month + 9) + day - 1 -
         detail::kEpochFromMarchOfYear0;
}

inline std::string FormatDay(int64_t day) {
  const CivilDate date = DateOfDay(day);
  char text[40];
  const char *form = date.year < 0 || date.year > 9999 ? "%+05lld-%02d-%02d" : "%04lld-%02d-%02d";
  const int length = std::snprintf(text, sizeof text, form, static_cast<long long>(date.year),
                                   date.month, date.day);
  return std::string(text, static_cast<size_t>(length));
}

inline std::string FormatTime(int64_t micros) {
  const int64_t day = FloorDivide(micros, kMicrosPerDay);
  // The first day of all begins before the first microsecond.
  int64_t rest = micros % kMicrosPerDay;
  if (rest < 0) rest += kMicrosPerDay;
  const int64_t second = rest / kMicrosPerSecond;
  const int64_t fraction = rest % kMicrosPerSecond;
  char text[24];
  int length = std::snprintf(text, sizeof text, "T%02d:%02d:%02d", static_cast<int>(second / 3600),
                             static_cast<int>(second / 60 % 60), static_cast<int>(second % 60));
  if (fraction != 0) {
    length += std::snprintf(text + length, sizeof text - static_cast<size_t>(length), ".%06d",
                            static_cast<int>(fraction));
  }
  return FormatDay(day).append(text, static_cast<size_t>(length)).append(1, 'Z');
}

inline int64_t PeriodOfDay(Period period, int64_t day) {
  constexpr int64_t kThursday = 3;  // 1970-01-01, counted from Monday.
  if (period == Period::kDay) return day;
  if (period == Period::kWeek) return FloorDivide(day + kThursday, 7);
  const CivilDate date = DateOfDay(day);
  if (period == Period::kYear) return date.year - 1970;
  const int64_t month = (date.year - 1970) * 12 + date.month - 1;
  return period == Period::kMonth ? month : FloorDivide(month, 3);
}

inline int64_t FirstDayOf(Period period, int64_t index) {
  constexpr int64_t kThursday = 3;
  if (period == Period::kDay) return index;
  if (period == Period::kWeek) return index * 7 - kThursday;
  const int64_t month = period == Period::kYear      ? index * 12
                        : period == Period::kQuarter ? index * 3
                                                     : index;
  const int64_t years = FloorDivide(month, 12);
  return DayOfDate(1970 + years, static_cast<int>(month - years * 12) + 1, 1);
}

inline absl::StatusOr<absl::TimeZone> LoadZone(std::string_view zone) {
  if (zone == "UTC" || zone == "Etc/UTC" || zone == "Z") return absl::UTCTimeZone();
  const auto digit = [&](size_t i) { return zone[i] >= '0' && zone[i] <= '9'; };
  if (zone.size() == 6 && (zone[0] == '+' || zone[0] == '-') && digit(1) && digit(2) &&
      zone[3] == ':' && digit(4) && digit(5)) {
    const int hours = (zone[1] - '0') * 10 + (zone[2] - '0');
    const int minutes = (zone[4] - '0') * 10 + (zone[5] - '0');
    if (hours < 24 && minutes < 60) {
      const int seconds = hours * 3600 + minutes * 60;
      return absl::FixedTimeZone(zone[0] == '-' ? -seconds : seconds);
    }
  }
  // Only names: a path would read any file, and "localtime" the environment.
  const bool is_name = !zone.empty() && zone.size() <= 64 && zone[0] != '/' &&
                       zone != "localtime" &&
                       zone.find_first_not_of(
                           "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                           "0123456789_+-/") == std::string_view::npos;
  // Abseil keeps a name that it could not read as unknown for good, even if only memory was short:
  // the same file under another spelling is read anew.
  absl::TimeZone loaded;
  std::string spelling(zone);
  for (int tries = 0; is_name && tries < 3; ++tries) {
    if (absl::LoadTimeZone(spelling, &loaded)) return loaded;
    spelling.insert(0, "./");
  }
  return absl::InvalidArgumentError(
      absl::StrCat("zone: ", Quoted(zone),
                   "; expected a name in the time-zone database of this machine, such as "
                   "Europe/Berlin, an offset such as +05:30, or UTC"));
}

inline absl::StatusOr<CivilDays> CivilDays::In(std::string_view zone) {
  PATRON_ASSIGN_OR_RETURN(const absl::TimeZone loaded, LoadZone(zone));
  CivilDays days;
  if (loaded != absl::UTCTimeZone()) days.zone_ = loaded;
  return days;
}

inline int32_t CivilDays::DayOf(int64_t micros) {
  if (!zone_) return static_cast<int32_t>(FloorDivide(micros, kMicrosPerDay));
  const int64_t second = FloorDivide(micros, kMicrosPerSecond);
  if (second < last_.begin || second >= last_.end) last_ = Find(second);
  return static_cast<int32_t>(FloorDivide(second + last_.offset, kSecondsPerDay));
}

inline void CivilDays::DaysOf(std::span<const int64_t> micros, std::span<int32_t> days) {
  if (!zone_) {
    for (size_t i = 0; i < micros.size(); ++i) {
      days[i] = static_cast<int32_t>(FloorDivide(micros[i], kMicrosPerDay));
    }
    return;
  }
  for (size_t i = 0; i < micros.size(); ++i) days[i] = DayOf(micros[i]);
}

inline int64_t CivilDays::StartOf(int64_t day) const {
  if (!zone_) return day * kMicrosPerDay;
  const absl::TimeZone::TimeInfo midnight =
      zone_->At(absl::CivilSecond(absl::CivilDay(1970, 1, 1) + day));
  // Where midnight is skipped the day begins at the jump; where it comes twice, at the first.
  const absl::Time start =
      midnight.kind == absl::TimeZone::TimeInfo::SKIPPED ? midnight.trans : midnight.pre;
  return absl::ToUnixMicros(start);
}

inline const CivilDays::Interval &CivilDays::Find(int64_t second) {
  const auto after = std::upper_bound(
      intervals_.begin(), intervals_.end(), second,
      [](int64_t value, const Interval &interval) { return value < interval.begin; });
  if (after != intervals_.begin() && second < std::prev(after)->end) return *std::prev(after);

  const absl::Time time = absl::FromUnixSeconds(second);
  const int64_t offset = zone_->At(time).offset;
  // The database lists the changes of the next centuries only; later ones follow the rule of the last.
  static constexpr int64_t kListed = 10'413'792'000;  // 2300-01-01
  if (second >= kListed) {
    last_ = {second, second + 1, offset};
    return last_;
  }
  Interval interval = {std::numeric_limits<int64_t>::min(), kListed, offset};
  absl::TimeZone::CivilTransition change;
  if (zone_->PrevTransition(time + absl::Seconds(1), &change)) {
    interval.begin = absl::ToUnixSeconds(zone_->At(change.to).trans);
  }
  if (zone_->NextTransition(time, &change)) {
    interval.end = std::min(kListed, absl::ToUnixSeconds(zone_->At(change.to).trans));
  }
  return *intervals_.insert(after, interval);
}

}  // namespace patron

#endif  // PATRON_BASE_TIME_HPP_
