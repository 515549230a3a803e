// The attrition models on CDNOW, against an independent Newton fit and measured reference runs.
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "golden/value/rfm_tables.hpp"
#include "gtest/gtest.h"
#include "patron/clv/bgnbd.hpp"
#include "patron/clv/bgnbd_outlook.hpp"
#include "patron/clv/fit.hpp"
#include "patron/clv/ggompertz_nbd.hpp"
#include "patron/clv/pareto_nbd.hpp"
#include "patron/clv/pareto_nbd_outlook.hpp"

namespace patron::clv {
namespace {

using value::rfm_tables::DataFolder;
using value::rfm_tables::Day;
using value::rfm_tables::ReadCsv;

struct Summary {
  std::vector<double> frequency, recency, T;

  GroupedHistory Grouped() const {
    PurchaseHistory history;
    history.frequency = std::span<const double>(frequency);
    history.recency = recency;
    history.T = T;
    auto grouped = Group(history);
    EXPECT_TRUE(grouped.ok()) << grouped.status();
    return *grouped;
  }
};

// The table of the published spreadsheets: weeks rounded to two decimals.
Summary Rounded() {
  Summary summary;
  for (const auto &row : ReadCsv(DataFolder() / "cdnow" / "summary_sample_rounded.csv")) {
    summary.frequency.push_back(std::stod(row[1]));
    summary.recency.push_back(std::stod(row[2]));
    summary.T.push_back(std::stod(row[3]));
  }
  return summary;
}

// From the days on which customers bought, to 1997-09-30, in weeks.
Summary Exact(const char *file, size_t date_column) {
  constexpr int64_t kEnd = 10134;
  std::map<int64_t, std::set<int64_t>> days;
  for (const auto &row : ReadCsv(DataFolder() / "cdnow" / file)) {
    const int64_t day = Day(row[date_column]);
    if (day <= kEnd) days[std::stoll(row[0])].insert(day);
  }
  Summary summary;
  for (const auto &[customer, bought] : days) {
    summary.frequency.push_back(static_cast<double>(bought.size() - 1));
    summary.recency.push_back(static_cast<double>(*bought.rbegin() - *bought.begin()) / 7);
    summary.T.push_back(static_cast<double>(kEnd - *bought.begin()) / 7);
  }
  return summary;
}

struct Expected {
  double log_likelihood;
  std::vector<double> estimates, errors;
};

template <typename Likelihood>
Fit FitOf(const Likelihood &likelihood) {
  const auto layout = Layout::Make(Likelihood::kNames);
  EXPECT_TRUE(layout.ok());
  auto fit = FitModel(likelihood, *layout);
  EXPECT_TRUE(fit.ok()) << fit.status();
  return fit.ok() ? *fit : Fit{};
}

void ExpectFit(const Fit &fit, const Expected &expected) {
  EXPECT_TRUE(fit.interior());
  EXPECT_TRUE(fit.optimum.converged);
  EXPECT_NEAR(fit.log_likelihood, expected.log_likelihood, 1e-5);
  ASSERT_EQ(fit.estimates.size(), expected.estimates.size());
  for (size_t k = 0; k < fit.estimates.size(); ++k) {
    EXPECT_NEAR(fit.estimates[k] / expected.estimates[k], 1, 5e-6) << fit.names[k];
    EXPECT_NEAR(fit.standard_errors[k] / expected.errors[k], 1, 5e-4) << fit.names[k];
  }
}

class CdnowAttritionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(DataFolder() / "cdnow")) {
      GTEST_SKIP() << "no reference data in " << DataFolder();
    }
  }
};

// btyd_reference.json, "newton".
TEST_F(CdnowAttritionTest, OptimaOfTheRoundedSample) {
  const GroupedHistory history = Rounded().Grouped();
  EXPECT_EQ(history.size(), 1016);
  EXPECT_EQ(history.customers, 2357);
  ExpectFit(FitOf(*BetaGeometricLikelihood::Make(history, {false, 1})),
            {-9582.425561,
             {0.2425929072, 4.413531561, 0.7928861481, 2.425753437},
             {0.01255732265, 0.3782215085, 0.1857192168, 0.7053460377}});
  ExpectFit(FitOf(*BetaGeometricLikelihood::Make(history, {true, 1})),
            {-9582.132685,
             {0.5248379836, 6.182992019, 0.8913561554, 1.613999335},
             {0.08326391987, 0.6955970264, 0.1547850636, 0.5374712944}});
  ExpectFit(FitOf(*ParetoNbdLikelihood::Make(history)),
            {-9594.97393,
             {0.5532755087, 10.57761224, 0.6062135686, 11.66791124},
             {0.0476288886, 0.8427246706, 0.1872819851, 6.211110173}});
}

TEST_F(CdnowAttritionTest, OptimaOfTheExactSample) {
  const GroupedHistory history = Exact("transactions_sample.csv", 2).Grouped();
  EXPECT_EQ(history.size(), 1016);
  ExpectFit(FitOf(*BetaGeometricLikelihood::Make(history, {false, 1})),
            {-9582.429207,
             {0.2425945224, 4.413602019, 0.7929220172, 2.425906777},
             {0.01255738089, 0.3782241427, 0.1857338151, 0.705414238}});
  ExpectFit(FitOf(*BetaGeometricLikelihood::Make(history, {true, 1})),
            {-9582.135716,
             {0.5248431591, 6.18308528, 0.8913593907, 1.61400224},
             {0.08326805963, 0.695619733, 0.1547896698, 0.5374936961}});
  ExpectFit(FitOf(*ParetoNbdLikelihood::Make(history)),
            {-9594.976179,
             {0.5532770468, 10.57768346, 0.6062399892, 11.66873529},
             {0.04762806168, 0.8427233037, 0.1872837583, 6.211194473}});
}

TEST_F(CdnowAttritionTest, OptimaOfAllCustomers) {
  const GroupedHistory history = Exact("transactions_full.csv", 1).Grouped();
  EXPECT_EQ(history.size(), 8685);
  EXPECT_EQ(history.customers, 23570);
  ExpectFit(FitOf(*BetaGeometricLikelihood::Make(history, {false, 1})),
            {-95368.44393,
             {0.2516239589, 4.788942962, 0.7234335767, 2.161088359},
             {0.004201974919, 0.1312549375, 0.05392924304, 0.1985892916}});
  ExpectFit(FitOf(*BetaGeometricLikelihood::Make(history, {true, 1})),
            {-95336.95832,
             {0.6371397335, 7.310289542, 0.8074741179, 1.228393996},
             {0.03620736431, 0.2932632285, 0.03761167292, 0.1119451359}});
  ExpectFit(FitOf(*ParetoNbdLikelihood::Make(history)),
            {-95415.11862,
             {0.5974199664, 11.58565778, 0.5221856107, 8.827759148},
             {0.01737269085, 0.2967650018, 0.04634162505, 1.474242465}});
}

// The hazard of CDNOW's customers does not grow: the likelihood runs to that of Pareto/NBD.
TEST_F(CdnowAttritionTest, GompertzCollapsesToPareto) {
  const Fit fit = FitOf(*GGompertzNbdLikelihood::Make(Rounded().Grouped()));
  ASSERT_EQ(fit.limits.size(), 1);
  EXPECT_EQ(fit.limits[0], Limit::kCollapsedGompertz);
  EXPECT_NEAR(fit.log_likelihood, -9594.97393, 1e-5);
  EXPECT_NEAR(fit.estimates[4] / fit.estimates[2], 11.66791, 1e-3);
}

struct Customer {
  CustomerHistory history;
  double alive, purchases, discounted;
};

// btyd_reference.json, "predictions_tight": 39 weeks; ln(1.1) / 52 a week.
TEST_F(CdnowAttritionTest, ParetoPredictions) {
  const ParetoNbdParameters model{0.5532769857, 10.57768298, 0.606240512, 11.66875345};
  const Customer customers[] = {
      {{2, 213 / 7.0, 272 / 7.0}, 0.8691342078, 1.45520144, 8.156286719},
      {{26, 216 / 7.0, 31}, 0.9978734038, 20.11481891, 107.738321},
      {{29, 264 / 7.0, 38}, 0.996186942, 19.59584737, 109.3249904},
      {{1, 34 / 7.0, 272 / 7.0}, 0.251195786, 0.2558583523, 1.434065431},
      {{1, 12 / 7.0, 272 / 7.0}, 0.1679960607, 0.1711143168, 0.9590819462},
      {{0, 0, 272 / 7.0}, 0.2951125839, 0.1070702153, 0.6001199221}};
  for (const Customer &c : customers) {
    const auto outlook = OutlookOf(model, c.history);
    EXPECT_NEAR(outlook.ProbabilityAlive() / c.alive, 1, 1e-8);
    EXPECT_NEAR(outlook.ExpectedPurchases(0, 39) / c.purchases, 1, 1e-8);
    EXPECT_NEAR(outlook.DiscountedPurchases(std::log(1.1) / 52) / c.discounted, 1, 1e-8);
  }
  const double pmf[] = {0.5938116996,  0.1656472089, 0.08250557241,
                        0.04902885615, 0.0316714953, 0.02145568721};
  for (size_t n = 0; n < std::size(pmf); ++n) {
    EXPECT_NEAR(OutlookOf(model, {}).ProbabilityOfPurchases(static_cast<double>(n), 272 / 7.0),
                pmf[n], 1e-9);
  }
}

TEST_F(CdnowAttritionTest, BetaGeometricPredictions) {
  const BetaGeometricParameters model{0.2425945053, 4.413601275, 0.7929217666, 2.425906065};
  const Customer customers[] = {{{2, 213 / 7.0, 272 / 7.0}, 0.7266203321, 1.225994531, 0},
                                {{26, 216 / 7.0, 31}, 0.9688544501, 20.74890514, 0},
                                {{29, 264 / 7.0, 38}, 0.9692212773, 20.05525119, 0},
                                {{1, 34 / 7.0, 272 / 7.0}, 0.3108557637, 0.2977240521, 0},
                                {{1, 12 / 7.0, 272 / 7.0}, 0.2123910321, 0.2034188395, 0},
                                {{0, 0, 272 / 7.0}, 1, 0.1947936216, 0}};
  for (const Customer &c : customers) {
    const auto outlook = OutlookOf(model, {}, c.history);
    EXPECT_NEAR(outlook.ProbabilityAlive() / c.alive, 1, 1e-8);
    EXPECT_NEAR(outlook.ExpectedPurchases(0, 39) / c.purchases, 1, 1e-8);
  }
  const double pmf[] = {0.5747665694,  0.1991195336,  0.08525252548,
                        0.04574171741, 0.02758748933, 0.01790351461};
  for (size_t n = 0; n < std::size(pmf); ++n) {
    EXPECT_NEAR(OutlookOf(model, {}, {}).ProbabilityOfPurchases(static_cast<double>(n), 272 / 7.0),
                pmf[n], 1e-9);
  }
}

// btyd_reference.json, "lifetimes".
TEST_F(CdnowAttritionTest, CentralBetaGeometricPredictions) {
  const BetaGeometricParameters model{0.5248379429, 6.182991665, 0.8913561607, 1.613999434};
  const Customer customers[] = {{{2, 30.43, 38.86}, 0.7061262519, 1.262670792, 0},
                                {{1, 1.71, 38.86}, 0.1708196354, 0.1887892589, 0},
                                {{0, 0, 38.86}, 0.3897163398, 0.1539536542, 0},
                                {{29, 37.71, 38.0}, 0.9658432145, 18.95005715, 0},
                                {{1, 38.43, 38.43}, 0.7457159091, 0.8309138675, 0}};
  for (const Customer &c : customers) {
    const auto outlook = OutlookOf(model, {true, 1}, c.history);
    EXPECT_NEAR(outlook.ProbabilityAlive() / c.alive, 1, 1e-8);
    EXPECT_NEAR(outlook.ExpectedPurchases(0, 39) / c.purchases, 1, 1e-8);
  }
  EXPECT_NEAR(OutlookOf(model, {true, 1}, {}).ExpectedPurchases(0, 39), 1.1822837, 1e-7);
}

TEST_F(CdnowAttritionTest, ParetoConditionalCounts) {
  const auto outlook = OutlookOf(
      ParetoNbdParameters{0.553275524, 10.57761204, 0.6062134964, 11.66790831}, {2, 30.43, 38.86});
  const double pmf[] = {0.4080910614, 0.219266362,   0.1517461538,
                        0.0956524742, 0.05657513863, 0.03198342433};
  for (size_t n = 0; n < std::size(pmf); ++n) {
    EXPECT_NEAR(outlook.ProbabilityOfPurchases(static_cast<double>(n), 39), pmf[n], 1e-9);
  }
}

}  // namespace
}  // namespace patron::clv
