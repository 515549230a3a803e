// Clusters of records from pairs, with guards.
#ifndef PATRON_CUSTOMERS_LINK_CLUSTERS_HPP_
#define PATRON_CUSTOMERS_LINK_CLUSTERS_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "patron/customers/link_records.hpp"

namespace patron::customers {

struct ClusterOptions {
  uint32_t most = 50;         // A larger cluster is marked for review.
  bool split_bridges = true;  // Needs `score`.
  double prior = 0;  // Part of each score that is no evidence; across a bridge it counts once.
  std::vector<RecordPair> must_link, cannot_link;
};

enum class RefusalReason {
  kCannotLink = 0,  // It would have joined records that must stay apart.
  kBridge = 1,      // It alone held two sides together, which the rest speaks against.
};

// A pair that was heavy enough, and yet joined nothing.
struct Refusal {
  RecordPair pair;
  RefusalReason reason;
  RecordPair apart = {0, 0};  // Of kCannotLink: the records that must stay apart.
  double across = 0;          // Of kBridge: what all pairs across it weigh, with the prior once.
};

struct Clusters {
  std::vector<uint32_t> cluster_of;  // By record: the first record of its cluster.
  std::vector<uint8_t> review;       // By record: whether its cluster is too large.
  uint64_t refused = 0;              // Pairs that would have joined records that must stay apart.
  uint64_t bridges = 0;           // Pairs cut because the rest of both sides speaks against them.
  std::vector<Refusal> refusals;  // All of them.
};

// Records joined by `pairs`, the heaviest first, equal ones by record. A pair that would bring two
// records of `cannot_link` together is refused, and so is such a pair of `must_link`. Then, with
// `score`, a pair without which its cluster falls apart is cut if the evidence of all pairs across it,
// with the prior once, sums to less than zero; the worst first, as long as there is one. Clusters of
// more than 1,000 records are not searched for bridges; they are for review.
// Cost: O(pairs log pairs), and for each bridge the pairs across it.
Clusters FindClusters(size_t records, std::span<const RecordPair> pairs,
                      std::span<const double> weights, const ClusterOptions &options,
                      const absl::FunctionRef<double(uint32_t, uint32_t)> *score);

namespace detail {

class DisjointSets {
 public:
  explicit DisjointSets(size_t size) : parent_(size) {
    std::iota(parent_.begin(), parent_.end(), 0U);
  }
  uint32_t Find(uint32_t i) {
    while (parent_[i] != i) {
      parent_[i] = parent_[parent_[i]];
      i = parent_[i];
    }
    return i;
  }
  // The least record is the root.
  void Join(uint32_t a, uint32_t b) {
    if (b < a) std::swap(a, b);
    parent_[b] = a;
  }

 private:
  std::vector<uint32_t> parent_;
};

// Joins sets unless that brings together records that must stay apart.
class GuardedSets {
 public:
  GuardedSets(size_t size, std::span<const RecordPair> apart) : sets_(size) {
    for (const RecordPair &pair : apart) {
      if (pair.left == pair.right) continue;
      apart_[pair.left].push_back(pair.right);
      apart_[pair.right].push_back(pair.left);
    }
    for (const auto &[record, others] : apart_) guarded_[record].push_back(record);
  }

  uint32_t Find(uint32_t i) { return sets_.Find(i); }

  // False if it is refused; then `apart` tells which records must stay apart.
  bool Join(uint32_t i, uint32_t j, RecordPair &apart) {
    uint32_t a = Find(i), b = Find(j);
    if (a == b) return true;
    const auto of_a = guarded_.find(a), of_b = guarded_.find(b);
    if (of_a != guarded_.end() && of_b != guarded_.end()) {
      const bool a_is_less = of_a->second.size() <= of_b->second.size();
      const uint32_t other = a_is_less ? b : a;
      for (const uint32_t record : (a_is_less ? of_a : of_b)->second) {
        for (const uint32_t partner : apart_[record]) {
          if (Find(partner) != other) continue;
          apart = {std::min(record, partner), std::max(record, partner)};
          return false;
        }
      }
    }
    sets_.Join(a, b);
    const uint32_t root = std::min(a, b), gone = std::max(a, b);
    if (const auto from = guarded_.find(gone); from != guarded_.end()) {
      std::vector<uint32_t> moved = std::move(from->second);
      guarded_.erase(from);
      std::vector<uint32_t> &into = guarded_[root];
      into.insert(into.end(), moved.begin(), moved.end());
    }
    return true;
  }

 private:
  DisjointSets sets_;
  std::unordered_map<uint32_t, std::vector<uint32_t>> apart_;    // By record.
  std::unordered_map<uint32_t, std::vector<uint32_t>> guarded_;  // Records with partners, by root.
};

// Edges without which a graph falls apart.
struct Bridges {
  struct Bridge {
    size_t edge;
    uint32_t first, last;    // Nodes behind it, as places in `order`,
    uint32_t begin, finish;  // and all that hang together.
  };
  std::vector<uint32_t> order;  // Nodes in the order of the search.
  std::vector<Bridge> bridges;
};

// By depth first (Tarjan) without recursion. Time and memory O(nodes + edges).
inline Bridges FindBridges(size_t nodes, const std::vector<std::pair<uint32_t, uint32_t>> &edges) {
  std::vector<std::vector<std::pair<uint32_t, size_t>>> next(nodes);
  for (size_t e = 0; e < edges.size(); ++e) {
    next[edges[e].first].emplace_back(edges[e].second, e);
    next[edges[e].second].emplace_back(edges[e].first, e);
  }
  struct Visit {
    uint32_t node;
    size_t from, at;
  };
  std::vector<uint32_t> entered(nodes, 0), low(nodes, 0);
  Bridges found;
  uint32_t time = 0;
  constexpr size_t kNone = ~size_t{0};
  for (uint32_t start = 0; start < nodes; ++start) {
    if (entered[start] != 0) continue;
    const size_t own = found.bridges.size();
    const uint32_t begin = time;
    std::vector<Visit> stack = {{start, kNone, 0}};
    entered[start] = low[start] = ++time;
    found.order.push_back(start);
    while (!stack.empty()) {
      Visit &visit = stack.back();
      if (visit.at < next[visit.node].size()) {
        const auto [node, edge] = next[visit.node][visit.at++];
        if (edge == visit.from) continue;
        if (entered[node] != 0) {
          low[visit.node] = std::min(low[visit.node], entered[node]);
        } else {
          entered[node] = low[node] = ++time;
          found.order.push_back(node);
          stack.push_back({node, edge, 0});
        }
        continue;
      }
      const Visit done = visit;
      stack.pop_back();
      if (stack.empty()) continue;
      const uint32_t above = stack.back().node;
      low[above] = std::min(low[above], low[done.node]);
      if (low[done.node] > entered[above]) {
        found.bridges.push_back({done.from, entered[done.node] - 1, time - 1, begin, 0});
      }
    }
    for (size_t b = own; b < found.bridges.size(); ++b) found.bridges[b].finish = time - 1;
  }
  return found;
}

// Cuts the worst bridge of a cluster, and of what is left, as long as one speaks against itself. Adds
// what it cuts to `cut`, with the part of each member.
inline void CutBridges(std::span<const uint32_t> members,
                       std::vector<std::pair<uint32_t, uint32_t>> edges,
                       const absl::FunctionRef<double(uint32_t, uint32_t)> &score, double prior,
                       std::vector<uint32_t> &part, std::vector<Refusal> &cut) {
  constexpr size_t kMostAcross = 10'000;
  const size_t n = members.size();
  std::unordered_map<uint64_t, double> known;
  const auto weight = [&](uint32_t a, uint32_t b) {
    const uint32_t i = std::min(members[a], members[b]), j = std::max(members[a], members[b]);
    const auto [at, fresh] = known.emplace(static_cast<uint64_t>(i) << 32 | j, 0.0);
    if (fresh) at->second = score(i, j);
    return at->second;
  };
  for (;;) {
    const Bridges found = FindBridges(n, edges);
    size_t worst = edges.size();
    double least = 0;
    std::vector<uint32_t> here, there;
    for (const Bridges::Bridge &bridge : found.bridges) {
      const size_t behind = bridge.last - bridge.first + 1;
      const size_t before = bridge.finish - bridge.begin + 1 - behind;
      if (behind * before > kMostAcross || behind * before < 2) continue;
      here.clear();
      there.clear();
      for (uint32_t t = bridge.begin; t <= bridge.finish; ++t) {
        (t >= bridge.first && t <= bridge.last ? there : here).push_back(found.order[t]);
      }
      std::ranges::sort(here);
      std::ranges::sort(there);
      double sum = prior;
      for (const uint32_t a : here) {
        for (const uint32_t b : there) sum += weight(a, b) - prior;
      }
      if (sum < least) {
        least = sum;
        worst = bridge.edge;
      }
    }
    if (worst == edges.size()) break;
    const uint32_t a = members[edges[worst].first], b = members[edges[worst].second];
    cut.push_back({.pair = {std::min(a, b), std::max(a, b)},
                   .reason = RefusalReason::kBridge,
                   .across = least});
    edges.erase(edges.begin() + static_cast<ptrdiff_t>(worst));
  }
  DisjointSets sets(n);
  for (const auto &[a, b] : edges) sets.Join(sets.Find(a), sets.Find(b));
  for (uint32_t a = 0; a < n; ++a) part[a] = sets.Find(a);
}

}  // namespace detail

inline Clusters FindClusters(size_t records, std::span<const RecordPair> pairs,
                             std::span<const double> weights, const ClusterOptions &options,
                             const absl::FunctionRef<double(uint32_t, uint32_t)> *score) {
  struct Weighed {
    double weight;
    RecordPair pair;
  };
  std::vector<Weighed> order(pairs.size());
  for (size_t p = 0; p < pairs.size(); ++p) order[p] = {weights[p], pairs[p]};
  std::ranges::sort(order, [](const Weighed &a, const Weighed &b) {
    if (a.weight != b.weight) return a.weight > b.weight;
    return std::pair(a.pair.left, a.pair.right) < std::pair(b.pair.left, b.pair.right);
  });
  detail::GuardedSets sets(records, options.cannot_link);
  Clusters clusters;
  std::vector<RecordPair> joined;
  const auto join = [&](const RecordPair &pair) {
    RecordPair apart = {0, 0};
    if (sets.Join(pair.left, pair.right, apart)) {
      joined.push_back(pair);
      return;
    }
    ++clusters.refused;
    clusters.refusals.push_back(
        {.pair = pair, .reason = RefusalReason::kCannotLink, .apart = apart});
  };
  for (const RecordPair &pair : options.must_link) {
    join(pair);
  }
  const size_t asserted = joined.size();
  for (const Weighed &one : order) join(one.pair);
  order = {};
  clusters.cluster_of.resize(records);
  clusters.review.resize(records);
  for (uint32_t i = 0; i < records; ++i) clusters.cluster_of[i] = sets.Find(i);

  if (score != nullptr && options.split_bridges) {
    // Members and edges of each cluster.
    const detail::KeyGroups members = detail::GroupByCode(clusters.cluster_of);
    std::vector<uint32_t> roots;
    roots.reserve(joined.size());
    for (const RecordPair &pair : joined) roots.push_back(clusters.cluster_of[pair.left]);
    const detail::KeyGroups edges = detail::GroupByCode(roots);
    std::vector<uint32_t> place(records);
    for (size_t root = 0; root + 1 < edges.starts.size(); ++root) {
      const std::span<const uint32_t> own = members.Of(root);
      constexpr size_t kMostSearched = 1000;
      if (own.size() < 3 || own.size() > kMostSearched) continue;
      for (uint32_t k = 0; k < own.size(); ++k) place[own[k]] = k;
      std::vector<std::pair<uint32_t, uint32_t>> local;
      for (const uint32_t e : edges.Of(root)) {
        const std::pair<uint32_t, uint32_t> edge(place[joined[e].left], place[joined[e].right]);
        local.push_back(edge);
        // What is asserted is no bridge: it stands twice.
        if (e < asserted) local.push_back(edge);
      }
      std::vector<uint32_t> part(own.size());
      const size_t before = clusters.refusals.size();
      detail::CutBridges(own, std::move(local), *score, options.prior, part, clusters.refusals);
      clusters.bridges += clusters.refusals.size() - before;
      for (size_t k = 0; k < own.size(); ++k) clusters.cluster_of[own[k]] = own[part[k]];
    }
  }
  std::vector<uint32_t> sizes(records);
  for (const uint32_t root : clusters.cluster_of) ++sizes[root];
  for (uint32_t i = 0; i < records; ++i) {
    clusters.review[i] = sizes[clusters.cluster_of[i]] > options.most ? 1 : 0;
  }
  return clusters;
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_LINK_CLUSTERS_HPP_
