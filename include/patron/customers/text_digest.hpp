// Digests of texts under a secret key: equal texts are known by them, and no text is kept.
#ifndef PATRON_CUSTOMERS_TEXT_DIGEST_HPP_
#define PATRON_CUSTOMERS_TEXT_DIGEST_HPP_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <random>

#include "patron/customers/characters.hpp"

namespace patron::customers {

using TextDigest = std::array<char, 16>;

// SipHash-2-4 with 128 bits (Aumasson and Bernstein 2012) of the code points, four bytes each, least
// first. Digests of two keys have nothing to do with each other.
class TextDigester {
 public:
  // With a key that nobody knows.
  TextDigester() {
    std::random_device random;
    for (uint64_t &half : key_) half = uint64_t{random()} << 32 | random();
  }
  TextDigester(uint64_t low, uint64_t high) : key_{low, high} {}

  TextDigest Of(const Characters &text) const;

 private:
  struct State {
    uint64_t a, b, c, d;

    void Mix(int rounds) {
      for (; rounds > 0; --rounds) {
        a += b;
        b = std::rotl(b, 13) ^ a;
        a = std::rotl(a, 32);
        c += d;
        d = std::rotl(d, 16) ^ c;
        a += d;
        d = std::rotl(d, 21) ^ a;
        c += b;
        b = std::rotl(b, 17) ^ c;
        c = std::rotl(c, 32);
      }
    }
    void Take(uint64_t word) {
      d ^= word;
      Mix(2);
      a ^= word;
    }
    uint64_t Sum() const { return a ^ b ^ c ^ d; }
  };

  std::array<uint64_t, 2> key_;
};

inline TextDigest TextDigester::Of(const Characters &text) const {
  State state = {key_[0] ^ 0x736F6D6570736575U, key_[1] ^ 0x646F72616E646F6DU ^ 0xEE,
                 key_[0] ^ 0x6C7967656E657261U, key_[1] ^ 0x7465646279746573U};
  uint64_t last = uint64_t{text.size} << 58;  // The number of bytes, modulo 256.
  size_t i = 0;
  for (; i + 1 < text.size; i += 2) state.Take(uint64_t{text[i]} | uint64_t{text[i + 1]} << 32);
  if (i < text.size) last |= text[i];
  state.Take(last);
  std::array<uint64_t, 2> sums;
  state.c ^= 0xEE;
  state.Mix(4);
  sums[0] = state.Sum();
  state.b ^= 0xDD;
  state.Mix(4);
  sums[1] = state.Sum();
  return std::bit_cast<TextDigest>(sums);
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_TEXT_DIGEST_HPP_
