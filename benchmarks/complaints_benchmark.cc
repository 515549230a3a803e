// Kernels of the complaints module on columns in memory, one thread.
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "benchmark/benchmark.h"
#include "patron/complaints/business_calendar.hpp"
#include "patron/complaints/holidays.hpp"
#include "patron/complaints/working_time_columns.hpp"
#include "transactions.hpp"

namespace patron::complaints {
namespace {

using benchmarks::SplitMix;

constexpr int64_t kStart = 19'000 * kMicrosPerDay;
constexpr int64_t kHour = 3'600 * kMicrosPerSecond;

// Two segments a workday, as with a lunch break, and a holiday every 30 days for ten years.
Calendar Office(const char *zone) {
  Calendar calendar;
  calendar.zone = zone;
  calendar.weeks.emplace_back();
  for (size_t i = 0; i < 5; ++i) {
    calendar.weeks[0].week[i] = {{9 * 3600, 12 * 3600}, {13 * 3600, 18 * 3600}};
  }
  for (int64_t day = 19'000; day < 19'000 + 3'650; day += 30) calendar.exceptions[day] = {};
  return calendar;
}

// Instants at random within ten years.
std::vector<int64_t> Instants(int64_t rows, uint64_t seed) {
  SplitMix random(seed);
  std::vector<int64_t> instants(static_cast<size_t>(rows));
  for (int64_t &instant : instants) {
    instant = kStart + static_cast<int64_t>(3'650.0 * kMicrosPerDay * random.Uniform());
  }
  return instants;
}

// Budgets of so many hours at most.
std::vector<int64_t> Budgets(int64_t rows, int64_t hours) {
  SplitMix random(2);
  std::vector<int64_t> budgets(static_cast<size_t>(rows));
  for (int64_t &budget : budgets) {
    budget = static_cast<int64_t>(static_cast<double>(hours * kHour) * random.Uniform());
  }
  return budgets;
}

// One pause in the second half of the first two days, for every `each`-th row.
struct Pauses {
  std::vector<int64_t> offsets = {0};
  std::vector<Pause> pauses;
  Pauses(const std::vector<int64_t> &starts, size_t each) {
    for (size_t i = 0; i < starts.size(); ++i) {
      if (i % each == 0) pauses.push_back({starts[i] + 24 * kHour, starts[i] + 40 * kHour});
      offsets.push_back(static_cast<int64_t>(pauses.size()));
    }
  }
};

// Budgets of up to 4, 40 and 400 working hours.
void BM_Complaints_Due(benchmark::State &state) {
  const WorkingTime time = *WorkingTime::Compile(Office("Europe/Berlin"));
  const std::vector<int64_t> starts = Instants(state.range(0), 1);
  const std::vector<int64_t> budgets = Budgets(state.range(0), state.range(1));
  std::vector<int64_t> due(starts.size());
  for (auto _ : state) {
    if (!DueColumn(time, starts, budgets, {}, due).ok()) state.SkipWithError("refused");
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_Complaints_Due)
    ->Args({1'000'000, 4})
    ->Args({1'000'000, 40})
    ->Args({1'000'000, 400})
    ->Unit(benchmark::kMillisecond);

void BM_Complaints_Elapsed(benchmark::State &state) {
  const WorkingTime time = *WorkingTime::Compile(Office("Europe/Berlin"));
  const std::vector<int64_t> starts = Instants(state.range(0), 1);
  std::vector<int64_t> ends = Budgets(state.range(0), 400);
  for (size_t i = 0; i < ends.size(); ++i) ends[i] += starts[i];
  std::vector<int64_t> elapsed(starts.size());
  for (auto _ : state) {
    if (!ElapsedColumn(time, starts, ends, {}, elapsed).ok()) state.SkipWithError("refused");
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_Complaints_Elapsed)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

// The calendar changes: it is compiled again, and the due instants of all open clocks with it.
// Every third clock has been paused.
void BM_Complaints_Recompute(benchmark::State &state) {
  Calendar calendar = Office("Europe/Berlin");
  const std::vector<int64_t> starts = Instants(state.range(0), 1);
  const std::vector<int64_t> budgets = Budgets(state.range(0), 80);
  const Pauses pauses(starts, 3);
  std::vector<int64_t> due(starts.size());
  for (auto _ : state) {
    const auto time = WorkingTime::Compile(calendar);
    if (!DueColumn(*time, starts, budgets, {pauses.offsets, pauses.pauses}, due).ok()) {
      state.SkipWithError("refused");
    }
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_Complaints_Recompute)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

// A calendar made ready for use, and its open spans of ten years.
void BM_Complaints_Compile(benchmark::State &state) {
  const Calendar calendar = Office(state.range(0) == 0 ? "Asia/Shanghai" : "Europe/Berlin");
  for (auto _ : state) benchmark::DoNotOptimize(BusinessCalendar::Compile(calendar));
}
BENCHMARK(BM_Complaints_Compile)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

void BM_Complaints_ExpandTenYears(benchmark::State &state) {
  const Calendar calendar = Office("Europe/Berlin");
  for (auto _ : state) {
    const auto time = WorkingTime::Compile(calendar);
    benchmark::DoNotOptimize(time->Spans(kStart, kStart + 3'652 * kMicrosPerDay));
  }
}
BENCHMARK(BM_Complaints_ExpandTenYears)->Unit(benchmark::kMicrosecond);

void BM_Complaints_BusinessDays(benchmark::State &state) {
  const BusinessCalendar calendar = *BusinessCalendar::Compile(Office("Europe/Berlin"));
  const std::vector<int64_t> received = Instants(state.range(0), 1);
  for (auto _ : state) {
    for (const int64_t instant : received) {
      benchmark::DoNotOptimize(calendar.BusinessDaysAfter(instant, 15));
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_Complaints_BusinessDays)->Arg(100'000)->Unit(benchmark::kMillisecond);

void BM_Complaints_ReadHolidays(benchmark::State &state) {
  std::string text = "BEGIN:VCALENDAR\r\n";
  for (int64_t i = 0; i < state.range(0); ++i) {
    text += "BEGIN:VEVENT\r\nUID:" + std::to_string(i) +
            "\r\nDTSTART;VALUE=DATE:20241225\r\nSUMMARY:A day of rest\r\nEND:VEVENT\r\n";
  }
  text += "END:VCALENDAR\r\n";
  for (auto _ : state) benchmark::DoNotOptimize(ReadHolidays(text, 0, 30'000));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(text.size()));
}
BENCHMARK(BM_Complaints_ReadHolidays)->Arg(10'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace patron::complaints
