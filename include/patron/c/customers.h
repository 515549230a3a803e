/* Customers: how alike records are, which belong together, who is who, and what may be done. */
#ifndef PATRON_C_CUSTOMERS_H_
#define PATRON_C_CUSTOMERS_H_

#include "patron/c/customers_access.h"
#include "patron/c/customers_anonymity.h"
#include "patron/c/customers_compare.h"
#include "patron/c/customers_consents.h"
#include "patron/c/customers_index.h"
#include "patron/c/customers_keys.h"
#include "patron/c/customers_link.h"
#include "patron/c/customers_people.h"
#include "patron/c/customers_pseudonyms.h"
#include "patron/c/customers_quality.h"
#include "patron/c/customers_register.h"
#include "patron/c/customers_register_erase.h"
#include "patron/c/customers_register_facts.h"
#include "patron/c/customers_register_views.h"
#include "patron/c/customers_requests.h"

#endif /* PATRON_C_CUSTOMERS_H_ */
