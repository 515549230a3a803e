#include "table.hpp"

#include <pybind11/numpy.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "arguments.hpp"
#include "arrow.hpp"
#include "module.hpp"
#include "objects.hpp"

namespace patron::python {

namespace {

// The numpy type of a column's memory; NULL for text and bits.
const char *DtypeOf(int32_t type) {
  switch (type) {
    case PATRON_TYPE_INT8: return "int8";
    case PATRON_TYPE_INT16: return "int16";
    case PATRON_TYPE_INT32: return "int32";
    case PATRON_TYPE_INT64: return "int64";
    case PATRON_TYPE_UINT8: return "uint8";
    case PATRON_TYPE_UINT16: return "uint16";
    case PATRON_TYPE_UINT32: return "uint32";
    case PATRON_TYPE_UINT64: return "uint64";
    case PATRON_TYPE_FLOAT32: return "float32";
    case PATRON_TYPE_FLOAT64: return "float64";
    case PATRON_TYPE_DATE32: return "int32";  // Widened to datetime64[D] afterwards.
    case PATRON_TYPE_TIMESTAMP_S: return "datetime64[s]";
    case PATRON_TYPE_TIMESTAMP_MS: return "datetime64[ms]";
    case PATRON_TYPE_TIMESTAMP_US: return "datetime64[us]";
    case PATRON_TYPE_TIMESTAMP_NS: return "datetime64[ns]";
    default: return nullptr;
  }
}

bool IsTimestamp(int32_t type) {
  return type >= PATRON_TYPE_TIMESTAMP_S && type <= PATRON_TYPE_TIMESTAMP_NS;
}

bool BitAt(const uint8_t *bits, int64_t i) { return (bits[i / 8] >> (i % 8) & 1) != 0; }

bool IsPresent(const patron_column &column, int64_t i) {
  return column.validity == nullptr || BitAt(column.validity, column.offset + i);
}

bool HasNulls(const patron_column &column) {
  if (column.validity == nullptr) return false;
  for (int64_t i = 0; i < column.length; ++i) {
    if (!IsPresent(column, i)) return true;
  }
  return false;
}

py::array_t<bool> Nulls(const patron_column &column) {
  py::array_t<bool> mask(column.length);
  bool *out = mask.mutable_data();
  for (int64_t i = 0; i < column.length; ++i) out[i] = !IsPresent(column, i);
  return mask;
}

py::object Masked(py::handle values, const patron_column &column) {
  return py::module_::import("numpy.ma")
      .attr("MaskedArray")(values, py::arg("mask") = Nulls(column));
}

void Freeze(py::array &array) {
  py::detail::array_proxy(array.ptr())->flags &= ~py::detail::npy_api::NPY_ARRAY_WRITEABLE_;
}

// Equal neighbours, as in a column of segments, share one str.
py::object TextColumn(const patron_column &column) {
  const bool large = column.type == PATRON_TYPE_LARGE_TEXT;
  const auto offset = [&](int64_t i) -> int64_t {
    if (large) return static_cast<const int64_t *>(column.offsets)[column.offset + i];
    return static_cast<const int32_t *>(column.offsets)[column.offset + i];
  };
  py::array array(py::dtype("object"), column.length);
  auto **items = static_cast<PyObject **>(array.mutable_data());
  constexpr size_t kRemembered = 64;
  std::string_view seen[kRemembered];
  PyObject *made[kRemembered] = {};
  for (int64_t i = 0; i < column.length; ++i) {
    PyObject *item = Py_None;
    if (IsPresent(column, i)) {
      const std::string_view text(static_cast<const char *>(column.data) + offset(i),
                                  static_cast<size_t>(offset(i + 1) - offset(i)));
      const size_t slot = text.empty()
                              ? 0
                              : (text.size() * 31 + static_cast<uint8_t>(text.front()) * 7 +
                                 static_cast<uint8_t>(text.back())) %
                                    kRemembered;
      if (made[slot] == nullptr || seen[slot] != text) {
        item = PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace");
        if (item == nullptr) throw py::error_already_set();
        seen[slot] = text;
        made[slot] = item;  // Borrowed from the array, which holds it in row i.
      } else {
        item = made[slot];
        Py_INCREF(item);
      }
    } else {
      Py_INCREF(item);
    }
    Py_XDECREF(items[i]);
    items[i] = item;
  }
  return array;
}

py::object BitColumn(const patron_column &column) {
  py::array_t<bool> array(column.length);
  bool *out = array.mutable_data();
  for (int64_t i = 0; i < column.length; ++i) {
    out[i] = BitAt(static_cast<const uint8_t *>(column.data), column.offset + i);
  }
  if (HasNulls(column)) return Masked(array, column);
  return array;
}

py::object ToNumpy(const patron_column &column, py::handle self) {
  if (column.type == PATRON_TYPE_TEXT || column.type == PATRON_TYPE_LARGE_TEXT) {
    return TextColumn(column);
  }
  if (column.type == PATRON_TYPE_BOOL) return BitColumn(column);
  const py::dtype dtype(DtypeOf(column.type));
  const auto *data = static_cast<const uint8_t *>(column.data);
  if (data != nullptr) data += column.offset * dtype.itemsize();
  py::array array(dtype, {column.length}, {dtype.itemsize()}, data, self);
  Freeze(array);
  const bool nulls = HasNulls(column);
  if (column.type == PATRON_TYPE_DATE32) {
    py::object days = array.attr("astype")("datetime64[D]");
    if (nulls) days[Nulls(column)] = py::module_::import("numpy").attr("datetime64")("NaT");
    return days;
  }
  if (!nulls) return array;
  if (column.type == PATRON_TYPE_FLOAT64 || column.type == PATRON_TYPE_FLOAT32) {
    py::object copy = array.attr("copy")();
    copy[Nulls(column)] = py::float_(std::numeric_limits<double>::quiet_NaN());
    return copy;
  }
  if (IsTimestamp(column.type)) {
    py::object copy = array.attr("copy")();
    copy[Nulls(column)] = py::module_::import("numpy").attr("datetime64")("NaT");
    return copy;
  }
  return Masked(array, column);
}

// ---- Pickling ----

py::bytes Bits(const uint8_t *bits, int64_t offset, int64_t count) {
  std::string packed(static_cast<size_t>(count + 7) / 8, '\0');
  for (int64_t i = 0; i < count; ++i) {
    if (BitAt(bits, offset + i))
      packed[static_cast<size_t>(i / 8)] |= static_cast<char>(1 << i % 8);
  }
  return py::bytes(packed);
}

py::bytes Bytes(const void *data, size_t size) {
  return py::bytes(static_cast<const char *>(data), size);
}

template <typename Offset>
std::pair<py::bytes, py::bytes> TextBytes(const patron_column &column) {
  const auto *from = static_cast<const Offset *>(column.offsets) + column.offset;
  std::vector<Offset> offsets(static_cast<size_t>(column.length) + 1);
  for (size_t i = 0; i < offsets.size(); ++i) offsets[i] = from[i] - from[0];
  return {
      Bytes(static_cast<const char *>(column.data) + from[0], static_cast<size_t>(offsets.back())),
      Bytes(offsets.data(), offsets.size() * sizeof(Offset))};
}

py::tuple StateOf(const patron_column &column) {
  py::object values, offsets = py::none(), present = py::none();
  if (column.type == PATRON_TYPE_TEXT) {
    std::tie(values, offsets) = TextBytes<int32_t>(column);
  } else if (column.type == PATRON_TYPE_LARGE_TEXT) {
    std::tie(values, offsets) = TextBytes<int64_t>(column);
  } else if (column.type == PATRON_TYPE_BOOL) {
    values = Bits(static_cast<const uint8_t *>(column.data), column.offset, column.length);
  } else {
    const auto width = static_cast<size_t>(py::dtype(DtypeOf(column.type)).itemsize());
    const auto *from = static_cast<const char *>(column.data);
    if (from != nullptr) from += static_cast<size_t>(column.offset) * width;
    values = Bytes(from, static_cast<size_t>(column.length) * width);
  }
  if (column.validity != nullptr) present = Bits(column.validity, column.offset, column.length);
  return py::make_tuple(column.name, column.type, column.length, values, present, offsets);
}

[[noreturn]] void RaiseDamaged() {
  Raise(PATRON_DATA_LOSS, "table: the pickle is damaged; expected what Patron wrote");
}

// The bytes of an item of a state, of which at least `least` are needed; NULL for None.
const void *StateBytes(py::handle item, size_t least) {
  if (item.is_none()) return nullptr;
  if (!PyBytes_Check(item.ptr()) || static_cast<size_t>(PyBytes_GET_SIZE(item.ptr())) < least) {
    RaiseDamaged();
  }
  return PyBytes_AS_STRING(item.ptr());
}

template <typename Offset>
bool OffsetsFit(const void *offsets, int64_t length, py::handle values) {
  const auto *at = static_cast<const Offset *>(offsets);
  for (int64_t i = 0; i < length; ++i) {
    if (at[i] > at[i + 1]) return false;
  }
  return at[0] == 0 && static_cast<Py_ssize_t>(at[length]) <= PyBytes_GET_SIZE(values.ptr());
}

// The column that a state describes; its memory is that of the state.
patron_column ColumnOf(py::handle state) {
  if (!PyTuple_Check(state.ptr()) || PyTuple_GET_SIZE(state.ptr()) != 6) RaiseDamaged();
  Arguments next(state);
  auto column = Sized<patron_column>();
  column.name = next.Text("column name");
  column.type = next.Int32("type");
  column.length = next.Int("rows");
  const py::handle values = next.Next(), present = next.Next(), offsets = next.Next();
  constexpr int64_t kMostRows = int64_t{1} << 40;
  if (column.name == nullptr || column.length < 0 || column.length > kMostRows) RaiseDamaged();
  const auto length = static_cast<size_t>(column.length);
  const bool text = column.type == PATRON_TYPE_TEXT || column.type == PATRON_TYPE_LARGE_TEXT;
  size_t least = 0;
  if (column.type == PATRON_TYPE_BOOL) {
    least = (length + 7) / 8;
  } else if (!text) {
    const char *dtype = DtypeOf(column.type);
    if (dtype == nullptr) RaiseDamaged();
    least = length * static_cast<size_t>(py::dtype(dtype).itemsize());
  }
  column.data = StateBytes(values, least);
  column.validity = static_cast<const uint8_t *>(StateBytes(present, (length + 7) / 8));
  if (column.data == nullptr) RaiseDamaged();
  if (text) {
    const bool large = column.type == PATRON_TYPE_LARGE_TEXT;
    column.offsets = StateBytes(offsets, (length + 1) * (large ? 8 : 4));
    if (column.offsets == nullptr ||
        !(large ? OffsetsFit<int64_t>(column.offsets, column.length, values)
                : OffsetsFit<int32_t>(column.offsets, column.length, values))) {
      RaiseDamaged();
    }
  }
  return column;
}

}  // namespace

Table::Table(py::handle source) {
  auto input = std::make_unique<InputTable>(source, "data");
  if (input->owned() == nullptr) {  // Another of our tables, shared through a stream.
    table_ = ImportTable(source);
    return;
  }
  borrowed_ = !input->columns().all().empty();
  table_ = std::move(input->owned());
  source_ = std::move(input);
}

py::list Table::Names() const {
  py::list names;
  for (size_t i = 0; i < patron_table_columns(get()); ++i) {
    names.append(py::str(patron_table_name(get(), i)));
  }
  return names;
}

const patron_table *Table::Plain() {
  if (plain_ == nullptr) {
    patron_table *plain = nullptr;
    ErrorText error;
    Check(patron_table_flatten(get(), &plain, &error), error);
    plain_.reset(plain);
  }
  return plain_.get();
}

const patron_table *Table::PlainColumn(size_t index) {
  plain_columns_.resize(patron_table_columns(get()));
  TablePtr &plain = plain_columns_[index];
  if (plain == nullptr) {
    patron_table *made = nullptr;
    ErrorText error;
    Check(patron_table_flatten_column(get(), index, &made, &error), error);
    plain.reset(made);
  }
  return plain.get();
}

py::object Table::Column(py::handle self, py::handle name, int64_t rows) {
  size_t index = 0;
  ErrorText error;
  const char *text = Name(name, "column name");
  if (text == nullptr) RaiseType("column name: expected a str, not NoneType");
  Check(patron_table_find(get(), text, &index, &error), error);
  auto column = Sized<patron_column>();
  if (patron_table_batches(get()) != 1 ||
      patron_table_column(get(), index, 0, &column, nullptr) != PATRON_OK) {
    Check(patron_table_column(PlainColumn(index), 0, 0, &column, &error), error);
  }
  if (rows >= 0 && rows < column.length) column.length = rows;
  return ToNumpy(column, self);
}

// What borrows from Python objects is copied once, because a stream may outlive them.
py::capsule Table::Stream() { return ExportStream(borrowed_ ? Plain() : get()); }

py::tuple Table::State() {
  const patron_table *table = Plain();
  const size_t count = patron_table_columns(table);
  py::tuple state(count);
  for (size_t i = 0; i < count; ++i) {
    auto column = Sized<patron_column>();
    ErrorText error;
    Check(patron_table_column(table, i, 0, &column, &error), error);
    state[i] = StateOf(column);
  }
  return state;
}

std::unique_ptr<Table> Table::FromState(const py::tuple &state) {
  std::vector<patron_column> columns;
  for (const py::handle column : state) columns.push_back(ColumnOf(column));
  patron_table *table = nullptr;
  ErrorText error;
  Check(patron_table_borrow(columns.data(), columns.size(), &table, &error), error);
  std::unique_ptr<Table> made(new Table);
  made->table_.reset(table);
  made->state_ = state;
  made->borrowed_ = !columns.empty();
  return made;
}

const patron_table *NativeTable(py::handle source, std::vector<py::object> &kept) {
  py::object native;
  if (py::isinstance<Table>(source)) {
    native = py::reinterpret_borrow<py::object>(source);
  } else {
    native = Attribute(source, "_native");
    if (!native) return nullptr;
    if (!py::isinstance<Table>(native)) return nullptr;
  }
  const patron_table *table = native.cast<const Table &>().get();
  kept.push_back(std::move(native));
  return table;
}

py::object ToPython(TablePtr table) {
  if (table == nullptr) return py::none();
  return py::cast(std::make_unique<Table>(std::move(table)));
}

void DefineTable(py::module_ &module) {
  DefineClass<Table>(module, "Table")
      .def(py::init<py::handle>(), py::arg("data"))
      .def("__len__", &Table::rows)
      .def_property_readonly("columns", &Table::Names)
      .def(
          "column",
          [](py::object self, py::handle name, int64_t rows) {
            return self.cast<Table &>().Column(self, name, rows);
          },
          py::arg("name"), py::arg("rows") = -1)
      .def(
          "__arrow_c_stream__", [](Table &self, py::handle) { return self.Stream(); },
          py::arg("requested_schema") = py::none())
      .def(py::pickle([](Table &self) { return self.State(); },
                      [](const py::tuple &state) { return Table::FromState(state); }));
}

}  // namespace patron::python
