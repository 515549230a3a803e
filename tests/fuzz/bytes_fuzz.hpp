// Fuzzing of durable bytes: what loads is what would be written, and can be used.
#ifndef PATRON_TESTS_FUZZ_BYTES_FUZZ_HPP_
#define PATRON_TESTS_FUZZ_BYTES_FUZZ_HPP_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "patron/c/patron.h"

namespace patron::fuzz {

inline void Require(bool holds, const char *what) {
  if (holds) return;
  std::fprintf(stderr, "not so: %s\n", what);
  std::abort();
}

// CRC-32C, so that a target can repair what mutation broke and get past the checksum.
inline uint32_t Crc32c(const uint8_t *bytes, size_t size) {
  uint32_t crc = ~uint32_t{0};
  for (size_t i = 0; i < size; ++i) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78u : 0);
  }
  return ~crc;
}

// The first byte says what the others are: bytes of an envelope if even, a payload if odd, around
// which an envelope of kind `kind` is put.
inline std::string Envelope(const uint8_t *data, size_t size, uint8_t kind) {
  if (size == 0) return {};
  if (data[0] % 2 == 0) return std::string(reinterpret_cast<const char *>(data) + 1, size - 1);
  const std::string payload(reinterpret_cast<const char *>(data) + 1, size - 1);
  std::string sealed = {1, 0, 0, 0, static_cast<char>(kind), 0, 0, 0};
  sealed += payload;
  const uint32_t crc = Crc32c(reinterpret_cast<const uint8_t *>(sealed.data()), sealed.size());
  std::string bytes = {0x08, 1, 0x10, static_cast<char>(kind), 0x1D};
  for (int i = 0; i < 4; ++i) bytes += static_cast<char>((crc >> (8 * i)) & 0xFF);
  bytes += 0x22;
  for (size_t rest = payload.size();; rest >>= 7) {
    bytes += static_cast<char>(rest < 0x80 ? rest : ((rest & 0x7F) | 0x80));
    if (rest < 0x80) break;
  }
  return bytes + payload;
}

template <typename Handle>
std::string Serialized(patron_status (*serialize)(const Handle *, patron_bytes **, patron_error *),
                       const Handle *handle) {
  patron_bytes *out = nullptr;
  Require(serialize(handle, &out, nullptr) == PATRON_OK, "it can be written");
  std::string bytes(static_cast<const char *>(patron_bytes_data(out)), patron_bytes_size(out));
  patron_bytes_free(out);
  return bytes;
}

// Loads bytes; null if they are refused. What loads must be written back to the same bytes.
template <typename Handle>
Handle *Load(const std::string &bytes,
             patron_status (*deserialize)(const void *, size_t, Handle **, patron_error *),
             patron_status (*serialize)(const Handle *, patron_bytes **, patron_error *)) {
  Handle *handle = nullptr;
  patron_error error;
  const patron_status status = deserialize(bytes.data(), bytes.size(), &handle, &error);
  if (status != PATRON_OK) {
    Require(handle == nullptr, "an output is untouched on failure");
    Require(status == PATRON_DATA_LOSS || status == PATRON_RESOURCE_EXHAUSTED,
            "bad bytes are DATA_LOSS");
    return nullptr;
  }
  Require(Serialized(serialize, static_cast<const Handle *>(handle)) == bytes,
          "bytes are canonical");
  return handle;
}

template <typename T>
patron_column Column(const char *name, int32_t type, const T *values, int64_t length) {
  patron_column column{};
  column.struct_size = sizeof column;
  column.type = type;
  column.name = name;
  column.length = length;
  column.data = values;
  return column;
}

}  // namespace patron::fuzz

#endif  // PATRON_TESTS_FUZZ_BYTES_FUZZ_HPP_
