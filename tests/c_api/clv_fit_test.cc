// Fits of models of lifetime value and what is known of them, through the C interface.
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "c_api/bytes.hpp"
#include "c_api/clv.hpp"
#include "c_api/tables.hpp"
#include "patron/c/patron.h"

namespace patron::c_api_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Optima by an independent Newton search; see the README of the CDNOW data.
struct Reference {
  int32_t kind;
  std::vector<double> parameters, errors;
  double log_likelihood;
  uint64_t rows;
};

const std::vector<Reference> &References() {
  static const std::vector<Reference> references = {
      {PATRON_CLV_BG_NBD,
       {0.2425929072, 4.413531561, 0.7928861481, 2.425753437},
       {0.01255732265, 0.3782215085, 0.1857192168, 0.7053460377},
       -9582.425561,
       1016},
      {PATRON_CLV_MBG_NBD,
       {0.5248379836, 6.182992019, 0.8913561554, 1.613999335},
       {0.08326391987, 0.6955970264, 0.1547850636, 0.5374712944},
       -9582.132685,
       1016},
      {PATRON_CLV_PARETO_NBD,
       {0.5532755087, 10.57761224, 0.6062135686, 11.66791124},
       {0.0476288886, 0.8427246706, 0.1872819851, 6.211110173},
       -9594.97393,
       1016}};
  return references;
}

TEST(ClvFitTest, FindsTheOptimaOfCdnow) {
  Cdnow cdnow;
  PATRON_NEEDS_CDNOW(cdnow);
  for (const Reference &reference : References()) {
    SCOPED_TRACE(reference.kind);
    const Model model = Fitted(cdnow.table.get(), reference.kind);
    const Table table = Parameters(model);
    ExpectRelative(Numbers(table, "estimate"), reference.parameters, 1e-5);
    ExpectRelative(Numbers(table, "standard_error"), reference.errors, 1e-3);
    const patron_clv_model_info info = Info(model);
    EXPECT_NEAR(info.log_likelihood, reference.log_likelihood, 1e-5);
    EXPECT_NEAR(info.aic, 8 - 2 * reference.log_likelihood, 1e-4);
    EXPECT_NEAR(info.bic, 4 * std::log(2357.0) - 2 * reference.log_likelihood, 1e-4);
    EXPECT_EQ(info.kind, reference.kind);
    EXPECT_EQ(info.regularity, 1);
    EXPECT_EQ(info.fitted, 1);
    EXPECT_EQ(info.converged, 1);
    EXPECT_EQ(info.limits, 0);
    EXPECT_EQ(info.rows, reference.rows);
    EXPECT_EQ(info.customers, 2357);
    EXPECT_EQ(info.parameters, 4u);
    EXPECT_LT(info.newton_decrement, 1e-10);
    EXPECT_EQ(patron_clv_model_limit(model.get(), 0), nullptr);
  }
}

TEST(ClvFitTest, SpendOfCdnow) {
  Cdnow cdnow;
  PATRON_NEEDS_CDNOW(cdnow);
  // Published for these means, rounded to two decimals: p 6.25, q 3.74, gamma 15.44.
  const Model model = Fitted(cdnow.table.get(), PATRON_CLV_GAMMA_GAMMA);
  ExpectRelative(Numbers(Parameters(model), "estimate"), {6.248802489, 3.744588453, 15.44774801},
                 1e-5);
  ExpectRelative(Numbers(Parameters(model), "standard_error"),
                 {1.189725806, 0.2901719181, 4.160134296}, 1e-3);
  EXPECT_NEAR(Info(model).log_likelihood, -4055.923244, 1e-5);
  EXPECT_EQ(Info(model).customers, 946);
}

// Fader and Hardie (2007), "How to project customer retention": the customers of two segments who
// are left after each of seven renewals.
TEST(ClvFitTest, ContractsOfFaderAndHardie) {
  const std::vector<std::vector<int64_t>> survivors = {{1000, 869, 743, 653, 593, 551, 517, 491},
                                                       {1000, 631, 468, 382, 326, 289, 262, 241}};
  const std::vector<std::vector<double>> published = {{0.668, 3.806}, {0.704, 1.182}};
  for (size_t segment = 0; segment < survivors.size(); ++segment) {
    std::vector<int64_t> age, churned, weight;
    const std::vector<int64_t> &left = survivors[segment];
    for (size_t t = 1; t < left.size(); ++t) {
      age.push_back(static_cast<int64_t>(t));
      churned.push_back(1);
      weight.push_back(left[t - 1] - left[t]);
    }
    age.push_back(7);
    churned.push_back(0);
    weight.push_back(left.back());
    TableOf table;
    table.Integers("T", age).Integers("churned", churned).Integers("n", weight);
    patron_clv_columns columns;
    patron_clv_columns_init(&columns);
    columns.weight = "n";
    const Model model = Fitted(table.get(), Terms(PATRON_CLV_SBG), &columns);
    const std::vector<double> estimates = Numbers(Parameters(model), "estimate");
    EXPECT_NEAR(estimates[0], published[segment][0], 0.0006);
    EXPECT_NEAR(estimates[1], published[segment][1], 0.0006);
    EXPECT_EQ(Info(model).customers, 1000);
    // sBG is the case c = 1 of the beta-discrete-Weibull.
    const Model richer = Fitted(table.get(), Terms(PATRON_CLV_BETA_DISCRETE_WEIBULL), &columns);
    patron_clv_likelihood_ratio_result ratio{};
    ratio.struct_size = sizeof ratio;
    Error error;
    ASSERT_EQ(patron_clv_likelihood_ratio(model.get(), richer.get(), &ratio, error.get()),
              PATRON_OK)
        << error.message();
    EXPECT_EQ(ratio.degrees, 1);
    EXPECT_NEAR(ratio.statistic, 2 * (Info(richer).log_likelihood - Info(model).log_likelihood),
                1e-9);
    // Upper tail of chi-square with one degree of freedom.
    EXPECT_NEAR(ratio.p_value, std::erfc(std::sqrt(ratio.statistic / 2)), 1e-12);
  }
}

TEST(ClvFitTest, WeightsStandForRows) {
  Cdnow cdnow;
  PATRON_NEEDS_CDNOW(cdnow);
  // Every row once and once more, and every row with weight 2.
  const auto twice = [](auto values) {
    const auto once = values;
    values.insert(values.end(), once.begin(), once.end());
    return values;
  };
  TableOf doubled, weighted;
  doubled.Integers("frequency", twice(cdnow.frequency))
      .Numbers("recency", twice(cdnow.recency))
      .Numbers("T", twice(cdnow.age));
  weighted.Integers("frequency", cdnow.frequency)
      .Numbers("recency", cdnow.recency)
      .Numbers("T", cdnow.age)
      .Numbers("w", std::vector<double>(cdnow.age.size(), 2));
  patron_clv_columns columns;
  patron_clv_columns_init(&columns);
  columns.weight = "w";
  const Model one = Fitted(doubled.get(), PATRON_CLV_MBG_NBD);
  const Model other = Fitted(weighted.get(), Terms(PATRON_CLV_MBG_NBD), &columns);
  ExpectRelative(Numbers(Parameters(one), "estimate"), Numbers(Parameters(other), "estimate"),
                 1e-14);
  EXPECT_EQ(Info(one).customers, 4714);
  EXPECT_EQ(Info(other).rows, 1016u);
}

TEST(ClvFitTest, IntervalsOnBothScales) {
  Cdnow cdnow;
  PATRON_NEEDS_CDNOW(cdnow);
  const Model model = Fitted(cdnow.table.get(), PATRON_CLV_PARETO_NBD);
  const Table natural = Parameters(model, 0.9, PATRON_SCALE_NATURAL);
  const Table log = Parameters(model, 0.9, PATRON_SCALE_LOG);
  EXPECT_THAT(Texts(log, "name"), ElementsAre("r", "alpha", "s", "beta"));
  const double z = 1.6448536269514722;  // Normal quantile at 0.95.
  for (size_t i = 0; i < 4; ++i) {
    const double estimate = Numbers(log, "estimate")[i];
    const double error = Numbers(log, "standard_error")[i];
    EXPECT_NEAR(Numbers(natural, "lower")[i], estimate - z * error, 1e-9 * estimate);
    EXPECT_NEAR(Numbers(natural, "upper")[i], estimate + z * error, 1e-9 * estimate);
    EXPECT_NEAR(Numbers(log, "lower")[i], estimate * std::exp(-z * error / estimate),
                1e-9 * estimate);
    EXPECT_NEAR(Numbers(log, "upper")[i], estimate * std::exp(z * error / estimate),
                1e-9 * estimate);
  }
  Error error;
  auto *out = Untouched<patron_table>();
  EXPECT_EQ(patron_clv_model_parameters(model.get(), 1, 0, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "level: 1; expected a number between 0 and 1");
  EXPECT_EQ(patron_clv_model_parameters(model.get(), 0.5, 2, &out, error.get()),
            PATRON_INVALID_ARGUMENT);

  patron_table *covariance = nullptr;
  ASSERT_EQ(patron_clv_model_covariance(model.get(), PATRON_SCALE_NATURAL, &covariance, nullptr),
            PATRON_OK);
  const Table matrix(covariance);
  EXPECT_THAT(NamesOf(matrix), ElementsAre("name", "r", "alpha", "s", "beta"));
  EXPECT_NEAR(std::sqrt(Numbers(matrix, "beta")[3]), 6.211110173, 6e-3);
  EXPECT_EQ(Numbers(matrix, "r")[3], Numbers(matrix, "beta")[0]);
}

TEST(ClvFitTest, ProfileIntervalIsWhereTheLikelihoodFalls) {
  Cdnow cdnow;
  PATRON_NEEDS_CDNOW(cdnow);
  const Model model = Fitted(cdnow.table.get(), PATRON_CLV_PARETO_NBD);
  double lower = 0, upper = 0;
  Error error;
  ASSERT_EQ(patron_clv_profile(model.get(), cdnow.table.get(), nullptr, "beta", 0.95, nullptr,
                               &lower, &upper, error.get()),
            PATRON_OK)
      << error.message();
  // At an end, no other values of r, alpha and s reach the log-likelihood less 1.92: a grid of
  // values near those that the fit has with beta held there stays below.
  const double drop = 0.5 * 1.959963984540054 * 1.959963984540054;
  const double best = Info(model).log_likelihood;
  const auto value_at = [&](std::vector<double> theta) {
    for (double &t : theta) t = std::log(t);
    const patron_clv_terms terms = Terms(PATRON_CLV_PARETO_NBD);
    patron_clv_part part{};
    part.struct_size = sizeof part;
    EXPECT_EQ(patron_clv_likelihood(cdnow.table.get(), nullptr, &terms, theta.data(), 4, nullptr,
                                    &part, nullptr, nullptr, nullptr),
              PATRON_OK);
    return part.value;
  };
  for (const double end : {lower, upper}) {
    // Coordinate ascent over the other three.
    std::vector<double> theta = Numbers(Parameters(model), "estimate");
    theta[3] = end;
    double here = value_at(theta);
    for (double step = 0.2; step > 1e-5; step *= 0.5) {
      for (bool moved = true; moved;) {
        moved = false;
        for (size_t k = 0; k < 3; ++k) {
          for (const double factor : {1 + step, 1 / (1 + step)}) {
            std::vector<double> other = theta;
            other[k] *= factor;
            const double there = value_at(other);
            if (there <= here) continue;
            theta = other;
            here = there;
            moved = true;
          }
        }
      }
    }
    EXPECT_NEAR(best - here, drop, 1e-3);
  }
  EXPECT_LT(lower, 6);
  EXPECT_GT(upper, 25);

  TableOf others;
  others.Integers("frequency", std::vector<int64_t>{1, 0})
      .Numbers("recency", std::vector<double>{2, 0})
      .Numbers("T", std::vector<double>{5, 5});
  EXPECT_EQ(patron_clv_profile(model.get(), others.get(), nullptr, "beta", 0.95, nullptr, &lower,
                               &upper, error.get()),
            PATRON_FAILED_PRECONDITION);
  EXPECT_THAT(error.message(), HasSubstr("that of the rows of the fit"));
  EXPECT_EQ(patron_clv_profile(model.get(), cdnow.table.get(), nullptr, "gamma", 0.95, nullptr,
                               &lower, &upper, error.get()),
            PATRON_NOT_FOUND);
}

// The sum over two shards, and how often it was asked for.
struct Shards {
  std::vector<const patron_table *> tables;
  patron_clv_terms terms;
  int calls = 0;
  patron_status fail = PATRON_OK;
};

patron_status SumShards(void *user, const double *point, size_t count, patron_clv_part *out,
                        double *gradient, double *hessian, patron_error *error) {
  auto &shards = *static_cast<Shards *>(user);
  ++shards.calls;
  if (shards.fail != PATRON_OK) {
    std::strcpy(error->message, "shard 2: gone");
    return shards.fail;
  }
  for (const patron_table *table : shards.tables) {
    patron_clv_part part{};
    part.struct_size = sizeof part;
    std::vector<double> g(count), h(count * count);
    const patron_status status = patron_clv_likelihood(table, nullptr, &shards.terms, point, count,
                                                       nullptr, &part, g.data(), h.data(), error);
    if (status != PATRON_OK) return status;
    out->value += part.value;
    out->weight += part.weight;
    for (size_t i = 0; i < count; ++i) gradient[i] += g[i];
    for (size_t i = 0; i < count * count; ++i) hessian[i] += h[i];
  }
  return PATRON_OK;
}

TEST(ClvFitTest, PartsMakeTheWhole) {
  Cdnow cdnow;
  PATRON_NEEDS_CDNOW(cdnow);
  TableOf first, second;
  const auto part = [&](TableOf &table, size_t begin, size_t end) {
    const auto cut = [&](const auto &values) {
      return std::remove_cvref_t<decltype(values)>(values.begin() + static_cast<ptrdiff_t>(begin),
                                                   values.begin() + static_cast<ptrdiff_t>(end));
    };
    table.Integers("frequency", cut(cdnow.frequency))
        .Numbers("recency", cut(cdnow.recency))
        .Numbers("T", cut(cdnow.age));
  };
  part(first, 0, 700);
  part(second, 700, cdnow.age.size());
  Error error;
  for (const double penalty : {0.0, 0.01}) {
    const std::vector<double> penalties(4, penalty);
    patron_clv_terms terms = Terms(PATRON_CLV_BG_NBD, 1);
    if (penalty > 0) {
      terms.parameter_penalties = penalties.data();
      terms.parameter_penalty_count = penalties.size();
    }
    Shards shards{{first.get(), second.get()}, terms};
    patron_clv_model *parts = nullptr;
    ASSERT_EQ(patron_clv_fit_parts(first.get(), nullptr, &terms, nullptr, &SumShards, &shards,
                                   &parts, error.get()),
              PATRON_OK)
        << error.message();
    const Model sharded(parts);
    const Model whole = Fitted(cdnow.table.get(), terms);
    EXPECT_EQ(shards.calls, Info(sharded).evaluations);
    ExpectRelative(Numbers(Parameters(sharded), "estimate"), Numbers(Parameters(whole), "estimate"),
                   1e-9);
    ExpectRelative(Numbers(Parameters(sharded), "standard_error"),
                   Numbers(Parameters(whole), "standard_error"), 1e-8);
    EXPECT_NEAR(Info(sharded).log_likelihood, Info(whole).log_likelihood, 1e-7);
    EXPECT_EQ(Info(sharded).rows, 0u);
  }
  const patron_clv_terms terms = Terms(PATRON_CLV_BG_NBD, 1);
  Shards shards{{}, terms, 0, PATRON_UNAVAILABLE};
  auto *out = Untouched<patron_clv_model>();
  EXPECT_EQ(patron_clv_fit_parts(first.get(), nullptr, &terms, nullptr, &SumShards, &shards, &out,
                                 error.get()),
            PATRON_UNAVAILABLE);
  EXPECT_EQ(error.message(), "shard 2: gone");
  EXPECT_EQ(patron_clv_fit_parts(first.get(), nullptr, &terms, nullptr, nullptr, nullptr, &out,
                                 error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(out, Untouched<patron_clv_model>());
}

// A penalised fit ends where the slope of the mean log-likelihood is that of the penalty.
TEST(ClvFitTest, PenaltiesActOnTheMean) {
  Cdnow cdnow;
  PATRON_NEEDS_CDNOW(cdnow);
  const std::vector<double> penalties = {0, 0.001, 0.02, 0.005};
  patron_clv_terms terms = Terms(PATRON_CLV_BG_NBD);
  terms.parameter_penalties = penalties.data();
  terms.parameter_penalty_count = penalties.size();
  const std::vector<double> theta =
      Numbers(Parameters(Fitted(cdnow.table.get(), terms)), "estimate");
  const patron_clv_terms plain = Terms(PATRON_CLV_BG_NBD, 1);
  std::vector<double> point, gradient(4);
  for (const double t : theta) point.push_back(std::log(t));
  patron_clv_part part{};
  part.struct_size = sizeof part;
  ASSERT_EQ(patron_clv_likelihood(cdnow.table.get(), nullptr, &plain, point.data(), 4, nullptr,
                                  &part, gradient.data(), nullptr, nullptr),
            PATRON_OK);
  for (size_t k = 0; k < 4; ++k) {
    EXPECT_NEAR(gradient[k] / part.weight, 2 * penalties[k] * theta[k] * theta[k], 1e-8) << k;
  }
}

TEST(ClvFitTest, CovariatesOfBothProcesses) {
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
  EXPECT_THAT(Refused(poor.get(), terms, nullptr, PATRON_FAILED_PRECONDITION),
              HasSubstr("transaction.w"));
  terms.transaction_covariates = twins;
  terms.transaction_covariate_count = 2;
  EXPECT_THAT(Refused(poor.get(), terms, nullptr, PATRON_FAILED_PRECONDITION),
              StartsWith("the data do not determine transaction.z, transaction.y"));
}

TEST(ClvFitTest, RegularityIsChosenByLikelihood) {
  std::vector<double> age(8000);
  for (size_t i = 0; i < age.size(); ++i) age[i] = 30 + static_cast<double>(i % 20);
  TableOf questions;
  questions.Numbers("T", age);
  const Model known = Known(PATRON_CLV_MBG_CNBD, {1.3, 3, 0.5, 1.5}, 3);
  patron_table *summary = nullptr;
  ASSERT_EQ(patron_clv_simulate(known.get(), nullptr, questions.get(), nullptr, 5, nullptr,
                                &summary, nullptr, nullptr),
            PATRON_OK);
  const Table drawn(summary);
  patron_clv_columns columns;
  patron_clv_columns_init(&columns);
  columns.log_intervals = "log_intervals";
  const Model fit = Fitted(drawn.get(), Terms(PATRON_CLV_MBG_CNBD), &columns);
  EXPECT_EQ(Info(fit).regularity, 3);
  const Table table = Parameters(fit);
  const std::vector<double> truth = {1.3, 3, 0.5, 1.5};
  for (size_t i = 0; i < truth.size(); ++i) {
    EXPECT_NEAR(Numbers(table, "estimate")[i], truth[i], 4 * Numbers(table, "standard_error")[i]);
  }
  EXPECT_THAT(Refused(drawn.get(), Terms(PATRON_CLV_MBG_CNBD)),
              StartsWith("log_intervals: NULL; expected a column"));
  EXPECT_THAT(Refused(drawn.get(), Terms(PATRON_CLV_MBG_CNBD, 65)),
              StartsWith("regularity: 65; expected 0 to 64"));
  EXPECT_THAT(Refused(drawn.get(), Terms(PATRON_CLV_BG_NBD, 2)),
              StartsWith("regularity: 2; expected 0 to 1"));
}

TEST(ClvFitTest, LimitsAreNamed) {
  // Spends that vary wildly from customer to customer: their mean does not exist.
  std::vector<int64_t> counts;
  std::vector<double> spends;
  for (int i = 1; i < 400; ++i) {
    counts.push_back(1 + i % 4);
    spends.push_back(std::pow(400.0 / i, 1.6));
  }
  TableOf table;
  table.Integers("frequency", counts).Numbers("monetary_value", spends);
  const Model model = Fitted(table.get(), PATRON_CLV_GAMMA_GAMMA);
  ASSERT_GE(Info(model).limits, 1);
  EXPECT_STREQ(patron_clv_model_limit(model.get(), 0), "infinite mean spend");
  EXPECT_EQ(patron_clv_model_limit(model.get(), 9), nullptr);
  EXPECT_EQ(patron_clv_model_limit(nullptr, 0), nullptr);
}

TEST(ClvFitTest, BadRowsAreNamed) {
  const auto refused = [](std::vector<double> x, std::vector<double> recency,
                          std::vector<double> age, int32_t kind = PATRON_CLV_BG_NBD) {
    TableOf table;
    table.Numbers("frequency", x).Numbers("recency", recency).Numbers("T", age);
    return Refused(table.get(), Terms(kind));
  };
  EXPECT_EQ(refused({1, 2}, {3, 9}, {5, 8}), "recency: row 1 is 9; expected at most T");
  EXPECT_EQ(refused({0, 2}, {3, 7}, {5, 8}),
            "recency: row 0 is 3; expected 0, because frequency is 0");
  EXPECT_EQ(refused({1.5, 2, 0.5}, {3, 7, 1}, {5, 8, 2}),
            "frequency: row 0 is 1.5; expected a whole number, 0 or above (2 rows in all)");
  EXPECT_THAT(refused({1, -2}, {3, 7}, {5, 8}), StartsWith("frequency: row 1 is -2"));
  EXPECT_THAT(refused({1, 2}, {-3, 7}, {5, 8}), StartsWith("recency: row 0 is -3"));
  EXPECT_THAT(refused({1, 2}, {3, std::nan("")}, {5, 8}), StartsWith("recency: row 1 is nan"));
  EXPECT_THAT(refused({0, 0}, {0, 0}, {0, 0}), StartsWith("T: 0 in all rows"));
  EXPECT_EQ(refused({}, {}, {}), "table: 0 rows; expected at least 1");
  EXPECT_THAT(refused({3, 1}, {2, 1}, {5, 5}, PATRON_CLV_BG_BB), StartsWith("recency: row 0 is 2"));
  EXPECT_THAT(refused({1, 1}, {2, 1}, {5, 5.5}, PATRON_CLV_BG_BB), StartsWith("T: row 1 is 5.5"));

  TableOf spend;
  spend.Integers("frequency", std::vector<int64_t>{0, 2, 1})
      .Numbers("monetary_value", std::vector<double>{-5, 20, 0});
  EXPECT_EQ(Refused(spend.get(), Terms(PATRON_CLV_GAMMA_GAMMA)),
            "monetary_value: row 2 is 0; expected a finite number above 0, because frequency is");
  TableOf once;
  once.Integers("frequency", std::vector<int64_t>{0, 0})
      .Numbers("monetary_value", std::vector<std::optional<double>>{std::nullopt, 4.0});
  EXPECT_EQ(Refused(once.get(), Terms(PATRON_CLV_GAMMA_GAMMA)),
            "frequency: 0 in all rows; expected repeat purchases");

  TableOf weighted;
  weighted.Integers("x", std::vector<int64_t>{1, 2})
      .Numbers("t_x", std::vector<double>{1, 2})
      .Numbers("age", std::vector<double>{3, 4})
      .Numbers("w", std::vector<double>{1, 0});
  patron_clv_columns columns;
  patron_clv_columns_init(&columns);
  columns.frequency = "x";
  columns.recency = "t_x";
  columns.age = "age";
  columns.weight = "w";
  EXPECT_EQ(Refused(weighted.get(), Terms(PATRON_CLV_PARETO_NBD), &columns),
            "w: row 1 is 0; expected a finite number above 0");
  columns.weight = "";
  EXPECT_EQ(Refused(weighted.get(), Terms(PATRON_CLV_PARETO_NBD), &columns),
            "weight: empty; expected a name");
  EXPECT_THAT(Refused(weighted.get(), Terms(PATRON_CLV_PARETO_NBD)),
              HasSubstr("column 'frequency' is missing"));
}

// One customer, or only customers who bought once, do not determine a model; that is said, or the
// limit is named, and nothing else is returned.
TEST(ClvFitTest, TooLittleDataIsNotAPlainFit) {
  for (const int32_t kind : {PATRON_CLV_NBD, PATRON_CLV_BG_NBD, PATRON_CLV_MBG_NBD,
                             PATRON_CLV_PARETO_NBD, PATRON_CLV_GGOMPERTZ_NBD}) {
    for (const bool one : {false, true}) {
      TableOf table;
      table.Numbers("frequency", one ? std::vector<double>{3} : std::vector<double>{0, 0, 0})
          .Numbers("recency", one ? std::vector<double>{7} : std::vector<double>{0, 0, 0})
          .Numbers("T", one ? std::vector<double>{9} : std::vector<double>{4, 5, 6});
      const patron_clv_terms terms = Terms(kind);
      Error error;
      patron_clv_model *model = nullptr;
      const patron_status status =
          patron_clv_fit(table.get(), nullptr, &terms, nullptr, &model, error.get());
      if (status == PATRON_OK) {
        EXPECT_GT(Info(Model(model)).limits, 0) << kind << one;
      } else {
        EXPECT_EQ(status, PATRON_FAILED_PRECONDITION) << error.message();
      }
    }
  }
}

TEST(ClvFitTest, RefusesTermsThatAreNone) {
  Error error;
  auto *out = Untouched<patron_clv_model>();
  const double values[] = {1, 2, 3, 4, 5};
  const auto refuse = [&](const patron_clv_terms &terms, size_t count) {
    EXPECT_EQ(patron_clv_model_create(&terms, values, count, &out, error.get()),
              PATRON_INVALID_ARGUMENT);
    EXPECT_EQ(out, Untouched<patron_clv_model>());
    return error.message();
  };
  EXPECT_EQ(refuse(Terms(0), 2), "kind: 0; expected 1 to 11, a PATRON_CLV_*");
  EXPECT_EQ(refuse(Terms(12), 2), "kind: 12; expected 1 to 11, a PATRON_CLV_*");
  EXPECT_EQ(refuse(Terms(PATRON_CLV_BG_NBD), 5), "values: 5; expected 4, one a free parameter");
  patron_clv_terms terms = Terms(PATRON_CLV_BG_NBD);
  const char *const names[] = {"age", "age", nullptr};
  terms.transaction_covariates = names;
  terms.transaction_covariate_count = 2;
  EXPECT_EQ(refuse(terms, 5), "transaction_covariates[1]: 'age' again; expected every column once");
  terms.transaction_covariate_count = 3;
  EXPECT_EQ(refuse(terms, 5), "transaction_covariates[2]: NULL; expected a name");
  terms.transaction_covariate_count = 1;
  terms.equal_covariates = names;
  terms.equal_covariate_count = 1;
  EXPECT_EQ(refuse(terms, 5),
            "equal_covariates[0]: 'age'; expected a name among dropout_covariates");
  terms.kind = PATRON_CLV_SBG;
  terms.dropout_covariates = names;
  terms.dropout_covariate_count = 1;
  EXPECT_EQ(refuse(terms, 5), "covariates: 2; expected none for SBG");
  const double bad[] = {1, -2, 3, 4};
  const patron_clv_terms plain = Terms(PATRON_CLV_BG_NBD);
  EXPECT_EQ(patron_clv_model_create(&plain, bad, 4, &out, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "alpha: -2; expected a number from 1e-30 to 1e30");
  EXPECT_EQ(patron_clv_model_create(nullptr, bad, 4, &out, error.get()), PATRON_INVALID_ARGUMENT);
}

TEST(ClvFitTest, AKnownModelHasNoErrors) {
  const Model model = Known(PATRON_CLV_BG_NBD, {0.243, 4.414, 0.793, 2.426});
  EXPECT_THAT(Numbers(Parameters(model), "estimate"), ElementsAre(0.243, 4.414, 0.793, 2.426));
  EXPECT_THAT(Optional<double>(Parameters(model).get(), "standard_error", PATRON_TYPE_FLOAT64),
              testing::Each(std::nullopt));
  EXPECT_EQ(Info(model).fitted, 0);
  EXPECT_TRUE(std::isnan(Info(model).log_likelihood));
  Error error;
  auto *out = Untouched<patron_table>();
  EXPECT_EQ(patron_clv_model_covariance(model.get(), 0, &out, error.get()),
            PATRON_FAILED_PRECONDITION);
  EXPECT_EQ(error.message(),
            "model: a BG_NBD made from known values; expected one that was fitted");
}

TEST(ClvFitTest, StartsDoNotChangeTheResult) {
  Cdnow cdnow;
  PATRON_NEEDS_CDNOW(cdnow);
  const double starts[][4] = {{1, 1, 1, 1}, {3, 50, 0.2, 8}, {0.05, 1, 2, 2}};
  for (const Reference &reference : References()) {
    for (const auto &start : starts) {
      patron_clv_fit_options options;
      patron_clv_fit_options_init(&options);
      options.start = start;
      options.start_count = 4;
      const Model model = Fitted(cdnow.table.get(), Terms(reference.kind), nullptr, &options);
      ExpectRelative(Numbers(Parameters(model), "estimate"), reference.parameters, 1e-5);
    }
  }
  patron_clv_fit_options options;
  patron_clv_fit_options_init(&options);
  options.start = starts[0];
  options.start_count = 3;
  EXPECT_EQ(Refused(cdnow.table.get(), Terms(PATRON_CLV_BG_NBD), nullptr, PATRON_INVALID_ARGUMENT,
                    &options),
            "start: 3; expected 4, one a free parameter");
  // A log-likelihood that no model reaches.
  options.start = nullptr;
  options.start_count = 0;
  options.null_log_likelihood = -9000;
  EXPECT_THAT(Refused(cdnow.table.get(), Terms(PATRON_CLV_BG_NBD), nullptr,
                      PATRON_FAILED_PRECONDITION, &options),
              HasSubstr("is below that of the NBD"));
}

TEST(ClvFitTest, BytesComeBackAndNothingElseLoads) {
  Cdnow cdnow;
  std::vector<Model> models;
  models.push_back(Known(PATRON_CLV_MBG_CNBD, {1.3, 2.8, 0.42, 0.79}, 2));
  const char *const names[] = {"über", "z"};
  patron_clv_terms terms = Terms(PATRON_CLV_GGOMPERTZ_NBD);
  terms.transaction_covariates = terms.dropout_covariates = terms.equal_covariates = names;
  terms.transaction_covariate_count = terms.dropout_covariate_count = 2;
  terms.equal_covariate_count = 1;
  models.push_back(Known(terms, {0.5, 10, 0.001, 0.6, 0.01, 0.3, -1, 2}));
  if (!cdnow.absent()) {
    models.push_back(Fitted(cdnow.table.get(), PATRON_CLV_PARETO_NBD));
    const double penalties[] = {0, 0, 0.1, 0};
    patron_clv_terms penalised = Terms(PATRON_CLV_BG_NBD);
    penalised.parameter_penalties = penalties;
    penalised.parameter_penalty_count = 4;
    models.push_back(Fitted(cdnow.table.get(), penalised));
  }
  for (const Model &model : models) {
    const std::string bytes = BytesOf(patron_clv_model_serialize, model.get());
    patron_clv_model *read = nullptr;
    Error error;
    ASSERT_EQ(patron_clv_model_deserialize(bytes.data(), bytes.size(), &read, error.get()),
              PATRON_OK)
        << error.message();
    const Model again(read);
    EXPECT_EQ(BytesOf(patron_clv_model_serialize, again.get()), bytes);
    EXPECT_EQ(Texts(Parameters(again), "name"), Texts(Parameters(model), "name"));
    EXPECT_EQ(Numbers(Parameters(again), "estimate"), Numbers(Parameters(model), "estimate"));
    if (Info(model).fitted == 0) continue;
    EXPECT_EQ(Numbers(Parameters(again), "upper"), Numbers(Parameters(model), "upper"));
    EXPECT_EQ(Info(again).log_likelihood, Info(model).log_likelihood);
    EXPECT_EQ(Info(again).iterations, Info(model).iterations);
    double lower[2], upper[2];
    EXPECT_EQ(patron_clv_profile(model.get(), cdnow.table.get(), nullptr, "r", 0.9, nullptr,
                                 &lower[0], &upper[0], error.get()),
              PATRON_OK)
        << error.message();
    EXPECT_EQ(patron_clv_profile(again.get(), cdnow.table.get(), nullptr, "r", 0.9, nullptr,
                                 &lower[1], &upper[1], error.get()),
              PATRON_OK)
        << error.message();
    EXPECT_EQ(lower[0], lower[1]);
    EXPECT_EQ(upper[0], upper[1]);
  }
  ExpectOnlyTheseBytesLoad(patron_clv_model_deserialize,
                           BytesOf(patron_clv_model_serialize, models.back().get()));
}

}  // namespace
}  // namespace patron::c_api_test
