// Lifetime value and customer equity in closed form.
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "arrow/builder.hpp"
#include "arrow/reader.hpp"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/numbers.hpp"
#include "patron/base/defaults.hpp"
#include "patron/base/ids.hpp"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/c/value.h"
#include "patron/value/customer_equity.hpp"
#include "patron/value/lifetime_value.hpp"

namespace c_api = patron::c_api;
namespace value = patron::value;

namespace {

// Adds the terms of `options` to `terms`. Rates are checked by the kernels.
absl::Status ReadTerms(const patron_lifetime_value_options &options, value::RelationTerms *terms) {
  patron_lifetime_value_options full;
  patron_lifetime_value_options_init(&full);
  PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", &options, &full));
  PATRON_RETURN_IF_ERROR(c_api::CheckEnum("timing", full.timing, 2));
  constexpr int64_t kMost = std::numeric_limits<uint32_t>::max();
  if (full.periods < 0 || full.periods > kMost) {
    return patron::InvalidOption("periods", absl::StrCat(full.periods),
                                 absl::StrCat("0 to ", kMost));
  }
  terms->growth = full.growth;
  if (full.periods > 0) terms->payments = static_cast<uint32_t>(full.periods);
  if (full.timing == PATRON_TIMING_IMMEDIATE) {
    terms->first_payment = value::FirstPayment::kImmediate;
  }
  return absl::OkStatus();
}

// The numbers as doubles, in `storage` if they are integers.
std::span<const double> Doubles(const c_api::Numbers &numbers, std::vector<double> &storage) {
  if (!numbers.are_integers()) return numbers.doubles();
  storage.assign(numbers.integers().begin(), numbers.integers().end());
  return storage;
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
    value::RelationTerms terms{.retention = retention, .discount = discount};
    if (options != nullptr) PATRON_RETURN_IF_ERROR(ReadTerms(*options, &terms));
    PATRON_ASSIGN_OR_RETURN(const value::LifetimeMeasures &measures,
                            value::MeasureLifetimeValue(margin, terms));
    const auto write = [&](patron_lifetime_value &to) {
      to.reserved = 0;
      to.value = measures.value;
      to.margin_multiple = measures.margin_multiple;
      to.retention_elasticity = measures.retention_elasticity;
      to.expected_periods = measures.expected_periods;
    };
    if (out->struct_size == sizeof *out) {
      write(*out);  // A copy would read in pairs what was written one by one, and wait for it.
      return absl::OkStatus();
    }
    patron_lifetime_value result{};
    write(result);
    c_api::WriteOut(result, out);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_value_lifetime_values(const patron_column *margins,
                                                      const patron_column *retentions,
                                                      double discount,
                                                      const patron_lifetime_value_options *options,
                                                      const patron_context *context,
                                                      patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("margins", margins));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("retentions", retentions));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    value::RelationTerms terms{.discount = discount};
    if (options != nullptr) PATRON_RETURN_IF_ERROR(ReadTerms(*options, &terms));
    const patron::Execution execution = c_api::ToExecution(context);
    PATRON_ASSIGN_OR_RETURN(const auto margin, c_api::Numbers::Read(margins, execution));
    PATRON_ASSIGN_OR_RETURN(const auto retention, c_api::Numbers::Read(retentions, execution));
    std::vector<double> margin_storage, retention_storage;
    absl::StatusOr<std::vector<double>> values = value::LifetimeValues(
        Doubles(margin, margin_storage), Doubles(retention, retention_storage), terms, execution);
    if (!values.ok()) {
      return c_api::InWords({{"margin", margins->name == nullptr ? "" : margins->name},
                             {"retention", retentions->name == nullptr ? "" : retentions->name}},
                            values.status());
    }
    patron::arrow::TableBuilder builder;
    builder.AddFloat64("value", *std::move(values));
    PATRON_ASSIGN_OR_RETURN(patron::arrow::Table table, builder.Finish());
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_value_retention_value(double residual_value,
                                                      double loss_probability, double *out,
                                                      patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(*out, value::RetentionValue(residual_value, loss_probability));
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_value_retention_multiple(const patron_context *context, double *out,
                                                         patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(*out, patron::RetentionValueMultiple(c_api::DefaultsOf(context)));
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_value_historical_value(
    const patron_table *table, const char *customer, const char *contribution, const char *periods,
    double discount, const patron_context *context, patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const auto customer_name,
                            c_api::NameOr("customer", customer, "customer_id"));
    PATRON_ASSIGN_OR_RETURN(const auto contribution_name,
                            c_api::NameOr("contribution", contribution, "contribution"));
    PATRON_ASSIGN_OR_RETURN(const auto periods_name, c_api::NameOr("periods", periods, "periods"));
    const patron::Execution execution = c_api::ToExecution(context);
    const patron::arrow::Table &from = table->table;
    PATRON_ASSIGN_OR_RETURN(const auto id_reader, patron::arrow::OpenIds(from, customer_name));
    PATRON_ASSIGN_OR_RETURN(const auto contribution_reader,
                            patron::arrow::OpenNumbers(from, contribution_name));
    PATRON_ASSIGN_OR_RETURN(const auto periods_reader,
                            patron::arrow::OpenNumbers(from, periods_name));
    PATRON_ASSIGN_OR_RETURN(const auto ids, patron::arrow::Load(id_reader, execution));
    PATRON_ASSIGN_OR_RETURN(const auto amounts,
                            patron::arrow::Load(contribution_reader, execution));
    PATRON_ASSIGN_OR_RETURN(const auto when, patron::arrow::Load(periods_reader, execution));

    patron::IdIndex index(ids.ids.is_text());
    std::vector<uint32_t> codes(ids.ids.size());
    PATRON_RETURN_IF_ERROR(index.Encode(ids.ids, codes));
    PATRON_RETURN_IF_ERROR(patron::ReportProgress(execution, codes.size() / 2, codes.size()));
    const absl::StatusOr<std::vector<double>> values =
        value::HistoricalValue(codes, amounts.values, when.values, discount, index.size());
    if (!values.ok()) {
      return c_api::InWords({{"contributions", contribution_name}, {"periods", periods_name}},
                            values.status());
    }
    const std::vector<uint32_t> ascending = index.Ascending();
    std::vector<double> sorted;
    sorted.reserve(ascending.size());
    for (const uint32_t code : ascending) sorted.push_back((*values)[code]);
    patron::arrow::TableBuilder builder;
    builder.AddIds("customer_id", index.List(ascending).span());
    builder.AddFloat64("value", std::move(sorted));
    PATRON_ASSIGN_OR_RETURN(patron::arrow::Table result, builder.Finish());
    *out = c_api::NewTable(std::move(result)).release();
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
    if (!equity.ok()) return c_api::InWords({{"customers", "acquired"}}, equity.status());
    *out = equity->equity;
    return absl::OkStatus();
  });
}
