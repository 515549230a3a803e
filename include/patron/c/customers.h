/* Customers: how alike records are, which belong together, and who is who. */
#ifndef PATRON_C_CUSTOMERS_H_
#define PATRON_C_CUSTOMERS_H_

#include "patron/c/customers_compare.h"
#include "patron/c/customers_index.h"
#include "patron/c/customers_keys.h"
#include "patron/c/customers_link.h"
#include "patron/c/customers_people.h"
#include "patron/c/customers_register.h"

#endif /* PATRON_C_CUSTOMERS_H_ */
