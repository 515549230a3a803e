// Models of lifetime value: making them of known values, and asking what is known of them.
#include "c_api/clv_model.hpp"

#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "arrow/builder.hpp"
#include "c_api/bytes.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/nan.hpp"
#include "patron/base/status.hpp"
#include "patron/clv/intervals.hpp"
#include "proto/clv.hpp"

namespace patron::c_api {
namespace {

// Parameters beyond are as good as 0 or infinite in any unit of time.
constexpr double kMostValue = 1e30;

}  // namespace

absl::StatusOr<ClvModel> KnownModel(ClvTerms terms, std::vector<double> values) {
  if (terms.regularity == 0) terms.regularity = 1;
  terms.penalty = {};
  PATRON_ASSIGN_OR_RETURN(clv::Layout layout, LayoutOf(terms));
  const auto expected = static_cast<size_t>(layout.free_size());
  if (values.size() != expected) {
    return InvalidOption("values", absl::StrCat(values.size()),
                         absl::StrCat(expected, ", one a free parameter"));
  }
  for (size_t i = 0; i < values.size(); ++i) {
    const bool own = i < layout.parameter_count();
    const bool good = own ? values[i] >= 1 / kMostValue && values[i] <= kMostValue
                          : std::abs(values[i]) <= kMostValue;
    if (good) continue;
    return InvalidOption(layout.names()[i], FormatNumber(values[i]),
                         own ? "a number from 1e-30 to 1e30" : "a number from -1e30 to 1e30");
  }
  clv::Fit fit;
  fit.names = layout.names();
  fit.parameters = layout.parameter_count();
  fit.estimates = std::move(values);
  fit.log_likelihood = fit.optimum.gradient = fit.optimum.newton_decrement = kNaN;
  ClvModel model{std::move(terms), std::move(layout), std::move(fit)};
  CompleteFit(model);
  return model;
}

void CompleteFit(ClvModel &model) {
  clv::Fit &fit = model.fit;
  const auto size = static_cast<Eigen::Index>(fit.estimates.size());
  Eigen::VectorXd slope = Eigen::VectorXd::Ones(size);
  fit.optimum.point.resize(size);
  for (Eigen::Index i = 0; i < size; ++i) {
    const double estimate = fit.estimates[static_cast<size_t>(i)];
    const bool own = static_cast<size_t>(i) < fit.parameters;
    fit.optimum.point[i] = own ? std::log(estimate) : estimate;
    if (own) slope[i] = estimate;
  }
  fit.standard_errors.assign(fit.estimates.size(), kNaN);
  if (fit.log_covariance.size() == 0) return;
  // Both halves the same bits.
  fit.covariance = fit.log_covariance.cwiseProduct(slope * slope.transpose());
  for (Eigen::Index i = 0; i < size; ++i) {
    if (fit.optimum.bound[static_cast<size_t>(i)] != 0) continue;
    fit.standard_errors[static_cast<size_t>(i)] = std::sqrt(fit.covariance(i, i));
  }
}

ClvModel FittedModel(ClvTerms terms, clv::Layout layout, clv::Fit fit, uint64_t rows) {
  ClvModel model{std::move(terms), std::move(layout), std::move(fit), true, rows};
  model.fit.optimum.at.gradient = {};
  model.fit.optimum.at.hessian = {};
  // Both halves the same bits, as they are after reading.
  const Eigen::MatrixXd covariance = model.fit.log_covariance;
  model.fit.log_covariance.triangularView<Eigen::StrictlyUpper>() = covariance.transpose();
  CompleteFit(model);
  return model;
}

absl::Status RequireFit(std::string_view argument, const patron_clv_model *model) {
  PATRON_RETURN_IF_ERROR(RequirePointer(argument, model));
  if (model->model.fitted) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(Text(argument), ": a ", Text(model->model.kind_name()),
                   " made from known values; expected one that was fitted"));
}

namespace {

patron_clv_model_info InfoOf(const ClvModel &model) {
  const clv::Fit &fit = model.fit;
  patron_clv_model_info info{};
  info.kind = model.terms.kind;
  info.regularity = model.terms.regularity;
  info.fitted = model.fitted ? 1 : 0;
  info.converged = fit.optimum.converged ? 1 : 0;
  info.iterations = fit.optimum.iterations;
  info.evaluations = fit.optimum.evaluations;
  info.limits = static_cast<int32_t>(fit.limits.size());
  info.parameters = fit.names.size();
  info.own_parameters = fit.parameters;
  info.rows = model.rows;
  info.customers = fit.weight;
  info.log_likelihood = fit.log_likelihood;
  info.aic = model.fitted ? fit.aic() : kNaN;
  info.bic = model.fitted ? fit.bic() : kNaN;
  info.gradient = fit.optimum.gradient;
  info.newton_decrement = fit.optimum.newton_decrement;
  return info;
}

absl::StatusOr<arrow::Table> ParametersOf(const clv::Fit &fit, double level, int32_t scale) {
  const size_t size = fit.names.size();
  if (!(level > 0 && level < 1)) {
    return InvalidOption("level", FormatNumber(level), "a number between 0 and 1");
  }
  std::vector<double> lower(size), upper(size);
  std::vector<uint8_t> known(size);
  for (size_t i = 0; i < size; ++i) {
    known[i] = std::isnan(fit.standard_errors[i]) ? 0 : 1;
    if (known[i] == 0) continue;
    PATRON_ASSIGN_OR_RETURN(
        const clv::Interval interval,
        clv::WaldInterval(
            fit, i, level,
            scale == PATRON_SCALE_LOG ? clv::WaldScale::kLog : clv::WaldScale::kNatural));
    lower[i] = interval.lower;
    upper[i] = interval.upper;
  }
  arrow::TableBuilder builder;
  builder.AddText("name", fit.names);
  builder.AddFloat64("estimate", fit.estimates);
  builder.AddFloat64("standard_error", fit.standard_errors, known);
  builder.AddFloat64("lower", std::move(lower), known);
  builder.AddFloat64("upper", std::move(upper), known);
  return builder.Finish();
}

absl::StatusOr<arrow::Table> CovarianceOf(const clv::Fit &fit, int32_t scale) {
  const Eigen::MatrixXd &matrix = scale == PATRON_SCALE_LOG ? fit.log_covariance : fit.covariance;
  arrow::TableBuilder builder;
  builder.AddText("name", fit.names);
  for (size_t i = 0; i < fit.names.size(); ++i) {
    const auto column = matrix.col(static_cast<Eigen::Index>(i));
    builder.AddFloat64(fit.names[i], std::vector<double>(column.begin(), column.end()));
  }
  return builder.Finish();
}

}  // namespace
}  // namespace patron::c_api

namespace c_api = patron::c_api;

extern "C" patron_status patron_clv_model_create(const patron_clv_terms *terms,
                                                 const double *values, size_t count,
                                                 patron_clv_model **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("values", values));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(c_api::ClvTerms read, c_api::ReadTerms(terms));
    PATRON_ASSIGN_OR_RETURN(
        c_api::ClvModel model,
        c_api::KnownModel(std::move(read), std::vector<double>(values, values + count)));
    *out = new patron_clv_model{std::move(model)};
    return absl::OkStatus();
  });
}

extern "C" void patron_clv_model_free(patron_clv_model *model) { delete model; }

extern "C" patron_status patron_clv_model_get_info(const patron_clv_model *model,
                                                   patron_clv_model_info *out,
                                                   patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    c_api::WriteOut(c_api::InfoOf(model->model), out);
    return absl::OkStatus();
  });
}

extern "C" const char *patron_clv_model_limit(const patron_clv_model *model, size_t index) {
  if (model == nullptr || index >= model->model.fit.limits.size()) return nullptr;
  // Made of literals, which end in a zero byte.
  return patron::clv::LimitName(model->model.fit.limits[index]).data();
}

extern "C" const char *patron_clv_model_time_unit(const patron_clv_model *model) {
  if (model == nullptr || model->model.terms.time_unit.empty()) return nullptr;
  return model->model.terms.time_unit.c_str();
}

extern "C" patron_status patron_clv_model_parameters(const patron_clv_model *model, double level,
                                                     int32_t scale, patron_table **out,
                                                     patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckEnum("scale", scale, 2));
    PATRON_ASSIGN_OR_RETURN(patron::arrow::Table table,
                            c_api::ParametersOf(model->model.fit, level, scale));
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_clv_model_covariance(const patron_clv_model *model, int32_t scale,
                                                     patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequireFit("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckEnum("scale", scale, 2));
    PATRON_ASSIGN_OR_RETURN(patron::arrow::Table table,
                            c_api::CovarianceOf(model->model.fit, scale));
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_clv_model_serialize(const patron_clv_model *model,
                                                    patron_bytes **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    return c_api::WriteBytes(patron::v1::KIND_CLV_MODEL, patron::proto::ToMessage(model->model),
                             out);
  });
}

extern "C" patron_status patron_clv_model_deserialize(const void *bytes, size_t size,
                                                      patron_clv_model **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("bytes", bytes));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron::v1::ClvModel message;
    PATRON_RETURN_IF_ERROR(patron::proto::Unwrap({static_cast<const char *>(bytes), size},
                                                 patron::v1::KIND_CLV_MODEL, message));
    PATRON_ASSIGN_OR_RETURN(c_api::ClvModel model, patron::proto::FromMessage(message));
    *out = new patron_clv_model{std::move(model)};
    return absl::OkStatus();
  });
}
