// Options: names, words, numbers, and the tuples that the Python side packs them into.
#ifndef PATRON_BINDINGS_PYTHON_ARGUMENTS_HPP_
#define PATRON_BINDINGS_PYTHON_ARGUMENTS_HPP_

#include <pybind11/pybind11.h>

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "instant.hpp"
#include "runtime.hpp"

namespace patron::python {

// The text of a str, which must outlive it; NULL for None. Throws TypeError for other objects.
const char *Name(py::handle value, const char *option);

// One of a few words. Throws InvalidArgumentError that lists them.
struct Choice {
  std::string_view word;
  int32_t value;
};
int32_t Choose(py::handle value, const char *option, std::span<const Choice> choices);

// Numbers. `option` names the argument in messages; a number out of the type's range is refused.
int64_t Integer(py::handle value, const char *option);
int32_t Integer32(py::handle value, const char *option);
double Number(py::handle value, const char *option);

inline constexpr const char *kDimensions[] = {"recency", "frequency", "monetary"};

// One value for each of recency, frequency and monetary: from one for all, three in a row, or a mapping
// by name; unset where the mapping lacks a name.
std::array<py::object, 3> EachDimension(py::handle value, const char *option);

// Reads the items of a tuple one after another.
class Arguments {
 public:
  explicit Arguments(py::handle tuple) : tuple_(tuple.ptr()) {}

  py::handle Next() { return PyTuple_GET_ITEM(tuple_, next_++); }
  const char *Text(const char *option) { return Name(Next(), option); }
  int32_t Word(const char *option, std::span<const Choice> choices) {
    return Choose(Next(), option, choices);
  }
  int64_t Time(const char *option) { return Instant(Next(), option); }
  int64_t Int(const char *option) { return Integer(Next(), option); }
  int32_t Int32(const char *option) { return Integer32(Next(), option); }
  double Real(const char *option) { return Number(Next(), option); }

 private:
  PyObject *tuple_;
  Py_ssize_t next_ = 0;
};

}  // namespace patron::python

#endif  // PATRON_BINDINGS_PYTHON_ARGUMENTS_HPP_
