// Log-likelihoods of the attrition models and their derivatives against 50-digit arithmetic.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "patron/clv/bgnbd.hpp"
#include "patron/clv/ggompertz_nbd.hpp"
#include "patron/clv/history.hpp"
#include "patron/clv/pareto_nbd.hpp"

namespace patron::clv {
namespace {

// What reference/make_attrition.py writes for a model of P parameters.
template <size_t P>
struct Reference {
  double frequency, recency, T;
  std::array<double, P> eta;
  double value, conditioning;
  std::array<double, P> gradient;
  std::array<double, Packed(P, 0)> hessian;
};

struct BetaGeometricReference {
  bool dropout_at_zero;
  int regularity;
  double frequency, recency, T;
  std::array<double, 4> eta;
  double value, conditioning;
  std::array<double, 4> gradient;
  std::array<double, Packed(4, 0)> hessian;
};

constexpr Reference<4> kPareto[] = {
#include "reference/pareto_nbd.inc"
};

constexpr Reference<5> kGGompertz[] = {
#include "reference/ggompertz_nbd.inc"
};

constexpr BetaGeometricReference kBetaGeometric[] = {
#include "reference/bgnbd.inc"
};

GroupedHistory OneRow(double frequency, double recency, double T) {
  PurchaseHistory history;
  const std::array x = {frequency}, t = {recency}, end = {T}, intervals = {0.0};
  history.frequency = std::span<const double>(x);
  history.recency = t;
  history.T = end;
  history.log_intervals = intervals;
  auto grouped = Group(history);
  EXPECT_TRUE(grouped.ok()) << grouped.status();
  return *grouped;
}

template <size_t P, typename Model, typename Case>
void ExpectReference(const Model &model, const Case &c, double relative = 1e-13) {
  BlockParameters<P> parameters;
  for (size_t k = 0; k < P; ++k) std::fill_n(parameters.eta[k], kBlockRows, c.eta[k]);
  // As uniform parameters, and again as if covariates had moved each row.
  for (const bool varies : {false, true}) {
    for (size_t k = 0; k < P; ++k) {
      parameters.varies[k] = varies && Model::kLinks[k].process != Process::kNone;
    }
    BlockResult<P> result{};
    const auto prepared = model.Prepare(std::span<const double, P>(c.eta));
    prepared.Evaluate({0, 1}, parameters, true, result);
    // A few units in the last place of what a relative change of an input does, and of the
    // likelihood itself.
    const double noise = 8e-16 * c.conditioning + 1e-14;
    EXPECT_NEAR(result.value[0], c.value, relative * std::abs(c.value) + noise);
    // The shape parameters and the count multiply the logarithms that derivatives are made of.
    const double size =
        1 + c.conditioning + c.frequency + std::exp(c.eta[0]) + std::exp(c.eta[P - 2]);
    for (size_t k = 0; k < P; ++k) {
      EXPECT_NEAR(result.gradient[k][0], c.gradient[k], 1e-11 * size) << Model::kNames[k];
    }
    for (size_t k = 0; k < c.hessian.size(); ++k) {
      EXPECT_NEAR(result.hessian[k][0], c.hessian[k], 1e-10 * size) << "hessian " << k;
    }
    BlockResult<P> alone{};
    prepared.Evaluate({0, 1}, parameters, false, alone);
    EXPECT_EQ(alone.value[0], result.value[0]);
  }
}

template <typename Case>
std::string Describe(const Case &c) {
  std::string text = "x " + std::to_string(c.frequency) + " t_x " + std::to_string(c.recency) +
                     " T " + std::to_string(c.T) + " eta";
  for (const double e : c.eta) text += " " + std::to_string(e);
  return text;
}

TEST(ParetoNbdTest, AgreesWithFiftyDigits) {
  for (const auto &c : kPareto) {
    SCOPED_TRACE(Describe(c));
    const GroupedHistory history = OneRow(c.frequency, c.recency, c.T);
    ExpectReference<4>(*ParetoNbdLikelihood::Make(history), c);
  }
}

TEST(GGompertzNbdTest, AgreesWithFiftyDigits) {
  for (const auto &c : kGGompertz) {
    SCOPED_TRACE(Describe(c));
    const GroupedHistory history = OneRow(c.frequency, c.recency, c.T);
    ExpectReference<5>(*GGompertzNbdLikelihood::Make(history), c, 6e-13);
  }
}

TEST(BetaGeometricTest, AgreesWithFiftyDigits) {
  for (const auto &c : kBetaGeometric) {
    SCOPED_TRACE(Describe(c) + " k " + std::to_string(c.regularity) +
                 (c.dropout_at_zero ? " MBG" : " BG"));
    const GroupedHistory history = OneRow(c.frequency, c.recency, c.T);
    ExpectReference<4>(*BetaGeometricLikelihood::Make(history, {c.dropout_at_zero, c.regularity}),
                       c);
  }
}

}  // namespace
}  // namespace patron::clv
