// The summary of one customer of a ledger, from its own facts.
#ifndef PATRON_VALUE_LEDGER_SUMMARY_HPP_
#define PATRON_VALUE_LEDGER_SUMMARY_HPP_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/ids.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/value/customer_occasions.hpp"
#include "patron/value/ledger_facts.hpp"
#include "patron/value/occasion_entries.hpp"
#include "patron/value/summary.hpp"
#include "patron/value/transactions.hpp"

namespace patron::value::detail::ledger {

// Entries of a customer's facts, each by itself, in order.
inline std::vector<Entry> EntriesOf(const LedgerStore &store, uint32_t customer, MergeBy merge,
                                    CivilDays &days) {
  std::vector<Entry> entries;
  entries.reserve(store.states[customer].facts);
  for (uint32_t at = store.states[customer].head; at != kNone; at = store.facts[at].next) {
    const Fact &fact = store.facts[at];
    int64_t key = fact.time;
    if (merge == MergeBy::kDay) key = days.DayOf(fact.time);
    if (merge == MergeBy::kOrder) {
      const uint32_t order = store.OrderOf(fact);
      key = store.orders.is_text() ? order : store.orders.integer(order);
    }
    entries.push_back({key, fact.time, fact.amount, customer, 1});
  }
  SortEntries(entries);
  return entries;
}

// The row that Summarize would give for a customer, `customer` its code or IdIndex::kUnknown and
// `name` what it is called in messages.
inline absl::StatusOr<CustomerSummary> SummarizeCustomer(const LedgerStore &store,
                                                         uint32_t customer, std::string_view name,
                                                         CivilDays days, const OccasionRule &rule,
                                                         const SummaryOptions &options) {
  if (options.observation_end == kNoTime) {
    return InvalidOption("observation_end", "none", "the instant to summarise up to");
  }
  if (options.calibration_end != kNoTime) {
    return InvalidOption("calibration_end", FormatTime(options.calibration_end),
                         "none for one customer");
  }
  if (rule.refunds == Refunds::kError) {
    return InvalidOption("refunds", "error", "net, ignore or separate for one customer");
  }
  if (customer == IdIndex::kUnknown) {
    return absl::NotFoundError(
        absl::StrCat("customer: ", Text(name), "; expected one of the ledger"));
  }
  const bool has_orders = store.ordered > 0;
  const MergeBy merge = rule.merge == MergeBy::kOrder && !has_orders ? MergeBy::kNone : rule.merge;
  const int64_t end =
      merge == MergeBy::kDay ? days.DayOf(options.observation_end) : options.observation_end;
  const std::vector<Entry> entries = EntriesOf(store, customer, merge, days);
  CustomerOccasions told;
  TellOccasions(entries, EntryReading{rule, merge, store.orders}, end, told);
  if (told.occasions.empty()) {
    return absl::NotFoundError(absl::StrCat("customer: ", Text(name), " has no purchase up to ",
                                            FormatTime(options.observation_end)));
  }
  return SummaryOf(told.occasions, end, merge, rule.refunds, options);
}

}  // namespace patron::value::detail::ledger

#endif  // PATRON_VALUE_LEDGER_SUMMARY_HPP_
