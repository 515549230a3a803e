// What is counted of an event log: activities, directly-follows edges, variants, rework, handovers.
#ifndef PATRON_COMPLAINTS_LOG_COUNTS_HPP_
#define PATRON_COMPLAINTS_LOG_COUNTS_HPP_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/ids.hpp"
#include "patron/base/large_vector.hpp"
#include "patron/base/status.hpp"
#include "patron/complaints/event_log.hpp"
#include "patron/complaints/variants.hpp"
#include "patron/complaints/working_time.hpp"

namespace patron::complaints {

// One activity. Rework is counted by the definitions of edeaR: an event whose case had the activity
// before is a self-loop if that was the event right before it, else a repetition; each is a repeat
// if the same resource did it as the last time, else a redo. Without resources all are repeats.
struct ActivityCounts {
  int64_t events = 0;
  int64_t cases = 0;   // In which it occurs.
  int64_t starts = 0;  // Cases that begin with it.
  int64_t ends = 0;
  int64_t repeat_self_loops = 0;
  int64_t redo_self_loops = 0;
  int64_t repeat_repetitions = 0;
  int64_t redo_repetitions = 0;
};

// `target` came right after `source` in the same case, once for each entry of `times`.
struct LogEdge {
  uint32_t source;
  uint32_t target;
  LargeVector<int64_t> times;  // From one to the other, in microseconds; in no order.
};

// What each case comes to, in the order of the cases of the log that was added.
struct CaseColumns {
  std::vector<int64_t> events;
  std::vector<int64_t> first;  // Instants.
  std::vector<int64_t> last;
  std::vector<int64_t> working;   // Microseconds of working time between them; without a calendar
                                  // empty.
  std::vector<uint32_t> variant;  // Codes of LogCounts::variants().
};

struct LogContent;

// A partial state: logs whose cases are all different can be counted apart and merged, in any
// order. A case must not be split.
class LogCounts {
 public:
  explicit LogCounts(bool text_activities = true, bool working = false)
      : names_(text_activities), has_working_(working) {}

  // The activities by code; what is to be added is encoded here.
  IdIndex &names() { return names_; }
  const IdIndex &names() const { return names_; }

  // Counts the cases of `log`, whose activities are codes of names(). `working_time` must be given
  // if, and only if, the state keeps working time. `cases` receives a row a case; may be null.
  // Errors: InvalidArgument for codes that names() does not know; FailedPrecondition for working
  // time that is asked of one side alone. After std::bad_alloc the state is of no more use. Cost:
  // O(events), 8 bytes an event, and while it lasts 4 for each step of a variant; some 5 ns each, and
  // 2 binary searches a case for working time.
  absl::Status Add(const OrderedLog &log, const WorkingTime *working_time = nullptr,
                   CaseColumns *cases = nullptr);

  // Adds all of another state. Errors: FailedPrecondition for states of which one keeps working
  // time or text and the other does not; ResourceExhausted for too many activities.
  absl::Status Merge(const LogCounts &other);

  // The counts in canonical form, and counts of that form, which may come from anywhere; defined in
  // log_content.hpp. Errors: InvalidArgument for content that no log has. Cost: O(events).
  absl::StatusOr<LogContent> Content() const;
  static absl::StatusOr<LogCounts> FromContent(const LogContent &content);

  int64_t case_count() const { return static_cast<int64_t>(durations_.size()); }
  int64_t event_count() const { return events_; }
  int64_t handovers() const { return handovers_; }  // Edges between two different resources.
  int64_t returns() const { return returns_; }      // ABA: an activity, one other, and it again.
  int64_t cases_with_rework() const { return cases_with_rework_; }  // With an activity twice.
  bool has_working() const { return has_working_; }

  std::span<const ActivityCounts> activities() const { return activities_; }
  std::span<const LogEdge> edges() const { return edges_; }
  const VariantIndex &variants() const { return variants_; }

  // From the first to the last event of each case, in microseconds: all time, and working time.
  std::span<const int64_t> durations() const { return durations_; }
  std::span<const int64_t> working() const { return working_; }

 private:
  static constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();
  static constexpr size_t kDense = 1024;  // Activities up to which edges stand in a table.

  // What variants have in common while they are counted.
  struct Paths {
    std::vector<uint32_t> edges;  // Of the variants so far, each from step to step.
    std::vector<size_t> sizes;    // By edge, how many times it is taken.
    std::vector<uint32_t> seen;   // By activity, the variant that had it last.
  };

  void Widen(size_t activities);
  uint32_t &PlaceOf(uint32_t source, uint32_t target);
  uint32_t EdgeOf(uint32_t source, uint32_t target);

  // Counts that `cases` more cases took a variant, but for who did what and for the times.
  void CountVariant(uint32_t variant, int64_t cases, Paths *paths);
  // The variant of each case that has events.
  std::vector<uint32_t> AddVariants(const OrderedLog &log);
  // Room for as many times in the edges as `sizes` says, and where those of each begin.
  std::vector<int64_t *> MakeRoom(std::span<const size_t> sizes);
  void AddResources(const OrderedLog &log);

  absl::Status RestoreResources(const LogContent &content);
  std::vector<uint32_t> EdgesByCode() const;

  IdIndex names_;
  bool has_working_;
  int64_t events_ = 0, handovers_ = 0, returns_ = 0, cases_with_rework_ = 0;
  std::vector<ActivityCounts> activities_;
  std::vector<LogEdge> edges_;
  size_t stride_ = 0;                  // Of the table of edges, a power of two.
  std::vector<uint32_t> dense_edges_;  // stride_ * source + target; empty past kDense activities.
  std::unordered_map<uint64_t, uint32_t> sparse_edges_;
  VariantIndex variants_;
  LargeVector<int64_t> durations_;
  std::vector<int64_t> working_;
};

inline void LogCounts::Widen(size_t activities) {
  if (activities > activities_.size()) activities_.resize(activities);
  if (stride_ >= activities && stride_ > 0) return;
  const bool was_sparse = stride_ > kDense;
  stride_ = std::max<size_t>(16, std::bit_ceil(activities));
  if (was_sparse) return;
  dense_edges_.clear();
  if (stride_ <= kDense) dense_edges_.assign(stride_ * stride_, kNone);
  for (uint32_t e = 0; e < edges_.size(); ++e) PlaceOf(edges_[e].source, edges_[e].target) = e;
}

inline uint32_t &LogCounts::PlaceOf(uint32_t source, uint32_t target) {
  if (stride_ <= kDense) return dense_edges_[stride_ * source + target];
  return sparse_edges_.try_emplace(uint64_t{source} << 32 | target, kNone).first->second;
}

inline uint32_t LogCounts::EdgeOf(uint32_t source, uint32_t target) {
  uint32_t &edge = PlaceOf(source, target);
  if (edge == kNone) {
    edges_.push_back({source, target, {}});
    edge = static_cast<uint32_t>(edges_.size() - 1);
  }
  return edge;
}

inline void LogCounts::CountVariant(uint32_t variant, int64_t cases, Paths *paths) {
  const std::span<const uint32_t> steps = variants_.activities(variant);
  paths->seen.resize(activities_.size(), kNone);
  bool rework = false;
  for (size_t i = 0; i < steps.size(); ++i) {
    const uint32_t a = steps[i];
    ActivityCounts &counts = activities_[a];
    counts.events += cases;
    if (std::exchange(paths->seen[a], variant) == variant) {
      rework = true;
      (steps[i - 1] == a ? counts.repeat_self_loops : counts.repeat_repetitions) += cases;
    } else {
      counts.cases += cases;
    }
    if (i > 1 && steps[i - 2] == a && steps[i - 1] != a) returns_ += cases;
    if (i == 0) continue;
    const uint32_t edge = EdgeOf(steps[i - 1], a);
    if (edge >= paths->sizes.size()) paths->sizes.resize(edge + size_t{1});
    paths->sizes[edge] += static_cast<size_t>(cases);
    paths->edges.push_back(edge);
  }
  activities_[steps.front()].starts += cases;
  activities_[steps.back()].ends += cases;
  events_ += static_cast<int64_t>(steps.size()) * cases;
  cases_with_rework_ += rework ? cases : 0;
}

inline std::vector<uint32_t> LogCounts::AddVariants(const OrderedLog &log) {
  std::vector<uint32_t> variants;
  variants.reserve(log.case_count());
  for (size_t c = 0; c < log.case_count(); ++c) {
    const size_t begin = log.begin(c), end = log.end(c);
    if (begin == end) continue;  // A code without events is no case.
    variants.push_back(variants_.Add(log.activities().subspan(begin, end - begin)));
  }
  return variants;
}

inline std::vector<int64_t *> LogCounts::MakeRoom(std::span<const size_t> sizes) {
  std::vector<int64_t *> next(edges_.size());
  for (size_t e = 0; e < sizes.size(); ++e) {
    LargeVector<int64_t> &times = edges_[e].times;
    const size_t size = times.size(), room = size + sizes[e];
    if (room > times.capacity()) times.reserve(size == 0 ? room : 2 * room);
    times.resize(room);
    next[e] = times.data() + size;
  }
  return next;
}

// All rework has been counted as repeats.
inline void LogCounts::AddResources(const OrderedLog &log) {
  struct Last {
    uint32_t seen = kNone;  // The case that had the activity last.
    uint32_t resource = kNoResource;
  };
  std::vector<Last> last(activities_.size());
  const std::span<const uint32_t> activities = log.activities(), resources = log.resources();
  for (size_t c = 0; c < log.case_count(); ++c) {
    const auto mark = static_cast<uint32_t>(c);
    for (size_t i = log.begin(c); i < log.end(c); ++i) {
      const uint32_t a = activities[i];
      const bool first = i == log.begin(c);
      if (last[a].seen == mark && last[a].resource != resources[i]) {
        ActivityCounts &counts = activities_[a];
        const bool loop = activities[i - 1] == a;
        --(loop ? counts.repeat_self_loops : counts.repeat_repetitions);
        ++(loop ? counts.redo_self_loops : counts.redo_repetitions);
      }
      last[a] = {mark, resources[i]};
      handovers_ += !first && resources[i - 1] != resources[i];
    }
  }
}

inline absl::Status LogCounts::Add(const OrderedLog &log, const WorkingTime *working_time,
                                   CaseColumns *cases) {
  if (log.activity_count() > names_.size()) {
    return InvalidOption("activity", absl::StrCat(log.activity_count(), " codes"),
                         absl::StrCat(names_.size(), ", the names there are"));
  }
  if ((working_time != nullptr) != has_working_) {
    return absl::FailedPreconditionError("working time: kept by one of state and log alone");
  }
  Widen(names_.size());
  std::vector<int64_t> before;
  for (uint32_t v = 0; v < variants_.size(); ++v) before.push_back(variants_.cases(v));
  const std::vector<uint32_t> variants = AddVariants(log);
  before.resize(variants_.size());
  Paths paths;
  std::vector<size_t> path_of(variants_.size());  // Where the edges of a variant begin.
  for (uint32_t v = 0; v < variants_.size(); ++v) {
    path_of[v] = paths.edges.size();
    if (variants_.cases(v) > before[v]) CountVariant(v, variants_.cases(v) - before[v], &paths);
  }
  if (log.has_resources()) AddResources(log);

  std::vector<int64_t *> next = MakeRoom(paths.sizes);
  const size_t room = durations_.size() + variants.size();
  if (room > durations_.capacity()) durations_.reserve(durations_.empty() ? room : 2 * room);
  const std::span<const int64_t> times = log.times();
  size_t counted = 0;
  for (size_t c = 0; c < log.case_count(); ++c) {
    const size_t begin = log.begin(c), end = log.end(c);
    if (begin == end) continue;
    const uint32_t variant = variants[counted++];
    const uint32_t *edge = paths.edges.data() + path_of[variant];
    for (size_t i = begin + 1; i < end; ++i) *next[*edge++]++ = times[i] - times[i - 1];
    const int64_t first = times[begin], last = times[end - 1];
    durations_.push_back(last - first);
    int64_t worked = 0;
    if (working_time != nullptr) {
      worked = working_time->Until(last) - working_time->Until(first);
      working_.push_back(worked);
    }
    if (cases == nullptr) continue;
    cases->events.push_back(static_cast<int64_t>(end - begin));
    cases->first.push_back(first);
    cases->last.push_back(last);
    if (working_time != nullptr) cases->working.push_back(worked);
    cases->variant.push_back(variant);
  }
  return absl::OkStatus();
}

inline absl::Status LogCounts::Merge(const LogCounts &other) {
  if (has_working_ != other.has_working_) {
    return absl::FailedPreconditionError("working time: kept by one of two states alone");
  }
  if (names_.is_text() != other.names_.is_text()) {
    return absl::FailedPreconditionError("activities: text in one of two states alone");
  }
  PATRON_ASSIGN_OR_RETURN(const std::vector<uint32_t> codes, names_.EncodeAll(other.names_));
  Widen(names_.size());
  events_ += other.events_;
  handovers_ += other.handovers_;
  returns_ += other.returns_;
  cases_with_rework_ += other.cases_with_rework_;
  for (size_t a = 0; a < other.activities_.size(); ++a) {
    ActivityCounts &to = activities_[codes[a]];
    const ActivityCounts &from = other.activities_[a];
    to.events += from.events;
    to.cases += from.cases;
    to.starts += from.starts;
    to.ends += from.ends;
    to.repeat_self_loops += from.repeat_self_loops;
    to.redo_self_loops += from.redo_self_loops;
    to.repeat_repetitions += from.repeat_repetitions;
    to.redo_repetitions += from.redo_repetitions;
  }
  for (const LogEdge &edge : other.edges_) {
    LargeVector<int64_t> &times = edges_[EdgeOf(codes[edge.source], codes[edge.target])].times;
    times.insert(times.end(), edge.times.begin(), edge.times.end());
  }
  std::vector<uint32_t> steps;
  for (size_t v = 0; v < other.variants_.size(); ++v) {
    steps.clear();
    for (const uint32_t a : other.variants_.activities(v)) steps.push_back(codes[a]);
    variants_.Add(steps, other.variants_.cases(v));
  }
  durations_.insert(durations_.end(), other.durations_.begin(), other.durations_.end());
  working_.insert(working_.end(), other.working_.begin(), other.working_.end());
  return absl::OkStatus();
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_LOG_COUNTS_HPP_
