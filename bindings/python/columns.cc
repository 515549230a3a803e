#include "columns.hpp"

#include <pybind11/numpy.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "instant.hpp"
#include "objects.hpp"
#include "runtime.hpp"

namespace patron::python {

namespace {

std::string TypeName(py::handle value) { return Py_TYPE(value.ptr())->tp_name; }

// ---- Single values of object arrays ----

enum class Kind { kNull, kText, kBool, kInt, kFloat, kTime, kDate, kOther };

Kind KindOf(PyObject *value) {
  if (value == Py_None) return Kind::kNull;
  if (PyUnicode_Check(value) || PyBytes_Check(value)) return Kind::kText;
  if (PyBool_Check(value)) return Kind::kBool;
  if (PyLong_Check(value)) return Kind::kInt;
  if (PyFloat_Check(value)) return Kind::kFloat;
  switch (TimeKindOf(value)) {
    case TimeKind::kNotATime: return Kind::kNull;
    case TimeKind::kTime: return Kind::kTime;
    case TimeKind::kDate: return Kind::kDate;
    case TimeKind::kNone: break;
  }
  const std::string_view type = Py_TYPE(value)->tp_name;
  if (type == "numpy.bool" || type == "numpy.bool_") return Kind::kBool;
  if (type.ends_with("NAType")) return Kind::kNull;
  if (PyIndex_Check(value)) return Kind::kInt;
  const PyNumberMethods *number = Py_TYPE(value)->tp_as_number;
  if (number != nullptr && number->nb_float != nullptr) return Kind::kFloat;
  return Kind::kOther;
}

// The kind of a column that holds both; kOther if none does.
Kind Common(Kind a, Kind b) {
  if (a == b || b == Kind::kNull) return a;
  if (a == Kind::kNull) return b;
  const auto are = [&](Kind x, Kind y) { return (a == x && b == y) || (a == y && b == x); };
  if (are(Kind::kInt, Kind::kFloat)) return Kind::kFloat;
  if (are(Kind::kTime, Kind::kDate)) return Kind::kTime;
  return Kind::kOther;
}

bool IsNan(PyObject *value) { return PyFloat_Check(value) && std::isnan(PyFloat_AS_DOUBLE(value)); }

// UTF-8 of a str or bytes. Lone surrogates keep their three bytes, which are not UTF-8 and which the
// library refuses in its own words. `holder` keeps bytes made for the purpose.
std::string_view Utf8(PyObject *value, py::object &holder) {
  Py_ssize_t size = 0;
  if (PyUnicode_Check(value)) {
    if (const char *text = PyUnicode_AsUTF8AndSize(value, &size)) return {text, size_t(size)};
    PyErr_Clear();
    holder = py::reinterpret_steal<py::object>(
        PyUnicode_AsEncodedString(value, "utf-8", "surrogatepass"));
    if (!holder) throw py::error_already_set();
    value = holder.ptr();
  }
  return {PyBytes_AS_STRING(value), size_t(PyBytes_GET_SIZE(value))};
}

void AppendUtf8(uint32_t c, std::vector<uint8_t> &out) {
  if (c < 0x80) {
    out.push_back(uint8_t(c));
  } else if (c < 0x800) {
    out.insert(out.end(), {uint8_t(0xC0 | c >> 6), uint8_t(0x80 | (c & 0x3F))});
  } else if (c < 0x10000) {
    out.insert(out.end(), {uint8_t(0xE0 | c >> 12), uint8_t(0x80 | (c >> 6 & 0x3F)),
                           uint8_t(0x80 | (c & 0x3F))});
  } else {
    out.insert(out.end(), {uint8_t(0xF0 | c >> 18), uint8_t(0x80 | (c >> 12 & 0x3F)),
                           uint8_t(0x80 | (c >> 6 & 0x3F)), uint8_t(0x80 | (c & 0x3F))});
  }
}

void ClearBit(std::vector<uint8_t> &bits, size_t i) { bits[i / 8] &= ~uint8_t(1u << (i % 8)); }
void SetBit(std::vector<uint8_t> &bits, size_t i) { bits[i / 8] |= uint8_t(1u << (i % 8)); }

// Bits of bytes that are 0 or not, eight at a time: `bits` has as many as there are bytes, rounded up.
void PackBits(const uint8_t *bytes, size_t count, std::vector<uint8_t> &bits) {
  constexpr uint64_t kSigns = 0x8080808080808080;
  for (size_t i = 0; i < count; i += 8) {
    uint64_t eight = 0;
    std::memcpy(&eight, bytes + i, std::min<size_t>(8, count - i));
    if constexpr (std::endian::native == std::endian::big) eight = __builtin_bswap64(eight);
    const uint64_t set = (((eight & ~kSigns) + ~kSigns) | eight) & kSigns;
    // Each to its own bit of the highest byte.
    bits[i / 8] = uint8_t((set >> 7) * 0x0102040810204080 >> 56);
  }
}

template <typename T>
std::span<T> As(std::vector<uint8_t> &buffer) {
  return {reinterpret_cast<T *>(buffer.data()), buffer.size() / sizeof(T)};
}

// The unit of a datetime64, such as ("us", 10).
std::pair<std::string, int64_t> UnitOf(py::handle dtype) {
  static PyObject *const datetime_data =
      py::object(py::module_::import("numpy").attr("datetime_data")).release().ptr();
  const py::object unit = py::handle(datetime_data)(dtype);
  return unit.cast<std::pair<std::string, int64_t>>();
}

// How a unit becomes one that the library knows.
struct DateScale {
  int32_t type;
  __int128 multiply, divide;
  bool months;  // The count is of months, whose days differ.
};

DateScale ScaleOf(const std::string &unit, int64_t count) {
  struct Known {
    const char *unit;
    int32_t type;
    int64_t multiply, divide;
    bool months;
  };
  // Finer than microseconds is floored to them, as the library does with nanoseconds.
  constexpr Known kUnits[] = {{"Y", PATRON_TYPE_TIMESTAMP_S, 12, 1, true},
                              {"M", PATRON_TYPE_TIMESTAMP_S, 1, 1, true},
                              {"W", PATRON_TYPE_TIMESTAMP_S, 604'800, 1, false},
                              {"D", PATRON_TYPE_TIMESTAMP_S, 86'400, 1, false},
                              {"h", PATRON_TYPE_TIMESTAMP_S, 3'600, 1, false},
                              {"m", PATRON_TYPE_TIMESTAMP_S, 60, 1, false},
                              {"s", PATRON_TYPE_TIMESTAMP_S, 1, 1, false},
                              {"ms", PATRON_TYPE_TIMESTAMP_MS, 1, 1, false},
                              {"us", PATRON_TYPE_TIMESTAMP_US, 1, 1, false},
                              {"ns", PATRON_TYPE_TIMESTAMP_US, 1, 1'000, false},
                              {"ps", PATRON_TYPE_TIMESTAMP_US, 1, 1'000'000, false},
                              {"fs", PATRON_TYPE_TIMESTAMP_US, 1, 1'000'000'000, false},
                              {"as", PATRON_TYPE_TIMESTAMP_US, 1, 1'000'000'000'000, false}};
  for (const Known &known : kUnits) {
    if (unit == known.unit) {
      return {known.type, __int128{known.multiply} * count, known.divide, known.months};
    }
  }
  return {PATRON_TYPE_TIMESTAMP_S, 1, 1, false};  // Without a unit there are only NaTs.
}

__int128 FloorOfQuotient(__int128 value, __int128 divisor) {
  return value / divisor - (value % divisor < 0 ? 1 : 0);
}

// Whether the instant fits into 64 bits of its type.
bool Scale(int64_t value, const DateScale &scale, int64_t &out) {
  __int128 scaled = FloorOfQuotient(value * scale.multiply, scale.divide);
  if (scale.months) {
    constexpr __int128 kFarAway = 12'000'000;  // A million years.
    if (scaled < -kFarAway || scaled > kFarAway) return false;
    const __int128 year = FloorOfQuotient(scaled, 12);
    scaled = __int128{DaysFromCivil(static_cast<int64_t>(1970 + year),
                                    static_cast<int64_t>(scaled - year * 12 + 1), 1)} *
             86'400;
  }
  out = static_cast<int64_t>(scaled);
  return out == scaled;
}

// The items of an object array, held: converting one may run code that changes the array.
py::tuple ItemsOf(const py::array &array) {
  py::tuple items(static_cast<size_t>(array.size()));
  auto *const *from = static_cast<PyObject *const *>(array.data());
  for (py::ssize_t i = 0; i < array.size(); ++i) {
    PyObject *item = from[i] != nullptr ? from[i] : Py_None;
    Py_INCREF(item);
    PyTuple_SET_ITEM(items.ptr(), i, item);
  }
  return items;
}

}  // namespace

patron_column &Columns::NewColumn(const char *name, int32_t type, int64_t length,
                                  const void *data) {
  if (columns_.empty()) columns_.reserve(8);
  return columns_.emplace_back(patron_column{
      .struct_size = sizeof(patron_column),
      .type = type,
      .name = name,
      .length = length,
      .offset = 0,
      .data = data,
      .validity = nullptr,
      .offsets = nullptr,
  });
}

std::vector<uint8_t> &Columns::NewBuffer() {
  return *buffers_.emplace_back(std::make_unique<std::vector<uint8_t>>());
}

void Columns::Add(const char *name, py::handle values, Role role) {
  if (IsArray(values)) {
    AddArray(name, values, role);
    return;
  }
  if (PyList_Check(values.ptr()) || PyTuple_Check(values.ptr())) {
    const auto items = py::reinterpret_steal<py::tuple>(PySequence_Tuple(values.ptr()));
    if (!items) throw py::error_already_set();
    AddObjects(name, items, role);
    return;
  }
  if (IsPandas(values, "Series") || IsPandas(values, "Index")) {
    const py::object plain = py::module_::import("patron._pandas").attr("column")(values);
    objects_.push_back(plain);
    Add(name, plain, role);
    return;
  }
  if (Attribute(values, "__arrow_c_array__") || Attribute(values, "__arrow_c_stream__")) {
    AddArrow(name, values);
    return;
  }
  const bool text = PyUnicode_Check(values.ptr()) || PyBytes_Check(values.ptr());
  if (!text && (Attribute(values, "__array__") || PySequence_Check(values.ptr()))) {
    const py::object array = py::module_::import("numpy").attr("asarray")(values);
    objects_.push_back(array);
    AddArray(name, array, role);
    return;
  }
  RaiseType(std::string(name) + ": expected an array or a list, not " + TypeName(values));
}

void Columns::AddArray(const char *name, py::handle source, Role role) {
  auto array = py::reinterpret_borrow<py::array>(source);
  if (array.ndim() != 1) {
    RaiseInvalid(std::string(name) + ": " + std::to_string(array.ndim()) +
                 " dimensions; expected one");
  }
  const py::dtype dtype = array.dtype();
  const char kind = dtype.kind();
  const auto size = dtype.itemsize();
  const auto convert = [&](const char *to) {
    array = py::reinterpret_borrow<py::array>(source.attr("astype")(to));
  };
  const char order = dtype.byteorder();
  if (order == '>') {
    array =
        py::reinterpret_borrow<py::array>(source.attr("astype")(dtype.attr("newbyteorder")("=")));
  }
  if ((array.flags() & py::array::c_style) == 0) {
    array = py::reinterpret_borrow<py::array>(
        py::module_::import("numpy").attr("ascontiguousarray")(array));
  }
  objects_.push_back(array);
  const int64_t length = array.size();
  const auto plain = [&](int32_t type) { NewColumn(name, type, length, array.data()); };

  switch (kind) {
    case 'i':
      plain(size == 8   ? PATRON_TYPE_INT64
            : size == 4 ? PATRON_TYPE_INT32
            : size == 2 ? PATRON_TYPE_INT16
                        : PATRON_TYPE_INT8);
      break;
    case 'u':
      plain(size == 8   ? PATRON_TYPE_UINT64
            : size == 4 ? PATRON_TYPE_UINT32
            : size == 2 ? PATRON_TYPE_UINT16
                        : PATRON_TYPE_UINT8);
      break;
    case 'f':
      if (size != 8 && size != 4) {
        convert(size == 2 ? "float32" : "float64");
        objects_.push_back(array);
      }
      plain(size == 4 || size == 2 ? PATRON_TYPE_FLOAT32 : PATRON_TYPE_FLOAT64);
      break;
    case 'b': {
      std::vector<uint8_t> &bits = NewBuffer();
      bits.resize(size_t(length + 7) / 8);
      const auto *values = static_cast<const uint8_t *>(array.data());
      PackBits(values, size_t(length), bits);
      NewColumn(name, PATRON_TYPE_BOOL, length, bits.data());
      break;
    }
    case 'M': AddDates(name, array, dtype); break;
    case 'O': AddObjects(name, ItemsOf(array), role == Role::kAny ? Role::kText : role); break;
    case 'U':
    case 'S': AddFixedText(name, array); break;
    case 'T':
      convert("object");
      AddObjects(name, ItemsOf(array), Role::kText);
      break;
    default:
      RaiseInvalid(std::string(name) + ": dtype " + py::str(dtype).cast<std::string>() +
                   "; expected numbers, text or dates");
  }
  // Only a subclass, numpy.ma.MaskedArray, can have a mask.
  if (Py_TYPE(source.ptr()) != py::detail::npy_api::get().PyArray_Type_) {
    const py::object mask = Attribute(source, "mask");
    if (mask && IsArray(mask)) MaskWith(mask, columns_.back());
  }
}

void Columns::MaskWith(py::handle mask, patron_column &column) {
  const auto bytes = py::array_t<uint8_t, py::array::c_style | py::array::forcecast>::ensure(mask);
  if (!bytes || bytes.size() != column.length) return;  // numpy.ma.nomask: nothing is masked.
  std::vector<uint8_t> &validity = NewBuffer();
  validity.assign(size_t(column.length + 7) / 8, 0);
  const uint8_t *masked = bytes.data();
  for (int64_t i = 0; i < column.length; ++i) {
    const bool present = column.validity == nullptr || (column.validity[i / 8] >> (i % 8) & 1) != 0;
    if (masked[i] == 0 && present) SetBit(validity, size_t(i));
  }
  column.validity = validity.data();
}

void Columns::AddDates(const char *name, py::handle source, py::handle dtype) {
  const auto array = py::reinterpret_borrow<py::array>(source);
  const auto [unit, count] = UnitOf(dtype);
  const int64_t length = array.size();
  const auto *bytes = static_cast<const uint8_t *>(array.data());
  const auto at = [&](int64_t i) {
    int64_t value;
    std::memcpy(&value, bytes + i * 8, 8);
    return value;
  };
  int64_t nats = 0;
  for (int64_t i = 0; i < length; ++i) nats += at(i) == kNotATime;

  int32_t type = PATRON_TYPE_TIMESTAMP_NS;
  const void *data = bytes;
  if (unit == "D" && count == 1) {
    std::vector<uint8_t> &days = NewBuffer();
    days.resize(size_t(length) * 4);
    const std::span<int32_t> out = As<int32_t>(days);
    for (int64_t i = 0; i < length; ++i) {
      out[size_t(i)] = static_cast<int32_t>(std::clamp<int64_t>(
          at(i), std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()));
    }
    type = PATRON_TYPE_DATE32;
    data = days.data();
  } else if (unit != "ns" || count != 1) {
    const DateScale scale = ScaleOf(unit, count);
    type = scale.type;
    if (scale.multiply != 1 || scale.divide != 1 || scale.months) {
      std::vector<uint8_t> &scaled = NewBuffer();
      scaled.resize(size_t(length) * 8);
      const std::span<int64_t> out = As<int64_t>(scaled);
      for (int64_t i = 0; i < length; ++i) {
        if (at(i) == kNotATime) continue;
        if (!Scale(at(i), scale, out[size_t(i)])) {
          RaiseInvalid(std::string(name) + ": row " + std::to_string(i) + " is " +
                       std::to_string(at(i)) + " x " + std::to_string(count) + " " + unit +
                       " from 1970; expected a time within 292,000 years of 1970");
        }
      }
      data = scaled.data();
    }
  }
  patron_column &column = NewColumn(name, type, length, data);
  if (nats > 0) {
    std::vector<uint8_t> &validity = NewBuffer();
    validity.assign(size_t(length + 7) / 8, 0xFF);
    for (int64_t i = 0; i < length; ++i) {
      if (at(i) == kNotATime) ClearBit(validity, size_t(i));
    }
    column.validity = validity.data();
  }
}

// Arrays of text of fixed width: UCS-4 or bytes, padded with zeros.
void Columns::AddFixedText(const char *name, py::handle source) {
  const auto array = py::reinterpret_borrow<py::array>(source);
  const size_t length = size_t(array.size());
  const bool wide = array.dtype().kind() == 'U';
  const size_t width = size_t(array.itemsize());
  std::vector<uint8_t> &text = NewBuffer();
  std::vector<uint8_t> &offset_bytes = NewBuffer();
  offset_bytes.resize((length + 1) * 8);
  const std::span<int64_t> offsets = As<int64_t>(offset_bytes);
  const auto *row = static_cast<const uint8_t *>(array.data());
  for (size_t i = 0; i < length; ++i, row += width) {
    if (wide) {
      size_t used = width / 4;
      const auto character = [&](size_t k) {
        uint32_t c;
        std::memcpy(&c, row + k * 4, 4);
        return c;
      };
      while (used > 0 && character(used - 1) == 0) --used;
      for (size_t k = 0; k < used; ++k) AppendUtf8(character(k), text);
    } else {
      size_t used = width;
      while (used > 0 && row[used - 1] == 0) --used;
      text.insert(text.end(), row, row + used);
    }
    offsets[i + 1] = int64_t(text.size());
  }
  NewColumn(name, PATRON_TYPE_LARGE_TEXT, int64_t(length), text.data()).offsets = offsets.data();
}

void Columns::AddObjects(const char *name, const py::tuple &tuple, Role role) {
  const size_t length = tuple.size();
  const std::span<PyObject *const> items(&PyTuple_GET_ITEM(tuple.ptr(), 0), length);
  Kind kind = Kind::kNull;
  bool only_nan = true;  // Every float so far; such a column may still be one of text or dates.
  for (size_t i = 0; i < length; ++i) {
    const Kind next = KindOf(items[i]);
    if (next == kind || next == Kind::kNull) {
      if (next == Kind::kFloat && !IsNan(items[i])) only_nan = false;
      continue;
    }
    if (next == Kind::kFloat && IsNan(items[i]) && kind != Kind::kNull && kind != Kind::kInt) {
      continue;
    }
    Kind common = Common(kind, next);
    if (kind == Kind::kFloat && only_nan && next != Kind::kInt) common = next;
    if (common == Kind::kOther) {
      std::string message =
          std::string(name) + ": row " + std::to_string(i) + " is of type " + TypeName(items[i]);
      if (next != Kind::kOther) {
        const auto first = std::find_if(items.begin(), items.end(), [](PyObject *item) {
          return KindOf(item) != Kind::kNull && !IsNan(item);
        });
        message += "; expected " + TypeName(*first) + " as in row " +
                   std::to_string(first - items.begin());
      } else {
        message += "; expected numbers, text or dates";
      }
      RaiseInvalid(message);
    }
    if (next == Kind::kFloat && !IsNan(items[i])) only_nan = false;
    kind = common;
  }
  if (kind == Kind::kNull) {  // No value to tell by: what the column is for decides.
    kind = role == Role::kId || role == Role::kCount ? Kind::kInt
           : role == Role::kTime                     ? Kind::kTime
           : role == Role::kText                     ? Kind::kText
                                                     : Kind::kFloat;
  }

  std::vector<uint8_t> &data = NewBuffer();
  std::vector<uint8_t> *validity = nullptr;
  const auto null = [&](size_t i) {
    if (validity == nullptr) {
      validity = &NewBuffer();
      validity->assign((length + 7) / 8, 0xFF);
    }
    ClearBit(*validity, i);
  };
  const auto is_null = [&](PyObject *item) {
    return KindOf(item) == Kind::kNull || (kind != Kind::kFloat && IsNan(item));
  };
  patron_column *column = nullptr;
  switch (kind) {
    case Kind::kText: {
      std::vector<uint8_t> &offset_bytes = NewBuffer();
      offset_bytes.resize((length + 1) * 8);
      const std::span<int64_t> offsets = As<int64_t>(offset_bytes);
      py::object holder;
      for (size_t i = 0; i < length; ++i) {
        if (is_null(items[i])) {
          null(i);
        } else {
          const std::string_view text = Utf8(items[i], holder);
          data.insert(data.end(), text.begin(), text.end());
        }
        offsets[i + 1] = int64_t(data.size());
      }
      column = &NewColumn(name, PATRON_TYPE_LARGE_TEXT, int64_t(length), data.data());
      column->offsets = offsets.data();
      break;
    }
    case Kind::kBool: {
      data.resize((length + 7) / 8);
      for (size_t i = 0; i < length; ++i) {
        if (is_null(items[i])) {
          null(i);
          continue;
        }
        const int truth = PyObject_IsTrue(items[i]);
        if (truth < 0) throw py::error_already_set();
        if (truth != 0) SetBit(data, i);
      }
      column = &NewColumn(name, PATRON_TYPE_BOOL, int64_t(length), data.data());
      break;
    }
    case Kind::kFloat: {
      data.resize(length * 8);
      const std::span<double> out = As<double>(data);
      for (size_t i = 0; i < length; ++i) {
        if (is_null(items[i])) {
          null(i);
          continue;
        }
        out[i] = PyFloat_AsDouble(items[i]);
        if (out[i] == -1.0 && PyErr_Occurred() != nullptr) throw py::error_already_set();
      }
      column = &NewColumn(name, PATRON_TYPE_FLOAT64, int64_t(length), data.data());
      break;
    }
    case Kind::kDate: {
      data.resize(length * 4);
      const std::span<int32_t> out = As<int32_t>(data);
      for (size_t i = 0; i < length; ++i) {
        if (is_null(items[i])) {
          null(i);
        } else {
          out[i] = static_cast<int32_t>(Days(items[i]));
        }
      }
      column = &NewColumn(name, PATRON_TYPE_DATE32, int64_t(length), data.data());
      break;
    }
    default: {
      data.resize(length * 8);
      const std::span<int64_t> out = As<int64_t>(data);
      for (size_t i = 0; i < length; ++i) {
        if (is_null(items[i])) {
          null(i);
        } else if (kind == Kind::kInt) {
          const auto index = py::reinterpret_steal<py::object>(PyNumber_Index(items[i]));
          if (!index) throw py::error_already_set();
          int overflow = 0;
          out[i] = PyLong_AsLongLongAndOverflow(index.ptr(), &overflow);
          if (overflow != 0) {
            RaiseInvalid(std::string(name) + ": row " + std::to_string(i) + " is " +
                         py::str(index).cast<std::string>().substr(0, 60) +
                         "; expected an integer of 64 bits");
          }
        } else {
          out[i] = Microseconds(items[i]);
          if (out[i] == kNotATime) null(i);
        }
      }
      column = &NewColumn(name, kind == Kind::kInt ? PATRON_TYPE_INT64 : PATRON_TYPE_TIMESTAMP_US,
                          int64_t(length), data.data());
    }
  }
  if (validity != nullptr) column->validity = validity->data();
}

void Columns::AddArrow(const char *name, py::handle source) {
  TablePtr table = ImportColumn(name, source);
  auto column = Sized<patron_column>();
  ErrorText error;
  if (patron_table_batches(table.get()) != 1 ||
      patron_table_column(table.get(), 0, 0, &column, nullptr) != PATRON_OK) {
    patron_table *flat = nullptr;
    Check(patron_table_flatten(table.get(), &flat, &error), error);
    table.reset(flat);
    Check(patron_table_column(table.get(), 0, 0, &column, &error), error);
  }
  NewColumn(name, column.type, column.length, column.data);
  columns_.back() = column;
  columns_.back().name = name;
  tables_.push_back(std::move(table));
}

void Columns::NameAll(std::span<const char *const> names) {
  std::vector<patron_column> ordered;
  const int64_t length = columns_.empty() ? 0 : columns_.front().length;
  std::vector<uint8_t> &zeros = NewBuffer();
  zeros.resize(static_cast<size_t>(length));
  for (const char *name : names) {
    const auto known = std::ranges::find_if(
        columns_, [&](const patron_column &column) { return std::strcmp(column.name, name) == 0; });
    if (known != columns_.end()) {
      ordered.push_back(*known);
      continue;
    }
    auto unread = Sized<patron_column>();
    unread.type = PATRON_TYPE_INT8;
    unread.name = name;
    unread.length = length;
    unread.data = zeros.data();
    ordered.push_back(unread);
  }
  columns_ = std::move(ordered);
}

std::vector<double> Numbers(py::handle values, const char *name) {
  const py::object array =
      py::module_::import("numpy").attr("ascontiguousarray")(values, py::arg("dtype") = "float64");
  const auto numbers = py::reinterpret_borrow<py::array>(array);
  if (numbers.ndim() > 1) {
    RaiseInvalid(std::string(name) + ": " + std::to_string(numbers.ndim()) +
                 " dimensions; expected one");
  }
  const auto *data = static_cast<const double *>(numbers.data());
  return {data, data + numbers.size()};
}

}  // namespace patron::python
