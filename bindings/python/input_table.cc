#include "input_table.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "arguments.hpp"
#include "objects.hpp"
#include "runtime.hpp"
#include "table.hpp"

namespace patron::python {

InputTable::InputTable(py::handle source, std::span<const Wanted> wanted, const char *what) {
  Open(source, &wanted, what);
}

InputTable::InputTable(py::handle source, const char *what) { Open(source, nullptr, what); }

void InputTable::Open(py::handle source, const std::span<const Wanted> *wanted, const char *what) {
  const auto read_mapping = [&](py::handle mapping) {
    if (wanted != nullptr) {
      AddWanted(mapping, *wanted);
    } else {
      AddAll(mapping, mapping.attr("keys")());
    }
    Borrow();
  };
  if (PyDict_Check(source.ptr())) return read_mapping(source);
  if (const patron_table *native = NativeTable(source, kept_)) {
    table_ = native;
    return;
  }
  if (IsPandas(source, "DataFrame")) {
    kept_.push_back(py::module_::import("patron._pandas").attr("Frame")(source));
    return read_mapping(kept_.back());
  }
  if (TablePtr imported = ImportTable(source)) {
    owned_ = std::move(imported);
    table_ = owned_.get();
    return;
  }
  if (IsArray(source) && !source.attr("dtype").attr("names").is_none()) {
    if (wanted != nullptr) {
      const py::object names = source.attr("dtype").attr("names");
      py::dict fields;
      for (const py::handle name : names) fields[name] = source[name];
      kept_.push_back(fields);
      return read_mapping(fields);
    }
    AddAll(source, source.attr("dtype").attr("names"));
    return Borrow();
  }
  if (PyMapping_Check(source.ptr()) != 0 && Attribute(source, "keys")) return read_mapping(source);
  RaiseType(std::string(what) + ": " + Py_TYPE(source.ptr())->tp_name +
            " is no table; expected one with __arrow_c_stream__, a pandas frame, or a mapping of "
            "names to arrays");
}

void InputTable::AddWanted(py::handle mapping, std::span<const Wanted> wanted) {
  bool missing = false;
  for (size_t i = 0; i < wanted.size(); ++i) {
    const char *name = wanted[i].name;
    if (name == nullptr) continue;
    const bool again = std::any_of(
        wanted.begin(), wanted.begin() + static_cast<ptrdiff_t>(i), [&](const Wanted &other) {
          return other.name != nullptr && std::strcmp(other.name, name) == 0;
        });
    if (again) continue;
    const py::str key(name);
    py::object values;
    if (PyDict_CheckExact(mapping.ptr())) {
      values =
          py::reinterpret_borrow<py::object>(PyDict_GetItemWithError(mapping.ptr(), key.ptr()));
    } else {
      values = py::reinterpret_steal<py::object>(PyObject_GetItem(mapping.ptr(), key.ptr()));
    }
    if (!values) {
      if (PyErr_Occurred() != nullptr) {
        if (!PyErr_ExceptionMatches(PyExc_KeyError)) throw py::error_already_set();
        PyErr_Clear();
      }
      missing = true;
      continue;
    }
    columns_.Add(name, values, wanted[i].role);
    kept_.push_back(std::move(values));
  }
  if (missing) NameAll(mapping);
}

// The library says which column is missing, and which there are: it must know them all by name.
void InputTable::NameAll(py::handle mapping) {
  std::vector<const char *> names;
  for (const py::handle key : mapping.attr("keys")()) {
    if (!PyUnicode_Check(key.ptr())) continue;
    kept_.push_back(py::reinterpret_borrow<py::object>(key));
    names.push_back(Name(key, "column name"));
  }
  columns_.NameAll(names);
}

void InputTable::AddAll(py::handle mapping, py::handle names) {
  for (const py::handle name : names) {
    const char *text = Name(name, "column name");
    if (text == nullptr) RaiseType("column name: expected a str, not NoneType");
    kept_.push_back(py::reinterpret_borrow<py::object>(name));
    py::object values = mapping[name];
    columns_.Add(text, values, Role::kAny);
    kept_.push_back(std::move(values));
  }
}

void InputTable::Borrow() {
  patron_table *table = nullptr;
  ErrorText error;
  const std::span<const patron_column> all = columns_.all();
  Check(patron_table_borrow(all.data(), all.size(), &table, &error), error);
  owned_.reset(table);
  table_ = table;
}

}  // namespace patron::python
