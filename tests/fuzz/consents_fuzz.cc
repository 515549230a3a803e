// Consents from untrusted bytes.
#include <cstddef>
#include <cstdint>

#include "bytes_fuzz.hpp"
#include "patron/c/customers_consents.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  using namespace patron::fuzz;  // NOLINT
  constexpr uint8_t kKind = 48;
  patron_consents *consents =
      Load(Envelope(data, size, kKind), patron_consents_deserialize, patron_consents_serialize);
  if (consents == nullptr) return 0;
  patron_table *facts = nullptr, *purposes = nullptr;
  Require(patron_consents_facts(consents, nullptr, &facts, nullptr) == PATRON_OK,
          "facts can be listed");
  Require(patron_consents_purposes(consents, &purposes, nullptr) == PATRON_OK,
          "purposes can be listed");
  uint64_t count = 0;
  Require(patron_consents_get_size(consents, &count, nullptr, nullptr) == PATRON_OK &&
              patron_table_rows(facts) == static_cast<int64_t>(count),
          "all facts are listed");
  patron_permission permission{};
  permission.struct_size = sizeof permission;
  const patron_status status =
      patron_consents_may(consents, 1, nullptr, "p", "f", nullptr, 5, &permission, nullptr);
  Require(status == PATRON_OK || status == PATRON_NOT_FOUND, "it can be asked");
  patron_table_free(facts);
  patron_table_free(purposes);
  patron_consents_free(consents);
  return 0;
}
