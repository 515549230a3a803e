// Event logs: XES, mining, conformance.
#include <pybind11/pybind11.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "calendar.hpp"
#include "exclusive.hpp"
#include "input_table.hpp"
#include "module.hpp"
#include "policy.hpp"
#include "table.hpp"

namespace patron::python {

namespace {

constexpr Choice kOrders[] = {{"time", PATRON_EVENTS_BY_TIME}, {"row", PATRON_EVENTS_BY_ROW}};

// Texts of an iterable, which keeps them.
class Texts {
 public:
  Texts(py::handle values, const char *option)
      : kept_(py::reinterpret_steal<py::tuple>(PySequence_Tuple(values.ptr()))) {
    if (!kept_) throw py::error_already_set();
    for (const py::handle value : kept_) {
      const char *text = Name(value, option);
      if (text == nullptr) RaiseType(std::string(option) + ": expected a str, not NoneType");
      texts_.push_back(text);
    }
  }
  const char *const *data() const { return texts_.data(); }
  size_t size() const { return texts_.size(); }

 private:
  py::tuple kept_;
  std::vector<const char *> texts_;
};

py::tuple ReadXes(py::handle source, py::handle activity, py::handle resource, py::handle events,
                  py::handle traces) {
  const Texts activity_keys(activity, "activity"), event_keys(events, "event_attributes"),
      trace_keys(traces, "trace_attributes");
  patron_xes_options options;
  patron_xes_options_init(&options);
  options.activity = activity_keys.data();
  options.activity_count = activity_keys.size();
  const char *key = Name(resource, "resource");
  if (key != nullptr) options.resource = key;
  options.event_attributes = event_keys.data();
  options.event_attribute_count = event_keys.size();
  options.trace_attributes = trace_keys.data();
  options.trace_attribute_count = trace_keys.size();
  patron_table *table = nullptr;
  auto report = Sized<patron_xes_report>();
  ErrorText error;
  patron_status status;
  if (PyBytes_Check(source.ptr())) {
    const char *bytes = PyBytes_AS_STRING(source.ptr());
    const auto size = static_cast<size_t>(PyBytes_GET_SIZE(source.ptr()));
    py::gil_scoped_release without_gil;
    status = patron_log_parse_xes(bytes, size, &options, &table, &report, &error);
  } else {
    const char *path = Name(source, "path");
    py::gil_scoped_release without_gil;
    status = patron_log_read_xes(path, &options, &table, &report, &error);
  }
  Check(status, error);
  return py::make_tuple(
      ToPython(TablePtr(table)),
      py::make_tuple(report.traces, report.events, report.unnamed_traces, report.repeated_traces,
                     report.empty_traces, report.nameless_events, report.timeless_events,
                     report.zoneless_times));
}

class Log {
 public:
  explicit Log(patron_log *handle) : handle_(handle) {}

  static py::tuple Mine(py::handle table, py::handle names, py::handle order,
                        const Calendar *calendar, py::handle progress) {
    patron_log_options options;
    patron_log_options_init(&options);
    Arguments next(names);
    options.case_id = next.Text("case");
    options.activity = next.Text("activity");
    options.time = next.Text("time");
    options.resource = next.Text("resource");
    options.order = Choose(order, "order", kOrders);
    if (calendar != nullptr) options.calendar = calendar->get();
    const InputTable input(table,
                           {{options.case_id, Role::kId},
                            {options.activity, Role::kId},
                            {options.time, Role::kTime},
                            {options.resource, Role::kText}},
                           "log");
    Call call(input.rows(), progress, "mine");
    options.context = call.context();
    patron_log *log = nullptr;
    patron_table *cases = nullptr;
    call.Run([&](patron_error *error) {
      return patron_log_mine(input.get(), &options, &log, &cases, error);
    });
    TablePtr own_cases(cases);
    return py::make_tuple(py::cast(std::make_unique<Log>(log)), ToPython(std::move(own_cases)));
  }

  static std::unique_ptr<Log> FromBytes(py::handle bytes) {
    return std::make_unique<Log>(Deserialized(bytes, patron_log_deserialize));
  }
  py::bytes ToBytes() const {
    patron_bytes *out = nullptr;
    ErrorText error;
    // With the GIL, so that no merge changes the log meanwhile.
    const patron_status status = patron_log_serialize(handle_.get(), &out, &error);
    const std::unique_ptr<patron_bytes, void (*)(patron_bytes *)> release(out, patron_bytes_free);
    Check(status, error);
    return py::bytes(static_cast<const char *>(patron_bytes_data(out)), patron_bytes_size(out));
  }

  void Merge(const Log &source) {
    ErrorText error;
    Check(patron_log_merge(handle_.get(), source.handle_.get(), &error), error);
  }

  py::tuple Summary() const {
    auto s = Sized<patron_log_summary>();
    ErrorText error;
    Check(patron_log_get_summary(handle_.get(), &s, &error), error);
    return py::make_tuple(s.cases, s.events, s.activities, s.variants, s.edges, s.self_loops,
                          s.returns, s.handovers, s.cases_with_rework, s.has_working != 0);
  }

  py::object Activities() const { return Give(patron_log_activities); }
  py::object Edges() const { return Give(patron_log_edges); }

  py::tuple Variants() const {
    patron_table *variants = nullptr, *steps = nullptr;
    ErrorText error;
    Check(patron_log_variants(handle_.get(), &variants, &steps, &error), error);
    TablePtr own_variants(variants), own_steps(steps);
    return py::make_tuple(ToPython(std::move(own_variants)), ToPython(std::move(own_steps)));
  }

  py::list Durations(bool working, py::handle p) const {
    const std::vector<double> asked = Numbers(p, "p");
    std::vector<double> found(asked.size() + 1);
    ErrorText error;
    Check(patron_log_durations(handle_.get(), working ? 1 : 0, asked.data(), asked.size(),
                               found.data(), &error),
          error);
    py::list list;
    for (const double quantile : found) list.append(quantile);
    return list;
  }

  py::object Conformance(py::handle steps, py::handle starts, py::handle ends, py::handle remove,
                         py::handle insert, py::handle change) const {
    const Texts start_names(starts, "starts"), end_names(ends, "ends");
    patron_conformance_options options = CostsOf(remove, insert, change);
    options.starts = start_names.data();
    options.start_count = start_names.size();
    options.ends = end_names.data();
    options.end_count = end_names.size();
    const InputTable input(
        steps, {{"source", Role::kText}, {"activity", Role::kText}, {"target", Role::kText}},
        "steps");
    patron_table *out = nullptr;
    ErrorText error;
    // With the GIL, so that no merge changes the log meanwhile.
    Check(patron_log_conformance(handle_.get(), input.get(), &options, &out, &error), error);
    return ToPython(TablePtr(out));
  }

  // No states: None.
  py::object PolicyConformance(const Policy &policy, py::handle starts, py::handle ends,
                               py::handle remove, py::handle insert, py::handle change) const {
    static constexpr const char *const kNone[] = {nullptr};
    std::optional<Texts> start_names, end_names;
    patron_conformance_options options = CostsOf(remove, insert, change);
    if (!starts.is_none()) {
      start_names.emplace(starts, "starts");
      options.start_count = start_names->size();
      options.starts = options.start_count == 0 ? kNone : start_names->data();
    }
    if (!ends.is_none()) {
      end_names.emplace(ends, "ends");
      options.end_count = end_names->size();
      options.ends = options.end_count == 0 ? kNone : end_names->data();
    }
    patron_table *out = nullptr;
    ErrorText error;
    Check(patron_log_policy_conformance(handle_.get(), policy.get(), &options, &out, &error),
          error);
    return ToPython(TablePtr(out));
  }

 private:
  static patron_conformance_options CostsOf(py::handle remove, py::handle insert,
                                            py::handle change) {
    patron_conformance_options options;
    patron_conformance_options_init(&options);
    options.remove_cost = Integer32(remove, "remove");
    options.insert_cost = Integer32(insert, "insert");
    options.change_cost = Integer32(change, "change");
    return options;
  }

  using Giver = patron_status (*)(const patron_log *, patron_table **, patron_error *);
  py::object Give(Giver function) const {
    patron_table *out = nullptr;
    ErrorText error;
    Check(function(handle_.get(), &out, &error), error);
    return ToPython(TablePtr(out));
  }

  struct Free {
    void operator()(patron_log *handle) const { patron_log_free(handle); }
  };
  std::unique_ptr<patron_log, Free> handle_;
};

}  // namespace

void DefineLog(py::module_ &m) {
  using py::arg;
  m.def("read_xes", ReadXes, arg("source"), arg("activity"), arg("resource"),
        arg("event_attributes"), arg("trace_attributes"));
  DefineClass<Log>(m, "Log")
      .def_static("mine", &Log::Mine, arg("table"), arg("names"), arg("order"),
                  arg("calendar").none(true), arg("progress"))
      .def_static("from_bytes", &Log::FromBytes, arg("data"))
      .def("to_bytes", &Log::ToBytes)
      .def("merge", &Log::Merge, arg("source"))
      .def("summary", &Log::Summary)
      .def("activities", &Log::Activities)
      .def("edges", &Log::Edges)
      .def("variants", &Log::Variants)
      .def("durations", &Log::Durations, arg("working"), arg("p"))
      .def("conformance", &Log::Conformance, arg("steps"), arg("starts"), arg("ends"),
           arg("remove"), arg("insert"), arg("change"))
      .def("policy_conformance", &Log::PolicyConformance, arg("policy"), arg("starts"), arg("ends"),
           arg("remove"), arg("insert"), arg("change"));
}

}  // namespace patron::python
