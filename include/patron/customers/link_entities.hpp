// Ids of entities that stay as records join and part.
#ifndef PATRON_CUSTOMERS_LINK_ENTITIES_HPP_
#define PATRON_CUSTOMERS_LINK_ENTITIES_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "patron/customers/link_records.hpp"

namespace patron::customers {

// Which entity each record belongs to. Ids count from 1. Of a new cluster the id of the entity that
// had most of its records survives; of equal ones the older, which has the lesser id. An id that
// survives nowhere is retired, and stands for ever for the cluster that took most of its records.
class StableEntities {
 public:
  // Records of one new cluster have the same `cluster`, from 0 in the order of new ids.
  struct Row {
    uint32_t record, cluster;
  };

  // What a new partition of some records comes to. Every entity with one of them has all of them.
  struct Step {
    std::vector<Row> rows;
    std::vector<uint64_t> entity_of;  // By cluster.
    std::vector<uint32_t> size_of;    // By cluster.
    std::vector<uint8_t> changed;     // By cluster: whether it is not what its entity was.
    std::vector<std::pair<uint64_t, uint64_t>> retired;  // Entity, and what it became.
    std::vector<RecordPair> merges;                      // Records whose entities became one.
    std::vector<Row> splits;  // Records that left their entity, with where they are now.
    uint64_t next = 0;
  };

  void AddRecord() { entity_of_.push_back(0); }
  void DropLastRecord() { entity_of_.pop_back(); }
  void Reserve(size_t records) {
    if (records > entity_of_.capacity()) {
      entity_of_.reserve(std::max(records, 2 * entity_of_.capacity()));
    }
  }

  // Plans a step; changes nothing. `clusters` is how many there are.
  Step Plan(std::vector<Row> rows, uint32_t clusters) const;
  // Room for a step; nothing else changes.
  void Prepare(const Step &step);
  // Takes a step that room is there for. Does not allocate.
  void Take(const Step &step);

  // Takes a record out, or puts it back.
  void TakeOut(uint32_t record) { --sizes_[entity_of_[record] - 1]; }
  void PutBack(uint32_t record) { ++sizes_[entity_of_[record] - 1]; }
  void Forget(uint32_t record) { entity_of_[record] = 0; }

  // 0 for a record that was taken out.
  uint64_t EntityOf(uint32_t record) const { return entity_of_[record]; }
  uint32_t SizeOf(uint64_t entity) const { return sizes_[entity - 1]; }
  // The entity that an id stands for now; 0 if there never was such an id, or all its records are
  // gone.
  uint64_t Resolve(uint64_t entity) const;

 private:
  std::vector<uint64_t> entity_of_;  // By record; 0 = none yet.
  std::vector<uint32_t> sizes_;      // By entity - 1.
  std::vector<uint64_t> became_;     // By entity - 1; 0 = alive, or gone with its records.
};

inline uint64_t StableEntities::Resolve(uint64_t entity) const {
  if (entity == 0 || entity > sizes_.size()) return 0;
  while (became_[entity - 1] != 0) entity = became_[entity - 1];
  return sizes_[entity - 1] > 0 ? entity : 0;
}

inline StableEntities::Step StableEntities::Plan(std::vector<Row> rows, uint32_t clusters) const {
  Step step;
  step.entity_of.resize(clusters);
  step.size_of.resize(clusters);
  step.changed.resize(clusters);
  step.next = sizes_.size();
  // Records that an entity has in a cluster.
  struct Shared {
    uint64_t entity;
    uint32_t cluster, records, first;
  };
  std::vector<std::tuple<uint64_t, uint32_t, uint32_t>> cells;
  for (const Row &row : rows) {
    ++step.size_of[row.cluster];
    cells.emplace_back(entity_of_[row.record], row.cluster, row.record);
  }
  std::ranges::sort(cells);
  std::vector<Shared> shared;
  std::vector<std::pair<uint32_t, uint32_t>> fresh;  // Cluster, record.
  for (const auto &[entity, cluster, record] : cells) {
    if (entity == 0) {
      fresh.emplace_back(cluster, record);
    } else if (!shared.empty() && shared.back().entity == entity &&
               shared.back().cluster == cluster) {
      ++shared.back().records;
    } else {
      shared.push_back({entity, cluster, 1, record});
    }
  }
  std::vector<uint32_t> by_size(shared.size());
  for (uint32_t s = 0; s < by_size.size(); ++s) by_size[s] = s;
  std::ranges::sort(by_size, {}, [&](uint32_t s) {
    return std::tuple(~shared[s].records, shared[s].entity, shared[s].cluster);
  });
  std::vector<uint32_t> first_of(shared.size());  // First place of the same entity.
  for (uint32_t s = 1; s < shared.size(); ++s) {
    first_of[s] = shared[s].entity == shared[s - 1].entity ? first_of[s - 1] : s;
  }
  std::vector<uint8_t> lives(shared.size());
  for (const uint32_t s : by_size) {
    if (step.entity_of[shared[s].cluster] != 0 || lives[first_of[s]] != 0) continue;
    step.entity_of[shared[s].cluster] = shared[s].entity;
    lives[first_of[s]] = 1;
  }
  for (uint32_t c = 0; c < clusters; ++c) {
    if (step.entity_of[c] == 0) step.entity_of[c] = ++step.next;
  }
  for (uint32_t s = 0; s < shared.size();) {
    uint32_t end = s + 1, most = s;
    for (; end < shared.size() && shared[end].entity == shared[s].entity; ++end) {
      const uint32_t c = shared[end].cluster, m = shared[most].cluster;
      if (std::tuple(~shared[end].records, step.entity_of[c]) <
          std::tuple(~shared[most].records, step.entity_of[m])) {
        most = end;
      }
    }
    if (lives[s] == 0) {
      step.retired.emplace_back(shared[s].entity, step.entity_of[shared[most].cluster]);
    }
    // Where the entity lives on is the rest that others leave; else where most of it went.
    uint32_t rest = shared[most].cluster;
    for (uint32_t t = s; t < end; ++t) {
      if (step.entity_of[shared[t].cluster] == shared[s].entity) rest = shared[t].cluster;
    }
    const auto begin = std::ranges::lower_bound(cells, std::tuple(shared[s].entity, 0U, 0U));
    for (auto cell = begin; cell != cells.end() && std::get<0>(*cell) == shared[s].entity; ++cell) {
      if (std::get<1>(*cell) != rest)
        step.splits.push_back({std::get<2>(*cell), std::get<1>(*cell)});
    }
    s = end;
  }
  // One record of each entity in a cluster, that of the survivor first, and every new record.
  std::vector<std::tuple<uint32_t, int, uint32_t>> heads;
  for (const Shared &own : shared) {
    heads.emplace_back(own.cluster, step.entity_of[own.cluster] == own.entity ? 0 : 1, own.first);
  }
  for (const auto &[cluster, record] : fresh) heads.emplace_back(cluster, 2, record);
  std::ranges::sort(heads);
  for (size_t h = 1, first = 0; h < heads.size(); ++h) {
    if (std::get<0>(heads[h]) != std::get<0>(heads[first])) {
      first = h;
    } else {
      step.merges.push_back({std::get<2>(heads[first]), std::get<2>(heads[h])});
    }
  }
  for (const Row &row : rows) {
    const uint64_t entity = step.entity_of[row.cluster];
    if (entity_of_[row.record] != entity || sizes_[entity - 1] != step.size_of[row.cluster]) {
      step.changed[row.cluster] = 1;
    }
  }
  step.rows = std::move(rows);
  return step;
}

inline void StableEntities::Prepare(const Step &step) {
  if (step.next > sizes_.capacity()) {
    sizes_.reserve(std::max<size_t>(step.next, 2 * sizes_.capacity()));
  }
  if (step.next > became_.capacity()) {
    became_.reserve(std::max<size_t>(step.next, 2 * became_.capacity()));
  }
}

inline void StableEntities::Take(const Step &step) {
  sizes_.resize(step.next);
  became_.resize(step.next);
  for (const auto &[entity, heir] : step.retired) {
    sizes_[entity - 1] = 0;
    became_[entity - 1] = heir;
  }
  for (size_t c = 0; c < step.entity_of.size(); ++c) {
    sizes_[step.entity_of[c] - 1] = step.size_of[c];
  }
  for (const Row &row : step.rows) entity_of_[row.record] = step.entity_of[row.cluster];
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_LINK_ENTITIES_HPP_
