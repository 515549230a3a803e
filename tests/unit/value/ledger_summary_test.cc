// One customer of a ledger, summarised from its own facts: the row that Summarize gives.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "patron/base/random.hpp"
#include "patron/value/ledger.hpp"
#include "patron/value/summary.hpp"

namespace patron::value {
namespace {

constexpr int64_t kHour = kMicrosPerDay / 24;

// A ledger of ten customers with purchases, refunds, zeros and reversals, many at one instant.
Ledger RandomLedger(const CivilDays &days, bool orders) {
  Ledger ledger(days, 2);
  std::vector<int64_t> id, customer, time, amount, order;
  constexpr size_t kFacts = 400;
  for (size_t i = 0; i < kFacts; ++i) {
    const RandomStream stream(9, i);
    id.push_back(static_cast<int64_t>(i));
    customer.push_back(static_cast<int64_t>(stream.Uniform(0) * 10));
    time.push_back(static_cast<int64_t>(stream.Uniform(1) * 300) * 5 * kHour);
    const double kind = stream.Uniform(2);
    const auto size = static_cast<int64_t>(stream.Uniform(3) * 10'000) + 1;
    amount.push_back(kind < 0.1 ? 0 : kind < 0.25 ? -size : size);
    // Orders of several rows, of one customer or two.
    if (orders) order.push_back(static_cast<int64_t>(1000 - stream.Uniform(4) * 150));
  }
  const LedgerRows rows{IdSpan(id), IdSpan(customer), time, amount, IdSpan(order), {}};
  EXPECT_TRUE(ledger.Append(rows).ok());
  std::vector<int64_t> reversal, target, when, taken;
  std::vector<uint8_t> has_target, has_amount;
  for (size_t i = 0; i < kFacts; i += 7) {
    if (amount[i] <= 0) continue;
    reversal.push_back(static_cast<int64_t>(kFacts + i));
    target.push_back(id[i]);
    when.push_back(time[i] + static_cast<int64_t>(i % 3) * kMicrosPerDay);
    taken.push_back((amount[i] + 1) / 2);
    has_target.push_back(1);
    has_amount.push_back(i % 2);
  }
  const std::vector<int64_t> none(target.size());
  const std::vector<uint8_t> no(target.size());
  const ReversalRows reversals{.transaction = IdSpan(reversal),
                               .time = when,
                               .target = IdSpan(target),
                               .has_target = has_target,
                               .amount = taken,
                               .has_amount = has_amount,
                               .customer = IdSpan(none),
                               .has_customer = no,
                               .order = IdSpan(none),
                               .has_order = no,
                               .numbers = {}};
  const auto reversed = ledger.Reverse(reversals);
  EXPECT_TRUE(reversed.ok()) << reversed.status();
  return ledger;
}

void ExpectRowsOfSummarize(const Ledger &ledger, const OccasionRule &rule,
                           const SummaryOptions &options) {
  const LedgerTransactions facts = ledger.Transactions();
  const TransactionsInMemory source(facts.customer.span(), facts.time, facts.amount,
                                    facts.has_orders ? facts.order.span() : IdSpan());
  const auto all = Summarize(source, rule, options);
  ASSERT_TRUE(all.ok()) << all.status();
  const CustomerSummaries &rows = all->summary;
  size_t row = 0;
  for (int64_t customer = 0; customer < 10; ++customer) {
    const auto one = ledger.Summary(customer, rule, options);
    const bool there = row < rows.size() && all->customers.integer(rows.customer[row]) == customer;
    ASSERT_EQ(one.ok(), there) << one.status();
    if (!there) {
      EXPECT_TRUE(absl::IsNotFound(one.status()));
      continue;
    }
    EXPECT_EQ(one->frequency, rows.frequency[row]);
    EXPECT_EQ(one->recency, rows.recency[row]);
    EXPECT_EQ(one->T, rows.T[row]);
    EXPECT_EQ(one->monetary_value, rows.monetary_value[row]);
    EXPECT_EQ(one->log_intervals, rows.log_intervals[row]);
    EXPECT_EQ(one->orders, rows.orders[row]);
    EXPECT_EQ(one->first, rows.first[row]);
    EXPECT_EQ(one->last, rows.last[row]);
    ++row;
  }
  EXPECT_EQ(row, rows.size());
}

TEST(LedgerSummaryTest, EqualsTheRowOfSummarize) {
  for (const bool orders : {false, true}) {
    for (const std::string_view zone : {"UTC", "America/New_York"}) {
      const auto days = CivilDays::In(zone);
      ASSERT_TRUE(days.ok());
      const Ledger ledger = RandomLedger(*days, orders);
      for (const MergeBy merge : {MergeBy::kDay, MergeBy::kOrder, MergeBy::kNone}) {
        for (const Refunds refunds : {Refunds::kNet, Refunds::kIgnore, Refunds::kSeparate}) {
          for (const Zeros zeros : {Zeros::kCount, Zeros::kIgnore}) {
            for (const int64_t end : {int64_t{3}, int64_t{40}, int64_t{70}}) {
              ExpectRowsOfSummarize(ledger, {merge, refunds, zeros, std::string(zone)},
                                    {.unit = Unit::kWeek,
                                     .observation_end = end * kMicrosPerDay + 3 * kHour,
                                     .decimals = 2,
                                     .log_intervals = true});
            }
          }
        }
      }
    }
  }
}

TEST(LedgerSummaryTest, SaysWhatIsWrong) {
  Ledger ledger({}, 2);
  const std::vector<std::string_view> id = {"t1"}, customer = {"ann"};
  const std::vector<int64_t> time = {5 * kMicrosPerDay}, amount = {100};
  ASSERT_TRUE(ledger.Append({IdSpan(id), IdSpan(customer), time, amount, {}, {}}).ok());
  const SummaryOptions options{.observation_end = 9 * kMicrosPerDay};
  ASSERT_TRUE(ledger.Summary("ann", {}, options).ok());
  EXPECT_EQ(ledger.Summary("ann", {}, options)->T, 4);
  EXPECT_EQ(ledger.Summary("bob", {}, options).status().message(),
            "customer: 'bob'; expected one of the ledger");
  EXPECT_EQ(ledger.Summary(7, {}, options).status().message(),
            "customer: 7; expected one of the ledger");
  EXPECT_EQ(ledger.Summary("ann", {}, {.observation_end = 0}).status().message(),
            "customer: 'ann' has no purchase up to 1970-01-01T00:00:00Z");
  EXPECT_EQ(ledger.Summary("ann", {}, {}).status().message(),
            "observation_end: none; expected the instant to summarise up to");
  EXPECT_EQ(ledger.Summary("ann", {.refunds = Refunds::kError}, options).status().message(),
            "refunds: error; expected net, ignore or separate for one customer");
  EXPECT_EQ(ledger.Summary("ann", {}, {.observation_end = 9, .calibration_end = 0}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace patron::value
