// An executor for tests: real threads that take tasks in whatever order they get to them.
#ifndef PATRON_TESTS_SUPPORT_THREAD_EXECUTOR_HPP_
#define PATRON_TESTS_SUPPORT_THREAD_EXECUTOR_HPP_

#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

#include "patron/base/parallel.hpp"

namespace patron::testing {

class ThreadExecutor : public Executor {
 public:
  explicit ThreadExecutor(size_t workers) : workers_(workers) {}

  void Run(size_t count, absl::FunctionRef<void(size_t)> task) override {
    std::atomic<size_t> next = 0;
    std::vector<std::thread> threads;
    for (size_t worker = 0; worker < workers_; ++worker) {
      threads.emplace_back([&] {
        for (size_t i; (i = next.fetch_add(1)) < count;) task(i);
      });
    }
    for (std::thread &thread : threads) thread.join();
  }

  size_t workers() const override { return workers_; }

 private:
  size_t workers_;
};

}  // namespace patron::testing

#endif  // PATRON_TESTS_SUPPORT_THREAD_EXECUTOR_HPP_
