// Quantiles against sorting and the textbook position of each type.
#include "patron/base/quantile.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "rapidcheck.h"
#include "rapidcheck/gtest.h"

namespace patron {
namespace {

RC_GTEST_PROP(QuantilePropertyTest, ContinuousTypesInterpolateAtTheirPosition, ()) {
  const auto values = *rc::gen::nonEmpty(
      rc::gen::container<std::vector<int64_t>>(rc::gen::inRange<int64_t>(-1000000, 1000000)));
  const auto denominator = *rc::gen::inRange<uint64_t>(1, 50);
  const auto numerator = *rc::gen::inRange<uint64_t>(0, denominator + 1);
  std::vector<int64_t> sorted = values;
  std::ranges::sort(sorted);
  const double n = static_cast<double>(values.size());
  const double p = static_cast<double>(numerator) / static_cast<double>(denominator);
  // Hyndman and Fan: position n p + m, types 4 to 9.
  const double m[] = {0, 0.5, p, 1 - p, (p + 1) / 3, p / 4 + 0.375};
  for (int type = 4; type <= 9; ++type) {
    const double position = std::clamp(n * p + m[type - 4], 1.0, n);
    const double whole = std::floor(position);
    const auto at = static_cast<size_t>(whole) - 1;
    const auto next = std::min(at + 1, values.size() - 1);
    const auto low = static_cast<double>(sorted[at]), high = static_cast<double>(sorted[next]);
    const double expected = low + (position - whole) * (high - low);
    const auto found = QuantileOfSorted<int64_t>(sorted, Fraction{numerator, denominator},
                                                 static_cast<QuantileType>(type));
    RC_ASSERT(found.ok());
    RC_ASSERT(std::abs(found->value() - expected) <= 1e-6);
  }
}

RC_GTEST_PROP(QuantilePropertyTest, UnsortedValuesHaveTheQuantilesOfSortedOnes, ()) {
  const auto values = *rc::gen::nonEmpty(rc::gen::container<std::vector<int64_t>>(
      rc::gen::inRange<int64_t>(-1000000000000, 1000000000000)));
  const auto p = *rc::gen::container<std::vector<double>>(
      rc::gen::map(rc::gen::inRange(0, 1001), [](int mille) { return mille / 1000.0; }));
  const auto type = static_cast<QuantileType>(*rc::gen::inRange(1, 10));
  std::vector<int64_t> sorted = values;
  std::ranges::sort(sorted);
  const auto found = Quantiles<int64_t>(values, p, type);
  RC_ASSERT(found.ok());
  for (size_t i = 0; i < p.size(); ++i) {
    RC_ASSERT((*found)[i] == *QuantileOfSorted<int64_t>(sorted, p[i], type));
  }
}

RC_GTEST_PROP(QuantilePropertyTest, FractionRoundsBackToItsDouble, (uint64_t seed)) {
  const double p = static_cast<double>(seed >> 11) * 0x1p-53;
  RC_ASSERT(FractionOf(p).value() == p);
}

RC_GTEST_PROP(QuantilePropertyTest, FractionOfARatioIsTheRatio, ()) {
  const auto denominator = *rc::gen::inRange<uint64_t>(1, 10000000);
  const auto numerator = *rc::gen::inRange<uint64_t>(0, denominator + 1);
  const Fraction found =
      FractionOf(static_cast<double>(numerator) / static_cast<double>(denominator));
  RC_ASSERT(found.numerator * denominator == numerator * found.denominator);
}

}  // namespace
}  // namespace patron
