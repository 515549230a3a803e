// The ledger under failing allocations: as it was, or as if nothing had failed.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <new>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "faults/failing_allocator.hpp"
#include "gtest/gtest.h"
#include "patron/value/ledger.hpp"
#include "patron/value/order_index.hpp"

namespace patron::value {
namespace {

constexpr LedgerOptions kHold{.unknown = UnknownTargets::kHold};

// Columns of a few rows with ids as text, drawn from a small shop.
struct Rows {
  Rows(uint64_t seed, size_t count, int64_t first_id) {
    std::mt19937_64 random(seed);
    names.reserve(count * 4);
    const auto name = [&](char kind, int64_t number) -> std::string_view {
      return names.emplace_back(std::string(20, kind) + std::to_string(number));
    };
    for (size_t i = 0; i < count; ++i) {
      id.push_back(name('t', first_id + static_cast<int64_t>(i)));
      customer.push_back(name('c', static_cast<int64_t>(random() % 40)));
      order.push_back(name('o', static_cast<int64_t>(random() % 60)));
      target.push_back(name('t', static_cast<int64_t>(random() % 200)));
      time.push_back(static_cast<int64_t>(random() % 90) * kMicrosPerDay);
      amount.push_back(static_cast<int64_t>(random() % 5000));
    }
  }
  LedgerRows sales() const {
    return {std::span(id), std::span(customer), time, amount, std::span(order), {}};
  }
  ReversalRows reversals() const {
    return {.transaction = std::span(id),
            .time = time,
            .target = std::span(target),
            .has_target = {},
            .amount = {},
            .has_amount = {},
            .customer = {},
            .has_customer = {},
            .order = {},
            .has_order = {},
            .numbers = {}};
  }

  std::vector<std::string> names;
  std::vector<std::string_view> id, customer, order, target;
  std::vector<int64_t> time, amount;
};

// A ledger with facts, held reversals and, if wanted, standing measures.
Ledger MakeLedger(bool measured) {
  Ledger ledger(*CivilDays::In("Europe/Berlin"));
  EXPECT_TRUE(ledger.Append(Rows(1, 100, 0).sales()).ok());
  Rows returns(2, 12, 1000);
  for (size_t i = 0; i < returns.target.size(); ++i) {
    returns.names[i * 4 + 3] = std::string(20, 't') + std::to_string(95 + i);
    returns.target[i] = returns.names[i * 4 + 3];
  }
  EXPECT_TRUE(ledger.Reverse(returns.reversals(), kHold).ok());
  if (measured) {
    EXPECT_TRUE(ledger
                    .Rfm({.rule = {.frequency = PurchaseUnit::kDay},
                          .scores = {},
                          .mean = true,
                          .only_touched = true})
                    .ok());
  }
  return ledger;
}

// All that a ledger answers, as text that outlives it.
std::string Answers(Ledger *ledger) {
  std::string text;
  const LedgerTransactions rows = ledger->Transactions();
  for (size_t i = 0; i < rows.size(); ++i) {
    text += absl::StrCat(Text(rows.transaction.text[i]), " ", Text(rows.customer.text[i]), " ",
                         Text(rows.order.text[i]), " ", rows.time[i], " ", rows.amount[i], " ",
                         Text(rows.reverses.text[i]), "\n");
  }
  const LedgerContent content = ledger->Content();
  for (size_t i = 0; i < content.held.id.size(); ++i) {
    text +=
        absl::StrCat(Text(content.held.id.text[i]), " ", Text(content.held.target.text[i]), "\n");
  }
  const LedgerCustomers customers = ledger->Customers();
  for (size_t i = 0; i < customers.size(); ++i) {
    text += absl::StrCat(Text(customers.customer.text[i]), " ", customers.orders[i], " ",
                         static_cast<int64_t>(customers.net[i]), " ", customers.last[i], "\n");
  }
  for (const bool by_day : {false, true}) {
    LedgerRfmOptions options;
    options.rule.frequency = by_day ? PurchaseUnit::kDay : PurchaseUnit::kOrder;
    options.mean = by_day;
    const auto rfm = ledger->Rfm(options);
    EXPECT_TRUE(rfm.ok()) << rfm.status();
    for (size_t i = 0; rfm.ok() && i < rfm->customer.size(); ++i) {
      text += absl::StrCat(rfm->recency[i], " ", rfm->frequency[i], " ", rfm->monetary[i], " ",
                           rfm->scores.rfm[i], "\n");
    }
  }
  return text;
}

using Call = std::function<absl::Status(Ledger *)>;

// Fails allocation n of `call` for every n, with `on` all later ones as well, on ledgers that are
// equal each time.
void CheckCall(const Call &call, bool measured, bool on, absl::StatusCode expected) {
  Ledger untouched = MakeLedger(measured);
  Ledger done = MakeLedger(measured);
  const absl::Status status = call(&done);
  ASSERT_EQ(status.code(), expected) << status;
  const std::string before = Answers(&untouched), after = Answers(&done);
  int64_t failures = 0;
  for (int64_t n = 0;; ++n) {
    const int64_t live = faults::live;
    {
      Ledger ledger = MakeLedger(measured);
      bool thrown = false;
      {
        const faults::FailAllocation fail(n, on);
        try {
          const absl::Status got = call(&ledger);
          faults::armed = false;
          EXPECT_EQ(got, status);
        } catch (const std::bad_alloc &) {
          thrown = true;
        }
      }
      if (!faults::failed) break;
      ++failures;
      // A message that could not be built may be lost without an exception; facts may not.
      ASSERT_EQ(Answers(&ledger), thrown || !status.ok() ? before : after) << "allocation " << n;
      ASSERT_EQ(call(&ledger), status) << "allocation " << n;
      ASSERT_EQ(Answers(&ledger), after) << "allocation " << n;
    }
    ASSERT_EQ(faults::live, live) << "allocation " << n;
  }
  EXPECT_GT(failures, 5);
}

void CheckCall(const Call &call, absl::StatusCode expected) {
  for (const bool measured : {false, true}) {
    for (const bool on : {false, true}) CheckCall(call, measured, on, expected);
  }
}

TEST(LedgerFaults, Append) {
  const Rows rows(3, 60, 80);  // Known ids, new ones, and ones that are waited for.
  CheckCall(
      [&](Ledger *ledger) {
        return ledger->Append(rows.sales(), {.conflicts = LedgerConflicts::kReport}).status();
      },
      absl::StatusCode::kOk);
}

TEST(LedgerFaults, AppendThatIsRefused) {
  const Rows rows(3, 60, 90);
  CheckCall([&](Ledger *ledger) { return ledger->Append(rows.sales()).status(); },
            absl::StatusCode::kAlreadyExists);
}

TEST(LedgerFaults, Reverse) {
  const Rows rows(4, 30, 2000);
  CheckCall([&](Ledger *ledger) { return ledger->Reverse(rows.reversals(), kHold).status(); },
            absl::StatusCode::kOk);
}

TEST(LedgerFaults, ReverseThatIsRefused) {
  const Rows rows(5, 30, 2000);
  CheckCall([&](Ledger *ledger) { return ledger->Reverse(rows.reversals()).status(); },
            absl::StatusCode::kNotFound);
}

TEST(LedgerFaults, Correct) {
  const Rows rows(6, 40, 10);
  CheckCall([&](Ledger *ledger) { return ledger->Correct(rows.sales()).status(); },
            absl::StatusCode::kOk);
}

TEST(LedgerFaults, ScoresOfTouchedCustomersAreNotLost) {
  const Rows rows(7, 50, 5000);
  LedgerRfmOptions options;
  options.rule.frequency = PurchaseUnit::kDay;
  options.mean = true;
  options.only_touched = true;
  const auto listed = [&](Ledger *ledger) {
    std::vector<std::string> names;
    const auto rfm = ledger->Rfm(options);
    for (const std::string_view name : rfm->customer.text) names.emplace_back(name);
    return names;
  };
  for (const bool measured : {false, true}) {
    Ledger reference = MakeLedger(measured);
    ASSERT_TRUE(reference.Append(rows.sales()).ok());
    const std::vector<std::string> expected = listed(&reference);
    const std::string answers = Answers(&reference);
    for (int64_t n = 0;; ++n) {
      Ledger ledger = MakeLedger(measured);
      ASSERT_TRUE(ledger.Append(rows.sales()).ok());
      bool thrown = false;
      {
        const faults::FailAllocation fail(n, n % 2 == 0);
        try {
          EXPECT_TRUE(ledger.Rfm(options).ok());
        } catch (const std::bad_alloc &) {
          thrown = true;
        }
      }
      if (!faults::failed) break;
      if (thrown) {
        ASSERT_EQ(listed(&ledger), expected) << "allocation " << n;
      }
      ASSERT_TRUE(listed(&ledger).empty()) << "allocation " << n;
      ASSERT_EQ(Answers(&ledger), answers) << "allocation " << n;
    }
  }
}

TEST(LedgerFaults, FromContent) {
  Ledger ledger = MakeLedger(false);
  const LedgerContent content = ledger.Content();
  const int64_t live = faults::live;
  for (int64_t n = 0;; ++n) {
    {
      const faults::FailAllocation fail(n, n % 2 == 0);
      try {
        EXPECT_TRUE(Ledger::FromContent(content).ok());
      } catch (const std::bad_alloc &) {
      }
    }
    if (!faults::failed) break;
    ASSERT_EQ(faults::live, live) << "allocation " << n;
  }
}

TEST(OrderIndexFaults, Update) {
  std::mt19937_64 random(8);
  for (const int64_t width : {100, 60'000, 1'000'000'000}) {
    std::vector<int64_t> held, removed, added;
    for (int i = 0; i < 3000; ++i) held.push_back(static_cast<int64_t>(random()) % width);
    removed.assign(held.begin(), held.begin() + 700);
    for (int i = 0; i < 600; ++i) added.push_back(static_cast<int64_t>(random()) % width);
    added.push_back(width * 100);  // Counters have to give way.
    const auto listed = [](const OrderIndex &index) {
      std::vector<int64_t> values;
      for (size_t k = 0; k < index.size(); ++k) values.push_back(index(k));
      return values;
    };
    OrderIndex original;
    original.Assign(held);
    original.Update({}, std::vector<int64_t>{1, 2, 3});
    const std::vector<int64_t> before = listed(original);
    OrderIndex updated = original;
    updated.Update(removed, added);
    for (int64_t n = 0;; ++n) {
      OrderIndex index = original;
      bool thrown = false;
      {
        const faults::FailAllocation fail(n, n % 2 == 0);
        try {
          index.Update(removed, added);
        } catch (const std::bad_alloc &) {
          thrown = true;
        }
      }
      if (!faults::failed) break;
      ASSERT_TRUE(thrown);
      ASSERT_EQ(listed(index), before) << "allocation " << n;
      index.Update(removed, added);
      ASSERT_EQ(listed(index), listed(updated)) << "allocation " << n;
    }
  }
}

}  // namespace
}  // namespace patron::value
