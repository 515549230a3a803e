// Cohorts: how customers who first bought in the same period stay, come back and spend.
#ifndef PATRON_VALUE_COHORTS_HPP_
#define PATRON_VALUE_COHORTS_HPP_

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
#include "patron/base/money.hpp"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/value/customer_occasions.hpp"
#include "patron/value/occasion_entries.hpp"
#include "patron/value/occasion_groups.hpp"
#include "patron/value/occasions.hpp"
#include "patron/value/summary.hpp"
#include "patron/value/transactions.hpp"

namespace patron::value {

struct CohortOptions {
  Period period = Period::kMonth;
  int64_t observation_end = kNoTime;  // Its day is the last that counts; kNoTime = the last row's.
};

// One row for each period in which someone bought first, and each age of it up to the period of the
// last day. The last period may be cut short by the end of observation.
struct CohortTable {
  std::vector<int32_t> cohort;  // First day of the period, counted from 1970-01-01.
  std::vector<int64_t> age;     // Periods since.
  std::vector<int64_t> size;    // Customers of the cohort.
  std::vector<int64_t> active;  // Those with a purchase in the period of that age.
  std::vector<double> active_share;
  std::vector<int64_t> survivors;  // Those with a purchase in that period or later.
  std::vector<double> survivor_share;
  std::vector<int64_t> repeaters;  // Those with a second purchase day by the end of that period.
  std::vector<double> repeat_share;
  std::vector<int64_t> value;  // Of that period: purchases, with Refunds::kNet less the
                               // refunds made in it, in money units.
  std::vector<int64_t> cumulative_value;
  RowReport report;

  size_t rows() const { return cohort.size(); }
};

// Most rows that a table of cohorts may have.
inline constexpr int64_t kMostCohortRows = int64_t{1} << 24;

// Follows the cohorts of `state`, which merges by day. Refunds before the period of the customer's
// first purchase are in no row; all before the first purchase are reported as orphans.
//
// Without a purchase by the end there are no rows. Errors: InvalidArgument if `state` does not merge by day, or if the table would have more than kMostCohortRows rows; OutOfRange for a value past the money
// range; ResourceExhausted if a task ran out of memory; Cancelled. Cost: O(n) and a sort of each
// customer's rows; scratch 4 bytes a row.
absl::StatusOr<CohortTable> FollowCohorts(const Occasions &state, const CohortOptions &options,
                                          const Execution &execution = {});

// The same in one call; `rule.merge` is taken to be by day. Errors: as above, and those of
// Occasions::Create and Occasions::Update. Scratch 36 bytes a row.
absl::StatusOr<CohortTable> FollowCohorts(const TransactionSource &source, OccasionRule rule,
                                          const CohortOptions &options,
                                          const Execution &execution = {});

namespace detail {

// What one customer adds to the row of its cohort and one age.
struct CohortChange {
  uint32_t row;
  bool active;   // It bought in that period,
  bool last;     // for the last time,
  bool repeats;  // and that period has its second purchase day.
  Int128 value;
};

struct CohortCell {
  int64_t active = 0;
  int64_t last = 0;
  int64_t repeats = 0;
  Int128 value = 0;
};

// Where the rows of each cohort begin, in order of the cohorts.
class CohortRows {
 public:
  // Errors: InvalidArgument for too many rows.
  static absl::StatusOr<CohortRows> Make(std::vector<int64_t> cohorts, int64_t last_period) {
    std::ranges::sort(cohorts);
    cohorts.erase(std::unique(cohorts.begin(), cohorts.end()), cohorts.end());
    CohortRows rows;
    Int128 total = 0;
    for (const int64_t cohort : cohorts) {
      rows.begins_.push_back(static_cast<uint32_t>(std::min<Int128>(total, kMostCohortRows)));
      total += static_cast<Int128>(last_period) - cohort + 1;
    }
    if (total > kMostCohortRows) {
      return absl::InvalidArgumentError(absl::StrCat("period: ", FormatMoney(total, 0),
                                                     " cohort rows; expected at most ",
                                                     kMostCohortRows, ": choose a longer period"));
    }
    rows.total_ = static_cast<size_t>(total);
    rows.cohorts_ = std::move(cohorts);
    return rows;
  }

  size_t total() const { return total_; }
  std::span<const int64_t> cohorts() const { return cohorts_; }
  uint32_t begin(size_t cohort) const { return begins_[cohort]; }
  size_t Find(int64_t cohort) const {
    return static_cast<size_t>(std::ranges::lower_bound(cohorts_, cohort) - cohorts_.begin());
  }

 private:
  std::vector<int64_t> cohorts_;
  std::vector<uint32_t> begins_;
  size_t total_ = 0;
};

// Follows one customer through its sorted entries up to the day `end`.
class CohortFollower {
 public:
  CohortFollower(const OccasionRule &rule, Period period, int64_t end, const CohortRows &rows)
      : rule_(rule), period_(period), end_(end), rows_(rows) {}

  void Follow(std::span<const Entry> entries, std::vector<CohortChange> &changes,
              RowReport &report) const;

 private:
  const OccasionRule &rule_;
  Period period_;
  int64_t end_;
  const CohortRows &rows_;
};

inline void CohortFollower::Follow(std::span<const Entry> entries,
                                   std::vector<CohortChange> &changes, RowReport &report) const {
  const auto is_purchase = [&](const Entry &entry) {
    return entry.key <= end_ && entry.amount >= 0 && Counts(entry, rule_);
  };
  const auto first = std::ranges::find_if(entries, is_purchase);
  const bool bought = first != entries.end();
  const int64_t first_day = bought ? first->key : std::numeric_limits<int64_t>::max();
  const int64_t cohort = bought ? PeriodOfDay(period_, first_day) : 0;
  const uint32_t begin = bought ? rows_.begin(rows_.Find(cohort)) : 0;
  const int64_t cohort_start =
      bought ? FirstDayOf(period_, cohort) : std::numeric_limits<int64_t>::max();
  if (!bought) ++report.without_purchase;

  const size_t before = changes.size();
  int64_t next_period_start = std::numeric_limits<int64_t>::min();
  bool repeats = false;
  for (const Entry &entry : entries) {
    if (entry.key > end_) {
      report.skipped_late += entry.rows;
      continue;
    }
    const EntryKind kind = KindOf(entry.amount);
    if (kind == EntryKind::kRefund) {
      report.refunds += entry.rows;
      if (rule_.refunds != Refunds::kIgnore && entry.key < first_day)
        report.orphan_refunds += entry.rows;
      if (rule_.refunds != Refunds::kNet) continue;
    } else if (!Counts(entry, rule_)) {
      report.skipped_zero += entry.rows;
      continue;
    }
    report.used += entry.rows;
    if (entry.key < cohort_start) continue;
    if (entry.key >= next_period_start) {
      const int64_t period = PeriodOfDay(period_, entry.key);
      next_period_start = FirstDayOf(period_, period + 1);
      changes.push_back({static_cast<uint32_t>(begin + (period - cohort)), false, false, false, 0});
    }
    CohortChange &change = changes.back();
    change.value += entry.amount;
    if (kind == EntryKind::kRefund) continue;
    change.active = true;
    if (!repeats && entry.key != first_day) change.repeats = repeats = true;
  }
  for (size_t i = changes.size(); i-- > before;) {
    if (!changes[i].active) continue;
    changes[i].last = true;
    break;
  }
}

// First purchase periods of all customers that have one by the day `end`.
inline std::vector<int64_t> FirstPeriods(const Occasions &state, Period period, int64_t end) {
  constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
  std::vector<int64_t> first(state.customers().size(), kNever);
  for (const Entry &entry : state.entries()) {
    if (entry.amount < 0 || entry.key > end || !Counts(entry, state.rule())) continue;
    first[entry.customer] = std::min(first[entry.customer], entry.key);
  }
  std::erase(first, kNever);
  for (int64_t &day : first) day = PeriodOfDay(period, day);
  return first;
}

inline absl::Status FillCohortTable(Period period, const CohortRows &rows,
                                    std::span<const CohortCell> cells, CohortTable &table) {
  const auto narrow = [&](std::string_view column, size_t row, Int128 sum, int64_t &units) {
    if (NarrowMoney(sum, units)) return absl::OkStatus();
    return absl::OutOfRangeError(
        absl::StrCat(Text(column), ": cohort ", FormatDay(table.cohort[row]), " at age ",
                     table.age[row], " has ", FormatMoney(sum, 0),
                     " money units; expected an amount between -", kMaxMoney, " and ", kMaxMoney));
  };
  for (size_t c = 0; c < rows.cohorts().size(); ++c) {
    const size_t begin = rows.begin(c);
    const size_t end = c + 1 < rows.cohorts().size() ? rows.begin(c + 1) : rows.total();
    int64_t size = 0;
    for (size_t row = begin; row < end; ++row) size += cells[row].last;
    int64_t survivors = size;
    int64_t repeaters = 0;
    Int128 value = 0;
    const auto share = [&](int64_t count) {
      return static_cast<double>(count) / static_cast<double>(size);
    };
    for (size_t row = begin; row < end; ++row) {
      const CohortCell &cell = cells[row];
      repeaters += cell.repeats;
      value += cell.value;
      table.cohort.push_back(static_cast<int32_t>(FirstDayOf(period, rows.cohorts()[c])));
      table.age.push_back(static_cast<int64_t>(row - begin));
      table.size.push_back(size);
      table.active.push_back(cell.active);
      table.active_share.push_back(share(cell.active));
      table.survivors.push_back(survivors);
      table.survivor_share.push_back(share(survivors));
      table.repeaters.push_back(repeaters);
      table.repeat_share.push_back(share(repeaters));
      PATRON_RETURN_IF_ERROR(narrow("value", row, cell.value, table.value.emplace_back()));
      PATRON_RETURN_IF_ERROR(
          narrow("cumulative_value", row, value, table.cumulative_value.emplace_back()));
      survivors -= cell.last;
    }
    table.report.customers += static_cast<uint64_t>(size);
  }
  return absl::OkStatus();
}

}  // namespace detail

inline absl::StatusOr<CohortTable> FollowCohorts(const Occasions &state,
                                                 const CohortOptions &options,
                                                 const Execution &execution) {
  if (state.merge() != MergeBy::kDay) {
    return absl::InvalidArgumentError(
        "merge: cohorts are told from purchase days; expected a merge by day");
  }
  CivilDays days = state.days();
  const bool given = options.observation_end != kNoTime;
  // Where no row counts there is no cohort, and no one asks when observation ends.
  const int64_t observation =
      given ? days.DayOf(options.observation_end) : LastPosition(state).value_or(0);
  const int64_t end = given ? observation : std::numeric_limits<int64_t>::max();
  std::vector<int64_t> first = detail::FirstPeriods(state, options.period, end);
  PATRON_ASSIGN_OR_RETURN(
      const detail::CohortRows rows,
      detail::CohortRows::Make(std::move(first), PeriodOfDay(options.period, observation)));

  struct Part {
    std::vector<detail::CohortChange> changes;
    RowReport report;
  };
  const detail::CohortFollower follower(state.rule(), options.period, end, rows);
  const std::vector<uint32_t> customers = state.customers().Ascending();
  const detail::EntryGroups groups(state.entries(), customers, execution);
  std::vector<Part> parts(groups.Slots(execution));
  std::vector<detail::CohortCell> cells(rows.total());
  PATRON_RETURN_IF_ERROR(groups.ForEach(
      execution,
      [&](size_t slot, size_t, std::span<Entry> entries) {
        follower.Follow(entries, parts[slot].changes, parts[slot].report);
        return absl::OkStatus();
      },
      [&] {
        for (Part &part : parts) {
          for (const detail::CohortChange &change : part.changes) {
            detail::CohortCell &cell = cells[change.row];
            cell.active += change.active ? 1 : 0;
            cell.last += change.last ? 1 : 0;
            cell.repeats += change.repeats ? 1 : 0;
            cell.value += change.value;
          }
          part.changes.clear();
        }
      }));

  CohortTable table;
  PATRON_RETURN_IF_ERROR(detail::FillCohortTable(options.period, rows, cells, table));
  for (const Part &part : parts) table.report.Add(part.report);
  table.report.rows = state.rows();
  table.report.skipped_null = state.skipped_null();
  return table;
}

inline absl::StatusOr<CohortTable> FollowCohorts(const TransactionSource &source, OccasionRule rule,
                                                 const CohortOptions &options,
                                                 const Execution &execution) {
  rule.merge = MergeBy::kDay;
  PATRON_ASSIGN_OR_RETURN(Occasions state, Occasions::Create(std::move(rule)));
  detail::HalfProgress reading(execution, false), following(execution, true);
  PATRON_RETURN_IF_ERROR(state.Update(source, reading.execution()));
  return FollowCohorts(state, options, following.execution());
}

}  // namespace patron::value

#endif  // PATRON_VALUE_COHORTS_HPP_
