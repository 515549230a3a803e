// patron._core.Table: a patron_table as a Python object.
#ifndef PATRON_BINDINGS_PYTHON_TABLE_HPP_
#define PATRON_BINDINGS_PYTHON_TABLE_HPP_

#include <pybind11/pybind11.h>

#include <memory>
#include <vector>

#include "input_table.hpp"
#include "patron/c/patron.h"

namespace patron::python {

class Table {
 public:
  explicit Table(TablePtr table) : table_(std::move(table)) {}
  // Any table, with all its columns.
  explicit Table(py::handle source);

  const patron_table *get() const { return table_.get(); }
  int64_t rows() const { return patron_table_rows(table_.get()); }
  py::list Names() const;

  // The first `rows` rows of a column, -1 = all: an array whose base is `self`, where it has no nulls
  // and numpy has its type; else a copy.
  py::object Column(py::handle self, py::handle name, int64_t rows);

  py::capsule Stream();

  // All columns as (name, type, rows, values, present, offsets) for pickle, and a table of them.
  py::tuple State();
  static std::unique_ptr<Table> FromState(const py::tuple &state);

 private:
  Table() = default;

  // One batch of plain columns: the table itself, or a copy made once.
  const patron_table *Plain();
  // The same of one column alone; others may be of types that Patron does not read.
  const patron_table *PlainColumn(size_t index);

  std::unique_ptr<InputTable> source_;  // What a table made from Python borrows,
  py::object state_;                    // or one made from a pickle.
  TablePtr table_, plain_;
  std::vector<TablePtr> plain_columns_;
  bool borrowed_ = false;
};

// The table of a patron.Table or a _core.Table, kept alive by `kept`; NULL for other objects.
const patron_table *NativeTable(py::handle source, std::vector<py::object> &kept);

// A result as Python gets it; None if there is none.
py::object ToPython(TablePtr table);

void DefineTable(py::module_ &module);

}  // namespace patron::python

#endif  // PATRON_BINDINGS_PYTHON_TABLE_HPP_
