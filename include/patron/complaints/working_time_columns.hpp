// Working time of whole columns: a due instant or an elapsed time for each row.
#ifndef PATRON_COMPLAINTS_WORKING_TIME_COLUMNS_HPP_
#define PATRON_COMPLAINTS_WORKING_TIME_COLUMNS_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/complaints/pauses.hpp"
#include "patron/complaints/working_time.hpp"

namespace patron::complaints {

// The pauses of each row: those of row i are pauses[offsets[i]] up to pauses[offsets[i + 1]].
// Without offsets no row has any.
struct PauseColumn {
  std::span<const int64_t> offsets;
  std::span<const Pause> pauses;
};

// WorkingTime::Due for each row. `budgets` has one entry a row, or one for all.
//
// Errors: InvalidArgument for columns of other lengths than `starts`, and for the first row that
// WorkingTime::Due would refuse; Cancelled. After an error `due` may hold anything. Cost: O(n log
// pieces), and a sort of the pauses of a row that are not a union already.
absl::Status DueColumn(const WorkingTime &working_time, std::span<const int64_t> starts,
                       std::span<const int64_t> budgets, const PauseColumn &pauses,
                       std::span<int64_t> due, const Execution &execution = {});

// WorkingTime::Elapsed for each row. `ends` has one entry a row, or one for all: the elapsed time
// of every open case as of now. Errors and cost: likewise.
absl::Status ElapsedColumn(const WorkingTime &working_time, std::span<const int64_t> starts,
                           std::span<const int64_t> ends, const PauseColumn &pauses,
                           std::span<int64_t> elapsed, const Execution &execution = {});

namespace detail {

inline absl::Status CheckInstants(std::string_view column, std::span<const int64_t> instants) {
  size_t first = instants.size();
  uint64_t rows = 0;
  for (size_t i = 0; i < instants.size(); ++i) {
    if (instants[i] >= -kFarthest && instants[i] <= kFarthest) continue;
    if (rows++ == 0) first = i;
  }
  if (rows == 0) return absl::OkStatus();
  return InvalidRow(column, first,
                    instants[first] == kNever ? "no instant" : absl::StrCat(instants[first]),
                    "microseconds within 142,000 years of 1970", rows);
}

inline absl::Status CheckLengths(std::string_view column, size_t starts, size_t entries,
                                 size_t results) {
  if (entries != starts && entries != 1) {
    return InvalidOption(column, absl::StrCat(entries, " rows"),
                         absl::StrCat(starts, " as in start, or 1"));
  }
  if (results == starts) return absl::OkStatus();
  return InvalidOption("result", absl::StrCat(results, " rows"),
                       absl::StrCat(starts, " as in start"));
}

inline absl::Status CheckPauseColumn(const PauseColumn &pauses, size_t rows) {
  const auto &offsets = pauses.offsets;
  if (offsets.empty() && pauses.pauses.empty()) return absl::OkStatus();
  if (offsets.size() != rows + 1) {
    return InvalidOption("pauses", absl::StrCat(offsets.size(), " offsets"),
                         absl::StrCat(rows + 1, " for ", rows, " rows"));
  }
  if (offsets[0] < 0 || offsets[rows] > static_cast<int64_t>(pauses.pauses.size())) {
    return InvalidOption("pauses", absl::StrCat("offsets from ", offsets[0], " to ", offsets[rows]),
                         absl::StrCat("0 to ", pauses.pauses.size()));
  }
  for (size_t i = 0; i < rows; ++i) {
    if (offsets[i + 1] >= offsets[i]) continue;
    return InvalidRow("pauses", i, absl::StrCat("offsets ", offsets[i], " to ", offsets[i + 1]),
                      "offsets that do not fall");
  }
  for (size_t i = 0; i < rows; ++i) {
    const auto own = pauses.pauses.subspan(static_cast<size_t>(offsets[i]),
                                           static_cast<size_t>(offsets[i + 1] - offsets[i]));
    if (absl::Status status = CheckPauses(own); !status.ok()) {
      const absl::string_view message = status.message();
      return absl::InvalidArgumentError(absl::StrCat("row ", i, ": ", message));
    }
  }
  return absl::OkStatus();
}

// Calls `answer(row, pauses)` for each row with the union of its pauses.
template <typename Answer>
absl::Status ForEachRow(size_t rows, const PauseColumn &pauses, const Execution &execution,
                        Answer answer) {
  constexpr size_t kRows = size_t{1} << 16;
  const size_t tasks = (rows + kRows - 1) / kRows;
  const size_t round = std::min(tasks, 4 * execution.workers());
  int64_t longest = 0;
  for (size_t i = 1; i < pauses.offsets.size(); ++i) {
    longest = std::max(longest, pauses.offsets[i] - pauses.offsets[i - 1]);
  }
  // Reserved here, so that no task allocates.
  std::vector<std::vector<Pause>> scratch(round);
  for (std::vector<Pause> &own : scratch) own.reserve(static_cast<size_t>(longest));

  for (size_t done = 0; done < tasks; done += round) {
    ParallelFor(execution, std::min(round, tasks - done), [&](size_t slot) {
      const size_t begin = (done + slot) * kRows;
      const size_t end = std::min(rows, begin + kRows);
      for (size_t i = begin; i < end; ++i) {
        if (pauses.offsets.empty() || pauses.offsets[i] == pauses.offsets[i + 1]) {
          answer(i, std::span<const Pause>());
          continue;
        }
        const auto first = static_cast<size_t>(pauses.offsets[i]);
        const auto count = static_cast<size_t>(pauses.offsets[i + 1]) - first;
        answer(i, UnionOf(pauses.pauses.subspan(first, count), scratch[slot]));
      }
    });
    PATRON_RETURN_IF_ERROR(ReportProgress(execution, std::min(rows, (done + round) * kRows), rows));
  }
  return absl::OkStatus();
}

}  // namespace detail

inline absl::Status DueColumn(const WorkingTime &working_time, std::span<const int64_t> starts,
                              std::span<const int64_t> budgets, const PauseColumn &pauses,
                              std::span<int64_t> due, const Execution &execution) {
  PATRON_RETURN_IF_ERROR(detail::CheckLengths("budget", starts.size(), budgets.size(), due.size()));
  PATRON_RETURN_IF_ERROR(detail::CheckInstants("start", starts));
  const auto negative = std::ranges::find_if(budgets, [](int64_t budget) { return budget < 0; });
  if (negative != budgets.end()) {
    const auto below = [](int64_t budget) { return budget < 0; };
    return InvalidRow("budget", static_cast<uint64_t>(negative - budgets.begin()),
                      absl::StrCat(*negative, " microseconds"), "0 or more",
                      static_cast<uint64_t>(std::ranges::count_if(budgets, below)));
  }
  PATRON_RETURN_IF_ERROR(detail::CheckPauseColumn(pauses, starts.size()));
  const size_t step = budgets.size() == starts.size() ? 1 : 0;
  return detail::ForEachRow(
      starts.size(), pauses, execution, [&](size_t i, std::span<const Pause> own) {
        due[i] = detail::DueOn(working_time, starts[i], budgets[i * step], own);
      });
}

inline absl::Status ElapsedColumn(const WorkingTime &working_time, std::span<const int64_t> starts,
                                  std::span<const int64_t> ends, const PauseColumn &pauses,
                                  std::span<int64_t> elapsed, const Execution &execution) {
  PATRON_RETURN_IF_ERROR(detail::CheckLengths("end", starts.size(), ends.size(), elapsed.size()));
  PATRON_RETURN_IF_ERROR(detail::CheckInstants("start", starts));
  PATRON_RETURN_IF_ERROR(detail::CheckInstants("end", ends));
  const size_t step = ends.size() == starts.size() ? 1 : 0;
  size_t first = starts.size();
  uint64_t backwards = 0;
  for (size_t i = 0; i < starts.size(); ++i) {
    if (ends[i * step] < starts[i] && backwards++ == 0) first = i;
  }
  if (backwards > 0) {
    return InvalidRow("end", first, FormatTime(ends[first * step]),
                      absl::StrCat("no time before the start, ", FormatTime(starts[first])),
                      backwards);
  }
  PATRON_RETURN_IF_ERROR(detail::CheckPauseColumn(pauses, starts.size()));
  return detail::ForEachRow(
      starts.size(), pauses, execution, [&](size_t i, std::span<const Pause> own) {
        elapsed[i] = detail::ElapsedOn(working_time, starts[i], ends[i * step], own);
      });
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_WORKING_TIME_COLUMNS_HPP_
