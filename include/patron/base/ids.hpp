// Dense codes for ids: a growing dictionary of integers or text.
#ifndef PATRON_BASE_IDS_HPP_
#define PATRON_BASE_IDS_HPP_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <numeric>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "patron/base/column.hpp"
#include "patron/base/large_vector.hpp"
#include "patron/base/status.hpp"

namespace patron {

namespace detail {

// A hash of 8 bytes: one widening multiplication, folded. Only its spread matters: ids with equal
// hashes are told apart by comparison, so no answer depends on it.
inline uint64_t HashInteger(uint64_t key) {
  const auto product =
      static_cast<unsigned __int128>(key ^ 0x9E3779B97F4A7C15u) * 0xD6E8FEB86659FD93u;
  return static_cast<uint64_t>(product >> 64) ^ static_cast<uint64_t>(product);
}

inline uint64_t LoadBytes(const char *bytes, size_t count) {
  uint64_t value = 0;
  std::memcpy(&value, bytes, count);
  return value;
}

inline uint64_t HashText(std::string_view text) {
  const char *bytes = text.data();
  size_t left = text.size();
  uint64_t hash = HashInteger(left);
  while (left > 8) {
    hash = HashInteger(hash ^ LoadBytes(bytes, 8));
    bytes += 8;
    left -= 8;
  }
  return left == 0 ? hash : HashInteger(hash ^ LoadBytes(bytes, left));
}

}  // namespace detail

// Maps ids to codes 0, 1, 2, ... in the order in which they are first seen, and back.
//
// Ids are all int64 or all UTF-8 text, as the constructor says. At most 2^32 - 2 ids.
// If an allocation fails (std::bad_alloc) the index is as it was before the call.
class IdIndex {
 public:
  static constexpr uint32_t kUnknown = std::numeric_limits<uint32_t>::max();

  // `expected` is how many ids, equal ones included, are likely to be encoded; it decides only when
  // integers are looked up in a table of their range instead of by hash.
  explicit IdIndex(bool text = false, uint64_t expected = 0) : text_(text), expected_(expected) {}

  bool is_text() const { return text_; }
  size_t size() const { return text_ ? ends_.size() : integers_.size(); }

  // The id of a code below size(). Text is valid until the next Encode.
  int64_t integer(uint32_t code) const { return integers_[code]; }
  std::string_view text(uint32_t code) const {
    const uint64_t begin = code == 0 ? 0 : ends_[code - 1];
    return {bytes_.data() + begin, static_cast<size_t>(ends_[code] - begin)};
  }

  // Makes room for `count` further ids with `bytes` of text in all: the next Encode calls that add
  // no more than that do not allocate. Errors: ResourceExhausted past 2^32 - 2 ids.
  absl::Status Reserve(size_t count, size_t bytes = 0);

  // Writes the code of each id to `codes` (of the same length), adding ids not seen before.
  // Errors: InvalidArgument if the ids are of the other kind; ResourceExhausted as in Reserve.
  // Cost: O(1) an id, and text is copied once.
  absl::Status Encode(const IdSpan &ids, std::span<uint32_t> codes);

  // Writes the code of each id, or kUnknown.
  void Find(const IdSpan &ids, std::span<uint32_t> codes) const;
  uint32_t Find(int64_t id) const;
  uint32_t Find(std::string_view id) const;

  // Forgets all codes from `size` on. Does not allocate. Cost: O(size()).
  void Truncate(size_t size);

  // Codes in ascending order of their ids: integers by value, text by bytes.
  // Cost: O(n) for integers in a range not much larger than n, O(n log n) otherwise.
  std::vector<uint32_t> Ascending() const;

  // Whether the id of code `a` comes before that of code `b`.
  bool Less(uint32_t a, uint32_t b) const {
    return text_ ? text(a) < text(b) : integers_[a] < integers_[b];
  }

  size_t memory_bytes() const {
    return slots_.capacity() * sizeof(Slot) + dense_codes_.capacity() * 4 +
           integers_.capacity() * 8 + ends_.capacity() * 8 + bytes_.capacity();
  }

 private:
  struct Slot {
    uint32_t tag;   // Upper half of the hash.
    uint32_t code;  // kUnknown if the slot is free.
  };

  template <typename Id>
  Id IdAt(uint32_t code) const {
    if constexpr (std::is_same_v<Id, int64_t>)
      return integers_[code];
    else
      return text(code);
  }
  template <typename Id>
  static uint64_t Hash(Id id) {
    if constexpr (std::is_same_v<Id, int64_t>)
      return detail::HashInteger(static_cast<uint64_t>(id));
    else
      return detail::HashText(id);
  }
  template <typename Id>
  void Add(Id id) {
    if constexpr (std::is_same_v<Id, int64_t>) {
      integers_.push_back(id);
    } else {
      bytes_.insert(bytes_.end(), id.begin(), id.end());
      ends_.push_back(bytes_.size());
    }
  }
  uint64_t HashOf(uint32_t code) const { return text_ ? Hash(text(code)) : Hash(integers_[code]); }
  size_t SlotOf(uint64_t hash) const { return static_cast<size_t>(hash) & (slots_.size() - 1); }

  template <typename Id>
  void EncodeAll(std::span<const Id> ids, std::span<uint32_t> codes);
  template <typename Id>
  void FetchCandidates(std::span<const uint64_t> hashes) const;
  template <typename Id>
  uint32_t FindOne(Id id) const;
  void EncodeDense(std::span<const int64_t> ids, std::span<uint32_t> codes);
  bool ReserveDense(std::span<const int64_t> ids);
  void Place(LargeVector<Slot> &slots, uint32_t code) const;
  void GrowSlots(size_t ids);

  bool text_;
  uint64_t expected_;
  bool dense_ = true;                  // Integers so far lie close together: no hashing.
  int64_t base_ = 0;                   // Dense: the integer of dense_codes_[0].
  LargeVector<uint32_t> dense_codes_;  // Dense: code by integer - base_.
  LargeVector<Slot> slots_;  // Open addressing, linear probing, at most 5/8 full; a power of two.
  LargeVector<int64_t> integers_;
  LargeVector<char> bytes_;
  LargeVector<uint64_t> ends_;
};

inline void IdIndex::Place(LargeVector<Slot> &slots, uint32_t code) const {
  const uint64_t hash = HashOf(code);
  size_t at = static_cast<size_t>(hash) & (slots.size() - 1);
  while (slots[at].code != kUnknown) at = (at + 1) & (slots.size() - 1);
  slots[at] = {static_cast<uint32_t>(hash >> 32), code};
}

inline void IdIndex::GrowSlots(size_t ids) {
  if (ids * 8 <= slots_.size() * 5) return;
  LargeVector<Slot> slots(std::bit_ceil(std::max<size_t>(64, ids * 2)), Slot{0, kUnknown});
  for (uint32_t code = 0; code < size(); ++code) Place(slots, code);
  slots_.swap(slots);
}

inline absl::Status IdIndex::Reserve(size_t count, size_t bytes) {
  const size_t wanted = size() + count;
  if (wanted < count || wanted >= kUnknown) {
    return absl::ResourceExhaustedError(
        absl::StrCat("ids: more than ", kUnknown - 1, " distinct ids"));
  }
  const auto grow = [](auto &vector, size_t needed) {
    if (needed > vector.capacity()) vector.reserve(std::max(needed, vector.capacity() * 2));
  };
  if (text_) {
    grow(ends_, wanted);
    grow(bytes_, bytes_.size() + bytes);
  } else {
    grow(integers_, wanted);
  }
  if (text_ || !dense_) GrowSlots(wanted);
  return absl::OkStatus();
}

// Widens the table of dense codes to hold `ids`; false if they lie too far apart for one.
inline bool IdIndex::ReserveDense(std::span<const int64_t> ids) {
  int64_t least = ids[0], greatest = ids[0];
  for (const int64_t id : ids) {
    least = std::min(least, id);
    greatest = std::max(greatest, id);
  }
  if (!dense_codes_.empty()) {
    least = std::min(least, base_);
    greatest = std::max(greatest, base_ + static_cast<int64_t>(dense_codes_.size() - 1));
  }
  const uint64_t range = static_cast<uint64_t>(greatest) - static_cast<uint64_t>(least);
  if (range < dense_codes_.size()) return true;
  if (range / 8 > size() + ids.size() && range > expected_) return false;
  // Half as much again on the side that grows, so that widening stays cheap.
  const uint64_t slack = std::min<uint64_t>(range / 2, uint64_t{1} << 40);
  const bool below = !dense_codes_.empty() && least < base_;
  const int64_t lowest = std::numeric_limits<int64_t>::min();
  const int64_t highest = std::numeric_limits<int64_t>::max();
  if (below) {
    least =
        least < lowest + static_cast<int64_t>(slack) ? lowest : least - static_cast<int64_t>(slack);
  } else {
    greatest = greatest > highest - static_cast<int64_t>(slack)
                   ? highest
                   : greatest + static_cast<int64_t>(slack);
  }
  LargeVector<uint32_t> wider(static_cast<uint64_t>(greatest) - static_cast<uint64_t>(least) + 1,
                              kUnknown);
  const uint64_t shift = static_cast<uint64_t>(base_) - static_cast<uint64_t>(least);
  std::ranges::copy(dense_codes_, wider.begin() + (dense_codes_.empty() ? 0 : shift));
  dense_codes_.swap(wider);
  base_ = least;
  return true;
}

inline void IdIndex::EncodeDense(std::span<const int64_t> ids, std::span<uint32_t> codes) {
  for (size_t i = 0; i < ids.size(); ++i) {
    uint32_t &code = dense_codes_[static_cast<uint64_t>(ids[i]) - static_cast<uint64_t>(base_)];
    if (code == kUnknown) {
      code = static_cast<uint32_t>(integers_.size());
      integers_.push_back(ids[i]);
    }
    codes[i] = code;
  }
}

// Fetches the ids that the slots of `hashes` point to, so that comparing them does not wait.
template <typename Id>
void IdIndex::FetchCandidates(std::span<const uint64_t> hashes) const {
  constexpr bool kText = !std::is_same_v<Id, int64_t>;
  uint32_t candidates[64];
  for (size_t i = 0; i < hashes.size(); ++i) {
    const Slot slot = slots_[SlotOf(hashes[i])];
    const bool likely = slot.code != kUnknown && slot.tag == static_cast<uint32_t>(hashes[i] >> 32);
    candidates[i] = likely ? slot.code : kUnknown;
    if (!likely) continue;
    if constexpr (kText)
      __builtin_prefetch(&ends_[slot.code]);
    else
      __builtin_prefetch(&integers_[slot.code]);
  }
  if constexpr (kText) {
    for (size_t i = 0; i < hashes.size(); ++i) {
      if (candidates[i] != kUnknown) __builtin_prefetch(text(candidates[i]).data());
    }
  }
}

template <typename Id>
void IdIndex::EncodeAll(std::span<const Id> ids, std::span<uint32_t> codes) {
  // A block is hashed first and its slots and ids fetched, so that cache misses overlap.
  constexpr size_t kBlock = 64;
  uint64_t hashes[kBlock];
  const size_t mask = slots_.size() - 1;
  for (size_t begin = 0; begin < ids.size(); begin += kBlock) {
    const size_t count = std::min(kBlock, ids.size() - begin);
    for (size_t i = 0; i < count; ++i) {
      hashes[i] = Hash(ids[begin + i]);
      __builtin_prefetch(&slots_[SlotOf(hashes[i])]);
    }
    FetchCandidates<Id>({hashes, count});
    for (size_t i = 0; i < count; ++i) {
      const Id id = ids[begin + i];
      const auto tag = static_cast<uint32_t>(hashes[i] >> 32);
      for (size_t at = SlotOf(hashes[i]);; at = (at + 1) & mask) {
        Slot &slot = slots_[at];
        if (slot.code == kUnknown) {
          slot = {tag, static_cast<uint32_t>(size())};
          Add(id);
          codes[begin + i] = slot.code;
          break;
        }
        if (slot.tag == tag && IdAt<Id>(slot.code) == id) {
          codes[begin + i] = slot.code;
          break;
        }
      }
    }
  }
}

inline absl::Status IdIndex::Encode(const IdSpan &ids, std::span<uint32_t> codes) {
  if (ids.empty()) return absl::OkStatus();
  if (ids.is_text() != text_) {
    return absl::InvalidArgumentError(absl::StrCat("ids: ", text_ ? "integers" : "text",
                                                   " given; expected ", text_ ? "text" : "integers",
                                                   " as before"));
  }
  // Pieces keep the room reserved ahead small against what is there already.
  constexpr size_t kPiece = 1 << 12;
  for (size_t begin = 0; begin < ids.size(); begin += kPiece) {
    const size_t count = std::min(kPiece, ids.size() - begin);
    const IdSpan piece = ids.subspan(begin, count);
    size_t bytes = 0;
    for (const std::string_view id : piece.text()) bytes += id.size();
    PATRON_RETURN_IF_ERROR(Reserve(count, bytes));
    if (text_) {
      EncodeAll(piece.text(), codes.subspan(begin, count));
    } else if (dense_ && ReserveDense(piece.integers())) {
      EncodeDense(piece.integers(), codes.subspan(begin, count));
    } else {
      if (dense_) {
        GrowSlots(size() + count);
        dense_ = false;
        dense_codes_ = {};
      }
      EncodeAll(piece.integers(), codes.subspan(begin, count));
    }
  }
  return absl::OkStatus();
}

template <typename Id>
uint32_t IdIndex::FindOne(Id id) const {
  if constexpr (std::is_same_v<Id, int64_t>) {
    if (dense_) {
      const uint64_t at = static_cast<uint64_t>(id) - static_cast<uint64_t>(base_);
      return at < dense_codes_.size() ? dense_codes_[at] : kUnknown;
    }
  }
  if (slots_.empty()) return kUnknown;
  const uint64_t hash = Hash(id);
  const auto tag = static_cast<uint32_t>(hash >> 32);
  for (size_t at = SlotOf(hash);; at = (at + 1) & (slots_.size() - 1)) {
    const Slot slot = slots_[at];
    if (slot.code == kUnknown) return kUnknown;
    if (slot.tag == tag && IdAt<Id>(slot.code) == id) return slot.code;
  }
}

inline uint32_t IdIndex::Find(int64_t id) const { return text_ ? kUnknown : FindOne(id); }
inline uint32_t IdIndex::Find(std::string_view id) const { return text_ ? FindOne(id) : kUnknown; }

inline void IdIndex::Find(const IdSpan &ids, std::span<uint32_t> codes) const {
  for (size_t i = 0; i < ids.size(); ++i) {
    codes[i] = ids.is_text() ? Find(ids.text()[i]) : Find(ids.integers()[i]);
  }
}

inline void IdIndex::Truncate(size_t size) {
  if (size >= this->size()) return;
  if (text_) {
    bytes_.resize(size == 0 ? 0 : ends_[size - 1]);
    ends_.resize(size);
  } else if (dense_) {
    for (uint32_t code = static_cast<uint32_t>(size); code < integers_.size(); ++code) {
      dense_codes_[static_cast<uint64_t>(integers_[code]) - static_cast<uint64_t>(base_)] =
          kUnknown;
    }
    integers_.resize(size);
    return;
  } else {
    integers_.resize(size);
  }
  std::ranges::fill(slots_, Slot{0, kUnknown});
  for (uint32_t code = 0; code < size; ++code) Place(slots_, code);
}

inline std::vector<uint32_t> IdIndex::Ascending() const {
  std::vector<uint32_t> order(size());
  std::iota(order.begin(), order.end(), 0u);
  if (text_) {
    // The first eight bytes decide most comparisons without touching the text.
    std::vector<uint64_t> prefix(size());
    for (uint32_t code = 0; code < size(); ++code) {
      const std::string_view id = text(code);
      uint64_t value = 0;
      for (size_t i = 0; i < 8; ++i) {
        value = value << 8 | (i < id.size() ? static_cast<unsigned char>(id[i]) : 0u);
      }
      prefix[code] = value;
    }
    std::ranges::sort(order, [&](uint32_t a, uint32_t b) {
      return prefix[a] != prefix[b] ? prefix[a] < prefix[b] : text(a) < text(b);
    });
    return order;
  }
  if (dense_) {
    size_t at = 0;
    for (const uint32_t code : dense_codes_) {
      if (code != kUnknown) order[at++] = code;
    }
    return order;
  }
  std::ranges::sort(order, [&](uint32_t a, uint32_t b) { return integers_[a] < integers_[b]; });
  return order;
}

}  // namespace patron

#endif  // PATRON_BASE_IDS_HPP_
