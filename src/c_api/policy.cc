// Policies of complaints.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/builder.hpp"
#include "c_api/bytes.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/policy.hpp"
#include "json/policy.hpp"
#include "patron/base/money.hpp"
#include "patron/base/status.hpp"
#include "patron/c/policy.h"
#include "patron/complaints/default_policy.hpp"
#include "patron/complaints/lifecycle.hpp"
#include "patron/complaints/policy_check.hpp"
#include "patron/complaints/policy_graph.hpp"
#include "proto/policy.hpp"

namespace patron::c_api {
namespace {

absl::Status GivePolicy(absl::StatusOr<complaints::Policy> policy, patron_policy **out) {
  PATRON_RETURN_IF_ERROR(policy.status());
  PATRON_ASSIGN_OR_RETURN(auto lifecycle, complaints::Lifecycle::Compile(*std::move(policy)));
  *out = new patron_policy{std::move(lifecycle)};
  return absl::OkStatus();
}

// Runs `body(lifecycle)` when both pointers are there.
template <typename Out, typename Body>
patron_status Ask(const patron_policy *policy, Out **out, patron_error *error, Body &&body) {
  return Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(RequirePointer("policy", policy));
    PATRON_RETURN_IF_ERROR(RequirePointer("out", out));
    return body(policy->lifecycle);
  });
}

}  // namespace
}  // namespace patron::c_api

namespace c_api = patron::c_api;
namespace complaints = patron::complaints;

extern "C" patron_status patron_policy_preset(const char *name, int32_t decimals,
                                              patron_policy **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(patron::CheckDecimals("decimals", decimals));
    return c_api::GivePolicy(complaints::PresetPolicy(name == nullptr ? "default" : name, decimals),
                             out);
  });
}

extern "C" patron_status patron_policy_from_json(const void *text, size_t size, patron_policy **out,
                                                 patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("text", text));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    return c_api::GivePolicy(patron::json::ToPolicy({static_cast<const char *>(text), size}), out);
  });
}

extern "C" patron_status patron_policy_to_json(const patron_policy *policy, patron_bytes **out,
                                               patron_error *error) {
  return c_api::Ask(policy, out, error, [&](const complaints::Lifecycle &lifecycle) {
    *out = new patron_bytes{patron::json::FromPolicy(lifecycle.policy())};
    return absl::OkStatus();
  });
}

extern "C" void patron_policy_free(patron_policy *policy) { delete policy; }

extern "C" patron_status patron_policy_check(const patron_policy *policy, patron_table **out,
                                             patron_error *error) {
  return c_api::Ask(
      policy, out, error, [&](const complaints::Lifecycle &lifecycle) -> absl::Status {
        std::vector<std::string_view> problems;
        std::vector<std::string> subjects;
        std::vector<std::string> messages;
        for (complaints::PolicyFinding &finding : complaints::CheckPolicy(lifecycle)) {
          problems.push_back(complaints::ProblemName(finding.problem));
          subjects.push_back(std::move(finding.subject));
          messages.push_back(std::move(finding.message));
        }
        patron::arrow::TableBuilder builder;
        builder.AddText("problem", std::span<const std::string_view>(problems));
        builder.AddText("subject", std::span<const std::string>(subjects));
        builder.AddText("message", std::span<const std::string>(messages));
        PATRON_ASSIGN_OR_RETURN(patron::arrow::Table table, builder.Finish());
        *out = c_api::NewTable(std::move(table)).release();
        return absl::OkStatus();
      });
}

extern "C" patron_status patron_policy_graph(const patron_policy *policy, patron_bytes **out,
                                             patron_error *error) {
  return c_api::Ask(policy, out, error, [&](const complaints::Lifecycle &lifecycle) {
    *out = new patron_bytes{complaints::PolicyGraph(lifecycle)};
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_policy_serialize(const patron_policy *policy, patron_bytes **out,
                                                 patron_error *error) {
  return c_api::Ask(policy, out, error, [&](const complaints::Lifecycle &lifecycle) {
    return c_api::WriteBytes(patron::v1::KIND_POLICY, patron::proto::ToMessage(lifecycle.policy()),
                             out);
  });
}

extern "C" patron_status patron_policy_deserialize(const void *bytes, size_t size,
                                                   patron_policy **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("bytes", bytes));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron::v1::Policy message;
    PATRON_RETURN_IF_ERROR(patron::proto::Unwrap({static_cast<const char *>(bytes), size},
                                                 patron::v1::KIND_POLICY, message));
    return patron::proto::AsDataLoss(c_api::GivePolicy(patron::proto::FromMessage(message), out));
  });
}
