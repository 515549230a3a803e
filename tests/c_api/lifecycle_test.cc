// The life of relationships at the C interface.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "c_api/tables.hpp"
#include "patron/c/lifecycle.h"
#include "patron/c/patron.h"

namespace patron::c_api_test {
namespace {

using ::testing::ElementsAre;

using LifecyclePointer = std::unique_ptr<patron_lifecycle, decltype(&patron_lifecycle_free)>;

LifecyclePointer New(const patron_lifecycle_rules *rules = nullptr, const char *zone = nullptr) {
  patron_lifecycle *made = nullptr;
  Error error;
  EXPECT_EQ(patron_lifecycle_create(rules, zone, &made, error.get()), PATRON_OK) << error.message();
  return {made, patron_lifecycle_free};
}

TEST(LifecycleTest, StagesChangesAndFacts) {
  const LifecyclePointer life = New();
  TableOf purchases, facts;
  purchases.Integers("customer_id", std::vector<int64_t>{2, 1, 1, 1, 1})
      .Days("date", {50, 0, 10, 20, 30})
      .Numbers("amount", std::vector<double>{1, 1, 1, 1, -1});
  facts.Integers("customer_id", std::vector<int64_t>{1, 3})
      .Days("time", {25, 1})
      .Texts("kind", {"wallet", "contact"})
      .Numbers("value", std::vector<std::optional<double>>{0.85, std::nullopt});
  Error error;
  ASSERT_EQ(patron_lifecycle_append_purchases(life.get(), purchases.get(), nullptr, error.get()),
            PATRON_OK)
      << error.message();
  ASSERT_EQ(patron_lifecycle_append(life.get(), facts.get(), error.get()), PATRON_OK)
      << error.message();
  patron_table *out = nullptr;
  ASSERT_EQ(patron_lifecycle_customers(life.get(), PATRON_NO_DAY, &out, error.get()), PATRON_OK);
  const Table customers(out);
  EXPECT_THAT(Integers(out, "customer_id"), ElementsAre(1, 2, 3));
  // The return on day 30 is no purchase: 30 days of silence on day 50 are more than two gaps of 10.
  EXPECT_THAT(Optional<int32_t>(out, "last_purchase", PATRON_TYPE_DATE32),
              ElementsAre(20, 50, std::nullopt));
  EXPECT_THAT(Optional<int32_t>(out, "since", PATRON_TYPE_DATE32), ElementsAre(41, 50, 1));
  EXPECT_THAT(Optional<int32_t>(out, "next_change", PATRON_TYPE_DATE32),
              ElementsAre(81, 140, std::nullopt));
  EXPECT_THAT(Optional<double>(out, "share_of_wallet", PATRON_TYPE_FLOAT64),
              ElementsAre(0.85, std::nullopt, std::nullopt));
  ASSERT_EQ(patron_lifecycle_changes(life.get(), 20, 50, &out, error.get()), PATRON_OK);
  const Table changes(out);
  EXPECT_THAT(Optional<int32_t>(out, "date", PATRON_TYPE_DATE32), ElementsAre(25, 41, 50));
  EXPECT_THAT(Optional<double>(out, "measured", PATRON_TYPE_FLOAT64),
              ElementsAre(0.85, 21, std::nullopt));
  EXPECT_THAT(Optional<double>(out, "limit", PATRON_TYPE_FLOAT64),
              ElementsAre(0.8, 20, std::nullopt));
  ASSERT_EQ(patron_lifecycle_facts(life.get(), &out, error.get()), PATRON_OK);
  const Table all(out);
  const LifecyclePointer again = New();
  ASSERT_EQ(patron_lifecycle_append(again.get(), out, error.get()), PATRON_OK) << error.message();
  patron_table *same = nullptr;
  ASSERT_EQ(patron_lifecycle_changes(again.get(), 20, 50, &same, error.get()), PATRON_OK);
  const Table own_same(same);
  EXPECT_THAT(Optional<int32_t>(same, "date", PATRON_TYPE_DATE32), ElementsAre(25, 41, 50));
}

TEST(LifecycleTest, BadInputIsNamedAndNotTaken) {
  Error error;
  patron_lifecycle_rules rules;
  patron_lifecycle_rules_init(&rules);
  rules.new_days = 0;
  auto *untouched = Untouched<patron_lifecycle>();
  EXPECT_EQ(patron_lifecycle_create(&rules, nullptr, &untouched, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "new_days: 0; expected 1 to 1000000");
  EXPECT_EQ(patron_lifecycle_create(nullptr, "Nowhere", &untouched, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(untouched, Untouched<patron_lifecycle>());
  const LifecyclePointer life = New();
  TableOf facts;
  facts.Integers("customer_id", std::vector<int64_t>{1, 2})
      .Days("time", {0, 0})
      .Texts("kind", {"contact", "alive"})
      .Numbers("value", std::vector<double>{0, -0.5});
  EXPECT_EQ(patron_lifecycle_append(life.get(), facts.get(), error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "value: row 1 is -0.5; expected 0 to 1");
  patron_table *out = nullptr;
  ASSERT_EQ(patron_lifecycle_customers(life.get(), 100, &out, error.get()), PATRON_OK);
  const Table customers(out);
  EXPECT_EQ(patron_table_rows(out), 0);
  auto *none = Untouched<patron_table>();
  EXPECT_EQ(patron_lifecycle_facts(nullptr, &none, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(none, Untouched<patron_table>());
}

}  // namespace
}  // namespace patron::c_api_test
