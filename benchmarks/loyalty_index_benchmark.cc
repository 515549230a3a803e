// The loyalty index of a million customers by eight components. One thread.
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "patron/loyalty/index.hpp"
#include "transactions.hpp"

namespace patron::loyalty {
namespace {

constexpr size_t kCustomers = 1'000'000, kComponents = 8;

struct Customers {
  std::vector<std::vector<double>> values{kComponents};
  std::vector<std::span<const double>> columns;

  // One in 20 values is not known.
  Customers() {
    benchmarks::SplitMix random(42);
    for (std::vector<double> &column : values) {
      for (size_t i = 0; i < kCustomers; ++i) {
        const double value = random.Uniform();
        column.push_back(random.Uniform() < 0.05 ? std::numeric_limits<double>::quiet_NaN()
                                                 : value);
      }
      columns.emplace_back(column);
    }
  }
};

IndexDefinition Definition(Normalize normalize) {
  IndexDefinition definition;
  for (size_t k = 0; k < kComponents; ++k) {
    IndexComponent component;
    component.name = std::string(1, static_cast<char>('a' + k));
    component.normalize = normalize;
    component.weight = 1 + static_cast<double>(k);
    definition.components.push_back(component);
  }
  return definition;
}

// Argument: the normaliser. Items are components.
void BM_Loyalty_Index(benchmark::State &state) {
  const Customers customers;
  const auto normalize = static_cast<Normalize>(state.range(0));
  const auto definition = FitIndex(Definition(normalize), customers.columns);
  if (!definition.ok()) {
    state.SkipWithError("refused");
    return;
  }
  for (auto _ : state) benchmark::DoNotOptimize(ScoreIndex(*definition, customers.columns));
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kCustomers * kComponents));
}
BENCHMARK(BM_Loyalty_Index)->DenseRange(0, 3)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace patron::loyalty
