// Working time: when a budget of it is used up, and how much of it lies between two instants.
#ifndef PATRON_COMPLAINTS_WORKING_TIME_HPP_
#define PATRON_COMPLAINTS_WORKING_TIME_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/complaints/calendar.hpp"
#include "patron/complaints/civil_pattern.hpp"
#include "patron/complaints/pauses.hpp"
#include "patron/complaints/zone_changes.hpp"

namespace patron::complaints {

// The working time of a calendar, ready for questions: the line of instants in pieces of one offset
// and one week each, with the working time before each piece. It covers all time: clock changes of
// later centuries follow from the cycle of 400 years, and no horizon is to be chosen.
//
// Equal on all machines that have the same time-zone database. Threads may share one. Size: 40
// bytes a piece; a zone with summer time has about 1,000 pieces, an exception adds one or two.
class WorkingTime {
 public:
  // Errors: those of CheckCalendar. Cost: about a millisecond, most of it for the zone's changes,
  // and O(e log e) for e exceptions.
  static absl::StatusOr<WorkingTime> Compile(const Calendar &calendar);

  // The first instant not before `start` at which working time outside of `pauses` adds up to
  // `budget` microseconds: `start` itself for a budget of 0; the close of a segment, not the next
  // opening, for one that just fits; kNever if that is not before the clock stops for good or is
  // past kFarthest. Pauses may overlap, in any order; one that begins at the due instant changes
  // nothing. Errors: InvalidArgument for a negative budget and those of CheckInstant and
  // CheckPauses. Cost: O(log pieces), O(p log p) more for p pauses.
  absl::StatusOr<int64_t> Due(int64_t start, int64_t budget,
                              std::span<const Pause> pauses = {}) const;

  // Microseconds of working time in [start, end) outside of `pauses`. Adds up over adjacent spans,
  // and up to the due instant of a budget it is that budget. Errors: InvalidArgument for an end
  // before the start and those of CheckInstant and CheckPauses. Cost: as Due.
  absl::StatusOr<int64_t> Elapsed(int64_t start, int64_t end,
                                  std::span<const Pause> pauses = {}) const;

  // The spans of working time in [begin, end), in order, none empty, none touching. Errors:
  // InvalidArgument for an end before the begin and those of CheckInstant. Cost: O(spans) and the
  // memory for them.
  absl::StatusOr<std::vector<Pause>> Spans(int64_t begin, int64_t end) const;

  // Working microseconds between an instant that the calendar alone decides and `instant`; negative
  // before it. For instants that CheckInstant passes.
  int64_t Until(int64_t instant) const;

  // The first instant at which `Until` is `worked`, or kNever. `after` is some instant before it:
  // the nearer, the faster.
  int64_t InstantOf(int64_t worked, int64_t after) const;

  // The civil day that holds `instant`.
  int64_t DayOf(int64_t instant) const;

  // The end of all instants whose civil time is before `second` of `day`: where clocks skip that
  // second, the jump; where it comes twice, the second time. Within kFarthest.
  int64_t EndBefore(int64_t day, int64_t second) const;

  // Dates that the zone never had because its clocks skipped them whole, in order.
  std::vector<int64_t> SkippedDays() const;

 private:
  // From `begin` on, civil time is `shift` ahead, counted from a Monday, and `worked` is
  // Until(begin).
  struct Piece {
    int64_t begin;
    int64_t worked;
    int64_t base;  // Until(t) less the working time of the pattern since week 0.
    int64_t shift;
    uint32_t pattern;
  };

  size_t Find(int64_t instant) const;
  int64_t Position(const Piece &piece, int64_t instant) const;
  int64_t InstantIn(const Piece &piece, int64_t worked) const;
  void AddPieces(std::span<const detail::PatternRun> runs,
                 std::span<const detail::ZoneChange> changes);

  // A bucket of the index holds some 25 days, so it sees few pieces.
  static constexpr int kBucketBits = 41;
  static constexpr int64_t kCycle = detail::kSecondsPerCycle * kMicrosPerSecond;

  std::vector<Piece> pieces_;  // The last is a sentinel at the end of time.
  std::vector<uint32_t> index_;
  std::vector<detail::WeekPattern> patterns_;
  std::vector<detail::WeekSegment> segments_;

  // Time after `cycle_end_` is as that a cycle of 400 years before; `cycle_work_` is worked in one.
  int64_t cycle_end_ = std::numeric_limits<int64_t>::max();
  int64_t worked_at_cycle_end_ = std::numeric_limits<int64_t>::max();
  int64_t cycle_work_ = 0;
  int64_t most_worked_ = 0;  // Until(kFarthest).
};

namespace detail {

// Time that is all working time, for clocks that run on without a calendar.
struct PlainTime {
  int64_t Until(int64_t instant) const { return instant; }
  int64_t InstantOf(int64_t worked, int64_t) const { return worked > kFarthest ? kNever : worked; }
};

// Due and Elapsed of any line of time, for arguments that were checked; `pauses` is a union.
template <typename Line>
int64_t DueOn(const Line &line, int64_t start, int64_t budget, std::span<const Pause> pauses) {
  if (budget == 0) return start;
  int64_t worked = 0;
  if (__builtin_add_overflow(line.Until(start), budget, &worked)) return kNever;
  for (const Pause &pause : pauses) {
    if (pause.end != kNever && pause.end <= start) continue;
    const int64_t begin = line.Until(std::max(pause.begin, start));
    if (begin >= worked) break;
    if (pause.end == kNever) return kNever;
    if (__builtin_add_overflow(worked, line.Until(pause.end) - begin, &worked)) return kNever;
  }
  return line.InstantOf(worked, start);
}

template <typename Line>
int64_t ElapsedOn(const Line &line, int64_t start, int64_t end, std::span<const Pause> pauses) {
  const int64_t until_end = line.Until(end);
  int64_t elapsed = until_end - line.Until(start);
  for (const Pause &pause : pauses) {
    if (pause.begin >= end) break;
    if (pause.end != kNever && pause.end <= start) continue;
    const bool lasts = pause.end == kNever || pause.end >= end;
    elapsed -=
        (lasts ? until_end : line.Until(pause.end)) - line.Until(std::max(pause.begin, start));
  }
  return elapsed;
}

inline absl::Status CheckBudget(int64_t budget) {
  if (budget >= 0) return absl::OkStatus();
  return InvalidOption("budget", absl::StrCat(budget, " microseconds"), "0 or more");
}

inline absl::Status CheckSpan(int64_t start, int64_t end) {
  PATRON_RETURN_IF_ERROR(CheckInstant("start", start));
  PATRON_RETURN_IF_ERROR(CheckInstant("end", end));
  if (end >= start) return absl::OkStatus();
  return InvalidOption("end", FormatTime(end),
                       absl::StrCat("no time before the start, ", FormatTime(start)));
}

}  // namespace detail

inline absl::StatusOr<int64_t> WorkingTime::Due(int64_t start, int64_t budget,
                                                std::span<const Pause> pauses) const {
  PATRON_RETURN_IF_ERROR(CheckInstant("start", start));
  PATRON_RETURN_IF_ERROR(detail::CheckBudget(budget));
  PATRON_RETURN_IF_ERROR(CheckPauses(pauses));
  std::vector<Pause> scratch;
  return detail::DueOn(*this, start, budget, UnionOf(pauses, scratch));
}

inline absl::StatusOr<int64_t> WorkingTime::Elapsed(int64_t start, int64_t end,
                                                    std::span<const Pause> pauses) const {
  PATRON_RETURN_IF_ERROR(detail::CheckSpan(start, end));
  PATRON_RETURN_IF_ERROR(CheckPauses(pauses));
  std::vector<Pause> scratch;
  return detail::ElapsedOn(*this, start, end, UnionOf(pauses, scratch));
}

inline size_t WorkingTime::Find(int64_t instant) const {
  const int64_t first = pieces_[1].begin;
  if (instant < first) return 0;
  const auto bucket = static_cast<size_t>((instant - first) >> kBucketBits);
  size_t piece = index_[std::min(bucket, index_.size() - 1)];
  while (pieces_[piece + 1].begin <= instant) ++piece;
  return piece;
}

inline int64_t WorkingTime::Position(const Piece &piece, int64_t instant) const {
  const int64_t civil = instant + piece.shift;
  const int64_t week = FloorDivide(civil, detail::kMicrosPerWeek);
  const int64_t rest = civil - week * detail::kMicrosPerWeek;
  const detail::WeekPattern &pattern = patterns_[piece.pattern];
  const detail::WeekSegment *segment = &segments_[pattern.first];
  for (uint32_t count = pattern.count; count > 1;) {
    const uint32_t half = count / 2;
    segment += segment[half].open <= rest ? half : 0;
    count -= half;
  }
  return week * pattern.work + segment->before + std::min(rest, segment->close) - segment->open;
}

inline int64_t WorkingTime::InstantIn(const Piece &piece, int64_t worked) const {
  const detail::WeekPattern &pattern = patterns_[piece.pattern];
  const int64_t position = worked - piece.base;
  const int64_t week = FloorDivide(position - 1, pattern.work);
  const int64_t rest = position - week * pattern.work;
  const detail::WeekSegment *segment = &segments_[pattern.first];
  for (uint32_t count = pattern.count; count > 1;) {
    const uint32_t half = count / 2;
    segment += segment[half].before < rest ? half : 0;
    count -= half;
  }
  return week * detail::kMicrosPerWeek + segment->open + (rest - segment->before) - piece.shift;
}

inline int64_t WorkingTime::Until(int64_t instant) const {
  int64_t cycles = 0;
  if (instant >= cycle_end_) {
    cycles = (instant - cycle_end_) / kCycle + 1;
    instant -= cycles * kCycle;
  }
  const Piece &piece = pieces_[Find(instant)];
  return piece.base + Position(piece, instant) + cycles * cycle_work_;
}

inline int64_t WorkingTime::InstantOf(int64_t worked, int64_t after) const {
  if (worked > most_worked_) return kNever;
  int64_t cycles = 0;
  if (worked > worked_at_cycle_end_) {
    cycles = (worked - worked_at_cycle_end_ - 1) / cycle_work_ + 1;
    worked -= cycles * cycle_work_;
    after = cycle_end_ - kCycle;
  }
  // The last piece that begins with less than `worked`: in steps that double, then by halves.
  size_t low = Find(after);
  size_t step = 1;
  while (low + step < pieces_.size() && pieces_[low + step].worked < worked) {
    low += step;
    step *= 2;
  }
  size_t high = std::min(low + step, pieces_.size() - 1);
  while (high - low > 1) {
    const size_t middle = low + (high - low) / 2;
    (pieces_[middle].worked < worked ? low : high) = middle;
  }
  return InstantIn(pieces_[low], worked) + cycles * kCycle;
}

inline int64_t WorkingTime::DayOf(int64_t instant) const {
  const int64_t cycles = instant < cycle_end_ ? 0 : (instant - cycle_end_) / kCycle + 1;
  const int64_t shift = pieces_[Find(instant - cycles * kCycle)].shift - detail::kMondayShift;
  return FloorDivide(instant + shift, kMicrosPerDay);
}

inline int64_t WorkingTime::EndBefore(int64_t day, int64_t second) const {
  constexpr int64_t kMostShift = 2 * kMicrosPerDay;
  int64_t civil = day * kMicrosPerDay + second * kMicrosPerSecond;
  const int64_t cycles = civil < cycle_end_ ? 0 : (civil - cycle_end_) / kCycle + 1;
  civil += detail::kMondayShift - cycles * kCycle;
  size_t piece = Find(civil + kMostShift);
  while (piece > 0 && pieces_[piece].begin + pieces_[piece].shift >= civil) --piece;
  return std::min(pieces_[piece + 1].begin, civil - pieces_[piece].shift) + cycles * kCycle;
}

inline std::vector<int64_t> WorkingTime::SkippedDays() const {
  std::vector<int64_t> days;
  for (size_t i = 1; i + 1 < pieces_.size(); ++i) {
    const int64_t begin = pieces_[i].begin - detail::kMondayShift;
    const int64_t skipped = FloorDivide(begin + pieces_[i - 1].shift - 1, kMicrosPerDay) + 1;
    const int64_t next = FloorDivide(begin + pieces_[i].shift, kMicrosPerDay);
    for (int64_t day = skipped; day < next; ++day) days.push_back(day);
  }
  return days;
}

inline absl::StatusOr<std::vector<Pause>> WorkingTime::Spans(int64_t begin, int64_t end) const {
  PATRON_RETURN_IF_ERROR(detail::CheckSpan(begin, end));
  std::vector<Pause> spans;
  while (begin < end) {
    const int64_t cycles = begin < cycle_end_ ? 0 : (begin - cycle_end_) / kCycle + 1;
    const size_t found = Find(begin - cycles * kCycle);
    const Piece &piece = pieces_[found];
    const int64_t piece_end = std::min(pieces_[found + 1].begin, cycle_end_);
    const int64_t stop = piece_end >= kFarthest ? end : std::min(end, piece_end + cycles * kCycle);
    const detail::WeekPattern &pattern = patterns_[piece.pattern];
    const int64_t shift = piece.shift - cycles * kCycle;  // A cycle is whole weeks.
    int64_t week = FloorDivide(begin + shift, detail::kMicrosPerWeek);
    for (; pattern.count > 1 && week * detail::kMicrosPerWeek - shift < stop; ++week) {
      for (uint32_t i = 1; i < pattern.count; ++i) {
        const detail::WeekSegment &segment = segments_[pattern.first + i];
        const int64_t monday = week * detail::kMicrosPerWeek - shift;
        const int64_t open = std::max(begin, monday + segment.open);
        const int64_t close = std::min(stop, monday + segment.close);
        if (open >= close) continue;
        if (!spans.empty() && spans.back().end == open) {
          spans.back().end = close;
        } else {
          spans.push_back({open, close});
        }
      }
    }
    begin = stop;
  }
  return spans;
}

inline absl::StatusOr<WorkingTime> WorkingTime::Compile(const Calendar &calendar) {
  PATRON_RETURN_IF_ERROR(CheckCalendar(calendar));
  PATRON_ASSIGN_OR_RETURN(detail::ZoneChanges zone, detail::ReadZoneChanges(calendar.zone));
  const detail::CivilPatterns civil(calendar);
  WorkingTime result;
  result.patterns_.assign(civil.patterns().begin(), civil.patterns().end());
  result.segments_.assign(civil.segments().begin(), civil.segments().end());
  if (!zone.cyclic) {
    result.AddPieces(civil.runs(), zone.changes);
    result.most_worked_ = result.Until(kFarthest);
    return result;
  }
  // The cycle begins where nothing but the rule of the zone and the last week holds any more.
  constexpr int64_t kMargin = 400 * kSecondsPerDay;
  int64_t begin = zone.cycle_begin + kMargin;
  if (civil.runs().size() > 1) {
    begin = std::max(begin, civil.runs().back().first_day * kSecondsPerDay + kMargin);
  }
  zone.ExtendTo(begin + detail::kSecondsPerCycle + kMargin);
  result.AddPieces(civil.runs(), zone.changes);
  const int64_t cycle_begin = begin * kMicrosPerSecond;
  const int64_t worked_at_begin = result.Until(cycle_begin);
  result.worked_at_cycle_end_ = result.Until(cycle_begin + kCycle);
  result.cycle_work_ = result.worked_at_cycle_end_ - worked_at_begin;
  result.cycle_end_ = cycle_begin + kCycle;
  result.most_worked_ = result.Until(kFarthest);
  return result;
}

inline void WorkingTime::AddPieces(std::span<const detail::PatternRun> runs,
                                   std::span<const detail::ZoneChange> changes) {
  constexpr int64_t kBeginning = std::numeric_limits<int64_t>::min();
  constexpr int64_t kEnd = std::numeric_limits<int64_t>::max();
  for (size_t z = 0; z < changes.size(); ++z) {
    const int64_t offset = changes[z].offset * kMicrosPerSecond;
    const int64_t end = z + 1 < changes.size() ? changes[z + 1].begin * kMicrosPerSecond : kEnd;
    int64_t begin = kBeginning;
    size_t run = 0;
    if (z > 0) {
      begin = changes[z].begin * kMicrosPerSecond;
      const int64_t day = FloorDivide(begin + offset, kMicrosPerDay);
      const auto after = std::ranges::upper_bound(runs, day, {}, &detail::PatternRun::first_day);
      run = static_cast<size_t>(after - runs.begin()) - 1;
    }
    while (begin < end) {
      pieces_.push_back({begin, 0, 0, offset + detail::kMondayShift, runs[run].pattern});
      if (++run == runs.size()) break;
      begin = runs[run].first_day * kMicrosPerDay - offset;
    }
  }
  pieces_[0].worked = kBeginning;
  for (size_t i = 1; i < pieces_.size(); ++i) {
    Piece &piece = pieces_[i];
    piece.worked = pieces_[i - 1].base + Position(pieces_[i - 1], piece.begin);
    piece.base = piece.worked - Position(piece, piece.begin);
  }
  const int64_t first = pieces_.size() > 1 ? pieces_[1].begin : 0;
  const int64_t buckets = ((pieces_.back().begin - first) >> kBucketBits) + 1;
  for (int64_t bucket = 0, piece = 1; pieces_.size() > 1 && bucket < buckets; ++bucket) {
    const int64_t begin = first + (bucket << kBucketBits);
    const auto last = static_cast<int64_t>(pieces_.size()) - 1;
    while (piece < last && pieces_[static_cast<size_t>(piece) + 1].begin <= begin) ++piece;
    index_.push_back(static_cast<uint32_t>(piece));
  }
  pieces_.push_back({kEnd, kEnd, 0, 0, 0});
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_WORKING_TIME_HPP_
