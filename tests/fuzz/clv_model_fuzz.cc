// Models of lifetime value from untrusted bytes.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "bytes_fuzz.hpp"

namespace {

using namespace patron::fuzz;  // NOLINT

// Whether every parameter is of a size that data could have led to: what is asked of models far
// from that may take long.
bool IsUsual(const patron_clv_model *model) {
  patron_table *table = nullptr;
  Require(patron_clv_model_parameters(model, 0.95, PATRON_SCALE_LOG, &table, nullptr) == PATRON_OK,
          "parameters can be shown");
  patron_column column{};
  column.struct_size = sizeof column;
  Require(patron_table_column(table, 1, 0, &column, nullptr) == PATRON_OK, "with their estimates");
  bool usual = column.length <= 8;
  for (int64_t i = 0; i < column.length; ++i) {
    double value;
    std::memcpy(&value, static_cast<const char *>(column.data) + i * 8, sizeof value);
    usual = usual && std::abs(value) < 50 && std::abs(value) > 0.02;
  }
  patron_table_free(table);
  return usual;
}

void Ask(const patron_clv_model *model) {
  const double x[] = {0, 1, 4}, recency[] = {0, 3, 6}, age[] = {9, 9, 6}, spend[] = {0, 5, 8};
  const int64_t churned[] = {0, 1, 0};
  const patron_column columns[] = {Column("frequency", PATRON_TYPE_FLOAT64, x, 3),
                                   Column("recency", PATRON_TYPE_FLOAT64, recency, 3),
                                   Column("T", PATRON_TYPE_FLOAT64, age, 3),
                                   Column("monetary_value", PATRON_TYPE_FLOAT64, spend, 3),
                                   Column("churned", PATRON_TYPE_INT64, churned, 3)};
  patron_table *customers = nullptr, *out = nullptr;
  Require(patron_table_borrow(columns, 5, &customers, nullptr) == PATRON_OK,
          "columns can be borrowed");
  patron_clv_predict_options options;
  patron_clv_predict_options_init(&options);
  options.horizon = 5;
  // Covariates are missing in these columns.
  const patron_status status =
      patron_clv_predict(model, customers, nullptr, &options, &out, nullptr);
  Require(status == PATRON_OK || status == PATRON_INVALID_ARGUMENT, "customers can be asked about");
  patron_table_free(out);
  patron_table_free(customers);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  constexpr uint8_t kKind = 7;
  patron_clv_model *model =
      Load(Envelope(data, size, kKind), patron_clv_model_deserialize, patron_clv_model_serialize);
  if (model == nullptr) return 0;
  patron_clv_model_info info{};
  info.struct_size = sizeof info;
  Require(patron_clv_model_get_info(model, &info, nullptr) == PATRON_OK, "it can be told of");
  for (int32_t i = 0; i < info.limits; ++i) {
    Require(patron_clv_model_limit(model, static_cast<size_t>(i)) != nullptr, "limits have names");
  }
  patron_table *table = nullptr;
  const patron_status status =
      patron_clv_model_covariance(model, PATRON_SCALE_NATURAL, &table, nullptr);
  Require(status == (info.fitted != 0 ? PATRON_OK : PATRON_FAILED_PRECONDITION),
          "a fit has a covariance");
  patron_table_free(table);
  if (IsUsual(model)) Ask(model);
  patron_clv_model_free(model);
  return 0;
}
