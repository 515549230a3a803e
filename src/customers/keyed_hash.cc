#include "customers/keyed_hash.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include <sodium/utils.h>

#include "absl/strings/str_cat.h"
#include "customers/text_keys.hpp"
#include "patron/base/status.hpp"
#include "patron/customers/identity_number.hpp"
#include "patron/customers/phone.hpp"

namespace patron::customers {
namespace {

const unsigned char *BytesOf(std::string_view text) {
  return reinterpret_cast<const unsigned char *>(text.data());
}

void AddText(crypto_auth_hmacsha256_state &state, std::string_view text) {
  std::array<unsigned char, 8> length;
  for (size_t i = 0; i < length.size(); ++i) {
    length[i] = static_cast<unsigned char>(uint64_t{text.size()} >> (56 - 8 * i) & 0xFF);
  }
  crypto_auth_hmacsha256_update(&state, length.data(), length.size());
  crypto_auth_hmacsha256_update(&state, BytesOf(text), text.size());
}

}  // namespace

absl::Status CheckKey(std::span<const uint8_t> key) {
  if (key.size() >= kLeastKeyBytes) return absl::OkStatus();
  return InvalidOption("key", absl::StrCat(key.size(), " bytes"),
                       absl::StrCat(kLeastKeyBytes, " or more"));
}

Hmac HmacSha256(std::span<const uint8_t> key, std::string_view message) {
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key.data(), key.size());
  crypto_auth_hmacsha256_update(&state, BytesOf(message), message.size());
  Hmac hash;
  crypto_auth_hmacsha256_final(&state, hash.data());
  sodium_memzero(&state, sizeof state);
  return hash;
}

KeyedHash::KeyedHash(std::span<const uint8_t> key, std::initializer_list<std::string_view> prefix) {
  crypto_auth_hmacsha256_init(&state_, key.data(), key.size());
  for (const std::string_view text : prefix) AddText(state_, text);
}

KeyedHash::~KeyedHash() { sodium_memzero(&state_, sizeof state_); }

Hmac KeyedHash::Of(std::string_view value) const {
  crypto_auth_hmacsha256_state state = state_;
  AddText(state, value);
  Hmac hash;
  crypto_auth_hmacsha256_final(&state, hash.data());
  sodium_memzero(&state, sizeof state);
  return hash;
}

Pseudonym KeyedHash::PseudonymOf(std::string_view value) const {
  const Hmac hash = Of(value);
  Pseudonym pseudonym;
  std::copy_n(hash.begin(), pseudonym.size(), pseudonym.begin());
  return pseudonym;
}

std::string HexOf(std::span<const uint8_t> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * bytes.size());
  for (const uint8_t byte : bytes) {
    hex.push_back(kDigits[byte >> 4]);
    hex.push_back(kDigits[byte & 15]);
  }
  return hex;
}

std::string ComparedAs(std::string_view value, ValueKind kind, std::string_view region) {
  std::string key;
  switch (kind) {
    case ValueKind::kRaw: return std::string(value);
    case ValueKind::kText: break;
    case ValueKind::kName: key = HanKey(value); break;
    case ValueKind::kPhone: key = ReadPhone(value, region).e164; break;
    case ValueKind::kEmail: key = ReadEmail(value).key; break;
    case ValueKind::kOrganisation: key = ReadOrganisation(value).core; break;
    case ValueKind::kAddress: key = ReadAddress(value).key; break;
    case ValueKind::kIdentity: key = IdentityCharacters(value); break;
  }
  return key.empty() ? ReadText(value).key : key;
}

}  // namespace patron::customers
