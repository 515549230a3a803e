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
    std::vector<double> risks, sums, gradient, information;
    EfronSums efron;
  };
  template <typename V>
  Results Run() const {
    const RiskKernels kernels = RiskKernelsOf<V>();
    Results r{.risks = std::vector<double>(kRows),
              .sums = std::vector<double>(kCovariates + 1),
              .gradient = std::vector<double>(kCovariates),
              .information = std::vector<double>(kCovariates * (kCovariates + 1) / 2),
              .efron = {}};
    kernels.risks(columns(), beta_.data(), offset_.data(), weight_.data(), kRows, r.risks.data());
    kernels.sums(columns(), r.risks.data(), 3, 500, r.sums.data());
    kernels.products(columns(), 256, 248, r.risks.data(), weight_.data(), r.gradient.data(),
                     r.information.data());
    r.efron = kernels.efron(1000, 37, 29);
    return r;
  }

  std::vector<double> x_, offset_, weight_, beta_;
};

TEST_F(RiskKernelsTest, SumsAreThoseOfPlainLoops) {
  const Results r = Run<clv::NativePack>();
  std::vector<long double> sums(kCovariates + 1), gradient(kCovariates);
  for (size_t i = 0; i < kRows; ++i) {
    double eta = offset_[i];
    for (size_t k = 0; k < kCovariates; ++k) eta += beta_[k] * x_[k * kRows + i];
    EXPECT_NEAR(r.risks[i], weight_[i] * std::exp(eta), 1e-15 * r.risks[i] * 10);
    if (i < 3 || i >= 500) continue;
    sums[0] += r.risks[i];
    for (size_t k = 0; k < kCovariates; ++k) sums[1 + k] += r.risks[i] * x_[k * kRows + i];
  }
  for (size_t k = 0; k <= kCovariates; ++k) {
    EXPECT_NEAR(r.sums[k], static_cast<double>(sums[k]), 1e-12);
  }
  size_t at = 0;
  for (size_t k = 0; k < kCovariates; ++k) {
    for (size_t i = 0; i < 248; ++i) gradient[k] += weight_[i] * x_[k * kRows + 256 + i];
    EXPECT_NEAR(r.gradient[k], static_cast<double>(gradient[k]), 1e-12);
    for (size_t l = 0; l <= k; ++l, ++at) {
      long double product = 0;
      for (size_t i = 0; i < 248; ++i) {
        product += r.risks[i] * x_[k * kRows + 256 + i] * x_[l * kRows + 256 + i];
      }
      EXPECT_NEAR(r.information[at], static_cast<double>(product), 1e-12);
    }
  }
}

TEST_F(RiskKernelsTest, EfronGoesThroughTheEvents) {
  for (const size_t events : {2U, 7U, 8U, 9U, 40U}) {
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
    EXPECT_NEAR(sums.stay, expected.stay, 1e-14);
    EXPECT_NEAR(sums.leave, expected.leave, 1e-14);
    EXPECT_NEAR(sums.square, expected.square, 1e-15);
    EXPECT_NEAR(sums.cross, expected.cross, 1e-15);
    EXPECT_NEAR(sums.own, expected.own, 1e-15);
  }
}

TEST_F(RiskKernelsTest, WidthChangesNoBit) {
  const Results one = Run<clv::Pack<1>>();
  const auto same = [&](const Results &other) {
    EXPECT_EQ(one.risks, other.risks);
    EXPECT_EQ(one.sums, other.sums);
    EXPECT_EQ(one.gradient, other.gradient);
    EXPECT_EQ(one.information, other.information);
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
