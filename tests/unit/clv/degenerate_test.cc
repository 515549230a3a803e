// Data that no model can be fitted to, or none but a simpler one: each ends in an error or in a
// limit by its name, never in a plain fit.
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "patron/base/random.hpp"
#include "patron/clv/bgbb.hpp"
#include "patron/clv/bgnbd.hpp"
#include "patron/clv/fit.hpp"
#include "patron/clv/gamma_gamma.hpp"
#include "patron/clv/ggompertz_nbd.hpp"
#include "patron/clv/history.hpp"
#include "patron/clv/nbd.hpp"
#include "patron/clv/pareto_nbd.hpp"
#include "patron/clv/retention.hpp"

namespace patron::clv {
namespace {

struct Customers {
  std::vector<double> x, recency, T, log_intervals, weights;

  void Add(double count, double last, double end, double logs = 0) {
    x.push_back(count);
    recency.push_back(last);
    T.push_back(end);
    log_intervals.push_back(logs);
  }
  PurchaseHistory history() const {
    return {std::span<const double>(x), recency, T, weights, log_intervals, {}, {}};
  }
};

template <typename T>
absl::StatusOr<Fit> FitPlain(const absl::StatusOr<T> &likelihood) {
  if (!likelihood.ok()) return likelihood.status();
  return FitModel(*likelihood, *Layout::Make(T::kNames));
}

// The fit of every model of continuous time, with its name.
std::vector<std::pair<std::string, absl::StatusOr<Fit>>> FitAll(const Customers &customers) {
  const auto grouped = Group(customers.history());
  if (!grouped.ok()) return {{"all", grouped.status()}};
  const auto bg = [&](bool at_zero, int k) {
    return FitPlain(BetaGeometricLikelihood::Make(*grouped, {at_zero, k}));
  };
  return {
      {"NBD", FitPlain(NbdLikelihood::Make(customers.x, customers.T, customers.weights))},
      {"Pareto/NBD", FitPlain(ParetoNbdLikelihood::Make(*grouped))},
      {"BG/NBD", bg(false, 1)},
      {"MBG/NBD", bg(true, 1)},
      {"BG/CNBD-2", bg(false, 2)},
      {"MBG/CNBD-2", bg(true, 2)},
      {"GGompertz/NBD", FitPlain(GGompertzNbdLikelihood::Make(*grouped))},
  };
}

bool Runs(const Fit &fit, Limit limit) {
  return std::ranges::find(fit.limits, limit) != fit.limits.end();
}

TEST(DegenerateTest, CustomersWhoAllBoughtOnce) {
  Customers customers;
  for (int i = 0; i < 60; ++i) customers.Add(0, 0, 10 + i % 20);
  for (const auto &[name, fit] : FitAll(customers)) {
    SCOPED_TRACE(name);
    ASSERT_TRUE(fit.ok()) << fit.status();
    EXPECT_FALSE(fit->interior());
    EXPECT_NEAR(fit->log_likelihood, 0, 1e-3);  // Nobody came back, for certain.
    if (name == "NBD" || name == "BG/NBD") {
      EXPECT_TRUE(Runs(*fit, Limit::kNoPurchases));
    }
  }
  EXPECT_EQ(LimitName(Limit::kNoPurchases), "no purchases");
}

TEST(DegenerateTest, OneCustomer) {
  Customers once, often;
  once.Add(0, 0, 12);
  often.Add(3, 10, 12, 3.3);
  for (const Customers &customers : {once, often}) {
    for (const auto &[name, fit] : FitAll(customers)) {
      SCOPED_TRACE(name);
      EXPECT_TRUE(fit.ok() ? !fit->interior() : absl::IsFailedPrecondition(fit.status()))
          << fit.status();
    }
  }
  for (const auto &[name, fit] : FitAll(often)) {
    SCOPED_TRACE(name);
    ASSERT_TRUE(fit.ok()) << fit.status();
    EXPECT_TRUE(Runs(*fit, Limit::kHomogeneousPurchasing));
    EXPECT_EQ(Runs(*fit, Limit::kNoDropout), name != "NBD");
  }
  const double one = 1, two = 2, five = 5;
  const uint8_t lost = 1;
  const auto bgbb = FitPlain(BgbbLikelihood::Make({&one, 1}, {&two, 1}, {&five, 1}));
  const auto sbg = FitPlain(SbgLikelihood::Make({{&two, 1}, {&lost, 1}, {}, {}, {}}));
  const auto bdw =
      FitPlain(BetaDiscreteWeibullLikelihood::Make({{&two, 1}, {&lost, 1}, {}, {}, {}}));
  const auto spend = FitPlain(GammaGammaLikelihood::Make({&two, 1}, {&five, 1}));
  for (const auto *fit : {&bgbb, &sbg, &bdw, &spend}) {
    EXPECT_TRUE(fit->ok() ? !(*fit)->interior() : absl::IsFailedPrecondition(fit->status()))
        << fit->status();
  }
}

// Random and regular buyers who never leave. Whether a or s falls to zero, or b or beta grows
// without end, the limit has one name.
TEST(DegenerateTest, NobodyDropsOut) {
  for (const auto &[seed, k] : {std::pair(2, 1), std::pair(3, 1), std::pair(1, 2)}) {
    Customers customers;
    for (uint64_t i = 0; i < 3000; ++i) {
      const RandomStream stream(static_cast<uint64_t>(seed), i);
      const double end = 20 + static_cast<double>(i % 30), rate = stream.Gamma(0, 1.2, 0.25);
      double t = 0, count = 0, logs = 0;
      for (uint32_t draw = 1;; ++draw) {
        const double gap = stream.Gamma(draw, k, 1 / rate);
        if (t + gap > end) break;
        t += gap;
        count += 1;
        logs += std::log(gap);
      }
      customers.Add(count, t, end, logs);
    }
    for (const auto &[name, fit] : FitAll(customers)) {
      // In models of another timing than that of the data, dropout takes up the slack.
      if (name == "NBD" || name.ends_with("-2") != (k == 2)) continue;
      SCOPED_TRACE(name + ", seed " + std::to_string(seed));
      ASSERT_TRUE(fit.ok()) << fit.status();
      EXPECT_FALSE(fit->interior());
      // Those with dropout at zero may hold some who never came back for lost at once.
      if (!name.starts_with("MBG")) {
        EXPECT_TRUE(Runs(*fit, Limit::kNoDropout));
      }
    }
  }
}

// What the message says of a history with one row changed.
std::string Said(const Customers &customers) {
  return std::string(Group(customers.history()).status().message());
}

TEST(DegenerateTest, RowsThatNoCustomerHas) {
  Customers good;
  for (int i = 0; i < 5; ++i) good.Add(i, 2 * i, 20, 0.1 * i);
  ASSERT_EQ(Said(good), "");
  const auto with = [&](auto change) {
    Customers customers = good;
    change(customers);
    return Said(customers);
  };
  EXPECT_EQ(with([](auto &c) { c.recency[3] = 21; }), "recency: row 3 is 21; expected at most T");
  EXPECT_EQ(with([](auto &c) { c.recency[0] = 4; }),
            "recency: row 0 is 4; expected 0, because frequency is 0");
  EXPECT_EQ(with([](auto &c) { c.x[2] = 2.5; }),
            "frequency: row 2 is 2.5; expected a whole number from 0 to 2^31");
  EXPECT_EQ(with([](auto &c) { c.x[1] = -1; }),
            "frequency: row 1 is -1; expected a whole number from 0 to 2^31");
  EXPECT_EQ(with([](auto &c) { c.T[4] = std::nan(""); }),
            "T: row 4 is nan; expected a finite number, 0 or above");
  EXPECT_EQ(with([](auto &c) {
              c.weights = {1, 0, 1, -2, 1};
            }),
            "weights: row 1 is 0; expected a positive number (2 rows in all)");
  EXPECT_EQ(with([](auto &c) { c.log_intervals[0] = 1; }),
            "log_intervals: row 0 is 1; expected 0, because frequency is 0");
  // One customer of no time is right, all of them are not.
  EXPECT_EQ(with([](auto &c) { c.T[0] = 0; }), "");
  EXPECT_EQ(with([](auto &c) {
              c = {};
              c.Add(0, 0, 0);
              c.Add(0, 0, 0);
            }),
            "T: 0 in all rows; expected time in which to purchase");
  EXPECT_EQ(Said({}), "frequency: no rows; expected at least 1");
}

// The likelihoods that group their rows themselves say the same.
TEST(DegenerateTest, RowsThatGroupThemselves) {
  const std::vector<double> x = {1, 2}, half = {1, 0.5}, end = {3, 4}, zero = {1, 0};
  const std::vector<double> spend = {10, -3}, nothing = {10, 0};
  EXPECT_EQ(NbdLikelihood::Make(half, end).status().message(),
            "frequency: row 1 is 0.5; expected a whole number, 0 or above");
  EXPECT_EQ(NbdLikelihood::Make(x, end, zero).status().message(),
            "weights: row 1 is 0; expected a finite number above 0");
  EXPECT_EQ(BgbbLikelihood::Make(zero, x, end).status().message(),
            "recency: row 1 is 2; expected 0 where frequency is 0");
  EXPECT_EQ(BgbbLikelihood::Make(x, end, x).status().message(),
            "recency: row 0 is 3; expected at most n_periods, 1");
  EXPECT_EQ(BgbbLikelihood::Make(x, x, zero).status().message(),
            "n_periods: row 1 is 0; expected a whole number, 1 or above");
  EXPECT_EQ(GammaGammaLikelihood::Make(x, spend).status().message(),
            "monetary_value: row 1 is -3; expected a finite number above 0");
  EXPECT_EQ(GammaGammaLikelihood::Make(x, nothing).status().message(),
            "monetary_value: row 1 is 0; expected a finite number above 0");
  const std::vector<uint8_t> lost = {0, 1};
  EXPECT_EQ(SbgLikelihood::Make({zero, lost, {}, {}, {}}).status().message(),
            "renewals: row 1 is 0; expected at least 1 for a lost customer");
  EXPECT_EQ(SbgLikelihood::Make({half, lost, {}, {}, {}}).status().message(),
            "renewals: row 1 is 0.5; expected a whole number, 0 or above");
  EXPECT_EQ(SbgLikelihood::Make({x, lost, zero, {}, {}}).status().message(),
            "weights: row 1 is 0; expected a finite number above 0");
}

}  // namespace
}  // namespace patron::clv
