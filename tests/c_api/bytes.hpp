// What serialised bytes must withstand, whatever they hold.
#ifndef PATRON_TESTS_C_API_BYTES_HPP_
#define PATRON_TESTS_C_API_BYTES_HPP_

#include <cstddef>
#include <string>

#include <gtest/gtest.h>

#include "c_api/tables.hpp"
#include "patron/c/patron.h"

namespace patron::c_api_test {

template <typename Handle>
using Serialize = patron_status (*)(const Handle *, patron_bytes **, patron_error *);

// The bytes that a serialise function gives for a handle.
template <typename Handle>
std::string BytesOf(Serialize<Handle> serialize, const Handle *handle) {
  Error error;
  patron_bytes *out = Untouched<patron_bytes>();
  EXPECT_EQ(serialize(nullptr, &out, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(serialize(handle, nullptr, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(out, Untouched<patron_bytes>());
  EXPECT_EQ(serialize(handle, &out, error.get()), PATRON_OK) << error.message();
  const std::string bytes(static_cast<const char *>(patron_bytes_data(out)),
                          patron_bytes_size(out));
  patron_bytes_free(out);
  return bytes;
}

template <typename Handle>
using Deserialize = patron_status (*)(const void *, size_t, Handle **, patron_error *);

// Refuses everything that differs from `bytes` in a byte, is shorter, or goes on after them.
template <typename Handle>
void ExpectOnlyTheseBytesLoad(Deserialize<Handle> deserialize, const std::string &bytes) {
  Error error;
  auto *out = Untouched<Handle>();
  const auto refuse = [&](const std::string &other, const char *what, size_t at) {
    EXPECT_EQ(deserialize(other.data(), other.size(), &out, error.get()), PATRON_DATA_LOSS)
        << what << " at " << at;
    EXPECT_EQ(out, Untouched<Handle>());
    EXPECT_EQ(error.message().substr(0, 7), "bytes: ");
  };
  for (size_t size = 0; size < bytes.size(); ++size) refuse(bytes.substr(0, size), "cut", size);
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ (1 << at % 8));
    refuse(changed, "changed", at);
  }
  refuse(bytes + '\0', "longer", bytes.size());
  refuse(bytes + std::string("\xA0\x06\x01", 3), "an unknown field", bytes.size());
  refuse(bytes + bytes, "twice", bytes.size());
  EXPECT_EQ(deserialize(nullptr, 3, &out, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(deserialize(bytes.data(), bytes.size(), nullptr, error.get()), PATRON_INVALID_ARGUMENT);
}

}  // namespace patron::c_api_test

#endif  // PATRON_TESTS_C_API_BYTES_HPP_
