// The ledger: transactions as facts that can be appended, corrected and reversed, with the state of
// each customer always up to date.
#ifndef PATRON_VALUE_LEDGER_HPP_
#define PATRON_VALUE_LEDGER_HPP_

#include <cstdint>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/value/ledger_append.hpp"
#include "patron/value/ledger_content.hpp"
#include "patron/value/ledger_correct.hpp"
#include "patron/value/ledger_facts.hpp"
#include "patron/value/ledger_reverse.hpp"
#include "patron/value/ledger_rfm.hpp"
#include "patron/value/ledger_rows.hpp"
#include "patron/value/ledger_standing.hpp"
#include "patron/value/ledger_summary.hpp"
#include "patron/value/ledger_views.hpp"
#include "patron/value/transactions.hpp"

namespace patron::value {

// What a ledger holds.
struct LedgerSize {
  uint64_t customers = 0;  // With facts in effect.
  uint64_t transactions = 0;
  uint64_t reversals = 0;  // The held ones included.
  uint64_t held = 0;
  uint64_t memory_bytes = 0;

  friend bool operator==(const LedgerSize &, const LedgerSize &) = default;
};

// A fold over facts. A fact is a transaction or a reversal, under an id of its own; a call takes
// all its rows or, with an error, none. Rows may come in any order and any number of times: all
// answers depend only on the facts that stand, not on how they came.
//
// A transaction with amount 0 or more is a purchase, one below 0 a refund that stands alone. A
// reversal takes back part or all of a purchase: it is a refund of that customer and order at a
// time of its own, and the purchase still counts as one. So every answer is the one that the
// kernels give for the rows of Transactions().
//
// Ids of transactions, customers and orders are each integers or text, as the first ones are.
// Either all transactions have an order or none has, refunds that stand alone included. At most
// 2^32 - 2 facts.
//
// If an allocation fails (std::bad_alloc) the ledger is as it was before the call. One thread at a
// time; const functions may run at once.
class Ledger {
 public:
  // `days` parts the days of recency and of purchase days. `decimals` of amounts are for messages.
  explicit Ledger(CivilDays days = {}, int decimals = 0) : days_(std::move(days)) {
    store_.decimals = decimals;
  }

  // Takes transactions. A known id with equal content is a duplicate, and skipped.
  //
  // Errors: InvalidArgument for columns that differ in length, ids of another kind, orders where
  // there were none or none where there were, a time that is kNoTime, or a purchase that the held
  // reversals of it do not fit; AlreadyExists for a known id with other content; OutOfRange for an
  // amount of INT64_MIN; ResourceExhausted past the limit of facts; Cancelled.
  // Cost: O(rows) on average; a purchase of an order that other customers have as well reads the
  // facts of the customer.
  absl::StatusOr<LedgerReport> Append(const LedgerRows &rows, const LedgerOptions &options = {},
                                      const Execution &execution = {});

  // Gives known facts new content. A row with the content that is known already is a duplicate.
  // Reversals can be corrected as well: their rows have a negative amount, as in Transactions(),
  // and the customer and order of what they take back.
  //
  // Errors: as Append; NotFound for an unknown id; InvalidArgument for an id that stands twice with
  // different content, or a reversal with an amount of 0 or more, another customer or another
  // order; FailedPrecondition if reversals would take back more than there is.
  // Cost: O(rows log rows + facts of the customers touched), and O(facts) for the next answer that
  // needs the last instant if the fact at it was moved back.
  absl::StatusOr<LedgerReport> Correct(const LedgerRows &rows, const Execution &execution = {});

  // Takes transactions back. A row without an amount takes all that is left; one without a target
  // stands alone, and becomes a transaction with a negative amount. A held reversal takes effect
  // when its transaction arrives, those of all that is left after the others. A known id is a
  // duplicate if the row says nothing else than what is known.
  //
  // Errors: as Append; InvalidArgument for an amount of 0 or less or above what is left, a target
  // that is a refund or a reversal, a customer other than that of the target, or a row that stands
  // alone without customer or amount, or with an order where transactions have none or without one
  // where they have; NotFound for an unknown target, unless it is held for.
  // Cost: O(rows) on average.
  absl::StatusOr<LedgerReport> Reverse(const ReversalRows &rows, const LedgerOptions &options = {},
                                       const Execution &execution = {});

  // Cost: O(1).
  LedgerSize size() const;

  // The state of every customer from the facts up to and with `as_of`; kNoTime is all.
  // Cost: O(customers), with `as_of` O(facts); and a sort of customers by id.
  LedgerCustomers Customers(int64_t as_of = kNoTime) const;

  // The row of one customer that Summarize gives for the rows of Transactions(), up to and with
  // `options.observation_end`, which must be given; there is no calibration. The days are those of
  // the ledger, whatever the zone of the rule.
  // Errors: InvalidArgument for options that are not so, or a rule by which refunds are errors;
  // NotFound for a customer who is not known or has no purchase by then.
  // Cost: O(f log f) in the facts of the customer.
  absl::StatusOr<CustomerSummary> Summary(int64_t customer, const OccasionRule &rule,
                                          const SummaryOptions &options) const;
  absl::StatusOr<CustomerSummary> Summary(std::string_view customer, const OccasionRule &rule,
                                          const SummaryOptions &options) const;

  // The facts in effect up to and with `as_of`; kNoTime is all. Cost: O(facts), and a sort by id.
  LedgerTransactions Transactions(int64_t as_of = kNoTime) const;

  // Scores customers. The answer is that of TotalForRfm, MeasureRfm and ScoreRfm over the rows of
  // Transactions(), bit for bit.
  //
  // It comes from the standing state if refunds are netted, zeros count, there is no window, as_of
  // lies after all facts or is left open, frequency is in orders or days, and the method is none
  // that ranks by row (kNtile, kNested). Otherwise the facts are read.
  // Errors: as those functions. If it fails, nothing is lost of what was touched.
  // Cost: from the standing state O(touched log touched + bins log^2 customers) with only_touched,
  // O(customers) without; the first call O(customers), with purchase days O(facts).
  absl::StatusOr<LedgerRfm> Rfm(const LedgerRfmOptions &options, const Execution &execution = {});

  // Forgets which customers were touched, as Rfm does with only_touched unless told to keep them.
  // For callers that can still fail after Rfm. Does not allocate. Cost: O(touched).
  void ForgetTouched() { detail::ledger::ForgetTouched(&store_); }

  // The facts in canonical form. Ledgers with equal facts have equal content.
  // Text is borrowed. Cost: O(facts), and a sort by id.
  LedgerContent Content() const { return detail::ledger::ListContent(store_); }

  // A ledger of that content, which may come from anywhere.
  // Errors: DataLoss if no ledger has that content; ResourceExhausted; Cancelled. Cost: O(facts).
  static absl::StatusOr<Ledger> FromContent(const LedgerContent &content, CivilDays days = {},
                                            int decimals = 0, const Execution &execution = {});

  const CivilDays &days() const { return days_; }

 private:
  CivilDays days_;
  detail::ledger::LedgerStore store_;
  detail::ledger::LedgerStanding standing_;
};

inline absl::StatusOr<LedgerReport> Ledger::Append(const LedgerRows &rows,
                                                   const LedgerOptions &options,
                                                   const Execution &execution) {
  return detail::ledger::AppendRows(&store_, rows, options, execution);
}

inline absl::StatusOr<LedgerReport> Ledger::Correct(const LedgerRows &rows,
                                                    const Execution &execution) {
  return detail::ledger::LedgerCorrection(&store_, rows).Run(execution);
}

inline absl::StatusOr<LedgerReport> Ledger::Reverse(const ReversalRows &rows,
                                                    const LedgerOptions &options,
                                                    const Execution &execution) {
  return detail::ledger::ReverseRows(&store_, rows, options, execution);
}

inline LedgerSize Ledger::size() const {
  const uint64_t reversals = store_.reversals.size();
  return {.customers = store_.active_customers,
          .transactions = store_.facts.size() - store_.awaited - reversals,
          .reversals = reversals,
          .held = store_.held,
          .memory_bytes = store_.memory_bytes() + standing_.memory_bytes()};
}

inline LedgerCustomers Ledger::Customers(int64_t as_of) const {
  if (as_of == kNoTime) return detail::ledger::ListCustomers(store_, store_.states);
  return detail::ledger::ListCustomers(store_, detail::ledger::StatesAsOf(store_, as_of));
}

inline absl::StatusOr<CustomerSummary> Ledger::Summary(int64_t customer, const OccasionRule &rule,
                                                       const SummaryOptions &options) const {
  return detail::ledger::SummarizeCustomer(store_, store_.customers.Find(customer),
                                           absl::StrCat(customer), days_, rule, options);
}

inline absl::StatusOr<CustomerSummary> Ledger::Summary(std::string_view customer,
                                                       const OccasionRule &rule,
                                                       const SummaryOptions &options) const {
  return detail::ledger::SummarizeCustomer(store_, store_.customers.Find(customer),
                                           Quoted(customer), days_, rule, options);
}

inline LedgerTransactions Ledger::Transactions(int64_t as_of) const {
  return detail::ledger::ListTransactions(store_, as_of);
}

inline absl::StatusOr<LedgerRfm> Ledger::Rfm(const LedgerRfmOptions &options,
                                             const Execution &execution) {
  return detail::ledger::LedgerScoring(&store_, &standing_, &days_, options, execution).Run();
}

inline absl::StatusOr<Ledger> Ledger::FromContent(const LedgerContent &content, CivilDays days,
                                                  int decimals, const Execution &execution) {
  Ledger ledger(std::move(days), decimals);
  PATRON_RETURN_IF_ERROR(detail::ledger::ContentReader(content, &ledger.store_, execution).Run());
  return ledger;
}

}  // namespace patron::value

#endif  // PATRON_VALUE_LEDGER_HPP_
