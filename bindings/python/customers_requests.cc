// Requests of persons, and what they get.
#include "patron/c/customers_requests.h"

#include <pybind11/pybind11.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "calendar.hpp"
#include "customers.hpp"
#include "input_table.hpp"
#include "instant.hpp"
#include "module.hpp"
#include "table.hpp"

namespace patron::python {

namespace {

py::object RequestsDue(py::handle requests, py::handle rules, const Calendar *calendar,
                       py::handle as_of) {
  const InputTable input(requests,
                         {{"request_id", Role::kId},
                          {"subject", Role::kId},
                          {"kind", Role::kText},
                          {"received", Role::kTime},
                          {"extended_at", Role::kTime},
                          {"answered_at", Role::kTime},
                          {"refused", Role::kCount}},
                         "requests");
  const InputTable rule_rows(rules,
                             {{"kind", Role::kText},
                              {"months", Role::kCount},
                              {"days", Role::kCount},
                              {"working_days", Role::kCount},
                              {"extension_months", Role::kCount}},
                             "rules");
  const int64_t at = Instant(as_of, "as_of");
  patron_table *out = nullptr;
  ErrorText error;
  Check(patron_requests_due(input.get(), rule_rows.get(),
                            calendar == nullptr ? nullptr : calendar->get(), at, &out, &error),
        error);
  return ToPython(TablePtr(out));
}

py::bytes ToBytes(patron_bytes *bytes) {
  const std::unique_ptr<patron_bytes, void (*)(patron_bytes *)> release(bytes, patron_bytes_free);
  return py::bytes(static_cast<const char *>(patron_bytes_data(bytes)), patron_bytes_size(bytes));
}

py::bytes ExportJson(py::handle subject, py::handle by, const py::list &names,
                     const py::list &tables, py::handle made_at) {
  const char *text = py::isinstance<py::str>(subject) ? Name(subject, "subject") : nullptr;
  const int64_t number = text == nullptr ? Integer(subject, "subject") : 0;
  const char *column = Name(by, "by");
  const int64_t at = Instant(made_at, "made_at");
  std::deque<InputTable> inputs;
  std::vector<const char *> part_names;
  std::vector<const patron_table *> part_tables;
  for (size_t i = 0; i < names.size(); ++i) {
    part_names.push_back(Name(names[i], "parts"));
    inputs.emplace_back(tables[i], "parts");
    part_tables.push_back(inputs.back().get());
  }
  patron_bytes *out = nullptr;
  ErrorText error;
  Check(patron_export_json(number, text, column, part_names.data(), part_tables.data(),
                           part_names.size(), at, &out, &error),
        error);
  return ToBytes(out);
}

py::bytes ExportVcard(py::handle contacts) {
  const InputTable input(contacts, "contacts");
  patron_bytes *out = nullptr;
  ErrorText error;
  Check(patron_export_vcard(input.get(), &out, &error), error);
  return ToBytes(out);
}

}  // namespace

void DefineRequests(py::module_ &m) {
  using py::arg;
  m.def("requests_due", RequestsDue, arg("requests"), arg("rules"), arg("calendar").none(true),
        arg("as_of"));
  m.def("export_json", ExportJson, arg("subject"), arg("by"), arg("names"), arg("tables"),
        arg("made_at"));
  m.def("export_vcard", ExportVcard, arg("contacts"));
}

}  // namespace patron::python
