#include "proto/clv.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "patron/base/status.hpp"
#include "proto/envelope.hpp"
#include "proto/lists.hpp"

namespace patron::proto {
namespace {

constexpr int kMostList = 10'000;  // Of names; a message of more is none that a fit could make.

v1::ClvFit FitMessage(const clv::Fit &fit, uint64_t rows) {
  v1::ClvFit message;
  const clv::Optimum &optimum = fit.optimum;
  message.set_log_likelihood(fit.log_likelihood);
  message.set_objective(optimum.at.value);
  message.set_weight(fit.weight);
  message.set_rows(rows);
  message.set_converged(optimum.converged);
  message.set_concave(optimum.concave);
  message.set_gradient(optimum.gradient);
  message.set_newton_decrement(optimum.newton_decrement);
  message.set_iterations(static_cast<uint32_t>(optimum.iterations));
  message.set_evaluations(static_cast<uint32_t>(optimum.evaluations));
  for (const int8_t side : optimum.bound) message.add_bound(side);
  for (const double v : fit.box.lower) message.add_lower(v);
  for (const double v : fit.box.upper) message.add_upper(v);
  for (Eigen::Index i = 0; i < fit.log_covariance.rows(); ++i) {
    for (Eigen::Index j = 0; j <= i; ++j) message.add_covariance(fit.log_covariance(i, j));
  }
  for (const clv::Limit limit : fit.limits) message.add_limit(static_cast<uint32_t>(limit));
  return message;
}

absl::StatusOr<std::vector<std::string>> ReadNames(
    const google::protobuf::RepeatedPtrField<std::string> &field) {
  if (field.size() > kMostList) return NotOurs("model: too many covariates");
  std::vector<std::string> names;
  for (const std::string &name : field) {
    PATRON_RETURN_IF_ERROR(CheckName("model: covariate", name));
    names.push_back(name);
  }
  return names;
}

absl::StatusOr<c_api::ClvTerms> TermsOf(const v1::ClvModel &message) {
  c_api::ClvTerms terms;
  constexpr uint32_t kMost = std::numeric_limits<int32_t>::max();
  if (message.kind() > kMost || message.regularity() < 1 || message.regularity() > kMost) {
    return NotOurs("model: no such kind or regularity");
  }
  terms.kind = static_cast<int32_t>(message.kind());
  terms.regularity = static_cast<int>(message.regularity());
  PATRON_ASSIGN_OR_RETURN(terms.transaction, ReadNames(message.transaction_covariate()));
  PATRON_ASSIGN_OR_RETURN(terms.dropout, ReadNames(message.dropout_covariate()));
  if (message.tied_size() % 2 != 0) return NotOurs("model: a tied covariate without another");
  for (int i = 0; i < message.tied_size(); i += 2) {
    terms.tied.emplace_back(message.tied(i), message.tied(i + 1));
    const auto &[t, d] = terms.tied.back();
    if (t >= terms.transaction.size() || d >= terms.dropout.size() ||
        terms.transaction[t] != terms.dropout[d]) {
      return NotOurs("model: tied covariates differ");
    }
  }
  if (!std::ranges::is_sorted(terms.tied)) return NotOurs("model: ties do not ascend");
  terms.penalty = {message.penalty_transaction(), message.penalty_dropout(),
                   ReadList(message.parameter_penalty())};
  if (message.has_time_unit()) {
    if (!c_api::IsTimeUnit(message.time_unit())) return NotOurs("model: no such unit of time");
    terms.time_unit = message.time_unit();
  }
  if (absl::Status status = c_api::CheckTerms(terms); !status.ok()) return AsDataLoss(status);
  return terms;
}

bool IsNumberAbove(double value, double least) { return value >= least && std::isfinite(value); }

absl::Status ReadClvFit(const v1::ClvFit &message, c_api::ClvModel &model) {
  clv::Fit &fit = model.fit;
  const size_t size = fit.estimates.size();
  const auto has = [](int count, size_t expected) {
    return static_cast<size_t>(count) == expected;
  };
  if (!message.unknown_fields().empty()) return NotOurs("fit: unknown field");
  if (!has(message.bound_size(), size) || !has(message.lower_size(), size) ||
      !has(message.upper_size(), size) || !has(message.covariance_size(), size * (size + 1) / 2)) {
    return NotOurs("fit: lists differ in length");
  }
  constexpr uint32_t kMost = std::numeric_limits<int32_t>::max();
  if (!std::isfinite(message.log_likelihood()) || !std::isfinite(message.objective()) ||
      !(message.weight() > 0) || !std::isfinite(message.weight()) ||
      !IsNumberAbove(message.gradient(), 0) || !(message.newton_decrement() >= 0) ||
      message.iterations() > kMost || message.evaluations() > kMost) {
    return NotOurs("fit: figures that no fit has");
  }
  fit.log_likelihood = message.log_likelihood();
  fit.weight = message.weight();
  model.rows = message.rows();
  clv::Optimum &optimum = fit.optimum;
  optimum.at.value = message.objective();
  optimum.at.weight = message.weight();
  optimum.converged = message.converged();
  optimum.concave = message.concave();
  optimum.gradient = message.gradient();
  optimum.newton_decrement = message.newton_decrement();
  optimum.iterations = static_cast<int>(message.iterations());
  optimum.evaluations = static_cast<int>(message.evaluations());
  const auto length = static_cast<Eigen::Index>(size);
  fit.box = {Eigen::VectorXd(length), Eigen::VectorXd(length)};
  fit.log_covariance.resize(length, length);
  for (int i = 0, k = 0; i < message.bound_size(); ++i) {
    if (message.bound(i) < -1 || message.bound(i) > 2) return NotOurs("fit: no such bound");
    optimum.bound.push_back(static_cast<int8_t>(message.bound(i)));
    if (!std::isfinite(message.lower(i)) || !(message.upper(i) > message.lower(i)) ||
        !std::isfinite(message.upper(i))) {
      return NotOurs("fit: a box that is none");
    }
    fit.box.lower[i] = message.lower(i);
    fit.box.upper[i] = message.upper(i);
    for (int j = 0; j <= i; ++j, ++k) {
      const double entry = message.covariance(k);
      if (!std::isfinite(entry) || (i == j && entry < 0)) return NotOurs("fit: no covariance");
      fit.log_covariance(i, j) = fit.log_covariance(j, i) = entry;
    }
  }
  for (const uint32_t limit : message.limit()) {
    const auto read = static_cast<clv::Limit>(limit);
    if (limit > static_cast<uint32_t>(clv::kLastLimit) ||
        std::ranges::find(fit.limits, read) != fit.limits.end()) {
      return NotOurs("fit: no such limit");
    }
    fit.limits.push_back(read);
  }
  model.fitted = true;
  return absl::OkStatus();
}

}  // namespace

v1::ClvModel ToMessage(const c_api::ClvModel &model) {
  v1::ClvModel message;
  const c_api::ClvTerms &terms = model.terms;
  message.set_kind(static_cast<uint32_t>(terms.kind));
  message.set_regularity(static_cast<uint32_t>(terms.regularity));
  for (const std::string &name : terms.transaction) message.add_transaction_covariate(name);
  for (const std::string &name : terms.dropout) message.add_dropout_covariate(name);
  for (const auto &[t, d] : terms.tied) {
    message.add_tied(static_cast<uint32_t>(t));
    message.add_tied(static_cast<uint32_t>(d));
  }
  message.set_penalty_transaction(terms.penalty.transaction);
  message.set_penalty_dropout(terms.penalty.dropout);
  WriteList(terms.penalty.parameters, message.mutable_parameter_penalty());
  WriteList(model.fit.estimates, message.mutable_estimate());
  if (model.fitted) *message.mutable_fit() = FitMessage(model.fit, model.rows);
  if (!terms.time_unit.empty()) message.set_time_unit(terms.time_unit);
  return message;
}

absl::StatusOr<c_api::ClvModel> FromMessage(const v1::ClvModel &message) {
  if (!message.unknown_fields().empty()) return NotOurs("model: unknown field");
  PATRON_ASSIGN_OR_RETURN(c_api::ClvTerms terms, TermsOf(message));
  // Penalties are checked with the layout that the model then has.
  absl::StatusOr<clv::Layout> layout = c_api::LayoutOf(terms);
  if (!layout.ok()) return AsDataLoss(layout.status());
  const clv::Penalty penalty = terms.penalty;
  if (!message.has_fit() &&
      (penalty.transaction != 0 || penalty.dropout != 0 || !penalty.parameters.empty())) {
    return NotOurs("model: a penalty without a fit");
  }
  auto model = c_api::KnownModel(std::move(terms), ReadList(message.estimate()));
  if (!model.ok()) return AsDataLoss(model.status());
  if (message.has_fit()) {
    model->terms.penalty = penalty;
    model->layout = *std::move(layout);
    PATRON_RETURN_IF_ERROR(ReadClvFit(message.fit(), *model));
    c_api::CompleteFit(*model);
  }
  // Such as a zero with a sign.
  if (ToMessage(*model).SerializeAsString() != message.SerializeAsString()) {
    return NotOurs("model: not what is written of it");
  }
  return model;
}

}  // namespace patron::proto
