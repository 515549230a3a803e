// Pseudonyms.
#include "patron/c/customers_pseudonyms.h"

#include <pybind11/pybind11.h>

#include <memory>
#include <utility>

#include "arguments.hpp"
#include "customers.hpp"
#include "input_table.hpp"
#include "module.hpp"
#include "table.hpp"

namespace patron::python {

namespace {

constexpr Choice kValueKinds[] = {
    {"raw", PATRON_PSEUDONYM_RAW},         {"text", PATRON_PSEUDONYM_TEXT},
    {"name", PATRON_PSEUDONYM_NAME},       {"phone", PATRON_PSEUDONYM_PHONE},
    {"email", PATRON_PSEUDONYM_EMAIL},     {"organisation", PATRON_PSEUDONYM_ORGANISATION},
    {"address", PATRON_PSEUDONYM_ADDRESS}, {"identity", PATRON_PSEUDONYM_IDENTITY}};

// The memory of a bytes-like object while it lives. Throws TypeError for others, without their value.
class Key {
 public:
  explicit Key(py::handle bytes) {
    if (PyObject_CheckBuffer(bytes.ptr()) == 0) throw py::type_error("key: expected bytes");
    if (PyObject_GetBuffer(bytes.ptr(), &view_, PyBUF_SIMPLE) != 0) throw py::error_already_set();
  }
  ~Key() { PyBuffer_Release(&view_); }
  Key(const Key &) = delete;
  Key &operator=(const Key &) = delete;

  // Never null, so that an empty key is told as one that is too short.
  const void *data() const { return view_.buf != nullptr ? view_.buf : ""; }
  size_t size() const { return static_cast<size_t>(view_.len); }

 private:
  Py_buffer view_{};
};

py::object Pseudonyms(py::handle values, py::handle key, py::handle kind, py::handle names,
                      py::handle progress) {
  patron_pseudonym_options options;
  patron_pseudonym_options_init(&options);
  options.kind = Choose(kind, "kind", kValueKinds);
  Arguments next(names);
  options.field = next.Text("field");
  options.tenant = next.Text("tenant");
  options.purpose = next.Text("purpose");
  options.region = next.Text("region");
  const InputColumn column("values", values, Role::kText);
  const Key secret(key);
  Call call(column.rows(), progress, "pseudonyms");
  options.context = call.context();
  patron_table *out = nullptr;
  call.Run([&](patron_error *error) {
    return patron_pseudonyms(column.get(), secret.data(), secret.size(), &options, &out, error);
  });
  return ToPython(TablePtr(out));
}

py::object IdentityHashes(py::handle values, py::handle key, py::handle tenant) {
  const InputColumn column("values", values, Role::kText);
  const Key secret(key);
  const char *name = Name(tenant, "tenant");
  patron_table *out = nullptr;
  ErrorText error;
  Check(patron_identity_hashes(column.get(), secret.data(), secret.size(), name, &out, &error),
        error);
  return ToPython(TablePtr(out));
}

}  // namespace

void DefinePseudonyms(py::module_ &m) {
  using py::arg;
  m.def("pseudonyms", Pseudonyms, arg("values"), arg("key"), arg("kind"), arg("names"),
        arg("progress"));
  m.def("identity_hashes", IdentityHashes, arg("values"), arg("key"), arg("tenant"));
}

}  // namespace patron::python
