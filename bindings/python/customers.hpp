// The parts of the customers module.
#ifndef PATRON_BINDINGS_PYTHON_CUSTOMERS_HPP_
#define PATRON_BINDINGS_PYTHON_CUSTOMERS_HPP_

#include <pybind11/pybind11.h>

namespace patron::python {

void DefineAnonymity(pybind11::module_ &module);
void DefineCompare(pybind11::module_ &module);
void DefineConsents(pybind11::module_ &module);
void DefineKeys(pybind11::module_ &module);
void DefineLinkIndex(pybind11::module_ &module);
void DefineLinker(pybind11::module_ &module);
void DefinePeople(pybind11::module_ &module);
void DefinePseudonyms(pybind11::module_ &module);
void DefineQuality(pybind11::module_ &module);
void DefineRegister(pybind11::module_ &module);
void DefineRequests(pybind11::module_ &module);

}  // namespace patron::python

#endif  // PATRON_BINDINGS_PYTHON_CUSTOMERS_HPP_
