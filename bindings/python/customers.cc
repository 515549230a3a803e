// The customers module.
#include "customers.hpp"

#include "module.hpp"

namespace patron::python {

void DefineCustomers(pybind11::module_ &module) {
  DefineCompare(module);
  DefineKeys(module);
  DefineLinker(module);
  DefineLinkIndex(module);
  DefinePeople(module);
  DefineRegister(module);
}

}  // namespace patron::python
