// From Python objects to what the C interface takes: names, choices, instants, columns, tables.
#ifndef PATRON_BINDINGS_PYTHON_CONVERT_HPP_
#define PATRON_BINDINGS_PYTHON_CONVERT_HPP_

#include <pybind11/pybind11.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "patron/c/patron.h"
#include "runtime.hpp"

namespace patron::python {

struct FreeTable {
  void operator()(patron_table *table) const { patron_table_free(table); }
};
using TablePtr = std::unique_ptr<patron_table, FreeTable>;

// ---- Scalars ----

// The text of a str, which must outlive it; NULL for None. Throws TypeError for other objects.
const char *Name(py::handle value, const char *option);

// One of a few words. Throws InvalidArgumentError that lists them.
struct Choice {
  std::string_view word;
  int32_t value;
};
int32_t Choose(py::handle value, const char *option, std::span<const Choice> choices);

// Microseconds since 1970 of a str in ISO 8601, a date, a datetime (naive is UTC) or a numpy
// datetime64; PATRON_NO_TIME for None.
int64_t Instant(py::handle value, const char *option);

// ---- Columns ----

// What a column is for: decides the type of one that holds no value at all.
enum class Role { kId, kTime, kNumber, kCount, kText };

// Columns over the memory of Python objects, kept alive here, or over copies where the object has no
// memory of the right form (text, bits, other byte orders).
class Columns {
 public:
  Columns() = default;
  Columns(Columns &&) = default;
  Columns &operator=(Columns &&) = default;

  // `name` must outlive the columns. Throws TypeError or InvalidArgumentError naming the column.
  void Add(const char *name, py::handle values, Role role);

  // Puts the columns in the order of `names`, with columns that nobody reads for names not added.
  void NameAll(std::span<const char *const> names);

  std::span<const patron_column> all() const { return columns_; }

 private:
  patron_column &NewColumn(const char *name, int32_t type, int64_t length, const void *data);
  std::vector<uint8_t> &NewBuffer();

  void AddArray(const char *name, py::handle array, Role role);
  void AddDates(const char *name, py::handle array, const std::string &unit);
  void AddFixedText(const char *name, py::handle array);
  void AddObjects(const char *name, std::span<PyObject *const> items, Role role);
  void AddArrow(const char *name, py::handle source);
  void MaskWith(py::handle mask, patron_column &column);

  std::vector<patron_column> columns_;
  std::vector<py::object> objects_;
  std::vector<std::unique_ptr<std::vector<uint8_t>>> buffers_;
  std::vector<TablePtr> tables_;
};

// ---- Tables ----

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

// One column given by itself, as an array, a list or an Arrow array.
class InputColumn {
 public:
  InputColumn(const char *name, py::handle values, Role role) { columns_.Add(name, values, role); }
  const patron_column *get() const { return &columns_.all().front(); }
  int64_t rows() const { return get()->length; }

 private:
  Columns columns_;
};

// Numbers given as one number, a list or an array, as float64.
std::vector<double> Numbers(py::handle values, const char *name);

}  // namespace patron::python

#endif  // PATRON_BINDINGS_PYTHON_CONVERT_HPP_
