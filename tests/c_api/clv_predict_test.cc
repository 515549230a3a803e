// Predictions of models of lifetime value through the C interface.
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
using ::testing::HasSubstr;
using ::testing::StartsWith;

patron_clv_predict_options Options(double horizon) {
  patron_clv_predict_options options;
  patron_clv_predict_options_init(&options);
  options.horizon = horizon;
  return options;
}

Table Predicted(const Model &model, const patron_table *table,
                const patron_clv_predict_options &options,
                const patron_clv_columns *columns = nullptr) {
  Error error;
  patron_table *out = nullptr;
  EXPECT_EQ(patron_clv_predict(model.get(), table, columns, &options, &out, error.get()), PATRON_OK)
      << error.message();
  return Table(out);
}

std::string RefusedPrediction(const patron_clv_model *model, const patron_table *table,
                              const patron_clv_predict_options &options,
                              patron_status expected = PATRON_INVALID_ARGUMENT) {
  Error error;
  auto *out = Untouched<patron_table>();
  EXPECT_EQ(patron_clv_predict(model, table, nullptr, &options, &out, error.get()), expected);
  EXPECT_EQ(out, Untouched<patron_table>());
  return error.message();
}

Table Counts(const Model &model, const patron_table *table, double horizon, int32_t most) {
  Error error;
  patron_table *out = nullptr;
  EXPECT_EQ(
      patron_clv_counts(model.get(), table, nullptr, horizon, most, nullptr, &out, error.get()),
      PATRON_OK)
      << error.message();
  return Table(out);
}

Table New(const Model &model, const patron_table *table, const patron_clv_new_options &options) {
  Error error;
  patron_table *out = nullptr;
  EXPECT_EQ(patron_clv_new_customers(model.get(), table, nullptr, &options, &out, error.get()),
            PATRON_OK)
      << error.message();
  return Table(out);
}

patron_clv_new_options NewOptions(int32_t most = -1) {
  patron_clv_new_options options;
  patron_clv_new_options_init(&options);
  options.most = most;
  return options;
}

// Six customers of the CDNOW sample, in exact weeks.
struct Customers {
  Customers() {
    table.Texts("id", {"1", "1516", "157", "18", "2", "3"})
        .Integers("frequency", std::vector<int64_t>{2, 26, 29, 1, 1, 0})
        .Numbers("recency",
                 std::vector<double>{213 / 7.0, 216 / 7.0, 264 / 7.0, 34 / 7.0, 12 / 7.0, 0.0})
        .Numbers("T", std::vector<double>{272 / 7.0, 31.0, 38.0, 272 / 7.0, 272 / 7.0, 272 / 7.0})
        .Numbers("monetary_value", std::vector<double>{22.35, 40.5, 26.6, 10, 11.77, 0});
  }
  TableOf table;
};

const std::vector<double> kPareto = {0.5532769857, 10.57768298, 0.606240512, 11.66875345};

// Every kind, with parameters that are no special case and a few customers for it.
struct EveryKind {
  Model model;
  std::unique_ptr<TableOf> table;
  bool discrete;
};
std::vector<EveryKind> EveryKindOfPurchases() {
  std::vector<EveryKind> all;
  const auto add = [&](int32_t kind, const std::vector<double> &values, int32_t regularity = 0) {
    auto table = std::make_unique<TableOf>();
    const bool discrete = kind == PATRON_CLV_BG_BB || kind == PATRON_CLV_SBG ||
                          kind == PATRON_CLV_BETA_DISCRETE_WEIBULL;
    table->Integers("frequency", std::vector<int64_t>{0, 1, 3, 7})
        .Numbers("recency",
                 discrete ? std::vector<double>{0, 2, 6, 9} : std::vector<double>{0, 2.5, 6, 9.5})
        .Numbers("T",
                 discrete ? std::vector<double>{4, 8, 6, 10} : std::vector<double>{4, 8.25, 6, 10})
        .Integers("churned", std::vector<int64_t>{0, 0, 1, 0});
    all.push_back({Known(kind, values, regularity), std::move(table), discrete});
  };
  add(PATRON_CLV_NBD, {0.6, 4});
  add(PATRON_CLV_PARETO_NBD, {0.6, 4, 0.7, 9});
  add(PATRON_CLV_BG_NBD, {0.4, 3, 0.8, 2.4});
  add(PATRON_CLV_MBG_NBD, {0.6, 4, 1.2, 1.6});
  add(PATRON_CLV_BG_CNBD, {0.9, 2, 0.8, 2.4}, 2);
  add(PATRON_CLV_MBG_CNBD, {0.9, 2, 0.7, 1.5}, 3);
  add(PATRON_CLV_GGOMPERTZ_NBD, {0.6, 4, 0.05, 0.7, 0.6});
  add(PATRON_CLV_BG_BB, {1.2, 0.75, 0.66, 2.78});
  add(PATRON_CLV_SBG, {0.704, 1.182});
  add(PATRON_CLV_BETA_DISCRETE_WEIBULL, {0.6, 1.5, 1.3});
  return all;
}

TEST(ClvPredictTest, ReferenceCustomersOfCdnow) {
  Cdnow cdnow;
  PATRON_NEEDS_CDNOW(cdnow);
  // Customers 1, 2, 3, 157 and 59, horizon 39 weeks, from fits tightened to the optimum.
  struct Reference {
    int32_t kind;
    std::vector<double> expected, alive;
    double sum, population;
  };
  const std::vector<Reference> references = {
      {PATRON_CLV_BG_NBD,
       {1.22591, 0.2032506, 0.1947808, 20.05366, 0.7280651},
       {0.7266092, 0.2122274, 1, 0.9691336, 0.753658},
       1653.4233,
       1.1950163},
      {PATRON_CLV_MBG_NBD,
       {1.262671, 0.1887893, 0.1539537, 18.95006, 0.8309139},
       {0.7061263, 0.1708196, 0.3897163, 0.9658432, 0.7457159},
       1576.7357,
       1.1822837},
      {PATRON_CLV_PARETO_NBD,
       {1.455113, 0.1709805, 0.1070598, 19.59476, 1.026139},
       {0.8691187, 0.167872, 0.2950971, 0.9961246, 1},
       1665.5343,
       1.2134081}};
  patron_clv_columns columns;
  patron_clv_columns_init(&columns);
  columns.customer = "customer_id";
  for (const Reference &reference : references) {
    SCOPED_TRACE(reference.kind);
    const Model model = Fitted(cdnow.table.get(), reference.kind);
    const Table table = Predicted(model, cdnow.table.get(), Options(39), &columns);
    EXPECT_THAT(NamesOf(table), ElementsAre("customer_id", "p_alive", "expected_purchases"));
    EXPECT_EQ(Integers(table, "customer_id"), cdnow.customer);
    const std::vector<double> expected = Numbers(table, "expected_purchases");
    const std::vector<double> alive = Numbers(table, "p_alive");
    const size_t ids[] = {1, 2, 3, 157, 59};
    for (size_t i = 0; i < 5; ++i) {
      EXPECT_NEAR(expected[ids[i] - 1], reference.expected[i], 2e-5 * reference.expected[i]);
      EXPECT_NEAR(alive[ids[i] - 1], reference.alive[i], 2e-5 * reference.alive[i]);
    }
    EXPECT_NEAR(std::accumulate(expected.begin(), expected.end(), 0.0), reference.sum, 0.02);
    TableOf now;
    now.Numbers("T", std::vector<double>{39});
    EXPECT_NEAR(Numbers(New(model, now.get(), NewOptions()), "expected_purchases")[0],
                reference.population, 1e-6);
    if (reference.kind != PATRON_CLV_PARETO_NBD) continue;
    const Table counts = Counts(model, cdnow.table.get(), 39, 5);
    const double pmf[] = {.4080911, .2192664, .1517462, .0956525, .0565751, .0319834};
    for (size_t n = 0; n <= 5; ++n) {
      EXPECT_NEAR(Numbers(counts, ("p_" + std::to_string(n)).c_str())[0], pmf[n], 2e-6);
    }
  }
}

TEST(ClvPredictTest, LifetimeValueWithItsParts) {
  Customers customers;
  const Model pareto = Known(PATRON_CLV_PARETO_NBD, kPareto);
  const Model spend = Known(PATRON_CLV_GAMMA_GAMMA, {6.249573811, 3.74422421, 15.44351476});
  patron_clv_predict_options options = Options(39);
  options.discount_rate = 0.1;
  options.discount_period = 52;  // Ten percent a year, in weeks.
  options.spend = spend.get();
  patron_clv_columns columns;
  patron_clv_columns_init(&columns);
  columns.customer = "id";
  const Table table = Predicted(pareto, customers.table.get(), options, &columns);
  EXPECT_THAT(NamesOf(table),
              ElementsAre("id", "p_alive", "expected_purchases", "discounted_purchases",
                          "expected_spend", "lifetime_value"));
  EXPECT_THAT(Texts(table, "id"), ElementsAre("1", "1516", "157", "18", "2", "3"));
  // CLVTools, fitted to the same optimum, with its discount factor set to ln(1.1) / 52.
  ExpectRelative(Numbers(table, "p_alive"),
                 {0.8691342078, 0.9978734038, 0.996186942, 0.251195786, 0.1679960607, 0.2951125839},
                 1e-8);
  ExpectRelative(Numbers(table, "expected_purchases"),
                 {1.45520144, 20.11481891, 19.59584737, 0.2558583523, 0.1711143168, 0.1070702153},
                 1e-7);
  ExpectRelative(Numbers(table, "discounted_purchases"),
                 {8.156286719, 107.738321, 109.3249904, 1.434065431, 0.9590819462, 0.6001199221},
                 1e-8);
  const std::vector<double> mean = Numbers(table, "expected_spend");
  // p (gamma + x m) / (p x + q - 1), by hand for the first; the mean over customers for the last.
  EXPECT_NEAR(mean[0], 6.249573811 * (15.44351476 + 2 * 22.35) / (2 * 6.249573811 + 3.74422421 - 1),
              1e-10);
  EXPECT_NEAR(mean[5], 6.249573811 * 15.44351476 / 2.74422421, 1e-10);
  for (size_t i = 0; i < mean.size(); ++i) {
    EXPECT_DOUBLE_EQ(Numbers(table, "lifetime_value")[i],
                     mean[i] * Numbers(table, "discounted_purchases")[i]);
  }
  options.margin = 0.25;
  options.outputs = PATRON_CLV_LIFETIME_VALUE;
  const Table margin = Predicted(pareto, customers.table.get(), options);
  EXPECT_THAT(NamesOf(margin), ElementsAre("lifetime_value"));
  EXPECT_DOUBLE_EQ(Numbers(margin, "lifetime_value")[1],
                   0.25 * Numbers(table, "lifetime_value")[1]);
  // Without a rate, of the purchases within the horizon.
  options.discount_rate = std::nan("");
  EXPECT_DOUBLE_EQ(Numbers(Predicted(pareto, customers.table.get(), options), "lifetime_value")[1],
                   0.25 * mean[1] * Numbers(table, "expected_purchases")[1]);
  // The spend alone.
  EXPECT_THAT(
      Numbers(Predicted(spend, customers.table.get(), Options(std::nan(""))), "expected_spend"),
      ::testing::Pointwise(::testing::DoubleEq(), mean));
}

TEST(ClvPredictTest, AnswersAgreeWithEachOther) {
  for (const EveryKind &kind : EveryKindOfPurchases()) {
    SCOPED_TRACE(Info(kind.model).kind);
    const patron_table *customers = kind.table->get();
    const double horizon = kind.discrete ? 6 : 5.5;
    const int32_t most = kind.discrete ? 6 : 400;
    patron_clv_predict_options options = Options(horizon);
    options.outputs = PATRON_CLV_P_ALIVE | PATRON_CLV_EXPECTED_PURCHASES | PATRON_CLV_NO_PURCHASE;
    const Table table = Predicted(kind.model, customers, options);
    const Table counts = Counts(kind.model, customers, horizon, most);
    options.start = 2;
    options.horizon = horizon - 2;
    options.later = 3;
    const Table rest = Predicted(kind.model, customers, options);
    options.start = 0;
    options.horizon = 2;
    const Table first = Predicted(kind.model, customers, options);
    // A discount next to none, to the same end, and a discount in two parts.
    patron_clv_predict_options discounted = Options(std::nan(""));
    discounted.outputs = PATRON_CLV_DISCOUNTED_PURCHASES;
    discounted.discount_rate = 1e-9;
    discounted.discount_period = 1;
    discounted.discount_horizon = horizon;
    const Table undiscounted = Predicted(kind.model, customers, discounted);
    discounted.discount_rate = 0.5;
    const Table near = Predicted(kind.model, customers, discounted);
    discounted.discount_horizon = 0;
    const Table all = Predicted(kind.model, customers, discounted);
    for (size_t i = 0; i < 4; ++i) {
      double total = 0, mean = 0;
      for (int32_t n = 0; n <= most; ++n) {
        const double p = Numbers(counts, ("p_" + std::to_string(n)).c_str())[i];
        EXPECT_GE(p, 0);
        total += p;
        mean += n * p;
      }
      EXPECT_NEAR(total, 1, 1e-9);
      const double expected = Numbers(table, "expected_purchases")[i];
      EXPECT_NEAR(mean, expected, 1e-8 * (1 + expected));
      EXPECT_NEAR(Numbers(table, "no_purchase")[i], Numbers(counts, "p_0")[i], 1e-10);
      EXPECT_NEAR(Numbers(first, "expected_purchases")[i] + Numbers(rest, "expected_purchases")[i],
                  expected, 1e-10 * (1 + expected));
      EXPECT_LE(Numbers(rest, "p_alive")[i], Numbers(table, "p_alive")[i]);
      // None in all is none in the first part and none in the rest, and the two go together.
      EXPECT_GE(Numbers(table, "no_purchase")[i],
                Numbers(first, "no_purchase")[i] * Numbers(rest, "no_purchase")[i] - 1e-12);
      EXPECT_LE(Numbers(table, "no_purchase")[i], Numbers(rest, "no_purchase")[i] + 1e-12);
      EXPECT_NEAR(Numbers(undiscounted, "discounted_purchases")[i], expected,
                  1e-7 * (1 + expected));
      EXPECT_LE(Numbers(near, "discounted_purchases")[i], expected);
      EXPECT_GE(Numbers(all, "discounted_purchases")[i], Numbers(near, "discounted_purchases")[i]);
    }
  }
}

TEST(ClvPredictTest, ABgNbdCustomerWithoutARepeatPurchaseIsAlive) {
  TableOf table;
  table.Integers("frequency", std::vector<int64_t>{0})
      .Numbers("recency", std::vector<double>{0})
      .Numbers("T", std::vector<double>{500});
  const std::vector<double> values = {0.243, 4.414, 0.793, 2.426};
  EXPECT_EQ(
      Numbers(Predicted(Known(PATRON_CLV_BG_NBD, values), table.get(), Options(1)), "p_alive")[0],
      1);
  EXPECT_LT(
      Numbers(Predicted(Known(PATRON_CLV_MBG_NBD, values), table.get(), Options(1)), "p_alive")[0],
      0.8);
}

// Retention of sBG is (beta + t - 1) / (alpha + beta + t - 1): Fader and Hardie (2007).
TEST(ClvPredictTest, ContractsInClosedForm) {
  const double alpha = 0.668, beta = 3.806, rate = 0.1;
  const Model model = Known(PATRON_CLV_SBG, {alpha, beta});
  TableOf times;
  times.Numbers("T", std::vector<double>{0, 1, 2, 5});
  patron_clv_new_options options = NewOptions();
  options.discount_rate = rate;
  options.discount_period = 1;
  const Table table = New(model, times.get(), options);
  std::vector<double> survival = {1};
  for (int t = 1; t <= 4000; ++t) {
    survival.push_back(survival.back() * (beta + t - 1) / (alpha + beta + t - 1));
  }
  const std::vector<double> alive = Numbers(table, "p_alive");
  const auto retention = Optional<double>(table.get(), "retention", PATRON_TYPE_FLOAT64);
  const int t[] = {0, 1, 2, 5};
  double worth = 0;
  for (int j = 1; j <= 4000; ++j) worth += survival[j] * std::pow(1 + rate, -j);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(alive[i], survival[t[i]], 1e-14);
    if (t[i] > 0) {
      EXPECT_NEAR(retention[i].value_or(0), (beta + t[i] - 1) / (alpha + beta + t[i] - 1), 1e-14);
    }
    double renewals = 0;
    for (int j = 1; j <= t[i]; ++j) renewals += survival[j];
    EXPECT_NEAR(Numbers(table, "expected_purchases")[i], renewals, 1e-13);
    EXPECT_NEAR(Numbers(table, "discounted_purchases")[i], worth, 1e-12);
  }
  EXPECT_EQ(retention[0], std::nullopt);

  TableOf contracts;
  contracts.Integers("T", std::vector<int64_t>{3, 3})
      .Integers("churned", std::vector<int64_t>{0, 1});
  const Table predicted = Predicted(model, contracts.get(), Options(2));
  EXPECT_THAT(Numbers(predicted, "p_alive"), ElementsAre(1, 0));
  EXPECT_NEAR(Numbers(predicted, "expected_purchases")[0],
              (survival[4] + survival[5]) / survival[3], 1e-13);
  EXPECT_EQ(Numbers(predicted, "expected_purchases")[1], 0);
}

TEST(ClvPredictTest, CovariatesMoveTheParameters) {
  const char *const purchase[] = {"z"};
  const char *const dropout[] = {"w", "z"};
  TableOf customers;
  customers.Integers("frequency", std::vector<int64_t>{2, 2})
      .Numbers("recency", std::vector<double>{20, 20})
      .Numbers("T", std::vector<double>{30, 30})
      .Numbers("z", std::vector<double>{0, 0.5})
      .Numbers("w", std::vector<double>{0, -1});
  const double g = 0.8, d_w = 0.3, d_z = -0.2;
  const double purchases = g * 0.5, leaving = d_w * -1 + d_z * 0.5;
  struct Case {
    int32_t kind;
    std::vector<double> base, moved;
  };
  const std::vector<Case> cases = {
      {PATRON_CLV_PARETO_NBD,
       {0.55, 10, 0.6, 12},
       {0.55, 10 * std::exp(-purchases), 0.6, 12 * std::exp(-leaving)}},
      {PATRON_CLV_GGOMPERTZ_NBD,
       {0.55, 10, 0.02, 0.6, 0.5},
       {0.55, 10 * std::exp(-purchases), 0.02, 0.6, 0.5 * std::exp(-leaving)}},
      {PATRON_CLV_MBG_NBD,
       {0.55, 10, 0.8, 2.4},
       {0.55, 10 * std::exp(-purchases), 0.8 * std::exp(leaving), 2.4 * std::exp(leaving)}}};
  for (const Case &c : cases) {
    patron_clv_terms terms = Terms(c.kind);
    terms.transaction_covariates = purchase;
    terms.transaction_covariate_count = 1;
    terms.dropout_covariates = dropout;
    terms.dropout_covariate_count = 2;
    std::vector<double> values = c.base;
    values.insert(values.end(), {g, d_w, d_z});
    const Table table = Predicted(Known(terms, values), customers.get(), Options(10));
    const Table base = Predicted(Known(c.kind, c.base), customers.get(), Options(10));
    const Table moved = Predicted(Known(c.kind, c.moved), customers.get(), Options(10));
    for (const char *column : {"p_alive", "expected_purchases"}) {
      EXPECT_NEAR(Numbers(table, column)[0], Numbers(base, column)[0], 1e-11);
      EXPECT_NEAR(Numbers(table, column)[1], Numbers(moved, column)[1], 1e-11);
    }
  }
}

// The delta method by hand: slopes from models with parameters a little off, and the covariance.
TEST(ClvPredictTest, StandardErrorsAreThoseOfTheDeltaMethod) {
  Cdnow cdnow;
  PATRON_NEEDS_CDNOW(cdnow);
  Customers customers;
  const Model spend = Fitted(cdnow.table.get(), PATRON_CLV_GAMMA_GAMMA);
  for (const int32_t kind : {PATRON_CLV_BG_NBD, PATRON_CLV_PARETO_NBD}) {
    const Model model = Fitted(cdnow.table.get(), kind);
    patron_clv_predict_options options = Options(39);
    options.later = 4;
    options.discount_rate = 0.15;
    options.discount_period = 52;
    options.spend = spend.get();
    const auto slopes = [&](const Model &fit, const char *column, bool of_spend) {
      std::vector<std::vector<double>> slope;
      const std::vector<double> estimates = Numbers(Parameters(fit), "estimate");
      for (size_t k = 0; k < estimates.size(); ++k) {
        std::vector<double> up = estimates, down = estimates;
        up[k] *= 1 + 1e-5;
        down[k] *= 1 - 1e-5;
        const Model above = Known(Info(fit).kind, up), below = Known(Info(fit).kind, down);
        const auto answers = [&](const Model &other) {
          if (!of_spend) return Numbers(Predicted(other, customers.table.get(), options), column);
          patron_clv_predict_options own = options;
          own.spend = other.get();
          return Numbers(Predicted(model, customers.table.get(), own), column);
        };
        std::vector<double> a = answers(above);
        const std::vector<double> b = answers(below);
        for (size_t i = 0; i < a.size(); ++i) a[i] = (a[i] - b[i]) / (2e-5 * estimates[k]);
        slope.push_back(a);
      }
      return slope;
    };
    const auto variance = [&](const Model &fit, const std::vector<std::vector<double>> &slope,
                              size_t row) {
      patron_table *out = nullptr;
      EXPECT_EQ(patron_clv_model_covariance(fit.get(), PATRON_SCALE_NATURAL, &out, nullptr),
                PATRON_OK);
      const Table matrix(out);
      double sum = 0;
      for (size_t k = 0; k < slope.size(); ++k) {
        const std::vector<double> column = Numbers(matrix, patron_table_name(matrix.get(), k + 1));
        for (size_t j = 0; j < slope.size(); ++j) sum += slope[k][row] * column[j] * slope[j][row];
      }
      return sum;
    };
    patron_clv_predict_options with = options;
    with.standard_errors = 1;
    const Table table = Predicted(model, customers.table.get(), with);
    for (const char *column : {"p_alive", "expected_purchases", "discounted_purchases",
                               "expected_spend", "lifetime_value"}) {
      SCOPED_TRACE(column);
      const auto by_model = slopes(model, column, false);
      const auto by_spend = slopes(spend, column, true);
      const std::vector<double> errors = Numbers(table, (std::string(column) + "_se").c_str());
      for (size_t i = 0; i < errors.size(); ++i) {
        const double expected =
            std::sqrt(variance(model, by_model, i) + variance(spend, by_spend, i));
        EXPECT_NEAR(errors[i], expected, 1e-5 * expected + 1e-12) << "row " << i;
      }
    }
  }
}

TEST(ClvPredictTest, OneCustomerAtATimeIsTheSame) {
  const Model spend = Known(PATRON_CLV_GAMMA_GAMMA, {6.25, 3.74, 15.44});
  for (const EveryKind &kind : EveryKindOfPurchases()) {
    SCOPED_TRACE(Info(kind.model).kind);
    patron_clv_predict_options options = Options(kind.discrete ? 7 : 7.5);
    options.outputs = PATRON_CLV_P_ALIVE | PATRON_CLV_EXPECTED_PURCHASES | PATRON_CLV_NO_PURCHASE |
                      PATRON_CLV_DISCOUNTED_PURCHASES;
    options.discount_rate = 0.1;
    options.discount_period = 12;
    const Table table = Predicted(kind.model, kind.table->get(), options);
    const int64_t frequency[] = {0, 1, 3, 7};
    const int64_t churned[] = {0, 0, 1, 0};
    const double recency[] = {0, kind.discrete ? 2 : 2.5, 6, kind.discrete ? 9 : 9.5};
    const double age[] = {4, kind.discrete ? 8 : 8.25, 6, 10};
    options.outputs |= PATRON_CLV_EXPECTED_SPEND | PATRON_CLV_LIFETIME_VALUE;
    options.spend = spend.get();
    for (size_t i = 0; i < 4; ++i) {
      patron_clv_customer customer{};
      customer.struct_size = sizeof customer;
      customer.churned = static_cast<int32_t>(churned[i]);
      customer.frequency = static_cast<double>(frequency[i]);
      customer.recency = recency[i];
      customer.age = age[i];
      customer.monetary_value = 30;
      patron_clv_score_result score{};
      score.struct_size = sizeof score;
      Error error;
      ASSERT_EQ(patron_clv_score(kind.model.get(), &customer, &options, &score, error.get()),
                PATRON_OK)
          << error.message();
      EXPECT_EQ(score.p_alive, Numbers(table, "p_alive")[i]);
      EXPECT_EQ(score.expected_purchases, Numbers(table, "expected_purchases")[i]);
      EXPECT_EQ(score.no_purchase, Numbers(table, "no_purchase")[i]);
      EXPECT_EQ(score.discounted_purchases, Numbers(table, "discounted_purchases")[i]);
      const double x = customer.frequency;
      const double mean = 6.25 * (15.44 + x * 30) / (6.25 * x + 2.74);
      EXPECT_NEAR(score.expected_spend, mean, 1e-12 * mean);
      EXPECT_NEAR(score.lifetime_value, mean * score.discounted_purchases, 1e-10);
    }
  }
}

TEST(ClvPredictTest, RefusesQuestionsWithoutAnswer) {
  Customers customers;
  const patron_table *table = customers.table.get();
  const Model model = Known(PATRON_CLV_PARETO_NBD, kPareto);
  const Model spend = Known(PATRON_CLV_GAMMA_GAMMA, {6.25, 3.74, 15.44});
  patron_clv_predict_options options = Options(39);
  options.discount_rate = 0.1;
  EXPECT_THAT(RefusedPrediction(model.get(), table, options),
              StartsWith("discount_period: nan; expected the time for which discount_rate holds"));
  options.discount_period = 52;
  options.discount_rate = -0.1;
  EXPECT_THAT(RefusedPrediction(model.get(), table, options), StartsWith("discount_rate: -0.1"));
  options.discount_rate = 0;
  EXPECT_THAT(RefusedPrediction(model.get(), table, options),
              StartsWith("discount_rate: 0; expected a rate above 0"));
  EXPECT_THAT(RefusedPrediction(model.get(), table, Options(-1)), StartsWith("horizon: -1"));
  options = Options(std::nan(""));
  options.outputs = PATRON_CLV_EXPECTED_PURCHASES;
  EXPECT_THAT(RefusedPrediction(model.get(), table, options), StartsWith("horizon: nan"));
  options.outputs = PATRON_CLV_LIFETIME_VALUE;
  EXPECT_THAT(RefusedPrediction(model.get(), table, options), StartsWith("horizon: nan"));
  options.horizon = 1;
  EXPECT_THAT(RefusedPrediction(model.get(), table, options), StartsWith("spend: NULL"));
  options.outputs = 64;
  EXPECT_THAT(RefusedPrediction(model.get(), table, options), StartsWith("outputs: 64"));
  options = Options(39);
  options.spend = model.get();
  EXPECT_EQ(RefusedPrediction(model.get(), table, options),
            "spend: a PARETO_NBD; expected a GAMMA_GAMMA");
  options = Options(39);
  options.standard_errors = 1;
  EXPECT_THAT(RefusedPrediction(model.get(), table, options, PATRON_FAILED_PRECONDITION),
              StartsWith("model: a PARETO_NBD made from known values has no standard errors"));
  options = Options(2.5);
  EXPECT_EQ(RefusedPrediction(Known(PATRON_CLV_BG_BB, {1, 1, 1, 1}).get(), table, options),
            "horizon: 2.5; expected a whole number of periods, 0 to 100000");
  EXPECT_EQ(RefusedPrediction(nullptr, table, options), "model: NULL; expected a pointer");
  EXPECT_EQ(RefusedPrediction(model.get(), nullptr, options), "table: NULL; expected a pointer");
  TableOf late;
  late.Integers("frequency", std::vector<int64_t>{1})
      .Numbers("recency", std::vector<double>{5})
      .Numbers("T", std::vector<double>{4});
  EXPECT_EQ(RefusedPrediction(model.get(), late.get(), options),
            "recency: row 0 is 5; expected at most T");

  Error error;
  auto *out = Untouched<patron_table>();
  EXPECT_EQ(patron_clv_counts(spend.get(), table, nullptr, 3, 3, nullptr, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "model: a GAMMA_GAMMA; expected a model of purchases");
  EXPECT_EQ(patron_clv_counts(model.get(), table, nullptr, 3, -1, nullptr, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
  patron_clv_customer customer{};
  customer.struct_size = sizeof customer;
  customer.frequency = 0.5;
  customer.age = 3;
  patron_clv_score_result score{};
  score.struct_size = sizeof score;
  score.p_alive = 7;
  EXPECT_EQ(patron_clv_score(model.get(), &customer, nullptr, &score, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_THAT(error.message(), StartsWith("frequency: 0.5; expected a whole number"));
  customer.frequency = 1;
  customer.recency = 4;
  EXPECT_EQ(patron_clv_score(model.get(), &customer, nullptr, &score, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "recency: 4; expected at most T");
  EXPECT_EQ(score.p_alive, 7);
}

TEST(ClvPredictTest, NobodyIsAnsweredNothing) {
  TableOf nobody;
  nobody.Integers("frequency", std::vector<int64_t>{})
      .Numbers("recency", std::vector<double>{})
      .Numbers("T", std::vector<double>{});
  const Model model = Known(PATRON_CLV_PARETO_NBD, kPareto);
  const Table table = Predicted(model, nobody.get(), Options(3));
  EXPECT_THAT(NamesOf(table), ElementsAre("p_alive", "expected_purchases"));
  EXPECT_EQ(patron_table_rows(table.get()), 0);
}

TEST(ClvPredictTest, ThreadsDoNotChangeABit) {
  Cdnow cdnow;
  PATRON_NEEDS_CDNOW(cdnow);
  patron_context_options with;
  patron_context_options_init(&with);
  with.threads = 3;
  patron_context *context = nullptr;
  ASSERT_EQ(patron_context_create(&with, &context, nullptr), PATRON_OK);
  patron_clv_fit_options fit;
  patron_clv_fit_options_init(&fit);
  fit.context = context;
  const Model serial = Fitted(cdnow.table.get(), PATRON_CLV_PARETO_NBD);
  const Model parallel = Fitted(cdnow.table.get(), Terms(PATRON_CLV_PARETO_NBD), nullptr, &fit);
  EXPECT_EQ(Numbers(Parameters(serial), "upper"), Numbers(Parameters(parallel), "upper"));
  patron_clv_predict_options options = Options(39);
  options.standard_errors = 1;
  const Table one = Predicted(serial, cdnow.table.get(), options);
  options.context = context;
  const Table three = Predicted(parallel, cdnow.table.get(), options);
  for (const std::string &column : NamesOf(one)) {
    EXPECT_EQ(Numbers(one, column.c_str()), Numbers(three, column.c_str()));
  }
  patron_context_free(context);
}

// What a row is told does not depend on how many rows there are, or on whether any are alike.
TEST(ClvPredictTest, ARowIsToldTheSameInAnyTable) {
  constexpr size_t kRows = 40'000;
  std::vector<double> x, recency, T;
  for (size_t i = 0; i < kRows; ++i) {
    x.push_back(static_cast<double>(i % 5000 == 77 ? 600 : i * 7 % 9));
    T.push_back(10 + static_cast<double>(i * 7919 % kRows) / 1000);
    recency.push_back(x.back() == 0 ? 0 : T.back() * static_cast<double>(i % 100) / 100);
  }
  const auto table_of = [&](size_t begin, size_t count, size_t copies) {
    auto table = std::make_unique<TableOf>();
    std::vector<double> columns[3];
    for (size_t c = 0; c < copies; ++c) {
      for (size_t i = begin; i < begin + count; ++i) {
        columns[0].push_back(x[i]);
        columns[1].push_back(recency[i]);
        columns[2].push_back(T[i]);
      }
    }
    table->Numbers("frequency", columns[0]).Numbers("recency", columns[1]).Numbers("T", columns[2]);
    return table;
  };
  auto options = Options(39);
  options.discount_rate = 0.1;
  options.discount_period = 52;
  for (const auto &[kind, values] :
       {std::pair(PATRON_CLV_BG_NBD, std::vector<double>{0.25, 4.5, 0.75, 2.5}),
        std::pair(PATRON_CLV_MBG_NBD, std::vector<double>{0.5, 6.25, 0.9, 1.6}),
        std::pair(PATRON_CLV_PARETO_NBD, kPareto)}) {
    const Model model = Known(kind, values);
    const size_t rows = kind == PATRON_CLV_PARETO_NBD ? kRows / 2 : kRows;
    const auto different = table_of(0, rows, 1), alike = table_of(70, 1000, 33),
               few = table_of(70, 9, 1);
    const Table of_different = Predicted(model, different->get(), options);
    const Table of_alike = Predicted(model, alike->get(), options);
    const Table of_few = Predicted(model, few->get(), options);
    for (const char *name : {"p_alive", "expected_purchases", "discounted_purchases"}) {
      const std::vector<double> all = Numbers(of_different, name), again = Numbers(of_alike, name),
                                some = Numbers(of_few, name);
      ASSERT_EQ(all.size(), rows);
      for (size_t i = 0; i < again.size(); ++i) {
        ASSERT_EQ(again[i], all[70 + i % 1000]) << name << " " << i;
      }
      for (size_t i = 0; i < some.size(); ++i) ASSERT_EQ(some[i], all[70 + i]) << name << " " << i;
    }
    for (const size_t i : {size_t{70}, size_t{77}, size_t{71}}) {  // Row 77 has no table.
      patron_clv_customer customer{};
      customer.struct_size = sizeof customer;
      customer.frequency = x[i];
      customer.recency = recency[i];
      customer.age = T[i];
      patron_clv_score_result score{};
      score.struct_size = sizeof score;
      ASSERT_EQ(patron_clv_score(model.get(), &customer, &options, &score, nullptr), PATRON_OK);
      EXPECT_EQ(score.p_alive, Numbers(of_different, "p_alive")[i]);
      EXPECT_EQ(score.expected_purchases, Numbers(of_different, "expected_purchases")[i]);
      EXPECT_EQ(score.discounted_purchases, Numbers(of_different, "discounted_purchases")[i]);
    }
  }
}

// More questions about a frequency than a model keeps tables for, of customers of all ages.
TEST(ClvScoreTest, ManyQuestionsOfOneModelAreAnsweredAsTheFirst) {
  const Model model = Known(PATRON_CLV_BG_NBD, {0.25, 4.5, 0.75, 2.5});
  for (int round = 0; round < 2; ++round) {
    for (double horizon = 1; horizon <= 12; ++horizon) {
      for (const double age : {30.0, 3000.0}) {
        auto options = Options(horizon);
        options.discount_rate = 0.1;
        options.discount_period = 52;
        TableOf row;
        row.Numbers("frequency", std::vector<double>{2});
        row.Numbers("recency", std::vector<double>{20}).Numbers("T", std::vector<double>{age});
        const Model fresh = Known(PATRON_CLV_BG_NBD, {0.25, 4.5, 0.75, 2.5});
        const Table expected = Predicted(fresh, row.get(), options);
        patron_clv_customer customer{};
        customer.struct_size = sizeof customer;
        customer.frequency = 2;
        customer.recency = 20;
        customer.age = age;
        patron_clv_score_result score{};
        score.struct_size = sizeof score;
        ASSERT_EQ(patron_clv_score(model.get(), &customer, &options, &score, nullptr), PATRON_OK);
        EXPECT_EQ(score.expected_purchases, Numbers(expected, "expected_purchases")[0]);
        EXPECT_EQ(score.discounted_purchases, Numbers(expected, "discounted_purchases")[0]);
      }
    }
  }
}

}  // namespace
}  // namespace patron::c_api_test
