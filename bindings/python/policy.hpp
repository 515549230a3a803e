// patron._core.Policy.
#ifndef PATRON_BINDINGS_PYTHON_POLICY_HPP_
#define PATRON_BINDINGS_PYTHON_POLICY_HPP_

#include <pybind11/pybind11.h>

#include <memory>

#include "patron/c/patron.h"

namespace patron::python {

namespace py = pybind11;

class Policy {
 public:
  explicit Policy(patron_policy *handle) : handle_(handle, patron_policy_free) {}

  static std::unique_ptr<Policy> Preset(py::handle name, py::handle decimals);
  static std::unique_ptr<Policy> FromJson(const py::bytes &text);
  static std::unique_ptr<Policy> FromBytes(py::handle bytes);

  py::bytes ToJson() const;
  py::bytes ToBytes() const;
  py::bytes Graph() const;
  py::object Check() const;

  const patron_policy *get() const { return handle_.get(); }

 private:
  std::unique_ptr<patron_policy, void (*)(patron_policy *)> handle_;
};

}  // namespace patron::python

#endif  // PATRON_BINDINGS_PYTHON_POLICY_HPP_
