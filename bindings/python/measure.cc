// Measures over time: survival curves, control charts, attainment, backlog, ages.
#include <pybind11/pybind11.h>

#include <string>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "input_table.hpp"
#include "module.hpp"
#include "table.hpp"

namespace patron::python {

namespace {

constexpr Choice kIntervals[] = {{"plain", PATRON_INTERVAL_PLAIN},
                                 {"log", PATRON_INTERVAL_LOG},
                                 {"log-log", PATRON_INTERVAL_LOG_LOG}};
constexpr Choice kCharts[] = {{"p", PATRON_CHART_P},
                              {"u", PATRON_CHART_U},
                              {"laney_p", PATRON_CHART_LANEY_P},
                              {"laney_u", PATRON_CHART_LANEY_U},
                              {"xmr", PATRON_CHART_XMR},
                              {"cusum", PATRON_CHART_CUSUM}};
constexpr Choice kBacklogPeriods[] = {{"day", PATRON_PERIOD_DAY},
                                      {"week", PATRON_PERIOD_WEEK},
                                      {"month", PATRON_PERIOD_MONTH},
                                      {"quarter", PATRON_PERIOD_QUARTER},
                                      {"year", PATRON_PERIOD_YEAR}};

py::tuple Survival(py::handle table, py::handle p, py::handle interval, py::handle level,
                   py::handle progress) {
  const std::vector<double> shares = Numbers(p, "p");
  patron_survival_options options;
  patron_survival_options_init(&options);
  options.interval = Choose(interval, "interval", kIntervals);
  options.level = Number(level, "level");
  options.p = shares.data();
  options.p_count = shares.size();
  const InputTable input(table, {{"time", Role::kNumber}, {"observed", Role::kCount}}, "table");
  Call call(input.rows(), progress, "survival");
  options.context = call.context();
  patron_table *curve = nullptr, *quantiles = nullptr;
  call.Run([&](patron_error *error) {
    return patron_measure_survival(input.get(), &options, &curve, &quantiles, error);
  });
  TablePtr own_curve(curve), own_quantiles(quantiles);
  return py::make_tuple(ToPython(std::move(own_curve)), ToPython(std::move(own_quantiles)));
}

py::tuple Chart(py::handle table, py::handle kind, py::handle option_arguments) {
  patron_chart_options options;
  patron_chart_options_init(&options);
  options.kind = Choose(kind, "kind", kCharts);
  Arguments next(option_arguments);
  const int64_t baseline = next.Int("baseline");
  if (baseline < 0) RaiseInvalid("baseline: " + std::to_string(baseline) + "; expected 0 or more");
  options.baseline = static_cast<uint64_t>(baseline);
  options.slack = next.Real("slack");
  options.decision = next.Real("decision");
  options.target = next.Real("target");
  options.sigma = next.Real("sigma");
  const InputTable input(table, {{"count", Role::kNumber}, {"size", Role::kNumber}}, "table");
  patron_table *points = nullptr;
  auto chart = Sized<patron_chart>();
  ErrorText error;
  Check(patron_measure_chart(input.get(), &options, &points, &chart, &error), error);
  TablePtr own(points);
  return py::make_tuple(ToPython(std::move(own)),
                        py::make_tuple(chart.center, chart.sigma, chart.moving_range));
}

py::tuple Attainment(py::handle table, py::handle cutoff) {
  const InputTable input(table, {{"due", Role::kTime}, {"finished", Role::kTime}}, "table");
  auto a = Sized<patron_attainment>();
  ErrorText error;
  Check(patron_measure_attainment(input.get(), nullptr, nullptr, Integer(cutoff, "cutoff"), &a,
                                  &error),
        error);
  return py::make_tuple(a.met, a.breached, a.pending, a.due_met, a.rate, a.due_rate);
}

py::tuple Resolution(py::handle table, py::handle cutoff, py::handle window) {
  patron_resolution_options options;
  patron_resolution_options_init(&options);
  options.cutoff = Integer(cutoff, "cutoff");
  options.window = Integer(window, "window");
  const InputTable input(table,
                         {{"customer", Role::kId},
                          {"cause", Role::kId},
                          {"received", Role::kTime},
                          {"closed", Role::kTime},
                          {"accepted", Role::kCount},
                          {"contacts", Role::kCount},
                          {"reopens", Role::kCount}},
                         "cases");
  auto r = Sized<patron_resolution>();
  ErrorText error;
  Check(patron_measure_resolution(input.get(), &options, &r, &error), error);
  return py::make_tuple(r.known, r.unknown, r.first_contact, r.reopened, r.first_contact_rate,
                        r.reopen_rate);
}

py::object Backlog(py::handle table, py::handle period, py::handle zone, py::handle open_before) {
  const InputTable input(table, {{"time", Role::kTime}, {"movement", Role::kText}}, "movements");
  patron_table *out = nullptr;
  ErrorText error;
  Check(
      patron_measure_backlog(input.get(), Choose(period, "period", kBacklogPeriods),
                             Name(zone, "zone"), Integer(open_before, "open_before"), &out, &error),
      error);
  return ToPython(TablePtr(out));
}

py::list Ages(py::handle ages, py::handle bounds) {
  const InputColumn column("ages", ages, Role::kNumber);
  const std::vector<double> limits = Numbers(bounds, "bounds");
  std::vector<int64_t> counts(limits.size() + 1);
  ErrorText error;
  Check(patron_measure_ages(column.get(), limits.data(), limits.size(), counts.data(), &error),
        error);
  py::list list;
  for (const int64_t count : counts) list.append(count);
  return list;
}

}  // namespace

void DefineMeasure(py::module_ &m) {
  using py::arg;
  m.def("survival", Survival, arg("table"), arg("p"), arg("interval"), arg("level"),
        arg("progress"));
  m.def("chart", Chart, arg("table"), arg("kind"), arg("options"));
  m.def("attainment", Attainment, arg("table"), arg("cutoff"));
  m.def("resolution", Resolution, arg("cases"), arg("cutoff"), arg("window"));
  m.def("backlog", Backlog, arg("movements"), arg("period"), arg("zone"), arg("open_before"));
  m.def("ages", Ages, arg("ages"), arg("bounds"));
}

}  // namespace patron::python
