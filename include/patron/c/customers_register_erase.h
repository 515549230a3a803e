/* Customers: how people are erased from a register, and kept from coming back. */
#ifndef PATRON_C_CUSTOMERS_REGISTER_ERASE_H_
#define PATRON_C_CUSTOMERS_REGISTER_ERASE_H_

#include "patron/c/customers_register.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Gives a register the key of its tombstones. It is kept in memory alone: a register that was opened or
 * read needs it again before it erases, and, where it has tombstones, before it adds.
 *
 * reg        borrowed; not NULL.
 * key, size  copied; 16 bytes or more.
 * region     of phones without a country code, such as "CN"; NULL = none.
 * Thread class EXCLUSIVE. Cost O(1). Statuses: OK, INVALID_ARGUMENT (a short key, or not the one of the
 * tombstones that are there), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_register_set_key(patron_register *reg, const void *key, size_t size,
                                                 const char *region, patron_error *error);

/* Erases records: their ids, fields, keys in sources and instants, their contact points and ties, and the
 * reasons of changes about them alone, from memory and from the store, of which nothing of them is left. A
 * reason of a call that merged several pairs is about no one of them, and stays. What stays besides is the
 * log, by number, and tombstones: HMAC-SHA-256 of the ids, contact points and identifiers, as
 * patron_keys_read compares them, by which a later import of the same person is recognised.
 *
 * reg           borrowed; not NULL. It has a key.
 * ids           of the records, borrowed; not NULL.
 * identifiers   columns field and kind, both text: fields that tell who someone is, and what they are
 *               ("raw", "text", "name", "phone", "email", "organisation", "address" or "identity").
 *               Borrowed; NULL = none besides ids and contact points.
 * held          column field: fields that the law keeps; the records stay with them, their id and their
 *               ties. Borrowed; NULL = none.
 * hold_purpose  what they are kept for; NULL only without `held`.
 * note          borrowed; not NULL.
 * Thread class EXCLUSIVE. Cost O(the register's changes, contact points and ties + what of the store is
 * written again). Statuses: OK, INVALID_ARGUMENT, NOT_FOUND (an id that no record has),
 * FAILED_PRECONDITION (no key), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_register_erase(patron_register *reg, const patron_column *ids,
                                               const patron_table *identifiers,
                                               const patron_table *held, const char *hold_purpose,
                                               const patron_register_note *note,
                                               patron_error *error);

/* The erasures.
 *
 * reg  borrowed; not NULL.
 * out  receives one row each in their order: time timestamp, actor, reason text or null, records int64 (how
 *      many), held text (the fields that stay, with ", " between; null = none), hold_purpose text or null,
 *      tombstones int64. Release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(erasures). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_register_erasures(const patron_register *reg, patron_table **out,
                                                  patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_CUSTOMERS_REGISTER_ERASE_H_ */
