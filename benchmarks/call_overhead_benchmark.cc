// What a call through the C interface costs above the same call in C++.
#include "benchmark/benchmark.h"
#include "patron/c/patron.h"
#include "patron/value/lifetime_value.hpp"

namespace {

void BM_Call_C_StatusName(benchmark::State &state) {
  for (auto _ : state) benchmark::DoNotOptimize(patron_status_name(PATRON_OK));
}
BENCHMARK(BM_Call_C_StatusName);

void BM_Call_C_LifetimeValue(benchmark::State &state) {
  double margin = 100, retention = 0.8, discount = 0.1;
  for (auto _ : state) {
    benchmark::DoNotOptimize(margin);
    benchmark::DoNotOptimize(retention);
    benchmark::DoNotOptimize(discount);
    patron_lifetime_value value = {sizeof value, 0, 0, 0, 0, 0};
    patron_value_lifetime_value(margin, retention, discount, nullptr, &value, nullptr);
    benchmark::DoNotOptimize(value);
  }
}
BENCHMARK(BM_Call_C_LifetimeValue);

// The same in C++: what the C function calls. Nothing of its inputs may be known beforehand, and all
// of its results are used, as in the C function.
void BM_Call_Cpp_LifetimeValue(benchmark::State &state) {
  double margin = 100;
  patron::value::RelationTerms terms{.retention = 0.8, .discount = 0.1};
  for (auto _ : state) {
    benchmark::DoNotOptimize(margin);
    benchmark::DoNotOptimize(terms);
    auto measures = patron::value::MeasureLifetimeValue(margin, terms);
    benchmark::DoNotOptimize(measures);
  }
}
BENCHMARK(BM_Call_Cpp_LifetimeValue);

// A whole call over ten rows: reading options and columns, scoring, and two tables.
void BM_Call_C_RfmOfTenRows(benchmark::State &state) {
  constexpr int64_t kRows = 10;
  int64_t customer[kRows], time[kRows];
  double amount[kRows];
  for (int64_t i = 0; i < kRows; ++i) {
    customer[i] = i / 2;
    time[i] = i * int64_t{86'400} * 1'000'000;
    amount[i] = static_cast<double>(10 + i);
  }
  const auto column = [](const char *name, int32_t type, const void *data) {
    return patron_column{sizeof(patron_column), type, name, kRows, 0, data, nullptr, nullptr};
  };
  const patron_column columns[] = {column("customer_id", PATRON_TYPE_INT64, customer),
                                   column("date", PATRON_TYPE_TIMESTAMP_US, time),
                                   column("amount", PATRON_TYPE_FLOAT64, amount)};
  patron_table *table = nullptr;
  if (patron_table_borrow(columns, 3, &table, nullptr) != PATRON_OK) {
    state.SkipWithError("the table cannot be made");
    return;
  }
  for (auto _ : state) {
    patron_table *scores = nullptr, *bins = nullptr;
    if (patron_value_rfm(table, nullptr, nullptr, &scores, &bins, nullptr, nullptr) != PATRON_OK) {
      state.SkipWithError("the call fails");
    }
    patron_table_free(scores);
    patron_table_free(bins);
  }
  patron_table_free(table);
}
BENCHMARK(BM_Call_C_RfmOfTenRows);

}  // namespace
