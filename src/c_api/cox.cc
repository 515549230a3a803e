// Proportional hazards: fitting, and what is known of the fit.
#include "c_api/cox.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "arrow/builder.hpp"
#include "c_api/columns.hpp"
#include "c_api/cox_kernels.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "patron/base/status.hpp"
#include "patron/clv/distributions.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace loyalty = patron::loyalty;

namespace patron::c_api {

loyalty::CoxData CoxColumns::data(const std::vector<std::string> &names) const {
  loyalty::CoxData result{.observed = durations.observed(),
                          .covariates = {},
                          .names = names,
                          .strata = durations.groups(),
                          .offset = offset.values,
                          .clusters = GroupsOf(clusters, cluster_of)};
  for (const auto &covariate : covariates) result.covariates.push_back(covariate.values);
  return result;
}

absl::StatusOr<CoxColumns> ReadCoxColumns(const arrow::Table &table, const DurationNames &names,
                                          const CoxModel &model, const Execution &execution,
                                          arrow::Finite covariates) {
  CoxColumns columns;
  PATRON_ASSIGN_OR_RETURN(columns.durations, ReadDurations(table, names, execution));
  for (const std::string &name : model.covariates) {
    PATRON_ASSIGN_OR_RETURN(columns.covariates.emplace_back(),
                            ReadDoubles(table, name, execution, covariates));
  }
  if (!model.offset.empty()) {
    PATRON_ASSIGN_OR_RETURN(columns.offset, ReadDoubles(table, model.offset, execution));
  }
  if (!model.cluster.empty()) {
    PATRON_ASSIGN_OR_RETURN(columns.clusters, GroupColumns::Read(table, {model.cluster},
                                                                 columns.cluster_of, execution));
  }
  return columns;
}

namespace {

struct CoxRequest {
  CoxModel model;
  Execution execution;
};

absl::StatusOr<CoxRequest> ReadCoxOptions(const patron_cox_options *options) {
  patron_cox_options full;
  patron_cox_options_init(&full);
  PATRON_RETURN_IF_ERROR(ReadOptions("options", options, &full));
  PATRON_RETURN_IF_ERROR(CheckEnum("ties", full.ties, 2));
  PATRON_RETURN_IF_ERROR(CheckEnum("robust", full.robust, 2));
  PATRON_RETURN_IF_ERROR(CheckEnum("survival_errors", full.survival_errors, 2));
  PATRON_RETURN_IF_ERROR(CheckReserved(full.reserved));
  CoxRequest request;
  CoxModel &model = request.model;
  PATRON_ASSIGN_OR_RETURN(model.covariates,
                          ReadNames("covariates", full.covariates, full.covariate_count));
  PATRON_ASSIGN_OR_RETURN(model.offset, OptionalName("offset", full.offset));
  PATRON_ASSIGN_OR_RETURN(model.cluster, OptionalName("cluster", full.cluster));
  if (full.penalty_count > 0) PATRON_RETURN_IF_ERROR(RequirePointer("penalty", full.penalty));
  model.options.ties =
      full.ties == PATRON_TIES_EFRON ? loyalty::Ties::kEfron : loyalty::Ties::kBreslow;
  model.options.penalty.assign(full.penalty, full.penalty + full.penalty_count);
  model.options.robust = full.robust != 0;
  model.options.survival_errors = full.survival_errors != 0;
  model.options.max_iterations = full.max_iterations;
  model.options.kernels = WidestRiskKernels();
  request.execution = ToExecution(full.context);
  return request;
}

absl::Status InCoxWords(const DurationNames &names, const CoxModel &model,
                        const absl::Status &status) {
  // A covariate may be called as a kernel calls another column.
  for (const std::string &covariate : model.covariates) {
    if (status.message().substr(0, covariate.size() + 2) == covariate + ": ") return status;
  }
  std::vector<Word> words = names.Words();
  words.push_back({"offset", model.offset});
  return InWords(words, status);
}

absl::StatusOr<CoxModel> FitCoxModel(const arrow::Table &table, const DurationNames &names,
                                     CoxRequest request) {
  CoxModel model = std::move(request.model);
  PATRON_ASSIGN_OR_RETURN(CoxColumns columns, ReadCoxColumns(table, names, model, request.execution,
                                                             arrow::Finite::kAny));
  auto fit = loyalty::FitCox(columns.data(model.covariates), model.options, request.execution);
  if (!fit.ok()) return InCoxWords(names, model, fit.status());
  model.fit = *std::move(fit);
  model.names = names;
  model.strata = std::move(columns.durations.strata);
  return model;
}

absl::StatusOr<arrow::Table> CoefficientTable(const CoxModel &model, double level) {
  PATRON_ASSIGN_OR_RETURN(const double quantile, QuantileOfLevel(level));
  std::vector<double> coefficient, ratio, error, by_model, z, p, lower, upper, mean;
  const loyalty::CoxFit &fit = model.fit;
  for (Eigen::Index k = 0; k < fit.coefficients.size(); ++k) {
    const double b = fit.coefficients[k], se = std::sqrt(fit.reported()(k, k));
    coefficient.push_back(b);
    ratio.push_back(std::exp(b));
    error.push_back(se);
    by_model.push_back(std::sqrt(fit.covariance(k, k)));
    z.push_back(b / se);
    p.push_back(clv::ChiSquareTail(b / se * (b / se), 1));
    lower.push_back(b - quantile * se);
    upper.push_back(b + quantile * se);
    mean.push_back(fit.means[k]);
  }
  arrow::TableBuilder builder;
  builder.AddText("name", model.covariates);
  builder.AddFloat64("coefficient", std::move(coefficient));
  builder.AddFloat64("hazard_ratio", std::move(ratio));
  builder.AddFloat64("standard_error", std::move(error));
  builder.AddFloat64("model_error", std::move(by_model));
  builder.AddFloat64("z", std::move(z));
  builder.AddFloat64("p_value", std::move(p));
  builder.AddFloat64("lower", std::move(lower));
  builder.AddFloat64("upper", std::move(upper));
  builder.AddFloat64("mean", std::move(mean));
  return builder.Finish();
}

absl::StatusOr<arrow::Table> BaselineTable(const CoxModel &model, bool centred) {
  const double factor = centred ? std::exp(model.fit.means.dot(model.fit.coefficients)) : 1;
  std::vector<uint32_t> stratum;
  std::vector<double> time, hazard, cumulative, survival;
  for (uint32_t s = 0; s < model.fit.baselines.size(); ++s) {
    const loyalty::CoxBaseline &baseline = model.fit.baselines[s];
    for (size_t i = 0; i < baseline.times.size(); ++i) {
      stratum.push_back(s);
      time.push_back(baseline.times[i]);
      hazard.push_back(baseline.hazard[i] * factor);
      cumulative.push_back(baseline.cumulative[i] * factor);
      survival.push_back(std::exp(-baseline.cumulative[i] * factor));
    }
  }
  arrow::TableBuilder builder;
  model.strata.AddTo(builder, stratum);
  builder.AddFloat64("time", std::move(time));
  builder.AddFloat64("hazard", std::move(hazard));
  builder.AddFloat64("cumulative_hazard", std::move(cumulative));
  builder.AddFloat64("survival", std::move(survival));
  return builder.Finish();
}

}  // namespace
}  // namespace patron::c_api

extern "C" void patron_cox_options_init(patron_cox_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->max_iterations = loyalty::CoxOptions{}.max_iterations;
}

extern "C" patron_status patron_cox_fit(const patron_table *table,
                                        const patron_duration_columns *columns,
                                        const patron_cox_options *options, patron_cox **out,
                                        patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("options", options));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const c_api::DurationNames names, c_api::ReadDurationNames(columns));
    PATRON_ASSIGN_OR_RETURN(c_api::CoxRequest request, c_api::ReadCoxOptions(options));
    PATRON_ASSIGN_OR_RETURN(c_api::CoxModel model,
                            c_api::FitCoxModel(table->table, names, std::move(request)));
    *out = new patron_cox{std::move(model)};
    return absl::OkStatus();
  });
}

extern "C" void patron_cox_free(patron_cox *model) { delete model; }

extern "C" patron_status patron_cox_get_info(const patron_cox *model, patron_cox_info *out,
                                             patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    const loyalty::CoxFit &fit = model->model.fit;
    patron_cox_info info{};
    info.ties = model->model.options.ties == loyalty::Ties::kEfron ? PATRON_TIES_EFRON
                                                                   : PATRON_TIES_BRESLOW;
    info.robust = fit.robust_covariance.size() > 0 ? 1 : 0;
    info.iterations = fit.iterations;
    info.covariates = model->model.covariates.size();
    info.strata = fit.baselines.size();
    info.rows = static_cast<uint64_t>(fit.rows);
    info.events = static_cast<uint64_t>(fit.events);
    info.log_likelihood = fit.log_likelihood;
    info.null_log_likelihood = fit.null_log_likelihood;
    info.likelihood_ratio = fit.likelihood_ratio();
    info.wald = fit.wald_statistic;
    info.score = fit.score_statistic;
    info.survival_errors = model->model.options.survival_errors ? 1 : 0;
    c_api::WriteOut(info, out);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_cox_coefficients(const patron_cox *model, double level,
                                                 patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(arrow::Table table, c_api::CoefficientTable(model->model, level));
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_cox_covariance(const patron_cox *model, patron_table **out,
                                               patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    const c_api::CoxModel &cox = model->model;
    arrow::TableBuilder builder;
    builder.AddText("name", cox.covariates);
    for (size_t k = 0; k < cox.covariates.size(); ++k) {
      const auto column = cox.fit.reported().col(static_cast<Eigen::Index>(k));
      builder.AddFloat64(cox.covariates[k], std::vector<double>(column.begin(), column.end()));
    }
    PATRON_ASSIGN_OR_RETURN(arrow::Table table, builder.Finish());
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_cox_baseline(const patron_cox *model, int32_t centred,
                                             patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckEnum("centred", centred, 2));
    PATRON_ASSIGN_OR_RETURN(arrow::Table table, c_api::BaselineTable(model->model, centred == 1));
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}
