// Attainment of limits, backlog and its age: measures of clocks at a cut-off.
#ifndef PATRON_COMPLAINTS_ATTAINMENT_HPP_
#define PATRON_COMPLAINTS_ATTAINMENT_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/complaints/pauses.hpp"

namespace patron::complaints {

// How many clocks kept their limit, as known at a cut-off. A clock that finished after it was open
// then. At its due instant a clock is in time; one that is never due cannot be breached.
struct Attainment {
  int64_t met = 0;       // Finished by the due instant.
  int64_t breached = 0;  // Not finished when it passed.
  int64_t pending = 0;   // Neither due nor finished: not counted, for nobody knows yet.
  int64_t due_met = 0;   // Of those met: due before the cut-off.

  // met / (met + breached). NaN without either. Slightly high at the right edge: of the latest
  // clocks only those that finished early are known.
  double rate() const { return Share(met, met + breached); }
  // The same of clocks due before the cut-off alone, which has no such edge.
  double due_rate() const { return Share(due_met, due_met + breached); }

 private:
  static double Share(int64_t part, int64_t whole) {
    return whole == 0 ? std::numeric_limits<double>::quiet_NaN()
                      : static_cast<double>(part) / static_cast<double>(whole);
  }
};

// `due` and `finished` have one instant a clock: kNever if it is never due, or not finished.
// Errors: InvalidArgument for columns of unequal length and a cut-off that is too far away. Cost:
// O(n).
absl::StatusOr<Attainment> MeasureAttainment(std::span<const int64_t> due,
                                             std::span<const int64_t> finished, int64_t cutoff);

// What moves a case into the backlog or out of it.
enum class Movement : uint8_t { kReceived, kReopened, kClosed, kMerged, kVoided };

// Each period from that of the first movement to that of the last, in order.
struct Backlog {
  std::vector<int64_t> first_day;  // Of the period.
  std::vector<int64_t> received, reopened, closed, merged, voided;
  std::vector<int64_t> open;  // At its end: open before + received + reopened - the others.
};

// Counts movements, in any order, by the civil days of `days`; `open_before` cases were open before
// the first. Errors: InvalidArgument for columns of unequal length, and for a period in which more
// leave than there are. Cost: O(n log n).
absl::StatusOr<Backlog> CountBacklog(std::span<const int64_t> times,
                                     std::span<const Movement> movements, Period period,
                                     CivilDays days, int64_t open_before = 0);

// How many of `ages` (0 or more, in any unit) lie in each of the buckets that `bounds`, ascending, part:
// below bounds[0], from bounds[0] up to, not including, bounds[1], ..., and from the last bound on.
// Errors: InvalidArgument for bounds that do not rise, ages below 0, and what is not finite. Cost: O(n log b).
absl::StatusOr<std::vector<int64_t>> CountAges(std::span<const double> ages,
                                               std::span<const double> bounds);

inline absl::StatusOr<Attainment> MeasureAttainment(std::span<const int64_t> due,
                                                    std::span<const int64_t> finished,
                                                    int64_t cutoff) {
  PATRON_RETURN_IF_ERROR(CheckInstant("cutoff", cutoff));
  if (due.size() != finished.size()) {
    return InvalidOption("finished", absl::StrCat(finished.size(), " rows"),
                         absl::StrCat(due.size(), " as in due"));
  }
  Attainment result;
  for (size_t i = 0; i < due.size(); ++i) {
    const bool is_finished = finished[i] != kNever && finished[i] <= cutoff;
    const bool is_late = due[i] != kNever && due[i] < (is_finished ? finished[i] : cutoff);
    if (is_late) {
      ++result.breached;
    } else if (is_finished) {
      ++result.met;
      result.due_met += due[i] != kNever && due[i] < cutoff;
    } else {
      ++result.pending;
    }
  }
  return result;
}

inline absl::StatusOr<Backlog> CountBacklog(std::span<const int64_t> times,
                                            std::span<const Movement> movements, Period period,
                                            CivilDays days, int64_t open_before) {
  if (times.size() != movements.size()) {
    return InvalidOption("movement", absl::StrCat(movements.size(), " rows"),
                         absl::StrCat(times.size(), " as in time"));
  }
  if (open_before < 0) return InvalidOption("open_before", absl::StrCat(open_before), "0 or more");
  Backlog backlog;
  if (times.empty()) return backlog;
  std::vector<int64_t> periods(times.size());
  for (size_t i = 0; i < times.size(); ++i) {
    PATRON_RETURN_IF_ERROR(CheckInstant("time", times[i]));
    periods[i] = PeriodOfDay(period, days.DayOf(times[i]));
  }
  const auto [first, last] = std::ranges::minmax(periods);
  constexpr int64_t kMostPeriods = 10'000'000;
  if (last - first >= kMostPeriods) {
    return InvalidOption("time", absl::StrCat(last - first, " periods"),
                         absl::StrCat("at most ", kMostPeriods));
  }
  const auto count = static_cast<size_t>(last - first) + 1;
  std::vector<int64_t> *const columns[] = {&backlog.received, &backlog.reopened, &backlog.closed,
                                           &backlog.merged, &backlog.voided};
  for (std::vector<int64_t> *column : columns) column->assign(count, 0);
  for (size_t i = 0; i < times.size(); ++i) {
    const auto movement = static_cast<size_t>(movements[i]);
    if (movement >= std::size(columns)) {
      return InvalidRow("movement", i, absl::StrCat(movement), "0 to 4");
    }
    ++(*columns[movement])[static_cast<size_t>(periods[i] - first)];
  }
  int64_t open = open_before;
  for (size_t p = 0; p < count; ++p) {
    const int64_t index = first + static_cast<int64_t>(p);
    open += backlog.received[p] + backlog.reopened[p] - backlog.closed[p] - backlog.merged[p] -
            backlog.voided[p];
    if (open < 0) {
      return InvalidOption("movement",
                           absl::StrCat(open, " cases open after the period of ",
                                        FormatDay(FirstDayOf(period, index))),
                           "0 or more");
    }
    backlog.first_day.push_back(FirstDayOf(period, index));
    backlog.open.push_back(open);
  }
  return backlog;
}

inline absl::StatusOr<std::vector<int64_t>> CountAges(std::span<const double> ages,
                                                      std::span<const double> bounds) {
  PATRON_RETURN_IF_ERROR(CheckFinite("age", ages));
  PATRON_RETURN_IF_ERROR(CheckFinite("bounds", bounds));
  for (size_t i = 0; i < bounds.size(); ++i) {
    if (bounds[i] > (i == 0 ? 0 : bounds[i - 1])) continue;
    return InvalidRow("bounds", i, FormatNumber(bounds[i]), "numbers above 0 in ascending order");
  }
  std::vector<int64_t> counts(bounds.size() + 1, 0);
  for (size_t i = 0; i < ages.size(); ++i) {
    if (ages[i] < 0) return InvalidRow("age", i, FormatNumber(ages[i]), "0 or more");
    const auto bucket = std::ranges::upper_bound(bounds, ages[i]) - bounds.begin();
    ++counts[static_cast<size_t>(bucket)];
  }
  return counts;
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_ATTAINMENT_HPP_
