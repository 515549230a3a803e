// Accelerated failure: fitting, what is known of the fit, predictions.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "arrow/builder.hpp"
#include "c_api/columns.hpp"
#include "c_api/durations.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/nan.hpp"
#include "c_api/survival_models.hpp"
#include "patron/base/status.hpp"
#include "patron/c/aft.h"
#include "patron/clv/distributions.hpp"
#include "patron/loyalty/accelerated_failure.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace loyalty = patron::loyalty;

namespace patron::c_api {
namespace {

absl::StatusOr<patron_aft> FitAft(const arrow::Table &table, const DurationNames &names,
                                  const patron_aft_options *options) {
  patron_aft_options full;
  patron_aft_options_init(&full);
  PATRON_RETURN_IF_ERROR(ReadOptions("options", options, &full));
  PATRON_RETURN_IF_ERROR(CheckEnum("distribution", full.distribution, 4));
  if (!names.strata.empty()) {
    return InvalidOption("strata", Quoted(names.strata.front()),
                         "none, for this model has no strata");
  }
  const Execution execution = ToExecution(full.context);
  patron_aft model;
  PATRON_ASSIGN_OR_RETURN(model.covariates,
                          ReadNames("covariates", full.covariates, full.covariate_count));
  PATRON_ASSIGN_OR_RETURN(const Durations durations, ReadDurations(table, names, execution));
  std::vector<arrow::Loaded<double>> columns;
  loyalty::LifetimeData data{durations.observed(), {}, model.covariates};
  for (const std::string &name : model.covariates) {
    PATRON_ASSIGN_OR_RETURN(columns.emplace_back(), ReadDoubles(table, name, execution));
  }
  for (const auto &column : columns) data.covariates.push_back(column.values);
  auto fit = loyalty::FitLifetime(
      data, static_cast<loyalty::LifetimeDistribution>(full.distribution), execution);
  if (!fit.ok()) {
    for (const std::string &name : model.covariates) {
      if (fit.status().message().substr(0, name.size() + 2) == name + ": ") return fit.status();
    }
    return InWords(names.Words(), fit.status());
  }
  model.fit = *std::move(fit);
  model.names = names;
  return model;
}

absl::StatusOr<arrow::Table> AftCoefficients(const patron_aft &model, double level) {
  PATRON_ASSIGN_OR_RETURN(const double quantile, QuantileOfLevel(level));
  const loyalty::LifetimeFit &fit = model.fit;
  std::vector<double> coefficient(fit.coefficients.begin(), fit.coefficients.end());
  const std::vector<std::string> names = model.terms();
  if (names.size() > coefficient.size()) coefficient.push_back(std::log(fit.scale));
  std::vector<double> ratio, error, z, p, lower, upper;
  for (size_t k = 0; k < names.size(); ++k) {
    const auto at = static_cast<Eigen::Index>(k);
    const double b = coefficient[k], se = std::sqrt(fit.covariance(at, at));
    ratio.push_back(std::exp(b));
    error.push_back(se);
    z.push_back(b / se);
    p.push_back(clv::ChiSquareTail(b / se * (b / se), 1));
    lower.push_back(b - quantile * se);
    upper.push_back(b + quantile * se);
  }
  arrow::TableBuilder builder;
  builder.AddText("name", names);
  builder.AddFloat64("coefficient", std::move(coefficient));
  builder.AddFloat64("time_ratio", std::move(ratio));
  builder.AddFloat64("standard_error", std::move(error));
  builder.AddFloat64("z", std::move(z));
  builder.AddFloat64("p_value", std::move(p));
  builder.AddFloat64("lower", std::move(lower));
  builder.AddFloat64("upper", std::move(upper));
  return builder.Finish();
}

absl::StatusOr<arrow::Table> PredictAft(const patron_aft &model, const arrow::Table &table,
                                        const patron_aft_predict_options *options) {
  patron_aft_predict_options full;
  patron_aft_predict_options_init(&full);
  PATRON_RETURN_IF_ERROR(ReadOptions("options", options, &full));
  PATRON_RETURN_IF_ERROR(CheckReserved(full.reserved));
  if (full.time_count > 0) PATRON_RETURN_IF_ERROR(RequirePointer("times", full.times));
  for (size_t i = 0; i < full.time_count; ++i) {
    if (full.times[i] >= 0 && std::isfinite(full.times[i])) continue;
    return InvalidRow("times", i, FormatNumber(full.times[i]), "a number, 0 or more");
  }
  const Execution execution = ToExecution(full.context);
  const auto rows = static_cast<size_t>(table.rows());
  const loyalty::LifetimeFit &fit = model.fit;
  std::vector<double> location(rows, fit.coefficients[0]);
  for (size_t k = 0; k < model.covariates.size(); ++k) {
    PATRON_ASSIGN_OR_RETURN(const auto x, ReadDoubles(table, model.covariates[k], execution));
    const double coefficient = fit.coefficients[static_cast<Eigen::Index>(k + 1)];
    for (size_t i = 0; i < rows; ++i) location[i] += x.values[i] * coefficient;
  }
  PATRON_ASSIGN_OR_RETURN(const std::string name, OptionalName("elapsed", full.elapsed));
  std::vector<double> stayed(rows);
  if (!name.empty()) {
    PATRON_ASSIGN_OR_RETURN(const auto read, ReadDoubles(table, name, execution));
    stayed.assign(read.values.begin(), read.values.end());
    for (size_t i = 0; i < rows; ++i) {
      if (stayed[i] >= 0) continue;
      return InvalidRow(name, i, FormatNumber(stayed[i]), "0 or more");
    }
  }
  std::vector<double> mean(rows), median(rows);
  std::vector<std::vector<double>> survival(full.time_count, std::vector<double>(rows));
  for (size_t i = 0; i < rows; ++i) {
    const auto at = [&](double time) {
      return loyalty::LifetimeSurvival(fit.distribution, location[i], fit.scale, time);
    };
    const double now = at(stayed[i]);
    mean[i] = loyalty::LifetimeMean(fit.distribution, location[i], fit.scale);
    median[i] =
        loyalty::LifetimeQuantile(fit.distribution, location[i], fit.scale, now / 2) - stayed[i];
    for (size_t t = 0; t < full.time_count; ++t) {
      survival[t][i] = now > 0 ? at(stayed[i] + full.times[t]) / now : kNaN;
    }
  }
  PATRON_RETURN_IF_ERROR(ReportProgress(execution, 1, 1));
  arrow::TableBuilder builder;
  builder.AddFloat64("location", std::move(location));
  builder.AddFloat64("mean", std::move(mean));
  builder.AddFloat64("median_remaining", std::move(median));
  for (size_t t = 0; t < survival.size(); ++t) {
    AddOptional(builder, absl::StrCat("survival_", t + 1), std::move(survival[t]));
  }
  return builder.Finish();
}

}  // namespace
}  // namespace patron::c_api

extern "C" void patron_aft_options_init(patron_aft_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->distribution = PATRON_AFT_WEIBULL;
}

extern "C" patron_status patron_aft_fit(const patron_table *table,
                                        const patron_duration_columns *columns,
                                        const patron_aft_options *options, patron_aft **out,
                                        patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const c_api::DurationNames names, c_api::ReadDurationNames(columns));
    PATRON_ASSIGN_OR_RETURN(patron_aft model, c_api::FitAft(table->table, names, options));
    *out = new patron_aft(std::move(model));
    return absl::OkStatus();
  });
}

extern "C" void patron_aft_free(patron_aft *model) { delete model; }

extern "C" patron_status patron_aft_get_info(const patron_aft *model, patron_aft_info *out,
                                             patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    patron_aft_info info{};
    info.distribution = static_cast<int32_t>(model->fit.distribution);
    info.iterations = model->fit.iterations;
    info.covariates = model->covariates.size();
    info.rows = static_cast<uint64_t>(model->fit.rows);
    info.events = static_cast<uint64_t>(model->fit.events);
    info.scale = model->fit.scale;
    info.log_likelihood = model->fit.log_likelihood;
    info.null_log_likelihood = model->fit.null_log_likelihood;
    c_api::WriteOut(info, out);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_aft_coefficients(const patron_aft *model, double level,
                                                 patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(arrow::Table table, c_api::AftCoefficients(*model, level));
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_aft_covariance(const patron_aft *model, patron_table **out,
                                               patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    const std::vector<std::string> names = model->terms();
    arrow::TableBuilder builder;
    builder.AddText("name", names);
    for (size_t k = 0; k < names.size(); ++k) {
      const auto column = model->fit.covariance.col(static_cast<Eigen::Index>(k));
      builder.AddFloat64(names[k], std::vector<double>(column.begin(), column.end()));
    }
    PATRON_ASSIGN_OR_RETURN(arrow::Table table, builder.Finish());
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}

extern "C" void patron_aft_predict_options_init(patron_aft_predict_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
}

extern "C" patron_status patron_aft_predict(const patron_aft *model, const patron_table *table,
                                            const patron_aft_predict_options *options,
                                            patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(arrow::Table result, c_api::PredictAft(*model, table->table, options));
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}
