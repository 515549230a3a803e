#include "patron/value/lifetime_value.hpp"

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace patron::value {
namespace {

RelationTerms Terms(double retention, double discount) {
  return {.retention = retention, .discount = discount};
}

RelationTerms Immediate(RelationTerms terms) {
  terms.first_payment = FirstPayment::kImmediate;
  return terms;
}

// Payments added up one by one, as the definition says.
double ByAddition(double margin, const RelationTerms &terms, uint32_t payments) {
  double sum = 0;
  const bool immediate = terms.first_payment == FirstPayment::kImmediate;
  for (uint32_t i = 0; i < payments; ++i) {
    const double t = immediate ? i : i + 1.0;
    sum += margin * std::pow(1 + terms.growth, i) * std::pow(terms.retention, t) /
           std::pow(1 + terms.discount, t);
  }
  return sum;
}

// Formula checks of the specification, 3.5; the first two are acceptance test SYS-05.
TEST(LifetimeValueTest, ClosedFormsUnderBothTimings) {
  EXPECT_NEAR(*LifetimeValue(100, Terms(0.8, 0.1)), 80 / 0.3, 1e-9);
  EXPECT_NEAR(*LifetimeValue(100, Immediate(Terms(0.8, 0.1))), 110 / 0.3, 1e-9);
  EXPECT_NEAR(*LifetimeValue(100, Terms(0.9, 0.1)), 450, 1e-9);
  EXPECT_NEAR(*LifetimeValue(100, Terms(0.95, 0.12)), 558.8235294117647, 1e-9);
}

TEST(LifetimeValueTest, MarginMultiplesOfThePublishedTable) {
  EXPECT_NEAR(*MarginMultiple(Terms(0.8, 0.10)), 2.666666666666667, 1e-12);
  EXPECT_NEAR(*MarginMultiple(Terms(0.8, 0.12)), 2.5, 1e-12);
  EXPECT_NEAR(*MarginMultiple(Terms(0.8, 0.14)), 2.352941176470588, 1e-12);
  EXPECT_NEAR(*MarginMultiple(Terms(0.8, 0.16)), 2.222222222222222, 1e-12);
  EXPECT_NEAR(*MarginMultiple({.retention = 0.8, .discount = 0.12, .growth = 0.04}),
              2.777777777777778, 1e-12);
}

TEST(LifetimeValueTest, FiniteRelationsAddUpTheirPayments) {
  for (const double growth : {-0.05, 0.0, 0.1}) {
    for (const uint32_t payments : {0u, 1u, 2u, 7u, 60u}) {
      RelationTerms terms = {.retention = 0.85, .discount = 0.1, .growth = growth};
      terms.payments = payments;
      EXPECT_NEAR(*LifetimeValue(50, terms), ByAddition(50, terms, payments), 1e-10);
      terms = Immediate(terms);
      EXPECT_NEAR(*LifetimeValue(50, terms), ByAddition(50, terms, payments), 1e-10);
    }
  }
}

TEST(LifetimeValueTest, PaymentsThatNeitherGrowNorShrinkAreCounted) {
  RelationTerms terms = Terms(1, 0);
  terms.payments = 12;
  EXPECT_EQ(*LifetimeValue(10, terms), 120);
  terms.discount = 1e-12;  // 10 * (12 - 78e-12), by the first term of the series.
  EXPECT_NEAR(*LifetimeValue(10, terms), 120 - 780e-12, 1e-13);
}

TEST(LifetimeValueTest, NobodyStaysAfterTheFirstPaymentWithoutRetention) {
  RelationTerms terms = Terms(0, 0.1);
  EXPECT_EQ(*LifetimeValue(10, terms), 0);
  EXPECT_EQ(*LifetimeValue(10, Immediate(terms)), 10);
  terms.payments = 5;
  EXPECT_EQ(*LifetimeValue(10, terms), 0);
  EXPECT_EQ(*LifetimeValue(10, Immediate(terms)), 10);
}

TEST(LifetimeValueTest, CustomersMayCostMoreThanTheyBring) {
  EXPECT_NEAR(*LifetimeValue(-30, Terms(0.8, 0.1)), -80, 1e-12);
}

TEST(LifetimeValueTest, NumbersOutOfRangeAreNamed) {
  const auto problem = [](double margin, const RelationTerms &terms) {
    return std::string(LifetimeValue(margin, terms).status().message());
  };
  EXPECT_EQ(problem(1, Terms(1.2, 0.1)), "retention: 1.2; expected 0 to 1");
  EXPECT_EQ(problem(1, Terms(std::nan(""), 0.1)), "retention: nan; expected 0 to 1");
  EXPECT_EQ(problem(1, Terms(0.5, -0.1)), "discount: -0.1; expected a finite number of at least 0");
  EXPECT_EQ(problem(std::nan(""), Terms(0.5, 0.1)), "margin: nan; expected a finite number");
  EXPECT_EQ(problem(1, {.retention = 0.5, .discount = 0.1, .growth = -1}),
            "growth: -1; expected a finite number above -1");
  EXPECT_EQ(problem(1, Terms(1, 0)),
            "retention: 1 times 1 + growth is 1; expected below 1 + discount, 1, for payments "
            "without limit");
  EXPECT_EQ(LifetimeValue(1e308, Terms(0.99, 0)).status().code(), absl::StatusCode::kOutOfRange);
}

TEST(LifetimeValueTest, ManyCustomersHaveTheSameValuesAsEach) {
  const std::vector<double> margins = {100, 200, 50};
  const std::vector<double> retentions = {0.8, 0.9, 0};
  const auto values = LifetimeValues(margins, retentions, {.discount = 0.1});
  ASSERT_TRUE(values.ok());
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ((*values)[i], *LifetimeValue(margins[i], Terms(retentions[i], 0.1)));
  }
  const auto one_margin = LifetimeValues(std::vector<double>{10}, retentions, {.discount = 0.1});
  EXPECT_EQ((*one_margin)[1], *LifetimeValue(10, Terms(0.9, 0.1)));
  EXPECT_TRUE(LifetimeValues({}, {}, {})->empty());
}

TEST(LifetimeValueTest, BadCustomersAreNamedByRow) {
  const std::vector<double> margins = {100, 200, 50};
  const auto problem = [&](const std::vector<double> &retentions) {
    return std::string(
        LifetimeValues(margins, retentions, {.discount = 0.1, .growth = 0.1}).status().message());
  };
  EXPECT_EQ(problem({0.5, 1.2, -1}),
            "retention: row 1 is 1.2; expected 0 to 1, and below 1 for payments without limit (2 "
            "rows in all)");
  EXPECT_EQ(problem({0.5, 0.5}), "retention: 2 rows; expected 1, or as many as margin, 3");
  EXPECT_EQ(
      std::string(LifetimeValues(std::vector<double>{1, std::nan("")}, {margins.data(), 2}, {})
                      .status()
                      .message()),
      "margin: row 1 is nan; expected a finite number");
}

TEST(RetentionElasticityTest, IsThatOfTheClosedForm) {
  EXPECT_NEAR(*RetentionElasticity(Terms(0.8, 0.1)), 3.6666666666666665, 1e-12);  // 3.667 [R].
  // By difference quotient of the logarithms, for growth and both timings.
  for (const bool immediate : {false, true}) {
    RelationTerms terms = {.retention = 0.7, .discount = 0.15, .growth = 0.05};
    if (immediate) terms = Immediate(terms);
    RelationTerms more = terms, less = terms;
    more.retention *= 1 + 1e-6;
    less.retention *= 1 - 1e-6;
    const double slope = std::log(*MarginMultiple(more) / *MarginMultiple(less)) /
                         std::log(more.retention / less.retention);
    EXPECT_NEAR(*RetentionElasticity(terms), slope, 1e-8);
  }
  RelationTerms finite = Terms(0.8, 0.1);
  finite.payments = 3;
  EXPECT_EQ(std::string(RetentionElasticity(finite).status().message()),
            "payments: 3; expected no limit");
}

TEST(RetentionValueTest, IsTheExpectedLoss) {
  EXPECT_EQ(*RetentionValue(1000, 0.4), 400);  // SYS-20: times a save rate of 0.25 it caps at 100.
  EXPECT_EQ(std::string(RetentionValue(1000, 1.4).status().message()),
            "loss_probability: 1.4; expected 0 to 1");
  EXPECT_FALSE(RetentionValue(std::nan(""), 0.4).ok());
}

TEST(HistoricalValueTest, DiscountsPastContributions) {
  const std::vector<uint32_t> customer = {1, 0, 1};
  const std::vector<double> contributions = {100, 50, 121};
  const std::vector<double> periods = {0, 1, 2};
  const auto values = HistoricalValue(customer, contributions, periods, 0.1, 3);
  ASSERT_TRUE(values.ok());
  EXPECT_NEAR((*values)[0], 50 / 1.1, 1e-12);
  EXPECT_NEAR((*values)[1], 200, 1e-12);  // 100 + 121 / 1.21
  EXPECT_EQ((*values)[2], 0);
}

TEST(HistoricalValueTest, BadRowsAreNamed) {
  const std::vector<uint32_t> customer = {0, 3};
  const std::vector<double> two = {1, 2};
  EXPECT_EQ(std::string(HistoricalValue(customer, two, two, 0.1, 3).status().message()),
            "customer: row 1 is 3; expected an index below 3");
  EXPECT_EQ(
      std::string(
          HistoricalValue(customer, two, std::vector<double>{0, -1}, 0.1, 4).status().message()),
      "periods: row 1 is -1; expected a number of at least 0");
  EXPECT_FALSE(HistoricalValue(customer, two, {}, 0.1, 4).ok());
  EXPECT_FALSE(HistoricalValue(customer, two, two, -0.1, 4).ok());
  EXPECT_FALSE(HistoricalValue(customer, std::vector<double>{1, std::nan("")}, two, 0.1, 4).ok());
}

}  // namespace
}  // namespace patron::value
