// Cohorts of customers by the period of their first purchase.
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/builder.hpp"
#include "arrow/transactions_reader.hpp"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "patron/base/status.hpp"
#include "patron/c/value.h"
#include "patron/value/cohorts.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace value = patron::value;

namespace {

absl::StatusOr<arrow::Table> CohortColumns(value::CohortTable cohorts, int decimals,
                                           int32_t money) {
  arrow::TableBuilder builder;
  builder.AddDate32("cohort", std::move(cohorts.cohort));
  builder.AddInt64("age", std::move(cohorts.age));
  builder.AddInt64("size", std::move(cohorts.size));
  builder.AddInt64("active", std::move(cohorts.active));
  builder.AddFloat64("active_share", std::move(cohorts.active_share));
  builder.AddInt64("survivors", std::move(cohorts.survivors));
  builder.AddFloat64("survivor_share", std::move(cohorts.survivor_share));
  builder.AddInt64("repeaters", std::move(cohorts.repeaters));
  builder.AddFloat64("repeat_share", std::move(cohorts.repeat_share));
  c_api::AddMoney(builder, "value", std::move(cohorts.value), decimals, money);
  c_api::AddMoney(builder, "cumulative_value", std::move(cohorts.cumulative_value), decimals,
                  money);
  return builder.Finish();
}

}  // namespace

extern "C" void patron_cohorts_options_init(patron_cohorts_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->period = PATRON_PERIOD_MONTH;
  options->observation_end = PATRON_NO_TIME;
}

extern "C" patron_status patron_value_cohorts(const patron_table *table,
                                              const patron_transaction_columns *columns,
                                              const patron_cohorts_options *options,
                                              patron_table **out, patron_row_report *report,
                                              patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("report", report));
    patron_cohorts_options full;
    patron_cohorts_options_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", options, &full));
    PATRON_RETURN_IF_ERROR(c_api::CheckEnum("period", full.period, 5));
    PATRON_RETURN_IF_ERROR(c_api::CheckEnum("refunds", full.refunds, 4));
    PATRON_RETURN_IF_ERROR(c_api::CheckEnum("zeros", full.zeros, 2));
    PATRON_RETURN_IF_ERROR(c_api::CheckEnum("money", full.money, 2));
    PATRON_RETURN_IF_ERROR(c_api::CheckReserved(full.reserved));
    PATRON_ASSIGN_OR_RETURN(const c_api::TransactionColumns read, c_api::ReadColumns(columns));
    PATRON_ASSIGN_OR_RETURN(const auto source,
                            arrow::TableTransactions::Open(table->table, read.names));
    const value::OccasionRule rule{.merge = value::MergeBy::kDay,
                                   .refunds = static_cast<value::Refunds>(full.refunds),
                                   .zeros = static_cast<value::Zeros>(full.zeros),
                                   .zone = read.zone};
    const value::CohortOptions asked{.period = static_cast<patron::Period>(full.period),
                                     .observation_end = full.observation_end};
    absl::StatusOr<value::CohortTable> cohorts =
        value::FollowCohorts(source, rule, asked, c_api::ToExecution(full.context));
    if (!cohorts.ok()) return c_api::InWordsOf(read.names, cohorts.status());
    const patron_row_report rows = c_api::ToC(cohorts->report);
    PATRON_ASSIGN_OR_RETURN(arrow::Table result,
                            CohortColumns(*std::move(cohorts), read.names.decimals, full.money));
    *out = c_api::NewTable(std::move(result)).release();
    c_api::WriteOut(rows, report);
    return absl::OkStatus();
  });
}
