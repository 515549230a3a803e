// Forms, and what faults weigh.
#include "form.hpp"

#include <utility>

#include "arguments.hpp"
#include "exclusive.hpp"
#include "input_table.hpp"
#include "module.hpp"
#include "table.hpp"

namespace patron::python {

namespace {

constexpr Choice kTargets[] = {{"text", PATRON_FORM_TEXT}, {"html", PATRON_FORM_HTML}};

py::object Faults(py::handle cases, py::handle window, py::handle scale) {
  const InputTable input(cases,
                         {{"unit", Role::kText},
                          {"cause", Role::kText},
                          {"upheld", Role::kCount},
                          {"severity", Role::kCount},
                          {"received", Role::kTime}},
                         "cases");
  std::unique_ptr<InputTable> steps;
  if (!scale.is_none()) {
    steps = std::make_unique<InputTable>(
        scale,
        std::initializer_list<Wanted>{
            {"from", Role::kNumber}, {"sanction", Role::kText}, {"amount", Role::kNumber}},
        "scale");
  }
  patron_table *out = nullptr;
  ErrorText error;
  Check(patron_complaint_faults(input.get(), Integer(window, "window"),
                                steps == nullptr ? nullptr : steps->get(), &out, &error),
        error);
  return ToPython(TablePtr(out));
}

py::object Authority(const Policy &policy) {
  patron_table *out = nullptr;
  ErrorText error;
  Check(patron_policy_authority(policy.get(), &out, &error), error);
  return ToPython(TablePtr(out));
}

}  // namespace

std::unique_ptr<Form> Form::Preset(py::handle name) {
  patron_form *handle = nullptr;
  ErrorText error;
  patron::python::Check(patron_form_preset(Name(name, "form"), &handle, &error), error);
  return std::make_unique<Form>(handle);
}

std::unique_ptr<Form> Form::FromJson(const py::bytes &text) {
  return std::make_unique<Form>(Deserialized(text, patron_form_from_json));
}

py::bytes Form::ToJson() const { return Serialized(get(), patron_form_to_json); }

py::object Form::Check(const Policy *policy) const {
  patron_table *out = nullptr;
  ErrorText error;
  patron::python::Check(
      patron_form_check(get(), policy == nullptr ? nullptr : policy->get(), &out, &error), error);
  return ToPython(TablePtr(out));
}

py::tuple FilledForm::Read() const {
  patron_table *fields = nullptr, *evidence = nullptr;
  auto summary = Sized<patron_form_summary>();
  ErrorText error;
  Check(patron_filled_form_read(handle_.get(), &fields, &evidence, &summary, &error), error);
  TablePtr own_fields(fields), own_evidence(evidence);
  return py::make_tuple(ToPython(std::move(own_fields)), ToPython(std::move(own_evidence)),
                        summary.missing, summary.asked, summary.met);
}

py::bytes FilledForm::Print(py::handle target) const {
  const int32_t kind = Choose(target, "target", kTargets);
  patron_bytes *out = nullptr;
  ErrorText error;
  const patron_status status = patron_filled_form_print(handle_.get(), kind, &out, &error);
  const std::unique_ptr<patron_bytes, void (*)(patron_bytes *)> release(out, patron_bytes_free);
  Check(status, error);
  return {static_cast<const char *>(patron_bytes_data(out)), patron_bytes_size(out)};
}

void DefineForms(py::module_ &m) {
  using py::arg;
  DefineClass<Form>(m, "Form")
      .def_static("preset", &Form::Preset, arg("name"))
      .def_static("from_json", &Form::FromJson, arg("text"))
      .def("to_json", &Form::ToJson)
      .def("check", &Form::Check, arg("policy").none(true));
  DefineClass<FilledForm>(m, "FilledForm")
      .def("read", &FilledForm::Read)
      .def("print", &FilledForm::Print, arg("target"));
  m.def("faults", &Faults, arg("cases"), arg("window"), arg("scale"));
  m.def("authority", &Authority, arg("policy"));
}

}  // namespace patron::python
