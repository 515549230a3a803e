// Survival at the C interface: curves, tests, proportional hazards, accelerated failure.
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "c_api/tables.hpp"
#include "patron/c/patron.h"

namespace patron::c_api_test {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Free {
  void operator()(patron_kaplan_meier *model) const { patron_kaplan_meier_free(model); }
  void operator()(patron_cox *model) const { patron_cox_free(model); }
  void operator()(patron_aft *model) const { patron_aft_free(model); }
};

void AddRows(TableOf &rows) {
  rows.Numbers("duration", std::vector<double>{1, 2, 3, 4, 5, 6})
      .Integers("event", std::vector<int64_t>{1, 1, 0, 1, 1, 0})
      .Numbers("x", std::vector<double>{2, 1, 3, 2, 1, 1})
      .Texts("shop", {"b", "a", "b", "a", "b", "a"});
}

TEST(KaplanMeierTest, CurvesOfEachStratumByHand) {
  TableOf rows;
  AddRows(rows);
  patron_duration_columns columns;
  patron_duration_columns_init(&columns);
  const char *const strata[] = {"shop"};
  columns.strata = strata;
  columns.strata_count = 1;
  Error error;
  patron_kaplan_meier *made = nullptr;
  ASSERT_EQ(patron_kaplan_meier_fit(rows.get(), &columns, nullptr, &made, error.get()), PATRON_OK)
      << error.message();
  const std::unique_ptr<patron_kaplan_meier, Free> model(made);
  patron_table *out = nullptr;
  ASSERT_EQ(patron_kaplan_meier_curve(made, PATRON_INTERVAL_LOG_LOG, 0.95, &out, error.get()),
            PATRON_OK)
      << error.message();
  const Table curve(out);
  EXPECT_THAT(Texts(curve, "shop"), ElementsAre("a", "a", "a", "b", "b", "b"));
  EXPECT_THAT(Integers(curve, "at_risk"), ElementsAre(3, 2, 1, 3, 2, 1));
  const double third = 1.0 / 3;
  EXPECT_THAT(
      Numbers(curve, "survival"),
      ElementsAre(DoubleNear(2 * third, 1e-15), DoubleNear(third, 1e-15), DoubleNear(third, 1e-15),
                  DoubleNear(2 * third, 1e-15), DoubleNear(2 * third, 1e-15), 0));
  ASSERT_EQ(patron_kaplan_meier_quantiles(made, nullptr, 0, 0, 0.95, &out, error.get()), PATRON_OK);
  const Table none(out);
  EXPECT_EQ(patron_table_rows(out), 0);
}

TEST(KaplanMeierTest, OutputsStayUntouchedWhenRowsAreBad) {
  TableOf rows;
  rows.Numbers("days", std::vector<double>{1, -2}).Integers("event", std::vector<int64_t>{1, 1});
  patron_duration_columns columns;
  patron_duration_columns_init(&columns);
  columns.duration = "days";
  auto *out = Untouched<patron_kaplan_meier>();
  Error error;
  EXPECT_EQ(patron_kaplan_meier_fit(rows.get(), &columns, nullptr, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "days: row 1 is -2; expected 0 or more");
  EXPECT_EQ(out, Untouched<patron_kaplan_meier>());
  EXPECT_EQ(patron_kaplan_meier_fit(nullptr, &columns, nullptr, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_THAT(error.message(), HasSubstr("table: NULL"));
  EXPECT_EQ(patron_kaplan_meier_fit(rows.get(), nullptr, nullptr, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_THAT(error.message(), HasSubstr("column 'duration' is missing"));
}

TEST(LogRankTest, NeedsGroups) {
  TableOf rows;
  AddRows(rows);
  patron_log_rank_options options;
  patron_log_rank_options_init(&options);
  patron_chi_square test{};
  test.struct_size = sizeof test;
  Error error;
  EXPECT_EQ(patron_log_rank(rows.get(), nullptr, &options, &test, nullptr, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "groups: none; expected at least one column");
  const char *const groups[] = {"shop"};
  options.groups = groups;
  options.group_count = 1;
  ASSERT_EQ(patron_log_rank(rows.get(), nullptr, &options, &test, nullptr, error.get()), PATRON_OK);
  EXPECT_EQ(test.degrees, 1);
  // By hand: expected of "a" 3/6 + 3/5 + 2/3 + 1/2, variance 1/4 + 6/25 + 2/9 + 1/4.
  const double excess = 2 - (0.5 + 0.6 + 2.0 / 3 + 0.5);
  EXPECT_NEAR(test.statistic, excess * excess / (0.25 + 0.24 + 2.0 / 9 + 0.25), 1e-12);
}

TEST(CoxModelTest, OneCovariateByHand) {
  TableOf rows;
  AddRows(rows);
  patron_cox_options options;
  patron_cox_options_init(&options);
  const char *const covariates[] = {"x"};
  options.covariates = covariates;
  options.covariate_count = 1;
  Error error;
  patron_cox *made = nullptr;
  ASSERT_EQ(patron_cox_fit(rows.get(), nullptr, &options, &made, error.get()), PATRON_OK)
      << error.message();
  const std::unique_ptr<patron_cox, Free> model(made);
  patron_table *out = nullptr;
  ASSERT_EQ(patron_cox_coefficients(made, 0.95, &out, error.get()), PATRON_OK);
  const Table table(out);
  const double b = Numbers(table, "coefficient")[0];
  // The score: each event's covariate less the mean of those at risk.
  const double u = std::exp(b), v = u * u, w = v * u;
  const double score = (2 - (3 * u + 4 * v + 3 * w) / (3 * u + 2 * v + w)) +
                       (1 - (3 * u + 2 * v + 3 * w) / (3 * u + v + w)) +
                       (2 - (2 * u + 2 * v) / (2 * u + v)) + 0;
  EXPECT_NEAR(score, 0, 1e-12);
  patron_cox_info info{};
  info.struct_size = sizeof info;
  ASSERT_EQ(patron_cox_get_info(made, &info, error.get()), PATRON_OK);
  EXPECT_EQ(info.rows, 6U);
  EXPECT_EQ(info.events, 4U);
  const double likelihood = std::log(v / (3 * u + 2 * v + w)) + std::log(u / (3 * u + v + w)) +
                            std::log(v / (2 * u + v)) + std::log(0.5);
  EXPECT_NEAR(info.log_likelihood, likelihood, 1e-12);
}

TEST(CoxModelTest, NamesWhatIsNoFit) {
  TableOf rows;
  AddRows(rows);
  rows.Numbers("same", std::vector<double>(6, 4.0));
  patron_cox_options options;
  patron_cox_options_init(&options);
  const char *const covariates[] = {"x", "same"};
  options.covariates = covariates;
  options.covariate_count = 2;
  auto *out = Untouched<patron_cox>();
  Error error;
  EXPECT_EQ(patron_cox_fit(rows.get(), nullptr, &options, &out, error.get()),
            PATRON_FAILED_PRECONDITION);
  EXPECT_EQ(error.message(), "same: 4 in all rows; expected a covariate that varies");
  EXPECT_EQ(out, Untouched<patron_cox>());
  const char *const twice[] = {"x", "x"};
  options.covariates = twice;
  EXPECT_EQ(patron_cox_fit(rows.get(), nullptr, &options, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "covariates: 'x' twice; expected every column once");
}

TEST(AcceleratedFailureTest, ExponentialRateIsEventsByTime) {
  TableOf rows;
  AddRows(rows);
  patron_aft_options options;
  patron_aft_options_init(&options);
  options.distribution = PATRON_AFT_EXPONENTIAL;
  Error error;
  patron_aft *made = nullptr;
  ASSERT_EQ(patron_aft_fit(rows.get(), nullptr, &options, &made, error.get()), PATRON_OK)
      << error.message();
  const std::unique_ptr<patron_aft, Free> model(made);
  patron_table *out = nullptr;
  ASSERT_EQ(patron_aft_coefficients(made, 0.95, &out, error.get()), PATRON_OK);
  const Table table(out);
  EXPECT_THAT(Numbers(table, "coefficient"), ElementsAre(DoubleNear(std::log(21.0 / 4), 1e-12)));
  EXPECT_THAT(Numbers(table, "standard_error"), ElementsAre(DoubleNear(0.5, 1e-12)));
  ASSERT_EQ(patron_aft_predict(made, rows.get(), nullptr, &out, error.get()), PATRON_OK);
  const Table predicted(out);
  EXPECT_NEAR(Numbers(predicted, "median_remaining")[0], std::log(2.0) * 21 / 4, 1e-12);
}

}  // namespace
}  // namespace patron::c_api_test
