#include "objects.hpp"

#include <pybind11/numpy.h>

namespace patron::python {

py::object Attribute(py::handle value, const char *name) {
  PyObject *found = PyObject_GetAttrString(value.ptr(), name);
  if (found == nullptr) {
    if (!PyErr_ExceptionMatches(PyExc_AttributeError)) throw py::error_already_set();
    PyErr_Clear();
  }
  return py::reinterpret_steal<py::object>(found);
}

bool IsPandas(py::handle value, const char *type) {
  const py::str name("pandas");
  const auto pandas = py::reinterpret_steal<py::object>(PyImport_GetModule(name.ptr()));
  if (!pandas) {
    if (PyErr_Occurred() != nullptr) throw py::error_already_set();
    return false;
  }
  const py::object wanted = Attribute(pandas, type);
  return wanted && py::isinstance(value, wanted);
}

bool IsArray(py::handle value) { return py::isinstance<py::array>(value); }

}  // namespace patron::python
