#include "proto/calendar.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "patron/base/status.hpp"
#include "proto/envelope.hpp"

namespace patron::proto {
namespace {

using complaints::OpenHours;
using complaints::Segment;

constexpr uint32_t kMostBound = 2 * 86'400;

void AddHours(const OpenHours &hours, v1::Calendar &message) {
  for (const Segment &segment : hours) {
    message.add_bounds(static_cast<uint32_t>(segment.open));
    message.add_bounds(static_cast<uint32_t>(segment.close));
  }
}

// Takes the bounds one date after the other.
class Bounds {
 public:
  explicit Bounds(const v1::Calendar &message) : message_(message) {}

  absl::Status Take(uint32_t segments, OpenHours &hours) {
    if (segments > complaints::kMostSegments || next_ + 2 * static_cast<int>(segments) > size()) {
      return NotOurs("calendar: lists differ in length");
    }
    for (uint32_t i = 0; i < segments; ++i, next_ += 2) {
      const uint32_t open = message_.bounds(next_);
      const uint32_t close = message_.bounds(next_ + 1);
      if (open > kMostBound || close > kMostBound) {
        return NotOurs("calendar: a time of day out of range");
      }
      hours.push_back({static_cast<int32_t>(open), static_cast<int32_t>(close)});
    }
    if (!std::ranges::is_sorted(hours, {}, &Segment::open)) {
      return NotOurs("calendar: segments out of order");
    }
    return absl::OkStatus();
  }
  bool done() const { return next_ == size(); }

 private:
  int size() const { return message_.bounds_size(); }

  const v1::Calendar &message_;
  int next_ = 0;
};

}  // namespace

v1::Calendar ToMessage(const complaints::Calendar &calendar) {
  v1::Calendar message;
  message.set_zone(calendar.zone);
  for (size_t v = 0; v < calendar.weeks.size(); ++v) {
    if (v > 0) message.add_first_day(calendar.weeks[v].first_day);
    for (const OpenHours &hours : calendar.weeks[v].week) {
      message.add_segments(static_cast<uint32_t>(hours.size()));
      AddHours(hours, message);
    }
  }
  for (const auto &[day, hours] : calendar.exceptions) {
    message.add_exception(day);
    message.add_exception_segments(static_cast<uint32_t>(hours.size()));
    AddHours(hours, message);
  }
  return message;
}

absl::StatusOr<complaints::Calendar> FromMessage(const v1::Calendar &message) {
  if (!message.unknown_fields().empty()) return NotOurs("calendar: unknown field");
  PATRON_RETURN_IF_ERROR(CheckName("calendar: zone", message.zone()));
  const auto weeks = static_cast<size_t>(message.first_day_size()) + 1;
  if (weeks > complaints::kMostWeekVersions ||
      static_cast<size_t>(message.segments_size()) != weeks * 7 ||
      message.exception_size() != message.exception_segments_size()) {
    return NotOurs("calendar: lists differ in length");
  }
  complaints::Calendar calendar;
  calendar.zone = message.zone();
  calendar.weeks.resize(weeks);
  Bounds bounds(message);
  for (size_t v = 0; v < weeks; ++v) {
    complaints::WeekVersion &version = calendar.weeks[v];
    if (v > 0) version.first_day = message.first_day(static_cast<int>(v - 1));
    for (size_t i = 0; i < 7; ++i) {
      PATRON_RETURN_IF_ERROR(
          bounds.Take(message.segments(static_cast<int>(v * 7 + i)), version.week[i]));
    }
  }
  for (int i = 0; i < message.exception_size(); ++i) {
    const int64_t day = message.exception(i);
    if (i > 0 && day <= message.exception(i - 1)) {
      return NotOurs("calendar: exceptions out of order");
    }
    OpenHours hours;
    PATRON_RETURN_IF_ERROR(bounds.Take(message.exception_segments(i), hours));
    calendar.exceptions.emplace_hint(calendar.exceptions.end(), day, std::move(hours));
  }
  if (!bounds.done()) return NotOurs("calendar: lists differ in length");
  return calendar;
}

}  // namespace patron::proto
