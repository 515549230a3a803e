// Conformance: how far sequences of activities are from those that an automaton accepts.
#ifndef PATRON_COMPLAINTS_CONFORMANCE_HPP_
#define PATRON_COMPLAINTS_CONFORMANCE_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"

namespace patron::complaints {

// From state `from` the activity `activity` leads to state `to`. Several may start alike: the
// automaton need not be deterministic. Codes of states and activities are small numbers.
struct AutomatonStep {
  uint32_t from;
  uint32_t activity;
  uint32_t to;
};

// What it costs to edit a sequence into one that the automaton accepts. Each is at least 1. With 1,
// 1 and 2 the distance is the cost of an optimal alignment of log moves and model moves.
struct EditCosts {
  int32_t remove = 1;  // An event that should not be there.
  int32_t insert = 1;  // An event that is missing.
  int32_t change = 1;  // An event of another activity.
};

// An automaton, ready for questions.
class Automaton {
 public:
  static constexpr size_t kMostStates = 1024;
  static constexpr size_t kMostSteps = 1'000'000;
  static constexpr int32_t kMostCost = 1'000'000;

  // `states` are numbered from 0. Errors: InvalidArgument for numbers out of range, no start, no
  // end that a start leads to, costs out of range, and more than the limits above. Cost: O(states *
  // steps).
  static absl::StatusOr<Automaton> Create(size_t states, std::span<const AutomatonStep> steps,
                                          std::span<const uint32_t> starts,
                                          std::span<const uint32_t> ends,
                                          const EditCosts &costs = {});

  // The least cost of editing `activities` into a sequence that leads from a start to an end;
  // 0 if it does so itself. Exact. Cost: O(length * (steps + states^2)).
  int64_t Distance(std::span<const uint32_t> activities) const;

 private:
  static constexpr int64_t kFar = std::numeric_limits<int64_t>::max() / 4;

  void Spread(std::vector<int64_t> &cost) const;

  size_t states_ = 0;
  std::vector<AutomatonStep> steps_;
  std::vector<int64_t> missing_;  // states x states: the cost of events that are missing.
  std::vector<int64_t> at_start_;
  std::vector<uint32_t> ends_;
  EditCosts costs_;
};

inline absl::StatusOr<Automaton> Automaton::Create(size_t states,
                                                   std::span<const AutomatonStep> steps,
                                                   std::span<const uint32_t> starts,
                                                   std::span<const uint32_t> ends,
                                                   const EditCosts &costs) {
  if (states == 0 || states > kMostStates) {
    return InvalidOption("states", absl::StrCat(states), absl::StrCat("1 to ", kMostStates));
  }
  if (steps.size() > kMostSteps) {
    return InvalidOption("steps", absl::StrCat(steps.size()), absl::StrCat("at most ", kMostSteps));
  }
  for (const auto &[name, cost] : {std::pair(std::string_view("remove"), costs.remove),
                                   {"insert", costs.insert},
                                   {"change", costs.change}}) {
    if (cost < 1 || cost > kMostCost) {
      return InvalidOption(name, absl::StrCat(cost), absl::StrCat("1 to ", kMostCost));
    }
  }
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].from >= states || steps[i].to >= states) {
      return InvalidRow("steps", i, absl::StrCat("from ", steps[i].from, " to ", steps[i].to),
                        absl::StrCat("states below ", states));
    }
  }
  for (const auto &[name, own] : {std::pair(std::string_view("starts"), starts), {"ends", ends}}) {
    if (own.empty()) return InvalidOption(name, "none", "a state at least");
    for (size_t i = 0; i < own.size(); ++i) {
      if (own[i] < states) continue;
      return InvalidRow(name, i, absl::StrCat(own[i]), absl::StrCat("a state below ", states));
    }
  }
  Automaton automaton;
  automaton.states_ = states;
  automaton.steps_.assign(steps.begin(), steps.end());
  automaton.ends_.assign(ends.begin(), ends.end());
  automaton.costs_ = costs;
  automaton.missing_.assign(states * states, kFar);
  // All steps cost the same here, so the fewest are found state by state, nearest first.
  std::vector<std::vector<uint32_t>> next(states);
  for (const AutomatonStep &step : steps) next[step.from].push_back(step.to);
  std::vector<uint32_t> queue;
  for (uint32_t from = 0; from < states; ++from) {
    int64_t *const cost = &automaton.missing_[from * states];
    cost[from] = 0;
    queue.assign(1, from);
    for (size_t i = 0; i < queue.size(); ++i) {
      for (const uint32_t to : next[queue[i]]) {
        if (cost[to] != kFar) continue;
        cost[to] = cost[queue[i]] + costs.insert;
        queue.push_back(to);
      }
    }
  }
  automaton.at_start_.assign(states, kFar);
  for (const uint32_t start : starts) automaton.at_start_[start] = 0;
  automaton.Spread(automaton.at_start_);
  const bool reachable =
      std::ranges::any_of(ends, [&](uint32_t end) { return automaton.at_start_[end] < kFar; });
  if (!reachable) return InvalidOption("ends", "none can be reached", "one that a start leads to");
  return automaton;
}

inline void Automaton::Spread(std::vector<int64_t> &cost) const {
  const std::vector<int64_t> before = cost;
  for (size_t from = 0; from < states_; ++from) {
    if (before[from] >= kFar) continue;
    const int64_t *const missing = &missing_[from * states_];
    for (size_t to = 0; to < states_; ++to) {
      cost[to] = std::min(cost[to], before[from] + missing[to]);
    }
  }
}

inline int64_t Automaton::Distance(std::span<const uint32_t> activities) const {
  std::vector<int64_t> cost = at_start_, after(states_);
  for (const uint32_t activity : activities) {
    for (size_t s = 0; s < states_; ++s) {
      after[s] = cost[s] >= kFar ? kFar : cost[s] + costs_.remove;
    }
    for (const AutomatonStep &step : steps_) {
      if (cost[step.from] >= kFar) continue;
      const int64_t changed = step.activity == activity ? 0 : costs_.change;
      after[step.to] = std::min(after[step.to], cost[step.from] + changed);
    }
    Spread(after);
    cost.swap(after);
  }
  int64_t least = kFar;
  for (const uint32_t end : ends_) least = std::min(least, cost[end]);
  return least;
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_CONFORMANCE_HPP_
