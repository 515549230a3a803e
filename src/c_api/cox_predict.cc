// Proportional hazards: predictions, and the test of the proportions.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "arrow/builder.hpp"
#include "c_api/columns.hpp"
#include "c_api/cox.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "patron/base/status.hpp"
#include "patron/base/sum.hpp"
#include "patron/loyalty/cox_prediction.hpp"
#include "patron/loyalty/cox_proportionality.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace loyalty = patron::loyalty;

namespace patron::c_api {
namespace {

struct PredictRequest {
  bool remaining = false;
  std::vector<double> times;
  std::string elapsed;
  double horizon = 0;
  bool errors = false;
  SurvivalInterval interval{};
  double z = 0;
  Execution execution;
};

absl::StatusOr<PredictRequest> ReadPredictOptions(const patron_cox_predict_options *options) {
  patron_cox_predict_options full;
  patron_cox_predict_options_init(&full);
  PATRON_RETURN_IF_ERROR(ReadOptions("options", options, &full));
  PATRON_RETURN_IF_ERROR(CheckEnum("remaining", full.remaining, 2));
  if (full.time_count > 0) PATRON_RETURN_IF_ERROR(RequirePointer("times", full.times));
  PredictRequest request;
  request.remaining = full.remaining != 0;
  request.times.assign(full.times, full.times + full.time_count);
  for (size_t i = 0; i < request.times.size(); ++i) {
    if (request.times[i] >= 0 && std::isfinite(request.times[i])) continue;
    return InvalidRow("times", i, FormatNumber(request.times[i]), "a number, 0 or more");
  }
  if (!(full.horizon >= 0) || !std::isfinite(full.horizon)) {
    return InvalidOption("horizon", FormatNumber(full.horizon),
                         "a number above 0, or 0 for the last time observed");
  }
  request.horizon = full.horizon;
  PATRON_RETURN_IF_ERROR(CheckEnum("errors", full.errors, 2));
  request.errors = full.errors != 0;
  PATRON_ASSIGN_OR_RETURN(request.interval, ReadInterval(full.interval));
  PATRON_ASSIGN_OR_RETURN(request.z, QuantileOfLevel(full.level));
  PATRON_ASSIGN_OR_RETURN(request.elapsed, OptionalName("elapsed", full.elapsed));
  request.execution = ToExecution(full.context);
  return request;
}

// Errors: InvalidArgument for a horizon beyond what a stratum was watched for.
absl::Status CheckHorizon(const CoxModel &model, double horizon) {
  double last = 0;
  for (const loyalty::CoxBaseline &baseline : model.fit.baselines) {
    last = std::max(last, baseline.last_time);
  }
  if (horizon <= last) return absl::OkStatus();
  return InvalidOption("horizon", FormatNumber(horizon),
                       absl::StrCat("at most ", FormatNumber(last), ", the last time observed"));
}

absl::StatusOr<arrow::Table> PredictCox(const CoxModel &model, const arrow::Table &table,
                                        const PredictRequest &request) {
  const Execution &execution = request.execution;
  const auto rows = static_cast<size_t>(table.rows());
  if (request.errors && !model.options.survival_errors) {
    return absl::FailedPreconditionError(
        "errors: the fit has not kept what they need; expected one with survival_errors");
  }
  std::vector<double> predictor(rows);
  Eigen::MatrixXd centred(request.errors ? std::ssize(model.covariates) : 0,
                          static_cast<Eigen::Index>(rows));
  for (size_t k = 0; k < model.covariates.size(); ++k) {
    PATRON_ASSIGN_OR_RETURN(const auto x, ReadDoubles(table, model.covariates[k], execution));
    const auto at = static_cast<Eigen::Index>(k);
    const double mean = model.fit.means[at], coefficient = model.fit.coefficients[at];
    for (size_t i = 0; i < rows; ++i) predictor[i] += (x.values[i] - mean) * coefficient;
    if (!request.errors) continue;
    for (size_t i = 0; i < rows; ++i) {
      centred(at, static_cast<Eigen::Index>(i)) = x.values[i] - mean;
    }
  }
  if (!model.offset.empty()) {
    PATRON_ASSIGN_OR_RETURN(const auto offset, ReadDoubles(table, model.offset, execution));
    for (size_t i = 0; i < rows; ++i) predictor[i] += offset.values[i];
  }
  std::vector<double> ratio(rows);
  for (size_t i = 0; i < rows; ++i) ratio[i] = std::exp(predictor[i]);

  arrow::TableBuilder builder;
  builder.AddFloat64("linear_predictor", std::move(predictor));
  if (request.times.empty() && !request.remaining) {
    builder.AddFloat64("hazard_ratio", std::move(ratio));
    return builder.Finish();
  }
  PATRON_RETURN_IF_ERROR(CheckHorizon(model, request.horizon));
  PATRON_ASSIGN_OR_RETURN(const std::vector<uint32_t> stratum, model.strata.Find(table, execution));
  arrow::Loaded<double> elapsed;
  if (!request.elapsed.empty()) {
    PATRON_ASSIGN_OR_RETURN(elapsed, ReadDoubles(table, request.elapsed, execution));
    for (size_t i = 0; i < rows; ++i) {
      if (elapsed.values[i] >= 0) continue;
      return InvalidRow(request.elapsed, i, FormatNumber(elapsed.values[i]), "0 or more");
    }
  }
  // Baselines are of covariates of 0, ratios from their means.
  const double factor = std::exp(model.fit.means.dot(model.fit.coefficients));
  const size_t each = request.errors ? 4 : 1;  // Columns a time.
  const auto columns = each * request.times.size() + (request.remaining ? 2 : 0);
  std::vector<std::vector<double>> found(columns, std::vector<double>(rows));
  const size_t tasks = TasksFor(rows);
  ParallelFor(execution, tasks, [&](size_t task) {
    const Range range = TaskRows(rows, task);
    for (size_t i = range.begin; i < range.end; ++i) {
      const loyalty::CoxBaseline &baseline = model.fit.baselines[stratum.empty() ? 0 : stratum[i]];
      const double risk = ratio[i] * factor,
                   stayed = elapsed.values.empty() ? 0 : elapsed.values[i];
      size_t c = 0;
      for (const double time : request.times) {
        const double survival = loyalty::SurvivalFrom(baseline, risk, stayed, time);
        found[c++][i] = survival;
        if (!request.errors) continue;
        const double error = loyalty::LogSurvivalError(baseline, model.fit.reported(),
                                                       centred.col(static_cast<Eigen::Index>(i)),
                                                       risk, stayed, time);
        const Interval limits =
            loyalty::SurvivalLimits(survival, error, request.interval, request.z);
        found[c++][i] = survival * error;
        found[c++][i] = limits.lower;
        found[c++][i] = limits.upper;
      }
      if (!request.remaining) continue;
      const double horizon = request.horizon > 0 ? request.horizon : baseline.last_time;
      found[c++][i] = loyalty::MedianRemaining(baseline, risk, stayed);
      found[c][i] = loyalty::MeanRemaining(baseline, risk, stayed, horizon);
    }
  });
  PATRON_RETURN_IF_ERROR(ReportProgress(execution, 1, 1));
  builder.AddFloat64("hazard_ratio", std::move(ratio));
  for (size_t t = 0; t < request.times.size(); ++t) {
    constexpr std::string_view kNames[] = {"survival_", "std_err_", "lower_", "upper_"};
    for (size_t c = 0; c < each; ++c) {
      AddOptional(builder, absl::StrCat(Text(kNames[c]), t + 1), std::move(found[each * t + c]));
    }
  }
  if (request.remaining) {
    AddOptional(builder, "median_remaining", std::move(found[each * request.times.size()]));
    AddOptional(builder, "mean_remaining", std::move(found.back()));
  }
  return builder.Finish();
}

using CoxTerms = std::vector<std::pair<std::string, std::vector<size_t>>>;

absl::StatusOr<CoxTerms> ReadCoxTerms(const CoxModel &model, const patron_cox_term *terms,
                                      size_t count) {
  CoxTerms result;
  if (count == 0) return result;
  PATRON_RETURN_IF_ERROR(RequirePointer("terms", terms));
  for (size_t i = 0; i < count; ++i) {
    patron_cox_term term{};
    PATRON_RETURN_IF_ERROR(ReadElement("terms", terms, i, &term));
    PATRON_ASSIGN_OR_RETURN(std::string name, ReadName("term", term.name));
    PATRON_ASSIGN_OR_RETURN(const std::vector<std::string> covariates,
                            ReadNames(name, term.covariates, term.covariate_count));
    std::vector<size_t> members;
    for (const std::string &covariate : covariates) {
      const auto at = std::ranges::find(model.covariates, covariate);
      if (at == model.covariates.end()) {
        return absl::NotFoundError(
            absl::StrCat(name, ": ", Quoted(covariate), "; expected a covariate of the fit"));
      }
      members.push_back(static_cast<size_t>(at - model.covariates.begin()));
    }
    result.emplace_back(std::move(name), std::move(members));
  }
  return result;
}

absl::StatusOr<arrow::Table> TestTable(const std::vector<loyalty::ProportionalityTest> &tests) {
  std::vector<std::string> term;
  std::vector<double> statistic, p_value;
  std::vector<int64_t> degrees;
  for (const loyalty::ProportionalityTest &test : tests) {
    term.push_back(test.term);
    statistic.push_back(test.statistic);
    degrees.push_back(test.degrees);
    p_value.push_back(test.p_value);
  }
  arrow::TableBuilder builder;
  builder.AddText("term", term);
  builder.AddFloat64("statistic", std::move(statistic));
  builder.AddInt64("degrees", std::move(degrees));
  builder.AddFloat64("p_value", std::move(p_value));
  return builder.Finish();
}

}  // namespace
}  // namespace patron::c_api

extern "C" void patron_cox_predict_options_init(patron_cox_predict_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->interval = PATRON_INTERVAL_LOG;
  options->level = 0.95;
}

extern "C" patron_status patron_cox_predict(const patron_cox *model, const patron_table *table,
                                            const patron_cox_predict_options *options,
                                            patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const c_api::PredictRequest request,
                            c_api::ReadPredictOptions(options));
    PATRON_ASSIGN_OR_RETURN(arrow::Table result,
                            c_api::PredictCox(model->model, table->table, request));
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_cox_proportionality(
    const patron_cox *model, const patron_table *table, const patron_duration_columns *columns,
    int32_t scale, const patron_cox_term *terms, size_t term_count, const patron_context *context,
    patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckEnum("scale", scale, 4));
    const c_api::CoxModel &cox = model->model;
    const patron::Execution execution = c_api::ToExecution(context);
    PATRON_ASSIGN_OR_RETURN(c_api::CoxTerms wanted, c_api::ReadCoxTerms(cox, terms, term_count));
    PATRON_ASSIGN_OR_RETURN(const c_api::DurationNames names, c_api::ReadDurationNames(columns));
    if (table->table.rows() != cox.fit.rows) {
      return absl::FailedPreconditionError(absl::StrCat(
          "table: ", table->table.rows(), " rows; expected the ", cox.fit.rows, " of the fit"));
    }
    PATRON_ASSIGN_OR_RETURN(const c_api::CoxColumns read,
                            c_api::ReadCoxColumns(table->table, names, cox, execution));
    const auto tests = loyalty::TestProportionality(read.data(cox.covariates), cox.options, cox.fit,
                                                    static_cast<loyalty::TimeScale>(scale),
                                                    std::move(wanted), execution);
    if (!tests.ok()) return c_api::InWords(names.Words(), tests.status());
    PATRON_ASSIGN_OR_RETURN(arrow::Table result, c_api::TestTable(*tests));
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}
