// The envelope around durable bytes: version, kind and checksum, and nothing but canonical bytes.
#ifndef PATRON_PROTO_ENVELOPE_HPP_
#define PATRON_PROTO_ENVELOPE_HPP_

#include <cstddef>
#include <string>
#include <string_view>

#include <google/protobuf/message_lite.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "patron/v1/envelope.pb.h"

namespace patron::proto {

// Size of what Wrap gives. Errors: ResourceExhausted past 2^31 - 1 bytes, the most that a message
// may have.
absl::StatusOr<size_t> WrappedSize(const google::protobuf::MessageLite &payload);

// Writes `payload` in an envelope. Messages of patron.v1 hold no maps, so equal messages give equal
// bytes. Errors: as WrappedSize. Cost: two copies of the payload.
absl::StatusOr<std::string> Wrap(v1::Kind kind, const google::protobuf::MessageLite &payload);

// Reads an envelope, whatever its kind, and all that can be told without knowing the payload.
// Errors: DataLoss if `bytes` is anything that Wrap does not write, naming what differs.
// Cost: two copies of the payload; allocates at most in proportion to `bytes`.
absl::StatusOr<v1::Envelope> OpenEnvelope(std::string_view bytes);

// Reads the payload of an envelope into a message of its kind. The caller still has to look for
// unknown fields and to check the values.
// Errors: DataLoss if the payload is not what such a message serialises to. Cost: two copies.
absl::Status ReadPayload(const v1::Envelope &envelope, google::protobuf::MessageLite &payload);

// Both, for bytes that must be of one kind.
absl::Status Unwrap(std::string_view bytes, v1::Kind kind, google::protobuf::MessageLite &payload);

// DataLoss "bytes: <what>".
absl::Status NotOurs(std::string_view what);

// The same for a refusal of the values that were read; other statuses pass.
absl::Status AsDataLoss(const absl::Status &status);

// Errors: DataLoss naming `what` if `name` is empty or not UTF-8.
absl::Status CheckName(std::string_view what, std::string_view name);

}  // namespace patron::proto

#endif  // PATRON_PROTO_ENVELOPE_HPP_
