// Registers from untrusted bytes, and as an entry of a store.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bytes_fuzz.hpp"
#include "patron/c/customers.h"
#include "store_fuzz.hpp"

namespace {

using namespace patron::fuzz;  // NOLINT

// Everything that a register says can be said.
void Use(const patron_register *reg) {
  patron_table *catalogue = nullptr;
  Require(patron_field_catalogue("retail", &catalogue, nullptr) == PATRON_OK, "a catalogue");
  patron_table *tables[9] = {};
  Require(patron_register_entities(reg, 0, &tables[0], nullptr) == PATRON_OK, "entities");
  Require(patron_register_records(reg, 0, &tables[1], nullptr) == PATRON_OK, "records");
  Require(patron_register_log(reg, &tables[2], nullptr) == PATRON_OK, "a log");
  Require(patron_register_values(reg, nullptr, INT64_MAX, 1, &tables[3], nullptr) == PATRON_OK,
          "values");
  Require(patron_register_contacts(reg, 0, &tables[4], nullptr) == PATRON_OK, "contacts");
  Require(patron_register_ties(reg, 1, INT64_MAX, &tables[5], nullptr) == PATRON_OK, "ties");
  Require(patron_register_list(reg, nullptr, catalogue, nullptr, INT64_MAX, &tables[6], nullptr) ==
              PATRON_OK,
          "a list");
  Require(patron_register_completeness(reg, catalogue, PATRON_BY_RECORD, 0, &tables[7], nullptr,
                                       nullptr) == PATRON_OK,
          "completeness");
  Require(patron_register_evidence(reg, &tables[8], nullptr) == PATRON_OK, "evidence");
  for (patron_table *table : tables) patron_table_free(table);
  patron_table_free(catalogue);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  constexpr uint8_t kKind = 40;
  const std::string bytes = Envelope(data, size, kKind);
  patron_register *reg = Load(bytes, patron_register_deserialize, patron_register_serialize);
  if (reg != nullptr) Use(reg);
  patron_register_free(reg);

  std::vector<std::string> entries = {bytes};
  const patron_entry_store store = StoreOf(&entries);
  reg = nullptr;
  const patron_status status = patron_register_open_store(&store, &reg, nullptr);
  Require(status == PATRON_OK || status == PATRON_DATA_LOSS || status == PATRON_RESOURCE_EXHAUSTED,
          "bad entries are DATA_LOSS");
  if (status != PATRON_OK) return 0;
  Use(reg);
  const std::string before =
      Serialized(patron_register_serialize, static_cast<const patron_register *>(reg));
  patron_register_free(reg);
  Require(patron_register_open_store(&store, &reg, nullptr) == PATRON_OK, "it opens again");
  Require(
      Serialized(patron_register_serialize, static_cast<const patron_register *>(reg)) == before,
      "and is the same");
  patron_register_free(reg);
  return 0;
}
