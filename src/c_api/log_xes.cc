// Logs in XES as tables.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "arrow/builder.hpp"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "patron/base/status.hpp"
#include "patron/c/log.h"
#include "xes/reader.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace xes = patron::xes;

namespace patron::c_api {
namespace {

absl::StatusOr<std::vector<std::string>> ReadXesKeys(std::string_view argument,
                                                     const char *const *keys, size_t count) {
  std::vector<std::string> result;
  if (count == 0) return result;
  PATRON_RETURN_IF_ERROR(RequirePointer(argument, keys));
  for (const char *key : std::span(keys, count)) {
    PATRON_ASSIGN_OR_RETURN(std::string name, ReadName(argument, key));
    result.push_back(std::move(name));
  }
  return result;
}

absl::StatusOr<xes::Options> ReadXesOptions(const patron_xes_options *options) {
  patron_xes_options full;
  patron_xes_options_init(&full);
  PATRON_RETURN_IF_ERROR(ReadOptions("options", options, &full));
  PATRON_RETURN_IF_ERROR(CheckReserved(full.reserved));
  xes::Options request;
  PATRON_ASSIGN_OR_RETURN(auto activity,
                          ReadXesKeys("activity", full.activity, full.activity_count));
  if (!activity.empty()) request.activity = std::move(activity);
  PATRON_ASSIGN_OR_RETURN(request.resource, ReadName("resource", full.resource));
  PATRON_ASSIGN_OR_RETURN(
      request.event_attributes,
      ReadXesKeys("event_attributes", full.event_attributes, full.event_attribute_count));
  PATRON_ASSIGN_OR_RETURN(
      request.trace_attributes,
      ReadXesKeys("trace_attributes", full.trace_attributes, full.trace_attribute_count));
  return request;
}

void AddXesColumn(arrow::TableBuilder &builder, std::string_view name,
                  const xes::TextColumn &column) {
  const size_t count = column.values.size();
  std::vector<std::string_view> values(count);
  for (uint32_t code = 0; code < count; ++code) values[code] = column.values.text(code);
  std::vector<int32_t> codes(column.codes.size());
  std::vector<uint8_t> valid(column.codes.size());
  for (size_t i = 0; i < codes.size(); ++i) {
    valid[i] = column.codes[i] != xes::kMissing;
    codes[i] = valid[i] != 0 ? static_cast<int32_t>(column.codes[i]) : 0;
  }
  builder.AddDictionary(name, std::move(codes), values, valid);
}

absl::StatusOr<arrow::Table> XesTable(xes::Log log, const xes::Options &options) {
  arrow::TableBuilder builder;
  AddXesColumn(builder, "case", log.cases);
  AddXesColumn(builder, "activity", log.activities);
  builder.AddTimestamp("time", std::move(log.times), log.has_time);
  AddXesColumn(builder, "resource", log.resources);
  for (size_t i = 0; i < log.event_attributes.size(); ++i) {
    AddXesColumn(builder, options.event_attributes[i], log.event_attributes[i]);
  }
  for (size_t i = 0; i < log.trace_attributes.size(); ++i) {
    AddXesColumn(builder, "case:" + options.trace_attributes[i], log.trace_attributes[i]);
  }
  return builder.Finish();
}

// Reads by `read(options)`, which gives an xes::Log.
template <typename Read>
absl::Status ReadLog(const patron_xes_options *options, patron_table **out,
                     patron_xes_report *report, Read read) {
  PATRON_RETURN_IF_ERROR(RequirePointer("out", out));
  PATRON_RETURN_IF_ERROR(CheckOut("report", report));
  PATRON_ASSIGN_OR_RETURN(const xes::Options request, ReadXesOptions(options));
  PATRON_ASSIGN_OR_RETURN(xes::Log log, read(request));
  patron_xes_report counts{};
  counts.traces = log.traces;
  counts.events = log.times.size();
  counts.unnamed_traces = log.unnamed_traces;
  counts.repeated_traces = log.repeated_traces;
  counts.empty_traces = log.empty_traces;
  counts.nameless_events = log.nameless_events;
  counts.timeless_events = log.timeless_events;
  counts.zoneless_times = log.zoneless_times;
  PATRON_ASSIGN_OR_RETURN(arrow::Table table, XesTable(std::move(log), request));
  *out = NewTable(std::move(table)).release();
  WriteOut(counts, report);
  return absl::OkStatus();
}

}  // namespace
}  // namespace patron::c_api

extern "C" void patron_xes_options_init(patron_xes_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->resource = "org:resource";
}

extern "C" patron_status patron_log_read_xes(const char *path, const patron_xes_options *options,
                                             patron_table **out, patron_xes_report *report,
                                             patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("path", path));
    return c_api::ReadLog(options, out, report, [&](const xes::Options &request) {
      return xes::ReadFile(path, request);
    });
  });
}

extern "C" patron_status patron_log_parse_xes(const void *bytes, size_t size,
                                              const patron_xes_options *options, patron_table **out,
                                              patron_xes_report *report, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("bytes", bytes));
    return c_api::ReadLog(options, out, report, [&](const xes::Options &request) {
      return xes::ReadBytes({static_cast<const char *>(bytes), size}, request);
    });
  });
}
