// patron._core: the C interface for the Python package, which gives it its documentation.
#include "module.hpp"

#include "loyalty.hpp"
#include "patron/c/patron.h"
#include "table.hpp"

PYBIND11_MODULE(_core, m) {
  m.doc() = "The C interface of libpatron, converted; use the modules of patron instead.";
  m.attr("version") = patron_version_string();
  m.attr("abi_version") = patron_abi_version();
  patron::python::DefineTable(m);
  patron::python::DefineValue(m);
  patron::python::DefineRecovery(m);
  patron::python::DefineCategory(m);
  patron::python::DefineRules(m);
  patron::python::DefineLedger(m);
  patron::python::DefineState(m);
  patron::python::DefineClv(m);
  patron::python::DefineCustomers(m);
  patron::python::DefineDefaults(m);
  patron::python::DefineCalendar(m);
  patron::python::DefinePolicy(m);
  patron::python::DefineForms(m);
  patron::python::DefineCasebook(m);
  patron::python::DefineBreach(m);
  patron::python::DefineLog(m);
  patron::python::DefineMeasure(m);
  patron::python::DefineSurvival(m);
  patron::python::DefineCox(m);
  patron::python::DefineAft(m);
  patron::python::DefineTiers(m);
  patron::python::DefinePoints(m);
  patron::python::DefineRetention(m);
  patron::python::DefineSignals(m);
  patron::python::DefineMigration(m);
  patron::python::DefineDiscreteHazard(m);
  patron::python::DefineLifecycle(m);
  patron::python::DefineLoyaltyIndex(m);
  patron::python::DefineLoyaltyMeasures(m);
}
