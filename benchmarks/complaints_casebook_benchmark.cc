// The casebook: events applied to 1,000,000 cases at random, guards and de-duplication included; with
// the chain asked for after every call, and the clocks brought up to date as well; kept in a file,
// beside what the disk takes at most; and a log that is verified and read again.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "benchmark/benchmark.h"
#include "patron/base/large_vector.hpp"
#include "patron/c/patron.h"
#include "patron/complaints/casebook.hpp"
#include "patron/complaints/default_policy.hpp"

namespace {

using namespace patron::complaints;  // NOLINT

template <typename T>
T Must(absl::StatusOr<T> result) {
  if (result.ok()) return *std::move(result);
  std::fprintf(stderr, "%s\n", result.status().ToString().c_str());
  std::exit(1);
}

// Columns of events, in order of time.
struct Events {
  std::vector<int64_t> id, case_id, occurred, value;
  std::vector<int64_t> actor, customer;
  std::vector<uint8_t> type, role, has_customer;
  std::vector<int32_t> code, reason;

  EventRows rows(size_t begin, size_t count) const {
    EventRows rows;
    rows.event = std::span(id).subspan(begin, count);
    rows.case_id = std::span(case_id).subspan(begin, count);
    rows.type = std::span(type).subspan(begin, count);
    rows.occurred = std::span(occurred).subspan(begin, count);
    rows.actor = std::span(actor).subspan(begin, count);
    rows.customer = std::span(customer).subspan(begin, count);
    rows.has_customer = std::span(has_customer).subspan(begin, count);
    rows.role = std::span(role).subspan(begin, count);
    rows.value = std::span(value).subspan(begin, count);
    rows.code = std::span(code).subspan(begin, count);
    rows.reason = std::span(reason).subspan(begin, count);
    return rows;
  }
};

Casebook NewBook() {
  Casebook book;
  Calendar office;
  office.zone = "Europe/Berlin";
  office.weeks.emplace_back();
  for (size_t i = 0; i < 5; ++i) office.weeks[0].week[i] = {{9 * 3600, 17 * 3600}};
  if (!book.AddCalendar("service", office).ok()) std::exit(1);
  Must(book.AddPolicy(DefaultPolicy()));
  return book;
}

// Every case goes the same way of eight events; which case is next is drawn.
Events Generate(const Casebook &book, int64_t cases, int64_t events) {
  static constexpr const char *kWay[] = {"receive",      "acknowledge", "triage", "investigate",
                                         "record_cause", "communicate", "accept", "compensate"};
  constexpr size_t kSteps = std::size(kWay);
  uint8_t types[kSteps];
  for (size_t i = 0; i < kSteps; ++i)
    types[i] = static_cast<uint8_t>(book.shelf().TypeNamed(kWay[i]));
  const auto role = static_cast<uint8_t>(book.shelf().RoleNamed("supervisor"));
  std::mt19937_64 random(1);
  std::vector<uint8_t> step(static_cast<size_t>(cases));
  Events result;
  for (int64_t i = 0; i < events; ++i) {
    auto at = static_cast<size_t>(random() % static_cast<uint64_t>(cases));
    while (step[at] == kSteps) at = (at + 1) % step.size();
    const size_t which = step[at]++;
    // Ids as a sequence hands them out, and spread as a hash would be.
    result.id.push_back(
        static_cast<int64_t>((static_cast<uint64_t>(i) * 0x9E3779B97F4A7C15u) >> 2));
    result.case_id.push_back(static_cast<int64_t>(at));
    result.occurred.push_back(1'700'000'000'000'000 + i * 100'000);
    result.type.push_back(types[which]);
    result.role.push_back(role);
    result.actor.push_back(static_cast<int64_t>(random() % 500));
    result.customer.push_back(static_cast<int64_t>(at));
    result.has_customer.push_back(which == 0 ? 1 : 0);
    result.value.push_back(which == 7 ? 20 * 10'000 : 0);
    result.code.push_back(which == 0 ? 2 : 1);
    result.reason.push_back(1);
  }
  return result;
}

constexpr int64_t kCases = 1'000'000;
constexpr int64_t kEvents = 4'000'000;
constexpr int64_t kRecorded = 3'000'000'000'000'000;

const Events &Shared() {
  static const Events *const kShared = new Events(Generate(NewBook(), kCases, kEvents));
  return *kShared;
}

// Touches as much memory as a book takes and gives it back. The host of a virtual machine hands out
// memory that has not been in use for a while, ten times as slowly as the kernel clears it.
void TouchMemory() {
  const patron::LargeVector<char> memory(size_t{1} << 30);
  benchmark::DoNotOptimize(memory.data());
}

// In batches of as many events as the first argument says; with the second, the head is asked for
// after each of them.
void BM_Casebook_Apply(benchmark::State &state) {
  const Events &events = Shared();
  const auto batch = static_cast<size_t>(state.range(0));
  const bool asks = state.range(1) == 1;
  double bytes = 0;
  for (auto _ : state) {
    state.PauseTiming();
    TouchMemory();
    auto book = std::make_unique<Casebook>(NewBook());
    state.ResumeTiming();
    uint64_t applied = 0;
    for (size_t at = 0; at < events.id.size(); at += batch) {
      const size_t count = std::min(batch, events.id.size() - at);
      applied += Must(book->Apply(events.rows(at, count), kRecorded)).applied;
      if (asks) benchmark::DoNotOptimize(book->head());
    }
    if (applied != static_cast<uint64_t>(kEvents)) std::exit(1);
    state.PauseTiming();
    bytes = static_cast<double>(book->size().memory_bytes);
    book.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * kEvents);
  // What an event takes in the log and a case at hand, with their ids; and everything, the tables by
  // which ids are found included, for each event.
  state.counters["log_bytes"] = sizeof(EventRecord) + sizeof(int64_t);
  state.counters["case_bytes"] = sizeof(CaseState) + sizeof(int64_t);
  state.counters["all_bytes_an_event"] = bytes / static_cast<double>(kEvents);
}
BENCHMARK(BM_Casebook_Apply)
    ->ArgNames({"batch", "head"})
    ->Args({1'000, 0})
    ->Args({1'000, 1})
    ->Args({100'000, 0})
    ->Args({100'000, 1})
    ->Unit(benchmark::kMillisecond);

// The next instant is asked for after every batch of 10,000, so that all clocks are folded.
void BM_Casebook_ApplyAndNextInstant(benchmark::State &state) {
  const Events &events = Shared();
  constexpr size_t kBatch = 10'000;
  constexpr size_t kSome = 400'000;
  for (auto _ : state) {
    state.PauseTiming();
    auto book = std::make_unique<Casebook>(NewBook());
    state.ResumeTiming();
    for (size_t at = 0; at < kSome; at += kBatch) {
      Must(book->Apply(events.rows(at, kBatch), kRecorded));
      benchmark::DoNotOptimize(Must(book->NextInstant()));
    }
    state.PauseTiming();
    book.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kSome));
}
BENCHMARK(BM_Casebook_ApplyAndNextInstant)->Unit(benchmark::kMillisecond);

void Check(patron_status status, const patron_error &error) {
  if (status == PATRON_OK) return;
  std::fprintf(stderr, "%s\n", error.message);
  std::exit(1);
}

// A column of texts.
struct Texts {
  std::string bytes;
  std::vector<int32_t> offsets{0};

  void Add(std::string_view text) {
    bytes += text;
    offsets.push_back(static_cast<int32_t>(bytes.size()));
  }
};

// Events as the columns of a table.
class EventTables {
 public:
  EventTables(const Casebook &book, const Events &events)
      : events_(events), has_customer_(events.id.size() / 8 + 1) {
    for (size_t i = 0; i < events.id.size(); ++i) {
      type_.Add(book.shelf().types()[events.type[i]].name);
      role_.Add(book.shelf().roles()[events.role[i]]);
      amount_.push_back(events.value[i] / 10'000);
      has_customer_[i / 8] |= static_cast<uint8_t>(events.has_customer[i] << (i % 8));
    }
  }

  patron_table *Rows(size_t begin, size_t count) const {
    std::vector<patron_column> columns;
    const auto add = [&](const char *name, int32_t type, const void *data,
                         const void *offsets = nullptr, const uint8_t *validity = nullptr) {
      columns.push_back({sizeof(patron_column), type, name, static_cast<int64_t>(count),
                         static_cast<int64_t>(begin), data, validity, offsets});
    };
    add("event", PATRON_TYPE_INT64, events_.id.data());
    add("case", PATRON_TYPE_INT64, events_.case_id.data());
    add("type", PATRON_TYPE_TEXT, type_.bytes.data(), type_.offsets.data());
    add("time", PATRON_TYPE_TIMESTAMP_US, events_.occurred.data());
    add("actor", PATRON_TYPE_INT64, events_.actor.data());
    add("role", PATRON_TYPE_TEXT, role_.bytes.data(), role_.offsets.data());
    add("customer", PATRON_TYPE_INT64, events_.customer.data(), nullptr, has_customer_.data());
    add("amount", PATRON_TYPE_INT64, amount_.data());
    add("code", PATRON_TYPE_INT32, events_.code.data());
    add("reason", PATRON_TYPE_INT32, events_.reason.data());
    patron_table *table = nullptr;
    patron_error error;
    Check(patron_table_borrow(columns.data(), columns.size(), &table, &error), error);
    return table;
  }

 private:
  const Events &events_;
  Texts type_, role_;
  std::vector<int64_t> amount_;
  std::vector<uint8_t> has_customer_;
};

patron_casebook *OpenBook(const std::string &path) {
  Texts day, open, close;
  for (const char *name : {"mon", "tue", "wed", "thu", "fri"}) {
    day.Add(name);
    open.Add("09:00");
    close.Add("17:00");
  }
  const auto column = [](const char *name, const Texts &texts) {
    return patron_column{
        sizeof(patron_column), PATRON_TYPE_TEXT, name, 5, 0, texts.bytes.data(), nullptr,
        texts.offsets.data()};
  };
  const patron_column columns[] = {column("day", day), column("open", open),
                                   column("close", close)};
  patron_table *hours = nullptr;
  patron_calendar *calendar = nullptr;
  patron_policy *policy = nullptr;
  patron_casebook *book = nullptr;
  patron_error error;
  Check(patron_table_borrow(columns, 3, &hours, &error), error);
  Check(patron_calendar_create("Europe/Berlin", hours, &calendar, &error), error);
  Check(patron_policy_preset("default", 4, &policy, &error), error);
  Check(patron_casebook_open(path.c_str(), &book, &error), error);
  Check(patron_casebook_add_calendar(book, "service", calendar, 0, &error), error);
  Check(patron_casebook_add_policy(book, policy, &error), error);
  patron_table_free(hours);
  patron_calendar_free(calendar);
  patron_policy_free(policy);
  return book;
}

using Seconds = std::chrono::duration<double>;

// By the clock: what a file takes that grows by `count` pieces, each on the disk before the next.
double SecondsToAppend(const std::string &path, size_t bytes, size_t count) {
  const std::string piece(bytes, 'x');
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const auto begin = std::chrono::steady_clock::now();
  for (size_t i = 0; i < count; ++i) {
    if (write(file, piece.data(), bytes) != static_cast<ssize_t>(bytes) || fdatasync(file) != 0) {
      std::exit(1);
    }
  }
  const Seconds taken = std::chrono::steady_clock::now() - begin;
  close(file);
  return taken.count();
}

// Kept in a file, in batches that are each on the disk when the call returns; through the C
// interface. Beside it, by the clock, as many bytes appended to a file in as many pieces.
void BM_Casebook_ApplyKept(benchmark::State &state) {
  constexpr size_t kBatch = 1'000;
  constexpr size_t kBatches = size_t{kEvents} / kBatch;
  const EventTables tables(NewBook(), Shared());
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("patron" + std::to_string(getpid()));
  std::filesystem::create_directory(folder);
  const std::string path = folder / "book", other = folder / "appended";
  double kept = 0, appended = 0, bytes = 0;
  for (auto _ : state) {
    state.PauseTiming();
    TouchMemory();
    std::filesystem::remove(path);
    patron_casebook *book = OpenBook(path);
    state.ResumeTiming();
    const auto begin = std::chrono::steady_clock::now();
    for (size_t i = 0; i < kBatches; ++i) {
      patron_table *rows = tables.Rows(i * kBatch, kBatch);
      patron_apply_options options;
      patron_apply_options_init(&options);
      options.recorded = kRecorded;
      patron_apply_report report{};
      report.struct_size = sizeof report;
      patron_error error;
      Check(patron_casebook_apply(book, rows, &options, nullptr, &report, &error), error);
      if (report.applied != kBatch) std::exit(1);
      patron_table_free(rows);
    }
    kept += Seconds(std::chrono::steady_clock::now() - begin).count();
    state.PauseTiming();
    patron_casebook_free(book);
    const size_t size = std::filesystem::file_size(path);
    bytes = static_cast<double>(size) / kEvents;
    appended += SecondsToAppend(other, size / kBatches, kBatches);
    state.ResumeTiming();
  }
  std::filesystem::remove_all(folder);
  const auto events = static_cast<double>(state.iterations() * kEvents);
  state.SetItemsProcessed(state.iterations() * kEvents);
  state.counters["by_clock"] = events / kept;
  state.counters["appended_by_clock"] = events / appended;
  state.counters["disk_bytes_an_event"] = bytes;
}
BENCHMARK(BM_Casebook_ApplyKept)->Unit(benchmark::kMillisecond);

void BM_Casebook_Duplicates(benchmark::State &state) {
  const Events &events = Shared();
  Casebook book = NewBook();
  Must(book.Apply(events.rows(0, 1'000'000), kRecorded));
  for (auto _ : state) Must(book.Apply(events.rows(0, 1'000'000), kRecorded));
  state.SetItemsProcessed(state.iterations() * 1'000'000);
}
BENCHMARK(BM_Casebook_Duplicates)->Unit(benchmark::kMillisecond);

void BM_Casebook_Verify(benchmark::State &state) {
  Casebook book = NewBook();
  Must(book.Apply(Shared().rows(0, 1'000'000), kRecorded));
  for (auto _ : state) {
    if (!book.Verify().ok()) std::exit(1);
  }
  state.SetItemsProcessed(state.iterations() * 1'000'000);
}
BENCHMARK(BM_Casebook_Verify)->Unit(benchmark::kMillisecond);

void BM_Casebook_ReadAgain(benchmark::State &state) {
  Casebook book = NewBook();
  Must(book.Apply(Shared().rows(0, 1'000'000), kRecorded));
  const CasebookContent content = book.Content();
  for (auto _ : state) benchmark::DoNotOptimize(Must(Casebook::FromContent(content)));
  state.SetItemsProcessed(state.iterations() * 1'000'000);
}
BENCHMARK(BM_Casebook_ReadAgain)->Unit(benchmark::kMillisecond);

}  // namespace
