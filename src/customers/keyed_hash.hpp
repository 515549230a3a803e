// Keyed hashes of what tells people apart: HMAC-SHA-256, by libsodium.
#ifndef PATRON_SRC_CUSTOMERS_KEYED_HASH_HPP_
#define PATRON_SRC_CUSTOMERS_KEYED_HASH_HPP_

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include <sodium/crypto_auth_hmacsha256.h>

#include "absl/status/status.h"

namespace patron::customers {

inline constexpr size_t kLeastKeyBytes = 16;
inline constexpr size_t kPseudonymBytes = 16;

using Hmac = std::array<uint8_t, crypto_auth_hmacsha256_BYTES>;
using Pseudonym = std::array<uint8_t, kPseudonymBytes>;

// Errors: InvalidArgument, without a byte of the key, if it has fewer than kLeastKeyBytes.
absl::Status CheckKey(std::span<const uint8_t> key);

// HMAC-SHA-256 (RFC 2104, FIPS 180-4) of `message` under a key of any length. Allocates nothing.
Hmac HmacSha256(std::span<const uint8_t> key, std::string_view message);

// Hashes of lists of texts, each text preceded by its length in eight bytes, high byte first, so that
// no two lists give one message. The key is taken in once, and its traces are wiped. Allocates nothing.
class KeyedHash {
 public:
  // Hashes of messages that begin with the texts of `prefix`.
  KeyedHash(std::span<const uint8_t> key, std::initializer_list<std::string_view> prefix);
  ~KeyedHash();
  KeyedHash(const KeyedHash &) = delete;
  KeyedHash &operator=(const KeyedHash &) = delete;

  Hmac Of(std::string_view value) const;

  // The first 128 bits of it.
  Pseudonym PseudonymOf(std::string_view value) const;

 private:
  crypto_auth_hmacsha256_state state_;
};

// Two hexadecimal digits a byte, lower case.
std::string HexOf(std::span<const uint8_t> bytes);

// What a value is compared as. Values that are not what the kind says are compared as text.
enum class ValueKind {
  kRaw = 0,           // As written.
  kText = 1,          // Folded.
  kName = 2,          // HanKey.
  kPhone = 3,         // E.164.
  kEmail = 4,         // Folded, the domain as ASCII.
  kOrganisation = 5,  // Its core.
  kAddress = 6,       // Its key.
  kIdentity = 7,      // IdentityCharacters.
};
inline constexpr int kValueKinds = 8;
std::string ComparedAs(std::string_view value, ValueKind kind, std::string_view region);

}  // namespace patron::customers

#endif  // PATRON_SRC_CUSTOMERS_KEYED_HASH_HPP_
