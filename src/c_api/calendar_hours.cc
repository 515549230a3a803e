#include "c_api/calendar_hours.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "arrow/builder.hpp"
#include "arrow/reader.hpp"
#include "arrow/type.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"

namespace patron::c_api {
namespace {

using complaints::Calendar;
using complaints::OpenHours;
using complaints::Segment;
using complaints::Week;
using complaints::WeekVersion;

constexpr int64_t kBeginning = WeekVersion::kFromTheBeginning;

// The columns open and close, as text or as seconds.
class Times {
 public:
  static absl::StatusOr<Times> Read(const arrow::Table &hours) {
    Times times;
    bool is_text[2];
    constexpr std::string_view kNames[] = {"open", "close"};
    for (size_t i = 0; i < 2; ++i) {
      PATRON_ASSIGN_OR_RETURN(const size_t index, hours.Require(kNames[i]));
      is_text[i] = arrow::IsText(hours.fields()[index].values().kind);
      if (is_text[i]) {
        PATRON_ASSIGN_OR_RETURN(const auto reader,
                                arrow::OpenText(hours, kNames[i], arrow::Nulls::kMask));
        PATRON_ASSIGN_OR_RETURN(times.text_[i], arrow::Load(reader));
      } else {
        PATRON_ASSIGN_OR_RETURN(const auto reader,
                                arrow::OpenIntegers(hours, kNames[i], arrow::Nulls::kMask));
        PATRON_ASSIGN_OR_RETURN(times.seconds_[i], arrow::Load(reader));
      }
    }
    // A column of nulls alone may be of either type.
    if (is_text[0] != is_text[1]) {
      return InvalidOption("close", "of another type than open", "both text or both integers");
    }
    times.is_text_ = is_text[0];
    return times;
  }

  // Nothing if the row has neither time.
  absl::StatusOr<std::optional<Segment>> At(size_t row) const {
    const bool no_open = arrow::IsNull(is_text_ ? text_[0].valid : seconds_[0].valid, row);
    const bool no_close = arrow::IsNull(is_text_ ? text_[1].valid : seconds_[1].valid, row);
    if (no_open != no_close) {
      return InvalidRow(no_open ? "open" : "close", row, "null", "both times or neither");
    }
    if (no_open) return std::optional<Segment>();
    if (is_text_) {
      auto segment = complaints::ParseSegment(text_[0].values[row], text_[1].values[row]);
      if (!segment.ok()) {
        return absl::InvalidArgumentError(
            absl::StrCat("row ", row, ": ", segment.status().message()));
      }
      return std::optional<Segment>(*segment);
    }
    const int64_t open = seconds_[0].values[row], close = seconds_[1].values[row];
    if (open < 0 || open >= kSecondsPerDay) {
      return InvalidRow("open", row, absl::StrCat(open), "0 to 86399 seconds");
    }
    if (close <= open || close > open + kSecondsPerDay) {
      return InvalidRow("close", row, absl::StrCat(close),
                        absl::StrCat(open + 1, " to ", open + kSecondsPerDay, " seconds"));
    }
    return std::optional<Segment>({static_cast<int32_t>(open), static_cast<int32_t>(close)});
  }

 private:
  bool is_text_ = false;
  arrow::Loaded<std::string_view> text_[2];
  arrow::Loaded<int64_t> seconds_[2];
};

// The day from which each row holds.
absl::StatusOr<std::vector<int64_t>> FirstDays(const arrow::Table &hours) {
  std::vector<int64_t> days(static_cast<size_t>(hours.rows()), kBeginning);
  if (!hours.Find("from").has_value()) return days;
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenTimes(hours, "from", arrow::Nulls::kMask));
  PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader));
  for (size_t i = 0; i < days.size(); ++i) {
    if (!arrow::IsNull(loaded.valid, i)) days[i] = FloorDivide(loaded.values[i], kMicrosPerDay);
  }
  return days;
}

bool IsDate(std::string_view day) { return !day.empty() && day[0] >= '0' && day[0] <= '9'; }

}  // namespace

absl::StatusOr<Calendar> CalendarOfHours(std::string zone, const arrow::Table &hours) {
  PATRON_ASSIGN_OR_RETURN(const auto day_reader, arrow::OpenText(hours, "day"));
  PATRON_ASSIGN_OR_RETURN(const auto days, arrow::Load(day_reader));
  PATRON_ASSIGN_OR_RETURN(const Times times, Times::Read(hours));
  PATRON_ASSIGN_OR_RETURN(const std::vector<int64_t> first_days, FirstDays(hours));
  std::map<int64_t, Week> weeks = {{kBeginning, Week()}};
  std::set<const OpenHours *> closed;
  Calendar calendar;
  calendar.zone = std::move(zone);
  for (size_t row = 0; row < days.values.size(); ++row) {
    const std::string_view name = days.values[row];
    OpenHours *date = nullptr;
    if (IsDate(name)) {
      const auto day = complaints::ParseDay(name);
      if (!day.ok()) return InvalidRow("day", row, Quoted(name), "a date such as 2024-12-25");
      if (first_days[row] != kBeginning) {
        return InvalidRow("from", row, FormatDay(first_days[row]), "null for a date");
      }
      date = &calendar.exceptions[*day];
    } else {
      const auto weekday = complaints::ParseWeekday(name);
      if (!weekday.ok()) {
        return InvalidRow("day", row, Quoted(name),
                          "mon, tue, wed, thu, fri, sat, sun or a date such as 2024-12-25");
      }
      date = &weeks[first_days[row]][static_cast<size_t>(*weekday)];
    }
    PATRON_ASSIGN_OR_RETURN(const std::optional<Segment> segment, times.At(row));
    if (segment.has_value()) {
      date->push_back(*segment);
    } else {
      closed.insert(date);
    }
    if (!date->empty() && closed.contains(date)) {
      return InvalidRow("open", row, segment.has_value() ? "a time" : "null",
                        absl::StrCat("segments for ", Quoted(name), ", or that it is closed"));
    }
  }
  for (auto &[first_day, week] : weeks) {
    for (OpenHours &date : week) std::ranges::sort(date, {}, &Segment::open);
    calendar.weeks.push_back({first_day, std::move(week)});
  }
  for (auto &[day, date] : calendar.exceptions) std::ranges::sort(date, {}, &Segment::open);
  return calendar;
}

absl::StatusOr<arrow::Table> HoursOfCalendar(const Calendar &calendar) {
  std::vector<std::string> days;
  std::vector<int32_t> open, close, from;
  std::vector<uint8_t> has_times, has_from;
  const auto add = [&](const std::string &day, int64_t first_day, const OpenHours &date) {
    for (size_t i = 0; i < std::max<size_t>(1, date.size()); ++i) {
      days.push_back(day);
      open.push_back(date.empty() ? 0 : date[i].open);
      close.push_back(date.empty() ? 0 : date[i].close);
      from.push_back(first_day == kBeginning ? 0 : static_cast<int32_t>(first_day));
      has_times.push_back(date.empty() ? 0 : 1);
      has_from.push_back(first_day == kBeginning ? 0 : 1);
    }
  };
  for (const WeekVersion &version : calendar.weeks) {
    const bool never = std::ranges::all_of(version.week, &OpenHours::empty);
    for (int i = 0; i < 7; ++i) {
      const OpenHours &date = version.week[static_cast<size_t>(i)];
      if (!date.empty() || (never && i == 0)) {
        add(std::string(complaints::WeekdayName(i)), version.first_day, date);
      }
    }
  }
  for (const auto &[day, date] : calendar.exceptions) add(FormatDay(day), kBeginning, date);
  arrow::TableBuilder builder;
  builder.AddText("day", std::span<const std::string>(days));
  builder.AddInt32("open", std::move(open), has_times);
  builder.AddInt32("close", std::move(close), has_times);
  builder.AddDate32("from", std::move(from), has_from);
  return builder.Finish();
}

}  // namespace patron::c_api
