#include "patron/base/random.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

#include "gtest/gtest.h"

namespace patron {
namespace {

using Words = std::array<uint32_t, 4>;

// The known answers of philox4x32-10 that the Random123 library publishes (kat_vectors).
TEST(RandomTest, PhiloxGivesThePublishedAnswers) {
  EXPECT_EQ(Philox({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr uint32_t kOnes = 0xffffffff;
  EXPECT_EQ(Philox({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(Philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(RandomTest, UniformIsMadeOfTheFirst53BitsOfThatBlock) {
  // Counter and key zero: words 0xe169c58d6627e8d5 as one number.
  EXPECT_EQ(RandomStream(0).Bits(0), 0xe169c58d6627e8d5u);
  EXPECT_EQ(RandomStream(0).Uniform(0), static_cast<double>(0xe169c58d6627e8d5u >> 11) * 0x1p-53);
}

TEST(RandomTest, SeedStreamAndDrawEachMatter) {
  std::set<uint64_t> seen;
  for (const uint64_t seed : {0ull, 1ull, 1ull << 32}) {
    for (const uint64_t stream : {0ull, 1ull, 1ull << 32}) {
      for (const uint32_t draw : {0u, 1u, 1u << 31}) {
        seen.insert(RandomStream(seed, stream).Bits(draw));
      }
    }
  }
  EXPECT_EQ(seen.size(), 27u);
}

TEST(RandomTest, AskingAgainGivesTheSame) {
  const RandomStream a(5, 9);
  const double later = a.Gamma(1000, 2.5);
  EXPECT_EQ(a.Gamma(3, 2.5), RandomStream(5, 9).Gamma(3, 2.5));
  EXPECT_EQ(a.Gamma(1000, 2.5), later);
}

// Mean and variance of 200,000 draws; a mean is allowed 5 of its standard errors, a variance 3 %.
template <typename Draw>
void ExpectMoments(Draw draw, double mean, double variance) {
  constexpr uint32_t kDraws = 200'000;
  double sum = 0, squares = 0;
  for (uint32_t i = 0; i < kDraws; ++i) {
    const double deviation = static_cast<double>(draw(i)) - mean;
    sum += deviation;
    squares += deviation * deviation;
  }
  EXPECT_NEAR(sum / kDraws, 0, 5 * std::sqrt(variance / kDraws));
  EXPECT_NEAR(squares / kDraws, variance, 0.03 * variance);
}

TEST(RandomTest, DistributionsHaveTheirMeansAndVariances) {
  const RandomStream random(42, 1);
  ExpectMoments([&](uint32_t i) { return random.Uniform(i); }, 0.5, 1.0 / 12);
  ExpectMoments([&](uint32_t i) { return random.Normal(i); }, 0, 1);
  ExpectMoments([&](uint32_t i) { return random.Exponential(i, 3); }, 3, 9);
  ExpectMoments([&](uint32_t i) { return random.Below(i, 7); }, 3, 4);
  for (const double shape : {0.25, 1.0, 4.5}) {
    SCOPED_TRACE(shape);
    ExpectMoments([&](uint32_t i) { return random.Gamma(i, shape, 2); }, 2 * shape, 4 * shape);
  }
  for (const double mean : {0.3, 9.9, 10.0, 45.5, 3000.0}) {
    SCOPED_TRACE(mean);
    ExpectMoments([&](uint32_t i) { return random.Poisson(i, mean); }, mean, mean);
  }
}

TEST(RandomTest, PoissonHasItsProbabilitiesOnBothMethods) {
  const RandomStream random(8);
  for (const double mean : {4.0, 16.0}) {
    constexpr uint32_t kDraws = 200'000;
    std::vector<double> counts(60);
    for (uint32_t i = 0; i < kDraws; ++i) {
      const int64_t k = random.Poisson(i, mean);
      ASSERT_GE(k, 0);
      if (k < 60) ++counts[static_cast<size_t>(k)];
    }
    double probability = std::exp(-mean);
    for (size_t k = 0; k < counts.size(); ++k) {
      const double expected = probability * kDraws;
      EXPECT_NEAR(counts[k], expected, 5 * std::sqrt(expected) + 3) << mean << " " << k;
      probability *= mean / static_cast<double>(k + 1);
    }
  }
}

TEST(RandomTest, EdgesOfTheParametersAreHarmless) {
  const RandomStream random(3);
  EXPECT_EQ(random.Below(0, 1), 0u);
  EXPECT_EQ(random.Poisson(0, 0), 0);
  EXPECT_EQ(random.Poisson(0, std::nan("")), 0);
  EXPECT_NEAR(static_cast<double>(random.Poisson(0, 0x1p50)), 0x1p50, 10 * 0x1p25);
}

TEST(RandomTest, LogFactorialsAreRight) {
  EXPECT_EQ(detail::LogFactorial(0), 0.0);
  EXPECT_NEAR(detail::LogFactorial(9), std::log(362880.0), 1e-14);
  EXPECT_NEAR(detail::LogFactorial(10), std::log(3628800.0), 1e-12);
  EXPECT_NEAR(detail::LogFactorial(20), std::log(2432902008176640000.0), 1e-12);
}

}  // namespace
}  // namespace patron
