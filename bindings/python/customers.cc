// The customers module.
#include "customers.hpp"

#include "module.hpp"

namespace patron::python {

void DefineCustomers(pybind11::module_ &module) {
  DefineCompare(module);
  DefineConsents(module);
  DefineKeys(module);
  DefineLinker(module);
  DefinePseudonyms(module);
  DefineRegister(module);
}

}  // namespace patron::python
