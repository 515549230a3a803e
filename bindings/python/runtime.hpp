// How Python calls the library: errors as exceptions, one context for the process, the GIL, Ctrl-C.
#ifndef PATRON_BINDINGS_PYTHON_RUNTIME_HPP_
#define PATRON_BINDINGS_PYTHON_RUNTIME_HPP_

#include <pybind11/pybind11.h>

#include <cstdint>
#include <memory>
#include <string>

#include "patron/c/patron.h"

namespace patron::python {

namespace py = pybind11;

// Work on fewer rows is done before another thread could take the GIL and give it back.
inline constexpr int64_t kRowsToReleaseGil = 1000;

// Throws the exception of patron.errors that belongs to `status`.
[[noreturn]] void Raise(patron_status status, const char *message);
[[noreturn]] void RaiseInvalid(const std::string &message);
[[noreturn]] void RaiseType(const std::string &message);

// Where the library puts its message. The text is not cleared: only a failure reads it.
struct ErrorText : patron_error {
  ErrorText() {
    code = PATRON_OK;
    message[0] = '\0';
  }
};

// An options or output struct with its size filled in and all else zero.
template <typename T>
T Sized() {
  T value{};
  value.struct_size = sizeof value;
  return value;
}

inline void Check(patron_status status, const patron_error &error) {
  if (status != PATRON_OK) [[unlikely]]
    Raise(status, error.message);
}

// What the process shares: how many threads, and the defaults. All under the GIL.
class Runtime {
 public:
  static Runtime &Get();

  uint32_t threads() const { return threads_; }
  void SetThreads(uint32_t threads);

  // NULL while nobody has changed a default.
  const patron_defaults *defaults() const { return defaults_; }
  void SetDefault(const char *name, double value);

  // A context for small calls; NULL while the defaults are the built-in ones.
  std::shared_ptr<patron_context> serial();
  // A context with threads, made on first use, whose progress goes to the Call that runs.
  std::shared_ptr<patron_context> threaded();

 private:
  Runtime();
  std::shared_ptr<patron_context> Make(uint32_t threads) const;
  static void AbandonThreadsAfterFork();

  uint32_t threads_ = 0;  // One a core.
  patron_defaults *defaults_ = nullptr;
  std::shared_ptr<patron_context> serial_, threaded_;
};

// One call of the library about `rows` rows. Small calls just run. Large ones, and those whose
// progress is asked for, run on all threads without the GIL and stop on Ctrl-C.
class Call {
 public:
  // `progress` is None, True for a bar labelled `title`, or a callable (done, total).
  Call(int64_t rows, py::handle progress, const char *title);
  Call(const Call &) = delete;
  Call &operator=(const Call &) = delete;

  const patron_context *context() const { return context_.get(); }

  // Calls `function(patron_error *)` and throws what went wrong.
  template <typename Function>
  void Run(Function &&function) {
    ErrorText error;
    if (!large_) {
      Check(function(&error), error);
      return;
    }
    Begin();
    patron_status status;
    {
      py::gil_scoped_release without_gil;
      status = function(&error);
    }
    End(status, error);
  }

 private:
  friend int32_t OnProgress(void *, uint64_t, uint64_t);

  void Begin();
  void End(patron_status status, const patron_error &error);
  bool GoOn(uint64_t done, uint64_t total);

  const bool large_;
  const char *title_;
  py::handle asked_;
  py::object progress_;
  py::object bar_;
  std::shared_ptr<patron_context> context_;
  std::unique_ptr<py::error_already_set> raised_;
  int64_t next_check_ = 0;  // Steady clock, nanoseconds.
  Call *outer_ = nullptr;
};

}  // namespace patron::python

#endif  // PATRON_BINDINGS_PYTHON_RUNTIME_HPP_
