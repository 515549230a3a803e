// Retention at the C interface: offers, winning back, work lists, referral, worth.
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "c_api/tables.hpp"
#include "patron/c/patron.h"

namespace patron::c_api_test {
namespace {

std::vector<double> Numbers(const patron_table *table, const char *name) {
  return Plain<double>(table, name, PATRON_TYPE_FLOAT64);
}

using ::testing::DoubleNear;
using ::testing::ElementsAre;

TEST(RetentionTest, FiguresOfOneCustomer) {
  Error error;
  double out = 0;
  // m r / (1 + d - r): by one percent of r it grows (1 + d) / (1 + d - r) percent.
  ASSERT_EQ(patron_retention_elasticity(0.8, 0.1, &out, error.get()), PATRON_OK);
  EXPECT_NEAR(out, 1.1 / 0.3, 1e-12);
  EXPECT_EQ(patron_retention_elasticity(1.2, 0.1, &out, error.get()), PATRON_INVALID_ARGUMENT);
  // 100 at once, then 50 a period later, then 25.
  ASSERT_EQ(patron_second_lifetime_value(100, 0.5, 0, 3, &out, error.get()), PATRON_OK);
  EXPECT_DOUBLE_EQ(out, 175);
  ASSERT_EQ(patron_second_lifetime_value(100, 0.5, 0, -1, &out, error.get()), PATRON_OK);
  EXPECT_DOUBLE_EQ(out, 200);
  EXPECT_EQ(patron_second_lifetime_value(100, 0.5, 0, 0, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
}

TEST(RetentionTest, OffersAreCappedByWhatTheySave) {
  TableOf table;
  table.Numbers("p_churn", std::vector<double>{0.5, 0.5})
      .Numbers("save_rate", std::vector<double>{0.2, 0.2})
      .Numbers("value", std::vector<double>{1000, 1000})
      .Numbers("offer", std::vector<double>{90, 110});
  Error error;
  patron_table *out = nullptr;
  ASSERT_EQ(patron_save_offers(table.get(), &out, error.get()), PATRON_OK) << error.message();
  const Table offers(out);
  EXPECT_THAT(Numbers(out, "cap"), ElementsAre(100, 100));
  EXPECT_THAT(Numbers(out, "expected"), ElementsAre(10, -10));
  TableOf bad;
  bad.Numbers("p_churn", std::vector<double>{1.5})
      .Numbers("save_rate", std::vector<double>{0.2})
      .Numbers("value", std::vector<double>{1})
      .Numbers("offer", std::vector<double>{1});
  auto *untouched = Untouched<patron_table>();
  EXPECT_EQ(patron_save_offers(bad.get(), &untouched, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "p_churn: row 0 is 1.5; expected 0 to 1");
  EXPECT_EQ(untouched, Untouched<patron_table>());
}

TEST(RetentionTest, WinningBackFadesWithTime) {
  TableOf table;
  table.Numbers("p_win", std::vector<double>{0.4, 0.4})
      .Numbers("second_value", std::vector<double>{500, 500})
      .Numbers("days_since_loss", std::vector<double>{0, 180})
      .Numbers("offer", std::vector<double>{50, 50});
  Error error;
  patron_table *out = nullptr;
  ASSERT_EQ(patron_win_back(table.get(), nullptr, &out, error.get()), PATRON_OK) << error.message();
  const Table won(out);
  EXPECT_THAT(Numbers(out, "p_win"), ElementsAre(DoubleNear(0.4, 1e-15), DoubleNear(0.2, 1e-15)));
  EXPECT_THAT(Numbers(out, "value"), ElementsAre(DoubleNear(150, 1e-9), DoubleNear(50, 1e-9)));
  patron_win_back_options options;
  patron_win_back_options_init(&options);
  options.half_life_days = 0;
  auto *untouched = Untouched<patron_table>();
  EXPECT_EQ(patron_win_back(table.get(), &options, &untouched, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(untouched, Untouched<patron_table>());
}

TEST(RetentionTest, WorkListsOverlap) {
  TableOf table;
  table.Integers("customer_id", std::vector<int64_t>{1, 2, 3, 4, 5})
      .Numbers("loyalty", std::vector<double>{0.9, 0.1, 0.7, 0.2, 0.3})
      .Numbers("risk", std::vector<double>{0.1, 0.9, 0.6, 0.2, 0.3})
      .Numbers("value", std::vector<double>{1, 9, 2, 3, 4})
      .Numbers("satisfaction",
               std::vector<std::optional<double>>{0.9, 0.1, 0.5, 0.6, std::nullopt});
  Error error;
  patron_table *out = nullptr;
  std::array<uint64_t, 16> overlap{};
  ASSERT_EQ(patron_work_lists(table.get(), nullptr, &out, overlap.data(), error.get()), PATRON_OK)
      << error.message();
  const Table lists(out);
  // Loyal: 1, 3. About to leave: 2, 3. High value, a fifth of five: 2. Dissatisfied: 2.
  EXPECT_THAT(Integers(out, "customer_id"), ElementsAre(1, 3, 2, 3, 2, 2));
  EXPECT_THAT(overlap, ElementsAre(2, 1, 0, 0, 1, 2, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1));
}

TEST(RetentionTest, ReferralAndWorthRollUp) {
  TableOf people;
  people.Integers("customer_id", std::vector<int64_t>{1, 2, 3})
      .Integers("referred_by", std::vector<std::optional<int64_t>>{std::nullopt, 1, 2})
      .Numbers("value", std::vector<double>{10, 20, 40});
  const std::vector<double> weights = {0.5, 0.25};
  Error error;
  patron_table *out = nullptr;
  ASSERT_EQ(patron_referral_credit(people.get(), weights.data(), weights.size(), &out, error.get()),
            PATRON_OK)
      << error.message();
  const Table credit(out);
  EXPECT_THAT(Numbers(out, "credit"), ElementsAre(20, 20, 0));
  TableOf circle;
  circle.Integers("customer_id", std::vector<int64_t>{1, 2})
      .Integers("referred_by", std::vector<int64_t>{2, 1})
      .Numbers("value", std::vector<double>{1, 1});
  auto *untouched = Untouched<patron_table>();
  EXPECT_EQ(patron_referral_credit(circle.get(), weights.data(), 1, &untouched, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(untouched, Untouched<patron_table>());

  TableOf accounts;
  accounts.Integers("customer_id", std::vector<int64_t>{1, 2, 3})
      .Integers("parent", std::vector<std::optional<int64_t>>{std::nullopt, 1, 2})
      .Numbers("purchase_value", std::vector<double>{100, 50, 10})
      .Numbers("cost_to_serve", std::vector<double>{30, 0, 5});
  patron_table *worth_out = nullptr;
  ASSERT_EQ(patron_customer_worth(accounts.get(), &worth_out, error.get()), PATRON_OK)
      << error.message();
  const Table worth(worth_out);
  EXPECT_THAT(Numbers(worth_out, "worth"), ElementsAre(70, 50, 5));
  EXPECT_THAT(Numbers(worth_out, "account_worth"), ElementsAre(125, 55, 5));
}

TEST(RetentionTest, WordOfMouthNeedsNoContext) {
  patron_word_of_mouth words;
  patron_word_of_mouth_init(&words);
  words.good = 100;
  words.bad = 10;
  words.value = 200;
  words.tell_good = 3;
  words.tell_bad = 1'000;
  words.circle = 250;  // Nobody tells more people than that.
  double out = 0;
  Error error;
  ASSERT_EQ(patron_word_of_mouth_balance(&words, nullptr, &out, error.get()), PATRON_OK)
      << error.message();
  EXPECT_NEAR(out, 100 * 3 * 0.01 * 200 - 10 * 250 * 0.01 * 200, 1e-9);
  words.conversion_good = 2;
  EXPECT_EQ(patron_word_of_mouth_balance(&words, nullptr, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
}

TEST(RetentionTest, ReasonsWithTheirShares) {
  patron_table *out = nullptr;
  Error error;
  ASSERT_EQ(patron_churn_reasons(&out, error.get()), PATRON_OK);
  const Table reasons(out);
  EXPECT_EQ(patron_table_rows(out), 8);
  EXPECT_EQ(Numbers(out, "share")[0], 0.44);  // Core service failures.
}

}  // namespace
}  // namespace patron::c_api_test
