// What tells who someone is, in the form that is compared.
#ifndef PATRON_SRC_C_API_REGISTER_IDENTIFIERS_HPP_
#define PATRON_SRC_C_API_REGISTER_IDENTIFIERS_HPP_

#include <string>
#include <string_view>

#include "patron/customers/register_facts.hpp"

namespace patron::c_api {

// The key of a contact point; empty if it has none.
std::string ContactKey(customers::ContactType type, std::string_view raw, std::string_view region);

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_REGISTER_IDENTIFIERS_HPP_
