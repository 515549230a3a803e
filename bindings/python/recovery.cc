// What complaints cost and what handling them brings back.
#include <pybind11/pybind11.h>

#include "arguments.hpp"
#include "input_table.hpp"
#include "module.hpp"
#include "table.hpp"

namespace patron::python {

namespace {

constexpr Choice kBy[] = {{"count", PATRON_PARETO_COUNT},
                          {"severity", PATRON_PARETO_SEVERITY},
                          {"cost", PATRON_PARETO_COST}};

py::object Priority(py::handle table, py::handle names) {
  patron_priority_options options;
  patron_priority_options_init(&options);
  Arguments next(names);
  options.severity = next.Text("severity");
  options.media = next.Text("media");
  options.tier = next.Text("tier");
  options.repeats = next.Text("repeats");
  options.age = next.Text("age");
  const InputTable input(table,
                         {{options.severity, Role::kCount},
                          {options.media, Role::kCount},
                          {options.tier, Role::kNumber},
                          {options.repeats, Role::kNumber},
                          {options.age, Role::kNumber}},
                         "cases");
  patron_table *out = nullptr;
  ErrorText error;
  Check(patron_recovery_priority(input.get(), &options, &out, &error), error);
  return ToPython(TablePtr(out));
}

py::object Pareto(py::handle table, py::handle arguments) {
  patron_pareto_options options;
  patron_pareto_options_init(&options);
  Arguments next(arguments);
  options.cause = next.Text("cause");
  options.by = next.Word("by", kBy);
  const char *severity = next.Text("severity");
  const char *cost = next.Text("cost");
  options.severity = severity;
  options.cost = cost;
  options.share = next.Real("share");
  const InputTable input(
      table,
      {{options.cause, Role::kId},
       {options.by == PATRON_PARETO_SEVERITY ? severity : nullptr, Role::kNumber},
       {options.by == PATRON_PARETO_COST ? cost : nullptr, Role::kNumber}},
      "cases");
  patron_table *out = nullptr;
  ErrorText error;
  Check(patron_recovery_pareto(input.get(), &options, &out, &error), error);
  return ToPython(TablePtr(out));
}

py::tuple Iceberg(py::handle arguments) {
  Arguments next(arguments);
  const double complaints = next.Real("complaints");
  const double share = next.Real("share");
  const double hits = next.Real("hits");
  const double trials = next.Real("trials");
  const double level = next.Real("level");
  auto found = Sized<patron_iceberg>();
  ErrorText error;
  Check(patron_recovery_iceberg(complaints, share, hits, trials, level, &found, &error), error);
  return py::make_tuple(found.share, found.multiplier, found.problems, found.silent,
                        py::make_tuple(found.share_low, found.share_high),
                        py::make_tuple(found.multiplier_low, found.multiplier_high),
                        py::make_tuple(found.problems_low, found.problems_high));
}

py::tuple Damage(py::handle arguments) {
  auto inputs = Sized<patron_damage_inputs>();
  Arguments next(arguments);
  inputs.customers = next.Real("customers");
  inputs.problem_rate = next.Real("problem_rate");
  inputs.voice_rate = next.Real("voice_rate");
  inputs.satisfied = next.Real("satisfied");
  inputs.mollified = next.Real("mollified");
  inputs.loyal = next.Real("loyal");
  inputs.loyal_satisfied = next.Real("loyal_satisfied");
  inputs.loyal_mollified = next.Real("loyal_mollified");
  inputs.loyal_dissatisfied = next.Real("loyal_dissatisfied");
  inputs.loyal_silent = next.Real("loyal_silent");
  inputs.value = next.Real("value");
  auto damage = Sized<patron_damage>();
  ErrorText error;
  Check(patron_recovery_damage(&inputs, &damage, &error), error);
  return py::make_tuple(damage.lost, damage.at_risk, damage.lost_silent, damage.lost_satisfied,
                        damage.lost_mollified, damage.lost_dissatisfied);
}

py::object ReturnRates(py::handle own, py::handle weight, py::handle level) {
  const auto context = Runtime::Get().serial();
  patron_table *out = nullptr;
  ErrorText error;
  const double prior = Number(weight, "weight"), of = Number(level, "level");
  if (own.is_none()) {
    Check(patron_recovery_return_rates(nullptr, prior, of, context.get(), &out, &error), error);
  } else {
    const InputTable input(
        own, {{"outcome", Role::kText}, {"loss", Role::kText}, {"returned", Role::kCount}}, "own");
    Check(patron_recovery_return_rates(input.get(), prior, of, context.get(), &out, &error), error);
  }
  return ToPython(TablePtr(out));
}

}  // namespace

void DefineRecovery(py::module_ &m) {
  using py::arg;
  m.def("priority", &Priority, arg("table"), arg("names"));
  m.def("pareto", &Pareto, arg("table"), arg("options"));
  m.def("iceberg", &Iceberg, arg("arguments"));
  m.def("market_damage", &Damage, arg("arguments"));
  m.def("return_rates", &ReturnRates, arg("own"), arg("weight"), arg("level"));
}

}  // namespace patron::python
