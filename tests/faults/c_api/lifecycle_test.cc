// The life of relationships out of memory.
#include "patron/c/lifecycle.h"

#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "faults/each_allocation.hpp"
#include "patron/c/patron.h"

namespace patron::faults {
namespace {

TEST(LifecycleAllocationTest, FactsAreTakenAllOrNone) {
  const auto make = [](auto out) {
    return patron_lifecycle_create(nullptr, "Europe/Berlin", out, nullptr);
  };
  FailMaking<patron_lifecycle>("patron_lifecycle_create", make);
  const TextColumn ids({"a customer with a long id", "another", "a customer with a long id"});
  const TextColumn kinds({"purchase", "contact", "wallet"});
  const std::vector<int32_t> days = {0, 1, 2};
  const std::vector<double> values = {0, 0, 0.5}, amounts = {1, 2, 3};
  const auto facts = TableOf({ids.As("customer_id"), ColumnOf("time", PATRON_TYPE_DATE32, days),
                              kinds.As("kind"), ColumnOf("value", PATRON_TYPE_FLOAT64, values)});
  const auto purchases = TableOf({ids.As("customer_id"), ColumnOf("date", PATRON_TYPE_DATE32, days),
                                  ColumnOf("amount", PATRON_TYPE_FLOAT64, amounts)});
  const auto rows = [](const patron_lifecycle *life) {
    const auto table =
        Made<patron_table>([&](auto out) { return patron_lifecycle_facts(life, out, nullptr); });
    return patron_table_rows(table.get());
  };
  FailEach("patron_lifecycle_append", [&](Armed &armed) {
    const auto life = Made<patron_lifecycle>(make);
    const auto status =
        armed([&] { return patron_lifecycle_append(life.get(), facts.get(), nullptr); });
    EXPECT_EQ(rows(life.get()), status == PATRON_OK ? 3 : 0);
  });
  FailEach("patron_lifecycle_append_purchases", [&](Armed &armed) {
    const auto life = Made<patron_lifecycle>(make);
    const auto status = armed([&] {
      return patron_lifecycle_append_purchases(life.get(), purchases.get(), nullptr, nullptr);
    });
    EXPECT_EQ(rows(life.get()), status == PATRON_OK ? 3 : 0);
  });
  const auto life = Made<patron_lifecycle>(make);
  ASSERT_EQ(patron_lifecycle_append(life.get(), facts.get(), nullptr), PATRON_OK);
  FailMaking<patron_table>("patron_lifecycle_customers", [&](auto out) {
    return patron_lifecycle_customers(life.get(), 400, out, nullptr);
  });
  FailMaking<patron_table>("patron_lifecycle_changes", [&](auto out) {
    return patron_lifecycle_changes(life.get(), PATRON_NO_DAY, 400, out, nullptr);
  });
  FailMaking<patron_table>("patron_lifecycle_facts", [&](auto out) {
    return patron_lifecycle_facts(life.get(), out, nullptr);
  });
}

}  // namespace
}  // namespace patron::faults
