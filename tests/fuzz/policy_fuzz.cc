// Policies of complaints from untrusted bytes.
#include <cstddef>
#include <cstdint>

#include "bytes_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  using namespace patron::fuzz;  // NOLINT
  constexpr uint8_t kKind = 17;
  patron_policy *policy =
      Load(Envelope(data, size, kKind), patron_policy_deserialize, patron_policy_serialize);
  if (policy == nullptr) return 0;

  patron_table *findings = nullptr;
  patron_bytes *text = nullptr;
  Require(patron_policy_check(policy, &findings, nullptr) == PATRON_OK, "it can be checked");
  patron_table_free(findings);
  Require(patron_policy_graph(policy, &text, nullptr) == PATRON_OK, "it can be drawn");
  patron_bytes_free(text);
  const std::string json =
      Serialized(patron_policy_to_json, static_cast<const patron_policy *>(policy));
  patron_policy *again = nullptr;
  Require(patron_policy_from_json(json.data(), json.size(), &again, nullptr) == PATRON_OK,
          "what is written as JSON can be read");
  Require(Serialized(patron_policy_to_json, static_cast<const patron_policy *>(again)) == json,
          "and is the same policy");
  patron_policy_free(again);
  patron_policy_free(policy);
  return 0;
}
