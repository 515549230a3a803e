// Accelerated failure.
#include <pybind11/pybind11.h>

#include <memory>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "durations.hpp"
#include "exclusive.hpp"
#include "input_table.hpp"
#include "loyalty.hpp"
#include "module.hpp"
#include "patron/c/aft.h"
#include "table.hpp"

namespace patron::python {

namespace {

constexpr Choice kDistributions[] = {{"exponential", PATRON_AFT_EXPONENTIAL},
                                     {"weibull", PATRON_AFT_WEIBULL},
                                     {"log-normal", PATRON_AFT_LOG_NORMAL},
                                     {"log-logistic", PATRON_AFT_LOG_LOGISTIC}};

struct FreeAft {
  void operator()(patron_aft *model) const { patron_aft_free(model); }
};

class Aft {
 public:
  static std::unique_ptr<Aft> Fit(py::handle table, py::handle column_arguments,
                                  py::handle distribution, py::handle covariate_names,
                                  py::handle progress) {
    const DurationColumns columns(column_arguments);
    patron_aft_options options;
    patron_aft_options_init(&options);
    options.distribution = Choose(distribution, "distribution", kDistributions);
    const std::vector<const char *> covariates = NamesIn(covariate_names, "covariates");
    options.covariates = covariates.data();
    options.covariate_count = covariates.size();
    const InputTable input(table, columns.Wants(covariates), "table");
    Call call(input.rows() + kRowsToReleaseGil, progress, "fit");
    options.context = call.context();
    patron_aft *out = nullptr;
    call.Run([&](patron_error *error) {
      return patron_aft_fit(input.get(), columns.get(), &options, &out, error);
    });
    auto model = std::make_unique<Aft>();
    model->model_.reset(out);
    return model;
  }

  static std::unique_ptr<Aft> FromBytes(py::handle bytes) {
    auto model = std::make_unique<Aft>();
    model->model_.reset(Deserialized(bytes, patron_aft_deserialize));
    return model;
  }
  py::bytes ToBytes() const { return Serialized<patron_aft>(model_.get(), patron_aft_serialize); }
  py::object Columns() const { return AskModel(model_.get(), patron_aft_columns); }

  py::tuple Info() const {
    auto info = Sized<patron_aft_info>();
    ErrorText error;
    Check(patron_aft_get_info(model_.get(), &info, &error), error);
    return py::make_tuple(info.iterations, info.rows, info.events, info.scale, info.log_likelihood,
                          info.null_log_likelihood, kDistributions[info.distribution].word);
  }
  py::object Coefficients(py::handle level) const {
    const double inside = Number(level, "level");
    patron_table *out = nullptr;
    ErrorText error;
    Check(patron_aft_coefficients(model_.get(), inside, &out, &error), error);
    return ToPython(TablePtr(out));
  }
  py::object Covariance() const {
    patron_table *out = nullptr;
    ErrorText error;
    Check(patron_aft_covariance(model_.get(), &out, &error), error);
    return ToPython(TablePtr(out));
  }
  py::object Predict(py::handle table, py::handle covariates, py::handle times, py::handle elapsed,
                     py::handle progress) const {
    patron_aft_predict_options options;
    patron_aft_predict_options_init(&options);
    const std::vector<double> at = Numbers(times, "times");
    options.times = at.data();
    options.time_count = at.size();
    options.elapsed = Name(elapsed, "elapsed");
    std::vector<Wanted> wanted = {{options.elapsed, Role::kNumber}};
    for (const char *name : NamesIn(covariates, "covariates")) {
      wanted.push_back({name, Role::kNumber});
    }
    const InputTable input(table, wanted, "table");
    Call call(input.rows(), progress, "predict");
    options.context = call.context();
    patron_table *out = nullptr;
    call.Run([&](patron_error *error) {
      return patron_aft_predict(model_.get(), input.get(), &options, &out, error);
    });
    return ToPython(TablePtr(out));
  }

 private:
  std::unique_ptr<patron_aft, FreeAft> model_;
};

}  // namespace

void DefineAft(py::module_ &m) {
  using py::arg;
  DefineClass<Aft>(m, "Aft")
      .def_static("fit", &Aft::Fit, arg("table"), arg("columns"), arg("distribution"),
                  arg("covariates"), arg("progress"))
      .def_static("from_bytes", &Aft::FromBytes, arg("data"))
      .def("to_bytes", &Aft::ToBytes)
      .def("columns", &Aft::Columns)
      .def("info", &Aft::Info)
      .def("coefficients", &Aft::Coefficients, arg("level"))
      .def("covariance", &Aft::Covariance)
      .def("predict", &Aft::Predict, arg("table"), arg("covariates"), arg("times"), arg("elapsed"),
           arg("progress"));
}

}  // namespace patron::python
