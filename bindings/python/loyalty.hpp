// The parts of patron._core that patron.loyalty is made of, beside curves and proportional hazards.
#ifndef PATRON_BINDINGS_PYTHON_LOYALTY_HPP_
#define PATRON_BINDINGS_PYTHON_LOYALTY_HPP_

#include <pybind11/pybind11.h>

namespace patron::python {

void DefineAft(pybind11::module_ &module);
void DefineDiscreteHazard(pybind11::module_ &module);
void DefineLifecycle(pybind11::module_ &module);
void DefineLoyaltyIndex(pybind11::module_ &module);
void DefineLoyaltyMeasures(pybind11::module_ &module);

}  // namespace patron::python

#endif  // PATRON_BINDINGS_PYTHON_LOYALTY_HPP_
