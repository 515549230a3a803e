// One partner each: the pairs of two sources that together weigh most.
#ifndef PATRON_CUSTOMERS_LINK_ASSIGNMENT_HPP_
#define PATRON_CUSTOMERS_LINK_ASSIGNMENT_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <queue>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "patron/customers/link_records.hpp"

namespace patron::customers {

// Places in `pairs`, ascending, of a choice in which each left and each right record occurs at most
// once and the sum of `gains`, none negative, is as great as can be. No record occurs on both sides.
// Shortest augmenting paths (Jonker and Volgenant 1987, sparse). Cost O(left x pairs log pairs) at
// worst, near O(pairs log pairs) where most records have few partners.
std::vector<uint32_t> AssignPairs(std::span<const RecordPair> pairs, std::span<const double> gains);

inline std::vector<uint32_t> AssignPairs(std::span<const RecordPair> pairs,
                                         std::span<const double> gains) {
  constexpr uint32_t kNone = 0xFFFFFFFF;
  constexpr double kFar = std::numeric_limits<double>::infinity();
  std::unordered_map<uint32_t, uint32_t> left_of, right_of;
  std::vector<std::vector<uint32_t>> edges;  // By left: places in `pairs`.
  std::vector<uint32_t> right(pairs.size()), left(pairs.size());
  for (uint32_t p = 0; p < pairs.size(); ++p) {
    left[p] = left_of.emplace(pairs[p].left, static_cast<uint32_t>(left_of.size())).first->second;
    right[p] =
        right_of.emplace(pairs[p].right, static_cast<uint32_t>(right_of.size())).first->second;
    if (left[p] == edges.size()) edges.emplace_back();
    edges[left[p]].push_back(p);
  }
  const size_t lefts = edges.size();
  // Right nodes, and behind them one for each left that stands for no partner.
  const size_t nodes = right_of.size() + lefts;
  std::vector<double> price(nodes, 0), distance(nodes, kFar);
  std::vector<uint32_t> matched(nodes, kNone), edge_of(nodes, kNone);  // Left, and its edge.
  std::vector<uint32_t> before(nodes), through(nodes);
  std::vector<double> profit(lefts, 0);  // Dual of each left.
  double most = 0;
  for (const double gain : gains) most = std::max(most, gain);
  using Entry = std::pair<double, uint32_t>;
  std::vector<uint32_t> touched;
  for (uint32_t start = 0; start < lefts; ++start) {
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
    std::vector<uint8_t> done(0);
    touched.clear();
    std::unordered_map<uint32_t, uint8_t> closed;
    // Costs are most - gain, so none is negative.
    const auto relax = [&](uint32_t from, double base) {
      const auto reach = [&](uint32_t node, double cost, uint32_t edge) {
        const double reduced = base + cost - profit[from] - price[node];
        if (reduced < distance[node]) {
          if (distance[node] == kFar) touched.push_back(node);
          distance[node] = reduced;
          before[node] = from;
          through[node] = edge;
          queue.emplace(reduced, node);
        }
      };
      for (const uint32_t p : edges[from]) reach(right[p], most - gains[p], p);
      reach(static_cast<uint32_t>(right_of.size()) + from, most, kNone);
    };
    // The dual of a new left: its cheapest way out.
    profit[start] = kFar;
    for (const uint32_t p : edges[start]) {
      profit[start] = std::min(profit[start], most - gains[p] - price[right[p]]);
    }
    profit[start] = std::min(profit[start], most - price[right_of.size() + start]);
    relax(start, 0);
    uint32_t end = kNone;
    double length = 0;
    std::vector<uint32_t> reached;
    while (!queue.empty()) {
      const auto [d, node] = queue.top();
      queue.pop();
      if (d > distance[node] || closed.contains(node)) continue;
      closed.emplace(node, 1);
      reached.push_back(node);
      if (matched[node] == kNone) {
        end = node;
        length = d;
        break;
      }
      relax(matched[node], d);
    }
    for (const uint32_t node : reached) {
      const double slack = length - distance[node];
      if (matched[node] != kNone) profit[matched[node]] += slack;
      price[node] -= slack;
    }
    profit[start] += length;
    for (uint32_t node = end; node != kNone;) {
      const uint32_t from = before[node];
      const uint32_t edge = through[node];
      // Where `from` stood until now.
      uint32_t previous = kNone;
      if (from != start) {
        for (const uint32_t p : edges[from]) {
          if (matched[right[p]] == from) previous = right[p];
        }
        const auto own = static_cast<uint32_t>(right_of.size()) + from;
        if (matched[own] == from) previous = own;
      }
      matched[node] = from;
      edge_of[node] = edge;
      if (from == start) break;
      node = previous;
    }
    for (const uint32_t node : touched) distance[node] = kFar;
  }
  std::vector<uint32_t> chosen;
  for (size_t node = 0; node < right_of.size(); ++node) {
    if (matched[node] != kNone) chosen.push_back(edge_of[node]);
  }
  std::ranges::sort(chosen);
  return chosen;
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_LINK_ASSIGNMENT_HPP_
