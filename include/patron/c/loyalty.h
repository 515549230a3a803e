/* Loyalty: how long customers stay, what makes them leave, how loyal they are. */
#ifndef PATRON_C_LOYALTY_H_
#define PATRON_C_LOYALTY_H_

#include "patron/c/aft.h"
#include "patron/c/cox.h"
#include "patron/c/discrete_hazard.h"
#include "patron/c/loyalty_classes.h"
#include "patron/c/loyalty_index.h"
#include "patron/c/loyalty_measures.h"
#include "patron/c/survival.h"
#include "patron/c/top_boxes.h"

#endif /* PATRON_C_LOYALTY_H_ */
