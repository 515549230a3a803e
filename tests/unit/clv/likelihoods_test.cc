// Likelihoods of NBD, Gamma-Gamma, BG/BB, sBG and beta-discrete-Weibull against values of 80
// digits, from far inside to the edges of their boxes.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "patron/clv/bgbb.hpp"
#include "patron/clv/evaluation.hpp"
#include "patron/clv/gamma_functions.hpp"
#include "patron/clv/gamma_gamma.hpp"
#include "patron/clv/layout.hpp"
#include "patron/clv/nbd.hpp"
#include "patron/clv/retention.hpp"

namespace patron::clv {
namespace {

// What reference/make_likelihoods.py writes for a model of P parameters and R columns.
template <size_t P, size_t R>
struct Reference {
  double eta[P];
  double row[R];
  struct {
    double value;
    double size;  // Sum of the absolute terms of the value: its conditioning.
  } total;
  double gradient[P];
  double hessian[Packed(P, 0)];
};

constexpr Reference<2, 2> kNbd[] = {
#include "reference/nbd.inc"
};
constexpr Reference<3, 2> kGammaGamma[] = {
#include "reference/gamma_gamma.inc"
};
constexpr Reference<4, 3> kBgbb[] = {
#include "reference/bgbb.inc"
};
constexpr Reference<2, 3> kSbg[] = {
#include "reference/sbg.inc"
};
constexpr Reference<3, 3> kBetaDiscreteWeibull[] = {
#include "reference/beta_discrete_weibull.inc"
};

template <typename T, size_t P, size_t R>
void ExpectEqual(const absl::StatusOr<T> &likelihood, const Reference<P, R> &reference) {
  ASSERT_TRUE(likelihood.ok()) << likelihood.status();
  const auto layout = Layout::Make(T::kNames);
  const Eigen::Map<const Eigen::VectorXd> point(reference.eta, P);
  const auto at = Evaluate(*likelihood, *layout, {}, point);
  ASSERT_TRUE(at.ok());
  std::string where;
  for (const double e : reference.eta) where += " " + FormatNumber(e);
  where += " |";
  for (const double v : reference.row) where += " " + FormatNumber(v);
  SCOPED_TRACE(where);
  EXPECT_NEAR(at->value, reference.total.value,
              1e-13 * std::abs(reference.total.value) + 1e-15 * reference.total.size);
  double steepest = 0, sharpest = 0;
  for (const double g : reference.gradient) steepest = std::max(steepest, std::abs(g));
  for (const double h : reference.hessian) sharpest = std::max(sharpest, std::abs(h));
  for (size_t i = 0; i < P; ++i) {
    const auto k = static_cast<Eigen::Index>(i);
    EXPECT_NEAR(at->gradient[k], reference.gradient[i],
                1e-11 * steepest + 1e-14 * reference.total.size);
    for (size_t j = 0; j <= i; ++j) {
      EXPECT_NEAR(at->hessian(k, static_cast<Eigen::Index>(j)), reference.hessian[Packed(i, j)],
                  1e-11 * sharpest + 1e-13 * reference.total.size)
          << i << " " << j;
    }
  }
}

TEST(LikelihoodsTest, NbdEqualsEightyDigits) {
  for (const auto &reference : kNbd) {
    const auto &[x, end] = reference.row;
    if (end > 0) ExpectEqual(NbdLikelihood::Make({&x, 1}, {&end, 1}), reference);
  }
}

// Alone it is refused.
TEST(LikelihoodsTest, NbdOfARowWithoutTimeAddsNothing) {
  const std::array counts{0.0, 3.0}, ends{0.0, 10.0};
  const auto layout = Layout::Make(NbdLikelihood::kNames);
  const Eigen::VectorXd point = Eigen::VectorXd::Constant(2, 0.3);
  const auto both = Evaluate(*NbdLikelihood::Make(counts, ends), *layout, {}, point);
  const auto one = Evaluate(
      *NbdLikelihood::Make(std::span(counts).last(1), std::span(ends).last(1)), *layout, {}, point);
  EXPECT_EQ(both->value, one->value);
  EXPECT_EQ(both->gradient, one->gradient);
  EXPECT_EQ(both->hessian, one->hessian);
}

TEST(LikelihoodsTest, GammaGammaEqualsEightyDigits) {
  for (const auto &reference : kGammaGamma) {
    const auto &[x, spend] = reference.row;
    ExpectEqual(GammaGammaLikelihood::Make({&x, 1}, {&spend, 1}), reference);
  }
}

TEST(LikelihoodsTest, BgbbEqualsEightyDigits) {
  for (const auto &reference : kBgbb) {
    const auto &[x, last, n] = reference.row;
    ExpectEqual(BgbbLikelihood::Make({&x, 1}, {&last, 1}, {&n, 1}), reference);
  }
}

TEST(LikelihoodsTest, SbgEqualsEightyDigits) {
  for (const auto &reference : kSbg) {
    const auto &[renewals, lost, before] = reference.row;
    const auto flag = static_cast<uint8_t>(lost);
    ExpectEqual(SbgLikelihood::Make({{&renewals, 1}, {&flag, 1}, {}, {&before, 1}}), reference);
  }
}

TEST(LikelihoodsTest, BetaDiscreteWeibullEqualsEightyDigits) {
  for (const auto &reference : kBetaDiscreteWeibull) {
    const auto &[renewals, lost, before] = reference.row;
    const auto flag = static_cast<uint8_t>(lost);
    ExpectEqual(BetaDiscreteWeibullLikelihood::Make({{&renewals, 1}, {&flag, 1}, {}, {&before, 1}}),
                reference);
  }
}

TEST(GammaFunctionsTest, KeepTheirDigitsFromTinyToHuge) {
  struct Values {
    double z, a, d;
    double log_gamma, digamma, trigamma;
    double rise, by_z, by_d, by_zz, by_dd;
    double mixed, mixed_by_z, mixed_by_zz;
  };
  constexpr Values kValues[] = {
#include "reference/gamma_functions.inc"
  };
  for (const Values &v : kValues) {
    SCOPED_TRACE(FormatNumber(v.z) + " " + FormatNumber(v.a) + " " + FormatNumber(v.d));
    const LogGammaJet jet = LogGammaDerivatives(v.z);
    EXPECT_NEAR(jet.value, v.log_gamma, 5e-15 * std::max(1.0, std::abs(v.log_gamma)));
    EXPECT_NEAR(jet.first, v.digamma, 5e-15 * std::max(1.0, std::abs(v.digamma)));
    EXPECT_NEAR(jet.second, v.trigamma, 5e-15 * v.trigamma);
    const GammaRiseJet rise = LogGammaRise(v.z, v.d);
    // Where the rise passes zero its size is that of d.
    EXPECT_NEAR(rise.value, v.rise, 2e-15 * std::max(std::abs(v.rise), std::min(v.d, 1.0)));
    EXPECT_NEAR(rise.by_z, v.by_z, 2e-15 * std::abs(v.by_z));
    EXPECT_NEAR(rise.by_d, v.by_d, 5e-15 * std::max(1.0, std::abs(v.by_d)));
    EXPECT_NEAR(rise.by_zz, v.by_zz, 2e-15 * std::abs(v.by_zz));
    EXPECT_NEAR(rise.by_dd, v.by_dd, 2e-15 * v.by_dd);
    const MixedRiseJet mixed = LogGammaMixedRise(v.z, v.a, v.d);
    EXPECT_NEAR(mixed.value, v.mixed, 1e-13 * v.mixed);
    EXPECT_NEAR(mixed.by_z, v.mixed_by_z, 1e-13 * std::abs(v.mixed_by_z));
    EXPECT_NEAR(mixed.by_zz, v.mixed_by_zz, 1e-13 * v.mixed_by_zz);
  }
}

}  // namespace
}  // namespace patron::clv
