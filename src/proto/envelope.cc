#include "proto/envelope.hpp"

#include <cstdint>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "arrow/text.hpp"
#include "patron/base/status.hpp"
#include "proto/crc32c.hpp"

namespace patron::proto {
namespace {

using google::protobuf::MessageLite;

constexpr uint32_t kFormat = 1;
constexpr size_t kMaxBytes = std::numeric_limits<int32_t>::max();  // Of any message.

std::string_view KindName(v1::Kind kind) {
  switch (kind) {
    case v1::KIND_SEGMENTS: return "segments";
    case v1::KIND_PYRAMID: return "a pyramid";
    case v1::KIND_LEDGER: return "a ledger";
    case v1::KIND_STATE_SUMMARY: return "a summary state";
    case v1::KIND_STATE_RFM: return "an RFM state";
    case v1::KIND_STATE_CONCENTRATION: return "a concentration state";
    case v1::KIND_CLV_MODEL: return "a model of lifetime value";
    case v1::KIND_CALENDAR: return "a calendar";
    case v1::KIND_POLICY: return "a policy";
    case v1::KIND_CASEBOOK: return "a casebook";
    case v1::KIND_CASEBOOK_ENTRY: return "an entry of a casebook";
    case v1::KIND_CATEGORY_MODEL: return "a model of categories";
    case v1::KIND_TIER_POLICY: return "a policy of tiers";
    case v1::KIND_LOYALTY_INDEX: return "a loyalty index";
    case v1::KIND_POINTS: return "a ledger of points";
    case v1::KIND_POINTS_CHANGE: return "a change of a ledger of points";
    case v1::KIND_SURVIVAL: return "a model of survival";
    case v1::KIND_REGISTER: return "a register";
    case v1::KIND_CONSENTS: return "consents";
    case v1::KIND_ACCESS_LOG: return "a log of accesses";
    default: return "nothing known";
  }
}

uint32_t Checksum(uint32_t format, v1::Kind kind, std::string_view payload) {
  char header[8];
  for (int i = 0; i < 4; ++i) {
    header[i] = static_cast<char>(format >> 8 * i & 0xFF);
    header[4 + i] = static_cast<char>(static_cast<uint32_t>(kind) >> 8 * i & 0xFF);
  }
  return Crc32c(payload, Crc32c({header, sizeof header}));
}

absl::Status TooLarge(size_t size) {
  return absl::ResourceExhaustedError(absl::StrCat("bytes: ", size, " are needed; at most ",
                                                   kMaxBytes, " can be written in one piece"));
}

// Bytes of an envelope without those of its payload: the tags and values of format, kind and
// checksum, and the tag and length of the payload.
size_t HeaderSize(size_t payload) {
  size_t length = 1;
  for (size_t rest = payload; rest >= 0x80; rest >>= 7) ++length;
  return 2 + 2 + 5 + 1 + length;
}

// Whether `message` serialises to `bytes`.
bool WritesBack(const MessageLite &message, std::string_view bytes) {
  if (message.ByteSizeLong() != bytes.size()) return false;
  std::string again(bytes.size(), '\0');
  message.SerializeWithCachedSizesToArray(reinterpret_cast<uint8_t *>(again.data()));
  return again == bytes;
}

}  // namespace

absl::Status NotOurs(std::string_view what) {
  return absl::DataLossError(absl::StrCat("bytes: ", Text(what)));
}

absl::Status AsDataLoss(const absl::Status &status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition:
      return NotOurs({status.message().data(), status.message().size()});
    default: return status;
  }
}

absl::Status CheckName(std::string_view what, std::string_view name) {
  if (name.empty()) return NotOurs(absl::StrCat(Text(what), ": a name is empty"));
  if (!arrow::IsUtf8(name)) return NotOurs(absl::StrCat(Text(what), ": a name is not UTF-8"));
  return absl::OkStatus();
}

absl::StatusOr<size_t> WrappedSize(const MessageLite &payload) {
  const size_t size = payload.ByteSizeLong();
  const size_t whole = size + HeaderSize(size);
  if (whole > kMaxBytes) return TooLarge(whole);
  return whole;
}

absl::StatusOr<std::string> Wrap(v1::Kind kind, const MessageLite &payload) {
  PATRON_RETURN_IF_ERROR(WrappedSize(payload).status());
  v1::Envelope envelope;
  envelope.set_format(kFormat);
  envelope.set_kind(kind);
  std::string &inner = *envelope.mutable_payload();
  inner.resize(static_cast<size_t>(payload.GetCachedSize()));
  payload.SerializeWithCachedSizesToArray(reinterpret_cast<uint8_t *>(inner.data()));
  envelope.set_crc32c(Checksum(kFormat, kind, inner));
  std::string bytes(envelope.ByteSizeLong(), '\0');
  envelope.SerializeWithCachedSizesToArray(reinterpret_cast<uint8_t *>(bytes.data()));
  return bytes;
}

absl::StatusOr<v1::Envelope> OpenEnvelope(std::string_view bytes) {
  v1::Envelope envelope;
  if (bytes.size() > kMaxBytes ||
      !envelope.ParsePartialFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
      !envelope.IsInitialized()) {
    return NotOurs("not an envelope of patron.v1");
  }
  if (envelope.format() != kFormat) {
    return NotOurs(absl::StrCat("format ", envelope.format(), "; expected ", kFormat));
  }
  if (envelope.kind() == v1::KIND_UNSPECIFIED) return NotOurs("kind 0; expected a known one");
  if (envelope.crc32c() != Checksum(envelope.format(), envelope.kind(), envelope.payload())) {
    return NotOurs("checksum does not match");
  }
  if (!envelope.unknown_fields().empty() || !WritesBack(envelope, bytes)) {
    return NotOurs("envelope is not in canonical form");
  }
  return envelope;
}

absl::Status ReadPayload(const v1::Envelope &envelope, MessageLite &payload) {
  const std::string &bytes = envelope.payload();
  if (!payload.ParsePartialFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
      !payload.IsInitialized()) {
    return NotOurs("payload cannot be read");
  }
  if (!WritesBack(payload, bytes)) return NotOurs("payload is not in canonical form");
  return absl::OkStatus();
}

absl::Status Unwrap(std::string_view bytes, v1::Kind kind, MessageLite &payload) {
  PATRON_ASSIGN_OR_RETURN(const v1::Envelope envelope, OpenEnvelope(bytes));
  if (envelope.kind() != kind) {
    return NotOurs(absl::StrCat("this is ", Text(KindName(envelope.kind())), "; expected ",
                                Text(KindName(kind))));
  }
  return ReadPayload(envelope, payload);
}

}  // namespace patron::proto
