// Due instants and working time of whole columns.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
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
#include "c_api/calendar.hpp"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/numbers.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/complaints/clock_columns.hpp"
#include "patron/complaints/working_time_columns.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace complaints = patron::complaints;

namespace patron::c_api {
namespace {

using complaints::LimitKind;
using complaints::Pause;

struct ClockRequest {
  LimitKind kind;
  std::string start, end, limit, limit_before;  // Empty: not a column.
  int64_t end_at, limit_of_all;
  const patron_table *pauses;
  Execution execution;
  complaints::RecomputeRule rule;
  int64_t at;
};

absl::StatusOr<ClockRequest> ReadClockOptions(const patron_clock_options *options) {
  patron_clock_options full;
  patron_clock_options_init(&full);
  PATRON_RETURN_IF_ERROR(ReadOptions("options", options, &full));
  PATRON_RETURN_IF_ERROR(CheckEnum("kind", full.kind, 5));
  PATRON_RETURN_IF_ERROR(CheckEnum("rule", full.rule, 3));
  PATRON_RETURN_IF_ERROR(CheckReserved(full.reserved));
  ClockRequest request = {.kind = static_cast<LimitKind>(full.kind),
                          .start = {},
                          .end = {},
                          .limit = {},
                          .limit_before = {},
                          .end_at = full.end_at,
                          .limit_of_all = full.limit_of_all,
                          .pauses = full.pauses,
                          .execution = ToExecution(full.context),
                          .rule = static_cast<complaints::RecomputeRule>(full.rule),
                          .at = full.at};
  PATRON_ASSIGN_OR_RETURN(request.start, ReadName("start", full.start));
  if (full.end != nullptr) {
    PATRON_ASSIGN_OR_RETURN(request.end, ReadName("end", full.end));
  }
  if (full.limit != nullptr) {
    PATRON_ASSIGN_OR_RETURN(request.limit, ReadName("limit", full.limit));
  }
  if (full.limit_before != nullptr) {
    PATRON_ASSIGN_OR_RETURN(request.limit_before, ReadName("limit_before", full.limit_before));
  }
  return request;
}

absl::StatusOr<arrow::Loaded<int64_t>> ReadInstants(const arrow::Table &table,
                                                    std::string_view column,
                                                    const Execution &execution) {
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenTimes(table, column));
  return arrow::Load(reader, execution);
}

// Whether `value` times `scale` is a whole number of 64 bits, rounded to it.
bool Scaled(int64_t value, int64_t scale, int64_t &scaled) {
  return !__builtin_mul_overflow(value, scale, &scaled);
}
bool Scaled(double value, int64_t scale, int64_t &scaled) {
  constexpr double kMost = 9'223'372'036'854'774'784.0;  // The largest double below 2^63.
  const double product = std::nearbyint(value * static_cast<double>(scale));
  if (!(product >= 0 && product <= kMost)) return false;
  scaled = static_cast<int64_t>(product);
  return scale != 1 || product == value;
}

// Microseconds of seconds, to the nearest, or whole days or weeks.
template <typename T>
absl::StatusOr<std::vector<int64_t>> ToAmounts(std::string_view column, std::span<const T> values,
                                               LimitKind kind) {
  const bool days = complaints::detail::CountsDays(kind);
  const int64_t scale = days ? 1 : kMicrosPerSecond;
  const T least = kind == LimitKind::kBusinessDays ? 1 : 0;
  std::vector<int64_t> amounts(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i] >= least && Scaled(values[i], scale, amounts[i])) continue;
    const auto bad = [&](T value) {
      int64_t unused = 0;
      return !(value >= least && Scaled(value, scale, unused));
    };
    std::string shown;
    if constexpr (std::is_same_v<T, double>) {
      shown = FormatNumber(values[i]);
    } else {
      shown = absl::StrCat(values[i]);
    }
    const absl::Status status =
        InvalidRow(column, i, shown,
                   days ? absl::StrCat("a whole number, ", FormatNumber(double(least)), " or more")
                        : "0 to 9223372036854 seconds",
                   static_cast<uint64_t>(std::ranges::count_if(values, bad)));
    const bool too_much = values[i] >= least && (!days || values[i] > T{1});
    return too_much && !days ? absl::OutOfRangeError(status.message()) : status;
  }
  return amounts;
}

absl::StatusOr<std::vector<int64_t>> ReadLimits(const arrow::Table &table,
                                                const std::string &column, LimitKind kind,
                                                int64_t of_all, const Execution &execution) {
  if (column.empty()) {
    const int64_t least = kind == LimitKind::kBusinessDays ? 1 : 0;
    if (of_all >= least) return std::vector<int64_t>{of_all};
    return InvalidOption("limit_of_all", absl::StrCat(of_all), absl::StrCat(least, " or more"));
  }
  PATRON_ASSIGN_OR_RETURN(const Numbers numbers, Numbers::Read(table, column, execution));
  return Visit(numbers, [&](auto values) { return ToAmounts(column, values, kind); });
}

// Pauses by row, in memory of its own.
struct OwnPauses {
  std::vector<int64_t> offsets;
  std::vector<Pause> pauses;
  complaints::PauseColumn column() const { return {offsets, pauses}; }
};

absl::StatusOr<OwnPauses> ReadPauseTable(const patron_table *table, size_t rows,
                                         const Execution &execution) {
  OwnPauses result;
  if (table == nullptr) return result;
  const arrow::Table &source = table->table;
  PATRON_ASSIGN_OR_RETURN(const auto row_reader, arrow::OpenIntegers(source, "row"));
  PATRON_ASSIGN_OR_RETURN(const auto row_of, arrow::Load(row_reader, execution));
  PATRON_ASSIGN_OR_RETURN(const auto begins, ReadInstants(source, "begin", execution));
  PATRON_ASSIGN_OR_RETURN(const auto end_reader,
                          arrow::OpenTimes(source, "end", arrow::Nulls::kMask));
  PATRON_ASSIGN_OR_RETURN(const auto ends, arrow::Load(end_reader, execution));
  const auto outside = [&](int64_t row) { return row < 0 || row >= static_cast<int64_t>(rows); };
  if (const auto first = std::ranges::find_if(row_of.values, outside);
      first != row_of.values.end()) {
    return InvalidRow("row", static_cast<uint64_t>(first - row_of.values.begin()),
                      absl::StrCat(*first), absl::StrCat("0 to ", int64_t(rows) - 1),
                      static_cast<uint64_t>(std::ranges::count_if(row_of.values, outside)));
  }
  result.offsets.assign(rows + 1, 0);
  for (const int64_t row : row_of.values) ++result.offsets[static_cast<size_t>(row) + 1];
  std::partial_sum(result.offsets.begin(), result.offsets.end(), result.offsets.begin());
  result.pauses.resize(row_of.values.size());
  std::vector<int64_t> next(result.offsets.begin(), result.offsets.end() - 1);
  for (size_t i = 0; i < row_of.values.size(); ++i) {
    const bool lasts = arrow::IsNull(ends.valid, i);
    const auto place = static_cast<size_t>(next[static_cast<size_t>(row_of.values[i])]++);
    result.pauses[place] = {begins.values[i], lasts ? complaints::kNever : ends.values[i]};
  }
  return result;
}

void AddDue(arrow::TableBuilder &builder, std::vector<int64_t> due) {
  std::vector<uint8_t> valid(due.size());
  for (size_t i = 0; i < due.size(); ++i) valid[i] = due[i] != complaints::kNever;
  builder.AddTimestamp("due", std::move(due), valid);
}

absl::Status InWordsOfRequest(const ClockRequest &request, const absl::Status &status) {
  return InWords(
      {{"start", request.start},
       {"end", request.end.empty() ? "end_at" : std::string_view(request.end)},
       {"limit", request.limit.empty() ? "limit_of_all" : std::string_view(request.limit)},
       {"limit before", request.limit_before}},
      status);
}

absl::StatusOr<arrow::Table> Due(const patron_calendar &calendar, const arrow::Table &table,
                                 const ClockRequest &request) {
  const Execution &execution = request.execution;
  PATRON_ASSIGN_OR_RETURN(const auto starts, ReadInstants(table, request.start, execution));
  PATRON_ASSIGN_OR_RETURN(const auto limits, ReadLimits(table, request.limit, request.kind,
                                                        request.limit_of_all, execution));
  const size_t rows = starts.values.size();
  PATRON_ASSIGN_OR_RETURN(const OwnPauses pauses, ReadPauseTable(request.pauses, rows, execution));
  std::vector<int64_t> due(rows);
  PATRON_RETURN_IF_ERROR(InWordsOfRequest(
      request, complaints::DueOfColumn(calendar.calendar, request.kind, starts.values, limits,
                                       pauses.column(), due, execution)));
  arrow::TableBuilder builder;
  AddDue(builder, std::move(due));
  return builder.Finish();
}

absl::StatusOr<arrow::Table> Elapsed(const patron_calendar &calendar, const arrow::Table &table,
                                     const ClockRequest &request) {
  const Execution &execution = request.execution;
  PATRON_ASSIGN_OR_RETURN(const auto starts, ReadInstants(table, request.start, execution));
  arrow::Loaded<int64_t> ends;
  if (request.end.empty()) {
    PATRON_RETURN_IF_ERROR(complaints::CheckInstant("end_at", request.end_at));
    ends.values = {&request.end_at, 1};
  } else {
    PATRON_ASSIGN_OR_RETURN(ends, ReadInstants(table, request.end, execution));
  }
  const size_t rows = starts.values.size();
  PATRON_ASSIGN_OR_RETURN(const OwnPauses pauses, ReadPauseTable(request.pauses, rows, execution));
  std::vector<int64_t> elapsed(rows);
  PATRON_RETURN_IF_ERROR(InWordsOfRequest(
      request, complaints::ElapsedColumn(calendar.calendar.working_time(), starts.values,
                                         ends.values, pauses.column(), elapsed, execution)));
  std::vector<double> seconds(rows);
  for (size_t i = 0; i < rows; ++i) seconds[i] = static_cast<double>(elapsed[i]) / 1e6;
  arrow::TableBuilder builder;
  builder.AddFloat64("seconds", std::move(seconds));
  return builder.Finish();
}

absl::StatusOr<arrow::Table> Recompute(const patron_calendar &before, const patron_calendar &after,
                                       const arrow::Table &table, const ClockRequest &request) {
  if (request.kind != LimitKind::kWorkingTime) {
    return InvalidOption("kind", absl::StrCat(static_cast<int>(request.kind)),
                         "0: a limit of working time");
  }
  const Execution &execution = request.execution;
  PATRON_ASSIGN_OR_RETURN(const auto starts, ReadInstants(table, request.start, execution));
  PATRON_ASSIGN_OR_RETURN(const auto limits, ReadLimits(table, request.limit, request.kind,
                                                        request.limit_of_all, execution));
  std::vector<int64_t> own_before;
  std::span<const int64_t> limits_before = limits;
  if (!request.limit_before.empty()) {
    PATRON_ASSIGN_OR_RETURN(own_before,
                            ReadLimits(table, request.limit_before, request.kind, 0, execution));
    limits_before = own_before;
  }
  const size_t rows = starts.values.size();
  PATRON_ASSIGN_OR_RETURN(const OwnPauses pauses, ReadPauseTable(request.pauses, rows, execution));
  const complaints::LimitChange change = {&before.calendar, &after.calendar, limits_before,
                                          limits,           request.at,      request.rule};
  std::vector<int64_t> due(rows);
  std::vector<uint8_t> moved(rows);
  PATRON_RETURN_IF_ERROR(InWordsOfRequest(
      request,
      complaints::RecomputeColumn(change, starts.values, pauses.column(), due, moved, execution)));
  arrow::TableBuilder builder;
  AddDue(builder, std::move(due));
  builder.AddBool("moved", moved);
  return builder.Finish();
}

}  // namespace
}  // namespace patron::c_api

extern "C" void patron_clock_options_init(patron_clock_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->start = "start";
  options->end = "end";
  options->limit = "seconds";
  options->end_at = PATRON_NO_TIME;
  options->rule = PATRON_RECOMPUTE_ORIGIN;
  options->at = PATRON_NO_TIME;
}

extern "C" patron_status patron_calendar_due(const patron_calendar *calendar,
                                             const patron_table *table,
                                             const patron_clock_options *options,
                                             patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("calendar", calendar));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const c_api::ClockRequest request, c_api::ReadClockOptions(options));
    PATRON_ASSIGN_OR_RETURN(arrow::Table result, c_api::Due(*calendar, table->table, request));
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_calendar_elapsed(const patron_calendar *calendar,
                                                 const patron_table *table,
                                                 const patron_clock_options *options,
                                                 patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("calendar", calendar));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const c_api::ClockRequest request, c_api::ReadClockOptions(options));
    PATRON_ASSIGN_OR_RETURN(arrow::Table result, c_api::Elapsed(*calendar, table->table, request));
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_calendar_recompute(const patron_calendar *before,
                                                   const patron_calendar *after,
                                                   const patron_table *table,
                                                   const patron_clock_options *options,
                                                   patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("before", before));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("after", after));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const c_api::ClockRequest request, c_api::ReadClockOptions(options));
    PATRON_ASSIGN_OR_RETURN(arrow::Table result,
                            c_api::Recompute(*before, *after, table->table, request));
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}
