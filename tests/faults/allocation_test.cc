// Out of memory: each exported function, with allocation 0, 1, 2, ... failing, alone or with all
// after it. It must end with a status, leak nothing, leave its outputs alone and its handles usable.
#include "faults/failing_allocator.hpp"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "patron/c/patron.h"

namespace patron::faults {
namespace {

constexpr int64_t kDay = int64_t{86'400} * 1'000'000;

// Functions that have been tried, over all tests of the program.
std::set<std::string> &Tried() {
  static auto *tried = new std::set<std::string>;
  return *tried;
}

// Calls the function under test while an allocation may fail.
class Armed {
 public:
  Armed(int64_t n, bool on) : n_(n), on_(on) {}

  template <typename Call>
  patron_status operator()(Call call) {
    const FailAllocation fail(n_, on_);
    status_ = call();
    return status_;
  }
  patron_status status() const { return status_; }

 private:
  int64_t n_;
  bool on_;
  patron_status status_ = PATRON_OK;
};

// Runs `body` once for each n until nothing fails any more. `body` makes what it needs, calls the
// function through the Armed it is given, checks, and frees everything. At most `lost` blocks may
// be left by a call that fails.
void FailEach(const char *function, const std::function<void(Armed &)> &body, int64_t lost = 0) {
  SCOPED_TRACE(function);
  Tried().insert(function);
  for (const bool on : {false, true}) {
    Armed warm(-1, false);
    body(warm);  // What is made once and kept, such as buffers of the test program, is made here.
    ASSERT_EQ(warm.status(), PATRON_OK);
    for (int64_t n = 0;; ++n) {
      ASSERT_LT(n, 200'000) << "no end";
      const int64_t before = live;
      Armed armed(n, on);
      body(armed);
      ASSERT_GE(live - before, 0);
      ASSERT_LE(live - before, armed.status() == PATRON_OK ? 0 : lost)
          << "blocks left after allocation " << n << " failed";
      if (!failed) {
        ASSERT_EQ(armed.status(), PATRON_OK);
        ASSERT_GT(n, 0) << "allocates nothing";
        break;
      }
      // A function may do without the memory that it did not get.
      if (armed.status() != PATRON_OK) {
        ASSERT_EQ(armed.status(), PATRON_RESOURCE_EXHAUSTED) << "allocation " << n;
      }
      if (::testing::Test::HasFailure()) return;
    }
  }
}

struct FreeAny {
  void operator()(patron_table *p) const { patron_table_free(p); }
  void operator()(patron_ledger *p) const { patron_ledger_free(p); }
  void operator()(patron_state *p) const { patron_state_free(p); }
  void operator()(patron_segments *p) const { patron_segments_free(p); }
  void operator()(patron_policy *p) const { patron_policy_free(p); }
  void operator()(patron_bytes *p) const { patron_bytes_free(p); }
  void operator()(patron_pyramid *p) const { patron_pyramid_free(p); }
  void operator()(patron_context *p) const { patron_context_free(p); }
  void operator()(patron_defaults *p) const { patron_defaults_free(p); }
};
template <typename T>
using Own = std::unique_ptr<T, FreeAny>;

// Fails for a function of the form call(T **out): out is set if, and only if, it succeeds.
template <typename T>
void FailMaking(const char *function, const std::function<patron_status(T **)> &call,
                int64_t lost = 0) {
  FailEach(
      function,
      [&](Armed &armed) {
        T *out = nullptr;
        const patron_status status = armed([&] { return call(&out); });
        EXPECT_EQ(status == PATRON_OK, out != nullptr);
        Own<T>{out};
      },
      lost);
}

// The same with two outputs.
template <typename T>
void FailMakingTwo(const char *function, const std::function<patron_status(T **, T **)> &call) {
  FailEach(function, [&](Armed &armed) {
    T *first = nullptr, *second = nullptr;
    const patron_status status = armed([&] { return call(&first, &second); });
    EXPECT_EQ(status == PATRON_OK, first != nullptr);
    EXPECT_EQ(first == nullptr, second == nullptr);
    Own<T>{first};
    Own<T>{second};
  });
}

template <typename T>
T *Made(const std::function<patron_status(T **)> &call) {
  T *out = nullptr;
  const patron_status status = call(&out);
  if (status != PATRON_OK) ADD_FAILURE() << "status " << status;
  return out;
}

template <typename T>
patron_column ColumnOf(const char *name, int32_t type, const std::vector<T> &values) {
  patron_column column{};
  column.struct_size = sizeof column;
  column.type = type;
  column.name = name;
  column.length = static_cast<int64_t>(values.size());
  column.data = values.data();
  return column;
}

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

  patron_table *Rows(bool text = false) const {
    const std::vector<patron_column> columns = Columns(text);
    return Made<patron_table>([&](auto out) {
      return patron_table_borrow(columns.data(), columns.size(), out, nullptr);
    });
  }

  patron_table *Measures() const {
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
    context_.reset(Made<patron_context>(
        [&](auto out) { return patron_context_create(&options, out, nullptr); }));
    rows_.reset(data_.Rows());
    text_rows_.reset(data_.Rows(true));
    measures_.reset(data_.Measures());
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

// ---- Base and tables ----

TEST_F(AllocationTest, DefaultsAndContexts) {
  FailMaking<patron_defaults>("patron_defaults_create",
                              [](auto out) { return patron_defaults_create(out, nullptr); });
  FailEach("patron_defaults_set", [](Armed &armed) {
    const Own<patron_defaults> defaults(
        Made<patron_defaults>([](auto out) { return patron_defaults_create(out, nullptr); }));
    const patron_status status =
        armed([&] { return patron_defaults_set(defaults.get(), "rfm.bins", 7, nullptr); });
    patron_default found{};
    found.struct_size = sizeof found;
    EXPECT_EQ(patron_defaults_get(defaults.get(), "rfm.bins", &found, nullptr), PATRON_OK);
    EXPECT_EQ(found.value, status == PATRON_OK ? 7 : 5);
  });
  for (const uint32_t threads : {1u, 3u}) {
    patron_context_options options;
    patron_context_options_init(&options);
    options.threads = threads;
    FailMaking<patron_context>("patron_context_create", [&](auto out) {
      return patron_context_create(&options, out, nullptr);
    });
  }
}

TEST_F(AllocationTest, Tables) {
  const std::vector<patron_column> columns = data_.Columns(true);
  FailMaking<patron_table>("patron_table_borrow", [&](auto out) {
    return patron_table_borrow(columns.data(), columns.size(), out, nullptr);
  });
  FailMaking<patron_table>("patron_table_flatten", [&](auto out) {
    return patron_table_flatten(text_rows_.get(), out, nullptr);
  });
  FailMaking<patron_table>("patron_table_flatten_column", [&](auto out) {
    return patron_table_flatten_column(text_rows_.get(), 0, out, nullptr);
  });
  FailEach("patron_table_export", [&](Armed &armed) {
    ArrowArrayStream stream{};
    const patron_status status =
        armed([&] { return patron_table_export(text_rows_.get(), &stream, nullptr); });
    EXPECT_EQ(status == PATRON_OK, stream.release != nullptr);
    if (stream.release != nullptr) stream.release(&stream);
  });
  FailEach("patron_table_import_stream", [&](Armed &armed) {
    ArrowArrayStream stream{};
    ASSERT_EQ(patron_table_export(text_rows_.get(), &stream, nullptr), PATRON_OK);
    patron_table *out = nullptr;
    armed([&] {
      const patron_status status = patron_table_import_stream(&stream, &out, nullptr);
      // The stream is the library's own, and says that it ran out of memory as streams do.
      return status == PATRON_UNKNOWN ? PATRON_RESOURCE_EXHAUSTED : status;
    });
    EXPECT_EQ(out != nullptr, stream.release == nullptr);
    if (stream.release != nullptr) stream.release(&stream);
    patron_table_free(out);
  });
  FailEach("patron_table_import_array", [&](Armed &armed) {
    ArrowArrayStream stream{};
    ArrowSchema schema{};
    ArrowArray array{};
    ASSERT_EQ(patron_table_export(text_rows_.get(), &stream, nullptr), PATRON_OK);
    ASSERT_EQ(stream.get_schema(&stream, &schema), 0);
    ASSERT_EQ(stream.get_next(&stream, &array), 0);
    patron_table *out = nullptr;
    armed([&] { return patron_table_import_array(&schema, &array, &out, nullptr); });
    EXPECT_EQ(out != nullptr, schema.release == nullptr);
    EXPECT_EQ(out != nullptr, array.release == nullptr);
    if (schema.release != nullptr) schema.release(&schema);
    if (array.release != nullptr) array.release(&array);
    stream.release(&stream);
    patron_table_free(out);
  });
}

// ---- Value ----

TEST_F(AllocationTest, Summaries) {
  ForEachInput([&](const patron_table *rows, const patron_context *context) {
    patron_summary_options options;
    patron_summary_options_init(&options);
    options.context = context;
    for (const int32_t merge : {PATRON_MERGE_DAY, PATRON_MERGE_ORDER}) {
      options.merge = merge;
      FailMaking<patron_table>("patron_value_summarize", [&](auto out) {
        return patron_value_summarize(rows, &columns_, &options, out, &report_, nullptr);
      });
    }
    patron_cohorts_options cohorts;
    patron_cohorts_options_init(&cohorts);
    cohorts.context = context;
    FailMaking<patron_table>("patron_value_cohorts", [&](auto out) {
      return patron_value_cohorts(rows, &columns_, &cohorts, out, &report_, nullptr);
    });
  });
}

TEST_F(AllocationTest, Rfm) {
  ForEachInput([&](const patron_table *rows, const patron_context *context) {
    patron_rfm_options options;
    patron_rfm_options_init(&options);
    options.context = context;
    for (const int32_t method : {PATRON_RFM_THRESHOLD_RIGHT, PATRON_RFM_NESTED}) {
      options.method = method;
      options.frequency =
          method == PATRON_RFM_NESTED ? PATRON_FREQUENCY_DAYS : PATRON_FREQUENCY_ORDERS;
      options.monetary = method == PATRON_RFM_NESTED ? PATRON_MONETARY_MEAN : PATRON_MONETARY_SUM;
      FailMakingTwo<patron_table>("patron_value_rfm", [&](auto scores, auto bins) {
        return patron_value_rfm(rows, &columns_, &options, scores, bins, &report_, nullptr);
      });
    }
  });
  patron_rfm_options options;
  patron_rfm_options_init(&options);
  options.method = PATRON_RFM_MIDRANK;
  FailMakingTwo<patron_table>("patron_value_score_rfm", [&](auto scores, auto bins) {
    return patron_value_score_rfm(measures_.get(), nullptr, nullptr, nullptr, nullptr, &options,
                                  scores, bins, nullptr);
  });
}

TEST_F(AllocationTest, Concentration) {
  const patron_column values = data_.Values();
  std::vector<int32_t> narrow(data_.value.begin(), data_.value.end());
  const patron_column integers = ColumnOf("value", PATRON_TYPE_INT32, narrow);
  for (const patron_column *column : {&values, &integers}) {
    for (const patron_context *context : {static_cast<patron_context *>(nullptr), context_.get()}) {
      FailEach("patron_value_concentration", [&](Armed &armed) {
        patron_concentration out{};
        out.struct_size = sizeof out;
        const patron_status status =
            armed([&] { return patron_value_concentration(column, context, &out, nullptr); });
        EXPECT_EQ(out.customers, status == PATRON_OK ? 20 : 0);
      });
    }
  }
  const double shares[] = {0.2, 0.8};
  FailMaking<patron_table>("patron_value_lorenz", [&](auto out) {
    return patron_value_lorenz(&values, 0, nullptr, out, nullptr);
  });
  FailMaking<patron_table>("patron_value_lorenz_at", [&](auto out) {
    return patron_value_lorenz_at(&values, shares, 2, nullptr, out, nullptr);
  });
  FailMaking<patron_table>("patron_value_lifetime_values", [&](auto out) {
    patron_column retention = values;
    const double stay = 0.5;
    retention.data = &stay;
    retention.offset = 0;
    retention.length = 1;
    return patron_value_lifetime_values(&values, &retention, 0.1, nullptr, nullptr, out, nullptr);
  });
  FailMaking<patron_table>("patron_value_historical_value", [&](auto out) {
    return patron_value_historical_value(measures_.get(), nullptr, "monetary", "recency", 0.1,
                                         nullptr, out, nullptr);
  });
  FailMaking<patron_table>("patron_value_share_curve", [&](auto out) {
    return patron_value_share_curve(&values, shares, 2, nullptr, out, nullptr);
  });
  FailMaking<patron_table>("patron_value_customers_for_share", [&](auto out) {
    return patron_value_customers_for_share(&values, shares, 2, nullptr, out, nullptr);
  });
  FailMaking<patron_table>("patron_value_whale_curve", [&](auto out) {
    patron_whale whale{};
    whale.struct_size = sizeof whale;
    const patron_status status =
        patron_value_whale_curve(&values, 0, nullptr, &whale, out, nullptr);
    EXPECT_EQ(whale.customers, status == PATRON_OK ? 20 : 0);
    return status;
  });
}

TEST_F(AllocationTest, ProfitEquityAndTheShop) {
  constexpr auto kSize = static_cast<uint32_t>(sizeof(patron_cost_driver));
  const patron_cost_driver drivers[] = {{kSize, 0, "frequency", 2}, {kSize, 0, "recency_score", 1}};
  patron_profitability_options options;
  patron_profitability_options_init(&options);
  options.drivers = drivers;
  options.driver_count = 2;
  options.allocated_cost = 10;
  options.allocation = PATRON_ALLOCATE_COLUMN;
  options.allocation_column = "monetary_score";
  FailMaking<patron_table>("patron_value_profitability", [&](auto out) {
    return patron_value_profitability(measures_.get(), &options, out, nullptr);
  });
  FailEach("patron_value_customer_equity", [](Armed &armed) {
    const double acquired[] = {10, 20}, margins[] = {1};
    double out = -1;
    const patron_status status = armed([&] {
      return patron_value_customer_equity(acquired, nullptr, 2, margins, 1, 0.5, 0.1, &out,
                                          nullptr);
    });
    EXPECT_EQ(status == PATRON_OK, out != -1);
  });
  patron_shop_options shop;
  patron_shop_options_init(&shop);
  shop.customers = 20;
  for (const patron_context *context : {static_cast<patron_context *>(nullptr), context_.get()}) {
    shop.context = context;
    FailMakingTwo<patron_table>("patron_value_simulate_shop", [&](auto rows, auto truth) {
      return patron_value_simulate_shop(&shop, rows, truth, nullptr);
    });
  }
}

// ---- Segments and pyramids ----

template <typename Handle>
using Serialize = patron_status (*)(const Handle *, patron_bytes **, patron_error *);

std::string TakeText(patron_bytes *bytes) {
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

TEST_F(AllocationTest, Segments) {
  FailMaking<patron_segments>("patron_segments_preset", [](auto out) {
    return patron_segments_preset("putler", out, nullptr);
  });
  const Own<patron_segments> segments(Made<patron_segments>(
      [](auto out) { return patron_segments_preset("putler", out, nullptr); }));
  FailMaking<patron_table>("patron_segments_to_table", [&](auto out) {
    return patron_segments_to_table(segments.get(), out, nullptr);
  });
  const Own<patron_table> rules(Made<patron_table>(
      [&](auto out) { return patron_segments_to_table(segments.get(), out, nullptr); }));
  FailMaking<patron_segments>("patron_segments_from_table", [&](auto out) {
    return patron_segments_from_table(rules.get(), 5, "other customers, of whom there are some",
                                      out, nullptr);
  });
  FailMaking<patron_table>("patron_segments_check", [&](auto out) {
    return patron_segments_check(segments.get(), nullptr, out, nullptr);
  });
  FailMakingTwo<patron_table>("patron_segments_assign", [&](auto members, auto totals) {
    return patron_segments_assign(segments.get(), measures_.get(), nullptr, members, totals,
                                  nullptr);
  });
  FailBytes("patron_segments_serialize", patron_segments_serialize, "patron_segments_deserialize",
            patron_segments_deserialize, segments.get(), 1);
}

TEST_F(AllocationTest, Policies) {
  static constexpr char kText[] = R"({
    "name": "a policy with quite a long name", "version": "1",
    "states": [{"name": "OPEN"}, {"name": "CLOSED_WITHOUT_FURTHER_ADO", "kind": "closed"}],
    "events": [{"name": "come", "kind": "receive"}, {"name": "go", "kind": "withdraw"}],
    "transitions": [{"event": "come", "to": "OPEN"},
                    {"event": "go", "from": ["OPEN"], "to": "CLOSED_WITHOUT_FURTHER_ADO"}],
    "roles": [{"name": "clerk"}],
    "authority": [{"role": "clerk", "events": ["come", "go"]}]})";
  FailMaking<patron_policy>("patron_policy_preset",
                            [](auto out) { return patron_policy_preset("disp", 4, out, nullptr); });
  FailMaking<patron_policy>("patron_policy_from_json", [](auto out) {
    return patron_policy_from_json(kText, sizeof kText - 1, out, nullptr);
  });
  const Own<patron_policy> policy(Made<patron_policy>(
      [](auto out) { return patron_policy_from_json(kText, sizeof kText - 1, out, nullptr); }));
  FailMaking<patron_bytes>("patron_policy_to_json", [&](auto out) {
    return patron_policy_to_json(policy.get(), out, nullptr);
  });
  FailMaking<patron_table>("patron_policy_check", [&](auto out) {
    return patron_policy_check(policy.get(), out, nullptr);
  });
  FailMaking<patron_bytes>("patron_policy_graph", [&](auto out) {
    return patron_policy_graph(policy.get(), out, nullptr);
  });
  FailBytes("patron_policy_serialize", patron_policy_serialize, "patron_policy_deserialize",
            patron_policy_deserialize, policy.get(), 1);
}

TEST_F(AllocationTest, Pyramids) {
  FailMaking<patron_pyramid>("patron_pyramid_preset", [](auto out) {
    return patron_pyramid_preset("zeithaml", nullptr, out, nullptr);
  });
  const char *const names[] = {"a tier with quite a long name", "b", "c"};
  const double cuts[] = {0.2, 0.6, 1};
  FailMaking<patron_pyramid>("patron_pyramid_create", [&](auto out) {
    return patron_pyramid_create(PATRON_PYRAMID_VALUE_SHARE, 0, names, cuts, 3, "losses", out,
                                 nullptr);
  });
  for (const char *name : {"zeithaml", "abc"}) {
    const Own<patron_pyramid> pyramid(Made<patron_pyramid>(
        [&](auto out) { return patron_pyramid_preset(name, nullptr, out, nullptr); }));
    patron_pyramid_options options;
    patron_pyramid_options_init(&options);
    for (const patron_context *context : {static_cast<patron_context *>(nullptr), context_.get()}) {
      options.context = context;
      FailMakingTwo<patron_table>("patron_pyramid_build", [&](auto tiers, auto members) {
        return patron_pyramid_build(pyramid.get(), measures_.get(), &options, tiers, members,
                                    nullptr);
      });
    }
    FailBytes("patron_pyramid_serialize", patron_pyramid_serialize, "patron_pyramid_deserialize",
              patron_pyramid_deserialize, pyramid.get(), 1);
  }
}

// ---- Ledger ----

patron_ledger *NewLedger() {
  return Made<patron_ledger>([](auto out) { return patron_ledger_create(nullptr, out, nullptr); });
}

using Change = patron_status (*)(patron_ledger *, const patron_table *,
                                 const patron_transaction_columns *,
                                 const patron_ledger_append_options *, patron_ledger_report *,
                                 patron_error *);

// Changes a ledger that `setup` makes; if that fails, it holds what it held, and can be changed
// later.
void FailChange(const char *name, Change change, const std::function<patron_ledger *()> &setup,
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

  patron_ledger *Filled(bool text) {
    patron_ledger *ledger = NewLedger();
    const Own<patron_table> rows(data_.Rows(text));
    EXPECT_EQ(patron_ledger_append(ledger, rows.get(), &columns_, nullptr, nullptr, nullptr),
              PATRON_OK);
    return ledger;
  }

  patron_table *Reversals() {
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

// ---- States ----

using Create = std::function<patron_status(patron_state **)>;

class StateAllocationTest : public AllocationTest {
 protected:
  std::vector<std::pair<const char *, Create>> Kinds() {
    return {
        {"patron_state_create_summary",
         [this](patron_state **out) {
           return patron_state_create_summary(&columns_, nullptr, out, nullptr);
         }},
        {"patron_state_create_summary",
         [this](patron_state **out) {
           patron_summary_options options;
           patron_summary_options_init(&options);
           options.merge = PATRON_MERGE_ORDER;
           return patron_state_create_summary(&columns_, &options, out, nullptr);
         }},
        {"patron_state_create_rfm",
         [this](patron_state **out) {
           return patron_state_create_rfm(&columns_, nullptr, out, nullptr);
         }},
        {"patron_state_create_rfm",
         [this](patron_state **out) {
           patron_rfm_options options;
           patron_rfm_options_init(&options);
           options.frequency = PATRON_FREQUENCY_DAYS;
           return patron_state_create_rfm(&columns_, &options, out, nullptr);
         }},
        {"patron_state_create_concentration",
         [this](patron_state **out) {
           return patron_state_create_concentration(&columns_, out, nullptr);
         }},
    };
  }

  patron_state *With(const Create &create, const patron_table *rows) {
    patron_state *state = Made<patron_state>(create);
    if (rows != nullptr) {
      EXPECT_EQ(patron_state_update(state, rows, nullptr, nullptr), PATRON_OK);
    }
    return state;
  }
};

TEST_F(StateAllocationTest, CreationAndBytes) {
  for (const auto &[name, create] : Kinds()) {
    FailMaking<patron_state>(name, create);
    for (const patron_table *rows : {rows_.get(), text_rows_.get()}) {
      const Own<patron_state> state(With(create, rows));
      FailBytes("patron_state_serialize", patron_state_serialize, "patron_state_deserialize",
                patron_state_deserialize, state.get());
    }
  }
}

TEST_F(StateAllocationTest, Changes) {
  for (const auto &[name, create] : Kinds()) {
    ForEachInput([&, &create = create](const patron_table *rows, const patron_context *context) {
      // Half of the rows stand already.
      const Own<patron_state> source(With(create, rows));
      for (const bool filled : {false, true}) {
        const auto usable = [&](const Own<patron_state> &state, const std::string &before,
                                auto again) {
          EXPECT_EQ(BytesOf(patron_state_serialize, state.get()), before);
          EXPECT_EQ(again(), PATRON_OK);
        };
        FailEach("patron_state_update", [&](Armed &armed) {
          const Own<patron_state> state(With(create, filled ? rows : nullptr));
          const std::string before = BytesOf(patron_state_serialize, state.get());
          const auto update = [&] {
            return patron_state_update(state.get(), rows, context, nullptr);
          };
          if (armed(update) != PATRON_OK) usable(state, before, update);
        });
        FailEach("patron_state_merge", [&](Armed &armed) {
          const Own<patron_state> state(With(create, filled ? rows : nullptr));
          const std::string before = BytesOf(patron_state_serialize, state.get());
          const auto merge = [&] { return patron_state_merge(state.get(), source.get(), nullptr); };
          if (armed(merge) != PATRON_OK) usable(state, before, merge);
        });
      }
    });
  }
}

TEST_F(StateAllocationTest, Answers) {
  for (const auto &[name, create] : Kinds()) {
    for (const patron_context *context : {static_cast<patron_context *>(nullptr), context_.get()}) {
      const Own<patron_state> state(With(create, text_rows_.get()));
      FailEach("patron_state_finalize", [&](Armed &armed) {
        patron_table *out = nullptr, *extra = nullptr;
        const patron_status status = armed([&] {
          return patron_state_finalize(state.get(), context, &out, &extra, &report_, nullptr);
        });
        EXPECT_EQ(status == PATRON_OK, out != nullptr);
        if (status != PATRON_OK) {
          EXPECT_EQ(extra, nullptr);
        }
        patron_table_free(out);
        patron_table_free(extra);
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

// ---- None is left out ----

// Runs last: all other tests have told what they tried.
TEST(ZCoverageTest, EveryExportedFunctionThatAllocatesWasTried) {
  if (Tried().empty()) GTEST_SKIP() << "the other tests were not run";
  const std::set<std::string> allocate_nothing = {"patron_abi_version",
                                                  "patron_abi_version_min",
                                                  "patron_version_string",
                                                  "patron_status_name",
                                                  "patron_defaults_at",
                                                  "patron_defaults_count",
                                                  "patron_defaults_get",
                                                  "patron_ledger_get_size",
                                                  "patron_table_batches",
                                                  "patron_table_column",
                                                  "patron_table_columns",
                                                  "patron_table_find",
                                                  "patron_table_name",
                                                  "patron_table_rows",
                                                  "patron_value_lifetime_value",
                                                  "patron_bytes_data",
                                                  "patron_bytes_size",
                                                  "patron_defaults_reset",
                                                  "patron_state_kind",
                                                  "patron_state_columns",
                                                  "patron_value_retention_value",
                                                  "patron_value_retention_multiple"};
  std::ifstream symbols(PATRON_SOURCE_DIR "/bindings/c/symbols.txt");
  ASSERT_TRUE(symbols.good());
  for (std::string name; std::getline(symbols, name);) {
    if (!name.starts_with("patron_") || name.ends_with("_free") || name.ends_with("_init"))
      continue;
    // Those of models of lifetime value are tried in clv_test.cc, those of complaints in
    // complaints_test.cc.
    if (allocate_nothing.contains(name) || name.starts_with("patron_clv_")) continue;
    if (name.starts_with("patron_calendar_") || name.starts_with("patron_log_") ||
        name.starts_with("patron_measure_")) {
      continue;
    }
    EXPECT_TRUE(Tried().contains(name)) << name << " was not tried";
  }
}

}  // namespace
}  // namespace patron::faults
