#include "runtime.hpp"

#include <pthread.h>

#include <chrono>
#include <cstring>
#include <utility>

namespace patron::python {

namespace {

// Often enough for a person who waits, rarely enough to cost nothing.
constexpr int64_t kCheckEveryNanoseconds = 50'000'000;

thread_local Call *running = nullptr;

int64_t Now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

void Raise(patron_status status, const char *message) {
  if (PyErr_Occurred() != nullptr) throw py::error_already_set();
  // A message that was cut at the end of its buffer may end inside a character.
  const auto text = py::reinterpret_steal<py::object>(
      PyUnicode_DecodeUTF8(message, static_cast<Py_ssize_t>(std::strlen(message)), "replace"));
  if (!text) throw py::error_already_set();
  const py::object exception =
      py::module_::import("patron.errors").attr("_from_status")(patron_status_name(status), text);
  PyErr_SetObject(reinterpret_cast<PyObject *>(Py_TYPE(exception.ptr())), exception.ptr());
  throw py::error_already_set();
}

void RaiseInvalid(const std::string &message) { Raise(PATRON_INVALID_ARGUMENT, message.c_str()); }

void RaiseType(const std::string &message) {
  PyErr_SetString(PyExc_TypeError, message.c_str());
  throw py::error_already_set();
}

// ---- Call ----

int32_t OnProgress(void *, uint64_t done, uint64_t total) {
  Call *call = running;
  return call == nullptr || call->GoOn(done, total) ? 1 : 0;
}

Call::Call(int64_t rows, py::handle progress, const char *title)
    : large_(rows >= kRowsToReleaseGil || !progress.is_none()), title_(title), asked_(progress) {
  context_ = large_ ? Runtime::Get().threaded() : Runtime::Get().serial();
}

void Call::Begin() {
  if (asked_.ptr() == Py_True) {
    bar_ = py::module_::import("patron._progress").attr("Bar")(title_);
    progress_ = bar_;
  } else if (asked_.ptr() != Py_False && !asked_.is_none()) {
    if (PyCallable_Check(asked_.ptr()) == 0) {
      RaiseType("progress: expected None, True or a callable (done, total)");
    }
    progress_ = py::reinterpret_borrow<py::object>(asked_);
  }
  outer_ = std::exchange(running, this);
}

void Call::End(patron_status status, const patron_error &error) {
  running = outer_;
  if (bar_) {
    try {
      bar_.attr("close")(status == PATRON_OK);
    } catch (py::error_already_set &problem) {
      if (!raised_ && status == PATRON_OK) throw;
      problem.discard_as_unraisable("patron._progress.Bar.close");
    }
  }
  if (raised_) throw py::error_already_set(std::move(*raised_));
  Check(status, error);
}

bool Call::GoOn(uint64_t done, uint64_t total) {
  const int64_t now = Now();
  if (now < next_check_ && !(progress_ && done == total)) return true;
  next_check_ = now + kCheckEveryNanoseconds;
  py::gil_scoped_acquire with_gil;
  if (raised_) return false;
  try {
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    return !progress_ || progress_(done, total).ptr() != Py_False;
  } catch (py::error_already_set &problem) {
    raised_ = std::make_unique<py::error_already_set>(std::move(problem));
    return false;
  }
}

// ---- Runtime ----

Runtime &Runtime::Get() {
  static Runtime *const runtime = new Runtime;  // Its threads end with the process.
  return *runtime;
}

Runtime::Runtime() { pthread_atfork(nullptr, nullptr, AbandonThreadsAfterFork); }

// A forked child has none of the threads, so the context of the parent cannot even be freed.
void Runtime::AbandonThreadsAfterFork() {
  Runtime &runtime = Get();
  new std::shared_ptr<patron_context>(std::move(runtime.threaded_));
  running = nullptr;
}

void Runtime::SetThreads(uint32_t threads) {
  threads_ = threads;
  threaded_.reset();
}

void Runtime::SetDefault(const char *name, double value) {
  ErrorText error;
  if (defaults_ == nullptr) Check(patron_defaults_create(&defaults_, &error), error);
  Check(patron_defaults_set(defaults_, name, value, &error), error);
  serial_.reset();
  threaded_.reset();
}

std::shared_ptr<patron_context> Runtime::Make(uint32_t threads) const {
  patron_context_options options;
  patron_context_options_init(&options);
  options.threads = threads;
  options.progress = OnProgress;
  options.defaults = defaults_;
  patron_context *context = nullptr;
  ErrorText error;
  Check(patron_context_create(&options, &context, &error), error);
  return {context, patron_context_free};
}

std::shared_ptr<patron_context> Runtime::serial() {
  if (defaults_ == nullptr) return nullptr;
  if (!serial_) serial_ = Make(1);
  return serial_;
}

std::shared_ptr<patron_context> Runtime::threaded() {
  if (!threaded_) threaded_ = Make(threads_);
  return threaded_;
}

}  // namespace patron::python
