// Measures: survival curves and control charts.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/builder.hpp"
#include "arrow/reader.hpp"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/nan.hpp"
#include "c_api/numbers.hpp"
#include "patron/base/normal.hpp"
#include "patron/base/status.hpp"
#include "patron/base/survival.hpp"
#include "patron/c/measure.h"
#include "patron/complaints/control_charts.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace complaints = patron::complaints;

namespace patron::c_api {
namespace {

struct SurvivalRequest {
  SurvivalInterval interval;
  std::string time, observed;
  double z;
  std::vector<double> p;
  Execution execution;
};

absl::StatusOr<SurvivalRequest> ReadSurvivalOptions(const patron_survival_options *options) {
  patron_survival_options full;
  patron_survival_options_init(&full);
  PATRON_RETURN_IF_ERROR(ReadOptions("options", options, &full));
  PATRON_RETURN_IF_ERROR(CheckEnum("interval", full.interval, 3));
  if (!(full.level > 0 && full.level < 1)) {
    return InvalidOption("level", FormatNumber(full.level), "a number between 0 and 1");
  }
  if (full.p_count > 0) PATRON_RETURN_IF_ERROR(RequirePointer("p", full.p));
  SurvivalRequest request = {.interval = static_cast<SurvivalInterval>(full.interval),
                             .time = {},
                             .observed = {},
                             .z = NormalQuantile(0.5 + 0.5 * full.level),
                             .p = {full.p, full.p + full.p_count},
                             .execution = ToExecution(full.context)};
  for (size_t i = 0; i < request.p.size(); ++i) {
    if (request.p[i] >= 0 && request.p[i] <= 1) continue;
    return InvalidRow("p", i, FormatNumber(request.p[i]), "0 to 1");
  }
  PATRON_ASSIGN_OR_RETURN(request.time, ReadName("time", full.time));
  PATRON_ASSIGN_OR_RETURN(request.observed, ReadName("observed", full.observed));
  return request;
}

std::vector<uint8_t> Present(std::span<const double> values) {
  std::vector<uint8_t> valid(values.size());
  for (size_t i = 0; i < values.size(); ++i) valid[i] = std::isnan(values[i]) ? 0 : 1;
  return valid;
}

void AddSeries(arrow::TableBuilder &builder, const char *name, std::vector<double> values) {
  const std::vector<uint8_t> valid = Present(values);
  builder.AddFloat64(name, std::move(values), valid);
}

struct SurvivalTables {
  std::unique_ptr<patron_table> curve, quantiles;
};

template <SortKey T>
absl::StatusOr<SurvivalTables> Tables(SurvivalCurve<T> curve, const SurvivalRequest &request) {
  const size_t n = curve.times.size();
  // The limits of the curve fall as it does; where they end, they are those before.
  SurvivalCurve<T> lower_curve = curve, upper_curve = curve;
  std::vector<double> lower(n), upper(n);
  for (size_t i = 0; i < n; ++i) {
    const Interval at = IntervalAt(curve, i, request.interval, request.z);
    lower[i] = at.lower;
    upper[i] = at.upper;
    lower_curve.survival[i] = std::isnan(at.lower) ? 0 : at.lower;
    upper_curve.survival[i] =
        std::isnan(at.upper) ? (i > 0 ? upper_curve.survival[i - 1] : 1) : at.upper;
  }
  std::vector<double> first, midpoint, low, high;
  for (const double p : request.p) {
    first.push_back(QuantileOf(curve, p, SurvivalQuantile::kFirst));
    midpoint.push_back(QuantileOf(curve, p, SurvivalQuantile::kMidpoint));
    low.push_back(QuantileOf(lower_curve, p, SurvivalQuantile::kFirst));
    high.push_back(QuantileOf(upper_curve, p, SurvivalQuantile::kFirst));
  }
  SurvivalTables tables;
  arrow::TableBuilder quantiles;
  quantiles.AddFloat64("p", request.p);
  AddSeries(quantiles, "time", std::move(first));
  AddSeries(quantiles, "midpoint", std::move(midpoint));
  AddSeries(quantiles, "lower", std::move(low));
  AddSeries(quantiles, "upper", std::move(high));
  PATRON_ASSIGN_OR_RETURN(arrow::Table quantile_table, quantiles.Finish());
  tables.quantiles = NewTable(std::move(quantile_table));

  arrow::TableBuilder builder;
  if constexpr (std::is_same_v<T, double>) {
    builder.AddFloat64("time", std::move(curve.times));
  } else {
    builder.AddInt64("time", std::move(curve.times));
  }
  builder.AddInt64("at_risk", std::move(curve.at_risk));
  builder.AddInt64("events", std::move(curve.events));
  builder.AddInt64("censored", std::move(curve.censored));
  builder.AddFloat64("survival", std::move(curve.survival));
  AddSeries(builder, "std_err", std::move(curve.std_err));
  AddSeries(builder, "lower", std::move(lower));
  AddSeries(builder, "upper", std::move(upper));
  PATRON_ASSIGN_OR_RETURN(arrow::Table curve_table, builder.Finish());
  tables.curve = NewTable(std::move(curve_table));
  return tables;
}

absl::StatusOr<SurvivalTables> MeasureSurvival(const arrow::Table &table,
                                               const SurvivalRequest &request) {
  PATRON_ASSIGN_OR_RETURN(const Numbers times,
                          Numbers::Read(table, request.time, request.execution));
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenFlags(table, request.observed));
  PATRON_ASSIGN_OR_RETURN(const auto observed, arrow::Load(reader, request.execution));
  return Visit(times, [&]<typename T>(std::span<const T> own) -> absl::StatusOr<SurvivalTables> {
    auto curve = KaplanMeier<T>(own, observed.values, request.execution);
    if (!curve.ok()) {
      return InWords({{"time", request.time}, {"observed", request.observed}}, curve.status());
    }
    return Tables(*std::move(curve), request);
  });
}

absl::StatusOr<std::vector<double>> ReadSeries(const arrow::Table &table, std::string_view column) {
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenNumbers(table, column));
  PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader));
  return std::vector<double>(loaded.values.begin(), loaded.values.end());
}

struct Chart {
  patron_chart figures;
  std::vector<double> value, lower, upper;
  std::vector<uint8_t> signal;
};

absl::StatusOr<Chart> MakeCusum(const patron_chart_options &options, std::vector<double> values) {
  PATRON_ASSIGN_OR_RETURN(complaints::CusumChart made,
                          complaints::MakeCusum(values, {.slack = options.slack,
                                                         .decision = options.decision,
                                                         .baseline = options.baseline,
                                                         .target = options.target,
                                                         .sigma = options.sigma}));
  Chart chart{};
  chart.figures.center = made.target;
  chart.figures.sigma = made.sigma;
  chart.value = std::move(values);
  chart.lower = std::move(made.low);
  chart.upper = std::move(made.high);
  chart.signal = std::move(made.signal);
  return chart;
}

absl::StatusOr<Chart> MakeChart(const arrow::Table &table, const patron_chart_options &options,
                                const std::string &count, const std::string &size) {
  PATRON_ASSIGN_OR_RETURN(std::vector<double> counts, ReadSeries(table, count));
  if (options.kind == PATRON_CHART_CUSUM) return MakeCusum(options, std::move(counts));
  std::vector<double> sizes;
  if (options.kind != PATRON_CHART_XMR) {
    PATRON_ASSIGN_OR_RETURN(sizes, ReadSeries(table, size));
  }
  PATRON_ASSIGN_OR_RETURN(complaints::ControlChart made,
                          complaints::MakeChart(static_cast<complaints::ChartKind>(options.kind),
                                                counts, sizes, options.baseline));
  Chart chart{};
  chart.figures.center = made.center;
  chart.figures.sigma = made.sigma_z;
  chart.figures.moving_range = made.moving_range;
  chart.value = std::move(made.value);
  chart.lower = std::move(made.lower);
  chart.upper = std::move(made.upper);
  chart.signal = std::move(made.signal);
  return chart;
}

}  // namespace
}  // namespace patron::c_api

extern "C" void patron_survival_options_init(patron_survival_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->interval = PATRON_INTERVAL_LOG;
  options->time = "time";
  options->observed = "observed";
  options->level = 0.95;
}

extern "C" patron_status patron_measure_survival(const patron_table *table,
                                                 const patron_survival_options *options,
                                                 patron_table **out, patron_table **quantiles,
                                                 patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const c_api::SurvivalRequest request,
                            c_api::ReadSurvivalOptions(options));
    PATRON_ASSIGN_OR_RETURN(c_api::SurvivalTables tables,
                            c_api::MeasureSurvival(table->table, request));
    *out = tables.curve.release();
    if (quantiles != nullptr) *quantiles = tables.quantiles.release();
    return absl::OkStatus();
  });
}

extern "C" void patron_chart_options_init(patron_chart_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->kind = PATRON_CHART_XMR;
  options->count = "count";
  options->size = "size";
  options->slack = 0.5;
  options->decision = 5;
  options->target = options->sigma = c_api::kNaN;
}

extern "C" patron_status patron_measure_chart(const patron_table *table,
                                              const patron_chart_options *options,
                                              patron_table **out, patron_chart *chart,
                                              patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("chart", chart));
    patron_chart_options full;
    patron_chart_options_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", options, &full));
    PATRON_RETURN_IF_ERROR(c_api::CheckEnum("kind", full.kind, 6));
    PATRON_ASSIGN_OR_RETURN(const std::string count, c_api::ReadName("count", full.count));
    PATRON_ASSIGN_OR_RETURN(const std::string size, c_api::ReadName("size", full.size));
    auto made = c_api::MakeChart(table->table, full, count, size);
    if (!made.ok()) {
      return c_api::InWords({{"count", count}, {"value", count}, {"size", size}}, made.status());
    }
    patron_chart figures = made->figures;
    figures.points = made->value.size();
    for (const uint8_t signal : made->signal) figures.signals += signal;
    arrow::TableBuilder builder;
    builder.AddFloat64("value", std::move(made->value));
    builder.AddFloat64("lower", std::move(made->lower));
    builder.AddFloat64("upper", std::move(made->upper));
    builder.AddBool("signal", made->signal);
    PATRON_ASSIGN_OR_RETURN(arrow::Table result, builder.Finish());
    *out = c_api::NewTable(std::move(result)).release();
    c_api::WriteOut(figures, chart);
    return absl::OkStatus();
  });
}
