// Tiers over time: evaluations of customers per second, and one customer after a purchase.
#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "benchmark/benchmark.h"
#include "patron/value/tier_book.hpp"

namespace patron::value {
namespace {

struct Purchases {
  std::vector<int64_t> customer, time, amount;

  Purchases(int64_t customers, int64_t rows) {
    std::mt19937_64 random(42);
    for (int64_t i = 0; i < rows; ++i) {
      customer.push_back(static_cast<int64_t>(random() % static_cast<uint64_t>(customers)));
      time.push_back(static_cast<int64_t>(random() % 1095) * kMicrosPerDay);
      amount.push_back(static_cast<int64_t>(random() % 1'000'000));
    }
  }
  TierRows rows() const {
    return {.customer = std::span<const int64_t>(customer),
            .time = time,
            .amount = amount,
            .transaction = {},
            .reverses = {},
            .reverses_valid = {}};
  }
};

TierPolicy Policy() {
  TierPolicy policy;
  policy.levels = {
      {"basic", 0, {}}, {"silver", 500'000, {}}, {"gold", 1'500'000, {}}, {"top", 5'000'000, {}}};
  policy.length = 3;
  return policy;
}

void BM_TierHistory(benchmark::State &state) {
  const Purchases purchases(1'000'000, 5'000'000);
  TierBook book = *TierBook::Create(Policy());
  if (!book.Append(purchases.rows()).ok()) state.SkipWithError("append");
  uint64_t evaluations = 0;
  for (auto _ : state) evaluations += book.History()->evaluations;
  state.SetItemsProcessed(static_cast<int64_t>(evaluations));
}
BENCHMARK(BM_TierHistory)->Unit(benchmark::kMillisecond);

void BM_TierAppend(benchmark::State &state) {
  const Purchases purchases(1'000'000, 5'000'000);
  for (auto _ : state) {
    TierBook book = *TierBook::Create(Policy());
    if (!book.Append(purchases.rows()).ok()) state.SkipWithError("append");
  }
  state.SetItemsProcessed(state.iterations() * 5'000'000);
}
BENCHMARK(BM_TierAppend)->Unit(benchmark::kMillisecond);

void BM_TierStandingAfterOnePurchase(benchmark::State &state) {
  const Purchases purchases(1'000'000, 5'000'000);
  TierBook book = *TierBook::Create(Policy());
  if (!book.Append(purchases.rows()).ok()) state.SkipWithError("append");
  int64_t customer = 0;
  for (auto _ : state) {
    customer = (customer + 7919) % 1'000'000;
    const int64_t time = 1094 * kMicrosPerDay, amount = 1000;
    if (!book.Append({.customer = std::span<const int64_t>(&customer, 1),
                      .time = {&time, 1},
                      .amount = {&amount, 1},
                      .transaction = {},
                      .reverses = {},
                      .reverses_valid = {}})
             .ok()) {
      state.SkipWithError("append");
    }
    benchmark::DoNotOptimize(book.Standing(customer));
  }
}
BENCHMARK(BM_TierStandingAfterOnePurchase)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace patron::value
