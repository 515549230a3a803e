// Whether two texts can reach a similarity of Jaro and Winkler, told without comparing them.
#ifndef PATRON_CUSTOMERS_WINKLER_BOUND_HPP_
#define PATRON_CUSTOMERS_WINKLER_BOUND_HPP_

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "patron/customers/character_bag.hpp"
#include "patron/customers/characters.hpp"
#include "patron/customers/jaro.hpp"

namespace patron::customers {

// What the bound takes of a text.
struct WinklerKey {
  CharacterBag bag;
  uint64_t head = 0;  // The low 16 bits of its first four code points, the first lowest.
  uint32_t size = 0;  // Code points.

  static WinklerKey Of(const Characters &text);
};

// No fewer than the first code points that two texts share, up to four.
inline size_t MostPrefix(uint64_t head, uint64_t other) {
  return static_cast<size_t>(std::countr_zero(head ^ other)) / 16;
}

// The code points that two texts must match so that their similarity is at least a cutoff, by their
// lengths and common prefix. Memory: 20 KiB. A bound that is made may be read by any number of threads.
class WinklerBound {
 public:
  static constexpr uint32_t kMostSize = 63;  // Of texts that it says something of.
  using Needs = std::array<uint8_t, 5>;  // Matches by prefix; more than any text has if none do.

  WinklerBound(const JaroWinklerOptions &options, double cutoff)
      : options_(options), cutoff_(cutoff), needs_(Place(kMostSize, kMostSize) + 1, kUnknown) {}

  // Makes it ready for texts of these lengths, of at most kMostSize.
  const Needs &Make(uint32_t a, uint32_t b);

  // Of lengths that were made.
  const Needs &Of(uint32_t a, uint32_t b) const { return needs_[Place(a, b)]; }

  // Matches without which two texts do not reach the cutoff; 0 for texts too long. Their lengths were
  // made, if they are not.
  size_t Needed(const WinklerKey &a, const WinklerKey &b) const {
    if (std::max(a.size, b.size) > kMostSize) return 0;
    return Of(a.size, b.size)[MostPrefix(a.head, b.head)];
  }

  const JaroWinklerOptions &options() const { return options_; }

 private:
  static constexpr Needs kUnknown = {254, 254, 254, 254, 254};
  static constexpr uint8_t kNone = 255;

  static size_t Place(uint32_t a, uint32_t b) { return size_t{a} * (kMostSize + 1) + b; }

  JaroWinklerOptions options_;
  double cutoff_;
  std::vector<Needs> needs_;
};

inline WinklerKey WinklerKey::Of(const Characters &text) {
  WinklerKey key = {.bag = CharacterBag::Of(text), .head = 0, .size = text.size};
  for (size_t i = std::min<size_t>(4, text.size); i-- > 0;) {
    key.head = key.head << 16 | (static_cast<uint64_t>(text[i]) & 0xFFFF);
  }
  return key;
}

inline const WinklerBound::Needs &WinklerBound::Make(uint32_t a, uint32_t b) {
  Needs &needs = needs_[Place(a, b)];
  if (needs != kUnknown) return needs;
  // The longer the prefix, the fewer matches are needed.
  const uint32_t most = std::min(a, b);
  uint32_t matches = 0;
  for (size_t prefix = needs.size(); prefix-- > 0;) {
    while (matches <= most &&
           detail::WithPrefix(detail::JaroScore(matches, 0, a, b), prefix, options_) < cutoff_) {
      ++matches;
    }
    needs[prefix] = matches > most ? kNone : static_cast<uint8_t>(matches);
  }
  return needs;
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_WINKLER_BOUND_HPP_
