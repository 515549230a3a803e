// patron._core.Form and FilledForm.
#ifndef PATRON_BINDINGS_PYTHON_FORM_HPP_
#define PATRON_BINDINGS_PYTHON_FORM_HPP_

#include <pybind11/pybind11.h>

#include <memory>

#include "patron/c/authority.h"
#include "patron/c/form.h"
#include "patron/c/patron.h"
#include "policy.hpp"

namespace patron::python {

// Unchangeable once made, so threads may share one.
class Form {
 public:
  explicit Form(patron_form *handle) : handle_(handle, patron_form_free) {}

  static std::unique_ptr<Form> Preset(py::handle name);
  static std::unique_ptr<Form> FromJson(const py::bytes &text);

  py::bytes ToJson() const;
  py::object Check(const Policy *policy) const;

  const patron_form *get() const { return handle_.get(); }

 private:
  std::unique_ptr<patron_form, void (*)(patron_form *)> handle_;
};

class FilledForm {
 public:
  explicit FilledForm(patron_filled_form *handle) : handle_(handle, patron_filled_form_free) {}

  // (fields, evidence, missing, asked, met).
  py::tuple Read() const;
  py::bytes Print(py::handle target) const;

 private:
  std::unique_ptr<patron_filled_form, void (*)(patron_filled_form *)> handle_;
};

}  // namespace patron::python

#endif  // PATRON_BINDINGS_PYTHON_FORM_HPP_
