// What thresholds of weight would give.
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/builder.hpp"
#include "c_api/columns.hpp"
#include "c_api/customers_linker.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "patron/base/normal.hpp"
#include "patron/base/status.hpp"
#include "patron/customers/link_sweep.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace customers = patron::customers;

namespace patron::c_api {
namespace {

absl::StatusOr<arrow::Table> SweepTable(const std::vector<customers::SweepRow> &rows, bool truth) {
  arrow::TableBuilder builder;
  const auto number = [&](const char *name, auto get) {
    std::vector<double> values;
    for (const customers::SweepRow &row : rows) values.push_back(get(row));
    builder.AddFloat64(name, std::move(values));
  };
  const auto count = [&](const char *name, uint64_t customers::SweepRow::*member) {
    std::vector<int64_t> values;
    for (const customers::SweepRow &row : rows) {
      values.push_back(static_cast<int64_t>(row.*member));
    }
    builder.AddInt64(name, std::move(values));
  };
  using Row = customers::SweepRow;
  number("threshold", [](const Row &row) { return row.threshold; });
  count("pairs", &Row::pairs);
  count("clusters", &Row::clusters);
  number("expected_precision", [](const Row &row) { return row.expected_precision; });
  number("expected_recall", [](const Row &row) { return row.expected_recall; });
  number("expected_f1", [](const Row &row) { return row.expected_f1; });
  if (truth) {
    count("right_pairs", &Row::right);
    number("precision", [](const Row &row) { return row.precision.value; });
    number("precision_low", [](const Row &row) { return row.precision.low; });
    number("precision_high", [](const Row &row) { return row.precision.high; });
    number("recall", [](const Row &row) { return row.recall.value; });
    number("recall_low", [](const Row &row) { return row.recall.low; });
    number("recall_high", [](const Row &row) { return row.recall.high; });
    number("f1", [](const Row &row) { return row.f1; });
    number("bcubed_precision", [](const Row &row) { return row.bcubed_precision; });
    number("bcubed_recall", [](const Row &row) { return row.bcubed_recall; });
    number("bcubed_f1", [](const Row &row) { return row.bcubed_f1; });
  }
  return builder.Finish();
}

}  // namespace
}  // namespace patron::c_api

extern "C" void patron_sweep_options_init(patron_sweep_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->level = 0.95;
}

extern "C" patron_status patron_linker_sweep(const patron_linker *linker, const patron_table *left,
                                             const patron_table *right, const patron_table *pairs,
                                             const patron_sweep_options *options,
                                             patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("linker", linker));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("left", left));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("pairs", pairs));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron_sweep_options full;
    patron_sweep_options_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", options, &full));
    if (!(full.level > 0 && full.level < 1)) {
      return patron::InvalidOption("level", patron::FormatNumber(full.level),
                                   "above 0 and below 1");
    }
    if (full.threshold_count > 0) {
      PATRON_RETURN_IF_ERROR(c_api::RequirePointer("thresholds", full.thresholds));
    }
    PATRON_RETURN_IF_ERROR(c_api::CheckFitted(*linker));
    const patron::Execution execution = c_api::ToExecution(full.context);
    PATRON_ASSIGN_OR_RETURN(const auto read, linker->last.Read(*linker, left, right, execution));
    const c_api::LinkInput &input = *read;
    PATRON_ASSIGN_OR_RETURN(const auto found, input.Pairs("pairs", pairs->table, execution));
    PATRON_ASSIGN_OR_RETURN(const auto weights,
                            c_api::PairWeights(pairs->table, found.size(), execution));
    const size_t records = input.records().size;
    std::vector<uint32_t> truth;
    if (full.truth != nullptr) {
      PATRON_ASSIGN_OR_RETURN(const auto rows, c_api::GroupCodes("truth", full.truth));
      if (rows.size() != records) {
        return patron::InvalidOption("truth", std::to_string(rows.size()) + " rows",
                                     std::to_string(records) + ", one a record");
      }
      truth.resize(records);
      for (uint32_t row = 0; row < records; ++row) truth[input.record(row)] = rows[row];
    }
    const customers::SweepOptions sweep = {
        .thresholds = {full.thresholds, full.thresholds + full.threshold_count},
        .matches = linker->fitted->model.match_rate * customers::detail::AllPairs(input.records()),
        .z = patron::NormalQuantile((1 + full.level) / 2)};
    PATRON_ASSIGN_OR_RETURN(
        const auto rows, customers::SweepThresholds(input.records(), found, weights, truth, sweep));
    PATRON_ASSIGN_OR_RETURN(arrow::Table table, c_api::SweepTable(rows, full.truth != nullptr));
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}
