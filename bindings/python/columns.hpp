// Columns: the arrays, lists and Arrow arrays of Python as patron_column.
#ifndef PATRON_BINDINGS_PYTHON_COLUMNS_HPP_
#define PATRON_BINDINGS_PYTHON_COLUMNS_HPP_

#include <pybind11/pybind11.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "arrow.hpp"
#include "patron/c/patron.h"

namespace patron::python {

// What a column is for: decides the type of one that holds no value at all.
enum class Role { kId, kTime, kNumber, kCount, kText, kAny };

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
  void AddDates(const char *name, py::handle array, py::handle dtype);
  void AddFixedText(const char *name, py::handle array);
  void AddObjects(const char *name, const py::tuple &tuple, Role role);
  void AddArrow(const char *name, py::handle source);
  void MaskWith(py::handle mask, patron_column &column);

  std::vector<patron_column> columns_;
  std::vector<py::object> objects_;
  std::vector<std::unique_ptr<std::vector<uint8_t>>> buffers_;
  std::vector<TablePtr> tables_;
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

#endif  // PATRON_BINDINGS_PYTHON_COLUMNS_HPP_
