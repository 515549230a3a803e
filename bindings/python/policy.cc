// Policies of complaints. They are unchangeable once made, so threads may share one.
#include "policy.hpp"

#include <utility>

#include "arguments.hpp"
#include "exclusive.hpp"
#include "module.hpp"
#include "table.hpp"

namespace patron::python {

std::unique_ptr<Policy> Policy::Preset(py::handle name, py::handle decimals) {
  patron_policy *handle = nullptr;
  ErrorText error;
  patron::python::Check(
      patron_policy_preset(Name(name, "preset"), Integer32(decimals, "decimals"), &handle, &error),
      error);
  return std::make_unique<Policy>(handle);
}

std::unique_ptr<Policy> Policy::FromJson(const py::bytes &text) {
  return std::make_unique<Policy>(Deserialized(text, patron_policy_from_json));
}

std::unique_ptr<Policy> Policy::FromBytes(py::handle bytes) {
  return std::make_unique<Policy>(Deserialized(bytes, patron_policy_deserialize));
}

py::bytes Policy::ToJson() const { return Serialized(get(), patron_policy_to_json); }
py::bytes Policy::ToBytes() const { return Serialized(get(), patron_policy_serialize); }
py::bytes Policy::Graph() const { return Serialized(get(), patron_policy_graph); }

py::object Policy::Check() const {
  patron_table *out = nullptr;
  ErrorText error;
  patron::python::Check(patron_policy_check(get(), &out, &error), error);
  return ToPython(TablePtr(out));
}

void DefinePolicy(py::module_ &m) {
  using py::arg;
  DefineClass<Policy>(m, "Policy")
      .def_static("preset", &Policy::Preset, arg("name"), arg("decimals"))
      .def_static("from_json", &Policy::FromJson, arg("text"))
      .def_static("from_bytes", &Policy::FromBytes, arg("data"))
      .def("to_json", &Policy::ToJson)
      .def("to_bytes", &Policy::ToBytes)
      .def("graph", &Policy::Graph)
      .def("check", &Policy::Check);
}

}  // namespace patron::python
