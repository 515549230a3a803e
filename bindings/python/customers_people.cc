// Generated people.
#include <pybind11/pybind11.h>

#include <string>

#include "arguments.hpp"
#include "customers.hpp"
#include "module.hpp"
#include "patron/c/patron.h"
#include "runtime.hpp"
#include "table.hpp"

namespace patron::python {

namespace {

// Packed as (people, seed, a mapping of shares by name).
py::object GeneratePeople(py::handle people, py::handle seed, py::handle shares,
                          py::handle progress) {
  patron_people_options options;
  patron_people_options_init(&options);
  options.people = Integer(people, "people");
  const int64_t number = Integer(seed, "seed");
  if (number < 0) RaiseInvalid("seed: " + std::to_string(number) + "; expected at least 0");
  options.seed = static_cast<uint64_t>(number);
  Arguments next(shares);
  options.repeat = next.Real("repeat");
  options.household = next.Real("household");
  options.shared_phone = next.Real("shared_phone");
  options.homophone = next.Real("homophone");
  options.variant = next.Real("variant");
  options.romanised = next.Real("romanised");
  options.reversed = next.Real("reversed");
  options.typo = next.Real("typo");
  options.damaged = next.Real("damaged");
  options.new_phone = next.Real("new_phone");
  options.phone_form = next.Real("phone_form");
  options.new_address = next.Real("new_address");
  options.address_form = next.Real("address_form");
  options.birth_error = next.Real("birth_error");
  options.missing = next.Real("missing");
  Call call(options.people, progress, "generate_people");
  options.context = call.context();
  patron_table *out = nullptr;
  call.Run(
      [&](patron_error *error) { return patron_customers_generate_people(&options, &out, error); });
  return ToPython(TablePtr(out));
}

}  // namespace

void DefinePeople(py::module_ &m) {
  using py::arg;
  m.def("generate_people", GeneratePeople, arg("people"), arg("seed"), arg("shares"),
        arg("progress"));
}

}  // namespace patron::python
