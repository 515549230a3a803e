// What the counts of a log hold, in one form however they were counted and merged.
#ifndef PATRON_COMPLAINTS_LOG_CONTENT_HPP_
#define PATRON_COMPLAINTS_LOG_CONTENT_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/ids.hpp"
#include "patron/base/sort.hpp"
#include "patron/base/status.hpp"
#include "patron/complaints/log_counts.hpp"
#include "patron/complaints/pauses.hpp"

namespace patron::complaints {

// Counts of equal cases are equal here, whatever the order and the shards they came in. What follows
// from the variants is left out: it is counted again.
struct LogContent {
  IdIndex activities;  // Those that occur; codes ascend with the ids.
  bool has_working = false;
  std::vector<int64_t> redo_self_loops;  // An element an activity.
  std::vector<int64_t> redo_repetitions;
  int64_t handovers = 0;
  std::vector<uint32_t> lengths;   // Of the variants, which ascend as lists of codes.
  std::vector<uint32_t> steps;     // Their activities, one variant after the other.
  std::vector<int64_t> cases;      // Of each variant.
  std::vector<int64_t> times;      // Edge by edge, by source and target; those of each ascend.
  std::vector<int64_t> durations;  // Of the cases; they ascend.
  std::vector<int64_t> working;    // The same of working time, if it is kept.
};

namespace detail {

// Builds counts of content that may come from anywhere.
class LogContentReader {
 public:
  explicit LogContentReader(const LogContent &content) : content_(content) {}

  absl::Status Check() const;

 private:
  static absl::Status Refuse(std::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat("log: ", Text(why)));
  }
  absl::Status CheckVariants() const;
  absl::Status CheckDurations() const;

  const LogContent &content_;
};

inline bool AreTimes(std::span<const int64_t> times) {
  return std::ranges::is_sorted(times) &&
         (times.empty() || (times.front() >= -2 * kFarthest && times.back() <= 2 * kFarthest));
}

inline absl::Status LogContentReader::CheckVariants() const {
  const size_t activities = content_.activities.size();
  std::span<const uint32_t> rest = content_.steps, before;
  for (size_t v = 0; v < content_.lengths.size(); ++v) {
    const uint32_t length = content_.lengths[v];
    if (length == 0 || length > rest.size()) return Refuse("lengths of variants that do not fit");
    const auto own = rest.first(length);
    if (std::ranges::any_of(own, [&](uint32_t step) { return step >= activities; })) {
      return Refuse("an activity without a name");
    }
    if (v > 0 && !std::ranges::lexicographical_compare(before, own)) {
      return Refuse("variants out of order");
    }
    before = own;
    rest = rest.subspan(length);
  }
  return rest.empty() ? absl::OkStatus() : Refuse("lengths of variants that do not fit");
}

inline absl::Status LogContentReader::CheckDurations() const {
  const auto sum = [](std::span<const int64_t> times) {
    __extension__ __int128 total = 0;
    for (const int64_t time : times) total += time;
    return total;
  };
  size_t cases = 0, single = 0, edges = 0;
  const size_t most = content_.durations.size();
  for (size_t v = 0; v < content_.cases.size(); ++v) {
    if (content_.cases[v] < 1 || static_cast<uint64_t>(content_.cases[v]) > most - cases) {
      return Refuse("cases without a duration");
    }
    const auto own = static_cast<size_t>(content_.cases[v]);
    cases += own;
    if (content_.lengths[v] == 1) single += own;
    edges += own * (content_.lengths[v] - size_t{1});
  }
  if (cases != most) return Refuse("durations without a case");
  if (content_.working.size() != (content_.has_working ? most : 0)) {
    return Refuse("working time of other cases");
  }
  if (edges != content_.times.size()) return Refuse("times that are not those of the edges");
  if (!AreTimes(content_.durations) || !AreTimes(content_.working)) {
    return Refuse("durations out of order or range");
  }
  if (static_cast<size_t>(std::ranges::count(content_.durations, 0)) < single ||
      sum(content_.durations) != sum(content_.times)) {
    return Refuse("durations that are not the sums of the times");
  }
  return absl::OkStatus();
}

inline absl::Status LogContentReader::Check() const {
  const size_t activities = content_.activities.size();
  if (content_.redo_self_loops.size() != activities ||
      content_.redo_repetitions.size() != activities ||
      content_.cases.size() != content_.lengths.size()) {
    return Refuse("lists differ in length");
  }
  const std::vector<uint32_t> ascending = content_.activities.Ascending();
  if (!std::ranges::is_sorted(ascending)) return Refuse("activities out of order");
  PATRON_RETURN_IF_ERROR(CheckVariants());
  return CheckDurations();
}

}  // namespace detail

inline absl::Status LogCounts::RestoreResources(const LogContent &content) {
  int64_t least = 0, loops = 0, repetitions = 0;
  for (size_t a = 0; a < activities_.size(); ++a) {
    ActivityCounts &counts = activities_[a];
    const int64_t redo_loops = content.redo_self_loops[a], redo = content.redo_repetitions[a];
    if (counts.events == 0) return absl::InvalidArgumentError("log: an activity without an event");
    if (redo_loops < 0 || redo_loops > counts.repeat_self_loops || redo < 0 ||
        redo > counts.repeat_repetitions) {
      return absl::InvalidArgumentError("log: more done by others than there is");
    }
    loops += counts.repeat_self_loops;
    repetitions += redo;
    least += redo_loops;
    counts.redo_self_loops = redo_loops;
    counts.repeat_self_loops -= redo_loops;
    counts.redo_repetitions = redo;
    counts.repeat_repetitions -= redo;
  }
  // A self-loop by another resource is a handover, one by the same is none. Work that another repeats
  // later has been handed over in between.
  const auto edges = static_cast<int64_t>(content.times.size());
  if (content.handovers < least || content.handovers > edges - loops + least ||
      (repetitions > 0 && content.handovers == 0)) {
    return absl::InvalidArgumentError("log: handovers that cannot be");
  }
  handovers_ = content.handovers;
  return absl::OkStatus();
}

inline absl::StatusOr<LogCounts> LogCounts::FromContent(const LogContent &content) {
  PATRON_RETURN_IF_ERROR(detail::LogContentReader(content).Check());
  LogCounts counts(content.activities.is_text(), content.has_working);
  counts.names_ = content.activities;
  counts.Widen(counts.names_.size());
  Paths paths;
  std::span<const uint32_t> rest = content.steps;
  for (size_t v = 0; v < content.lengths.size(); ++v) {
    const uint32_t variant = counts.variants_.Add(rest.first(content.lengths[v]), content.cases[v]);
    counts.CountVariant(variant, content.cases[v], &paths);
    rest = rest.subspan(content.lengths[v]);
  }
  PATRON_RETURN_IF_ERROR(counts.RestoreResources(content));
  size_t begin = 0;
  for (const uint32_t e : counts.EdgesByCode()) {
    const auto own = std::span(content.times).subspan(begin, paths.sizes[e]);
    if (!detail::AreTimes(own))
      return absl::InvalidArgumentError("log: times out of order or range");
    counts.edges_[e].times.assign(own.begin(), own.end());
    begin += own.size();
  }
  counts.durations_.assign(content.durations.begin(), content.durations.end());
  counts.working_ = content.working;
  return counts;
}

inline std::vector<uint32_t> LogCounts::EdgesByCode() const {
  std::vector<uint32_t> order(edges_.size());
  std::iota(order.begin(), order.end(), uint32_t{0});
  std::ranges::sort(order, {}, [this](uint32_t e) {
    return uint64_t{edges_[e].source} << 32 | edges_[e].target;
  });
  return order;
}

inline absl::StatusOr<LogContent> LogCounts::Content() const {
  // The counts anew with codes that ascend, which orders the variants and edges as well.
  LogContent content;
  std::vector<uint32_t> codes(names_.size(), kNone), used;
  for (const uint32_t a : names_.Ascending()) {
    if (a >= activities_.size() || activities_[a].events == 0) continue;
    codes[a] = static_cast<uint32_t>(used.size());
    used.push_back(a);
    content.redo_self_loops.push_back(activities_[a].redo_self_loops);
    content.redo_repetitions.push_back(activities_[a].redo_repetitions);
  }
  content.activities = IdIndex(names_.is_text());
  std::vector<uint32_t> encoded(used.size());
  PATRON_RETURN_IF_ERROR(content.activities.Encode(names_.List(used).span(), encoded));
  content.has_working = has_working_;
  content.handovers = handovers_;

  std::vector<uint32_t> steps, order(variants_.size());
  std::vector<size_t> begins;
  for (size_t v = 0; v < variants_.size(); ++v) {
    begins.push_back(steps.size());
    for (const uint32_t a : variants_.activities(v)) steps.push_back(codes[a]);
  }
  const auto own = [&](uint32_t v) {
    return std::span(steps).subspan(begins[v], variants_.activities(v).size());
  };
  std::iota(order.begin(), order.end(), uint32_t{0});
  std::ranges::sort(order, [&](uint32_t a, uint32_t b) {
    return std::ranges::lexicographical_compare(own(a), own(b));
  });
  content.steps.reserve(steps.size());
  for (const uint32_t v : order) {
    const auto activities = own(v);
    content.lengths.push_back(static_cast<uint32_t>(activities.size()));
    content.steps.insert(content.steps.end(), activities.begin(), activities.end());
    content.cases.push_back(variants_.cases(v));
  }

  std::vector<uint32_t> edges(edges_.size());
  std::iota(edges.begin(), edges.end(), uint32_t{0});
  std::ranges::sort(edges, {}, [&](uint32_t e) {
    return uint64_t{codes[edges_[e].source]} << 32 | codes[edges_[e].target];
  });
  size_t times = 0;
  for (const LogEdge &edge : edges_) times += edge.times.size();
  content.times.resize(times);
  times = 0;
  for (const uint32_t e : edges) {
    const std::span<const int64_t> from = edges_[e].times;
    SortKeys(from, std::span(content.times).subspan(times, from.size()));
    times += from.size();
  }
  content.durations.resize(durations_.size());
  SortKeys(durations(), std::span(content.durations));
  content.working.resize(working_.size());
  SortKeys(working(), std::span(content.working));
  return content;
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_LOG_CONTENT_HPP_
