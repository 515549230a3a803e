// Rows that no model of lifetime value can be fitted to, through the C interface.
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

TEST(ClvInputTest, LimitsAreNamed) {
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

TEST(ClvInputTest, BadRowsAreNamed) {
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
TEST(ClvInputTest, TooLittleDataIsNotAPlainFit) {
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
}  // namespace
}  // namespace patron::c_api_test
