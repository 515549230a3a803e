// Status names, versions and bytes.
#include "patron/c/base.h"

#include <array>

#include "c_api/bytes.hpp"

extern "C" {

const char *patron_status_name(patron_status status) {
  static constexpr std::array kNames = {"OK",
                                        "CANCELLED",
                                        "UNKNOWN",
                                        "INVALID_ARGUMENT",
                                        "DEADLINE_EXCEEDED",
                                        "NOT_FOUND",
                                        "ALREADY_EXISTS",
                                        "PERMISSION_DENIED",
                                        "RESOURCE_EXHAUSTED",
                                        "FAILED_PRECONDITION",
                                        "ABORTED",
                                        "OUT_OF_RANGE",
                                        "UNIMPLEMENTED",
                                        "INTERNAL",
                                        "UNAVAILABLE",
                                        "DATA_LOSS",
                                        "UNAUTHENTICATED"};
  static_assert(kNames.size() == PATRON_UNAUTHENTICATED + 1);
  const bool known = status >= 0 && status <= PATRON_UNAUTHENTICATED;
  return kNames[static_cast<size_t>(known ? status : PATRON_UNKNOWN)];
}

uint32_t patron_abi_version(void) { return PATRON_BUILD_ABI_VERSION; }

uint32_t patron_abi_version_min(void) { return PATRON_BUILD_ABI_VERSION_MIN; }

const char *patron_version_string(void) { return PATRON_BUILD_VERSION; }

const void *patron_bytes_data(const patron_bytes *bytes) {
  return bytes == nullptr ? nullptr : bytes->bytes.data();
}

size_t patron_bytes_size(const patron_bytes *bytes) {
  return bytes == nullptr ? 0 : bytes->bytes.size();
}

void patron_bytes_free(patron_bytes *bytes) { delete bytes; }

}  // extern "C"
