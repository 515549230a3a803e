/* Patron: who customers are, what they are worth, how loyal they are, what happens to complaints.
 *
 * The C interface of libpatron, and the only binary interface there is. Conventions:
 *
 * - Every function that can fail returns patron_status and, where `error` is not NULL, fills it.
 *   Outputs are untouched on failure.
 * - Handles (patron_table, patron_ledger, ...) are made by one function and released by the free
 *   function of their type; freeing NULL does nothing. An input that a comment calls borrowed is
 * not kept after the call.
 * - Options start with struct_size. patron_<x>_options_init fills the defaults; a NULL pointer
 *   means the defaults. A struct larger than the library knows is refused unless its tail is zero.
 * - Text in is UTF-8, ends in a zero byte and is borrowed. Bytes out are a patron_bytes.
 * - Time is int64 microseconds since 1970-01-01 UTC. Money is int64 in units of 10^-decimals.
 * - Thread classes: PURE, any thread at any time; SHARED, concurrent reads of one handle are safe;
 *   EXCLUSIVE, one thread a handle at a time.
 */
#ifndef PATRON_C_PATRON_H_
#define PATRON_C_PATRON_H_

#include "patron/c/authority.h"
#include "patron/c/base.h"
#include "patron/c/breach.h"
#include "patron/c/calendar.h"
#include "patron/c/casebook.h"
#include "patron/c/casebook_views.h"
#include "patron/c/category.h"
#include "patron/c/causes.h"
#include "patron/c/clv.h"
#include "patron/c/customers.h"
#include "patron/c/entry_store.h"
#include "patron/c/form.h"
#include "patron/c/ledger.h"
#include "patron/c/lifecycle.h"
#include "patron/c/log.h"
#include "patron/c/loyalty.h"
#include "patron/c/measure.h"
#include "patron/c/points.h"
#include "patron/c/policy.h"
#include "patron/c/recovery.h"
#include "patron/c/retention.h"
#include "patron/c/signals.h"
#include "patron/c/state.h"
#include "patron/c/table.h"
#include "patron/c/value.h"

#endif /* PATRON_C_PATRON_H_ */
