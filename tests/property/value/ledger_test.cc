// Ledger: after any sequence of calls every answer is that of the facts which stand.
#include "patron/value/ledger.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "patron/value/rfm.hpp"
#include "patron/value/rfm_scores.hpp"
#include "property/value/ledger_model.hpp"
#include "rapidcheck.h"
#include "rapidcheck/gtest.h"

namespace patron::value {
namespace {

using ledger_model::Code;
using ledger_model::Columns;
using ledger_model::Model;
using ledger_model::NumberOf;
using ledger_model::Outcome;
using ledger_model::Row;
using ledger_model::Snapshot;

constexpr int64_t kNoon = 1'000'000'000'000'000 / kMicrosPerDay * kMicrosPerDay + kMicrosPerDay / 2;

// A shop with few customers, ids that often meet again, and mistakes.
struct Shop {
  Shop(uint64_t seed, bool is_text, bool has_orders)
      : random(seed), text(is_text), orders(has_orders), ledger(*CivilDays::In("+05:30")) {}

  int64_t Draw(int64_t least, int64_t greatest) {
    return std::uniform_int_distribution<int64_t>(least, greatest)(random);
  }
  bool Rarely() { return Draw(0, 15) == 0; }

  int64_t DrawTime() { return kNoon + Draw(-6, 6) * kMicrosPerDay / 3 + Draw(0, 1); }
  int64_t DrawTransaction() { return Draw(0, 39); }
  int64_t DrawReversal() { return Rarely() ? DrawTransaction() : Draw(40, 69); }

  Row DrawPurchase() {
    Row row{.id = Rarely() ? DrawReversal() : DrawTransaction()};
    if (const auto known = model.facts().find(row.id);
        known != model.facts().end() && !known->second.reversal && Draw(0, 2) > 0) {
      row = known->second;
      if (orders && !row.order) row.order = Draw(0, 9);
      return row;
    }
    row.customer = Draw(0, 5);
    row.time = DrawTime();
    row.amount = Rarely() ? Draw(-9, 0) : Draw(1, 12);
    if (orders) row.order = Draw(0, 9);
    return row;
  }

  Row DrawCorrection() {
    Row row = DrawPurchase();
    if (!model.facts().empty() && !Rarely()) {
      row.id = std::next(model.facts().begin(), Draw(0, std::ssize(model.facts()) - 1))->first;
    }
    const auto known = model.facts().find(row.id);
    if (known == model.facts().end()) return row;
    // Often only one thing changes.
    const Row &fact = known->second;
    if (Draw(0, 1) == 0) row.time = fact.time;
    if (Draw(0, 1) == 0) row.customer = fact.customer ? fact.customer : row.customer;
    if (!fact.reversal) {
      if (Draw(0, 2) == 0) row.amount = fact.amount;
      return row;
    }
    row.amount = Rarely() ? 3 : Draw(-6, -1);
    if (const auto target = model.facts().find(*fact.target); target != model.facts().end()) {
      if (!Rarely()) row.customer = target->second.customer;
      if (!Rarely()) row.order = target->second.order;
    }
    return row;
  }

  Row DrawReversalRow() {
    Row row{.id = DrawReversal(), .reversal = true};
    const auto known = model.facts().find(row.id);
    if (known != model.facts().end() && known->second.reversal && Draw(0, 2) > 0) {
      row = known->second;
      if (Draw(0, 1) == 0) row.amount.reset();
      if (Draw(0, 3) == 0) row.customer = Draw(0, 5);
      return row;
    }
    row.time = DrawTime();
    if (Draw(0, 2) > 0) row.amount = Rarely() ? Draw(-1, 30) : Draw(1, 5);
    if (!Rarely()) row.target = Rarely() ? DrawReversal() : DrawTransaction();
    if (!row.target || Rarely()) row.customer = Draw(0, 5);
    if (!row.target && orders && !Rarely()) row.order = Draw(0, 9);
    return row;
  }

  // One call on the ledger and on the model.
  void Step() {
    LedgerOptions options;
    if (Draw(0, 3) == 0) options.conflicts = LedgerConflicts::kReport;
    if (Draw(0, 2) > 0) options.unknown = UnknownTargets::kHold;
    const int kind = static_cast<int>(Draw(0, 4));
    std::vector<Row> rows(static_cast<size_t>(Draw(0, 3)));
    for (Row &row : rows) {
      row = kind < 2 ? DrawPurchase() : kind < 4 ? DrawReversalRow() : DrawCorrection();
    }
    const Columns columns(rows, text, orders);
    const Snapshot before(ledger.Content());
    absl::StatusOr<LedgerReport> report;
    Outcome expected;
    if (kind < 2) {
      report = ledger.Append(columns.transactions(), options);
      expected = model.Append(rows, options);
    } else if (kind < 4) {
      report = ledger.Reverse(columns.reversals(), options);
      expected = model.Reverse(rows, options);
    } else {
      report = ledger.Correct(columns.transactions());
      expected = model.Correct(rows);
    }
    if (expected.code == Code::kOk) {
      RC_ASSERT(report.status().ToString() == "OK");
      RC_ASSERT(*report == expected.report);
    } else if (expected.code == Code::kUnknown) {
      RC_ASSERT(absl::IsInvalidArgument(report.status()) ||
                absl::IsFailedPrecondition(report.status()));
    } else {
      RC_ASSERT(report.status().code() == expected.code);
    }
    if (!report.ok()) RC_ASSERT(ledger.Content() == before.content());
  }

  std::mt19937_64 random;
  bool text, orders;
  Ledger ledger;
  Model model;
};

void CheckCustomers(const LedgerCustomers &customers,
                    const std::map<int64_t, Model::Customer> &expected) {
  RC_ASSERT(customers.size() == expected.size());
  size_t row = 0;
  for (const auto &[id, state] : expected) {
    RC_ASSERT(NumberOf(customers.customer, row) == id);
    RC_ASSERT(customers.orders[row] == std::ssize(state.orders) + state.unordered);
    RC_ASSERT(static_cast<int64_t>(customers.gross[row]) == state.gross);
    RC_ASSERT(static_cast<int64_t>(customers.refunds[row]) == state.refunds);
    RC_ASSERT(static_cast<int64_t>(customers.net[row]) == state.gross + state.refunds);
    RC_ASSERT(customers.first[row] == state.first);
    RC_ASSERT(customers.last[row] == state.last);
    ++row;
  }
}

void CheckTransactions(const LedgerTransactions &transactions,
                       const std::vector<ledger_model::Effect> &expected) {
  RC_ASSERT(transactions.size() == expected.size());
  for (size_t row = 0; row < expected.size(); ++row) {
    const auto &[customer, id, time, amount, order, reverses] = expected[row];
    RC_ASSERT(NumberOf(transactions.customer, row) == customer);
    RC_ASSERT(NumberOf(transactions.transaction, row) == id);
    RC_ASSERT(transactions.time[row] == time);
    RC_ASSERT(transactions.amount[row] == amount);
    if (transactions.has_orders) {
      RC_ASSERT(order.has_value());
      RC_ASSERT(NumberOf(transactions.order, row) == *order);
    } else {
      RC_ASSERT(!order.has_value());
    }
    RC_ASSERT((transactions.is_reversal[row] != 0) == reverses.has_value());
    if (reverses) RC_ASSERT(NumberOf(transactions.reverses, row) == *reverses);
  }
}

// All facts of the model in one batch of each kind, in random order.
Ledger InOneBatch(Shop *shop) {
  std::vector<Row> all, transactions, reversals, held;
  for (const auto &[id, fact] : shop->model.facts()) all.push_back(fact);
  std::ranges::shuffle(all, shop->random);
  for (const Row &fact : all) {
    if (fact.reversal) {
      (shop->model.IsHeld(fact) ? held : reversals).push_back(fact);
    } else if (shop->orders && !fact.order) {
      // Only as a row of reversals can it say that it has no order.
      reversals.push_back(fact);
      reversals.back().amount = -*fact.amount;
    } else {
      transactions.push_back(fact);
    }
  }
  for (Row &row : reversals) {
    if (row.target) row.customer.reset();
  }
  Ledger ledger(shop->ledger.days());
  const bool text = shop->text, orders = shop->orders;
  RC_ASSERT(ledger.Append(Columns(transactions, text, orders).transactions()).ok());
  RC_ASSERT(ledger.Reverse(Columns(reversals, text, orders).reversals()).ok());
  const auto report =
      ledger.Reverse(Columns(held, text, orders).reversals(),
                     {.conflicts = LedgerConflicts::kError, .unknown = UnknownTargets::kHold});
  RC_ASSERT(report.ok() && report->held == held.size());
  return ledger;
}

LedgerRfmOptions DrawRfm(Shop *shop) {
  LedgerRfmOptions options;
  constexpr ScoreMethod kMethods[] = {ScoreMethod::kThresholdRight, ScoreMethod::kQcutDrop,
                                      ScoreMethod::kRpkg,           ScoreMethod::kFixed,
                                      ScoreMethod::kMidrank,        ScoreMethod::kPercentRank,
                                      ScoreMethod::kNtile};
  options.scores.method = kMethods[shop->Draw(0, 6)];
  options.scores.weighted = shop->Draw(0, 1) == 0;
  options.scores.monetary.unit = shop->Draw(0, 1) == 0 ? 1 : 100;
  for (ScoreScale *scale :
       {&options.scores.recency, &options.scores.frequency, &options.scores.monetary}) {
    scale->bins = static_cast<int>(shop->Draw(2, 7));
    if (shop->Rarely()) scale->direction = ScoreDirection::kLowIsBest;
    if (options.scores.method != ScoreMethod::kFixed) continue;
    scale->closed = shop->Draw(0, 1) == 0 ? ClosedSide::kLeft : ClosedSide::kRight;
    for (int64_t i = 0, cut = 0; i < shop->Draw(1, 3); ++i) {
      cut += shop->Draw(0, 4);
      scale->cuts.push_back(static_cast<double>(cut) / static_cast<double>(scale->unit));
    }
    if (scale->cuts.empty()) scale->cuts.push_back(2);
  }
  options.mean = shop->Draw(0, 2) == 0;
  options.only_touched = shop->Draw(0, 1) == 0;
  options.rule.frequency = static_cast<PurchaseUnit>(shop->Draw(0, 2));
  if (shop->Draw(0, 3) == 0) options.rule.as_of = shop->DrawTime();
  if (shop->Draw(0, 3) == 0) options.rule.as_of = kNoon + 9 * kMicrosPerDay;
  if (shop->Rarely()) options.rule.refunds = Refunds::kIgnore;
  if (shop->Rarely()) options.rule.zeros = Zeros::kIgnore;
  if (shop->Rarely()) options.rule.window_days = options.rule.as_of == kNoTime ? 0 : 2;
  return options;
}

void CheckDimension(const DimensionScores &scores, const std::vector<size_t> &rows,
                    const DimensionScores &expected) {
  RC_ASSERT(scores.scores.size() == rows.size());
  for (size_t i = 0; i < rows.size(); ++i) RC_ASSERT(scores.scores[i] == expected.scores[rows[i]]);
  const ScoreReport &a = scores.report, &b = expected.report;
  RC_ASSERT(a.cuts == b.cuts);
  RC_ASSERT(a.closed == b.closed);
  RC_ASSERT(a.labels == b.labels);
  RC_ASSERT(a.counts == b.counts);
  RC_ASSERT(a.empty_bins == b.empty_bins);
  RC_ASSERT(a.tied_customers == b.tied_customers);
}

// The scores of the ledger are those of the kernels over its transactions.
void CheckRfm(Shop *shop) {
  const LedgerRfmOptions options = DrawRfm(shop);
  const LedgerTransactions rows = shop->ledger.Transactions();
  std::vector<int64_t> customers, orders;
  for (size_t row = 0; row < rows.size(); ++row) {
    customers.push_back(NumberOf(rows.customer, row));
    if (!rows.has_orders) continue;
    orders.push_back(NumberOf(rows.order, row));
  }
  const TransactionsInMemory source(std::span<const int64_t>(customers), rows.time, rows.amount,
                                    std::span<const int64_t>(orders));
  const auto totals = TotalForRfm(source, options.rule, shop->ledger.days());
  RC_ASSERT(totals.ok());
  const auto measures = MeasureRfm(*totals, options.rule);
  RC_ASSERT(measures.ok());
  const std::span<const int64_t> recency = measures->recency, frequency = measures->frequency;
  const std::vector<double> mean = measures->MeanMonetary();
  const auto expected =
      options.mean
          ? ScoreRfm<int64_t, double>(recency, frequency, mean, options.scores)
          : ScoreRfm<int64_t, int64_t>(recency, frequency, measures->monetary, options.scores);
  RC_ASSERT(expected.ok());

  const auto result = shop->ledger.Rfm(options);
  RC_ASSERT(result.status().ToString() == "OK");
  RC_ASSERT(result->as_of == measures->as_of);
  RC_ASSERT(result->customers == measures->customer.size());
  std::vector<size_t> listed;
  for (size_t row = 0; row < measures->customer.size(); ++row) {
    const int64_t customer = totals->customers().integer(measures->customer[row]);
    if (!options.only_touched || shop->model.touched().contains(customer)) listed.push_back(row);
  }
  if (options.only_touched) shop->model.touched().clear();
  RC_ASSERT(result->customer.size() == listed.size());
  for (size_t i = 0; i < listed.size(); ++i) {
    const size_t row = listed[i];
    RC_ASSERT(NumberOf(result->customer, i) ==
              totals->customers().integer(measures->customer[row]));
    RC_ASSERT(result->recency[i] == recency[row]);
    RC_ASSERT(result->frequency[i] == frequency[row]);
    RC_ASSERT(result->monetary[i] == measures->monetary[row]);
    if (options.mean) RC_ASSERT(result->mean[i] == mean[row]);
    RC_ASSERT(result->scores.rfm[i] == expected->rfm[row]);
    if (options.scores.weighted) RC_ASSERT(result->scores.weighted[i] == expected->weighted[row]);
  }
  RC_ASSERT(result->scores.weighted.size() == (options.scores.weighted ? listed.size() : 0));
  RC_ASSERT(result->scores.code_base == expected->code_base);
  CheckDimension(result->scores.recency, listed, expected->recency);
  CheckDimension(result->scores.frequency, listed, expected->frequency);
  CheckDimension(result->scores.monetary, listed, expected->monetary);
}

RC_GTEST_PROP(LedgerProperty, AnswersAreThoseOfTheFactsThatStand, (bool text, bool orders)) {
  Shop shop(*rc::gen::arbitrary<uint64_t>(), text, orders);
  const int steps = *rc::gen::inRange(0, 120);
  for (int step = 0; step < steps; ++step) {
    shop.Step();
    CheckCustomers(shop.ledger.Customers(), shop.model.Customers());
    if (shop.Draw(0, 5) == 0) CheckRfm(&shop);
  }
  CheckTransactions(shop.ledger.Transactions(), shop.model.Effects());
  const LedgerSize size = shop.ledger.size();
  uint64_t reversals = 0, held = 0;
  for (const auto &[id, fact] : shop.model.facts()) {
    reversals += fact.reversal;
    held += shop.model.IsHeld(fact);
  }
  RC_ASSERT(size.customers == shop.model.Customers().size());
  RC_ASSERT(size.reversals == reversals);
  RC_ASSERT(size.held == held);
  RC_ASSERT(size.transactions == shop.model.facts().size() - reversals);
}

RC_GTEST_PROP(LedgerProperty, AsOfIsWhatStoodThen, (bool text, bool orders)) {
  Shop shop(*rc::gen::arbitrary<uint64_t>(), text, orders);
  const int steps = *rc::gen::inRange(0, 60);
  for (int step = 0; step < steps; ++step) shop.Step();
  for (int probe = 0; probe < 8; ++probe) {
    const int64_t as_of = shop.DrawTime();
    CheckCustomers(shop.ledger.Customers(as_of), shop.model.Customers(as_of));
    CheckTransactions(shop.ledger.Transactions(as_of), shop.model.Effects(as_of));
  }
}

RC_GTEST_PROP(LedgerProperty, OneBatchOfTheFactsThatStandIsTheSameLedger,
              (bool text, bool orders)) {
  Shop shop(*rc::gen::arbitrary<uint64_t>(), text, orders);
  const int steps = *rc::gen::inRange(0, 120);
  for (int step = 0; step < steps; ++step) shop.Step();
  const Ledger batch = InOneBatch(&shop);
  RC_ASSERT(batch.Content() == shop.ledger.Content());
  RC_ASSERT(batch.Customers() == shop.ledger.Customers());
  RC_ASSERT(batch.Transactions() == shop.ledger.Transactions());
}

RC_GTEST_PROP(LedgerProperty, ContentReadsBack, (bool text, bool orders)) {
  Shop shop(*rc::gen::arbitrary<uint64_t>(), text, orders);
  const int steps = *rc::gen::inRange(0, 80);
  for (int step = 0; step < steps; ++step) shop.Step();
  const Snapshot written(shop.ledger.Content());
  auto read = Ledger::FromContent(written.content(), shop.ledger.days());
  RC_ASSERT(read.status().ToString() == "OK");
  RC_ASSERT(read->Content() == written.content());
  // What is read goes on as what was written would have.
  std::swap(shop.ledger, *read);
  for (int step = 0; step < 20; ++step) shop.Step();
  CheckCustomers(shop.ledger.Customers(), shop.model.Customers());
}

}  // namespace
}  // namespace patron::value
