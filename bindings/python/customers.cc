// The customers module.
#include "customers.hpp"

#include "module.hpp"

namespace patron::python {

void DefineCustomers(pybind11::module_ &module) {
  DefineAnonymity(module);
  DefineCompare(module);
  DefineConsents(module);
  DefineKeys(module);
  DefineLinkIndex(module);
  DefineLinker(module);
  DefinePeople(module);
  DefinePseudonyms(module);
  DefineQuality(module);
  DefineRegister(module);
  DefineRequests(module);
}

}  // namespace patron::python
