// BLAKE2b against the digests of another implementation, Python's hashlib.
#include "patron/base/blake2b.hpp"

#include <cstdio>
#include <string>

#include "gtest/gtest.h"

namespace patron {
namespace {

std::string Hex(const Digest &digest) {
  std::string text;
  for (const uint8_t byte : digest) {
    char part[3];
    std::snprintf(part, sizeof part, "%02x", byte);
    text += part;
  }
  return text;
}

// Bytes 0, 1, 2, ... modulo 251.
std::string Counting(size_t size) {
  std::string bytes;
  for (size_t i = 0; i < size; ++i) bytes += static_cast<char>(i % 251);
  return bytes;
}

std::string HashOf(std::string_view text) {
  Blake2b hash;
  hash.Add(text);
  return Hex(hash.digest());
}

TEST(Blake2bTest, EqualsTheReference) {
  EXPECT_EQ(HashOf(""), "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
  EXPECT_EQ(HashOf("abc"), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
  EXPECT_EQ(HashOf(Counting(128)),
            "c3582f71ebb2be66fa5dd750f80baae97554f3b015663c8be377cfcb2488c1d1");
  EXPECT_EQ(HashOf(Counting(129)),
            "f7f3c46ba2564ff4c4c162da1f5b605f9f1c4aa6a20652a9f9a337c1a2f5b9c9");
  EXPECT_EQ(HashOf(Counting(1000)),
            "b372d0608f720c8c3dd41e9c8eecb10143b41abe520b616607e754bf79c08331");
}

TEST(Blake2bTest, PiecesDoNotMatterAndReadingDoesNotEndIt) {
  const std::string bytes = Counting(1000);
  for (const size_t piece : {1U, 7U, 64U, 127U, 128U, 129U, 500U}) {
    Blake2b hash;
    for (size_t i = 0; i < bytes.size(); i += piece) {
      hash.Add(std::string_view(bytes).substr(i, piece));
      (void)hash.digest();
    }
    EXPECT_EQ(Hex(hash.digest()), HashOf(bytes)) << piece;
  }
}

}  // namespace
}  // namespace patron
