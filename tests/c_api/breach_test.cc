// The risk of open cases at the C interface.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "c_api/tables.hpp"
#include "patron/c/patron.h"

namespace patron::c_api_test {
namespace {

TEST(BreachTest, ShareOfThoseStillOpen) {
  // By hand: S(2) = 3/4, S(5) = 3/4 * 1/2.
  TableOf history, cases;
  history.Numbers("time", std::vector<double>{2, 3, 5, 9})
      .Integers("observed", std::vector<int64_t>{1, 0, 1, 0});
  cases.Numbers("age", std::vector<double>{0, 2, 6, 8})
      .Numbers("limit", std::vector<double>{5, 6, 5, 9});
  patron_breach_options options;
  patron_breach_options_init(&options);
  EXPECT_EQ(options.least, 20);
  options.least = 2;
  patron_table *raw = nullptr;
  Error error;
  ASSERT_EQ(patron_measure_breach(history.get(), cases.get(), &options, &raw, error.get()),
            PATRON_OK)
      << error.message();
  const Table risks(raw);
  EXPECT_EQ(Optional<double>(risks.get(), "probability", PATRON_TYPE_FLOAT64),
            (std::vector<std::optional<double>>{0.375, 0.5, 1.0, std::nullopt}));
  EXPECT_EQ(Integers(risks, "at_risk"), (std::vector<int64_t>{4, 4, 1, 1}));
}

TEST(BreachTest, RefusesBadArguments) {
  TableOf history, cases;
  history.Numbers("time", std::vector<double>{2}).Integers("observed", std::vector<int64_t>{1});
  cases.Numbers("age", std::vector<double>{-1}).Numbers("limit", std::vector<double>{5});
  auto *out = Untouched<patron_table>();
  Error error;
  EXPECT_EQ(patron_measure_breach(history.get(), cases.get(), nullptr, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "age: row 0 is -1; expected 0 or more");
  EXPECT_EQ(patron_measure_breach(nullptr, cases.get(), nullptr, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_measure_breach(history.get(), nullptr, nullptr, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(out, Untouched<patron_table>());
}

}  // namespace
}  // namespace patron::c_api_test
