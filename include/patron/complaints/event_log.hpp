// Event logs: columns of case, activity, time and resource, brought into the order of each case.
#ifndef PATRON_COMPLAINTS_EVENT_LOG_HPP_
#define PATRON_COMPLAINTS_EVENT_LOG_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/buffer.hpp"
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
    if (moved_ != nullptr) {
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
  using Events = std::unique_ptr<LogEvent[], BufferDeleter>;
  static Events MakeEvents(size_t count) {
    return Events(LargePageAllocator<LogEvent>().allocate(count));
  }

  static absl::Status Check(const EventLog &log);
  void CountCases();
  void MoveEvents(EventOrder order);
  template <typename EventAt, typename CaseAt>
  void PlaceCases(size_t first, size_t last, size_t begin, size_t end, EventOrder order,
                  const EventAt &event_at, const CaseAt &case_at);

  EventLog log_;
  LargeVector<size_t> offsets_;
  Events moved_;  // Null if the columns are in order.
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

// Rows from `begin` up to `end` have the events of the cases from `first` up to `last`, and no others;
// they come to the same places, case by case.
template <typename EventAt, typename CaseAt>
void OrderedLog::PlaceCases(size_t first, size_t last, size_t begin, size_t end, EventOrder order,
                            const EventAt &event_at, const CaseAt &case_at) {
  for (size_t i = begin; i < end; ++i) ++offsets_[case_at(i) + 1];
  offsets_[first] = begin;
  for (size_t c = first; c < last; ++c) offsets_[c + 1] += offsets_[c];
  std::vector<size_t> next(offsets_.begin() + static_cast<std::ptrdiff_t>(first),
                           offsets_.begin() + static_cast<std::ptrdiff_t>(last));
  for (size_t i = begin; i < end; ++i) moved_[next[case_at(i) - first]++] = event_at(i);
  if (order == EventOrder::kRows) return;
  for (size_t c = first; c < last; ++c) {
    const std::span<LogEvent> own(moved_.get() + offsets_[c], offsets_[c + 1] - offsets_[c]);
    if (std::ranges::is_sorted(own, {}, &LogEvent::time)) continue;
    std::ranges::stable_sort(own, {}, &LogEvent::time);
  }
}

// Events are dealt to buckets of cases first, each small enough to be put in order within the cache:
// writing them to their cases at once would miss it with every event.
inline void OrderedLog::MoveEvents(EventOrder order) {
  constexpr size_t kBucketEvents = size_t{1} << 14;
  constexpr size_t kMostBuckets = 512;
  constexpr size_t kLine = 64 / sizeof(LogEvent);  // The next one of a bucket is fetched early.
  const size_t n = log_.cases.size();
  const size_t cases = log_.case_count;
  const auto event = [this](size_t i) {
    return LogEvent{log_.times[i], log_.activities[i],
                    has_resources() ? log_.resources[i] : kNoResource};
  };
  offsets_.assign(cases + 1, 0);
  moved_ = MakeEvents(n + kLine);
  int shift = 0;
  while ((cases - 1) >> shift >= std::clamp<size_t>(n / kBucketEvents, 1, kMostBuckets)) ++shift;
  const size_t buckets = ((cases - 1) >> shift) + 1;
  if (buckets == 1) {
    PlaceCases(0, cases, 0, n, order, event, [this](size_t i) { return log_.cases[i]; });
    return;
  }
  std::vector<size_t> begin(buckets + 1);
  for (const uint32_t c : log_.cases) ++begin[(c >> shift) + 1];
  for (size_t b = 0; b < buckets; ++b) begin[b + 1] += begin[b];
  std::vector<size_t> next(begin.begin(), begin.end() - 1);
  // Without resources the case takes their place.
  const Buffer<uint32_t> dealt_cases =
      has_resources() ? MakeBuffer<uint32_t>(n) : Buffer<uint32_t>();
  for (size_t i = 0; i < n; ++i) {
    const uint32_t c = log_.cases[i];
    const size_t at = next[c >> shift]++;
    __builtin_prefetch(moved_.get() + at + kLine, 1);
    moved_[at] = {log_.times[i], log_.activities[i], has_resources() ? log_.resources[i] : c};
    if (has_resources()) dealt_cases[at] = c;
  }
  size_t most = 0;
  for (size_t b = 0; b < buckets; ++b) most = std::max(most, begin[b + 1] - begin[b]);
  const Events own = MakeEvents(most);
  for (size_t b = 0; b < buckets; ++b) {
    const size_t from = begin[b], to = begin[b + 1];
    const size_t first = b << shift;
    const size_t last = std::min(cases, (b + 1) << shift);
    std::copy(moved_.get() + from, moved_.get() + to, own.get());
    if (has_resources()) {
      PlaceCases(
          first, last, from, to, order, [&](size_t i) { return own[i - from]; },
          [&](size_t i) { return dealt_cases[i]; });
    } else {
      PlaceCases(
          first, last, from, to, order,
          [&](size_t i) {
            return LogEvent{own[i - from].time, own[i - from].activity, kNoResource};
          },
          [&](size_t i) { return own[i - from].resource; });
    }
  }
}

inline absl::StatusOr<OrderedLog> OrderedLog::Order(const EventLog &log, EventOrder order) {
  PATRON_RETURN_IF_ERROR(Check(log));
  OrderedLog result;
  result.log_ = log;
  bool grouped = true, rising = true;
  constexpr size_t kPiece = 1 << 12;
  const size_t n = log.cases.size();
  for (size_t begin = 1; begin < n && grouped; begin += kPiece) {
    for (size_t i = begin; i < std::min(n, begin + kPiece); ++i) {
      grouped &= log.cases[i - 1] <= log.cases[i];
      rising &= log.cases[i - 1] != log.cases[i] || log.times[i - 1] <= log.times[i];
    }
  }
  if (grouped && (rising || order == EventOrder::kRows)) {
    result.CountCases();
  } else {
    result.MoveEvents(order);
  }
  return result;
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_EVENT_LOG_HPP_
