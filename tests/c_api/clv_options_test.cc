// Options of the lifetime value functions: bounds and iterations of fits, rows of no customer.
#include <cmath>
#include <string>
#include <utility>
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

patron_clv_fit_options FitOptions() {
  patron_clv_fit_options options;
  patron_clv_fit_options_init(&options);
  return options;
}

TEST(ClvOptionsTest, BoundsHoldAndDoNothingElsewhere) {
  Cdnow cdnow;
  PATRON_NEEDS_CDNOW(cdnow);
  const patron_clv_terms terms = Terms(PATRON_CLV_GAMMA_GAMMA);
  const Model free = Fitted(cdnow.table.get(), terms);
  patron_clv_fit_options options = FitOptions();
  std::vector<double> lower = {0, 1, 0};
  options.lower = lower.data();
  options.lower_count = lower.size();
  const Model inside = Fitted(cdnow.table.get(), terms, nullptr, &options);
  ExpectRelative(Numbers(Parameters(inside), "estimate"), Numbers(Parameters(free), "estimate"),
                 1e-12);

  // The maximum, q = 3.7446, lies below the bound now.
  lower[1] = 5;
  const Model bounded = Fitted(cdnow.table.get(), terms, nullptr, &options);
  EXPECT_NEAR(Numbers(Parameters(bounded), "estimate")[1], 5, 1e-12);
  EXPECT_LT(Info(bounded).log_likelihood, Info(free).log_likelihood - 1);
  EXPECT_GT(Info(bounded).limits, 0);
  const auto errors =
      Optional<double>(Parameters(bounded).get(), "standard_error", PATRON_TYPE_FLOAT64);
  EXPECT_TRUE(errors[0].has_value());
  EXPECT_FALSE(errors[1].has_value());
}

TEST(ClvOptionsTest, RefusesBoundsThatAreNone) {
  TableOf table;
  table.Numbers("frequency", std::vector{1.0, 2.0})
      .Numbers("monetary_value", std::vector{5.0, 6.0});
  const patron_clv_terms terms = Terms(PATRON_CLV_GAMMA_GAMMA);
  patron_clv_fit_options options = FitOptions();
  const double lower[] = {0, -1, 0};
  options.lower = lower;
  options.lower_count = 2;
  EXPECT_EQ(Refused(table.get(), terms, nullptr, PATRON_INVALID_ARGUMENT, &options),
            "lower: 2; expected 3, one a parameter of the model");
  options.lower_count = 3;
  EXPECT_EQ(Refused(table.get(), terms, nullptr, PATRON_INVALID_ARGUMENT, &options),
            "lower[1]: -1; expected a finite number, 0 or above");
  options.lower = nullptr;
  EXPECT_THAT(Refused(table.get(), terms, nullptr, PATRON_INVALID_ARGUMENT, &options),
              StartsWith("lower: "));
}

TEST(ClvOptionsTest, IterationsAreBounded) {
  Cdnow cdnow;
  PATRON_NEEDS_CDNOW(cdnow);
  const patron_clv_terms terms = Terms(PATRON_CLV_PARETO_NBD);
  patron_clv_fit_options options = FitOptions();
  EXPECT_EQ(options.max_iterations, 200);
  options.max_iterations = 2;
  EXPECT_THAT(Refused(cdnow.table.get(), terms, nullptr, PATRON_FAILED_PRECONDITION, &options),
              HasSubstr(" 2 iterations"));
  options.max_iterations = 0;
  EXPECT_EQ(Refused(cdnow.table.get(), terms, nullptr, PATRON_INVALID_ARGUMENT, &options),
            "max_iterations: 0; expected 1 or above");
}

TEST(ClvOptionsTest, AnswersForRowsOfNoCustomerWhenAsked) {
  const Model model = Known(PATRON_CLV_BG_NBD, {0.243, 4.414, 0.793, 2.426});
  TableOf table;
  table.Numbers("frequency", std::vector{0.0, 2.5})
      .Numbers("recency", std::vector{10.0, 0.0})
      .Numbers("T", std::vector{20.0, 20.0});
  patron_clv_predict_options options;
  patron_clv_predict_options_init(&options);
  patron_clv_columns columns;
  patron_clv_columns_init(&columns);
  EXPECT_EQ(columns.any_history, 0);
  const auto predict = [&](patron_status expected) {
    Error error;
    patron_table *out = nullptr;
    EXPECT_EQ(patron_clv_predict(model.get(), table.get(), &columns, &options, &out, error.get()),
              expected);
    return std::pair(Table(out), std::string(error.message()));
  };
  EXPECT_THAT(predict(PATRON_INVALID_ARGUMENT).second, StartsWith("frequency: row 1 is 2.5"));
  columns.any_history = 1;
  const double odds = 0.793 / (2.426 + 1.5) * std::pow((4.414 + 20) / 4.414, 0.243 + 2.5);
  const Table alive = predict(PATRON_OK).first;
  ExpectRelative(Numbers(alive, "p_alive"), {1, 1 / (1 + odds)}, 1e-12);
  Error error;
  patron_table *counts = nullptr;
  EXPECT_EQ(
      patron_clv_counts(model.get(), table.get(), &columns, 10, 1, nullptr, &counts, error.get()),
      PATRON_OK)
      << error.message();
  const Table kept(counts);
  EXPECT_GT(Numbers(kept, "p_0")[1], 1 - 1 / (1 + odds));

  columns.any_history = 2;
  EXPECT_THAT(predict(PATRON_INVALID_ARGUMENT).second, StartsWith("any_history: 2"));
  // Neither a fit nor a recency past T.
  columns.any_history = 1;
  EXPECT_THAT(Refused(table.get(), Terms(PATRON_CLV_BG_NBD), &columns),
              StartsWith("frequency: row 1 is 2.5"));
  TableOf past;
  past.Numbers("frequency", std::vector{1.0})
      .Numbers("recency", std::vector{21.0})
      .Numbers("T", std::vector{20.0});
  patron_table *out = Untouched<patron_table>();
  EXPECT_EQ(patron_clv_predict(model.get(), past.get(), &columns, &options, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(std::string(error.message()), "recency: row 0 is 21; expected at most T");
  const Model discrete = Known(PATRON_CLV_BG_BB, {1.2, 0.75, 0.66, 2.8});
  TableOf crowded;
  crowded.Numbers("frequency", std::vector{3.0})
      .Numbers("recency", std::vector{2.0})
      .Numbers("T", std::vector{6.0});
  EXPECT_EQ(
      patron_clv_predict(discrete.get(), crowded.get(), &columns, &options, &out, error.get()),
      PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(std::string(error.message()), "recency: row 0 is 2; expected at least frequency");
}

}  // namespace
}  // namespace patron::c_api_test
