// Fitting models of lifetime value, on one machine or from parts, and testing them.
#include "patron/c/clv_fit.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "arrow/builder.hpp"
#include "c_api/clv_data.hpp"
#include "c_api/clv_likelihood.hpp"
#include "c_api/clv_model.hpp"
#include "c_api/clv_terms.hpp"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/nan.hpp"
#include "patron/base/status.hpp"
#include "patron/clv/covariates.hpp"
#include "patron/clv/fit.hpp"
#include "patron/clv/intervals.hpp"
#include "patron/clv/likelihood_ratio.hpp"
#include "patron/clv/regularity.hpp"

namespace patron::c_api {
namespace {

struct FitRequest {
  std::optional<Eigen::VectorXd> start;
  Eigen::VectorXd lower;  // Of log parameters.
  int iterations = 0;
  double null_log_likelihood = kNaN;
  Execution execution;
};

absl::StatusOr<Eigen::VectorXd> ReadLower(const patron_clv_fit_options &full,
                                          const clv::Layout &layout) {
  Eigen::VectorXd lower;
  if (full.lower == nullptr && full.lower_count == 0) return lower;
  PATRON_RETURN_IF_ERROR(RequirePointer("lower", full.lower));
  if (full.lower_count != layout.parameter_count()) {
    return InvalidOption("lower", absl::StrCat(full.lower_count),
                         absl::StrCat(layout.parameter_count(), ", one a parameter of the model"));
  }
  lower.resize(static_cast<Eigen::Index>(full.lower_count));
  for (size_t k = 0; k < full.lower_count; ++k) {
    if (!(full.lower[k] >= 0) || !std::isfinite(full.lower[k])) {
      return InvalidOption(absl::StrCat("lower[", k, "]"), FormatNumber(full.lower[k]),
                           "a finite number, 0 or above");
    }
    lower[static_cast<Eigen::Index>(k)] = std::log(full.lower[k]);
  }
  return lower;
}

absl::StatusOr<FitRequest> ReadFitOptions(const patron_clv_fit_options *options,
                                          const clv::Layout &layout) {
  patron_clv_fit_options full;
  patron_clv_fit_options_init(&full);
  PATRON_RETURN_IF_ERROR(ReadOptions("options", options, &full));
  if (full.max_iterations < 1) {
    return InvalidOption("max_iterations", absl::StrCat(full.max_iterations), "1 or above");
  }
  FitRequest request;
  request.iterations = full.max_iterations;
  PATRON_ASSIGN_OR_RETURN(request.lower, ReadLower(full, layout));
  request.null_log_likelihood = full.null_log_likelihood;
  request.execution = ToExecution(full.context);
  if (full.start == nullptr && full.start_count == 0) return request;
  PATRON_RETURN_IF_ERROR(RequirePointer("start", full.start));
  const Eigen::Index size = layout.free_size();
  if (full.start_count != static_cast<size_t>(size)) {
    return InvalidOption("start", absl::StrCat(full.start_count),
                         absl::StrCat(size, ", one a free parameter"));
  }
  Eigen::VectorXd point(size);
  for (Eigen::Index i = 0; i < size; ++i) {
    const bool own = static_cast<size_t>(i) < layout.parameter_count();
    const double value = full.start[i];
    if (!std::isfinite(value) || (own && !(value > 0))) {
      return InvalidOption(absl::StrCat("start[", i, "]"), FormatNumber(value),
                           own ? "a finite number above 0" : "a finite number");
    }
    point[i] = own ? std::log(value) : value;
  }
  request.start = std::move(point);
  return request;
}

clv::FitOptions FitOptionsOf(const ClvFitData &data, const clv::Layout &layout,
                             const FitRequest &request, double null_log_likelihood) {
  clv::FitOptions options;
  options.lower = request.lower;
  options.newton.iterations = request.iterations;
  options.null_log_likelihood = null_log_likelihood;
  options.newton.unit = clv::TypicalSteps(layout, data.Covariates());
  return options;
}

// `full` are the options of the fit that starts there.
clv::FoundStarts StartsOf(const ClvLikelihood &likelihood, const clv::Layout &layout,
                          const FitRequest &request, const clv::FitOptions &full) {
  if (request.start.has_value()) return {{*request.start}};
  clv::FoundStarts starts = likelihood.Starts();
  for (Eigen::VectorXd &point : starts.points) {
    const Eigen::Index own = point.size();
    point.conservativeResize(layout.free_size());
    point.tail(layout.free_size() - own).setZero();
  }
  const ClvLikelihood *sample = likelihood.Sample();
  if (sample == nullptr) return starts;
  const auto objective = [&](const Eigen::VectorXd &point) {
    return sample->Evaluate(layout, point, true, request.execution);
  };
  clv::FitOptions options;
  options.lower = full.lower;
  options.newton = full.newton;
  options.newton.decrement = 1e-6;  // One step more is taken below it.
  options.first_start_suffices = starts.first_suffices;
  const auto near = clv::FitObjective(objective, layout, sample->Shape(), starts.points, options);
  if (near.ok() && near->interior()) {
    starts.points.insert(starts.points.begin(), near->optimum.point);
  }
  return starts;
}

bool HasPenalty(const clv::Penalty &penalty) {
  return penalty.transaction > 0 || penalty.dropout > 0 ||
         std::ranges::any_of(penalty.parameters, [](double p) { return p > 0; });
}

// `rows` becomes the number of distinct ones.
absl::StatusOr<clv::Fit> FitOnce(const ClvFitData &data, int regularity, const clv::Layout &layout,
                                 const FitRequest &request, double null_log_likelihood,
                                 uint64_t &rows) {
  PATRON_ASSIGN_OR_RETURN(const std::unique_ptr<ClvLikelihood> likelihood, data.Bind(regularity));
  rows = likelihood->rows();
  const auto objective = [&](const Eigen::VectorXd &point) {
    return likelihood->Evaluate(layout, point, true, request.execution);
  };
  clv::FitOptions options = FitOptionsOf(data, layout, request, null_log_likelihood);
  clv::FoundStarts starts = StartsOf(*likelihood, layout, request, options);
  options.first_start_suffices = starts.first_suffices;
  return clv::FitObjective(objective, layout, likelihood->Shape(), std::move(starts.points),
                           options);
}

// The log-likelihood that a fit must reach.
absl::StatusOr<double> NullOf(const ClvFitData &data, const ClvTerms &terms,
                              const FitRequest &request) {
  if (!std::isnan(request.null_log_likelihood)) return request.null_log_likelihood;
  // A penalty takes a fit away from the maximum, regular timing away from the NBD.
  if (terms.regularity != 1 || HasPenalty(terms.penalty)) return kNaN;
  const absl::StatusOr<double> null = data.NullLogLikelihood(request.execution);
  if (absl::IsCancelled(null.status())) return null.status();
  // Where the NBD itself cannot be fitted there is nothing to compare with.
  return null.ok() ? *null : kNaN;
}

absl::StatusOr<ClvModel> FitTable(const arrow::Table &table, const ClvNames &names, ClvTerms terms,
                                  const patron_clv_fit_options *options) {
  PATRON_ASSIGN_OR_RETURN(clv::Layout layout, LayoutOf(terms));
  PATRON_ASSIGN_OR_RETURN(const FitRequest request, ReadFitOptions(options, layout));
  PATRON_ASSIGN_OR_RETURN(const std::unique_ptr<ClvFitData> data,
                          ReadFitData(table, names, terms, request.execution));
  PATRON_RETURN_IF_ERROR(clv::CheckDetermined(layout, data->Covariates()));
  uint64_t rows = 0;
  if (terms.regularity != 0) {
    PATRON_ASSIGN_OR_RETURN(const double null, NullOf(*data, terms, request));
    PATRON_ASSIGN_OR_RETURN(clv::Fit fit,
                            FitOnce(*data, terms.regularity, layout, request, null, rows));
    return FittedModel(std::move(terms), std::move(layout), std::move(fit), rows);
  }
  PATRON_ASSIGN_OR_RETURN(
      clv::RegularityFit best, clv::ChooseRegularity(kMostChosenRegularity, [&](int k) {
        return FitOnce(*data, k, layout, request, request.null_log_likelihood, rows);
      }));
  terms.regularity = best.regularity;
  return FittedModel(std::move(terms), std::move(layout), std::move(best.fit), rows);
}

absl::Status RequireRegularity(const ClvTerms &terms) {
  if (terms.regularity != 0) return absl::OkStatus();
  return InvalidOption("regularity", "0", "1 or above: parts cannot choose one");
}

absl::StatusOr<clv::Evaluation> EvaluateTable(const arrow::Table &table, const ClvNames &names,
                                              const ClvTerms &terms, const clv::Layout &layout,
                                              const Eigen::VectorXd &point, bool derivatives,
                                              const Execution &execution) {
  PATRON_ASSIGN_OR_RETURN(const std::unique_ptr<ClvFitData> data,
                          ReadFitData(table, names, terms, execution));
  PATRON_ASSIGN_OR_RETURN(const std::unique_ptr<ClvLikelihood> likelihood,
                          data->Bind(terms.regularity));
  return likelihood->Evaluate(layout, point, derivatives, execution);
}

// What a host's function summed, as an evaluation.
absl::StatusOr<clv::Evaluation> AskHost(patron_clv_sum_parts sum, void *user,
                                        const Eigen::VectorXd &point) {
  clv::Evaluation total(point.size());
  patron_clv_part part{};
  part.struct_size = sizeof part;
  patron_error error{};
  const patron_status status = sum(user, point.data(), static_cast<size_t>(point.size()), &part,
                                   total.gradient.data(), total.hessian.data(), &error);
  if (status != PATRON_OK) {
    error.message[sizeof error.message - 1] = '\0';
    const bool known = status > PATRON_OK && status <= PATRON_UNAUTHENTICATED;
    return absl::Status(static_cast<absl::StatusCode>(known ? status : PATRON_UNKNOWN),
                        error.message[0] == '\0' ? "sum: failed" : error.message);
  }
  total.value = part.value;
  total.weight = part.weight;
  return total;
}

absl::StatusOr<size_t> ParameterNamed(const clv::Fit &fit, std::string_view name) {
  const auto found = std::ranges::find(fit.names, name);
  if (found == fit.names.end()) {
    return absl::NotFoundError(absl::StrCat("parameter: ", Quoted(name), "; expected one of ",
                                            fit.names.front(), " to ", fit.names.back()));
  }
  return static_cast<size_t>(found - fit.names.begin());
}

absl::StatusOr<clv::Interval> ProfileOf(const ClvModel &model, const arrow::Table &table,
                                        const ClvNames &names, std::string_view parameter,
                                        double level, const Execution &execution) {
  const clv::Fit &fit = model.fit;
  PATRON_ASSIGN_OR_RETURN(const size_t index, ParameterNamed(fit, parameter));
  PATRON_ASSIGN_OR_RETURN(const std::unique_ptr<ClvFitData> data,
                          ReadFitData(table, names, model.terms, execution));
  PATRON_ASSIGN_OR_RETURN(const std::unique_ptr<ClvLikelihood> likelihood,
                          data->Bind(model.terms.regularity));
  PATRON_ASSIGN_OR_RETURN(const clv::Evaluation here,
                          likelihood->Evaluate(model.layout, fit.optimum.point, false, execution));
  if (!(std::abs(here.value - fit.optimum.at.value) <= 1e-8 * std::abs(here.value)) ||
      !(std::abs(here.weight - fit.weight) <= 1e-9 * fit.weight)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "table: log-likelihood ", FormatNumber(here.value), " at the estimates; expected ",
        FormatNumber(fit.optimum.at.value), ", that of the rows of the fit"));
  }
  const auto objective = [&](const Eigen::VectorXd &point) {
    return likelihood->Evaluate(model.layout, point, true, execution);
  };
  clv::Fit searched = fit;
  searched.newton.unit = clv::TypicalSteps(model.layout, data->Covariates());
  return clv::ProfileInterval(objective, searched, index, level);
}

}  // namespace
}  // namespace patron::c_api

namespace c_api = patron::c_api;
namespace clv = patron::clv;

extern "C" void patron_clv_fit_options_init(patron_clv_fit_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->max_iterations = patron::clv::NewtonOptions().iterations;
  options->null_log_likelihood = c_api::kNaN;
}

extern "C" patron_status patron_clv_fit(const patron_table *table,
                                        const patron_clv_columns *columns,
                                        const patron_clv_terms *terms,
                                        const patron_clv_fit_options *options,
                                        patron_clv_model **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const c_api::ClvNames names, c_api::ReadClvNames(columns));
    PATRON_ASSIGN_OR_RETURN(const c_api::ClvTerms read, c_api::ReadTerms(terms));
    auto model = c_api::FitTable(table->table, names, read, options);
    if (!model.ok()) return c_api::InClvWords(names, read, model.status());
    *out = new patron_clv_model{*std::move(model)};
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_clv_likelihood(const patron_table *table,
                                               const patron_clv_columns *columns,
                                               const patron_clv_terms *terms, const double *point,
                                               size_t count, const patron_context *context,
                                               patron_clv_part *out, double *gradient,
                                               double *hessian, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("point", point));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    if (hessian != nullptr) PATRON_RETURN_IF_ERROR(c_api::RequirePointer("gradient", gradient));
    PATRON_ASSIGN_OR_RETURN(const c_api::ClvNames names, c_api::ReadClvNames(columns));
    PATRON_ASSIGN_OR_RETURN(const c_api::ClvTerms read, c_api::ReadTerms(terms));
    PATRON_RETURN_IF_ERROR(c_api::RequireRegularity(read));
    PATRON_ASSIGN_OR_RETURN(const clv::Layout layout, c_api::LayoutOf(read));
    if (count != static_cast<size_t>(layout.free_size())) {
      return patron::InvalidOption("point", absl::StrCat(count),
                                   absl::StrCat(layout.free_size(), ", one a free parameter"));
    }
    PATRON_RETURN_IF_ERROR(patron::CheckFinite("point", {point, count}));
    const Eigen::VectorXd at =
        Eigen::Map<const Eigen::VectorXd>(point, static_cast<Eigen::Index>(count));
    const auto result = c_api::EvaluateTable(table->table, names, read, layout, at,
                                             gradient != nullptr, c_api::ToExecution(context));
    if (!result.ok()) return c_api::InClvWords(names, read, result.status());
    if (gradient != nullptr) {
      std::memcpy(gradient, result->gradient.data(), count * sizeof *gradient);
    }
    if (hessian != nullptr) {
      std::memcpy(hessian, result->hessian.data(), count * count * sizeof *hessian);
    }
    patron_clv_part part{};
    part.value = result->value;
    part.weight = result->weight;
    c_api::WriteOut(part, out);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_clv_fit_parts(const patron_table *sample,
                                              const patron_clv_columns *columns,
                                              const patron_clv_terms *terms,
                                              const patron_clv_fit_options *options,
                                              patron_clv_sum_parts sum, void *user,
                                              patron_clv_model **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("sample", sample));
    PATRON_RETURN_IF_ERROR(
        c_api::RequirePointer("sum", sum == nullptr ? nullptr : static_cast<const void *>(&sum)));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const c_api::ClvNames names, c_api::ReadClvNames(columns));
    PATRON_ASSIGN_OR_RETURN(c_api::ClvTerms read, c_api::ReadTerms(terms));
    PATRON_RETURN_IF_ERROR(c_api::RequireRegularity(read));
    PATRON_ASSIGN_OR_RETURN(clv::Layout layout, c_api::LayoutOf(read));
    PATRON_ASSIGN_OR_RETURN(const c_api::FitRequest request,
                            c_api::ReadFitOptions(options, layout));
    auto data = c_api::ReadFitData(sample->table, names, read, request.execution);
    if (!data.ok()) return c_api::InClvWords(names, read, data.status());
    auto likelihood = (*data)->Bind(read.regularity);
    if (!likelihood.ok()) return c_api::InClvWords(names, read, likelihood.status());
    const auto objective = [&](const Eigen::VectorXd &point) {
      return c_api::AskHost(sum, user, point);
    };
    const clv::FitOptions full =
        c_api::FitOptionsOf(**data, layout, request, request.null_log_likelihood);
    PATRON_ASSIGN_OR_RETURN(
        clv::Fit fit,
        clv::FitObjective(objective, layout, (*likelihood)->Shape(),
                          c_api::StartsOf(**likelihood, layout, request, full).points, full));
    *out = new patron_clv_model{
        c_api::FittedModel(std::move(read), std::move(layout), std::move(fit), 0)};
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_clv_profile(const patron_clv_model *model,
                                            const patron_table *table,
                                            const patron_clv_columns *columns,
                                            const char *parameter, double level,
                                            const patron_context *context, double *lower,
                                            double *upper, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequireFit("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("lower", lower));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("upper", upper));
    PATRON_ASSIGN_OR_RETURN(const c_api::ClvNames names, c_api::ReadClvNames(columns));
    PATRON_ASSIGN_OR_RETURN(const std::string name, c_api::ReadName("parameter", parameter));
    const auto interval = c_api::ProfileOf(model->model, table->table, names, name, level,
                                           c_api::ToExecution(context));
    if (!interval.ok()) return c_api::InClvWords(names, model->model.terms, interval.status());
    *lower = interval->lower;
    *upper = interval->upper;
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_clv_log_likelihoods(const patron_clv_model *model,
                                                    const patron_table *table,
                                                    const patron_clv_columns *columns,
                                                    const patron_context *context,
                                                    patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const c_api::ClvNames names, c_api::ReadClvNames(columns));
    const patron::Execution execution = c_api::ToExecution(context);
    patron::arrow::TableBuilder builder;
    PATRON_RETURN_IF_ERROR(c_api::AddCustomers(table->table, names, execution, builder));
    PATRON_ASSIGN_OR_RETURN(
        std::vector<double> values,
        c_api::LogLikelihoodOfRows(model->model, table->table, names, execution));
    builder.AddFloat64("log_likelihood", std::move(values));
    PATRON_ASSIGN_OR_RETURN(patron::arrow::Table result, builder.Finish());
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_clv_likelihood_ratio(const patron_clv_model *restricted,
                                                     const patron_clv_model *full,
                                                     patron_clv_likelihood_ratio_result *out,
                                                     patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequireFit("restricted", restricted));
    PATRON_RETURN_IF_ERROR(c_api::RequireFit("full", full));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    PATRON_ASSIGN_OR_RETURN(const clv::LikelihoodRatio test,
                            clv::TestLikelihoodRatio(restricted->model.fit, full->model.fit));
    patron_clv_likelihood_ratio_result result{};
    result.degrees = test.degrees;
    result.statistic = test.statistic;
    result.p_value = test.p_value;
    c_api::WriteOut(result, out);
    return absl::OkStatus();
  });
}
