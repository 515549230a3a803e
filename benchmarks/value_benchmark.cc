// Kernels of the value module on columns in memory, one thread.
#include <cstdint>
#include <span>
#include <vector>

#include "benchmark/benchmark.h"
#include "patron/value/concentration.hpp"
#include "patron/value/rfm.hpp"
#include "patron/value/rfm_scores.hpp"
#include "transactions.hpp"

namespace patron::value {
namespace {

using benchmarks::Generate;
using benchmarks::SplitMix;
using benchmarks::Transactions;

// Reading and writing a column once: the floor under everything that is limited by memory.
void BM_Base_Copy(benchmark::State &state) {
  const std::vector<int64_t> source(state.range(0), 1);
  std::vector<int64_t> target(source.size());
  for (auto _ : state) {
    std::copy(source.begin(), source.end(), target.begin());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(state.iterations() * state.range(0) * 16);
}
BENCHMARK(BM_Base_Copy)->Arg(10'000'000)->Unit(benchmark::kMillisecond);

// Rows to recency, frequency and monetary value; customers stride * 0, 1, 2, ...: next to each
// other, or apart.
void BM_Value_RfmTotals(benchmark::State &state) {
  Transactions t = Generate(state.range(0), state.range(1));
  for (int64_t &customer : t.customer) customer *= state.range(2);
  const TransactionsInMemory source(std::span<const int64_t>(t.customer), t.time, t.amount);
  const RfmRule rule{.as_of = 730 * kMicrosPerDay};
  for (auto _ : state) {
    const auto totals = TotalForRfm(source, rule, {});
    benchmark::DoNotOptimize(MeasureRfm(*totals, rule));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(state.iterations() * state.range(0) * 24);
}
BENCHMARK(BM_Value_RfmTotals)
    ->Args({10'000'000, 1'000'000, 1})
    ->Args({10'000'000, 1'000'000, 1'000'003})
    ->Args({10'000'000, 1'000, 1})
    ->Unit(benchmark::kMillisecond);

void BM_Value_RfmScores(benchmark::State &state) {
  SplitMix random(1);
  const int64_t customers = state.range(0);
  std::vector<int64_t> recency, frequency, monetary;
  for (int64_t i = 0; i < customers; ++i) {
    recency.push_back(static_cast<int64_t>(730 * random.Uniform()));
    frequency.push_back(1 + static_cast<int64_t>(-5 * std::log(1 - random.Uniform())));
    monetary.push_back(static_cast<int64_t>(-1e7 * std::log(1 - random.Uniform())));
  }
  RfmScoreOptions options;
  options.method = static_cast<ScoreMethod>(state.range(1));
  for (auto _ : state) {
    benchmark::DoNotOptimize(ScoreRfm<int64_t, int64_t>(recency, frequency, monetary, options));
  }
  state.SetItemsProcessed(state.iterations() * customers);
  state.SetBytesProcessed(state.iterations() * customers * 24);
}
BENCHMARK(BM_Value_RfmScores)
    ->ArgsProduct({{1'000'000}, {0, 1, 2, 3, 4, 5, 6}})
    ->Unit(benchmark::kMillisecond);

void BM_Value_Concentration(benchmark::State &state) {
  SplitMix random(2);
  std::vector<double> values(state.range(0));
  for (double &value : values) value = -100 * std::log(1 - random.Uniform());
  for (auto _ : state) {
    benchmark::DoNotOptimize(MeasureConcentration<double>(values));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(state.iterations() * state.range(0) * 8);
}
BENCHMARK(BM_Value_Concentration)
    ->Arg(1'000)
    ->Arg(1'000'000)
    ->Arg(10'000'000)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace patron::value
