// Deterministic parallel loop: fixed chunks, results combined in chunk order, threads brought by
// the host.
#ifndef PATRON_BASE_PARALLEL_HPP_
#define PATRON_BASE_PARALLEL_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

namespace patron {

// Runs tasks on threads that the host owns. Kernels create no thread of their own.
class Executor {
 public:
  virtual ~Executor() = default;

  // Calls `task(i)` once for each i in [0, count), in any order and on any thread, and returns
  // when all have finished. The tasks do not throw. Never called from inside a task.
  virtual void Run(size_t count, absl::FunctionRef<void(size_t)> task) = 0;

  // How many tasks can make progress at once; at least 1.
  virtual size_t workers() const = 0;
};

// Told how far a long call is; answers whether to go on. Called on the calling thread only.
using ProgressFunction = bool (*)(void *user, uint64_t done, uint64_t total);

// How a kernel may run. The default is serial, silent and cannot be cancelled. Results are the
// same bits whatever is set here.
struct Execution {
  Executor *executor = nullptr;         // Borrowed; null means the calling thread alone.
  ProgressFunction progress = nullptr;  // May be null.
  void *progress_user = nullptr;

  size_t workers() const {
    return executor == nullptr ? 1 : std::max<size_t>(1, executor->workers());
  }
};

// Calls `task(i)` for each i in [0, count) by the executor of `execution`.
void ParallelFor(const Execution &execution, size_t count, absl::FunctionRef<void(size_t)> task);

// Tells the host that `done` of `total` units are finished. Errors: Cancelled if it says stop.
absl::Status ReportProgress(const Execution &execution, uint64_t done, uint64_t total);

// Bounds of part `index` of `parts` of the range [0, count); depends on nothing else.
struct Range {
  size_t begin;
  size_t end;
  size_t size() const { return end - begin; }
};
Range PartOf(size_t count, size_t parts, size_t index);

inline void ParallelFor(const Execution &execution, size_t count,
                        absl::FunctionRef<void(size_t)> task) {
  if (execution.executor != nullptr && count > 1) {
    execution.executor->Run(count, task);
    return;
  }
  for (size_t i = 0; i < count; ++i) task(i);
}

inline absl::Status ReportProgress(const Execution &execution, uint64_t done, uint64_t total) {
  if (execution.progress == nullptr || execution.progress(execution.progress_user, done, total)) {
    return absl::OkStatus();
  }
  return absl::CancelledError("stopped by the caller");
}

inline Range PartOf(size_t count, size_t parts, size_t index) {
  const size_t whole = count / parts;
  const size_t rest = count % parts;
  const size_t begin = whole * index + std::min(index, rest);
  return {begin, begin + whole + (index < rest ? 1 : 0)};
}

}  // namespace patron

#endif  // PATRON_BASE_PARALLEL_HPP_
