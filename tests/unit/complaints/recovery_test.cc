// Priority, causes, habitual complainers, costs, compensation, return, pyramid and market damage.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "patron/base/beta.hpp"
#include "patron/base/normal.hpp"
#include "patron/base/proportion.hpp"
#include "patron/base/random.hpp"
#include "patron/complaints/causes.hpp"
#include "patron/complaints/complaint_pyramid.hpp"
#include "patron/complaints/habitual.hpp"
#include "patron/complaints/market_damage.hpp"
#include "patron/complaints/priority.hpp"
#include "patron/complaints/recovery.hpp"

namespace patron::complaints {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Message(const absl::Status &status) { return std::string(status.message()); }

// ---- Priority ----

double Score(int64_t severity, double value, double media, double repeats, double age) {
  const std::vector<int64_t> s = {severity};
  const std::vector<double> v = {value}, m = {media}, r = {repeats}, a = {age};
  return ScorePriority({.severity = s, .value = v, .media = m, .repeats = r, .age = a})->score[0];
}

TEST(PriorityTest, IsTheWeightedSum) {
  EXPECT_DOUBLE_EQ(Score(1, 0, 0, 0, 0), 0);
  EXPECT_DOUBLE_EQ(Score(3, 0.5, 0.25, 2, 0.4), 80.0 / 3 + 10 + 5 + 10 * (1 - std::exp(-1)) + 4);
  EXPECT_DOUBLE_EQ(Score(3, 0, 0, 0, 7), 80.0 / 3 + 10);
}

TEST(PriorityTest, SafetyAndCrisesComeFirst) {
  const std::vector<int64_t> severity = {4, 1, 1};
  const std::vector<uint8_t> crisis = {0, 1, 0};
  const auto scores = ScorePriority({.severity = severity, .crisis = crisis});
  EXPECT_THAT(scores->score, ElementsAre(100, 100, 0));
  EXPECT_THAT(scores->overridden, ElementsAre(1, 1, 0));
}

TEST(PriorityTest, IsMonotoneInEachInput) {
  for (uint32_t i = 0; i < 2000; ++i) {
    const RandomStream random(7, i);
    const auto severity = static_cast<int64_t>(1 + random.Below(0, 3));
    const double v = random.Uniform(1), m = random.Uniform(2), r = 5 * random.Uniform(3),
                 a = 2 * random.Uniform(4), more = random.Uniform(5);
    const double score = Score(severity, v, m, r, a);
    EXPECT_GE(Score(severity + 1, v, m, r, a), score);
    EXPECT_GE(Score(severity, v + (1 - v) * more, m, r, a), score);
    EXPECT_GE(Score(severity, v, m + (1 - m) * more, r, a), score);
    EXPECT_GE(Score(severity, v, m, r + more, a), score);
    EXPECT_GE(Score(severity, v, m, r, a + more), score);
    EXPECT_LE(score, 100);
  }
}

TEST(PriorityTest, ThePartOfTheCustomerCanBeSwitchedOff) {
  const std::vector<int64_t> severity = {3, 3};
  const std::vector<double> value = {0, 1}, media = {1, 1};
  const auto scores = ScorePriority({.severity = severity, .value = value, .media = media},
                                    {.points = {40, 0, 20, 10, 10}});
  EXPECT_EQ(scores->score[0], scores->score[1]);
  EXPECT_DOUBLE_EQ(scores->score[0], (80.0 / 3 + 20) / 0.8);
}

TEST(PriorityTest, RefusesWhatIsOutOfRange) {
  const std::vector<int64_t> severity = {1, 5};
  EXPECT_EQ(Message(ScorePriority({.severity = severity}).status()),
            "severity: row 1 is 5; expected 1 to 4");
  const std::vector<int64_t> fine = {1, 2};
  const std::vector<double> above = {0, 1.5}, nan = {std::nan(""), 0};
  EXPECT_EQ(Message(ScorePriority({.severity = fine, .value = above}).status()),
            "value: row 1 is 1.5; expected 0 to 1");
  EXPECT_THAT(Message(ScorePriority({.severity = fine, .age = nan}).status()),
              HasSubstr("age: row 0 is nan"));
  EXPECT_FALSE(ScorePriority({.severity = fine}, {.points = {0, 0, 0, 0, 0}}).ok());
  EXPECT_FALSE(ScorePriority({.severity = fine}, {.points = {1, -1, 0, 0, 0}}).ok());
}

// ---- Causes ----

TEST(CausesTest, AreRankedWithTiesByCode) {
  const std::vector<std::string_view> causes = {"b", "a.x", "c", "a.y", "b", "c"};
  const std::vector<int64_t> severity = {1, 4, 1, 4, 1, 1};
  const std::vector<double> cost = {1, 2, 30, 3, 1, 3};
  const auto by_cases = RankCauses(causes, severity, cost, {.vital = 0.5});
  EXPECT_THAT(by_cases->cause, ElementsAre("b", "c", "a.x", "a.y"));
  EXPECT_THAT(by_cases->cases, ElementsAre(2, 2, 1, 1));
  EXPECT_THAT(by_cases->vital, ElementsAre(1, 1, 0, 0));  // b alone has a third.
  const auto by_severity =
      RankCauses(causes, severity, cost, {.by = CauseWeight::kSeverity, .levels = 1});
  EXPECT_THAT(by_severity->cause, ElementsAre("a", "b", "c"));
  EXPECT_THAT(by_severity->severity, ElementsAre(8, 2, 2));
  EXPECT_THAT(by_severity->cumulative, ElementsAre(8.0 / 12, 10.0 / 12, 1));
  EXPECT_THAT(by_severity->vital, ElementsAre(1, 1, 0));
  const auto by_cost = RankCauses(causes, {}, cost, {.by = CauseWeight::kCost});
  EXPECT_THAT(by_cost->cause, ElementsAre("c", "a.y", "a.x", "b"));
  EXPECT_THAT(by_cost->vital, ElementsAre(1, 0, 0, 0));
}

TEST(CausesTest, AHeadThatHasItsShareExactlyIsEnough) {
  const std::vector<std::string_view> causes = {"a", "a", "a", "a", "b"};
  EXPECT_THAT(RankCauses(causes, {}, {})->vital, ElementsAre(1, 0));
}

TEST(CausesTest, RefusesWhatCannotBeRanked) {
  const std::vector<std::string_view> causes = {"a", ""};
  EXPECT_EQ(Message(RankCauses(causes, {}, {}).status()), "cause: row 1 is ''; expected a code");
  const std::vector<std::string_view> fine = {"a", "b"};
  EXPECT_FALSE(RankCauses(fine, {}, {}, {.by = CauseWeight::kCost}).ok());
  const std::vector<double> cost = {1, -1};
  EXPECT_EQ(Message(RankCauses(fine, {}, cost).status()), "cost: row 1 is -1; expected 0 or more");
}

TEST(CausesTest, SystemicStretchesAreThoseThatCountingEveryWindowFinds) {
  constexpr int64_t kWindow = 10, kCases = 3;
  for (uint32_t seed = 0; seed < 300; ++seed) {
    const RandomStream random(11, seed);
    std::vector<int64_t> times;
    for (uint32_t i = 0; i < 40; ++i) times.push_back(static_cast<int64_t>(random.Below(i, 150)));
    const std::vector<std::string_view> causes(times.size(), "a");
    const auto found = FindSystemicCauses(causes, times, kCases, kWindow);
    std::ranges::sort(times);
    std::vector<int64_t> first, alarm, last;
    bool open = false;
    for (size_t i = 0; i < times.size(); ++i) {
      const auto from = std::ranges::upper_bound(times, times[i] - kWindow);
      const auto within = static_cast<int64_t>(i) - (from - times.begin()) + 1;
      if (within >= kCases && !open) {
        first.push_back(*from);
        alarm.push_back(times[i]);
        last.push_back(times[i]);
      } else if (within >= kCases) {
        last.back() = times[i];
      }
      open = within >= kCases;
    }
    ASSERT_EQ(found->first, first);
    ASSERT_EQ(found->alarm, alarm);
    ASSERT_EQ(found->last, last);
  }
}

// ---- Distributions ----

TEST(BetaTest, HasItsClosedForms) {
  for (const double x : {0.001, 0.2, 0.5, 0.99}) {
    EXPECT_NEAR(BetaProbability(x, 2, 2), x * x * (3 - 2 * x), 1e-14);
    EXPECT_NEAR(BetaProbability(x, 1, 7), -std::expm1(7 * std::log1p(-x)), 1e-14);
  }
  EXPECT_NEAR(BetaQuantile(0.025, 1, 7), -std::expm1(std::log1p(-0.025) / 7), 1e-14);
  EXPECT_NEAR(BetaQuantile(0.5, 9, 9), 0.5, 1e-14);
  EXPECT_EQ(BetaProbability(0, 3, 4), 0);
  EXPECT_EQ(BetaProbability(1, 3, 4), 1);
}

TEST(ProportionTest, WilsonsBoundsAreRootsOfTheScoreTest) {
  const double z = NormalQuantile(0.975);
  for (const auto &[x, n] : {std::pair{120.0, 400.0}, {1.0, 7.0}, {6.5, 9.25}}) {
    const Interval interval = WilsonInterval(x, n, z);
    for (const double p : {interval.lower, interval.upper}) {
      EXPECT_NEAR((x - n * p) * (x - n * p), z * z * n * p * (1 - p), 1e-10 * n);
    }
  }
  EXPECT_NEAR(WilsonInterval(120, 400, z).lower, 0.257, 5e-4);
  EXPECT_EQ(WilsonInterval(0, 10, z).lower, 0);
  EXPECT_EQ(WilsonInterval(10, 10, z).upper, 1);
}

// ---- Habitual complainers ----

TEST(HabitualTest, TailsAreSumsOfProbabilities) {
  constexpr double kPoisson = std::numeric_limits<double>::infinity();
  EXPECT_NEAR(detail::CountTail(3, 1, kPoisson), 1 - std::exp(-1) * 2.5, 1e-14);
  // Negative binomial with mean 2 and k = 1.5: P(0) = (k / (k + m))^k, and so on.
  double p = std::pow(1.5 / 3.5, 1.5), below = 0;
  for (int x = 0; x < 6; ++x) {
    below += p;
    p *= (1.5 + x) / (x + 1) * (2 / 3.5);
  }
  EXPECT_NEAR(detail::CountTail(6, 2, 1.5), 1 - below, 1e-14);
  EXPECT_EQ(detail::CountTail(0, 2, 1.5), 1);
}

TEST(HabitualTest, OneWhoStandsOutDoesNotHideBehindItself) {
  std::vector<int64_t> complaints(11, 1), upheld(11, 1);
  const std::vector<double> exposure(11, 10.0);
  complaints[10] = 12;
  upheld[10] = 0;
  const auto found = FindHabitualComplainers(complaints, exposure, upheld);
  ASSERT_TRUE(found.ok());
  // The ten others vary less than Poisson's: P(12 or more) at a mean of 1.
  double term = std::exp(-1.0), below = 0;
  for (int x = 0; x < 12; ++x) {
    below += term;
    term /= x + 1;
  }
  EXPECT_DOUBLE_EQ(found->expected[10], 1);
  EXPECT_NEAR(found->p_value[10], 1 - below, 1e-15);
  EXPECT_EQ(found->flagged[10], 1);
  // Of the whole segment the dispersion is 44 / 88, by which 12 would be nothing much.
  EXPECT_DOUBLE_EQ(found->rate, 0.2);
  EXPECT_NEAR(found->dispersion, 0.5, 1e-12);
  EXPECT_GT(detail::CountTail(12, 2, 0.5), 0.01);
  for (size_t i = 0; i < 10; ++i) EXPECT_EQ(found->flagged[i], 0);
}

TEST(HabitualTest, EachIsJudgedByTheSegmentWithoutIt) {
  for (uint32_t round = 0; round < 20; ++round) {
    const RandomStream random(41, round);
    const size_t n = 3 + random.Below(0, 40);
    std::vector<int64_t> complaints, upheld;
    std::vector<double> exposure;
    for (size_t i = 0; i < n; ++i) {
      const auto at = static_cast<uint32_t>(1 + 2 * i);
      complaints.push_back(static_cast<int64_t>(random.Below(at, 2 + 9 * (i % 3))));
      exposure.push_back(0.5 + 20 * random.Uniform(at + 1));
      upheld.push_back(complaints.back() / 2);
    }
    const auto found = FindHabitualComplainers(complaints, exposure, upheld);
    ASSERT_TRUE(found.ok());
    for (size_t i = 0; i < n; ++i) {
      const auto without = [&](auto values) {
        values.erase(values.begin() + static_cast<std::ptrdiff_t>(i));
        return values;
      };
      const auto others =
          FindHabitualComplainers(without(complaints), without(exposure), without(upheld));
      ASSERT_TRUE(others.ok());
      if (others->rate == 0) continue;
      const double mean = others->rate * exposure[i];
      EXPECT_NEAR(found->expected[i], mean, 1e-12 * mean);
      EXPECT_NEAR(found->p_value[i], detail::CountTail(complaints[i], mean, others->dispersion),
                  1e-9);
    }
  }
}

TEST(HabitualTest, WithNobodyToCompareWithNoneIsFlagged) {
  const auto alone = FindHabitualComplainers(std::vector<int64_t>{50}, std::vector<double>{1},
                                             std::vector<int64_t>{0});
  ASSERT_TRUE(alone.ok());
  EXPECT_EQ(alone->p_value[0], 1);
  EXPECT_EQ(alone->flagged[0], 0);
  // The other has none: half a complaint, twice the exposure.
  const auto two = FindHabitualComplainers(std::vector<int64_t>{3, 0}, std::vector<double>{1, 2},
                                           std::vector<int64_t>{0, 0});
  ASSERT_TRUE(two.ok());
  EXPECT_DOUBLE_EQ(two->expected[0], 0.25);
  EXPECT_DOUBLE_EQ(two->expected[1], 6);
}

TEST(HabitualTest, FlagsWhoComplainsMuchAndWithoutReason) {
  std::vector<int64_t> complaints, upheld;
  std::vector<double> exposure;
  for (int i = 0; i < 500; ++i) {
    complaints.push_back(i % 3);
    upheld.push_back(i % 3 == 2 ? 1 : i % 3);
    exposure.push_back(10);
  }
  complaints.push_back(40);  // Without reason.
  upheld.push_back(0);
  exposure.push_back(10);
  complaints.push_back(40);  // Failed again and again.
  upheld.push_back(39);
  exposure.push_back(10);
  complaints.push_back(40);  // A very large customer.
  upheld.push_back(0);
  exposure.push_back(500);
  const auto found = FindHabitualComplainers(complaints, exposure, upheld);
  EXPECT_EQ(std::ranges::count(found->flagged, 1), 1);
  EXPECT_EQ(found->flagged[500], 1);
  EXPECT_LT(found->adjusted[501], 0.001);
  EXPECT_NEAR(found->rate, 619.0 / 5520, 1e-15);
  for (size_t i = 0; i < found->p_value.size(); ++i) {
    EXPECT_GE(found->adjusted[i], found->p_value[i]);
  }
}

TEST(HabitualTest, RefusesWhatCannotBe) {
  const std::vector<int64_t> complaints = {1, 2}, upheld = {1, 3};
  const std::vector<double> exposure = {1, 1}, none = {1, 0};
  EXPECT_EQ(Message(FindHabitualComplainers(complaints, exposure, upheld).status()),
            "upheld: row 1 is 3; expected 0 to 2, the complaints");
  EXPECT_EQ(Message(FindHabitualComplainers(complaints, none, complaints).status()),
            "exposure: row 1 is 0; expected more than 0");
  EXPECT_TRUE(FindHabitualComplainers({}, {}, {}).ok());
}

// ---- Costs, compensation, return ----

TEST(RecoveryTest, CostsAddUp) {
  const std::vector<double> minutes = {30, 5}, remedy = {50, 0}, comes_back = {0.75, 1},
                            value = {400, 9};
  const auto costs = CostCases(
      {.minutes = minutes, .remedy = remedy, .return_probability = comes_back, .value = value}, 2);
  EXPECT_THAT(costs->handling, ElementsAre(60, 10));
  EXPECT_THAT(costs->lost, ElementsAre(100, 0));
  EXPECT_THAT(costs->cost, ElementsAre(210, 10));
  const std::vector<double> negative = {1, -1};
  EXPECT_EQ(Message(CostCases({.minutes = minutes, .fines = negative}, 2).status()),
            "fines: row 1 is -1; expected 0 or more");
}

TEST(RecoveryTest, OffersStayWithinTheAuthority) {
  const std::vector<double> loss = {100, 100, 0}, limit = {60, 1000, 10};
  const std::vector<int64_t> severity = {2, 4, 1}, tier = {0, 1, 1};
  const auto offers = ProposeCompensation(
      {.loss = loss, .severity = severity, .tier = tier, .limit = limit},
      {.loss_share = {0, 0.5, 1, 2}, .goodwill = {1, 2, 3, 4, 5, 6, 7, 80}, .tiers = 2});
  EXPECT_THAT(offers->wanted, ElementsAre(53, 280, 2));
  EXPECT_THAT(offers->proposed, ElementsAre(53, 280, 2));
  const std::vector<double> little = {50, 50, 0};
  const auto capped =
      ProposeCompensation({.loss = loss, .severity = severity, .limit = little}, {});
  EXPECT_THAT(capped->proposed, ElementsAre(50, 50, 0));
  EXPECT_THAT(capped->capped, ElementsAre(1, 1, 0));
}

TEST(RecoveryTest, OwnCasesReplaceThePublishedRates) {
  std::vector<int64_t> handling(180, 2);
  std::vector<uint8_t> minor(180, 1), returned(180, 1);
  const auto rates = EstimateReturns(handling, minor, returned);
  EXPECT_EQ(rates->cases[5], 180);
  EXPECT_DOUBLE_EQ(rates->rate[5], (0.7 * 20 + 180) / 200);
  EXPECT_DOUBLE_EQ(rates->rate[0], 0.09);
  EXPECT_NEAR(BetaProbability(rates->lower[5], 194, 6), 0.025, 1e-12);
  EXPECT_NEAR(BetaProbability(rates->upper[5], 194, 6), 0.975, 1e-12);
  EXPECT_DOUBLE_EQ(*RecoveryValue(0.54, 0.09, 1000, 60), 390);
  EXPECT_FALSE(RecoveryValue(1.1, 0, 1, 1).ok());
}

// ---- Pyramid and damage ----

TEST(ComplaintPyramidTest, FortyComplaintsAtFourPercentAreAThousandProblems) {
  const auto pyramid = EstimateComplaintPyramid(40, {.rate = 0.04});
  EXPECT_DOUBLE_EQ(pyramid->problems, 1000);
  EXPECT_DOUBLE_EQ(pyramid->silent, 960);
  const double z = NormalQuantile(0.975);
  for (const double problems : {pyramid->problems_lower, pyramid->problems_upper}) {
    EXPECT_NEAR(std::pow(40 - 0.04 * problems, 2), z * z * problems * 0.04 * 0.96, 1e-8);
  }
  EXPECT_LT(pyramid->problems_lower, 1000);
  EXPECT_GT(pyramid->problems_upper, 1000);
  EXPECT_EQ(EstimateComplaintPyramid(40, {.rate = 1})->problems_upper, 40);
}

TEST(ComplaintPyramidTest, ASurveyHasWilsonsInterval) {
  const auto pyramid = EstimateComplaintPyramid(10, {.reported = 120, .asked = 400});
  EXPECT_NEAR(pyramid->multiplier_lower, 2.885, 5e-4);
  EXPECT_NEAR(pyramid->multiplier, 3.333, 5e-4);
  EXPECT_NEAR(pyramid->multiplier_upper, 3.889, 5e-4);
}

TEST(ComplaintPyramidTest, LevelsConvert) {
  const std::vector<double> counts = {1000, 40, 8, 0, 0}, rising = {10, 11};
  const auto found = ConvertLevels(counts);
  EXPECT_THAT(std::vector<double>(found->share.begin(), found->share.begin() + 3),
              ElementsAre(0.04, 0.2, 0));
  EXPECT_TRUE(std::isnan(found->share[3]));
  EXPECT_FALSE(ConvertLevels(rising).ok());
}

MarketDamageTerms Example() {
  MarketDamageTerms terms;
  terms.customers = 10'000;
  terms.value = 500;
  terms.problem_rate.share = 0.3;
  terms.voice_rate.share = 0.25;
  terms.satisfied.share = 0.4;
  terms.mollified.share = 0.3;
  terms.loyalty_none.share = 0.9;
  terms.loyalty = {{{0.85, 0}, {0.7, 0}, {0.45, 0}, {0.6, 0}}};
  return terms;
}

TEST(MarketDamageTest, HasThePublishedVectors) {
  MarketDamageTerms terms = Example();
  const auto a = EstimateMarketDamage(terms);
  EXPECT_NEAR(a->lost, 836.25, 1e-9);
  EXPECT_NEAR(a->at_risk, 418'125, 1e-6);
  terms.voice_rate.share = 0.35;
  const auto b = EstimateMarketDamage(terms);
  EXPECT_NEAR(b->at_risk, 405'375, 1e-6);
  EXPECT_NEAR(ReturnOnHandling(*a, *b, 5'000).gain, 12'750, 1e-6);
  EXPECT_NEAR(ReturnOnHandling(*a, *b, 5'000).roi, 1.55, 1e-9);
  terms = Example();
  terms.satisfied.share = 0.6;
  terms.mollified.share = 0.2;
  EXPECT_NEAR(EstimateMarketDamage(terms)->lost, 795, 1e-9);
}

TEST(MarketDamageTest, WordOfMouthAddsWhoIsTold) {
  MarketDamageTerms terms = Example();
  terms.tellers = {5, 0, 10, 9};
  terms.influence = {-0.01, 0, 0.02, 0.01};
  // 3,000 with a problem, 750 voiced: 300, 225, 225; 2,250 silent.
  EXPECT_NEAR(EstimateMarketDamage(terms)->word_of_mouth,
              500 * (300 * 5 * -0.01 + 225 * 10 * 0.02 + 2250 * 9 * 0.01), 1e-6);
}

TEST(MarketDamageTest, BoundsAreThoseOfTheSampledShare) {
  MarketDamageTerms terms = Example();
  terms.problem_rate.sample = 200;
  // Damage is proportional to this share, so its quantiles are those of Beta(60.5, 140.5).
  const auto interval = DrawMarketDamage(terms, 3, 40'000);
  const double whole = 836.25 / 0.3;
  EXPECT_NEAR(interval->lower.lost, whole * BetaQuantile(0.025, 60.5, 140.5), 0.006 * whole);
  EXPECT_NEAR(interval->upper.lost, whole * BetaQuantile(0.975, 60.5, 140.5), 0.006 * whole);
  const auto again = DrawMarketDamage(terms, 3, 40'000);
  EXPECT_EQ(interval->lower.lost, again->lower.lost);
}

TEST(MarketDamageTest, RefusesSharesThatAreNone) {
  MarketDamageTerms terms = Example();
  terms.mollified.share = 0.7;
  EXPECT_EQ(Message(EstimateMarketDamage(terms).status()),
            "mollified: 0.7; expected at most 0.6, what satisfied leaves");
  terms = Example();
  terms.loyalty[3].share = std::nan("");
  EXPECT_EQ(Message(EstimateMarketDamage(terms).status()), "loyalty_silent: nan; expected 0 to 1");
}

}  // namespace
}  // namespace patron::complaints
