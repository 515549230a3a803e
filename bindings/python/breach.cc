// How likely open cases are to pass their limit.
#include <pybind11/pybind11.h>

#include "arguments.hpp"
#include "input_table.hpp"
#include "module.hpp"
#include "table.hpp"

namespace patron::python {

namespace {

py::object Breach(py::handle history, py::handle cases, py::handle arguments) {
  patron_breach_options options;
  patron_breach_options_init(&options);
  Arguments next(arguments);
  options.time = next.Text("time");
  options.observed = next.Text("observed");
  options.age = next.Text("age");
  options.limit = next.Text("limit");
  options.stratum = next.Text("stratum");
  options.least = next.Int("least");
  const InputTable past(history,
                        {{options.time, Role::kNumber},
                         {options.observed, Role::kCount},
                         {options.stratum, Role::kId}},
                        "history");
  const InputTable open(
      cases,
      {{options.age, Role::kNumber}, {options.limit, Role::kNumber}, {options.stratum, Role::kId}},
      "cases");
  patron_table *out = nullptr;
  ErrorText error;
  Check(patron_measure_breach(past.get(), open.get(), &options, &out, &error), error);
  return ToPython(TablePtr(out));
}

}  // namespace

void DefineBreach(py::module_ &m) {
  m.def("breach", &Breach, py::arg("history"), py::arg("cases"), py::arg("options"));
}

}  // namespace patron::python
