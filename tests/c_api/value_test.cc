// Functions of value.h over transactions and values: numbers by hand, and what each refuses.
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

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Three customers. 1 buys on days 0, 10 and 30; 2 buys twice on day 5; 3 only returns something.
class Shop : public TableOf {
 public:
  Shop() {
    Integers("customer_id", std::vector<int64_t>{1, 1, 1, 2, 2, 3});
    Times("date", std::vector<int64_t>{0, 10 * kDay, 30 * kDay, 5 * kDay, 5 * kDay + 3'600'000'000,
                                       20 * kDay});
    Numbers("amount", std::vector<double>{10, 20, 30, 50, 5, -7});
  }
};

template <typename T>
T Sized() {
  T value{};
  value.struct_size = sizeof value;
  return value;
}

// ---- Summary ----

struct Summary {
  Table table;
  patron_row_report report = Sized<patron_row_report>();
  Error error;
  patron_status status;

  explicit Summary(const patron_table *from, const patron_transaction_columns *columns = nullptr,
                   const patron_summary_options *options = nullptr) {
    patron_table *out = Untouched<patron_table>();
    status = patron_value_summarize(from, columns, options, &out, &report, error.get());
    if (status == PATRON_OK) {
      table.reset(out);
    } else {
      EXPECT_EQ(out, Untouched<patron_table>());
      EXPECT_EQ(report.rows, 0u);
      EXPECT_EQ(error.raw.code, status);
    }
  }
};

TEST(SummaryTest, TellsRepeatPurchases) {
  Shop shop;
  const Summary summary(shop.get());
  ASSERT_EQ(summary.status, PATRON_OK) << summary.error.message();
  EXPECT_THAT(NamesOf(summary.table),
              ElementsAre("customer_id", "frequency", "recency", "T", "monetary_value", "orders",
                          "gross", "refunds", "net", "first", "last"));
  EXPECT_THAT(Integers(summary.table, "customer_id"), ElementsAre(1, 2));
  EXPECT_THAT(Integers(summary.table, "frequency"), ElementsAre(2, 0));
  EXPECT_THAT(Numbers(summary.table, "recency"), ElementsAre(30, 0));
  EXPECT_THAT(Numbers(summary.table, "T"), ElementsAre(30, 25));
  EXPECT_THAT(Numbers(summary.table, "monetary_value"), ElementsAre(25, 0));
  EXPECT_THAT(Integers(summary.table, "orders"), ElementsAre(3, 1));
  EXPECT_THAT(Numbers(summary.table, "gross"), ElementsAre(60, 55));
  EXPECT_THAT(Numbers(summary.table, "refunds"), ElementsAre(0, 0));
  EXPECT_THAT(Numbers(summary.table, "net"), ElementsAre(60, 55));
  EXPECT_THAT(Times(summary.table, "first"), ElementsAre(0, 5 * kDay));
  EXPECT_THAT(Times(summary.table, "last"), ElementsAre(30 * kDay, 5 * kDay));
  EXPECT_EQ(summary.report.rows, 6u);
  EXPECT_EQ(summary.report.refunds, 1u);
  EXPECT_EQ(summary.report.orphan_refunds, 1u);
  EXPECT_EQ(summary.report.customers, 2u);
  EXPECT_EQ(summary.report.without_purchase, 1u);
}

TEST(SummaryTest, CalibrationAddsHoldoutColumns) {
  Shop shop;
  patron_summary_options options;
  patron_summary_options_init(&options);
  options.calibration_end = 15 * kDay;
  options.observation_end = 40 * kDay;
  options.money = PATRON_MONEY_UNITS;
  const Summary summary(shop.get(), nullptr, &options);
  ASSERT_EQ(summary.status, PATRON_OK) << summary.error.message();
  EXPECT_THAT(Integers(summary.table, "frequency"), ElementsAre(1, 0));
  EXPECT_THAT(Numbers(summary.table, "T"), ElementsAre(15, 10));
  EXPECT_THAT(Integers(summary.table, "gross"), ElementsAre(300'000, 550'000));
  EXPECT_THAT(Integers(summary.table, "frequency_holdout"), ElementsAre(1, 0));
  EXPECT_THAT(Numbers(summary.table, "monetary_value_holdout"), ElementsAre(30, 0));
  EXPECT_THAT(Numbers(summary.table, "duration_holdout"), ElementsAre(25, 25));
}

TEST(SummaryTest, TextIdsComeBackInOrderOfTheirBytes) {
  TableOf shop;
  shop.Texts("who", {"b", "ä", "a"})
      .Days("day", {3, 4, 5})
      .Add("cents", PATRON_TYPE_INT32, std::vector<int32_t>{100, 250, 300});
  patron_transaction_columns columns;
  patron_transaction_columns_init(&columns);
  columns.customer = "who";
  columns.time = "day";
  columns.amount = "cents";
  columns.amount_decimals = 2;
  const Summary summary(shop.get(), &columns);
  ASSERT_EQ(summary.status, PATRON_OK) << summary.error.message();
  EXPECT_THAT(Texts(summary.table, "customer_id"), ElementsAre("a", "b", "ä"));
  EXPECT_THAT(Numbers(summary.table, "gross"), ElementsAre(3, 1, 2.5));
}

TEST(SummaryTest, RefusesWhatItCannotRead) {
  Shop shop;
  EXPECT_EQ(Summary(nullptr).error.message(), "table: NULL; expected a pointer");

  patron_transaction_columns columns;
  patron_transaction_columns_init(&columns);
  columns.customer = "buyer";
  const Summary missing(shop.get(), &columns);
  EXPECT_EQ(missing.status, PATRON_INVALID_ARGUMENT);
  EXPECT_THAT(missing.error.message(), HasSubstr("column 'buyer' is missing"));

  patron_transaction_columns_init(&columns);
  columns.time = "amount";
  const Summary mistyped(shop.get(), &columns);
  EXPECT_EQ(mistyped.status, PATRON_INVALID_ARGUMENT);
  EXPECT_THAT(mistyped.error.message(),
              HasSubstr("column 'amount' is float64; expected dates or timestamps"));

  patron_transaction_columns_init(&columns);
  columns.amount = nullptr;
  EXPECT_EQ(Summary(shop.get(), &columns).error.message(), "amount: NULL; expected a name");
  patron_transaction_columns_init(&columns);
  columns.decimals = 10;
  EXPECT_EQ(Summary(shop.get(), &columns).error.message(), "decimals: 10; expected 0 to 9");
  patron_transaction_columns_init(&columns);
  columns.nulls = 2;
  EXPECT_EQ(Summary(shop.get(), &columns).error.message(), "nulls: 2; expected 0 to 1");
  patron_transaction_columns_init(&columns);
  columns.zone = "Atlantis/Harbour";
  const Summary nowhere(shop.get(), &columns);
  EXPECT_EQ(nowhere.status, PATRON_INVALID_ARGUMENT);
  EXPECT_THAT(nowhere.error.message(), HasSubstr("Atlantis/Harbour"));

  patron_summary_options options;
  const auto message = [&](auto set) {
    patron_summary_options_init(&options);
    set();
    return Summary(shop.get(), nullptr, &options).error.message();
  };
  EXPECT_EQ(message([&] { options.unit = 6; }), "unit: 6; expected 0 to 5");
  EXPECT_EQ(message([&] { options.merge = -1; }), "merge: -1; expected 0 to 2");
  EXPECT_EQ(message([&] { options.refunds = 4; }), "refunds: 4; expected 0 to 3");
  EXPECT_EQ(message([&] { options.zeros = 2; }), "zeros: 2; expected 0 to 1");
  EXPECT_EQ(message([&] { options.money = 2; }), "money: 2; expected 0 to 1");
}

TEST(SummaryTest, AnEndBeforeAllRowsLeavesNobody) {
  Shop shop;
  patron_summary_options options;
  patron_summary_options_init(&options);
  options.observation_end = -kDay;
  const Summary summary(shop.get(), nullptr, &options);
  ASSERT_EQ(summary.status, PATRON_OK) << summary.error.message();
  EXPECT_EQ(patron_table_rows(summary.table.get()), 0);
  EXPECT_EQ(summary.report.skipped_late, summary.report.rows);
}

TEST(SummaryTest, NamesTheCallersColumnInEveryMessage) {
  TableOf shop;
  shop.Integers("customer_id", std::vector<int64_t>{1, 2})
      .Times("date", std::vector<int64_t>{0, 0})
      .Numbers("spent", std::vector<double>{1, -1});
  patron_transaction_columns columns;
  patron_transaction_columns_init(&columns);
  columns.amount = "spent";
  patron_summary_options options;
  patron_summary_options_init(&options);
  options.refunds = PATRON_REFUNDS_ERROR;
  EXPECT_THAT(Summary(shop.get(), &columns, &options).error.message(),
              StartsWith("spent: row 1 is "));
}

TEST(SummaryTest, NullsAreAnErrorOrLeftOut) {
  TableOf shop;
  shop.Integers("customer_id", std::vector<std::optional<int64_t>>{1, std::nullopt, 2, 3})
      .Times("date", std::vector<std::optional<int64_t>>{0, 0, std::nullopt, kDay})
      .Numbers("amount", std::vector<std::optional<double>>{1, 2, 3, 4});
  const Summary refused(shop.get());
  EXPECT_EQ(refused.status, PATRON_INVALID_ARGUMENT);
  EXPECT_THAT(refused.error.message(), StartsWith("customer_id: row 1 is null"));
  patron_transaction_columns columns;
  patron_transaction_columns_init(&columns);
  columns.nulls = PATRON_NULLS_SKIP;
  const Summary skipped(shop.get(), &columns);
  ASSERT_EQ(skipped.status, PATRON_OK) << skipped.error.message();
  EXPECT_THAT(Integers(skipped.table, "customer_id"), ElementsAre(1, 3));
  EXPECT_EQ(skipped.report.rows, 4u);
  EXPECT_EQ(skipped.report.used, 2u);
  EXPECT_EQ(skipped.report.skipped_null, 2u);
}

TEST(SummaryTest, AmountsMustBeMoney) {
  const auto refuse = [](std::vector<double> amounts) {
    TableOf shop;
    shop.Integers("customer_id", std::vector<int64_t>(amounts.size(), 1))
        .Times("date", std::vector<int64_t>(amounts.size(), 0))
        .Numbers("amount", amounts);
    Summary summary(shop.get());
    return std::pair(summary.status, summary.error.message());
  };
  EXPECT_EQ(refuse({1, kNan, kInfinity}).first, PATRON_INVALID_ARGUMENT);
  EXPECT_THAT(refuse({1, kNan}).second, StartsWith("amount: row 1 is nan; expected"));
  EXPECT_EQ(refuse({1e15}).first, PATRON_OUT_OF_RANGE);
  EXPECT_THAT(refuse({1e15}).second, StartsWith("amount: row 0 is 1e+15; expected"));
  // Each amount fits, their sum does not.
  EXPECT_EQ(refuse({9e14, 9e14}).first, PATRON_OUT_OF_RANGE);
}

TEST(SummaryTest, AnEmptyTableHasNoCustomers) {
  TableOf shop;
  shop.Integers("customer_id", std::vector<int64_t>{})
      .Times("date", std::vector<int64_t>{})
      .Numbers("amount", std::vector<double>{});
  const Summary summary(shop.get());
  ASSERT_EQ(summary.status, PATRON_OK) << summary.error.message();
  EXPECT_EQ(patron_table_rows(summary.table.get()), 0);
  EXPECT_EQ(NamesOf(summary.table).size(), 11u);
}

TEST(SummaryTest, DatesBefore1970AndAfter2100AreDates) {
  TableOf shop;
  shop.Integers("customer_id", std::vector<int64_t>{1, 1})
      .Days("date", {-36'500, 73'000})
      .Numbers("amount", std::vector<double>{1, 1});
  const Summary summary(shop.get());
  ASSERT_EQ(summary.status, PATRON_OK) << summary.error.message();
  EXPECT_THAT(Numbers(summary.table, "recency"), ElementsAre(109'500));
}

// ---- Sizes of structs ----

TEST(StructSizeTest, OptionsOfOlderAndNewerCallersAreRead) {
  Shop shop;
  struct Newer {
    patron_summary_options known;
    uint64_t tail;
  } newer{};
  patron_summary_options_init(&newer.known);
  newer.known.struct_size = sizeof newer;
  EXPECT_EQ(Summary(shop.get(), nullptr, &newer.known).status, PATRON_OK);
  newer.tail = 1;
  const Summary refused(shop.get(), nullptr, &newer.known);
  EXPECT_EQ(refused.status, PATRON_INVALID_ARGUMENT);
  EXPECT_THAT(refused.error.message(), StartsWith("options: "));

  patron_summary_options older{};
  older.struct_size = offsetof(patron_summary_options, money);
  older.unit = PATRON_UNIT_WEEK;
  older.money = 99;  // Not read.
  const Summary weeks(shop.get(), nullptr, &older);
  ASSERT_EQ(weeks.status, PATRON_OK) << weeks.error.message();
  EXPECT_THAT(Numbers(weeks.table, "T"), ElementsAre(30 / 7.0, 25 / 7.0));

  older.struct_size = 0;
  EXPECT_EQ(Summary(shop.get(), nullptr, &older).status, PATRON_INVALID_ARGUMENT);
}

TEST(StructSizeTest, ReportsAreWrittenAsFarAsThereIsRoom) {
  Shop shop;
  patron_table *out = nullptr;
  Error error;
  patron_row_report small{};
  small.struct_size = offsetof(patron_row_report, used);
  small.used = 4711;
  ASSERT_EQ(patron_value_summarize(shop.get(), nullptr, nullptr, &out, &small, error.get()),
            PATRON_OK);
  patron_table_free(out);
  EXPECT_EQ(small.rows, 6u);
  EXPECT_EQ(small.used, 4711u);

  struct {
    patron_row_report known;
    uint64_t tail;
  } large{};
  large.known.struct_size = sizeof large;
  large.tail = 4711;
  ASSERT_EQ(patron_value_summarize(shop.get(), nullptr, nullptr, &out, &large.known, error.get()),
            PATRON_OK);
  patron_table_free(out);
  EXPECT_EQ(large.known.customers, 2u);
  EXPECT_EQ(large.tail, 0u);

  small.struct_size = 0;
  out = Untouched<patron_table>();
  EXPECT_EQ(patron_value_summarize(shop.get(), nullptr, nullptr, &out, &small, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(out, Untouched<patron_table>());
}

// ---- RFM ----

struct Rfm {
  Table scores, bins;
  patron_row_report report = Sized<patron_row_report>();
  Error error;
  patron_status status;

  explicit Rfm(const patron_table *from, const patron_rfm_options *options = nullptr,
               const patron_transaction_columns *columns = nullptr) {
    patron_table *scored = Untouched<patron_table>(), *binned = Untouched<patron_table>();
    status = patron_value_rfm(from, columns, options, &scored, &binned, &report, error.get());
    if (status == PATRON_OK) {
      scores.reset(scored);
      bins.reset(binned);
    } else {
      EXPECT_EQ(scored, Untouched<patron_table>());
      EXPECT_EQ(binned, Untouched<patron_table>());
      EXPECT_EQ(report.rows, 0u);
    }
  }
};

patron_rfm_options RfmOptions(int32_t bins) {
  patron_rfm_options options;
  patron_rfm_options_init(&options);
  for (int32_t &count : options.bins) count = bins;
  return options;
}

TEST(RfmTest, MeasuresAndScores) {
  Shop shop;
  const patron_rfm_options options = RfmOptions(2);
  const Rfm rfm(shop.get(), &options);
  ASSERT_EQ(rfm.status, PATRON_OK) << rfm.error.message();
  EXPECT_THAT(Integers(rfm.scores, "customer_id"), ElementsAre(1, 2));
  EXPECT_THAT(Integers(rfm.scores, "recency"), ElementsAre(1, 26));
  EXPECT_THAT(Integers(rfm.scores, "frequency"), ElementsAre(3, 2));
  EXPECT_THAT(Numbers(rfm.scores, "monetary"), ElementsAre(60, 55));
  EXPECT_THAT(Integers32(rfm.scores, "recency_score"), ElementsAre(2, 1));
  EXPECT_THAT(Integers32(rfm.scores, "frequency_score"), ElementsAre(2, 1));
  EXPECT_THAT(Integers32(rfm.scores, "monetary_score"), ElementsAre(2, 1));
  EXPECT_THAT(Integers32(rfm.scores, "rfm"), ElementsAre(222, 111));
  EXPECT_THAT(Numbers(rfm.scores, "weighted_score"), ElementsAre(2, 1));

  // Medians of 1 and 26 days, of 2 and 3 orders, of 55 and 60.
  EXPECT_THAT(Texts(rfm.bins, "dimension"),
              ElementsAre("recency", "recency", "frequency", "frequency", "monetary", "monetary"));
  EXPECT_THAT(Integers32(rfm.bins, "bin"), ElementsAre(1, 2, 1, 2, 1, 2));
  EXPECT_THAT(Numbers(rfm.bins, "lower"),
              ElementsAre(13.5, -kInfinity, -kInfinity, 2.5, -kInfinity, 57.5));
  EXPECT_THAT(Numbers(rfm.bins, "upper"),
              ElementsAre(kInfinity, 13.5, 2.5, kInfinity, 57.5, kInfinity));
  EXPECT_THAT(Integers(rfm.bins, "customers"), ElementsAre(1, 1, 1, 1, 1, 1));
  EXPECT_EQ(rfm.report.customers, 2u);
  EXPECT_EQ(rfm.report.without_purchase, 1u);
  EXPECT_EQ(rfm.report.refunds, 1u);
}

TEST(RfmTest, FrequencyCountsOrdersRowsOrDays) {
  TableOf shop;
  shop.Integers("customer_id", std::vector<int64_t>{1, 1, 1})
      .Times("date", std::vector<int64_t>{0, 0, kDay})
      .Numbers("amount", std::vector<double>{1, 2, 6})
      .Texts("basket", {"x", "x", "x"});
  patron_rfm_options options = RfmOptions(2);
  EXPECT_THAT(Integers(Rfm(shop.get(), &options).scores, "frequency"), ElementsAre(3));
  options.frequency = PATRON_FREQUENCY_DAYS;
  options.monetary = PATRON_MONETARY_MEAN;
  const Rfm days(shop.get(), &options);
  EXPECT_THAT(Integers(days.scores, "frequency"), ElementsAre(2));
  EXPECT_THAT(Numbers(days.scores, "monetary"), ElementsAre(4.5));
  patron_transaction_columns columns;
  patron_transaction_columns_init(&columns);
  columns.order = "basket";
  options.frequency = PATRON_FREQUENCY_ORDERS;
  EXPECT_THAT(Integers(Rfm(shop.get(), &options, &columns).scores, "frequency"), ElementsAre(1));
}

TEST(RfmTest, TheWindowLooksBackFromAsOf) {
  Shop shop;
  patron_rfm_options options = RfmOptions(2);
  options.as_of = 31 * kDay;
  options.window_days = 21;  // Days 10 to 30.
  options.money = PATRON_MONEY_UNITS;
  const Rfm rfm(shop.get(), &options);
  ASSERT_EQ(rfm.status, PATRON_OK) << rfm.error.message();
  EXPECT_THAT(Integers(rfm.scores, "customer_id"), ElementsAre(1));
  EXPECT_THAT(Integers(rfm.scores, "monetary"), ElementsAre(500'000));
  EXPECT_EQ(rfm.report.skipped_late, 3u);
}

TEST(RfmTest, FixedCutsAreTheCallers) {
  Shop shop;
  const double recency[] = {10}, frequency[] = {2}, monetary[] = {55, 57};
  patron_rfm_options options = RfmOptions(2);
  options.method = PATRON_RFM_FIXED;
  options.bins[2] = 3;
  options.cuts[0] = recency;
  options.cuts[1] = frequency;
  options.cuts[2] = monetary;
  options.weights[0] = 1;
  const Rfm right(shop.get(), &options);
  ASSERT_EQ(right.status, PATRON_OK) << right.error.message();
  EXPECT_THAT(Integers32(right.scores, "rfm"), ElementsAre(223, 111));
  EXPECT_THAT(Numbers(right.scores, "weighted_score"), ElementsAre(2, 1));
  options.closed = PATRON_CLOSED_LEFT;  // 2 orders and 55 belong to the upper bins.
  EXPECT_THAT(Integers32(Rfm(shop.get(), &options).scores, "rfm"), ElementsAre(223, 122));
}

TEST(RfmTest, DefaultsOfTheContextGiveBinsAndWeights) {
  Shop shop;
  patron_defaults *defaults = nullptr;
  ASSERT_EQ(patron_defaults_create(&defaults, nullptr), PATRON_OK);
  ASSERT_EQ(patron_defaults_set(defaults, "rfm.bins", 2, nullptr), PATRON_OK);
  ASSERT_EQ(patron_defaults_set(defaults, "rfm.weight.recency", 10, nullptr), PATRON_OK);
  patron_context_options with;
  patron_context_options_init(&with);
  with.defaults = defaults;
  patron_context *context = nullptr;
  ASSERT_EQ(patron_context_create(&with, &context, nullptr), PATRON_OK);
  patron_rfm_options options = RfmOptions(0);
  options.context = context;
  const Rfm rfm(shop.get(), &options);
  ASSERT_EQ(rfm.status, PATRON_OK) << rfm.error.message();
  EXPECT_THAT(Integers32(rfm.scores, "rfm"), ElementsAre(222, 111));
  EXPECT_NEAR(Numbers(rfm.scores, "weighted_score")[0], 20 + 2 / 3.0 + 2 / 3.0, 1e-12);
  patron_context_free(context);
  patron_defaults_free(defaults);
}

TEST(RfmTest, RefusesOptionsOutOfRange) {
  Shop shop;
  const double falling[] = {5, 4}, nan[] = {kNan, 1};
  const auto message = [&](auto set) {
    patron_rfm_options options = RfmOptions(3);
    set(options);
    const Rfm rfm(shop.get(), &options);
    EXPECT_EQ(rfm.status, PATRON_INVALID_ARGUMENT);
    return rfm.error.message();
  };
  EXPECT_EQ(message([](auto &o) { o.method = 12; }), "method: 12; expected 0 to 7");
  EXPECT_EQ(message([](auto &o) { o.bins[1] = 101; }), "bins of frequency: 101; expected 2 to 100");
  EXPECT_EQ(message([](auto &o) { o.bins[0] = -1; }), "bins of recency: -1; expected 2 to 100");
  EXPECT_EQ(message([](auto &o) { o.high_is_best[2] = 2; }), "high_is_best[2]: 2; expected 0 to 1");
  EXPECT_EQ(message([](auto &o) { o.frequency = 2; }), "frequency: 2; expected 0 to 1");
  EXPECT_EQ(message([](auto &o) { o.monetary = -1; }), "monetary: -1; expected 0 to 1");
  EXPECT_EQ(message([](auto &o) { o.refunds = 4; }), "refunds: 4; expected 0 to 3");
  EXPECT_EQ(message([](auto &o) { o.zeros = 2; }), "zeros: 2; expected 0 to 1");
  EXPECT_EQ(message([](auto &o) { o.money = 2; }), "money: 2; expected 0 to 1");
  EXPECT_EQ(message([](auto &o) { o.closed = 2; }), "closed: 2; expected 0 to 1");
  EXPECT_THAT(message([](auto &o) { o.window_days = -1; }), StartsWith("window"));
  EXPECT_THAT(message([](auto &o) { o.weights[1] = -1; }),
              StartsWith("frequency weight: -1; expected"));
  EXPECT_THAT(message([](auto &o) { o.weights[2] = kNan; }),
              StartsWith("monetary weight: nan; expected"));
  EXPECT_EQ(message([](auto &o) { o.method = PATRON_RFM_FIXED; }),
            "cuts[0]: NULL; expected a pointer");
  EXPECT_THAT(message([&](auto &o) { o.cuts[1] = falling; }),
              StartsWith("cuts[1]: given; expected NULL"));
  EXPECT_THAT(message([&](auto &o) {
                o.method = PATRON_RFM_FIXED;
                o.cuts[0] = o.cuts[1] = o.cuts[2] = falling;
              }),
              StartsWith("recency cuts[1]: 4; expected at least 5"));
  EXPECT_THAT(message([&](auto &o) {
                o.method = PATRON_RFM_FIXED;
                o.cuts[0] = o.cuts[1] = o.cuts[2] = nan;
              }),
              StartsWith("recency cuts[0]: nan; expected"));
}

TEST(RfmTest, MoreBinsThanCustomersLeaveBinsEmpty) {
  Shop shop;
  const patron_rfm_options options = RfmOptions(100);
  const Rfm rfm(shop.get(), &options);
  ASSERT_EQ(rfm.status, PATRON_OK) << rfm.error.message();
  EXPECT_EQ(Integers(rfm.bins, "customers").size(), 300u);
}

TEST(RfmTest, AnEmptyTableHasEmptyScores) {
  TableOf shop;
  shop.Integers("customer_id", std::vector<int64_t>{})
      .Times("date", std::vector<int64_t>{})
      .Numbers("amount", std::vector<double>{});
  const Rfm rfm(shop.get());
  ASSERT_EQ(rfm.status, PATRON_OK) << rfm.error.message();
  EXPECT_EQ(patron_table_rows(rfm.scores.get()), 0);
  // Without values there are no cuts, but there are bins.
  EXPECT_THAT(Optional<double>(rfm.bins.get(), "lower", PATRON_TYPE_FLOAT64),
              ::testing::Each(std::optional<double>()));
  EXPECT_THAT(Integers(rfm.bins, "customers"), ::testing::Each(0));
}

TEST(RfmTest, OneThreadOrTwoGiveTheSameBits) {
  patron_shop_options wanted;
  patron_shop_options_init(&wanted);
  wanted.customers = 20'000;
  patron_table *made = nullptr;
  ASSERT_EQ(patron_value_simulate_shop(&wanted, &made, nullptr, nullptr), PATRON_OK);
  const Table shop(made);
  patron_context_options with;
  patron_context_options_init(&with);
  with.threads = 2;
  patron_context *context = nullptr;
  ASSERT_EQ(patron_context_create(&with, &context, nullptr), PATRON_OK);
  patron_rfm_options options = RfmOptions(5);
  options.monetary = PATRON_MONETARY_MEAN;
  const Rfm serial(shop.get(), &options);
  options.context = context;
  const Rfm parallel(shop.get(), &options);
  ASSERT_EQ(parallel.status, PATRON_OK) << parallel.error.message();
  EXPECT_EQ(Integers(serial.scores, "customer_id"), Integers(parallel.scores, "customer_id"));
  EXPECT_EQ(Integers32(serial.scores, "rfm"), Integers32(parallel.scores, "rfm"));
  EXPECT_EQ(Numbers(serial.scores, "monetary"), Numbers(parallel.scores, "monetary"));
  EXPECT_EQ(Numbers(serial.bins, "lower"), Numbers(parallel.bins, "lower"));
  patron_context_free(context);
}

// ---- Known measures ----

struct Scored {
  Table scores, bins;
  Error error;
  patron_status status;

  Scored(const patron_table *from, const patron_rfm_options *options,
         const char *customer = nullptr, const char *recency = nullptr,
         const char *frequency = nullptr, const char *monetary = nullptr) {
    patron_table *scored = Untouched<patron_table>(), *binned = Untouched<patron_table>();
    status = patron_value_score_rfm(from, customer, recency, frequency, monetary, options, &scored,
                                    &binned, error.get());
    if (status == PATRON_OK) {
      scores.reset(scored);
      bins.reset(binned);
    } else {
      EXPECT_EQ(scored, Untouched<patron_table>());
      EXPECT_EQ(binned, Untouched<patron_table>());
    }
  }
};

TEST(ScoreRfmTest, TiesGoByIdWhateverTheOrderOfRows) {
  TableOf measures;
  measures.Integers("id", std::vector<int64_t>{9, 2, 5, 4})
      .Integers("r", std::vector<int64_t>{7, 7, 7, 7})
      .Integers("f", std::vector<int64_t>{1, 1, 1, 1})
      .Numbers("m", std::vector<double>{4, 3, 2, 1});
  patron_rfm_options options = RfmOptions(2);
  options.method = PATRON_RFM_NTILE;
  const Scored scored(measures.get(), &options, "id", "r", "f", "m");
  ASSERT_EQ(scored.status, PATRON_OK) << scored.error.message();
  EXPECT_THAT(Integers(scored.scores, "customer_id"), ElementsAre(2, 4, 5, 9));
  EXPECT_THAT(Numbers(scored.scores, "monetary"), ElementsAre(3, 1, 2, 4));
  EXPECT_THAT(Integers32(scored.scores, "frequency_score"), ElementsAre(1, 1, 2, 2));
  EXPECT_THAT(Integers32(scored.scores, "monetary_score"), ElementsAre(2, 1, 1, 2));
}

TEST(ScoreRfmTest, RefusesBadMeasures) {
  const patron_rfm_options options = RfmOptions(2);
  TableOf twice;
  twice.Texts("customer_id", {"x", "y", "x"})
      .Numbers("recency", std::vector<double>{1, 2, 3})
      .Integers("frequency", std::vector<int64_t>{1, 2, 3})
      .Numbers("monetary", std::vector<double>{1, 2, 3});
  EXPECT_EQ(Scored(twice.get(), &options).error.message(),
            "customer_id: row 2 is 'x' again; expected every customer once");
  TableOf nan;
  nan.Integers("customer_id", std::vector<int64_t>{3, 2, 1})
      .Numbers("recency", std::vector<double>{1, 2, 3})
      .Integers("frequency", std::vector<int64_t>{1, 2, 3})
      .Numbers("worth", std::vector<double>{kInfinity, 2, 3});
  EXPECT_THAT(Scored(nan.get(), &options, nullptr, nullptr, nullptr, "worth").error.message(),
              StartsWith("worth: row 0 is inf; expected a finite number"));
  EXPECT_THAT(Scored(nan.get(), &options).error.message(), HasSubstr("'monetary' is missing"));
  EXPECT_THAT(Scored(nan.get(), &options, "", nullptr, nullptr, nullptr).error.message(),
              StartsWith("customer: empty; expected a name"));
  EXPECT_EQ(Scored(nullptr, &options).status, PATRON_INVALID_ARGUMENT);
}

// ---- Concentration ----

patron_column ColumnOfDoubles(const std::vector<double> &values, const char *name = nullptr) {
  patron_column column{};
  column.struct_size = sizeof column;
  column.type = PATRON_TYPE_FLOAT64;
  column.name = name;
  column.length = static_cast<int64_t>(values.size());
  column.data = values.data();
  return column;
}

TEST(ConcentrationTest, OneCustomerHoldsEverything) {
  const std::vector<double> values = {10, 0, 0, 0};
  const patron_column column = ColumnOfDoubles(values);
  auto c = Sized<patron_concentration>();
  ASSERT_EQ(patron_value_concentration(&column, nullptr, &c, nullptr), PATRON_OK);
  EXPECT_EQ(c.customers, 4);
  EXPECT_EQ(c.negatives, 0);
  EXPECT_DOUBLE_EQ(c.total, 10);
  EXPECT_DOUBLE_EQ(c.gini, 1.0);
  EXPECT_DOUBLE_EQ(c.gini_biased, 0.75);
  EXPECT_DOUBLE_EQ(c.gini_unbiased, 1.0);
  EXPECT_DOUBLE_EQ(c.herfindahl, 1.0);
  EXPECT_DOUBLE_EQ(c.effective_number, 1.0);
  EXPECT_DOUBLE_EQ(c.top_20_share, 1.0);
}

TEST(ConcentrationTest, LossesKeepGiniBelowOne) {
  const std::vector<int32_t> values = {-10, 20, 30, 60};
  TableOf table;
  table.Add("profit", PATRON_TYPE_INT32, values);
  auto c = Sized<patron_concentration>();
  ASSERT_EQ(patron_value_concentration(table.column(0), nullptr, &c, nullptr), PATRON_OK);
  EXPECT_NEAR(c.gini, 0.6111111111111112, 1e-15);
  EXPECT_NEAR(c.gini_biased, 0.55, 1e-15);
  EXPECT_EQ(c.negatives, 1);
  EXPECT_DOUBLE_EQ(c.positive_sum, 110);
  EXPECT_DOUBLE_EQ(c.negative_sum, -10);
  EXPECT_TRUE(std::isnan(c.herfindahl));
  EXPECT_DOUBLE_EQ(c.top_20_share, 0.6);
}

TEST(ConcentrationTest, ReadsFromTheOffset) {
  const std::vector<double> values = {99, 10, 0, 0, 0};
  patron_column column = ColumnOfDoubles(values);
  column.offset = 1;
  column.length = 4;
  auto c = Sized<patron_concentration>();
  ASSERT_EQ(patron_value_concentration(&column, nullptr, &c, nullptr), PATRON_OK);
  EXPECT_DOUBLE_EQ(c.total, 10);
}

TEST(ConcentrationTest, RefusesBadValues) {
  Error error;
  auto c = Sized<patron_concentration>();
  c.total = 4711;
  const std::vector<double> nan = {1, kNan, kNan};
  patron_column column = ColumnOfDoubles(nan, "net");
  EXPECT_EQ(patron_value_concentration(&column, nullptr, &c, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "net: row 1 is nan; expected a finite number (2 rows in all)");
  column.length = 0;
  EXPECT_EQ(patron_value_concentration(&column, nullptr, &c, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "net: 0 rows; expected at least 1");
  column.length = -1;
  EXPECT_EQ(patron_value_concentration(&column, nullptr, &c, error.get()), PATRON_INVALID_ARGUMENT);
  column = ColumnOfDoubles(nan, "net");
  column.struct_size = 8;
  EXPECT_EQ(patron_value_concentration(&column, nullptr, &c, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_value_concentration(nullptr, nullptr, &c, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "values: NULL; expected a pointer");
  EXPECT_EQ(patron_value_concentration(&column, nullptr, nullptr, error.get()),
            PATRON_INVALID_ARGUMENT);
  TableOf nulls;
  nulls.Numbers("net", std::vector<std::optional<double>>{1, std::nullopt});
  EXPECT_EQ(patron_value_concentration(nulls.column(0), nullptr, &c, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_THAT(error.message(), StartsWith("net: row 1 is null"));
  TableOf text;
  text.Texts("net", {"1"});
  EXPECT_EQ(patron_value_concentration(text.column(0), nullptr, &c, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(c.total, 4711);
  c.struct_size = 0;
  column = ColumnOfDoubles(nan, "net");
  EXPECT_EQ(patron_value_concentration(&column, nullptr, &c, error.get()), PATRON_INVALID_ARGUMENT);
}

TEST(ScoreRfmTest, AColumnMayBeCalledWhatTheKernelCallsAnother) {
  TableOf table;
  table.Integers("customer_id", std::vector<int64_t>{1, 2})
      .Numbers("frequency", std::vector<double>{1, 2})
      .Integers("monetary", std::vector<int64_t>{1, 2})
      .Numbers("recency", std::vector<double>{1, kNan});
  Error error;
  patron_table *scores = nullptr;
  EXPECT_EQ(patron_value_score_rfm(table.get(), nullptr, "frequency", "monetary", "recency",
                                   nullptr, &scores, nullptr, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_THAT(error.message(), StartsWith("recency: row 1 is nan"));
}

TEST(CurvesTest, LorenzRisesFromTheFirstCustomerToAll) {
  const std::vector<double> values = {3, 1};
  const patron_column column = ColumnOfDoubles(values);
  patron_table *out = nullptr;
  ASSERT_EQ(patron_value_lorenz(&column, 0, nullptr, &out, nullptr), PATRON_OK);
  const Table curve(out);
  EXPECT_THAT(Numbers(curve, "customer_share"), ElementsAre(0, 0.5, 1));
  EXPECT_THAT(Numbers(curve, "value_share"), ElementsAre(0, 0.25, 1));
}

TEST(CurvesTest, TheLorenzCurveAtShares) {
  const std::vector<double> values = {3, 1};
  const patron_column column = ColumnOfDoubles(values);
  patron_table *out = nullptr;
  // Half of the poorer customer has half of the 1 of 4, and so on in a straight line.
  const double asked[] = {0.25, 0, 1, 0.5, 0.75};
  ASSERT_EQ(patron_value_lorenz_at(&column, asked, 5, nullptr, &out, nullptr), PATRON_OK);
  const Table curve(out);
  EXPECT_THAT(Numbers(curve, "customer_share"), ElementsAre(0.25, 0, 1, 0.5, 0.75));
  EXPECT_THAT(Numbers(curve, "value_share"), ElementsAre(0.125, 0, 1, 0.25, 0.625));
  Error error;
  const double outside[] = {-0.5};
  EXPECT_EQ(patron_value_lorenz_at(&column, outside, 1, nullptr, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "shares[0]: -0.5; expected 0 to 1");
}

TEST(CurvesTest, SharesOfTheBestAndTheirInverse) {
  const std::vector<double> values = {3, 1};
  const patron_column column = ColumnOfDoubles(values);
  patron_table *out = nullptr;
  const double asked[] = {0.5, 0, 1, 0.2};
  ASSERT_EQ(patron_value_share_curve(&column, asked, 4, nullptr, &out, nullptr), PATRON_OK);
  const Table top(out);
  EXPECT_THAT(Numbers(top, "customer_share"), ElementsAre(0.5, 0, 1, 0.2));
  EXPECT_THAT(Integers(top, "customers"), ElementsAre(1, 0, 2, 1));
  EXPECT_THAT(Numbers(top, "value_share"), ElementsAre(0.75, 0, 1, 0.75));
  const double wanted[] = {0.75, 0.8, 0, 1};
  ASSERT_EQ(patron_value_customers_for_share(&column, wanted, 4, nullptr, &out, nullptr),
            PATRON_OK);
  const Table fewest(out);
  EXPECT_THAT(Integers(fewest, "customers"), ElementsAre(1, 2, 0, 2));
  EXPECT_THAT(Numbers(fewest, "customer_share"), ElementsAre(0.5, 1, 0, 1));
}

TEST(CurvesTest, TheWhaleRisesAboveItsEnd) {
  const std::vector<double> values = {4, -1, 1};
  const patron_column column = ColumnOfDoubles(values);
  auto whale = Sized<patron_whale>();
  patron_table *out = nullptr;
  ASSERT_EQ(patron_value_whale_curve(&column, 0, nullptr, &whale, &out, nullptr), PATRON_OK);
  const Table curve(out);
  EXPECT_EQ(whale.customers, 3);
  EXPECT_EQ(whale.peak_customers, 2);
  EXPECT_EQ(whale.full_customers, 1);
  EXPECT_EQ(whale.negatives, 1);
  EXPECT_DOUBLE_EQ(whale.total, 4);
  EXPECT_DOUBLE_EQ(whale.peak, 5);
  EXPECT_DOUBLE_EQ(whale.peak_share, 1.25);
  EXPECT_DOUBLE_EQ(whale.negative_sum, -1);
  EXPECT_DOUBLE_EQ(whale.loss_beyond_peak, 1);
  EXPECT_THAT(Integers(curve, "customers"), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(Numbers(curve, "cumulative"), ElementsAre(0, 4, 5, 4));
  EXPECT_THAT(Numbers(curve, "cumulative_share"), ElementsAre(0, 1, 1.25, 1));
  EXPECT_EQ(patron_value_whale_curve(&column, 0, nullptr, &whale, nullptr, nullptr), PATRON_OK);
}

TEST(CurvesTest, AWhaleWithoutProfitHasNoShares) {
  const std::vector<double> values = {-4, 1};
  const patron_column column = ColumnOfDoubles(values);
  auto whale = Sized<patron_whale>();
  patron_table *out = nullptr;
  ASSERT_EQ(patron_value_whale_curve(&column, 1, nullptr, &whale, &out, nullptr), PATRON_OK);
  const Table curve(out);
  EXPECT_TRUE(std::isnan(whale.peak_share));
  EXPECT_THAT(Optional<double>(curve.get(), "cumulative_share", PATRON_TYPE_FLOAT64),
              ElementsAre(std::nullopt, std::nullopt));
}

TEST(CurvesTest, RefuseBadArguments) {
  Error error;
  const std::vector<double> values = {3, 1}, losses = {-3, 1};
  const patron_column column = ColumnOfDoubles(values), bad = ColumnOfDoubles(losses, "net");
  patron_table *out = Untouched<patron_table>();
  const double shares[] = {0.5, 1.5};
  EXPECT_EQ(patron_value_lorenz(&column, -1, nullptr, &out, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "points: -1; expected at least 0");
  EXPECT_EQ(patron_value_lorenz(&bad, 0, nullptr, &out, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "net: the total is -2; expected a positive one");
  EXPECT_EQ(patron_value_share_curve(&column, shares, 2, nullptr, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "shares[1]: 1.5; expected 0 to 1");
  EXPECT_EQ(patron_value_share_curve(&column, nullptr, 2, nullptr, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_value_share_curve(&bad, shares, 1, nullptr, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_value_customers_for_share(&column, shares, 2, nullptr, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "shares[1]: 1.5; expected 0 to 1");
  EXPECT_EQ(patron_value_customers_for_share(&bad, shares, 1, nullptr, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
  auto whale = Sized<patron_whale>();
  EXPECT_EQ(patron_value_whale_curve(&column, -1, nullptr, &whale, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_value_whale_curve(&column, 0, nullptr, nullptr, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(out, Untouched<patron_table>());
  EXPECT_EQ(whale.customers, 0);
}

// ---- Profitability ----

class Costs : public TableOf {
 public:
  Costs() {
    Integers("customer_id", std::vector<int64_t>{8, 7});
    Numbers("revenue", std::vector<double>{100, 40});
    Integers("orders", std::vector<int64_t>{2, 0});
    Numbers("contacts", std::vector<double>{1, 4});
    Integers("pence", std::vector<int64_t>{5000, 2000});
  }
};

struct Profit {
  Table table;
  Error error;
  patron_status status;

  Profit(const patron_table *from, const patron_profitability_options *options) {
    patron_table *out = Untouched<patron_table>();
    status = patron_value_profitability(from, options, &out, error.get());
    if (status == PATRON_OK) {
      table.reset(out);
    } else {
      EXPECT_EQ(out, Untouched<patron_table>());
    }
  }
};

patron_cost_driver Driver(const char *column, double unit_cost) {
  return {sizeof(patron_cost_driver), 0, column, unit_cost};
}

TEST(ProfitabilityTest, MarginLessActivityLessAllocation) {
  Costs costs;
  const patron_cost_driver drivers[] = {Driver("orders", 3), Driver("contacts", 2)};
  patron_profitability_options options;
  patron_profitability_options_init(&options);
  options.margin_rate = 0.5;
  options.allocated_cost = 10;
  options.drivers = drivers;
  options.driver_count = 2;
  const Profit profit(costs.get(), &options);
  ASSERT_EQ(profit.status, PATRON_OK) << profit.error.message();
  EXPECT_THAT(NamesOf(profit.table),
              ElementsAre("customer_id", "margin", "cost_orders", "cost_contacts", "activity_cost",
                          "allocated_cost", "profit"));
  EXPECT_THAT(Integers(profit.table, "customer_id"), ElementsAre(8, 7));
  EXPECT_THAT(Numbers(profit.table, "margin"), ElementsAre(50, 20));
  EXPECT_THAT(Numbers(profit.table, "cost_orders"), ElementsAre(6, 0));
  EXPECT_THAT(Numbers(profit.table, "cost_contacts"), ElementsAre(2, 8));
  EXPECT_THAT(Numbers(profit.table, "activity_cost"), ElementsAre(8, 8));
  EXPECT_THAT(Numbers(profit.table, "allocated_cost"), ElementsAre(5, 5));
  EXPECT_THAT(Numbers(profit.table, "profit"), ElementsAre(37, 7));
}

TEST(ProfitabilityTest, AllocatesByRevenueOrByAColumn) {
  Costs costs;
  patron_profitability_options options;
  patron_profitability_options_init(&options);
  options.allocated_cost = 14;
  options.allocation = PATRON_ALLOCATE_REVENUE;
  EXPECT_THAT(Numbers(Profit(costs.get(), &options).table, "allocated_cost"), ElementsAre(10, 4));
  options.allocation = PATRON_ALLOCATE_COLUMN;
  options.allocation_column = "contacts";
  options.allocated_cost = 10;
  const Profit by_column(costs.get(), &options);
  EXPECT_THAT(Numbers(by_column.table, "allocated_cost"), ElementsAre(2, 8));
  EXPECT_THAT(Numbers(by_column.table, "activity_cost"), ElementsAre(0, 0));
}

TEST(ProfitabilityTest, AMarginColumnMayBeInUnits) {
  Costs costs;
  patron_profitability_options options;
  patron_profitability_options_init(&options);
  options.margin = "pence";
  options.decimals = 2;
  EXPECT_THAT(Numbers(Profit(costs.get(), &options).table, "profit"), ElementsAre(50, 20));
  options.margin_rate = 0.5;
  EXPECT_THAT(Profit(costs.get(), &options).error.message(),
              StartsWith("margin_rate: 0.5; expected 1"));
}

TEST(ProfitabilityTest, RefusesBadArguments) {
  Costs costs;
  const auto message = [&](auto set) {
    patron_profitability_options options;
    patron_profitability_options_init(&options);
    set(options);
    const Profit profit(costs.get(), &options);
    EXPECT_EQ(profit.status, PATRON_INVALID_ARGUMENT);
    return profit.error.message();
  };
  static const patron_cost_driver negative[] = {Driver("orders", -1)},
                                  twice[] = {Driver("orders", 1), Driver("orders", 2)},
                                  nameless[] = {Driver(nullptr, 1)},
                                  missing[] = {Driver("visits", 1)};
  static patron_cost_driver unsized[] = {Driver("orders", 1)},
                            uneven[] = {Driver("orders", 1), Driver("contacts", 1)},
                            reserved[] = {Driver("orders", 1)};
  unsized[0].struct_size = 0;
  uneven[1].struct_size = 8;
  reserved[0].reserved = 1;
  const auto with = [](const patron_cost_driver *drivers, size_t count) {
    return [=](auto &o) {
      o.drivers = drivers;
      o.driver_count = count;
    };
  };
  EXPECT_EQ(message([](auto &o) { o.allocation = 3; }), "allocation: 3; expected 0 to 2");
  EXPECT_EQ(message([](auto &o) { o.decimals = -1; }), "decimals: -1; expected 0 to 9");
  EXPECT_EQ(message([](auto &o) { o.reserved = 1; }), "reserved: 1; expected 0");
  EXPECT_EQ(message([](auto &o) { o.customer = nullptr; }), "customer: NULL; expected a name");
  EXPECT_THAT(message([](auto &o) { o.revenue = "turnover"; }), HasSubstr("'turnover' is missing"));
  EXPECT_THAT(message([](auto &o) { o.allocated_cost = -1; }),
              StartsWith("allocated_cost: -1; expected"));
  EXPECT_THAT(message([](auto &o) { o.margin_rate = kNan; }),
              StartsWith("margin_rate: nan; expected"));
  EXPECT_EQ(message([](auto &o) { o.allocation = PATRON_ALLOCATE_COLUMN; }),
            "allocation_column: NULL; expected a name");
  EXPECT_THAT(message(with(nullptr, 1)), StartsWith("drivers: NULL"));
  EXPECT_THAT(message(with(nameless, 1)), StartsWith("drivers[0]: NULL"));
  EXPECT_THAT(message(with(missing, 1)), HasSubstr("'visits' is missing"));
  EXPECT_THAT(message(with(twice, 2)), StartsWith("drivers[1]: 'orders' again"));
  EXPECT_THAT(message(with(unsized, 1)), StartsWith("drivers[0]: struct_size is 0; expected"));
  EXPECT_THAT(message(with(uneven, 2)), StartsWith("drivers[1]: struct_size is 8; expected"));
  EXPECT_EQ(message(with(reserved, 1)), "reserved: 1; expected 0");
  EXPECT_THAT(message(with(negative, 1)), StartsWith("unit cost of orders: -1; expected"));
}

// ---- Cohorts ----

struct Cohorts {
  Table table;
  patron_row_report report = Sized<patron_row_report>();
  Error error;
  patron_status status;

  Cohorts(const patron_table *from, const patron_cohorts_options *options) {
    patron_table *out = Untouched<patron_table>();
    status = patron_value_cohorts(from, nullptr, options, &out, &report, error.get());
    if (status == PATRON_OK) {
      table.reset(out);
    } else {
      EXPECT_EQ(out, Untouched<patron_table>());
    }
  }
};

TEST(CohortsTest, FollowCustomersByMonth) {
  // 2020-01-05, 2020-03-05; 2020-01-31; 2020-02-10.
  TableOf shop;
  shop.Integers("customer_id", std::vector<int64_t>{1, 1, 2, 3})
      .Days("date", {18'266, 18'326, 18'292, 18'302})
      .Numbers("amount", std::vector<double>{10, 20, 5, 7});
  const Cohorts cohorts(shop.get(), nullptr);
  ASSERT_EQ(cohorts.status, PATRON_OK) << cohorts.error.message();
  EXPECT_THAT(Plain<int32_t>(cohorts.table.get(), "cohort", PATRON_TYPE_DATE32),
              ElementsAre(18'262, 18'262, 18'262, 18'293, 18'293));
  EXPECT_THAT(Integers(cohorts.table, "age"), ElementsAre(0, 1, 2, 0, 1));
  EXPECT_THAT(Integers(cohorts.table, "size"), ElementsAre(2, 2, 2, 1, 1));
  EXPECT_THAT(Integers(cohorts.table, "active"), ElementsAre(2, 0, 1, 1, 0));
  EXPECT_THAT(Numbers(cohorts.table, "active_share"), ElementsAre(1, 0, 0.5, 1, 0));
  EXPECT_THAT(Integers(cohorts.table, "survivors"), ElementsAre(2, 1, 1, 1, 0));
  EXPECT_THAT(Integers(cohorts.table, "repeaters"), ElementsAre(0, 0, 1, 0, 0));
  EXPECT_THAT(Numbers(cohorts.table, "value"), ElementsAre(15, 0, 20, 7, 0));
  EXPECT_THAT(Numbers(cohorts.table, "cumulative_value"), ElementsAre(15, 15, 35, 7, 7));
  EXPECT_EQ(cohorts.report.customers, 3u);
}

TEST(CohortsTest, RefuseOptionsOutOfRange) {
  Shop shop;
  const auto message = [&](auto set) {
    patron_cohorts_options options;
    patron_cohorts_options_init(&options);
    set(options);
    const Cohorts cohorts(shop.get(), &options);
    EXPECT_EQ(cohorts.status, PATRON_INVALID_ARGUMENT);
    return cohorts.error.message();
  };
  EXPECT_EQ(message([](auto &o) { o.period = 5; }), "period: 5; expected 0 to 4");
  EXPECT_EQ(message([](auto &o) { o.refunds = -1; }), "refunds: -1; expected 0 to 3");
  EXPECT_EQ(message([](auto &o) { o.zeros = 9; }), "zeros: 9; expected 0 to 1");
  EXPECT_EQ(message([](auto &o) { o.money = 3; }), "money: 3; expected 0 to 1");
  EXPECT_EQ(message([](auto &o) { o.reserved = 2; }), "reserved: 2; expected 0");
  patron_cohorts_options options;
  patron_cohorts_options_init(&options);
  options.observation_end = -kDay;
  const Cohorts nobody(shop.get(), &options);
  EXPECT_EQ(nobody.status, PATRON_OK) << nobody.error.message();
  EXPECT_EQ(patron_table_rows(nobody.table.get()), 0);
}

// ---- Lifetime value ----

TEST(LifetimeValueTest, ClosedForms) {
  auto value = Sized<patron_lifetime_value>();
  ASSERT_EQ(patron_value_lifetime_value(100, 0.8, 0.1, nullptr, &value, nullptr), PATRON_OK);
  EXPECT_NEAR(value.value, 800.0 / 3, 1e-10);
  EXPECT_NEAR(value.margin_multiple, 8.0 / 3, 1e-12);
  EXPECT_NEAR(value.retention_elasticity, 11.0 / 3, 1e-12);
  EXPECT_NEAR(value.expected_periods, 4, 1e-12);

  patron_lifetime_value_options options;
  patron_lifetime_value_options_init(&options);
  options.timing = PATRON_TIMING_IMMEDIATE;
  ASSERT_EQ(patron_value_lifetime_value(100, 0.8, 0.1, &options, &value, nullptr), PATRON_OK);
  EXPECT_NEAR(value.value, 1100.0 / 3, 1e-10);
  EXPECT_NEAR(value.expected_periods, 5, 1e-12);

  patron_lifetime_value_options_init(&options);
  options.periods = 2;
  ASSERT_EQ(patron_value_lifetime_value(100, 0.8, 0.1, &options, &value, nullptr), PATRON_OK);
  EXPECT_NEAR(value.value, 100 * (0.8 / 1.1 + 0.64 / 1.21), 1e-10);
  EXPECT_NEAR(value.expected_periods, 1.44, 1e-12);
  EXPECT_TRUE(std::isnan(value.retention_elasticity));

  ASSERT_EQ(patron_value_lifetime_value(100, 1, 0.1, nullptr, &value, nullptr), PATRON_OK);
  EXPECT_NEAR(value.value, 1000, 1e-9);
  EXPECT_EQ(value.expected_periods, kInfinity);
}

TEST(LifetimeValueTest, RefusesBadArguments) {
  Error error;
  auto value = Sized<patron_lifetime_value>();
  value.value = 4711;
  const auto refuse = [&](double margin, double retention, double discount,
                          const patron_lifetime_value_options *options) {
    EXPECT_EQ(
        patron_value_lifetime_value(margin, retention, discount, options, &value, error.get()),
        PATRON_INVALID_ARGUMENT);
    return error.message();
  };
  EXPECT_THAT(refuse(kNan, 0.8, 0.1, nullptr), StartsWith("margin: nan"));
  EXPECT_THAT(refuse(1, 1.1, 0.1, nullptr), StartsWith("retention: 1.1; expected 0 to 1"));
  EXPECT_THAT(refuse(1, 0.8, kInfinity, nullptr), StartsWith("discount: inf"));
  EXPECT_THAT(refuse(1, 1, 0, nullptr), StartsWith("retention: 1"));
  patron_lifetime_value_options options;
  patron_lifetime_value_options_init(&options);
  options.timing = 2;
  EXPECT_EQ(refuse(1, 0.8, 0.1, &options), "timing: 2; expected 0 to 1");
  options.timing = 0;
  options.periods = -1;
  EXPECT_EQ(refuse(1, 0.8, 0.1, &options), "periods: -1; expected 0 to 4294967295");
  EXPECT_EQ(value.value, 4711);
  EXPECT_EQ(patron_value_lifetime_value(1, 0.8, 0.1, nullptr, nullptr, error.get()),
            PATRON_INVALID_ARGUMENT);
}

TEST(LifetimeValueTest, OfManyCustomers) {
  const std::vector<double> margins = {100, 50};
  const std::vector<double> retention = {0.8}, both = {0.8, 0.5};
  const patron_column margin = ColumnOfDoubles(margins, "margin"),
                      one = ColumnOfDoubles(retention, "stay"), each = ColumnOfDoubles(both);
  patron_table *out = nullptr;
  ASSERT_EQ(patron_value_lifetime_values(&margin, &one, 0.1, nullptr, nullptr, &out, nullptr),
            PATRON_OK);
  std::vector<double> values = Numbers(Table(out), "value");
  ASSERT_EQ(values.size(), 2u);
  EXPECT_NEAR(values[0], 800.0 / 3, 1e-10);
  EXPECT_NEAR(values[1], 400.0 / 3, 1e-10);
  ASSERT_EQ(patron_value_lifetime_values(&margin, &each, 0.1, nullptr, nullptr, &out, nullptr),
            PATRON_OK);
  values = Numbers(Table(out), "value");
  EXPECT_NEAR(values[1], 25.0 / 0.6, 1e-10);

  Error error;
  out = Untouched<patron_table>();
  const std::vector<double> above = {1.5};
  const patron_column bad = ColumnOfDoubles(above, "stay");
  EXPECT_EQ(patron_value_lifetime_values(&margin, &bad, 0.1, nullptr, nullptr, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_THAT(error.message(), StartsWith("stay: row 0 is 1.5; expected 0 to 1"));
  EXPECT_EQ(patron_value_lifetime_values(nullptr, &one, 0.1, nullptr, nullptr, &out, nullptr),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_value_lifetime_values(&margin, nullptr, 0.1, nullptr, nullptr, &out, nullptr),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_value_lifetime_values(&margin, &one, 0.1, nullptr, nullptr, nullptr, nullptr),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(out, Untouched<patron_table>());
}

TEST(LifetimeValueTest, OfKeepingACustomer) {
  double out = 0;
  ASSERT_EQ(patron_value_retention_value(200, 0.25, &out, nullptr), PATRON_OK);
  EXPECT_DOUBLE_EQ(out, 50);
  Error error;
  EXPECT_EQ(patron_value_retention_value(200, 1.5, &out, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "loss_probability: 1.5; expected 0 to 1");
  EXPECT_EQ(patron_value_retention_value(200, 0.5, nullptr, nullptr), PATRON_INVALID_ARGUMENT);
  EXPECT_DOUBLE_EQ(out, 50);

  // The claims are five times the cost and ten purchases.
  ASSERT_EQ(patron_value_retention_multiple(nullptr, &out, nullptr), PATRON_OK);
  EXPECT_DOUBLE_EQ(out, 50);
  patron_defaults *defaults = nullptr;
  ASSERT_EQ(patron_defaults_create(&defaults, nullptr), PATRON_OK);
  ASSERT_EQ(patron_defaults_set(defaults, "loyal_customer_repeat_equivalent", 3, error.get()),
            PATRON_OK)
      << error.message();
  patron_context_options options;
  patron_context_options_init(&options);
  options.defaults = defaults;
  patron_context *context = nullptr;
  ASSERT_EQ(patron_context_create(&options, &context, nullptr), PATRON_OK);
  patron_defaults_free(defaults);
  ASSERT_EQ(patron_value_retention_multiple(context, &out, nullptr), PATRON_OK);
  EXPECT_DOUBLE_EQ(out, 15);
  patron_context_free(context);
  EXPECT_EQ(patron_value_retention_multiple(nullptr, nullptr, nullptr), PATRON_INVALID_ARGUMENT);
}

TEST(LifetimeValueTest, OfThePast) {
  TableOf rows;
  rows.Texts("who", {"b", "a", "b"})
      .Numbers("contribution", std::vector<double>{121, 10, -11})
      .Integers("periods", std::vector<int64_t>{2, 0, 1});
  patron_table *out = nullptr;
  ASSERT_EQ(patron_value_historical_value(rows.get(), "who", nullptr, nullptr, 0.1, nullptr, &out,
                                          nullptr),
            PATRON_OK);
  const Table values(out);
  EXPECT_THAT(Texts(values, "customer_id"), ElementsAre("a", "b"));
  EXPECT_NEAR(Numbers(values, "value")[0], 10, 1e-12);
  EXPECT_NEAR(Numbers(values, "value")[1], 90, 1e-12);

  Error error;
  out = Untouched<patron_table>();
  EXPECT_EQ(patron_value_historical_value(rows.get(), nullptr, nullptr, nullptr, 0.1, nullptr, &out,
                                          error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_THAT(error.message(), StartsWith("column 'customer_id' is missing"));
  EXPECT_EQ(patron_value_historical_value(rows.get(), "who", nullptr, "contribution", 0.1, nullptr,
                                          &out, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_THAT(error.message(), StartsWith("contribution: row 2 is -11; expected"));
  EXPECT_EQ(patron_value_historical_value(rows.get(), "who", nullptr, nullptr, -1, nullptr, &out,
                                          error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(
      patron_value_historical_value(nullptr, "who", nullptr, nullptr, 0, nullptr, &out, nullptr),
      PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_value_historical_value(rows.get(), "who", nullptr, nullptr, 0, nullptr, nullptr,
                                          nullptr),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(out, Untouched<patron_table>());
}

TEST(CustomerEquityTest, CohortsLessAcquisition) {
  // A customer is worth 1 + 1/2 + 1/4 + ... = 2; the second cohort comes a period later.
  const double acquired[] = {10, 4}, costs[] = {5, 1}, margins[] = {1};
  double equity = 0;
  ASSERT_EQ(patron_value_customer_equity(acquired, costs, 2, margins, 1, 0.5, 0, &equity, nullptr),
            PATRON_OK);
  EXPECT_DOUBLE_EQ(equity, 20 + 8 - 50 - 4);
  ASSERT_EQ(patron_value_customer_equity(acquired, nullptr, 2, margins, 1, 0, 1, &equity, nullptr),
            PATRON_OK);
  EXPECT_DOUBLE_EQ(equity, 10 + 2);
  Error error;
  const double bad[] = {-1};
  EXPECT_EQ(patron_value_customer_equity(bad, nullptr, 1, margins, 1, 0.5, 0, &equity, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_THAT(error.message(), StartsWith("acquired: row 0 is -1"));
  EXPECT_EQ(
      patron_value_customer_equity(nullptr, nullptr, 1, margins, 1, 0.5, 0, &equity, error.get()),
      PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(
      patron_value_customer_equity(acquired, nullptr, 1, nullptr, 1, 0.5, 0, &equity, error.get()),
      PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(
      patron_value_customer_equity(acquired, nullptr, 1, margins, 1, 0.5, 0, nullptr, error.get()),
      PATRON_INVALID_ARGUMENT);
  EXPECT_DOUBLE_EQ(equity, 12);
}

// ---- The shop ----

TEST(ShopTest, IsTheSameForEqualOptions) {
  patron_shop_options options;
  patron_shop_options_init(&options);
  EXPECT_EQ(options.customers, 5000);
  EXPECT_EQ(options.days, 730);
  options.customers = 200;
  std::array<Table, 2> shops;
  Table known;
  for (Table &shop : shops) {
    patron_table *rows = nullptr, *truth = nullptr;
    ASSERT_EQ(patron_value_simulate_shop(&options, &rows, &truth, nullptr), PATRON_OK);
    shop.reset(rows);
    known.reset(truth);
  }
  EXPECT_THAT(NamesOf(shops[0]),
              ElementsAre("customer_id", "transaction_id", "order_id", "date", "amount"));
  EXPECT_THAT(NamesOf(known),
              ElementsAre("customer_id", "rate", "joined", "lost", "mean_spend", "alive_at_end"));
  EXPECT_EQ(patron_table_rows(known.get()), 200);
  EXPECT_EQ(Numbers(shops[0], "amount"), Numbers(shops[1], "amount"));
  const std::vector<int64_t> times = Times(shops[0], "date");
  EXPECT_GT(times.size(), 200u);
  EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
}

TEST(ShopTest, RefusesOptionsOutOfRange) {
  patron_shop_options options;
  patron_shop_options_init(&options);
  Error error;
  patron_table *rows = Untouched<patron_table>();
  options.refund_rate = 1.5;
  EXPECT_EQ(patron_value_simulate_shop(&options, &rows, nullptr, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "refund_rate: 1.5; expected 0 to 1");
  EXPECT_EQ(patron_value_simulate_shop(nullptr, nullptr, nullptr, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(rows, Untouched<patron_table>());
}

// ---- Contexts ----

TEST(ContextTest, ProgressStopsLongCalls) {
  patron_shop_options wanted;
  patron_shop_options_init(&wanted);
  wanted.customers = 2000;
  patron_table *made = nullptr;
  ASSERT_EQ(patron_value_simulate_shop(&wanted, &made, nullptr, nullptr), PATRON_OK);
  const Table shop(made);
  patron_context_options with;
  patron_context_options_init(&with);
  with.progress = [](void *, uint64_t, uint64_t) -> int32_t { return 0; };
  patron_context *context = nullptr;
  ASSERT_EQ(patron_context_create(&with, &context, nullptr), PATRON_OK);
  patron_summary_options summary;
  patron_summary_options_init(&summary);
  summary.context = context;
  EXPECT_EQ(Summary(shop.get(), nullptr, &summary).status, PATRON_CANCELLED);
  patron_rfm_options rfm = RfmOptions(5);
  rfm.context = context;
  EXPECT_EQ(Rfm(shop.get(), &rfm).status, PATRON_CANCELLED);
  patron_cohorts_options cohorts;
  patron_cohorts_options_init(&cohorts);
  cohorts.context = context;
  EXPECT_EQ(Cohorts(shop.get(), &cohorts).status, PATRON_CANCELLED);
  patron_context_free(context);
}

}  // namespace
}  // namespace patron::c_api_test
