// Event logs: mining from columns in memory, XES from bytes, and the survival curve. One thread.
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "benchmark/benchmark.h"
#include "patron/base/survival.hpp"
#include "patron/c/patron.h"
#include "patron/complaints/log_counts.hpp"
#include "patron/complaints/log_statistics.hpp"
#include "transactions.hpp"

namespace patron::complaints {
namespace {

using benchmarks::SplitMix;

constexpr uint32_t kActivities = 14;

// Cases of eight events: most take the same way, some leave it. In the order of cases, or mixed.
struct Events {
  std::vector<uint32_t> cases, activities;
  std::vector<int64_t> times;

  Events(int64_t rows, bool mixed) {
    SplitMix random(3);
    std::vector<size_t> place(static_cast<size_t>(rows));
    for (size_t i = 0; i < place.size(); ++i) place[i] = mixed ? i * 7919 % place.size() : i;
    cases.resize(place.size());
    activities.resize(place.size());
    times.resize(place.size());
    for (size_t i = 0; i < place.size(); ++i) {
      const double u = random.Uniform();
      const auto step = static_cast<uint32_t>(i % 8);
      cases[place[i]] = static_cast<uint32_t>(i / 8);
      activities[place[i]] = u < 0.02 ? static_cast<uint32_t>(u * 50 * kActivities) : step;
      times[place[i]] = static_cast<int64_t>((step + u) * 3.6e9);
    }
  }
  EventLog log() const { return {cases, activities, times, {}, cases.size() / 8 + 1, kActivities}; }
};

// Counts, and the figures of the graph, the variants and the durations.
void BM_Complaints_Mine(benchmark::State &state) {
  const Events events(state.range(0), state.range(1) == 1);
  std::vector<std::string> names;
  for (uint32_t a = 0; a < kActivities; ++a) names.push_back("activity " + std::to_string(a));
  const std::vector<std::string_view> views(names.begin(), names.end());
  std::vector<uint32_t> codes(views.size());
  for (auto _ : state) {
    LogCounts counts;
    if (!counts.names().Encode(std::span<const std::string_view>(views), codes).ok()) {
      state.SkipWithError("refused");
    }
    const auto log = OrderedLog::Order(events.log(), EventOrder::kTime);
    if (!log.ok() || !counts.Add(*log).ok()) state.SkipWithError("refused");
    for (const LogEdge &edge : counts.edges()) benchmark::DoNotOptimize(SpreadOf(edge.times));
    benchmark::DoNotOptimize(SpreadOf(counts.durations()));
    benchmark::DoNotOptimize(VariantsInOrder(counts));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_Complaints_Mine)
    ->Args({10'000'000, 0})
    ->Args({10'000'000, 1})
    ->Unit(benchmark::kMillisecond);

void BM_Complaints_ReadXes(benchmark::State &state) {
  std::string text = "<log>\n";
  for (int64_t i = 0; i < state.range(0); ++i) {
    if (i % 8 == 0) {
      if (i > 0) text += "</trace>\n";
      text += "<trace><string key=\"concept:name\" value=\"case " + std::to_string(i) + "\"/>\n";
    }
    text += "<event>\n  <string key=\"concept:name\" value=\"activity " + std::to_string(i % 8) +
            "\"/>\n  <string key=\"org:resource\" value=\"resource " + std::to_string(i % 31) +
            "\"/>\n  <string key=\"lifecycle:transition\" value=\"complete\"/>\n"
            "  <date key=\"time:timestamp\" value=\"2024-06-03T10:00:00.000+02:00\"/>\n</event>\n";
  }
  text += "</trace></log>";
  for (auto _ : state) {
    patron_table *table = nullptr;
    if (patron_log_parse_xes(text.data(), text.size(), nullptr, &table, nullptr, nullptr) !=
        PATRON_OK) {
      state.SkipWithError("refused");
    }
    patron_table_free(table);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(text.size()));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_Complaints_ReadXes)->Arg(100'000)->Unit(benchmark::kMillisecond);

void BM_Complaints_Survival(benchmark::State &state) {
  SplitMix random(5);
  std::vector<int64_t> times(static_cast<size_t>(state.range(0)));
  std::vector<uint8_t> observed(times.size());
  for (size_t i = 0; i < times.size(); ++i) {
    times[i] = static_cast<int64_t>(-1e12 * std::log(1 - random.Uniform()));
    observed[i] = random.Uniform() < 0.9 ? 1 : 0;
  }
  for (auto _ : state) benchmark::DoNotOptimize(KaplanMeier<int64_t>(times, observed));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_Complaints_Survival)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace patron::complaints
