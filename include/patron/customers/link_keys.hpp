// The records of each block, kept as records come and go.
#ifndef PATRON_CUSTOMERS_LINK_KEYS_HPP_
#define PATRON_CUSTOMERS_LINK_KEYS_HPP_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "patron/base/text_store.hpp"
#include "patron/customers/characters.hpp"
#include "patron/customers/link_records.hpp"
#include "patron/customers/text_codes.hpp"

namespace patron::customers {

// Dense codes for pairs of codes. Memory: 26 to 51 bytes a pair.
class PairCodes {
 public:
  uint32_t Encode(uint32_t first, uint32_t second);
  size_t size() const { return size_; }

 private:
  struct Slot {
    uint64_t key = 0;
    uint32_t code = kNoValue;  // kNoValue if the slot is free.
  };
  size_t Probe(uint64_t key) const;

  std::vector<Slot> slots_;
  size_t size_ = 0;
};

// The blocks of one rule. Only Prepare allocates; what it leaves behind if it throws does no harm.
class RuleBlocks {
 public:
  RuleBlocks(const BlockRule &rule, uint32_t cap)
      : rule_(&rule), cap_(cap), slices_(rule.parts.size()), pairs_(rule.parts.size()) {}

  // Makes room for record `record`, whose values stand in `records`, and finds its key.
  void Prepare(const LinkRecords &records, uint32_t record);

  // The key of a record that was prepared; kNoValue without one.
  uint32_t key(uint32_t record) const { return key_of_[record]; }
  uint32_t count(uint32_t key) const { return blocks_[key].records; }
  // Whether pairs of the key are compared.
  bool compares(uint32_t key) const { return blocks_[key].records <= cap_; }

  void Insert(uint32_t record);
  void Remove(uint32_t record);
  // Forgets the key of a record that was removed; the parts of keys that come of a value.
  void ForgetKey(uint32_t record) { key_of_[record] = kNoValue; }
  void ForgetValue(size_t column, uint32_t code);

  template <typename Take>
  void ForEach(uint32_t key, Take take) const {
    for (uint32_t i = blocks_[key].head; i != kNoValue; i = next_[i]) take(i);
  }

 private:
  struct Block {
    uint32_t head = kNoValue, records = 0;
  };
  static constexpr uint32_t kUnmade = kNoValue - 1;
  struct Slices {
    CharacterPool texts;
    TextCodes codes;
    std::vector<uint32_t> values;    // That have the slice, by its code.
    std::vector<uint32_t> slice_of;  // By code of the column; kNoValue without one.
  };
  static bool IsWhole(const KeyPart &part) { return part.begin == 0 && part.end == 0xFFFFFFFF; }
  uint32_t PartCode(const LinkRecords &records, size_t part, uint32_t record);

  const BlockRule *rule_;
  uint32_t cap_;
  std::vector<Slices> slices_;           // By part.
  std::vector<PairCodes> pairs_;         // By part but the first.
  std::vector<Block> blocks_;            // By key.
  std::vector<uint32_t> key_of_, next_;  // By record.
};

inline size_t PairCodes::Probe(uint64_t key) const {
  const size_t mask = slots_.size() - 1;
  size_t at = static_cast<size_t>(patron::detail::HashInteger(key)) & mask;
  while (slots_[at].code != kNoValue && slots_[at].key != key) at = (at + 1) & mask;
  return at;
}

inline uint32_t PairCodes::Encode(uint32_t first, uint32_t second) {
  const uint64_t key = static_cast<uint64_t>(first) << 32 | second;
  if ((size_ + 1) * 8 > slots_.size() * 5) {
    PairCodes larger;
    larger.slots_.resize(std::bit_ceil(std::max<size_t>(64, (size_ + 1) * 2)));
    for (const Slot &slot : slots_) {
      if (slot.code != kNoValue) larger.slots_[larger.Probe(slot.key)] = slot;
    }
    slots_.swap(larger.slots_);
  }
  Slot &slot = slots_[Probe(key)];
  if (slot.code == kNoValue) slot = {key, static_cast<uint32_t>(size_++)};
  return slot.code;
}

inline uint32_t RuleBlocks::PartCode(const LinkRecords &records, size_t part, uint32_t record) {
  const KeyPart &spec = rule_->parts[part];
  const LinkColumn &column = records.columns[spec.column];
  const uint32_t code = column.codes[record];
  if (code == kNoValue || IsWhole(spec)) return code;
  Slices &slices = slices_[part];
  if (slices.slice_of.size() <= code) slices.slice_of.resize(size_t{code} + 1, kUnmade);
  uint32_t &own = slices.slice_of[code];
  if (own != kUnmade) return own;
  const Characters slice = column.values[code].Slice(spec.begin, spec.end);
  if (slice.size == 0) return own = kNoValue;
  uint32_t found = slices.codes.Find(slices.texts, slice);
  if (found == TextCodes::kUnknown) {
    slices.values.resize(std::max(slices.values.size(), slices.texts.size() + 1));
    found = slices.codes.Add(slices.texts, slice);
  }
  ++slices.values[found];
  return own = found;
}

inline void RuleBlocks::ForgetValue(size_t column, uint32_t code) {
  for (size_t part = 0; part < rule_->parts.size(); ++part) {
    Slices &slices = slices_[part];
    if (rule_->parts[part].column != column || code >= slices.slice_of.size()) continue;
    const uint32_t slice = std::exchange(slices.slice_of[code], kUnmade);
    if (slice == kUnmade || slice == kNoValue || --slices.values[slice] > 0) continue;
    slices.codes.Forget(slices.texts, slice);
  }
}

inline void RuleBlocks::Prepare(const LinkRecords &records, uint32_t record) {
  uint32_t key = 0;
  for (size_t part = 0; part < rule_->parts.size(); ++part) {
    const uint32_t code = PartCode(records, part, record);
    if (code == kNoValue) {
      key = kNoValue;
      break;
    }
    key = part == 0 ? code : pairs_[part].Encode(key, code);
  }
  const auto grow = [](auto &vector, size_t size, auto value) {
    if (vector.size() >= size) return;
    if (vector.capacity() < size) vector.reserve(std::max(size, 2 * vector.capacity()));
    vector.resize(size, value);
  };
  grow(next_, size_t{record} + 1, kNoValue);
  grow(key_of_, size_t{record} + 1, kNoValue);
  if (key != kNoValue) grow(blocks_, size_t{key} + 1, Block{});
  key_of_[record] = key;
}

inline void RuleBlocks::Insert(uint32_t record) {
  const uint32_t key = key_of_[record];
  if (key == kNoValue) return;
  next_[record] = blocks_[key].head;
  blocks_[key].head = record;
  ++blocks_[key].records;
}

inline void RuleBlocks::Remove(uint32_t record) {
  const uint32_t key = key_of_[record];
  if (key == kNoValue) return;
  uint32_t *at = &blocks_[key].head;
  while (*at != record) at = &next_[*at];
  *at = next_[record];
  --blocks_[key].records;
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_LINK_KEYS_HPP_
