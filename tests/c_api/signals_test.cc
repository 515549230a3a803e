// Early warning at the C interface: warnings, evidence, one customer alone, evaluation.
#include <cmath>
#include <cstdint>
#include <memory>
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

using ::testing::ElementsAre;

using BookPointer = std::unique_ptr<patron_signal_book, decltype(&patron_signal_book_free)>;

// Customer 1 buys every ten days up to day 40, customer 2 on days 0 and 45.
BookPointer SmallBook() {
  patron_signal_book *book = nullptr;
  Error error;
  EXPECT_EQ(patron_signal_book_create(nullptr, &book, error.get()), PATRON_OK);
  TableOf table;
  table.Integers("customer_id", std::vector<int64_t>{1, 1, 1, 1, 1, 2, 2, 2})
      .Days("date", {0, 10, 20, 30, 40, 0, 45, 50})
      .Numbers("amount", std::vector<double>{5, 5, 5, 5, 5, 1, 1, -1});
  EXPECT_EQ(patron_signal_book_append(book, table.get(), nullptr, nullptr, error.get()), PATRON_OK)
      << error.message();
  return {book, patron_signal_book_free};
}

TEST(SignalsTest, SilenceBeyondTheOwnRhythmIsSeen) {
  const BookPointer book = SmallBook();
  Error error;
  patron_table *warnings = nullptr, *evidence = nullptr;
  double bound = 0;
  // On day 51 customer 1 has been silent for 11 days, more than the 10 of each gap so far.
  ASSERT_EQ(patron_signal_book_warn(book.get(), 51, nullptr, nullptr, nullptr, &warnings, &evidence,
                                    &bound, error.get()),
            PATRON_OK)
      << error.message();
  const Table own_warnings(warnings), own_evidence(evidence);
  EXPECT_THAT(Integers(warnings, "customer_id"), ElementsAre(1, 2));
  EXPECT_EQ(patron_table_rows(evidence), 1);
  EXPECT_THAT(Numbers(evidence, "value"), ElementsAre(11));
  EXPECT_THAT(Numbers(evidence, "threshold"), ElementsAre(10));
  EXPECT_GT(bound, 10);  // Of the gaps 10, 10, 10, 10 and 45.
  // The return is no purchase: customer 2 was last there on day 45.
  patron_table *last = nullptr;
  ASSERT_EQ(patron_signal_book_last(book.get(), &last, error.get()), PATRON_OK);
  const Table own_last(last);
  EXPECT_EQ(patron_table_rows(last), 2);

  patron_warning one{};
  one.struct_size = sizeof one;
  ASSERT_EQ(patron_signal_book_warn_one(book.get(), 1, nullptr, 51, nullptr, &one, error.get()),
            PATRON_OK)
      << error.message();
  EXPECT_EQ(one.recency_days, 11);
  EXPECT_EQ(one.purchase_days, 5);
  EXPECT_EQ(one.level, 1);
  EXPECT_DOUBLE_EQ(one.rhythm, 1.1);
  EXPECT_DOUBLE_EQ(one.values[PATRON_SIGNAL_OWN_QUANTILE], 11);
  EXPECT_TRUE(std::isnan(one.values[PATRON_SIGNAL_OWN_MEAN]));
  // After 21 days of silence it is twice the mean as well.
  ASSERT_EQ(patron_signal_book_warn_one(book.get(), 1, nullptr, 61, nullptr, &one, error.get()),
            PATRON_OK);
  EXPECT_DOUBLE_EQ(one.values[PATRON_SIGNAL_OWN_MEAN], 21);
  EXPECT_EQ(one.level, 2);
}

TEST(SignalsTest, WhatIsKnownElsewhereCounts) {
  const BookPointer book = SmallBook();
  Error error;
  TableOf known;
  known.Integers("customer_id", std::vector<int64_t>{2, 3})
      .Numbers("p_alive", std::vector<double>{0.4, 0.9})
      .Numbers("p_alive_before", std::vector<double>{0.8, 0.9})
      .Integers("reopened_complaints", std::vector<int64_t>{0, 1});
  patron_table *warnings = nullptr;
  ASSERT_EQ(patron_signal_book_warn(book.get(), 46, nullptr, known.get(), nullptr, &warnings,
                                    nullptr, nullptr, error.get()),
            PATRON_OK)
      << error.message();
  const Table own(warnings);
  EXPECT_THAT(Integers(warnings, "customer_id"), ElementsAre(1, 2, 3));
  // Nothing; a fall of the probability weighs 2; a complaint opened again weighs 3.
  EXPECT_THAT(Numbers(warnings, "combined"), ElementsAre(0, 2, 3));
}

TEST(SignalsTest, BadInputIsNamed) {
  const BookPointer book = SmallBook();
  Error error;
  auto *untouched = Untouched<patron_table>();
  patron_signal_options options;
  patron_signal_options_init(&options);
  options.quantile = 2;
  EXPECT_EQ(patron_signal_book_warn(book.get(), 51, &options, nullptr, nullptr, &untouched, nullptr,
                                    nullptr, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message().substr(0, 9), "quantile:") << error.message();
  EXPECT_EQ(untouched, Untouched<patron_table>());
  patron_warning one{};
  one.struct_size = sizeof one;
  EXPECT_EQ(patron_signal_book_warn_one(book.get(), 9, nullptr, 51, nullptr, &one, error.get()),
            PATRON_NOT_FOUND);
  EXPECT_EQ(patron_signal_book_warn_one(book.get(), 0, "ann", 51, nullptr, &one, error.get()),
            PATRON_NOT_FOUND);
  auto *none = Untouched<patron_signal_book>();
  EXPECT_EQ(patron_signal_book_create("Nowhere", &none, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(none, Untouched<patron_signal_book>());
}

TEST(SignalsTest, AnEvaluationCountsHits) {
  TableOf table;
  table.Numbers("risk", std::vector<double>{0.9, 0.8, 0.3, 0.2})
      .Integers("lost", std::vector<int64_t>{1, 0, 1, 0})
      .Numbers("lead", std::vector<double>{12, 0, 4, 0});
  patron_warning_evaluation out{};
  out.struct_size = sizeof out;
  Error error;
  ASSERT_EQ(patron_warnings_evaluate(table.get(), 2, 0.95, &out, error.get()), PATRON_OK)
      << error.message();
  EXPECT_EQ(out.customers, 4U);
  EXPECT_EQ(out.lost, 2U);
  EXPECT_EQ(out.flagged, 2U);
  EXPECT_EQ(out.flagged_lost, 1U);
  EXPECT_DOUBLE_EQ(out.precision, 0.5);
  EXPECT_DOUBLE_EQ(out.recall, 0.5);
  EXPECT_DOUBLE_EQ(out.lift, 1);
  EXPECT_DOUBLE_EQ(out.auc, 0.75);  // Of four pairs three are in order.
  EXPECT_DOUBLE_EQ(out.lead, 12);
  EXPECT_EQ(patron_warnings_evaluate(table.get(), 5, 0.95, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace patron::c_api_test
