// A live host: after each transaction of a customer, what a model makes of the customer.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "c_api/clv.hpp"
#include "c_api/tables.hpp"
#include "patron/c/patron.h"

namespace patron::c_api_test {
namespace {

constexpr int64_t kHour = int64_t{3'600'000'000};

struct FreeLedger {
  void operator()(patron_ledger *ledger) const { patron_ledger_free(ledger); }
};
using Ledger = std::unique_ptr<patron_ledger, FreeLedger>;

Ledger NewLedger() {
  patron_ledger *out = nullptr;
  EXPECT_EQ(patron_ledger_create(nullptr, &out, nullptr), PATRON_OK);
  return Ledger(out);
}

// Adds one transaction.
void Append(const Ledger &ledger, int64_t id, const std::string &customer, int64_t time,
            double amount) {
  TableOf row;
  row.Integers("transaction_id", std::vector<int64_t>{id})
      .Texts("customer_id", {customer})
      .Times("date", std::vector<int64_t>{time})
      .Numbers("amount", std::vector<double>{amount});
  patron_ledger_report report{};
  report.struct_size = sizeof report;
  Error error;
  ASSERT_EQ(patron_ledger_append(ledger.get(), row.get(), nullptr, nullptr, &report, error.get()),
            PATRON_OK)
      << error.message();
}

patron_summary_options Weekly(int64_t now) {
  patron_summary_options options;
  patron_summary_options_init(&options);
  options.unit = PATRON_UNIT_WEEK;
  options.observation_end = now;
  options.log_intervals = 1;
  return options;
}

patron_customer_summary Of(const Ledger &ledger, const char *customer, int64_t now) {
  const patron_summary_options options = Weekly(now);
  patron_customer_summary summary{};
  summary.struct_size = sizeof summary;
  Error error;
  EXPECT_EQ(patron_ledger_summarize(ledger.get(), 0, customer, &options, &summary, error.get()),
            PATRON_OK)
      << error.message();
  return summary;
}

TEST(ClvLedgerTest, AScoreIsThePredictionForTheSameFacts) {
  const Ledger ledger = NewLedger();
  const Model model = Known(PATRON_CLV_MBG_NBD, {0.6, 6, 0.8, 2.4});
  const Model spend = Known(PATRON_CLV_GAMMA_GAMMA, {6.25, 3.74, 15.44});
  patron_clv_predict_options options;
  patron_clv_predict_options_init(&options);
  options.horizon = 26;
  options.discount_rate = 0.1;
  options.discount_period = 52;
  options.spend = spend.get();
  int64_t now = 0;
  for (int64_t i = 0; i < 40; ++i) {
    now = i * 31 * kHour;
    const std::string customer = i % 3 == 0 ? "ann" : "bob";
    Append(ledger, i, customer, now, i % 11 == 10 ? -3 : 10 + static_cast<double>(i));

    const patron_customer_summary facts = Of(ledger, customer.c_str(), now);
    patron_clv_customer who{};
    who.struct_size = sizeof who;
    who.frequency = static_cast<double>(facts.frequency);
    who.recency = facts.recency;
    who.age = facts.age;
    who.monetary_value = facts.monetary_value;
    patron_clv_score_result score{};
    score.struct_size = sizeof score;
    Error error;
    ASSERT_EQ(patron_clv_score(model.get(), &who, &options, &score, error.get()), PATRON_OK)
        << error.message();

    patron_table *rows = nullptr, *summary = nullptr, *predicted = nullptr;
    ASSERT_EQ(patron_ledger_transactions(ledger.get(), PATRON_NO_TIME, PATRON_MONEY_FLOAT64, &rows,
                                         nullptr),
              PATRON_OK);
    const Table facts_of_all(rows);
    const patron_summary_options weekly = Weekly(now);
    ASSERT_EQ(patron_value_summarize(rows, nullptr, &weekly, &summary, nullptr, error.get()),
              PATRON_OK)
        << error.message();
    const Table all(summary);
    ASSERT_EQ(patron_clv_predict(model.get(), summary, nullptr, &options, &predicted, error.get()),
              PATRON_OK)
        << error.message();
    const Table predictions(predicted);
    const size_t row = customer == "ann" ? 0 : 1;
    EXPECT_EQ(facts.log_intervals, Numbers(all, "log_intervals")[row]);
    EXPECT_EQ(facts.orders, Integers(all, "orders")[row]);
    EXPECT_EQ(score.p_alive, Numbers(predictions, "p_alive")[row]);
    EXPECT_EQ(score.expected_purchases, Numbers(predictions, "expected_purchases")[row]);
    EXPECT_EQ(score.discounted_purchases, Numbers(predictions, "discounted_purchases")[row]);
    EXPECT_EQ(score.expected_spend, Numbers(predictions, "expected_spend")[row]);
    EXPECT_EQ(score.lifetime_value, Numbers(predictions, "lifetime_value")[row]);
  }
}

TEST(ClvLedgerTest, SaysWhomItDoesNotKnow) {
  const Ledger ledger = NewLedger();
  Append(ledger, 1, "ann", 5 * kHour, 10);
  patron_customer_summary out{};
  out.struct_size = sizeof out;
  out.orders = 7;
  Error error;
  patron_summary_options options = Weekly(0);
  const auto refused = [&](const char *customer) {
    return patron_ledger_summarize(ledger.get(), 1, customer, &options, &out, error.get());
  };
  EXPECT_EQ(refused("bob"), PATRON_NOT_FOUND);
  EXPECT_EQ(error.message(), "customer: 'bob'; expected one of the ledger");
  EXPECT_EQ(refused(nullptr), PATRON_NOT_FOUND);
  options.observation_end = -24 * kHour;
  EXPECT_EQ(refused("ann"), PATRON_NOT_FOUND);
  options.observation_end = PATRON_NO_TIME;
  EXPECT_EQ(refused("ann"), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "observation_end: none; expected the instant to summarise up to");
  EXPECT_EQ(patron_ledger_summarize(ledger.get(), 1, "ann", nullptr, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
  options = Weekly(0);
  options.log_intervals = 2;
  EXPECT_EQ(refused("ann"), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(out.orders, 7);
}

// Regular buyers from raw transactions: the column that the fit reads comes with the summary.
TEST(ClvLedgerTest, RegularBuyersFromTransactions) {
  std::vector<double> age(3000, 40);
  TableOf questions;
  questions.Numbers("T", age);
  const Model known = Known(PATRON_CLV_MBG_CNBD, {1.3, 3, 0.5, 1.5}, 3);
  patron_table *drawn = nullptr, *purchases = nullptr;
  ASSERT_EQ(patron_clv_simulate(known.get(), nullptr, questions.get(), nullptr, 5, nullptr, &drawn,
                                &purchases, nullptr),
            PATRON_OK);
  const Table truth(drawn), rows(purchases);
  std::vector<int64_t> times;
  for (const double t : Numbers(rows, "time")) {
    times.push_back(static_cast<int64_t>(t * 7 * 24 * static_cast<double>(kHour)));
  }
  TableOf transactions;
  transactions.Integers("customer_id", Integers(rows, "row"))
      .Times("date", times)
      .Numbers("amount", std::vector<double>(times.size(), 1));
  patron_summary_options options = Weekly(static_cast<int64_t>(40) * 7 * 24 * kHour);
  options.merge = PATRON_MERGE_NONE;
  patron_table *summary = nullptr;
  Error error;
  ASSERT_EQ(
      patron_value_summarize(transactions.get(), nullptr, &options, &summary, nullptr, error.get()),
      PATRON_OK)
      << error.message();
  const Table customers(summary);
  const std::vector<double> logs = Numbers(customers, "log_intervals");
  const std::vector<double> expected = Numbers(truth, "log_intervals");
  ASSERT_EQ(logs.size(), expected.size());
  for (size_t i = 0; i < logs.size(); ++i) EXPECT_NEAR(logs[i], expected[i], 1e-3) << i;
  patron_clv_columns columns;
  patron_clv_columns_init(&columns);
  columns.log_intervals = "log_intervals";
  const Model fit = Fitted(summary, Terms(PATRON_CLV_MBG_CNBD), &columns);
  EXPECT_EQ(Info(fit).regularity, 3);

  // A horizon in which more purchases may come than are worth summing.
  patron_clv_predict_options far;
  patron_clv_predict_options_init(&far);
  far.horizon = 1e12;
  patron_table *out = nullptr;
  ASSERT_EQ(patron_clv_predict(fit.get(), summary, &columns, &far, &out, error.get()), PATRON_OK)
      << error.message();
  const Table predictions(out);
  for (const double purchases : Numbers(predictions, "expected_purchases")) {
    EXPECT_TRUE(std::isfinite(purchases));
  }
  patron_clv_customer who{};
  who.struct_size = sizeof who;
  who.age = 10;
  patron_clv_score_result score{};
  score.struct_size = sizeof score;
  EXPECT_EQ(patron_clv_score(fit.get(), &who, &far, &score, error.get()), PATRON_OK);
  EXPECT_GT(score.expected_purchases, 0);
}

}  // namespace
}  // namespace patron::c_api_test
