#include "patron/value/shop.hpp"

#include <map>
#include <set>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace patron::value {
namespace {

class Threads final : public Executor {
 public:
  void Run(size_t count, absl::FunctionRef<void(size_t)> task) override {
    std::vector<std::thread> threads;
    for (size_t i = 0; i < count; ++i) threads.emplace_back([=] { task(i); });
    for (std::thread &thread : threads) thread.join();
  }
  size_t workers() const override { return 3; }
};

TEST(ShopTest, EqualOptionsGiveEqualRows) {
  const auto serial = SimulateShop({.customers = 20'000});
  Threads threads;
  const auto parallel = SimulateShop({.customers = 20'000}, {.executor = &threads});
  const auto other = SimulateShop({.customers = 20'000, .seed = 43});
  ASSERT_TRUE(serial.ok() && parallel.ok() && other.ok());
  EXPECT_EQ(serial->cents, parallel->cents);
  EXPECT_EQ(serial->time, parallel->time);
  EXPECT_EQ(serial->order, parallel->order);
  EXPECT_EQ(serial->lost, parallel->lost);
  EXPECT_NE(serial->cents, other->cents);
}

TEST(ShopTest, RefundsFollowTheirOrderAndNeverExceedIt) {
  const auto shop = SimulateShop({.customers = 3000, .refund_rate = 0.5});
  ASSERT_TRUE(shop.ok());
  struct Order {
    int64_t customer, time, cents;
  };
  std::map<int64_t, Order> orders;
  std::set<int64_t> transactions;
  size_t refunds = 0;
  for (size_t i = 0; i < shop->time.size(); ++i) {
    EXPECT_TRUE(transactions.insert(shop->transaction[i]).second);
    EXPECT_LE(shop->time[i == 0 ? 0 : i - 1], shop->time[i]);
    EXPECT_LT(shop->time[i], shop->end);
    const auto c = static_cast<size_t>(shop->customer[i] - 1);
    EXPECT_GE(shop->time[i], shop->joined[c]);
    if (shop->cents[i] > 0) {
      EXPECT_LE(shop->time[i], shop->lost[c]);
      EXPECT_TRUE(
          orders.emplace(shop->order[i], Order{shop->customer[i], shop->time[i], shop->cents[i]})
              .second);
    } else {
      ++refunds;
      const auto order = orders.find(shop->order[i]);
      ASSERT_NE(order, orders.end());
      EXPECT_EQ(order->second.customer, shop->customer[i]);
      EXPECT_LT(order->second.time, shop->time[i]);
      EXPECT_LE(-shop->cents[i], order->second.cents);
    }
  }
  EXPECT_GT(refunds, orders.size() / 3);
}

// Means of the model within five standard errors: gamma rates have variance 36 / 1.5, lognormal
// spend 60^2 (e^0.64 - 1). The chance to outlive t years is (1.5 / (1.5 + t))^2.
TEST(ShopTest, TheTruthHasTheMomentsAskedFor) {
  const int64_t n = 100'000;
  const auto shop = SimulateShop({.customers = n, .days = 1});
  ASSERT_TRUE(shop.ok());
  double rate = 0, spend = 0, alive = 0;
  for (int64_t c = 0; c < n; ++c) {
    rate += shop->rate[c] / n;
    spend += shop->mean_spend[c] / n;
    alive +=
        (static_cast<double>(shop->lost[c] - shop->joined[c]) > 365.25 * 86400e6 ? 1.0 : 0.0) / n;
  }
  EXPECT_NEAR(rate, 6, 5 * std::sqrt(36 / 1.5 / n));
  EXPECT_NEAR(spend, 60, 5 * std::sqrt(3600 * (std::exp(0.64) - 1) / n));
  EXPECT_NEAR(alive, 0.36, 5 * std::sqrt(0.36 * 0.64 / n));
}

TEST(ShopTest, RefusesOptionsOutOfRange) {
  EXPECT_EQ(SimulateShop({.days = 0}).status().message(), "days: 0; expected 1 to 36500");
  EXPECT_EQ(SimulateShop({.refund_rate = 1.5}).status().message(),
            "refund_rate: 1.5; expected 0 to 1");
  EXPECT_EQ(SimulateShop({.lifetime_years = 0}).status().message(),
            "lifetime_years: 0; expected above 0, at most 1000");
  EXPECT_FALSE(SimulateShop({.orders_a_year = std::nan("")}).ok());
  EXPECT_TRUE(SimulateShop({.customers = 0})->time.empty());
}

}  // namespace
}  // namespace patron::value
