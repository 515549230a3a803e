// Mining: from a table of events to counts.
#include "c_api/log.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/builder.hpp"
#include "arrow/reader.hpp"
#include "c_api/calendar.hpp"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "patron/base/ids.hpp"
#include "patron/base/status.hpp"
#include "patron/complaints/event_log.hpp"
#include "patron/complaints/log_statistics.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace complaints = patron::complaints;

namespace patron::c_api {
namespace {

using complaints::CaseColumns;
using complaints::EventLog;
using complaints::LogCounts;
using complaints::OrderedLog;

struct LogRequest {
  complaints::EventOrder order;
  std::string case_id, activity, time, resource;  // No resource: empty.
  const complaints::WorkingTime *working_time;    // Null: not measured.
  Execution execution;
};

absl::StatusOr<LogRequest> ReadLogOptions(const patron_log_options *options) {
  patron_log_options full;
  patron_log_options_init(&full);
  PATRON_RETURN_IF_ERROR(ReadOptions("options", options, &full));
  PATRON_RETURN_IF_ERROR(CheckEnum("order", full.order, 2));
  LogRequest request = {.order = static_cast<complaints::EventOrder>(full.order),
                        .case_id = {},
                        .activity = {},
                        .time = {},
                        .resource = {},
                        .working_time = nullptr,
                        .execution = ToExecution(full.context)};
  PATRON_ASSIGN_OR_RETURN(request.case_id, ReadName("case", full.case_id));
  PATRON_ASSIGN_OR_RETURN(request.activity, ReadName("activity", full.activity));
  PATRON_ASSIGN_OR_RETURN(request.time, ReadName("time", full.time));
  if (full.resource != nullptr) {
    PATRON_ASSIGN_OR_RETURN(request.resource, ReadName("resource", full.resource));
  }
  if (full.calendar != nullptr) request.working_time = &full.calendar->calendar.working_time();
  return request;
}

// The code of each row of a column of ids, by `index`; kNoResource for nulls.
absl::StatusOr<std::vector<uint32_t>> EncodeColumn(const arrow::IdReader &reader,
                                                   const Execution &execution, IdIndex &index) {
  PATRON_ASSIGN_OR_RETURN(const arrow::LoadedIds loaded, arrow::Load(reader, execution));
  std::vector<uint32_t> codes(loaded.ids.size());
  PATRON_RETURN_IF_ERROR(index.Encode(loaded.ids, codes));
  for (size_t i = 0; i < loaded.valid.size(); ++i) {
    if (loaded.valid[i] == 0) codes[i] = complaints::kNoResource;
  }
  return codes;
}

std::vector<double> InSeconds(std::span<const int64_t> micros) {
  std::vector<double> seconds(micros.size());
  for (size_t i = 0; i < micros.size(); ++i) seconds[i] = static_cast<double>(micros[i]) / 1e6;
  return seconds;
}

absl::StatusOr<arrow::Table> MinedCases(const IdIndex &ids, const LogCounts &counts,
                                        CaseColumns cases) {
  const std::vector<uint32_t> order = VariantsInOrder(counts);
  std::vector<int64_t> row_of(order.size());
  for (size_t row = 0; row < order.size(); ++row) row_of[order[row]] = static_cast<int64_t>(row);
  const size_t n = cases.events.size();
  std::vector<int64_t> durations(n), variants(n);
  std::vector<uint32_t> codes(n);
  for (size_t i = 0; i < n; ++i) {
    durations[i] = cases.last[i] - cases.first[i];
    variants[i] = row_of[cases.variant[i]];
    codes[i] = static_cast<uint32_t>(i);
  }
  arrow::TableBuilder builder;
  builder.AddIds("case", ids.List(codes).span());
  builder.AddInt64("events", std::move(cases.events));
  builder.AddTimestamp("first", std::move(cases.first));
  builder.AddTimestamp("last", std::move(cases.last));
  builder.AddFloat64("duration", InSeconds(durations));
  if (counts.has_working()) builder.AddFloat64("working", InSeconds(cases.working));
  builder.AddInt64("variant", std::move(variants));
  return builder.Finish();
}

struct Mined {
  std::unique_ptr<patron_log> log;
  std::unique_ptr<patron_table> cases;  // If wanted.
};

absl::StatusOr<Mined> Mine(const arrow::Table &table, const LogRequest &request, bool with_cases) {
  const Execution &execution = request.execution;
  const auto rows = static_cast<uint64_t>(table.rows());
  PATRON_ASSIGN_OR_RETURN(const auto case_reader, arrow::OpenIds(table, request.case_id));
  PATRON_ASSIGN_OR_RETURN(const auto activity_reader, arrow::OpenIds(table, request.activity));
  PATRON_ASSIGN_OR_RETURN(const auto time_reader, arrow::OpenTimes(table, request.time));
  IdIndex cases(case_reader.is_text(), rows);
  PATRON_ASSIGN_OR_RETURN(const auto case_codes, EncodeColumn(case_reader, execution, cases));
  LogCounts counts(activity_reader.is_text(), request.working_time != nullptr);
  PATRON_ASSIGN_OR_RETURN(const auto activity_codes,
                          EncodeColumn(activity_reader, execution, counts.names()));
  PATRON_ASSIGN_OR_RETURN(const auto times, arrow::Load(time_reader, execution));
  std::vector<uint32_t> resource_codes;
  if (!request.resource.empty()) {
    PATRON_ASSIGN_OR_RETURN(const auto reader,
                            arrow::OpenIds(table, request.resource, arrow::Nulls::kMask));
    IdIndex resources(reader.is_text(), rows);
    PATRON_ASSIGN_OR_RETURN(resource_codes, EncodeColumn(reader, execution, resources));
  }
  const EventLog columns = {.cases = case_codes,
                            .activities = activity_codes,
                            .times = times.values,
                            .resources = resource_codes,
                            .case_count = cases.size(),
                            .activity_count = counts.names().size()};
  auto log = OrderedLog::Order(columns, request.order);
  if (!log.ok()) return InWords({{"time", request.time}}, log.status());
  CaseColumns case_columns;
  PATRON_RETURN_IF_ERROR(
      counts.Add(*log, request.working_time, with_cases ? &case_columns : nullptr));
  Mined mined;
  if (with_cases) {
    PATRON_ASSIGN_OR_RETURN(arrow::Table result,
                            MinedCases(cases, counts, std::move(case_columns)));
    mined.cases = NewTable(std::move(result));
  }
  mined.log.reset(new patron_log{std::move(counts)});
  return mined;
}

}  // namespace
}  // namespace patron::c_api

extern "C" void patron_log_options_init(patron_log_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->case_id = "case";
  options->activity = "activity";
  options->time = "time";
}

extern "C" patron_status patron_log_mine(const patron_table *table,
                                         const patron_log_options *options, patron_log **out,
                                         patron_table **cases, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const c_api::LogRequest request, c_api::ReadLogOptions(options));
    PATRON_ASSIGN_OR_RETURN(c_api::Mined mined,
                            c_api::Mine(table->table, request, cases != nullptr));
    *out = mined.log.release();
    if (cases != nullptr) *cases = mined.cases.release();
    return absl::OkStatus();
  });
}

extern "C" void patron_log_free(patron_log *log) { delete log; }

extern "C" patron_status patron_log_merge(patron_log *log, const patron_log *source,
                                          patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("log", log));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("source", source));
    if (log == source) {
      return patron::InvalidOption("source", "the log itself", "another log");
    }
    complaints::LogCounts merged = log->counts;
    PATRON_RETURN_IF_ERROR(merged.Merge(source->counts));
    log->counts = std::move(merged);
    return absl::OkStatus();
  });
}
