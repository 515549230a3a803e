// Ledgers of points from untrusted bytes.
#include <cstddef>
#include <cstdint>

#include "bytes_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  using namespace patron::fuzz;  // NOLINT
  constexpr uint8_t kKind = 33;
  patron_points_ledger *ledger = Load(Envelope(data, size, kKind), patron_points_ledger_deserialize,
                                      patron_points_ledger_serialize);
  if (ledger == nullptr) return 0;
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
  patron_points_ledger_free(ledger);
  return 0;
}
