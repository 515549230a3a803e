#include "c_api/register_identifiers.hpp"

#include "customers/text_keys.hpp"
#include "patron/customers/phone.hpp"

namespace patron::c_api {

std::string ContactKey(customers::ContactType type, std::string_view raw, std::string_view region) {
  switch (type) {
    case customers::ContactType::kPhone: return customers::ReadPhone(raw, region).e164;
    case customers::ContactType::kEmail: return customers::ReadEmail(raw).key;
    case customers::ContactType::kPost: return customers::ReadAddress(raw).key;
    default: return customers::ReadText(raw).key;
  }
}

}  // namespace patron::c_api
