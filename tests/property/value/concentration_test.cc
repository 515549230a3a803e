// Concentration and curves against the plain double sums of their definitions.
#include "patron/value/concentration.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include "gtest/gtest.h"
#include "patron/base/random.hpp"
#include "patron/value/curves.hpp"
#include "rapidcheck/gtest.h"
#include "support/thread_executor.hpp"

namespace patron::value {
namespace {

// Values of customers as they come: many small, some nothing, some a loss.
rc::Gen<std::vector<int64_t>> Values() {
  return rc::gen::nonEmpty(rc::gen::container<std::vector<int64_t>>(
      rc::gen::oneOf(rc::gen::inRange<int64_t>(-50, 200), rc::gen::just<int64_t>(0),
                     rc::gen::inRange<int64_t>(-1'000'000'000'000, 1'000'000'000'000))));
}

bool SameBits(double a, double b) {
  return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b);
}

bool SameBits(const Concentration &a, const Concentration &b) {
  return a.customers == b.customers && a.gain_customers == b.gain_customers &&
         a.loss_customers == b.loss_customers && SameBits(a.total, b.total) &&
         SameBits(a.gains, b.gains) && SameBits(a.losses, b.losses) &&
         SameBits(a.gini_biased, b.gini_biased) && SameBits(a.gini_unbiased, b.gini_unbiased) &&
         SameBits(a.gini_normalised, b.gini_normalised) && SameBits(a.herfindahl, b.herfindahl) &&
         SameBits(a.herfindahl_normalised, b.herfindahl_normalised) &&
         SameBits(a.effective_number, b.effective_number);
}

bool Near(double actual, double expected) {
  if (std::isnan(expected)) return std::isnan(actual);
  return std::abs(actual - expected) <= 1e-12 * std::max(1.0, std::abs(expected));
}

RC_GTEST_PROP(ConcentrationProperty, IsTheDoubleSumOfItsDefinition, ()) {
  const std::vector<int64_t> values = *Values();
  const auto n = static_cast<double>(values.size());
  double differences = 0, total = 0, magnitude = 0, squares = 0;
  bool losses = false;
  for (const int64_t a : values) {
    for (const int64_t b : values) differences += std::abs(static_cast<double>(a - b));
    total += static_cast<double>(a);
    magnitude += std::abs(static_cast<double>(a));
    losses = losses || a < 0;
  }
  for (const int64_t a : values) squares += std::pow(static_cast<double>(a) / total, 2);
  const double nan = std::nan("");
  const double biased = total > 0 ? differences / (2 * n * total) : nan;
  const double unbiased = total > 0 && n > 1 ? differences / (2 * (n - 1) * total) : nan;
  const double normalised = magnitude > 0 && n > 1 ? differences / (2 * (n - 1) * magnitude) : nan;
  const double herfindahl = total > 0 && !losses ? squares : nan;

  std::vector<double> doubles(values.begin(), values.end());
  for (const Concentration &c :
       {*MeasureConcentration<int64_t>(values), *MeasureConcentration<double>(doubles)}) {
    // The raw forms have no bound where losses nearly eat up the gains.
    RC_ASSERT(losses || Near(c.gini_biased, biased));
    RC_ASSERT(losses || Near(c.gini_unbiased, unbiased));
    RC_ASSERT(Near(c.gini_normalised, normalised));
    RC_ASSERT(Near(c.herfindahl, herfindahl));
    RC_ASSERT(std::isnan(c.gini_biased) == std::isnan(biased));
    RC_ASSERT(std::isnan(normalised) || (c.gini_normalised >= 0 && c.gini_normalised <= 1));
  }
}

RC_GTEST_PROP(ConcentrationProperty, OrderOfRowsDoesNotMatter, ()) {
  const std::vector<int64_t> values = *Values();
  std::vector<double> doubles;
  for (const int64_t v : values) doubles.push_back(static_cast<double>(v) / 7);
  std::vector<double> turned = doubles;
  std::ranges::reverse(turned);
  std::rotate(turned.begin(), turned.begin() + static_cast<ptrdiff_t>(turned.size() / 3),
              turned.end());
  RC_ASSERT(
      SameBits(*MeasureConcentration<double>(doubles), *MeasureConcentration<double>(turned)));
}

RC_GTEST_PROP(ConcentrationProperty, UnitsScaleTheSumsAndNothingElse, ()) {
  const std::vector<int64_t> values = *Values();
  const auto factor = *rc::gen::inRange<int64_t>(1, 1000);
  std::vector<int64_t> scaled = values;
  for (int64_t &v : scaled) v *= factor;
  const Concentration a = *MeasureConcentration<int64_t>(values);
  const Concentration b = *MeasureConcentration<int64_t>(scaled);
  RC_ASSERT(Near(b.total, a.total * static_cast<double>(factor)));
  RC_ASSERT(Near(b.gini_normalised, a.gini_normalised));
  RC_ASSERT(Near(b.herfindahl, a.herfindahl));
}

RC_GTEST_PROP(CurvesProperty, AreTheRunningSumsOfTheSortedValues, ()) {
  const std::vector<int64_t> values = *Values();
  std::vector<int64_t> down = values;
  std::ranges::sort(down, std::greater());
  const auto ranked = *RankedValues<int64_t>::Make("value", values);
  const auto whale = WhaleCurve(ranked);
  const auto lorenz = LorenzCurve(ranked);
  RC_ASSERT(whale.size() == values.size() + 1);
  int64_t sum = 0, best = 0;
  size_t best_at = 0;
  const int64_t total = std::accumulate(values.begin(), values.end(), int64_t{0});
  size_t full = 0;
  for (size_t k = 1; k <= down.size(); ++k) {
    sum += down[k - 1];
    RC_ASSERT(whale[k].value == static_cast<double>(sum));
    RC_ASSERT(lorenz[down.size() - k].value == static_cast<double>(total - sum));
    if (sum > best) {
      best = sum;
      best_at = k;
    }
    if (full == 0 && sum >= total) full = k;
  }
  const WhaleSummary summary = SummarizeWhale(ranked);
  RC_ASSERT(summary.peak_customers == best_at);
  RC_ASSERT(summary.peak_value == static_cast<double>(best));
  RC_ASSERT(summary.full_customers == (total > 0 ? full : 0));
}

RC_GTEST_PROP(CurvesProperty, FewestCustomersForAShareAreTheFewest, ()) {
  std::vector<int64_t> values = *Values();
  const double share = *rc::gen::inRange(1, 1001) / 1000.0;
  if (std::accumulate(values.begin(), values.end(), int64_t{0}) < 0) {
    for (int64_t &v : values) v = -v;
  }
  values.push_back(1);  // A positive total.
  const auto ranked = *RankedValues<int64_t>::Make("value", values);
  const auto found = CustomersForShare(ranked, share);
  RC_ASSERT(found.ok());
  const size_t k = found->customers;
  RC_ASSERT(ShareOf(ranked.TopSum(k), ranked.total()) >= share);
  RC_ASSERT(k == 1 || ShareOf(ranked.TopSum(k - 1), ranked.total()) < share);
}

TEST(ConcentrationProperty, ThreadsDoNotMoveABit) {
  const RandomStream random(77);
  std::vector<double> values(400'000);
  for (uint32_t i = 0; i < values.size(); ++i) values[i] = std::exp(2 * random.Normal(i)) - 0.5;
  const Concentration serial = *MeasureConcentration<double>(values);
  for (const size_t workers : {1, 2, 3, 7}) {
    testing::ThreadExecutor executor(workers);
    EXPECT_TRUE(SameBits(serial, *MeasureConcentration<double>(values, {&executor}))) << workers;
  }
  std::vector<double> turned(values.rbegin(), values.rend());
  EXPECT_TRUE(SameBits(serial, *MeasureConcentration<double>(turned)));
}

}  // namespace
}  // namespace patron::value
