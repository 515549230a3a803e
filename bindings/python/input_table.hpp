// Tables as functions take them.
#ifndef PATRON_BINDINGS_PYTHON_INPUT_TABLE_HPP_
#define PATRON_BINDINGS_PYTHON_INPUT_TABLE_HPP_

#include <pybind11/pybind11.h>

#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

#include "arrow.hpp"
#include "columns.hpp"
#include "patron/c/patron.h"

namespace patron::python {

struct Wanted {
  const char *name;  // NULL = not wanted.
  Role role;
};

// A table as a function takes it: one of ours, an imported Arrow stream, or columns of a mapping.
class InputTable {
 public:
  // Of mappings and pandas frames only the columns in `wanted` are read; those they lack are left for
  // the library to miss. `what` names the argument in messages.
  InputTable(py::handle source, std::span<const Wanted> wanted, const char *what);
  InputTable(py::handle source, std::initializer_list<Wanted> wanted, const char *what)
      : InputTable(source, std::span(wanted.begin(), wanted.size()), what) {}

  // All columns.
  InputTable(py::handle source, const char *what);

  const patron_table *get() const { return table_; }
  int64_t rows() const { return patron_table_rows(table_); }

  // The parts, for a table that lives on: `owned` is empty if the table is another object's.
  TablePtr &owned() { return owned_; }
  Columns &columns() { return columns_; }

 private:
  void Open(py::handle source, const std::span<const Wanted> *wanted, const char *what);
  void AddWanted(py::handle mapping, std::span<const Wanted> wanted);
  void NameAll(py::handle mapping);
  void AddAll(py::handle mapping, py::handle names);
  void Borrow();

  std::vector<py::object> kept_;
  Columns columns_;
  TablePtr owned_;
  const patron_table *table_ = nullptr;
};

}  // namespace patron::python

#endif  // PATRON_BINDINGS_PYTHON_INPUT_TABLE_HPP_
