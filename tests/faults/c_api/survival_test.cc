// Survival out of memory: each function, with allocation 0, 1, 2, ... failing, alone or with all after
// it. It must end with a status, leak nothing, and leave its outputs alone.
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "faults/each_allocation.hpp"
#include "patron/c/patron.h"

namespace patron::faults {
namespace {

struct Rows {
  std::vector<double> duration = {1, 2, 2, 3, 5, 6, 6, 7}, entry = {0, 1, 0, 1, 0, 2, 0, 1};
  std::vector<double> x = {3, 1, 2, 2, 1, 3, 1, 2};
  std::vector<int64_t> event = {1, 1, 0, 1, 1, 0, 1, 1}, cluster = {1, 1, 2, 2, 3, 3, 4, 4};
  TextColumn half{{"a", "b", "b", "a", "b", "a", "a", "b"}};
  const char *const strata[1] = {"half"};
  const char *const covariates[1] = {"x"};
  Own<patron_table> table =
      TableOf({ColumnOf("duration", PATRON_TYPE_FLOAT64, duration),
               ColumnOf("event", PATRON_TYPE_INT64, event),
               ColumnOf("entry", PATRON_TYPE_FLOAT64, entry), ColumnOf("x", PATRON_TYPE_FLOAT64, x),
               ColumnOf("cluster", PATRON_TYPE_INT64, cluster), half.As("half")});
  patron_duration_columns columns{};

  Rows() {
    patron_duration_columns_init(&columns);
    columns.entry = "entry";
    columns.strata = strata;
    columns.strata_count = 1;
  }
};

// Writing a model as bytes, and reading it.
template <typename Model>
void FailBytes(const std::string &name, const Model *model,
               patron_status (*serialize)(const Model *, patron_bytes **, patron_error *),
               patron_status (*deserialize)(const void *, size_t, Model **, patron_error *)) {
  FailMaking<patron_bytes>((name + "_serialize").c_str(),
                           [&](auto out) { return serialize(model, out, nullptr); });
  const auto bytes = Made<patron_bytes>([&](auto out) { return serialize(model, out, nullptr); });
  // Protobuf may lose a message of a list that cannot grow.
  constexpr int64_t kLost = 1;
  FailMaking<Model>((name + "_deserialize").c_str(),
                    [&](auto out) {
                      return deserialize(patron_bytes_data(bytes.get()),
                                         patron_bytes_size(bytes.get()), out, nullptr);
                    },
                    kLost);
}

TEST(SurvivalAllocationTest, Curves) {
  const Rows rows;
  const auto fit = [&](auto out) {
    return patron_kaplan_meier_fit(rows.table.get(), &rows.columns, nullptr, out, nullptr);
  };
  FailMaking<patron_kaplan_meier>("patron_kaplan_meier_fit", fit);
  const auto model = Made<patron_kaplan_meier>(fit);
  FailMaking<patron_table>("patron_kaplan_meier_curve", [&](auto out) {
    return patron_kaplan_meier_curve(model.get(), PATRON_INTERVAL_LOG, 0.9, out, nullptr);
  });
  const double at[] = {0.25, 0.5};
  FailMaking<patron_table>("patron_kaplan_meier_at", [&](auto out) {
    return patron_kaplan_meier_at(model.get(), at, 2, PATRON_INTERVAL_LOG, 0.9, out, nullptr);
  });
  FailMaking<patron_table>("patron_kaplan_meier_quantiles", [&](auto out) {
    return patron_kaplan_meier_quantiles(model.get(), at, 2, PATRON_INTERVAL_LOG, 0.9, out,
                                         nullptr);
  });
  FailMaking<patron_table>("patron_kaplan_meier_restricted_mean", [&](auto out) {
    return patron_kaplan_meier_restricted_mean(model.get(), 5, 0.9, out, nullptr);
  });
  FailMaking<patron_table>("patron_kaplan_meier_columns", [&](auto out) {
    return patron_kaplan_meier_columns(model.get(), out, nullptr);
  });
  FailBytes("patron_kaplan_meier", model.get(), patron_kaplan_meier_serialize,
            patron_kaplan_meier_deserialize);
}

TEST(SurvivalAllocationTest, TestsAndConcordance) {
  const Rows rows;
  patron_log_rank_options options;
  patron_log_rank_options_init(&options);
  options.groups = rows.strata;
  options.group_count = 1;
  patron_duration_columns columns;
  patron_duration_columns_init(&columns);
  patron_chi_square test{};
  test.struct_size = sizeof test;
  FailMaking<patron_table>("patron_log_rank", [&](auto out) {
    return patron_log_rank(rows.table.get(), &columns, &options, &test, out, nullptr);
  });
  patron_concordance_result found{};
  found.struct_size = sizeof found;
  FailCall("patron_concordance", [&] {
    return patron_concordance(rows.table.get(), &rows.columns, "x", nullptr, &found, nullptr);
  });
}

TEST(SurvivalAllocationTest, Cox) {
  const Rows rows;
  patron_cox_options options;
  patron_cox_options_init(&options);
  options.covariates = rows.covariates;
  options.covariate_count = 1;
  options.cluster = "cluster";
  const double penalty[] = {0.1};
  options.penalty = penalty;
  options.penalty_count = 1;
  options.survival_errors = 1;
  const auto fit = [&](auto out) {
    return patron_cox_fit(rows.table.get(), &rows.columns, &options, out, nullptr);
  };
  FailMaking<patron_cox>("patron_cox_fit", fit);
  const auto model = Made<patron_cox>(fit);
  FailMaking<patron_table>("patron_cox_coefficients", [&](auto out) {
    return patron_cox_coefficients(model.get(), 0.9, out, nullptr);
  });
  FailMaking<patron_table>("patron_cox_covariance", [&](auto out) {
    return patron_cox_covariance(model.get(), out, nullptr);
  });
  FailMaking<patron_table>("patron_cox_baseline", [&](auto out) {
    return patron_cox_baseline(model.get(), 1, out, nullptr);
  });
  patron_cox_predict_options predict;
  patron_cox_predict_options_init(&predict);
  const double times[] = {1, 2};
  predict.times = times;
  predict.time_count = 2;
  predict.remaining = 1;
  predict.errors = 1;
  FailMaking<patron_table>("patron_cox_predict", [&](auto out) {
    return patron_cox_predict(model.get(), rows.table.get(), &predict, out, nullptr);
  });
  patron_cox_term term{};
  term.struct_size = sizeof term;
  term.name = "all";
  term.covariates = rows.covariates;
  term.covariate_count = 1;
  FailMaking<patron_table>("patron_cox_proportionality", [&](auto out) {
    return patron_cox_proportionality(model.get(), rows.table.get(), &rows.columns,
                                      PATRON_SCALE_KAPLAN_MEIER, &term, 1, nullptr, out, nullptr);
  });
  FailMaking<patron_table>("patron_cox_columns",
                           [&](auto out) { return patron_cox_columns(model.get(), out, nullptr); });
  FailBytes("patron_cox", model.get(), patron_cox_serialize, patron_cox_deserialize);
}

TEST(SurvivalAllocationTest, AcceleratedFailure) {
  const Rows rows;
  patron_duration_columns columns;
  patron_duration_columns_init(&columns);
  patron_aft_options options;
  patron_aft_options_init(&options);
  options.covariates = rows.covariates;
  options.covariate_count = 1;
  const auto fit = [&](auto out) {
    return patron_aft_fit(rows.table.get(), &columns, &options, out, nullptr);
  };
  FailMaking<patron_aft>("patron_aft_fit", fit);
  const auto model = Made<patron_aft>(fit);
  FailMaking<patron_table>("patron_aft_coefficients", [&](auto out) {
    return patron_aft_coefficients(model.get(), 0.9, out, nullptr);
  });
  FailMaking<patron_table>("patron_aft_covariance", [&](auto out) {
    return patron_aft_covariance(model.get(), out, nullptr);
  });
  patron_aft_predict_options predict;
  patron_aft_predict_options_init(&predict);
  const double times[] = {1, 2};
  predict.times = times;
  predict.time_count = 2;
  FailMaking<patron_table>("patron_aft_predict", [&](auto out) {
    return patron_aft_predict(model.get(), rows.table.get(), &predict, out, nullptr);
  });
  FailMaking<patron_table>("patron_aft_columns",
                           [&](auto out) { return patron_aft_columns(model.get(), out, nullptr); });
  FailBytes("patron_aft", model.get(), patron_aft_serialize, patron_aft_deserialize);
}

TEST(SurvivalAllocationTest, DiscreteHazard) {
  const Rows rows;
  patron_duration_columns columns;
  patron_duration_columns_init(&columns);
  patron_discrete_hazard_options options;
  patron_discrete_hazard_options_init(&options);
  options.covariates = rows.covariates;
  options.covariate_count = 1;
  const auto fit = [&](auto out) {
    return patron_discrete_hazard_fit(rows.table.get(), &columns, &options, out, nullptr);
  };
  FailMaking<patron_discrete_hazard>("patron_discrete_hazard_fit", fit);
  const auto model = Made<patron_discrete_hazard>(fit);
  FailMaking<patron_table>("patron_discrete_hazard_coefficients", [&](auto out) {
    return patron_discrete_hazard_coefficients(model.get(), 0.9, out, nullptr);
  });
  FailMaking<patron_table>("patron_discrete_hazard_baseline", [&](auto out) {
    return patron_discrete_hazard_baseline(model.get(), out, nullptr);
  });
  FailMaking<patron_table>("patron_discrete_hazard_predict", [&](auto out) {
    return patron_discrete_hazard_predict(model.get(), rows.table.get(), "cluster", 3, nullptr, out,
                                          nullptr);
  });
  FailMaking<patron_table>("patron_discrete_hazard_columns", [&](auto out) {
    return patron_discrete_hazard_columns(model.get(), out, nullptr);
  });
  FailBytes("patron_discrete_hazard", model.get(), patron_discrete_hazard_serialize,
            patron_discrete_hazard_deserialize);
}

}  // namespace
}  // namespace patron::faults
