// Memory that a table owns.
#ifndef PATRON_SRC_ARROW_KEEP_HPP_
#define PATRON_SRC_ARROW_KEEP_HPP_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace patron::arrow {

// What keeps the buffers of a table alive.
using Owners = std::vector<std::shared_ptr<const void>>;

// Moves a vector to where it can be shared. Gives its elements, and not null even if there are none.
template <typename T>
const void *Keep(std::vector<T> values, Owners &owners) {
  values.reserve(1);
  auto kept = std::make_shared<const std::vector<T>>(std::move(values));
  owners.push_back(kept);
  return kept->data();
}

// Packs bytes into bits, least significant first.
inline std::vector<uint8_t> PackBits(std::span<const uint8_t> bytes) {
  std::vector<uint8_t> bits((bytes.size() + 7) / 8);
  for (size_t i = 0; i < bytes.size(); ++i) {
    bits[i >> 3] = static_cast<uint8_t>(bits[i >> 3] | (bytes[i] != 0 ? 1u << (i & 7) : 0u));
  }
  return bits;
}

}  // namespace patron::arrow

#endif  // PATRON_SRC_ARROW_KEEP_HPP_
