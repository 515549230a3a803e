// Fits of survival from untrusted bytes.
#include <cstddef>
#include <cstdint>
#include <string>

#include "bytes_fuzz.hpp"
#include "patron/c/aft.h"
#include "patron/c/cox.h"
#include "patron/c/discrete_hazard.h"
#include "patron/c/survival.h"

namespace {

using namespace patron::fuzz;  // NOLINT

void Use(const patron_kaplan_meier *model) {
  const double at[] = {0, 0.5, 1e300};
  patron_table *tables[5] = {};
  Require(patron_kaplan_meier_curve(model, 1, 0.95, &tables[0], nullptr) == PATRON_OK, "a curve");
  Require(patron_kaplan_meier_at(model, at, 3, 2, 0.95, &tables[1], nullptr) == PATRON_OK,
          "survival at times");
  Require(patron_kaplan_meier_quantiles(model, at, 2, 0, 0.95, &tables[2], nullptr) == PATRON_OK,
          "quantiles");
  Require(patron_kaplan_meier_columns(model, &tables[3], nullptr) == PATRON_OK, "columns");
  patron_kaplan_meier_restricted_mean(model, 1, 0.95, &tables[4], nullptr);
  for (patron_table *table : tables) patron_table_free(table);
}

void Use(const patron_cox *model) {
  patron_table *tables[4] = {};
  Require(patron_cox_coefficients(model, 0.95, &tables[0], nullptr) == PATRON_OK, "coefficients");
  Require(patron_cox_covariance(model, &tables[1], nullptr) == PATRON_OK, "their covariance");
  Require(patron_cox_baseline(model, 1, &tables[2], nullptr) == PATRON_OK, "a baseline");
  Require(patron_cox_columns(model, &tables[3], nullptr) == PATRON_OK, "columns");
  for (patron_table *table : tables) patron_table_free(table);

  // A row of the covariates and strata that such fits in the corpus have.
  const double x[] = {0.5};
  const int64_t half[] = {1};
  const patron_column columns[] = {Column("x", PATRON_TYPE_FLOAT64, x, 1),
                                   Column("z", PATRON_TYPE_FLOAT64, x, 1),
                                   Column("half", PATRON_TYPE_INT64, half, 1)};
  patron_table *table = nullptr, *found = nullptr;
  Require(patron_table_borrow(columns, 3, &table, nullptr) == PATRON_OK, "a table");
  const double times[] = {0, 2, 1e9};
  patron_cox_predict_options options;
  patron_cox_predict_options_init(&options);
  options.times = times;
  options.time_count = 3;
  options.remaining = 1;
  for (const int errors : {0, 1}) {
    options.errors = errors;
    if (patron_cox_predict(model, table, &options, &found, nullptr) == PATRON_OK) {
      patron_table_free(found);
    }
  }
  patron_table_free(table);
}

void Use(const patron_aft *model) {
  patron_table *tables[3] = {};
  Require(patron_aft_coefficients(model, 0.95, &tables[0], nullptr) == PATRON_OK, "coefficients");
  Require(patron_aft_covariance(model, &tables[1], nullptr) == PATRON_OK, "their covariance");
  Require(patron_aft_columns(model, &tables[2], nullptr) == PATRON_OK, "columns");
  for (patron_table *table : tables) patron_table_free(table);
}

void Use(const patron_discrete_hazard *model) {
  patron_table *tables[3] = {};
  Require(patron_discrete_hazard_coefficients(model, 0.95, &tables[0], nullptr) == PATRON_OK,
          "coefficients");
  Require(patron_discrete_hazard_baseline(model, &tables[1], nullptr) == PATRON_OK, "a baseline");
  Require(patron_discrete_hazard_columns(model, &tables[2], nullptr) == PATRON_OK, "columns");
  for (patron_table *table : tables) patron_table_free(table);
}

template <typename Model>
void Try(const std::string &bytes,
         patron_status (*deserialize)(const void *, size_t, Model **, patron_error *),
         patron_status (*serialize)(const Model *, patron_bytes **, patron_error *),
         void (*free)(Model *)) {
  Model *model = Load(bytes, deserialize, serialize);
  if (model != nullptr) Use(model);
  free(model);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  constexpr uint8_t kKind = 25;
  const std::string bytes = Envelope(data, size, kKind);
  Try(bytes, patron_kaplan_meier_deserialize, patron_kaplan_meier_serialize,
      patron_kaplan_meier_free);
  Try(bytes, patron_cox_deserialize, patron_cox_serialize, patron_cox_free);
  Try(bytes, patron_aft_deserialize, patron_aft_serialize, patron_aft_free);
  Try(bytes, patron_discrete_hazard_deserialize, patron_discrete_hazard_serialize,
      patron_discrete_hazard_free);
  return 0;
}
