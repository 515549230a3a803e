// From pairs to clusters with every guard.
#ifndef PATRON_CUSTOMERS_LINK_GROUPS_HPP_
#define PATRON_CUSTOMERS_LINK_GROUPS_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "patron/customers/link_clusters.hpp"
#include "patron/customers/link_hubs.hpp"
#include "patron/customers/link_score.hpp"

namespace patron::customers {

struct GroupOptions {
  double threshold = 0;  // Least weight of a pair that counts.
  ClusterOptions cluster;
  std::vector<HubGuard> hubs;
};

struct Groups {
  Clusters clusters;  // Of all records.
  std::vector<Hub> hubs;
};

// Groups records by pairs. Hubs are taken out first; then pairs below the threshold; then records are
// joined as FindClusters says, pairs of equal weight in the order of `before`, so that the rows' order
// makes no difference. Memory: a few words for each record of a pair.
Groups GroupRecords(const LinkRecords &records, const LinkPlan &plan, const PairScorer &scorer,
                    std::vector<RecordPair> pairs, std::vector<double> weights,
                    const GroupOptions &options,
                    const absl::FunctionRef<bool(uint32_t, uint32_t)> &before);

inline Groups GroupRecords(const LinkRecords &records, const LinkPlan &plan,
                           const PairScorer &scorer, std::vector<RecordPair> pairs,
                           std::vector<double> weights, const GroupOptions &options,
                           const absl::FunctionRef<bool(uint32_t, uint32_t)> &before) {
  Groups groups;
  if (!options.hubs.empty()) {
    // Only pairs that count make people of records.
    size_t kept = 0;
    for (size_t p = 0; p < pairs.size(); ++p) {
      if (!(weights[p] >= options.threshold)) continue;
      pairs[kept] = pairs[p];
      weights[kept++] = weights[p];
    }
    pairs.resize(kept);
    weights.resize(kept);
    groups.hubs =
        TakeHubsOut(records, plan, scorer, options.hubs, options.threshold, pairs, weights);
  }
  std::vector<std::vector<uint8_t>> is_hub(options.hubs.size());
  for (const Hub &hub : groups.hubs) {
    std::vector<uint8_t> &values = is_hub[hub.guard];
    values.resize(std::max<size_t>(values.size(), size_t{hub.value} + 1));
    values[hub.value] = 1;
  }
  size_t kept = 0;
  for (size_t p = 0; p < pairs.size(); ++p) {
    if (!(weights[p] >= options.threshold)) continue;
    pairs[kept] = pairs[p];
    weights[kept++] = weights[p];
  }
  pairs.resize(kept);
  weights.resize(kept);

  // The records that something is said of, numbered in their order.
  std::vector<uint32_t> number(records.size, kNoValue), involved;
  const auto see = [&](const RecordPair &pair) { number[pair.left] = number[pair.right] = 0; };
  ClusterOptions cluster = options.cluster;
  std::erase_if(cluster.must_link, [](const RecordPair &pair) { return pair.left == pair.right; });
  std::ranges::for_each(pairs, see);
  std::ranges::for_each(cluster.must_link, see);
  std::ranges::for_each(cluster.cannot_link, see);
  for (uint32_t i = 0; i < records.size; ++i) {
    if (number[i] != kNoValue) involved.push_back(i);
  }
  if (!std::ranges::is_sorted(involved, before)) std::ranges::sort(involved, before);
  for (uint32_t k = 0; k < involved.size(); ++k) number[involved[k]] = k;
  const auto renumber = [&](RecordPair &pair) {
    const uint32_t a = number[pair.left], b = number[pair.right];
    pair = {std::min(a, b), std::max(a, b)};
  };
  std::ranges::for_each(pairs, renumber);
  const auto by_pair = [](const RecordPair &pair) { return std::pair(pair.left, pair.right); };
  const auto same = [&](const RecordPair &a, const RecordPair &b) {
    return by_pair(a) == by_pair(b);
  };
  for (auto *list : {&cluster.must_link, &cluster.cannot_link}) {
    std::ranges::for_each(*list, renumber);
    std::ranges::sort(*list, {}, by_pair);
    list->erase(std::unique(list->begin(), list->end(), same), list->end());
  }
  std::vector<double> by_field(scorer.fields());
  const auto score = [&](uint32_t a, uint32_t b) {
    const uint32_t i = involved[a], j = involved[b];
    double less = 0;
    for (size_t g = 0; g < is_hub.size(); ++g) {
      const size_t field = options.hubs[g].field;
      const std::vector<uint32_t> &codes = records.columns[plan.field_columns[field]].codes;
      if (codes[i] == codes[j] && codes[i] < is_hub[g].size() && is_hub[g][codes[i]] != 0) {
        less += EqualWeight(scorer, field, i, j);
      }
    }
    return scorer.Score(i, j, by_field.data()) - less;
  };
  const absl::FunctionRef<double(uint32_t, uint32_t)> reference(score);
  Clusters found = FindClusters(involved.size(), pairs, weights, cluster, &reference);

  Clusters &all = groups.clusters;
  all.refused = found.refused;
  all.bridges = found.bridges;
  all.cluster_of.resize(records.size);
  all.review.resize(records.size);
  std::iota(all.cluster_of.begin(), all.cluster_of.end(), 0U);
  std::vector<uint32_t> first(involved.size(), kNoValue);
  for (uint32_t k = 0; k < involved.size(); ++k) {
    uint32_t &least = first[found.cluster_of[k]];
    least = std::min(least, involved[k]);
  }
  for (uint32_t k = 0; k < involved.size(); ++k) {
    all.cluster_of[involved[k]] = first[found.cluster_of[k]];
    all.review[involved[k]] = found.review[k];
  }
  const auto back = [&](const RecordPair &pair) {
    const uint32_t i = involved[pair.left], j = involved[pair.right];
    return RecordPair{std::min(i, j), std::max(i, j)};
  };
  for (Refusal &refusal : found.refusals) {
    refusal.pair = back(refusal.pair);
    if (refusal.reason == RefusalReason::kCannotLink) refusal.apart = back(refusal.apart);
  }
  all.refusals = std::move(found.refusals);
  return groups;
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_LINK_GROUPS_HPP_
