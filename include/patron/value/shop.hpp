// A generated shop: transactions of customers whose truth is known.
#ifndef PATRON_VALUE_SHOP_HPP_
#define PATRON_VALUE_SHOP_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/parallel.hpp"
#include "patron/base/random.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"

namespace patron::value {

// A shop over `days` from `start`.
//
// A customer joins, with a first order, at a uniform instant; orders follow as a Poisson process
// whose rate is gamma distributed over customers (shape 1.5), until the customer is lost after an
// exponential lifetime whose rate is gamma distributed too (shape 2): the assumptions of the
// Pareto/NBD model. Amounts are gamma distributed (shape 4) around a mean of the customer's own,
// which is lognormal (sigma 0.8).
struct ShopOptions {
  int64_t customers = 5000;               // 0 to 100,000,000.
  int32_t days = 730;                     // 1 to 36,500.
  int64_t start = 1'704'067'200'000'000;  // 2024-01-01 UTC, in microseconds.
  uint64_t seed = 42;
  double orders_a_year = 6;     // Mean rate of customers who are not lost; above 0, at most 10,000.
  double mean_spend = 60;       // Mean amount of an order, in currency; 0.01 to 1,000,000.
  double lifetime_years = 1.5;  // Mean time until a customer is lost; above 0.
  double refund_rate = 0.06;  // Probability that an order is returned, in whole or in part; [0, 1].
};

struct Shop {
  // Transactions in order of time; refunds have the order they take back.
  std::vector<int64_t> customer, transaction, order;
  std::vector<int64_t> time;   // Microseconds.
  std::vector<int64_t> cents;  // Hundredths of the currency; negative is a refund.

  // The truth of customers 1, 2, 3, ...
  std::vector<double> rate;           // Orders a year.
  std::vector<double> mean_spend;     // Currency.
  std::vector<int64_t> joined, lost;  // Microseconds; a customer alive at the end is lost later.
  int64_t end = 0;                    // The first instant after the history.
};

// Generates a shop. Equal options give equal rows on any number of threads; another machine may
// differ where its math library does. Errors: InvalidArgument for an option out of its range;
// ResourceExhausted if a task ran out of memory; Cancelled. Cost: O(rows log rows).
absl::StatusOr<Shop> SimulateShop(const ShopOptions &options, const Execution &execution = {});

namespace detail {

inline absl::Status CheckShop(const ShopOptions &o) {
  const auto check = [](std::string_view name, double value, double low, double high, bool open) {
    if (value >= low && value <= high && !(open && value == low)) return absl::OkStatus();
    return InvalidOption(name, FormatNumber(value),
                         absl::StrCat(open ? "above " : "", FormatNumber(low),
                                      open ? ", at most " : " to ", FormatNumber(high)));
  };
  PATRON_RETURN_IF_ERROR(check("customers", static_cast<double>(o.customers), 0, 1e8, false));
  PATRON_RETURN_IF_ERROR(check("days", o.days, 1, 36'500, false));
  PATRON_RETURN_IF_ERROR(check("orders_a_year", o.orders_a_year, 0, 10'000, true));
  PATRON_RETURN_IF_ERROR(check("mean_spend", o.mean_spend, 0.01, 1e6, false));
  PATRON_RETURN_IF_ERROR(check("lifetime_years", o.lifetime_years, 0, 1000, true));
  PATRON_RETURN_IF_ERROR(check("refund_rate", o.refund_rate, 0, 1, false));
  constexpr int64_t kFar = std::numeric_limits<int64_t>::max() / 4;
  if (o.start < -kFar || o.start > kFar) {
    return InvalidOption("start", absl::StrCat(o.start), "an instant within 70,000 years of 1970");
  }
  return absl::OkStatus();
}

inline constexpr double kMicrosPerYear = 365.25 * static_cast<double>(kMicrosPerDay);

struct ShopRow {
  int64_t time;
  int64_t customer;
  int64_t purchase;  // Count of the customer's orders before this one.
  int64_t cents;

  auto operator<=>(const ShopRow &) const = default;
};

// The history of customer `c` (from 0), drawn from the stream of that number.
inline void SimulateCustomer(const ShopOptions &o, int64_t c, Shop &shop,
                             std::vector<ShopRow> &rows) {
  constexpr double kRateShape = 1.5, kLossShape = 2.0, kSpendShape = 4.0, kSpread = 0.8;
  constexpr double kDaysToReturn = 10.0, kWholeReturns = 0.6;
  const RandomStream random(o.seed, static_cast<uint64_t>(c));
  uint32_t draw = 0;  // Each number is a draw of its own.
  const double history = static_cast<double>(o.days) * static_cast<double>(kMicrosPerDay);
  const auto instant = [](double micros) {  // Whole seconds, as order systems keep them.
    return static_cast<int64_t>(micros / kMicrosPerSecond) * kMicrosPerSecond;
  };
  const double joined = random.Uniform(draw++) * history;
  const double rate = o.orders_a_year * random.Gamma(draw++, kRateShape) / kRateShape;
  const double loss = random.Gamma(draw++, kLossShape) / (o.lifetime_years * (kLossShape - 1));
  // Far lifetimes are cut where no instant would hold them.
  const double lifetime = std::min(random.Exponential(draw++) / loss, 10'000.0) * kMicrosPerYear;
  const double spend =
      o.mean_spend * std::exp(kSpread * random.Normal(draw++) - kSpread * kSpread / 2);
  shop.joined[c] = o.start + instant(joined);
  shop.lost[c] = o.start + instant(joined + lifetime);
  shop.rate[c] = rate;
  shop.mean_spend[c] = spend;
  const double end = std::min(history, joined + lifetime);
  int64_t purchase = 0;
  for (double at = joined; at < end;
       at += random.Exponential(draw++) / rate * kMicrosPerYear, ++purchase) {
    const double amount = spend * random.Gamma(draw++, kSpendShape) / kSpendShape;
    const int64_t cents = std::max<int64_t>(1, std::llround(amount * 100));
    rows.push_back({o.start + instant(at), c + 1, purchase, cents});
    if (random.Uniform(draw++) >= o.refund_rate) continue;
    const double back =
        at + random.Exponential(draw++) * kDaysToReturn * static_cast<double>(kMicrosPerDay);
    const bool whole = random.Uniform(draw++) < kWholeReturns;
    const double share = random.Uniform(draw++);
    const int64_t later = std::max(instant(back), instant(at) + kMicrosPerSecond);
    if (later >= o.days * kMicrosPerDay) continue;
    const int64_t refund =
        whole ? cents : std::max<int64_t>(1, std::llround(share * static_cast<double>(cents)));
    rows.push_back({o.start + later, c + 1, purchase, -refund});
  }
}

}  // namespace detail

inline absl::StatusOr<Shop> SimulateShop(const ShopOptions &o, const Execution &execution) {
  PATRON_RETURN_IF_ERROR(detail::CheckShop(o));
  Shop shop;
  shop.end = o.start + o.days * kMicrosPerDay;
  const auto customers = static_cast<size_t>(o.customers);
  shop.rate.resize(customers);
  shop.mean_spend.resize(customers);
  shop.joined.resize(customers);
  shop.lost.resize(customers);
  constexpr size_t kTogether = 4096;
  std::vector<detail::ShopRow> rows;
  for (size_t done = 0; done < customers;) {
    const size_t parts =
        std::min(execution.workers(), (customers - done + kTogether - 1) / kTogether);
    const size_t round = std::min(customers - done, parts * kTogether);
    std::vector<std::vector<detail::ShopRow>> drawn(parts);
    std::vector<absl::Status> statuses(parts);
    ParallelFor(execution, parts, [&](size_t p) {
      const Range part = PartOf(round, parts, p);
      try {
        for (size_t c = part.begin; c < part.end; ++c) {
          detail::SimulateCustomer(o, static_cast<int64_t>(done + c), shop, drawn[p]);
        }
      } catch (const std::bad_alloc &) {  // Tasks do not throw.
        statuses[p] = absl::ResourceExhaustedError("out of memory");
      }
    });
    for (const absl::Status &status : statuses) PATRON_RETURN_IF_ERROR(status);
    for (const auto &part : drawn) rows.insert(rows.end(), part.begin(), part.end());
    done += round;
    PATRON_RETURN_IF_ERROR(ReportProgress(execution, done, customers));
  }
  std::ranges::sort(rows);
  // Orders are numbered as they come; a refund finds the number of its order.
  std::vector<std::vector<int64_t>> orders(customers);
  for (auto *column : {&shop.customer, &shop.transaction, &shop.order, &shop.time, &shop.cents}) {
    column->reserve(rows.size());
  }
  int64_t last_order = 0;
  for (const detail::ShopRow &row : rows) {
    auto &own = orders[static_cast<size_t>(row.customer - 1)];
    if (row.cents > 0) own.push_back(++last_order);
    shop.customer.push_back(row.customer);
    shop.transaction.push_back(static_cast<int64_t>(shop.transaction.size()) + 1);
    shop.order.push_back(own[static_cast<size_t>(row.purchase)]);
    shop.time.push_back(row.time);
    shop.cents.push_back(row.cents);
  }
  return shop;
}

}  // namespace patron::value

#endif  // PATRON_VALUE_SHOP_HPP_
