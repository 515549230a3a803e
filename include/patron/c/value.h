/* Worth, looking back. */
#ifndef PATRON_C_VALUE_H_
#define PATRON_C_VALUE_H_

#include "patron/c/cohorts.h"
#include "patron/c/concentration.h"
#include "patron/c/lifetime_value.h"
#include "patron/c/migration.h"
#include "patron/c/profitability.h"
#include "patron/c/pyramid.h"
#include "patron/c/rfm.h"
#include "patron/c/segments.h"
#include "patron/c/shop.h"
#include "patron/c/summary.h"
#include "patron/c/tiers.h"
#include "patron/c/transactions.h"

#endif /* PATRON_C_VALUE_H_ */
