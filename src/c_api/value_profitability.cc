// Profit per customer.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
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
#include "patron/base/money.hpp"
#include "patron/base/status.hpp"
#include "patron/c/value.h"
#include "patron/value/profitability.hpp"

namespace patron::c_api {
namespace {

// Numbers and, where they are money in units, the same in currency.
class CostColumn {
 public:
  static absl::StatusOr<CostColumn> Money(const arrow::Table &table, std::string_view name,
                                          int decimals, const Execution &execution) {
    CostColumn column;
    PATRON_ASSIGN_OR_RETURN(column.numbers_, Numbers::Read(table, name, execution));
    if (column.numbers_.are_integers() && decimals > 0) {
      column.currency_.resize(column.numbers_.size());
      CurrencyFromUnits(column.numbers_.integers(), decimals, column.currency_);
      column.in_currency_ = true;
    }
    return column;
  }

  static absl::StatusOr<CostColumn> Counts(const arrow::Table &table, std::string_view name,
                                           const Execution &execution) {
    return Money(table, name, 0, execution);
  }

  const std::string &name() const { return numbers_.name(); }
  value::NumberColumn column() const {
    if (in_currency_) return std::span<const double>(currency_);
    if (numbers_.are_integers()) return numbers_.integers();
    return numbers_.doubles();
  }

 private:
  Numbers numbers_;
  std::vector<double> currency_;
  bool in_currency_ = false;
};

struct Driver {
  CostColumn counts;
  double unit_cost;
};

// The columns that profit is made of.
struct ProfitColumns {
  CostColumn revenue;           // Or the margin itself.
  std::vector<Driver> drivers;  // The key of allocation last, if it is a column.
  size_t charged = 0;           // How many of the drivers cause cost.
};

absl::StatusOr<ProfitColumns> ReadColumnsOf(const arrow::Table &table,
                                            const patron_profitability_options &options,
                                            const Execution &execution) {
  ProfitColumns columns;
  const bool has_margin = options.margin != nullptr;
  if (has_margin && options.margin_rate != 1) {
    return InvalidOption("margin_rate", FormatNumber(options.margin_rate),
                         "1 where a column of margins is given");
  }
  PATRON_ASSIGN_OR_RETURN(const std::string revenue, has_margin
                                                         ? ReadName("margin", options.margin)
                                                         : ReadName("revenue", options.revenue));
  PATRON_ASSIGN_OR_RETURN(columns.revenue,
                          CostColumn::Money(table, revenue, options.decimals, execution));
  if (options.driver_count > 0) PATRON_RETURN_IF_ERROR(RequirePointer("drivers", options.drivers));
  for (size_t i = 0; i < options.driver_count; ++i) {
    const std::string argument = absl::StrCat("drivers[", i, "]");
    patron_cost_driver driver{};
    PATRON_RETURN_IF_ERROR(ReadElement(argument, options.drivers, i, &driver));
    PATRON_RETURN_IF_ERROR(CheckReserved(driver.reserved));
    PATRON_ASSIGN_OR_RETURN(const std::string name, ReadName(argument, driver.column));
    const auto same = [&](const Driver &other) { return other.counts.name() == name; };
    if (std::ranges::any_of(columns.drivers, same)) {
      return InvalidOption(argument, absl::StrCat(Quoted(name), " again"), "every column once");
    }
    PATRON_ASSIGN_OR_RETURN(CostColumn counts, CostColumn::Counts(table, name, execution));
    columns.drivers.push_back({std::move(counts), driver.unit_cost});
  }
  columns.charged = columns.drivers.size();
  if (options.allocation == PATRON_ALLOCATE_COLUMN) {
    PATRON_ASSIGN_OR_RETURN(const std::string key,
                            ReadName("allocation_column", options.allocation_column));
    PATRON_ASSIGN_OR_RETURN(CostColumn counts, CostColumn::Counts(table, key, execution));
    columns.drivers.push_back({std::move(counts), 0.0});
  }
  return columns;
}

absl::StatusOr<arrow::Table> MeasureProfit(const IdSpan &ids, const ProfitColumns &columns,
                                           const patron_profitability_options &options,
                                           const Execution &execution) {
  value::ProfitabilityInput input{
      .revenue = columns.revenue.column(),
      .margin_rate = options.margin_rate,
      .drivers = {},
      .fixed_cost = {.amount = options.allocated_cost, .negative_revenue_bears_nothing = true},
      .with_parts = true};
  for (const Driver &driver : columns.drivers) {
    input.drivers.push_back({driver.counts.name(), driver.counts.column(), driver.unit_cost});
  }
  if (options.allocation == PATRON_ALLOCATE_REVENUE) {
    input.fixed_cost.key = value::FixedCost::Key::kRevenue;
  } else if (options.allocation == PATRON_ALLOCATE_COLUMN) {
    input.fixed_cost.key = value::FixedCost::Key::kDriver;
    input.fixed_cost.driver = columns.charged;
  }
  absl::StatusOr<value::Profitability> profit = value::MeasureProfitability(input, execution);
  if (!profit.ok()) {
    return InWords({{"fixed_cost", "allocated_cost"}, {"revenue", columns.revenue.name()}},
                   profit.status());
  }

  arrow::TableBuilder builder;
  builder.AddIds("customer_id", ids);
  builder.AddFloat64("margin", std::move(profit->margins));
  for (size_t d = 0; d < columns.charged; ++d) {
    builder.AddFloat64(absl::StrCat("cost_", input.drivers[d].name), std::move(profit->costs[d]));
  }
  builder.AddFloat64("activity_cost", std::move(profit->activity_costs));
  builder.AddFloat64("allocated_cost", std::move(profit->fixed_cost));
  builder.AddFloat64("profit", std::move(profit->profit));
  return builder.Finish();
}

}  // namespace
}  // namespace patron::c_api

namespace c_api = patron::c_api;

extern "C" void patron_profitability_options_init(patron_profitability_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->allocation = PATRON_ALLOCATE_EQUAL;
  options->customer = "customer_id";
  options->revenue = "revenue";
  options->margin_rate = 1;
}

extern "C" patron_status patron_value_profitability(const patron_table *table,
                                                    const patron_profitability_options *options,
                                                    patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron_profitability_options full;
    patron_profitability_options_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", options, &full));
    PATRON_RETURN_IF_ERROR(c_api::CheckEnum("allocation", full.allocation, 3));
    PATRON_RETURN_IF_ERROR(patron::CheckDecimals("decimals", full.decimals));
    PATRON_RETURN_IF_ERROR(c_api::CheckReserved(full.reserved));
    PATRON_ASSIGN_OR_RETURN(const std::string customer, c_api::ReadName("customer", full.customer));
    const patron::Execution execution = c_api::ToExecution(full.context);
    PATRON_ASSIGN_OR_RETURN(const auto reader, patron::arrow::OpenIds(table->table, customer));
    PATRON_ASSIGN_OR_RETURN(const auto columns,
                            c_api::ReadColumnsOf(table->table, full, execution));
    PATRON_ASSIGN_OR_RETURN(const auto ids, patron::arrow::Load(reader, execution));
    PATRON_ASSIGN_OR_RETURN(patron::arrow::Table result,
                            c_api::MeasureProfit(ids.ids, columns, full, execution));
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}
