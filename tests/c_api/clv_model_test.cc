// What is known of models of lifetime value: intervals, terms and bytes, through the C interface.
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

TEST(ClvModelTest, IntervalsOnBothScales) {
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

TEST(ClvModelTest, ProfileIntervalIsWhereTheLikelihoodFalls) {
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

TEST(ClvModelTest, RefusesTermsThatAreNone) {
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
  EXPECT_EQ(refuse(terms, 5), "transaction_covariates: 1; expected none for SBG");
  terms.kind = PATRON_CLV_NBD;
  EXPECT_EQ(refuse(terms, 5), "dropout_covariates: 1; expected none for NBD");
  terms.kind = PATRON_CLV_GAMMA_GAMMA;
  EXPECT_EQ(refuse(terms, 5), "transaction_covariates: 1; expected none for GAMMA_GAMMA");
  patron_clv_terms timed = Terms(PATRON_CLV_BG_NBD);
  timed.time_unit = "fortnight";
  EXPECT_EQ(refuse(timed, 4),
            "time_unit: 'fortnight'; expected second, hour, day, week, month or year");
  const double bad[] = {1, -2, 3, 4};
  const patron_clv_terms plain = Terms(PATRON_CLV_BG_NBD);
  EXPECT_EQ(patron_clv_model_create(&plain, bad, 4, &out, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "alpha: -2; expected a number from 1e-30 to 1e30");
  EXPECT_EQ(patron_clv_model_create(nullptr, bad, 4, &out, error.get()), PATRON_INVALID_ARGUMENT);
}

TEST(ClvModelTest, AKnownModelHasNoErrors) {
  const Model model = Known(PATRON_CLV_BG_NBD, {0.243, 4.414, 0.793, 2.426});
  EXPECT_THAT(Numbers(Parameters(model), "estimate"), ElementsAre(0.243, 4.414, 0.793, 2.426));
  EXPECT_THAT(Optional<double>(Parameters(model).get(), "standard_error", PATRON_TYPE_FLOAT64),
              ::testing::Each(std::nullopt));
  EXPECT_EQ(Info(model).fitted, 0);
  EXPECT_TRUE(std::isnan(Info(model).log_likelihood));
  Error error;
  auto *out = Untouched<patron_table>();
  EXPECT_EQ(patron_clv_model_covariance(model.get(), 0, &out, error.get()),
            PATRON_FAILED_PRECONDITION);
  EXPECT_EQ(error.message(),
            "model: a BG_NBD made from known values; expected one that was fitted");
}

TEST(ClvModelTest, BytesComeBackAndNothingElseLoads) {
  Cdnow cdnow;
  std::vector<Model> models;
  models.push_back(Known(PATRON_CLV_MBG_CNBD, {1.3, 2.8, 0.42, 0.79}, 2));
  const char *const names[] = {"über", "z"};
  patron_clv_terms terms = Terms(PATRON_CLV_GGOMPERTZ_NBD);
  terms.transaction_covariates = terms.dropout_covariates = terms.equal_covariates = names;
  terms.transaction_covariate_count = terms.dropout_covariate_count = 2;
  terms.equal_covariate_count = 1;
  models.push_back(Known(terms, {0.5, 10, 0.001, 0.6, 0.01, 0.3, -1, 2}));
  patron_clv_terms contract = Terms(PATRON_CLV_BETA_DISCRETE_WEIBULL);
  contract.dropout_covariates = names;
  contract.dropout_covariate_count = 1;
  contract.time_unit = "month";
  models.push_back(Known(contract, {0.7, 2, 1.1, 0.4}));
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
    EXPECT_STREQ(patron_clv_model_time_unit(again.get()), patron_clv_model_time_unit(model.get()));
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
  EXPECT_STREQ(patron_clv_model_time_unit(models[2].get()), "month");
  EXPECT_EQ(patron_clv_model_time_unit(models[0].get()), nullptr);
  EXPECT_EQ(patron_clv_model_time_unit(nullptr), nullptr);
  ExpectOnlyTheseBytesLoad(patron_clv_model_deserialize,
                           BytesOf(patron_clv_model_serialize, models.back().get()));
}
}  // namespace
}  // namespace patron::c_api_test
