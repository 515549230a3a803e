// Pyramids against a sort and a walk down the ranks, as their definitions say.
#include "patron/value/pyramid.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "patron/base/random.hpp"
#include "rapidcheck/gtest.h"
#include "support/thread_executor.hpp"

namespace patron::value {
namespace {

// The tier of each row by the plain way: active rows in a stable sort from the top down.
std::vector<uint8_t> TiersByHand(const std::vector<int64_t> &values,
                                 const std::vector<uint8_t> &statuses,
                                 const PyramidDefinition &definition) {
  const size_t own = definition.tiers.size();
  const bool lead = !definition.loss_tier.empty();
  std::vector<uint8_t> tiers(values.size());
  std::vector<size_t> ranking;
  int64_t total = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (!statuses.empty() && statuses[i] != 0) {
      tiers[i] = static_cast<uint8_t>(own + (lead ? 1 : 0) + statuses[i] - 1);
    } else {
      ranking.push_back(i);
      total += values[i];
    }
  }
  std::ranges::stable_sort(ranking, [&](size_t a, size_t b) { return values[a] > values[b]; });
  size_t tier = 0;
  int64_t before = 0;
  for (size_t place = 0; place < ranking.size(); ++place) {
    const int64_t v = values[ranking[place]];
    const auto ended = [&] {
      const double cut = definition.tiers[tier].cut;
      if (definition.method == PyramidMethod::kValueFloor) return static_cast<double>(v) < cut;
      if (tier + 1 == own) return false;
      if (definition.method == PyramidMethod::kCustomerShare) {
        return place >= CustomersIn(cut, ranking.size());
      }
      const auto whole = static_cast<double>(total);
      return definition.boundary == ShareBoundary::kShareBefore
                 ? static_cast<double>(before) / whole >= cut
                 : static_cast<double>(before + v) / whole > cut;
    };
    while (tier < own && ended()) ++tier;
    before += v;
    tiers[ranking[place]] = static_cast<uint8_t>(lead && v < 0 ? own
                                                 : tier == own ? kNoTier
                                                               : tier);
  }
  return tiers;
}

PyramidDefinition AnyDefinition() {
  PyramidDefinition definition;
  definition.method = *rc::gen::element(PyramidMethod::kCustomerShare, PyramidMethod::kValueShare,
                                        PyramidMethod::kValueFloor);
  definition.boundary =
      *rc::gen::element(ShareBoundary::kShareBefore, ShareBoundary::kShareIncluding);
  if (*rc::gen::arbitrary<bool>()) definition.loss_tier = "lead";
  auto cuts = *rc::gen::unique<std::vector<int>>(rc::gen::inRange(1, 1000));
  cuts.resize(std::min<size_t>(cuts.size(), 8));
  std::ranges::sort(cuts);
  for (const int cut : cuts) {
    definition.tiers.push_back({std::to_string(cut), cut / 1000.0});
  }
  definition.tiers.push_back({"last", 1.0});
  if (definition.method == PyramidMethod::kValueFloor) {
    for (PyramidTier &tier : definition.tiers) tier.cut = 300 - 400 * tier.cut;
  }
  return definition;
}

RC_GTEST_PROP(PyramidProperty, AgreesWithASortAndAWalk, ()) {
  const PyramidDefinition definition = AnyDefinition();
  const auto values =
      *rc::gen::container<std::vector<int64_t>>(rc::gen::inRange<int64_t>(-60, 300));
  std::vector<uint8_t> statuses;
  if (*rc::gen::arbitrary<bool>()) {
    for (size_t i = 0; i < values.size(); ++i) {
      statuses.push_back(*rc::gen::weightedElement<uint8_t>({{5, 0}, {1, 1}, {1, 2}, {1, 3}}));
    }
  }
  const auto pyramid = BuildPyramid<int64_t>(values, definition, statuses);
  if (!pyramid.ok()) {
    // Only shares of a total that is not positive are refused.
    int64_t total = 0;
    for (size_t i = 0; i < values.size(); ++i) {
      total += statuses.empty() || statuses[i] == 0 ? values[i] : 0;
    }
    RC_ASSERT(definition.method == PyramidMethod::kValueShare && total <= 0);
    return;
  }
  RC_ASSERT(pyramid->tier_of == TiersByHand(values, statuses, definition));

  // The summaries are sums over the membership.
  for (size_t t = 0; t < pyramid->tiers.size(); ++t) {
    const TierSummary<int64_t> &tier = pyramid->tiers[t];
    uint64_t customers = 0;
    int64_t value = 0, smallest = 0;
    for (size_t i = 0; i < values.size(); ++i) {
      if (pyramid->tier_of[i] != t) continue;
      smallest = customers == 0 ? values[i] : std::min(smallest, values[i]);
      ++customers;
      value += values[i];
    }
    RC_ASSERT(tier.customers == customers);
    RC_ASSERT(tier.value == value);
    RC_ASSERT(tier.entry_threshold.has_value() == (customers > 0));
    RC_ASSERT(customers == 0 || tier.entry_threshold == smallest);
  }

  // Doubles of the same values stand in the same tiers.
  const std::vector<double> doubles(values.begin(), values.end());
  RC_ASSERT(BuildPyramid<double>(doubles, definition, statuses)->tier_of == pyramid->tier_of);
}

TEST(PyramidProperty, LongColumnsAgreeOnAnyNumberOfThreads) {
  const RandomStream random(5);
  std::vector<int64_t> values(250'000);
  std::vector<uint8_t> statuses(values.size());
  for (uint32_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<int64_t>(random.Gamma(i, 0.3, 400)) - 20;  // Many ties.
    statuses[i] = random.Below(i, 10) == 0 ? 1 : 0;
  }
  testing::ThreadExecutor three(3);
  for (const auto preset : {PyramidPreset::kCurry, PyramidPreset::kZeithaml, PyramidPreset::kAbc}) {
    const PyramidDefinition definition = *MakePyramidPreset(preset);
    for (const auto &status : {std::vector<uint8_t>(), statuses}) {
      const std::vector<uint8_t> expected = TiersByHand(values, status, definition);
      EXPECT_EQ(BuildPyramid<int64_t>(values, definition, status)->tier_of, expected);
      EXPECT_EQ(BuildPyramid<int64_t>(values, definition, status, {&three})->tier_of, expected);
    }
  }
}

TEST(PyramidProperty, ThreadsDoNotMoveABitOfTheSums) {
  const RandomStream random(6);
  std::vector<double> values(250'000);
  for (uint32_t i = 0; i < values.size(); ++i) values[i] = std::exp(3 * random.Normal(i)) - 0.1;
  testing::ThreadExecutor three(3);
  const PyramidDefinition definition = *MakePyramidPreset(PyramidPreset::kZeithaml);
  const auto serial = BuildPyramid<double>(values, definition);
  const auto threads = BuildPyramid<double>(values, definition, {}, {&three});
  for (size_t t = 0; t < serial->tiers.size(); ++t) {
    EXPECT_EQ(serial->tiers[t].value, threads->tiers[t].value);
    EXPECT_EQ(serial->tiers[t].value_share, threads->tiers[t].value_share);
  }
}

}  // namespace
}  // namespace patron::value
