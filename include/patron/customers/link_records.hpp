// Records to link: their columns by code, and the blocks in which pairs are looked for.
#ifndef PATRON_CUSTOMERS_LINK_RECORDS_HPP_
#define PATRON_CUSTOMERS_LINK_RECORDS_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "patron/customers/characters.hpp"
#include "patron/customers/text_codes.hpp"

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
  std::vector<uint32_t> key_of;  // By record: the key that it shares, if any, or kNoValue.
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

inline std::vector<uint32_t> PartCodes(const LinkColumn &column, const KeyPart &part) {
  CharacterPool slices;
  TextCodes slice_codes;
  std::vector<uint32_t> slice_of(column.values.size(), kNoValue);
  for (size_t code = 0; code < slice_of.size(); ++code) {
    const Characters slice = column.values[code].Slice(part.begin, part.end);
    if (slice.size == 0) continue;
    slice_of[code] = slice_codes.Find(slices, slice);
    if (slice_of[code] == TextCodes::kUnknown) slice_of[code] = slice_codes.Add(slices, slice);
  }
  std::vector<uint32_t> codes(column.codes.size(), kNoValue);
  for (size_t i = 0; i < codes.size(); ++i) {
    if (column.codes[i] != kNoValue) codes[i] = slice_of[column.codes[i]];
  }
  return codes;
}

// Records with a key, group by group.
struct KeyGroups {
  std::vector<uint32_t> order, starts;  // As in Blocks.

  std::span<const uint32_t> Of(size_t group) const {
    return std::span(order).subspan(starts[group], starts[group + 1] - starts[group]);
  }
};

inline KeyGroups GroupByCode(const std::vector<uint32_t> &codes) {
  KeyGroups groups;
  uint32_t keys = 0;
  for (const uint32_t code : codes) {
    if (code != kNoValue) keys = std::max(keys, code + 1);
  }
  groups.starts.resize(static_cast<size_t>(keys) + 1);
  for (const uint32_t code : codes) {
    if (code != kNoValue) ++groups.starts[code + 1];
  }
  for (size_t k = 0; k < keys; ++k) groups.starts[k + 1] += groups.starts[k];
  groups.order.resize(groups.starts.back());
  std::vector<uint32_t> next(groups.starts.begin(), groups.starts.end() - 1);
  for (size_t i = 0; i < codes.size(); ++i) {
    if (codes[i] != kNoValue) groups.order[next[codes[i]]++] = static_cast<uint32_t>(i);
  }
  return groups;
}

// The same groups, parted by another code; in each, records stay in order.
inline KeyGroups PartGroups(const KeyGroups &groups, const std::vector<uint32_t> &codes) {
  KeyGroups parted;
  parted.starts.push_back(0);
  std::vector<std::pair<uint32_t, uint32_t>> members;  // Code and record.
  for (size_t k = 0; k + 1 < groups.starts.size(); ++k) {
    members.clear();
    for (const uint32_t i : groups.Of(k)) {
      if (codes[i] != kNoValue) members.emplace_back(codes[i], i);
    }
    if (members.size() > 1) std::ranges::sort(members);
    for (size_t m = 0; m < members.size(); ++m) {
      parted.order.push_back(members[m].second);
      if (m + 1 == members.size() || members[m + 1].first != members[m].first) {
        parted.starts.push_back(static_cast<uint32_t>(parted.order.size()));
      }
    }
  }
  return parted;
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
  detail::KeyGroups groups;
  for (size_t k = 0; k < rule.parts.size(); ++k) {
    const KeyPart &part = rule.parts[k];
    const LinkColumn &column = records.columns[part.column];
    std::vector<uint32_t> sliced;
    const bool whole = part.begin == 0 && part.end == 0xFFFFFFFF;
    if (!whole) sliced = detail::PartCodes(column, part);
    const std::vector<uint32_t> &codes = whole ? column.codes : sliced;
    groups = k == 0 ? detail::GroupByCode(codes) : detail::PartGroups(groups, codes);
  }
  Blocks blocks;
  blocks.key_of.assign(records.size, kNoValue);
  blocks.starts.push_back(0);
  for (size_t k = 0; k + 1 < groups.starts.size(); ++k) {
    const std::span<const uint32_t> members = groups.Of(k);
    const uint64_t pairs = detail::PairsOf(records, members);
    if (members.size() > cap) {
      ++blocks.capped_keys;
      blocks.capped_records += members.size();
      blocks.capped_pairs += pairs;
      continue;
    }
    blocks.largest = std::max(blocks.largest, static_cast<uint32_t>(members.size()));
    if (pairs == 0) continue;
    for (const uint32_t i : members) blocks.key_of[i] = static_cast<uint32_t>(blocks.keys());
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
