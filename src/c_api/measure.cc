// Measures: attainment of limits, backlog, age.
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
#include "c_api/numbers.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/c/measure.h"
#include "patron/complaints/attainment.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace complaints = patron::complaints;

namespace patron::c_api {
namespace {

using complaints::Movement;

// Instants, kNever for nulls.
absl::StatusOr<std::vector<int64_t>> InstantsOrNever(const arrow::Table &table,
                                                     std::string_view column) {
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenTimes(table, column, arrow::Nulls::kMask));
  PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader));
  std::vector<int64_t> instants(loaded.values.begin(), loaded.values.end());
  for (size_t i = 0; i < loaded.valid.size(); ++i) {
    if (loaded.valid[i] == 0) instants[i] = complaints::kNever;
  }
  return instants;
}

absl::StatusOr<std::vector<Movement>> ReadMovements(const arrow::Table &table) {
  constexpr std::string_view kNames[] = {"received", "reopened", "closed", "merged", "voided"};
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenText(table, "movement"));
  PATRON_ASSIGN_OR_RETURN(const auto names, arrow::Load(reader));
  std::vector<Movement> movements;
  movements.reserve(names.values.size());
  for (const std::string_view name : names.values) {
    const auto found = std::ranges::find(kNames, name);
    if (found == std::end(kNames)) {
      return InvalidRow("movement", movements.size(), Quoted(name),
                        "received, reopened, closed, merged or voided");
    }
    movements.push_back(static_cast<Movement>(found - std::begin(kNames)));
  }
  return movements;
}

absl::StatusOr<arrow::Table> BacklogTable(complaints::Backlog backlog) {
  arrow::TableBuilder builder;
  builder.AddDate32("period",
                    std::vector<int32_t>(backlog.first_day.begin(), backlog.first_day.end()));
  builder.AddInt64("received", std::move(backlog.received));
  builder.AddInt64("reopened", std::move(backlog.reopened));
  builder.AddInt64("closed", std::move(backlog.closed));
  builder.AddInt64("merged", std::move(backlog.merged));
  builder.AddInt64("voided", std::move(backlog.voided));
  builder.AddInt64("open", std::move(backlog.open));
  return builder.Finish();
}

}  // namespace
}  // namespace patron::c_api

extern "C" patron_status patron_measure_attainment(const patron_table *table, const char *due,
                                                   const char *finished, int64_t cutoff,
                                                   patron_attainment *out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    PATRON_ASSIGN_OR_RETURN(const std::string due_name, c_api::NameOr("due", due, "due"));
    PATRON_ASSIGN_OR_RETURN(const std::string finished_name,
                            c_api::NameOr("finished", finished, "finished"));
    PATRON_ASSIGN_OR_RETURN(const auto dues, c_api::InstantsOrNever(table->table, due_name));
    PATRON_ASSIGN_OR_RETURN(const auto ends, c_api::InstantsOrNever(table->table, finished_name));
    PATRON_ASSIGN_OR_RETURN(const auto found, complaints::MeasureAttainment(dues, ends, cutoff));
    patron_attainment result{};
    result.met = static_cast<uint64_t>(found.met);
    result.breached = static_cast<uint64_t>(found.breached);
    result.pending = static_cast<uint64_t>(found.pending);
    result.due_met = static_cast<uint64_t>(found.due_met);
    result.rate = found.rate();
    result.due_rate = found.due_rate();
    c_api::WriteOut(result, out);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_measure_backlog(const patron_table *table, int32_t period,
                                                const char *zone, int64_t open_before,
                                                patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckEnum("period", period, 5));
    PATRON_ASSIGN_OR_RETURN(const std::string name, c_api::NameOr("zone", zone, "UTC"));
    PATRON_ASSIGN_OR_RETURN(patron::CivilDays days, patron::CivilDays::In(name));
    PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenTimes(table->table, "time"));
    PATRON_ASSIGN_OR_RETURN(const auto times, arrow::Load(reader));
    PATRON_ASSIGN_OR_RETURN(const auto movements, c_api::ReadMovements(table->table));
    PATRON_ASSIGN_OR_RETURN(
        complaints::Backlog backlog,
        complaints::CountBacklog(times.values, movements, static_cast<patron::Period>(period),
                                 std::move(days), open_before));
    PATRON_ASSIGN_OR_RETURN(arrow::Table result, c_api::BacklogTable(std::move(backlog)));
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_measure_ages(const patron_column *ages, const double *bounds,
                                             size_t count, int64_t *out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("ages", ages));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    if (count > 0) PATRON_RETURN_IF_ERROR(c_api::RequirePointer("bounds", bounds));
    PATRON_ASSIGN_OR_RETURN(const c_api::Numbers numbers, c_api::Numbers::Read(ages));
    std::vector<double> values;
    c_api::Visit(numbers, [&](auto own) { values.assign(own.begin(), own.end()); });
    const auto counts = complaints::CountAges(values, std::span(bounds, count));
    if (!counts.ok()) return c_api::InWords({{"age", numbers.name()}}, counts.status());
    std::ranges::copy(*counts, out);
    return absl::OkStatus();
  });
}
