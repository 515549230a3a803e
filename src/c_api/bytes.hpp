// Durable bytes at the C interface.
#ifndef PATRON_SRC_C_API_BYTES_HPP_
#define PATRON_SRC_C_API_BYTES_HPP_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "patron/base/status.hpp"
#include "patron/c/base.h"
#include "proto/envelope.hpp"

struct patron_bytes {
  std::string bytes;
};

namespace patron::c_api {

// Gives the envelope of `payload` as a handle. Errors: those of Wrap.
inline absl::Status WriteBytes(v1::Kind kind, const google::protobuf::MessageLite &payload,
                               patron_bytes **out) {
  PATRON_ASSIGN_OR_RETURN(std::string bytes, proto::Wrap(kind, payload));
  *out = new patron_bytes{std::move(bytes)};
  return absl::OkStatus();
}

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_BYTES_HPP_
