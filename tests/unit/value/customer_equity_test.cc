#include "patron/value/customer_equity.hpp"

#include <cmath>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "patron/value/lifetime_value.hpp"

namespace patron::value {
namespace {

TEST(CustomerEquityTest, IsTheDoubleSumOfItsDefinition) {
  const std::vector<EquityCohort> cohorts = {{100, 20}, {50, 25}, {80, 30}};
  const std::vector<double> margins = {40, 35, 30, 28};
  const double retention = 0.7, discount = 0.12;
  double gross = 0, acquisition = 0;
  for (size_t k = 0; k < cohorts.size(); ++k) {
    for (size_t t = k; t < k + margins.size(); ++t) {
      gross += cohorts[k].customers * margins[t - k] *
               std::pow(retention, static_cast<double>(t - k)) /
               std::pow(1 + discount, static_cast<double>(t));
    }
    acquisition += cohorts[k].customers * cohorts[k].acquisition_cost /
                   std::pow(1 + discount, static_cast<double>(k));
  }
  const auto equity =
      MeasureCustomerEquity(cohorts, margins, {.retention = retention, .discount = discount});
  ASSERT_TRUE(equity.ok());
  EXPECT_NEAR(equity->gross, gross, 1e-9);
  EXPECT_NEAR(equity->acquisition, acquisition, 1e-9);
  EXPECT_NEAR(equity->equity, gross - acquisition, 1e-9);
  EXPECT_EQ(equity->cohort_value.size(), 3u);
}

TEST(CustomerEquityTest, AMarginThatContinuesIsTheClosedForm) {
  const std::vector<EquityCohort> cohorts = {{10, 0}};
  const EquityOptions options = {.retention = 0.8, .discount = 0.1, .last_margin_continues = true};
  RelationTerms terms = {.retention = 0.8, .discount = 0.1};
  terms.first_payment = FirstPayment::kImmediate;
  const double expected = 10 * *LifetimeValue(100, terms);
  for (const size_t ages : {1, 2, 5}) {
    const auto equity = MeasureCustomerEquity(cohorts, std::vector<double>(ages, 100.0), options);
    EXPECT_NEAR(equity->equity, expected, 1e-9);
  }
}

TEST(CustomerEquityTest, NothingIsWorthNothing) {
  EXPECT_EQ(MeasureCustomerEquity({}, std::vector<double>{1.0}, {})->equity, 0);
  const std::vector<EquityCohort> cohorts = {{10, 3}};
  EXPECT_EQ(MeasureCustomerEquity(cohorts, {}, {})->equity, -30);
}

TEST(CustomerEquityTest, NumbersOutOfRangeAreNamed) {
  const std::vector<double> margins = {1};
  const auto problem = [&](std::vector<EquityCohort> cohorts, EquityOptions options) {
    return std::string(MeasureCustomerEquity(cohorts, margins, options).status().message());
  };
  EXPECT_EQ(problem({{1, 1}, {-1, 1}}, {}),
            "customers: row 1 is -1; expected a finite number of at least 0");
  EXPECT_EQ(problem({{1, std::nan("")}}, {}),
            "acquisition_cost: row 0 is nan; expected a finite number of at least 0");
  EXPECT_EQ(problem({}, {.retention = 2}), "retention: 2; expected 0 to 1");
  EXPECT_EQ(problem({}, {.discount = -1}), "discount: -1; expected a finite number of at least 0");
  EXPECT_EQ(problem({}, {.retention = 1, .last_margin_continues = true}),
            "retention: 1 with discount 0; expected a lower retention or a positive discount where "
            "the last margin continues");
  EXPECT_EQ(MeasureCustomerEquity({}, std::vector<double>{std::nan("")}, {}).status().message(),
            "margins: row 0 is nan; expected a finite number");
}

}  // namespace
}  // namespace patron::value
