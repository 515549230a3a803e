#include <gtest/gtest.h>

#include <atomic>
#include <new>
#include <stdexcept>
#include <thread>
#include <vector>

#include "c_api/handles.hpp"
#include "patron/base/parallel.hpp"
#include "patron/c/base.h"

namespace patron::c_api {
namespace {

class Context {
 public:
  explicit Context(const patron_context_options &options) {
    patron_error error;
    EXPECT_EQ(patron_context_create(&options, &context_, &error), PATRON_OK) << error.message;
  }
  ~Context() { patron_context_free(context_); }
  const patron_context *get() const { return context_; }

 private:
  patron_context *context_ = nullptr;
};

patron_context_options Options(uint32_t threads) {
  patron_context_options options;
  patron_context_options_init(&options);
  options.threads = threads;
  return options;
}

// Whether each index below `count` is run once.
bool RunsEachOnce(const Execution &execution, size_t count) {
  std::vector<std::atomic<int>> runs(count);
  ParallelFor(execution, count, [&](size_t i) { ++runs[i]; });
  for (const std::atomic<int> &run : runs) {
    if (run != 1) return false;
  }
  return true;
}

TEST(ContextTest, NullIsSerialAndSilent) {
  const Execution execution = ToExecution(nullptr);
  EXPECT_EQ(execution.workers(), 1u);
  EXPECT_EQ(execution.progress, nullptr);
  EXPECT_EQ(DefaultsOf(nullptr), Defaults());
}

TEST(ContextTest, ThePoolRunsEachTaskOnce) {
  for (const uint32_t threads : {0u, 1u, 2u, 5u}) {
    const Context context(Options(threads));
    const Execution execution = ToExecution(context.get());
    EXPECT_TRUE(threads == 0 || execution.workers() == threads);
    for (const size_t count : {0u, 1u, 2u, 3u, 1000u})
      EXPECT_TRUE(RunsEachOnce(execution, count)) << count;
    for (int i = 0; i < 500; ++i) ASSERT_TRUE(RunsEachOnce(execution, 7));
  }
}

TEST(ContextTest, AContextMayServeManyCallers) {
  const Context context(Options(3));
  const Execution execution = ToExecution(context.get());
  std::atomic<int> good = 0;
  std::vector<std::thread> callers;
  for (int c = 0; c < 4; ++c) {
    callers.emplace_back([&] {
      for (int i = 0; i < 300; ++i) good += RunsEachOnce(execution, 11) ? 1 : 0;
    });
  }
  for (std::thread &caller : callers) caller.join();
  EXPECT_EQ(good, 1200);
}

TEST(ContextTest, ATaskMayRunTasks) {
  const Context context(Options(2));
  const Execution execution = ToExecution(context.get());
  std::atomic<int> good = 0;
  ParallelFor(execution, 8, [&](size_t) { good += RunsEachOnce(execution, 5) ? 1 : 0; });
  EXPECT_EQ(good, 8);
  EXPECT_TRUE(RunsEachOnce(execution, 100));
}

TEST(ContextTest, ATaskThatThrowsThrowsAtTheCaller) {
  const Context context(Options(3));
  const Execution execution = ToExecution(context.get());
  std::atomic<int> runs = 0;
  EXPECT_THROW(ParallelFor(execution, 100,
                           [&](size_t i) {
                             ++runs;
                             if (i % 10 == 3) throw std::bad_alloc();
                           }),
               std::bad_alloc);
  EXPECT_EQ(runs, 100);
  EXPECT_TRUE(RunsEachOnce(execution, 100));
}

struct Host {
  int calls = 0;
  size_t tasks = 0;
};

TEST(ContextTest, TheHostBringsItsThreads) {
  Host host;
  patron_context_options options = Options(8);
  options.executor = [](void *user, size_t count, patron_task run, void *task) {
    auto *self = static_cast<Host *>(user);
    ++self->calls;
    self->tasks += count;
    for (size_t i = count; i-- > 0;) run(task, i);  // Any order.
  };
  options.executor_user = &host;
  options.executor_workers = 6;
  const Context context(options);
  const Execution execution = ToExecution(context.get());
  EXPECT_EQ(execution.workers(), 6u);
  EXPECT_TRUE(RunsEachOnce(execution, 50));
  EXPECT_EQ(host.calls, 1);
  EXPECT_EQ(host.tasks, 50u);
  EXPECT_THROW(ParallelFor(execution, 3, [](size_t) { throw std::runtime_error("odd"); }),
               std::runtime_error);
}

TEST(ContextTest, ProgressReachesTheHostAndMayStop) {
  struct Seen {
    uint64_t done = 0;
    uint64_t total = 0;
  } seen;
  patron_context_options options = Options(1);
  options.progress = [](void *user, uint64_t done, uint64_t total) -> int32_t {
    *static_cast<Seen *>(user) = {done, total};
    return done < 5 ? 1 : 0;
  };
  options.progress_user = &seen;
  const Context context(options);
  const Execution execution = ToExecution(context.get());
  EXPECT_TRUE(ReportProgress(execution, 4, 9).ok());
  EXPECT_EQ(seen.done, 4u);
  EXPECT_EQ(seen.total, 9u);
  EXPECT_EQ(ReportProgress(execution, 5, 9).code(), absl::StatusCode::kCancelled);
}

TEST(ContextTest, DefaultsAreCopied) {
  patron_defaults *defaults = nullptr;
  ASSERT_EQ(patron_defaults_create(&defaults, nullptr), PATRON_OK);
  patron_default first = {};
  first.struct_size = sizeof first;
  ASSERT_EQ(patron_defaults_at(defaults, 0, &first, nullptr), PATRON_OK);
  ASSERT_NE(first.value, first.low);
  ASSERT_EQ(patron_defaults_set(defaults, first.name, first.low, nullptr), PATRON_OK);
  patron_context_options options = Options(1);
  options.defaults = defaults;
  const Context context(options);
  ASSERT_EQ(patron_defaults_set(defaults, first.name, first.high, nullptr), PATRON_OK);
  patron_defaults_free(defaults);
  EXPECT_EQ(*DefaultsOf(context.get()).Get(first.name), first.low);
  EXPECT_EQ(*DefaultsOf(nullptr).Get(first.name), first.built_in);
}

}  // namespace
}  // namespace patron::c_api
