#include "patron/value/customer_totals.hpp"

#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace patron::value {
namespace {

struct Rows {
  std::vector<int64_t> customer, time, amount;

  TransactionsInMemory source() const { return {std::span<const int64_t>(customer), time, amount}; }
  TransactionBatch batch(size_t begin, size_t count) const {
    return {std::span<const int64_t>(customer).subspan(begin, count),
            std::span<const int64_t>(time).subspan(begin, count),
            std::span<const int64_t>(amount).subspan(begin, count),
            {}};
  }
};

Rows RandomRows(uint64_t seed, size_t count) {
  std::mt19937_64 random(seed);
  Rows rows;
  for (size_t i = 0; i < count; ++i) {
    rows.customer.push_back(static_cast<int64_t>(random() % 500) * (seed % 2 ? 1 : 1'000'003));
    rows.time.push_back(static_cast<int64_t>(random() % 1000) - 300);
    rows.amount.push_back(static_cast<int64_t>(random() % 21) - 5);
  }
  return rows;
}

class Threads final : public Executor {
 public:
  explicit Threads(size_t workers) : workers_(workers) {}
  void Run(size_t count, absl::FunctionRef<void(size_t)> task) override {
    std::vector<std::thread> threads;
    for (size_t i = 0; i < count; ++i) threads.emplace_back([=] { task(i); });
    for (std::thread &thread : threads) thread.join();
  }
  size_t workers() const override { return workers_; }

 private:
  size_t workers_;
};

std::map<int64_t, CustomerTotal> ById(const CustomerTotals &totals) {
  std::map<int64_t, CustomerTotal> result;
  for (uint32_t code = 0; code < totals.customers().size(); ++code) {
    result[totals.customers().integer(code)] = totals.total(code);
  }
  return result;
}

// Row by row with a map: the reference.
std::map<int64_t, CustomerTotal> Reference(const Rows &rows, const TotalsRule &rule) {
  std::map<int64_t, CustomerTotal> result;
  for (size_t i = 0; i < rows.time.size(); ++i) {
    CustomerTotal &total = result[rows.customer[i]];
    const int64_t amount = rows.amount[i];
    if (rows.time[i] < rule.begin || rows.time[i] >= rule.end) continue;
    if (amount < 0 && rule.refunds == Refunds::kNet) total.sum += amount;
    if (amount < 0 || (amount == 0 && rule.zeros == Zeros::kIgnore)) continue;
    total.sum += amount;
    total.last = std::max(total.last, rows.time[i]);
    ++total.purchases;
  }
  return result;
}

TEST(CustomerTotalsTest, AgreesWithAMapForEveryRule) {
  for (const Refunds refunds : {Refunds::kNet, Refunds::kIgnore, Refunds::kSeparate}) {
    for (const Zeros zeros : {Zeros::kCount, Zeros::kIgnore}) {
      for (const int64_t end : {int64_t{250}, std::numeric_limits<int64_t>::max()}) {
        const Rows rows = RandomRows(end, 5000);
        const TotalsRule rule{refunds, zeros, PurchaseUnit::kRow, end == 250 ? -100 : kNoTime, end};
        const auto totals = TotalCustomers(rows.source(), rule);
        ASSERT_TRUE(totals.ok());
        EXPECT_EQ(ById(*totals), Reference(rows, rule));
      }
    }
  }
}

TEST(CustomerTotalsTest, ThreadsDoNotMatter) {
  const Rows rows = RandomRows(3, 400'000);
  const auto serial = TotalCustomers(rows.source(), {});
  Threads threads(3);
  const auto parallel = TotalCustomers(rows.source(), {}, {}, {.executor = &threads});
  ASSERT_TRUE(serial.ok() && parallel.ok());
  EXPECT_EQ(ById(*serial), ById(*parallel));
  EXPECT_EQ(serial->report().used, parallel->report().used);
  EXPECT_EQ(serial->last_row(), parallel->last_row());
}

TEST(CustomerTotalsTest, MergingInAnyOrderGivesTheSame) {
  const Rows rows = RandomRows(4, 3000);
  std::vector<CustomerTotals> parts(3);
  ASSERT_TRUE(parts[0].Update(rows.batch(0, 1700)).ok());
  ASSERT_TRUE(parts[1].Update(rows.batch(1700, 1)).ok());
  ASSERT_TRUE(parts[2].Update(rows.batch(1701, 1299)).ok());
  const auto expected = Reference(rows, {});
  for (const std::vector<int> &order : {std::vector{0, 1, 2}, {2, 1, 0}, {1, 2, 0}}) {
    CustomerTotals merged;
    for (const int part : order) ASSERT_TRUE(merged.Merge(parts[part]).ok());
    EXPECT_EQ(ById(merged), expected);
    EXPECT_EQ(merged.report().rows, 3000u);
  }
}

TEST(CustomerTotalsTest, SumsPastSixtyFourBitsStayExact) {
  const int64_t most = std::numeric_limits<int64_t>::max();
  const Rows rows{{1, 1, 1}, {1, 2, 3}, {most, most, -most}};
  const auto totals = TotalCustomers(rows.source(), {});
  ASSERT_TRUE(totals.ok());
  EXPECT_EQ(totals->total(0).sum, static_cast<__int128>(most));
}

TEST(CustomerTotalsTest, ARefundCanBeAnError) {
  const Rows rows{{1, 2, 3}, {1, 2, 3}, {5, -1, -2}};
  const auto totals = TotalCustomers(rows.source(), {.refunds = Refunds::kError});
  EXPECT_EQ(totals.status().message(),
            "amount: row 1 is a refund; expected no refunds (refunds: error) (2 rows in all)");
}

TEST(CustomerTotalsTest, StatesOfOtherRulesDoNotMerge) {
  CustomerTotals net, ignore({.refunds = Refunds::kIgnore});
  EXPECT_EQ(net.Merge(ignore).code(), absl::StatusCode::kFailedPrecondition);
}

// Sets of orders and days are the reference; order ids as integers and as text.
TEST(CustomerTotalsTest, TellsOrdersAndDaysApart) {
  std::mt19937_64 random(11);
  Rows rows = RandomRows(11, 20'000);
  std::vector<int64_t> order;
  std::vector<std::string> names;
  std::map<int64_t, std::set<int64_t>> orders, days;
  for (size_t i = 0; i < rows.time.size(); ++i) {
    rows.time[i] *= kMicrosPerDay / 7;
    order.push_back(static_cast<int64_t>(random() % 3000) - 1500);
    names.push_back("order " + std::to_string(order.back()));
    if (rows.amount[i] < 0) continue;
    orders[rows.customer[i]].insert(order.back());
    days[rows.customer[i]].insert(FloorDivide(rows.time[i], kMicrosPerDay));
  }
  const std::vector<std::string_view> text(names.begin(), names.end());
  const IdSpan customer = std::span<const int64_t>(rows.customer);
  const TransactionsInMemory by_integer(customer, rows.time, rows.amount,
                                        std::span<const int64_t>(order));
  const TransactionsInMemory by_text(customer, rows.time, rows.amount,
                                     std::span<const std::string_view>(text));
  const auto check = [&](const CustomerTotals &totals, auto &expected) {
    const auto purchases = totals.Purchases();
    for (uint32_t code = 0; code < purchases.size(); ++code) {
      ASSERT_EQ(purchases[code], expected[totals.customers().integer(code)].size());
    }
  };
  Threads threads(2);
  for (const TransactionsInMemory *source : {&by_integer, &by_text}) {
    check(*TotalCustomers(*source, {.unit = PurchaseUnit::kOrder}), orders);
    check(*TotalCustomers(*source, {.unit = PurchaseUnit::kDay}, {}, {.executor = &threads}), days);
    CustomerTotals merged({.unit = PurchaseUnit::kOrder});
    TransactionBatch batch;
    TransactionScratch scratch;
    for (const size_t begin : {15'000, 0, 5'000, 10'000}) {
      CustomerTotals part({.unit = PurchaseUnit::kOrder}, false, source->text_orders());
      ASSERT_TRUE(source->Read(begin, begin + 5000, scratch, batch).ok());
      ASSERT_TRUE(part.Update(batch).ok());
      ASSERT_TRUE(merged.Merge(part).ok());
    }
    check(merged, orders);
  }
}

TEST(CustomerTotalsTest, StopsWhenTold) {
  const Rows rows = RandomRows(5, 1000);
  Execution execution;
  execution.progress = [](void *, uint64_t, uint64_t) { return false; };
  EXPECT_EQ(TotalCustomers(rows.source(), {}, {}, execution).status().code(),
            absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace patron::value
