// Fits of models of lifetime value, whole and from parts, through the C interface.
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "c_api/clv.hpp"
#include "c_api/tables.hpp"
#include "patron/c/patron.h"

namespace patron::c_api_test {
namespace {

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
}  // namespace
}  // namespace patron::c_api_test
