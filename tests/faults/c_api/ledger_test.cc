// Ledgers out of memory.
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "faults/c_api/fixture.hpp"
#include "patron/c/patron.h"

namespace patron::faults {
namespace {

// ---- Ledger ----

Own<patron_ledger> NewLedger() {
  return Made<patron_ledger>([](auto out) { return patron_ledger_create(nullptr, out, nullptr); });
}

using Change = patron_status (*)(patron_ledger *, const patron_table *,
                                 const patron_transaction_columns *,
                                 const patron_ledger_append_options *, patron_ledger_report *,
                                 patron_error *);

// Changes a ledger that `setup` makes; if that fails, it holds what it held, and can be changed
// later.
void FailChange(const char *name, Change change, const std::function<Own<patron_ledger>()> &setup,
                const patron_table *table, const patron_transaction_columns &columns,
                const patron_ledger_append_options &options) {
  FailEach(name, [&](Armed &armed) {
    const Own<patron_ledger> ledger(setup());
    const std::string before = BytesOf(patron_ledger_serialize, ledger.get());
    patron_ledger_report report{};
    report.struct_size = sizeof report;
    const patron_status status =
        armed([&] { return change(ledger.get(), table, &columns, &options, &report, nullptr); });
    if (status == PATRON_OK) return;
    EXPECT_EQ(report.rows, 0u);
    EXPECT_EQ(BytesOf(patron_ledger_serialize, ledger.get()), before);
    EXPECT_EQ(change(ledger.get(), table, &columns, &options, &report, nullptr), PATRON_OK);
  });
}

class LedgerAllocationTest : public AllocationTest {
 protected:
  LedgerAllocationTest() {
    patron_ledger_append_options_init(&options_);
    std::vector<int64_t> purchases;
    for (size_t i = 0; i < data_.amount.size(); ++i) {
      if (data_.amount[i] > 0) purchases.push_back(data_.transaction[i]);
    }
    reversed_ = purchases;
    for (size_t i = 0; i < reversed_.size(); ++i) {
      reversal_.push_back(1000 + static_cast<int64_t>(i));
      reversal_time_.push_back(30 * kDay);
    }
    corrected_ = data_.amount;
    for (double &amount : corrected_) amount *= 2;
  }

  Own<patron_ledger> Filled(bool text) {
    Own<patron_ledger> ledger = NewLedger();
    const Own<patron_table> rows(data_.Rows(text));
    EXPECT_EQ(patron_ledger_append(ledger.get(), rows.get(), &columns_, nullptr, nullptr, nullptr),
              PATRON_OK);
    return ledger;
  }

  Own<patron_table> Reversals() {
    const patron_column columns[] = {ColumnOf("transaction_id", PATRON_TYPE_INT64, reversal_),
                                     ColumnOf("reverses", PATRON_TYPE_INT64, reversed_),
                                     ColumnOf("date", PATRON_TYPE_TIMESTAMP_US, reversal_time_)};
    return Made<patron_table>(
        [&](auto out) { return patron_table_borrow(columns, 3, out, nullptr); });
  }

  patron_ledger_append_options options_;
  std::vector<int64_t> reversal_, reversed_, reversal_time_;
  std::vector<double> corrected_;
};

TEST_F(LedgerAllocationTest, Creation) {
  patron_ledger_options options;
  patron_ledger_options_init(&options);
  options.zone = "Europe/Berlin";
  FailMaking<patron_ledger>("patron_ledger_create",
                            [&](auto out) { return patron_ledger_create(&options, out, nullptr); });
}

TEST_F(LedgerAllocationTest, Changes) {
  for (const bool text : {false, true}) {
    const Own<patron_table> rows(data_.Rows(text));
    FailChange("patron_ledger_append", patron_ledger_append, NewLedger, rows.get(), columns_,
               options_);

    std::vector<patron_column> columns = data_.Columns(text);
    columns[4] = ColumnOf("amount", PATRON_TYPE_FLOAT64, corrected_);
    const Own<patron_table> corrections(Made<patron_table>([&](auto out) {
      return patron_table_borrow(columns.data(), columns.size(), out, nullptr);
    }));
    FailChange(
        "patron_ledger_correct", patron_ledger_correct, [&] { return Filled(text); },
        corrections.get(), columns_, options_);

    const Own<patron_table> reversals(Reversals());
    patron_transaction_columns no_order = columns_;
    no_order.order = nullptr;
    no_order.customer = nullptr;
    no_order.amount = nullptr;
    FailChange(
        "patron_ledger_reverse", patron_ledger_reverse, [&] { return Filled(text); },
        reversals.get(), no_order, options_);
    patron_ledger_append_options hold = options_;
    hold.unknown = PATRON_UNKNOWN_HOLD;
    FailChange("patron_ledger_reverse", patron_ledger_reverse, NewLedger, reversals.get(), no_order,
               hold);
  }
}

TEST_F(LedgerAllocationTest, Views) {
  const Own<patron_ledger> ledger(Filled(true));
  for (const int64_t as_of : {PATRON_NO_TIME, 10 * kDay}) {
    FailMaking<patron_table>("patron_ledger_customers", [&](auto out) {
      return patron_ledger_customers(ledger.get(), as_of, PATRON_MONEY_UNITS, out, nullptr);
    });
    FailMaking<patron_table>("patron_ledger_transactions", [&](auto out) {
      return patron_ledger_transactions(ledger.get(), as_of, PATRON_MONEY_FLOAT64, out, nullptr);
    });
  }
  for (const int32_t merge : {PATRON_MERGE_DAY, PATRON_MERGE_ORDER}) {
    FailEach("patron_ledger_summarize", [&](Armed &armed) {
      patron_summary_options options;
      patron_summary_options_init(&options);
      options.merge = merge;
      options.observation_end = int64_t{1} << 60;
      patron_customer_summary summary{};
      summary.struct_size = sizeof summary;
      armed([&] {
        return patron_ledger_summarize(ledger.get(), 0, "customer 7", &options, &summary, nullptr);
      });
    });
  }
  FailBytes("patron_ledger_serialize", patron_ledger_serialize, "patron_ledger_deserialize",
            patron_ledger_deserialize, ledger.get());
}

TEST_F(LedgerAllocationTest, Scores) {
  for (const int32_t frequency : {PATRON_FREQUENCY_ORDERS, PATRON_FREQUENCY_DAYS}) {
    for (const int32_t only_touched : {0, 1}) {
      patron_rfm_options options;
      patron_rfm_options_init(&options);
      options.frequency = frequency;
      options.monetary =
          frequency == PATRON_FREQUENCY_DAYS ? PATRON_MONETARY_MEAN : PATRON_MONETARY_SUM;
      const int64_t customers = [&] {
        const Own<patron_ledger> ledger(Filled(true));
        const Own<patron_table> scores(Made<patron_table>([&](auto out) {
          return patron_ledger_rfm(ledger.get(), &options, only_touched, out, nullptr, nullptr);
        }));
        return patron_table_rows(scores.get());
      }();
      FailEach("patron_ledger_rfm", [&](Armed &armed) {
        const Own<patron_ledger> ledger(Filled(true));
        patron_table *scores = nullptr, *bins = nullptr;
        const patron_status status = armed([&] {
          return patron_ledger_rfm(ledger.get(), &options, only_touched, &scores, &bins, nullptr);
        });
        EXPECT_EQ(status == PATRON_OK, scores != nullptr && bins != nullptr);
        if (status != PATRON_OK) {
          // Nothing is forgotten of what was touched.
          EXPECT_EQ(scores, nullptr);
          EXPECT_EQ(
              patron_ledger_rfm(ledger.get(), &options, only_touched, &scores, &bins, nullptr),
              PATRON_OK);
        }
        EXPECT_EQ(patron_table_rows(scores), customers);
        patron_table_free(scores);
        patron_table_free(bins);
      });
    }
  }
}

// ---- Zones are read once and kept by Abseil ----

TEST(ZoneAllocationTest, AZoneThatCouldNotBeReadOnceIsReadLater) {
  const char *const zones[] = {
      "Africa/Cairo",     "America/Bogota",   "America/Chicago",  "America/Denver",
      "America/Lima",     "America/New_York", "America/Phoenix",  "America/Toronto",
      "Asia/Baghdad",     "Asia/Dhaka",       "Asia/Dubai",       "Asia/Hong_Kong",
      "Asia/Jakarta",     "Asia/Karachi",     "Asia/Kolkata",     "Asia/Manila",
      "Asia/Riyadh",      "Asia/Seoul",       "Asia/Shanghai",    "Asia/Tehran",
      "Asia/Tokyo",       "Australia/Perth",  "Australia/Sydney", "Europe/Athens",
      "Europe/Dublin",    "Europe/Helsinki",  "Europe/Istanbul",  "Europe/Kiev",
      "Europe/Lisbon",    "Europe/London",    "Europe/Madrid",    "Europe/Moscow",
      "Europe/Oslo",      "Europe/Paris",     "Europe/Rome",      "Europe/Sofia",
      "Europe/Stockholm", "Europe/Vienna",    "Europe/Warsaw",    "Europe/Zurich"};
  bool done = false;
  for (size_t n = 0; n < std::size(zones) && !done; ++n) {
    patron_ledger_options options;
    patron_ledger_options_init(&options);
    options.zone = zones[n];
    patron_ledger *ledger = nullptr;
    patron_status status;
    {
      const FailAllocation fail(static_cast<int64_t>(n), false);
      status = patron_ledger_create(&options, &ledger, nullptr);
    }
    done = !failed;
    EXPECT_TRUE(status == PATRON_OK || status == PATRON_RESOURCE_EXHAUSTED) << n << ": " << status;
    patron_ledger_free(ledger);
    ledger = nullptr;
    EXPECT_EQ(patron_ledger_create(&options, &ledger, nullptr), PATRON_OK)
        << zones[n] << " at " << n;
    patron_ledger_free(ledger);
  }
  EXPECT_TRUE(done) << "more zones are needed";
}

}  // namespace
}  // namespace patron::faults
