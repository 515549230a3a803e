// Proportional hazards of the telecom customers, against R's survival 3.5-3.
#include "patron/loyalty/cox.hpp"
#include "patron/loyalty/concordance.hpp"
#include "patron/loyalty/cox_proportionality.hpp"

#include <cmath>
#include <string>
#include <vector>

#include "golden/loyalty/telco.hpp"
#include "gtest/gtest.h"

namespace patron::loyalty {
namespace {

using testing::GroupsOfText;
using testing::Telco;

#define EXPECT_CLOSE(actual, expected, relative) \
  EXPECT_NEAR(actual, expected, (relative)*std::abs(expected)) << #actual

constexpr double kCoefficient = 1e-7, kStatistic = 1e-9;

const std::vector<std::string> kNames = {"ContractOneYear", "ContractTwoYear", "Senior",
                                         "PartnerYes",      "PaperlessYes",    "ElectronicCheck",
                                         "FiberOptic",      "NoInternet",      "MonthlyCharges"};

struct TelcoCox {
  Telco telco;
  std::vector<std::vector<double>> columns = telco.Covariates();
  CoxData data() const {
    CoxData result{.observed = telco.observed(), .covariates = {}, .names = kNames};
    for (const auto &column : columns) result.covariates.push_back(column);
    return result;
  }
};

TEST(TelcoCoxTest, EfronIsThatOfR) {
  const TelcoCox telco;
  if (telco.telco.empty()) GTEST_SKIP() << "telco_churn is not there";
  const auto fit = FitCox(telco.data());
  ASSERT_TRUE(fit.ok()) << fit.status();
  const double coefficients[] = {-1.7556315008582, -3.4920071172688, -0.0861635995535,
                                 -0.5926662811946, 0.1543511099502,  0.5130782223904,
                                 1.4326313214614,  -1.1213258329051, -0.03099563939};
  const double errors[] = {0.08725208503662, 0.16329483278694, 0.05487575271829,
                           0.05013303948158, 0.05594976494762, 0.04914286101273,
                           0.10068591920989, 0.1236334374936,  0.00213022025708};
  for (Eigen::Index k = 0; k < 9; ++k) {
    EXPECT_CLOSE(fit->coefficients[k], coefficients[k], kCoefficient);
    EXPECT_CLOSE(std::sqrt(fit->covariance(k, k)), errors[k], kCoefficient);
  }
  EXPECT_CLOSE(fit->null_log_likelihood, -15653.039635111, kStatistic);
  EXPECT_CLOSE(fit->log_likelihood, -14067.037076686, kStatistic);
  EXPECT_CLOSE(fit->score_statistic, 2890.54063757, kStatistic);
  EXPECT_CLOSE(fit->wald_statistic, 1763.3675064, kCoefficient);
}

TEST(TelcoCoxTest, BreslowIsThatOfR) {
  const TelcoCox telco;
  if (telco.telco.empty()) GTEST_SKIP() << "telco_churn is not there";
  const auto fit = FitCox(telco.data(), {.ties = Ties::kBreslow});
  ASSERT_TRUE(fit.ok()) << fit.status();
  const double coefficients[] = {-1.7497572379307, -3.4868178879633, -0.0852565320692,
                                 -0.5810485824935, 0.150525876459,   0.4999677477919,
                                 1.3902313233845,  -1.0909856194705, -0.0299917110795};
  const double errors[] = {0.08727591608536, 0.16308668106316, 0.05487461186971,
                           0.05019807227433, 0.05595393995076, 0.04917199534975,
                           0.1004614759498,  0.12365520504845, 0.00212764640975};
  for (Eigen::Index k = 0; k < 9; ++k) {
    EXPECT_CLOSE(fit->coefficients[k], coefficients[k], kCoefficient);
    EXPECT_CLOSE(std::sqrt(fit->covariance(k, k)), errors[k], kCoefficient);
  }
  EXPECT_CLOSE(fit->null_log_likelihood, -15669.705317603, kStatistic);
  EXPECT_CLOSE(fit->log_likelihood, -14112.81628652, kStatistic);
}

TEST(TelcoCoxTest, BaselineAndPredictedSurvival) {
  const TelcoCox telco;
  if (telco.telco.empty()) GTEST_SKIP() << "telco_churn is not there";
  const auto fit = FitCox(telco.data());
  ASSERT_TRUE(fit.ok()) << fit.status();
  const CoxBaseline &baseline = fit->baselines.front();
  EXPECT_EQ(baseline.last_time, 72);
  Eigen::VectorXd profile(9);  // Paperless, electronic check, fiber, 80 a month.
  profile << 0, 0, 0, 0, 1, 1, 1, 0, 80;
  const double risk = std::exp(profile.dot(fit->coefficients));
  const double months[] = {1, 12, 24, 48, 72};
  const double hazards[] = {0.313622702419, 1.132586652164, 1.786481473626, 3.489411043118,
                            17.517629301751};
  const double survival[] = {0.806894533315, 0.460773102808, 0.29457956806, 0.0918819260603};
  for (size_t i = 0; i < 5; ++i) {
    const auto at = std::ranges::find(baseline.times, months[i]) - baseline.times.begin();
    const double hazard = baseline.cumulative[static_cast<size_t>(at)];
    EXPECT_CLOSE(hazard, hazards[i], kCoefficient);
    if (i == 4) continue;
    EXPECT_CLOSE(std::exp(-hazard * risk), survival[i], kCoefficient);
  }
}

TEST(TelcoCoxTest, StratifiedByContract) {
  const TelcoCox telco;
  if (telco.telco.empty()) GTEST_SKIP() << "telco_churn is not there";
  const GroupsOfText contracts(telco.telco.contract);
  CoxData data{.observed = telco.telco.observed(),
               .covariates = {telco.columns[2], telco.columns[3]},
               .names = {"Senior", "PartnerYes"},
               .strata = contracts.get()};
  const auto fit = FitCox(data);
  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_CLOSE(fit->coefficients[0], 0.0817301780043, kCoefficient);
  EXPECT_CLOSE(fit->coefficients[1], -0.6043342328478, kCoefficient);
  EXPECT_CLOSE(fit->null_log_likelihood, -13768.2242167, kStatistic);
  EXPECT_CLOSE(fit->log_likelihood, -13691.1115356, kStatistic);
  EXPECT_EQ(fit->baselines.size(), 3U);
}

std::vector<double> RiskOf(const TelcoCox &telco, const CoxFit &fit) {
  std::vector<double> risk(telco.telco.tenure.size());
  for (size_t k = 0; k < telco.columns.size(); ++k) {
    for (size_t i = 0; i < risk.size(); ++i) {
      risk[i] += fit.coefficients[static_cast<Eigen::Index>(k)] * telco.columns[k][i];
    }
  }
  return risk;
}

TEST(TelcoCoxTest, ConcordanceIsThatOfR) {
  const TelcoCox telco;
  if (telco.telco.empty()) GTEST_SKIP() << "telco_churn is not there";
  const auto efron = FitCox(telco.data());
  const auto breslow = FitCox(telco.data(), {.ties = Ties::kBreslow});
  ASSERT_TRUE(efron.ok() && breslow.ok());
  const auto found = MeasureConcordance(telco.telco.observed(), RiskOf(telco, *efron));
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_CLOSE(found->index, 0.844941305549, kStatistic);
  EXPECT_CLOSE(found->std_err, 0.00374071816275, kCoefficient);
  const auto other = MeasureConcordance(telco.telco.observed(), RiskOf(telco, *breslow));
  EXPECT_CLOSE(other->index, 0.84487982715, kStatistic);
}

TEST(TelcoCoxTest, HazardsAreNotProportional) {
  const TelcoCox telco;
  if (telco.telco.empty()) GTEST_SKIP() << "telco_churn is not there";
  const auto fit = FitCox(telco.data());
  ASSERT_TRUE(fit.ok());
  const auto tests = TestProportionality(telco.data(), {}, *fit, TimeScale::kKaplanMeier,
                                         {{"Contract", {0, 1}}, {"MonthlyCharges", {8}}});
  ASSERT_TRUE(tests.ok()) << tests.status();
  ASSERT_EQ(tests->size(), 3U);
  EXPECT_CLOSE((*tests)[0].statistic, 88.29461033, kCoefficient);
  EXPECT_EQ((*tests)[0].degrees, 2);
  EXPECT_CLOSE((*tests)[1].statistic, 116.03687189, kCoefficient);
  EXPECT_CLOSE((*tests)[2].statistic, 247.92355587, kCoefficient);
  EXPECT_EQ((*tests)[2].degrees, 9);
  EXPECT_EQ((*tests)[2].term, "GLOBAL");
}

}  // namespace
}  // namespace patron::loyalty
