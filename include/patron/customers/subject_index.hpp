// Places of subjects by their ids, which can be forgotten one by one.
#ifndef PATRON_CUSTOMERS_SUBJECT_INDEX_HPP_
#define PATRON_CUSTOMERS_SUBJECT_INDEX_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "patron/base/large_vector.hpp"
#include "patron/base/status.hpp"

namespace patron::customers {

// An integer or a text, borrowed.
struct SubjectId {
  bool is_text = false;
  int64_t integer = 0;
  std::string_view text;

  SubjectId() = default;
  explicit SubjectId(int64_t id) : integer(id) {}
  explicit SubjectId(std::string_view id) : is_text(true), text(id) {}
  friend bool operator==(const SubjectId &, const SubjectId &) = default;
};

// As messages show it.
inline std::string FormatSubject(const SubjectId &id) {
  return id.is_text ? Quoted(id.text) : std::to_string(id.integer);
}

// Maps ids to places 0, 1, 2, ... of a list that the owner keeps. `id_of(place)` gives the id at a place.
// The ids are not copied. A call that throws changes nothing.
class SubjectIndex {
 public:
  static constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();

  template <typename IdOf>
  uint32_t Find(const SubjectId &id, const IdOf &id_of) const {
    if (slots_.empty()) return kNone;
    const uint64_t hash = HashOf(id);
    for (size_t at = hash & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
      const Slot slot = slots_[at];
      if (slot.place == kNone) return kNone;
      if (slot.tag == static_cast<uint32_t>(hash >> 32) && id_of(slot.place) == id) {
        return slot.place;
      }
    }
  }

  // Makes room for one more, after which Add does not allocate.
  template <typename IdOf>
  void Reserve(const IdOf &id_of) {
    if ((used_ + 1) * 2 <= slots_.size()) return;
    LargeVector<Slot> wider(std::max<size_t>(16, slots_.size() * 2), Slot{0, kNone});
    for (const Slot &slot : slots_) {
      if (slot.place != kNone) Put(wider, HashOf(id_of(slot.place)), slot.place);
    }
    slots_ = std::move(wider);
  }

  // An id that is not there. Room for it must have been reserved.
  void Add(const SubjectId &id, uint32_t place) {
    Put(slots_, HashOf(id), place);
    ++used_;
  }

  // An id that is there, at `place`; id_of must still give it.
  template <typename IdOf>
  void Remove(uint32_t place, const IdOf &id_of) {
    const size_t mask = slots_.size() - 1;
    size_t free = SlotOf(place, id_of);
    // What comes after in the run moves up, so that no search ends too early.
    for (size_t at = (free + 1) & mask; slots_[at].place != kNone; at = (at + 1) & mask) {
      const size_t home = HashOf(id_of(slots_[at].place)) & mask;
      if (((at - home) & mask) < ((at - free) & mask)) continue;
      slots_[free] = slots_[at];
      free = at;
    }
    slots_[free].place = kNone;
    --used_;
  }

  // The id at place `from` now stands at `to`; id_of must give it at `from`.
  template <typename IdOf>
  void Move(uint32_t from, uint32_t to, const IdOf &id_of) {
    slots_[SlotOf(from, id_of)].place = to;
  }

 private:
  struct Slot {
    uint32_t tag;  // Upper half of the hash.
    uint32_t place;
  };

  static uint64_t HashOf(const SubjectId &id) {
    uint64_t h = id.is_text ? std::hash<std::string_view>()(id.text)
                            : static_cast<uint64_t>(id.integer) * 0x9E3779B97F4A7C15u;
    h = (h ^ (h >> 32)) * 0xD6E8FEB86659FD93u;
    return h ^ (h >> 29);
  }
  static void Put(LargeVector<Slot> &slots, uint64_t hash, uint32_t place) {
    size_t at = hash & (slots.size() - 1);
    while (slots[at].place != kNone) at = (at + 1) & (slots.size() - 1);
    slots[at] = {static_cast<uint32_t>(hash >> 32), place};
  }
  template <typename IdOf>
  size_t SlotOf(uint32_t place, const IdOf &id_of) const {
    size_t at = HashOf(id_of(place)) & (slots_.size() - 1);
    while (slots_[at].place != place) at = (at + 1) & (slots_.size() - 1);
    return at;
  }

  LargeVector<Slot> slots_;  // Linear probing, at most half full; a power of two.
  size_t used_ = 0;
};

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_SUBJECT_INDEX_HPP_
