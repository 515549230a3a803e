// Covariates in models of lifetime value, through the C interface.
#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "c_api/clv.hpp"
#include "c_api/tables.hpp"
#include "patron/c/patron.h"

namespace patron::c_api_test {
namespace {

using ::testing::ElementsAre;

TEST(ClvCovariatesTest, CovariatesOfBothProcesses) {
  // Drawn from the model itself: coefficients 0.5 on purchases, -0.8 on dropout.
  std::vector<double> age, z, w;
  for (int i = 0; i < 40'000; ++i) {
    age.push_back(20 + i % 30);
    z.push_back(i % 2);
    w.push_back(1000.0 * (i / 2 % 3));  // Of another size, on purpose.
  }
  TableOf questions;
  questions.Numbers("T", age).Numbers("z", z).Numbers("w", w);
  const char *const purchase[] = {"z"};
  const char *const dropout[] = {"w"};
  patron_clv_terms terms = Terms(PATRON_CLV_PARETO_NBD);
  terms.transaction_covariates = purchase;
  terms.transaction_covariate_count = 1;
  terms.dropout_covariates = dropout;
  terms.dropout_covariate_count = 1;
  const std::vector<double> truth = {0.9, 6, 0.7, 15, 0.5, -0.0008};
  const Model known = Known(terms, truth);
  patron_table *summary = nullptr;
  Error error;
  ASSERT_EQ(patron_clv_simulate(known.get(), nullptr, questions.get(), nullptr, 7, nullptr,
                                &summary, nullptr, error.get()),
            PATRON_OK)
      << error.message();
  const Table drawn(summary);
  TableOf data;
  data.Integers("frequency", Integers(drawn, "frequency"))
      .Numbers("recency", Numbers(drawn, "recency"))
      .Numbers("T", age)
      .Numbers("z", z)
      .Numbers("w", w);
  const Model fit = Fitted(data.get(), terms);
  const Table table = Parameters(fit);
  EXPECT_THAT(Texts(table, "name"),
              ElementsAre("r", "alpha", "s", "beta", "transaction.z", "dropout.w"));
  for (size_t i = 0; i < truth.size(); ++i) {
    EXPECT_NEAR(Numbers(table, "estimate")[i], truth[i], 4 * Numbers(table, "standard_error")[i]);
  }
  // In units of 1000 the coefficient is 1000 times as large, and nothing else changes.
  TableOf scaled;
  std::vector<double> thousands;
  for (const double v : w) thousands.push_back(v / 1000);
  scaled.Integers("frequency", Integers(drawn, "frequency"))
      .Numbers("recency", Numbers(drawn, "recency"))
      .Numbers("T", age)
      .Numbers("z", z)
      .Numbers("w", thousands);
  const Model again = Fitted(scaled.get(), terms);
  EXPECT_NEAR(Info(again).log_likelihood, Info(fit).log_likelihood, 1e-6);
  EXPECT_NEAR(Numbers(Parameters(again), "estimate")[5], 1000 * Numbers(table, "estimate")[5],
              1e-5);

  // One coefficient for both processes has one parameter less, and a lower likelihood.
  const char *const both[] = {"z"};
  terms.dropout_covariates = purchase;
  terms.equal_covariates = both;
  terms.equal_covariate_count = 1;
  const Model tied = Fitted(data.get(), terms);
  EXPECT_THAT(Texts(Parameters(tied), "name"), ElementsAre("r", "alpha", "s", "beta", "both.z"));
  terms.equal_covariate_count = 0;
  const Model untied = Fitted(data.get(), terms);
  EXPECT_LT(Info(tied).log_likelihood, Info(untied).log_likelihood);

  // A column that does not vary, or says the same as another, cannot be told from the rest.
  TableOf poor;
  poor.Integers("frequency", Integers(drawn, "frequency"))
      .Numbers("recency", Numbers(drawn, "recency"))
      .Numbers("T", age)
      .Numbers("z", z)
      .Numbers("w", std::vector<double>(age.size(), 3))
      .Numbers("y", z);
  const char *const constant[] = {"w"};
  const char *const twins[] = {"z", "y"};
  terms.dropout_covariate_count = 0;
  terms.transaction_covariates = constant;
  EXPECT_EQ(Refused(poor.get(), terms),
            "w: the same in all rows; expected a covariate that varies");
  terms.transaction_covariates = twins;
  terms.transaction_covariate_count = 2;
  EXPECT_EQ(Refused(poor.get(), terms),
            "y: follows from z; expected covariates that do not follow from each other");
  terms.penalty_transaction = 0.1;  // Decides between them.
  const Model shared = Fitted(poor.get(), terms);
  const std::vector<double> halves = Numbers(Parameters(shared), "estimate");
  EXPECT_NEAR(halves[4], halves[5], 1e-8);
}

// A model of every kind that takes covariates, with parameters and coefficients of z and w on each
// process that it has.
struct Case {
  int32_t kind;
  std::vector<double> own;
  bool transaction, dropout;
  int32_t regularity = 0;
};

const Case kCases[] = {
    {PATRON_CLV_NBD, {0.9, 6}, true, false},
    {PATRON_CLV_PARETO_NBD, {0.9, 6, 0.7, 15}, true, true},
    {PATRON_CLV_BG_NBD, {0.9, 6, 0.8, 2.5}, true, true},
    {PATRON_CLV_MBG_NBD, {0.9, 6, 0.8, 2.5}, true, true},
    {PATRON_CLV_BG_CNBD, {1.1, 3, 0.8, 2.5}, true, true, 2},
    {PATRON_CLV_MBG_CNBD, {1.1, 3, 0.8, 2.5}, true, true, 2},
    {PATRON_CLV_GGOMPERTZ_NBD, {1.2, 5, 0.08, 0.8, 3}, true, true},
    {PATRON_CLV_BG_BB, {1.2, 0.8, 0.7, 2.8}, true, true},
    {PATRON_CLV_SBG, {0.8, 2.5}, false, true},
    {PATRON_CLV_BETA_DISCRETE_WEIBULL, {0.9, 3, 1.4}, false, true},
};

class ClvCovariatesOf : public ::testing::TestWithParam<Case> {
 protected:
  static constexpr size_t kRows = 12'000;

  ClvCovariatesOf() {
    for (size_t i = 0; i < kRows; ++i) {
      const double t = static_cast<double>(i % 30);
      age_.push_back(Discrete() ? 4 + std::fmod(t, 6) : 20 + t);
      z_.push_back(static_cast<double>(i % 2));
      w_.push_back(1000 * (static_cast<double>(i / 2 % 3) - 1));
    }
  }
  static bool Discrete() { return GetParam().kind >= PATRON_CLV_BG_BB; }
  static bool Contractual() { return GetParam().kind >= PATRON_CLV_SBG; }

  static patron_clv_terms Taken() {
    patron_clv_terms terms = Terms(GetParam().kind, GetParam().regularity);
    if (GetParam().transaction) {
      terms.transaction_covariates = kNames;
      terms.transaction_covariate_count = 2;
    }
    if (GetParam().dropout) {
      terms.dropout_covariates = kNames;
      terms.dropout_covariate_count = 2;
    }
    return terms;
  }

  // In the order of the terms, with w in the unit that `scale` is of.
  static std::vector<double> Truth() {
    std::vector<double> values = GetParam().own;
    if (GetParam().transaction) values.insert(values.end(), {0.5, -0.0002});
    if (GetParam().dropout) values.insert(values.end(), {-0.4, 0.0003});
    return values;
  }

  // Customers drawn from the model, with w divided by `scale`.
  void Draw(double scale = 1) {
    std::vector<double> scaled;
    for (const double w : w_) scaled.push_back(w / scale);
    if (drawn_ == nullptr) {
      TableOf questions;
      questions.Numbers("T", age_).Numbers("z", z_).Numbers("w", w_);
      const Model known = Known(Taken(), Truth());
      patron_table *summary = nullptr;
      Error error;
      ASSERT_EQ(patron_clv_simulate(known.get(), nullptr, questions.get(), nullptr, 11, nullptr,
                                    &summary, nullptr, error.get()),
                PATRON_OK)
          << error.message();
      drawn_ = Table(summary);
    }
    data_ = std::make_unique<TableOf>();
    data_->Numbers("T", Numbers(drawn_, "T")).Numbers("z", z_).Numbers("w", scaled);
    if (Contractual()) {
      data_->Integers("churned", Integers(drawn_, "churned"));
      return;
    }
    data_->Integers("frequency", Integers(drawn_, "frequency"))
        .Numbers("recency", Numbers(drawn_, "recency"));
    if (!Discrete()) data_->Numbers("logs", Numbers(drawn_, "log_intervals"));
  }

  static patron_clv_columns Columns() {
    patron_clv_columns columns;
    patron_clv_columns_init(&columns);
    if (GetParam().regularity > 1) columns.log_intervals = "logs";
    return columns;
  }

  static constexpr const char *kNames[] = {"z", "w"};
  std::vector<double> age_, z_, w_;
  Table drawn_;
  std::unique_ptr<TableOf> data_;
};

TEST_P(ClvCovariatesOf, ComeBackWithTheirErrors) {
  Draw();
  const patron_clv_terms terms = Taken();
  const patron_clv_columns columns = Columns();
  const Model fit = Fitted(data_->get(), terms, &columns);
  const std::vector<double> estimates = Numbers(Parameters(fit), "estimate");
  const std::vector<double> errors = Numbers(Parameters(fit), "standard_error");
  const std::vector<double> truth = Truth();
  ASSERT_EQ(estimates.size(), truth.size());
  EXPECT_EQ(Info(fit).limits, 0);
  for (size_t i = 0; i < truth.size(); ++i) {
    EXPECT_NEAR(estimates[i], truth[i], 4.5 * errors[i]) << i;
  }
  // In thousands the coefficients are a thousand times as large, and nothing else changes.
  Draw(1000);
  const Model scaled = Fitted(data_->get(), terms, &columns);
  EXPECT_NEAR(Info(scaled).log_likelihood, Info(fit).log_likelihood, 1e-6);
  const std::vector<double> again = Numbers(Parameters(scaled), "estimate");
  for (size_t i = 0; i < truth.size(); ++i) {
    const bool of_w = i >= GetParam().own.size() && (i - GetParam().own.size()) % 2 == 1;
    EXPECT_NEAR(again[i], estimates[i] * (of_w ? 1000 : 1), 1e-4 * errors[i] * (of_w ? 1000 : 1));
  }
}

TEST_P(ClvCovariatesOf, DerivativesAreThoseOfTheValue) {
  Draw(1000);
  const patron_clv_terms terms = Taken();
  const patron_clv_columns columns = Columns();
  std::vector<double> point = Truth();
  const size_t n = point.size(), own = GetParam().own.size();
  for (size_t i = 0; i < n; ++i) point[i] = i < own ? std::log(point[i]) + 0.1 : 0.2;
  const auto value = [&](const std::vector<double> &at, double *gradient) {
    patron_clv_part part{};
    part.struct_size = sizeof part;
    Error error;
    EXPECT_EQ(patron_clv_likelihood(data_->get(), &columns, &terms, at.data(), n, nullptr, &part,
                                    gradient, nullptr, error.get()),
              PATRON_OK)
        << error.message();
    return part.value;
  };
  std::vector<double> gradient(n);
  const double here = value(point, gradient.data());
  for (size_t i = 0; i < n; ++i) {
    std::vector<double> up = point, down = point;
    up[i] += 1e-5;
    down[i] -= 1e-5;
    EXPECT_NEAR(gradient[i], (value(up, nullptr) - value(down, nullptr)) / 2e-5,
                1e-7 * std::abs(here))
        << i;
  }
}

TEST_P(ClvCovariatesOf, RowsAddUpToTheLikelihood) {
  Draw();
  const patron_clv_columns columns = Columns();
  const Model fit = Fitted(data_->get(), Taken(), &columns);
  patron_table *out = nullptr;
  Error error;
  ASSERT_EQ(
      patron_clv_log_likelihoods(fit.get(), data_->get(), &columns, nullptr, &out, error.get()),
      PATRON_OK)
      << error.message();
  const Table rows(out);
  double sum = 0;
  for (const double v : Numbers(rows, "log_likelihood")) sum += v;
  EXPECT_NEAR(sum, Info(fit).log_likelihood, 1e-9 * std::abs(sum));
  EXPECT_EQ(Numbers(rows, "log_likelihood").size(), kRows);
}

TEST_P(ClvCovariatesOf, ThatSayNothingAreNamed) {
  Draw();
  data_->Numbers("flat", std::vector<double>(kRows, 7)).Numbers("sum", [&] {
    std::vector<double> sum;
    for (size_t i = 0; i < kRows; ++i) sum.push_back(2 * z_[i] - w_[i] + 1);
    return sum;
  }());
  const char *const flat[] = {"z", "flat"}, *const sum[] = {"w", "z", "sum"};
  patron_clv_terms terms = Taken();
  const patron_clv_columns columns = Columns();
  const auto said = [&](const char *const *of, size_t count) {
    (GetParam().dropout ? terms.dropout_covariates : terms.transaction_covariates) = of;
    (GetParam().dropout ? terms.dropout_covariate_count : terms.transaction_covariate_count) =
        count;
    return Refused(data_->get(), terms, &columns);
  };
  EXPECT_EQ(said(flat, 2), "flat: the same in all rows; expected a covariate that varies");
  EXPECT_EQ(said(sum, 3),
            "sum: follows from w, z; expected covariates that do not follow from each other");
}

// One coefficient for both processes: where it fits, the slopes of the untied likelihood by the two
// cancel.
TEST_P(ClvCovariatesOf, TiedOnesShareTheirSlope) {
  if (!GetParam().transaction || !GetParam().dropout) GTEST_SKIP() << "one process alone";
  Draw(1000);
  patron_clv_terms terms = Taken();
  const patron_clv_columns columns = Columns();
  terms.equal_covariates = kNames;
  terms.equal_covariate_count = 1;
  const Model tied = Fitted(data_->get(), terms, &columns);
  const size_t own = GetParam().own.size();
  ASSERT_EQ(Texts(Parameters(tied), "name")[own], "both.z");
  const std::vector<double> at = Numbers(Parameters(tied), "estimate");
  std::vector<double> point;
  for (size_t i = 0; i < own; ++i) point.push_back(std::log(at[i]));
  point.insert(point.end(), {at[own], at[own + 1], at[own], at[own + 2]});
  terms.equal_covariate_count = 0;
  patron_clv_part part{};
  part.struct_size = sizeof part;
  std::vector<double> gradient(point.size());
  ASSERT_EQ(patron_clv_likelihood(data_->get(), &columns, &terms, point.data(), point.size(),
                                  nullptr, &part, gradient.data(), nullptr, nullptr),
            PATRON_OK);
  EXPECT_NEAR(part.value, Info(tied).log_likelihood, 1e-9 * std::abs(part.value));
  EXPECT_NEAR((gradient[own] + gradient[own + 2]) / part.weight, 0, 1e-7);
  EXPECT_GT(std::abs(gradient[own]) / part.weight, 1e-5);
  for (const size_t i : {size_t{0}, size_t{1}, own + 1, own + 3}) {
    EXPECT_NEAR(gradient[i] / part.weight, 0, 1e-7) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(AllKinds, ClvCovariatesOf, ::testing::ValuesIn(kCases),
                         [](const auto &info) { return std::to_string(info.param.kind); });

}  // namespace
}  // namespace patron::c_api_test
