// HMAC-SHA-256 against RFC 4231, and what is hashed.
#include "customers/keyed_hash.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace patron::customers {
namespace {

std::vector<uint8_t> Bytes(std::string_view hex) {
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

std::string Hex(std::span<const uint8_t> bytes) {
  std::string hex;
  for (const uint8_t byte : bytes) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

TEST(KeyedHashTest, VectorsOfRfc4231) {
  const struct {
    std::vector<uint8_t> key;
    std::string message, hmac;
  } kVectors[] = {
      {std::vector<uint8_t>(20, 0x0b), "Hi There",
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {Bytes("4a656665"), "what do ya want for nothing?",
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {std::vector<uint8_t>(20, 0xaa), std::string(50, '\xdd'),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {Bytes("0102030405060708090a0b0c0d0e0f10111213141516171819"), std::string(50, '\xcd'),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {std::vector<uint8_t>(131, 0xaa), "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {std::vector<uint8_t>(131, 0xaa),
       "This is a test using a larger than block-size key and a larger than block-size data. The "
       "key needs to be hashed before being used by the HMAC algorithm.",
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"}};
  for (const auto &vector : kVectors) {
    EXPECT_EQ(Hex(HmacSha256(vector.key, vector.message)), vector.hmac) << vector.message;
  }
}

TEST(KeyedHashTest, TextsAreToldApartByTheirLengths) {
  const std::vector<uint8_t> key(16, 7);
  // The message as it is said to be made.
  const std::string message = std::string("\0\0\0\0\0\0\0\1t", 9) + std::string(8, '\0') +
                              std::string("\0\0\0\0\0\0\0\2ab", 10);
  const Hmac whole = HmacSha256(key, message);
  EXPECT_EQ(KeyedHash(key, {"t", ""}).Of("ab"), whole);
  EXPECT_NE(KeyedHash(key, {"", "t"}).Of("ab"), whole);
  EXPECT_NE(KeyedHash(key, {"t", "a"}).Of("b"), whole);
  const Pseudonym pseudonym = KeyedHash(key, {"t", ""}).PseudonymOf("ab");
  EXPECT_EQ(HexOf(pseudonym), Hex(whole).substr(0, 32));
}

TEST(KeyedHashTest, ShortKeysAreRefusedUnseen) {
  const std::vector<uint8_t> key(15, 'S');
  EXPECT_EQ(CheckKey(key).message(), "key: 15 bytes; expected 16 or more");
  EXPECT_TRUE(CheckKey(std::vector<uint8_t>(16, 'S')).ok());
}

TEST(KeyedHashTest, ValuesOfAKindAreComparedAsOne) {
  EXPECT_EQ(ComparedAs("0086-138-0013-8000", ValueKind::kPhone, "CN"), "+8613800138000");
  EXPECT_EQ(ComparedAs("Ann@EXAMPLE.com", ValueKind::kEmail, ""), "ann@example.com");
  EXPECT_EQ(ComparedAs("１１０１０５ 19491231-002x", ValueKind::kIdentity, ""),
            "11010519491231002X");
  EXPECT_EQ(ComparedAs("No Phone", ValueKind::kPhone, "CN"), "no phone");
  EXPECT_EQ(ComparedAs(" Ann ", ValueKind::kRaw, ""), " Ann ");
}

}  // namespace
}  // namespace patron::customers
