// Suggestions of categories. Models are unchangeable once made, so threads may share one.
#include <pybind11/pybind11.h>

#include <memory>
#include <string>
#include <utility>

#include "arguments.hpp"
#include "exclusive.hpp"
#include "input_table.hpp"
#include "module.hpp"
#include "table.hpp"

namespace patron::python {

namespace {

class CategoryModel {
 public:
  explicit CategoryModel(patron_category_model *handle) : handle_(handle, patron_category_free) {}

  static std::unique_ptr<CategoryModel> Fit(py::handle table, py::handle arguments) {
    patron_category_options options;
    patron_category_options_init(&options);
    Arguments next(arguments);
    options.bits = next.Int32("bits");
    options.epochs = next.Int32("epochs");
    options.rate = next.Real("rate");
    options.penalty = next.Real("penalty");
    const int64_t seed = next.Int("seed");
    if (seed < 0) RaiseInvalid("seed: " + std::to_string(seed) + "; expected 0 or more");
    options.seed = static_cast<uint64_t>(seed);
    const InputTable input(table, {{"text", Role::kText}, {"category", Role::kText}}, "table");
    patron_category_model *handle = nullptr;
    ErrorText error;
    patron_status status;
    {
      py::gil_scoped_release without_gil;
      status = patron_category_fit(input.get(), &options, &handle, &error);
    }
    patron::python::Check(status, error);
    return std::make_unique<CategoryModel>(handle);
  }

  static std::unique_ptr<CategoryModel> FromBytes(py::handle bytes) {
    return std::make_unique<CategoryModel>(Deserialized(bytes, patron_category_deserialize));
  }
  py::bytes ToBytes() const { return Serialized(get(), patron_category_serialize); }

  py::object Names() const {
    return Make([&](auto out, auto error) { return patron_category_names(get(), out, error); });
  }
  py::object Suggest(py::handle table, py::handle least) const {
    const InputTable input(table, {{"text", Role::kText}}, "table");
    const double limit = Number(least, "least");
    return Make([&](auto out, auto error) {
      return patron_category_suggest(get(), input.get(), nullptr, limit, out, error);
    });
  }
  py::object Probabilities(py::handle table) const {
    const InputTable input(table, {{"text", Role::kText}}, "table");
    return Make([&](auto out, auto error) {
      return patron_category_probabilities(get(), input.get(), nullptr, out, error);
    });
  }
  py::tuple Evaluate(py::handle table, py::handle least) const {
    const InputTable input(table, {{"text", Role::kText}, {"category", Role::kText}}, "table");
    const double limit = Number(least, "least");
    auto scores = Sized<patron_category_scores>();
    py::object out = Make([&](auto result, auto error) {
      return patron_category_evaluate(get(), input.get(), nullptr, nullptr, limit, &scores, result,
                                      error);
    });
    return py::make_tuple(out, scores.accuracy, scores.coverage, scores.macro_f1);
  }

 private:
  template <typename Call>
  static py::object Make(Call &&call) {
    patron_table *out = nullptr;
    ErrorText error;
    patron_status status;
    {
      py::gil_scoped_release without_gil;
      status = call(&out, &error);
    }
    patron::python::Check(status, error);
    return ToPython(TablePtr(out));
  }
  const patron_category_model *get() const { return handle_.get(); }

  std::unique_ptr<patron_category_model, void (*)(patron_category_model *)> handle_;
};

}  // namespace

void DefineCategory(py::module_ &m) {
  using py::arg;
  DefineClass<CategoryModel>(m, "CategoryModel")
      .def_static("fit", &CategoryModel::Fit, arg("table"), arg("options"))
      .def_static("from_bytes", &CategoryModel::FromBytes, arg("data"))
      .def("to_bytes", &CategoryModel::ToBytes)
      .def("names", &CategoryModel::Names)
      .def("suggest", &CategoryModel::Suggest, arg("table"), arg("least"))
      .def("probabilities", &CategoryModel::Probabilities, arg("table"))
      .def("evaluate", &CategoryModel::Evaluate, arg("table"), arg("least"));
}

}  // namespace patron::python
