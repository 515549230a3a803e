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

// The events of a log, case by case. It borrows the columns where they have that order already.
class OrderedLog {
 public:
  // Errors: InvalidArgument for columns of other lengths, codes out of range, and times farther
  // than kFarthest. Cost: one pass over a log that is in order; else O(n), 12 bytes an event (16 with
  // resources), and a sort of the cases whose times are out of order.
  static absl::StatusOr<OrderedLog> Order(const EventLog &log, EventOrder order);

  size_t case_count() const { return offsets_.size() - 1; }
  size_t size() const { return offsets_.back(); }
  size_t activity_count() const { return log_.activity_count; }
  bool has_resources() const { return !log_.resources.empty(); }

  // The events of case `c` are those from begin(c) up to end(c).
  size_t begin(size_t c) const { return offsets_[c]; }
  size_t end(size_t c) const { return offsets_[c + 1]; }

  std::span<const uint32_t> activities() const { return log_.activities; }
  std::span<const int64_t> times() const { return log_.times; }
  std::span<const uint32_t> resources() const { return log_.resources; }  // Empty if it has none.

 private:
  // Columns of events, but for their cases.
  struct Columns {
    Columns() = default;
    Columns(size_t count, bool has_resources)
        : times(MakeBuffer<int64_t>(count)),
          activities(MakeBuffer<uint32_t>(count)),
          resources(has_resources ? MakeBuffer<uint32_t>(count) : nullptr) {}

    Buffer<int64_t> times;
    Buffer<uint32_t> activities, resources;
  };

  static absl::Status Check(const EventLog &log);
  void CountCases();
  void MoveEvents(EventOrder order);
  std::vector<size_t> DealEvents(int shift);
  void SortCase(size_t begin, size_t end);

  EventLog log_;
  LargeVector<size_t> offsets_;
  Columns moved_;  // Those of log_, unless the ones given are in order.
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

// Deals events to buckets of 2^shift cases, in moved_. Returns where those of each begin. A case within
// its bucket and the activity share a number.
inline std::vector<size_t> OrderedLog::DealEvents(int shift) {
  constexpr size_t kLine = 64;  // The next one of a bucket is fetched early.
  const size_t n = log_.cases.size();
  const size_t buckets = ((log_.case_count - 1) >> shift) + 1;
  const uint32_t mask = (uint32_t{1} << shift) - 1;
  std::vector<size_t> begin(buckets + 1);
  for (const uint32_t c : log_.cases) ++begin[(c >> shift) + 1];
  for (size_t b = 0; b < buckets; ++b) begin[b + 1] += begin[b];
  std::vector<size_t> next(begin.begin(), begin.end() - 1);
  moved_ = Columns(n + kLine, has_resources());
  for (size_t i = 0; i < n; ++i) {
    const uint32_t c = log_.cases[i];
    const size_t at = next[c >> shift]++;
    __builtin_prefetch(moved_.times.get() + at + kLine / sizeof(int64_t), 1);
    __builtin_prefetch(moved_.activities.get() + at + kLine / sizeof(uint32_t), 1);
    moved_.times[at] = log_.times[i];
    moved_.activities[at] = log_.activities[i] << shift | (c & mask);
    if (has_resources()) moved_.resources[at] = log_.resources[i];
  }
  return begin;
}

// Events are dealt to buckets of cases first, each small enough to be put in order within the cache:
// writing them to their cases at once would miss it with every event.
inline void OrderedLog::MoveEvents(EventOrder order) {
  constexpr size_t kBucketEvents = size_t{1} << 15;
  constexpr size_t kMostBuckets = 512;
  const size_t n = log_.cases.size();
  const size_t cases = log_.case_count;
  const size_t wanted = std::clamp<size_t>(n / kBucketEvents, 1, kMostBuckets);
  int shift = 0;
  while (shift < 31 && (cases - 1) >> shift >= wanted) ++shift;
  while ((log_.activity_count - 1) >> (32 - shift) != 0) --shift;  // One number holds both.
  const std::vector<size_t> begin = DealEvents(shift);
  size_t most = 0;
  for (size_t b = 0; b + 1 < begin.size(); ++b) most = std::max(most, begin[b + 1] - begin[b]);
  const Columns own(most, has_resources());
  std::vector<size_t> next(size_t{1} << shift);
  const auto mask = static_cast<uint32_t>(next.size() - 1);
  offsets_.resize(cases + 1);
  for (size_t b = 0; b + 1 < begin.size(); ++b) {
    const size_t from = begin[b], count = begin[b + 1] - from;
    std::copy_n(moved_.times.get() + from, count, own.times.get());
    std::copy_n(moved_.activities.get() + from, count, own.activities.get());
    if (has_resources()) std::copy_n(moved_.resources.get() + from, count, own.resources.get());
    const size_t first = b << shift;
    const size_t last = std::min(cases, first + next.size());
    std::ranges::fill(next, 0);
    for (size_t i = 0; i < count; ++i) ++next[own.activities[i] & mask];
    size_t place = from;
    for (size_t c = first; c < last; ++c) {
      offsets_[c] = place;
      place += std::exchange(next[c - first], place);
    }
    offsets_[last] = place;
    for (size_t i = 0; i < count; ++i) {
      const size_t at = next[own.activities[i] & mask]++;
      moved_.times[at] = own.times[i];
      moved_.activities[at] = own.activities[i] >> shift;
      if (has_resources()) moved_.resources[at] = own.resources[i];
    }
    if (order == EventOrder::kRows) continue;
    for (size_t c = first; c < last; ++c) SortCase(offsets_[c], offsets_[c + 1]);
  }
  log_.times = {moved_.times.get(), n};
  log_.activities = {moved_.activities.get(), n};
  if (has_resources()) log_.resources = {moved_.resources.get(), n};
}

// Brings the events of a case into the order of time.
inline void OrderedLog::SortCase(size_t begin, size_t end) {
  const std::span<int64_t> times(moved_.times.get() + begin, end - begin);
  if (std::ranges::is_sorted(times)) return;
  struct Event {
    int64_t time;
    uint32_t activity, resource;
  };
  std::vector<Event> events;
  for (size_t i = begin; i < end; ++i) {
    events.push_back({times[i - begin], moved_.activities[i],
                      has_resources() ? moved_.resources[i] : kNoResource});
  }
  std::ranges::stable_sort(events, {}, &Event::time);
  for (size_t i = begin; i < end; ++i) {
    const Event &event = events[i - begin];
    times[i - begin] = event.time;
    moved_.activities[i] = event.activity;
    if (has_resources()) moved_.resources[i] = event.resource;
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
