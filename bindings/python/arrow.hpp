// Arrow across the language border: capsules in and out.
#ifndef PATRON_BINDINGS_PYTHON_ARROW_HPP_
#define PATRON_BINDINGS_PYTHON_ARROW_HPP_

#include <pybind11/pybind11.h>

#include <memory>

#include "patron/c/patron.h"

namespace patron::python {

namespace py = pybind11;

struct FreeTable {
  void operator()(patron_table *table) const { patron_table_free(table); }
};
using TablePtr = std::unique_ptr<patron_table, FreeTable>;

// A table of what has `__arrow_c_stream__` or `__arrow_c_array__`; empty if `source` has neither.
TablePtr ImportTable(py::handle source);

// A table of one column, called `name`, of an Arrow array or a stream of its pieces.
TablePtr ImportColumn(const char *name, py::handle source);

// A capsule with a stream over `table`, whose buffers it shares.
py::capsule ExportStream(const patron_table *table);

}  // namespace patron::python

#endif  // PATRON_BINDINGS_PYTHON_ARROW_HPP_
