// The loops of the partial likelihood: right, and the same for every width of a pack.
#if defined(__GNUC__)
// No pack crosses a call into another object.
#pragma GCC diagnostic ignored "-Wpsabi"
#endif

#include "patron/loyalty/risk_kernels.hpp"

#include <cmath>
#include <cstddef>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace patron::loyalty {
namespace {

constexpr size_t kRows = 512, kCovariates = 5;
constexpr size_t kFirst = 101, kCount = 301;  // More than a block, and no whole groups of lanes.

class RiskKernelsTest : public ::testing::Test {
 protected:
  RiskKernelsTest() {
    std::mt19937_64 engine(4);
    const auto draw = [&] { return static_cast<double>(engine() >> 11) * 0x1p-53 - 0.5; };
    for (size_t i = 0; i < kRows * kCovariates; ++i) x_.push_back(draw());
    for (size_t i = 0; i < kRows; ++i) {
      offset_.push_back(draw());
      weight_.push_back(1 + draw());
    }
    for (size_t k = 0; k < kCovariates; ++k) beta_.push_back(2 * draw());
  }

  RiskColumns columns() const { return {x_.data(), kRows, kCovariates}; }

  struct Results {
    std::vector<double> risks, sums, product_sums, products, segment_sums, segment_products,
        null_sums;
    double logarithms;
    EfronSums efron;
  };
  template <typename V>
  Results Run() const {
    const RiskKernels kernels = RiskKernelsOf<V>();
    const std::vector<double> no_sums(kCovariates + 1);
    const std::vector<double> no_products(kCovariates * (kCovariates + 1) / 2);
    Results r{.risks = std::vector<double>(kRows),
              .sums = no_sums,
              .product_sums = no_sums,
              .products = no_products,
              .segment_sums = no_sums,
              .segment_products = no_products,
              .null_sums = no_sums,
              .logarithms = 0,
              .efron = {}};
    kernels.risks(columns(), beta_.data(), offset_.data(), weight_.data(), kRows, r.risks.data());
    kernels.sums(columns(), r.risks.data(), 3, 500, r.sums.data());
    kernels.products(columns().From(kFirst), r.risks.data() + kFirst, kCount, r.product_sums.data(),
                     r.products.data());
    kernels.segment(columns().From(kFirst), beta_.data(), offset_.data() + kFirst,
                    weight_.data() + kFirst, kCount, r.segment_sums.data(),
                    r.segment_products.data());
    std::vector<double> unused = no_products;
    kernels.segment(columns().From(kFirst), nullptr, nullptr, nullptr, kCount, r.null_sums.data(),
                    unused.data());
    r.logarithms = kernels.logarithms(r.risks.data(), weight_.data(), 264);
    r.efron = kernels.efron(1000, 37, 329);
    return r;
  }

  std::vector<double> x_, offset_, weight_, beta_;
};

TEST_F(RiskKernelsTest, SumsAreThoseOfPlainLoops) {
  const Results r = Run<clv::NativePack>();
  std::vector<long double> sums(kCovariates + 1), product_sums(kCovariates + 1);
  long double logarithms = 0;
  for (size_t i = 0; i < kRows; ++i) {
    double eta = offset_[i];
    for (size_t k = 0; k < kCovariates; ++k) eta += beta_[k] * x_[k * kRows + i];
    EXPECT_NEAR(r.risks[i], weight_[i] * std::exp(eta), 1e-15 * r.risks[i] * 10);
    const bool counted = i >= kFirst && i < kFirst + kCount;
    if (i < 264) logarithms += weight_[i] * std::log(r.risks[i]);
    for (size_t k = 0; k <= kCovariates; ++k) {
      const double x = k == 0 ? 1 : x_[(k - 1) * kRows + i];
      if (i >= 3 && i < 500) sums[k] += r.risks[i] * x;
      if (counted) product_sums[k] += r.risks[i] * x;
    }
  }
  EXPECT_NEAR(r.logarithms, static_cast<double>(logarithms), 1e-11);
  for (size_t k = 0; k <= kCovariates; ++k) {
    EXPECT_NEAR(r.sums[k], static_cast<double>(sums[k]), 1e-12);
    EXPECT_NEAR(r.product_sums[k], static_cast<double>(product_sums[k]), 1e-12);
    EXPECT_NEAR(r.segment_sums[k], static_cast<double>(product_sums[k]), 1e-12);
  }
  EXPECT_EQ(r.null_sums[0], kCount);
  size_t at = 0;
  for (size_t k = 0; k < kCovariates; ++k) {
    for (size_t l = 0; l <= k; ++l, ++at) {
      long double product = 0;
      for (size_t i = kFirst; i < kFirst + kCount; ++i) {
        product += r.risks[i] * x_[k * kRows + i] * x_[l * kRows + i];
      }
      EXPECT_NEAR(r.products[at], static_cast<double>(product), 1e-12);
      EXPECT_NEAR(r.segment_products[at], static_cast<double>(product), 1e-12);
    }
  }
}

TEST_F(RiskKernelsTest, EfronGoesThroughTheEvents) {
  for (const size_t events : {2U, 7U, 8U, 9U, 40U, 128U, 301U}) {
    const EfronSums sums = RiskKernelsOf<clv::NativePack>().efron(50, 20, events);
    EfronSums expected;
    for (size_t j = 0; j < events; ++j) {
      const double gone = static_cast<double>(j) / static_cast<double>(events);
      const double inverse = 1 / (50 - gone * 20);
      expected.logarithm += std::log(inverse);
      expected.stay += inverse;
      expected.leave += (1 - gone) * inverse;
      expected.square += inverse * inverse;
      expected.cross += gone * inverse * inverse;
      expected.own += gone * gone * inverse * inverse;
    }
    EXPECT_NEAR(sums.logarithm, expected.logarithm, 1e-12);
    EXPECT_NEAR(sums.stay, expected.stay, 1e-15 * static_cast<double>(events));
    EXPECT_NEAR(sums.leave, expected.leave, 1e-15 * static_cast<double>(events));
    EXPECT_NEAR(sums.square, expected.square, 1e-15);
    EXPECT_NEAR(sums.cross, expected.cross, 1e-15);
    EXPECT_NEAR(sums.own, expected.own, 1e-15);
  }
}

// The risk set that is nothing but its events: n terms of s0 (1 - j / n), whose product is s0^n n! / n^n.
TEST_F(RiskKernelsTest, EfronTakesTheLastOnes) {
  for (const double s0 : {1e-290, 3.0, 1e290}) {
    for (const size_t events : {2U, 500U, 100'000U}) {
      const auto n = static_cast<double>(events);
      const double expected = n * std::log(n) - std::lgamma(n + 1) - n * std::log(s0);
      EXPECT_NEAR(RiskKernelsOf<clv::NativePack>().efron(s0, s0, events).logarithm, expected,
                  1e-13 * n * (1 + std::abs(std::log(s0))));
    }
  }
}

TEST_F(RiskKernelsTest, WidthChangesNoBit) {
  const Results one = Run<clv::Pack<1>>();
  const auto same = [&](const Results &other) {
    EXPECT_EQ(one.risks, other.risks);
    EXPECT_EQ(one.sums, other.sums);
    EXPECT_EQ(one.product_sums, other.product_sums);
    EXPECT_EQ(one.products, other.products);
    EXPECT_EQ(one.segment_sums, other.segment_sums);
    EXPECT_EQ(one.segment_products, other.segment_products);
    EXPECT_EQ(one.null_sums, other.null_sums);
    EXPECT_EQ(one.logarithms, other.logarithms);
    EXPECT_EQ(one.efron.logarithm, other.efron.logarithm);
    EXPECT_EQ(one.efron.leave, other.efron.leave);
    EXPECT_EQ(one.efron.own, other.efron.own);
  };
  same(Run<clv::Pack<2>>());
  same(Run<clv::Pack<4>>());
  same(Run<clv::Pack<8>>());
}

}  // namespace
}  // namespace patron::loyalty
