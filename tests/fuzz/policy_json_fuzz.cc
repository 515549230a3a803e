// Policies of complaints from untrusted JSON.
#include <cstddef>
#include <cstdint>
#include <string>

#include "bytes_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  using namespace patron::fuzz;  // NOLINT
  const std::string text(reinterpret_cast<const char *>(data), size);
  patron_policy *policy = nullptr;
  const patron_status status = patron_policy_from_json(text.data(), text.size(), &policy, nullptr);
  if (status != PATRON_OK) {
    Require(policy == nullptr, "an output is untouched on failure");
    Require(status == PATRON_INVALID_ARGUMENT || status == PATRON_RESOURCE_EXHAUSTED,
            "bad text is INVALID_ARGUMENT");
    return 0;
  }
  const std::string bytes =
      Serialized(patron_policy_serialize, static_cast<const patron_policy *>(policy));
  patron_policy *again = Load(bytes, patron_policy_deserialize, patron_policy_serialize);
  Require(again != nullptr, "what is written can be read");
  Require(Serialized(patron_policy_to_json, static_cast<const patron_policy *>(again)) ==
              Serialized(patron_policy_to_json, static_cast<const patron_policy *>(policy)),
          "and is the same policy");
  patron_policy_free(again);
  patron_policy_free(policy);
  return 0;
}
