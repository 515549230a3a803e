// Dense codes for ids: a growing dictionary of integers or text.
#ifndef PATRON_BASE_IDS_HPP_
#define PATRON_BASE_IDS_HPP_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/column.hpp"
#include "patron/base/large_vector.hpp"
#include "patron/base/status.hpp"
#include "patron/base/text_order.hpp"
#include "patron/base/text_store.hpp"

namespace patron {

// Maps ids to codes 0, 1, 2, ... in the order in which they are first seen, and back.
//
// Ids are all int64 or all UTF-8 text, as the constructor says. At most 2^32 - 2 ids.
// After a call that fails, by its status or by std::bad_alloc, the ids and codes are as before.
// Memory: 13 to 26 bytes an id for looking it up (integers close together: 4 to 32), and 8 bytes
// for an integer, 24 for text, and the bytes of text longer than 16.
class IdIndex {
 public:
  static constexpr uint32_t kUnknown = std::numeric_limits<uint32_t>::max();

  // `expected` is how many ids, equal ones included, are likely to be encoded; it decides only when
  // integers are looked up in a table of their range instead of by hash.
  explicit IdIndex(bool text = false, uint64_t expected = 0) : text_(text), expected_(expected) {}

  bool is_text() const { return text_; }
  size_t size() const { return text_ ? texts_.size() : integers_.size(); }

  // The id of a code below size(). Text is valid until the next Encode.
  int64_t integer(uint32_t code) const { return integers_[code]; }
  std::string_view text(uint32_t code) const { return texts_[code]; }
  std::string Format(uint32_t code) const {
    return text_ ? FormatId(text(code)) : FormatId(integer(code));
  }

  // The ids of `codes`, in their order; text as above.
  IdList List(std::span<const uint32_t> codes) const;

  // Writes the code of each id to `codes` (of the same length), adding ids not seen before.
  // Errors: InvalidArgument if the ids are of the other kind; ResourceExhausted for too many ids.
  // Cost: O(1) an id, and text is copied once; memory grows by the new ids alone.
  absl::Status Encode(const IdSpan &ids, std::span<uint32_t> codes);

  // Encodes all ids of another index, and returns their codes here by their codes there.
  // Errors: as Encode.
  absl::StatusOr<std::vector<uint32_t>> EncodeAll(const IdIndex &other);

  // Writes the code of each id, or kUnknown.
  void Find(const IdSpan &ids, std::span<uint32_t> codes) const;
  uint32_t Find(int64_t id) const;
  uint32_t Find(std::string_view id) const;

  // Forgets all codes from `size` on. Does not allocate. Cost: O(size()).
  void Truncate(size_t size);

  // Codes in ascending order of their ids: integers by value, text by bytes.
  // Cost: O(n), but O(n log n) for text that is long or alike in its first bytes.
  std::vector<uint32_t> Ascending() const;

  // Whether the id of code `a` comes before that of code `b`.
  bool Less(uint32_t a, uint32_t b) const {
    return text_ ? text(a) < text(b) : integers_[a] < integers_[b];
  }

  size_t memory_bytes() const {
    return slots_.capacity() * sizeof(Slot) + dense_codes_.capacity() * 4 +
           integers_.capacity() * 8 + texts_.memory_bytes();
  }

 private:
  // The tag also says where an id belongs, so that a table grows without a look at the ids.
  struct Slot {
    uint32_t tag;   // Upper half of the hash.
    uint32_t code;  // kUnknown if the slot is free.
  };
  static uint32_t TagOf(uint64_t hash) { return static_cast<uint32_t>(hash >> 32); }

  // An id as it is looked up.
  struct IntegerKey {
    int64_t id;
    uint64_t Hash() const { return detail::HashInteger(static_cast<uint64_t>(id)); }
  };
  static IntegerKey KeyOf(int64_t id) { return {id}; }
  static detail::TextKey KeyOf(std::string_view id) { return detail::TextKey::Of(id); }
  bool Equals(uint32_t code, const IntegerKey &key, int64_t) const {
    return integers_[code] == key.id;
  }
  bool Equals(uint32_t code, const detail::TextKey &key, std::string_view id) const {
    return texts_.Equals(code, key, id);
  }
  const void *Address(uint32_t code) const {
    return text_ ? texts_.address(code) : &integers_[code];
  }
  void Add(const IntegerKey &key, int64_t) { integers_.push_back(key.id); }
  void Add(const detail::TextKey &key, std::string_view id) { texts_.Add(key, id); }
  uint64_t HashOf(uint32_t code) const {
    return text_ ? texts_.key(code).Hash() : IntegerKey{integers_[code]}.Hash();
  }

  // The slot that holds the id, or the free one where it belongs.
  template <typename Key, typename Id>
  size_t Probe(const Key &key, uint64_t hash, Id id) const;
  template <typename Id>
  uint32_t FindOne(Id id) const;
  template <typename Id>
  absl::Status EncodeHashed(std::span<const Id> ids, std::span<uint32_t> codes);
  absl::Status EncodeIntegers(std::span<const int64_t> ids, std::span<uint32_t> codes);
  absl::Status EncodeDense(std::span<const int64_t> ids, std::span<uint32_t> codes);
  absl::Status EncodeAny(const IdSpan &ids, std::span<uint32_t> codes);
  bool WidenDense(std::span<const int64_t> ids);
  static void Place(LargeVector<Slot> &slots, Slot slot);
  void GrowSlots(size_t ids);
  static absl::Status TooMany() {
    return absl::ResourceExhaustedError(
        absl::StrCat("ids: more than ", kUnknown - 1, " distinct ids"));
  }

  bool text_;
  uint64_t expected_;
  bool dense_ = true;                  // Integers so far lie close together: no hashing.
  int64_t base_ = 0;                   // Dense: the integer of dense_codes_[0].
  LargeVector<uint32_t> dense_codes_;  // Dense: code by integer - base_.
  LargeVector<Slot> slots_;  // Open addressing, linear probing, at most 5/8 full; a power of two.
  LargeVector<int64_t> integers_;
  detail::TextStore texts_;
};

inline void IdIndex::Place(LargeVector<Slot> &slots, Slot slot) {
  size_t at = slot.tag & (slots.size() - 1);
  while (slots[at].code != kUnknown) at = (at + 1) & (slots.size() - 1);
  slots[at] = slot;
}

inline void IdIndex::GrowSlots(size_t ids) {
  if (ids * 8 <= slots_.size() * 5) return;
  LargeVector<Slot> slots(std::bit_ceil(std::max<size_t>(64, ids * 2)), Slot{0, kUnknown});
  if (slots_.empty()) {
    for (uint32_t code = 0; code < size(); ++code) Place(slots, {TagOf(HashOf(code)), code});
  } else {
    // In the order of the old slots the new ones are filled one by one, in each half of the table.
    for (const Slot slot : slots_) {
      if (slot.code != kUnknown) Place(slots, slot);
    }
  }
  slots_.swap(slots);
}

// Widens the table of dense codes to hold `ids`; false if they lie too far apart for one.
inline bool IdIndex::WidenDense(std::span<const int64_t> ids) {
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

inline absl::Status IdIndex::EncodeDense(std::span<const int64_t> ids, std::span<uint32_t> codes) {
  constexpr size_t kAhead = 24;
  uint32_t *const table = dense_codes_.data();
  const auto base = static_cast<uint64_t>(base_);
  const size_t count = ids.size();
  for (size_t i = 0; i < count; ++i) {
    if (i + kAhead < count) {
      __builtin_prefetch(&table[static_cast<uint64_t>(ids[i + kAhead]) - base]);
    }
    uint32_t &code = table[static_cast<uint64_t>(ids[i]) - base];
    if (code == kUnknown) [[unlikely]] {
      if (integers_.size() + 1 >= kUnknown) return TooMany();
      integers_.push_back(ids[i]);
      code = static_cast<uint32_t>(integers_.size() - 1);
    }
    codes[i] = code;
  }
  return absl::OkStatus();
}

template <typename Key, typename Id>
size_t IdIndex::Probe(const Key &key, uint64_t hash, Id id) const {
  const size_t mask = slots_.size() - 1;
  const uint32_t tag = TagOf(hash);
  for (size_t at = tag & mask;; at = (at + 1) & mask) {
    const Slot slot = slots_[at];
    if (slot.code == kUnknown || (slot.tag == tag && Equals(slot.code, key, id))) return at;
  }
}

template <typename Id>
absl::Status IdIndex::EncodeHashed(std::span<const Id> ids, std::span<uint32_t> codes) {
  // A block is hashed first and its slots and ids fetched, so that cache misses overlap.
  constexpr size_t kBlock = 64;
  decltype(KeyOf(Id())) keys[kBlock];
  uint64_t hashes[kBlock];
  GrowSlots(size() + 1);
  for (size_t begin = 0; begin < ids.size(); begin += kBlock) {
    const size_t count = std::min(kBlock, ids.size() - begin);
    const size_t mask = slots_.size() - 1;
    for (size_t i = 0; i < count; ++i) {
      keys[i] = KeyOf(ids[begin + i]);
      hashes[i] = keys[i].Hash();
      __builtin_prefetch(&slots_[TagOf(hashes[i]) & mask]);
    }
    for (size_t i = 0; i < count; ++i) {
      const Slot slot = slots_[TagOf(hashes[i]) & mask];
      const bool same = slot.code != kUnknown && slot.tag == TagOf(hashes[i]);
      if (same) __builtin_prefetch(Address(slot.code));
    }
    for (size_t i = 0; i < count; ++i) {
      const Id id = ids[begin + i];
      size_t at = Probe(keys[i], hashes[i], id);
      if (slots_[at].code == kUnknown) [[unlikely]] {
        if (size() + 1 >= kUnknown) return TooMany();
        if ((size() + 1) * 8 > slots_.size() * 5) {
          GrowSlots(size() + 1);
          at = Probe(keys[i], hashes[i], id);
        }
        Add(keys[i], id);
        slots_[at] = {TagOf(hashes[i]), static_cast<uint32_t>(size() - 1)};
      }
      codes[begin + i] = slots_[at].code;
    }
  }
  return absl::OkStatus();
}

inline absl::Status IdIndex::EncodeIntegers(std::span<const int64_t> ids,
                                            std::span<uint32_t> codes) {
  constexpr size_t kPiece = 1 << 12;  // A table of the range is worth it for the ids of a piece.
  for (size_t begin = 0; begin < ids.size(); begin += kPiece) {
    const size_t count = std::min(kPiece, ids.size() - begin);
    const auto piece = ids.subspan(begin, count);
    if (dense_ && WidenDense(piece)) {
      PATRON_RETURN_IF_ERROR(EncodeDense(piece, codes.subspan(begin, count)));
      continue;
    }
    if (dense_) {
      GrowSlots(size() + 1);
      dense_ = false;
      dense_codes_ = {};
    }
    PATRON_RETURN_IF_ERROR(EncodeHashed(piece, codes.subspan(begin, count)));
  }
  return absl::OkStatus();
}

inline absl::Status IdIndex::EncodeAny(const IdSpan &ids, std::span<uint32_t> codes) {
  return text_ ? EncodeHashed(ids.text(), codes) : EncodeIntegers(ids.integers(), codes);
}

inline absl::Status IdIndex::Encode(const IdSpan &ids, std::span<uint32_t> codes) {
  if (ids.empty()) return absl::OkStatus();
  if (ids.is_text() != text_) {
    return absl::InvalidArgumentError(absl::StrCat("ids: ", text_ ? "integers" : "text",
                                                   " given; expected ", text_ ? "text" : "integers",
                                                   " as before"));
  }
  const size_t before = size();
  absl::Status status;
  try {
    status = EncodeAny(ids, codes);
  } catch (...) {
    Truncate(before);
    throw;
  }
  if (!status.ok()) Truncate(before);
  return status;
}

inline absl::StatusOr<std::vector<uint32_t>> IdIndex::EncodeAll(const IdIndex &other) {
  constexpr uint32_t kPiece = 2048;
  const auto count = static_cast<uint32_t>(other.size());
  const size_t before = size();
  std::vector<uint32_t> codes(count);
  std::vector<int64_t> integers(other.text_ ? 0 : kPiece);
  std::vector<std::string_view> text(other.text_ ? kPiece : 0);
  const IdSpan piece = other.text_ ? IdSpan(std::span<const std::string_view>(text))
                                   : IdSpan(std::span<const int64_t>(integers));
  try {
    for (uint32_t begin = 0; begin < count; begin += kPiece) {
      const uint32_t size = std::min(kPiece, count - begin);
      for (uint32_t i = 0; i < size; ++i) {
        if (other.text_)
          text[i] = other.text(begin + i);
        else
          integers[i] = other.integer(begin + i);
      }
      const absl::Status status =
          Encode(piece.subspan(0, size), std::span(codes).subspan(begin, size));
      if (status.ok()) continue;
      Truncate(before);
      return status;
    }
  } catch (...) {
    Truncate(before);
    throw;
  }
  return codes;
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
  const auto key = KeyOf(id);
  return slots_[Probe(key, key.Hash(), id)].code;
}

inline uint32_t IdIndex::Find(int64_t id) const { return text_ ? kUnknown : FindOne(id); }
inline uint32_t IdIndex::Find(std::string_view id) const { return text_ ? FindOne(id) : kUnknown; }

inline void IdIndex::Find(const IdSpan &ids, std::span<uint32_t> codes) const {
  for (size_t i = 0; i < ids.size(); ++i) {
    codes[i] = ids.is_text() ? Find(ids.text()[i]) : Find(ids.integers()[i]);
  }
}

inline IdList IdIndex::List(std::span<const uint32_t> codes) const {
  IdList list{.is_text = text_, .integers = {}, .text = {}};
  if (text_) {
    list.text.reserve(codes.size());
    for (const uint32_t code : codes) list.text.push_back(text(code));
  } else {
    list.integers.reserve(codes.size());
    for (const uint32_t code : codes) list.integers.push_back(integer(code));
  }
  return list;
}

inline void IdIndex::Truncate(size_t size) {
  if (size >= this->size()) return;
  if (!text_ && dense_) {
    for (uint32_t code = static_cast<uint32_t>(size); code < integers_.size(); ++code) {
      dense_codes_[static_cast<uint64_t>(integers_[code]) - static_cast<uint64_t>(base_)] =
          kUnknown;
    }
    integers_.resize(size);
    return;
  }
  text_ ? texts_.Truncate(size) : integers_.resize(size);
  std::ranges::fill(slots_, Slot{0, kUnknown});
  for (uint32_t code = 0; code < size; ++code) Place(slots_, {TagOf(HashOf(code)), code});
}

inline std::vector<uint32_t> IdIndex::Ascending() const {
  if (text_) return detail::AscendingCodes(texts_);
  if (!dense_) return SortedRows<int64_t>(integers_);
  std::vector<uint32_t> order(size());
  size_t at = 0;
  for (const uint32_t code : dense_codes_) {
    if (code != kUnknown) order[at++] = code;
  }
  return order;
}

}  // namespace patron

#endif  // PATRON_BASE_IDS_HPP_
