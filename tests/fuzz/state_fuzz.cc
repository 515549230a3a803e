// Partial states from untrusted bytes.
#include <cstddef>
#include <cstdint>

#include "bytes_fuzz.hpp"

namespace {

using namespace patron::fuzz;  // NOLINT

void TryFinalize(const patron_state *state) {
  patron_table *out = nullptr, *extra = nullptr;
  patron_row_report report{};
  report.struct_size = sizeof report;
  if (patron_state_finalize(state, nullptr, &out, &extra, &report, nullptr) != PATRON_OK) return;
  patron_table_free(out);
  patron_table_free(extra);
}

void TryState(const std::string &bytes) {
  patron_state *state = Load(bytes, patron_state_deserialize, patron_state_serialize);
  if (state == nullptr) return;
  TryFinalize(state);
  patron_state *same = Load(bytes, patron_state_deserialize, patron_state_serialize);
  Require(same != nullptr, "what loads once loads again");
  for (int i = 0; i < 3; ++i) {
    if (patron_state_merge(state, same, nullptr) != PATRON_OK) break;
    TryFinalize(state);
  }
  const std::string merged =
      Serialized(patron_state_serialize, static_cast<const patron_state *>(state));
  patron_state *read = Load(merged, patron_state_deserialize, patron_state_serialize);
  Require(read != nullptr, "what is written can be read");
  patron_state_free(read);
  patron_state_free(same);
  patron_state_free(state);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  const auto kind = static_cast<uint8_t>(4 + data[0] / 2 % 3);
  TryState(Envelope(data, size, kind));
  return 0;
}
