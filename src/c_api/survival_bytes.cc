// Fits of survival as bytes, and the columns that they have read.
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "arrow/builder.hpp"
#include "arrow/text.hpp"
#include "c_api/bytes.hpp"
#include "c_api/cox.hpp"
#include "c_api/cox_kernels.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/survival_models.hpp"
#include "patron/base/status.hpp"
#include "proto/envelope.hpp"
#include "proto/ids.hpp"
#include "proto/survival.hpp"

namespace arrow = patron::arrow;
namespace c_api = patron::c_api;
namespace proto = patron::proto;
namespace v1 = patron::v1;

namespace patron::c_api {
namespace {

// Room comes first where a list of messages or texts grows: Protobuf loses an element that it has made
// when its list cannot.

void ColumnsTo(const DurationNames &names, const std::vector<std::string> &covariates,
               v1::DurationColumns *message) {
  message->set_duration(names.duration);
  message->set_event(names.event);
  message->set_entry(names.entry);
  message->set_weight(names.weight);
  message->mutable_covariate()->Reserve(static_cast<int>(covariates.size()));
  for (const std::string &name : covariates) message->add_covariate(name);
}

absl::Status CheckNameList(const auto &names) {
  for (auto name = names.begin(); name != names.end(); ++name) {
    PATRON_RETURN_IF_ERROR(proto::CheckName("survival", *name));
    for (auto other = names.begin(); other != name; ++other) {
      if (*other == *name) return proto::NotOurs("survival: a column twice");
    }
  }
  return absl::OkStatus();
}

absl::Status ColumnsFrom(const v1::DurationColumns &message, DurationNames *names,
                         std::vector<std::string> *covariates) {
  if (!message.unknown_fields().empty()) return proto::NotOurs("survival: unknown field");
  PATRON_RETURN_IF_ERROR(proto::CheckName("survival", message.duration()));
  PATRON_RETURN_IF_ERROR(proto::CheckName("survival", message.event()));
  if (!arrow::IsUtf8(message.entry()) || !arrow::IsUtf8(message.weight())) {
    return proto::NotOurs("survival: a name is not UTF-8");
  }
  PATRON_RETURN_IF_ERROR(CheckNameList(message.covariate()));
  names->duration = message.duration();
  names->event = message.event();
  names->entry = message.entry();
  names->weight = message.weight();
  covariates->assign(message.covariate().begin(), message.covariate().end());
  return absl::OkStatus();
}

void WriteStrata(const GroupColumns &strata, v1::SurvivalStrata *message) {
  const GroupColumns::Content content = strata.content();
  const auto width = static_cast<int>(content.names.size());
  message->mutable_name()->Reserve(width);
  message->mutable_value()->Reserve(width);
  for (size_t c = 0; c < content.names.size(); ++c) {
    message->add_name(content.names[c]);
    message->add_flag(content.flags[c]);
    proto::WriteIds(content.values[c].span(), *message->add_value());
  }
  message->mutable_code()->Add(content.codes.begin(), content.codes.end());
}

absl::StatusOr<GroupColumns> ReadStrata(const v1::SurvivalStrata &message) {
  if (!message.unknown_fields().empty()) return proto::NotOurs("survival: unknown field");
  PATRON_RETURN_IF_ERROR(CheckNameList(message.name()));
  GroupColumns::Content content;
  content.names.assign(message.name().begin(), message.name().end());
  content.flags.assign(message.flag().begin(), message.flag().end());
  content.codes.assign(message.code().begin(), message.code().end());
  for (const v1::Ids &ids : message.value()) {
    PATRON_ASSIGN_OR_RETURN(content.values.emplace_back(), proto::ReadIds(ids, "survival: strata"));
  }
  absl::StatusOr<GroupColumns> strata = GroupColumns::FromContent(content);
  if (!strata.ok()) return proto::AsDataLoss(strata.status());
  return strata;
}

absl::StatusOr<v1::SurvivalModel> ReadModel(const void *bytes, size_t size) {
  v1::SurvivalModel message;
  PATRON_RETURN_IF_ERROR(
      proto::Unwrap({static_cast<const char *>(bytes), size}, v1::KIND_SURVIVAL, message));
  if (!message.unknown_fields().empty() || message.kaplan_meier_size() + message.cox_size() +
                                                   message.lifetime_size() +
                                                   message.discrete_size() !=
                                               1) {
    return proto::NotOurs("survival: not one model");
  }
  return message;
}

absl::Status Another(std::string_view expected) {
  return proto::NotOurs(absl::StrCat("another model of survival; expected ", Text(expected)));
}

// Names by what they are for.
struct Roles {
  std::vector<std::string> role, name;

  explicit Roles(const DurationNames &names) {
    Add("duration", names.duration);
    Add("event", names.event);
    Add("entry", names.entry);
    Add("weight", names.weight);
  }
  void Add(std::string_view what, const std::string &column) {
    if (column.empty()) return;
    role.emplace_back(what);
    name.push_back(column);
  }
  void AddAll(std::string_view what, const std::vector<std::string> &columns) {
    for (const std::string &column : columns) Add(what, column);
  }
  absl::Status Give(patron_table **out, std::vector<double> penalty = {}) {
    arrow::TableBuilder builder;
    builder.AddText("role", role);
    builder.AddText("name", name);
    if (!penalty.empty()) builder.AddFloat64("penalty", std::move(penalty));
    PATRON_ASSIGN_OR_RETURN(arrow::Table table, builder.Finish());
    *out = NewTable(std::move(table)).release();
    return absl::OkStatus();
  }
};

// Runs `body` when the pointers are there.
template <typename Body>
patron_status AskModel(const void *model, const void *out, patron_error *error, Body &&body) {
  return Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(RequirePointer("out", out));
    return body();
  });
}

template <typename Body>
patron_status Read(const void *bytes, const void *out, patron_error *error, Body &&body) {
  return Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(RequirePointer("bytes", bytes));
    PATRON_RETURN_IF_ERROR(RequirePointer("out", out));
    return body();
  });
}

}  // namespace
}  // namespace patron::c_api

extern "C" patron_status patron_kaplan_meier_serialize(const patron_kaplan_meier *model,
                                                       patron_bytes **out, patron_error *error) {
  return c_api::AskModel(model, out, error, [&] {
    v1::SurvivalModel message;
    message.mutable_kaplan_meier()->Reserve(1);
    v1::KaplanMeierModel *own = message.add_kaplan_meier();
    c_api::ColumnsTo(model->names, {}, own->mutable_columns());
    c_api::WriteStrata(model->strata, own->mutable_strata());
    own->mutable_table()->Reserve(static_cast<int>(model->curves.size()));
    for (const auto &curve : model->curves) proto::WriteCurve(curve, own->add_table());
    return c_api::WriteBytes(v1::KIND_SURVIVAL, message, out);
  });
}

extern "C" patron_status patron_kaplan_meier_deserialize(const void *bytes, size_t size,
                                                         patron_kaplan_meier **out,
                                                         patron_error *error) {
  return c_api::Read(bytes, out, error, [&]() -> absl::Status {
    PATRON_ASSIGN_OR_RETURN(const v1::SurvivalModel message, c_api::ReadModel(bytes, size));
    if (message.kaplan_meier_size() == 0) return c_api::Another("curves of survival");
    const v1::KaplanMeierModel &own = message.kaplan_meier(0);
    auto model = std::make_unique<patron_kaplan_meier>();
    std::vector<std::string> covariates;
    PATRON_RETURN_IF_ERROR(c_api::ColumnsFrom(own.columns(), &model->names, &covariates));
    PATRON_ASSIGN_OR_RETURN(model->strata, c_api::ReadStrata(own.strata()));
    model->names.strata = model->strata.names();
    if (!own.unknown_fields().empty() || !covariates.empty() ||
        static_cast<size_t>(own.table_size()) != model->strata.count()) {
      return proto::NotOurs("survival: not a curve a stratum");
    }
    for (const v1::RiskTable &table : own.table()) {
      PATRON_ASSIGN_OR_RETURN(model->curves.emplace_back(), proto::ReadCurve(table));
    }
    *out = model.release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_kaplan_meier_columns(const patron_kaplan_meier *model,
                                                     patron_table **out, patron_error *error) {
  return c_api::AskModel(model, out, error, [&] {
    c_api::Roles roles(model->names);
    roles.AddAll("stratum", model->strata.names());
    return roles.Give(out);
  });
}

extern "C" patron_status patron_cox_serialize(const patron_cox *model, patron_bytes **out,
                                              patron_error *error) {
  return c_api::AskModel(model, out, error, [&] {
    const c_api::CoxModel &cox = model->model;
    v1::SurvivalModel message;
    message.mutable_cox()->Reserve(1);
    v1::CoxModel *own = message.add_cox();
    c_api::ColumnsTo(cox.names, cox.covariates, own->mutable_columns());
    c_api::WriteStrata(cox.strata, own->mutable_strata());
    own->set_offset(cox.offset);
    own->set_cluster(cox.cluster);
    proto::WriteFit(cox.fit, cox.options, own);
    return c_api::WriteBytes(v1::KIND_SURVIVAL, message, out);
  });
}

extern "C" patron_status patron_cox_deserialize(const void *bytes, size_t size, patron_cox **out,
                                                patron_error *error) {
  return c_api::Read(bytes, out, error, [&]() -> absl::Status {
    PATRON_ASSIGN_OR_RETURN(const v1::SurvivalModel message, c_api::ReadModel(bytes, size));
    if (message.cox_size() == 0) return c_api::Another("proportional hazards");
    const v1::CoxModel &own = message.cox(0);
    auto model = std::make_unique<patron_cox>();
    c_api::CoxModel &cox = model->model;
    PATRON_RETURN_IF_ERROR(c_api::ColumnsFrom(own.columns(), &cox.names, &cox.covariates));
    PATRON_ASSIGN_OR_RETURN(cox.strata, c_api::ReadStrata(own.strata()));
    cox.names.strata = cox.strata.names();
    if (!arrow::IsUtf8(own.offset()) || !arrow::IsUtf8(own.cluster())) {
      return proto::NotOurs("survival: a name is not UTF-8");
    }
    cox.offset = own.offset();
    cox.cluster = own.cluster();
    PATRON_RETURN_IF_ERROR(
        proto::ReadFit(own, cox.covariates.size(), cox.strata.count(), &cox.fit, &cox.options));
    cox.options.kernels = c_api::WidestRiskKernels();
    *out = model.release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_cox_columns(const patron_cox *model, patron_table **out,
                                            patron_error *error) {
  return c_api::AskModel(model, out, error, [&] {
    const c_api::CoxModel &cox = model->model;
    c_api::Roles roles(cox.names);
    roles.AddAll("stratum", cox.strata.names());
    std::vector<double> penalty(roles.name.size());
    roles.AddAll("covariate", cox.covariates);
    penalty.insert(penalty.end(), cox.options.penalty.begin(), cox.options.penalty.end());
    roles.Add("offset", cox.offset);
    roles.Add("cluster", cox.cluster);
    penalty.resize(roles.name.size());
    return roles.Give(out, std::move(penalty));
  });
}

extern "C" patron_status patron_aft_serialize(const patron_aft *model, patron_bytes **out,
                                              patron_error *error) {
  return c_api::AskModel(model, out, error, [&] {
    v1::SurvivalModel message;
    message.mutable_lifetime()->Reserve(1);
    v1::LifetimeModel *own = message.add_lifetime();
    c_api::ColumnsTo(model->names, model->covariates, own->mutable_columns());
    proto::WriteFit(model->fit, own);
    return c_api::WriteBytes(v1::KIND_SURVIVAL, message, out);
  });
}

extern "C" patron_status patron_aft_deserialize(const void *bytes, size_t size, patron_aft **out,
                                                patron_error *error) {
  return c_api::Read(bytes, out, error, [&]() -> absl::Status {
    PATRON_ASSIGN_OR_RETURN(const v1::SurvivalModel message, c_api::ReadModel(bytes, size));
    if (message.lifetime_size() == 0) return c_api::Another("accelerated failure");
    const v1::LifetimeModel &own = message.lifetime(0);
    auto model = std::make_unique<patron_aft>();
    PATRON_RETURN_IF_ERROR(c_api::ColumnsFrom(own.columns(), &model->names, &model->covariates));
    PATRON_ASSIGN_OR_RETURN(model->fit, proto::ReadFit(own, model->covariates.size()));
    *out = model.release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_aft_columns(const patron_aft *model, patron_table **out,
                                            patron_error *error) {
  return c_api::AskModel(model, out, error, [&] {
    c_api::Roles roles(model->names);
    roles.AddAll("covariate", model->covariates);
    return roles.Give(out);
  });
}

extern "C" patron_status patron_discrete_hazard_serialize(const patron_discrete_hazard *model,
                                                          patron_bytes **out, patron_error *error) {
  return c_api::AskModel(model, out, error, [&] {
    v1::SurvivalModel message;
    message.mutable_discrete()->Reserve(1);
    v1::DiscreteHazardModel *own = message.add_discrete();
    c_api::ColumnsTo(model->names, model->covariates, own->mutable_columns());
    proto::WriteFit(model->fit, own);
    return c_api::WriteBytes(v1::KIND_SURVIVAL, message, out);
  });
}

extern "C" patron_status patron_discrete_hazard_deserialize(const void *bytes, size_t size,
                                                            patron_discrete_hazard **out,
                                                            patron_error *error) {
  return c_api::Read(bytes, out, error, [&]() -> absl::Status {
    PATRON_ASSIGN_OR_RETURN(const v1::SurvivalModel message, c_api::ReadModel(bytes, size));
    if (message.discrete_size() == 0) return c_api::Another("a hazard in discrete time");
    const v1::DiscreteHazardModel &own = message.discrete(0);
    auto model = std::make_unique<patron_discrete_hazard>();
    PATRON_RETURN_IF_ERROR(c_api::ColumnsFrom(own.columns(), &model->names, &model->covariates));
    PATRON_ASSIGN_OR_RETURN(model->fit, proto::ReadFit(own, model->covariates.size()));
    *out = model.release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_discrete_hazard_columns(const patron_discrete_hazard *model,
                                                        patron_table **out, patron_error *error) {
  return c_api::AskModel(model, out, error, [&] {
    c_api::Roles roles(model->names);
    roles.AddAll("covariate", model->covariates);
    return roles.Give(out);
  });
}
