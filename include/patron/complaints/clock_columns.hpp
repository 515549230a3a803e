// Due instants of whole columns of clocks, by any kind of limit, and after a change of the calendar.
#ifndef PATRON_COMPLAINTS_CLOCK_COLUMNS_HPP_
#define PATRON_COMPLAINTS_CLOCK_COLUMNS_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/complaints/business_calendar.hpp"
#include "patron/complaints/clock.hpp"
#include "patron/complaints/pauses.hpp"
#include "patron/complaints/working_time_columns.hpp"

namespace patron::complaints {

// DueOf for each row. `amounts` has one entry a row, or one for all: microseconds, or a number of
// days or weeks, as `kind` says.
//
// Errors: InvalidArgument for columns of other lengths than `starts`, pauses of a limit that counts
// days, and for the first row that DueOf would refuse; Cancelled. After an error `due` may hold
// anything. Cost: O(n log pieces).
absl::Status DueOfColumn(const BusinessCalendar &calendar, LimitKind kind,
                         std::span<const int64_t> starts, std::span<const int64_t> amounts,
                         const PauseColumn &pauses, std::span<int64_t> due,
                         const Execution &execution = {});

// A change of the limits or the calendar of running clocks that count working time.
struct LimitChange {
  const BusinessCalendar *before;
  const BusinessCalendar *after;
  std::span<const int64_t> amounts_before;  // Microseconds; one a row, or one for all.
  std::span<const int64_t> amounts_after;
  int64_t at;
  RecomputeRule rule = RecomputeRule::kOrigin;
};

// The due instants that Clock::Recompute leaves behind, for one running clock a row: `moved` says
// whether it follows the new limit and calendar now.
//
// Errors: InvalidArgument for columns of other lengths than `starts`, a start after the change, and
// values that Clock would refuse; Cancelled. After an error the results may hold anything. Cost:
// O(n log pieces).
absl::Status RecomputeColumn(const LimitChange &change, std::span<const int64_t> starts,
                             const PauseColumn &pauses, std::span<int64_t> due,
                             std::span<uint8_t> moved, const Execution &execution = {});

namespace detail {

inline absl::Status CheckAmounts(std::string_view name, std::span<const int64_t> amounts,
                                 size_t starts, int64_t least) {
  if (amounts.size() != starts && amounts.size() != 1) {
    return InvalidOption(name, absl::StrCat(amounts.size(), " rows"),
                         absl::StrCat(starts, " as in start, or 1"));
  }
  const auto below = [&](int64_t amount) { return amount < least; };
  const auto first = std::ranges::find_if(amounts, below);
  if (first == amounts.end()) return absl::OkStatus();
  return InvalidRow(name, static_cast<uint64_t>(first - amounts.begin()), absl::StrCat(*first),
                    absl::StrCat(least, " or more"),
                    static_cast<uint64_t>(std::ranges::count_if(amounts, below)));
}

template <typename Line>
absl::Status DueOnColumn(const Line &line, std::span<const int64_t> starts,
                         std::span<const int64_t> amounts, const PauseColumn &pauses,
                         std::span<int64_t> due, const Execution &execution) {
  const size_t step = amounts.size() == starts.size() ? 1 : 0;
  return ForEachRow(starts.size(), pauses, execution, [&](size_t i, std::span<const Pause> own) {
    due[i] = DueOn(line, starts[i], amounts[i * step], own);
  });
}

}  // namespace detail

inline absl::Status DueOfColumn(const BusinessCalendar &calendar, LimitKind kind,
                                std::span<const int64_t> starts, std::span<const int64_t> amounts,
                                const PauseColumn &pauses, std::span<int64_t> due,
                                const Execution &execution) {
  const int64_t least = kind == LimitKind::kBusinessDays ? 1 : 0;
  PATRON_RETURN_IF_ERROR(detail::CheckLengths("limit", starts.size(), amounts.size(), due.size()));
  PATRON_RETURN_IF_ERROR(detail::CheckInstants("start", starts));
  PATRON_RETURN_IF_ERROR(detail::CheckAmounts("limit", amounts, starts.size(), least));
  if (detail::CountsDays(kind)) {
    if (!pauses.pauses.empty()) {
      return InvalidOption("pauses", absl::StrCat(pauses.pauses.size()),
                           "none for a limit that counts days");
    }
    const size_t step = amounts.size() == starts.size() ? 1 : 0;
    return detail::ForEachRow(starts.size(), {}, execution, [&](size_t i, std::span<const Pause>) {
      // All that could be refused has been checked above.
      due[i] = *DueOf(calendar, {kind, amounts[i * step]}, starts[i]);
    });
  }
  PATRON_RETURN_IF_ERROR(detail::CheckPauseColumn(pauses, starts.size()));
  if (kind == LimitKind::kWorkingTime) {
    return detail::DueOnColumn(calendar.working_time(), starts, amounts, pauses, due, execution);
  }
  return detail::DueOnColumn(detail::PlainTime(), starts, amounts, pauses, due, execution);
}

inline absl::Status RecomputeColumn(const LimitChange &change, std::span<const int64_t> starts,
                                    const PauseColumn &pauses, std::span<int64_t> due,
                                    std::span<uint8_t> moved, const Execution &execution) {
  const size_t rows = starts.size();
  PATRON_RETURN_IF_ERROR(CheckInstant("at", change.at));
  PATRON_RETURN_IF_ERROR(
      detail::CheckLengths("limit before", rows, change.amounts_before.size(), due.size()));
  PATRON_RETURN_IF_ERROR(
      detail::CheckLengths("limit", rows, change.amounts_after.size(), moved.size()));
  PATRON_RETURN_IF_ERROR(detail::CheckInstants("start", starts));
  PATRON_RETURN_IF_ERROR(detail::CheckAmounts("limit before", change.amounts_before, rows, 0));
  PATRON_RETURN_IF_ERROR(detail::CheckAmounts("limit", change.amounts_after, rows, 0));
  PATRON_RETURN_IF_ERROR(detail::CheckPauseColumn(pauses, rows));
  const auto late = [&](int64_t start) { return start > change.at; };
  if (const auto first = std::ranges::find_if(starts, late); first != starts.end()) {
    return InvalidRow("start", static_cast<uint64_t>(first - starts.begin()), FormatTime(*first),
                      absl::StrCat("no time after the change, ", FormatTime(change.at)),
                      static_cast<uint64_t>(std::ranges::count_if(starts, late)));
  }
  const WorkingTime &before = change.before->working_time();
  const WorkingTime &after = change.after->working_time();
  const size_t step_before = change.amounts_before.size() == rows ? 1 : 0;
  const size_t step_after = change.amounts_after.size() == rows ? 1 : 0;
  return detail::ForEachRow(rows, pauses, execution, [&](size_t i, std::span<const Pause> own) {
    const int64_t old_amount = change.amounts_before[i * step_before];
    const int64_t amount = change.amounts_after[i * step_after];
    moved[i] = change.rule != RecomputeRule::kPinned;
    if (change.rule == RecomputeRule::kOrigin) {
      due[i] = detail::DueOn(after, starts[i], amount, own);
      return;
    }
    if (change.rule == RecomputeRule::kProportional) {
      const int64_t used = detail::ElapsedOn(before, starts[i], change.at, own);
      if (used < old_amount) {
        const auto carried = static_cast<int64_t>(detail::Scaled(amount, used, old_amount));
        due[i] = detail::DueOn(after, change.at, amount - carried, own);
        return;
      }
      moved[i] = 0;
    }
    due[i] = detail::DueOn(before, starts[i], old_amount, own);
  });
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_CLOCK_COLUMNS_HPP_
