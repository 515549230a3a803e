// Consents as a handle.
#ifndef PATRON_SRC_C_API_CUSTOMERS_CONSENTS_HPP_
#define PATRON_SRC_C_API_CUSTOMERS_CONSENTS_HPP_

#include "patron/c/customers_consents.h"
#include "patron/customers/consent_book.hpp"

struct patron_consents {
  patron::customers::ConsentBook book;
};

#endif  // PATRON_SRC_C_API_CUSTOMERS_CONSENTS_HPP_
