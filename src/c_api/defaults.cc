// Named defaults.
#include <span>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "patron/base/defaults.hpp"
#include "patron/c/base.h"

namespace {

using patron::Confidence;
using patron::Defaults;
using patron::c_api::CheckOut;
using patron::c_api::Guard;
using patron::c_api::RequirePointer;

static_assert(static_cast<int>(Confidence::kSeedClaim) == PATRON_CONFIDENCE_SEED_CLAIM);
static_assert(static_cast<int>(Confidence::kSeedDefinition) == PATRON_CONFIDENCE_SEED_DEFINITION);
static_assert(static_cast<int>(Confidence::kFieldMeasured) == PATRON_CONFIDENCE_FIELD_MEASURED);
static_assert(static_cast<int>(Confidence::kConvention) == PATRON_CONFIDENCE_CONVENTION);

const Defaults &DefaultsOrBuiltIn(const patron_defaults *defaults) {
  static const Defaults built_in;
  return defaults == nullptr ? built_in : defaults->defaults;
}

// The texts of the definitions are literals, which end in a zero byte.
absl::Status Read(const Defaults &defaults, std::string_view name, patron_default *out) {
  PATRON_ASSIGN_OR_RETURN(const patron::Parameter parameter, defaults.Find(name));
  const patron::ParameterDefinition &definition = parameter.definition;
  patron_default result = {};
  result.confidence = static_cast<int32_t>(definition.confidence);
  result.name = definition.name.data();
  result.unit = definition.unit.data();
  result.source = definition.source.data();
  result.value = parameter.value;
  result.built_in = definition.value;
  result.low = definition.low;
  result.high = definition.high;
  patron::c_api::WriteOut(result, out);
  return absl::OkStatus();
}

}  // namespace

extern "C" {

patron_status patron_defaults_create(patron_defaults **out, patron_error *error) {
  return Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(RequirePointer("out", out));
    *out = new patron_defaults;
    return absl::OkStatus();
  });
}

void patron_defaults_free(patron_defaults *defaults) { delete defaults; }

patron_status patron_defaults_get(const patron_defaults *defaults, const char *name,
                                  patron_default *out, patron_error *error) {
  return Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(RequirePointer("name", name));
    PATRON_RETURN_IF_ERROR(RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(CheckOut("out", out));
    return Read(DefaultsOrBuiltIn(defaults), name, out);
  });
}

patron_status patron_defaults_set(patron_defaults *defaults, const char *name, double value,
                                  patron_error *error) {
  return Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(RequirePointer("defaults", defaults));
    PATRON_RETURN_IF_ERROR(RequirePointer("name", name));
    absl::Status status = defaults->defaults.Set(name, value);
    if (status.code() != absl::StatusCode::kInvalidArgument) return status;
    return absl::OutOfRangeError(status.message());
  });
}

patron_status patron_defaults_reset(patron_defaults *defaults, const char *name,
                                    patron_error *error) {
  return Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(RequirePointer("defaults", defaults));
    if (name != nullptr) return defaults->defaults.Reset(name);
    defaults->defaults = Defaults();
    return absl::OkStatus();
  });
}

size_t patron_defaults_count(const patron_defaults *) { return patron::BuiltInParameters().size(); }

patron_status patron_defaults_at(const patron_defaults *defaults, size_t index, patron_default *out,
                                 patron_error *error) {
  return Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(CheckOut("out", out));
    const std::span<const patron::ParameterDefinition> all = patron::BuiltInParameters();
    if (index >= all.size()) {
      return absl::OutOfRangeError(
          absl::StrCat("index: ", index, "; there are ", all.size(), " defaults"));
    }
    return Read(DefaultsOrBuiltIn(defaults), all[index].name, out);
  });
}

}  // extern "C"
