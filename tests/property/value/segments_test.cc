// Segments against a search through the rules, cell by cell.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "rapidcheck.h"
#include "rapidcheck/gtest.h"

#include "patron/value/segmentation.hpp"

namespace patron::value {
namespace {

ScoreRange AnyRange(int bins) {
  const int low = *rc::gen::inRange(-1, bins + 3);
  return {low, low + *rc::gen::inRange(-2, bins + 2)};
}

SegmentRules AnyRules() {
  SegmentRules rules;
  rules.recency_bins = *rc::gen::inRange(2, 7);
  rules.frequency_bins = *rc::gen::inRange(2, 7);
  rules.monetary_bins = *rc::gen::inRange(2, 7);
  const int count = *rc::gen::inRange(1, 9);
  for (int i = 0; i < count; ++i) {
    SegmentRule rule;
    rule.name = std::string(1, *rc::gen::inRange('a', 'g'));
    rule.recency = AnyRange(rules.recency_bins);
    rule.frequency = AnyRange(rules.frequency_bins);
    if (*rc::gen::arbitrary<bool>()) rule.monetary = AnyRange(rules.monetary_bins);
    if (*rc::gen::inRange(0, 3) == 0) rule.mean_fm = AnyRange(rules.monetary_bins);
    rules.rules.push_back(rule);
  }
  return rules;
}

bool Inside(const ScoreRange &range, double score) {
  return range.low <= score && score <= range.high;
}

bool Holds(const SegmentRule &rule, int r, int f, int m) {
  return Inside(rule.recency, r) && Inside(rule.frequency, f) && Inside(rule.monetary, m) &&
         (!rule.mean_fm || Inside(*rule.mean_fm, (f + m) / 2.0));
}

RC_GTEST_PROP(SegmentPropertyTest, CheckFindsWhatASearchFinds, ()) {
  const SegmentRules rules = AnyRules();
  const auto table = SegmentTable::Compile(rules, 1000000);
  RC_ASSERT(table.ok());
  const SegmentCheck &check = table->check();
  int64_t cells = 0, uncovered = 0, ambiguous = 0;
  std::vector<int64_t> cells_of_rule(rules.rules.size(), 0);
  std::vector<std::vector<int>> owners_met(rules.rules.size());
  for (int r = 1; r <= rules.recency_bins; ++r) {
    for (int f = 1; f <= rules.frequency_bins; ++f) {
      for (int m = 1; m <= rules.monetary_bins; ++m) {
        std::vector<int> holders;
        for (size_t i = 0; i < rules.rules.size(); ++i) {
          if (Holds(rules.rules[i], r, f, m)) holders.push_back(static_cast<int>(i));
        }
        ++cells;
        const std::string name = table->names()[static_cast<size_t>(table->SegmentOf(r, f, m))];
        const ScoreCell cell{static_cast<uint8_t>(r), static_cast<uint8_t>(f),
                             static_cast<uint8_t>(m)};
        if (holders.empty()) {
          RC_ASSERT(check.uncovered_cells[static_cast<size_t>(uncovered++)] == cell);
          RC_ASSERT(name == rules.others);
          continue;
        }
        RC_ASSERT(name == rules.rules[static_cast<size_t>(holders[0])].name);
        ++cells_of_rule[static_cast<size_t>(holders[0])];
        for (const int holder : holders) {
          owners_met[static_cast<size_t>(holder)].push_back(holders[0]);
        }
        if (holders.size() < 2) continue;
        const AmbiguousCell &listed = check.ambiguous_cells[static_cast<size_t>(ambiguous++)];
        RC_ASSERT(listed.cell == cell);
        RC_ASSERT(listed.first == holders[0]);
        RC_ASSERT(listed.second == holders[1]);
      }
    }
  }
  RC_ASSERT(check.cells == cells);
  RC_ASSERT(check.uncovered == uncovered);
  RC_ASSERT(check.ambiguous == ambiguous);
  RC_ASSERT(check.cells_of_rule == cells_of_rule);
  size_t dead = 0;
  for (size_t i = 0; i < rules.rules.size(); ++i) {
    if (cells_of_rule[i] > 0) continue;
    const UnreachableRule &listed = check.unreachable[dead++];
    RC_ASSERT(listed.rule == static_cast<int>(i));
    std::vector<int> &owners = owners_met[i];
    std::ranges::sort(owners);
    owners.erase(std::unique(owners.begin(), owners.end()), owners.end());
    RC_ASSERT(listed.hidden_by == owners);
    RC_ASSERT((listed.reason == UnreachableReason::kHidden) == !owners.empty());
  }
  RC_ASSERT(check.unreachable.size() == dead);
}

RC_GTEST_PROP(SegmentPropertyTest, TotalsAreTheSumsOfTheirCustomers, ()) {
  const auto table = SegmentTable::Compile(AnyRules());
  const auto n = *rc::gen::inRange<size_t>(0, 100);
  const auto scores = [&](int bins) {
    return *rc::gen::container<std::vector<uint8_t>>(
        n, rc::gen::inRange<uint8_t>(1, static_cast<uint8_t>(bins + 1)));
  };
  const auto r = scores(table->recency_bins());
  const auto f = scores(table->frequency_bins());
  const auto m = scores(table->monetary_bins());
  const auto orders =
      *rc::gen::container<std::vector<int64_t>>(n, rc::gen::inRange<int64_t>(0, 50));
  const auto revenue =
      *rc::gen::container<std::vector<int64_t>>(n, rc::gen::inRange<int64_t>(-1000, 100000));
  const auto found = AssignSegments<int64_t>(*table, r, f, m, orders, revenue);
  RC_ASSERT(found.ok());
  std::vector<SegmentTotal<int64_t>> totals(found->names.size());
  for (size_t i = 0; i < n; ++i) {
    RC_ASSERT(found->segments[i] == table->SegmentOf(r[i], f[i], m[i]));
    SegmentTotal<int64_t> &total = totals[static_cast<size_t>(found->segments[i])];
    ++total.customers;
    total.orders += orders[i];
    total.revenue += revenue[i];
  }
  for (size_t s = 0; s < totals.size(); ++s) {
    RC_ASSERT(found->totals[s].customers == totals[s].customers);
    RC_ASSERT(found->totals[s].orders == totals[s].orders);
    RC_ASSERT(found->totals[s].revenue == totals[s].revenue);
  }
}

}  // namespace
}  // namespace patron::value
