// Models of lifetime value out of memory: each function, with allocation 0, 1, 2, ... failing, alone
// or with all after it. It must end with a status, leak nothing, and leave its outputs alone.
#include <cstdint>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include "faults/each_allocation.hpp"
#include "patron/c/patron.h"

namespace patron::faults {
namespace {

class ClvAllocationTest : public ::testing::Test {
 protected:
  ClvAllocationTest() {
    for (int i = 0; i < 24; ++i) {
      frequency_.push_back(i % 4 == 0 ? 0 : i % 7);
      if (i % 7 == 0) frequency_.back() = 0;
      age_.push_back(20 + i % 5);
      recency_.push_back(frequency_.back() == 0 ? 0 : age_.back() * (0.2 + 0.03 * i));
      spend_.push_back(10 + (i * 37) % 11);
      churned_.push_back(i % 2);
      z_.push_back(i % 3);
      actual_.push_back(i % 5 == 0 ? 2 : 0);
      duration_.push_back(8);
    }
    const patron_column columns[] = {Column("frequency", frequency_),
                                     Column("recency", recency_),
                                     Column("T", age_),
                                     Column("monetary_value", spend_),
                                     Column("churned", churned_),
                                     Column("z", z_),
                                     Column("frequency_holdout", actual_),
                                     Column("duration_holdout", duration_),
                                     Column("time", age_)};
    patron_table *table = nullptr;
    EXPECT_EQ(patron_table_borrow(columns, std::size(columns), &table, nullptr), PATRON_OK);
    table_.reset(table);
    const std::vector<double> bg = {0.5, 5, 0.8, 2.4}, covered = {0.5, 5, 0.7, 9, 0.2, -0.1};
    known_ = ModelOf(PlainTerms(PATRON_CLV_BG_NBD), bg);
    covered_ = ModelOf(CoveredTerms(), covered);
    spend_model_ = ModelOf(PlainTerms(PATRON_CLV_GAMMA_GAMMA), {6, 4, 15});
    contract_ = ModelOf(PlainTerms(PATRON_CLV_SBG), {0.7, 1.2});
    fitted_ = Fit(PlainTerms(PATRON_CLV_NBD));
    richer_ = Fit(PlainTerms(PATRON_CLV_MBG_NBD));
    patron_clv_columns_init(&columns_);
    columns_.customer = "z";
  }

  template <typename T>
  static patron_column Column(const char *name, const std::vector<T> &values) {
    patron_column column{};
    column.struct_size = sizeof column;
    column.type = std::is_same_v<T, double> ? PATRON_TYPE_FLOAT64 : PATRON_TYPE_INT64;
    column.name = name;
    column.length = static_cast<int64_t>(values.size());
    column.data = values.data();
    return column;
  }
  static patron_clv_terms PlainTerms(int32_t kind) {
    patron_clv_terms terms;
    patron_clv_terms_init(&terms);
    terms.kind = kind;
    return terms;
  }
  static patron_clv_terms CoveredTerms() {
    static const char *const kNames[] = {"z"};
    patron_clv_terms terms = PlainTerms(PATRON_CLV_PARETO_NBD);
    terms.transaction_covariates = terms.dropout_covariates = kNames;
    terms.transaction_covariate_count = terms.dropout_covariate_count = 1;
    return terms;
  }
  static Own<patron_clv_model> ModelOf(const patron_clv_terms &terms,
                                       const std::vector<double> &values) {
    patron_clv_model *model = nullptr;
    EXPECT_EQ(patron_clv_model_create(&terms, values.data(), values.size(), &model, nullptr),
              PATRON_OK);
    return Own<patron_clv_model>(model);
  }
  Own<patron_clv_model> Fit(const patron_clv_terms &terms) {
    patron_clv_model *model = nullptr;
    patron_error error;
    EXPECT_EQ(patron_clv_fit(table_.get(), nullptr, &terms, nullptr, &model, &error), PATRON_OK)
        << error.message;
    return Own<patron_clv_model>(model);
  }

  std::vector<double> frequency_, recency_, age_, spend_, actual_, duration_;
  std::vector<int64_t> churned_, z_;  // Whole numbers, as ids are.
  Own<patron_table> table_;
  Own<patron_clv_model> known_, covered_, spend_model_, contract_, fitted_, richer_;
  patron_clv_columns columns_;
};

TEST_F(ClvAllocationTest, Models) {
  const patron_clv_terms terms = CoveredTerms();
  const double values[] = {0.5, 5, 0.7, 9, 0.2, -0.1};
  FailMaking<patron_clv_model>("patron_clv_model_create", [&](patron_clv_model **out) {
    return patron_clv_model_create(&terms, values, 6, out, nullptr);
  });
  FailMaking<patron_table>("patron_clv_model_parameters", [&](patron_table **out) {
    return patron_clv_model_parameters(richer_.get(), 0.9, PATRON_SCALE_LOG, out, nullptr);
  });
  FailMaking<patron_table>("patron_clv_model_covariance", [&](patron_table **out) {
    return patron_clv_model_covariance(richer_.get(), PATRON_SCALE_LOG, out, nullptr);
  });
  FailMaking<patron_bytes>("patron_clv_model_serialize", [&](patron_bytes **out) {
    return patron_clv_model_serialize(richer_.get(), out, nullptr);
  });
  patron_bytes *bytes = nullptr;
  ASSERT_EQ(patron_clv_model_serialize(richer_.get(), &bytes, nullptr), PATRON_OK);
  const Own<patron_bytes> written(bytes);
  FailMaking<patron_clv_model>("patron_clv_model_deserialize", [&](patron_clv_model **out) {
    return patron_clv_model_deserialize(patron_bytes_data(bytes), patron_bytes_size(bytes), out,
                                        nullptr);
  });
}

TEST_F(ClvAllocationTest, Fits) {
  for (const int32_t kind : {PATRON_CLV_BG_NBD, PATRON_CLV_NBD, PATRON_CLV_GAMMA_GAMMA}) {
    const patron_clv_terms terms = PlainTerms(kind);
    FailMaking<patron_clv_model>("patron_clv_fit", [&](patron_clv_model **out) {
      return patron_clv_fit(table_.get(), nullptr, &terms, nullptr, out, nullptr);
    });
  }
  const patron_clv_terms terms = CoveredTerms();
  const double point[] = {0, 1, 0, 1, 0, 0};
  FailCall("patron_clv_likelihood", [&] {
    patron_clv_part part{};
    part.struct_size = sizeof part;
    double gradient[6], hessian[36];
    return patron_clv_likelihood(table_.get(), nullptr, &terms, point, 6, nullptr, &part, gradient,
                                 hessian, nullptr);
  });
  struct Whole {
    const patron_table *table;
    patron_clv_terms terms;
  } whole{table_.get(), PlainTerms(PATRON_CLV_NBD)};
  const patron_clv_sum_parts sum = [](void *user, const double *at, size_t count,
                                      patron_clv_part *out, double *gradient, double *hessian,
                                      patron_error *error) {
    const auto &of = *static_cast<const Whole *>(user);
    return patron_clv_likelihood(of.table, nullptr, &of.terms, at, count, nullptr, out, gradient,
                                 hessian, error);
  };
  FailMaking<patron_clv_model>("patron_clv_fit_parts", [&](patron_clv_model **out) {
    return patron_clv_fit_parts(table_.get(), nullptr, &whole.terms, nullptr, sum, &whole, out,
                                nullptr);
  });
  FailMaking<patron_table>("patron_clv_log_likelihoods", [&](patron_table **out) {
    return patron_clv_log_likelihoods(covered_.get(), table_.get(), &columns_, nullptr, out,
                                      nullptr);
  });
  FailCall("patron_clv_profile", [&] {
    double lower, upper;
    return patron_clv_profile(fitted_.get(), table_.get(), nullptr, "alpha", 0.8, nullptr, &lower,
                              &upper, nullptr);
  });
}

TEST_F(ClvAllocationTest, Predictions) {
  patron_clv_predict_options options;
  patron_clv_predict_options_init(&options);
  options.horizon = 10;
  for (const auto *model : {known_.get(), covered_.get(), contract_.get()}) {
    FailMaking<patron_table>("patron_clv_predict", [&](patron_table **out) {
      return patron_clv_predict(model, table_.get(), &columns_, &options, out, nullptr);
    });
  }
  options.spend = spend_model_.get();
  FailMaking<patron_table>("patron_clv_predict", [&](patron_table **out) {
    return patron_clv_predict(known_.get(), table_.get(), nullptr, &options, out, nullptr);
  });
  options.spend = nullptr;
  options.standard_errors = 1;
  FailMaking<patron_table>("patron_clv_predict", [&](patron_table **out) {
    return patron_clv_predict(fitted_.get(), table_.get(), nullptr, &options, out, nullptr);
  });
  FailMaking<patron_table>("patron_clv_counts", [&](patron_table **out) {
    return patron_clv_counts(covered_.get(), table_.get(), &columns_, 5, 2, nullptr, out, nullptr);
  });
  patron_clv_new_options of_new;
  patron_clv_new_options_init(&of_new);
  of_new.most = 2;
  for (const auto *model : {known_.get(), contract_.get()}) {
    FailMaking<patron_table>("patron_clv_new_customers", [&](patron_table **out) {
      return patron_clv_new_customers(model, table_.get(), &columns_, &of_new, out, nullptr);
    });
  }
}

TEST_F(ClvAllocationTest, Evaluation) {
  patron_clv_tracking_options options;
  patron_clv_tracking_options_init(&options);
  options.period = 8;
  FailMaking<patron_table>("patron_clv_tracking", [&](patron_table **out) {
    return patron_clv_tracking(covered_.get(), table_.get(), nullptr, table_.get(), &options, out,
                               nullptr);
  });
  FailMaking<patron_table>("patron_clv_frequency_table", [&](patron_table **out) {
    return patron_clv_frequency_table(covered_.get(), table_.get(), nullptr, 3, nullptr, out,
                                      nullptr);
  });
  FailMaking<patron_table>("patron_clv_holdout", [&](patron_table **out) {
    patron_clv_holdout_result result{};
    result.struct_size = sizeof result;
    return patron_clv_holdout(known_.get(), table_.get(), nullptr, nullptr, &result, out, nullptr);
  });
  const patron_clv_model *models[] = {fitted_.get(), richer_.get()};
  FailMaking<patron_table>("patron_clv_compare", [&](patron_table **out) {
    return patron_clv_compare(models, 2, table_.get(), nullptr, nullptr, out, nullptr);
  });
  FailMaking<patron_table>("patron_clv_simulate", [&](patron_table **out) {
    patron_table *transactions = nullptr;
    const patron_status status =
        patron_clv_simulate(covered_.get(), spend_model_.get(), table_.get(), &columns_, 1, nullptr,
                            out, &transactions, nullptr);
    EXPECT_EQ(status == PATRON_OK, transactions != nullptr);
    patron_table_free(transactions);
    return status;
  });
}

// A likelihood-ratio test, an answer for one customer and the like allocate nothing unless they
// refuse.
TEST_F(ClvAllocationTest, OneCustomerTakesNoMemory) {
  patron_clv_customer customer{};
  customer.struct_size = sizeof customer;
  customer.frequency = 2;
  customer.recency = 3;
  customer.age = 9;
  customer.monetary_value = 20;
  patron_clv_predict_options options;
  patron_clv_predict_options_init(&options);
  options.horizon = 10;
  options.spend = spend_model_.get();
  patron_clv_score_result score{};
  score.struct_size = sizeof score;
  const double z[] = {1};
  customer.transaction_covariates = customer.dropout_covariates = z;
  const auto models = {known_.get(), covered_.get(), contract_.get(), fitted_.get()};
  for (const auto *model : models) {
    ASSERT_EQ(patron_clv_score(model, &customer, &options, &score, nullptr), PATRON_OK);
    {
      const FailAllocation fail(0, true);
      EXPECT_EQ(patron_clv_score(model, &customer, &options, &score, nullptr), PATRON_OK);
    }
    EXPECT_FALSE(failed);
  }
  patron_clv_likelihood_ratio_result ratio{};
  ratio.struct_size = sizeof ratio;
  {
    const FailAllocation fail(0, true);
    EXPECT_EQ(patron_clv_likelihood_ratio(fitted_.get(), richer_.get(), &ratio, nullptr),
              PATRON_OK);
  }
  EXPECT_FALSE(failed);
}

}  // namespace
}  // namespace patron::faults
