// Tier programmes at the C interface: what only C can do wrong, and what it promises.
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "c_api/tables.hpp"
#include "patron/c/patron.h"

namespace patron::c_api_test {
namespace {

const char *const kNames[] = {"basic", "silver", "gold"};
const double kFloors[] = {0, 100, 300};

class TiersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    patron_tier_policy_options_init(&options_);
    options_.length = 1;
    ASSERT_EQ(
        patron_tier_policy_create(kNames, kFloors, 3, nullptr, &options_, &policy_, error_.get()),
        PATRON_OK)
        << error_.message();
    ASSERT_EQ(patron_tier_book_create(policy_, nullptr, &book_, error_.get()), PATRON_OK);
  }
  void TearDown() override {
    patron_tier_book_free(book_);
    patron_tier_policy_free(policy_);
  }

  patron_tier_policy_options options_;
  patron_tier_policy *policy_ = nullptr;
  patron_tier_book *book_ = nullptr;
  Error error_;
};

TEST_F(TiersTest, ShowsWhatThePolicySays) {
  patron_tier_policy_options shown{};
  shown.struct_size = sizeof shown;
  patron_table *levels = nullptr;
  ASSERT_EQ(patron_tier_policy_show(policy_, &shown, &levels, nullptr, error_.get()), PATRON_OK);
  const Table own(levels);
  EXPECT_EQ(shown.length, 1);
  EXPECT_EQ(shown.grace, 2);
  EXPECT_EQ(shown.margin, 0.8);
  EXPECT_EQ(shown.begin, PATRON_NO_DAY);
  EXPECT_EQ(shown.days, nullptr);
  EXPECT_EQ(patron_table_rows(levels), 3);
}

TEST_F(TiersTest, CountsAndStandings) {
  TableOf table;
  table.Integers("customer_id", std::vector<int64_t>{7, 7})
      .Days("date", {10, 40})
      .Numbers("amount", std::vector<double>{300, 250});
  ASSERT_EQ(patron_tier_book_append(book_, table.get(), nullptr, nullptr, nullptr, error_.get()),
            PATRON_OK)
      << error_.message();
  patron_tier_counts counts{};
  counts.struct_size = sizeof counts;
  ASSERT_EQ(patron_tier_book_history(book_, 181, PATRON_MONEY_UNITS, nullptr, nullptr, nullptr,
                                     &counts, error_.get()),
            PATRON_OK);
  // 1 February gold; 1 March 250 is at least 240; 1 April and 1 May below: silver; 1 June, 1 July.
  EXPECT_EQ(counts.until, 181);
  EXPECT_EQ(counts.customers, 1u);
  EXPECT_EQ(counts.evaluations, 6u);
  EXPECT_EQ(counts.promotions, 1u);
  EXPECT_EQ(counts.demotions, 2u);
  patron_tier_standing standing{};
  standing.struct_size = sizeof standing;
  ASSERT_EQ(patron_tier_book_standing(book_, 7, nullptr, 59, &standing, error_.get()), PATRON_OK);
  EXPECT_EQ(standing.level, 2);
  EXPECT_EQ(standing.since, 31);
  EXPECT_EQ(standing.metric, 250);
  EXPECT_EQ(patron_tier_book_standing(book_, 8, nullptr, 59, &standing, error_.get()),
            PATRON_NOT_FOUND);
}

TEST_F(TiersTest, MessagesSayTheCallersNames) {
  TableOf table;
  table.Integers("who", std::vector<int64_t>{7, 7})
      .Days("when", {10, 40})
      .Numbers("paid", std::vector<double>{300, std::nan("")});
  patron_transaction_columns columns;
  patron_transaction_columns_init(&columns);
  columns.customer = "who";
  columns.time = "when";
  columns.amount = "paid";
  EXPECT_EQ(patron_tier_book_append(book_, table.get(), &columns, nullptr, nullptr, error_.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error_.message(), "paid: row 1 is nan; expected a finite number");
  EXPECT_EQ(patron_tier_book_append(book_, table.get(), &columns, "of", nullptr, error_.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error_.message(),
            "transaction: no column named; expected one, whose ids reverses refers to");
  columns.nulls = PATRON_NULLS_SKIP;
  EXPECT_EQ(patron_tier_book_append(book_, table.get(), &columns, nullptr, nullptr, error_.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error_.message(), "nulls: skip; expected error: each row of a programme counts");
}

TEST_F(TiersTest, RefusalsLeaveOutputsAlone) {
  auto *policy = Untouched<patron_tier_policy>();
  const double falling[] = {0, 300, 100};
  EXPECT_EQ(patron_tier_policy_create(kNames, falling, 3, nullptr, nullptr, &policy, error_.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(policy, Untouched<patron_tier_policy>());
  EXPECT_EQ(patron_tier_policy_create(kNames, nullptr, 3, nullptr, nullptr, &policy, error_.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error_.message(), "floors: NULL; expected a pointer");
  options_.demotion = 3;
  EXPECT_EQ(
      patron_tier_policy_create(kNames, kFloors, 3, nullptr, &options_, &policy, error_.get()),
      PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error_.message(), "demotion: 3; expected 0 to 2");
  EXPECT_EQ(patron_tier_policy_deserialize("x", 1, &policy, error_.get()), PATRON_DATA_LOSS);
  EXPECT_EQ(policy, Untouched<patron_tier_policy>());

  auto *moves = Untouched<patron_table>();
  TableOf table;
  table.Texts("before", {"gold"}).Texts("after", {"iron"});
  EXPECT_EQ(patron_tier_migration(table.get(), nullptr, nullptr, nullptr, kNames, 3, 0, &moves,
                                  error_.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error_.message(), "after: row 0 is 'iron'; expected one of the tiers, or null");
  EXPECT_EQ(moves, Untouched<patron_table>());
  double mobility = 7;
  EXPECT_EQ(patron_markov_mobility(kFloors, 1, &mobility, error_.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(mobility, 7);
}

}  // namespace
}  // namespace patron::c_api_test
