// Identifiers that too many people share, such as a shop's own phone: they stop counting.
#ifndef PATRON_CUSTOMERS_LINK_HUBS_HPP_
#define PATRON_CUSTOMERS_LINK_HUBS_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "patron/customers/link_records.hpp"
#include "patron/customers/link_score.hpp"

namespace patron::customers {

// A value of the field that more than `most` people share says nothing about pairs that agree on it.
// People are counted by the rest of the evidence: records with the value are one person where a pair
// of them reaches the threshold without the field.
struct HubGuard {
  size_t field = 0;
  uint32_t most = 5;
};

struct Hub {
  size_t guard = 0;
  uint32_t value = 0;  // Code of the field's column.
  uint32_t records = 0, people = 0;
};

// The records of each value of one guarded field, and the people they are, kept as records and links
// come. Numbers of records and values grow from 0. Only Grow allocates.
class HubGroups {
 public:
  // Room for more records and values.
  void Grow(size_t records, size_t values);

  void Insert(uint32_t record, uint32_t value);
  // Forgets the people of the value: count them again. Cost O(records of the value).
  void Remove(uint32_t record, uint32_t value);
  // Each record of the value is a person of its own again.
  void Reset(uint32_t value);
  // Two records of the value are one person.
  void Join(uint32_t i, uint32_t j, uint32_t value);

  uint32_t records(uint32_t value) const { return groups_[value].records; }
  uint32_t people(uint32_t value) const { return groups_[value].people; }

  template <typename Take>
  void ForEach(uint32_t value, Take take) const {
    for (uint32_t i = groups_[value].head; i != kNoValue; i = next_[i]) take(i);
  }
  size_t values() const { return groups_.size(); }

 private:
  struct Group {
    uint32_t head = kNoValue, records = 0, people = 0;
  };
  uint32_t Find(uint32_t i);

  std::vector<Group> groups_;            // By value.
  std::vector<uint32_t> next_, parent_;  // By record.
};

// What equal values of the field weigh.
inline double EqualWeight(const PairScorer &scorer, size_t field, uint32_t i, uint32_t j) {
  return scorer.FieldWeight(field, i, j, 0);
}

// The hubs that `pairs` leave; `weights` lose what agreement on them is worth.
std::vector<Hub> TakeHubsOut(const LinkRecords &records, const LinkPlan &plan,
                             const PairScorer &scorer, std::span<const HubGuard> guards,
                             double threshold, std::span<const RecordPair> pairs,
                             std::vector<double> &weights);

inline void HubGroups::Grow(size_t records, size_t values) {
  next_.resize(std::max(next_.size(), records), kNoValue);
  parent_.resize(std::max(parent_.size(), records));
  groups_.resize(std::max(groups_.size(), values));
}

inline uint32_t HubGroups::Find(uint32_t i) {
  while (parent_[i] != i) {
    parent_[i] = parent_[parent_[i]];
    i = parent_[i];
  }
  return i;
}

inline void HubGroups::Insert(uint32_t record, uint32_t value) {
  Group &group = groups_[value];
  next_[record] = group.head;
  parent_[record] = record;
  group.head = record;
  ++group.records;
  ++group.people;
}

inline void HubGroups::Remove(uint32_t record, uint32_t value) {
  Group &group = groups_[value];
  uint32_t *at = &group.head;
  while (*at != record) at = &next_[*at];
  *at = next_[record];
  --group.records;
  Reset(value);
}

inline void HubGroups::Reset(uint32_t value) {
  groups_[value].people = groups_[value].records;
  ForEach(value, [&](uint32_t i) { parent_[i] = i; });
}

inline void HubGroups::Join(uint32_t i, uint32_t j, uint32_t value) {
  const uint32_t a = Find(i), b = Find(j);
  if (a == b) return;
  parent_[std::max(a, b)] = std::min(a, b);
  --groups_[value].people;
}

inline std::vector<Hub> TakeHubsOut(const LinkRecords &records, const LinkPlan &plan,
                                    const PairScorer &scorer, std::span<const HubGuard> guards,
                                    double threshold, std::span<const RecordPair> pairs,
                                    std::vector<double> &weights) {
  std::vector<Hub> hubs;
  std::vector<double> less(pairs.size());
  for (size_t g = 0; g < guards.size(); ++g) {
    const size_t field = guards[g].field;
    const LinkColumn &column = records.columns[plan.field_columns[field]];
    HubGroups groups;
    groups.Grow(records.size, column.values.size());
    for (uint32_t i = 0; i < records.size; ++i) {
      if (column.codes[i] != kNoValue) groups.Insert(i, column.codes[i]);
    }
    for (size_t p = 0; p < pairs.size(); ++p) {
      const auto [i, j] = pairs[p];
      const uint32_t value = column.codes[i];
      if (value == kNoValue || value != column.codes[j]) continue;
      if (weights[p] - EqualWeight(scorer, field, i, j) >= threshold) groups.Join(i, j, value);
    }
    for (uint32_t value = 0; value < groups.values(); ++value) {
      if (groups.people(value) > guards[g].most) {
        hubs.push_back({g, value, groups.records(value), groups.people(value)});
      }
    }
    for (size_t p = 0; p < pairs.size(); ++p) {
      const auto [i, j] = pairs[p];
      const uint32_t value = column.codes[i];
      if (value != kNoValue && value == column.codes[j] && groups.people(value) > guards[g].most) {
        less[p] += EqualWeight(scorer, field, i, j);
      }
    }
  }
  for (size_t p = 0; p < pairs.size(); ++p) weights[p] -= less[p];
  return hubs;
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_LINK_HUBS_HPP_
