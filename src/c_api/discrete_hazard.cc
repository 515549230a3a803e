// Discrete time: fitting, what is known of the fit, predictions.
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
#include "patron/c/discrete_hazard.h"
#include "patron/clv/distributions.hpp"
#include "patron/loyalty/discrete_hazard.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace loyalty = patron::loyalty;

namespace patron::c_api {
namespace {

absl::StatusOr<patron_discrete_hazard> FitHazard(const arrow::Table &table,
                                                 const DurationNames &names,
                                                 const patron_discrete_hazard_options *options) {
  patron_discrete_hazard_options full;
  patron_discrete_hazard_options_init(&full);
  PATRON_RETURN_IF_ERROR(ReadOptions("options", options, &full));
  PATRON_RETURN_IF_ERROR(CheckEnum("link", full.link, 2));
  if (!names.strata.empty()) {
    return InvalidOption("strata", Quoted(names.strata.front()),
                         "none, for this model has no strata");
  }
  const Execution execution = ToExecution(full.context);
  patron_discrete_hazard model;
  PATRON_ASSIGN_OR_RETURN(model.covariates,
                          ReadNames("covariates", full.covariates, full.covariate_count));
  PATRON_ASSIGN_OR_RETURN(const Durations durations, ReadDurations(table, names, execution));
  std::vector<arrow::Loaded<double>> columns;
  loyalty::CoxData data{
      .observed = durations.observed(), .covariates = {}, .names = model.covariates};
  for (const std::string &name : model.covariates) {
    PATRON_ASSIGN_OR_RETURN(columns.emplace_back(), ReadDoubles(table, name, execution));
  }
  for (const auto &column : columns) data.covariates.push_back(column.values);
  auto fit = loyalty::FitDiscreteHazard(data,
                                        full.link == PATRON_LINK_LOGIT
                                            ? loyalty::HazardLink::kLogit
                                            : loyalty::HazardLink::kComplementaryLogLog,
                                        execution);
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

absl::StatusOr<arrow::Table> HazardCoefficients(const patron_discrete_hazard &model, double level) {
  PATRON_ASSIGN_OR_RETURN(const double quantile, QuantileOfLevel(level));
  std::vector<double> coefficient, ratio, error, z, p, lower, upper;
  for (Eigen::Index k = 0; k < model.fit.coefficients.size(); ++k) {
    const double b = model.fit.coefficients[k], se = std::sqrt(model.fit.covariance(k, k));
    coefficient.push_back(b);
    ratio.push_back(std::exp(b));
    error.push_back(se);
    z.push_back(b / se);
    p.push_back(clv::ChiSquareTail(b / se * (b / se), 1));
    lower.push_back(b - quantile * se);
    upper.push_back(b + quantile * se);
  }
  arrow::TableBuilder builder;
  builder.AddText("name", model.covariates);
  builder.AddFloat64("coefficient", std::move(coefficient));
  builder.AddFloat64("ratio", std::move(ratio));
  builder.AddFloat64("standard_error", std::move(error));
  builder.AddFloat64("z", std::move(z));
  builder.AddFloat64("p_value", std::move(p));
  builder.AddFloat64("lower", std::move(lower));
  builder.AddFloat64("upper", std::move(upper));
  return builder.Finish();
}

absl::StatusOr<arrow::Table> HazardTable(const loyalty::DiscreteFit &fit) {
  std::vector<int64_t> period;
  std::vector<double> hazard, survival;
  double stay = 1;
  for (size_t t = 0; t < fit.baseline.size(); ++t) {
    period.push_back(static_cast<int64_t>(t + 1));
    hazard.push_back(loyalty::HazardOf(fit.link, fit.baseline[t]));
    stay *= 1 - hazard.back();
    survival.push_back(stay);
  }
  arrow::TableBuilder builder;
  builder.AddInt64("period", std::move(period));
  builder.AddFloat64("at_risk", fit.at_risk);
  builder.AddFloat64("events", fit.events);
  builder.AddFloat64("hazard", std::move(hazard));
  builder.AddFloat64("survival", std::move(survival));
  return builder.Finish();
}

absl::StatusOr<arrow::Table> PredictHazard(const patron_discrete_hazard &model,
                                           const arrow::Table &table, const std::string &elapsed,
                                           uint32_t periods, const Execution &execution) {
  if (periods < 1 || periods > loyalty::kMostPeriods) {
    return InvalidOption("periods", absl::StrCat(periods), "1 to 10000");
  }
  const auto rows = static_cast<size_t>(table.rows());
  std::vector<double> shift(rows);
  for (size_t k = 0; k < model.covariates.size(); ++k) {
    PATRON_ASSIGN_OR_RETURN(const auto x, ReadDoubles(table, model.covariates[k], execution));
    const double coefficient = model.fit.coefficients[static_cast<Eigen::Index>(k)];
    for (size_t i = 0; i < rows; ++i) shift[i] += x.values[i] * coefficient;
  }
  std::vector<size_t> stayed(rows);
  if (!elapsed.empty()) {
    PATRON_ASSIGN_OR_RETURN(const auto read, ReadDoubles(table, elapsed, execution));
    for (size_t i = 0; i < rows; ++i) {
      const double v = read.values[i];
      if (!(v >= 0 && v <= 1e9) || v != std::floor(v)) {
        return InvalidRow(elapsed, i, FormatNumber(v), "a whole number of periods, 0 or more");
      }
      stayed[i] = static_cast<size_t>(v);
    }
  }
  std::vector<std::vector<double>> survival(periods, std::vector<double>(rows, kNaN));
  std::vector<double> next(rows, kNaN);
  const std::vector<double> &baseline = model.fit.baseline;
  for (size_t i = 0; i < rows; ++i) {
    double stay = 1;
    for (size_t ahead = 0; ahead < periods && stayed[i] + ahead < baseline.size(); ++ahead) {
      const double hazard =
          loyalty::HazardOf(model.fit.link, baseline[stayed[i] + ahead] + shift[i]);
      if (ahead == 0) next[i] = hazard;
      stay *= 1 - hazard;
      survival[ahead][i] = stay;
    }
  }
  PATRON_RETURN_IF_ERROR(ReportProgress(execution, 1, 1));
  arrow::TableBuilder builder;
  AddOptional(builder, "hazard", std::move(next));
  for (size_t t = 0; t < periods; ++t) {
    AddOptional(builder, absl::StrCat("survival_", t + 1), std::move(survival[t]));
  }
  return builder.Finish();
}

}  // namespace
}  // namespace patron::c_api

extern "C" void patron_discrete_hazard_options_init(patron_discrete_hazard_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
}

extern "C" patron_status patron_discrete_hazard_fit(const patron_table *table,
                                                    const patron_duration_columns *columns,
                                                    const patron_discrete_hazard_options *options,
                                                    patron_discrete_hazard **out,
                                                    patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const c_api::DurationNames names, c_api::ReadDurationNames(columns));
    PATRON_ASSIGN_OR_RETURN(patron_discrete_hazard model,
                            c_api::FitHazard(table->table, names, options));
    *out = new patron_discrete_hazard(std::move(model));
    return absl::OkStatus();
  });
}

extern "C" void patron_discrete_hazard_free(patron_discrete_hazard *model) { delete model; }

extern "C" patron_status patron_discrete_hazard_get_info(const patron_discrete_hazard *model,
                                                         patron_discrete_hazard_info *out,
                                                         patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    patron_discrete_hazard_info info{};
    info.link =
        model->fit.link == loyalty::HazardLink::kLogit ? PATRON_LINK_LOGIT : PATRON_LINK_CLOGLOG;
    info.iterations = model->fit.iterations;
    info.covariates = model->covariates.size();
    info.periods = model->fit.baseline.size();
    info.rows = static_cast<uint64_t>(model->fit.rows);
    info.events = static_cast<uint64_t>(model->fit.event_rows);
    info.log_likelihood = model->fit.log_likelihood;
    info.null_log_likelihood = model->fit.null_log_likelihood;
    c_api::WriteOut(info, out);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_discrete_hazard_coefficients(const patron_discrete_hazard *model,
                                                             double level, patron_table **out,
                                                             patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(arrow::Table table, c_api::HazardCoefficients(*model, level));
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_discrete_hazard_baseline(const patron_discrete_hazard *model,
                                                         patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(arrow::Table table, c_api::HazardTable(model->fit));
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_discrete_hazard_predict(const patron_discrete_hazard *model,
                                                        const patron_table *table,
                                                        const char *elapsed, uint32_t periods,
                                                        const patron_context *context,
                                                        patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const std::string name, c_api::OptionalName("elapsed", elapsed));
    PATRON_ASSIGN_OR_RETURN(
        arrow::Table result,
        c_api::PredictHazard(*model, table->table, name, periods, c_api::ToExecution(context)));
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}
