// Tables and the value module out of memory.
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

}  // namespace
}  // namespace patron::faults
