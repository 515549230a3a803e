// Survival: Kaplan-Meier and Nelson-Aalen curves.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/builder.hpp"
#include "c_api/columns.hpp"
#include "c_api/durations.hpp"
#include "c_api/group_columns.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/nan.hpp"
#include "c_api/survival_models.hpp"
#include "patron/base/status.hpp"
#include "patron/base/survival.hpp"
#include "patron/c/survival.h"
#include "patron/loyalty/kaplan_meier.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace loyalty = patron::loyalty;

namespace patron::c_api {
namespace {

using loyalty::KaplanMeierCurve;

// How the intervals are formed.
struct Limits {
  SurvivalInterval kind;
  double z;

  static absl::StatusOr<Limits> Of(int32_t interval, double level) {
    Limits limits{};
    PATRON_ASSIGN_OR_RETURN(limits.kind, ReadInterval(interval));
    PATRON_ASSIGN_OR_RETURN(limits.z, QuantileOfLevel(level));
    return limits;
  }
};

// Columns of a curve, row by row.
struct CurveColumns {
  std::vector<uint32_t> stratum;
  std::vector<double> time, survival, std_err, lower, upper;
  std::vector<double> hazard, hazard_std_err, hazard_lower, hazard_upper;

  // The curve from its place `i` on.
  void Add(const KaplanMeierCurve &curve, size_t i, const Limits &limits) {
    const Interval of_survival = IntervalAt(curve.curve, i, limits.kind, limits.z);
    const Interval of_hazard = HazardIntervalAt(curve, i, limits.kind, limits.z);
    AddNumbers(curve.curve.survival[i], curve.curve.std_err[i], of_survival, curve.hazard[i],
               curve.hazard_error[i], of_hazard);
  }
  void AddNumbers(double s, double s_error, Interval of_s, double h, double h_error,
                  Interval of_h) {
    survival.push_back(s);
    std_err.push_back(s_error);
    lower.push_back(of_s.lower);
    upper.push_back(of_s.upper);
    hazard.push_back(h);
    hazard_std_err.push_back(h_error);
    hazard_lower.push_back(of_h.lower);
    hazard_upper.push_back(of_h.upper);
  }
  void MoveTo(arrow::TableBuilder &builder) {
    AddOptional(builder, "survival", std::move(survival));
    AddOptional(builder, "std_err", std::move(std_err));
    AddOptional(builder, "lower", std::move(lower));
    AddOptional(builder, "upper", std::move(upper));
    AddOptional(builder, "hazard", std::move(hazard));
    AddOptional(builder, "hazard_std_err", std::move(hazard_std_err));
    AddOptional(builder, "hazard_lower", std::move(hazard_lower));
    AddOptional(builder, "hazard_upper", std::move(hazard_upper));
  }
};

absl::StatusOr<arrow::Table> CurveTable(const patron_kaplan_meier &model, const Limits &limits) {
  CurveColumns columns;
  std::vector<int64_t> at_risk, events, censored;
  for (uint32_t s = 0; s < model.curves.size(); ++s) {
    const KaplanMeierCurve &curve = model.curves[s];
    for (size_t i = 0; i < curve.curve.times.size(); ++i) columns.Add(curve, i, limits);
    const auto append = [](const auto &from, auto &to) {
      to.insert(to.end(), from.begin(), from.end());
    };
    append(curve.curve.times, columns.time);
    append(curve.curve.at_risk, at_risk);
    append(curve.curve.events, events);
    append(curve.curve.censored, censored);
    columns.stratum.insert(columns.stratum.end(), curve.curve.times.size(), s);
  }
  arrow::TableBuilder builder;
  model.strata.AddTo(builder, columns.stratum);
  builder.AddFloat64("time", std::move(columns.time));
  builder.AddInt64("at_risk", std::move(at_risk));
  builder.AddInt64("events", std::move(events));
  builder.AddInt64("censored", std::move(censored));
  columns.MoveTo(builder);
  return builder.Finish();
}

absl::StatusOr<arrow::Table> TableAt(const patron_kaplan_meier &model,
                                     std::span<const double> times, const Limits &limits) {
  for (size_t i = 0; i < times.size(); ++i) {
    if (std::isfinite(times[i])) continue;
    return InvalidRow("times", i, FormatNumber(times[i]), "a finite number");
  }
  CurveColumns columns;
  std::vector<int64_t> at_risk;
  for (uint32_t s = 0; s < model.curves.size(); ++s) {
    const KaplanMeierCurve &curve = model.curves[s];
    for (const double time : times) {
      columns.stratum.push_back(s);
      columns.time.push_back(time);
      at_risk.push_back(curve.curve.AtRiskAt(time));
      const ptrdiff_t place = curve.curve.Find(time);
      if (place < 0) {
        columns.AddNumbers(1, 0, {1, 1}, 0, 0, {0, 0});
      } else if (time > curve.curve.times.back() && curve.curve.survival.back() > 0) {
        columns.AddNumbers(kNaN, kNaN, {kNaN, kNaN}, kNaN, kNaN, {kNaN, kNaN});
      } else {
        columns.Add(curve, static_cast<size_t>(place), limits);
      }
    }
  }
  arrow::TableBuilder builder;
  model.strata.AddTo(builder, columns.stratum);
  builder.AddFloat64("time", std::move(columns.time));
  builder.AddInt64("at_risk", std::move(at_risk));
  columns.MoveTo(builder);
  return builder.Finish();
}

absl::StatusOr<arrow::Table> QuantileTable(const patron_kaplan_meier &model,
                                           std::span<const double> shares, const Limits &limits) {
  for (size_t i = 0; i < shares.size(); ++i) {
    if (shares[i] >= 0 && shares[i] <= 1) continue;
    return InvalidRow("p", i, FormatNumber(shares[i]), "0 to 1");
  }
  std::vector<uint32_t> stratum;
  std::vector<double> p, time, midpoint, lower, upper;
  for (uint32_t s = 0; s < model.curves.size(); ++s) {
    const SurvivalCurve<double> &curve = model.curves[s].curve;
    const loyalty::CurveLimits ends = loyalty::LimitsOf(curve, limits.kind, limits.z);
    for (const double share : shares) {
      stratum.push_back(s);
      p.push_back(share);
      time.push_back(QuantileOf(curve, share, SurvivalQuantile::kFirst));
      midpoint.push_back(QuantileOf(curve, share, SurvivalQuantile::kMidpoint));
      lower.push_back(QuantileOf(ends.lower, share, SurvivalQuantile::kFirst));
      upper.push_back(QuantileOf(ends.upper, share, SurvivalQuantile::kFirst));
    }
  }
  arrow::TableBuilder builder;
  model.strata.AddTo(builder, stratum);
  builder.AddFloat64("p", std::move(p));
  AddOptional(builder, "time", std::move(time));
  AddOptional(builder, "midpoint", std::move(midpoint));
  AddOptional(builder, "lower", std::move(lower));
  AddOptional(builder, "upper", std::move(upper));
  return builder.Finish();
}

absl::StatusOr<arrow::Table> MeanTable(const patron_kaplan_meier &model, double horizon, double z) {
  std::vector<uint32_t> stratum;
  std::vector<int64_t> rows, events;
  std::vector<double> mean, std_err, lower, upper;
  for (uint32_t s = 0; s < model.curves.size(); ++s) {
    const KaplanMeierCurve &curve = model.curves[s];
    PATRON_ASSIGN_OR_RETURN(const loyalty::RestrictedMean found, RestrictedMeanOf(curve, horizon));
    stratum.push_back(s);
    rows.push_back(static_cast<int64_t>(curve.rows));
    int64_t all = 0;
    for (const int64_t at_time : curve.curve.events) all += at_time;
    events.push_back(all);
    mean.push_back(found.mean);
    std_err.push_back(found.std_err);
    lower.push_back(std::max(0.0, found.mean - z * found.std_err));
    upper.push_back(std::min(horizon, found.mean + z * found.std_err));
  }
  arrow::TableBuilder builder;
  model.strata.AddTo(builder, stratum);
  builder.AddInt64("rows", std::move(rows));
  builder.AddInt64("events", std::move(events));
  builder.AddFloat64("mean", std::move(mean));
  builder.AddFloat64("std_err", std::move(std_err));
  builder.AddFloat64("lower", std::move(lower));
  builder.AddFloat64("upper", std::move(upper));
  return builder.Finish();
}

// Counted as the rows are read, where nobody enters late or has a weight and durations are few whole
// numbers. None if they are not, or cannot be read at all.
std::optional<loyalty::RiskTable> CountRows(const arrow::Table &table, const DurationNames &names) {
  if (!names.entry.empty() || !names.weight.empty() || !names.strata.empty()) return {};
  const auto durations = arrow::OpenNumbers(table, names.duration);
  const auto events = arrow::OpenFlags(table, names.event);
  if (!durations.ok() || !events.ok()) return {};
  constexpr int64_t kBlock = 8192;
  loyalty::DurationCounts counts(static_cast<size_t>(table.rows()), 1);
  std::vector<double> duration_scratch;
  std::vector<uint8_t> event_scratch;
  for (int64_t begin = 0; begin < table.rows(); begin += kBlock) {
    const int64_t end = std::min(table.rows(), begin + kBlock);
    std::span<const double> some_durations;
    std::span<const uint8_t> some_events;
    if (!durations->Read(begin, end, duration_scratch, nullptr, some_durations).ok() ||
        !events->Read(begin, end, event_scratch, nullptr, some_events).ok() ||
        !counts.Add(some_durations, some_events)) {
      return {};
    }
  }
  if (table.rows() == 0) return {};
  return std::move(counts.Tables().front());
}

absl::StatusOr<patron_kaplan_meier> FitCurves(const arrow::Table &table, DurationNames names,
                                              const Execution &execution) {
  patron_kaplan_meier model = {std::move(names), {}, {}};
  if (std::optional<loyalty::RiskTable> counted = CountRows(table, model.names)) {
    PATRON_RETURN_IF_ERROR(ReportProgress(execution, 1, 2));
    model.curves.push_back(loyalty::KaplanMeierOf(*std::move(counted)));
  } else {
    PATRON_ASSIGN_OR_RETURN(Durations read, ReadDurations(table, model.names, execution));
    PATRON_RETURN_IF_ERROR(ReportProgress(execution, 1, 2));
    auto curves = loyalty::FitKaplanMeier(read.observed(), read.groups(), execution);
    if (!curves.ok()) return InWords(model.names.Words(), curves.status());
    model.strata = std::move(read.strata);
    model.curves = *std::move(curves);
  }
  PATRON_RETURN_IF_ERROR(ReportProgress(execution, 2, 2));
  return model;
}

}  // namespace
}  // namespace patron::c_api

extern "C" patron_status patron_kaplan_meier_fit(const patron_table *table,
                                                 const patron_duration_columns *columns,
                                                 const patron_context *context,
                                                 patron_kaplan_meier **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(c_api::DurationNames names, c_api::ReadDurationNames(columns));
    PATRON_ASSIGN_OR_RETURN(
        patron_kaplan_meier model,
        c_api::FitCurves(table->table, std::move(names), c_api::ToExecution(context)));
    *out = new patron_kaplan_meier(std::move(model));
    return absl::OkStatus();
  });
}

extern "C" void patron_kaplan_meier_free(patron_kaplan_meier *model) { delete model; }

extern "C" patron_status patron_kaplan_meier_curve(const patron_kaplan_meier *model,
                                                   int32_t interval, double level,
                                                   patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const auto limits, c_api::Limits::Of(interval, level));
    PATRON_ASSIGN_OR_RETURN(arrow::Table result, c_api::CurveTable(*model, limits));
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_kaplan_meier_at(const patron_kaplan_meier *model,
                                                const double *times, size_t count, int32_t interval,
                                                double level, patron_table **out,
                                                patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    if (count > 0) PATRON_RETURN_IF_ERROR(c_api::RequirePointer("times", times));
    PATRON_ASSIGN_OR_RETURN(const auto limits, c_api::Limits::Of(interval, level));
    PATRON_ASSIGN_OR_RETURN(arrow::Table result,
                            c_api::TableAt(*model, std::span(times, count), limits));
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_kaplan_meier_quantiles(const patron_kaplan_meier *model,
                                                       const double *p, size_t count,
                                                       int32_t interval, double level,
                                                       patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    if (count > 0) PATRON_RETURN_IF_ERROR(c_api::RequirePointer("p", p));
    PATRON_ASSIGN_OR_RETURN(const auto limits, c_api::Limits::Of(interval, level));
    PATRON_ASSIGN_OR_RETURN(arrow::Table result,
                            c_api::QuantileTable(*model, std::span(p, count), limits));
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_kaplan_meier_restricted_mean(const patron_kaplan_meier *model,
                                                             double horizon, double level,
                                                             patron_table **out,
                                                             patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const double z, c_api::QuantileOfLevel(level));
    PATRON_ASSIGN_OR_RETURN(arrow::Table result, c_api::MeanTable(*model, horizon, z));
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}
