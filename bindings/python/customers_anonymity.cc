// Exports in which nobody stands alone.
#include "patron/c/customers_anonymity.h"

#include <pybind11/pybind11.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "arguments.hpp"
#include "customers.hpp"
#include "input_table.hpp"
#include "module.hpp"
#include "table.hpp"

namespace patron::python {

namespace {

uint32_t Count(py::handle value, const char *option) {
  const int64_t count = Integer(value, option);
  if (count < 0 || count > std::numeric_limits<uint32_t>::max()) {
    RaiseInvalid(std::string(option) + ": " + std::to_string(count) + "; expected 1 to 4294967295");
  }
  return static_cast<uint32_t>(count);
}

py::tuple KAnonymity(py::handle table, py::handle quasi, py::handle hierarchies,
                     py::handle packed) {
  patron_anonymity_options options;
  patron_anonymity_options_init(&options);
  Arguments next(packed);
  options.k = Count(next.Next(), "k");
  options.l = Count(next.Next(), "l");
  options.t = next.Real("t");
  options.max_suppressed = next.Real("max_suppressed");
  options.sensitive = next.Text("sensitive");
  const InputTable input(table, "table");
  const InputTable quasi_rows(quasi, {{"field", Role::kText}, {"form", Role::kText}},
                              "quasi_identifiers");
  std::optional<InputTable> levels_of_values;
  if (!hierarchies.is_none()) {
    levels_of_values.emplace(hierarchies,
                             std::initializer_list<Wanted>{{"field", Role::kText},
                                                           {"value", Role::kText},
                                                           {"level", Role::kCount},
                                                           {"label", Role::kText}},
                             "hierarchies");
  }
  patron_table *rows = nullptr, *classes = nullptr, *levels = nullptr;
  auto report = Sized<patron_anonymity_report>();
  ErrorText error;
  Check(patron_k_anonymity(input.get(), quasi_rows.get(),
                           levels_of_values ? levels_of_values->get() : nullptr, &options, &rows,
                           &classes, &levels, &report, &error),
        error);
  TablePtr owned_rows(rows), owned_classes(classes), owned_levels(levels);
  return py::make_tuple(ToPython(std::move(owned_rows)), ToPython(std::move(owned_classes)),
                        ToPython(std::move(owned_levels)),
                        py::make_tuple(report.rows, report.suppressed, report.k, report.l, report.t,
                                       report.loss, report.nodes, report.examined));
}

}  // namespace

void DefineAnonymity(py::module_ &m) {
  using py::arg;
  m.def("k_anonymity", KAnonymity, arg("table"), arg("quasi"), arg("hierarchies"), arg("options"));
}

}  // namespace patron::python
