// Predictions of BG/BB and of the retention models against enumeration and plain sums, and what
// their simulated customers are fitted back to.
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "gtest/gtest.h"
#include "patron/clv/bgbb_predictions.hpp"
#include "patron/clv/nbd.hpp"
#include "patron/clv/retention_predictions.hpp"

namespace patron::clv {
namespace {

// E[p^x (1 - p)^y] for p beta-distributed, factor by factor.
double BetaMoment(double a, double b, int x, int y) {
  double moment = 1;
  for (int i = 0; i < x; ++i) moment *= (a + i) / (a + b + i);
  for (int i = 0; i < y; ++i) moment *= (b + i) / (a + b + x + i);
  return moment;
}

// Probability that a customer buys exactly at the occasions set in `bits` of `n` and is alive for
// exactly `lived` of them (n or more if lived = n).
double PathProbability(const BgbbParameters &model, uint32_t bits, int n, int lived) {
  if (static_cast<int>(std::bit_width(bits)) > lived) return 0;
  const int x = std::popcount(bits);
  const double left = lived < n ? BetaMoment(model.gamma, model.delta, 1, lived)
                                : BetaMoment(model.gamma, model.delta, 0, n);
  return BetaMoment(model.alpha, model.beta, x, lived - x) * left;
}

constexpr BgbbParameters kModels[] = {
    {1.204, 0.75, 0.657, 2.783}, {0.4, 3, 1, 5}, {2, 0.3, 1 + 1e-9, 0.8}, {5, 5, 40, 3}};

TEST(BgbbPredictionsTest, EqualEnumerationOfAllPaths) {
  constexpr int kSeen = 5, kAhead = 4, kAll = kSeen + kAhead;
  for (const BgbbParameters &model : kModels) {
    for (uint32_t past = 0; past < (1u << kSeen); ++past) {
      double seen = 0, alive_now = 0, alive_then = 0;
      std::array<double, kAhead + 1> of_count = {};
      for (uint32_t future = 0; future < (1u << kAhead); ++future) {
        for (int lived = 0; lived <= kAll; ++lived) {
          const double p = PathProbability(model, past | (future << kSeen), kAll, lived);
          seen += p;
          if (lived >= kSeen) alive_now += p;
          if (lived == kAll) alive_then += p;
          of_count[static_cast<size_t>(std::popcount(future))] += p;
        }
      }
      const DiscreteHistory history{static_cast<double>(std::popcount(past)),
                                    static_cast<double>(std::bit_width(past)), kSeen};
      EXPECT_NEAR(ProbabilityAlive(model, history), alive_now / seen, 1e-13);
      EXPECT_NEAR(ProbabilityAlive(model, history, kAhead), alive_then / seen, 1e-13);
      double expected = 0;
      for (size_t k = 0; k <= kAhead; ++k) {
        const auto count = static_cast<double>(k);
        EXPECT_NEAR(ProbabilityOfPurchases(model, history, count, kAhead), of_count[k] / seen,
                    1e-13);
        expected += count * of_count[k] / seen;
      }
      EXPECT_NEAR(ExpectedPurchases(model, history, kAhead), expected, 1e-12);
      // The likelihood of the history is that of one path.
      const double x = history.count, last = history.recency, n = kSeen;
      const auto likelihood = BgbbLikelihood::Make({&x, 1}, {&last, 1}, {&n, 1});
      const Eigen::Vector4d point(std::log(model.alpha), std::log(model.beta),
                                  std::log(model.gamma), std::log(model.delta));
      const auto at = Evaluate(*likelihood, *Layout::Make(BgbbLikelihood::kNames), {}, point);
      EXPECT_NEAR(at->value, std::log(seen), 1e-12);
    }
  }
}

TEST(BgbbPredictionsTest, DiscountedPurchasesAreTheSumOfTheirTerms) {
  for (const BgbbParameters &model : kModels) {
    for (const DiscreteHistory &history : {DiscreteHistory{0, 0, 0}, {0, 0, 6}, {3, 5, 6}}) {
      for (const double rate : {0.01, 0.1, 2.0}) {
        double sum = 0, before = 0, at_ten = 0;
        for (int j = 1; j < 6000; ++j) {
          const double until = ExpectedPurchases(model, history, j);
          sum += (until - before) / std::pow(1 + rate, j);
          before = until;
          if (j == 10) at_ten = sum;
        }
        EXPECT_NEAR(DiscountedPurchases(model, history, rate), sum, 1e-9 * sum);
        EXPECT_NEAR(DiscountedPurchases(model, history, rate, 10), at_ten, 1e-10 * at_ten);
      }
      EXPECT_EQ(DiscountedPurchases(model, history, 0, 7), ExpectedPurchases(model, history, 7));
    }
  }
  EXPECT_TRUE(std::isinf(DiscountedPurchases(kModels[0], {3, 5, 6}, 0)));
  // gamma 40: all later purchases, without discount.
  EXPECT_NEAR(DiscountedPurchases(kModels[3], {3, 5, 6}, 0),
              ExpectedPurchases(kModels[3], {3, 5, 6}, 1e12), 1e-9);
}

TEST(BgbbPredictionsTest, RecoversWhatItSimulates) {
  const BgbbParameters truth{1.2, 0.75, 0.65, 2.8};
  std::vector<double> counts, recencies, occasions;
  for (uint64_t i = 0; i < 20'000; ++i) {
    const DiscreteHistory h = Simulate(truth, RandomStream(21, i), i % 2 == 0 ? 6 : 12);
    counts.push_back(h.count);
    recencies.push_back(h.recency);
    occasions.push_back(h.occasions);
  }
  const auto likelihood = BgbbLikelihood::Make(counts, recencies, occasions);
  ASSERT_TRUE(likelihood.ok()) << likelihood.status();
  EXPECT_LE(likelihood->rows(), 22u + 79u);
  const auto fit = FitModel(*likelihood, *Layout::Make(BgbbLikelihood::kNames));
  ASSERT_TRUE(fit.ok()) << fit.status();
  const double expected[] = {truth.alpha, truth.beta, truth.gamma, truth.delta};
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_LT(std::abs(fit->estimates[i] - expected[i]), 4 * fit->standard_errors[i]) << i;
    EXPECT_LT(fit->standard_errors[i], 0.1 * expected[i]) << i;
  }
}

TEST(BgbbTest, NamesTheFirstBadRow) {
  const std::vector<double> one = {1}, two = {2}, three = {3}, half = {0.5}, none = {0};
  EXPECT_EQ(BgbbLikelihood::Make(two, one, three).status().message(),
            "frequency: row 0 is 2; expected at most recency, 1");
  EXPECT_EQ(BgbbLikelihood::Make(one, three, two).status().message(),
            "recency: row 0 is 3; expected at most n_periods, 2");
  EXPECT_EQ(BgbbLikelihood::Make(none, one, two).status().message(),
            "recency: row 0 is 1; expected 0 where frequency is 0");
  EXPECT_EQ(BgbbLikelihood::Make(half, one, two).status().message(),
            "frequency: row 0 is 0.5; expected a whole number, 0 or above");
  EXPECT_EQ(BgbbLikelihood::Make(none, none, none).status().message(),
            "n_periods: row 0 is 0; expected a whole number, 1 or above");
  EXPECT_EQ(BgbbLikelihood::Make(one, one, one, none).status().message(),
            "weights: row 0 is 0; expected a finite number above 0");
}

// (1 - theta)^(t^c) integrated over the beta density by the midpoint rule; its error at these
// parameters is below 10^-8.
double IntegratedSurvival(const RetentionParameters &m, double t) {
  constexpr int kSteps = 20'000;
  double sum = 0, norm = 0;
  for (int i = 0; i < kSteps; ++i) {
    const double theta = (i + 0.5) / kSteps;
    const double density = std::pow(theta, m.alpha - 1) * std::pow(1 - theta, m.beta - 1);
    norm += density;
    sum += density * std::pow(1 - theta, t == 0 ? 0 : std::pow(t, m.c));
  }
  return sum / norm;
}

TEST(RetentionPredictionsTest, SurvivalIsTheIntegralOverCustomers) {
  for (const RetentionParameters &model :
       {RetentionParameters{3, 4, 1}, {3, 5, 1.4}, {4, 3, 0.6}}) {
    for (const int t : {1, 2, 5, 12}) {
      const double now = IntegratedSurvival(model, t), before = IntegratedSurvival(model, t - 1);
      EXPECT_NEAR(Survival(model, t), now, 1e-7);
      EXPECT_NEAR(RetentionRate(model, t), now / before, 1e-7);
      EXPECT_NEAR(LossProbability(model, t), before - now, 1e-7);
      EXPECT_NEAR(Survival(model, 3, t), IntegratedSurvival(model, t + 3) / now, 1e-7);
    }
  }
  // sBG: (beta + t - 1) / (alpha + beta + t - 1).
  EXPECT_NEAR(RetentionRate({0.668, 3.806}, 3), 5.806 / 6.474, 1e-14);
}

TEST(RetentionPredictionsTest, RenewalsAreTheSumOfSurvival) {
  for (const double alpha : {1e-3, 0.668, 1.0, 1 + 1e-12, 7.0}) {
    for (const double c : {1.0, 0.7, 1.6}) {
      for (const double periods : {0.0, 1.0, 39.0, 5000.0}) {
        const RetentionParameters model{alpha, 3.806, c};
        long double sum = 0, product = 1;
        for (double j = 1; j <= periods; j += 1) {
          // The ratio of renewal j where c is 1.
          product *= (model.beta + 4 + j - 1) / (model.alpha + model.beta + 4 + j - 1.0L);
          sum += c == 1 ? product : Survival(model, j, 4);
        }
        const auto expected = static_cast<double>(sum);
        EXPECT_NEAR(ExpectedRenewals(model, 4, periods), expected, 2e-13 * expected)
            << alpha << ' ' << c << ' ' << periods;
      }
    }
  }
}

TEST(RetentionPredictionsTest, DiscountedLifetimeIsTheSumOfItsTerms) {
  for (const double c : {1.0, 1.3, 0.7}) {
    const RetentionParameters model{0.668, 3.806, c};
    for (const double before : {0.0, 4.0}) {
      double sum = 0;
      for (int j = 1; j < 4000; ++j) sum += Survival(model, j, before) / std::pow(1.1, j);
      const auto paid = DiscountedLifetime(model, before, 0.1);
      ASSERT_TRUE(paid.ok());
      EXPECT_NEAR(*paid, sum, 1e-10 * sum);
      EXPECT_NEAR(*DiscountedLifetime(model, before, 0.1, -1), 1.1 * sum, 1e-10 * sum);
    }
  }
  // At rate 0 the mean life of sBG is beta / (alpha - 1) renewals.
  EXPECT_DOUBLE_EQ(*DiscountedLifetime({3, 4}, 0, 0), 2);
  EXPECT_TRUE(std::isinf(*DiscountedLifetime({0.9, 4}, 0, 0)));
  EXPECT_EQ(DiscountedLifetime({3, 4}, 0, -0.1).status().message(),
            "discount rate: -0.1; expected a finite number, 0 or above");
  EXPECT_EQ(DiscountedLifetime({3, 4, 2}, 0, 0).status().message(),
            "discount rate: 0; expected a number above 0 where c is not 1");
}

// Cohorts of different ages, some of them first seen late: all censored where they stand.
template <typename T>
void ExpectRecovery(const RetentionParameters &truth, uint64_t seed) {
  std::vector<double> renewals, before;
  std::vector<uint8_t> lost;
  for (uint64_t i = 0; i < 40'000; ++i) {
    const double age = 3 + static_cast<double>(i % 10);
    const double seen_from = i % 3 == 0 ? 2 : 0;
    const double leaves = SimulateLoss(truth, RandomStream(seed, i));
    if (leaves <= seen_from) continue;
    renewals.push_back(std::min(leaves, age));
    lost.push_back(leaves <= age ? 1 : 0);
    before.push_back(seen_from);
  }
  const auto likelihood = T::Make({renewals, lost, {}, before});
  ASSERT_TRUE(likelihood.ok()) << likelihood.status();
  const auto fit = FitModel(*likelihood, *Layout::Make(T::kNames));
  ASSERT_TRUE(fit.ok()) << fit.status();
  const double expected[] = {truth.alpha, truth.beta, truth.c};
  for (size_t i = 0; i < T::kParameters; ++i) {
    EXPECT_LT(std::abs(fit->estimates[i] - expected[i]), 4 * fit->standard_errors[i]) << i;
    EXPECT_LT(fit->standard_errors[i], 0.15 * expected[i]) << i;
  }
}

TEST(RetentionPredictionsTest, RecoversWhatItSimulates) {
  ExpectRecovery<SbgLikelihood>({0.7, 2.2}, 31);
  ExpectRecovery<BetaDiscreteWeibullLikelihood>({0.7, 2.2, 1.5}, 32);
}

TEST(RetentionTest, NamesTheFirstBadRow) {
  const std::vector<double> none = {0}, two = {2}, three = {3};
  const std::vector<uint8_t> kept = {0}, gone = {1}, odd = {2};
  EXPECT_EQ(SbgLikelihood::Make({none, gone, {}, {}}).status().message(),
            "renewals: row 0 is 0; expected at least 1 for a lost customer");
  EXPECT_EQ(SbgLikelihood::Make({two, kept, {}, three}).status().message(),
            "renewals: row 0 is 2; expected at least 3, survived before");
  EXPECT_EQ(SbgLikelihood::Make({two, odd, {}, {}}).status().message(),
            "lost: row 0 is 2; expected 0 or 1");
  CohortRows cohort;
  EXPECT_EQ(cohort.Add(std::vector<double>{10, 11}).message(),
            "survivors: row 1 is 11; expected a finite number, 0 or above and no more than the row "
            "before");
}

// Published fits: Fader and Hardie (2007), seven renewals of 1,000 customers each, to the digits
// printed there.
TEST(RetentionTest, EqualsThePublishedFits) {
  const struct {
    std::vector<double> survivors;
    double alpha, beta, log_likelihood;
  } kCohorts[] = {{{1000, 869, 743, 653, 593, 551, 517, 491}, 0.668, 3.806, -1611.2},
                  {{1000, 631, 468, 382, 326, 289, 262, 241}, 0.704, 1.182, -1680.3}};
  for (const auto &cohort : kCohorts) {
    CohortRows rows;
    ASSERT_TRUE(rows.Add(cohort.survivors).ok());
    const auto fit =
        FitModel(*SbgLikelihood::Make(rows.history()), *Layout::Make(SbgLikelihood::kNames));
    ASSERT_TRUE(fit.ok()) << fit.status();
    EXPECT_NEAR(fit->estimates[0], cohort.alpha, 5e-4);
    EXPECT_NEAR(fit->estimates[1], cohort.beta, 5e-4);
    EXPECT_NEAR(fit->log_likelihood, cohort.log_likelihood, 0.05);
  }
}

// The same customers: maxima of the textbook likelihood by a Newton search in 30 digits, its
// derivatives by differences (mpmath).
TEST(RetentionTest, BetaDiscreteWeibullHasTheMaximaOfThirtyDigits) {
  const struct {
    std::vector<double> survivors;
    std::vector<double> estimates;
    double log_likelihood;
  } kCohorts[] = {{{1000, 869, 743, 653, 593, 551, 517, 491},
                   {0.214253339281, 1.42657487486, 1.72356484874},
                   -1605.3142132142},
                  {{1000, 631, 468, 382, 326, 289, 262, 241},
                   {0.455613989372, 0.779325508388, 1.28345128578},
                   -1679.6028329072}};
  for (const auto &cohort : kCohorts) {
    CohortRows rows;
    ASSERT_TRUE(rows.Add(cohort.survivors).ok());
    const auto fit = FitModel(*BetaDiscreteWeibullLikelihood::Make(rows.history()),
                              *Layout::Make(BetaDiscreteWeibullLikelihood::kNames));
    ASSERT_TRUE(fit.ok()) << fit.status();
    EXPECT_TRUE(fit->interior());
    EXPECT_NEAR(fit->log_likelihood, cohort.log_likelihood, 1e-9);
    for (size_t i = 0; i < 3; ++i) {
      EXPECT_NEAR(fit->estimates[i] / cohort.estimates[i], 1, 1e-7) << fit->names[i];
    }
  }
}

// Published fit: Fader, Hardie and Shang (2010), 11,104 donors over six years, to the digits
// printed there. Rows are x, t_x, donors.
TEST(BgbbTest, EqualsThePublishedFit) {
  constexpr double kDonors[][3] = {{6, 6, 1203}, {5, 6, 728}, {4, 6, 512}, {3, 6, 357}, {2, 6, 234},
                                   {1, 6, 129},  {5, 5, 335}, {4, 5, 284}, {3, 5, 225}, {2, 5, 173},
                                   {1, 5, 119},  {4, 4, 240}, {3, 4, 181}, {2, 4, 155}, {1, 4, 78},
                                   {3, 3, 322},  {2, 3, 255}, {1, 3, 129}, {2, 2, 613}, {1, 2, 277},
                                   {1, 1, 1091}, {0, 0, 3464}};
  std::vector<double> counts, recencies, occasions, weights;
  for (const auto &[x, last, donors] : kDonors) {
    counts.push_back(x);
    recencies.push_back(last);
    occasions.push_back(6);
    weights.push_back(donors);
  }
  const auto fit = FitModel(*BgbbLikelihood::Make(counts, recencies, occasions, weights),
                            *Layout::Make(BgbbLikelihood::kNames));
  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_EQ(fit->weight, 11'104);
  EXPECT_NEAR(fit->estimates[0], 1.204, 5e-4);
  EXPECT_NEAR(fit->estimates[1], 0.750, 5e-4);
  EXPECT_NEAR(fit->estimates[2], 0.657, 5e-4);
  EXPECT_NEAR(fit->estimates[3], 2.783, 5e-4);
  EXPECT_NEAR(fit->log_likelihood, -33225.6, 0.05);
}

TEST(NbdPredictionsTest, CountsAddUpAndRatesFollowThePosterior) {
  const NbdParameters model{0.4, 12};
  double sum = 0, mean = 0;
  for (int n = 0; n < 4000; ++n) {
    const double p = ProbabilityOfPurchases(model, n, 39);
    sum += p;
    mean += n * p;
  }
  EXPECT_NEAR(sum, 1, 1e-12);
  EXPECT_NEAR(mean, ExpectedPurchases(model, 39), 1e-10);
  EXPECT_NEAR(ExpectedPurchases(model, 39), 0.4 * 39 / 12, 1e-15);
  EXPECT_NEAR(ExpectedPurchases(Posterior(model, 3, 20), 39), 3.4 * 39 / 32, 1e-14);
  EXPECT_EQ(ProbabilityOfPurchases(model, 0, 0), 1);
  EXPECT_EQ(ProbabilityOfPurchases(model, 2, 0), 0);
  // The integral of exp(-0.01 t) times the rate.
  EXPECT_NEAR(DiscountedPurchases(model, std::numeric_limits<double>::infinity(), 0.01),
              0.4 / 12 / 0.01, 1e-14);
  EXPECT_NEAR(DiscountedPurchases(model, 50, 0.01), 0.4 / 12 * (1 - std::exp(-0.5)) / 0.01, 1e-14);
  EXPECT_EQ(DiscountedPurchases(model, 50, 0), ExpectedPurchases(model, 50));
}

TEST(NbdPredictionsTest, SimulatedRecencyIsTheLargestOfUniformTimes) {
  // Given x purchases, the last of them lies at T x / (x + 1) on average.
  double excess = 0, customers = 0;
  for (uint64_t i = 0; i < 20'000; ++i) {
    const SimulatedPurchases s = Simulate(NbdParameters{0.8, 6}, RandomStream(41, i), 30);
    ASSERT_LE(s.recency, 30);
    ASSERT_EQ(s.count > 0, s.recency > 0);
    if (s.count == 0) continue;
    excess += s.recency / 30 - s.count / (s.count + 1);
    customers += 1;
  }
  EXPECT_NEAR(excess / customers, 0, 0.008);
}

}  // namespace
// In 60 digits: the loss is small beside the powers of time that it comes from.
TEST(SurvivalTest, LosesNoDigitsLongAfterTheStart) {
  const RetentionParameters rising = {0.75, 1.5, 1.25}, falling = {2, 3, 0.5};
  EXPECT_NEAR(1 - Survival(rising, 1, 1e5), 9.3749019318006320894e-6, 3e-16);
  EXPECT_NEAR(1 - Survival(rising, 60, 1e5), 5.6217280444877379896e-4, 3e-16);
  EXPECT_NEAR(1 - Survival(falling, 3, 1e6), 2.9895284188765678334e-6, 3e-16);
}

}  // namespace patron::clv
