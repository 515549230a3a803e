// Ledgers of points: postings, and the entries they make, per second. One thread.
#include <cstdint>
#include <span>
#include <vector>

#include "benchmark/benchmark.h"
#include "patron/loyalty/points_ledger.hpp"
#include "transactions.hpp"

namespace patron::loyalty {
namespace {

// Three earnings, then a burning; 100,000 customers.
void BM_Loyalty_Points(benchmark::State &state) {
  constexpr int64_t kRows = 2'000'000, kCustomers = 100'000;
  benchmarks::SplitMix random(42);
  std::vector<int64_t> ids, customers;
  std::vector<Posting> postings;
  for (int64_t i = 0; i < kRows; ++i) {
    ids.push_back(i);
    customers.push_back(static_cast<int64_t>(random.Uniform() * kCustomers));
    const bool earns = i < kCustomers || i % 4 != 0;
    postings.push_back({.kind = earns ? PointsKind::kEarn : PointsKind::kBurn,
                        .day = static_cast<int32_t>(i / 5000),
                        .points = earns ? 100 : 1});
  }
  size_t entries = 0;
  for (auto _ : state) {
    PointsLedger ledger = *PointsLedger::Create({.expiry_days = 730});
    for (size_t begin = 0; begin < ids.size(); begin += 10'000) {
      // A customer without points cannot spend: such a part is posted no further.
      benchmark::DoNotOptimize(
          ledger.Post({.transaction = std::span<const int64_t>(ids).subspan(begin, 10'000),
                       .customer = std::span<const int64_t>(customers).subspan(begin, 10'000),
                       .posting = std::span<const Posting>(postings).subspan(begin, 10'000),
                       .reverses = {},
                       .has_reverses = {},
                       .to = {},
                       .has_to = {}}));
    }
    entries += ledger.entries().size();
  }
  state.SetItemsProcessed(static_cast<int64_t>(entries));
}
BENCHMARK(BM_Loyalty_Points)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace patron::loyalty
