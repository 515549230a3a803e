#include "arrow/transactions_reader.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "arrow/table.hpp"
#include "support/arrow_producer.hpp"

namespace patron::arrow {
namespace {

using test::Fixed;
using test::Made;
using test::Struct;
using test::Text;

class TransactionsReaderTest : public ::testing::Test {
 protected:
  void TearDown() override { EXPECT_EQ(alive_.total(), 0); }

  Table MakeTable(const std::vector<Made> &batches) {
    ArrowArrayStream stream;
    test::MakeStream({.schema = batches[0], .batches = batches}, &alive_, &stream);
    auto table = Table::ImportStream(&stream);
    EXPECT_TRUE(table.ok()) << table.status();
    return *std::move(table);
  }

  test::Alive alive_;
};

Made Orders(bool nulls) {
  Made customers = Text("who", {"ann", "bob", "cem", "dee", "eve"});
  Made times = Fixed<int32_t>("date", "tdD", {0, 1, 2, 3, 4});
  Made amounts = Fixed<double>("amount", "g", {1.5, -2, 3, 4, 5});
  Made orders = Fixed<int64_t>("order_id", "l", {10, 20, 30, 40, 50});
  if (nulls) {
    customers = test::Nulls(customers, "11011");
    amounts = test::Nulls(amounts, "01111");
    orders = test::Nulls(orders, "11110");
  }
  return Struct({customers, times, amounts, orders});
}

TEST_F(TransactionsReaderTest, RowsAreReadInPieces) {
  const auto source =
      TableTransactions::Open(MakeTable({Orders(false), Orders(false)}),
                              {.customer = "who", .order = "order_id", .decimals = 2});
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_EQ(source->rows(), 10u);
  EXPECT_TRUE(source->text_customers());
  EXPECT_TRUE(source->has_orders());
  EXPECT_FALSE(source->text_orders());
  value::TransactionScratch scratch;
  value::TransactionBatch batch;
  ASSERT_TRUE(source->Read(3, 7, scratch, batch).ok());  // Across the two batches.
  ASSERT_EQ(batch.size(), 4u);
  EXPECT_EQ(batch.customer.text()[0], "dee");
  EXPECT_EQ(batch.customer.text()[3], "bob");
  EXPECT_EQ(batch.time[0], 3 * 86'400'000'000);
  EXPECT_EQ(batch.amount[3], -200);
  EXPECT_EQ(batch.order.integers()[1], 50);
  ASSERT_TRUE(source->Read(10, 10, scratch, batch).ok());
  EXPECT_EQ(batch.size(), 0u);
  EXPECT_TRUE(batch.customer.is_text());
}

TEST_F(TransactionsReaderTest, WithoutAnOrderColumnThereAreNoOrders) {
  const auto source = TableTransactions::Open(MakeTable({Orders(false)}), {.customer = "who"});
  ASSERT_TRUE(source.ok());
  EXPECT_FALSE(source->has_orders());
  EXPECT_FALSE(source->text_orders());
  value::TransactionScratch scratch;
  value::TransactionBatch batch;
  ASSERT_TRUE(source->Read(0, 5, scratch, batch).ok());
  EXPECT_TRUE(batch.order.empty());
  EXPECT_EQ(batch.amount[0], 15'000);
}

TEST_F(TransactionsReaderTest, RowsWithANullAreLeftOutWhereAsked) {
  const Table table = MakeTable({Orders(true), Orders(false)});
  const auto source = TableTransactions::Open(
      table, {.customer = "who", .order = "order_id", .nulls = Nulls::kMask});
  ASSERT_TRUE(source.ok());
  value::TransactionScratch scratch;
  value::TransactionBatch batch;
  ASSERT_TRUE(source->Read(0, 6, scratch, batch).ok());
  ASSERT_EQ(batch.size(), 3u);  // Rows 1, 3 and the first of the second batch.
  EXPECT_EQ(batch.customer.text()[0], "bob");
  EXPECT_EQ(batch.customer.text()[2], "ann");
  EXPECT_EQ(batch.time[1], 3 * 86'400'000'000);
  EXPECT_EQ(batch.amount[1], 40'000);
  EXPECT_EQ(batch.order.integers()[1], 40);
  // A piece without nulls, and one of nothing else.
  ASSERT_TRUE(source->Read(5, 10, scratch, batch).ok());
  EXPECT_EQ(batch.size(), 5u);
  ASSERT_TRUE(source->Read(2, 3, scratch, batch).ok());
  EXPECT_EQ(batch.size(), 0u);

  const auto strict = TableTransactions::Open(table, {.customer = "who"});
  EXPECT_EQ(strict->Read(0, 6, scratch, batch).message(), "who: row 2 is null; expected an id");
}

TEST_F(TransactionsReaderTest, MissingAndMistypedColumnsAreNamed) {
  const Table table = MakeTable({Orders(false)});
  EXPECT_EQ(TableTransactions::Open(table, {}).status().message(),
            "column 'customer_id' is missing; the table has who, date, amount, order_id");
  EXPECT_EQ(
      TableTransactions::Open(table, {.customer = "who", .time = "amount"}).status().message(),
      "column 'amount' is float64; expected dates or timestamps");
  EXPECT_EQ(TableTransactions::Open(table, {.customer = "who", .amount = "who"}).status().message(),
            "column 'who' is utf8; expected numbers");
  EXPECT_EQ(TableTransactions::Open(table, {.customer = "who", .order = "date"}).status().message(),
            "column 'date' is date32; expected integers or text");
  EXPECT_EQ(TableTransactions::Open(table, {.customer = "who", .decimals = -1}).status().message(),
            "decimals: -1; expected 0 to 9");
}

}  // namespace
}  // namespace patron::arrow
