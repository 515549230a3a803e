// Durable bytes at the C interface: into a buffer of the caller's, and from anywhere.
#ifndef PATRON_SRC_C_API_BYTES_HPP_
#define PATRON_SRC_C_API_BYTES_HPP_

#include <cstddef>
#include <cstring>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "c_api/guard.hpp"
#include "patron/base/status.hpp"
#include "proto/envelope.hpp"

namespace patron::c_api {

// Errors: InvalidArgument if `needed` is null, or `buffer` is although `capacity` is not 0.
inline absl::Status CheckBuffer(const void *buffer, size_t capacity, const size_t *needed) {
  PATRON_RETURN_IF_ERROR(RequirePointer("needed", needed));
  return capacity == 0 ? absl::OkStatus() : RequirePointer("buffer", buffer);
}

// Writes the envelope of `payload` to `buffer`, or with a capacity of 0 only its size.
// Errors: OutOfRange if the capacity is too small.
inline absl::Status WriteBytes(v1::Kind kind, const google::protobuf::MessageLite &payload,
                               void *buffer, size_t capacity, size_t *needed) {
  PATRON_ASSIGN_OR_RETURN(const size_t size, proto::WrappedSize(payload));
  if (capacity == 0) {
    *needed = size;
    return absl::OkStatus();
  }
  if (capacity < size) {
    return absl::OutOfRangeError(
        absl::StrCat("capacity: ", capacity, "; expected at least ", size, " bytes"));
  }
  PATRON_ASSIGN_OR_RETURN(const std::string bytes, proto::Wrap(kind, payload));
  std::memcpy(buffer, bytes.data(), bytes.size());
  *needed = bytes.size();
  return absl::OkStatus();
}

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_BYTES_HPP_
