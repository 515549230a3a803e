// Contexts: a fixed pool of threads or those of the host, progress, and defaults.
#include <atomic>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "patron/base/defaults.hpp"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/c/base.h"

namespace patron::c_api {
namespace {

constexpr uint32_t kMaxThreads = 1024;

// Tasks of one call of Run. A task that throws does not end the process: the first exception is kept and
// thrown on the calling thread once all tasks are done.
class Job {
 public:
  explicit Job(absl::FunctionRef<void(size_t)> task) : task_(task) {}

  void RunOne(size_t index) noexcept {
    try {
      task_(index);
    } catch (...) {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (thrown_ == nullptr) thrown_ = std::current_exception();
    }
  }

  // To be called when all tasks are done.
  void Rethrow() {
    if (thrown_ != nullptr) std::rethrow_exception(std::exchange(thrown_, nullptr));
  }

 private:
  absl::FunctionRef<void(size_t)> task_;
  std::mutex mutex_;
  std::exception_ptr thrown_;
};

// A fixed number of threads that take the tasks of one job at a time; the calling thread helps. A second
// caller meanwhile runs its job alone, so no one waits for another, and a nested job cannot lock up.
class Pool final : public Executor {
 public:
  // Starts `threads` - 1 threads; the calling one is the other. Throws std::system_error or std::bad_alloc.
  explicit Pool(size_t threads) {
    threads_.reserve(threads - 1);
    try {
      for (size_t i = 1; i < threads; ++i) threads_.emplace_back([this] { Serve(); });
    } catch (...) {
      Stop();
      throw;
    }
  }

  ~Pool() override { Stop(); }

  size_t workers() const override { return threads_.size() + 1; }

  void Run(size_t count, absl::FunctionRef<void(size_t)> task) override {
    Job job(task);
    // Not a mutex: a task that calls Run may be on the very thread that runs the job.
    if (running_.exchange(true, std::memory_order_acquire)) {
      for (size_t i = 0; i < count; ++i) job.RunOne(i);
      job.Rethrow();
      return;
    }
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      job_ = &job;
      count_ = count;
      next_ = 0;
      ++generation_;
    }
    wake_.notify_all();
    TakeTasks(job, count);
    {
      // Threads that have joined the job leave it before it ends here; late ones do not join any more.
      std::unique_lock<std::mutex> lock(mutex_);
      job_ = nullptr;
      idle_.wait(lock, [this] { return busy_ == 0; });
    }
    running_.store(false, std::memory_order_release);
    job.Rethrow();
  }

 private:
  void TakeTasks(Job &job, size_t count) noexcept {
    for (size_t i = next_++; i < count; i = next_++) job.RunOne(i);
  }

  void Serve() noexcept {
    uint64_t seen = 0;
    std::unique_lock<std::mutex> lock(mutex_);
    while (true) {
      wake_.wait(lock, [&] { return stopping_ || (job_ != nullptr && generation_ != seen); });
      if (stopping_) return;
      seen = generation_;
      Job &job = *job_;
      const size_t count = count_;
      ++busy_;
      lock.unlock();
      TakeTasks(job, count);
      lock.lock();
      if (--busy_ == 0) idle_.notify_one();
    }
  }

  void Stop() noexcept {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread &thread : threads_) thread.join();
    threads_.clear();
  }

  std::vector<std::thread> threads_;
  std::atomic<bool> running_ = false;  // A caller has a job here.
  std::mutex mutex_;                   // Guards what follows, but for next_.
  std::condition_variable wake_, idle_;
  Job *job_ = nullptr;
  size_t count_ = 0;
  uint64_t generation_ = 0;
  size_t busy_ = 0;
  bool stopping_ = false;
  std::atomic<size_t> next_ = 0;
};

// The threads of the host.
class HostExecutor final : public Executor {
 public:
  HostExecutor(patron_executor executor, void *user, size_t workers)
      : executor_(executor), user_(user), workers_(workers) {}

  size_t workers() const override { return workers_; }

  void Run(size_t count, absl::FunctionRef<void(size_t)> task) override {
    Job job(task);
    executor_(
        user_, count, [](void *self, size_t index) { static_cast<Job *>(self)->RunOne(index); },
        &job);
    job.Rethrow();
  }

 private:
  patron_executor executor_;
  void *user_;
  size_t workers_;
};

}  // namespace
}  // namespace patron::c_api

struct patron_context {
  std::unique_ptr<patron::Executor> executor;  // Null if serial.
  patron_progress progress = nullptr;
  void *progress_user = nullptr;
  patron::Defaults defaults;
};

namespace patron::c_api {

Execution ToExecution(const patron_context *context) {
  Execution execution;
  if (context == nullptr) return execution;
  execution.executor = context->executor.get();
  if (context->progress != nullptr) {
    execution.progress = [](void *self, uint64_t done, uint64_t total) {
      const auto *from = static_cast<const patron_context *>(self);
      return from->progress(from->progress_user, done, total) != 0;
    };
    execution.progress_user = const_cast<patron_context *>(context);
  }
  return execution;
}

const Defaults &DefaultsOf(const patron_context *context) {
  static const Defaults built_in;
  return context == nullptr ? built_in : context->defaults;
}

namespace {

absl::Status MakeExecutor(const patron_context_options &options,
                          std::unique_ptr<Executor> &executor) {
  if (options.executor != nullptr) {
    if (options.executor_workers < 1) return InvalidOption("executor_workers", "0", "at least 1");
    executor = std::make_unique<HostExecutor>(options.executor, options.executor_user,
                                              options.executor_workers);
    return absl::OkStatus();
  }
  if (options.threads > kMaxThreads) {
    return InvalidOption("threads", std::to_string(options.threads),
                         "0 to " + std::to_string(kMaxThreads));
  }
  size_t threads = options.threads;
  if (threads == 0)
    threads = std::clamp<size_t>(std::thread::hardware_concurrency(), 1, kMaxThreads);
  if (threads == 1) return absl::OkStatus();
  try {
    executor = std::make_unique<Pool>(threads);
  } catch (const std::system_error &error) {
    return absl::ResourceExhaustedError(
        absl::StrCat("threads: ", threads, " cannot be started: ", error.what()));
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace patron::c_api

extern "C" {

void patron_context_options_init(patron_context_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->threads = 1;
  options->executor_workers = 1;
}

patron_status patron_context_create(const patron_context_options *options, patron_context **out,
                                    patron_error *error) {
  namespace c_api = patron::c_api;
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron_context_options full;
    patron_context_options_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", options, &full));
    if (full.reserved != 0) {
      return patron::InvalidOption("reserved", std::to_string(full.reserved), "0");
    }
    auto context = std::make_unique<patron_context>();
    PATRON_RETURN_IF_ERROR(c_api::MakeExecutor(full, context->executor));
    context->progress = full.progress;
    context->progress_user = full.progress_user;
    if (full.defaults != nullptr) context->defaults = full.defaults->defaults;
    *out = context.release();
    return absl::OkStatus();
  });
}

void patron_context_free(patron_context *context) { delete context; }

}  // extern "C"
