// Value kernels under failing allocations: as they were, or as if nothing had failed.
#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "faults/failing_allocator.hpp"
#include "gtest/gtest.h"
#include "patron/base/ids.hpp"
#include "patron/value/shop.hpp"
#include "patron/value/total_customers.hpp"

namespace patron::value {
namespace {

using faults::FailAllocation;

// Runs `call`, which tells whether it succeeded, with allocation 0, 1, 2, ... failing, until none
// fails any more; after each failure calls `check`. Returns how often it failed.
template <typename Call, typename Check>
int64_t FailEach(Call call, Check check) {
  for (int64_t n = 0;; ++n) {
    bool done = false;
    {
      const FailAllocation fail(n);
      try {
        done = call();
      } catch (const std::bad_alloc &) {
      }
    }
    if (!faults::failed) {
      EXPECT_TRUE(done);
      return n;
    }
    if (!done) check();
  }
}

std::vector<std::string_view> Views(const std::vector<std::string> &names) {
  return {names.begin(), names.end()};
}

TEST(IdIndexFaultsTest, AFailedEncodeLeavesTheIndexAsItWas) {
  std::vector<std::string> old_names, new_names;
  std::vector<int64_t> old_ids, close_ids, far_ids;
  for (int64_t i = 0; i < 300; ++i) {
    old_names.push_back("customer " + std::to_string(i));
    old_ids.push_back(i);
  }
  for (int64_t i = 200; i < 900; ++i) {
    new_names.push_back(std::string(i % 40, 'n') + std::to_string(i));
    close_ids.push_back(i);
    far_ids.push_back(i * 1'000'000'007);
  }
  const auto old_views = Views(old_names), new_views = Views(new_names);
  const auto check = [](const IdSpan &before, const IdSpan &more) {
    std::vector<uint32_t> codes(more.size());
    IdIndex base(before.is_text());
    ASSERT_TRUE(base.Encode(before, std::span(codes).first(before.size())).ok());
    IdIndex index = base;
    const int64_t failures = FailEach([&] { return index.Encode(more, codes).ok(); },
                                      [&] {
                                        ASSERT_EQ(index.size(), base.size());
                                        std::vector<uint32_t> found(more.size()),
                                            expected(more.size());
                                        index.Find(more, found);
                                        base.Find(more, expected);
                                        ASSERT_EQ(found, expected);
                                      });
    EXPECT_GE(failures, 2);
  };
  check(std::span<const std::string_view>(old_views), std::span<const std::string_view>(new_views));
  check(std::span<const int64_t>(old_ids), std::span<const int64_t>(close_ids));
  check(std::span<const int64_t>(old_ids), std::span<const int64_t>(far_ids));
}

TEST(CustomerTotalsFaultsTest, AFailedUpdateChangesNothing) {
  std::vector<int64_t> customer, time, amount;
  for (int64_t i = 0; i < 3000; ++i) {
    customer.push_back(i % 700);
    time.push_back(i * 40 * kMicrosPerDay);  // Through many changes of the clocks.
    amount.push_back(i % 9 - 1);
  }
  const auto batch = [&](size_t begin, size_t count) -> TransactionBatch {
    return {std::span<const int64_t>(customer).subspan(begin, count),
            std::span<const int64_t>(time).subspan(begin, count),
            std::span<const int64_t>(amount).subspan(begin, count),
            {}};
  };
  const auto zone = CivilDays::In("Europe/Berlin");
  ASSERT_TRUE(zone.ok()) << zone.status();
  const TotalsRule rule{.unit = PurchaseUnit::kDay};
  CustomerTotals before(rule, false, false, *zone);
  ASSERT_TRUE(before.Update(batch(0, 100)).ok());
  CustomerTotals totals = before;
  const int64_t failures =
      FailEach([&] { return totals.Update(batch(100, 2900)).ok(); },
               [&] {
                 ASSERT_EQ(totals.customers().size(), before.customers().size());
                 ASSERT_EQ(totals.report(), before.report());
                 ASSERT_EQ(totals.last_row(), before.last_row());
                 ASSERT_EQ(totals.Purchases(), before.Purchases());
                 for (uint32_t code = 0; code < before.customers().size(); ++code) {
                   ASSERT_EQ(totals.total(code), before.total(code));
                 }
               });
  EXPECT_GT(failures, 5);
  EXPECT_EQ(totals.report().rows, 3000u);
}

// An executor that ends the process if a task throws, as a host's thread does.
class Threads final : public Executor {
 public:
  void Run(size_t count, absl::FunctionRef<void(size_t)> task) override {
    for (size_t i = 0; i < count; ++i) [&]() noexcept { task(i); }();
  }
  size_t workers() const override { return 3; }
};

TEST(ShopFaultsTest, TasksDoNotThrow) {
  Threads threads;
  int64_t out_of_memory = 0;
  for (int64_t n = 0; n < 40; ++n) {  // The tasks come first.
    const FailAllocation fail(n);
    try {
      const auto shop = SimulateShop({.customers = 5000, .days = 30}, {.executor = &threads});
      out_of_memory += shop.status().code() == absl::StatusCode::kResourceExhausted;
    } catch (const std::bad_alloc &) {  // On the calling thread it may.
    }
  }
  EXPECT_GT(out_of_memory, 0);
}

}  // namespace
}  // namespace patron::value
