// The ledger: appending, correcting and reversing facts, what it shows, and its bytes.
#include <cstdint>
#include <memory>
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
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct FreeLedger {
  void operator()(patron_ledger *ledger) const { patron_ledger_free(ledger); }
};
using Ledger = std::unique_ptr<patron_ledger, FreeLedger>;

Ledger NewLedger(int32_t decimals = 2) {
  patron_ledger_options options;
  patron_ledger_options_init(&options);
  options.decimals = decimals;
  Error error;
  patron_ledger *out = nullptr;
  EXPECT_EQ(patron_ledger_create(&options, &out, error.get()), PATRON_OK) << error.message();
  return Ledger(out);
}

using Change = patron_status (*)(patron_ledger *, const patron_table *,
                                 const patron_transaction_columns *,
                                 const patron_ledger_append_options *, patron_ledger_report *,
                                 patron_error *);

struct Changed {
  patron_ledger_report report{};
  Error error;
  patron_status status;

  Changed(Change change, const Ledger &ledger, const patron_table *table,
          const patron_ledger_append_options *options = nullptr,
          const patron_transaction_columns *columns = nullptr) {
    report.struct_size = sizeof report;
    status = change(ledger.get(), table, columns, options, &report, error.get());
    EXPECT_EQ(status == PATRON_OK, error.message().empty()) << error.message();
    if (status != PATRON_OK) {
      EXPECT_EQ(report.rows, 0u);
    }
  }
};

// Transactions 1 to 4: customer 7 buys 10 and 20, customer 8 buys 5 and has a refund of 1.
class Sales : public TableOf {
 public:
  Sales() {
    Integers("transaction_id", std::vector<int64_t>{1, 2, 3, 4});
    Integers("customer_id", std::vector<int64_t>{7, 7, 8, 8});
    Times("date", std::vector<int64_t>{0, 2 * kDay, kDay, 3 * kDay});
    Numbers("amount", std::vector<double>{10, 20, 5, -1});
  }
};

Ledger WithSales() {
  Ledger ledger = NewLedger();
  Sales sales;
  const Changed changed(patron_ledger_append, ledger, sales.get());
  EXPECT_EQ(changed.status, PATRON_OK) << changed.error.message();
  return ledger;
}

Table CustomersOf(const Ledger &ledger, int64_t as_of = PATRON_NO_TIME,
                  int32_t money = PATRON_MONEY_FLOAT64) {
  Error error;
  patron_table *out = nullptr;
  EXPECT_EQ(patron_ledger_customers(ledger.get(), as_of, money, &out, error.get()), PATRON_OK)
      << error.message();
  return Table(out);
}

Table TransactionsOf(const Ledger &ledger, int64_t as_of = PATRON_NO_TIME) {
  Error error;
  patron_table *out = nullptr;
  EXPECT_EQ(patron_ledger_transactions(ledger.get(), as_of, PATRON_MONEY_UNITS, &out, error.get()),
            PATRON_OK)
      << error.message();
  return Table(out);
}

std::string Bytes(const Ledger &ledger) { return BytesOf(patron_ledger_serialize, ledger.get()); }

patron_ledger_append_options AppendOptions() {
  patron_ledger_append_options options;
  patron_ledger_append_options_init(&options);
  return options;
}

// For reversals whose rows say no customer.
patron_transaction_columns WithoutCustomer() {
  patron_transaction_columns columns;
  patron_transaction_columns_init(&columns);
  columns.customer = nullptr;
  return columns;
}

TEST(LedgerTest, KnowsTheStateOfEveryCustomer) {
  const Ledger ledger = WithSales();
  const Table customers = CustomersOf(ledger);
  EXPECT_THAT(NamesOf(customers),
              ElementsAre("customer_id", "orders", "gross", "refunds", "net", "first", "last"));
  EXPECT_THAT(Integers(customers, "customer_id"), ElementsAre(7, 8));
  EXPECT_THAT(Integers(customers, "orders"), ElementsAre(2, 1));
  EXPECT_THAT(Numbers(customers, "gross"), ElementsAre(30, 5));
  EXPECT_THAT(Numbers(customers, "refunds"), ElementsAre(0, -1));
  EXPECT_THAT(Numbers(customers, "net"), ElementsAre(30, 4));
  EXPECT_THAT(Times(customers, "first"), ElementsAre(0, kDay));
  EXPECT_THAT(Times(customers, "last"), ElementsAre(2 * kDay, kDay));
  EXPECT_THAT(Integers(CustomersOf(ledger, kDay, PATRON_MONEY_UNITS), "net"),
              ElementsAre(1000, 500));
  EXPECT_THAT(Integers(CustomersOf(ledger, 0), "customer_id"), ElementsAre(7));

  patron_ledger_size size{};
  size.struct_size = sizeof size;
  ASSERT_EQ(patron_ledger_get_size(ledger.get(), &size, nullptr), PATRON_OK);
  EXPECT_EQ(size.customers, 2u);
  EXPECT_EQ(size.transactions, 4u);
  EXPECT_EQ(size.reversals, 0u);
  EXPECT_EQ(size.held, 0u);
  EXPECT_GT(size.memory_bytes, 0u);
}

TEST(LedgerTest, KnownRowsAreDuplicatesAndOtherContentIsAConflict) {
  const Ledger ledger = WithSales();
  const std::string before = Bytes(ledger);
  Sales sales;
  const Changed again(patron_ledger_append, ledger, sales.get());
  EXPECT_EQ(again.report.rows, 4u);
  EXPECT_EQ(again.report.duplicates, 4u);
  EXPECT_EQ(again.report.applied, 0u);

  TableOf other;
  other.Integers("transaction_id", std::vector<int64_t>{5, 2})
      .Integers("customer_id", std::vector<int64_t>{9, 7})
      .Times("date", std::vector<int64_t>{0, 2 * kDay})
      .Numbers("amount", std::vector<double>{1, 21});
  const Changed refused(patron_ledger_append, ledger, other.get());
  EXPECT_EQ(refused.status, PATRON_ALREADY_EXISTS);
  EXPECT_THAT(refused.error.message(), StartsWith("transaction_id: row 1 is 2"));
  EXPECT_EQ(Bytes(ledger), before);

  patron_ledger_append_options options = AppendOptions();
  options.conflicts = PATRON_CONFLICT_REPORT;
  const Changed reported(patron_ledger_append, ledger, other.get(), &options);
  ASSERT_EQ(reported.status, PATRON_OK) << reported.error.message();
  EXPECT_EQ(reported.report.applied, 1u);
  EXPECT_EQ(reported.report.conflicts, 1u);
  EXPECT_EQ(reported.report.new_customers, 1u);
}

TEST(LedgerTest, CorrectionsReplaceContent) {
  const Ledger ledger = WithSales();
  TableOf correction;
  correction.Integers("transaction_id", std::vector<int64_t>{2})
      .Integers("customer_id", std::vector<int64_t>{8})
      .Times("date", std::vector<int64_t>{2 * kDay})
      .Numbers("amount", std::vector<double>{25});
  const Changed changed(patron_ledger_correct, ledger, correction.get());
  ASSERT_EQ(changed.status, PATRON_OK) << changed.error.message();
  EXPECT_EQ(changed.report.touched_customers, 2u);
  EXPECT_THAT(Numbers(CustomersOf(ledger), "net"), ElementsAre(10, 29));

  TableOf unknown;
  unknown.Integers("transaction_id", std::vector<int64_t>{99})
      .Integers("customer_id", std::vector<int64_t>{8})
      .Times("date", std::vector<int64_t>{0})
      .Numbers("amount", std::vector<double>{25});
  const Changed refused(patron_ledger_correct, ledger, unknown.get());
  EXPECT_EQ(refused.status, PATRON_NOT_FOUND);
  EXPECT_THAT(refused.error.message(), StartsWith("transaction_id: row 0 is 99"));
}

TEST(LedgerTest, ReversalsTakeBackInPartInWholeOrAlone) {
  const Ledger ledger = WithSales();
  TableOf reversals;
  reversals.Integers("transaction_id", std::vector<int64_t>{11, 12, 13})
      .Times("date", std::vector<int64_t>{4 * kDay, 5 * kDay, 6 * kDay})
      .Integers("reverses", std::vector<std::optional<int64_t>>{1, 2, std::nullopt})
      .Numbers("amount", std::vector<std::optional<double>>{4, std::nullopt, 3})
      .Integers("customer_id", std::vector<std::optional<int64_t>>{std::nullopt, std::nullopt, 9});
  const Changed changed(patron_ledger_reverse, ledger, reversals.get());
  ASSERT_EQ(changed.status, PATRON_OK) << changed.error.message();
  EXPECT_EQ(changed.report.applied, 3u);
  const Table customers = CustomersOf(ledger);
  EXPECT_THAT(Integers(customers, "customer_id"), ElementsAre(7, 8, 9));
  EXPECT_THAT(Numbers(customers, "net"), ElementsAre(6, 4, -3));
  EXPECT_THAT(Optional<int64_t>(customers.get(), "first", PATRON_TYPE_TIMESTAMP_US),
              ElementsAre(0, kDay, std::nullopt));

  const Table facts = TransactionsOf(ledger);
  EXPECT_THAT(Integers(facts, "transaction_id"), ElementsAre(1, 2, 3, 4, 11, 12, 13));
  EXPECT_THAT(Integers(facts, "amount"), ElementsAre(1000, 2000, 500, -100, -400, -2000, -300));
  EXPECT_THAT(
      Optional<int64_t>(facts.get(), "reverses", PATRON_TYPE_INT64),
      ElementsAre(std::nullopt, std::nullopt, std::nullopt, std::nullopt, 1, 2, std::nullopt));
  EXPECT_THAT(Integers(TransactionsOf(ledger, kDay), "transaction_id"), ElementsAre(1, 3));

  TableOf more;
  more.Integers("transaction_id", std::vector<int64_t>{14})
      .Times("date", std::vector<int64_t>{7 * kDay})
      .Integers("taken_back", std::vector<int64_t>{1})
      .Numbers("amount", std::vector<double>{7});
  patron_ledger_append_options options = AppendOptions();
  options.reverses = "taken_back";
  const patron_transaction_columns columns = WithoutCustomer();
  const Changed refused(patron_ledger_reverse, ledger, more.get(), &options, &columns);
  EXPECT_EQ(refused.status, PATRON_INVALID_ARGUMENT);
  EXPECT_THAT(refused.error.message(), StartsWith("amount: row 0 is "));
}

TEST(LedgerTest, AColumnOfReversalsThatIsNamedMustBeThere) {
  const Ledger ledger = WithSales();
  const std::string before = Bytes(ledger);
  TableOf reversal;
  reversal.Integers("transaction_id", std::vector<int64_t>{11})
      .Times("date", std::vector<int64_t>{4 * kDay})
      .Integers("reverses", std::vector<int64_t>{1});
  patron_transaction_columns columns;
  patron_transaction_columns_init(&columns);
  columns.customer = nullptr;
  const Changed no_amount(patron_ledger_reverse, ledger, reversal.get(), nullptr, &columns);
  EXPECT_EQ(no_amount.status, PATRON_INVALID_ARGUMENT);
  EXPECT_THAT(no_amount.error.message(), StartsWith("column 'amount' is missing"));
  patron_transaction_columns_init(&columns);
  columns.amount = nullptr;
  const Changed no_customer(patron_ledger_reverse, ledger, reversal.get(), nullptr, &columns);
  EXPECT_EQ(no_customer.status, PATRON_INVALID_ARGUMENT);
  EXPECT_THAT(no_customer.error.message(), StartsWith("column 'customer_id' is missing"));
  EXPECT_EQ(Bytes(ledger), before);
  // Without a name a row takes all that is left. Other calls need both names.
  columns.customer = nullptr;
  const Changed all(patron_ledger_reverse, ledger, reversal.get(), nullptr, &columns);
  ASSERT_EQ(all.status, PATRON_OK) << all.error.message();
  EXPECT_THAT(Numbers(CustomersOf(ledger), "net"), ElementsAre(20, 4));
  Sales sales;
  EXPECT_EQ(Changed(patron_ledger_append, ledger, sales.get(), nullptr, &columns).error.message(),
            "customer: NULL; expected a name");
}

TEST(LedgerTest, TransactionsWithOrdersAreRowsForSummaries) {
  const Ledger ledger = NewLedger();
  TableOf sales;
  sales.Integers("transaction_id", std::vector<int64_t>{1, 2})
      .Texts("customer_id", {"a", "b"})
      .Times("date", std::vector<int64_t>{0, kDay})
      .Numbers("amount", std::vector<double>{10, 20})
      .Texts("order_id", {"x", "y"});
  patron_transaction_columns columns;
  patron_transaction_columns_init(&columns);
  columns.order = "order_id";
  ASSERT_EQ(Changed(patron_ledger_append, ledger, sales.get(), nullptr, &columns).status,
            PATRON_OK);
  // A refund that stands alone needs an order; with one, the rows go into a summary.
  TableOf refunds;
  refunds.Integers("transaction_id", std::vector<int64_t>{3, 4})
      .Texts("customer_id", {"a", "b"})
      .Times("date", std::vector<int64_t>{2 * kDay, 2 * kDay})
      .Integers("reverses", std::vector<std::optional<int64_t>>{1, std::nullopt})
      .Numbers("amount", std::vector<double>{4, 5})
      .OptionalTexts("order_id", {std::nullopt, std::nullopt});
  const Changed refused(patron_ledger_reverse, ledger, refunds.get(), nullptr, &columns);
  EXPECT_EQ(refused.status, PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(refused.error.message(),
            "order_id: row 1 is null; expected an order, as the row stands alone and transactions "
            "before have orders");
  TableOf ordered;
  ordered.Integers("transaction_id", std::vector<int64_t>{3, 4})
      .Texts("customer_id", {"a", "b"})
      .Times("date", std::vector<int64_t>{2 * kDay, 2 * kDay})
      .Integers("reverses", std::vector<std::optional<int64_t>>{1, std::nullopt})
      .Numbers("amount", std::vector<double>{4, 5})
      .OptionalTexts("order_id", {std::nullopt, "y"});
  ASSERT_EQ(Changed(patron_ledger_reverse, ledger, ordered.get(), nullptr, &columns).status,
            PATRON_OK);
  const Table rows = TransactionsOf(ledger);
  EXPECT_THAT(Texts(rows, "order_id"), ElementsAre("x", "y", "x", "y"));
  patron_summary_options options;
  patron_summary_options_init(&options);
  options.merge = PATRON_MERGE_ORDER;
  columns.decimals = columns.amount_decimals = 2;
  patron_table *out = nullptr;
  Error error;
  ASSERT_EQ(patron_value_summarize(rows.get(), &columns, &options, &out, nullptr, error.get()),
            PATRON_OK)
      << error.message();
  EXPECT_THAT(Numbers(Table(out), "net"), ElementsAre(6, 15));
}

TEST(LedgerTest, AColumnMayBeCalledWhatAKernelCallsAnother) {
  const Ledger ledger = NewLedger();
  TableOf sales;
  sales.Integers("target", std::vector<int64_t>{1, 1})
      .Integers("amount", std::vector<int64_t>{7, 7})
      .Times("date", std::vector<int64_t>{0, kDay})
      .Numbers("customer", std::vector<double>{10, 20});
  patron_transaction_columns columns;
  patron_transaction_columns_init(&columns);
  columns.transaction = "target";
  columns.customer = "amount";
  columns.amount = "customer";
  const Changed refused(patron_ledger_append, ledger, sales.get(), nullptr, &columns);
  EXPECT_EQ(refused.status, PATRON_ALREADY_EXISTS);
  EXPECT_THAT(refused.error.message(), StartsWith("target: row 1 is 1"));
}

TEST(LedgerTest, ReversalsMayWaitForTheirTransaction) {
  const Ledger ledger = NewLedger();
  TableOf reversal;
  reversal.Texts("transaction_id", {"r"})
      .Times("date", std::vector<int64_t>{kDay})
      .Texts("reverses", {"s"});
  patron_transaction_columns columns = WithoutCustomer();
  columns.amount = nullptr;
  const Changed refused(patron_ledger_reverse, ledger, reversal.get(), nullptr, &columns);
  EXPECT_EQ(refused.status, PATRON_NOT_FOUND);
  EXPECT_THAT(refused.error.message(), StartsWith("reverses: row 0 is 's'"));
  patron_ledger_append_options options = AppendOptions();
  options.unknown = PATRON_UNKNOWN_HOLD;
  const Changed held(patron_ledger_reverse, ledger, reversal.get(), &options, &columns);
  ASSERT_EQ(held.status, PATRON_OK) << held.error.message();
  EXPECT_EQ(held.report.held, 1u);
  patron_ledger *copy = nullptr;
  const std::string bytes = Bytes(ledger);
  ASSERT_EQ(patron_ledger_deserialize(bytes.data(), bytes.size(), &copy, nullptr), PATRON_OK);
  const Ledger later(copy);
  TableOf sale;
  sale.Texts("transaction_id", {"s"})
      .Texts("customer_id", {"x"})
      .Times("date", std::vector<int64_t>{0})
      .Numbers("amount", std::vector<double>{8});
  for (const Ledger *one : {&ledger, &later}) {
    EXPECT_EQ(Changed(patron_ledger_append, *one, sale.get()).status, PATRON_OK);
    EXPECT_THAT(Numbers(CustomersOf(*one), "net"), ElementsAre(0));
  }
  EXPECT_EQ(Bytes(ledger), Bytes(later));
}

TEST(LedgerTest, RowsWithANullAreAnErrorOrLeftOutAndNumbered) {
  const Ledger ledger = NewLedger();
  TableOf sales;
  sales.Integers("id", std::vector<std::optional<int64_t>>{1, std::nullopt, 3, 4})
      .Integers("customer_id", std::vector<std::optional<int64_t>>{7, 7, std::nullopt, 8})
      .Times("date", std::vector<int64_t>{0, 0, 0, 0})
      .Numbers("amount", std::vector<double>{1, 2, 3, 4});
  patron_transaction_columns columns;
  patron_transaction_columns_init(&columns);
  columns.transaction = "id";
  const Changed refused(patron_ledger_append, ledger, sales.get(), nullptr, &columns);
  EXPECT_EQ(refused.status, PATRON_INVALID_ARGUMENT);
  EXPECT_THAT(refused.error.message(), StartsWith("id: row 1 is null"));
  columns.nulls = PATRON_NULLS_SKIP;
  const Changed skipped(patron_ledger_append, ledger, sales.get(), nullptr, &columns);
  ASSERT_EQ(skipped.status, PATRON_OK) << skipped.error.message();
  EXPECT_EQ(skipped.report.rows, 4u);
  EXPECT_EQ(skipped.report.applied, 2u);
  EXPECT_EQ(skipped.report.skipped_null, 2u);
  // Row 3 of the table is the second that is left.
  TableOf conflict;
  conflict.Integers("id", std::vector<std::optional<int64_t>>{std::nullopt, 9, std::nullopt, 4})
      .Integers("customer_id", std::vector<int64_t>{7, 7, 7, 8})
      .Times("date", std::vector<int64_t>{0, 0, 0, 0})
      .Numbers("amount", std::vector<double>{1, 2, 3, 5});
  EXPECT_THAT(
      Changed(patron_ledger_append, ledger, conflict.get(), nullptr, &columns).error.message(),
      StartsWith("id: row 3 is 4"));
}

TEST(LedgerTest, RfmIsThatOfItsTransactions) {
  const Ledger ledger = WithSales();
  patron_rfm_options options;
  patron_rfm_options_init(&options);
  options.bins[0] = options.bins[1] = options.bins[2] = 2;
  patron_table *scores = nullptr, *bins = nullptr, *facts = nullptr;
  Error error;
  const auto compare = [&] {
    ASSERT_EQ(patron_ledger_rfm(ledger.get(), &options, 0, &scores, &bins, error.get()), PATRON_OK)
        << error.message();
    const Table fast(scores), fast_bins(bins);
    ASSERT_EQ(patron_ledger_transactions(ledger.get(), PATRON_NO_TIME, PATRON_MONEY_FLOAT64, &facts,
                                         error.get()),
              PATRON_OK);
    const Table rows(facts);
    patron_transaction_columns columns;
    patron_transaction_columns_init(&columns);
    columns.decimals = 2;
    ASSERT_EQ(
        patron_value_rfm(rows.get(), &columns, &options, &scores, &bins, nullptr, error.get()),
        PATRON_OK);
    const Table slow(scores), slow_bins(bins);
    for (const char *name : {"customer_id", "recency", "frequency"}) {
      EXPECT_EQ(Integers(fast, name), Integers(slow, name)) << name;
    }
    EXPECT_EQ(Numbers(fast, "monetary"), Numbers(slow, "monetary"));
    EXPECT_EQ(Integers32(fast, "rfm"), Integers32(slow, "rfm"));
    EXPECT_EQ(Numbers(fast, "weighted_score"), Numbers(slow, "weighted_score"));
    for (const char *name : {"lower", "upper"})
      EXPECT_EQ(Numbers(fast_bins, name), Numbers(slow_bins, name));
    EXPECT_EQ(Integers(fast_bins, "straddling"), Integers(slow_bins, "straddling"));
  };
  compare();
  options.monetary = PATRON_MONETARY_MEAN;
  options.frequency = PATRON_FREQUENCY_DAYS;
  compare();
}

TEST(LedgerTest, TouchedCustomersAreToldOnce) {
  const Ledger ledger = WithSales();
  patron_rfm_options options;
  patron_rfm_options_init(&options);
  const auto touched = [&]() -> std::vector<int64_t> {
    patron_table *scores = nullptr;
    EXPECT_EQ(patron_ledger_rfm(ledger.get(), &options, 1, &scores, nullptr, nullptr), PATRON_OK);
    return Integers(Table(scores), "customer_id");
  };
  EXPECT_THAT(touched(), ElementsAre(7, 8));
  EXPECT_THAT(touched(), ElementsAre());
  TableOf sale;
  sale.Integers("transaction_id", std::vector<int64_t>{5})
      .Integers("customer_id", std::vector<int64_t>{8})
      .Times("date", std::vector<int64_t>{kDay})
      .Numbers("amount", std::vector<double>{1});
  EXPECT_EQ(Changed(patron_ledger_append, ledger, sale.get()).status, PATRON_OK);
  EXPECT_THAT(touched(), ElementsAre(8));
}

TEST(LedgerTest, BytesDoNotTellHowFactsCame) {
  const Ledger whole = WithSales();
  const Ledger pieces = NewLedger();
  for (const int64_t id : {3, 1, 4, 2}) {
    TableOf sale;
    const std::vector<int64_t> customers = {7, 7, 8, 8}, times = {0, 2 * kDay, kDay, 3 * kDay};
    const std::vector<double> amounts = {10, 20, 5, -1};
    const auto i = static_cast<size_t>(id - 1);
    sale.Integers("transaction_id", std::vector<int64_t>{id})
        .Integers("customer_id", std::vector<int64_t>{customers[i]})
        .Times("date", std::vector<int64_t>{times[i]})
        .Numbers("amount", std::vector<double>{amounts[i]});
    ASSERT_EQ(Changed(patron_ledger_append, pieces, sale.get()).status, PATRON_OK);
  }
  const std::string bytes = Bytes(whole);
  EXPECT_EQ(Bytes(pieces), bytes);
  patron_ledger *read = nullptr;
  ASSERT_EQ(patron_ledger_deserialize(bytes.data(), bytes.size(), &read, nullptr), PATRON_OK);
  const Ledger again(read);
  EXPECT_EQ(Bytes(again), bytes);
  EXPECT_THAT(Numbers(CustomersOf(again), "net"), ElementsAre(30, 4));
  EXPECT_NE(Bytes(NewLedger(3)), Bytes(NewLedger(2)));
}

TEST(LedgerTest, OnlyCanonicalBytesLoad) {
  const Ledger ledger = NewLedger();
  TableOf sales, returns;
  sales.Texts("transaction_id", {"s", "t"})
      .Texts("customer_id", {"ä", "b"})
      .Texts("order", {"o", "o"})
      .Times("date", std::vector<int64_t>{0, kDay})
      .Numbers("amount", std::vector<double>{10, 20});
  returns.Texts("transaction_id", {"r", "u"})
      .Texts("reverses", {"s", "unknown"})
      .Times("date", std::vector<int64_t>{kDay, kDay});
  patron_transaction_columns columns;
  patron_transaction_columns_init(&columns);
  columns.order = "order";
  ASSERT_EQ(Changed(patron_ledger_append, ledger, sales.get(), nullptr, &columns).status,
            PATRON_OK);
  patron_ledger_append_options options = AppendOptions();
  options.unknown = PATRON_UNKNOWN_HOLD;
  columns = WithoutCustomer();
  columns.amount = nullptr;
  ASSERT_EQ(Changed(patron_ledger_reverse, ledger, returns.get(), &options, &columns).status,
            PATRON_OK);
  ExpectOnlyTheseBytesLoad(patron_ledger_deserialize, Bytes(ledger));
  ExpectOnlyTheseBytesLoad(patron_ledger_deserialize, Bytes(NewLedger()));
}

TEST(LedgerTest, RefusesTablesItCannotRead) {
  const Ledger ledger = WithSales();
  const std::string before = Bytes(ledger);
  for (const Change change : {patron_ledger_append, patron_ledger_correct, patron_ledger_reverse}) {
    Sales sales;
    TableOf without;
    without.Integers("customer_id", std::vector<int64_t>{1});
    EXPECT_THAT(Changed(change, ledger, without.get()).error.message(),
                HasSubstr("'transaction_id' is missing"));
    EXPECT_EQ(Changed(change, ledger, nullptr).error.message(), "table: NULL; expected a pointer");
    EXPECT_EQ(Changed(change, Ledger(), sales.get()).error.message(),
              "ledger: NULL; expected a pointer");
    patron_ledger_append_options options = AppendOptions();
    options.conflicts = 2;
    EXPECT_EQ(Changed(change, ledger, sales.get(), &options).error.message(),
              "conflicts: 2; expected 0 to 1");
    options = AppendOptions();
    options.unknown = -1;
    EXPECT_EQ(Changed(change, ledger, sales.get(), &options).error.message(),
              "unknown: -1; expected 0 to 1");
    options = AppendOptions();
    options.reserved = 1;
    EXPECT_EQ(Changed(change, ledger, sales.get(), &options).error.message(),
              "reserved: 1; expected 0");
    options = AppendOptions();
    options.reverses = nullptr;
    EXPECT_EQ(Changed(change, ledger, sales.get(), &options).error.message(),
              "reverses: NULL; expected a name");
    TableOf text;
    text.Texts("transaction_id", {"x"})
        .Integers("customer_id", std::vector<int64_t>{7})
        .Times("date", std::vector<int64_t>{0})
        .Numbers("amount", std::vector<double>{1})
        .Integers("reverses", std::vector<int64_t>{1});
    EXPECT_EQ(Changed(change, ledger, text.get()).status, PATRON_INVALID_ARGUMENT);
  }
  EXPECT_EQ(Bytes(ledger), before);
}

TEST(LedgerTest, RefusesBadArguments) {
  Error error;
  patron_ledger *out = Untouched<patron_ledger>();
  patron_ledger_options options;
  patron_ledger_options_init(&options);
  options.decimals = 10;
  EXPECT_EQ(patron_ledger_create(&options, &out, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "decimals: 10; expected 0 to 9");
  patron_ledger_options_init(&options);
  options.zone = "Moon/Crater";
  EXPECT_EQ(patron_ledger_create(&options, &out, error.get()), PATRON_INVALID_ARGUMENT);
  options.zone = nullptr;
  EXPECT_EQ(patron_ledger_create(&options, &out, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_ledger_create(nullptr, nullptr, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(out, Untouched<patron_ledger>());

  const Ledger ledger = WithSales();
  patron_table *table = Untouched<patron_table>();
  EXPECT_EQ(patron_ledger_customers(ledger.get(), 0, 2, &table, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "money: 2; expected 0 to 1");
  EXPECT_EQ(patron_ledger_customers(nullptr, 0, 0, &table, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_ledger_customers(ledger.get(), 0, 0, nullptr, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_ledger_transactions(ledger.get(), 0, -1, &table, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_ledger_transactions(nullptr, 0, 0, &table, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_ledger_transactions(ledger.get(), 0, 0, nullptr, error.get()),
            PATRON_INVALID_ARGUMENT);
  patron_rfm_options rfm;
  patron_rfm_options_init(&rfm);
  rfm.method = 9;
  EXPECT_EQ(patron_ledger_rfm(ledger.get(), &rfm, 0, &table, nullptr, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "method: 9; expected 0 to 7");
  EXPECT_EQ(patron_ledger_rfm(nullptr, nullptr, 0, &table, nullptr, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_ledger_rfm(ledger.get(), nullptr, 0, nullptr, nullptr, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(table, Untouched<patron_table>());
  patron_ledger_size size{};
  EXPECT_EQ(patron_ledger_get_size(ledger.get(), &size, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_ledger_get_size(ledger.get(), nullptr, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_ledger_get_size(nullptr, &size, error.get()), PATRON_INVALID_ARGUMENT);
  patron_ledger_free(nullptr);
}

TEST(LedgerTest, AnEmptyLedgerIsEmpty) {
  const Ledger ledger = NewLedger();
  EXPECT_EQ(patron_table_rows(CustomersOf(ledger).get()), 0);
  EXPECT_EQ(patron_table_rows(TransactionsOf(ledger).get()), 0);
  TableOf nothing;
  nothing.Integers("transaction_id", std::vector<int64_t>{})
      .Integers("customer_id", std::vector<int64_t>{})
      .Times("date", std::vector<int64_t>{})
      .Numbers("amount", std::vector<double>{});
  EXPECT_EQ(Changed(patron_ledger_append, ledger, nothing.get()).status, PATRON_OK);
  EXPECT_EQ(Bytes(ledger), Bytes(NewLedger()));
}

}  // namespace
}  // namespace patron::c_api_test
