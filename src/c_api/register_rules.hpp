// Rules of survivorship and catalogues of fields, from tables.
#ifndef PATRON_SRC_C_API_REGISTER_RULES_HPP_
#define PATRON_SRC_C_API_REGISTER_RULES_HPP_

#include <vector>

#include "absl/status/statusor.h"
#include "c_api/register.hpp"
#include "patron/customers/field_catalogue.hpp"
#include "patron/customers/survivorship.hpp"

namespace patron::c_api {

// NULL = the standard rules. Errors: InvalidArgument naming the row.
absl::StatusOr<customers::Survivorship> ReadRules(const patron_table *rules);

// Errors: InvalidArgument naming the row, or for NULL.
absl::StatusOr<std::vector<customers::CatalogueField>> ReadCatalogue(const patron_table *catalogue);

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_REGISTER_RULES_HPP_
