#include "arguments.hpp"

#include <limits>
#include <string>

namespace patron::python {

int64_t Integer(py::handle value, const char *option) {
  if (PyIndex_Check(value.ptr()) == 0) {
    RaiseType(std::string(option) + ": expected an int, not " + Py_TYPE(value.ptr())->tp_name);
  }
  const auto index = py::reinterpret_steal<py::object>(PyNumber_Index(value.ptr()));
  if (!index) throw py::error_already_set();
  int overflow = 0;
  const int64_t integer = PyLong_AsLongLongAndOverflow(index.ptr(), &overflow);
  if (overflow != 0) {
    RaiseInvalid(std::string(option) + ": " + py::str(index).cast<std::string>().substr(0, 60) +
                 "; expected an integer of 64 bits");
  }
  return integer;
}

int32_t Integer32(py::handle value, const char *option) {
  const int64_t integer = Integer(value, option);
  if (integer < std::numeric_limits<int32_t>::min() ||
      integer > std::numeric_limits<int32_t>::max()) {
    RaiseInvalid(std::string(option) + ": " + std::to_string(integer) +
                 "; expected an integer of 32 bits");
  }
  return static_cast<int32_t>(integer);
}

double Number(py::handle value, const char *option) {
  const double number = PyFloat_AsDouble(value.ptr());
  if (number == -1.0 && PyErr_Occurred() != nullptr) {
    if (!PyErr_ExceptionMatches(PyExc_TypeError)) throw py::error_already_set();
    PyErr_Clear();
    RaiseType(std::string(option) + ": expected a number, not " + Py_TYPE(value.ptr())->tp_name);
  }
  return number;
}

std::array<py::object, 3> EachDimension(py::handle value, const char *option) {
  std::array<py::object, 3> each;
  if (value.is_none()) return each;
  if (PyDict_Check(value.ptr())) {
    for (const auto &[key, item] : py::reinterpret_borrow<py::dict>(value)) {
      size_t i = 0;
      while (i < 3 && !(PyUnicode_Check(key.ptr()) &&
                        PyUnicode_CompareWithASCIIString(key.ptr(), kDimensions[i]) == 0)) {
        ++i;
      }
      if (i == 3) {
        RaiseInvalid(std::string(option) + ": " + py::repr(key).cast<std::string>() +
                     "; expected one of 'recency', 'frequency', 'monetary'");
      }
      if (!item.is_none()) each[i] = py::reinterpret_borrow<py::object>(item);
    }
    return each;
  }
  if (PyUnicode_Check(value.ptr()) == 0 && PySequence_Check(value.ptr()) != 0) {
    const Py_ssize_t size = PySequence_Size(value.ptr());
    if (size < 0) throw py::error_already_set();
    if (size != 3) {
      RaiseInvalid(std::string(option) + ": " + std::to_string(size) +
                   " values; expected three, for recency, frequency and monetary");
    }
    for (size_t i = 0; i < 3; ++i) {
      each[i] = py::reinterpret_steal<py::object>(PySequence_GetItem(value.ptr(), Py_ssize_t(i)));
      if (!each[i]) throw py::error_already_set();
      if (each[i].is_none()) each[i] = py::object();
    }
    return each;
  }
  each.fill(py::reinterpret_borrow<py::object>(value));
  return each;
}

}  // namespace patron::python
