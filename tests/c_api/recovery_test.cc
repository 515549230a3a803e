// Priority, causes, market damage and return at the C interface.
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "c_api/tables.hpp"
#include "patron/c/patron.h"

namespace patron::c_api_test {
namespace {

TEST(RecoveryTest, Priority) {
  TableOf cases;
  cases.Integers("severity", std::vector<int64_t>{1, 3, 4})
      .Integers("press", std::vector<int64_t>{0, 1, 0});
  patron_priority_options options;
  patron_priority_options_init(&options);
  EXPECT_EQ(options.tier, nullptr);
  options.media = "press";
  patron_table *raw = nullptr;
  Error error;
  ASSERT_EQ(patron_recovery_priority(cases.get(), &options, &raw, error.get()), PATRON_OK)
      << error.message();
  const Table scores(raw);
  EXPECT_EQ(Numbers(scores, "priority"), (std::vector<double>{0, 40 * (2 / 3.0) + 10, 100}));
  TableOf bad;
  bad.Integers("severity", std::vector<int64_t>{1, 3})
      .Integers("press", std::vector<int64_t>{0, 9});
  EXPECT_EQ(patron_recovery_priority(bad.get(), &options, &raw, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "press: row 1 is 9; expected 0 to 2");
  EXPECT_EQ(patron_recovery_priority(nullptr, &options, &raw, error.get()),
            PATRON_INVALID_ARGUMENT);
}

TEST(RecoveryTest, Pareto) {
  TableOf cases;
  cases.Texts("cause", {"late", "rude", "late", "price", "late", "rude"})
      .Numbers("cost", std::vector<double>{1, 1, 1, 50, 1, 1});
  patron_table *raw = nullptr;
  Error error;
  ASSERT_EQ(patron_recovery_pareto(cases.get(), nullptr, &raw, error.get()), PATRON_OK)
      << error.message();
  const Table by_count(raw);
  EXPECT_EQ(Texts(by_count, "cause"), (std::vector<std::string>{"late", "rude", "price"}));
  EXPECT_EQ(Integers(by_count, "cases"), (std::vector<int64_t>{3, 2, 1}));
  patron_pareto_options options;
  patron_pareto_options_init(&options);
  options.by = PATRON_PARETO_COST;
  ASSERT_EQ(patron_recovery_pareto(cases.get(), &options, &raw, error.get()), PATRON_OK);
  const Table by_cost(raw);
  EXPECT_EQ(Texts(by_cost, "cause"), (std::vector<std::string>{"price", "late", "rude"}));
  options.by = 3;
  EXPECT_EQ(patron_recovery_pareto(cases.get(), &options, &raw, error.get()),
            PATRON_INVALID_ARGUMENT);
}

TEST(RecoveryTest, Structs) {
  patron_iceberg found{};
  found.struct_size = sizeof found;
  Error error;
  ASSERT_EQ(patron_recovery_iceberg(100, 1, 120, 400, 0.95, &found, error.get()), PATRON_OK);
  EXPECT_NEAR(found.multiplier_low, 2.885, 5e-4);
  EXPECT_NEAR(found.multiplier_high, 3.889, 5e-4);
  ASSERT_EQ(patron_recovery_iceberg(100, 0.04, 0, 0, 0, &found, error.get()), PATRON_OK);
  EXPECT_EQ(found.silent, 2'400);
  EXPECT_EQ(patron_recovery_iceberg(100, 0, 0, 0, 0, &found, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_recovery_iceberg(100, 1, 1, 2, 1, &found, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_recovery_iceberg(100, 1, 1, 2, 0.9, nullptr, error.get()),
            PATRON_INVALID_ARGUMENT);

  patron_damage_inputs inputs{};
  inputs.struct_size = sizeof inputs;
  inputs.customers = 10'000;
  inputs.problem_rate = 0.30;
  inputs.voice_rate = 0.25;
  inputs.satisfied = 0.40;
  inputs.mollified = 0.30;
  inputs.loyal = 0.90;
  inputs.loyal_satisfied = 0.85;
  inputs.loyal_mollified = 0.70;
  inputs.loyal_dissatisfied = 0.45;
  inputs.loyal_silent = 0.60;
  inputs.value = 500;
  patron_damage damage{};
  damage.struct_size = sizeof damage;
  ASSERT_EQ(patron_recovery_damage(&inputs, &damage, error.get()), PATRON_OK);
  EXPECT_NEAR(damage.lost, 836.25, 1e-9);
  EXPECT_NEAR(damage.at_risk, 418'125, 1e-6);
  inputs.voice_rate = 1.5;
  EXPECT_EQ(patron_recovery_damage(&inputs, &damage, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "voice_rate: 1.5; expected 0 to 1");
}

TEST(RecoveryTest, ReturnRates) {
  patron_table *raw = nullptr;
  Error error;
  ASSERT_EQ(patron_recovery_return_rates(nullptr, 20, 0.95, nullptr, &raw, error.get()), PATRON_OK);
  const Table defaults(raw);
  EXPECT_EQ(Numbers(defaults, "prior"),
            (std::vector<double>{0.37, 0.09, 0.46, 0.19, 0.70, 0.54, 0.95, 0.82}));
  EXPECT_EQ(Texts(defaults, "outcome")[6], "resolved_fast");
  TableOf own;
  own.Texts("outcome", {"silent", "silent"})
      .Texts("loss", {"minor", "minor"})
      .Integers("returned", std::vector<int64_t>{1, 0});
  ASSERT_EQ(patron_recovery_return_rates(own.get(), 20, 0.95, nullptr, &raw, error.get()),
            PATRON_OK);
  const Table updated(raw);
  EXPECT_NEAR(Numbers(updated, "mean")[0], (0.37 * 20 + 1) / 22, 1e-15);
  EXPECT_EQ(patron_recovery_return_rates(nullptr, 20, 1, nullptr, &raw, error.get()),
            PATRON_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace patron::c_api_test
