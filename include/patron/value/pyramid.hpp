// Value pyramid: customers in tiers by what they are worth.
#ifndef PATRON_VALUE_PYRAMID_HPP_
#define PATRON_VALUE_PYRAMID_HPP_

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/parallel.hpp"
#include "patron/base/select.hpp"
#include "patron/base/status.hpp"
#include "patron/base/sum.hpp"
#include "patron/value/pyramid_definition.hpp"
#include "patron/value/share.hpp"
#include "patron/value/value_share_cuts.hpp"

namespace patron::value {

// One tier of a pyramid.
template <Number T>
struct TierSummary {
  std::string name;
  uint64_t customers = 0;
  double customer_share = 0;         // Of the active customers; NaN in the tiers of other status.
  T value = 0;                       // Sum.
  double value_share = 0;            // Of all active customers; NaN as above, or if not positive.
  std::optional<T> entry_threshold;  // Smallest value in the tier; none if it is empty.
  double mean = 0;                   // Value per customer; NaN if the tier is empty.
};

template <Number T>
struct Pyramid {
  // From the top down: the tiers of the definition, that of losses if it has one, and, if
  // statuses were given, those of inactive customers, prospects and suspects. Some may be empty.
  std::vector<TierSummary<T>> tiers;
  std::vector<uint8_t> tier_of;  // For each customer an index into `tiers`, or kNoTier.
  uint64_t active_customers = 0;
  T active_value = 0;
  uint64_t unplaced_customers = 0;  // Active customers below the last floor: kNoTier.
};

inline constexpr uint8_t kNoTier = 255;

// Builds the pyramid of `values`, one for each customer. `statuses` holds a CustomerStatus for
// each, or is empty if all are active.
//
// By share of customers, a tier ends with the CustomersIn(cut, active customers)-th most valuable
// one; by share of value, see ShareBoundary. Customers of equal value are taken in row order, so
// that rows in the order of ids break ties by id. Small numbers of customers may leave tiers
// empty; so may no customers at all.
//
// Errors: those of CheckPyramid; InvalidArgument if the columns differ in length, a value is not
// finite, a status is not known, or shares of value are asked for and their total is not
// positive; OutOfRange if a sum passes the range of T. Cost: O(n), without a sort; a byte for
// each customer, and with statuses a copy of the values.
template <Number T>
absl::StatusOr<Pyramid<T>> BuildPyramid(std::span<const T> values,
                                        const PyramidDefinition &definition,
                                        std::span<const uint8_t> statuses = {},
                                        const Execution &execution = {});

namespace detail {

// The lower end of a tier: values above `floor` are in it or over it, and of the values equal to
// it the first `equals` in row order.
template <Number T>
struct TierEnd {
  T floor;
  uint64_t equals = std::numeric_limits<uint64_t>::max();
  bool splits_ties = false;  // Some values equal to the floor are not over the end.
};

template <Number T>
TierEnd<T> EndAtFloor(double floor) {
  if constexpr (std::same_as<T, double>) {
    return {std::max(floor, std::numeric_limits<double>::lowest())};
  } else {
    const double whole = std::ceil(floor);
    if (whole <= -0x1p63) return {std::numeric_limits<int64_t>::min()};
    if (whole >= 0x1p63) return {std::numeric_limits<int64_t>::max(), 0, true};
    return {static_cast<int64_t>(whole)};
  }
}

// Ends of tiers after the `counts[i]` most valuable of `active`; counts ascend.
template <Number T>
std::vector<TierEnd<T>> EndsAfter(std::span<const size_t> counts, std::span<const T> active,
                                  const Execution &execution) {
  // An end that no customer is above stays so.
  std::vector<TierEnd<T>> ends(counts.size(), {std::numeric_limits<T>::max(), 0, true});
  std::vector<size_t> filled, ranks;  // Ranks ascend from the last end to the first.
  for (size_t i = counts.size(); i-- > 0 && counts[i] > 0;) {
    filled.push_back(i);
    ranks.push_back(active.size() - counts[i]);
  }
  const std::vector<RankedKey<T>> keys = SelectRanks<T>(active, ranks, execution);
  for (size_t i = 0; i < keys.size(); ++i) {
    const size_t above = active.size() - keys[i].below - keys[i].equal;
    const size_t equals = counts[filled[i]] - above;
    ends[filled[i]] = {keys[i].key, equals, equals < keys[i].equal};
  }
  return ends;
}

template <Number T>
absl::StatusOr<std::vector<TierEnd<T>>> FindTierEnds(const PyramidDefinition &definition,
                                                     std::span<const T> active,
                                                     const Execution &execution) {
  std::vector<double> cuts;
  for (const PyramidTier &tier : definition.tiers) cuts.push_back(tier.cut);
  if (definition.method == PyramidMethod::kValueFloor) {
    std::vector<TierEnd<T>> ends;
    for (const double cut : cuts) ends.push_back(EndAtFloor<T>(cut));
    return ends;
  }
  cuts.pop_back();  // The last tier takes the rest.
  std::vector<size_t> counts(cuts.size());
  if (definition.method == PyramidMethod::kCustomerShare) {
    for (size_t i = 0; i < cuts.size(); ++i) counts[i] = CustomersIn(cuts[i], active.size());
  } else if (!active.empty()) {
    const Total<T> total = SumOf(active, execution);
    if (total.Sign() <= 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("values: the total is ", FormatNumber(total.ToDouble()),
                       "; expected a positive one for tiers by share of value"));
    }
    counts = ValueShareCuts(active, total, std::span<const double>(cuts), definition.boundary,
                            execution);
  }
  return EndsAfter<T>(counts, active, execution);
}

inline absl::Status CheckStatuses(std::span<const uint8_t> statuses, size_t rows) {
  if (statuses.empty()) return absl::OkStatus();
  if (statuses.size() != rows) {
    return InvalidOption("statuses", absl::StrCat(statuses.size(), " rows"),
                         absl::StrCat("as many as values, ", rows));
  }
  constexpr auto kLast = static_cast<uint8_t>(CustomerStatus::kSuspect);
  const auto unknown = [](uint8_t status) { return status > kLast; };
  const auto bad = std::ranges::find_if(statuses, unknown);
  if (bad == statuses.end()) return absl::OkStatus();
  return InvalidRow("statuses", static_cast<uint64_t>(bad - statuses.begin()), absl::StrCat(*bad),
                    "0 (active), 1 (inactive), 2 (prospect) or 3 (suspect)",
                    static_cast<uint64_t>(std::ranges::count_if(statuses, unknown)));
}

template <Number T>
struct TierCount {
  uint64_t customers = 0;
  Total<T> value;
  T smallest = std::numeric_limits<T>::max();

  void Add(std::span<const T> run) {
    customers += run.size();
    value.Add(SumOfRun(run));
    for (const T v : run) smallest = v < smallest ? v : smallest;
  }
  void Add(const TierCount &other) {
    customers += other.customers;
    value.Add(other.value);
    smallest = std::min(smallest, other.smallest);
  }
};

// Places customers in tiers. Slots are the tiers of the result and, last, the unplaced.
template <Number T>
struct TierPlacer {
  std::span<const T> values;
  std::span<const uint8_t> statuses;  // Empty: all active.
  std::vector<TierEnd<T>> ends;       // As many as own tiers (floors), or one less (shares).
  size_t own_tiers = 0;
  bool has_loss_tier = false;

  static constexpr size_t kRun = 1024;  // Rows worked on at once.

  size_t status_tiers_begin() const { return own_tiers + (has_loss_tier ? 1 : 0); }
  size_t tiers() const { return status_tiers_begin() + (statuses.empty() ? 0 : 3); }
  bool Active(size_t row) const { return statuses.empty() || statuses[row] == 0; }

  // The active values equal to each floor in the tasks before each task. Only counted where ties
  // are split, for the first of the ends with one floor.
  std::vector<uint64_t> CountEquals(const Execution &execution) const;

  // Writes the slots of a run of rows. `equals` holds the active values equal to each floor
  // before it, and is brought forward.
  void FindSlots(Range rows, uint64_t *equals, uint8_t *slots) const;

  // Adds a run of values to the counts of their slots.
  void CountRun(std::span<const T> run, const uint8_t *slots, TierCount<T> *counts) const;

  // Writes the tier of each customer, and returns the count of each slot.
  std::vector<TierCount<T>> Place(std::span<uint8_t> tier_of, const Execution &execution) const;
};

template <Number T>
std::vector<uint64_t> TierPlacer<T>::CountEquals(const Execution &execution) const {
  const size_t tasks = TasksFor(values.size());
  std::vector<uint64_t> equals(tasks * ends.size());
  for (size_t e = 0; e < ends.size(); ++e) {
    if (!ends[e].splits_ties || (e > 0 && ends[e - 1].floor == ends[e].floor)) continue;
    ParallelFor(execution, tasks, [&](size_t task) {
      const Range rows = TaskRows(values.size(), task);
      uint64_t count = 0;
      for (size_t i = rows.begin; i < rows.end; ++i) {
        count += values[i] == ends[e].floor && Active(i) ? 1 : 0;
      }
      equals[task * ends.size() + e] = count;
    });
    uint64_t before = 0;
    for (size_t task = 0; task < tasks; ++task) {
      uint64_t &place = equals[task * ends.size() + e];
      before += std::exchange(place, before);
    }
  }
  return equals;
}

template <Number T>
void TierPlacer<T>::FindSlots(Range rows, uint64_t *equals, uint8_t *slots) const {
  const std::span<const T> run = values.subspan(rows.begin, rows.size());
  std::array<int64_t, kRun> ends_above;  // As wide as the values, so that both go in packs.
  std::fill_n(ends_above.begin(), run.size(), 0);
  for (const TierEnd<T> &end : ends) {
    const T floor = end.floor;
    for (size_t i = 0; i < run.size(); ++i) ends_above[i] += run[i] < floor ? 1 : 0;
  }
  for (size_t i = 0; i < run.size(); ++i) slots[i] = static_cast<uint8_t>(ends_above[i]);
  for (size_t e = 0; e < ends.size(); ++e) {
    const T floor = ends[e].floor;
    if (!ends[e].splits_ties || (e > 0 && ends[e - 1].floor == floor)) continue;
    for (size_t i = 0; i < run.size(); ++i) {
      if (run[i] != floor || !Active(rows.begin + i)) continue;
      const uint64_t before = equals[e]++;
      size_t tier = e;
      while (tier < ends.size() && ends[tier].floor == floor && before >= ends[tier].equals) ++tier;
      slots[i] = static_cast<uint8_t>(tier);
    }
  }
  if (ends.size() == own_tiers) {  // Floors: below the last is no tier.
    const auto unplaced = static_cast<uint8_t>(tiers());
    for (size_t i = 0; i < run.size(); ++i) slots[i] = slots[i] == own_tiers ? unplaced : slots[i];
  }
  if (has_loss_tier) {
    const auto loss = static_cast<uint8_t>(own_tiers);
    for (size_t i = 0; i < run.size(); ++i) slots[i] = run[i] < 0 ? loss : slots[i];
  }
  if (statuses.empty()) return;
  for (size_t i = 0; i < run.size(); ++i) {
    const uint8_t status = statuses[rows.begin + i];
    if (status != 0) slots[i] = static_cast<uint8_t>(status_tiers_begin() + status - 1);
  }
}

template <Number T>
void TierPlacer<T>::CountRun(std::span<const T> run, const uint8_t *slots,
                             TierCount<T> *counts) const {
  // Sorted by slot, so that each tier is summed at once. Four parts of the run go side by side:
  // most rows have one slot, and a counter is slow to be read back right after it was written.
  constexpr size_t kParts = 4;
  constexpr size_t kPart = kRun / kParts;
  std::array<std::array<uint32_t, 256>, kParts> place{};
  const auto each_row = [&](auto visit) {
    if (run.size() == kRun) {
      for (size_t i = 0; i < kPart; ++i) {
        for (size_t part = 0; part < kParts; ++part) visit(part * kPart + i, place[part]);
      }
    } else {
      for (size_t i = 0; i < run.size(); ++i) visit(i, place[0]);
    }
  };
  each_row([&](size_t i, auto &counter) { ++counter[slots[i]]; });
  std::array<uint32_t, 257> begins{};
  uint32_t begin = 0;
  for (size_t slot = 0; slot <= tiers(); ++slot) {
    begins[slot] = begin;
    for (auto &part : place) begin += std::exchange(part[slot], begin);
  }
  begins[tiers() + 1] = begin;
  std::array<T, kRun> sorted;
  each_row([&](size_t i, auto &next) { sorted[next[slots[i]]++] = run[i]; });
  for (size_t slot = 0; slot <= tiers(); ++slot) {
    const size_t size = begins[slot + 1] - begins[slot];
    if (size > 0) counts[slot].Add({sorted.data() + begins[slot], size});
  }
}

template <Number T>
std::vector<TierCount<T>> TierPlacer<T>::Place(std::span<uint8_t> tier_of,
                                               const Execution &execution) const {
  const size_t tasks = TasksFor(values.size());
  const size_t slots = tiers() + 1;
  std::vector<uint64_t> equals = CountEquals(execution);
  std::vector<TierCount<T>> counts(std::max<size_t>(1, tasks) * slots);
  ParallelFor(execution, tasks, [&](size_t task) {
    const Range rows = TaskRows(values.size(), task);
    for (size_t begin = rows.begin; begin < rows.end; begin += kRun) {
      const Range run{begin, std::min(begin + kRun, rows.end)};
      uint8_t *own = tier_of.data() + begin;
      FindSlots(run, equals.data() + task * ends.size(), own);
      CountRun(values.subspan(begin, run.size()), own, counts.data() + task * slots);
      if (ends.size() < own_tiers) continue;
      for (size_t i = 0; i < run.size(); ++i) own[i] = own[i] == tiers() ? kNoTier : own[i];
    }
  });
  for (size_t i = slots; i < counts.size(); ++i) counts[i % slots].Add(counts[i]);
  counts.resize(slots);
  return counts;
}

// Fills in what a tier's count says. Shares are of `active`, or not defined without it.
template <Number T>
absl::StatusOr<TierSummary<T>> Summarize(std::string_view name, const TierCount<T> &count,
                                         const TierCount<T> *active) {
  constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();
  const auto customers = static_cast<double>(count.customers);
  TierSummary<T> tier;
  tier.name = name;
  tier.customers = count.customers;
  PATRON_ASSIGN_OR_RETURN(tier.value, count.value.Narrow("values"));
  tier.customer_share = kUndefined;
  tier.value_share = kUndefined;
  if (active != nullptr && active->customers > 0) {
    tier.customer_share = customers / static_cast<double>(active->customers);
    tier.value_share = ShareOf(count.value, active->value);
  }
  if (count.customers > 0) tier.entry_threshold = count.smallest;
  tier.mean = count.customers > 0 ? count.value.ToDouble() / customers : kUndefined;
  return tier;
}

}  // namespace detail

template <Number T>
inline absl::StatusOr<Pyramid<T>> BuildPyramid(std::span<const T> values,
                                               const PyramidDefinition &definition,
                                               std::span<const uint8_t> statuses,
                                               const Execution &execution) {
  PATRON_RETURN_IF_ERROR(CheckPyramid(definition));
  PATRON_RETURN_IF_ERROR(detail::CheckStatuses(statuses, values.size()));
  PATRON_RETURN_IF_ERROR(CheckedExtent("values", values, execution).status());
  PATRON_RETURN_IF_ERROR(ReportProgress(execution, 1, 4));

  std::vector<T> competing;
  std::span<const T> active = values;
  if (!statuses.empty()) {
    for (size_t i = 0; i < values.size(); ++i) {
      if (statuses[i] == 0) competing.push_back(values[i]);
    }
    active = competing;
  }
  detail::TierPlacer<T> placer{.values = values,
                               .statuses = statuses,
                               .ends = {},
                               .own_tiers = definition.tiers.size(),
                               .has_loss_tier = !definition.loss_tier.empty()};
  PATRON_ASSIGN_OR_RETURN(placer.ends, detail::FindTierEnds(definition, active, execution));
  PATRON_RETURN_IF_ERROR(ReportProgress(execution, 3, 4));

  Pyramid<T> pyramid;
  pyramid.tier_of.resize(values.size());
  const std::vector<detail::TierCount<T>> counts = placer.Place(pyramid.tier_of, execution);
  const size_t statuses_begin = placer.status_tiers_begin();
  detail::TierCount<T> all = counts.back();
  for (size_t i = 0; i < statuses_begin; ++i) all.Add(counts[i]);
  pyramid.active_customers = all.customers;
  PATRON_ASSIGN_OR_RETURN(pyramid.active_value, all.value.Narrow("values"));
  pyramid.unplaced_customers = counts.back().customers;
  for (size_t i = 0; i < placer.tiers(); ++i) {
    const std::string &name = i < placer.own_tiers ? definition.tiers[i].name
                              : i < statuses_begin ? definition.loss_tier
                                                   : definition.status_tiers[i - statuses_begin];
    PATRON_ASSIGN_OR_RETURN(
        TierSummary<T> tier,
        detail::Summarize(name, counts[i], i < statuses_begin ? &all : nullptr));
    pyramid.tiers.push_back(std::move(tier));
  }
  PATRON_RETURN_IF_ERROR(ReportProgress(execution, 4, 4));
  return pyramid;
}

}  // namespace patron::value

#endif  // PATRON_VALUE_PYRAMID_HPP_
