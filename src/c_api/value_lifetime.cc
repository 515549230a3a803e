// Lifetime value and customer equity in closed form.
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "patron/base/status.hpp"
#include "patron/c/value.h"
#include "patron/value/customer_equity.hpp"
#include "patron/value/lifetime_value.hpp"

namespace c_api = patron::c_api;
namespace value = patron::value;

namespace {

// Expected number of margins: what a margin of 1 is worth without discount and growth.
absl::StatusOr<double> ExpectedPeriods(value::RelationTerms terms) {
  terms.discount = 0;
  terms.growth = 0;
  if (!terms.payments.has_value() && terms.retention == 1) {
    return std::numeric_limits<double>::infinity();
  }
  return value::MarginMultiple(terms);
}

absl::StatusOr<double> Elasticity(const value::RelationTerms &terms) {
  if (terms.payments.has_value()) return std::numeric_limits<double>::quiet_NaN();
  return value::RetentionElasticity(terms);
}

}  // namespace

extern "C" void patron_lifetime_value_options_init(patron_lifetime_value_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->timing = PATRON_TIMING_END;
}

extern "C" patron_status patron_value_lifetime_value(double margin, double retention,
                                                     double discount,
                                                     const patron_lifetime_value_options *options,
                                                     patron_lifetime_value *out,
                                                     patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    patron_lifetime_value_options full;
    patron_lifetime_value_options_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", options, &full));
    PATRON_RETURN_IF_ERROR(c_api::CheckEnum("timing", full.timing, 2));
    constexpr int64_t kMost = std::numeric_limits<uint32_t>::max();
    if (full.periods < 0 || full.periods > kMost) {
      return patron::InvalidOption("periods", absl::StrCat(full.periods),
                                   absl::StrCat("0 to ", kMost));
    }
    value::RelationTerms terms{.retention = retention, .discount = discount, .growth = full.growth};
    if (full.periods > 0) terms.payments = static_cast<uint32_t>(full.periods);
    if (full.timing == PATRON_TIMING_IMMEDIATE)
      terms.first_payment = value::FirstPayment::kImmediate;
    patron_lifetime_value result{};
    PATRON_ASSIGN_OR_RETURN(result.value, value::LifetimeValue(margin, terms));
    PATRON_ASSIGN_OR_RETURN(result.margin_multiple, value::MarginMultiple(terms));
    PATRON_ASSIGN_OR_RETURN(result.retention_elasticity, Elasticity(terms));
    PATRON_ASSIGN_OR_RETURN(result.expected_periods, ExpectedPeriods(terms));
    c_api::WriteOut(result, out);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_value_customer_equity(
    const double *acquired, const double *acquisition_cost, size_t cohorts, const double *margins,
    size_t ages, double retention, double discount, double *out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    if (cohorts > 0) PATRON_RETURN_IF_ERROR(c_api::RequirePointer("acquired", acquired));
    if (ages > 0) PATRON_RETURN_IF_ERROR(c_api::RequirePointer("margins", margins));
    std::vector<value::EquityCohort> all(cohorts);
    for (size_t k = 0; k < cohorts; ++k) {
      all[k].customers = acquired[k];
      if (acquisition_cost != nullptr) all[k].acquisition_cost = acquisition_cost[k];
    }
    const absl::StatusOr<value::CustomerEquity> equity = value::MeasureCustomerEquity(
        all, std::span(margins, ages),
        {.retention = retention, .discount = discount, .last_margin_continues = true});
    if (!equity.ok()) return c_api::Renamed(equity.status(), "customers", "acquired");
    *out = equity->equity;
    return absl::OkStatus();
  });
}
