#include "c_api/guard.hpp"

#include "arrow/text.hpp"
#include "patron/c/base.h"

namespace patron::c_api {
namespace {

using Code = absl::StatusCode;
static_assert(static_cast<int>(Code::kOk) == PATRON_OK);
static_assert(static_cast<int>(Code::kCancelled) == PATRON_CANCELLED);
static_assert(static_cast<int>(Code::kUnknown) == PATRON_UNKNOWN);
static_assert(static_cast<int>(Code::kInvalidArgument) == PATRON_INVALID_ARGUMENT);
static_assert(static_cast<int>(Code::kDeadlineExceeded) == PATRON_DEADLINE_EXCEEDED);
static_assert(static_cast<int>(Code::kNotFound) == PATRON_NOT_FOUND);
static_assert(static_cast<int>(Code::kAlreadyExists) == PATRON_ALREADY_EXISTS);
static_assert(static_cast<int>(Code::kPermissionDenied) == PATRON_PERMISSION_DENIED);
static_assert(static_cast<int>(Code::kResourceExhausted) == PATRON_RESOURCE_EXHAUSTED);
static_assert(static_cast<int>(Code::kFailedPrecondition) == PATRON_FAILED_PRECONDITION);
static_assert(static_cast<int>(Code::kAborted) == PATRON_ABORTED);
static_assert(static_cast<int>(Code::kOutOfRange) == PATRON_OUT_OF_RANGE);
static_assert(static_cast<int>(Code::kUnimplemented) == PATRON_UNIMPLEMENTED);
static_assert(static_cast<int>(Code::kInternal) == PATRON_INTERNAL);
static_assert(static_cast<int>(Code::kUnavailable) == PATRON_UNAVAILABLE);
static_assert(static_cast<int>(Code::kDataLoss) == PATRON_DATA_LOSS);
static_assert(static_cast<int>(Code::kUnauthenticated) == PATRON_UNAUTHENTICATED);

// Length of the character at the start of `text`, or 0 for a byte that has to be shown as a number.
size_t CharacterLength(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x20 || lead == 0x7F) return 0;
  if (lead < 0x80) return 1;
  const size_t length = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  return arrow::IsUtf8(text.substr(0, length)) ? std::min(length, text.size()) : 0;
}

}  // namespace

patron_status Fill(patron_error *error, patron_status code, std::string_view message) noexcept {
  if (error == nullptr) return code;
  error->code = code;
  error->reserved = 0;
  constexpr std::string_view kCut = "...";
  constexpr size_t kRoom = sizeof error->message - 1;
  size_t written = 0;
  size_t whole = 0;  // Where the text can be cut so that kCut still fits.
  while (!message.empty()) {
    const size_t length = CharacterLength(message);
    const size_t needed = length == 0 ? 4 : length;
    if (written + needed > kRoom) {
      std::memcpy(error->message + whole, kCut.data(), kCut.size());
      written = whole + kCut.size();
      break;
    }
    if (length == 0) {
      constexpr char kDigits[] = "0123456789abcdef";
      const auto byte = static_cast<unsigned char>(message[0]);
      const char shown[] = {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
      std::memcpy(error->message + written, shown, sizeof shown);
    } else {
      std::memcpy(error->message + written, message.data(), length);
    }
    written += needed;
    if (written + kCut.size() <= kRoom) whole = written;
    message.remove_prefix(std::max<size_t>(1, length));
  }
  std::memset(error->message + written, 0, sizeof error->message - written);
  return code;
}

}  // namespace patron::c_api
