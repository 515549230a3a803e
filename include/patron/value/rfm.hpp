// Recency, frequency and monetary value of customers, measured from transactions.
#ifndef PATRON_VALUE_RFM_HPP_
#define PATRON_VALUE_RFM_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/ids.hpp"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/value/customer_totals.hpp"
#include "patron/value/total_customers.hpp"
#include "patron/value/transactions.hpp"

namespace patron::value {

// What recency, frequency and monetary value mean. Scores are given by ScoreRfm (rfm_scores.hpp).
struct RfmRule {
  PurchaseUnit frequency = PurchaseUnit::kOrder;  // Rows without orders count one by one.
  Refunds refunds = Refunds::kNet;
  Zeros zeros = Zeros::kCount;
  int64_t as_of = kNoTime;  // Exclusive end; kNoTime is the midnight after the last row.
  int64_t window_days = 0;  // Only the days from this many before that of as_of; 0 is all.

  friend bool operator==(const RfmRule &, const RfmRule &) = default;
};

// One row per customer with a purchase, ascending by id.
struct RfmMeasures {
  std::vector<uint32_t> customer;  // Codes of the totals' customers().
  std::vector<int64_t> recency;    // Days from the day of the last purchase to that of as_of.
  std::vector<int64_t> frequency;  // Orders, rows or purchase days.
  std::vector<int64_t> monetary;   // Sum in money units.
  int64_t as_of = kNoTime;
  RowReport report;

  // Mean amount of an order, row or day, in money units.
  std::vector<double> MeanMonetary() const;
};

// The rows that `rule` lets count, as a rule of totals. Errors: InvalidArgument if there is a
// window without as_of, or it is negative.
absl::StatusOr<TotalsRule> TotalsRuleOf(const RfmRule &rule, CivilDays days);

// Totals of `source` under `rule`. With a window and no as_of the rows are read twice.
// Errors: as for TotalCustomers and TotalsRuleOf; OutOfRange for times too late to have a midnight.
absl::StatusOr<CustomerTotals> TotalForRfm(const TransactionSource &source, const RfmRule &rule,
                                           const CivilDays &days, const Execution &execution = {});

// Measures from totals taken under `rule`.
// Errors: OutOfRange naming the customer whose monetary value needs more than 64 bits.
// Cost: O(customers).
absl::StatusOr<RfmMeasures> MeasureRfm(const CustomerTotals &totals, const RfmRule &rule);

namespace detail {

inline absl::StatusOr<int64_t> MidnightAfter(int64_t last_row, CivilDays days) {
  if (last_row == kNoTime) return kNoTime;
  if (last_row > std::numeric_limits<int64_t>::max() - 3 * kMicrosPerDay) {
    return absl::OutOfRangeError(
        absl::StrCat("as_of: the last row is at ", last_row,
                     " microseconds; expected a day after it within int64"));
  }
  return days.StartOf(int64_t{days.DayOf(last_row)} + 1);
}

}  // namespace detail

inline std::vector<double> RfmMeasures::MeanMonetary() const {
  std::vector<double> mean(monetary.size());
  for (size_t i = 0; i < mean.size(); ++i) {
    mean[i] = static_cast<double>(monetary[i]) / static_cast<double>(frequency[i]);
  }
  return mean;
}

inline absl::StatusOr<TotalsRule> TotalsRuleOf(const RfmRule &rule, CivilDays days) {
  TotalsRule totals{.refunds = rule.refunds, .zeros = rule.zeros, .unit = rule.frequency};
  if (rule.window_days < 0) {
    return InvalidOption("window", absl::StrCat(rule.window_days, " days"), "0 or more");
  }
  if (rule.as_of == kNoTime) {
    if (rule.window_days == 0) return totals;
    return absl::InvalidArgumentError("window: given without as_of; expected both");
  }
  totals.end = rule.as_of;
  if (rule.window_days == 0) return totals;
  const int64_t day = int64_t{days.DayOf(rule.as_of)};
  // Before the first day that microseconds can tell, a window is no bound.
  const int64_t first = FloorDivide(std::numeric_limits<int64_t>::min(), kMicrosPerDay) + 2;
  if (rule.window_days < day - first) totals.begin = days.StartOf(day - rule.window_days);
  return totals;
}

inline absl::StatusOr<CustomerTotals> TotalForRfm(const TransactionSource &source,
                                                  const RfmRule &rule, const CivilDays &days,
                                                  const Execution &execution) {
  RfmRule complete = rule;
  if (rule.as_of == kNoTime && rule.window_days > 0) {
    RfmRule open = rule;
    open.window_days = 0;
    open.frequency = PurchaseUnit::kRow;
    PATRON_ASSIGN_OR_RETURN(const CustomerTotals all, TotalForRfm(source, open, days, execution));
    PATRON_ASSIGN_OR_RETURN(complete.as_of, detail::MidnightAfter(all.last_row(), days));
    if (complete.as_of == kNoTime) complete.window_days = 0;
  }
  PATRON_ASSIGN_OR_RETURN(TotalsRule totals, TotalsRuleOf(complete, days));
  if (totals.unit == PurchaseUnit::kOrder && !source.has_orders()) totals.unit = PurchaseUnit::kRow;
  return TotalCustomers(source, totals, days, execution);
}

inline absl::StatusOr<RfmMeasures> MeasureRfm(const CustomerTotals &totals, const RfmRule &rule) {
  RfmMeasures result;
  result.report = totals.report();
  CivilDays days = totals.days();
  result.as_of = rule.as_of;
  if (result.as_of == kNoTime && totals.rule().end != std::numeric_limits<int64_t>::max()) {
    result.as_of = totals.rule().end;
  }
  if (result.as_of == kNoTime) {
    PATRON_ASSIGN_OR_RETURN(result.as_of, detail::MidnightAfter(totals.last_row(), days));
  }
  result.customer = totals.Purchasers();
  const size_t count = result.customer.size();
  result.report.customers = count;
  result.report.without_purchase = totals.customers().size() - count;
  result.recency.resize(count);
  result.frequency.resize(count);
  result.monetary.resize(count);
  std::vector<uint64_t> purchases;
  if (totals.rule().unit != PurchaseUnit::kRow) purchases = totals.Purchases();
  const int64_t today = count == 0 ? 0 : days.DayOf(result.as_of);
  for (size_t i = 0; i < count; ++i) {
    const uint32_t code = result.customer[i];
    const CustomerTotal &total = totals.total(code);
    result.recency[i] = today - days.DayOf(total.last);
    result.frequency[i] =
        static_cast<int64_t>(purchases.empty() ? total.purchases : purchases[code]);
    result.monetary[i] = static_cast<int64_t>(total.sum);
    if (result.monetary[i] != total.sum) {
      return absl::OutOfRangeError(
          absl::StrCat("monetary: customer ", totals.customers().Format(code),
                       " has more than 64 bits of money units; expected fewer decimals"));
    }
  }
  return result;
}

}  // namespace patron::value

#endif  // PATRON_VALUE_RFM_HPP_
