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
  double retention = 0.8;
  for (auto _ : state) {
    benchmark::DoNotOptimize(retention);
    patron_lifetime_value value = {sizeof value, 0, 0, 0, 0, 0};
    patron_value_lifetime_value(100, retention, 0.1, nullptr, &value, nullptr);
    benchmark::DoNotOptimize(value.value);
  }
}
BENCHMARK(BM_Call_C_LifetimeValue);

// The same in C++: what the C function calls.
void BM_Call_Cpp_LifetimeValue(benchmark::State &state) {
  double retention = 0.8;
  for (auto _ : state) {
    benchmark::DoNotOptimize(retention);
    const patron::value::RelationTerms terms{.retention = retention, .discount = 0.1};
    const auto value = patron::value::LifetimeValue(100, terms);
    benchmark::DoNotOptimize(*value);
    benchmark::DoNotOptimize(patron::value::MarginMultiple(terms));
    benchmark::DoNotOptimize(patron::value::RetentionElasticity(terms));
  }
}
BENCHMARK(BM_Call_Cpp_LifetimeValue);

}  // namespace
