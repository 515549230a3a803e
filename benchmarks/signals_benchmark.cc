// Early warning: signals of a million customers, and of one after a purchase. One thread.
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "benchmark/benchmark.h"
#include "patron/loyalty/signal_book.hpp"
#include "transactions.hpp"

namespace patron::loyalty {
namespace {

using benchmarks::SplitMix;

struct Purchases {
  std::vector<int64_t> customer, time, amount;

  Purchases(int64_t customers, int64_t rows) {
    SplitMix random(42);
    for (int64_t i = 0; i < rows; ++i) {
      const double u = random.Uniform();
      const auto who =
          i < customers ? i : static_cast<int64_t>(static_cast<double>(customers) * u * u);
      customer.push_back(who);
      time.push_back(static_cast<int64_t>(730 * random.Uniform()) * 86'400'000'000);
      amount.push_back(1 + static_cast<int64_t>(-5000 * std::log1p(-random.Uniform())));
    }
  }
};

// From columns in memory to levels and evidence.
void BM_Loyalty_Signals(benchmark::State &state) {
  const Purchases purchases(1'000'000, 10'000'000);
  for (auto _ : state) {
    SignalBook book;
    if (!book.Append(std::span<const int64_t>(purchases.customer), purchases.time, purchases.amount)
             .ok()) {
      state.SkipWithError("refused");
    }
    benchmark::DoNotOptimize(book.Warn({}, 730));
  }
}
BENCHMARK(BM_Loyalty_Signals)->Unit(benchmark::kMillisecond);

// From a book that stands.
void BM_Loyalty_SignalsOfABook(benchmark::State &state) {
  const Purchases purchases(1'000'000, 10'000'000);
  SignalBook book;
  if (!book.Append(std::span<const int64_t>(purchases.customer), purchases.time, purchases.amount)
           .ok()) {
    state.SkipWithError("refused");
  }
  for (auto _ : state) benchmark::DoNotOptimize(book.Warn({}, 730));
}
BENCHMARK(BM_Loyalty_SignalsOfABook)->Unit(benchmark::kMillisecond);

// One transaction, then the signals of its customer.
void BM_Loyalty_SignalsAfterOnePurchase(benchmark::State &state) {
  const Purchases purchases(1'000'000, 10'000'000);
  SignalBook book;
  if (!book.Append(std::span<const int64_t>(purchases.customer), purchases.time, purchases.amount)
           .ok()) {
    state.SkipWithError("refused");
  }
  int64_t customer = 0;
  const int64_t time = 729 * int64_t{86'400'000'000}, amount = 1000;
  std::vector<SignalEvidence> evidence;
  for (auto _ : state) {
    customer = (customer + 7919) % 1'000'000;
    evidence.clear();
    if (!book.Append(std::span<const int64_t>(&customer, 1), {&time, 1}, {&amount, 1}).ok()) {
      state.SkipWithError("refused");
    }
    benchmark::DoNotOptimize(book.WarnOne({}, book.customers().Find(customer), 730, {}, evidence));
  }
}
BENCHMARK(BM_Loyalty_SignalsAfterOnePurchase)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace patron::loyalty
