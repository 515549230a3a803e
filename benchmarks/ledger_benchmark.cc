// The ledger through the C interface: 10,000 transactions appended to one of 1,000,000 customers,
// and the scores of the customers touched, by cuts that are exact for all.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "benchmark/benchmark.h"
#include "patron/c/patron.h"
#include "transactions.hpp"

namespace {

using patron::benchmarks::Generate;
using patron::benchmarks::Transactions;

void Check(patron_status status, const patron_error &error) {
  if (status == PATRON_OK) return;
  std::fprintf(stderr, "%s: %s\n", patron_status_name(status), error.message);
  std::exit(1);
}

using TablePointer = std::unique_ptr<patron_table, decltype(&patron_table_free)>;

// A table over the columns of `t`, which must outlive it.
TablePointer Borrowed(const Transactions &t) {
  const auto column = [](const char *name, int32_t type, const std::vector<int64_t> &values) {
    return patron_column{
        sizeof(patron_column), type,    name,   static_cast<int64_t>(values.size()), 0,
        values.data(),         nullptr, nullptr};
  };
  const patron_column columns[] = {column("transaction_id", PATRON_TYPE_INT64, t.id),
                                   column("customer_id", PATRON_TYPE_INT64, t.customer),
                                   column("date", PATRON_TYPE_TIMESTAMP_US, t.time),
                                   column("amount", PATRON_TYPE_INT64, t.amount)};
  patron_table *table = nullptr;
  patron_error error;
  Check(patron_table_borrow(columns, 4, &table, &error), error);
  return {table, patron_table_free};
}

void BM_Ledger_AppendAndScore(benchmark::State &state) {
  constexpr int64_t kCustomers = 1'000'000;
  constexpr int64_t kBatch = 10'000;
  patron_transaction_columns columns;
  patron_transaction_columns_init(&columns);
  columns.transaction = "transaction_id";
  columns.amount_decimals = 4;
  patron_rfm_options options;
  patron_rfm_options_init(&options);
  options.as_of = int64_t{731} * 86'400'000'000;
  patron_error error;
  patron_ledger *ledger = nullptr;
  Check(patron_ledger_create(nullptr, &ledger, &error), error);
  int64_t next_id = state.range(0);
  {
    const Transactions history = Generate(next_id, kCustomers);
    const TablePointer table = Borrowed(history);
    Check(patron_ledger_append(ledger, table.get(), &columns, nullptr, nullptr, &error), error);
  }
  const auto score = [&] {
    patron_table *scores = nullptr;
    Check(patron_ledger_rfm(ledger, &options, 1, &scores, nullptr, &error), error);
    const int64_t rows = patron_table_rows(scores);
    patron_table_free(scores);
    return rows;
  };
  score();
  int64_t touched = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const Transactions news = Generate(kBatch, kCustomers, static_cast<uint64_t>(next_id), next_id);
    next_id += kBatch;
    const TablePointer table = Borrowed(news);
    state.ResumeTiming();
    Check(patron_ledger_append(ledger, table.get(), &columns, nullptr, nullptr, &error), error);
    touched += score();
  }
  patron_ledger_free(ledger);
  state.SetItemsProcessed(state.iterations() * kBatch);
  state.counters["touched"] =
      benchmark::Counter(static_cast<double>(touched), benchmark::Counter::kAvgIterations);
}
BENCHMARK(BM_Ledger_AppendAndScore)
    ->Arg(1'000'000)
    ->Arg(10'000'000)
    ->Iterations(50)
    ->Unit(benchmark::kMillisecond);

}  // namespace
