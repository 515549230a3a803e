// Ledgers of points from untrusted bytes, and changes of one in a store.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bytes_fuzz.hpp"

namespace {

using namespace patron::fuzz;  // NOLINT

patron_status Read(void *data, uint64_t place, const void **bytes, size_t *size, patron_error *) {
  const auto &entries = *static_cast<const std::vector<std::string> *>(data);
  if (place >= entries.size()) return PATRON_OUT_OF_RANGE;
  *bytes = entries[place].data();
  *size = entries[place].size();
  return PATRON_OK;
}
patron_status Append(void *data, uint64_t, const void *bytes, size_t size, patron_error *) {
  static_cast<std::vector<std::string> *>(data)->emplace_back(static_cast<const char *>(bytes),
                                                              size);
  return PATRON_OK;
}
patron_status Replace(void *data, const void *bytes, size_t size, patron_error *) {
  *static_cast<std::vector<std::string> *>(data) = {
      std::string(static_cast<const char *>(bytes), size)};
  return PATRON_OK;
}

// Everything that a ledger says can be said.
void Use(patron_points_ledger *ledger) {
  patron_table *balances = nullptr, *entries = nullptr;
  patron_points_liability liability{};
  liability.struct_size = sizeof liability;
  Require(patron_points_ledger_balances(ledger, PATRON_NO_DAY, &balances, nullptr) == PATRON_OK,
          "balances can be listed");
  Require(patron_points_ledger_liability(ledger, PATRON_NO_DAY, 0.01, 0.9, &liability, nullptr) ==
              PATRON_OK,
          "the liability can be computed");
  Require(patron_points_ledger_expire(ledger, INT32_MAX, nullptr) == PATRON_OK,
          "points can expire");
  Require(patron_points_ledger_entries(ledger, &entries, nullptr) == PATRON_OK,
          "entries can be listed");
  patron_table_free(balances);
  patron_table_free(entries);
}

// A change is bound to those before it by a digest, which mutation breaks: so those that load are few,
// and what is tried is that the others are refused.
void TryStore(const std::string &entry) {
  patron_entry_store store{};
  store.struct_size = sizeof store;
  store.read = Read;
  store.append = Append;
  store.replace = Replace;
  for (const bool follows : {false, true}) {
    std::vector<std::string> entries;
    store.data = &entries;
    patron_points_ledger *ledger = nullptr;
    if (follows) {
      Require(
          patron_points_ledger_open_store(&store, nullptr, nullptr, &ledger, nullptr) == PATRON_OK,
          "an empty store");
      patron_points_ledger_free(ledger);
    }
    entries.push_back(entry);
    ledger = nullptr;
    const patron_status status =
        patron_points_ledger_open_store(&store, nullptr, nullptr, &ledger, nullptr);
    Require(
        status == PATRON_OK || status == PATRON_DATA_LOSS || status == PATRON_RESOURCE_EXHAUSTED,
        "bad entries are DATA_LOSS");
    if (status != PATRON_OK) continue;
    Use(ledger);
    const std::string before = Serialized(patron_points_ledger_serialize,
                                          static_cast<const patron_points_ledger *>(ledger));
    patron_points_ledger_free(ledger);
    Require(
        patron_points_ledger_open_store(&store, nullptr, nullptr, &ledger, nullptr) == PATRON_OK,
        "it opens again");
    Require(Serialized(patron_points_ledger_serialize,
                       static_cast<const patron_points_ledger *>(ledger)) == before,
            "and is the same");
    patron_points_ledger_free(ledger);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  constexpr uint8_t kKind = 33, kChange = 34;
  patron_points_ledger *ledger = Load(Envelope(data, size, kKind), patron_points_ledger_deserialize,
                                      patron_points_ledger_serialize);
  if (ledger != nullptr) Use(ledger);
  patron_points_ledger_free(ledger);
  TryStore(Envelope(data, size, kChange));
  return 0;
}
