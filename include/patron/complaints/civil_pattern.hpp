// The open hours of a calendar on the line of civil time: patterns of a week, and where each holds.
#ifndef PATRON_COMPLAINTS_CIVIL_PATTERN_HPP_
#define PATRON_COMPLAINTS_CIVIL_PATTERN_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "patron/base/time.hpp"
#include "patron/complaints/calendar.hpp"

namespace patron::complaints::detail {

inline constexpr int64_t kMicrosPerWeek = 7 * kMicrosPerDay;
inline constexpr int64_t kMondayShift = 3 * kMicrosPerDay;  // 1970-01-01 was a Thursday.

// Open from `open` to `close`, in microseconds of the week, after `before` open ones.
struct WeekSegment {
  int64_t open;
  int64_t close;
  int64_t before;
};

// Open time that repeats every week. Segments are in order, and neither overlap nor touch; an empty
// one at the begin of the week stands before them, so that each instant has one that opened before.
struct WeekPattern {
  uint32_t first;  // Of its segments, the empty one included.
  uint32_t count;
  int64_t work;  // Open microseconds a week.
};

// From civil day `first_day` on, open hours are those of `pattern`.
struct PatternRun {
  int64_t first_day;
  uint32_t pattern;
};

// What civil times are open. The pattern of an exception speaks of its own weekday alone, so a run
// of it lasts one day.
class CivilPatterns {
 public:
  // `calendar` was checked. Cost: O(e log e) for e exceptions.
  explicit CivilPatterns(const Calendar &calendar);

  std::span<const PatternRun> runs() const { return runs_; }  // The first begins with time itself.
  std::span<const WeekPattern> patterns() const { return patterns_; }
  std::span<const WeekSegment> segments() const { return segments_; }

 private:
  // The hours of `day` itself without what runs past midnight, and what runs in from the day
  // before.
  static OpenHours Content(const OpenHours &hours, const OpenHours &day_before);
  uint32_t PatternOfWeek(const Week &week);
  uint32_t PatternOfDay(int64_t day, const OpenHours &content);
  uint32_t Add(const OpenHours &seconds_of_week);

  std::vector<PatternRun> runs_;
  std::vector<WeekPattern> patterns_;
  std::vector<WeekSegment> segments_;
  std::map<std::vector<std::pair<int32_t, int32_t>>, uint32_t> known_;
};

inline OpenHours CivilPatterns::Content(const OpenHours &hours, const OpenHours &day_before) {
  constexpr auto kDay = static_cast<int32_t>(kSecondsPerDay);
  OpenHours all;
  for (const Segment &s : day_before) {
    if (s.close > kDay) all.push_back({0, s.close - kDay});
  }
  for (const Segment &s : hours) all.push_back({s.open, std::min(s.close, kDay)});
  std::ranges::sort(all, {}, &Segment::open);
  OpenHours merged;
  for (const Segment &s : all) {
    if (!merged.empty() && s.open <= merged.back().close) {
      merged.back().close = std::max(merged.back().close, s.close);
    } else {
      merged.push_back(s);
    }
  }
  return merged;
}

inline uint32_t CivilPatterns::Add(const OpenHours &seconds_of_week) {
  std::vector<std::pair<int32_t, int32_t>> key;
  for (const Segment &s : seconds_of_week) {
    if (!key.empty() && key.back().second == s.open) {
      key.back().second = s.close;
    } else {
      key.emplace_back(s.open, s.close);
    }
  }
  const auto [found, is_new] =
      known_.try_emplace(std::move(key), static_cast<uint32_t>(patterns_.size()));
  if (!is_new) return found->second;
  const auto first = static_cast<uint32_t>(segments_.size());
  int64_t work = 0;
  segments_.push_back({0, 0, 0});
  for (const auto &[open, close] : found->first) {
    segments_.push_back({open * kMicrosPerSecond, close * kMicrosPerSecond, work});
    work += (close - open) * kMicrosPerSecond;
  }
  patterns_.push_back({first, static_cast<uint32_t>(found->first.size() + 1), work});
  return found->second;
}

inline uint32_t CivilPatterns::PatternOfDay(int64_t day, const OpenHours &content) {
  const auto shift = static_cast<int32_t>(WeekdayOf(day) * kSecondsPerDay);
  OpenHours of_week = content;
  for (Segment &s : of_week) s = {s.open + shift, s.close + shift};
  return Add(of_week);
}

inline uint32_t CivilPatterns::PatternOfWeek(const Week &week) {
  OpenHours of_week;
  for (size_t i = 0; i < 7; ++i) {
    const auto shift = static_cast<int32_t>(static_cast<int64_t>(i) * kSecondsPerDay);
    for (const Segment &s : Content(week[i], week[(i + 6) % 7])) {
      of_week.push_back({s.open + shift, s.close + shift});
    }
  }
  return Add(of_week);
}

inline CivilPatterns::CivilPatterns(const Calendar &calendar) {
  // Days on which something other than the week alone decides.
  std::vector<int64_t> days;
  for (const auto &[day, hours] : calendar.exceptions) days.insert(days.end(), {day, day + 1});
  std::vector<uint32_t> of_week;
  for (const WeekVersion &version : calendar.weeks) {
    of_week.push_back(PatternOfWeek(version.week));
    if (version.first_day != WeekVersion::kFromTheBeginning) days.push_back(version.first_day);
  }
  std::ranges::sort(days);
  days.erase(std::unique(days.begin(), days.end()), days.end());

  const auto begin = [&](int64_t day, uint32_t pattern) {
    if (runs_.back().first_day == day) {
      runs_.back().pattern = pattern;
      if (runs_.size() > 1 && runs_[runs_.size() - 2].pattern == pattern) runs_.pop_back();
    } else if (runs_.back().pattern != pattern) {
      runs_.push_back({day, pattern});
    }
  };
  runs_.push_back({WeekVersion::kFromTheBeginning, of_week[0]});
  size_t version = 0;
  for (const int64_t day : days) {
    while (version + 1 < calendar.weeks.size() && calendar.weeks[version + 1].first_day <= day) {
      ++version;
    }
    const auto weekday = static_cast<size_t>(WeekdayOf(day));
    const Week &week = calendar.weeks[version].week;
    const OpenHours content = Content(HoursOn(calendar, day), HoursOn(calendar, day - 1));
    const bool regular = content == Content(week[weekday], week[(weekday + 6) % 7]);
    begin(day, regular ? of_week[version] : PatternOfDay(day, content));
    // The next day begins anew, by itself if it is in the list.
    begin(day + 1, of_week[version]);
  }
  known_.clear();
}

}  // namespace patron::complaints::detail

#endif  // PATRON_COMPLAINTS_CIVIL_PATTERN_HPP_
