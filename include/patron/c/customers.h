/* Customers: how alike records are, and which belong together. */
#ifndef PATRON_C_CUSTOMERS_H_
#define PATRON_C_CUSTOMERS_H_

#include "patron/c/customers_compare.h"
#include "patron/c/customers_keys.h"
#include "patron/c/customers_link.h"

#endif /* PATRON_C_CUSTOMERS_H_ */
