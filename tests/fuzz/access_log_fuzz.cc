// Logs of accesses from untrusted bytes.
#include <cstddef>
#include <cstdint>

#include "bytes_fuzz.hpp"
#include "patron/c/customers_access.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  using namespace patron::fuzz;  // NOLINT
  constexpr uint8_t kKind = 49;
  patron_access_log *log =
      Load(Envelope(data, size, kKind), patron_access_log_deserialize, patron_access_log_serialize);
  if (log == nullptr) return 0;
  patron_access_verdict verdict{};
  verdict.struct_size = sizeof verdict;
  Require(patron_access_log_verify(log, nullptr, &verdict, nullptr) == PATRON_OK &&
              verdict.fault >= PATRON_ACCESS_INTACT && verdict.fault <= PATRON_ACCESS_REWRITTEN,
          "it can be looked at");
  patron_table *lines = nullptr;
  Require(patron_access_log_lines(log, nullptr, &lines, nullptr) == PATRON_OK,
          "lines can be listed");
  patron_table_free(lines);
  patron_access_log_free(log);
  return 0;
}
