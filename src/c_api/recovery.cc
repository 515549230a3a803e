// What complaints cost, what to offer, and whether customers come back.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/builder.hpp"
#include "arrow/reader.hpp"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/optional_columns.hpp"
#include "patron/base/status.hpp"
#include "patron/c/recovery.h"
#include "patron/complaints/recovery.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace complaints = patron::complaints;

namespace patron::c_api {
namespace {

absl::StatusOr<arrow::Table> CaseCosts(const arrow::Table &table, double rate) {
  PATRON_ASSIGN_OR_RETURN(const auto minutes, LoadNumbers(table, "minutes"));
  PATRON_ASSIGN_OR_RETURN(const auto remedy, IfThere(LoadNumbers, table, "remedy"));
  PATRON_ASSIGN_OR_RETURN(const auto freight, IfThere(LoadNumbers, table, "freight"));
  PATRON_ASSIGN_OR_RETURN(const auto write_off, IfThere(LoadNumbers, table, "write_off"));
  PATRON_ASSIGN_OR_RETURN(const auto fines, IfThere(LoadNumbers, table, "fines"));
  PATRON_ASSIGN_OR_RETURN(const auto comes_back, IfThere(LoadNumbers, table, "return_probability"));
  PATRON_ASSIGN_OR_RETURN(const auto value, IfThere(LoadNumbers, table, "value"));
  PATRON_ASSIGN_OR_RETURN(auto costs,
                          complaints::CostCases({.minutes = minutes.values,
                                                 .remedy = remedy.values,
                                                 .freight = freight.values,
                                                 .write_off = write_off.values,
                                                 .fines = fines.values,
                                                 .return_probability = comes_back.values,
                                                 .value = value.values},
                                                rate));
  arrow::TableBuilder builder;
  builder.AddFloat64("handling", std::move(costs.handling));
  builder.AddFloat64("lost", std::move(costs.lost));
  builder.AddFloat64("cost", std::move(costs.cost));
  return builder.Finish();
}

absl::StatusOr<arrow::Table> Compensation(const arrow::Table &table,
                                          const patron_compensation_terms &given) {
  complaints::CompensationTerms terms;
  std::ranges::copy(given.loss_share, terms.loss_share.begin());
  constexpr size_t kMostTiers = 1000;
  if (given.tiers > kMostTiers) {
    return InvalidOption("tiers", std::to_string(given.tiers), "at most 1000");
  }
  terms.tiers = given.tiers;
  if (terms.tiers > 0) {
    PATRON_RETURN_IF_ERROR(RequirePointer("goodwill", given.goodwill));
    terms.goodwill.assign(given.goodwill, given.goodwill + 4 * terms.tiers);
  }
  PATRON_ASSIGN_OR_RETURN(const auto loss, LoadNumbers(table, "loss"));
  PATRON_ASSIGN_OR_RETURN(const auto severity, LoadIntegers(table, "severity"));
  arrow::Loaded<int64_t> tier;
  if (terms.tiers > 0) {
    PATRON_ASSIGN_OR_RETURN(tier, LoadIntegers(table, "tier"));
  }
  PATRON_ASSIGN_OR_RETURN(const auto limit, IfThere(LoadNumbers, table, "limit"));
  PATRON_ASSIGN_OR_RETURN(auto offers, complaints::ProposeCompensation({.loss = loss.values,
                                                                        .severity = severity.values,
                                                                        .tier = tier.values,
                                                                        .limit = limit.values},
                                                                       terms));
  arrow::TableBuilder builder;
  builder.AddFloat64("wanted", std::move(offers.wanted));
  builder.AddFloat64("proposed", std::move(offers.proposed));
  builder.AddBool("capped", offers.capped);
  return builder.Finish();
}

absl::StatusOr<std::vector<int64_t>> ReadHandling(const arrow::Table &table) {
  PATRON_ASSIGN_OR_RETURN(const auto names, LoadText(table, "handling"));
  std::vector<int64_t> handling;
  handling.reserve(names.values.size());
  for (const std::string_view name : names.values) {
    const auto found = std::ranges::find(complaints::kHandlingNames, name);
    if (found == complaints::kHandlingNames.end()) {
      return InvalidRow("handling", handling.size(), Quoted(name),
                        "silent, unresolved, resolved or resolved_quickly");
    }
    handling.push_back(found - complaints::kHandlingNames.begin());
  }
  return handling;
}

absl::StatusOr<arrow::Table> Returns(const patron_table *cases,
                                     const patron_return_options &options) {
  complaints::ReturnRates prior;
  for (size_t h = 0; h < complaints::kHandlings; ++h) {
    prior.rate[h] = {options.major[h], options.minor[h]};
  }
  std::vector<int64_t> handling;
  arrow::Loaded<uint8_t> minor, returned;
  if (cases != nullptr) {
    PATRON_ASSIGN_OR_RETURN(handling, ReadHandling(cases->table));
    PATRON_ASSIGN_OR_RETURN(minor, LoadFlags(cases->table, "minor"));
    PATRON_ASSIGN_OR_RETURN(returned, LoadFlags(cases->table, "returned"));
  }
  PATRON_ASSIGN_OR_RETURN(
      auto found, complaints::EstimateReturns(handling, minor.values, returned.values, prior,
                                              options.weight, options.level));
  std::vector<std::string_view> names;
  std::vector<uint8_t> is_minor;
  for (size_t row = 0; row < found.rate.size(); ++row) {
    names.push_back(complaints::kHandlingNames[row / 2]);
    is_minor.push_back(static_cast<uint8_t>(row % 2));
  }
  arrow::TableBuilder builder;
  builder.AddText("handling", names);
  builder.AddBool("minor", is_minor);
  builder.AddFloat64("prior", std::move(found.prior));
  builder.AddInt64("returned", std::move(found.returned));
  builder.AddInt64("cases", std::move(found.cases));
  builder.AddFloat64("rate", std::move(found.rate));
  builder.AddFloat64("lower", std::move(found.lower));
  builder.AddFloat64("upper", std::move(found.upper));
  return builder.Finish();
}

}  // namespace
}  // namespace patron::c_api

extern "C" patron_status patron_complaint_case_costs(const patron_table *table, double rate,
                                                     patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(arrow::Table result, c_api::CaseCosts(table->table, rate));
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}

extern "C" void patron_compensation_terms_init(patron_compensation_terms *terms) {
  *terms = {};
  terms->struct_size = sizeof *terms;
  std::ranges::copy(complaints::CompensationTerms{}.loss_share, terms->loss_share);
}

extern "C" patron_status patron_complaint_compensation(const patron_table *table,
                                                       const patron_compensation_terms *terms,
                                                       patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron_compensation_terms full;
    patron_compensation_terms_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("terms", terms, &full));
    PATRON_RETURN_IF_ERROR(c_api::CheckReserved(full.reserved));
    PATRON_ASSIGN_OR_RETURN(arrow::Table result, c_api::Compensation(table->table, full));
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}

extern "C" void patron_return_options_init(patron_return_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  const complaints::ReturnRates published;
  for (size_t h = 0; h < complaints::kHandlings; ++h) {
    options->major[h] = published.rate[h][0];
    options->minor[h] = published.rate[h][1];
  }
  options->weight = 20;
  options->level = 0.95;
}

extern "C" patron_status patron_complaint_returns(const patron_table *cases,
                                                  const patron_return_options *options,
                                                  patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron_return_options full;
    patron_return_options_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", options, &full));
    PATRON_RETURN_IF_ERROR(c_api::CheckReserved(full.reserved));
    PATRON_ASSIGN_OR_RETURN(arrow::Table result, c_api::Returns(cases, full));
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_complaint_recovery_value(double p_handled, double p_unhandled,
                                                         double value, double cost, double *out,
                                                         patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const double found,
                            complaints::RecoveryValue(p_handled, p_unhandled, value, cost));
    *out = found;
    return absl::OkStatus();
  });
}
