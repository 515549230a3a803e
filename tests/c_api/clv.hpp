// Models of lifetime value for tests: owned handles, and the CDNOW sample.
#ifndef PATRON_TESTS_C_API_CLV_HPP_
#define PATRON_TESTS_C_API_CLV_HPP_

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "c_api/tables.hpp"
#include "patron/c/patron.h"
#include "support/folders.hpp"

namespace patron::c_api_test {

struct FreeModel {
  void operator()(patron_clv_model *model) const { patron_clv_model_free(model); }
};
using Model = std::unique_ptr<patron_clv_model, FreeModel>;

inline patron_clv_terms Terms(int32_t kind, int32_t regularity = 0) {
  patron_clv_terms terms;
  patron_clv_terms_init(&terms);
  terms.kind = kind;
  terms.regularity = regularity;
  return terms;
}

inline Model Known(const patron_clv_terms &terms, const std::vector<double> &values) {
  Error error;
  patron_clv_model *model = nullptr;
  EXPECT_EQ(patron_clv_model_create(&terms, values.data(), values.size(), &model, error.get()),
            PATRON_OK)
      << error.message();
  return Model(model);
}
inline Model Known(int32_t kind, const std::vector<double> &values, int32_t regularity = 0) {
  return Known(Terms(kind, regularity), values);
}

inline Model Fitted(const patron_table *table, const patron_clv_terms &terms,
                    const patron_clv_columns *columns = nullptr,
                    const patron_clv_fit_options *options = nullptr) {
  Error error;
  patron_clv_model *model = nullptr;
  EXPECT_EQ(patron_clv_fit(table, columns, &terms, options, &model, error.get()), PATRON_OK)
      << error.message();
  return Model(model);
}
inline Model Fitted(const patron_table *table, int32_t kind) { return Fitted(table, Terms(kind)); }

// The message with which a fit is refused.
inline std::string Refused(const patron_table *table, const patron_clv_terms &terms,
                           const patron_clv_columns *columns = nullptr,
                           patron_status expected = PATRON_INVALID_ARGUMENT,
                           const patron_clv_fit_options *options = nullptr) {
  Error error;
  auto *model = Untouched<patron_clv_model>();
  EXPECT_EQ(patron_clv_fit(table, columns, &terms, options, &model, error.get()), expected)
      << error.message();
  EXPECT_EQ(model, Untouched<patron_clv_model>());
  return error.message();
}

inline patron_clv_model_info Info(const Model &model) {
  patron_clv_model_info info{};
  info.struct_size = sizeof info;
  EXPECT_EQ(patron_clv_model_get_info(model.get(), &info, nullptr), PATRON_OK);
  return info;
}

inline Table Parameters(const Model &model, double level = 0.95, int32_t scale = PATRON_SCALE_LOG) {
  Error error;
  patron_table *table = nullptr;
  EXPECT_EQ(patron_clv_model_parameters(model.get(), level, scale, &table, error.get()), PATRON_OK)
      << error.message();
  return Table(table);
}

inline void ExpectRelative(const std::vector<double> &actual, const std::vector<double> &expected,
                           double tolerance) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); ++i) {
    EXPECT_NEAR(actual[i], expected[i], tolerance * std::abs(expected[i])) << "entry " << i;
  }
}

// The summary of the CDNOW sample, recency and T in weeks rounded to two decimals; no rows if the
// reference data are absent.
struct Cdnow {
  std::vector<int64_t> customer, frequency;
  std::vector<double> recency, age, spend;

  Cdnow() {
    std::ifstream file(testing::SharedDataFolder() + "/cdnow/summary_sample_rounded.csv");
    std::string line;
    std::getline(file, line);
    while (std::getline(file, line)) {
      std::istringstream fields(line);
      std::string field;
      std::vector<double> row;
      while (std::getline(fields, field, ',')) row.push_back(std::strtod(field.c_str(), nullptr));
      if (row.size() < 5) continue;
      customer.push_back(static_cast<int64_t>(row[0]));
      frequency.push_back(static_cast<int64_t>(row[1]));
      recency.push_back(row[2]);
      age.push_back(row[3]);
      spend.push_back(row[4]);
    }
    table.Integers("customer_id", customer)
        .Integers("frequency", frequency)
        .Numbers("recency", recency)
        .Numbers("T", age)
        .Numbers("monetary_value", spend);
  }
  bool absent() const { return customer.empty(); }

  TableOf table;
};

#define PATRON_NEEDS_CDNOW(cdnow) \
  if ((cdnow).absent()) GTEST_SKIP() << "the CDNOW reference data are absent"

}  // namespace patron::c_api_test

#endif  // PATRON_TESTS_C_API_CLV_HPP_
