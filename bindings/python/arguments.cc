#include "arguments.hpp"

#include <cstring>
#include <limits>
#include <string>

namespace patron::python {

const char *Name(py::handle value, const char *option) {
  if (value.is_none()) return nullptr;
  if (!PyUnicode_Check(value.ptr())) {
    RaiseType(std::string(option) + ": expected a str, not " + Py_TYPE(value.ptr())->tp_name);
  }
  Py_ssize_t size = 0;
  const char *text = PyUnicode_AsUTF8AndSize(value.ptr(), &size);
  if (text == nullptr) throw py::error_already_set();
  if (std::strlen(text) != static_cast<size_t>(size)) {
    RaiseInvalid(std::string(option) + ": holds a zero character; expected a name without one");
  }
  return text;
}

int32_t Choose(py::handle value, const char *option, std::span<const Choice> choices) {
  const char *text = Name(value, option);
  if (text != nullptr) {
    const std::string_view word = text;
    for (const Choice &choice : choices) {
      if (choice.word == word) return choice.value;
    }
  }
  std::string message = std::string(option) + ": " + py::repr(value).cast<std::string>();
  message += choices.size() > 1 ? "; expected one of" : "; expected";
  for (size_t i = 0; i < choices.size(); ++i) {
    message += i == 0 ? " '" : ", '";
    message += std::string(choices[i].word) + "'";
  }
  RaiseInvalid(message);
}

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
