// The parts of patron._core.
#ifndef PATRON_BINDINGS_PYTHON_MODULE_HPP_
#define PATRON_BINDINGS_PYTHON_MODULE_HPP_

#include <pybind11/pybind11.h>

namespace patron::python {

// A class of the extension: a plain type that nobody derives from; the package wraps it instead.
template <typename T>
pybind11::class_<T> DefineClass(pybind11::module_ &module, const char *name) {
  return {module, name, pybind11::is_final(),
          pybind11::metaclass(reinterpret_cast<PyObject *>(&PyType_Type))};
}

void DefineBreach(pybind11::module_ &module);
void DefineCalendar(pybind11::module_ &module);
void DefineCasebook(pybind11::module_ &module);
void DefineCategory(pybind11::module_ &module);
void DefineClv(pybind11::module_ &module);
void DefineCox(pybind11::module_ &module);
void DefineCustomers(pybind11::module_ &module);
void DefineDefaults(pybind11::module_ &module);
void DefineForms(pybind11::module_ &module);
void DefineLedger(pybind11::module_ &module);
void DefineLog(pybind11::module_ &module);
void DefineMeasure(pybind11::module_ &module);
void DefineRecovery(pybind11::module_ &module);
void DefinePolicy(pybind11::module_ &module);
void DefinePoints(pybind11::module_ &module);
void DefineRetention(pybind11::module_ &module);
void DefineRules(pybind11::module_ &module);
void DefineMigration(pybind11::module_ &module);
void DefineSignals(pybind11::module_ &module);
void DefineState(pybind11::module_ &module);
void DefineSurvival(pybind11::module_ &module);
void DefineTiers(pybind11::module_ &module);
void DefineValue(pybind11::module_ &module);

}  // namespace patron::python

#endif  // PATRON_BINDINGS_PYTHON_MODULE_HPP_
