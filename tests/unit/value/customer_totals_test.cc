#include "patron/value/total_customers.hpp"

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

// Leaves out rows by a mask, as a table with nulls does.
class Gappy final : public TransactionSource {
 public:
  Gappy(const Rows &rows, std::vector<uint8_t> keep) : rows_(rows), keep_(std::move(keep)) {}
  uint64_t rows() const override { return keep_.size(); }
  bool text_customers() const override { return false; }
  bool has_orders() const override { return false; }
  bool text_orders() const override { return false; }
  absl::Status Read(uint64_t begin, uint64_t end, TransactionScratch &scratch,
                    TransactionBatch &batch) const override {
    scratch.keep.assign(keep_.begin() + static_cast<ptrdiff_t>(begin),
                        keep_.begin() + static_cast<ptrdiff_t>(end));
    scratch.customer.clear();
    scratch.time.clear();
    scratch.amount.clear();
    for (uint64_t i = begin; i < end; ++i) {
      if (keep_[i] == 0) continue;
      scratch.customer.push_back(rows_.customer[i]);
      scratch.time.push_back(rows_.time[i]);
      scratch.amount.push_back(rows_.amount[i]);
    }
    batch = {std::span<const int64_t>(scratch.customer), scratch.time, scratch.amount, {}};
    return absl::OkStatus();
  }

 private:
  const Rows &rows_;
  std::vector<uint8_t> keep_;
};

// Row and count are of the whole input, whatever is left out and however it is cut.
TEST(CustomerTotalsTest, ARefusedRefundIsNamedByTheRowsOfTheCaller) {
  constexpr size_t kCount = 600'000;
  Rows rows{{}, {}, std::vector<int64_t>(kCount, 1)};
  for (size_t i = 0; i < kCount; ++i) {
    rows.customer.push_back(static_cast<int64_t>(i % 1000));
    rows.time.push_back(static_cast<int64_t>(i));
  }
  std::vector<uint8_t> keep(kCount, 1);
  for (size_t i = 0; i < kCount; i += 3) keep[i] = 0;
  for (const size_t row : {400'001, 400'003, 410'000, 599'999}) rows.amount[row] = -1;
  rows.amount[3] = -1;        // Left out.
  rows.amount[400'004] = -1;  // Where the window ends.
  keep[410'000] = keep[599'999] = keep[400'001] = keep[400'003] = keep[400'004] = 1;
  const Gappy source(rows, keep);
  Threads threads(3);
  bool (*const go_on)(void *, uint64_t, uint64_t) = [](void *, uint64_t, uint64_t) { return true; };
  for (Executor *executor : {static_cast<Executor *>(nullptr), static_cast<Executor *>(&threads)}) {
    for (const auto progress : {static_cast<ProgressFunction>(nullptr), go_on}) {
      const Execution execution{.executor = executor, .progress = progress};
      EXPECT_EQ(
          TotalCustomers(source, {.refunds = Refunds::kError}, {}, execution).status().message(),
          "amount: row 400001 is a refund; expected no refunds (refunds: error) (5 rows in all)");
      const TotalsRule to_400004{.refunds = Refunds::kError, .end = 400'004};
      EXPECT_EQ(TotalCustomers(source, to_400004, {}, execution).status().message(),
                "amount: row 400001 is a refund; expected no refunds (refunds: error) (2 rows in "
                "all)");
    }
  }
}

// Ids by which totals are found directly, by hash, and first the one and then the other.
TEST(CustomerTotalsTest, AgreesWithAMapForIdsCloseAndFar) {
  std::mt19937_64 random(17);
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
  constexpr int64_t kGreatest = std::numeric_limits<int64_t>::max();
  Threads threads(3);
  for (const int shape : {0, 1, 2, 3, 4, 5}) {
    Rows rows = RandomRows(7, 300'000);
    for (size_t i = 0; i < rows.customer.size(); ++i) {
      int64_t &id = rows.customer[i];
      const auto near = static_cast<int64_t>(random() % 90'000);
      if (shape == 0) id = near - 45'000;
      if (shape == 1) id = kLeast + near;
      if (shape == 2) id = kGreatest - near;
      if (shape == 3) id = i < 290'000 ? near : near * 1'000'000'007;
      if (shape == 4) id = i < 150'000 ? near : near + (int64_t{1} << 40);
      if (shape == 5) id = static_cast<int64_t>(i / 4) - static_cast<int64_t>(i % 3) * 30'000;
    }
    for (const TotalsRule &rule :
         {TotalsRule{},
          TotalsRule{.refunds = Refunds::kIgnore, .zeros = Zeros::kIgnore, .end = 600}}) {
      const auto expected = Reference(rows, rule);
      for (const size_t workers : {1, 3}) {
        Threads some(workers);
        const auto totals = TotalCustomers(rows.source(), rule, {}, {.executor = &some});
        ASSERT_TRUE(totals.ok()) << totals.status();
        ASSERT_EQ(ById(*totals), expected) << "shape " << shape << ", " << workers << " workers";
        int64_t last = kNoTime;
        for (size_t i = 0; i < rows.time.size(); ++i) {
          const bool counts = rows.amount[i] > 0 ||
                              (rows.amount[i] == 0 && rule.zeros == Zeros::kCount) ||
                              (rows.amount[i] < 0 && rule.refunds == Refunds::kNet);
          if (counts && rows.time[i] < rule.end) last = std::max(last, rows.time[i]);
        }
        EXPECT_EQ(totals->last_row(), last);
        EXPECT_EQ(totals->report().rows, rows.time.size());
      }
    }
  }
}

TEST(CustomerTotalsTest, RefusesColumnsOfDifferentLengths) {
  const std::vector<int64_t> two(2, 1), three(3, 1);
  CustomerTotals totals;
  EXPECT_EQ(totals.Update({std::span<const int64_t>(two), three, three, {}}).message(),
            "transactions: columns differ in length");
  EXPECT_EQ(totals.customers().size(), 0u);
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
