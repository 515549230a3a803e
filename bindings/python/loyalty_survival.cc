// Time to leave: curves, log-rank tests, concordance.
#include <pybind11/pybind11.h>

#include <memory>
#include <vector>

#include "arguments.hpp"
#include "durations.hpp"
#include "exclusive.hpp"
#include "input_table.hpp"
#include "module.hpp"
#include "table.hpp"

namespace patron::python {

namespace {

struct FreeKaplanMeier {
  void operator()(patron_kaplan_meier *model) const { patron_kaplan_meier_free(model); }
};

class KaplanMeierFit {
 public:
  static std::unique_ptr<KaplanMeierFit> Fit(py::handle table, py::handle column_arguments,
                                             py::handle progress) {
    const DurationColumns columns(column_arguments);
    const InputTable input(table, columns.Wants(), "table");
    Call call(input.rows(), progress, "fit");
    patron_kaplan_meier *out = nullptr;
    call.Run([&](patron_error *error) {
      return patron_kaplan_meier_fit(input.get(), columns.get(), call.context(), &out, error);
    });
    auto model = std::make_unique<KaplanMeierFit>();
    model->model_.reset(out);
    return model;
  }

  static std::unique_ptr<KaplanMeierFit> FromBytes(py::handle bytes) {
    auto model = std::make_unique<KaplanMeierFit>();
    model->model_.reset(Deserialized(bytes, patron_kaplan_meier_deserialize));
    return model;
  }
  py::bytes ToBytes() const {
    return Serialized<patron_kaplan_meier>(model_.get(), patron_kaplan_meier_serialize);
  }
  py::object Columns() const { return AskModel(model_.get(), patron_kaplan_meier_columns); }

  py::object Curve(py::handle interval, py::handle level) const {
    const int32_t kind = Choose(interval, "interval", kSurvivalIntervals);
    const double inside = Number(level, "level");
    return Ask([&](patron_table **out, patron_error *error) {
      return patron_kaplan_meier_curve(model_.get(), kind, inside, out, error);
    });
  }
  py::object At(py::handle times, py::handle interval, py::handle level) const {
    const std::vector<double> at = Numbers(times, "times");
    const int32_t kind = Choose(interval, "interval", kSurvivalIntervals);
    const double inside = Number(level, "level");
    return Ask([&](patron_table **out, patron_error *error) {
      return patron_kaplan_meier_at(model_.get(), at.data(), at.size(), kind, inside, out, error);
    });
  }
  py::object Quantiles(py::handle p, py::handle interval, py::handle level) const {
    const std::vector<double> shares = Numbers(p, "p");
    const int32_t kind = Choose(interval, "interval", kSurvivalIntervals);
    const double inside = Number(level, "level");
    return Ask([&](patron_table **out, patron_error *error) {
      return patron_kaplan_meier_quantiles(model_.get(), shares.data(), shares.size(), kind, inside,
                                           out, error);
    });
  }
  py::object RestrictedMean(py::handle horizon, py::handle level) const {
    const double until = Number(horizon, "horizon"), inside = Number(level, "level");
    return Ask([&](patron_table **out, patron_error *error) {
      return patron_kaplan_meier_restricted_mean(model_.get(), until, inside, out, error);
    });
  }

 private:
  template <typename Function>
  static py::object Ask(Function function) {
    patron_table *out = nullptr;
    ErrorText error;
    Check(function(&out, &error), error);
    return ToPython(TablePtr(out));
  }

  std::unique_ptr<patron_kaplan_meier, FreeKaplanMeier> model_;
};

py::tuple LogRank(py::handle table, py::handle column_arguments, py::handle groups, py::handle rho,
                  py::handle gamma, py::handle progress) {
  const DurationColumns columns(column_arguments);
  const std::vector<const char *> compared = NamesIn(groups, "groups");
  patron_log_rank_options options;
  patron_log_rank_options_init(&options);
  options.groups = compared.data();
  options.group_count = compared.size();
  options.rho = Number(rho, "rho");
  options.gamma = Number(gamma, "gamma");
  const InputTable input(table, columns.Wants({}, compared), "table");
  Call call(input.rows(), progress, "log_rank");
  options.context = call.context();
  auto test = Sized<patron_chi_square>();
  patron_table *rows = nullptr;
  call.Run([&](patron_error *error) {
    return patron_log_rank(input.get(), columns.get(), &options, &test, &rows, error);
  });
  return py::make_tuple(test.statistic, test.degrees, test.p_value, ToPython(TablePtr(rows)));
}

py::tuple Concordance(py::handle table, py::handle column_arguments, py::handle risk,
                      py::handle progress) {
  const DurationColumns columns(column_arguments);
  const char *name = Name(risk, "risk");
  const InputTable input(table, columns.Wants({name}), "table");
  Call call(input.rows(), progress, "concordance");
  auto found = Sized<patron_concordance_result>();
  call.Run([&](patron_error *error) {
    return patron_concordance(input.get(), columns.get(), name, call.context(), &found, error);
  });
  return py::make_tuple(found.index, found.std_err, found.concordant, found.discordant, found.tied);
}

}  // namespace

void DefineSurvival(py::module_ &m) {
  using py::arg;
  DefineClass<KaplanMeierFit>(m, "KaplanMeier")
      .def_static("fit", &KaplanMeierFit::Fit, arg("table"), arg("columns"), arg("progress"))
      .def_static("from_bytes", &KaplanMeierFit::FromBytes, arg("data"))
      .def("to_bytes", &KaplanMeierFit::ToBytes)
      .def("columns", &KaplanMeierFit::Columns)
      .def("curve", &KaplanMeierFit::Curve, arg("interval"), arg("level"))
      .def("at", &KaplanMeierFit::At, arg("times"), arg("interval"), arg("level"))
      .def("quantiles", &KaplanMeierFit::Quantiles, arg("p"), arg("interval"), arg("level"))
      .def("restricted_mean", &KaplanMeierFit::RestrictedMean, arg("horizon"), arg("level"));
  m.def("log_rank", LogRank, arg("table"), arg("columns"), arg("groups"), arg("rho"), arg("gamma"),
        arg("progress"));
  m.def("concordance", Concordance, arg("table"), arg("columns"), arg("risk"), arg("progress"));
}

}  // namespace patron::python
