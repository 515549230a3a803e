// Linked records in memory: a new record is compared within its blocks alone, and only its component
// is clustered again.
#ifndef PATRON_CUSTOMERS_LINK_INDEX_HPP_
#define PATRON_CUSTOMERS_LINK_INDEX_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/customers/link_clusters.hpp"
#include "patron/customers/link_entities.hpp"
#include "patron/customers/link_hubs.hpp"
#include "patron/customers/link_keys.hpp"
#include "patron/customers/linker.hpp"
#include "patron/customers/text_codes.hpp"

namespace patron::customers {

struct IndexOptions {
  double threshold = 0;       // Least weight of a pair that counts.
  uint32_t most = 50;         // Records; a larger cluster is for review.
  bool split_bridges = true;  // As ClusterOptions.
  std::vector<HubGuard> hubs;
  std::vector<RecordPair> must_link, cannot_link;
};

// What a call came to.
struct IndexChange {
  struct Touched {
    uint32_t record;
    uint64_t entity, before;  // 0 before it came.
    uint32_t size;            // Of the entity.
  };
  std::vector<RecordPair> links;  // Of records that were added, which stand left; by left record.
  std::vector<double> weights;
  std::vector<Touched> touched;    // The records of all entities that changed.
  std::vector<RecordPair> merges;  // For each entity that became part of another, records of both.
  std::vector<std::pair<uint32_t, uint64_t>> splits;  // Records that left their entity; where to.
  std::vector<Refusal> refusals;  // Of all components that were clustered again.
};

// An index gives the clusters that FindPairs, TakeHubsOut and FindClusters give of all its records at
// once, in whatever order they came, and after removals. Records are numbered as they come. Pairs of
// equal weight are taken in the order of `before`, or of numbers.
//
// A record that is removed leaves no trace but its number: values that no other record has are
// overwritten, wherever they stand, and their codes are given again.
//
// A call that fails changes nothing that can be seen. Not for several threads at once.
// Memory: about 30 bytes a record, and 8 a rule, beside the records, 17 to 30 a value, and 32 a link.
class LinkIndex {
 public:
  using Before = std::function<bool(uint32_t, uint32_t)>;

  LinkIndex(LinkPlan plan, LinkModel model, std::shared_ptr<const LinkTerms> terms,
            IndexOptions options, Before before = {});
  LinkIndex(const LinkIndex &) = delete;
  LinkIndex &operator=(const LinkIndex &) = delete;

  // Takes the first records, all at once. Without `terms` values are counted in these. Errors:
  // Cancelled.
  absl::Status Build(LinkRecords records, const Execution &execution);

  const LinkRecords &records() const { return records_; }

  // The code of a text of a column for Add, to which it is given before any other change.
  uint32_t Encode(size_t column, std::string_view utf8);
  // Forgets texts that were encoded and that no record has.
  void ForgetUnused();

  // Adds records: their codes by column, row after row, and their sources, empty if there is one.
  // Cost: the records of their blocks, and their components.
  absl::StatusOr<IndexChange> Add(std::span<const uint32_t> codes,
                                  std::span<const uint32_t> sources);
  // Takes out a record. Where its block was one above the cap, the others are compared.
  absl::StatusOr<IndexChange> Remove(uint32_t record);
  // A pair that was linked counts no more. Errors: NotFound if there is no such link.
  absl::StatusOr<IndexChange> Unlink(const RecordPair &pair);
  // Records that stay together before any link is looked at, or stay apart.
  absl::StatusOr<IndexChange> KeepTogether(const RecordPair &pair) { return Keep(pair, must_); }
  absl::StatusOr<IndexChange> KeepApart(const RecordPair &pair) { return Keep(pair, apart_); }

  bool alive(uint32_t record) const { return record < alive_.size() && alive_[record] != 0; }
  size_t alive_records() const { return count_; }
  const StableEntities &entities() const { return entities_; }
  const LinkPlan &plan() const { return plan_; }
  const LinkModel &model() const { return model_; }
  const IndexOptions &options() const { return options_; }
  const PairScorer &scorer() const { return *scorer_; }
  std::vector<Hub> Hubs() const;
  // The code of a value that pairs no more count by, where both records have it.
  bool IsHub(size_t guard, uint32_t value) const {
    return value < groups_[guard].values() &&
           groups_[guard].people(value) > options_.hubs[guard].most;
  }
  // What shared hubs take from the weight of a pair.
  double HubWeight(uint32_t i, uint32_t j) const;

 private:
  struct Edge {
    uint32_t other;
    bool unlinked;
    double weight;  // Whatever hubs there are.
  };
  using Partners = std::unordered_map<uint32_t, std::vector<uint32_t>>;
  struct Next {
    StableEntities::Step step;
    IndexChange change;
  };
  struct Opened {
    uint32_t left, right;
    double weight;
  };

  const LinkColumn &GuardColumn(size_t guard) const {
    return records_.columns[plan_.field_columns[options_.hubs[guard].field]];
  }
  // The value that both records have in a guarded field, or kNoValue.
  uint32_t Shared(size_t guard, uint32_t i, uint32_t j) const {
    const std::vector<uint32_t> &codes = GuardColumn(guard).codes;
    return codes[i] == codes[j] ? codes[i] : kNoValue;
  }
  bool SameSource(uint32_t i, uint32_t j) const {
    return !records_.sources.empty() && records_.sources[i] == records_.sources[j];
  }
  // Whether a rule compares them.
  bool Compared(uint32_t i, uint32_t j) const;
  bool Counts(uint32_t i, const Edge &edge) const {
    return !edge.unlinked && alive_[edge.other] != 0 && Compared(i, edge.other) &&
           edge.weight - HubWeight(i, edge.other) >= options_.threshold;
  }
  // Counts the people of a value again from the links.
  void Recount(size_t guard, uint32_t value);
  void RecountAll();
  void JoinGroup(size_t guard, uint32_t value, uint32_t i, const Edge &edge);
  // Both ends of all links of records with the value.
  void SeedGroup(size_t guard, uint32_t value, std::vector<uint32_t> &seeds) const;
  // Links of `records` changed whether they count: their values are recounted.
  void Refresh(std::span<const uint32_t> records, std::vector<uint32_t> &seeds);

  void Insert(std::span<const uint32_t> codes, uint32_t source, std::vector<uint32_t> &seeds);
  void DropLast();
  absl::StatusOr<IndexChange> Keep(const RecordPair &pair, Partners &partners);
  void Prepare(uint32_t record);
  // A record has the value no more.
  void LetGo(size_t column, uint32_t code);
  void ForgetValue(size_t column, uint32_t code);
  std::vector<Opened> OpenBlocks(uint32_t record, std::vector<uint32_t> &members) const;
  // Clusters the components of `seeds` again. Changes nothing that can be seen.
  Next Recluster(const std::vector<uint32_t> &seeds);
  void Cluster(std::vector<uint32_t> &members, std::vector<std::pair<uint32_t, uint32_t>> &roots,
               std::vector<Refusal> &refusals);
  // Takes what comes next. Fails, if at all, before anything changes. `lost` is an entity that a
  // record has left.
  IndexChange Commit(Next next, uint64_t lost = 0);
  absl::Status CheckPair(const RecordPair &pair) const;

  LinkPlan plan_;
  LinkModel model_;
  std::shared_ptr<const LinkTerms> terms_;
  IndexOptions options_;
  Before before_;
  LinkRecords records_;
  std::vector<TextCodes> texts_;                // By column.
  std::vector<std::vector<uint32_t>> holders_;  // By column and code: records that have the value.
  std::vector<std::pair<size_t, uint32_t>> encoded_;  // Columns and codes that are new since Add.
  std::u32string scratch_;
  std::unique_ptr<PairScorer> scorer_;
  std::vector<RuleBlocks> blocks_;
  std::vector<HubGroups> groups_;  // By guard.
  std::vector<std::vector<Edge>> edges_;
  std::vector<uint8_t> alive_;
  std::vector<uint32_t> mark_, place_;
  uint32_t epoch_ = 0;
  size_t count_ = 0;
  Partners must_, apart_;
  StableEntities entities_;
};

inline LinkIndex::LinkIndex(LinkPlan plan, LinkModel model, std::shared_ptr<const LinkTerms> terms,
                            IndexOptions options, Before before)
    : plan_(std::move(plan)),
      model_(std::move(model)),
      terms_(std::move(terms)),
      options_(std::move(options)),
      before_(std::move(before)),
      groups_(options_.hubs.size()) {
  for (const BlockRule &rule : plan_.blocks) blocks_.emplace_back(rule, plan_.cap);
}

inline bool LinkIndex::Compared(uint32_t i, uint32_t j) const {
  return std::ranges::any_of(blocks_, [&](const RuleBlocks &blocks) {
    const uint32_t key = blocks.key(i);
    return key != kNoValue && key == blocks.key(j) && blocks.compares(key);
  });
}

inline double LinkIndex::HubWeight(uint32_t i, uint32_t j) const {
  double less = 0;
  for (size_t g = 0; g < groups_.size(); ++g) {
    const uint32_t value = Shared(g, i, j);
    if (value != kNoValue && IsHub(g, value)) {
      less += EqualWeight(*scorer_, options_.hubs[g].field, i, j);
    }
  }
  return less;
}

inline std::vector<Hub> LinkIndex::Hubs() const {
  std::vector<Hub> hubs;
  for (size_t g = 0; g < groups_.size(); ++g) {
    for (uint32_t value = 0; value < groups_[g].values(); ++value) {
      if (IsHub(g, value)) {
        hubs.push_back({g, value, groups_[g].records(value), groups_[g].people(value)});
      }
    }
  }
  return hubs;
}

inline void LinkIndex::JoinGroup(size_t guard, uint32_t value, uint32_t i, const Edge &edge) {
  if (edge.unlinked || alive_[edge.other] == 0 || Shared(guard, i, edge.other) != value) return;
  if (!Compared(i, edge.other)) return;
  const double rest =
      edge.weight - EqualWeight(*scorer_, options_.hubs[guard].field, i, edge.other);
  if (rest >= options_.threshold) groups_[guard].Join(i, edge.other, value);
}

inline void LinkIndex::Recount(size_t guard, uint32_t value) {
  groups_[guard].Reset(value);
  groups_[guard].ForEach(value, [&](uint32_t i) {
    for (const Edge &edge : edges_[i]) JoinGroup(guard, value, i, edge);
  });
}

inline void LinkIndex::RecountAll() {
  for (size_t g = 0; g < groups_.size(); ++g) {
    for (uint32_t value = 0; value < groups_[g].values(); ++value) Recount(g, value);
  }
}

inline void LinkIndex::SeedGroup(size_t guard, uint32_t value, std::vector<uint32_t> &seeds) const {
  groups_[guard].ForEach(value, [&](uint32_t i) {
    if (std::ranges::any_of(
            edges_[i], [&](const Edge &edge) { return Shared(guard, i, edge.other) == value; })) {
      seeds.push_back(i);
    }
  });
}

inline void LinkIndex::Refresh(std::span<const uint32_t> records, std::vector<uint32_t> &seeds) {
  for (size_t g = 0; g < groups_.size(); ++g) {
    std::vector<uint32_t> values;
    for (const uint32_t i : records) values.push_back(GuardColumn(g).codes[i]);
    std::ranges::sort(values);
    values.erase(std::unique(values.begin(), values.end()), values.end());
    for (const uint32_t value : values) {
      if (value == kNoValue) continue;
      const bool before = IsHub(g, value);
      Recount(g, value);
      if (IsHub(g, value) != before) SeedGroup(g, value, seeds);
    }
  }
}

inline void LinkIndex::Cluster(std::vector<uint32_t> &members,
                               std::vector<std::pair<uint32_t, uint32_t>> &roots,
                               std::vector<Refusal> &refusals) {
  if (members.size() == 1) {
    roots.emplace_back(members[0], members[0]);
    return;
  }
  std::ranges::sort(members,
                    [&](uint32_t i, uint32_t j) { return before_ ? before_(i, j) : i < j; });
  for (uint32_t k = 0; k < members.size(); ++k) place_[members[k]] = k;
  std::vector<RecordPair> pairs;
  std::vector<double> weights;
  ClusterOptions options = {.most = options_.most,
                            .split_bridges = options_.split_bridges,
                            .prior = model_.PriorWeight(),
                            .must_link = {},
                            .cannot_link = {}};
  for (uint32_t k = 0; k < members.size(); ++k) {
    const uint32_t i = members[k];
    for (const Edge &edge : edges_[i]) {
      // A link that counts stays within the component.
      if (mark_[edge.other] != epoch_ || !Counts(i, edge) || place_[edge.other] <= k) continue;
      pairs.push_back({k, place_[edge.other]});
      weights.push_back(edge.weight - HubWeight(i, edge.other));
    }
    for (const auto &[partners, list] :
         {std::pair(&must_, &options.must_link), std::pair(&apart_, &options.cannot_link)}) {
      const auto own = partners->find(i);
      if (own == partners->end()) continue;
      for (const uint32_t j : own->second) {
        const uint32_t at = place_[j];
        if (alive_[j] != 0 && at > k && at < members.size() && members[at] == j) {
          list->push_back({k, at});
        }
      }
    }
  }
  const auto by_pair = [](const RecordPair &pair) { return std::pair(pair.left, pair.right); };
  const auto same = [&](const RecordPair &a, const RecordPair &b) {
    return by_pair(a) == by_pair(b);
  };
  for (auto *list : {&options.must_link, &options.cannot_link}) {
    std::ranges::sort(*list, {}, by_pair);
    list->erase(std::unique(list->begin(), list->end(), same), list->end());
  }
  std::vector<double> by_field(scorer_->fields());
  const auto score = [&](uint32_t a, uint32_t b) {
    const uint32_t i = members[a], j = members[b];
    return scorer_->Score(i, j, by_field.data()) - HubWeight(i, j);
  };
  const absl::FunctionRef<double(uint32_t, uint32_t)> reference(score);
  const Clusters found = FindClusters(members.size(), pairs, weights, options, &reference);
  for (uint32_t k = 0; k < members.size(); ++k) {
    roots.emplace_back(members[k], members[found.cluster_of[k]]);
  }
  const auto back = [&](const RecordPair &pair) {
    const uint32_t i = members[pair.left], j = members[pair.right];
    return RecordPair{std::min(i, j), std::max(i, j)};
  };
  for (Refusal refusal : found.refusals) {
    refusal.pair = back(refusal.pair);
    if (refusal.reason == RefusalReason::kCannotLink) refusal.apart = back(refusal.apart);
    refusals.push_back(refusal);
  }
}

inline LinkIndex::Next LinkIndex::Recluster(const std::vector<uint32_t> &seeds) {
  if (++epoch_ == 0) {
    std::ranges::fill(mark_, 0U);
    epoch_ = 1;
  }
  Next next;
  std::vector<std::pair<uint32_t, uint32_t>> roots;  // Record, and the first of its cluster.
  std::vector<uint32_t> component;
  for (const uint32_t seed : seeds) {
    if (!alive(seed) || mark_[seed] == epoch_) continue;
    component.assign(1, seed);
    mark_[seed] = epoch_;
    for (size_t k = 0; k < component.size(); ++k) {
      const uint32_t i = component[k];
      const auto reach = [&](uint32_t j) {
        if (mark_[j] == epoch_ || alive_[j] == 0) return;
        mark_[j] = epoch_;
        component.push_back(j);
      };
      for (const Edge &edge : edges_[i]) {
        if (mark_[edge.other] != epoch_ && Counts(i, edge)) reach(edge.other);
      }
      if (const auto partners = must_.find(i); partners != must_.end()) {
        std::ranges::for_each(partners->second, reach);
      }
    }
    Cluster(component, roots, next.change.refusals);
  }
  // Clusters are numbered by the first of their records to come.
  std::ranges::sort(roots);
  std::unordered_map<uint32_t, uint32_t> number;
  number.reserve(roots.size());
  std::vector<StableEntities::Row> rows;
  rows.reserve(roots.size());
  for (const auto &[record, root] : roots) {
    const auto fresh = static_cast<uint32_t>(number.size());
    rows.push_back({record, number.emplace(root, fresh).first->second});
  }
  next.step = entities_.Plan(std::move(rows), static_cast<uint32_t>(number.size()));
  entities_.Prepare(next.step);
  return next;
}

inline IndexChange LinkIndex::Commit(Next next, uint64_t lost) {
  const StableEntities::Step &step = next.step;
  IndexChange &change = next.change;
  change.merges = step.merges;
  for (const auto &[record, cluster] : step.splits) {
    change.splits.emplace_back(record, step.entity_of[cluster]);
  }
  for (const auto &[record, cluster] : step.rows) {
    const uint64_t entity = step.entity_of[cluster];
    if (step.changed[cluster] == 0 && entity != lost) continue;
    change.touched.push_back({record, entity, entities_.EntityOf(record), step.size_of[cluster]});
  }
  entities_.Take(step);
  return std::move(next.change);
}

}  // namespace patron::customers

#include "patron/customers/link_index_records.hpp"  // IWYU pragma: export

#endif  // PATRON_CUSTOMERS_LINK_INDEX_HPP_
