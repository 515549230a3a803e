// A handle of the library that one thread at a time may use, whoever holds the GIL.
#ifndef PATRON_BINDINGS_PYTHON_EXCLUSIVE_HPP_
#define PATRON_BINDINGS_PYTHON_EXCLUSIVE_HPP_

#include <pybind11/pybind11.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "patron/c/patron.h"
#include "runtime.hpp"

namespace patron::python {

template <typename T, void (*kFree)(T *)>
class Exclusive {
 public:
  explicit Exclusive(T *handle) : handle_(handle) {}
  ~Exclusive() { kFree(handle_); }
  Exclusive(const Exclusive &) = delete;
  Exclusive &operator=(const Exclusive &) = delete;

  T *get() const { return handle_; }

  // Holds the handle for its own thread.
  class Holder {
   public:
    explicit Holder(Exclusive &exclusive) : exclusive_(exclusive) {
      exclusive_.owner_ = std::this_thread::get_id();
    }
    ~Holder() {
      exclusive_.owner_ = std::thread::id();
      exclusive_.mutex_.unlock();
    }
    Holder(const Holder &) = delete;
    Holder &operator=(const Holder &) = delete;

   private:
    Exclusive &exclusive_;
  };

  // A thread that waits gives the GIL back, because the one it waits for may want it. Throws
  // FailedPreconditionError if this very thread holds the handle: a progress callback that uses the
  // object whose call it watches would wait for itself.
  [[nodiscard]] Holder Lock() {
    if (owner_ == std::this_thread::get_id()) {
      Raise(PATRON_FAILED_PRECONDITION,
            "progress: the callback uses the object whose call it watches; expected it to use "
            "other objects, or this one after the call");
    }
    if (!mutex_.try_lock()) {
      py::gil_scoped_release without_gil;
      mutex_.lock();
    }
    return Holder(*this);
  }

 private:
  T *handle_;
  std::mutex mutex_;
  std::atomic<std::thread::id> owner_;  // No thread while nobody holds the handle.
};

// The bytes that a patron_*_serialize function writes.
template <typename T>
py::bytes Serialized(const T *handle,
                     patron_status (*serialize)(const T *, patron_bytes **, patron_error *)) {
  patron_bytes *out = nullptr;
  ErrorText error;
  patron_status status;
  {
    py::gil_scoped_release without_gil;
    status = serialize(handle, &out, &error);
  }
  const std::unique_ptr<patron_bytes, void (*)(patron_bytes *)> release(out, patron_bytes_free);
  Check(status, error);
  return py::bytes(static_cast<const char *>(patron_bytes_data(out)), patron_bytes_size(out));
}

// The handle that a patron_*_deserialize function reads from a bytes-like object.
template <typename T>
T *Deserialized(py::handle bytes,
                patron_status (*deserialize)(const void *, size_t, T **, patron_error *)) {
  Py_buffer view;
  if (PyObject_GetBuffer(bytes.ptr(), &view, PyBUF_SIMPLE) != 0) throw py::error_already_set();
  const std::unique_ptr<Py_buffer, void (*)(Py_buffer *)> release(&view, PyBuffer_Release);
  T *handle = nullptr;
  ErrorText error;
  patron_status status;
  {
    py::gil_scoped_release without_gil;
    status = deserialize(view.buf, static_cast<size_t>(view.len), &handle, &error);
  }
  Check(status, error);
  return handle;
}

}  // namespace patron::python

#endif  // PATRON_BINDINGS_PYTHON_EXCLUSIVE_HPP_
