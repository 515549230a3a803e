// Records to link: their columns by code, and the blocks in which pairs are looked for.
#ifndef PATRON_CUSTOMERS_LINK_RECORDS_HPP_
#define PATRON_CUSTOMERS_LINK_RECORDS_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "patron/customers/characters.hpp"

namespace patron::customers {

inline constexpr uint32_t kNoValue = 0xFFFFFFFF;

// A column: the code of each record's value, kNoValue for none, and the value of each code.
struct LinkColumn {
  std::vector<uint32_t> codes;
  CharacterPool values;
};

// All records of all sources, those of one source together. Pairs are looked for between different
// sources; within the one source if there is but one.
struct LinkRecords {
  size_t size = 0;
  std::vector<uint32_t> sources;  // By record, from 0; empty if there is one source.
  std::vector<LinkColumn> columns;
};

// A part of a key: the code points [begin, end) of a column.
struct KeyPart {
  size_t column = 0;
  uint32_t begin = 0, end = 0xFFFFFFFF;
};

// Records with equal keys, made of all parts, are compared. A record without one of them has no key.
struct BlockRule {
  std::string text;
  std::vector<KeyPart> parts;
};

// The records of one rule by key. Keys of more records than the cap are left out.
struct Blocks {
  std::vector<uint32_t> key_of;  // By record; kNoValue without a key, or if it is above the cap.
  std::vector<uint32_t> order;   // Records with a key, by key and then by record.
  std::vector<uint32_t> starts;  // Of each key in `order`, and its end.
  uint64_t pairs = 0;            // Between sources that differ, if there are several.
  uint64_t capped_keys = 0, capped_records = 0, capped_pairs = 0;
  uint32_t largest = 0;  // Records of the largest key within the cap.

  size_t keys() const { return starts.empty() ? 0 : starts.size() - 1; }
};

// Time O(records log records); memory 8 bytes a record.
Blocks MakeBlocks(const LinkRecords &records, const BlockRule &rule, uint32_t cap);

namespace detail {

// Gives equal pairs of (first, second) equal codes, from 0 in order of first occurrence.
inline std::vector<uint32_t> CombineCodes(const std::vector<uint32_t> &first,
                                          const std::vector<uint32_t> &second) {
  std::vector<uint32_t> combined(first.size(), kNoValue);
  std::unordered_map<uint64_t, uint32_t> codes;
  codes.reserve(first.size());
  for (size_t i = 0; i < first.size(); ++i) {
    if (first[i] == kNoValue || second[i] == kNoValue) continue;
    const uint64_t key = static_cast<uint64_t>(first[i]) << 32 | second[i];
    combined[i] = codes.emplace(key, static_cast<uint32_t>(codes.size())).first->second;
  }
  return combined;
}

inline std::vector<uint32_t> PartCodes(const LinkColumn &column, const KeyPart &part) {
  if (part.begin == 0 && part.end == 0xFFFFFFFF) return column.codes;
  std::unordered_map<std::string, uint32_t> slices;
  std::vector<uint32_t> slice_of(column.values.size(), kNoValue);
  for (size_t code = 0; code < slice_of.size(); ++code) {
    const Characters &text = column.values[code];
    std::u32string slice;
    for (uint32_t i = part.begin; i < std::min(part.end, text.size); ++i) slice.push_back(text[i]);
    if (slice.empty()) continue;
    slice_of[code] =
        slices.emplace(ToUtf8(slice), static_cast<uint32_t>(slices.size())).first->second;
  }
  std::vector<uint32_t> codes(column.codes.size(), kNoValue);
  for (size_t i = 0; i < codes.size(); ++i) {
    if (column.codes[i] != kNoValue) codes[i] = slice_of[column.codes[i]];
  }
  return codes;
}

// Pairs among `members` that are of different sources, or all with one source.
inline uint64_t PairsOf(const LinkRecords &records, std::span<const uint32_t> members) {
  const uint64_t n = members.size();
  uint64_t pairs = n * (n - 1) / 2;
  if (n == 0) return 0;
  if (records.sources.empty()) return pairs;
  // Members stand by record, and those of one source together.
  for (size_t i = 0; i < members.size();) {
    size_t end = i;
    while (end < members.size() && records.sources[members[end]] == records.sources[members[i]]) {
      ++end;
    }
    const uint64_t same = end - i;
    pairs -= same * (same - 1) / 2;
    i = end;
  }
  return pairs;
}

}  // namespace detail

inline Blocks MakeBlocks(const LinkRecords &records, const BlockRule &rule, uint32_t cap) {
  Blocks blocks;
  for (size_t k = 0; k < rule.parts.size(); ++k) {
    const KeyPart &part = rule.parts[k];
    std::vector<uint32_t> codes = detail::PartCodes(records.columns[part.column], part);
    blocks.key_of = k == 0 ? std::move(codes) : detail::CombineCodes(blocks.key_of, codes);
  }
  uint32_t keys = 0;
  for (const uint32_t key : blocks.key_of) {
    if (key != kNoValue) keys = std::max(keys, key + 1);
  }
  std::vector<uint32_t> starts(static_cast<size_t>(keys) + 1);
  for (const uint32_t key : blocks.key_of) {
    if (key != kNoValue) ++starts[key + 1];
  }
  for (size_t k = 0; k < keys; ++k) starts[k + 1] += starts[k];
  std::vector<uint32_t> order(starts.back());
  std::vector<uint32_t> next(starts.begin(), starts.end() - 1);
  for (size_t i = 0; i < records.size; ++i) {
    const uint32_t key = blocks.key_of[i];
    if (key != kNoValue) order[next[key]++] = static_cast<uint32_t>(i);
  }
  blocks.starts.push_back(0);
  for (size_t k = 0; k < keys; ++k) {
    const std::span<const uint32_t> members(order.data() + starts[k], starts[k + 1] - starts[k]);
    const uint64_t pairs = detail::PairsOf(records, members);
    if (members.size() > cap) {
      ++blocks.capped_keys;
      blocks.capped_records += members.size();
      blocks.capped_pairs += pairs;
      for (const uint32_t i : members) blocks.key_of[i] = kNoValue;
      continue;
    }
    blocks.largest = std::max(blocks.largest, static_cast<uint32_t>(members.size()));
    if (pairs == 0) continue;
    blocks.pairs += pairs;
    blocks.order.insert(blocks.order.end(), members.begin(), members.end());
    blocks.starts.push_back(static_cast<uint32_t>(blocks.order.size()));
  }
  return blocks;
}

// A pair of records; left < right.
struct RecordPair {
  uint32_t left, right;
};

// Whether one of `rules` finds the pair.
inline bool IsKnown(std::span<const Blocks> rules, uint32_t i, uint32_t j) {
  bool known = false;
  for (const Blocks &rule : rules) {
    known |= rule.key_of[i] == rule.key_of[j] && rule.key_of[i] != kNoValue;
  }
  return known;
}

// Calls `take(left, right)` for the pairs of keys [begin, end) of `blocks`, but for those that one of
// `before` finds as well.
template <typename Take>
void ForEachPair(const LinkRecords &records, const Blocks &blocks, std::span<const Blocks> before,
                 size_t begin, size_t end, Take take) {
  for (size_t key = begin; key < end; ++key) {
    const uint32_t *members = blocks.order.data() + blocks.starts[key];
    const size_t n = blocks.starts[key + 1] - blocks.starts[key];
    for (size_t x = 0; x < n; ++x) {
      const uint32_t i = members[x];
      for (size_t y = x + 1; y < n; ++y) {
        const uint32_t j = members[y];
        if (!records.sources.empty() && records.sources[i] == records.sources[j]) continue;
        if (!IsKnown(before, i, j)) take(i, j);
      }
    }
  }
}

// Parts of the keys of about `pairs` pairs each.
inline std::vector<size_t> CutKeys(const Blocks &blocks, uint64_t pairs) {
  std::vector<size_t> cuts = {0};
  uint64_t here = 0;
  for (size_t key = 0; key < blocks.keys(); ++key) {
    const uint64_t n = blocks.starts[key + 1] - blocks.starts[key];
    here += n * (n - 1) / 2;
    if (here >= pairs && key + 1 < blocks.keys()) {
      cuts.push_back(key + 1);
      here = 0;
    }
  }
  cuts.push_back(blocks.keys());
  return cuts;
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_LINK_RECORDS_HPP_
