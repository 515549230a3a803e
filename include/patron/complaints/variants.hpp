// Variants: the distinct sequences of activities of a log, and how many cases took each.
#ifndef PATRON_COMPLAINTS_VARIANTS_HPP_
#define PATRON_COMPLAINTS_VARIANTS_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace patron::complaints {

// Sequences by code 0, 1, 2, ... in the order in which they are first seen. At most 2^32 - 2.
// Memory: 4 bytes an activity of a distinct sequence, and some 56 bytes each.
class VariantIndex {
 public:
  size_t size() const { return variants_.size(); }
  std::span<const uint32_t> activities(size_t variant) const {
    return {steps_.data() + variants_[variant].begin, variants_[variant].length};
  }
  int64_t cases(size_t variant) const { return variants_[variant].cases; }

  // Counts `cases` cases with the sequence `activities`, and returns its code. Cost: O(length).
  uint32_t Add(std::span<const uint32_t> activities, int64_t cases = 1);

 private:
  static constexpr uint32_t kFree = std::numeric_limits<uint32_t>::max();

  struct Variant {
    size_t begin;  // Of its steps.
    size_t length;
    int64_t cases;
    uint64_t hash;
  };
  struct Slot {
    uint32_t tag;  // Upper half of the hash.
    uint32_t variant = kFree;
  };

  static uint64_t HashOf(std::span<const uint32_t> activities);
  void Grow();

  std::vector<uint32_t> steps_;
  std::vector<Variant> variants_;
  std::vector<Slot> slots_;  // Open addressing, at most half full; a power of two.
};

// Only its spread matters: sequences of equal hash are told apart by comparison.
inline uint64_t VariantIndex::HashOf(std::span<const uint32_t> activities) {
  uint64_t hash = activities.size();
  for (size_t i = 0; i < activities.size(); i += 2) {  // Two at a time.
    const uint64_t second = i + 1 < activities.size() ? activities[i + 1] : 0;
    hash = (hash ^ (second << 32 | activities[i])) * 0x9E3779B97F4A7C15u;
    hash ^= hash >> 32;
  }
  return hash;
}

inline void VariantIndex::Grow() {
  if (slots_.size() >= 2 * (size() + 1)) return;
  std::vector<Slot> slots(std::max<size_t>(64, 2 * slots_.size()));
  const size_t mask = slots.size() - 1;
  for (uint32_t variant = 0; variant < size(); ++variant) {
    const uint64_t hash = variants_[variant].hash;
    size_t slot = hash & mask;
    while (slots[slot].variant != kFree) slot = (slot + 1) & mask;
    slots[slot] = {static_cast<uint32_t>(hash >> 32), variant};
  }
  slots_ = std::move(slots);
}

inline uint32_t VariantIndex::Add(std::span<const uint32_t> activities, int64_t cases) {
  Grow();
  const uint64_t hash = HashOf(activities);
  const auto tag = static_cast<uint32_t>(hash >> 32);
  const size_t mask = slots_.size() - 1;
  size_t slot = hash & mask;
  for (; slots_[slot].variant != kFree; slot = (slot + 1) & mask) {
    if (slots_[slot].tag != tag) continue;
    const uint32_t variant = slots_[slot].variant;
    if (!std::ranges::equal(this->activities(variant), activities)) continue;
    variants_[variant].cases += cases;
    return variant;
  }
  const auto variant = static_cast<uint32_t>(size());
  variants_.push_back({steps_.size(), activities.size(), cases, hash});
  steps_.insert(steps_.end(), activities.begin(), activities.end());
  slots_[slot] = {tag, variant};
  return variant;
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_VARIANTS_HPP_
