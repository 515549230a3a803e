// Who was at risk when: durations of which some are only known to be longer, counted time by time.
#ifndef PATRON_LOYALTY_RISK_TABLE_HPP_
#define PATRON_LOYALTY_RISK_TABLE_HPP_

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/parallel.hpp"
#include "patron/base/sort.hpp"
#include "patron/base/status.hpp"

namespace patron::loyalty {

// One row a customer: how long it was watched, in any unit, and whether the event ended that.
struct Observed {
  std::span<const double> duration;  // 0 or more.
  std::span<const uint8_t> event;    // 1, the event came then; 0, by then it had not.
  // Left truncation: the duration at which watching began. A customer is at risk after it, up to and
  // with its duration. Empty: from the start on.
  std::span<const double> entry = {};
  std::span<const double> weight = {};  // Above 0; empty: 1.

  size_t size() const { return duration.size(); }
  double weight_of(size_t row) const { return weight.empty() ? 1.0 : weight[row]; }
};

// Errors: InvalidArgument for columns of unequal length, no row, durations that are negative or not
// finite, events other than 0 and 1, entries that are not below their duration, weights that are not
// above 0; columns are called duration, event, entry and weight.
absl::Status CheckObserved(const Observed &observed);

// Which of `count` groups each row is in; no codes means that all are in one.
struct Groups {
  std::span<const uint32_t> codes = {};
  size_t count = 1;
};

// Rows group by group, each in ascending order of duration; rows of equal duration stay in order.
struct TimeOrder {
  std::vector<uint32_t> rows;
  std::vector<uint32_t> by_entry;  // The same in order of entry; empty if all enter at the start.
  std::vector<size_t> starts;      // Where each group begins in both, and the end.

  std::span<const uint32_t> rows_of(size_t group) const {
    return std::span(rows).subspan(starts[group], starts[group + 1] - starts[group]);
  }
  std::span<const uint32_t> by_entry_of(size_t group) const {
    if (by_entry.empty()) return {};
    return std::span(by_entry).subspan(starts[group], starts[group + 1] - starts[group]);
  }
};

// Cost: O(n).
TimeOrder OrderByTime(const Observed &observed, const Groups &groups, const Execution &execution);

// The counts of one group at each distinct duration, ascending. Events come before rows that are only
// known to be longer, and these leave before those come in who enter at the same time.
struct RiskTable {
  std::vector<double> times;
  std::vector<double> at_risk;  // Weight, just before the time.
  std::vector<double> events;   // Weight.
  std::vector<int64_t> rows_at_risk;
  std::vector<int64_t> event_rows;
  std::vector<int64_t> censored_rows;

  size_t size() const { return times.size(); }
};

// Cost: O(rows of the group).
RiskTable TabulateRisk(const Observed &observed, const TimeOrder &order, size_t group);

// Rows by group, whole duration and event, for tables of them without a sort and without the columns.
class DurationCounts {
 public:
  // For `rows` in `groups`. Durations are below rows / 8 over the groups, and below 2^28.
  DurationCounts(size_t rows, size_t groups);

  // Counts rows; no groups means that all are in the first. False if a duration is not such a number or
  // an event is not 0 or 1: then the counts are of no use.
  bool Add(std::span<const double> durations, std::span<const uint8_t> events,
           std::span<const uint32_t> groups = {});

  // By group. Cost: O(durations that were possible).
  std::vector<RiskTable> Tables() const;

 private:
  size_t groups_, lengths_;
  std::vector<uint32_t> counts_;
};

// The tables of all groups. Cost: O(n); without a sort where rows have no entry and no weight and the
// durations are whole numbers, none of them past n / 8 over the groups.
std::vector<RiskTable> TabulateRisks(const Observed &observed, const Groups &groups,
                                     const Execution &execution);

inline absl::Status CheckObserved(const Observed &observed) {
  const size_t n = observed.size();
  if (n == 0) return InvalidOption("duration", "0 rows", "at least 1");
  const auto check_rows = [&](std::string_view name, size_t rows, bool optional) -> absl::Status {
    if (rows == n || (optional && rows == 0)) return absl::OkStatus();
    return InvalidOption(name, absl::StrCat(rows, " rows"), absl::StrCat(n, " as in duration"));
  };
  PATRON_RETURN_IF_ERROR(check_rows("event", observed.event.size(), false));
  PATRON_RETURN_IF_ERROR(check_rows("entry", observed.entry.size(), true));
  PATRON_RETURN_IF_ERROR(check_rows("weight", observed.weight.size(), true));
  // One pass for all that durations may be, which a NaN is not; what is wrong is only looked for then.
  uint32_t sound = 1;
  for (const double v : observed.duration) {
    sound &= static_cast<uint32_t>(v >= 0) &
             static_cast<uint32_t>(v <= std::numeric_limits<double>::max());
  }
  if (sound == 0) PATRON_RETURN_IF_ERROR(CheckFinite("duration", observed.duration));
  PATRON_RETURN_IF_ERROR(CheckFinite("entry", observed.entry));
  PATRON_RETURN_IF_ERROR(CheckFinite("weight", observed.weight));
  if (sound == 0) {
    const auto negative = [](double v) { return v < 0; };
    const auto first = std::ranges::find_if(observed.duration, negative);
    return InvalidRow("duration", static_cast<uint64_t>(first - observed.duration.begin()),
                      FormatNumber(*first), "0 or more",
                      static_cast<uint64_t>(std::ranges::count_if(observed.duration, negative)));
  }
  uint8_t any = 0;
  for (const uint8_t byte : observed.event) any |= byte;
  if (any > 1) {
    const auto bad = std::ranges::find_if(observed.event, [](uint8_t byte) { return byte > 1; });
    return InvalidRow("event", static_cast<uint64_t>(bad - observed.event.begin()),
                      absl::StrCat(int{*bad}), "0 or 1");
  }
  size_t late = 0, first_late = 0;
  for (size_t i = 0; i < observed.entry.size(); ++i) {
    if (observed.entry[i] >= observed.duration[i] && late++ == 0) first_late = i;
  }
  if (late > 0) {
    return InvalidRow(
        "entry", first_late, FormatNumber(observed.entry[first_late]),
        absl::StrCat("a number below its duration, ", FormatNumber(observed.duration[first_late])),
        late);
  }
  const auto weightless = [](double v) { return !(v > 0); };
  if (const auto first = std::ranges::find_if(observed.weight, weightless);
      first != observed.weight.end()) {
    return InvalidRow("weight", static_cast<uint64_t>(first - observed.weight.begin()),
                      FormatNumber(*first), "a number above 0",
                      static_cast<uint64_t>(std::ranges::count_if(observed.weight, weightless)));
  }
  return absl::OkStatus();
}

namespace detail {

// Rows in ascending order of `keys`, put into groups from `starts` on.
inline std::vector<uint32_t> RowsByGroup(std::span<const double> keys, const Groups &groups,
                                         const std::vector<size_t> &starts,
                                         const Execution &execution) {
  std::vector<uint32_t> sorted = SortedRows(keys, execution);
  if (groups.codes.empty()) return sorted;
  std::vector<size_t> place = starts;
  std::vector<uint32_t> rows(sorted.size());
  for (const uint32_t row : sorted) rows[place[groups.codes[row]]++] = row;
  return rows;
}

}  // namespace detail

inline TimeOrder OrderByTime(const Observed &observed, const Groups &groups,
                             const Execution &execution) {
  TimeOrder order;
  order.starts.assign(groups.count + 1, 0);
  if (groups.codes.empty()) {
    order.starts.back() = observed.size();
  } else {
    for (const uint32_t code : groups.codes) ++order.starts[code + 1];
    std::partial_sum(order.starts.begin(), order.starts.end(), order.starts.begin());
  }
  order.rows = detail::RowsByGroup(observed.duration, groups, order.starts, execution);
  if (!observed.entry.empty()) {
    order.by_entry = detail::RowsByGroup(observed.entry, groups, order.starts, execution);
  }
  return order;
}

inline RiskTable TabulateRisk(const Observed &observed, const TimeOrder &order, size_t group) {
  const std::span<const uint32_t> rows = order.rows_of(group);
  const std::span<const uint32_t> entries = order.by_entry_of(group);
  RiskTable table;
  std::vector<double> sorted(rows.size());
  size_t distinct = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    sorted[i] = observed.duration[rows[i]];
    distinct += i == 0 || sorted[i] != sorted[i - 1] ? 1 : 0;
  }
  table.times.resize(distinct);
  table.at_risk.resize(distinct);
  table.events.resize(distinct);
  table.rows_at_risk.resize(distinct);
  table.event_rows.resize(distinct);
  table.censored_rows.resize(distinct);
  // From the last time down, so that the few who are left are not a difference of large sums.
  size_t end = rows.size(), waiting = entries.size();
  double weight = 0, to_come = 0;
  while (distinct-- > 0) {
    const double time = sorted[end - 1];
    size_t begin = end;
    double events = 0;
    int64_t event_rows = 0;
    for (; begin > 0 && sorted[begin - 1] == time; --begin) {
      const uint32_t row = rows[begin - 1];
      const double w = observed.weight_of(row);
      weight += w;
      if (observed.event[row] == 0) continue;
      events += w;
      ++event_rows;
    }
    while (waiting > 0 && observed.entry[entries[waiting - 1]] >= time) {
      to_come += observed.weight_of(entries[--waiting]);
    }
    const auto not_yet = static_cast<int64_t>(entries.size() - waiting);
    table.times[distinct] = time;
    table.at_risk[distinct] = weight - to_come;
    table.events[distinct] = events;
    table.rows_at_risk[distinct] = static_cast<int64_t>(rows.size() - begin) - not_yet;
    table.event_rows[distinct] = event_rows;
    table.censored_rows[distinct] = static_cast<int64_t>(end - begin) - event_rows;
    // All of one weight die: what is left is nothing, not the rounding of a difference.
    if (table.rows_at_risk[distinct] == event_rows) table.at_risk[distinct] = events;
    end = begin;
  }
  return table;
}

namespace detail {

// places[i] = 2 x duration + event. False if a duration is not a whole number from 0 to below `lengths`,
// at most 2^28, or an event is not 0 or 1; the places then mean nothing.
inline bool WholePlaces(std::span<const double> durations, std::span<const uint8_t> events,
                        size_t lengths, uint32_t *places) {
  // The low bits of a number from 2^52 on are those of its whole part.
  constexpr double kShift = 0x1p52;
  uint64_t far = 0, between = 0;
  for (size_t i = 0; i < durations.size(); ++i) {
    const double shifted = durations[i] + kShift;
    const uint64_t length = std::bit_cast<uint64_t>(shifted) - std::bit_cast<uint64_t>(kShift);
    far |= length >> 28;
    between |= std::bit_cast<uint64_t>((shifted - kShift) - durations[i]);
    places[i] = static_cast<uint32_t>(length);
  }
  uint32_t most = 0, other = 0;
  for (size_t i = 0; i < durations.size(); ++i) {
    most = std::max(most, places[i]);
    other |= events[i];
    places[i] = places[i] * 2 + events[i];
  }
  return far == 0 && between == 0 && most < lengths && other < 2;
}

// How many whole durations are worth a count each, for so many rows in each of the groups; 0 for none.
inline size_t WholeLengths(size_t rows, size_t groups) {
  const size_t lengths = rows / 8 / std::max<size_t>(groups, 1);
  return lengths < (1U << 28) ? lengths : 0;
}

}  // namespace detail

inline DurationCounts::DurationCounts(size_t rows, size_t groups)
    : groups_(groups),
      lengths_(detail::WholeLengths(rows, groups)),
      counts_(groups * lengths_ * 2) {}

inline bool DurationCounts::Add(std::span<const double> durations, std::span<const uint8_t> events,
                                std::span<const uint32_t> groups) {
  constexpr size_t kBlock = 1024;
  uint32_t places[kBlock];
  for (size_t begin = 0; begin < durations.size(); begin += kBlock) {
    const size_t size = std::min(kBlock, durations.size() - begin);
    if (!detail::WholePlaces(durations.subspan(begin, size), events.subspan(begin, size), lengths_,
                             places)) {
      return false;
    }
    if (groups.empty()) {
      for (size_t i = 0; i < size; ++i) ++counts_[places[i]];
    } else {
      for (size_t i = 0; i < size; ++i) {
        ++counts_[size_t{groups[begin + i]} * lengths_ * 2 + places[i]];
      }
    }
  }
  return true;
}

namespace detail {

// The table of one group of those counts.
inline RiskTable TableOfCounts(std::span<const uint32_t> counts) {
  RiskTable table;
  int64_t at_risk = 0;
  for (const uint32_t count : counts) at_risk += count;
  for (size_t length = 0; 2 * length < counts.size(); ++length) {
    const int64_t censored = counts[2 * length], events = counts[2 * length + 1];
    if (censored + events == 0) continue;
    table.times.push_back(static_cast<double>(length));
    table.at_risk.push_back(static_cast<double>(at_risk));
    table.events.push_back(static_cast<double>(events));
    table.rows_at_risk.push_back(at_risk);
    table.event_rows.push_back(events);
    table.censored_rows.push_back(censored);
    at_risk -= censored + events;
  }
  return table;
}

}  // namespace detail

inline std::vector<RiskTable> DurationCounts::Tables() const {
  std::vector<RiskTable> tables;
  tables.reserve(groups_);
  for (size_t group = 0; group < groups_; ++group) {
    tables.push_back(
        detail::TableOfCounts(std::span(counts_).subspan(group * lengths_ * 2, lengths_ * 2)));
  }
  return tables;
}

inline std::vector<RiskTable> TabulateRisks(const Observed &observed, const Groups &groups,
                                            const Execution &execution) {
  if (observed.entry.empty() && observed.weight.empty()) {
    DurationCounts counts(observed.size(), groups.count);
    if (counts.Add(observed.duration, observed.event, groups.codes)) return counts.Tables();
  }
  std::vector<RiskTable> tables;
  tables.reserve(groups.count);
  const TimeOrder order = OrderByTime(observed, groups, execution);
  for (size_t group = 0; group < groups.count; ++group) {
    tables.push_back(TabulateRisk(observed, order, group));
  }
  return tables;
}

}  // namespace patron::loyalty

#endif  // PATRON_LOYALTY_RISK_TABLE_HPP_
