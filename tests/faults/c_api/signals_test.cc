// Early warning out of memory.
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "faults/each_allocation.hpp"
#include "patron/c/patron.h"

namespace patron::faults {
namespace {

TEST(SignalsAllocationTest, Books) {
  const auto make = [](auto out) {
    return patron_signal_book_create("Europe/Berlin", out, nullptr);
  };
  FailMaking<patron_signal_book>("patron_signal_book_create", make);

  const TextColumn customers({"ann with a long name", "bob", "bob", "ann with a long name", "bob"});
  const std::vector<int32_t> days = {10, 40, 70, 20, 30};
  const std::vector<double> amounts = {300, 120, 50, -300, 9};
  const auto table =
      TableOf({customers.As("customer_id"), ColumnOf("date", PATRON_TYPE_DATE32, days),
               ColumnOf("amount", PATRON_TYPE_FLOAT64, amounts)});
  // A book that has refused can be appended to.
  FailEach("patron_signal_book_append", [&](Armed &armed) {
    const auto book = Made<patron_signal_book>(make);
    const auto append = [&] {
      return patron_signal_book_append(book.get(), table.get(), nullptr, nullptr, nullptr);
    };
    if (armed(append) != PATRON_OK) {
      EXPECT_EQ(append(), PATRON_OK);
    }
    patron_warning warning{};
    warning.struct_size = sizeof warning;
    EXPECT_EQ(patron_signal_book_warn_one(book.get(), 0, "bob", 100, nullptr, &warning, nullptr),
              PATRON_OK);
    EXPECT_EQ(warning.purchase_days, 3);
  });

  const auto book = Made<patron_signal_book>(make);
  ASSERT_EQ(patron_signal_book_append(book.get(), table.get(), nullptr, nullptr, nullptr),
            PATRON_OK);
  const TextColumn known_customers({"bob", "a stranger with a long name"});
  const std::vector<int64_t> complaints = {1, 1};
  const auto known = TableOf({known_customers.As("customer_id"),
                              ColumnOf("open_complaints", PATRON_TYPE_INT64, complaints)});
  FailMakingTwo<patron_table>("patron_signal_book_warn", [&](auto warnings, auto evidence) {
    return patron_signal_book_warn(book.get(), 200, nullptr, known.get(), nullptr, warnings,
                                   evidence, nullptr, nullptr);
  });
  FailCall("patron_signal_book_warn_one", [&] {
    patron_warning warning{};
    warning.struct_size = sizeof warning;
    return patron_signal_book_warn_one(book.get(), 0, "bob", 200, nullptr, &warning, nullptr);
  });
  FailMaking<patron_table>("patron_signal_book_last", [&](auto out) {
    return patron_signal_book_last(book.get(), out, nullptr);
  });
}

TEST(SignalsAllocationTest, Evaluation) {
  const std::vector<double> risk = {1, 2, 3, 4}, lead = {1, 2, 3, 4};
  const std::vector<int64_t> lost = {0, 1, 0, 1};
  const auto table = TableOf({ColumnOf("risk", PATRON_TYPE_FLOAT64, risk),
                              ColumnOf("lost", PATRON_TYPE_INT64, lost),
                              ColumnOf("lead", PATRON_TYPE_FLOAT64, lead)});
  FailCall("patron_warnings_evaluate", [&] {
    patron_warning_evaluation evaluation{};
    evaluation.struct_size = sizeof evaluation;
    return patron_warnings_evaluate(table.get(), 2, 0.95, &evaluation, nullptr);
  });
}

}  // namespace
}  // namespace patron::faults
