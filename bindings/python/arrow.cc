#include "arrow.hpp"

#include <cerrno>
#include <memory>
#include <new>
#include <string>

#include "objects.hpp"
#include "runtime.hpp"

namespace patron::python {

namespace {

constexpr char kStreamCapsule[] = "arrow_array_stream";
constexpr char kSchemaCapsule[] = "arrow_schema";
constexpr char kArrayCapsule[] = "arrow_array";

template <typename T>
T *Pointer(py::handle capsule, const char *name) {
  void *pointer = PyCapsule_GetPointer(capsule.ptr(), name);
  if (pointer == nullptr) throw py::error_already_set();
  return static_cast<T *>(pointer);
}

// ---- One column as a struct of one ----

struct SchemaOfOne {
  std::string name;
  const char *own_name;  // Which its producer may free.
  ArrowSchema child;
  ArrowSchema *children[1];
};

void ReleaseSchema(ArrowSchema *schema) {
  auto *holder = static_cast<SchemaOfOne *>(schema->private_data);
  holder->child.name = holder->own_name;
  if (holder->child.release != nullptr) holder->child.release(&holder->child);
  delete holder;
  schema->release = nullptr;
}

// Moves `child` into a struct with the one field `name`.
void WrapSchema(const std::string &name, ArrowSchema *child, ArrowSchema *out) {
  auto *holder = new SchemaOfOne{name, child->name, *child, {nullptr}};
  child->release = nullptr;
  holder->child.name = holder->name.c_str();
  holder->children[0] = &holder->child;
  *out = {"+s", "", nullptr, 0, 1, holder->children, nullptr, ReleaseSchema, holder};
}

struct ArrayOfOne {
  ArrowArray child;
  ArrowArray *children[1];
  const void *buffers[1];
};

void ReleaseArray(ArrowArray *array) {
  auto *holder = static_cast<ArrayOfOne *>(array->private_data);
  if (holder->child.release != nullptr) holder->child.release(&holder->child);
  delete holder;
  array->release = nullptr;
}

void WrapArray(ArrowArray *child, ArrowArray *out) {
  auto *holder = new ArrayOfOne{*child, {nullptr}, {nullptr}};
  child->release = nullptr;
  holder->children[0] = &holder->child;
  *out = {holder->child.length, 0,     0, 1, 1, holder->buffers, holder->children, nullptr,
          ReleaseArray,         holder};
}

struct StreamOfOne {
  std::string name;
  ArrowArrayStream inner;
};

int StreamSchema(ArrowArrayStream *stream, ArrowSchema *out) {
  auto *self = static_cast<StreamOfOne *>(stream->private_data);
  ArrowSchema child;
  if (const int code = self->inner.get_schema(&self->inner, &child); code != 0) return code;
  try {
    WrapSchema(self->name, &child, out);
    return 0;
  } catch (const std::bad_alloc &) {
    child.release(&child);
    return ENOMEM;
  }
}

int StreamNext(ArrowArrayStream *stream, ArrowArray *out) {
  auto *self = static_cast<StreamOfOne *>(stream->private_data);
  ArrowArray child;
  if (const int code = self->inner.get_next(&self->inner, &child); code != 0) return code;
  if (child.release == nullptr) {  // The end.
    *out = child;
    return 0;
  }
  try {
    WrapArray(&child, out);
    return 0;
  } catch (const std::bad_alloc &) {
    child.release(&child);
    return ENOMEM;
  }
}

const char *StreamError(ArrowArrayStream *stream) {
  auto *self = static_cast<StreamOfOne *>(stream->private_data);
  return self->inner.get_last_error(&self->inner);
}

void StreamRelease(ArrowArrayStream *stream) {
  auto *self = static_cast<StreamOfOne *>(stream->private_data);
  if (self->inner.release != nullptr) self->inner.release(&self->inner);
  delete self;
  stream->release = nullptr;
}

// ---- Import ----

// A stream may run a whole query, on threads that may want the GIL.
TablePtr ImportStream(ArrowArrayStream *stream) {
  if (stream->release == nullptr) {
    RaiseInvalid("stream: has been consumed already; expected a fresh one");
  }
  patron_table *table = nullptr;
  ErrorText error;
  patron_status status;
  {
    py::gil_scoped_release without_gil;
    status = patron_table_import_stream(stream, &table, &error);
  }
  // A producer written in Python leaves its exception where it was raised; what it said is in the error.
  if (status != PATRON_OK && PyErr_Occurred() != nullptr) PyErr_Clear();
  Check(status, error);
  return TablePtr(table);
}

TablePtr ImportArray(ArrowSchema *schema, ArrowArray *array) {
  if (schema->release == nullptr || array->release == nullptr) {
    RaiseInvalid("array: has been consumed already; expected a fresh one");
  }
  patron_table *table = nullptr;
  ErrorText error;
  patron_status status;
  {
    py::gil_scoped_release without_gil;
    status = patron_table_import_array(schema, array, &table, &error);
  }
  Check(status, error);
  return TablePtr(table);
}

struct ArrayCapsules {
  py::object pair;
  ArrowSchema *schema;
  ArrowArray *array;
};

ArrayCapsules Arrays(py::handle method) {
  const py::object pair = method();
  if (!PyTuple_Check(pair.ptr()) || PyTuple_GET_SIZE(pair.ptr()) != 2) {
    RaiseType("__arrow_c_array__: expected a tuple of two capsules");
  }
  return {pair, Pointer<ArrowSchema>(PyTuple_GET_ITEM(pair.ptr(), 0), kSchemaCapsule),
          Pointer<ArrowArray>(PyTuple_GET_ITEM(pair.ptr(), 1), kArrayCapsule)};
}

void DestroyStreamCapsule(PyObject *capsule) {
  auto *stream = static_cast<ArrowArrayStream *>(PyCapsule_GetPointer(capsule, kStreamCapsule));
  if (stream->release != nullptr) stream->release(stream);
  delete stream;
}

}  // namespace

TablePtr ImportTable(py::handle source) {
  if (const py::object method = Attribute(source, "__arrow_c_stream__")) {
    const py::object capsule = method();
    return ImportStream(Pointer<ArrowArrayStream>(capsule, kStreamCapsule));
  }
  if (const py::object method = Attribute(source, "__arrow_c_array__")) {
    const ArrayCapsules capsules = Arrays(method);
    return ImportArray(capsules.schema, capsules.array);
  }
  return nullptr;
}

TablePtr ImportColumn(const char *name, py::handle source) {
  if (const py::object method = Attribute(source, "__arrow_c_array__")) {
    const ArrayCapsules capsules = Arrays(method);
    if (capsules.array->release == nullptr) {
      RaiseInvalid("array: has been consumed already; expected a fresh one");
    }
    ArrowSchema schema;
    ArrowArray array;
    WrapSchema(name, capsules.schema, &schema);
    WrapArray(capsules.array, &array);
    try {
      return ImportArray(&schema, &array);
    } catch (...) {
      if (schema.release != nullptr) schema.release(&schema);
      if (array.release != nullptr) array.release(&array);
      throw;
    }
  }
  const py::object capsule = Attribute(source, "__arrow_c_stream__")();
  auto *inner = Pointer<ArrowArrayStream>(capsule, kStreamCapsule);
  if (inner->release == nullptr) {
    RaiseInvalid("stream: has been consumed already; expected a fresh one");
  }
  auto *holder = new StreamOfOne{name, *inner};
  inner->release = nullptr;
  ArrowArrayStream stream{StreamSchema, StreamNext, StreamError, StreamRelease, holder};
  try {
    return ImportStream(&stream);
  } catch (...) {
    if (stream.release != nullptr) stream.release(&stream);
    throw;
  }
}

py::capsule ExportStream(const patron_table *table) {
  auto stream = std::make_unique<ArrowArrayStream>();
  ErrorText error;
  Check(patron_table_export(table, stream.get(), &error), error);
  PyObject *capsule = PyCapsule_New(stream.get(), kStreamCapsule, DestroyStreamCapsule);
  if (capsule == nullptr) {
    stream->release(stream.get());
    throw py::error_already_set();
  }
  stream.release();
  return py::reinterpret_steal<py::capsule>(capsule);
}

}  // namespace patron::python
