// Lifetime value in closed form: margin, retention and discount, under a stated timing.
#ifndef PATRON_VALUE_LIFETIME_VALUE_HPP_
#define PATRON_VALUE_LIFETIME_VALUE_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/base/sum.hpp"

namespace patron::value {

// When the first margin comes in. The two conventions differ by one undiscounted margin.
enum class FirstPayment : uint8_t {
  kAfterOnePeriod,  // If the customer stays that long: margin * retention / (1 + discount).
  kImmediate,       // At once and for certain.
};

// The terms of a customer relation. One period is what all rates refer to, such as a year.
struct RelationTerms {
  double retention = 0;  // Share of customers who stay for another period; [0, 1].
  double discount = 0;   // Rate per period; at least 0.
  double growth = 0;     // Of the margin from payment to payment; above -1.
  std::optional<uint32_t> payments = std::nullopt;  // How many count; no limit if not given.
  FirstPayment first_payment = FirstPayment::kAfterOnePeriod;
};

// Lifetime value of a customer with `margin` per period (Gupta and Lehmann 2003, 2005): the sum
// of margin * ((1 + growth) * retention / (1 + discount))^t over the payments. Without a limit
// m r / (1 + d - r (1 + g)), or m (1 + d) / (1 + d - r (1 + g)) if the first is immediate.
//
// Errors: InvalidArgument if a number is outside its range, or if payments without limit do not
// converge: retention * (1 + growth) must be below 1 + discount. Cost: O(1).
absl::StatusOr<double> LifetimeValue(double margin, const RelationTerms &terms);

// What a lifetime value is per unit of margin: LifetimeValue of 1. Errors: as LifetimeValue.
absl::StatusOr<double> MarginMultiple(const RelationTerms &terms);

// What a closed form tells of one customer.
struct LifetimeMeasures {
  double value;                 // LifetimeValue
  double margin_multiple;       // MarginMultiple
  double retention_elasticity;  // RetentionElasticity; NaN if the payments are limited
  double expected_periods;      // Expected number of margins; infinite if nobody ever leaves
};

// All of them at once. Errors: as LifetimeValue. Cost: O(1), the terms are checked once.
absl::StatusOr<LifetimeMeasures> MeasureLifetimeValue(double margin, const RelationTerms &terms);

// Lifetime values of many customers. `margins` and `retentions` have one row for each customer,
// or one for all; `terms.retention` is not used. Errors: as LifetimeValue, naming the row.
absl::StatusOr<std::vector<double>> LifetimeValues(std::span<const double> margins,
                                                   std::span<const double> retentions,
                                                   const RelationTerms &terms,
                                                   const Execution &execution = {});

// Elasticity of the lifetime value without limit to retention: by how many per cent the value
// grows if retention grows by one per cent. (1 + d) / (1 + d - r (1 + g)) for a first payment
// after one period, one less for an immediate one. Gupta, Lehmann and Stuart (2004) found 3 to 7.
// Errors: as LifetimeValue, and InvalidArgument if `terms.payments` is set.
absl::StatusOr<double> RetentionElasticity(const RelationTerms &terms);

// What is lost if a customer leaves, times the chance that they will unless something is done:
// the most that keeping them is worth. Errors: InvalidArgument if the residual lifetime value is
// not finite or the probability not in [0, 1].
absl::StatusOr<double> RetentionValue(double residual_value, double loss_probability);

// Discounted sum of past contributions, one result for each of `customers` customers: the
// contribution of row i belongs to customer[i] and came `periods[i]` periods after the point in
// time that it is discounted to, such as the first purchase.
// Errors: InvalidArgument if lengths differ, a number is not finite, a period is negative, a
// customer is not below `customers`, or the discount is negative. Cost: one pass.
absl::StatusOr<std::vector<double>> HistoricalValue(std::span<const uint32_t> customer,
                                                    std::span<const double> contributions,
                                                    std::span<const double> periods,
                                                    double discount, size_t customers);

namespace detail {

// 1 + discount - retention * (1 + growth), without the rounding of large terms.
inline double GapOf(const RelationTerms &terms) {
  return (1 - terms.retention) + terms.discount - terms.retention * terms.growth;
}

inline absl::Status CheckTerms(const RelationTerms &terms) {
  const auto &[retention, discount, growth, payments, first_payment] = terms;
  if (!(retention >= 0 && retention <= 1)) {
    return InvalidOption("retention", FormatNumber(retention), "0 to 1");
  }
  if (!(discount >= 0 && std::isfinite(discount))) {
    return InvalidOption("discount", FormatNumber(discount), "a finite number of at least 0");
  }
  if (!(growth > -1 && std::isfinite(growth))) {
    return InvalidOption("growth", FormatNumber(growth), "a finite number above -1");
  }
  if (!payments.has_value() && !(GapOf(terms) > 0)) {
    return absl::InvalidArgumentError(
        absl::StrCat("retention: ", FormatNumber(retention), " times 1 + growth is ",
                     FormatNumber(retention * (1 + growth)), "; expected below 1 + discount, ",
                     FormatNumber(1 + discount), ", for payments without limit"));
  }
  return absl::OkStatus();
}

// LifetimeValue of terms that are known to be in range.
inline double ValueOf(double margin, const RelationTerms &terms) {
  const double gap = GapOf(terms);
  const bool immediate = terms.first_payment == FirstPayment::kImmediate;
  if (!terms.payments.has_value()) {
    return margin * (immediate ? 1 + terms.discount : terms.retention) / gap;
  }
  const double first = immediate ? margin : margin * terms.retention / (1 + terms.discount);
  const double step = -gap / (1 + terms.discount);  // Each payment is 1 + step of the one before.
  const auto payments = static_cast<double>(*terms.payments);
  if (payments == 0) return 0;
  if (step == 0) return first * payments;
  if (step == -1) return first;
  return first * (std::expm1(payments * std::log1p(step)) / step);
}

// RetentionElasticity of terms that are known to be in range and have no limit.
inline double ElasticityOf(const RelationTerms &terms) {
  const bool immediate = terms.first_payment == FirstPayment::kImmediate;
  const double grown = terms.retention * (1 + terms.growth);
  return (immediate ? grown : 1 + terms.discount) / GapOf(terms);
}

inline absl::Status CheckValue(double value) {
  if (std::isfinite(value)) return absl::OkStatus();
  return absl::OutOfRangeError("lifetime value: passes the range of a 64-bit float");
}

// Errors: those of LifetimeValue that do not depend on the value.
inline absl::Status CheckRelation(double margin, const RelationTerms &terms) {
  if (!std::isfinite(margin)) {
    return InvalidOption("margin", FormatNumber(margin), "a finite number");
  }
  return CheckTerms(terms);
}

}  // namespace detail

inline absl::StatusOr<double> LifetimeValue(double margin, const RelationTerms &terms) {
  PATRON_RETURN_IF_ERROR(detail::CheckRelation(margin, terms));
  const double value = detail::ValueOf(margin, terms);
  PATRON_RETURN_IF_ERROR(detail::CheckValue(value));
  return value;
}

inline absl::StatusOr<LifetimeMeasures> MeasureLifetimeValue(double margin,
                                                             const RelationTerms &terms) {
  PATRON_RETURN_IF_ERROR(detail::CheckRelation(margin, terms));
  LifetimeMeasures measures{.value = detail::ValueOf(margin, terms),
                            .margin_multiple = detail::ValueOf(1, terms),
                            .retention_elasticity = std::numeric_limits<double>::quiet_NaN(),
                            .expected_periods = std::numeric_limits<double>::infinity()};
  PATRON_RETURN_IF_ERROR(detail::CheckValue(measures.value));
  PATRON_RETURN_IF_ERROR(detail::CheckValue(measures.margin_multiple));
  if (!terms.payments.has_value()) measures.retention_elasticity = detail::ElasticityOf(terms);
  if (terms.payments.has_value() || terms.retention < 1) {
    // The value of a margin of 1 that neither grows nor is discounted.
    measures.expected_periods = detail::ValueOf(1, {.retention = terms.retention,
                                                    .payments = terms.payments,
                                                    .first_payment = terms.first_payment});
  }
  return measures;
}

inline absl::StatusOr<double> MarginMultiple(const RelationTerms &terms) {
  return LifetimeValue(1, terms);
}

inline absl::StatusOr<std::vector<double>> LifetimeValues(std::span<const double> margins,
                                                          std::span<const double> retentions,
                                                          const RelationTerms &terms,
                                                          const Execution &execution) {
  const size_t rows =
      margins.empty() || retentions.empty() ? 0 : std::max(margins.size(), retentions.size());
  const auto fits = [&](size_t size) { return size == rows || size == 1; };
  if (!fits(margins.size()) || !fits(retentions.size())) {
    return InvalidOption("retention", absl::StrCat(retentions.size(), " rows"),
                         absl::StrCat("1, or as many as margin, ", margins.size()));
  }
  PATRON_RETURN_IF_ERROR(CheckFinite("margin", margins));
  RelationTerms each = terms;
  each.retention = 0;
  PATRON_RETURN_IF_ERROR(detail::CheckTerms(each));
  for (size_t i = 0; i < retentions.size(); ++i) {
    each.retention = retentions[i];
    if (detail::CheckTerms(each).ok()) continue;
    const auto bad = [&](double retention) {
      each.retention = retention;
      return !detail::CheckTerms(each).ok();
    };
    const std::string expected =
        terms.payments.has_value()
            ? "0 to 1"
            : absl::StrCat("0 to 1, and below ",
                           FormatNumber((1 + terms.discount) / (1 + terms.growth)),
                           " for payments without limit");
    return InvalidRow("retention", i, FormatNumber(retentions[i]), expected,
                      static_cast<uint64_t>(std::ranges::count_if(retentions, bad)));
  }
  std::vector<double> values(rows);
  ParallelFor(execution, TasksFor(rows), [&](size_t task) {
    const Range range = TaskRows(rows, task);
    RelationTerms own = terms;
    for (size_t i = range.begin; i < range.end; ++i) {
      own.retention = retentions[retentions.size() == 1 ? 0 : i];
      values[i] = detail::ValueOf(margins[margins.size() == 1 ? 0 : i], own);
    }
  });
  if (const absl::Status status = CheckFinite("lifetime value", values); !status.ok()) {
    return absl::OutOfRangeError(status.message());
  }
  return values;
}

inline absl::StatusOr<double> RetentionElasticity(const RelationTerms &terms) {
  if (terms.payments.has_value()) {
    return InvalidOption("payments", absl::StrCat(*terms.payments), "no limit");
  }
  PATRON_RETURN_IF_ERROR(detail::CheckTerms(terms));
  return detail::ElasticityOf(terms);
}

inline absl::StatusOr<double> RetentionValue(double residual_value, double loss_probability) {
  if (!std::isfinite(residual_value)) {
    return InvalidOption("residual_value", FormatNumber(residual_value), "a finite number");
  }
  if (!(loss_probability >= 0 && loss_probability <= 1)) {
    return InvalidOption("loss_probability", FormatNumber(loss_probability), "0 to 1");
  }
  return residual_value * loss_probability;
}

inline absl::StatusOr<std::vector<double>> HistoricalValue(std::span<const uint32_t> customer,
                                                           std::span<const double> contributions,
                                                           std::span<const double> periods,
                                                           double discount, size_t customers) {
  const size_t rows = customer.size();
  if (contributions.size() != rows || periods.size() != rows) {
    return absl::InvalidArgumentError(
        absl::StrCat("contributions: ", contributions.size(), " rows and ", periods.size(),
                     " periods; expected as many as customers, ", rows));
  }
  if (!(discount >= 0 && std::isfinite(discount))) {
    return InvalidOption("discount", FormatNumber(discount), "a finite number of at least 0");
  }
  PATRON_RETURN_IF_ERROR(CheckedExtent("contributions", contributions).status());
  PATRON_RETURN_IF_ERROR(CheckFinite("periods", periods));
  const double rate = std::log1p(discount);
  std::vector<Total<double>> totals(customers);
  for (size_t i = 0; i < rows; ++i) {
    if (periods[i] < 0) {
      return InvalidRow(
          "periods", i, FormatNumber(periods[i]), "a number of at least 0",
          static_cast<uint64_t>(std::ranges::count_if(periods, [](double p) { return p < 0; })));
    }
    if (customer[i] >= customers) {
      return InvalidRow("customer", i, absl::StrCat(customer[i]),
                        absl::StrCat("an index below ", customers));
    }
    totals[customer[i]].Add(contributions[i] * std::exp(-rate * periods[i]));
  }
  std::vector<double> values;
  values.reserve(customers);
  for (const Total<double> &total : totals) values.push_back(total.ToDouble());
  return values;
}

}  // namespace patron::value

#endif  // PATRON_VALUE_LIFETIME_VALUE_HPP_
