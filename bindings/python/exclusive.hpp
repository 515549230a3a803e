// A handle of the library that one thread at a time may use, whoever holds the GIL.
#ifndef PATRON_BINDINGS_PYTHON_EXCLUSIVE_HPP_
#define PATRON_BINDINGS_PYTHON_EXCLUSIVE_HPP_

#include <pybind11/pybind11.h>

#include <memory>
#include <mutex>
#include <string>

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

  // A thread that waits gives the GIL back, because the one it waits for may want it.
  std::unique_lock<std::mutex> Lock() {
    std::unique_lock<std::mutex> lock(mutex_, std::try_to_lock);
    if (!lock.owns_lock()) {
      py::gil_scoped_release without_gil;
      lock.lock();
    }
    return lock;
  }

 private:
  T *handle_;
  std::mutex mutex_;
};

// The bytes that a patron_*_serialize function writes.
template <typename T>
py::bytes Serialized(const T *handle, patron_status (*serialize)(const T *, void *, size_t,
                                                                 size_t *, patron_error *)) {
  size_t size = 0;
  ErrorText error;
  Check(serialize(handle, nullptr, 0, &size, &error), error);
  auto bytes = py::reinterpret_steal<py::bytes>(
      PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(size)));
  if (!bytes) throw py::error_already_set();
  Check(serialize(handle, PyBytes_AS_STRING(bytes.ptr()), size, &size, &error), error);
  return bytes;
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
  Check(deserialize(view.buf, static_cast<size_t>(view.len), &handle, &error), error);
  return handle;
}

}  // namespace patron::python

#endif  // PATRON_BINDINGS_PYTHON_EXCLUSIVE_HPP_
