// Points at the C interface: rules of earning, the ledger, its bytes.
#include <cmath>
#include <cstdint>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "c_api/bytes.hpp"
#include "c_api/tables.hpp"
#include "patron/c/patron.h"

namespace patron::c_api_test {
namespace {

using ::testing::ElementsAre;

using LedgerPointer = std::unique_ptr<patron_points_ledger, decltype(&patron_points_ledger_free)>;

LedgerPointer NewLedger(int32_t expiry_days, int32_t allow_debt = 1) {
  patron_points_options options;
  patron_points_options_init(&options);
  options.expiry_days = expiry_days;
  options.allow_debt = allow_debt;
  patron_points_ledger *ledger = nullptr;
  Error error;
  EXPECT_EQ(patron_points_ledger_create(&options, nullptr, &ledger, error.get()), PATRON_OK)
      << error.message();
  return {ledger, patron_points_ledger_free};
}

struct Posting {
  std::string id, customer, kind;
  int32_t day;
  std::optional<int64_t> points{};
  std::optional<std::string> reverses{}, to{};
};

patron_status Post(patron_points_ledger *ledger, const std::vector<Posting> &postings,
                   patron_points_report *report, Error &error) {
  std::vector<std::string> ids, customers, kinds;
  std::vector<int32_t> days;
  std::vector<std::optional<int64_t>> points;
  std::vector<std::optional<std::string>> reverses, to;
  for (const Posting &posting : postings) {
    ids.push_back(posting.id);
    customers.push_back(posting.customer);
    kinds.push_back(posting.kind);
    days.push_back(posting.day);
    points.push_back(posting.points);
    reverses.push_back(posting.reverses);
    to.push_back(posting.to);
  }
  TableOf table;
  table.Texts("transaction_id", ids)
      .Texts("customer_id", customers)
      .Texts("kind", kinds)
      .Days("date", days)
      .Integers("points", points)
      .OptionalTexts("reverses", reverses)
      .OptionalTexts("to", to);
  return patron_points_ledger_post(ledger, table.get(), report, error.get());
}

std::vector<int64_t> Available(const patron_points_ledger *ledger, int32_t day) {
  patron_table *out = nullptr;
  Error error;
  EXPECT_EQ(patron_points_ledger_balances(ledger, day, &out, error.get()), PATRON_OK)
      << error.message();
  const Table table(out);
  return Integers(out, "available");
}

TEST(PointsTest, EarnBurnTransferExpireAndLiability) {
  const LedgerPointer ledger = NewLedger(100);
  Error error;
  patron_points_report report{};
  report.struct_size = sizeof report;
  const std::vector<Posting> postings = {{"t1", "ann", "earn", 10, 100},
                                         {"t2", "ann", "burn", 20, 30},
                                         {"t3", "ann", "transfer", 30, 20, {}, "bob"},
                                         {"t4", "ann", "earn", 60, 5}};
  ASSERT_EQ(Post(ledger.get(), postings, &report, error), PATRON_OK) << error.message();
  EXPECT_EQ(report.posted, 4U);
  ASSERT_EQ(Post(ledger.get(), postings, &report, error), PATRON_OK) << error.message();
  EXPECT_EQ(report.posted, 0U);
  EXPECT_EQ(report.duplicates, 4U);
  EXPECT_THAT(Available(ledger.get(), PATRON_NO_DAY), ElementsAre(55, 20));
  EXPECT_THAT(Available(ledger.get(), 109), ElementsAre(55, 20));
  EXPECT_THAT(Available(ledger.get(), 110), ElementsAre(5, 0));
  patron_points_liability liability{};
  liability.struct_size = sizeof liability;
  ASSERT_EQ(patron_points_ledger_liability(ledger.get(), 110, 0.5, 0.95, &liability, error.get()),
            PATRON_OK)
      << error.message();
  EXPECT_EQ(liability.available, 5);
  EXPECT_DOUBLE_EQ(liability.liability, 2.5);
  EXPECT_EQ(liability.matured, 100);
  EXPECT_EQ(liability.expired, 70);
  EXPECT_DOUBLE_EQ(liability.breakage, 0.7);
  // Each posting moves points between accounts: all entries sum to nothing.
  ASSERT_EQ(patron_points_ledger_expire(ledger.get(), 110, error.get()), PATRON_OK);
  patron_table *out = nullptr;
  ASSERT_EQ(patron_points_ledger_entries(ledger.get(), &out, error.get()), PATRON_OK);
  const Table entries(out);
  const std::vector<int64_t> moved = Integers(out, "points");
  EXPECT_EQ(std::accumulate(moved.begin(), moved.end(), int64_t{0}), 0);
  EXPECT_EQ(patron_points_ledger_expire(ledger.get(), 5, error.get()), PATRON_INVALID_ARGUMENT);
}

TEST(PointsTest, ReplayGivesTheSameBytes) {
  const LedgerPointer ledger = NewLedger(0);
  Error error;
  ASSERT_EQ(Post(ledger.get(),
                 {{"t1", "ann", "earn", 10, 100},
                  {"t2", "ann", "hold", 11, 40},
                  {"t3", "ann", "capture", 12, {}, "t2"}},
                 nullptr, error),
            PATRON_OK)
      << error.message();
  const std::string bytes =
      BytesOf<patron_points_ledger>(patron_points_ledger_serialize, ledger.get());
  patron_points_ledger *again = nullptr;
  ASSERT_EQ(patron_points_ledger_deserialize(bytes.data(), bytes.size(), &again, error.get()),
            PATRON_OK)
      << error.message();
  const LedgerPointer owned(again, patron_points_ledger_free);
  EXPECT_EQ(BytesOf<patron_points_ledger>(patron_points_ledger_serialize, again), bytes);
  EXPECT_THAT(Available(again, PATRON_NO_DAY), ElementsAre(60));
  auto *untouched = Untouched<patron_points_ledger>();
  EXPECT_EQ(
      patron_points_ledger_deserialize(bytes.data(), bytes.size() - 1, &untouched, error.get()),
      PATRON_DATA_LOSS);
  EXPECT_EQ(untouched, Untouched<patron_points_ledger>());
}

TEST(PointsTest, WhatCannotBePostedIsNamed) {
  const LedgerPointer ledger = NewLedger(0, 0);
  Error error;
  ASSERT_EQ(Post(ledger.get(), {{"t1", "ann", "earn", 10, 100}}, nullptr, error), PATRON_OK);
  EXPECT_EQ(Post(ledger.get(), {{"t2", "ann", "burn", 11, 101}}, nullptr, error),
            PATRON_INVALID_ARGUMENT);
  EXPECT_NE(error.message().find("points: row 0 is 101"), std::string::npos) << error.message();
  EXPECT_EQ(Post(ledger.get(), {{"t1", "ann", "earn", 10, 99}}, nullptr, error),
            PATRON_INVALID_ARGUMENT);
  EXPECT_NE(error.message().find("transaction_id: row 0"), std::string::npos) << error.message();
  EXPECT_EQ(Post(ledger.get(), {{"t3", "ann", "gift", 10, 1}}, nullptr, error),
            PATRON_INVALID_ARGUMENT);
  EXPECT_NE(error.message().find("kind: row 0"), std::string::npos) << error.message();
  // What was spent cannot be taken back without a debt.
  ASSERT_EQ(Post(ledger.get(), {{"t4", "ann", "burn", 12, 60}}, nullptr, error), PATRON_OK);
  EXPECT_EQ(Post(ledger.get(), {{"t5", "ann", "reverse", 13, 80, "t1"}}, nullptr, error),
            PATRON_INVALID_ARGUMENT);
  EXPECT_THAT(Available(ledger.get(), PATRON_NO_DAY), ElementsAre(40));
  patron_points_options options;
  patron_points_options_init(&options);
  options.burn_step = 0;
  auto *untouched = Untouched<patron_points_ledger>();
  EXPECT_EQ(patron_points_ledger_create(&options, nullptr, &untouched, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(untouched, Untouched<patron_points_ledger>());
}

TEST(PointsTest, RulesOfEarning) {
  TableOf rules, purchases;
  rules.Texts("name", {"all", "toys"})
      .OptionalTexts("category", {std::nullopt, "toys"})
      .Numbers("per_unit", std::vector<double>{1, 2})
      .Integers("most", std::vector<std::optional<int64_t>>{std::nullopt, 50});
  purchases.Numbers("amount", std::vector<double>{10.9, 10.9, 40, -5})
      .Days("date", {0, 0, 0, 0})
      .Texts("category", {"food", "toys", "toys", "food"});
  patron_table *out = nullptr;
  Error error;
  ASSERT_EQ(patron_points_earned(rules.get(), purchases.get(), nullptr, 2, 0, &out, error.get()),
            PATRON_OK)
      << error.message();
  const Table table(out);
  EXPECT_THAT(Integers(out, "points"), ElementsAre(10, 21, 50, 0));
}

}  // namespace
}  // namespace patron::c_api_test
