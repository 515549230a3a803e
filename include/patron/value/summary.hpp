// The customer summary of the buy-till-you-die literature: frequency, recency, T, monetary value.
#ifndef PATRON_VALUE_SUMMARY_HPP_
#define PATRON_VALUE_SUMMARY_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/ids.hpp"
#include "patron/base/money.hpp"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/value/customer_occasions.hpp"
#include "patron/value/occasion_entries.hpp"
#include "patron/value/occasion_groups.hpp"
#include "patron/value/occasions.hpp"
#include "patron/value/transactions.hpp"

namespace patron::value {

// A unit of durations. A year has 365.25 days, a month is a twelfth of it.
enum class Unit { kSecond, kHour, kDay, kWeek, kMonth, kYear };

struct SummaryOptions {
  Unit unit = Unit::kDay;
  int64_t observation_end = kNoTime;  // Last instant that counts; kNoTime = the last row that does.
  int64_t calibration_end =
      kNoTime;       // Last instant of the calibration period; kNoTime = no holdout.
  int decimals = 0;  // Mean values are in currency, of 10^decimals money units.
  bool log_intervals = false;
};

// One customer up to the end of a period: see the columns of CustomerSummaries.
struct CustomerSummary {
  int64_t frequency = 0;
  double recency = 0;
  double T = 0;
  double monetary_value = 0;
  double log_intervals = 0;
  int64_t orders = 0;
  int64_t first = kNoTime, last = kNoTime;
};

// One row a customer with a purchase, ordered by id. With MergeBy::kDay, times are compared by
// their civil days, the days of the ends included, and durations are whole days.
//
// With a calibration period the columns up to `last` are what a summary to its end would give, and
// the holdout columns speak of the purchases that begin after it, up to the end of observation.
struct CustomerSummaries {
  std::vector<uint32_t> customer;      // Codes in the state's customers().
  std::vector<int64_t> frequency;      // Repeat purchases: those after the first.
  std::vector<double> recency;         // From the first to the last purchase, in units.
  std::vector<double> T;               // From the first purchase to the end, in units.
  std::vector<double> monetary_value;  // Mean value of the repeat purchases; 0 without any.
  std::vector<int64_t> orders;         // Purchases, the first included.
  std::vector<int64_t> gross;          // Sum of purchases, in money units.
  std::vector<int64_t> refunds;        // Sum of refunds, not above 0; 0 with Refunds::kIgnore.
  std::vector<int64_t> net;            // gross + refunds, whatever the rule on refunds.
  std::vector<int64_t> first, last;    // Times of the first rows of the first and last purchase.

  // Sum of the natural logarithms of the times between purchases, in units, if asked for: what
  // models of regular buyers read. Purchases at one instant, which MergeBy::kDay does not leave
  // apart, have no time between them and add nothing. Else empty.
  std::vector<double> log_intervals;

  // Empty without a calibration period.
  std::vector<int64_t> frequency_holdout;
  std::vector<double> monetary_value_holdout;  // Mean value of these purchases; 0 without any.
  std::vector<double> duration_holdout;  // From the end of calibration to that of observation.

  RowReport report;

  size_t size() const { return customer.size(); }
};

// Summarises what `state` has seen. The value of a purchase is the sum of its rows, with
// Refunds::kNet less the refunds that belong to it.
//
// Without a purchase by the end there are no rows, but all columns. Errors: InvalidArgument if
// calibration does not end before observation; OutOfRange for a customer whose sums pass the money range; ResourceExhausted
// if a task ran out of memory; Cancelled. Cost: O(n) and a sort of each customer's rows; scratch 4
// bytes a row.
absl::StatusOr<CustomerSummaries> Summarize(const Occasions &state, const SummaryOptions &options,
                                            const Execution &execution = {});

// The same in one call, with the ids that the codes stand for.
struct SourceSummary {
  IdIndex customers;
  CustomerSummaries summary;
};

// Errors: as above, and those of Occasions::Create and Occasions::Update. Scratch 36 bytes a row.
absl::StatusOr<SourceSummary> Summarize(const TransactionSource &source, const OccasionRule &rule,
                                        const SummaryOptions &options,
                                        const Execution &execution = {});

// The summary of the purchases of one customer, of which there is at least one, up to `end`: the
// day or instant that T runs to.
CustomerSummary SummaryOf(std::span<const Occasion> occasions, int64_t end, MergeBy merge,
                          Refunds refunds, const SummaryOptions &options);

// The ends of the periods of a summary as days or instants, and durations between such positions.
struct ObservationPeriods {
  int64_t calibration;  // Equal to `observation` without a calibration period.
  int64_t observation;
  int64_t late;  // Rows after it are late; none is without a given end of observation.
  bool holdout;
};

// `last` is the last position of the rows that count. Errors: InvalidArgument as in Summarize.
absl::StatusOr<ObservationPeriods> PeriodsOf(const SummaryOptions &options, MergeBy merge,
                                             CivilDays &days, int64_t last);

// Units from position `begin` to `end`, which may be far apart. Exact up to the last rounding.
double DurationBetween(int64_t begin, int64_t end, MergeBy merge, Unit unit);

namespace detail {

inline constexpr double kDaysPerYear = 365.25;

inline double UnitsPerDay(Unit unit) {
  switch (unit) {
    case Unit::kSecond: return 86400.0;
    case Unit::kHour: return 24.0;
    default: return 1.0;
  }
}

inline double DaysPerUnit(Unit unit) {
  switch (unit) {
    case Unit::kWeek: return 7.0;
    case Unit::kMonth: return kDaysPerYear / 12;
    case Unit::kYear: return kDaysPerYear;
    default: return 1.0;
  }
}

inline double MicrosPerUnit(Unit unit) {
  return DaysPerUnit(unit) * (static_cast<double>(kMicrosPerDay) / UnitsPerDay(unit));
}

// Writes the summaries of a block of customers; each has its place by rank, whether it is kept or
// not.
class SummaryWriter {
 public:
  SummaryWriter(const Occasions &state, const SummaryOptions &options,
                const ObservationPeriods &periods, CustomerSummaries &out, std::span<uint8_t> kept)
      : state_(state), options_(options), periods_(periods), out_(out), kept_(kept) {}

  // Scratch and tallies of one task.
  struct Tally {
    CustomerOccasions told;
    RowReport report;
  };

  absl::Status Write(size_t place, std::span<const Entry> entries, Tally &tally) const;

 private:
  absl::Status Narrow(std::string_view column, size_t place, Int128 sum, int64_t &units) const;

  const Occasions &state_;
  const SummaryOptions &options_;
  const ObservationPeriods &periods_;
  CustomerSummaries &out_;
  std::span<uint8_t> kept_;
};

inline double MeanValue(std::span<const Occasion> occasions, Refunds refunds, int decimals) {
  if (occasions.empty()) return 0;
  Int128 sum = 0;
  for (const Occasion &occasion : occasions) sum += CustomerOccasions::Value(occasion, refunds);
  return MeanFromUnits(sum, occasions.size(), decimals);
}

inline absl::Status SummaryWriter::Narrow(std::string_view column, size_t place, Int128 sum,
                                          int64_t &units) const {
  if (NarrowMoney(sum, units)) return absl::OkStatus();
  const std::string id = state_.customers().Format(out_.customer[place]);
  const std::string most = FormatMoney(kMaxMoney, options_.decimals);
  return absl::OutOfRangeError(absl::StrCat(Text(column), ": customer ", id, " has ",
                                            FormatMoney(sum, options_.decimals),
                                            "; expected an amount between -", most, " and ", most));
}

inline absl::Status SummaryWriter::Write(size_t place, std::span<const Entry> entries,
                                         Tally &tally) const {
  CustomerOccasions &told = tally.told;
  TellOccasions(entries, state_, periods_.late, told);
  RowReport &report = tally.report;
  report.Add(told.report);

  const auto in_calibration = [&](const Occasion &occasion) {
    return occasion.position <= periods_.calibration;
  };
  if (told.occasions.empty() || !in_calibration(told.occasions.front())) {
    ++report.without_purchase;
    return absl::OkStatus();
  }
  kept_[place] = 1;
  if (periods_.holdout) {
    const auto begin = std::ranges::partition_point(told.occasions, in_calibration);
    const std::span<const Occasion> holdout(begin, told.occasions.end());
    out_.frequency_holdout[place] = static_cast<int64_t>(holdout.size());
    out_.monetary_value_holdout[place] =
        MeanValue(holdout, state_.rule().refunds, options_.decimals);
    TellOccasions(entries, state_, periods_.calibration, told);
  }
  const CustomerSummary one = SummaryOf(told.occasions, periods_.calibration, state_.merge(),
                                        state_.rule().refunds, options_);
  out_.frequency[place] = one.frequency;
  out_.orders[place] = one.orders;
  out_.recency[place] = one.recency;
  out_.T[place] = one.T;
  out_.monetary_value[place] = one.monetary_value;
  out_.first[place] = one.first;
  out_.last[place] = one.last;
  if (options_.log_intervals) out_.log_intervals[place] = one.log_intervals;
  PATRON_RETURN_IF_ERROR(Narrow("gross", place, told.gross, out_.gross[place]));
  PATRON_RETURN_IF_ERROR(Narrow("refunds", place, told.refunds, out_.refunds[place]));
  return Narrow("net", place, told.gross + told.refunds, out_.net[place]);
}

// Calls `each(column)` for all columns of the summary that have a row a customer.
template <typename Each>
void ForEachColumn(CustomerSummaries &summary, bool holdout, bool log_intervals, Each each) {
  each(summary.customer);
  each(summary.frequency);
  each(summary.recency);
  each(summary.T);
  each(summary.monetary_value);
  each(summary.orders);
  each(summary.gross);
  each(summary.refunds);
  each(summary.net);
  each(summary.first);
  each(summary.last);
  if (log_intervals) each(summary.log_intervals);
  if (!holdout) return;
  each(summary.frequency_holdout);
  each(summary.monetary_value_holdout);
}

// Passes the progress of one of two equal halves of a call on.
class HalfProgress {
 public:
  HalfProgress(const Execution &outer, bool second) : outer_(outer), second_(second) {}
  HalfProgress(const HalfProgress &) = delete;

  Execution execution() {
    return {.executor = outer_.executor,
            .progress = outer_.progress == nullptr ? nullptr : &Report,
            .progress_user = this};
  }

 private:
  static bool Report(void *user, uint64_t done, uint64_t total) {
    const auto *half = static_cast<const HalfProgress *>(user);
    return half->outer_.progress(half->outer_.progress_user, (half->second_ ? total : 0) + done,
                                 2 * total);
  }

  const Execution &outer_;
  bool second_;
};

}  // namespace detail

inline double DurationBetween(int64_t begin, int64_t end, MergeBy merge, Unit unit) {
  const Int128 span = static_cast<Int128>(end) - begin;
  const auto exact = static_cast<double>(span);
  if (merge != MergeBy::kDay) return exact / detail::MicrosPerUnit(unit);
  return exact * detail::UnitsPerDay(unit) / detail::DaysPerUnit(unit);
}

inline CustomerSummary SummaryOf(std::span<const Occasion> occasions, int64_t end, MergeBy merge,
                                 Refunds refunds, const SummaryOptions &options) {
  const Occasion &first = occasions.front(), &last = occasions.back();
  CustomerSummary summary;
  summary.orders = static_cast<int64_t>(occasions.size());
  summary.frequency = summary.orders - 1;
  summary.recency = DurationBetween(first.position, last.position, merge, options.unit);
  summary.T = DurationBetween(first.position, end, merge, options.unit);
  summary.monetary_value = detail::MeanValue(occasions.subspan(1), refunds, options.decimals);
  summary.first = first.time;
  summary.last = last.time;
  for (size_t i = 1; options.log_intervals && i < occasions.size(); ++i) {
    const double between =
        DurationBetween(occasions[i - 1].position, occasions[i].position, merge, options.unit);
    if (between > 0) summary.log_intervals += std::log(between);
  }
  return summary;
}

inline absl::StatusOr<ObservationPeriods> PeriodsOf(const SummaryOptions &options, MergeBy merge,
                                                    CivilDays &days, int64_t last) {
  const auto position = [&](int64_t time) -> int64_t {
    return merge == MergeBy::kDay ? days.DayOf(time) : time;
  };
  const bool given = options.observation_end != kNoTime;
  ObservationPeriods periods{};
  periods.observation = given ? position(options.observation_end) : last;
  periods.late = given ? periods.observation : std::numeric_limits<int64_t>::max();
  periods.calibration = periods.observation;
  if (options.calibration_end == kNoTime) return periods;
  periods.holdout = true;
  periods.calibration = position(options.calibration_end);
  if (periods.calibration < periods.observation) return periods;
  const std::string end = given                    ? FormatTime(options.observation_end)
                          : merge == MergeBy::kDay ? FormatDay(last)
                                                   : FormatTime(last);
  return InvalidOption("calibration_end", FormatTime(options.calibration_end),
                       absl::StrCat(merge == MergeBy::kDay ? "a day" : "an instant",
                                    " before the end of observation, ", end));
}

inline absl::StatusOr<CustomerSummaries> Summarize(const Occasions &state,
                                                   const SummaryOptions &options,
                                                   const Execution &execution) {
  PATRON_RETURN_IF_ERROR(CheckDecimals("decimals", options.decimals));
  // Where no row counts no one asks when observation ends.
  const int64_t last = LastPosition(state).value_or(std::numeric_limits<int64_t>::max());
  CivilDays days = state.days();
  PATRON_ASSIGN_OR_RETURN(const ObservationPeriods periods,
                          PeriodsOf(options, state.merge(), days, last));

  CustomerSummaries out;
  out.customer = state.customers().Ascending();
  const size_t seen = out.customer.size();
  detail::ForEachColumn(out, periods.holdout, options.log_intervals,
                        [&](auto &column) { column.resize(seen); });
  std::vector<uint8_t> kept(seen);
  const detail::EntryGroups groups(state.entries(), out.customer, execution);
  const detail::SummaryWriter writer(state, options, periods, out, kept);
  std::vector<detail::SummaryWriter::Tally> tallies(groups.Slots(execution));
  PATRON_RETURN_IF_ERROR(groups.ForEach(
      execution,
      [&](size_t slot, size_t place, std::span<Entry> entries) {
        return writer.Write(place, entries, tallies[slot]);
      },
      [] {}));

  size_t size = 0;
  for (const uint8_t keep : kept) size += keep;
  detail::ForEachColumn(out, periods.holdout, options.log_intervals, [&](auto &column) {
    size_t to = 0;
    for (size_t from = 0; from < seen; ++from) {
      if (kept[from] != 0) column[to++] = column[from];
    }
    column.resize(size);
  });
  if (periods.holdout) {
    out.duration_holdout.assign(size, DurationBetween(periods.calibration, periods.observation,
                                                      state.merge(), options.unit));
  }
  for (const auto &tally : tallies) out.report.Add(tally.report);
  out.report.rows = state.rows();
  out.report.skipped_null = state.skipped_null();
  out.report.customers = size;
  return out;
}

inline absl::StatusOr<SourceSummary> Summarize(const TransactionSource &source,
                                               const OccasionRule &rule,
                                               const SummaryOptions &options,
                                               const Execution &execution) {
  PATRON_ASSIGN_OR_RETURN(Occasions state, Occasions::Create(rule));
  detail::HalfProgress reading(execution, false), telling(execution, true);
  PATRON_RETURN_IF_ERROR(state.Update(source, reading.execution()));
  PATRON_ASSIGN_OR_RETURN(CustomerSummaries summary,
                          Summarize(state, options, telling.execution()));
  return SourceSummary{std::move(state).TakeCustomers(), std::move(summary)};
}

}  // namespace patron::value

#endif  // PATRON_VALUE_SUMMARY_HPP_
