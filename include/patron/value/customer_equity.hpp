// Customer equity: the lifetime value of all cohorts, those to come included, less acquisition.
#ifndef PATRON_VALUE_CUSTOMER_EQUITY_HPP_
#define PATRON_VALUE_CUSTOMER_EQUITY_HPP_

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "patron/base/status.hpp"
#include "patron/base/sum.hpp"

namespace patron::value {

// Customers won in one period. The first cohort is won in period 0.
struct EquityCohort {
  double customers = 0;         // At least 0; forecasts need not be whole.
  double acquisition_cost = 0;  // Per customer, paid when they are won; at least 0.
};

struct EquityOptions {
  double retention = 0;  // From one period to the next; [0, 1].
  double discount = 0;   // Rate per period; at least 0.

  // After the ages that margins are given for: whether customers go on with the last margin for
  // ever, or count no more.
  bool last_margin_continues = false;
};

struct CustomerEquity {
  std::vector<double> cohort_value;  // Of each cohort in period 0, before acquisition.
  double gross = 0;                  // Their sum.
  double acquisition = 0;            // Discounted cost of winning the cohorts.
  double equity = 0;                 // gross - acquisition
};

// Customer equity sum_k sum_{t >= k} n_k m_{t-k} r^{t-k} / (1+d)^t - acquisition cost (Gupta,
// Lehmann and Stuart 2004). `margins_by_age[a]` is the margin of a customer who was won a periods
// before; the first comes in at once.
//
// Errors: InvalidArgument naming the number that is out of range, or if margins that continue do
// not converge (retention 1 and discount 0). Cost: O(cohorts + ages).
absl::StatusOr<CustomerEquity> MeasureCustomerEquity(std::span<const EquityCohort> cohorts,
                                                     std::span<const double> margins_by_age,
                                                     const EquityOptions &options);

inline absl::StatusOr<CustomerEquity> MeasureCustomerEquity(std::span<const EquityCohort> cohorts,
                                                            std::span<const double> margins_by_age,
                                                            const EquityOptions &options) {
  const auto not_negative = [](double v) { return v >= 0 && std::isfinite(v); };
  if (!(options.retention >= 0 && options.retention <= 1)) {
    return InvalidOption("retention", FormatNumber(options.retention), "0 to 1");
  }
  if (!not_negative(options.discount)) {
    return InvalidOption("discount", FormatNumber(options.discount),
                         "a finite number of at least 0");
  }
  PATRON_RETURN_IF_ERROR(CheckFinite("margins", margins_by_age));
  const double keep = options.retention / (1 + options.discount);
  if (options.last_margin_continues && !(keep < 1)) {
    return InvalidOption(
        "retention", "1 with discount 0",
        "a lower retention or a positive discount where the last margin continues");
  }

  // What a customer is worth on the day they are won.
  Total<double> per_customer;
  double weight = 1;
  for (size_t age = 0; age < margins_by_age.size(); ++age) {
    per_customer.Add(margins_by_age[age] * weight);
    weight *= keep;
  }
  if (options.last_margin_continues && !margins_by_age.empty()) {
    per_customer.Add(margins_by_age.back() * weight / (1 - keep));
  }

  CustomerEquity result;
  Total<double> gross, acquisition;
  double discounted = 1;
  for (size_t k = 0; k < cohorts.size(); ++k) {
    const auto &[customers, cost] = cohorts[k];
    if (!not_negative(customers)) {
      return InvalidRow("customers", k, FormatNumber(customers), "a finite number of at least 0");
    }
    if (!not_negative(cost)) {
      return InvalidRow("acquisition_cost", k, FormatNumber(cost), "a finite number of at least 0");
    }
    result.cohort_value.push_back(customers * per_customer.ToDouble() * discounted);
    gross.Add(result.cohort_value.back());
    acquisition.Add(customers * cost * discounted);
    discounted /= 1 + options.discount;
  }
  result.gross = gross.ToDouble();
  result.acquisition = acquisition.ToDouble();
  gross.Subtract(acquisition);
  result.equity = gross.ToDouble();
  if (!std::isfinite(result.equity)) {
    return absl::OutOfRangeError("customer equity: passes the range of a 64-bit float");
  }
  return result;
}

}  // namespace patron::value

#endif  // PATRON_VALUE_CUSTOMER_EQUITY_HPP_
