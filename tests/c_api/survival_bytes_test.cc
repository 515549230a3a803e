// Fits of survival as bytes at the C interface, and errors of predicted survival.
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "c_api/bytes.hpp"
#include "c_api/tables.hpp"
#include "patron/c/patron.h"

namespace patron::c_api_test {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;

struct Free {
  void operator()(patron_kaplan_meier *model) const { patron_kaplan_meier_free(model); }
  void operator()(patron_cox *model) const { patron_cox_free(model); }
  void operator()(patron_aft *model) const { patron_aft_free(model); }
  void operator()(patron_discrete_hazard *model) const { patron_discrete_hazard_free(model); }
};
template <typename Model>
using Own = std::unique_ptr<Model, Free>;

constexpr const char *kStrata[] = {"shop"};
constexpr const char *kCovariates[] = {"x"};

struct Rows {
  TableOf table;
  patron_duration_columns columns{};
  Error error;

  Rows() {
    table.Numbers("duration", std::vector<double>{1, 2, 3, 4, 5, 6, 2, 4})
        .Integers("event", std::vector<int64_t>{1, 1, 0, 1, 1, 0, 1, 1})
        .Numbers("x", std::vector<double>{2, 1, 3, 2, 1, 1, 3, 1})
        .Numbers("weight", std::vector<double>{1, 2, 0.5, 2, 1, 1, 1, 1})
        .Texts("shop", {"b", "a", "b", "a", "b", "a", "b", "a"});
    patron_duration_columns_init(&columns);
    columns.weight = "weight";
  }

  Own<patron_kaplan_meier> KaplanMeier(bool strata) {
    columns.strata = strata ? kStrata : nullptr;
    columns.strata_count = strata ? 1 : 0;
    patron_kaplan_meier *out = nullptr;
    EXPECT_EQ(patron_kaplan_meier_fit(table.get(), &columns, nullptr, &out, error.get()), PATRON_OK)
        << error.message();
    return Own<patron_kaplan_meier>(out);
  }
  Own<patron_cox> Cox(bool errors) {
    columns.strata = kStrata;
    columns.strata_count = 1;
    patron_cox_options options;
    patron_cox_options_init(&options);
    options.covariates = kCovariates;
    options.covariate_count = 1;
    options.survival_errors = errors ? 1 : 0;
    patron_cox *out = nullptr;
    EXPECT_EQ(patron_cox_fit(table.get(), &columns, &options, &out, error.get()), PATRON_OK)
        << error.message();
    return Own<patron_cox>(out);
  }
};

template <typename Model>
void ExpectBytes(const Model *model, Serialize<Model> serialize, Deserialize<Model> deserialize) {
  const std::string bytes = BytesOf<Model>(serialize, model);
  Model *again = nullptr;
  Error error;
  ASSERT_EQ(deserialize(bytes.data(), bytes.size(), &again, error.get()), PATRON_OK)
      << error.message();
  const Own<Model> read(again);
  EXPECT_EQ(BytesOf<Model>(serialize, again), bytes);
  ExpectOnlyTheseBytesLoad<Model>(deserialize, bytes);
}

TEST(SurvivalBytesTest, OfEachModel) {
  Rows rows;
  for (const bool strata : {false, true}) {
    ExpectBytes<patron_kaplan_meier>(rows.KaplanMeier(strata).get(), patron_kaplan_meier_serialize,
                                     patron_kaplan_meier_deserialize);
    ExpectBytes<patron_cox>(rows.Cox(strata).get(), patron_cox_serialize, patron_cox_deserialize);
  }
  rows.columns.strata_count = 0;
  patron_aft_options options;
  patron_aft_options_init(&options);
  options.covariates = kCovariates;
  options.covariate_count = 1;
  patron_aft *aft = nullptr;
  ASSERT_EQ(patron_aft_fit(rows.table.get(), &rows.columns, &options, &aft, nullptr), PATRON_OK);
  const Own<patron_aft> own(aft);
  ExpectBytes<patron_aft>(aft, patron_aft_serialize, patron_aft_deserialize);
  patron_discrete_hazard *discrete = nullptr;
  ASSERT_EQ(
      patron_discrete_hazard_fit(rows.table.get(), &rows.columns, nullptr, &discrete, nullptr),
      PATRON_OK);
  const Own<patron_discrete_hazard> periods(discrete);
  ExpectBytes<patron_discrete_hazard>(discrete, patron_discrete_hazard_serialize,
                                      patron_discrete_hazard_deserialize);
  patron_table *out = nullptr;
  ASSERT_EQ(patron_aft_columns(aft, &out, nullptr), PATRON_OK);
  const Table columns(out);
  EXPECT_THAT(Texts(columns, "role"), ElementsAre("duration", "event", "weight", "covariate"));
  EXPECT_THAT(Texts(columns, "name"), ElementsAre("duration", "event", "weight", "x"));
  ASSERT_EQ(patron_discrete_hazard_columns(discrete, &out, nullptr), PATRON_OK);
  const Table others(out);
  EXPECT_THAT(Texts(others, "role"), ElementsAre("duration", "event", "weight"));
}

TEST(SurvivalBytesTest, WhatIsReadKnowsItsColumnsAndStrata) {
  Rows rows;
  const std::string bytes = BytesOf<patron_cox>(patron_cox_serialize, rows.Cox(true).get());
  patron_cox *made = nullptr;
  ASSERT_EQ(patron_cox_deserialize(bytes.data(), bytes.size(), &made, nullptr), PATRON_OK);
  const Own<patron_cox> cox(made);
  patron_table *out = nullptr;
  ASSERT_EQ(patron_cox_columns(made, &out, nullptr), PATRON_OK);
  const Table columns(out);
  EXPECT_THAT(Texts(columns, "role"),
              ElementsAre("duration", "event", "weight", "stratum", "covariate"));
  EXPECT_THAT(Texts(columns, "name"), ElementsAre("duration", "event", "weight", "shop", "x"));
  ASSERT_EQ(patron_cox_baseline(made, 0, &out, nullptr), PATRON_OK);
  const Table baseline(out);
  EXPECT_THAT(Texts(baseline, "shop"), ElementsAre("a", "a", "b", "b", "b"));

  TableOf asked;
  asked.Numbers("x", std::vector<double>{1, 2}).Texts("shop", {"b", "a"});
  patron_cox_predict_options options;
  patron_cox_predict_options_init(&options);
  const double times[] = {1.5};
  options.times = times;
  options.time_count = 1;
  options.errors = 1;
  std::vector<double> errors[2];
  const Own<patron_cox> fitted = rows.Cox(true);
  for (const patron_cox *model : {made, fitted.get()}) {
    ASSERT_EQ(patron_cox_predict(model, asked.get(), &options, &out, nullptr), PATRON_OK);
    const Table found(out);
    errors[model == made ? 0 : 1] = Numbers(found, "std_err_1");
    // Nobody of shop a leaves before 2.
    EXPECT_GT(Numbers(found, "std_err_1")[0], 0.05);
    EXPECT_EQ(Numbers(found, "std_err_1")[1], 0);
    EXPECT_EQ(Numbers(found, "lower_1")[1], 1);
    EXPECT_LT(Numbers(found, "lower_1")[0], Numbers(found, "survival_1")[0]);
  }
  EXPECT_EQ(errors[0], errors[1]);
  asked.Texts("other", {"a", "b"});
  Error error;
  ASSERT_EQ(patron_cox_predict(rows.Cox(false).get(), asked.get(), &options, &out, error.get()),
            PATRON_FAILED_PRECONDITION);
  EXPECT_EQ(error.message(),
            "errors: the fit has not kept what they need; expected one with survival_errors");
  options.errors = 2;
  EXPECT_EQ(patron_cox_predict(made, asked.get(), &options, &out, nullptr),
            PATRON_INVALID_ARGUMENT);
  options.errors = 1;
  options.level = 1;
  EXPECT_EQ(patron_cox_predict(made, asked.get(), &options, &out, nullptr),
            PATRON_INVALID_ARGUMENT);
  patron_cox_info info{};
  info.struct_size = sizeof info;
  ASSERT_EQ(patron_cox_get_info(made, &info, nullptr), PATRON_OK);
  EXPECT_EQ(info.survival_errors, 1);
}

// With r = exp(coefficient), three rows of r and three of 1 are at risk at 1, one of r and three of 1
// at 6, when two leave, one of 1 at 9: the variance can be written down.
TEST(CoxErrorsTest, SixRowsByHand) {
  TableOf table;
  table.Numbers("duration", std::vector<double>{1, 1, 6, 6, 8, 9})
      .Integers("event", std::vector<int64_t>{1, 0, 1, 1, 0, 1})
      .Numbers("x", std::vector<double>{1, 1, 1, 0, 0, 0});
  patron_cox_options fit;
  patron_cox_options_init(&fit);
  fit.covariates = kCovariates;
  fit.covariate_count = 1;
  fit.ties = PATRON_TIES_BRESLOW;
  fit.survival_errors = 1;
  patron_cox *made = nullptr;
  ASSERT_EQ(patron_cox_fit(table.get(), nullptr, &fit, &made, nullptr), PATRON_OK);
  const Own<patron_cox> cox(made);
  patron_table *out = nullptr;
  ASSERT_EQ(patron_cox_coefficients(made, 0.95, &out, nullptr), PATRON_OK);
  const Table coefficients(out);
  const double r = Numbers(coefficients, "hazard_ratio")[0];
  TableOf asked;
  asked.Numbers("x", std::vector<double>{0});
  patron_cox_predict_options options;
  patron_cox_predict_options_init(&options);
  const double times[] = {6};
  options.times = times;
  options.time_count = 1;
  options.errors = 1;
  ASSERT_EQ(patron_cox_predict(made, asked.get(), &options, &out, nullptr), PATRON_OK);
  const Table found(out);
  const double hazard = 1 / (3 * r + 3) + 2 / (r + 3);
  const double apart = r / (r + 1) / (3 * r + 3) + r / (r + 3) * 2 / (r + 3);
  const double information = r / ((r + 1) * (r + 1)) + 6 * r / ((r + 3) * (r + 3));
  const double variance =
      1 / ((3 * r + 3) * (3 * r + 3)) + 2 / ((r + 3) * (r + 3)) + apart * apart / information;
  const double survival = std::exp(-hazard);
  EXPECT_THAT(Numbers(found, "survival_1"), ElementsAre(DoubleNear(survival, 1e-12)));
  EXPECT_THAT(Numbers(found, "std_err_1"),
              ElementsAre(DoubleNear(survival * std::sqrt(variance), 1e-9)));
}

}  // namespace
}  // namespace patron::c_api_test
