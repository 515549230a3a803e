// Whether bytes are ASCII, and whether they are UTF-8.
#ifndef PATRON_SRC_ARROW_TEXT_HPP_
#define PATRON_SRC_ARROW_TEXT_HPP_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace patron::arrow {

inline bool IsAscii(std::string_view text) {
  uint64_t seen = 0;
  size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    uint64_t word;
    std::memcpy(&word, text.data() + i, 8);
    seen |= word;
  }
  for (; i < text.size(); ++i)
    seen |= static_cast<uint64_t>(static_cast<unsigned char>(text[i])) & 0x80;
  return (seen & 0x8080808080808080u) == 0;
}

// Whether `text` is well-formed UTF-8 (Unicode table 3-7): no overlong forms, no surrogates, at most U+10FFFF.
inline bool IsUtf8(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const size_t length = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    if (length == 0 || text.size() - i < length) return false;
    // Only the second byte has a range of its own, and only after these leads.
    const unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    const auto second = static_cast<unsigned char>(text[i + 1]);
    if (second < low || second > high) return false;
    for (size_t k = 2; k < length; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return false;
    }
    i += length;
  }
  return true;
}

}  // namespace patron::arrow

#endif  // PATRON_SRC_ARROW_TEXT_HPP_
