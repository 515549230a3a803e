// What the tests of the value module out of memory share.
#ifndef PATRON_TESTS_FAULTS_C_API_FIXTURE_HPP_
#define PATRON_TESTS_FAULTS_C_API_FIXTURE_HPP_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "faults/each_allocation.hpp"
#include "patron/c/patron.h"

namespace patron::faults {

inline constexpr int64_t kDay = int64_t{86'400} * 1'000'000;

// Transactions of 20 customers, with ids as integers and as text, and the measures of each
// customer.
struct Data {
  static constexpr size_t kRows = 60;
  std::vector<int64_t> customer, time, transaction, order;
  std::vector<double> amount;
  std::string characters;
  std::vector<int32_t> offsets = {0};

  std::vector<int64_t> one, score, orders;
  std::vector<double> value;

  Data() {
    for (size_t i = 0; i < kRows; ++i) {
      const auto k = static_cast<int64_t>(i);
      customer.push_back(k * 7 % 20);
      time.push_back(k * 5 % 23 * kDay);
      transaction.push_back(k + 1);
      order.push_back(k * 3 % 17);
      amount.push_back(i % 9 == 8 ? -2.5 : 10.0 + static_cast<double>(i));
      characters += "customer " + std::to_string(customer.back());
      offsets.push_back(static_cast<int32_t>(characters.size()));
    }
    for (int64_t i = 0; i < 20; ++i) {
      one.push_back(20 - i);  // Not in order.
      score.push_back(1 + i % 5);
      orders.push_back(i);
      value.push_back(static_cast<double>(i * i) - 3);
    }
  }

  std::vector<patron_column> Columns(bool text) const {
    std::vector<patron_column> columns = {
        ColumnOf("customer_id", PATRON_TYPE_INT64, customer),
        ColumnOf("date", PATRON_TYPE_TIMESTAMP_US, time),
        ColumnOf("transaction_id", PATRON_TYPE_INT64, transaction),
        ColumnOf("order_id", PATRON_TYPE_INT64, order),
        ColumnOf("amount", PATRON_TYPE_FLOAT64, amount)};
    if (text) {
      for (const size_t i : {0, 3}) {
        columns[i].type = PATRON_TYPE_TEXT;
        columns[i].data = characters.data();
        columns[i].offsets = offsets.data();
      }
    }
    return columns;
  }

  Own<patron_table> Rows(bool text = false) const {
    const std::vector<patron_column> columns = Columns(text);
    return Made<patron_table>([&](auto out) {
      return patron_table_borrow(columns.data(), columns.size(), out, nullptr);
    });
  }

  Own<patron_table> Measures() const {
    const patron_column columns[] = {ColumnOf("customer_id", PATRON_TYPE_INT64, one),
                                     ColumnOf("recency", PATRON_TYPE_INT64, orders),
                                     ColumnOf("frequency", PATRON_TYPE_INT64, orders),
                                     ColumnOf("monetary", PATRON_TYPE_FLOAT64, value),
                                     ColumnOf("recency_score", PATRON_TYPE_INT64, score),
                                     ColumnOf("frequency_score", PATRON_TYPE_INT64, score),
                                     ColumnOf("monetary_score", PATRON_TYPE_INT64, score),
                                     ColumnOf("value", PATRON_TYPE_FLOAT64, value),
                                     ColumnOf("revenue", PATRON_TYPE_FLOAT64, value)};
    return Made<patron_table>(
        [&](auto out) { return patron_table_borrow(columns, std::size(columns), out, nullptr); });
  }

  patron_column Values() const { return ColumnOf("value", PATRON_TYPE_FLOAT64, value); }
};

class AllocationTest : public ::testing::Test {
 protected:
  AllocationTest() {
    patron_context_options options;
    patron_context_options_init(&options);
    options.threads = 2;
    context_ = Made<patron_context>(
        [&](auto out) { return patron_context_create(&options, out, nullptr); });
    rows_ = data_.Rows();
    text_rows_ = data_.Rows(true);
    measures_ = data_.Measures();
    patron_transaction_columns_init(&columns_);
    columns_.order = "order_id";
    columns_.transaction = "transaction_id";
    columns_.zone = "Europe/Berlin";
    report_.struct_size = sizeof report_;
  }

  // Both kinds of ids, alone and with threads.
  void ForEachInput(const std::function<void(const patron_table *, const patron_context *)> &body) {
    body(rows_.get(), nullptr);
    body(text_rows_.get(), nullptr);
    body(text_rows_.get(), context_.get());
  }

  const Data data_;
  Own<patron_context> context_;
  Own<patron_table> rows_, text_rows_, measures_;
  patron_transaction_columns columns_;
  patron_row_report report_{};
};

template <typename Handle>
using Serialize = patron_status (*)(const Handle *, patron_bytes **, patron_error *);

inline std::string TakeText(patron_bytes *bytes) {
  const std::string text(static_cast<const char *>(patron_bytes_data(bytes)),
                         patron_bytes_size(bytes));
  patron_bytes_free(bytes);
  return text;
}

template <typename Handle>
std::string BytesOf(Serialize<Handle> serialize, const Handle *handle) {
  patron_bytes *out = nullptr;
  EXPECT_EQ(serialize(handle, &out, nullptr), PATRON_OK);
  return TakeText(out);
}

// Serialising and reading back. Protobuf loses a string object if, while it parses, the list for it
// cannot grow: a list of names costs one block a failed call, whatever its length.
template <typename Handle>
void FailBytes(const char *serialize_name, Serialize<Handle> serialize,
               const char *deserialize_name,
               patron_status (*deserialize)(const void *, size_t, Handle **, patron_error *),
               const Handle *handle, int64_t lost = 0) {
  const std::string bytes = BytesOf(serialize, handle);
  FailEach(serialize_name, [&](Armed &armed) {
    patron_bytes *out = nullptr;
    const patron_status status = armed([&] { return serialize(handle, &out, nullptr); });
    EXPECT_EQ(out != nullptr, status == PATRON_OK);
    EXPECT_EQ(TakeText(out), status == PATRON_OK ? bytes : "");
  });
  FailMaking<Handle>(
      deserialize_name,
      [&](auto out) { return deserialize(bytes.data(), bytes.size(), out, nullptr); }, lost);
}

}  // namespace patron::faults

#endif  // PATRON_TESTS_FAULTS_C_API_FIXTURE_HPP_
