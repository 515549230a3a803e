// Event logs: columns of case, activity, time and resource, brought into the order of each case.
#ifndef PATRON_COMPLAINTS_EVENT_LOG_HPP_
#define PATRON_COMPLAINTS_EVENT_LOG_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/large_vector.hpp"
#include "patron/base/status.hpp"
#include "patron/complaints/pauses.hpp"

namespace patron::complaints {

// A row without a resource.
inline constexpr uint32_t kNoResource = std::numeric_limits<uint32_t>::max();

// One row an event. Cases, activities and resources are codes from 0, as IdIndex gives them.
struct EventLog {
  std::span<const uint32_t> cases;
  std::span<const uint32_t> activities;
  std::span<const int64_t> times;       // Microseconds UTC.
  std::span<const uint32_t> resources;  // Empty: the log has none.
  size_t case_count = 0;                // Codes are below these.
  size_t activity_count = 0;
};

// What orders the events of a case.
enum class EventOrder {
  kTime,  // Their time; of equal ones the row that comes first.
  kRows,  // Their rows, whatever the times say.
};

// One event of an ordered log.
struct LogEvent {
  int64_t time;
  uint32_t activity;
  uint32_t resource;
};

// The events of a log, case by case. It borrows the columns where they have that order already.
class OrderedLog {
 public:
  // Errors: InvalidArgument for columns of other lengths, codes out of range, and times farther
  // than kFarthest. Cost: one pass over a log that is in order; else O(n), 16 bytes an event, and
  // a sort of the cases whose times are out of order.
  static absl::StatusOr<OrderedLog> Order(const EventLog &log, EventOrder order);

  size_t case_count() const { return offsets_.size() - 1; }
  size_t size() const { return offsets_.back(); }
  size_t activity_count() const { return log_.activity_count; }
  bool has_resources() const { return !log_.resources.empty(); }

  // The events of case `c` are those from begin(c) up to end(c).
  size_t begin(size_t c) const { return offsets_[c]; }
  size_t end(size_t c) const { return offsets_[c + 1]; }

  // Calls `body` with a function that gives event i as a LogEvent.
  template <typename Body>
  auto WithEvents(Body &&body) const {
    if (!moved_.empty()) {
      return std::forward<Body>(body)([this](size_t i) { return moved_[i]; });
    }
    if (has_resources()) {
      return std::forward<Body>(body)([this](size_t i) {
        return LogEvent{log_.times[i], log_.activities[i], log_.resources[i]};
      });
    }
    return std::forward<Body>(body)([this](size_t i) {
      return LogEvent{log_.times[i], log_.activities[i], kNoResource};
    });
  }

 private:
  static absl::Status Check(const EventLog &log);
  void CountCases();
  void MoveEvents();

  EventLog log_;
  std::vector<size_t> offsets_;
  LargeVector<LogEvent> moved_;  // Empty if the columns are in order.
};

inline absl::Status OrderedLog::Check(const EventLog &log) {
  const size_t rows = log.cases.size();
  const auto length = [&](std::string_view name, size_t size) {
    if (size == rows) return absl::OkStatus();
    return InvalidOption(name, absl::StrCat(size, " rows"), absl::StrCat(rows, " as in case"));
  };
  PATRON_RETURN_IF_ERROR(length("activity", log.activities.size()));
  PATRON_RETURN_IF_ERROR(length("time", log.times.size()));
  if (!log.resources.empty()) PATRON_RETURN_IF_ERROR(length("resource", log.resources.size()));
  const auto below = [](std::string_view name, std::span<const uint32_t> codes, size_t count) {
    uint32_t most = 0;
    for (const uint32_t code : codes) most = std::max(most, code);
    if (codes.empty() || most < count) return absl::OkStatus();
    const auto row = std::ranges::find_if(codes, [&](uint32_t code) { return code >= count; });
    return InvalidRow(name, static_cast<uint64_t>(row - codes.begin()), absl::StrCat(*row),
                      absl::StrCat("a code below ", count));
  };
  PATRON_RETURN_IF_ERROR(below("case", log.cases, log.case_count));
  PATRON_RETURN_IF_ERROR(below("activity", log.activities, log.activity_count));
  int64_t first = 0, last = 0;
  for (const int64_t time : log.times) {
    first = std::min(first, time);
    last = std::max(last, time);
  }
  if (first >= -kFarthest && last <= kFarthest) return absl::OkStatus();
  const auto row = std::ranges::find_if(
      log.times, [](int64_t time) { return time < -kFarthest || time > kFarthest; });
  return InvalidRow("time", static_cast<uint64_t>(row - log.times.begin()), absl::StrCat(*row),
                    "microseconds within 142,000 years of 1970");
}

inline void OrderedLog::CountCases() {
  offsets_.assign(log_.case_count + 1, 0);
  for (const uint32_t c : log_.cases) ++offsets_[c + 1];
  for (size_t c = 0; c < log_.case_count; ++c) offsets_[c + 1] += offsets_[c];
}

inline void OrderedLog::MoveEvents() {
  std::vector<size_t> next(offsets_.begin(), offsets_.end() - 1);
  moved_.resize(log_.cases.size());
  for (size_t i = 0; i < log_.cases.size(); ++i) {
    moved_[next[log_.cases[i]]++] = {log_.times[i], log_.activities[i],
                                     has_resources() ? log_.resources[i] : kNoResource};
  }
}

inline absl::StatusOr<OrderedLog> OrderedLog::Order(const EventLog &log, EventOrder order) {
  PATRON_RETURN_IF_ERROR(Check(log));
  OrderedLog result;
  result.log_ = log;
  bool grouped = true, rising = true;
  for (size_t i = 1; i < log.cases.size(); ++i) {
    grouped &= log.cases[i - 1] <= log.cases[i];
    rising &= log.cases[i - 1] != log.cases[i] || log.times[i - 1] <= log.times[i];
  }
  result.CountCases();
  if (grouped && (rising || order == EventOrder::kRows)) return result;
  result.MoveEvents();
  if (order == EventOrder::kRows) return result;
  for (size_t c = 0; c < result.case_count(); ++c) {
    const std::span<LogEvent> own =
        std::span(result.moved_).subspan(result.begin(c), result.end(c) - result.begin(c));
    if (std::ranges::is_sorted(own, {}, &LogEvent::time)) continue;
    std::ranges::stable_sort(own, {}, &LogEvent::time);
  }
  return result;
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_EVENT_LOG_HPP_
