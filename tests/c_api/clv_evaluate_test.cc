// Evaluation of models of lifetime value, and customers drawn from them, through the C interface.
#include <algorithm>
#include <cmath>
#include <numeric>
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
using ::testing::StartsWith;

// Negative binomial probability of n purchases in t, by recursion.
double NbdProbability(double r, double alpha, double t, int n) {
  double p = std::pow(alpha / (alpha + t), r);
  for (int i = 0; i < n; ++i) p *= (r + i) / (i + 1) * t / (alpha + t);
  return p;
}

TEST(ClvEvaluateTest, TrackingOfAnNbd) {
  const double r = 0.6, alpha = 4;
  const Model model = Known(PATRON_CLV_NBD, {r, alpha});
  // The oldest came at 0, the others at 2.5 and 6.
  TableOf customers, purchases;
  customers.Numbers("T", std::vector<double>{10, 7.5, 4})
      .Numbers("w", std::vector<double>{1, 2, 1});
  purchases.Numbers("time", std::vector<double>{1, 2, 2.5, 7, 8, 11, 30});
  patron_clv_columns columns;
  patron_clv_columns_init(&columns);
  columns.weight = "w";
  patron_clv_tracking_options options;
  patron_clv_tracking_options_init(&options);
  options.period = 2;
  options.periods = 6;
  Error error;
  patron_table *out = nullptr;
  ASSERT_EQ(patron_clv_tracking(model.get(), customers.get(), &columns, purchases.get(), &options,
                                &out, error.get()),
            PATRON_OK)
      << error.message();
  const Table table(out);
  EXPECT_THAT(Integers(table, "period"), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(Numbers(table, "end"), ElementsAre(2, 4, 6, 8, 10, 12));
  EXPECT_THAT(Numbers(table, "customers"), ElementsAre(1, 3, 4, 4, 4, 4));
  // A purchase at the end of a period belongs to it.
  EXPECT_THAT(Numbers(table, "actual"), ElementsAre(2, 1, 0, 2, 0, 1));
  EXPECT_THAT(Numbers(table, "actual_cumulative"), ElementsAre(2, 3, 3, 5, 5, 6));
  double before = 0;
  for (size_t i = 0; i < 6; ++i) {
    const double end = 2.0 * static_cast<double>(i + 1);
    const double time = end + 2 * std::max(0.0, end - 2.5) + std::max(0.0, end - 6);
    EXPECT_NEAR(Numbers(table, "expected_cumulative")[i], r / alpha * time, 1e-12);
    EXPECT_NEAR(Numbers(table, "expected")[i], r / alpha * time - before, 1e-12);
    before = r / alpha * time;
  }
  // Without purchases the periods have to be told, with them they end at the last.
  options.periods = 0;
  ASSERT_EQ(patron_clv_tracking(model.get(), customers.get(), nullptr, purchases.get(), &options,
                                &out, error.get()),
            PATRON_OK);
  EXPECT_EQ(patron_table_rows(Table(out).get()), 15);
  EXPECT_EQ(patron_clv_tracking(model.get(), customers.get(), nullptr, nullptr, &options, &out,
                                error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_THAT(error.message(), StartsWith("periods: 0; expected a number of periods"));
  options.periods = 2;
  ASSERT_EQ(patron_clv_tracking(model.get(), customers.get(), nullptr, nullptr, &options, &out,
                                error.get()),
            PATRON_OK);
  EXPECT_THAT(NamesOf(Table(out)),
              ElementsAre("period", "end", "customers", "expected", "expected_cumulative"));
  options.period = 0;
  EXPECT_EQ(patron_clv_tracking(model.get(), customers.get(), nullptr, nullptr, &options, &out,
                                error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "period: 0; expected a number above 0");
}

// With covariates the expectation is the sum over customers, each with parameters of its own.
TEST(ClvEvaluateTest, TrackingAndFrequenciesWithCovariates) {
  const char *const names[] = {"z"};
  patron_clv_terms terms = Terms(PATRON_CLV_BG_NBD);
  terms.transaction_covariates = names;
  terms.transaction_covariate_count = 1;
  const Model model = Known(terms, {0.5, 6, 0.8, 2.4, 0.7});
  TableOf customers;
  customers.Numbers("T", std::vector<double>{12, 12, 9, 9, 12})
      .Integers("frequency", std::vector<int64_t>{0, 3, 1, 0, 9})
      .Numbers("z", std::vector<double>{0, 1, 1, 0.5, 1});
  const auto expected_within = [&](double t, double z) {
    TableOf question;
    question.Numbers("T", std::vector<double>{t}).Numbers("z", std::vector<double>{z});
    patron_clv_new_options options;
    patron_clv_new_options_init(&options);
    options.most = 2;
    patron_table *out = nullptr;
    EXPECT_EQ(
        patron_clv_new_customers(model.get(), question.get(), nullptr, &options, &out, nullptr),
        PATRON_OK);
    return Table(out);
  };
  patron_clv_tracking_options options;
  patron_clv_tracking_options_init(&options);
  options.period = 5;
  options.periods = 3;
  patron_table *out = nullptr;
  Error error;
  ASSERT_EQ(patron_clv_tracking(model.get(), customers.get(), nullptr, nullptr, &options, &out,
                                error.get()),
            PATRON_OK)
      << error.message();
  const Table tracking(out);
  const double births[] = {0, 0, 3, 3, 0}, z[] = {0, 1, 1, 0.5, 1};
  for (size_t period = 0; period < 3; ++period) {
    double sum = 0;
    for (size_t i = 0; i < 5; ++i) {
      const double t = 5.0 * static_cast<double>(period + 1) - births[i];
      sum += Numbers(expected_within(t, z[i]), "expected_purchases")[0];
    }
    EXPECT_NEAR(Numbers(tracking, "expected_cumulative")[period], sum, 1e-12);
  }
  ASSERT_EQ(patron_clv_frequency_table(model.get(), customers.get(), nullptr, 2, nullptr, &out,
                                       error.get()),
            PATRON_OK)
      << error.message();
  const Table frequencies(out);
  EXPECT_THAT(Integers(frequencies, "frequency"), ElementsAre(0, 1, 2));
  EXPECT_THAT(Numbers(frequencies, "actual"), ElementsAre(2, 1, 2));
  double sums[3] = {0, 0, 5};
  const double age[] = {12, 12, 9, 9, 12};
  for (size_t i = 0; i < 5; ++i) {
    const Table of = expected_within(age[i], z[i]);
    sums[0] += Numbers(of, "p_0")[0];
    sums[1] += Numbers(of, "p_1")[0];
  }
  sums[2] -= sums[0] + sums[1];
  for (size_t n = 0; n < 3; ++n) {
    EXPECT_NEAR(Numbers(frequencies, "expected")[n], sums[n], 1e-12);
  }
  EXPECT_EQ(patron_clv_frequency_table(model.get(), customers.get(), nullptr, 0, nullptr, &out,
                                       error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "most: 0; expected 1 to 10000");
}

struct HoldoutTable {
  HoldoutTable() {
    table.Integers("frequency", frequency)
        .Numbers("recency", std::vector<double>{0, 4, 5, 9})
        .Numbers("T", age)
        .Numbers("monetary_value", std::vector<double>{0, 10, 80, 5})
        .Integers("frequency_holdout", actual)
        .Numbers("duration_holdout", duration)
        .Numbers("monetary_value_holdout", spend);
  }
  std::vector<int64_t> frequency = {0, 1, 4, 9}, actual = {0, 2, 1, 6};
  std::vector<double> age = {5, 8, 8, 10}, duration = {4, 4, 4, 6}, spend = {0, 10, 50, 2};
  TableOf table;
};

TEST(ClvEvaluateTest, HoldoutByHand) {
  const double r = 0.6, alpha = 4;
  const Model model = Known(PATRON_CLV_NBD, {r, alpha});
  HoldoutTable data;
  patron_clv_holdout_options options;
  patron_clv_holdout_options_init(&options);
  options.actual_value = "monetary_value_holdout";
  patron_clv_holdout_result result{};
  result.struct_size = sizeof result;
  patron_table *deciles = nullptr;
  Error error;
  ASSERT_EQ(patron_clv_holdout(model.get(), data.table.get(), nullptr, &options, &result, &deciles,
                               error.get()),
            PATRON_OK)
      << error.message();
  const Table calibration(deciles);
  std::vector<double> predicted;
  double mae = 0, square = 0, bias = 0, score = 0;
  for (size_t i = 0; i < 4; ++i) {
    const double shape = r + static_cast<double>(data.frequency[i]), rate = alpha + data.age[i];
    predicted.push_back(shape / rate * data.duration[i]);
    const double off = predicted[i] - static_cast<double>(data.actual[i]);
    mae += std::abs(off) / 4;
    square += off * off / 4;
    bias += off / 4;
    score -=
        std::log(NbdProbability(shape, rate, data.duration[i], static_cast<int>(data.actual[i]))) /
        4;
  }
  EXPECT_EQ(result.customers, 4u);
  EXPECT_EQ(result.actual, 9);
  EXPECT_NEAR(result.predicted, std::accumulate(predicted.begin(), predicted.end(), 0.0), 1e-12);
  EXPECT_NEAR(result.mae, mae, 1e-12);
  EXPECT_NEAR(result.rmse, std::sqrt(square), 1e-12);
  EXPECT_NEAR(result.bias, bias, 1e-12);
  EXPECT_NEAR(result.relative_bias, result.predicted / 9 - 1, 1e-12);
  EXPECT_NEAR(result.log_score, score, 1e-12);
  // Ranks 1 2 3 4 against 1 3 2 4: 1 - 6 x 2 / (4 x 15).
  EXPECT_NEAR(result.rank_correlation, 0.8, 1e-12);
  // Revenue 0, 20, 50, 12. Most purchases are expected of the last; the third brought most.
  EXPECT_NEAR(result.top_decile_share, 12.0 / 82, 1e-12);
  EXPECT_NEAR(result.top_decile_best, 50.0 / 82, 1e-12);
  EXPECT_THAT(Integers(calibration, "decile"), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
  const std::vector<int64_t> customers = Integers(calibration, "customers");
  EXPECT_EQ(std::accumulate(customers.begin(), customers.end(), int64_t{0}), 4);
  EXPECT_NEAR(Numbers(calibration, "predicted")[0], predicted[0], 1e-12);

  // Ranked by revenue, spends of 80 outweigh purchases.
  const Model spend = Known(PATRON_CLV_GAMMA_GAMMA, {6.25, 3.74, 15.44});
  options.spend = spend.get();
  options.log_score = 0;
  ASSERT_EQ(patron_clv_holdout(model.get(), data.table.get(), nullptr, &options, &result, nullptr,
                               error.get()),
            PATRON_OK)
      << error.message();
  EXPECT_NEAR(result.top_decile_share, 50.0 / 82, 1e-12);
  EXPECT_TRUE(std::isnan(result.log_score));
  options.actual = "nothing";
  EXPECT_EQ(patron_clv_holdout(model.get(), data.table.get(), nullptr, &options, &result, nullptr,
                               error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_THAT(error.message(), StartsWith("column 'nothing' is missing"));
}

TEST(ClvEvaluateTest, ComparisonOfFits) {
  Cdnow cdnow;
  PATRON_NEEDS_CDNOW(cdnow);
  const Model nbd = Fitted(cdnow.table.get(), PATRON_CLV_NBD);
  const Model bg = Fitted(cdnow.table.get(), PATRON_CLV_BG_NBD);
  const Model mbg = Fitted(cdnow.table.get(), PATRON_CLV_MBG_NBD);
  const patron_clv_model *models[] = {nbd.get(), bg.get(), mbg.get()};
  Error error;
  patron_table *out = nullptr;
  ASSERT_EQ(patron_clv_compare(models, 3, nullptr, nullptr, nullptr, &out, error.get()), PATRON_OK)
      << error.message();
  // Log-likelihoods -9582.13, -9582.43, and far below.
  const Table fits(out);
  EXPECT_THAT(Integers(fits, "model"), ElementsAre(2, 1, 0));
  EXPECT_THAT(Integers(fits, "kind"),
              ElementsAre(PATRON_CLV_MBG_NBD, PATRON_CLV_BG_NBD, PATRON_CLV_NBD));
  EXPECT_THAT(Integers(fits, "parameters"), ElementsAre(4, 4, 2));
  EXPECT_NEAR(Numbers(fits, "aic")[0], 8 + 2 * 9582.132685, 1e-4);
  HoldoutTable data;
  ASSERT_EQ(patron_clv_compare(models, 3, data.table.get(), nullptr, nullptr, &out, error.get()),
            PATRON_OK)
      << error.message();
  const Table holdout(out);
  const std::vector<double> scores = Numbers(holdout, "log_score");
  EXPECT_TRUE(std::is_sorted(scores.begin(), scores.end()));
  const Model known = Known(PATRON_CLV_NBD, {1, 1});
  models[1] = known.get();
  EXPECT_EQ(patron_clv_compare(models, 3, nullptr, nullptr, nullptr, &out, error.get()),
            PATRON_FAILED_PRECONDITION);
  EXPECT_THAT(error.message(), StartsWith("models[1]: a NBD made from known values"));
}

// What is drawn from a model is fitted by it, within the error of so many customers.
TEST(ClvEvaluateTest, EveryKindFindsItsParametersAgain) {
  struct Case {
    int32_t kind;
    std::vector<double> truth;
    double most_age;
  };
  const std::vector<Case> cases = {{PATRON_CLV_NBD, {0.6, 4}, 30},
                                   {PATRON_CLV_PARETO_NBD, {0.9, 4, 0.8, 9}, 40},
                                   {PATRON_CLV_BG_NBD, {0.5, 4, 0.8, 2.4}, 40},
                                   {PATRON_CLV_MBG_NBD, {0.7, 4, 0.9, 1.6}, 40},
                                   {PATRON_CLV_BG_BB, {1.2, 0.75, 0.66, 2.78}, 10},
                                   {PATRON_CLV_SBG, {0.7, 1.2}, 12},
                                   {PATRON_CLV_BETA_DISCRETE_WEIBULL, {0.7, 1.5, 1.3}, 12}};
  for (const Case &c : cases) {
    SCOPED_TRACE(c.kind);
    std::vector<double> age(20'000);
    for (size_t i = 0; i < age.size(); ++i) {
      age[i] = c.most_age - static_cast<double>(i % 6);
    }
    TableOf questions;
    questions.Numbers("T", age);
    const Model model = Known(c.kind, c.truth);
    Error error;
    patron_table *summary = nullptr;
    ASSERT_EQ(patron_clv_simulate(model.get(), nullptr, questions.get(), nullptr, 3, nullptr,
                                  &summary, nullptr, error.get()),
              PATRON_OK)
        << error.message();
    const Table drawn(summary);
    const Table fit = Parameters(Fitted(drawn.get(), c.kind));
    for (size_t k = 0; k < c.truth.size(); ++k) {
      EXPECT_NEAR(Numbers(fit, "estimate")[k], c.truth[k], 4 * Numbers(fit, "standard_error")[k]);
    }
  }
}

TEST(ClvEvaluateTest, TransactionsAreThoseOfTheSummary) {
  const Model model = Known(PATRON_CLV_MBG_CNBD, {0.9, 2, 0.7, 1.5}, 2);
  const Model spend = Known(PATRON_CLV_GAMMA_GAMMA, {6.25, 3.74, 15.44});
  std::vector<std::string> ids;
  std::vector<double> age;
  for (int i = 0; i < 5000; ++i) {
    ids.push_back("c" + std::to_string(i));
    age.push_back(10 + i % 7);
  }
  TableOf questions;
  questions.Texts("who", ids).Numbers("T", age);
  patron_clv_columns columns;
  patron_clv_columns_init(&columns);
  columns.customer = "who";
  Error error;
  patron_table *summary = nullptr, *transactions = nullptr;
  ASSERT_EQ(patron_clv_simulate(model.get(), spend.get(), questions.get(), &columns, 11, nullptr,
                                &summary, &transactions, error.get()),
            PATRON_OK)
      << error.message();
  const Table customers(summary), purchases(transactions);
  EXPECT_THAT(NamesOf(customers), ElementsAre("who", "frequency", "recency", "T", "log_intervals",
                                              "dropout_time", "monetary_value"));
  EXPECT_THAT(NamesOf(purchases), ElementsAre("row", "time", "amount"));
  const std::vector<int64_t> row = Integers(purchases, "row");
  const std::vector<double> time = Numbers(purchases, "time");
  const std::vector<double> amount = Numbers(purchases, "amount");
  std::vector<int64_t> repeats(age.size(), -1);
  std::vector<double> last(age.size()), sum(age.size()), logs(age.size());
  for (size_t i = 0; i < row.size(); ++i) {
    const auto at = static_cast<size_t>(row[i]);
    if (++repeats[at] == 0) {
      EXPECT_EQ(time[i], 0);
      continue;
    }
    ASSERT_GT(time[i], last[at]);
    logs[at] += std::log(time[i] - last[at]);
    last[at] = time[i];
    sum[at] += amount[i];
  }
  EXPECT_EQ(repeats, Integers(customers, "frequency"));
  EXPECT_EQ(last, Numbers(customers, "recency"));
  for (size_t i = 0; i < age.size(); ++i) {
    EXPECT_NEAR(logs[i], Numbers(customers, "log_intervals")[i], 1e-12);
    EXPECT_NEAR(repeats[i] > 0 ? sum[i] / static_cast<double>(repeats[i]) : 0,
                Numbers(customers, "monetary_value")[i], 1e-12);
    if (i == 200) break;
  }
  // A customer does not depend on the others, nor purchases on spend.
  TableOf fewer;
  fewer.Numbers("T", std::vector<double>(age.begin(), age.begin() + 10));
  ASSERT_EQ(patron_clv_simulate(model.get(), nullptr, fewer.get(), nullptr, 11, nullptr, &summary,
                                nullptr, error.get()),
            PATRON_OK);
  const Table some(summary);
  const std::vector<double> recency = Numbers(customers, "recency");
  EXPECT_EQ(Numbers(some, "recency"), std::vector<double>(recency.begin(), recency.begin() + 10));
  ASSERT_EQ(patron_clv_simulate(model.get(), nullptr, fewer.get(), nullptr, 12, nullptr, &summary,
                                nullptr, error.get()),
            PATRON_OK);
  EXPECT_NE(Numbers(Table(summary), "recency"), Numbers(some, "recency"));

  auto *out = Untouched<patron_table>();
  const Model contract = Known(PATRON_CLV_SBG, {1, 2});
  EXPECT_EQ(patron_clv_simulate(contract.get(), nullptr, fewer.get(), nullptr, 1, nullptr, &summary,
                                &out, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(),
            "model: a SBG; expected a model of purchases in continuous time, for transactions");
  EXPECT_EQ(out, Untouched<patron_table>());
}

// The mean over customers of Gamma-Gamma is p gamma / (q - 1).
TEST(ClvEvaluateTest, SpendHasItsMean) {
  const Model spend = Known(PATRON_CLV_GAMMA_GAMMA, {6.25, 8, 15.44});
  TableOf counts;
  counts.Integers("frequency", std::vector<int64_t>(100'000, 2));
  patron_table *summary = nullptr;
  Error error;
  ASSERT_EQ(patron_clv_simulate(spend.get(), nullptr, counts.get(), nullptr, 1, nullptr, &summary,
                                nullptr, error.get()),
            PATRON_OK)
      << error.message();
  const std::vector<double> means = Numbers(Table(summary), "monetary_value");
  const double mean = std::accumulate(means.begin(), means.end(), 0.0) / 1e5;
  EXPECT_NEAR(mean, 6.25 * 15.44 / 7, 0.1);  // Standard error 0.02.
}

}  // namespace
}  // namespace patron::c_api_test
