// Discrete time: the chance to leave in each period.
#include <pybind11/pybind11.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "durations.hpp"
#include "exclusive.hpp"
#include "input_table.hpp"
#include "loyalty.hpp"
#include "module.hpp"
#include "patron/c/discrete_hazard.h"
#include "table.hpp"

namespace patron::python {

namespace {

constexpr Choice kLinks[] = {{"logit", PATRON_LINK_LOGIT}, {"cloglog", PATRON_LINK_CLOGLOG}};

struct FreeDiscreteHazard {
  void operator()(patron_discrete_hazard *model) const { patron_discrete_hazard_free(model); }
};

class DiscreteHazard {
 public:
  static std::unique_ptr<DiscreteHazard> Fit(py::handle table, py::handle column_arguments,
                                             py::handle link, py::handle covariate_names,
                                             py::handle progress) {
    const DurationColumns columns(column_arguments);
    patron_discrete_hazard_options options;
    patron_discrete_hazard_options_init(&options);
    options.link = Choose(link, "link", kLinks);
    const std::vector<const char *> covariates = NamesIn(covariate_names, "covariates");
    options.covariates = covariates.data();
    options.covariate_count = covariates.size();
    const InputTable input(table, columns.Wants(covariates), "table");
    Call call(input.rows() + kRowsToReleaseGil, progress, "fit");
    options.context = call.context();
    patron_discrete_hazard *out = nullptr;
    call.Run([&](patron_error *error) {
      return patron_discrete_hazard_fit(input.get(), columns.get(), &options, &out, error);
    });
    auto model = std::make_unique<DiscreteHazard>();
    model->model_.reset(out);
    return model;
  }

  static std::unique_ptr<DiscreteHazard> FromBytes(py::handle bytes) {
    auto model = std::make_unique<DiscreteHazard>();
    model->model_.reset(Deserialized(bytes, patron_discrete_hazard_deserialize));
    return model;
  }
  py::bytes ToBytes() const {
    return Serialized<patron_discrete_hazard>(model_.get(), patron_discrete_hazard_serialize);
  }
  py::object Columns() const { return AskModel(model_.get(), patron_discrete_hazard_columns); }

  py::tuple Info() const {
    auto info = Sized<patron_discrete_hazard_info>();
    ErrorText error;
    Check(patron_discrete_hazard_get_info(model_.get(), &info, &error), error);
    return py::make_tuple(info.iterations, info.periods, info.rows, info.events,
                          info.log_likelihood, info.null_log_likelihood, kLinks[info.link].word);
  }
  py::object Coefficients(py::handle level) const {
    const double inside = Number(level, "level");
    patron_table *out = nullptr;
    ErrorText error;
    Check(patron_discrete_hazard_coefficients(model_.get(), inside, &out, &error), error);
    return ToPython(TablePtr(out));
  }
  py::object Baseline() const {
    patron_table *out = nullptr;
    ErrorText error;
    Check(patron_discrete_hazard_baseline(model_.get(), &out, &error), error);
    return ToPython(TablePtr(out));
  }
  py::object Predict(py::handle table, py::handle covariates, py::handle elapsed,
                     py::handle periods, py::handle progress) const {
    const char *stayed = Name(elapsed, "elapsed");
    const int64_t ahead = Integer(periods, "periods");
    if (ahead < 1 || ahead > INT32_MAX) {
      RaiseInvalid("periods: " + std::to_string(ahead) + "; expected 1 to 10000");
    }
    std::vector<Wanted> wanted = {{stayed, Role::kNumber}};
    for (const char *name : NamesIn(covariates, "covariates")) {
      wanted.push_back({name, Role::kNumber});
    }
    const InputTable input(table, wanted, "table");
    Call call(input.rows(), progress, "predict");
    patron_table *out = nullptr;
    call.Run([&](patron_error *error) {
      return patron_discrete_hazard_predict(model_.get(), input.get(), stayed,
                                            static_cast<uint32_t>(ahead), call.context(), &out,
                                            error);
    });
    return ToPython(TablePtr(out));
  }

 private:
  std::unique_ptr<patron_discrete_hazard, FreeDiscreteHazard> model_;
};

}  // namespace

void DefineDiscreteHazard(py::module_ &m) {
  using py::arg;
  DefineClass<DiscreteHazard>(m, "DiscreteHazard")
      .def_static("fit", &DiscreteHazard::Fit, arg("table"), arg("columns"), arg("link"),
                  arg("covariates"), arg("progress"))
      .def_static("from_bytes", &DiscreteHazard::FromBytes, arg("data"))
      .def("to_bytes", &DiscreteHazard::ToBytes)
      .def("columns", &DiscreteHazard::Columns)
      .def("info", &DiscreteHazard::Info)
      .def("coefficients", &DiscreteHazard::Coefficients, arg("level"))
      .def("baseline", &DiscreteHazard::Baseline)
      .def("predict", &DiscreteHazard::Predict, arg("table"), arg("covariates"), arg("elapsed"),
           arg("periods"), arg("progress"));
}

}  // namespace patron::python
