// Keys of texts.
#include "patron/c/customers_keys.h"

#include <pybind11/pybind11.h>

#include <utility>

#include "arguments.hpp"
#include "customers.hpp"
#include "input_table.hpp"
#include "module.hpp"
#include "table.hpp"

namespace patron::python {

namespace {

constexpr Choice kKeyKinds[] = {{"text", PATRON_KEYS_TEXT},
                                {"name", PATRON_KEYS_NAME},
                                {"phone", PATRON_KEYS_PHONE},
                                {"email", PATRON_KEYS_EMAIL},
                                {"organisation", PATRON_KEYS_ORGANISATION},
                                {"address", PATRON_KEYS_ADDRESS},
                                {"identity", PATRON_KEYS_IDENTITY}};

py::object ReadKeys(py::handle values, py::handle kind, py::handle region, py::handle progress) {
  patron_keys_options options;
  patron_keys_options_init(&options);
  options.kind = Choose(kind, "kind", kKeyKinds);
  options.region = Name(region, "region");
  const InputColumn column("values", values, Role::kText);
  Call call(column.rows(), progress, "keys");
  options.context = call.context();
  patron_table *out = nullptr;
  call.Run(
      [&](patron_error *error) { return patron_keys_read(column.get(), &options, &out, error); });
  return ToPython(TablePtr(out));
}

}  // namespace

void DefineKeys(py::module_ &m) {
  using py::arg;
  m.def("read_keys", ReadKeys, arg("values"), arg("kind"), arg("region"), arg("progress"));
}

}  // namespace patron::python
