// Loyalty index, classes and net promoter score, against the reference figures and by hand.
#include "patron/loyalty/index.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "patron/loyalty/classes.hpp"
#include "patron/loyalty/net_promoter.hpp"

namespace patron::loyalty {
namespace {

using ::testing::ElementsAre;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

TEST(LoyaltyIndexTest, CompositeOfTheReference) {
  IndexDefinition definition;
  const char *const names[] = {"repeat", "tenure", "wallet", "cross", "attitude", "referral"};
  const double weights[] = {.25, .15, .20, .10, .20, .10};
  const std::vector<double> values = {.8, .5, kNone, .4, .9, 0};
  std::vector<std::span<const double>> columns;
  for (size_t k = 0; k < 6; ++k) {
    definition.components.push_back({.name = names[k], .weight = weights[k]});
    columns.push_back(std::span(values).subspan(k, 1));
  }
  const auto scores = ScoreIndex(definition, columns);
  ASSERT_TRUE(scores.ok());
  EXPECT_NEAR(scores->index[0], 61.875, 1e-12);
  EXPECT_NEAR(scores->coverage[0], 0.8, 1e-15);
  double sum = 0;
  for (const auto &given : scores->given) sum += std::isnan(given[0]) ? 0 : given[0];
  EXPECT_NEAR(sum, 61.875, 1e-12);
  EXPECT_TRUE(std::isnan(scores->given[2][0]));

  definition.least_coverage = 0.8;
  EXPECT_NEAR(ScoreIndex(definition, columns)->index[0], 61.875, 1e-12);
  definition.least_coverage = 0.81;
  EXPECT_TRUE(std::isnan(ScoreIndex(definition, columns)->index[0]));
}

TEST(LoyaltyIndexTest, NormalisersAreFrozen) {
  std::vector<double> data(101);
  std::iota(data.begin(), data.end(), 0.0);
  const std::vector<std::span<const double>> columns = {data, data, data};
  IndexDefinition definition;
  definition.components = {{.name = "w", .normalize = Normalize::kWinsorized},
                           {.name = "z", .normalize = Normalize::kNormal},
                           {.name = "r", .normalize = Normalize::kRank}};
  const auto fitted = FitIndex(definition, columns);
  ASSERT_TRUE(fitted.ok()) << fitted.status();
  EXPECT_DOUBLE_EQ(fitted->components[0].low, 5);
  EXPECT_DOUBLE_EQ(fitted->components[0].high, 95);
  EXPECT_DOUBLE_EQ(fitted->components[1].low, 50);
  EXPECT_NEAR(fitted->components[1].high, std::sqrt(101.0 * 102 / 12), 1e-12);
  // Other customers: the bounds stay.
  const std::vector<double> one = {50, 1000};
  const std::vector<std::span<const double>> others = {one, one, one};
  const auto scores = ScoreIndex(*fitted, others);
  EXPECT_NEAR(scores->index[0], 50, 1e-12);
  EXPECT_NEAR(scores->index[1], 100, 1e-12);
}

// The share below and half of those equal, counted; between two values of the data on a straight line.
TEST(LoyaltyIndexTest, RanksAreThoseThatAreCounted) {
  std::mt19937 random(5);
  for (const int distinct : {2, 3, 40, 900}) {
    std::vector<double> data, asked = {kNone, -1e9, 1e9};
    for (int i = 0; i < 3000; ++i) {
      data.push_back(static_cast<double>(random() % static_cast<uint32_t>(distinct)) / 4);
      asked.push_back(i % 3 == 0 ? data.back() : 1.2 * data.back() - distinct / 40.0);
    }
    const auto share = [&](double value) {
      double below = 0, equal = 0;
      for (const double v : data) {
        below += v < value ? 1 : 0;
        equal += v == value ? 1 : 0;
      }
      return (below + equal / 2) / 3000;
    };
    IndexDefinition definition;
    definition.components = {{.name = "r", .normalize = Normalize::kRank}};
    const auto fitted = FitIndex(definition, std::vector<std::span<const double>>{data});
    ASSERT_TRUE(fitted.ok()) << fitted.status();
    const auto scores = ScoreIndex(*fitted, std::vector<std::span<const double>>{asked});
    std::vector<double> sorted = data;
    std::ranges::sort(sorted);
    EXPECT_TRUE(std::isnan(scores->index[0]));
    for (size_t i = 1; i < asked.size(); ++i) {
      const double value = asked[i];
      double expected = value < sorted.front() ? 0 : 100;
      if (value >= sorted.front() && value <= sorted.back()) {
        const auto above = std::ranges::lower_bound(sorted, value);
        const double high = *above, low = high == value ? value : *(above - 1);
        const double part = high == value ? 0 : (value - low) / (high - low);
        expected = 100 * (share(low) + part * (share(high) - share(low)));
      }
      ASSERT_NEAR(scores->index[i], expected, 1e-11) << value << " among " << distinct;
    }
  }
}

TEST(LoyaltyIndexTest, FixedBoundsNeedNobodyToBeKnown) {
  const std::vector<double> none = {kNone}, half = {0.5};
  IndexDefinition definition;
  definition.components = {{.name = "attitude", .weight = 0.2}, {.name = "repeat", .weight = 0.8}};
  const std::vector<std::span<const double>> columns = {none, half};
  const auto fitted = FitIndex(definition, columns);
  ASSERT_TRUE(fitted.ok()) << fitted.status();
  EXPECT_EQ(fitted->components[0].known, 0);
  const auto scores = ScoreIndex(*fitted, columns);
  ASSERT_TRUE(scores.ok()) << scores.status();
  EXPECT_NEAR(scores->index[0], 50, 1e-12);
  EXPECT_NEAR(scores->coverage[0], 0.8, 1e-12);
}

TEST(LoyaltyIndexTest, RefusesWhatSaysNothing) {
  const std::vector<double> none = {kNone, kNone}, same = {3, 3};
  IndexDefinition definition;
  definition.components = {{.name = "attitude"}};
  definition.components[0].normalize = Normalize::kNormal;
  EXPECT_EQ(FitIndex(definition, std::vector<std::span<const double>>{none}).status().message(),
            "attitude: known of none of 2 rows; expected at least 1, or bounds");
  EXPECT_EQ(FitIndex(definition, std::vector<std::span<const double>>{same}).status().message(),
            "attitude: 3 wherever it is known; expected values that differ, or bounds");
  definition.components[0].weight = 0;
  EXPECT_EQ(CheckIndex(definition).message(),
            "attitude: weight 0; expected a finite number above 0");
}

TEST(LoyaltyIndexTest, BootstrapErrorIsThatOfTheMean) {
  std::vector<double> scores;
  for (int i = 0; i < 400; ++i) scores.push_back(i % 20);
  scores.push_back(kNone);
  const auto mean = MeanOfIndex(scores, 0.95, 4000, 1);
  ASSERT_TRUE(mean.ok());
  EXPECT_DOUBLE_EQ(mean->mean, 9.5);
  EXPECT_EQ(mean->refused, 1);
  const double error = std::sqrt((20.0 * 20 - 1) / 12 / 400);
  EXPECT_NEAR(mean->std_err, error, 0.04 * error);
  EXPECT_NEAR(mean->upper - mean->mean, 1.96 * error, 0.06);
}

std::vector<std::string> NamesOf(const Classes &classes) {
  std::vector<std::string> names;
  for (const int32_t code : classes.codes)
    names.push_back(classes.names[static_cast<size_t>(code)]);
  return names;
}

TEST(LoyaltyClassesTest, DickAndBasu) {
  const std::vector<double> attitude = {.9, .5, .1, .2, kNone}, patronage = {.5, .4, .7, 0, 1};
  const auto classes = Classify(std::vector<std::span<const double>>{attitude, patronage},
                                {.scheme = ClassScheme::kDickBasu});
  ASSERT_TRUE(classes.ok());
  EXPECT_THAT(NamesOf(*classes), ElementsAre("true", "latent", "spurious", "none", "undetermined"));
  EXPECT_EQ(classes->reasons[static_cast<size_t>(classes->reason_codes[1])],
            "attitude at least 0.5, patronage below 0.5");
  EXPECT_EQ(classes->reasons.back(), "attitude is not known, patronage at least 0.5");
  const auto medians = Classify(std::vector<std::span<const double>>{attitude, patronage},
                                {.scheme = ClassScheme::kDickBasu, .medians = true});
  // Medians .35 and .5.
  EXPECT_THAT(NamesOf(*medians), ElementsAre("true", "latent", "spurious", "none", "undetermined"));
}

TEST(LoyaltyClassesTest, JonesAndSasser) {
  const std::vector<double> satisfaction = {4, 5, 5, 3, 2, 1, 1, kNone, 2};
  const std::vector<double> loyalty = {4, 5, 3, 4, 2, 1, 1, 5, kNone};
  const std::vector<double> bound = {0, 0, 0, 0, 0, 0, 1, 0, 1};
  const std::vector<std::span<const double>> columns = {satisfaction, loyalty, bound};
  const auto classes = Classify(columns, {.scheme = ClassScheme::kJonesSasser});
  ASSERT_TRUE(classes.ok());
  EXPECT_THAT(NamesOf(*classes),
              ElementsAre("loyalist", "apostle", "mercenary", "hostage", "defector", "terrorist",
                          "hostage", "undetermined", "hostage"));
  const std::vector<double> six = {6};
  EXPECT_EQ(Classify(std::vector<std::span<const double>>{six, six},
                     {.scheme = ClassScheme::kJonesSasser})
                .status()
                .message(),
            "satisfaction: row 0 is 6; expected 1 to 5");
}

TEST(LoyaltyClassesTest, OliversStagesEndAtTheFirstGap) {
  const std::vector<double> a = {0, 1, 1, 1, 1, kNone}, b = {1, 0, 1, 1, kNone, 1};
  const std::vector<double> c = {1, 1, 0, 1, 1, 1}, d = {1, 1, 1, 1, 1, 1};
  const auto classes =
      Classify(std::vector<std::span<const double>>{a, b, c, d}, {.scheme = ClassScheme::kOliver});
  ASSERT_TRUE(classes.ok());
  EXPECT_THAT(NamesOf(*classes), ElementsAre("none", "cognitive", "affective", "action",
                                             "undetermined", "undetermined"));
}

TEST(LoyaltyClassesTest, ThreeRepeatPurchasesAndTrust) {
  const std::vector<double> repeats = {3, 2, 3, 2, kNone, kNone};
  const std::vector<double> attitude = {.9, .9, .1, kNone, .1, .9};
  const std::vector<std::span<const double>> columns = {repeats, attitude};
  EXPECT_THAT(
      NamesOf(*Classify(columns, {.scheme = ClassScheme::kTextbook})),
      ElementsAre("loyal", "not loyal", "not loyal", "not loyal", "not loyal", "undetermined"));
  EXPECT_THAT(NamesOf(*Classify(columns, {.scheme = ClassScheme::kPotential})),
              ElementsAre("loyal", "potentially loyal", "not loyal", "undetermined", "not loyal",
                          "undetermined"));
  EXPECT_THAT(NamesOf(*Classify(columns, {.scheme = ClassScheme::kTextbook, .repeats = 2}))[1],
              "loyal");
}

std::vector<double> ReferenceAnswers() {
  const int counts[] = {3, 1, 2, 4, 5, 12, 18, 40, 65, 55, 45};
  std::vector<double> answers;
  for (int answer = 0; answer <= 10; ++answer) {
    answers.insert(answers.end(), static_cast<size_t>(counts[answer]), answer);
  }
  return answers;
}

TEST(NetPromoterTest, IntervalsOfTheReference) {
  const auto wald = MeasureNetPromoter(ReferenceAnswers());
  ASSERT_TRUE(wald.ok());
  EXPECT_NEAR(wald->score, 22.0, 1e-12);
  EXPECT_NEAR(wald->std_err, 4.611290, 5e-7);
  EXPECT_NEAR(wald->lower, 12.962, 5e-4);
  EXPECT_NEAR(wald->upper, 31.038, 5e-4);
  const auto adjusted =
      MeasureNetPromoter(ReferenceAnswers(), {}, {.interval = ScoreInterval::kAdjustedWald});
  EXPECT_NEAR(adjusted->score, 21.739130, 5e-7);
  EXPECT_NEAR(adjusted->std_err, 4.584699, 5e-7);
  EXPECT_NEAR(adjusted->lower, 12.753, 5e-4);
  EXPECT_NEAR(adjusted->upper, 30.725, 5e-4);
  const auto bootstrap = MeasureNetPromoter(
      ReferenceAnswers(), {}, {.interval = ScoreInterval::kBootstrap, .replicates = 20'000});
  EXPECT_NEAR(bootstrap->std_err, wald->std_err, 0.1);
  EXPECT_NEAR(bootstrap->lower, wald->lower, 0.4);
}

TEST(NetPromoterTest, WeightsAndWaves) {
  const std::vector<double> answers = {10, 0, 8}, weights = {2, 1, 1};
  const auto weighted = MeasureNetPromoter(answers, weights);
  ASSERT_TRUE(weighted.ok());
  EXPECT_DOUBLE_EQ(weighted->score, 25);
  EXPECT_DOUBLE_EQ(weighted->effective, 16.0 / 6);
  EXPECT_NEAR(weighted->std_err, 100 * std::sqrt((0.75 - 0.0625) / (16.0 / 6)), 1e-12);
  const auto first = MeasureNetPromoter(ReferenceAnswers());
  const ScoreChange change = CompareWaves(*first, *weighted, 0.95);
  EXPECT_NEAR(change.change, 3, 1e-12);
  EXPECT_NEAR(change.std_err, std::hypot(first->std_err, weighted->std_err), 1e-12);
  EXPECT_EQ(MeasureNetPromoter(std::vector<double>{3, 11}).status().message(),
            "answer: row 1 is 11; expected a whole number from 0 to 10");
}

TEST(RepurchaseTest, WilsonOfTheOnlineRetailCustomers) {
  const auto found = WilsonProportion(2845, 4338);
  ASSERT_TRUE(found.ok());
  EXPECT_NEAR(found->share, 0.6558, 5e-5);
  EXPECT_NEAR(found->lower, 0.6416, 5e-5);
  EXPECT_NEAR(found->upper, 0.6698, 5e-5);
  EXPECT_FALSE(WilsonProportion(2, 1).ok());
}

TEST(WalletTest, AllocationByRank) {
  EXPECT_NEAR(*WalletAllocation(1, 2), 2.0 / 3, 1e-15);
  EXPECT_NEAR(*WalletAllocation(1.5, 2), 0.5, 1e-15);
  EXPECT_NEAR(*WalletAllocation(2, 2), 1.0 / 3, 1e-15);
  EXPECT_NEAR(*WalletAllocation(1, 3), 0.5, 1e-15);
  EXPECT_NEAR(*WalletAllocation(3, 3), 1.0 / 6, 1e-15);
  EXPECT_NEAR(*WalletAllocation(1, 1), 1, 1e-15);
  EXPECT_FALSE(WalletAllocation(4, 3).ok());
}

}  // namespace
}  // namespace patron::loyalty
