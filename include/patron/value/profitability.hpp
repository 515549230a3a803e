// Profitability: what each customer earns after the costs that serving them causes.
#ifndef PATRON_VALUE_PROFITABILITY_HPP_
#define PATRON_VALUE_PROFITABILITY_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/base/sum.hpp"
#include "patron/value/cost_allocation.hpp"

namespace patron::value {

// Activity that costs money: orders, lines, credit notes, contacts, complaints, minutes, visits.
struct CostDriver {
  std::string name;      // Of the column, for messages and the result.
  NumberColumn counts;   // How often for each customer; not negative.
  double unit_cost = 0;  // In the unit of the margin; not negative.
};

// Costs that no activity of one customer causes, and the key they are shared out by.
struct FixedCost {
  enum class Key : uint8_t { kEqual, kRevenue, kDriver };

  double amount = 0;  // In the unit of the margin; not negative.
  Key key = Key::kEqual;
  size_t driver = 0;  // For kDriver: the index into the drivers.

  // What a customer with negative revenue bears: an error, or nothing as one without revenue.
  bool negative_revenue_bears_nothing = false;
};

// The margin of a customer is margin_rate * revenue (pass margins as revenue with rate 1). All
// columns have one row for each customer, in the same order.
struct ProfitabilityInput {
  NumberColumn revenue;
  double margin_rate = 1;
  std::vector<CostDriver> drivers;
  FixedCost fixed_cost;
  bool with_parts = false;  // Whether the result tells what each profit is made of.
};

struct Profitability {
  std::vector<double> profit;      // margin - sum(count * unit cost) - share of the fixed cost.
  std::vector<double> fixed_cost;  // What each customer bears; sums exactly to the amount.

  // With parts: the margin of each customer, what each driver costs there, and the sum of that in
  // the order of the drivers.
  std::vector<double> margins;
  std::vector<std::vector<double>> costs;
  std::vector<double> activity_costs;

  double revenue = 0;
  double margin = 0;
  std::vector<double> driver_costs;  // One for each driver.
  double allocated = 0;              // The fixed cost.
  double total_profit = 0;
  uint64_t loss_customers = 0;             // Customers with a profit below zero.
  double losses = 0;                       // Sum of their profits: at most 0.
  uint64_t customers_bearing_nothing = 0;  // For negative_revenue_bears_nothing.
};

// Activity-based customer profitability (Kaplan and Cooper 1998): what customers earn, less what
// they cause, less what is shared out. The result has the unit of revenue and unit costs, such
// as currency or units of 10^-4 of it.
//
// Errors: InvalidArgument naming the column and row if lengths differ, a number is not finite, a
// count or cost is negative, or the fixed cost has no positive key to go by; OutOfRange if sums
// pass the range of a double. Cost: one pass for each column.
absl::StatusOr<Profitability> MeasureProfitability(const ProfitabilityInput &input,
                                                   const Execution &execution = {});

namespace detail {

inline absl::Status CheckProfitabilityInput(const ProfitabilityInput &input,
                                            const Execution &execution) {
  const size_t customers = RowsOf(input.revenue);
  PATRON_RETURN_IF_ERROR(CheckNumbers("revenue", input.revenue, customers, false, execution));
  if (!std::isfinite(input.margin_rate)) {
    return InvalidOption("margin_rate", FormatNumber(input.margin_rate), "a finite number");
  }
  for (const CostDriver &driver : input.drivers) {
    PATRON_RETURN_IF_ERROR(CheckNumbers(driver.name, driver.counts, customers, true, execution));
    if (!(driver.unit_cost >= 0 && std::isfinite(driver.unit_cost))) {
      return InvalidOption(absl::StrCat("unit cost of ", driver.name),
                           FormatNumber(driver.unit_cost), "a finite number of at least 0");
    }
  }
  const FixedCost &fixed = input.fixed_cost;
  if (!(fixed.amount >= 0 && std::isfinite(fixed.amount))) {
    return InvalidOption("fixed_cost", FormatNumber(fixed.amount), "a finite number of at least 0");
  }
  if (fixed.key == FixedCost::Key::kDriver && fixed.driver >= input.drivers.size()) {
    return InvalidOption("fixed_cost driver", absl::StrCat(fixed.driver),
                         absl::StrCat("an index below ", input.drivers.size()));
  }
  return absl::OkStatus();
}

// Shares the fixed cost out; also says how many customers with negative revenue bear none.
inline absl::Status AllocateFixedCost(const ProfitabilityInput &input, Profitability &result) {
  const FixedCost &fixed = input.fixed_cost;
  result.fixed_cost.assign(RowsOf(input.revenue), 0.0);
  if (fixed.amount == 0) return absl::OkStatus();
  const auto allocate = [&](std::string_view key, const NumberColumn *weights) {
    return AllocateExactly(fixed.amount, key, weights, result.fixed_cost);
  };
  if (fixed.key == FixedCost::Key::kEqual) return allocate("fixed_cost", nullptr);
  if (fixed.key == FixedCost::Key::kDriver) {
    const CostDriver &driver = input.drivers[fixed.driver];
    return allocate(driver.name, &driver.counts);
  }
  if (!fixed.negative_revenue_bears_nothing) {
    PATRON_RETURN_IF_ERROR(CheckNumbers("revenue", input.revenue, RowsOf(input.revenue), true, {}));
    return allocate("revenue", &input.revenue);
  }
  std::vector<double> bearing(RowsOf(input.revenue));
  for (size_t i = 0; i < bearing.size(); ++i) {
    const double revenue = NumberAt(input.revenue, i);
    bearing[i] = std::max(0.0, revenue);
    if (revenue < 0) ++result.customers_bearing_nothing;
  }
  const NumberColumn weights = std::span<const double>(bearing);
  return allocate("revenue", &weights);
}

}  // namespace detail

inline absl::StatusOr<Profitability> MeasureProfitability(const ProfitabilityInput &input,
                                                          const Execution &execution) {
  PATRON_RETURN_IF_ERROR(detail::CheckProfitabilityInput(input, execution));
  Profitability result;
  PATRON_RETURN_IF_ERROR(detail::AllocateFixedCost(input, result));
  const size_t customers = RowsOf(input.revenue);
  const size_t drivers = input.drivers.size();
  result.profit.resize(customers);
  if (input.with_parts) {
    result.margins.resize(customers);
    result.costs.assign(drivers, std::vector<double>(customers));
    result.activity_costs.resize(customers);
  }

  struct Sums {
    Total<double> revenue, margin, allocated, profit, losses;
    std::vector<Total<double>> drivers;
    uint64_t loss_customers = 0;
  };
  std::vector<Sums> parts(TasksFor(customers));
  for (Sums &sums : parts) sums.drivers.resize(drivers);  // Tasks do not allocate.
  ParallelFor(execution, parts.size(), [&](size_t task) {
    const Range rows = TaskRows(customers, task);
    Sums &sums = parts[task];
    for (size_t i = rows.begin; i < rows.end; ++i) {
      const double revenue = NumberAt(input.revenue, i);
      const double margin = input.margin_rate * revenue;
      sums.revenue.Add(revenue);
      sums.margin.Add(margin);
      double profit = margin;
      for (size_t d = 0; d < drivers; ++d) {
        const double cost = input.drivers[d].unit_cost * NumberAt(input.drivers[d].counts, i);
        sums.drivers[d].Add(cost);
        profit -= cost;
        if (input.with_parts) {
          result.costs[d][i] = cost;
          result.activity_costs[i] += cost;
        }
      }
      if (input.with_parts) result.margins[i] = margin;
      sums.allocated.Add(result.fixed_cost[i]);
      profit -= result.fixed_cost[i];
      result.profit[i] = profit;
      sums.profit.Add(profit);
      if (profit < 0) {
        ++sums.loss_customers;
        sums.losses.Add(profit);
      }
    }
  });
  Sums all;
  all.drivers.resize(drivers);
  for (const Sums &part : parts) {
    all.revenue.Add(part.revenue);
    all.margin.Add(part.margin);
    all.allocated.Add(part.allocated);
    all.profit.Add(part.profit);
    all.losses.Add(part.losses);
    for (size_t d = 0; d < drivers; ++d) all.drivers[d].Add(part.drivers[d]);
    all.loss_customers += part.loss_customers;
  }
  result.revenue = all.revenue.ToDouble();
  result.margin = all.margin.ToDouble();
  for (const Total<double> &driver : all.drivers) result.driver_costs.push_back(driver.ToDouble());
  result.allocated = all.allocated.ToDouble();
  result.total_profit = all.profit.ToDouble();
  result.loss_customers = all.loss_customers;
  result.losses = all.losses.ToDouble();
  if (!std::isfinite(result.total_profit) || !std::isfinite(result.losses)) {
    return absl::OutOfRangeError("profit: the sum passes the range of a 64-bit float");
  }
  return result;
}

}  // namespace patron::value

#endif  // PATRON_VALUE_PROFITABILITY_HPP_
