// Questions about Python objects whose packages may not be there.
#ifndef PATRON_BINDINGS_PYTHON_OBJECTS_HPP_
#define PATRON_BINDINGS_PYTHON_OBJECTS_HPP_

#include <pybind11/pybind11.h>

namespace patron::python {

namespace py = pybind11;

// The attribute, or an empty object if there is none.
py::object Attribute(py::handle value, const char *name);

// Whether `value` is a numpy array, or an instance of `type` of a pandas that has been imported.
bool IsArray(py::handle value);
bool IsPandas(py::handle value, const char *type);

}  // namespace patron::python

#endif  // PATRON_BINDINGS_PYTHON_OBJECTS_HPP_
