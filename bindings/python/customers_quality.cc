// The quality of records.
#include "patron/c/customers_quality.h"

#include <pybind11/pybind11.h>

#include <optional>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "customers.hpp"
#include "input_table.hpp"
#include "module.hpp"
#include "table.hpp"

namespace patron::python {

namespace {

constexpr Choice kForms[] = {{"ballou", PATRON_TIMELINESS_BALLOU},
                             {"heinrich", PATRON_TIMELINESS_HEINRICH}};

py::tuple Quality(py::handle table, py::handle fields, py::handle rules, py::handle verified,
                  py::handle packed) {
  patron_quality_options options;
  patron_quality_options_init(&options);
  Arguments next(packed);
  options.as_of = next.Time("as_of");
  options.timeliness = next.Word("timeliness", kForms);
  options.exponent = next.Real("exponent");
  for (double &weight : options.weights) weight = next.Real("weights");
  options.level = next.Real("level");
  options.source = next.Text("source");
  options.entity = next.Text("entity");
  options.id = next.Text("id");
  options.region = next.Text("region");
  const InputTable input(table, "table");
  const InputTable field_rows(fields,
                              {{"field", Role::kText},
                               {"weight", Role::kNumber},
                               {"kind", Role::kText},
                               {"pattern", Role::kText},
                               {"low", Role::kNumber},
                               {"high", Role::kNumber},
                               {"updated", Role::kText},
                               {"volatility_days", Role::kNumber}},
                              "fields");
  std::optional<InputTable> rule_rows, sample;
  if (!rules.is_none()) {
    rule_rows.emplace(rules,
                      std::initializer_list<Wanted>{{"name", Role::kText},
                                                    {"left", Role::kText},
                                                    {"op", Role::kText},
                                                    {"right", Role::kText},
                                                    {"value", Role::kText},
                                                    {"when", Role::kText},
                                                    {"equals", Role::kText}},
                      "rules");
  }
  if (!verified.is_none()) sample.emplace(verified, "verified");
  patron_table *by_field = nullptr, *by_record = nullptr, *by_source = nullptr, *base = nullptr;
  ErrorText error;
  Check(patron_quality(input.get(), field_rows.get(), rule_rows ? rule_rows->get() : nullptr,
                       sample ? sample->get() : nullptr, &options, &by_field, &by_record,
                       &by_source, &base, &error),
        error);
  TablePtr tables[] = {TablePtr(by_field), TablePtr(by_record), TablePtr(by_source),
                       TablePtr(base)};
  py::tuple result(4);
  for (size_t i = 0; i < 4; ++i) result[i] = ToPython(std::move(tables[i]));
  return result;
}

}  // namespace

void DefineQuality(py::module_ &m) {
  using py::arg;
  m.def("quality", Quality, arg("table"), arg("fields"), arg("rules"), arg("verified"),
        arg("options"));
}

}  // namespace patron::python
