// The records of each block, kept as records come and go.
#ifndef PATRON_CUSTOMERS_LINK_KEYS_HPP_
#define PATRON_CUSTOMERS_LINK_KEYS_HPP_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "patron/base/column.hpp"
#include "patron/base/ids.hpp"
#include "patron/base/status.hpp"
#include "patron/customers/link_records.hpp"

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

// The blocks of one rule. Only Prepare allocates; what it leaves behind if it fails does no harm.
class RuleBlocks {
 public:
  RuleBlocks(const BlockRule &rule, uint32_t cap)
      : rule_(&rule), cap_(cap), slices_(rule.parts.size()), pairs_(rule.parts.size()) {}

  // Makes room for record `record`, whose values stand in `records`, and finds its key.
  // Errors: ResourceExhausted for more than 2^32 - 2 values.
  absl::Status Prepare(const LinkRecords &records, uint32_t record);

  // The key of a record that was prepared; kNoValue without one.
  uint32_t key(uint32_t record) const { return key_of_[record]; }
  uint32_t count(uint32_t key) const { return blocks_[key].records; }
  // Whether pairs of the key are compared.
  bool compares(uint32_t key) const { return blocks_[key].records <= cap_; }

  void Insert(uint32_t record);
  void Remove(uint32_t record);

  template <typename Take>
  void ForEach(uint32_t key, Take take) const {
    for (uint32_t i = blocks_[key].head; i != kNoValue; i = next_[i]) take(i);
  }

 private:
  struct Block {
    uint32_t head = kNoValue, records = 0;
  };
  struct Slices {
    IdIndex texts{true};
    std::vector<uint32_t> slice_of;  // By code of the column; kNoValue without one.
  };
  absl::Status PartCode(const LinkRecords &records, size_t part, uint32_t record, uint32_t *code);

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

inline absl::Status RuleBlocks::PartCode(const LinkRecords &records, size_t part, uint32_t record,
                                         uint32_t *code) {
  const KeyPart &spec = rule_->parts[part];
  const LinkColumn &column = records.columns[spec.column];
  *code = column.codes[record];
  if (*code == kNoValue || (spec.begin == 0 && spec.end == 0xFFFFFFFF)) return absl::OkStatus();
  Slices &slices = slices_[part];
  while (slices.slice_of.size() <= *code) {
    const Characters &text = column.values[slices.slice_of.size()];
    std::u32string slice;
    for (uint32_t i = spec.begin; i < std::min(spec.end, text.size); ++i) slice.push_back(text[i]);
    uint32_t own = kNoValue;
    if (!slice.empty()) {
      const std::string utf8 = ToUtf8(slice);
      const std::string_view view = utf8;
      PATRON_RETURN_IF_ERROR(slices.texts.Encode(
          IdSpan(std::span<const std::string_view>(&view, 1)), std::span<uint32_t>(&own, 1)));
    }
    slices.slice_of.push_back(own);
  }
  *code = slices.slice_of[*code];
  return absl::OkStatus();
}

inline absl::Status RuleBlocks::Prepare(const LinkRecords &records, uint32_t record) {
  uint32_t key = 0;
  for (size_t part = 0; part < rule_->parts.size(); ++part) {
    uint32_t code = 0;
    PATRON_RETURN_IF_ERROR(PartCode(records, part, record, &code));
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
  return absl::OkStatus();
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
