// Proportional hazards.
#include <pybind11/pybind11.h>

#include <memory>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "durations.hpp"
#include "exclusive.hpp"
#include "input_table.hpp"
#include "module.hpp"
#include "patron/c/cox.h"
#include "table.hpp"

namespace patron::python {

namespace {

constexpr Choice kTies[] = {{"efron", PATRON_TIES_EFRON}, {"breslow", PATRON_TIES_BRESLOW}};
constexpr Choice kScales[] = {{"km", PATRON_SCALE_KAPLAN_MEIER},
                              {"rank", PATRON_SCALE_RANK},
                              {"identity", PATRON_SCALE_IDENTITY},
                              {"log", PATRON_SCALE_LOG_TIME}};

struct FreeCox {
  void operator()(patron_cox *model) const { patron_cox_free(model); }
};

class Cox {
 public:
  // The options are (ties, covariates, offset, cluster, robust, max_iterations, penalties,
  // survival_errors).
  static std::unique_ptr<Cox> Fit(py::handle table, py::handle column_arguments,
                                  py::handle option_arguments, py::handle progress) {
    const DurationColumns columns(column_arguments);
    patron_cox_options options;
    patron_cox_options_init(&options);
    Arguments next(option_arguments);
    options.ties = next.Word("ties", kTies);
    const std::vector<const char *> covariates = NamesIn(next.Next(), "covariates");
    options.covariates = covariates.data();
    options.covariate_count = covariates.size();
    options.offset = next.Text("offset");
    options.cluster = next.Text("cluster");
    options.robust = next.Int32("robust");
    options.max_iterations = next.Int32("max_iterations");
    const std::vector<double> penalty = Numbers(next.Next(), "penalty");
    options.penalty = penalty.data();
    options.penalty_count = penalty.size();
    options.survival_errors = next.Int32("survival_errors");
    std::vector<const char *> numbers = covariates;
    numbers.push_back(options.offset);
    const InputTable input(table, columns.Wants(numbers, {options.cluster}), "table");
    Call call(input.rows() + kRowsToReleaseGil, progress, "fit");
    options.context = call.context();
    patron_cox *out = nullptr;
    call.Run([&](patron_error *error) {
      return patron_cox_fit(input.get(), columns.get(), &options, &out, error);
    });
    auto model = std::make_unique<Cox>();
    model->model_.reset(out);
    return model;
  }

  static std::unique_ptr<Cox> FromBytes(py::handle bytes) {
    auto model = std::make_unique<Cox>();
    model->model_.reset(Deserialized(bytes, patron_cox_deserialize));
    return model;
  }
  py::bytes ToBytes() const { return Serialized<patron_cox>(model_.get(), patron_cox_serialize); }
  py::object Columns() const { return AskModel(model_.get(), patron_cox_columns); }

  py::tuple Info() const {
    auto info = Sized<patron_cox_info>();
    ErrorText error;
    Check(patron_cox_get_info(model_.get(), &info, &error), error);
    return py::make_tuple(info.iterations, info.strata, info.rows, info.events, info.log_likelihood,
                          info.null_log_likelihood, info.likelihood_ratio, info.wald, info.score,
                          kTies[info.ties].word, info.robust != 0, info.survival_errors != 0);
  }
  py::object Coefficients(py::handle level) const {
    const double inside = Number(level, "level");
    return Ask([&](patron_table **out, patron_error *error) {
      return patron_cox_coefficients(model_.get(), inside, out, error);
    });
  }
  py::object Covariance() const {
    return Ask([&](patron_table **out, patron_error *error) {
      return patron_cox_covariance(model_.get(), out, error);
    });
  }
  py::object Baseline(bool centred) const {
    return Ask([&](patron_table **out, patron_error *error) {
      return patron_cox_baseline(model_.get(), centred ? 1 : 0, out, error);
    });
  }

  // The options are (remaining, times, elapsed, horizon, errors, interval, level); `numbers` and `ids` name the columns to read.
  py::object Predict(py::handle table, py::handle numbers, py::handle ids,
                     py::handle option_arguments, py::handle progress) const {
    patron_cox_predict_options options;
    patron_cox_predict_options_init(&options);
    Arguments next(option_arguments);
    options.remaining = next.Int32("remaining");
    const std::vector<double> times = Numbers(next.Next(), "times");
    options.times = times.data();
    options.time_count = times.size();
    options.elapsed = next.Text("elapsed");
    options.horizon = next.Real("horizon");
    options.errors = next.Int32("errors");
    options.interval = next.Word("interval", kSurvivalIntervals);
    options.level = next.Real("level");
    std::vector<Wanted> wanted;
    for (const char *name : NamesIn(numbers, "covariates")) {
      wanted.push_back({name, Role::kNumber});
    }
    wanted.push_back({options.elapsed, Role::kNumber});
    for (const char *name : NamesIn(ids, "strata")) wanted.push_back({name, Role::kId});
    const InputTable input(table, wanted, "table");
    Call call(input.rows(), progress, "predict");
    options.context = call.context();
    patron_table *out = nullptr;
    call.Run([&](patron_error *error) {
      return patron_cox_predict(model_.get(), input.get(), &options, &out, error);
    });
    return ToPython(TablePtr(out));
  }

  // `numbers` and `ids` as in Predict; terms are pairs of a name and a tuple of names.
  py::object Proportionality(py::handle table, py::handle column_arguments, py::handle numbers,
                             py::handle ids, py::handle scale, py::handle terms,
                             py::handle progress) const {
    const DurationColumns columns(column_arguments);
    const int32_t of_time = Choose(scale, "transform", kScales);
    std::vector<std::vector<const char *>> members;
    std::vector<patron_cox_term> list;
    for (const py::handle pair : terms) {
      Arguments next(pair);
      auto term = Sized<patron_cox_term>();
      term.name = next.Text("term");
      term.covariate_count = members.emplace_back(NamesIn(next.Next(), "terms")).size();
      list.push_back(term);
    }
    for (size_t i = 0; i < list.size(); ++i) list[i].covariates = members[i].data();
    const InputTable input(
        table, columns.Wants(NamesIn(numbers, "covariates"), NamesIn(ids, "strata")), "table");
    Call call(input.rows(), progress, "proportional_hazards_test");
    patron_table *out = nullptr;
    call.Run([&](patron_error *error) {
      return patron_cox_proportionality(model_.get(), input.get(), columns.get(), of_time,
                                        list.data(), list.size(), call.context(), &out, error);
    });
    return ToPython(TablePtr(out));
  }

 private:
  template <typename Function>
  static py::object Ask(Function function) {
    patron_table *out = nullptr;
    ErrorText error;
    Check(function(&out, &error), error);
    return ToPython(TablePtr(out));
  }

  std::unique_ptr<patron_cox, FreeCox> model_;
};

}  // namespace

void DefineCox(py::module_ &m) {
  using py::arg;
  DefineClass<Cox>(m, "Cox")
      .def_static("fit", &Cox::Fit, arg("table"), arg("columns"), arg("options"), arg("progress"))
      .def_static("from_bytes", &Cox::FromBytes, arg("data"))
      .def("to_bytes", &Cox::ToBytes)
      .def("columns", &Cox::Columns)
      .def("info", &Cox::Info)
      .def("coefficients", &Cox::Coefficients, arg("level"))
      .def("covariance", &Cox::Covariance)
      .def("baseline", &Cox::Baseline, arg("centred"))
      .def("predict", &Cox::Predict, arg("table"), arg("numbers"), arg("ids"), arg("options"),
           arg("progress"))
      .def("proportionality", &Cox::Proportionality, arg("table"), arg("columns"), arg("numbers"),
           arg("ids"), arg("scale"), arg("terms"), arg("progress"));
}

}  // namespace patron::python
