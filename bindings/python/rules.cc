// Segments and pyramids: rules that customers are sorted by. Both are unchangeable once made.
#include <pybind11/pybind11.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "exclusive.hpp"
#include "input_table.hpp"
#include "module.hpp"
#include "table.hpp"

namespace patron::python {

namespace {

template <typename T, void (*kFree)(T *)>
struct Free {
  void operator()(T *handle) const { kFree(handle); }
};

constexpr Choice kPyramids[] = {{"customer_share", PATRON_PYRAMID_CUSTOMER_SHARE},
                                {"value_floor", PATRON_PYRAMID_VALUE_FLOOR},
                                {"value_share", PATRON_PYRAMID_VALUE_SHARE}};
constexpr Choice kBoundaries[] = {{"before", PATRON_BOUNDARY_BEFORE},
                                  {"including", PATRON_BOUNDARY_INCLUDING}};

// ---- Segments ----

class Segments {
 public:
  explicit Segments(patron_segments *handle) : handle_(handle) {}

  static std::unique_ptr<Segments> Preset(py::handle name) {
    patron_segments *handle = nullptr;
    ErrorText error;
    Check(patron_segments_preset(Name(name, "rules"), &handle, &error), error);
    return std::make_unique<Segments>(handle);
  }

  static std::unique_ptr<Segments> FromTable(py::handle table, py::handle bins, py::handle others) {
    const InputTable input(table,
                           {{"segment", Role::kText},
                            {"recency_low", Role::kCount},
                            {"recency_high", Role::kCount},
                            {"frequency_low", Role::kCount},
                            {"frequency_high", Role::kCount},
                            {"monetary_low", Role::kCount},
                            {"monetary_high", Role::kCount},
                            {"fm_low", Role::kCount},
                            {"fm_high", Role::kCount}},
                           "rules");
    patron_segments *handle = nullptr;
    ErrorText error;
    Check(patron_segments_from_table(input.get(), Integer32(bins, "bins"), Name(others, "others"),
                                     &handle, &error),
          error);
    return std::make_unique<Segments>(handle);
  }

  static std::unique_ptr<Segments> FromBytes(py::handle bytes) {
    return std::make_unique<Segments>(Deserialized(bytes, patron_segments_deserialize));
  }

  py::bytes ToBytes() const { return Serialized(handle_.get(), patron_segments_serialize); }

  py::object Rules() const {
    patron_table *out = nullptr;
    ErrorText error;
    Check(patron_segments_to_table(handle_.get(), &out, &error), error);
    return ToPython(TablePtr(out));
  }

  py::tuple CheckRules() const {
    auto result = Sized<patron_segments_check_result>();
    patron_table *findings = nullptr;
    ErrorText error;
    Check(patron_segments_check(handle_.get(), &result, &findings, &error), error);
    TablePtr own(findings);
    return py::make_tuple(result.cells, result.uncovered, result.ambiguous, result.unreachable,
                          ToPython(std::move(own)));
  }

  py::tuple Assign(py::handle scores, py::handle progress) const {
    const InputTable input(scores,
                           {{"customer_id", Role::kId},
                            {"recency_score", Role::kCount},
                            {"frequency_score", Role::kCount},
                            {"monetary_score", Role::kCount},
                            {"frequency", Role::kCount},
                            {"monetary", Role::kNumber}},
                           "scores");
    Call call(input.rows(), progress, "segments");
    patron_table *membership = nullptr, *totals = nullptr;
    call.Run([&](patron_error *error) {
      return patron_segments_assign(handle_.get(), input.get(), call.context(), &membership,
                                    &totals, error);
    });
    TablePtr own_membership(membership), own_totals(totals);
    return py::make_tuple(ToPython(std::move(own_totals)), ToPython(std::move(own_membership)));
  }

 private:
  std::unique_ptr<patron_segments, Free<patron_segments, patron_segments_free>> handle_;
};

// ---- Pyramids ----

class Pyramid {
 public:
  explicit Pyramid(patron_pyramid *handle) : handle_(handle) {}

  static std::unique_ptr<Pyramid> Preset(py::handle name) {
    patron_pyramid *handle = nullptr;
    ErrorText error;
    const auto context = Runtime::Get().serial();
    Check(patron_pyramid_preset(Name(name, "definition"), context.get(), &handle, &error), error);
    return std::make_unique<Pyramid>(handle);
  }

  static std::unique_ptr<Pyramid> Create(py::handle method, py::handle boundary, py::handle names,
                                         py::handle cuts, py::handle losses) {
    std::vector<py::object> kept;
    std::vector<const char *> texts;
    for (const py::handle name : names) {
      kept.push_back(py::reinterpret_borrow<py::object>(name));
      const char *text = Name(name, "names");
      if (text == nullptr) RaiseType("names: expected a str, not NoneType");
      texts.push_back(text);
    }
    const std::vector<double> limits = Numbers(cuts, "cuts");
    if (limits.size() != texts.size()) {
      RaiseInvalid("cuts: " + std::to_string(limits.size()) + " for " +
                   std::to_string(texts.size()) + " names; expected one each");
    }
    patron_pyramid *handle = nullptr;
    ErrorText error;
    Check(patron_pyramid_create(
              Choose(method, "method", kPyramids), Choose(boundary, "boundary", kBoundaries),
              texts.data(), limits.data(), texts.size(), Name(losses, "losses"), &handle, &error),
          error);
    return std::make_unique<Pyramid>(handle);
  }

  static std::unique_ptr<Pyramid> FromBytes(py::handle bytes) {
    return std::make_unique<Pyramid>(Deserialized(bytes, patron_pyramid_deserialize));
  }

  py::bytes ToBytes() const { return Serialized(handle_.get(), patron_pyramid_serialize); }

  py::tuple Build(py::handle table, py::handle option_arguments, py::handle progress) const {
    patron_pyramid_options options;
    patron_pyramid_options_init(&options);
    Arguments next(option_arguments);
    const char *customer = next.Text("customer");
    if (customer != nullptr) options.customer = customer;
    const char *value = next.Text("value");
    if (value != nullptr) options.value = value;
    options.status = next.Text("status");
    options.decimals = next.Int32("decimals");
    const InputTable input(table,
                           {{options.customer, Role::kId},
                            {options.value, Role::kNumber},
                            {options.status, Role::kText}},
                           "table");
    Call call(input.rows(), progress, "pyramid");
    options.context = call.context();
    patron_table *tiers = nullptr, *membership = nullptr;
    call.Run([&](patron_error *error) {
      return patron_pyramid_build(handle_.get(), input.get(), &options, &tiers, &membership, error);
    });
    TablePtr own_tiers(tiers), own_membership(membership);
    return py::make_tuple(ToPython(std::move(own_tiers)), ToPython(std::move(own_membership)));
  }

 private:
  std::unique_ptr<patron_pyramid, Free<patron_pyramid, patron_pyramid_free>> handle_;
};

}  // namespace

void DefineRules(py::module_ &m) {
  using py::arg;
  DefineClass<Segments>(m, "Segments")
      .def_static("preset", &Segments::Preset, arg("name"))
      .def_static("from_table", &Segments::FromTable, arg("table"), arg("bins"), arg("others"))
      .def_static("from_bytes", &Segments::FromBytes, arg("data"))
      .def("to_bytes", &Segments::ToBytes)
      .def("rules", &Segments::Rules)
      .def("check", &Segments::CheckRules)
      .def("assign", &Segments::Assign, arg("scores"), arg("progress"));
  DefineClass<Pyramid>(m, "Pyramid")
      .def_static("preset", &Pyramid::Preset, arg("name"))
      .def_static("create", &Pyramid::Create, arg("method"), arg("boundary"), arg("names"),
                  arg("cuts"), arg("losses"))
      .def_static("from_bytes", &Pyramid::FromBytes, arg("data"))
      .def("to_bytes", &Pyramid::ToBytes)
      .def("build", &Pyramid::Build, arg("table"), arg("options"), arg("progress"));
}

}  // namespace patron::python
